/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secure area in a TPM 2.0: keys made there under its storage root key, fixed
 * to it, and kept outside only as the TPM wrapped them, in a file
 * (doc/tpm2-keys.cddl) through a storage that is handed in.  Of an area one
 * key is in the TPM, that which worked last, until another works or the area is
 * closed: the TPM's slots are few.
 *
 * The area attests: the TPM certifies a key with an attestation key of this
 * area, over a challenge.  Whoever checks that needs no TPM:
 * carnet/tpm2_statement.h.
 */
#ifndef CARNET_TPM2_AREA_H
#define CARNET_TPM2_AREA_H
#include "carnet/secure_area.h"
CARNET_BEGIN_DECLS

#define CARNET_TPM2_PARENT 0x81000001u /**< where the storage root key is, by convention */

/** Which TPM, and how. */
typedef struct carnet_tpm2_parameters {
    const char *tcti; /**< "device:/dev/tpmrm0", "swtpm:host=127.0.0.1,port=2321"; NULL: what the TSS finds */
    const carnet_area_storage *storage; /**< of the wrapped keys; what reads as empty is begun anew */
    uint32_t
        parent; /**< persistent handle of the storage root key, which is made if it is not there; 0: CARNET_TPM2_PARENT */
    carnet_span
        auth; /**< the keys' authorisation value, up to 32 octets; empty: none.  Kept until the area is closed */
} carnet_tpm2_parameters;

/** Open.  `crypto` and the storage must outlive the area.  CARNET_E_AREA_STORAGE: the TPM cannot be reached, or refuses, or the
 *  file is not as it should be. */
CARNET_API carnet_rc carnet_tpm2_area_open(const carnet_tpm2_parameters *parameters, carnet_crypto *crypto,
                                           carnet_secure_area *area, carnet_err *err);

CARNET_END_DECLS
#endif
