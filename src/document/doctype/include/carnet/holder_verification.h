/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credential holder verification: data elements by which the device says how
 * it verified its holder (ISO/IEC TS 23220-4 7.2.5, ISO/IEC 23220-5).
 *
 * They are asked for as any element is, and returned signed by the device, if
 * the issuer authorised that and the verification succeeded; otherwise they are
 * not returned, and a reader takes the holder for not verified.
 */
#ifndef CARNET_HOLDER_VERIFICATION_H
#define CARNET_HOLDER_VERIFICATION_H
#include "carnet/doctype.h"
CARNET_BEGIN_DECLS

/** An element that says how the holder was verified on the device. */
typedef struct carnet_holder_verification {
    const char *name_space, *identifier, *title;
    carnet_element_type type;
} carnet_holder_verification;

/** The i-th known one; NULL past the last. */
CARNET_API const carnet_holder_verification *carnet_holder_verification_at(size_t i);
/** The one of this name; NULL if there is none. */
CARNET_API const carnet_holder_verification *carnet_holder_verification_find(carnet_str name_space,
                                                                             carnet_str identifier);

CARNET_END_DECLS
#endif
