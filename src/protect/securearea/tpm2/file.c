/* SPDX-License-Identifier: Apache-2.0 */
/* The file of wrapped keys (doc/tpm2-keys.cddl). */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_mu.h>

typedef struct file_members {
    uint64_t version;
    carnet_span keys;
} file_members;

static const carnet_cbor_field file_fields[] = {
    CARNET_MEMBER(file_members, "version", CARNET_FIELD_UINT, version),
    CARNET_MEMBER(file_members, "keys", CARNET_FIELD_ARRAY, keys),
};

typedef struct key_members {
    carnet_span identifier, public_area, private_area;
    uint64_t usage;
} key_members;

static const carnet_cbor_field key_fields[] = {
    CARNET_MEMBER(key_members, "identifier", CARNET_FIELD_BSTR, identifier),
    CARNET_MEMBER(key_members, "usage", CARNET_FIELD_UINT, usage),
    CARNET_MEMBER(key_members, "public", CARNET_FIELD_BSTR, public_area),
    CARNET_MEMBER(key_members, "private", CARNET_FIELD_BSTR, private_area),
};

carnet_tpm2_key *
carnet_tpm2_key_add(carnet_tpm2 *t)
{
    if (t->keys == NULL || t->count == t->room) {
        const size_t room = t->room == 0 ? 16 : 2 * t->room;
        carnet_tpm2_key *keys = room <= CARNET_TPM2_KEYS_MAX ? realloc(t->keys, room * sizeof(*keys)) : NULL;

        if (keys == NULL)
            return NULL;
        t->keys = keys;
        t->room = room;
    }
    memset(&t->keys[t->count], 0, sizeof(*t->keys));
    return &t->keys[t->count++];
}

carnet_tpm2_key *
carnet_tpm2_key_find(carnet_tpm2 *t, const carnet_key_identifier *identifier)
{
    for (size_t i = 0; i < t->count; i++) {
        if (carnet_key_identifier_equal(&t->keys[i].identifier, identifier))
            return &t->keys[i];
    }
    return NULL;
}

static bool
unmarshal(const key_members *from, carnet_tpm2_key *key)
{
    size_t public_at = 0, private_at = 0;

    key->identifier = carnet_key_identifier_of(from->identifier);
    key->usage = (unsigned)from->usage;
    return from->usage <= (CARNET_KEY_SIGN | CARNET_KEY_AGREE) && (from->usage == 0) == (from->identifier.len == 0) &&
           key->identifier.len == from->identifier.len &&
           Tss2_MU_TPM2B_PUBLIC_Unmarshal(from->public_area.ptr, from->public_area.len, &public_at,
                                          &key->public_area) == TSS2_RC_SUCCESS &&
           Tss2_MU_TPM2B_PRIVATE_Unmarshal(from->private_area.ptr, from->private_area.len, &private_at,
                                           &key->private_area) == TSS2_RC_SUCCESS &&
           public_at == from->public_area.len && private_at == from->private_area.len;
}

static carnet_rc
damaged(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_AREA_STORAGE, "tpm2-keys.cddl", why);
}

static carnet_rc
read_keys(carnet_tpm2 *t, carnet_span list, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(list);
    carnet_cbor_walk walk;

    carnet_cbor_array(&r, &walk);
    while (carnet_cbor_array_next(&r, &walk)) {
        key_members got = { .usage = 0 };
        carnet_tpm2_key one = { .usage = 0 }, *key;

        carnet_cbor_fields(&r, key_fields, CARNET_COUNT(key_fields), &got);
        if (r.rc != CARNET_OK)
            break;
        if (!unmarshal(&got, &one) || carnet_tpm2_key_find(t, &one.identifier) != NULL)
            return damaged(err, "a key in the file is not as it should be");
        key = carnet_tpm2_key_add(t);
        if (key == NULL)
            return carnet_fail(err, CARNET_E_AREA_FULL, NULL, NULL);
        *key = one;
    }
    return carnet_cbor_end(&r, err);
}

carnet_rc
carnet_tpm2_file_read(carnet_tpm2 *t, carnet_err *err)
{
    uint8_t *room = malloc(CARNET_TPM2_FILE_MAX);
    carnet_buf file = carnet_buf_of(room, CARNET_TPM2_FILE_MAX);
    file_members got = { .version = 0 };
    carnet_rc rc = room != NULL ? t->storage->read(t->storage->self, &file, err)
                                : carnet_fail(err, CARNET_E_NO_SPACE, NULL, "no memory");

    if (rc == CARNET_OK && file.overflow)
        rc = damaged(err, "the file is too large");
    if (rc == CARNET_OK && file.len != 0) {
        carnet_cbor_reader r = carnet_cbor_open(carnet_buf_span(&file));

        carnet_cbor_fields(&r, file_fields, CARNET_COUNT(file_fields), &got);
        rc = carnet_cbor_end(&r, err);
        if (rc == CARNET_OK && got.version != 1)
            rc = damaged(err, "the file's version is not known");
        if (rc == CARNET_OK)
            rc = read_keys(t, got.keys, err);
    }
    free(room);
    return rc;
}

static carnet_rc
add_key(carnet_cbor_builder *b, const carnet_tpm2_key *key)
{
    uint8_t public_area[sizeof(TPM2B_PUBLIC)], private_area[sizeof(TPM2B_PRIVATE)];
    size_t public_len = 0, private_len = 0;

    if (Tss2_MU_TPM2B_PUBLIC_Marshal(&key->public_area, public_area, sizeof(public_area), &public_len) !=
            TSS2_RC_SUCCESS ||
        Tss2_MU_TPM2B_PRIVATE_Marshal(&key->private_area, private_area, sizeof(private_area), &private_len) !=
            TSS2_RC_SUCCESS)
        return CARNET_E_AREA_STORAGE;
    carnet_cbor_add_map(b, 4);
    carnet_cbor_add_text(b, "identifier");
    carnet_cbor_add_bstr(b, carnet_span_of(key->identifier.bytes, key->identifier.len));
    carnet_cbor_add_text(b, "usage");
    carnet_cbor_add_uint(b, key->usage);
    carnet_cbor_add_text(b, "public");
    carnet_cbor_add_bstr(b, carnet_span_of(public_area, public_len));
    carnet_cbor_add_text(b, "private");
    carnet_cbor_add_bstr(b, carnet_span_of(private_area, private_len));
    return CARNET_OK;
}

carnet_rc
carnet_tpm2_file_write(carnet_tpm2 *t, carnet_err *err)
{
    uint8_t *room = malloc(CARNET_TPM2_FILE_MAX);
    carnet_cbor_builder b = carnet_cbor_build(room, room != NULL ? CARNET_TPM2_FILE_MAX : 0);
    carnet_span file;
    carnet_rc rc = room != NULL ? CARNET_OK : carnet_fail(err, CARNET_E_NO_SPACE, NULL, "no memory");

    carnet_cbor_add_map(&b, 2);
    carnet_cbor_add_text(&b, "version");
    carnet_cbor_add_uint(&b, 1);
    carnet_cbor_add_text(&b, "keys");
    carnet_cbor_add_array(&b, t->count);
    for (size_t i = 0; rc == CARNET_OK && i < t->count; i++) {
        if (add_key(&b, &t->keys[i]) != CARNET_OK)
            rc = damaged(err, "a key cannot be written");
    }
    if (rc == CARNET_OK)
        rc = carnet_cbor_built(&b, &file, err);
    if (rc == CARNET_OK)
        rc = t->storage->replace(t->storage->self, file, err);
    free(room);
    return rc;
}
