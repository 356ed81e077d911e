/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583 diff: two messages, element by element, part by part. */
#include "iso8583.h"

#include <string.h>

/** What differs: the values without a mask decide, those with one are shown. */
typedef struct difference {
    const char *path, *name;
    const iso_node *first, *second; /* as shown; NULL: not there */
    struct difference *next;
} difference;

typedef struct comparing {
    difference *first, **tail;
} comparing;

static void
differs(comparing *c, const char *path, const iso_node *a, const iso_node *b)
{
    const iso_node *shown = a != NULL ? a : b;
    difference *d;

    if (shown == NULL)
        return;
    d = cli_alloc(sizeof *d);
    *d = (difference){ iso_text(carnet_str_of(path)), shown->name, a, b, NULL };
    *c->tail = d;
    c->tail = &d->next;
}

/** A node of this name, and of the same place among those of this name: tags may repeat. */
static const iso_node *
find(const iso_node *list, const char *id, unsigned occurrence)
{
    for (; list != NULL; list = list->next) {
        if (strcmp(list->id, id) == 0 && occurrence-- == 0) {
            return list;
        }
    }
    return NULL;
}

static unsigned
occurrence_of(const iso_node *list, const iso_node *node)
{
    unsigned count = 0;

    for (; list != node; list = list->next) {
        count += strcmp(list->id, node->id) == 0 ? 1 : 0;
    }
    return count;
}

/** A tree that is shown and the same tree without masks. */
typedef struct pair {
    const iso_node *shown, *plain;
} pair;

static pair
pair_of(pair list, const char *id, unsigned occurrence)
{
    return (pair){ find(list.shown, id, occurrence), find(list.plain, id, occurrence) };
}

static bool
same_value(const iso_node *a, const iso_node *b)
{
    return carnet_str_equal(a->value, b->value);
}

static void
compare(comparing *c, const char *up, pair a, pair b)
{
    for (const iso_node *node = a.plain; node != NULL; node = node->next) {
        const unsigned occurrence = occurrence_of(a.plain, node);
        const pair mine = pair_of(a, node->id, occurrence), theirs = pair_of(b, node->id, occurrence);
        char path[128];

        snprintf(path, sizeof path, "%s%s%s", up, up[0] != '\0' ? "." : "", node->id);
        if (theirs.plain == NULL) {
            differs(c, path, mine.shown, NULL);
        } else if (mine.plain->parts != NULL && theirs.plain->parts != NULL) {
            compare(c, path, (pair){ mine.shown != NULL ? mine.shown->parts : NULL, mine.plain->parts },
                    (pair){ theirs.shown != NULL ? theirs.shown->parts : NULL, theirs.plain->parts });
        } else if (!same_value(mine.plain, theirs.plain)) {
            differs(c, path, mine.shown, theirs.shown);
        }
    }
    for (const iso_node *node = b.plain; node != NULL; node = node->next) {
        const unsigned occurrence = occurrence_of(b.plain, node);

        if (find(a.plain, node->id, occurrence) == NULL) {
            char path[128];

            snprintf(path, sizeof path, "%s%s%s", up, up[0] != '\0' ? "." : "", node->id);
            differs(c, path, NULL, find(b.shown, node->id, occurrence));
        }
    }
}

static carnet_str
shown(const iso_node *node)
{
    if (node == NULL) {
        return (carnet_str){ 0 };
    }
    return node->value.ptr != NULL ? node->value : carnet_str_of(node->parts != NULL ? "(in parts)" : "");
}

static void
print_difference(const difference *d)
{
    const cli_colours *c = cli_colour();

    printf("%s%-8s%s%s%s%s\n", c->bold, d->path, c->off, c->dim, d->name != NULL ? d->name : "", c->off);
    if (d->first != NULL) {
        printf("  %s-%s ", c->bad, c->off);
        cli_print_safe(stdout, shown(d->first));
        printf("\n");
    }
    if (d->second != NULL) {
        printf("  %s+%s ", c->good, c->off);
        cli_print_safe(stdout, shown(d->second));
        printf("%s\n",
               d->first != NULL && d->first->masked && same_value(d->first, d->second) ? "  (not the same)" : "");
    }
}

static void
json_value(const char *name, const iso_node *node)
{
    if (node != NULL) {
        printf(", \"%s\": ", name);
        iso_json_text(stdout, shown(node));
    }
}

static void
json_differences(const difference *d)
{
    printf("{\n  \"same\": %s,\n  \"differences\": [\n", d == NULL ? "true" : "false");
    for (; d != NULL; d = d->next) {
        printf("    {\"path\": ");
        iso_json_text(stdout, carnet_str_of(d->path));
        json_value("first", d->first);
        json_value("second", d->second);
        printf("}%s\n", d->next != NULL ? "," : "");
    }
    printf("  ]\n}\n");
}

/** The indicator stands before the elements. */
static iso_node *
with_indicator(const iso_message *message, bool unsafe)
{
    iso_node *first = NULL, **tail = &first, *tree = iso_tree_of(message, unsafe);
    char text[5];

    if (message->message == NULL) {
        return tree;
    }
    carnet_mti_write(message->message->mti, text);
    iso_node_add(&tail, "0", "Message type indicator", carnet_str_of(iso_text(carnet_str_of(text))));
    *tail = tree;
    return first;
}

int
iso_diff(const iso_arguments *a)
{
    comparing c = { 0 };
    pair trees[2];

    if (a->input_count != 2) {
        cli_usage("two messages are compared");
    }
    for (size_t i = 0; i < 2; i++) {
        iso_message *messages;

        if (iso_messages_of(a, a->inputs[i], &messages) != 1) {
            cli_die_text(iso_called(a->inputs[i]), "there is more than one message in it");
        }
        trees[i].shown = with_indicator(&messages[0], a->unsafe);
        trees[i].plain = with_indicator(&messages[0], true);
        if (a->filter != NULL) {
            trees[i].shown = iso_filter((iso_node *)(uintptr_t)trees[i].shown, a->filter);
            trees[i].plain = iso_filter((iso_node *)(uintptr_t)trees[i].plain, a->filter);
        }
    }
    c.tail = &c.first;
    compare(&c, "", trees[0], trees[1]);
    if (a->json) {
        json_differences(c.first);
    } else {
        for (const difference *d = c.first; d != NULL; d = d->next) {
            print_difference(d);
        }
    }
    return c.first == NULL ? CLI_VALID : CLI_NEGATIVE;
}
