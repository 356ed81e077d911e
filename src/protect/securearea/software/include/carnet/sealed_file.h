/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SealedFile (doc/sealed-file.cddl): bytes sealed with a passphrase.  Argon2id
 * (RFC 9106) makes the key, AES-256-GCM seals, with what is in the clear as
 * additional data; a digest over all tells accidents from a wrong passphrase.
 *
 * Views point into the bytes they were opened on.  What a file may demand of
 * memory and time is bounded before any of it is spent.
 */
#ifndef CARNET_SEALED_FILE_H
#define CARNET_SEALED_FILE_H
#include "carnet/argon2.h"
#include "carnet/crypto.h"
CARNET_BEGIN_DECLS

#define CARNET_SEALED_SALT        16
#define CARNET_SEALED_KEY         32
#define CARNET_SEALED_OVERHEAD    320   /**< octets by which a sealed file is longer than what it holds, at most */
#define CARNET_SEALED_MEMORY_KIB  65536 /**< the cost of a new file: RFC 9106 4, second choice */
#define CARNET_SEALED_PASSES      3
#define CARNET_SEALED_LANES       4
#define CARNET_SEALED_MEMORY_MAX  1048576 /**< KiB; what a file may demand of whoever opens it */
#define CARNET_SEALED_WORK_MAX    4194304 /**< KiB times passes */
#define CARNET_SEALED_LANES_MAX   16
#define CARNET_SEALED_PASS_LENGTH 1024 /**< octets of the longest passphrase */

/** An opened SealedFile.  Its form and digest were checked; nothing was unsealed. */
typedef struct carnet_sealed_file {
    carnet_span header;     /**< the encoded header: the additional data */
    carnet_span ciphertext; /**< tag included */
    carnet_str version;
    carnet_argon2_cost cost; /**< within the bounds above */
    carnet_span salt, iv, commitment;
} carnet_sealed_file;

/** Open.  CARNET_E_SEALED_STRUCTURE: it is no sealed file; _DAMAGED: it is one, but not as it was written; _VERSION: a later
 *  version's; _COST: it demands too much. */
CARNET_API carnet_rc carnet_sealed_file_open(carnet_crypto *crypto, carnet_span bytes, carnet_sealed_file *view,
                                             carnet_err *err);
/** The key, from the passphrase: this is what costs.  CARNET_E_SEALED_PASSPHRASE: it is another passphrase than the file was
 *  sealed with, or somebody altered the salt, the cost or the commitment and made a new digest: no one can tell these apart. */
CARNET_API carnet_rc carnet_sealed_file_key(carnet_crypto *crypto, const carnet_sealed_file *view,
                                            carnet_span passphrase, carnet_secret *key, carnet_err *err);
/** Unseal into `out` (ciphertext.len - 16 octets).  CARNET_E_SEALED_DAMAGED: the passphrase is right, the rest was altered. */
CARNET_API carnet_rc carnet_sealed_file_unseal(carnet_crypto *crypto, const carnet_sealed_file *view,
                                               const carnet_secret *key, uint8_t *out, size_t cap, carnet_span *plain,
                                               carnet_err *err);
/** A fresh salt, and the key from it and the passphrase; `cost` NULL: that of a new file. */
CARNET_API carnet_rc carnet_sealed_file_new_key(carnet_crypto *crypto, carnet_span passphrase,
                                                const carnet_argon2_cost *cost, uint8_t salt[CARNET_SEALED_SALT],
                                                carnet_secret *key, carnet_err *err);
/** Append the SealedFile that holds `parts`, under a fresh IV.  `cost` and `salt` are what the key was made with. */
CARNET_API carnet_rc carnet_sealed_file_seal(carnet_crypto *crypto, const carnet_secret *key,
                                             const carnet_argon2_cost *cost, const uint8_t salt[CARNET_SEALED_SALT],
                                             const carnet_span *parts, size_t count, carnet_buf *out, carnet_err *err);

CARNET_END_DECLS
#endif
