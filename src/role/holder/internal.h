/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_HOLDER_INTERNAL_H
#define CARNET_HOLDER_INTERNAL_H
#include "carnet/holder_choice.h"

#define CARNET_RESPONSE_DOCUMENTS_MAX 8
#define CARNET_PLAIN_GROUP            SIZE_MAX
#define CARNET_AGES_RETURNED_MAX      2 /* 18013-5 13.4: at most two age_over_NN in a retrieval phase */

/** What is held, and what of it the holder lets go. */
typedef struct carnet_holdings {
    const carnet_held_document *documents;
    size_t count;
    const carnet_offer *offers;
    size_t offer_count;
    const carnet_choice *choice; /* NULL: whatever is consented to leaves */
} carnet_holdings;

/** A response being put together.  Begin with zeros but for `scratch` and `ages`. */
typedef struct carnet_response_draft {
    carnet_presented_document documents[CARNET_RESPONSE_DOCUMENTS_MAX];
    size_t count;
    carnet_document_error errors[CARNET_DOC_REQUESTS_MAX];
    size_t error_count;
    size_t ages; /**< age_over_NN elements returned, earlier answers of the session included */
    carnet_buf *scratch;
    size_t size;         /* of the response, once it is built or measured; what is encrypted counts as if it were not */
    uint32_t encrypting; /* bit i: DocRequest i wants its documents encrypted */
    size_t group;        /* the DocRequest whose documents are being added, or CARNET_PLAIN_GROUP */
    size_t groups[CARNET_RESPONSE_DOCUMENTS_MAX]; /* of each document; the plain ones come first */
} carnet_response_draft;

/** Which DocRequests want their documents encrypted (18013-5 10.2.5), as bits. */
uint32_t carnet_request_encrypting(const carnet_device_request *request);
/** The reader's key for a MAC by a device key on `curve`: of macKeys if the request has them (18013-7 A.5), else the
 *  session's; NULL: there is none on that curve.  A key of macKeys is put into the scratch. */
const carnet_public_key *carnet_request_mac_key(const carnet_device_request *request, carnet_crypto *crypto,
                                                carnet_curve curve, const carnet_public_key *session_key,
                                                carnet_buf *scratch);
/** Encrypt the documents of one DocRequest; the EncryptedDocuments stand in the scratch. */
carnet_rc carnet_response_encrypt(const carnet_response_draft *draft, size_t first, size_t count, carnet_crypto *crypto,
                                  carnet_span session_transcript, const carnet_device_request *request,
                                  carnet_span *encrypted, carnet_err *err);
/** Room in the scratch for `count` entries of `size` octets, aligned; NULL if there is none. */
void *carnet_scratch_take(carnet_buf *scratch, size_t count, size_t size);

/** Append the DeviceResponse of what was consented to; with `b` NULL it is only measured. */
carnet_rc carnet_response_draft_build(carnet_response_draft *draft, carnet_crypto *crypto,
                                      carnet_span session_transcript, const carnet_public_key *reader_key,
                                      const carnet_device_request *request, const carnet_holdings *holdings,
                                      carnet_cbor_builder *b, carnet_err *err);
/** Build it in the scratch, a quarter of which is for the items, encrypt and append the SessionData. */
carnet_rc carnet_holder_send(carnet_holder *holder, const carnet_device_request *request,
                             const carnet_holdings *holdings, carnet_session_status status, carnet_buf *scratch,
                             carnet_cbor_builder *message, carnet_err *err);

/** The issuer-signed element that answers a request for one (18013-5 13.4 for age_over_NN); false if none does. */
bool carnet_answer_find(const carnet_issuer_signed *held, carnet_str name_space, carnet_str wanted,
                        carnet_issuer_signed_item *item);

/* --- a choice --- */

/** Read the use cases of the request; then, once the DocRequests are known, take the first proposal. */
carnet_rc carnet_choice_read_use_cases(carnet_choice *choice, carnet_err *err);
void carnet_choice_propose(carnet_choice *choice);
/** Whether a DocRequest may be answered in part. */
bool carnet_choice_partial(const carnet_choice *choice);
/** Whether a document may answer its DocRequest. */
bool carnet_candidate_acceptable(const carnet_choice *choice, const carnet_candidate *candidate);
/** The candidate an offer belongs to; NULL: the offer is none of this choice. */
const carnet_candidate *carnet_choice_candidate_of(const carnet_choice *choice, size_t offer);
/** Tell which offers of a candidate stand for one element, once what is elected has changed. */
void carnet_candidate_refresh(carnet_choice *choice, const carnet_candidate *candidate);
/** Whether the choice, as it is taken, has the element of an offer leave, for this offer or one before it. */
bool carnet_choice_has(const carnet_choice *choice, size_t offer);
/** Whether it is for this offer: if it is consented to. */
bool carnet_choice_wants(const carnet_choice *choice, size_t offer);
/** And whether it leaves: consented to and, where the holder is to be verified, verified. */
bool carnet_choice_leaves(const carnet_choice *choice, size_t offer);
/** Octets of an element's encoding. */
size_t carnet_offer_size(const carnet_choice *choice, const carnet_offer *offer);

/** Check the reader's key, make the transcript and derive the session's keys. */
carnet_rc carnet_holder_derive(carnet_holder *holder, const carnet_cose_key *key, carnet_span reader_key_bytes,
                               const carnet_session_transcript_parameters *how, carnet_err *err);
/** Nothing can be sent or opened any more. */
void carnet_holder_finish(carnet_holder *holder);

struct carnet_authenticator;
struct carnet_bops_registered;

/** Have the user asked, collect the evidence of a set that will do, and write the response into a->out.
 *  CARNET_E_AUTHENTICATOR_UNABLE: there is none, and the response says that it failed. */
carnet_rc carnet_authenticator_answer(struct carnet_authenticator *a, const struct carnet_bops_registered *session,
                                      carnet_err *err);

#endif
