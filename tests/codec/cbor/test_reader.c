/* SPDX-License-Identifier: Apache-2.0 */
/* The getters of single items, and walks over arrays and maps. */
#include "support/support.h"

#include "carnet/cbor.h"

#include <math.h>
#include <string.h>

typedef void getter(carnet_cbor_reader *r);

static void
get_uint(carnet_cbor_reader *r)
{
    (void)carnet_cbor_uint(r);
}
static void
get_int(carnet_cbor_reader *r)
{
    (void)carnet_cbor_int(r);
}
static void
get_bstr(carnet_cbor_reader *r)
{
    (void)carnet_cbor_bstr(r);
}
static void
get_tstr(carnet_cbor_reader *r)
{
    (void)carnet_cbor_tstr(r);
}
static void
get_bool(carnet_cbor_reader *r)
{
    (void)carnet_cbor_bool(r);
}
static void
get_null(carnet_cbor_reader *r)
{
    carnet_cbor_null(r);
}
static void
get_float(carnet_cbor_reader *r)
{
    (void)carnet_cbor_float(r);
}
static void
get_tag(carnet_cbor_reader *r)
{
    (void)carnet_cbor_tag(r);
}
static void
get_tag_1004(carnet_cbor_reader *r)
{
    carnet_cbor_expect_tag(r, 1004);
    (void)carnet_cbor_any(r);
}
static void
get_tag24(carnet_cbor_reader *r)
{
    (void)carnet_cbor_tag24(r);
}
static void
get_array(carnet_cbor_reader *r)
{
    carnet_cbor_walk walk;

    for (carnet_cbor_array(r, &walk); carnet_cbor_array_next(r, &walk);)
        (void)carnet_cbor_any(r);
}
static void
get_map(carnet_cbor_reader *r)
{
    carnet_cbor_walk walk;

    for (carnet_cbor_map(r, &walk); carnet_cbor_map_next(r, &walk);) {
        (void)carnet_cbor_any(r);
        (void)carnet_cbor_any(r);
    }
}

