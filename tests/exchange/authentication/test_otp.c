/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/otp.h"

#include "carnet/json.h"
#include "support/crypto.h"
#include "support/support.h"

#include <string.h>

static carnet_str
text(const char *s)
{
    return carnet_str_of(s);
}

/* RFC 6238's secrets: as long as the digest, "1234567890" over and over. */
static carnet_otp
otp_of(carnet_hash hash, unsigned digits)
{
    static const char secret[] = "1234567890123456789012345678901234567890123456789012345678901234";

    return (carnet_otp){ hash, carnet_span_of(secret, carnet_hash_size(hash)), digits };
}

/* RFC 4226, Appendix D. */
static const char *const hotps[] = { "755224", "287082", "359152", "969429", "338314",
                                     "254676", "287922", "162583", "399871", "520489" };

static void
makes_the_passwords_of_rfc_4226(void **state)
{
    const carnet_otp otp = otp_of(CARNET_SHA1, 6);
    char value[CARNET_OTP_DIGITS_MAX + 1];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(hotps); i++) {
        assert_carnet_ok(carnet_otp_value(&crypto, &otp, i, value, NULL), NULL);
        assert_string_equal(value, hotps[i]);
    }
}

static void
makes_the_passwords_of_rfc_6238(void **state)
{
    static const struct {
        carnet_time time;
        carnet_hash hash;
        const char *value;
    } cases[] = {
        { 59, CARNET_SHA1, "94287082" },           { 59, CARNET_SHA256, "46119246" },
        { 59, CARNET_SHA512, "90693936" },         { 1111111109, CARNET_SHA1, "07081804" },
        { 1234567890, CARNET_SHA256, "91819424" }, { 20000000000, CARNET_SHA512, "47863826" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        const carnet_otp otp = otp_of(cases[i].hash, 8);
        uint64_t next = 0;

        assert_carnet_ok(carnet_totp_check(&crypto, &otp, text(cases[i].value), 30, cases[i].time, &next, NULL), NULL);
        assert_int_equal(next, cases[i].time / 30 + 1);
    }
}

static void
accepts_an_hotp_once_and_within_its_window(void **state)
{
    const carnet_otp otp = otp_of(CARNET_SHA1, 6);
    uint64_t next = 0;

    (void)state;
    assert_carnet_ok(carnet_hotp_check(&crypto, &otp, text(hotps[0]), 1, &next, NULL), NULL);
    assert_int_equal(next, 1);
    assert_carnet_rc(carnet_hotp_check(&crypto, &otp, text(hotps[0]), 5, &next, NULL), CARNET_E_OTP);
    assert_carnet_rc(carnet_hotp_check(&crypto, &otp, text(hotps[6]), 5, &next, NULL), CARNET_E_OTP);
    assert_int_equal(next, 1);
    assert_carnet_ok(carnet_hotp_check(&crypto, &otp, text(hotps[5]), 5, &next, NULL), NULL);
    assert_int_equal(next, 6);
    assert_carnet_rc(carnet_hotp_check(&crypto, &otp, text(hotps[3]), 5, &next, NULL), CARNET_E_OTP);
}

static void
finds_a_generator_that_ran_away_by_two_passwords_in_order(void **state)
{
    const carnet_otp otp = otp_of(CARNET_SHA1, 6);
    uint64_t next = 0;

    (void)state;
    assert_carnet_rc(carnet_hotp_resynchronise(&crypto, &otp, text(hotps[8]), text(hotps[7]), 20, &next, NULL),
                     CARNET_E_OTP);
    assert_carnet_rc(carnet_hotp_resynchronise(&crypto, &otp, text(hotps[7]), text(hotps[7]), 20, &next, NULL),
                     CARNET_E_OTP);
    assert_carnet_rc(carnet_hotp_resynchronise(&crypto, &otp, text(hotps[7]), text(hotps[8]), 8, &next, NULL),
                     CARNET_E_OTP);
    assert_int_equal(next, 0);
    assert_carnet_ok(carnet_hotp_resynchronise(&crypto, &otp, text(hotps[7]), text(hotps[8]), 20, &next, NULL), NULL);
    assert_int_equal(next, 9);
}

static void
accepts_a_totp_one_step_early_or_late_and_once(void **state)
{
    const carnet_otp otp = otp_of(CARNET_SHA256, 6);
    const carnet_time now = 1795226400;
    const uint64_t step = carnet_totp_step(now, 30);

    (void)state;
    for (int64_t off = -3; off <= 3; off++) {
        char value[CARNET_OTP_DIGITS_MAX + 1];
        uint64_t next = 0;
        const bool good = off >= -1 && off <= 1;

        assert_carnet_ok(carnet_otp_value(&crypto, &otp, (uint64_t)((int64_t)step + off), value, NULL), NULL);
        assert_carnet_rc(carnet_totp_check(&crypto, &otp, text(value), 30, now, &next, NULL),
                         good ? CARNET_OK : CARNET_E_OTP);
        assert_int_equal(next, good ? (uint64_t)((int64_t)step + off) + 1 : 0);
        if (!good)
            continue;
        assert_carnet_rc(carnet_totp_check(&crypto, &otp, text(value), 30, now, &next, NULL), CARNET_E_OTP_REPLAYED);
        next = step + 2; /* a later one was accepted */
        assert_carnet_rc(carnet_totp_check(&crypto, &otp, text(value), 30, now, &next, NULL), CARNET_E_OTP_REPLAYED);
        assert_int_equal(next, step + 2);
    }
}

static void
looks_at_no_step_before_the_first(void **state)
{
    const carnet_otp otp = otp_of(CARNET_SHA1, 6);
    uint64_t next = 0;

    (void)state;
    assert_int_equal(carnet_totp_step(-5, 30), 0);
    assert_int_equal(carnet_totp_step(5, 0), 0);
    assert_carnet_ok(carnet_totp_check(&crypto, &otp, text(hotps[0]), 30, 0, &next, NULL), NULL);
    assert_int_equal(next, 1);
    assert_carnet_ok(carnet_totp_check(&crypto, &otp, text(hotps[1]), 30, -100, &next, NULL), NULL);
}

static void
refuses_texts_that_are_no_passwords(void **state)
{
    static const char *const bad[] = { "", "75522", "7552244", "75522a", " 755224", "000000" };
    const carnet_otp otp = otp_of(CARNET_SHA1, 6);

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++) {
        uint64_t next = 0;

        assert_carnet_rc(carnet_hotp_check(&crypto, &otp, text(bad[i]), 3, &next, NULL), CARNET_E_OTP);
        assert_carnet_rc(carnet_totp_check(&crypto, &otp, text(bad[i]), 30, 40, &next, NULL), CARNET_E_OTP);
        assert_int_equal(next, 0);
    }
}

