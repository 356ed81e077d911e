/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a connection: sign-on, key change, echo, silence, and the end. */
#include "carnet/matching.h"
#include "support/support.h"

enum { ECHO = 1000, ANSWER = 100, RETRY = 500 };

static const carnet_keeping_config whole = {
    .echo_ms = ECHO, .answer_ms = ANSWER, .retry_ms = RETRY, .echoes = 2, .sign_on = true, .key_change = true
};

static carnet_keeping
begin(bool sign_on, bool key_change, int64_t now)
{
    carnet_keeping_config config = whole;
    carnet_keeping k;

    config.sign_on = sign_on;
    config.key_change = key_change;
    carnet_keeping_init(&k, &config);
    carnet_keeping_connected(&k, now);
    return k;
}

/* One that is up, and was heard at `now`. */
static carnet_keeping
begin_up(int64_t now)
{
    return begin(false, false, now);
}

#define assert_next(k, now, act) assert_int_equal(carnet_keeping_next((k), (now)), (act))

static void
nothing_is_due_before_there_is_a_connection(void **state)
{
    carnet_keeping k;

    (void)state;
    carnet_keeping_init(&k, &whole);
    assert_int_equal(k.state, CARNET_KEEPING_DOWN);
    assert_next(&k, 1000000, CARNET_KEEPING_NOTHING);
    assert_int_equal(carnet_keeping_due(&k), INT64_MAX);
    carnet_keeping_answered(&k, CARNET_KEEPING_SIGN_ON, true, 5);
    carnet_keeping_signed_off(&k, 5);
    assert_int_equal(k.state, CARNET_KEEPING_DOWN);
}

static void
zeros_stand_for_the_defaults(void **state)
{
    const carnet_keeping_config config = { .sign_on = true };
    carnet_keeping k;

    (void)state;
    carnet_keeping_init(&k, &config);
    carnet_keeping_connected(&k, 0);
    assert_next(&k, 0, CARNET_KEEPING_SIGN_ON);
    assert_int_equal(carnet_keeping_due(&k), 10000);
    carnet_keeping_answered(&k, CARNET_KEEPING_SIGN_ON, false, 0);
    assert_int_equal(carnet_keeping_due(&k), 5000);
    assert_next(&k, 5000, CARNET_KEEPING_SIGN_ON);
    carnet_keeping_answered(&k, CARNET_KEEPING_SIGN_ON, true, 5001);
    assert_int_equal(k.state, CARNET_KEEPING_UP);
    assert_int_equal(carnet_keeping_due(&k), INT64_MAX);
    assert_next(&k, INT64_MAX / 2, CARNET_KEEPING_NOTHING); /* no echo was asked for */
}

static void
without_sign_on_it_is_up_at_once(void **state)
{
    carnet_keeping k = begin_up(50);

    (void)state;
    assert_int_equal(k.state, CARNET_KEEPING_UP);
    assert_next(&k, 50, CARNET_KEEPING_NOTHING);
    assert_int_equal(carnet_keeping_due(&k), 50 + ECHO);
}

static void
signs_on_then_changes_the_key_then_is_up(void **state)
{
    carnet_keeping k = begin(true, true, 50);

    (void)state;
    assert_int_equal(k.state, CARNET_KEEPING_SIGNING_ON);
    assert_next(&k, 50, CARNET_KEEPING_SIGN_ON);
    assert_next(&k, 50, CARNET_KEEPING_NOTHING);
    assert_int_equal(carnet_keeping_due(&k), 50 + ANSWER);
    carnet_keeping_answered(&k, CARNET_KEEPING_SIGN_ON, true, 60);
    assert_int_equal(k.state, CARNET_KEEPING_CHANGING);
    assert_int_equal(carnet_keeping_due(&k), 60);
    assert_next(&k, 60, CARNET_KEEPING_KEY_CHANGE);
    assert_next(&k, 61, CARNET_KEEPING_NOTHING);
    carnet_keeping_answered(&k, CARNET_KEEPING_KEY_CHANGE, true, 70);
    assert_int_equal(k.state, CARNET_KEEPING_UP);
}

