/* SPDX-License-Identifier: Apache-2.0 */
/* The area: the TPM reached, its root key found or made, keys made, listed, destroyed, attested. */
#include "internal.h"

#include "carnet/cose_key.h"

#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_mu.h>

/* --- the TPM --- */

/* The storage root key: restricted, decrypting, on P-256 (TCG Provisioning Guidance, 7.5.1). */
static carnet_rc
make_parent(carnet_tpm2 *t, uint32_t handle, carnet_err *err)
{
    TPM2B_PUBLIC template = { .publicArea = { .type = TPM2_ALG_ECC, .nameAlg = TPM2_ALG_SHA256 } };
    TPMS_ECC_PARMS *ecc = &template.publicArea.parameters.eccDetail;
    const TPM2B_SENSITIVE_CREATE sensitive = { .size = 0 };
    const TPM2B_DATA outside = { .size = 0 };
    const TPML_PCR_SELECTION registers = { .count = 0 };
    ESYS_TR transient;
    TSS2_RC rc;

    template.publicArea.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                                           TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
                                           TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
    ecc->curveID = TPM2_ECC_NIST_P256;
    ecc->symmetric.algorithm = TPM2_ALG_AES;
    ecc->symmetric.keyBits.aes = 128;
    ecc->symmetric.mode.aes = TPM2_ALG_CFB;
    ecc->scheme.scheme = TPM2_ALG_NULL;
    ecc->kdf.scheme = TPM2_ALG_NULL;
    rc = Esys_CreatePrimary(t->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &sensitive,
                            &template, &outside, &registers, &transient, NULL, NULL, NULL, NULL);
    if (rc != TSS2_RC_SUCCESS)
        return carnet_tpm2_fail(err, rc, "the TPM did not make a storage root key");
    rc = Esys_EvictControl(t->esys, ESYS_TR_RH_OWNER, transient, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, handle,
                           &t->parent);
    (void)Esys_FlushContext(t->esys, transient);
    return rc == TSS2_RC_SUCCESS ? CARNET_OK : carnet_tpm2_fail(err, rc, "the TPM did not keep the storage root key");
}

static carnet_rc
find_parent(carnet_tpm2 *t, uint32_t handle, carnet_err *err)
{
    TSS2_RC rc = Esys_TR_FromTPMPublic(t->esys, handle, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &t->parent);

    return rc == TSS2_RC_SUCCESS ? CARNET_OK : make_parent(t, handle, err);
}

static carnet_rc
reach(carnet_tpm2 *t, const char *tcti, carnet_err *err)
{
    TSS2_RC rc = Tss2_TctiLdr_Initialize(tcti, &t->tcti);

    if (rc == TSS2_RC_SUCCESS)
        rc = Esys_Initialize(&t->esys, t->tcti, NULL);
    if (rc == TSS2_RC_SUCCESS) {
        rc = Esys_Startup(t->esys, TPM2_SU_CLEAR);
        rc = rc == TPM2_RC_INITIALIZE ? TSS2_RC_SUCCESS : rc; /* it was started before */
    }
    return rc == TSS2_RC_SUCCESS ? CARNET_OK
                                 : carnet_fail(err, CARNET_E_AREA_STORAGE, NULL, "the TPM cannot be reached");
}

static void
find_curves(carnet_tpm2 *t)
{
    static const struct {
        TPM2_ECC_CURVE tpm;
        carnet_curve curve;
    } known[] = { { TPM2_ECC_NIST_P256, CARNET_CURVE_P256 },
                  { TPM2_ECC_NIST_P384, CARNET_CURVE_P384 },
                  { TPM2_ECC_NIST_P521, CARNET_CURVE_P521 } };
    TPMS_CAPABILITY_DATA *got = NULL;
    TPMI_YES_NO more;

    if (Esys_GetCapability(t->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, TPM2_CAP_ECC_CURVES, 0,
                           TPM2_MAX_ECC_CURVES, &more, &got) != TSS2_RC_SUCCESS)
        return;
    for (size_t i = 0; i < CARNET_COUNT(known); i++) {
        for (UINT32 j = 0; j < got->data.eccCurves.count; j++) {
            if (got->data.eccCurves.eccCurves[j] == known[i].tpm)
                t->curves[t->curve_count++] =
                    (carnet_secure_area_curve){ known[i].curve, CARNET_KEY_SIGN | CARNET_KEY_AGREE, true };
        }
    }
    Esys_Free(got);
}

