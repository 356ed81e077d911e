/* SPDX-License-Identifier: Apache-2.0 */
/* One item of any kind: what is accepted, what is refused, and where and under which path. */
#include "support/support.h"

#include "carnet/cbor.h"

#include <stdio.h>
#include <string.h>

#define ALL CARNET_CBOR_LENIENT

typedef struct skip_case {
    const char *what, *hex;
    unsigned allow;
    carnet_rc rc;
    size_t offset;
    const char *path;
} skip_case;

static void
check_case(const skip_case *c)
{
    carnet_span in = carnet_test_copy(carnet_test_hex(c->hex)), item;
    carnet_cbor_reader r = carnet_cbor_open(in);
    carnet_err err = { 0 };
    carnet_rc rc;

    r.allow = (uint8_t)c->allow;
    item = carnet_cbor_any(&r);
    rc = carnet_cbor_end(&r, &err);
    if (rc != c->rc)
        fail_msg("%s: %s at %zu, not %s", c->what, carnet_rc_name(rc), err.offset, carnet_rc_name(c->rc));
    if (rc == CARNET_OK) {
        assert_span_equal(item, in);
        return;
    }
    if (err.offset != c->offset || strcmp(err.path, c->path == NULL ? "" : c->path) != 0)
        fail_msg("%s: at %zu in \"%s\"", c->what, err.offset, err.path);
    if (rc != CARNET_E_CBOR_TRAILING)
        assert_null(item.ptr);
    assert_int_equal(carnet_cbor_peek(&r), CARNET_CBOR_NONE);
}

static const skip_case accepted[] = {
    { "zero", "00", 0, CARNET_OK, 0, NULL },
    { "greatest integer", "1bffffffffffffffff", 0, CARNET_OK, 0, NULL },
    { "least integer", "3bffffffffffffffff", 0, CARNET_OK, 0, NULL },
    { "empty strings", "824060", 0, CARNET_OK, 0, NULL },
    { "empty containers", "8280a0", 0, CARNET_OK, 0, NULL },
    { "unassigned simple values", "84e0f3f820f8ff", 0, CARNET_OK, 0, NULL },
    { "true, false, null, undefined", "84f5f4f6f7", 0, CARNET_OK, 0, NULL },
    { "floats of each width", "83f93c00fa47c35000fb3ff199999999999a", 0, CARNET_OK, 0, NULL },
    { "infinities and not-a-number", "83f97c00f9fc00f97e00", 0, CARNET_OK, 0, NULL },
    { "the smallest half and single", "82f90001fa00000001", 0, CARNET_OK, 0, NULL },
    { "a single below the halves", "fa33000000", 0, CARNET_OK, 0, NULL },
    { "a double below the singles", "fb3680000000000000", 0, CARNET_OK, 0, NULL },
    { "a double of the smallest kind", "fb0000000000000001", 0, CARNET_OK, 0, NULL },
    { "a double above the singles", "fb47f0000000000000", 0, CARNET_OK, 0, NULL },
    { "tags within tags", "c1d818d9d9f700", 0, CARNET_OK, 0, NULL },
    { "sixteen arrays", "8181818181818181818181818181818100", 0, CARNET_OK, 0, NULL },
    { "sixteen tags", "c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c100", 0, CARNET_OK, 0, NULL },
    { "eight maps in eight tags", "c1a100c1a100c1a100c1a100c1a100c1a100c1a100c1a10000", 0, CARNET_OK, 0, NULL },
    { "sixteen arrays, side by side twice", "82818181818181818181818181818180818181818181818181818181818180", 0,
      CARNET_OK, 0, NULL },
    { "keys in bytewise order", "a4 0000 187800 2000 616100", 0, CARNET_OK, 0, NULL },
    { "keys by length first", "a4 0000 2000 6000 187800", 0, CARNET_OK, 0, NULL },
    { "keys in no order", "a3030001000200", 0, CARNET_OK, 0, NULL },
    { "integer 1, -1, text 1, bytes 1, float 1, true", "a6 0100 2000 613100 413100 f93c0000 f500", 0, CARNET_OK, 0,
      NULL },
    { "text in four scripts", "6f41c3bce6b0b4f0908591d0b6e282ac", 0, CARNET_OK, 0, NULL },
    { "the highest code point", "64f48fbfbf", 0, CARNET_OK, 0, NULL },
    { "a head longer than needed, allowed", "8318001900001a00000000", CARNET_CBOR_NOT_PREFERRED, CARNET_OK, 0, NULL },
    { "a float wider than needed, allowed", "82fa3f800000fb3ff0000000000000", CARNET_CBOR_NOT_PREFERRED, CARNET_OK, 0,
      NULL },
    { "not-a-number with payload, allowed", "82f97e01fb7ff8000000000001", CARNET_CBOR_NOT_PREFERRED, CARNET_OK, 0,
      NULL },
    { "an open-ended array, allowed", "9f00019fffff", CARNET_CBOR_INDEFINITE, CARNET_OK, 0, NULL },
    { "an open-ended map, allowed", "bf000001bfffff", CARNET_CBOR_INDEFINITE, CARNET_OK, 0, NULL },
    { "open-ended strings with whole chunks", "845fff7fff5f40410041 02ff7f60616162c3bcff", CARNET_CBOR_INDEFINITE,
      CARNET_OK, 0, NULL },
};

