/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/device_response.h"
#include "fuzz.h"

static void
check_document(carnet_span encoded, carnet_span input)
{
    carnet_document document;
    carnet_device_signed device_signed;
    carnet_element_walk walk;
    carnet_element element;
    carnet_element_error error;
    carnet_err err = { 0 };

    if (carnet_document_open(encoded, CARNET_CBOR_LENIENT, &document, &err) != CARNET_OK) {
        MUST(err.offset <= encoded.len && document.issuer_signed.ptr == NULL);
        return;
    }
    MUST(fuzz_inside(document.issuer_signed, input) && document.issuer_signed.len > 0);
    MUST(carnet_device_signed_open(document.device_signed, CARNET_CBOR_LENIENT, &device_signed, &err) == CARNET_OK);
    MUST((device_signed.signature.len != 0) != (device_signed.mac.len != 0));
    MUST(fuzz_inside(device_signed.name_spaces.encoded, input));
    carnet_element_begin(&walk, device_signed.name_spaces.content);
    while (carnet_element_next(&walk, &element))
        MUST(fuzz_inside(element.value, input) && fuzz_inside(carnet_str_bytes(element.identifier), input));
    carnet_element_begin(&walk, document.errors);
    while (carnet_element_error_next(&walk, &error))
        MUST(fuzz_inside(carnet_str_bytes(error.identifier), input));
}

/* Views lie inside the input; every document counted can be reached; what is strict is lenient too. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_span input = { data, size };
    carnet_device_response view, strict;
    carnet_document_error error;
    carnet_err err = { 0 };
    bool is_strict = carnet_device_response_open(input, 0, &strict, NULL) == CARNET_OK;

    if (carnet_device_response_open(input, CARNET_CBOR_LENIENT, &view, &err) != CARNET_OK) {
        MUST(!is_strict && err.offset <= size && view.version.ptr == NULL);
        return 0;
    }
    MUST(view.count <= CARNET_DOCUMENTS_MAX);
    for (size_t i = 0; i < view.count; i++) {
        carnet_span document = carnet_device_response_document(&view, i);
        MUST(document.len > 0 && fuzz_inside(document, input));
        check_document(document, input);
    }
    MUST(carnet_device_response_document(&view, view.count).len == 0);
    for (size_t i = 0; carnet_document_error_at(&view, i, &error); i++)
        MUST(fuzz_inside(carnet_str_bytes(error.doc_type), input));
    return 0;
}
