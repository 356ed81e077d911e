/* SPDX-License-Identifier: Apache-2.0 */
/* BER-TLV: heads, data objects, depth, and what is built. */
#include "carnet/tlv.h"
#include "support/support.h"

#include <string.h>

static void
heads_are_read_with_their_size(void **state)
{
    static const struct {
        const char *hex;
        uint32_t tag, length;
        size_t size;
    } cases[] = {
        { "5300", 0x53, 0, 2 },
        { "537f", 0x53, 127, 2 },
        { "538180", 0x53, 128, 3 },
        { "538200ff", 0x53, 255, 4 },
        { "5383010000", 0x53, 65536, 5 },
        { "5384ffffffff", 0x53, 0xffffffff, 6 },
        { "538101", 0x53, 1, 3 },
        { "9f2608", 0x9f26, 8, 3 },
        { "9f0206", 0x9f02, 6, 3 },
        { "df810105", 0xdf8101, 5, 4 },
        { "bf81820384000000ff", 0xbf818203, 255, 9 },
        { "5f2a0253", 0x5f2a, 2, 3 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_span octets = carnet_test_hex(cases[i].hex);
        carnet_tlv_head head;
        carnet_err err;

        assert_carnet_ok(carnet_tlv_head_read(octets, &head, &err), &err);
        assert_int_equal(head.tag, cases[i].tag);
        assert_int_equal(head.length, cases[i].length);
        assert_int_equal(head.size, cases[i].size);
        assert_true(carnet_tlv_tag_valid(head.tag));
        for (size_t n = 0; n < head.size; n++) { /* the front of a head says that more is needed */
            assert_carnet_rc(carnet_tlv_head_read(carnet_test_copy(carnet_span_of(octets.ptr, n)), &head, &err),
                             CARNET_E_TLV_TRUNCATED);
            assert_int_equal(err.offset, n);
            assert_int_equal(head.size, 0);
            assert_carnet_ok(carnet_tlv_head_read(octets, &head, NULL), NULL);
        }
    }
}

static void
what_is_no_head_is_refused_where_it_goes_wrong(void **state)
{
    static const struct {
        const char *hex;
        carnet_rc rc;
        size_t offset;
    } cases[] = {
        { "0000", CARNET_E_TLV_TAG, 0 },     { "00", CARNET_E_TLV_TAG, 0 },
        { "1f8001", CARNET_E_TLV_TAG, 0 },   { "5f80", CARNET_E_TLV_TAG, 0 },
        { "1f818181", CARNET_E_TLV_TAG, 0 }, { "df8182838400", CARNET_E_TLV_TAG, 0 },
        { "5380", CARNET_E_TLV_LENGTH, 1 },  { "53850000000001", CARNET_E_TLV_LENGTH, 1 },
        { "53ff", CARNET_E_TLV_LENGTH, 1 },  { "9f2680", CARNET_E_TLV_LENGTH, 2 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_tlv_head head;
        carnet_err err;

        assert_carnet_rc(carnet_tlv_head_read(carnet_test_hex(cases[i].hex), &head, &err), cases[i].rc);
        assert_int_equal(err.offset, cases[i].offset);
        assert_int_equal(head.size, 0);
    }
}

#define CARD "6f10840e325041592e5359532e4444463031df810105aabbccddee"

static void
data_objects_come_one_after_the_other_and_unknown_ones_are_kept(void **state)
{
    carnet_span octets = carnet_test_hex(CARD);
    carnet_tlv_reader r = carnet_tlv_open(octets), inner;
    carnet_tlv object;
    carnet_err err;

    (void)state;
    assert_true(carnet_tlv_next(&r, &object));
    assert_int_equal(object.tag, 0x6f);
    assert_true(carnet_tlv_constructed(object.tag));
    inner = carnet_tlv_open_within(&r, object.value);
    assert_str_is(((carnet_str){ (const char *)carnet_tlv_value(&inner, 0x84).ptr, 14 }), "2PAY.SYS.DDF01");
    assert_carnet_ok(carnet_tlv_done(&inner, &err), &err);
    assert_true(carnet_tlv_next(&r, &object));
    assert_int_equal(object.tag, 0xdf8101);
    assert_false(carnet_tlv_constructed(object.tag));
    assert_span_equal(object.encoded, carnet_test_hex("df810105aabbccddee"));
    assert_false(carnet_tlv_next(&r, &object));
    assert_carnet_ok(carnet_tlv_done(&r, &err), &err);
    assert_span_equal(carnet_tlv_find(octets, 0xdf8101), carnet_test_hex("aabbccddee"));
    assert_null(carnet_tlv_find(octets, 0x84).ptr);
}

static void
padding_is_stepped_over_only_when_asked_for(void **state)
{
    carnet_span octets = carnet_test_hex("0000530101005300000000");
    carnet_tlv_reader r = carnet_tlv_open(octets);
    carnet_tlv object;
    carnet_err err;
    size_t n = 0;

    (void)state;
    assert_false(carnet_tlv_next(&r, &object));
    assert_carnet_rc(carnet_tlv_done(&r, &err), CARNET_E_TLV_TAG);
    assert_int_equal(err.offset, 0);
    r = carnet_tlv_open(octets);
    r.padding = true;
    while (carnet_tlv_next(&r, &object)) {
        assert_int_equal(object.tag, 0x53);
        n++;
    }
    assert_int_equal(n, 2);
    assert_carnet_ok(carnet_tlv_done(&r, &err), &err);
}

static void
another_tag_and_octets_left_over_are_refused(void **state)
{
    carnet_tlv_reader r = carnet_tlv_open(carnet_test_hex("5301ff5400"));
    carnet_err err;

    (void)state;
    assert_span_equal(carnet_tlv_value(&r, 0x53), carnet_test_hex("ff"));
    assert_carnet_rc(carnet_tlv_done(&r, &err), CARNET_E_TLV_TRAILING);
    assert_int_equal(err.offset, 3);
    r = carnet_tlv_open(carnet_test_hex("5301ff5400"));
    assert_null(carnet_tlv_value(&r, 0x54).ptr);
    assert_null(carnet_tlv_value(&r, 0x54).ptr);
    assert_carnet_rc(carnet_tlv_done(&r, &err), CARNET_E_TLV_TAG);
    assert_int_equal(err.offset, 0);
    r = carnet_tlv_open((carnet_span){ 0 });
    assert_null(carnet_tlv_value(&r, 0x54).ptr);
    assert_carnet_rc(carnet_tlv_done(&r, NULL), CARNET_E_TLV_TRUNCATED);
}

static void
refused_or_whole(carnet_span octets, void *context)
{
    carnet_tlv_reader r = carnet_tlv_open(octets);
    carnet_tlv object;
    size_t sum = 0;
    carnet_rc rc;

    while (carnet_tlv_next(&r, &object)) {
        sum += object.encoded.len;
    }
    rc = carnet_tlv_done(&r, NULL);
    if (rc == CARNET_OK) {
        assert_int_equal(sum, octets.len);
    }
    *(size_t *)context += rc != CARNET_OK;
}

static void
every_prefix_and_every_bit_is_refused_or_read_whole(void **state)
{
    carnet_span octets = carnet_test_hex(CARD);
    size_t refused = 0;

    (void)state;
    carnet_test_every_prefix(octets, refused_or_whole, &refused);
    assert_int_equal(refused, octets.len - 2); /* all but the empty one and the first object alone */
    carnet_test_every_bit(octets, refused_or_whole, &refused);
    carnet_test_every_prefix_and_bit(octets, refused_or_whole, &refused);
}

static void
depth_is_bounded(void **state)
{
    uint8_t octets[2 * (CARNET_TLV_DEPTH + 1)];
    carnet_err err;

    (void)state;
    for (size_t depth = 1; depth <= CARNET_TLV_DEPTH; depth++) {
        for (size_t i = 0; i < depth; i++) {
            octets[2 * i] = i + 1 < CARNET_TLV_DEPTH ? 0x70 : 0x50; /* the last level may hold no level */
            octets[2 * i + 1] = (uint8_t)(2 * (depth - i - 1));
        }
        assert_carnet_ok(carnet_tlv_check(carnet_span_of(octets, 2 * depth), &err), &err);
    }
    for (size_t i = 0; i <= CARNET_TLV_DEPTH; i++) {
        octets[2 * i] = 0x70;
        octets[2 * i + 1] = (uint8_t)(2 * (CARNET_TLV_DEPTH - i));
    }
    assert_carnet_rc(carnet_tlv_check(carnet_span_of(octets, sizeof octets), &err), CARNET_E_TLV_DEPTH);
    assert_int_equal(err.offset, 2 * CARNET_TLV_DEPTH);
    assert_carnet_rc(carnet_tlv_check(carnet_test_hex("70035302ff"), &err), CARNET_E_TLV_TRUNCATED);
    assert_int_equal(err.offset, 2);
}

static void
what_is_built_is_read_at_every_length_where_the_form_changes(void **state)
{
    static const size_t lengths[] = { 0, 1, 126, 127, 128, 129, 254, 255, 256, 257, 65535, 65536, 70000 };
    static uint8_t value[70000], begun[80000], added[80000];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(lengths); i++) {
        size_t head = carnet_tlv_head_size(0x9f26, lengths[i]), len = lengths[i];
        carnet_buf a = carnet_buf_of(added, sizeof added), b = carnet_buf_of(begun, head + len);
        carnet_tlv_mark mark = carnet_tlv_begin(&b, 0x9f26);
        carnet_tlv_reader r;

        memset(value, (int)i, sizeof value);
        carnet_buf_add(&b, carnet_span_of(value, len));
        carnet_tlv_end(&b, mark);
        carnet_tlv_add(&a, 0x9f26, carnet_span_of(value, len));
        assert_int_equal(a.len, head + len);
        assert_span_equal(carnet_buf_span(&a), carnet_buf_span(&b));
        r = carnet_tlv_open(carnet_buf_span(&a));
        assert_span_equal(carnet_tlv_value(&r, 0x9f26), carnet_span_of(value, len));
        assert_carnet_ok(carnet_tlv_done(&r, NULL), NULL);
        for (size_t cap = head + len - 1; cap + 4 > head + len && cap < head + len; cap--) {
            a = carnet_buf_of(added, cap);
            carnet_tlv_add(&a, 0x9f26, carnet_span_of(value, len));
            assert_true(a.overflow && a.len == 0);
        }
    }
}

static void
what_does_not_fit_overflows_and_stays_so(void **state)
{
    static uint8_t value[300], room[310];

    (void)state;
    for (size_t cap = 0; cap < 304; cap++) { /* head of four octets, three hundred of value */
        carnet_buf out = carnet_buf_of(room, cap);
        carnet_tlv_mark mark = carnet_tlv_begin(&out, 0x53);
        size_t before;

        carnet_buf_add(&out, carnet_span_of(value, sizeof value));
        carnet_tlv_end(&out, mark);
        assert_true(out.overflow);
        before = out.len;
        carnet_tlv_add_head(&out, 0x53, 0);
        carnet_tlv_end(&out, mark);
        assert_int_equal(out.len, before);
    }
}

static void
a_number_that_is_no_tag_is_not_built(void **state)
{
    static const uint32_t bad[] = { 0, 0x1f, 0x5f, 0x9f80, 0x5f8026, 0x5300, 0x9fff, 0x9f2626, 0xdf818281, 0x0101 };
    uint8_t room[16];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++) {
        carnet_buf out = carnet_buf_of(room, sizeof room);

        if (carnet_tlv_tag_valid(bad[i])) {
            fail_msg("%x is a tag", bad[i]);
        }
        assert_int_equal(carnet_tlv_head_size(bad[i], 1), 0);
        carnet_tlv_add(&out, bad[i], CARNET_TEST_BYTES("x"));
        assert_true(out.overflow && out.len == 0);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_read_with_their_size),
        cmocka_unit_test(what_is_no_head_is_refused_where_it_goes_wrong),
        cmocka_unit_test(data_objects_come_one_after_the_other_and_unknown_ones_are_kept),
        cmocka_unit_test(padding_is_stepped_over_only_when_asked_for),
        cmocka_unit_test(another_tag_and_octets_left_over_are_refused),
        cmocka_unit_test(every_prefix_and_every_bit_is_refused_or_read_whole),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(what_is_built_is_read_at_every_length_where_the_form_changes),
        cmocka_unit_test(what_does_not_fit_overflows_and_stays_so),
        cmocka_unit_test(a_number_that_is_no_tag_is_not_built),
    };

    return cmocka_run_group_tests_name("tlv", tests, NULL, NULL);
}
