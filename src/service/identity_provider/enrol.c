/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/enrol/RegisterAccount: a device becomes a user's, once, by the certificate it was invited with. */
#include "enrol.h"

#include <string.h>

enum { CERTIFICATE_DAYS = 90, PIN_MIN = 6 };

/* --- what the device can do --- */

static int64_t
abilities_of(const enrolling *e)
{
    const unsigned min = e->call->p->evidence.min_key_rank, biometric = CARNET_USER_AUTH_FINGERPRINT |
                                                                        CARNET_USER_AUTH_FACE | CARNET_USER_AUTH_IRIS |
                                                                        CARNET_USER_AUTH_VOICE;
    const idp_attested *a = &e->attested;
    uint32_t set = CARNET_METHOD_OTP | CARNET_METHOD_LOCATION | CARNET_METHOD_BEHAVIOUR;
    bool signs = false;

    for (size_t i = 0; i < e->key_count; i++) {
        const enrolled_key *key = &e->keys[i];
        const bool attested = (key->row.flags & CARNET_STORE_KEY_ATTESTED) != 0;

        if (key->row.kind == CARNET_BOPS_KEY_FIDO)
            set |= CARNET_METHOD_FIDO | CARNET_METHOD_FIDO_UV;
        else
            set |= CARNET_METHOD_SA_KEY | (key->row.kind == CARNET_BOPS_KEY_DOCUMENT ? CARNET_METHOD_MDOC : 0U);
        if (attested && key->row.rank >= (int64_t)min)
            set |= CARNET_METHOD_SA_KEY_HW;
        signs = signs || (attested && key->row.kind == CARNET_BOPS_KEY_SECURE_AREA);
    }
    if (signs) {
        set |= CARNET_METHOD_DEVICE;
        set |= (a->user_auth & biometric) != 0 ? CARNET_METHOD_BIOMETRIC_LOCAL : 0U;
        set |= (a->user_auth & biometric) != 0 && a->pad ? CARNET_METHOD_PAD : 0U;
    }
    if (e->pin.len != 0 || (signs && (a->user_auth & CARNET_USER_AUTH_PIN) != 0))
        set |= CARNET_METHOD_PIN;
    return (int64_t)set;
}

/* --- keys --- */

/* The key signed that it is to be enrolled with this request. */
static carnet_rc
check_proof(enrolling *e, const carnet_bops_authenticator *from, const carnet_public_key *key, carnet_err *err)
{
    idp_call *call = e->call;
    carnet_buf payload = carnet_service_scratch_buf(call->worker, 256),
               signature = carnet_service_scratch_buf(call->worker, 160);
    const carnet_curve_info *curve = carnet_curve_get(key->curve);
    carnet_span part;
    carnet_rc rc = carnet_bops_key_proof_payload(from->name, e->request, call->worker->crypto, &payload, err);

    if (rc != CARNET_OK)
        return rc;
    part = carnet_buf_span(&payload);
    if (curve == NULL || curve->algorithm == CARNET_SIGNATURE_NONE ||
        carnet_base64url_decode(from->proof, &signature, NULL) != CARNET_OK ||
        carnet_verify(call->worker->crypto, key, curve->algorithm, &part, 1, carnet_buf_span(&signature), NULL) !=
            CARNET_OK)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_DEVICE_DATA, "a key did not sign that it is the device's",
                                 err);
    return CARNET_OK;
}

static carnet_rc
take_key(enrolling *e, const carnet_bops_authenticator *from, carnet_err *err)
{
    idp_call *call = e->call;
    enrolled_key *key = &e->keys[e->key_count];
    carnet_buf spki = carnet_service_scratch_buf(call->worker, 256),
               credential = carnet_service_scratch_buf(call->worker, from->credential_id.len + 1);
    carnet_jwk jwk;
    bool attested;
    carnet_rc rc;

    if (from->jwk == NULL || carnet_jwk_read(from->jwk, call->worker->crypto, &jwk, NULL) != CARNET_OK)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_DEVICE_DATA, "a key cannot be read", err);
    if ((from->kind == CARNET_BOPS_KEY_FIDO) != (from->credential_id.len != 0) ||
        carnet_base64url_decode(from->credential_id, &credential, NULL) != CARNET_OK)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_DEVICE_DATA, "a FIDO credential has an identifier", err);
    if (from->kind == CARNET_BOPS_KEY_SECURE_AREA && jwk.key.curve != CARNET_CURVE_P256)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_DEVICE_DATA, "transactions are signed by a P-256 key", err);
    if (from->kind != CARNET_BOPS_KEY_FIDO && (rc = check_proof(e, from, &jwk.key, err)) != CARNET_OK)
        return rc;
    rc = carnet_jwk_thumbprint(call->worker->crypto, &jwk.key, key->thumbprint, err);
    if (rc == CARNET_OK)
        rc = carnet_public_key_to_spki(&jwk.key, &spki, err);
    if (rc != CARNET_OK)
        return rc;
    attested = from->kind != CARNET_BOPS_KEY_FIDO && carnet_idp_is_attested(&e->attested, &jwk.key);
    key->row = (carnet_store_identity_key){
        .kind = (int64_t)from->kind,
        .name = from->name,
        .thumbprint = carnet_span_of(key->thumbprint, sizeof(key->thumbprint)),
        .spki = carnet_buf_span(&spki),
        .credential = carnet_buf_span(&credential),
        .flags = attested ? CARNET_STORE_KEY_ATTESTED | (e->attested.certified ? CARNET_STORE_KEY_CERTIFIED : 0) : 0,
        .rank = attested ? (int64_t)e->attested.rank : 0,
        .user_auth = attested ? (int64_t)e->attested.user_auth : 0,
    };
    e->key_count++;
    return CARNET_OK;
}

