/* SPDX-License-Identifier: Apache-2.0 */
/* What stands between the values: length prefixes and bitmaps. */
#include "internal.h"

static size_t
decimal_read(const uint8_t *at, size_t width, uint8_t zero, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < width; i++) {
        uint8_t digit = (uint8_t)(at[i] - zero);

        if (digit > 9)
            return 0;
        *count = 10 * *count + digit;
    }
    return width;
}

static size_t
bcd_read(const uint8_t *at, size_t width, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < (width + 1) / 2; i++) {
        uint8_t high = at[i] >> 4, low = at[i] & 15;

        if (high > 9 || low > 9)
            return 0;
        *count = 100 * *count + 10u * high + low;
    }
    return (width + 1) / 2;
}

static size_t
hex_read(const uint8_t *at, size_t width, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < width; i++) {
        unsigned digit = carnet_iso8583_nibble(at[i]);

        if (digit > 15)
            return 0;
        *count = 16 * *count + digit;
    }
    return width;
}

static size_t
binary_read(const uint8_t *at, size_t width, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < width; i++)
        *count = *count << 8 | at[i];
    return width;
}

static size_t
ber_read(const uint8_t *at, size_t left, size_t *count)
{
    *count = at[0];
    if (at[0] < 0x80)
        return 1;
    if (at[0] > 0x82 || at[0] == 0x80 || left < 1u + (at[0] & 3u))
        return 0;
    return 1 + binary_read(at + 1, at[0] & 3u, count);
}

size_t
carnet_iso8583_prefix_read(const carnet_iso8583_field *field, const uint8_t *at, const uint8_t *end, size_t *count)
{
    size_t left = (size_t)(end - at);
    size_t takes = field->prefix == CARNET_ISO8583_PREFIX_BCD   ? (field->width + 1u) / 2
                   : field->prefix == CARNET_ISO8583_PREFIX_BER ? 1
                                                                : field->width;

    *count = 0;
    if (left < takes)
        return 0;
    switch (field->prefix) {
    case CARNET_ISO8583_PREFIX_ASCII:
        return decimal_read(at, takes, '0', count);
    case CARNET_ISO8583_PREFIX_EBCDIC:
        return decimal_read(at, takes, 0xf0, count);
    case CARNET_ISO8583_PREFIX_BCD:
        return bcd_read(at, field->width, count);
    case CARNET_ISO8583_PREFIX_BINARY:
        return binary_read(at, takes, count);
    case CARNET_ISO8583_PREFIX_HEX:
        return hex_read(at, takes, count);
    case CARNET_ISO8583_PREFIX_BER:
        return ber_read(at, left, count);
    default:
        return 0;
    }
}

static size_t
power(size_t base, unsigned exponent)
{
    size_t value = 1;

    while (exponent-- > 0)
        value *= base;
    return value;
}

size_t
carnet_iso8583_prefix_size(const carnet_iso8583_field *field, size_t count)
{
    switch (field->prefix) {
    case CARNET_ISO8583_PREFIX_ASCII:
    case CARNET_ISO8583_PREFIX_EBCDIC:
        return count < power(10, field->width) ? field->width : 0;
    case CARNET_ISO8583_PREFIX_BCD:
        return count < power(10, field->width) ? (field->width + 1u) / 2 : 0;
    case CARNET_ISO8583_PREFIX_BINARY:
        return count < power(256, field->width) ? field->width : 0;
    case CARNET_ISO8583_PREFIX_HEX:
        return count < power(16, field->width) ? field->width : 0;
    case CARNET_ISO8583_PREFIX_BER:
        return count < 0x80 ? 1 : count < 0x100 ? 2 : count < 0x10000 ? 3 : 0;
    default:
        return 0;
    }
}

/* Digits of `base` from the last to the first. */
static void
digits_write(size_t count, size_t width, size_t base, uint8_t zero, uint8_t *out)
{
    while (width-- > 0) {
        size_t digit = count % base;

        out[width] = (uint8_t)(digit < 10 || base > 16 ? zero + digit : 'A' + digit - 10);
        count /= base;
    }
}

void
carnet_iso8583_prefix_write(const carnet_iso8583_field *field, size_t count, uint8_t *out)
{
    size_t size = carnet_iso8583_prefix_size(field, count);

    if (field->prefix == CARNET_ISO8583_PREFIX_BINARY) {
        digits_write(count, size, 256, 0, out);
    } else if (field->prefix == CARNET_ISO8583_PREFIX_HEX) {
        digits_write(count, size, 16, '0', out);
    } else if (field->prefix == CARNET_ISO8583_PREFIX_BER) {
        digits_write(count, size, 256, 0, out);
        out[0] = (uint8_t)(size == 1 ? count : 0x80 | (size - 1));
    } else if (field->prefix == CARNET_ISO8583_PREFIX_BCD) {
        for (size_t i = size; i-- > 0; count /= 100)
            out[i] = (uint8_t)(count / 10 % 10 << 4 | count % 10);
    } else {
        digits_write(count, size, 10, field->prefix == CARNET_ISO8583_PREFIX_EBCDIC ? 0xf0 : '0', out);
    }
}

