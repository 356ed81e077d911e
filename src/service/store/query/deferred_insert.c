/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_deferred(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_deferred *deferred = record;

    deferred->id = carnet_store_get_integer(query);
    deferred->transaction_hash = carnet_store_get_bytes(query, room);
    deferred->grant = carnet_store_get_integer(query);
    deferred->configuration = carnet_store_get_text(query, room);
    deferred->ready = carnet_store_get_integer(query);
    deferred->interval = carnet_store_get_integer(query);
    deferred->state = (carnet_store_deferred_state)carnet_store_get_integer(query);
    deferred->reason = carnet_store_get_text(query, room);
    deferred->created = carnet_store_get_integer(query);
    deferred->expires = carnet_store_get_integer(query);
    deferred->issuance = carnet_store_get_integer(query);
    deferred->request = carnet_store_get_bytes(query, room);
}

static const carnet_store_statement statement = {
    CARNET_SQL_deferred_insert,
    "INSERT INTO deferred_issuances (" DEFERRED_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
};

carnet_rc
carnet_store_deferred_insert(carnet_store_session *session, carnet_store_deferred *deferred, carnet_err *err)
{
    carnet_store_query query;

    if (deferred->state == 0)
        deferred->state = CARNET_STORE_DEFERRED_PENDING;
    carnet_store_identify(session, &deferred->id);
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, deferred->id);
    carnet_store_put_hash(&query, deferred->transaction_hash);
    carnet_store_put_integer(&query, deferred->grant);
    carnet_store_put_text(&query, deferred->configuration);
    carnet_store_put_integer(&query, deferred->ready);
    carnet_store_put_integer(&query, deferred->interval);
    carnet_store_put_integer(&query, deferred->state);
    carnet_store_put_text(&query, deferred->reason);
    carnet_store_put_integer(&query, deferred->created);
    carnet_store_put_integer(&query, deferred->expires);
    carnet_store_put_integer(&query, deferred->issuance);
    carnet_store_put_bytes(&query, deferred->request);
    return carnet_store_run(&query, err);
}
