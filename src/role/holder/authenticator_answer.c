/* SPDX-License-Identifier: Apache-2.0 */
/* The evidence of a session: what of the acceptable the device can do, done, and signed. */
#include "carnet/authenticator.h"
#include "carnet/otp.h"
#include "carnet/study_transcript.h"
#include "internal.h"

#include <string.h>

enum { OTP_DIGITS = 6 };

/* One answer while it comes about. */
typedef struct answering {
    carnet_authenticator *a;
    const carnet_bops_registered *session;
    carnet_bops_authentication_response response;
    uint32_t set; /* of methods that is tried */
    char otp[CARNET_OTP_DIGITS_MAX + 1];
} answering;

static uint32_t
able(const carnet_authenticator *a, const carnet_bops_registered *session)
{
    const carnet_authenticator_device *d = a->device;
    uint32_t set = 0;

    if (d->posture != NULL)
        set |= CARNET_METHOD_DEVICE;
    if (d->pin != NULL)
        set |= CARNET_METHOD_PIN;
    if (a->enrolment->otp_seed_len != 0 && (d->now != NULL || a->enrolment->otp_counts))
        set |= CARNET_METHOD_OTP;
    if (d->key != NULL)
        set |= CARNET_METHOD_SA_KEY | (d->key_in_hardware ? (uint32_t)CARNET_METHOD_SA_KEY_HW : 0U);
    if (d->match != NULL) {
        set |= d->splits ? CARNET_METHOD_BIOMETRIC_SPLIT : CARNET_METHOD_BIOMETRIC_LOCAL;
        set |= d->detects_attacks ? (uint32_t)CARNET_METHOD_PAD : 0U;
    }
    if (d->behaviour != NULL)
        set |= CARNET_METHOD_BEHAVIOUR;
    if (d->locate != NULL)
        set |= CARNET_METHOD_LOCATION;
    if (d->present != NULL && session->mdoc_request.len != 0)
        set |= CARNET_METHOD_MDOC;
    if (d->assert_fido != NULL)
        set |= CARNET_METHOD_FIDO | (d->fido_verifies_user ? (uint32_t)CARNET_METHOD_FIDO_UV : 0U);
    return set;
}

/* The methods of a set by their bits; 0: one of them is unknown here. */
static uint32_t
bits_of(const carnet_bops_way *way)
{
    uint32_t set = 0;

    for (size_t i = 0; i < way->count; i++) {
        const uint32_t method = carnet_method_named(way->methods[i]);

        if (method == 0)
            return 0;
        set |= method;
    }
    return set;
}

/* Octets of the work buffer in base64url; empty on overflow. */
static carnet_str
encoded(carnet_authenticator *a, carnet_span bytes)
{
    const size_t at = a->work.len;

    carnet_base64url_encode(bytes, &a->work);
    return a->work.overflow ? (carnet_str){ 0 } : (carnet_str){ (const char *)a->work.ptr + at, a->work.len - at };
}

static carnet_device_outcome
match_all(answering *n)
{
    const carnet_authenticator_device *d = n->a->device;
    const bool pad = (n->set & CARNET_METHOD_PAD) != 0;
    const carnet_str only = carnet_str_of("FINGERPRINT");
    const size_t count = n->session->biometric_count;
    carnet_device_outcome outcome = CARNET_DEVICE_UNABLE;

    /* Any of those asked for will do. */
    for (size_t i = 0; outcome == CARNET_DEVICE_UNABLE && i < (count != 0 ? count : 1); i++) {
        carnet_bops_detail *detail = &n->response.details[0];

        *detail = (carnet_bops_detail){ .method = count != 0 ? n->session->biometrics[i].method : only, .attempts = 1 };
        outcome = d->match(d->self, detail->method, pad, detail);
        detail->status = outcome == CARNET_DEVICE_DONE;
    }
    if (outcome == CARNET_DEVICE_DONE || outcome == CARNET_DEVICE_FAILED)
        n->response.detail_count = 1;
    return outcome;
}

carnet_rc
carnet_enrolment_password(carnet_enrolment *enrolment, carnet_crypto *crypto, carnet_time now,
                          char out[CARNET_OTP_DIGITS_MAX + 1], carnet_err *err)
{
    const carnet_otp otp = { .hash = CARNET_SHA1,
                             .secret = carnet_span_of(enrolment->otp_seed, enrolment->otp_seed_len),
                             .digits = OTP_DIGITS };
    const uint64_t moving = enrolment->otp_counts ? enrolment->otp_next : carnet_totp_step(now, CARNET_TOTP_STEP);
    const carnet_rc rc = carnet_otp_value(crypto, &otp, moving, out, err);

    if (rc == CARNET_OK && enrolment->otp_counts)
        enrolment->otp_next++;
    return rc;
}

