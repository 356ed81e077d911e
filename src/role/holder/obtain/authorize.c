/* SPDX-License-Identifier: Apache-2.0 */
/* The wallet attested, the request pushed, the browser sent and come back (OpenID4VCI 5; RFC 9126, RFC 9207, RFC 7636). */
#include "internal.h"

#include "carnet/client_attestation.h"
#include "carnet/dpop.h"

/* --- client attestation --- */

carnet_rc
carnet_obtain_client_make(carnet_obtain_state *s, carnet_err *err)
{
    (void)err;
    s->action.audience = s->server_issuer;
    return CARNET_OK;
}

/** What the attester gave is for this instance, and holds. */
static carnet_rc
check_attestation(carnet_obtain_state *s, const carnet_client_attestation *view, carnet_err *err)
{
    if (!carnet_public_key_equal(&view->key, &s->p.instance_key->public_key)) {
        return carnet_fail(err, CARNET_E_CLIENT_ATTESTATION_CLIENT, NULL, "the attestation is for another key");
    }
    if (view->expires <= s->now - s->p.skew) {
        return carnet_fail(err, CARNET_E_CLIENT_ATTESTATION_EXPIRED, NULL, "the attestation has expired");
    }
    return CARNET_OK;
}

carnet_rc
carnet_obtain_client_take(carnet_obtain_state *s, carnet_str jwt, carnet_err *err)
{
    carnet_client_attestation view;
    carnet_rc rc;

    s->scratch.len = 0;
    s->scratch.overflow = false;
    rc = carnet_client_attestation_open(jwt, s->p.crypto, &s->scratch, &view, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    rc = check_attestation(s, &view, err);
    if (rc == CARNET_OK && s->renewing && s->client_id.len > 0 && !carnet_str_equal(view.client_id, s->client_id)) {
        rc = carnet_fail(err, CARNET_E_CLIENT_ATTESTATION_CLIENT, NULL, "the grant was given to another client");
    }
    rc = rc == CARNET_OK ? carnet_obtain_remember(s, view.client_id, &s->client_id, err) : rc;
    rc = rc == CARNET_OK ? carnet_obtain_remember(s, jwt, &s->attestation, err) : rc;
    carnet_client_attestation_close(&view);
    s->mark = s->texts.len;
    carnet_obtain_go(s, s->after);
    return rc;
}

/** Before a request with a proof of possession: a challenge, if the server gives them out.  True: it is to be had first. */
static bool
needs_challenge(carnet_obtain_state *s)
{
    if (!s->attested || s->challenge.len > 0 || s->server.challenge_endpoint.len == 0) {
        return false;
    }
    s->after = s->step;
    carnet_obtain_go(s, CARNET_STEP_CHALLENGE);
    return true;
}

carnet_rc
carnet_obtain_challenge_make(carnet_obtain_state *s, carnet_err *err)
{
    carnet_obtain_ask(s, CARNET_OBTAIN_CHALLENGE, "POST", s->server.challenge_endpoint);
    carnet_obtain_field(s, "Accept", carnet_str_of("application/json"));
    return carnet_obtain_asked(s, err);
}

carnet_rc
carnet_obtain_challenge_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err)
{
    carnet_json *json = NULL;
    carnet_rc rc;

    if (!carnet_obtain_good(answer)) {
        return carnet_obtain_refused(s, answer, err);
    }
    rc = carnet_json_parse(carnet_obtain_body_text(answer), &json, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    carnet_obtain_note(s, false, answer);
    rc = carnet_obtain_set(&s->challenge, carnet_json_string(carnet_json_get(json, "attestation_challenge")), err);
    carnet_json_free(&json);
    if (rc == CARNET_OK && s->challenge.len == 0) {
        return carnet_fail(err, CARNET_E_OBTAIN_ANSWER, NULL, "the server gave no attestation challenge");
    }
    carnet_obtain_go(s, s->after);
    return rc;
}

/* --- the authorization request --- */

/** By scope where each configuration has one and the server does not prefer details (HAIP: always by scope). */
static bool
goes_by_details(carnet_obtain_state *s)
{
    for (size_t i = 0; i < s->order_count; i++) {
        carnet_credential_configuration c;

        if (carnet_issuer_metadata_find(&s->metadata, s->orders[i].id, &c, NULL) != CARNET_OK || c.scope.len == 0) {
            return true;
        }
    }
    return !s->p.haip && carnet_metadata_list_has(&s->server.authorization_details_types_supported,
                                                  CARNET_AUTHORIZATION_DETAILS_TYPE);
}

static void
add_scope(carnet_obtain_state *s, carnet_str *scope)
{
    size_t begin = s->documents.len;

    for (size_t i = 0; i < s->order_count; i++) {
        carnet_credential_configuration c;

        if (carnet_issuer_metadata_find(&s->metadata, s->orders[i].id, &c, NULL) != CARNET_OK) {
            continue;
        }
        if (carnet_scope_has((carnet_str){ (const char *)s->documents.ptr + begin, s->documents.len - begin },
                             c.scope)) {
            continue;
        }
        carnet_buf_add_text(&s->documents, s->documents.len > begin ? " " : "");
        carnet_buf_add_str(&s->documents, c.scope);
    }
    *scope = (carnet_str){ (const char *)s->documents.ptr + begin, s->documents.len - begin };
}

/** What the wallet alone knows of this request: verifier and state. */
static carnet_rc
make_secrets(carnet_obtain_state *s, carnet_err *err)
{
    carnet_pkce other;
    carnet_rc rc = carnet_pkce_make(NULL, s->p.crypto, &s->pkce, err);

    rc = rc == CARNET_OK ? carnet_pkce_make(NULL, s->p.crypto, &other, err) : rc;
    for (size_t i = 0; rc == CARNET_OK && i < sizeof s->state; i++) {
        s->state[i] = other.verifier[i];
    }
    carnet_pkce_done(&other);
    return rc;
}

static carnet_rc
describe(carnet_obtain_state *s, carnet_authorization_request *r, carnet_err *err)
{
    s->client_id = s->client_id.len > 0 ? s->client_id : s->p.client_id;
    *r = (carnet_authorization_request){ .client_id = s->client_id,
                                         .redirect_uri = s->p.redirect_uri,
                                         .state = carnet_str_of(s->state),
                                         .code_challenge = carnet_str_of(s->pkce.challenge),
                                         .issuer_state = s->offer.issuer_state };
    if (s->client_id.len == 0 || s->p.redirect_uri.len == 0) {
        return carnet_fail(err, CARNET_E_OBTAIN_UNSUPPORTED, NULL,
                           "the issuer wants a browser, and this wallet has none, or no client identifier");
    }
    s->by_details = goes_by_details(s);
    if (!s->by_details) {
        add_scope(s, &r->scope);
        r->resource = s->issuer;
        return CARNET_OK;
    }
    if (s->order_count > CARNET_AUTHORIZATION_DETAILS_MAX) {
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "too many documents at once");
    }
    for (size_t i = 0; i < s->order_count; i++) {
        r->configuration_ids[r->configuration_id_count++] = s->orders[i].id;
    }
    if (s->metadata.authorization_server_count > 0) {
        r->location = s->issuer;
    }
    return CARNET_OK;
}

