/* SPDX-License-Identifier: Apache-2.0 */
/* Key attestation: made (OpenID4VCI 1.0 Appendix D.1). */
#include "carnet/key_attestation.h"

static void
add_list(carnet_json_builder *b, const char *name, const carnet_str *list, size_t count)
{
    if (count == 0)
        return;
    carnet_json_array_begin(b, name);
    for (size_t i = 0; i < count; i++)
        carnet_json_add_string(b, NULL, list[i]);
    carnet_json_array_end(b);
}

static void
add_some(carnet_json_builder *b, const char *name, carnet_str text)
{
    if (text.len != 0)
        carnet_json_add_string(b, name, text);
}

static carnet_rc
build_claims(const carnet_key_attestation_spec *spec, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    add_some(&b, "iss", spec->issuer);
    carnet_json_add_integer(&b, "iat", spec->issued_at);
    if (spec->expires != CARNET_TIME_ABSENT)
        carnet_json_add_integer(&b, "exp", spec->expires);
    carnet_json_array_begin(&b, "attested_keys");
    for (size_t i = 0; i < spec->key_count; i++)
        carnet_jwk_add(&b, NULL, &(carnet_jwk){ .key = spec->keys[i] });
    carnet_json_array_end(&b);
    add_list(&b, "key_storage", spec->key_storage, spec->key_storage_count);
    add_list(&b, "user_authentication", spec->user_authentication, spec->user_authentication_count);
    add_some(&b, "certification", spec->certification);
    add_some(&b, "nonce", spec->nonce);
    if (spec->status.len != 0)
        carnet_json_add_raw(&b, "status", spec->status);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

carnet_rc
carnet_key_attestation_build(const carnet_key_attestation_spec *spec, carnet_key *attester, carnet_crypto *crypto,
                             carnet_buf *out, carnet_err *err)
{
    const carnet_jws_header header = {
        .type = CARNET_KEY_ATTESTATION_TYPE, .key_id = spec->key_id, .x5c = spec->x5c, .x5c_count = spec->x5c_count
    };
    const size_t start = out->len;
    carnet_rc rc;

    if (spec->struct_size != sizeof(*spec) || spec->key_count == 0)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "another struct, or no keys");
    if (spec->x5c_count == 0 && spec->key_id.len == 0)
        return carnet_fail(err, CARNET_E_USAGE, CARNET_KEY_ATTESTATION_TYPE, "the header needs x5c or kid");
    rc = build_claims(spec, out, err);
    return carnet_jwt_sign(rc, &header, start, spec->more, attester, crypto, out, err);
}
