/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the sources of this folder share: head decoding and key tracking, both
 * inline because they run for every item of every message.
 */
#ifndef CARNET_CBOR_INTERNAL_H
#define CARNET_CBOR_INTERNAL_H
#include "carnet/cbor.h"

#include <string.h>

enum {
    CBOR_UINT,
    CBOR_NINT,
    CBOR_BSTR,
    CBOR_TSTR,
    CBOR_ARRAY,
    CBOR_MAP,
    CBOR_TAG,
    CBOR_SIMPLE /* simple values, floats, break */
};

#define CBOR_BREAK      0xff
#define CBOR_INDEFINITE 31 /* additional information of a head without length */

/* A decoded head.  For floats `argument` has the bits as received. */
typedef struct carnet_cbor_head {
    const uint8_t *next;
    uint64_t argument;
    uint8_t major, info;
} carnet_cbor_head;

/* Keys of one map, as far as they can be told apart without looking back:
 * ascending keys differ, and so do keys that meet no bit of the filter. */
typedef struct carnet_cbor_keys {
    const uint8_t *last, *last_end;
    uint64_t filter[4];
    bool bytewise, by_length; /* ascending so far, in either order of RFC 8949, 4.2.1 and 4.2.3 */
    bool suspect;             /* some key may equal an earlier one */
} carnet_cbor_keys;

/* Any head, with every check; on failure the reader is refused and false returned. */
bool carnet_cbor_head_slow(carnet_cbor_reader *r, const uint8_t *p, carnet_cbor_head *h);
/* Steps over one item looking at lengths only; NULL if it is not well-formed or leaves [p, end). */
const uint8_t *carnet_cbor_step(const uint8_t *p, const uint8_t *end);
/* The whole check that a map has no key twice, if it is due: for what `keys` could not tell. */
bool carnet_cbor_unique(carnet_cbor_reader *r, const uint8_t *first, uint64_t pairs);
/* Looks over the map whose first entry is at `first`; what is not well-formed is left for the reader to find. */
bool carnet_cbor_unique_ahead(carnet_cbor_reader *r, const uint8_t *first, uint64_t pairs);
extern const uint8_t carnet_cbor_no_key[1];

/* Head of an array or map, checked; the walk is open if true. */
bool carnet_cbor_enter(carnet_cbor_reader *r, carnet_cbor_walk *walk, uint8_t major);
/* Equal values, whatever the encodings; both are well-formed. */
bool carnet_cbor_same(carnet_span a, carnet_span b);
/* A key that allowance made possible: its bytes do not tell whether it equals another. */
bool carnet_cbor_odd_key(const uint8_t *key, const uint8_t *key_end);

/* Floats as bits: `exponent` and `mantissa` are the widths of the narrow format. */
uint64_t carnet_cbor_widen(uint64_t bits, unsigned exponent, unsigned mantissa);
bool carnet_cbor_narrow(uint64_t wide, unsigned exponent, unsigned mantissa, uint64_t *bits);
/* Bits of the double that a float of additional information 25, 26 or 27 means. */
uint64_t carnet_cbor_double_bits(uint64_t argument, uint8_t info);
/* Shortest decimal digits that read back as the same double: returns their number; value = 0.d1d2... * 10^*point. */
size_t carnet_cbor_digits(uint64_t bits, char digits[20], int *point);

/* Shortest form that keeps the value; NaN is 7e00 only. */
bool carnet_cbor_float_preferred(uint64_t argument, uint8_t info);

/* Text on its way to the sink of a print. */
typedef struct carnet_cbor_out {
    carnet_cbor_sink sink;
    size_t len;
    uint8_t bytes[256];
} carnet_cbor_out;

void carnet_cbor_out_flush(carnet_cbor_out *o);
void carnet_cbor_out_text(carnet_cbor_out *o, const char *text);
void carnet_cbor_out_uint(carnet_cbor_out *o, uint64_t value);
/* Strings longer than `longest` are cut, unless that is 0. */
void carnet_cbor_out_bytes(carnet_cbor_out *o, carnet_span bytes, size_t longest);
void carnet_cbor_out_string(carnet_cbor_out *o, carnet_span text, size_t longest);
/* A double by its bits. */
void carnet_cbor_out_float(carnet_cbor_out *o, uint64_t bits);

static inline size_t
carnet_cbor_left(const uint8_t *p, const uint8_t *end)
{
    return (size_t)(end - p);
}

