/* SPDX-License-Identifier: Apache-2.0 */
/* POST and GET BASE/p1940/v1/enterprise/GetSessionStatus: what came of a session, to the relying party that opened it; a
 * vector only while the authentication is active, with what of it is still fresh. */
#include "carnet/identity_token.h"
#include "carnet/vector_carrier.h"
#include "internal.h"

#include <stdio.h>
#include <string.h>

enum { TOKEN_ROOM = 8192 };

carnet_time
carnet_idp_token_expires(const idp_call *call, const idp_record *record)
{
    const carnet_time most = call->now + call->p->policy.token_seconds;

    return most < record->row.active_until ? most : record->row.active_until;
}

static size_t
split(carnet_str words, carnet_str *out, size_t cap)
{
    size_t count = 0, begin = 0;

    for (size_t i = 0; i <= words.len && count < cap; i++)
        if (i == words.len || words.ptr[i] == ' ') {
            if (i > begin)
                out[count++] = (carnet_str){ words.ptr + begin, i - begin };
            begin = i + 1;
        }
    return count;
}

static carnet_rc
hash_text(idp_call *call, carnet_str text, carnet_str *out, carnet_err *err)
{
    uint8_t hash[CARNET_SERVICE_HASH];
    carnet_buf encoded = carnet_service_scratch_buf(call->worker, 64);
    carnet_rc rc = CARNET_OK;

    *out = (carnet_str){ 0 };
    if (text.len != 0 && (rc = carnet_service_hash(call->worker, text, hash, err)) == CARNET_OK) {
        carnet_base64url_encode(carnet_span_of(hash, sizeof(hash)), &encoded);
        *out = carnet_buf_str(&encoded);
    }
    return rc;
}

/* What a token says of a session that is described; `room` for its texts. */
static carnet_rc
fill_token(idp_call *call, const idp_record *record, const carnet_bops_session_status *status, carnet_buf *room,
           carnet_identity_token *token, carnet_err *err)
{
    carnet_rc rc;

    *token = (carnet_identity_token){
        .issuer = call->p->id,
        .audience = record->row.party,
        .token_id = record->row.token_id,
        .session_id = record->session_id,
        .issued_at = call->now,
        .expires = carnet_idp_token_expires(call, record),
        .auth_time = record->row.auth_time,
        .vot = status->vot,
        .vtm = status->vtm,
        .aal = status->aal,
        .transaction = record->start.transaction,
    };
    rc = carnet_idp_subject(call, record->row.party, record->account.user_id, room, err);
    memcpy(token->certificate_hash, record->party_certificate, sizeof(token->certificate_hash));
    token->amr_count = split(record->row.methods, token->amr, CARNET_IDENTITY_TOKEN_METHODS);
    token->subject = carnet_buf_str(room);
    return rc == CARNET_OK ? hash_text(call, record->start.transaction.text, &token->text_hash, err) : rc;
}

static carnet_rc
add_token(idp_call *call, const idp_record *record, carnet_bops_session_status *status, const carnet_service_key *key,
          carnet_err *err)
{
    carnet_buf out = carnet_service_scratch_buf(call->worker, TOKEN_ROOM),
               subject = carnet_service_scratch_buf(call->worker, 64);
    carnet_identity_token token;
    carnet_rc rc = fill_token(call, record, status, &subject, &token, err);

    status->subject = token.subject;
    status->token_id = token.token_id;
    status->requested = record->row.created * 1000;
    status->granted = record->row.auth_time * 1000;
    status->token_expires = token.expires * 1000;
    if (rc == CARNET_OK)
        rc = carnet_identity_token_build(&token, call->p->key_id, key->key, call->worker->crypto, &out, err);
    status->token = carnet_buf_str(&out);
    return rc;
}

/* The left half of a token's digest (OpenID Connect Core 3.1.3.6). */
static carnet_rc
half_hash(idp_call *call, carnet_str text, carnet_buf *out, carnet_err *err)
{
    const carnet_span octets = carnet_str_bytes(text);
    uint8_t hash[CARNET_SERVICE_HASH];
    const carnet_rc rc = carnet_digest(call->worker->crypto, CARNET_SHA256, &octets, 1, hash, err);

    if (rc == CARNET_OK)
        carnet_base64url_encode(carnet_span_of(hash, sizeof(hash) / 2), out);
    return rc;
}

