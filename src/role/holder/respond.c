/* SPDX-License-Identifier: Apache-2.0 */
/* The DeviceResponse of what the holder consented to (18013-5 10.3). */
#include "carnet/cose_sign1.h"
#include "carnet/doctype.h"
#include "internal.h"

/** Whether the holder lets an element of this document go. */
static bool
leaves(const carnet_holdings *h, size_t i, size_t document)
{
    const carnet_offer *offer = &h->offers[i];

    if (!offer->consented || offer->document != document || offer->identifier.len == 0) {
        return false;
    }
    return h->choice != NULL ? carnet_choice_leaves(h->choice, i) : !offer->device_signed;
}

/** Whether the reader takes the element of an offer instead of what it asked for (18013-5 10.2.5). */
static bool
is_alternative(const carnet_doc_request *doc, const carnet_offer *offer)
{
    carnet_doc_request_info info;
    carnet_list_walk walk, sets, names;
    carnet_alternative alternative;
    carnet_element_name name;
    carnet_span set;
    bool ages = carnet_age_over(offer->identifier) >= 0;

    (void)carnet_doc_request_info_get(doc, &info);
    carnet_list_begin(&walk, info.alternative_data_elements);
    while (carnet_alternative_next(&walk, &alternative)) {
        if (!carnet_str_equal(alternative.requested.name_space, offer->requested_name_space) ||
            !carnet_str_equal(alternative.requested.identifier, offer->requested)) {
            continue;
        }
        carnet_list_begin(&sets, alternative.sets);
        while (carnet_list_next(&sets, &set)) {
            carnet_list_begin(&names, set);
            while (carnet_element_reference_next(&names, &name)) {
                if (carnet_str_equal(name.name_space, offer->name_space) &&
                    (carnet_str_equal(name.identifier, offer->identifier) ||
                     (ages && carnet_age_over(name.identifier) >= 0))) {
                    return true;
                }
            }
        }
    }
    return false;
}

/** Whether an offer answers something the request asks for, with a document of the type asked for. */
static bool
belongs(const carnet_offer *offer, const carnet_device_request *request, const carnet_held_document *held)
{
    carnet_doc_request doc;
    carnet_element_walk walk;
    carnet_requested_element wanted;
    carnet_str asked_in = offer->option != 0 ? offer->requested_name_space : offer->name_space;
    bool ages = carnet_age_over(offer->requested) >= 0 && carnet_age_over(offer->identifier) >= 0;

    if (!carnet_doc_request_at(request, offer->doc_request, &doc) || !carnet_str_equal(doc.doc_type, held->doc_type) ||
        (offer->option == 0 ? !ages && !carnet_str_equal(offer->requested, offer->identifier)
                            : !is_alternative(&doc, offer))) {
        return false;
    }
    carnet_element_begin(&walk, doc.name_spaces);
    while (carnet_requested_element_next(&walk, &wanted)) {
        if (carnet_str_equal(wanted.name_space, asked_in) && carnet_str_equal(wanted.identifier, offer->requested)) {
            return true;
        }
    }
    return false;
}

static carnet_rc
check_offers(const carnet_device_request *request, const carnet_holdings *h, carnet_err *err)
{
    for (size_t i = 0; i < h->offer_count; i++) {
        const carnet_offer *offer = &h->offers[i];

        if (leaves(h, i, offer->document) &&
            (offer->document >= h->count || !belongs(offer, request, &h->documents[offer->document]))) {
            return carnet_fail(err, CARNET_E_ROLE_REQUEST, "18013-5 10.3",
                               "what was consented to is not what is asked for");
        }
    }
    return CARNET_OK;
}

/** Whether the answer to an offer's DocRequest goes into the group being added: encrypted or not. */
static bool
in_group(const carnet_response_draft *d, const carnet_offer *offer)
{
    bool encrypting = offer->doc_request < CARNET_DOC_REQUESTS_MAX && (d->encrypting >> offer->doc_request & 1) != 0;

    return encrypting ? d->group == offer->doc_request : d->group == CARNET_PLAIN_GROUP;
}

