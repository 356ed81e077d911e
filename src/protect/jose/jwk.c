/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Web Keys (RFC 7517; RFC 7518 6.2; RFC 8037; RFC 7638). */
#include "carnet/jwk.h"
#include "internal.h"

#include <string.h>

/* Brainpool's names are those of 18013-7, B.4.5. */
static const struct {
    carnet_curve curve;
    const char *name;
} curves[] = {
    { CARNET_CURVE_P256, "P-256" },
    { CARNET_CURVE_P384, "P-384" },
    { CARNET_CURVE_P521, "P-521" },
    { CARNET_CURVE_X25519, "X25519" },
    { CARNET_CURVE_X448, "X448" },
    { CARNET_CURVE_ED25519, "Ed25519" },
    { CARNET_CURVE_ED448, "Ed448" },
    { CARNET_CURVE_BRAINPOOL_P256R1, "BP-256" },
    { CARNET_CURVE_BRAINPOOL_P320R1, "BP-320" },
    { CARNET_CURVE_BRAINPOOL_P384R1, "BP-384" },
    { CARNET_CURVE_BRAINPOOL_P512R1, "BP-512" },
};

const char *
carnet_jwk_curve_name(carnet_curve curve)
{
    for (size_t i = 0; i < CARNET_COUNT(curves); i++) {
        if (curves[i].curve == curve)
            return curves[i].name;
    }
    return NULL;
}

static const carnet_curve_info *
find_curve(carnet_str name)
{
    for (size_t i = 0; i < CARNET_COUNT(curves); i++) {
        if (carnet_str_is(name, curves[i].name))
            return carnet_curve_get(curves[i].curve);
    }
    return NULL;
}

static carnet_rc
no_key(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_JOSE_KEY, "RFC 7517 4", why);
}

/* A coordinate at the curve's full width (RFC 7518 6.2.1.2). */
static bool
coordinate(const carnet_json *json, const char *name, size_t width, uint8_t *out)
{
    carnet_buf buf = carnet_buf_of(out, width);
    carnet_rc rc = carnet_base64url_decode(carnet_json_string(carnet_json_get(json, name)), &buf, NULL);

    return rc == CARNET_OK && buf.len == width && !buf.overflow;
}

static carnet_rc
read_point(const carnet_json *json, carnet_crypto *crypto, carnet_public_key *key, carnet_err *err)
{
    const carnet_str type = carnet_json_string(carnet_json_get(json, "kty"));
    const carnet_curve_info *info = find_curve(carnet_json_string(carnet_json_get(json, "crv")));
    uint8_t point[1 + 2 * CARNET_COORDINATE_MAX] = { 0x04 };
    size_t width;

    if (info == NULL || !carnet_str_is(type, info->okp ? "OKP" : "EC"))
        return no_key(err, "its type or curve is not known here");
    width = info->coordinate;
    if (!coordinate(json, "x", width, point + !info->okp) ||
        (!info->okp && !coordinate(json, "y", width, point + 1 + width)))
        return no_key(err, "a coordinate is missing or not at its curve's full width");
    if (carnet_public_key_from_point(crypto, info->curve, carnet_span_of(point, info->okp ? width : 1 + 2 * width), key,
                                     err) != CARNET_OK)
        return no_key(err, "it is no point of its curve");
    return CARNET_OK;
}

carnet_rc
carnet_jwk_read(const carnet_json *json, carnet_crypto *crypto, carnet_jwk *jwk, carnet_err *err)
{
    carnet_rc rc;

    *jwk = (carnet_jwk){ 0 };
    if (carnet_json_type_of(json) != CARNET_JSON_OBJECT)
        return no_key(err, "it is no JSON object");
    if (carnet_json_get(json, "d") != NULL || carnet_json_get(json, "k") != NULL)
        return no_key(err, "a private key stands where a public one belongs");
    rc = read_point(json, crypto, &jwk->key, err);
    if (rc == CARNET_OK)
        rc = carnet_jose_string(json, "kid", &jwk->key_id, err);
    if (rc == CARNET_OK)
        rc = carnet_jose_string(json, "alg", &jwk->algorithm, err);
    if (rc == CARNET_OK)
        rc = carnet_jose_string(json, "use", &jwk->use, err);
    jwk->x5c =
        carnet_json_type_of(carnet_json_get(json, "x5c")) == CARNET_JSON_ARRAY ? carnet_json_get(json, "x5c") : NULL;
    if (rc != CARNET_OK)
        *jwk = (carnet_jwk){ 0 };
    return rc;
}

