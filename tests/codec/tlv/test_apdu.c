/* SPDX-License-Identifier: Apache-2.0 */
/* APDUs: every case in short and extended length, read and built. */
#include "carnet/apdu.h"
#include "support/support.h"

#include <string.h>

static void
every_case_is_read_and_built_in_both_lengths(void **state)
{
    static const struct {
        const char *what, *hex;
        size_t data, expected;
        bool extended;
    } cases[] = {
        { "case 1", "00700000", 0, 0, false },
        { "case 2 short", "00b0000002", 0, 2, false },
        { "case 2 short, all", "00b0000000", 0, 256, false },
        { "case 2 extended", "00b00000000002", 0, 2, true },
        { "case 2 extended, 256", "00b00000000100", 0, 256, true },
        { "case 2 extended, all", "00b00000000000", 0, 65536, true },
        { "case 3 short", "00a4000c02e103", 2, 0, false },
        { "case 3 extended", "00a4000c000002e103", 2, 0, true },
        { "case 4 short", "00a4040007d276000085010100", 7, 256, false },
        { "case 4 short, Le 1", "00c300000153 01", 1, 1, false },
        { "case 4 extended", "10c3000000000153ffff", 1, 65535, true },
        { "case 4 extended, all", "00c30000000001530000", 1, 65536, true },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_span octets = carnet_test_hex(cases[i].hex);
        uint8_t room[64];
        carnet_buf out = carnet_buf_of(room, octets.len);
        carnet_command_apdu c;
        carnet_err err;

        assert_carnet_ok(carnet_command_apdu_open(octets, &c, &err), &err);
        if (c.data.len != cases[i].data || c.expected != cases[i].expected || c.extended != cases[i].extended) {
            fail_msg("%s: %zu, %u", cases[i].what, c.data.len, c.expected);
        }
        assert_int_equal(c.cla, octets.ptr[0]);
        assert_int_equal(c.ins, octets.ptr[1]);
        assert_int_equal(carnet_command_apdu_size(&c), octets.len);
        assert_carnet_ok(carnet_command_apdu_build(&c, &out, &err), &err);
        assert_span_equal(carnet_buf_span(&out), octets);
        out = carnet_buf_of(room, octets.len - 1);
        assert_carnet_rc(carnet_command_apdu_build(&c, &out, &err), CARNET_E_NO_SPACE);
        assert_int_equal(out.len, 0);
    }
}

static void
lengths_that_contradict_the_command_are_refused(void **state)
{
    static const struct {
        const char *hex;
        size_t offset;
    } cases[] = {
        { "", 0 },
        { "00", 1 },
        { "00a404", 3 },
        { "00a4040007d2760000850101 0000", 4 }, /* an octet too many */
        { "00a4040007d276000085", 4 },          /* data cut off */
        { "00a404000001", 4 },                  /* Lc 0 in short length */
        { "00a40400000000ff", 4 },              /* Lc 0 in extended length */
        { "00a4040000000301", 4 },              /* data cut off */
        { "00a404000000 0301020304", 4 },       /* half an Le */
        { "00a404000000 03010203040506", 4 },   /* more than an Le */
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_command_apdu c;
        carnet_err err;

        assert_carnet_rc(carnet_command_apdu_open(carnet_test_hex(cases[i].hex), &c, &err), CARNET_E_APDU_LENGTH);
        assert_int_equal(err.offset, cases[i].offset);
        assert_true(c.data.ptr == NULL && c.ins == 0);
    }
}

static void
the_shortest_form_that_fits_is_built_at_every_edge(void **state)
{
    static const uint32_t data[] = { 0, 1, 255, 256, 257, 65535 }, expected[] = { 0, 1, 255, 256, 257, 65535, 65536 };
    static uint8_t payload[65536], room[CARNET_APDU_COMMAND_MAX];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(data) * CARNET_COUNT(expected); i++) {
        uint32_t nc = data[i / CARNET_COUNT(expected)], ne = expected[i % CARNET_COUNT(expected)];
        carnet_command_apdu c = { .ins = 0xc3, .data = carnet_span_of(payload, nc), .expected = ne }, again;
        carnet_buf out = carnet_buf_of(room, sizeof room);
        bool extended = nc > 255 || ne > 256;
        carnet_err err;

        assert_carnet_ok(carnet_command_apdu_build(&c, &out, &err), &err);
        assert_carnet_ok(carnet_command_apdu_open(carnet_buf_span(&out), &again, &err), &err);
        assert_int_equal(again.data.len, nc);
        assert_int_equal(again.expected, ne);
        assert_int_equal(again.extended, extended);
        assert_int_equal(
            out.len,
            4 + nc + (extended ? 1u + (nc != 0 ? 2 : 0) + (ne != 0 ? 2 : 0) : (nc != 0 ? 1u : 0) + (ne != 0 ? 1 : 0)));
    }
}

