/* SPDX-License-Identifier: Apache-2.0 */
/* The secure area over a sealed file: every change composes the whole file, and counts only once it is stored. */
#include "internal.h"

#include <string.h>

static carnet_span
entries_of(const carnet_sealed_area *state)
{
    return carnet_buf_span(&state->keys);
}

/* --- writing --- */

static bool
among(const carnet_sealed_key *key, const carnet_key_identifier *identifiers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (carnet_span_equal(key->identifier, carnet_span_of(identifiers[i].bytes, identifiers[i].len)))
            return true;
    return false;
}

/* Seal the entries and have them stored. */
static carnet_rc
store(carnet_sealed_area *state, carnet_span entries, size_t count, carnet_err *err)
{
    uint8_t head[9];
    carnet_cbor_builder b = carnet_cbor_build(head, sizeof(head));
    carnet_span parts[2];
    carnet_rc rc;

    carnet_cbor_add_array(&b, count);
    parts[0] = carnet_span_of(head, b.len);
    parts[1] = entries;
    state->file.len = 0;
    rc = carnet_sealed_file_seal(state->crypto, &state->key, &state->cost, state->salt, parts, 2, &state->file, err);
    if (rc == CARNET_OK)
        rc = state->storage->replace(state->storage->self, carnet_buf_span(&state->file), err);
    else if (rc == CARNET_E_NO_SPACE)
        rc = carnet_fail(err, CARNET_E_AREA_FULL, NULL, NULL);
    return rc;
}

/* Entries were added behind `len`: store all, or take the new ones back. */
static carnet_rc
settle(carnet_sealed_area *state, size_t len, size_t added, carnet_rc rc, carnet_err *err)
{
    if (rc == CARNET_OK)
        rc = store(state, entries_of(state), state->count + added, err);
    if (rc == CARNET_OK) {
        state->count += added;
        return rc;
    }
    state->keys.len = len;
    carnet_wipe(state->keys.ptr + len, state->keys.cap - len);
    return rc;
}

/* An identifier of its own for a key that was given none, and none that is taken. */
static carnet_rc
name_key(carnet_sealed_area *state, carnet_key_identifier *identifier, carnet_err *err)
{
    carnet_random random = carnet_crypto_random(state->crypto);
    carnet_sealed_key other;

    if (identifier->len == 0) {
        carnet_rc rc = carnet_random_fill(&random, identifier->bytes, 16, err);

        if (rc != CARNET_OK)
            return rc;
        identifier->len = 16;
    }
    if (carnet_sealed_keys_find(entries_of(state), carnet_span_of(identifier->bytes, identifier->len), &other))
        return carnet_fail(err, CARNET_E_AREA_KEY_TWICE, NULL, NULL);
    return CARNET_OK;
}

static carnet_rc
add_key(carnet_sealed_area *state, carnet_key *key, carnet_key_description *description, carnet_err *err)
{
    carnet_rc rc = name_key(state, &description->identifier, err);

    description->public_key = key->public_key;
    description->usage = key->usage;
    return rc != CARNET_OK ? rc : carnet_sealed_keys_add(&state->keys, &description->identifier, key, err);
}

static carnet_rc
create(carnet_secure_area *area, const carnet_key_order *orders, size_t count, carnet_key_description *keys,
       carnet_err *err)
{
    carnet_sealed_area *state = area->state;
    size_t len = state->keys.len;
    carnet_rc rc = CARNET_OK;

    if (count > CARNET_SEALED_KEYS_MAX - state->count)
        return carnet_fail(err, CARNET_E_AREA_FULL, NULL, NULL);
    for (size_t i = 0; i < count && rc == CARNET_OK; i++) {
        carnet_key key;

        keys[i].identifier = orders[i].identifier;
        rc = carnet_software_key_generate(state->crypto, orders[i].curve, orders[i].usage, &key, err);
        if (rc == CARNET_OK)
            rc = add_key(state, &key, &keys[i], err);
        carnet_key_done(&key);
    }
    return settle(state, len, count, rc, err);
}

carnet_rc
carnet_sealed_area_import(carnet_sealed_area *state, carnet_key *key, carnet_key_identifier *identifier,
                          carnet_err *err)
{
    carnet_key_description description = { .identifier = *identifier };
    size_t len = state->keys.len;
    carnet_rc rc;

    if (state->count >= CARNET_SEALED_KEYS_MAX)
        return carnet_fail(err, CARNET_E_AREA_FULL, NULL, NULL);
    if (identifier->len > CARNET_KEY_IDENTIFIER_MAX)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a key's identifier is too long");
    rc = settle(state, len, 1, add_key(state, key, &description, err), err);
    if (rc == CARNET_OK)
        *identifier = description.identifier;
    return rc;
}

