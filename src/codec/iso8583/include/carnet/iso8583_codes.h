/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the codes in data elements say, for a person.
 *
 * Static text without a full stop; NULL where a code is not known: codes of
 * schemes and networks are many, and these are the common ones.  Any thread.
 */
#ifndef CARNET_ISO8583_CODES_H
#define CARNET_ISO8583_CODES_H
#include "carnet/iso8583_spec.h"
CARNET_BEGIN_DECLS

/** Data element 39: two characters of 1987, three digits of 1993, four of 2003 (the first three are looked at). */
CARNET_API const char *carnet_iso8583_response_text(carnet_iso8583_version version, carnet_str code);
/** True if the code says that what was asked for is done: 00, 08, 10, 11, 000 to 099, and what 1993 accepts in classes 4 to 8. */
CARNET_API bool carnet_iso8583_approved(carnet_iso8583_version version, carnet_str code);
/** Data element 3: six digits; the first two. */
CARNET_API const char *carnet_iso8583_transaction_text(carnet_str processing_code);
/** Data element 3: an account type, its digits 3 and 4 or 5 and 6. */
CARNET_API const char *carnet_iso8583_account_text(carnet_str account_type);
/** Data element 22 of 1987: the first two digits, how the account number came. */
CARNET_API const char *carnet_iso8583_entry_mode_text(carnet_str code);
/** Data element 22 of 1987: the third digit. */
CARNET_API const char *carnet_iso8583_pin_capability_text(carnet_str code);
/** Data element 22 of 1993: what the character at a position (1 to 12) says. */
CARNET_API const char *carnet_iso8583_pos_data_text(unsigned position, char code);
/** What a position of it is about. */
CARNET_API const char *carnet_iso8583_pos_data_name(unsigned position);
/** Data element 70 of 1987. */
CARNET_API const char *carnet_iso8583_network_text(carnet_str code);
/** Data element 24 of 1993 and 2003. */
CARNET_API const char *carnet_iso8583_function_text(carnet_str code);
/** Data element 25 of 1993 and 2003: message reason codes. */
CARNET_API const char *carnet_iso8583_reason_text(carnet_str code);
/** The text for the value of any data element that has one of the above, or NULL. */
CARNET_API const char *carnet_iso8583_value_text(carnet_iso8583_version version, unsigned element, carnet_str value);

CARNET_END_DECLS
#endif
