/* SPDX-License-Identifier: Apache-2.0 */
/* Values on their way to the wire, whatever form they come in and whatever the field. */
#include "internal.h"

/* A value to be read character by character, and where its own ones stand among the padding. */
typedef struct source {
    const carnet_iso8583_field *field;
    const carnet_iso8583_value *value;
    size_t length; /* characters of the text it has */
    size_t total;  /* with padding */
} source;

/* The field, octets and length of a value that another message has. */
static const uint8_t *
theirs(const carnet_iso8583_value *value, const carnet_iso8583_field **field, size_t *length)
{
    const carnet_iso8583_message *message = value->of.ptr;
    carnet_iso8583_place place = message->place[value->length];

    *field = &message->spec->fields[value->length];
    *length = place.length;
    return message->octets.ptr + place.offset;
}

static size_t
source_length(const carnet_iso8583_field *field, const carnet_iso8583_value *value)
{
    const carnet_iso8583_field *other;
    size_t length;

    if (value->form == FORM_OCTETS)
        return carnet_iso8583_text_length(field, value->length);
    if (value->form != FORM_MESSAGE)
        return value->length;
    theirs(value, &other, &length);
    return carnet_iso8583_text_length(other, length);
}

size_t
carnet_iso8583_value_length(const carnet_iso8583_field *field, const carnet_iso8583_value *value)
{
    size_t length = source_length(field, value);

    if (field->type != CARNET_ISO8583_B)
        return length;
    return length % 2 == 0 ? length / 2 : SIZE_MAX;
}

