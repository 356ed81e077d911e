/* SPDX-License-Identifier: Apache-2.0 */
/* Trusted certificates and bare keys from PEM files. */
#include "carnet/anchor_store.h"
#include "carnet/service_trust.h"
#include "internal.h"

#include <stdlib.h>

enum { ANCHORS = 256, FILE_MAX = 1 << 20 };

struct carnet_service_trust {
    carnet_anchor anchors[ANCHORS];
    carnet_anchor_store store;
    carnet_trust_anchors source;
    carnet_attester_trust trust;
    carnet_attester_key keys[ANCHORS];
    size_t key_count;
    carnet_service_file *files; /* DER in place of the PEM it was read of */
    size_t file_count;
};

static carnet_rc
refuse(const char *file, const char *reason, carnet_err *err)
{
    carnet_path path = { .name = carnet_str_of(file) };

    return carnet_fail_at(err, CARNET_E_SERVICE_KEY, NULL, reason, CARNET_NO_OFFSET, &path);
}

static carnet_rc
add_key(carnet_service_trust *t, carnet_span spki, carnet_crypto *crypto)
{
    if (t->key_count == ANCHORS)
        return CARNET_E_LIMIT;
    return carnet_public_key_from_spki(crypto, spki, &t->keys[t->key_count].key, NULL) == CARNET_OK
               ? (t->key_count++, CARNET_OK)
               : CARNET_E_CRYPTO_KEY;
}

/* A certificate ends paths; its key is also believed without a chain, if it is one of ours. */
static carnet_rc
add_certificate(carnet_service_trust *t, carnet_span der, carnet_crypto *crypto)
{
    carnet_certificate certificate;
    carnet_rc rc = carnet_anchor_store_add(&t->store, der, (carnet_str){ 0 }, NULL);

    if (rc == CARNET_OK)
        rc = carnet_certificate_open(der, &certificate, NULL);
    if (rc == CARNET_OK && add_key(t, certificate.spki, crypto) == CARNET_E_LIMIT)
        rc = CARNET_E_LIMIT;
    return rc;
}

/* Certificates and keys in DER from the text to `der`, which has the text's length. */
static carnet_rc
decode(carnet_service_trust *t, carnet_str text, uint8_t *der, const char *name, carnet_crypto *crypto, carnet_err *err)
{
    size_t used = 0, cap = text.len, found = 0;
    carnet_str label;

    for (;;) {
        carnet_buf out = carnet_buf_of(der + used, cap - used);
        carnet_rc rc = CARNET_OK;

        if (carnet_pem_next(&text, &label, &out, NULL) != CARNET_OK)
            break;
        if (carnet_str_is(label, "CERTIFICATE"))
            rc = add_certificate(t, carnet_buf_span(&out), crypto);
        else if (carnet_str_is(label, "PUBLIC KEY"))
            rc = add_key(t, carnet_buf_span(&out), crypto);
        else
            continue;
        if (rc != CARNET_OK)
            return refuse(name, "a certificate or key in it cannot be read, or there are too many", err);
        used += out.len;
        found++;
    }
    return found == 0 || label.len != 0 ? refuse(name, "this is no file of certificates or keys in PEM", err)
                                        : CARNET_OK;
}

/* The file keeps the certificates instead of their text. */
static carnet_rc
add_all(carnet_service_trust *t, carnet_service_file *file, const char *name, carnet_err *err)
{
    uint8_t *der = calloc(1, file->len + 1);
    carnet_crypto crypto;
    carnet_rc rc;

    if (der == NULL)
        return carnet_fail(err, CARNET_E_SERVICE_KEY, NULL, "there is no memory");
    rc = carnet_crypto_init(&crypto, err);
    if (rc == CARNET_OK) {
        rc = decode(t, (carnet_str){ (const char *)file->ptr, file->len }, der, name, &crypto, err);
        carnet_crypto_done(&crypto);
    }
    free(file->ptr);
    file->ptr = der;
    return rc;
}

carnet_rc
carnet_service_trust_new(const carnet_config_texts *files, carnet_service_trust **trust, carnet_err *err)
{
    carnet_service_trust *t;
    carnet_rc rc = CARNET_OK;

    *trust = NULL;
    if (files->count == 0)
        return CARNET_OK;
    t = calloc(1, sizeof(*t));
    if (t == NULL || (t->files = calloc(files->count, sizeof(*t->files))) == NULL) {
        free(t);
        return carnet_fail(err, CARNET_E_SERVICE_KEY, NULL, "there is no memory");
    }
    carnet_anchor_store_init(&t->store, t->anchors, ANCHORS, NULL, 0);
    for (; rc == CARNET_OK && t->file_count < files->count; t->file_count++) {
        carnet_service_file *file = &t->files[t->file_count];
        const char *name = files->list[t->file_count];

        rc = carnet_service_file_read(name, FILE_MAX, file, err) == CARNET_OK
                 ? add_all(t, file, name, err)
                 : refuse(name, "the file cannot be read", err);
    }
    t->source = carnet_anchor_store_anchors(&t->store);
    t->trust = (carnet_attester_trust){ .struct_size = sizeof(t->trust),
                                        .anchors = &t->source,
                                        .keys = t->keys,
                                        .key_count = t->key_count,
                                        .anchor_in_chain_allowed = true };
    if (rc != CARNET_OK)
        carnet_service_trust_free(&t);
    *trust = t;
    return rc;
}

void
carnet_service_trust_free(carnet_service_trust **trust)
{
    if (*trust == NULL)
        return;
    for (size_t i = 0; i < (*trust)->file_count; i++)
        carnet_service_file_free(&(*trust)->files[i]);
    free((*trust)->files);
    free(*trust);
    *trust = NULL;
}

const carnet_attester_trust *
carnet_service_trust_get(const carnet_service_trust *trust)
{
    return trust == NULL ? NULL : &trust->trust;
}
