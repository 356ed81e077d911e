/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON text into values.  A document is one piece of memory for all its texts
 * and its first values, and others for more of them, if there are: the children
 * of an array or object stand side by side.  Numbers with fractions and texts
 * with escapes are left to Jansson; what is not taken here is Jansson's to
 * judge: it says what is wrong, and where.
 */
#include "internal.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_MOST = 64, WAITING = 48 };

/* Memory for values. */
typedef struct block {
    struct block *next;
    size_t used, cap;
    carnet_json *values;
} block;

/* What is behind a root, which is handed out.  The first values follow, then the texts. */
typedef struct document {
    carnet_json root;
    char *texts;
    size_t texts_len;
    block *more;
    block first;
} document;

typedef struct reader {
    const char *at, *end;
    unsigned depth;
    document *document;
    carnet_json *waiting; /* children of what is not at its end yet */
    size_t waiting_count, waiting_cap;
    const carnet_json *few; /* where they are first */
} reader;

static bool read_value(reader *r, carnet_json *value);

/* --- memory --- */

static document *
document_new(size_t len)
{
    size_t first = len / 8 < FIRST_MOST ? len / 8 + 1 : FIRST_MOST;
    document *d = malloc(sizeof(*d) + first * sizeof(carnet_json) + len + 1);

    if (d == NULL)
        return NULL;
    *d = (document){ .first = { .cap = first, .values = (carnet_json *)(d + 1) } };
    d->texts = (char *)(d->first.values + first);
    return d;
}

static void
wipe_values(block *b)
{
    carnet_wipe(b->values, b->used * sizeof(b->values[0]));
}

void
carnet_json_drop(carnet_json *root)
{
    document *d = (document *)(void *)root;

    while (d->more != NULL) {
        block *next = d->more->next;

        wipe_values(d->more);
        free(d->more);
        d->more = next;
    }
    wipe_values(&d->first);
    carnet_wipe(d->texts, d->texts_len);
    free(d);
}

/* So many values side by side. */
static carnet_json *
take_values(document *d, size_t count)
{
    block *b = d->more != NULL ? d->more : &d->first;

    if (count > b->cap - b->used) {
        size_t cap = count > 2 * b->cap ? count : 2 * b->cap;

        b = malloc(sizeof(*b) + cap * sizeof(b->values[0]));
        if (b == NULL)
            return NULL;
        *b = (block){ .next = d->more, .cap = cap, .values = (carnet_json *)(b + 1) };
        d->more = b;
    }
    b->used += count;
    return b->values + b->used - count;
}

/* A text never is longer than what stands for it with its quotation marks, so there is room for its end too. */
static carnet_str
keep_text(document *d, const char *octets, size_t len)
{
    char *to = d->texts + d->texts_len;

    memcpy(to, octets, len);
    to[len] = '\0';
    d->texts_len += len + 1;
    return (carnet_str){ to, len };
}

/* --- children --- */

static void
let_go(reader *r)
{
    carnet_wipe(r->waiting, r->waiting_cap * sizeof(*r->waiting));
    if (r->waiting != r->few)
        free(r->waiting);
}

static bool
wait_for_end(reader *r, const carnet_json *child)
{
    if (r->waiting_count == r->waiting_cap) {
        const size_t size = r->waiting_cap * sizeof(*r->waiting);
        carnet_json *more = malloc(2 * size);

        if (more == NULL)
            return false;
        memcpy(more, r->waiting, size);
        let_go(r);
        r->waiting = more;
        r->waiting_cap *= 2;
    }
    r->waiting[r->waiting_count++] = *child;
    return true;
}

/* The children that wait since then become those of the value; with so many values behind them. */
static bool
adopt(reader *r, size_t since, size_t behind, carnet_json *value)
{
    size_t count = r->waiting_count - since;

    value->is.children = take_values(r->document, count + behind);
    if (value->is.children == NULL)
        return false;
    memcpy(value->is.children, r->waiting + since, count * sizeof(*r->waiting));
    value->count = (uint32_t)count;
    r->waiting_count = since;
    return true;
}

int
carnet_json_compare(carnet_str a, carnet_str b)
{
    return a.len != b.len ? (a.len < b.len ? -1 : 1) : memcmp(a.ptr, b.ptr, a.len);
}

