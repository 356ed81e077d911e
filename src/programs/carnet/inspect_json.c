/* SPDX-License-Identifier: Apache-2.0 */
/* The tree as JSON (doc/inspect.schema.json). */
#include "inspect.h"

#include <string.h>

static void
text_member(const char *name, const char *text)
{
    if (text != NULL) {
        printf(", \"%s\": ", name);
        cli_json_string(stdout, carnet_str_of(text));
    }
}

static void
bytes_member(carnet_span bytes, bool full)
{
    size_t len = full || bytes.len < 64 ? bytes.len : 64;

    if (len == 0) {
        return;
    }
    fputs(", \"bytes\": \"", stdout);
    for (size_t i = 0; i < len; i++) {
        printf("%02x", bytes.ptr[i]);
    }
    fputc('"', stdout);
}

static void
indent(unsigned level)
{
    printf("\n%*s", (int)(2 * level + 6), "");
}

static void
print_oddities(const inspect_node *node)
{
    fputs(", \"odd\": [", stdout);
    for (const inspect_oddity *o = node->odd; o != NULL; o = o->next) {
        cli_json_string(stdout, carnet_str_of(o->text));
        fputs(o->next != NULL ? ", " : "", stdout);
    }
    fputc(']', stdout);
}

static void
print_node(const inspect_node *node, const inspect_view *view, unsigned level)
{
    bool shut = level + 1 >= view->depth;

    indent(level);
    fputs("{\"name\": ", stdout);
    cli_json_string(stdout, carnet_str_of(node->name));
    text_member("key", node->key);
    text_member("is", node->is);
    text_member("type", node->type);
    text_member("value", node->value);
    text_member("note", node->note);
    if (node->offset != CARNET_NO_OFFSET) {
        printf(", \"offset\": %zu, \"length\": %zu", node->offset, node->length);
    }
    if (view->hex) {
        bytes_member(node->own, view->full);
    }
    fputs(", \"children\": [", stdout);
    for (const inspect_node *child = shut ? NULL : node->first; child != NULL; child = child->next) {
        print_node(child, view, level + 1);
        fputs(child->next != NULL ? "," : "", stdout);
    }
    if (!shut && node->first != NULL) {
        indent(level);
    }
    fputc(']', stdout);
    print_oddities(node);
    fputc('}', stdout);
}

static void
print_error(const carnet_err *err)
{
    fputs(",\n     \"error\": {\"code\": ", stdout);
    cli_json_string(stdout, carnet_str_of(carnet_rc_name(err->rc)));
    text_member("reason", err->reason[0] != '\0' ? err->reason : carnet_rc_text(err->rc));
    if (err->offset != CARNET_NO_OFFSET) {
        printf(", \"offset\": %zu", err->offset);
    }
    fputc('}', stdout);
}

static void
print_result(const inspect_result *r, const inspect_view *view)
{
    fputs("\n    {\"kind\": ", stdout);
    if (r->kind != NULL) {
        cli_json_string(stdout, carnet_str_of(r->kind));
    } else {
        fputs("null", stdout);
    }
    text_member("what", r->what);
    text_member("clause", r->clause);
    text_member("label", r->label);
    printf(", \"length\": %zu, \"understood\": %s", r->length, r->err.rc == CARNET_OK ? "true" : "false");
    if (r->err.rc != CARNET_OK) {
        print_error(&r->err);
    }
    fputs(",\n     \"nodes\": [", stdout);
    if (r->root != NULL) {
        print_node(r->root, view, 0);
    }
    fputs("]}", stdout);
}

void
inspect_print_json(const inspect_result *results, size_t count, const inspect_view *view)
{
    fputs("{\n  \"input\": ", stdout);
    cli_json_string(stdout, carnet_str_of(count > 0 ? results[0].input : ""));
    text_member("form", count > 0 ? results[0].form : "");
    fputs(",\n  \"objects\": [", stdout);
    for (size_t i = 0; i < count; i++) {
        print_result(&results[i], view);
        fputs(i + 1 < count ? "," : "", stdout);
    }
    fputs("\n  ]\n}\n", stdout);
}
