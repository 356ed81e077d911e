/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message that cannot be read from some data element on: what stands before it,
 * so that whoever sent it can be told that its format is wrong.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static unsigned
element_of(const carnet_err *err)
{
    return strncmp(err->path, "DE", 2) == 0 ? (unsigned)strtoul(err->path + 2, NULL, 10) : 0;
}

static int
nibble(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/* Clear a bit of a bitmap that is written raw or in hexadecimal digits; 0: the first. */
static bool
clear_bit(uint8_t *bitmap, size_t len, bool hex, unsigned bit)
{
    static const char digits[] = "0123456789ABCDEF";
    const size_t at = bit / (hex ? 4 : 8);
    int value;

    if (at >= len)
        return false;
    if (!hex) {
        bitmap[at] &= (uint8_t) ~(0x80U >> bit % 8);
        return true;
    }
    if ((value = nibble(bitmap[at])) < 0)
        return false;
    bitmap[at] = (uint8_t)digits[value & ~(8 >> bit % 4) & 15];
    return true;
}

/* A copy that ends before `element`: its bitmaps, the first two, say nothing of what was behind. */
static bool
copy_before(const carnet_iso8583_spec *spec, carnet_span octets, unsigned element, uint8_t *copy)
{
    const bool hex =
        spec->flavour.bitmap == CARNET_ISO8583_BITMAP_HEX || spec->flavour.bitmap == CARNET_ISO8583_BITMAP_HEX_LOWER;
    const size_t at = spec->flavour.header + (spec->flavour.mti == CARNET_ISO8583_BCD ? 2U : 4U);
    const size_t size = hex ? 16 : 8;
    bool second;

    if ((!hex && spec->flavour.bitmap != CARNET_ISO8583_BITMAP_RAW) || octets.len < at + 2 * size)
        return false;
    memcpy(copy, octets.ptr, octets.len);
    second =
        spec->flavour.secondary == CARNET_ISO8583_SECONDARY_FIXED || (hex ? nibble(copy[at]) >= 8 : copy[at] >= 0x80);
    for (unsigned e = element; e <= (second ? 128U : 64U); e++)
        if (!clear_bit(copy + at, 2 * size, hex, e - 1))
            return false;
    return true;
}

bool
carnet_switch_salvage(const switch_link *link, carnet_span octets, const carnet_err *err, carnet_iso8583_message *m)
{
    acquiring_switch *s = link->owner;
    const unsigned element = element_of(err);
    carnet_err where = { 0 };

    if (element < 12 || element > 128 || octets.len > sizeof(s->made) ||
        !copy_before(link->spec, octets, element, s->made))
        return false;
    /* What is there ends where the rest is too much. */
    if (carnet_iso8583_parse(link->spec, carnet_span_of(s->made, octets.len), m, &where) == CARNET_OK)
        return true;
    return where.rc == CARNET_E_ISO8583_TRAILING && where.offset <= octets.len &&
           carnet_iso8583_parse(link->spec, carnet_span_of(s->made, (size_t)where.offset), m, NULL) == CARNET_OK;
}
