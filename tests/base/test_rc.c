/* SPDX-License-Identifier: Apache-2.0 */
#include "support/support.h"

#include <string.h>

static const struct {
    int number, http;
    const char *name, *text;
} rows[] = {
#define CARNET_RC(name, number, http, text) { number, http, "CARNET_" #name, text },
#include "carnet/rc.def"
#undef CARNET_RC
};

static void
every_code_has_its_name_text_and_status(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        carnet_rc rc = (carnet_rc)rows[i].number;

        assert_string_equal(carnet_rc_name(rc), rows[i].name);
        assert_string_equal(carnet_rc_text(rc), rows[i].text);
        assert_int_equal(carnet_rc_http(rc), rows[i].http);
        assert_true(rows[i].http >= 400 && rows[i].http < 600);
    }
}

static void
numbers_stand_in_order_within_their_layers(void **state)
{
    (void)state;
    for (size_t i = 1; i < CARNET_COUNT(rows); i++)
        if (rows[i].number <= rows[i - 1].number)
            fail_msg("%s does not come after %s", rows[i].name, rows[i - 1].name);
}

static void
texts_are_sentences_without_a_full_stop(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        size_t len = strlen(rows[i].text);

        assert_true(len > 10 && len < 100);
        if (rows[i].text[len - 1] == '.')
            fail_msg("%s", rows[i].name);
    }
}

static void
success_is_no_failure(void **state)
{
    (void)state;
    assert_string_equal(carnet_rc_name(CARNET_OK), "CARNET_OK");
    assert_string_equal(carnet_rc_text(CARNET_OK), "success");
    assert_int_equal(carnet_rc_http(CARNET_OK), 200);
}

static void
a_number_that_is_no_code_is_unknown_and_an_internal_error(void **state)
{
    static const int numbers[] = { 1, 0x0100, 0x01ff, 0x7ffffffe, 0x7fffffff, -1 };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(numbers); i++) {
        assert_string_equal(carnet_rc_name((carnet_rc)numbers[i]), "unknown");
        assert_string_equal(carnet_rc_text((carnet_rc)numbers[i]), "this result code is not known");
        assert_int_equal(carnet_rc_http((carnet_rc)numbers[i]), 500);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_its_name_text_and_status),
        cmocka_unit_test(numbers_stand_in_order_within_their_layers),
        cmocka_unit_test(texts_are_sentences_without_a_full_stop),
        cmocka_unit_test(success_is_no_failure),
        cmocka_unit_test(a_number_that_is_no_code_is_unknown_and_an_internal_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
