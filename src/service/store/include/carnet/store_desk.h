/* SPDX-License-Identifier: Apache-2.0 */
/* The enrolment officer's desk (ISO/IEC 23220-1, Figure 7): officers, their cases, browser sessions.  See store.h. */
#ifndef CARNET_STORE_DESK_H
#define CARNET_STORE_DESK_H
#include "carnet/store.h"
CARNET_BEGIN_DECLS

typedef enum carnet_store_role {
    CARNET_STORE_ROLE_OFFICER = 1, /**< works on cases */
    CARNET_STORE_ROLE_SUPERVISOR,  /**< and confirms those of others */
    CARNET_STORE_ROLE_AUDITOR,     /**< reads the overview only */
    CARNET_STORE_ROLE_ADMINISTRATOR
} carnet_store_role;

typedef struct carnet_store_officer {
    int64_t id;       /**< set by the insert */
    carnet_str login; /**< unique */
    carnet_str name;
    carnet_str secret; /**< a verifier of the password (Argon2id) */
    carnet_store_role role;
    bool disabled;
    int64_t failures;          /**< wrong passwords in a row */
    carnet_time locked;        /**< until then no log-in */
    carnet_time created, seen; /**< `seen`: the last log-in, or 0 */
} carnet_store_officer;

/** CARNET_E_STORE_TWICE: the login is taken. */
carnet_rc carnet_store_officer_insert(carnet_store_session *session, carnet_store_officer *officer, carnet_err *err);
carnet_rc carnet_store_officer_by_id(carnet_store_session *session, int64_t id, carnet_store_officer *officer,
                                     carnet_buf *room, carnet_err *err);
carnet_rc carnet_store_officer_by_login(carnet_store_session *session, carnet_str login, carnet_store_officer *officer,
                                        carnet_buf *room, carnet_err *err);
/** Set name, secret (empty: unchanged), role, disabled of `officer->id`; CARNET_E_STORE_ABSENT. */
carnet_rc carnet_store_officer_update(carnet_store_session *session, const carnet_store_officer *officer,
                                      carnet_err *err);
/** A log-in succeeded: failures are 0 again. */
carnet_rc carnet_store_officer_entered(carnet_store_session *session, int64_t id, carnet_time now, carnet_err *err);
/** It failed: one more, and no log-in until `locked`. */
carnet_rc carnet_store_officer_refused(carnet_store_session *session, int64_t id, carnet_time locked, carnet_err *err);
typedef bool carnet_store_officer_each(void *self, const carnet_store_officer *officer);
/** By login; secrets are left out. */
carnet_rc carnet_store_officer_list(carnet_store_session *session, carnet_store_officer_each *each, void *self,
                                    carnet_err *err);

typedef enum carnet_store_enrolment_state {
    CARNET_STORE_ENROLMENT_WAITING = 1, /**< a person has come */
    CARNET_STORE_ENROLMENT_OPEN,        /**< an officer works on it */
    CARNET_STORE_ENROLMENT_REVIEW,      /**< a second officer is to confirm */
    CARNET_STORE_ENROLMENT_CONFIRMED,
    CARNET_STORE_ENROLMENT_REFUSED
} carnet_store_enrolment_state;

typedef struct carnet_store_enrolment {
    int64_t id;                 /**< set by the insert */
    carnet_span reference_hash; /**< of what the person's browser or paper carries; unique; may be empty */
    carnet_str number;          /**< the short case number that is called out; may be empty */
    int64_t authorization;      /**< the authorization that waits for it, or 0: an offer comes of it */
    carnet_str configurations;
    carnet_store_enrolment_state state;
    carnet_str subject;
    carnet_span evidence;    /**< sealed: which documents were checked, and how */
    carnet_span attributes;  /**< sealed: as typed */
    carnet_str officer;      /**< login of who works on it */
    carnet_str confirmed_by; /**< login */
    carnet_str reason;       /**< of a refusal: a short code, no data element's value */
    int64_t offer;           /**< made of it, or 0 */
    int64_t version;         /**< counts changes: who saves an older one is told */
    carnet_time created, changed, expires;
} carnet_store_enrolment;

/** Keep a new case; state is waiting unless set. */
carnet_rc carnet_store_enrolment_insert(carnet_store_session *session, carnet_store_enrolment *enrolment,
                                        carnet_err *err);
carnet_rc carnet_store_enrolment_by_id(carnet_store_session *session, int64_t id, carnet_store_enrolment *enrolment,
                                       carnet_buf *room, carnet_err *err);
carnet_rc carnet_store_enrolment_by_reference(carnet_store_session *session, carnet_span reference_hash,
                                              carnet_store_enrolment *enrolment, carnet_buf *room, carnet_err *err);
carnet_rc carnet_store_enrolment_by_authorization(carnet_store_session *session, int64_t authorization,
                                                  carnet_store_enrolment *enrolment, carnet_buf *room, carnet_err *err);
/** Save state, subject, evidence, attributes, officer, confirmed_by, reason, offer, changed, expires; `version` is the one that was read
 *  and is counted up, CARNET_E_STORE_STATE when someone else saved meanwhile or the case was closed. */
carnet_rc carnet_store_enrolment_update(carnet_store_session *session, carnet_store_enrolment *enrolment,
                                        carnet_err *err);
typedef bool carnet_store_enrolment_each(void *self, const carnet_store_enrolment *enrolment);
typedef struct carnet_store_enrolment_filter {
    carnet_store_enrolment_state state; /**< 0: those not closed */
    carnet_str officer;                 /**< empty: all */
    carnet_time now;                    /**< expired ones are left out; 0: kept in */
    int64_t before;                     /**< identifiers below it; 0: all */
    size_t limit;                       /**< 0: 50 */
} carnet_store_enrolment_filter;
/** The latest first; evidence and attributes are left out. */
carnet_rc carnet_store_enrolment_list(carnet_store_session *session, const carnet_store_enrolment_filter *filter,
                                      carnet_store_enrolment_each *each, void *self, carnet_err *err);

/** A browser's session: an officer's, or a person's on the way through an identification. */
typedef struct carnet_store_browser {
    carnet_span hash;                 /**< of the cookie; unique */
    carnet_str kind;                  /**< "officer", "person" */
    int64_t officer;                  /**< logged in, or 0 */
    int64_t authorization, enrolment; /**< or 0 */
    carnet_span csrf;                 /**< hash of the form token; may be empty */
    carnet_str language;
    carnet_span data; /**< sealed; may be empty */
    carnet_time created, seen, expires;
} carnet_store_browser;

carnet_rc carnet_store_browser_insert(carnet_store_session *session, const carnet_store_browser *browser,
                                      carnet_err *err);
carnet_rc carnet_store_browser_by_hash(carnet_store_session *session, carnet_span hash, carnet_store_browser *browser,
                                       carnet_buf *room, carnet_err *err);
/** Replace all of it but hash and created; CARNET_E_STORE_ABSENT. */
carnet_rc carnet_store_browser_update(carnet_store_session *session, const carnet_store_browser *browser,
                                      carnet_err *err);
carnet_rc carnet_store_browser_delete(carnet_store_session *session, carnet_span hash, carnet_err *err);
/** All of an officer's: after a change of password or role. */
carnet_rc carnet_store_browser_delete_officer(carnet_store_session *session, int64_t officer, carnet_err *err);

CARNET_END_DECLS
#endif
