/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_grant_rotate,
    "UPDATE grants SET access_hash = $3, access_expires = $4, refresh_hash = $5, refresh_expires = "
    "$6, rotated = $7, over = $8, previous_hash = refresh_hash WHERE id = $1 AND refresh_hash IS NOT "
    "DISTINCT FROM $2 AND revoked = 0",
};

static const carnet_store_statement spend = {
    CARNET_SQL_grant_spend,
    "INSERT INTO spent_tokens (hash, grant_id) VALUES ($1, $2)",
};

carnet_rc
carnet_store_grant_rotate(carnet_store_session *session, const carnet_store_rotation *rotation, carnet_err *err)
{
    carnet_store_query query;
    carnet_rc rc;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, rotation->id);
    carnet_store_put_hash(&query, rotation->old_refresh_hash);
    carnet_store_put_hash(&query, rotation->access_hash);
    carnet_store_put_integer(&query, rotation->access_expires);
    carnet_store_put_hash(&query, rotation->refresh_hash);
    carnet_store_put_integer(&query, rotation->refresh_expires);
    carnet_store_put_integer(&query, rotation->now);
    carnet_store_put_integer(&query, carnet_store_over(rotation->access_expires, rotation->refresh_expires));
    rc = carnet_store_change(&query, CARNET_E_STORE_STATE, err);
    if (rc != CARNET_OK || rotation->old_refresh_hash.len == 0)
        return rc;
    carnet_store_ask(&query, session, &spend);
    carnet_store_put_hash(&query, rotation->old_refresh_hash);
    carnet_store_put_integer(&query, rotation->id);
    return carnet_store_run(&query, err);
}
