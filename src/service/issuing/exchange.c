/* SPDX-License-Identifier: Apache-2.0 */
/* What the endpoints share: how a request begins, how its answer is made, how it is refused. */
#include "internal.h"

#include "carnet/oauth_error.h"
#include "carnet/store_event.h"

#include <string.h>

static const char *const interface = "IS-6"; /* wallet and issuing service, 23220-1 */

carnet_rc
carnet_issuing_room(carnet_issuing_exchange *x, size_t size, carnet_buf *buf, carnet_err *err)
{
    *buf = carnet_service_scratch_buf(x->worker, size);
    return buf->cap < size ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
}

void
carnet_issuing_settle(carnet_issuing_exchange *x, carnet_buf *buf)
{
    carnet_buf *scratch = &x->worker->scratch;

    if (buf->ptr + buf->cap == scratch->ptr + scratch->len) {
        scratch->len -= buf->cap - buf->len;
        buf->cap = buf->len;
    }
}

carnet_rc
carnet_issuing_begin(const carnet_issuing *issuing, const carnet_service_request *request,
                     carnet_service_response *response, const char *path, bool claims,
                     carnet_issuing_exchange **exchange, carnet_err *err)
{
    carnet_service_worker *worker;
    carnet_issuing_exchange *x;
    carnet_rc rc = carnet_service_begin(issuing->context, request, &worker, err);

    *exchange = NULL;
    if (rc != CARNET_OK)
        return rc;
    x = carnet_service_scratch(worker, sizeof(*x));
    if (x == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    x->issuing = issuing;
    x->worker = worker;
    x->request = request;
    x->response = response;
    x->path = path;
    x->access.now = carnet_service_now(worker);
    if (path != NULL)
        rc = carnet_authorization_check(issuing->authorization, worker, request, path, claims, response, &x->access,
                                        err);
    if (rc == CARNET_OK)
        *exchange = x;
    return rc;
}

/* --- what comes --- */

/* Whether a Content-Type is of this media type, its parameters aside. */
static bool
is_type(carnet_str type, const char *wanted)
{
    size_t i, len = strlen(wanted);

    if (type.len < len || (type.len > len && strchr("; \t", type.ptr[len]) == NULL))
        return false;
    for (i = 0; i < len; i++)
        if ((type.ptr[i] | 0x20) != (wanted[i] | 0x20))
            return false;
    return true;
}

carnet_rc
carnet_issuing_message(carnet_issuing_exchange *x, carnet_str *json, carnet_err *err)
{
    const carnet_credential_encryption *rule = &x->issuing->metadata.metadata.request_encryption;
    carnet_span body = x->request->body;
    carnet_credential_decryption_key key;
    const carnet_service_key *service_key;
    carnet_buf storage;
    carnet_rc rc;

    *json = (carnet_str){ (const char *)body.ptr, body.len };
    if (is_type(x->request->content_type, "application/json"))
        return CARNET_OK;
    if (!is_type(x->request->content_type, "application/jwt"))
        return carnet_fail(err, CARNET_E_OID4VCI_REQUEST, "OpenID4VCI 8.2",
                           "the Content-Type must be application/json, or application/jwt when encrypted");
    if (!rule->supported)
        return carnet_fail(err, CARNET_E_OID4VCI_ENCRYPTION, "OpenID4VCI 10",
                           "this issuer has no key for encrypted requests");
    rc = carnet_service_key_get(x->worker, x->issuing->policy.encryption_key, &service_key, err);
    if (rc == CARNET_OK)
        rc = carnet_issuing_room(x, body.len + 1, &storage, err);
    if (rc != CARNET_OK)
        return rc;
    key = (carnet_credential_decryption_key){ rule->keys[0].key_id, service_key->key };
    x->was_encrypted = true;
    return carnet_credential_message_decrypt(*json, &key, 1, rule->content, x->worker->crypto, &storage, json, err);
}

/* --- what goes --- */

carnet_rc
carnet_issuing_answer(carnet_issuing_exchange *x, const carnet_credential_response_encryption *encryption,
                      carnet_str json, carnet_err *err)
{
    if (encryption == NULL || !encryption->wanted) {
        carnet_buf_add_str(&x->response->body, json);
        return x->response->body.overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
    }
    x->response->content_type = "application/jwt";
    return carnet_credential_message_encrypt(&encryption->jwk, encryption->content, x->worker->crypto, json,
                                             &x->response->body, err);
}

/* --- refusals --- */

/* Codes of ours that OpenID4VCI has a word for. */
static const struct {
    carnet_rc rc;
    const char *error;
} words[] = {
    { CARNET_E_SERVICE_NONCE, "invalid_nonce" },
    { CARNET_E_OID4VCI_NONCE, "invalid_nonce" },
    { CARNET_E_KEY_ATTESTATION_NONCE, "invalid_nonce" },
    { CARNET_E_ISSUING_KEY, "invalid_proof" },
    { CARNET_E_STORE_REPLAYED, "invalid_proof" },
    { CARNET_E_KEY_ATTESTATION, "invalid_proof" },
    { CARNET_E_KEY_ATTESTATION_UNTRUSTED, "invalid_proof" },
    { CARNET_E_KEY_ATTESTATION_EXPIRED, "invalid_proof" },
    { CARNET_E_KEY_ATTESTATION_LEVEL, "invalid_proof" },
    { CARNET_E_ISSUING_SUBJECT, "credential_request_denied" },
    { CARNET_E_ISSUING_REISSUE, "credential_request_denied" },
    { CARNET_E_DOCTYPE_MISSING, "credential_request_denied" },
    { CARNET_E_DOCTYPE_ELEMENT, "credential_request_denied" },
    { CARNET_E_DOCTYPE_UNKNOWN, "credential_request_denied" },
    { CARNET_E_MDOC_EMPTY, "credential_request_denied" },
};

/* NULL: the failure is ours. */
static const char *
word_of(carnet_rc rc, const char *otherwise)
{
    carnet_oauth_error error = carnet_oauth_error_of(rc);

    for (size_t i = 0; i < CARNET_COUNT(words); i++)
        if (words[i].rc == rc)
            return words[i].error;
    if (carnet_rc_http(rc) >= 500)
        return NULL;
    return error == CARNET_OAUTH_INVALID_REQUEST ? otherwise : carnet_oauth_error_name(error);
}

typedef struct refusal {
    carnet_store_event event;
} refusal;

static carnet_rc
keep_refusal(void *arg, carnet_store_session *session, carnet_err *err)
{
    refusal *r = arg;

    return carnet_store_event_insert(session, &r->event, err);
}

static void
log_refusal(carnet_issuing_exchange *x, bool ours, const char *word)
{
    const char *kind = x->path == NULL                         ? "offer"
                       : strcmp(x->path, "/notification") == 0 ? "notification"
                                                               : "credential";
    carnet_service_event event = {
        .interface = interface, .kind = kind, .outcome = ours ? "failed" : "refused", .reason = word
    };
    refusal r = { .event = { .at = x->access.now,
                             .interface = carnet_str_of(interface),
                             .kind = carnet_str_of(kind),
                             .configuration = x->configuration,
                             .outcome = ours ? CARNET_STORE_OUTCOME_FAILED : CARNET_STORE_OUTCOME_REFUSED,
                             .reason = carnet_str_of(word),
                             .actor = x->access.grant.client_id,
                             .reference = x->access.grant.id,
                             .request = carnet_str_of(x->request->identifier) } };

    carnet_service_event_log(x->worker, &event);
    if (x->access.grant.id != 0 && x->worker->store != NULL)
        (void)!carnet_store_transact(x->worker->store, keep_refusal, &r, NULL);
}

carnet_rc
carnet_issuing_refuse(carnet_issuing_exchange *x, carnet_rc rc, const char *otherwise, carnet_err *err)
{
    const char *word = x->response->error == NULL ? word_of(rc, otherwise) : x->response->error;

    (void)err;
    x->response->body.len = 0;
    x->response->content_type = NULL;
    if (word != NULL) {
        if (x->response->error == NULL)
            x->response->status = 400;
        x->response->error = word;
        log_refusal(x, false, word);
    } else {
        log_refusal(x, true, carnet_rc_name(rc));
    }
    return rc;
}
