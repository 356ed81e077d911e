/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_staged_update,
    "UPDATE staged SET version = version + 1, polled = 0, state = $3, reason = $4, attempts = $5, "
    "terminal = $6, terminal_session = $7, label = $8, binding = $9, text = $10, risk = $11, level = "
    "$12, vtr = $13, session = $14, session_expires = $15, parent = $16, step_ups = $17, vot = $18, "
    "trustmark = $19, auth_time = $20, vot_expires = $21, reached = $22, key_id = $23, signature = "
    "$24, used_by = $25, used = $26, result = $27, dispensed = $28, response_code = $29, changed = "
    "$30 WHERE id = $1 AND version = $2",
};

carnet_rc
carnet_store_staged_update(carnet_store_session *session, const carnet_store_staged *staged, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, staged->id);
    carnet_store_put_integer(&query, staged->version);
    carnet_store_put_integer(&query, staged->state);
    carnet_store_put_text(&query, staged->reason);
    carnet_store_put_integer(&query, staged->attempts);
    carnet_store_put_text(&query, staged->terminal);
    carnet_store_put_bytes(&query, staged->terminal_session);
    carnet_store_put_text(&query, staged->label);
    carnet_store_put_text(&query, staged->binding);
    carnet_store_put_text(&query, staged->text);
    carnet_store_put_text(&query, staged->risk);
    carnet_store_put_integer(&query, staged->level);
    carnet_store_put_text(&query, staged->vtr);
    carnet_store_put_text(&query, staged->session);
    carnet_store_put_integer(&query, staged->session_expires);
    carnet_store_put_text(&query, staged->parent);
    carnet_store_put_integer(&query, staged->step_ups);
    carnet_store_put_text(&query, staged->vot);
    carnet_store_put_text(&query, staged->trustmark);
    carnet_store_put_integer(&query, staged->auth_time);
    carnet_store_put_integer(&query, staged->vot_expires);
    carnet_store_put_integer(&query, staged->reached);
    carnet_store_put_text(&query, staged->key_id);
    carnet_store_put_text(&query, staged->signature);
    carnet_store_put_text(&query, staged->used_by);
    carnet_store_put_integer(&query, staged->used);
    carnet_store_put_integer(&query, staged->result);
    carnet_store_put_integer(&query, staged->dispensed);
    carnet_store_put_text(&query, staged->response_code);
    carnet_store_put_integer(&query, staged->changed);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
