/* SPDX-License-Identifier: Apache-2.0 */
/* What the device signs or MACs, and the key of the MAC (18013-5 12.4). */
#include "carnet/device_authentication.h"
#include "internal.h"

void
carnet_device_authentication_set(carnet_device_authentication *authentication, carnet_span session_transcript,
                                 carnet_str doc_type, carnet_span device_name_spaces)
{
    static const char context[] = "DeviceAuthentication";
    carnet_cbor_builder head = carnet_cbor_build(authentication->head, sizeof(authentication->head));
    carnet_cbor_builder text = carnet_cbor_build(authentication->doc_type_head, sizeof(authentication->doc_type_head));
    size_t doc_type_head = carnet_cbor_head_size(doc_type.len);

    carnet_cbor_add_tag(&head, 24);
    carnet_cbor_add_bstr_head(&head, 2 + sizeof(context) - 1 + session_transcript.len + doc_type_head + doc_type.len +
                                         device_name_spaces.len);
    carnet_cbor_add_array(&head, 4);
    carnet_cbor_add_text(&head, context);
    carnet_cbor_add_bstr_head(&text, doc_type.len);
    authentication->doc_type_head[0] |= 0x20; /* the head of a text */
    authentication->parts[0] = (carnet_span){ authentication->head, head.len };
    authentication->parts[1] = session_transcript;
    authentication->parts[2] = (carnet_span){ authentication->doc_type_head, text.len };
    authentication->parts[3] = carnet_str_bytes(doc_type);
    authentication->parts[4] = device_name_spaces;
    authentication->count = 5;
}

/* SHA-256 of SessionTranscriptBytes */
static carnet_rc
transcript_digest(carnet_crypto *crypto, carnet_span session_transcript, uint8_t out[32], carnet_err *err)
{
    uint8_t bytes[11];
    carnet_cbor_builder head = carnet_cbor_build(bytes, sizeof(bytes));
    carnet_span parts[2];

    carnet_cbor_add_tag(&head, 24);
    carnet_cbor_add_bstr_head(&head, session_transcript.len);
    parts[0] = (carnet_span){ bytes, head.len };
    parts[1] = session_transcript;
    return carnet_digest(crypto, CARNET_SHA256, parts, 2, out, err);
}

carnet_rc
carnet_emac_key(carnet_crypto *crypto, carnet_key *key, const carnet_public_key *peer, carnet_span session_transcript,
                carnet_secret *mac_key, carnet_err *err)
{
    static const char info[] = "EMacKey";
    carnet_secret shared = { 0 };
    uint8_t salt[32];
    carnet_rc rc;

    *mac_key = (carnet_secret){ 0 };
    if (key->public_key.curve != peer->curve)
        return carnet_fail(err, CARNET_E_CRYPTO_MISMATCH, "18013-5 12.4", "device key and EReaderKey differ in curve");
    rc = carnet_key_agree(key, crypto, peer, &shared, err);
    if (rc == CARNET_OK)
        rc = transcript_digest(crypto, session_transcript, salt, err);
    if (rc == CARNET_OK)
        rc = carnet_hkdf(crypto, CARNET_SHA256, (carnet_span){ shared.bytes, shared.len },
                         (carnet_span){ salt, sizeof(salt) }, carnet_span_of(info, sizeof(info) - 1), 32, mac_key, err);
    carnet_secret_done(&shared);
    return rc;
}

static carnet_cose_content
detached(const carnet_device_authentication *authentication)
{
    return (carnet_cose_content){ .payload = authentication->parts, .payload_count = authentication->count };
}

carnet_rc
carnet_device_authentication_sign(const carnet_device_authentication *authentication, carnet_key *device_key,
                                  carnet_crypto *crypto, carnet_cbor_builder *b, carnet_err *err)
{
    carnet_cose_sign1_params params = { .content = detached(authentication), .detached = true };

    return carnet_cose_sign1_build(b, crypto, device_key, &params, err);
}

carnet_rc
carnet_device_authentication_mac(const carnet_device_authentication *authentication, const carnet_secret *mac_key,
                                 carnet_crypto *crypto, carnet_cbor_builder *b, carnet_err *err)
{
    carnet_cose_mac0_params params = { .content = detached(authentication), .detached = true };

    return carnet_cose_mac0_build(b, crypto, mac_key, &params, err);
}

carnet_rc
carnet_device_signature_verify(const carnet_device_authentication *authentication, const carnet_cose_sign1 *signature,
                               const carnet_public_key *device_key, carnet_crypto *crypto, carnet_err *err)
{
    carnet_cose_verify_options options = { .content = detached(authentication) };

    return carnet_cose_sign1_verify(signature, crypto, device_key, &options, err);
}

carnet_rc
carnet_device_mac_verify(const carnet_device_authentication *authentication, const carnet_cose_mac0 *mac,
                         const carnet_secret *mac_key, carnet_crypto *crypto, carnet_err *err)
{
    carnet_cose_content content = detached(authentication);

    return carnet_cose_mac0_verify(mac, crypto, mac_key, &content, false, err);
}
