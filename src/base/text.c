/* SPDX-License-Identifier: Apache-2.0 */
/* The text forms of bytes: hexadecimal, base64url and base64 (RFC 4648). */
#include "internal.h"

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* One more than the value of a character in either alphabet; 0 for all others. */
static const uint8_t base64_values[128] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,  ['I'] = 9,
    ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18,
    ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27,
    ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36,
    ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45,
    ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54,
    ['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63,
    ['/'] = 64, ['-'] = 63, ['_'] = 64,
};

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* End of an append that began at `before`: nothing of it stays behind when it failed. */
static carnet_rc
finish(carnet_buf *out, size_t before, carnet_err *err)
{
    if (!out->overflow)
        return CARNET_OK;
    out->len = before;
    return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
}

static carnet_rc
refuse(carnet_buf *out, size_t before, carnet_err *err, carnet_rc rc, const char *reason, size_t offset)
{
    out->len = before;
    return carnet_fail_at(err, rc, "RFC 4648", reason, offset, NULL);
}

static unsigned
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return 16;
}

carnet_rc
carnet_hex_decode(carnet_str text, carnet_buf *out, carnet_err *err)
{
    size_t before = out->len;
    unsigned high = 16; /* 16: the next digit is a byte's first */

    for (size_t i = 0; i < text.len; i++) {
        unsigned value = hex_value(text.ptr[i]);

        if (value == 16 && is_space(text.ptr[i]))
            continue;
        if (value == 16)
            return refuse(out, before, err, CARNET_E_HEX, "a character is no hexadecimal digit", i);
        if (high == 16) {
            high = value;
            continue;
        }
        carnet_buf_add_byte(out, (uint8_t)(high << 4 | value));
        high = 16;
    }
    if (high != 16)
        return refuse(out, before, err, CARNET_E_HEX, "the last byte has one digit only", text.len);
    return finish(out, before, err);
}

/* Characters that `len` bytes take; SIZE_MAX when the number does not fit. */
static size_t
base64_length(size_t len, bool padded)
{
    size_t rest = len % 3;

    if (len / 3 > SIZE_MAX / 4 - 1)
        return SIZE_MAX;
    return len / 3 * 4 + (rest == 0 ? 0 : padded ? 4 : rest + 1);
}

static void
base64_encode(const char digits[65], bool padded, carnet_span in, carnet_buf *out)
{
    size_t i = 0, rest = in.len % 3;

    if (out->overflow || base64_length(in.len, padded) > out->cap - out->len) {
        out->overflow = true;
        return;
    }
    for (uint8_t *p = out->ptr + out->len; i < in.len - rest; i += 3, p += 4) {
        uint32_t three = (uint32_t)in.ptr[i] << 16 | (uint32_t)in.ptr[i + 1] << 8 | in.ptr[i + 2];

        p[0] = (uint8_t)digits[three >> 18];
        p[1] = (uint8_t)digits[three >> 12 & 63];
        p[2] = (uint8_t)digits[three >> 6 & 63];
        p[3] = (uint8_t)digits[three & 63];
    }
    out->len += i / 3 * 4;
    if (rest > 0) {
        uint32_t last = (uint32_t)in.ptr[i] << 16 | (rest == 2 ? (uint32_t)in.ptr[i + 1] << 8 : 0);

        out->ptr[out->len++] = (uint8_t)digits[last >> 18];
        out->ptr[out->len++] = (uint8_t)digits[last >> 12 & 63];
        if (rest == 2)
            out->ptr[out->len++] = (uint8_t)digits[last >> 6 & 63];
        for (size_t pad = rest; padded && pad < 3; pad++)
            out->ptr[out->len++] = '=';
    }
}

void
carnet_base64url_encode(carnet_span bytes, carnet_buf *out)
{
    base64_encode(base64url_digits, false, bytes, out);
}

void
carnet_base64_encode(carnet_span bytes, carnet_buf *out)
{
    base64_encode(base64_digits, true, bytes, out);
}