static const struct {
    const char *what, *hex;
    getter *get;
    carnet_rc rc;
    size_t offset;
} cases[] = {
    { "an unsigned integer", "1bffffffffffffffff", get_uint, CARNET_OK, 0 },
    { "a negative one where none may be", "20", get_uint, CARNET_E_CBOR_TYPE, 0 },
    { "a text where a number must be", "6161", get_uint, CARNET_E_CBOR_TYPE, 0 },
    { "a long head", "1801", get_uint, CARNET_E_CBOR_NOT_PREFERRED, 0 },
    { "no number", "", get_uint, CARNET_E_CBOR_TRUNCATED, 0 },
    { "greatest signed", "1b7fffffffffffffff", get_int, CARNET_OK, 0 },
    { "least signed", "3b7fffffffffffffff", get_int, CARNET_OK, 0 },
    { "one too great", "1b8000000000000000", get_int, CARNET_E_CBOR_VALUE, 0 },
    { "one too small", "3b8000000000000000", get_int, CARNET_E_CBOR_VALUE, 0 },
    { "true for an integer", "f5", get_int, CARNET_E_CBOR_TYPE, 0 },
    { "bytes", "420102", get_bstr, CARNET_OK, 0 },
    { "text for bytes", "620102", get_bstr, CARNET_E_CBOR_TYPE, 0 },
    { "bytes cut", "4201", get_bstr, CARNET_E_CBOR_TRUNCATED, 0 },
    { "bytes with a length of 2^64 - 1", "5bffffffffffffffff", get_bstr, CARNET_E_CBOR_TRUNCATED, 0 },
    { "bytes in chunks", "5f4100ff", get_bstr, CARNET_E_CBOR_INDEFINITE, 0 },
    { "text", "63e282ac", get_tstr, CARNET_OK, 0 },
    { "bytes for text", "420102", get_tstr, CARNET_E_CBOR_TYPE, 0 },
    { "text that is none", "62c328", get_tstr, CARNET_E_CBOR_UTF8, 0 },
    { "text in chunks", "7f6100ff", get_tstr, CARNET_E_CBOR_INDEFINITE, 0 },
    { "false", "f4", get_bool, CARNET_OK, 0 },
    { "null for a truth value", "f6", get_bool, CARNET_E_CBOR_TYPE, 0 },
    { "no truth value", "", get_bool, CARNET_E_CBOR_TRUNCATED, 0 },
    { "null", "f6", get_null, CARNET_OK, 0 },
    { "undefined for null", "f7", get_null, CARNET_E_CBOR_TYPE, 0 },
    { "nothing for null", "", get_null, CARNET_E_CBOR_TRUNCATED, 0 },
    { "a float", "f93c00", get_float, CARNET_OK, 0 },
    { "an integer for a float", "01", get_float, CARNET_E_CBOR_TYPE, 0 },
    { "a simple value for a float", "f820", get_float, CARNET_E_CBOR_TYPE, 0 },
    { "a wide float", "fa3f800000", get_float, CARNET_E_CBOR_NOT_PREFERRED, 0 },
    { "half a float", "f93c", get_float, CARNET_E_CBOR_TRUNCATED, 0 },
    { "no float", "", get_float, CARNET_E_CBOR_TRUNCATED, 0 },
    { "a tag without what it tags", "c1", get_tag, CARNET_OK, 0 },
    { "no tag", "01", get_tag, CARNET_E_CBOR_TYPE, 0 },
    { "the tag", "d903ec6161", get_tag_1004, CARNET_OK, 0 },
    { "another tag", "c06161", get_tag_1004, CARNET_E_CBOR_TAG, 0 },
    { "no tag where one must be", "6161", get_tag_1004, CARNET_E_CBOR_TAG, 0 },
    { "an embedded item", "d8184100", get_tag24, CARNET_OK, 0 },
    { "an item that is not embedded", "4100", get_tag24, CARNET_E_CBOR_TAG, 0 },
    { "another tag in its place", "d8194100", get_tag24, CARNET_E_CBOR_TAG, 0 },
    { "text that is said to be embedded", "d8186100", get_tag24, CARNET_E_CBOR_TYPE, 2 },
    { "an embedded item in chunks", "d8185f4100ff", get_tag24, CARNET_E_CBOR_INDEFINITE, 2 },
    { "an embedded item under a long tag", "d900184100", get_tag24, CARNET_E_CBOR_NOT_PREFERRED, 0 },
    { "an embedded item cut", "d8184200", get_tag24, CARNET_E_CBOR_TRUNCATED, 2 },
    { "an array", "820001", get_array, CARNET_OK, 0 },
    { "an open-ended array", "9f00ff", get_array, CARNET_E_CBOR_INDEFINITE, 0 },
    { "an array too few", "820081", get_array, CARNET_E_CBOR_TRUNCATED, 2 },
    { "an array of 2^64 - 1", "9bffffffffffffffff0000", get_array, CARNET_E_CBOR_TRUNCATED, 0 },
    { "a map for an array", "a0", get_array, CARNET_E_CBOR_TYPE, 0 },
    { "an array and more", "810000", get_array, CARNET_E_CBOR_TRAILING, 2 },
    { "a map", "a200000100", get_map, CARNET_OK, 0 },
    { "an array for a map", "80", get_map, CARNET_E_CBOR_TYPE, 0 },
    { "a map of 2^63 + 1", "bb800000000000000100000000", get_map, CARNET_E_CBOR_TRUNCATED, 0 },
    { "a map without its last value", "a2000001", get_map, CARNET_E_CBOR_TRUNCATED, 0 },
    { "a key twice", "a300000100 00 00", get_map, CARNET_E_CBOR_KEY_TWICE, 5 },
    { "a key twice in a map within", "a100a200000000", get_map, CARNET_E_CBOR_KEY_TWICE, 5 },
};

static void
each_getter_takes_its_type_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_cbor_reader r = carnet_cbor_open(carnet_test_copy(carnet_test_hex(cases[i].hex)));
        carnet_err err = { 0 };
        carnet_rc rc;

        cases[i].get(&r);
        rc = carnet_cbor_end(&r, &err);
        if (rc != cases[i].rc || err.offset != cases[i].offset)
            fail_msg("%s: %s at %zu", cases[i].what, carnet_rc_name(rc), err.offset);
    }
}

static void
values_come_out_as_they_went_in(void **state)
{
    carnet_cbor_reader r =
        carnet_cbor_open(carnet_test_hex("8b 1bffffffffffffffff 3b7fffffffffffffff 1864 43010203 63c3bc61 f5 f4 f6"
                                         "f9c400 d903ec6161 d818420102"));
    carnet_cbor_embedded item;
    carnet_cbor_walk walk;
    carnet_err err = { 0 };

    (void)state;
    carnet_cbor_array(&r, &walk);
    assert_int_equal(walk.left, 11);
    assert_true(carnet_cbor_uint(&r) == UINT64_MAX);
    assert_true(carnet_cbor_int(&r) == INT64_MIN);
    assert_int_equal(carnet_cbor_int(&r), 100);
    assert_span_equal(carnet_cbor_bstr(&r), carnet_test_hex("010203"));
    assert_str_is(carnet_cbor_tstr(&r), "\xc3\xbc"
                                        "a");
    assert_true(carnet_cbor_bool(&r));
    assert_false(carnet_cbor_bool(&r));
    carnet_cbor_null(&r);
    assert_true(carnet_cbor_float(&r) == -4.0);
    carnet_cbor_expect_tag(&r, 1004);
    assert_str_is(carnet_cbor_tstr(&r), "a");
    item = carnet_cbor_tag24(&r);
    assert_span_equal(item.encoded, carnet_test_hex("d818420102"));
    assert_span_equal(item.content, carnet_test_hex("0102"));
    assert_carnet_ok(carnet_cbor_end(&r, &err), &err);
}

