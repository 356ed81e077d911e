/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole of a target for one flavour, FLAVOUR: messages of each version in it.  The first octet chooses the version
 * and what is added, the others are the message.
 */
#ifndef CARNET_FUZZ_ISO8583_FLAVOUR_H
#define CARNET_FUZZ_ISO8583_FLAVOUR_H
#include "carnet/iso8583_data_set.h"
#include "iso8583_message.h"

static const carnet_iso8583_composite fuzz_tlv = { .kind = CARNET_ISO8583_TLV };
static const carnet_iso8583_composite fuzz_items = { .kind = CARNET_ISO8583_DATA_SET,
                                                     .form = { .tag = 2, .length = 3 } };

/* Element 127 with a bitmap of its own, 55 of data objects, 48 of items. */
static void
fuzz_add_structures(carnet_iso8583_spec *spec)
{
    static carnet_iso8583_spec inner;
    static carnet_iso8583_composite nested = { .kind = CARNET_ISO8583_NESTED, .nested = &inner };
    uint16_t max = spec->flavour.prefix == CARNET_ISO8583_PREFIX_BINARY ? 255 : 999;

    MUST(inner.ready || carnet_iso8583_spec_postilion_127(&inner, NULL) == CARNET_OK);
    spec->fields[127] = carnet_iso8583_field_of(&spec->flavour, CARNET_ISO8583_B, 3, max, NULL);
    spec->fields[127].composite = &nested;
    spec->fields[55] = carnet_iso8583_field_of(&spec->flavour, CARNET_ISO8583_B, 3, max, NULL);
    spec->fields[55].composite = &fuzz_tlv;
    spec->fields[48] = carnet_iso8583_field_of(&spec->flavour, CARNET_ISO8583_ANS, 3, max, NULL);
    spec->fields[48].composite = &fuzz_items;
    spec->fields[3].composite = carnet_iso8583_composite_known(spec->version, 3);
}

/* The flavour and its variants: three versions, then a third bitmap in either place, no second one, a header, exact
   characters, structures. */
static const carnet_iso8583_spec *
fuzz_spec(const char *name, uint8_t number)
{
    static carnet_iso8583_spec specs[256];
    carnet_iso8583_spec *spec = &specs[number];
    carnet_iso8583_flavour flavour;
    unsigned variant = number / 3 % 8;

    if (spec->ready)
        return spec;
    MUST(carnet_iso8583_flavour_named(carnet_str_of(name), &flavour));
    flavour.tertiary = variant == 1   ? CARNET_ISO8583_TERTIARY_LEADING
                       : variant == 2 ? CARNET_ISO8583_TERTIARY_AT_65
                                      : CARNET_ISO8583_TERTIARY_NEVER;
    if (variant == 3)
        flavour.secondary = CARNET_ISO8583_SECONDARY_NEVER;
    flavour.header = variant == 4 ? 5 : 0;
    flavour.strict = variant == 5;
    MUST(carnet_iso8583_spec_init(spec, (carnet_iso8583_version)(number % 3), &flavour, NULL) == CARNET_OK);
    if (variant >= 6)
        fuzz_add_structures(spec);
    MUST(carnet_iso8583_spec_ready(spec, NULL) == CARNET_OK);
    return spec;
}

/* Written in the plainest flavour a message says the same, unless that cannot hold it; and comes back from there. */
static void
fuzz_check_translated(const carnet_iso8583_message *m)
{
    static carnet_iso8583_spec plain[3];
    static uint8_t storage[1 << 16];
    static carnet_iso8583_builder b;
    carnet_iso8583_spec *spec = &plain[m->spec->version];
    carnet_iso8583_flavour flavour = carnet_iso8583_flavour_ascii();
    carnet_buf out = carnet_buf_of(storage, sizeof storage);
    carnet_iso8583_message other;

    flavour.max = CARNET_ISO8583_MAX_LIMIT;
    MUST(spec->ready || carnet_iso8583_spec_init(spec, m->spec->version, &flavour, NULL) == CARNET_OK);
    carnet_iso8583_builder_init(&b, spec, m->mti);
    carnet_iso8583_set_all(&b, m);
    if (carnet_iso8583_build(&b, &out, NULL) != CARNET_OK) {
        MUST(out.len == 0);
        return;
    }
    MUST(carnet_iso8583_parse(spec, carnet_buf_span(&out), &other, NULL) == CARNET_OK && other.mti == m->mti);
    for (unsigned e = 0; (e = carnet_iso8583_next(m, e)) != 0;)
        MUST(carnet_iso8583_has(&other, e) &&
             (m->spec->fields[e].type != spec->fields[e].type || m->spec->fields[e].prefix == CARNET_ISO8583_FIXED ||
              carnet_iso8583_same(m, &other, e)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_iso8583_message m;

    if (size == 0 || size > 8000)
        return 0;
    if (read_message(fuzz_spec(FLAVOUR, data[0]), data, size, &m))
        fuzz_check_translated(&m);
    return 0;
}

#endif
