/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/iso8583_frame.h"
#include "support/support.h"

#include <string.h>

/* In tables: what the function cannot be called for. */
#define BYTES(literal)                                                                                                 \
    {                                                                                                                  \
        (const uint8_t *)("" literal), sizeof(literal) - 1                                                             \
    }

static carnet_framing
named(const char *name)
{
    carnet_framing framing;

    assert_true(carnet_framing_named(carnet_str_of(name), &framing));
    return framing;
}

static const struct wire {
    const char *name;
    carnet_span header, message, octets;
} wires[] = {
    { "post",
      { NULL, 0 },
      BYTES("0800"),
      BYTES("\0\4"
            "0800") },
    { "nac", BYTES("\x60\1\2\3\4"), BYTES("0800"),
      BYTES("\0\11\x60\1\2\3\4"
            "0800") },
    { "nac-inclusive", BYTES("\x60\1\2\3\4"), BYTES("0800"),
      BYTES("\0\13\x60\1\2\3\4"
            "0800") },
    { "bcd", BYTES("\x60\1\2\3\4"), BYTES("0800xyz"),
      BYTES("\0\x12\x60\1\2\3\4"
            "0800xyz") },
    { "bcd-plain",
      { NULL, 0 },
      BYTES("0800xyz0800xyz"),
      BYTES("\0\x14"
            "0800xyz0800xyz") },
    { "ascii4", { NULL, 0 }, BYTES("0800"), BYTES("00040800") },
    { "hex4", { NULL, 0 }, BYTES("0800xyz0800"), BYTES("000B0800xyz0800") },
    { "vap",
      { NULL, 0 },
      BYTES("0800"),
      BYTES("\0\4\0\0"
            "0800") },
    { "visa",
      { NULL, 0 },
      BYTES("0800"),
      BYTES("\0\x1a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
            "0800") },
    { "base24",
      { NULL, 0 },
      BYTES("0800"),
      BYTES("\0\5"
            "0800\3") },
    { "binary4",
      { NULL, 0 },
      BYTES("0800"),
      BYTES("\0\0\0\4"
            "0800") },
    { "post-inclusive",
      { NULL, 0 },
      BYTES("0800"),
      BYTES("\0\6"
            "0800") },
    { "ascii4-inclusive", { NULL, 0 }, BYTES("0800"), BYTES("00080800") },
    { "binary4-inclusive",
      { NULL, 0 },
      BYTES("0800"),
      BYTES("\0\0\0\10"
            "0800") },
};

static void
frames_are_written_and_read_as_their_links_have_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(wires); i++) {
        const struct wire *w = &wires[i];
        carnet_framing framing = named(w->name);
        uint8_t storage[64];
        carnet_buf out = carnet_buf_of(storage, sizeof storage);
        carnet_frame frame;

        assert_carnet_ok(carnet_frame_add(&framing, w->header, w->message, &out, NULL), NULL);
        assert_span_equal(carnet_buf_span(&out), w->octets);
        carnet_buf_add_text(&out, "more");
        assert_carnet_ok(carnet_frame_next(&framing, carnet_buf_span(&out), &frame, NULL), NULL);
        assert_int_equal(frame.size, w->octets.len);
        assert_span_equal(frame.message, w->message);
        assert_int_equal(frame.header.len, framing.header);
        assert_false(frame.keep_alive);
        for (size_t len = 0; len < w->octets.len; len++) {
            carnet_span part = carnet_test_copy(carnet_span_of(w->octets.ptr, len));

            assert_carnet_ok(carnet_frame_next(&framing, part, &frame, NULL), NULL);
            assert_int_equal(frame.size, 0);
            assert_true(frame.needed > len && frame.needed <= w->octets.len);
        }
    }
    assert_null(carnet_framing_name(CARNET_COUNT(wires)));
    for (size_t i = 0; i < CARNET_COUNT(wires); i++)
        assert_string_equal(carnet_framing_name(i), wires[i].name);
}

