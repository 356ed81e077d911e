/* SPDX-License-Identifier: Apache-2.0 */
#include "support/support.h"

#include <string.h>

#define NAME(up, text)                                                                                                 \
    &(const carnet_path)                                                                                               \
    {                                                                                                                  \
        up, { "" text, sizeof(text) - 1 }, 0, false, false                                                             \
    }
#define INDEX(up, n)                                                                                                   \
    &(const carnet_path)                                                                                               \
    {                                                                                                                  \
        up, { NULL, 0 }, n, false, false                                                                               \
    }
#define KEY(up, n)                                                                                                     \
    &(const carnet_path)                                                                                               \
    {                                                                                                                  \
        up, { NULL, 0 }, n, true, false                                                                                \
    }
#define NEGATIVE(up, n)                                                                                                \
    &(const carnet_path)                                                                                               \
    {                                                                                                                  \
        up, { NULL, 0 }, n, true, true                                                                                 \
    }

static void
expect(const carnet_path *path, const char *text)
{
    char room[256];

    memset(room, 'x', sizeof(room));
    assert_int_equal(carnet_path_text(path, room, sizeof(room)), strlen(text));
    assert_string_equal(room, text);
}

static void
writes_steps_outermost_first(void **state)
{
    (void)state;
    expect(NULL, "");
    expect(NAME(NULL, "documents"), "documents");
    expect(INDEX(NULL, 0), "[0]");
    expect(INDEX(NAME(NAME(INDEX(NAME(NULL, "documents"), 0), "issuerSigned"), "nameSpaces"), 3),
           "documents[0].issuerSigned.nameSpaces[3]");
    expect(INDEX(NAME(NAME(NULL, "nameSpaces"), "org.iso.18013.5.1"), 3), "nameSpaces[\"org.iso.18013.5.1\"][3]");
}

static void
writes_integer_keys_in_braces(void **state)
{
    (void)state;
    expect(KEY(NULL, 33), "{33}");
    expect(NEGATIVE(KEY(NULL, 1), 0), "{1}{-1}");
    expect(NEGATIVE(NULL, 1), "{-2}");
    expect(NEGATIVE(NULL, UINT64_MAX), "{-18446744073709551616}");
    expect(NEGATIVE(NULL, UINT64_MAX - 1), "{-18446744073709551615}");
    expect(KEY(NULL, UINT64_MAX), "{18446744073709551615}");
    expect(NAME(KEY(NULL, 1), "x"), "{1}.x");
}

static void
quotes_names_that_are_no_words(void **state)
{
    (void)state;
    expect(NAME(NULL, "a_1"), "a_1");
    expect(NAME(NULL, "1a"), "[\"1a\"]");
    expect(NAME(NAME(NULL, "a"), "b-c"), "a[\"b-c\"]");
    expect(NAME(NULL, " "), "[\" \"]");
}

static void
shows_unprintable_bytes_as_question_marks(void **state)
{
    (void)state;
    expect(NAME(NULL, "a\nb"), "[\"a?b\"]");
    expect(NAME(NULL, "a\0b"), "[\"a?b\"]");
    expect(NAME(NULL, "\x1b[31m\x7f"), "[\"?[31m?\"]");
    expect(NAME(NULL, "\xc3\xbc"), "[\"??\"]");
}

/* At each size of the buffer: never more than fits, always terminated, the innermost steps kept. */
static void
cuts_a_long_path_on_the_left(void **state)
{
    const char *whole = "documents[12].issuerSigned";
    const carnet_path *path = NAME(INDEX(NAME(NULL, "documents"), 12), "issuerSigned");

    (void)state;
    for (size_t cap = 1; cap <= strlen(whole) + 3; cap++) {
        char room[40];
        size_t len, fits = cap - 1 < strlen(whole) ? cap - 1 : strlen(whole);

        memset(room, 'x', sizeof(room));
        len = carnet_path_text(path, room, cap);
        assert_int_equal(len, fits);
        assert_int_equal(room[len], '\0');
        assert_int_equal(room[cap], 'x');
        if (fits == strlen(whole))
            assert_string_equal(room, whole);
        else
            assert_memory_equal(room, "...", len < 3 ? len : 3);
        if (len > 3)
            assert_string_equal(room + 3, whole + strlen(whole) - len + 3);
    }
    assert_int_equal(carnet_path_text(path, NULL, 0), 0);
}

