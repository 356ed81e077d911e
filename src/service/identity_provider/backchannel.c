/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/bc-authorize and .../token: the same sessions for clients of OpenID Connect's Client-Initiated Backchannel
 * Authentication (CIBA Core 1.0).  Clients are friends by mutual TLS (RFC 8705 2); auth_req_id is the session's identifier. */
#include "carnet/json_build.h"
#include "internal.h"

#include <string.h>

enum { TEXT_MAX = 512, EXPIRY_MAX = 86400 };

static carnet_str
parameter(const idp_call *call, const char *name)
{
    const carnet_str *value = carnet_service_parameter_get(&call->request->form, name);

    return value != NULL ? *value : (carnet_str){ 0 };
}

static carnet_rc
fault(idp_call *call, const char *error, const char *why, carnet_err *err)
{
    call->response->status = 400;
    call->response->error = error;
    return carnet_fail(err, CARNET_E_IDENTITY_REFUSED, "CIBA 7", why);
}

/* --- who is meant --- */

typedef struct choosing {
    carnet_str user_id;
    char device_id[65];
    size_t count;
    carnet_buf room;
} choosing;

static bool
note(void *self, const carnet_store_identity_device *device)
{
    choosing *c = self;

    if (device->state == CARNET_STORE_DEVICE_ACTIVATED && device->device_id.len < sizeof(c->device_id)) {
        memcpy(c->device_id, device->device_id.ptr, device->device_id.len);
        c->device_id[device->device_id.len] = '\0';
        c->count++;
    }
    return true;
}

static carnet_rc
list(void *arg, carnet_store_session *session, carnet_err *err)
{
    choosing *c = arg;
    carnet_store_identity_account account;
    carnet_rc rc;

    c->room.len = 0;
    c->count = 0;
    rc = carnet_store_identity_account_by_user(session, c->user_id, &account, &c->room, err);
    return rc == CARNET_OK ? carnet_store_identity_device_list(session, account.id, note, c, err) : rc;
}

/* CIBA knows no devices: the user's only one is meant, or the one that the further parameter device_id names. */
static carnet_rc
choose_device(idp_call *call, carnet_str user_id, carnet_str *device_id, carnet_err *err)
{
    choosing *c = carnet_service_scratch(call->worker, sizeof(*c));
    carnet_rc rc;

    *device_id = parameter(call, "device_id");
    if (device_id->len != 0)
        return CARNET_OK;
    if (c == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    c->user_id = user_id;
    c->room = carnet_service_scratch_buf(call->worker, 4096);
    rc = carnet_store_read(call->worker->store, list, c, err);
    if (rc == CARNET_E_STORE_ABSENT)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_USER, NULL, err);
    if (rc == CARNET_OK && c->count != 1)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_DEVICE,
                                 c->count == 0 ? "the user has no device" : "the user has several devices", err);
    *device_id = carnet_str_of(c->device_id);
    return rc;
}

/* --- what is asked for --- */

static bool
has_word(carnet_str words, const char *word)
{
    const size_t len = strlen(word);

    for (size_t i = 0; i + len <= words.len; i++)
        if (memcmp(words.ptr + i, word, len) == 0 && (i == 0 || words.ptr[i - 1] == ' ') &&
            (i + len == words.len || words.ptr[i + len] == ' '))
            return true;
    return false;
}

static carnet_rc
read_expiry(idp_call *call, int64_t *seconds, carnet_err *err)
{
    const carnet_str text = parameter(call, "requested_expiry");

    *seconds = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || (*seconds = *seconds * 10 + (text.ptr[i] - '0')) > EXPIRY_MAX)
            return fault(call, "invalid_request", "requested_expiry is a number of seconds", err);
    }
    return CARNET_OK;
}

