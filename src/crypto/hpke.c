/* SPDX-License-Identifier: Apache-2.0 */
/* HPKE base mode (RFC 9180) on HMAC, key agreement and AES-GCM; nothing of it is the backend's. */
#include "carnet/hpke.h"

#include <string.h>

#define NONCE_SIZE 12 /* Nn of AES-GCM (7.3) */
#define NO_OCTETS  ((carnet_span){ NULL, 0 })

const carnet_hpke_suite carnet_hpke_mdoc = { CARNET_CURVE_P256, CARNET_SHA256, CARNET_AES_128_GCM };

/* 7.1: identifier, digest of the KEM and Nsecret, which is that digest's size. */
static const struct {
    carnet_curve curve;
    uint16_t id;
    carnet_hash hash;
} kems[] = {
    { CARNET_CURVE_P256, 0x0010, CARNET_SHA256 }, { CARNET_CURVE_P384, 0x0011, CARNET_SHA384 },
    { CARNET_CURVE_P521, 0x0012, CARNET_SHA512 }, { CARNET_CURVE_X25519, 0x0020, CARNET_SHA256 },
    { CARNET_CURVE_X448, 0x0021, CARNET_SHA512 },
};

/* What the labelled functions of one suite share (4.: LabeledExtract, LabeledExpand). */
typedef struct labelled {
    carnet_crypto *crypto;
    carnet_hash hash;
    uint8_t suite_id[10];
    size_t suite_id_len;
} labelled;

static void
put_16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static bool
kem_find(carnet_curve curve, uint16_t *id, carnet_hash *hash)
{
    for (size_t i = 0; i < CARNET_COUNT(kems); i++) {
        if (kems[i].curve == curve) {
            *id = kems[i].id;
            *hash = kems[i].hash;
            return true;
        }
    }
    return false;
}

static uint16_t
kdf_id(carnet_hash hash)
{
    return hash == CARNET_SHA256 ? 1 : hash == CARNET_SHA384 ? 2 : hash == CARNET_SHA512 ? 3 : 0;
}

static uint16_t
aead_id(carnet_aead aead)
{
    return aead == CARNET_AES_128_GCM ? 1 : aead == CARNET_AES_256_GCM ? 2 : 0;
}

static carnet_rc
suite_check(const carnet_hpke_suite *suite, carnet_err *err)
{
    carnet_hash hash;
    uint16_t id;

    if (!kem_find(suite->kem, &id, &hash) || kdf_id(suite->kdf) == 0 || aead_id(suite->aead) == 0)
        return carnet_fail(err, CARNET_E_CRYPTO_UNSUPPORTED, "RFC 9180 7", "not a suite for HPKE here");
    return CARNET_OK;
}

static labelled
of_kem(carnet_crypto *crypto, carnet_curve curve)
{
    labelled l = { .crypto = crypto, .suite_id = "KEM", .suite_id_len = 5 };
    uint16_t id = 0;

    (void)kem_find(curve, &id, &l.hash);
    put_16(l.suite_id + 3, id);
    return l;
}

static labelled
of_suite(carnet_crypto *crypto, const carnet_hpke_suite *suite)
{
    labelled l = { .crypto = crypto, .hash = suite->kdf, .suite_id = "HPKE", .suite_id_len = 10 };
    carnet_hash ignored;
    uint16_t id = 0;

    (void)kem_find(suite->kem, &id, &ignored);
    put_16(l.suite_id + 4, id);
    put_16(l.suite_id + 6, kdf_id(suite->kdf));
    put_16(l.suite_id + 8, aead_id(suite->aead));
    return l;
}

static carnet_span
text(const char *words)
{
    return carnet_str_bytes(carnet_str_of(words));
}

/* HKDF-Extract is one HMAC (RFC 5869 2.2). */
static carnet_rc
extract(const labelled *l, carnet_span salt, const char *label, carnet_span ikm, uint8_t *out, carnet_err *err)
{
    const carnet_span parts[] = { text("HPKE-v1"), { l->suite_id, l->suite_id_len }, text(label), ikm };

    return carnet_hmac(l->crypto, l->hash, salt, parts, CARNET_COUNT(parts), out, err);
}