static void
a_refusal_is_tried_again_after_a_while(void **state)
{
    carnet_keeping k = begin(true, true, 0);

    (void)state;
    for (int64_t now = 0; now < 20 * RETRY; now += RETRY) { /* refusals are no silence: it goes on for ever */
        assert_next(&k, now, CARNET_KEEPING_SIGN_ON);
        carnet_keeping_heard(&k, now);
        carnet_keeping_answered(&k, CARNET_KEEPING_SIGN_ON, false, now);
        assert_int_equal(k.state, CARNET_KEEPING_SIGNING_ON);
        assert_int_equal(carnet_keeping_due(&k), now + RETRY);
        assert_next(&k, now + RETRY - 1, CARNET_KEEPING_NOTHING);
    }
    assert_next(&k, 20 * RETRY, CARNET_KEEPING_SIGN_ON);
    carnet_keeping_answered(&k, CARNET_KEEPING_SIGN_ON, true, 20 * RETRY);
    assert_next(&k, 20 * RETRY, CARNET_KEEPING_KEY_CHANGE);
    carnet_keeping_answered(&k, CARNET_KEEPING_KEY_CHANGE, false, 20 * RETRY);
    assert_int_equal(k.state, CARNET_KEEPING_CHANGING);
    assert_next(&k, 21 * RETRY - 1, CARNET_KEEPING_NOTHING);
    assert_next(&k, 21 * RETRY, CARNET_KEEPING_KEY_CHANGE);
}

/* Whatever it asks, it asks it as often as echoes may be missed, and then ends. */
static void
silence_ends_the_connection_in_every_state(void **state)
{
    static const struct {
        bool sign_on, key_change;
        carnet_keeping_act act;
        int64_t first;
    } rows[] = { { true, true, CARNET_KEEPING_SIGN_ON, 0 },
                 { false, true, CARNET_KEEPING_KEY_CHANGE, 0 },
                 { false, false, CARNET_KEEPING_ECHO, ECHO } };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        carnet_keeping k = begin(rows[i].sign_on, rows[i].key_change, 0);
        const int64_t at = rows[i].first;

        if (at != 0)
            assert_next(&k, at - 1, CARNET_KEEPING_NOTHING);
        assert_next(&k, at, rows[i].act);
        assert_next(&k, at + ANSWER - 1, CARNET_KEEPING_NOTHING);
        assert_next(&k, at + ANSWER, rows[i].act);
        assert_int_equal(carnet_keeping_due(&k), at + 2 * ANSWER);
        assert_next(&k, at + 2 * ANSWER - 1, CARNET_KEEPING_NOTHING);
        assert_next(&k, at + 2 * ANSWER, CARNET_KEEPING_CLOSE);
        carnet_keeping_lost(&k);
        assert_next(&k, at + 3 * ANSWER, CARNET_KEEPING_NOTHING);
        assert_int_equal(carnet_keeping_due(&k), INT64_MAX);
    }
}

static void
an_answered_echo_starts_the_idle_time_anew(void **state)
{
    carnet_keeping k = begin_up(0);

    (void)state;
    assert_next(&k, ECHO, CARNET_KEEPING_ECHO);
    carnet_keeping_heard(&k, ECHO + 10);
    carnet_keeping_answered(&k, CARNET_KEEPING_ECHO, true, ECHO + 10);
    assert_int_equal(carnet_keeping_due(&k), 2 * ECHO + 10);
    assert_next(&k, 2 * ECHO + 9, CARNET_KEEPING_NOTHING);
    assert_next(&k, 2 * ECHO + 10, CARNET_KEEPING_ECHO);
}

static void
an_echo_that_is_refused_was_heard_all_the_same(void **state)
{
    carnet_keeping k = begin_up(0);

    (void)state;
    assert_next(&k, ECHO, CARNET_KEEPING_ECHO);
    carnet_keeping_heard(&k, ECHO + 10);
    carnet_keeping_answered(&k, CARNET_KEEPING_ECHO, false, ECHO + 10);
    assert_int_equal(k.state, CARNET_KEEPING_UP);
    assert_int_equal(carnet_keeping_due(&k), 2 * ECHO + 10);
}

static void
traffic_makes_echoes_unnecessary(void **state)
{
    carnet_keeping k = begin_up(0);

    (void)state;
    for (int64_t now = 0; now < 10 * ECHO; now += ECHO - 1) {
        carnet_keeping_heard(&k, now);
        assert_next(&k, now, CARNET_KEEPING_NOTHING);
        assert_int_equal(carnet_keeping_due(&k), now + ECHO);
    }
}

static void
anything_heard_forgives_a_missed_echo(void **state)
{
    carnet_keeping k = begin_up(0);

    (void)state;
    assert_next(&k, ECHO, CARNET_KEEPING_ECHO);
    assert_next(&k, ECHO + ANSWER, CARNET_KEEPING_ECHO);
    carnet_keeping_heard(&k, ECHO + ANSWER + 1); /* some 0210, and the echo's answer never */
    assert_int_equal(k.silent, 0);
    assert_next(&k, ECHO + 2 * ANSWER, CARNET_KEEPING_ECHO);
    assert_next(&k, ECHO + 3 * ANSWER, CARNET_KEEPING_CLOSE);
}