/* By counter: the moved one is kept with the answer's own, before either leaves. */
static carnet_device_outcome
make_otp(answering *n)
{
    const carnet_authenticator_device *d = n->a->device;
    carnet_enrolment *enrolment = n->a->enrolment;

    if (carnet_enrolment_password(enrolment, n->a->crypto, d->now != NULL ? d->now(d->self) : 0, n->otp, NULL) !=
        CARNET_OK)
        return CARNET_DEVICE_UNABLE;
    n->response.otp_type = carnet_str_of(enrolment->otp_counts ? "HOTP" : "TOTP");
    n->response.otp_value = carnet_str_of(n->otp);
    return CARNET_DEVICE_DONE;
}

static carnet_device_outcome
ask_pin(answering *n)
{
    const carnet_authenticator_device *d = n->a->device;
    const carnet_device_outcome outcome = d->pin(d->self, &n->response.pin_value);

    if (outcome == CARNET_DEVICE_DONE)
        n->response.pin_verified_by = carnet_str_of(n->response.pin_value.len != 0 ? "SERVER" : "SA");
    return outcome;
}

/* A mobile document, bound to this session and challenge. */
static carnet_device_outcome
present(answering *n)
{
    carnet_authenticator *a = n->a;
    const carnet_authenticator_device *d = a->device;
    uint8_t transcript[CARNET_STUDY_TRANSCRIPT];
    carnet_cbor_builder b = carnet_cbor_build(transcript, sizeof(transcript));
    const size_t at = a->work.len;
    carnet_span built;
    carnet_buf response;
    size_t begin;
    carnet_device_outcome outcome;

    if (d->present == NULL || n->session->mdoc_request.len == 0 || n->session->provider_id.len == 0)
        return CARNET_DEVICE_UNABLE;
    if (carnet_study_transcript_build(&b, a->crypto, n->session->provider_id, n->session->session_id,
                                      n->session->challenge, NULL) != CARNET_OK ||
        carnet_cbor_built(&b, &built, NULL) != CARNET_OK ||
        carnet_base64url_decode(n->session->mdoc_request, &a->work, NULL) != CARNET_OK)
        return CARNET_DEVICE_UNABLE;
    begin = a->work.len;
    response = carnet_buf_of(a->work.ptr + begin, a->work.cap - begin);
    outcome = d->present(d->self, carnet_span_of(a->work.ptr + at, begin - at), built, &response);
    if (outcome != CARNET_DEVICE_DONE || response.overflow)
        return outcome == CARNET_DEVICE_DONE ? CARNET_DEVICE_UNABLE : outcome;
    a->work.len += response.len;
    n->response.device_response = encoded(a, carnet_buf_span(&response));
    return n->response.device_response.len != 0 ? CARNET_DEVICE_DONE : CARNET_DEVICE_UNABLE;
}

/* Everything in the set that is not a signature; stops at the first that came to nothing. */
static carnet_device_outcome
collect(answering *n)
{
    const carnet_authenticator_device *d = n->a->device;
    carnet_device_outcome outcome = CARNET_DEVICE_DONE;

    if ((n->set & CARNET_METHOD_LOCATION) != 0)
        outcome = d->locate(d->self, &n->response.location);
    if (outcome == CARNET_DEVICE_DONE && (n->set & CARNET_METHOD_BEHAVIOUR) != 0)
        outcome = d->behaviour(d->self, &n->response.behaviour);
    if (outcome == CARNET_DEVICE_DONE && (n->set & CARNET_METHOD_PIN) != 0)
        outcome = ask_pin(n);
    if (outcome == CARNET_DEVICE_DONE && (n->set & CARNET_METHOD_OTP) != 0)
        outcome = make_otp(n);
    if (outcome == CARNET_DEVICE_DONE && (n->set & (CARNET_METHOD_BIOMETRIC_LOCAL | CARNET_METHOD_BIOMETRIC_SPLIT)))
        outcome = match_all(n);
    if (outcome == CARNET_DEVICE_DONE && (n->set & (CARNET_METHOD_FIDO | CARNET_METHOD_FIDO_UV)) != 0)
        outcome =
            d->assert_fido(d->self, n->session->challenge, (n->set & CARNET_METHOD_FIDO_UV) != 0, &n->response.fido);
    if (outcome == CARNET_DEVICE_DONE && (n->set & CARNET_METHOD_MDOC) != 0)
        outcome = present(n);
    return outcome;
}

/* What goes along whatever was asked for: it can only add to what is proven. */
static void
add_context(answering *n)
{
    const carnet_authenticator_device *d = n->a->device;

    if (d->posture != NULL && d->posture(d->self, &n->response.posture) != CARNET_DEVICE_DONE)
        n->response.posture = (carnet_bops_posture){ 0 };
    n->response.mcd_ref = d->mcd_ref;
}