static void
lengths_that_fit_no_command_are_a_mistake_of_the_caller(void **state)
{
    static uint8_t payload[65536], room[70000];
    carnet_command_apdu longer = { .data = carnet_span_of(payload, 65536) }, more = { .expected = 65537 };
    carnet_buf out = carnet_buf_of(room, sizeof room);

    (void)state;
    assert_carnet_rc(carnet_command_apdu_build(&longer, &out, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_command_apdu_build(&more, &out, NULL), CARNET_E_USAGE);
    assert_int_equal(carnet_command_apdu_size(&more), 0);
    assert_int_equal(out.len, 0);
}

static void
responses_end_in_a_status_word(void **state)
{
    carnet_response_apdu r;
    uint8_t room[8];
    carnet_buf out = carnet_buf_of(room, sizeof room);
    carnet_err err;

    (void)state;
    assert_carnet_ok(carnet_response_apdu_open(carnet_test_hex("001f9000"), &r, &err), &err);
    assert_int_equal(r.status, CARNET_SW_OK);
    assert_span_equal(r.data, carnet_test_hex("001f"));
    assert_carnet_ok(carnet_response_apdu_build(&r, &out, &err), &err);
    assert_span_equal(carnet_buf_span(&out), carnet_test_hex("001f9000"));
    assert_carnet_ok(carnet_response_apdu_open(carnet_test_hex("6a82"), &r, &err), &err);
    assert_int_equal(r.data.len, 0);
    assert_carnet_rc(carnet_response_apdu_open(carnet_test_hex("90"), &r, &err), CARNET_E_APDU_LENGTH);
    assert_carnet_rc(carnet_response_apdu_open(carnet_test_hex("ff8000"), &r, &err), CARNET_E_APDU_LENGTH);
    assert_int_equal(err.offset, 1);
    assert_int_equal(r.status, 0);
    r = (carnet_response_apdu){ .status = 0x1234 };
    assert_carnet_rc(carnet_response_apdu_build(&r, &out, &err), CARNET_E_USAGE);
    r = (carnet_response_apdu){ { room, 3 }, CARNET_SW_OK };
    assert_carnet_rc(carnet_response_apdu_build(&r, &out, &err), CARNET_E_NO_SPACE);
    assert_int_equal(out.len, 4);
}

static void
status_words_have_a_text(void **state)
{
    (void)state;
    assert_string_equal(carnet_status_word_text(0x9000), "done");
    assert_string_equal(carnet_status_word_text(0x6a82), "file or application not found");
    assert_string_equal(carnet_status_word_text(0x61ff), "more response data is available");
    assert_string_equal(carnet_status_word_text(0x6c10), "wrong expected length");
    for (unsigned status = 0x6000; status <= 0x9fff; status++) {
        assert_true(strlen(carnet_status_word_text((uint16_t)status)) > 3);
    }
}

static void
built_again_if_read(carnet_span octets, void *context)
{
    carnet_command_apdu c;
    uint8_t room[64];
    carnet_buf out = carnet_buf_of(room, sizeof room);

    if (carnet_command_apdu_open(octets, &c, NULL) == CARNET_OK) {
        assert_carnet_ok(carnet_command_apdu_build(&c, &out, NULL), NULL);
        assert_span_equal(carnet_buf_span(&out), octets);
        ++*(size_t *)context;
    }
}

static void
every_prefix_and_every_bit_is_refused_or_built_again_the_same(void **state)
{
    static const char *const seeds[] = { "00a4040007d276000085010100", "10c3000000000453020102ffff", "00b00000000002" };
    size_t read = 0;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(seeds); i++) {
        carnet_test_every_prefix_and_bit(carnet_test_hex(seeds[i]), built_again_if_read, &read);
        carnet_test_every_bit(carnet_test_hex(seeds[i]), built_again_if_read, &read);
    }
    assert_true(read > 100);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_is_read_and_built_in_both_lengths),
        cmocka_unit_test(lengths_that_contradict_the_command_are_refused),
        cmocka_unit_test(the_shortest_form_that_fits_is_built_at_every_edge),
        cmocka_unit_test(lengths_that_fit_no_command_are_a_mistake_of_the_caller),
        cmocka_unit_test(responses_end_in_a_status_word),
        cmocka_unit_test(status_words_have_a_text),
        cmocka_unit_test(every_prefix_and_every_bit_is_refused_or_built_again_the_same),
    };

    return cmocka_run_group_tests_name("apdu", tests, NULL, NULL);
}
