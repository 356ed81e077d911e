/* SPDX-License-Identifier: Apache-2.0 */
/* ID tokens (OpenID Connect Core 1.0, 2 and 3.1.3.7). */
#include "internal.h"

#include "carnet/jws_set.h"

#define CLAUSE "OpenID Connect Core 3.1.3.7"

static carnet_rc
refuse(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_OIDC_TOKEN, CLAUSE, why);
}

static bool
among(const carnet_config_texts *texts, carnet_str text)
{
    for (size_t i = 0; i < texts->count; i++)
        if (carnet_str_is(text, texts->list[i]))
            return true;
    return false;
}

/* Whether one of a token's audiences may stand there (3.1.3.7, 3); *ours if it is this client. */
static bool
expected(const oidc *o, const carnet_json *audience, bool *ours)
{
    const carnet_str name = carnet_json_string(audience);
    const bool us = carnet_str_is(name, o->config->client_id);

    *ours = *ours || us;
    return us || (name.len > 0 && among(&o->config->audiences, name));
}

static carnet_rc
check_audience(const oidc *o, const carnet_json *claims, carnet_err *err)
{
    const carnet_json *audience = carnet_json_get(claims, "aud"), *party = carnet_json_get(claims, "azp");
    size_t count = carnet_json_type_of(audience) == CARNET_JSON_ARRAY ? carnet_json_count(audience) : 0;
    bool ours = false, all = count > 0 || expected(o, audience, &ours);

    for (size_t i = 0; i < count; i++)
        all = expected(o, carnet_json_at(audience, i), &ours) && all;
    if (!ours)
        return refuse(err, "the ID token is for another client");
    if (!all)
        return refuse(err, "the ID token is for others, too, that are not among the audiences");
    if ((party != NULL || count > 1) && !carnet_str_is(carnet_json_string(party), o->config->client_id))
        return refuse(err, "the ID token was issued to another client");
    return CARNET_OK;
}

/* A time of a claim; false if it is none. */
static bool
time_of(const carnet_json *claims, const char *name, double *seconds)
{
    const carnet_json *claim = carnet_json_get(claims, name);
    const carnet_json_type type = carnet_json_type_of(claim);

    *seconds = carnet_json_real(claim);
    return type == CARNET_JSON_INTEGER || type == CARNET_JSON_REAL;
}

static carnet_rc
check_times(const carnet_json *claims, carnet_time now, carnet_err *err)
{
    double until, made, from;

    if (!time_of(claims, "exp", &until) || until + OIDC_LEEWAY <= (double)now)
        return refuse(err, "the ID token has expired, or does not say when it does");
    if (!time_of(claims, "iat", &made) || made - OIDC_LEEWAY > (double)now)
        return refuse(err, "the ID token was made in the future, or does not say when");
    if (carnet_json_get(claims, "nbf") != NULL && (!time_of(claims, "nbf", &from) || from - OIDC_LEEWAY > (double)now))
        return refuse(err, "the ID token is not valid yet");
    return CARNET_OK;
}

/* How and when the person logged in, as far as that was asked for (3.1.3.7, 12 and 13). */
static carnet_rc
check_log_in(const oidc *o, const carnet_json *claims, carnet_time now, carnet_err *err)
{
    const carnet_config_oidc *config = o->config;
    double at;

    if (config->acr_values.count > 0 && !among(&config->acr_values, carnet_json_string(carnet_json_get(claims, "acr"))))
        return refuse(err, "the person did not log in the way that was asked for");
    if (config->max_age_seconds == 0)
        return CARNET_OK;
    if (!time_of(claims, "auth_time", &at) || at - OIDC_LEEWAY > (double)now)
        return refuse(err, "the ID token does not say when the person logged in");
    if (at + config->max_age_seconds + OIDC_LEEWAY < (double)now)
        return refuse(err, "the person logged in too long ago");
    return CARNET_OK;
}

