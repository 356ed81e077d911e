/* SPDX-License-Identifier: Apache-2.0 */
/* Digests, HMAC (RFC 2104), HKDF (RFC 5869), AES-GCM (SP 800-38D). */
#include "internal.h"

#include <limits.h>
#include <string.h>

_Static_assert(CARNET_HASH_MAX == SHA512_DIGEST_LENGTH, "the longest digest");

/* --- digests --- */

bool
carnet_hasher_begin(carnet_hasher *hasher, carnet_hash hash)
{
    hasher->hash = hash;
    switch (hash) {
    case CARNET_SHA1:
        return SHA1_Init(&hasher->state.sha1) == 1;
    case CARNET_SHA256:
        return SHA256_Init(&hasher->state.sha256) == 1;
    case CARNET_SHA384:
        return SHA384_Init(&hasher->state.sha512) == 1;
    case CARNET_SHA512:
        return SHA512_Init(&hasher->state.sha512) == 1;
    }
    hasher->hash = (carnet_hash)0;
    return false;
}

/* SHA's own functions cannot fail once begun, so their results are not looked at. */
void
carnet_hasher_update(carnet_hasher *hasher, const uint8_t *ptr, size_t len)
{
    if (len == 0)
        return;
    switch (hasher->hash) {
    case CARNET_SHA1:
        (void)SHA1_Update(&hasher->state.sha1, ptr, len);
        break;
    case CARNET_SHA256:
        (void)SHA256_Update(&hasher->state.sha256, ptr, len);
        break;
    case CARNET_SHA384:
    case CARNET_SHA512:
        (void)SHA512_Update(&hasher->state.sha512, ptr, len);
        break;
    }
}

void
carnet_hasher_finish(carnet_hasher *hasher, uint8_t *out)
{
    switch (hasher->hash) {
    case CARNET_SHA1:
        (void)SHA1_Final(out, &hasher->state.sha1);
        break;
    case CARNET_SHA256:
        (void)SHA256_Final(out, &hasher->state.sha256);
        break;
    case CARNET_SHA384:
        (void)SHA384_Final(out, &hasher->state.sha512);
        break;
    case CARNET_SHA512:
        (void)SHA512_Final(out, &hasher->state.sha512);
        break;
    }
    hasher->hash = (carnet_hash)0;
}

static void
update_all(carnet_hasher *hasher, const carnet_span *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        carnet_hasher_update(hasher, parts[i].ptr, parts[i].len);
}

static carnet_rc
no_such_digest(carnet_err *err)
{
    return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, NULL, "the digest algorithm is not known");
}

carnet_rc
carnet_digest(carnet_crypto *crypto, carnet_hash hash, const carnet_span *parts, size_t count, uint8_t *out,
              carnet_err *err)
{
    carnet_hasher hasher;

    (void)crypto;
    if (!carnet_hasher_begin(&hasher, hash))
        return no_such_digest(err);
    update_all(&hasher, parts, count);
    carnet_hasher_finish(&hasher, out);
    return CARNET_OK;
}

carnet_rc
carnet_digest_begin(carnet_crypto *crypto, carnet_hash hash, carnet_err *err)
{
    carnet_backend *backend = carnet_backend_of(crypto, err);

    if (backend == NULL)
        return CARNET_E_USAGE;
    return carnet_hasher_begin(&backend->running, hash) ? CARNET_OK : no_such_digest(err);
}

void
carnet_digest_update(carnet_crypto *crypto, const uint8_t *ptr, size_t len)
{
    carnet_backend *backend = carnet_backend_of(crypto, NULL);

    if (backend != NULL)
        carnet_hasher_update(&backend->running, ptr, len);
}

carnet_rc
carnet_digest_finish(carnet_crypto *crypto, uint8_t *out, carnet_err *err)
{
    carnet_backend *backend = carnet_backend_of(crypto, err);

    if (backend == NULL)
        return CARNET_E_USAGE;
    if (backend->running.hash == (carnet_hash)0)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "carnet_digest_begin() was not called");
    carnet_hasher_finish(&backend->running, out);
    return CARNET_OK;
}

/* --- HMAC and HKDF --- */

/* Both digests with the padded key already in; copied for each message. */
typedef struct hmac {
    carnet_hasher inner, outer;
} hmac;

