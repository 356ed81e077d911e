/* SPDX-License-Identifier: Apache-2.0 */
/* The words of diagnostic notation: numbers, byte strings, text that is safe on a terminal. */
#include "internal.h"

void
carnet_cbor_out_flush(carnet_cbor_out *o)
{
    if (o->len > 0)
        o->sink.write(o->sink.self, o->bytes, o->len);
    o->len = 0;
}

static void
out_byte(carnet_cbor_out *o, char c)
{
    if (o->len == sizeof(o->bytes))
        carnet_cbor_out_flush(o);
    o->bytes[o->len++] = (uint8_t)c;
}

static void
out_run(carnet_cbor_out *o, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out_byte(o, text[i]);
}

void
carnet_cbor_out_text(carnet_cbor_out *o, const char *text)
{
    out_run(o, text, strlen(text));
}

void
carnet_cbor_out_uint(carnet_cbor_out *o, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);

    do
        digits[--at] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    out_run(o, digits + at, sizeof(digits) - at);
}

static void
out_length(carnet_cbor_out *o, size_t len)
{
    carnet_cbor_out_text(o, "(");
    carnet_cbor_out_uint(o, len);
    carnet_cbor_out_text(o, " bytes)");
}

void
carnet_cbor_out_bytes(carnet_cbor_out *o, carnet_span bytes, size_t longest)
{
    static const char hex[] = "0123456789abcdef";
    bool cut = longest != 0 && bytes.len > longest;
    size_t shown = cut ? longest : bytes.len;

    carnet_cbor_out_text(o, "h'");
    for (size_t i = 0; i < shown; i++) {
        out_byte(o, hex[bytes.ptr[i] >> 4]);
        out_byte(o, hex[bytes.ptr[i] & 15]);
    }
    carnet_cbor_out_text(o, cut ? "...'" : "'");
    if (cut)
        out_length(o, bytes.len);
}

static void
out_escape(carnet_cbor_out *o, uint32_t c)
{
    static const char hex[] = "0123456789abcdef";

    carnet_cbor_out_text(o, "\\u");
    for (int shift = 12; shift >= 0; shift -= 4)
        out_byte(o, hex[c >> shift & 15]);
}

/* Controls, line separators, and what turns the direction of text: all would act on a terminal. */
static bool
acts(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

/* Length of the character at p, which is valid UTF-8, and its code point. */
static size_t
character(const uint8_t *p, uint32_t *c)
{
    size_t len = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;

    *c = len == 1 ? *p : *p & (0x7fU >> len);
    for (size_t i = 1; i < len; i++)
        *c = *c << 6 | (p[i] & 0x3f);
    return len;
}

static void
out_character(carnet_cbor_out *o, const uint8_t *p, size_t len, uint32_t c)
{
    if (c == '"' || c == '\\') {
        out_byte(o, '\\');
        out_byte(o, (char)c);
    } else if (c == '\n')
        carnet_cbor_out_text(o, "\\n");
    else if (acts(c))
        out_escape(o, c);
    else
        out_run(o, (const char *)p, len);
}

void
carnet_cbor_out_string(carnet_cbor_out *o, carnet_span text, size_t longest)
{
    size_t i, len;
    uint32_t c;

    out_byte(o, '"');
    for (i = 0; i < text.len; i += len) {
        len = character(text.ptr + i, &c);
        if (longest != 0 && text.len > longest && i + len > longest)
            break;
        out_character(o, text.ptr + i, len, c);
    }
    carnet_cbor_out_text(o, i < text.len ? "...\"" : "\"");
    if (i < text.len)
        out_length(o, text.len);
}

static void
out_zeros(carnet_cbor_out *o, int count)
{
    for (; count > 0; count--)
        out_byte(o, '0');
}

/* Digits with the point after `point` of them, which is not outside them by much. */
static void
out_decimal(carnet_cbor_out *o, const char *digits, int count, int point)
{
    if (point <= 0) {
        carnet_cbor_out_text(o, "0.");
        out_zeros(o, -point);
        out_run(o, digits, (size_t)count);
        return;
    }
    out_run(o, digits, (size_t)(count < point ? count : point));
    out_zeros(o, point - count);
    out_byte(o, '.');
    if (count > point)
        out_run(o, digits + point, (size_t)(count - point));
    else
        out_byte(o, '0');
}

/* As ECMAScript writes numbers, but always with a point. */
void
carnet_cbor_out_float(carnet_cbor_out *o, uint64_t bits)
{
    uint64_t magnitude = bits << 1 >> 1;
    char digits[20];
    int count, point;

    if (magnitude > (uint64_t)0x7ff << 52) {
        carnet_cbor_out_text(o, "NaN");
        return;
    }
    if (bits >> 63)
        out_byte(o, '-');
    if (magnitude == (uint64_t)0x7ff << 52) {
        carnet_cbor_out_text(o, "Infinity");
        return;
    }
    if (magnitude == 0) {
        carnet_cbor_out_text(o, "0.0");
        return;
    }
    count = (int)carnet_cbor_digits(magnitude, digits, &point);
    if (point > -6 && point <= 21) {
        out_decimal(o, digits, count, point);
        return;
    }
    out_decimal(o, digits, count, 1);
    carnet_cbor_out_text(o, point > 0 ? "e+" : "e-");
    carnet_cbor_out_uint(o, (uint64_t)(point > 0 ? point - 1 : 1 - point));
}
