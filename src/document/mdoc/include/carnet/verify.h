/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification: from received bytes to a report (18013-5 12.8).
 *
 * Every check that can be made is made and reported, with its outcome, clause
 * and place; one that fails does not keep the others from being made.  Whether
 * the report is good enough is for a policy to say: carnet/policy.h.
 *
 * Nothing is allocated or copied; the deepest call needs about 16 KB of stack.
 * One verification's parameters may be shared by threads, except `crypto` and
 * `memory`, which belong to one thread at a time.
 */
#ifndef CARNET_VERIFY_H
#define CARNET_VERIFY_H
#include "carnet/chain_memory.h"
#include "carnet/device_response.h"
CARNET_BEGIN_DECLS

/** Entries one document's checks may need; a report of CARNET_REPORT_DOCUMENT_ENTRIES for each document and as many for the
 *  whole does not overflow. */
#define CARNET_REPORT_DOCUMENT_ENTRIES 64

/** What to verify with.  Zeroed: nothing is trusted, everything else strict. */
typedef struct carnet_verification {
    size_t struct_size; /**< sizeof(carnet_verification) */
    carnet_crypto *crypto;
    const carnet_trust_anchors *anchors;        /**< NULL: no path can be found */
    const carnet_revocation_source *revocation; /**< NULL: revocation is not checked */
    carnet_span session_transcript; /**< the encoded SessionTranscript array; empty: mdoc authentication is not done */
    carnet_key *const
        *reader_keys; /**< ephemeral reader keys, for deviceMac: the one of the device key's curve is used */
    size_t reader_key_count;
    /** Of the signer's certificate; NULL: by document type, for an mDL carnet_profile_document_signer_mdl, for any other
     *  carnet_profile_document_signer_mdoc.  For requests: carnet_profile_reader. */
    const carnet_certificate_profile *signer_profile;
    unsigned allow;              /**< CARNET_CBOR_ bits let pass and reported; CARNET_CBOR_LENIENT: all that can be */
    carnet_chain_memory *memory; /**< NULL: every chain is judged each time */
    bool encrypted_apart; /**< encryptedDocuments are decrypted and judged apart, as DeviceResponses of their own */
} carnet_verification;

/** Verify a DeviceResponse.  Entries speak of document 0, 1, ... in the order received, or of CARNET_NO_DOCUMENT.
 *  The time and skew judged at are the report's.  Fails, with an empty report, only if nothing could be judged: the CBOR
 *  is malformed, the top level is not that of a DeviceResponse, or the parameters are unusable. */
CARNET_API carnet_rc carnet_device_response_verify(const carnet_verification *verification, carnet_span cbor,
                                                   carnet_report *report, carnet_err *err);
/** Verify a Document that comes without a DeviceResponse around it. */
CARNET_API carnet_rc carnet_document_verify(const carnet_verification *verification, carnet_span cbor,
                                            carnet_report *report, carnet_err *err);
/** Verify an IssuerSigned alone, as an issuer hands it out: there is no mdoc authentication (CARNET_CHECK_DEVICE_NONE).
 *  `doc_type`: what the document is said to be; empty: whatever the issuer signed. */
CARNET_API carnet_rc carnet_issuer_signed_verify(const carnet_verification *verification, carnet_span cbor,
                                                 carnet_str doc_type, carnet_report *report, carnet_err *err);

CARNET_END_DECLS
#endif
