/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_cash_movement(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_cash_movement *movement = record;

    (void)room;
    movement->id = carnet_store_get_integer(query);
    movement->kind = carnet_store_get_integer(query);
    movement->customer = carnet_store_get_integer(query);
    movement->other = carnet_store_get_integer(query);
    movement->amount = carnet_store_get_integer(query);
    movement->held = carnet_store_get_integer(query);
    movement->original = carnet_store_get_integer(query);
    movement->before = carnet_store_get_integer(query);
    movement->at = carnet_store_get_integer(query);
}

static const carnet_store_statement statement = {
    CARNET_SQL_cash_movement_by_id,
    "SELECT " CASH_MOVEMENT_COLUMNS " FROM cash_movements WHERE id = $1",
};

carnet_rc
carnet_store_cash_movement_by_id(carnet_store_session *session, int64_t id, carnet_store_cash_movement *movement,
                                 carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    return carnet_store_one(&query, carnet_store_read_cash_movement, movement, sizeof(*movement), NULL, err);
}
