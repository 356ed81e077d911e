/* SPDX-License-Identifier: Apache-2.0 */
#include "support/support.h"

#include <string.h>

static const struct {
    const char *text;
    carnet_time time;
    unsigned oddities;
} good[] = {
    { "1970-01-01T00:00:00Z", 0, 0 },
    { "1969-12-31T23:59:59Z", -1, 0 },
    { "2026-11-21T00:00:00Z", 1795219200, 0 },
    { "2000-02-29T12:00:00Z", 951825600, 0 },
    { "2024-02-29T23:59:59Z", 1709251199, 0 },
    { "0000-01-01T00:00:00Z", -62167219200, 0 },
    { "0000-02-29T00:00:00Z", -62162121600, 0 },
    { "9999-12-31T23:59:59Z", 253402300799, 0 },
    { "2038-01-19T03:14:08Z", 2147483648, 0 },
    { "2026-11-21T00:00:00.5Z", 1795219200, CARNET_TIME_FRACTION },
    { "2026-11-21T00:00:00.999999999999999999999Z", 1795219200, CARNET_TIME_FRACTION },
    { "2026-11-21T00:00:00+00:00", 1795219200, CARNET_TIME_OFFSET },
    { "2026-11-21T00:00:00-00:00", 1795219200, CARNET_TIME_OFFSET },
    { "2026-11-21T01:30:00+01:30", 1795219200, CARNET_TIME_OFFSET },
    { "2026-11-20T16:00:00-08:00", 1795219200, CARNET_TIME_OFFSET },
    { "2026-11-21T23:59:00+23:59", 1795219200, CARNET_TIME_OFFSET },
    { "2026-11-21t00:00:00Z", 1795219200, CARNET_TIME_LOWER },
    { "2026-11-21T00:00:00z", 1795219200, CARNET_TIME_LOWER },
    { "2026-11-21t01:00:00.25+01:00", 1795219200, CARNET_TIME_LOWER | CARNET_TIME_FRACTION | CARNET_TIME_OFFSET },
    { "2026-11-21", 1795219200, CARNET_TIME_DATE_ONLY },
};

static void
reads_times_and_says_what_was_odd(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(good); i++) {
        carnet_time time = 77;
        unsigned oddities = 77;
        carnet_err err = { 0 };

        assert_carnet_ok(carnet_time_parse(carnet_str_of(good[i].text), &time, &oddities, &err), &err);
        if (time != good[i].time || oddities != good[i].oddities)
            fail_msg("%s: %lld, %u", good[i].text, (long long)time, oddities);
    }
}

static void
refuses_all_that_is_odd_unless_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(good); i++) {
        carnet_time time = 77;
        carnet_err err = { 0 };
        carnet_rc rc = carnet_time_parse(carnet_str_of(good[i].text), &time, NULL, &err);

        assert_carnet_rc(rc, good[i].oddities == 0 ? CARNET_OK : CARNET_E_TIME);
        assert_true(time == (rc == CARNET_OK ? good[i].time : 0));
        if (rc != CARNET_OK)
            assert_string_equal(err.reason, "only the form YYYY-MM-DDThh:mm:ssZ is allowed here");
    }
}

