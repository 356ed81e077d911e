/* SPDX-License-Identifier: Apache-2.0 */
/* Which documents may answer each DocRequest, and with which elements (18013-5 10.2.5, 13.4). */
#include "carnet/certificate.h"
#include "carnet/cose_key.h"
#include "carnet/cose_sign1.h"
#include "internal.h"

#include <string.h>

/** A choice in the making: one DocRequest, one document. */
typedef struct maker {
    carnet_choice *choice;
    size_t cap; /* of offers */
    carnet_doc_request_info info;
    const carnet_held_document *document;
    carnet_issuer_signed held;
    carnet_mso mso;
    bool has_mso;
    carnet_candidate *candidate;
    size_t answered; /* elements of the candidate so far */
    bool full;       /* the offers did not fit */
} maker;

/** Whether a certificate of the document's x5chain was issued by one of the authorities asked for. */
static bool
issuer_accepted(const carnet_doc_request_info *info, const carnet_cose_headers *headers)
{
    carnet_span at = { 0 }, der, identifier;
    carnet_certificate certificate;
    carnet_list_walk walk;

    while (carnet_cose_x5chain_next(headers, &at, &der)) {
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
    return info->issuer_identifiers.len == 0;
}

/** Where an element comes from. */
typedef struct source {
    carnet_str identifier;
    carnet_span value;
    bool device_signed;
} source;

/** What answers an element name: the issuer's, else the device's where the issuer authorised it. */
static bool
find_source(const maker *m, carnet_str name_space, carnet_str wanted, source *found)
{
    const carnet_held_document *document = m->document;
    carnet_issuer_signed_item item;

    *found = (source){ 0 };
    if (carnet_holder_verification_find(name_space, wanted) != NULL) {
        found->device_signed = m->has_mso && carnet_mso_authorises(&m->mso, name_space, wanted);
        found->identifier = found->device_signed ? wanted : (carnet_str){ 0 };
        return found->device_signed;
    }
    if (carnet_answer_find(&m->held, name_space, wanted, &item)) {
        found->identifier = item.identifier;
        return true;
    }
    for (size_t i = 0; i < document->device_element_count; i++) {
        const carnet_element *element = &document->device_elements[i];

        if (carnet_str_equal(element->name_space, name_space) && carnet_str_equal(element->identifier, wanted) &&
            m->has_mso && carnet_mso_authorises(&m->mso, name_space, wanted)) {
            *found = (source){ element->identifier, element->value, true };
            return true;
        }
    }
    return false;
}

static void
add_offer(maker *m, const carnet_requested_element *wanted, carnet_str name_space, const source *from, size_t option,
          bool elected)
{
    carnet_choice *c = m->choice;

    if (c->offer_count == m->cap) {
        m->full = true;
        return;
    }
    c->offers[c->offer_count++] = (carnet_offer){
        .doc_request = m->candidate->doc_request,
        .document = m->candidate->document,
        .name_space = name_space,
        .requested = wanted->identifier,
        .identifier = from->identifier,
        .retain = wanted->retain,
        .asked_retain = wanted->retain,
        .elected = elected,
        .device_signed = from->device_signed,
        .verification = carnet_holder_verification_find(name_space, from->identifier) != NULL,
        .option = (uint16_t)option,
        .requested_name_space = wanted->name_space,
        .value = from->value,
    };
    m->candidate->count++;
    m->answered += elected;
}

/** Offer one alternative element set, if all of it is held. */
static bool
add_set(maker *m, const carnet_requested_element *wanted, carnet_span set, size_t option, bool elected)
{
    carnet_list_walk walk;
    carnet_element_name name;
    source from;

    carnet_list_begin(&walk, set);
    while (carnet_element_reference_next(&walk, &name)) {
        if (!find_source(m, name.name_space, name.identifier, &from)) {
            return false;
        }
    }
    carnet_list_begin(&walk, set);
    while (carnet_element_reference_next(&walk, &name)) {
        (void)find_source(m, name.name_space, name.identifier, &from);
        add_offer(m, wanted, name.name_space, &from, option, elected);
    }
    return true;
}

/** Offer every alternative for an element; says whether there is one. */
static bool
add_alternatives(maker *m, const carnet_requested_element *wanted, bool answered)
{
    carnet_list_walk walk, sets;
    carnet_alternative alternative;
    carnet_span set;
    size_t option = 0;

    carnet_list_begin(&walk, m->info.alternative_data_elements);
    while (carnet_alternative_next(&walk, &alternative)) {
        if (!carnet_str_equal(alternative.requested.name_space, wanted->name_space) ||
            !carnet_str_equal(alternative.requested.identifier, wanted->identifier)) {
            continue;
        }
        carnet_list_begin(&sets, alternative.sets);
        while (option < UINT16_MAX && carnet_list_next(&sets, &set)) {
            answered |= add_set(m, wanted, set, ++option, !answered);
        }
    }
    return answered;
}

/** Everything that answers one element asked for. */
static void
add_element(maker *m, const carnet_requested_element *wanted)
{
    source from;
    bool verification = carnet_holder_verification_find(wanted->name_space, wanted->identifier) != NULL;
    bool answered = find_source(m, wanted->name_space, wanted->identifier, &from);

    if (answered) {
        add_offer(m, wanted, wanted->name_space, &from, 0, true);
    }
    answered = add_alternatives(m, wanted, answered);
    if (!answered) {
        add_offer(m, wanted, wanted->name_space, &from, 0, false);
        /* A reader takes its absence for "not verified": it satisfies no less. */
        m->candidate->missing += !verification;
    }
}

/** Open the document: what the issuer signed, and the MSO if it can be read. */
static bool
open_document(maker *m, const carnet_held_document *document)
{
    carnet_cose_sign1 cose;

    m->document = document;
    m->has_mso = false;
    if (carnet_issuer_signed_open(document->issuer_signed, CARNET_CBOR_LENIENT, &m->held, NULL) != CARNET_OK) {
        return false;
    }
    if (carnet_cose_sign1_open(m->held.issuer_auth, CARNET_CBOR_LENIENT, &cose, NULL) != CARNET_OK) {
        return m->info.issuer_identifiers.len == 0;
    }
    m->has_mso = carnet_mso_open(cose.payload, NULL, CARNET_CBOR_LENIENT, &m->mso, NULL) == CARNET_OK;
    return issuer_accepted(&m->info, &cose.headers);
}

static bool
is_current(const maker *m)
{
    carnet_time now = m->choice->options.now;

    return now == 0 || (m->has_mso && m->mso.valid_from <= now && now <= m->mso.valid_until);
}

static carnet_rc
add_candidate(maker *m, carnet_choice_request *request, size_t document, carnet_err *err)
{
    carnet_choice *c = m->choice;
    carnet_requested_element wanted;
    carnet_element_walk walk;

    if (c->candidate_count == CARNET_CHOICE_CANDIDATES_MAX) {
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "too many documents may answer the request");
    }
    m->candidate = &c->candidates[c->candidate_count++];
    *m->candidate = (carnet_candidate){
        .doc_request = request->view.index, .document = document, .first = c->offer_count, .current = is_current(m)
    };
    m->answered = 0;
    carnet_element_begin(&walk, request->view.name_spaces);
    while (carnet_requested_element_next(&walk, &wanted)) {
        add_element(m, &wanted);
    }
    m->candidate->complete = m->candidate->missing == 0 && m->answered != 0;
    request->count++;
    carnet_candidate_refresh(c, m->candidate);
    return m->full ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, "the request asks for too many elements") : CARNET_OK;
}

