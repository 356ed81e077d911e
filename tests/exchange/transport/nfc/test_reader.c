/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's side against a card that says what a table tells it to. */
#include "carnet/apdu.h"
#include "carnet/nfc_transfer.h"
#include "support/support.h"

#include <stdio.h>
#include <string.h>

static uint8_t command_octets[CARNET_NFC_COMMAND_SIZE(65535)], answer_octets[300];
static uint8_t message_octets[70000];

static carnet_nfc_reader
begin(carnet_nfc_limits limits, size_t len)
{
    carnet_nfc_reader r;

    memset(message_octets, 0xa5, sizeof message_octets);
    assert_carnet_ok(carnet_nfc_reader_init(&r, limits, CARNET_NFC_EXTENDED, NULL), NULL);
    assert_carnet_ok(carnet_nfc_reader_send(&r, carnet_span_of(message_octets, len), NULL), NULL);
    return r;
}

static carnet_span
next(carnet_nfc_reader *r)
{
    carnet_buf command = carnet_buf_of(command_octets, sizeof command_octets);

    return carnet_nfc_reader_next(r, &command) ? carnet_buf_span(&command) : (carnet_span){ 0 };
}

/* The card's responses, one after the other, `|` between them; how it ends is in the last. */
static const struct {
    const char *what;
    size_t message;
    const char *responses;
    carnet_rc rc;
    size_t offset;
    const char *path, *reason;
} cases[] = {
    { "all of a short answer at once", 10, "9000|5303aabbcc9000", CARNET_OK, 0, "", "" },
    { "SELECT answered with information about the file", 10, "6f009000|5303aabbcc9000", CARNET_OK, 0, "", "" },
    { "a length longer than needed", 10, "9000|53830000 03 aabbcc9000", CARNET_OK, 0, "", "" },
    { "the answer in three parts", 10, "9000|53 6104|03aa6102|bb6101|cc9000", CARNET_OK, 0, "", "" },
    { "nothing at first, all of it when got", 10, "9000|6105|5303aabbcc9000", CARNET_OK, 0, "", "" },
    { "256 octets and more announced", 10, "9000|53036100|aabbcc9000", CARNET_OK, 0, "", "" },
    { "two ENVELOPEs", 300, "9000|9000|5303aabbcc9000", CARNET_OK, 0, "", "" },

    { "no such application", 10, "6a82", CARNET_E_LINK_PROTOCOL, 0, "SELECT[0]", "6a82: file or application" },
    { "SELECT answered by nothing", 10, "", CARNET_E_LINK_PROTOCOL, 0, "SELECT[0]", "" },
    { "SELECT answered by half a status word", 10, "90", CARNET_E_LINK_PROTOCOL, 0, "SELECT[0]", "" },
    { "no status word at the end", 10, "0102", CARNET_E_LINK_PROTOCOL, 0, "SELECT[0]", "status word" },
    { "SELECT with more to come", 10, "6110", CARNET_E_LINK_PROTOCOL, 0, "SELECT[0]", "6110" },
    { "a part refused", 300, "9000|6a84", CARNET_E_LINK_PROTOCOL, 0, "ENVELOPE[0]", "6a84: not enough memory" },
    { "chaining not known", 300, "9000|6884", CARNET_E_LINK_PROTOCOL, 0, "ENVELOPE[0]", "6884" },
    { "an answer to a part", 300, "9000|53009000", CARNET_E_LINK_PROTOCOL, 0, "ENVELOPE[0]", "before the message" },
    { "more promised after a part", 300, "9000|6110", CARNET_E_LINK_PROTOCOL, 0, "ENVELOPE[0]", "6110" },
    { "the last part refused", 300, "9000|9000|6985", CARNET_E_LINK_PROTOCOL, 0, "ENVELOPE[1]", "6985: conditions" },
    { "data before a refusal", 10, "9000|5303aa6f00", CARNET_E_LINK_PROTOCOL, 3, "ENVELOPE[0]", "6f00" },
    { "the end without an answer", 10, "9000|9000", CARNET_E_LINK_CLOSED, 0, "ENVELOPE[0]", "without an answer" },
    { "another data object", 10, "9000|5403aabbcc9000", CARNET_E_LINK_PROTOCOL, 0, "ENVELOPE[0]", "not DO'53'" },
    { "an indefinite length", 10, "9000|5380aabb00009000", CARNET_E_LINK_PROTOCOL, 1, "ENVELOPE[0]", "is none" },
    { "a length of four octets", 10, "9000|538400000001aa9000", CARNET_E_LINK_PROTOCOL, 4, "ENVELOPE[0]", "is none" },
    { "an empty message", 10, "9000|53009000", CARNET_E_LINK_PROTOCOL, 1, "ENVELOPE[0]", "is none" },
    { "an octet too many", 10, "9000|5303aabbccdd9000", CARNET_E_LINK_PROTOCOL, 5, "ENVELOPE[0]", "follow the end" },
    { "an octet too few", 10, "9000|5303aabb9000", CARNET_E_LINK_PROTOCOL, 4, "ENVELOPE[0]", "ends too early" },
    { "half a head", 10, "9000|53829000", CARNET_E_LINK_PROTOCOL, 2, "ENVELOPE[0]", "ends too early" },
    { "more promised than there is", 10, "9000|5303aabbcc6101", CARNET_E_LINK_PROTOCOL, 5, "ENVELOPE[0]", "promises" },
    { "nothing, time and again", 10, "9000|6105|6105", CARNET_E_LINK_PROTOCOL, 0, "GET_RESPONSE[1]", "brings nothing" },
    { "a repeated part", 10, "9000|5303aa6102|5303aa9000", CARNET_E_LINK_PROTOCOL, 2, "GET_RESPONSE[1]",
      "longer than" },
    { "a part cut off", 10, "9000|5303aa6102|bb9000", CARNET_E_LINK_PROTOCOL, 1, "GET_RESPONSE[1]", "too early" },
    { "a part that never was", 10, "9000|5303aa6102|9000", CARNET_E_LINK_PROTOCOL, 0, "GET_RESPONSE[1]", "too early" },
    { "the rest refused", 10, "9000|5303aa6102|6985", CARNET_E_LINK_PROTOCOL, 0, "GET_RESPONSE[1]", "6985" },
    { "an answer too long to keep", 10, "9000|5382012daa6100", CARNET_E_LINK_TOO_LONG, 3, "ENVELOPE[0]", "" },
};

