/* SPDX-License-Identifier: Apache-2.0 */
/* The judgement of an answer: what binds it to its session, then each piece of evidence. */
#include "carnet/study_transcript.h"
#include "internal.h"

#include <string.h>

const char *
carnet_evidence_piece_name(carnet_evidence_piece piece)
{
    static const char *const names[] = { "device",  "counter",  "intrusion", "signature", "key_attestation",
                                         "mdoc",    "otp",      "fido",      "pin",       "biometric",
                                         "posture", "location", "behaviour", "terminal" };

    _Static_assert(CARNET_COUNT(names) == CARNET_EVIDENCE_PIECES, "a name for each piece");
    return (unsigned)piece < CARNET_EVIDENCE_PIECES ? names[piece] : "";
}

void
carnet_evidence_find(carnet_evidence_run *run, carnet_evidence_piece piece, carnet_evidence_outcome outcome,
                     carnet_rc rc, const char *reason)
{
    carnet_evidence_finding *finding = &run->evidence->findings[piece];
    carnet_buf text = carnet_buf_of(finding->reason, sizeof(finding->reason) - 1);
    const char *said = reason != NULL ? reason : rc != CARNET_OK ? carnet_rc_text(rc) : "";

    *finding = (carnet_evidence_finding){ .outcome = outcome, .rc = rc };
    carnet_buf_add(&text, carnet_span_of(said, strlen(said) < text.cap ? strlen(said) : text.cap));
    if (outcome == CARNET_EVIDENCE_FATAL && !run->evidence->fatal) {
        run->evidence->fatal = true;
        run->evidence->rc = rc;
    }
}

/* Failures that say nothing about the evidence. */
static bool
own_fault(carnet_rc rc)
{
    return rc == CARNET_E_CRYPTO_BACKEND || rc == CARNET_E_CRYPTO_RANDOM || rc == CARNET_E_NO_SPACE ||
           rc == CARNET_E_USAGE;
}

void
carnet_evidence_find_err(carnet_evidence_run *run, carnet_evidence_piece piece, carnet_evidence_outcome outcome,
                         carnet_rc rc, const carnet_err *err)
{
    if (own_fault(rc)) {
        run->rc = rc;
        if (run->err != NULL)
            *run->err = *err;
    } else {
        carnet_evidence_find(run, piece, outcome, rc, err->reason[0] != 0 ? err->reason : NULL);
    }
}

bool
carnet_evidence_goes_on(const carnet_evidence_run *run)
{
    return run->rc == CARNET_OK && !run->evidence->fatal;
}

bool
carnet_evidence_decode(carnet_evidence_run *run, carnet_evidence_piece piece, carnet_str text, carnet_span *out)
{
    carnet_buf *storage = &run->room->storage;
    const size_t before = storage->len;
    carnet_err err = { 0 };
    carnet_rc rc = carnet_base64url_decode(text, storage, &err);

    *out = (carnet_span){ 0 };
    if (rc == CARNET_OK && storage->overflow)
        rc = carnet_fail(&err, CARNET_E_NO_SPACE, NULL, "there is no room to decode the evidence");
    if (rc != CARNET_OK) {
        carnet_evidence_find_err(run, piece, CARNET_EVIDENCE_REMOVED, rc, &err);
        return false;
    }
    *out = (carnet_span){ storage->ptr + before, storage->len - before };
    return true;
}

bool
carnet_evidence_key_equal(const carnet_public_key *a, const carnet_public_key *b)
{
    return a->curve != CARNET_CURVE_NONE && carnet_public_key_equal(a, b);
}

int64_t
carnet_evidence_skew(const carnet_evidence_trust *trust)
{
    return trust->skew > 0 ? trust->skew : 60;
}

/* How much a key's custody is worth. */
static unsigned
worth(const carnet_enrolled_key *key)
{
    return key == NULL || !key->attested || key->exportable ? 0 : 1 + key->rank;
}

