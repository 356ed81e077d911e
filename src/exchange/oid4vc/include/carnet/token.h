/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The token endpoint (RFC 6749 4.1.3, 5, 6; OpenID4VCI 1.0 6): requests and
 * answers of the three grants.  Errors are in carnet/oauth_error.h.
 *
 * A request that is read points into its form; an answer owns its JSON, and both
 * own the JSON of authorization_details, until they are done with.  Codes and
 * tokens are secrets of the caller's: keep them out of logs.
 */
#ifndef CARNET_TOKEN_H
#define CARNET_TOKEN_H
#include "carnet/authorization_request.h"
CARNET_BEGIN_DECLS

#define CARNET_GRANT_PRE_AUTHORIZED_CODE_NAME "urn:ietf:params:oauth:grant-type:pre-authorized_code"

typedef enum carnet_grant_type {
    CARNET_GRANT_NONE,
    CARNET_GRANT_AUTHORIZATION_CODE,
    CARNET_GRANT_PRE_AUTHORIZED_CODE,
    CARNET_GRANT_REFRESH_TOKEN
} carnet_grant_type;

/** As grant_type names it; NULL for CARNET_GRANT_NONE. */
CARNET_API const char *carnet_grant_type_name(carnet_grant_type grant);
CARNET_API carnet_grant_type carnet_grant_type_named(carnet_str name);

/** A token request; parameters that are absent are empty.  The same struct is read and written. */
typedef struct carnet_token_request {
    carnet_grant_type grant;
    carnet_str client_id;
    carnet_str code, redirect_uri, code_verifier; /**< authorization_code */
    carnet_str pre_authorized_code, tx_code;      /**< pre-authorized_code */
    carnet_str refresh_token;                     /**< refresh_token */
    carnet_str scope, resource;
    carnet_str configuration_ids[CARNET_AUTHORIZATION_DETAILS_MAX]; /**< of authorization_details */
    size_t configuration_id_count;
    bool has_tx_code;     /**< read: it was sent, if only empty */
    carnet_json *details; /**< read only; NULL if absent */
} carnet_token_request;

/** Read and check.  CARNET_E_OAUTH_PARAMETER_MISSING: grant_type, or what its grant needs; CARNET_E_OAUTH_GRANT_TYPE: another;
 *  CARNET_E_OAUTH_DETAILS; CARNET_E_OAUTH_CLIENT: client_secret or client_assertion, which no client here has. */
CARNET_API carnet_rc carnet_token_request_read(const carnet_form *form, carnet_token_request *request, carnet_err *err);
CARNET_API void carnet_token_request_done(carnet_token_request *request);
/** Append as a form. */
CARNET_API carnet_rc carnet_token_request_write(const carnet_token_request *request, carnet_buf *out, carnet_err *err);

/** One entry of authorization_details in an answer. */
typedef struct carnet_token_detail {
    carnet_str configuration_id;
    const carnet_str *identifiers; /**< written: credential_identifiers */
    size_t identifier_count;
    const carnet_json *identifiers_read; /**< read: the array of texts; NULL if absent */
} carnet_token_detail;

/** A token answer; texts that are absent are empty.  The same struct is read and written. */
typedef struct carnet_token_response {
    carnet_json *document; /**< read only */
    carnet_str access_token;
    bool dpop;          /**< token_type is DPoP; otherwise Bearer */
    int64_t expires_in; /**< seconds; 0: not said */
    carnet_str refresh_token, scope;
    const carnet_token_detail *details; /**< written; read: see carnet_token_response_detail() */
    size_t detail_count;
} carnet_token_response;

/** Read.  CARNET_E_OAUTH_RESPONSE: access_token or token_type is missing, or anything known is of another type;
 *  unknown members are passed over. */
CARNET_API carnet_rc carnet_token_response_read(carnet_str body, carnet_token_response *response, carnet_err *err);
CARNET_API void carnet_token_response_done(carnet_token_response *response);
/** The i-th entry of authorization_details of type openid_credential; false past the last. */
CARNET_API bool carnet_token_response_detail(const carnet_token_response *response, size_t i,
                                             carnet_token_detail *detail);
/** Append the body (200, Cache-Control: no-store). */
CARNET_API carnet_rc carnet_token_response_write(const carnet_token_response *response, carnet_buf *out,
                                                 carnet_err *err);

CARNET_END_DECLS
#endif
