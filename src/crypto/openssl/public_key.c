/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public keys made ready for OpenSSL: an EC_KEY is kept for each curve and
 * given one point after another; the few points met last stay set.
 */
#include "internal.h"

#include <openssl/objects.h>

#include <string.h>

static const struct {
    carnet_curve curve;
    int nid;
} curves[CARNET_EC_CURVES] = {
    { CARNET_CURVE_P256, NID_X9_62_prime256v1 },
    { CARNET_CURVE_P384, NID_secp384r1 },
    { CARNET_CURVE_P521, NID_secp521r1 },
    { CARNET_CURVE_BRAINPOOL_P256R1, NID_brainpoolP256r1 },
    { CARNET_CURVE_BRAINPOOL_P320R1, NID_brainpoolP320r1 },
    { CARNET_CURVE_BRAINPOOL_P384R1, NID_brainpoolP384r1 },
    { CARNET_CURVE_BRAINPOOL_P512R1, NID_brainpoolP512r1 },
};

static size_t
index_of(carnet_curve curve)
{
    size_t i = 0;

    while (i < CARNET_EC_CURVES && curves[i].curve != curve)
        i++;
    return i;
}

int
carnet_ec_nid(carnet_curve curve)
{
    const size_t i = index_of(curve);

    return i < CARNET_EC_CURVES ? curves[i].nid : NID_undef;
}

int
carnet_okp_nid(carnet_curve curve)
{
    switch (curve) {
    case CARNET_CURVE_X25519:
        return NID_X25519;
    case CARNET_CURVE_X448:
        return NID_X448;
    case CARNET_CURVE_ED25519:
        return NID_ED25519;
    case CARNET_CURVE_ED448:
        return NID_ED448;
    default:
        return NID_undef;
    }
}

/* The entry that holds this point, or else the one unused for longest. */
static carnet_ready_key *
find(carnet_backend *backend, size_t curve, const uint8_t *point, size_t len)
{
    carnet_ready_key *entries = backend->ready[curve], *oldest = entries;

    for (size_t i = 0; i < CARNET_EC_RECENT; i++) {
        if (entries[i].used != 0 && memcmp(entries[i].point, point, len) == 0)
            return &entries[i];
        if (entries[i].used < oldest->used)
            oldest = &entries[i];
    }
    oldest->used = 0;
    return oldest;
}

/* Set an entry's point from its octets, in either form.  OpenSSL finds coordinates that are too large, and points that
 * are not on the curve; since all our curves have cofactor 1, nothing else could be wrong with one but being the neutral
 * point, which has no form of this length. */
static carnet_rc
set(carnet_backend *backend, size_t curve, carnet_ready_key *entry, const uint8_t *octets, size_t len, carnet_err *err)
{
    if (backend->numbers == NULL)
        backend->numbers = BN_CTX_new();
    if (entry->key == NULL)
        entry->key = EC_KEY_new_by_curve_name(curves[curve].nid);
    if (backend->numbers == NULL || entry->key == NULL)
        return carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL could not prepare the curve");
    if (EC_KEY_oct2key(entry->key, octets, len, backend->numbers) != 1)
        return carnet_openssl_fail(err, CARNET_E_CRYPTO_KEY, "the public key is not a point of its curve");
    return CARNET_OK;
}

carnet_rc
carnet_ec_ready(carnet_crypto *crypto, const carnet_public_key *key, EC_KEY **ready, carnet_err *err)
{
    carnet_backend *backend = carnet_backend_of(crypto, err);
    const size_t curve = index_of(key->curve);
    uint8_t point[CARNET_POINT_MAX];
    carnet_ready_key *entry;
    size_t len;
    carnet_rc rc;

    *ready = NULL;
    if (backend == NULL)
        return CARNET_E_USAGE;
    if (curve == CARNET_EC_CURVES)
        return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, NULL, "the key's curve is not known");
    len = carnet_public_key_point(key, point);
    entry = find(backend, curve, point, len);
    if (entry->used == 0) {
        if ((rc = set(backend, curve, entry, point, len, err)) != CARNET_OK)
            return rc;
        memcpy(entry->point, point, len);
    }
    entry->used = ++backend->uses;
    *ready = entry->key;
    return CARNET_OK;
}

carnet_rc
carnet_public_key_check(carnet_crypto *crypto, const carnet_public_key *key, carnet_err *err)
{
    const carnet_curve_info *info = carnet_curve_get(key->curve);
    EC_KEY *ready;

    if (info != NULL && info->okp)
        return CARNET_OK;
    return carnet_ec_ready(crypto, key, &ready, err);
}

carnet_rc
carnet_public_key_from_point(carnet_crypto *crypto, carnet_curve curve, carnet_span point, carnet_public_key *key,
                             carnet_err *err)
{
    const carnet_curve_info *info = carnet_curve_get(curve);
    carnet_rc rc;

    *key = (carnet_public_key){ 0 };
    if (info == NULL)
        return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, NULL, "the key's curve is not known");
    if (point.len != (info->okp ? info->coordinate : 1 + 2 * (size_t)info->coordinate))
        return carnet_fail(err, CARNET_E_CRYPTO_KEY, NULL, "the public key is not as long as its curve demands");
    if (!info->okp && point.ptr[0] != 0x04)
        return carnet_fail(err, CARNET_E_CRYPTO_KEY, "SEC 1 2.3.4", "the public key is not an uncompressed point");
    key->curve = curve;
    memcpy(key->x, point.ptr + !info->okp, info->coordinate);
    if (!info->okp)
        memcpy(key->y, point.ptr + 1 + info->coordinate, info->coordinate);
    rc = carnet_public_key_check(crypto, key, err);
    if (rc != CARNET_OK)
        *key = (carnet_public_key){ 0 };
    return rc;
}

carnet_rc
carnet_public_key_decompress(carnet_crypto *crypto, carnet_curve curve, carnet_span x, bool y_odd,
                             carnet_public_key *key, carnet_err *err)
{
    carnet_backend *backend = carnet_backend_of(crypto, err);
    const carnet_curve_info *info = carnet_curve_get(curve);
    const size_t index = index_of(curve);
    uint8_t octets[CARNET_POINT_MAX] = { y_odd ? 0x03 : 0x02 };
    carnet_ready_key *entry;
    carnet_rc rc;

    *key = (carnet_public_key){ 0 };
    if (backend == NULL)
        return CARNET_E_USAGE;
    if (info == NULL || index == CARNET_EC_CURVES)
        return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, NULL, "the curve has no compressed points");
    if (x.len != info->coordinate)
        return carnet_fail(err, CARNET_E_CRYPTO_KEY, NULL, "the public key is not as long as its curve demands");
    memcpy(octets + 1, x.ptr, x.len);
    entry = find(backend, index, octets, 1 + x.len);
    if ((rc = set(backend, index, entry, octets, 1 + x.len, err)) != CARNET_OK)
        return rc;
    if (EC_POINT_point2oct(EC_KEY_get0_group(entry->key), EC_KEY_get0_public_key(entry->key),
                           POINT_CONVERSION_UNCOMPRESSED, entry->point, sizeof(entry->point),
                           backend->numbers) != 1 + 2 * x.len)
        return carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL could not write the point");
    entry->used = ++backend->uses;
    key->curve = curve;
    memcpy(key->x, entry->point + 1, x.len);
    memcpy(key->y, entry->point + 1 + x.len, x.len);
    return CARNET_OK;
}
