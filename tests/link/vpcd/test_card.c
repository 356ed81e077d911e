/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual card before data transfer: applications, engagement, the field. */
#include "driver.h"
#include "support/support.h"

#include <string.h>

/** Serve what has been said. */
static carnet_rc
serve(driver *d, carnet_vpcd_event *event)
{
    return carnet_vpcd_serve(d->card, event, 20, NULL);
}

static void
serve_nothing(driver *d)
{
    carnet_vpcd_event event;

    assert_carnet_rc(serve(d, &event), CARNET_E_LINK_TIMEOUT);
}

static void
assert_event(driver *d, carnet_vpcd_event expected)
{
    carnet_vpcd_event event;

    assert_carnet_ok(serve(d, &event), NULL);
    assert_int_equal(event, expected);
}

/** Say a command and hear its response. */
static void
exchange(driver *d, const char *command, const char *response)
{
    driver_say(d, command);
    serve_nothing(d);
    driver_hears(d, response);
}

static void
says_that_nobody_waits_or_that_limits_are_wrong(void **state)
{
    driver d;
    carnet_vpcd *card;
    carnet_err err;

    (void)state;
    driver_begin(&d, NULL);
    driver_finish(&d);
    assert_carnet_rc(carnet_vpcd_open(&card, &(carnet_vpcd_options){ .port = d.port }, 30, &err), CARNET_E_LINK_ABSENT);
    assert_null(card);
    assert_carnet_rc(carnet_vpcd_open(&card, &(carnet_vpcd_options){ .host = "not a host" }, 30, &err),
                     CARNET_E_LINK_ABSENT);
    assert_carnet_rc(carnet_vpcd_open(&card, &(carnet_vpcd_options){ .limits = { 65527, 256 } }, 30, &err),
                     CARNET_E_USAGE);
    assert_carnet_rc(carnet_vpcd_open(&card, &(carnet_vpcd_options){ .limits = { 254, 256 } }, 30, &err),
                     CARNET_E_USAGE);
    carnet_vpcd_free(&card);
}

static void
answers_to_reset_and_refuses_what_it_does_not_know(void **state)
{
    driver d;

    (void)state;
    driver_begin(&d, NULL);
    exchange(&d, "04", "3b80800101");
    driver_say(&d, "01");
    driver_say(&d, "02");
    driver_say(&d, "00");
    serve_nothing(&d);
    driver_hears(&d, NULL);
    assert_carnet_rc(carnet_vpcd_refused(d.card)->rc, CARNET_OK);
    exchange(&d, SELECT_TAG, "6a82"); /* nothing was offered */
    assert_carnet_rc(carnet_vpcd_refused(d.card)->rc, CARNET_E_LINK_PROTOCOL);
    exchange(&d, "00a4040c07a000000248040100", "6a82");
    exchange(&d, "00b0000002", "6985");
    exchange(&d, "", "6985");
    driver_finish(&d);
}

static void
engages_by_static_handover(void **state)
{
    driver d;

    (void)state;
    driver_begin(&d, NULL);
    assert_carnet_ok(carnet_vpcd_offer(d.card, carnet_test_hex("d1010354020000"), NULL), NULL);
    assert_span_equal(carnet_vpcd_handover_select(d.card), carnet_test_hex("d1010354020000"));
    exchange(&d, SELECT_TAG, "9000");
    exchange(&d, "00a4000c02e104", "9000");
    exchange(&d, "00b0000002", "00079000");
    driver_say(&d, "00b0000207");
    assert_event(&d, CARNET_VPCD_ENGAGED);
    driver_hears(&d, "d1010354020000 9000");
    exchange(&d, "00d6000001 00", "6982"); /* it cannot be written */
    driver_say(&d, SELECT_TRANSFER);
    assert_event(&d, CARNET_VPCD_SELECTED);
    driver_hears(&d, "9000");
    exchange(&d, SELECT_TAG, "9000"); /* and back again */
    exchange(&d, "00c3000005 5303aabbcc 00", "6d00");
    assert_int_equal(carnet_vpcd_handover_request(d.card).len, 0);
    driver_finish(&d);
}