/* The transaction's signature: over the text, the counter and the results (P1940 6.2). */
static carnet_rc
sign(answering *n, carnet_err *err)
{
    carnet_authenticator *a = n->a;
    const carnet_authenticator_device *d = a->device;
    carnet_signature signature;
    const size_t at = a->work.len;
    carnet_span payload;
    carnet_rc rc;

    if (d->key == NULL)
        return CARNET_OK;
    rc = carnet_bops_signed_payload(&n->response, n->session->transaction_text, a->crypto, &a->work, err);
    payload = carnet_span_of(a->work.ptr + at, a->work.len - at);
    if (rc == CARNET_OK)
        rc = carnet_key_sign(d->key, a->crypto, CARNET_ES256, &payload, 1, &signature, err);
    if (rc != CARNET_OK)
        return rc;
    n->response.signatures[0] =
        (carnet_bops_signature){ .authenticator = d->key_name,
                                 .algorithm = carnet_str_of("ES256"),
                                 .signature = encoded(a, carnet_span_of(signature.bytes, signature.len)) };
    n->response.signature_count = 1;
    return n->response.signatures[0].signature.len != 0 ? CARNET_OK : carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
}

static carnet_rc
add_intrusion_values(answering *n, int64_t before, carnet_err *err)
{
    carnet_authenticator *a = n->a;
    const carnet_span key = carnet_span_of(a->enrolment->intrusion_key, sizeof(a->enrolment->intrusion_key));
    const size_t at = a->work.len;
    carnet_rc rc = carnet_bops_intrusion_value(key, n->response.counter, n->response.session_id, n->response.challenge,
                                               a->crypto, &a->work, err);

    if (rc == CARNET_OK)
        rc = carnet_bops_intrusion_value(key, before, n->response.session_id, n->response.challenge, a->crypto,
                                         &a->work, err);
    if (rc != CARNET_OK || a->work.overflow)
        return rc != CARNET_OK ? rc : carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    n->response.val1 = (carnet_str){ (const char *)a->work.ptr + at, CARNET_BOPS_INTRUSION };
    n->response.val2 = (carnet_str){ (const char *)a->work.ptr + at + CARNET_BOPS_INTRUSION, CARNET_BOPS_INTRUSION };
    return CARNET_OK;
}

static void
begin_response(answering *n)
{
    n->response = (carnet_bops_authentication_response){ .session_id = n->session->session_id,
                                                         .result = CARNET_BOPS_RESULT_FAILED,
                                                         .challenge = n->session->challenge,
                                                         .counter = n->session->counter };
}

/* The first set that the device can do, and that then works. */
static carnet_device_outcome
try_sets(answering *n)
{
    const uint32_t can = able(n->a, n->session);
    carnet_device_outcome outcome = CARNET_DEVICE_UNABLE;

    for (size_t i = 0; outcome == CARNET_DEVICE_UNABLE && i < n->session->acceptable_count; i++) {
        n->set = bits_of(&n->session->acceptable[i]);
        if (n->set == 0 || (n->set & ~can) != 0)
            continue;
        begin_response(n);
        outcome = collect(n);
    }
    return outcome;
}

/* Keeps the counters, then finishes the response: from here on they count as used. */
static carnet_rc
finish(answering *n, carnet_err *err)
{
    carnet_authenticator *a = n->a;
    const carnet_authenticator_device *d = a->device;
    const int64_t before = a->enrolment->counter;
    carnet_rc rc;

    a->enrolment->counter = n->response.counter;
    if ((rc = d->keep_counters(d->self, a->enrolment, err)) != CARNET_OK)
        a->enrolment->counter = before;
    if (rc == CARNET_OK)
        rc = sign(n, err);
    if (rc == CARNET_OK)
        rc = add_intrusion_values(n, before, err);
    a->out.len = 0;
    if (rc == CARNET_OK)
        rc = carnet_bops_authentication_response_write(&n->response, &a->out, err);
    return rc;
}

carnet_rc
carnet_authenticator_answer(carnet_authenticator *a, const carnet_bops_registered *session, carnet_err *err)
{
    answering n = { .a = a, .session = session };
    carnet_device_outcome outcome;
    carnet_rc rc;

    a->work.len = 0;
    a->work.overflow = false;
    a->methods = 0;
    begin_response(&n);
    outcome = a->device->approve(a->device->self, session);
    if (outcome == CARNET_DEVICE_DONE)
        outcome = try_sets(&n);
    if (outcome == CARNET_DEVICE_DONE && n.response.device_response.len == 0 && session->mdoc_request.len != 0 &&
        present(&n) == CARNET_DEVICE_DECLINED)
        outcome = CARNET_DEVICE_DECLINED;
    if (outcome == CARNET_DEVICE_DONE) {
        n.response.result = CARNET_BOPS_RESULT_SUCCESS;
        a->methods = n.set;
        add_context(&n);
    } else if (outcome == CARNET_DEVICE_DECLINED) {
        begin_response(&n);
        n.response.result = CARNET_BOPS_RESULT_CANCELLED;
        a->declined = true;
    }
    rc = finish(&n, err);
    carnet_wipe(n.otp, sizeof(n.otp));
    if (rc == CARNET_OK && outcome == CARNET_DEVICE_UNABLE)
        return carnet_fail(err, CARNET_E_AUTHENTICATOR_UNABLE, "P1940 6.2", NULL);
    return rc;
}
