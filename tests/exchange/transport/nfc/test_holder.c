/* SPDX-License-Identifier: Apache-2.0 */
/* The holder's side against a reader that says what a table tells it to. */
#include "carnet/apdu.h"
#include "carnet/nfc_transfer.h"
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#define SELECT_IT "00a4040c07a0000002480400"

static uint8_t message_octets[400], response_octets[CARNET_NFC_RESPONSE_SIZE(65536)];
static uint8_t answer_octets[70000];
static const char *const event_names[] = { "respond", "message", "sent" };

static carnet_nfc_holder
begin(size_t cap)
{
    carnet_nfc_holder h;

    assert_carnet_ok(carnet_nfc_holder_init(&h, CARNET_NFC_SHORT, carnet_buf_of(message_octets, cap), NULL), NULL);
    return h;
}

/* Commands one after the other, `|` between them; a `!` before a command answers the message first (with 1,000
 * octets), a `?` answers with nothing.  What the last is answered with; "-": a message, to be answered. */
static const struct {
    const char *what, *commands, *response, *path, *reason;
} cases[] = {
    { "SELECT with P2 0C", SELECT_IT, "9000", "", "" },
    { "SELECT with P2 00", "00a4040007a0000002480400", "9000", "", "" },
    { "SELECT with an Le", "00a4040c07a000000248040000", "9000", "", "" },
    { "SELECT in extended length", "00a4040c000007a00000024804000000", "9000", "", "" },
    { "a message in one ENVELOPE", SELECT_IT "|00c3000005 5303aabbcc 00", "-", "", "" },
    { "a message in extended length", SELECT_IT "|00c30000000005 5303aabbcc 0000", "-", "", "" },
    { "no Le", SELECT_IT "|00c3000005 5303aabbcc", "-", "", "" },
    { "each octet on its own", SELECT_IT "|10c300000153|10c300000103|10c3000001aa|10c3000001bb|00c3000001cc00", "-", "",
      "" },
    { "an empty ENVELOPE at the end", SELECT_IT "|10c3000005 5303aabbcc|00c3000000", "-", "", "" },
    { "a longer length than needed", SELECT_IT "|00c3000007 53820003aabbcc 00", "-", "", "" },
    { "an answer taken, the next message", SELECT_IT "|00c3000005 5303aabbcc 00|?00c3000005 5303aabbcc 00", "-", "",
      "" },
    { "a part with an Le", SELECT_IT "|10c3000003 5303aa 00", "9000", "", "" },
    { "GET RESPONSE of one octet", SELECT_IT "|00c3000005 5303aabbcc 00|!00c0000001", "a5 6100", "", "" },

    { "another application", "00a4040c07a0000002480401", "6a82", "", "not found" },
    { "a longer name", "00a4040c08a000000248040000", "6a82", "", "" },
    { "a shorter name", "00a4040c06a00000024804", "6a82", "", "" },
    { "another kind of SELECT", "00a4000c02e104", "6a82", "", "" },
    { "P2 04", "00a4040407a0000002480400", "6a82", "", "" },
    { "not selected yet", "00c3000005 5303aabbcc 00", "6985", "", "not selected" },
    { "three octets", SELECT_IT "|00c300", "6700", "", "contradict" },
    { "nothing", SELECT_IT "|", "6700", "", "contradict" },
    { "Lc beyond the end", SELECT_IT "|00c3000006 5303aabbcc", "6700", "", "contradict" },
    { "two octets after an Lc", SELECT_IT "|00c3000004 5303aabb cccc", "6700", "", "contradict" },
    { "READ BINARY", SELECT_IT "|00b0000002", "6d00", "", "instruction" },
    { "another class", SELECT_IT "|80c3000005 5303aabbcc 00", "6e00", "", "class" },
    { "secure messaging", SELECT_IT "|0cc3000005 5303aabbcc 00", "6e00", "", "class" },
    { "another channel", SELECT_IT "|01c3000005 5303aabbcc 00", "6e00", "", "class" },
    { "a chained GET RESPONSE", SELECT_IT "|10c0000000", "6884", "", "chaining" },
    { "P1", SELECT_IT "|00c3010005 5303aabbcc 00", "6a86", "", "P1 P2" },
    { "P2", SELECT_IT "|00c3000105 5303aabbcc 00", "6a86", "", "P1 P2" },
    { "GET RESPONSE, P2", SELECT_IT "|00c0000100", "6a86", "", "P1 P2" },
    { "an empty ENVELOPE", SELECT_IT "|00c3000000", "6700", "", "empty" },
    { "an empty ENVELOPE within a chain", SELECT_IT "|10c30000 01 53|10c3000000", "6700", "", "empty" },
    { "another data object", SELECT_IT "|00c3000005 5403aabbcc 00", "6a80", "ENVELOPE[0]", "not DO'53'" },
    { "an indefinite length", SELECT_IT "|00c3000006 5380aabb0000 00", "6a80", "ENVELOPE[0]", "is none" },
    { "an empty message", SELECT_IT "|00c3000002 5300 00", "6a80", "ENVELOPE[0]", "is none" },
    { "an octet too many", SELECT_IT "|00c3000006 5303aabbccdd 00", "6a80", "ENVELOPE[0]", "follow" },
    { "an octet too few", SELECT_IT "|00c3000004 5303aabb 00", "6a80", "ENVELOPE[0]", "ends too early" },
    { "an octet too few in a chain", SELECT_IT "|10c3000003 5303aa|00c3000001 bb", "6a80", "ENVELOPE[1]", "too early" },
    { "a part repeated", SELECT_IT "|10c3000003 5303aa|10c3000003 5303aa", "6a80", "ENVELOPE[1]", "follow" },
    { "parts in the wrong order", SELECT_IT "|10c3000003 aabbcc|00c3000002 5303", "6a80", "ENVELOPE[0]", "too early" },
    { "a message too long", SELECT_IT "|10c3000004 53820191", "6a84", "ENVELOPE[0]", "" },
    { "GET RESPONSE before a message", SELECT_IT "|00c0000000", "6985", "", "no answer" },
    { "GET RESPONSE within a chain", SELECT_IT "|10c3000003 5303aa|00c0000000", "6883", "", "last command" },
    { "GET RESPONSE while the holder decides", SELECT_IT "|00c3000005 5303aabbcc 00|00c0000000", "6985", "",
      "no answer" },
    { "a message while the holder decides", SELECT_IT "|00c3000005 5303aabbcc 00|00c3000005 5303aabbcc 00", "6985", "",
      "before the answer" },
    { "a message before the answer is away", SELECT_IT "|00c3000005 5303aabbcc 00|!00c3000005 5303aabbcc 00", "6985",
      "", "before the answer" },
    { "GET RESPONSE with data", SELECT_IT "|00c3000005 5303aabbcc 00|!00c00000 01aa 00", "6700", "", "" },
    { "GET RESPONSE without an Le", SELECT_IT "|00c3000005 5303aabbcc 00|!00c00000", "6700", "", "" },
    { "GET RESPONSE after the end", SELECT_IT "|00c3000005 5303aabbcc 00|?00c0000000", "6985", "", "no answer" },
    { "the chain goes on after a refusal", SELECT_IT "|10c3000003 5303aa|00b0000002|00c3000002 bbcc", "6a80",
      "ENVELOPE[0]", "not DO'53'" },
};