/** One document being put together. */
typedef struct selection {
    const carnet_held_document *held;
    carnet_issuer_signed view;
    carnet_issuer_signed_item *items;
    carnet_element *elements; /* device-signed */
    size_t item_count, element_count;
} selection;

static bool
already(const selection *s, const carnet_offer *offer)
{
    for (size_t i = 0; i < s->item_count; i++) {
        if (carnet_str_equal(s->items[i].name_space, offer->name_space) &&
            carnet_str_equal(s->items[i].identifier, offer->identifier)) {
            return true;
        }
    }
    for (size_t i = 0; i < s->element_count; i++) {
        if (carnet_str_equal(s->elements[i].name_space, offer->name_space) &&
            carnet_str_equal(s->elements[i].identifier, offer->identifier)) {
            return true;
        }
    }
    return false;
}

/** The value the device signs: what verifying the holder came to, or the caller's. */
static carnet_span
device_value(const carnet_held_document *held, const carnet_offer *offer)
{
    if (offer->verification) {
        return offer->verified ? offer->value : (carnet_span){ 0 };
    }
    for (size_t i = 0; i < held->device_element_count; i++) {
        if (carnet_str_equal(held->device_elements[i].name_space, offer->name_space) &&
            carnet_str_equal(held->device_elements[i].identifier, offer->identifier)) {
            return held->device_elements[i].value;
        }
    }
    return (carnet_span){ 0 };
}

static void
select_element(selection *s, const carnet_offer *offer)
{
    carnet_span value;

    if (!offer->device_signed) {
        s->item_count +=
            carnet_issuer_signed_find(&s->view, offer->name_space, offer->identifier, &s->items[s->item_count]);
        return;
    }
    value = device_value(s->held, offer);
    if (value.len != 0) {
        s->elements[s->element_count++] = (carnet_element){ offer->name_space, offer->identifier, value };
    }
}

/** The consented elements of one document held, each once, at most two of them age attestations. */
static void
select_all(carnet_response_draft *d, selection *s, size_t document, const carnet_holdings *h)
{
    for (size_t i = 0; i < h->offer_count; i++) {
        const carnet_offer *offer = &h->offers[i];
        bool age = carnet_age_over(offer->identifier) >= 0;
        size_t before = s->item_count + s->element_count;

        if (!leaves(h, i, document) || !in_group(d, offer) || already(s, offer) ||
            (age && d->ages >= CARNET_AGES_RETURNED_MAX)) {
            continue;
        }
        select_element(s, offer);
        d->ages += age && s->item_count + s->element_count != before;
    }
}

/** The device signs only what the issuer let it sign (18013-5 12.4). */
static carnet_rc
check_authorised(const selection *s, carnet_err *err)
{
    carnet_cose_sign1 cose;
    carnet_mso mso;
    carnet_rc rc;

    if (s->element_count == 0) {
        return CARNET_OK;
    }
    rc = carnet_cose_sign1_open(s->view.issuer_auth, CARNET_CBOR_LENIENT, &cose, err);
    if (rc == CARNET_OK) {
        rc = carnet_mso_open(cose.payload, NULL, CARNET_CBOR_LENIENT, &mso, err);
    }
    for (size_t i = 0; rc == CARNET_OK && i < s->element_count; i++) {
        if (!carnet_mso_authorises(&mso, s->elements[i].name_space, s->elements[i].identifier)) {
            rc = carnet_fail(err, CARNET_E_MDOC_UNAUTHORISED, "18013-5 12.4", NULL);
        }
    }
    return rc;
}

static size_t
count_leaving(const carnet_response_draft *d, const carnet_holdings *h, size_t document, bool device_signed)
{
    size_t count = 0;

    for (size_t i = 0; i < h->offer_count; i++) {
        count += h->offers[i].device_signed == device_signed && leaves(h, i, document) && in_group(d, &h->offers[i]);
    }
    return count;
}