static void
refuses_parameters_that_cannot_be(void **state)
{
    carnet_otp otp = otp_of(CARNET_SHA384, 6);
    char value[CARNET_OTP_DIGITS_MAX + 1];
    uint64_t next = 0;

    (void)state;
    assert_carnet_rc(carnet_otp_value(&crypto, &otp, 0, value, NULL), CARNET_E_USAGE);
    otp = otp_of(CARNET_SHA1, 5);
    assert_carnet_rc(carnet_otp_value(&crypto, &otp, 0, value, NULL), CARNET_E_USAGE);
    otp.digits = 9;
    assert_carnet_rc(carnet_otp_value(&crypto, &otp, 0, value, NULL), CARNET_E_USAGE);
    otp = otp_of(CARNET_SHA1, 6);
    otp.secret.len = CARNET_OTP_SECRET_MIN - 1;
    assert_carnet_rc(carnet_otp_value(&crypto, &otp, 0, value, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_totp_check(&crypto, &otp, text(hotps[0]), 30, 0, &next, NULL), CARNET_E_USAGE);
    otp = otp_of(CARNET_SHA1, 6);
    assert_carnet_rc(carnet_totp_check(&crypto, &otp, text(hotps[0]), 0, 0, &next, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_hotp_check(&crypto, &otp, text(hotps[0]), 0, &next, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_hotp_check(&crypto, &otp, text(hotps[0]), CARNET_OTP_WINDOW_MAX + 1, &next, NULL),
                     CARNET_E_USAGE);
    next = UINT64_MAX;
    assert_carnet_rc(carnet_hotp_check(&crypto, &otp, text(hotps[0]), 1, &next, NULL), CARNET_E_USAGE);
}

static void
agrees_with_published_values(void **state)
{
    static const struct {
        const char *name;
        carnet_hash hash;
    } hashes[] = { { "sha1", CARNET_SHA1 }, { "sha256", CARNET_SHA256 }, { "sha512", CARNET_SHA512 } };
    carnet_json *document = NULL;
    const carnet_json *list;

    (void)state;
    assert_carnet_ok(carnet_json_parse(carnet_test_shared_text("vectors/p1940/otp.json"), &document, NULL), NULL);
    list = carnet_json_get(carnet_json_get(document, "hotp"), "values");
    assert_true(carnet_json_count(list) > 0);
    for (size_t i = 0; i < carnet_json_count(list); i++) {
        const carnet_otp otp = otp_of(CARNET_SHA1, 6);
        uint64_t next = i;

        assert_carnet_ok(carnet_hotp_check(&crypto, &otp, carnet_json_string(carnet_json_at(list, i)), 1, &next, NULL),
                         NULL);
    }
    for (size_t h = 0; h < CARNET_COUNT(hashes); h++) {
        const carnet_otp otp = otp_of(hashes[h].hash, 8);

        list = carnet_json_get(carnet_json_get(carnet_json_get(document, "totp"), "vectors"), hashes[h].name);
        assert_true(carnet_json_count(list) > 0);
        for (size_t i = 0; i < carnet_json_count(list); i++) {
            const carnet_json *one = carnet_json_at(list, i);
            const int64_t time = carnet_json_integer(carnet_json_get(one, "time"));
            uint64_t next = 0;

            assert_int_equal(carnet_totp_step(time, 30), carnet_json_integer(carnet_json_get(one, "T")));
            assert_carnet_ok(carnet_totp_check(&crypto, &otp, carnet_json_string(carnet_json_get(one, "totp8")), 30,
                                               time, &next, NULL),
                             NULL);
        }
    }
    carnet_json_free(&document);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_the_passwords_of_rfc_4226),
        cmocka_unit_test(makes_the_passwords_of_rfc_6238),
        cmocka_unit_test(accepts_an_hotp_once_and_within_its_window),
        cmocka_unit_test(finds_a_generator_that_ran_away_by_two_passwords_in_order),
        cmocka_unit_test(accepts_a_totp_one_step_early_or_late_and_once),
        cmocka_unit_test(looks_at_no_step_before_the_first),
        cmocka_unit_test(refuses_texts_that_are_no_passwords),
        cmocka_unit_test(refuses_parameters_that_cannot_be),
        cmocka_unit_test(agrees_with_published_values),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
