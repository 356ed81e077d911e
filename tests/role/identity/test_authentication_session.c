/* SPDX-License-Identifier: Apache-2.0 */
/* Every transition of a session, from every state. */
#include "carnet/authentication_session.h"
#include "support/support.h"

#define NOW 1795226400

static const carnet_authentication_policy none;

static carnet_authentication_session
at(carnet_bops_status status)
{
    const carnet_authentication_policy policy = carnet_authentication_policy_of(&none);
    carnet_authentication_session s;

    carnet_authentication_session_start(&policy, 0, NOW, &s);
    s.status = status;
    if (status == CARNET_BOPS_AUTHENTICATED || status == CARNET_BOPS_CONSUMED) {
        s.auth_time = NOW;
        s.active_until = NOW + policy.active_seconds;
    }
    return s;
}

enum step {
    REGISTER,
    SATISFIED,
    INSUFFICIENT,
    REFUSED,
    MISSED,
    DECLINED,
    ON_SITE,
    ON_SITE_LACKS,
    CANCEL,
    CONSUME,
    STEPS
};

static carnet_rc
take(carnet_authentication_session *s, enum step step, carnet_time now)
{
    static const carnet_authentication_outcome outcomes[] = {
        [SATISFIED] = CARNET_AUTHENTICATION_SATISFIED,   [INSUFFICIENT] = CARNET_AUTHENTICATION_INSUFFICIENT,
        [REFUSED] = CARNET_AUTHENTICATION_REFUSED,       [MISSED] = CARNET_AUTHENTICATION_MISSED,
        [DECLINED] = CARNET_AUTHENTICATION_DECLINED,     [ON_SITE] = CARNET_AUTHENTICATION_SATISFIED,
        [ON_SITE_LACKS] = CARNET_AUTHENTICATION_REFUSED,
    };
    const carnet_authentication_policy policy = carnet_authentication_policy_of(&none);

    switch (step) {
    case REGISTER:
        return carnet_authentication_session_register(s, now, NULL);
    case CANCEL:
        return carnet_authentication_session_cancel(s, now, NULL);
    case CONSUME:
        return carnet_authentication_session_consume(s, now, NULL);
    default:
        return carnet_authentication_session_answer(s, &policy, outcomes[step], step >= ON_SITE, now, NULL);
    }
}

#define NO CARNET_BOPS_STATUS_NONE
/* Where each step leads; NO: it is refused and nothing changes. */
static const carnet_bops_status table[CARNET_BOPS_EXPIRED + 1][STEPS] = {
    [CARNET_BOPS_OPPORTUNITY] = { CARNET_BOPS_REGISTERED, NO, NO, NO, NO, NO, CARNET_BOPS_AUTHENTICATED,
                                  CARNET_BOPS_FAILED, CARNET_BOPS_CANCELLED, NO },
    [CARNET_BOPS_REGISTERED] = { CARNET_BOPS_REGISTERED, CARNET_BOPS_AUTHENTICATED, CARNET_BOPS_FAILED,
                                 CARNET_BOPS_FAILED, CARNET_BOPS_REGISTERED, CARNET_BOPS_CANCELLED,
                                 CARNET_BOPS_AUTHENTICATED, CARNET_BOPS_FAILED, CARNET_BOPS_CANCELLED, NO },
    [CARNET_BOPS_AUTHENTICATED] = { NO, NO, NO, NO, NO, NO, NO, NO, NO, CARNET_BOPS_CONSUMED },
    [CARNET_BOPS_CONSUMED] = { NO },
    [CARNET_BOPS_FAILED] = { NO },
    [CARNET_BOPS_CANCELLED] = { NO },
    [CARNET_BOPS_EXPIRED] = { NO },
};

static void
takes_every_step_as_the_table_says(void **state)
{
    (void)state;
    for (int from = CARNET_BOPS_OPPORTUNITY; from <= CARNET_BOPS_EXPIRED; from++)
        for (int step = 0; step < STEPS; step++) {
            carnet_authentication_session s = at((carnet_bops_status)from);
            const carnet_rc rc = take(&s, (enum step)step, NOW + 1);
            const carnet_bops_status to = table[from][step];

            if (to == NO && (rc == CARNET_OK || s.status != (carnet_bops_status)from))
                fail_msg("from %d by %d: it was taken", from, step);
            if (to != NO && (rc != CARNET_OK || s.status != to))
                fail_msg("from %d by %d: %s, %d", from, step, carnet_rc_name(rc), (int)s.status);
        }
}

static void
takes_no_step_when_the_time_is_over(void **state)
{
    (void)state;
    for (int from = CARNET_BOPS_OPPORTUNITY; from <= CARNET_BOPS_AUTHENTICATED; from++)
        for (int step = 0; step < STEPS; step++) {
            carnet_authentication_session s = at((carnet_bops_status)from);

            assert_int_not_equal(take(&s, (enum step)step, NOW + 300), CARNET_OK);
            assert_int_equal(carnet_authentication_session_status(&s, NOW + 300), CARNET_BOPS_EXPIRED);
        }
}

