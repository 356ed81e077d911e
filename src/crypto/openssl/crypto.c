/* SPDX-License-Identifier: Apache-2.0 */
/* The backend's life: made once, filled as algorithms are first needed, wiped at the end. */
#include "internal.h"

#include <openssl/rand.h>

#include <limits.h>
#include <string.h>

/* The backend lives in memory of OpenSSL's; the caller's storage holds where it is. */
enum { SLOT_BACKEND = 0 };

carnet_rc
carnet_openssl_fail(carnet_err *err, carnet_rc rc, const char *reason)
{
    ERR_clear_error();
    return carnet_fail(err, rc, NULL, reason);
}

carnet_backend *
carnet_backend_of(carnet_crypto *crypto, carnet_err *err)
{
    carnet_backend *backend = crypto->slot[SLOT_BACKEND];

    if (backend == NULL)
        (void)carnet_fail(err, CARNET_E_USAGE, NULL, "carnet_crypto_init() was not called");
    return backend;
}

carnet_rc
carnet_crypto_init(carnet_crypto *crypto, carnet_err *err)
{
    *crypto = (carnet_crypto){ 0 };
    crypto->slot[SLOT_BACKEND] = OPENSSL_zalloc(sizeof(carnet_backend));
    if (crypto->slot[SLOT_BACKEND] == NULL)
        return carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL has no memory");
    return CARNET_OK;
}

void
carnet_crypto_done(carnet_crypto *crypto)
{
    carnet_backend *backend = crypto->slot[SLOT_BACKEND];

    if (backend != NULL) {
        for (size_t i = 0; i < CARNET_EC_CURVES; i++)
            for (size_t j = 0; j < CARNET_EC_RECENT; j++)
                EC_KEY_free(backend->ready[i][j].key);
        EVP_CIPHER_CTX_free(backend->cipher);
        EVP_CIPHER_free(backend->gcm[0]);
        EVP_CIPHER_free(backend->gcm[1]);
        ECDSA_SIG_free(backend->signature);
        BN_CTX_free(backend->numbers);
        OPENSSL_clear_free(backend, sizeof(*backend));
    }
    carnet_wipe(crypto, sizeof(*crypto));
}

static carnet_rc
fill(void *self, uint8_t *out, size_t len)
{
    size_t at = 0;

    (void)self;
    while (at < len) {
        const int step = len - at > INT_MAX ? INT_MAX : (int)(len - at);

        if (RAND_bytes(out + at, step) != 1) {
            ERR_clear_error();
            carnet_wipe(out, len);
            return CARNET_E_CRYPTO_RANDOM;
        }
        at += (size_t)step;
    }
    return CARNET_OK;
}

carnet_random
carnet_crypto_random(carnet_crypto *crypto)
{
    return (carnet_random){ fill, crypto };
}

carnet_rc
carnet_join(const carnet_span *parts, size_t count, carnet_joined *joined, carnet_err *err)
{
    static const uint8_t nothing[1] = { 0 };
    const carnet_span *whole = NULL; /* the part that is all of it */
    size_t at = 0, len = 0;

    *joined = (carnet_joined){ .ptr = nothing };
    for (size_t i = 0; i < count; i++)
        if (!carnet_add_size(len, parts[i].len, &len))
            return carnet_fail(err, CARNET_E_OVERFLOW, NULL, "the message is too long");
    if (len == 0)
        return CARNET_OK;
    joined->len = len;
    for (size_t i = 0; i < count && whole == NULL; i++)
        if (parts[i].len == len)
            whole = &parts[i];
    if (whole != NULL) {
        joined->ptr = whole->ptr;
        return CARNET_OK;
    }
    joined->owned = OPENSSL_malloc(len);
    if (joined->owned == NULL)
        return carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL has no memory");
    for (size_t i = 0; i < count; at += parts[i].len, i++)
        if (parts[i].len != 0)
            memcpy(joined->owned + at, parts[i].ptr, parts[i].len);
    joined->ptr = joined->owned;
    return CARNET_OK;
}

void
carnet_joined_done(carnet_joined *joined)
{
    OPENSSL_clear_free(joined->owned, joined->len);
    *joined = (carnet_joined){ 0 };
}
