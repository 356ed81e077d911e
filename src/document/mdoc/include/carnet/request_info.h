/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making what a DeviceRequest says beyond the elements: DocRequestInfo (18013-5
 * 10.2.5) and DeviceRequestInfo (10.2.6).  Reading them is carnet/device_request.h.
 *
 * Everything is the caller's and only read.  What is built goes into
 * carnet_doc_request_draft.request_info and
 * carnet_device_request_draft.device_request_info.
 */
#ifndef CARNET_REQUEST_INFO_H
#define CARNET_REQUEST_INFO_H
#include "carnet/device_request.h"
CARNET_BEGIN_DECLS

/** A set of elements that will do. */
typedef struct carnet_element_set {
    const carnet_element_name *elements;
    size_t count;
} carnet_element_set;

/** What may come in place of a requested element, the best first. */
typedef struct carnet_alternative_draft {
    carnet_element_name requested;
    const carnet_element_set *sets;
    size_t count;
} carnet_alternative_draft;

/** To whom the documents are to be encrypted. */
typedef struct carnet_doc_response_encryption_draft {
    const carnet_public_key *recipient; /**< P-256 (18013-5 12.6) */
    carnet_span nonce;                  /**< empty: none */
    const carnet_span *certificates;    /**< recipientCertificate, in DER */
    size_t certificate_count;
} carnet_doc_response_encryption_draft;

/** DocRequestInfo; what is zero is left out. */
typedef struct carnet_doc_request_info_draft {
    const carnet_alternative_draft *alternatives;
    size_t alternative_count;
    const carnet_span *issuer_identifiers;
    size_t issuer_identifier_count;
    const bool *unique_doc_set_required;   /**< NULL: left out */
    const uint64_t *maximum_response_size; /**< NULL: left out */
    const carnet_doc_response_encryption_draft *encryption;
} carnet_doc_request_info_draft;

/** Append the map.  The builder fails with CARNET_E_USAGE if nothing is in it, or a list of it is empty, or the recipient's
 *  key is not on P-256. */
CARNET_API void carnet_doc_request_info_build(carnet_cbor_builder *b, const carnet_doc_request_info_draft *draft);

/** A set of documents that satisfies a use case: indexes into docRequests. */
typedef struct carnet_document_set {
    const size_t *doc_requests;
    size_t count;
} carnet_document_set;

typedef struct carnet_purpose_hint_draft {
    carnet_str controller; /**< "org.iso.jtc1.sc17" */
    int64_t purpose;       /**< 1 identity, 2 driving privilege, 3 age */
} carnet_purpose_hint_draft;

typedef struct carnet_use_case_draft {
    bool mandatory;
    const carnet_document_set *sets; /**< the best first */
    size_t count;
    const carnet_purpose_hint_draft *hints;
    size_t hint_count;
} carnet_use_case_draft;

/** Append DeviceRequestInfo.  The builder fails with CARNET_E_USAGE without a use case, or for an empty list in one. */
CARNET_API void carnet_device_request_info_build(carnet_cbor_builder *b, const carnet_use_case_draft *use_cases,
                                                 size_t count);

CARNET_END_DECLS
#endif
