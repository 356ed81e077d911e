/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_TPM2_INTERNAL_H
#define CARNET_TPM2_INTERNAL_H
#include "carnet/cbor.h"
#include "carnet/tpm2_area.h"
#include "carnet/tpm2_statement.h"

#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>

#define CARNET_TPM2_KEYS_MAX 4096
#define CARNET_TPM2_FILE_MAX (4u << 20)

/* A key as the TPM wrapped it.  usage 0: the attestation key. */
typedef struct carnet_tpm2_key {
    carnet_key_identifier identifier;
    unsigned usage;
    TPM2B_PUBLIC public_area;
    TPM2B_PRIVATE private_area;
} carnet_tpm2_key;

/* The state behind an area. */
typedef struct carnet_tpm2 {
    TSS2_TCTI_CONTEXT *tcti;
    ESYS_CONTEXT *esys;
    ESYS_TR parent;
    TPM2B_AUTH auth;
    carnet_crypto *crypto;
    const carnet_area_storage *storage;
    carnet_tpm2_key *keys;
    size_t count, room;
    carnet_secure_area_curve curves[4];
    size_t curve_count;
    bool keeps; /* the key that worked last is in the TPM: */
    ESYS_TR kept;
    TPM2B_PRIVATE kept_area; /* which */
} carnet_tpm2;

/* What a TPM's refusal means. */
carnet_rc carnet_tpm2_fail(carnet_err *err, TSS2_RC rc, const char *what);

/* The file: read into the state; written from it. */
carnet_rc carnet_tpm2_file_read(carnet_tpm2 *t, carnet_err *err);
carnet_rc carnet_tpm2_file_write(carnet_tpm2 *t, carnet_err *err);
/* Room for one more key; NULL: no memory, or too many. */
carnet_tpm2_key *carnet_tpm2_key_add(carnet_tpm2 *t);
/* The key of this identifier, or the attestation key for an empty one; NULL: there is none. */
carnet_tpm2_key *carnet_tpm2_key_find(carnet_tpm2 *t, const carnet_key_identifier *identifier);

/* Make a key under the parent; it is not in the TPM afterwards. */
carnet_rc carnet_tpm2_make(carnet_tpm2 *t, carnet_curve curve, unsigned usage, carnet_tpm2_key *key, carnet_err *err);
/* Bring a key into the TPM; flush the handle. */
carnet_rc carnet_tpm2_load(carnet_tpm2 *t, const carnet_tpm2_key *key, ESYS_TR *handle, carnet_err *err);
/* Take the key that worked last out of the TPM, if it is there. */
void carnet_tpm2_forget(carnet_tpm2 *t);
/* The public half. */
carnet_rc carnet_tpm2_public_key(carnet_tpm2 *t, const carnet_tpm2_key *key, carnet_public_key *public_key,
                                 carnet_err *err);
/* r || s of a signature, at the curve's width. */
carnet_rc carnet_tpm2_signature(const TPMT_SIGNATURE *from, size_t width, uint8_t *out, carnet_err *err);
/* A handle of a key: a copy of what is wrapped. */
carnet_rc carnet_tpm2_key_open(carnet_tpm2 *t, const carnet_tpm2_key *key, carnet_key *handle, carnet_err *err);
/* The statement over several keys. */
carnet_rc carnet_tpm2_attest(carnet_tpm2 *t, const carnet_key_identifier *identifiers, size_t count,
                             carnet_span challenge, carnet_buf *statement, carnet_err *err);

#endif
