/* SPDX-License-Identifier: Apache-2.0 */
/* The DeviceResponse of what the holder consented to (18013-5 10.3). */
#include "carnet/doctype.h"
#include "carnet/holder.h"

#define DOCUMENTS_MAX     8
#define AGES_RETURNED_MAX 2 /* 18013-5 13.4: at most two age_over_NN in a retrieval phase */

/** Room for one response, on the stack of carnet_holder_respond(). */
typedef struct draft {
    carnet_presented_document documents[DOCUMENTS_MAX];
    size_t count;
    carnet_document_error errors[CARNET_DOC_REQUESTS_MAX];
    size_t error_count;
    size_t ages;
    carnet_buf *scratch;
} draft;

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

/** The consented elements of one document held, each once, at most two of them age attestations. */
static size_t
select_items(draft *d, const carnet_issuer_signed *view, size_t index, const carnet_offer *offers, size_t count,
             carnet_issuer_signed_item *items)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        const carnet_offer *offer = &offers[i];

        if (!offer->consented || offer->document != index || offer->identifier.len == 0 ||
            already(items, found, offer) || (carnet_age_over(offer->identifier) >= 0 && d->ages == AGES_RETURNED_MAX)) {
            continue;
        }
        if (carnet_issuer_signed_find(view, offer->name_space, offer->identifier, &items[found])) {
            d->ages += carnet_age_over(offer->identifier) >= 0;
            found++;
        }
    }
    return found;
}

/** One document held: every consented element of it, whichever DocRequest asked. */
static carnet_rc
add_document(draft *d, const carnet_held_document *held, size_t index, const carnet_offer *offers, size_t count,
             const carnet_public_key *reader_key, carnet_err *err)
{
    bool same_curve = reader_key != NULL && reader_key->curve == held->device_key->public_key.curve;
    carnet_issuer_signed_item *items = take_items(d->scratch, count);
    carnet_issuer_signed view;
    size_t found;
    carnet_rc rc = carnet_issuer_signed_open(held->issuer_signed, CARNET_CBOR_LENIENT, &view, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    if (items == NULL) {
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "the scratch is too small for the elements consented to");
    }
    found = select_items(d, &view, index, offers, count, items);
    if (found == 0) {
        return CARNET_OK;
    }
    if (d->count == DOCUMENTS_MAX) {
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "more documents were consented to than fit an answer");
    }
    d->documents[d->count++] = (carnet_presented_document){
        .doc_type = held->doc_type,
        .issuer_auth = view.issuer_auth,
        .items = items,
        .item_count = found,
        .device_key = held->device_key,
        .reader_key = held->mac && same_curve ? reader_key : NULL,
    };
    return CARNET_OK;
}

static bool
returned(const draft *d, carnet_str doc_type)
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
add_errors(draft *d, const carnet_device_request *request)
{
    carnet_doc_request doc;

    for (size_t i = 0; carnet_doc_request_at(request, i, &doc); i++) {
        if (!returned(d, doc.doc_type)) {
            d->errors[d->error_count++] = (carnet_document_error){ doc.doc_type, 0 };
        }
    }
}

carnet_rc
carnet_holder_respond(carnet_crypto *crypto, carnet_span session_transcript, const carnet_public_key *reader_key,
                      const carnet_device_request *request, const carnet_held_document *documents, size_t count,
                      const carnet_offer *offers, size_t offer_count, carnet_buf *scratch, carnet_cbor_builder *b,
                      carnet_err *err)
{
    draft d;
    carnet_presentation presentation = { .session_transcript = session_transcript };
    carnet_rc rc = CARNET_OK;

    d.count = d.error_count = d.ages = 0;
    d.scratch = scratch;
    for (size_t i = 0; rc == CARNET_OK && i < count; i++) {
        rc = add_document(&d, &documents[i], i, offers, offer_count, reader_key, err);
    }
    if (rc != CARNET_OK) {
        return rc;
    }
    add_errors(&d, request);
    presentation.documents = d.documents;
    presentation.count = d.count;
    presentation.document_errors = d.errors;
    presentation.document_error_count = d.error_count;
    return carnet_present(&presentation, crypto, b, err);
}
