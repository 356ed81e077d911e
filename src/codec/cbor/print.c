/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostic notation (RFC 8949, 8; embedded CBOR as in RFC 8610, G.3).  Works
 * on bytes already checked, with a stack of its own: every level is one that
 * the check has let pass, or the embedded item within a tag.
 */
#include "internal.h"

#define LEVELS (2 * CARNET_CBOR_DEPTH + 1)
enum { EMBEDDED = 8 }; /* beside the major types: << >> */

typedef struct level {
    uint64_t left;
    uint8_t major;
    bool indefinite, first;
    bool holds_cbor; /* tag 24 */
} level;

typedef struct printer {
    carnet_cbor_out out;
    const carnet_cbor_print_options *options;
    carnet_cbor_reader r;
    level stack[LEVELS];
    size_t depth, lines; /* lines: levels that have lines of their own */
} printer;

static void
new_line(printer *p)
{
    carnet_cbor_out_text(&p->out, "\n");
    for (size_t i = 0; i < p->lines; i++)
        carnet_cbor_out_text(&p->out, "  ");
}

/* A head that is longer than needed is marked with its width (RFC 8949, 8.1). */
static void
mark_width(printer *p, const carnet_cbor_head *h)
{
    bool longer;

    if (h->info < 24 || h->info > 27 || (h->major == CBOR_SIMPLE && h->info == 24))
        return;
    if (h->major == CBOR_SIMPLE)
        longer = !carnet_cbor_float_preferred(h->argument, h->info);
    else
        longer = carnet_cbor_head_size(h->argument) != (size_t)1 + ((size_t)1 << (h->info - 24));
    if (longer) {
        char mark[3] = { '_', (char)('0' + h->info - 24), 0 };
        carnet_cbor_out_text(&p->out, mark);
    }
}

static level *
push(printer *p, uint8_t major, uint64_t left, bool indefinite)
{
    level *l = &p->stack[p->depth++];

    *l = (level){ .left = left, .major = major, .indefinite = indefinite, .first = true };
    if (major == CBOR_ARRAY || major == CBOR_MAP)
        p->lines++;
    return l;
}

static void
pop(printer *p)
{
    static const char *const closing[] = {
        [CBOR_BSTR] = ")", [CBOR_TSTR] = ")", [CBOR_ARRAY] = "]", [CBOR_MAP] = "}", [CBOR_TAG] = ")", [EMBEDDED] = ">>"
    };
    const level *l = &p->stack[--p->depth];

    if (l->major == CBOR_ARRAY || l->major == CBOR_MAP) {
        p->lines--;
        if (p->options->indent && !l->first)
            new_line(p);
    }
    carnet_cbor_out_text(&p->out, closing[l->major]);
}

/* What stands before the next entry of the level on top: comma, colon, line end. */
static void
separate(printer *p)
{
    level *l = &p->stack[p->depth - 1];
    bool entries = l->major == CBOR_ARRAY || l->major == CBOR_MAP;

    if (l->major == CBOR_MAP && (l->left & 1)) {
        carnet_cbor_out_text(&p->out, ": ");
        return;
    }
    if (!l->first)
        carnet_cbor_out_text(&p->out, entries && p->options->indent ? "," : ", ");
    if (entries && p->options->indent)
        new_line(p);
    l->first = false;
}

/* The content of tag 24, if it is asked for and is CBOR that fits into the levels left. */
static bool
print_embedded(printer *p, carnet_span content)
{
    carnet_cbor_reader inner;
    size_t levels = 0;

    if (!p->options->embedded || p->depth == 0 || p->depth + 1 >= LEVELS || !p->stack[p->depth - 1].holds_cbor)
        return false;
    for (size_t i = 0; i < p->depth; i++)
        levels += p->stack[i].major != EMBEDDED;
    inner = carnet_cbor_open_within(&p->r, content, NULL);
    inner.depth = (uint8_t)levels;
    (void)carnet_cbor_any(&inner);
    if (carnet_cbor_end(&inner, NULL) != CARNET_OK)
        return false;
    carnet_cbor_out_text(&p->out, "<<");
    push(p, EMBEDDED, 1, false);
    return true;
}

/* Keys are names and are not cut. */
static size_t
longest(const printer *p)
{
    const level *l = p->depth == 0 ? NULL : &p->stack[p->depth - 1];

    return l != NULL && l->major == CBOR_MAP && (l->left & 1) ? 0 : p->options->longest;
}

