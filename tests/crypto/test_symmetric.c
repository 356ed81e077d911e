/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/crypto.h"
#include "support/crypto.h"
#include "support/support.h"

#include <string.h>

/* FIPS 180-4's examples. */
static const struct {
    carnet_hash hash;
    const char *message, *digest;
} digests[] = {
    { CARNET_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
    { CARNET_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { CARNET_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { CARNET_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    { CARNET_SHA384, "abc",
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7" },
    { CARNET_SHA512, "abc",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
};

static void
digests_known_messages_whole_and_in_parts(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(digests); i++) {
        const carnet_span message = carnet_str_bytes(carnet_str_of(digests[i].message));
        const carnet_span expected = carnet_test_hex(digests[i].digest);
        uint8_t out[CARNET_HASH_MAX];

        assert_int_equal(carnet_hash_size(digests[i].hash), expected.len);
        for (size_t cut = 0; cut <= message.len; cut++) {
            const carnet_span parts[] = { { message.ptr, cut }, { NULL, 0 }, { message.ptr + cut, message.len - cut } };

            assert_carnet_ok(carnet_digest(&crypto, digests[i].hash, parts, CARNET_COUNT(parts), out, NULL), NULL);
            assert_span_equal(carnet_span_of(out, expected.len), expected);
            assert_carnet_ok(carnet_digest_begin(&crypto, digests[i].hash, NULL), NULL);
            for (size_t j = 0; j < CARNET_COUNT(parts); j++)
                carnet_digest_update(&crypto, parts[j].ptr, parts[j].len);
            memset(out, 0, sizeof(out));
            assert_carnet_ok(carnet_digest_finish(&crypto, out, NULL), NULL);
            assert_span_equal(carnet_span_of(out, expected.len), expected);
        }
    }
}

static void
digests_no_message_at_all(void **state)
{
    uint8_t out[CARNET_HASH_MAX];

    (void)state;
    assert_carnet_ok(carnet_digest(&crypto, CARNET_SHA256, NULL, 0, out, NULL), NULL);
    assert_span_equal(carnet_span_of(out, 32), carnet_test_hex(digests[1].digest));
}

static void
refuses_a_digest_that_is_unknown_or_was_not_begun(void **state)
{
    uint8_t out[CARNET_HASH_MAX];
    carnet_secret secret = { .len = 7 };

    (void)state;
    assert_int_equal(carnet_hash_size((carnet_hash)-15), 0);
    assert_carnet_rc(carnet_digest(&crypto, (carnet_hash)-15, NULL, 0, out, NULL), CARNET_E_CRYPTO_UNSUPPORTED);
    assert_carnet_rc(carnet_digest_begin(&crypto, (carnet_hash)0, NULL), CARNET_E_CRYPTO_UNSUPPORTED);
    carnet_digest_update(&crypto, out, 1);
    assert_carnet_rc(carnet_digest_finish(&crypto, out, NULL), CARNET_E_USAGE);
    assert_carnet_ok(carnet_digest_begin(&crypto, CARNET_SHA384, NULL), NULL);
    assert_carnet_ok(carnet_digest_finish(&crypto, out, NULL), NULL);
    assert_carnet_rc(carnet_digest_finish(&crypto, out, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_hmac(&crypto, (carnet_hash)1, (carnet_span){ 0 }, NULL, 0, out, NULL),
                     CARNET_E_CRYPTO_UNSUPPORTED);
    assert_carnet_rc(carnet_hkdf(&crypto, (carnet_hash)1, (carnet_span){ 0 }, (carnet_span){ 0 }, (carnet_span){ 0 },
                                 32, &secret, NULL),
                     CARNET_E_CRYPTO_UNSUPPORTED);
    assert_int_equal(secret.len, 0);
}

#define AA20  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define AA131 AA20 AA20 AA20 AA20 AA20 AA20 "aaaaaaaaaaaaaaaaaaaaaa"

/* RFC 4231. */
static const struct {
    carnet_hash hash;
    const char *key, *message, *tag;
} macs[] = {
    { CARNET_SHA256, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
    { CARNET_SHA384, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "Hi There",
      "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6" },
    { CARNET_SHA512, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "Hi There",
      "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
      "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854" },
    { CARNET_SHA256, "4a656665", "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
    { CARNET_SHA256, AA131, "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
    { CARNET_SHA512, AA131, "Test Using Larger Than Block-Size Key - Hash Key First",
      "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
      "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598" },
};

static void
makes_known_hmacs(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(macs); i++) {
        const carnet_span message = carnet_str_bytes(carnet_str_of(macs[i].message));
        const carnet_span parts[] = { { message.ptr, 3 }, { message.ptr + 3, message.len - 3 } };
        const carnet_span expected = carnet_test_hex(macs[i].tag);
        uint8_t out[CARNET_HASH_MAX];

        assert_carnet_ok(carnet_hmac(&crypto, macs[i].hash, carnet_test_hex(macs[i].key), parts, 2, out, NULL), NULL);
        assert_span_equal(carnet_span_of(out, expected.len), expected);
    }
}

/* RFC 5869, Appendix A; A.2 up to the longest secret there is. */
static const struct {
    carnet_hash hash;
    const char *ikm, *salt, *info, *okm;
} derivations[] = {
    { CARNET_SHA256, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
      "f0f1f2f3f4f5f6f7f8f9", "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865" },
    { CARNET_SHA256,
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637"
      "38393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
      "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f9091929394959697"
      "98999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
      "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7"
      "e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8"
      "367793a9aca3db71cc30" },
    { CARNET_SHA256, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
      "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8" },
    { CARNET_SHA1, "0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
      "085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2c22e422478d305f3f896" },
};

static void
derives_known_keys_of_every_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(derivations); i++) {
        const carnet_span ikm = carnet_test_hex(derivations[i].ikm), salt = carnet_test_hex(derivations[i].salt);
        const carnet_span info = carnet_test_hex(derivations[i].info), okm = carnet_test_hex(derivations[i].okm);
        carnet_secret out;

        for (size_t len = 0; len <= okm.len; len++) {
            assert_carnet_ok(carnet_hkdf(&crypto, derivations[i].hash, ikm, salt, info, len, &out, NULL), NULL);
            assert_span_equal(carnet_span_of(out.bytes, out.len), carnet_span_of(okm.ptr, len));
        }
        assert_carnet_rc(carnet_hkdf(&crypto, derivations[i].hash, ikm, salt, info, CARNET_SECRET_MAX + 1, &out, NULL),
                         CARNET_E_USAGE);
        assert_int_equal(out.len, 0);
    }
}

#define GCM_KEY "feffe9928665731c6d6a8f9467308308"
#define GCM_IV  "cafebabefacedbaddecaf888"
#define GCM_AAD "feedfacedeadbeeffeedfacedeadbeefabaddad2"
#define GCM_MESSAGE                                                                                                    \
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657" \
    "ba"                                                                                                               \
    "637b39"

/* The examples of the GCM specification: test cases 1, 4, 13 and 16. */
static const struct {
    carnet_aead aead;
    const char *key, *iv, *aad, *message, *sealed;
} sealings[] = {
    { CARNET_AES_128_GCM, "00000000000000000000000000000000", "000000000000000000000000", "", "",
      "58e2fccefa7e3061367f1d57a4e7455a" },
    { CARNET_AES_128_GCM, GCM_KEY, GCM_IV, GCM_AAD, GCM_MESSAGE,
      "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac97"
      "3d58e0915bc94fbc3221a5db94fae95ae7121a47" },
    { CARNET_AES_256_GCM, "0000000000000000000000000000000000000000000000000000000000000000",
      "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b" },
    { CARNET_AES_256_GCM, GCM_KEY GCM_KEY, GCM_IV, GCM_AAD, GCM_MESSAGE,
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
      "bcc9f66276fc6ece0f4e1768cddf8853bb2d551b" },
};

static void
seals_and_opens_as_the_specification_shows(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(sealings); i++) {
        const carnet_span key = carnet_test_hex(sealings[i].key), iv = carnet_test_hex(sealings[i].iv);
        const carnet_span aad = carnet_test_hex(sealings[i].aad), message = carnet_test_hex(sealings[i].message);
        const carnet_span sealed = carnet_test_hex(sealings[i].sealed);
        uint8_t work[128];

        if (message.len != 0)
            memcpy(work, message.ptr, message.len);
        assert_carnet_ok(
            carnet_aead_seal(&crypto, sealings[i].aead, key, iv, aad, (carnet_span){ work, message.len }, work, NULL),
            NULL);
        assert_span_equal(carnet_span_of(work, sealed.len), sealed);
        assert_carnet_ok(
            carnet_aead_open(&crypto, sealings[i].aead, key, iv, aad, (carnet_span){ work, sealed.len }, work, NULL),
            NULL);
        assert_span_equal(carnet_span_of(work, message.len), message);
    }
}

/* Whatever was changed, nothing of the message comes out. */
static void
refuse_changed(carnet_span changed, void *context)
{
    uint8_t out[128], zero[128] = { 0 };
    const size_t size = changed.len < CARNET_GCM_TAG ? 0 : changed.len - CARNET_GCM_TAG;

    (void)context;
    memset(out, 0xee, sizeof(out));
    assert_carnet_rc(carnet_aead_open(&crypto, CARNET_AES_128_GCM, carnet_test_hex(GCM_KEY), carnet_test_hex(GCM_IV),
                                      carnet_test_hex(GCM_AAD), changed, out, NULL),
                     CARNET_E_CRYPTO_TAG);
    assert_memory_equal(out, zero, size);
    assert_int_equal(out[size], 0xee);
}

static void
opens_nothing_that_was_cut_or_changed(void **state)
{
    (void)state;
    carnet_test_every_prefix(carnet_test_hex(sealings[1].sealed), refuse_changed, NULL);
    carnet_test_every_bit(carnet_test_hex(sealings[1].sealed), refuse_changed, NULL);
}

static void
refuses_keys_and_ivs_of_other_lengths(void **state)
{
    static const struct {
        int aead;
        carnet_rc rc;
        size_t key, iv;
    } cases[] = {
        { CARNET_AES_128_GCM, CARNET_E_CRYPTO_KEY, 15, 12 }, { CARNET_AES_128_GCM, CARNET_E_CRYPTO_KEY, 24, 12 },
        { CARNET_AES_128_GCM, CARNET_E_CRYPTO_KEY, 32, 12 }, { CARNET_AES_256_GCM, CARNET_E_CRYPTO_KEY, 16, 12 },
        { CARNET_AES_256_GCM, CARNET_E_USAGE, 32, 11 },      { CARNET_AES_256_GCM, CARNET_E_USAGE, 32, 16 },
        { CARNET_AES_256_GCM, CARNET_E_USAGE, 32, 0 },       { 2, CARNET_E_CRYPTO_UNSUPPORTED, 24, 12 },
    };
    uint8_t bytes[32] = { 0 }, out[48];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        const carnet_span key = { bytes, cases[i].key }, iv = { bytes, cases[i].iv }, in = { bytes, 20 };

        assert_carnet_rc(
            carnet_aead_seal(&crypto, (carnet_aead)cases[i].aead, key, iv, (carnet_span){ 0 }, in, out, NULL),
            cases[i].rc);
        assert_carnet_rc(
            carnet_aead_open(&crypto, (carnet_aead)cases[i].aead, key, iv, (carnet_span){ 0 }, in, out, NULL),
            cases[i].rc);
    }
}

static void
gives_random_octets_that_differ(void **state)
{
    carnet_random random = carnet_crypto_random(&crypto);
    uint8_t a[32] = { 0 }, b[32] = { 0 };

    (void)state;
    assert_carnet_ok(carnet_random_fill(&random, a, sizeof(a), NULL), NULL);
    assert_carnet_ok(carnet_random_fill(&random, b, sizeof(b), NULL), NULL);
    assert_memory_not_equal(a, b, sizeof(a));
}

static void
refuses_to_work_before_init_and_after_done(void **state)
{
    carnet_crypto other = { 0 };
    uint8_t bytes[32] = { 0 };
    const carnet_span key = { bytes, 16 }, iv = { bytes, 12 };

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_carnet_rc(carnet_digest_begin(&other, CARNET_SHA256, NULL), CARNET_E_USAGE);
        assert_carnet_rc(carnet_aead_seal(&other, CARNET_AES_128_GCM, key, iv, key, iv, bytes, NULL), CARNET_E_USAGE);
        assert_carnet_ok(carnet_crypto_init(&other, NULL), NULL);
        carnet_crypto_done(&other);
    }
    carnet_crypto_done(&other);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_known_messages_whole_and_in_parts),
        cmocka_unit_test(digests_no_message_at_all),
        cmocka_unit_test(refuses_a_digest_that_is_unknown_or_was_not_begun),
        cmocka_unit_test(makes_known_hmacs),
        cmocka_unit_test(derives_known_keys_of_every_length),
        cmocka_unit_test(seals_and_opens_as_the_specification_shows),
        cmocka_unit_test(opens_nothing_that_was_cut_or_changed),
        cmocka_unit_test(refuses_keys_and_ivs_of_other_lengths),
        cmocka_unit_test(gives_random_octets_that_differ),
        cmocka_unit_test(refuses_to_work_before_init_and_after_done),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
