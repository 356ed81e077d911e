/* SPDX-License-Identifier: Apache-2.0 */
/* JWS verified by a published set of keys (RFC 7515 5.2, 6; RFC 7517 5; RFC 8725 3.1). */
#include "carnet/jws_set.h"
#include "internal.h"

/* A token's signer, as far as it is found. */
typedef struct signer {
    const carnet_jws *jws;
    carnet_str name; /* the header's `alg` */
    carnet_rsa_algorithm rsa;
    carnet_public_key key; /* if it is not rsa */
    carnet_rsa_key rsa_key;
    uint8_t rsa_room[CARNET_JWK_RSA_ROOM];
} signer;

static carnet_rsa_algorithm
rsa_named(carnet_str name)
{
    static const struct {
        const char *name;
        carnet_rsa_algorithm algorithm;
    } algorithms[] = {
        { "RS256", CARNET_RS256 }, { "RS384", CARNET_RS384 }, { "RS512", CARNET_RS512 },
        { "PS256", CARNET_PS256 }, { "PS384", CARNET_PS384 }, { "PS512", CARNET_PS512 },
    };

    for (size_t i = 0; i < CARNET_COUNT(algorithms); i++)
        if (carnet_str_is(name, algorithms[i].name))
            return algorithms[i].algorithm;
    return CARNET_RSA_NONE;
}

static carnet_rc
no_key(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_JOSE_KEY, "RFC 7517 5", why);
}

/* The key's own `alg`, if it has one, is the header's, or another name of it. */
static bool
fits(const signer *s, const carnet_json *json)
{
    const carnet_json *own = carnet_json_get(json, "alg");
    const carnet_str name = carnet_json_string(own);

    if (own == NULL || (name.len != 0 && carnet_str_equal(name, s->name)))
        return true;
    return s->rsa == CARNET_RSA_NONE && carnet_jws_algorithm_named(name) == s->jws->algorithm;
}

static carnet_rc
read_key(signer *s, const carnet_json *json, carnet_crypto *crypto, carnet_err *err)
{
    carnet_jwk jwk;
    carnet_rc rc;

    if (s->rsa != CARNET_RSA_NONE)
        return carnet_jwk_read_rsa(json, s->rsa_room, &s->rsa_key, err);
    if ((rc = carnet_jwk_read(json, crypto, &jwk, err)) != CARNET_OK)
        return rc;
    if (carnet_curve_get(jwk.key.curve)->algorithm != s->jws->algorithm ||
        carnet_curve_get(jwk.key.curve)->signature == 0)
        return no_key(err, "the key is of another kind than the algorithm");
    s->key = jwk.key;
    return CARNET_OK;
}

/* Whether this is a key of the name asked for, and why it does not do. */
static bool
consider(signer *s, const carnet_json *json, carnet_crypto *crypto, carnet_rc *rc, carnet_err *err)
{
    const carnet_str key_id = carnet_json_string(carnet_json_get(json, "kid"));

    if (s->jws->key_id.len != 0 && !carnet_str_equal(key_id, s->jws->key_id))
        return false;
    if (!carnet_jwk_serves(json, "sig"))
        *rc = no_key(err, "the key is not for signatures");
    else if (!fits(s, json))
        *rc = no_key(err, "the key is for another algorithm");
    else
        *rc = read_key(s, json, crypto, err);
    return true;
}

static carnet_rc
find(signer *s, const carnet_json *set, carnet_crypto *crypto, carnet_err *err)
{
    const carnet_json *keys = carnet_json_get(set, "keys");
    carnet_err why = { .rc = CARNET_OK };
    size_t found = 0, at = 0;
    carnet_rc rc;

    if (carnet_json_type_of(keys) != CARNET_JSON_ARRAY)
        return no_key(err, "it is no set of keys");
    for (size_t i = 0; i < carnet_json_count(keys); i++) {
        if (consider(s, carnet_json_at(keys, i), crypto, &rc, &why) && rc == CARNET_OK && found++ == 0)
            at = i;
    }
    if (found > 1)
        return no_key(err, "the set has more than one such key");
    if (found == 1)
        return read_key(s, carnet_json_at(keys, at), crypto, err);
    /* What is wrong with the only key of this name is worth saying. */
    if (why.rc == CARNET_OK || s->jws->key_id.len == 0)
        return no_key(err, "the set has no such key");
    if (err != NULL)
        *err = why;
    return why.rc;
}

static carnet_rc
verify(const signer *s, carnet_crypto *crypto, carnet_err *err)
{
    const carnet_span input = carnet_str_bytes(s->jws->signing_input);
    carnet_rc rc;

    if (s->rsa == CARNET_RSA_NONE)
        return carnet_jws_verify(s->jws, crypto, &s->key, err);
    rc = carnet_rsa_verify(crypto, &s->rsa_key, s->rsa, &input, 1, s->jws->signature, err);
    return rc == CARNET_E_CRYPTO_SIGNATURE ? carnet_fail(err, CARNET_E_JOSE_SIGNATURE, "RFC 7515 5.2", NULL) : rc;
}

carnet_rc
carnet_jws_open_by_set(carnet_str text, const carnet_json *set, carnet_crypto *crypto, carnet_buf *storage,
                       carnet_jws *view, carnet_err *err)
{
    signer s = { .jws = view };
    carnet_rc rc = carnet_jws_open_as(text, CARNET_JWS_MAX, true, storage, view, err);

    if (rc != CARNET_OK)
        return rc;
    s.name = carnet_json_string(carnet_json_get(view->header, "alg"));
    s.rsa = rsa_named(s.name);
    if (view->algorithm == CARNET_SIGNATURE_NONE && s.rsa == CARNET_RSA_NONE)
        rc = carnet_fail(err, CARNET_E_JOSE_ALGORITHM, "RFC 8725 3.1", "the algorithm is missing or not taken");
    if (rc == CARNET_OK)
        rc = find(&s, set, crypto, err);
    if (rc == CARNET_OK)
        rc = verify(&s, crypto, err);
    if (rc != CARNET_OK)
        carnet_jws_close(view);
    return rc;
}
