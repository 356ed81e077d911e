/* SPDX-License-Identifier: Apache-2.0 */
/* Whole sessions through a real PC/SC service: engagement and data transfer, and what may befall them. */
#include "antenna.h"
#include "carnet/link_pcsc.h"
#include "holder.h"
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LONG_MS = 8000, ROOM = 70000 };

static const char *why_not; /* there is no PC/SC service to be had */
static uint8_t said[ROOM], heard[ROOM], expected[ROOM];
static int descriptors;
static int open_ms = LONG_MS;

static const carnet_test_holder holder_of_a_session = { .port = FIRST_SLOT,
                                                        .asks = { 300, 2200, 1 },
                                                        .answers = { 2200, 33000, 1 } };

static int
setup(void **state)
{
    (void)state;
    if (why_not != NULL) {
        carnet_test_skip(why_not);
    }
    descriptors = carnet_test_descriptors();
    return 0;
}

/** Nothing is left open: not even by the thread that transmits, once PC/SC has given back the card. */
static int
teardown(void **state)
{
    (void)state;
    for (int i = 0; i < 100 && why_not == NULL && carnet_test_descriptors() != descriptors; i++) {
        usleep(20000);
    }
    if (why_not == NULL && carnet_test_descriptors() != descriptors) {
        fprintf(stderr, "# %d descriptors before, %d after\n", descriptors, carnet_test_descriptors());
        return -1;
    }
    return 0;
}

/** One message and its answer. */
static carnet_rc
ask(carnet_link *link, size_t asked, size_t answered, unsigned salt, carnet_err *err)
{
    carnet_buf answer = carnet_buf_of(heard, sizeof heard);
    carnet_rc rc;

    carnet_test_fill(said, asked, salt);
    rc = carnet_link_send(link, carnet_span_of(said, asked), LONG_MS, err);
    rc = rc == CARNET_OK ? carnet_link_receive(link, &answer, LONG_MS, err) : rc;
    if (rc == CARNET_OK) {
        carnet_test_fill(expected, answered, salt + 100);
        assert_span_equal(carnet_buf_span(&answer), carnet_span_of(expected, answered));
    }
    return rc;
}

/** A reader's part of a session with a holder; the link is left open. */
static carnet_rc
read_card(const carnet_pcsc_options *options, const carnet_test_holder *h, carnet_link *link,
          carnet_pcsc_engagement *engagement, carnet_err *err)
{
    uint8_t room[600], select[600];
    carnet_span request = h->negotiated ? carnet_test_request(CARNET_NFC_EXTENDED, room) : (carnet_span){ 0 };
    carnet_pcsc *card;
    carnet_rc rc = carnet_pcsc_open(&card, options, open_ms, err);

    *link = (carnet_link){ 0 };
    if (rc == CARNET_OK) {
        rc = carnet_pcsc_engage(card, request, engagement, LONG_MS, err);
    }
    if (rc == CARNET_OK) {
        assert_span_equal(engagement->handover_select, carnet_test_select(h->limits, select));
        assert_span_equal(engagement->handover_request, request);
        assert_int_equal(engagement->device_engagement.len, 90);
        assert_int_equal(engagement->peer.command, h->limits.command);
        rc = carnet_pcsc_link(&card, engagement->peer, link, err);
    }
    for (unsigned i = 0; rc == CARNET_OK && i < MESSAGES_MAX && h->asks[i] != 0; i++) {
        rc = ask(link, h->asks[i], h->answers[i], i, err);
    }
    carnet_pcsc_free(&card);
    return rc;
}

static void
says_that_no_service_runs(void **state)
{
    carnet_buf names = carnet_buf_of(heard, sizeof heard);
    carnet_pcsc *card;
    carnet_err err;

    (void)state;
    carnet_test_pcscd_stop();
    assert_carnet_rc(carnet_pcsc_list(&names, &err), CARNET_E_LINK_ABSENT);
    assert_true(strlen(err.reason) > 0);
    assert_carnet_rc(carnet_pcsc_open(&card, NULL, 0, &err), CARNET_E_LINK_ABSENT);
    assert_null(card);
    assert_null(carnet_test_pcscd_start());
}

