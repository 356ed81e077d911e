/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/enrol/RenewClientCertificate: by a session that the device's user answered just now, at the account's
 * level.  The certificate that asks stays good until it is over: the answer may be lost. */
#include "internal.h"

enum { RECENT_S = 300, CERTIFICATE_DAYS = 90 };

typedef struct renewing {
    idp_call *call;
    int64_t device;
    uint8_t serial[16], spki[CARNET_SERVICE_HASH];
    carnet_time until;
    carnet_buf certificate;
} renewing;

/* An earlier renewal whose answer never arrived: what it made is of no use to anybody. */
static carnet_rc
revoke_unheard(const renewing *w, carnet_store_session *session, const carnet_store_identity_device *device,
               carnet_err *err)
{
    carnet_rc rc;

    if (carnet_span_equal(device->serial, w->call->certificate.serial))
        return CARNET_OK;
    rc = carnet_store_identity_certificate_revoke(session, device->serial, carnet_str_of("renewed"), w->call->now, err);
    return rc == CARNET_E_STORE_ABSENT || rc == CARNET_E_STORE_STATE ? CARNET_OK : rc;
}

static carnet_rc
change(idp_edit *edit, carnet_store_session *session, carnet_err *err)
{
    const renewing *w = edit->arg;
    idp_record *r = &edit->record;
    const carnet_store_identity_certificate certificate = { .serial = carnet_span_of(w->serial, sizeof(w->serial)),
                                                            .device = w->device,
                                                            .issued = edit->call->now,
                                                            .not_after = w->until };
    carnet_rc rc;

    if (r->row.device != w->device)
        return carnet_idp_no(edit, CARNET_BOPS_ERROR_DEVICE, "the session is another device's");
    if (r->state.status != CARNET_BOPS_AUTHENTICATED && r->state.status != CARNET_BOPS_CONSUMED)
        return carnet_idp_no(edit, CARNET_BOPS_ERROR_STATE, "the session is not authenticated");
    if (edit->call->now - r->row.auth_time > RECENT_S)
        return carnet_idp_no(edit, CARNET_BOPS_ERROR_STATE, "the session is too long ago");
    if (r->row.level < r->account.level)
        return carnet_idp_no(edit, CARNET_BOPS_ERROR_ACCOUNT_STATE, "the session's level is below the account's");
    if ((rc = revoke_unheard(w, session, &r->device, err)) == CARNET_OK)
        rc = carnet_store_identity_certificate_insert(session, &certificate, err);
    r->device.serial = certificate.serial;
    r->device.spki = carnet_span_of(w->spki, sizeof(w->spki));
    r->device.not_after = w->until;
    edit->save_device = true;
    return rc == CARNET_OK
               ? carnet_idp_audit(edit->call, session, "device.renewed", NULL, (carnet_str){ 0 }, w->device, err)
               : rc;
}

static carnet_rc
make(renewing *w, carnet_str request, carnet_str name, carnet_err *err)
{
    idp_call *call = w->call;
    const unsigned days = call->p->config->certificate_days;
    carnet_buf spki = carnet_service_scratch_buf(call->worker, 256);
    carnet_public_key key;
    carnet_span der, octets;
    carnet_rc rc = carnet_idp_open_request(call, request, &der, &key, err);

    if (rc == CARNET_OK)
        rc = carnet_public_key_to_spki(&key, &spki, err);
    octets = carnet_buf_span(&spki);
    if (rc == CARNET_OK)
        rc = carnet_digest(call->worker->crypto, CARNET_SHA256, &octets, 1, w->spki, err);
    if (rc == CARNET_OK)
        rc = carnet_idp_serial(call->worker, w->serial, err);
    w->until = call->now + (carnet_time)(days != 0 ? days : CERTIFICATE_DAYS) * CARNET_TIME_DAY;
    w->certificate = carnet_service_scratch_buf(call->worker, CARNET_CERTIFICATE_MAX);
    if (rc == CARNET_OK)
        rc = carnet_idp_certify(call, CARNET_BOPS_URN_DEVICE, name, &key, w->until,
                                carnet_span_of(w->serial, sizeof(w->serial)), &w->certificate, err);
    return rc;
}

static carnet_rc
renew(idp_call *call, const carnet_bops_renew *message, carnet_err *err)
{
    renewing w = { .call = call };
    idp_edit *edit = carnet_service_scratch(call->worker, sizeof(*edit));
    carnet_buf text = carnet_service_scratch_buf(call->worker, CARNET_CERTIFICATE_MAX * 4 / 3 + 4);
    carnet_store_identity_device device;
    carnet_store_identity_account account;
    carnet_bops_enrolled answer = { .certificate_count = 1 };
    carnet_rc rc;

    if (edit == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if ((rc = carnet_idp_device(call, false, &device, &account, err)) != CARNET_OK)
        return rc;
    w.device = device.id;
    if ((rc = make(&w, message->certificate_request, call->client, err)) != CARNET_OK)
        return rc;
    *edit = (idp_edit){ .call = call, .change = change, .arg = &w };
    if ((rc = carnet_idp_edit(edit, message->session_id, err)) != CARNET_OK)
        return rc;
    carnet_base64url_encode(carnet_buf_span(&w.certificate), &text);
    answer.certificates[0] = carnet_buf_str(&text);
    answer.device_id = call->client;
    answer.profile_id = edit->record.device.profile;
    answer.user_id = edit->record.account.user_id;
    answer.counter = edit->record.device.answered;
    if ((rc = carnet_idp_add_chain(call, &answer, err)) == CARNET_OK)
        rc = carnet_bops_enrolled_write(&answer, &call->response->body, err);
    return rc;
}

static carnet_rc
handle(idp_call *call, carnet_err *err)
{
    carnet_bops_renew message;
    carnet_rc rc = carnet_bops_renew_read(carnet_idp_body(call), &message, err);

    if (rc == CARNET_OK)
        rc = renew(call, &message, err);
    carnet_bops_renew_close(&message);
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_idp_serve(self, request, response, IDP_DEVICE, "device.renewed", handle, err);
}

const carnet_service_route carnet_idp_renew_route = {
    .method = CARNET_SERVICE_POST,
    .name = "identity_renew_certificate",
    .path = CARNET_BOPS_PATH_RENEW_CERTIFICATE,
    .summary = "A device's certificate is renewed",
    .run = run,
    .accepts = "application/json",
    .body_max = CARNET_BOPS_MAX,
    .rate = 60,
};
