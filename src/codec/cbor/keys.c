/* SPDX-License-Identifier: Apache-2.0 */
/* No key twice (RFC 8949, 5.6): the check that looks back, and equality of decoded values. */
#include "internal.h"

/* Head without any demand on its form; false if it is not well-formed. */
static bool
plain_head(const uint8_t *p, const uint8_t *end, carnet_cbor_head *h)
{
    size_t wide;

    if (p == end)
        return false;
    if (carnet_cbor_head_fast(p, end, h))
        return true;
    h->major = *p >> 5;
    h->info = *p & 31;
    if (h->info == 28 || h->info == 29 || h->info == 30)
        return false;
    wide = h->info < 24 || h->info == CBOR_INDEFINITE ? 0 : (size_t)1 << (h->info - 24);
    if (carnet_cbor_left(p, end) <= wide)
        return false;
    h->argument = 0;
    for (size_t i = 1; i <= wide; i++)
        h->argument = h->argument << 8 | p[i];
    h->next = p + 1 + wide;
    return true;
}

/* Items that follow because of this head: entries; none for strings, whose end replaces h->next. */
static bool
follow(carnet_cbor_head *h, const uint8_t *end, uint64_t *items)
{
    size_t left = carnet_cbor_left(h->next, end);

    *items = 0;
    switch (h->major) {
    case CBOR_BSTR:
    case CBOR_TSTR:
        if (h->argument > left)
            return false;
        h->next += h->argument;
        return true;
    case CBOR_MAP:
        *items = h->argument * 2;
        return h->argument <= left / 2;
    case CBOR_ARRAY:
        *items = h->argument;
        return h->argument <= left;
    case CBOR_TAG:
        *items = 1;
        return true;
    default:
        return true;
    }
}

/* After the chunks of a string, which begin at p; NULL if they are not chunks of this type. */
static const uint8_t *
step_chunks(const uint8_t *p, const uint8_t *end, uint8_t major)
{
    carnet_cbor_head h;
    uint64_t items;

    while (p != end && *p != CBOR_BREAK) {
        if (!plain_head(p, end, &h) || h.major != major || h.info == CBOR_INDEFINITE || !follow(&h, end, &items))
            return NULL;
        p = h.next;
    }
    return p == end ? NULL : p + 1;
}

const uint8_t *
carnet_cbor_step(const uint8_t *p, const uint8_t *end)
{
    uint64_t left = 1, items, outer[CARNET_CBOR_DEPTH]; /* outer: what is left around each open-ended item */
    size_t depth = 0;
    carnet_cbor_head h;

    while (left > 0 || depth > 0) {
        if (left == 0 && p != end && *p == CBOR_BREAK) {
            p++;
            left = outer[--depth];
            continue;
        }
        if (!plain_head(p, end, &h) || *p == CBOR_BREAK)
            return NULL;
        if (left > 0)
            left--;
        if (h.info != CBOR_INDEFINITE) {
            if (!follow(&h, end, &items))
                return NULL;
            left += items;
            p = h.next;
        } else if (h.major == CBOR_BSTR || h.major == CBOR_TSTR) {
            p = step_chunks(h.next, end, h.major);
            if (p == NULL)
                return NULL;
        } else {
            if (depth == CARNET_CBOR_DEPTH || (h.major != CBOR_ARRAY && h.major != CBOR_MAP))
                return NULL;
            outer[depth++] = left;
            left = 0;
            p = h.next;
        }
    }
    return p;
}

uint64_t
carnet_cbor_count(carnet_span container)
{
    const uint8_t *p, *end;
    carnet_cbor_head h;
    uint64_t count;

    if (container.len == 0)
        return 0;
    end = container.ptr + container.len;
    if (!plain_head(container.ptr, end, &h) || (h.major != CBOR_ARRAY && h.major != CBOR_MAP))
        return 0;
    if (h.info != CBOR_INDEFINITE)
        return h.argument <= carnet_cbor_left(h.next, end) >> (h.major == CBOR_MAP) ? h.argument : 0;
    for (count = 0, p = h.next; p != NULL && p != end && *p != CBOR_BREAK; count++)
        p = carnet_cbor_step(p, end);
    return h.major == CBOR_MAP ? count / 2 : count;
}

