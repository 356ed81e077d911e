/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session encryption (18013-5 12.2): ECDH of the ephemeral keys, SKReader and
 * SKDevice, AES-256-GCM with a counter for each direction, SessionEstablishment
 * and SessionData, and the status codes that end a session.
 *
 * A session is the caller's storage and belongs to one thread.  It ends when
 * either side sends a status, or a message cannot be decrypted; then the keys
 * are wiped and nothing more can be sent or opened.  carnet_session_done() wipes it on every path.
 */
#ifndef CARNET_SESSION_H
#define CARNET_SESSION_H
#include "carnet/cose_key.h"
#include "carnet/session_transcript.h"
CARNET_BEGIN_DECLS

/** Status of SessionData; any of them ends the session. */
typedef enum carnet_session_status {
    CARNET_SESSION_NO_STATUS = 0,
    CARNET_SESSION_ENCRYPTION_ERROR = 10,
    CARNET_SESSION_DECODING_ERROR = 11,
    CARNET_SESSION_TERMINATION = 20
} carnet_session_status;

typedef enum carnet_session_role { CARNET_SESSION_READER, CARNET_SESSION_MDOC } carnet_session_role;

typedef struct carnet_session {
    carnet_session_role role;
    carnet_secret reader_key, device_key; /**< SKReader, SKDevice */
    uint32_t sent, received;              /**< messages encrypted and decrypted so far */
    bool open;
    bool key_known; /**< the mdoc had the reader's key before: a reader's first message is SessionData too */
} carnet_session;

/** What is odd in a SessionEstablishment that was understood. */
enum {
    CARNET_ESTABLISHMENT_KEY_COMPRESSED = 1, /**< EReaderKey has only the sign of y */
    CARNET_ESTABLISHMENT_KEY_PARAMETERS = 2, /**< EReaderKey carries parameters it should not, such as a private key */
    CARNET_ESTABLISHMENT_STATUS = 4          /**< a status, which does not belong here: ignored */
};

/** SessionEstablishment, first message of the reader (18013-5 12.2.4). */
typedef struct carnet_session_establishment {
    carnet_cbor_embedded reader_key_bytes; /**< EReaderKeyBytes as received */
    carnet_cose_key reader_key;            /**< structure checked */
    carnet_span data;
    unsigned odd; /**< CARNET_ESTABLISHMENT_ bits */
    uint8_t cbor_seen;
} carnet_session_establishment;

/** SessionData, every other message. */
typedef struct carnet_session_data {
    carnet_span data; /**< empty and has_data false: none */
    bool has_data, has_status;
    uint64_t status;
    bool status_odd; /**< data beside status 10 or 11, or an unknown status: it ends the session all the same */
    uint8_t cbor_seen;
} carnet_session_data;

/** Open SessionEstablishment.  The key must be of a curve for key agreement (CARNET_E_COSE_KEY otherwise); its point is
 *  looked at when it is used. */
CARNET_API carnet_rc carnet_session_establishment_open(carnet_span cbor, carnet_session_establishment *view,
                                                       carnet_err *err);
/** Open SessionData; one with neither data nor status is refused. */
CARNET_API carnet_rc carnet_session_data_open(carnet_span cbor, carnet_session_data *view, carnet_err *err);

/** Derive the keys.  `own` is the caller's ephemeral key (usage agree), `peer` the other's; both on one curve
 *  (CARNET_E_SESSION_KEY otherwise, and when the point is none of the curve's).  `transcript`: the SessionTranscript array. */
CARNET_API carnet_rc carnet_session_init(carnet_session *session, carnet_session_role role, carnet_crypto *crypto,
                                         carnet_key *own, const carnet_public_key *peer, carnet_span transcript,
                                         carnet_err *err);
/** Wipe.  Accepts a zeroed session. */
CARNET_API void carnet_session_done(carnet_session *session);

/** Encrypt `plain` as this side's next message and append SessionEstablishment (a reader's first message, which must have
 *  reader_key_bytes unless session->key_known) or SessionData (which must not), with a status if it is not 0; only CARNET_SESSION_TERMINATION and
 *  statuses of one's own go with data.  CARNET_E_NO_SPACE, CARNET_E_USAGE: nothing was done, and no counter value used.
 *  After any other failure the session is over: no counter value is ever used twice. */
CARNET_API carnet_rc carnet_session_seal(carnet_session *session, carnet_crypto *crypto, carnet_span reader_key_bytes,
                                         carnet_span plain, carnet_session_status status, carnet_cbor_builder *b,
                                         carnet_err *err);
/** Decrypt `data` of the other side's next message into `out` (at least data.len - 16 octets, may be where data is) and
 *  give the plaintext.  CARNET_E_NO_SPACE: nothing was done.  After any other failure the session is over, its keys wiped;
 *  carnet_session_failure_status() says which status tells the other side. */
CARNET_API carnet_rc carnet_session_unseal(carnet_session *session, carnet_crypto *crypto, carnet_span data,
                                           uint8_t *out, size_t cap, carnet_span *plain, carnet_err *err);
/** Append SessionData with only a status, and end the session. */
CARNET_API void carnet_session_end(carnet_session *session, carnet_session_status status, carnet_cbor_builder *b);
/** The status that tells the other side of a failure to take its message: 10 if the key or the encryption was wrong, 11 if
 *  the CBOR was, else 20. */
CARNET_API carnet_session_status carnet_session_failure_status(carnet_rc rc);
/** What a status says, for a person; static text. */
CARNET_API const char *carnet_session_status_text(uint64_t status);

CARNET_END_DECLS
#endif
