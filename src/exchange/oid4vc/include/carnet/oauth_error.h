/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors as OAuth and OpenID4VCI name them (RFC 6749 4.1.2.1 and 5.2, RFC 6750
 * 3.1, RFC 8628, RFC 8707, RFC 9101, RFC 9396, RFC 9449;
 * draft-ietf-oauth-attestation-based-client-auth; OpenID4VCI 1.0), which result
 * code is said by which, and the answers that carry them.
 *
 * A read answer owns its JSON until it is done with.
 */
#ifndef CARNET_OAUTH_ERROR_H
#define CARNET_OAUTH_ERROR_H
#include "carnet/json_build.h"
CARNET_BEGIN_DECLS

typedef enum carnet_oauth_error {
    CARNET_OAUTH_NONE, /**< no error, or a name not known here */
    CARNET_OAUTH_INVALID_REQUEST,
    CARNET_OAUTH_INVALID_CLIENT,
    CARNET_OAUTH_INVALID_GRANT,
    CARNET_OAUTH_UNAUTHORIZED_CLIENT,
    CARNET_OAUTH_UNSUPPORTED_GRANT_TYPE,
    CARNET_OAUTH_UNSUPPORTED_RESPONSE_TYPE,
    CARNET_OAUTH_INVALID_SCOPE,
    CARNET_OAUTH_ACCESS_DENIED,
    CARNET_OAUTH_SERVER_ERROR,
    CARNET_OAUTH_TEMPORARILY_UNAVAILABLE,
    CARNET_OAUTH_INVALID_TOKEN,
    CARNET_OAUTH_INSUFFICIENT_SCOPE,
    CARNET_OAUTH_INVALID_TARGET,
    CARNET_OAUTH_INVALID_REQUEST_URI,
    CARNET_OAUTH_INVALID_AUTHORIZATION_DETAILS,
    CARNET_OAUTH_INVALID_DPOP_PROOF,
    CARNET_OAUTH_USE_DPOP_NONCE,
    CARNET_OAUTH_USE_ATTESTATION_CHALLENGE,
    CARNET_OAUTH_USE_FRESH_ATTESTATION,
    CARNET_OAUTH_INVALID_CLIENT_ATTESTATION,
    CARNET_OAUTH_AUTHORIZATION_PENDING,
    CARNET_OAUTH_SLOW_DOWN,
    CARNET_OAUTH_EXPIRED_TOKEN,
    /* OpenID4VCI 1.0 8.3.1, 9.3, 11.3 */
    CARNET_OAUTH_INVALID_CREDENTIAL_REQUEST,
    CARNET_OAUTH_UNKNOWN_CREDENTIAL_CONFIGURATION,
    CARNET_OAUTH_UNKNOWN_CREDENTIAL_IDENTIFIER,
    CARNET_OAUTH_INVALID_PROOF,
    CARNET_OAUTH_INVALID_NONCE,
    CARNET_OAUTH_INVALID_ENCRYPTION_PARAMETERS,
    CARNET_OAUTH_CREDENTIAL_REQUEST_DENIED,
    CARNET_OAUTH_INVALID_TRANSACTION_ID,
    CARNET_OAUTH_INVALID_NOTIFICATION_ID,
    CARNET_OAUTH_INVALID_NOTIFICATION_REQUEST,
    CARNET_OAUTH_ERROR_COUNT
} carnet_oauth_error;

/** "invalid_request", ...; NULL for CARNET_OAUTH_NONE. */
CARNET_API const char *carnet_oauth_error_name(carnet_oauth_error error);
/** CARNET_OAUTH_NONE for a name not known here. */
CARNET_API carnet_oauth_error carnet_oauth_error_named(carnet_str name);
/** The HTTP status that goes with it. */
CARNET_API int carnet_oauth_error_http(carnet_oauth_error error);
/** What says a result code to a client: never CARNET_OAUTH_NONE but for CARNET_OK.  Codes that have no name of their own are
 *  invalid_request, temporarily_unavailable (503) or server_error, by their HTTP status. */
CARNET_API carnet_oauth_error carnet_oauth_error_of(carnet_rc rc);
/** The code of ours that a client reports for an error a server named. */
CARNET_API carnet_rc carnet_oauth_error_rc(carnet_oauth_error error);

/** Append text as an error_description may hold it (RFC 6749 5.2): printable ASCII without quotation mark and backslash; what is
 *  neither appears as ' or ?. */
CARNET_API void carnet_oauth_description(const char *text, carnet_buf *out);
/** Append the answer's body: error, error_description (empty: none), request_id (empty: none). */
CARNET_API carnet_rc carnet_oauth_error_write(carnet_oauth_error error, carnet_str description, carnet_str request_id,
                                              carnet_buf *out, carnet_err *err);

/** An error that was received, from a body, a redirection or WWW-Authenticate. */
typedef struct carnet_oauth_answer {
    carnet_json *document; /**< NULL unless from a body */
    carnet_oauth_error error;
    carnet_str name, description, uri, request_id; /**< error, ...; empty if absent */
} carnet_oauth_answer;

/** Read a body.  CARNET_E_OAUTH_RESPONSE: it is no object with an `error`. */
CARNET_API carnet_rc carnet_oauth_answer_read(carnet_str body, carnet_oauth_answer *answer, carnet_err *err);
CARNET_API void carnet_oauth_answer_done(carnet_oauth_answer *answer);
/** Fail with CARNET_E_OAUTH_REFUSED, or the code of ours that says more, and with what the server said as the reason. */
CARNET_API carnet_rc carnet_oauth_answer_fail(const carnet_oauth_answer *answer, carnet_err *err);

/** Append a WWW-Authenticate value (RFC 6750 3, RFC 9449 7.1).  `scheme`: "DPoP" or "Bearer"; error CARNET_OAUTH_NONE: none;
 *  `algorithms`, such as "ES256 ES384", with DPoP only; NULL or empty ones are left out. */
CARNET_API void carnet_oauth_authenticate_write(const char *scheme, carnet_oauth_error error, const char *description,
                                                const char *algorithms, carnet_buf *out);
/** Read one, of this scheme: error and description, decoded into `room`.  False: it has no error under this scheme. */
CARNET_API bool carnet_oauth_authenticate_read(carnet_str header, const char *scheme, carnet_buf *room,
                                               carnet_oauth_answer *answer);

CARNET_END_DECLS
#endif
