/* SPDX-License-Identifier: Apache-2.0 */
/* The DeviceResponse of what the holder consented to (18013-5 10.3). */
#include "carnet/doctype.h"
#include "internal.h"

/** Room in the scratch for `count` items, aligned; NULL if there is none. */
static carnet_issuer_signed_item *
take_items(carnet_buf *scratch, size_t count)
{
    size_t align = _Alignof(carnet_issuer_signed_item);
    size_t skip = (align - (uintptr_t)(scratch->ptr + scratch->len) % align) % align;
    void *at;

    if (scratch->cap - scratch->len < skip ||
        (scratch->cap - scratch->len - skip) / sizeof(carnet_issuer_signed_item) < count) {
        return NULL;
    }
    at = scratch->ptr + scratch->len + skip;
    scratch->len += skip + count * sizeof(carnet_issuer_signed_item);
    return at;
}

static bool
already(const carnet_issuer_signed_item *items, size_t count, const carnet_offer *offer)
{
    for (size_t i = 0; i < count; i++) {
        if (carnet_str_equal(items[i].name_space, offer->name_space) &&
            carnet_str_equal(items[i].identifier, offer->identifier)) {
            return true;
        }
    }
    return false;
}

/** Whether the holder lets an element of this document go. */
static bool
consented(const carnet_offer *offer, size_t document)
{
    return offer->consented && offer->document == document && offer->identifier.len != 0;
}

/** Whether an offer answers something the request asks for, with a document of the type asked for. */
static bool
belongs(const carnet_offer *offer, const carnet_device_request *request, const carnet_held_document *held)
{
    carnet_doc_request doc;
    carnet_element_walk walk;
    carnet_requested_element wanted;
    bool ages = carnet_age_over(offer->requested) >= 0 && carnet_age_over(offer->identifier) >= 0;

    if (!carnet_doc_request_at(request, offer->doc_request, &doc) || !carnet_str_equal(doc.doc_type, held->doc_type) ||
        (!ages && !carnet_str_equal(offer->requested, offer->identifier))) {
        return false;
    }
    carnet_element_begin(&walk, doc.name_spaces);
    while (carnet_requested_element_next(&walk, &wanted)) {
        if (carnet_str_equal(wanted.name_space, offer->name_space) &&
            carnet_str_equal(wanted.identifier, offer->requested)) {
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

        if (offer->consented && offer->identifier.len != 0 &&
            (offer->document >= h->count || !belongs(offer, request, &h->documents[offer->document]))) {
            return carnet_fail(err, CARNET_E_ROLE_REQUEST, "18013-5 10.3",
                               "what was consented to is not what is asked for");
        }
    }
    return CARNET_OK;
}

static size_t
count_consented(const carnet_holdings *h, size_t document)
{
    size_t count = 0;

    for (size_t i = 0; i < h->offer_count; i++) {
        count += consented(&h->offers[i], document);
    }
    return count;
}

/** The consented elements of one document held, each once, at most two of them age attestations. */
static size_t
select_items(carnet_response_draft *d, const carnet_issuer_signed *view, size_t index, const carnet_holdings *h,
             carnet_issuer_signed_item *items)
{
    size_t found = 0;

    for (size_t i = 0; i < h->offer_count; i++) {
        const carnet_offer *offer = &h->offers[i];
        bool age = carnet_age_over(offer->identifier) >= 0;

        if (!consented(offer, index) || already(items, found, offer) || (age && d->ages >= CARNET_AGES_RETURNED_MAX)) {
            continue;
        }
        if (carnet_issuer_signed_find(view, offer->name_space, offer->identifier, &items[found])) {
            d->ages += age;
            found++;
        }
    }
    return found;
}

/** One document held: every consented element of it, whichever DocRequest asked. */
static carnet_rc
add_document(carnet_response_draft *d, const carnet_holdings *h, size_t index, const carnet_public_key *reader_key,
             carnet_err *err)
{
    const carnet_held_document *held = &h->documents[index];
    size_t wanted = count_consented(h, index), found;
    carnet_issuer_signed_item *items;
    carnet_issuer_signed view;
    carnet_rc rc;

    if (wanted == 0) {
        return CARNET_OK;
    }
    if (held->device_key == NULL) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a document is presented with its device key");
    }
    rc = carnet_issuer_signed_open(held->issuer_signed, CARNET_CBOR_LENIENT, &view, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    items = take_items(d->scratch, wanted);
    if (items == NULL) {
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "the scratch is too small for the elements consented to");
    }
    found = select_items(d, &view, index, h, items);
    if (found == 0) {
        return CARNET_OK;
    }
    if (d->count == CARNET_RESPONSE_DOCUMENTS_MAX) {
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "more documents were consented to than fit an answer");
    }
    d->documents[d->count++] = (carnet_presented_document){
        .doc_type = held->doc_type,
        .issuer_auth = view.issuer_auth,
        .items = items,
        .item_count = found,
        .device_key = held->device_key,
        .reader_key = held->mac && reader_key != NULL && reader_key->curve == held->device_key->public_key.curve
                          ? reader_key
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

carnet_rc
carnet_response_draft_build(carnet_response_draft *d, carnet_crypto *crypto, carnet_span session_transcript,
                            const carnet_public_key *reader_key, const carnet_device_request *request,
                            const carnet_holdings *holdings, carnet_cbor_builder *b, carnet_err *err)
{
    carnet_presentation presentation = { .session_transcript = session_transcript };
    carnet_rc rc = check_offers(request, holdings, err);

    for (size_t i = 0; rc == CARNET_OK && i < holdings->count; i++) {
        rc = add_document(d, holdings, i, reader_key, err);
    }
    if (rc != CARNET_OK) {
        return rc;
    }
    add_errors(d, request);
    presentation.documents = d->documents;
    presentation.count = d->count;
    presentation.document_errors = d->errors;
    presentation.document_error_count = d->error_count;
    return carnet_present(&presentation, crypto, b, err);
}

carnet_rc
carnet_holder_respond(carnet_crypto *crypto, carnet_span session_transcript, const carnet_public_key *reader_key,
                      const carnet_device_request *request, const carnet_held_document *documents, size_t count,
                      const carnet_offer *offers, size_t offer_count, carnet_buf *scratch, carnet_cbor_builder *b,
                      carnet_err *err)
{
    carnet_response_draft draft = { .scratch = scratch };

    return carnet_response_draft_build(&draft, crypto, session_transcript, reader_key, request,
                                       &(carnet_holdings){ documents, count, offers, offer_count }, b, err);
}
