/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/iso8583_codes.h"
#include "support/support.h"

static void
codes_have_their_texts(void **state)
{
    static const struct {
        carnet_iso8583_version version;
        unsigned element;
        const char *value, *text;
    } cases[] = {
        { CARNET_ISO8583_1987, 39, "00", "approved" },
        { CARNET_ISO8583_1987, 39, "1A", "additional customer authentication required" },
        { CARNET_ISO8583_1987, 39, "ZZ", NULL },
        { CARNET_ISO8583_1993, 39, "116", "not sufficient funds" },
        { CARNET_ISO8583_1993, 39, "00", NULL },
        { CARNET_ISO8583_2003, 39, "1160", "not sufficient funds" },
        { CARNET_ISO8583_1987, 3, "011000", "cash withdrawal" },
        { CARNET_ISO8583_1987, 3, "01", NULL },
        { CARNET_ISO8583_1987, 22, "821", "account number supplied by a server" },
        { CARNET_ISO8583_1993, 22, "821", NULL },
        { CARNET_ISO8583_1987, 70, "301", "echo test" },
        { CARNET_ISO8583_1993, 70, "301", NULL },
        { CARNET_ISO8583_1993, 24, "831", "echo test" },
        { CARNET_ISO8583_1993, 25, "4021", "timed out waiting for a response" },
        { CARNET_ISO8583_1987, 2, "4761739001010119", NULL },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        const char *text = carnet_iso8583_value_text(cases[i].version, cases[i].element, carnet_str_of(cases[i].value));

        if (cases[i].text == NULL)
            assert_null(text);
        else
            assert_string_equal(text, cases[i].text);
    }
}

static void
what_is_approved(void **state)
{
    (void)state;
    assert_true(carnet_iso8583_approved(CARNET_ISO8583_1987, carnet_str_of("00")));
    assert_true(carnet_iso8583_approved(CARNET_ISO8583_1987, carnet_str_of("10")));
    assert_false(carnet_iso8583_approved(CARNET_ISO8583_1987, carnet_str_of("51")));
    assert_false(carnet_iso8583_approved(CARNET_ISO8583_1987, carnet_str_of("000")));
    assert_true(carnet_iso8583_approved(CARNET_ISO8583_1993, carnet_str_of("000")));
    assert_true(carnet_iso8583_approved(CARNET_ISO8583_1993, carnet_str_of("400")));
    assert_true(carnet_iso8583_approved(CARNET_ISO8583_1993, carnet_str_of("800")));
    assert_false(carnet_iso8583_approved(CARNET_ISO8583_1993, carnet_str_of("116")));
    assert_false(carnet_iso8583_approved(CARNET_ISO8583_1993, carnet_str_of("900")));
    assert_false(carnet_iso8583_approved(CARNET_ISO8583_1993, carnet_str_of("00")));
    assert_true(carnet_iso8583_approved(CARNET_ISO8583_2003, carnet_str_of("0000")));
}

static void
a_point_of_service_data_code_is_told_position_by_position(void **state)
{
    static const char code[] = "V3020033314C";

    (void)state;
    assert_null(carnet_iso8583_pos_data_text(1, code[0])); /* V: not one of the common ones */
    assert_string_equal(carnet_iso8583_pos_data_text(2, code[1]), "biometrics");
    assert_string_equal(carnet_iso8583_pos_data_text(4, code[3]), "on premises, unattended");
    assert_string_equal(carnet_iso8583_pos_data_text(7, code[6]), "bar code");
    assert_string_equal(carnet_iso8583_pos_data_text(8, code[7]), "biometrics");
    assert_string_equal(carnet_iso8583_pos_data_text(12, code[11]), "12 digits");
    assert_null(carnet_iso8583_pos_data_text(0, '0'));
    assert_null(carnet_iso8583_pos_data_text(13, '0'));
    assert_null(carnet_iso8583_pos_data_text(1, '\0'));
    assert_string_equal(carnet_iso8583_pos_data_name(1), "card data input capability");
    assert_null(carnet_iso8583_pos_data_name(13));
    assert_string_equal(carnet_iso8583_pin_capability_text(carnet_str_of("821")), "PINs can be entered");
    assert_string_equal(carnet_iso8583_account_text(carnet_str_of("10")), "savings account");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_have_their_texts),
        cmocka_unit_test(what_is_approved),
        cmocka_unit_test(a_point_of_service_data_code_is_told_position_by_position),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