/** Without PAR the whole request goes into the link. */
static carnet_rc
link_plainly(carnet_obtain_state *s, const carnet_authorization_request *r, carnet_err *err)
{
    carnet_form_writer writer;
    carnet_str url;
    carnet_rc rc;

    s->request.len = 0;
    writer = carnet_form_write_query(s->server.authorization_endpoint, &s->request);
    rc = carnet_authorization_request_write(r, &writer, err);
    rc = rc == CARNET_OK ? carnet_obtain_asked(s, err) : rc;
    rc = rc == CARNET_OK ? carnet_obtain_remember(s, carnet_buf_str(&s->request), &url, err) : rc;
    s->code = rc == CARNET_OK ? url : (carnet_str){ 0 };
    carnet_obtain_forward(s, CARNET_STEP_BROWSER);
    return rc;
}

carnet_rc
carnet_obtain_push_make(carnet_obtain_state *s, carnet_err *err)
{
    carnet_str endpoint = s->server.pushed_authorization_request_endpoint;
    carnet_authorization_request r;
    carnet_form_writer writer;
    carnet_rc rc;

    if (endpoint.len > 0 && needs_challenge(s)) {
        return CARNET_OK;
    }
    s->documents.len = 0;
    rc = s->pkce.verifier[0] == '\0' ? make_secrets(s, err) : CARNET_OK;
    rc = rc == CARNET_OK ? describe(s, &r, err) : rc;
    if (rc != CARNET_OK || endpoint.len == 0) {
        return rc == CARNET_OK ? link_plainly(s, &r, err) : rc;
    }
    carnet_obtain_ask(s, CARNET_OBTAIN_PUSHED_REQUEST, "POST", endpoint);
    writer = carnet_form_write(&s->request);
    rc = carnet_authorization_request_write(&r, &writer, err);
    carnet_obtain_body(s, "application/x-www-form-urlencoded", 0);
    carnet_obtain_field(s, "Accept", carnet_str_of("application/json"));
    rc = rc == CARNET_OK ? carnet_obtain_add_attestation(s, err) : rc;
    if (rc == CARNET_OK && s->dpop) {
        rc = carnet_obtain_add_dpop(s, false, err);
    }
    return rc == CARNET_OK ? carnet_obtain_asked(s, err) : rc;
}

