/* SPDX-License-Identifier: Apache-2.0 */
/* Encoding: preferred form, what does not fit, counting, sinks, strings built in place. */
#include "support/support.h"

#include "carnet/cbor.h"

#include <math.h>
#include <string.h>

static uint8_t storage[1 << 17];

static const struct {
    uint64_t value;
    const char *hex;
} heads[] = {
    { 0, "00" },
    { 23, "17" },
    { 24, "1818" },
    { 255, "18ff" },
    { 256, "190100" },
    { 65535, "19ffff" },
    { 65536, "1a00010000" },
    { UINT32_MAX, "1affffffff" },
    { (uint64_t)UINT32_MAX + 1, "1b0000000100000000" },
    { UINT64_MAX, "1bffffffffffffffff" },
};

static void
heads_are_as_short_as_can_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(heads); i++) {
        carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
        carnet_span out;

        carnet_cbor_add_uint(&b, heads[i].value);
        assert_carnet_rc(carnet_cbor_built(&b, &out, NULL), CARNET_OK);
        assert_span_equal(out, carnet_test_hex(heads[i].hex));
        assert_int_equal(carnet_cbor_head_size(heads[i].value), out.len);
    }
}

static const struct {
    double value;
    const char *hex;
} doubles[] = {
    { 0.0, "f90000" },
    { -0.0, "f98000" },
    { 1.5, "f93e00" },
    { 65504.0, "f97bff" },
    { 65505.0, "fa477fe100" },
    { 65536.0, "fa47800000" },
    { 5.960464477539063e-8, "f90001" },
    { 2.9802322387695312e-8, "fa33000000" },
    { 8.940696716308594e-8, "fa33c00000" },
    { 0.00006097555160522461, "f903ff" },
    { 1.401298464324817e-45, "fa00000001" },
    { 7.006492321624085e-46, "fb3690000000000000" },
    { 3.4028234663852886e+38, "fa7f7fffff" },
    { 3.4028235677973366e+38, "fb47effffff0000000" },
    { 1.1, "fb3ff199999999999a" },
    { 5e-324, "fb0000000000000001" },
    { (double)INFINITY, "f97c00" },
    { (double)-INFINITY, "f9fc00" },
    { (double)NAN, "f97e00" },
    { -(double)NAN, "f97e00" },
};

static void
floats_take_the_shortest_width_that_keeps_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(doubles); i++) {
        carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
        carnet_cbor_reader r;
        carnet_span out;
        double back;

        carnet_cbor_add_double(&b, doubles[i].value);
        assert_carnet_rc(carnet_cbor_built(&b, &out, NULL), CARNET_OK);
        if (!carnet_span_equal(out, carnet_test_hex(doubles[i].hex)))
            fail_msg("%.17g is not %s", doubles[i].value, doubles[i].hex);
        r = carnet_cbor_open(out);
        back = carnet_cbor_float(&r);
        assert_carnet_rc(carnet_cbor_end(&r, NULL), CARNET_OK);
        assert_true(isnan(back) ? isnan(doubles[i].value) : memcmp(&back, &doubles[i].value, sizeof(back)) == 0);
    }
}

/* One of everything. */
static void
add_everything(carnet_cbor_builder *b)
{
    carnet_cbor_open_bstr outer, inner;

    carnet_cbor_add_array(b, 14);
    carnet_cbor_add_uint(b, 1000);
    carnet_cbor_add_int(b, -1000);
    carnet_cbor_add_int(b, INT64_MIN);
    carnet_cbor_add_bstr(b, carnet_test_hex("010203"));
    carnet_cbor_add_tstr(b, carnet_str_of("\xc3\xbc"));
    carnet_cbor_add_text(b, "text");
    carnet_cbor_add_bool(b, true);
    carnet_cbor_add_null(b);
    carnet_cbor_add_tag24(b, carnet_test_hex("80"));
    carnet_cbor_add_tdate(b, 0);
    carnet_cbor_add_full_date(b, (carnet_date){ 2026, 11, 21 });
    carnet_cbor_add_map(b, 1);
    carnet_cbor_add_tag(b, 1000);
    carnet_cbor_add_bool(b, false);
    carnet_cbor_add_raw(b, carnet_test_hex("f93c00"));
    outer = carnet_cbor_bstr_begin(b, 300); /* too many: moved down */
    inner = carnet_cbor_bstr_begin(b, 0);   /* too few: moved up */
    for (int i = 0; i < 25; i++)
        carnet_cbor_add_uint(b, 7);
    carnet_cbor_bstr_end(b, inner);
    carnet_cbor_bstr_end(b, outer);
    carnet_cbor_add_bstr_head(b, 2);
    carnet_cbor_add_raw(b, carnet_test_hex("0000"));
}

