/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Web Encryption (RFC 7516), compact, ECDH-ES direct (RFC 7518 4.6). */
#include "carnet/jwe.h"
#include "internal.h"

#include <stdlib.h>

#define IV_SIZE 12

static const char *
content_name(carnet_aead content)
{
    return content == CARNET_AES_128_GCM ? "A128GCM" : content == CARNET_AES_256_GCM ? "A256GCM" : NULL;
}

static carnet_rc
read_header(carnet_crypto *crypto, carnet_buf *storage, carnet_jwe *view, carnet_err *err)
{
    carnet_str algorithm, content;
    carnet_jwk ephemeral;
    carnet_rc rc = carnet_jose_string(view->header, "alg", &algorithm, err);

    if (rc == CARNET_OK)
        rc = carnet_jose_string(view->header, "enc", &content, err);
    if (rc != CARNET_OK)
        return rc;
    view->content = carnet_str_is(content, "A128GCM") ? CARNET_AES_128_GCM : CARNET_AES_256_GCM;
    if (!carnet_str_is(algorithm, "ECDH-ES") || !carnet_str_is(content, content_name(view->content)))
        return carnet_fail(err, CARNET_E_JOSE_ALGORITHM, "RFC 7518 4.6", "other algorithms than are taken here");
    rc = carnet_jwk_read(carnet_json_get(view->header, "epk"), crypto, &ephemeral, err);
    view->ephemeral = ephemeral.key;
    if (rc == CARNET_OK)
        rc = carnet_jose_octets(view->header, "apu", storage, &view->party_u, err);
    if (rc == CARNET_OK)
        rc = carnet_jose_octets(view->header, "apv", storage, &view->party_v, err);
    return rc == CARNET_OK ? carnet_jose_string(view->header, "kid", &view->key_id, err) : rc;
}

/* IV, ciphertext and tag; the last two side by side, as AES-GCM takes them. */
static carnet_rc
read_sealed(const carnet_str *parts, carnet_buf *storage, carnet_jwe *view, carnet_err *err)
{
    carnet_span tag = { NULL, 0 };
    carnet_rc rc = carnet_jose_decode(parts[2], storage, &view->iv, err);

    view->sealed_at = storage->ptr + storage->len;
    if (rc == CARNET_OK)
        rc = carnet_jose_decode(parts[3], storage, &view->sealed, err);
    if (rc == CARNET_OK)
        rc = carnet_jose_decode(parts[4], storage, &tag, err);
    if (rc == CARNET_OK && (parts[1].len != 0 || view->iv.len != IV_SIZE || tag.len != CARNET_GCM_TAG))
        rc = carnet_fail(err, CARNET_E_JOSE_STRUCTURE, "RFC 7516 5.2",
                         parts[1].len != 0 ? "an encrypted key where none belongs" : "IV or tag of another length");
    view->sealed.len += tag.len;
    return rc;
}

carnet_rc
carnet_jwe_open(carnet_str text, carnet_crypto *crypto, carnet_buf *storage, carnet_jwe *view, carnet_err *err)
{
    carnet_str parts[5];
    carnet_rc rc = carnet_jose_split(text, CARNET_JWE_MAX, parts, CARNET_COUNT(parts), err);

    *view = (carnet_jwe){ 0 };
    if (rc == CARNET_OK)
        rc = carnet_jose_header(parts[0], storage, &view->header, err);
    if (rc == CARNET_OK)
        rc = read_header(crypto, storage, view, err);
    if (rc == CARNET_OK)
        rc = read_sealed(parts, storage, view, err);
    if (rc == CARNET_OK)
        view->encoded_header = parts[0];
    else
        carnet_jwe_close(view);
    return rc;
}

void
carnet_jwe_close(carnet_jwe *view)
{
    carnet_json_free(&view->header);
    *view = (carnet_jwe){ 0 };
}

