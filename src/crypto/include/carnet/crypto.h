/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Algorithms: digests, HMAC, HKDF, AES-GCM, signature verification, and key
 * handles that sign and agree.  The backend (crypto/openssl) is chosen at link
 * time; nothing here shows a type of it.
 *
 * A carnet_crypto holds what the backend prepared once: algorithms, a digest
 * context, a key object per curve.  It belongs to one thread at a time; give
 * each thread its own.  No function allocates except through the backend.
 *
 * Messages come as lists of parts, hashed one after the other, so that nothing
 * has to be put together in a buffer first.  (EdDSA reads a message twice: with
 * OpenSSL, parts are put together in its memory for the time of the call.)
 */
#ifndef CARNET_CRYPTO_H
#define CARNET_CRYPTO_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

/** Elliptic curves, by their COSE number (RFC 9053; IANA COSE Elliptic Curves). */
typedef enum carnet_curve {
    CARNET_CURVE_NONE = 0,
    CARNET_CURVE_P256 = 1,
    CARNET_CURVE_P384 = 2,
    CARNET_CURVE_P521 = 3,
    CARNET_CURVE_X25519 = 4,
    CARNET_CURVE_X448 = 5,
    CARNET_CURVE_ED25519 = 6,
    CARNET_CURVE_ED448 = 7,
    CARNET_CURVE_BRAINPOOL_P256R1 = 256,
    CARNET_CURVE_BRAINPOOL_P320R1 = 257,
    CARNET_CURVE_BRAINPOOL_P384R1 = 258,
    CARNET_CURVE_BRAINPOOL_P512R1 = 259
} carnet_curve;

/** Digests, by their COSE number. */
typedef enum carnet_hash {
    CARNET_SHA1 = -14,
    CARNET_SHA256 = -16,
    CARNET_SHA384 = -43,
    CARNET_SHA512 = -44
} carnet_hash;

/** Signature algorithms, by their COSE number.  ES256 on the 256-bit curves; ES384 on P-384, brainpoolP320r1 and
 *  brainpoolP384r1; ES512 on P-521 and brainpoolP512r1; EdDSA on Ed25519 and Ed448 (18013-5 12, table of curves).
 *  ECDSA with another digest than its curve's (certificates may) is written as (algorithm, curve) too. */
typedef enum carnet_signature_algorithm {
    CARNET_SIGNATURE_NONE = 0,
    CARNET_ES256 = -7,
    CARNET_ES384 = -35,
    CARNET_ES512 = -36,
    CARNET_EDDSA = -8
} carnet_signature_algorithm;

typedef enum carnet_aead { CARNET_AES_128_GCM = 1, CARNET_AES_256_GCM = 3 } carnet_aead; /* COSE numbers */

#define CARNET_HASH_MAX       64  /**< octets of the longest digest */
#define CARNET_COORDINATE_MAX 66  /**< octets of the longest coordinate (P-521) */
#define CARNET_SIGNATURE_MAX  132 /**< octets of the longest r || s (P-521) */
#define CARNET_GCM_TAG        16

/** What a curve is. */
typedef struct carnet_curve_info {
    carnet_curve curve;
    const char *name;                     /**< "P-256" */
    uint8_t coordinate;                   /**< octets of a coordinate, or of an OKP public key */
    uint8_t signature;                    /**< octets of r || s or of an EdDSA signature; 0: does not sign */
    bool agrees;                          /**< can be used for ECDH */
    bool okp;                             /**< one coordinate (X25519 ... Ed448) */
    carnet_signature_algorithm algorithm; /**< the one that goes with the curve in an mdoc */
} carnet_curve_info;

/** NULL for a curve that is none of ours. */
CARNET_API const carnet_curve_info *carnet_curve_get(carnet_curve curve);
/** By name ("P-256", "brainpoolP256r1", "Ed25519", ...; upper and lower case alike); NULL if unknown. */
CARNET_API const carnet_curve_info *carnet_curve_named(carnet_str name);
/** The i-th curve in the order above; NULL past the last. */
CARNET_API const carnet_curve_info *carnet_curve_at(size_t i);
/** Octets of a digest; 0 for an unknown one. */
CARNET_API size_t carnet_hash_size(carnet_hash hash);
/** The digest an ECDSA algorithm uses; 0 (no enumerator) for EdDSA. */
CARNET_API carnet_hash carnet_signature_hash(carnet_signature_algorithm algorithm);

