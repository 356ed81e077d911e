/* SPDX-License-Identifier: Apache-2.0 */
/* From the interface to the kind: outputs emptied, slots checked, orders held against what was announced. */
#include "carnet/secure_area.h"

#include <string.h>

/* A slot counts only if the implementer's table is long enough to have it. */
#define HAS(area, slot)                                                                                                \
    ((area)->ops != NULL && (area)->ops->size >= offsetof(carnet_secure_area_ops, slot) + sizeof((area)->ops->slot) && \
     (area)->ops->slot != NULL)

static carnet_rc
cannot(const carnet_secure_area *area, carnet_err *err)
{
    return area->ops == NULL ? carnet_fail(err, CARNET_E_USAGE, NULL, "the secure area is closed")
                             : carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, NULL, "a secure area of this kind cannot");
}

const char *
carnet_secure_area_name(const carnet_secure_area *area)
{
    return area->ops == NULL ? "none" : area->ops->name;
}

bool
carnet_secure_area_curve_at(carnet_secure_area *area, size_t i, carnet_secure_area_curve *curve)
{
    *curve = (carnet_secure_area_curve){ 0 };
    return HAS(area, curve) && area->ops->curve(area, i, curve);
}

bool
carnet_secure_area_can(carnet_secure_area *area, carnet_curve curve, unsigned usage)
{
    carnet_secure_area_curve offered;

    for (size_t i = 0; carnet_secure_area_curve_at(area, i, &offered); i++)
        if (offered.curve == curve)
            return usage != 0 && (usage & ~offered.usage) == 0;
    return false;
}

carnet_rc
carnet_secure_area_create(carnet_secure_area *area, const carnet_key_order *orders, size_t count,
                          carnet_key_description *keys, carnet_err *err)
{
    carnet_rc rc;

    if (count != 0)
        memset(keys, 0, count * sizeof(*keys));
    if (!HAS(area, create))
        return cannot(area, err);
    for (size_t i = 0; i < count; i++) {
        if (orders[i].identifier.len > CARNET_KEY_IDENTIFIER_MAX)
            return carnet_fail(err, CARNET_E_USAGE, NULL, "a key's identifier is too long");
        if (!carnet_secure_area_can(area, orders[i].curve, orders[i].usage))
            return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, NULL,
                               "the secure area has no keys of this curve with this usage");
    }
    rc = area->ops->create(area, orders, count, keys, err);
    if (rc != CARNET_OK && count != 0)
        memset(keys, 0, count * sizeof(*keys));
    return rc;
}

carnet_rc
carnet_secure_area_open(carnet_secure_area *area, const carnet_key_identifier *identifier, carnet_key *key,
                        carnet_err *err)
{
    *key = (carnet_key){ 0 };
    return HAS(area, open) ? area->ops->open(area, identifier, key, err) : cannot(area, err);
}

carnet_rc
carnet_secure_area_destroy(carnet_secure_area *area, const carnet_key_identifier *identifiers, size_t count,
                           carnet_err *err)
{
    return HAS(area, destroy) ? area->ops->destroy(area, identifiers, count, err) : cannot(area, err);
}

carnet_rc
carnet_secure_area_list(carnet_secure_area *area, size_t start, carnet_key_description *keys, size_t cap, size_t *found,
                        carnet_err *err)
{
    *found = 0;
    return HAS(area, list) ? area->ops->list(area, start, keys, cap, found, err) : cannot(area, err);
}

carnet_rc
carnet_secure_area_attest(carnet_secure_area *area, const carnet_key_identifier *identifiers, size_t count,
                          carnet_span challenge, carnet_buf *statement, const char **format, carnet_err *err)
{
    *format = NULL;
    return HAS(area, attest) ? area->ops->attest(area, identifiers, count, challenge, statement, format, err)
                             : cannot(area, err);
}

void
carnet_secure_area_done(carnet_secure_area *area)
{
    if (HAS(area, done))
        area->ops->done(area);
    *area = (carnet_secure_area){ 0 };
}

carnet_key_identifier
carnet_key_identifier_of(carnet_span bytes)
{
    carnet_key_identifier identifier = { 0 };

    if (bytes.len != 0 && bytes.len <= sizeof(identifier.bytes)) {
        memcpy(identifier.bytes, bytes.ptr, bytes.len);
        identifier.len = (uint8_t)bytes.len;
    }
    return identifier;
}

bool
carnet_key_identifier_equal(const carnet_key_identifier *a, const carnet_key_identifier *b)
{
    return a->len <= CARNET_KEY_IDENTIFIER_MAX && a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}