void
carnet_evidence_used_key(carnet_evidence_run *run, const carnet_enrolled_key *key)
{
    carnet_evidence_facts *facts = &run->evidence->facts;

    if (run->best != NULL && worth(key) <= worth(run->best))
        return;
    run->best = key;
    facts->key_attested = key->attested;
    facts->key_certified = key->attested && key->certified;
    facts->key_exportable = key->exportable;
    facts->key_rank = key->attested ? key->rank : 0;
}

/* --- what binds the answer --- */

static void
look_device(carnet_evidence_run *run)
{
    carnet_evidence_facts *facts = &run->evidence->facts;

    facts->device_certificate = run->session->device_certificate && run->response != NULL;
    facts->device_active = run->device->active && !run->device->revoked;
    if (run->device->revoked)
        carnet_evidence_find(run, CARNET_EVIDENCE_DEVICE, CARNET_EVIDENCE_FATAL, CARNET_E_EVIDENCE_REVOKED,
                             "the device was revoked");
    else if (!run->device->active)
        carnet_evidence_find(run, CARNET_EVIDENCE_DEVICE, CARNET_EVIDENCE_REMOVED, CARNET_E_EVIDENCE_USELESS,
                             "the device is not active");
    else if (!facts->device_certificate)
        carnet_evidence_find(run, CARNET_EVIDENCE_DEVICE, CARNET_EVIDENCE_REMOVED, CARNET_E_EVIDENCE_USELESS,
                             "the answer did not come under the device's certificate");
    else
        carnet_evidence_find(run, CARNET_EVIDENCE_DEVICE, CARNET_EVIDENCE_VERIFIED, CARNET_OK, NULL);
}

static void
look_counter(carnet_evidence_run *run)
{
    const carnet_evidence_session *session = run->session;
    const carnet_bops_authentication_response *response = run->response;
    const bool same =
        session->session_id.len != 0 && session->challenge.len != 0 &&
        carnet_str_equal(session->session_id, response->session_id) &&
        carnet_equal_secret(carnet_str_bytes(session->challenge), carnet_str_bytes(response->challenge)) &&
        session->counter == response->counter;

    if (same)
        carnet_evidence_find(run, CARNET_EVIDENCE_COUNTER, CARNET_EVIDENCE_VERIFIED, CARNET_OK, NULL);
    else
        carnet_evidence_find(run, CARNET_EVIDENCE_COUNTER, CARNET_EVIDENCE_FATAL, CARNET_E_EVIDENCE_COUNTER, NULL);
}

/* Whether a value is the one of this counter. */
static bool
intrusion_is(carnet_evidence_run *run, carnet_str value, int64_t counter)
{
    uint8_t right[CARNET_BOPS_INTRUSION];
    carnet_buf out = carnet_buf_of(right, sizeof(right));
    carnet_err err = { 0 };
    carnet_rc rc = carnet_bops_intrusion_value(run->device->intrusion_key, counter, run->session->session_id,
                                               run->session->challenge, run->crypto, &out, &err);
    const bool is =
        rc == CARNET_OK && !out.overflow && carnet_equal_secret(carnet_buf_span(&out), carnet_str_bytes(value));

    if (rc != CARNET_OK)
        carnet_evidence_find_err(run, CARNET_EVIDENCE_INTRUSION, CARNET_EVIDENCE_FATAL, rc, &err);
    carnet_wipe(right, sizeof(right));
    return is;
}

static void
look_intrusion(carnet_evidence_run *run)
{
    bool first, second;

    if (run->device->intrusion_key.len == 0)
        return;
    first = intrusion_is(run, run->response->val1, run->session->counter);
    second = intrusion_is(run, run->response->val2, run->session->counter_before);
    if (!carnet_evidence_goes_on(run))
        return;
    if (first && second)
        carnet_evidence_find(run, CARNET_EVIDENCE_INTRUSION, CARNET_EVIDENCE_VERIFIED, CARNET_OK, NULL);
    else
        carnet_evidence_find(run, CARNET_EVIDENCE_INTRUSION, CARNET_EVIDENCE_FATAL, CARNET_E_EVIDENCE_INTRUSION, NULL);
}

