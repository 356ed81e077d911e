/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SessionTranscript: [DeviceEngagementBytes, EReaderKeyBytes, Handover] for every
 * way two parties may meet (18013-5 12.2; 18013-7 A.8, B.4.4, C.5; OpenID4VP 1.0
 * B.2.6; OpenID4VCI for its interactive authorisation endpoint).
 *
 * The array as such goes into DeviceAuthentication and ReaderAuthentication; in
 * tag 24 it is hashed into the session keys.  Nothing is re-encoded: what was
 * received goes in as received.
 */
#ifndef CARNET_SESSION_TRANSCRIPT_H
#define CARNET_SESSION_TRANSCRIPT_H
#include "carnet/cbor.h"
#include "carnet/crypto.h"
CARNET_BEGIN_DECLS

/** How the parties met; chooses the Handover. */
typedef enum carnet_handover {
    CARNET_HANDOVER_QR,                     /**< null */
    CARNET_HANDOVER_NFC,                    /**< [Hs, Hr or null]: `select`, `request` */
    CARNET_HANDOVER_WEBSITE,                /**< SHA-256(ReaderEngagementBytes): `reader_engagement` */
    CARNET_HANDOVER_ENGAGEMENT,             /**< ReaderEngagementBytes itself, as drafts had it */
    CARNET_HANDOVER_18013_7,                /**< 18013-7 Annex B: client_id, response_uri, mdoc_nonce, nonce */
    CARNET_HANDOVER_OPENID4VP,              /**< client_id, nonce, jwk_thumbprint, response_uri */
    CARNET_HANDOVER_OPENID4VP_DC_API,       /**< origin, nonce, jwk_thumbprint */
    CARNET_HANDOVER_OPENID4VP_DC_API_DRAFT, /**< drafts 23 and 24: origin, client_id, nonce */
    CARNET_HANDOVER_OPENID4VCI_IAE,         /**< origin (the endpoint), nonce, jwk_thumbprint */
    CARNET_HANDOVER_DC_API                  /**< org-iso-mdoc: encryption_info in base64url, origin */
} carnet_handover;

/** What a transcript is made of.  The first two members are written whatever the handover; those a handover names must be
 *  there (CARNET_E_USAGE otherwise), the others are ignored. */
typedef struct carnet_session_transcript_parameters {
    carnet_handover handover;
    carnet_span device_engagement; /**< DeviceEngagement as received, without tag 24; empty: null */
    carnet_span reader_key_bytes;  /**< EReaderKeyBytes or EncryptionParametersBytes, with tag 24; empty: null */
    carnet_span select, request;   /**< NDEF messages, without NLEN; `request` empty: null */
    carnet_span reader_engagement; /**< as received, without tag 24 */
    carnet_str client_id, response_uri, mdoc_nonce, nonce, origin, encryption_info;
    carnet_span jwk_thumbprint; /**< 32 octets, or empty: null */
} carnet_session_transcript_parameters;

/** Append the SessionTranscript array.  CARNET_E_CBOR_UTF8: a text is not UTF-8.  A failure sticks to the builder. */
CARNET_API carnet_rc carnet_session_transcript_build(carnet_cbor_builder *b, carnet_crypto *crypto,
                                                     const carnet_session_transcript_parameters *parameters,
                                                     carnet_err *err);

/** A transcript that was received or read from a file. */
typedef struct carnet_session_transcript {
    carnet_span array;             /**< the array as such */
    carnet_span device_engagement; /**< content of DeviceEngagementBytes; empty: null */
    carnet_span reader_key_bytes;  /**< EReaderKeyBytes, tag 24 included; empty: null */
    carnet_span handover;          /**< as encoded */
} carnet_session_transcript;

/** Open an array of three, or such an array in tag 24. */
CARNET_API carnet_rc carnet_session_transcript_open(carnet_span cbor, carnet_session_transcript *view, carnet_err *err);
/** SHA-256 of SessionTranscriptBytes (tag 24 included): the salt of every key derived from it. */
CARNET_API carnet_rc carnet_session_transcript_salt(carnet_crypto *crypto, carnet_span array, uint8_t out[32],
                                                    carnet_err *err);

CARNET_END_DECLS
#endif
