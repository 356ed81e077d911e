/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/der.h"
#include "support/support.h"

#include <string.h>

static uint8_t space[70000];

static void
built_is(const carnet_der_builder *b, const char *hex)
{
    carnet_span made;

    assert_carnet_ok(carnet_der_built(b, &made, NULL), NULL);
    assert_span_equal(made, carnet_test_hex(hex));
}

static void
writes_each_type_in_its_one_form(void **state)
{
    carnet_der_builder b = carnet_der_build(space, sizeof(space));

    (void)state;
    carnet_der_add_bool(&b, true);
    carnet_der_add_bool(&b, false);
    carnet_der_add_null(&b);
    carnet_der_add_uint(&b, 0);
    carnet_der_add_uint(&b, 127);
    carnet_der_add_uint(&b, 128);
    carnet_der_add_uint(&b, UINT64_MAX);
    carnet_der_add_unsigned(&b, carnet_test_hex("00007f01"));
    carnet_der_add_oid(&b, carnet_test_hex("551d0f"));
    carnet_der_add_octets(&b, carnet_test_hex("aabb"));
    carnet_der_add_bit_string(&b, carnet_test_hex("aabb"));
    carnet_der_add_str(&b, CARNET_DER_UTF8_STRING, carnet_str_of("x"));
    built_is(&b, "0101ff 010100 0500 020100 02017f 02020080 020900ffffffffffffffff 02027f01 0603551d0f 0402aabb"
                 "030300aabb 0c0178");
}

static void
writes_named_bits_without_trailing_zeros(void **state)
{
    static const struct {
        uint16_t bits;
        const char *hex;
    } cases[] = { { 0, "030100" },      { 1, "03020780" },       { 0x60, "03020106" },
                  { 0x80, "03020001" }, { 0x100, "0303070080" }, { 0x8000, "0303000001" } };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_der_builder b = carnet_der_build(space, sizeof(space));
        carnet_der_reader r;

        carnet_der_add_named_bits(&b, cases[i].bits);
        built_is(&b, cases[i].hex);
        r = carnet_der_open((carnet_span){ b.ptr, b.len });
        assert_int_equal(carnet_der_named_bits(&r), cases[i].bits);
        assert_carnet_ok(carnet_der_done(&r, NULL), NULL);
    }
}

static void
writes_the_type_of_time_the_year_asks_for(void **state)
{
    static const struct {
        carnet_time time;
        const char *der;
    } cases[] = { { -631152001, "\x18\x0f"
                                "19491231235959Z" },
                  { -631152000, "\x17\x0d"
                                "500101000000Z" },
                  { 1602720000, "\x17\x0d"
                                "201015000000Z" },
                  { 2524607999, "\x17\x0d"
                                "491231235959Z" },
                  { 2524608000, "\x18\x0f"
                                "20500101000000Z" } };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_der_builder b = carnet_der_build(space, sizeof(space));
        carnet_der_reader r;

        carnet_der_add_time(&b, cases[i].time);
        assert_span_equal(carnet_span_of(b.ptr, b.len), carnet_span_of(cases[i].der, strlen(cases[i].der)));
        r = carnet_der_open((carnet_span){ b.ptr, b.len });
        assert_int_equal(carnet_der_time(&r), cases[i].time);
    }
}

static void
lengths_take_as_many_octets_as_needed(void **state)
{
    static const size_t lengths[] = { 0, 1, 127, 128, 255, 256, 65535, 65536 };
    static uint8_t content[65536];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(lengths); i++) {
        carnet_der_builder b = carnet_der_build(space, sizeof(space));
        carnet_der_mark mark = carnet_der_begin(&b, CARNET_DER_SEQUENCE);
        carnet_der_reader r;
        carnet_der_item item;

        carnet_der_add_raw(&b, carnet_span_of(content, lengths[i]));
        carnet_der_end(&b, mark);
        r = carnet_der_open((carnet_span){ b.ptr, b.len });
        item = carnet_der_any(&r);
        assert_carnet_ok(carnet_der_done(&r, NULL), NULL);
        assert_int_equal(item.content.len, lengths[i]);
    }
}

static void
build_nested(carnet_der_builder *b)
{
    carnet_der_mark outer = carnet_der_begin(b, CARNET_DER_SEQUENCE), inner;
    uint8_t octets[130] = { 0 };

    carnet_der_add_uint(b, 1);
    inner = carnet_der_begin(b, CARNET_DER_CONTEXT_CONSTRUCTED(0));
    carnet_der_add_octets(b, carnet_span_of(octets, sizeof(octets)));
    carnet_der_end(b, inner);
    carnet_der_add_null(b);
    carnet_der_end(b, outer);
}

static void
nests_and_fails_for_every_buffer_too_small(void **state)
{
    carnet_der_builder b = carnet_der_build(space, sizeof(space));
    carnet_der_reader r;
    size_t needed;

    (void)state;
    build_nested(&b);
    needed = b.len;
    r = carnet_der_open((carnet_span){ b.ptr, b.len });
    assert_int_equal(carnet_der_any_deep(&r).encoded.len, needed);
    assert_carnet_ok(carnet_der_done(&r, NULL), NULL);
    for (size_t cap = 0; cap <= needed; cap++) {
        carnet_span made = CARNET_TEST_BYTES("x");

        b = carnet_der_build(space, cap);
        build_nested(&b);
        assert_carnet_rc(carnet_der_built(&b, &made, NULL), cap < needed ? CARNET_E_NO_SPACE : CARNET_OK);
        assert_int_equal(made.len, cap < needed ? 0 : needed);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_each_type_in_its_one_form),
        cmocka_unit_test(writes_named_bits_without_trailing_zeros),
        cmocka_unit_test(writes_the_type_of_time_the_year_asks_for),
        cmocka_unit_test(lengths_take_as_many_octets_as_needed),
        cmocka_unit_test(nests_and_fails_for_every_buffer_too_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
