/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a TPM 2.0 says of keys it made (TPM 2.0 Library Part 2, 10.12.12; Part 3,
 * 18.2), checked without a TPM.
 *
 * The statement of carnet_secure_area_attest() has the format "tpm2-certify"
 * (doc/tpm2-keys.cddl).  It proves that the keys are in one TPM with the
 * attestation key; that this attestation key is of a TPM to be trusted is for
 * the caller to know, by its public key.  All views point into the statement.
 */
#ifndef CARNET_TPM2_STATEMENT_H
#define CARNET_TPM2_STATEMENT_H
#include "carnet/cbor.h"
#include "carnet/crypto.h"
CARNET_BEGIN_DECLS

#define CARNET_TPM2_FORMAT "tpm2-certify"

/** An opened statement. */
typedef struct carnet_tpm2_statement {
    carnet_span encoded;
    carnet_public_key attestation_key; /**< as it says itself */
    carnet_span certifications;        /**< array, of as many entries as keys */
    size_t count;
} carnet_tpm2_statement;

/** Open.  CARNET_E_ATTESTATION_STRUCTURE: it is no such statement. */
CARNET_API carnet_rc carnet_tpm2_statement_open(carnet_span cbor, carnet_crypto *crypto, carnet_tpm2_statement *view,
                                                carnet_err *err);
/** Check the certification of the `index`-th key: made by a TPM (the magic), over this challenge, for an object whose public
 *  area is the one given, fixed to its TPM and made in it, signed by the attestation key; *key is what it certifies.
 *  CARNET_E_ATTESTATION_CHALLENGE: over another challenge; CARNET_E_ATTESTATION_KEY: the key could leave the TPM, or is not
 *  the one certified; CARNET_E_ATTESTATION_SIGNATURE: the signature is wrong. */
CARNET_API carnet_rc carnet_tpm2_statement_check(const carnet_tpm2_statement *view, size_t index, carnet_span challenge,
                                                 carnet_crypto *crypto, carnet_public_key *key, carnet_err *err);

CARNET_END_DECLS
#endif
