/* SPDX-License-Identifier: Apache-2.0 */
#include "support/support.h"

#include <string.h>

#define NOW INT64_C(1795219200)

static void
an_entry_says_what_it_was_given(void **state)
{
    carnet_report_entry entries[2];
    carnet_report report;
    carnet_path path = { NULL, { "documents", 9 }, 0, false, false };
    const carnet_report_entry *last;

    (void)state;
    memset(entries, 0xff, sizeof(entries));
    carnet_report_init(&report, entries, 2, NOW, 60);
    assert_true(report.now == NOW && report.skew == 60 && report.document == CARNET_NO_DOCUMENT);
    assert_null(carnet_report_last(&report));
    carnet_report_add(&report, CARNET_CHECK_ENCODING, CARNET_PASS, NULL, NULL);
    last = carnet_report_last(&report);
    assert_int_equal(last->check, CARNET_CHECK_ENCODING);
    assert_int_equal(last->outcome, CARNET_PASS);
    assert_int_equal(last->rc, CARNET_OK);
    assert_int_equal(last->document, CARNET_NO_DOCUMENT);
    assert_true(last->offset == CARNET_NO_OFFSET);
    assert_string_equal(last->path, "");
    assert_string_equal(last->detail, "");
    report.document = 3;
    carnet_report_add(&report, CARNET_CHECK_DIGESTS, CARNET_FAIL, &path, "4 of 5");
    last = carnet_report_last(&report);
    assert_int_equal(last->document, 3);
    assert_string_equal(last->path, "documents");
    assert_string_equal(last->detail, "4 of 5");
    assert_false(report.overflow);
}

static void
an_entry_that_does_not_fit_is_not_forgotten(void **state)
{
    carnet_report_entry entries[2];
    carnet_report report;
    carnet_err err = { .rc = CARNET_E_HEX };

    (void)state;
    memset(entries, 0x5a, sizeof(entries));
    carnet_report_init(&report, entries, 1, NOW, 0);
    carnet_report_add(&report, CARNET_CHECK_ENCODING, CARNET_PASS, NULL, NULL);
    carnet_report_add(&report, CARNET_CHECK_DIGESTS, CARNET_FAIL, NULL, "lost");
    assert_true(report.overflow);
    assert_int_equal(report.count, 1);
    assert_null(carnet_report_last(&report));
    assert_null(carnet_report_find(&report, CARNET_CHECK_DIGESTS, CARNET_NO_DOCUMENT));
    carnet_report_add_err(&report, CARNET_CHECK_DIGESTS, CARNET_FAIL, &err);
    assert_int_equal(report.count, 1);
    assert_int_equal(((const uint8_t *)&entries[1])[0], 0x5a);
}

static void
a_report_without_room_overflows_at_once(void **state)
{
    carnet_report report;

    (void)state;
    carnet_report_init(&report, NULL, 0, NOW, 0);
    assert_false(report.overflow);
    assert_null(carnet_report_last(&report));
    carnet_report_add(&report, CARNET_CHECK_ENCODING, CARNET_PASS, NULL, NULL);
    assert_true(report.overflow);
    assert_null(carnet_report_last(&report));
}

static void
takes_code_place_and_reason_of_an_error(void **state)
{
    carnet_report_entry entries[3];
    carnet_report report;
    carnet_err err = { CARNET_E_TIME, 17, "RFC 3339", "validityInfo.signed", "a digit is missing" };
    const carnet_report_entry *last;

    (void)state;
    carnet_report_init(&report, entries, 3, NOW, 0);
    carnet_report_add_err(&report, CARNET_CHECK_MSO_VALIDITY, CARNET_UNDETERMINED, &err);
    last = carnet_report_last(&report);
    assert_int_equal(last->rc, CARNET_E_TIME);
    assert_int_equal(last->outcome, CARNET_UNDETERMINED);
    assert_int_equal(last->offset, 17);
    assert_string_equal(last->path, "validityInfo.signed");
    assert_string_equal(last->detail, "a digit is missing");
    err.reason[0] = '\0';
    carnet_report_add_err(&report, CARNET_CHECK_MSO_VALIDITY, CARNET_FAIL, &err);
    assert_string_equal(carnet_report_last(&report)->detail, carnet_rc_text(CARNET_E_TIME));
    carnet_report_add_err(&report, CARNET_CHECK_MSO_VALIDITY, CARNET_FAIL, NULL);
    assert_int_equal(carnet_report_last(&report)->outcome, CARNET_FAIL);
    assert_string_equal(carnet_report_last(&report)->detail, "");
}

static void
cuts_paths_on_the_left_and_details_on_the_right(void **state)
{
    carnet_report_entry entries[2];
    carnet_report report;
    carnet_err err = { .rc = CARNET_E_TIME };
    const carnet_report_entry *last;

    (void)state;
    memset(err.path, 'a', sizeof(err.path) - 1);
    err.path[sizeof(err.path) - 2] = 'z';
    memset(err.reason, 'b', sizeof(err.reason) - 1);
    err.reason[0] = 'A';
    carnet_report_init(&report, entries, 2, NOW, 0);
    carnet_report_add_err(&report, CARNET_CHECK_MSO_VALIDITY, CARNET_FAIL, &err);
    last = carnet_report_last(&report);
    assert_int_equal(strlen(last->path), sizeof(last->path) - 1);
    assert_memory_equal(last->path, "...a", 4);
    assert_int_equal(last->path[sizeof(last->path) - 2], 'z');
    assert_int_equal(strlen(last->detail), sizeof(last->detail) - 1);
    assert_int_equal(last->detail[0], 'A');
    carnet_report_add(&report, CARNET_CHECK_MSO_VALIDITY, CARNET_FAIL, NULL, err.reason);
    last = carnet_report_last(&report);
    assert_int_equal(strlen(last->detail), sizeof(last->detail) - 1);
}

