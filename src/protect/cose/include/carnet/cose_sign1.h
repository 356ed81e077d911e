/* SPDX-License-Identifier: Apache-2.0 */
/*
 * COSE_Sign1 (RFC 9052, 4.2): IssuerAuth, DeviceSignature, ReaderAuth, status
 * list tokens, VICALs.
 *
 * Views point into the bytes received and live as long as those.  What is
 * signed is hashed in parts, as received; the payload is never copied.
 */
#ifndef CARNET_COSE_SIGN1_H
#define CARNET_COSE_SIGN1_H
#include "carnet/cose_headers.h"
CARNET_BEGIN_DECLS

/** An opened COSE_Sign1: read the members, do not write them. */
typedef struct carnet_cose_sign1 {
    carnet_cose_headers headers;
    carnet_span encoded; /**< all of it as received, with its tag if it had one */
    carnet_span payload; /**< content of the payload's byte string */
    bool detached;       /**< nil stands in the payload's place */
    carnet_span signature;
} carnet_cose_sign1;

/** Read a COSE_Sign1, untagged or with tag 18. */
CARNET_API void carnet_cose_sign1_read(carnet_cbor_reader *r, carnet_cose_sign1 *view);
/** Open an encoded one, allowing `allow` (CARNET_CBOR_ bits).  On failure *view is empty. */
CARNET_API carnet_rc carnet_cose_sign1_open(carnet_span cbor, unsigned allow, carnet_cose_sign1 *view, carnet_err *err);

/** Algorithms a verifier may allow; 0 stands for the first four. */
enum {
    CARNET_COSE_ES256 = 1,
    CARNET_COSE_ES384 = 2,
    CARNET_COSE_ES512 = 4,
    CARNET_COSE_EDDSA = 8,
    CARNET_COSE_FULLY_SPECIFIED = 16 /**< also as ESP256, ESP384, ESP512, Ed25519, Ed448 (RFC 9864) */
};

/** How a signature is to be judged.  Zeroed: the rules of 18013-5, attached payload, no external_aad. */
typedef struct carnet_cose_verify_options {
    carnet_cose_content content;
    unsigned algorithms; /**< those allowed: CARNET_COSE_ bits; 0: ES256, ES384, ES512, EdDSA */
    /** RFC 9053 instead of 18013-5: any ECDSA algorithm with any ECDSA curve, alg in either bucket. */
    bool plain;
} carnet_cose_verify_options;

/** The algorithm by which `key` must have signed.  CARNET_E_COSE_ALGORITHM: absent, unprotected, not allowed, or not the
 *  one of the key's curve.  `options` may be NULL. */
CARNET_API carnet_rc carnet_cose_sign1_algorithm(const carnet_cose_sign1 *view, carnet_curve curve,
                                                 const carnet_cose_verify_options *options,
                                                 carnet_signature_algorithm *algorithm, carnet_err *err);
/** Verify.  CARNET_E_COSE_SIGNATURE: the signature is wrong; CARNET_E_COSE_PAYLOAD: the payload is attached and was given,
 *  or neither; CARNET_E_COSE_ALGORITHM as above; others from carnet_verify(), which checks the key too. */
CARNET_API carnet_rc carnet_cose_sign1_verify(const carnet_cose_sign1 *view, carnet_crypto *crypto,
                                              const carnet_public_key *key, const carnet_cose_verify_options *options,
                                              carnet_err *err);

/** What to sign and which headers to give it.  Zeroed: alg alone, in the protected bucket. */
typedef struct carnet_cose_sign1_params {
    carnet_cose_content content;          /**< payload: attached too; NULL with count 0 is an empty one */
    bool detached;                        /**< nil in the payload's place */
    bool tagged;                          /**< tag 18 before it */
    carnet_signature_algorithm algorithm; /**< CARNET_SIGNATURE_NONE: the one of the key's curve */
    const carnet_span *x5chain;           /**< certificates in DER, leaf first */
    size_t x5chain_count;                 /**< 0: no x5chain */
    bool x5chain_protected;               /**< in the protected bucket */
    bool x5t;                             /**< add the leaf's SHA-256 as x5t to the protected bucket */
    carnet_span protected_pairs;          /**< more protected headers: encoded labels and values, one after the other */
    size_t protected_count;               /**< how many pairs */
    carnet_span unprotected_pairs;
    size_t unprotected_count;
} carnet_cose_sign1_params;

/** Sign and append a COSE_Sign1.  With a builder that only counts nothing is signed; one with a sink is refused
 *  (CARNET_E_USAGE).  A failure sticks to the builder too. */
CARNET_API carnet_rc carnet_cose_sign1_build(carnet_cbor_builder *b, carnet_crypto *crypto, carnet_key *key,
                                             const carnet_cose_sign1_params *params, carnet_err *err);

CARNET_END_DECLS
#endif
