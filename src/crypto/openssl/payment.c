/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks of Triple DES and AES, the retail MAC (ISO/IEC 9797-1, MAC algorithm 3)
 * and AES-CMAC (SP 800-38B).  All from OpenSSL's default provider: single DES,
 * which is not there, is Triple DES with one key three times.  Nothing is kept
 * between calls: whoever has no use for payments does not pay for them.
 */
#include "carnet/crypto_payment.h"

#include "internal.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <string.h>

#define DES_KEY 8
#define CHUNK   256 /* octets of a message enciphered at once */

static carnet_rc
refused(carnet_err *err)
{
    return carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL could not encipher");
}

/* A cipher, keyed, without padding, its chain begun with zeros; NULL if OpenSSL refuses. */
static EVP_CIPHER_CTX *
cipher_new(const char *name, const uint8_t *key, bool encipher)
{
    static const uint8_t zeros[CARNET_AES_BLOCK] = { 0 };
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

    if (cipher == NULL || ctx == NULL || EVP_CipherInit_ex2(ctx, cipher, key, zeros, encipher, NULL) != 1 ||
        EVP_CIPHER_CTX_set_padding(ctx, 0) != 1) {
        EVP_CIPHER_CTX_free(ctx);
        ctx = NULL;
    }
    EVP_CIPHER_free(cipher);
    return ctx;
}

/* One block, with any key that OpenSSL takes. */
static carnet_rc
one_block(const char *name, const uint8_t *key, bool encipher, const uint8_t *in, uint8_t *out, int size,
          carnet_err *err)
{
    EVP_CIPHER_CTX *ctx = cipher_new(name, key, encipher);
    int len = 0;
    const bool done = ctx != NULL && EVP_CipherUpdate(ctx, out, &len, in, size) == 1 && len == size;

    EVP_CIPHER_CTX_free(ctx);
    if (done)
        return CARNET_OK;
    carnet_wipe(out, (size_t)size);
    return refused(err);
}

/* K1, K2, K3 from the 16 or 24 octets of a key; false if it is as weak as single DES. */
static bool
triple(carnet_span key, uint8_t out[3 * DES_KEY])
{
    memcpy(out, key.ptr, 2 * DES_KEY);
    memcpy(out + 2 * DES_KEY, key.ptr + (key.len == 3 * DES_KEY ? 2 * DES_KEY : 0), DES_KEY);
    return !carnet_equal_secret((carnet_span){ out, DES_KEY }, (carnet_span){ out + DES_KEY, DES_KEY }) &&
           !carnet_equal_secret((carnet_span){ out + DES_KEY, DES_KEY }, (carnet_span){ out + 2 * DES_KEY, DES_KEY });
}

carnet_rc
carnet_triple_des_block(carnet_crypto *crypto, carnet_span key, bool encipher, const uint8_t in[CARNET_DES_BLOCK],
                        uint8_t out[CARNET_DES_BLOCK], carnet_err *err)
{
    uint8_t keys[3 * DES_KEY] = { 0 };
    carnet_rc rc;

    (void)crypto;
    if (key.len != 2 * DES_KEY && key.len != 3 * DES_KEY)
        rc = carnet_fail(err, CARNET_E_CRYPTO_KEY, NULL, "a key of Triple DES has 16 or 24 octets");
    else if (!triple(key, keys))
        rc = carnet_fail(err, CARNET_E_CRYPTO_KEY, NULL, "the parts of a key of Triple DES are equal");
    else
        rc = one_block("DES-EDE3", keys, encipher, in, out, CARNET_DES_BLOCK, err);
    if (rc != CARNET_OK)
        carnet_wipe(out, CARNET_DES_BLOCK);
    carnet_wipe(keys, sizeof(keys));
    return rc;
}

/* AES in the mode named, for a key of this length; NULL for none. */
static const char *
aes_name(size_t key, const char *const names[3])
{
    return key == 16 ? names[0] : key == 24 ? names[1] : key == 32 ? names[2] : NULL;
}

carnet_rc
carnet_aes_block(carnet_crypto *crypto, carnet_span key, bool encipher, const uint8_t in[CARNET_AES_BLOCK],
                 uint8_t out[CARNET_AES_BLOCK], carnet_err *err)
{
    static const char *const names[] = { "AES-128-ECB", "AES-192-ECB", "AES-256-ECB" };
    const char *name = aes_name(key.len, names);

    (void)crypto;
    if (name != NULL)
        return one_block(name, key.ptr, encipher, in, out, CARNET_AES_BLOCK, err);
    carnet_wipe(out, CARNET_AES_BLOCK);
    return carnet_fail(err, CARNET_E_CRYPTO_KEY, NULL, "a key of AES has 16, 24 or 32 octets");
}

/* Chain a part; *last becomes the last whole block of what was enciphered so far. */
static bool
chain(EVP_CIPHER_CTX *ctx, carnet_span part, uint8_t last[CARNET_DES_BLOCK])
{
    uint8_t out[CHUNK + CARNET_DES_BLOCK];

    for (size_t at = 0; at < part.len;) {
        const size_t step = part.len - at > CHUNK ? CHUNK : part.len - at;
        int len = 0;

        if (EVP_CipherUpdate(ctx, out, &len, part.ptr + at, (int)step) != 1)
            return false;
        if (len >= CARNET_DES_BLOCK)
            memcpy(last, out + len - CARNET_DES_BLOCK, CARNET_DES_BLOCK);
        at += step;
    }
    carnet_wipe(out, sizeof(out));
    return true;
}

