/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/bc-authorize and .../token: the same sessions for clients of OpenID Connect's Client-Initiated Backchannel
 * Authentication (CIBA Core 1.0).  Clients are friends by mutual TLS (RFC 8705 2); auth_req_id is the session's identifier. */
#include "carnet/backchannel.h"
#include "internal.h"

#include <string.h>

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

static carnet_rc
start_by(idp_call *call, carnet_bops_authentication_start *start, carnet_err *err)
{
    carnet_buf body = carnet_service_scratch_buf(call->worker, CARNET_BOPS_MAX);
    carnet_bops_started started;
    carnet_backchannel_started answer;
    carnet_rc rc = carnet_bops_authentication_start_write(start, &body, err);

    if (rc == CARNET_OK)
        rc = carnet_idp_start(call, carnet_buf_str(&body), start, &started, err);
    if (rc != CARNET_OK)
        return rc;
    answer = (carnet_backchannel_started){ .auth_req_id = started.session_id,
                                           .expires_in = started.expiration / 1000 - call->now,
                                           .interval = started.interval };
    return carnet_backchannel_started_write(&answer, &call->response->body, err);
}

static carnet_backchannel_mode
mode_of(const idp_call *call)
{
    const char *mode = call->p->config->friends[call->friend].backchannel_mode;

    return mode != NULL ? carnet_backchannel_mode_named(carnet_str_of(mode)) : CARNET_BACKCHANNEL_POLL;
}

static carnet_str
get(const void *self, const char *name)
{
    return parameter(self, name);
}

static carnet_rc
authorize(idp_call *call, carnet_backchannel_request *request, carnet_bops_authentication_start *start, carnet_err *err)
{
    const carnet_backchannel_mode mode = mode_of(call);
    carnet_err why = { 0 };
    carnet_rc rc = carnet_backchannel_request_read(get, call, mode, request, &why);

    if (rc != CARNET_OK)
        return fault(call, request->error, why.reason, err);
    *start = (carnet_bops_authentication_start){ .user_id = request->login_hint,
                                                 .session_type = CARNET_BOPS_PUSH,
                                                 .binding_message = request->binding_message,
                                                 .requested_expiry = request->requested_expiry,
                                                 .vtr_count = request->vtr_count,
                                                 .vtm = request->vtm,
                                                 .notify_token = request->notification_token,
                                                 .notify_backchannel = true };
    memcpy(start->vtr, request->vtr, sizeof(start->vtr));
    start->notify = mode == CARNET_BACKCHANNEL_PUSH   ? CARNET_BOPS_NOTIFY_PUSH
                    : mode == CARNET_BACKCHANNEL_PING ? CARNET_BOPS_NOTIFY_PING
                                                      : CARNET_BOPS_NOTIFY_POLL;
    rc = choose_device(call, start->user_id, &start->device_id, err);
    return rc == CARNET_OK ? start_by(call, start, err) : rc;
}