/* --- the interface --- */

static bool
announce(carnet_secure_area *area, size_t i, carnet_secure_area_curve *curve)
{
    const carnet_tpm2 *t = area->state;

    if (i >= t->curve_count)
        return false;
    *curve = t->curves[i];
    return true;
}

static carnet_rc
create_one(carnet_tpm2 *t, const carnet_key_order *order, carnet_key_description *made, carnet_err *err)
{
    const carnet_random random = carnet_crypto_random(t->crypto);
    carnet_key_identifier identifier = order->identifier;
    carnet_tpm2_key *key;
    carnet_rc rc = CARNET_OK;

    if (identifier.len == 0) {
        rc = carnet_random_fill(&random, identifier.bytes, 16, err);
        identifier.len = 16;
    }
    if (rc == CARNET_OK && carnet_tpm2_key_find(t, &identifier) != NULL)
        rc = carnet_fail(err, CARNET_E_AREA_KEY_TWICE, NULL, NULL);
    if (rc != CARNET_OK)
        return rc;
    key = carnet_tpm2_key_add(t);
    if (key == NULL)
        return carnet_fail(err, CARNET_E_AREA_FULL, NULL, NULL);
    key->identifier = identifier;
    rc = carnet_tpm2_make(t, order->curve, order->usage, key, err);
    if (rc == CARNET_OK)
        rc = carnet_tpm2_public_key(t, key, &made->public_key, err);
    made->identifier = identifier;
    made->usage = order->usage;
    return rc;
}

/* One writing of the file for all of them; what was wrapped before that is lost with the memory it is in. */
static carnet_rc
create(carnet_secure_area *area, const carnet_key_order *orders, size_t count, carnet_key_description *keys,
       carnet_err *err)
{
    carnet_tpm2 *t = area->state;
    const size_t before = t->count;
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < count; i++)
        rc = create_one(t, &orders[i], &keys[i], err);
    if (rc == CARNET_OK)
        rc = carnet_tpm2_file_write(t, err);
    if (rc != CARNET_OK)
        t->count = before;
    return rc;
}

static carnet_rc
open_key(carnet_secure_area *area, const carnet_key_identifier *identifier, carnet_key *key, carnet_err *err)
{
    carnet_tpm2 *t = area->state;
    const carnet_tpm2_key *found = identifier->len != 0 ? carnet_tpm2_key_find(t, identifier) : NULL;

    return found != NULL ? carnet_tpm2_key_open(t, found, key, err)
                         : carnet_fail(err, CARNET_E_AREA_KEY_ABSENT, NULL, NULL);
}

static bool
among(const carnet_key_identifier *identifiers, size_t count, const carnet_key_identifier *identifier)
{
    for (size_t i = 0; i < count; i++) {
        if (carnet_key_identifier_equal(&identifiers[i], identifier))
            return true;
    }
    return false;
}

static carnet_rc
destroy(carnet_secure_area *area, const carnet_key_identifier *identifiers, size_t count, carnet_err *err)
{
    carnet_tpm2 *t = area->state;
    carnet_tpm2 rest = *t;
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; i < count; i++) {
        if (identifiers[i].len == 0 || carnet_tpm2_key_find(t, &identifiers[i]) == NULL)
            return carnet_fail(err, CARNET_E_AREA_KEY_ABSENT, NULL, NULL);
    }
    rest.keys = calloc(t->room + 1, sizeof(*rest.keys));
    rest.count = 0;
    carnet_tpm2_forget(t); /* it may be one of them */
    if (rest.keys == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "no memory");
    for (size_t i = 0; i < t->count; i++) {
        if (!among(identifiers, count, &t->keys[i].identifier))
            rest.keys[rest.count++] = t->keys[i];
    }
    rc = carnet_tpm2_file_write(&rest, err);
    if (rc == CARNET_OK) {
        memcpy(t->keys, rest.keys, rest.count * sizeof(*rest.keys));
        t->count = rest.count;
    }
    free(rest.keys);
    return rc;
}