/* vtr is a JSON array of texts (RFC 8485 4.1); `document` is the caller's to free. */
static carnet_rc
read_vectors(idp_call *call, carnet_bops_authentication_start *start, carnet_json **document, carnet_err *err)
{
    const carnet_str text = parameter(call, "vtr");

    start->vtm = parameter(call, "vtm");
    if (text.len == 0)
        return CARNET_OK;
    if (carnet_json_parse(text, document, NULL) != CARNET_OK || carnet_json_count(*document) == 0 ||
        carnet_json_count(*document) > CARNET_BOPS_VECTORS)
        return fault(call, "invalid_request", "vtr is an array of 1 to 8 vectors", err);
    for (size_t i = 0; i < carnet_json_count(*document); i++)
        start->vtr[start->vtr_count++] = carnet_json_string(carnet_json_at(*document, i));
    return CARNET_OK;
}

static carnet_rc
check_parameters(idp_call *call, carnet_err *err)
{
    static const char *const hints[] = { "login_hint", "login_hint_token", "id_token_hint" };
    size_t count = 0;

    for (size_t i = 0; i < CARNET_COUNT(hints); i++)
        count += parameter(call, hints[i]).len != 0;
    if (!has_word(parameter(call, "scope"), "openid"))
        return fault(call, "invalid_scope", "the scope has no openid", err);
    if (count != 1)
        return fault(call, "invalid_request", "one hint must be there, and only one", err);
    if (parameter(call, "login_hint").len == 0)
        return fault(call, "invalid_request", "only login_hint is understood", err);
    if (parameter(call, "binding_message").len > 20)
        return fault(call, "invalid_binding_message", "it has 20 characters at most", err);
    if (parameter(call, "client_notification_token").len > TEXT_MAX)
        return fault(call, "invalid_request", "the notification token is too long", err);
    return parameter(call, "request").len != 0
               ? fault(call, "invalid_request", "requests are not signed but under mutual TLS", err)
               : CARNET_OK;
}

static carnet_rc
start_by(idp_call *call, carnet_bops_authentication_start *start, carnet_err *err)
{
    carnet_buf body = carnet_service_scratch_buf(call->worker, CARNET_BOPS_MAX);
    carnet_json_builder b = carnet_json_build(&call->response->body);
    carnet_bops_started started;
    carnet_rc rc = carnet_bops_authentication_start_write(start, &body, err);

    if (rc == CARNET_OK)
        rc = carnet_idp_start(call, carnet_buf_str(&body), start, &started, err);
    if (rc != CARNET_OK)
        return rc;
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "auth_req_id", started.session_id);
    carnet_json_add_integer(&b, "expires_in", started.expiration / 1000 - call->now);
    carnet_json_add_integer(&b, "interval", started.interval);
    carnet_json_object_end(&b);
    return CARNET_OK;
}

static carnet_rc
handle_authorize(idp_call *call, carnet_err *err)
{
    carnet_bops_authentication_start *start = carnet_service_scratch(call->worker, sizeof(*start));
    carnet_json *document = NULL;
    carnet_rc rc;

    if (start == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if ((rc = check_parameters(call, err)) != CARNET_OK)
        return rc;
    *start = (carnet_bops_authentication_start){ .user_id = parameter(call, "login_hint"),
                                                 .session_type = CARNET_BOPS_PUSH,
                                                 .binding_message = parameter(call, "binding_message"),
                                                 .notify_token = parameter(call, "client_notification_token") };
    if (start->notify_token.len != 0)
        start->notify = CARNET_BOPS_NOTIFY_PING;
    rc = read_expiry(call, &start->requested_expiry, err);
    if (rc == CARNET_OK)
        rc = read_vectors(call, start, &document, err);
    if (rc == CARNET_OK)
        rc = choose_device(call, start->user_id, &start->device_id, err);
    if (rc == CARNET_OK)
        rc = start_by(call, start, err);
    carnet_json_free(&document);
    return rc;
}

/* --- tokens --- */

static carnet_rc
tell_tokens(idp_call *call, const carnet_bops_session_status *status)
{
    carnet_json_builder b = carnet_json_build(&call->response->body);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "access_token", status->token);
    carnet_json_add_text(&b, "token_type", "Bearer");
    carnet_json_add_integer(&b, "expires_in", status->token_expires / 1000 - call->now);
    carnet_json_add_string(&b, "id_token", status->token);
    carnet_json_add_string(&b, "vot", status->vot);
    carnet_json_add_string(&b, "vtm", status->vtm);
    carnet_json_object_end(&b);
    return CARNET_OK;
}