static carnet_rc
handle_authorize(idp_call *call, carnet_err *err)
{
    carnet_bops_authentication_start *start = carnet_service_scratch(call->worker, sizeof(*start));
    carnet_backchannel_request *request = carnet_service_scratch(call->worker, sizeof(*request));
    carnet_rc rc;

    if (start == NULL || request == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    rc = authorize(call, request, start, err);
    carnet_backchannel_request_close(request);
    return rc;
}

/* --- tokens --- */

static carnet_backchannel_tokens
tokens_of(const idp_call *call, const carnet_bops_session_status *status)
{
    return (carnet_backchannel_tokens){ .access_token = status->token,
                                        .token_type = carnet_str_of("Bearer"),
                                        .expires_in = status->token_expires / 1000 - call->now,
                                        .id_token = status->token,
                                        .vot = status->vot,
                                        .vtm = status->vtm };
}

static carnet_rc
tell_tokens(idp_call *call, const carnet_bops_session_status *status, carnet_err *err)
{
    const carnet_backchannel_tokens tokens = tokens_of(call, status);

    return carnet_backchannel_tokens_write(&tokens, &call->response->body, err);
}

/* What came of a session that is over, as the token endpoint has it (CIBA 11). */
static const char *
error_of(carnet_bops_status status)
{
    return status == CARNET_BOPS_EXPIRED ? "expired_token" : "access_denied";
}

/* What is pushed tells who refused from what went wrong (CIBA 12). */
static const char *
pushed_error(const idp_record *record, carnet_bops_status status)
{
    const carnet_str why = record->row.reason;

    if (status == CARNET_BOPS_CANCELLED && (carnet_str_is(why, "by_user") || carnet_str_is(why, "by_device")))
        return "access_denied";
    return status == CARNET_BOPS_EXPIRED ? "expired_token" : "transaction_failed";
}

static carnet_rc
push(idp_call *call, idp_record *record, carnet_buf *out, carnet_err *err)
{
    carnet_bops_session_status *status = carnet_service_scratch(call->worker, sizeof(*status));
    carnet_backchannel_tokens tokens;
    carnet_rc rc;

    if (status == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if ((rc = carnet_idp_describe(call, record, status, err)) != CARNET_OK)
        return rc;
    if (status->status != CARNET_BOPS_AUTHENTICATED) {
        const carnet_backchannel_error error = { .auth_req_id = record->session_id,
                                                 .error = carnet_str_of(pushed_error(record, status->status)) };

        return carnet_backchannel_error_write(&error, out, err);
    }
    tokens = tokens_of(call, status);
    tokens.auth_req_id = record->session_id;
    rc = carnet_idp_pushed_token(call, record, status, &tokens.id_token, err);
    return rc == CARNET_OK ? carnet_backchannel_tokens_write(&tokens, out, err) : rc;
}

carnet_rc
carnet_idp_backchannel_notice(idp_call *call, idp_record *record, bool pushes, carnet_buf *out, carnet_err *err)
{
    const carnet_backchannel_ping ping = { .auth_req_id = record->session_id };

    return pushes ? push(call, record, out, err) : carnet_backchannel_ping_write(&ping, out, err);
}

static carnet_rc
tell(idp_call *call, idp_record *record, carnet_bops_session_status *status, carnet_err *err)
{
    carnet_rc rc = carnet_idp_describe(call, record, status, err);

    if (rc != CARNET_OK)
        return rc;
    switch (status->status) {
    case CARNET_BOPS_AUTHENTICATED:
        return tell_tokens(call, status, err);
    case CARNET_BOPS_OPPORTUNITY:
    case CARNET_BOPS_REGISTERED:
        return carnet_idp_may_poll(call, record->row.session_hash.ptr) ? fault(call, "authorization_pending", NULL, err)
                                                                       : fault(call, "slow_down", NULL, err);
    case CARNET_BOPS_CONSUMED:
        return fault(call, "invalid_grant", "it was used before", err);
    default:
        return fault(call, error_of(status->status), NULL, err);
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
    if (!carnet_str_is(parameter(call, "grant_type"), CARNET_BACKCHANNEL_GRANT))
        return fault(call, "unsupported_grant_type", NULL, err);
    if (id.len == 0 || id.len > CARNET_BOPS_SESSION)
        return fault(call, "invalid_grant", NULL, err);
    if ((rc = carnet_idp_own(call, id, record, err)) == CARNET_OK)
        rc = carnet_idp_open(call, record, err);
    if (rc == CARNET_OK && record->start.notify_backchannel && record->start.notify == CARNET_BOPS_NOTIFY_PUSH)
        rc = fault(call, "unauthorized_client", "its tokens are pushed", err); /* CIBA 10.3 */
    else if (rc == CARNET_OK)
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
    { .name = "client_notification_token", .description = "bearer, of ping and push", .in_form = true },
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
