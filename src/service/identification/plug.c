/* SPDX-License-Identifier: Apache-2.0 */
/* The code flow with PKCE (OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9700). */
#include "internal.h"

#include "carnet/form.h"
#include "carnet/pkce.h"

#include <string.h>

static carnet_str
parameter(const carnet_identification_request *request, const char *name)
{
    for (size_t i = 0; i < request->parameter_count; i++)
        if (carnet_str_is(request->parameters[i].name, name))
            return request->parameters[i].value;
    return (carnet_str){ 0 };
}

/* Why a log-in came to nothing, for the operator: the person is told less. */
static void
tell(carnet_service_worker *worker, const char *outcome, carnet_rc rc, const carnet_err *why)
{
    carnet_service_event event = { .interface = "IS-3",
                                   .kind = "log_in.ended",
                                   .outcome = outcome,
                                   .reason = why->reason[0] != '\0' ? why->reason : carnet_rc_text(rc) };

    carnet_service_event_log(worker, &event);
}

/* How and how recently the person is to log in (OpenID Connect Core 3.1.2.1). */
static bool
add_demands(const oidc *o, carnet_service_worker *worker, carnet_form_writer *query)
{
    const carnet_config_texts *values = &o->config->acr_values;
    carnet_buf list = carnet_service_scratch_buf(worker, 4096), age = carnet_service_scratch_buf(worker, 16);

    for (size_t i = 0; i < values->count; i++) {
        if (i > 0)
            carnet_buf_add_byte(&list, ' ');
        carnet_buf_add_text(&list, values->list[i]);
    }
    if (o->config->max_age_seconds > 0)
        carnet_buf_add_uint(&age, o->config->max_age_seconds);
    carnet_form_add_some(query, "acr_values", carnet_buf_str(&list));
    carnet_form_add_some(query, "max_age", carnet_buf_str(&age));
    return !list.overflow && !age.overflow;
}

/* `begun` in the room. */
static carnet_str
since(const carnet_buf *room, size_t begun)
{
    return (carnet_str){ (const char *)room->ptr + begun, room->len - begun };
}

/* What is remembered is the nonce and the verifier, one after the other. */
static carnet_rc
send(const oidc *o, const carnet_identification_request *request, const oidc_provider *provider, carnet_buf *room,
     carnet_identification_step *step, carnet_err *err)
{
    const char *scope = o->config->scope != NULL ? o->config->scope : "openid";
    carnet_form_writer query;
    carnet_pkce pkce;
    uint8_t secret[32];
    size_t at = room->len, uri;
    bool whole;
    carnet_rc rc;

    if ((rc = carnet_random_fill(&request->random, secret, sizeof(secret), err)) != CARNET_OK ||
        (rc = carnet_pkce_make(&request->random, request->crypto, &pkce, err)) != CARNET_OK)
        return rc;
    carnet_base64url_encode(carnet_span_of(secret, sizeof(secret)), room);
    carnet_buf_add_text(room, pkce.verifier);
    uri = room->len;
    query = carnet_form_write_query(provider->authorization_endpoint, room);
    carnet_form_add(&query, "response_type", carnet_str_of("code"));
    carnet_form_add(&query, "client_id", carnet_str_of(o->config->client_id));
    carnet_form_add(&query, "scope", carnet_str_of(scope));
    carnet_form_add(&query, "redirect_uri", request->return_base);
    carnet_form_add(&query, "state", request->flow);
    carnet_form_add(&query, "nonce", (carnet_str){ (const char *)room->ptr + at, OIDC_NONCE });
    carnet_form_add(&query, "code_challenge", carnet_str_of(pkce.challenge));
    carnet_form_add(&query, "code_challenge_method", carnet_str_of(CARNET_PKCE_METHOD));
    carnet_form_add_some(&query, "login_hint", request->subject_hint);
    whole = add_demands(o, request->worker, &query);
    carnet_pkce_done(&pkce);
    if (room->overflow || !whole)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    step->outcome = CARNET_IDENTIFICATION_PENDING;
    step->state = carnet_span_of(room->ptr + at, uri - at);
    step->uri = since(room, uri);
    return CARNET_OK;
}

