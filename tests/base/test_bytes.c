/* SPDX-License-Identifier: Apache-2.0 */
#include "support/support.h"

#include <string.h>

static void
a_secret_is_wiped_with_its_length(void **state)
{
    carnet_secret secret, zero = { 0 };

    (void)state;
    memset(&secret, 0xa5, sizeof(secret));
    carnet_secret_done(&secret);
    assert_memory_equal(&secret, &zero, sizeof(zero));
    carnet_secret_done(NULL);
}

static void
wiping_stops_at_the_length(void **state)
{
    uint8_t bytes[4] = { 1, 2, 3, 4 };

    (void)state;
    carnet_wipe(bytes + 1, 2);
    assert_span_equal(carnet_span_of(bytes, 4), CARNET_TEST_BYTES("\1\0\0\4"));
    carnet_wipe(NULL, 0);
}

static void
secrets_differ_by_any_bit_and_by_length(void **state)
{
    uint8_t a[33] = { 0 }, b[33] = { 0 };

    (void)state;
    assert_true(carnet_equal_secret(carnet_span_of(a, 33), carnet_span_of(b, 33)));
    assert_true(carnet_equal_secret((carnet_span){ 0 }, carnet_span_of(b, 0)));
    assert_false(carnet_equal_secret(carnet_span_of(a, 32), carnet_span_of(b, 33)));
    assert_false(carnet_equal_secret(carnet_span_of(a, 0), carnet_span_of(b, 1)));
    for (size_t bit = 0; bit < sizeof(b) * 8; bit++) {
        b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(carnet_equal_secret(carnet_span_of(a, 33), carnet_span_of(b, 33)));
        b[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static const struct {
    size_t a, b, sum;
    bool fits;
} sums[] = {
    { 0, 0, 0, true },
    { 1, 2, 3, true },
    { SIZE_MAX, 0, SIZE_MAX, true },
    { SIZE_MAX - 1, 1, SIZE_MAX, true },
    { SIZE_MAX, 1, 0, false },
    { 1, SIZE_MAX, 0, false },
    { SIZE_MAX, SIZE_MAX, 0, false },
    { SIZE_MAX / 2 + 1, SIZE_MAX / 2 + 1, 0, false },
};

static void
adds_sizes_that_fit(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(sums); i++) {
        size_t sum = 77;

        assert_int_equal(carnet_add_size(sums[i].a, sums[i].b, &sum), sums[i].fits);
        assert_int_equal(sum, sums[i].sum);
    }
}

static const struct {
    const char *what, *text;
    bool valid;
} texts[] = {
    { "nothing", "", true },
    { "ASCII", "plain", true },
    { "U+0080", "\xc2\x80", true },
    { "U+07FF", "\xdf\xbf", true },
    { "U+0800", "\xe0\xa0\x80", true },
    { "before the surrogates", "\xed\x9f\xbf", true },
    { "after the surrogates", "\xee\x80\x80", true },
    { "U+FFFF", "\xef\xbf\xbf", true },
    { "U+10000", "\xf0\x90\x80\x80", true },
    { "U+10FFFF", "\xf4\x8f\xbf\xbf", true },
    { "a continuation byte alone", "\x80", false },
    { "a slash in two bytes", "\xc0\xaf", false },
    { "the highest overlong two bytes", "\xc1\xbf", false },
    { "the highest overlong three bytes", "\xe0\x9f\xbf", false },
    { "the highest overlong four bytes", "\xf0\x8f\xbf\xbf", false },
    { "the first surrogate", "\xed\xa0\x80", false },
    { "the last surrogate", "\xed\xbf\xbf", false },
    { "U+110000", "\xf4\x90\x80\x80", false },
    { "a lead byte above F4", "\xf5\x80\x80\x80", false },
    { "FF", "\xff", false },
    { "two bytes cut", "\xc3", false },
    { "three bytes cut", "\xe2\x82", false },
    { "four bytes cut", "\xf0\x9f\x98", false },
    { "no continuation second", "\xc3(", false },
    { "no continuation third", "\xe2\x82(", false },
    { "no continuation fourth", "\xf0\x9f\x98(", false },
};

/* At every place in a longer text, for the part read eight bytes at a time. */
static void
knows_utf8_at_every_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(texts); i++) {
        for (size_t before = 0; before < 18; before++) {
            uint8_t room[64];
            carnet_buf text = carnet_buf_of(room, sizeof(room));
            carnet_span whole;

            for (size_t n = 0; n < before; n++)
                carnet_buf_add_byte(&text, 'a');
            carnet_buf_add_text(&text, texts[i].text);
            whole = carnet_test_copy(carnet_buf_span(&text));
            if (carnet_utf8_valid(whole) != texts[i].valid)
                fail_msg("%s after %zu", texts[i].what, before);
            carnet_buf_add_text(&text, "and eight more");
            assert_int_equal(carnet_utf8_valid(carnet_buf_span(&text)), texts[i].valid);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_wiped_with_its_length),
        cmocka_unit_test(wiping_stops_at_the_length),
        cmocka_unit_test(secrets_differ_by_any_bit_and_by_length),
        cmocka_unit_test(adds_sizes_that_fit),
        cmocka_unit_test(knows_utf8_at_every_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
