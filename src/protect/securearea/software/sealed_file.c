/* SPDX-License-Identifier: Apache-2.0 */
/* SealedFile: its form, its digest, and the way from a passphrase to what it holds. */
#include "carnet/sealed_file.h"
#include "carnet/cbor.h"

#include <string.h>

#define CLAUSE "sealed-file.cddl"
#define IV     12
#define DIGEST 32

/* An array of four, and the text that says whose it is: what the file begins with. */
static const char magic[] = "\x84\x72"
                            "carnet sealed file";

typedef struct sealed_header {
    carnet_str version, kdf;
    uint64_t memory, passes, lanes;
    carnet_span salt, commitment, iv;
} sealed_header;

static const carnet_cbor_field header_fields[] = {
    CARNET_MEMBER(sealed_header, "version", CARNET_FIELD_TSTR, version),
    CARNET_MEMBER(sealed_header, "kdf", CARNET_FIELD_TSTR, kdf),
    CARNET_MEMBER(sealed_header, "memory", CARNET_FIELD_UINT, memory),
    CARNET_MEMBER(sealed_header, "passes", CARNET_FIELD_UINT, passes),
    CARNET_MEMBER(sealed_header, "lanes", CARNET_FIELD_UINT, lanes),
    CARNET_MEMBER(sealed_header, "salt", CARNET_FIELD_BSTR, salt),
    CARNET_MEMBER(sealed_header, "commitment", CARNET_FIELD_BSTR, commitment),
    CARNET_MEMBER(sealed_header, "iv", CARNET_FIELD_BSTR, iv),
};

/* A file, whoever wrote it, may not take the machine's memory or the holder's morning. */
static bool
bounded(uint64_t memory, uint64_t passes, uint64_t lanes)
{
    return lanes >= 1 && lanes <= CARNET_SEALED_LANES_MAX && memory >= 8 * lanes &&
           memory <= CARNET_SEALED_MEMORY_MAX && passes >= 1 && passes <= CARNET_SEALED_WORK_MAX / memory;
}

/* --- opening --- */

/* The version is looked at before anything that a later one might say otherwise. */
static carnet_rc
open_version(carnet_span header, carnet_err *err)
{
    static const carnet_cbor_field version_field[] = {
        CARNET_MEMBER(sealed_header, "version", CARNET_FIELD_TSTR, version),
    };
    carnet_cbor_reader r = carnet_cbor_open(header);
    sealed_header h = { 0 };

    carnet_cbor_fields(&r, version_field, CARNET_COUNT(version_field), &h);
    if (carnet_cbor_end(&r, err) != CARNET_OK)
        return carnet_fail(err, CARNET_E_SEALED_STRUCTURE, CLAUSE, "the header is not as specified");
    if (!carnet_str_starts(h.version, "1."))
        return carnet_fail(err, CARNET_E_SEALED_VERSION, CLAUSE, NULL);
    return CARNET_OK;
}

