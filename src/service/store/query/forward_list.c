/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_forward_list,
    "SELECT " FORWARD_COLUMNS " FROM switch_forwards WHERE state = $1 AND id > $2 ORDER BY id LIMIT $3",
};

static void
read(carnet_store_query *query, carnet_store_forward *forward)
{
    forward->id = carnet_store_get_integer(query);
    forward->link = carnet_store_get_text(query, NULL);
    forward->state = (carnet_store_forward_state)carnet_store_get_integer(query);
    forward->created = carnet_store_get_integer(query);
    forward->kind = carnet_store_get_text(query, NULL);
    forward->trace = carnet_store_get_text(query, NULL);
    forward->terminal = carnet_store_get_text(query, NULL);
    forward->reason = carnet_store_get_text(query, NULL);
    forward->message = carnet_store_get_bytes(query, NULL);
}

carnet_rc
carnet_store_forward_list(carnet_store_session *session, carnet_store_forward_state state, int64_t after, size_t limit,
                          carnet_store_forward_each *each, void *self, carnet_err *err)
{
    carnet_store_forward forward = { 0 };
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, state);
    carnet_store_put_integer(&query, after);
    carnet_store_put_integer(&query, limit == 0 ? 100 : (int64_t)limit);
    while (carnet_store_row(&query)) {
        read(&query, &forward);
        if (!each(self, &forward))
            break;
    }
    return carnet_store_end(&query, err);
}
