/* SPDX-License-Identifier: Apache-2.0 */
/* The registry of OAuth's and OpenID4VCI's errors, and answers that carry them. */
#include "carnet/oauth_error.h"

#define DESCRIPTION_MAX 240
#define BODY_MAX        65536

static const struct {
    const char *name;
    int http;
} errors[CARNET_OAUTH_ERROR_COUNT] = {
    [CARNET_OAUTH_INVALID_REQUEST] = { "invalid_request", 400 },
    [CARNET_OAUTH_INVALID_CLIENT] = { "invalid_client", 401 },
    [CARNET_OAUTH_INVALID_GRANT] = { "invalid_grant", 400 },
    [CARNET_OAUTH_UNAUTHORIZED_CLIENT] = { "unauthorized_client", 400 },
    [CARNET_OAUTH_UNSUPPORTED_GRANT_TYPE] = { "unsupported_grant_type", 400 },
    [CARNET_OAUTH_UNSUPPORTED_RESPONSE_TYPE] = { "unsupported_response_type", 400 },
    [CARNET_OAUTH_INVALID_SCOPE] = { "invalid_scope", 400 },
    [CARNET_OAUTH_ACCESS_DENIED] = { "access_denied", 403 },
    [CARNET_OAUTH_SERVER_ERROR] = { "server_error", 500 },
    [CARNET_OAUTH_TEMPORARILY_UNAVAILABLE] = { "temporarily_unavailable", 503 },
    [CARNET_OAUTH_INVALID_TOKEN] = { "invalid_token", 401 },
    [CARNET_OAUTH_INSUFFICIENT_SCOPE] = { "insufficient_scope", 403 },
    [CARNET_OAUTH_INVALID_TARGET] = { "invalid_target", 400 },
    [CARNET_OAUTH_INVALID_REQUEST_URI] = { "invalid_request_uri", 400 },
    [CARNET_OAUTH_INVALID_AUTHORIZATION_DETAILS] = { "invalid_authorization_details", 400 },
    [CARNET_OAUTH_INVALID_DPOP_PROOF] = { "invalid_dpop_proof", 400 },
    [CARNET_OAUTH_USE_DPOP_NONCE] = { "use_dpop_nonce", 400 },
    [CARNET_OAUTH_USE_ATTESTATION_CHALLENGE] = { "use_attestation_challenge", 400 },
    [CARNET_OAUTH_USE_FRESH_ATTESTATION] = { "use_fresh_attestation", 400 },
    [CARNET_OAUTH_INVALID_CLIENT_ATTESTATION] = { "invalid_client_attestation", 400 },
    [CARNET_OAUTH_AUTHORIZATION_PENDING] = { "authorization_pending", 400 },
    [CARNET_OAUTH_SLOW_DOWN] = { "slow_down", 400 },
    [CARNET_OAUTH_EXPIRED_TOKEN] = { "expired_token", 400 },
    [CARNET_OAUTH_INVALID_CREDENTIAL_REQUEST] = { "invalid_credential_request", 400 },
    [CARNET_OAUTH_UNKNOWN_CREDENTIAL_CONFIGURATION] = { "unknown_credential_configuration", 400 },
    [CARNET_OAUTH_UNKNOWN_CREDENTIAL_IDENTIFIER] = { "unknown_credential_identifier", 400 },
    [CARNET_OAUTH_INVALID_PROOF] = { "invalid_proof", 400 },
    [CARNET_OAUTH_INVALID_NONCE] = { "invalid_nonce", 400 },
    [CARNET_OAUTH_INVALID_ENCRYPTION_PARAMETERS] = { "invalid_encryption_parameters", 400 },
    [CARNET_OAUTH_CREDENTIAL_REQUEST_DENIED] = { "credential_request_denied", 400 },
    [CARNET_OAUTH_INVALID_TRANSACTION_ID] = { "invalid_transaction_id", 400 },
    [CARNET_OAUTH_INVALID_NOTIFICATION_ID] = { "invalid_notification_id", 400 },
    [CARNET_OAUTH_INVALID_NOTIFICATION_REQUEST] = { "invalid_notification_request", 400 },
};

