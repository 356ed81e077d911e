/* SPDX-License-Identifier: Apache-2.0 */
/* Demonstrating proof of possession (RFC 9449). */
#include "carnet/dpop.h"
#include "carnet/jwt.h"
#include "carnet/oauth_url.h"

#define LIFETIME    300
#define JWT_ID_MAX  256
#define PAYLOAD_MAX 6144

/* SHA-256 of the token in base64url: `ath`. */
static carnet_rc
add_token_hash(carnet_str token, carnet_crypto *crypto, carnet_buf *out, carnet_err *err)
{
    const carnet_span part = carnet_str_bytes(token);
    uint8_t digest[32];
    carnet_rc rc = carnet_digest(crypto, CARNET_SHA256, &part, 1, digest, err);

    if (rc == CARNET_OK)
        carnet_base64url_encode(carnet_span_of(digest, sizeof(digest)), out);
    return rc;
}

/* --- made --- */

static carnet_rc
add_jwt_id(carnet_json_builder *b, const carnet_dpop_spec *spec, carnet_crypto *crypto, carnet_err *err)
{
    const carnet_random backend = carnet_crypto_random(crypto);
    uint8_t fresh[16];
    carnet_rc rc;

    if (spec->jwt_id.len != 0) {
        carnet_json_add_string(b, "jti", spec->jwt_id);
        return CARNET_OK;
    }
    rc = carnet_random_fill(spec->random != NULL ? spec->random : &backend, fresh, sizeof(fresh), err);
    carnet_json_add_base64url(b, "jti", carnet_span_of(fresh, sizeof(fresh)));
    return rc;
}

static carnet_str
without_query(carnet_str url)
{
    size_t len = 0;

    while (len < url.len && url.ptr[len] != '?' && url.ptr[len] != '#')
        len++;
    return (carnet_str){ url.ptr, len };
}

static carnet_rc
build_payload(const carnet_dpop_spec *spec, carnet_crypto *crypto, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);
    char hash[44];
    carnet_buf hash_room = carnet_buf_of(hash, sizeof(hash));
    carnet_rc rc;

    carnet_json_object_begin(&b, NULL);
    rc = add_jwt_id(&b, spec, crypto, err);
    carnet_json_add_string(&b, "htm", spec->method);
    carnet_json_add_string(&b, "htu", without_query(spec->url));
    carnet_json_add_integer(&b, "iat", spec->issued_at);
    if (rc == CARNET_OK && spec->access_token.len != 0) {
        rc = add_token_hash(spec->access_token, crypto, &hash_room, err);
        carnet_json_add_string(&b, "ath", carnet_buf_str(&hash_room));
    }
    if (spec->nonce.len != 0)
        carnet_json_add_string(&b, "nonce", spec->nonce);
    carnet_json_object_end(&b);
    return rc == CARNET_OK ? carnet_json_built(&b, err) : rc;
}

carnet_rc
carnet_dpop_make(const carnet_dpop_spec *spec, carnet_key *key, carnet_crypto *crypto, carnet_buf *out, carnet_err *err)
{
    const carnet_jws_header header = { .type = CARNET_DPOP_TYPE, .jwk = &key->public_key };
    uint8_t room[PAYLOAD_MAX];
    carnet_buf payload = carnet_buf_of(room, sizeof(room));
    carnet_oauth_url parts;
    carnet_rc rc;

    if (spec->struct_size != sizeof(*spec) || spec->method.len == 0)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "another struct, or no method");
    rc = carnet_oauth_url_split(spec->url, &parts, err);
    if (rc == CARNET_OK)
        rc = build_payload(spec, crypto, &payload, err);
    return rc == CARNET_OK ? carnet_jws_sign(&header, carnet_buf_span(&payload), key, crypto, out, err) : rc;
}

/* --- checked --- */

static carnet_rc
wrong(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_DPOP_PROOF, "RFC 9449 4.3", why);
}

static carnet_rc
verify(carnet_dpop *view, carnet_crypto *crypto, carnet_err *err)
{
    carnet_jwk jwk;
    carnet_rc rc = carnet_jwk_read(carnet_json_get(view->jws.header, "jwk"), crypto, &jwk, err);

    if (rc == CARNET_OK)
        rc = carnet_jws_verify(&view->jws, crypto, &jwk.key, err);
    if (rc != CARNET_OK)
        return carnet_jwt_blame(rc, CARNET_E_DPOP_PROOF, err);
    view->key = jwk.key;
    return carnet_jwk_thumbprint(crypto, &view->key, view->thumbprint, err);
}

static carnet_rc
check_request(const carnet_dpop *view, const carnet_dpop_expectation *e, carnet_err *err)
{
    carnet_str method, url;
    carnet_rc rc = carnet_jwt_text(&view->jws, "htm", true, CARNET_E_DPOP_PROOF, &method, err);

    if (rc == CARNET_OK)
        rc = carnet_jwt_text(&view->jws, "htu", true, CARNET_E_DPOP_PROOF, &url, err);
    if (rc != CARNET_OK)
        return rc;
    if (!carnet_str_equal(method, e->method))
        return wrong(err, "the proof is for another method (htm)");
    if (!carnet_oauth_url_same(url, e->url))
        return wrong(err, "the proof is for another URL (htu)");
    return CARNET_OK;
}