static const skip_case refused[] = {
    { "nothing", "", 0, CARNET_E_CBOR_TRUNCATED, 0, NULL },
    { "a byte too many", "0000", 0, CARNET_E_CBOR_TRAILING, 1, NULL },
    { "a break on its own", "ff", ALL, CARNET_E_CBOR_MALFORMED, 0, NULL },
    { "a break in an array with a count", "82ff00", ALL, CARNET_E_CBOR_MALFORMED, 1, "[0]" },
    { "a break after a tag", "9fc1ff", ALL, CARNET_E_CBOR_MALFORMED, 2, "[0]" },
    { "a break in place of a value", "bf00ff", ALL, CARNET_E_CBOR_MALFORMED, 2, "{0}" },
    { "no break", "9f00", ALL, CARNET_E_CBOR_TRUNCATED, 2, "[1]" },
    { "reserved additional information", "8200 5c", 0, CARNET_E_CBOR_MALFORMED, 2, "[1]" },
    { "an open-ended integer", "1f", ALL, CARNET_E_CBOR_MALFORMED, 0, NULL },
    { "an open-ended tag", "dfff", ALL, CARNET_E_CBOR_MALFORMED, 0, NULL },
    { "a chunk of another type", "5f6161ff", ALL, CARNET_E_CBOR_MALFORMED, 1, NULL },
    { "a chunk that is open-ended", "5f5f4100ffff", ALL, CARNET_E_CBOR_MALFORMED, 1, NULL },
    { "a chunk longer than what is left", "5f45000000ff", ALL, CARNET_E_CBOR_TRUNCATED, 1, NULL },
    { "chunks without end", "5f4100", ALL, CARNET_E_CBOR_TRUNCATED, 3, NULL },
    { "a simple value in two bytes that has one", "f814", ALL, CARNET_E_CBOR_MALFORMED, 0, NULL },
    { "a simple value in two bytes that is reserved", "f818", ALL, CARNET_E_CBOR_MALFORMED, 0, NULL },
    { "the last simple value that is reserved", "f81f", ALL, CARNET_E_CBOR_MALFORMED, 0, NULL },
    { "half a head", "1901", 0, CARNET_E_CBOR_TRUNCATED, 0, NULL },
    { "half a float", "81fb3ff0", 0, CARNET_E_CBOR_TRUNCATED, 1, "[0]" },
    { "a string cut", "430102", 0, CARNET_E_CBOR_TRUNCATED, 0, NULL },
    { "a string of 2^64 - 1 bytes", "5bffffffffffffffff00", 0, CARNET_E_CBOR_TRUNCATED, 0, NULL },
    { "a text of 2^63 bytes", "7b800000000000000000", 0, CARNET_E_CBOR_TRUNCATED, 0, NULL },
    { "an array of 2^64 - 1 entries", "9bffffffffffffffff00", 0, CARNET_E_CBOR_TRUNCATED, 0, NULL },
    { "a map of 2^63 entries", "bb80000000000000000000", 0, CARNET_E_CBOR_TRUNCATED, 0, NULL },
    { "a map of 2^63 + 1 entries", "bb80000000000000010000", 0, CARNET_E_CBOR_TRUNCATED, 0, NULL },
    { "an array that bytes could hold, but too short", "83810080", 0, CARNET_E_CBOR_TRUNCATED, 4, "[2]" },
    { "more entries than bytes", "8400 00 00", 0, CARNET_E_CBOR_TRUNCATED, 0, NULL },
    { "more pairs than half the bytes", "a200 00 00", 0, CARNET_E_CBOR_TRUNCATED, 0, NULL },
    { "a value missing", "8281a10000", 0, CARNET_E_CBOR_TRUNCATED, 5, "[1]" },
    { "a tag without item", "81c1", 0, CARNET_E_CBOR_TRUNCATED, 2, "[0]" },
    { "seventeen arrays", "818181818181818181818181818181818100", 0, CARNET_E_CBOR_DEPTH, 16,
      "[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]" },
    { "seventeen arrays, the last empty", "8181818181818181818181818181818180", ALL, CARNET_E_CBOR_DEPTH, 16,
      "[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]" },
    { "seventeen tags", "c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c100", 0, CARNET_E_CBOR_DEPTH, 16, NULL },
    { "seventeen open-ended arrays", "9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f", ALL, CARNET_E_CBOR_DEPTH, 16,
      "[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]" },
    { "a head longer than needed", "8100 1800", 0, CARNET_E_CBOR_TRAILING, 2, NULL },
    { "one byte where none is needed", "821801 1817", 0, CARNET_E_CBOR_NOT_PREFERRED, 1, "[0]" },
    { "two bytes where one is enough", "821818 1900ff", 0, CARNET_E_CBOR_NOT_PREFERRED, 3, "[1]" },
    { "four bytes where two are enough", "1a0000ffff", 0, CARNET_E_CBOR_NOT_PREFERRED, 0, NULL },
    { "eight bytes where four are enough", "1b00000000ffffffff", 0, CARNET_E_CBOR_NOT_PREFERRED, 0, NULL },
    { "a long length of a string", "a100 580100", 0, CARNET_E_CBOR_NOT_PREFERRED, 2, "{0}" },
    { "a long tag", "d81400", 0, CARNET_E_CBOR_NOT_PREFERRED, 0, NULL },
    { "a single that fits a half", "fa3f800000", 0, CARNET_E_CBOR_NOT_PREFERRED, 0, NULL },
    { "a double that fits a half", "fb3ff0000000000000", 0, CARNET_E_CBOR_NOT_PREFERRED, 0, NULL },
    { "a double that fits a single", "fb40f86a0000000000", 0, CARNET_E_CBOR_NOT_PREFERRED, 0, NULL },
    { "a single that is the smallest half", "fa33800000", 0, CARNET_E_CBOR_NOT_PREFERRED, 0, NULL },
    { "a double that is the smallest single", "fb36a0000000000000", 0, CARNET_E_CBOR_NOT_PREFERRED, 0, NULL },
    { "zero as a single", "fa00000000", 0, CARNET_E_CBOR_NOT_PREFERRED, 0, NULL },
    { "infinity as a double", "fb7ff0000000000000", 0, CARNET_E_CBOR_NOT_PREFERRED, 0, NULL },
    { "not-a-number with a payload", "f97e01", 0, CARNET_E_CBOR_NOT_PREFERRED, 0, NULL },
    { "not-a-number with a sign", "f9fe00", CARNET_CBOR_INDEFINITE, CARNET_E_CBOR_NOT_PREFERRED, 0, NULL },
    { "an open-ended array", "829f00ff80", 0, CARNET_E_CBOR_INDEFINITE, 1, "[0]" },
    { "an open-ended map", "bf0000ff", CARNET_CBOR_NOT_PREFERRED, CARNET_E_CBOR_INDEFINITE, 0, NULL },
    { "an open-ended string", "a1617a5f4100ff", 0, CARNET_E_CBOR_INDEFINITE, 3, "z" },
    { "a surrogate", "63eda080", ALL, CARNET_E_CBOR_UTF8, 0, NULL },
    { "an overlong form", "62c080", ALL, CARNET_E_CBOR_UTF8, 0, NULL },
    { "a bad chunk among good ones", "845fff7fff5f4041004102ff7f60616161c3ff", CARNET_CBOR_INDEFINITE,
      CARNET_E_CBOR_UTF8, 16, "[3]" },
    { "half a character", "81 61c3", 0, CARNET_E_CBOR_UTF8, 1, "[0]" },
    { "a bad byte after eight good ones", "6a6162636465666768ff69", 0, CARNET_E_CBOR_UTF8, 0, NULL },
    { "a bad byte among the last of many", "6d6162636465666768696a6b6cff", 0, CARNET_E_CBOR_UTF8, 0, NULL },
    { "a character divided between chunks", "7f61c361bcff", ALL, CARNET_E_CBOR_UTF8, 1, NULL },
    { "deep within names and labels", "a1646e616d6582a101a12081 f800 00", 0, CARNET_E_CBOR_MALFORMED, 12,
      "name[0]{1}{-1}[0]" },
    { "in a key", "a1 82001c 00", 0, CARNET_E_CBOR_MALFORMED, 3, "[1]" },
};

