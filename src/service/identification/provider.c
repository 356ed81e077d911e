/* SPDX-License-Identifier: Apache-2.0 */
/* What a provider says of itself (OpenID Connect Discovery 1.0, 4), kept for an hour. */
#include "carnet/oauth_url.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define KEPT          3600 /* seconds */
#define RENEWED_AFTER 60
#define FAILED_FOR    5 /* so that requests do not queue up, each to wait for the same silence */

carnet_rc
carnet_oidc_ask(const oidc *o, carnet_service_worker *worker, const carnet_fetch_request *request,
                carnet_fetch_answer *answer, carnet_err *err)
{
    carnet_fetch_limits limits = { .octets = OIDC_DOCUMENT_MAX,
                                   .timeout_ms = o->config->timeout_ms > 0 ? (int)o->config->timeout_ms : 5000,
                                   .ca = o->config->ca,
                                   .plain_loopback = o->loopback };

    answer->header = carnet_service_scratch_buf(worker, CARNET_FETCH_HEADER_MAX);
    answer->body = carnet_service_scratch_buf(worker, OIDC_DOCUMENT_MAX);
    return carnet_fetch_ask(NULL, request, &limits, answer, err);
}

/* A document as a text of its own; *text is NULL on failure. */
static carnet_rc
get(const oidc *o, carnet_service_worker *worker, carnet_str uri, char **text, carnet_err *err)
{
    carnet_str accept = carnet_str_of("Accept: application/json");
    carnet_fetch_request request = { .method = "GET", .uri = uri, .fields = &accept, .field_count = 1 };
    carnet_fetch_answer answer = { 0 };
    carnet_rc rc = carnet_oidc_ask(o, worker, &request, &answer, err);

    *text = NULL;
    if (rc != CARNET_OK)
        return rc;
    if (answer.status != 200)
        return carnet_fail(err, CARNET_E_LINK_PROTOCOL, NULL, "the identity provider does not give its document");
    *text = malloc(answer.body.len + 1);
    if (*text == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    memcpy(*text, answer.body.ptr, answer.body.len);
    (*text)[answer.body.len] = '\0';
    return CARNET_OK;
}

static carnet_rc
get_keys(const oidc *o, carnet_service_worker *worker, const char *discovery, char **jwks, carnet_err *err)
{
    carnet_json *json = NULL, *set = NULL;
    carnet_rc rc = carnet_json_parse(carnet_str_of(discovery), &json, err);

    /* Discovery 4.3: else somebody else's document stands here. */
    if (rc == CARNET_OK && !carnet_str_is(carnet_json_string(carnet_json_get(json, "issuer")), o->config->issuer))
        rc = carnet_fail(err, CARNET_E_OIDC_PROVIDER, "OpenID Connect Discovery 4.3", "the issuer has another name");
    if (rc == CARNET_OK)
        rc = get(o, worker, carnet_json_string(carnet_json_get(json, "jwks_uri")), jwks, err);
    if (rc == CARNET_OK && (rc = carnet_json_parse(carnet_str_of(*jwks), &set, err)) == CARNET_OK &&
        carnet_json_type_of(carnet_json_get(set, "keys")) != CARNET_JSON_ARRAY)
        rc = carnet_fail(err, CARNET_E_OIDC_PROVIDER, "RFC 7517 5", "what is at jwks_uri is no set of keys");
    carnet_json_free(&json);
    carnet_json_free(&set);
    return rc;
}

/* Both documents, or neither: what was there stays until it can be replaced. */
static carnet_rc
fetch_all(oidc *o, carnet_service_worker *worker, carnet_err *err)
{
    uint8_t room[2048];
    carnet_buf uri = carnet_buf_of(room, sizeof(room));
    char *discovery = NULL, *jwks = NULL;
    carnet_rc rc;

    carnet_buf_add_text(&uri, o->config->issuer);
    if (uri.len > 0 && uri.ptr[uri.len - 1] == '/')
        uri.len--;
    carnet_buf_add_text(&uri, "/.well-known/openid-configuration");
    if (uri.overflow)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "the issuer's address is too long");
    if ((rc = get(o, worker, carnet_buf_str(&uri), &discovery, err)) == CARNET_OK &&
        (rc = get_keys(o, worker, discovery, &jwks, err)) == CARNET_OK) {
        free(o->discovery);
        free(o->jwks);
        o->discovery = discovery;
        o->jwks = jwks;
        return CARNET_OK;
    }
    free(discovery);
    free(jwks);
    return rc;
}

