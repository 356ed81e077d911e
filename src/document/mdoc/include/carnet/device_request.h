/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DeviceRequest: what a reader asks an mdoc for (18013-5 10.2, versions 1.0
 * and 1.1; macKeys: 18013-7 A.5).
 *
 * Opening checks the whole request, to the last member this page names, so
 * that stepping cannot fail afterwards.  Views point into the bytes they were
 * opened on and own nothing; threads may read one view together.
 *
 * Refused: a major version other than 1, an empty docRequests, docType or
 * nameSpaces, an intentToRetain that is no bool, and whatever breaks the CDDL.
 * Unknown members are stepped over.  What is odd but understood sets a
 * CARNET_REQUEST_ bit.
 */
#ifndef CARNET_DEVICE_REQUEST_H
#define CARNET_DEVICE_REQUEST_H
#include "carnet/crypto.h"
#include "carnet/element_walk.h"
CARNET_BEGIN_DECLS

#define CARNET_DOC_REQUESTS_MAX 32 /**< docRequests in one request; more are refused (CARNET_E_CBOR_LIMIT) */

/** What was odd in a request that was nevertheless understood. */
enum {
    CARNET_REQUEST_ENCODING = 1,      /**< heads longer than needed or indefinite lengths */
    CARNET_REQUEST_AGE_OVER = 2,      /**< more than two age_over_NN elements in one DocRequest */
    CARNET_REQUEST_VERSION = 4,       /**< version 1.0 with a member of 1.1, or 1.1 without any */
    CARNET_REQUEST_MINOR_VERSION = 8, /**< a minor version above 1 */
    CARNET_REQUEST_TAGGED = 16        /**< a readerAuth that carries the COSE_Sign1 tag */
};

/** An opened DeviceRequest: read the members, do not write them. */
typedef struct carnet_device_request {
    carnet_span encoded;
    carnet_str version;
    carnet_span doc_requests;                 /**< array */
    carnet_cbor_embedded device_request_info; /**< empty if absent */
    carnet_span reader_auth_all;              /**< array of COSE_Sign1; empty if absent */
    carnet_span mac_keys;                     /**< array of COSE_Key; empty if absent */
    size_t count;                             /**< of doc_requests */
    unsigned oddities;                        /**< CARNET_REQUEST_ bits of the whole request */
    uint8_t allow;                            /**< the CARNET_CBOR_ bits it was opened with */
} carnet_device_request;

/** One DocRequest. */
typedef struct carnet_doc_request {
    size_t index;
    carnet_cbor_embedded items_request; /**< encoded: ItemsRequestBytes as received, what is signed */
    carnet_span reader_auth;            /**< COSE_Sign1; empty if absent */
    carnet_str doc_type;
    carnet_span name_spaces;  /**< map; step with carnet_requested_element_next() */
    carnet_span request_info; /**< map; empty if absent */
    unsigned oddities;        /**< CARNET_REQUEST_ bits */
} carnet_doc_request;

typedef struct carnet_requested_element {
    carnet_str name_space, identifier;
    bool retain; /**< intentToRetain */
} carnet_requested_element;

/** Open an encoded DeviceRequest.  `allow`: CARNET_CBOR_ bits let pass.  On failure *view is empty. */
CARNET_API carnet_rc carnet_device_request_open(carnet_span cbor, unsigned allow, carnet_device_request *view,
                                                carnet_err *err);
/** The DocRequest at `index`; false (and *doc empty) past the last. */
CARNET_API bool carnet_doc_request_at(const carnet_device_request *view, size_t index, carnet_doc_request *doc);

/** Elements asked for, in the order received.  Begin with carnet_element_begin(&walk, doc->name_spaces). */
CARNET_API bool carnet_requested_element_next(carnet_element_walk *walk, carnet_requested_element *element);

/* --- requestInfo (18013-5 10.2.5) --- */

typedef struct carnet_doc_request_info {
    carnet_span alternative_data_elements;        /**< array; empty if absent */
    carnet_span issuer_identifiers;               /**< array of bstr; empty if absent */
    carnet_span zk_request;                       /**< map; empty if absent */
    carnet_cbor_embedded doc_response_encryption; /**< encoded: EncryptionParametersBytes; empty if absent */
    uint64_t maximum_response_size;               /**< octets of the plain DeviceResponse */
    bool unique_doc_set_required;
    bool has_maximum_response_size, has_unique_doc_set_required;
} carnet_doc_request_info;