static int
by_name(const void *a, const void *b)
{
    const carnet_json *const *first = a, *const *second = b;

    return carnet_json_compare((*first)->name, (*second)->name);
}

/* Make the index; false: two members have one name. */
static bool
order(const carnet_json *object)
{
    const carnet_json **index = carnet_json_index(object);

    for (size_t i = 0; i < object->count; i++)
        index[i] = &object->is.children[i];
    qsort(index, object->count, sizeof(const carnet_json *), by_name);
    for (size_t i = 1; i < object->count; i++)
        if (carnet_json_compare(index[i - 1]->name, index[i]->name) == 0)
            return false;
    return true;
}

static bool
adopt_members(reader *r, size_t since, carnet_json *value)
{
    const size_t count = r->waiting_count - since;
    const carnet_json *members = r->waiting + since;

    if (count > CARNET_JSON_FEW)
        return adopt(r, since, (count * sizeof(carnet_json *) + sizeof(*value) - 1) / sizeof(*value), value) &&
               order(value);
    for (size_t i = 1; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (carnet_json_compare(members[i].name, members[k].name) == 0)
                return false;
    return adopt(r, since, 0, value);
}

/* --- tokens --- */

static void
skip_space(reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
        r->at++;
}

static bool
take(reader *r, char c)
{
    skip_space(r);
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

/* A token for Jansson. */
static json_t *
delegate(const char *begin, const char *end)
{
    return json_loadb(begin, (size_t)(end - begin), JSON_DECODE_ANY, NULL);
}

/* How many octets begin a text, eight at a time, that are neither quotation marks nor backslashes nor control characters.
 * With the high bit out, x + 0x7f has its own set unless x is 0, and x + 0x60 unless x is below 0x20. */
static size_t
plain_octets(const char *at, size_t len)
{
    const uint64_t each = UINT64_C(0x0101010101010101), low = each * 0x7f;
    size_t i = 0;

    for (; len - i >= 8; i += 8) {
        uint64_t eight, bits;

        memcpy(&eight, at + i, sizeof(eight));
        bits = eight & low;
        if (((((bits ^ each * '"') + low) & ((bits ^ each * '\\') + low) & (bits + each * 0x60)) | eight | low) !=
            UINT64_MAX)
            break;
    }
    return i;
}

/* The end of the text that begins behind a quotation mark; NULL without one.  *plain: no escapes, no control characters. */
static const char *
text_end(const char *at, const char *end, bool *plain)
{
    *plain = true;
    at += plain_octets(at, (size_t)(end - at));
    for (; at < end && *at != '"'; at++) {
        if (*at == '\\') {
            *plain = false;
            at++;
        } else if ((unsigned char)*at < 0x20) {
            *plain = false;
        }
    }
    return at < end ? at : NULL;
}

/* What Jansson makes of a text with escapes. */
static bool
read_escaped(reader *r, const char *begin, const char *end, carnet_str *text)
{
    json_t *token = delegate(begin, end);
    bool good = json_is_string(token);

    if (good)
        *text = keep_text(r->document, json_string_value(token), json_string_length(token));
    json_decref(token);
    return good;
}

/* A text; the reader stands behind its first quotation mark. */
static bool
read_text(reader *r, carnet_str *text)
{
    bool plain;
    const char *begin = r->at, *end = text_end(r->at, r->end, &plain);

    if (end == NULL)
        return false;
    r->at = end + 1;
    if (!plain)
        return read_escaped(r, begin - 1, end + 1, text);
    if (!carnet_utf8_valid(carnet_span_of(begin, (size_t)(end - begin))))
        return false;
    *text = keep_text(r->document, begin, (size_t)(end - begin));
    return true;
}

static bool
read_string(reader *r, carnet_json *value)
{
    carnet_str text;

    if (!read_text(r, &text))
        return false;
    value->type = CARNET_JSON_STRING;
    value->is.text = text.ptr;
    value->count = (uint32_t)text.len;
    return true;
}

static bool
read_word(reader *r, carnet_json *value)
{
    static const struct {
        const char *text;
        size_t len;
        carnet_json_type type;
        bool yes;
    } words[] = { { "true", 4, CARNET_JSON_BOOL, true },
                  { "false", 5, CARNET_JSON_BOOL, false },
                  { "null", 4, CARNET_JSON_NULL, false } };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if ((size_t)(r->end - r->at) >= words[i].len && memcmp(r->at, words[i].text, words[i].len) == 0) {
            r->at += words[i].len;
            value->type = words[i].type;
            value->is.yes = words[i].yes;
            return true;
        }
    }
    return false;
}

/* Digits, few enough for every number of so many; without a zero before others. */
static bool
read_integer(const char *begin, const char *end, carnet_json *value)
{
    enum { DIGITS = 18 };
    const bool minus = begin < end && *begin == '-';
    const char *at = begin + minus;
    int64_t number = 0;

    if (at == end || end - at > DIGITS || (*at == '0' && end - at > 1))
        return false;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9')
            return false;
        number = 10 * number + (*at - '0');
    }
    value->type = CARNET_JSON_INTEGER;
    value->is.integer = minus ? -number : number;
    return true;
}

