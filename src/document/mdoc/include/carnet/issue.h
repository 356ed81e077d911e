/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Issuing: an IssuerSigned made from data elements, a device key and a document
 * signer (18013-5 12.3), one copy or many.
 *
 * Nothing correlates two copies: each has its own digest identifiers, in its own
 * random order with random gaps, and its own randoms.  All randomness of a copy
 * is drawn in one call.  Items have their members in the order digestID, random,
 * elementIdentifier, elementValue, so that they can be dehydrated
 * (carnet/issuer_signed_dehydrated.h).
 *
 * All storage is the caller's; what is pointed to stays the caller's and must
 * outlive the call.  Times are written in whole seconds, UTC.
 */
#ifndef CARNET_ISSUE_H
#define CARNET_ISSUE_H
#include "carnet/element_walk.h"
#include "carnet/issuer_signed.h"
CARNET_BEGIN_DECLS

#define CARNET_ISSUE_ELEMENTS_MAX    256 /**< data elements in one document */
#define CARNET_ISSUE_NAME_SPACES_MAX 32
#define CARNET_ISSUE_RANDOM_DEFAULT  24 /**< octets of an item's random */
#define CARNET_ISSUE_RANDOM_MAX      64

/** Who signs: prepared once, used for many documents. */
typedef struct carnet_issue_signer {
    carnet_key *key;
    const carnet_span *chain; /**< certificates in DER, the document signer's first, the root left out */
    size_t chain_count;
    carnet_time not_before, not_after; /**< of the document signer's certificate */
} carnet_issue_signer;

/** Prepare a signer.  The chain is borrowed.  CARNET_E_CRYPTO_MISMATCH: the key is not the certificate's;
 *  CARNET_E_CRYPTO_UNSUPPORTED: its curve does not sign; CARNET_E_X509_*: the first certificate cannot be read. */
CARNET_API carnet_rc carnet_issue_signer_init(carnet_issue_signer *signer, carnet_key *key, const carnet_span *chain,
                                              size_t count, carnet_err *err);

/** A document to be issued.  Zero what is not used. */
typedef struct carnet_issue {
    size_t struct_size; /**< sizeof(carnet_issue) */
    carnet_str doc_type;
    const carnet_element *elements; /**< values encoded, each one CBOR item */
    size_t count;
    carnet_hash hash; /**< 0: SHA-256 */
    carnet_time signed_at, valid_from, valid_until;
    bool has_expected_update;
    carnet_time expected_update;
    const carnet_public_key *device_key; /**< not checked to be a point; carnet_issue_batch() takes its own */
    /** keyAuthorizations: what the device key may sign.  A name space must not be in both lists. */
    const carnet_str *authorised_name_spaces;
    size_t authorised_name_space_count;
    const carnet_element_name *authorised_elements;
    size_t authorised_element_count;
    carnet_span key_info;            /**< an encoded map, or empty */
    const carnet_mso_status *status; /**< or NULL */
    const carnet_random *random;     /**< NULL: the backend's */
    size_t random_length;            /**< octets of each random, 16 to 64; 0: CARNET_ISSUE_RANDOM_DEFAULT */
    bool shuffle;                    /**< items in random order within their name space; otherwise in the order given */
    bool without_elements;           /**< no elements is allowed: the MSO gets one random digest (18013-5 12.3) */
    carnet_str empty_name_space;     /**< name space of that digest; empty: the document type */
    bool x5t;                        /**< name the signer's certificate in the protected headers too, by its SHA-256 */
    bool allow_beyond_signer;        /**< valid_until after the signer's certificate ends is allowed */
    bool status_each;                /**< carnet_issue_batch(): `status` is an array, one for each copy */
} carnet_issue;

/** Check the document and the signer together, and say how large a buffer carnet_issue_build() needs, scratch included.
 *  CARNET_E_MDOC_VALIDITY: times that contradict each other or the signer's certificate; CARNET_E_MDOC_ELEMENT_TWICE;
 *  CARNET_E_MDOC_EMPTY: no elements; CARNET_E_CBOR_*: an element's value is not one well-formed item, with its name as
 *  path; CARNET_E_LIMIT; CARNET_E_MDOC_ALGORITHM. */
CARNET_API carnet_rc carnet_issue_measure(const carnet_issue *issue, const carnet_issue_signer *signer, size_t *size,
                                          carnet_err *err);
/** Make an IssuerSigned at the front of the buffer's free part, whose rest is used as scratch; buf->len moves on by its
 *  length.  On failure nothing is added and *issuer_signed is empty. */
CARNET_API carnet_rc carnet_issue_build(const carnet_issue *issue, const carnet_issue_signer *signer,
                                        carnet_crypto *crypto, carnet_buf *buf, carnet_span *issuer_signed,
                                        carnet_err *err);

/** Takes one copy; the span is good during the call.  Anything but CARNET_OK ends the batch with that code. */
typedef carnet_rc (*carnet_issue_taker)(void *self, size_t copy, carnet_span issuer_signed);

/** Make `count` copies, each for a device key of its own; the buffer is used anew for each, as the taker left it. */
CARNET_API carnet_rc carnet_issue_batch(const carnet_issue *issue, const carnet_issue_signer *signer,
                                        const carnet_public_key *device_keys, size_t count, carnet_crypto *crypto,
                                        carnet_buf *buf, carnet_issue_taker take, void *self, carnet_err *err);

CARNET_END_DECLS
#endif
