/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Project Wycheproof's vectors, each through the call a user of the library
 * would make.  What Carnet does not offer (other IV lengths, compressed points
 * as peers, longer HKDF outputs) must be refused, and is counted.
 */
#include "carnet/crypto.h"
#include "support/support.h"

#include <jansson.h>
#include <string.h>

typedef struct tally_of {
    size_t seen, done, refused;
} tally_of;

typedef void judge(carnet_crypto *crypto, json_t *group, json_t *test, tally_of *tally);

typedef struct suite {
    const char *file;
    judge *judge;
    carnet_curve curve;
    size_t done, refused; /* so many must there be of either */
} suite;

static const suite *running;

static const char *
text(json_t *object, const char *key)
{
    const char *found = json_string_value(json_object_get(object, key));

    assert_non_null(found);
    return found;
}

static carnet_span
hex(json_t *object, const char *key)
{
    return carnet_test_hex(text(object, key));
}

static bool
is(json_t *test, const char *result)
{
    return strcmp(text(test, "result"), result) == 0;
}

static void
expect(json_t *test, bool good, bool expected)
{
    if (good != expected)
        fail_msg("%s, tcId %d (%s): %s", running->file, (int)json_integer_value(json_object_get(test, "tcId")),
                 text(test, "comment"), good ? "accepted" : "refused");
}

/* An unsigned number at full width. */
static carnet_span
widened(carnet_span number, size_t width, uint8_t out[CARNET_COORDINATE_MAX])
{
    while (number.len > width && number.ptr[0] == 0)
        number = (carnet_span){ number.ptr + 1, number.len - 1 };
    assert_true(number.len <= width);
    memset(out, 0, width);
    if (number.len != 0)
        memcpy(out + width - number.len, number.ptr, number.len);
    return (carnet_span){ out, width };
}

static carnet_signature_algorithm
algorithm_of(json_t *group, const carnet_curve_info *info)
{
    static const struct {
        const char *sha;
        carnet_signature_algorithm algorithm;
    } names[] = { { "SHA-256", CARNET_ES256 }, { "SHA-384", CARNET_ES384 }, { "SHA-512", CARNET_ES512 } };

    if (info->okp)
        return CARNET_EDDSA;
    for (size_t i = 0; i < CARNET_COUNT(names); i++)
        if (strcmp(text(group, "sha"), names[i].sha) == 0)
            return names[i].algorithm;
    fail_msg("no algorithm for %s", text(group, "sha"));
    return CARNET_SIGNATURE_NONE;
}

static void
judge_signature(carnet_crypto *crypto, json_t *group, json_t *test, tally_of *tally)
{
    const carnet_curve_info *info = carnet_curve_get(running->curve);
    const carnet_span message = hex(test, "msg");
    json_t *described = json_object_get(group, "publicKey");
    carnet_public_key key, same;
    carnet_err err = { 0 };
    carnet_rc rc;

    assert_carnet_ok(carnet_public_key_from_point(crypto, info->curve,
                                                  hex(described, info->okp ? "pk" : "uncompressed"), &key, &err),
                     &err);
    assert_carnet_ok(carnet_public_key_from_spki(crypto, hex(group, "publicKeyDer"), &same, &err), &err);
    assert_true(carnet_public_key_equal(&key, &same));
    rc = carnet_verify(crypto, &key, algorithm_of(group, info), &message, 1, hex(test, "sig"), &err);
    expect(test, rc == CARNET_OK, is(test, "valid"));
    if (rc != CARNET_OK)
        assert_carnet_rc(rc, CARNET_E_CRYPTO_SIGNATURE);
    tally->done++;
}

