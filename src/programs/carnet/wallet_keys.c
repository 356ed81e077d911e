/* SPDX-License-Identifier: Apache-2.0 */
/* carnet wallet: device keys, in the store's secure area, and the keys that tokens are bound to, kept sealed with them. */
#include "wallet.h"

#include <string.h>

/* Identifiers of keys made here begin so: what has no document after a command was killed is known by it. */
static const char prefix[] = "obtain";

static void
name_key(wallet *w, carnet_key_identifier *identifier)
{
    carnet_random random = carnet_crypto_random(w->crypto);
    uint8_t bytes[sizeof prefix - 1 + 16];
    carnet_err err = { 0 };

    memcpy(bytes, prefix, sizeof prefix - 1);
    if (carnet_random_fill(&random, bytes + sizeof prefix - 1, 16, &err) != CARNET_OK) {
        cli_die("a key's name", &err);
    }
    *identifier = carnet_key_identifier_of(carnet_span_of(bytes, sizeof bytes));
}

void
wallet_close_keys(wallet *w)
{
    for (size_t i = 0; i < w->key_count; i++) {
        carnet_key_done(&w->keys[i]);
    }
    w->key_count = 0;
}

void
wallet_make_keys(wallet *w, const carnet_obtain_action *action)
{
    static carnet_key_order orders[CARNET_OBTAIN_COPIES_MAX];
    static carnet_key_description made[CARNET_OBTAIN_COPIES_MAX];
    bool agrees = carnet_secure_area_can(&w->store->area, action->curve, CARNET_KEY_SIGN | CARNET_KEY_AGREE);
    carnet_err err = { 0 };
    carnet_rc rc;

    wallet_close_keys(w);
    for (size_t i = 0; i < action->count; i++) {
        orders[i] =
            (carnet_key_order){ .curve = action->curve, .usage = CARNET_KEY_SIGN | (agrees ? CARNET_KEY_AGREE : 0U) };
        name_key(w, &orders[i].identifier);
    }
    rc = carnet_secure_area_create(&w->store->area, orders, action->count, made, &err);
    for (size_t i = 0; rc == CARNET_OK && i < action->count; i++) {
        w->identifiers[i] = made[i].identifier;
        w->key_pointers[i] = &w->keys[i];
        rc = carnet_secure_area_open(&w->store->area, &made[i].identifier, &w->keys[i], &err);
        w->key_count += rc == CARNET_OK;
    }
    if (rc != CARNET_OK) {
        carnet_obtain_declined(&w->obtain, &err);
        return;
    }
    carnet_obtain_keyed(&w->obtain, w->key_pointers, w->key_count);
}

static bool
is_named(const store *s, carnet_str name)
{
    for (size_t i = 0; i < s->count; i++) {
        for (size_t n = 0; n < s->documents[i].count; n++) {
            if (carnet_str_equal(s->documents[i].copies[n].key, name)) {
                return true;
            }
        }
    }
    for (size_t i = 0; i < s->pending_count; i++) {
        for (size_t n = 0; n < s->pending[i].key_count; n++) {
            if (carnet_str_equal(s->pending[i].keys[n], name)) {
                return true;
            }
        }
    }
    return false;
}

void
wallet_sweep_keys(store *s)
{
    carnet_key_identifier gone[64];
    carnet_key_description key;
    size_t found, count = 0;

    for (size_t i = 0; count < CARNET_COUNT(gone); i++) {
        if (carnet_secure_area_list(&s->area, i, &key, 1, &found, NULL) != CARNET_OK || found == 0) {
            break;
        }
        if (key.identifier.len > sizeof prefix - 1 && memcmp(key.identifier.bytes, prefix, sizeof prefix - 1) == 0 &&
            !is_named(s, store_key_name(&key.identifier))) {
            gone[count++] = key.identifier;
        }
    }
    /* One that cannot be destroyed now is tried the next time. */
    (void)!carnet_secure_area_destroy(&s->area, gone, count, NULL);
}

/* --- keys of a grant --- */

carnet_span
wallet_key_der(carnet_key *key)
{
    carnet_buf der = cli_buf(512);
    carnet_err err = { 0 };

    if (key->ops == NULL) {
        return (carnet_span){ 0 };
    }
    if (carnet_software_key_to_der(key, &der, &err) != CARNET_OK) {
        cli_die("a token's key", &err);
    }
    return carnet_buf_span(&der);
}

static void
one_key(wallet *w, carnet_span der, carnet_key *key)
{
    carnet_err err = { 0 };
    carnet_rc rc = der.len > 0 ? carnet_software_key_from_der(w->crypto, der, CARNET_KEY_SIGN, key, &err)
                               : carnet_software_key_generate(w->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, key, &err);

    if (rc != CARNET_OK) {
        cli_die("a token's key", &err);
    }
}

void
wallet_grant_keys(wallet *w)
{
    one_key(w, w->grant.dpop_key, &w->dpop_key);
    w->parameters.dpop_key = &w->dpop_key;
    if (!wallet_is_attested(w->a)) {
        return;
    }
    if (w->a->instance_key != NULL) {
        cli_read_key(w->a->instance_key, w->crypto, CARNET_KEY_SIGN, &w->instance_key);
    } else {
        one_key(w, w->grant.instance_key, &w->instance_key);
    }
    w->parameters.instance_key = &w->instance_key;
}