typedef struct carnet_alternative {
    carnet_element_name requested;
    carnet_span sets; /**< array, the best first, of arrays of element references */
} carnet_alternative;

typedef struct carnet_zk_request {
    carnet_span system_specs; /**< array */
    bool required;
} carnet_zk_request;

typedef struct carnet_zk_system {
    carnet_str id, system;
    carnet_span params; /**< map */
} carnet_zk_system;

typedef struct carnet_doc_response_encryption {
    carnet_span recipient_public_key;  /**< COSE_Key */
    carnet_span nonce;                 /**< content; empty if absent */
    carnet_span recipient_certificate; /**< array of bstr; empty if absent */
} carnet_doc_response_encryption;

/** Read requestInfo; false (and *info empty) if the DocRequest has none. */
CARNET_API bool carnet_doc_request_info_get(const carnet_doc_request *doc, carnet_doc_request_info *info);
/** Walk info->alternative_data_elements, begun with carnet_list_begin(). */
CARNET_API bool carnet_alternative_next(carnet_list_walk *walk, carnet_alternative *alternative);
/** Walk one element set (an entry of alternative.sets), begun with carnet_list_begin(). */
CARNET_API bool carnet_element_reference_next(carnet_list_walk *walk, carnet_element_name *name);
/** Walk an array of byte strings (issuer_identifiers, recipient_certificate). */
CARNET_API bool carnet_bytes_next(carnet_list_walk *walk, carnet_span *bytes);
CARNET_API bool carnet_zk_request_get(const carnet_doc_request_info *info, carnet_zk_request *zk);
/** Walk zk.system_specs. */
CARNET_API bool carnet_zk_system_next(carnet_list_walk *walk, carnet_zk_system *system);
CARNET_API bool carnet_doc_response_encryption_get(const carnet_doc_request_info *info,
                                                   carnet_doc_response_encryption *encryption);

/* --- deviceRequestInfo (18013-5 10.2.6) --- */

typedef struct carnet_use_case {
    bool mandatory;
    carnet_span document_sets; /**< array of arrays of indexes into docRequests */
    carnet_span purpose_hints; /**< map of controller and integer; empty if absent */
} carnet_use_case;

/** Step through the use cases of deviceRequestInfo.  Start with *index = 0. */
CARNET_API bool carnet_use_case_next(const carnet_device_request *view, size_t *index, carnet_use_case *use_case);
/** Walk one document set (an entry of use_case.document_sets). */
CARNET_API bool carnet_document_set_next(carnet_list_walk *walk, size_t *doc_request);
/** The purpose a controller ("org.iso.jtc1.sc17": 1 identity, 2 driving privilege, 3 age) hints at; false if none. */
CARNET_API bool carnet_purpose_hint(const carnet_use_case *use_case, const char *controller, int64_t *purpose);

/* --- making one --- */

/** Who signs for the reader. */
typedef struct carnet_reader_signer {
    carnet_key *key;
    const carnet_span *chain; /**< certificates in DER, the key's own first */
    size_t chain_count;
} carnet_reader_signer;

typedef struct carnet_doc_request_draft {
    carnet_str doc_type;
    const carnet_requested_element *elements; /**< written name space by name space, in order of first appearance */
    size_t count;
    carnet_span request_info;           /**< an encoded DocRequestInfo, or empty */
    const carnet_reader_signer *signer; /**< signs this DocRequest (readerAuth), or NULL */
} carnet_doc_request_draft;

typedef struct carnet_device_request_draft {
    const carnet_doc_request_draft *documents;
    size_t count;
    carnet_span device_request_info;         /**< an encoded DeviceRequestInfo, or empty */
    const carnet_reader_signer *all_signers; /**< each signs the whole request (readerAuthAll) */
    size_t all_signer_count;
    const carnet_public_key *mac_keys;
    size_t mac_key_count;
    carnet_span session_transcript; /**< the encoded SessionTranscript array; needed when anything is signed */
} carnet_device_request_draft;

/** Append the encoded DeviceRequest to `b` (which must have a buffer when anything is signed).  Version 1.1 if a member of
 *  1.1 is there, else 1.0.  `crypto` may be NULL when nothing is signed. */
CARNET_API carnet_rc carnet_device_request_build(const carnet_device_request_draft *draft, carnet_crypto *crypto,
                                                 carnet_cbor_builder *b, carnet_err *err);

CARNET_END_DECLS
#endif