carnet_rc
carnet_oidc_begin(void *self, const carnet_identification_request *request, carnet_buf *room,
                  carnet_identification_step *step, carnet_err *err)
{
    oidc_provider provider;
    carnet_err why = { 0 };
    carnet_rc rc;

    *step = (carnet_identification_step){ .reason = CARNET_IDENTIFICATION_UNAVAILABLE };
    if (request->worker == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the log-in elsewhere needs a worker");
    if ((rc = carnet_oidc_provider(self, request->worker, request->now, NULL, &provider, &why)) != CARNET_OK) {
        tell(request->worker, "failed", rc, &why);
        return CARNET_OK;
    }
    return send(self, request, &provider, room, step, err);
}

/* "Basic" of client_id and secret (RFC 6749 2.3.1). */
static void
add_credentials(const oidc *o, carnet_service_worker *worker, carnet_buf *field)
{
    carnet_buf plain = carnet_service_scratch_buf(worker, 4096);

    carnet_percent_encode(carnet_str_of(o->config->client_id), &plain);
    carnet_buf_add_text(&plain, ":");
    carnet_percent_encode(carnet_str_of(o->secret), &plain);
    carnet_buf_add_text(field, "Authorization: Basic ");
    carnet_base64_encode(carnet_buf_span(&plain), field);
}

/* Ask for the token.  *token is empty when the provider refuses. */
static carnet_rc
redeem(const oidc *o, const carnet_identification_request *request, const oidc_provider *provider, carnet_str code,
       carnet_json **json, carnet_err *err)
{
    carnet_service_worker *worker = request->worker;
    carnet_buf field = carnet_service_scratch_buf(worker, 8192), body = carnet_service_scratch_buf(worker, 16384);
    carnet_form_writer form = carnet_form_write(&body);
    carnet_str fields[] = { carnet_str_of("Content-Type: application/x-www-form-urlencoded"),
                            carnet_str_of("Accept: application/json"),
                            { 0 } };
    carnet_fetch_request post = { .method = "POST",
                                  .uri = provider->token_endpoint,
                                  .fields = fields,
                                  .field_count = CARNET_COUNT(fields) - provider->secret_in_body };
    carnet_fetch_answer answer = { 0 };
    carnet_rc rc;

    add_credentials(o, worker, &field);
    fields[2] = carnet_buf_str(&field);
    carnet_form_add(&form, "grant_type", carnet_str_of("authorization_code"));
    carnet_form_add(&form, "code", code);
    carnet_form_add(&form, "redirect_uri", request->return_base);
    carnet_form_add(&form, "code_verifier",
                    (carnet_str){ (const char *)request->state.ptr + OIDC_NONCE, CARNET_PKCE_LENGTH });
    if (provider->secret_in_body) {
        carnet_form_add(&form, "client_id", carnet_str_of(o->config->client_id));
        carnet_form_add(&form, "client_secret", carnet_str_of(o->secret));
    }
    post.body = carnet_buf_span(&body);
    if (field.overflow || body.overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if ((rc = carnet_oidc_ask(o, worker, &post, &answer, err)) != CARNET_OK)
        return rc;
    if (answer.status >= 500)
        return carnet_fail(err, CARNET_E_LINK_PROTOCOL, NULL, "the identity provider failed");
    if (answer.status != 200)
        return carnet_fail(err, CARNET_E_OIDC_TOKEN, NULL, "the identity provider refused the code");
    return carnet_json_parse(carnet_buf_str(&answer.body), json, err);
}

static carnet_identification_reason
reason_of(carnet_str error)
{
    if (carnet_str_is(error, "access_denied"))
        return CARNET_IDENTIFICATION_BY_USER;
    if (carnet_str_is(error, "temporarily_unavailable") || carnet_str_is(error, "server_error"))
        return CARNET_IDENTIFICATION_UNAVAILABLE;
    return CARNET_IDENTIFICATION_FAILED;
}

/* The code becomes a subject, in the scratch. */
static carnet_rc
identify(oidc *o, const carnet_identification_request *request, const oidc_provider *provider, carnet_str code,
         carnet_str *subject, carnet_err *err)
{
    carnet_str nonce = { (const char *)request->state.ptr, OIDC_NONCE };
    carnet_json *json = NULL;
    carnet_rc rc = redeem(o, request, provider, code, &json, err);

    if (rc == CARNET_OK)
        rc = carnet_oidc_token(o, request->worker, provider, carnet_json_string(carnet_json_get(json, "id_token")),
                               nonce, request->now, subject, err);
    carnet_json_free(&json);
    return rc;
}

/* A step that is left as it is refuses. */
static carnet_rc
finish(oidc *o, const carnet_identification_request *request, const oidc_provider *provider, carnet_str code,
       carnet_identification_step *step)
{
    carnet_err why = { 0 };
    carnet_str subject;
    carnet_rc rc = identify(o, request, provider, code, &subject, &why);

    if (rc != CARNET_OK) {
        tell(request->worker, rc == CARNET_E_OIDC_TOKEN ? "refused" : "failed", rc, &why);
        if (rc != CARNET_E_OIDC_TOKEN)
            step->reason = CARNET_IDENTIFICATION_UNAVAILABLE;
        return CARNET_OK;
    }
    if (request->subject_hint.len > 0 && !carnet_str_equal(request->subject_hint, subject)) {
        step->reason = CARNET_IDENTIFICATION_MISMATCH;
        return CARNET_OK;
    }
    step->outcome = CARNET_IDENTIFICATION_IDENTIFIED;
    step->subject = subject;
    step->evidence = carnet_str_of("log-in at the identity provider");
    return CARNET_OK;
}

/* RFC 9207 2.4: an answer of another server is not taken for this one's, be it an error. */
static bool
of_another(const oidc *o, const carnet_identification_request *request, const oidc_provider *provider)
{
    const carnet_str issuer = parameter(request, "iss");

    return (provider->names_issuer || issuer.len > 0) && !carnet_str_is(issuer, o->config->issuer);
}

/* What the browser brought back. */
static carnet_rc
take(oidc *o, const carnet_identification_request *request, const oidc_provider *provider, carnet_buf *room,
     carnet_identification_step *step, carnet_err *err)
{
    carnet_str code = parameter(request, "code"), error = parameter(request, "error");
    carnet_err why = { 0 };
    carnet_rc rc;

    /* A browser that came back without an answer is sent again. */
    if (code.len == 0 && error.len == 0)
        return send(o, request, provider, room, step, err);
    if (of_another(o, request, provider)) {
        rc = carnet_fail(&why, CARNET_E_OIDC_TOKEN, "RFC 9207 2.4", "the answer is of another server, or of none");
        tell(request->worker, "refused", rc, &why);
        return CARNET_OK;
    }
    if (error.len > 0) {
        step->reason = reason_of(error);
        return CARNET_OK;
    }
    if (request->state.len != OIDC_NONCE + CARNET_PKCE_LENGTH)
        return CARNET_OK;
    return finish(o, request, provider, code, step);
}

carnet_rc
carnet_oidc_resume(void *self, const carnet_identification_request *request, carnet_buf *room,
                   carnet_identification_step *step, carnet_err *err)
{
    oidc_provider provider;
    carnet_err why = { 0 };
    carnet_rc rc;

    *step = (carnet_identification_step){ .reason = CARNET_IDENTIFICATION_FAILED };
    if (request->worker == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the log-in elsewhere needs a worker");
    if ((rc = carnet_oidc_provider(self, request->worker, request->now, NULL, &provider, &why)) != CARNET_OK) {
        tell(request->worker, "failed", rc, &why);
        step->reason = CARNET_IDENTIFICATION_UNAVAILABLE;
        return CARNET_OK;
    }
    return take(self, request, &provider, room, step, err);
}
