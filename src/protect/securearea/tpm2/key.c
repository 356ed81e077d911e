/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of the TPM: made, loaded, used (TPM 2.0 Library Part 3, 12 to 20). */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    carnet_curve curve;
    TPM2_ECC_CURVE tpm;
} curves[] = {
    { CARNET_CURVE_P256, TPM2_ECC_NIST_P256 },
    { CARNET_CURVE_P384, TPM2_ECC_NIST_P384 },
    { CARNET_CURVE_P521, TPM2_ECC_NIST_P521 },
};

static carnet_curve
curve_of(TPM2_ECC_CURVE tpm)
{
    for (size_t i = 0; i < CARNET_COUNT(curves); i++) {
        if (curves[i].tpm == tpm)
            return curves[i].curve;
    }
    return CARNET_CURVE_NONE;
}

carnet_rc
carnet_tpm2_fail(carnet_err *err, TSS2_RC rc, const char *what)
{
    const TSS2_RC number = rc & 0xfff, format_one = number & 0x80 ? number & 0xbf : number;

    if (number == TPM2_RC_OBJECT_MEMORY || number == TPM2_RC_NV_SPACE)
        return carnet_fail(err, CARNET_E_AREA_FULL, "TPM 2.0 Part 2, 6.6", "the TPM has no memory left");
    if (format_one == TPM2_RC_AUTH_FAIL || format_one == TPM2_RC_BAD_AUTH || number == TPM2_RC_LOCKOUT)
        return carnet_fail(err, CARNET_E_SEALED_PASSPHRASE, "TPM 2.0 Part 2, 6.6", "the authorisation is wrong");
    if (format_one == TPM2_RC_CURVE || format_one == TPM2_RC_SCHEME || format_one == TPM2_RC_HASH)
        return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, "TPM 2.0 Part 2, 6.6", "the TPM cannot do this");
    return carnet_fail(err, CARNET_E_AREA_STORAGE, "TPM 2.0 Part 2, 6.6", what);
}

static TPM2B_PUBLIC
template_of(carnet_curve curve, unsigned usage)
{
    TPM2B_PUBLIC t = { .publicArea = { .type = TPM2_ALG_ECC, .nameAlg = TPM2_ALG_SHA256 } };
    TPMS_ECC_PARMS *ecc = &t.publicArea.parameters.eccDetail;

    t.publicArea.objectAttributes =
        TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH;
    ecc->symmetric.algorithm = TPM2_ALG_NULL;
    ecc->scheme.scheme = TPM2_ALG_NULL;
    ecc->kdf.scheme = TPM2_ALG_NULL;
    for (size_t i = 0; i < CARNET_COUNT(curves); i++) {
        if (curves[i].curve == curve)
            ecc->curveID = curves[i].tpm;
    }
    if (usage & CARNET_KEY_SIGN)
        t.publicArea.objectAttributes |= TPMA_OBJECT_SIGN_ENCRYPT;
    if (usage & CARNET_KEY_AGREE)
        t.publicArea.objectAttributes |= TPMA_OBJECT_DECRYPT;
    if (usage == 0) { /* the attestation key signs what the TPM itself says, and nothing else */
        t.publicArea.objectAttributes |= TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_RESTRICTED;
        ecc->scheme.scheme = TPM2_ALG_ECDSA;
        ecc->scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
    }
    return t;
}

carnet_rc
carnet_tpm2_make(carnet_tpm2 *t, carnet_curve curve, unsigned usage, carnet_tpm2_key *key, carnet_err *err)
{
    const TPM2B_PUBLIC template = template_of(curve, usage);
    TPM2B_SENSITIVE_CREATE sensitive = { .sensitive = { .userAuth = t->auth } };
    const TPM2B_DATA outside = { .size = 0 };
    const TPML_PCR_SELECTION registers = { .count = 0 };
    TPM2B_PRIVATE *private_area = NULL;
    TPM2B_PUBLIC *public_area = NULL;
    TSS2_RC rc = Esys_Create(t->esys, t->parent, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &template,
                             &outside, &registers, &private_area, &public_area, NULL, NULL, NULL);

    carnet_wipe(&sensitive, sizeof(sensitive));
    if (rc != TSS2_RC_SUCCESS)
        return carnet_tpm2_fail(err, rc, "the TPM did not make the key");
    key->usage = usage;
    key->public_area = *public_area;
    key->private_area = *private_area;
    Esys_Free(private_area);
    Esys_Free(public_area);
    return CARNET_OK;
}