/* Which code is said by which error.  Of several codes with one error, the first is what a client reports for it. */
static const struct {
    carnet_rc rc;
    carnet_oauth_error error;
} codes[] = {
    { CARNET_E_OAUTH_CLIENT, CARNET_OAUTH_INVALID_CLIENT },
    { CARNET_E_CLIENT_ATTESTATION_CLIENT, CARNET_OAUTH_INVALID_CLIENT },
    { CARNET_E_OAUTH_GRANT, CARNET_OAUTH_INVALID_GRANT },
    { CARNET_E_OAUTH_CLIENT_UNAUTHORIZED, CARNET_OAUTH_UNAUTHORIZED_CLIENT },
    { CARNET_E_OAUTH_GRANT_TYPE, CARNET_OAUTH_UNSUPPORTED_GRANT_TYPE },
    { CARNET_E_OAUTH_RESPONSE_TYPE, CARNET_OAUTH_UNSUPPORTED_RESPONSE_TYPE },
    { CARNET_E_OAUTH_SCOPE, CARNET_OAUTH_INVALID_SCOPE },
    { CARNET_E_OAUTH_DENIED, CARNET_OAUTH_ACCESS_DENIED },
    { CARNET_E_OAUTH_TOKEN, CARNET_OAUTH_INVALID_TOKEN },
    { CARNET_E_OAUTH_TOKEN_SCOPE, CARNET_OAUTH_INSUFFICIENT_SCOPE },
    { CARNET_E_OAUTH_TARGET, CARNET_OAUTH_INVALID_TARGET },
    { CARNET_E_OAUTH_REQUEST_URI, CARNET_OAUTH_INVALID_REQUEST_URI },
    { CARNET_E_OAUTH_DETAILS, CARNET_OAUTH_INVALID_AUTHORIZATION_DETAILS },
    { CARNET_E_DPOP_PROOF, CARNET_OAUTH_INVALID_DPOP_PROOF },
    { CARNET_E_DPOP_KEY, CARNET_OAUTH_INVALID_DPOP_PROOF },
    { CARNET_E_DPOP_NONCE, CARNET_OAUTH_USE_DPOP_NONCE },
    { CARNET_E_CLIENT_ATTESTATION_CHALLENGE, CARNET_OAUTH_USE_ATTESTATION_CHALLENGE },
    { CARNET_E_CLIENT_ATTESTATION_EXPIRED, CARNET_OAUTH_USE_FRESH_ATTESTATION },
    { CARNET_E_CLIENT_ATTESTATION, CARNET_OAUTH_INVALID_CLIENT_ATTESTATION },
    { CARNET_E_CLIENT_ATTESTATION_UNTRUSTED, CARNET_OAUTH_INVALID_CLIENT_ATTESTATION },
    { CARNET_E_CLIENT_ATTESTATION_PROOF, CARNET_OAUTH_INVALID_CLIENT_ATTESTATION },
    { CARNET_E_OID4VCI_REQUEST, CARNET_OAUTH_INVALID_CREDENTIAL_REQUEST },
    { CARNET_E_OID4VCI_CONFIGURATION, CARNET_OAUTH_UNKNOWN_CREDENTIAL_CONFIGURATION },
    { CARNET_E_OID4VCI_IDENTIFIER, CARNET_OAUTH_UNKNOWN_CREDENTIAL_IDENTIFIER },
    { CARNET_E_OID4VCI_PROOF, CARNET_OAUTH_INVALID_PROOF },
    { CARNET_E_KEY_ATTESTATION, CARNET_OAUTH_INVALID_PROOF },
    { CARNET_E_KEY_ATTESTATION_UNTRUSTED, CARNET_OAUTH_INVALID_PROOF },
    { CARNET_E_KEY_ATTESTATION_EXPIRED, CARNET_OAUTH_INVALID_PROOF },
    { CARNET_E_KEY_ATTESTATION_LEVEL, CARNET_OAUTH_INVALID_PROOF },
    { CARNET_E_OID4VCI_NONCE, CARNET_OAUTH_INVALID_NONCE },
    { CARNET_E_KEY_ATTESTATION_NONCE, CARNET_OAUTH_INVALID_NONCE },
    { CARNET_E_OID4VCI_ENCRYPTION, CARNET_OAUTH_INVALID_ENCRYPTION_PARAMETERS },
    { CARNET_E_OID4VCI_DENIED, CARNET_OAUTH_CREDENTIAL_REQUEST_DENIED },
    { CARNET_E_OID4VCI_TRANSACTION, CARNET_OAUTH_INVALID_TRANSACTION_ID },
    { CARNET_E_OID4VCI_NOTIFICATION_ID, CARNET_OAUTH_INVALID_NOTIFICATION_ID },
    { CARNET_E_OID4VCI_NOTIFICATION, CARNET_OAUTH_INVALID_NOTIFICATION_REQUEST },
};

const char *
carnet_oauth_error_name(carnet_oauth_error error)
{
    return error > CARNET_OAUTH_NONE && error < CARNET_OAUTH_ERROR_COUNT ? errors[error].name : NULL;
}

carnet_oauth_error
carnet_oauth_error_named(carnet_str name)
{
    for (int i = CARNET_OAUTH_NONE + 1; i < CARNET_OAUTH_ERROR_COUNT; i++) {
        if (carnet_str_is(name, errors[i].name))
            return (carnet_oauth_error)i;
    }
    return CARNET_OAUTH_NONE;
}

