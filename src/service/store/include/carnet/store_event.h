/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events: the audit record, and what statistics are made of.  Written in the
 * transaction they tell of.  Never a data element's value, a token or a code.
 * See store.h.
 */
#ifndef CARNET_STORE_EVENT_H
#define CARNET_STORE_EVENT_H
#include "carnet/store.h"
CARNET_BEGIN_DECLS

typedef enum carnet_store_outcome {
    CARNET_STORE_OUTCOME_DONE = 1,
    CARNET_STORE_OUTCOME_REFUSED,
    CARNET_STORE_OUTCOME_FAILED /**< ours */
} carnet_store_outcome;

typedef struct carnet_store_event {
    int64_t id; /**< set by the insert */
    carnet_time at;
    carnet_str interface; /**< "IS-6", of ISO/IEC 23220-1; may be empty */
    carnet_str kind; /**< "credential", "token", "offer", "identification", "enrolment", "login", "notification", ... */
    carnet_str configuration; /**< may be empty */
    carnet_store_outcome outcome;
    carnet_str reason;  /**< short and from a fixed set: an OAuth error, a code's name; may be empty */
    carnet_str actor;   /**< client_id, officer's login, "service"; may be empty */
    int64_t reference;  /**< identifier of the record it is about, or 0 */
    carnet_str request; /**< request identifier; may be empty */
    int64_t count;      /**< credentials, for instance; 0 is taken as 1 */
} carnet_store_event;

carnet_rc carnet_store_event_insert(carnet_store_session *session, carnet_store_event *event, carnet_err *err);

/** What is listed or counted; zeros and empty views: all. */
typedef struct carnet_store_event_filter {
    carnet_time from, until; /**< until is not included */
    carnet_str kind, configuration, actor;
    carnet_store_outcome outcome;
    int64_t reference;
    int64_t before; /**< identifiers below it; listings only */
    size_t limit;   /**< 0: 50; listings only */
} carnet_store_event_filter;

typedef bool carnet_store_event_each(void *self, const carnet_store_event *event);
/** The latest first. */
carnet_rc carnet_store_event_list(carnet_store_session *session, const carnet_store_event_filter *filter,
                                  carnet_store_event_each *each, void *self, carnet_err *err);

/** What the counts are parted by, beside time. */
typedef enum carnet_store_event_by {
    CARNET_STORE_BY_KIND = 1,
    CARNET_STORE_BY_CONFIGURATION,
    CARNET_STORE_BY_REASON,
    CARNET_STORE_BY_OUTCOME, /**< the label is empty: see `outcome` */
    CARNET_STORE_BY_ACTOR
} carnet_store_event_by;

typedef struct carnet_store_event_count {
    carnet_time from; /**< of this step: filter's from + n * step; filter's from when step is 0 */
    carnet_str label; /**< kind, configuration, reason or actor */
    carnet_store_outcome outcome;
    int64_t events, count; /**< how many events, and the sum of their counts */
} carnet_store_event_count;

typedef bool carnet_store_event_count_each(void *self, const carnet_store_event_count *count);
/** Counts by steps of `step` seconds from the filter's `from` (0: one step), label and outcome, in that order; steps without
 *  events are left out.  For a plot: `from` and `until` set, step an hour or a day. */
carnet_rc carnet_store_event_counts(carnet_store_session *session, const carnet_store_event_filter *filter,
                                    carnet_store_event_by by, carnet_time step, carnet_store_event_count_each *each,
                                    void *self, carnet_err *err);

CARNET_END_DECLS
#endif
