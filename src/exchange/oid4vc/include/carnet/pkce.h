/* SPDX-License-Identifier: Apache-2.0 */
/* Proof Key for Code Exchange (RFC 7636), S256 only: `plain` does not exist. */
#ifndef CARNET_PKCE_H
#define CARNET_PKCE_H
#include "carnet/crypto.h"
CARNET_BEGIN_DECLS

#define CARNET_PKCE_METHOD "S256"
#define CARNET_PKCE_LENGTH 43 /**< characters of a challenge, and of the verifiers made here */

/** A verifier, which is a secret until the token request, and its challenge; both end in a zero. */
typedef struct carnet_pkce {
    char verifier[CARNET_PKCE_LENGTH + 1], challenge[CARNET_PKCE_LENGTH + 1];
} carnet_pkce;

/** A fresh pair of 256 bits; `random` NULL: the backend's.  Wipe it when it was used. */
CARNET_API carnet_rc carnet_pkce_make(const carnet_random *random, carnet_crypto *crypto, carnet_pkce *pkce,
                                      carnet_err *err);
CARNET_API void carnet_pkce_done(carnet_pkce *pkce);
/** What comes with an authorization request.  Both must be there: CARNET_E_OAUTH_PARAMETER_MISSING (a missing method would mean
 *  `plain`); CARNET_E_OAUTH_PARAMETER: another method, or no SHA-256 in base64url. */
CARNET_API carnet_rc carnet_pkce_check_challenge(carnet_str challenge, carnet_str method, carnet_err *err);
/** What comes with the token request.  CARNET_E_OAUTH_GRANT: the verifier is missing, is not 43 to 128 unreserved characters, or
 *  not the challenge's. */
CARNET_API carnet_rc carnet_pkce_check(carnet_str verifier, carnet_str challenge, carnet_crypto *crypto,
                                       carnet_err *err);

CARNET_END_DECLS
#endif
