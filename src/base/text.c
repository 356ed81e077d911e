/* SPDX-License-Identifier: Apache-2.0 */
/* The text forms of bytes: hexadecimal, base64url and base64 (RFC 4648). */
#include "internal.h"

#include <string.h>

/* In which alphabets a character is, and its value; 0 for all others. */
enum { S = 0x40, U = 0x80, B = S | U, VALUE = 0x3f }; /* the standard one, the one for URLs, both */
static const uint8_t base64_values[128] = {
    ['A'] = B | 0,  ['B'] = B | 1,  ['C'] = B | 2,  ['D'] = B | 3,  ['E'] = B | 4,  ['F'] = B | 5,  ['G'] = B | 6,
    ['H'] = B | 7,  ['I'] = B | 8,  ['J'] = B | 9,  ['K'] = B | 10, ['L'] = B | 11, ['M'] = B | 12, ['N'] = B | 13,
    ['O'] = B | 14, ['P'] = B | 15, ['Q'] = B | 16, ['R'] = B | 17, ['S'] = B | 18, ['T'] = B | 19, ['U'] = B | 20,
    ['V'] = B | 21, ['W'] = B | 22, ['X'] = B | 23, ['Y'] = B | 24, ['Z'] = B | 25, ['a'] = B | 26, ['b'] = B | 27,
    ['c'] = B | 28, ['d'] = B | 29, ['e'] = B | 30, ['f'] = B | 31, ['g'] = B | 32, ['h'] = B | 33, ['i'] = B | 34,
    ['j'] = B | 35, ['k'] = B | 36, ['l'] = B | 37, ['m'] = B | 38, ['n'] = B | 39, ['o'] = B | 40, ['p'] = B | 41,
    ['q'] = B | 42, ['r'] = B | 43, ['s'] = B | 44, ['t'] = B | 45, ['u'] = B | 46, ['v'] = B | 47, ['w'] = B | 48,
    ['x'] = B | 49, ['y'] = B | 50, ['z'] = B | 51, ['0'] = B | 52, ['1'] = B | 53, ['2'] = B | 54, ['3'] = B | 55,
    ['4'] = B | 56, ['5'] = B | 57, ['6'] = B | 58, ['7'] = B | 59, ['8'] = B | 60, ['9'] = B | 61, ['+'] = S | 62,
    ['/'] = S | 63, ['-'] = U | 62, ['_'] = U | 63,
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

/* Base64 is written in blocks of 128 characters, in steps a compiler makes vectors of: no branch.  No table either: time and
 * memory touched tell nothing of the octets, which may be secret. */
enum { BLOCK = 96, BLOCK_TEXT = 128 };

static inline uint64_t
load_64(const uint8_t *p)
{
    return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 |
           (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 | (uint64_t)p[6] << 8 | p[7];
}

/* The low 48 bits as eight octets of six each, the first bits in the low end. */
static inline uint64_t
spread(uint64_t v)
{
    v = (v >> 24 & UINT64_C(0xffffff)) | (v & UINT64_C(0xffffff)) << 32;
    v = (v >> 12 & UINT64_C(0x00000fff00000fff)) | (v & UINT64_C(0x00000fff00000fff)) << 16;
    return (v >> 6 & UINT64_C(0x003f003f003f003f)) | (v & UINT64_C(0x003f003f003f003f)) << 8;
}

/* The same with the low end first in memory. */
static inline uint64_t
low_first(uint64_t v)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap64(v);
#else
    return v;
#endif
}

typedef struct base64_room {
    uint64_t groups[BLOCK / 6];
    uint8_t in[BLOCK], out[BLOCK_TEXT];
} base64_room;

/* `last` are the characters of 62 and 63. */
static void
base64_block(const char last[2], const uint8_t in[BLOCK], uint64_t groups[BLOCK / 6], uint8_t *restrict out)
{
    const uint8_t *sixes = (const uint8_t *)groups;
    const int8_t plus = (int8_t)(last[0] - '0' - (62 - 52)), slash = (int8_t)(last[1] - last[0] - 1);

    groups[0] = load_64(in) >> 16;
    for (size_t i = 1; i < BLOCK / 6; i++)
        groups[i] = load_64(in + 6 * i - 2);
    for (size_t i = 0; i < BLOCK / 6; i++)
        groups[i] = low_first(spread(groups[i]));
    for (size_t i = 0; i < BLOCK_TEXT; i++) {
        const int8_t six = (int8_t)sixes[i];
        const int8_t c = (int8_t)(six + 'A' + (-(six > 25) & ('a' - 'A' - 26)) - (-(six > 51) & ('a' - '0' + 26)) +
                                  (-(six > 61) & plus) + (-(six > 62) & slash));

        out[i] = (uint8_t)c;
    }
}

static void
base64_encode(const char last[2], bool padded, carnet_span in, carnet_buf *out)
{
    const size_t length = base64_length(in.len, padded), bare = base64_length(in.len, false);
    base64_room room;
    size_t i = 0, done = out->len;

    if (out->overflow || length > out->cap - out->len) {
        out->overflow = true;
        return;
    }
    for (; in.len - i >= BLOCK; i += BLOCK, done += BLOCK_TEXT)
        base64_block(last, in.ptr + i, room.groups, out->ptr + done);
    if (i < in.len) {
        memset(room.in, 0, sizeof(room.in));
        memcpy(room.in, in.ptr + i, in.len - i);
        base64_block(last, room.in, room.groups, room.out);
        memcpy(out->ptr + done, room.out, out->len + bare - done);
        memset(out->ptr + out->len + bare, '=', length - bare);
    }
    out->len += length;
    carnet_wipe(&room, sizeof(room));
}

void
carnet_base64url_encode(carnet_span bytes, carnet_buf *out)
{
    base64_encode("-_", false, bytes, out);
}

void
carnet_base64_encode(carnet_span bytes, carnet_buf *out)
{
    base64_encode("+/", true, bytes, out);
}

/* Base64 of either alphabet being read, a character at a time. */
typedef struct base64_reader {
    unsigned alphabet;
    uint32_t bits;  /* of the last group, those not yet written in the low end */
    unsigned digit; /* digits of the last group, modulo 4 */
    unsigned pads;  /* padding characters met */
    carnet_buf *out;
} base64_reader;

static bool
base64_digit(base64_reader *r, char c)
{
    unsigned value = (unsigned char)c < 128 ? base64_values[(unsigned char)c] : 0;

    if ((value & r->alphabet) == 0 || r->pads > 0)
        return false;
    r->bits = r->bits << 6 | (value & VALUE);
    r->digit = (r->digit + 1) % 4;
    if (r->digit != 1)
        carnet_buf_add_byte(r->out, (uint8_t)(r->bits >> (r->digit == 0 ? 0 : 8 - 2 * r->digit)));
    return true;
}

/* Groups of four characters, as most of a long text are: how many characters were taken. */
static size_t
base64_groups(base64_reader *r, const char *text, size_t len)
{
    const uint8_t *from = (const uint8_t *)text;
    size_t groups = len / 4, room = (r->out->cap - r->out->len) / 3, i;
    uint8_t *to = r->out->ptr + r->out->len;

    if (r->digit != 0 || r->pads > 0 || r->out->overflow)
        return 0;
    for (i = 0; i < groups && i < room; i++, from += 4, to += 3) {
        unsigned a = base64_values[from[0] & 127], b = base64_values[from[1] & 127];
        unsigned c = base64_values[from[2] & 127], d = base64_values[from[3] & 127];
        uint32_t bits = (a & VALUE) << 18 | (b & VALUE) << 12 | (c & VALUE) << 6 | (d & VALUE);

        if ((a & b & c & d & r->alphabet) == 0 || ((from[0] | from[1] | from[2] | from[3]) & 128) != 0)
            break;
        to[0] = (uint8_t)(bits >> 16);
        to[1] = (uint8_t)(bits >> 8);
        to[2] = (uint8_t)bits;
    }
    r->out->len += 3 * i;
    return 4 * i;
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
        size_t taken = base64_groups(r, text.ptr + i, text.len - i);
        char c;

        i += taken;
        if (i == text.len)
            break;
        c = text.ptr[i];
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
    base64_reader r = { U, 0, 0, 0, out };

    return base64_decode(&r, false, text, 0, err);
}

carnet_rc
carnet_base64_decode_at(carnet_str text, size_t begin, carnet_buf *out, carnet_err *err)
{
    base64_reader r = { S, 0, 0, 0, out };

    return base64_decode(&r, true, text, begin, err);
}

carnet_rc
carnet_base64_decode(carnet_str text, carnet_buf *out, carnet_err *err)
{
    return carnet_base64_decode_at(text, 0, out, err);
}