/* The i-th character the value has itself. */
static char
own_character(const source *s, size_t i)
{
    const carnet_iso8583_value *value = s->value;
    const carnet_iso8583_field *other;
    const uint8_t *octets = value->of.ptr;
    size_t length;

    if (value->form == FORM_MESSAGE) {
        octets = theirs(value, &other, &length);
        return carnet_iso8583_character(other, octets, length, i);
    }
    if (value->form == FORM_OCTETS && s->field->type == CARNET_ISO8583_B)
        return "0123456789ABCDEF"[octets[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
    return (char)octets[i];
}

/* The i-th character with the padding: zeros before digits, spaces after text or before it. */
static char
character(const source *s, size_t i)
{
    size_t padding = s->total - s->length;
    uint8_t type = s->field->type;

    if (padding == 0)
        return own_character(s, i);
    if (type == CARNET_ISO8583_XN)
        return i == 0 ? own_character(s, 0) : i <= padding ? '0' : own_character(s, i - padding);
    if (type == CARNET_ISO8583_N)
        return i < padding ? '0' : own_character(s, i - padding);
    if (s->field->flags & CARNET_ISO8583_TEXT_RIGHT)
        return i < padding ? ' ' : own_character(s, i - padding);
    return i < s->length ? own_character(s, i) : ' ';
}

static uint8_t
bcd_nibble(const source *s, size_t i)
{
    char c = character(s, i);

    if (c >= '0' && c <= '9')
        return (uint8_t)(c - '0');
    return s->field->type == CARNET_ISO8583_Z && (c == '=' || c == 'D') ? 13 : 16;
}

static bool
put_bcd(const source *s, size_t from, uint8_t *out, size_t *bad)
{
    size_t digits = s->total - from;
    bool left = digits % 2 == 1 && !(s->field->flags & CARNET_ISO8583_BCD_RIGHT);
    size_t nibbles = digits + digits % 2;

    for (size_t n = 0; n < nibbles; n++) {
        bool padding = digits % 2 == 1 && n == (left ? 0 : digits);
        uint8_t nibble = padding ? s->field->fill : bcd_nibble(s, from + n - left);

        *bad = from + n - left;
        if (nibble > 15)
            return false;
        out[n / 2] = (uint8_t)(n % 2 == 0 ? nibble << 4 : out[n / 2] | nibble);
    }
    return true;
}

/* Octets from hexadecimal text as it stands. */
static bool
put_octets_of_text(const uint8_t *text, size_t length, uint8_t *out, size_t *bad)
{
    for (size_t i = 0; i + 1 < length; i += 2) {
        unsigned high = carnet_iso8583_nibble(text[i]), low = carnet_iso8583_nibble(text[i + 1]);

        if ((high | low) > 15) {
            *bad = high > 15 ? i : i + 1;
            return false;
        }
        out[i / 2] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool
put_octets(const source *s, uint8_t *out, size_t *bad)
{
    if (s->value->form == FORM_OCTETS) {
        memcpy(out, s->value->of.ptr, s->value->length);
        return true;
    }
    if (s->value->form == FORM_TEXT)
        return put_octets_of_text(s->value->of.ptr, s->total, out, bad);
    for (*bad = 0; *bad < s->total; ++*bad) {
        unsigned nibble = carnet_iso8583_nibble((uint8_t)character(s, *bad));

        if (nibble > 15)
            return false;
        out[*bad / 2] = (uint8_t)(*bad % 2 == 0 ? nibble << 4 : out[*bad / 2] | nibble);
    }
    return true;
}

static bool
put_hex(const source *s, uint8_t *out, size_t *bad)
{
    bool lower = s->field->encoding == CARNET_ISO8583_HEX_LOWER;

    for (*bad = 0; *bad < s->total; ++*bad) {
        unsigned nibble = carnet_iso8583_nibble((uint8_t)character(s, *bad));

        if (nibble > 15)
            return false;
        out[*bad] = (uint8_t)(lower ? "0123456789abcdef" : "0123456789ABCDEF")[nibble];
        if (s->field->encoding == CARNET_ISO8583_HEX_EBCDIC)
            out[*bad] = carnet_iso8583_to_ebcdic[0][out[*bad]];
    }
    return true;
}

static bool
put_characters(const source *s, uint8_t *out, size_t *bad)
{
    uint8_t encoding = s->field->encoding;

    for (*bad = 0; *bad < s->total; ++*bad) {
        uint8_t c = (uint8_t)character(s, *bad);

        if (c < ' ' || c > '~')
            return false;
        out[*bad] = encoding == CARNET_ISO8583_ASCII ? c : carnet_iso8583_to_ebcdic[encoding - CARNET_ISO8583_CP037][c];
    }
    return true;
}

static bool
put_signed_bcd(const source *s, uint8_t *out, size_t *bad)
{
    uint8_t sign = s->total > 0 ? (uint8_t)character(s, 0) : 0;

    *bad = 0;
    if (s->total == 0)
        return true;
    if (sign != 'C' && sign != 'D' && sign != '0')
        return false;
    out[0] = s->field->flags & CARNET_ISO8583_SIGN_EBCDIC ? carnet_iso8583_to_ebcdic[0][sign] : sign;
    return put_bcd(s, 1, out + 1, bad);
}

static bool
put(const source *s, uint8_t *out, size_t *bad)
{
    if (s->field->encoding == CARNET_ISO8583_RAW)
        return put_octets(s, out, bad);
    if (carnet_iso8583_is_hex(s->field->encoding))
        return put_hex(s, out, bad);
    if (s->field->encoding != CARNET_ISO8583_BCD)
        return put_characters(s, out, bad);
    return s->field->type == CARNET_ISO8583_XN ? put_signed_bcd(s, out, bad) : put_bcd(s, 0, out, bad);
}

bool
carnet_iso8583_encode(const carnet_iso8583_field *field, const carnet_iso8583_value *value, size_t length, uint8_t *out,
                      size_t *bad)
{
    source s = { field, value, source_length(field, value), carnet_iso8583_text_length(field, length) };

    *bad = 0;
    if (length == 0)
        return true;
    if (!put(&s, out, bad))
        return false;
    return carnet_iso8583_valid(field, out, length, bad);
}
