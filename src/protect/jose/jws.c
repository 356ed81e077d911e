/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Web Signature (RFC 7515), compact. */
#include "carnet/jws.h"
#include "internal.h"

#include <stdlib.h>

static const struct {
    carnet_signature_algorithm algorithm;
    const char *name;
} algorithms[] = {
    { CARNET_ES256, "ES256" },
    { CARNET_ES384, "ES384" },
    { CARNET_ES512, "ES512" },
    { CARNET_EDDSA, "EdDSA" },
};

/* Fully specified names (RFC 9864) and those of 18013-7 for brainpool mean one curve's algorithm. */
static const struct {
    const char *name;
    carnet_signature_algorithm algorithm;
} aliases[] = {
    { "Ed25519", CARNET_EDDSA }, { "Ed448", CARNET_EDDSA },  { "ESB256", CARNET_ES256 },
    { "ESB320", CARNET_ES384 },  { "ESB384", CARNET_ES384 }, { "ESB512", CARNET_ES512 },
};

const char *
carnet_jws_algorithm_name(carnet_signature_algorithm algorithm)
{
    for (size_t i = 0; i < CARNET_COUNT(algorithms); i++) {
        if (algorithms[i].algorithm == algorithm)
            return algorithms[i].name;
    }
    return NULL;
}

carnet_signature_algorithm
carnet_jws_algorithm_named(carnet_str name)
{
    for (size_t i = 0; i < CARNET_COUNT(algorithms); i++) {
        if (carnet_str_is(name, algorithms[i].name))
            return algorithms[i].algorithm;
    }
    for (size_t i = 0; i < CARNET_COUNT(aliases); i++) {
        if (carnet_str_is(name, aliases[i].name))
            return aliases[i].algorithm;
    }
    return CARNET_SIGNATURE_NONE;
}

static carnet_rc
read_x5c(const carnet_json *list, carnet_buf *storage, carnet_jws *view, carnet_err *err)
{
    const size_t count = carnet_json_count(list);

    if (list == NULL)
        return CARNET_OK;
    if (carnet_json_type_of(list) != CARNET_JSON_ARRAY || count == 0 || count > CARNET_JWS_CHAIN_MAX)
        return carnet_fail(err, CARNET_E_JOSE_STRUCTURE, "RFC 7515 4.1.6", "x5c is no list of certificates");
    for (size_t i = 0; i < count; i++) {
        const carnet_str text = carnet_json_string(carnet_json_at(list, i));
        const size_t before = storage->len;

        if (text.len == 0 || carnet_base64_decode(text, storage, NULL) != CARNET_OK || storage->overflow)
            return carnet_fail(err, CARNET_E_JOSE_STRUCTURE, "RFC 7515 4.1.6", "a certificate in x5c is not base64");
        view->x5c[view->x5c_count++] = (carnet_span){ storage->ptr + before, storage->len - before };
    }
    return CARNET_OK;
}

static carnet_rc
read_header(bool others, carnet_buf *storage, carnet_jws *view, carnet_err *err)
{
    carnet_str algorithm;
    carnet_rc rc = carnet_jose_string(view->header, "alg", &algorithm, err);

    if (rc == CARNET_OK)
        rc = carnet_jose_string(view->header, "typ", &view->type, err);
    if (rc == CARNET_OK)
        rc = carnet_jose_string(view->header, "kid", &view->key_id, err);
    view->algorithm = carnet_jws_algorithm_named(algorithm);
    if (rc == CARNET_OK && view->algorithm == CARNET_SIGNATURE_NONE && !others)
        rc = carnet_fail(err, CARNET_E_JOSE_ALGORITHM, "RFC 8725 3.1", "the algorithm is missing or not taken");
    return rc == CARNET_OK ? read_x5c(carnet_json_get(view->header, "x5c"), storage, view, err) : rc;
}

/* The claims, if the payload begins like an object; then it must be one (RFC 7519 7.2). */
static carnet_rc
read_claims(carnet_jws *view, carnet_err *err)
{
    carnet_str text = { (const char *)view->payload.ptr, view->payload.len };
    carnet_rc rc = CARNET_OK;

    if (text.len != 0 && text.ptr[0] == '{')
        rc = carnet_json_parse(text, &view->claims, err);
    return rc;
}

carnet_rc
carnet_jws_open(carnet_str text, carnet_buf *storage, carnet_jws *view, carnet_err *err)
{
    return carnet_jws_open_as(text, CARNET_JWS_MAX, false, storage, view, err);
}

carnet_rc
carnet_jws_open_long(carnet_str text, size_t max, carnet_buf *storage, carnet_jws *view, carnet_err *err)
{
    return carnet_jws_open_as(text, max, false, storage, view, err);
}

carnet_rc
carnet_jws_open_as(carnet_str text, size_t max, bool others, carnet_buf *storage, carnet_jws *view, carnet_err *err)
{
    carnet_str parts[3];
    carnet_rc rc = carnet_jose_split(text, max, parts, CARNET_COUNT(parts), err);

    *view = (carnet_jws){ 0 };
    if (rc == CARNET_OK)
        rc = carnet_jose_header(parts[0], storage, &view->header, err);
    if (rc == CARNET_OK)
        rc = read_header(others, storage, view, err);
    if (rc == CARNET_OK)
        rc = carnet_jose_decode(parts[1], storage, &view->payload, err);
    if (rc == CARNET_OK)
        rc = carnet_jose_decode(parts[2], storage, &view->signature, err);
    if (rc == CARNET_OK)
        rc = read_claims(view, err);
    if (rc == CARNET_OK)
        view->signing_input = (carnet_str){ text.ptr, parts[0].len + 1 + parts[1].len };
    else
        carnet_jws_close(view);
    return rc;
}