/** Play one script; the last response decides. */
static carnet_rc
play(size_t i, carnet_nfc_reader *r, carnet_buf *answer, carnet_err *err)
{
    const char *at = cases[i].responses;
    carnet_rc rc = CARNET_OK;

    for (bool more = true; more;) {
        size_t len = strcspn(at, "|");
        char one[200];

        more = at[len] == '|';
        snprintf(one, sizeof one, "%.*s", (int)len, at);
        at += len + more;
        assert_true(next(r).len > 0);
        rc = carnet_nfc_reader_take(r, carnet_test_copy(carnet_test_hex(one)), answer, err);
        if (more && rc != CARNET_OK) {
            fail_msg("%s: ended before the last response: %s", cases[i].what, err->reason);
        }
    }
    return rc;
}

static void
says_what_is_wrong_with_a_response_and_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_nfc_reader r = begin(CARNET_NFC_SHORT, cases[i].message);
        carnet_buf answer = carnet_buf_of(answer_octets, 300);
        carnet_err err = { .offset = CARNET_NO_OFFSET };
        carnet_rc rc = play(i, &r, &answer, &err);

        if (rc != cases[i].rc ||
            (rc != CARNET_OK && (err.offset != cases[i].offset || strcmp(err.path, cases[i].path) ||
                                 !strstr(err.reason, cases[i].reason)))) {
            fail_msg("%s: %s at %zu in %s: %s", cases[i].what, carnet_rc_name(rc), err.offset, err.path, err.reason);
        }
        assert_int_equal(next(&r).len, 0);
        if (rc == CARNET_OK) {
            assert_span_equal(carnet_buf_span(&answer), carnet_test_hex("aabbcc"));
            assert_carnet_ok(carnet_nfc_reader_send(&r, carnet_test_hex("01"), NULL), NULL);
        } else {
            assert_carnet_rc(carnet_nfc_reader_send(&r, carnet_test_hex("01"), NULL), CARNET_E_LINK_CLOSED);
            assert_carnet_rc(carnet_nfc_reader_take(&r, carnet_test_hex("9000"), &answer, NULL), CARNET_E_LINK_CLOSED);
        }
    }
}

