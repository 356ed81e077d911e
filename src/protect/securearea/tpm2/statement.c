/* SPDX-License-Identifier: Apache-2.0 */
/* TPM structures read by hand (TPM 2.0 Library Part 2): whoever checks a statement has no TPM. */
#include "carnet/cose_key.h"
#include "carnet/tpm2_statement.h"

#include <string.h>

#define CLAUSE "TPM 2.0 Part 2, 10.12.12"

/* Constants of Part 2. */
enum {
    TPM_ALG_SHA256 = 0x000b,
    TPM_ALG_NULL = 0x0010,
    TPM_ALG_ECC = 0x0023,
    TPM_ST_ATTEST_CERTIFY = 0x8017,
    OBJECT_FIXED_TPM = 1 << 1,
    OBJECT_FIXED_PARENT = 1 << 4,
    OBJECT_SENSITIVE_ORIGIN = 1 << 5,
    OBJECT_RESTRICTED = 1 << 16
};

typedef struct statement_members {
    uint64_t version;
    carnet_span attestation_key, certifications;
} statement_members;

static const carnet_cbor_field statement_fields[] = {
    CARNET_MEMBER(statement_members, "version", CARNET_FIELD_UINT, version),
    CARNET_MEMBER(statement_members, "attestationKey", CARNET_FIELD_MAP, attestation_key),
    CARNET_MEMBER(statement_members, "certifications", CARNET_FIELD_ARRAY, certifications),
};

typedef struct certification {
    carnet_span public_area, attest, signature;
} certification;

static const carnet_cbor_field certification_fields[] = {
    CARNET_MEMBER(certification, "public", CARNET_FIELD_BSTR, public_area),
    CARNET_MEMBER(certification, "attest", CARNET_FIELD_BSTR, attest),
    CARNET_MEMBER(certification, "signature", CARNET_FIELD_BSTR, signature),
};

carnet_rc
carnet_tpm2_statement_open(carnet_span cbor, carnet_crypto *crypto, carnet_tpm2_statement *view, carnet_err *err)
{
    statement_members got = { 0 };
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    carnet_cose_key key;
    carnet_rc rc;

    *view = (carnet_tpm2_statement){ 0 };
    carnet_cbor_fields(&r, statement_fields, CARNET_COUNT(statement_fields), &got);
    rc = carnet_cbor_end(&r, err);
    if (rc == CARNET_OK && got.version != 1)
        rc = carnet_fail(err, CARNET_E_ATTESTATION_STRUCTURE, NULL, "its version is not known");
    if (rc == CARNET_OK)
        rc = carnet_cose_key_open(got.attestation_key, 0, crypto, &key, err);
    if (rc == CARNET_OK && key.key.curve != CARNET_CURVE_P256)
        rc = carnet_fail(err, CARNET_E_ATTESTATION_STRUCTURE, NULL, "the attestation key is on another curve");
    if (rc != CARNET_OK)
        return rc;
    *view = (carnet_tpm2_statement){ .encoded = cbor,
                                     .attestation_key = key.key,
                                     .certifications = got.certifications,
                                     .count = (size_t)carnet_cbor_count(got.certifications) };
    return CARNET_OK;
}

/* --- TPM's own encoding: big-endian, sized buffers --- */

typedef struct tpm_reader {
    carnet_span rest;
    bool bad;
} tpm_reader;

static carnet_span
take(tpm_reader *r, size_t len)
{
    carnet_span part = { r->rest.ptr, len };

    if (r->bad || len > r->rest.len) {
        r->bad = true;
        return (carnet_span){ NULL, 0 };
    }
    r->rest = (carnet_span){ r->rest.ptr + len, r->rest.len - len };
    return part;
}

static uint64_t
take_number(tpm_reader *r, size_t octets)
{
    const carnet_span part = take(r, octets);
    uint64_t value = 0;

    for (size_t i = 0; i < part.len; i++)
        value = value << 8 | part.ptr[i];
    return value;
}

static carnet_span
take_sized(tpm_reader *r)
{
    return take(r, (size_t)take_number(r, 2));
}

static carnet_rc
structure(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_ATTESTATION_STRUCTURE, CLAUSE, why);
}

/* TPMS_ATTEST of a certification: over what, of which object. */
static carnet_rc
read_attest(carnet_span attest, carnet_span *extra, carnet_span *name, carnet_err *err)
{
    tpm_reader r = { attest, false };
    const uint64_t magic = take_number(&r, 4), type = take_number(&r, 2);

    (void)take_sized(&r); /* qualifiedSigner */
    *extra = take_sized(&r);
    (void)take(&r, 17 + 8); /* clockInfo, firmwareVersion */
    *name = take_sized(&r);
    (void)take_sized(&r); /* qualifiedName */
    if (r.bad || r.rest.len != 0)
        return structure(err, "what was signed is no TPMS_ATTEST");
    if (magic != UINT64_C(0xff544347) || type != TPM_ST_ATTEST_CERTIFY)
        return structure(err, "what was signed is no certification by a TPM");
    return CARNET_OK;
}

static carnet_curve
tpm_curve(uint64_t curve)
{
    return curve == 3   ? CARNET_CURVE_P256
           : curve == 4 ? CARNET_CURVE_P384
           : curve == 5 ? CARNET_CURVE_P521
                        : CARNET_CURVE_NONE;
}

