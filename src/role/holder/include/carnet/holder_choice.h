/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The choice that a DeviceRequest leaves its holder (18013-5 10.2.5, 10.2.6,
 * 13.4; ISO/IEC TS 23220-4 7.2.5): which use cases, which document set of each,
 * which document for each DocRequest, which alternative for an element that is
 * not there, and which elements at all.
 *
 *     carnet_choice_make()       request and documents    -> a choice, its first proposal taken
 *     carnet_choice_take_set()   \
 *     carnet_choice_take()        } the holder goes through what else there is
 *     carnet_choice_elect()      /
 *     carnet_choice_next()       what would leave         -> to be shown; the holder sets `consented`
 *     carnet_choice_settle()     the consent              -> what may leave, or nothing at all
 *     carnet_choice_answer()     -> a message to send
 *
 * A choice stands in the caller's storage (it is large: CARNET_CHOICE_ limits),
 * beside an array of offers; it copies nothing and points into the request and
 * the documents.  It belongs to one thread.
 */
#ifndef CARNET_HOLDER_CHOICE_H
#define CARNET_HOLDER_CHOICE_H
#include "carnet/holder.h"
#include "carnet/holder_verification.h"
CARNET_BEGIN_DECLS

#define CARNET_CHOICE_CANDIDATES_MAX 64 /**< documents that may answer, over all DocRequests */
#define CARNET_CHOICE_USE_CASES_MAX  16
#define CARNET_CHOICE_SETS_MAX       64 /**< document sets, over all use cases */

#define CARNET_NO_SET     SIZE_MAX /**< the use case is left out */
#define CARNET_NO_PURPOSE INT64_MIN

/** Why a DocRequest cannot be answered. */
typedef enum carnet_lack {
    CARNET_LACK_NONE,
    CARNET_LACK_TYPE,           /**< no document of this type is held */
    CARNET_LACK_ISSUER,         /**< none that is held is of an issuer asked for (issuerIdentifiers) */
    CARNET_LACK_ELEMENTS,       /**< none has all elements asked for, or alternatives of them */
    CARNET_LACK_ZERO_KNOWLEDGE, /**< nothing but a zero-knowledge proof is taken (zkRequired) */
    CARNET_LACK_FORMAT,         /**< a document that is no mdoc is asked for (docFormat) */
    CARNET_LACK_RECIPIENT /**< it is to be encrypted to a key nothing can be encrypted to (docResponseEncryption) */
} carnet_lack;

/** Whether a DocRequest may be answered with fewer elements than it asks for. */
typedef enum carnet_partial {
    CARNET_PARTIAL_WITHOUT_USE_CASES, /**< if the request has no use cases, whose satisfaction is defined */
    CARNET_PARTIAL_NEVER,
    CARNET_PARTIAL_ALWAYS
} carnet_partial;

/** What a choice is made by.  Zeroed: all as described. */
typedef struct carnet_choice_options {
    carnet_partial partial;
    carnet_time now;      /**< not 0: documents valid at this time are proposed before others */
    size_t ages_returned; /**< age_over_NN returned before in this session (carnet_holder.ages) */
} carnet_choice_options;

/** One document that may answer one DocRequest. */
typedef struct carnet_candidate {
    size_t doc_request, document; /**< indexes of the DocRequest and of the document held */
    size_t first, count;          /**< its offers, in choice->offers */
    size_t missing;               /**< elements asked for that nothing answers */
    bool complete;                /**< none is missing; credential holder verification may fail and is not counted */
    bool current;                 /**< valid at options->now (or that is 0) */
    bool taken;                   /**< it is the one for its DocRequest, and leaves if that is wanted */
} carnet_candidate;

/** One DocRequest. */
typedef struct carnet_choice_request {
    carnet_doc_request view;
    size_t first, count; /**< its candidates, the best first */
    carnet_lack lack;
    bool several;          /**< uniqueDocSetRequired is false: more than one document may be taken */
    uint64_t maximum_size; /**< of the whole DeviceResponse; UINT64_MAX: unlimited */
} carnet_choice_request;

