/* SPDX-License-Identifier: Apache-2.0 */
/* Algorithms, keys and signatures as certificates write them (RFC 5480, RFC 5758, RFC 8410). */
#include "internal.h"

#include <string.h>

static const struct {
    carnet_span oid;
    carnet_signature_algorithm algorithm;
    carnet_curve only; /* the one curve it goes with; CARNET_CURVE_NONE: every curve of ECDSA */
} algorithms[] = {
    { CARNET_OID("\x2a\x86\x48\xce\x3d\x04\x03\x02"), CARNET_ES256, CARNET_CURVE_NONE },
    { CARNET_OID("\x2a\x86\x48\xce\x3d\x04\x03\x03"), CARNET_ES384, CARNET_CURVE_NONE },
    { CARNET_OID("\x2a\x86\x48\xce\x3d\x04\x03\x04"), CARNET_ES512, CARNET_CURVE_NONE },
    { CARNET_OID("\x2b\x65\x70"), CARNET_EDDSA, CARNET_CURVE_ED25519 },
    { CARNET_OID("\x2b\x65\x71"), CARNET_EDDSA, CARNET_CURVE_ED448 },
};

static const carnet_span ec_public_key = CARNET_OID("\x2a\x86\x48\xce\x3d\x02\x01");

/* Named curves; those of EdDSA are key algorithms of their own. */
static const struct {
    carnet_span oid;
    carnet_curve curve;
} curves[] = {
    { CARNET_OID("\x2a\x86\x48\xce\x3d\x03\x01\x07"), CARNET_CURVE_P256 },
    { CARNET_OID("\x2b\x81\x04\x00\x22"), CARNET_CURVE_P384 },
    { CARNET_OID("\x2b\x81\x04\x00\x23"), CARNET_CURVE_P521 },
    { CARNET_OID("\x2b\x24\x03\x03\x02\x08\x01\x01\x07"), CARNET_CURVE_BRAINPOOL_P256R1 },
    { CARNET_OID("\x2b\x24\x03\x03\x02\x08\x01\x01\x09"), CARNET_CURVE_BRAINPOOL_P320R1 },
    { CARNET_OID("\x2b\x24\x03\x03\x02\x08\x01\x01\x0b"), CARNET_CURVE_BRAINPOOL_P384R1 },
    { CARNET_OID("\x2b\x24\x03\x03\x02\x08\x01\x01\x0d"), CARNET_CURVE_BRAINPOOL_P512R1 },
    { CARNET_OID("\x2b\x65\x70"), CARNET_CURVE_ED25519 },
    { CARNET_OID("\x2b\x65\x71"), CARNET_CURVE_ED448 },
};

void
carnet_x509_read_signed(carnet_der_reader *r, carnet_x509_signed *signed_)
{
    carnet_der_walk walk;

    carnet_der_enter(r, CARNET_DER_SEQUENCE, &walk);
    if (carnet_der_more(r) && carnet_der_peek(r) != CARNET_DER_SEQUENCE)
        carnet_der_refuse(r, CARNET_E_DER_TAG, NULL, "RFC 5280 4.1.1", NULL);
    signed_->tbs = carnet_der_any(r);
    signed_->algorithm = carnet_der_value(r, CARNET_DER_SEQUENCE);
    signed_->signature = carnet_der_bit_string(r);
    carnet_der_leave(r, &walk);
}

carnet_signature_algorithm
carnet_x509_algorithm_of(carnet_span oid)
{
    for (size_t i = 0; i < CARNET_COUNT(algorithms); i++)
        if (carnet_span_equal(oid, algorithms[i].oid))
            return algorithms[i].algorithm;
    return CARNET_SIGNATURE_NONE;
}

void
carnet_x509_read_algorithm(carnet_der_reader *r, const carnet_x509_signed *signed_, carnet_span *oid,
                           carnet_signature_algorithm *algorithm)
{
    const uint8_t *at = r->at;
    carnet_span content = carnet_der_value(r, CARNET_DER_SEQUENCE);
    carnet_der_reader inner = carnet_der_open_within(r, content);
    bool bare;

    *oid = carnet_der_oid(&inner);
    bare = !carnet_der_more(&inner); /* parameters are absent from all algorithms we know */
    if (!bare)
        (void)carnet_der_any_deep(&inner);
    if (inner.rc == CARNET_OK && carnet_der_more(&inner))
        carnet_der_refuse(&inner, CARNET_E_DER_TRAILING, NULL, NULL, NULL);
    carnet_der_join(r, &inner);
    if (!carnet_span_equal(content, signed_->algorithm))
        carnet_der_refuse(r, CARNET_E_X509_STRUCTURE, at, "RFC 5280 4.1.1.2",
                          "the signature algorithms inside and outside differ");
    *algorithm = bare ? carnet_x509_algorithm_of(*oid) : CARNET_SIGNATURE_NONE;
}