static carnet_rc
take_keys(enrolling *e, const carnet_bops_register_account *message, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;
    bool signs = false;

    for (size_t i = 0; rc == CARNET_OK && i < message->authenticator_count; i++) {
        for (size_t k = 0; k < i; k++)
            if (carnet_str_equal(message->authenticators[i].name, message->authenticators[k].name))
                return carnet_idp_refuse(e->call, CARNET_BOPS_ERROR_DEVICE_DATA, "two keys have one name", err);
        signs = signs || message->authenticators[i].kind != CARNET_BOPS_KEY_DOCUMENT;
        rc = take_key(e, &message->authenticators[i], err);
    }
    if (rc == CARNET_OK && !signs)
        rc = carnet_idp_refuse(e->call, CARNET_BOPS_ERROR_DEVICE_DATA, "no key could sign", err);
    return rc;
}

/* --- what it is given --- */

static carnet_rc
take_pin(enrolling *e, carnet_str pin, carnet_err *err)
{
    if (pin.len == 0)
        return CARNET_OK;
    if (pin.len < PIN_MIN)
        return carnet_idp_refuse(e->call, CARNET_BOPS_ERROR_DEVICE_DATA, "a PIN has 6 digits or more", err);
    for (size_t i = 0; i < pin.len; i++)
        if (pin.ptr[i] < '0' || pin.ptr[i] > '9')
            return carnet_idp_refuse(e->call, CARNET_BOPS_ERROR_DEVICE_DATA, "a PIN is of digits", err);
    e->pin = carnet_service_scratch_buf(e->call->worker, 128);
    return carnet_idp_pin_make(e->call, pin, &e->pin, err);
}

static carnet_rc
take_otp(enrolling *e, carnet_str type, carnet_err *err)
{
    e->otp_counts = carnet_str_is(type, "HOTP");
    return e->otp_counts || type.len == 0 || carnet_str_is(type, "TOTP")
               ? CARNET_OK
               : carnet_idp_refuse(e->call, CARNET_BOPS_ERROR_DEVICE_DATA, "one-time passwords are TOTP or HOTP", err);
}

/* Identifiers, secrets, certificate. */
static carnet_rc
make(enrolling *e, carnet_err *err)
{
    idp_call *call = e->call;
    const unsigned days = call->p->config->certificate_days;
    uint8_t random[16];
    carnet_rc rc = carnet_random_fill(&call->worker->random, random, sizeof(random), err);

    carnet_idp_uuid(random, e->device_id);
    if (rc == CARNET_OK)
        rc = carnet_random_fill(&call->worker->random, random, sizeof(random), err);
    carnet_idp_uuid(random, e->profile_id);
    if (rc == CARNET_OK)
        rc = carnet_random_fill(&call->worker->random, e->secrets.intrusion, IDP_SECRET, err);
    if (rc == CARNET_OK)
        rc = carnet_random_fill(&call->worker->random, e->secrets.seed, IDP_SEED, err);
    e->sealed = carnet_service_scratch_buf(call->worker, 256);
    if (rc == CARNET_OK)
        rc = carnet_idp_seal_secrets(call, carnet_str_of(e->device_id), &e->secrets, &e->sealed, err);
    e->until = call->now + (carnet_time)(days != 0 ? days : CERTIFICATE_DAYS) * CARNET_TIME_DAY;
    e->certificate = carnet_service_scratch_buf(call->worker, CARNET_CERTIFICATE_MAX);
    if (rc == CARNET_OK)
        rc = carnet_idp_serial(call->worker, e->serial, err);
    if (rc == CARNET_OK)
        rc = carnet_idp_certify(call, CARNET_BOPS_URN_DEVICE, carnet_str_of(e->device_id), &e->key, e->until,
                                carnet_span_of(e->serial, sizeof(e->serial)), &e->certificate, err);
    return rc;
}

