/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_use_once,
    "INSERT INTO used_once (kind, hash, until) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
};

static const carnet_store_statement in_order = {
    CARNET_SQL_use_once_in_order,
    "INSERT INTO used_in_order (kind, hash, until, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
};

/* A proof's jti may not come again with another iat either (RFC 9449 11.1), so proofs lie together by a time that is longer
   than any is taken (proof_seconds and twice skew_seconds, 4,800 at most): the same jti is in this one or in the next. */
#define SPELL 8192
#define NEAR                                                                                                           \
    " WHERE NOT EXISTS (SELECT 1 FROM used_in_order WHERE kind = $1 AND at = $4 - 1 AND hash = $2)"                    \
    " AND NOT EXISTS (SELECT 1 FROM used_in_order WHERE kind = $1 AND at = $4 + 1 AND hash = $2)"

static const carnet_store_statement by_spells = {
    CARNET_SQL_use_once_by_spells,
    "INSERT INTO used_in_order (kind, hash, until, at) SELECT $1, $2, $3, $4" NEAR " ON CONFLICT DO NOTHING",
};

/* Earlier versions kept them all in used_once, or nonces by their last second in used_in_time. */
static const carnet_store_statement since = {
    CARNET_SQL_use_once_since,
    "INSERT INTO used_in_order (kind, hash, until, at) SELECT $1, $2, $3, $4" NEAR
    " AND NOT EXISTS (SELECT 1 FROM used_once WHERE hash = $2 AND kind = $1)"
    " AND NOT EXISTS (SELECT 1 FROM used_in_time WHERE kind = $1 AND until = $3 - 1 AND hash = $2)"
    " ON CONFLICT DO NOTHING",
};

static const carnet_store_statement *
statement_for(const carnet_store_once *first, bool earlier)
{
    if (first->at == 0)
        return &statement;
    if (earlier)
        return &since;
    return first->kind == CARNET_STORE_ONCE_DPOP ? &by_spells : &in_order;
}

static carnet_rc
use(carnet_store_session *session, const carnet_store_once *list, size_t count, size_t *which, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, statement_for(list, session->store->earlier));
    for (size_t i = 0; i < count; i++) {
        carnet_store_put_integer(&query, list[i].kind);
        carnet_store_put_hash(&query, list[i].hash);
        carnet_store_put_integer(&query, list[i].until);
        if (list[i].at != 0)
            carnet_store_put_integer(&query, list[i].kind == CARNET_STORE_ONCE_DPOP ? list[i].at / SPELL : list[i].at);
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
        if (list[i].at != 0 && list[i].kind != CARNET_STORE_ONCE_NONCE && list[i].kind != CARNET_STORE_ONCE_DPOP)
            return carnet_fail(err, CARNET_E_USAGE, NULL, "only a c_nonce and a DPoP proof have a time in them");
        for (n = 1; i + n < count && (list[i + n].at != 0) == (list[i].at != 0) &&
                    (list[i].at == 0 || list[i + n].kind == list[i].kind);
             n++)
            continue;
        rc = use(session, list + i, n, which, err);
        if (which != NULL)
            *which += i;
    }
    return rc;
}

carnet_rc
carnet_store_used_earlier(void *arg, carnet_store_session *session, carnet_err *err)
{
    static const carnet_store_statement any = {
        CARNET_SQL_used_earlier,
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM used_in_time)"
        " OR EXISTS (SELECT 1 FROM used_once WHERE kind IN (1, 4))",
    };
    carnet_store_query query;

    carnet_store_ask(&query, session, &any);
    *(bool *)arg = carnet_store_row(&query);
    return carnet_store_end(&query, err);
}