/* Preferred definite heads up to three bytes, which is nearly all there are; false: ask carnet_cbor_head_slow(). */
static inline bool
carnet_cbor_head_fast(const uint8_t *p, const uint8_t *end, carnet_cbor_head *h)
{
    uint8_t first;

    if (p == end)
        return false;
    first = *p;
    h->major = first >> 5;
    h->info = first & 31;
    if (h->info < 24) {
        h->argument = h->info;
        h->next = p + 1;
        return true;
    }
    if (h->major == CBOR_SIMPLE)
        return false;
    if (h->info == 24 && carnet_cbor_left(p, end) > 1) {
        h->argument = p[1];
        h->next = p + 2;
        return h->argument > 23;
    }
    if (h->info == 25 && carnet_cbor_left(p, end) > 2) {
        h->argument = (uint64_t)p[1] << 8 | p[2];
        h->next = p + 3;
        return h->argument > 255;
    }
    return false;
}

/* The head at p.  The slow path has its own storage so that h stays in registers. */
static inline bool
carnet_cbor_head_at(carnet_cbor_reader *r, const uint8_t *p, carnet_cbor_head *h)
{
    carnet_cbor_head slow;

    if (carnet_cbor_head_fast(p, r->end, h))
        return true;
    if (!carnet_cbor_head_slow(r, p, &slow))
        return false;
    *h = slow;
    return true;
}