static carnet_str
keep(carnet_service_worker *worker, carnet_str text)
{
    carnet_buf room = carnet_service_scratch_buf(worker, text.len);

    carnet_buf_add_str(&room, text);
    return carnet_buf_str(&room);
}

static bool
has(const carnet_json *list, const char *word)
{
    for (size_t i = 0; carnet_json_type_of(list) == CARNET_JSON_ARRAY && i < carnet_json_count(list); i++)
        if (carnet_str_is(carnet_json_string(carnet_json_at(list, i)), word))
            return true;
    return false;
}

static carnet_rc
describe(const oidc *o, carnet_service_worker *worker, oidc_provider *provider, carnet_err *err)
{
    carnet_json *json = NULL;
    const carnet_json *methods;
    carnet_oauth_url parts;
    carnet_rc rc = carnet_json_parse(carnet_str_of(o->discovery), &json, err);

    if (rc != CARNET_OK)
        return rc;
    methods = carnet_json_get(json, "token_endpoint_auth_methods_supported");
    *provider = (oidc_provider){
        .authorization_endpoint = keep(worker, carnet_json_string(carnet_json_get(json, "authorization_endpoint"))),
        .token_endpoint = keep(worker, carnet_json_string(carnet_json_get(json, "token_endpoint"))),
        .jwks = keep(worker, carnet_str_of(o->jwks)),
        .names_issuer = carnet_json_bool(carnet_json_get(json, "authorization_response_iss_parameter_supported")),
        .secret_in_body = has(methods, "client_secret_post") && !has(methods, "client_secret_basic"),
    };
    carnet_json_free(&json);
    if (carnet_oauth_url_secure(provider->authorization_endpoint, o->loopback, &parts, NULL) != CARNET_OK)
        return carnet_fail(err, CARNET_E_OIDC_PROVIDER, NULL, "the authorization endpoint is no address of https");
    return CARNET_OK;
}

/* Whether something was at `then`, less than so many seconds ago. */
static bool
recently(carnet_time then, carnet_time seconds, carnet_time now)
{
    return then != 0 && then <= now && then + seconds > now;
}

static carnet_rc
refresh(oidc *o, carnet_service_worker *worker, carnet_time now, const oidc_provider *stale, carnet_err *err)
{
    carnet_rc rc;

    if (o->jwks != NULL && recently(o->fetched, KEPT, now)) {
        /* Somebody else may have fetched it meanwhile. */
        if (stale == NULL || !carnet_str_is(stale->jwks, o->jwks))
            return CARNET_OK;
        if (recently(o->renewed, RENEWED_AFTER, now))
            return carnet_fail(err, CARNET_E_OIDC_PROVIDER, NULL, "the provider was asked for its keys a moment ago");
        o->renewed = now;
    } else if (recently(o->failed, FAILED_FOR, now)) {
        return carnet_fail(err, CARNET_E_OIDC_PROVIDER, NULL, "the provider could not be asked a moment ago");
    }
    rc = fetch_all(o, worker, err);
    o->failed = rc == CARNET_OK ? 0 : now;
    if (rc == CARNET_OK)
        o->fetched = now;
    return rc;
}

carnet_rc
carnet_oidc_provider(oidc *o, carnet_service_worker *worker, carnet_time now, const oidc_provider *stale,
                     oidc_provider *provider, carnet_err *err)
{
    carnet_rc rc;

    *provider = (oidc_provider){ 0 };
    (void)pthread_mutex_lock(&o->lock);
    rc = refresh(o, worker, now, stale, err);
    if (rc == CARNET_OK)
        rc = describe(o, worker, provider, err);
    (void)pthread_mutex_unlock(&o->lock);
    return rc;
}
