/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys in DER: SubjectPublicKeyInfo (RFC 5480, RFC 8410), PKCS#8 (RFC 5958) and
 * ECPrivateKey (RFC 5915).
 *
 * The forms are few and short, so they are compared with constant tables and
 * not decoded by the backend, which takes twice a signature's time for one.
 */
#include "internal.h"

#include <string.h>

enum {
    INTEGER = 0x02,
    BIT_STRING = 0x03,
    OCTET_STRING = 0x04,
    SEQUENCE = 0x30,
    CONTEXT_0 = 0xa0,
    CONTEXT_1 = 0xa1,
    CONTEXT_1_PRIMITIVE = 0x81
};

bool
carnet_crypto_der_take(carnet_span *in, uint8_t tag, carnet_span *value)
{
    size_t head = 2, len;

    if (in->len < head || in->ptr[0] != tag)
        return false;
    len = in->ptr[1];
    if (len > 0x82 || len == 0x80)
        return false;
    if (len > 0x80) {
        head += len - 0x80;
        if (in->len < head)
            return false;
        len = head == 3 ? in->ptr[2] : (size_t)(in->ptr[2] << 8 | in->ptr[3]);
        if (len < (head == 3 ? 0x80U : 0x100U))
            return false;
    }
    if (in->len - head < len)
        return false;
    *value = (carnet_span){ in->ptr + head, len };
    *in = (carnet_span){ in->ptr + head + len, in->len - head - len };
    return true;
}

void
carnet_crypto_der_head(carnet_buf *out, uint8_t tag, size_t len)
{
    carnet_buf_add_byte(out, tag);
    if (len >= 0x100)
        carnet_buf_add_byte(out, 0x82);
    else if (len >= 0x80)
        carnet_buf_add_byte(out, 0x81);
    if (len >= 0x100)
        carnet_buf_add_byte(out, (uint8_t)(len >> 8));
    carnet_buf_add_byte(out, (uint8_t)len);
}

/* Octets of a value with its head. */
static size_t
whole(size_t len)
{
    return len + (len < 0x80 ? 2U : len < 0x100 ? 3U : 4U);
}

/* All of it or nothing: what was half written may be secret. */
static carnet_rc
finish(carnet_buf *out, size_t start, carnet_err *err)
{
    if (!out->overflow)
        return CARNET_OK;
    carnet_wipe(out->ptr + start, out->len - start);
    out->len = start;
    return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "the key in DER does not fit");
}

carnet_rc
carnet_public_key_to_spki(const carnet_public_key *key, carnet_buf *out, carnet_err *err)
{
    const carnet_span identifier = carnet_curve_algorithm_identifier(key->curve);
    const size_t start = out->len;
    uint8_t point[CARNET_POINT_MAX];
    size_t len = carnet_public_key_point(key, point);

    if (len == 0)
        return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, NULL, "the key's curve is not known");
    carnet_crypto_der_head(out, SEQUENCE, identifier.len + whole(1 + len));
    carnet_buf_add(out, identifier);
    carnet_crypto_der_head(out, BIT_STRING, 1 + len);
    carnet_buf_add_byte(out, 0); /* no unused bits */
    carnet_buf_add(out, carnet_span_of(point, len));
    return finish(out, start, err);
}

/* An AlgorithmIdentifier, head included, taken from the front of *in. */
static const carnet_curve_info *
take_algorithm(carnet_span *in)
{
    carnet_span all = *in, value;

    if (!carnet_crypto_der_take(in, SEQUENCE, &value))
        return NULL;
    all.len -= in->len;
    return carnet_curve_of_algorithm(all);
}

/* The octets of a BIT STRING's value that is whole octets. */
static bool
whole_octets(carnet_span *bits)
{
    if (bits->len < 1 || bits->ptr[0] != 0)
        return false;
    *bits = (carnet_span){ bits->ptr + 1, bits->len - 1 };
    return true;
}

carnet_rc
carnet_public_key_from_spki(carnet_crypto *crypto, carnet_span der, carnet_public_key *key, carnet_err *err)
{
    const carnet_curve_info *info;
    carnet_span spki, point;

    *key = (carnet_public_key){ 0 };
    if (!carnet_crypto_der_take(&der, SEQUENCE, &spki) || der.len != 0)
        return carnet_fail(err, CARNET_E_CRYPTO_KEY, "RFC 5280 4.1", "this is not a SubjectPublicKeyInfo");
    info = take_algorithm(&spki);
    if (info == NULL)
        return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, "RFC 5480 2.1.1",
                           "the key is of no known algorithm and curve");
    if (!carnet_crypto_der_take(&spki, BIT_STRING, &point) || spki.len != 0 || !whole_octets(&point))
        return carnet_fail(err, CARNET_E_CRYPTO_KEY, "RFC 5280 4.1", "this is not a SubjectPublicKeyInfo");
    if (!info->okp && point.len == 1 + (size_t)info->coordinate && (point.ptr[0] | 1) == 0x03) {
        const carnet_span x = { point.ptr + 1, info->coordinate };

        return carnet_public_key_decompress(crypto, info->curve, x, point.ptr[0] == 0x03, key, err);
    }
    return carnet_public_key_from_point(crypto, info->curve, point, key, err);
}

