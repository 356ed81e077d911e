/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_cash_movement_insert,
    "INSERT INTO cash_movements (" CASH_MOVEMENT_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
};

carnet_rc
carnet_store_cash_movement_insert(carnet_store_session *session, carnet_store_cash_movement *movement, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_identify(session, &movement->id);
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, movement->id);
    carnet_store_put_integer(&query, movement->kind);
    carnet_store_put_integer(&query, movement->customer);
    carnet_store_put_integer(&query, movement->other);
    carnet_store_put_integer(&query, movement->amount);
    carnet_store_put_integer(&query, movement->held);
    carnet_store_put_integer(&query, movement->original);
    carnet_store_put_integer(&query, movement->before);
    carnet_store_put_integer(&query, movement->at);
    return carnet_store_run(&query, err);
}
