/* SPDX-License-Identifier: Apache-2.0 */
/* The statement: each key certified by the TPM with the area's attestation key (TPM 2.0 Library Part 3, 18.2). */
#include "internal.h"

#include "carnet/cose_key.h"

#include <string.h>
#include <tss2/tss2_mu.h>

/* The attestation key, made when it is first needed. */
static carnet_rc
find_attestation_key(carnet_tpm2 *t, carnet_tpm2_key **key, carnet_err *err)
{
    static const carnet_key_identifier none = { .len = 0 };
    const size_t before = t->count;
    carnet_rc rc;

    *key = carnet_tpm2_key_find(t, &none);
    if (*key != NULL)
        return CARNET_OK;
    *key = carnet_tpm2_key_add(t);
    if (*key == NULL)
        return carnet_fail(err, CARNET_E_AREA_FULL, NULL, NULL);
    rc = carnet_tpm2_make(t, CARNET_CURVE_P256, 0, *key, err);
    if (rc == CARNET_OK)
        rc = carnet_tpm2_file_write(t, err);
    if (rc != CARNET_OK)
        t->count = before;
    return rc;
}

static carnet_rc
add_certification(carnet_tpm2 *t, const carnet_tpm2_key *key, ESYS_TR object, ESYS_TR signer,
                  const TPM2B_DATA *challenge, carnet_cbor_builder *b, carnet_err *err)
{
    const TPMT_SIG_SCHEME own = { .scheme = TPM2_ALG_NULL };
    uint8_t public_area[sizeof(TPMT_PUBLIC)], signature[64];
    size_t public_len = 0;
    TPM2B_ATTEST *attest = NULL;
    TPMT_SIGNATURE *made = NULL;
    carnet_rc result;
    TSS2_RC rc = Esys_Certify(t->esys, object, signer, ESYS_TR_PASSWORD, ESYS_TR_PASSWORD, ESYS_TR_NONE, challenge,
                              &own, &attest, &made);

    if (rc == TSS2_RC_SUCCESS)
        rc = Tss2_MU_TPMT_PUBLIC_Marshal(&key->public_area.publicArea, public_area, sizeof(public_area), &public_len);
    result = rc == TSS2_RC_SUCCESS ? carnet_tpm2_signature(made, 32, signature, err)
                                   : carnet_tpm2_fail(err, rc, "the TPM did not certify the key");
    if (result == CARNET_OK) {
        carnet_cbor_add_map(b, 3);
        carnet_cbor_add_text(b, "public");
        carnet_cbor_add_bstr(b, carnet_span_of(public_area, public_len));
        carnet_cbor_add_text(b, "attest");
        carnet_cbor_add_bstr(b, carnet_span_of(attest->attestationData, attest->size));
        carnet_cbor_add_text(b, "signature");
        carnet_cbor_add_bstr(b, carnet_span_of(signature, sizeof(signature)));
    }
    Esys_Free(attest);
    Esys_Free(made);
    return result;
}

static carnet_rc
certify_all(carnet_tpm2 *t, const carnet_key_identifier *identifiers, size_t count, ESYS_TR signer,
            const TPM2B_DATA *challenge, carnet_cbor_builder *b, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < count; i++) {
        const carnet_tpm2_key *key = carnet_tpm2_key_find(t, &identifiers[i]);
        ESYS_TR object;

        if (identifiers[i].len == 0 || key == NULL)
            return carnet_fail(err, CARNET_E_AREA_KEY_ABSENT, NULL, NULL);
        rc = carnet_tpm2_load(t, key, &object, err);
        if (rc == CARNET_OK) {
            rc = add_certification(t, key, object, signer, challenge, b, err);
            (void)Esys_FlushContext(t->esys, object);
        }
    }
    return rc;
}

carnet_rc
carnet_tpm2_attest(carnet_tpm2 *t, const carnet_key_identifier *identifiers, size_t count, carnet_span challenge,
                   carnet_buf *statement, carnet_err *err)
{
    carnet_cbor_builder b = carnet_cbor_build(statement->ptr + statement->len, statement->cap - statement->len);
    TPM2B_DATA over = { .size = 32 };
    carnet_tpm2_key *attestation;
    carnet_public_key public_key;
    carnet_span built;
    ESYS_TR signer;
    carnet_rc rc;

    carnet_tpm2_forget(t); /* two are needed at once */
    rc = find_attestation_key(t, &attestation, err);
    if (rc == CARNET_OK)
        rc = carnet_tpm2_public_key(t, attestation, &public_key, err);
    if (rc == CARNET_OK)
        rc = carnet_digest(t->crypto, CARNET_SHA256, &challenge, 1, over.buffer, err);
    if (rc == CARNET_OK)
        rc = carnet_tpm2_load(t, attestation, &signer, err);
    if (rc != CARNET_OK)
        return rc;
    carnet_cbor_add_map(&b, 3);
    carnet_cbor_add_text(&b, "version");
    carnet_cbor_add_uint(&b, 1);
    carnet_cbor_add_text(&b, "attestationKey");
    carnet_cose_key_build(&b, &public_key);
    carnet_cbor_add_text(&b, "certifications");
    carnet_cbor_add_array(&b, count);
    rc = certify_all(t, identifiers, count, signer, &over, &b, err);
    (void)Esys_FlushContext(t->esys, signer);
    if (rc == CARNET_OK)
        rc = carnet_cbor_built(&b, &built, err);
    if (rc == CARNET_OK)
        statement->len += built.len;
    return rc;
}
