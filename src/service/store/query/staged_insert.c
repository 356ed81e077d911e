/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_staged(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_staged *staged = record;

    staged->id = carnet_store_get_integer(query);
    staged->reference = carnet_store_get_text(query, room);
    staged->request_hash = carnet_store_get_bytes(query, room);
    staged->body_hash = carnet_store_get_bytes(query, room);
    staged->user = carnet_store_get_text(query, room);
    staged->device = carnet_store_get_text(query, room);
    staged->type = carnet_store_get_text(query, room);
    staged->amount = carnet_store_get_integer(query);
    staged->currency = carnet_store_get_text(query, room);
    staged->account = carnet_store_get_text(query, room);
    staged->pan = carnet_store_get_bytes(query, room);
    staged->created = carnet_store_get_integer(query);
    staged->expires = carnet_store_get_integer(query);
    staged->version = carnet_store_get_integer(query);
    staged->polled = carnet_store_get_integer(query);
    staged->state = carnet_store_get_integer(query);
    staged->reason = carnet_store_get_text(query, room);
    staged->attempts = carnet_store_get_integer(query);
    staged->terminal = carnet_store_get_text(query, room);
    staged->terminal_session = carnet_store_get_bytes(query, room);
    staged->label = carnet_store_get_text(query, room);
    staged->binding = carnet_store_get_text(query, room);
    staged->text = carnet_store_get_text(query, room);
    staged->risk = carnet_store_get_text(query, room);
    staged->level = carnet_store_get_integer(query);
    staged->vtr = carnet_store_get_text(query, room);
    staged->session = carnet_store_get_text(query, room);
    staged->session_expires = carnet_store_get_integer(query);
    staged->parent = carnet_store_get_text(query, room);
    staged->step_ups = carnet_store_get_integer(query);
    staged->vot = carnet_store_get_text(query, room);
    staged->trustmark = carnet_store_get_text(query, room);
    staged->auth_time = carnet_store_get_integer(query);
    staged->vot_expires = carnet_store_get_integer(query);
    staged->reached = carnet_store_get_integer(query);
    staged->key_id = carnet_store_get_text(query, room);
    staged->signature = carnet_store_get_text(query, room);
    staged->used_by = carnet_store_get_text(query, room);
    staged->used = carnet_store_get_integer(query);
    staged->result = carnet_store_get_integer(query);
    staged->dispensed = carnet_store_get_integer(query);
    staged->response_code = carnet_store_get_text(query, room);
    staged->changed = carnet_store_get_integer(query);
}

static const carnet_store_statement statement = {
    CARNET_SQL_staged_insert,
    "INSERT INTO staged (" STAGED_COLUMNS ") "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 0, $14, '', 0, '', NULL, '', "
    "'', '', '', 0, '', '', 0, '', 0, '', '', 0, 0, 0, '', '', '', 0, 0, 0, '', $15) ON CONFLICT DO "
    "NOTHING",
};

carnet_rc
carnet_store_staged_insert(carnet_store_session *session, carnet_store_staged *staged, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_identify(session, &staged->id);
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, staged->id);
    carnet_store_put_text(&query, staged->reference);
    carnet_store_put_hash(&query, staged->request_hash);
    carnet_store_put_hash(&query, staged->body_hash);
    carnet_store_put_text(&query, staged->user);
    carnet_store_put_text(&query, staged->device);
    carnet_store_put_text(&query, staged->type);
    carnet_store_put_integer(&query, staged->amount);
    carnet_store_put_text(&query, staged->currency);
    carnet_store_put_text(&query, staged->account);
    carnet_store_put_bytes(&query, staged->pan);
    carnet_store_put_integer(&query, staged->created);
    carnet_store_put_integer(&query, staged->expires);
    carnet_store_put_integer(&query, staged->state);
    carnet_store_put_integer(&query, staged->changed);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
