/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_forward_insert,
    "INSERT INTO switch_forwards (" FORWARD_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
};

carnet_rc
carnet_store_forward_insert(carnet_store_session *session, carnet_store_forward *forward, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_identify(session, &forward->id);
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, forward->id);
    carnet_store_put_text(&query, forward->link);
    carnet_store_put_integer(&query, forward->state);
    carnet_store_put_integer(&query, forward->created);
    carnet_store_put_text(&query, forward->kind);
    carnet_store_put_text(&query, forward->trace);
    carnet_store_put_text(&query, forward->terminal);
    carnet_store_put_text(&query, forward->reason);
    carnet_store_put_bytes(&query, forward->message);
    return carnet_store_run(&query, err);
}
