/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, proofs, the credential request and its answer (OpenID4VCI 7 to 11). */
#include "internal.h"

#include "carnet/credential_proof.h"
#include "carnet/key_attestation.h"
#include "carnet/nonce_response.h"
#include "carnet/notification.h"
#include "carnet/oauth_error.h"

enum { INTERVAL_MIN = 1, INTERVAL_USUAL = 5 };

/* --- keys --- */

carnet_rc
carnet_obtain_keys_make(carnet_obtain_state *s, carnet_err *err)
{
    const carnet_obtain_order *order = &s->orders[s->order];
    size_t most = s->metadata.batch_size > 0 ? s->metadata.batch_size : 1;
    const char *why;
    carnet_rc rc = carnet_issuer_metadata_find(&s->metadata, order->id, &s->configuration, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    why = carnet_obtain_choose(s, &s->configuration, &s->proof, &s->proof_attested, &s->curve);
    if (why != NULL) {
        return carnet_fail(err, CARNET_E_OBTAIN_UNSUPPORTED, NULL, why);
    }
    s->algorithm = carnet_curve_get(s->curve)->algorithm;
    s->texts.len = s->mark;
    s->transaction_id.len = s->notification_id.len = 0;
    s->received_count = 0;
    s->action.count = s->p.copies < most ? s->p.copies : most;
    s->action.curve = s->curve;
    return carnet_obtain_choose_encryption(s, err);
}

carnet_rc
carnet_obtain_keys_take(carnet_obtain_state *s, carnet_key *const *keys, size_t count, carnet_err *err)
{
    if (count != s->action.count) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "another number of keys was asked for");
    }
    for (size_t i = 0; i < count; i++) {
        if (keys[i]->public_key.curve != s->curve || (keys[i]->usage & CARNET_KEY_SIGN) == 0) {
            return carnet_fail(err, CARNET_E_USAGE, NULL, "another kind of key was asked for");
        }
        s->keys[i] = keys[i];
        s->public_keys[i] = keys[i]->public_key;
    }
    s->key_count = count;
    carnet_obtain_forward(s, CARNET_STEP_NONCE);
    return CARNET_OK;
}

/* --- the nonce, and the keys attested --- */

bool
carnet_obtain_nonce_from(carnet_obtain_state *s, const carnet_json *document)
{
    carnet_str nonce = carnet_json_string(carnet_json_get(document, "c_nonce"));

    return s->metadata.nonce_endpoint.len == 0 && nonce.len > 0 &&
           carnet_obtain_set(&s->c_nonce, nonce, NULL) == CARNET_OK;
}

carnet_rc
carnet_obtain_nonce_make(carnet_obtain_state *s, carnet_err *err)
{
    if (s->metadata.nonce_endpoint.len == 0) { /* there may be one of an answer */
        carnet_obtain_go(s, CARNET_STEP_KEY_ATTESTATION);
        return CARNET_OK;
    }
    s->c_nonce.len = 0;
    carnet_obtain_ask(s, CARNET_OBTAIN_NONCE, "POST", s->metadata.nonce_endpoint);
    carnet_obtain_field(s, "Accept", carnet_str_of("application/json"));
    return carnet_obtain_asked(s, err);
}

