/* SPDX-License-Identifier: Apache-2.0 */
/* What the curves, digests and algorithms are: tables only. */
#include "internal.h"

#include <string.h>

#define EC(curve, name, octets, algorithm)                                                                             \
    {                                                                                                                  \
        curve, name, octets, 2 * (octets), true, false, algorithm                                                      \
    }

static const carnet_curve_info curves[] = {
    EC(CARNET_CURVE_P256, "P-256", 32, CARNET_ES256),
    EC(CARNET_CURVE_P384, "P-384", 48, CARNET_ES384),
    EC(CARNET_CURVE_P521, "P-521", 66, CARNET_ES512),
    { CARNET_CURVE_X25519, "X25519", 32, 0, true, true, CARNET_SIGNATURE_NONE },
    { CARNET_CURVE_X448, "X448", 56, 0, true, true, CARNET_SIGNATURE_NONE },
    { CARNET_CURVE_ED25519, "Ed25519", 32, 64, false, true, CARNET_EDDSA },
    { CARNET_CURVE_ED448, "Ed448", 57, 114, false, true, CARNET_EDDSA },
    EC(CARNET_CURVE_BRAINPOOL_P256R1, "brainpoolP256r1", 32, CARNET_ES256),
    EC(CARNET_CURVE_BRAINPOOL_P320R1, "brainpoolP320r1", 40, CARNET_ES384),
    EC(CARNET_CURVE_BRAINPOOL_P384R1, "brainpoolP384r1", 48, CARNET_ES384),
    EC(CARNET_CURVE_BRAINPOOL_P512R1, "brainpoolP512r1", 64, CARNET_ES512),
};

#define EC_PUBLIC_KEY  0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 /* id-ecPublicKey */
#define SECG(arc)      0x30, 0x10, EC_PUBLIC_KEY, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, arc
#define BRAINPOOL(arc) 0x30, 0x14, EC_PUBLIC_KEY, 0x06, 0x09, 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, arc
#define OKP(arc)       0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, arc

/* In the order of curves[]. */
static const struct {
    uint8_t len, der[22];
} identifiers[] = {
    { 21, { 0x30, 0x13, EC_PUBLIC_KEY, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 } },
    { 18, { SECG(0x22) } },
    { 18, { SECG(0x23) } },
    { 7, { OKP(0x6e) } },
    { 7, { OKP(0x6f) } },
    { 7, { OKP(0x70) } },
    { 7, { OKP(0x71) } },
    { 22, { BRAINPOOL(0x07) } },
    { 22, { BRAINPOOL(0x09) } },
    { 22, { BRAINPOOL(0x0b) } },
    { 22, { BRAINPOOL(0x0d) } },
};

_Static_assert(CARNET_COUNT(identifiers) == CARNET_COUNT(curves), "one identifier for each curve");
_Static_assert(CARNET_SIGNATURE_MAX >= 2 * CARNET_COORDINATE_MAX, "r || s of the longest curve");
_Static_assert(CARNET_SECRET_MAX >= CARNET_COORDINATE_MAX, "a scalar or shared secret of the longest curve");

const carnet_curve_info *
carnet_curve_at(size_t i)
{
    return i < CARNET_COUNT(curves) ? &curves[i] : NULL;
}

const carnet_curve_info *
carnet_curve_get(carnet_curve curve)
{
    for (size_t i = 0; i < CARNET_COUNT(curves); i++)
        if (curves[i].curve == curve)
            return &curves[i];
    return NULL;
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

const carnet_curve_info *
carnet_curve_named(carnet_str name)
{
    for (size_t i = 0; i < CARNET_COUNT(curves); i++) {
        size_t at = 0;

        while (at < name.len && curves[i].name[at] != '\0' && lower(curves[i].name[at]) == lower(name.ptr[at]))
            at++;
        if (at == name.len && curves[i].name[at] == '\0')
            return &curves[i];
    }
    return NULL;
}

carnet_span
carnet_curve_algorithm_identifier(carnet_curve curve)
{
    const carnet_curve_info *info = carnet_curve_get(curve);

    if (info == NULL)
        return (carnet_span){ 0 };
    return (carnet_span){ identifiers[info - curves].der, identifiers[info - curves].len };
}

static bool
matches(carnet_span given, const uint8_t *ptr, size_t len)
{
    return given.len == len && memcmp(given.ptr, ptr, len) == 0;
}

const carnet_curve_info *
carnet_curve_of_algorithm(carnet_span identifier)
{
    for (size_t i = 0; i < CARNET_COUNT(curves); i++)
        if (matches(identifier, identifiers[i].der, identifiers[i].len))
            return &curves[i];
    return NULL;
}

const carnet_curve_info *
carnet_curve_of_parameters(carnet_span parameters)
{
    const size_t skip = CARNET_EC_ALGORITHM_PREFIX;

    for (size_t i = 0; i < CARNET_COUNT(curves); i++)
        if (!curves[i].okp && matches(parameters, identifiers[i].der + skip, identifiers[i].len - skip))
            return &curves[i];
    return NULL;
}

size_t
carnet_hash_size(carnet_hash hash)
{
    switch (hash) {
    case CARNET_SHA1:
        return 20;
    case CARNET_SHA256:
        return 32;
    case CARNET_SHA384:
        return 48;
    case CARNET_SHA512:
        return 64;
    }
    return 0;
}

carnet_hash
carnet_signature_hash(carnet_signature_algorithm algorithm)
{
    switch (algorithm) {
    case CARNET_ES256:
        return CARNET_SHA256;
    case CARNET_ES384:
        return CARNET_SHA384;
    case CARNET_ES512:
        return CARNET_SHA512;
    case CARNET_EDDSA:
    case CARNET_SIGNATURE_NONE:
        break;
    }
    return (carnet_hash)0;
}

bool
carnet_signature_fits(carnet_signature_algorithm algorithm, const carnet_curve_info *info)
{
    if (info->signature == 0)
        return false;
    return info->okp ? algorithm == CARNET_EDDSA : carnet_signature_hash(algorithm) != (carnet_hash)0;
}

carnet_rc
carnet_signature_check(carnet_signature_algorithm algorithm, const carnet_curve_info *info, carnet_err *err)
{
    if (info == NULL)
        return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, NULL, "the key's curve is not known");
    if (!carnet_signature_fits(algorithm, info))
        return carnet_fail(err, CARNET_E_CRYPTO_MISMATCH, "18013-5 12",
                           "the algorithm cannot be used with the key's curve");
    return CARNET_OK;
}