/* --- equality --- */

/* A string in pieces: the piece at hand, and where the next head is. */
typedef struct pieces {
    const uint8_t *p, *end, *next;
    size_t left;
    bool chunked;
} pieces;

static void
pieces_begin(pieces *s, const carnet_cbor_head *h, const uint8_t *end)
{
    s->chunked = h->info == CBOR_INDEFINITE;
    s->p = h->next;
    s->end = end;
    s->left = s->chunked ? 0 : (size_t)h->argument;
    s->next = h->next + s->left;
}

/* The next byte of the string, or -1 at its end; then `next` is what follows the string. */
static int
pieces_byte(pieces *s)
{
    carnet_cbor_head h;

    while (s->left == 0) {
        if (!s->chunked || s->next == s->end || !plain_head(s->next, s->end, &h))
            return -1;
        if (h.info == CBOR_INDEFINITE) { /* its break */
            s->next++;
            s->chunked = false;
            return -1;
        }
        s->p = h.next;
        s->left = (size_t)h.argument;
        s->next = h.next + s->left;
    }
    s->left--;
    return *s->p++;
}

static bool
same_string(carnet_cbor_head *a, const uint8_t *a_end, carnet_cbor_head *b, const uint8_t *b_end)
{
    pieces x, y;
    int c;

    pieces_begin(&x, a, a_end);
    pieces_begin(&y, b, b_end);
    do {
        c = pieces_byte(&x);
        if (c != pieces_byte(&y))
            return false;
    } while (c >= 0);
    a->next = x.next;
    b->next = y.next;
    return true;
}

static uint64_t
entries(const uint8_t *p, const uint8_t *end)
{
    return carnet_cbor_count((carnet_span){ p, (size_t)(end - p) });
}

/* Heads at a and b mean the same; strings are compared whole. */
static bool
same_head(const uint8_t *a, const uint8_t *a_end, carnet_cbor_head *x, const uint8_t *b, const uint8_t *b_end,
          carnet_cbor_head *y)
{
    if (!plain_head(a, a_end, x) || !plain_head(b, b_end, y) || x->major != y->major)
        return false;
    switch (x->major) {
    case CBOR_BSTR:
    case CBOR_TSTR:
        return same_string(x, a_end, y, b_end);
    case CBOR_ARRAY:
    case CBOR_MAP:
        return entries(a, a_end) == entries(b, b_end);
    case CBOR_SIMPLE:
        if (x->info < 25 || y->info < 25)
            return x->argument == y->argument && x->info == y->info;
        return carnet_cbor_double_bits(x->argument, x->info) == carnet_cbor_double_bits(y->argument, y->info);
    default:
        return x->argument == y->argument;
    }
}

bool
carnet_cbor_same(carnet_span a, carnet_span b)
{
    const uint8_t *p = a.ptr, *q = b.ptr, *p_end = p + a.len, *q_end = q + b.len;
    carnet_cbor_head x, y;

    if (carnet_span_equal(a, b))
        return true;
    for (;;) {
        /* Breaks carry nothing more: the entries were counted when the container began. */
        while (p != p_end && *p == CBOR_BREAK)
            p++;
        while (q != q_end && *q == CBOR_BREAK)
            q++;
        if (p == p_end || q == q_end)
            return p == p_end && q == q_end;
        if (!same_head(p, p_end, &x, q, q_end, &y))
            return false;
        p = x.next;
        q = y.next;
    }
}

bool
carnet_cbor_odd_key(const uint8_t *key, const uint8_t *key_end)
{
    carnet_cbor_reader strict = carnet_cbor_open((carnet_span){ key, (size_t)(key_end - key) });

    if (*key >> 5 < CBOR_ARRAY) {
        carnet_cbor_head h;
        return !carnet_cbor_head_at(&strict, key, &h);
    }
    (void)carnet_cbor_any(&strict);
    return strict.rc != CARNET_OK;
}

/* --- looking back --- */

static uint64_t
mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value ^ hash >> 29) * 0xd6e8feb86659fd93U;
}

