/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The identity token: what the identity provider vouches for, to one relying
 * party, bound to its certificate (P1940 6.2; RFC 8485 4; RFC 8705 3.1).  A JWS
 * (ES256) of typ "p1940-it+jwt".  It names no person: `sub` is pairwise.
 *
 * A view owns the JSON of its token until closed.  No clock: times are handed in.
 */
#ifndef CARNET_IDENTITY_TOKEN_H
#define CARNET_IDENTITY_TOKEN_H
#include "carnet/bops.h"
#include "carnet/jws.h"
CARNET_BEGIN_DECLS

#define CARNET_IDENTITY_TOKEN_TYPE     "p1940-it+jwt"
#define CARNET_IDENTITY_TOKEN_LIFETIME 300 /**< seconds at most */
#define CARNET_IDENTITY_TOKEN_METHODS  8

/** What it says. */
typedef struct carnet_identity_token {
    carnet_jws jws;                            /**< when read */
    carnet_str issuer, audience, subject;      /**< identity provider; relying party; pairwise */
    carnet_str token_id, session_id;           /**< jti, sid */
    carnet_time issued_at, expires, auth_time; /**< iat, exp, auth_time */
    carnet_str vot, vtm;                       /**< vector and trustmark */
    int64_t aal;
    carnet_str amr[CARNET_IDENTITY_TOKEN_METHODS]; /**< RFC 8176 */
    size_t amr_count;
    carnet_bops_transaction transaction; /**< txn; `text` and `type` are not in it; `ref` empty: none */
    carnet_str text_hash;                /**< SHA-256 of the transaction text, base64url; may be empty */
    carnet_str auth_req_id, at_hash;     /**< of an ID token that is pushed (CIBA 10.3.1); otherwise empty */
    uint8_t certificate_hash[32];        /**< cnf x5t#S256: SHA-256 of the relying party's certificate */
} carnet_identity_token;

/** Sign and append. */
CARNET_API carnet_rc carnet_identity_token_build(const carnet_identity_token *token, carnet_str key_id, carnet_key *key,
                                                 carnet_crypto *crypto, carnet_buf *out, carnet_err *err);

/** What a relying party holds it against. */
typedef struct carnet_identity_token_expected {
    carnet_str issuer, audience;
    carnet_span certificate; /**< DER of the relying party's own; empty: not checked */
    carnet_str session_id;   /**< empty: any */
    carnet_time now;
    int64_t skew; /**< seconds */
} carnet_identity_token_expected;

/** Open and check form, signature, issuer, audience, times, binding and session.  That a token_id comes once is the caller's to
 *  see to.  `storage` is given the decoded octets (less than text.len).  CARNET_E_IDENTITY_TOKEN: form or meaning;
 *  CARNET_E_IDENTITY_TOKEN_TIME: over, or not yet; CARNET_E_JOSE_SIGNATURE. */
CARNET_API carnet_rc carnet_identity_token_open(carnet_str text, const carnet_identity_token_expected *expected,
                                                const carnet_public_key *key, carnet_crypto *crypto,
                                                carnet_buf *storage, carnet_identity_token *token, carnet_err *err);
CARNET_API void carnet_identity_token_close(carnet_identity_token *token);

CARNET_END_DECLS
#endif