/* Move the entries that stay to the front: in the keys themselves, or into the room behind them to be stored. */
static size_t
keep_others(carnet_span entries, const carnet_key_identifier *identifiers, size_t count, uint8_t *to, size_t *kept)
{
    carnet_sealed_key key;
    size_t len = 0;

    *kept = 0;
    while (carnet_sealed_keys_next(&entries, &key)) {
        if (!among(&key, identifiers, count)) {
            memmove(to + len, key.encoded.ptr, key.encoded.len);
            len += key.encoded.len;
            *kept += 1;
        }
    }
    return len;
}

/* The entries that stay are put together behind the file's place in its buffer, so that nothing changes here until it is
 * stored. */
static carnet_rc
destroy(carnet_secure_area *area, const carnet_key_identifier *identifiers, size_t count, carnet_err *err)
{
    carnet_sealed_area *state = area->state;
    carnet_buf file = state->file;
    carnet_sealed_key key;
    size_t kept, len;
    carnet_rc rc;

    for (size_t i = 0; i < count; i++)
        if (!carnet_sealed_keys_find(entries_of(state), carnet_span_of(identifiers[i].bytes, identifiers[i].len), &key))
            return carnet_fail(err, CARNET_E_AREA_KEY_ABSENT, NULL, NULL);
    state->file.cap = file.cap - state->keys.len;
    len = keep_others(entries_of(state), identifiers, count, file.ptr + state->file.cap, &kept);
    rc = store(state, carnet_span_of(file.ptr + state->file.cap, len), kept, err);
    carnet_wipe(file.ptr + state->file.cap, state->keys.len);
    state->file = file;
    if (rc != CARNET_OK)
        return rc;
    len = keep_others(entries_of(state), identifiers, count, state->keys.ptr, &state->count);
    carnet_wipe(state->keys.ptr + len, state->keys.len - len);
    state->keys.len = len;
    return CARNET_OK;
}

/* --- using --- */

static bool
curve_at(carnet_secure_area *area, size_t i, carnet_secure_area_curve *curve)
{
    const carnet_curve_info *info = carnet_curve_at(i);

    (void)area;
    if (info == NULL)
        return false;
    *curve = (carnet_secure_area_curve){ .curve = info->curve,
                                         .usage = (info->signature != 0 ? CARNET_KEY_SIGN : 0U) |
                                                  (info->agrees ? CARNET_KEY_AGREE : 0U) };
    return true;
}

static carnet_rc
open_key(carnet_secure_area *area, const carnet_key_identifier *identifier, carnet_key *key, carnet_err *err)
{
    carnet_sealed_area *state = area->state;
    carnet_sealed_key entry;
    carnet_key_description description;
    carnet_rc rc;

    if (identifier->len > CARNET_KEY_IDENTIFIER_MAX ||
        !carnet_sealed_keys_find(entries_of(state), carnet_span_of(identifier->bytes, identifier->len), &entry))
        return carnet_fail(err, CARNET_E_AREA_KEY_ABSENT, NULL, NULL);
    carnet_sealed_key_describe(&entry, &description);
    rc = carnet_software_key_from_der(state->crypto, entry.key, description.usage, key, err);
    if (rc == CARNET_OK && !carnet_public_key_equal(&key->public_key, &description.public_key)) {
        carnet_key_done(key);
        rc = carnet_fail(err, CARNET_E_SEALED_STRUCTURE, "sealed-file.cddl", "a public key is not its private key's");
    }
    return rc;
}

static carnet_rc
list(carnet_secure_area *area, size_t start, carnet_key_description *keys, size_t cap, size_t *found, carnet_err *err)
{
    const carnet_sealed_area *state = area->state;
    carnet_span rest = entries_of(state);
    carnet_sealed_key key;

    (void)err;
    for (size_t i = 0; *found < cap && carnet_sealed_keys_next(&rest, &key); i++) {
        if (i >= start) {
            carnet_sealed_key_describe(&key, &keys[*found]);
            *found += 1;
        }
    }
    return CARNET_OK;
}

static void
done(carnet_secure_area *area)
{
    carnet_sealed_area *state = area->state;

    carnet_wipe(state->keys.ptr, state->keys.cap);
    carnet_wipe(state->file.ptr, state->file.cap);
    carnet_wipe(state, sizeof(*state));
}