/* --- transaction signatures --- */

static const carnet_enrolled_key *
key_named(const carnet_evidence_run *run, carnet_str authenticator)
{
    for (size_t i = 0; i < run->device->key_count; i++)
        if (authenticator.len != 0 && carnet_str_equal(run->device->keys[i].authenticator, authenticator))
            return &run->device->keys[i];
    return NULL;
}

static void
look_signature(carnet_evidence_run *run, const carnet_bops_signature *given, carnet_span payload)
{
    const carnet_enrolled_key *key = key_named(run, given->authenticator);
    carnet_span octets;
    carnet_err err = { 0 };
    carnet_rc rc;

    if (key == NULL || !carnet_str_is(given->algorithm, "ES256") || key->key.curve != CARNET_CURVE_P256) {
        if (!run->evidence->facts.transaction_signature)
            carnet_evidence_find(run, CARNET_EVIDENCE_SIGNATURE, CARNET_EVIDENCE_REMOVED, CARNET_E_EVIDENCE_USELESS,
                                 key == NULL ? "a signature is by no key that was enrolled"
                                             : "a signature is no ES256");
        return;
    }
    if (!carnet_evidence_decode(run, CARNET_EVIDENCE_SIGNATURE, given->signature, &octets)) {
        if (run->rc == CARNET_OK)
            carnet_evidence_find(run, CARNET_EVIDENCE_SIGNATURE, CARNET_EVIDENCE_FATAL, CARNET_E_CRYPTO_SIGNATURE,
                                 NULL);
        return;
    }
    rc = carnet_verify(run->crypto, &key->key, CARNET_ES256, &payload, 1, octets, &err);
    if (rc != CARNET_OK) {
        carnet_evidence_find_err(run, CARNET_EVIDENCE_SIGNATURE, CARNET_EVIDENCE_FATAL, rc, &err);
        return;
    }
    run->evidence->facts.transaction_signature = true;
    carnet_evidence_used_key(run, key);
    if (run->best == key)
        run->evidence->key = (size_t)(key - run->device->keys);
    carnet_evidence_find(run, CARNET_EVIDENCE_SIGNATURE, CARNET_EVIDENCE_VERIFIED, CARNET_OK, NULL);
}

static void
look_signatures(carnet_evidence_run *run)
{
    const carnet_bops_authentication_response *response = run->response;
    carnet_buf *storage = &run->room->storage;
    const size_t before = storage->len;
    carnet_err err = { 0 };
    carnet_rc rc;

    if (response->signature_count == 0)
        return;
    rc = carnet_bops_signed_payload(response, run->session->transaction_text, run->crypto, storage, &err);
    if (rc == CARNET_OK && storage->overflow)
        rc = carnet_fail(&err, CARNET_E_NO_SPACE, NULL, "there is no room for what was signed");
    if (rc != CARNET_OK) {
        carnet_evidence_find_err(run, CARNET_EVIDENCE_SIGNATURE, CARNET_EVIDENCE_FATAL, rc, &err);
        return;
    }
    for (size_t i = 0; i < response->signature_count && carnet_evidence_goes_on(run); i++)
        look_signature(run, &response->signatures[i], (carnet_span){ storage->ptr + before, storage->len - before });
}

/* --- all of it --- */

void
carnet_evidence_begin(carnet_evidence_run *run)
{
    *run->evidence = (carnet_evidence){
        .facts = { .struct_size = sizeof(carnet_evidence_facts), .auth_time = run->session->now },
        .otp_next = run->device->otp_next,
        .credential = CARNET_EVIDENCE_NONE,
        .key = CARNET_EVIDENCE_NONE,
        .document = CARNET_EVIDENCE_NONE,
    };
}

