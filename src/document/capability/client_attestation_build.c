/* SPDX-License-Identifier: Apache-2.0 */
/* Client attestation and proof of possession: made (draft-ietf-oauth-attestation-based-client-auth-06 5.1, 5.2). */
#include "carnet/client_attestation.h"

#define LIFETIME 300

static void
add_some(carnet_json_builder *b, const char *name, carnet_str text)
{
    if (text.len != 0)
        carnet_json_add_string(b, name, text);
}

static carnet_rc
build_claims(const carnet_client_attestation_spec *spec, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "iss", spec->issuer);
    carnet_json_add_string(&b, "sub", spec->client_id);
    carnet_json_add_integer(&b, "iat", spec->issued_at);
    carnet_json_add_integer(&b, "exp", spec->expires);
    carnet_json_object_begin(&b, "cnf");
    carnet_jwk_add(&b, "jwk", &(carnet_jwk){ .key = *spec->key });
    carnet_json_object_end(&b);
    add_some(&b, "wallet_name", spec->wallet_name);
    add_some(&b, "wallet_link", spec->wallet_link);
    if (spec->status.len != 0)
        carnet_json_add_raw(&b, "status", spec->status);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

carnet_rc
carnet_client_attestation_build(const carnet_client_attestation_spec *spec, carnet_key *attester, carnet_crypto *crypto,
                                carnet_buf *out, carnet_err *err)
{
    const carnet_jws_header header = {
        .type = CARNET_CLIENT_ATTESTATION_TYPE, .key_id = spec->key_id, .x5c = spec->x5c, .x5c_count = spec->x5c_count
    };
    const size_t start = out->len;
    carnet_rc rc;

    if (spec->struct_size != sizeof(*spec) || spec->issuer.len == 0 || spec->client_id.len == 0 || spec->key == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "another struct, or iss, sub or key is missing");
    if (spec->expires <= spec->issued_at)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the attestation would be expired from the start");
    rc = build_claims(spec, out, err);
    return carnet_jwt_sign(rc, &header, start, spec->more, attester, crypto, out, err);
}

/* jti as given, or 128 bits in base64url. */
static carnet_rc
add_jwt_id(carnet_json_builder *b, const carnet_client_attestation_pop_spec *spec, carnet_crypto *crypto,
           carnet_err *err)
{
    const carnet_random backend = carnet_crypto_random(crypto);
    uint8_t fresh[16];
    carnet_rc rc = CARNET_OK;

    if (spec->jwt_id.len != 0)
        carnet_json_add_string(b, "jti", spec->jwt_id);
    else if ((rc = carnet_random_fill(spec->random != NULL ? spec->random : &backend, fresh, sizeof(fresh), err)) ==
             CARNET_OK)
        carnet_json_add_base64url(b, "jti", carnet_span_of(fresh, sizeof(fresh)));
    return rc;
}

static carnet_rc
build_proof(const carnet_client_attestation_pop_spec *spec, carnet_crypto *crypto, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);
    carnet_rc rc;

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "iss", spec->client_id);
    carnet_json_add_string(&b, "aud", spec->audience);
    carnet_json_add_integer(&b, "iat", spec->issued_at);
    carnet_json_add_integer(&b, "exp", spec->issued_at + LIFETIME);
    rc = add_jwt_id(&b, spec, crypto, err);
    add_some(&b, "challenge", spec->challenge);
    carnet_json_object_end(&b);
    return rc == CARNET_OK ? carnet_json_built(&b, err) : rc;
}

carnet_rc
carnet_client_attestation_pop_build(const carnet_client_attestation_pop_spec *spec, carnet_key *instance,
                                    carnet_crypto *crypto, carnet_buf *out, carnet_err *err)
{
    const carnet_jws_header header = { .type = CARNET_CLIENT_ATTESTATION_POP_TYPE };
    const size_t start = out->len;
    carnet_rc rc;

    if (spec->struct_size != sizeof(*spec) || spec->client_id.len == 0 || spec->audience.len == 0)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "another struct, or iss or aud is missing");
    rc = build_proof(spec, crypto, out, err);
    return carnet_jwt_sign(rc, &header, start, (carnet_str){ 0 }, instance, crypto, out, err);
}
