/* SPDX-License-Identifier: Apache-2.0 */
/* ID tokens (OpenID Connect Core 1.0, 2 and 3.1.3.7). */
#include "internal.h"

#include "carnet/jws.h"
#include "carnet/oauth_url.h"

#include <string.h>

#define CLAUSE "OpenID Connect Core 3.1.3.7"

static carnet_rc
refuse(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_OIDC_TOKEN, CLAUSE, why);
}

static carnet_rc
check_audience(const oidc *o, const carnet_json *claims, carnet_err *err)
{
    const carnet_json *audience = carnet_json_get(claims, "aud"), *party = carnet_json_get(claims, "azp");
    bool ours = carnet_str_is(carnet_json_string(audience), o->config->client_id);
    size_t count = carnet_json_type_of(audience) == CARNET_JSON_ARRAY ? carnet_json_count(audience) : 0;

    for (size_t i = 0; i < count; i++)
        ours = ours || carnet_str_is(carnet_json_string(carnet_json_at(audience, i)), o->config->client_id);
    if (!ours)
        return refuse(err, "the ID token is for another client");
    if ((party != NULL || count > 1) && !carnet_str_is(carnet_json_string(party), o->config->client_id))
        return refuse(err, "the ID token was issued to another client");
    return CARNET_OK;
}

static carnet_rc
check_claims(const oidc *o, carnet_service_worker *worker, const carnet_json *claims, carnet_str nonce, carnet_time now,
             carnet_str *subject, carnet_err *err)
{
    const char *name = o->config->subject_claim != NULL ? o->config->subject_claim : "sub";
    const carnet_json *until = carnet_json_get(claims, "exp"), *made = carnet_json_get(claims, "iat");
    carnet_str given = carnet_json_string(carnet_json_get(claims, "nonce")), value;
    carnet_buf room;
    carnet_rc rc;

    if (!carnet_str_is(carnet_json_string(carnet_json_get(claims, "iss")), o->config->issuer))
        return refuse(err, "the ID token is of another issuer");
    if ((rc = check_audience(o, claims, err)) != CARNET_OK)
        return rc;
    if (carnet_json_real(until) + OIDC_LEEWAY <= (double)now)
        return refuse(err, "the ID token has expired");
    if (carnet_json_type_of(made) == CARNET_JSON_NONE || carnet_json_real(made) - OIDC_LEEWAY > (double)now)
        return refuse(err, "the ID token was made in the future, or does not say when");
    if (nonce.len != OIDC_NONCE || !carnet_equal_secret(carnet_str_bytes(given), carnet_str_bytes(nonce)))
        return refuse(err, "the ID token is for another flow");
    value = carnet_json_string(carnet_json_get(claims, name));
    if (value.len == 0 || value.len > 128)
        return refuse(err, "the ID token does not name the person");
    room = carnet_service_scratch_buf(worker, value.len);
    carnet_buf_add_str(&room, value);
    *subject = carnet_buf_str(&room);
    return room.overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
}

/* Verified by a key of the provider's. */
static carnet_rc
verify(carnet_service_worker *worker, const carnet_jws *jws, carnet_str set, carnet_err *err)
{
    carnet_json *json = NULL;
    carnet_jwk jwk;
    carnet_rc rc = carnet_json_parse(set, &json, err);

    if (rc == CARNET_OK)
        rc = carnet_jwk_set_find(json, jws->key_id, "sig", worker->crypto, &jwk, err);
    if (rc == CARNET_OK)
        rc = carnet_jws_verify(jws, worker->crypto, &jwk.key, err);
    carnet_json_free(&json);
    return rc;
}

static bool
rsa(const carnet_json *header)
{
    carnet_str algorithm = carnet_json_string(carnet_json_get(header, "alg"));

    return carnet_str_starts(algorithm, "RS") || carnet_str_starts(algorithm, "PS");
}

static bool
decode(carnet_service_worker *worker, carnet_str text, carnet_json **json)
{
    carnet_buf room = carnet_service_scratch_buf(worker, text.len);

    return carnet_base64url_decode(text, &room, NULL) == CARNET_OK &&
           carnet_json_parse(carnet_buf_str(&room), json, NULL) == CARNET_OK;
}

/* Signed by RSA, which nothing here verifies: believed because of whom it was asked from, over TLS (3.1.3.7, 6), or on this
 * machine where that is allowed. */
static carnet_rc
read_unverified(const oidc *o, carnet_service_worker *worker, carnet_str token, carnet_str nonce, carnet_time now,
                carnet_str *subject, carnet_err *err)
{
    const char *dot = memchr(token.ptr, '.', token.len), *second;
    carnet_json *header = NULL, *claims = NULL;
    carnet_rc rc = CARNET_OK;
    size_t left;

    if (dot == NULL)
        return refuse(err, "the ID token is no JWS");
    left = token.len - (size_t)(dot + 1 - token.ptr);
    second = memchr(dot + 1, '.', left);
    if (second == NULL || !decode(worker, (carnet_str){ token.ptr, (size_t)(dot - token.ptr) }, &header) ||
        !decode(worker, (carnet_str){ dot + 1, (size_t)(second - dot - 1) }, &claims) || !rsa(header))
        rc = refuse(err, "the ID token is no JWS, or not signed by a known algorithm");
    if (rc == CARNET_OK)
        rc = check_claims(o, worker, claims, nonce, now, subject, err);
    carnet_json_free(&header);
    carnet_json_free(&claims);
    return rc;
}

carnet_rc
carnet_oidc_token(oidc *o, carnet_service_worker *worker, const oidc_provider *provider, carnet_str token,
                  carnet_str nonce, carnet_time now, carnet_str *subject, carnet_err *err)
{
    carnet_buf storage = carnet_service_scratch_buf(worker, token.len + 1);
    oidc_provider fresh;
    carnet_oauth_url parts;
    carnet_jws jws;
    carnet_rc rc;

    *subject = (carnet_str){ 0 };
    if (token.len == 0)
        return refuse(err, "there is no ID token");
    rc = carnet_jws_open(token, &storage, &jws, err);
    if (rc == CARNET_E_JOSE_ALGORITHM &&
        carnet_oauth_url_secure(provider->token_endpoint, o->loopback, &parts, NULL) == CARNET_OK)
        return read_unverified(o, worker, token, nonce, now, subject, err);
    if (rc != CARNET_OK)
        return refuse(err, "the ID token is no JWS of a known algorithm");
    rc = verify(worker, &jws, provider->jwks, err);
    /* The provider may have new keys (Core 10.1.1). */
    if (rc == CARNET_E_JOSE_KEY && carnet_oidc_provider(o, worker, now, true, &fresh, NULL) == CARNET_OK)
        rc = verify(worker, &jws, fresh.jwks, err);
    if (rc != CARNET_OK)
        rc = refuse(err, "the ID token is not signed by the provider");
    else if (jws.claims == NULL)
        rc = refuse(err, "the ID token has no claims");
    else
        rc = check_claims(o, worker, jws.claims, nonce, now, subject, err);
    carnet_jws_close(&jws);
    return rc;
}