static void
lists_the_slots(void **state)
{
    carnet_buf names = carnet_buf_of(heard, sizeof heard), small = carnet_buf_of(said, 5);

    (void)state;
    assert_carnet_ok(carnet_pcsc_list(&names, NULL), NULL);
    assert_span_equal(carnet_buf_span(&names), CARNET_TEST_BYTES("Virtual PCD 00 00\0Virtual PCD 00 01\0"));
    assert_carnet_rc(carnet_pcsc_list(&small, NULL), CARNET_E_NO_SPACE);
}

static void
says_that_no_card_came(void **state)
{
    carnet_pcsc *card;
    carnet_err err;

    (void)state;
    assert_carnet_rc(carnet_pcsc_open(&card, NULL, 50, &err), CARNET_E_LINK_TIMEOUT);
    assert_string_equal(err.reason, "no card came");
    assert_carnet_rc(carnet_pcsc_open(&card, &(carnet_pcsc_options){ .reader = "Nobody" }, 50, &err),
                     CARNET_E_LINK_TIMEOUT);
    assert_string_equal(err.reason, "there is no such slot");
    assert_carnet_rc(carnet_pcsc_open(&card, &(carnet_pcsc_options){ .limits = { 1, 1 } }, 50, &err), CARNET_E_USAGE);
}

/** A whole session; both sides count the same. */
static void
whole_session(carnet_test_holder h, carnet_nfc_limits own)
{
    carnet_pcsc_options options = { .limits = own };
    carnet_pcsc_engagement engagement;
    carnet_link link;
    carnet_err err = { 0 };
    carnet_link_traffic t;
    carnet_rc rc;

    carnet_test_holder_start(&h);
    rc = read_card(&options, &h, &link, &engagement, &err);
    t = link.traffic;
    carnet_link_close(&link);
    carnet_test_holder_join(&h);
    assert_carnet_ok(rc, &err);
    assert_carnet_rc(h.rc, CARNET_E_LINK_LOST); /* the reader let the card go */
    assert_false(h.wrong);
    assert_int_equal(h.engaged, 1);
    assert_int_equal(t.messages_sent, 3);
    assert_int_equal(h.traffic.messages_received, 3);
    assert_int_equal(h.traffic.messages_sent, t.messages_received);
    assert_int_equal(t.units_sent, h.traffic.units_received + 1); /* SELECT is before the holder's link */
    assert_int_equal(t.octets_sent, h.traffic.octets_received + 12);
    assert_int_equal(t.octets_received, h.traffic.octets_sent + 2);
}

static void
carries_a_session_in_every_length(void **state)
{
    static const carnet_nfc_limits limits[] = { { 255, 256 }, { 65526, 65533 }, { 256, 257 }, { 1000, 32768 } };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(limits); i++) {
        carnet_test_holder h = holder_of_a_session;

        h.limits = limits[i];
        whole_session(h, CARNET_NFC_EXTENDED);
    }
    for (size_t i = 0; i < 1; i++) {
        carnet_test_holder h = holder_of_a_session;

        h.limits = limits[1];
        whole_session(h, CARNET_NFC_SHORT);
    }
}

