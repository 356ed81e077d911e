/* SPDX-License-Identifier: Apache-2.0 */
/* carnet present --disclose: which elements the command line names, and a response without a request. */
#include "present.h"

#include <string.h>

void
present_split_names(presenter *p)
{
    const char *at = p->a->disclose;

    while (at != NULL && *at != '\0') {
        size_t len = strcspn(at, ",");

        if (len == 0 || p->name_count == PRESENT_NAMES_MAX) {
            cli_usage(len == 0 ? "--disclose: an element has no name" : "--disclose: too many elements");
        }
        p->names[p->name_count++] = (const char *)cli_keep(carnet_span_of(at, len)).ptr;
        at += len + (at[len] == ',');
    }
    if (p->a->disclose != NULL && p->name_count == 0) {
        cli_usage("--disclose names nothing");
    }
}

/** An element as named, for one document: without a name space it is of the first of the document's type. */
static carnet_element_name
name_in(const presenter *p, size_t document, const char *name)
{
    carnet_str doc_type = p->held[document].mso.doc_type;
    bool own = p->doctype != NULL && carnet_str_is(doc_type, p->doctype->doc_type);

    return cli_element_name(name, own ? p->doctype : carnet_doctype_find(doc_type));
}

bool
present_disclosed(const presenter *p, size_t document, carnet_str name_space, carnet_str identifier)
{
    for (size_t i = 0; i < p->name_count; i++) {
        carnet_element_name name = name_in(p, document, p->names[i]);

        if (carnet_str_equal(name.name_space, name_space) && carnet_str_equal(name.identifier, identifier)) {
            return true;
        }
    }
    return p->name_count == 0;
}

/** The first document that holds an element named; false, and said so, if none does. */
static bool
find(const presenter *p, const char *name, size_t *document, carnet_issuer_signed_item *item)
{
    for (*document = 0; *document < p->count; (*document)++) {
        carnet_element_name wanted = name_in(p, *document, name);

        if (carnet_issuer_signed_find(&p->held[*document].view, wanted.name_space, wanted.identifier, item)) {
            return true;
        }
    }
    fprintf(stderr, "carnet: %s: not held\n", name);
    return false;
}

/** Add an item to the document to be presented, once. */
static void
add_item(presenter *p, carnet_presented_document *documents, size_t document, const carnet_issuer_signed_item *item)
{
    carnet_presented_document *d = &documents[document];
    carnet_issuer_signed_item *items = p->items[document];

    for (size_t i = 0; i < d->item_count; i++) {
        if (items[i].encoded.ptr == item->encoded.ptr) {
            return;
        }
    }
    items[d->item_count++] = *item;
    *d = (carnet_presented_document){ .doc_type = p->held[document].mso.doc_type,
                                      .issuer_auth = p->held[document].view.issuer_auth,
                                      .items = items,
                                      .item_count = d->item_count,
                                      .device_key = &p->keys[document],
                                      .reader_key = p->has_reader_key ? &p->reader_key : NULL };
}

/** What leaves, in words and as JSON. */
static void
say(const presenter *p, const carnet_presented_document *documents, size_t count)
{
    size_t told = 0;

    fputs(p->a->json ? "{\n  \"reader\": null,\n  \"elements\": [" : "", stdout);
    for (size_t d = 0; d < count; d++) {
        cli_print_safe(stderr, documents[d].doc_type);
        fputs("\n", stderr);
        for (size_t i = 0; i < documents[d].item_count; i++) {
            const carnet_issuer_signed_item *item = &documents[d].items[i];

            present_say_name(item->name_space, item->identifier);
            fputs(": leaves\n", stderr);
            if (p->a->json) {
                present_json_element(told++, documents[d].doc_type, item->name_space, item->identifier,
                                     &item->identifier, true, false);
            }
        }
    }
    fputs(p->a->json ? "\n  ],\n" : "", stdout);
}

int
present_disclose(presenter *p)
{
    carnet_presented_document documents[PRESENT_DOCUMENTS_MAX] = { 0 };
    carnet_presentation presentation = { .session_transcript = p->session_transcript, .documents = documents };
    carnet_cbor_builder b = present_builder(p);
    carnet_err err = { 0 };
    bool all = true;

    for (size_t i = 0; i < p->name_count; i++) {
        carnet_issuer_signed_item item;
        size_t document;

        if (find(p, p->names[i], &document, &item)) {
            add_item(p, documents, document, &item);
        } else {
            all = false;
        }
    }
    if (!all) {
        return CLI_NEGATIVE;
    }
    for (size_t i = 0; i < p->count; i++) {
        if (documents[i].item_count > 0) {
            documents[presentation.count++] = documents[i];
        }
    }
    say(p, documents, presentation.count);
    if (carnet_present(&presentation, p->crypto, &b, &err) != CARNET_OK) {
        cli_die("the response", &err);
    }
    present_write(p, &b);
    return CLI_VALID;
}
