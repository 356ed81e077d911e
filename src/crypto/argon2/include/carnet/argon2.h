/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Argon2id, version 1.3 (RFC 9106): a key from a passphrase, at a cost in memory
 * and time that is the caller's choice, and the caller's to bound when it comes
 * from a file.
 *
 * The memory is taken from the backend's allocator for the time of the call, and
 * wiped; one thread does all the work.
 */
#ifndef CARNET_ARGON2_H
#define CARNET_ARGON2_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_ARGON2_SALT_MIN 8 /**< octets of the shortest salt */

/** What it costs (RFC 9106 3.1: m, t, p). */
typedef struct carnet_argon2_cost {
    uint32_t memory_kib; /**< at least 8 for each lane */
    uint32_t passes;     /**< at least 1 */
    uint32_t lanes;      /**< at least 1; no threads are started for them */
} carnet_argon2_cost;

/** Derive out->len = `len` octets (4 to CARNET_SECRET_MAX).  CARNET_E_USAGE: a length or cost that RFC 9106 does not allow;
 *  CARNET_E_CRYPTO_BACKEND: there is not that much memory. */
CARNET_API carnet_rc carnet_argon2id(carnet_span passphrase, carnet_span salt, const carnet_argon2_cost *cost,
                                     size_t len, carnet_secret *out, carnet_err *err);

CARNET_END_DECLS
#endif
