/* SPDX-License-Identifier: Apache-2.0 */
/* FIDO2 assertions made by software (Web Authentication Level 2, 6.1, 6.3.3). */
#include "carnet/cbor.h"
#include "carnet/der.h"
#include "carnet/json_build.h"
#include "carnet/webauthn.h"

enum { UVM_ROOM = 32, UVM_SOFTWARE = 1 }; /* key and matcher protection (FIDO Registry of Predefined Values 3.2, 3.3) */

static carnet_rc
add_data(carnet_crypto *crypto, const carnet_webauthn_credential *c, carnet_buf *out, carnet_err *err)
{
    const carnet_span rp_id = carnet_str_bytes(c->rp_id);
    const bool says_how = c->user_verified && c->uvm != 0;
    const unsigned flags = CARNET_WEBAUTHN_USER_PRESENT | (c->user_verified ? CARNET_WEBAUTHN_USER_VERIFIED : 0U) |
                           (says_how ? CARNET_WEBAUTHN_EXTENSIONS : 0U);
    uint8_t hash[32], room[UVM_ROOM];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_span extensions = { 0 };
    carnet_rc rc = carnet_digest(crypto, CARNET_SHA256, &rp_id, 1, hash, err);

    if (says_how && rc == CARNET_OK) {
        carnet_cbor_add_map(&b, 1);
        carnet_cbor_add_text(&b, "uvm");
        carnet_cbor_add_array(&b, 1);
        carnet_cbor_add_array(&b, 3);
        carnet_cbor_add_uint(&b, c->uvm);
        carnet_cbor_add_uint(&b, UVM_SOFTWARE);
        carnet_cbor_add_uint(&b, UVM_SOFTWARE);
        rc = carnet_cbor_built(&b, &extensions, err);
    }
    if (rc != CARNET_OK)
        return rc;
    carnet_buf_add(out, carnet_span_of(hash, sizeof(hash)));
    carnet_buf_add_byte(out, (uint8_t)flags);
    for (unsigned shift = 32; shift != 0; shift -= 8)
        carnet_buf_add_byte(out, (uint8_t)(c->sign_count >> (shift - 8)));
    carnet_buf_add(out, extensions);
    return CARNET_OK;
}

static carnet_rc
add_client(const carnet_webauthn_credential *c, carnet_str challenge, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_text(&b, "type", "webauthn.get");
    carnet_json_add_string(&b, "challenge", challenge);
    carnet_json_add_string(&b, "origin", c->origin);
    carnet_json_add_bool(&b, "crossOrigin", false);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

/* Ecdsa-Sig-Value (RFC 3279 2.2.3), or the octets of EdDSA (WebAuthn 6.5.6). */
static carnet_rc
add_signature(const carnet_curve_info *info, const carnet_signature *signature, carnet_buf *out, carnet_err *err)
{
    uint8_t room[CARNET_SIGNATURE_MAX + 16];
    carnet_der_builder b = carnet_der_build(room, sizeof(room));
    carnet_span der = carnet_span_of(signature->bytes, signature->len);
    carnet_der_mark mark;
    carnet_rc rc = CARNET_OK;

    if (!info->okp) {
        mark = carnet_der_begin(&b, CARNET_DER_SEQUENCE);
        carnet_der_add_unsigned(&b, carnet_span_of(signature->bytes, info->coordinate));
        carnet_der_add_unsigned(&b, carnet_span_of(signature->bytes + info->coordinate, info->coordinate));
        carnet_der_end(&b, mark);
        rc = carnet_der_built(&b, &der, err);
    }
    if (rc == CARNET_OK)
        carnet_buf_add(out, der);
    return rc;
}

carnet_rc
carnet_webauthn_assert(carnet_crypto *crypto, const carnet_webauthn_credential *credential, carnet_str challenge,
                       carnet_buf *authenticator_data, carnet_buf *client_data, carnet_buf *signature, carnet_err *err)
{
    const carnet_curve curve = credential->key != NULL ? credential->key->public_key.curve : CARNET_CURVE_NONE;
    const size_t data_at = authenticator_data->len, client_at = client_data->len;
    carnet_signature made;
    carnet_span client;
    uint8_t hash[32];
    carnet_rc rc;

    if (credential->rp_id.len == 0 || credential->origin.len == 0 || challenge.len == 0 ||
        (curve != CARNET_CURVE_P256 && curve != CARNET_CURVE_ED25519))
        return carnet_fail(err, CARNET_E_USAGE, "WebAuthn 6.3.3", "no relying party, origin or challenge, or no key");
    if ((rc = add_data(crypto, credential, authenticator_data, err)) == CARNET_OK)
        rc = add_client(credential, challenge, client_data, err);
    if (rc == CARNET_OK && (authenticator_data->overflow || client_data->overflow))
        rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (rc != CARNET_OK)
        return rc;
    client = carnet_span_of(client_data->ptr + client_at, client_data->len - client_at);
    if ((rc = carnet_digest(crypto, CARNET_SHA256, &client, 1, hash, err)) == CARNET_OK) {
        const carnet_span parts[] = {
            carnet_span_of(authenticator_data->ptr + data_at, authenticator_data->len - data_at),
            carnet_span_of(hash, sizeof(hash)),
        };

        rc = carnet_key_sign(credential->key, crypto, carnet_curve_get(curve)->algorithm, parts, CARNET_COUNT(parts),
                             &made, err);
    }
    if (rc == CARNET_OK)
        rc = add_signature(carnet_curve_get(curve), &made, signature, err);
    return rc == CARNET_OK && signature->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : rc;
}
