/* SPDX-License-Identifier: Apache-2.0 */
/* Specifications for the targets of ISO 8583: each named flavour in each version, and one with fields of every kind. */
#ifndef CARNET_FUZZ_ISO8583_WORLD_H
#define CARNET_FUZZ_ISO8583_WORLD_H
#include "carnet/iso8583.h"
#include "carnet/iso8583_data_set.h"
#include "fuzz.h"

/* Every type, encoding, prefix, unit and side of padding that go together, as far as there are elements. */
static void
fuzz_iso8583_every_kind(carnet_iso8583_spec *spec)
{
    static const uint16_t longest[] = { 1, 3, 19, 40, 99 };
    unsigned element = 2;

    for (unsigned n = 0; element < 193 && n < 4096; n++) {
        uint8_t prefix = (uint8_t)(n / 4 % 7);
        carnet_iso8583_field field = {
            .type = (uint8_t)(1 + n % 9),
            .encoding = (uint8_t)(n * 7 / 9 % 9),
            .prefix = prefix,
            .width = (uint8_t)(prefix == CARNET_ISO8583_PREFIX_BINARY ? 1 + n % 3 : 2 + n % 5),
            .unit = (uint8_t)(n % 3),
            .fill = n % 5 == 0 ? 15 : 0,
            .flags = (uint8_t)(n * 11 % 32 & 0x1bu),
            .max = longest[n % 5],
        };

        spec->fields[element] = field;
        if (carnet_iso8583_spec_ready(spec, NULL) == CARNET_OK)
            element++;
        else
            spec->fields[element] = (carnet_iso8583_field){ 0 };
    }
}

/* The specification that a number stands for. */
static const carnet_iso8583_spec *
fuzz_iso8583_spec(uint8_t number)
{
    static const carnet_iso8583_composite tlv = { .kind = CARNET_ISO8583_TLV };
    static const carnet_iso8583_composite items = { .kind = CARNET_ISO8583_DATA_SET,
                                                    .form = { .tag = 2, .length = 3 } };
    static carnet_iso8583_spec specs[64], inner;
    static carnet_iso8583_composite nested = { .kind = CARNET_ISO8583_NESTED, .nested = &inner };
    carnet_iso8583_spec *spec = &specs[number % 64];
    carnet_iso8583_flavour flavour = carnet_iso8583_flavour_ascii();
    const char *name = carnet_iso8583_flavour_name(number % 16);

    if (spec->ready)
        return spec;
    if (name != NULL)
        carnet_iso8583_flavour_named(carnet_str_of(name), &flavour);
    else
        flavour.tertiary = number % 2 == 0 ? CARNET_ISO8583_TERTIARY_LEADING : CARNET_ISO8583_TERTIARY_AT_65;
    flavour.strict = number % 64 >= 48;
    MUST(carnet_iso8583_spec_init(spec, (carnet_iso8583_version)(number / 16 % 4), &flavour, NULL) == CARNET_OK);
    if (spec->version == CARNET_ISO8583_EMPTY) {
        fuzz_iso8583_every_kind(spec);
    } else if (number % 16 == 1) {
        MUST(carnet_iso8583_spec_postilion_127(&inner, NULL) == CARNET_OK);
        spec->fields[127] = carnet_iso8583_field_of(&flavour, CARNET_ISO8583_B, 6, 8000, NULL);
        spec->fields[127].composite = &nested;
        spec->fields[48].composite = &items;
        spec->fields[55] = carnet_iso8583_field_of(&flavour, CARNET_ISO8583_B, 3, 999, NULL);
        spec->fields[55].composite = &tlv;
        spec->fields[3].composite = carnet_iso8583_composite_known(spec->version, 3);
    }
    MUST(carnet_iso8583_spec_ready(spec, NULL) == CARNET_OK);
    return spec;
}

#endif
