/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session of the identity provider as a state machine (P1940 6.2; lifetimes
 * by NIST SP 800-63B 5.1.3, 5.2.3): opened by a relying party, taken on by a
 * device, answered, used.
 *
 * Pure: no I/O, no clock, no storage; the caller keeps the struct, and hands in
 * what time it is.  A session that ran out says so by its status at a time;
 * nothing has to be done for it.  Terminal states never change again.
 */
#ifndef CARNET_AUTHENTICATION_SESSION_H
#define CARNET_AUTHENTICATION_SESSION_H
#include "carnet/bops.h"
CARNET_BEGIN_DECLS

/** Lifetimes in seconds, and counts.  Zeros stand for the defaults in parentheses; beyond the caps nothing goes. */
typedef struct carnet_authentication_policy {
    unsigned opportunity_seconds; /**< for the device to come and answer (120; at most 600) */
    unsigned active_seconds;      /**< that an authentication can be relied on (300; at most 900) */
    unsigned token_seconds;       /**< of the identity token (300; at most 300) */
    unsigned max_age_seconds;     /**< that an authentication counts as fresh (60) */
    unsigned parent_seconds;      /**< that a step-up may come after its parent's authentication (600) */
    unsigned attempts;            /**< biometric failures in one session (5; at most 10) */
    unsigned interval_seconds;    /**< between two polls (2) */
} carnet_authentication_policy;
/** The policy with its defaults and caps in place. */
CARNET_API carnet_authentication_policy carnet_authentication_policy_of(const carnet_authentication_policy *configured);

/** One session, as it is stored. */
typedef struct carnet_authentication_session {
    carnet_bops_status status; /**< as it was last left: see carnet_authentication_session_status() */
    carnet_time created;
    carnet_time expires;      /**< until then the device must have answered */
    carnet_time auth_time;    /**< when it was authenticated; 0: never */
    carnet_time active_until; /**< from then on the authentication is over */
    unsigned registrations;   /**< how often the device took it on; each has its own challenge */
    unsigned attempts;        /**< answers that failed */
    unsigned attempts_max;
} carnet_authentication_session;

/** What an answer amounts to. */
typedef enum carnet_authentication_outcome {
    CARNET_AUTHENTICATION_SATISFIED = 1, /**< the evidence is good, and satisfies what was asked for */
    CARNET_AUTHENTICATION_INSUFFICIENT,  /**< good, but does not: FAILED */
    CARNET_AUTHENTICATION_REFUSED,       /**< bad (a wrong signature, a revoked document): FAILED */
    CARNET_AUTHENTICATION_MISSED,        /**< the device says the user failed: tries are left, or FAILED */
    CARNET_AUTHENTICATION_DECLINED       /**< the user cancelled: CANCELLED */
} carnet_authentication_outcome;

/** Open one; `requested` seconds for the device to answer, within the policy's, or 0. */
CARNET_API void carnet_authentication_session_start(const carnet_authentication_policy *policy, int64_t requested,
                                                    carnet_time now, carnet_authentication_session *session);
/** Where it stands at this time. */
CARNET_API carnet_bops_status carnet_authentication_session_status(const carnet_authentication_session *session,
                                                                   carnet_time now);
/** Whether it can still change by what a device does: OPPORTUNITY or REGISTERED. */
CARNET_API bool carnet_authentication_session_open(const carnet_authentication_session *session, carnet_time now);

/* Transitions.  CARNET_E_IDENTITY_STATE (error 111): not from where it stands; nothing is changed then. */

/** The device takes it on, or takes it on again before it answered (with a new challenge; the old one is void). */
CARNET_API carnet_rc carnet_authentication_session_register(carnet_authentication_session *session, carnet_time now,
                                                            carnet_err *err);
/** The device answered: from REGISTERED.  Evidence that a terminal brought (`on_site`) may come before the device does. */
CARNET_API carnet_rc carnet_authentication_session_answer(carnet_authentication_session *session,
                                                          const carnet_authentication_policy *policy,
                                                          carnet_authentication_outcome outcome, bool on_site,
                                                          carnet_time now, carnet_err *err);
/** Cancelled by relying party or device, or because the account changed: from OPPORTUNITY or REGISTERED. */
CARNET_API carnet_rc carnet_authentication_session_cancel(carnet_authentication_session *session, carnet_time now,
                                                          carnet_err *err);
/** Used for its transaction: from AUTHENTICATED.  CARNET_E_IDENTITY_CONSUMED: it was before. */
CARNET_API carnet_rc carnet_authentication_session_consume(carnet_authentication_session *session, carnet_time now,
                                                           carnet_err *err);

/** Whether the authentication counts as fresh at this time: category Ci (P1940 5). */
CARNET_API bool carnet_authentication_session_fresh(const carnet_authentication_session *session, int64_t max_age,
                                                    carnet_time now);
/** Whether a session may be a step-up of this one: authenticated, at most policy->parent_seconds ago. */
CARNET_API bool carnet_authentication_session_parent(const carnet_authentication_session *session,
                                                     const carnet_authentication_policy *policy, carnet_time now);
/** Seconds that a device is locked after so many failures in a row: 0 up to `free_tries`, then 30, 60, 120, ... (a day at most). */
CARNET_API int64_t carnet_authentication_lock(unsigned failures, unsigned free_tries);

CARNET_END_DECLS
#endif