static void
finds_the_first_entry_of_a_document(void **state)
{
    carnet_report_entry entries[3];
    carnet_report report;

    (void)state;
    carnet_report_init(&report, entries, 3, NOW, 0);
    report.document = 0;
    carnet_report_add(&report, CARNET_CHECK_DIGESTS, CARNET_PASS, NULL, NULL);
    report.document = 1;
    carnet_report_add(&report, CARNET_CHECK_DIGESTS, CARNET_FAIL, NULL, NULL);
    carnet_report_add(&report, CARNET_CHECK_DIGESTS, CARNET_NOT_DONE, NULL, NULL);
    assert_ptr_equal(carnet_report_find(&report, CARNET_CHECK_DIGESTS, 0), &entries[0]);
    assert_ptr_equal(carnet_report_find(&report, CARNET_CHECK_DIGESTS, 1), &entries[1]);
    assert_ptr_equal(carnet_report_find(&report, CARNET_CHECK_DIGESTS, CARNET_NO_DOCUMENT), &entries[0]);
    assert_null(carnet_report_find(&report, CARNET_CHECK_DIGESTS, 2));
    assert_null(carnet_report_find(&report, CARNET_CHECK_ENCODING, CARNET_NO_DOCUMENT));
}

static void
every_check_has_a_slug_of_its_own_a_clause_and_a_title(void **state)
{
    (void)state;
    for (int i = 0; i < CARNET_CHECK_COUNT; i++) {
        const char *slug = carnet_check_slug((carnet_check)i);

        assert_true(slug[0] != '\0' && carnet_check_clause((carnet_check)i)[0] != '\0');
        assert_true(carnet_check_title((carnet_check)i)[0] != '\0');
        assert_int_equal(strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789.-"), strlen(slug));
        for (int other = 0; other < i; other++)
            assert_string_not_equal(slug, carnet_check_slug((carnet_check)other));
    }
    assert_string_equal(carnet_check_slug(CARNET_CHECK_ISSUER_SIGNATURE), "issuer.signature");
    assert_int_equal(carnet_check_class_of(CARNET_CHECK_ISSUER_SIGNATURE), CARNET_CLASS_PROTECTS);
    assert_int_equal(carnet_check_class_of(CARNET_CHECK_ENCODING), CARNET_CLASS_FORM);
    assert_int_equal(carnet_check_class_of(CARNET_CHECK_DEVICE_NONE), CARNET_CLASS_NOTE);
}

static void
a_check_that_is_not_known_counts_as_one_that_protects(void **state)
{
    static const int numbers[] = { CARNET_CHECK_COUNT, 100000, -1 };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(numbers); i++) {
        assert_string_equal(carnet_check_slug((carnet_check)numbers[i]), "unknown");
        assert_int_equal(carnet_check_class_of((carnet_check)numbers[i]), CARNET_CLASS_PROTECTS);
    }
}

static void
outcomes_have_words(void **state)
{
    (void)state;
    assert_string_equal(carnet_outcome_text(CARNET_PASS), "pass");
    assert_string_equal(carnet_outcome_text(CARNET_FAIL), "fail");
    assert_string_equal(carnet_outcome_text(CARNET_NOT_DONE), "not done");
    assert_string_equal(carnet_outcome_text(CARNET_UNDETERMINED), "undetermined");
    assert_string_equal(carnet_outcome_text((carnet_outcome)9), "unknown");
}

static const struct {
    carnet_time now;
    int64_t skew;
    carnet_time t;
    bool not_before, not_after;
} clocks[] = {
    { NOW, 0, NOW, true, true },
    { NOW, 0, NOW + 1, false, true },
    { NOW, 0, NOW - 1, true, false },
    { NOW, 60, NOW + 60, true, true },
    { NOW, 60, NOW + 61, false, true },
    { NOW, 60, NOW - 60, true, true },
    { NOW, 60, NOW - 61, true, false },
    { NOW, INT64_MAX, NOW + 1000, true, true },
    { -NOW, INT64_MAX, INT64_MIN, true, true },
    { INT64_MAX, 1, INT64_MAX, true, true },
    { INT64_MIN, 1, INT64_MIN, true, true },
    { NOW, -60, NOW, false, false },
    { INT64_MIN, -1, INT64_MIN, false, false },
    { INT64_MAX, -1, INT64_MAX, false, false },
};

static void
tolerates_the_skew_and_not_a_second_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(clocks); i++) {
        carnet_report report;

        carnet_report_init(&report, NULL, 0, clocks[i].now, clocks[i].skew);
        if (carnet_report_not_before(&report, clocks[i].t) != clocks[i].not_before ||
            carnet_report_not_after(&report, clocks[i].t) != clocks[i].not_after)
            fail_msg("row %zu", i);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_says_what_it_was_given),
        cmocka_unit_test(an_entry_that_does_not_fit_is_not_forgotten),
        cmocka_unit_test(a_report_without_room_overflows_at_once),
        cmocka_unit_test(takes_code_place_and_reason_of_an_error),
        cmocka_unit_test(cuts_paths_on_the_left_and_details_on_the_right),
        cmocka_unit_test(finds_the_first_entry_of_a_document),
        cmocka_unit_test(every_check_has_a_slug_of_its_own_a_clause_and_a_title),
        cmocka_unit_test(a_check_that_is_not_known_counts_as_one_that_protects),
        cmocka_unit_test(outcomes_have_words),
        cmocka_unit_test(tolerates_the_skew_and_not_a_second_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
