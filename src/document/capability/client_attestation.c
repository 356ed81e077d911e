/* SPDX-License-Identifier: Apache-2.0 */
/* Client attestation and proof of possession: opened and checked (draft-ietf-oauth-attestation-based-client-auth 5). */
#include "carnet/client_attestation.h"

#define CLAUSE         "attestation-based-client-auth 5"
#define PROOF_LIFETIME 300

static carnet_rc
open_key(carnet_client_attestation *view, carnet_crypto *crypto, carnet_err *err)
{
    const carnet_json *cnf = carnet_json_get(view->jws.claims, "cnf");
    carnet_jwk jwk;
    carnet_rc rc;

    if (carnet_json_type_of(cnf) != CARNET_JSON_OBJECT || carnet_json_get(cnf, "jwk") == NULL)
        return carnet_fail(err, CARNET_E_CLIENT_ATTESTATION, CLAUSE, "there is no key (cnf.jwk)");
    rc = carnet_jwk_read(carnet_json_get(cnf, "jwk"), crypto, &jwk, err);
    view->key = jwk.key;
    return carnet_jwt_blame(rc, CARNET_E_CLIENT_ATTESTATION, err);
}

static carnet_rc
open_texts(carnet_client_attestation *view, carnet_err *err)
{
    const carnet_rc as = CARNET_E_CLIENT_ATTESTATION;
    carnet_rc rc = carnet_jwt_text(&view->jws, "iss", false, as, &view->issuer, err);

    if (rc == CARNET_OK)
        rc = carnet_jwt_text(&view->jws, "sub", true, as, &view->client_id, err);
    if (rc == CARNET_OK)
        rc = carnet_jwt_text(&view->jws, "wallet_name", false, as, &view->wallet_name, err);
    if (rc == CARNET_OK)
        rc = carnet_jwt_text(&view->jws, "wallet_link", false, as, &view->wallet_link, err);
    view->status = carnet_json_get(view->jws.claims, "status");
    return rc;
}

carnet_rc
carnet_client_attestation_open(carnet_str text, carnet_crypto *crypto, carnet_buf *storage,
                               carnet_client_attestation *view, carnet_err *err)
{
    const carnet_rc as = CARNET_E_CLIENT_ATTESTATION;
    carnet_rc rc;

    *view = (carnet_client_attestation){ 0 };
    rc = carnet_jwt_open(text, CARNET_CLIENT_ATTESTATION_TYPE, as, storage, &view->jws, err);
    if (rc == CARNET_OK)
        rc = open_texts(view, err);
    if (rc == CARNET_OK)
        rc = carnet_jwt_time(&view->jws, "exp", true, as, &view->expires, err);
    if (rc == CARNET_OK)
        rc = carnet_jwt_time(&view->jws, "iat", false, as, &view->issued_at, err);
    if (rc == CARNET_OK)
        rc = carnet_jwt_time(&view->jws, "nbf", false, as, &view->not_before, err);
    if (rc == CARNET_OK)
        rc = open_key(view, crypto, err);
    if (rc != CARNET_OK)
        carnet_client_attestation_close(view);
    return rc;
}

void
carnet_client_attestation_close(carnet_client_attestation *view)
{
    carnet_jws_close(&view->jws);
    *view = (carnet_client_attestation){ 0 };
}

/* aud: a text, or a list of texts (RFC 7519 4.1.3). */
static carnet_rc
open_audience(const carnet_json *aud, carnet_err *err)
{
    const size_t count = carnet_json_count(aud);
    bool good = carnet_json_string(aud).len != 0;

    if (carnet_json_type_of(aud) == CARNET_JSON_ARRAY) {
        good = count != 0;
        for (size_t i = 0; i < count; i++)
            good = good && carnet_json_type_of(carnet_json_at(aud, i)) == CARNET_JSON_STRING;
    }
    return good ? CARNET_OK : carnet_fail(err, CARNET_E_CLIENT_ATTESTATION_PROOF, CLAUSE, "there is no audience (aud)");
}

static carnet_rc
open_pop_times(carnet_client_attestation_pop *view, carnet_err *err)
{
    const carnet_rc as = CARNET_E_CLIENT_ATTESTATION_PROOF;
    carnet_rc rc = carnet_jwt_time(&view->jws, "iat", false, as, &view->issued_at, err);

    if (rc == CARNET_OK)
        rc = carnet_jwt_time(&view->jws, "nbf", false, as, &view->not_before, err);
    if (rc == CARNET_OK)
        rc = carnet_jwt_time(&view->jws, "exp", false, as, &view->expires, err);
    return rc;
}