static void
judge_agreement(carnet_crypto *crypto, json_t *group, json_t *test, tally_of *tally)
{
    const carnet_curve_info *info = carnet_curve_get(running->curve);
    const carnet_span expected = hex(test, "shared");
    uint8_t wide[CARNET_COORDINATE_MAX];
    const carnet_span scalar = widened(hex(test, "private"), info->coordinate, wide);
    carnet_public_key peer;
    carnet_secret shared = { 0 };
    carnet_key key = { 0 };
    carnet_err err = { 0 };
    carnet_rc rc;

    (void)group;
    assert_carnet_ok(carnet_software_key_from_scalar(crypto, info->curve, scalar, CARNET_KEY_AGREE, &key, &err), &err);
    rc = carnet_public_key_from_point(crypto, info->curve, hex(test, "public"), &peer, &err);
    if (rc == CARNET_OK)
        rc = carnet_key_agree(&key, crypto, &peer, &shared, &err);
    if (rc != CARNET_OK) {
        bool zero = true;

        assert_carnet_rc(rc, CARNET_E_CRYPTO_KEY);
        for (size_t i = 0; i < expected.len; i++)
            zero = zero && expected.ptr[i] == 0;
        /* Acceptable, yet refused: compressed points, and secrets that are all zero. */
        expect(test, false, is(test, "valid") || (is(test, "acceptable") && info->okp && !zero));
        tally->refused++;
    } else {
        expect(test, true, !is(test, "invalid"));
        assert_span_equal(carnet_span_of(shared.bytes, shared.len), expected);
        tally->done++;
    }
    carnet_key_done(&key);
}

static void
judge_gcm(carnet_crypto *crypto, json_t *group, json_t *test, tally_of *tally)
{
    const carnet_span key = hex(test, "key"), iv = hex(test, "iv"), aad = hex(test, "aad"), msg = hex(test, "msg");
    const carnet_span ct = hex(test, "ct"), tag = hex(test, "tag");
    const carnet_aead aead = key.len == 32 ? CARNET_AES_256_GCM : CARNET_AES_128_GCM;
    uint8_t sealed[1024], opened[1024], out[1024];
    carnet_buf whole = carnet_buf_of(sealed, sizeof(sealed));
    carnet_err err = { 0 };
    carnet_rc rc;

    (void)group;
    carnet_buf_add(&whole, ct);
    carnet_buf_add(&whole, tag);
    assert_false(whole.overflow);
    rc = carnet_aead_open(crypto, aead, key, iv, aad, carnet_buf_span(&whole), opened, &err);
    if (iv.len != 12 || (key.len != 16 && key.len != 32)) {
        assert_int_not_equal(rc, CARNET_OK);
        assert_int_not_equal(carnet_aead_seal(crypto, aead, key, iv, aad, msg, out, &err), CARNET_OK);
        tally->refused++;
        return;
    }
    expect(test, rc == CARNET_OK, is(test, "valid"));
    if (rc == CARNET_OK) {
        assert_span_equal(carnet_span_of(opened, msg.len), msg);
        assert_carnet_ok(carnet_aead_seal(crypto, aead, key, iv, aad, msg, out, &err), &err);
        assert_span_equal(carnet_span_of(out, msg.len + CARNET_GCM_TAG), carnet_buf_span(&whole));
    } else {
        assert_carnet_rc(rc, CARNET_E_CRYPTO_TAG);
    }
    tally->done++;
}

static void
judge_hkdf(carnet_crypto *crypto, json_t *group, json_t *test, tally_of *tally)
{
    const size_t size = (size_t)json_integer_value(json_object_get(test, "size"));
    carnet_secret out;
    carnet_err err = { 0 };
    const carnet_rc rc =
        carnet_hkdf(crypto, CARNET_SHA256, hex(test, "ikm"), hex(test, "salt"), hex(test, "info"), size, &out, &err);

    (void)group;
    if (size > CARNET_SECRET_MAX) {
        assert_carnet_rc(rc, CARNET_E_USAGE);
        assert_int_equal(out.len, 0);
        tally->refused++;
        return;
    }
    assert_carnet_ok(rc, &err);
    assert_span_equal(carnet_span_of(out.bytes, out.len), hex(test, "okm"));
    expect(test, true, is(test, "valid"));
    tally->done++;
}

