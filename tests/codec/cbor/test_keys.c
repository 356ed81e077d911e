/* SPDX-License-Identifier: Apache-2.0 */
/* No key twice: in every position, every encoding, every size of map, by every way to read one. */
#include "support/support.h"

#include "carnet/cbor.h"

#include <string.h>

static uint8_t storage[1 << 17];

typedef carnet_rc way(carnet_span map, unsigned allow, carnet_err *err);

static carnet_rc
by_skipping(carnet_span map, unsigned allow, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(map);

    r.allow = (uint8_t)allow;
    (void)carnet_cbor_any(&r);
    return carnet_cbor_end(&r, err);
}

static carnet_rc
by_walking(carnet_span map, unsigned allow, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(map);
    carnet_cbor_walk walk;

    r.allow = (uint8_t)allow;
    for (carnet_cbor_map(&r, &walk); carnet_cbor_map_next(&r, &walk);) {
        (void)carnet_cbor_any(&r);
        (void)carnet_cbor_any(&r);
    }
    return carnet_cbor_end(&r, err);
}

static carnet_rc
by_fields(carnet_span map, unsigned allow, carnet_err *err)
{
    static const carnet_cbor_field fields[] = { { "a", 0, CARNET_FIELD_ANY, false, 0, CARNET_NO_OFFSET },
                                                { NULL, 1, CARNET_FIELD_ANY, false, 0, CARNET_NO_OFFSET },
                                                { NULL, -1, CARNET_FIELD_ANY, false, 0, CARNET_NO_OFFSET } };
    carnet_cbor_reader r = carnet_cbor_open(map);
    carnet_span value;

    r.allow = (uint8_t)allow;
    carnet_cbor_fields(&r, fields, CARNET_COUNT(fields), &value);
    return carnet_cbor_end(&r, err);
}

static way *const ways[] = { by_skipping, by_walking, by_fields };

static const struct {
    const char *what, *hex;
    unsigned allow;
    carnet_rc rc;
    size_t offset;
} cases[] = {
    { "integers", "a201000100", 0, CARNET_E_CBOR_KEY_TWICE, 3 },
    { "negative integers", "a220002000", 0, CARNET_E_CBOR_KEY_TWICE, 3 },
    { "names", "a2616100616100", 0, CARNET_E_CBOR_KEY_TWICE, 4 },
    { "unknown names", "a2617a00617a00", 0, CARNET_E_CBOR_KEY_TWICE, 4 },
    { "empty names", "a260006000", 0, CARNET_E_CBOR_KEY_TWICE, 3 },
    { "bytes", "a2410000410000", 0, CARNET_E_CBOR_KEY_TWICE, 4 },
    { "true", "a2f500f500", 0, CARNET_E_CBOR_KEY_TWICE, 3 },
    { "floats", "a2f93c0000f93c0000", 0, CARNET_E_CBOR_KEY_TWICE, 5 },
    { "tags", "a2c10000c10000", 0, CARNET_E_CBOR_KEY_TWICE, 4 },
    { "arrays", "a2820001008200010 0", 0, CARNET_E_CBOR_KEY_TWICE, 5 },
    { "maps", "a2a1000100a1000100", 0, CARNET_E_CBOR_KEY_TWICE, 5 },
    { "first and last", "a303000500 0300", 0, CARNET_E_CBOR_KEY_TWICE, 5 },
    { "with large values between", "a30383010203 0282 4100 a10000 0300", 0, CARNET_E_CBOR_KEY_TWICE, 13 },
    { "names that end alike", "a2 6a30313233343536373839 00 6b3030313233343536373839 00", 0, CARNET_OK, 0 },
    { "long names that differ in the middle",
      "a2 72 626364656667686961616c6c6d6e6f707172 00"
      "72 626364656667686961616b6c6d6e6f707172 00",
      0, CARNET_OK, 0 },
    { "integer and text", "a3 01 00 6101 00 4101 00", 0, CARNET_OK, 0 },
    { "integer and float", "a2 f93c00 00 01 00", 0, CARNET_OK, 0 },
    { "the two zeros", "a2 f98000 00 f90000 00", 0, CARNET_OK, 0 },
    { "tagged and not", "a2 c101 00 01 00", 0, CARNET_OK, 0 },
    { "01 and 1801", "a201001801 00", CARNET_CBOR_LENIENT, CARNET_E_CBOR_KEY_TWICE, 3 },
    { "1801 and 01", "a2180100 0100", CARNET_CBOR_LENIENT, CARNET_E_CBOR_KEY_TWICE, 4 },
    { "1801 and 190001", "a2180100 19000100", CARNET_CBOR_LENIENT, CARNET_E_CBOR_KEY_TWICE, 4 },
    { "1802 and 01", "a2180200 0100", CARNET_CBOR_LENIENT, CARNET_OK, 0 },
    { "floats of two widths", "a2f93c0000 fa3f80000000", CARNET_CBOR_LENIENT, CARNET_E_CBOR_KEY_TWICE, 5 },
    { "a name with a long length", "a2617a00 7801 7a00", CARNET_CBOR_LENIENT, CARNET_E_CBOR_KEY_TWICE, 4 },
    { "chunked bytes", "a2 420102 00 5f4101404102ff 00", CARNET_CBOR_LENIENT, CARNET_E_CBOR_KEY_TWICE, 5 },
    { "chunked bytes in other chunks", "a2 5f4101404102ff 00 5f420102ff 00", CARNET_CBOR_LENIENT,
      CARNET_E_CBOR_KEY_TWICE, 9 },
    { "chunked bytes that differ", "a2 5f4101404102ff 00 5f41014103ff 00", CARNET_CBOR_LENIENT, CARNET_OK, 0 },
    { "chunked bytes and fewer", "a2 5f41014102ff 00 4101 00", CARNET_CBOR_LENIENT, CARNET_OK, 0 },
    { "open-ended arrays", "a2 820102 00 9f0102ff 00", CARNET_CBOR_LENIENT, CARNET_E_CBOR_KEY_TWICE, 5 },
    { "arrays nested otherwise", "a2 9f9f01ff02ff 00 9f9f0102ffff 00", CARNET_CBOR_LENIENT, CARNET_OK, 0 },
    { "arrays of long heads", "a2 8201820304 00 82180182 1803190004 00", CARNET_CBOR_LENIENT, CARNET_E_CBOR_KEY_TWICE,
      7 },
    { "open-ended maps", "a2 bf0102ff 00 a10102 00", CARNET_CBOR_LENIENT, CARNET_E_CBOR_KEY_TWICE, 6 },
    { "an open-ended map with a key twice", "bf 02000100 0200 ff", CARNET_CBOR_LENIENT, CARNET_E_CBOR_KEY_TWICE, 5 },
    { "tags of long heads", "a2 c100 00 d80100 00", CARNET_CBOR_LENIENT, CARNET_E_CBOR_KEY_TWICE, 4 },
};

