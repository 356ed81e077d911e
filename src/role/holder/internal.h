/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_HOLDER_INTERNAL_H
#define CARNET_HOLDER_INTERNAL_H
#include "carnet/holder.h"

#define CARNET_RESPONSE_DOCUMENTS_MAX 8
#define CARNET_AGES_RETURNED_MAX      2 /* 18013-5 13.4: at most two age_over_NN in a retrieval phase */

/** What is held, and what of it the holder lets go. */
typedef struct carnet_holdings {
    const carnet_held_document *documents;
    size_t count;
    const carnet_offer *offers;
    size_t offer_count;
} carnet_holdings;

/** A response being put together.  Begin with zeros but for `scratch` and `ages`. */
typedef struct carnet_response_draft {
    carnet_presented_document documents[CARNET_RESPONSE_DOCUMENTS_MAX];
    size_t count;
    carnet_document_error errors[CARNET_DOC_REQUESTS_MAX];
    size_t error_count;
    size_t ages; /**< age_over_NN elements returned, earlier answers of the session included */
    carnet_buf *scratch;
} carnet_response_draft;

/** Append the DeviceResponse of what was consented to. */
carnet_rc carnet_response_draft_build(carnet_response_draft *draft, carnet_crypto *crypto,
                                      carnet_span session_transcript, const carnet_public_key *reader_key,
                                      const carnet_device_request *request, const carnet_holdings *holdings,
                                      carnet_cbor_builder *b, carnet_err *err);

/** Check the reader's key, make the transcript and derive the session's keys. */
carnet_rc carnet_holder_derive(carnet_holder *holder, const carnet_cose_key *key, carnet_span reader_key_bytes,
                               const carnet_session_transcript_parameters *how, carnet_err *err);
/** Nothing can be sent or opened any more. */
void carnet_holder_finish(carnet_holder *holder);

#endif