static void
fills_the_record(void **state)
{
    carnet_err err;

    (void)state;
    memset(&err, 0xff, sizeof(err));
    assert_carnet_rc(carnet_fail(&err, CARNET_E_HEX, "RFC 4648", "no digit"), CARNET_E_HEX);
    assert_int_equal(err.rc, CARNET_E_HEX);
    assert_true(err.offset == CARNET_NO_OFFSET);
    assert_string_equal(err.clause, "RFC 4648");
    assert_string_equal(err.path, "");
    assert_string_equal(err.reason, "no digit");
    assert_carnet_rc(carnet_fail_at(&err, CARNET_E_TIME, NULL, NULL, 5, NAME(NULL, "signed")), CARNET_E_TIME);
    assert_int_equal(err.offset, 5);
    assert_null(err.clause);
    assert_string_equal(err.path, "signed");
    assert_string_equal(err.reason, "");
}

static void
no_record_is_no_failure_of_failing(void **state)
{
    (void)state;
    assert_carnet_rc(carnet_fail(NULL, CARNET_E_HEX, "c", "r"), CARNET_E_HEX);
    assert_carnet_rc(carnet_fail_at(NULL, CARNET_E_HEX, "c", "r", 1, INDEX(NULL, 1)), CARNET_E_HEX);
    carnet_err_within(NULL, "outer");
}

/* A reason of two-byte characters, one byte in front, so that the limit falls inside one. */
static void
cuts_a_reason_between_characters(void **state)
{
    char reason[200] = "x";
    carnet_err err;

    (void)state;
    for (size_t i = 1; i + 2 < sizeof(reason); i += 2)
        memcpy(reason + i, "\xc3\xbc", 3);
    assert_carnet_rc(carnet_fail(&err, CARNET_E_HEX, NULL, reason), CARNET_E_HEX);
    assert_int_equal(strlen(err.reason), 127);
    assert_true(carnet_utf8_valid(carnet_str_bytes(carnet_str_of(err.reason))));
    assert_carnet_rc(carnet_fail(&err, CARNET_E_HEX, NULL, reason + 1), CARNET_E_HEX);
    assert_int_equal(strlen(err.reason), 126);
    assert_true(carnet_utf8_valid(carnet_str_bytes(carnet_str_of(err.reason))));
}

static const struct {
    const char *outer, *path, *whole;
} within[] = {
    { "documents", "docType", "documents.docType" },
    { "documents", "[0].docType", "documents[0].docType" },
    { "unprotected", "{33}", "unprotected{33}" },
    { "documents", "", "documents" },
    { "", "docType", "docType" },
    { NULL, "docType", "docType" },
};

static void
puts_an_outer_step_before_the_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(within); i++) {
        carnet_err err = { .rc = CARNET_E_HEX, .offset = 3 };

        memcpy(err.path, within[i].path, strlen(within[i].path) + 1);
        carnet_err_within(&err, within[i].outer);
        assert_string_equal(err.path, within[i].whole);
        assert_int_equal(err.offset, 3);
    }
}

static void
an_outer_step_that_does_not_fit_is_cut_on_the_left(void **state)
{
    carnet_err err = { 0 };

    (void)state;
    memset(err.path, 'p', sizeof(err.path) - 1);
    carnet_err_within(&err, "outer");
    assert_int_equal(strlen(err.path), sizeof(err.path) - 1);
    assert_memory_equal(err.path, "...ppp", 6);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_steps_outermost_first),
        cmocka_unit_test(writes_integer_keys_in_braces),
        cmocka_unit_test(quotes_names_that_are_no_words),
        cmocka_unit_test(shows_unprintable_bytes_as_question_marks),
        cmocka_unit_test(cuts_a_long_path_on_the_left),
        cmocka_unit_test(fills_the_record),
        cmocka_unit_test(no_record_is_no_failure_of_failing),
        cmocka_unit_test(cuts_a_reason_between_characters),
        cmocka_unit_test(puts_an_outer_step_before_the_path),
        cmocka_unit_test(an_outer_step_that_does_not_fit_is_cut_on_the_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