/* The same for equal values, whatever the encodings; the bytes are well-formed. */
static uint16_t
value_hash(carnet_span value)
{
    const uint8_t *p = value.ptr, *end = p + value.len;
    uint64_t hash = 0;
    carnet_cbor_head h;
    pieces s;

    while (p != end && (*p == CBOR_BREAK || plain_head(p, end, &h))) {
        if (*p == CBOR_BREAK) {
            p++;
            continue;
        }
        hash = mix(hash, h.major);
        if (h.major == CBOR_BSTR || h.major == CBOR_TSTR) {
            pieces_begin(&s, &h, end);
            for (int c; (c = pieces_byte(&s)) >= 0;)
                hash = mix(hash, (uint64_t)c);
            h.next = s.next;
        } else if (h.major == CBOR_ARRAY || h.major == CBOR_MAP)
            hash = mix(hash, entries(p, end));
        else if (h.major == CBOR_SIMPLE && h.info > 24)
            hash = mix(hash, carnet_cbor_double_bits(h.argument, h.info));
        else
            hash = mix(hash, h.argument);
        p = h.next;
    }
    return (uint16_t)(hash >> 48);
}

/* Earlier keys: where, and a part of their hash. */
typedef struct memory {
    const uint8_t *first;
    uint32_t offset[CARNET_CBOR_UNSORTED_MAX];
    uint16_t hash[CARNET_CBOR_UNSORTED_MAX];
    size_t count;
} memory;

/* False if the key was met before; else it is remembered. */
static bool
remember(memory *m, carnet_span key)
{
    uint16_t hash = value_hash(key);

    for (size_t i = 0; i < m->count; i++) {
        const uint8_t *p = m->first + m->offset[i];

        if (m->hash[i] == hash && carnet_cbor_same((carnet_span){ p, (size_t)(carnet_cbor_step(p, key.ptr) - p) }, key))
            return false;
    }
    m->offset[m->count] = (uint32_t)(key.ptr - m->first);
    m->hash[m->count++] = hash;
    return true;
}

bool
carnet_cbor_unique(carnet_cbor_reader *r, const uint8_t *first, uint64_t pairs)
{
    const uint8_t *p = first, *key;
    memory m;

    m.first = first;
    m.count = 0;
    if (pairs > CARNET_CBOR_UNSORTED_MAX) {
        carnet_cbor_refuse(r, CARNET_E_CBOR_LIMIT, first, NULL, "a map this large needs keys in ascending order");
        return false;
    }
    for (; pairs > 0; pairs--) {
        key = p;
        p = carnet_cbor_step(key, r->end);
        if (p == NULL)
            return true; /* what is not well-formed, the reader finds */
        if (key - first > UINT32_MAX) {
            carnet_cbor_refuse(r, CARNET_E_CBOR_LIMIT, key, NULL, "a map this large needs keys in ascending order");
            return false;
        }
        if (!remember(&m, (carnet_span){ key, (size_t)(p - key) })) {
            carnet_cbor_refuse(r, CARNET_E_CBOR_KEY_TWICE, key, "RFC 8949 5.6", NULL);
            return false;
        }
        if (pairs > 1)
            p = carnet_cbor_step(p, r->end);
        if (p == NULL)
            return true;
    }
    return true;
}

bool
carnet_cbor_unique_ahead(carnet_cbor_reader *r, const uint8_t *first, uint64_t pairs)
{
    const uint8_t *p = first, *key;
    carnet_cbor_keys keys;
    uint64_t count = 0;

    carnet_cbor_keys_begin(&keys);
    for (; count < pairs && p != r->end && *p != CBOR_BREAK; count++) {
        key = p;
        p = carnet_cbor_step(key, r->end);
        if (p == NULL)
            return true;
        carnet_cbor_keys_add(&keys, r, key, p, pairs);
        if (count + 1 != pairs)
            p = carnet_cbor_step(p, r->end);
        if (p == NULL)
            return true;
    }
    if (carnet_cbor_keys_sorted(&keys))
        return true;
    r->seen |= CARNET_CBOR_UNSORTED;
    return !keys.suspect || carnet_cbor_unique(r, first, count);
}
