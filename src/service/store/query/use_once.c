/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_use_once,
    "INSERT INTO used_once (kind, hash, until) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
};

carnet_rc
carnet_store_use_once(carnet_store_session *session, const carnet_store_once *list, size_t count, size_t *which,
                      carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    for (size_t i = 0; i < count; i++) {
        carnet_store_put_integer(&query, list[i].kind);
        carnet_store_put_hash(&query, list[i].hash);
        carnet_store_put_integer(&query, list[i].until);
        carnet_store_add(&query);
    }
    return carnet_store_settle(&query, CARNET_E_STORE_REPLAYED, which, err);
}
