/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_grant_issue,
    "UPDATE grants SET issued = issued + $2 WHERE id = $1 AND revoked = 0 AND issued + $2 <= $3",
};

carnet_rc
carnet_store_grant_issue(carnet_store_session *session, int64_t id, int64_t count, int64_t most, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    carnet_store_put_integer(&query, count);
    carnet_store_put_integer(&query, most == 0 ? INT64_MAX / 2 : most);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}

static const carnet_store_statement to = {
    CARNET_SQL_grant_issue_to,
    "UPDATE grants SET issued = issued + $2 WHERE id = $1 AND access_hash = $3 AND revoked = 0",
};

carnet_rc
carnet_store_grant_issue_to(carnet_store_session *session, int64_t id, carnet_span access_hash, int64_t count,
                            carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &to);
    carnet_store_put_integer(&query, id);
    carnet_store_put_integer(&query, count);
    carnet_store_put_hash(&query, access_hash);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