/** A public key: coordinates at the curve's full width.  y is unused for OKP curves. */
typedef struct carnet_public_key {
    carnet_curve curve;
    uint8_t x[CARNET_COORDINATE_MAX], y[CARNET_COORDINATE_MAX];
} carnet_public_key;

/** A signature as it travels in COSE: r || s, or EdDSA's. */
typedef struct carnet_signature {
    uint8_t bytes[CARNET_SIGNATURE_MAX];
    size_t len;
} carnet_signature;

/** The backend's state, in the caller's storage.  Opaque.  May be moved; what it refers to is the backend's memory,
 *  taken by carnet_crypto_init() and as algorithms are first needed, until carnet_crypto_done(). */
typedef struct carnet_crypto {
    void *slot[40];
    uint64_t word[4];
} carnet_crypto;

CARNET_API carnet_rc carnet_crypto_init(carnet_crypto *crypto, carnet_err *err);
CARNET_API void carnet_crypto_done(carnet_crypto *crypto);
/** The backend's random generator; the returned source borrows `crypto`. */
CARNET_API carnet_random carnet_crypto_random(carnet_crypto *crypto);

/* --- symmetric --- */

/** Digest of all parts, into out (carnet_hash_size() octets). */
CARNET_API carnet_rc carnet_digest(carnet_crypto *crypto, carnet_hash hash, const carnet_span *parts, size_t count,
                                   uint8_t *out, carnet_err *err);
/** A running digest: begin, update, finish.  One at a time for each carnet_crypto; carnet_digest(), signing and verifying
 *  must not be called between begin and finish. */
CARNET_API carnet_rc carnet_digest_begin(carnet_crypto *crypto, carnet_hash hash, carnet_err *err);
CARNET_API void carnet_digest_update(carnet_crypto *crypto, const uint8_t *ptr, size_t len);
CARNET_API carnet_rc carnet_digest_finish(carnet_crypto *crypto, uint8_t *out, carnet_err *err);
/** HMAC of all parts, into out (carnet_hash_size() octets). */
CARNET_API carnet_rc carnet_hmac(carnet_crypto *crypto, carnet_hash hash, carnet_span key, const carnet_span *parts,
                                 size_t count, uint8_t *out, carnet_err *err);
/** HKDF (RFC 5869) extract and expand; `salt` may be empty.  out->len is set to `len` (at most CARNET_SECRET_MAX). */
CARNET_API carnet_rc carnet_hkdf(carnet_crypto *crypto, carnet_hash hash, carnet_span ikm, carnet_span salt,
                                 carnet_span info, size_t len, carnet_secret *out, carnet_err *err);
/** AES-GCM, 12-byte IV, tag of 16 octets appended.  `out` needs in.len + 16 octets and may be in.ptr. */
CARNET_API carnet_rc carnet_aead_seal(carnet_crypto *crypto, carnet_aead aead, carnet_span key, carnet_span iv,
                                      carnet_span aad, carnet_span in, uint8_t *out, carnet_err *err);
/** Opens; `out` needs in.len - 16 octets, may be in.ptr, and is zeroed on failure (CARNET_E_CRYPTO_TAG). */
CARNET_API carnet_rc carnet_aead_open(carnet_crypto *crypto, carnet_aead aead, carnet_span key, carnet_span iv,
                                      carnet_span aad, carnet_span in, uint8_t *out, carnet_err *err);

/* --- public keys --- */

/** Check that the key is a point of its curve, not the neutral one (OKP: the length only, as RFC 7748 wants). */
CARNET_API carnet_rc carnet_public_key_check(carnet_crypto *crypto, const carnet_public_key *key, carnet_err *err);
/** From an uncompressed point 04 || x || y, or the bare octets of an OKP key; checked. */
CARNET_API carnet_rc carnet_public_key_from_point(carnet_crypto *crypto, carnet_curve curve, carnet_span point,
                                                  carnet_public_key *key, carnet_err *err);
/** From x and the sign of y (SEC 1, 2.3.4). */
CARNET_API carnet_rc carnet_public_key_decompress(carnet_crypto *crypto, carnet_curve curve, carnet_span x, bool y_odd,
                                                  carnet_public_key *key, carnet_err *err);
/** Write 04 || x || y, or the OKP octets; returns the length, at most 133. */
CARNET_API size_t carnet_public_key_point(const carnet_public_key *key, uint8_t out[133]);
CARNET_API bool carnet_public_key_equal(const carnet_public_key *a, const carnet_public_key *b);

