/* SPDX-License-Identifier: Apache-2.0 */
/* Randomness as an interface, handed in: the crypto backend's, a device's, or a test's. */
#ifndef CARNET_RANDOM_H
#define CARNET_RANDOM_H
#include "carnet/err.h"
CARNET_BEGIN_DECLS

/** A source of unpredictable bytes.  Must outlive what it is handed to. */
typedef struct carnet_random {
    /** Fill all of `out` or fail; never less. */
    carnet_rc (*fill)(void *self, uint8_t *out, size_t len);
    void *self;
} carnet_random;

/** Fill from the source; CARNET_E_CRYPTO_RANDOM if it fails (then out is zeroed). */
CARNET_API carnet_rc carnet_random_fill(const carnet_random *random, uint8_t *out, size_t len, carnet_err *err);

CARNET_END_DECLS
#endif
