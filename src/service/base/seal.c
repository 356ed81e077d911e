/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealed text: 01, key identifier (4), salt (16), IV (12), ciphertext, tag (16).
 * Each sealing has a key of its own (HKDF with the salt), so that no number of
 * them wears the deployment's key out.
 */
#include "internal.h"

#include <string.h>

#define VERSION 1
#define SALT    16
#define IV      12

#define HEAD (1 + CARNET_SERVICE_KEY_ID + SALT + IV)

static carnet_rc
message_key(carnet_service_worker *worker, const carnet_service_secret *secret, const uint8_t *head,
            const char *purpose, carnet_secret *key, carnet_err *err)
{
    uint8_t room[128];
    carnet_buf info = carnet_buf_of(room, sizeof(room));

    carnet_buf_add_text(&info, "carnet seal ");
    carnet_buf_add_text(&info, purpose);
    if (info.overflow)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the purpose is too long");
    return carnet_hkdf(worker->crypto, CARNET_SHA256, carnet_span_of(secret->secret.bytes, secret->secret.len),
                       carnet_span_of(head + 1 + CARNET_SERVICE_KEY_ID, SALT), carnet_buf_span(&info), 32, key, err);
}

carnet_rc
carnet_service_seal(carnet_service_worker *worker, const char *purpose, carnet_span to, carnet_span plain,
                    carnet_buf *out, carnet_err *err)
{
    const carnet_service_secret *secret = &worker->context->secrets[0];
    uint8_t head[HEAD] = { VERSION };
    carnet_secret key = { 0 };
    carnet_rc rc;

    if (out->overflow || out->cap - out->len < HEAD + CARNET_GCM_TAG ||
        out->cap - out->len - HEAD - CARNET_GCM_TAG < plain.len)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    memcpy(head + 1, secret->id, sizeof(secret->id));
    if ((rc = carnet_random_fill(&worker->random, head + 1 + CARNET_SERVICE_KEY_ID, SALT + IV, err)) != CARNET_OK ||
        (rc = message_key(worker, secret, head, purpose, &key, err)) != CARNET_OK)
        return rc;
    rc = carnet_aead_seal(worker->crypto, CARNET_AES_256_GCM, carnet_span_of(key.bytes, key.len),
                          carnet_span_of(head + HEAD - IV, IV), to, plain, out->ptr + out->len + HEAD, err);
    carnet_secret_done(&key);
    if (rc != CARNET_OK)
        return rc;
    memcpy(out->ptr + out->len, head, HEAD);
    out->len += HEAD + plain.len + CARNET_GCM_TAG;
    return CARNET_OK;
}

static const carnet_service_secret *
secret_of(const carnet_service_context *context, const uint8_t id[CARNET_SERVICE_KEY_ID])
{
    for (size_t i = 0; i < context->secret_count; i++)
        if (memcmp(context->secrets[i].id, id, CARNET_SERVICE_KEY_ID) == 0)
            return &context->secrets[i];
    return NULL;
}

carnet_rc
carnet_service_open(carnet_service_worker *worker, const char *purpose, carnet_span to, carnet_span sealed,
                    carnet_buf *out, carnet_err *err)
{
    const carnet_service_secret *secret;
    carnet_secret key = { 0 };
    size_t plain;
    carnet_rc rc;

    if (sealed.len < HEAD + CARNET_GCM_TAG || sealed.ptr[0] != VERSION)
        return carnet_fail(err, CARNET_E_SERVICE_SEALED, NULL, "this was not sealed here");
    secret = secret_of(worker->context, sealed.ptr + 1);
    if (secret == NULL)
        return carnet_fail(err, CARNET_E_SERVICE_SEALED, NULL, "its key is not among the deployment's secrets");
    plain = sealed.len - HEAD - CARNET_GCM_TAG;
    if (out->overflow || out->cap - out->len < plain)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if ((rc = message_key(worker, secret, sealed.ptr, purpose, &key, err)) != CARNET_OK)
        return rc;
    rc = carnet_aead_open(worker->crypto, CARNET_AES_256_GCM, carnet_span_of(key.bytes, key.len),
                          carnet_span_of(sealed.ptr + HEAD - IV, IV), to,
                          carnet_span_of(sealed.ptr + HEAD, sealed.len - HEAD), out->ptr + out->len, err);
    carnet_secret_done(&key);
    if (rc != CARNET_OK)
        return carnet_fail(err, CARNET_E_SERVICE_SEALED, NULL, "it was altered, or is of another purpose");
    out->len += plain;
    return CARNET_OK;
}