/** A session by negotiated handover; how many commands it took. */
static unsigned
negotiated_session(unsigned decide_ms)
{
    carnet_test_holder h = holder_of_a_session;
    carnet_test_antenna antenna = { 0 };
    carnet_pcsc_engagement engagement;
    carnet_link link;
    carnet_err err = { 0 };
    uint8_t room[600];
    carnet_rc rc;

    h.port = ANTENNA;
    h.negotiated = true;
    h.limits = (carnet_nfc_limits){ 65526, 65533 };
    h.wait_ms = 30;
    h.decide_ms = decide_ms;
    carnet_test_antenna_lay(&antenna, FIRST_SLOT);
    carnet_test_holder_start(&h);
    rc = read_card(NULL, &h, &link, &engagement, &err);
    carnet_link_close(&link);
    carnet_test_holder_join(&h);
    carnet_test_antenna_lift(&antenna);
    assert_carnet_ok(rc, &err);
    assert_carnet_rc(h.rc, CARNET_E_LINK_LOST);
    assert_span_equal(carnet_span_of(h.request, h.request_len), carnet_test_request(CARNET_NFC_EXTENDED, room));
    return antenna.commands;
}

static void
negotiates_and_waits_while_the_holder_decides(void **state)
{
    unsigned at_once = negotiated_session(0), later = negotiated_session(120);

    (void)state;
    assert_true(later >= at_once + 2); /* asked again, and told to wait on */
}

static void
gives_up_when_the_holder_decides_for_too_long(void **state)
{
    carnet_test_holder h = holder_of_a_session;
    carnet_pcsc_engagement engagement;
    carnet_link link;
    carnet_err err = { 0 };
    carnet_rc rc;

    (void)state;
    h.negotiated = true;
    h.limits = CARNET_NFC_SHORT;
    h.wait_ms = 1;
    h.decide_ms = 1000;
    carnet_test_holder_start(&h);
    rc = read_card(NULL, &h, &link, &engagement, &err);
    carnet_test_holder_join(&h);
    assert_carnet_rc(rc, CARNET_E_TNEP_TIMEOUT);
    assert_int_equal(engagement.handover_select.len, 0);
    assert_false(h.linked);
}

static void
finds_the_card_in_whichever_slot_it_lies(void **state)
{
    static const struct {
        uint16_t port;
        const char *wanted, *found;
    } slots[] = { { SECOND_SLOT, NULL, "Virtual PCD 00 01" },
                  { FIRST_SLOT, "Virtual", "Virtual PCD 00 00" },
                  { SECOND_SLOT, "Virtual PCD 00 01", "Virtual PCD 00 01" } };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(slots); i++) {
        carnet_test_holder h = holder_of_a_session;
        carnet_pcsc_options options = { .reader = slots[i].wanted };
        carnet_pcsc *card;

        h.port = slots[i].port;
        h.limits = CARNET_NFC_SHORT;
        carnet_test_holder_start(&h);
        assert_carnet_ok(carnet_pcsc_open(&card, &options, LONG_MS, NULL), NULL);
        assert_string_equal(carnet_pcsc_reader(card), slots[i].found);
        {
            carnet_pcsc_engagement engagement;

            assert_carnet_ok(carnet_pcsc_engage(card, (carnet_span){ 0 }, &engagement, LONG_MS, NULL), NULL);
        }
        carnet_pcsc_free(&card); /* the card is let go: another carrier is used */
        carnet_test_holder_join(&h);
        assert_carnet_rc(h.rc, CARNET_E_LINK_LOST);
        assert_int_equal(h.engaged, 1);
        assert_false(h.linked);
    }
}

static void
passes_over_a_card_that_lies_there_already(void **state)
{
    carnet_test_holder old = holder_of_a_session, new = holder_of_a_session;
    carnet_pcsc_options options = { .fresh = true };
    carnet_pcsc *card;

    (void)state;
    old.limits = new.limits = CARNET_NFC_SHORT;
    new.port = SECOND_SLOT;
    carnet_test_holder_start(&old);
    assert_carnet_ok(carnet_pcsc_open(&card, NULL, LONG_MS, NULL), NULL);
    carnet_pcsc_free(&card);
    assert_carnet_rc(carnet_pcsc_open(&card, &options, 600, NULL), CARNET_E_LINK_TIMEOUT);
    carnet_test_holder_start(&new);
    usleep(1000);
    assert_carnet_ok(carnet_pcsc_open(&card, &options, LONG_MS, NULL), NULL);
    assert_string_equal(carnet_pcsc_reader(card), "Virtual PCD 00 01");
    carnet_pcsc_free(&card);
    for (unsigned i = 0; i < 2; i++) { /* end both: engage and leave */
        carnet_pcsc_engagement engagement;

        assert_carnet_ok(
            carnet_pcsc_open(&card, &(carnet_pcsc_options){ .reader = i ? "Virtual PCD 00 01" : "Virtual PCD 00 00" },
                             LONG_MS, NULL),
            NULL);
        assert_carnet_ok(carnet_pcsc_engage(card, (carnet_span){ 0 }, &engagement, LONG_MS, NULL), NULL);
        carnet_pcsc_free(&card);
    }
    carnet_test_holder_join(&old);
    carnet_test_holder_join(&new);
}

