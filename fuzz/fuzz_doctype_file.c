/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/doctype_file.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

/* A text of the table lies in the storage and ends there. */
static void
check_text(const char *text, carnet_span storage)
{
    MUST(text != NULL);
    MUST(fuzz_inside(carnet_span_of(text, strlen(text) + 1), storage));
}

/* An identifier is found again, but for the two letters that stand for digits. */
static void
check_found(const carnet_doctype *d, const char *name_space, const char *identifier)
{
    size_t len = strlen(identifier);

    if (len > 2 && strcmp(identifier + len - 2, "NN") == 0)
        return;
    MUST(carnet_doctype_element(d, carnet_str_of(name_space), carnet_str_of(identifier)) != NULL);
}

/* What was read points into its storage, and can be looked up again under every name. */
static void
check_table(const carnet_doctype *d, carnet_span storage)
{
    check_text(d->doc_type, storage);
    check_text(d->title, storage);
    MUST(d->count > 0 && d->count <= CARNET_DOCTYPE_FILE_NAME_SPACES_MAX);
    for (size_t n = 0; n < d->count; n++) {
        const carnet_name_space_definition *ns = &d->name_spaces[n];

        check_text(ns->name, storage);
        MUST(ns->count > 0 && ns->count <= CARNET_DOCTYPE_FILE_ELEMENTS_MAX);
        for (size_t e = 0; e < ns->count; e++) {
            const carnet_element_definition *element = &ns->elements[e];
            bool choice = element->type == CARNET_ELEMENT_CHOICE || element->type == CARNET_ELEMENT_UINT_CHOICE;

            check_text(element->identifier, storage);
            MUST(carnet_doctype_file_type_name(element->type) != NULL && choice == (element->choices != NULL));
            if (choice)
                check_text(element->choices, storage);
            check_found(d, ns->name, element->identifier);
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t cap = CARNET_DOCTYPE_FILE_STORAGE(size);
    carnet_json *json = NULL;
    carnet_err err = { 0 };
    carnet_doctype d;
    carnet_buf storage;
    carnet_rc rc;

    if (carnet_json_parse((carnet_str){ (const char *)data, size }, &json, NULL) != CARNET_OK)
        return 0;
    storage = carnet_buf_of(malloc(cap), cap);
    MUST(storage.ptr != NULL);
    rc = carnet_doctype_file_read(json, &storage, &d, &err);
    carnet_json_free(&json);
    if (rc == CARNET_OK)
        check_table(&d, carnet_buf_span(&storage));
    else
        MUST((rc == CARNET_E_DOCTYPE_TABLE || rc == CARNET_E_LIMIT) && d.doc_type == NULL && d.count == 0);
    free(storage.ptr);
    return 0;
}
