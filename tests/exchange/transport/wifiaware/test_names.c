/* SPDX-License-Identifier: Apache-2.0 */
/* What a service of Wi-Fi Aware is called, and how it is protected. */
#include "carnet/wifi_aware.h"
#include "support/support.h"

#include <string.h>

/* EDeviceKeyBytes and what follows from them, computed with another HKDF. */
#define KEY_BYTES                                                                                                      \
    "d818584ba40102200121582060e3392385041f51403051f2415531cb56dd3f999c71687013aac6768bc8187e225820e58deb8fdbe907f7dd" \
    "53"                                                                                                               \
    "68245551a34796f7d2215c440c339bb0f7b67beccdfa"
#define NAME       "A1DBBB8D7E7A6E369D97458BE2C91BEB"
#define PASSPHRASE "f1TEK-OMd3ci35Gw0tWoTAKpckfdkAYai52SPcgKpfA"

static carnet_crypto crypto;

static int
begin(void **state)
{
    (void)state;
    return carnet_crypto_init(&crypto, NULL) != CARNET_OK;
}

static int
finish(void **state)
{
    (void)state;
    carnet_crypto_done(&crypto);
    return 0;
}

static void
names_a_service_by_its_key(void **state)
{
    carnet_wifi_aware_service service;

    (void)state;
    assert_carnet_ok(carnet_wifi_aware_service_of(&crypto, carnet_test_hex(KEY_BYTES), (carnet_str){ 0 },
                                                  CARNET_NAN_SK_128, &service, NULL),
                     NULL);
    assert_string_equal(service.name, NAME);
    assert_string_equal(service.passphrase, PASSPHRASE);
    assert_true(service.derived);
    assert_int_equal(service.suites, CARNET_NAN_SK_128);
}

/* The value of a text member in a small JSON object. */
static carnet_str
member(carnet_str json, const char *name)
{
    char quoted[64];
    carnet_buf key = carnet_buf_of(quoted, sizeof(quoted));
    const char *at, *end;

    carnet_buf_add_text(&key, "\"");
    carnet_buf_add_text(&key, name);
    carnet_buf_add_text(&key, "\": \"");
    at = memmem(json.ptr, json.len, quoted, key.len);
    assert_non_null(at);
    at += key.len;
    end = memchr(at, '"', json.len - (size_t)(at - json.ptr));
    assert_non_null(end);
    return (carnet_str){ at, (size_t)(end - at) };
}

static void
agrees_with_the_engagement_of_annex_d(void **state)
{
    carnet_str json = carnet_test_shared_text("vectors/iso18013-5-annexD/derived_ble_ident_wifi_qr.json");
    carnet_wifi_aware_service service;
    uint8_t room[256];
    carnet_buf key = carnet_buf_of(room, sizeof(room));

    (void)state;
    assert_carnet_ok(carnet_hex_decode(member(json, "ikm_EDeviceKeyBytes"), &key, NULL), NULL);
    assert_carnet_ok(carnet_wifi_aware_service_of(&crypto, carnet_buf_span(&key), (carnet_str){ 0 }, CARNET_NAN_SK_128,
                                                  &service, NULL),
                     NULL);
    assert_str_is(member(json, "wifi_service_name"), service.name);
    assert_str_is(member(json, "wifi_passphrase"), service.passphrase);
}

