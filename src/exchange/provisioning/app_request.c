/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/app_request.h"
#include "internal.h"

#include <string.h>

static const struct {
    carnet_app_purpose purpose;
    const char *name;
} purposes[] = {
    { CARNET_APP_WALLET_ATTESTATION, "wallet_attestation" },
    { CARNET_APP_KEY_ATTESTATION, "key_attestation" },
    { CARNET_APP_RELAY, "relay" },
};

const char *
carnet_app_purpose_name(carnet_app_purpose purpose)
{
    for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++)
        if (purposes[i].purpose == purpose)
            return purposes[i].name;
    return NULL;
}

carnet_rc
carnet_app_body_digest(carnet_span body, carnet_crypto *crypto, uint8_t digest[32], carnet_err *err)
{
    return carnet_digest(crypto, CARNET_SHA256, &body, 1, digest, err);
}

static carnet_rc
find_purpose(carnet_str name, carnet_app_purpose *purpose, carnet_err *err)
{
    for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++)
        if (carnet_str_is(name, purposes[i].name)) {
            *purpose = purposes[i].purpose;
            return CARNET_OK;
        }
    return carnet_fail(err, CARNET_E_APP_REQUEST, NULL, "the request is for another purpose");
}

/* The key a token brings along in its header, and that it signed the token. */
static carnet_rc
own_key(const carnet_jws *jws, carnet_crypto *crypto, carnet_public_key *key, carnet_err *err)
{
    const carnet_json *json = carnet_json_get(jws->header, "jwk");
    carnet_jwk jwk;
    carnet_rc rc;

    if (json == NULL)
        return carnet_fail(err, CARNET_E_APP_REQUEST, NULL, "there is no jwk in the token's header");
    if ((rc = carnet_jwk_read(json, crypto, &jwk, err)) != CARNET_OK)
        return rc;
    *key = jwk.key;
    return carnet_jws_verify(jws, crypto, key, err);
}

static carnet_rc
read_statement(carnet_app_request *view, carnet_buf *storage, carnet_err *err)
{
    const carnet_json *statement = carnet_json_get(view->jws.claims, "statement");
    const size_t start = storage->len;
    carnet_rc rc;

    if (statement == NULL)
        return CARNET_OK;
    view->statement_format = carnet_json_string(carnet_json_get(statement, "format"));
    rc = carnet_base64url_decode(carnet_json_string(carnet_json_get(statement, "value")), storage, err);
    if (rc != CARNET_OK)
        return carnet_jwt_blame(rc, CARNET_E_APP_REQUEST, err);
    view->statement = carnet_span_of(storage->ptr + start, storage->len - start);
    if (view->statement_format.len == 0 || view->statement.len == 0)
        return carnet_fail(err, CARNET_E_APP_REQUEST, NULL, "the secure area's statement lacks its format or value");
    return CARNET_OK;
}

static carnet_rc
read_keys(carnet_app_request *view, carnet_buf *storage, carnet_err *err)
{
    const size_t count = carnet_json_count(view->key_proofs = carnet_json_get(view->jws.claims, "keys"));
    carnet_rc rc = read_statement(view, storage, err);

    if (rc != CARNET_OK || view->purpose != CARNET_APP_KEY_ATTESTATION)
        return rc;
    if (view->key_proofs != NULL && (carnet_json_type_of(view->key_proofs) != CARNET_JSON_ARRAY || count == 0))
        return carnet_fail(err, CARNET_E_APP_REQUEST, NULL, "`keys` is no list of proofs");
    if ((view->key_proofs != NULL) == (view->statement.len != 0))
        return carnet_fail(err, CARNET_E_APP_REQUEST, NULL,
                           "keys are shown by proofs or by a statement: by one of them");
    if (count > CARNET_APP_REQUEST_KEYS)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "there are too many keys in the request");
    return CARNET_OK;
}

static carnet_rc
read_claims(carnet_app_request *view, carnet_buf *storage, carnet_err *err)
{
    const carnet_rc as = CARNET_E_APP_REQUEST;
    carnet_str purpose;
    carnet_rc rc = carnet_jwt_text(&view->jws, "purpose", true, as, &purpose, err);

    if (rc == CARNET_OK)
        rc = find_purpose(purpose, &view->purpose, err);
    if (rc == CARNET_OK)
        rc = carnet_jwt_text(&view->jws, "challenge", true, as, &view->challenge, err);
    if (rc == CARNET_OK)
        rc = carnet_jwt_text(&view->jws, "nonce", false, as, &view->nonce, err);
    if (rc == CARNET_OK)
        rc = carnet_jwt_time(&view->jws, "iat", true, as, &view->issued_at, err);
    return rc == CARNET_OK ? read_keys(view, storage, err) : rc;
}

static carnet_rc
check_audience(const carnet_jws *jws, carnet_str audience, carnet_err *err)
{
    carnet_str said;
    const carnet_rc rc = carnet_jwt_text(jws, "aud", true, CARNET_E_APP_REQUEST, &said, err);

    if (rc == CARNET_OK && !carnet_str_equal(said, audience))
        return carnet_fail(err, CARNET_E_APP_REQUEST_AUDIENCE, "RFC 7519 4.1.3", NULL);
    return rc;
}

