/* SPDX-License-Identifier: Apache-2.0 */
/* DocRequestInfo and DeviceRequestInfo, built (18013-5 10.2.5, 10.2.6). */
#include "carnet/cose_key.h"
#include "carnet/request_info.h"

static void
fail_usage(carnet_cbor_builder *b)
{
    if (b->rc == CARNET_OK)
        b->rc = CARNET_E_USAGE;
}

/* The head of an array that needs an entry. */
static void
add_list(carnet_cbor_builder *b, size_t count)
{
    if (count == 0)
        fail_usage(b);
    carnet_cbor_add_array(b, count);
}

static void
add_reference(carnet_cbor_builder *b, const carnet_element_name *name)
{
    carnet_cbor_add_array(b, 2);
    carnet_cbor_add_tstr(b, name->name_space);
    carnet_cbor_add_tstr(b, name->identifier);
}

static void
add_alternative(carnet_cbor_builder *b, const carnet_alternative_draft *alternative)
{
    carnet_cbor_add_map(b, 2);
    carnet_cbor_add_text(b, "requestedElement");
    add_reference(b, &alternative->requested);
    carnet_cbor_add_text(b, "alternativeElementSets");
    add_list(b, alternative->count);
    for (size_t i = 0; i < alternative->count; i++) {
        add_list(b, alternative->sets[i].count);
        for (size_t j = 0; j < alternative->sets[i].count; j++)
            add_reference(b, &alternative->sets[i].elements[j]);
    }
}

static void
add_parameters(carnet_cbor_builder *b, const carnet_doc_response_encryption_draft *encryption)
{
    carnet_cbor_add_map(b, 1U + (encryption->nonce.len != 0) + (encryption->certificate_count != 0));
    carnet_cbor_add_text(b, "recipientPublicKey");
    carnet_cose_key_build(b, encryption->recipient);
    if (encryption->nonce.len != 0) {
        carnet_cbor_add_text(b, "nonce");
        carnet_cbor_add_bstr(b, encryption->nonce);
    }
    if (encryption->certificate_count != 0) {
        carnet_cbor_add_text(b, "recipientCertificate");
        carnet_cbor_add_array(b, encryption->certificate_count);
    }
    for (size_t i = 0; i < encryption->certificate_count; i++)
        carnet_cbor_add_bstr(b, encryption->certificates[i]);
}

static void
add_encryption(carnet_cbor_builder *b, const carnet_doc_response_encryption_draft *encryption)
{
    carnet_cbor_open_bstr open;

    if (encryption->recipient == NULL || encryption->recipient->curve != CARNET_CURVE_P256) {
        fail_usage(b);
        return;
    }
    carnet_cbor_add_text(b, "docResponseEncryption");
    carnet_cbor_add_tag(b, 24);
    open = carnet_cbor_bstr_begin(b, 256);
    add_parameters(b, encryption);
    carnet_cbor_bstr_end(b, open);
}

void
carnet_doc_request_info_build(carnet_cbor_builder *b, const carnet_doc_request_info_draft *draft)
{
    const unsigned members = 0U + (draft->alternative_count != 0) + (draft->issuer_identifier_count != 0) +
                             (draft->unique_doc_set_required != NULL) + (draft->maximum_response_size != NULL) +
                             (draft->encryption != NULL);

    if (members == 0)
        fail_usage(b);
    carnet_cbor_add_map(b, members);
    if (draft->alternative_count != 0) {
        carnet_cbor_add_text(b, "alternativeDataElements");
        carnet_cbor_add_array(b, draft->alternative_count);
    }
    for (size_t i = 0; i < draft->alternative_count; i++)
        add_alternative(b, &draft->alternatives[i]);
    if (draft->issuer_identifier_count != 0) {
        carnet_cbor_add_text(b, "issuerIdentifiers");
        carnet_cbor_add_array(b, draft->issuer_identifier_count);
    }
    for (size_t i = 0; i < draft->issuer_identifier_count; i++)
        carnet_cbor_add_bstr(b, draft->issuer_identifiers[i]);
    if (draft->unique_doc_set_required != NULL) {
        carnet_cbor_add_text(b, "uniqueDocSetRequired");
        carnet_cbor_add_bool(b, *draft->unique_doc_set_required);
    }
    if (draft->maximum_response_size != NULL) {
        carnet_cbor_add_text(b, "maximumResponseSize");
        carnet_cbor_add_uint(b, *draft->maximum_response_size);
    }
    if (draft->encryption != NULL)
        add_encryption(b, draft->encryption);
}

static void
add_use_case(carnet_cbor_builder *b, const carnet_use_case_draft *use_case)
{
    carnet_cbor_add_map(b, use_case->hint_count != 0 ? 3 : 2);
    carnet_cbor_add_text(b, "mandatory");
    carnet_cbor_add_bool(b, use_case->mandatory);
    carnet_cbor_add_text(b, "documentSets");
    add_list(b, use_case->count);
    for (size_t i = 0; i < use_case->count; i++) {
        add_list(b, use_case->sets[i].count);
        for (size_t j = 0; j < use_case->sets[i].count; j++)
            carnet_cbor_add_uint(b, use_case->sets[i].doc_requests[j]);
    }
    if (use_case->hint_count != 0) {
        carnet_cbor_add_text(b, "purposeHints");
        carnet_cbor_add_map(b, use_case->hint_count);
    }
    for (size_t i = 0; i < use_case->hint_count; i++) {
        carnet_cbor_add_tstr(b, use_case->hints[i].controller);
        carnet_cbor_add_int(b, use_case->hints[i].purpose);
    }
}

void
carnet_device_request_info_build(carnet_cbor_builder *b, const carnet_use_case_draft *use_cases, size_t count)
{
    carnet_cbor_add_map(b, 1);
    carnet_cbor_add_text(b, "useCases");
    add_list(b, count);
    for (size_t i = 0; i < count; i++)
        add_use_case(b, &use_cases[i]);
}