static void
put_32(uint8_t *at, size_t value)
{
    for (size_t i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static size_t
key_size(carnet_aead content)
{
    return content == CARNET_AES_128_GCM ? 16 : 32;
}

/* Concat KDF (RFC 7518 4.6.2): one round of SHA-256 is enough for both. */
static carnet_rc
derive(carnet_crypto *crypto, const carnet_secret *shared, carnet_aead content, carnet_span party_u,
       carnet_span party_v, uint8_t key[32], carnet_err *err)
{
    const carnet_span name = carnet_str_bytes(carnet_str_of(content_name(content)));
    const size_t octets = key_size(content);
    uint8_t round[4], lengths[3][4], bits[4];
    const carnet_span parts[] = { { round, 4 },      { shared->bytes, shared->len },
                                  { lengths[0], 4 }, name,
                                  { lengths[1], 4 }, party_u,
                                  { lengths[2], 4 }, party_v,
                                  { bits, 4 } };

    put_32(round, 1);
    put_32(lengths[0], name.len);
    put_32(lengths[1], party_u.len);
    put_32(lengths[2], party_v.len);
    put_32(bits, 8 * octets);
    return carnet_digest(crypto, CARNET_SHA256, parts, CARNET_COUNT(parts), key, err);
}

carnet_rc
carnet_jwe_decrypt(carnet_jwe *view, carnet_crypto *crypto, carnet_key *key, carnet_span *plain, carnet_err *err)
{
    uint8_t content_key[32];
    carnet_secret shared = { .len = 0 };
    carnet_rc rc;

    *plain = (carnet_span){ NULL, 0 };
    if (view->header == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "nothing was opened, or it was decrypted before");
    rc = carnet_key_agree(key, crypto, &view->ephemeral, &shared, err);
    if (rc == CARNET_OK)
        rc = derive(crypto, &shared, view->content, view->party_u, view->party_v, content_key, err);
    if (rc == CARNET_OK)
        rc = carnet_aead_open(crypto, view->content, carnet_span_of(content_key, key_size(view->content)), view->iv,
                              carnet_str_bytes(view->encoded_header), view->sealed, view->sealed_at, err);
    carnet_wipe(content_key, sizeof(content_key));
    carnet_secret_done(&shared);
    if (rc == CARNET_OK)
        *plain = carnet_span_of(view->sealed.ptr, view->sealed.len - CARNET_GCM_TAG);
    carnet_jwe_close(view);
    return rc;
}

static carnet_rc
build_header(const carnet_jwe_parameters *parameters, const carnet_public_key *ephemeral, carnet_buf *out,
             carnet_err *err)
{
    char room[4096];
    carnet_buf json = carnet_buf_of(room, sizeof(room));
    carnet_json_builder b = carnet_json_build(&json);
    carnet_rc rc;

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_text(&b, "alg", "ECDH-ES");
    carnet_json_add_text(&b, "enc", content_name(parameters->content));
    if (parameters->key_id.len != 0)
        carnet_json_add_string(&b, "kid", parameters->key_id);
    if (parameters->type != NULL)
        carnet_json_add_text(&b, "typ", parameters->type);
    if (parameters->content_type != NULL)
        carnet_json_add_text(&b, "cty", parameters->content_type);
    carnet_jwk_add(&b, "epk", &(carnet_jwk){ .key = *ephemeral });
    if (parameters->party_u.len != 0)
        carnet_json_add_base64url(&b, "apu", parameters->party_u);
    if (parameters->party_v.len != 0)
        carnet_json_add_base64url(&b, "apv", parameters->party_v);
    carnet_json_object_end(&b);
    rc = carnet_json_built(&b, err);
    if (rc == CARNET_OK)
        carnet_base64url_encode(carnet_buf_span(&json), out);
    return rc == CARNET_OK && out->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : rc;
}

static carnet_rc
seal(const carnet_jwe_parameters *parameters, const carnet_secret *shared, carnet_span plain, carnet_span header,
     carnet_crypto *crypto, carnet_buf *out, carnet_err *err)
{
    uint8_t key[32], iv[IV_SIZE], *sealed = malloc(plain.len + CARNET_GCM_TAG);
    const carnet_random random = carnet_crypto_random(crypto);
    carnet_rc rc = sealed != NULL ? carnet_random_fill(&random, iv, sizeof(iv), err)
                                  : carnet_fail(err, CARNET_E_NO_SPACE, NULL, "no memory");

    if (rc == CARNET_OK)
        rc = derive(crypto, shared, parameters->content, parameters->party_u, parameters->party_v, key, err);
    if (rc == CARNET_OK)
        rc = carnet_aead_seal(crypto, parameters->content, carnet_span_of(key, key_size(parameters->content)),
                              carnet_span_of(iv, sizeof(iv)), header, plain, sealed, err);
    if (rc == CARNET_OK) {
        carnet_buf_add_text(out, "..");
        carnet_base64url_encode(carnet_span_of(iv, sizeof(iv)), out);
        carnet_buf_add_byte(out, '.');
        carnet_base64url_encode(carnet_span_of(sealed, plain.len), out);
        carnet_buf_add_byte(out, '.');
        carnet_base64url_encode(carnet_span_of(sealed + plain.len, CARNET_GCM_TAG), out);
        rc = out->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
    }
    carnet_wipe(key, sizeof(key));
    free(sealed);
    return rc;
}

carnet_rc
carnet_jwe_encrypt(const carnet_jwe_parameters *parameters, carnet_span plain, carnet_key *ephemeral,
                   carnet_crypto *crypto, carnet_buf *out, carnet_err *err)
{
    const size_t start = out->len;
    carnet_key fresh = { 0 }, *own = ephemeral != NULL ? ephemeral : &fresh;
    carnet_secret shared = { .len = 0 };
    carnet_rc rc = CARNET_OK;

    if (content_name(parameters->content) == NULL)
        return carnet_fail(err, CARNET_E_JOSE_ALGORITHM, "RFC 7518 5.1", "no such content encryption");
    if (ephemeral == NULL)
        rc = carnet_software_key_generate(crypto, parameters->recipient->curve, CARNET_KEY_AGREE, &fresh, err);
    if (rc == CARNET_OK)
        rc = carnet_key_agree(own, crypto, parameters->recipient, &shared, err);
    if (rc == CARNET_OK)
        rc = build_header(parameters, &own->public_key, out, err);
    if (rc == CARNET_OK)
        rc = seal(parameters, &shared, plain, (carnet_span){ out->ptr + start, out->len - start }, crypto, out, err);
    if (rc != CARNET_OK)
        out->len = start;
    carnet_secret_done(&shared);
    carnet_key_done(&fresh);
    return rc;
}
