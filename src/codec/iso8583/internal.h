/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_ISO8583_INTERNAL_H
#define CARNET_ISO8583_INTERNAL_H
#include "carnet/iso8583.h"
#include "carnet/iso8583_data_set.h"

#include <string.h>

enum {
    CARNET_ISO8583_BASE = 129,      /* elements of the built-in tables */
    CARNET_ISO8583_DEPTH = 4,       /* messages within elements of messages */
    CARNET_ISO8583_COMPOSITE = 1024 /* characters that are translated before their structure is looked at */
};

/* Short names for the tables. */
enum {
    N = CARNET_ISO8583_N,
    AN = CARNET_ISO8583_AN,
    NS = CARNET_ISO8583_NS,
    ANS = CARNET_ISO8583_ANS,
    Z = CARNET_ISO8583_Z,
    XN = CARNET_ISO8583_XN,
    B = CARNET_ISO8583_B,
    SENSITIVE = CARNET_ISO8583_SENSITIVE
};

typedef struct carnet_iso8583_row {
    const char *name;
    uint16_t max;
    uint8_t type, width, flags; /* width 0: fixed */
} carnet_iso8583_row;

extern const carnet_iso8583_row carnet_iso8583_rows_1987[CARNET_ISO8583_BASE];
extern const carnet_iso8583_row carnet_iso8583_rows_1993[CARNET_ISO8583_BASE];
extern const carnet_iso8583_row carnet_iso8583_rows_2003[CARNET_ISO8583_BASE];

/* Code pages in the order of the encodings, the first being CARNET_ISO8583_CP037; 0: no printable ASCII character. */
extern const uint8_t carnet_iso8583_from_ebcdic[3][256];
extern const uint8_t carnet_iso8583_to_ebcdic[3][128];

/* What a step does.  The quick ones are told apart here; the others ask the field. */
enum { READ_NONE, READ_FIXED, READ_LL, READ_LLL, READ_OTHER };
enum { CHECK_NONE, CHECK_DIGITS, CHECK_PRINTABLE, CHECK_PAIRS, CHECK_OTHER };
enum { WRITE_NONE, WRITE_FIXED, WRITE_LL, WRITE_LLL, WRITE_OCTETS, WRITE_OTHER };

/* Forms of a value to be built. */
enum { FORM_TEXT, FORM_OCTETS, FORM_NUMBER, FORM_NEGATIVE, FORM_MESSAGE };

static inline bool
carnet_iso8583_is_ebcdic(uint8_t encoding)
{
    return encoding >= CARNET_ISO8583_CP037 && encoding <= CARNET_ISO8583_CP1047;
}

static inline bool
carnet_iso8583_is_hex(uint8_t encoding)
{
    return encoding >= CARNET_ISO8583_HEX && encoding <= CARNET_ISO8583_HEX_EBCDIC;
}

/* The value of a hexadecimal digit of ASCII, 16 for any other octet. */
static inline unsigned
carnet_iso8583_nibble(uint8_t digit)
{
    unsigned decimal = digit - (unsigned)'0', letter = (digit | 0x20u) - 'a';

    return decimal < 10 ? decimal : letter < 6 ? letter + 10 : 16;
}

/* Octets on the wire of a value of `length` characters. */
size_t carnet_iso8583_wire_size(const carnet_iso8583_field *field, size_t length);
/* Characters of the value's text: two for an octet of B. */
size_t carnet_iso8583_text_length(const carnet_iso8583_field *field, size_t length);
/* True if the wire has only what the type allows; otherwise *bad is the first octet that is wrong. */
bool carnet_iso8583_valid(const carnet_iso8583_field *field, const uint8_t *wire, size_t length, size_t *bad);
/* The i-th character of a valid value's text. */
char carnet_iso8583_character(const carnet_iso8583_field *field, const uint8_t *wire, size_t length, size_t i);

/* Fill *err with the data element as its path. */
carnet_rc carnet_iso8583_fail(carnet_err *err, carnet_rc rc, unsigned element, size_t offset, const char *reason);
/* carnet_iso8583_parse() within `depth` messages. */
carnet_rc carnet_iso8583_parse_within(const carnet_iso8583_spec *spec, carnet_span octets, unsigned depth,
                                      carnet_iso8583_message *message, carnet_err *err);
carnet_rc carnet_iso8583_composite_within(const carnet_iso8583_composite *composite, carnet_span value, unsigned depth,
                                          carnet_err *err);