static void
waits_no_longer_than_it_may_and_goes_on_where_it_was(void **state)
{
    carnet_test_holder h = holder_of_a_session;
    carnet_buf answer = carnet_buf_of(heard, sizeof heard);
    carnet_pcsc_engagement engagement;
    carnet_link link;
    carnet_pcsc *card;
    unsigned late = 0;
    carnet_rc rc;

    (void)state;
    h.limits = CARNET_NFC_SHORT;
    h.think_ms = 300;
    carnet_test_holder_start(&h);
    assert_carnet_ok(carnet_pcsc_open(&card, NULL, LONG_MS, NULL), NULL);
    assert_carnet_ok(carnet_pcsc_engage(card, (carnet_span){ 0 }, &engagement, LONG_MS, NULL), NULL);
    assert_carnet_ok(carnet_pcsc_link(&card, engagement.peer, &link, NULL), NULL);
    assert_carnet_rc(carnet_link_receive(&link, &answer, 0, NULL), CARNET_E_USAGE);
    carnet_test_fill(said, 300, 0);
    assert_carnet_ok(carnet_link_send(&link, carnet_span_of(said, 300), LONG_MS, NULL), NULL);
    assert_carnet_rc(carnet_link_send(&link, carnet_span_of(said, 300), LONG_MS, NULL), CARNET_E_USAGE);
    while ((rc = carnet_link_receive(&link, &answer, 20, NULL)) == CARNET_E_LINK_TIMEOUT) {
        late++;
        assert_int_equal(answer.len, 0);
    }
    assert_carnet_ok(rc, NULL);
    assert_true(late > 0);
    carnet_test_fill(expected, 2200, 100);
    assert_span_equal(carnet_buf_span(&answer), carnet_span_of(expected, 2200));
    /* Closed while the holder thinks of the next: at once, and the card is let go when it answers. */
    carnet_test_fill(said, 2200, 1);
    assert_carnet_ok(carnet_link_send(&link, carnet_span_of(said, 2200), LONG_MS, NULL), NULL);
    carnet_link_close(&link);
    carnet_test_holder_join(&h);
    assert_carnet_rc(h.rc, CARNET_E_LINK_LOST);
}

static void
ends_when_the_holder_has_no_answer(void **state)
{
    carnet_test_holder h = { .port = FIRST_SLOT, .limits = CARNET_NFC_SHORT, .asks = { 40 } };
    carnet_pcsc_engagement engagement;
    carnet_link link;
    carnet_err err = { 0 };
    carnet_rc rc;

    (void)state;
    carnet_test_holder_start(&h);
    rc = read_card(NULL, &h, &link, &engagement, &err);
    carnet_test_holder_join(&h);
    assert_carnet_rc(rc, CARNET_E_LINK_CLOSED);
    assert_string_equal(err.reason, "the holder ends without an answer");
    assert_carnet_rc(h.rc, CARNET_E_LINK_CLOSED);
    assert_false(h.wrong);
    assert_carnet_rc(carnet_link_send(&link, carnet_span_of(said, 1), LONG_MS, NULL), CARNET_E_LINK_CLOSED);
    carnet_link_close(&link);
}