static carnet_rc
open_selection(carnet_response_draft *d, selection *s, size_t document, const carnet_holdings *h, carnet_err *err)
{
    size_t items = count_leaving(d, h, document, false), elements = count_leaving(d, h, document, true);
    carnet_rc rc;

    if (s->held->device_key == NULL) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a document is presented with its device key");
    }
    rc = carnet_issuer_signed_open(s->held->issuer_signed, CARNET_CBOR_LENIENT, &s->view, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    s->items = carnet_scratch_take(d->scratch, items, sizeof *s->items);
    s->elements = carnet_scratch_take(d->scratch, elements, sizeof *s->elements);
    if (s->items == NULL || s->elements == NULL) {
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "the scratch is too small for the elements consented to");
    }
    return CARNET_OK;
}

/** One document held: every consented element of it, whichever DocRequest asked, or the one that wants it encrypted. */
static carnet_rc
add_document(carnet_response_draft *d, const carnet_holdings *h, size_t index, const carnet_device_request *request,
             carnet_crypto *crypto, const carnet_public_key *reader_key, carnet_err *err)
{
    selection s = { .held = &h->documents[index] };
    carnet_rc rc;

    if (count_leaving(d, h, index, false) + count_leaving(d, h, index, true) == 0) {
        return CARNET_OK;
    }
    rc = open_selection(d, &s, index, h, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    select_all(d, &s, index, h);
    rc = check_authorised(&s, err);
    if (rc != CARNET_OK || s.item_count + s.element_count == 0) {
        return rc;
    }
    if (d->count == CARNET_RESPONSE_DOCUMENTS_MAX) {
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "more documents were consented to than fit an answer");
    }
    d->groups[d->count] = d->group;
    d->documents[d->count++] = (carnet_presented_document){
        .doc_type = s.held->doc_type,
        .issuer_auth = s.view.issuer_auth,
        .items = s.items,
        .item_count = s.item_count,
        .device_elements = s.elements,
        .device_element_count = s.element_count,
        .device_key = s.held->device_key,
        .reader_key =
            s.held->mac && d->group == CARNET_PLAIN_GROUP
                ? carnet_request_mac_key(request, crypto, s.held->device_key->public_key.curve, reader_key, d->scratch)
                : NULL,
    };
    return CARNET_OK;
}

static bool
returned(const carnet_response_draft *d, carnet_str doc_type)
{
    for (size_t i = 0; i < d->count; i++) {
        if (carnet_str_equal(d->documents[i].doc_type, doc_type)) {
            return true;
        }
    }
    for (size_t i = 0; i < d->error_count; i++) {
        if (carnet_str_equal(d->errors[i].doc_type, doc_type)) {
            return true;
        }
    }
    return false;
}

/** Types asked for of which nothing is returned: error 0, data not returned. */
static void
add_errors(carnet_response_draft *d, const carnet_device_request *request)
{
    carnet_doc_request doc;

    for (size_t i = 0; d->error_count < CARNET_DOC_REQUESTS_MAX && carnet_doc_request_at(request, i, &doc); i++) {
        if (!returned(d, doc.doc_type)) {
            d->errors[d->error_count++] = (carnet_document_error){ doc.doc_type, 0 };
        }
    }
}

/** A reader that says how much it takes is not sent more (18013-5 10.2.5). */
static carnet_rc
check_length(const carnet_response_draft *d, const carnet_holdings *h, carnet_err *err)
{
    if (h->choice != NULL && d->size > carnet_choice_maximum_size(h->choice)) {
        return carnet_fail(err, CARNET_E_LIMIT, "18013-5 10.2.5", "the answer is larger than the reader takes");
    }
    return CARNET_OK;
}

/** The size before anything is signed, so that no key is used in vain. */
static carnet_rc
check_size(carnet_response_draft *d, const carnet_presentation *presentation, const carnet_holdings *h,
           carnet_crypto *crypto, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    if (h->choice != NULL) {
        rc = carnet_present_size(presentation, crypto, &d->size, err);
    }
    return rc == CARNET_OK ? check_length(d, h, err) : rc;
}