static carnet_curve
curve_of_oid(carnet_span oid, bool okp)
{
    for (size_t i = 0; i < CARNET_COUNT(curves); i++)
        if (carnet_span_equal(oid, curves[i].oid) && (oid.len == 3) == okp)
            return curves[i].curve;
    return CARNET_CURVE_NONE;
}

/* Split the key's bits into coordinates; what is not uncompressed and of the curve's length is no key of ours. */
static void
take_coordinates(carnet_curve curve, carnet_span bits, carnet_public_key *key)
{
    const carnet_curve_info *info = carnet_curve_get(curve);
    size_t width = info != NULL ? info->coordinate : 0;

    if (info != NULL && info->okp && bits.len == width) {
        key->curve = curve;
        memcpy(key->x, bits.ptr, width);
    } else if (info != NULL && !info->okp && bits.len == 1 + 2 * width && bits.ptr[0] == 0x04) {
        key->curve = curve;
        memcpy(key->x, bits.ptr + 1, width);
        memcpy(key->y, bits.ptr + 1 + width, width);
    }
}

void
carnet_x509_read_spki(carnet_der_reader *r, carnet_certificate *certificate)
{
    const uint8_t *begin = r->at;
    carnet_der_walk outer, algorithm;
    carnet_span oid, named = { 0 };
    bool bare;

    carnet_der_enter(r, CARNET_DER_SEQUENCE, &outer);
    carnet_der_enter(r, CARNET_DER_SEQUENCE, &algorithm);
    oid = carnet_der_oid(r);
    bare = !carnet_der_more(r);
    if (carnet_der_peek(r) == CARNET_DER_OID)
        named = carnet_der_oid(r);
    else if (!bare)
        (void)carnet_der_any_deep(r);
    carnet_der_leave(r, &algorithm);
    certificate->key_bits = carnet_der_bit_string(r);
    carnet_der_leave(r, &outer);
    if (r->rc != CARNET_OK)
        return;
    certificate->spki = (carnet_span){ begin, (size_t)(r->at - begin) };
    if (bare)
        take_coordinates(curve_of_oid(oid, true), certificate->key_bits, &certificate->public_key);
    else if (carnet_span_equal(oid, ec_public_key))
        take_coordinates(curve_of_oid(named, false), certificate->key_bits, &certificate->public_key);
}

/* An INTEGER of Ecdsa-Sig-Value, right-aligned in `width` octets; false if it is negative or too long. */
static bool
take_scalar(carnet_der_reader *r, size_t width, uint8_t *out)
{
    carnet_span content = carnet_der_integer(r);

    if (r->rc != CARNET_OK || content.ptr[0] >= 0x80)
        return false;
    if (content.len > 1 && content.ptr[0] == 0) {
        content.ptr++;
        content.len--;
    }
    if (content.len > width)
        return false;
    memset(out, 0, width - content.len);
    memcpy(out + width - content.len, content.ptr, content.len);
    return true;
}

/* SEQUENCE { r, s } to r || s. */
static bool
signature_from_der(carnet_span der, size_t width, uint8_t out[CARNET_SIGNATURE_MAX])
{
    carnet_der_reader r = carnet_der_open(der);
    carnet_der_walk walk;
    bool both;

    carnet_der_enter(&r, CARNET_DER_SEQUENCE, &walk);
    both = take_scalar(&r, width, out) && take_scalar(&r, width, out + width);
    carnet_der_leave(&r, &walk);
    return carnet_der_done(&r, NULL) == CARNET_OK && both;
}

/* Whether signatures under this identifier are made with keys of this curve. */
static bool
goes_with(carnet_span oid, const carnet_curve_info *info)
{
    for (size_t i = 0; i < CARNET_COUNT(algorithms); i++)
        if (carnet_span_equal(oid, algorithms[i].oid))
            return algorithms[i].only == CARNET_CURVE_NONE ? !info->okp : algorithms[i].only == info->curve;
    return false;
}

