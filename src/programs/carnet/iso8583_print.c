/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583: a message on paper, and as JSON (doc/iso8583-message.schema.json). */
#include "iso8583.h"

#include <string.h>

/** What is there for a person: printable ASCII as it is, all else as \xNN. */
static void
print_value(carnet_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];

        if (c < 0x20 || c > 0x7e) {
            printf("\\x%02x", c);
        } else {
            putchar(c);
        }
    }
}

static void
print_node(const iso_node *node, unsigned depth)
{
    const cli_colours *c = cli_colour();
    const int indent = (int)(depth == 0 ? 2 : 4 + 4 * depth);

    printf("%*s%s%-*s%s  %s%-*s%s", indent, "", c->bold, depth == 0 ? 3 : 6, node->id, c->off, c->dim,
           depth == 0 ? 42 : 30, node->name != NULL ? node->name : "", c->off);
    if (node->parts != NULL && node->value.len > 48) {
        printf("  (%zu characters)", node->value.len);
    } else if (node->value.ptr != NULL) {
        printf("  ");
        print_value(node->value);
    }
    if (node->padding != NULL) {
        printf("  %s(padded with %s)%s", c->dim, node->padding, c->off);
    }
    if (node->meaning != NULL) {
        printf("  %s%s%s", c->good, node->meaning, c->off);
    }
    printf("\n");
    for (const iso_node *part = node->parts; part != NULL; part = part->next) {
        print_node(part, depth + 1);
    }
}

/** Octets before or behind the message, and as characters if they are. */
static void
print_around(const char *name, carnet_span octets)
{
    bool text = octets.len > 0;

    for (size_t i = 0; i < octets.len; i++) {
        if (i == 0) {
            printf("  %s  ", name);
        }
        printf("%02X", octets.ptr[i]);
        text = text && octets.ptr[i] >= 0x20 && octets.ptr[i] < 0x7f;
    }
    if (text) {
        printf("  \"%.*s\"", (int)octets.len, (const char *)octets.ptr);
    }
    printf("%s", octets.len > 0 ? "\n" : "");
}

static void
print_head(const iso_message *message)
{
    const cli_colours *c = cli_colour();
    carnet_mti mti;
    char text[5];

    if (message->message == NULL) {
        printf("%sBER-TLV%s  data objects of a card, no message  %s(%s, %zu octets)%s\n", c->bold, c->off, c->dim,
               message->how, message->objects.len, c->off);
        return;
    }
    mti = message->message->mti;
    carnet_mti_write(mti, text);
    printf("%s%s%s  %s %s, %s  %s(%s%s%s, %zu octets)%s\n", c->bold, text, c->off, carnet_mti_class_text(mti),
           carnet_mti_function_text(mti), carnet_mti_origin_text(mti), c->dim, message->spec.name,
           message->framing != NULL ? ", framing " : "", message->framing != NULL ? message->framing : "",
           message->message->octets.len, c->off);
    print_around("header", message->header);
    print_around("behind", message->trailer);
}

void
iso_print_message(const iso_message *message, const iso_node *tree)
{
    print_head(message);
    for (; tree != NULL; tree = tree->next) {
        print_node(tree, 0);
    }
}

void
iso_json_text(FILE *out, carnet_str text)
{
    fputc('"', out);
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];

        if (c == '"' || c == '\\') {
            fprintf(out, "\\%c", c);
        } else if (c < 0x20 || c > 0x7e) {
            fprintf(out, "\\u%04x", c);
        } else {
            fputc(c, out);
        }
    }
    fputc('"', out);
}

static void
json_member(const char *name, const char *text)
{
    if (text != NULL) {
        printf(", \"%s\": ", name);
        iso_json_text(stdout, carnet_str_of(text));
    }
}

static void
json_nodes(const iso_node *node, const char *indent, unsigned depth, bool elements)
{
    for (; node != NULL; node = node->next) {
        printf("%s%*s", indent, (int)(4 + 2 * depth), "");
        if (elements) {
            printf("{\"element\": %s", node->id);
        } else {
            printf("{\"id\": \"%s\"", node->id);
        }
        json_member("name", node->name);
        if (node->value.ptr != NULL) {
            printf(", \"value\": ");
            iso_json_text(stdout, node->value);
        }
        if (node->masked) {
            printf(", \"masked\": true");
        }
        json_member("padding", node->padding);
        json_member("meaning", node->meaning);
        if (node->offset != CARNET_NO_OFFSET) {
            printf(", \"offset\": %zu, \"length\": %zu", node->offset, node->length);
        }
        if (node->parts != NULL) {
            printf(", \"parts\": [\n");
            json_nodes(node->parts, indent, depth + 1, false);
            printf("%s%*s]", indent, (int)(4 + 2 * depth), "");
        }
        printf("}%s\n", node->next != NULL ? "," : "");
    }
}

static void
json_around(const char *name, carnet_span octets, const char *indent)
{
    for (size_t i = 0; i < octets.len; i++) {
        if (i == 0) {
            printf(",\n%s  \"%s\": \"", indent, name);
        }
        printf("%02X", octets.ptr[i]);
    }
    printf("%s", octets.len > 0 ? "\"" : "");
}

static void
json_objects(const iso_message *message, const iso_node *tree, const char *indent)
{
    printf("%s{\n%s  \"spec\": \"ber-tlv\",\n%s  \"octets\": %zu,\n%s  \"objects\": [\n", indent, indent, indent,
           message->objects.len, indent);
    json_nodes(tree, indent, 0, false);
    printf("%s  ]\n%s}", indent, indent);
}

void
iso_print_json(const iso_message *message, const iso_node *tree, const char *indent)
{
    carnet_mti mti;
    char text[5];

    if (message->message == NULL) {
        json_objects(message, tree, indent);
        return;
    }
    mti = message->message->mti;
    carnet_mti_write(mti, text);
    printf("%s{\n%s  \"spec\": ", indent, indent);
    iso_json_text(stdout, carnet_str_of(message->spec.name));
    if (message->framing != NULL) {
        printf(",\n%s  \"framing\": \"%s\"", indent, message->framing);
    }
    json_around("header", message->header, indent);
    json_around("trailer", message->trailer, indent);
    printf(",\n%s  \"octets\": %zu,\n%s  \"mti\": \"%s\"", indent, message->message->octets.len, indent, text);
    json_member("class", carnet_mti_class_text(mti));
    json_member("function", carnet_mti_function_text(mti));
    json_member("origin", carnet_mti_origin_text(mti));
    printf(",\n%s  \"elements\": [\n", indent);
    json_nodes(tree, indent, 0, true);
    printf("%s  ]\n%s}", indent, indent);
}

int
iso_describe(const iso_arguments *a)
{
    bool first = true;

    if (a->input_count == 0) {
        cli_usage("which message? files, - for standard input, or the message itself");
    }
    if (a->json) {
        printf("[\n");
    }
    for (size_t i = 0; i < a->input_count; i++) {
        iso_message *messages;
        const size_t count = iso_messages_of(a, a->inputs[i], &messages);

        for (size_t k = 0; k < count; k++, first = false) {
            iso_node *tree = iso_tree_of(&messages[k], a->unsafe);

            if (a->filter != NULL) {
                tree = iso_filter(tree, a->filter);
            }
            if (a->json) {
                printf("%s", first ? "" : ",\n");
                iso_print_json(&messages[k], tree, "  ");
            } else {
                printf("%s", first ? "" : "\n");
                iso_print_message(&messages[k], tree);
            }
        }
    }
    if (a->json) {
        printf("\n]\n");
    }
    return CLI_VALID;
}