static bool
read_number(reader *r, carnet_json *value)
{
    const char *begin = r->at;
    json_t *token;

    while (r->at < r->end && (*r->at == '-' || *r->at == '+' || *r->at == '.' || *r->at == 'e' || *r->at == 'E' ||
                              (*r->at >= '0' && *r->at <= '9')))
        r->at++;
    if (r->at == begin)
        return false;
    if (read_integer(begin, r->at, value))
        return true;
    token = delegate(begin, r->at);
    if (json_is_integer(token)) {
        value->type = CARNET_JSON_INTEGER;
        value->is.integer = (int64_t)json_integer_value(token);
    } else {
        value->type = CARNET_JSON_REAL;
        value->is.real = json_real_value(token);
    }
    json_decref(token);
    return token != NULL;
}

/* --- structure --- */

static bool
read_array(reader *r, carnet_json *value)
{
    const size_t since = r->waiting_count;

    value->type = CARNET_JSON_ARRAY;
    if (take(r, ']'))
        return true;
    do {
        carnet_json child = { 0 };

        if (!read_value(r, &child) || !wait_for_end(r, &child))
            return false;
    } while (take(r, ','));
    return take(r, ']') && adopt(r, since, 0, value);
}

/* A name that is there already is Jansson's to report. */
static bool
read_object(reader *r, carnet_json *value)
{
    const size_t since = r->waiting_count;

    value->type = CARNET_JSON_OBJECT;
    if (take(r, '}'))
        return true;
    do {
        carnet_json child = { 0 };

        if (!take(r, '"') || !read_text(r, &child.name) || !take(r, ':') || !read_value(r, &child) ||
            !wait_for_end(r, &child))
            return false;
    } while (take(r, ','));
    return take(r, '}') && adopt_members(r, since, value);
}

static bool
read_value(reader *r, carnet_json *value)
{
    bool good;

    skip_space(r);
    if (r->at == r->end || r->depth == CARNET_JSON_DEPTH + 1)
        return false;
    r->depth++;
    switch (*r->at) {
    case '{':
        r->at++;
        good = r->depth <= CARNET_JSON_DEPTH && read_object(r, value);
        break;
    case '[':
        r->at++;
        good = r->depth <= CARNET_JSON_DEPTH && read_array(r, value);
        break;
    case '"':
        r->at++;
        good = read_string(r, value);
        break;
    case 't':
    case 'f':
    case 'n':
        good = read_word(r, value);
        break;
    default:
        good = read_number(r, value);
    }
    r->depth--;
    return good;
}

carnet_json *
carnet_json_read(carnet_str text)
{
    carnet_json few[WAITING];
    reader r = { .at = text.ptr,
                 .end = text.ptr + text.len,
                 .document = document_new(text.len),
                 .waiting = few,
                 .waiting_cap = WAITING,
                 .few = few };
    bool good;

    if (r.document == NULL)
        return NULL;
    good = read_value(&r, &r.document->root);
    skip_space(&r);
    let_go(&r);
    if (good && r.at == r.end)
        return &r.document->root;
    carnet_json_drop(&r.document->root);
    return NULL;
}