carnet_rc
carnet_client_attestation_pop_open(carnet_str text, carnet_buf *storage, carnet_client_attestation_pop *view,
                                   carnet_err *err)
{
    const carnet_rc as = CARNET_E_CLIENT_ATTESTATION_PROOF;
    carnet_rc rc;

    *view = (carnet_client_attestation_pop){ 0 };
    rc = carnet_jwt_open(text, CARNET_CLIENT_ATTESTATION_POP_TYPE, as, storage, &view->jws, err);
    if (rc == CARNET_OK)
        rc = carnet_jwt_text(&view->jws, "iss", false, as, &view->issuer, err);
    if (rc == CARNET_OK)
        rc = carnet_jwt_text(&view->jws, "jti", true, as, &view->jwt_id, err);
    if (rc == CARNET_OK)
        rc = carnet_jwt_text(&view->jws, "challenge", false, as, &view->challenge, err);
    if (rc == CARNET_OK && view->challenge.len == 0)
        rc = carnet_jwt_text(&view->jws, "nonce", false, as, &view->challenge, err);
    if (rc == CARNET_OK)
        rc = open_pop_times(view, err);
    if (rc == CARNET_OK)
        rc = open_audience(carnet_json_get(view->jws.claims, "aud"), err);
    if (rc != CARNET_OK)
        carnet_client_attestation_pop_close(view);
    return rc;
}

void
carnet_client_attestation_pop_close(carnet_client_attestation_pop *view)
{
    carnet_jws_close(&view->jws);
    *view = (carnet_client_attestation_pop){ 0 };
}

bool
carnet_client_attestation_pop_for(const carnet_client_attestation_pop *view, carnet_str audience)
{
    const carnet_json *aud = carnet_json_get(view->jws.claims, "aud");
    bool found = carnet_json_type_of(aud) == CARNET_JSON_STRING && carnet_str_equal(carnet_json_string(aud), audience);

    for (size_t i = 0; carnet_json_type_of(aud) == CARNET_JSON_ARRAY && i < carnet_json_count(aud); i++)
        found = found || carnet_str_equal(carnet_json_string(carnet_json_at(aud, i)), audience);
    return found && audience.len != 0;
}

/* --- checked --- */

typedef carnet_client_attestation_expectation expectation_t;

static carnet_rc
proof_wrong(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_CLIENT_ATTESTATION_PROOF, CLAUSE, why);
}

/* Whether there is a challenge to be looked at: under its name of before 06 only where one must be, for to others `nonce` means
 * nothing. */
static bool
challenged(const carnet_client_attestation_pop *pop, const expectation_t *e)
{
    return pop->challenge.len != 0 && (e->challenge_required || carnet_json_get(pop->jws.claims, "challenge") != NULL);
}

static carnet_rc
check_challenge(const carnet_client_attestation_pop *pop, const expectation_t *e, carnet_err *err)
{
    if (pop->challenge.len == 0 && e->challenge_required)
        return carnet_fail(err, CARNET_E_CLIENT_ATTESTATION_CHALLENGE, CLAUSE, "the proof has no challenge");
    if (challenged(pop, e) && e->challenge != NULL && !e->challenge(e->context, pop->challenge))
        return carnet_fail(err, CARNET_E_CLIENT_ATTESTATION_CHALLENGE, CLAUSE, "the challenge is unknown or too old");
    return CARNET_OK;
}

/* Without iat, which draft 06 leaves open, a challenge must say that the proof is fresh. */
static carnet_rc
check_proof_time(const carnet_client_attestation_pop *pop, const expectation_t *e, carnet_err *err)
{
    const int64_t lifetime = e->proof_lifetime != 0 ? e->proof_lifetime : PROOF_LIFETIME;

    if (pop->expires != CARNET_TIME_ABSENT && pop->expires <= e->now - e->skew)
        return proof_wrong(err, "the proof has expired");
    if (pop->issued_at == CARNET_TIME_ABSENT)
        return challenged(pop, e) && e->challenge != NULL
                   ? CARNET_OK
                   : proof_wrong(err, "the proof has neither iat nor a challenge");
    if (pop->issued_at > e->now + e->skew ||
        (pop->not_before != CARNET_TIME_ABSENT && pop->not_before > e->now + e->skew))
        return proof_wrong(err, "the proof is of the future");
    if (pop->issued_at < e->now - e->skew - lifetime)
        return proof_wrong(err, "the proof is too old");
    return CARNET_OK;
}

static carnet_rc
check_times(const carnet_client_attestation *a, const expectation_t *e, carnet_err *err)
{
    const carnet_rc rc = CARNET_E_CLIENT_ATTESTATION_EXPIRED;

    if (a->expires <= e->now - e->skew)
        return carnet_fail(err, rc, CLAUSE, "the attestation has expired");
    if ((a->not_before != CARNET_TIME_ABSENT && a->not_before > e->now + e->skew) ||
        (a->issued_at != CARNET_TIME_ABSENT && a->issued_at > e->now + e->skew))
        return carnet_fail(err, rc, CLAUSE, "the attestation is not valid yet");
    return CARNET_OK;
}

