/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/message_mac.h"

#include "carnet/crypto_payment.h"
#include "carnet/json.h"
#include "support/crypto.h"
#include "support/support.h"

#include <string.h>

#define RETAIL_KEY "0123456789abcdeffedcba9876543210"
#define CMAC_KEY   "2b7e151628aed2a6abf7158809cf4f3c"
#define CMAC_KEY24 "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b"
#define CMAC_KEY32 "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
#define BLOCKS                                                                                                         \
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"                                                 \
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"

/* RFC 4493 4 and SP 800-38B's examples. */
static void
makes_known_cmacs_in_parts(void **state)
{
    static const struct {
        const char *key;
        size_t len;
        const char *mac;
    } cases[] = {
        { CMAC_KEY, 0, "bb1d6929e95937287fa37d129b756746" },   { CMAC_KEY, 16, "070a16b46b4d4144f79bdd9dd04a287c" },
        { CMAC_KEY, 40, "dfa66747de9ae63030ca32611497c827" },  { CMAC_KEY, 64, "51f0bebf7e3b9d92fc49741779363cfe" },
        { CMAC_KEY24, 0, "d17ddf46adaacde531cac483de7a9367" }, { CMAC_KEY24, 64, "a1d5df0eed790f794d77589659f39a11" },
        { CMAC_KEY32, 0, "028962f61b7bf89efc6b551f4667d983" }, { CMAC_KEY32, 64, "e1992190549f6ed5696a2c056c315410" },
    };
    const carnet_span message = carnet_test_hex(BLOCKS);

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++)
        for (size_t cut = 0; cut <= cases[i].len; cut += 5) {
            const carnet_span parts[] = { { message.ptr, cut },
                                          { NULL, 0 },
                                          { message.ptr + cut, cases[i].len - cut } };
            uint8_t mac[CARNET_AES_BLOCK];

            assert_carnet_ok(carnet_aes_cmac(&crypto, carnet_test_hex(cases[i].key), parts, 3, mac, NULL), NULL);
            assert_span_equal(carnet_span_of(mac, sizeof(mac)), carnet_test_hex(cases[i].mac));
        }
}

/* What algorithm 3 is, spelt out with one block at a time: K1 K2 K1 on the last block, K1 alone before. */
static void
makes_retail_macs_as_defined_whole_and_in_parts(void **state)
{
    const carnet_span key = carnet_test_hex(RETAIL_KEY), message = carnet_test_hex(BLOCKS);

    (void)state;
    for (size_t len = 0; len <= message.len; len++)
        for (size_t cut = 0; cut <= len; cut += 3) {
            const carnet_span whole = { message.ptr, len };
            const carnet_span parts[] = { { message.ptr, cut }, { message.ptr + cut, len - cut } };
            uint8_t one[8], two[8];

            for (int padding = 1; padding <= 2; padding++) {
                assert_carnet_ok(carnet_retail_mac(&crypto, key, (carnet_mac_padding)padding, &whole, 1, one, NULL),
                                 NULL);
                assert_carnet_ok(carnet_retail_mac(&crypto, key, (carnet_mac_padding)padding, parts, 2, two, NULL),
                                 NULL);
                assert_memory_equal(one, two, 8);
            }
        }
    /* One full block under padding 1 is Triple DES of it. */
    {
        const carnet_span block = { message.ptr, 8 };
        uint8_t mac[8], des[8];

        assert_carnet_ok(carnet_retail_mac(&crypto, key, CARNET_MAC_PADDING_1, &block, 1, mac, NULL), NULL);
        assert_carnet_ok(carnet_triple_des_block(&crypto, key, true, block.ptr, des, NULL), NULL);
        assert_memory_equal(mac, des, 8);
    }
}

