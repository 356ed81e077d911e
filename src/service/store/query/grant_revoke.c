/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_grant_revoke,
    "UPDATE grants SET revoked = $3, reason = $2, claims = NULL WHERE id = $1 AND revoked = 0",
};

carnet_rc
carnet_store_grant_revoke(carnet_store_session *session, int64_t id, const char *reason, carnet_time now,
                          carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    carnet_store_put_text(&query, carnet_str_of(reason));
    carnet_store_put_integer(&query, now);
    return carnet_store_run(&query, err);
}
