/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/app_request.h"
#include "internal.h"

static carnet_rc
check_spec(const carnet_app_request_spec *spec, carnet_err *err)
{
    if (spec->struct_size != sizeof(*spec) || carnet_app_purpose_name(spec->purpose) == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "another struct, or no such purpose");
    if (spec->audience.len == 0 || spec->challenge.len == 0)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "audience or challenge is missing");
    if (spec->purpose == CARNET_APP_KEY_ATTESTATION && (spec->key_proof_count == 0) == (spec->statement.len == 0))
        return carnet_fail(err, CARNET_E_USAGE, NULL, "keys are shown by proofs or by a statement: by one of them");
    if (spec->key_proof_count > CARNET_APP_REQUEST_KEYS)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "there are too many keys in the request");
    return CARNET_OK;
}

static void
add_keys(carnet_json_builder *b, const carnet_app_request_spec *spec)
{
    if (spec->nonce.len != 0)
        carnet_json_add_string(b, "nonce", spec->nonce);
    if (spec->statement.len != 0) {
        carnet_json_object_begin(b, "statement");
        carnet_json_add_string(b, "format", spec->statement_format);
        carnet_json_add_base64url(b, "value", spec->statement);
        carnet_json_object_end(b);
        return;
    }
    carnet_json_array_begin(b, "keys");
    for (size_t i = 0; i < spec->key_proof_count; i++)
        carnet_json_add_string(b, NULL, spec->key_proofs[i]);
    carnet_json_array_end(b);
}

static carnet_rc
build_claims(const carnet_app_request_spec *spec, carnet_crypto *crypto, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);
    uint8_t digest[32];
    carnet_rc rc = CARNET_OK;

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_text(&b, "purpose", carnet_app_purpose_name(spec->purpose));
    carnet_json_add_string(&b, "aud", spec->audience);
    carnet_json_add_string(&b, "challenge", spec->challenge);
    carnet_json_add_integer(&b, "iat", spec->issued_at);
    if (spec->purpose == CARNET_APP_KEY_ATTESTATION)
        add_keys(&b, spec);
    if (spec->purpose == CARNET_APP_RELAY) {
        rc = carnet_app_body_digest(spec->body, crypto, digest, err);
        carnet_json_add_base64url(&b, "digest", carnet_span_of(digest, sizeof(digest)));
    }
    carnet_json_object_end(&b);
    return rc == CARNET_OK ? carnet_json_built(&b, err) : rc;
}

carnet_rc
carnet_app_request_build(const carnet_app_request_spec *spec, carnet_key *instance, carnet_crypto *crypto,
                         carnet_buf *out, carnet_err *err)
{
    const carnet_jws_header header = { .type = CARNET_APP_REQUEST_TYPE, .jwk = &instance->public_key };
    const size_t start = out->len;
    carnet_rc rc = check_spec(spec, err);

    if (rc != CARNET_OK)
        return rc;
    rc = build_claims(spec, crypto, out, err);
    return carnet_jwt_sign(rc, &header, start, (carnet_str){ 0 }, instance, crypto, out, err);
}

carnet_rc
carnet_app_key_proof_build(carnet_str audience, carnet_str challenge, carnet_key *key, carnet_crypto *crypto,
                           carnet_buf *out, carnet_err *err)
{
    const carnet_jws_header header = { .type = CARNET_APP_KEY_PROOF_TYPE, .jwk = &key->public_key };
    const size_t start = out->len;
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "aud", audience);
    carnet_json_add_string(&b, "challenge", challenge);
    carnet_json_object_end(&b);
    return carnet_jwt_sign(carnet_json_built(&b, err), &header, start, (carnet_str){ 0 }, key, crypto, out, err);
}
