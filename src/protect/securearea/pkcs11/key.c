/* SPDX-License-Identifier: Apache-2.0 */
/* A key of the token: ECDSA over a digest of ours, ECDH (PKCS#11 2.3). */
#include "internal.h"

#include <string.h>

/* Object identifiers in DER (SEC 2; RFC 5639). */
static const struct {
    carnet_curve curve;
    uint8_t len, der[11];
} curves[] = {
    { CARNET_CURVE_P256, 10, { 0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 } },
    { CARNET_CURVE_P384, 7, { 0x06, 5, 0x2b, 0x81, 0x04, 0x00, 0x22 } },
    { CARNET_CURVE_P521, 7, { 0x06, 5, 0x2b, 0x81, 0x04, 0x00, 0x23 } },
    { CARNET_CURVE_BRAINPOOL_P256R1, 11, { 0x06, 9, 0x2b, 0x24, 3, 3, 2, 8, 1, 1, 7 } },
    { CARNET_CURVE_BRAINPOOL_P320R1, 11, { 0x06, 9, 0x2b, 0x24, 3, 3, 2, 8, 1, 1, 9 } },
    { CARNET_CURVE_BRAINPOOL_P384R1, 11, { 0x06, 9, 0x2b, 0x24, 3, 3, 2, 8, 1, 1, 11 } },
    { CARNET_CURVE_BRAINPOOL_P512R1, 11, { 0x06, 9, 0x2b, 0x24, 3, 3, 2, 8, 1, 1, 13 } },
};

carnet_span
carnet_pkcs11_parameters_of(carnet_curve curve)
{
    for (size_t i = 0; i < CARNET_COUNT(curves); i++) {
        if (curves[i].curve == curve)
            return carnet_span_of(curves[i].der, curves[i].len);
    }
    return (carnet_span){ NULL, 0 };
}

carnet_curve
carnet_pkcs11_curve_of(carnet_span parameters)
{
    for (size_t i = 0; i < CARNET_COUNT(curves); i++) {
        if (carnet_span_equal(parameters, carnet_span_of(curves[i].der, curves[i].len)))
            return curves[i].curve;
    }
    return CARNET_CURVE_NONE;
}

CK_OBJECT_HANDLE
carnet_pkcs11_find(carnet_pkcs11 *p, CK_OBJECT_CLASS class, const carnet_key_identifier *identifier)
{
    carnet_key_identifier copy = *identifier;
    CK_ATTRIBUTE wanted[] = { { CKA_CLASS, &class, sizeof(class) }, { CKA_ID, copy.bytes, copy.len } };
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    CK_ULONG count = 0;

    if (p->functions->C_FindObjectsInit(p->session, wanted, CARNET_COUNT(wanted)) != CKR_OK)
        return CK_INVALID_HANDLE;
    if (p->functions->C_FindObjects(p->session, &object, 1, &count) != CKR_OK || count == 0)
        object = CK_INVALID_HANDLE;
    (void)p->functions->C_FindObjectsFinal(p->session);
    return object;
}

/* CKA_EC_POINT: the point in a DER OCTET STRING; some tokens leave that out. */
static carnet_span
unwrap_point(carnet_span value)
{
    size_t head = 2;

    if (value.len < 3 || value.ptr[0] != 0x04)
        return value;
    if (value.ptr[1] == 0x81)
        head = 3;
    if (value.len == head + value.ptr[head - 1])
        return (carnet_span){ value.ptr + head, value.len - head };
    return value;
}

carnet_rc
carnet_pkcs11_public_key(carnet_pkcs11 *p, CK_OBJECT_HANDLE object, carnet_public_key *key, carnet_err *err)
{
    uint8_t parameters[64], point[256];
    CK_ATTRIBUTE read[] = { { CKA_EC_PARAMS, parameters, sizeof(parameters) }, { CKA_EC_POINT, point, sizeof(point) } };
    CK_RV rv = p->functions->C_GetAttributeValue(p->session, object, read, CARNET_COUNT(read));
    carnet_curve curve;

    if (rv != CKR_OK)
        return carnet_pkcs11_fail(err, rv, CARNET_E_AREA_STORAGE);
    curve = carnet_pkcs11_curve_of(carnet_span_of(parameters, read[0].ulValueLen));
    if (curve == CARNET_CURVE_NONE)
        return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, NULL, "the token's key is of a curve not known here");
    return carnet_public_key_from_point(p->crypto, curve, unwrap_point(carnet_span_of(point, read[1].ulValueLen)), key,
                                        err);
}

unsigned
carnet_pkcs11_usage(carnet_pkcs11 *p, CK_OBJECT_HANDLE object)
{
    CK_BBOOL signs = CK_FALSE, agrees = CK_FALSE;
    CK_ATTRIBUTE read[] = { { CKA_SIGN, &signs, 1 }, { CKA_DERIVE, &agrees, 1 } };

    (void)p->functions->C_GetAttributeValue(p->session, object, read, CARNET_COUNT(read));
    return (signs ? CARNET_KEY_SIGN : 0U) | (agrees ? CARNET_KEY_AGREE : 0U);
}

static carnet_pkcs11 *
state_of(const carnet_key *key)
{
    return key->slot[0];
}

static CK_OBJECT_HANDLE
object_of(const carnet_key *key)
{
    return (CK_OBJECT_HANDLE)(uintptr_t)key->slot[1];
}

