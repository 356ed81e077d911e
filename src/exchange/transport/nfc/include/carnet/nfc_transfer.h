/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NFC data transfer (18013-5 11.2): messages of the session as DO'53' in
 * ENVELOPE and GET RESPONSE (ISO/IEC 7816-4), chained, in short and extended
 * length; the reader's side and the holder's.
 *
 * Neither side reads or writes anything: APDUs go in and come out.  All storage
 * is the caller's.  A message that is being sent must stay where it is until it
 * is away.  Each machine belongs to one thread and holds nothing to be freed.
 */
#ifndef CARNET_NFC_TRANSFER_H
#define CARNET_NFC_TRANSFER_H
#include "carnet/err.h"
CARNET_BEGIN_DECLS

/** The longest message: its length takes three octets. */
#define CARNET_NFC_MESSAGE_MAX 0xffffff
/** Storage for a command APDU and a response APDU with data fields of the given length. */
#define CARNET_NFC_COMMAND_SIZE(data)  ((data) + 9)
#define CARNET_NFC_RESPONSE_SIZE(data) ((data) + 2)

/** What one side can take: lengths of data fields in octets (NfcOptions, 18013-5 9.1 and 11.2). */
typedef struct carnet_nfc_limits {
    uint32_t command;  /**< 255 to 65,535 */
    uint32_t response; /**< 256 to 65,536 */
} carnet_nfc_limits;

/** Limits of a side that knows only short length. */
#define CARNET_NFC_SHORT ((carnet_nfc_limits){ 255, 256 })
/** Limits of a side that takes all that extended length allows. */
#define CARNET_NFC_EXTENDED ((carnet_nfc_limits){ 65535, 65536 })

/** DO'53' on its way in: how much of it is there. */
typedef struct carnet_nfc_object {
    uint8_t head[5]; /**< tag and length as received */
    uint8_t head_len;
    bool known;       /**< the head is complete: `all` is the message's length */
    size_t all, done; /**< octets of the message */
} carnet_nfc_object;

/** Reader: a session's exchange with one card.  Members are for reading. */
typedef struct carnet_nfc_reader {
    carnet_nfc_limits limits;   /**< the lesser of both sides */
    int step;                   /**< what comes next; private */
    carnet_span message;        /**< on its way out */
    size_t at, chunk;           /**< octets of DO'53' sent before, and in, the command that is out; private */
    uint32_t expected;          /**< Ne of the command that is out, or to be */
    unsigned commands;          /**< of this message, so far */
    carnet_nfc_object incoming; /**< progress of the answer */
} carnet_nfc_reader;

/** Begin with a card that has come, before SELECT.  `peer`: what the holder said in its engagement; zeros: short length.
 *  CARNET_E_USAGE: `own` is out of its range; CARNET_E_LINK_PROTOCOL: `peer` is. */
CARNET_API carnet_rc carnet_nfc_reader_init(carnet_nfc_reader *reader, carnet_nfc_limits own, carnet_nfc_limits peer,
                                            carnet_err *err);
/** Give the next message, which is borrowed until it is away.  CARNET_E_USAGE unless nothing is under way;
 *  CARNET_E_LINK_TOO_LONG; CARNET_E_LINK_CLOSED after a failure. */
CARNET_API carnet_rc carnet_nfc_reader_send(carnet_nfc_reader *reader, carnet_span message, carnet_err *err);
/** Append the next command to transmit (SELECT first of all), and say whether there is one; none when the answer is complete.
 *  Room of CARNET_NFC_COMMAND_SIZE(limits.command) is enough; without room the buffer overflows and the reader is closed. */
CARNET_API bool carnet_nfc_reader_next(carnet_nfc_reader *reader, carnet_buf *command);
/** True while the command that is out is the last of a message: its response comes when the holder has decided. */
CARNET_API bool carnet_nfc_reader_waits(const carnet_nfc_reader *reader);
/** Take the response to that command; what it holds of the answer is appended to `answer`, which must be the same buffer for
 *  all of an answer.  CARNET_E_LINK_PROTOCOL: the card refuses, or does not keep to the rules; `path` names the command,
 *  `offset` counts in the response.  CARNET_E_LINK_CLOSED: the holder ends without an answer.  CARNET_E_LINK_TOO_LONG:
 *  the answer does not fit, which is known with its first octets.  Nothing can follow a failure. */
CARNET_API carnet_rc carnet_nfc_reader_take(carnet_nfc_reader *reader, carnet_span response, carnet_buf *answer,
                                            carnet_err *err);

/** What a command was to a holder. */
typedef enum carnet_nfc_event {
    CARNET_NFC_RESPOND, /**< the response is in the buffer */
    CARNET_NFC_MESSAGE, /**< a message is complete; the response is for carnet_nfc_holder_answer() to make */
    CARNET_NFC_SENT     /**< the response is in the buffer, and the last of an answer in it */
} carnet_nfc_event;

/** Holder: the application that a card selects by its AID.  Members are for reading. */
typedef struct carnet_nfc_holder {
    carnet_nfc_limits limits; /**< this side's */
    int step;                 /**< what was last; private */
    carnet_buf message;       /**< the caller's; complete at CARNET_NFC_MESSAGE, good until the next command */
    carnet_nfc_object incoming;
    uint32_t expected;  /**< Ne of the command that waits for an answer; 0: none */
    carnet_span answer; /**< on its way out */
    size_t at;          /**< octets of DO'53' that are away */
    unsigned commands;  /**< of this message and its answer, so far */
    bool begun;         /**< an ENVELOPE was taken since the last SELECT */
    bool interrupted;   /**< the last SELECT ended an exchange that had begun */
} carnet_nfc_holder;

/** Begin: `storage` is where messages are put together, its room their greatest length.  CARNET_E_USAGE: a limit is out of
 *  its range. */
CARNET_API carnet_rc carnet_nfc_holder_init(carnet_nfc_holder *holder, carnet_nfc_limits limits, carnet_buf storage,
                                            carnet_err *err);
/** Forget everything but limits and storage: the field was lost, or another application selected. */
CARNET_API void carnet_nfc_holder_reset(carnet_nfc_holder *holder);
/** True for a SELECT by name of this application, with P2 00 or 0C; such a command is for carnet_nfc_holder_take(). */
CARNET_API bool carnet_nfc_selects(carnet_span command);
/** Take a command and append the response, if it can be given at once; CARNET_NFC_RESPONSE_SIZE(limits.response) is room
 *  enough.  A refusal is a response too: *err then says what was refused, and why (rc is CARNET_OK otherwise). */
CARNET_API carnet_nfc_event carnet_nfc_holder_take(carnet_nfc_holder *holder, carnet_span command, carnet_buf *response,
                                                   carnet_err *err);
/** Answer the message: append the response to the command that waits.  `answer` is borrowed until CARNET_NFC_SENT; empty:
 *  there is none, and never will be.  CARNET_E_USAGE: no command waits; CARNET_E_LINK_TOO_LONG. */
CARNET_API carnet_rc carnet_nfc_holder_answer(carnet_nfc_holder *holder, carnet_span answer, carnet_buf *response,
                                              carnet_nfc_event *event, carnet_err *err);

CARNET_END_DECLS
#endif