/* HKDF-Expand (RFC 5869 2.3) of `len` octets. */
static carnet_rc
expand(const labelled *l, carnet_span prk, const char *label, carnet_span info, size_t len, carnet_secret *out,
       carnet_err *err)
{
    const size_t size = carnet_hash_size(l->hash);
    uint8_t block[CARNET_HASH_MAX], number = 1, head[2];
    carnet_rc rc = len <= CARNET_SECRET_MAX ? CARNET_OK : carnet_fail(err, CARNET_E_USAGE, "RFC 9180 4", NULL);

    put_16(head, (unsigned)len);
    out->len = 0;
    for (size_t at = 0; rc == CARNET_OK && at < len; at += size, number++) {
        const carnet_span parts[] = { { block, at == 0 ? 0 : size },
                                      { head, sizeof(head) },
                                      text("HPKE-v1"),
                                      { l->suite_id, l->suite_id_len },
                                      text(label),
                                      info,
                                      { &number, 1 } };

        rc = carnet_hmac(l->crypto, l->hash, prk, parts, CARNET_COUNT(parts), block, err);
        memcpy(out->bytes + at, block, len - at < size ? len - at : size);
    }
    carnet_wipe(block, sizeof(block));
    if (rc == CARNET_OK)
        out->len = (uint8_t)len;
    else
        carnet_secret_done(out);
    return rc;
}

/* ExtractAndExpand (4.1): the KEM's shared secret. */
static carnet_rc
kem_secret(carnet_crypto *crypto, carnet_curve curve, const carnet_secret *dh, carnet_span enc,
           const carnet_public_key *recipient, carnet_secret *shared, carnet_err *err)
{
    labelled l = of_kem(crypto, curve);
    uint8_t prk[CARNET_HASH_MAX], context[2 * CARNET_HPKE_ENC_MAX];
    size_t len = carnet_hash_size(l.hash), own;
    carnet_rc rc = extract(&l, NO_OCTETS, "eae_prk", carnet_span_of(dh->bytes, dh->len), prk, err);

    memcpy(context, enc.ptr, enc.len);
    own = carnet_public_key_point(recipient, context + enc.len);
    if (rc == CARNET_OK)
        rc = expand(&l, carnet_span_of(prk, len), "shared_secret", carnet_span_of(context, enc.len + own), len, shared,
                    err);
    carnet_wipe(prk, sizeof(prk));
    return rc;
}

/* KeySchedule (5.1) in base mode: no PSK. */
static carnet_rc
key_schedule(carnet_hpke *hpke, carnet_crypto *crypto, const carnet_secret *shared, carnet_span info, carnet_err *err)
{
    const labelled l = of_suite(crypto, &hpke->suite);
    const size_t size = carnet_hash_size(l.hash), key_len = hpke->suite.aead == CARNET_AES_128_GCM ? 16 : 32;
    uint8_t context[1 + 2 * CARNET_HASH_MAX] = { 0 }, secret[CARNET_HASH_MAX];
    const carnet_span schedule = { context, 1 + 2 * size }, prk = { secret, size };
    carnet_secret nonce = { .len = 0 };
    carnet_rc rc = extract(&l, NO_OCTETS, "psk_id_hash", NO_OCTETS, context + 1, err);

    if (rc == CARNET_OK)
        rc = extract(&l, NO_OCTETS, "info_hash", info, context + 1 + size, err);
    if (rc == CARNET_OK)
        rc = extract(&l, carnet_span_of(shared->bytes, shared->len), "secret", NO_OCTETS, secret, err);
    if (rc == CARNET_OK)
        rc = expand(&l, prk, "key", schedule, key_len, &hpke->key, err);
    if (rc == CARNET_OK)
        rc = expand(&l, prk, "base_nonce", schedule, NONCE_SIZE, &nonce, err);
    if (rc == CARNET_OK)
        rc = expand(&l, prk, "exp", schedule, size, &hpke->exporter, err);
    memcpy(hpke->base_nonce, nonce.bytes, NONCE_SIZE);
    carnet_secret_done(&nonce);
    carnet_wipe(secret, sizeof(secret));
    return rc;
}

static carnet_rc
finish_setup(carnet_hpke *hpke, carnet_crypto *crypto, const carnet_secret *dh, carnet_span enc,
             const carnet_public_key *recipient, carnet_span info, carnet_err *err)
{
    carnet_secret shared = { .len = 0 };
    carnet_rc rc = kem_secret(crypto, hpke->suite.kem, dh, enc, recipient, &shared, err);

    if (rc == CARNET_OK)
        rc = key_schedule(hpke, crypto, &shared, info, err);
    carnet_secret_done(&shared);
    if (rc != CARNET_OK)
        carnet_hpke_done(hpke);
    return rc;
}