/* Check the structure of a valid value at `at` of the message that begins at `base`. */
carnet_rc carnet_iso8583_inside(const carnet_iso8583_field *field, unsigned element, const uint8_t *base,
                                const uint8_t *at, size_t length, unsigned depth, carnet_err *err);
/* A length prefix at the front of [at, end): the count in it and the octets it takes, or 0. */
size_t carnet_iso8583_prefix_read(const carnet_iso8583_field *field, const uint8_t *at, const uint8_t *end,
                                  size_t *count);
/* Octets of the prefix for a count; 0 if it does not fit. */
size_t carnet_iso8583_prefix_size(const carnet_iso8583_field *field, size_t count);
void carnet_iso8583_prefix_write(const carnet_iso8583_field *field, size_t count, uint8_t *out);
/* What the prefix of a value counts, and the characters of a value that begins at `at` from that; false if there is no such. */
size_t carnet_iso8583_count(const carnet_iso8583_field *field, size_t length);
bool carnet_iso8583_length(const carnet_iso8583_field *field, size_t count, const uint8_t *at, const uint8_t *end,
                           size_t *length);
/* Octets of a bitmap of 64 bits. */
size_t carnet_iso8583_bitmap_size(const carnet_iso8583_spec *spec);
bool carnet_iso8583_bitmap_read(const carnet_iso8583_spec *spec, const uint8_t *at, uint64_t *bits, size_t *bad);
void carnet_iso8583_bitmap_write(const carnet_iso8583_spec *spec, uint64_t bits, uint8_t *out);
/* Write a value whatever its form and field.  *bad: its first character that is wrong. */
bool carnet_iso8583_encode(const carnet_iso8583_field *field, const carnet_iso8583_value *value, size_t length,
                           uint8_t *out, size_t *bad);
/* Characters that a value has before it is padded; SIZE_MAX: half an octet of B. */
size_t carnet_iso8583_value_length(const carnet_iso8583_field *field, const carnet_iso8583_value *value);

/* Eight octets at once. */
#define CARNET_EACH(octet) (UINT64_C(0x0101010101010101) * (octet))

static inline uint64_t
carnet_load8(const uint8_t *at)
{
    uint64_t word;

    memcpy(&word, at, 8);
    return word;
}

/* Of eight octets, keep the last n (1 to 8) and make the others 0. */
static inline uint64_t
carnet_keep_last(uint64_t word, size_t n)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return word >> (64 - 8 * n);
#else
    return word << (64 - 8 * n);
#endif
}

/* Not 0 if an octet of `word`, which digits differ from by 0x30, is none of 0 to 9. */
static inline uint64_t
carnet_not_digits(uint64_t word)
{
    return ((word + CARNET_EACH(6)) | word) & CARNET_EACH(0xf0);
}

/* The same for what differs by 0x20 from printable characters. */
static inline uint64_t
carnet_not_printable(uint64_t word)
{
    word ^= CARNET_EACH(0x20);
    return ((word - CARNET_EACH(0x20)) | (word + CARNET_EACH(1)) | word) & CARNET_EACH(0x80);
}

/* The same for pairs of decimal nibbles. */
static inline uint64_t
carnet_not_pairs(uint64_t word)
{
    return word & (word << 1 | word << 2) & CARNET_EACH(0x88);
}

/* True if n octets are digits.  Where n is less than eight, octets before `at` are loaded: they must be there. */
static inline bool
carnet_all_digits(const uint8_t *at, size_t n)
{
    uint64_t bad = 0;

    if (n == 0)
        return true;
    for (; n > 8; n -= 8, at += 8)
        bad |= carnet_not_digits(carnet_load8(at) ^ CARNET_EACH(0x30));
    return (bad | carnet_not_digits(carnet_keep_last(carnet_load8(at + n - 8) ^ CARNET_EACH(0x30), n))) == 0;
}

static inline bool
carnet_all_printable(const uint8_t *at, size_t n)
{
    uint64_t bad = 0;

    if (n == 0)
        return true;
    for (; n > 8; n -= 8, at += 8)
        bad |= carnet_not_printable(carnet_load8(at) ^ CARNET_EACH(0x20));
    return (bad | carnet_not_printable(carnet_keep_last(carnet_load8(at + n - 8) ^ CARNET_EACH(0x20), n))) == 0;
}

static inline bool
carnet_all_pairs(const uint8_t *at, size_t n)
{
    uint64_t bad = 0;

    if (n == 0)
        return true;
    for (; n > 8; n -= 8, at += 8)
        bad |= carnet_not_pairs(carnet_load8(at));
    return (bad | carnet_not_pairs(carnet_keep_last(carnet_load8(at + n - 8), n))) == 0;
}

#endif
