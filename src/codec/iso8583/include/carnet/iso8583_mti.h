/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message type indicators (ISO 8583:1993 and :2003, 4.1; 1987 writes them alike): four
 * digits for version, class, function and origin, held as they are read in
 * hexadecimal: 0x0200 is "0200".
 *
 * Pure functions; any thread.
 */
#ifndef CARNET_ISO8583_MTI_H
#define CARNET_ISO8583_MTI_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

typedef uint16_t carnet_mti;

/** The first digit. */
enum { CARNET_MTI_1987 = 0, CARNET_MTI_1993 = 1, CARNET_MTI_2003 = 2, CARNET_MTI_NATIONAL = 8, CARNET_MTI_PRIVATE = 9 };

/** The second digit. */
enum {
    CARNET_MTI_AUTHORIZATION = 1,
    CARNET_MTI_FINANCIAL = 2,
    CARNET_MTI_FILE = 3,
    CARNET_MTI_REVERSAL = 4, /**< and chargeback */
    CARNET_MTI_RECONCILIATION = 5,
    CARNET_MTI_ADMINISTRATIVE = 6,
    CARNET_MTI_FEE = 7,
    CARNET_MTI_NETWORK = 8
};

/** The third digit. */
enum {
    CARNET_MTI_REQUEST = 0,
    CARNET_MTI_RESPONSE = 1,
    CARNET_MTI_ADVICE = 2,
    CARNET_MTI_ADVICE_RESPONSE = 3,
    CARNET_MTI_NOTIFICATION = 4,
    CARNET_MTI_NOTIFICATION_ACKNOWLEDGEMENT = 5,
    CARNET_MTI_INSTRUCTION = 6,
    CARNET_MTI_INSTRUCTION_ACKNOWLEDGEMENT = 7
};

/** The fourth digit; odd ones are repeats. */
enum {
    CARNET_MTI_ACQUIRER = 0,
    CARNET_MTI_ACQUIRER_REPEAT = 1,
    CARNET_MTI_ISSUER = 2,
    CARNET_MTI_ISSUER_REPEAT = 3,
    CARNET_MTI_OTHER = 4,
    CARNET_MTI_OTHER_REPEAT = 5
};

/** From four digits; false, and 0, if they are not four digits. */
CARNET_API bool carnet_mti_read(carnet_str text, carnet_mti *mti);
/** As four digits and a zero. */
CARNET_API void carnet_mti_write(carnet_mti mti, char text[5]);

CARNET_API unsigned carnet_mti_version(carnet_mti mti);
CARNET_API unsigned carnet_mti_class(carnet_mti mti);
CARNET_API unsigned carnet_mti_function(carnet_mti mti);
CARNET_API unsigned carnet_mti_origin(carnet_mti mti);

/** True for a request, an advice, a notification or an instruction: what an answer may follow. */
CARNET_API bool carnet_mti_asks(carnet_mti mti);
/** True for a response, an advice response, an acknowledgement. */
CARNET_API bool carnet_mti_answers(carnet_mti mti);
/** True if the message says that it is sent again. */
CARNET_API bool carnet_mti_repeats(carnet_mti mti);
/** What answers it: the function one up, the origin not a repeat (0421: 0430).  0 for what is itself an answer. */
CARNET_API carnet_mti carnet_mti_response(carnet_mti mti);
/** The same message sent again: 0420: 0421.  0 for an answer. */
CARNET_API carnet_mti carnet_mti_repeat(carnet_mti mti);
/** The same message as first sent: 0421: 0420. */
CARNET_API carnet_mti carnet_mti_original(carnet_mti mti);
/** What an indicator says, for a person: a word for its class and one for its function; static text, never NULL. */
CARNET_API const char *carnet_mti_class_text(carnet_mti mti);
CARNET_API const char *carnet_mti_function_text(carnet_mti mti);
CARNET_API const char *carnet_mti_origin_text(carnet_mti mti);

CARNET_END_DECLS
#endif
