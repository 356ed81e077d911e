/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/issuer/ResolveStaged: an issuer that has a reference asks what it stands for, uses it up, or takes it back.
 * Use has three steps, so that it is whole whenever anybody stops: the use is named, the session consumed, the state set. */
#include "internal.h"

static bool
is_key(const char *hex, carnet_span digest)
{
    uint8_t octets[CARNET_SERVICE_HASH];
    carnet_buf out = carnet_buf_of(octets, sizeof(octets));

    return carnet_hex_decode(carnet_str_of(hex), &out, NULL) == CARNET_OK &&
           carnet_span_equal(carnet_buf_span(&out), digest);
}

/* A friend is known by name and key. */
static carnet_rc
check_friend(const mas_call *call, carnet_err *err)
{
    const carnet_config_mobile_app_server *config = call->m->config;
    uint8_t digest[CARNET_SERVICE_HASH];
    carnet_certificate certificate;
    carnet_rc rc = carnet_certificate_open(call->request->certificate, &certificate, err);

    if (rc == CARNET_OK)
        rc = carnet_digest(call->worker->crypto, CARNET_SHA256, &certificate.spki, 1, digest, err);
    if (rc != CARNET_OK)
        return rc;
    for (size_t i = 0; i < config->friend_count; i++)
        for (size_t k = 0; k < config->friends[i].keys.count; k++)
            if (carnet_str_is(call->client, config->friends[i].id) &&
                is_key(config->friends[i].keys.list[k], carnet_span_of(digest, sizeof(digest))))
                return CARNET_OK;
    return carnet_fail(err, CARNET_E_SERVICE_CERTIFICATE, "P1940 6", "this friend, or its key, is not on the list");
}

static void
name_use(mas_edit *edit)
{
    const carnet_resolve_request *wish = edit->arg;
    carnet_store_staged *row = &edit->row;

    if (row->used_by.len != 0) {
        if (!carnet_str_equal(row->used_by, wish->use))
            carnet_mas_refuse(edit, CARNET_E_STAGED_USED, NULL);
        else if (row->state == CARNET_STAGED_CANCELLED || row->state == CARNET_STAGED_EXPIRED)
            carnet_mas_refuse(edit, CARNET_E_STAGED_EXPIRED, NULL);
        return;
    }
    if (row->state == CARNET_STAGED_EXPIRED) {
        carnet_mas_refuse(edit, CARNET_E_STAGED_EXPIRED, NULL);
    } else if (row->state != CARNET_STAGED_FULFILLED) {
        carnet_mas_refuse(edit, row->state == CARNET_STAGED_DISPENSED ? CARNET_E_STAGED_USED : CARNET_E_STAGED_STATE,
                          NULL);
    } else if (row->vot_expires + MAS_SKEW_S < carnet_service_now(edit->call->worker)) {
        row->state = CARNET_STAGED_EXPIRED;
        row->reason = carnet_str_of("authentication");
        edit->save = true;
        carnet_mas_refuse(edit, CARNET_E_STAGED_EXPIRED, NULL);
    } else {
        row->used_by = wish->use;
        row->used = carnet_service_now(edit->call->worker);
        edit->save = true;
    }
}

static void
set_used(mas_edit *edit)
{
    const carnet_resolve_request *wish = edit->arg;
    carnet_store_staged *row = &edit->row;

    if (row->state != CARNET_STAGED_FULFILLED || !carnet_str_equal(row->used_by, wish->use))
        return;
    row->state = CARNET_STAGED_USED;
    edit->save = true;
}

static void
set_over(mas_edit *edit)
{
    if (edit->row.state != CARNET_STAGED_FULFILLED)
        return;
    edit->row.state = CARNET_STAGED_EXPIRED;
    edit->row.reason = carnet_str_of("authentication");
    edit->save = true;
}

static carnet_rc
use(mas_call *call, const carnet_resolve_request *wish, mas_edit *edit, carnet_err *err)
{
    bool again;
    carnet_rc rc;

    edit->change = name_use;
    if ((rc = carnet_mas_edit(edit, err)) != CARNET_OK || edit->row.state != CARNET_STAGED_FULFILLED)
        return rc;
    /* Consumed before can only mean: for this use, which has its name on the transaction. */
    rc = carnet_mas_consume(call, edit->row.session, wish->reference, &again, err);
    if (rc != CARNET_OK && rc != CARNET_E_STAGED_EXPIRED)
        return rc;
    edit->change = rc == CARNET_OK ? set_used : set_over;
    if (rc == CARNET_OK)
        return carnet_mas_edit(edit, err);
    (void)!carnet_mas_edit(edit, NULL);
    return rc;
}