static carnet_rc
open_header(carnet_sealed_file *view, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(view->header);
    sealed_header h = { 0 };
    carnet_rc rc = open_version(view->header, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_cbor_fields(&r, header_fields, CARNET_COUNT(header_fields), &h);
    if (carnet_cbor_end(&r, err) != CARNET_OK || !carnet_str_is(h.kdf, "argon2id") ||
        h.salt.len != CARNET_SEALED_SALT || h.iv.len != IV || h.commitment.len != CARNET_SEALED_KEY ||
        view->ciphertext.len < CARNET_GCM_TAG)
        return carnet_fail(err, CARNET_E_SEALED_STRUCTURE, CLAUSE, "the header is not as specified");
    if (!bounded(h.memory, h.passes, h.lanes))
        return carnet_fail(err, CARNET_E_SEALED_COST, CLAUSE, NULL);
    view->version = h.version;
    view->cost = (carnet_argon2_cost){ (uint32_t)h.memory, (uint32_t)h.passes, (uint32_t)h.lanes };
    view->salt = h.salt;
    view->iv = h.iv;
    view->commitment = h.commitment;
    return CARNET_OK;
}

static carnet_rc
damaged(carnet_err *err, const char *reason)
{
    return carnet_fail(err, CARNET_E_SEALED_DAMAGED, CLAUSE, reason);
}

static carnet_rc
open_all(carnet_crypto *crypto, carnet_span bytes, carnet_sealed_file *view, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(bytes);
    carnet_span before, digest, given;
    carnet_cbor_walk walk;
    uint8_t computed[DIGEST];
    carnet_rc rc;

    if (bytes.len < sizeof(magic) - 1 || memcmp(bytes.ptr, magic, sizeof(magic) - 1) != 0)
        return carnet_fail_at(err, CARNET_E_SEALED_STRUCTURE, CLAUSE, "it does not begin as one", 0, NULL);
    carnet_cbor_array(&r, &walk);
    (void)carnet_cbor_array_next(&r, &walk);
    (void)carnet_cbor_tstr(&r);
    (void)carnet_cbor_array_next(&r, &walk);
    view->header = carnet_cbor_bstr(&r);
    (void)carnet_cbor_array_next(&r, &walk);
    view->ciphertext = carnet_cbor_bstr(&r);
    (void)carnet_cbor_array_next(&r, &walk);
    before = carnet_span_of(bytes.ptr, (size_t)(r.at - bytes.ptr));
    given = carnet_cbor_bstr(&r);
    (void)carnet_cbor_array_next(&r, &walk);
    if (carnet_cbor_end(&r, err) != CARNET_OK || given.len != DIGEST)
        return damaged(err, "it is not whole");
    rc = carnet_digest(crypto, CARNET_SHA256, &before, 1, computed, err);
    if (rc != CARNET_OK)
        return rc;
    digest = carnet_span_of(computed, sizeof(computed));
    return carnet_span_equal(given, digest) ? open_header(view, err)
                                            : damaged(err, "its digest is another: bytes were changed");
}

carnet_rc
carnet_sealed_file_open(carnet_crypto *crypto, carnet_span bytes, carnet_sealed_file *view, carnet_err *err)
{
    carnet_sealed_file got = { 0 };
    carnet_rc rc = open_all(crypto, bytes, &got, err);

    *view = rc == CARNET_OK ? got : (carnet_sealed_file){ 0 };
    return rc;
}

/* --- keys --- */

/* Sealing and committing want keys of their own: GCM alone would let one file open under two passphrases. */
static carnet_rc
derive(carnet_crypto *crypto, const carnet_secret *key, const char *purpose, carnet_secret *out, carnet_err *err)
{
    return carnet_hkdf(crypto, CARNET_SHA256, carnet_span_of(key->bytes, key->len), (carnet_span){ 0 },
                       carnet_str_bytes(carnet_str_of(purpose)), CARNET_SEALED_KEY, out, err);
}

static carnet_rc
stretch(carnet_span passphrase, carnet_span salt, const carnet_argon2_cost *cost, carnet_secret *key, carnet_err *err)
{
    *key = (carnet_secret){ 0 };
    if (passphrase.len == 0 || passphrase.len > CARNET_SEALED_PASS_LENGTH)
        return carnet_fail(err, CARNET_E_USAGE, CLAUSE, "the passphrase is empty or too long");
    if (!bounded(cost->memory_kib, cost->passes, cost->lanes))
        return carnet_fail(err, CARNET_E_USAGE, CLAUSE, "the cost is not within bounds");
    return carnet_argon2id(passphrase, salt, cost, CARNET_SEALED_KEY, key, err);
}

carnet_rc
carnet_sealed_file_key(carnet_crypto *crypto, const carnet_sealed_file *view, carnet_span passphrase,
                       carnet_secret *key, carnet_err *err)
{
    carnet_secret commitment = { 0 };
    carnet_rc rc = stretch(passphrase, view->salt, &view->cost, key, err);

    if (rc == CARNET_OK)
        rc = derive(crypto, key, "carnet sealed file commitment", &commitment, err);
    if (rc == CARNET_OK && !carnet_equal_secret(carnet_span_of(commitment.bytes, commitment.len), view->commitment))
        rc = carnet_fail(err, CARNET_E_SEALED_PASSPHRASE, CLAUSE, NULL);
    if (rc != CARNET_OK)
        carnet_secret_done(key);
    carnet_secret_done(&commitment);
    return rc;
}

carnet_rc
carnet_sealed_file_new_key(carnet_crypto *crypto, carnet_span passphrase, const carnet_argon2_cost *cost,
                           uint8_t salt[CARNET_SEALED_SALT], carnet_secret *key, carnet_err *err)
{
    static const carnet_argon2_cost usual = { CARNET_SEALED_MEMORY_KIB, CARNET_SEALED_PASSES, CARNET_SEALED_LANES };
    carnet_random random = carnet_crypto_random(crypto);
    carnet_rc rc = carnet_random_fill(&random, salt, CARNET_SEALED_SALT, err);

    *key = (carnet_secret){ 0 };
    return rc != CARNET_OK
               ? rc
               : stretch(passphrase, carnet_span_of(salt, CARNET_SEALED_SALT), cost != NULL ? cost : &usual, key, err);
}

/* --- sealing and unsealing --- */

carnet_rc
carnet_sealed_file_unseal(carnet_crypto *crypto, const carnet_sealed_file *view, const carnet_secret *key, uint8_t *out,
                          size_t cap, carnet_span *plain, carnet_err *err)
{
    carnet_secret sealing = { 0 };
    carnet_rc rc;

    *plain = (carnet_span){ 0 };
    if (view->ciphertext.len < CARNET_GCM_TAG)
        return carnet_fail(err, CARNET_E_USAGE, CLAUSE, "no sealed file was opened");
    if (cap < view->ciphertext.len - CARNET_GCM_TAG)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    rc = derive(crypto, key, "carnet sealed file sealing", &sealing, err);
    if (rc == CARNET_OK)
        rc = carnet_aead_open(crypto, CARNET_AES_256_GCM, carnet_span_of(sealing.bytes, sealing.len), view->iv,
                              view->header, view->ciphertext, out, err);
    carnet_secret_done(&sealing);
    if (rc == CARNET_E_CRYPTO_TAG)
        return damaged(err, "the passphrase is right, but bytes were changed on purpose");
    if (rc == CARNET_OK)
        *plain = carnet_span_of(out, view->ciphertext.len - CARNET_GCM_TAG);
    return rc;
}

static void
build_header(carnet_cbor_builder *b, const carnet_argon2_cost *cost, carnet_span salt, carnet_span commitment,
             carnet_span iv)
{
    carnet_cbor_add_map(b, 8);
    carnet_cbor_add_text(b, "version");
    carnet_cbor_add_text(b, "1.0");
    carnet_cbor_add_text(b, "kdf");
    carnet_cbor_add_text(b, "argon2id");
    carnet_cbor_add_text(b, "memory");
    carnet_cbor_add_uint(b, cost->memory_kib);
    carnet_cbor_add_text(b, "passes");
    carnet_cbor_add_uint(b, cost->passes);
    carnet_cbor_add_text(b, "lanes");
    carnet_cbor_add_uint(b, cost->lanes);
    carnet_cbor_add_text(b, "salt");
    carnet_cbor_add_bstr(b, salt);
    carnet_cbor_add_text(b, "commitment");
    carnet_cbor_add_bstr(b, commitment);
    carnet_cbor_add_text(b, "iv");
    carnet_cbor_add_bstr(b, iv);
}

/* All but the digest; what is sealed is put together in place and sealed there. */
static carnet_rc
build_sealed(carnet_cbor_builder *b, carnet_crypto *crypto, const carnet_secret *sealing, carnet_span iv,
             carnet_span header, const carnet_span *parts, size_t count, carnet_err *err)
{
    size_t len = 0;
    uint8_t *at;

    for (size_t i = 0; i < count; i++)
        if (!carnet_add_size(len, parts[i].len, &len))
            return carnet_fail(err, CARNET_E_OVERFLOW, NULL, NULL);
    carnet_cbor_add_raw(b, carnet_span_of(magic, sizeof(magic) - 1));
    carnet_cbor_add_bstr(b, header);
    carnet_cbor_add_bstr_head(b, len + CARNET_GCM_TAG);
    if (b->rc != CARNET_OK || b->cap - b->len < len + CARNET_GCM_TAG + 2 + DIGEST)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    at = b->ptr + b->len;
    for (size_t i = 0; i < count; i++)
        carnet_cbor_add_raw(b, parts[i]);
    b->len += CARNET_GCM_TAG;
    return carnet_aead_seal(crypto, CARNET_AES_256_GCM, carnet_span_of(sealing->bytes, sealing->len), iv, header,
                            carnet_span_of(at, len), at, err);
}

carnet_rc
carnet_sealed_file_seal(carnet_crypto *crypto, const carnet_secret *key, const carnet_argon2_cost *cost,
                        const uint8_t salt[CARNET_SEALED_SALT], const carnet_span *parts, size_t count, carnet_buf *out,
                        carnet_err *err)
{
    carnet_random random = carnet_crypto_random(crypto);
    carnet_cbor_builder b = carnet_cbor_build(out->ptr + out->len, out->cap - out->len);
    carnet_secret sealing = { 0 }, commitment = { 0 };
    uint8_t iv[IV], digest[DIGEST], bytes[256];
    carnet_cbor_builder header = carnet_cbor_build(bytes, sizeof(bytes));
    carnet_span whole;
    carnet_rc rc = carnet_random_fill(&random, iv, sizeof(iv), err);

    if (rc == CARNET_OK)
        rc = derive(crypto, key, "carnet sealed file sealing", &sealing, err);
    if (rc == CARNET_OK)
        rc = derive(crypto, key, "carnet sealed file commitment", &commitment, err);
    if (rc == CARNET_OK) {
        build_header(&header, cost, carnet_span_of(salt, CARNET_SEALED_SALT),
                     carnet_span_of(commitment.bytes, commitment.len), carnet_span_of(iv, sizeof(iv)));
        rc = build_sealed(&b, crypto, &sealing, carnet_span_of(iv, sizeof(iv)), carnet_span_of(bytes, header.len),
                          parts, count, err);
    }
    carnet_secret_done(&sealing);
    carnet_secret_done(&commitment);
    whole = carnet_span_of(b.ptr, b.len);
    if (rc == CARNET_OK)
        rc = carnet_digest(crypto, CARNET_SHA256, &whole, 1, digest, err);
    if (rc != CARNET_OK) {
        carnet_wipe(out->ptr + out->len, out->cap - out->len);
        return rc;
    }
    carnet_cbor_add_bstr(&b, carnet_span_of(digest, sizeof(digest)));
    out->len += b.len;
    return CARNET_OK;
}