static const struct {
    const char *text;
    size_t offset;
} bad[] = {
    { "", 0 },
    { "2026", 4 },
    { "2026-11", 7 },
    { "2026-11-2", 9 },
    { "2026-11-21T", 11 },
    { "2026-11-21T00:00:00", 19 },
    { "2026-11-21T00:00Z", 16 },
    { "2026-11-21 00:00:00Z", 10 },
    { "2026-11-21T00:00:00Z ", 20 },
    { " 2026-11-21T00:00:00Z", 0 },
    { "2026-11-21T00:00:00ZZ", 20 },
    { "26-11-21T00:00:00Z", 2 },
    { "+2026-11-21T00:00:00Z", 0 },
    { "-001-11-21T00:00:00Z", 0 },
    { "12026-11-21T00:00:00Z", 4 },
    { "2026/11/21T00:00:00Z", 4 },
    { "2026-00-21T00:00:00Z", 5 },
    { "2026-13-21T00:00:00Z", 5 },
    { "2026-11-00T00:00:00Z", 8 },
    { "2026-11-31T00:00:00Z", 8 },
    { "2026-02-29T00:00:00Z", 8 },
    { "1900-02-29T00:00:00Z", 8 },
    { "2100-02-29T00:00:00Z", 8 },
    { "2024-02-30T00:00:00Z", 8 },
    { "2026-11-21T24:00:00Z", 11 },
    { "2026-11-21T00:60:00Z", 14 },
    { "2026-11-21T00:00:60Z", 17 },
    { "2016-12-31T23:59:60Z", 17 },
    { "2026-11-21T00:00:00.Z", 20 },
    { "2026-11-21T00:00:00,5Z", 19 },
    { "2026-11-21T00:00:00.5", 21 },
    { "2026-11-21T00:00:00+24:00", 20 },
    { "2026-11-21T00:00:00+01:60", 23 },
    { "2026-11-21T00:00:00+0100", 22 },
    { "2026-11-21T00:00:00+01", 22 },
    { "2026-11-21T00:00:00+01:00Z", 25 },
    { "0000-01-01T00:00:00+00:01", 25 },
    { "9999-12-31T23:59:59-00:01", 25 },
    { "20261121T000000Z", 4 },
    { "2026-11-21T0a:00:00Z", 12 },
    { "\xd9\xa2\xd9\xa0-11-21", 0 },
};

static void
refuses_what_is_no_time_and_says_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++) {
        carnet_time time = 77;
        unsigned oddities = 77;
        carnet_err err = { .offset = 999 };

        if (carnet_time_parse(carnet_str_of(bad[i].text), &time, &oddities, &err) != CARNET_E_TIME)
            fail_msg("%s", bad[i].text);
        if (err.offset != bad[i].offset)
            fail_msg("%s: byte %zu: %s", bad[i].text, err.offset, err.reason);
        assert_true(time == 0 && oddities == 0 && err.reason[0] != '\0');
    }
}

static void
refuses_every_prefix(void **state)
{
    const char *text = "2026-11-21T00:00:00Z";

    (void)state;
    for (size_t len = 0; len < strlen(text); len++) {
        carnet_time time;
        carnet_span copy = carnet_test_copy(carnet_span_of(text, len));

        assert_carnet_rc(carnet_time_parse((carnet_str){ (const char *)copy.ptr, len }, &time, NULL, NULL),
                         CARNET_E_TIME);
    }
}

static void
a_zero_byte_ends_no_time(void **state)
{
    carnet_time time;
    unsigned oddities;

    (void)state;
    assert_carnet_rc(carnet_time_parse((carnet_str){ "2026-11-21\0", 11 }, &time, &oddities, NULL), CARNET_E_TIME);
    assert_carnet_rc(carnet_time_parse((carnet_str){ "\0", 1 }, &time, &oddities, NULL), CARNET_E_TIME);
}

static void
reads_a_date_and_nothing_else(void **state)
{
    static const char *const wrong[] = { "",           "2026-11-2",   "2026-11-21T00:00:00Z",
                                         "2026-02-29", "2026-11-21 ", "2026-1-21",
                                         "21-11-2026", "2026-11-32" };
    carnet_date date;

    (void)state;
    assert_carnet_ok(carnet_date_parse(carnet_str_of("2024-02-29"), &date, NULL), NULL);
    assert_true(date.year == 2024 && date.month == 2 && date.day == 29);
    for (size_t i = 0; i < CARNET_COUNT(wrong); i++) {
        date = (carnet_date){ 1, 1, 1 };
        assert_carnet_rc(carnet_date_parse(carnet_str_of(wrong[i]), &date, NULL), CARNET_E_TIME);
        assert_true(date.year == 0 && date.month == 0 && date.day == 0);
    }
}

