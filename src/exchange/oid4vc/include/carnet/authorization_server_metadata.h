/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an authorization server says of itself (RFC 8414; RFC 9126 5, RFC 9207
 * 3, RFC 9396 10, RFC 9449 5.1;
 * draft-ietf-oauth-attestation-based-client-auth; OpenID4VCI 1.0 12.3), at
 * carnet_well_known_url(issuer, "oauth-authorization-server").
 *
 * What is read owns its JSON until it is done with.
 */
#ifndef CARNET_AUTHORIZATION_SERVER_METADATA_H
#define CARNET_AUTHORIZATION_SERVER_METADATA_H
#include "carnet/json_build.h"
#include "carnet/oauth_url.h"
CARNET_BEGIN_DECLS

#define CARNET_ATTEST_JWT_CLIENT_AUTH "attest_jwt_client_auth"
#define CARNET_ATTEST_JWT_CLIENT_AUTH_DPOP                                                                             \
    "attest_jwt_client_auth_dpop" /**< a DPoP proof stands for the proof of possession */

/** A list: words parted by single spaces when it is written, a JSON array when it was read. */
typedef struct carnet_metadata_list {
    carnet_str words;
    const carnet_json *read; /**< NULL: absent */
} carnet_metadata_list;

/** The metadata; what is absent is empty or false.  The same struct is read and written. */
typedef struct carnet_authorization_server_metadata {
    carnet_json *document; /**< read only */
    carnet_str issuer;
    carnet_str authorization_endpoint, token_endpoint, pushed_authorization_request_endpoint;
    carnet_str challenge_endpoint, jwks_uri;
    carnet_metadata_list scopes_supported, response_types_supported, grant_types_supported;
    carnet_metadata_list token_endpoint_auth_methods_supported, code_challenge_methods_supported;
    carnet_metadata_list dpop_signing_alg_values_supported, authorization_details_types_supported;
    carnet_metadata_list client_attestation_signing_alg_values_supported;
    carnet_metadata_list client_attestation_pop_signing_alg_values_supported;
    bool require_pushed_authorization_requests, authorization_response_iss_parameter_supported;
    bool pre_authorized_grant_anonymous_access_supported; /**< its name has a hyphen: pre-authorized_grant_... */
} carnet_authorization_server_metadata;

/** Read and check: issuer is the one expected, character for character (RFC 8414 3.3: CARNET_E_OAUTH_ISSUER); endpoints are
 *  secure URLs (http to the loopback only if `insecure_loopback`); CARNET_E_OAUTH_METADATA: anything else. */
CARNET_API carnet_rc carnet_authorization_server_metadata_read(carnet_str body, carnet_str issuer,
                                                               bool insecure_loopback,
                                                               carnet_authorization_server_metadata *metadata,
                                                               carnet_err *err);
CARNET_API void carnet_authorization_server_metadata_done(carnet_authorization_server_metadata *metadata);
/** Append as JSON. */
CARNET_API carnet_rc carnet_authorization_server_metadata_write(const carnet_authorization_server_metadata *metadata,
                                                                carnet_buf *out, carnet_err *err);
/** CARNET_OK if it has what HAIP 1.0 4 demands (code flow, PAR, PKCE S256, iss, DPoP ES256, wallet attestation); otherwise
 *  CARNET_E_OAUTH_METADATA with the first thing amiss. */
CARNET_API carnet_rc carnet_authorization_server_metadata_haip(const carnet_authorization_server_metadata *metadata,
                                                               carnet_err *err);

/** Whether a list has the word, as written or read. */
CARNET_API bool carnet_metadata_list_has(const carnet_metadata_list *list, const char *word);
CARNET_API bool carnet_metadata_list_absent(const carnet_metadata_list *list);

CARNET_END_DECLS
#endif
