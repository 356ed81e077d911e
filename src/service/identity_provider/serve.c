/* SPDX-License-Identifier: Apache-2.0 */
/* What the endpoints have in common: who asks, what is refused, how it is told. */
#include "internal.h"

#include <strings.h>

static const struct {
    carnet_bops_error_code code;
    int status;
} statuses[] = {
    { CARNET_BOPS_ERROR_PARAMETER, 400 },     { CARNET_BOPS_ERROR_STATE, 409 },
    { CARNET_BOPS_ERROR_DEVICE, 404 },        { CARNET_BOPS_ERROR_ACCOUNT, 404 },
    { CARNET_BOPS_ERROR_CREDENTIALS, 403 },   { CARNET_BOPS_ERROR_USER, 404 },
    { CARNET_BOPS_ERROR_UNLOCK_PIN, 403 },    { CARNET_BOPS_ERROR_UNLOCK_SEED, 403 },
    { CARNET_BOPS_ERROR_ACCOUNT_STATE, 403 }, { CARNET_BOPS_ERROR_DEVICE_DATA, 400 },
    { CARNET_BOPS_ERROR_INTRUSION, 403 },     { CARNET_BOPS_ERROR_PROFILE, 409 },
    { CARNET_BOPS_ERROR_VTR, 400 },           { CARNET_BOPS_ERROR_UNSATISFIABLE, 422 },
    { CARNET_BOPS_ERROR_SESSION, 404 },       { CARNET_BOPS_ERROR_CONFLICT, 409 },
    { CARNET_BOPS_ERROR_SLOW_DOWN, 429 },     { CARNET_BOPS_ERROR_LIMIT, 429 },
    { CARNET_BOPS_ERROR_CONSUMED, 409 },      { CARNET_BOPS_ERROR_LOCKED, 403 },
};

int
carnet_idp_status_of(carnet_bops_error_code code)
{
    for (size_t i = 0; i < CARNET_COUNT(statuses); i++)
        if (statuses[i].code == code)
            return statuses[i].status;
    return 500;
}

carnet_rc
carnet_idp_begin(idp *p, carnet_service_worker *worker, idp_call *call, carnet_err *err)
{
    *call = (idp_call){ .p = p, .worker = worker, .friend = -1, .now = carnet_service_now(worker) };
    call->room = carnet_service_scratch_buf(worker, IDP_ROOM);
    return call->room.cap != 0 ? CARNET_OK : carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
}

carnet_str
carnet_idp_body(const idp_call *call)
{
    return (carnet_str){ (const char *)call->request->body.ptr, call->request->body.len };
}

carnet_rc
carnet_idp_refuse(idp_call *call, carnet_bops_error_code code, const char *why, carnet_err *err)
{
    call->refusal = code;
    call->why = why;
    return carnet_fail(err, CARNET_E_IDENTITY_REFUSED, "P1940 6", why);
}

carnet_rc
carnet_idp_random_text(carnet_service_worker *worker, size_t octets, carnet_buf *out, carnet_err *err)
{
    uint8_t bytes[64];
    carnet_rc rc;

    if (octets > sizeof(bytes))
        return carnet_fail(err, CARNET_E_USAGE, NULL, NULL);
    if ((rc = carnet_random_fill(&worker->random, bytes, octets, err)) == CARNET_OK)
        carnet_base64url_encode(carnet_span_of(bytes, octets), out);
    carnet_wipe(bytes, sizeof(bytes));
    return rc;
}

void
carnet_idp_hex(const uint8_t *octets, size_t count, char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < count; i++) {
        text[2 * i] = digits[octets[i] >> 4];
        text[2 * i + 1] = digits[octets[i] & 15];
    }
    text[2 * count] = '\0';
}

void
carnet_idp_uuid(const uint8_t octets[16], char text[37])
{
    static const char digits[] = "0123456789abcdef";
    size_t at = 0;

    for (size_t i = 0; i < 16; i++) {
        const uint8_t octet = i == 6   ? (uint8_t)((octets[i] & 0x0f) | 0x40)
                              : i == 8 ? (uint8_t)((octets[i] & 0x3f) | 0x80)
                                       : octets[i];

        if (i == 4 || i == 6 || i == 8 || i == 10)
            text[at++] = '-';
        text[at++] = digits[octet >> 4];
        text[at++] = digits[octet & 15];
    }
    text[at] = '\0';
}

