/* SPDX-License-Identifier: Apache-2.0 */
/* The identity provider, asked by mutual TLS (P1940 6.2): over a few connections that are kept. */
#include "carnet/bops_authentication_start.h"
#include "carnet/bops_session.h"
#include "internal.h"

#include <stdio.h>
#include <string.h>

enum { SESSION_S = 120, URI_MAX = 1024 };

static carnet_fetch_connection *
take_connection(mas *m)
{
    carnet_fetch_connection *connection = NULL;

    pthread_mutex_lock(&m->lock);
    if (m->idle_count != 0)
        connection = m->idle[--m->idle_count];
    pthread_mutex_unlock(&m->lock);
    return connection != NULL ? connection : carnet_fetch_connection_new();
}

static void
give_connection(mas *m, carnet_fetch_connection *connection, bool good)
{
    if (good) {
        pthread_mutex_lock(&m->lock);
        if (m->idle_count < MAS_CONNECTIONS) {
            m->idle[m->idle_count++] = connection;
            connection = NULL;
        }
        pthread_mutex_unlock(&m->lock);
    }
    carnet_fetch_connection_free(connection);
}

/* The answer is in call->body. */
static carnet_rc
ask(mas_call *call, const char *path, carnet_span body, unsigned seconds, unsigned *status, carnet_err *err)
{
    const carnet_config_mobile_app_server *config = call->m->config;
    const carnet_str fields[1] = { carnet_str_of("Content-Type: application/json") };
    char uri[URI_MAX];
    const int len = snprintf(uri, sizeof(uri), "%s%s", config->provider, path);
    const carnet_fetch_request request = {
        .method = "POST", .uri = carnet_str_of(uri), .fields = fields, .field_count = 1, .body = body
    };
    const carnet_fetch_limits limits = { .octets = CARNET_BOPS_MAX,
                                         .timeout_ms = (int)seconds * 1000,
                                         .ca = config->ca,
                                         .certificate = config->certificate,
                                         .key = config->certificate_key,
                                         .plain_loopback =
                                             carnet_service_configuration(call->m->context)->allow_insecure_loopback };
    carnet_fetch_answer answer = { .header = call->header, .body = call->body };
    carnet_fetch_connection *connection;
    carnet_rc rc;

    if (len < 0 || (size_t)len >= sizeof(uri))
        return carnet_fail(err, CARNET_E_STAGED_PROVIDER, NULL, "the identity provider's URL is too long");
    if ((connection = take_connection(call->m)) == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    rc = carnet_fetch_ask(connection, &request, &limits, &answer, err);
    give_connection(call->m, connection, rc == CARNET_OK);
    call->body.len = answer.body.len;
    *status = answer.status;
    return rc == CARNET_OK ? rc
                           : carnet_fail(err, CARNET_E_STAGED_PROVIDER, NULL, "the identity provider does not answer");
}

/* What an error of the provider means to who asked us; *code, if given, is its number. */
static carnet_rc
judge(const mas_call *call, unsigned status, int *code, carnet_err *err)
{
    carnet_bops_error error;
    carnet_bops_error_code number = CARNET_BOPS_ERROR_GENERIC;

    if (status == 200)
        return CARNET_OK;
    if (carnet_bops_error_read(carnet_buf_str(&call->body), &error, NULL) == CARNET_OK) {
        number = error.code;
        carnet_bops_error_close(&error);
    }
    if (code != NULL)
        *code = (int)number;
    switch (number) {
    case CARNET_BOPS_ERROR_USER:
    case CARNET_BOPS_ERROR_DEVICE:
    case CARNET_BOPS_ERROR_ACCOUNT:
    case CARNET_BOPS_ERROR_ACCOUNT_STATE:
    case CARNET_BOPS_ERROR_LOCKED:
        return carnet_fail(err, CARNET_E_STAGED_DEVICE, NULL, "the identity provider does not let it authenticate");
    case CARNET_BOPS_ERROR_UNSATISFIABLE:
        return carnet_fail(err, CARNET_E_STAGED_UNSATISFIABLE, NULL, NULL);
    case CARNET_BOPS_ERROR_LIMIT:
        return carnet_fail(err, CARNET_E_STAGED_ATTEMPTS, NULL, "the device has too many sessions open");
    default:
        return carnet_fail(err, CARNET_E_STAGED_PROVIDER, NULL, "the identity provider refuses");
    }
}

/* The vectors of a list with commas; views. */
static size_t
split(carnet_str list, carnet_str out[CARNET_BOPS_VECTORS])
{
    size_t count = 0, begin = 0;

    for (size_t i = 0; i <= list.len && count < CARNET_BOPS_VECTORS; i++)
        if (i == list.len || list.ptr[i] == ',') {
            if (i > begin)
                out[count++] = (carnet_str){ list.ptr + begin, i - begin };
            begin = i + 1;
        }
    return count;
}

/* One name for each session of a transaction: asked again, it is the same session. */
static carnet_str
name_request(const carnet_store_staged *row, char name[64])
{
    (void)snprintf(name, 64, "%.*s-%lld", (int)row->reference.len, row->reference.ptr, (long long)row->step_ups);
    return carnet_str_of(name);
}

static carnet_rc
write_start(mas_call *call, const carnet_store_staged *row, carnet_buf *out, carnet_err *err)
{
    const carnet_config_mobile_app_server *config = call->m->config;
    const bool pings = config->notify != NULL && strcmp(config->notify, "poll") != 0;
    carnet_buf token = carnet_service_scratch_buf(call->worker, 64);
    char name[64];
    uint8_t amount[12];
    carnet_buf digits = carnet_buf_of(amount, sizeof(amount));
    carnet_bops_authentication_start start = {
        .request_id = name_request(row, name),
        .user_id = row->user,
        .device_id = row->device,
        .session_type = CARNET_BOPS_PUSH,
        .vtm = carnet_str_of(CARNET_TRUSTMARK_URL_P1940),
        .aal = row->level,
        .requested_expiry = config->session_seconds != 0 ? config->session_seconds : SESSION_S,
        .binding_message = row->binding,
        .transaction = { row->type, row->reference, { 0 }, row->currency, row->terminal, row->text },
        .parent_session = row->parent,
        .mdoc_request = { call->m->document_request, call->m->document_request_len },
        .notify = !pings                                ? CARNET_BOPS_NOTIFY_POLL
                  : strcmp(config->notify, "ping") == 0 ? CARNET_BOPS_NOTIFY_PING
                                                        : CARNET_BOPS_NOTIFY_PUSH,
    };
    carnet_rc rc = CARNET_OK;

    carnet_staging_amount_write((uint64_t)row->amount, &digits);
    start.transaction.amount = carnet_buf_str(&digits);
    start.vtr_count = split(row->vtr, start.vtr);
    if (pings && (rc = carnet_mas_notify_token(call->worker, row->reference, &token, err)) == CARNET_OK)
        start.notify_token = carnet_buf_str(&token);
    return rc == CARNET_OK ? carnet_bops_authentication_start_write(&start, out, err) : rc;
}

carnet_rc
carnet_mas_start(mas_call *call, const carnet_store_staged *row, char session[65], int64_t *expiration, carnet_err *err)
{
    carnet_buf body = carnet_service_scratch_buf(call->worker, 8192 + MAS_REQUEST);
    carnet_bops_started started;
    unsigned status = 0;
    carnet_rc rc = write_start(call, row, &body, err);

    session[0] = '\0';
    *expiration = 0;
    if (rc == CARNET_OK)
        rc = ask(call, CARNET_BOPS_PATH_AUTHENTICATION_START, carnet_buf_span(&body), MAS_START_S, &status, err);
    if (rc == CARNET_OK)
        rc = judge(call, status, NULL, err);
    if (rc != CARNET_OK)
        return rc;
    if (carnet_bops_started_read(carnet_buf_str(&call->body), &started, NULL) != CARNET_OK)
        return carnet_fail(err, CARNET_E_STAGED_PROVIDER, NULL, "the identity provider's answer is none");
    if (started.session_id.len == 0 || started.session_id.len > 64) {
        rc = carnet_fail(err, CARNET_E_STAGED_PROVIDER, NULL, "the identity provider's session has no name");
    } else {
        memcpy(session, started.session_id.ptr, started.session_id.len);
        session[started.session_id.len] = '\0';
        *expiration = started.expiration;
    }
    carnet_bops_started_close(&started);
    return rc;
}

carnet_rc
carnet_mas_session_status(mas_call *call, carnet_str session, unsigned wait, carnet_bops_session_status *status,
                          carnet_err *err)
{
    const carnet_bops_status_request request = { .session_id = session, .wait = wait };
    uint8_t room[256];
    carnet_buf body = carnet_buf_of(room, sizeof(room));
    unsigned code = 0;
    carnet_rc rc = carnet_bops_status_request_write(&request, &body, err);

    *status = (carnet_bops_session_status){ 0 };
    if (rc == CARNET_OK)
        rc = ask(call, CARNET_BOPS_PATH_SESSION_STATUS, carnet_buf_span(&body), MAS_STATUS_S + wait, &code, err);
    if (rc == CARNET_OK)
        rc = judge(call, code, NULL, err);
    if (rc == CARNET_OK && carnet_bops_session_status_read(carnet_buf_str(&call->body), status, NULL) != CARNET_OK)
        rc = carnet_fail(err, CARNET_E_STAGED_PROVIDER, NULL, "the identity provider's answer is none");
    return rc;
}

static carnet_rc
command(mas_call *call, const char *path, carnet_str session, carnet_str reference, int *code, carnet_err *err)
{
    const carnet_bops_session_command request = { .session_id = session, .ref = reference };
    uint8_t room[256];
    carnet_buf body = carnet_buf_of(room, sizeof(room));
    unsigned status = 0;
    carnet_rc rc = carnet_bops_session_command_write(&request, &body, err);

    *code = 0;
    if (rc == CARNET_OK)
        rc = ask(call, path, carnet_buf_span(&body), MAS_START_S, &status, err);
    return rc == CARNET_OK ? judge(call, status, code, err) : rc;
}

carnet_rc
carnet_mas_consume(mas_call *call, carnet_str session, carnet_str reference, bool *again, carnet_err *err)
{
    int code;
    carnet_rc rc = command(call, CARNET_BOPS_PATH_CONSUME_SESSION, session, reference, &code, err);

    *again = code == CARNET_BOPS_ERROR_CONSUMED;
    if (*again)
        return CARNET_OK;
    if (code == CARNET_BOPS_ERROR_STATE || code == CARNET_BOPS_ERROR_SESSION)
        return carnet_fail(err, CARNET_E_STAGED_EXPIRED, NULL, "the authentication is too long ago");
    return rc;
}

carnet_rc
carnet_mas_cancel_session(mas_call *call, carnet_str session, carnet_err *err)
{
    int code;

    return command(call, CARNET_BOPS_PATH_CANCEL_SESSION, session, (carnet_str){ 0 }, &code, err);
}

carnet_rc
carnet_mas_submit(mas_call *call, const carnet_store_staged *row, const carnet_terminal_evidence *evidence,
                  carnet_err *err)
{
    carnet_buf body = carnet_service_scratch_buf(call->worker, CARNET_BOPS_MAX),
               session = carnet_service_scratch_buf(call->worker, 32);
    carnet_bops_submit_evidence submit = {
        .session_id = row->session,
        .terminal = evidence->terminal,
        .device_response = evidence->device_response,
        .transcript = evidence->session_transcript,
        .reader_signature = evidence->reader_signature,
        .reader_certificate = evidence->reader_certificate,
    };
    unsigned status = 0;
    carnet_rc rc;

    carnet_base64url_encode(evidence->session, &session);
    submit.terminal_session = carnet_buf_str(&session);
    rc = carnet_bops_submit_evidence_write(&submit, &body, err);
    if (rc == CARNET_OK)
        rc = ask(call, CARNET_BOPS_PATH_SUBMIT_EVIDENCE, carnet_buf_span(&body), MAS_START_S, &status, err);
    return rc == CARNET_OK ? judge(call, status, NULL, err) : rc;
}
