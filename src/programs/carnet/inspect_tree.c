/* SPDX-License-Identifier: Apache-2.0 */
/* The tree that `carnet inspect` shows: its nodes and their texts. */
#include "inspect.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

inspect_node *
inspect_add(inspect *in, inspect_node *up, const char *name)
{
    inspect_node *node = cli_alloc(sizeof *node);

    in->nodes++;
    node->name = name;
    node->up = up;
    node->offset = CARNET_NO_OFFSET;
    if (up != NULL) {
        *(up->last != NULL ? &up->last->next : &up->first) = node;
        up->last = node;
    }
    return node;
}

void
inspect_place(const inspect *in, inspect_node *node, carnet_span encoded, carnet_span own)
{
    bool within = encoded.ptr >= in->base.ptr && encoded.ptr <= in->base.ptr + in->base.len;

    node->offset = within && in->base.ptr != NULL ? (size_t)(encoded.ptr - in->base.ptr) : CARNET_NO_OFFSET;
    node->length = encoded.len;
    node->own = own;
}

const char *
inspect_format(const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0) {
        cli_die_text("memory", "a line could not be made");
    }
    va_end(args);
    return text;
}

/** Octets of a well-formed UTF-8 sequence at the front, and its code point; 0: there is none. */
static size_t
sequence(carnet_str text, uint32_t *point)
{
    uint8_t c = (uint8_t)text.ptr[0];
    size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

    if (len > text.len || !carnet_utf8_valid(carnet_span_of(text.ptr, len))) {
        return 0;
    }
    *point = len == 1 ? c : c & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        *point = *point << 6 | ((uint8_t)text.ptr[i] & 0x3fU);
    }
    return len;
}

/** Acts on a terminal or on how its neighbours are shown: controls, line ends, changes of direction, tags. */
static bool
acts(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff);
}

static void
escaped(carnet_buf *out, uint8_t byte)
{
    carnet_buf_add_text(out, "\\x");
    carnet_buf_add_hex(out, carnet_span_of(&byte, 1));
}

const char *
inspect_safe(carnet_str text, bool quotes)
{
    carnet_buf out = cli_buf(text.len * 4 + 3);
    uint32_t point = 0;

    if (quotes) {
        carnet_buf_add_byte(&out, '"');
    }
    for (size_t i = 0, len; i < text.len; i += len) {
        len = sequence((carnet_str){ text.ptr + i, text.len - i }, &point);
        if (len == 0 || acts(point)) {
            len = len == 0 ? 1 : len;
            for (size_t j = 0; j < len; j++) {
                escaped(&out, (uint8_t)text.ptr[i + j]);
            }
            continue;
        }
        if (quotes && (point == '"' || point == '\\')) {
            carnet_buf_add_byte(&out, '\\');
        }
        carnet_buf_add(&out, carnet_span_of(text.ptr + i, len));
    }
    if (quotes) {
        carnet_buf_add_byte(&out, '"');
    }
    carnet_buf_add_byte(&out, 0);
    return (const char *)out.ptr;
}

void
inspect_note(inspect_node *node, inspect_tone tone, const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0) {
        cli_die_text("memory", "a line could not be made");
    }
    va_end(args);
    node->note = node->note == NULL ? text : inspect_format("%s; %s", node->note, text);
    node->tone = tone == INSPECT_BAD || node->tone == INSPECT_PLAIN ? tone : node->tone;
}

void
inspect_odd(inspect_node *node, const char *format, ...)
{
    inspect_oddity *oddity = cli_alloc(sizeof *oddity);
    char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0) {
        cli_die_text("memory", "a line could not be made");
    }
    va_end(args);
    oddity->text = text;
    *(node->last_odd != NULL ? &node->last_odd->next : &node->odd) = oddity;
    node->last_odd = oddity;
}

static const char *
hex(carnet_span bytes)
{
    carnet_buf out = cli_buf(bytes.len * 2 + 1);

    carnet_buf_add_hex(&out, bytes);
    carnet_buf_add_byte(&out, 0);
    return (const char *)out.ptr;
}