size_t
carnet_iso8583_bitmap_size(const carnet_iso8583_spec *spec)
{
    return spec->flavour.bitmap == CARNET_ISO8583_BITMAP_RAW ? 8 : 16;
}

bool
carnet_iso8583_bitmap_read(const carnet_iso8583_spec *spec, const uint8_t *at, uint64_t *bits, size_t *bad)
{
    bool ebcdic = spec->flavour.bitmap == CARNET_ISO8583_BITMAP_HEX_EBCDIC;

    *bits = 0;
    if (spec->flavour.bitmap == CARNET_ISO8583_BITMAP_RAW) {
        for (size_t i = 0; i < 8; i++)
            *bits = *bits << 8 | at[i];
        return true;
    }
    for (*bad = 0; *bad < 16; ++*bad) {
        unsigned nibble = carnet_iso8583_nibble(ebcdic ? carnet_iso8583_from_ebcdic[0][at[*bad]] : at[*bad]);

        if (nibble > 15)
            return false;
        *bits = *bits << 4 | nibble;
    }
    return true;
}

void
carnet_iso8583_bitmap_write(const carnet_iso8583_spec *spec, uint64_t bits, uint8_t *out)
{
    const char *digits =
        spec->flavour.bitmap == CARNET_ISO8583_BITMAP_HEX_LOWER ? "0123456789abcdef" : "0123456789ABCDEF";

    if (spec->flavour.bitmap == CARNET_ISO8583_BITMAP_RAW) {
        for (size_t i = 0; i < 8; i++)
            out[i] = (uint8_t)(bits >> (56 - 8 * i));
        return;
    }
    for (size_t i = 0; i < 16; i++) {
        out[i] = (uint8_t)digits[bits >> (60 - 4 * i) & 15];
        if (spec->flavour.bitmap == CARNET_ISO8583_BITMAP_HEX_EBCDIC)
            out[i] = carnet_iso8583_to_ebcdic[0][out[i]];
    }
}

size_t
carnet_iso8583_count(const carnet_iso8583_field *field, size_t length)
{
    if (field->unit == CARNET_ISO8583_OCTETS)
        return carnet_iso8583_wire_size(field, length);
    if (field->unit == CARNET_ISO8583_CHARACTERS)
        return length;
    if (field->encoding != CARNET_ISO8583_BCD)
        return 2 * length;
    return field->type == CARNET_ISO8583_XN ? 2 * carnet_iso8583_wire_size(field, length) : length;
}

/* Octets of BCD may hold a digit less than fits: where the field allows no more, or where F stands instead. */
static size_t
digits_in(const carnet_iso8583_field *field, const uint8_t *at, const uint8_t *end, size_t octets)
{
    size_t digits = 2 * octets;
    bool right = field->flags & CARNET_ISO8583_BCD_RIGHT;

    if (digits == 0 || digits == field->max + 1u)
        return digits - (digits > 0);
    if (octets > (size_t)(end - at))
        return digits; /* refused for that in a moment */
    if (field->fill == 15 && (right ? at[octets - 1] & 15 : at[0] >> 4) == 15)
        return digits - 1;
    return digits;
}

bool
carnet_iso8583_length(const carnet_iso8583_field *field, size_t count, const uint8_t *at, const uint8_t *end,
                      size_t *length)
{
    bool bcd = field->encoding == CARNET_ISO8583_BCD, xn = field->type == CARNET_ISO8583_XN;
    size_t octets = count;

    *length = count;
    if (field->unit == CARNET_ISO8583_CHARACTERS || (field->unit == CARNET_ISO8583_NIBBLES && bcd && !xn))
        return true;
    if (field->unit == CARNET_ISO8583_NIBBLES) {
        octets = count / 2;
        *length = octets;
        if (!bcd)
            return count % 2 == 0;
    }
    if (carnet_iso8583_is_hex(field->encoding)) {
        *length = octets / 2;
        return octets % 2 == 0;
    }
    if (!bcd)
        return true;
    *length = xn ? (octets > 0 ? 2 * octets - 1 : 0) : digits_in(field, at, end, octets);
    return true;
}
