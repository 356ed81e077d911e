/* SPDX-License-Identifier: Apache-2.0 */
/* Maps by table: members of each kind, missing, twice, unknown, of the wrong type; and the paths of failures. */
#include "support/support.h"

#include "carnet/cbor.h"

#include <string.h>

typedef struct record {
    carnet_span any, bytes, array, map;
    carnet_str text;
    carnet_cbor_embedded item;
    uint64_t number;
    int64_t integer;
    bool flag, has_flag;
} record;

static const carnet_cbor_field fields[] = {
    CARNET_MEMBER(record, "any", CARNET_FIELD_ANY, any),
    CARNET_MEMBER_OPTIONAL(record, "bytes", CARNET_FIELD_BSTR, bytes),
    CARNET_MEMBER_OPTIONAL(record, "array", CARNET_FIELD_ARRAY, array),
    CARNET_MEMBER_OPTIONAL(record, "map", CARNET_FIELD_MAP, map),
    CARNET_MEMBER_OPTIONAL(record, "a longer name", CARNET_FIELD_TSTR, text),
    CARNET_MEMBER_OPTIONAL(record, "the longest name of all of them", CARNET_FIELD_EMBEDDED, item),
    CARNET_MEMBER_OPTIONAL(record, "number", CARNET_FIELD_UINT, number),
    CARNET_LABEL_OPTIONAL(record, -2, CARNET_FIELD_INT, integer),
    { "flag", 0, CARNET_FIELD_BOOL, false, offsetof(record, flag), offsetof(record, has_flag) },
    CARNET_LABEL(record, 1, CARNET_FIELD_ANY, any),
};

/* Without the last, which is required. */
#define MEMBERS (CARNET_COUNT(fields) - 1)

static carnet_rc
read_record(const char *hex, size_t count, record *got, carnet_cbor_reader *r, carnet_err *err)
{
    *got = (record){ 0 };
    *r = carnet_cbor_open(carnet_test_copy(carnet_test_hex(hex)));
    r->allow = 0;
    carnet_cbor_fields(r, fields, count, got);
    return carnet_cbor_end(r, err);
}

#define LONGEST "781f746865206c6f6e67657374206e616d65206f6620616c6c206f66207468656d"

static void
reads_members_of_every_kind_in_any_order(void **state)
{
    static const char *const orders[] = {
        "a9 63616e79 820102 656279746573 420102 656172726179 80 636d6170 a0 6d61206c6f6e676572206e616d65 6178" LONGEST
        "d8184100 666e756d626572 1864 21 22 64666c6167 f5",
        "a9 64666c6167 f5 21 22 666e756d626572 1864" LONGEST "d8184100 6d61206c6f6e676572206e616d65 6178 636d6170 a0"
        "656172726179 80 656279746573 420102 63616e79 820102",
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(orders); i++) {
        carnet_cbor_reader r;
        carnet_err err = { 0 };
        record got;

        assert_carnet_ok(read_record(orders[i], MEMBERS, &got, &r, &err), &err);
        assert_span_equal(got.any, carnet_test_hex("820102"));
        assert_span_equal(got.bytes, carnet_test_hex("0102"));
        assert_span_equal(got.array, carnet_test_hex("80"));
        assert_span_equal(got.map, carnet_test_hex("a0"));
        assert_str_is(got.text, "x");
        assert_span_equal(got.item.encoded, carnet_test_hex("d8184100"));
        assert_int_equal(got.number, 100);
        assert_int_equal(got.integer, -3);
        assert_true(got.flag && got.has_flag);
        assert_int_equal(r.seen & CARNET_CBOR_UNKNOWN_KEY, 0);
        assert_int_equal(r.seen & CARNET_CBOR_UNSORTED, CARNET_CBOR_UNSORTED);
        assert_int_equal(r.depth, 0);
    }
}

