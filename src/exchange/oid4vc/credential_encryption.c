/* SPDX-License-Identifier: Apache-2.0 */
/* Encryption of credential requests and responses (OpenID4VCI 10). */
#include "carnet/credential_encryption.h"
#include "internal.h"

#define CLAUSE "OpenID4VCI 10"

static carnet_rc
refuse(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_OID4VCI_ENCRYPTION, CLAUSE, why);
}

unsigned
carnet_credential_content_bit(carnet_aead content)
{
    return content == CARNET_AES_128_GCM   ? CARNET_CREDENTIAL_A128GCM
           : content == CARNET_AES_256_GCM ? CARNET_CREDENTIAL_A256GCM
                                           : 0;
}

bool
carnet_credential_content_choose(unsigned content, carnet_aead *chosen)
{
    *chosen = content & CARNET_CREDENTIAL_A256GCM ? CARNET_AES_256_GCM : CARNET_AES_128_GCM;
    return (content & (CARNET_CREDENTIAL_A128GCM | CARNET_CREDENTIAL_A256GCM)) != 0;
}

bool
carnet_credential_key_usable(const carnet_jwk *jwk)
{
    const carnet_curve_info *info = carnet_curve_get(jwk->key.curve);

    return info != NULL && info->agrees && (jwk->algorithm.len == 0 || carnet_str_is(jwk->algorithm, "ECDH-ES")) &&
           (jwk->use.len == 0 || carnet_str_is(jwk->use, "enc"));
}

carnet_rc
carnet_credential_message_encrypt(const carnet_jwk *recipient, carnet_aead content, carnet_crypto *crypto,
                                  carnet_str json, carnet_buf *out, carnet_err *err)
{
    const carnet_jwe_parameters parameters = { .recipient = &recipient->key,
                                               .key_id = recipient->key_id,
                                               .content = content };

    if (!carnet_credential_key_usable(recipient))
        return refuse(err, "the recipient's key is not one for ECDH-ES");
    return carnet_jwe_encrypt(&parameters, carnet_str_bytes(json), NULL, crypto, out, err);
}

/* The key a JWE is for; NULL if it is not clear. */
static carnet_key *
find_key(const carnet_jwe *jwe, const carnet_credential_decryption_key *keys, size_t count)
{
    carnet_key *only = NULL;
    bool named = false;

    for (size_t i = 0; i < count; i++) {
        if (jwe->key_id.len != 0 && carnet_str_equal(keys[i].key_id, jwe->key_id))
            return keys[i].key;
        named = named || keys[i].key_id.len != 0;
    }
    if (jwe->key_id.len != 0 && named)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (keys[i].key->public_key.curve != jwe->ephemeral.curve)
            continue;
        if (only != NULL)
            return NULL;
        only = keys[i].key;
    }
    return only;
}

static carnet_rc
decrypt(carnet_jwe *view, const carnet_credential_decryption_key *keys, size_t count, unsigned content,
        carnet_crypto *crypto, carnet_str *json, carnet_err *err)
{
    carnet_key *key = find_key(view, keys, count);
    carnet_span plain;
    carnet_rc rc;

    if (key == NULL)
        return refuse(err, "it is encrypted to a key that is not ours");
    if ((carnet_credential_content_bit(view->content) & content) == 0)
        return refuse(err, "its content encryption is not one that was announced");
    rc = carnet_jwe_decrypt(view, crypto, key, &plain, err);
    if (rc != CARNET_OK)
        return carnet_rc_http(rc) >= 500 ? rc : refuse(err, "it cannot be decrypted");
    if (!carnet_utf8_valid(plain))
        return refuse(err, "what was encrypted is no text");
    *json = (carnet_str){ (const char *)plain.ptr, plain.len };
    return CARNET_OK;
}