static void
takes_a_passphrase_that_a_data_path_can_have(void **state)
{
    static const char longest[] = "123456789012345678901234567890123456789012345678901234567890123";
    static const struct {
        carnet_str passphrase;
        carnet_rc rc;
    } cases[] = {
        { { "12345678", 8 }, CARNET_OK },
        { { "with space ~", 12 }, CARNET_OK },
        { { longest, 63 }, CARNET_OK },
        { { "1234567", 7 }, CARNET_E_ENGAGEMENT_STRUCTURE },
        { { "1234567890123456789012345678901234567890123456789012345678901234", 64 }, CARNET_E_ENGAGEMENT_STRUCTURE },
        { { "12345678\x7f", 9 }, CARNET_E_ENGAGEMENT_STRUCTURE },
        { { "12345678\n", 9 }, CARNET_E_ENGAGEMENT_STRUCTURE },
        { { "12345678\0", 9 }, CARNET_E_ENGAGEMENT_STRUCTURE },
        { { "p\xc3\xa4ssw\xc3\xb6rter", 12 }, CARNET_E_ENGAGEMENT_STRUCTURE },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_wifi_aware_service service;
        carnet_err err = { 0 };

        assert_carnet_rc(carnet_wifi_aware_service_of(&crypto, carnet_test_hex(KEY_BYTES), cases[i].passphrase,
                                                      CARNET_NAN_SK_128, &service, &err),
                         cases[i].rc);
        assert_int_equal(err.rc, cases[i].rc);
        assert_false(service.derived);
        assert_int_equal(strlen(service.passphrase), cases[i].rc == CARNET_OK ? cases[i].passphrase.len : 0);
        assert_int_equal(strlen(service.name), cases[i].rc == CARNET_OK ? CARNET_WIFI_AWARE_NAME : 0);
    }
}

static void
ephemeral_keys_are_for_negotiated_handover_alone(void **state)
{
    static const struct {
        bool negotiated;
        unsigned offered, suites;
    } cases[] = {
        { false, 0, CARNET_NAN_SK_128 },
        { false, CARNET_NAN_SK_128 | CARNET_NAN_PK_2WDH_128, CARNET_NAN_SK_128 },
        { true, CARNET_NAN_SK_128 | CARNET_NAN_PK_2WDH_128, CARNET_NAN_SK_128 | CARNET_NAN_PK_2WDH_128 },
        { true, CARNET_NAN_PK_2WDH_128, CARNET_NAN_PK_2WDH_128 },
        { false, CARNET_NAN_PK_2WDH_128, 0 },
        { true, 0, CARNET_NAN_SK_128 },
        { true, 1u << 2, 0 },
    };
    carnet_wifi_aware_service service;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        assert_int_equal(carnet_wifi_aware_suites(cases[i].negotiated, cases[i].offered), cases[i].suites);
    }
    assert_carnet_rc(
        carnet_wifi_aware_service_of(&crypto, carnet_test_hex(KEY_BYTES), (carnet_str){ 0 }, 1u << 2, &service, NULL),
        CARNET_E_USAGE);
    assert_string_equal(service.name, "");
}

static carnet_rc
no_randomness(void *self, uint8_t *out, size_t len)
{
    (void)self;
    (void)out;
    (void)len;
    return CARNET_E_CRYPTO_RANDOM;
}

static void
makes_passphrases_of_96_random_bits(void **state)
{
    carnet_random random = carnet_crypto_random(&crypto), none = { no_randomness, NULL };
    carnet_wifi_aware_service service;
    char one[17], other[17];

    (void)state;
    assert_carnet_ok(carnet_wifi_aware_passphrase(&random, one, NULL), NULL);
    assert_carnet_ok(carnet_wifi_aware_passphrase(&random, other, NULL), NULL);
    assert_int_equal(strlen(one), 16);
    assert_string_not_equal(one, other);
    assert_carnet_ok(carnet_wifi_aware_service_of(&crypto, carnet_test_hex(KEY_BYTES), carnet_str_of(one),
                                                  CARNET_NAN_SK_128, &service, NULL),
                     NULL);
    assert_string_equal(service.passphrase, one);
    assert_carnet_rc(carnet_wifi_aware_passphrase(&none, one, NULL), CARNET_E_CRYPTO_RANDOM);
    assert_string_equal(one, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_a_service_by_its_key),
        cmocka_unit_test(agrees_with_the_engagement_of_annex_d),
        cmocka_unit_test(takes_a_passphrase_that_a_data_path_can_have),
        cmocka_unit_test(ephemeral_keys_are_for_negotiated_handover_alone),
        cmocka_unit_test(makes_passphrases_of_96_random_bits),
    };

    return cmocka_run_group_tests(tests, begin, finish);
}