static carnet_rc
check_time(carnet_dpop *view, const carnet_dpop_expectation *e, carnet_err *err)
{
    const int64_t lifetime = e->lifetime != 0 ? e->lifetime : LIFETIME;
    const carnet_rc rc = carnet_jwt_time(&view->jws, "iat", true, CARNET_E_DPOP_PROOF, &view->issued_at, err);

    if (rc != CARNET_OK)
        return rc;
    if (view->issued_at > e->now + e->skew)
        return wrong(err, "the proof is of the future (iat)");
    if (view->issued_at < e->now - e->skew - lifetime)
        return wrong(err, "the proof is too old (iat)");
    return CARNET_OK;
}

static carnet_rc
check_token(const carnet_dpop *view, const carnet_dpop_expectation *e, carnet_crypto *crypto, carnet_err *err)
{
    char hash[44];
    carnet_buf room = carnet_buf_of(hash, sizeof(hash));
    carnet_str said;
    carnet_rc rc;

    if (e->access_token.len == 0)
        return CARNET_OK;
    rc = carnet_jwt_text(&view->jws, "ath", true, CARNET_E_DPOP_PROOF, &said, err);
    if (rc == CARNET_OK)
        rc = add_token_hash(e->access_token, crypto, &room, err);
    if (rc == CARNET_OK && !carnet_str_equal(said, carnet_buf_str(&room)))
        rc = wrong(err, "the proof is for another access token (ath)");
    return rc;
}

static carnet_rc
check_key(const carnet_dpop *view, const carnet_dpop_expectation *e, carnet_err *err)
{
    if (e->thumbprint == NULL ||
        carnet_equal_secret(carnet_span_of(e->thumbprint, 32), carnet_span_of(view->thumbprint, 32)))
        return CARNET_OK;
    return carnet_fail(err, CARNET_E_DPOP_KEY, "RFC 9449 7.1", "the proof is by another key than before");
}

static carnet_rc
check_nonce(carnet_dpop *view, const carnet_dpop_expectation *e, carnet_err *err)
{
    const carnet_json *nonce = carnet_json_get(view->jws.claims, "nonce");

    view->nonce = carnet_json_string(nonce);
    if (nonce != NULL && view->nonce.len == 0)
        return wrong(err, "nonce is no text, or empty");
    if (nonce == NULL && (e->nonce_required || e->nonce.len != 0))
        return carnet_fail(err, CARNET_E_DPOP_NONCE, "RFC 9449 8", "the proof has no nonce");
    if (e->nonce.len != 0 && !carnet_str_equal(view->nonce, e->nonce))
        return carnet_fail(err, CARNET_E_DPOP_NONCE, "RFC 9449 8", "the proof has another nonce");
    return CARNET_OK;
}

static carnet_rc
check_claims(carnet_dpop *view, const carnet_dpop_expectation *e, carnet_crypto *crypto, carnet_err *err)
{
    carnet_rc rc = check_request(view, e, err);

    if (rc == CARNET_OK)
        rc = carnet_jwt_text(&view->jws, "jti", true, CARNET_E_DPOP_PROOF, &view->jwt_id, err);
    if (rc == CARNET_OK && view->jwt_id.len > JWT_ID_MAX)
        rc = wrong(err, "jti is too long");
    if (rc == CARNET_OK)
        rc = check_time(view, e, err);
    if (rc == CARNET_OK)
        rc = check_token(view, e, crypto, err);
    if (rc == CARNET_OK)
        rc = check_key(view, e, err);
    return rc == CARNET_OK ? check_nonce(view, e, err) : rc;
}

carnet_rc
carnet_dpop_check(carnet_str text, const carnet_dpop_expectation *expectation, carnet_crypto *crypto,
                  carnet_buf *storage, carnet_dpop *view, carnet_err *err)
{
    carnet_rc rc;

    *view = (carnet_dpop){ 0 };
    if (expectation->struct_size != sizeof(*expectation) || expectation->method.len == 0 || expectation->url.len == 0)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "another struct, or no method or URL");
    if (text.len > CARNET_DPOP_MAX)
        return wrong(err, "the proof is longer than is taken");
    rc = carnet_jwt_open(text, CARNET_DPOP_TYPE, CARNET_E_DPOP_PROOF, storage, &view->jws, err);
    if (rc == CARNET_OK)
        rc = verify(view, crypto, err);
    if (rc == CARNET_OK)
        rc = check_claims(view, expectation, crypto, err);
    if (rc != CARNET_OK)
        carnet_dpop_close(view);
    return rc;
}

void
carnet_dpop_close(carnet_dpop *view)
{
    carnet_jws_close(&view->jws);
    *view = (carnet_dpop){ 0 };
}

void
carnet_dpop_thumbprint_text(const uint8_t thumbprint[32], char out[44])
{
    carnet_buf room = carnet_buf_of(out, 43);

    carnet_base64url_encode(carnet_span_of(thumbprint, 32), &room);
    out[43] = '\0';
}