static carnet_rc
sign(carnet_key *key, carnet_crypto *crypto, carnet_signature_algorithm algorithm, const carnet_span *parts,
     size_t count, carnet_signature *signature, carnet_err *err)
{
    const carnet_curve_info *info = carnet_curve_get(key->public_key.curve);
    const carnet_hash hash = carnet_signature_hash(algorithm);
    carnet_pkcs11 *p = state_of(key);
    CK_MECHANISM how = { CKM_ECDSA, NULL, 0 };
    CK_ULONG len = info->signature;
    uint8_t digest[CARNET_HASH_MAX];
    carnet_rc rc = carnet_digest(crypto, hash, parts, count, digest, err);
    CK_RV rv;

    if (rc != CARNET_OK)
        return rc;
    rv = p->functions->C_SignInit(p->session, &how, object_of(key));
    if (rv == CKR_OK)
        rv = p->functions->C_Sign(p->session, digest, carnet_hash_size(hash), signature->bytes, &len);
    if (rv != CKR_OK || len != info->signature)
        return carnet_pkcs11_fail(err, rv, CARNET_E_AREA_STORAGE);
    signature->len = len;
    return CARNET_OK;
}

/* The value of a secret object that the derivation made, which then goes. */
static CK_RV
take_value(carnet_pkcs11 *p, CK_OBJECT_HANDLE object, size_t width, carnet_secret *shared)
{
    CK_ATTRIBUTE value = { CKA_VALUE, shared->bytes, width };
    CK_RV rv = p->functions->C_GetAttributeValue(p->session, object, &value, 1);

    (void)p->functions->C_DestroyObject(p->session, object);
    if (rv == CKR_OK && value.ulValueLen > width)
        rv = CKR_FUNCTION_FAILED;
    if (rv == CKR_OK && value.ulValueLen < width) { /* some tokens leave leading zeros out */
        memmove(shared->bytes + width - value.ulValueLen, shared->bytes, value.ulValueLen);
        memset(shared->bytes, 0, width - value.ulValueLen);
    }
    shared->len = rv == CKR_OK ? (uint8_t)width : 0;
    return rv;
}

/* The secret of so many octets, or of as many as the token makes of it when len is 0. */
static CK_RV
derive(carnet_pkcs11 *p, CK_OBJECT_HANDLE own, CK_BYTE *point, CK_ULONG point_len, CK_ULONG len, CK_OBJECT_HANDLE *made)
{
    CK_ECDH1_DERIVE_PARAMS with = { CKD_NULL, 0, NULL, point_len, point };
    CK_MECHANISM how = { CKM_ECDH1_DERIVE, &with, sizeof(with) };
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE secret[] = { { CKA_CLASS, &class, sizeof(class) },
                              { CKA_KEY_TYPE, &type, sizeof(type) },
                              { CKA_TOKEN, &no, 1 },
                              { CKA_SENSITIVE, &no, 1 },
                              { CKA_EXTRACTABLE, &yes, 1 },
                              { CKA_VALUE_LEN, &len, sizeof(len) } };

    return p->functions->C_DeriveKey(p->session, &how, own, secret, CARNET_COUNT(secret) - (len == 0), made);
}

/*
 * The peer's point goes as it is (PKCS#11 v3.0 6.3.17), which some tokens take
 * for a DER OCTET STRING when its first octets could be one's head: within one,
 * then.  A secret with leading zeros may be shorter than the length asked for:
 * without a length, then.
 */
static carnet_rc
agree(carnet_key *key, carnet_crypto *crypto, const carnet_public_key *peer, carnet_secret *shared, carnet_err *err)
{
    const size_t width = carnet_curve_get(key->public_key.curve)->coordinate;
    carnet_pkcs11 *p = state_of(key);
    uint8_t wrapped[3 + 133], *point = wrapped + 3, *head;
    const size_t len = carnet_public_key_point(peer, point);
    CK_OBJECT_HANDLE own = object_of(key), derived;
    CK_RV rv;

    (void)crypto;
    shared->len = 0;
    wrapped[0] = 0x04;
    wrapped[1] = 0x81;
    wrapped[2] = (uint8_t)len;
    head = len < 0x80 ? wrapped + 1 : wrapped;
    head[0] = 0x04;
    rv = derive(p, own, point, len, width, &derived);
    if (rv != CKR_OK)
        rv = derive(p, own, point, len, 0, &derived);
    if (rv != CKR_OK)
        rv = derive(p, own, head, (CK_ULONG)(point - head) + len, width, &derived);
    if (rv != CKR_OK)
        rv = derive(p, own, head, (CK_ULONG)(point - head) + len, 0, &derived);
    if (rv == CKR_OK)
        rv = take_value(p, derived, width, shared);
    if (rv != CKR_OK) {
        carnet_secret_done(shared);
        return carnet_pkcs11_fail(err, rv, CARNET_E_AREA_STORAGE);
    }
    return CARNET_OK;
}

static void
done(carnet_key *key)
{
    (void)key; /* the object stays in the token */
}

static const carnet_key_ops key_ops = { .size = sizeof(key_ops), .sign = sign, .agree = agree, .done = done };

carnet_rc
carnet_pkcs11_key_open(carnet_pkcs11 *p, const carnet_key_identifier *identifier, carnet_key *key, carnet_err *err)
{
    CK_OBJECT_HANDLE object = carnet_pkcs11_find(p, CKO_PRIVATE_KEY, identifier);
    CK_OBJECT_HANDLE public_half = carnet_pkcs11_find(p, CKO_PUBLIC_KEY, identifier);
    carnet_public_key public_key;
    carnet_rc rc;

    if (object == CK_INVALID_HANDLE || public_half == CK_INVALID_HANDLE)
        return carnet_fail(err, CARNET_E_AREA_KEY_ABSENT, NULL, NULL);
    rc = carnet_pkcs11_public_key(p, public_half, &public_key, err);
    if (rc == CARNET_OK)
        *key = (carnet_key){ .ops = &key_ops,
                             .public_key = public_key,
                             .usage = carnet_pkcs11_usage(p, object),
                             .slot = { p, (void *)(uintptr_t)object } };
    return rc;
}
