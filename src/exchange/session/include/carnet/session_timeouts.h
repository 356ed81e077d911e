/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a session may wait (18013-5 9.4, 12.2.4; 18013-7 A.6): from the
 * start of a transaction to the engagement, from the engagement to
 * SessionEstablishment, between messages, and for the answer to a long poll.
 *
 * There is no clock here: every function takes the time, in milliseconds from
 * any origin, of a clock that nobody sets.  A clock that goes back counts as
 * standing still.  The state is the caller's and belongs to one thread.
 */
#ifndef CARNET_SESSION_TIMEOUTS_H
#define CARNET_SESSION_TIMEOUTS_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

/** What is waited for. */
typedef enum carnet_session_wait {
    CARNET_WAIT_NOTHING,       /**< not begun, or over */
    CARNET_WAIT_ENGAGEMENT,    /**< the transaction has begun, the engagement not been received */
    CARNET_WAIT_ESTABLISHMENT, /**< engaged, no SessionEstablishment yet */
    CARNET_WAIT_MESSAGE,       /**< the session is open */
    CARNET_WAIT_POLL           /**< a long poll is under way */
} carnet_session_wait;

/** Milliseconds; 0: the standard's, which is also the least but for `poll`. */
typedef struct carnet_session_limits {
    uint32_t engagement;    /**< at least 30 s */
    uint32_t establishment; /**< at least 30 s */
    uint32_t idle;          /**< at least 300 s */
    uint32_t poll;          /**< 120 s */
    bool below_standard;    /**< take smaller ones than the standard allows, as a test or a gate may want */
} carnet_session_limits;

#define CARNET_SESSION_ENGAGEMENT_MS    30000
#define CARNET_SESSION_ESTABLISHMENT_MS 30000
#define CARNET_SESSION_IDLE_MS          300000
#define CARNET_SESSION_POLL_MS          120000

typedef struct carnet_session_timeouts {
    carnet_session_limits limits;
    carnet_session_wait wait;
    int64_t since, idle_since;
} carnet_session_timeouts;

/** Prepare; `limits` NULL: the standard's.  CARNET_E_USAGE: one is below the standard's and that was not asked for. */
CARNET_API carnet_rc carnet_session_timeouts_init(carnet_session_timeouts *timeouts,
                                                  const carnet_session_limits *limits, carnet_err *err);
/** The transaction begins: the engagement is waited for. */
CARNET_API void carnet_session_timeouts_begin(carnet_session_timeouts *timeouts, int64_t now);
/** The engagement was received or shown: SessionEstablishment is waited for. */
CARNET_API void carnet_session_timeouts_engaged(carnet_session_timeouts *timeouts, int64_t now);
/** A message was sent or received: the next is waited for; a long poll is over. */
CARNET_API void carnet_session_timeouts_message(carnet_session_timeouts *timeouts, int64_t now);
/** A long poll begins; it does not stop the session's own time. */
CARNET_API void carnet_session_timeouts_poll(carnet_session_timeouts *timeouts, int64_t now);
/** The session is over: nothing is waited for. */
CARNET_API void carnet_session_timeouts_end(carnet_session_timeouts *timeouts);
/** Milliseconds until something runs out: what a link may wait.  0: it has; INT_MAX: nothing is waited for. */
CARNET_API int carnet_session_timeouts_left(const carnet_session_timeouts *timeouts, int64_t now);
/** CARNET_E_SESSION_TIMEOUT and *ran_out when something has run out (*err says what); CARNET_OK and CARNET_WAIT_NOTHING
 *  otherwise.  Both outputs may be NULL.  The session then ends with CARNET_SESSION_TERMINATION where it is established. */
CARNET_API carnet_rc carnet_session_timeouts_check(const carnet_session_timeouts *timeouts, int64_t now,
                                                   carnet_session_wait *ran_out, carnet_err *err);

CARNET_END_DECLS
#endif
