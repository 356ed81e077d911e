/* SPDX-License-Identifier: Apache-2.0 */
/* One item of any kind, checked to its last level, without recursion. */
#include "internal.h"

#define OPEN_ENDED (UINT64_MAX - 1) /* items of an indefinite length: even, as of every map */

/* A container being stepped through.  In a map keys and values count singly: `left` is even where a key stands. */
typedef struct frame {
    const uint8_t *item, *first; /* with the tags before it; the first entry */
    uint64_t left, total;
    uint8_t major, level; /* level: containers and tags around its entries */
    bool indefinite;
    carnet_cbor_keys keys;
} frame;

typedef struct skipper {
    carnet_cbor_reader *r;
    frame *top;
    frame stack[CARNET_CBOR_DEPTH + 1]; /* the first holds the one item asked for */
} skipper;

static const uint8_t *
refuse(carnet_cbor_reader *r, carnet_rc rc, const uint8_t *p, const char *clause, const char *reason)
{
    carnet_cbor_refuse(r, rc, p, clause, reason);
    return NULL;
}

static inline const uint8_t *
string_end(carnet_cbor_reader *r, const uint8_t *p, const carnet_cbor_head *h)
{
    if (h->argument > carnet_cbor_left(h->next, r->end))
        return refuse(r, CARNET_E_CBOR_TRUNCATED, p, "RFC 8949 3.1", "the string is longer than what is left");
    if (h->major == CBOR_TSTR && !carnet_cbor_text_valid(h->next, (size_t)h->argument))
        return refuse(r, CARNET_E_CBOR_UTF8, p, "RFC 8949 3.1", NULL);
    return h->next + h->argument;
}

/* The chunks of a string of indefinite length, and its break. */
static const uint8_t *
chunks_end(carnet_cbor_reader *r, const uint8_t *p, uint8_t major)
{
    carnet_cbor_head h;

    while (p == r->end || *p != CBOR_BREAK) {
        if (!carnet_cbor_head_at(r, p, &h))
            return NULL;
        if (h.major != major || h.info == CBOR_INDEFINITE)
            return refuse(r, CARNET_E_CBOR_MALFORMED, p, "RFC 8949 3.2.3", "a chunk of another kind");
        p = string_end(r, p, &h);
        if (p == NULL)
            return NULL;
    }
    return p + 1;
}

/* Begin the container whose head is at p; its entries follow at h->next. */
static const uint8_t *
push(skipper *s, const uint8_t *item, const uint8_t *p, unsigned level, const carnet_cbor_head *h)
{
    frame *f;

    if (level >= CARNET_CBOR_DEPTH)
        return refuse(s->r, CARNET_E_CBOR_DEPTH, p, NULL, NULL);
    f = ++s->top;
    f->item = item;
    f->first = h->next;
    f->major = h->major;
    f->level = (uint8_t)(level + 1);
    f->indefinite = h->info == CBOR_INDEFINITE;
    f->total = f->indefinite ? OPEN_ENDED : h->argument << (h->major == CBOR_MAP);
    f->left = f->total;
    if (h->major == CBOR_MAP)
        carnet_cbor_keys_begin(&f->keys);
    return h->next;
}

/* The container on top is at its end. */
static bool
close_map(skipper *s)
{
    const frame *f = s->top;

    if (carnet_cbor_keys_sorted(&f->keys))
        return true;
    s->r->seen |= CARNET_CBOR_UNSORTED;
    return !f->keys.suspect || carnet_cbor_unique(s->r, f->first, (f->total - f->left) / 2);
}

/* The item at [item, p) is complete, and with it perhaps those around it. */
static bool
leave(skipper *s, const uint8_t *item, const uint8_t *p)
{
    for (;;) {
        frame *f = s->top;

        if (f->major == CBOR_MAP && !(f->left & 1))
            carnet_cbor_keys_add(&f->keys, s->r, item, p, f->total / 2);
        if (--f->left != 0 || f == s->stack)
            return true;
        if (f->major == CBOR_MAP && !close_map(s))
            return false;
        item = f->item;
        s->top--;
    }
}

/* The container whose head is at p: into it, or past it if it is empty. */
static const uint8_t *
enter(skipper *s, const uint8_t *item, const uint8_t *p, unsigned level, const carnet_cbor_head *h)
{
    if (h->argument > carnet_cbor_left(h->next, s->r->end) >> (h->major == CBOR_MAP))
        return refuse(s->r, CARNET_E_CBOR_TRUNCATED, p, "RFC 8949 3.2", "more entries are announced than could follow");
    if (h->argument != 0 || h->info == CBOR_INDEFINITE)
        return push(s, item, p, level, h);
    if (level >= CARNET_CBOR_DEPTH)
        return refuse(s->r, CARNET_E_CBOR_DEPTH, p, NULL, NULL);
    return leave(s, item, h->next) ? h->next : NULL;
}

/* A break ends the container on top. */
static const uint8_t *
end_indefinite(skipper *s, const uint8_t *p)
{
    frame *f = s->top;

    if (f->major == CBOR_MAP) {
        if (f->left & 1)
            return refuse(s->r, CARNET_E_CBOR_MALFORMED, p, "RFC 8949 3.2.2", "a break in place of a value");
        if (!close_map(s))
            return NULL;
    }
    s->top--;
    return leave(s, f->item, p + 1) ? p + 1 : NULL;
}

