/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostic notation: each kind of item, lines, embedded items, long strings, and what must not reach a terminal. */
#include "support/support.h"

#include "carnet/cbor.h"

#include <string.h>

static struct {
    char text[1 << 16];
    size_t len;
} page;

static void
collect(void *self, const uint8_t *ptr, size_t len)
{
    (void)self;
    assert_true(len < sizeof(page.text) - page.len);
    memcpy(page.text + page.len, ptr, len);
    page.len += len;
    page.text[page.len] = '\0';
}

static carnet_rc
print(carnet_span in, const carnet_cbor_print_options *options, carnet_err *err)
{
    page.len = 0;
    page.text[0] = '\0';
    return carnet_cbor_print(in, options, (carnet_cbor_sink){ collect, NULL }, err);
}

typedef struct print_case {
    const char *hex, *text;
} print_case;

static const print_case plain[] = {
    { "00", "0" },
    { "1bffffffffffffffff", "18446744073709551615" },
    { "20", "-1" },
    { "3bfffffffffffffffe", "-18446744073709551615" },
    { "3bffffffffffffffff", "-18446744073709551616" },
    { "f90000", "0.0" },
    { "f98000", "-0.0" },
    { "f93c00", "1.0" },
    { "fb3ff199999999999a", "1.1" },
    { "f97bff", "65504.0" },
    { "fa47c35000", "100000.0" },
    { "fa7f7fffff", "3.4028234663852886e+38" },
    { "fb7e37e43c8800759c", "1.0e+300" },
    { "f90001", "5.960464477539063e-8" },
    { "f90400", "0.00006103515625" },
    { "f9c400", "-4.0" },
    { "fbc010666666666666", "-4.1" },
    { "fb0000000000000001", "5.0e-324" },
    { "fb7fefffffffffffff", "1.7976931348623157e+308" },
    { "fb444b1ae4d6e2ef50", "1.0e+21" },
    { "fb4415af1d78b58c40", "100000000000000000000.0" },
    { "fb3eb0c6f7a0b5ed8d", "0.000001" },
    { "fb3e7ad7f29abcaf48", "1.0e-7" },
    { "f97c00", "Infinity" },
    { "f9fc00", "-Infinity" },
    { "f97e00", "NaN" },
    { "84f4f5f6f7", "[false, true, null, undefined]" },
    { "82f0f8ff", "[simple(16), simple(255)]" },
    { "c11a514b67b0", "1(1363896240)" },
    { "c249010000000000000000", "2(h'010000000000000000')" },
    { "4401020304", "h'01020304'" },
    { "40", "h''" },
    { "60", "\"\"" },
    { "62225c", "\"\\\"\\\\\"" },
    { "63e6b0b4", "\"\xe6\xb0\xb4\"" },
    { "64f0908591", "\"\xf0\x90\x85\x91\"" },
    { "80", "[]" },
    { "a0", "{}" },
    { "8301820203820405", "[1, [2, 3], [4, 5]]" },
    { "a26161016162820203", "{\"a\": 1, \"b\": [2, 3]}" },
    { "a201020304", "{1: 2, 3: 4}" },
    { "a1820102a10304", "{[1, 2]: {3: 4}}" },
    { "5f42010243030405ff", "(_ h'0102', h'030405')" },
    { "7f657374726561646d696e67ff", "(_ \"strea\", \"ming\")" },
    { "9f018202039f0405ffff", "[_ 1, [2, 3], [_ 4, 5]]" },
    { "bf61610161629f0203ffff", "{_ \"a\": 1, \"b\": [_ 2, 3]}" },
    { "84 1801 1a00000001 3800 5801ff", "[1_0, 1_2, -1_0, h'ff'_0]" },
    { "9a00000001d8010 0", "[_2 1_0(0)]" },
    { "82 fa3f800000 fb7ff0000000000000", "[1.0_2, Infinity_3]" },
};

static void
each_item_has_its_notation(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(plain); i++) {
        carnet_err err = { 0 };
        carnet_rc rc = print(carnet_test_hex(plain[i].hex), NULL, &err);

        assert_carnet_ok(rc, &err);
        if (strcmp(page.text, plain[i].text) != 0)
            fail_msg("%s: %s", plain[i].hex, page.text);
    }
}

static const print_case unsafe[] = {
    { "61 0a", "\"\\n\"" },         { "61 1b", "\"\\u001b\"" },     { "61 00", "\"\\u0000\"" },
    { "61 7f", "\"\\u007f\"" },     { "62 c285", "\"\\u0085\"" },   { "63 e280ae", "\"\\u202e\"" },
    { "63 e281a6", "\"\\u2066\"" }, { "63 e280a8", "\"\\u2028\"" }, { "63 efbbbf", "\"\\ufeff\"" },
};

static void
what_would_act_on_a_terminal_is_escaped(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(unsafe); i++) {
        assert_carnet_rc(print(carnet_test_hex(unsafe[i].hex), NULL, NULL), CARNET_OK);
        assert_string_equal(page.text, unsafe[i].text);
    }
}

