/* SPDX-License-Identifier: Apache-2.0 */
/* A jwt proof, made (OpenID4VCI F.1). */
#include "carnet/credential_proof.h"
#include "internal.h"

#define CLAUSE "OpenID4VCI F.1"

static carnet_rc
misuse(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_OID4VCI_PROOF, CLAUSE, why);
}

static bool
compact_form(carnet_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
              c == '.'))
            return false;
    }
    return true;
}

static carnet_rc
build_claims(const carnet_credential_proof_spec *spec, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    if (spec->client_id.len != 0)
        carnet_json_add_string(&b, "iss", spec->client_id);
    carnet_json_add_string(&b, "aud", spec->audience);
    carnet_json_add_integer(&b, "iat", spec->issued_at);
    if (spec->nonce.len != 0)
        carnet_json_add_string(&b, "nonce", spec->nonce);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

/* The attestation as a member of the header, at the end of the buffer, which is that much shorter then. */
static carnet_rc
put_attestation(carnet_str attestation, carnet_buf *out, carnet_str *member, carnet_err *err)
{
    static const char name[] = "\"key_attestation\":\"";
    const size_t len = sizeof(name) - 1 + attestation.len + 1;
    carnet_buf tail;

    if (!compact_form(attestation))
        return misuse(err, "the key attestation is no JWS");
    if (out->cap - out->len < len)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    out->cap -= len;
    tail = carnet_buf_of(out->ptr + out->cap, len);
    carnet_buf_add_text(&tail, name);
    carnet_buf_add_str(&tail, attestation);
    carnet_buf_add_byte(&tail, '"');
    *member = carnet_buf_str(&tail);
    return CARNET_OK;
}

carnet_rc
carnet_credential_proof_make(const carnet_credential_proof_spec *spec, carnet_key *key, carnet_crypto *crypto,
                             carnet_buf *out, carnet_err *err)
{
    carnet_jws_header header = {
        .type = CARNET_PROOF_TYPE, .key_id = spec->key_id, .x5c = spec->x5c, .x5c_count = spec->x5c_count
    };
    uint8_t room[4096];
    carnet_buf claims = carnet_buf_of(room, sizeof(room)), whole = *out;
    carnet_rc rc;

    if (spec->audience.len == 0 || (spec->key_id.len != 0 && spec->x5c_count != 0))
        return misuse(err, "it needs an audience, and one of jwk, kid and x5c");
    if (spec->key_id.len == 0 && spec->x5c_count == 0)
        header.jwk = &key->public_key;
    rc = build_claims(spec, &claims, err);
    if (rc == CARNET_OK && spec->key_attestation.len != 0)
        rc = put_attestation(spec->key_attestation, &whole, &header.more, err);
    if (rc == CARNET_OK)
        rc = carnet_jws_sign(&header, carnet_buf_span(&claims), key, crypto, &whole, err);
    if (rc == CARNET_OK)
        out->len = whole.len;
    return rc;
}
