/* SPDX-License-Identifier: Apache-2.0 */
/* A peer, or the air, that does not do what it should, at every event of a session: both sides name what ended it, no
 * message but what was sent is taken for whole unnoticed, and nothing of it stays. */
#include "pair.h"
#include "support/support.h"

#include <string.h>

#define REQUEST 300
#define ANSWER  2200

static uint8_t content[ANSWER];
static pair joined;

static int
fill(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(content); i++) {
        content[i] = (uint8_t)(i * 31 + i / 256 + 1);
    }
    return 0;
}

/** Take a message; true if it is the one that was sent, false if none came.  `garbled`: it was another. */
static bool
took(carnet_ble *ble, carnet_span sent, bool *garbled)
{
    carnet_span came;

    if (!carnet_ble_receive(ble, &came)) {
        return false;
    }
    if (!carnet_span_equal(came, sent)) {
        *garbled = true;
        return false;
    }
    return true;
}

/** What became of a session. */
typedef struct outcome {
    bool asked, answered, garbled;
} outcome;

static outcome
play(void)
{
    carnet_ble *mdoc = pair_mdoc(&joined), *reader = pair_reader(&joined);
    carnet_span request = carnet_span_of(content, REQUEST), answer = carnet_span_of(content, ANSWER);
    outcome o = { 0 };

    (void)carnet_ble_send(reader, request, NULL);
    pair_pump(&joined);
    o.asked = took(mdoc, request, &o.garbled);
    if (o.asked) {
        (void)carnet_ble_send(mdoc, answer, NULL);
        pair_pump(&joined);
        o.answered = took(reader, answer, &o.garbled);
    }
    carnet_ble_end(reader);
    pair_run_out(&joined);
    return o;
}

static void
assert_named(const carnet_ble *ble)
{
    assert_int_equal(ble->phase, CARNET_BLE_OVER);
    assert_int_not_equal(ble->rc, CARNET_OK);
    assert_non_null(ble->reason);
    assert_true(strlen(ble->reason) > 10);
    assert_false(ble->sending);
    assert_int_equal(ble->in.current, 0);
}

static void
assert_zero(const uint8_t *ptr, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (ptr[i] != 0) {
            fail_msg("octet %zu of %zu is left", i, len);
        }
    }
}

static void
assert_nothing_stays(void)
{
    carnet_ble_done(&joined.client);
    carnet_ble_done(&joined.server);
    assert_zero((const uint8_t *)&joined.client, sizeof(joined.client));
    assert_zero((const uint8_t *)&joined.server, sizeof(joined.server));
    assert_zero(joined.client_storage, sizeof(joined.client_storage));
    assert_zero(joined.server_storage, sizeof(joined.server_storage));
}

static unsigned
events_of(size_t way)
{
    outcome o;

    pair_init_way(&joined, way, FAULT_NONE, 0);
    o = play();
    assert_true(o.asked && o.answered && !o.garbled);
    return joined.events;
}

/** At this layer a part more or less is not seen: the session's seal is there for that. */
static bool
may_garble(pair_fault fault)
{
    return fault == FAULT_DROP || fault == FAULT_REPEAT || fault == FAULT_TRUNCATE || fault == FAULT_REORDER;
}

static void
names_what_ended_it_on_both_sides_whatever_goes_wrong_at_any_event(void **state)
{
    unsigned played = 0;

    (void)state;
    for (size_t way = 0; way < PAIR_WAYS; way++) {
        unsigned events = events_of(way);

        assert_true(events > 10);
        for (pair_fault fault = FAULT_LOSE; fault < PAIR_FAULTS; fault++) {
            for (unsigned at = 1; at <= events; at++, played++) {
                outcome o;

                pair_init_way(&joined, way, fault, at);
                o = play();
                assert_true(!o.garbled || may_garble(fault));
                assert_named(&joined.client);
                assert_named(&joined.server);
                assert_false(joined.client.connected || joined.server.connected);
                assert_nothing_stays();
            }
        }
    }
    assert_true(played > 1000);
}

static void
connects_again_when_lost_before_the_session_and_not_after(void **state)
{
    (void)state;
    for (size_t way = 0; way < PAIR_WAYS; way++) {
        unsigned events = events_of(way), again = 0, lost = 0;

        for (unsigned at = 1; at <= events; at++) {
            outcome o;

            pair_init_way(&joined, way, FAULT_LOSE, at);
            o = play();
            again += o.answered && joined.connections == 2;
            lost += joined.client.rc == CARNET_E_LINK_LOST && joined.server.rc == CARNET_E_LINK_LOST;
            /* a side for which the session had begun takes no part in another connection */
            assert_true(o.answered || joined.client.rc == CARNET_E_LINK_LOST || joined.server.rc == CARNET_E_LINK_LOST);
            assert_true(joined.connections == 1 || o.answered || joined.server.rc == CARNET_E_LINK_LOST);
        }
        assert_true(again >= 1 && lost >= 10);
    }
}

