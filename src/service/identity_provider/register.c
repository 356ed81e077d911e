/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/enterprise/RegisterSession: the device takes a session on, and is told what it may prove, over which
 * challenge.  Taken on again before it was answered, it has a new challenge, and the old one is void. */
#include "internal.h"

enum { CHALLENGE = 32 };

typedef struct registering {
    int64_t device; /* whose certificate it is */
    carnet_buf challenge;
} registering;

static carnet_rc
change(idp_edit *edit, carnet_store_session *session, carnet_err *err)
{
    const registering *g = edit->arg;
    idp_record *r = &edit->record;

    (void)session;
    (void)err;
    if (r->row.device != g->device)
        return carnet_idp_no(edit, CARNET_BOPS_ERROR_DEVICE, "the session is another device's");
    if (r->device.state != CARNET_STORE_DEVICE_ACTIVATED)
        return carnet_idp_no(edit, CARNET_BOPS_ERROR_DEVICE, "the device is blocked");
    if (r->device.locked > edit->call->now)
        return carnet_idp_no(edit, CARNET_BOPS_ERROR_LOCKED, NULL);
    if (carnet_authentication_session_register(&r->state, edit->call->now, NULL) != CARNET_OK)
        return carnet_idp_no(edit, CARNET_BOPS_ERROR_STATE, "the session is over");
    r->device.counter++;
    r->row.counter = r->device.counter;
    r->row.challenge = carnet_buf_span(&g->challenge);
    edit->save_session = edit->save_device = true;
    return CARNET_OK;
}

static void
add_way(carnet_bops_registered *answer, uint32_t set)
{
    carnet_bops_way *way = &answer->acceptable[answer->acceptable_count];

    for (unsigned i = 0; i < CARNET_METHODS && way->count < CARNET_BOPS_WAY; i++)
        if (set & (uint32_t)1 << i)
            way->methods[way->count++] = carnet_str_of(carnet_method_name((uint32_t)1 << i));
    answer->acceptable_count++;
}

/* The ways that this device can go; if none, all of them: it may know better.  What a terminal was shown need not be shown again. */
static carnet_rc
add_ways(idp_call *call, const idp_record *record, carnet_bops_registered *answer, carnet_err *err)
{
    const uint32_t able = (uint32_t)record->device.abilities, shown = record->kept != 0 ? CARNET_METHOD_MDOC : 0U;
    carnet_acceptable *acceptable = carnet_service_scratch(call->worker, sizeof(*acceptable));
    carnet_rc rc;

    if (acceptable == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if ((rc = carnet_acceptable_compile(&record->wanted, acceptable, err)) != CARNET_OK)
        return rc;
    for (int all = 0; all < 2 && answer->acceptable_count == 0; all++)
        for (unsigned i = 0; i < acceptable->count && answer->acceptable_count < CARNET_BOPS_WAYS; i++)
            if ((acceptable->set[i] & ~shown) != 0 && (all || (acceptable->set[i] & ~able) == 0))
                add_way(answer, acceptable->set[i] & ~shown);
    return CARNET_OK;
}

static carnet_rc
answer(idp_call *call, idp_record *record, carnet_err *err)
{
    carnet_bops_registered *a = carnet_service_scratch(call->worker, sizeof(*a));
    carnet_rc rc;

    if (a == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if ((rc = carnet_idp_open(call, record, err)) == CARNET_OK) {
        *a = (carnet_bops_registered){
            .session_id = record->session_id,
            .profile_id = record->device.profile,
            .status = CARNET_BOPS_REGISTERED,
            .transaction_text = record->start.transaction.text,
            .binding_message = record->start.binding_message,
            .challenge = { (const char *)record->row.challenge.ptr, record->row.challenge.len },
            .counter = record->row.counter,
            .mdoc_request = record->start.mdoc_request,
            .provider_id = call->p->id,
            .expiration = record->row.expires * 1000,
        };
        a->biometric_count = carnet_idp_biometrics(call, &record->device, &record->wanted,
                                                   record->row.attempts_max - record->row.attempts, a->biometrics);
        rc = add_ways(call, record, a, err);
    }
    if (rc == CARNET_OK)
        rc = carnet_bops_registered_write(a, &call->response->body, err);
    carnet_idp_close(record);
    return rc;
}

static carnet_rc
handle(idp_call *call, carnet_err *err)
{
    idp_edit *edit = carnet_service_scratch(call->worker, sizeof(*edit));
    registering g = { .challenge = carnet_service_scratch_buf(call->worker, CARNET_BOPS_CHALLENGE) };
    carnet_store_identity_device device;
    carnet_store_identity_account account;
    carnet_bops_register_session message = { 0 };
    carnet_rc rc;

    if (edit == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    *edit = (idp_edit){ .call = call, .change = change, .arg = &g };
    rc = carnet_idp_device(call, false, &device, &account, err);
    g.device = device.id;
    if (rc == CARNET_OK)
        rc = carnet_bops_register_session_read(carnet_idp_body(call), &message, err);
    if (rc == CARNET_OK && message.profile_id.len != 0 && !carnet_str_equal(message.profile_id, device.profile))
        rc = carnet_idp_refuse(call, CARNET_BOPS_ERROR_ACCOUNT, "the profile is another one's", err);
    if (rc == CARNET_OK)
        rc = carnet_idp_random_text(call->worker, CHALLENGE, &g.challenge, err);
    if (rc == CARNET_OK)
        rc = carnet_idp_edit(edit, message.session_id, err);
    if (rc == CARNET_OK)
        rc = answer(call, &edit->record, err);
    carnet_bops_register_session_close(&message);
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_idp_serve(self, request, response, IDP_DEVICE, "session.registered", handle, err);
}

const carnet_service_route carnet_idp_register_route = {
    .method = CARNET_SERVICE_POST,
    .name = "identity_register_session",
    .path = CARNET_BOPS_PATH_REGISTER_SESSION,
    .summary = "A device takes a session on",
    .run = run,
    .accepts = "application/json",
    .body_max = CARNET_BOPS_MAX,
    .rate = 600,
};
