/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_identity_session_update,
    "UPDATE identity_sessions SET expires = $2, state = $3, auth_time = $4, active_until = $5, "
    "registrations = $6, attempts = $7, challenge = $8, counter = $9, level = $10, vot = $11, "
    "methods = $12, reason = $13, token_id = $14, version = $15, changed = $16, facts = $17 WHERE id "
    "= $1",
};

carnet_rc
carnet_store_identity_session_update(carnet_store_session *session, const carnet_store_identity_session *record,
                                     carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, record->id);
    carnet_store_put_integer(&query, record->expires);
    carnet_store_put_integer(&query, record->state);
    carnet_store_put_integer(&query, record->auth_time);
    carnet_store_put_integer(&query, record->active_until);
    carnet_store_put_integer(&query, record->registrations);
    carnet_store_put_integer(&query, record->attempts);
    carnet_store_put_bytes(&query, record->challenge);
    carnet_store_put_integer(&query, record->counter);
    carnet_store_put_integer(&query, record->level);
    carnet_store_put_text(&query, record->vot);
    carnet_store_put_text(&query, record->methods);
    carnet_store_put_text(&query, record->reason);
    carnet_store_put_text(&query, record->token_id);
    carnet_store_put_integer(&query, record->version);
    carnet_store_put_integer(&query, record->changed);
    carnet_store_put_bytes(&query, record->facts);
    return carnet_store_change(&query, CARNET_E_STORE_ABSENT, err);
}