static bool
hmac_key(hmac *keyed, carnet_hash hash, carnet_span key)
{
    const size_t block = hash == CARNET_SHA1 || hash == CARNET_SHA256 ? SHA256_CBLOCK : SHA512_CBLOCK;
    uint8_t pad[SHA512_CBLOCK] = { 0 };

    if (!carnet_hasher_begin(&keyed->inner, hash) || !carnet_hasher_begin(&keyed->outer, hash))
        return false;
    if (key.len > block) {
        carnet_hasher shorter;

        (void)carnet_hasher_begin(&shorter, hash);
        carnet_hasher_update(&shorter, key.ptr, key.len);
        carnet_hasher_finish(&shorter, pad);
        carnet_wipe(&shorter, sizeof(shorter));
    } else if (key.len != 0) {
        memcpy(pad, key.ptr, key.len);
    }
    for (size_t i = 0; i < block; i++)
        pad[i] ^= 0x36;
    carnet_hasher_update(&keyed->inner, pad, block);
    for (size_t i = 0; i < block; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    carnet_hasher_update(&keyed->outer, pad, block);
    carnet_wipe(pad, sizeof(pad));
    return true;
}

static void
hmac_run(const hmac *keyed, const carnet_span *parts, size_t count, uint8_t *out)
{
    const size_t size = carnet_hash_size(keyed->inner.hash);
    hmac run = *keyed;

    update_all(&run.inner, parts, count);
    carnet_hasher_finish(&run.inner, out);
    carnet_hasher_update(&run.outer, out, size);
    carnet_hasher_finish(&run.outer, out);
    carnet_wipe(&run, sizeof(run));
}

carnet_rc
carnet_hmac(carnet_crypto *crypto, carnet_hash hash, carnet_span key, const carnet_span *parts, size_t count,
            uint8_t *out, carnet_err *err)
{
    hmac keyed;

    (void)crypto;
    if (!hmac_key(&keyed, hash, key))
        return no_such_digest(err);
    hmac_run(&keyed, parts, count, out);
    carnet_wipe(&keyed, sizeof(keyed));
    return CARNET_OK;
}

/* RFC 5869, 2.3: T(n) = HMAC(prk, T(n - 1) || info || n). */
static void
expand(const hmac *prk, carnet_span info, size_t len, carnet_secret *out)
{
    const size_t size = carnet_hash_size(prk->inner.hash);
    uint8_t block[CARNET_HASH_MAX], number = 1;

    for (size_t at = 0; at < len; at += size, number++) {
        const carnet_span parts[] = { { block, at == 0 ? 0 : size }, info, { &number, 1 } };

        hmac_run(prk, parts, CARNET_COUNT(parts), block);
        memcpy(out->bytes + at, block, len - at < size ? len - at : size);
    }
    out->len = (uint8_t)len;
    carnet_wipe(block, sizeof(block));
}

carnet_rc
carnet_hkdf(carnet_crypto *crypto, carnet_hash hash, carnet_span ikm, carnet_span salt, carnet_span info, size_t len,
            carnet_secret *out, carnet_err *err)
{
    uint8_t extracted[CARNET_HASH_MAX];
    hmac keyed;

    (void)crypto;
    *out = (carnet_secret){ 0 };
    if (len > CARNET_SECRET_MAX)
        return carnet_fail(err, CARNET_E_USAGE, "RFC 5869 2.3", "more octets are asked for than a secret can have");
    /* An empty salt is a string of zeros (RFC 5869, 2.2): what HMAC makes of an empty key. */
    if (!hmac_key(&keyed, hash, salt))
        return no_such_digest(err);
    hmac_run(&keyed, &ikm, 1, extracted);
    (void)hmac_key(&keyed, hash, (carnet_span){ extracted, carnet_hash_size(hash) });
    expand(&keyed, info, len, out);
    carnet_wipe(extracted, sizeof(extracted));
    carnet_wipe(&keyed, sizeof(keyed));
    return CARNET_OK;
}

/* --- AES-GCM --- */

#define IV_SIZE 12

static carnet_rc
gcm_check(carnet_aead aead, carnet_span key, carnet_span iv, carnet_span aad, size_t len, carnet_err *err)
{
    if (aead != CARNET_AES_128_GCM && aead != CARNET_AES_256_GCM)
        return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, NULL, "the encryption algorithm is not known");
    if (key.len != (aead == CARNET_AES_128_GCM ? 16 : 32))
        return carnet_fail(err, CARNET_E_CRYPTO_KEY, NULL, "the key is not as long as the algorithm demands");
    if (iv.len != IV_SIZE)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the initialisation vector is not 12 octets long");
    if (len > INT_MAX || aad.len > INT_MAX)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "the message is too long for the cryptographic library");
    return CARNET_OK;
}