carnet_rc
carnet_tpm2_load(carnet_tpm2 *t, const carnet_tpm2_key *key, ESYS_TR *handle, carnet_err *err)
{
    TSS2_RC rc = Esys_Load(t->esys, t->parent, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &key->private_area,
                           &key->public_area, handle);

    if (rc == TSS2_RC_SUCCESS && t->auth.size != 0)
        rc = Esys_TR_SetAuth(t->esys, *handle, &t->auth);
    return rc == TSS2_RC_SUCCESS ? CARNET_OK : carnet_tpm2_fail(err, rc, "the TPM does not take the key");
}

/* A number that may come without its leading zeros. */
static bool
place(const TPM2B_ECC_PARAMETER *number, size_t width, uint8_t *out)
{
    if (number->size > width)
        return false;
    memset(out, 0, width - number->size);
    memcpy(out + width - number->size, number->buffer, number->size);
    return true;
}

carnet_rc
carnet_tpm2_public_key(carnet_tpm2 *t, const carnet_tpm2_key *key, carnet_public_key *public_key, carnet_err *err)
{
    const TPMT_PUBLIC *area = &key->public_area.publicArea;
    const carnet_curve_info *info =
        area->type == TPM2_ALG_ECC ? carnet_curve_get(curve_of(area->parameters.eccDetail.curveID)) : NULL;
    uint8_t point[133] = { 4 };

    if (info == NULL || !place(&area->unique.ecc.x, info->coordinate, point + 1) ||
        !place(&area->unique.ecc.y, info->coordinate, point + 1 + info->coordinate))
        return carnet_fail(err, CARNET_E_AREA_STORAGE, "tpm2-keys.cddl", "a key in the file is of no kind known here");
    return carnet_public_key_from_point(t->crypto, info->curve, carnet_span_of(point, 1 + 2 * (size_t)info->coordinate),
                                        public_key, err);
}

carnet_rc
carnet_tpm2_signature(const TPMT_SIGNATURE *from, size_t width, uint8_t *out, carnet_err *err)
{
    if (from->sigAlg != TPM2_ALG_ECDSA || !place(&from->signature.ecdsa.signatureR, width, out) ||
        !place(&from->signature.ecdsa.signatureS, width, out + width))
        return carnet_fail(err, CARNET_E_AREA_STORAGE, NULL, "the TPM made no ECDSA signature");
    return CARNET_OK;
}

/* --- a key's handle --- */

typedef struct opened {
    carnet_tpm2 *tpm;
    carnet_tpm2_key key;
} opened;

static TPMI_ALG_HASH
hash_of(carnet_hash hash)
{
    return hash == CARNET_SHA256 ? TPM2_ALG_SHA256 : hash == CARNET_SHA384 ? TPM2_ALG_SHA384 : TPM2_ALG_SHA512;
}

static carnet_rc
sign_digest(const opened *o, ESYS_TR handle, carnet_hash hash, const uint8_t *digest, size_t width,
            carnet_signature *signature, carnet_err *err)
{
    const TPMT_TK_HASHCHECK ticket = { .tag = TPM2_ST_HASHCHECK, .hierarchy = TPM2_RH_NULL };
    TPMT_SIG_SCHEME scheme = { .scheme = TPM2_ALG_ECDSA, .details = { .ecdsa = { .hashAlg = hash_of(hash) } } };
    TPM2B_DIGEST message = { .size = (UINT16)carnet_hash_size(hash) };
    TPMT_SIGNATURE *made = NULL;
    carnet_rc result;
    TSS2_RC rc;

    memcpy(message.buffer, digest, message.size);
    rc = Esys_Sign(o->tpm->esys, handle, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &message, &scheme, &ticket,
                   &made);
    if (rc != TSS2_RC_SUCCESS)
        return carnet_tpm2_fail(err, rc, "the TPM did not sign");
    result = carnet_tpm2_signature(made, width, signature->bytes, err);
    signature->len = result == CARNET_OK ? 2 * width : 0;
    Esys_Free(made);
    return result;
}

/* --- the key that worked last --- */

void
carnet_tpm2_forget(carnet_tpm2 *t)
{
    if (t->keeps && Esys_FlushContext(t->esys, t->kept) != TSS2_RC_SUCCESS)
        (void)Esys_TR_Close(t->esys, &t->kept); /* it is not there any more */
    t->keeps = false;
}

static bool
is_kept(const carnet_tpm2 *t, const carnet_tpm2_key *key)
{
    return t->keeps && t->kept_area.size == key->private_area.size &&
           memcmp(t->kept_area.buffer, key->private_area.buffer, key->private_area.size) == 0;
}