static void
take_back(mas_edit *edit)
{
    const carnet_resolve_request *wish = edit->arg;
    const mas *m = edit->call->m;
    carnet_store_staged *row = &edit->row;

    if (!carnet_str_equal(row->used_by, wish->use)) {
        if (row->state != CARNET_STAGED_STAGED) /* armed again by this very reversal, perhaps */
            carnet_mas_refuse(edit, CARNET_E_STAGED_STATE, NULL);
        return;
    }
    if (row->state == CARNET_STAGED_REVERSED)
        return;
    if (m->config->rearm && row->expires > carnet_service_now(edit->call->worker)) {
        row->state = CARNET_STAGED_STAGED;
        row->terminal = row->label = row->binding = row->text = row->session = row->parent = (carnet_str){ 0 };
        row->vot = row->trustmark = row->key_id = row->signature = row->used_by = row->reason = (carnet_str){ 0 };
        row->terminal_session = (carnet_span){ 0 };
        row->session_expires = row->auth_time = row->vot_expires = row->reached = row->used = 0;
        row->result = row->dispensed = 0;
        row->step_ups = row->step_ups + 1; /* its next session has another name */
    } else {
        row->state = CARNET_STAGED_REVERSED;
    }
    edit->save = true;
}

static carnet_rc
tell(mas_call *call, const carnet_store_staged *row, carnet_err *err)
{
    carnet_resolved answer = {
        .reference = row->reference,
        .state = (carnet_staged_state)row->state,
        .use = row->used_by,
        .type = row->type,
        .amount = (uint64_t)row->amount,
        .currency = row->currency,
        .terminal = row->terminal,
        .account = row->account,
        .expiration = row->expires * 1000,
        .risk = row->risk,
        .aal_required = (int)row->level,
        .has_carrier = row->vot.len != 0,
        .carrier = carnet_mas_carrier(row),
    };
    carnet_rc rc = carnet_mas_pan(call, row, &answer.pan, err);
    size_t begin = 0;

    for (size_t i = 0; i <= row->vtr.len && answer.vtr_count < CARNET_STAGING_VTR; i++)
        if (i == row->vtr.len || row->vtr.ptr[i] == ',') {
            if (i > begin)
                answer.vtr[answer.vtr_count++] = (carnet_str){ row->vtr.ptr + begin, i - begin };
            begin = i + 1;
        }
    return rc == CARNET_OK ? carnet_resolved_write(&answer, &call->response->body, err) : rc;
}

static carnet_rc
resolve(mas_call *call, carnet_resolve_request *wish, carnet_err *err)
{
    mas_edit edit = { .key = wish->reference, .arg = wish, .call = call, .change = take_back };
    carnet_rc rc = check_friend(call, err);

    if (rc != CARNET_OK)
        return rc;
    if (wish->action == CARNET_RESOLVE_READ)
        rc = carnet_mas_find(call, MAS_BY_REFERENCE, wish->reference, (carnet_span){ 0 }, &edit.row, err);
    else
        rc = wish->action == CARNET_RESOLVE_USE ? use(call, wish, &edit, err) : carnet_mas_edit(&edit, err);
    return rc == CARNET_OK ? tell(call, &edit.row, err) : rc;
}

static carnet_rc
handle(mas_call *call, carnet_err *err)
{
    carnet_json *document;
    carnet_resolve_request wish;
    carnet_rc rc = carnet_resolve_request_read(carnet_mas_body(call), &document, &wish, err);

    if (rc == CARNET_OK)
        rc = resolve(call, &wish, err);
    carnet_json_free(&document);
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_mas_serve(self, request, response, "friend", "transaction.resolved", handle, err);
}

const carnet_service_route carnet_mas_resolve_route = {
    .method = CARNET_SERVICE_POST,
    .name = "issuer_resolve_staged",
    .path = CARNET_STAGING_PATH "/issuer/ResolveStaged",
    .summary = "What a reference stands for; uses it up, or takes it back",
    .run = run,
    .accepts = "application/json",
    .body_max = CARNET_STAGING_MAX,
    .rate = 6000,
};
