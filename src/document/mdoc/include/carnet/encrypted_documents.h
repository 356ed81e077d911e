/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents encrypted to a reader beyond the one that asked (18013-5 10.3.5,
 * 12.6): HPKE in one message, the SessionTranscript with
 * EncryptionParametersBytes in the reader key's place as its info.
 *
 * A view points into the bytes it was opened on.  What was decrypted is given
 * as a DeviceResponse, so that everything that judges one judges it too.
 */
#ifndef CARNET_ENCRYPTED_DOCUMENTS_H
#define CARNET_ENCRYPTED_DOCUMENTS_H
#include "carnet/device_request.h"
#include "carnet/present.h"
CARNET_BEGIN_DECLS

/** Octets that the DeviceResponse made of the plaintext is longer than it, at most. */
#define CARNET_ENCRYPTED_DOCUMENTS_MORE 32

/** One entry of DeviceResponse.encryptedDocuments. */
typedef struct carnet_encrypted_documents {
    carnet_span encoded;
    carnet_span enc;         /**< the encapsulated key: 65 octets */
    carnet_span cipher_text; /**< with its tag */
    uint64_t doc_request_id; /**< index of the DocRequest it answers */
} carnet_encrypted_documents;

/** Open one; walk view->encrypted_documents of the DeviceResponse with carnet_list_begin().  `allow`: CARNET_CBOR_ bits. */
CARNET_API carnet_rc carnet_encrypted_documents_open(carnet_span cbor, unsigned allow, carnet_encrypted_documents *view,
                                                     carnet_err *err);
/** Append the SessionTranscript that holds within: the flow's, with `parameters` (EncryptionParametersBytes, tag 24 included,
 *  carnet_doc_request_info.doc_response_encryption.encoded) in the second place.  It also is what mdoc authentication of
 *  those documents is computed over. */
CARNET_API carnet_rc carnet_encryption_transcript_build(carnet_cbor_builder *b, carnet_span session_transcript,
                                                        carnet_span parameters, carnet_err *err);
/** Decrypt with the recipient's key (P-256, usage agree).  `transcript`: of carnet_encryption_transcript_build().  `out` is
 *  given a DeviceResponse of the documents within, appended; room for cipher_text.len + CARNET_ENCRYPTED_DOCUMENTS_MORE.
 *  CARNET_E_CRYPTO_TAG: not for this key or transcript, or changed.  What is within is not looked at beyond its being one
 *  map.  Nothing is appended on failure. */
CARNET_API carnet_rc carnet_encrypted_documents_decrypt(const carnet_encrypted_documents *view, carnet_crypto *crypto,
                                                        carnet_key *key, carnet_span transcript, carnet_buf *out,
                                                        carnet_span *response, carnet_err *err);

/** What to encrypt. */
typedef struct carnet_encrypted_documents_draft {
    carnet_span session_transcript;     /**< the flow's, the array */
    carnet_span parameters;             /**< EncryptionParametersBytes as received */
    const carnet_public_key *recipient; /**< its recipientPublicKey, P-256, checked */
    uint64_t doc_request_id;
    const carnet_presented_document *documents; /**< reader_key NULL: a MAC needs a key the recipient has */
    size_t count;
} carnet_encrypted_documents_draft;

/** Append EncryptedDocuments.  `scratch` holds the transcript and the plaintext meanwhile and is wiped. */
CARNET_API carnet_rc carnet_encrypted_documents_build(const carnet_encrypted_documents_draft *draft,
                                                      carnet_crypto *crypto, carnet_buf *scratch,
                                                      carnet_cbor_builder *b, carnet_err *err);

CARNET_END_DECLS
#endif
