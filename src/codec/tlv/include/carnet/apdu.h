/* SPDX-License-Identifier: Apache-2.0 */
/*
 * APDUs: command-response pairs of cases 1 to 4 in short and extended length
 * (ISO/IEC 7816-4:2013, 5.2).
 *
 * Views point into the octets they were opened on and live as long as those.
 * Everything here may be called from several threads.
 */
#ifndef CARNET_APDU_H
#define CARNET_APDU_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_APDU_DATA_MAX     65535u /**< data field of a command, octets */
#define CARNET_APDU_EXPECTED_MAX 65536u /**< data field of a response, octets */
#define CARNET_APDU_COMMAND_MAX  65544u /**< a whole command of extended length */
#define CARNET_APDU_RESPONSE_MAX 65538u /**< a whole response */

/** Bits of the class octet (5.4.1). */
enum {
    CARNET_CLA_CHAINED = 0x10 /**< command chaining: this is not the last command of the chain */
};

/** Instructions (5.5). */
enum {
    CARNET_INS_SELECT = 0xa4,
    CARNET_INS_READ_BINARY = 0xb0,
    CARNET_INS_GET_RESPONSE = 0xc0,
    CARNET_INS_ENVELOPE = 0xc3,
    CARNET_INS_UPDATE_BINARY = 0xd6
};

/** Status words (5.6). */
enum {
    CARNET_SW_OK = 0x9000,
    CARNET_SW_MORE = 0x6100,            /**< low octet: octets still there; 00: 256 or more */
    CARNET_SW_EXECUTION_ERROR = 0x6400, /**< nothing was changed */
    CARNET_SW_WRONG_LENGTH = 0x6700,
    CARNET_SW_CHAIN_LAST_EXPECTED = 0x6883, /**< the last command of the chain was expected */
    CARNET_SW_CHAINING_UNSUPPORTED = 0x6884,
    CARNET_SW_SECURITY_STATUS = 0x6982, /**< security status not satisfied */
    CARNET_SW_CONDITIONS = 0x6985,      /**< conditions of use not satisfied */
    CARNET_SW_NOT_ALLOWED = 0x6986,     /**< no current file */
    CARNET_SW_WRONG_DATA = 0x6a80,      /**< parameters in the data field are wrong */
    CARNET_SW_NOT_FOUND = 0x6a82,       /**< file or application not found */
    CARNET_SW_NO_SPACE = 0x6a84,        /**< not enough memory in the file */
    CARNET_SW_WRONG_P1P2 = 0x6a86,
    CARNET_SW_WRONG_OFFSET = 0x6b00,
    CARNET_SW_WRONG_LE = 0x6c00, /**< low octet: the Le that is right */
    CARNET_SW_INS_UNSUPPORTED = 0x6d00,
    CARNET_SW_CLA_UNSUPPORTED = 0x6e00,
    CARNET_SW_UNKNOWN = 0x6f00 /**< no precise diagnosis */
};

/** A command. */
typedef struct carnet_command_apdu {
    uint8_t cla, ins, p1, p2;
    carnet_span data;  /**< at most CARNET_APDU_DATA_MAX octets; empty: no data field */
    uint32_t expected; /**< most octets of response data expected: 1 to 65536; 0: no Le field */
    bool extended;     /**< lengths have the extended form */
} carnet_command_apdu;

/** A response. */
typedef struct carnet_response_apdu {
    carnet_span data;
    uint16_t status; /**< SW1 SW2 */
} carnet_response_apdu;

/** Open a command.  CARNET_E_APDU_LENGTH: shorter than four octets, or its length fields contradict its length. */
CARNET_API carnet_rc carnet_command_apdu_open(carnet_span octets, carnet_command_apdu *command, carnet_err *err);
/** Open a response.  CARNET_E_APDU_LENGTH: shorter than two octets, longer than CARNET_APDU_RESPONSE_MAX, or its
 *  first status octet is neither 6X nor 9X. */
CARNET_API carnet_rc carnet_response_apdu_open(carnet_span octets, carnet_response_apdu *response, carnet_err *err);

/** Octets that carnet_command_apdu_build() appends; 0 if the lengths do not fit a command. */
CARNET_API size_t carnet_command_apdu_size(const carnet_command_apdu *command);
/** Append a command: in extended length if `extended` is set and it has data or an Le, or if it fits no other;
 *  otherwise short.  CARNET_E_USAGE: the lengths do not fit a command; CARNET_E_NO_SPACE.  On failure nothing is added. */
CARNET_API carnet_rc carnet_command_apdu_build(const carnet_command_apdu *command, carnet_buf *out, carnet_err *err);
/** Append a response; CARNET_E_USAGE, CARNET_E_NO_SPACE likewise. */
CARNET_API carnet_rc carnet_response_apdu_build(const carnet_response_apdu *response, carnet_buf *out, carnet_err *err);

/** What a status word says, for a person; static text, never NULL. */
CARNET_API const char *carnet_status_word_text(uint16_t status);

CARNET_END_DECLS
#endif
