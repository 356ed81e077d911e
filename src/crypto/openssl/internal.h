/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The OpenSSL 3.0 backend's own things.  These files are the only ones that
 * include OpenSSL.
 *
 * Digests and the ECDSA and ECDH of the prime curves go through the low-level
 * functions, deprecated in 3.0 in favour of EVP: for the data elements of an
 * mdoc, about 90 octets each, EVP takes nearly twice as long, and an EC_KEY can
 * be given another point in 0.6 us where a new EVP_PKEY takes 3 us or more.
 * The algorithms behind both are the same.
 */
#ifndef CARNET_OPENSSL_INTERNAL_H
#define CARNET_OPENSSL_INTERNAL_H
#define OPENSSL_SUPPRESS_DEPRECATED
#include "../internal.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#define CARNET_EC_CURVES 7
#define CARNET_EC_RECENT 3 /* an issuing authority's, a document signer's and a device's key, met in turn */

/* A digest under way. */
typedef struct carnet_hasher {
    carnet_hash hash;
    union {
        SHA_CTX sha1;
        SHA256_CTX sha256;
        SHA512_CTX sha512; /* SHA-384 too */
    } state;
} carnet_hasher;

/* A public key that was checked and is ready to be used. */
typedef struct carnet_ready_key {
    EC_KEY *key;   /* NULL until first needed */
    uint64_t used; /* the backend's count when last used; 0: holds no point */
    uint8_t point[CARNET_POINT_MAX];
} carnet_ready_key;

typedef struct carnet_backend {
    carnet_hasher running;
    BN_CTX *numbers;
    ECDSA_SIG *signature; /* holds r and s */
    BIGNUM *r, *s;
    EVP_CIPHER *gcm[2]; /* AES-128, AES-256 */
    EVP_CIPHER_CTX *cipher;
    uint64_t uses;
    carnet_ready_key ready[CARNET_EC_CURVES][CARNET_EC_RECENT];
} carnet_backend;

/* What carnet_crypto_init() made; NULL, and *err filled, if it was not called. */
carnet_backend *carnet_backend_of(carnet_crypto *crypto, carnet_err *err);
/* carnet_fail() after a call of OpenSSL's: leaves nothing in its error queue. */
carnet_rc carnet_openssl_fail(carnet_err *err, carnet_rc rc, const char *reason);

bool carnet_hasher_begin(carnet_hasher *hasher, carnet_hash hash);
void carnet_hasher_update(carnet_hasher *hasher, const uint8_t *ptr, size_t len);
void carnet_hasher_finish(carnet_hasher *hasher, uint8_t *out);

/* OpenSSL's number of a curve with two coordinates, and of an OKP curve; NID_undef for the others. */
int carnet_ec_nid(carnet_curve curve);
int carnet_okp_nid(carnet_curve curve);
/* The key as an EC_KEY, checked; good until the next call.  Only for curves with two coordinates. */
carnet_rc carnet_ec_ready(carnet_crypto *crypto, const carnet_public_key *key, EC_KEY **ready, carnet_err *err);

/* All parts as one: EdDSA has no other form in OpenSSL 3.0.  A single part is borrowed; several are put together in
 * memory of OpenSSL's, which carnet_joined_done() wipes and releases. */
typedef struct carnet_joined {
    const uint8_t *ptr;
    size_t len;
    uint8_t *owned;
} carnet_joined;
carnet_rc carnet_join(const carnet_span *parts, size_t count, carnet_joined *joined, carnet_err *err);
void carnet_joined_done(carnet_joined *joined);

#endif
