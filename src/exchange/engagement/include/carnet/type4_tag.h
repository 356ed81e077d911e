/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mdoc as an NFC Forum Type 4 Tag (18013-5 9.2; T4T 1.2 and TNEP 1.0): a
 * state machine that is fed command APDUs and gives response APDUs.  With
 * static handover the tag holds a Handover Select and cannot be written; with
 * negotiated handover it offers the handover service, takes a Handover Request
 * and gives the Handover Select that the caller makes in answer.
 *
 * A tag is the caller's storage and belongs to one thread.  Nothing is to be
 * done at its end.
 */
#ifndef CARNET_TYPE4_TAG_H
#define CARNET_TYPE4_TAG_H
#include "carnet/apdu.h"
#include "carnet/tnep.h"
CARNET_BEGIN_DECLS

/** Room for the response to any command: carnet_type4_tag_command() never needs more. */
#define CARNET_TYPE4_RESPONSE_MAX 65538

#define CARNET_TYPE4_AID_SIZE 7
/** AID of the NDEF tag application, D2760000850101: CARNET_TYPE4_AID_SIZE octets. */
CARNET_API extern const uint8_t carnet_type4_aid[];

/** What a command led to.  The response is to be sent in any case. */
typedef enum carnet_type4_event {
    CARNET_TYPE4_NOTHING,
    CARNET_TYPE4_SELECTED, /**< the application was selected: a reader is there.  What was negotiated before is void */
    CARNET_TYPE4_REQUEST,  /**< a message arrived for the handover service: see carnet_type4_tag_request(), answer with
                                carnet_type4_tag_answer() */
    CARNET_TYPE4_ESTABLISHMENT, /**< a SessionEstablishment arrived: see carnet_type4_tag_establishment() */
    CARNET_TYPE4_READ,          /**< the Handover Select has been read to its end: go on with the carrier in it */
    CARNET_TYPE4_REFUSED        /**< the command was answered with an error; *err says why */
} carnet_type4_event;

/** What a tag is to be. */
typedef struct carnet_type4_tag_parameters {
    carnet_span select;      /**< static handover: the Handover Select, which must outlive the tag; empty: negotiated */
    uint8_t *storage;        /**< negotiated: room for what the reader writes, outlives the tag */
    size_t capacity;         /**< octets of storage: 256 at least */
    uint16_t read_max;       /**< MLe: response data, octets, 15 at least; 0: 32767 */
    uint16_t write_max;      /**< MLc: command data, octets, 1 at least; 0: 32767 */
    uint8_t wait_time;       /**< negotiated: WT_INT, 0 to 63 */
    uint8_t wait_extensions; /**< negotiated: N_wait, 0 to 15 */
    uint16_t message_max;    /**< negotiated: longest message that is announced, octets; 0: what storage holds */
    const char *service_name; /**< negotiated: NULL: CARNET_TNEP_HANDOVER; at most 80 octets */
    const char
        *session_service_name; /**< negotiated: the service that takes a SessionEstablishment (18013-5 9.2.3), a name
                                         agreed on elsewhere, at most 80 octets; NULL: none */
    bool extended_file; /**< mapping version 3.0: an Extended NDEF File Control TLV, and lengths of four octets */
} carnet_type4_tag_parameters;

/** The state machine; the members are its own. */
typedef struct carnet_type4_tag {
    carnet_type4_tag_parameters p;
    carnet_span message;       /**< the NDEF message that is read now; empty: none yet */
    carnet_span establishment; /**< in storage */
    size_t request_len;        /**< octets of the Handover Request at the front of storage */
    size_t base;               /**< where in storage the reader now writes */
    uint8_t state, file;       /**< internal enumerations */
    uint8_t small[240];        /**< messages of the tag's own */
    bool answered, ended;      /**< the message read is the Handover Select; it has been read to its end */
} carnet_type4_tag;

/** CARNET_E_USAGE: a size or number out of range, neither a Handover Select nor storage, a select longer than a file. */
CARNET_API carnet_rc carnet_type4_tag_init(carnet_type4_tag *tag, const carnet_type4_tag_parameters *parameters,
                                           carnet_err *err);
/** Feed a command and append its response: never more than 2 octets and what Le and read_max allow.  If it does not fit
 *  `response` overflows and the event is CARNET_TYPE4_REFUSED with CARNET_E_NO_SPACE. */
CARNET_API carnet_type4_event carnet_type4_tag_command(carnet_type4_tag *tag, carnet_span command, carnet_buf *response,
                                                       carnet_err *err);
/** True if the command selects the NDEF tag application: for a card with other applications. */
CARNET_API bool carnet_type4_selects(carnet_span command);
/** Another application was selected: commands are answered with 6985 until this one is selected again. */
CARNET_API void carnet_type4_tag_deselect(carnet_type4_tag *tag);
/** The message written for the handover service, a Handover Request if all is well; it stays where it is until the
 *  application is selected anew.  Empty before CARNET_TYPE4_REQUEST. */
CARNET_API carnet_span carnet_type4_tag_request(const carnet_type4_tag *tag);
/** The Handover Select in answer, which must stay where it is while the tag is used.  Until it is given, a reader that asks
 *  is told to wait, as often as wait_extensions allows.  CARNET_E_USAGE without a request or if it is longer than a file. */
CARNET_API carnet_rc carnet_type4_tag_answer(carnet_type4_tag *tag, carnet_span select, carnet_err *err);
/** The SessionEstablishment that arrived, as it was in its record; the one in the data transfer must be the same.  Empty
 *  before CARNET_TYPE4_ESTABLISHMENT; stays as long as the request. */
CARNET_API carnet_span carnet_type4_tag_establishment(const carnet_type4_tag *tag);
/** There will be no answer: the reader is told of an error (TNEP 4.3). */
CARNET_API void carnet_type4_tag_reject(carnet_type4_tag *tag);

CARNET_END_DECLS
#endif