static void
accepts_what_is_valid(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(accepted); i++)
        check_case(&accepted[i]);
}

static void
refuses_the_rest_and_says_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(refused); i++)
        check_case(&refused[i]);
}

static const struct {
    const char *what, *hex;
    unsigned seen;
} sights[] = {
    { "nothing unusual", "a2000001 00", 0 },
    { "by length is ascending too", "a2200018180 0", 0 },
    { "a long head", "811800", CARNET_CBOR_NOT_PREFERRED },
    { "a wide float", "fa3f800000", CARNET_CBOR_NOT_PREFERRED },
    { "an open end", "9fff", CARNET_CBOR_INDEFINITE },
    { "keys in no order", "a201000000", CARNET_CBOR_UNSORTED },
    { "keys in no order, deep down", "81a10081a201000000", CARNET_CBOR_UNSORTED },
    { "all of it", "bf1801000000ff", CARNET_CBOR_LENIENT | CARNET_CBOR_UNSORTED },
};

static void
notes_what_it_met(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(sights); i++) {
        carnet_cbor_reader r = carnet_cbor_open(carnet_test_hex(sights[i].hex));
        carnet_err err = { 0 };

        r.allow = ALL;
        (void)carnet_cbor_any(&r);
        assert_carnet_ok(carnet_cbor_end(&r, &err), &err);
        if (r.seen != sights[i].seen)
            fail_msg("%s: seen %u", sights[i].what, r.seen);
    }
}