/* Heads and ends of the first ENVELOPE, its length, for a message's length and the limits. */
static const struct {
    uint32_t command, response;
    size_t message;
    const char *head, *end;
    size_t len;
} forms[] = {
    { 255, 256, 1, "00c300000353", "a500", 9 },
    { 255, 256, 252, "00c30000ff53", "a500", 261 },      /* 53 81 fc and 252: just one short command */
    { 255, 256, 253, "10c30000ff5381", "a5a5", 260 },    /* one octet more: two */
    { 256, 256, 253, "00c30000000100", "a50100", 265 },  /* extended Lc: Le is extended too */
    { 256, 256, 254, "10c30000000100", "a5a5", 263 },    /* not the last: no Le */
    { 255, 257, 1, "00c30000000003", "a50101", 12 },     /* extended Le: Lc is extended too */
    { 255, 257, 253, "10c30000ff5381", "a5a5", 260 },    /* no Le: short after all */
    { 65535, 65536, 1, "00c30000000003", "a50000", 12 }, /* Le of all that can be */
    { 65535, 65535, 65531, "00c3000000ffff", "a5ffff", 65544 },
    { 65535, 65536, 65532, "10c3000000ffff", "a5a5", 65542 },
};

static void
makes_commands_short_or_extended_as_the_limits_demand(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(forms); i++) {
        carnet_nfc_reader r = begin((carnet_nfc_limits){ forms[i].command, forms[i].response }, forms[i].message);
        carnet_buf answer = carnet_buf_of(answer_octets, sizeof answer_octets);
        carnet_span head = carnet_test_hex(forms[i].head), end = carnet_test_hex(forms[i].end), c;

        assert_span_equal(next(&r), carnet_test_hex("00a4040c07a0000002480400"));
        assert_carnet_ok(carnet_nfc_reader_take(&r, carnet_test_hex("9000"), &answer, NULL), NULL);
        c = next(&r);
        assert_int_equal(c.len, forms[i].len);
        assert_span_equal(carnet_span_of(c.ptr, head.len), head);
        assert_span_equal(carnet_span_of(c.ptr + c.len - end.len, end.len), end);
        assert_int_equal(carnet_nfc_reader_waits(&r), c.ptr[0] == 0);
    }
}

/** The GET RESPONSE that follows a status word. */
static void
asks_for_as_much_as_the_card_says_is_there(void **state)
{
    static const struct {
        uint32_t response;
        const char *status, *command;
    } asks[] = { { 256, "6101", "00c0000001" },      { 256, "61ff", "00c00000ff" },
                 { 256, "6100", "00c0000000" },      { 257, "6100", "00c00000000101" },
                 { 65536, "61ff", "00c00000ff" },    { 65536, "6100", "00c00000000000" },
                 { 65535, "6100", "00c0000000ffff" } };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(asks); i++) {
        carnet_nfc_reader r = begin((carnet_nfc_limits){ 255, asks[i].response }, 1);
        carnet_buf answer = carnet_buf_of(answer_octets, sizeof answer_octets);

        (void)next(&r);
        assert_carnet_ok(carnet_nfc_reader_take(&r, carnet_test_hex("9000"), &answer, NULL), NULL);
        (void)next(&r);
        assert_carnet_ok(carnet_nfc_reader_take(&r, carnet_test_hex(asks[i].status), &answer, NULL), NULL);
        assert_span_equal(next(&r), carnet_test_hex(asks[i].command));
    }
}

static void
refuses_limits_out_of_their_ranges(void **state)
{
    static const carnet_nfc_limits bad[] = {
        { 254, 256 }, { 255, 255 }, { 65536, 65536 }, { 65535, 65537 }, { 255, 0 }
    };
    carnet_nfc_reader r;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++) {
        assert_carnet_rc(carnet_nfc_reader_init(&r, bad[i], CARNET_NFC_EXTENDED, NULL), CARNET_E_USAGE);
        assert_carnet_rc(carnet_nfc_reader_init(&r, CARNET_NFC_EXTENDED, bad[i], NULL), CARNET_E_LINK_PROTOCOL);
        assert_carnet_rc(carnet_nfc_reader_send(&r, carnet_test_hex("01"), NULL), CARNET_E_LINK_CLOSED);
    }
    assert_carnet_ok(
        carnet_nfc_reader_init(&r, (carnet_nfc_limits){ 300, 65536 }, (carnet_nfc_limits){ 65535, 400 }, NULL), NULL);
    assert_int_equal(r.limits.command, 300);
    assert_int_equal(r.limits.response, 400);
    assert_carnet_ok(carnet_nfc_reader_init(&r, CARNET_NFC_EXTENDED, (carnet_nfc_limits){ 0 }, NULL), NULL);
    assert_int_equal(r.limits.command, 255);
    assert_int_equal(r.limits.response, 256);
}