/* Most of a message are embedded items of 24 to 255 bytes, in arrays: one look at four bytes.  NULL: something else. */
static inline const uint8_t *
skip_embedded(skipper *s, const uint8_t *p)
{
    size_t left = carnet_cbor_left(p, s->r->end);

    if (left < 4 || p[0] != 0xd8 || p[1] != 24 || p[2] != 0x58 || p[3] < 24 || left - 4 < p[3])
        return NULL;
    if (s->top->major != CBOR_ARRAY || s->top->left <= 1 || s->top->level >= CARNET_CBOR_DEPTH)
        return NULL;
    s->top->left--;
    return p + 4 + p[3];
}

/* An item with the tags before it; of a container only the beginning.  NULL after a failure. */
static inline const uint8_t *
skip_item(skipper *s, const uint8_t *item)
{
    carnet_cbor_reader *r = s->r;
    const uint8_t *p = skip_embedded(s, item);
    unsigned level = s->top->level;
    carnet_cbor_head h;

    if (p != NULL)
        return p;
    p = item;
    if (!carnet_cbor_head_at(r, p, &h))
        return NULL;
    for (; h.major == CBOR_TAG; level++) {
        if (level >= CARNET_CBOR_DEPTH)
            return refuse(r, CARNET_E_CBOR_DEPTH, p, NULL, NULL);
        p = h.next;
        if (!carnet_cbor_head_at(r, p, &h))
            return NULL;
    }
    if (h.major == CBOR_ARRAY || h.major == CBOR_MAP)
        return enter(s, item, p, level, &h);
    if (h.major == CBOR_BSTR || h.major == CBOR_TSTR)
        p = h.info == CBOR_INDEFINITE ? chunks_end(r, h.next, h.major) : string_end(r, p, &h);
    else
        p = h.next;
    if (s->top->major == CBOR_ARRAY && s->top->left > 1 && p != NULL) {
        s->top->left--; /* nothing else ends with it */
        return p;
    }
    return p != NULL && leave(s, item, p) ? p : NULL;
}

static const uint8_t *
skip(skipper *s)
{
    const uint8_t *p = s->r->at;

    while (s->stack[0].left != 0 && p != NULL) {
        if (s->top->indefinite && p != s->r->end && *p == CBOR_BREAK)
            p = end_indefinite(s, p);
        else
            p = skip_item(s, p);
    }
    return p;
}

/* The step of a path that a map's newest key makes. */
static carnet_path
key_step(const frame *f)
{
    carnet_path step = { .index = (f->total - f->left) / 2 };
    carnet_cbor_head h;

    if (!carnet_cbor_head_fast(f->keys.last, f->keys.last_end, &h))
        return step;
    if (h.major == CBOR_TSTR)
        step.name = (carnet_str){ (const char *)h.next, (size_t)h.argument };
    else if (h.major <= CBOR_NINT)
        step = (carnet_path){ .index = h.argument, .integer_key = true, .negative = h.major == CBOR_NINT };
    return step;
}

/* Render the path anew, down to where the failure is. */
static void
deepen_path(skipper *s)
{
    carnet_path steps[CARNET_CBOR_DEPTH];
    const carnet_path *up = s->r->path;
    size_t count = 0;

    for (const frame *f = s->stack + 1; f <= s->top; f++) {
        if (f->major == CBOR_ARRAY)
            steps[count] = (carnet_path){ .index = f->total - f->left };
        else if (f->major == CBOR_MAP && (f->left & 1))
            steps[count] = key_step(f);
        else
            continue;
        steps[count].up = up;
        up = &steps[count++];
    }
    if (up != NULL)
        carnet_path_text(up, s->r->failed_path, sizeof(s->r->failed_path));
}

/* Items without levels need no stack: most values are such.  False: not one of these, or one that is wrong. */
static inline bool
skip_leaf(carnet_cbor_reader *r)
{
    carnet_cbor_head h;

    if (!carnet_cbor_head_fast(r->at, r->end, &h))
        return false;
    if (h.major == CBOR_BSTR || h.major == CBOR_TSTR) {
        if (h.argument > carnet_cbor_left(h.next, r->end) ||
            (h.major == CBOR_TSTR && !carnet_cbor_text_valid(h.next, (size_t)h.argument)))
            return false;
        h.next += h.argument;
    } else if (h.major >= CBOR_ARRAY && h.major <= CBOR_TAG)
        return false;
    r->at = h.next;
    return true;
}

static bool
skip_checked(carnet_cbor_reader *r)
{
    const uint8_t *end;
    skipper s;

    if (r->rc != CARNET_OK)
        return false;
    s.r = r;
    s.top = s.stack;
    s.stack[0].left = 1;
    s.stack[0].major = CBOR_ARRAY;
    s.stack[0].level = r->depth;
    s.stack[0].indefinite = false;
    end = skip(&s);
    if (end == NULL)
        deepen_path(&s);
    else
        r->at = end;
    return end != NULL;
}

carnet_span
carnet_cbor_any(carnet_cbor_reader *r)
{
    const uint8_t *start = r->at;

    if (!skip_leaf(r) && !skip_checked(r))
        return (carnet_span){ 0 };
    return (carnet_span){ start, (size_t)(r->at - start) };
}