/* Whatever the bytes: a view ends where the reader stands, a refusal is inside the input, and what a strict reader
 * takes, a lenient one takes too. */
static void
check_any_bytes(carnet_span in, void *context)
{
    carnet_cbor_reader strict = carnet_cbor_open(in), lenient = carnet_cbor_open(in);
    carnet_span s = carnet_cbor_any(&strict), t;
    carnet_err err = { 0 };

    (void)context;
    lenient.allow = ALL;
    t = carnet_cbor_any(&lenient);
    if (carnet_cbor_failed(&strict, &err) == CARNET_OK) {
        assert_ptr_equal(s.ptr + s.len, strict.at);
        assert_carnet_ok(carnet_cbor_failed(&lenient, &err), &err);
        assert_span_equal(s, t);
    } else {
        assert_true(err.offset <= in.len);
        assert_null(s.ptr);
    }
}

static void
survives_every_prefix_and_every_bit(void **state)
{
    static const char *const samples[] = {
        "a3646b696e64818201f56464617465d903ec6a323032362d31312d3231 6474657874d8184482f93c00",
        "bf6161 9f1800fa3f800000ff 5f4100ff 7f6162ff a0 82c100f820 ff",
        "a4 0300 0100 0200 0081a2616200616100",
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(samples); i++)
        carnet_test_every_prefix_and_bit(carnet_test_hex(samples[i]), check_any_bytes, NULL);
}

