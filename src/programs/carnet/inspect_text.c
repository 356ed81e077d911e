/* SPDX-License-Identifier: Apache-2.0 */
/* The tree as a person reads it: name, type, value, and at the right edge the byte. */
#include "inspect.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WIDTH = 80, WIDTH_HEX = 112, HEX_ROW = 8, HEX_COLUMN = 33, NAME_WIDEST = 30, TYPE_WIDEST = 12, NARROW = 24 };

typedef struct printer {
    const inspect_view *view;
    const cli_colours *colours;
    unsigned column, edge;
    unsigned due;    /**< spaces before the next text */
    carnet_span hex; /**< bytes of the current node still to be shown */
    size_t hex_at;   /**< their offset, or CARNET_NO_OFFSET */
} printer;

/** Octets of the first character and its columns. */
static size_t
character(const char *text, unsigned *columns)
{
    uint8_t c = (uint8_t)text[0];
    size_t len = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

    /* East Asian wide characters begin at U+1100; most of what is below U+3000 but for Hangul is narrow. */
    *columns = (c >= 0xe3 && c < 0xef) || (c == 0xef && (uint8_t)text[1] >= 0xbc) || c == 0xf0 ? 2 : 1;
    if (c == 0xcc || (c == 0xcd && (uint8_t)text[1] < 0xb0)) {
        *columns = 0; /* combining marks */
    }
    return len;
}

static unsigned
columns_of(const char *text)
{
    unsigned sum = 0, one;

    while (*text != '\0') {
        text += character(text, &one);
        sum += one;
    }
    return sum;
}

/** A row begins: the bytes beside it. */
static void
begin_row(printer *p)
{
    size_t n = p->hex.len < HEX_ROW ? p->hex.len : HEX_ROW;

    p->column = p->due = 0;
    if (!p->view->hex) {
        return;
    }
    fputs(p->colours->dim, stdout);
    if (n > 0 && p->hex_at != CARNET_NO_OFFSET) {
        printf("%06zx ", p->hex_at);
        p->hex_at += n;
    } else {
        fputs("       ", stdout);
    }
    for (size_t i = 0; i < HEX_ROW; i++) {
        if (i < n) {
            printf(" %02x", p->hex.ptr[i]);
        } else {
            fputs("   ", stdout);
        }
    }
    printf("  %s", p->colours->off);
    p->hex = n > 0 ? carnet_span_of(p->hex.ptr + n, p->hex.len - n) : p->hex;
    p->column = HEX_COLUMN;
}

static void
pad(printer *p, unsigned column)
{
    if (p->column < column) {
        p->due += column - p->column;
        p->column = column;
    }
}

static void
next_row(printer *p, unsigned column)
{
    fputc('\n', stdout);
    begin_row(p);
    pad(p, column);
}

static void
put(printer *p, const char *text, size_t len, unsigned columns, const char *colour)
{
    if (columns == 0) {
        return;
    }
    printf("%*s%s%.*s%s", (int)p->due, "", colour, (int)len, text, colour[0] != '\0' ? p->colours->off : "");
    p->due = 0;
    p->column += columns;
}

/** How much of the text goes into `room` columns: up to a space if there is one, but not before a third of the room. */
static size_t
fitting(const char *text, unsigned room, unsigned *columns)
{
    size_t at = 0, space = 0;
    unsigned used = 0, space_used = 0, one;

    while (text[at] != '\0') {
        size_t len = character(text + at, &one);

        if (used + one > room) {
            break;
        }
        if (text[at] == ' ' && used > room / 3) {
            space = at;
            space_used = used;
        }
        at += len;
        used += one;
    }
    if (text[at] != '\0' && text[at] != ' ' && space > 0) {
        at = space;
        used = space_used;
    }
    *columns = used;
    return at;
}

/** Text in rows from the column where it begins; `first`: right edge of the row that has begun. */
static void
wrap(printer *p, const char *text, unsigned first, const char *colour)
{
    unsigned column = p->column, edge = first, used;

    while (*text != '\0') {
        size_t len = fitting(text, edge > p->column ? edge - p->column : 1, &used);

        if (len == 0) { /* not even one character: it goes out all the same */
            len = character(text, &used);
        }
        put(p, text, len, used, colour);
        text += len;
        text += *text == ' ';
        if (*text != '\0') {
            next_row(p, column);
        }
        edge = p->edge;
    }
}

static const char *
label(const inspect_node *node)
{
    return node->key != NULL ? inspect_format("%s %s", node->key, node->name) : node->name;
}

/** The standard's name of the type, unless the member's name says it. */
static const char *
said(const inspect_node *node)
{
    if (node->is == NULL || strcasecmp(node->is, node->name) == 0 || strchr(node->name, ' ') != NULL) {
        return NULL;
    }
    return node->is;
}

static const char *
value_of(const inspect_node *node, bool shut)
{
    const char *is = said(node), *value = node->value;

    if (is != NULL) {
        value = value != NULL ? inspect_format("%s, %s", is, value) : is;
    }
    if (shut && node->brief != NULL) {
        value = node->brief;
    }
    return value != NULL ? value : "";
}

