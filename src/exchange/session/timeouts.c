/* SPDX-License-Identifier: Apache-2.0 */
/* How long a session may wait (18013-5 9.4, 12.2.4). */
#include "carnet/session_timeouts.h"

#include <limits.h>

static const char *const texts[] = {
    [CARNET_WAIT_NOTHING] = NULL,
    [CARNET_WAIT_ENGAGEMENT] = "no engagement came in time",
    [CARNET_WAIT_ESTABLISHMENT] = "no SessionEstablishment came in time",
    [CARNET_WAIT_MESSAGE] = "no further message came in time",
    [CARNET_WAIT_POLL] = "the long poll was not answered in time",
};
static const char *const clauses[] = {
    [CARNET_WAIT_NOTHING] = NULL,
    [CARNET_WAIT_ENGAGEMENT] = "18013-5 9.4",
    [CARNET_WAIT_ESTABLISHMENT] = "18013-5 9.4",
    [CARNET_WAIT_MESSAGE] = "18013-5 12.2.4",
    [CARNET_WAIT_POLL] = "18013-7 A.6",
};

carnet_rc
carnet_session_timeouts_init(carnet_session_timeouts *timeouts, const carnet_session_limits *limits, carnet_err *err)
{
    carnet_session_limits l = limits != NULL ? *limits : (carnet_session_limits){ 0 };

    *timeouts = (carnet_session_timeouts){ 0 };
    l.engagement = l.engagement != 0 ? l.engagement : CARNET_SESSION_ENGAGEMENT_MS;
    l.establishment = l.establishment != 0 ? l.establishment : CARNET_SESSION_ESTABLISHMENT_MS;
    l.idle = l.idle != 0 ? l.idle : CARNET_SESSION_IDLE_MS;
    l.poll = l.poll != 0 ? l.poll : CARNET_SESSION_POLL_MS;
    if (!l.below_standard &&
        (l.engagement < CARNET_SESSION_ENGAGEMENT_MS || l.establishment < CARNET_SESSION_ESTABLISHMENT_MS)) {
        return carnet_fail(err, CARNET_E_USAGE, clauses[CARNET_WAIT_ENGAGEMENT],
                           "the engagement and the establishment are waited for at least 30 seconds");
    }
    if (!l.below_standard && l.idle < CARNET_SESSION_IDLE_MS) {
        return carnet_fail(err, CARNET_E_USAGE, clauses[CARNET_WAIT_MESSAGE],
                           "a session may be idle for at least 300 seconds");
    }
    timeouts->limits = l;
    return CARNET_OK;
}

static void
wait_for(carnet_session_timeouts *timeouts, carnet_session_wait wait, int64_t now)
{
    timeouts->wait = wait;
    timeouts->since = now;
}

void
carnet_session_timeouts_begin(carnet_session_timeouts *timeouts, int64_t now)
{
    wait_for(timeouts, CARNET_WAIT_ENGAGEMENT, now);
}

void
carnet_session_timeouts_engaged(carnet_session_timeouts *timeouts, int64_t now)
{
    wait_for(timeouts, CARNET_WAIT_ESTABLISHMENT, now);
}

void
carnet_session_timeouts_message(carnet_session_timeouts *timeouts, int64_t now)
{
    timeouts->idle_since = now;
    wait_for(timeouts, CARNET_WAIT_MESSAGE, now);
}

void
carnet_session_timeouts_poll(carnet_session_timeouts *timeouts, int64_t now)
{
    if (timeouts->wait != CARNET_WAIT_MESSAGE && timeouts->wait != CARNET_WAIT_POLL) {
        timeouts->idle_since = now;
    }
    wait_for(timeouts, CARNET_WAIT_POLL, now);
}

void
carnet_session_timeouts_end(carnet_session_timeouts *timeouts)
{
    wait_for(timeouts, CARNET_WAIT_NOTHING, 0);
}

/** What is left of `limit` milliseconds from `since`. */
static int64_t
remaining(int64_t since, uint32_t limit, int64_t now)
{
    uint64_t gone = now > since ? (uint64_t)now - (uint64_t)since : 0;

    return gone < limit ? (int64_t)(limit - gone) : 0;
}

/** What runs out first, and in how many milliseconds. */
static carnet_session_wait
next(const carnet_session_timeouts *t, int64_t now, int64_t *left)
{
    int64_t idle;

    *left = INT_MAX;
    switch (t->wait) {
    case CARNET_WAIT_ENGAGEMENT:
        *left = remaining(t->since, t->limits.engagement, now);
        break;
    case CARNET_WAIT_ESTABLISHMENT:
        *left = remaining(t->since, t->limits.establishment, now);
        break;
    case CARNET_WAIT_MESSAGE:
        *left = remaining(t->idle_since, t->limits.idle, now);
        break;
    case CARNET_WAIT_POLL:
        *left = remaining(t->since, t->limits.poll, now);
        idle = remaining(t->idle_since, t->limits.idle, now);
        if (idle < *left) {
            *left = idle;
            return CARNET_WAIT_MESSAGE;
        }
        break;
    case CARNET_WAIT_NOTHING:
        break;
    }
    return t->wait;
}

int
carnet_session_timeouts_left(const carnet_session_timeouts *timeouts, int64_t now)
{
    int64_t left;

    (void)next(timeouts, now, &left);
    return left < INT_MAX ? (int)left : INT_MAX;
}

carnet_rc
carnet_session_timeouts_check(const carnet_session_timeouts *timeouts, int64_t now, carnet_session_wait *ran_out,
                              carnet_err *err)
{
    int64_t left;
    carnet_session_wait what = next(timeouts, now, &left);

    if (ran_out != NULL) {
        *ran_out = left == 0 ? what : CARNET_WAIT_NOTHING;
    }
    return left == 0 ? carnet_fail(err, CARNET_E_SESSION_TIMEOUT, clauses[what], texts[what]) : CARNET_OK;
}