static void
refuses_what_comes_at_the_wrong_moment(void **state)
{
    carnet_nfc_reader r = begin(CARNET_NFC_SHORT, 10);
    carnet_buf answer = carnet_buf_of(answer_octets, sizeof answer_octets), none = carnet_buf_of(command_octets, 5);
    carnet_span message = carnet_span_of(message_octets, 10);

    (void)state;
    assert_carnet_rc(carnet_nfc_reader_send(&r, message, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_nfc_reader_take(&r, carnet_test_hex("9000"), &answer, NULL), CARNET_E_LINK_PROTOCOL);
    r = begin(CARNET_NFC_SHORT, 10);
    assert_false(carnet_nfc_reader_next(&r, &none));
    assert_true(none.overflow);
    assert_carnet_rc(carnet_nfc_reader_send(&r, message, NULL), CARNET_E_LINK_CLOSED);
    assert_carnet_ok(carnet_nfc_reader_init(&r, CARNET_NFC_SHORT, CARNET_NFC_SHORT, NULL), NULL);
    assert_carnet_rc(carnet_nfc_reader_send(&r, (carnet_span){ 0 }, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_nfc_reader_send(&r, carnet_span_of(message_octets, 0x1000000), NULL),
                     CARNET_E_LINK_TOO_LONG);
    assert_int_equal(next(&r).len, 12);
    assert_int_equal(next(&r).len, 0);
}

static void
selects_before_there_is_a_message(void **state)
{
    carnet_nfc_reader r;
    carnet_buf answer = carnet_buf_of(answer_octets, sizeof answer_octets);

    (void)state;
    assert_carnet_ok(carnet_nfc_reader_init(&r, CARNET_NFC_SHORT, CARNET_NFC_SHORT, NULL), NULL);
    assert_int_equal(next(&r).len, 12);
    assert_carnet_ok(carnet_nfc_reader_take(&r, carnet_test_hex("9000"), &answer, NULL), NULL);
    assert_int_equal(next(&r).len, 0);
    assert_carnet_ok(carnet_nfc_reader_send(&r, carnet_test_hex("0102"), NULL), NULL);
    assert_span_equal(next(&r), carnet_test_hex("00c3000004 53020102 00"));
}

/** Whatever a response is, the machine either goes on or ends, and what it wrote is within the response. */
static void
take_mutated(carnet_span response, void *context)
{
    carnet_nfc_reader r = *(const carnet_nfc_reader *)context;
    carnet_buf answer = carnet_buf_of(answer_octets, 300);
    carnet_err err = { .offset = 0 };
    carnet_rc rc = carnet_nfc_reader_take(&r, response, &answer, &err);

    assert_true(answer.len <= response.len);
    assert_true(rc == CARNET_OK || err.offset <= response.len);
    assert_true(rc == CARNET_OK || next(&r).len == 0);
    if (rc == CARNET_OK && next(&r).len == 0) {
        assert_int_equal(r.incoming.done, r.incoming.all);
    }
}

static void
survives_every_prefix_and_every_bit(void **state)
{
    carnet_nfc_reader r = begin(CARNET_NFC_SHORT, 10);
    carnet_buf answer = carnet_buf_of(answer_octets, 300);

    (void)state;
    (void)next(&r);
    carnet_test_every_prefix_and_bit(carnet_test_hex("6f04840201029000"), take_mutated, &r);
    assert_carnet_ok(carnet_nfc_reader_take(&r, carnet_test_hex("9000"), &answer, NULL), NULL);
    (void)next(&r);
    carnet_test_every_prefix_and_bit(carnet_test_hex("538114000102030405060708090a0b0c0d0e0f101112139000"),
                                     take_mutated, &r);
    assert_carnet_ok(carnet_nfc_reader_take(&r, carnet_test_hex("530400016102"), &answer, NULL), NULL);
    (void)next(&r);
    carnet_test_every_prefix_and_bit(carnet_test_hex("02039000"), take_mutated, &r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is_wrong_with_a_response_and_where),
        cmocka_unit_test(makes_commands_short_or_extended_as_the_limits_demand),
        cmocka_unit_test(asks_for_as_much_as_the_card_says_is_there),
        cmocka_unit_test(refuses_limits_out_of_their_ranges),
        cmocka_unit_test(refuses_what_comes_at_the_wrong_moment),
        cmocka_unit_test(selects_before_there_is_a_message),
        cmocka_unit_test(survives_every_prefix_and_every_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