/* The cipher, keyed, with IV and additional data in; NULL if OpenSSL refuses. */
static EVP_CIPHER_CTX *
gcm_begin(carnet_backend *backend, carnet_aead aead, carnet_span key, carnet_span iv, carnet_span aad, int seal)
{
    EVP_CIPHER **gcm = &backend->gcm[aead == CARNET_AES_256_GCM];
    int len;

    if (*gcm == NULL)
        *gcm = EVP_CIPHER_fetch(NULL, aead == CARNET_AES_256_GCM ? "AES-256-GCM" : "AES-128-GCM", NULL);
    if (backend->cipher == NULL)
        backend->cipher = EVP_CIPHER_CTX_new();
    if (*gcm == NULL || backend->cipher == NULL ||
        EVP_CipherInit_ex2(backend->cipher, *gcm, key.ptr, iv.ptr, seal, NULL) != 1 ||
        (aad.len != 0 && EVP_CipherUpdate(backend->cipher, NULL, &len, aad.ptr, (int)aad.len) != 1))
        return NULL;
    return backend->cipher;
}

/* The key schedule does not outlive the call. */
static void
gcm_end(carnet_backend *backend)
{
    if (backend->cipher != NULL)
        (void)EVP_CIPHER_CTX_reset(backend->cipher);
}

carnet_rc
carnet_aead_seal(carnet_crypto *crypto, carnet_aead aead, carnet_span key, carnet_span iv, carnet_span aad,
                 carnet_span in, uint8_t *out, carnet_err *err)
{
    carnet_backend *backend = carnet_backend_of(crypto, err);
    EVP_CIPHER_CTX *ctx;
    carnet_rc rc;
    int len;

    if (backend == NULL)
        return CARNET_E_USAGE;
    if ((rc = gcm_check(aead, key, iv, aad, in.len, err)) != CARNET_OK)
        return rc;
    ctx = gcm_begin(backend, aead, key, iv, aad, 1);
    if (ctx == NULL || (in.len != 0 && EVP_CipherUpdate(ctx, out, &len, in.ptr, (int)in.len) != 1) ||
        EVP_CipherFinal_ex(ctx, out + in.len, &len) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, CARNET_GCM_TAG, out + in.len) != 1) {
        carnet_wipe(out, in.len + CARNET_GCM_TAG);
        rc = carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL could not encrypt");
    }
    gcm_end(backend);
    return rc;
}

carnet_rc
carnet_aead_open(carnet_crypto *crypto, carnet_aead aead, carnet_span key, carnet_span iv, carnet_span aad,
                 carnet_span in, uint8_t *out, carnet_err *err)
{
    carnet_backend *backend = carnet_backend_of(crypto, err);
    const size_t size = in.len < CARNET_GCM_TAG ? 0 : in.len - CARNET_GCM_TAG;
    uint8_t tag[CARNET_GCM_TAG];
    EVP_CIPHER_CTX *ctx;
    carnet_rc rc;
    int len;

    if (backend == NULL)
        return CARNET_E_USAGE;
    rc = gcm_check(aead, key, iv, aad, size, err);
    if (rc == CARNET_OK && in.len < CARNET_GCM_TAG)
        rc = carnet_fail(err, CARNET_E_CRYPTO_TAG, NULL, "the message is shorter than its tag");
    if (rc == CARNET_OK) {
        memcpy(tag, in.ptr + size, sizeof(tag));
        ctx = gcm_begin(backend, aead, key, iv, aad, 0);
        if (ctx == NULL || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, CARNET_GCM_TAG, tag) != 1 ||
            (size != 0 && EVP_CipherUpdate(ctx, out, &len, in.ptr, (int)size) != 1))
            rc = carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL could not decrypt");
        else if (EVP_CipherFinal_ex(ctx, out + size, &len) != 1)
            rc = carnet_openssl_fail(err, CARNET_E_CRYPTO_TAG, "the message was changed, or the key is another one");
        gcm_end(backend);
    }
    if (rc != CARNET_OK && size != 0)
        carnet_wipe(out, size);
    return rc;
}
