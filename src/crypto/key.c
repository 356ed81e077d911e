/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys as values, and the way through a key handle to whoever holds the key. */
#include "internal.h"

#include <string.h>

/* A slot counts only if the implementer's table is long enough to have it. */
#define HAS(key, op)                                                                                                   \
    ((key)->ops != NULL && (key)->ops->size >= offsetof(carnet_key_ops, op) + sizeof((key)->ops->op) &&                \
     (key)->ops->op != NULL)

size_t
carnet_public_key_point(const carnet_public_key *key, uint8_t out[133])
{
    const carnet_curve_info *info = carnet_curve_get(key->curve);

    if (info == NULL)
        return 0;
    if (info->okp) {
        memcpy(out, key->x, info->coordinate);
        return info->coordinate;
    }
    out[0] = 0x04;
    memcpy(out + 1, key->x, info->coordinate);
    memcpy(out + 1 + info->coordinate, key->y, info->coordinate);
    return 1 + 2 * (size_t)info->coordinate;
}

bool
carnet_public_key_equal(const carnet_public_key *a, const carnet_public_key *b)
{
    const carnet_curve_info *info = carnet_curve_get(a->curve);

    return info != NULL && a->curve == b->curve && memcmp(a->x, b->x, info->coordinate) == 0 &&
           (info->okp || memcmp(a->y, b->y, info->coordinate) == 0);
}

carnet_rc
carnet_key_sign(carnet_key *key, carnet_crypto *crypto, carnet_signature_algorithm algorithm, const carnet_span *parts,
                size_t count, carnet_signature *signature, carnet_err *err)
{
    carnet_rc rc;

    signature->len = 0;
    if (!HAS(key, sign))
        return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, NULL, "the key's holder cannot sign");
    if ((key->usage & CARNET_KEY_SIGN) == 0)
        return carnet_fail(err, CARNET_E_CRYPTO_POLICY, NULL, "the key may not sign");
    rc = carnet_signature_check(algorithm, carnet_curve_get(key->public_key.curve), err);
    if (rc == CARNET_OK)
        rc = key->ops->sign(key, crypto, algorithm, parts, count, signature, err);
    if (rc != CARNET_OK)
        *signature = (carnet_signature){ 0 };
    return rc;
}

carnet_rc
carnet_key_agree(carnet_key *key, carnet_crypto *crypto, const carnet_public_key *peer, carnet_secret *shared,
                 carnet_err *err)
{
    const carnet_curve_info *info = carnet_curve_get(key->public_key.curve);
    carnet_rc rc;

    *shared = (carnet_secret){ 0 };
    if (!HAS(key, agree) || info == NULL || !info->agrees)
        return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, NULL, "the key or its holder cannot agree on a secret");
    if ((key->usage & CARNET_KEY_AGREE) == 0)
        return carnet_fail(err, CARNET_E_CRYPTO_POLICY, NULL, "the key may not agree on a secret");
    if (peer->curve != info->curve)
        return carnet_fail(err, CARNET_E_CRYPTO_MISMATCH, NULL, "the peer's key is on another curve");
    rc = key->ops->agree(key, crypto, peer, shared, err);
    if (rc != CARNET_OK)
        carnet_secret_done(shared);
    return rc;
}

void
carnet_key_done(carnet_key *key)
{
    if (HAS(key, done))
        key->ops->done(key);
    carnet_wipe(key, sizeof(*key));
}