/** Whether `a` is a better answer than `b`. */
static bool
is_better(const carnet_candidate *a, const carnet_candidate *b)
{
    if (a->complete != b->complete) {
        return a->complete;
    }
    return a->current != b->current ? a->current : a->missing < b->missing;
}

/** The best first; of equals, that held first. */
static void
sort_candidates(carnet_choice *c, const carnet_choice_request *request)
{
    for (size_t i = request->first + 1; i < request->first + request->count; i++) {
        carnet_candidate candidate = c->candidates[i];
        size_t k = i;

        for (; k > request->first && is_better(&candidate, &c->candidates[k - 1]); k--) {
            c->candidates[k] = c->candidates[k - 1];
        }
        c->candidates[k] = candidate;
    }
    for (size_t i = request->first; i < request->first + request->count; i++) {
        for (size_t k = 0; k < c->candidates[i].count; k++) {
            c->offers[c->candidates[i].first + k].candidate = (uint16_t)i;
        }
    }
}

/** Whether requestInfo asks for a document that is no mdoc: otherDocuments are not made here. */
static bool
other_format(const carnet_doc_request *doc)
{
    carnet_cbor_reader r = carnet_cbor_open(doc->request_info);
    carnet_cbor_walk walk;

    r.allow = CARNET_CBOR_LENIENT;
    carnet_cbor_map(&r, &walk);
    while (doc->request_info.len != 0 && carnet_cbor_map_next(&r, &walk)) {
        bool format = carnet_cbor_peek(&r) == CARNET_CBOR_TSTR && carnet_str_is(carnet_cbor_tstr(&r), "docFormat");

        if (format) {
            carnet_str name = carnet_cbor_tstr(&r);

            return !carnet_str_is(name, "mdoc") && !carnet_str_is(name, "mso_mdoc");
        }
        (void)carnet_cbor_any(&r);
    }
    return false;
}