static void
enciphers_known_blocks_and_back(void **state)
{
    /* FIPS 197 C.1 to C.3; Triple DES with three parts that differ, SP 800-67's example. */
    static const struct {
        bool aes;
        const char *key, *in, *out;
    } cases[] = {
        { true, "000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff",
          "69c4e0d86a7b0430d8cdb78070b4c55a" },
        { true, "000102030405060708090a0b0c0d0e0f1011121314151617", "00112233445566778899aabbccddeeff",
          "dda97ca4864cdfe06eaf70a0ec0d7191" },
        { true, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "00112233445566778899aabbccddeeff",
          "8ea2b7ca516745bfeafc49904b496089" },
        { false, "0123456789abcdef23456789abcdef01456789abcdef0123", "5468652071756663", "a826fd8ce53b855f" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        const carnet_span key = carnet_test_hex(cases[i].key), in = carnet_test_hex(cases[i].in);
        uint8_t out[16];

        for (int way = 1; way >= 0; way--) {
            const carnet_span from = way ? in : carnet_test_hex(cases[i].out);

            memcpy(out, from.ptr, from.len); /* in place */
            assert_carnet_ok(cases[i].aes ? carnet_aes_block(&crypto, key, way, out, out, NULL)
                                          : carnet_triple_des_block(&crypto, key, way, out, out, NULL),
                             NULL);
            assert_span_equal(carnet_span_of(out, in.len), way ? carnet_test_hex(cases[i].out) : in);
        }
    }
}

static const carnet_message_mac_algorithm algorithms[] = { CARNET_MESSAGE_MAC_RETAIL_ZEROS,
                                                           CARNET_MESSAGE_MAC_RETAIL_BIT, CARNET_MESSAGE_MAC_AES_CMAC };

static void
takes_its_own_macs_and_no_other(void **state)
{
    const carnet_span message = carnet_test_hex(BLOCKS);

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(algorithms); i++)
        for (size_t size = 4; size <= 8; size += 4) {
            const carnet_message_mac_key key = { algorithms[i], carnet_test_hex(RETAIL_KEY), size };
            uint8_t mac[CARNET_MESSAGE_MAC];

            assert_carnet_ok(carnet_message_mac_make(&crypto, &key, message, mac, NULL), NULL);
            assert_carnet_ok(carnet_message_mac_check(&crypto, &key, message, carnet_span_of(mac, 8), NULL), NULL);
            assert_carnet_ok(carnet_message_mac_check(&crypto, &key, message, carnet_span_of(mac, size), NULL), NULL);
            for (size_t bit = 0; bit < 64; bit++) {
                mac[bit / 8] = (uint8_t)(mac[bit / 8] ^ 1U << bit % 8);
                assert_carnet_rc(carnet_message_mac_check(&crypto, &key, message, carnet_span_of(mac, 8), NULL),
                                 CARNET_E_MESSAGE_MAC);
                mac[bit / 8] = (uint8_t)(mac[bit / 8] ^ 1U << bit % 8);
            }
            for (size_t len = 0; len < 8; len++)
                if (len != size)
                    assert_carnet_rc(carnet_message_mac_check(&crypto, &key, message, carnet_span_of(mac, len), NULL),
                                     CARNET_E_MESSAGE_MAC);
            assert_carnet_rc(
                carnet_message_mac_check(&crypto, &key, (carnet_span){ message.ptr, 63 }, carnet_span_of(mac, 8), NULL),
                CARNET_E_MESSAGE_MAC);
        }
}

static void
refuses_keys_sizes_and_algorithms_that_are_none(void **state)
{
    const carnet_span message = carnet_test_hex(BLOCKS);
    uint8_t mac[16];

    (void)state;
    assert_carnet_rc(
        carnet_retail_mac(&crypto, carnet_test_hex("0123456789abcdef"), CARNET_MAC_PADDING_1, &message, 1, mac, NULL),
        CARNET_E_CRYPTO_KEY);
    assert_carnet_rc(
        carnet_retail_mac(&crypto, carnet_test_hex(RETAIL_KEY), (carnet_mac_padding)3, &message, 1, mac, NULL),
        CARNET_E_CRYPTO_UNSUPPORTED);
    assert_carnet_rc(carnet_aes_cmac(&crypto, carnet_test_hex("0123456789abcdef"), &message, 1, mac, NULL),
                     CARNET_E_CRYPTO_KEY);
    for (size_t size = 0; size < 12; size++) {
        const carnet_message_mac_key key = { CARNET_MESSAGE_MAC_AES_CMAC, carnet_test_hex(CMAC_KEY), size };

        assert_carnet_rc(carnet_message_mac_make(&crypto, &key, message, mac, NULL),
                         size == 4 || size == 8 ? CARNET_OK : CARNET_E_USAGE);
    }
    assert_carnet_rc(carnet_message_mac_make(
                         &crypto, &(carnet_message_mac_key){ CARNET_MESSAGE_MAC_NONE, carnet_test_hex(CMAC_KEY), 8 },
                         message, mac, NULL),
                     CARNET_E_USAGE);
}

