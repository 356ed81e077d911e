/* SPDX-License-Identifier: Apache-2.0 */
/* COSE_Key (RFC 9052, 7; RFC 9053, 7.1 and 7.2). */
#include "carnet/cose_key.h"

#include <string.h>

enum { KTY_OKP = 1, KTY_EC2 = 2 };
enum {
    LABEL_KTY = 1,
    LABEL_KID = 2,
    LABEL_ALG = 3,
    LABEL_KEY_OPS = 4,
    LABEL_CRV = -1,
    LABEL_X = -2,
    LABEL_Y = -3,
    LABEL_D = -4
};

struct parameters {
    int64_t kty, crv;
    carnet_span x, y, kid, alg, key_ops, d;
};

static const carnet_cbor_field parameter_fields[] = {
    CARNET_LABEL(struct parameters, LABEL_KTY, CARNET_FIELD_INT, kty),
    CARNET_LABEL_OPTIONAL(struct parameters, LABEL_KID, CARNET_FIELD_ANY, kid),
    CARNET_LABEL_OPTIONAL(struct parameters, LABEL_ALG, CARNET_FIELD_ANY, alg),
    CARNET_LABEL_OPTIONAL(struct parameters, LABEL_KEY_OPS, CARNET_FIELD_ANY, key_ops),
    CARNET_LABEL(struct parameters, LABEL_CRV, CARNET_FIELD_INT, crv),
    CARNET_LABEL(struct parameters, LABEL_X, CARNET_FIELD_BSTR, x),
    CARNET_LABEL_OPTIONAL(struct parameters, LABEL_Y, CARNET_FIELD_ANY, y),
    CARNET_LABEL_OPTIONAL(struct parameters, LABEL_D, CARNET_FIELD_ANY, d),
};

/* The curve, and that the key type is the one that goes with it. */
static const carnet_curve_info *
read_curve(carnet_cbor_reader *r, const uint8_t *start, const struct parameters *p)
{
    const carnet_curve_info *curve = NULL;

    if (p->crv > 0 && p->crv <= CARNET_CURVE_BRAINPOOL_P512R1)
        curve = carnet_curve_get((carnet_curve)p->crv);
    if ((p->kty != KTY_OKP && p->kty != KTY_EC2) || curve == NULL) {
        carnet_cbor_refuse(r, CARNET_E_CRYPTO_UNSUPPORTED, start, "RFC 9053 7",
                           "the key type or curve is not supported");
        return NULL;
    }
    if (curve->okp != (p->kty == KTY_OKP)) {
        carnet_cbor_refuse(r, CARNET_E_COSE_KEY, start, "RFC 9053 7.1", "key type and curve do not go together");
        return NULL;
    }
    return curve;
}

static void
take_coordinate(carnet_cbor_reader *r, const carnet_curve_info *curve, carnet_span from, uint8_t *to)
{
    if (from.len != curve->coordinate)
        carnet_cbor_refuse(r, CARNET_E_COSE_KEY, from.ptr, "RFC 9053 7.1.1", "a coordinate has not the curve's length");
    else
        memcpy(to, from.ptr, from.len);
}

/* y is a coordinate or, of a compressed point, its sign. */
static void
take_y(carnet_cbor_reader *r, const carnet_curve_info *curve, carnet_span item, carnet_cose_key *key)
{
    carnet_cbor_reader y = carnet_cbor_open_within(r, item, r->path);

    if (carnet_cbor_peek(&y) == CARNET_CBOR_BOOL) {
        key->y_odd = carnet_cbor_bool(&y);
        key->compressed = true;
        key->seen |= CARNET_COSE_KEY_COMPRESSED;
    } else if (carnet_cbor_peek(&y) == CARNET_CBOR_BSTR) {
        take_coordinate(&y, curve, carnet_cbor_bstr(&y), key->key.y);
    } else {
        carnet_cbor_refuse(&y, CARNET_E_COSE_KEY, item.ptr, "RFC 9053 7.1.1", "y is neither coordinate nor sign");
    }
    carnet_cbor_join(r, &y);
}

static void
take_point(carnet_cbor_reader *r, const uint8_t *start, const struct parameters *p, carnet_cose_key *key)
{
    const carnet_curve_info *curve = read_curve(r, start, p);

    if (curve == NULL)
        return;
    key->key.curve = curve->curve;
    take_coordinate(r, curve, p->x, key->key.x);
    if (curve->okp)
        key->seen |= p->y.ptr != NULL ? CARNET_COSE_KEY_OTHER : 0;
    else if (p->y.ptr != NULL)
        take_y(r, curve, p->y, key);
    else
        carnet_cbor_refuse(r, CARNET_E_COSE_KEY, start, "RFC 9053 7.1.1", "y is missing");
}

