/* SPDX-License-Identifier: Apache-2.0 */
/* Signature verification (18013-5 12; FIPS 186-5, 6 and 7). */
#include "internal.h"

#include <openssl/ecerr.h>

static carnet_rc
wrong(carnet_err *err)
{
    return carnet_openssl_fail(err, CARNET_E_CRYPTO_SIGNATURE, "the signature is not the key's over this message");
}

/* The backend's one ECDSA_SIG, with r and s set; NULL if OpenSSL has no memory. */
static const ECDSA_SIG *
signature_of(carnet_backend *backend, carnet_span signature)
{
    const size_t half = signature.len / 2;

    if (backend->signature == NULL) {
        BIGNUM *r = BN_new(), *s = BN_new();
        ECDSA_SIG *made = ECDSA_SIG_new();

        if (made == NULL || ECDSA_SIG_set0(made, r, s) != 1) {
            BN_free(r);
            BN_free(s);
            ECDSA_SIG_free(made);
            return NULL;
        }
        backend->signature = made;
        backend->r = r;
        backend->s = s;
    }
    if (BN_bin2bn(signature.ptr, (int)half, backend->r) == NULL ||
        BN_bin2bn(signature.ptr + half, (int)half, backend->s) == NULL)
        return NULL;
    return backend->signature;
}

/* OpenSSL calls it a failure of its own if u1 G + u2 Q is the neutral point; FIPS 186-5, 6.4.2 calls the signature bad. */
static bool
met_infinity(void)
{
    bool met = false;

    for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error())
        met = met || (ERR_GET_LIB(code) == ERR_LIB_EC && ERR_GET_REASON(code) == EC_R_POINT_AT_INFINITY);
    return met;
}

static carnet_rc
verify_ecdsa(carnet_crypto *crypto, const carnet_public_key *key, carnet_hash hash, const carnet_span *parts,
             size_t count, carnet_span signature, carnet_err *err)
{
    carnet_backend *backend = carnet_backend_of(crypto, err);
    uint8_t digest[CARNET_HASH_MAX];
    const ECDSA_SIG *rs;
    EC_KEY *ready;
    carnet_rc rc;

    if (backend == NULL)
        return CARNET_E_USAGE;
    if ((rc = carnet_ec_ready(crypto, key, &ready, err)) != CARNET_OK ||
        (rc = carnet_digest(crypto, hash, parts, count, digest, err)) != CARNET_OK)
        return rc;
    rs = signature_of(backend, signature);
    if (rs == NULL)
        return carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL has no memory");
    switch (ECDSA_do_verify(digest, (int)carnet_hash_size(hash), rs, ready)) {
    case 1:
        return CARNET_OK;
    case 0:
        return wrong(err);
    default:
        if (met_infinity())
            return wrong(err);
        return carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL could not verify the signature");
    }
}

static carnet_rc
verify_eddsa(const carnet_public_key *key, const carnet_curve_info *info, const carnet_span *parts, size_t count,
             carnet_span signature, carnet_err *err)
{
    EVP_PKEY *pkey = NULL;
    EVP_MD_CTX *ctx = NULL;
    carnet_joined message;
    carnet_rc rc = carnet_join(parts, count, &message, err);
    int result = -1;

    if (rc != CARNET_OK)
        return rc;
    pkey = EVP_PKEY_new_raw_public_key(carnet_okp_nid(key->curve), NULL, key->x, info->coordinate);
    ctx = EVP_MD_CTX_new();
    if (pkey != NULL && ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1)
        result = EVP_DigestVerify(ctx, signature.ptr, signature.len, message.ptr, message.len);
    if (result == 0)
        rc = wrong(err);
    else if (result != 1)
        rc = carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL could not verify the signature");
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    carnet_joined_done(&message);
    return rc;
}

carnet_rc
carnet_verify(carnet_crypto *crypto, const carnet_public_key *key, carnet_signature_algorithm algorithm,
              const carnet_span *parts, size_t count, carnet_span signature, carnet_err *err)
{
    const carnet_curve_info *info = carnet_curve_get(key->curve);
    const carnet_rc rc = carnet_signature_check(algorithm, info, err);

    if (rc != CARNET_OK)
        return rc;
    if (signature.len != info->signature)
        return carnet_fail(err, CARNET_E_CRYPTO_SIGNATURE, "RFC 9053 2.1",
                           "the signature is not as long as its curve demands");
    if (info->okp)
        return verify_eddsa(key, info, parts, count, signature, err);
    return verify_ecdsa(crypto, key, carnet_signature_hash(algorithm), parts, count, signature, err);
}