carnet_rc
carnet_credential_message_decrypt(carnet_str jwe, const carnet_credential_decryption_key *keys, size_t count,
                                  unsigned content, carnet_crypto *crypto, carnet_buf *storage, carnet_str *json,
                                  carnet_err *err)
{
    carnet_jwe view;
    carnet_rc rc = carnet_jwe_open(jwe, crypto, storage, &view, err);

    *json = (carnet_str){ 0 };
    if (rc == CARNET_E_NO_SPACE)
        return rc;
    if (rc != CARNET_OK)
        return refuse(err, "it is no JWE of ECDH-ES with A128GCM or A256GCM");
    rc = decrypt(&view, keys, count, content, crypto, json, err);
    carnet_jwe_close(&view);
    return rc;
}

/* --- as members of messages --- */

const char *
carnet_credential_content_name(carnet_aead content)
{
    return content == CARNET_AES_256_GCM ? "A256GCM" : "A128GCM";
}

bool
carnet_credential_content_named(carnet_str name, carnet_aead *content)
{
    *content = carnet_str_is(name, "A256GCM") ? CARNET_AES_256_GCM : CARNET_AES_128_GCM;
    return carnet_str_is(name, carnet_credential_content_name(*content));
}

static carnet_rc
read_response_encryption(const carnet_json *object, carnet_crypto *crypto, const carnet_message_place *place,
                         carnet_credential_response_encryption *encryption, carnet_err *err)
{
    const carnet_json *jwk, *enc, *alg;
    carnet_rc rc = carnet_message_get(object, "jwk", CARNET_JSON_OBJECT, place, &jwk, err);

    if (rc == CARNET_OK)
        rc = carnet_message_get(object, "enc", CARNET_JSON_STRING, place, &enc, err);
    if (rc == CARNET_OK) /* where drafts before 1.0 had it */
        rc = carnet_message_get(object, "alg", CARNET_JSON_STRING, place, &alg, err);
    if (rc != CARNET_OK)
        return rc;
    if (carnet_jwk_read(jwk, crypto, &encryption->jwk, NULL) != CARNET_OK ||
        !carnet_credential_key_usable(&encryption->jwk))
        return carnet_message_refuse(place, "jwk", "this is no public key for ECDH-ES", err);
    if (alg != NULL && !carnet_str_is(carnet_json_string(alg), "ECDH-ES"))
        return carnet_message_refuse(place, "alg", "this algorithm is not taken", err);
    if (!carnet_credential_content_named(carnet_json_string(enc), &encryption->content))
        return carnet_message_refuse(place, "enc", "this content encryption is missing or not taken", err);
    if (carnet_json_get(object, "zip") != NULL)
        return carnet_message_refuse(place, "zip", "nothing is compressed here", err);
    encryption->wanted = true;
    return CARNET_OK;
}

carnet_rc
carnet_credential_response_encryption_read(const carnet_json *message, carnet_crypto *crypto,
                                           carnet_credential_response_encryption *encryption, carnet_err *err)
{
    const carnet_path path = { .name = carnet_str_of("credential_response_encryption") };
    const carnet_message_place place = { CARNET_E_OID4VCI_ENCRYPTION, CLAUSE, &path, false };
    const carnet_message_place top = { CARNET_E_OID4VCI_ENCRYPTION, CLAUSE, NULL, false };
    const carnet_json *object;
    carnet_rc rc = carnet_message_get(message, path.name.ptr, CARNET_JSON_OBJECT, &top, &object, err);

    *encryption = (carnet_credential_response_encryption){ 0 };
    if (rc != CARNET_OK || object == NULL)
        return rc;
    rc = read_response_encryption(object, crypto, &place, encryption, err);
    if (rc != CARNET_OK)
        *encryption = (carnet_credential_response_encryption){ 0 };
    return rc;
}

void
carnet_credential_response_encryption_add(carnet_json_builder *b,
                                          const carnet_credential_response_encryption *encryption)
{
    carnet_jwk jwk = encryption->jwk;

    if (!encryption->wanted)
        return;
    jwk.algorithm = carnet_str_of("ECDH-ES");
    carnet_json_object_begin(b, "credential_response_encryption");
    carnet_jwk_add(b, "jwk", &jwk);
    carnet_json_add_text(b, "alg", "ECDH-ES"); /* the key says it; issuers that know drafts before 1.0 demand it here */
    carnet_json_add_text(b, "enc", carnet_credential_content_name(encryption->content));
    carnet_json_object_end(b);
}
