/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_officer_entered,
    "UPDATE officers SET failures = 0, locked = 0, seen = $2 WHERE id = $1",
};

carnet_rc
carnet_store_officer_entered(carnet_store_session *session, int64_t id, carnet_time now, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    carnet_store_put_integer(&query, now);
    return carnet_store_change(&query, CARNET_E_STORE_ABSENT, err);
}
