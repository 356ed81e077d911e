/* SPDX-License-Identifier: Apache-2.0 */
/* GET BASE/p1940/v1/keys: the keys that tokens and carriers are signed by (RFC 7517); and BASE/.well-known/p1940-configuration:
 * where everything is. */
#include "carnet/jwk.h"
#include "internal.h"

static carnet_rc
handle_keys(idp_call *call, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(&call->response->body);
    const carnet_service_key *key = NULL;
    carnet_rc rc = carnet_service_key_get(call->worker, call->p->config->token_key, &key, err);
    carnet_jwk jwk = { .key_id = call->p->key_id, .algorithm = carnet_str_of("ES256"), .use = carnet_str_of("sig") };

    if (rc != CARNET_OK)
        return rc;
    jwk.key = key->key->public_key;
    carnet_json_object_begin(&b, NULL);
    carnet_json_array_begin(&b, "keys");
    carnet_jwk_add(&b, NULL, &jwk);
    carnet_json_array_end(&b);
    carnet_json_object_end(&b);
    return CARNET_OK;
}

static void
add_url(carnet_json_builder *b, idp_call *call, const char *name, const char *path)
{
    carnet_buf url = carnet_service_scratch_buf(call->worker, 1024);

    carnet_buf_add_str(&url, carnet_service_base_url(call->p->context));
    carnet_buf_add_text(&url, path);
    carnet_json_add_string(b, name, carnet_buf_str(&url));
}

static void
add_words(carnet_json_builder *b, const char *name, const char *const *words)
{
    carnet_json_array_begin(b, name);
    for (; *words != NULL; words++)
        carnet_json_add_text(b, NULL, *words);
    carnet_json_array_end(b);
}

static carnet_rc
handle_metadata(idp_call *call, carnet_err *err)
{
    static const char *const modes[] = { "poll", "ping", "push", NULL };
    static const char *const algorithms[] = { "ES256", NULL };
    static const char *const methods[] = { "tls_client_auth", NULL };
    static const char *const grants[] = { "urn:openid:params:grant-type:ciba", NULL };
    const char *project = call->p->config->project_trustmark;
    carnet_json_builder b = carnet_json_build(&call->response->body);

    (void)err;
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "issuer", call->p->id);
    add_url(&b, call, "jwks_uri", CARNET_BOPS_BASE "/keys");
    add_url(&b, call, "p1940_endpoint", CARNET_BOPS_BASE);
    add_url(&b, call, "backchannel_authentication_endpoint", CARNET_BOPS_BASE "/bc-authorize");
    add_url(&b, call, "token_endpoint", CARNET_BOPS_BASE "/token");
    add_words(&b, "grant_types_supported", grants);
    add_words(&b, "backchannel_token_delivery_modes_supported", modes);
    carnet_json_add_bool(&b, "backchannel_user_code_parameter_supported", false);
    add_words(&b, "token_endpoint_auth_methods_supported", methods);
    add_words(&b, "id_token_signing_alg_values_supported", algorithms);
    carnet_json_add_bool(&b, "tls_client_certificate_bound_access_tokens", true);
    carnet_json_array_begin(&b, "vtm_supported");
    carnet_json_add_text(&b, NULL, CARNET_TRUSTMARK_URL_P1940);
    if (project != NULL)
        carnet_json_add_text(&b, NULL, project);
    carnet_json_array_end(&b);
    carnet_json_object_end(&b);
    return CARNET_OK;
}

static carnet_rc
run_keys(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_idp_serve(self, request, response, IDP_ANYBODY, NULL, handle_keys, err);
}

static carnet_rc
run_metadata(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_idp_serve(self, request, response, IDP_ANYBODY, NULL, handle_metadata, err);
}

const carnet_service_route carnet_idp_keys_route = {
    .method = CARNET_SERVICE_GET,
    .name = "identity_keys",
    .path = CARNET_BOPS_BASE "/keys",
    .summary = "Keys that identity tokens are signed by (RFC 7517)",
    .run = run_keys,
    .rate = 600,
};

const carnet_service_route carnet_idp_metadata_route = {
    .method = CARNET_SERVICE_GET,
    .name = "identity_metadata",
    .path = "/.well-known/p1940-configuration",
    .summary = "Where the identity provider's endpoints are",
    .run = run_metadata,
    .rate = 600,
};