/** Whether documents can be encrypted to whom requestInfo names, if it does (18013-5 12.6). */
static bool
has_recipient(const carnet_doc_request_info *info)
{
    carnet_doc_response_encryption encryption;
    carnet_cose_key key;

    return !carnet_doc_response_encryption_get(info, &encryption) ||
           (carnet_cose_key_open(encryption.recipient_public_key, CARNET_CBOR_LENIENT, NULL, &key, NULL) == CARNET_OK &&
            key.key.curve == CARNET_CURVE_P256);
}

/** What requestInfo demands; a DocRequest that no mdoc can answer has no candidates. */
static void
read_info(maker *m, carnet_choice_request *request)
{
    carnet_zk_request zk;

    (void)carnet_doc_request_info_get(&request->view, &m->info);
    request->several = m->info.has_unique_doc_set_required && !m->info.unique_doc_set_required;
    request->maximum_size = m->info.has_maximum_response_size ? m->info.maximum_response_size : UINT64_MAX;
    if (other_format(&request->view)) {
        request->lack = CARNET_LACK_FORMAT;
    } else if (carnet_zk_request_get(&m->info, &zk) && zk.required) {
        request->lack = CARNET_LACK_ZERO_KNOWLEDGE;
    } else if (!has_recipient(&m->info)) {
        request->lack = CARNET_LACK_RECIPIENT;
    }
}

/** Take the best candidate, if one will do. */
static void
take_best(carnet_choice *c, carnet_choice_request *request)
{
    for (size_t i = request->first; i < request->first + request->count; i++) {
        if (carnet_candidate_acceptable(c, &c->candidates[i])) {
            c->candidates[i].taken = true;
            request->lack = CARNET_LACK_NONE;
            return;
        }
    }
}

static carnet_rc
add_request(maker *m, carnet_choice_request *request, carnet_err *err)
{
    carnet_choice *c = m->choice;
    carnet_rc rc = CARNET_OK;

    request->first = c->candidate_count;
    read_info(m, request);
    if (request->lack != CARNET_LACK_NONE) {
        return CARNET_OK;
    }
    request->lack = CARNET_LACK_TYPE;
    for (size_t i = 0; rc == CARNET_OK && i < c->document_count; i++) {
        if (!carnet_str_equal(c->documents[i].doc_type, request->view.doc_type)) {
            continue;
        }
        request->lack = request->count != 0 ? CARNET_LACK_ELEMENTS : CARNET_LACK_ISSUER;
        if (open_document(m, &c->documents[i])) {
            request->lack = CARNET_LACK_ELEMENTS;
            rc = add_candidate(m, request, i, err);
        }
    }
    sort_candidates(c, request);
    take_best(c, request);
    return rc;
}

carnet_rc
carnet_choice_make(carnet_choice *choice, const carnet_device_request *request, const carnet_held_document *documents,
                   size_t count, const carnet_choice_options *options, carnet_offer *offers, size_t cap,
                   carnet_err *err)
{
    maker m = { .choice = choice, .cap = cap };
    carnet_rc rc;

    memset(choice, 0, sizeof *choice);
    choice->request = request;
    choice->documents = documents;
    choice->document_count = count;
    choice->offers = offers;
    choice->encrypted = carnet_request_encrypting(request);
    if (options != NULL) {
        choice->options = *options;
    }
    rc = carnet_choice_read_use_cases(choice, err);
    for (size_t i = 0; rc == CARNET_OK && carnet_doc_request_at(request, i, &choice->requests[i].view); i++) {
        choice->request_count++;
        rc = add_request(&m, &choice->requests[i], err);
    }
    if (rc != CARNET_OK) {
        memset(choice, 0, sizeof *choice);
        return rc;
    }
    carnet_choice_propose(choice);
    return CARNET_OK;
}
