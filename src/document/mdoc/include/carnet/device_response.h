/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DeviceResponse: what an mdoc answers (18013-5 10.3).
 *
 * Opening checks the outermost structure and that all inside is well-formed;
 * each Document and its parts are opened apart, so that one bad document does
 * not hide the others.  Views point into the bytes they were opened on and own
 * nothing; threads may read one view together.
 */
#ifndef CARNET_DEVICE_RESPONSE_H
#define CARNET_DEVICE_RESPONSE_H
#include "carnet/element_walk.h"
CARNET_BEGIN_DECLS

#define CARNET_DEVICE_SIGNED_ELEMENTS_MAX 256 /**< device-signed elements, and name spaces, of a document */
#define CARNET_DOCUMENTS_MAX              32  /**< documents in one response; more are refused (CARNET_E_CBOR_LIMIT) */

/** What was odd in a response that was nevertheless understood. */
enum {
    CARNET_RESPONSE_ENCODING = 1, /**< heads longer than needed or indefinite lengths */
    CARNET_RESPONSE_TAG24 = 2,    /**< the whole response wrapped in #6.24(bstr) */
    CARNET_RESPONSE_MINOR_VERSION = 4,
    CARNET_RESPONSE_NO_ERRORS = 8 /**< documentErrors is there, with nothing in it */
};

/** What DeviceResponse.status says. */
enum {
    CARNET_STATUS_OK = 0,
    CARNET_STATUS_GENERAL_ERROR = 10,
    CARNET_STATUS_CBOR_DECODING = 11,
    CARNET_STATUS_CBOR_VALIDATION = 12
};

/** An opened DeviceResponse: read the members, do not write them. */
typedef struct carnet_device_response {
    carnet_span encoded;
    carnet_str version;
    carnet_span documents, zk_documents, encrypted_documents, document_errors; /**< arrays; empty if absent */
    uint64_t status;
    bool has_documents, has_zk_documents, has_encrypted_documents, has_document_errors;
    size_t count;                /**< of documents */
    unsigned oddities;           /**< CARNET_RESPONSE_ bits */
    uint8_t allow;               /**< the CARNET_CBOR_ bits it was opened with */
    const uint8_t *origin;       /**< offsets are counted from here */
    carnet_span other_documents; /**< array; empty if absent */
    bool has_other_documents;
} carnet_device_response;

/** One Document.  issuer_signed and device_signed are maps to be opened apart. */
typedef struct carnet_document {
    carnet_span encoded;
    carnet_str doc_type;
    carnet_span issuer_signed, device_signed;
    carnet_span errors; /**< map of maps of integers; empty if absent */
} carnet_document;

/** DeviceSigned: exactly one of `signature` and `mac` is there. */
typedef struct carnet_device_signed {
    carnet_cbor_embedded name_spaces; /**< encoded: DeviceNameSpacesBytes; content: a map for carnet_element_begin() */
    carnet_span signature;            /**< COSE_Sign1, or empty */
    carnet_span mac;                  /**< COSE_Mac0, or empty */
} carnet_device_signed;

/** Open an encoded DeviceResponse.  `allow`: CARNET_CBOR_ bits let pass; with CARNET_CBOR_LENIENT the tag 24 wrapping is
 *  let pass too.  A major version other than 1 is CARNET_E_MDOC_VERSION.  An empty `documents` is for the caller to judge:
 *  has_documents with count 0.  On failure *view is empty. */
CARNET_API carnet_rc carnet_device_response_open(carnet_span cbor, unsigned allow, carnet_device_response *view,
                                                 carnet_err *err);
/** Open a Document with all its parts but issuerSigned's inside: docType, issuerSigned and deviceSigned must be there. */
CARNET_API carnet_rc carnet_document_open(carnet_span cbor, unsigned allow, carnet_document *document, carnet_err *err);
/** Open deviceSigned (document->device_signed), checked to the last element. */
CARNET_API carnet_rc carnet_device_signed_open(carnet_span cbor, unsigned allow, carnet_device_signed *device_signed,
                                               carnet_err *err);

/** Documents, as encoded: walk view->documents with carnet_list_begin() and carnet_list_next(), or take one by index;
 *  empty past the last. */
CARNET_API carnet_span carnet_device_response_document(const carnet_device_response *view, size_t index);

typedef struct carnet_element_error {
    carnet_str name_space, identifier;
    int64_t code; /**< 0: data not returned; negative: the application's */
} carnet_element_error;

/** Errors of a document; begin with carnet_element_begin(&walk, document->errors). */
CARNET_API bool carnet_element_error_next(carnet_element_walk *walk, carnet_element_error *error);

typedef struct carnet_document_error {
    carnet_str doc_type;
    int64_t code;
} carnet_document_error;

/** A document that is no mdoc, such as "dc+sd-jwt": it is for the caller to judge. */
typedef struct carnet_other_document {
    carnet_str doc_format;
    carnet_span data; /**< compressed (RFC 1951) */
} carnet_other_document;

/** Documents of other formats: walk view->other_documents, begun with carnet_list_begin(); one that is not as it should be
 *  comes with an empty doc_format. */
CARNET_API bool carnet_other_document_next(carnet_list_walk *walk, carnet_other_document *document);

/** The n-th document error, n from 0; false past the last. */
CARNET_API bool carnet_document_error_at(const carnet_device_response *view, size_t n, carnet_document_error *error);

CARNET_END_DECLS
#endif