/* All parts and the padding, chained with the key's left half; *last is the last block. */
static bool
chain_all(const uint8_t *keys, carnet_mac_padding padding, const carnet_span *parts, size_t count, uint8_t *last)
{
    uint8_t fill[CARNET_DES_BLOCK] = { padding == CARNET_MAC_PADDING_2 ? 0x80 : 0 };
    EVP_CIPHER_CTX *ctx = cipher_new("DES-EDE3-CBC", keys, true);
    size_t over = 0; /* octets in the block that is not full */
    bool good = ctx != NULL, some = false;

    for (size_t i = 0; i < count && good; i++) {
        good = chain(ctx, parts[i], last);
        over = (over + parts[i].len) % CARNET_DES_BLOCK;
        some = some || parts[i].len != 0;
    }
    /* Nothing at all is one block of padding (9797-1 6.3.2). */
    if (good && (padding == CARNET_MAC_PADDING_2 || over != 0 || !some))
        good = chain(ctx, (carnet_span){ fill, CARNET_DES_BLOCK - over }, last);
    EVP_CIPHER_CTX_free(ctx);
    return good;
}

carnet_rc
carnet_retail_mac(carnet_crypto *crypto, carnet_span key, carnet_mac_padding padding, const carnet_span *parts,
                  size_t count, uint8_t out[CARNET_DES_BLOCK], carnet_err *err)
{
    uint8_t left[3 * DES_KEY], right[3 * DES_KEY], last[CARNET_DES_BLOCK] = { 0 };
    carnet_rc rc;

    (void)crypto;
    if (key.len != 2 * DES_KEY || (padding != CARNET_MAC_PADDING_1 && padding != CARNET_MAC_PADDING_2)) {
        carnet_wipe(out, CARNET_DES_BLOCK);
        return key.len != 2 * DES_KEY
                   ? carnet_fail(err, CARNET_E_CRYPTO_KEY, "ISO/IEC 9797-1 7.3", "a retail MAC's key has 16 octets")
                   : carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, "ISO/IEC 9797-1 6.3", "padding is 1 or 2");
    }
    for (size_t i = 0; i < 3; i++) {
        memcpy(left + i * DES_KEY, key.ptr, DES_KEY);
        memcpy(right + i * DES_KEY, key.ptr + DES_KEY, DES_KEY);
    }
    rc = chain_all(left, padding, parts, count, last) ? CARNET_OK : refused(err);
    /* 9797-1 7.3: the last block once more, deciphered with the right half, enciphered with the left. */
    if (rc == CARNET_OK)
        rc = one_block("DES-EDE3", right, false, last, last, CARNET_DES_BLOCK, err);
    if (rc == CARNET_OK)
        rc = one_block("DES-EDE3", left, true, last, last, CARNET_DES_BLOCK, err);
    memcpy(out, last, CARNET_DES_BLOCK);
    if (rc != CARNET_OK)
        carnet_wipe(out, CARNET_DES_BLOCK);
    carnet_wipe(left, sizeof(left));
    carnet_wipe(right, sizeof(right));
    carnet_wipe(last, sizeof(last));
    return rc;
}

static bool
cmac(EVP_MAC_CTX *ctx, const char *cipher, carnet_span key, const carnet_span *parts, size_t count, uint8_t *out)
{
    char name[] = "AES-256-CBC";
    const OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, name, sizeof(name) - 1),
                                  OSSL_PARAM_construct_end() };
    size_t len = 0;

    memcpy(name, cipher, sizeof(name));
    if (ctx == NULL || EVP_MAC_init(ctx, key.ptr, key.len, params) != 1)
        return false;
    for (size_t i = 0; i < count; i++)
        if (parts[i].len != 0 && EVP_MAC_update(ctx, parts[i].ptr, parts[i].len) != 1)
            return false;
    return EVP_MAC_final(ctx, out, &len, CARNET_AES_BLOCK) == 1 && len == CARNET_AES_BLOCK;
}

carnet_rc
carnet_aes_cmac(carnet_crypto *crypto, carnet_span key, const carnet_span *parts, size_t count,
                uint8_t out[CARNET_AES_BLOCK], carnet_err *err)
{
    static const char *const names[] = { "AES-128-CBC", "AES-192-CBC", "AES-256-CBC" };
    const char *name = aes_name(key.len, names);
    EVP_MAC *mac;
    EVP_MAC_CTX *ctx;
    carnet_rc rc = CARNET_OK;

    (void)crypto;
    if (name == NULL) {
        carnet_wipe(out, CARNET_AES_BLOCK);
        return carnet_fail(err, CARNET_E_CRYPTO_KEY, NULL, "a key of AES has 16, 24 or 32 octets");
    }
    mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
    ctx = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);
    if (!cmac(ctx, name, key, parts, count, out)) {
        carnet_wipe(out, CARNET_AES_BLOCK);
        rc = carnet_openssl_fail(err, CARNET_E_CRYPTO_BACKEND, "OpenSSL could not make the MAC");
    }
    EVP_MAC_CTX_free(ctx);
    EVP_MAC_free(mac);
    return rc;
}