static bool
has(const carnet_json *list, const char *word)
{
    for (size_t i = 0; i < carnet_json_count(list); i++)
        if (carnet_str_is(carnet_json_string(carnet_json_at(list, i)), word))
            return true;
    return false;
}

bool
carnet_jwk_serves(const carnet_json *json, const char *use)
{
    const carnet_json *declared = carnet_json_get(json, "use"), *operations = carnet_json_get(json, "key_ops");

    if (use == NULL)
        return true;
    if (declared != NULL && !carnet_str_is(carnet_json_string(declared), use))
        return false;
    return operations == NULL || !carnet_str_is(carnet_str_of(use), "sig") ||
           (carnet_json_type_of(operations) == CARNET_JSON_ARRAY && has(operations, "verify"));
}

carnet_rc
carnet_jwk_set_find(const carnet_json *set, carnet_str key_id, const char *use, carnet_crypto *crypto, carnet_jwk *jwk,
                    carnet_err *err)
{
    const carnet_json *keys = carnet_json_get(set, "keys");
    size_t found = 0;

    *jwk = (carnet_jwk){ 0 };
    if (carnet_json_type_of(keys) != CARNET_JSON_ARRAY)
        return carnet_fail(err, CARNET_E_JOSE_KEY, "RFC 7517 5", "it is no set of keys");
    for (size_t i = 0; i < carnet_json_count(keys); i++) {
        carnet_jwk one;

        if (carnet_jwk_read(carnet_json_at(keys, i), crypto, &one, NULL) != CARNET_OK ||
            (key_id.len != 0 && !carnet_str_equal(one.key_id, key_id)) ||
            !carnet_jwk_serves(carnet_json_at(keys, i), use))
            continue;
        if (found++ == 0)
            *jwk = one;
    }
    if (found == 1)
        return CARNET_OK;
    *jwk = (carnet_jwk){ 0 };
    return carnet_fail(err, CARNET_E_JOSE_KEY, "RFC 7517 5",
                       found == 0 ? "the set has no such key" : "the set has more than one such key");
}

void
carnet_jwk_add(carnet_json_builder *b, const char *name, const carnet_jwk *jwk)
{
    const carnet_curve_info *info = carnet_curve_get(jwk->key.curve);

    if (info == NULL) {
        if (b->rc == CARNET_OK)
            b->rc = CARNET_E_USAGE;
        return;
    }
    carnet_json_object_begin(b, name);
    carnet_json_add_text(b, "kty", info->okp ? "OKP" : "EC");
    carnet_json_add_text(b, "crv", carnet_jwk_curve_name(info->curve));
    carnet_json_add_base64url(b, "x", carnet_span_of(jwk->key.x, info->coordinate));
    if (!info->okp)
        carnet_json_add_base64url(b, "y", carnet_span_of(jwk->key.y, info->coordinate));
    if (jwk->key_id.len != 0)
        carnet_json_add_string(b, "kid", jwk->key_id);
    if (jwk->algorithm.len != 0)
        carnet_json_add_string(b, "alg", jwk->algorithm);
    if (jwk->use.len != 0)
        carnet_json_add_string(b, "use", jwk->use);
    carnet_json_object_end(b);
}

carnet_rc
carnet_jwk_thumbprint(carnet_crypto *crypto, const carnet_public_key *key, uint8_t out[32], carnet_err *err)
{
    const carnet_curve_info *info = carnet_curve_get(key->curve);
    char room[320];
    carnet_buf buf = carnet_buf_of(room, sizeof(room));
    carnet_json_builder b = carnet_json_build(&buf);
    carnet_span text;
    carnet_rc rc;

    if (info == NULL)
        return no_key(err, "it has no curve");
    carnet_json_object_begin(&b, NULL); /* required members in the order of their names (RFC 7638 3.2) */
    carnet_json_add_text(&b, "crv", carnet_jwk_curve_name(info->curve));
    carnet_json_add_text(&b, "kty", info->okp ? "OKP" : "EC");
    carnet_json_add_base64url(&b, "x", carnet_span_of(key->x, info->coordinate));
    if (!info->okp)
        carnet_json_add_base64url(&b, "y", carnet_span_of(key->y, info->coordinate));
    carnet_json_object_end(&b);
    rc = carnet_json_built(&b, err);
    text = carnet_buf_span(&buf);
    return rc == CARNET_OK ? carnet_digest(crypto, CARNET_SHA256, &text, 1, out, err) : rc;
}