/** Something about it is odd that is not met everywhere. */
static bool
marked(const inspect_node *node)
{
    for (const inspect_oddity *o = node->odd; o != NULL; o = o->next) {
        if (!o->mild) {
            return true;
        }
    }
    return false;
}

static void
place_mark(const inspect_node *node, char *out, size_t size)
{
    out[0] = '\0';
    if (node->offset != CARNET_NO_OFFSET) {
        snprintf(out, size, "%s@%zu", marked(node) ? "! " : "", node->offset);
    } else if (marked(node)) {
        snprintf(out, size, "!");
    }
}

static const char *
toned(const printer *p, inspect_tone tone)
{
    return tone == INSPECT_GOOD ? p->colours->good : tone == INSPECT_BAD ? p->colours->bad : p->colours->dim;
}

/** Value and note, and at the end of the first row the place. */
static void
put_value(printer *p, const inspect_node *node, bool shut)
{
    char mark[32];
    const char *value = value_of(node, shut);
    unsigned column = p->column, edge, len;

    place_mark(node, mark, sizeof mark);
    len = (unsigned)strlen(mark);
    edge = p->edge - (len > 0 ? len + 1 : 0);
    if (len > 0) { /* the place first, then back: rows are written once */
        unsigned used;
        size_t fits = fitting(value, edge > column ? edge - column : 1, &used);
        bool note_fits =
            value[fits] == '\0' && node->note != NULL && column + used + 2 + columns_of(node->note) <= edge;

        put(p, value, fits, used, "");
        value += fits;
        value += *value == ' ';
        if (note_fits) {
            pad(p, p->column + (used > 0 ? 2 : 0));
            put(p, node->note, strlen(node->note), columns_of(node->note), toned(p, node->tone));
        }
        pad(p, p->edge - len);
        put(p, mark, len, len, marked(node) ? p->colours->doubt : p->colours->dim);
        if (note_fits) {
            return;
        }
        if (*value != '\0' || node->note != NULL) {
            next_row(p, column);
        }
    }
    wrap(p, value, p->edge, "");
    if (node->note != NULL) {
        if (p->column > column && p->column + 2 + columns_of(node->note) > p->edge) {
            next_row(p, column);
        }
        pad(p, p->column > column ? p->column + 2 : column);
        wrap(p, node->note, p->edge, toned(p, node->tone));
    }
}

typedef struct widths {
    unsigned name, type;
} widths;

static widths
widths_of(const inspect_node *first)
{
    widths w = { 0, 0 };

    for (const inspect_node *node = first; node != NULL; node = node->next) {
        unsigned name = columns_of(label(node)), type = node->type != NULL ? (unsigned)strlen(node->type) : 0;

        w.name = name > w.name && name <= NAME_WIDEST ? name : w.name;
        w.type = type > w.type && type <= TYPE_WIDEST ? type : w.type;
    }
    return w;
}

/** Name and type; after a name that leaves no room for more, on a row of their own. */
static void
put_label(printer *p, const inspect_node *node, unsigned indent, widths w)
{
    const char *name = label(node), *type = node->type != NULL ? node->type : "";
    unsigned used = columns_of(name), column;

    pad(p, indent);
    wrap(p, name, p->edge, node->first != NULL ? p->colours->bold : "");
    if (indent + used + 2 + (unsigned)strlen(type) + NARROW > p->edge && used > NAME_WIDEST) {
        next_row(p, indent + 4);
    } else {
        pad(p, indent + w.name);
        pad(p, p->column + 2);
    }
    if (w.type > 0) {
        column = p->column;
        put(p, type, strlen(type), (unsigned)strlen(type), p->colours->dim);
        pad(p, column + w.type);
        pad(p, p->column + 2);
    }
}

/** What is nested deeper than half the row is wide is not indented further. */
static unsigned
indent_of(const printer *p, unsigned level)
{
    enum { DEEPEST = 16 };

    return (p->view->hex ? HEX_COLUMN : 0) + 2 * (level < DEEPEST ? level : DEEPEST);
}

static void
put_node(printer *p, const inspect_node *node, unsigned level, widths w)
{
    bool shut = node->first != NULL && level + 1 >= p->view->depth;
    unsigned indent = indent_of(p, level);

    p->hex = node->own;
    p->hex_at = p->hex.len > 0 ? node->offset : CARNET_NO_OFFSET;
    if (!p->view->full && p->hex.len > (size_t)2 * HEX_ROW) {
        p->hex.len = (size_t)2 * HEX_ROW;
    }
    begin_row(p);
    put_label(p, node, indent, w);
    if (p->column + NARROW > p->edge && columns_of(value_of(node, shut)) > NARROW) {
        next_row(p, indent + 4);
    }
    put_value(p, node, shut);
    while (p->view->hex && p->hex.len > 0) {
        fputc('\n', stdout);
        begin_row(p);
    }
    fputc('\n', stdout);
    if (shut) {
        return;
    }
    w = widths_of(node->first);
    for (const inspect_node *child = node->first; child != NULL; child = child->next) {
        put_node(p, child, level + 1, w);
    }
}