static carnet_rc
read_subject(const oidc *o, carnet_service_worker *worker, const carnet_json *claims, carnet_str *subject,
             carnet_err *err)
{
    const char *name = o->config->subject_claim != NULL ? o->config->subject_claim : "sub";
    const carnet_str value = carnet_json_string(carnet_json_get(claims, name));
    carnet_buf room;

    if (value.len == 0 || value.len > 128)
        return refuse(err, "the ID token does not name the person");
    room = carnet_service_scratch_buf(worker, value.len);
    carnet_buf_add_str(&room, value);
    if (room.overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    *subject = carnet_buf_str(&room);
    return CARNET_OK;
}

/* EdDSA has other names, too (RFC 9864). */
static bool
listed(const oidc *o, const carnet_jws *jws)
{
    const carnet_config_texts *names = &o->config->signing_algorithms;

    if (names->count == 0 || among(names, carnet_json_string(carnet_json_get(jws->header, "alg"))))
        return true;
    return jws->algorithm == CARNET_EDDSA && among(names, carnet_str_of("EdDSA"));
}

static carnet_rc
check_claims(const oidc *o, carnet_service_worker *worker, const carnet_json *claims, carnet_str nonce, carnet_time now,
             carnet_str *subject, carnet_err *err)
{
    const carnet_str given = carnet_json_string(carnet_json_get(claims, "nonce"));
    carnet_rc rc;

    if (claims == NULL)
        return refuse(err, "the ID token has no claims");
    if (!carnet_str_is(carnet_json_string(carnet_json_get(claims, "iss")), o->config->issuer))
        return refuse(err, "the ID token is of another issuer");
    if ((rc = check_audience(o, claims, err)) != CARNET_OK || (rc = check_times(claims, now, err)) != CARNET_OK)
        return rc;
    if (nonce.len != OIDC_NONCE || !carnet_equal_secret(carnet_str_bytes(given), carnet_str_bytes(nonce)))
        return refuse(err, "the ID token is for another flow");
    if ((rc = check_log_in(o, claims, now, err)) != CARNET_OK)
        return rc;
    return read_subject(o, worker, claims, subject, err);
}

/* Open, by a key of the provider's. */
static carnet_rc
open_by(carnet_service_worker *worker, const oidc_provider *provider, carnet_str token, carnet_buf *storage,
        carnet_jws *jws, carnet_err *err)
{
    carnet_json *set = NULL;
    carnet_rc rc = carnet_json_parse(provider->jwks, &set, err);

    storage->len = 0;
    if (rc == CARNET_OK)
        rc = carnet_jws_open_by_set(token, set, worker->crypto, storage, jws, err);
    carnet_json_free(&set);
    return rc;
}

/* Why a token did not open, or did not verify; what `detail` says of the key is worth telling. */
static carnet_rc
refuse_signature(carnet_rc rc, const carnet_err *detail, carnet_err *err)
{
    switch (rc) {
    case CARNET_E_JOSE_SIGNATURE:
        return refuse(err, "the ID token's signature is not the provider's");
    case CARNET_E_JOSE_ALGORITHM:
        return refuse(err, "the ID token is not signed, or by no algorithm that is taken");
    case CARNET_E_JOSE_KEY:
        return refuse(err, detail->reason);
    default:
        return carnet_rc_http(rc) >= 500 ? carnet_fail(err, rc, NULL, detail->reason)
                                         : refuse(err, "the ID token is no signed token");
    }
}

carnet_rc
carnet_oidc_token(oidc *o, carnet_service_worker *worker, const oidc_provider *provider, carnet_str token,
                  carnet_str nonce, carnet_time now, carnet_str *subject, carnet_err *err)
{
    carnet_buf storage = carnet_service_scratch_buf(worker, token.len + 1);
    carnet_err detail = { 0 };
    oidc_provider fresh;
    carnet_jws jws = { 0 };
    carnet_rc rc;

    *subject = (carnet_str){ 0 };
    if (token.len == 0)
        return refuse(err, "there is no ID token");
    rc = open_by(worker, provider, token, &storage, &jws, &detail);
    /* The provider may have new keys (Core 10.1.1), under the old names even. */
    if ((rc == CARNET_E_JOSE_KEY || rc == CARNET_E_JOSE_SIGNATURE) &&
        carnet_oidc_provider(o, worker, now, provider, &fresh, NULL) == CARNET_OK)
        rc = open_by(worker, &fresh, token, &storage, &jws, &detail);
    if (rc != CARNET_OK)
        return refuse_signature(rc, &detail, err);
    if (!listed(o, &jws))
        rc = refuse(err, "the ID token is signed by an algorithm that the configuration does not list");
    else
        rc = check_claims(o, worker, jws.claims, nonce, now, subject, err);
    carnet_jws_close(&jws);
    return rc;
}
