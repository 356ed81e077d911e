/* SPDX-License-Identifier: Apache-2.0 */
/* Both sides together: every limit, every length around a limit, every split. */
#include "carnet/apdu.h"
#include "carnet/nfc_transfer.h"
#include "support/support.h"

#include <string.h>

enum { LONGEST = 140000 };
static uint8_t to_card[CARNET_NFC_COMMAND_SIZE(65535)], from_card[CARNET_NFC_RESPONSE_SIZE(65536)];
static uint8_t asked[LONGEST], request[LONGEST], answered[LONGEST], got[LONGEST];

typedef struct tally {
    size_t commands, command_octets, response_octets;
} tally;

static void
fill(void)
{
    for (size_t i = 0; i < LONGEST; i++) {
        asked[i] = (uint8_t)(i * 31 + i / 251);
        answered[i] = (uint8_t)(i * 17 + i / 253 + 7);
    }
}

static size_t
object(size_t len)
{
    return len + (len < 128 ? 2u : len < 256 ? 3u : len < 65536 ? 4u : 5u);
}

/** One message and its answer; how many commands and octets it took. */
static tally
exchange(carnet_nfc_reader *r, carnet_nfc_holder *h, size_t ask, size_t say)
{
    carnet_buf answer = carnet_buf_of(got, sizeof got);
    carnet_err err = { 0 };
    carnet_buf command = carnet_buf_of(to_card, sizeof to_card);
    tally c = { 0 };

    assert_carnet_ok(carnet_nfc_reader_send(r, carnet_span_of(asked, ask), &err), &err);
    while (carnet_nfc_reader_next(r, &command)) {
        carnet_buf response = carnet_buf_of(from_card, sizeof from_card);
        carnet_nfc_event event = carnet_nfc_holder_take(h, carnet_buf_span(&command), &response, &err);

        assert_carnet_ok(err.rc, &err);
        if (event == CARNET_NFC_MESSAGE) {
            assert_true(carnet_nfc_reader_waits(r));
            assert_span_equal(carnet_buf_span(&h->message), carnet_span_of(asked, ask));
            assert_carnet_ok(carnet_nfc_holder_answer(h, carnet_span_of(answered, say), &response, &event, &err), &err);
        }
        c.commands++;
        c.command_octets += command.len;
        c.response_octets += response.len;
        assert_carnet_ok(carnet_nfc_reader_take(r, carnet_buf_span(&response), &answer, &err), &err);
        command.len = 0;
    }
    assert_span_equal(carnet_buf_span(&answer), carnet_span_of(answered, say));
    return c;
}

/** The least the protocol allows: full commands, full responses, no octet of a head that need not be. */
static tally
least(carnet_nfc_limits limits, size_t ask, size_t say)
{
    size_t parts = (object(ask) + limits.command - 1) / limits.command,
           rest = object(ask) - (parts - 1) * limits.command;
    size_t gets = (object(say) - 1) / limits.response, left = object(say) - gets * limits.response;
    bool extended = rest > 255 || limits.response > 256;
    tally c = { .commands = parts + gets };

    c.command_octets = object(ask) + (parts - 1) * (limits.command > 255 ? 7 : 5) + (extended ? 9 : 6);
    c.response_octets = object(say) + 2 * c.commands;
    for (size_t i = 0; i < gets; i++) { /* the last has a short Le, if little is left */
        c.command_octets += limits.response > 256 && (i + 1 < gets || left > 255) ? 7 : 5;
    }
    return c;
}

static const uint32_t commands[] = { 255, 256, 257, 1000, 65534, 65535 };
static const uint32_t responses[] = { 256, 257, 258, 1000, 65535, 65536 };
static const size_t lengths[] = { 1,    127,  128,   251,   252,   253,   254,   255,   256,   257,   258,   511,
                                  2200, 3000, 33000, 65530, 65531, 65532, 65533, 65535, 65536, 65537, 131100 };

static void
check_combination(carnet_nfc_limits own, carnet_nfc_limits peer, size_t ask, size_t say)
{
    carnet_nfc_reader r;
    carnet_nfc_holder h;
    tally c, bound;

    assert_carnet_ok(carnet_nfc_reader_init(&r, own, peer, NULL), NULL);
    assert_carnet_ok(carnet_nfc_holder_init(&h, peer, carnet_buf_of(request, sizeof request), NULL), NULL);
    bound = least(r.limits, ask, say);
    c = exchange(&r, &h, ask, say);
    if (c.commands != bound.commands + 1 || c.command_octets != bound.command_octets + 12 ||
        c.response_octets != bound.response_octets + 2) { /* SELECT */
        fail_msg("limits %u and %u, %zu asked, %zu answered: %zu commands of %zu octets, responses of %zu; "
                 "the least is %zu of %zu, %zu",
                 r.limits.command, r.limits.response, ask, say, c.commands - 1, c.command_octets - 12,
                 c.response_octets - 2, bound.commands, bound.command_octets, bound.response_octets);
    }
    c = exchange(&r, &h, say, ask); /* the other way about, without SELECT */
    assert_int_equal(c.commands, least(r.limits, say, ask).commands);
}