static const struct {
    const char *hex;
    double value;
} floats[] = {
    { "f90000", 0.0 },
    { "f98000", -0.0 },
    { "f93c00", 1.0 },
    { "f97bff", 65504.0 },
    { "f90001", 5.960464477539063e-8 },
    { "f903ff", 0.00006097555160522461 },
    { "f90400", 0.00006103515625 },
    { "fa47c35000", 100000.0 },
    { "fa7f7fffff", 3.4028234663852886e+38 },
    { "fa00000001", 1.401298464324817e-45 },
    { "fb3ff199999999999a", 1.1 },
    { "fb7e37e43c8800759c", 1.0e+300 },
    { "fb0000000000000001", 5e-324 },
    { "f97c00", (double)INFINITY },
    { "f9fc00", (double)-INFINITY },
};

static void
floats_of_every_width_mean_the_same_double(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(floats); i++) {
        carnet_cbor_reader r = carnet_cbor_open(carnet_test_hex(floats[i].hex));
        double got = carnet_cbor_float(&r);

        assert_carnet_rc(carnet_cbor_end(&r, NULL), CARNET_OK);
        if (memcmp(&got, &floats[i].value, sizeof(got)) != 0)
            fail_msg("%s: %.17g", floats[i].hex, got);
    }
}

static const struct {
    const char *hex;
    carnet_cbor_type type;
} peeks[] = {
    { "", CARNET_CBOR_NONE },     { "00", CARNET_CBOR_UINT },     { "20", CARNET_CBOR_NINT },
    { "40", CARNET_CBOR_BSTR },   { "60", CARNET_CBOR_TSTR },     { "80", CARNET_CBOR_ARRAY },
    { "a0", CARNET_CBOR_MAP },    { "c1", CARNET_CBOR_TAG },      { "f4", CARNET_CBOR_BOOL },
    { "f5", CARNET_CBOR_BOOL },   { "f6", CARNET_CBOR_NULL },     { "f7", CARNET_CBOR_UNDEFINED },
    { "e0", CARNET_CBOR_SIMPLE }, { "f820", CARNET_CBOR_SIMPLE }, { "f90000", CARNET_CBOR_FLOAT },
    { "fa", CARNET_CBOR_FLOAT },  { "fb", CARNET_CBOR_FLOAT },    { "fc", CARNET_CBOR_NONE },
    { "ff", CARNET_CBOR_NONE },   { "9fff", CARNET_CBOR_ARRAY },  { "5f", CARNET_CBOR_BSTR },
};

static void
peek_names_the_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(peeks); i++) {
        carnet_cbor_reader r = carnet_cbor_open(carnet_test_hex(peeks[i].hex));

        if (carnet_cbor_peek(&r) != peeks[i].type)
            fail_msg("%s: %d", peeks[i].hex, (int)carnet_cbor_peek(&r));
    }
}

static void
the_first_failure_sticks(void **state)
{
    carnet_cbor_reader r = carnet_cbor_open(carnet_test_hex("84 6161 01 02 03"));
    carnet_cbor_walk walk;
    carnet_err err = { 0 };
    unsigned rounds = 0;

    (void)state;
    carnet_cbor_array(&r, &walk);
    while (carnet_cbor_array_next(&r, &walk)) {
        assert_int_equal(carnet_cbor_uint(&r), 0);
        rounds++;
    }
    assert_int_equal(rounds, 1);
    assert_int_equal(carnet_cbor_tstr(&r).len, 0);
    assert_null(carnet_cbor_any(&r).ptr);
    assert_false(carnet_cbor_bool(&r));
    assert_true(carnet_cbor_float(&r) == 0);
    carnet_cbor_map(&r, &walk);
    assert_false(carnet_cbor_map_next(&r, &walk));
    carnet_cbor_refuse(&r, CARNET_E_CBOR_VALUE, NULL, "x", "y");
    assert_carnet_rc(carnet_cbor_end(&r, &err), CARNET_E_CBOR_TYPE);
    assert_int_equal(err.offset, 1);
}