static const struct {
    const char *what, *hex;
    size_t count;
    carnet_rc rc;
    size_t offset;
    const char *path;
} cases[] = {
    { "only what is required", "a163616e7900", MEMBERS, CARNET_OK, 0, "" },
    { "an unknown member of each kind of key", "a5 63616e79 00 617a 80 03 00 f5 00 8100 00", MEMBERS, CARNET_OK, 0,
      "" },
    { "no map", "80", MEMBERS, CARNET_E_CBOR_TYPE, 0, "" },
    { "nothing", "", MEMBERS, CARNET_E_CBOR_TRUNCATED, 0, "" },
    { "an open end", "bf63616e7900ff", MEMBERS, CARNET_E_CBOR_INDEFINITE, 0, "" },
    { "a required name missing", "a0", MEMBERS, CARNET_E_CBOR_KEY_MISSING, 0, "any" },
    { "a required label missing", "a163616e7900", MEMBERS + 1, CARNET_E_CBOR_KEY_MISSING, 0, "{1}" },
    { "a name that only begins alike", "a163616e6100", MEMBERS, CARNET_E_CBOR_KEY_MISSING, 0, "any" },
    { "a name with a zero after it", "a164616e790000", MEMBERS, CARNET_E_CBOR_KEY_MISSING, 0, "any" },
    { "a name cut short", "a162616e00", MEMBERS, CARNET_E_CBOR_KEY_MISSING, 0, "any" },
    { "the bytes of a name", "a143616e7900", MEMBERS, CARNET_E_CBOR_KEY_MISSING, 0, "any" },
    { "a known name twice", "a263616e790063616e7900", MEMBERS, CARNET_E_CBOR_KEY_TWICE, 6, "any" },
    { "a known label twice", "a3 63616e7900 2100 2100", MEMBERS, CARNET_E_CBOR_KEY_TWICE, 8, "{-2}" },
    { "an unknown name twice", "a3 617a00 63616e7900 617a00", MEMBERS, CARNET_E_CBOR_KEY_TWICE, 9, "" },
    { "an unknown label twice", "a3 0800 63616e7900 0800", MEMBERS, CARNET_E_CBOR_KEY_TWICE, 8, "" },
    { "text for bytes", "a2 63616e7900 656279746573 6100", MEMBERS, CARNET_E_CBOR_TYPE, 12, "bytes" },
    { "a map for an array", "a2 63616e7900 656172726179 a0", MEMBERS, CARNET_E_CBOR_TYPE, 12, "array" },
    { "an array for a map", "a2 63616e7900 636d6170 80", MEMBERS, CARNET_E_CBOR_TYPE, 10, "map" },
    { "a negative number", "a2 63616e7900 666e756d626572 20", MEMBERS, CARNET_E_CBOR_TYPE, 13, "number" },
    { "a number for a flag", "a2 63616e7900 64666c6167 00", MEMBERS, CARNET_E_CBOR_TYPE, 11, "flag" },
    { "text for an integer", "a2 63616e7900 21 60", MEMBERS, CARNET_E_CBOR_TYPE, 7, "{-2}" },
    { "an integer too great", "a2 63616e7900 21 1b8000000000000000", MEMBERS, CARNET_E_CBOR_VALUE, 7, "{-2}" },
    { "no tag", "a2 63616e7900" LONGEST "4100", MEMBERS, CARNET_E_CBOR_TAG, 39, "the longest name of all of them" },
    { "deep within a member", "a163616e79a1617a8200f800", MEMBERS, CARNET_E_CBOR_MALFORMED, 10, "any.z[1]" },
    { "within an unknown member", "a2 63616e7900 617a 81f800", MEMBERS, CARNET_E_CBOR_MALFORMED, 9, "z[0]" },
    { "within a member with an unknown label", "a2 63616e7900 3818 81f800", MEMBERS, CARNET_E_CBOR_MALFORMED, 9,
      "{-25}[0]" },
    { "within a key", "a2 63616e7900 811c 00", MEMBERS, CARNET_E_CBOR_MALFORMED, 7, "[0]" },
    { "a value cut", "a163616e7918", MEMBERS, CARNET_E_CBOR_TRUNCATED, 5, "any" },
    { "a value missing", "a263616e79000102", MEMBERS + 1, CARNET_OK, 0, "" },
    { "the second value missing", "a263616e790001", MEMBERS, CARNET_E_CBOR_TRUNCATED, 7, "{1}" },
    { "a key that is not UTF-8", "a2 63616e7900 61ff 00", MEMBERS, CARNET_E_CBOR_UTF8, 6, "" },
    { "a key with a long head", "a1 7803616e7900", MEMBERS, CARNET_E_CBOR_NOT_PREFERRED, 1, "" },
    { "bytes after it", "a163616e790000", MEMBERS, CARNET_E_CBOR_TRAILING, 6, "" },
    { "2^63 members", "bb8000000000000000 63616e7900", MEMBERS, CARNET_E_CBOR_TRUNCATED, 0, "" },
};

static void
refuses_with_the_members_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_cbor_reader r;
        carnet_err err = { 0 };
        record got;
        carnet_rc rc = read_record(cases[i].hex, cases[i].count, &got, &r, &err);
        const char *path = cases[i].path;

        /* A name that is no plain word is quoted in a path. */
        if (rc != cases[i].rc || err.offset != cases[i].offset ||
            (strchr(path, ' ') == NULL ? strcmp(err.path, path) != 0 : strstr(err.path, path) == NULL))
            fail_msg("%s: %s at %zu in \"%s\"", cases[i].what, carnet_rc_name(rc), err.offset, err.path);
    }
}