carnet_rc
carnet_obtain_nonce_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err)
{
    carnet_nonce_response response;
    carnet_rc rc;

    carnet_obtain_note(s, true, answer);
    if (!carnet_obtain_good(answer)) {
        return carnet_obtain_refused(s, answer, err);
    }
    rc = carnet_nonce_response_open(carnet_obtain_body_text(answer), &response, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    rc = carnet_obtain_set(&s->c_nonce, response.c_nonce, err);
    carnet_nonce_response_done(&response);
    carnet_obtain_go(s, CARNET_STEP_KEY_ATTESTATION);
    return rc;
}

carnet_rc
carnet_obtain_key_attestation_make(carnet_obtain_state *s, carnet_err *err)
{
    (void)err;
    s->key_attestation = (carnet_str){ 0 };
    if (!s->proof_attested) {
        carnet_obtain_go(s, CARNET_STEP_CREDENTIAL);
        return CARNET_OK;
    }
    s->action.audience = s->issuer;
    s->action.nonce = carnet_obtain_get(&s->c_nonce);
    s->action.required = s->proof == CARNET_PROOF_JWT ? &s->configuration.jwt.key_attestations
                                                      : &s->configuration.attestation.key_attestations;
    s->action.keys = s->public_keys;
    s->action.count = s->key_count;
    return CARNET_OK;
}

/** What was attested is what is to be: these keys, this nonce. */
static carnet_rc
check_attestation(carnet_obtain_state *s, carnet_str jwt, carnet_err *err)
{
    carnet_public_key *keys = (carnet_public_key *)(void *)s->documents.ptr;
    carnet_key_attestation view;
    carnet_rc rc;

    s->scratch.len = 0;
    s->scratch.overflow = false;
    rc = carnet_key_attestation_open(jwt, s->p.crypto, &s->scratch, keys, CARNET_OBTAIN_COPIES_MAX, &view, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    for (size_t i = 0; rc == CARNET_OK && i < s->key_count; i++) {
        if (carnet_key_attestation_find(&view, &s->public_keys[i]) == view.key_count) {
            rc = carnet_fail(err, CARNET_E_KEY_ATTESTATION, NULL, "it attests other keys");
        }
    }
    if (rc == CARNET_OK && s->c_nonce.len > 0 && !carnet_str_equal(view.nonce, carnet_obtain_get(&s->c_nonce))) {
        rc = carnet_fail(err, CARNET_E_KEY_ATTESTATION_NONCE, NULL, NULL);
    }
    carnet_key_attestation_close(&view);
    return rc;
}

carnet_rc
carnet_obtain_key_attestation_take(carnet_obtain_state *s, carnet_str jwt, carnet_err *err)
{
    carnet_rc rc = check_attestation(s, jwt, err);

    s->texts.len = s->mark;
    rc = rc == CARNET_OK ? carnet_obtain_remember(s, jwt, &s->key_attestation, err) : rc;
    carnet_obtain_go(s, CARNET_STEP_CREDENTIAL);
    return rc;
}

/* --- the request --- */

static carnet_rc
make_proof(carnet_obtain_state *s, size_t i, carnet_str *proof, carnet_err *err)
{
    carnet_credential_proof_spec spec = { .audience = s->issuer,
                                          .nonce = carnet_obtain_get(&s->c_nonce),
                                          .client_id = s->client_id,
                                          .issued_at = s->now,
                                          .key_attestation = s->key_attestation };
    size_t begin = s->scratch.len;
    carnet_rc rc = carnet_credential_proof_make(&spec, s->keys[i], s->p.crypto, &s->scratch, err);

    *proof = (carnet_str){ (const char *)s->scratch.ptr + begin, s->scratch.len - begin };
    return rc;
}

/** One proof a key; with an attestation of all keys, one by the first. */
static carnet_rc
add_proofs(carnet_obtain_state *s, carnet_credential_request *request, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    request->proof_kind = s->proof;
    if (s->proof == CARNET_PROOF_ATTESTATION) {
        request->proofs[request->proof_count++] = s->key_attestation;
        return CARNET_OK;
    }
    request->proof_count = s->proof_attested ? 1 : s->key_count;
    for (size_t i = 0; rc == CARNET_OK && i < request->proof_count; i++) {
        rc = make_proof(s, i, &request->proofs[i], err);
    }
    return rc == CARNET_OK && s->scratch.overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : rc;
}

/** The JSON becomes the body: encrypted where the issuer has a key for it, which is always where the response is to be. */
static carnet_rc
send(carnet_obtain_state *s, carnet_str json, carnet_err *err)
{
    const carnet_credential_encryption *rule = &s->metadata.request_encryption;
    carnet_aead content;
    size_t begin;
    carnet_rc rc;

    if (!rule->supported || rule->key_count == 0 || !carnet_credential_content_choose(rule->content, &content)) {
        begin = s->request.len;
        carnet_buf_add_str(&s->request, json);
        carnet_obtain_body(s, "application/json", begin);
        return CARNET_OK;
    }
    begin = s->request.len;
    rc = carnet_credential_message_encrypt(&rule->keys[0], content, s->p.crypto, json, &s->request, err);
    carnet_obtain_body(s, "application/jwt", begin);
    return rc;
}

static carnet_rc
ask(carnet_obtain_state *s, carnet_obtain_purpose purpose, carnet_str url, carnet_str json, carnet_err *err)
{
    carnet_rc rc;

    carnet_obtain_ask(s, purpose, "POST", url);
    rc = send(s, json, err);
    carnet_obtain_field(s, "Accept",
                        carnet_str_of(s->encryption.wanted ? "application/jwt, application/json" : "application/json"));
    rc = rc == CARNET_OK ? carnet_obtain_add_token(s, err) : rc;
    s->action.request.limit =
        s->scratch.cap < CARNET_CREDENTIAL_RESPONSE_MAX ? s->scratch.cap : CARNET_CREDENTIAL_RESPONSE_MAX;
    return rc == CARNET_OK ? carnet_obtain_asked(s, err) : rc;
}

carnet_rc
carnet_obtain_credential_make(carnet_obtain_state *s, carnet_err *err)
{
    const carnet_obtain_order *order = &s->orders[s->order];
    carnet_credential_request request = { .credential_identifier = order->identifier, .encryption = s->encryption };
    carnet_rc rc;

    if (order->identifier.len == 0) {
        *(s->by_type ? &request.doctype : &request.credential_configuration_id) =
            s->by_type ? s->configuration.doctype : order->id;
    }
    s->scratch.len = s->documents.len = 0;
    s->scratch.overflow = s->documents.overflow = false;
    rc = add_proofs(s, &request, err);
    rc = rc == CARNET_OK ? carnet_credential_request_build(&request, &s->documents, err) : rc;
    return rc == CARNET_OK
               ? ask(s, CARNET_OBTAIN_CREDENTIAL, s->metadata.credential_endpoint, carnet_buf_str(&s->documents), err)
               : rc;
}

carnet_rc
carnet_obtain_deferred_make(carnet_obtain_state *s, carnet_err *err)
{
    carnet_deferred_credential_request request = { .transaction_id = carnet_obtain_get(&s->transaction_id),
                                                   .encryption = s->encryption };
    carnet_rc rc;

    if (s->metadata.deferred_credential_endpoint.len == 0) {
        return carnet_fail(err, CARNET_E_OBTAIN_ANSWER, "OpenID4VCI 9", "there is no deferred credential endpoint");
    }
    s->documents.len = 0;
    s->documents.overflow = false;
    rc = carnet_deferred_credential_request_build(&request, &s->documents, err);
    return rc == CARNET_OK ? ask(s, CARNET_OBTAIN_DEFERRED, s->metadata.deferred_credential_endpoint,
                                 carnet_buf_str(&s->documents), err)
                           : rc;
}

/* --- the answer --- */

static carnet_rc
not_encrypted(carnet_err *err)
{
    return carnet_fail(err, CARNET_E_OID4VCI_ENCRYPTION, "OpenID4VCI 8.3", "the response is not encrypted");
}

/** The JSON of the answer: decrypted, if it was to be encrypted, and refused if it was and is not; but that it will take a
 *  while may be said in the clear. */
static carnet_rc
unwrap(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_str *json, carnet_err *err)
{
    const carnet_credential_decryption_key key = { s->encryption.jwk.key_id, &s->encryption_key };

    *json = carnet_obtain_body_text(answer);
    if (!s->encryption.wanted) {
        return carnet_obtain_is_jwt(answer) ? carnet_fail(err, CARNET_E_OID4VCI_ENCRYPTION, "OpenID4VCI 10",
                                                          "the response is encrypted, which was not asked for")
                                            : CARNET_OK;
    }
    if (!carnet_obtain_is_jwt(answer)) {
        return answer->status == 202 ? CARNET_OK : not_encrypted(err);
    }
    return carnet_credential_message_decrypt(*json, &key, 1, carnet_credential_content_bit(s->encryption.content),
                                             s->p.crypto, &s->scratch, json, err);
}

static void
wait_for_it(carnet_obtain_state *s, int64_t interval)
{
    s->interval = interval < INTERVAL_MIN                 ? INTERVAL_MIN
                  : interval > CARNET_OBTAIN_INTERVAL_MAX ? CARNET_OBTAIN_INTERVAL_MAX
                                                          : (uint32_t)interval;
    s->after_wait = CARNET_STEP_DEFERRED;
    carnet_obtain_forward(s, CARNET_STEP_WAIT);
}

/** Not yet: the same, or a first, transaction. */
static carnet_rc
defer(carnet_obtain_state *s, const carnet_credential_response *response, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    if (response->transaction_id.len > 0) {
        rc = carnet_obtain_set(&s->transaction_id, response->transaction_id, err);
    }
    wait_for_it(s, response->interval);
    return rc;
}

/** Not yet, as drafts before 1.0 say it: by an error. */
static bool
still_pending(carnet_obtain_state *s, const carnet_oauth_answer *said)
{
    const carnet_json *interval = carnet_json_get(said->document, "interval");

    if (s->step != CARNET_STEP_DEFERRED || !carnet_str_is(said->name, "issuance_pending")) {
        return false;
    }
    wait_for_it(s, interval != NULL ? carnet_json_integer(interval) : INTERVAL_USUAL);
    return true;
}

static carnet_rc
take(carnet_obtain_state *s, const carnet_credential_response *response, carnet_err *err)
{
    carnet_rc rc;

    if (response->deferred) {
        return defer(s, response, err);
    }
    (void)!carnet_obtain_nonce_from(s, response->document); /* for the next one */
    rc = carnet_obtain_set(&s->notification_id, response->notification_id, err);
    rc = rc == CARNET_OK ? carnet_obtain_check(s, response, err) : rc;
    if (rc == CARNET_OK) {
        carnet_obtain_forward(s, CARNET_STEP_KEEP);
    }
    return rc;
}

/** Whether an issuer that does not describe itself as 1.0 does has not understood what was asked for. */
static bool
wants_type(const carnet_obtain_state *s, const carnet_oauth_answer *said)
{
    static const char *const names[] = { "invalid_credential_request", "invalid_request", "unsupported_credential_type",
                                         "unsupported_credential_format" };

    if (s->step != CARNET_STEP_CREDENTIAL || s->by_type || s->p.haip || s->orders[s->order].identifier.len > 0 ||
        carnet_json_get(s->configuration.json, "credential_metadata") != NULL) {
        return false;
    }
    for (size_t i = 0; i < CARNET_COUNT(names); i++) {
        if (carnet_str_is(said->name, names[i])) {
            return true;
        }
    }
    return false;
}

/** What the refusal brings to go on with: that it is not ready yet, another way to ask, or a nonce, which is used once. */
static bool
go_on(carnet_obtain_state *s, const carnet_obtain_answer *answer)
{
    carnet_oauth_answer said;
    bool on;

    if (carnet_oauth_answer_read(carnet_obtain_body_text(answer), &said, NULL) != CARNET_OK) {
        return false;
    }
    on = still_pending(s, &said);
    if (!on && wants_type(s, &said)) {
        s->by_type = on = true;
        (void)!carnet_obtain_nonce_from(s, said.document);
        carnet_obtain_go(s, CARNET_STEP_NONCE);
    }
    if (!on && s->step == CARNET_STEP_CREDENTIAL && !s->tries.nonce && carnet_obtain_nonce_from(s, said.document)) {
        s->tries.nonce = on = true;
        carnet_obtain_go(s, CARNET_STEP_KEY_ATTESTATION);
    }
    carnet_oauth_answer_done(&said);
    return on;
}

/** A nonce that was used or is too old is asked for anew, once. */
static carnet_rc
refused(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err)
{
    carnet_rc rc = go_on(s, answer) ? CARNET_OK : carnet_obtain_refused(s, answer, err);

    if (rc == CARNET_E_OID4VCI_NONCE && s->step == CARNET_STEP_CREDENTIAL && !s->tries.nonce &&
        s->metadata.nonce_endpoint.len > 0) {
        s->tries.nonce = true;
        s->refusal = (carnet_obtain_refusal){ 0 };
        *err = (carnet_err){ 0 };
        carnet_obtain_go(s, CARNET_STEP_NONCE);
        return CARNET_OK;
    }
    return rc;
}

carnet_rc
carnet_obtain_credential_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err)
{
    carnet_credential_response response;
    carnet_str json;
    carnet_rc rc;

    carnet_obtain_note(s, true, answer);
    if (!carnet_obtain_good(answer)) {
        return refused(s, answer, err);
    }
    rc = unwrap(s, answer, &json, err);
    rc = rc == CARNET_OK ? carnet_credential_response_open(json, &response, err) : rc;
    if (rc != CARNET_OK) {
        return rc;
    }
    rc = s->encryption.wanted && !carnet_obtain_is_jwt(answer) && !response.deferred ? not_encrypted(err)
                                                                                     : take(s, &response, err);
    carnet_credential_response_done(&response);
    return rc;
}

/* --- the end of an order --- */

/** The next document, or the end; a failure is told when all was said. */
static void
finish(carnet_obtain_state *s)
{
    bool failed = s->event == CARNET_NOTIFICATION_FAILURE && !s->only_notify;

    s->order++;
    carnet_obtain_forward(s, failed                                         ? CARNET_STEP_FAILED
                             : s->only_notify || s->order >= s->order_count ? CARNET_STEP_DONE
                                                                            : CARNET_STEP_KEYS);
}

carnet_rc
carnet_obtain_notify_make(carnet_obtain_state *s, carnet_err *err)
{
    carnet_notification notification = { .notification_id = carnet_obtain_get(&s->notification_id), .event = s->event };
    carnet_rc rc;

    if (s->notification_id.len == 0 || s->metadata.notification_endpoint.len == 0) {
        finish(s);
        return CARNET_OK;
    }
    if (s->event == CARNET_NOTIFICATION_FAILURE && !s->only_notify && s->failure.rc != CARNET_OK) {
        notification.event_description = carnet_str_of(carnet_rc_text(s->failure.rc));
    }
    carnet_obtain_ask(s, CARNET_OBTAIN_NOTIFICATION, "POST", s->metadata.notification_endpoint);
    rc = carnet_notification_build(&notification, &s->request, err);
    carnet_obtain_body(s, "application/json", 0);
    rc = rc == CARNET_OK ? carnet_obtain_add_token(s, err) : rc;
    return rc == CARNET_OK ? carnet_obtain_asked(s, err) : rc;
}

/** That the issuer could not be told undoes nothing: it is said beside what was done. */
carnet_rc
carnet_obtain_notify_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err)
{
    carnet_err said = { 0 };

    (void)err;
    carnet_obtain_note(s, true, answer);
    if (answer->status != 0 && !carnet_obtain_good(answer)) {
        if (carnet_obtain_refused(s, answer, &said) == CARNET_OK) {
            return CARNET_OK; /* once more */
        }
        if (s->failure.rc == CARNET_OK) {
            s->failure = said;
        }
    }
    if (s->only_notify && s->failure.rc != CARNET_OK) {
        carnet_obtain_forward(s, CARNET_STEP_FAILED);
        return CARNET_OK;
    }
    finish(s);
    return CARNET_OK;
}