carnet_str
carnet_idp_copy(idp_call *call, carnet_str text)
{
    carnet_buf out = carnet_service_scratch_buf(call->worker, text.len + 1);

    if (out.cap <= text.len)
        return (carnet_str){ 0 };
    carnet_buf_add_str(&out, text);
    return carnet_buf_str(&out);
}

carnet_rc
carnet_idp_subject(idp_call *call, carnet_str party, carnet_str user_id, carnet_buf *out, carnet_err *err)
{
    carnet_buf text = carnet_service_scratch_buf(call->worker, party.len + user_id.len + 1);
    uint8_t hash[CARNET_SERVICE_HASH];
    carnet_rc rc;

    carnet_buf_add_str(&text, party);
    carnet_buf_add_byte(&text, '\n');
    carnet_buf_add_str(&text, user_id);
    if ((rc = carnet_service_keyed_hash(call->worker, "identity.subject", carnet_buf_str(&text), hash, err)) ==
        CARNET_OK)
        carnet_base64url_encode(carnet_span_of(hash, sizeof(hash)), out);
    return rc;
}

const idp_terminal *
carnet_idp_terminal(const idp *p, carnet_str id)
{
    for (size_t i = 0; i < p->terminal_count; i++)
        if (carnet_str_is(id, p->terminals[i].id))
            return &p->terminals[i];
    return NULL;
}

/* --- who asks --- */

static bool
key_listed(const carnet_config_identity_friend *party, const char *hash)
{
    for (size_t i = 0; i < party->keys.count; i++)
        if (strcasecmp(party->keys.list[i], hash) == 0)
            return true;
    return false;
}