static void
refuses_an_answer_that_does_not_fit(void **state)
{
    carnet_test_holder h = holder_of_a_session;
    carnet_buf small = carnet_buf_of(heard, 2199);
    carnet_pcsc_engagement engagement;
    carnet_link link;
    carnet_pcsc *card;

    (void)state;
    h.limits = CARNET_NFC_SHORT;
    carnet_test_holder_start(&h);
    assert_carnet_ok(carnet_pcsc_open(&card, NULL, LONG_MS, NULL), NULL);
    assert_carnet_ok(carnet_pcsc_engage(card, (carnet_span){ 0 }, &engagement, LONG_MS, NULL), NULL);
    assert_carnet_ok(carnet_pcsc_link(&card, engagement.peer, &link, NULL), NULL);
    carnet_test_fill(said, 300, 0);
    assert_carnet_ok(carnet_link_send(&link, carnet_span_of(said, 300), LONG_MS, NULL), NULL);
    assert_carnet_rc(carnet_link_receive(&link, &small, LONG_MS, NULL), CARNET_E_LINK_TOO_LONG);
    assert_int_equal(small.len, 0);
    carnet_link_close(&link);
    carnet_test_holder_join(&h);
    assert_carnet_rc(h.rc, CARNET_E_LINK_LOST);
}

/** A session with the card taken off at a command, before or after it has reached the card; how many there were. */
static unsigned
cut_session(unsigned at, bool before_response, carnet_rc *reader, carnet_rc *holder)
{
    carnet_test_holder h = { .port = ANTENNA, .limits = CARNET_NFC_SHORT, .asks = { 300, 1 }, .answers = { 300, 1 } };
    carnet_test_antenna antenna = { .cut_at = at, .before_response = before_response };
    carnet_pcsc_engagement engagement;
    carnet_link link;
    carnet_err err = { 0 };

    carnet_test_antenna_lay(&antenna, at % 2 ? FIRST_SLOT : SECOND_SLOT);
    carnet_test_holder_start(&h);
    open_ms = at == 1 ? 2000 : LONG_MS;
    *reader = read_card(NULL, &h, &link, &engagement, &err);
    open_ms = LONG_MS;
    carnet_link_close(&link);
    carnet_test_holder_join(&h);
    carnet_test_antenna_lift(&antenna);
    *holder = h.rc;
    return antenna.commands;
}

static void
tells_both_sides_when_the_card_is_taken_off_at_any_command(void **state)
{
    carnet_rc reader, holder;
    unsigned commands = cut_session(0, false, &reader, &holder);

    (void)state;
    assert_carnet_ok(reader, NULL);
    assert_carnet_rc(holder, CARNET_E_LINK_LOST);
    assert_int_equal(commands, 1 + 6 + 1 + 3 + 1); /* greeting, engagement, SELECT, two parts and a rest, a last */
    for (unsigned at = 1; at <= commands; at++) {
        unsigned seen = cut_session(at, at % 3 == 0, &reader, &holder);
        /* Gone before it has said anything, it never was there. */
        carnet_rc lost = at == 1 ? CARNET_E_LINK_TIMEOUT : CARNET_E_LINK_LOST;

        if (reader != lost || holder != CARNET_E_LINK_LOST || seen != at) {
            fail_msg("taken off at command %u: reader %s, holder %s", at, carnet_rc_name(reader),
                     carnet_rc_name(holder));
        }
    }
}

static const carnet_test_holder holder_with_antenna = {
    .port = ANTENNA, .limits = { 255, 256 }, .asks = { 300, 1 }, .answers = { 300, 1 }
};

