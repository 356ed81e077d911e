/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an answer satisfies its question. */
#include "carnet/certificate.h"
#include "carnet/cose_sign1.h"
#include "carnet/encrypted_documents.h"
#include "carnet/holder_verification.h"
#include "carnet/reader_satisfied.h"

/** One document of the answer. */
typedef struct answer {
    carnet_document document;
    carnet_issuer_signed issuer_signed;
    carnet_device_signed device_signed;
} answer;

static bool
open_answer(carnet_span encoded, answer *a)
{
    return carnet_document_open(encoded, CARNET_CBOR_LENIENT, &a->document, NULL) == CARNET_OK &&
           carnet_issuer_signed_open(a->document.issuer_signed, CARNET_CBOR_LENIENT, &a->issuer_signed, NULL) ==
               CARNET_OK &&
           carnet_device_signed_open(a->document.device_signed, CARNET_CBOR_LENIENT, &a->device_signed, NULL) ==
               CARNET_OK;
}

/** Whether an element answers a request for another: by name, or any age any other (18013-5 13.4). */
static bool
answers(carnet_str name_space, carnet_str identifier, const carnet_element_name *wanted)
{
    return carnet_str_equal(name_space, wanted->name_space) &&
           (carnet_str_equal(identifier, wanted->identifier) ||
            (carnet_age_over(identifier) >= 0 && carnet_age_over(wanted->identifier) >= 0));
}

static bool
has_element(const answer *a, const carnet_element_name *wanted)
{
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;
    carnet_element_walk walk;
    carnet_element element;

    while (carnet_issuer_signed_next(&a->issuer_signed, &cursor, &item)) {
        if (answers(item.name_space, item.identifier, wanted)) {
            return true;
        }
    }
    carnet_element_begin(&walk, a->device_signed.name_spaces.content);
    while (carnet_element_next(&walk, &element)) {
        if (answers(element.name_space, element.identifier, wanted)) {
            return true;
        }
    }
    return false;
}

static bool
has_set(const answer *a, carnet_span set)
{
    carnet_list_walk walk;
    carnet_element_name name;

    carnet_list_begin(&walk, set);
    while (carnet_element_reference_next(&walk, &name)) {
        if (!has_element(a, &name)) {
            return false;
        }
    }
    return true;
}

/** Whether one of the alternatives for an element came whole. */
static bool
has_alternative(const answer *a, const carnet_doc_request_info *info, const carnet_element_name *wanted)
{
    carnet_list_walk walk, sets;
    carnet_alternative alternative;
    carnet_span set;

    carnet_list_begin(&walk, info->alternative_data_elements);
    while (carnet_alternative_next(&walk, &alternative)) {
        if (!carnet_str_equal(alternative.requested.name_space, wanted->name_space) ||
            !carnet_str_equal(alternative.requested.identifier, wanted->identifier)) {
            continue;
        }
        carnet_list_begin(&sets, alternative.sets);
        while (carnet_list_next(&sets, &set)) {
            if (has_set(a, set)) {
                return true;
            }
        }
    }
    return false;
}

/** Whether the document is of one of the issuers asked for. */
static bool
of_issuer(const answer *a, const carnet_doc_request_info *info)
{
    carnet_cose_sign1 cose;
    carnet_certificate certificate;
    carnet_list_walk walk;
    carnet_span at = { 0 }, der, identifier;

    if (info->issuer_identifiers.len == 0) {
        return true;
    }
    if (carnet_cose_sign1_open(a->issuer_signed.issuer_auth, CARNET_CBOR_LENIENT, &cose, NULL) != CARNET_OK) {
        return false;
    }
    while (carnet_cose_x5chain_next(&cose.headers, &at, &der)) {
        if (carnet_certificate_open(der, &certificate, NULL) != CARNET_OK || certificate.authority_key_id.len == 0) {
            continue;
        }
        carnet_list_begin(&walk, info->issuer_identifiers);
        while (carnet_bytes_next(&walk, &identifier)) {
            if (carnet_span_equal(identifier, certificate.authority_key_id)) {
                return true;
            }
        }
    }
    return false;
}

/** Whether one document has everything a DocRequest asks for. */
static bool
satisfies(const answer *a, const carnet_doc_request *doc)
{
    carnet_doc_request_info info;
    carnet_element_walk walk;
    carnet_requested_element wanted;

    (void)carnet_doc_request_info_get(doc, &info);
    if (!carnet_str_equal(a->document.doc_type, doc->doc_type) || !of_issuer(a, &info)) {
        return false;
    }
    carnet_element_begin(&walk, doc->name_spaces);
    while (carnet_requested_element_next(&walk, &wanted)) {
        carnet_element_name name = { wanted.name_space, wanted.identifier };

        if (!has_element(a, &name) && !has_alternative(a, &info, &name) &&
            carnet_holder_verification_find(name.name_space, name.identifier) == NULL) {
            return false;
        }
    }
    return true;
}

static uint32_t
satisfied_requests(const carnet_device_response *response, const carnet_device_request *request)
{
    uint32_t bits = 0;
    answer a;

    for (size_t i = 0; i < response->count; i++) {
        carnet_doc_request doc;

        if (!open_answer(carnet_device_response_document(response, i), &a)) {
            continue;
        }
        for (size_t k = 0; carnet_doc_request_at(request, k, &doc); k++) {
            bits |= (uint32_t)satisfies(&a, &doc) << k;
        }
    }
    return bits;
}