/* A friend is on the list, with this key. */
static carnet_rc
check_friend(idp_call *call, carnet_err *err)
{
    const carnet_config_identity_provider *config = call->p->config;
    uint8_t hash[CARNET_SERVICE_HASH];
    char text[2 * CARNET_SERVICE_HASH + 1];
    const carnet_span spki = call->certificate.spki;
    carnet_rc rc = carnet_digest(call->worker->crypto, CARNET_SHA256, &spki, 1, hash, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_idp_hex(hash, sizeof(hash), text);
    for (size_t i = 0; i < config->friend_count; i++)
        if (carnet_str_is(call->client, config->friends[i].id) && key_listed(&config->friends[i], text)) {
            call->friend = (int)i;
            return CARNET_OK;
        }
    return carnet_idp_refuse(call, CARNET_BOPS_ERROR_CREDENTIALS, "the certificate is no friend's", err);
}

static carnet_rc
who_of(idp_call *call, idp_kind kind, carnet_err *err)
{
    const carnet_service_trust *trust = kind == IDP_FRIEND ? call->p->friends : call->p->devices;
    const char *prefix = kind == IDP_FRIEND   ? CARNET_BOPS_URN_FRIEND
                         : kind == IDP_DEVICE ? CARNET_BOPS_URN_DEVICE
                                              : CARNET_BOPS_URN_BOOTSTRAP;
    carnet_rc rc;

    if (kind == IDP_ANYBODY)
        return CARNET_OK;
    rc = carnet_service_client(trust, call->worker, call->request, prefix, &call->client, &call->certificate, err);
    if (rc == CARNET_OK)
        return kind == IDP_FRIEND ? check_friend(call, err) : CARNET_OK;
    return rc == CARNET_E_SERVICE_CERTIFICATE ? carnet_idp_refuse(call, CARNET_BOPS_ERROR_CREDENTIALS,
                                                                  "a certificate of a known client is needed", err)
                                              : rc;
}

static carnet_rc
who(idp_call *call, idp_kind kind, carnet_err *err)
{
    if (kind == IDP_EITHER) { /* a friend, or else a device */
        if (who_of(call, IDP_FRIEND, NULL) == CARNET_OK)
            return CARNET_OK;
        call->refusal = (carnet_bops_error_code)0;
        kind = IDP_DEVICE;
    }
    return who_of(call, kind, err);
}

/* --- how it is told --- */

void
carnet_idp_event(const idp_call *call, const char *kind, carnet_rc rc, const char *reason)
{
    const carnet_service_event event = {
        .kind = kind,
        .outcome = rc == CARNET_OK            ? "done"
                   : carnet_rc_http(rc) < 500 ? "refused"
                                              : "failed",
        .reason = reason != NULL       ? reason
                  : rc == CARNET_OK    ? NULL
                  : call->refusal != 0 ? carnet_bops_error_name(call->refusal)
                                       : carnet_rc_name(rc),
        .count = 1,
    };

    carnet_service_event_log(call->worker, &event);
}

/* The failure as an error of the interface. */
static carnet_rc
tell(const idp_call *call, carnet_rc rc, const carnet_err *why, carnet_err *err)
{
    carnet_service_response *response = call->response;
    const int status = carnet_rc_http(rc);
    carnet_bops_error error = { .code = call->refusal, .request_id = carnet_str_of(call->request->identifier) };

    if (error.code == 0)
        error.code = status >= 500 || status == 429 ? CARNET_BOPS_ERROR_GENERIC : CARNET_BOPS_ERROR_PARAMETER;
    response->status = call->refusal != 0 ? carnet_idp_status_of(error.code) : status;
    if (call->refusal != 0)
        error.description = carnet_str_of(call->why != NULL ? call->why : "");
    else if (status < 500)
        error.description = carnet_str_of(why->reason[0] != '\0' ? why->reason : carnet_rc_text(rc));
    response->body.len = 0;
    response->body.overflow = false;
    response->again_ms = 0;
    if (response->status == 429)
        (void)!carnet_service_set_header(response, "Retry-After", carnet_str_of("2"), NULL);
    return carnet_bops_error_write(&error, &response->body, err);
}

/* The same in OAuth's words (CIBA 13, 11): the kit writes them. */
static carnet_rc
tell_oauth(const idp_call *call, carnet_rc rc, const carnet_err *why, carnet_err *err)
{
    static const struct {
        carnet_bops_error_code code;
        int status;
        const char *error;
    } words[] = {
        { CARNET_BOPS_ERROR_CREDENTIALS, 401, "invalid_client" },
        { CARNET_BOPS_ERROR_USER, 400, "unknown_user_id" },
        { CARNET_BOPS_ERROR_DEVICE, 400, "unknown_user_id" },
        { CARNET_BOPS_ERROR_ACCOUNT_STATE, 403, "access_denied" },
        { CARNET_BOPS_ERROR_LOCKED, 403, "access_denied" },
        { CARNET_BOPS_ERROR_UNSATISFIABLE, 403, "access_denied" },
        { CARNET_BOPS_ERROR_SESSION, 400, "invalid_grant" },
        { CARNET_BOPS_ERROR_SLOW_DOWN, 400, "slow_down" },
    };
    carnet_service_response *response = call->response;

    if (response->error == NULL && (call->refusal != 0 || carnet_rc_http(rc) < 500)) {
        response->status = 400;
        response->error = "invalid_request";
    }
    for (size_t i = 0; i < CARNET_COUNT(words); i++)
        if (call->refusal == words[i].code) {
            response->status = words[i].status;
            response->error = words[i].error;
        }
    (void)!carnet_service_set_header(response, "Cache-Control", carnet_str_of("no-store"), NULL);
    return carnet_fail(err, rc, why->clause, call->why != NULL ? call->why : why->reason);
}

static carnet_rc
serve(idp *p, const carnet_service_request *request, carnet_service_response *response, idp_kind kind,
      const char *event, idp_handler *handler, bool oauth, carnet_err *err)
{
    carnet_service_worker *worker;
    carnet_err why = { 0 };
    idp_call call;
    carnet_rc rc = carnet_service_begin(p->context, request, &worker, err);

    if (rc != CARNET_OK)
        return rc;
    if ((rc = carnet_idp_begin(p, worker, &call, err)) != CARNET_OK)
        return rc;
    call.request = request;
    call.response = response;
    rc = who(&call, kind, &why);
    if (rc == CARNET_OK)
        rc = handler(&call, &why);
    if (rc == CARNET_OK && response->body.overflow)
        rc = CARNET_E_NO_SPACE;
    if (event != NULL && (response->again_ms == 0 || rc != CARNET_OK))
        carnet_idp_event(&call, event, rc, NULL);
    if (rc != CARNET_OK && oauth)
        return tell_oauth(&call, rc, &why, err);
    if (rc != CARNET_OK)
        rc = tell(&call, rc, &why, err);
    return rc == CARNET_OK ? carnet_service_set_header(response, "Cache-Control", carnet_str_of("no-store"), err) : rc;
}

carnet_rc
carnet_idp_serve(void *self, const carnet_service_request *request, carnet_service_response *response, idp_kind kind,
                 const char *event, idp_handler *handler, carnet_err *err)
{
    return serve(self, request, response, kind, event, handler, false, err);
}

carnet_rc
carnet_idp_serve_oauth(void *self, const carnet_service_request *request, carnet_service_response *response,
                       const char *event, idp_handler *handler, carnet_err *err)
{
    return serve(self, request, response, IDP_FRIEND, event, handler, true, err);
}