#define EVERYTHING                                                                                                     \
    "8e 1903e8 3903e7 3b7fffffffffffffff 43010203 62c3bc 6474657874 f5 f6 d8184180"                                    \
    "c074313937302d30312d30315430303a30303a30305a d903ec6a323032362d31312d3231 a1d903e8f4f93c00"                       \
    "581b 5819 07070707070707070707070707070707070707070707070707 420000"

static void
everything_comes_out_as_expected(void **state)
{
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    carnet_cbor_reader r;
    carnet_err err = { 0 };
    carnet_span out;

    (void)state;
    add_everything(&b);
    assert_carnet_ok(carnet_cbor_built(&b, &out, &err), &err);
    assert_span_equal(out, carnet_test_hex(EVERYTHING));
    r = carnet_cbor_open(out);
    (void)carnet_cbor_any(&r);
    assert_carnet_ok(carnet_cbor_end(&r, &err), &err);
}

static void
counting_gives_the_length_and_no_bytes(void **state)
{
    carnet_cbor_builder counted = carnet_cbor_measure(), built = carnet_cbor_build(NULL, 5);
    carnet_span out;

    (void)state;
    add_everything(&counted);
    add_everything(&built);
    assert_int_equal(counted.len, carnet_test_hex(EVERYTHING).len);
    assert_int_equal(built.len, counted.len);
    assert_carnet_rc(carnet_cbor_built(&counted, &out, NULL), CARNET_OK);
    assert_null(out.ptr);
}

static void
every_buffer_too_small_is_refused_and_not_overrun(void **state)
{
    size_t need = carnet_test_hex(EVERYTHING).len, slack = 2; /* a guess too great takes more for a while */

    (void)state;
    for (size_t cap = 1; cap < need + slack; cap++) {
        carnet_span room = carnet_test_copy((carnet_span){ storage, cap }), out;
        carnet_cbor_builder b = carnet_cbor_build((void *)(uintptr_t)room.ptr, cap);
        carnet_err err = { 0 };

        add_everything(&b);
        if (carnet_cbor_built(&b, &out, &err) == CARNET_OK) {
            assert_true(cap >= need);
            continue;
        }
        assert_int_equal(err.rc, CARNET_E_NO_SPACE);
        assert_null(out.ptr);
        assert_true(b.len <= cap);
    }
}

static void
the_first_failure_sticks(void **state)
{
    uint8_t small[4] = { 9, 9, 9, 9 };
    carnet_cbor_builder b = carnet_cbor_build(small, 3);
    carnet_span out;

    (void)state;
    carnet_cbor_add_uint(&b, 1);
    carnet_cbor_add_uint(&b, 65536);
    carnet_cbor_add_uint(&b, 1);
    carnet_cbor_add_text(&b, "\xff");
    assert_int_equal(b.len, 1);
    assert_int_equal(small[1], 9);
    assert_carnet_rc(carnet_cbor_built(&b, &out, NULL), CARNET_E_NO_SPACE);
}

static void
text_that_is_not_utf8_is_not_written(void **state)
{
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    carnet_span out;

    (void)state;
    carnet_cbor_add_text(&b, "a\xc3(");
    assert_int_equal(b.len, 0);
    assert_carnet_rc(carnet_cbor_built(&b, &out, NULL), CARNET_E_CBOR_UTF8);
    assert_null(out.ptr);
}

static void
lengths_do_not_wrap(void **state)
{
    carnet_cbor_builder b = carnet_cbor_measure();
    carnet_span out;

    (void)state;
    carnet_cbor_add_raw(&b, carnet_span_of(storage, SIZE_MAX - 1)); /* counted, not read */
    assert_carnet_rc(carnet_cbor_built(&b, &out, NULL), CARNET_OK);
    carnet_cbor_add_int(&b, 1000);
    assert_carnet_rc(carnet_cbor_built(&b, &out, NULL), CARNET_E_OVERFLOW);
}

static void
the_end_of_a_string_that_was_not_begun_is_a_mistake(void **state)
{
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    carnet_span out;

    (void)state;
    carnet_cbor_add_null(&b);
    carnet_cbor_bstr_end(&b, (carnet_cbor_open_bstr){ .head = 2, .start = 3 });
    assert_carnet_rc(carnet_cbor_built(&b, &out, NULL), CARNET_E_USAGE);
}