static void
a_key_is_met_once_whatever_its_encoding(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++)
        for (size_t w = 0; w < CARNET_COUNT(ways); w++) {
            carnet_err err = { 0 };
            carnet_rc rc = ways[w](carnet_test_copy(carnet_test_hex(cases[i].hex)), cases[i].allow, &err);

            if (rc != cases[i].rc || err.offset != cases[i].offset)
                fail_msg("%s, way %zu: %s at %zu", cases[i].what, w, carnet_rc_name(rc), err.offset);
        }
}

/* A map of `count` integer keys, from the greatest down or in a scattered order, values of two bytes; key number
 * `second` is the same as number `first`.  The offset of the second goes to *where. */
static carnet_span
large_map(uint64_t count, bool ascending, uint64_t first, uint64_t second, size_t *where)
{
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    carnet_span map;

    carnet_cbor_add_map(&b, count);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t n = i == second ? first : i;

        if (i == second)
            *where = b.len;
        carnet_cbor_add_uint(&b, 24 + (ascending ? n : n * 7919 % 65521));
        carnet_cbor_add_array(&b, 1);
        carnet_cbor_add_null(&b);
    }
    assert_carnet_rc(carnet_cbor_built(&b, &map, NULL), CARNET_OK);
    return map;
}

static void
a_key_twice_is_found_in_all_positions(void **state)
{
    static const uint64_t sizes[] = { 2, 3, 5, 17, 40 };

    (void)state;
    for (size_t s = 0; s < CARNET_COUNT(sizes); s++)
        for (uint64_t first = 0; first < sizes[s]; first++)
            for (uint64_t second = first + 1; second < sizes[s]; second++)
                for (unsigned variant = 0; variant < 6; variant++) {
                    carnet_err err = { 0 };
                    size_t where = 0;
                    carnet_span map = large_map(sizes[s], variant & 1, first, second, &where);

                    assert_carnet_rc(ways[variant / 2](map, 0, &err), CARNET_E_CBOR_KEY_TWICE);
                    assert_int_equal(err.offset, where);
                }
}