static const carnet_secure_area_ops sealed_ops = {
    .size = sizeof(carnet_secure_area_ops),
    .name = "sealed file",
    .curve = curve_at,
    .create = create,
    .open = open_key,
    .destroy = destroy,
    .list = list,
    .done = done,
};

/* --- opening and closing --- */

/* A third of the memory for the keys, the rest for the file, which also takes the entries that stay when others are
 * destroyed. */
static carnet_rc
begin(carnet_sealed_area *state, carnet_crypto *crypto, const carnet_area_storage *storage, carnet_buf memory,
      carnet_secure_area *area, carnet_err *err)
{
    size_t third = memory.cap / 3;

    *state = (carnet_sealed_area){ .crypto = crypto, .storage = storage };
    *area = (carnet_secure_area){ 0 };
    if (memory.cap < CARNET_SEALED_AREA_MIN)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "the memory for a secure area is too small");
    state->keys = carnet_buf_of(memory.ptr, third - CARNET_SEALED_OVERHEAD);
    state->file = carnet_buf_of(memory.ptr + third, memory.cap - third);
    *area = (carnet_secure_area){ &sealed_ops, state };
    return CARNET_OK;
}

carnet_rc
carnet_sealed_area_passphrase(carnet_sealed_area *state, carnet_span passphrase, const carnet_argon2_cost *cost,
                              carnet_err *err)
{
    static const carnet_argon2_cost usual = { CARNET_SEALED_MEMORY_KIB, CARNET_SEALED_PASSES, CARNET_SEALED_LANES };
    carnet_sealed_area before = *state;
    carnet_rc rc;

    state->cost = cost != NULL ? *cost : usual;
    rc = carnet_sealed_file_new_key(state->crypto, passphrase, &state->cost, state->salt, &state->key, err);
    if (rc == CARNET_OK)
        rc = store(state, entries_of(state), state->count, err);
    if (rc != CARNET_OK)
        *state = before;
    carnet_wipe(&before, sizeof(before));
    return rc;
}

carnet_rc
carnet_sealed_area_new(carnet_sealed_area *state, carnet_crypto *crypto, const carnet_area_storage *storage,
                       carnet_span passphrase, const carnet_argon2_cost *cost, carnet_buf memory,
                       carnet_secure_area *area, carnet_err *err)
{
    carnet_rc rc = begin(state, crypto, storage, memory, area, err);

    if (rc == CARNET_OK)
        rc = carnet_sealed_area_passphrase(state, passphrase, cost, err);
    if (rc != CARNET_OK)
        carnet_secure_area_done(area);
    return rc;
}

/* Unseal into the keys' buffer and drop the array's head. */
static carnet_rc
unseal(carnet_sealed_area *state, const carnet_sealed_file *view, carnet_err *err)
{
    carnet_span plain, entries;
    carnet_rc rc =
        carnet_sealed_file_unseal(state->crypto, view, &state->key, state->keys.ptr, state->keys.cap, &plain, err);

    if (rc == CARNET_OK)
        rc = carnet_sealed_keys_check(plain, &entries, &state->count, err);
    if (rc != CARNET_OK)
        return rc;
    if (entries.len != 0)
        memmove(state->keys.ptr, entries.ptr, entries.len);
    state->keys.len = entries.len;
    return CARNET_OK;
}

carnet_rc
carnet_sealed_area_open(carnet_sealed_area *state, carnet_crypto *crypto, const carnet_area_storage *storage,
                        carnet_span passphrase, carnet_buf memory, carnet_secure_area *area, carnet_err *err)
{
    carnet_sealed_file view;
    carnet_rc rc = begin(state, crypto, storage, memory, area, err);

    if (rc == CARNET_OK)
        rc = storage->read(storage->self, &state->file, err);
    if (rc == CARNET_OK && state->file.overflow) {
        carnet_secure_area_done(area);
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    if (rc == CARNET_OK)
        rc = carnet_sealed_file_open(crypto, carnet_buf_span(&state->file), &view, err);
    if (rc == CARNET_OK)
        rc = carnet_sealed_file_key(crypto, &view, passphrase, &state->key, err);
    if (rc == CARNET_OK)
        rc = unseal(state, &view, err);
    if (rc != CARNET_OK) {
        carnet_secure_area_done(area);
        return rc;
    }
    state->cost = view.cost;
    memcpy(state->salt, view.salt.ptr, sizeof(state->salt));
    return CARNET_OK;
}
