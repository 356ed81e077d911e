/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_staged_poll,
    "UPDATE staged SET polled = $3 WHERE id = $1 AND polled <= $2 AND (state = 2 OR state = 4)",
};

carnet_rc
carnet_store_staged_poll(carnet_store_session *session, int64_t id, carnet_time now, carnet_time until, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    carnet_store_put_integer(&query, now);
    carnet_store_put_integer(&query, until);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