carnet_rc
carnet_idp_pushed_token(idp_call *call, const idp_record *record, const carnet_bops_session_status *status,
                        carnet_str *id_token, carnet_err *err)
{
    carnet_buf out = carnet_service_scratch_buf(call->worker, TOKEN_ROOM),
               subject = carnet_service_scratch_buf(call->worker, 64),
               half = carnet_service_scratch_buf(call->worker, 64), name = carnet_service_scratch_buf(call->worker, 64);
    const carnet_service_key *key = NULL;
    carnet_identity_token token;
    carnet_rc rc = carnet_service_key_get(call->worker, call->p->config->token_key, &key, err);

    if (rc == CARNET_OK)
        rc = fill_token(call, record, status, &subject, &token, err);
    if (rc == CARNET_OK)
        rc = half_hash(call, status->token, &half, err);
    if (rc != CARNET_OK)
        return rc;
    carnet_buf_add_str(&name, token.token_id); /* another token than the one beside it */
    carnet_buf_add_text(&name, ".id");
    token.token_id = carnet_buf_str(&name);
    token.auth_req_id = record->session_id;
    token.at_hash = carnet_buf_str(&half);
    rc = carnet_identity_token_build(&token, call->p->key_id, key->key, call->worker->crypto, &out, err);
    *id_token = carnet_buf_str(&out);
    return rc;
}

/* The vector bound to amount, currency and terminal, where the transaction has them. */
static carnet_rc
add_carrier(idp_call *call, const idp_record *record, carnet_bops_session_status *status, const carnet_service_key *key,
            carnet_err *err)
{
    const carnet_bops_transaction *t = &record->start.transaction;
    const carnet_carrier_binding binding = { t->amount, t->currency, t->terminal };
    carnet_vector_carrier carrier = {
        .present = CARNET_CARRIER_VECTOR | CARNET_CARRIER_SESSION | CARNET_CARRIER_REFERENCE |
                   CARNET_CARRIER_AUTH_TIME | CARNET_CARRIER_EXPIRY,
        .vector = status->vot,
        .reference = t->ref,
        .auth_time = (uint32_t)record->row.auth_time,
        .expiry = (uint32_t)record->row.active_until,
    };
    carnet_buf session = carnet_buf_of(carrier.session, sizeof(carrier.session)),
               signature = carnet_service_scratch_buf(call->worker, 96);
    carnet_rc rc;

    if (t->ref.len == 0 || t->amount.len == 0 || t->currency.len == 0 || t->terminal.len == 0)
        return CARNET_OK;
    if ((rc = carnet_base64url_decode(record->session_id, &session, err)) == CARNET_OK)
        rc = carnet_carrier_sign(&carrier, &binding, call->p->key_id, key->key, call->worker->crypto, err);
    if (rc != CARNET_OK)
        return rc;
    carnet_base64url_encode(carnet_span_of(carrier.signature, sizeof(carrier.signature)), &signature);
    status->carrier = (carnet_bops_carrier){ .vot = status->vot,
                                             .auth_time = carrier.auth_time,
                                             .expiry = carrier.expiry,
                                             .aal = status->aal,
                                             .key_id = carrier.key_id,
                                             .signature = carnet_buf_str(&signature) };
    return CARNET_OK;
}