/* Eight bytes, the first most significant, zeros after `end`. */
static inline uint64_t
carnet_cbor_load(const uint8_t *p, size_t len)
{
    uint64_t word = 0;

    if (len >= 8) {
        memcpy(&word, p, 8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        word = __builtin_bswap64(word);
#endif
        return word;
    }
    for (size_t i = 0; i < len; i++)
        word |= (uint64_t)p[i] << (56 - 8 * i);
    return word;
}

static inline uint32_t
carnet_cbor_key_hash(uint64_t front, const uint8_t *key, size_t len)
{
    uint64_t mix = front + len;

    if (len > 8)
        mix ^= carnet_cbor_load(key + len - 8, 8) * 0x9e3779b97f4a7c15U;
    mix *= 0xd6e8feb86659fd93U;
    return (uint32_t)(mix >> 32);
}

/* Bytewise order of two keys whose first eight bytes are at hand: negative, 0 or positive. */
static inline int
carnet_cbor_key_order(uint64_t front_a, carnet_span a, uint64_t front_b, carnet_span b)
{
    size_t common;
    int order;

    if (front_a != front_b)
        return front_a < front_b ? -1 : 1;
    common = a.len < b.len ? a.len : b.len;
    order = memcmp(a.ptr, b.ptr, common);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static inline void
carnet_cbor_keys_begin(carnet_cbor_keys *keys)
{
    keys->last = keys->last_end = carnet_cbor_no_key; /* empty: less than any key */
    memset(keys->filter, 0, sizeof(keys->filter));
    keys->bytewise = keys->by_length = true;
    keys->suspect = false;
}

/* Note where the next key stands in the order of the keys. */
static inline void
carnet_cbor_keys_order(carnet_cbor_keys *keys, uint64_t front, carnet_span key)
{
    if (keys->bytewise || keys->by_length) {
        carnet_span before = { keys->last, (size_t)(keys->last_end - keys->last) };
        int order = carnet_cbor_key_order(carnet_cbor_load(before.ptr, before.len), before, front, key);

        keys->bytewise = keys->bytewise && order < 0;
        keys->by_length = keys->by_length && (before.len < key.len || (before.len == key.len && order < 0));
        keys->suspect |= order == 0;
    }
    keys->last = key.ptr;
    keys->last_end = key.ptr + key.len;
}

/* Note whether the key may have been met before. */
static inline void
carnet_cbor_keys_filter(carnet_cbor_keys *keys, uint64_t front, carnet_span key)
{
    uint32_t hash = carnet_cbor_key_hash(front, key.ptr, key.len);
    uint64_t bit = (uint64_t)1 << (hash & 63);

    keys->suspect |= (keys->filter[hash >> 6 & 3] & bit) != 0;
    keys->filter[hash >> 6 & 3] |= bit;
}

/* Take note of the next key of a map of `pairs`: of one or two, the order says all. */
static inline void
carnet_cbor_keys_add(carnet_cbor_keys *keys, const carnet_cbor_reader *r, const uint8_t *key, const uint8_t *key_end,
                     uint64_t pairs)
{
    carnet_span now = { key, (size_t)(key_end - key) };
    uint64_t front = carnet_cbor_load(key, now.len);

    if (r->allow != 0 && carnet_cbor_odd_key(key, key_end)) {
        keys->bytewise = keys->by_length = false;
        keys->suspect = true;
    }
    carnet_cbor_keys_order(keys, front, now);
    if (pairs > 2)
        carnet_cbor_keys_filter(keys, front, now);
}

static inline bool
carnet_cbor_keys_sorted(const carnet_cbor_keys *keys)
{
    return keys->bytewise || keys->by_length;
}

/* Text of RFC 3629.  Most of it is ASCII. */
static inline bool
carnet_cbor_text_valid(const uint8_t *p, size_t len)
{
    uint64_t word, high = 0;
    size_t i = 0;

    for (; len - i >= 8; i += 8) {
        memcpy(&word, p + i, 8);
        high |= word;
    }
    if (i > 0 && i < len) {
        memcpy(&word, p + len - 8, 8); /* overlaps */
        high |= word;
        i = len;
    }
    for (; i < len; i++)
        high |= (uint64_t)p[i];
    return (high & 0x8080808080808080U) == 0 || carnet_utf8_valid((carnet_span){ p, len });
}

/* Names are short: two loads that may overlap are less than a call. */
static inline bool
carnet_cbor_bytes_equal(const void *a, const void *b, size_t len)
{
    uint64_t x[2], y[2];
    uint32_t u[2], v[2];

    if (len > 16)
        return memcmp(a, b, len) == 0;
    if (len >= 8) {
        memcpy(&x[0], a, 8);
        memcpy(&y[0], b, 8);
        memcpy(&x[1], (const uint8_t *)a + len - 8, 8);
        memcpy(&y[1], (const uint8_t *)b + len - 8, 8);
        return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
    }
    if (len >= 4) {
        memcpy(&u[0], a, 4);
        memcpy(&v[0], b, 4);
        memcpy(&u[1], (const uint8_t *)a + len - 4, 4);
        memcpy(&v[1], (const uint8_t *)b + len - 4, 4);
        return ((u[0] ^ v[0]) | (u[1] ^ v[1])) == 0;
    }
    return memcmp(a, b, len) == 0;
}

/* The head of an item that must be of this type; false after a failure. */
static inline bool
carnet_cbor_expect(carnet_cbor_reader *r, uint8_t major, const char *reason, carnet_cbor_head *h)
{
    if (r->at != r->end && *r->at >> 5 != major) {
        carnet_cbor_refuse(r, CARNET_E_CBOR_TYPE, NULL, NULL, reason);
        return false;
    }
    return carnet_cbor_head_at(r, r->at, h);
}

/* Refuse a string that has no view; returns the empty span. */
carnet_span carnet_cbor_no_string(carnet_cbor_reader *r, const carnet_cbor_head *h);

/* Content of a string in one piece. */
static inline carnet_span
carnet_cbor_string(carnet_cbor_reader *r, uint8_t major, const char *reason)
{
    carnet_cbor_head h;

    if (!carnet_cbor_expect(r, major, reason, &h))
        return (carnet_span){ 0 };
    if (h.info == CBOR_INDEFINITE || h.argument > carnet_cbor_left(h.next, r->end))
        return carnet_cbor_no_string(r, &h);
    r->at = h.next + h.argument;
    return (carnet_span){ h.next, (size_t)h.argument };
}

/* Ends a walk. */
static inline bool
carnet_cbor_close_walk(carnet_cbor_reader *r, carnet_cbor_walk *walk)
{
    if (walk->open)
        r->depth--;
    walk->open = false;
    return false;
}

/* The step of a walk over either kind of container. */
static inline bool
carnet_cbor_next(carnet_cbor_reader *r, carnet_cbor_walk *walk)
{
    if (r->rc != CARNET_OK || !walk->open)
        return carnet_cbor_close_walk(r, walk);
    if (walk->indefinite) {
        if (r->at != r->end && *r->at == CBOR_BREAK) {
            r->at++;
            return carnet_cbor_close_walk(r, walk);
        }
    } else {
        if (walk->left == 0)
            return carnet_cbor_close_walk(r, walk);
        walk->left--;
    }
    walk->index++;
    return true;
}

#endif
