/* SPDX-License-Identifier: Apache-2.0 */
/*
 * COSE_Key (RFC 9052, 7; RFC 9053, 7): public keys of the curves of 18013-5 12.
 *
 * Reading looks at the structure: key type and curve agree, every coordinate
 * has exactly the curve's length.  Whether the point lies on the curve is a
 * second step, which a caller may leave to carnet_verify() or carnet_key_agree().
 *
 * A carnet_cose_key holds the coordinates; only key_id points into the input.
 */
#ifndef CARNET_COSE_KEY_H
#define CARNET_COSE_KEY_H
#include "carnet/cbor.h"
#include "carnet/crypto.h"
CARNET_BEGIN_DECLS

#define CARNET_COSE_KEY_MAX 150 /**< octets of the longest encoded public key (P-521: 148), rounded up */

/** What was met and let pass. */
enum {
    CARNET_COSE_KEY_COMPRESSED = 1, /**< y is only a sign */
    CARNET_COSE_KEY_PRIVATE = 2,    /**< a private part is present; it was not read */
    CARNET_COSE_KEY_OTHER = 4       /**< kid, alg, key_ops or other parameters (18013-5 wants none) */
};

/** A key that was read. */
typedef struct carnet_cose_key {
    carnet_public_key key; /**< y is zero while `compressed` */
    bool compressed;       /**< only the sign of y is known yet: carnet_cose_key_expand() */
    bool y_odd;
    carnet_span key_id; /**< ptr NULL: absent */
    unsigned seen;      /**< CARNET_COSE_KEY_ bits */
    uint8_t cbor_seen;  /**< CARNET_CBOR_ bits met in it */
} carnet_cose_key;

/** Read a COSE_Key, structure only.  CARNET_E_COSE_KEY: it is none; CARNET_E_CRYPTO_UNSUPPORTED: key type or curve unknown. */
CARNET_API void carnet_cose_key_read(carnet_cbor_reader *r, carnet_cose_key *key);
/** Compute y if only its sign is known (this proves the point on the curve); otherwise do nothing. */
CARNET_API carnet_rc carnet_cose_key_expand(carnet_cose_key *key, carnet_crypto *crypto, carnet_err *err);
/** Expand, and check that the point lies on the curve: CARNET_E_COSE_KEY. */
CARNET_API carnet_rc carnet_cose_key_check(carnet_cose_key *key, carnet_crypto *crypto, carnet_err *err);
/** Open an encoded COSE_Key, allowing `allow` (CARNET_CBOR_ bits), and check it; with crypto NULL structure only. */
CARNET_API carnet_rc carnet_cose_key_open(carnet_span cbor, unsigned allow, carnet_crypto *crypto, carnet_cose_key *key,
                                          carnet_err *err);

/** Append the key: EC2 with both coordinates, or OKP. */
CARNET_API void carnet_cose_key_build(carnet_cbor_builder *b, const carnet_public_key *key);
/** Length of what carnet_cose_key_build() appends; 0 for a key without a curve. */
CARNET_API size_t carnet_cose_key_size(const carnet_public_key *key);

CARNET_END_DECLS
#endif
