/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secure area in software: keys in a sealed file (carnet/sealed_file.h), in
 * this process's memory while the area is open.  It protects keys from who reads
 * the file, not from who reads the process; it does not attest.
 *
 * The area writes the whole file anew for each change, through a storage that is
 * handed in.  Two processes that change one file must take turns: from opening
 * the area to closing it.
 */
#ifndef CARNET_SEALED_AREA_H
#define CARNET_SEALED_AREA_H
#include "carnet/sealed_file.h"
#include "carnet/secure_area.h"
CARNET_BEGIN_DECLS

#define CARNET_SEALED_KEYS_MAX 4096 /**< keys of one file */
#define CARNET_SEALED_AREA_MIN 4096 /**< octets of the least memory for an area */

/** The state of an open area, in the caller's storage; not to be moved.  Opaque. */
typedef struct carnet_sealed_area {
    carnet_crypto *crypto;
    const carnet_area_storage *storage;
    carnet_argon2_cost cost;
    uint8_t salt[CARNET_SEALED_SALT];
    carnet_secret key;
    carnet_buf keys; /**< the entries, one behind the other */
    carnet_buf file; /**< for writing */
    size_t count;
} carnet_sealed_area;

/** Make a new file without keys, in place of any that is there, and open it.  `cost` NULL: the usual one.  `memory` holds
 *  the keys and the file: 1,536 octets a key and 4,096 more suffice; the area uses all of it until it is closed, then it is
 *  wiped.  `crypto`, `storage` and `memory` must outlive the area; the passphrase is not kept.
 *  CARNET_E_USAGE: no passphrase, one too long, or a cost outside the bounds of carnet/sealed_file.h. */
CARNET_API carnet_rc carnet_sealed_area_new(carnet_sealed_area *state, carnet_crypto *crypto,
                                            const carnet_area_storage *storage, carnet_span passphrase,
                                            const carnet_argon2_cost *cost, carnet_buf memory, carnet_secure_area *area,
                                            carnet_err *err);
/** Open the file that is there.  Failures as of carnet_sealed_file_open() and the functions after it; CARNET_E_NO_SPACE:
 *  `memory` is less than three times the file. */
CARNET_API carnet_rc carnet_sealed_area_open(carnet_sealed_area *state, carnet_crypto *crypto,
                                             const carnet_area_storage *storage, carnet_span passphrase,
                                             carnet_buf memory, carnet_secure_area *area, carnet_err *err);
/** Seal the file with another passphrase. */
CARNET_API carnet_rc carnet_sealed_area_passphrase(carnet_sealed_area *state, carnet_span passphrase,
                                                   const carnet_argon2_cost *cost, carnet_err *err);
/** Take in a software key made elsewhere; identifier->len 0: one is chosen. */
CARNET_API carnet_rc carnet_sealed_area_import(carnet_sealed_area *state, carnet_key *key,
                                               carnet_key_identifier *identifier, carnet_err *err);

CARNET_END_DECLS
#endif
