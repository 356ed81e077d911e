/* SPDX-License-Identifier: Apache-2.0 */
/* Key attestation: opened and checked (OpenID4VCI 1.0 Appendix D). */
#include "carnet/key_attestation.h"

#define CLAUSE "OpenID4VCI D.1"

static carnet_rc
malformed(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_KEY_ATTESTATION, CLAUSE, why);
}

static carnet_rc
open_keys(carnet_key_attestation *view, carnet_crypto *crypto, size_t cap, carnet_err *err)
{
    const carnet_json *keys = carnet_json_get(view->jws.claims, "attested_keys");
    const size_t count = carnet_json_count(keys);

    if (carnet_json_type_of(keys) != CARNET_JSON_ARRAY || count == 0)
        return malformed(err, "there are no attested keys");
    if (count > cap)
        return carnet_fail(err, CARNET_E_LIMIT, CLAUSE, "there are more attested keys than are taken at once");
    for (size_t i = 0; i < count; i++) {
        carnet_jwk jwk;
        carnet_rc rc = carnet_jwk_read(carnet_json_at(keys, i), crypto, &jwk, err);

        if (rc != CARNET_OK)
            return carnet_jwt_blame(rc, CARNET_E_KEY_ATTESTATION, err);
        if (carnet_key_attestation_find(view, &jwk.key) < view->key_count)
            return malformed(err, "a key is attested twice");
        view->keys[view->key_count++] = jwk.key;
    }
    return CARNET_OK;
}

/* A list of texts that is not empty, or NULL. */
static carnet_rc
open_list(const carnet_key_attestation *view, const char *name, const carnet_json **out, carnet_err *err)
{
    const carnet_json *list = carnet_json_get(view->jws.claims, name);
    bool good = list == NULL || (carnet_json_type_of(list) == CARNET_JSON_ARRAY && carnet_json_count(list) != 0);

    *out = list;
    for (size_t i = 0; good && i < carnet_json_count(list); i++)
        good = carnet_json_string(carnet_json_at(list, i)).len != 0;
    return good ? CARNET_OK : malformed(err, "a level is no list of texts");
}

static carnet_rc
open_times(carnet_key_attestation *view, carnet_err *err)
{
    const carnet_rc as = CARNET_E_KEY_ATTESTATION;
    carnet_rc rc = carnet_jwt_time(&view->jws, "iat", true, as, &view->issued_at, err);

    if (rc == CARNET_OK)
        rc = carnet_jwt_time(&view->jws, "exp", false, as, &view->expires, err);
    if (rc == CARNET_OK)
        rc = carnet_jwt_time(&view->jws, "nbf", false, as, &view->not_before, err);
    return rc;
}

static carnet_rc
open_claims(carnet_key_attestation *view, carnet_err *err)
{
    const carnet_rc as = CARNET_E_KEY_ATTESTATION;
    carnet_rc rc = open_times(view, err);

    if (rc == CARNET_OK)
        rc = carnet_jwt_text(&view->jws, "iss", false, as, &view->issuer, err);
    if (rc == CARNET_OK)
        rc = carnet_jwt_text(&view->jws, "nonce", false, as, &view->nonce, err);
    if (rc == CARNET_OK)
        rc = carnet_jwt_text(&view->jws, "certification", false, as, &view->certification, err);
    if (rc == CARNET_OK)
        rc = open_list(view, "key_storage", &view->key_storage, err);
    if (rc == CARNET_OK)
        rc = open_list(view, "user_authentication", &view->user_authentication, err);
    view->status = carnet_json_get(view->jws.claims, "status");
    return rc;
}

/* By its typ of 1.0 or of the drafts before. */
static carnet_rc
open_token(carnet_str text, carnet_buf *storage, carnet_jws *jws, carnet_err *err)
{
    const size_t start = storage->len;
    const carnet_rc rc =
        carnet_jwt_open(text, CARNET_KEY_ATTESTATION_TYPE, CARNET_E_KEY_ATTESTATION, storage, jws, err);

    if (rc != CARNET_E_KEY_ATTESTATION)
        return rc;
    storage->len = start;
    if (carnet_jwt_open(text, CARNET_KEY_ATTESTATION_TYPE_BEFORE, rc, storage, jws, NULL) != CARNET_OK)
        return rc;
    if (err != NULL)
        *err = (carnet_err){ 0 };
    return CARNET_OK;
}

carnet_rc
carnet_key_attestation_open(carnet_str text, carnet_crypto *crypto, carnet_buf *storage, carnet_public_key *keys,
                            size_t cap, carnet_key_attestation *view, carnet_err *err)
{
    carnet_rc rc;

    *view = (carnet_key_attestation){ .keys = keys };
    rc = open_token(text, storage, &view->jws, err);
    if (rc == CARNET_OK)
        rc = open_claims(view, err);
    if (rc == CARNET_OK)
        rc = open_keys(view, crypto, cap, err);
    if (rc != CARNET_OK)
        carnet_key_attestation_close(view);
    return rc;
}