carnet_rc
carnet_x509_verify(carnet_span tbs, carnet_span oid, carnet_signature_algorithm algorithm, carnet_span signature,
                   const carnet_public_key *issuer, carnet_crypto *crypto, carnet_err *err)
{
    const carnet_curve_info *info = carnet_curve_get(issuer->curve);
    uint8_t raw[CARNET_SIGNATURE_MAX];

    if (algorithm == CARNET_SIGNATURE_NONE)
        return carnet_fail(err, CARNET_E_X509_ALGORITHM, "18013-5 B.1", "the signature algorithm is none of ours");
    if (info == NULL || info->signature == 0)
        return carnet_fail(err, CARNET_E_X509_ALGORITHM, "18013-5 B.1", "the issuer's key is none of ours");
    if (!goes_with(oid, info))
        return carnet_fail(err, CARNET_E_X509_ALGORITHM, "18013-5 B.1",
                           "the signature algorithm is not one of the issuer's key");
    if (!info->okp) {
        if (!signature_from_der(signature, info->coordinate, raw))
            return carnet_fail(err, CARNET_E_CRYPTO_SIGNATURE, "RFC 5480 A", "the signature is no Ecdsa-Sig-Value");
        signature = (carnet_span){ raw, 2 * (size_t)info->coordinate };
    }
    return carnet_verify(crypto, issuer, algorithm, &tbs, 1, signature, err);
}

void
carnet_x509_add_algorithm(carnet_der_builder *b, carnet_curve curve)
{
    const carnet_curve_info *info = carnet_curve_get(curve);
    carnet_der_mark mark = carnet_der_begin(b, CARNET_DER_SEQUENCE);
    bool added = false;

    for (size_t i = 0; info != NULL && i < CARNET_COUNT(algorithms) && !added; i++)
        if (algorithms[i].algorithm == info->algorithm && goes_with(algorithms[i].oid, info)) {
            carnet_der_add_oid(b, algorithms[i].oid);
            added = true;
        }
    if (!added && b->rc == CARNET_OK)
        b->rc = CARNET_E_CRYPTO_UNSUPPORTED;
    carnet_der_end(b, mark);
}

void
carnet_x509_add_spki(carnet_der_builder *b, const carnet_public_key *key)
{
    carnet_der_mark outer = carnet_der_begin(b, CARNET_DER_SEQUENCE);
    carnet_der_mark algorithm = carnet_der_begin(b, CARNET_DER_SEQUENCE);
    uint8_t point[133];
    bool added = false;

    for (size_t i = 0; i < CARNET_COUNT(curves); i++)
        if (curves[i].curve == key->curve) {
            if (curves[i].oid.len != 3)
                carnet_der_add_oid(b, ec_public_key);
            carnet_der_add_oid(b, curves[i].oid);
            added = true;
        }
    if (!added && b->rc == CARNET_OK)
        b->rc = CARNET_E_CRYPTO_UNSUPPORTED;
    carnet_der_end(b, algorithm);
    if (added)
        carnet_der_add_bit_string(b, (carnet_span){ point, carnet_public_key_point(key, point) });
    carnet_der_end(b, outer);
}

/* r || s to SEQUENCE { r, s }, inside a BIT STRING. */
static void
add_signature(carnet_der_builder *b, const carnet_signature *signature, bool okp)
{
    size_t half = signature->len / 2;
    uint8_t der[CARNET_SIGNATURE_MAX + 16];
    carnet_der_builder inner = carnet_der_build(der, sizeof(der));
    carnet_der_mark mark = carnet_der_begin(&inner, CARNET_DER_SEQUENCE);

    carnet_der_add_unsigned(&inner, (carnet_span){ signature->bytes, half });
    carnet_der_add_unsigned(&inner, (carnet_span){ signature->bytes + half, half });
    carnet_der_end(&inner, mark);
    carnet_der_add_bit_string(b, okp ? (carnet_span){ signature->bytes, signature->len }
                                     : (carnet_span){ der, inner.len });
}

void
carnet_x509_sign(carnet_der_builder *b, carnet_der_mark outer, size_t tbs_start, carnet_key *key, carnet_crypto *crypto,
                 carnet_err *err)
{
    const carnet_curve_info *info = carnet_curve_get(key->public_key.curve);
    carnet_signature signature = { 0 };
    carnet_span tbs;

    if (b->rc == CARNET_OK && info == NULL)
        b->rc = carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, NULL, NULL);
    if (b->rc != CARNET_OK || info == NULL)
        return;
    tbs = (carnet_span){ b->ptr + tbs_start, b->len - tbs_start };
    b->rc = carnet_key_sign(key, crypto, info->algorithm, &tbs, 1, &signature, err);
    carnet_x509_add_algorithm(b, info->curve);
    add_signature(b, &signature, info->okp);
    carnet_der_end(b, outer);
}

carnet_der_builder
carnet_x509_build_behind(const carnet_buf *out)
{
    bool room = out->ptr != NULL && !out->overflow;

    return room ? carnet_der_build(out->ptr + out->len, out->cap - out->len) : carnet_der_build(NULL, 0);
}
