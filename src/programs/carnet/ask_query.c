/* SPDX-License-Identifier: Apache-2.0 */
/* Named queries: data, built in or of a file (doc/query.schema.json). */
#include "ask.h"

#include <string.h>

extern const char ask_built_in[], ask_built_in_end[];
__asm__(".pushsection .rodata\n"
        ".globl ask_built_in\n.globl ask_built_in_end\n"
        "ask_built_in: .incbin \"" CARNET_QUERIES "\"\n"
        "ask_built_in_end: .byte 0\n"
        ".popsection\n");

const carnet_json *
ask_queries(const char *path)
{
    carnet_str text = { ask_built_in, (size_t)(ask_built_in_end - ask_built_in) };
    carnet_json *json = NULL;
    const carnet_json *queries;
    carnet_err err = { 0 };

    if (path != NULL) {
        carnet_span file = cli_read(path);

        text = (carnet_str){ (const char *)file.ptr, file.len };
    }
    if (carnet_json_parse(text, &json, &err) != CARNET_OK) {
        cli_die(path != NULL ? path : "the built-in queries", &err);
    }
    queries = carnet_json_get(json, "queries");
    if (carnet_json_type_of(queries) != CARNET_JSON_OBJECT) {
        cli_die_text(path != NULL ? path : "the built-in queries", "there is no object \"queries\"");
    }
    return queries;
}

void
ask_list_queries(FILE *out, const carnet_json *queries)
{
    carnet_json_member member = { 0 };

    while (carnet_json_next(queries, &member)) {
        carnet_str title = carnet_json_string(carnet_json_get(member.value, "title"));

        fprintf(out, "  %-22.*s", (int)member.name.len, member.name.ptr);
        cli_print_safe(out, title);
        fputc('\n', out);
    }
}

/** Add the elements of a docRequest to a document that is asked for; dies when it is not as it should be. */
static void
add_elements(ask *a, const carnet_json *doc_request, const char *what)
{
    ask_document *of = &a->documents[a->count - 1];
    carnet_json_member ns = { 0 };

    if (carnet_json_count(carnet_json_get(doc_request, "nameSpaces")) == 0) {
        cli_die_text(what, "a docRequest needs nameSpaces");
    }
    while (carnet_json_next(carnet_json_get(doc_request, "nameSpaces"), &ns)) {
        carnet_json_member element = { 0 };

        while (carnet_json_next(ns.value, &element)) {
            if (carnet_json_type_of(element.value) != CARNET_JSON_BOOL) {
                cli_die_text(what, "a data element has true or false: whether it will be retained");
            }
            if (of->count == ASK_ELEMENTS_MAX) {
                cli_die_text(what, "this asks for too many elements");
            }
            of->elements[of->count++] =
                (carnet_requested_element){ ns.name, element.name, carnet_json_bool(element.value) };
        }
    }
    if (of->count == 0) {
        cli_die_text(what, "a docRequest asks for nothing");
    }
}

/** A string of JSON with a zero behind it. */
static const char *
text_of(carnet_str text)
{
    return (const char *)cli_keep(carnet_str_bytes(text)).ptr;
}

void
ask_json(ask *a, const carnet_json *doc_requests, const char *what)
{
    for (size_t i = 0; i < carnet_json_count(doc_requests); i++) {
        const carnet_json *doc = carnet_json_at(doc_requests, i);
        carnet_str type = carnet_json_string(carnet_json_get(doc, "docType"));

        if (type.len == 0) {
            cli_die_text(what, "a docRequest needs a docType");
        }
        ask_doctype(a, text_of(type), NULL);
        add_elements(a, doc, what);
    }
}

/** The docRequest for a document type; empty: the first. */
static const carnet_json *
choose(const carnet_json *doc_requests, carnet_str doc_type)
{
    for (size_t i = 0; i < carnet_json_count(doc_requests); i++) {
        const carnet_json *doc = carnet_json_at(doc_requests, i);

        if (doc_type.len == 0 || carnet_str_equal(carnet_json_string(carnet_json_get(doc, "docType")), doc_type)) {
            return doc;
        }
    }
    return NULL;
}

void
ask_query(ask *a, const carnet_json *queries, const char *name)
{
    const carnet_json *query = carnet_json_get(queries, name);
    bool named = a->count > 0 && a->documents[a->count - 1].count == 0;
    carnet_str type = named ? a->documents[a->count - 1].doc_type : (carnet_str){ 0 };
    const carnet_json *doc = choose(carnet_json_get(query, "docRequests"), type);

    if (query == NULL) {
        cli_usage("there is no query \"%s\" (--list-queries says which there are)", name);
    }
    if (doc == NULL) {
        cli_usage("the query \"%s\" asks nothing of %.*s", name, (int)type.len, type.ptr);
    }
    if (!named) {
        ask_doctype(a, text_of(carnet_json_string(carnet_json_get(doc, "docType"))), NULL);
    }
    add_elements(a, doc, name);
}