typedef struct heap {
    uint8_t bytes[512];
    size_t len;
} heap;

static void
collect(void *self, const uint8_t *ptr, size_t len)
{
    heap *h = self;

    assert_true(len <= sizeof(h->bytes) - h->len);
    memcpy(h->bytes + h->len, ptr, len);
    h->len += len;
}

static void
a_sink_gets_every_byte_once(void **state)
{
    heap h = { 0 };
    carnet_cbor_builder b = carnet_cbor_stream((carnet_cbor_sink){ collect, &h });
    carnet_span out;

    (void)state;
    carnet_cbor_add_array(&b, 2);
    carnet_cbor_add_text(&b, "x");
    carnet_cbor_add_tag24(&b, carnet_test_hex("820102"));
    assert_carnet_rc(carnet_cbor_built(&b, &out, NULL), CARNET_OK);
    assert_null(out.ptr);
    assert_int_equal(b.len, h.len);
    assert_span_equal(carnet_span_of(h.bytes, h.len), carnet_test_hex("82 6178 d81843820102"));
}

static void
a_sink_and_a_buffer_get_the_same(void **state)
{
    heap h = { 0 };
    carnet_cbor_builder b = carnet_cbor_build(storage, 4);
    carnet_span out;

    (void)state;
    b.sink = (carnet_cbor_sink){ collect, &h };
    carnet_cbor_add_uint(&b, 1000);
    assert_carnet_rc(carnet_cbor_built(&b, &out, NULL), CARNET_OK);
    assert_span_equal(out, carnet_span_of(h.bytes, h.len));
    carnet_cbor_add_uint(&b, 1000); /* does not fit: the sink must not get it either */
    assert_carnet_rc(carnet_cbor_built(&b, &out, NULL), CARNET_E_NO_SPACE);
    assert_int_equal(h.len, 3);
}

static void
strings_in_place_do_not_go_with_a_sink(void **state)
{
    heap h = { 0 };
    carnet_cbor_builder b = carnet_cbor_stream((carnet_cbor_sink){ collect, &h });
    carnet_span out;

    (void)state;
    carnet_cbor_bstr_end(&b, carnet_cbor_bstr_begin(&b, 3));
    assert_carnet_rc(carnet_cbor_built(&b, &out, NULL), CARNET_E_USAGE);
    assert_int_equal(h.len, 0);
}

static void
any_guess_of_a_length_gives_the_same_bytes(void **state)
{
    static const size_t sizes[] = { 0, 1, 23, 24, 255, 256, 65535, 65536 };
    static uint8_t content[65536];

    (void)state;
    for (size_t s = 0; s < CARNET_COUNT(sizes); s++)
        for (size_t g = 0; g < CARNET_COUNT(sizes); g++) {
            carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
            carnet_cbor_open_bstr open = carnet_cbor_bstr_begin(&b, sizes[g]);
            carnet_cbor_reader r;
            carnet_span out;

            memset(content, (int)s + 1, sizes[s]);
            carnet_cbor_add_raw(&b, carnet_span_of(content, sizes[s]));
            carnet_cbor_bstr_end(&b, open);
            assert_carnet_rc(carnet_cbor_built(&b, &out, NULL), CARNET_OK);
            r = carnet_cbor_open(out);
            assert_span_equal(carnet_cbor_bstr(&r), carnet_span_of(content, sizes[s]));
            assert_carnet_rc(carnet_cbor_end(&r, NULL), CARNET_OK);
        }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_as_short_as_can_be),
        cmocka_unit_test(floats_take_the_shortest_width_that_keeps_them),
        cmocka_unit_test(everything_comes_out_as_expected),
        cmocka_unit_test(counting_gives_the_length_and_no_bytes),
        cmocka_unit_test(every_buffer_too_small_is_refused_and_not_overrun),
        cmocka_unit_test(the_first_failure_sticks),
        cmocka_unit_test(text_that_is_not_utf8_is_not_written),
        cmocka_unit_test(lengths_do_not_wrap),
        cmocka_unit_test(the_end_of_a_string_that_was_not_begun_is_a_mistake),
        cmocka_unit_test(a_sink_gets_every_byte_once),
        cmocka_unit_test(a_sink_and_a_buffer_get_the_same),
        cmocka_unit_test(strings_in_place_do_not_go_with_a_sink),
        cmocka_unit_test(any_guess_of_a_length_gives_the_same_bytes),
    };

    return cmocka_run_group_tests_name("cbor builder", tests, NULL, NULL);
}