static carnet_rc
answer(enrolling *e, carnet_err *err)
{
    idp_call *call = e->call;
    carnet_buf key = carnet_service_scratch_buf(call->worker, 64), seed = carnet_service_scratch_buf(call->worker, 64),
               der = carnet_service_scratch_buf(call->worker, CARNET_CERTIFICATE_MAX * 4 / 3 + 4);
    carnet_bops_enrolled enrolled = { .profile_id = carnet_str_of(e->profile_id),
                                      .device_id = carnet_str_of(e->device_id),
                                      .user_id = e->user_id,
                                      .certificate_count = 1 };
    carnet_rc rc;

    carnet_base64url_encode(carnet_span_of(e->secrets.intrusion, IDP_SECRET), &key);
    carnet_base64url_encode(carnet_span_of(e->secrets.seed, IDP_SEED), &seed);
    carnet_base64url_encode(carnet_buf_span(&e->certificate), &der);
    enrolled.intrusion_key = carnet_buf_str(&key);
    enrolled.otp_seed = carnet_buf_str(&seed);
    enrolled.otp_type = carnet_str_of(e->otp_counts ? "HOTP" : "TOTP");
    enrolled.certificates[0] = carnet_buf_str(&der);
    if ((rc = carnet_idp_add_chain(call, &enrolled, err)) == CARNET_OK)
        rc = carnet_bops_enrolled_write(&enrolled, &call->response->body, err);
    return rc;
}

static carnet_rc
enrol(enrolling *e, const carnet_bops_register_account *message, carnet_err *err)
{
    carnet_rc rc = carnet_idp_open_request(e->call, message->certificate_request, &e->request, &e->key, err);

    if (rc == CARNET_OK)
        rc = carnet_idp_attested(e->call, message->key_attestation, &e->attested, err);
    if (rc == CARNET_OK)
        rc = take_keys(e, message, err);
    if (rc == CARNET_OK)
        rc = take_pin(e, message->pin, err);
    if (rc == CARNET_OK)
        rc = take_otp(e, message->otp_type, err);
    if (rc == CARNET_OK)
        rc = make(e, err);
    if (rc != CARNET_OK)
        return rc;
    e->device = (carnet_store_identity_device){
        .device_id = carnet_str_of(e->device_id),
        .profile = carnet_str_of(e->profile_id),
        .state = CARNET_STORE_DEVICE_ACTIVATED,
        .name = message->name,
        .os = message->os,
        .push = message->push_reg_id,
        .serial = carnet_span_of(e->serial, sizeof(e->serial)),
        .not_after = e->until,
        .abilities = abilities_of(e),
        .flags = (e->attested.given ? CARNET_STORE_DEVICE_ATTESTED : 0) |
                 (e->attested.given && e->attested.pad ? CARNET_STORE_DEVICE_PAD : 0) |
                 (e->otp_counts ? CARNET_STORE_DEVICE_HOTP : 0) |
                 (int64_t)(e->attested.given ? e->attested.user_auth : 0) << IDP_USER_AUTH,
        .created = e->call->now,
        .changed = e->call->now,
        .secrets = carnet_buf_span(&e->sealed),
    };
    if ((rc = carnet_idp_keep_device(e, err)) == CARNET_OK)
        rc = answer(e, err);
    return rc;
}

static carnet_rc
handle(idp_call *call, carnet_err *err)
{
    enrolling *e = carnet_service_scratch(call->worker, sizeof(*e));
    carnet_bops_register_account *message = carnet_service_scratch(call->worker, sizeof(*message));
    carnet_rc rc;

    if (e == NULL || message == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    *e = (enrolling){ .call = call };
    rc = carnet_bops_register_account_read(carnet_idp_body(call), message, err);
    if (rc == CARNET_OK)
        rc = enrol(e, message, err);
    carnet_bops_register_account_close(message);
    carnet_wipe(e, sizeof(*e));
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_idp_serve(self, request, response, IDP_BOOTSTRAP, "device.enrolled", handle, err);
}

const carnet_service_route carnet_idp_register_account_route = {
    .method = CARNET_SERVICE_POST,
    .name = "identity_register_account",
    .path = CARNET_BOPS_PATH_REGISTER_ACCOUNT,
    .summary = "A device becomes a user's (IEEE 2410)",
    .run = run,
    .accepts = "application/json",
    .body_max = CARNET_BOPS_MAX,
    .rate = 60,
};