static carnet_rc
tell(idp_call *call, idp_record *record, carnet_bops_session_status *status, carnet_err *err)
{
    carnet_rc rc = carnet_idp_describe(call, record, status, err);

    if (rc != CARNET_OK)
        return rc;
    switch (status->status) {
    case CARNET_BOPS_AUTHENTICATED:
        return tell_tokens(call, status);
    case CARNET_BOPS_OPPORTUNITY:
    case CARNET_BOPS_REGISTERED:
        return carnet_idp_may_poll(call, record->row.session_hash.ptr) ? fault(call, "authorization_pending", NULL, err)
                                                                       : fault(call, "slow_down", NULL, err);
    case CARNET_BOPS_EXPIRED:
        return fault(call, "expired_token", NULL, err);
    case CARNET_BOPS_CONSUMED:
        return fault(call, "invalid_grant", "it was used before", err);
    default:
        return fault(call, "access_denied", NULL, err);
    }
}

static carnet_rc
handle_token(idp_call *call, carnet_err *err)
{
    const carnet_str id = parameter(call, "auth_req_id");
    idp_record *record = carnet_service_scratch(call->worker, sizeof(*record));
    carnet_bops_session_status *status = carnet_service_scratch(call->worker, sizeof(*status));
    carnet_rc rc;

    if (record == NULL || status == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (!carnet_str_is(parameter(call, "grant_type"), "urn:openid:params:grant-type:ciba"))
        return fault(call, "unsupported_grant_type", NULL, err);
    if (id.len == 0 || id.len > CARNET_BOPS_SESSION)
        return fault(call, "invalid_grant", NULL, err);
    if ((rc = carnet_idp_own(call, id, record, err)) == CARNET_OK)
        rc = tell(call, record, status, err);
    carnet_idp_close(record);
    return rc;
}

static carnet_rc
run_authorize(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_idp_serve_oauth(self, request, response, "session.started", handle_authorize, err);
}

static carnet_rc
run_token(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_idp_serve_oauth(self, request, response, NULL, handle_token, err);
}

#define FORM "application/x-www-form-urlencoded"

static const carnet_service_parameter_rule authorize_parameters[] = {
    { .name = "scope", .description = "with openid in it", .in_form = true },
    { .name = "login_hint", .description = "the user's identifier", .in_form = true },
    { .name = "device_id", .description = "one of the user's devices", .in_form = true },
    { .name = "vtr", .description = "a JSON array of vectors (RFC 8485)", .in_form = true },
    { .name = "vtm", .description = "their trustmark", .in_form = true },
    { .name = "binding_message", .description = "shown on both screens", .in_form = true },
    { .name = "requested_expiry", .description = "seconds", .in_form = true },
    { .name = "client_notification_token", .description = "for a ping", .in_form = true },
};

const carnet_service_route carnet_idp_backchannel_route = {
    .method = CARNET_SERVICE_POST,
    .name = "identity_bc_authorize",
    .path = CARNET_BOPS_BASE "/bc-authorize",
    .summary = "Opens a session (CIBA Core 1.0, 7)",
    .run = run_authorize,
    .accepts = FORM,
    .parameters = authorize_parameters,
    .parameter_count = CARNET_COUNT(authorize_parameters),
    .body_max = 16384,
};

static const carnet_service_parameter_rule token_parameters[] = {
    { .name = "grant_type", .description = "urn:openid:params:grant-type:ciba", .in_form = true },
    { .name = "auth_req_id", .description = "the session", .in_form = true },
};

const carnet_service_route carnet_idp_token_route = {
    .method = CARNET_SERVICE_POST,
    .name = "identity_token",
    .path = CARNET_BOPS_BASE "/token",
    .summary = "What came of a session (CIBA Core 1.0, 10.1)",
    .run = run_token,
    .accepts = FORM,
    .parameters = token_parameters,
    .parameter_count = CARNET_COUNT(token_parameters),
    .body_max = 4096,
    .quiet = true,
};
