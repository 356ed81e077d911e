/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A presentation, on the holder's side (18013-5 9, 10.2, 10.3, 12.2, 12.4).
 *
 *     carnet_holder_engage()   a fresh ephemeral key   -> a DeviceEngagement to show
 *     carnet_holder_receive()  a message received      -> a DeviceRequest or a status
 *     carnet_holder_match()    request and documents   -> what would leave, element by element
 *     (the holder consents)
 *     carnet_holder_answer()   what was consented to   -> a message to send
 *     carnet_holder_end()      goodbye                 -> a message to send
 *     carnet_holder_done()     on every path: wipes the keys
 *
 * Bytes in, bytes out; the caller has the link, the documents, the keys and all
 * storage.  A presentation belongs to one thread.
 */
#ifndef CARNET_HOLDER_H
#define CARNET_HOLDER_H
#include "carnet/device_request.h"
#include "carnet/engagement.h"
#include "carnet/issuer_signed.h"
#include "carnet/present.h"
#include "carnet/session.h"
CARNET_BEGIN_DECLS

/** Octets of storage a presentation needs beside twice the engagement, the reader's key and the handover messages. */
#define CARNET_HOLDER_STORAGE 640

typedef struct carnet_holder {
    carnet_crypto *crypto;
    carnet_key key; /**< the ephemeral key, EDeviceKey */
    carnet_session session;
    carnet_buf *storage;
    carnet_span device_engagement;  /**< in the storage */
    carnet_span session_transcript; /**< the array, in the storage; empty before SessionEstablishment */
    carnet_public_key reader_key;   /**< EReaderKey */
    unsigned odd;                   /**< CARNET_ESTABLISHMENT_ bits of the SessionEstablishment received */
    size_t ages;                    /**< age_over_NN elements returned so far, at most two (18013-5 13.4) */
    bool established;               /**< SessionEstablishment was taken */
    bool over;                      /**< a status was sent or received, or something failed: no keys are left */
} carnet_holder;

/** A document held. */
typedef struct carnet_held_document {
    carnet_str doc_type;
    carnet_span issuer_signed;
    carnet_key *device_key;
    bool mac; /**< authenticate with a MAC where the reader's key is on the device key's curve */
    /** Elements the device may sign, value encoded: offered by a choice where the issuer authorised them and did not sign
     *  an element of the same name itself. */
    const carnet_element *device_elements;
    size_t device_element_count;
} carnet_held_document;

/** One element of a request, matched with what is held. */
typedef struct carnet_offer {
    size_t doc_request; /**< index of the DocRequest */
    size_t document;    /**< index of the document held; CARNET_NO_HELD_DOCUMENT: none of that type */
    carnet_str name_space;
    carnet_str requested;  /**< the identifier asked for */
    carnet_str identifier; /**< the element that answers it (18013-5 13.4 for age_over_NN); empty: none does */
    bool retain;           /**< the reader intends to keep it */
    bool consented;        /**< for the holder to set; false at first */
    /* The rest is of a choice (carnet/holder_choice.h), and empty otherwise. */
    bool elected;                    /**< it belongs to the element set that answers what was asked for */
    bool device_signed;              /**< the device signs it, not the issuer */
    bool verification;               /**< it says that the holder was verified: see carnet_choice_verified() */
    bool verified;                   /**< and that was done */
    bool given;                      /**< it was consented to when the choice was settled last */
    bool asked_retain;               /**< intentToRetain of this one; `retain` is that of all it answers */
    bool shadowed;                   /**< an offer before it lets the same element leave: it does not count */
    uint8_t verdict;                 /**< carnet_consent_verdict (carnet/consent.h) */
    uint16_t candidate;              /**< its place in the choice's candidates */
    uint16_t option;                 /**< 0: what was asked for itself; n: its n-th alternative element set */
    carnet_str requested_name_space; /**< where `requested` is; alternatives may be in another name space */
    carnet_span value;               /**< of a device-signed element, encoded */
} carnet_offer;
#define CARNET_NO_HELD_DOCUMENT SIZE_MAX

/** Begin: a fresh ephemeral key on `curve` and a DeviceEngagement with the methods of `parameters` (whose key is filled in).
 *  `storage` is kept until carnet_holder_done(); on failure nothing is added to it. */
CARNET_API carnet_rc carnet_holder_engage(carnet_holder *holder, carnet_crypto *crypto, carnet_curve curve,
                                          const carnet_engagement_parameters *parameters, carnet_buf *storage,
                                          carnet_err *err);
/** Take a message and decrypt it in place: SessionEstablishment first, SessionData afterwards (a first message may also be
 *  SessionData with only a status).  `how` may be NULL (QR) or names the handover and its messages.  *request is the
 *  DeviceRequest, or empty when there is only a status; *status is 0 or the status received.  After a status or a failure
 *  the presentation is over, its keys wiped, and every further message is refused (CARNET_E_SESSION_STATE): say
 *  carnet_holder_end() with carnet_holder_failure_status(). */
CARNET_API carnet_rc carnet_holder_receive(carnet_holder *holder, uint8_t *message, size_t len,
                                           const carnet_session_transcript_parameters *how, carnet_span *request,
                                           uint64_t *status, carnet_err *err);
/** The session status that tells the reader of a failure of carnet_holder_receive(). */
CARNET_API carnet_session_status carnet_holder_failure_status(carnet_rc rc);
/** Match a request with the documents held: an offer for each element asked for, in the order of the request.
 *  Of several documents of a type the one that answers most of a DocRequest is taken, the first of equals.
 *  CARNET_E_NO_SPACE: more than `cap`. */
CARNET_API carnet_rc carnet_holder_match(const carnet_device_request *request, const carnet_held_document *documents,
                                         size_t count, carnet_offer *offers, size_t cap, size_t *found,
                                         carnet_err *err);
/** Build the DeviceResponse of what was consented to: a Document for each document held with at least one consented
 *  element, document errors for types asked for of which nothing is returned, at most two age_over_NN.  Works without a
 *  session too (`session_transcript` given by the caller).  `reader_key` NULL: signatures only.
 *  `scratch` needs sizeof(carnet_issuer_signed_item) octets for each offer and document returned.
 *  CARNET_E_ROLE_REQUEST: a consented offer is none of this request and these documents. */
CARNET_API carnet_rc carnet_holder_respond(carnet_crypto *crypto, carnet_span session_transcript,
                                           const carnet_public_key *reader_key, const carnet_device_request *request,
                                           const carnet_held_document *documents, size_t count,
                                           const carnet_offer *offers, size_t offer_count, carnet_buf *scratch,
                                           carnet_cbor_builder *b, carnet_err *err);
/** The same within the session: build into `scratch` (a quarter of it for the items; if
 *  documents are encrypted, a third each for those, their plaintext and the response), encrypt, append the SessionData, with a
 *  status if it is not 0.  At most two age_over_NN leave in a whole session.  CARNET_E_NO_SPACE: nothing has left, and it
 *  may be tried again. */
CARNET_API carnet_rc carnet_holder_answer(carnet_holder *holder, const carnet_device_request *request,
                                          const carnet_held_document *documents, size_t count,
                                          const carnet_offer *offers, size_t offer_count, carnet_session_status status,
                                          carnet_buf *scratch, carnet_cbor_builder *message, carnet_err *err);
/** Make the message that ends the session with a status, and wipe its keys. */
CARNET_API void carnet_holder_end(carnet_holder *holder, carnet_session_status status, carnet_cbor_builder *message);
CARNET_API void carnet_holder_done(carnet_holder *holder);

CARNET_END_DECLS
#endif
