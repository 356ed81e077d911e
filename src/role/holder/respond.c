/* SPDX-License-Identifier: Apache-2.0 */
/* The DeviceResponse of what the holder consented to (18013-5 10.3). */
#include "carnet/doctype.h"
#include "carnet/holder.h"

#define DOCUMENTS_MAX     16
#define ELEMENTS_MAX      128
#define AGES_RETURNED_MAX 2 /* 18013-5 13.4: at most two age_over_NN in a retrieval phase */

/** Room for one response, on the stack of carnet_holder_respond(). */
typedef struct draft {
    carnet_presented_document documents[DOCUMENTS_MAX];
    size_t count;
    carnet_element_name names[ELEMENTS_MAX];
    size_t name_count;
    carnet_document_error errors[CARNET_DOC_REQUESTS_MAX];
    size_t error_count;
    size_t ages;
} draft;

static bool
already(const carnet_presented_document *document, const carnet_offer *offer)
{
    for (size_t i = 0; i < document->disclose_count; i++) {
        if (carnet_str_equal(document->disclose[i].name_space, offer->name_space) &&
            carnet_str_equal(document->disclose[i].identifier, offer->identifier)) {
            return true;
        }
    }
    return false;
}

static carnet_rc
add_element(draft *d, carnet_presented_document *document, const carnet_offer *offer, carnet_err *err)
{
    if (already(document, offer)) {
        return CARNET_OK;
    }
    if (carnet_age_over(offer->identifier) >= 0 && ++d->ages > AGES_RETURNED_MAX) {
        return CARNET_OK;
    }
    if (d->name_count == ELEMENTS_MAX) {
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "more elements were consented to than fit an answer");
    }
    d->names[d->name_count++] = (carnet_element_name){ offer->name_space, offer->identifier };
    document->disclose_count++;
    return CARNET_OK;
}

/** One document held: every consented element of it, whichever DocRequest asked. */
static carnet_rc
add_document(draft *d, const carnet_held_document *held, size_t index, const carnet_offer *offers, size_t count,
             const carnet_public_key *reader_key, carnet_err *err)
{
    bool same_curve = reader_key != NULL && reader_key->curve == held->device_key->public_key.curve;
    carnet_presented_document document = {
        .doc_type = held->doc_type,
        .issuer_signed = held->issuer_signed,
        .disclose = &d->names[d->name_count],
        .device_key = held->device_key,
        .reader_key = held->mac && same_curve ? reader_key : NULL,
    };
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < count; i++) {
        if (offers[i].consented && offers[i].document == index && offers[i].identifier.len != 0) {
            rc = add_element(d, &document, &offers[i], err);
        }
    }
    if (rc != CARNET_OK || document.disclose_count == 0) {
        return rc;
    }
    if (d->count == DOCUMENTS_MAX) {
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "more documents were consented to than fit an answer");
    }
    d->documents[d->count++] = document;
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
                      const carnet_offer *offers, size_t offer_count, carnet_cbor_builder *b, carnet_err *err)
{
    draft d;
    carnet_presentation presentation = { .session_transcript = session_transcript };
    carnet_rc rc = CARNET_OK;

    d.count = d.name_count = d.error_count = d.ages = 0;
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
