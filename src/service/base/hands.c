/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A key that several threads share: slot 0 is the key, slot 1 its area's crypto, slot 2 the lock. */
static carnet_rc
locked_sign(carnet_key *key, carnet_crypto *crypto, carnet_signature_algorithm algorithm, const carnet_span *parts,
            size_t count, carnet_signature *signature, carnet_err *err)
{
    carnet_rc rc;

    (void)crypto;
    (void)pthread_mutex_lock(key->slot[2]);
    rc = carnet_key_sign(key->slot[0], key->slot[1], algorithm, parts, count, signature, err);
    (void)pthread_mutex_unlock(key->slot[2]);
    return rc;
}

static carnet_rc
locked_agree(carnet_key *key, carnet_crypto *crypto, const carnet_public_key *peer, carnet_secret *shared,
             carnet_err *err)
{
    carnet_rc rc;

    (void)crypto;
    (void)pthread_mutex_lock(key->slot[2]);
    rc = carnet_key_agree(key->slot[0], key->slot[1], peer, shared, err);
    (void)pthread_mutex_unlock(key->slot[2]);
    return rc;
}

static void
locked_done(carnet_key *key)
{
    *key = (carnet_key){ 0 };
}

static const carnet_key_ops locked_ops = {
    .size = sizeof(carnet_key_ops),
    .sign = locked_sign,
    .agree = locked_agree,
    .done = locked_done,
};

static size_t
area_index(const carnet_config *config, const carnet_config_area *area)
{
    return (size_t)(area - config->areas);
}

static carnet_rc
take_key(const carnet_config *config, carnet_service_custody *custody, size_t k, carnet_crypto *crypto,
         carnet_service_hands *hands, carnet_err *err)
{
    carnet_service_kept_key *kept = &custody->keys[k];
    size_t i = area_index(config, kept->area);
    carnet_key *key = &hands->keys[k];

    switch (kept->area->kind) {
    case CARNET_CONFIG_TPM2:
        *key = kept->shared;
        key->ops = &locked_ops;
        key->slot[0] = &kept->shared;
        key->slot[1] = &custody->areas[i].crypto;
        key->slot[2] = &custody->locks[i];
        return CARNET_OK;
    case CARNET_CONFIG_PKCS11:
        if (hands->areas[i].area.ops == NULL) {
            carnet_rc rc = carnet_service_area_open(kept->area, &hands->areas[i], err);

            if (rc != CARNET_OK)
                return rc;
        }
        return carnet_secure_area_open(&hands->areas[i].area, &kept->identifier, key, err);
    default:
        return carnet_software_key_from_der(crypto, carnet_span_of(kept->der, kept->der_len), kept->shared.usage, key,
                                            err);
    }
}

carnet_rc
carnet_service_hands_new(const carnet_config *config, carnet_service_custody *custody, carnet_crypto *crypto,
                         carnet_service_hands *hands, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    hands->areas = calloc(config->area_count + 1, sizeof(*hands->areas));
    hands->keys = calloc(config->key_count + 1, sizeof(*hands->keys));
    hands->views = calloc(config->key_count + 1, sizeof(*hands->views));
    if (hands->areas == NULL || hands->keys == NULL || hands->views == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    hands->area_count = config->area_count;
    for (size_t k = 0; rc == CARNET_OK && k < config->key_count; k++) {
        rc = take_key(config, custody, k, crypto, hands, err);
        hands->key_count++;
        hands->views[k] = custody->keys[k].view;
        hands->views[k].key = &hands->keys[k];
    }
    return rc;
}

void
carnet_service_hands_free(carnet_service_hands *hands)
{
    for (size_t k = 0; k < hands->key_count; k++)
        carnet_key_done(&hands->keys[k]);
    for (size_t i = 0; i < hands->area_count; i++)
        carnet_service_area_close(&hands->areas[i]);
    free(hands->areas);
    free(hands->keys);
    free(hands->views);
    *hands = (carnet_service_hands){ 0 };
}