static carnet_rc
list(carnet_secure_area *area, size_t start, carnet_key_description *keys, size_t cap, size_t *found, carnet_err *err)
{
    carnet_tpm2 *t = area->state;
    carnet_rc rc = CARNET_OK;
    size_t at = 0;

    for (size_t i = 0; rc == CARNET_OK && i < t->count && *found < cap; i++) {
        if (t->keys[i].usage == 0 || at++ < start)
            continue;
        keys[*found] = (carnet_key_description){ .identifier = t->keys[i].identifier, .usage = t->keys[i].usage };
        rc = carnet_tpm2_public_key(t, &t->keys[i], &keys[*found].public_key, err);
        *found += rc == CARNET_OK;
    }
    return rc;
}

static carnet_rc
attest(carnet_secure_area *area, const carnet_key_identifier *identifiers, size_t count, carnet_span challenge,
       carnet_buf *statement, const char **format, carnet_err *err)
{
    const size_t before = statement->len;
    carnet_rc rc = carnet_tpm2_attest(area->state, identifiers, count, challenge, statement, err);

    if (rc == CARNET_OK)
        *format = CARNET_TPM2_FORMAT;
    else
        statement->len = before;
    return rc;
}

static void
close_state(carnet_tpm2 *t)
{
    if (t->esys != NULL) {
        carnet_tpm2_forget(t);
        Esys_Finalize(&t->esys);
    }
    if (t->tcti != NULL)
        Tss2_TctiLdr_Finalize(&t->tcti);
    free(t->keys);
    carnet_wipe(t, sizeof(*t));
    free(t);
}

static void
done(carnet_secure_area *area)
{
    close_state(area->state);
}

static const carnet_secure_area_ops area_ops = {
    .size = sizeof(area_ops),
    .name = "TPM 2.0",
    .curve = announce,
    .create = create,
    .open = open_key,
    .destroy = destroy,
    .list = list,
    .attest = attest,
    .done = done,
};

carnet_rc
carnet_tpm2_area_open(const carnet_tpm2_parameters *parameters, carnet_crypto *crypto, carnet_secure_area *area,
                      carnet_err *err)
{
    carnet_tpm2 *t = calloc(1, sizeof(*t));
    carnet_rc rc = CARNET_OK;

    *area = (carnet_secure_area){ 0 };
    if (t == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "no memory");
    t->crypto = crypto;
    t->storage = parameters->storage;
    if (parameters->auth.len > 32 || parameters->storage == NULL)
        rc = carnet_fail(err, CARNET_E_USAGE, NULL, "storage, and an authorisation of up to 32 octets, are needed");
    if (rc == CARNET_OK && parameters->auth.len != 0) {
        t->auth.size = (UINT16)parameters->auth.len;
        memcpy(t->auth.buffer, parameters->auth.ptr, parameters->auth.len);
    }
    if (rc == CARNET_OK)
        rc = reach(t, parameters->tcti, err);
    if (rc == CARNET_OK)
        rc = find_parent(t, parameters->parent != 0 ? parameters->parent : CARNET_TPM2_PARENT, err);
    if (rc == CARNET_OK)
        rc = carnet_tpm2_file_read(t, err);
    if (rc != CARNET_OK) {
        close_state(t);
        return rc;
    }
    find_curves(t);
    *area = (carnet_secure_area){ .ops = &area_ops, .state = t };
    return CARNET_OK;
}