static carnet_nfc_event
answer(carnet_nfc_holder *h, size_t len, carnet_buf *response)
{
    carnet_nfc_event event;

    memset(answer_octets, 0xa5, sizeof answer_octets);
    assert_carnet_ok(carnet_nfc_holder_answer(h, carnet_span_of(answer_octets, len), response, &event, NULL), NULL);
    response->len = 0;
    return event;
}

static carnet_nfc_event
play(const char *commands, carnet_nfc_holder *h, carnet_buf *response, carnet_err *err)
{
    carnet_nfc_event event = CARNET_NFC_RESPOND;

    for (bool more = true; more;) {
        size_t len = strcspn(commands, "|");
        char one[400];

        more = commands[len] == '|';
        response->len = 0;
        if (*commands == '!' || *commands == '?') {
            (void)answer(h, *commands == '!' ? 1000 : 0, response);
            commands++;
            len--;
        }
        snprintf(one, sizeof one, "%.*s", (int)len, commands);
        commands += len + more;
        event = carnet_nfc_holder_take(h, carnet_test_copy(carnet_test_hex(one)), response, err);
    }
    return event;
}

static void
answers_every_command_with_the_status_it_deserves(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_nfc_holder h = begin(sizeof message_octets);
        carnet_buf response = carnet_buf_of(response_octets, sizeof response_octets);
        carnet_err err = { .rc = CARNET_E_USAGE };
        carnet_nfc_event event = play(cases[i].commands, &h, &response, &err);
        bool message = cases[i].response[0] == '-';
        carnet_span expected = carnet_test_hex(message ? "" : cases[i].response);

        if (message != (event == CARNET_NFC_MESSAGE) || !carnet_span_equal(carnet_buf_span(&response), expected) ||
            strcmp(err.path, cases[i].path) != 0 || strstr(err.reason, cases[i].reason) == NULL) {
            fail_msg("%s: %s, %zu octets %02x%02x, in %s: %s", cases[i].what, event_names[event], response.len,
                     response.len ? response_octets[0] : 0, response.len > 1 ? response_octets[1] : 0, err.path,
                     err.reason);
        }
        assert_int_equal(err.rc == CARNET_OK,
                         message || expected.ptr[expected.len - 2] == 0x90 || expected.ptr[expected.len - 2] == 0x61);
        if (message) {
            assert_span_equal(carnet_buf_span(&h.message), carnet_test_hex("aabbcc"));
        }
    }
}

