/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys in OpenSSL's memory: an EC_KEY for the curves with two coordinates, an
 * EVP_PKEY for the others.  OpenSSL wipes both when it frees them.
 */
#include "internal.h"

#include <openssl/ecdh.h>
#include <openssl/rand.h>

#include <string.h>

enum { SLOT_KEY = 0 };

/* --- curves with two coordinates --- */

static carnet_rc
ec_sign(carnet_key *key, carnet_crypto *crypto, carnet_signature_algorithm algorithm, const carnet_span *parts,
        size_t count, carnet_signature *signature, carnet_err *err)
{
    const carnet_hash hash = carnet_signature_hash(algorithm);
    const carnet_curve_info *info = carnet_curve_get(key->public_key.curve);
    uint8_t digest[CARNET_HASH_MAX];
    ECDSA_SIG *made;
    carnet_rc rc = carnet_digest(crypto, hash, parts, count, digest, err);

    if (rc != CARNET_OK)
        return rc;
    made = ECDSA_do_sign(digest, (int)carnet_hash_size(hash), key->slot[SLOT_KEY]);
    if (made == NULL || BN_bn2binpad(ECDSA_SIG_get0_r(made), signature->bytes, info->coordinate) < 0 ||
        BN_bn2binpad(ECDSA_SIG_get0_s(made), signature->bytes + info->coordinate, info->coordinate) < 0)
        rc = carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL could not sign");
    else
        signature->len = info->signature;
    ECDSA_SIG_free(made);
    return rc;
}

static carnet_rc
ec_agree(carnet_key *key, carnet_crypto *crypto, const carnet_public_key *peer, carnet_secret *shared, carnet_err *err)
{
    const carnet_curve_info *info = carnet_curve_get(peer->curve);
    EC_KEY *ready;
    carnet_rc rc = carnet_ec_ready(crypto, peer, &ready, err);

    if (rc != CARNET_OK)
        return rc;
    if (ECDH_compute_key(shared->bytes, info->coordinate, EC_KEY_get0_public_key(ready), key->slot[SLOT_KEY], NULL) !=
        info->coordinate)
        return carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL could not agree on a secret");
    shared->len = info->coordinate;
    return CARNET_OK;
}

static void
ec_done(carnet_key *key)
{
    EC_KEY_free(key->slot[SLOT_KEY]);
}

static const carnet_key_ops ec_ops = { sizeof(carnet_key_ops), ec_sign, ec_agree, ec_done };

/* The scalar, once it is known to be from 1 to n - 1, and its public point into the EC_KEY. */
static carnet_rc
ec_set(EC_KEY *ec, carnet_span scalar, carnet_err *err)
{
    const EC_GROUP *group = EC_KEY_get0_group(ec);
    BIGNUM *d = BN_secure_new();
    EC_POINT *point = EC_POINT_new(group);
    carnet_rc rc = CARNET_OK;

    if (d == NULL || point == NULL || BN_bin2bn(scalar.ptr, (int)scalar.len, d) == NULL) {
        rc = carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL has no memory");
    } else if (BN_is_zero(d) || BN_cmp(d, EC_GROUP_get0_order(group)) >= 0) {
        rc = carnet_fail(err, CARNET_E_CRYPTO_KEY, "SEC 1 3.2.1", "the private key is not in the curve's range");
    } else {
        BN_set_flags(d, BN_FLG_CONSTTIME);
        if (EC_POINT_mul(group, point, d, NULL, NULL, NULL) != 1 || EC_KEY_set_private_key(ec, d) != 1 ||
            EC_KEY_set_public_key(ec, point) != 1)
            rc = carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL could not make the key");
    }
    BN_clear_free(d);
    EC_POINT_free(point);
    return rc;
}

/* The public key of an EC_KEY. */
static carnet_rc
ec_public(const EC_KEY *ec, const carnet_curve_info *info, carnet_public_key *key, carnet_err *err)
{
    uint8_t point[CARNET_POINT_MAX];

    if (EC_POINT_point2oct(EC_KEY_get0_group(ec), EC_KEY_get0_public_key(ec), POINT_CONVERSION_UNCOMPRESSED, point,
                           sizeof(point), NULL) != 1 + 2 * (size_t)info->coordinate)
        return carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL could not write the point");
    *key = (carnet_public_key){ .curve = info->curve };
    memcpy(key->x, point + 1, info->coordinate);
    memcpy(key->y, point + 1 + info->coordinate, info->coordinate);
    return CARNET_OK;
}

