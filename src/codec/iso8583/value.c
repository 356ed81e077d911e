/* SPDX-License-Identifier: Apache-2.0 */
/* Values on the wire: how many octets they take, whether they are of their type, and their characters. */
#include "internal.h"

/* What a character of ASCII is. */
enum { DIGIT = 1, LETTER = 2, SPACE = 4, SPECIAL = 8, SEPARATOR = 16 };

static unsigned
kind_of(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return DIGIT;
    if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
        return c == 'D' ? LETTER | SEPARATOR : LETTER;
    if (c == ' ')
        return SPACE;
    if (c == '=')
        return SPECIAL | SEPARATOR;
    return c > ' ' && c < 0x7f ? SPECIAL : 0;
}

static unsigned
kinds_allowed(const carnet_iso8583_field *field)
{
    static const uint8_t exactly[] = {
        [CARNET_ISO8583_N] = DIGIT,
        [CARNET_ISO8583_A] = LETTER | SPACE,
        [CARNET_ISO8583_AN] = DIGIT | LETTER | SPACE,
        [CARNET_ISO8583_AS] = LETTER | SPACE | SPECIAL,
        [CARNET_ISO8583_NS] = DIGIT | SPACE | SPECIAL,
        [CARNET_ISO8583_ANS] = DIGIT | LETTER | SPACE | SPECIAL,
        [CARNET_ISO8583_Z] = DIGIT | SEPARATOR,
        [CARNET_ISO8583_XN] = DIGIT,
    };

    if (field->type == CARNET_ISO8583_N || field->type == CARNET_ISO8583_XN)
        return DIGIT;
    return field->flags & CARNET_ISO8583_STRICT ? exactly[field->type] : exactly[CARNET_ISO8583_ANS];
}

size_t
carnet_iso8583_wire_size(const carnet_iso8583_field *field, size_t length)
{
    if (field->encoding == CARNET_ISO8583_BCD)
        return field->type == CARNET_ISO8583_XN ? (length > 0) + length / 2 : (length + 1) / 2;
    return carnet_iso8583_is_hex(field->encoding) ? 2 * length : length;
}

size_t
carnet_iso8583_text_length(const carnet_iso8583_field *field, size_t length)
{
    return field->type == CARNET_ISO8583_B ? 2 * length : length;
}

/* An octet of a value written in characters, as ASCII; 0 if it is none that can be printed. */
static uint8_t
ascii_of(const carnet_iso8583_field *field, uint8_t octet)
{
    if (carnet_iso8583_is_ebcdic(field->encoding))
        return carnet_iso8583_from_ebcdic[field->encoding - CARNET_ISO8583_CP037][octet];
    if (field->encoding == CARNET_ISO8583_HEX_EBCDIC)
        return carnet_iso8583_from_ebcdic[0][octet];
    return octet;
}

/* A sign may also come in EBCDIC before digits in BCD. */
static uint8_t
sign_of(const carnet_iso8583_field *field, uint8_t octet)
{
    uint8_t c = ascii_of(field, octet);

    if (field->encoding == CARNET_ISO8583_BCD && octet >= 0x80)
        c = carnet_iso8583_from_ebcdic[0][octet];
    return c == 'C' || c == 'D' || c == '0' ? c : 0;
}

static uint8_t
nibble_at(const uint8_t *wire, size_t i)
{
    return i % 2 == 0 ? wire[i / 2] >> 4 : wire[i / 2] & 15;
}

/* The nibble where the first of an odd or even number of digits is. */
static size_t
first_nibble(const carnet_iso8583_field *field, size_t digits)
{
    return digits % 2 == 1 && !(field->flags & CARNET_ISO8583_BCD_RIGHT);
}

static bool
valid_bcd(const carnet_iso8583_field *field, const uint8_t *wire, size_t digits, size_t *bad)
{
    size_t first = first_nibble(field, digits);
    size_t padding = first == 1 ? 0 : digits;
    uint8_t nibble;

    for (size_t i = first; i < first + digits; i++) {
        nibble = nibble_at(wire, i);
        *bad = i / 2;
        if (nibble > 9 && !(nibble == 13 && field->type == CARNET_ISO8583_Z))
            return false;
    }
    if (digits % 2 == 0)
        return true;
    nibble = nibble_at(wire, padding);
    *bad = padding / 2;
    return nibble == field->fill || (!(field->flags & CARNET_ISO8583_STRICT) && (nibble == 0 || nibble == 15));
}

static bool
valid_characters(const carnet_iso8583_field *field, const uint8_t *wire, size_t length, size_t from, size_t *bad)
{
    unsigned allowed = kinds_allowed(field);

    for (*bad = from; *bad < length; ++*bad)
        if ((kind_of(ascii_of(field, wire[*bad])) & allowed) == 0)
            return false;
    return true;
}

static bool
valid_hex(const carnet_iso8583_field *field, const uint8_t *wire, size_t size, size_t *bad)
{
    for (*bad = 0; *bad < size; ++*bad)
        if (carnet_iso8583_nibble(ascii_of(field, wire[*bad])) > 15)
            return false;
    return true;
}

bool
carnet_iso8583_valid(const carnet_iso8583_field *field, const uint8_t *wire, size_t length, size_t *bad)
{
    bool bcd = field->encoding == CARNET_ISO8583_BCD;

    *bad = 0;
    if (field->encoding == CARNET_ISO8583_RAW || length == 0)
        return true;
    if (carnet_iso8583_is_hex(field->encoding))
        return valid_hex(field, wire, 2 * length, bad);
    if (field->type != CARNET_ISO8583_XN)
        return bcd ? valid_bcd(field, wire, length, bad) : valid_characters(field, wire, length, 0, bad);
    if (sign_of(field, wire[0]) == 0)
        return false;
    if (!bcd)
        return valid_characters(field, wire, length, 1, bad);
    if (valid_bcd(field, wire + 1, length - 1, bad))
        return true;
    ++*bad;
    return false;
}

static char
hex_digit(unsigned nibble)
{
    return "0123456789ABCDEF"[nibble & 15];
}

static char
bcd_character(const carnet_iso8583_field *field, const uint8_t *wire, size_t digits, size_t i)
{
    uint8_t nibble = nibble_at(wire, first_nibble(field, digits) + i);

    return nibble > 9 ? '=' : (char)('0' + nibble);
}

char
carnet_iso8583_character(const carnet_iso8583_field *field, const uint8_t *wire, size_t length, size_t i)
{
    if (field->encoding == CARNET_ISO8583_RAW)
        return hex_digit(nibble_at(wire, i));
    if (carnet_iso8583_is_hex(field->encoding))
        return hex_digit(carnet_iso8583_nibble(ascii_of(field, wire[i])));
    if (field->encoding != CARNET_ISO8583_BCD)
        return (char)ascii_of(field, wire[i]);
    if (field->type != CARNET_ISO8583_XN)
        return bcd_character(field, wire, length, i);
    return i == 0 ? (char)sign_of(field, wire[0]) : bcd_character(field, wire + 1, length - 1, i - 1);
}