static void
judge_hmac(carnet_crypto *crypto, json_t *group, json_t *test, tally_of *tally)
{
    const carnet_span message = hex(test, "msg"), tag = hex(test, "tag");
    uint8_t out[CARNET_HASH_MAX];
    carnet_err err = { 0 };

    assert_int_equal(tag.len * 8, json_integer_value(json_object_get(group, "tagSize")));
    assert_carnet_ok(carnet_hmac(crypto, CARNET_SHA256, hex(test, "key"), &message, 1, out, &err), &err);
    expect(test, carnet_equal_secret((carnet_span){ out, tag.len }, tag), is(test, "valid"));
    tally->done++;
}

static void
as_the_vectors_say(void **state)
{
    char path[128] = "vectors/wycheproof/";
    carnet_str content;
    carnet_crypto crypto;
    tally_of tally = { 0 };
    size_t i, j;
    json_t *all, *group, *test;

    running = *state;
    memcpy(path + strlen(path), running->file, strlen(running->file) + 1);
    content = carnet_test_shared_text(path);
    all = json_loadb(content.ptr, content.len, 0, NULL);
    assert_non_null(all);
    assert_carnet_ok(carnet_crypto_init(&crypto, NULL), NULL);
    json_array_foreach(json_object_get(all, "testGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            running->judge(&crypto, group, test, &tally);
            tally.seen++;
        }
    }
    assert_int_equal(tally.seen, json_integer_value(json_object_get(all, "numberOfTests")));
    assert_int_equal(tally.seen, tally.done + tally.refused);
    print_message("# %s: %zu tests, %zu refused as not offered or not valid\n", running->file, tally.seen,
                  tally.refused);
    assert_int_equal(tally.done, running->done);
    assert_int_equal(tally.refused, running->refused);
    carnet_crypto_done(&crypto);
    json_decref(all);
}

static suite suites[] = {
    { "aes_gcm_test.json", judge_gcm, CARNET_CURVE_NONE, 133, 183 },
    { "ecdh_secp256r1_ecpoint_test.json", judge_agreement, CARNET_CURVE_P256, 330, 25 },
    { "ecdh_secp384r1_ecpoint_test.json", judge_agreement, CARNET_CURVE_P384, 771, 19 },
    { "ecdh_secp521r1_ecpoint_test.json", judge_agreement, CARNET_CURVE_P521, 632, 29 },
    { "ecdsa_brainpoolP256r1_sha256_p1363_test.json", judge_signature, CARNET_CURVE_BRAINPOOL_P256R1, 261, 0 },
    { "ecdsa_brainpoolP320r1_sha384_p1363_test.json", judge_signature, CARNET_CURVE_BRAINPOOL_P320R1, 265, 0 },
    { "ecdsa_brainpoolP384r1_sha384_p1363_test.json", judge_signature, CARNET_CURVE_BRAINPOOL_P384R1, 292, 0 },
    { "ecdsa_brainpoolP512r1_sha512_p1363_test.json", judge_signature, CARNET_CURVE_BRAINPOOL_P512R1, 337, 0 },
    { "ecdsa_secp256r1_sha256_p1363_test.json", judge_signature, CARNET_CURVE_P256, 262, 0 },
    { "ecdsa_secp384r1_sha384_p1363_test.json", judge_signature, CARNET_CURVE_P384, 280, 0 },
    { "ecdsa_secp521r1_sha512_p1363_test.json", judge_signature, CARNET_CURVE_P521, 318, 0 },
    { "ed25519_test.json", judge_signature, CARNET_CURVE_ED25519, 151, 0 },
    { "ed448_test.json", judge_signature, CARNET_CURVE_ED448, 87, 0 },
    { "hkdf_sha256_test.json", judge_hkdf, CARNET_CURVE_NONE, 75, 11 },
    { "hmac_sha256_test.json", judge_hmac, CARNET_CURVE_NONE, 174, 0 },
    { "x25519_test.json", judge_agreement, CARNET_CURVE_X25519, 487, 31 },
    { "x448_test.json", judge_agreement, CARNET_CURVE_X448, 487, 23 },
};

int
main(void)
{
    struct CMUnitTest tests[CARNET_COUNT(suites)];

    for (size_t i = 0; i < CARNET_COUNT(suites); i++)
        tests[i] = (struct CMUnitTest){ suites[i].file, as_the_vectors_say, NULL, NULL, &suites[i] };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
