/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Web Signature in compact form (RFC 7515), the base of every JWT met here
 * (RFC 7519, RFC 8725): attestations, proofs, DPoP, signed metadata, status
 * lists.  ES256, ES384, ES512 and EdDSA only; `none` and MACs do not exist.
 *
 * A view owns the JSON of its header and payload until carnet_jws_close(), and
 * points into the storage it was given and the text it was opened on.
 */
#ifndef CARNET_JWS_H
#define CARNET_JWS_H
#include "carnet/jwk.h"
CARNET_BEGIN_DECLS

#define CARNET_JWS_MAX       65536 /**< characters of the longest text taken */
#define CARNET_JWS_CHAIN_MAX 8     /**< certificates in x5c */

/** An opened JWS. */
typedef struct carnet_jws {
    carnet_str signing_input; /**< header.payload, as received: what is signed */
    carnet_span payload;      /**< decoded */
    carnet_span signature;    /**< r || s, or EdDSA's */
    carnet_json *header;      /**< protected header */
    carnet_json *claims;      /**< the payload, if it is a JSON object; else NULL */
    carnet_str type, key_id;  /**< typ, kid; empty if absent */
    carnet_signature_algorithm algorithm;
    carnet_span x5c[CARNET_JWS_CHAIN_MAX]; /**< certificates in DER, the signer's first */
    size_t x5c_count;
} carnet_jws;

/** Open.  `storage` is given the decoded octets (less than text.len).  Refused (CARNET_E_JOSE_STRUCTURE): what are not three
 *  base64url parts, a header that is no JSON object or has a member twice, an `x5c` that is no list of base64.
 *  CARNET_E_JOSE_ALGORITHM: `alg` is missing or none of the above; CARNET_E_JOSE_CRITICAL: `crit`, or `b64`.
 *  On failure *view is empty. */
CARNET_API carnet_rc carnet_jws_open(carnet_str text, carnet_buf *storage, carnet_jws *view, carnet_err *err);
/** The same for a text of at most `max` characters, as a whole document that is signed may be. */
CARNET_API carnet_rc carnet_jws_open_long(carnet_str text, size_t max, carnet_buf *storage, carnet_jws *view,
                                          carnet_err *err);
CARNET_API void carnet_jws_close(carnet_jws *view);
/** Refuse another typ (compared without regard to case and to "application/", RFC 7515 4.1.9): CARNET_E_JOSE_TYPE. */
CARNET_API carnet_rc carnet_jws_expect_type(const carnet_jws *view, const char *type, carnet_err *err);
/** Verify.  The algorithm must be the one of the key's curve (CARNET_E_JOSE_ALGORITHM); CARNET_E_JOSE_SIGNATURE: wrong. */
CARNET_API carnet_rc carnet_jws_verify(const carnet_jws *view, carnet_crypto *crypto, const carnet_public_key *key,
                                       carnet_err *err);

/** What goes into the header beside alg. */
typedef struct carnet_jws_header {
    const char *type;             /**< typ; NULL: none */
    carnet_str key_id;            /**< kid; empty: none */
    const carnet_public_key *jwk; /**< NULL: none */
    const carnet_span *x5c;       /**< certificates in DER, the signer's first */
    size_t x5c_count;
    carnet_str more; /**< further members as JSON, such as "\"a\":1,\"b\":2"; empty: none */
} carnet_jws_header;

/** Sign and append the compact form. */
CARNET_API carnet_rc carnet_jws_sign(const carnet_jws_header *header, carnet_span payload, carnet_key *key,
                                     carnet_crypto *crypto, carnet_buf *out, carnet_err *err);
/** "ES256", ..., "EdDSA"; NULL for none. */
CARNET_API const char *carnet_jws_algorithm_name(carnet_signature_algorithm algorithm);
/** CARNET_SIGNATURE_NONE for a name that is none of ours. */
CARNET_API carnet_signature_algorithm carnet_jws_algorithm_named(carnet_str name);

CARNET_END_DECLS
#endif