/** A session with one response altered: it ends with a reason, unless it is the same response. */
static void
altered_session(unsigned at, carnet_test_fault fault)
{
    carnet_test_holder h = holder_with_antenna;
    carnet_test_antenna antenna = { .fault_at = at, .fault = fault };
    carnet_pcsc_engagement engagement;
    carnet_link link;
    carnet_err err = { 0 };
    carnet_rc rc;

    carnet_test_antenna_lay(&antenna, at % 2 ? FIRST_SLOT : SECOND_SLOT);
    carnet_test_holder_start(&h);
    rc = read_card(NULL, &h, &link, &engagement, &err);
    carnet_link_close(&link);
    carnet_test_antenna_lift(&antenna);
    carnet_test_holder_join(&h);
    if (at == 8 && fault == REPEATED && rc == CARNET_OK) {
        antenna.altered = false; /* SELECT: what a card says of itself is its own affair */
    }
    if ((rc != CARNET_OK) != antenna.altered || (rc != CARNET_OK && err.reason[0] == '\0') ||
        h.rc != CARNET_E_LINK_LOST) {
        fail_msg("response %u altered (%d): reader %s, %s; holder %s", at, fault, carnet_rc_name(rc), err.reason,
                 carnet_rc_name(h.rc));
    }
}

static void
says_what_is_wrong_with_any_response(void **state)
{
    (void)state;
    for (unsigned at = 2; at <= 12; at++) { /* the first is that to the greeting, which may be anything */
        altered_session(at, CUT_SHORT + at % 4);
        altered_session(at, CUT_SHORT + (at + 2) % 4);
    }
}

static void
gives_up_on_a_card_that_answers_late_and_takes_the_next(void **state)
{
    carnet_test_holder h = holder_with_antenna;
    carnet_test_antenna antenna = { .late_at = 4, .late_ms = 300 };
    carnet_pcsc_engagement engagement;
    carnet_link link;
    carnet_pcsc *card;
    carnet_err err = { 0 };

    (void)state;
    carnet_test_antenna_lay(&antenna, FIRST_SLOT);
    carnet_test_holder_start(&h);
    assert_carnet_ok(carnet_pcsc_open(&card, NULL, open_ms, NULL), NULL);
    assert_carnet_rc(carnet_pcsc_engage(card, (carnet_span){ 0 }, &engagement, 100, NULL), CARNET_E_LINK_TIMEOUT);
    carnet_pcsc_free(&card); /* at once; the card is let go when it has answered */
    assert_carnet_ok(read_card(NULL, &h, &link, &engagement, &err), &err);
    carnet_link_close(&link);
    carnet_test_antenna_lift(&antenna);
    carnet_test_holder_join(&h);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(says_that_no_service_runs, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_the_slots, setup, teardown),
        cmocka_unit_test_setup_teardown(says_that_no_card_came, setup, teardown),
        cmocka_unit_test_setup_teardown(carries_a_session_in_every_length, setup, teardown),
        cmocka_unit_test_setup_teardown(negotiates_and_waits_while_the_holder_decides, setup, teardown),
        cmocka_unit_test_setup_teardown(gives_up_when_the_holder_decides_for_too_long, setup, teardown),
        cmocka_unit_test_setup_teardown(finds_the_card_in_whichever_slot_it_lies, setup, teardown),
        cmocka_unit_test_setup_teardown(passes_over_a_card_that_lies_there_already, setup, teardown),
        cmocka_unit_test_setup_teardown(waits_no_longer_than_it_may_and_goes_on_where_it_was, setup, teardown),
        cmocka_unit_test_setup_teardown(ends_when_the_holder_has_no_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_an_answer_that_does_not_fit, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_both_sides_when_the_card_is_taken_off_at_any_command, setup, teardown),
        cmocka_unit_test_setup_teardown(says_what_is_wrong_with_any_response, setup, teardown),
        cmocka_unit_test_setup_teardown(gives_up_on_a_card_that_answers_late_and_takes_the_next, setup, teardown),
    };
    int failed;

    why_not = carnet_test_alone();
    why_not = why_not == NULL ? carnet_test_pcscd_start() : why_not;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    carnet_test_pcscd_stop();
    return failed;
}
