/* SPDX-License-Identifier: Apache-2.0 */
#include "support/support.h"

#include <string.h>

static carnet_str
bytes_str(carnet_span s)
{
    return (carnet_str){ (const char *)s.ptr, s.len };
}

static const struct {
    const char *what, *a, *b;
    int order; /* sign of the comparison */
} orders[] = {
    { "empty and empty", "", "", 0 },     { "equal", "abc", "abc", 0 },
    { "shorter first", "ab", "abc", -1 }, { "longer last", "abc", "ab", 1 },
    { "by first byte", "b", "abc", 1 },   { "by last byte", "abc", "abd", -1 },
    { "empty first", "", "a", -1 },       { "high bytes are unsigned", "\x80", "\x7f", 1 },
    { "case matters", "A", "a", -1 },
};

static void
compares_by_bytes_then_by_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(orders); i++) {
        carnet_str a = carnet_str_of(orders[i].a), b = carnet_str_of(orders[i].b);
        int order = carnet_span_compare(carnet_str_bytes(a), carnet_str_bytes(b));

        if ((order > 0) - (order < 0) != orders[i].order)
            fail_msg("%s: %d", orders[i].what, order);
        assert_int_equal(carnet_str_equal(a, b), orders[i].order == 0);
        assert_int_equal(carnet_str_is(a, orders[i].b), orders[i].order == 0);
    }
}

static void
an_empty_view_may_be_null(void **state)
{
    carnet_str none = carnet_str_of(NULL);

    (void)state;
    assert_int_equal(none.len, 0);
    assert_true(carnet_str_is(none, ""));
    assert_true(carnet_str_equal(none, carnet_str_of("")));
    assert_false(carnet_str_is(none, "x"));
    assert_true(carnet_span_compare((carnet_span){ 0 }, CARNET_TEST_BYTES("x")) < 0);
}

static void
a_zero_byte_does_not_end_a_view(void **state)
{
    carnet_span a = CARNET_TEST_BYTES("a\0b"), b = CARNET_TEST_BYTES("a\0c");

    (void)state;
    assert_int_equal(a.len, 3);
    assert_false(carnet_span_equal(a, b));
    assert_false(carnet_str_is(bytes_str(a), "a"));
}

static void
knows_how_a_text_starts(void **state)
{
    carnet_str text = carnet_str_of("mdoc:abc");

    (void)state;
    assert_true(carnet_str_starts(text, "mdoc:"));
    assert_true(carnet_str_starts(text, ""));
    assert_true(carnet_str_starts(text, "mdoc:abc"));
    assert_false(carnet_str_starts(text, "mdoc:abcd"));
    assert_false(carnet_str_starts(text, "MDOC:"));
    assert_false(carnet_str_starts((carnet_str){ 0 }, "m"));
}

static void
fills_a_buffer_to_its_last_byte(void **state)
{
    uint8_t room[11];
    carnet_buf buf = carnet_buf_of(room, sizeof(room));

    (void)state;
    carnet_buf_add(&buf, CARNET_TEST_BYTES("a\0b"));
    carnet_buf_add_str(&buf, carnet_str_of("cd"));
    carnet_buf_add_text(&buf, "e");
    carnet_buf_add_byte(&buf, 'f');
    carnet_buf_add_hex(&buf, CARNET_TEST_BYTES("\x0f\xa0"));
    assert_false(buf.overflow);
    assert_span_equal(carnet_buf_span(&buf), CARNET_TEST_BYTES("a\0bcdef0fa0"));
    carnet_buf_add(&buf, (carnet_span){ 0 });
    assert_false(buf.overflow);
    carnet_buf_add_byte(&buf, 'x');
    assert_true(buf.overflow);
    assert_int_equal(buf.len, 11);
}

static void
a_write_that_does_not_fit_ends_all_writing(void **state)
{
    uint8_t room[4] = { 0 };
    carnet_buf buf = carnet_buf_of(room, sizeof(room));

    (void)state;
    carnet_buf_add_text(&buf, "ab");
    carnet_buf_add_text(&buf, "cde");
    assert_true(buf.overflow);
    assert_str_is(carnet_buf_str(&buf), "ab");
    carnet_buf_add_text(&buf, "c");
    carnet_buf_add_byte(&buf, 'c');
    carnet_buf_add_uint(&buf, 1);
    carnet_buf_add_hex(&buf, CARNET_TEST_BYTES("c"));
    carnet_buf_add_text(&buf, "");
    assert_str_is(carnet_buf_str(&buf), "ab");
    assert_int_equal(room[2], 0);
}

static const struct {
    int64_t value;
    const char *text;
} numbers[] = {
    { 0, "0" },
    { 7, "7" },
    { 10, "10" },
    { -1, "-1" },
    { -100, "-100" },
    { INT64_MAX, "9223372036854775807" },
    { INT64_MIN, "-9223372036854775808" },
};

static void
writes_decimal_numbers(void **state)
{
    char room[32];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(numbers); i++) {
        carnet_buf buf = carnet_buf_of(room, sizeof(room));

        carnet_buf_add_int(&buf, numbers[i].value);
        assert_str_is(carnet_buf_str(&buf), numbers[i].text);
    }
    carnet_buf buf = carnet_buf_of(room, sizeof(room));
    carnet_buf_add_uint(&buf, UINT64_MAX);
    assert_str_is(carnet_buf_str(&buf), "18446744073709551615");
}

static void
a_number_that_does_not_fit_leaves_nothing(void **state)
{
    char room[32];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(numbers); i++) {
        carnet_buf buf = carnet_buf_of(room, strlen(numbers[i].text) - 1);

        carnet_buf_add_int(&buf, numbers[i].value);
        assert_true(buf.overflow);
        assert_int_equal(buf.len, 0);
    }
}

static void
hexadecimal_digits_come_whole_or_not_at_all(void **state)
{
    char room[3];
    carnet_buf buf = carnet_buf_of(room, sizeof(room));

    (void)state;
    carnet_buf_add_hex(&buf, CARNET_TEST_BYTES("ab"));
    assert_true(buf.overflow);
    assert_int_equal(buf.len, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_by_bytes_then_by_length),
        cmocka_unit_test(an_empty_view_may_be_null),
        cmocka_unit_test(a_zero_byte_does_not_end_a_view),
        cmocka_unit_test(knows_how_a_text_starts),
        cmocka_unit_test(fills_a_buffer_to_its_last_byte),
        cmocka_unit_test(a_write_that_does_not_fit_ends_all_writing),
        cmocka_unit_test(writes_decimal_numbers),
        cmocka_unit_test(a_number_that_does_not_fit_leaves_nothing),
        cmocka_unit_test(hexadecimal_digits_come_whole_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
