/* SPDX-License-Identifier: Apache-2.0 */
/* SealedKeys: what is inside the sealed file. */
#include "internal.h"

#include <string.h>

#define CLAUSE "sealed-file.cddl"
#define PKCS8  256 /* octets of the longest PKCS#8, P-521's: 241 */

static const carnet_cbor_field fields[] = {
    CARNET_MEMBER(carnet_sealed_key, "identifier", CARNET_FIELD_BSTR, identifier),
    CARNET_MEMBER(carnet_sealed_key, "curve", CARNET_FIELD_INT, curve),
    CARNET_MEMBER(carnet_sealed_key, "usage", CARNET_FIELD_UINT, usage),
    CARNET_MEMBER(carnet_sealed_key, "public", CARNET_FIELD_BSTR, point),
    CARNET_MEMBER(carnet_sealed_key, "key", CARNET_FIELD_BSTR, key),
};

static bool
plausible(const carnet_sealed_key *key)
{
    const carnet_curve_info *info =
        key->curve < 0 || key->curve > INT16_MAX ? NULL : carnet_curve_get((carnet_curve)key->curve);
    unsigned possible;

    if (info == NULL || key->identifier.len == 0 || key->identifier.len > CARNET_KEY_IDENTIFIER_MAX)
        return false;
    possible = (info->signature != 0 ? CARNET_KEY_SIGN : 0U) | (info->agrees ? CARNET_KEY_AGREE : 0U);
    if (key->usage == 0 || (key->usage & ~(uint64_t)possible) != 0)
        return false;
    return info->okp ? key->point.len == info->coordinate
                     : key->point.len == 1 + 2 * (size_t)info->coordinate && key->point.ptr[0] == 4;
}

static void
read_key(carnet_cbor_reader *r, carnet_sealed_key *key)
{
    const uint8_t *start = r->at;

    *key = (carnet_sealed_key){ 0 };
    carnet_cbor_fields(r, fields, CARNET_COUNT(fields), key);
    key->encoded = carnet_span_of(start, (size_t)(r->at - start));
}

bool
carnet_sealed_keys_next(carnet_span *rest, carnet_sealed_key *key)
{
    carnet_cbor_reader r = carnet_cbor_open(*rest);

    if (rest->len == 0)
        return false;
    read_key(&r, key);
    if (carnet_cbor_failed(&r, NULL) != CARNET_OK)
        return false;
    *rest = carnet_span_of(r.at, (size_t)(r.end - r.at));
    return true;
}

bool
carnet_sealed_keys_find(carnet_span entries, carnet_span identifier, carnet_sealed_key *key)
{
    while (carnet_sealed_keys_next(&entries, key))
        if (carnet_span_equal(key->identifier, identifier))
            return true;
    *key = (carnet_sealed_key){ 0 };
    return false;
}

carnet_rc
carnet_sealed_keys_check(carnet_span cbor, carnet_span *entries, size_t *count, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    carnet_cbor_walk walk;
    carnet_sealed_key key;
    const uint8_t *start;
    bool good = true;

    *entries = (carnet_span){ 0 };
    *count = 0;
    carnet_cbor_array(&r, &walk);
    start = r.at;
    good = walk.left <= CARNET_SEALED_KEYS_MAX;
    while (good && carnet_cbor_array_next(&r, &walk)) {
        read_key(&r, &key);
        good = carnet_cbor_failed(&r, NULL) == CARNET_OK && plausible(&key);
        *count += 1;
    }
    if (!good || carnet_cbor_end(&r, NULL) != CARNET_OK) {
        *count = 0;
        return carnet_fail(err, CARNET_E_SEALED_STRUCTURE, CLAUSE, "the keys inside are not as specified");
    }
    *entries = carnet_span_of(start, (size_t)(r.at - start));
    return CARNET_OK;
}

carnet_rc
carnet_sealed_keys_add(carnet_buf *entries, const carnet_key_identifier *identifier, carnet_key *key, carnet_err *err)
{
    carnet_cbor_builder b = carnet_cbor_build(entries->ptr + entries->len, entries->cap - entries->len);
    uint8_t der[PKCS8], point[133];
    carnet_buf private_key = carnet_buf_of(der, sizeof(der));
    size_t point_len = carnet_public_key_point(&key->public_key, point);
    carnet_rc rc = carnet_software_key_to_der(key, &private_key, err);

    if (rc == CARNET_OK) {
        carnet_cbor_add_map(&b, 5);
        carnet_cbor_add_text(&b, "identifier");
        carnet_cbor_add_bstr(&b, carnet_span_of(identifier->bytes, identifier->len));
        carnet_cbor_add_text(&b, "curve");
        carnet_cbor_add_int(&b, key->public_key.curve);
        carnet_cbor_add_text(&b, "usage");
        carnet_cbor_add_uint(&b, key->usage);
        carnet_cbor_add_text(&b, "public");
        carnet_cbor_add_bstr(&b, carnet_span_of(point, point_len));
        carnet_cbor_add_text(&b, "key");
        carnet_cbor_add_bstr(&b, carnet_buf_span(&private_key));
        rc = b.rc == CARNET_OK && !private_key.overflow ? CARNET_OK : carnet_fail(err, CARNET_E_AREA_FULL, NULL, NULL);
    }
    carnet_wipe(der, sizeof(der));
    if (rc == CARNET_OK)
        entries->len += b.len;
    return rc;
}

void
carnet_sealed_key_describe(const carnet_sealed_key *key, carnet_key_description *description)
{
    const carnet_curve_info *info = carnet_curve_get((carnet_curve)key->curve);

    *description = (carnet_key_description){ .identifier = carnet_key_identifier_of(key->identifier),
                                             .public_key = { .curve = info->curve },
                                             .usage = (unsigned)key->usage };
    memcpy(description->public_key.x, key->point.ptr + (info->okp ? 0 : 1), info->coordinate);
    if (!info->okp)
        memcpy(description->public_key.y, key->point.ptr + 1 + info->coordinate, info->coordinate);
}