void
carnet_key_attestation_close(carnet_key_attestation *view)
{
    carnet_jws_close(&view->jws);
    *view = (carnet_key_attestation){ 0 };
}

size_t
carnet_key_attestation_find(const carnet_key_attestation *view, const carnet_public_key *key)
{
    size_t i = 0;

    while (i < view->key_count && !carnet_public_key_equal(&view->keys[i], key))
        i++;
    return i;
}

/* --- checked --- */

unsigned
carnet_attestation_level_rank(carnet_str level)
{
    static const char *const levels[] = { "iso_18045_basic", "iso_18045_enhanced-basic", "iso_18045_moderate",
                                          "iso_18045_high" };

    for (unsigned i = 0; i < CARNET_COUNT(levels); i++) {
        if (carnet_str_is(level, levels[i]))
            return i + 1;
    }
    return 0;
}

static bool
level_will_do(const carnet_attestation_levels *levels, carnet_str said)
{
    const unsigned rank = carnet_attestation_level_rank(said);

    for (size_t i = 0; i < levels->count; i++) {
        const unsigned wanted = carnet_attestation_level_rank(levels->accepted[i]);

        if (carnet_str_equal(levels->accepted[i], said) || (!levels->exact && wanted != 0 && rank > wanted))
            return true;
    }
    return false;
}

bool
carnet_attestation_levels_met(const carnet_attestation_levels *levels, const carnet_json *said)
{
    for (size_t i = 0; i < carnet_json_count(said); i++) {
        if (level_will_do(levels, carnet_json_string(carnet_json_at(said, i))))
            return true;
    }
    return levels->count == 0;
}

typedef carnet_key_attestation_expectation expectation_t;

static carnet_rc
check_times(const carnet_key_attestation *view, const expectation_t *e, carnet_err *err)
{
    const carnet_rc rc = CARNET_E_KEY_ATTESTATION_EXPIRED;

    if (view->expires == CARNET_TIME_ABSENT && e->expires_required)
        return carnet_fail(err, rc, CLAUSE, "the key attestation does not say until when it holds");
    if (view->expires != CARNET_TIME_ABSENT && view->expires <= e->now - e->skew)
        return carnet_fail(err, rc, CLAUSE, "the key attestation has expired");
    if (view->issued_at > e->now + e->skew ||
        (view->not_before != CARNET_TIME_ABSENT && view->not_before > e->now + e->skew))
        return carnet_fail(err, rc, CLAUSE, "the key attestation is not valid yet");
    if (e->age_max != 0 && view->issued_at < e->now - e->skew - e->age_max)
        return carnet_fail(err, rc, CLAUSE, "the key attestation is too old");
    return CARNET_OK;
}

static carnet_rc
check_nonce(const carnet_key_attestation *view, const expectation_t *e, carnet_err *err)
{
    const carnet_rc rc = CARNET_E_KEY_ATTESTATION_NONCE;

    if (view->nonce.len == 0 && (e->nonce_required || e->nonce.len != 0))
        return carnet_fail(err, rc, CLAUSE, "the key attestation has no nonce");
    if (e->nonce.len != 0 && !carnet_str_equal(view->nonce, e->nonce))
        return carnet_fail(err, rc, CLAUSE, "the key attestation has another nonce");
    return CARNET_OK;
}

static carnet_rc
check_levels(const carnet_key_attestation *view, const expectation_t *e, carnet_err *err)
{
    const carnet_rc rc = CARNET_E_KEY_ATTESTATION_LEVEL;

    if (!carnet_attestation_levels_met(&e->key_storage, view->key_storage))
        return carnet_fail(err, rc, CLAUSE, "the key storage is not of an accepted level");
    if (!carnet_attestation_levels_met(&e->user_authentication, view->user_authentication))
        return carnet_fail(err, rc, CLAUSE, "the user authentication is not of an accepted level");
    return CARNET_OK;
}

carnet_rc
carnet_key_attestation_check(const carnet_key_attestation *view, const carnet_key_attestation_expectation *expectation,
                             carnet_crypto *crypto, carnet_err *err)
{
    const expectation_t *e = expectation;
    carnet_rc rc;

    if (e->struct_size != sizeof(*e) || view->jws.header == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "another struct, or nothing opened");
    rc = carnet_attester_verify(&view->jws, view->issuer, e->trust, e->now, e->skew, crypto, err);
    rc = carnet_jwt_blame(rc, CARNET_E_KEY_ATTESTATION_UNTRUSTED, err);
    if (rc == CARNET_OK)
        rc = check_times(view, e, err);
    if (rc == CARNET_OK)
        rc = check_nonce(view, e, err);
    return rc == CARNET_OK ? check_levels(view, e, err) : rc;
}
