/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authorization request, pushed (RFC 9126) or in a link (RFC 6749 4.1.1),
 * as OpenID4VCI 1.0 5 and HAIP 1.0 4.3 shape it, and what comes back (RFC 6749
 * 4.1.2, with `iss` by RFC 9207).
 *
 * What is read points into the form it was read of, and owns the JSON of
 * authorization_details until it is done with.
 */
#ifndef CARNET_AUTHORIZATION_REQUEST_H
#define CARNET_AUTHORIZATION_REQUEST_H
#include "carnet/form.h"
#include "carnet/oauth_error.h"
CARNET_BEGIN_DECLS

#define CARNET_AUTHORIZATION_DETAILS_MAX  16 /**< entries of authorization_details taken */
#define CARNET_AUTHORIZATION_DETAILS_TYPE "openid_credential"

/** An authorization request; parameters that are absent are empty.  The same struct is read and written. */
typedef struct carnet_authorization_request {
    carnet_str client_id, redirect_uri, state;
    carnet_str scope;          /**< words parted by single spaces: see carnet_scope_next() */
    carnet_str code_challenge; /**< S256 */
    carnet_str issuer_state;   /**< of the credential offer */
    carnet_str resource;       /**< RFC 8707: the credential issuer */
    carnet_str dpop_jkt;       /**< RFC 9449 10 */
    carnet_str login_hint;
    carnet_str configuration_ids[CARNET_AUTHORIZATION_DETAILS_MAX]; /**< of authorization_details openid_credential */
    size_t configuration_id_count;
    carnet_str location;  /**< written as `locations` of each; read: the first entry's first one */
    carnet_json *details; /**< authorization_details as received; NULL if absent; not used for writing */
} carnet_authorization_request;

/** Read and check.  CARNET_E_OAUTH_PARAMETER_MISSING: client_id, response_type, code_challenge(_method), redirect_uri, or both
 *  scope and authorization_details; CARNET_E_OAUTH_RESPONSE_TYPE: other than `code`; CARNET_E_OAUTH_PARAMETER: PKCE not by S256,
 *  `request` or `request_uri` where they have no place (RFC 9126 2.1), a redirect_uri with a fragment, an ill-formed scope;
 *  CARNET_E_OAUTH_DETAILS: authorization_details.  Whether the redirect_uri is the client's, is the caller's to see, before
 *  anyone is sent there. */
CARNET_API carnet_rc carnet_authorization_request_read(const carnet_form *form, carnet_authorization_request *request,
                                                       carnet_err *err);
CARNET_API void carnet_authorization_request_done(carnet_authorization_request *request);
/** Append as a form: to push, or behind a URL. */
CARNET_API carnet_rc carnet_authorization_request_write(const carnet_authorization_request *request,
                                                        carnet_form_writer *writer, carnet_err *err);
/** The next word of a scope; false after the last.  Start with *at = 0. */
CARNET_API bool carnet_scope_next(carnet_str scope, size_t *at, carnet_str *word);
CARNET_API bool carnet_scope_has(carnet_str scope, carnet_str word);

/* --- pushed: the answer, and the link that follows --- */

typedef struct carnet_pushed_authorization {
    carnet_json *document; /**< read only */
    carnet_str request_uri;
    int64_t expires_in; /**< seconds */
} carnet_pushed_authorization;

/** Append the answer's body (201). */
CARNET_API carnet_rc carnet_pushed_authorization_write(const carnet_pushed_authorization *pushed, carnet_buf *out,
                                                       carnet_err *err);
/** CARNET_E_OAUTH_RESPONSE: it is not as specified. */
CARNET_API carnet_rc carnet_pushed_authorization_read(carnet_str body, carnet_pushed_authorization *pushed,
                                                      carnet_err *err);
CARNET_API void carnet_pushed_authorization_done(carnet_pushed_authorization *pushed);
/** Append where the browser goes: endpoint?client_id=...&request_uri=... */
CARNET_API carnet_rc carnet_pushed_authorization_url(carnet_str endpoint, carnet_str client_id, carnet_str request_uri,
                                                     carnet_buf *out, carnet_err *err);

/* --- the answer, by way of the browser --- */

typedef struct carnet_authorization_response {
    carnet_str code;            /**< empty: it is an error */
    carnet_str state, issuer;   /**< iss */
    carnet_oauth_error error;   /**< written */
    carnet_oauth_answer answer; /**< read: the error; written: its description */
} carnet_authorization_response;

/** Append the redirection: redirect_uri with code or error, state and iss. */
CARNET_API carnet_rc carnet_authorization_response_write(carnet_str redirect_uri,
                                                         const carnet_authorization_response *response, carnet_buf *out,
                                                         carnet_err *err);
/** Read the query that came to the redirect_uri (or the whole URL).  `state` must be the one sent (CARNET_E_OAUTH_STATE), `iss`
 *  the issuer the request went to (CARNET_E_OAUTH_ISSUER; if it is missing, too, when `issuer_required`).
 *  CARNET_E_OAUTH_RESPONSE: neither code nor error, or twice.  An error of the server's is CARNET_OK with response->code empty:
 *  see carnet_oauth_answer_fail(). */
CARNET_API carnet_rc carnet_authorization_response_read(carnet_str url, carnet_str state, carnet_str issuer,
                                                        bool issuer_required, carnet_buf *room,
                                                        carnet_authorization_response *response, carnet_err *err);

CARNET_END_DECLS
#endif
