/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An issuance: a person's claims made into documents, one copy for each device
 * key (18013-5 12.3, 23220-1 Figure 8).
 *
 * What copies share is made once: elements encoded, times chosen, the plan of
 * the MSO checked.  A copy then costs its randomness, its digests and one
 * signature.  Two copies have nothing in common but what the document says: not
 * their randoms, digest identifiers, order of items, device key or status index;
 * their times are those of every document issued in the same day or hour.
 *
 * All storage is the caller's and must outlive the issuance.  One issuance
 * belongs to one thread.
 */
#ifndef CARNET_ISSUANCE_H
#define CARNET_ISSUANCE_H
#include "carnet/claims.h"
#include "carnet/issuer_policy.h"
CARNET_BEGIN_DECLS

/** What it is made of. */
typedef struct carnet_issuance_parameters {
    const carnet_issuer_policy *policy;
    const carnet_issue_signer *signer;
    const carnet_json *claims; /**< needed by carnet_issuance_begin() only */
    /** The same typed before by carnet_claims_read(), if not NULL: then `claims` are not read.  Copied, but not what they view. */
    const carnet_element *typed;
    size_t typed_count;
    /** What issuance->size was for the same policy, typed elements, lengths of the signer's chain and of the status URI; 0: it is
     *  measured. */
    size_t measured;
    carnet_time now;
    carnet_str status_uri;   /**< of the status list that indices are of; empty: the policy's */
    carnet_claims_file file; /**< reads files that claims name; NULL: refused */
    void *file_self;
    const carnet_random *random; /**< NULL: the backend's */
} carnet_issuance_parameters;

/** An issuance in the caller's storage: `elements` are the caller's to read, the rest is opaque.  Once it has begun, what is
 *  behind the last of so many elements is not touched any more. */
typedef struct carnet_issuance {
    const carnet_issuer_policy *policy;
    const carnet_issue_signer *signer;
    size_t count;
    carnet_issuer_times times;
    carnet_str status_uri;
    carnet_issue issue;
    size_t size; /**< octets that `room` needs for one copy */
    carnet_element elements[CARNET_ISSUE_ELEMENTS_MAX];
} carnet_issuance;

/** Type the claims and choose the times.  Encoded values go into `storage`.  CARNET_E_DOCTYPE_*: the claims are not those of
 *  such a document; CARNET_E_MDOC_VALIDITY: the signer's certificate is over, or too soon. */
CARNET_API carnet_rc carnet_issuance_begin(const carnet_issuance_parameters *parameters, carnet_buf *storage,
                                           carnet_issuance *issuance, carnet_err *err);

/** A copy to be made. */
typedef struct carnet_issuance_copy {
    carnet_public_key device_key;
    uint64_t status_index; /**< if the policy has a status list */
} carnet_issuance_copy;

/** Make the copies, `room` being used anew for each (issuance->size octets).  The taker is handed an IssuerSigned at its front,
 *  and may put other room in its place. */
CARNET_API carnet_rc carnet_issuance_make(const carnet_issuance *issuance, const carnet_issuance_copy *copies,
                                          size_t count, carnet_crypto *crypto, carnet_buf *room,
                                          carnet_issue_taker take, void *self, carnet_err *err);

CARNET_END_DECLS
#endif
