/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DPoP (RFC 9449): the proof in a request that its sender holds the key a token
 * is bound to.
 *
 * A view owns the JSON of its token until closed, and points into the text and
 * the storage it was checked with.  No clock: times are handed in.
 */
#ifndef CARNET_DPOP_H
#define CARNET_DPOP_H
#include "carnet/jws.h"
CARNET_BEGIN_DECLS

#define CARNET_DPOP_TYPE "dpop+jwt"
#define CARNET_DPOP_MAX  8192 /**< characters of the longest proof taken */

/** A proof to be made. */
typedef struct carnet_dpop_spec {
    size_t struct_size;      /**< sizeof(carnet_dpop_spec) */
    carnet_str method, url;  /**< of the request; query and fragment are left out */
    carnet_str access_token; /**< that goes with it, for `ath`; empty: none */
    carnet_str nonce;        /**< the last DPoP-Nonce of this server; empty: none */
    carnet_time issued_at;
    carnet_str jwt_id;           /**< jti; empty: 128 bits of `random` */
    const carnet_random *random; /**< NULL: the backend's */
} carnet_dpop_spec;

/** Make and append to *out. */
CARNET_API carnet_rc carnet_dpop_make(const carnet_dpop_spec *spec, carnet_key *key, carnet_crypto *crypto,
                                      carnet_buf *out, carnet_err *err);

/** What a server knows when it checks. */
typedef struct carnet_dpop_expectation {
    size_t struct_size; /**< sizeof(carnet_dpop_expectation) */
    carnet_str method, url;
    carnet_str access_token;   /**< at a resource: `ath` must be of it; empty: no token comes with the request */
    const uint8_t *thumbprint; /**< 32 octets: of the key that the token or grant is bound to; NULL: not bound yet */
    carnet_time now;
    int64_t skew;        /**< seconds; 60 will do */
    int64_t lifetime;    /**< seconds from iat; 0: 300 */
    bool nonce_required; /**< there must be a nonce; whether it is a good one the caller sees by view->nonce, */
    carnet_str nonce;    /**< or here, if there is but one; empty: not compared */
} carnet_dpop_expectation;

/** A proof that was checked. */
typedef struct carnet_dpop {
    carnet_jws jws;
    carnet_public_key key;
    uint8_t thumbprint[32]; /**< of the key (RFC 7638): `jkt` */
    carnet_str jwt_id;      /**< jti: to be remembered until iat + lifetime + skew, so that it serves once */
    carnet_str nonce;       /**< empty if absent */
    carnet_time issued_at;
} carnet_dpop;

/** Check (RFC 9449 4.3).  What is left to the caller: that there is one such header, that jwt_id serves once, and the nonce.
 *  `storage` is given the decoded octets.  CARNET_E_DPOP_PROOF: it is wrong in any other way; CARNET_E_DPOP_KEY: sound, but by
 *  another key than the token's; CARNET_E_DPOP_NONCE: sound, but its nonce is missing or another.  On failure *view is empty. */
CARNET_API carnet_rc carnet_dpop_check(carnet_str text, const carnet_dpop_expectation *expectation,
                                       carnet_crypto *crypto, carnet_buf *storage, carnet_dpop *view, carnet_err *err);
CARNET_API void carnet_dpop_close(carnet_dpop *view);

/** A thumbprint as text: base64url, 43 characters and a zero. */
CARNET_API void carnet_dpop_thumbprint_text(const uint8_t thumbprint[32], char out[44]);

CARNET_END_DECLS
#endif
