/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583: a message as a tree of values. */
#include "iso8583.h"

#include <string.h>

iso_node *
iso_node_add(iso_node ***tail, const char *id, const char *name, carnet_str value)
{
    iso_node *node = cli_alloc(sizeof *node);

    *node = (iso_node){ .id = id, .name = name, .value = value, .offset = CARNET_NO_OFFSET };
    **tail = node;
    *tail = &node->next;
    return node;
}

/** Free text, where an account number may hide. */
static bool
is_free_text(const carnet_iso8583_field *field)
{
    return field->prefix != CARNET_ISO8583_FIXED &&
           (field->type == CARNET_ISO8583_A || field->type == CARNET_ISO8583_AN || field->type == CARNET_ISO8583_ANS ||
            field->type == CARNET_ISO8583_AS || field->type == CARNET_ISO8583_NS);
}

bool
iso_any_masked(const iso_node *node)
{
    if (node->masked) {
        return true;
    }
    for (const iso_node *part = node->parts; part != NULL; part = part->next) {
        if (iso_any_masked(part)) {
            return true;
        }
    }
    return false;
}

/** The nibble that pads digits in BCD, where it is none itself: what marks their end is no part of them. */
static const char *
padding_of(const carnet_iso8583_message *message, unsigned element)
{
    const carnet_iso8583_field *field = &message->spec->fields[element];
    const carnet_span raw = carnet_iso8583_raw(message, element);
    const size_t digits = message->place[element].length;
    uint8_t nibble;

    if (field->encoding != CARNET_ISO8583_BCD || field->type == CARNET_ISO8583_XN || digits % 2 == 0) {
        return NULL;
    }
    nibble = (field->flags & CARNET_ISO8583_BCD_RIGHT) != 0 ? raw.ptr[raw.len - 1] & 15 : raw.ptr[0] >> 4;
    return nibble == 15 ? "F" : NULL;
}

static carnet_str
account_of(carnet_str track)
{
    size_t len = 0;

    while (len < track.len && track.ptr[len] >= '0' && track.ptr[len] <= '9') {
        len++;
    }
    return (carnet_str){ track.ptr, len };
}

carnet_str
iso_without_padding(const carnet_iso8583_message *message, unsigned element, carnet_str text, bool *padded)
{
    const carnet_iso8583_field *field = &message->spec->fields[element];
    const bool behind = (field->flags & CARNET_ISO8583_BCD_RIGHT) != 0;
    carnet_str rest;

    *padded = false;
    if ((element != 2 && element != 35) || field->encoding != CARNET_ISO8583_BCD || field->fill != 0 ||
        field->prefix == CARNET_ISO8583_FIXED || field->unit != CARNET_ISO8583_OCTETS || text.len < 2 ||
        text.len % 2 != 0) {
        return text;
    }
    rest = (carnet_str){ behind ? text.ptr : text.ptr + 1, text.len - 1 };
    *padded = behind ? element == 2 && text.ptr[text.len - 1] == '0' && !iso_luhn(text) && iso_luhn(rest)
                     : text.ptr[0] == '0' && iso_luhn(account_of(rest));
    return *padded ? rest : text;
}

static void
add_element(iso_node ***tail, const carnet_iso8583_message *message, unsigned element, bool unsafe)
{
    const carnet_iso8583_field *field = &message->spec->fields[element];
    carnet_buf room = cli_buf(2 * (size_t)message->place[element].length + 16), raw = cli_buf(room.cap);
    carnet_str text = carnet_iso8583_text(message, element, &room);
    carnet_span octets = carnet_iso8583_binary(message, element, &raw);
    char id[16];
    iso_node *node;
    bool padded;

    text = iso_without_padding(message, element, text, &padded);
    snprintf(id, sizeof id, "%u", element);
    node = iso_node_add(tail, iso_text(carnet_str_of(id)), carnet_iso8583_element_name(message->spec, element), text);
    node->offset = message->place[element].offset;
    node->length = carnet_iso8583_raw(message, element).len;
    node->padding = padded ? "0" : padding_of(message, element);
    if (unsafe || iso_element_secret(message, element) == ISO_OPEN) {
        node->meaning = iso_meaning(message, element, text);
        node->parts = iso_parts(message, element, text, octets, unsafe);
    }
    if (unsafe) {
        return;
    }
    node->value = iso_mask(text, iso_element_secret(message, element), &node->masked);
    if (!node->masked && is_free_text(field)) {
        node->value = iso_mask_found(text, &node->masked);
    }
    if (element == 55 && node->parts == NULL) {
        node->value = iso_mask(text, ISO_HIDDEN, &node->masked); /* what is in it is not known */
    } else if (node->parts != NULL && iso_any_masked(node)) {
        node->value = (carnet_str){ 0 }; /* it would show what the parts do not */
        node->masked = true;
    }
}

iso_node *
iso_tree(const carnet_iso8583_message *message, bool unsafe)
{
    iso_node *first = NULL, **tail = &first;

    for (unsigned i = 0; (i = carnet_iso8583_next(message, i)) != 0;) {
        add_element(&tail, message, i, unsafe);
    }
    return first;
}

iso_node *
iso_tree_of(const iso_message *message, bool unsafe)
{
    return message->message != NULL ? iso_tree(message->message, unsafe) : iso_objects(message->objects, unsafe);
}

/* --- filter --- */

/** How a path stands to one that is asked for: 2 it is it or within, 1 it leads there, 0 neither. */
static unsigned
stands(const char *path, carnet_str asked)
{
    const size_t len = strlen(path);

    if (len >= asked.len) {
        return strncmp(path, asked.ptr, asked.len) == 0 && (path[asked.len] == '\0' || path[asked.len] == '.') ? 2 : 0;
    }
    return strncmp(path, asked.ptr, len) == 0 && asked.ptr[len] == '.' ? 1 : 0;
}

static unsigned
wanted(const char *path, const char *filter)
{
    unsigned most = 0;

    while (*filter != '\0') {
        const size_t len = strcspn(filter, ",");
        const unsigned one = stands(path, (carnet_str){ filter, len });

        most = one > most ? one : most;
        filter += filter[len] == ',' ? len + 1 : len;
    }
    return most;
}

static iso_node *
filter_within(iso_node *node, const char *up, const char *filter)
{
    iso_node *first = NULL, **tail = &first;

    for (; node != NULL; node = node->next) {
        char path[128];
        unsigned standing;

        snprintf(path, sizeof path, "%s%s%s", up, up[0] != '\0' ? "." : "", node->id);
        standing = wanted(path, filter);
        if (standing == 0) {
            continue;
        }
        if (standing == 1) {
            node->parts = filter_within(node->parts, path, filter);
            node->value = (carnet_str){ 0 };
            if (node->parts == NULL) {
                continue;
            }
        }
        *tail = node;
        tail = &node->next;
    }
    *tail = NULL;
    return first;
}

iso_node *
iso_filter(iso_node *tree, const char *filter)
{
    return filter_within(tree, "", filter);
}