static void
asks_the_reader_to_wait_while_the_holder_decides(void **state)
{
    driver d;

    (void)state;
    driver_begin(&d, NULL);
    assert_carnet_rc(carnet_vpcd_negotiate(d.card, 10, 16, NULL), CARNET_E_USAGE);
    assert_carnet_ok(carnet_vpcd_negotiate(d.card, 10, 15, NULL), NULL);
    exchange(&d, SELECT_TAG, "9000");
    exchange(&d, "00a4000c02e104", "9000");
    /* Service Select, its status, then the request. */
    exchange(&d, "00d600001b0019d1021454731375726e3a6e66633a736e3a68616e646f766572", "9000");
    exchange(&d, "00b0000002", "00069000");
    exchange(&d, "00b0000206", "d10201546500 9000");
    driver_say(&d, "00d6000009 0007d1010354020000");
    assert_event(&d, CARNET_VPCD_REQUESTED);
    driver_hears(&d, "9000");
    assert_span_equal(carnet_vpcd_handover_request(d.card), carnet_test_hex("d1010354020000"));
    exchange(&d, "00b0000002", "00009000");
    exchange(&d, "00b0000002", "00009000");
    assert_carnet_ok(carnet_vpcd_answer(d.card, carnet_test_hex("d1010354020001"), NULL), NULL);
    exchange(&d, "00b0000002", "00079000");
    driver_say(&d, "00b0000207");
    assert_event(&d, CARNET_VPCD_ENGAGED);
    driver_hears(&d, "d1010354020001 9000");
    driver_finish(&d);
}

static void
tells_when_the_field_goes_but_only_if_somebody_was_there(void **state)
{
    driver d;

    (void)state;
    driver_begin(&d, NULL);
    assert_carnet_ok(carnet_vpcd_offer(d.card, carnet_test_hex("d1010354020000"), NULL), NULL);
    for (size_t i = 0; i < 2; i++) {
        driver_say(&d, "00");
        serve_nothing(&d);
        exchange(&d, SELECT_TAG, "9000");
        driver_say(&d, i ? "00" : "02");
        assert_event(&d, CARNET_VPCD_LEFT);
        exchange(&d, "00b0000002", "6985"); /* nothing is selected any more */
    }
    driver_finish(&d);
}

static void
keeps_a_message_for_the_link(void **state)
{
    driver d;
    carnet_link link;
    uint8_t room[8];
    carnet_buf message = carnet_buf_of(room, sizeof room);

    (void)state;
    driver_begin(&d, NULL);
    assert_carnet_rc(carnet_vpcd_link(&d.card, &link, NULL), CARNET_E_USAGE);
    assert_non_null(d.card);
    driver_say(&d, SELECT_TRANSFER);
    assert_event(&d, CARNET_VPCD_SELECTED);
    driver_hears(&d, "9000");
    driver_say(&d, "00c3000005 5303aabbcc 00");
    assert_event(&d, CARNET_VPCD_SELECTED);
    assert_event(&d, CARNET_VPCD_SELECTED);
    assert_carnet_ok(carnet_vpcd_link(&d.card, &link, NULL), NULL);
    assert_null(d.card);
    assert_carnet_ok(carnet_link_receive(&link, &message, 0, NULL), NULL);
    assert_span_equal(carnet_buf_span(&message), carnet_test_hex("aabbcc"));
    carnet_link_close(&link);
    driver_finish(&d);
}

static void
is_lost_when_the_driver_goes_in_the_middle_of_a_frame(void **state)
{
    static const char frame[] = "\0\x0c\0\xa4\4\0\7\xd2\x76\0\0\x85\1\1";

    (void)state;
    for (size_t len = 0; len < sizeof frame - 1; len++) {
        driver d;
        carnet_vpcd_event event;
        carnet_err err;

        driver_begin(&d, NULL);
        driver_say_raw(&d, frame, len);
        serve_nothing(&d);
        driver_leave(&d);
        assert_carnet_rc(carnet_vpcd_serve(d.card, &event, 1000, &err), CARNET_E_LINK_LOST);
        assert_true(strlen(err.reason) > 0);
        driver_finish(&d);
    }
}

static void
takes_a_frame_that_comes_in_pieces(void **state)
{
    static const char frame[] = "\0\x0c\0\xa4\4\0\7\xd2\x76\0\0\x85\1\1";
    driver d;

    (void)state;
    driver_begin(&d, NULL);
    for (size_t i = 0; i < sizeof frame - 1; i++) {
        carnet_vpcd_event event;

        driver_hears(&d, NULL);
        driver_say_raw(&d, frame + i, 1);
        assert_carnet_rc(carnet_vpcd_serve(d.card, &event, 2, NULL), CARNET_E_LINK_TIMEOUT);
    }
    driver_hears(&d, "6a82");
    driver_finish(&d);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_that_nobody_waits_or_that_limits_are_wrong),
        cmocka_unit_test(answers_to_reset_and_refuses_what_it_does_not_know),
        cmocka_unit_test(engages_by_static_handover),
        cmocka_unit_test(asks_the_reader_to_wait_while_the_holder_decides),
        cmocka_unit_test(tells_when_the_field_goes_but_only_if_somebody_was_there),
        cmocka_unit_test(keeps_a_message_for_the_link),
        cmocka_unit_test(is_lost_when_the_driver_goes_in_the_middle_of_a_frame),
        cmocka_unit_test(takes_a_frame_that_comes_in_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
