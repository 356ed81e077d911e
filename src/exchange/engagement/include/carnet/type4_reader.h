/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mdoc reader before a Type 4 Tag (18013-5 9.2; T4T 1.2 and TNEP 1.0): a
 * state machine that yields the next command APDU and takes its response, until
 * it holds the Handover Select, and tells how long to wait before each command.
 * Whether the handover is static or negotiated is the mdoc's choice and is
 * found out on the way.
 *
 * The machine is the caller's storage and belongs to one thread.  Nothing is to
 * be done at its end.
 */
#ifndef CARNET_TYPE4_READER_H
#define CARNET_TYPE4_READER_H
#include "carnet/apdu.h"
#include "carnet/tnep.h"
CARNET_BEGIN_DECLS

/** What to do next. */
typedef enum carnet_type4_step {
    CARNET_TYPE4_SEND,  /**< wait, then send the command and take its response */
    CARNET_TYPE4_DONE,  /**< the messages are there */
    CARNET_TYPE4_FAILED /**< *err says why; the machine is over */
} carnet_type4_step;

typedef struct carnet_type4_reader_parameters {
    carnet_span request;      /**< Handover Request for negotiated handover, outlives the machine; empty: static only */
    uint8_t *storage;         /**< room for the messages read, outlives the machine */
    size_t capacity;          /**< 128 octets at least */
    uint32_t command_max;     /**< command data this reader can send, octets; above 255 needs extended length; 0: 255 */
    uint32_t response_max;    /**< response data it can take; above 256 needs extended length; 0: 256 */
    const char *service_name; /**< NULL: CARNET_TNEP_HANDOVER */
    bool select_without_le;   /**< leave out the Le of the SELECT by name, as readers in the field do */
} carnet_type4_reader_parameters;

/** What was found in the capability container. */
typedef struct carnet_type4_file {
    uint8_t version; /**< mapping version: 0x20, 0x30 */
    uint16_t id;
    uint32_t size;                /**< of the file, octets, its length field included */
    uint16_t read_max, write_max; /**< MLe and MLc */
    uint8_t length_size;          /**< octets of the length field: 2, or 4 of an extended file */
    bool writable;
} carnet_type4_file;

/** The state machine; the members are its own, but for those said to be results. */
typedef struct carnet_type4_reader {
    carnet_type4_reader_parameters p;
    carnet_type4_file file;
    carnet_span message;         /**< the message read, in storage */
    carnet_span select;          /**< result: the Handover Select as exchanged */
    carnet_span request;         /**< result: the Handover Request as exchanged; empty: static handover */
    carnet_tnep_service service; /**< of negotiated handover; its name is empty */
    carnet_span establishment;   /**< the message of carnet_type4_reader_establish() */
    const uint8_t *source;       /**< what is being written */
    uint32_t total, at, asked;   /**< octets of the transfer, done, and asked for last */
    unsigned waits;              /**< times that the tag asked for more time */
    uint8_t state, phase;        /**< internal enumerations */
    uint8_t small[96];           /**< messages of the reader's own */
} carnet_type4_reader;

/** Start: the first command is appended to `command`, which needs 9 octets and the longest command data.
 *  CARNET_E_USAGE: a size out of range. */
CARNET_API carnet_type4_step carnet_type4_reader_start(carnet_type4_reader *r,
                                                       const carnet_type4_reader_parameters *parameters,
                                                       carnet_buf *command, carnet_err *err);
/** Take the response to the command sent last; the next one is written to `command` (from its front), to be sent after
 *  *wait_ms milliseconds.  Failures: CARNET_E_APDU_STATUS (the tag refused), CARNET_E_TYPE4_RESPONSE, CARNET_E_TYPE4_FILE,
 *  CARNET_E_TNEP_STATUS, CARNET_E_TNEP_TIMEOUT, CARNET_E_TNEP_SERVICE (the tag offers no handover, or a negotiated one
 *  without a request to make), CARNET_E_LIMIT (a message longer than storage or the tag's file), and what is wrong with a
 *  message. */
CARNET_API carnet_type4_step carnet_type4_reader_take(carnet_type4_reader *r, carnet_span response, carnet_buf *command,
                                                      uint32_t *wait_ms, carnet_err *err);
/** After the end of a negotiated handover: give the mdoc the SessionEstablishment while it is still there (18013-5 9.2.3),
 *  if its DeviceEngagement says that it takes one.  It must be sent again, the same, where the data are transferred; a
 *  failure here means nothing for that.  The machine goes on as after carnet_type4_reader_start(), until the mdoc has
 *  confirmed.  The service has no name assigned yet: `service_name`, which outlives the machine, is agreed on elsewhere,
 *  and the message goes as the payload of a record of unknown type.  Storage must have room for the Handover Select, the
 *  message and 134 octets more (CARNET_E_LIMIT); the results stay. */
CARNET_API carnet_type4_step carnet_type4_reader_establish(carnet_type4_reader *r, carnet_span establishment,
                                                           const char *service_name, carnet_buf *command,
                                                           carnet_err *err);
/** Open a capability container: mapping versions 2 and 3, an NDEF File Control TLV or an extended one among others. */
CARNET_API carnet_rc carnet_type4_container_open(carnet_span container, carnet_type4_file *file, carnet_err *err);

CARNET_END_DECLS
#endif