static void
expires_at_the_second(void **state)
{
    carnet_authentication_session s = at(CARNET_BOPS_OPPORTUNITY);

    (void)state;
    assert_int_equal(carnet_authentication_session_status(&s, NOW + 119), CARNET_BOPS_OPPORTUNITY);
    assert_int_equal(carnet_authentication_session_status(&s, NOW + 120), CARNET_BOPS_EXPIRED);
    s = at(CARNET_BOPS_AUTHENTICATED);
    assert_int_equal(carnet_authentication_session_status(&s, NOW + 299), CARNET_BOPS_AUTHENTICATED);
    assert_int_equal(carnet_authentication_session_status(&s, NOW + 300), CARNET_BOPS_EXPIRED);
    s = at(CARNET_BOPS_CONSUMED);
    assert_int_equal(carnet_authentication_session_status(&s, NOW + 9999), CARNET_BOPS_CONSUMED);
}

static void
keeps_what_is_asked_for_within_its_caps(void **state)
{
    const carnet_authentication_policy much = { 9999, 9999, 9999, 9999, 9999, 99, 999 };
    carnet_authentication_policy p = carnet_authentication_policy_of(&none);
    carnet_authentication_session s;

    (void)state;
    assert_int_equal(p.opportunity_seconds, 120);
    assert_int_equal(p.active_seconds, 300);
    assert_int_equal(p.attempts, 5);
    carnet_authentication_session_start(&p, 30, NOW, &s);
    assert_int_equal(s.expires, NOW + 30);
    carnet_authentication_session_start(&p, 100000, NOW, &s);
    assert_int_equal(s.expires, NOW + 600);
    p = carnet_authentication_policy_of(&much);
    assert_int_equal(p.opportunity_seconds, 600);
    assert_int_equal(p.active_seconds, 900);
    assert_int_equal(p.token_seconds, 300);
    assert_int_equal(p.attempts, 10);
}

static void
fails_when_no_try_is_left(void **state)
{
    carnet_authentication_session s = at(CARNET_BOPS_REGISTERED);

    (void)state;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(take(&s, MISSED, NOW), CARNET_OK);
        assert_int_equal(s.status, CARNET_BOPS_REGISTERED);
    }
    assert_int_equal(take(&s, MISSED, NOW), CARNET_OK);
    assert_int_equal(s.status, CARNET_BOPS_FAILED);
    assert_int_not_equal(take(&s, SATISFIED, NOW), CARNET_OK);
}

static void
is_consumed_once(void **state)
{
    carnet_authentication_session s = at(CARNET_BOPS_AUTHENTICATED);

    (void)state;
    assert_int_equal(take(&s, CONSUME, NOW), CARNET_OK);
    assert_int_equal(take(&s, CONSUME, NOW), CARNET_E_IDENTITY_CONSUMED);
}

static void
is_fresh_for_its_age_only(void **state)
{
    const carnet_authentication_session s = at(CARNET_BOPS_AUTHENTICATED), open = at(CARNET_BOPS_REGISTERED);

    (void)state;
    assert_true(carnet_authentication_session_fresh(&s, 60, NOW + 60));
    assert_false(carnet_authentication_session_fresh(&s, 60, NOW + 61));
    assert_false(carnet_authentication_session_fresh(&open, 60, NOW));
}

static void
is_a_parent_for_ten_minutes(void **state)
{
    const carnet_authentication_policy p = carnet_authentication_policy_of(&none);
    const carnet_authentication_session done = at(CARNET_BOPS_CONSUMED), failed = at(CARNET_BOPS_FAILED);

    (void)state;
    assert_true(carnet_authentication_session_parent(&done, &p, NOW + 600));
    assert_false(carnet_authentication_session_parent(&done, &p, NOW + 601));
    assert_false(carnet_authentication_session_parent(&failed, &p, NOW));
}

static void
locks_longer_with_each_failure(void **state)
{
    static const struct {
        unsigned failures;
        int64_t seconds;
    } rows[] = {
        { 0, 0 }, { 4, 0 }, { 5, 30 }, { 6, 60 }, { 7, 120 }, { 17, CARNET_TIME_DAY }, { 1000000, CARNET_TIME_DAY }
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++)
        assert_int_equal(carnet_authentication_lock(rows[i].failures, 5), rows[i].seconds);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_every_step_as_the_table_says),
        cmocka_unit_test(takes_no_step_when_the_time_is_over),
        cmocka_unit_test(expires_at_the_second),
        cmocka_unit_test(keeps_what_is_asked_for_within_its_caps),
        cmocka_unit_test(fails_when_no_try_is_left),
        cmocka_unit_test(is_consumed_once),
        cmocka_unit_test(is_fresh_for_its_age_only),
        cmocka_unit_test(is_a_parent_for_ten_minutes),
        cmocka_unit_test(locks_longer_with_each_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