static void
notes_unknown_members(void **state)
{
    carnet_cbor_reader r;
    record got;

    (void)state;
    assert_carnet_rc(read_record("a2 63616e7900 647a7a7a7a 00", MEMBERS, &got, &r, NULL), CARNET_OK);
    assert_int_equal(r.seen, CARNET_CBOR_UNKNOWN_KEY);
    assert_carnet_rc(read_record("a1 63616e7900", MEMBERS, &got, &r, NULL), CARNET_OK);
    assert_int_equal(r.seen, 0);
    assert_false(got.has_flag);
}

static void
reads_what_is_lenient_if_allowed(void **state)
{
    carnet_cbor_reader r = carnet_cbor_open(carnet_test_hex("bf 7803616e79 1800 3801 1902 00 ff"));
    record got = { 0 };
    carnet_err err = { 0 };

    (void)state;
    r.allow = CARNET_CBOR_LENIENT;
    carnet_cbor_fields(&r, fields, MEMBERS, &got);
    assert_carnet_ok(carnet_cbor_end(&r, &err), &err);
    assert_span_equal(got.any, carnet_test_hex("1800"));
    assert_int_equal(got.integer, 512);
}

static void
one_key_in_two_encodings_is_met_twice(void **state)
{
    static const struct {
        const char *hex;
        carnet_rc rc;
    } twice[] = {
        { "a3 63616e7900 21 00 3801 00", CARNET_E_CBOR_KEY_TWICE },
        { "a3 63616e7900 05 00 1805 00", CARNET_E_CBOR_KEY_TWICE },
        { "a2 63616e7900 7803616e79 00", CARNET_E_CBOR_KEY_TWICE },
        { "a2 63616e7900 7f6161626e79ff 00", CARNET_E_CBOR_INDEFINITE }, /* a key needs a view */
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(twice); i++) {
        carnet_cbor_reader r = carnet_cbor_open(carnet_test_hex(twice[i].hex));
        record got = { 0 };

        r.allow = CARNET_CBOR_LENIENT;
        carnet_cbor_fields(&r, fields, MEMBERS, &got);
        assert_carnet_rc(carnet_cbor_end(&r, NULL), twice[i].rc);
    }
}

static void
a_table_of_more_than_32_is_a_mistake(void **state)
{
    static const carnet_cbor_field many[33] = { { "x", 0, CARNET_FIELD_ANY, false, 0, CARNET_NO_OFFSET } };
    carnet_cbor_reader r = carnet_cbor_open(carnet_test_hex("a0"));
    record got = { 0 };

    (void)state;
    carnet_cbor_fields(&r, many, CARNET_COUNT(many), &got);
    assert_carnet_rc(carnet_cbor_end(&r, NULL), CARNET_E_USAGE);
}

static void
the_path_continues_the_readers_own(void **state)
{
    carnet_cbor_reader r = carnet_cbor_open(carnet_test_hex("a163616e79811c"));
    carnet_path outer = { .name = carnet_str_of("documents") }, at = { .up = &outer, .index = 3 };
    carnet_err err = { 0 };
    record got = { 0 };

    (void)state;
    r.path = &at;
    carnet_cbor_fields(&r, fields, MEMBERS, &got);
    assert_carnet_rc(carnet_cbor_end(&r, &err), CARNET_E_CBOR_MALFORMED);
    assert_string_equal(err.path, "documents[3].any[0]");
    assert_ptr_equal(r.path, &at);
}

static void
check_any_bytes(carnet_span in, void *context)
{
    carnet_cbor_reader r = carnet_cbor_open(in), whole = carnet_cbor_open(in);
    carnet_err err = { 0 };
    record got = { 0 };

    (void)context;
    carnet_cbor_fields(&r, fields, MEMBERS, &got);
    if (carnet_cbor_end(&r, &err) != CARNET_OK)
        assert_true(err.offset <= in.len);
    else
        assert_int_equal(carnet_cbor_any(&whole).len, in.len); /* a table takes no more than a whole check does */
}

static void
survives_every_prefix_and_every_bit(void **state)
{
    (void)state;
    carnet_test_every_prefix_and_bit(carnet_test_hex("a6 63616e79 820102 656279746573 420102 21 22 617a a10101"
                                                     "666e756d626572 1864 64666c6167 f5"),
                                     check_any_bytes, NULL);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_members_of_every_kind_in_any_order),
        cmocka_unit_test(refuses_with_the_members_path),
        cmocka_unit_test(notes_unknown_members),
        cmocka_unit_test(reads_what_is_lenient_if_allowed),
        cmocka_unit_test(one_key_in_two_encodings_is_met_twice),
        cmocka_unit_test(a_table_of_more_than_32_is_a_mistake),
        cmocka_unit_test(the_path_continues_the_readers_own),
        cmocka_unit_test(survives_every_prefix_and_every_bit),
    };

    return cmocka_run_group_tests_name("cbor fields", tests, NULL, NULL);
}