/* --- what is odd --- */

typedef struct odd_line {
    const char *text;
    const inspect_node *node;
    size_t times;
} odd_line;

typedef struct odd_list {
    odd_line *lines;
    size_t count, cap;
} odd_list;

/** What is everywhere comes after what is not: `mild` says which is collected. */
static void
odd_collect(odd_list *list, const inspect_node *node, bool mild)
{
    for (const inspect_oddity *o = node->odd; o != NULL; o = o->next) {
        size_t i = 0;

        if (o->mild != mild) {
            continue;
        }
        while (i < list->count && strcmp(list->lines[i].text, o->text) != 0) {
            i++;
        }
        if (i < list->count) {
            list->lines[i].times++;
        } else if (i < list->cap) {
            list->lines[list->count++] = (odd_line){ o->text, node, 1 };
        }
    }
    for (const inspect_node *child = node->first; child != NULL; child = child->next) {
        odd_collect(list, child, mild);
    }
}

/** The last two steps of the way to a node. */
static const char *
place_of(const inspect_node *node)
{
    if (node->up == NULL) {
        return "";
    }
    if (node->up->up == NULL) {
        return node->name;
    }
    return inspect_format(node->name[0] == '[' ? "%s%s" : "%s.%s", node->up->name, node->name);
}

static void
put_odd(printer *p, const inspect_node *root)
{
    enum { LINES = 200 };
    odd_list list = { cli_alloc(LINES * sizeof(odd_line)), 0, LINES };

    odd_collect(&list, root, false);
    odd_collect(&list, root, true);
    if (list.count == 0) {
        return;
    }
    printf("\n%sWhat is odd%s\n", p->colours->bold, p->colours->off);
    for (size_t i = 0; i < list.count; i++) {
        const odd_line *line = &list.lines[i];
        const char *place = place_of(line->node);
        char mark[32] = "";

        if (line->node->offset != CARNET_NO_OFFSET) {
            snprintf(mark, sizeof mark, "@%zu", line->node->offset);
        }
        p->due = 0;
        p->column = (unsigned)printf("  %-8s", mark);
        pad(p, p->column > 10 ? p->column + 1 : 10);
        wrap(p,
             inspect_format("%s%s%s%s", place, place[0] != '\0' ? ": " : "", line->text,
                            line->times > 1 ? inspect_format(" (%zu times)", line->times) : ""),
             WIDTH, "");
        fputc('\n', stdout);
    }
    free(list.lines);
}

static void
put_heading(printer *p, const inspect_result *r)
{
    p->column = p->due = 0;
    p->edge = WIDTH;
    wrap(p,
         inspect_format("%s%s%s%s", r->kind != NULL ? r->kind : "Not understood", r->what != NULL ? ": " : "",
                        r->what != NULL ? r->what : "", r->clause != NULL ? inspect_format(" (%s)", r->clause) : ""),
         WIDTH, p->colours->bold);
    fputc('\n', stdout);
    p->column = 0;
    pad(p, 2);
    wrap(p,
         inspect_format("%s: %s%s%s, %zu byte%s", r->input, r->form, r->label != NULL ? " " : "",
                        r->label != NULL ? r->label : "", r->length, r->length == 1 ? "" : "s"),
         WIDTH, "");
    fputs("\n\n", stdout);
}

static void
put_failure(printer *p, const carnet_err *err)
{
    if (err->rc == CARNET_OK) {
        return;
    }
    fputc('\n', stdout);
    p->column = p->due = 0;
    wrap(p,
         inspect_format("This is as far as it could be read: %s",
                        err->reason[0] != '\0' ? err->reason : carnet_rc_text(err->rc)),
         WIDTH, p->colours->bad);
    fputc('\n', stdout);
    if (err->offset != CARNET_NO_OFFSET) {
        printf("  at byte %zu%s%s\n", err->offset, err->path[0] != '\0' ? ", in " : "", err->path);
    }
    printf("  code 0x%04x %s; see carnet_rc(3)\n", (unsigned)err->rc, carnet_rc_name(err->rc));
}

void
inspect_print_text(const inspect_result *results, size_t count, const inspect_view *view)
{
    printer p = { .view = view, .colours = cli_colour() };

    for (size_t i = 0; i < count; i++) {
        const inspect_result *r = &results[i];

        if (i > 0) {
            fputs("\n", stdout);
        }
        put_heading(&p, r);
        p.edge = view->hex ? WIDTH_HEX : WIDTH;
        if (r->root != NULL) {
            put_node(&p, r->root, 0, widths_of(r->root));
            put_odd(&p, r->root);
        }
        put_failure(&p, &r->err);
        if (r->judged) {
            puts("\nSignatures and MACs are not judged here: carnet verify does that.");
        }
    }
}