/* Freshness goes with time (RFC 8485 3.1 has no word for it; P1940 5). */
static carnet_rc
add_vector(idp_call *call, const idp_record *record, carnet_bops_session_status *status, carnet_err *err)
{
    const char *project = call->p->config->project_trustmark;
    const carnet_trustmark trustmark = (carnet_trustmark)record->row.trustmark;
    carnet_buf out = carnet_service_scratch_buf(call->worker, CARNET_VECTOR_TEXT_MAX);
    carnet_vector vector, fresh = { { 0 } };
    int index = -1;
    carnet_rc rc = carnet_vector_read(record->row.vot, &vector, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_vector_put(&fresh, "Ci");
    if (!carnet_authentication_session_fresh(&record->state, record->row.max_age, call->now))
        vector = carnet_vector_lacking(&fresh, &vector);
    carnet_vector_write(&vector, &out);
    status->vot = carnet_buf_str(&out);
    status->vtm = carnet_trustmark_url(trustmark, carnet_str_of(project != NULL ? project : ""));
    rc = carnet_vector_request_satisfied(&record->wanted, trustmark, &vector, &index, err);
    status->vtr_satisfied = index;
    return rc;
}

carnet_rc
carnet_idp_describe(idp_call *call, idp_record *record, carnet_bops_session_status *status, carnet_err *err)
{
    const carnet_service_key *key = NULL;
    carnet_rc rc;

    *status = (carnet_bops_session_status){ .status = carnet_authentication_session_status(&record->state, call->now),
                                            .expiration = record->row.expires * 1000,
                                            .vtr_satisfied = -1 };
    if (record->session_id.len == 0 && (rc = carnet_idp_open(call, record, err)) != CARNET_OK)
        return rc;
    status->session_id = record->session_id;
    if (status->status == CARNET_BOPS_OPPORTUNITY || status->status == CARNET_BOPS_REGISTERED)
        status->interval = call->p->policy.interval_seconds;
    else if (status->status != CARNET_BOPS_AUTHENTICATED)
        status->reason = record->row.reason;
    if (status->status != CARNET_BOPS_AUTHENTICATED)
        return CARNET_OK;
    status->authenticated = true;
    status->expiration = record->row.active_until * 1000;
    status->auth_time = record->row.auth_time;
    status->aal = record->row.level;
    rc = carnet_service_key_get(call->worker, call->p->config->token_key, &key, err);
    if (rc == CARNET_OK)
        rc = add_vector(call, record, status, err);
    if (rc == CARNET_OK)
        rc = add_token(call, record, status, key, err);
    return rc == CARNET_OK ? add_carrier(call, record, status, key, err) : rc;
}

/* --- asked --- */

static bool
pending(const carnet_authentication_session *state, carnet_time now)
{
    return carnet_authentication_session_open(state, now);
}

carnet_rc
carnet_idp_own(idp_call *call, carnet_str session_id, idp_record *record, carnet_err *err)
{
    carnet_rc rc = carnet_idp_find(call, session_id, record, err);

    if (rc == CARNET_OK && !carnet_str_equal(record->row.party, call->client))
        rc = carnet_idp_refuse(call, CARNET_BOPS_ERROR_SESSION, NULL, err);
    return rc;
}

static carnet_rc
tell(idp_call *call, carnet_str session_id, int64_t wait, carnet_err *err)
{
    const int64_t most_ms = (wait < CARNET_BOPS_WAIT_MAX ? wait : CARNET_BOPS_WAIT_MAX) * 1000;
    idp_record *record = carnet_service_scratch(call->worker, sizeof(*record));
    carnet_bops_session_status *status = carnet_service_scratch(call->worker, sizeof(*status));
    carnet_rc rc;

    if (record == NULL || status == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if ((rc = carnet_idp_own(call, session_id, record, err)) != CARNET_OK)
        return rc;
    if (pending(&record->state, call->now)) {
        if ((int64_t)call->request->waited_ms < most_ms) {
            call->response->again_ms = IDP_AGAIN_MS;
            return CARNET_OK;
        }
        if (most_ms == 0 && !carnet_idp_may_poll(call, record->row.session_hash.ptr))
            return carnet_idp_refuse(call, CARNET_BOPS_ERROR_SLOW_DOWN, NULL, err);
    }
    rc = carnet_idp_describe(call, record, status, err);
    if (rc == CARNET_OK)
        rc = carnet_bops_session_status_write(status, &call->response->body, err);
    carnet_idp_close(record);
    return rc;
}

static carnet_rc
handle(idp_call *call, carnet_err *err)
{
    carnet_bops_status_request request;
    carnet_rc rc = carnet_bops_status_request_read(carnet_idp_body(call), &request, err);

    if (rc == CARNET_OK)
        rc = tell(call, request.session_id, request.wait, err);
    carnet_bops_status_request_close(&request);
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_idp_serve(self, request, response, IDP_FRIEND, NULL, handle, err);
}

const carnet_service_route carnet_idp_status_route = {
    .method = CARNET_SERVICE_POST,
    .name = "identity_session_status",
    .path = CARNET_BOPS_PATH_SESSION_STATUS,
    .summary = "What came of a session",
    .run = run,
    .accepts = "application/json",
    .body_max = 4096,
    .quiet = true,
};

static carnet_rc
handle_get(idp_call *call, carnet_err *err)
{
    const carnet_str *id = carnet_service_parameter_get(&call->request->query, "sessionId"),
                     *wait = carnet_service_parameter_get(&call->request->query, "wait");
    int64_t seconds = 0;

    if (id == NULL || id->len > CARNET_BOPS_SESSION)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_PARAMETER, "sessionId is missing", err);
    for (size_t i = 0; wait != NULL && i < wait->len; i++) {
        if (wait->ptr[i] < '0' || wait->ptr[i] > '9' || wait->len > 3)
            return carnet_idp_refuse(call, CARNET_BOPS_ERROR_PARAMETER, "wait is a number of seconds", err);
        seconds = seconds * 10 + (wait->ptr[i] - '0');
    }
    return tell(call, *id, seconds, err);
}

static carnet_rc
run_get(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_idp_serve(self, request, response, IDP_FRIEND, NULL, handle_get, err);
}

static const carnet_service_parameter_rule parameters[] = {
    { .name = "sessionId", .description = "the session" },
    { .name = "wait", .description = "seconds to wait for a change, 25 at most" },
};

const carnet_service_route carnet_idp_status_get_route = {
    .method = CARNET_SERVICE_GET,
    .name = "identity_session_status_get",
    .path = CARNET_BOPS_PATH_SESSION_STATUS,
    .summary = "What came of a session",
    .run = run_get,
    .parameters = parameters,
    .parameter_count = CARNET_COUNT(parameters),
    .quiet = true,
};