carnet_rc
carnet_hpke_sender(carnet_hpke *hpke, carnet_crypto *crypto, const carnet_hpke_suite *suite,
                   const carnet_public_key *peer, carnet_span info, carnet_key *ephemeral, carnet_buf *enc,
                   carnet_err *err)
{
    carnet_key fresh = { 0 }, *own = ephemeral != NULL ? ephemeral : &fresh;
    uint8_t point[CARNET_HPKE_ENC_MAX];
    carnet_secret dh = { .len = 0 };
    carnet_rc rc = suite_check(suite, err);

    *hpke = (carnet_hpke){ .suite = *suite };
    if (rc == CARNET_OK && peer->curve != suite->kem)
        rc = carnet_fail(err, CARNET_E_CRYPTO_MISMATCH, "RFC 9180 7.1", NULL);
    if (rc == CARNET_OK && ephemeral == NULL)
        rc = carnet_software_key_generate(crypto, suite->kem, CARNET_KEY_AGREE, &fresh, err);
    if (rc == CARNET_OK)
        rc = carnet_key_agree(own, crypto, peer, &dh, err);
    if (rc == CARNET_OK) {
        const carnet_span sent = { point, carnet_public_key_point(&own->public_key, point) };

        rc = enc->cap - enc->len < sent.len ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL)
                                            : finish_setup(hpke, crypto, &dh, sent, peer, info, err);
        if (rc == CARNET_OK)
            carnet_buf_add(enc, sent);
    }
    carnet_secret_done(&dh);
    carnet_key_done(&fresh);
    return rc;
}

carnet_rc
carnet_hpke_receiver(carnet_hpke *hpke, carnet_crypto *crypto, const carnet_hpke_suite *suite, carnet_key *key,
                     carnet_span enc, carnet_span info, carnet_err *err)
{
    carnet_public_key peer;
    carnet_secret dh = { .len = 0 };
    carnet_rc rc = suite_check(suite, err);

    *hpke = (carnet_hpke){ .suite = *suite };
    if (rc == CARNET_OK && key->public_key.curve != suite->kem)
        rc = carnet_fail(err, CARNET_E_CRYPTO_MISMATCH, "RFC 9180 7.1", NULL);
    if (rc == CARNET_OK)
        rc = carnet_public_key_from_point(crypto, suite->kem, enc, &peer, err);
    if (rc == CARNET_OK)
        rc = carnet_key_agree(key, crypto, &peer, &dh, err);
    if (rc == CARNET_OK)
        rc = finish_setup(hpke, crypto, &dh, enc, &key->public_key, info, err);
    carnet_secret_done(&dh);
    return rc;
}

/* ComputeNonce (5.2). */
static void
nonce_of(const carnet_hpke *hpke, uint8_t nonce[NONCE_SIZE])
{
    memcpy(nonce, hpke->base_nonce, NONCE_SIZE);
    for (size_t i = 0; i < sizeof(hpke->sequence); i++)
        nonce[NONCE_SIZE - 1 - i] ^= (uint8_t)(hpke->sequence >> (8 * i));
}

static carnet_rc
usable(const carnet_hpke *hpke, carnet_err *err)
{
    if (hpke->key.len == 0 || hpke->sequence == UINT64_MAX)
        return carnet_fail(err, CARNET_E_USAGE, "RFC 9180 5.2", "the context is over");
    return CARNET_OK;
}

carnet_rc
carnet_hpke_seal(carnet_hpke *hpke, carnet_crypto *crypto, carnet_span aad, carnet_span plain, uint8_t *out,
                 carnet_err *err)
{
    uint8_t nonce[NONCE_SIZE];
    carnet_rc rc = usable(hpke, err);

    if (rc != CARNET_OK)
        return rc;
    nonce_of(hpke, nonce);
    rc = carnet_aead_seal(crypto, hpke->suite.aead, carnet_span_of(hpke->key.bytes, hpke->key.len),
                          carnet_span_of(nonce, sizeof(nonce)), aad, plain, out, err);
    hpke->sequence += rc == CARNET_OK;
    return rc;
}

carnet_rc
carnet_hpke_open(carnet_hpke *hpke, carnet_crypto *crypto, carnet_span aad, carnet_span sealed, uint8_t *out,
                 carnet_err *err)
{
    uint8_t nonce[NONCE_SIZE];
    carnet_rc rc = usable(hpke, err);

    if (rc != CARNET_OK)
        return rc;
    nonce_of(hpke, nonce);
    rc = carnet_aead_open(crypto, hpke->suite.aead, carnet_span_of(hpke->key.bytes, hpke->key.len),
                          carnet_span_of(nonce, sizeof(nonce)), aad, sealed, out, err);
    hpke->sequence += rc == CARNET_OK;
    return rc;
}

carnet_rc
carnet_hpke_export(const carnet_hpke *hpke, carnet_crypto *crypto, carnet_span context, size_t len, carnet_secret *out,
                   carnet_err *err)
{
    const labelled l = of_suite(crypto, &hpke->suite);
    carnet_rc rc = usable(hpke, err);

    out->len = 0;
    return rc != CARNET_OK
               ? rc
               : expand(&l, carnet_span_of(hpke->exporter.bytes, hpke->exporter.len), "sec", context, len, out, err);
}

void
carnet_hpke_done(carnet_hpke *hpke)
{
    carnet_secret_done(&hpke->key);
    carnet_secret_done(&hpke->exporter);
    carnet_wipe(hpke, sizeof(*hpke));
}
