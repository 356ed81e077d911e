/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_use_once,
    "INSERT INTO used_once (kind, hash, until) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
};

/* Earlier versions keep them all in used_once. */
static const carnet_store_statement in_time = {
    CARNET_SQL_use_once_in_time,
    "INSERT INTO used_in_time (kind, hash, until) SELECT $1, $2, $3"
    " WHERE NOT EXISTS (SELECT 1 FROM used_once WHERE hash = $2 AND kind = $1) ON CONFLICT DO NOTHING",
};

static carnet_rc
use(carnet_store_session *session, const carnet_store_once *list, size_t count, size_t *which, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, list->sealed ? &in_time : &statement);
    for (size_t i = 0; i < count; i++) {
        carnet_store_put_integer(&query, list[i].kind);
        carnet_store_put_hash(&query, list[i].hash);
        carnet_store_put_integer(&query, list[i].until);
        carnet_store_add(&query);
    }
    return carnet_store_settle(&query, CARNET_E_STORE_REPLAYED, which, err);
}

carnet_rc
carnet_store_use_once(carnet_store_session *session, const carnet_store_once *list, size_t count, size_t *which,
                      carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0, n; rc == CARNET_OK && i < count; i += n) {
        if (list[i].sealed && list[i].kind != CARNET_STORE_ONCE_NONCE)
            return carnet_fail(err, CARNET_E_USAGE, NULL, "only a c_nonce has its end in it");
        for (n = 1; i + n < count && list[i + n].sealed == list[i].sealed; n++)
            continue;
        rc = use(session, list + i, n, which, err);
        if (which != NULL)
            *which += i;
    }
    return rc;
}