/** One document set of a use case. */
typedef struct carnet_choice_set {
    uint32_t doc_requests; /**< bit i: DocRequest i belongs to it */
    bool satisfiable;
} carnet_choice_set;

typedef struct carnet_choice_use_case {
    carnet_use_case view; /**< mandatory, purposeHints */
    int64_t purpose;      /**< of "org.iso.jtc1.sc17": 1 identity, 2 driving privilege, 3 age; or CARNET_NO_PURPOSE */
    size_t first, count;  /**< its document sets, in the reader's order */
    size_t taken;         /**< the set taken, in choice->sets; or CARNET_NO_SET */
    bool satisfiable;
} carnet_choice_use_case;

/** What happens if the consent breaks a mandatory use case. */
typedef enum carnet_broken {
    CARNET_BROKEN_NOTHING, /**< nothing leaves at all, as 18013-5 recommends */
    CARNET_BROKEN_SMALLER  /**< what was consented to leaves nevertheless: the caller has decided so */
} carnet_broken;

/** A choice.  Read the members; `consented` of the offers is the caller's to set. */
typedef struct carnet_choice {
    const carnet_device_request *request;
    const carnet_held_document *documents;
    size_t document_count;
    carnet_choice_options options;
    carnet_choice_request requests[CARNET_DOC_REQUESTS_MAX];
    size_t request_count;
    carnet_candidate candidates[CARNET_CHOICE_CANDIDATES_MAX];
    size_t candidate_count;
    carnet_choice_use_case use_cases[CARNET_CHOICE_USE_CASES_MAX];
    size_t use_case_count; /**< 0: each DocRequest stands for itself */
    carnet_choice_set sets[CARNET_CHOICE_SETS_MAX];
    size_t set_count;
    carnet_offer *offers;
    size_t offer_count;
    uint32_t encrypted; /**< bit i: what answers DocRequest i is encrypted to another than the reader (18013-5 12.6) */
    carnet_broken broken; /**< as it was settled last */
    uint32_t wanted;      /**< bit i: DocRequest i would be answered */
    bool satisfiable;     /**< false: the request cannot be satisfied with what is held, and nothing is taken */
} carnet_choice;

/** Make a choice, and take the first proposal: of each mandatory use case the first document set that can be satisfied, and
 *  where none is mandatory the first use case that can; without use cases every DocRequest.  Of each DocRequest the best
 *  document: complete, valid, answering most, in the order held.  No use case of those taken has a second set satisfied.
 *  Nothing is consented to.  An unsatisfiable request is no failure: choice->satisfiable.
 *  CARNET_E_NO_SPACE: more offers than `cap`.  CARNET_E_LIMIT: more of something than CARNET_CHOICE_ allows. */
CARNET_API carnet_rc carnet_choice_make(carnet_choice *choice, const carnet_device_request *request,
                                        const carnet_held_document *documents, size_t count,
                                        const carnet_choice_options *options, carnet_offer *offers, size_t cap,
                                        carnet_err *err);

/** Take a document set (index into choice->sets) for its use case, or with CARNET_NO_SET leave the use case out.
 *  CARNET_E_ROLE_UNSATISFIED, and nothing changed: the set cannot be satisfied, a use case of those taken would have two
 *  sets satisfied, the use case is mandatory, or it is the last one taken. */
CARNET_API carnet_rc carnet_choice_take_set(carnet_choice *choice, size_t use_case, size_t set, carnet_err *err);
/** Take a document set for every use case that can be had besides, in the reader's order. */
CARNET_API void carnet_choice_take_all_use_cases(carnet_choice *choice);
/** Take a candidate for its DocRequest, instead of the one taken or (`several`) besides. */
CARNET_API carnet_rc carnet_choice_take(carnet_choice *choice, size_t candidate, carnet_err *err);
/** Let go of one of several candidates taken; the last of a DocRequest stays (CARNET_E_ROLE_UNSATISFIED). */
CARNET_API carnet_rc carnet_choice_leave(carnet_choice *choice, size_t candidate, carnet_err *err);
/** Answer the element that offer `offer` answers by the element set it belongs to, instead of that elected before. */
CARNET_API carnet_rc carnet_choice_elect(carnet_choice *choice, size_t offer, carnet_err *err);