static carnet_rc
check_body(const carnet_app_request *view, carnet_span body, carnet_crypto *crypto, carnet_err *err)
{
    uint8_t said[36], digest[32];
    carnet_buf room = carnet_buf_of(said, sizeof(said));
    carnet_str text;
    carnet_rc rc = carnet_jwt_text(&view->jws, "digest", true, CARNET_E_APP_REQUEST, &text, err);

    if (rc == CARNET_OK)
        rc = carnet_jwt_blame(carnet_base64url_decode(text, &room, err), CARNET_E_APP_REQUEST_BODY, err);
    if (rc == CARNET_OK)
        rc = carnet_app_body_digest(body, crypto, digest, err);
    if (rc == CARNET_OK && (room.len != sizeof(digest) || memcmp(said, digest, sizeof(digest)) != 0))
        rc = carnet_fail(err, CARNET_E_APP_REQUEST_BODY, NULL, NULL);
    return rc;
}

carnet_rc
carnet_app_request_open(carnet_str text, carnet_app_purpose purpose, carnet_str audience, carnet_span body,
                        carnet_time now, int64_t skew, carnet_crypto *crypto, carnet_buf *storage,
                        carnet_app_request *view, carnet_err *err)
{
    carnet_rc rc;

    *view = (carnet_app_request){ 0 };
    rc = carnet_jwt_open(text, CARNET_APP_REQUEST_TYPE, CARNET_E_APP_REQUEST, storage, &view->jws, err);
    if (rc != CARNET_OK)
        return rc;
    rc = read_claims(view, storage, err);
    if (rc == CARNET_OK && view->purpose != purpose)
        rc = carnet_fail(err, CARNET_E_APP_REQUEST, NULL, "the request is for another purpose");
    if (rc == CARNET_OK)
        rc = own_key(&view->jws, crypto, &view->instance, err);
    if (rc == CARNET_OK)
        rc = check_audience(&view->jws, audience, err);
    if (rc == CARNET_OK && (view->issued_at > now + skew || view->issued_at < now - skew))
        rc = carnet_fail(err, CARNET_E_APP_REQUEST_TIME, "RFC 7519 4.1.6", NULL);
    if (rc == CARNET_OK && purpose == CARNET_APP_RELAY)
        rc = check_body(view, body, crypto, err);
    if (rc == CARNET_OK)
        rc = carnet_jwk_thumbprint(crypto, &view->instance, view->thumbprint, err);
    if (rc != CARNET_OK)
        carnet_app_request_close(view);
    return rc;
}

void
carnet_app_request_close(carnet_app_request *view)
{
    carnet_jws_close(&view->jws);
    *view = (carnet_app_request){ 0 };
}

static carnet_rc
key_of_proof(carnet_str text, carnet_str challenge, carnet_str audience, carnet_crypto *crypto, carnet_buf *storage,
             carnet_public_key *key, carnet_err *err)
{
    carnet_jws jws;
    carnet_str said;
    carnet_rc rc = carnet_jwt_open(text, CARNET_APP_KEY_PROOF_TYPE, CARNET_E_APP_REQUEST_KEY, storage, &jws, err);

    if (rc != CARNET_OK)
        return rc;
    rc = carnet_jwt_text(&jws, "challenge", true, CARNET_E_APP_REQUEST_KEY, &said, err);
    if (rc == CARNET_OK && !carnet_str_equal(said, challenge))
        rc = carnet_fail(err, CARNET_E_APP_REQUEST_KEY, NULL, "the key's proof is over another challenge");
    if (rc == CARNET_OK)
        rc = check_audience(&jws, audience, err);
    if (rc == CARNET_OK)
        rc = own_key(&jws, crypto, key, err);
    carnet_jws_close(&jws);
    return carnet_jwt_blame(rc, CARNET_E_APP_REQUEST_KEY, err);
}

static bool
known(const carnet_public_key *keys, size_t count, const carnet_public_key *key)
{
    for (size_t i = 0; i < count; i++)
        if (carnet_public_key_equal(&keys[i], key))
            return true;
    return false;
}

carnet_rc
carnet_app_request_keys(const carnet_app_request *view, carnet_str audience, carnet_crypto *crypto, carnet_buf *storage,
                        carnet_public_key *keys, size_t cap, size_t *count, carnet_err *err)
{
    const carnet_path list = { .name = carnet_str_of("keys") };
    const size_t wanted = carnet_json_count(view->key_proofs), start = storage->len;
    carnet_rc rc = CARNET_OK;

    *count = 0;
    if (wanted > cap)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "there are too many keys in the request");
    for (size_t i = 0; i < wanted && rc == CARNET_OK; i++) {
        const carnet_path at = { .up = &list, .index = i };

        rc = key_of_proof(carnet_json_string(carnet_json_at(view->key_proofs, i)), view->challenge, audience, crypto,
                          storage, &keys[i], err);
        storage->len = start;
        if (rc == CARNET_OK && known(keys, i, &keys[i]))
            rc = carnet_fail_at(err, CARNET_E_APP_REQUEST_KEY, NULL, "a key comes twice", CARNET_NO_OFFSET, &at);
    }
    *count = rc == CARNET_OK ? wanted : 0;
    return rc;
}
