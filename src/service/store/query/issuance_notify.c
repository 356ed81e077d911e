/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_issuance_notify,
    "UPDATE issuances SET state = $2, notified = $3 WHERE id = $1 AND state <> $2",
};

carnet_rc
carnet_store_issuance_notify(carnet_store_session *session, int64_t id, carnet_store_issuance_state state,
                             carnet_time now, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    carnet_store_put_integer(&query, state);
    carnet_store_put_integer(&query, now);
    return carnet_store_run(&query, err);
}
