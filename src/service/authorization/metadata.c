/* SPDX-License-Identifier: Apache-2.0 */
/* GET /.well-known/oauth-authorization-server: what this server is able to do (RFC 8414). */
#include "carnet/authorization_server_metadata.h"
#include "internal.h"

#define ALGORITHMS "ES256 ES384 ES512 EdDSA"

static carnet_metadata_list
list(const char *words)
{
    return (carnet_metadata_list){ .words = carnet_str_of(words) };
}

static carnet_str
scopes(const authorization_call *call)
{
    const carnet_authorization_policy *policy = &call->as->policy;
    carnet_buf out = carnet_service_scratch_buf(call->worker, 16384);

    for (size_t i = 0; i < policy->document_count; i++) {
        carnet_str scope = policy->documents[i].scope;

        if (policy->documents[i].identification == NULL || scope.len == 0 ||
            carnet_scope_has(carnet_buf_str(&out), scope))
            continue;
        if (out.len > 0)
            carnet_buf_add_byte(&out, ' ');
        carnet_buf_add_str(&out, scope);
    }
    return carnet_buf_str(&out);
}

static bool
identifies(const carnet_authorization_policy *policy)
{
    for (size_t i = 0; i < policy->document_count; i++)
        if (policy->documents[i].identification != NULL)
            return true;
    return false;
}

static void
set_code_flow(const authorization_call *call, carnet_authorization_server_metadata *m)
{
    m->authorization_endpoint = carnet_authorization_url(call, "/authorize");
    m->pushed_authorization_request_endpoint = carnet_authorization_url(call, "/par");
    m->require_pushed_authorization_requests = call->as->policy.pushed_required;
    m->authorization_response_iss_parameter_supported = true;
    m->scopes_supported.words = scopes(call);
    m->code_challenge_methods_supported = list("S256");
}

static void
set_attestation(const authorization_call *call, carnet_authorization_server_metadata *m)
{
    m->challenge_endpoint = carnet_authorization_url(call, "/challenge");
    m->client_attestation_signing_alg_values_supported = list(ALGORITHMS);
    m->client_attestation_pop_signing_alg_values_supported = list(ALGORITHMS);
}

static carnet_metadata_list
client_authentication(const carnet_authorization_policy *policy)
{
    if (policy->attesters == NULL)
        return list("none");
    if (carnet_authorization_combined(policy))
        return list(policy->attestation_required ? CARNET_ATTEST_JWT_CLIENT_AUTH " " CARNET_ATTEST_JWT_CLIENT_AUTH_DPOP
                                                 : CARNET_ATTEST_JWT_CLIENT_AUTH " " CARNET_ATTEST_JWT_CLIENT_AUTH_DPOP
                                                                                 " none");
    return list(policy->attestation_required ? CARNET_ATTEST_JWT_CLIENT_AUTH : CARNET_ATTEST_JWT_CLIENT_AUTH " none");
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    authorization_call call;
    const carnet_authorization_policy *policy;
    carnet_authorization_server_metadata m = { 0 };
    bool code;
    carnet_rc rc = carnet_authorization_call_begin(self, request, response, "metadata", &call, err);

    if (rc != CARNET_OK)
        return rc;
    policy = &call.as->policy;
    code = identifies(policy);
    m.issuer = call.as->issuer;
    m.token_endpoint = carnet_authorization_url(&call, "/token");
    m.response_types_supported = list("code");
    m.grant_types_supported = list(code ? "authorization_code " CARNET_GRANT_PRE_AUTHORIZED_CODE_NAME " refresh_token"
                                        : CARNET_GRANT_PRE_AUTHORIZED_CODE_NAME " refresh_token");
    m.token_endpoint_auth_methods_supported = client_authentication(policy);
    m.authorization_details_types_supported = list(CARNET_AUTHORIZATION_DETAILS_TYPE);
    m.dpop_signing_alg_values_supported = list(ALGORITHMS);
    m.pre_authorized_grant_anonymous_access_supported = policy->anonymous_pre_authorised;
    if (code)
        set_code_flow(&call, &m);
    if (policy->attesters != NULL)
        set_attestation(&call, &m);
    rc = carnet_authorization_server_metadata_write(&m, &response->body, err);
    return rc != CARNET_OK ? rc
                           : carnet_service_set_header(response, "Cache-Control", carnet_str_of("max-age=300"), err);
}

const carnet_service_route carnet_authorization_metadata_route = {
    .method = CARNET_SERVICE_GET,
    .name = "oauth_metadata",
    .path = "/.well-known/oauth-authorization-server",
    .summary = "The authorization server's metadata (RFC 8414)",
    .run = run,
    .cross_origin = true,
    .answer_max = 32768,
    .quiet = true,
};

/* Wallets that ask as OpenID Connect Discovery does find the same (RFC 8414 5). */
const carnet_service_route carnet_authorization_openid_route = {
    .method = CARNET_SERVICE_GET,
    .name = "openid_metadata",
    .path = "/.well-known/openid-configuration",
    .summary = "The same, where OpenID Connect looks for it",
    .run = run,
    .cross_origin = true,
    .answer_max = 32768,
    .quiet = true,
};
