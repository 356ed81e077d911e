/* SPDX-License-Identifier: Apache-2.0 */
/* Two links in one process, and what may befall a message between them. */
#include "carnet/link_memory.h"
#include "support/support.h"

#include <pthread.h>

typedef struct ends {
    carnet_link a, b;
    uint8_t room[64];
    carnet_buf got;
} ends;

static void
begin(ends *e, const carnet_link_fault *faults, size_t count)
{
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_link_memory_pair(&e->a, &e->b, &err), &err);
    assert_carnet_ok(carnet_link_memory_faults(&e->a, faults, count, &err), &err);
}

static void
finish(ends *e)
{
    carnet_link_close(&e->a);
    carnet_link_close(&e->b);
}

static carnet_rc
say(carnet_link *link, const char *text)
{
    return carnet_link_send(link, carnet_str_bytes(carnet_str_of(text)), 0, NULL);
}

static carnet_rc
hear(ends *e, carnet_link *link, int timeout_ms)
{
    e->got = carnet_buf_of(e->room, sizeof(e->room));
    return carnet_link_receive(link, &e->got, timeout_ms, NULL);
}

static void
assert_hears(ends *e, carnet_link *link, const char *text)
{
    assert_carnet_rc(hear(e, link, 0), CARNET_OK);
    assert_str_is(carnet_buf_str(&e->got), text);
}

static void
carries_messages_both_ways_in_order(void **state)
{
    ends e;

    (void)state;
    begin(&e, NULL, 0);
    assert_carnet_rc(say(&e.a, "one"), CARNET_OK);
    assert_carnet_rc(say(&e.a, ""), CARNET_OK);
    assert_carnet_rc(say(&e.b, "back"), CARNET_OK);
    assert_hears(&e, &e.b, "one");
    assert_hears(&e, &e.b, "");
    assert_carnet_rc(hear(&e, &e.b, 0), CARNET_E_LINK_TIMEOUT);
    assert_hears(&e, &e.a, "back");
    assert_int_equal(e.a.traffic.messages_sent, 2);
    assert_int_equal(e.a.traffic.octets_sent, 3);
    assert_int_equal(e.a.traffic.messages_received, 1);
    assert_int_equal(e.b.traffic.octets_received, 3);
    finish(&e);
}

static void
what_was_sent_before_the_close_still_arrives(void **state)
{
    ends e;

    (void)state;
    begin(&e, NULL, 0);
    assert_carnet_rc(say(&e.a, "last"), CARNET_OK);
    carnet_link_close(&e.a);
    assert_carnet_rc(say(&e.a, "more"), CARNET_E_LINK_CLOSED);
    assert_hears(&e, &e.b, "last");
    assert_carnet_rc(hear(&e, &e.b, 1000), CARNET_E_LINK_CLOSED);
    assert_carnet_rc(say(&e.b, "answer"), CARNET_E_LINK_CLOSED);
    finish(&e);
}

/* "m0", "m1", "m2" are sent and the end closed; the peer gets these. */
static const struct {
    const char *what;
    carnet_link_fault fault;
    const char *got[5];
} cases[] = {
    { "nothing", { CARNET_LINK_FAULT_NONE, 1, 0 }, { "m0", "m1", "m2" } },
    { "dropped", { CARNET_LINK_FAULT_DROP, 1, 0 }, { "m0", "m2" } },
    { "repeated", { CARNET_LINK_FAULT_REPEAT, 1, 0 }, { "m0", "m1", "m1", "m2" } },
    { "cut to one octet", { CARNET_LINK_FAULT_TRUNCATE, 1, 1 }, { "m0", "m", "m2" } },
    { "cut to more than it has", { CARNET_LINK_FAULT_TRUNCATE, 1, 9 }, { "m0", "m1", "m2" } },
    { "altered", { CARNET_LINK_FAULT_ALTER, 1, 1 }, { "m0", "m0", "m2" } },
    { "altered at its end", { CARNET_LINK_FAULT_ALTER, 2, 99 }, { "m0", "m1", "m3" } },
    { "overtaken", { CARNET_LINK_FAULT_REORDER, 0, 0 }, { "m1", "m0", "m2" } },
    { "overtaken by the close", { CARNET_LINK_FAULT_REORDER, 2, 0 }, { "m0", "m1", "m2" } },
    { "of a message never sent", { CARNET_LINK_FAULT_DROP, 3, 0 }, { "m0", "m1", "m2" } },
};

static void
each_fault_does_what_it_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        ends e;

        begin(&e, &cases[i].fault, 1);
        assert_carnet_rc(say(&e.a, "m0"), CARNET_OK);
        assert_carnet_rc(say(&e.a, "m1"), CARNET_OK);
        assert_carnet_rc(say(&e.a, "m2"), CARNET_OK);
        carnet_link_close(&e.a);
        for (size_t n = 0; n < CARNET_COUNT(cases[i].got) && cases[i].got[n] != NULL; n++) {
            assert_hears(&e, &e.b, cases[i].got[n]);
        }
        assert_carnet_rc(hear(&e, &e.b, 0), CARNET_E_LINK_CLOSED);
        finish(&e);
    }
}

static void
a_message_held_back_waits_for_the_next(void **state)
{
    static const carnet_link_fault fault = { CARNET_LINK_FAULT_REORDER, 0, 0 };
    ends e;

    (void)state;
    begin(&e, &fault, 1);
    assert_carnet_rc(say(&e.a, "early"), CARNET_OK);
    assert_carnet_rc(hear(&e, &e.b, 0), CARNET_E_LINK_TIMEOUT);
    finish(&e); /* and is not leaked */
}