static void
keeps_every_limit_with_the_fewest_commands_and_octets(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(commands); i++) {
        for (size_t j = 0; j < CARNET_COUNT(responses); j++) {
            carnet_nfc_limits limits = { commands[i], responses[j] };
            bool own = (i + j) % 2 == 0;

            for (size_t k = 0; k < CARNET_COUNT(lengths); k++) {
                check_combination(own ? limits : CARNET_NFC_EXTENDED, own ? CARNET_NFC_EXTENDED : limits, lengths[k],
                                  lengths[CARNET_COUNT(lengths) - 1 - k]);
            }
        }
    }
}

static void
takes_a_message_in_two_parts_wherever_it_is_split(void **state)
{
    enum { LEN = 300 };
    uint8_t whole[LEN + 4] = { 0x53, 0x82, LEN >> 8, LEN & 0xff };

    (void)state;
    memcpy(whole + 4, asked, LEN);
    for (size_t split = 1; split < sizeof whole; split++) {
        carnet_nfc_holder h;
        carnet_buf response = carnet_buf_of(from_card, sizeof from_card);
        carnet_command_apdu first = { .cla = 0x10, .ins = 0xc3, .data = { whole, split } };
        carnet_command_apdu last = { .ins = 0xc3, .data = { whole + split, sizeof whole - split }, .expected = 256 };
        carnet_buf a = carnet_buf_of(to_card, 1000), b = carnet_buf_of(to_card + 1000, 1000);

        assert_carnet_ok(carnet_command_apdu_build(&first, &a, NULL), NULL);
        assert_carnet_ok(carnet_command_apdu_build(&last, &b, NULL), NULL);
        assert_carnet_ok(carnet_nfc_holder_init(&h, CARNET_NFC_EXTENDED, carnet_buf_of(request, LEN), NULL), NULL);
        (void)carnet_nfc_holder_take(&h, carnet_test_hex("00a4040c07a0000002480400"), &response, NULL);
        assert_int_equal(carnet_nfc_holder_take(&h, carnet_buf_span(&a), &response, NULL), CARNET_NFC_RESPOND);
        assert_int_equal(carnet_nfc_holder_take(&h, carnet_buf_span(&b), &response, NULL), CARNET_NFC_MESSAGE);
        assert_span_equal(carnet_buf_span(&h.message), carnet_span_of(asked, LEN));
    }
}

/** A card that gives `first` octets, then `then` at a time, whatever was asked for. */
static void
take_in_parts(size_t first, size_t then)
{
    enum { LEN = 300 };
    uint8_t whole[LEN + 4] = { 0x53, 0x82, LEN >> 8, LEN & 0xff };
    carnet_nfc_reader r;
    carnet_buf command = carnet_buf_of(to_card, sizeof to_card), answer = carnet_buf_of(got, LEN);
    size_t at = 0, most = first;

    memcpy(whole + 4, answered, LEN);
    assert_carnet_ok(carnet_nfc_reader_init(&r, CARNET_NFC_EXTENDED, CARNET_NFC_EXTENDED, NULL), NULL);
    assert_carnet_ok(carnet_nfc_reader_send(&r, carnet_span_of(asked, 10), NULL), NULL);
    assert_true(carnet_nfc_reader_next(&r, &command));
    assert_carnet_ok(carnet_nfc_reader_take(&r, carnet_test_hex("9000"), &answer, NULL), NULL);
    while (carnet_nfc_reader_next(&r, &command)) {
        size_t left = sizeof whole - at, count = most < left ? most : left;
        carnet_buf response = carnet_buf_of(from_card, sizeof from_card);
        carnet_response_apdu part = { .data = { whole + at, count } };

        left -= count;
        part.status = left == 0 ? CARNET_SW_OK : (uint16_t)(CARNET_SW_MORE | (left > 255 ? 0 : left));
        assert_carnet_ok(carnet_response_apdu_build(&part, &response, NULL), NULL);
        assert_carnet_ok(carnet_nfc_reader_take(&r, carnet_buf_span(&response), &answer, NULL), NULL);
        at += count;
        most = then;
        command.len = 0;
    }
    assert_span_equal(carnet_buf_span(&answer), carnet_span_of(answered, LEN));
}

static void
takes_an_answer_in_parts_wherever_it_is_split(void **state)
{
    (void)state;
    for (size_t first = 0; first < 304; first++) {
        take_in_parts(first, 304);
    }
    for (size_t then = 1; then < 304; then++) {
        take_in_parts(1, then);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_every_limit_with_the_fewest_commands_and_octets),
        cmocka_unit_test(takes_a_message_in_two_parts_wherever_it_is_split),
        cmocka_unit_test(takes_an_answer_in_parts_wherever_it_is_split),
    };

    fill();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
