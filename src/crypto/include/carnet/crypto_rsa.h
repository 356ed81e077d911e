/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA signatures of others, verified: what most OpenID providers sign with.
 *
 * No mdoc, proof or wallet has a key of RSA, so that these types stand apart
 * from carnet_public_key and carnet_signature_algorithm: nothing that takes
 * those can be given an RSA key.  There is no signing.
 *
 * A carnet_crypto as in carnet/crypto.h.  A key borrows its octets.
 */
#ifndef CARNET_CRYPTO_RSA_H
#define CARNET_CRYPTO_RSA_H
#include "carnet/crypto.h"
CARNET_BEGIN_DECLS

#define CARNET_RSA_BITS_MIN     2048 /**< of a modulus (RFC 7518 3.3) */
#define CARNET_RSA_BITS_MAX     8192
#define CARNET_RSA_EXPONENT_MAX 8 /**< octets; the time of a verification grows with them */

/** Algorithms, by their COSE number (RFC 8812, RFC 8230): RSASSA-PKCS1-v1_5, and RSASSA-PSS with a salt as long as the
 *  digest and MGF1 of the same digest (RFC 7518 3.3, 3.5). */
typedef enum carnet_rsa_algorithm {
    CARNET_RSA_NONE = 0,
    CARNET_PS256 = -37,
    CARNET_PS384 = -38,
    CARNET_PS512 = -39,
    CARNET_RS256 = -257,
    CARNET_RS384 = -258,
    CARNET_RS512 = -259
} carnet_rsa_algorithm;

/** A public key: numbers, most significant octet first, none of them zero in front. */
typedef struct carnet_rsa_key {
    carnet_span modulus, exponent;
} carnet_rsa_key;

/** Whether this is a key that is taken: an odd modulus of CARNET_RSA_BITS_MIN to CARNET_RSA_BITS_MAX bits, an odd exponent of
 *  3 or more in at most CARNET_RSA_EXPONENT_MAX octets, no zero octets in front.  CARNET_E_CRYPTO_KEY, with the reason. */
CARNET_API carnet_rc carnet_rsa_key_check(const carnet_rsa_key *key, carnet_err *err);
/** Verify a signature over all parts; the key is checked.  CARNET_E_CRYPTO_SIGNATURE: it is wrong, or not as long as the
 *  modulus (RFC 8017 8.1.2, 8.2.2).  CARNET_E_CRYPTO_UNSUPPORTED: no algorithm of these. */
CARNET_API carnet_rc carnet_rsa_verify(carnet_crypto *crypto, const carnet_rsa_key *key, carnet_rsa_algorithm algorithm,
                                       const carnet_span *parts, size_t count, carnet_span signature, carnet_err *err);

CARNET_END_DECLS
#endif
