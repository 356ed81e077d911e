/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SessionTranscript of a mobile document shown within an authentication
 * session (doc/p1940.md; 18013-5 12.2):
 *
 *     [null, null, ["P1940Handover", SHA-256(CBOR [provider, session, challenge])]]
 *
 * all three texts as they stand in the messages.  Both ends make it themselves;
 * it never travels.  A presentation is thereby good for one session of one
 * identity provider, and for the challenge of one registration.
 */
#ifndef CARNET_STUDY_TRANSCRIPT_H
#define CARNET_STUDY_TRANSCRIPT_H
#include "carnet/cbor.h"
#include "carnet/crypto.h"
CARNET_BEGIN_DECLS

#define CARNET_STUDY_TRANSCRIPT 52 /**< octets of its encoding, whatever the texts */

/** Append the SessionTranscript array.  `provider`: the identity provider's identifier (providerId of RegisterSession);
 *  `session` and `challenge` as in the messages.  CARNET_E_USAGE: one is empty; CARNET_E_CBOR_UTF8: one is no text. */
CARNET_API carnet_rc carnet_study_transcript_build(carnet_cbor_builder *b, carnet_crypto *crypto, carnet_str provider,
                                                   carnet_str session, carnet_str challenge, carnet_err *err);

CARNET_END_DECLS
#endif