void
carnet_jws_close(carnet_jws *view)
{
    carnet_json_free(&view->header);
    carnet_json_free(&view->claims);
    *view = (carnet_jws){ 0 };
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool
same_letters(carnet_str a, const char *b)
{
    size_t i = 0;

    while (i < a.len && b[i] != '\0' && lower(a.ptr[i]) == lower(b[i]))
        i++;
    return i == a.len && b[i] == '\0';
}

carnet_rc
carnet_jws_expect_type(const carnet_jws *view, const char *type, carnet_err *err)
{
    static const char application[] = "application/";
    const size_t len = sizeof(application) - 1;
    carnet_str got = view->type;

    if (got.len > len && same_letters((carnet_str){ got.ptr, len }, application))
        got = (carnet_str){ got.ptr + len, got.len - len };
    if (got.len != 0 && same_letters(got, type))
        return CARNET_OK;
    return carnet_fail(err, CARNET_E_JOSE_TYPE, "RFC 8725 3.11", "the token is of another type");
}

carnet_rc
carnet_jws_verify(const carnet_jws *view, carnet_crypto *crypto, const carnet_public_key *key, carnet_err *err)
{
    const carnet_curve_info *info = carnet_curve_get(key->curve);
    const carnet_span input = carnet_str_bytes(view->signing_input);
    carnet_rc rc;

    if (view->header == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "nothing was opened");
    if (info == NULL || info->signature == 0 || info->algorithm != view->algorithm)
        return carnet_fail(err, CARNET_E_JOSE_ALGORITHM, "RFC 8725 3.1", "the algorithm is not the one of the key");
    if (view->signature.len != info->signature)
        return carnet_fail(err, CARNET_E_JOSE_SIGNATURE, "RFC 7518 3.4", "the signature has another length");
    rc = carnet_verify(crypto, key, view->algorithm, &input, 1, view->signature, err);
    return rc == CARNET_E_CRYPTO_SIGNATURE ? carnet_fail(err, CARNET_E_JOSE_SIGNATURE, "RFC 7515 5.2", NULL) : rc;
}

/* The header as JSON, in `room`. */
static carnet_rc
build_header(const carnet_jws_header *header, carnet_signature_algorithm algorithm, carnet_buf *room, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(room);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_text(&b, "alg", carnet_jws_algorithm_name(algorithm));
    if (header->type != NULL)
        carnet_json_add_text(&b, "typ", header->type);
    if (header->key_id.len != 0)
        carnet_json_add_string(&b, "kid", header->key_id);
    if (header->jwk != NULL)
        carnet_jwk_add(&b, "jwk", &(carnet_jwk){ .key = *header->jwk });
    if (header->x5c_count != 0) {
        carnet_json_array_begin(&b, "x5c");
        for (size_t i = 0; i < header->x5c_count; i++)
            carnet_json_add_base64(&b, NULL, header->x5c[i]);
        carnet_json_array_end(&b);
    }
    if (header->more.len != 0) {
        carnet_buf_add_byte(room, ',');
        carnet_buf_add_str(room, header->more);
    }
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

/* Octets the header cannot exceed. */
static size_t
header_bound(const carnet_jws_header *header)
{
    size_t bound = 1024 + 6 * header->key_id.len + header->more.len;

    for (size_t i = 0; i < header->x5c_count; i++)
        bound += header->x5c[i].len / 3 * 4 + 8;
    return bound;
}

static carnet_rc
add_signing_input(const carnet_jws_header *header, carnet_signature_algorithm algorithm, carnet_span payload,
                  carnet_buf *out, carnet_err *err)
{
    const size_t bound = header_bound(header);
    void *room = malloc(bound);
    carnet_buf json = carnet_buf_of(room, bound);
    carnet_rc rc = room != NULL ? build_header(header, algorithm, &json, err)
                                : carnet_fail(err, CARNET_E_NO_SPACE, NULL, "no memory");

    if (rc == CARNET_OK) {
        carnet_base64url_encode(carnet_buf_span(&json), out);
        carnet_buf_add_byte(out, '.');
        carnet_base64url_encode(payload, out);
        rc = out->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
    }
    free(room);
    return rc;
}

carnet_rc
carnet_jws_sign(const carnet_jws_header *header, carnet_span payload, carnet_key *key, carnet_crypto *crypto,
                carnet_buf *out, carnet_err *err)
{
    const carnet_curve_info *info = carnet_curve_get(key->public_key.curve);
    const size_t start = out->len;
    carnet_signature signature;
    carnet_span input;
    carnet_rc rc;

    if (info == NULL || info->signature == 0)
        return carnet_fail(err, CARNET_E_JOSE_ALGORITHM, "RFC 7518 3.1", "the key does not sign");
    rc = add_signing_input(header, info->algorithm, payload, out, err);
    if (rc == CARNET_OK) {
        input = (carnet_span){ out->ptr + start, out->len - start };
        rc = carnet_key_sign(key, crypto, info->algorithm, &input, 1, &signature, err);
    }
    if (rc == CARNET_OK) {
        carnet_buf_add_byte(out, '.');
        carnet_base64url_encode(carnet_span_of(signature.bytes, signature.len), out);
        rc = out->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
    }
    if (rc != CARNET_OK)
        out->len = start;
    return rc;
}