/** The documents of one group. */
static carnet_rc
add_group(carnet_response_draft *d, size_t group, const carnet_holdings *h, const carnet_device_request *request,
          carnet_crypto *crypto, const carnet_public_key *reader_key, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    d->group = group;
    for (size_t i = 0; rc == CARNET_OK && i < h->count; i++) {
        rc = add_document(d, h, i, request, crypto, reader_key, err);
    }
    return rc;
}

/** Encrypt what is to be, group by group; the presentation is left with the rest. */
static carnet_rc
encrypt_groups(const carnet_response_draft *d, carnet_presentation *presentation, carnet_span *encrypted,
               carnet_crypto *crypto, const carnet_device_request *request, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;
    size_t first = 0, end;

    while (first < d->count && d->groups[first] == CARNET_PLAIN_GROUP) {
        first++;
    }
    presentation->count = first;
    presentation->encrypted = encrypted;
    for (; rc == CARNET_OK && first < d->count; first = end) {
        for (end = first; end < d->count && d->groups[end] == d->groups[first]; end++) {
        }
        rc = carnet_response_encrypt(d, first, end - first, crypto, presentation->session_transcript, request,
                                     &encrypted[presentation->encrypted_count++], err);
    }
    return rc;
}

carnet_rc
carnet_response_draft_build(carnet_response_draft *d, carnet_crypto *crypto, carnet_span session_transcript,
                            const carnet_public_key *reader_key, const carnet_device_request *request,
                            const carnet_holdings *holdings, carnet_cbor_builder *b, carnet_err *err)
{
    carnet_presentation presentation = { .session_transcript = session_transcript };
    carnet_span encrypted[CARNET_RESPONSE_DOCUMENTS_MAX];
    carnet_rc rc = check_offers(request, holdings, err);
    size_t start;

    d->encrypting = carnet_request_encrypting(request);
    if (rc == CARNET_OK) {
        rc = add_group(d, CARNET_PLAIN_GROUP, holdings, request, crypto, reader_key, err);
    }
    for (size_t i = 0; rc == CARNET_OK && i < CARNET_DOC_REQUESTS_MAX; i++) {
        if ((d->encrypting >> i & 1) != 0) {
            rc = add_group(d, i, holdings, request, crypto, reader_key, err);
        }
    }
    if (rc != CARNET_OK) {
        return rc;
    }
    add_errors(d, request);
    presentation.documents = d->documents;
    presentation.count = d->count;
    presentation.document_errors = d->errors;
    presentation.document_error_count = d->error_count;
    if (b == NULL) {
        return carnet_present_size(&presentation, crypto, &d->size, err);
    }
    rc = check_size(d, &presentation, holdings, crypto, err);
    if (rc == CARNET_OK) {
        rc = encrypt_groups(d, &presentation, encrypted, crypto, request, err);
    }
    start = b->len;
    if (rc == CARNET_OK) {
        rc = carnet_present(&presentation, crypto, b, err);
    }
    if (rc == CARNET_OK) {
        d->size = b->len - start;
        rc = check_length(d, holdings, err);
    }
    if (rc != CARNET_OK) {
        b->len = start;
        b->rc = rc;
    }
    return rc;
}

carnet_rc
carnet_holder_respond(carnet_crypto *crypto, carnet_span session_transcript, const carnet_public_key *reader_key,
                      const carnet_device_request *request, const carnet_held_document *documents, size_t count,
                      const carnet_offer *offers, size_t offer_count, carnet_buf *scratch, carnet_cbor_builder *b,
                      carnet_err *err)
{
    carnet_response_draft draft = { .scratch = scratch };

    return carnet_response_draft_build(
        &draft, crypto, session_transcript, reader_key, request,
        &(carnet_holdings){ .documents = documents, .count = count, .offers = offers, .offer_count = offer_count }, b,
        err);
}