/* Each day of the ten thousand years follows the one before, by the calendar's own rules. */
static void
every_day_has_its_number(void **state)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    carnet_time time = -62167219200;

    (void)state;
    for (int year = 0; year <= 9999; year++)
        for (int month = 1; month <= 12; month++) {
            bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

            for (int day = 1; day <= days[month - 1] + (leap && month == 2); day++) {
                carnet_date date = carnet_date_of_time(time + 86399);

                if (carnet_time_of_date((carnet_date){ year, month, day }) != time || date.year != year ||
                    date.month != month || date.day != day)
                    fail_msg("%d-%d-%d", year, month, day);
                time += CARNET_TIME_DAY;
            }
        }
    assert_true(time == 253402300800);
}

static const struct {
    carnet_time time;
    const char *text;
} written[] = {
    { 0, "1970-01-01T00:00:00Z" },
    { -1, "1969-12-31T23:59:59Z" },
    { 1795219200 + 12 * 3600 + 34 * 60 + 56, "2026-11-21T12:34:56Z" },
    { -62167219200, "0000-01-01T00:00:00Z" },
    { -62167219201, "0000-01-01T00:00:00Z" },
    { INT64_MIN, "0000-01-01T00:00:00Z" },
    { 253402300799, "9999-12-31T23:59:59Z" },
    { 253402300800, "9999-12-31T23:59:59Z" },
    { INT64_MAX, "9999-12-31T23:59:59Z" },
};

static void
writes_times_and_clips_what_cannot_be_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(written); i++) {
        char text[CARNET_TIME_TEXT_MAX];

        carnet_time_text(written[i].time, text);
        assert_string_equal(text, written[i].text);
    }
}

static void
writes_dates_in_ten_characters_always(void **state)
{
    char text[11];

    (void)state;
    carnet_date_text((carnet_date){ 2026, 11, 21 }, text);
    assert_string_equal(text, "2026-11-21");
    carnet_date_text((carnet_date){ 7, 1, 2 }, text);
    assert_string_equal(text, "0007-01-02");
    carnet_date_text((carnet_date){ 123456, -1, 1000 }, text);
    assert_string_equal(text, "9999-00-99");
}

static const struct {
    carnet_date birth, day;
    int age;
} ages[] = {
    { { 2000, 6, 15 }, { 2018, 6, 14 }, 17 }, { { 2000, 6, 15 }, { 2018, 6, 15 }, 18 },
    { { 2000, 6, 15 }, { 2018, 5, 31 }, 17 }, { { 2000, 6, 15 }, { 2018, 7, 1 }, 18 },
    { { 2000, 2, 29 }, { 2018, 2, 28 }, 17 }, { { 2000, 2, 29 }, { 2018, 3, 1 }, 18 },
    { { 2000, 2, 29 }, { 2020, 2, 28 }, 19 }, { { 2000, 2, 29 }, { 2020, 2, 29 }, 20 },
    { { 2000, 12, 31 }, { 2001, 1, 1 }, 0 },  { { 2000, 1, 1 }, { 2000, 1, 1 }, 0 },
    { { 2000, 1, 2 }, { 2000, 1, 1 }, -1 },
};

static void
counts_age_as_a_person_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(ages); i++)
        assert_int_equal(carnet_age_on(ages[i].birth, ages[i].day), ages[i].age);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_times_and_says_what_was_odd),
        cmocka_unit_test(refuses_all_that_is_odd_unless_asked),
        cmocka_unit_test(refuses_what_is_no_time_and_says_where),
        cmocka_unit_test(refuses_every_prefix),
        cmocka_unit_test(a_zero_byte_ends_no_time),
        cmocka_unit_test(reads_a_date_and_nothing_else),
        cmocka_unit_test(every_day_has_its_number),
        cmocka_unit_test(writes_times_and_clips_what_cannot_be_written),
        cmocka_unit_test(writes_dates_in_ten_characters_always),
        cmocka_unit_test(counts_age_as_a_person_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
