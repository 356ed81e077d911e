/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/authentication_session.h"

#define CLAUSE "P1940 6.2"

/* What is configured, its default, and what nothing goes beyond. */
static unsigned
within(unsigned configured, unsigned otherwise, unsigned cap)
{
    const unsigned value = configured != 0 ? configured : otherwise;

    return value < cap ? value : cap;
}

carnet_authentication_policy
carnet_authentication_policy_of(const carnet_authentication_policy *c)
{
    return (carnet_authentication_policy){
        .opportunity_seconds = within(c->opportunity_seconds, 120, 600), /* SP 800-63B 5.1.3.2: 10 minutes */
        .active_seconds = within(c->active_seconds, 300, 900),
        .token_seconds = within(c->token_seconds, 300, 300),
        .max_age_seconds = within(c->max_age_seconds, 60, 900),
        .parent_seconds = within(c->parent_seconds, 600, 600),
        .attempts = within(c->attempts, 5, 10), /* SP 800-63B 5.2.3 */
        .interval_seconds = within(c->interval_seconds, 2, 60),
    };
}

void
carnet_authentication_session_start(const carnet_authentication_policy *policy, int64_t requested, carnet_time now,
                                    carnet_authentication_session *session)
{
    const int64_t cap = 600, seconds = requested <= 0    ? (int64_t)policy->opportunity_seconds
                                       : requested < cap ? requested
                                                         : cap;

    *session = (carnet_authentication_session){
        .status = CARNET_BOPS_OPPORTUNITY, .created = now, .expires = now + seconds, .attempts_max = policy->attempts
    };
}

carnet_bops_status
carnet_authentication_session_status(const carnet_authentication_session *session, carnet_time now)
{
    switch (session->status) {
    case CARNET_BOPS_OPPORTUNITY:
    case CARNET_BOPS_REGISTERED:
        return now < session->expires ? session->status : CARNET_BOPS_EXPIRED;
    case CARNET_BOPS_AUTHENTICATED:
        return now < session->active_until ? session->status : CARNET_BOPS_EXPIRED;
    default:
        return session->status;
    }
}

bool
carnet_authentication_session_open(const carnet_authentication_session *session, carnet_time now)
{
    const carnet_bops_status status = carnet_authentication_session_status(session, now);

    return status == CARNET_BOPS_OPPORTUNITY || status == CARNET_BOPS_REGISTERED;
}

static carnet_rc
not_from_here(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_IDENTITY_STATE, CLAUSE, why);
}

carnet_rc
carnet_authentication_session_register(carnet_authentication_session *session, carnet_time now, carnet_err *err)
{
    if (!carnet_authentication_session_open(session, now))
        return not_from_here(err, "the session is over");
    session->status = CARNET_BOPS_REGISTERED;
    session->registrations++;
    return CARNET_OK;
}

carnet_rc
carnet_authentication_session_answer(carnet_authentication_session *session, const carnet_authentication_policy *policy,
                                     carnet_authentication_outcome outcome, bool on_site, carnet_time now,
                                     carnet_err *err)
{
    const carnet_bops_status status = carnet_authentication_session_status(session, now);

    if (status != CARNET_BOPS_REGISTERED && !(on_site && status == CARNET_BOPS_OPPORTUNITY))
        return not_from_here(err, status == CARNET_BOPS_OPPORTUNITY ? "the device has not taken the session on"
                                                                    : "the session is over");
    switch (outcome) {
    case CARNET_AUTHENTICATION_SATISFIED:
        session->status = CARNET_BOPS_AUTHENTICATED;
        session->auth_time = now;
        session->active_until = now + policy->active_seconds;
        return CARNET_OK;
    case CARNET_AUTHENTICATION_MISSED:
        session->attempts++;
        if (session->attempts >= session->attempts_max)
            session->status = CARNET_BOPS_FAILED;
        return CARNET_OK;
    case CARNET_AUTHENTICATION_DECLINED:
        session->status = CARNET_BOPS_CANCELLED;
        return CARNET_OK;
    case CARNET_AUTHENTICATION_INSUFFICIENT:
    case CARNET_AUTHENTICATION_REFUSED:
        break;
    }
    session->status = CARNET_BOPS_FAILED;
    return CARNET_OK;
}

carnet_rc
carnet_authentication_session_cancel(carnet_authentication_session *session, carnet_time now, carnet_err *err)
{
    if (!carnet_authentication_session_open(session, now))
        return not_from_here(err, "the session is over");
    session->status = CARNET_BOPS_CANCELLED;
    return CARNET_OK;
}

carnet_rc
carnet_authentication_session_consume(carnet_authentication_session *session, carnet_time now, carnet_err *err)
{
    const carnet_bops_status status = carnet_authentication_session_status(session, now);

    if (status == CARNET_BOPS_CONSUMED)
        return carnet_fail(err, CARNET_E_IDENTITY_CONSUMED, CLAUSE, NULL);
    if (status != CARNET_BOPS_AUTHENTICATED)
        return not_from_here(err, "the session is not authenticated, or no longer");
    session->status = CARNET_BOPS_CONSUMED;
    return CARNET_OK;
}

bool
carnet_authentication_session_fresh(const carnet_authentication_session *session, int64_t max_age, carnet_time now)
{
    return session->auth_time != 0 && now - session->auth_time <= max_age;
}

bool
carnet_authentication_session_parent(const carnet_authentication_session *session,
                                     const carnet_authentication_policy *policy, carnet_time now)
{
    return (session->status == CARNET_BOPS_AUTHENTICATED || session->status == CARNET_BOPS_CONSUMED) &&
           now - session->auth_time <= (int64_t)policy->parent_seconds;
}

int64_t
carnet_authentication_lock(unsigned failures, unsigned free_tries)
{
    int64_t seconds = 30;

    if (failures < free_tries || failures == 0)
        return 0;
    for (unsigned i = free_tries; i < failures && seconds < CARNET_TIME_DAY; i++)
        seconds *= 2;
    return seconds < CARNET_TIME_DAY ? seconds : CARNET_TIME_DAY;
}