/* A fresh key if the scalar is empty. */
static carnet_rc
ec_make(const carnet_curve_info *info, carnet_span scalar, carnet_key *key, carnet_err *err)
{
    EC_KEY *ec = EC_KEY_new_by_curve_name(carnet_ec_nid(info->curve));
    carnet_rc rc = CARNET_OK;

    if (ec == NULL)
        rc = carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL could not prepare the curve");
    else if (scalar.len != 0)
        rc = ec_set(ec, scalar, err);
    else if (EC_KEY_generate_key(ec) != 1)
        rc = carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL could not make the key");
    if (rc == CARNET_OK)
        rc = ec_public(ec, info, &key->public_key, err);
    if (rc != CARNET_OK) {
        EC_KEY_free(ec);
        return rc;
    }
    key->ops = &ec_ops;
    key->slot[SLOT_KEY] = ec;
    return CARNET_OK;
}

/* --- OKP curves --- */

static carnet_rc
okp_sign(carnet_key *key, carnet_crypto *crypto, carnet_signature_algorithm algorithm, const carnet_span *parts,
         size_t count, carnet_signature *signature, carnet_err *err)
{
    EVP_MD_CTX *ctx = NULL;
    carnet_joined message;
    size_t len = sizeof(signature->bytes);
    carnet_rc rc = carnet_join(parts, count, &message, err);

    (void)crypto;
    (void)algorithm;
    if (rc != CARNET_OK)
        return rc;
    ctx = EVP_MD_CTX_new();
    if (ctx == NULL || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->slot[SLOT_KEY]) != 1 ||
        EVP_DigestSign(ctx, signature->bytes, &len, message.ptr, message.len) != 1)
        rc = carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL could not sign");
    else
        signature->len = len;
    EVP_MD_CTX_free(ctx);
    carnet_joined_done(&message);
    return rc;
}

/* RFC 7748, 6: all zeros is what a peer of small order brings about. */
static bool
all_zero(const uint8_t *bytes, size_t len)
{
    uint8_t seen = 0;

    for (size_t i = 0; i < len; i++)
        seen |= bytes[i];
    return seen == 0;
}

static carnet_rc
okp_agree(carnet_key *key, carnet_crypto *crypto, const carnet_public_key *peer, carnet_secret *shared, carnet_err *err)
{
    const carnet_curve_info *info = carnet_curve_get(peer->curve);
    EVP_PKEY *other = EVP_PKEY_new_raw_public_key(carnet_okp_nid(peer->curve), NULL, peer->x, info->coordinate);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->slot[SLOT_KEY], NULL);
    size_t len = sizeof(shared->bytes);
    carnet_rc rc = CARNET_OK;

    (void)crypto;
    if (other == NULL || ctx == NULL || EVP_PKEY_derive_init(ctx) != 1 || EVP_PKEY_derive_set_peer(ctx, other) != 1)
        rc = carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL could not agree on a secret");
    else if (EVP_PKEY_derive(ctx, shared->bytes, &len) != 1 || all_zero(shared->bytes, len))
        rc = carnet_openssl_fail(err, CARNET_E_CRYPTO_KEY, "the peer's key has small order");
    else
        shared->len = (uint8_t)len;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(other);
    return rc;
}

static void
okp_done(carnet_key *key)
{
    EVP_PKEY_free(key->slot[SLOT_KEY]);
}

static const carnet_key_ops okp_ops = { sizeof(carnet_key_ops), okp_sign, okp_agree, okp_done };

/* A fresh key if the scalar is empty. */
static carnet_rc
okp_make(const carnet_curve_info *info, carnet_span scalar, carnet_key *key, carnet_err *err)
{
    carnet_secret fresh = { .len = info->coordinate };
    carnet_public_key *public_key = &key->public_key;
    size_t len = sizeof(public_key->x);
    EVP_PKEY *pkey;

    if (scalar.len == 0) {
        if (RAND_priv_bytes(fresh.bytes, fresh.len) != 1)
            return carnet_openssl_fail(err, CARNET_E_CRYPTO_RANDOM, "OpenSSL has no randomness");
        scalar = (carnet_span){ fresh.bytes, fresh.len };
    }
    pkey = EVP_PKEY_new_raw_private_key(carnet_okp_nid(info->curve), NULL, scalar.ptr, scalar.len);
    carnet_secret_done(&fresh);
    if (pkey == NULL || EVP_PKEY_get_raw_public_key(pkey, public_key->x, &len) != 1) {
        EVP_PKEY_free(pkey);
        return carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL could not make the key");
    }
    public_key->curve = info->curve;
    key->ops = &okp_ops;
    key->slot[SLOT_KEY] = pkey;
    return CARNET_OK;
}

