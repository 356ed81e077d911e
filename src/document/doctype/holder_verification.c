/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of credential holder verification (ISO/IEC TS 23220-4 7.2.5, ISO/IEC 23220-5): a new one is a new row. */
#include "carnet/holder_verification.h"

static const carnet_holder_verification verifications[] = {
    { "org.iso.23220.5.1", "CHV_1", "Portrait Image Equivalence", CARNET_ELEMENT_BOOL },
};

const carnet_holder_verification *
carnet_holder_verification_at(size_t i)
{
    return i < CARNET_COUNT(verifications) ? &verifications[i] : NULL;
}

const carnet_holder_verification *
carnet_holder_verification_find(carnet_str name_space, carnet_str identifier)
{
    for (size_t i = 0; i < CARNET_COUNT(verifications); i++) {
        if (carnet_str_is(name_space, verifications[i].name_space) &&
            carnet_str_is(identifier, verifications[i].identifier)) {
            return &verifications[i];
        }
    }
    return NULL;
}
