/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_NFC_TRANSFER_INTERNAL_H
#define CARNET_NFC_TRANSFER_INTERNAL_H
#include "carnet/nfc_transfer.h"

#define CARNET_NFC_CLAUSE    "18013-5 11.2"
#define CARNET_NFC_AID       "\xa0\x00\x00\x02\x48\x04\x00"
#define CARNET_NFC_OBJECT    0x53
#define CARNET_NFC_HEAD_SIZE 5 /**< the longest: tag, and 83 with three octets */

/** True if both lengths are in their ranges. */
bool carnet_nfc_limits_valid(carnet_nfc_limits limits);
/** Take octets of DO'53' and append those of the message.  CARNET_E_LINK_PROTOCOL: they are none, with their offset in
 *  `octets`; CARNET_E_LINK_TOO_LONG: the message does not fit. */
carnet_rc carnet_nfc_object_take(carnet_nfc_object *object, carnet_span octets, carnet_buf *message,
                                 const carnet_path *path, carnet_err *err);
/** True when all of DO'53' is there. */
bool carnet_nfc_object_complete(const carnet_nfc_object *object);
/** Octets of DO'53' around a message. */
size_t carnet_nfc_object_size(carnet_span message);
/** Append `count` octets of DO'53' around a message, from its octet `at` on. */
void carnet_nfc_object_part(carnet_span message, size_t at, size_t count, carnet_buf *out);

#endif