/* Base64 of either alphabet being read, a character at a time. */
typedef struct base64_reader {
    const char *digits;
    uint32_t bits;  /* of the last group, those not yet written in the low end */
    unsigned digit; /* digits of the last group, modulo 4 */
    unsigned pads;  /* padding characters met */
    carnet_buf *out;
} base64_reader;

static bool
base64_digit(base64_reader *r, char c)
{
    unsigned value = (unsigned char)c < 128 ? base64_values[(unsigned char)c] : 0;

    if (value == 0 || r->digits[value - 1] != c || r->pads > 0)
        return false;
    r->bits = r->bits << 6 | (value - 1);
    r->digit = (r->digit + 1) % 4;
    if (r->digit != 1)
        carnet_buf_add_byte(r->out, (uint8_t)(r->bits >> (r->digit == 0 ? 0 : 8 - 2 * r->digit)));
    return true;
}

/* Four characters at once, as most of a long text are; false: one at a time. */
static bool
base64_four(base64_reader *r, const char *text)
{
    uint32_t bits = 0;
    carnet_buf *out = r->out;

    if (r->digit != 0 || r->pads > 0 || out->overflow || out->cap - out->len < 3)
        return false;
    for (size_t i = 0; i < 4; i++) {
        unsigned value = (unsigned char)text[i] < 128 ? base64_values[(unsigned char)text[i]] : 0;

        if (value == 0 || r->digits[value - 1] != text[i])
            return false;
        bits = bits << 6 | (value - 1);
    }
    out->ptr[out->len] = (uint8_t)(bits >> 16);
    out->ptr[out->len + 1] = (uint8_t)(bits >> 8);
    out->ptr[out->len + 2] = (uint8_t)bits;
    out->len += 3;
    r->bits = bits;
    return true;
}

/* Why what was read cannot be the end of the text; NULL if it can. */
static const char *
base64_objection(const base64_reader *r)
{
    if (r->digit == 1)
        return "the last group has one character only";
    if (r->pads > 0 && (r->digit == 0 || r->digit + r->pads != 4))
        return "the padding has the wrong length";
    /* RFC 4648 3.5: one text for one run of bytes, or a signature could be spelled in several ways */
    if ((r->digit == 2 && (r->bits & 15) != 0) || (r->digit == 3 && (r->bits & 3) != 0))
        return "bits beyond the last byte are set";
    return NULL;
}

static carnet_rc
base64_decode(base64_reader *r, bool spaces, carnet_str text, size_t begin, carnet_err *err)
{
    size_t before = r->out->len;
    const char *objection;

    for (size_t i = begin; i < text.len; i++) {
        char c = text.ptr[i];

        if (text.len - i >= 4 && base64_four(r, text.ptr + i)) {
            i += 3;
            continue;
        }
        if (base64_digit(r, c) || (spaces && is_space(c)))
            continue;
        if (!spaces || c != '=' || r->pads == 2)
            return refuse(r->out, before, err, CARNET_E_BASE64, "a character does not belong here", i);
        r->pads++;
    }
    objection = base64_objection(r);
    if (objection != NULL)
        return refuse(r->out, before, err, CARNET_E_BASE64, objection, text.len);
    return finish(r->out, before, err);
}

carnet_rc
carnet_base64url_decode(carnet_str text, carnet_buf *out, carnet_err *err)
{
    base64_reader r = { base64url_digits, 0, 0, 0, out };

    return base64_decode(&r, false, text, 0, err);
}

carnet_rc
carnet_base64_decode_at(carnet_str text, size_t begin, carnet_buf *out, carnet_err *err)
{
    base64_reader r = { base64_digits, 0, 0, 0, out };

    return base64_decode(&r, true, text, begin, err);
}

carnet_rc
carnet_base64_decode(carnet_str text, carnet_buf *out, carnet_err *err)
{
    return carnet_base64_decode_at(text, 0, out, err);
}