static void
a_caller_can_refuse_with_place_clause_and_path(void **state)
{
    carnet_span in = carnet_test_hex("820102");
    carnet_cbor_reader r = carnet_cbor_open(in);
    carnet_path outer = { .name = carnet_str_of("status") }, inner = { .up = &outer, .index = 1 };
    carnet_err err = { 0 };

    (void)state;
    r.path = &inner;
    carnet_cbor_refuse(&r, CARNET_E_CBOR_VALUE, in.ptr + 2, "18013-5 10.3", "a status that is not known");
    r.path = NULL; /* the steps may be gone by the time the failure is asked for */
    assert_carnet_rc(carnet_cbor_end(&r, &err), CARNET_E_CBOR_VALUE);
    assert_int_equal(err.offset, 2);
    assert_string_equal(err.path, "status[1]");
    assert_string_equal(err.clause, "18013-5 10.3");
    assert_string_equal(err.reason, "a status that is not known");
}

static void
an_open_ended_walk_ends_at_its_break(void **state)
{
    carnet_cbor_reader r = carnet_cbor_open(carnet_test_hex("9f 01 bf 02 03 ff 04 ff"));
    carnet_cbor_walk walk, map;
    carnet_err err = { 0 };
    uint64_t last = 0;

    (void)state;
    r.allow = CARNET_CBOR_INDEFINITE;
    for (carnet_cbor_array(&r, &walk); carnet_cbor_array_next(&r, &walk);) {
        if (carnet_cbor_peek(&r) != CARNET_CBOR_MAP) {
            last = carnet_cbor_uint(&r);
            continue;
        }
        assert_int_equal(walk.index, 1);
        carnet_cbor_map(&r, &map);
        assert_int_equal(r.depth, 2);
        assert_true(carnet_cbor_map_next(&r, &map));
        assert_int_equal(carnet_cbor_uint(&r), 2);
        assert_int_equal(carnet_cbor_uint(&r), 3);
        assert_false(carnet_cbor_map_next(&r, &map));
        assert_false(carnet_cbor_map_next(&r, &map));
        assert_int_equal(r.depth, 1);
    }
    assert_int_equal(last, 4);
    assert_int_equal(r.depth, 0);
    assert_int_equal(r.seen, CARNET_CBOR_INDEFINITE);
    assert_carnet_ok(carnet_cbor_end(&r, &err), &err);
}

static void
walks_are_bounded_in_depth(void **state)
{
    carnet_cbor_reader r = carnet_cbor_open(carnet_test_hex("8181818181818181818181818181818181 00"));
    carnet_cbor_walk walk;
    carnet_err err = { 0 };
    unsigned depth = 0;

    (void)state;
    for (; depth < 30; depth++) {
        carnet_cbor_array(&r, &walk);
        if (!carnet_cbor_array_next(&r, &walk))
            break;
    }
    assert_int_equal(depth, CARNET_CBOR_DEPTH);
    assert_carnet_rc(carnet_cbor_end(&r, &err), CARNET_E_CBOR_DEPTH);
    assert_int_equal(err.offset, CARNET_CBOR_DEPTH);
}

static const struct {
    const char *hex;
    uint64_t count;
} counts[] = {
    { "", 0 },
    { "80", 0 },
    { "83000102", 3 },
    { "a200000100", 2 },
    { "9f0001ff", 2 },
    { "bf00000100ff", 2 },
    { "9f9f00ffa0ff", 2 },
    { "43010203", 0 },
    { "00", 0 },
    { "9b00000000ffffffff00", 0 },
    { "9f5f4100ff00ff", 2 },
    { "a2000000", 0 },
};

static void
entries_are_counted(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(counts); i++) {
        uint64_t got = carnet_cbor_count(carnet_test_copy(carnet_test_hex(counts[i].hex)));

        if (got != counts[i].count)
            fail_msg("%s: %llu", counts[i].hex, (unsigned long long)got);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_getter_takes_its_type_only),
        cmocka_unit_test(values_come_out_as_they_went_in),
        cmocka_unit_test(floats_of_every_width_mean_the_same_double),
        cmocka_unit_test(peek_names_the_type),
        cmocka_unit_test(the_first_failure_sticks),
        cmocka_unit_test(a_caller_can_refuse_with_place_clause_and_path),
        cmocka_unit_test(an_open_ended_walk_ends_at_its_break),
        cmocka_unit_test(walks_are_bounded_in_depth),
        cmocka_unit_test(entries_are_counted),
    };

    return cmocka_run_group_tests_name("cbor reader", tests, NULL, NULL);
}
