/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_identity_session(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_identity_session *s = record;

    s->id = carnet_store_get_integer(query);
    s->session_hash = carnet_store_get_bytes(query, room);
    s->party = carnet_store_get_text(query, room);
    s->request_hash = carnet_store_get_bytes(query, room);
    s->body_hash = carnet_store_get_bytes(query, room);
    s->account = carnet_store_get_integer(query);
    s->device = carnet_store_get_integer(query);
    s->parent = carnet_store_get_integer(query);
    s->transaction_hash = carnet_store_get_bytes(query, room);
    s->created = carnet_store_get_integer(query);
    s->expires = carnet_store_get_integer(query);
    s->state = carnet_store_get_integer(query);
    s->auth_time = carnet_store_get_integer(query);
    s->active_until = carnet_store_get_integer(query);
    s->registrations = carnet_store_get_integer(query);
    s->attempts = carnet_store_get_integer(query);
    s->attempts_max = carnet_store_get_integer(query);
    s->max_age = carnet_store_get_integer(query);
    s->trustmark = carnet_store_get_integer(query);
    s->challenge = carnet_store_get_bytes(query, room);
    s->counter = carnet_store_get_integer(query);
    s->level = carnet_store_get_integer(query);
    s->vot = carnet_store_get_text(query, room);
    s->methods = carnet_store_get_text(query, room);
    s->reason = carnet_store_get_text(query, room);
    s->token_id = carnet_store_get_text(query, room);
    s->version = carnet_store_get_integer(query);
    s->changed = carnet_store_get_integer(query);
    s->notice = carnet_store_get_integer(query);
    s->request = carnet_store_get_bytes(query, room);
    s->facts = carnet_store_get_bytes(query, room);
}

static const carnet_store_statement statement = {
    CARNET_SQL_identity_session_insert,
    "INSERT INTO identity_sessions (" IDENTITY_SESSION_COLUMNS ") "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, 0, 0, $13, $14, $15, NULL, 0, "
    "0, '', '', '', '', 0, $16, $17, $18, NULL) ON CONFLICT DO NOTHING",
};

carnet_rc
carnet_store_identity_session_insert(carnet_store_session *session, carnet_store_identity_session *record,
                                     carnet_err *err)
{
    carnet_store_query query;

    carnet_store_identify(session, &record->id);
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, record->id);
    carnet_store_put_hash(&query, record->session_hash);
    carnet_store_put_text(&query, record->party);
    carnet_store_put_hash(&query, record->request_hash);
    carnet_store_put_hash(&query, record->body_hash);
    carnet_store_put_integer(&query, record->account);
    carnet_store_put_integer(&query, record->device);
    carnet_store_put_integer(&query, record->parent);
    carnet_store_put_hash(&query, record->transaction_hash);
    carnet_store_put_integer(&query, record->created);
    carnet_store_put_integer(&query, record->expires);
    carnet_store_put_integer(&query, record->state);
    carnet_store_put_integer(&query, record->attempts_max);
    carnet_store_put_integer(&query, record->max_age);
    carnet_store_put_integer(&query, record->trustmark);
    carnet_store_put_integer(&query, record->changed);
    carnet_store_put_integer(&query, record->notice);
    carnet_store_put_bytes(&query, record->request);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