static void
refuse_cut(carnet_span in, void *context)
{
    carnet_cbor_reader r = carnet_cbor_open(in);
    carnet_err err = { 0 };

    (void)context;
    (void)carnet_cbor_any(&r);
    assert_carnet_rc(carnet_cbor_end(&r, &err), CARNET_E_CBOR_TRUNCATED);
    assert_true(err.offset <= in.len);
}

static void
a_part_of_an_item_is_never_an_item(void **state)
{
    (void)state;
    carnet_test_every_prefix(carnet_test_hex("a3646b696e64818201f56464617465d903ec6a323032362d31312d32316474657874"
                                             "d8184482f93c00"),
                             refuse_cut, NULL);
}

static void
a_part_inherits_depth_allowance_and_offsets(void **state)
{
    carnet_span in = carnet_test_hex("82 00 d818 43 811800");
    carnet_cbor_reader r = carnet_cbor_open(in), inner;
    carnet_path path = { .index = 1 };
    carnet_cbor_walk walk;
    carnet_cbor_embedded item;
    carnet_err err = { 0 };

    (void)state;
    carnet_cbor_array(&r, &walk);
    assert_true(carnet_cbor_array_next(&r, &walk));
    assert_int_equal(carnet_cbor_uint(&r), 0);
    assert_true(carnet_cbor_array_next(&r, &walk));
    item = carnet_cbor_tag24(&r);
    inner = carnet_cbor_open_within(&r, item.content, &path);
    assert_int_equal(inner.depth, 1);
    (void)carnet_cbor_any(&inner);
    assert_carnet_rc(carnet_cbor_end(&inner, &err), CARNET_E_CBOR_NOT_PREFERRED);
    assert_int_equal(err.offset, 6);
    assert_string_equal(err.path, "[1][0]");
    carnet_cbor_join(&r, &inner);
    assert_false(carnet_cbor_array_next(&r, &walk));
    memset(&err, 0, sizeof(err));
    assert_carnet_rc(carnet_cbor_end(&r, &err), CARNET_E_CBOR_NOT_PREFERRED);
    assert_int_equal(err.offset, 6);
    assert_string_equal(err.path, "[1][0]");
}

static void
bytes_apart_have_offsets_of_their_own(void **state)
{
    carnet_span in = carnet_test_hex("00"), apart = carnet_test_copy(carnet_test_hex("82001c"));
    carnet_cbor_reader r = carnet_cbor_open(in), inner = carnet_cbor_open_within(&r, apart, NULL);
    carnet_err err = { 0 };

    (void)state;
    (void)carnet_cbor_any(&inner);
    assert_carnet_rc(carnet_cbor_end(&inner, &err), CARNET_E_CBOR_MALFORMED);
    assert_int_equal(err.offset, 2);
    carnet_cbor_join(&r, &inner);
    assert_carnet_rc(carnet_cbor_end(&r, &err), CARNET_E_CBOR_MALFORMED);
    assert_int_equal(err.offset, 0); /* where the outer reader stands: theirs would mean another byte of it */
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_what_is_valid),
        cmocka_unit_test(refuses_the_rest_and_says_where),
        cmocka_unit_test(notes_what_it_met),
        cmocka_unit_test(survives_every_prefix_and_every_bit),
        cmocka_unit_test(a_part_of_an_item_is_never_an_item),
        cmocka_unit_test(a_part_inherits_depth_allowance_and_offsets),
        cmocka_unit_test(bytes_apart_have_offsets_of_their_own),
    };

    return cmocka_run_group_tests_name("cbor skip", tests, NULL, NULL);
}