static void
print_string(printer *p, const carnet_cbor_head *h)
{
    carnet_span content = { h->next, (size_t)h->argument };

    if (h->info == CBOR_INDEFINITE) {
        carnet_cbor_out_text(&p->out, "(_ ");
        push(p, h->major, 0, true);
    } else if (h->major == CBOR_TSTR)
        carnet_cbor_out_string(&p->out, content, longest(p));
    else if (print_embedded(p, content))
        return;
    else
        carnet_cbor_out_bytes(&p->out, content, longest(p));
    mark_width(p, h);
    p->r.at = h->next + h->argument;
}

static void
print_container(printer *p, const carnet_cbor_head *h)
{
    bool map = h->major == CBOR_MAP, indefinite = h->info == CBOR_INDEFINITE;

    carnet_cbor_out_text(&p->out, map ? "{" : "[");
    if (indefinite)
        carnet_cbor_out_text(&p->out, p->options->indent ? "_" : "_ ");
    mark_width(p, h);
    if (!indefinite && !p->options->indent && carnet_cbor_head_size(h->argument) != (size_t)(h->next - p->r.at))
        carnet_cbor_out_text(&p->out, " ");
    push(p, h->major, indefinite ? UINT64_MAX - 1 : h->argument << map, indefinite);
}

static void
print_tag(printer *p, const carnet_cbor_head *h)
{
    carnet_cbor_out_uint(&p->out, h->argument);
    mark_width(p, h);
    carnet_cbor_out_text(&p->out, "(");
    push(p, CBOR_TAG, 1, false)->holds_cbor = h->argument == 24;
}

static void
print_simple(printer *p, const carnet_cbor_head *h)
{
    static const char *const names[] = { "false", "true", "null", "undefined" };

    if (h->info > 24) {
        carnet_cbor_out_float(&p->out, carnet_cbor_double_bits(h->argument, h->info));
        mark_width(p, h);
    } else if (h->argument >= 20 && h->argument <= 23) {
        carnet_cbor_out_text(&p->out, names[h->argument - 20]);
    } else {
        carnet_cbor_out_text(&p->out, "simple(");
        carnet_cbor_out_uint(&p->out, h->argument);
        carnet_cbor_out_text(&p->out, ")");
    }
}

static void
print_negative(printer *p, uint64_t argument)
{
    carnet_cbor_out_text(&p->out, "-");
    if (argument == UINT64_MAX)
        carnet_cbor_out_text(&p->out, "18446744073709551616");
    else
        carnet_cbor_out_uint(&p->out, argument + 1);
}

/* Print one item, or for a container its beginning. */
static void
print_item(printer *p)
{
    carnet_cbor_head h;

    if (!carnet_cbor_head_at(&p->r, p->r.at, &h))
        return;
    switch (h.major) {
    case CBOR_UINT:
        carnet_cbor_out_uint(&p->out, h.argument);
        mark_width(p, &h);
        break;
    case CBOR_NINT:
        print_negative(p, h.argument);
        mark_width(p, &h);
        break;
    case CBOR_BSTR:
    case CBOR_TSTR: {
        size_t depth = p->depth;
        print_string(p, &h);
        if (p->depth == depth)
            return;
        break;
    }
    case CBOR_ARRAY:
    case CBOR_MAP:
        print_container(p, &h);
        break;
    case CBOR_TAG:
        print_tag(p, &h);
        break;
    default:
        print_simple(p, &h);
        break;
    }
    p->r.at = h.next;
}

/* Ends all levels that are complete. */
static void
close_levels(printer *p)
{
    while (p->depth > 0) {
        level *l = &p->stack[p->depth - 1];

        if (l->indefinite) {
            if (p->r.at == p->r.end || *p->r.at != CBOR_BREAK)
                return;
            p->r.at++;
        } else if (l->left != 0)
            return;
        pop(p);
    }
}

carnet_rc
carnet_cbor_print(carnet_span cbor, const carnet_cbor_print_options *options, carnet_cbor_sink write, carnet_err *err)
{
    static const carnet_cbor_print_options plain = { 0 };
    printer p;
    carnet_rc rc;

    p.r = carnet_cbor_open(cbor);
    p.r.allow = CARNET_CBOR_LENIENT;
    (void)carnet_cbor_any(&p.r);
    rc = carnet_cbor_end(&p.r, err);
    if (rc != CARNET_OK)
        return rc;
    p.r.at = p.r.origin;
    p.options = options == NULL ? &plain : options;
    p.depth = p.lines = 0;
    p.out.sink = write;
    p.out.len = 0;
    do {
        if (p.depth > 0) {
            separate(&p);
            p.stack[p.depth - 1].left--;
        }
        print_item(&p);
        close_levels(&p);
    } while (p.depth > 0 && p.r.rc == CARNET_OK);
    carnet_cbor_out_flush(&p.out);
    return carnet_cbor_failed(&p.r, err);
}
