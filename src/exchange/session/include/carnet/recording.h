/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recordings of sessions: a CBOR sequence of a head and an item for each
 * message as it crossed the link, in Carnet's own format (doc/recording.cddl).
 *
 * A recording holds what the two parties said to each other: personal data,
 * encrypted.  WITH THE EPHEMERAL PRIVATE KEY IN ITS HEAD, ANYBODY WHO HAS THE
 * FILE READS ALL OF IT.  That key is there only if whoever recorded asked for it.
 *
 * Views point into the recording.  One view may be read by several threads.
 */
#ifndef CARNET_RECORDING_H
#define CARNET_RECORDING_H
#include "carnet/session_transcript.h"
CARNET_BEGIN_DECLS

#define CARNET_RECORDING_VERSION     1
#define CARNET_RECORDING_ENTRIES_MAX 65536              /**< entries of one recording */
#define CARNET_RECORDING_MESSAGE_MAX ((size_t)16 << 20) /**< octets of one message */

/** What is known before the first message. */
typedef struct carnet_recording_head {
    bool reader;                   /**< whose side was recorded: the reader's, otherwise the mdoc's */
    carnet_str medium;             /**< such as "NFC", as the link calls itself; at most 32 octets */
    carnet_time started;           /**< the moment entries count from */
    carnet_handover handover;      /**< CARNET_HANDOVER_QR, _NFC, _WEBSITE or _ENGAGEMENT */
    carnet_span device_engagement; /**< as received or shown, without tag 24; empty: none */
    carnet_span reader_engagement; /**< the same */
    carnet_span select, request;   /**< NDEF messages of an NFC handover, or empty */
    carnet_span ephemeral_key;     /**< PKCS#8 DER of the recorded side's ephemeral key; empty: not recorded */
} carnet_recording_head;

typedef enum carnet_recording_kind {
    CARNET_RECORDING_RECEIVED, /**< a message from the peer */
    CARNET_RECORDING_SENT,     /**< a message to the peer */
    CARNET_RECORDING_ENDED     /**< the link ended; the last entry */
} carnet_recording_kind;

typedef struct carnet_recording_entry {
    carnet_recording_kind kind;
    uint64_t ms;         /**< since the head's moment */
    carnet_span message; /**< empty for CARNET_RECORDING_ENDED */
    uint64_t code;       /**< CARNET_RECORDING_ENDED: the carnet_rc that ended it; 0: this side closed it */
} carnet_recording_entry;

/** A recording that was opened. */
typedef struct carnet_recording {
    carnet_recording_head head;
    carnet_span all, entries; /**< the recording, and what follows its head */
} carnet_recording;

/** Where carnet_recording_next() stands; zeroed: before the first entry. */
typedef struct carnet_recording_cursor {
    size_t at;    /**< octets of the entries read */
    size_t count; /**< entries read */
    uint64_t ms;  /**< of the last one */
    bool ended;   /**< CARNET_RECORDING_ENDED was read */
    bool cut;     /**< the last entry is not all there: whoever wrote it was stopped */
    carnet_rc rc; /**< why there is no further entry: CARNET_OK at the end */
} carnet_recording_cursor;

/** Append a head.  The builder fails with CARNET_E_USAGE when it is none that carnet_recording_open() would take. */
CARNET_API void carnet_recording_build_head(carnet_cbor_builder *b, const carnet_recording_head *head);
/** Append an entry but for the message's octets, which come right behind it. */
CARNET_API void carnet_recording_build_entry(carnet_cbor_builder *b, const carnet_recording_entry *entry);
/** Open a recording: its head.  CARNET_E_SESSION_RECORDING: it is none, or of another version. */
CARNET_API carnet_rc carnet_recording_open(carnet_span bytes, carnet_recording *view, carnet_err *err);
/** The next entry; false after the last one (an entry that is cut off ends it, see `cut`), and when an entry is malformed:
 *  then cursor->rc and *err say why.  Time never goes back, and nothing follows the end. */
CARNET_API bool carnet_recording_next(const carnet_recording *view, carnet_recording_cursor *cursor,
                                      carnet_recording_entry *entry, carnet_err *err);

CARNET_END_DECLS
#endif