static void
each_entry_has_a_line_if_asked(void **state)
{
    static const carnet_cbor_print_options options = { .indent = true };

    (void)state;
    assert_carnet_rc(print(carnet_test_hex("a3 01 820203 02 c1a0 03 9f80ff"), &options, NULL), CARNET_OK);
    assert_string_equal(page.text, "{\n"
                                   "  1: [\n"
                                   "    2,\n"
                                   "    3\n"
                                   "  ],\n"
                                   "  2: 1({}),\n"
                                   "  3: [_\n"
                                   "    []\n"
                                   "  ]\n"
                                   "}");
}

static const print_case embedded[] = {
    { "d81843820102", "24(<<[1, 2]>>)" },
    { "82d8184100d8184101", "[24(<<0>>), 24(<<1>>)]" },
    { "d81845d818428100", "24(<<24(<<[0]>>)>>)" },
    { "d818420000", "24(h'0000')" },
    { "d81840", "24(h'')" },
    { "d8184118", "24(h'18')" },
    { "c14100", "1(h'00')" },
    { "4100", "h'00'" },
    { "d8185f4100ff", "24((_ h'00'))" },
};

static void
embedded_items_are_shown_if_they_are_items(void **state)
{
    static const carnet_cbor_print_options options = { .embedded = true };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(embedded); i++) {
        assert_carnet_rc(print(carnet_test_hex(embedded[i].hex), &options, NULL), CARNET_OK);
        if (strcmp(page.text, embedded[i].text) != 0)
            fail_msg("%s: %s", embedded[i].hex, page.text);
    }
}

static void
embedding_is_bounded_in_depth(void **state)
{
    static const carnet_cbor_print_options options = { .embedded = true };
    uint8_t one[512], two[512];
    carnet_span item = carnet_test_hex("00");
    carnet_err err = { 0 };
    unsigned shown = 0;

    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        carnet_cbor_builder b = carnet_cbor_build(i % 2 == 0 ? one : two, sizeof(one));

        carnet_cbor_add_tag24(&b, item);
        assert_carnet_rc(carnet_cbor_built(&b, &item, NULL), CARNET_OK);
    }
    assert_carnet_ok(print(item, &options, &err), &err);
    for (const char *at = page.text; (at = strstr(at, "<<")) != NULL; at++)
        shown++;
    assert_int_equal(shown, CARNET_CBOR_DEPTH - 1); /* the innermost shown is a tag, with bytes within */
    assert_non_null(strstr(page.text, "24(h'd818"));
}

static const print_case cut[] = {
    { "4401020304", "h'01020304'" },
    { "450102030405", "h'01020304...'(5 bytes)" },
    { "6461626364", "\"abcd\"" },
    { "656162636465", "\"abcd...\"(5 bytes)" },
    { "66c3bc61e6b0b4", "\"\xc3\xbc"
                        "a...\"(6 bytes)" },
    { "a1 656162636465 656162636465", "{\"abcde\": \"abcd...\"(5 bytes)}" },
    { "d818450102030405", "24(h'01020304...'(5 bytes))" },
};

static void
long_strings_are_cut_between_characters(void **state)
{
    static const carnet_cbor_print_options options = { .longest = 4 };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cut); i++) {
        assert_carnet_rc(print(carnet_test_hex(cut[i].hex), &options, NULL), CARNET_OK);
        if (strcmp(page.text, cut[i].text) != 0)
            fail_msg("%s: %s", cut[i].hex, page.text);
    }
}

static const struct {
    const char *hex;
    carnet_rc rc;
    size_t offset;
} refused[] = {
    { "", CARNET_E_CBOR_TRUNCATED, 0 },
    { "82001c", CARNET_E_CBOR_MALFORMED, 2 },
    { "0000", CARNET_E_CBOR_TRAILING, 1 },
    { "a201000100", CARNET_E_CBOR_KEY_TWICE, 3 },
};

static void
nothing_is_written_of_what_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(refused); i++) {
        carnet_err err = { 0 };

        assert_carnet_rc(print(carnet_test_hex(refused[i].hex), NULL, &err), refused[i].rc);
        assert_int_equal(err.offset, refused[i].offset);
        assert_int_equal(page.len, 0);
    }
}

static void
the_deepest_item_is_printed(void **state)
{
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(print(carnet_test_hex("c1c1c1c1c1c1c1c181818181818181815f4100ff"), NULL, &err), &err);
    assert_string_equal(page.text, "1(1(1(1(1(1(1(1([[[[[[[[(_ h'00')]]]]]]]]))))))))");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_item_has_its_notation),
        cmocka_unit_test(what_would_act_on_a_terminal_is_escaped),
        cmocka_unit_test(each_entry_has_a_line_if_asked),
        cmocka_unit_test(embedded_items_are_shown_if_they_are_items),
        cmocka_unit_test(embedding_is_bounded_in_depth),
        cmocka_unit_test(long_strings_are_cut_between_characters),
        cmocka_unit_test(nothing_is_written_of_what_is_refused),
        cmocka_unit_test(the_deepest_item_is_printed),
    };

    return cmocka_run_group_tests_name("cbor print", tests, NULL, NULL);
}