/* A kid is a byte string; texts are met too, and 18013-5 wants neither: what is none is stepped over. */
static carnet_span
take_key_id(const carnet_cbor_reader *r, carnet_span item)
{
    carnet_cbor_reader kid = carnet_cbor_open_within(r, item, NULL);

    return carnet_cbor_peek(&kid) == CARNET_CBOR_BSTR ? carnet_cbor_bstr(&kid) : (carnet_span){ 0 };
}

void
carnet_cose_key_read(carnet_cbor_reader *r, carnet_cose_key *key)
{
    struct parameters p = { 0 };
    const uint8_t *start = r->at;
    uint8_t before = r->seen;

    *key = (carnet_cose_key){ 0 };
    r->seen = 0;
    carnet_cbor_fields(r, parameter_fields, CARNET_COUNT(parameter_fields), &p);
    if (r->rc == CARNET_OK)
        take_point(r, start, &p, key);
    if (r->rc == CARNET_OK) {
        key->key_id = take_key_id(r, p.kid);
        key->seen |= p.d.ptr != NULL ? CARNET_COSE_KEY_PRIVATE : 0;
        if (p.kid.ptr != NULL || p.alg.ptr != NULL || p.key_ops.ptr != NULL || (r->seen & CARNET_CBOR_UNKNOWN_KEY) != 0)
            key->seen |= CARNET_COSE_KEY_OTHER;
        key->cbor_seen = r->seen;
    } else {
        *key = (carnet_cose_key){ 0 };
    }
    r->seen |= before;
}

/* A key that is no point is, here, a COSE_Key that is none. */
static carnet_rc
as_cose(carnet_rc rc, carnet_err *err)
{
    return rc == CARNET_E_CRYPTO_KEY
               ? carnet_fail(err, CARNET_E_COSE_KEY, "RFC 9053 7.1.1", "the point is not on the curve")
               : rc;
}

carnet_rc
carnet_cose_key_expand(carnet_cose_key *key, carnet_crypto *crypto, carnet_err *err)
{
    const carnet_curve_info *curve = carnet_curve_get(key->key.curve);
    uint8_t x[CARNET_COORDINATE_MAX];
    carnet_rc rc;

    if (!key->compressed)
        return CARNET_OK;
    if (curve == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "there is no key to expand");
    memcpy(x, key->key.x, sizeof(x));
    rc = carnet_public_key_decompress(crypto, curve->curve, carnet_span_of(x, curve->coordinate), key->y_odd, &key->key,
                                      err);
    if (rc == CARNET_OK)
        key->compressed = false;
    return as_cose(rc, err);
}

carnet_rc
carnet_cose_key_check(carnet_cose_key *key, carnet_crypto *crypto, carnet_err *err)
{
    if (key->compressed)
        return carnet_cose_key_expand(key, crypto, err);
    return as_cose(carnet_public_key_check(crypto, &key->key, err), err);
}

carnet_rc
carnet_cose_key_open(carnet_span cbor, unsigned allow, carnet_crypto *crypto, carnet_cose_key *key, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    carnet_rc rc;

    r.allow = (uint8_t)(allow & CARNET_CBOR_LENIENT);
    carnet_cose_key_read(&r, key);
    rc = carnet_cbor_end(&r, err);
    if (rc == CARNET_OK && crypto != NULL)
        rc = carnet_cose_key_check(key, crypto, err);
    if (rc != CARNET_OK)
        *key = (carnet_cose_key){ 0 };
    return rc;
}

void
carnet_cose_key_build(carnet_cbor_builder *b, const carnet_public_key *key)
{
    const carnet_curve_info *curve = carnet_curve_get(key->curve);

    if (curve == NULL) {
        b->rc = b->rc == CARNET_OK ? CARNET_E_USAGE : b->rc;
        return;
    }
    carnet_cbor_add_map(b, curve->okp ? 3 : 4);
    carnet_cbor_add_int(b, LABEL_KTY);
    carnet_cbor_add_int(b, curve->okp ? KTY_OKP : KTY_EC2);
    carnet_cbor_add_int(b, LABEL_CRV);
    carnet_cbor_add_int(b, curve->curve);
    carnet_cbor_add_int(b, LABEL_X);
    carnet_cbor_add_bstr(b, carnet_span_of(key->x, curve->coordinate));
    if (curve->okp)
        return;
    carnet_cbor_add_int(b, LABEL_Y);
    carnet_cbor_add_bstr(b, carnet_span_of(key->y, curve->coordinate));
}

size_t
carnet_cose_key_size(const carnet_public_key *key)
{
    carnet_cbor_builder b = carnet_cbor_measure();

    carnet_cose_key_build(&b, key);
    return b.rc == CARNET_OK ? b.len : 0;
}