static void
large_maps_need_their_keys_in_order(void **state)
{
    size_t where = 0;
    carnet_err err = { 0 };

    (void)state;
    for (size_t w = 0; w < CARNET_COUNT(ways); w++) {
        assert_carnet_rc(ways[w](large_map(CARNET_CBOR_UNSORTED_MAX, false, 0, UINT64_MAX, &where), 0, &err),
                         CARNET_OK);
        assert_carnet_rc(ways[w](large_map(CARNET_CBOR_UNSORTED_MAX + 1, false, 0, UINT64_MAX, &where), 0, &err),
                         CARNET_E_CBOR_LIMIT);
        assert_carnet_rc(ways[w](large_map(20000, true, 0, UINT64_MAX, &where), 0, &err), CARNET_OK);
        assert_carnet_rc(ways[w](large_map(1000, false, 3, 998, &where), 0, &err), CARNET_E_CBOR_KEY_TWICE);
        assert_int_equal(err.offset, where);
        assert_carnet_rc(ways[w](large_map(1000, true, 3, 998, &where), 0, &err), CARNET_E_CBOR_KEY_TWICE);
        assert_int_equal(err.offset, where);
    }
}

static void
a_key_twice_is_found_at_every_depth(void **state)
{
    (void)state;
    for (unsigned depth = 0; depth < CARNET_CBOR_DEPTH - 1; depth++) {
        carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
        carnet_span map;
        carnet_err err = { 0 };

        for (unsigned i = 0; i < depth; i++) {
            carnet_cbor_add_map(&b, 1);
            carnet_cbor_add_text(&b, "x");
        }
        carnet_cbor_add_raw(&b, carnet_test_hex("a3 617a00 617900 617a00"));
        assert_carnet_rc(carnet_cbor_built(&b, &map, NULL), CARNET_OK);
        assert_carnet_rc(by_skipping(map, 0, &err), CARNET_E_CBOR_KEY_TWICE);
        assert_int_equal(err.offset, 3 * depth + 7);
        assert_int_equal(strlen(err.path), depth == 0 ? 0 : 2 * depth - 1); /* x.x.x */
    }
}

static void
keys_that_are_not_well_formed_are_not_compared(void **state)
{
    carnet_span map = carnet_test_copy(carnet_test_hex("a2 6161 00 7f 1bffffffffffffffff ff 00"));

    (void)state;
    for (size_t w = 0; w < 2; w++) {
        carnet_err err = { 0 };

        assert_carnet_rc(ways[w](map, CARNET_CBOR_LENIENT, &err), CARNET_E_CBOR_MALFORMED);
        assert_int_equal(err.offset, 5);
    }
}

static void
check_ways_agree(carnet_span map, void *context)
{
    carnet_err err = { 0 }, walked = { 0 };
    carnet_rc rc = by_skipping(map, CARNET_CBOR_LENIENT, &err);

    (void)context;
    if (map.len == 0 || map.ptr[0] >> 5 != 5)
        return;
    /* A key met twice is seen early by one, late by the other, when there is more that is wrong. */
    assert_int_equal(by_walking(map, CARNET_CBOR_LENIENT, &walked) == CARNET_OK, rc == CARNET_OK);
    if (rc != CARNET_OK && rc != CARNET_E_CBOR_KEY_TWICE && walked.rc != CARNET_E_CBOR_KEY_TWICE) {
        assert_carnet_rc(walked.rc, rc);
        assert_int_equal(walked.offset, err.offset);
    }
}

static void
all_ways_agree_on_every_prefix_and_every_bit(void **state)
{
    (void)state;
    carnet_test_every_prefix_and_bit(carnet_test_hex("a5 6261ff 00 1a00000002 9fff 7f6161626263ff bf01f820ff"
                                                     "8201 02 5f4100ff c1f93c00 d8184101"),
                                     check_ways_agree, NULL);
    carnet_test_every_prefix_and_bit(carnet_test_hex("a6 6163 00 1a00000002 9fff 7f61616163ff bf01f820ff"
                                                     "820102 5f4100ff c1f93c00 d8184101 01 f6"),
                                     check_ways_agree, NULL);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_met_once_whatever_its_encoding),
        cmocka_unit_test(a_key_twice_is_found_in_all_positions),
        cmocka_unit_test(large_maps_need_their_keys_in_order),
        cmocka_unit_test(a_key_twice_is_found_at_every_depth),
        cmocka_unit_test(keys_that_are_not_well_formed_are_not_compared),
        cmocka_unit_test(all_ways_agree_on_every_prefix_and_every_bit),
    };

    return cmocka_run_group_tests_name("cbor keys", tests, NULL, NULL);
}