/* What is given for an Le: how many octets of DO'53', and the status. */
static const struct {
    const char *envelope; /* its Le */
    size_t answer, given;
    unsigned status;
} gives[] = {
    { "", 3, 0, 0x6105 },       { "", 300, 0, 0x6100 },     { "01", 3, 1, 0x6104 },     { "04", 3, 4, 0x6101 },
    { "05", 3, 5, 0x9000 },     { "06", 3, 5, 0x9000 },     { "00", 252, 255, 0x9000 }, { "00", 253, 256, 0x9000 },
    { "00", 254, 256, 0x6101 }, { "00", 508, 256, 0x6100 }, { "00", 507, 256, 0x61ff }, { "ff", 252, 255, 0x9000 },
    { "ff", 253, 255, 0x6101 }, { "01", 253, 1, 0x61ff },   { "01", 254, 1, 0x6100 },
};

static void
gives_no_more_than_was_asked_for_and_says_how_much_remains(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(gives); i++) {
        carnet_nfc_holder h = begin(sizeof message_octets);
        carnet_buf response = carnet_buf_of(response_octets, sizeof response_octets);
        carnet_nfc_event event;
        char commands[100];
        unsigned status;

        snprintf(commands, sizeof commands, "%s|00c3000005 5303aabbcc %s", SELECT_IT, gives[i].envelope);
        assert_int_equal(play(commands, &h, &response, NULL), CARNET_NFC_MESSAGE);
        event = carnet_nfc_holder_answer(&h, carnet_span_of(answer_octets, gives[i].answer), &response, &event, NULL) ==
                        CARNET_OK
                    ? event
                    : CARNET_NFC_MESSAGE;
        status = (unsigned)response_octets[response.len - 2] << 8 | response_octets[response.len - 1];
        if (response.len - 2 != gives[i].given || status != gives[i].status) {
            fail_msg("Le %s, %zu octets: %zu given, status %04x", gives[i].envelope, gives[i].answer, response.len - 2,
                     status);
        }
        assert_int_equal(event, status == 0x9000 ? CARNET_NFC_SENT : CARNET_NFC_RESPOND);
    }
}

static void
ends_without_an_answer_when_told_to(void **state)
{
    carnet_nfc_holder h = begin(sizeof message_octets);
    carnet_buf response = carnet_buf_of(response_octets, sizeof response_octets);
    carnet_nfc_event event;

    (void)state;
    assert_carnet_rc(carnet_nfc_holder_answer(&h, (carnet_span){ 0 }, &response, &event, NULL), CARNET_E_USAGE);
    (void)play(SELECT_IT "|00c3000005 5303aabbcc 00", &h, &response, NULL);
    assert_carnet_rc(carnet_nfc_holder_answer(&h, carnet_span_of(answer_octets, 0x1000000), &response, &event, NULL),
                     CARNET_E_LINK_TOO_LONG);
    assert_carnet_ok(carnet_nfc_holder_answer(&h, (carnet_span){ 0 }, &response, &event, NULL), NULL);
    assert_int_equal(event, CARNET_NFC_SENT);
    assert_span_equal(carnet_buf_span(&response), carnet_test_hex("9000"));
    assert_carnet_rc(carnet_nfc_holder_answer(&h, (carnet_span){ 0 }, &response, &event, NULL), CARNET_E_USAGE);
}

static void
tells_a_reader_that_starts_anew(void **state)
{
    carnet_nfc_holder h = begin(sizeof message_octets);
    carnet_buf response = carnet_buf_of(response_octets, sizeof response_octets);

    (void)state;
    (void)play(SELECT_IT "|" SELECT_IT, &h, &response, NULL);
    assert_false(h.interrupted);
    (void)play("10c3000003 5303aa|" SELECT_IT, &h, &response, NULL);
    assert_true(h.interrupted);
    (void)play(SELECT_IT, &h, &response, NULL);
    assert_false(h.interrupted);
    (void)play("00c3000005 5303aabbcc 00|!" SELECT_IT, &h, &response, NULL);
    assert_true(h.interrupted);
    assert_int_equal(play("00c3000005 5303aabbcc 00", &h, &response, NULL), CARNET_NFC_MESSAGE);
    carnet_nfc_holder_reset(&h);
    assert_false(h.interrupted);
    (void)play("00c3000005 5303aabbcc 00", &h, &response, NULL);
    assert_span_equal(carnet_buf_span(&response), carnet_test_hex("6985"));
}

