/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of the identity provider: from files, or from a set as it publishes it. */
#include "carnet/certificate.h"
#include "carnet/jwk.h"
#include "carnet/service_file.h"
#include "internal.h"

#include <stdio.h>
#include <string.h>

enum { FILE_MAX = 65536 };

static carnet_rc
refuse(const char *file, const char *reason, carnet_err *err)
{
    const carnet_path path = { .name = carnet_str_of(file) };

    return carnet_fail_at(err, CARNET_E_CONFIG_FILE, NULL, reason, CARNET_NO_OFFSET, &path);
}

static carnet_rc
add(ia *owner, carnet_str id, const carnet_public_key *key, const char *file, carnet_err *err)
{
    const size_t i = owner->policy.signer_count;

    if (i == IA_SIGNERS)
        return refuse(file, "there are too many keys", err);
    if (id.len == 0 || id.len > 16)
        return refuse(file, "a key's identifier has 1 to 16 characters", err);
    if (key->curve != CARNET_CURVE_P256)
        return refuse(file, "vectors are signed with keys of P-256", err);
    (void)snprintf(owner->key_ids[i], sizeof(owner->key_ids[i]), "%.*s", (int)id.len, id.ptr);
    owner->signers[i] = (carnet_debit_signer){ carnet_str_of(owner->key_ids[i]), *key };
    owner->policy.signer_count++;
    return CARNET_OK;
}

static carnet_rc
decode(carnet_str text, carnet_crypto *crypto, carnet_public_key *key)
{
    uint8_t room[4096];
    carnet_buf der = carnet_buf_of(room, sizeof(room));
    carnet_certificate certificate;
    carnet_str label;
    carnet_rc rc = carnet_pem_next(&text, &label, &der, NULL);

    if (rc == CARNET_OK && carnet_str_is(label, "PUBLIC KEY"))
        return carnet_public_key_from_spki(crypto, carnet_buf_span(&der), key, NULL);
    if (rc == CARNET_OK)
        rc = carnet_certificate_open(carnet_buf_span(&der), &certificate, NULL);
    return rc == CARNET_OK ? carnet_public_key_from_spki(crypto, certificate.spki, key, NULL) : rc;
}

static carnet_rc
read_file(ia *owner, const carnet_config_authorization_signer *from, carnet_crypto *crypto, carnet_err *err)
{
    carnet_service_file file = { 0 };
    carnet_public_key key;
    carnet_rc rc = carnet_service_file_read(from->file, FILE_MAX, &file, err);

    if (rc != CARNET_OK)
        return rc;
    rc = decode(carnet_service_file_text(&file), crypto, &key);
    carnet_service_file_free(&file);
    return rc == CARNET_OK ? add(owner, carnet_str_of(from->id), &key, from->file, err)
                           : refuse(from->file, "this is no public key or certificate in PEM", err);
}

static carnet_rc
read_set(ia *owner, const char *name, carnet_crypto *crypto, carnet_err *err)
{
    carnet_service_file file = { 0 };
    carnet_json *set = NULL;
    const carnet_json *keys = NULL;
    carnet_jwk jwk;
    carnet_rc rc = carnet_service_file_read(name, FILE_MAX, &file, err);

    if (rc == CARNET_OK)
        rc = carnet_json_parse(carnet_service_file_text(&file), &set, err);
    if (rc == CARNET_OK)
        keys = carnet_json_get(set, "keys");
    for (size_t i = 0; rc == CARNET_OK && i < carnet_json_count(keys); i++)
        if (carnet_jwk_read(carnet_json_at(keys, i), crypto, &jwk, NULL) == CARNET_OK &&
            jwk.key.curve == CARNET_CURVE_P256 && jwk.key_id.len > 0 && jwk.key_id.len <= 16)
            rc = add(owner, jwk.key_id, &jwk.key, name, err);
    if (rc == CARNET_OK && carnet_json_count(keys) == 0)
        rc = refuse(name, "this is no set of keys", err);
    carnet_json_free(&set);
    carnet_service_file_free(&file);
    return rc;
}

carnet_rc
carnet_ia_signers(ia *owner, carnet_err *err)
{
    const carnet_config_issuing_authorization *c = owner->config;
    carnet_crypto crypto;
    carnet_rc rc;

    if (c->signer_count == 0 && c->jwks == NULL)
        return CARNET_OK;
    if ((rc = carnet_crypto_init(&crypto, err)) != CARNET_OK)
        return rc;
    for (size_t i = 0; rc == CARNET_OK && i < c->signer_count; i++)
        rc = read_file(owner, &c->signers[i], &crypto, err);
    if (rc == CARNET_OK && c->jwks != NULL)
        rc = read_set(owner, c->jwks, &crypto, err);
    carnet_crypto_done(&crypto);
    owner->policy.signers = owner->signers;
    return rc;
}
