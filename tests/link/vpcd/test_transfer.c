/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual card's link: what a reader may do to it at any moment. */
#include "driver.h"
#include "support/support.h"

#include <string.h>

#define MESSAGE "00c3000005 5303aabbcc 00"

typedef struct transfer {
    driver d;
    carnet_link link;
    carnet_err err;
    uint8_t room[100];
    carnet_buf got;
    size_t told;
    const char *next; /* what the reader says when a part of the answer is away */
} transfer;

static void
progress(void *context, bool sending, size_t done, size_t all)
{
    transfer *t = context;

    assert_true(done <= all);
    t->told++;
    if (sending && t->next != NULL) {
        driver_say(&t->d, t->next);
        t->next = NULL;
    }
}

/** A card whose data transfer has been selected. */
static void
begin(transfer *t)
{
    carnet_vpcd_event event;

    *t = (transfer){ .err = { .rc = CARNET_OK } };
    driver_begin(&t->d, &(carnet_vpcd_options){ .limits = { 255, 256 }, .message_max = 200 });
    driver_say(&t->d, SELECT_TRANSFER);
    assert_carnet_ok(carnet_vpcd_serve(t->d.card, &event, 1000, NULL), NULL);
    driver_hears(&t->d, "9000");
    assert_carnet_ok(carnet_vpcd_link(&t->d.card, &t->link, NULL), NULL);
    t->got = carnet_buf_of(t->room, sizeof t->room);
    t->link.progress = progress;
    t->link.progress_context = t;
}

static void
finish(transfer *t)
{
    driver_leave(&t->d);
    carnet_link_close(&t->link);
    driver_finish(&t->d);
}

static carnet_rc
receive(transfer *t)
{
    t->got.len = 0;
    return carnet_link_receive(&t->link, &t->got, 20, &t->err);
}

static carnet_rc
answer(transfer *t, size_t len)
{
    static const uint8_t zeros[300];

    return carnet_link_send(&t->link, carnet_span_of(zeros, len), 20, &t->err);
}

static void
carries_messages_and_counts_them(void **state)
{
    transfer t;

    (void)state;
    begin(&t);
    assert_carnet_rc(answer(&t, 1), CARNET_E_USAGE);
    driver_say(&t.d, "10c3000002 5303");
    driver_say(&t.d, "00c3000003 aabbcc 00");
    assert_carnet_ok(receive(&t), &t.err);
    driver_hears(&t.d, "9000");
    assert_span_equal(carnet_buf_span(&t.got), carnet_test_hex("aabbcc"));
    assert_carnet_rc(receive(&t), CARNET_E_USAGE);
    assert_carnet_rc(answer(&t, 0), CARNET_E_USAGE);
    assert_carnet_ok(answer(&t, 2), &t.err);
    driver_hears(&t.d, "53020000 9000");
    driver_say(&t.d, "00c3000005 5303aabbcc 03");
    assert_carnet_ok(receive(&t), &t.err);
    t.next = "00c0000003";
    assert_carnet_ok(answer(&t, 3), &t.err);
    driver_hears(&t.d, "530300 6102");
    driver_hears(&t.d, "0000 9000");
    assert_int_equal(t.link.traffic.messages_sent, 2);
    assert_int_equal(t.link.traffic.messages_received, 2);
    assert_int_equal(t.link.traffic.units_received, 4);
    assert_int_equal(t.link.traffic.units_sent, 4);
    assert_int_equal(t.link.traffic.octets_received, 7 + 9 + 11 + 5);
    assert_int_equal(t.link.traffic.octets_sent, 2 + 6 + 5 + 4);
    assert_true(t.told > 4);
    finish(&t);
}

/* What a reader says after SELECT; the card has answered a message when `answered` octets are not 0. */
static const struct {
    const char *what, *says[3];
    carnet_rc rc;
    const char *reason, *hears;
} cases[] = {
    { "nothing", { NULL }, CARNET_E_LINK_TIMEOUT, "", NULL },
    { "something unknown before the first message", { "00b0000002" }, CARNET_E_LINK_TIMEOUT, "", "6d00" },
    { "SELECT once more before the first message", { SELECT_TRANSFER }, CARNET_E_LINK_TIMEOUT, "", "9000" },
    { "the field goes", { "00" }, CARNET_E_LINK_LOST, "field off", NULL },
    { "the card is reset", { "02" }, CARNET_E_LINK_LOST, "field off", NULL },
    { "half a message", { "10c3000003 5303aa" }, CARNET_E_LINK_TIMEOUT, "", "9000" },
    { "the field goes in a message", { "10c3000003 5303aa", "00" }, CARNET_E_LINK_LOST, "field off", "9000" },
    { "the reader starts anew in a message",
      { "10c3000003 5303aa", SELECT_TRANSFER },
      CARNET_E_LINK_LOST,
      "anew",
      "9000" },
    { "a part twice", { "10c3000003 5303aa", "10c3000003 5303aa" }, CARNET_E_LINK_PROTOCOL, "follow", "9000" },
    { "a part left out", { "10c3000003 5303aa", "00c3000001 cc 00" }, CARNET_E_LINK_PROTOCOL, "too early", "9000" },
    { "a message too long", { "10c3000003 5381c9" }, CARNET_E_LINK_TOO_LONG, "", "6a84" },
    { "another instruction in a message", { "10c3000003 5303aa", "00b0000002" }, CARNET_E_LINK_PROTOCOL, "", "9000" },
    { "the tag in a message", { "10c3000003 5303aa", SELECT_TAG }, CARNET_E_LINK_PROTOCOL, "not found", "9000" },
};

