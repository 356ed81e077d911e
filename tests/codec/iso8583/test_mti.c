/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/iso8583_mti.h"
#include "support/support.h"

static void
pairs_and_repeats(void **state)
{
    static const struct {
        carnet_mti mti, response, repeat, original;
    } cases[] = {
        { 0x0100, 0x0110, 0x0101, 0x0100 }, { 0x0200, 0x0210, 0x0201, 0x0200 }, { 0x0220, 0x0230, 0x0221, 0x0220 },
        { 0x0420, 0x0430, 0x0421, 0x0420 }, { 0x0421, 0x0430, 0x0421, 0x0420 }, { 0x0401, 0x0410, 0x0401, 0x0400 },
        { 0x1804, 0x1814, 0x1805, 0x1804 }, { 0x2200, 0x2210, 0x2201, 0x2200 }, { 0x0210, 0, 0, 0x0210 },
        { 0x0430, 0, 0, 0x0430 },           { 0x0190, 0, 0, 0x0190 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        assert_int_equal(carnet_mti_response(cases[i].mti), cases[i].response);
        assert_int_equal(carnet_mti_repeat(cases[i].mti), cases[i].repeat);
        assert_int_equal(carnet_mti_original(cases[i].mti), cases[i].original);
        assert_int_equal(carnet_mti_asks(cases[i].mti), cases[i].response != 0);
    }
    assert_true(carnet_mti_answers(0x0210));
    assert_false(carnet_mti_answers(0x0190));
    assert_true(carnet_mti_repeats(0x0421));
    assert_false(carnet_mti_repeats(0x0420));
}

static void
digits_are_read_and_written(void **state)
{
    carnet_mti mti;
    char text[5];

    (void)state;
    assert_true(carnet_mti_read(carnet_str_of("1421"), &mti));
    assert_int_equal(mti, 0x1421);
    carnet_mti_write(mti, text);
    assert_string_equal(text, "1421");
    assert_int_equal(carnet_mti_version(mti), CARNET_MTI_1993);
    assert_int_equal(carnet_mti_class(mti), CARNET_MTI_REVERSAL);
    assert_int_equal(carnet_mti_function(mti), CARNET_MTI_ADVICE);
    assert_int_equal(carnet_mti_origin(mti), CARNET_MTI_ACQUIRER_REPEAT);
    assert_false(carnet_mti_read(carnet_str_of("142"), &mti));
    assert_int_equal(mti, 0);
    assert_false(carnet_mti_read(carnet_str_of("14211"), &mti));
    assert_false(carnet_mti_read(carnet_str_of("14a1"), &mti));
}

static void
every_indicator_has_words(void **state)
{
    (void)state;
    for (unsigned mti = 0; mti < 0x10000; mti++) {
        assert_non_null(carnet_mti_class_text((carnet_mti)mti));
        assert_non_null(carnet_mti_function_text((carnet_mti)mti));
        assert_non_null(carnet_mti_origin_text((carnet_mti)mti));
    }
    assert_string_equal(carnet_mti_class_text(0x0420), "reversal");
    assert_string_equal(carnet_mti_function_text(0x0420), "advice");
    assert_string_equal(carnet_mti_origin_text(0x0421), "acquirer, repeated");
    assert_string_equal(carnet_mti_class_text(0x0920), "reserved");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_and_repeats),
        cmocka_unit_test(digits_are_read_and_written),
        cmocka_unit_test(every_indicator_has_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
