/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_staged_expire,
    "UPDATE staged SET state = 10, reason = 'too_late', version = version + 1, changed = $1 WHERE expires <= $1 AND "
    "(state = 1 OR state = 3)",
};

carnet_rc
carnet_store_staged_expire(carnet_store_session *session, carnet_time now, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, now);
    return carnet_store_run(&query, err);
}
