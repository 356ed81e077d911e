/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON text into Jansson's values.  The structure is read here, and texts
 * without escapes, which may be long (a portrait in base64), are taken whole;
 * numbers and texts with escapes are left to Jansson.  What is not taken here
 * is Jansson's to judge: it says what is wrong, and where.
 */
#include "internal.h"

#include <string.h>

typedef struct reader {
    const char *at, *end;
    unsigned depth;
} reader;

static json_t *read_value(reader *r);

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

/* A text; the reader stands behind its first quotation mark. */
static json_t *
read_text(reader *r)
{
    bool plain;
    const char *begin = r->at, *end = text_end(r->at, r->end, &plain);

    if (end == NULL)
        return NULL;
    r->at = end + 1;
    if (!plain)
        return delegate(begin - 1, end + 1);
    return carnet_utf8_valid(carnet_span_of(begin, (size_t)(end - begin)))
               ? json_stringn_nocheck(begin, (size_t)(end - begin))
               : NULL;
}

static json_t *
read_word(reader *r)
{
    static const struct {
        const char *text;
        size_t len;
    } words[] = { { "true", 4 }, { "false", 5 }, { "null", 4 } };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if ((size_t)(r->end - r->at) >= words[i].len && memcmp(r->at, words[i].text, words[i].len) == 0) {
            r->at += words[i].len;
            return i == 0 ? json_true() : i == 1 ? json_false() : json_null();
        }
    }
    return NULL;
}

static json_t *
read_number(reader *r)
{
    const char *begin = r->at;

    while (r->at < r->end && (*r->at == '-' || *r->at == '+' || *r->at == '.' || *r->at == 'e' || *r->at == 'E' ||
                              (*r->at >= '0' && *r->at <= '9')))
        r->at++;
    return r->at == begin ? NULL : delegate(begin, r->at);
}

static json_t *
fail(json_t *unfinished)
{
    json_decref(unfinished);
    return NULL;
}

static json_t *
read_array(reader *r)
{
    json_t *array = json_array();

    if (array == NULL || take(r, ']'))
        return array;
    do {
        if (json_array_append_new(array, read_value(r)) != 0)
            return fail(array);
    } while (take(r, ','));
    return take(r, ']') ? array : fail(array);
}

/* A name that is there already is Jansson's to report. */
static bool
read_member(reader *r, json_t *object)
{
    json_t *name = take(r, '"') ? read_text(r) : NULL;
    bool good =
        name != NULL && take(r, ':') &&
        json_object_getn(object, json_string_value(name), json_string_length(name)) == NULL &&
        json_object_setn_new_nocheck(object, json_string_value(name), json_string_length(name), read_value(r)) == 0;

    json_decref(name);
    return good;
}

static json_t *
read_object(reader *r)
{
    json_t *object = json_object();

    if (object == NULL || take(r, '}'))
        return object;
    do {
        if (!read_member(r, object))
            return fail(object);
    } while (take(r, ','));
    return take(r, '}') ? object : fail(object);
}

static json_t *
read_value(reader *r)
{
    json_t *value = NULL;

    skip_space(r);
    if (r->at == r->end || r->depth == CARNET_JSON_DEPTH + 1)
        return NULL;
    r->depth++;
    switch (*r->at) {
    case '{':
        r->at++;
        value = r->depth <= CARNET_JSON_DEPTH ? read_object(r) : NULL;
        break;
    case '[':
        r->at++;
        value = r->depth <= CARNET_JSON_DEPTH ? read_array(r) : NULL;
        break;
    case '"':
        r->at++;
        value = read_text(r);
        break;
    case 't':
    case 'f':
    case 'n':
        value = read_word(r);
        break;
    default:
        value = read_number(r);
    }
    r->depth--;
    return value;
}

json_t *
carnet_json_read(carnet_str text)
{
    reader r = { text.ptr, text.ptr + text.len, 0 };
    json_t *value = read_value(&r);

    skip_space(&r);
    return value != NULL && r.at != r.end ? fail(value) : value;
}