/** Verify a signature (r || s of the curve's exact length, or EdDSA's) over all parts.  CARNET_E_CRYPTO_SIGNATURE: it is
 *  wrong.  CARNET_E_CRYPTO_KEY: the key is no key.  CARNET_E_CRYPTO_MISMATCH: algorithm and curve do not go together: an
 *  ECDSA curve takes any of ES256, ES384, ES512 here; which one is right for a place is the caller's rule. */
CARNET_API carnet_rc carnet_verify(carnet_crypto *crypto, const carnet_public_key *key,
                                   carnet_signature_algorithm algorithm, const carnet_span *parts, size_t count,
                                   carnet_span signature, carnet_err *err);

/* --- key handles --- */

typedef struct carnet_key carnet_key;

/** What a key store implements: the software keys below, PKCS#11, TPM 2.0.  Grows at the end only; a slot may be NULL
 *  (then the call is CARNET_E_CRYPTO_UNSUPPORTED). */
typedef struct carnet_key_ops {
    size_t size; /**< sizeof(carnet_key_ops) of the implementer */
    carnet_rc (*sign)(carnet_key *key, carnet_crypto *crypto, carnet_signature_algorithm algorithm,
                      const carnet_span *parts, size_t count, carnet_signature *signature, carnet_err *err);
    carnet_rc (*agree)(carnet_key *key, carnet_crypto *crypto, const carnet_public_key *peer, carnet_secret *shared,
                       carnet_err *err);
    void (*done)(carnet_key *key);
} carnet_key_ops;

/** What a key may be used for; fixed when the handle is made. */
enum { CARNET_KEY_SIGN = 1, CARNET_KEY_AGREE = 2 };

/** A private key's handle.  The key itself never crosses this interface. */
struct carnet_key {
    const carnet_key_ops *ops;
    carnet_public_key public_key;
    unsigned usage; /**< CARNET_KEY_ bits */
    void *slot[4];  /**< the implementer's */
};

/** Sign all parts.  The algorithm must be one carnet_verify() would take for the key's curve. */
CARNET_API carnet_rc carnet_key_sign(carnet_key *key, carnet_crypto *crypto, carnet_signature_algorithm algorithm,
                                     const carnet_span *parts, size_t count, carnet_signature *signature,
                                     carnet_err *err);
/** ECKA-DH (BSI TR-03111): the shared x coordinate at full width, or X25519/X448's octets, where all-zero is refused.
 *  The peer's key is checked. */
CARNET_API carnet_rc carnet_key_agree(carnet_key *key, carnet_crypto *crypto, const carnet_public_key *peer,
                                      carnet_secret *shared, carnet_err *err);
/** Release; wipes what the implementer holds.  Accepts a zeroed handle. */
CARNET_API void carnet_key_done(carnet_key *key);

/* --- keys in the backend's memory --- */

/** A fresh key. */
CARNET_API carnet_rc carnet_software_key_generate(carnet_crypto *crypto, carnet_curve curve, unsigned usage,
                                                  carnet_key *key, carnet_err *err);
/** From the private scalar (or OKP seed) at full width. */
CARNET_API carnet_rc carnet_software_key_from_scalar(carnet_crypto *crypto, carnet_curve curve, carnet_span scalar,
                                                     unsigned usage, carnet_key *key, carnet_err *err);
/** From PKCS#8 (RFC 5958), or SEC 1 ECPrivateKey (RFC 5915) with named curve, in DER. */
CARNET_API carnet_rc carnet_software_key_from_der(carnet_crypto *crypto, carnet_span der, unsigned usage,
                                                  carnet_key *key, carnet_err *err);
/** PKCS#8 DER of a software key, appended; wipe the buffer afterwards.  CARNET_E_CRYPTO_POLICY for keys held elsewhere. */
CARNET_API carnet_rc carnet_software_key_to_der(carnet_key *key, carnet_buf *out, carnet_err *err);
/** SubjectPublicKeyInfo (RFC 5480, RFC 8410) of a public key, appended; and back (checked; EC points
 *  in either form). */
CARNET_API carnet_rc carnet_public_key_to_spki(const carnet_public_key *key, carnet_buf *out, carnet_err *err);
CARNET_API carnet_rc carnet_public_key_from_spki(carnet_crypto *crypto, carnet_span der, carnet_public_key *key,
                                                 carnet_err *err);

CARNET_END_DECLS
#endif