/* A coordinate may come without its leading zeros. */
static bool
place(carnet_span coordinate, size_t width, uint8_t *out)
{
    if (coordinate.len > width)
        return false;
    memset(out, 0, width - coordinate.len);
    if (coordinate.len != 0)
        memcpy(out + width - coordinate.len, coordinate.ptr, coordinate.len);
    return true;
}

/* TPMT_PUBLIC of an elliptic curve key that was made in its TPM and cannot leave it. */
static carnet_rc
read_public(carnet_span public_area, carnet_crypto *crypto, carnet_public_key *key, carnet_err *err)
{
    const uint64_t needed = OBJECT_FIXED_TPM | OBJECT_FIXED_PARENT | OBJECT_SENSITIVE_ORIGIN;
    tpm_reader r = { public_area, false };
    const uint64_t type = take_number(&r, 2), digest = take_number(&r, 2), attributes = take_number(&r, 4);
    uint8_t point[133] = { 4 };
    const carnet_curve_info *info;
    uint64_t symmetric, scheme;
    carnet_span x, y;

    (void)take_sized(&r); /* authPolicy */
    symmetric = take_number(&r, 2);
    scheme = take_number(&r, 2);
    if (symmetric != TPM_ALG_NULL || scheme != TPM_ALG_NULL)
        return structure(err, "the key is no signing or agreement key without a scheme of its own");
    info = carnet_curve_get(tpm_curve(take_number(&r, 2)));
    if (take_number(&r, 2) != TPM_ALG_NULL || r.bad || info == NULL || type != TPM_ALG_ECC || digest != TPM_ALG_SHA256)
        return structure(err, "the key is of a kind not known here");
    x = take_sized(&r);
    y = take_sized(&r);
    if (r.bad || r.rest.len != 0 || !place(x, info->coordinate, point + 1) ||
        !place(y, info->coordinate, point + 1 + info->coordinate))
        return structure(err, "the public area is no TPMT_PUBLIC");
    if ((attributes & needed) != needed || (attributes & OBJECT_RESTRICTED) != 0)
        return carnet_fail(err, CARNET_E_ATTESTATION_KEY, CLAUSE, "the key was made elsewhere or could leave the TPM");
    return carnet_public_key_from_point(crypto, info->curve, carnet_span_of(point, 1 + 2 * (size_t)info->coordinate),
                                        key, err);
}

/* --- the check --- */

static carnet_rc
find(const carnet_tpm2_statement *view, size_t index, certification *found, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(view->certifications);
    carnet_cbor_walk walk;
    size_t at = 0;

    carnet_cbor_array(&r, &walk);
    while (carnet_cbor_array_next(&r, &walk)) {
        *found = (certification){ { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
        carnet_cbor_fields(&r, certification_fields, CARNET_COUNT(certification_fields), found);
        if (r.rc == CARNET_OK && at++ == index)
            return CARNET_OK;
    }
    return r.rc != CARNET_OK ? carnet_cbor_failed(&r, err) : structure(err, "there is no such certification");
}

static carnet_rc
check_names(const certification *c, carnet_span challenge, carnet_crypto *crypto, carnet_err *err)
{
    uint8_t digest[32], expected[2 + 32] = { TPM_ALG_SHA256 >> 8, TPM_ALG_SHA256 };
    carnet_span extra, name;
    carnet_rc rc = read_attest(c->attest, &extra, &name, err);

    if (rc == CARNET_OK)
        rc = carnet_digest(crypto, CARNET_SHA256, &challenge, 1, digest, err);
    if (rc == CARNET_OK && !carnet_span_equal(extra, carnet_span_of(digest, sizeof(digest))))
        rc = carnet_fail(err, CARNET_E_ATTESTATION_CHALLENGE, CLAUSE, NULL);
    if (rc == CARNET_OK)
        rc = carnet_digest(crypto, CARNET_SHA256, &c->public_area, 1, expected + 2, err);
    if (rc == CARNET_OK && !carnet_span_equal(name, carnet_span_of(expected, sizeof(expected))))
        rc = carnet_fail(err, CARNET_E_ATTESTATION_KEY, "TPM 2.0 Part 1, 16", "another key was certified");
    return rc;
}

carnet_rc
carnet_tpm2_statement_check(const carnet_tpm2_statement *view, size_t index, carnet_span challenge,
                            carnet_crypto *crypto, carnet_public_key *key, carnet_err *err)
{
    certification c = { .public_area = { NULL, 0 } };
    carnet_rc rc = find(view, index, &c, err);

    *key = (carnet_public_key){ .curve = CARNET_CURVE_NONE };
    if (rc == CARNET_OK)
        rc = carnet_verify(crypto, &view->attestation_key, CARNET_ES256, &c.attest, 1, c.signature, err);
    if (rc == CARNET_E_CRYPTO_SIGNATURE)
        rc = carnet_fail(err, CARNET_E_ATTESTATION_SIGNATURE, CLAUSE, NULL);
    if (rc == CARNET_OK)
        rc = check_names(&c, challenge, crypto, err);
    if (rc == CARNET_OK)
        rc = read_public(c.public_area, crypto, key, err);
    if (rc != CARNET_OK)
        *key = (carnet_public_key){ .curve = CARNET_CURVE_NONE };
    return rc;
}