static carnet_rc
bring(carnet_tpm2 *t, const carnet_tpm2_key *key, carnet_err *err)
{
    carnet_rc rc;

    carnet_tpm2_forget(t);
    rc = carnet_tpm2_load(t, key, &t->kept, err);
    if (rc == CARNET_OK) {
        t->keeps = true;
        t->kept_area = key->private_area;
    }
    return rc;
}

/* What a key is to do, once it is in the TPM. */
typedef carnet_rc task(const opened *o, ESYS_TR handle, void *self, carnet_err *err);

/* It stays there for the next time.  One that was there, but is not any more (the TPM began anew), is brought again. */
static carnet_rc
work(const opened *o, task *run, void *self, carnet_err *err)
{
    carnet_tpm2 *t = o->tpm;
    const bool was_there = is_kept(t, &o->key);
    carnet_rc rc = was_there ? CARNET_OK : bring(t, &o->key, err);

    if (rc == CARNET_OK)
        rc = run(o, t->kept, self, err);
    if (rc != CARNET_OK && was_there && rc != CARNET_E_SEALED_PASSPHRASE && (rc = bring(t, &o->key, err)) == CARNET_OK)
        rc = run(o, t->kept, self, err);
    if (rc != CARNET_OK)
        carnet_tpm2_forget(t);
    return rc;
}

typedef struct signing {
    carnet_hash hash;
    uint8_t digest[CARNET_HASH_MAX];
    size_t width;
    carnet_signature *signature;
} signing;

static carnet_rc
run_sign(const opened *o, ESYS_TR handle, void *self, carnet_err *err)
{
    const signing *s = self;

    return sign_digest(o, handle, s->hash, s->digest, s->width, s->signature, err);
}

static carnet_rc
sign(carnet_key *key, carnet_crypto *crypto, carnet_signature_algorithm algorithm, const carnet_span *parts,
     size_t count, carnet_signature *signature, carnet_err *err)
{
    signing s = { .hash = carnet_signature_hash(algorithm),
                  .width = carnet_curve_get(key->public_key.curve)->coordinate,
                  .signature = signature };
    carnet_rc rc = carnet_digest(crypto, s.hash, parts, count, s.digest, err);

    return rc == CARNET_OK ? work(key->slot[0], run_sign, &s, err) : rc;
}

typedef struct agreeing {
    TPM2B_ECC_POINT point;
    size_t width;
    carnet_secret *shared;
} agreeing;

static carnet_rc
run_agree(const opened *o, ESYS_TR handle, void *self, carnet_err *err)
{
    const agreeing *a = self;
    TPM2B_ECC_POINT *out = NULL;
    carnet_rc rc = CARNET_OK;
    TSS2_RC tpm = Esys_ECDH_ZGen(o->tpm->esys, handle, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &a->point, &out);

    if (tpm != TSS2_RC_SUCCESS)
        return carnet_tpm2_fail(err, tpm, "the TPM did not agree on a key");
    if (place(&out->point.x, a->width, a->shared->bytes))
        a->shared->len = (uint8_t)a->width;
    else
        rc = carnet_fail(err, CARNET_E_AREA_STORAGE, NULL, "the TPM agreed on no point of the curve");
    carnet_wipe(out, sizeof(*out));
    Esys_Free(out);
    return rc;
}

static carnet_rc
agree(carnet_key *key, carnet_crypto *crypto, const carnet_public_key *peer, carnet_secret *shared, carnet_err *err)
{
    const size_t width = carnet_curve_get(key->public_key.curve)->coordinate;
    agreeing a = { .point = { .point = { .x = { .size = (UINT16)width }, .y = { .size = (UINT16)width } } },
                   .width = width,
                   .shared = shared };

    (void)crypto;
    shared->len = 0;
    memcpy(a.point.point.x.buffer, peer->x, width);
    memcpy(a.point.point.y.buffer, peer->y, width);
    return work(key->slot[0], run_agree, &a, err);
}

static void
done(carnet_key *key)
{
    free(key->slot[0]);
}

static const carnet_key_ops key_ops = { .size = sizeof(key_ops), .sign = sign, .agree = agree, .done = done };

carnet_rc
carnet_tpm2_key_open(carnet_tpm2 *t, const carnet_tpm2_key *key, carnet_key *handle, carnet_err *err)
{
    opened *o = malloc(sizeof(*o));
    carnet_rc rc;

    if (o == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "no memory");
    rc = carnet_tpm2_public_key(t, key, &handle->public_key, err);
    if (rc != CARNET_OK) {
        free(o);
        *handle = (carnet_key){ 0 };
        return rc;
    }
    *o = (opened){ .tpm = t, .key = *key };
    handle->ops = &key_ops;
    handle->usage = key->usage;
    handle->slot[0] = o;
    return CARNET_OK;
}