/** Step through the offers that would leave if consented to, start with *index = 0; false after the last.  The index
 *  of the offer yielded is *index - 1.  An element that answers several of a DocRequest comes once. */
CARNET_API bool carnet_choice_next(const carnet_choice *choice, size_t *index, carnet_offer **offer);
/** Whether the DocRequest is needed for a mandatory use case. */
CARNET_API bool carnet_choice_mandatory(const carnet_choice *choice, size_t doc_request);
/** Set the consent to all that would leave. */
CARNET_API void carnet_choice_consent(carnet_choice *choice, bool consented);
/** Local verification of the holder succeeded with this result (encoded; empty: true): only now may the offer, one with
 *  `verification`, leave.  CARNET_E_ROLE_REQUEST: it is none; CARNET_E_DOCTYPE_ELEMENT: the value is of another type. */
CARNET_API carnet_rc carnet_choice_verified(carnet_choice *choice, size_t offer, carnet_span value, carnet_err *err);

/** Bring the consent to what may leave: the consent of everything else is taken back.  At most two age_over_NN stay.
 *  A DocRequest is satisfied if all that its document answers was consented to (with `partial`: anything at all); an
 *  optional use case that is broken takes with it the DocRequests nothing else needs.
 *  CARNET_E_ROLE_CONSENT: nothing was consented to.  CARNET_E_ROLE_UNSATISFIED: a mandatory use case, or all, are broken.
 *  After either nothing is consented to any more, and an answer says that no document is returned. */
CARNET_API carnet_rc carnet_choice_settle(carnet_choice *choice, carnet_broken broken, carnet_err *err);

/** Octets of the DeviceResponse that answers with what is consented to now.  `scratch` as for carnet_choice_respond();
 *  what is taken of it is given back. */
CARNET_API carnet_rc carnet_choice_size(const carnet_choice *choice, carnet_crypto *crypto,
                                        const carnet_public_key *reader_key, carnet_buf *scratch, size_t *size,
                                        carnet_err *err);
/** The least maximumResponseSize among the DocRequests that are answered; UINT64_MAX: there is none. */
CARNET_API uint64_t carnet_choice_maximum_size(const carnet_choice *choice);
/** Drop, until the answer fits the maximum: optional use cases from the last, then (where a partial answer is allowed) the
 *  largest element each time, else (without use cases) the last DocRequest.  For a settled choice.  CARNET_E_ROLE_UNSATISFIED: it does not fit, and nothing is
 *  consented to any more. */
CARNET_API carnet_rc carnet_choice_fit(carnet_choice *choice, carnet_crypto *crypto,
                                       const carnet_public_key *reader_key, carnet_buf *scratch, carnet_err *err);

/** Build the DeviceResponse of a choice as carnet_holder_respond() does.  What would leave and is not consented to stays.
 *  A response above carnet_choice_maximum_size() is refused (CARNET_E_LIMIT). */
CARNET_API carnet_rc carnet_choice_respond(const carnet_choice *choice, carnet_crypto *crypto,
                                           carnet_span session_transcript, const carnet_public_key *reader_key,
                                           carnet_buf *scratch, carnet_cbor_builder *b, carnet_err *err);
/** The same within the session, as carnet_holder_answer() does.  To decline, answer with nothing consented to: status 0, no
 *  documents and an error for each type asked for (18013-5 10.3); or say carnet_holder_end(). */
CARNET_API carnet_rc carnet_choice_answer(carnet_holder *holder, const carnet_choice *choice,
                                          carnet_session_status status, carnet_buf *scratch,
                                          carnet_cbor_builder *message, carnet_err *err);

CARNET_END_DECLS
#endif