static void
knows_its_algorithms_by_name(void **state)
{
    (void)state;
    assert_int_equal(carnet_message_mac_named(carnet_str_of("retail")), CARNET_MESSAGE_MAC_RETAIL_ZEROS);
    assert_int_equal(carnet_message_mac_named(carnet_str_of("retail-2")), CARNET_MESSAGE_MAC_RETAIL_BIT);
    assert_int_equal(carnet_message_mac_named(carnet_str_of("aes-cmac")), CARNET_MESSAGE_MAC_AES_CMAC);
    assert_int_equal(carnet_message_mac_named(carnet_str_of("Retail")), CARNET_MESSAGE_MAC_NONE);
    assert_int_equal(carnet_message_mac_named(carnet_str_of("")), CARNET_MESSAGE_MAC_NONE);
}

static carnet_span
hex_member(const carnet_json *object, const char *name)
{
    const carnet_str value = carnet_json_string(carnet_json_get(object, name));
    char text[1024];

    assert_true(value.len < sizeof(text));
    memcpy(text, value.ptr, value.len);
    text[value.len] = 0;
    return carnet_test_hex(text);
}

static void
agrees_with_published_macs(void **state)
{
    carnet_json *document = NULL;
    const carnet_json *list;

    (void)state;
    assert_carnet_ok(carnet_json_parse(carnet_test_shared_text("vectors/p1940/mac.json"), &document, NULL), NULL);
    list = carnet_json_get(document, "retail_mac_iso9797_1_alg3");
    assert_true(carnet_json_count(list) > 0);
    for (size_t i = 0; i < carnet_json_count(list); i++) {
        const carnet_json *one = carnet_json_at(list, i);
        const carnet_message_mac_key key = { carnet_json_integer(carnet_json_get(one, "padding")) == 1
                                                 ? CARNET_MESSAGE_MAC_RETAIL_ZEROS
                                                 : CARNET_MESSAGE_MAC_RETAIL_BIT,
                                             hex_member(one, "key"), 8 };

        assert_carnet_ok(carnet_message_mac_check(&crypto, &key, hex_member(one, "data"), hex_member(one, "mac"), NULL),
                         NULL);
    }
    list = carnet_json_get(document, "aes_cmac");
    assert_true(carnet_json_count(list) > 0);
    for (size_t i = 0; i < carnet_json_count(list); i++) {
        const carnet_json *one = carnet_json_at(list, i);
        const carnet_span data = hex_member(one, "data");
        uint8_t mac[CARNET_AES_BLOCK];

        assert_carnet_ok(carnet_aes_cmac(&crypto, hex_member(one, "key"), &data, 1, mac, NULL), NULL);
        assert_span_equal(carnet_span_of(mac, sizeof(mac)), hex_member(one, "mac"));
    }
    carnet_json_free(&document);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_known_cmacs_in_parts),
        cmocka_unit_test(makes_retail_macs_as_defined_whole_and_in_parts),
        cmocka_unit_test(enciphers_known_blocks_and_back),
        cmocka_unit_test(takes_its_own_macs_and_no_other),
        cmocka_unit_test(refuses_keys_sizes_and_algorithms_that_are_none),
        cmocka_unit_test(knows_its_algorithms_by_name),
        cmocka_unit_test(agrees_with_published_macs),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