carnet_rc
carnet_evidence_finish(carnet_evidence_run *run)
{
    if (run->rc != CARNET_OK)
        carnet_evidence_begin(run);
    else if (run->evidence->fatal)
        run->evidence->facts = (carnet_evidence_facts){ .struct_size = sizeof(carnet_evidence_facts) };
    return run->rc;
}

static void
look_presentation(carnet_evidence_run *run)
{
    const carnet_evidence_session *session = run->session;
    uint8_t built[CARNET_STUDY_TRANSCRIPT];
    carnet_cbor_builder b = carnet_cbor_build(built, sizeof(built));
    carnet_span response, given, transcript = { 0 };
    carnet_err err = { 0 };
    carnet_rc rc;

    if (run->response->device_response.len == 0)
        return;
    rc = carnet_study_transcript_build(&b, run->crypto, session->provider, session->session_id, session->challenge,
                                       &err);
    if (rc == CARNET_OK)
        rc = carnet_cbor_built(&b, &transcript, &err);
    if (rc != CARNET_OK)
        carnet_evidence_find_err(run, CARNET_EVIDENCE_MDOC, CARNET_EVIDENCE_REMOVED, rc, &err);
    else if (carnet_evidence_decode(run, CARNET_EVIDENCE_MDOC, run->response->device_response, &response) &&
             carnet_evidence_decode(run, CARNET_EVIDENCE_MDOC, run->response->transcript, &given)) {
        if (given.len != 0 && !carnet_span_equal(given, transcript))
            carnet_evidence_find(run, CARNET_EVIDENCE_MDOC, CARNET_EVIDENCE_REMOVED, CARNET_E_EVIDENCE_USELESS,
                                 "the session transcript is another one");
        else
            carnet_evidence_look_mdoc(run, response, transcript);
    }
}

static void
look_pieces(carnet_evidence_run *run)
{
    static void (*const looks[])(carnet_evidence_run *) = {
        look_presentation,
        carnet_evidence_look_key_attestation,
        carnet_evidence_look_otp,
        carnet_evidence_look_fido,
        carnet_evidence_look_pin,
        carnet_evidence_look_biometric,
        carnet_evidence_look_posture,
        carnet_evidence_look_location,
        carnet_evidence_look_behaviour,
    };

    for (size_t i = 0; i < CARNET_COUNT(looks) && carnet_evidence_goes_on(run); i++)
        looks[i](run);
}

carnet_rc
carnet_evidence_verify(const carnet_evidence_session *session, const carnet_enrolled_device *device,
                       const carnet_evidence_trust *trust, const carnet_bops_authentication_response *response,
                       carnet_crypto *crypto, carnet_evidence_room *room, carnet_evidence *evidence, carnet_err *err)
{
    carnet_evidence_run run = { .session = session,
                                .device = device,
                                .trust = trust,
                                .response = response,
                                .crypto = crypto,
                                .room = room,
                                .evidence = evidence,
                                .err = err };
    carnet_evidence_facts *facts = &evidence->facts;

    carnet_evidence_begin(&run);
    if (trust->struct_size != sizeof(*trust) || room->report == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the judgement of evidence lacks something");
    look_device(&run);
    if (carnet_evidence_goes_on(&run))
        look_counter(&run);
    if (carnet_evidence_goes_on(&run))
        look_intrusion(&run);
    if (carnet_evidence_goes_on(&run))
        look_signatures(&run);
    if (response->result == CARNET_BOPS_RESULT_SUCCESS && carnet_evidence_goes_on(&run))
        look_pieces(&run);
    facts->challenge_of_study = facts->transaction_signature || facts->mdoc_device_authentication || facts->fido;
    facts->intent = response->result == CARNET_BOPS_RESULT_SUCCESS && (facts->transaction_signature || facts->fido);
    facts->impersonation_resistant = facts->device_certificate || facts->mdoc_device_authentication || facts->fido;
    return carnet_evidence_finish(&run);
}