static void
says_what_ended_the_link(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        transfer t;
        carnet_rc rc;

        begin(&t);
        for (size_t j = 0; j < 3 && cases[i].says[j] != NULL; j++) {
            driver_say(&t.d, cases[i].says[j]);
        }
        rc = receive(&t);
        if (rc != cases[i].rc || strstr(t.err.reason, cases[i].reason) == NULL) {
            fail_msg("%s: %s, %s", cases[i].what, carnet_rc_name(rc), t.err.reason);
        }
        driver_hears(&t.d, cases[i].hears);
        if (rc == CARNET_E_LINK_TIMEOUT) {
            driver_leave(&t.d);
            assert_carnet_rc(receive(&t), CARNET_E_LINK_LOST);
        } else {
            assert_carnet_rc(receive(&t), CARNET_E_LINK_CLOSED);
            assert_carnet_rc(answer(&t, 1), CARNET_E_LINK_CLOSED);
        }
        finish(&t);
    }
}

/* The same between a message and the end of its answer. */
static const struct {
    const char *what, *before, *after; /* the answer's first part */
    carnet_rc rc;
    const char *reason;
} answers[] = {
    { "the field goes while the holder decides", "00", NULL, CARNET_E_LINK_LOST, "field off" },
    { "a command while the holder decides", "00c0000000", NULL, CARNET_E_LINK_PROTOCOL, "before the answer" },
    { "the field goes in the answer", NULL, "00", CARNET_E_LINK_LOST, "field off" },
    { "the reader starts anew in the answer", NULL, SELECT_TRANSFER, CARNET_E_LINK_LOST, "anew" },
    { "the next message before the end of the answer", NULL, MESSAGE, CARNET_E_LINK_PROTOCOL, "before the answer" },
    { "something unknown in the answer", NULL, "00b0000002", CARNET_E_LINK_PROTOCOL, "instruction" },
    { "the rest is not asked for", NULL, NULL, CARNET_E_LINK_TIMEOUT, "" },
};

static void
says_what_ended_an_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(answers); i++) {
        transfer t;
        carnet_rc rc;

        begin(&t);
        driver_say(&t.d, MESSAGE);
        assert_carnet_ok(receive(&t), &t.err);
        if (answers[i].before != NULL) {
            driver_say(&t.d, answers[i].before);
        }
        t.next = answers[i].after;
        rc = answer(&t, 300);
        if (rc != answers[i].rc || strstr(t.err.reason, answers[i].reason) == NULL) {
            fail_msg("%s: %s, %s", answers[i].what, carnet_rc_name(rc), t.err.reason);
        }
        assert_carnet_rc(answer(&t, 1), CARNET_E_LINK_CLOSED);
        finish(&t);
    }
}

static void
ends_without_an_answer_and_says_nothing_more(void **state)
{
    transfer t;

    (void)state;
    begin(&t);
    driver_say(&t.d, MESSAGE);
    assert_carnet_ok(receive(&t), &t.err);
    carnet_link_end(&t.link, 100);
    driver_hears(&t.d, "9000");
    carnet_link_end(&t.link, 100);
    driver_hears(&t.d, NULL);
    assert_carnet_rc(receive(&t), CARNET_E_LINK_CLOSED);
    finish(&t);
    begin(&t); /* closing does the same for a reader that waits, and lets it let go first */
    driver_say(&t.d, MESSAGE);
    assert_carnet_ok(receive(&t), &t.err);
    carnet_link_close(&t.link);
    driver_hears(&t.d, "9000");
    driver_finish(&t.d);
}

static void
refuses_what_does_not_fit_the_caller(void **state)
{
    transfer t;

    (void)state;
    begin(&t);
    driver_say(&t.d, MESSAGE);
    t.got = carnet_buf_of(t.room, 2);
    assert_carnet_rc(carnet_link_receive(&t.link, &t.got, 20, &t.err), CARNET_E_LINK_TOO_LONG);
    assert_int_equal(t.got.len, 0);
    finish(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carries_messages_and_counts_them),
        cmocka_unit_test(says_what_ended_the_link),
        cmocka_unit_test(says_what_ended_an_answer),
        cmocka_unit_test(ends_without_an_answer_and_says_nothing_more),
        cmocka_unit_test(refuses_what_does_not_fit_the_caller),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
