/* SPDX-License-Identifier: Apache-2.0 */
/* Ways of writing, by name. */
#include "carnet/iso8583_spec.h"

typedef struct named {
    const char *name;
    carnet_iso8583_flavour flavour;
} named;

#define IN_BCD                                                                                                         \
    .mti = CARNET_ISO8583_BCD, .number = CARNET_ISO8583_BCD, .track = CARNET_ISO8583_BCD,                              \
    .binary = CARNET_ISO8583_RAW, .variable_binary = CARNET_ISO8583_RAW, .prefix = CARNET_ISO8583_PREFIX_BCD
#define IN_EBCDIC(page)                                                                                                \
    .mti = (page), .number = (page), .text = (page), .track = (page), .binary = CARNET_ISO8583_RAW,                    \
    .variable_binary = CARNET_ISO8583_RAW, .prefix = CARNET_ISO8583_PREFIX_EBCDIC

static const named flavours[] = {
    { "ascii",
      { .binary = CARNET_ISO8583_HEX,
        .variable_binary = CARNET_ISO8583_HEX,
        .prefix = CARNET_ISO8583_PREFIX_ASCII,
        .bitmap = CARNET_ISO8583_BITMAP_HEX } },
    { "ascii-binary",
      { .binary = CARNET_ISO8583_RAW,
        .variable_binary = CARNET_ISO8583_RAW,
        .prefix = CARNET_ISO8583_PREFIX_ASCII,
        .bitmap = CARNET_ISO8583_BITMAP_RAW } },
    { "ascii-fixed16",
      { .binary = CARNET_ISO8583_RAW,
        .variable_binary = CARNET_ISO8583_RAW,
        .prefix = CARNET_ISO8583_PREFIX_ASCII,
        .bitmap = CARNET_ISO8583_BITMAP_HEX,
        .secondary = CARNET_ISO8583_SECONDARY_FIXED } },
    { "ascii-npm",
      { .binary = CARNET_ISO8583_RAW,
        .variable_binary = CARNET_ISO8583_RAW,
        .prefix = CARNET_ISO8583_PREFIX_ASCII,
        .bitmap = CARNET_ISO8583_BITMAP_RAW,
        .secondary = CARNET_ISO8583_SECONDARY_ALWAYS } },
    { "ascii-1993",
      { .binary = CARNET_ISO8583_HEX,
        .variable_binary = CARNET_ISO8583_RAW,
        .prefix = CARNET_ISO8583_PREFIX_ASCII,
        .bitmap = CARNET_ISO8583_BITMAP_HEX } },
    { "bcd", { IN_BCD, .variable_right = true } },
    { "bcd-left", { IN_BCD } },
    { "bcd-right",
      { .mti = CARNET_ISO8583_BCD,
        .number = CARNET_ISO8583_BCD,
        .binary = CARNET_ISO8583_RAW,
        .variable_binary = CARNET_ISO8583_RAW,
        .prefix = CARNET_ISO8583_PREFIX_BCD,
        .fixed_right = true,
        .variable_right = true } },
    { "bcd-octets", { IN_BCD, .number_unit = CARNET_ISO8583_OCTETS, .variable_right = true, .variable_fill = 15 } },
    { "ebcdic", { IN_EBCDIC(CARNET_ISO8583_CP037), .bitmap = CARNET_ISO8583_BITMAP_HEX_EBCDIC } },
    { "ebcdic-500", { IN_EBCDIC(CARNET_ISO8583_CP500), .bitmap = CARNET_ISO8583_BITMAP_HEX_EBCDIC } },
    { "ebcdic-1047", { IN_EBCDIC(CARNET_ISO8583_CP1047), .bitmap = CARNET_ISO8583_BITMAP_HEX_EBCDIC } },
    { "ebcdic-binary", { IN_EBCDIC(CARNET_ISO8583_CP037), .bitmap = CARNET_ISO8583_BITMAP_RAW } },
    { "visa",
      { .mti = CARNET_ISO8583_BCD,
        .number = CARNET_ISO8583_BCD,
        .text = CARNET_ISO8583_CP037,
        .track = CARNET_ISO8583_BCD,
        .binary = CARNET_ISO8583_RAW,
        .variable_binary = CARNET_ISO8583_RAW,
        .prefix = CARNET_ISO8583_PREFIX_BINARY,
        .prefix_octets = 1,
        .currency_number = true } },
};

carnet_iso8583_flavour
carnet_iso8583_flavour_ascii(void)
{
    return flavours[0].flavour;
}

bool
carnet_iso8583_flavour_named(carnet_str name, carnet_iso8583_flavour *flavour)
{
    *flavour = (carnet_iso8583_flavour){ 0 };
    for (size_t i = 0; i < CARNET_COUNT(flavours); i++) {
        if (!carnet_str_is(name, flavours[i].name))
            continue;
        *flavour = flavours[i].flavour;
        return true;
    }
    return false;
}

const char *
carnet_iso8583_flavour_name(size_t i)
{
    return i < CARNET_COUNT(flavours) ? flavours[i].name : NULL;
}