static void
an_answer_to_nothing_that_was_asked_changes_nothing(void **state)
{
    carnet_keeping k = begin(true, false, 0);

    (void)state;
    carnet_keeping_answered(&k, CARNET_KEEPING_SIGN_ON, true, 0); /* before it was asked */
    assert_int_equal(k.state, CARNET_KEEPING_SIGNING_ON);
    assert_next(&k, 0, CARNET_KEEPING_SIGN_ON);
    carnet_keeping_answered(&k, CARNET_KEEPING_ECHO, true, 1);
    carnet_keeping_answered(&k, CARNET_KEEPING_KEY_CHANGE, true, 1);
    assert_int_equal(k.state, CARNET_KEEPING_SIGNING_ON);
    assert_int_equal(k.asked, CARNET_KEEPING_SIGN_ON);
    carnet_keeping_lost(&k);
    carnet_keeping_answered(&k, CARNET_KEEPING_SIGN_ON, true, 2);
    assert_int_equal(k.state, CARNET_KEEPING_DOWN);
}

static void
a_peer_that_signs_off_is_signed_on_to_again(void **state)
{
    carnet_keeping k = begin(true, false, 0), open = begin_up(0);

    (void)state;
    assert_next(&k, 0, CARNET_KEEPING_SIGN_ON);
    carnet_keeping_answered(&k, CARNET_KEEPING_SIGN_ON, true, 1);
    carnet_keeping_signed_off(&k, 100);
    assert_int_equal(k.state, CARNET_KEEPING_SIGNING_ON);
    assert_next(&k, 100 + RETRY - 1, CARNET_KEEPING_NOTHING);
    assert_next(&k, 100 + RETRY, CARNET_KEEPING_SIGN_ON);
    carnet_keeping_signed_off(&open, 100); /* where nobody signs on there is nothing to sign off */
    assert_int_equal(open.state, CARNET_KEEPING_UP);
}

static void
a_new_connection_forgets_the_old_ones_silence(void **state)
{
    carnet_keeping k = begin(true, false, 0);

    (void)state;
    assert_next(&k, 0, CARNET_KEEPING_SIGN_ON);
    assert_next(&k, ANSWER, CARNET_KEEPING_SIGN_ON);
    carnet_keeping_lost(&k);
    carnet_keeping_connected(&k, 5000);
    assert_int_equal(k.silent, 0);
    assert_int_equal(carnet_keeping_due(&k), 5000);
    assert_next(&k, 5000, CARNET_KEEPING_SIGN_ON);
    assert_next(&k, 5000 + ANSWER, CARNET_KEEPING_SIGN_ON);
}

/* It never wants to be asked earlier than it says, and always does when it says so. */
static void
says_itself_when_to_be_asked(void **state)
{
    carnet_keeping k = begin(true, true, 0);
    carnet_test_seed seed = { 70 };

    (void)state;
    for (unsigned i = 0; i < 2000 && k.state != CARNET_KEEPING_DOWN; i++) {
        const int64_t due = carnet_keeping_due(&k);
        const carnet_keeping_act asked = k.asked;
        carnet_keeping early = k;
        carnet_keeping_act act;

        assert_true(due != INT64_MAX);
        assert_next(&early, due - 1, CARNET_KEEPING_NOTHING);
        if (asked != CARNET_KEEPING_NOTHING && carnet_test_number(&seed) % 2 == 0) {
            carnet_keeping_heard(&k, due - 1);
            carnet_keeping_answered(&k, asked, carnet_test_number(&seed) % 2 == 0, due - 1);
            continue;
        }
        act = carnet_keeping_next(&k, due);
        assert_int_not_equal(act, CARNET_KEEPING_NOTHING);
        if (act == CARNET_KEEPING_CLOSE)
            carnet_keeping_connected(&k, due);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_due_before_there_is_a_connection),
        cmocka_unit_test(zeros_stand_for_the_defaults),
        cmocka_unit_test(without_sign_on_it_is_up_at_once),
        cmocka_unit_test(signs_on_then_changes_the_key_then_is_up),
        cmocka_unit_test(a_refusal_is_tried_again_after_a_while),
        cmocka_unit_test(silence_ends_the_connection_in_every_state),
        cmocka_unit_test(an_answered_echo_starts_the_idle_time_anew),
        cmocka_unit_test(an_echo_that_is_refused_was_heard_all_the_same),
        cmocka_unit_test(traffic_makes_echoes_unnecessary),
        cmocka_unit_test(anything_heard_forgives_a_missed_echo),
        cmocka_unit_test(an_answer_to_nothing_that_was_asked_changes_nothing),
        cmocka_unit_test(a_peer_that_signs_off_is_signed_on_to_again),
        cmocka_unit_test(a_new_connection_forgets_the_old_ones_silence),
        cmocka_unit_test(says_itself_when_to_be_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
