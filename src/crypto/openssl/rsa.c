/* SPDX-License-Identifier: Apache-2.0 */
/* RSA signatures (RFC 8017 8.1.2, 8.2.2).  Nothing is kept between calls: whoever meets none does not pay for them. */
#include "carnet/crypto_rsa.h"

#include "internal.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

static const struct {
    carnet_rsa_algorithm algorithm;
    const char *digest;
    bool pss;
} algorithms[] = {
    { CARNET_RS256, "SHA256", false }, { CARNET_RS384, "SHA384", false }, { CARNET_RS512, "SHA512", false },
    { CARNET_PS256, "SHA256", true },  { CARNET_PS384, "SHA384", true },  { CARNET_PS512, "SHA512", true },
};

static size_t
bits_of(carnet_span number)
{
    size_t bits = 8 * number.len;

    for (unsigned top = number.ptr[0]; top != 0 && top < 0x80; top <<= 1)
        bits--;
    return bits;
}

static carnet_rc
no_key(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_CRYPTO_KEY, "RFC 7518 6.3.1", why);
}

carnet_rc
carnet_rsa_key_check(const carnet_rsa_key *key, carnet_err *err)
{
    const carnet_span n = key->modulus, e = key->exponent;

    if (n.len == 0 || e.len == 0)
        return no_key(err, "it has no modulus, or no exponent");
    if (n.ptr[0] == 0 || e.ptr[0] == 0)
        return no_key(err, "its modulus or exponent begins with a zero");
    if (n.len > CARNET_RSA_BITS_MAX / 8 || bits_of(n) < CARNET_RSA_BITS_MIN)
        return no_key(err, "its modulus has less than 2048 bits, or more than 8192");
    if (e.len > CARNET_RSA_EXPONENT_MAX)
        return no_key(err, "its exponent has more than 64 bits");
    if (n.ptr[n.len - 1] % 2 == 0 || e.ptr[e.len - 1] % 2 == 0 || (e.len == 1 && e.ptr[0] == 1))
        return no_key(err, "its modulus is even, or its exponent is even or 1");
    return CARNET_OK;
}

/* The two numbers as OpenSSL's parameters; NULL without memory. */
static OSSL_PARAM *
parameters_of(const carnet_rsa_key *key)
{
    OSSL_PARAM_BLD *list = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn(key->modulus.ptr, (int)key->modulus.len, NULL);
    BIGNUM *e = BN_bin2bn(key->exponent.ptr, (int)key->exponent.len, NULL);
    OSSL_PARAM *parameters = NULL;

    if (list != NULL && n != NULL && e != NULL && OSSL_PARAM_BLD_push_BN(list, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(list, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        parameters = OSSL_PARAM_BLD_to_param(list);
    OSSL_PARAM_BLD_free(list);
    BN_free(n);
    BN_free(e);
    return parameters;
}

static EVP_PKEY *
pkey_of(const carnet_rsa_key *key)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM *parameters = parameters_of(key);
    EVP_PKEY *pkey = NULL;

    if (ctx != NULL && parameters != NULL && EVP_PKEY_fromdata_init(ctx) == 1)
        (void)EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, parameters);
    OSSL_PARAM_free(parameters);
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

/* MGF1 has the signature's digest unless it is told otherwise. */
static bool
begin(EVP_MD_CTX *ctx, EVP_PKEY *pkey, const char *digest, bool pss)
{
    EVP_PKEY_CTX *padding = NULL;

    return ctx != NULL && pkey != NULL && EVP_DigestVerifyInit_ex(ctx, &padding, digest, NULL, NULL, pkey, NULL) == 1 &&
           EVP_PKEY_CTX_set_rsa_padding(padding, pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) == 1 &&
           (!pss || EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, RSA_PSS_SALTLEN_DIGEST) == 1);
}

static bool
update(EVP_MD_CTX *ctx, const carnet_span *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (parts[i].len != 0 && EVP_DigestVerifyUpdate(ctx, parts[i].ptr, parts[i].len) != 1)
            return false;
    return true;
}

carnet_rc
carnet_rsa_verify(carnet_crypto *crypto, const carnet_rsa_key *key, carnet_rsa_algorithm algorithm,
                  const carnet_span *parts, size_t count, carnet_span signature, carnet_err *err)
{
    const carnet_rc rc = carnet_rsa_key_check(key, err);
    EVP_PKEY *pkey;
    EVP_MD_CTX *ctx;
    size_t i = 0;
    int result = -1;

    (void)crypto;
    if (rc != CARNET_OK)
        return rc;
    while (i < CARNET_COUNT(algorithms) && algorithms[i].algorithm != algorithm)
        i++;
    if (i == CARNET_COUNT(algorithms))
        return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, "RFC 7518 3.1", "it is no algorithm of RSA");
    if (signature.len != key->modulus.len)
        return carnet_fail(err, CARNET_E_CRYPTO_SIGNATURE, "RFC 8017 8.1.2", "the signature is not as long as its key");
    pkey = pkey_of(key);
    ctx = EVP_MD_CTX_new();
    if (begin(ctx, pkey, algorithms[i].digest, algorithms[i].pss) && update(ctx, parts, count))
        result = EVP_DigestVerifyFinal(ctx, signature.ptr, signature.len);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    if (result == 1)
        return CARNET_OK;
    return result == 0
               ? carnet_openssl_fail(err, CARNET_E_CRYPTO_SIGNATURE, "the signature is not the key's over this message")
               : carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL could not verify the signature");
}
