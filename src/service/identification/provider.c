/* SPDX-License-Identifier: Apache-2.0 */
/* What a provider says of itself (OpenID Connect Discovery 1.0, 4), kept for an hour. */
#include "carnet/oauth_url.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define KEPT 3600

carnet_rc
carnet_oidc_ask(const oidc *o, carnet_service_worker *worker, const carnet_fetch_request *request,
                carnet_fetch_answer *answer, carnet_err *err)
{
    carnet_fetch_limits limits = { .octets = OIDC_DOCUMENT_MAX,
                                   .timeout_ms = o->config->timeout_ms > 0 ? (int)o->config->timeout_ms : 10000,
                                   .ca = o->config->ca,
                                   .plain_loopback = o->loopback };

    answer->header = carnet_service_scratch_buf(worker, CARNET_FETCH_HEADER_MAX);
    answer->body = carnet_service_scratch_buf(worker, OIDC_DOCUMENT_MAX);
    return carnet_fetch_ask(NULL, request, &limits, answer, err);
}

/* A document as a text of its own. */
static carnet_rc
get(const oidc *o, carnet_service_worker *worker, carnet_str uri, char **text, carnet_err *err)
{
    carnet_str accept = carnet_str_of("Accept: application/json");
    carnet_fetch_request request = { .method = "GET", .uri = uri, .fields = &accept, .field_count = 1 };
    carnet_fetch_answer answer = { 0 };
    carnet_rc rc = carnet_oidc_ask(o, worker, &request, &answer, err);

    if (rc != CARNET_OK)
        return rc;
    if (answer.status != 200)
        return carnet_fail(err, CARNET_E_LINK_PROTOCOL, NULL, "the identity provider does not give its document");
    free(*text);
    *text = malloc(answer.body.len + 1);
    if (*text == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    memcpy(*text, answer.body.ptr, answer.body.len);
    (*text)[answer.body.len] = '\0';
    return CARNET_OK;
}

static carnet_rc
fetch_all(oidc *o, carnet_service_worker *worker, carnet_err *err)
{
    uint8_t room[2048];
    carnet_buf uri = carnet_buf_of(room, sizeof(room));
    carnet_json *json = NULL;
    carnet_rc rc;

    carnet_buf_add_text(&uri, o->config->issuer);
    if (uri.len > 0 && uri.ptr[uri.len - 1] == '/')
        uri.len--;
    carnet_buf_add_text(&uri, "/.well-known/openid-configuration");
    if (uri.overflow)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "the issuer's address is too long");
    if ((rc = get(o, worker, carnet_buf_str(&uri), &o->discovery, err)) != CARNET_OK ||
        (rc = carnet_json_parse(carnet_str_of(o->discovery), &json, err)) != CARNET_OK)
        return rc;
    /* Discovery 4.3: else somebody else's document stands here. */
    if (!carnet_str_is(carnet_json_string(carnet_json_get(json, "issuer")), o->config->issuer))
        rc = carnet_fail(err, CARNET_E_OIDC_PROVIDER, "OpenID Connect Discovery 4.3", "the issuer has another name");
    if (rc == CARNET_OK)
        rc = get(o, worker, carnet_json_string(carnet_json_get(json, "jwks_uri")), &o->jwks, err);
    carnet_json_free(&json);
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

carnet_rc
carnet_oidc_provider(oidc *o, carnet_service_worker *worker, carnet_time now, bool anew, oidc_provider *provider,
                     carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    *provider = (oidc_provider){ 0 };
    (void)pthread_mutex_lock(&o->lock);
    if (anew || o->jwks == NULL || o->fetched + KEPT < now) {
        rc = fetch_all(o, worker, err);
        o->fetched = rc == CARNET_OK ? now : 0;
    }
    if (rc == CARNET_OK)
        rc = describe(o, worker, provider, err);
    (void)pthread_mutex_unlock(&o->lock);
    return rc;
}