static uint32_t
encrypted_requests(const carnet_device_response *response, const carnet_device_request *request)
{
    carnet_encrypted_documents view;
    carnet_list_walk walk;
    carnet_span entry;
    uint32_t bits = 0;

    carnet_list_begin(&walk, response->encrypted_documents);
    while (carnet_list_next(&walk, &entry)) {
        if (carnet_encrypted_documents_open(entry, CARNET_CBOR_LENIENT, &view, NULL) == CARNET_OK &&
            view.doc_request_id < request->count) {
            bits |= UINT32_C(1) << view.doc_request_id;
        }
    }
    return bits;
}

/** How many different document sets of a use case the DocRequests satisfy, at most two. */
static size_t
count_sets(const carnet_use_case *use_case, uint32_t doc_requests)
{
    carnet_list_walk sets, entries;
    carnet_span set;
    size_t doc_request;
    uint32_t first = 0;

    carnet_list_begin(&sets, use_case->document_sets);
    while (carnet_list_next(&sets, &set)) {
        uint32_t needed = 0;

        carnet_list_begin(&entries, set);
        while (carnet_document_set_next(&entries, &doc_request)) {
            needed |= UINT32_C(1) << doc_request;
        }
        if ((needed & ~doc_requests) != 0 || needed == first) {
            continue;
        }
        if (first != 0) {
            return 2;
        }
        first = needed;
    }
    return first != 0;
}

static carnet_rc
judge_use_cases(const carnet_device_request *request, carnet_satisfaction *s, carnet_err *err)
{
    uint32_t had = s->doc_requests | s->encrypted, bit = 1;
    carnet_use_case use_case;
    size_t index = 0;
    bool mandatory = true;

    for (; carnet_use_case_next(request, &index, &use_case); bit <<= 1) {
        size_t sets = count_sets(&use_case, had);

        if (bit == 0) {
            return carnet_fail(err, CARNET_E_LIMIT, "18013-5 10.2.6", "the request has too many use cases");
        }
        s->use_cases |= sets != 0 ? bit : 0;
        s->twice |= sets == 2 ? bit : 0;
        mandatory = mandatory && (sets != 0 || !use_case.mandatory);
    }
    if (index == 0) {
        s->satisfied = had == (uint32_t)((UINT64_C(1) << request->count) - 1);
    } else {
        s->satisfied = mandatory && s->use_cases != 0;
    }
    return CARNET_OK;
}

carnet_rc
carnet_reader_satisfaction(carnet_span response, carnet_span request, carnet_satisfaction *satisfaction,
                           carnet_err *err)
{
    carnet_device_response answered;
    carnet_device_request asked;
    carnet_rc rc;

    *satisfaction = (carnet_satisfaction){ 0 };
    rc = carnet_device_response_open(response, CARNET_CBOR_LENIENT, &answered, err);
    if (rc == CARNET_OK) {
        rc = carnet_device_request_open(request, CARNET_CBOR_LENIENT, &asked, err);
    }
    if (rc != CARNET_OK) {
        return rc;
    }
    satisfaction->doc_requests = satisfied_requests(&answered, &asked);
    satisfaction->encrypted = encrypted_requests(&answered, &asked) & ~satisfaction->doc_requests;
    rc = judge_use_cases(&asked, satisfaction, err);
    if (rc != CARNET_OK) {
        *satisfaction = (carnet_satisfaction){ 0 };
    }
    return rc;
}

/** Whether the response is longer than a DocRequest it answers allows. */
static bool
is_too_long(carnet_span response, carnet_span request, const carnet_satisfaction *s)
{
    carnet_device_request asked;
    carnet_doc_request doc;
    carnet_doc_request_info info;

    if (carnet_device_request_open(request, CARNET_CBOR_LENIENT, &asked, NULL) != CARNET_OK) {
        return false;
    }
    for (size_t i = 0; carnet_doc_request_at(&asked, i, &doc); i++) {
        if ((s->doc_requests >> i & 1) != 0 && carnet_doc_request_info_get(&doc, &info) &&
            info.has_maximum_response_size && response.len > info.maximum_response_size) {
            return true;
        }
    }
    return false;
}

void
carnet_reader_check_satisfied(carnet_span response, carnet_span request, carnet_report *report)
{
    carnet_satisfaction s;
    carnet_outcome outcome = CARNET_FAIL;
    const char *detail = "something asked for was not returned";
    uint16_t before = report->document;

    report->document = CARNET_NO_DOCUMENT;
    if (carnet_reader_satisfaction(response, request, &s, NULL) != CARNET_OK) {
        outcome = CARNET_UNDETERMINED;
        detail = "request or response cannot be read";
    } else if (is_too_long(response, request, &s)) {
        detail = "the response is longer than was allowed";
    } else if (s.satisfied) {
        outcome = s.encrypted != 0 ? CARNET_UNDETERMINED : CARNET_PASS;
        detail = s.encrypted != 0 ? "documents are encrypted to another"
                 : s.twice != 0   ? "a use case by more than one document set"
                                  : NULL;
    }
    carnet_report_add(report, CARNET_CHECK_SATISFIES_REQUEST, outcome, NULL, detail);
    report->document = before;
}