static carnet_rc
check_client(const carnet_client_authentication *c, const expectation_t *e, carnet_err *err)
{
    const carnet_rc rc = CARNET_E_CLIENT_ATTESTATION_CLIENT;

    if (c->pop.issuer.len != 0 && !carnet_str_equal(c->pop.issuer, c->attestation.client_id))
        return carnet_fail(err, rc, CLAUSE, "the proof is of another client than the attestation");
    if (e->client_id.len != 0 && !carnet_str_equal(e->client_id, c->attestation.client_id))
        return carnet_fail(err, rc, CLAUSE, "the request is of another client than the attestation");
    if (e->thumbprint != NULL &&
        !carnet_equal_secret(carnet_span_of(e->thumbprint, 32), carnet_span_of(c->thumbprint, 32)))
        return carnet_fail(err, rc, CLAUSE, "the client's key is another than before");
    return CARNET_OK;
}

static carnet_rc
check_attester(carnet_client_authentication *c, const expectation_t *e, carnet_crypto *crypto, carnet_err *err)
{
    const carnet_client_attestation *a = &c->attestation;
    carnet_rc rc = carnet_attester_verify(&a->jws, a->issuer, e->trust, e->now, e->skew, crypto, err);

    rc = carnet_jwt_blame(rc, CARNET_E_CLIENT_ATTESTATION_UNTRUSTED, err);
    return rc == CARNET_OK ? carnet_jwk_thumbprint(crypto, &a->key, c->thumbprint, err) : rc;
}

static carnet_rc
check_signatures(carnet_client_authentication *c, const expectation_t *e, carnet_crypto *crypto, carnet_err *err)
{
    const carnet_rc rc = check_attester(c, e, crypto, err);

    if (rc != CARNET_OK)
        return rc;
    return carnet_jwt_blame(carnet_jws_verify(&c->pop.jws, crypto, &c->attestation.key, err),
                            CARNET_E_CLIENT_ATTESTATION_PROOF, err);
}

static carnet_rc
check_claims(const carnet_client_authentication *c, const expectation_t *e, carnet_err *err)
{
    carnet_rc rc = check_challenge(&c->pop, e, err);

    if (rc == CARNET_OK)
        rc = check_proof_time(&c->pop, e, err);
    if (rc == CARNET_OK && !carnet_client_attestation_pop_for(&c->pop, e->audience))
        rc = proof_wrong(err, "the proof is for another server (aud)");
    if (rc == CARNET_OK)
        rc = check_times(&c->attestation, e, err);
    return rc == CARNET_OK ? check_client(c, e, err) : rc;
}

carnet_rc
carnet_client_attestation_check(carnet_str attestation, carnet_str pop,
                                const carnet_client_attestation_expectation *expectation, carnet_crypto *crypto,
                                carnet_buf *storage, carnet_client_authentication *result, carnet_err *err)
{
    carnet_rc rc;

    *result = (carnet_client_authentication){ 0 };
    if (expectation->struct_size != sizeof(*expectation) || expectation->audience.len == 0)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "another struct, or no audience");
    if (attestation.len == 0 || pop.len == 0)
        return carnet_fail(err, CARNET_E_CLIENT_ATTESTATION, CLAUSE, "attestation and proof come together");
    rc = carnet_client_attestation_open(attestation, crypto, storage, &result->attestation, err);
    if (rc == CARNET_OK)
        rc = carnet_client_attestation_pop_open(pop, storage, &result->pop, err);
    if (rc == CARNET_OK)
        rc = check_signatures(result, expectation, crypto, err);
    if (rc == CARNET_OK)
        rc = check_claims(result, expectation, err);
    if (rc != CARNET_OK)
        carnet_client_authentication_close(result);
    return rc;
}

carnet_rc
carnet_client_attestation_check_combined(carnet_str attestation, const uint8_t dpop_thumbprint[32],
                                         const carnet_client_attestation_expectation *expectation,
                                         carnet_crypto *crypto, carnet_buf *storage,
                                         carnet_client_authentication *result, carnet_err *err)
{
    carnet_rc rc;

    *result = (carnet_client_authentication){ 0 };
    if (expectation->struct_size != sizeof(*expectation))
        return carnet_fail(err, CARNET_E_USAGE, NULL, "another struct");
    rc = carnet_client_attestation_open(attestation, crypto, storage, &result->attestation, err);
    if (rc == CARNET_OK)
        rc = check_attester(result, expectation, crypto, err);
    if (rc == CARNET_OK &&
        !carnet_equal_secret(carnet_span_of(dpop_thumbprint, 32), carnet_span_of(result->thumbprint, 32)))
        rc = proof_wrong(err, "the DPoP proof is by another key than the attested one");
    if (rc == CARNET_OK)
        rc = check_times(&result->attestation, expectation, err);
    if (rc == CARNET_OK)
        rc = check_client(result, expectation, err);
    if (rc != CARNET_OK)
        carnet_client_authentication_close(result);
    return rc;
}

void
carnet_client_authentication_close(carnet_client_authentication *result)
{
    carnet_client_attestation_close(&result->attestation);
    carnet_client_attestation_pop_close(&result->pop);
    *result = (carnet_client_authentication){ 0 };
}
