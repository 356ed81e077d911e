/* SPDX-License-Identifier: Apache-2.0 */
/* A request from a file: a DeviceRequest, whose signatures are of another session and left out, or JSON. */
#include "ask.h"

#include <string.h>

/** The elements of one DocRequest. */
static void
take_document(ask *a, const carnet_doc_request *doc, const char *path)
{
    ask_document *of = &a->documents[a->count++];
    carnet_requested_element element;
    carnet_element_walk walk;

    *of = (ask_document){ .doc_type = doc->doc_type,
                          .doctype = carnet_doctype_find(doc->doc_type),
                          .request_info = doc->request_info };
    carnet_element_begin(&walk, doc->name_spaces);
    while (carnet_requested_element_next(&walk, &element)) {
        if (of->count == ASK_ELEMENTS_MAX) {
            cli_die_text(path, "this asks for too many elements");
        }
        of->elements[of->count++] = element;
    }
}

static void
take_request(ask *a, carnet_span cbor, const char *path)
{
    carnet_device_request view;
    carnet_doc_request doc;
    carnet_err err = { 0 };

    if (carnet_device_request_open(cbor, CARNET_CBOR_LENIENT, &view, &err) != CARNET_OK) {
        cli_die(path, &err);
    }
    for (size_t i = 0; a->count < CARNET_DOC_REQUESTS_MAX && carnet_doc_request_at(&view, i, &doc); i++) {
        take_document(a, &doc, path);
    }
    a->device_request_info = view.device_request_info.content;
}

static bool
is_json(carnet_span file)
{
    size_t i = 0;

    while (i < file.len && strchr(" \t\r\n", file.ptr[i]) != NULL && file.ptr[i] != 0) {
        i++;
    }
    return i < file.len && file.ptr[i] == '{';
}

void
ask_file(ask *a, const char *path)
{
    carnet_span file = cli_read(path);
    carnet_json *json = NULL;
    carnet_err err = { 0 };
    const char *how;

    if (a->count > 0) {
        cli_usage("--request %s: a file asks for everything itself", path);
    }
    if (!is_json(file)) {
        take_request(a, cli_decode(file, &how), path);
        return;
    }
    if (carnet_json_parse((carnet_str){ (const char *)file.ptr, file.len }, &json, &err) != CARNET_OK) {
        cli_die(path, &err);
    }
    if (carnet_json_count(carnet_json_get(json, "docRequests")) == 0) {
        cli_die_text(path, "there are no \"docRequests\"");
    }
    ask_json(a, carnet_json_get(json, "docRequests"), path);
}