/* --- both --- */

static carnet_rc
make(const carnet_curve_info *info, carnet_span scalar, unsigned usage, carnet_key *key, carnet_err *err)
{
    const unsigned possible = (info->signature != 0 ? CARNET_KEY_SIGN : 0U) | (info->agrees ? CARNET_KEY_AGREE : 0U);
    carnet_rc rc;

    if (usage == 0 || (usage & ~possible) != 0)
        return carnet_fail(err, CARNET_E_CRYPTO_POLICY, NULL, "a key of this curve cannot have this usage");
    rc = info->okp ? okp_make(info, scalar, key, err) : ec_make(info, scalar, key, err);
    if (rc == CARNET_OK)
        key->usage = usage;
    else
        *key = (carnet_key){ 0 };
    return rc;
}

carnet_rc
carnet_software_key_generate(carnet_crypto *crypto, carnet_curve curve, unsigned usage, carnet_key *key,
                             carnet_err *err)
{
    const carnet_curve_info *info = carnet_curve_get(curve);

    (void)crypto;
    *key = (carnet_key){ 0 };
    if (info == NULL)
        return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, NULL, "the key's curve is not known");
    return make(info, (carnet_span){ 0 }, usage, key, err);
}

carnet_rc
carnet_software_key_from_scalar(carnet_crypto *crypto, carnet_curve curve, carnet_span scalar, unsigned usage,
                                carnet_key *key, carnet_err *err)
{
    const carnet_curve_info *info = carnet_curve_get(curve);

    (void)crypto;
    *key = (carnet_key){ 0 };
    if (info == NULL)
        return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, NULL, "the key's curve is not known");
    if (scalar.len != info->coordinate)
        return carnet_fail(err, CARNET_E_CRYPTO_KEY, NULL, "the private key is not as long as its curve demands");
    return make(info, scalar, usage, key, err);
}

carnet_rc
carnet_software_key_from_der(carnet_crypto *crypto, carnet_span der, unsigned usage, carnet_key *key, carnet_err *err)
{
    carnet_private_view view;
    uint8_t point[CARNET_POINT_MAX];
    carnet_rc rc = carnet_private_key_open(der, &view, err);

    (void)crypto;
    *key = (carnet_key){ 0 };
    if (rc != CARNET_OK || (rc = make(view.info, view.scalar, usage, key, err)) != CARNET_OK)
        return rc;
    if (view.point.len == 0 ||
        carnet_span_equal(view.point, carnet_span_of(point, carnet_public_key_point(&key->public_key, point))))
        return CARNET_OK;
    carnet_key_done(key);
    return carnet_fail(err, CARNET_E_CRYPTO_KEY, "RFC 5915 3", "the public key is not the private key's");
}

carnet_rc
carnet_software_key_to_der(carnet_key *key, carnet_buf *out, carnet_err *err)
{
    const carnet_curve_info *info = carnet_curve_get(key->public_key.curve);
    carnet_secret scalar = { 0 };
    bool got = false;
    carnet_rc rc;

    if (info != NULL && key->ops == &ec_ops) {
        got = BN_bn2binpad(EC_KEY_get0_private_key(key->slot[SLOT_KEY]), scalar.bytes, info->coordinate) ==
              info->coordinate;
    } else if (info != NULL && key->ops == &okp_ops) {
        size_t len = sizeof(scalar.bytes);

        got = EVP_PKEY_get_raw_private_key(key->slot[SLOT_KEY], scalar.bytes, &len) == 1 && len == info->coordinate;
    } else {
        return carnet_fail(err, CARNET_E_CRYPTO_POLICY, NULL, "the key's holder does not give it out");
    }
    rc = got ? carnet_private_key_write(&key->public_key, (carnet_span){ scalar.bytes, info->coordinate }, out, err)
             : carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL could not write the key");
    carnet_secret_done(&scalar);
    return rc;
}