static void
gives_up_after_the_attempts_it_has(void **state)
{
    (void)state;
    for (uint8_t attempts = 1; attempts < 6; attempts++) {
        carnet_ble_parameters p = { .mode = CARNET_BLE_CENTRAL_CLIENT, .attempts = attempts == 5 ? 0 : attempts };
        const carnet_ble_event failed = { .kind = CARNET_BLE_ON_FAILED };
        unsigned tried = 0;
        carnet_ble ble;

        carnet_ble_init(&ble, &p, content, 0);
        while (carnet_ble_next(&ble).kind == CARNET_BLE_DO_CONNECT) {
            tried++;
            (void)carnet_ble_feed(&ble, &failed, NULL);
        }
        assert_int_equal(tried, attempts == 5 ? 3 : attempts);
        assert_int_equal(ble.rc, CARNET_E_LINK_LOST);
    }
}

static void
does_not_look_at_what_comes_after_the_end(void **state)
{
    static const uint8_t part[] = { 0, 'l', 'a', 't', 'e' };

    (void)state;
    for (size_t way = 0; way < PAIR_WAYS; way++) {
        carnet_span came;

        pair_init_way(&joined, way, FAULT_NONE, 0);
        (void)play();
        for (unsigned i = 0; i < 2; i++) {
            carnet_ble *ble = i == 0 ? &joined.client : &joined.server;
            carnet_rc rc = ble->rc;

            for (carnet_ble_event_kind kind = CARNET_BLE_ON_CONNECTED; kind <= CARNET_BLE_ON_TIMER; kind++) {
                for (unsigned c = 0; c < CARNET_BLE_CHARACTERISTICS; c++) {
                    const carnet_ble_event late = { kind, (carnet_ble_characteristic)c, 23, { part, sizeof(part) } };

                    assert_carnet_rc(carnet_ble_feed(ble, &late, NULL), rc);
                    assert_false(carnet_ble_receive(ble, &came));
                }
            }
            assert_true(ble->odd & CARNET_BLE_ODD_AFTER_END);
            assert_carnet_rc(carnet_ble_send(ble, carnet_span_of(content, 1), NULL), rc);
        }
        pair_run_out(&joined);
        assert_nothing_stays();
    }
}

static void
takes_down_a_connection_that_comes_after_the_deadline(void **state)
{
    carnet_ble_parameters p = { .mode = CARNET_BLE_CENTRAL_CLIENT };
    carnet_ble ble;

    (void)state;
    carnet_ble_init(&ble, &p, content, 0);
    assert_int_equal(carnet_ble_next(&ble).kind, CARNET_BLE_DO_CONNECT);
    assert_carnet_rc(carnet_ble_feed(&ble, &(carnet_ble_event){ .kind = CARNET_BLE_ON_TIMER }, NULL),
                     CARNET_E_LINK_TIMEOUT);
    assert_int_equal(carnet_ble_next(&ble).kind, CARNET_BLE_DO_NOTHING);
    (void)carnet_ble_feed(&ble, &(carnet_ble_event){ .kind = CARNET_BLE_ON_CONNECTED }, NULL);
    assert_int_equal(carnet_ble_next(&ble).kind, CARNET_BLE_DO_DISCONNECT);
    assert_int_equal(carnet_ble_next(&ble).kind, CARNET_BLE_DO_NOTHING);
}

static void
refuses_a_message_longer_than_its_storage_and_says_so_to_the_peer(void **state)
{
    (void)state;
    for (size_t way = 0; way < PAIR_WAYS; way++) {
        carnet_span came;

        pair_init_way(&joined, way, FAULT_NONE, 0);
        joined.capacity = REQUEST - 1;
        pair_begin(&joined);
        (void)carnet_ble_send(pair_reader(&joined), carnet_span_of(content, REQUEST), NULL);
        pair_run_out(&joined);
        assert_int_equal(pair_mdoc(&joined)->rc, CARNET_E_LINK_TOO_LONG);
        assert_true(pair_reader(&joined)->rc == CARNET_E_LINK_CLOSED || pair_reader(&joined)->rc == CARNET_E_LINK_LOST);
        assert_false(carnet_ble_receive(pair_mdoc(&joined), &came));
        joined.capacity = REQUEST;
        pair_begin(&joined);
        (void)carnet_ble_send(pair_reader(&joined), carnet_span_of(content, REQUEST), NULL);
        pair_pump(&joined);
        assert_true(carnet_ble_receive(pair_mdoc(&joined), &came));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_what_ended_it_on_both_sides_whatever_goes_wrong_at_any_event),
        cmocka_unit_test(connects_again_when_lost_before_the_session_and_not_after),
        cmocka_unit_test(gives_up_after_the_attempts_it_has),
        cmocka_unit_test(does_not_look_at_what_comes_after_the_end),
        cmocka_unit_test(takes_down_a_connection_that_comes_after_the_deadline),
        cmocka_unit_test(refuses_a_message_longer_than_its_storage_and_says_so_to_the_peer),
    };

    return cmocka_run_group_tests(tests, fill, NULL);
}