/* RFC 5915, 3.  The curve is known already inside PKCS#8; then parameters may be absent. */
static bool
open_sec1(carnet_span der, const carnet_curve_info *known, carnet_private_view *view)
{
    carnet_span body, value, bits;

    *view = (carnet_private_view){ .info = known };
    if (!carnet_crypto_der_take(&der, SEQUENCE, &body) || der.len != 0 ||
        !carnet_crypto_der_take(&body, INTEGER, &value) || value.len != 1 || value.ptr[0] != 1 ||
        !carnet_crypto_der_take(&body, OCTET_STRING, &view->scalar))
        return false;
    if (carnet_crypto_der_take(&body, CONTEXT_0, &value)) {
        view->info = carnet_curve_of_parameters(value);
        if (known != NULL && view->info != known)
            return false;
    }
    if (carnet_crypto_der_take(&body, CONTEXT_1, &bits)) {
        if (!carnet_crypto_der_take(&bits, BIT_STRING, &view->point) || bits.len != 0 || !whole_octets(&view->point))
            return false;
    }
    return body.len == 0 && view->info != NULL;
}

/* RFC 5958, 2. */
static bool
open_pkcs8(carnet_span der, carnet_private_view *view)
{
    carnet_span body, version, octets, attributes, point = { 0 };
    const carnet_curve_info *info;

    if (!carnet_crypto_der_take(&der, SEQUENCE, &body) || der.len != 0 ||
        !carnet_crypto_der_take(&body, INTEGER, &version) || version.len != 1 || version.ptr[0] > 1)
        return false;
    info = take_algorithm(&body);
    if (info == NULL || !carnet_crypto_der_take(&body, OCTET_STRING, &octets))
        return false;
    (void)carnet_crypto_der_take(&body, CONTEXT_0, &attributes); /* nothing in them concerns the key */
    if (version.ptr[0] == 1 && carnet_crypto_der_take(&body, CONTEXT_1_PRIMITIVE, &point) && !whole_octets(&point))
        return false;
    if (body.len != 0)
        return false;
    if (!info->okp) {
        if (!open_sec1(octets, info, view))
            return false;
    } else {
        *view = (carnet_private_view){ .info = info };
        if (!carnet_crypto_der_take(&octets, OCTET_STRING, &view->scalar) || octets.len != 0)
            return false;
    }
    if (point.len != 0)
        view->point = point;
    return true;
}

carnet_rc
carnet_private_key_open(carnet_span der, carnet_private_view *view, carnet_err *err)
{
    if (!open_pkcs8(der, view) && !open_sec1(der, NULL, view)) {
        *view = (carnet_private_view){ 0 };
        return carnet_fail(err, CARNET_E_CRYPTO_KEY, "RFC 5958 2", "this is not a private key of a known curve in DER");
    }
    if (view->scalar.len != view->info->coordinate) {
        *view = (carnet_private_view){ 0 };
        return carnet_fail(err, CARNET_E_CRYPTO_KEY, "RFC 5915 3",
                           "the private key is not as long as its curve demands");
    }
    return CARNET_OK;
}

/* Octets of the ECPrivateKey's value. */
static size_t
sec1_size(size_t scalar, size_t point)
{
    return 3 + whole(scalar) + whole(whole(1 + point));
}

static void
write_sec1(carnet_span scalar, carnet_span point, carnet_buf *out)
{
    carnet_crypto_der_head(out, SEQUENCE, sec1_size(scalar.len, point.len));
    carnet_crypto_der_head(out, INTEGER, 1);
    carnet_buf_add_byte(out, 1);
    carnet_crypto_der_head(out, OCTET_STRING, scalar.len);
    carnet_buf_add(out, scalar);
    carnet_crypto_der_head(out, CONTEXT_1, whole(1 + point.len));
    carnet_crypto_der_head(out, BIT_STRING, 1 + point.len);
    carnet_buf_add_byte(out, 0); /* no unused bits */
    carnet_buf_add(out, point);
}

carnet_rc
carnet_private_key_write(const carnet_public_key *key, carnet_span scalar, carnet_buf *out, carnet_err *err)
{
    const carnet_span identifier = carnet_curve_algorithm_identifier(key->curve);
    const size_t start = out->len;
    uint8_t bytes[CARNET_POINT_MAX];
    const carnet_span point = { bytes, carnet_public_key_point(key, bytes) };
    const bool okp = scalar.len == point.len; /* one coordinate, no 04 */
    const size_t inner = okp ? whole(scalar.len) : whole(sec1_size(scalar.len, point.len));

    carnet_crypto_der_head(out, SEQUENCE, 3 + identifier.len + whole(inner));
    carnet_crypto_der_head(out, INTEGER, 1);
    carnet_buf_add_byte(out, 0);
    carnet_buf_add(out, identifier);
    carnet_crypto_der_head(out, OCTET_STRING, inner);
    if (okp) {
        carnet_crypto_der_head(out, OCTET_STRING, scalar.len);
        carnet_buf_add(out, scalar);
    } else {
        write_sec1(scalar, point, out);
    }
    return finish(out, start, err);
}
