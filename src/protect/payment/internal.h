/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_PAYMENT_PROTECTION_INTERNAL_H
#define CARNET_PAYMENT_PROTECTION_INTERNAL_H
#include "carnet/pin_block.h"

/* The PAN field of format 4 (ISO 9564-1 9.4.3): the PAN's length above twelve, the PAN, zeros. */
carnet_rc carnet_pin_pan_field(carnet_str pan, uint8_t field[16], carnet_err *err);

#endif