static void
signs_of_life_are_told_from_messages(void **state)
{
    static const char *const names[] = { "post", "nac", "nac-inclusive", "bcd", "ascii4", "hex4", "vap", "base24" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(names); i++) {
        carnet_framing framing = named(names[i]);
        uint8_t storage[8];
        carnet_buf out = carnet_buf_of(storage, sizeof storage);
        carnet_frame frame;

        assert_carnet_ok(carnet_frame_add_keep_alive(&framing, &out, NULL), NULL);
        assert_carnet_ok(carnet_frame_next(&framing, carnet_buf_span(&out), &frame, NULL), NULL);
        assert_true(frame.keep_alive);
        assert_int_equal(frame.size, out.len);
        assert_int_equal(frame.message.len, 0);
    }
}

static const struct lost {
    const char *name;
    carnet_span octets;
    size_t offset;
} losses[] = {
    { "post", BYTES("\x20\x01"), 0 },      { "ascii4", BYTES("00x4"), 2 },
    { "ascii4", BYTES("9999"), 0 },        { "hex4", BYTES("00G4"), 2 },
    { "bcd", BYTES("\x00\x1a"), 1 },       { "nac", BYTES("\0\4"), 0 },
    { "nac-inclusive", BYTES("\0\1"), 0 }, { "vap", BYTES("\0\4\0\1"), 3 },
    { "base24", BYTES("\0\2x\4"), 3 },     { "binary4", BYTES("\xff\xff\xff\xff"), 0 },
};

static void
a_stream_that_is_lost_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(losses); i++) {
        carnet_framing framing = named(losses[i].name);
        carnet_frame frame;
        carnet_err err = { 0 };

        assert_carnet_rc(carnet_frame_next(&framing, losses[i].octets, &frame, &err), CARNET_E_ISO8583_FRAME);
        assert_int_equal(err.offset, losses[i].offset);
        assert_int_equal(frame.size, 0);
    }
}

static void
what_cannot_be_framed_is_refused(void **state)
{
    static uint8_t large[10100], storage[11000];
    carnet_framing ascii = named("ascii4"), nac = named("nac"), none = { .length = 9, .width = 2 };
    carnet_buf out = carnet_buf_of(storage, sizeof storage), tight = carnet_buf_of(storage, 7);

    (void)state;
    assert_carnet_rc(carnet_frame_add(&ascii, (carnet_span){ 0 }, carnet_span_of(large, 8193), &out, NULL),
                     CARNET_E_ISO8583_FRAME);
    ascii.max = 20000;
    assert_carnet_rc(carnet_frame_add(&ascii, (carnet_span){ 0 }, carnet_span_of(large, 10000), &out, NULL),
                     CARNET_E_ISO8583_FRAME);
    assert_carnet_rc(carnet_frame_add(&ascii, (carnet_span){ 0 }, (carnet_span){ 0 }, &out, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_frame_add(&nac, carnet_span_of(large, 4), carnet_span_of(large, 4), &out, NULL),
                     CARNET_E_USAGE);
    assert_carnet_rc(carnet_frame_add(&none, (carnet_span){ 0 }, carnet_span_of(large, 4), &out, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_frame_add(&ascii, (carnet_span){ 0 }, carnet_span_of(large, 4), &tight, NULL),
                     CARNET_E_NO_SPACE);
    assert_int_equal(out.len + tight.len, 0);
    assert_false(carnet_framing_named(carnet_str_of("morse"), &none));
}

static void
an_answer_goes_back_where_the_question_came_from(void **state)
{
    uint8_t tpdu[5] = { 0x60, 1, 2, 3, 4 };

    (void)state;
    carnet_tpdu_answer(tpdu, tpdu);
    assert_memory_equal(tpdu, "\x60\3\4\1\2", 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_written_and_read_as_their_links_have_them),
        cmocka_unit_test(signs_of_life_are_told_from_messages),
        cmocka_unit_test(a_stream_that_is_lost_is_refused),
        cmocka_unit_test(what_cannot_be_framed_is_refused),
        cmocka_unit_test(an_answer_goes_back_where_the_question_came_from),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