static void
a_late_message_keeps_later_ones_waiting(void **state)
{
    static const carnet_link_fault fault = { CARNET_LINK_FAULT_DELAY, 0, 300 };
    ends e;

    (void)state;
    begin(&e, &fault, 1);
    assert_carnet_rc(say(&e.a, "late"), CARNET_OK);
    assert_carnet_rc(say(&e.a, "later"), CARNET_OK);
    assert_carnet_rc(hear(&e, &e.b, 0), CARNET_E_LINK_TIMEOUT);
    assert_carnet_rc(hear(&e, &e.b, 10000), CARNET_OK);
    assert_str_is(carnet_buf_str(&e.got), "late");
    assert_hears(&e, &e.b, "later");
    finish(&e);
}

static void
a_new_list_lets_go_what_is_late_or_held_back(void **state)
{
    static const carnet_link_fault faults[] = { { CARNET_LINK_FAULT_DELAY, 0, 3600000 },
                                                { CARNET_LINK_FAULT_REORDER, 1, 0 } };
    ends e;

    (void)state;
    begin(&e, faults, CARNET_COUNT(faults));
    assert_carnet_rc(say(&e.a, "late"), CARNET_OK);
    assert_carnet_rc(say(&e.a, "held"), CARNET_OK);
    assert_carnet_rc(hear(&e, &e.b, 0), CARNET_E_LINK_TIMEOUT);
    assert_carnet_rc(carnet_link_memory_faults(&e.a, NULL, 0, NULL), CARNET_OK);
    assert_hears(&e, &e.b, "late");
    assert_hears(&e, &e.b, "held");
    finish(&e);
}

static void
a_break_is_told_to_both_ends_and_stays(void **state)
{
    static const carnet_link_fault fault = { CARNET_LINK_FAULT_CLOSE, 1, 0 };
    ends e;

    (void)state;
    begin(&e, &fault, 1);
    assert_carnet_rc(say(&e.a, "arrives"), CARNET_OK);
    assert_carnet_rc(say(&e.a, "does not"), CARNET_E_LINK_LOST);
    assert_carnet_rc(say(&e.a, "nor this"), CARNET_E_LINK_LOST);
    assert_hears(&e, &e.b, "arrives");
    assert_carnet_rc(hear(&e, &e.b, 1000), CARNET_E_LINK_LOST);
    assert_carnet_rc(say(&e.b, "no answer"), CARNET_E_LINK_LOST);
    assert_carnet_rc(hear(&e, &e.a, 1000), CARNET_E_LINK_LOST);
    finish(&e);
}

static void
refuses_what_does_not_fit_and_a_queue_without_end(void **state)
{
    static uint8_t large[CARNET_LINK_MEMORY_MAX + 1];
    carnet_link other = { 0 };
    ends e;

    (void)state;
    begin(&e, NULL, 0);
    assert_carnet_rc(carnet_link_send(&e.a, carnet_span_of(large, 65), 0, NULL), CARNET_OK);
    assert_carnet_rc(hear(&e, &e.b, 0), CARNET_E_LINK_TOO_LONG);
    assert_int_equal(e.got.len, 0);
    assert_carnet_rc(carnet_link_send(&e.a, carnet_span_of(large, sizeof(large)), 0, NULL), CARNET_E_LINK_TOO_LONG);
    for (int i = 1; i < CARNET_LINK_MEMORY_QUEUE; i++) {
        assert_carnet_rc(say(&e.a, "x"), CARNET_OK);
    }
    assert_carnet_rc(say(&e.a, "x"), CARNET_E_LINK_IO);
    assert_carnet_rc(carnet_link_memory_faults(&other, NULL, 0, NULL), CARNET_E_USAGE);
    finish(&e);
}

#define ROUNDS 2000

static void *
echo(void *context)
{
    carnet_link *link = context;
    uint8_t room[64];
    carnet_rc rc = CARNET_OK;

    while (rc == CARNET_OK) {
        carnet_buf got = carnet_buf_of(room, sizeof(room));

        rc = carnet_link_receive(link, &got, 10000, NULL);
        if (rc == CARNET_OK) {
            rc = carnet_link_send(link, carnet_buf_span(&got), 10000, NULL);
        }
    }
    carnet_link_close(link);
    return rc == CARNET_E_LINK_CLOSED ? context : NULL;
}

static void
serves_two_threads(void **state)
{
    ends e;
    pthread_t thread;
    void *result = NULL;

    (void)state;
    begin(&e, NULL, 0);
    assert_int_equal(pthread_create(&thread, NULL, echo, &e.b), 0);
    for (int i = 0; i < ROUNDS; i++) {
        assert_carnet_rc(say(&e.a, i % 2 == 0 ? "even" : "odd"), CARNET_OK);
        assert_carnet_rc(hear(&e, &e.a, 10000), CARNET_OK);
        assert_str_is(carnet_buf_str(&e.got), i % 2 == 0 ? "even" : "odd");
    }
    carnet_link_close(&e.a);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, &e.b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carries_messages_both_ways_in_order),
        cmocka_unit_test(what_was_sent_before_the_close_still_arrives),
        cmocka_unit_test(each_fault_does_what_it_says),
        cmocka_unit_test(a_message_held_back_waits_for_the_next),
        cmocka_unit_test(a_late_message_keeps_later_ones_waiting),
        cmocka_unit_test(a_new_list_lets_go_what_is_late_or_held_back),
        cmocka_unit_test(a_break_is_told_to_both_ends_and_stays),
        cmocka_unit_test(refuses_what_does_not_fit_and_a_queue_without_end),
        cmocka_unit_test(serves_two_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
