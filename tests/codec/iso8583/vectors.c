/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

static bool
is(const carnet_json *object, const char *member, const char *value)
{
    return carnet_str_is(carnet_json_string(carnet_json_get(object, member)), value);
}

static uint8_t
encoding(const carnet_json *flavour, const char *member)
{
    return is(flavour, member, "bcd")      ? CARNET_ISO8583_BCD
           : is(flavour, member, "ebcdic") ? CARNET_ISO8583_CP037
                                           : CARNET_ISO8583_ASCII;
}

carnet_iso8583_flavour
test_flavour_of(const carnet_json *entry)
{
    const carnet_json *f = carnet_json_get(entry, "flavour");
    carnet_iso8583_flavour flavour = {
        .mti = encoding(f, "mti"),
        .number = encoding(f, "num"),
        .text = encoding(f, "char"),
        .track = encoding(f, carnet_json_get(f, "z") != NULL ? "z" : "char"),
        .binary = is(f, "bin", "hex") ? CARNET_ISO8583_HEX : CARNET_ISO8583_RAW,
        .prefix = is(f, "pfx", "bcd")      ? CARNET_ISO8583_PREFIX_BCD
                  : is(f, "pfx", "ebcdic") ? CARNET_ISO8583_PREFIX_EBCDIC
                                           : CARNET_ISO8583_PREFIX_ASCII,
        .bitmap = is(f, "bitmap", "bin")    ? CARNET_ISO8583_BITMAP_RAW
                  : is(f, "bitmap", "hexe") ? CARNET_ISO8583_BITMAP_HEX_EBCDIC
                                            : CARNET_ISO8583_BITMAP_HEX,
        .header = (uint8_t)carnet_json_integer(carnet_json_get(entry, "header_bytes")),
    };

    flavour.variable_binary = is(f, "varbin", "raw") ? CARNET_ISO8583_RAW : flavour.binary;
    flavour.fixed_right = carnet_json_get(f, "padl") != NULL && !carnet_json_bool(carnet_json_get(f, "padl"));
    flavour.variable_right = carnet_json_get(f, "vpadl") != NULL && !carnet_json_bool(carnet_json_get(f, "vpadl"));
    if (carnet_json_bool(carnet_json_get(f, "fixed16")))
        flavour.secondary = CARNET_ISO8583_SECONDARY_FIXED;
    if (is(f, "vnum", "bytes")) {
        flavour.number_unit = CARNET_ISO8583_OCTETS;
        flavour.variable_fill = 15;
    }
    return flavour;
}

static carnet_iso8583_type
type_of(const carnet_json *override)
{
    return is(override, "type", "b")     ? CARNET_ISO8583_B
           : is(override, "type", "n")   ? CARNET_ISO8583_N
           : is(override, "type", "an")  ? CARNET_ISO8583_AN
           : is(override, "type", "ans") ? CARNET_ISO8583_ANS
                                         : CARNET_ISO8583_NONE;
}

void
test_spec_of(const carnet_json *entry, carnet_iso8583_spec *spec)
{
    carnet_str version = carnet_json_string(carnet_json_get(entry, "version"));
    carnet_iso8583_flavour flavour = test_flavour_of(entry);
    carnet_json_member member = { 0 };
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_iso8583_spec_init(spec,
                                              carnet_str_is(version, "1987")   ? CARNET_ISO8583_1987
                                              : carnet_str_is(version, "1993") ? CARNET_ISO8583_1993
                                                                               : CARNET_ISO8583_2003,
                                              &flavour, &err),
                     &err);
    while (carnet_json_next(carnet_json_get(entry, "spec_overrides"), &member)) {
        unsigned element = (unsigned)carnet_json_integer(carnet_json_get(member.value, "de"));
        carnet_iso8583_field *field = &spec->fields[element];

        *field = carnet_iso8583_field_of(&flavour, type_of(member.value),
                                         (uint8_t)carnet_json_integer(carnet_json_get(member.value, "var")),
                                         (uint16_t)carnet_json_integer(carnet_json_get(member.value, "len")), NULL);
        if (is(member.value, "enc", "bcd") || is(member.value, "enc", "lbcd")) {
            field->type = CARNET_ISO8583_N;
            field->encoding = CARNET_ISO8583_BCD;
            if (is(member.value, "enc", "lbcd"))
                field->flags |= CARNET_ISO8583_BCD_RIGHT;
        }
    }
    assert_carnet_ok(carnet_iso8583_spec_ready(spec, &err), &err);
}