int
carnet_oauth_error_http(carnet_oauth_error error)
{
    return carnet_oauth_error_name(error) != NULL ? errors[error].http : 400;
}

carnet_oauth_error
carnet_oauth_error_of(carnet_rc rc)
{
    const int http = carnet_rc_http(rc);

    if (rc == CARNET_OK)
        return CARNET_OAUTH_NONE;
    for (size_t i = 0; i < CARNET_COUNT(codes); i++) {
        if (codes[i].rc == rc)
            return codes[i].error;
    }
    if (http == 503 || http == 429)
        return CARNET_OAUTH_TEMPORARILY_UNAVAILABLE;
    return http >= 500 ? CARNET_OAUTH_SERVER_ERROR : CARNET_OAUTH_INVALID_REQUEST;
}

carnet_rc
carnet_oauth_error_rc(carnet_oauth_error error)
{
    for (size_t i = 0; i < CARNET_COUNT(codes); i++) {
        if (codes[i].error == error)
            return codes[i].rc;
    }
    return CARNET_E_OAUTH_REFUSED;
}

static char
printable(char c)
{
    if (c == '"')
        return '\'';
    return c >= ' ' && c <= '~' && c != '\\' ? c : '?';
}

static void
describe(carnet_str text, carnet_buf *out)
{
    for (size_t i = 0; i < text.len; i++)
        carnet_buf_add_byte(out, (uint8_t)printable(text.ptr[i]));
}

void
carnet_oauth_description(const char *text, carnet_buf *out)
{
    describe(carnet_str_of(text), out);
}

carnet_rc
carnet_oauth_error_write(carnet_oauth_error error, carnet_str description, carnet_str request_id, carnet_buf *out,
                         carnet_err *err)
{
    const size_t start = out->len;
    carnet_json_builder b = carnet_json_build(out);
    char room[DESCRIPTION_MAX];
    carnet_buf text = carnet_buf_of(room, sizeof(room));
    carnet_rc rc;

    if (carnet_oauth_error_name(error) == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "no error is to be said");
    describe((carnet_str){ description.ptr, description.len < sizeof(room) ? description.len : sizeof(room) }, &text);
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_text(&b, "error", carnet_oauth_error_name(error));
    if (text.len != 0)
        carnet_json_add_string(&b, "error_description", carnet_buf_str(&text));
    if (request_id.len != 0)
        carnet_json_add_string(&b, "request_id", request_id);
    carnet_json_object_end(&b);
    rc = carnet_json_built(&b, err);
    if (rc != CARNET_OK)
        out->len = start;
    return rc;
}

carnet_rc
carnet_oauth_answer_read(carnet_str body, carnet_oauth_answer *answer, carnet_err *err)
{
    carnet_rc rc = body.len <= BODY_MAX ? CARNET_OK : CARNET_E_JSON_LIMIT;

    *answer = (carnet_oauth_answer){ 0 };
    if (rc == CARNET_OK)
        rc = carnet_json_parse(body, &answer->document, NULL);
    answer->name = carnet_json_string(carnet_json_get(answer->document, "error"));
    if (rc != CARNET_OK || answer->name.len == 0) {
        carnet_oauth_answer_done(answer);
        return carnet_fail(err, CARNET_E_OAUTH_RESPONSE, "RFC 6749 5.2", "it is no JSON object with an error");
    }
    answer->error = carnet_oauth_error_named(answer->name);
    answer->description = carnet_json_string(carnet_json_get(answer->document, "error_description"));
    answer->uri = carnet_json_string(carnet_json_get(answer->document, "error_uri"));
    answer->request_id = carnet_json_string(carnet_json_get(answer->document, "request_id"));
    return CARNET_OK;
}

void
carnet_oauth_answer_done(carnet_oauth_answer *answer)
{
    carnet_json_free(&answer->document);
    *answer = (carnet_oauth_answer){ 0 };
}

carnet_rc
carnet_oauth_answer_fail(const carnet_oauth_answer *answer, carnet_err *err)
{
    char room[sizeof(err->reason)];
    carnet_buf text = carnet_buf_of(room, sizeof(room) - 1);

    carnet_buf_add_text(&text, "the server says ");
    for (size_t i = 0; i < answer->name.len && i < 48; i++)
        carnet_buf_add_byte(&text, (uint8_t)printable(answer->name.ptr[i]));
    if (answer->description.len != 0)
        carnet_buf_add_text(&text, ": ");
    for (size_t i = 0; i < answer->description.len && text.len < text.cap; i++)
        carnet_buf_add_byte(&text, (uint8_t)printable(answer->description.ptr[i]));
    room[text.len] = '\0';
    return carnet_fail(err, carnet_oauth_error_rc(answer->error), NULL, room);
}
