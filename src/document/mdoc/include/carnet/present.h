/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Presenting: a DeviceResponse made from documents held, the elements to
 * disclose, and the device's key (18013-5 10.3, 12.4).
 *
 * What the issuer signed is copied as it was received, never encoded anew.
 */
#ifndef CARNET_PRESENT_H
#define CARNET_PRESENT_H
#include "carnet/crypto.h"
#include "carnet/device_response.h"
#include "carnet/issuer_signed.h"
CARNET_BEGIN_DECLS

/** One Document of the response. */
typedef struct carnet_presented_document {
    carnet_str doc_type;
    carnet_span issuer_auth;                /**< as held: carnet_issuer_signed.issuer_auth */
    const carnet_issuer_signed_item *items; /**< issuer-signed elements to disclose; none at all is allowed */
    size_t item_count;
    const carnet_element *device_elements; /**< device-signed elements; value encoded */
    size_t device_element_count;
    const carnet_element_error *errors;
    size_t error_count;
    carnet_key *device_key;
    const carnet_public_key *reader_key; /**< EReaderKey: make a deviceMac.  NULL: make a deviceSignature */
} carnet_presented_document;

typedef struct carnet_presentation {
    carnet_span session_transcript; /**< the encoded SessionTranscript array */
    const carnet_presented_document *documents;
    size_t count;
    const carnet_document_error *document_errors;
    size_t document_error_count;
    uint64_t status;              /**< CARNET_STATUS_; other than CARNET_STATUS_OK: no documents */
    const carnet_span *encrypted; /**< EncryptedDocuments, each as carnet_encrypted_documents_build() made it */
    size_t encrypted_count;
    const carnet_other_document *others; /**< documents of other formats, their data as it is to be sent */
    size_t other_count;
} carnet_presentation;

/** Find the elements to disclose in a document held, in one pass: `items` has room for `count`, and gets *found of them
 *  in the document's order.  CARNET_E_MDOC_DIGEST_ABSENT: some are not there (those found are given all the same). */
CARNET_API carnet_rc carnet_present_select(const carnet_issuer_signed *document, const carnet_element_name *names,
                                           size_t count, carnet_issuer_signed_item *items, size_t *found,
                                           carnet_err *err);
/** Append the encoded DeviceResponse to `b`, which must have a buffer.  A failure sticks to the builder too. */
CARNET_API carnet_rc carnet_present(const carnet_presentation *presentation, carnet_crypto *crypto,
                                    carnet_cbor_builder *b, carnet_err *err);
/** Octets of the encoded DeviceResponse that carnet_present() would make.  No key is used. */
CARNET_API carnet_rc carnet_present_size(const carnet_presentation *presentation, carnet_crypto *crypto, size_t *size,
                                         carnet_err *err);
/** Append one Document. */
CARNET_API carnet_rc carnet_present_document(const carnet_presented_document *document, carnet_span session_transcript,
                                             carnet_crypto *crypto, carnet_cbor_builder *b, carnet_err *err);

CARNET_END_DECLS
#endif
