/* SPDX-License-Identifier: Apache-2.0 */
/* How long a session may wait, on a clock that the test sets. */
#include "carnet/session_timeouts.h"
#include "support/support.h"

#include <limits.h>

#define T0 INT64_C(1000000)

static carnet_session_timeouts
standard(void)
{
    carnet_session_timeouts t;

    assert_carnet_ok(carnet_session_timeouts_init(&t, NULL, NULL), NULL);
    return t;
}

/* Nothing has run out a millisecond before `limit`, and `what` has at it. */
static void
assert_runs_out(const carnet_session_timeouts *t, int64_t since, int limit, carnet_session_wait what)
{
    carnet_session_wait ran_out = CARNET_WAIT_POLL;
    carnet_err err = { 0 };

    assert_int_equal(carnet_session_timeouts_left(t, since), limit);
    assert_carnet_rc(carnet_session_timeouts_check(t, since + limit - 1, &ran_out, &err), CARNET_OK);
    assert_int_equal(ran_out, CARNET_WAIT_NOTHING);
    assert_int_equal(carnet_session_timeouts_left(t, since + limit - 1), 1);
    assert_carnet_rc(carnet_session_timeouts_check(t, since + limit, &ran_out, &err), CARNET_E_SESSION_TIMEOUT);
    assert_int_equal(ran_out, what);
    assert_non_null(err.clause);
    assert_true(err.reason[0] != '\0');
    assert_int_equal(carnet_session_timeouts_left(t, since + limit + 123456789), 0);
}

static void
each_step_has_the_standards_time(void **state)
{
    carnet_session_timeouts t = standard();

    (void)state;
    carnet_session_timeouts_begin(&t, T0);
    assert_runs_out(&t, T0, 30000, CARNET_WAIT_ENGAGEMENT);
    carnet_session_timeouts_engaged(&t, T0 + 29999);
    assert_runs_out(&t, T0 + 29999, 30000, CARNET_WAIT_ESTABLISHMENT);
    carnet_session_timeouts_message(&t, T0 + 50000);
    assert_runs_out(&t, T0 + 50000, 300000, CARNET_WAIT_MESSAGE);
    carnet_session_timeouts_message(&t, T0 + 349999);
    assert_runs_out(&t, T0 + 349999, 300000, CARNET_WAIT_MESSAGE);
    carnet_session_timeouts_poll(&t, T0 + 350000);
    assert_runs_out(&t, T0 + 350000, 120000, CARNET_WAIT_POLL);
    carnet_session_timeouts_message(&t, T0 + 400000);
    assert_runs_out(&t, T0 + 400000, 300000, CARNET_WAIT_MESSAGE);
}

static void
each_time_can_be_set(void **state)
{
    static const carnet_session_limits limits = { 31000, 62000, 301000, 5000, false };
    carnet_session_timeouts t;

    (void)state;
    assert_carnet_ok(carnet_session_timeouts_init(&t, &limits, NULL), NULL);
    carnet_session_timeouts_begin(&t, T0);
    assert_runs_out(&t, T0, 31000, CARNET_WAIT_ENGAGEMENT);
    carnet_session_timeouts_engaged(&t, T0);
    assert_runs_out(&t, T0, 62000, CARNET_WAIT_ESTABLISHMENT);
    carnet_session_timeouts_message(&t, T0);
    assert_runs_out(&t, T0, 301000, CARNET_WAIT_MESSAGE);
    carnet_session_timeouts_poll(&t, T0);
    assert_runs_out(&t, T0, 5000, CARNET_WAIT_POLL);
}

static void
refuses_less_than_the_standard_unless_asked_for(void **state)
{
    static const struct {
        carnet_session_limits limits;
        carnet_rc rc;
    } cases[] = {
        { { .engagement = 30000, .establishment = 30000, .idle = 300000, .poll = 1 }, CARNET_OK },
        { { .engagement = 29999 }, CARNET_E_USAGE },
        { { .establishment = 29999 }, CARNET_E_USAGE },
        { { .idle = 299999 }, CARNET_E_USAGE },
        { { .engagement = 1, .establishment = 1, .idle = 1, .below_standard = true }, CARNET_OK },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_session_timeouts t;
        carnet_err err = { 0 };

        assert_carnet_rc(carnet_session_timeouts_init(&t, &cases[i].limits, &err), cases[i].rc);
        if (cases[i].rc == CARNET_OK) {
            continue;
        }
        assert_non_null(err.clause);
        assert_int_equal(t.limits.idle, 0);
        assert_int_equal(t.wait, CARNET_WAIT_NOTHING);
    }
}

static void
a_long_poll_does_not_stop_the_sessions_time(void **state)
{
    static const carnet_session_limits limits = { .idle = 300000, .poll = 120000 };
    carnet_session_timeouts t;
    carnet_session_wait ran_out;

    (void)state;
    assert_carnet_ok(carnet_session_timeouts_init(&t, &limits, NULL), NULL);
    carnet_session_timeouts_message(&t, T0);
    for (int64_t at = T0; at < T0 + 240000; at += 60000) {
        carnet_session_timeouts_poll(&t, at); /* asked again before it ran out */
    }
    carnet_session_timeouts_poll(&t, T0 + 240000);
    assert_int_equal(carnet_session_timeouts_left(&t, T0 + 240000), 60000);
    assert_carnet_rc(carnet_session_timeouts_check(&t, T0 + 300000, &ran_out, NULL), CARNET_E_SESSION_TIMEOUT);
    assert_int_equal(ran_out, CARNET_WAIT_MESSAGE);
    t = standard();
    carnet_session_timeouts_poll(&t, T0); /* a poll before any message has all of its time */
    assert_int_equal(carnet_session_timeouts_left(&t, T0), 120000);
}

static void
nothing_runs_out_before_the_beginning_and_after_the_end(void **state)
{
    carnet_session_timeouts t = standard();

    (void)state;
    assert_int_equal(carnet_session_timeouts_left(&t, INT64_MAX), INT_MAX);
    assert_carnet_rc(carnet_session_timeouts_check(&t, INT64_MAX, NULL, NULL), CARNET_OK);
    carnet_session_timeouts_begin(&t, T0);
    carnet_session_timeouts_end(&t);
    assert_int_equal(carnet_session_timeouts_left(&t, INT64_MAX), INT_MAX);
    assert_carnet_rc(carnet_session_timeouts_check(&t, INT64_MAX, NULL, NULL), CARNET_OK);
}

static void
a_clock_that_goes_back_stands_still_and_no_time_overflows(void **state)
{
    carnet_session_timeouts t = standard();

    (void)state;
    carnet_session_timeouts_begin(&t, T0);
    assert_int_equal(carnet_session_timeouts_left(&t, T0 - 5000), 30000);
    assert_int_equal(carnet_session_timeouts_left(&t, INT64_MIN), 30000);
    carnet_session_timeouts_begin(&t, INT64_MIN);
    assert_int_equal(carnet_session_timeouts_left(&t, INT64_MAX), 0);
    carnet_session_timeouts_begin(&t, INT64_MIN + 1);
    assert_int_equal(carnet_session_timeouts_left(&t, INT64_MIN + 30000), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_has_the_standards_time),
        cmocka_unit_test(each_time_can_be_set),
        cmocka_unit_test(refuses_less_than_the_standard_unless_asked_for),
        cmocka_unit_test(a_long_poll_does_not_stop_the_sessions_time),
        cmocka_unit_test(nothing_runs_out_before_the_beginning_and_after_the_end),
        cmocka_unit_test(a_clock_that_goes_back_stands_still_and_no_time_overflows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
