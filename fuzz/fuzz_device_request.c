/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/device_request.h"
#include "fuzz.h"

static bool
is_text_inside(carnet_str text, carnet_span input)
{
    return fuzz_inside(carnet_str_bytes(text), input);
}

static void
check_info(const carnet_doc_request *doc, carnet_span input)
{
    carnet_doc_request_info info;
    carnet_alternative alternative;
    carnet_element_name name;
    carnet_zk_request zk;
    carnet_zk_system system;
    carnet_doc_response_encryption encryption;
    carnet_list_walk walk, sets, references;
    carnet_span set, bytes;

    if (!carnet_doc_request_info_get(doc, &info))
        return;
    carnet_list_begin(&walk, info.alternative_data_elements);
    while (carnet_alternative_next(&walk, &alternative)) {
        size_t count = 0;

        MUST(is_text_inside(alternative.requested.identifier, input));
        carnet_list_begin(&sets, alternative.sets);
        for (; carnet_list_next(&sets, &set); count++) {
            carnet_list_begin(&references, set);
            MUST(carnet_element_reference_next(&references, &name));
            MUST(is_text_inside(name.name_space, input));
        }
        MUST(count > 0);
    }
    carnet_list_begin(&walk, info.issuer_identifiers);
    while (carnet_bytes_next(&walk, &bytes))
        MUST(fuzz_inside(bytes, input));
    if (carnet_zk_request_get(&info, &zk)) {
        carnet_list_begin(&walk, zk.system_specs);
        MUST(carnet_zk_system_next(&walk, &system));
        MUST(is_text_inside(system.id, input) && fuzz_inside(system.params, input));
    }
    if (carnet_doc_response_encryption_get(&info, &encryption))
        MUST(encryption.recipient_public_key.len > 0 && fuzz_inside(encryption.nonce, input));
}

static void
check_documents(const carnet_device_request *view, carnet_span input)
{
    carnet_doc_request doc;

    for (size_t i = 0; i < view->count; i++) {
        carnet_element_walk walk;
        carnet_requested_element element;
        size_t count = 0;

        MUST(carnet_doc_request_at(view, i, &doc));
        MUST(doc.doc_type.len > 0 && is_text_inside(doc.doc_type, input));
        MUST(fuzz_inside(doc.items_request.encoded, input) && fuzz_inside(doc.reader_auth, input));
        carnet_element_begin(&walk, doc.name_spaces);
        for (; carnet_requested_element_next(&walk, &element); count++)
            MUST(is_text_inside(element.identifier, input) && is_text_inside(element.name_space, input));
        MUST(count > 0);
        check_info(&doc, input);
    }
    MUST(!carnet_doc_request_at(view, view->count, &doc));
}

static void
check_use_cases(const carnet_device_request *view)
{
    carnet_use_case use_case;
    carnet_list_walk sets, set;
    carnet_span encoded;
    size_t index = 0, doc;
    int64_t purpose;

    while (carnet_use_case_next(view, &index, &use_case)) {
        carnet_list_begin(&sets, use_case.document_sets);
        while (carnet_list_next(&sets, &encoded)) {
            carnet_list_begin(&set, encoded);
            while (carnet_document_set_next(&set, &doc))
                MUST(doc < view->count);
        }
        (void)carnet_purpose_hint(&use_case, "org.iso.jtc1.sc17", &purpose);
    }
}

/* Stepping through an opened request cannot fail or leave it; what is strict is lenient too. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_span input = { data, size };
    carnet_device_request view, strict;
    carnet_err err = { 0 };
    bool is_strict = carnet_device_request_open(input, 0, &strict, NULL) == CARNET_OK;

    if (carnet_device_request_open(input, CARNET_CBOR_LENIENT, &view, &err) != CARNET_OK) {
        MUST(!is_strict && err.offset <= size && view.encoded.ptr == NULL);
        return 0;
    }
    MUST(is_strict == ((view.oddities & CARNET_REQUEST_ENCODING) == 0));
    MUST(view.count > 0 && view.count <= CARNET_DOC_REQUESTS_MAX);
    check_documents(&view, input);
    check_use_cases(&view);
    return 0;
}