static void
refuses_limits_out_of_their_ranges(void **state)
{
    static const carnet_nfc_limits bad[] = { { 254, 256 }, { 255, 255 }, { 65536, 65536 }, { 65535, 65537 }, { 0 } };
    carnet_nfc_holder h;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++) {
        assert_carnet_rc(carnet_nfc_holder_init(&h, bad[i], carnet_buf_of(message_octets, 10), NULL), CARNET_E_USAGE);
    }
}

static void
refuses_a_data_field_longer_than_its_limit(void **state)
{
    carnet_nfc_holder h = begin(sizeof message_octets);
    carnet_buf response = carnet_buf_of(response_octets, sizeof response_octets);
    uint8_t command[7 + 256] = { 0x10, 0xc3, 0, 0, 0, 1, 0, 0x53, 0x82, 1, 0 };

    (void)state;
    (void)play(SELECT_IT, &h, &response, NULL);
    response.len = 0;
    assert_int_equal(carnet_nfc_holder_take(&h, carnet_span_of(command, sizeof command), &response, NULL),
                     CARNET_NFC_RESPOND);
    assert_span_equal(carnet_buf_span(&response), carnet_test_hex("6700"));
}

/** Whatever the command, there is a response with a status word, or a message; and the application can be selected anew. */
static void
take_mutated(carnet_span command, void *context)
{
    carnet_nfc_holder h = *(const carnet_nfc_holder *)context;
    carnet_buf response = carnet_buf_of(response_octets, sizeof response_octets);
    carnet_err err;
    carnet_nfc_event event = carnet_nfc_holder_take(&h, command, &response, &err);

    if (event == CARNET_NFC_MESSAGE) {
        assert_int_equal(response.len, 0);
        assert_int_equal(h.message.len, h.incoming.all);
        assert_true(h.message.len > 0);
    } else {
        assert_true(response.len >= 2);
        assert_true(response_octets[response.len - 2] >> 4 ==
                    (err.rc == CARNET_OK && response_octets[response.len - 2] != 0x61 ? 9 : 6));
    }
    response.len = 0;
    (void)carnet_nfc_holder_take(&h, carnet_test_hex(SELECT_IT), &response, NULL);
    assert_span_equal(carnet_buf_span(&response), carnet_test_hex("9000"));
}

static void
survives_every_prefix_and_every_bit(void **state)
{
    carnet_nfc_holder h = begin(sizeof message_octets);
    carnet_buf response = carnet_buf_of(response_octets, sizeof response_octets);

    (void)state;
    carnet_test_every_prefix_and_bit(carnet_test_hex(SELECT_IT "00"), take_mutated, &h);
    (void)play(SELECT_IT, &h, &response, NULL);
    carnet_test_every_prefix_and_bit(carnet_test_hex("00c30000085381050102030405"
                                                     "00"),
                                     take_mutated, &h);
    carnet_test_every_prefix_and_bit(carnet_test_hex("00c300000000085381050102030405"
                                                     "0000"),
                                     take_mutated, &h);
    (void)play("10c3000003 538105", &h, &response, NULL);
    carnet_test_every_prefix_and_bit(carnet_test_hex("00c3000005 0102030405 00"), take_mutated, &h);
    (void)play("00c3000005 0102030405 00", &h, &response, NULL);
    carnet_test_every_prefix_and_bit(carnet_test_hex("00c3000005 0102030405 00"), take_mutated, &h);
    assert_int_equal(answer(&h, 1000, &response), CARNET_NFC_RESPOND);
    carnet_test_every_prefix_and_bit(carnet_test_hex("00c0000000"), take_mutated, &h);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_every_command_with_the_status_it_deserves),
        cmocka_unit_test(gives_no_more_than_was_asked_for_and_says_how_much_remains),
        cmocka_unit_test(ends_without_an_answer_when_told_to),
        cmocka_unit_test(tells_a_reader_that_starts_anew),
        cmocka_unit_test(refuses_limits_out_of_their_ranges),
        cmocka_unit_test(refuses_a_data_field_longer_than_its_limit),
        cmocka_unit_test(survives_every_prefix_and_every_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