carnet_rc
carnet_obtain_push_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err)
{
    carnet_pushed_authorization pushed;
    carnet_str url;
    carnet_rc rc;

    carnet_obtain_note(s, false, answer);
    if (!carnet_obtain_good(answer)) {
        return carnet_obtain_refused(s, answer, err);
    }
    rc = carnet_pushed_authorization_read(carnet_obtain_body_text(answer), &pushed, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    rc = carnet_pushed_authorization_url(s->server.authorization_endpoint, s->client_id, pushed.request_uri,
                                         &s->scratch, err);
    if (rc == CARNET_OK && s->scratch.overflow) {
        rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    rc = rc == CARNET_OK ? carnet_obtain_remember(s, carnet_buf_str(&s->scratch), &url, err) : rc;
    carnet_pushed_authorization_done(&pushed);
    if (rc == CARNET_OK) {
        s->code = url; /* until there is a code, where one is to be had */
    }
    carnet_obtain_forward(s, CARNET_STEP_BROWSER);
    return rc;
}

/* --- the browser --- */

carnet_rc
carnet_obtain_browser_make(carnet_obtain_state *s, carnet_err *err)
{
    (void)err;
    s->action.url = s->code;
    return CARNET_OK;
}

/** The user or the server said no. */
static carnet_rc
fail_browser(carnet_obtain_state *s, const carnet_authorization_response *response, carnet_err *err)
{
    carnet_rc rc;

    s->refusal.status = 0;
    carnet_obtain_show(response->answer.name, s->refusal.error, sizeof s->refusal.error);
    carnet_obtain_show(response->answer.description, s->refusal.description, sizeof s->refusal.description);
    rc = carnet_oauth_answer_fail(&response->answer, err);
    return rc != CARNET_OK ? rc : carnet_fail(err, CARNET_E_OBTAIN_ANSWER, NULL, NULL);
}

carnet_rc
carnet_obtain_browser_take(carnet_obtain_state *s, carnet_str url, carnet_err *err)
{
    bool issuer_required = s->p.haip || s->server.authorization_response_iss_parameter_supported;
    carnet_authorization_response response;
    carnet_rc rc;

    s->scratch.len = 0;
    s->scratch.overflow = false;
    rc = carnet_authorization_response_read(url, carnet_str_of(s->state), s->server_issuer, issuer_required,
                                            &s->scratch, &response, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    if (response.code.len == 0) {
        return fail_browser(s, &response, err);
    }
    s->after = CARNET_STEP_TOKEN;
    carnet_obtain_forward(s, CARNET_STEP_TOKEN);
    return carnet_obtain_remember(s, response.code, &s->code, err);
}

/* --- the token --- */

static carnet_token_request
token_request(const carnet_obtain_state *s)
{
    carnet_token_request r = { .grant = s->grant, .client_id = s->client_id };

    switch (s->grant) {
    case CARNET_GRANT_AUTHORIZATION_CODE:
        r.code = s->code;
        r.redirect_uri = s->p.redirect_uri;
        r.code_verifier = carnet_str_of(s->pkce.verifier);
        break;
    case CARNET_GRANT_PRE_AUTHORIZED_CODE:
        r.pre_authorized_code = s->offer.pre_authorized_code;
        r.tx_code = carnet_obtain_get(&s->tx_code);
        break;
    default:
        r.refresh_token = (carnet_str){ s->refresh_token.bytes, s->refresh_token.len };
        break;
    }
    return r;
}

carnet_rc
carnet_obtain_token_make(carnet_obtain_state *s, carnet_err *err)
{
    carnet_token_request r = token_request(s);
    carnet_rc rc;

    if (s->grant == CARNET_GRANT_REFRESH_TOKEN && s->refresh_token.len == 0) {
        return carnet_fail(err, CARNET_E_OAUTH_TOKEN, NULL, "the issuer gave no refresh token: a new offer is needed");
    }
    if (needs_challenge(s)) {
        return CARNET_OK;
    }
    carnet_obtain_ask(s, CARNET_OBTAIN_TOKEN, "POST", s->server.token_endpoint);
    rc = carnet_token_request_write(&r, &s->request, err);
    carnet_obtain_body(s, "application/x-www-form-urlencoded", 0);
    carnet_obtain_field(s, "Accept", carnet_str_of("application/json"));
    rc = rc == CARNET_OK ? carnet_obtain_add_attestation(s, err) : rc;
    if (rc == CARNET_OK && s->dpop) {
        rc = carnet_obtain_add_dpop(s, false, err);
    }
    return rc == CARNET_OK ? carnet_obtain_asked(s, err) : rc;
}

/** Each configuration that the token's details speak of is ordered by the identifiers given for it. */
static carnet_rc
take_details(carnet_obtain_state *s, const carnet_token_response *response, carnet_err *err)
{
    carnet_token_detail detail;
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && carnet_token_response_detail(response, i, &detail); i++) {
        size_t count = carnet_json_count(detail.identifiers_read), at = 0;

        while (at < s->order_count && !carnet_str_equal(s->orders[at].id, detail.configuration_id)) {
            at++;
        }
        for (size_t n = 0; rc == CARNET_OK && at < s->order_count && n < count; n++) {
            carnet_obtain_order *order = n == 0 ? &s->orders[at] : &s->orders[s->order_count];
            carnet_str identifier = carnet_json_string(carnet_json_at(detail.identifiers_read, n));

            if (n > 0 && s->order_count == CARNET_OBTAIN_ORDERS_MAX) {
                return carnet_fail(err, CARNET_E_LIMIT, NULL, "the issuer has too many documents at once");
            }
            s->order_count += n > 0;
            order->id = s->orders[at].id;
            rc = carnet_obtain_remember(s, identifier, &order->identifier, err);
        }
    }
    return rc;
}

static carnet_rc
take_token(carnet_obtain_state *s, const carnet_token_response *response, carnet_err *err)
{
    if (response->access_token.len > CARNET_OBTAIN_TOKEN_MAX || response->refresh_token.len > CARNET_OBTAIN_TOKEN_MAX) {
        return carnet_fail(err, CARNET_E_OBTAIN_ANSWER, NULL, "the token is too long");
    }
    if (response->dpop && !s->dpop) {
        return carnet_fail(err, CARNET_E_OBTAIN_ANSWER, "RFC 9449 5", "the token is bound to a key nobody showed");
    }
    if (!response->dpop && s->p.haip) {
        return carnet_fail(err, CARNET_E_OBTAIN_POLICY, "HAIP 4", "the token is not bound to a key");
    }
    carnet_obtain_set_token(&s->access_token, response->access_token);
    if (response->refresh_token.len > 0) {
        carnet_obtain_set_token(&s->refresh_token, response->refresh_token);
    }
    s->token_dpop = response->dpop;
    s->expires = response->expires_in > 0 ? s->now + response->expires_in : 0;
    return s->after_token == CARNET_STEP_KEYS ? take_details(s, response, err) : CARNET_OK;
}

carnet_rc
carnet_obtain_token_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err)
{
    carnet_token_response response;
    carnet_rc rc;

    carnet_obtain_note(s, false, answer);
    if (!carnet_obtain_good(answer)) {
        return carnet_obtain_refused(s, answer, err);
    }
    rc = carnet_token_response_read(carnet_obtain_body_text(answer), &response, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    rc = take_token(s, &response, err);
    (void)!carnet_obtain_nonce_from(s, response.document);
    carnet_token_response_done(&response);
    carnet_wipe(&s->tx_code, sizeof s->tx_code);
    carnet_pkce_done(&s->pkce);
    s->mark = s->texts.len;
    s->tries = (carnet_obtain_tries){ .token = s->tries.token, .busy = s->tries.busy };
    carnet_obtain_go(s, s->after_token);
    return rc;
}