const char *
inspect_hex(carnet_span bytes)
{
    return hex(bytes);
}

/** Up to a key identifier in full; longer ones by their first bytes, and what no digest or coordinate is by its own. */
const char *
inspect_bytes(const inspect *in, carnet_span bytes)
{
    enum { WHOLE = 20, FRONT = 8, UNDIGESTED = 66, DIGEST = 4 };
    uint8_t digest[CARNET_HASH_MAX] = { 0 };

    if (in->full || bytes.len <= WHOLE) {
        return inspect_format("h'%s'", hex(bytes));
    }
    if (bytes.len <= UNDIGESTED || carnet_digest(in->crypto, CARNET_SHA256, &bytes, 1, digest, NULL) != CARNET_OK) {
        return inspect_format("h'%s...' %zu bytes", hex(carnet_span_of(bytes.ptr, FRONT)), bytes.len);
    }
    return inspect_format("h'%s...' %zu bytes, SHA-256 %s...", hex(carnet_span_of(bytes.ptr, FRONT)), bytes.len,
                          hex(carnet_span_of(digest, DIGEST)));
}

const char *
inspect_quoted(const inspect *in, carnet_str text)
{
    enum { WHOLE = 400, FRONT = 200 };
    size_t front = FRONT;

    if (in->full || text.len <= WHOLE) {
        return inspect_safe(text, true);
    }
    while (front > 0 && ((uint8_t)text.ptr[front] & 0xc0) == 0x80) {
        front--; /* not within a character */
    }
    return inspect_format("%s... %zu bytes", inspect_safe((carnet_str){ text.ptr, front }, true), text.len);
}

inspect_node *
inspect_line(inspect *in, inspect_node *up, const char *name, const char *format, ...)
{
    inspect_node *node = inspect_add(in, up, name);
    char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0) {
        cli_die_text("memory", "a line could not be made");
    }
    va_end(args);
    node->value = text;
    return node;
}

inspect_node *
inspect_child(const inspect_node *node, const char *name)
{
    for (inspect_node *child = node->first; child != NULL; child = child->next) {
        if (child->raw.ptr != NULL && carnet_str_is(child->raw, name)) {
            return child;
        }
    }
    return NULL;
}

inspect_node *
inspect_at(inspect_node *node, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count && node != NULL; i++) {
        inspect_node *child = node->first;

        while (child != NULL && strcmp(child->name, names[i]) != 0) {
            child = child->next;
        }
        node = child;
    }
    return node;
}

inspect_node *
inspect_child_at(const inspect_node *node, int64_t key)
{
    for (inspect_node *child = node->first; child != NULL; child = child->next) {
        if (child->raw.ptr == NULL && child->number == key) {
            return child;
        }
    }
    return NULL;
}

void
inspect_fail(inspect *in, carnet_rc rc, const uint8_t *at, const char *reason)
{
    bool within = at >= in->base.ptr && at <= in->base.ptr + in->base.len;

    if (in->err.rc == CARNET_OK) {
        (void)carnet_fail_at(&in->err, rc, NULL, reason, within ? (size_t)(at - in->base.ptr) : CARNET_NO_OFFSET, NULL);
    }
}

const char *
inspect_relative(const inspect *in, carnet_time time)
{
    static const struct {
        int64_t seconds;
        const char *one, *many;
    } units[] = { { INT64_C(365) * CARNET_TIME_DAY, "year", "years" },
                  { CARNET_TIME_DAY, "day", "days" },
                  { 3600, "hour", "hours" },
                  { 60, "minute", "minutes" },
                  { 1, "second", "seconds" } };
    int64_t apart = time > in->now ? time - in->now : in->now - time;

    for (size_t i = 0; i < CARNET_COUNT(units); i++) {
        int64_t n = apart / units[i].seconds;

        if (n >= 2 || (n == 1 && i > 0)) {
            const char *unit = n == 1 ? units[i].one : units[i].many;

            return time > in->now ? inspect_format("in %lld %s", (long long)n, unit)
                                  : inspect_format("%lld %s ago", (long long)n, unit);
        }
    }
    return "now";
}
