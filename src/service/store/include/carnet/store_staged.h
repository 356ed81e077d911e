/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Staged transactions and whose they are (P1940 4): what the mobile app server
 * keeps.  See store.h.  A record is read with its lock in a transaction, changed
 * and put back by carnet_store_staged_update(), which refuses one that another
 * changed meanwhile.  PANs come here sealed.
 */
#ifndef CARNET_STORE_STAGED_H
#define CARNET_STORE_STAGED_H
#include "carnet/store.h"
CARNET_BEGIN_DECLS

/** A user's device, and an account of theirs. */
typedef struct carnet_store_account {
    carnet_str user, alias;
    int64_t position;    /**< the least is what an empty alias means */
    carnet_str currency; /**< three digits; empty: any */
    carnet_span pan;     /**< sealed token PAN; empty: each transaction has its own */
} carnet_store_account;

typedef struct carnet_store_staged {
    int64_t id; /**< set by the insert */
    /* what does not change */
    carnet_str reference;
    carnet_span request_hash, body_hash;
    carnet_str user, device, type;
    int64_t amount;
    carnet_str currency, account;
    carnet_span pan; /**< sealed */
    carnet_time created, expires;
    /* what does */
    int64_t version; /**< of the record; the update counts it */
    int64_t polled;  /**< until when (seconds) somebody asks the identity provider about its session */
    int64_t state;   /**< carnet_staged_state of carnet/staging.h */
    carnet_str reason;
    int64_t attempts; /**< codes that were refused */
    carnet_str terminal;
    carnet_span terminal_session;
    carnet_str label, binding, text, risk;
    int64_t level;
    carnet_str vtr;          /**< JSON array */
    carnet_str session;      /**< the identity provider's, the last one */
    int64_t session_expires; /**< milliseconds since 1970 */
    carnet_str parent;
    int64_t step_ups;
    carnet_str vot, trustmark;
    int64_t auth_time, vot_expires, reached;
    carnet_str key_id, signature;
    carnet_str used_by;
    carnet_time used;
    int64_t result, dispensed;
    carnet_str response_code;
    carnet_time changed;
} carnet_store_staged;

/** Keep a new one, as it is; CARNET_E_STORE_STATE: one with this reference or request is there. */
carnet_rc carnet_store_staged_insert(carnet_store_session *session, carnet_store_staged *staged, carnet_err *err);
/** Find one; CARNET_E_STORE_ABSENT. */
carnet_rc carnet_store_staged_by_reference(carnet_store_session *session, carnet_str reference,
                                           carnet_store_staged *staged, carnet_buf *room, carnet_err *err);
carnet_rc carnet_store_staged_by_request(carnet_store_session *session, carnet_span request_hash,
                                         carnet_store_staged *staged, carnet_buf *room, carnet_err *err);
carnet_rc carnet_store_staged_by_terminal(carnet_store_session *session, carnet_str terminal,
                                          carnet_span terminal_session, carnet_store_staged *staged, carnet_buf *room,
                                          carnet_err *err);
carnet_rc carnet_store_staged_by_session(carnet_store_session *session, carnet_str identity_session,
                                         carnet_store_staged *staged, carnet_buf *room, carnet_err *err);
/** Those of a device that are STAGED and good at `now`, the latest; *count says how many there are. */
carnet_rc carnet_store_staged_by_device(carnet_store_session *session, carnet_str device, carnet_time now,
                                        carnet_store_staged *staged, size_t *count, carnet_buf *room, carnet_err *err);
/** Put back what changes; CARNET_E_STORE_STATE: another was faster. */
carnet_rc carnet_store_staged_update(carnet_store_session *session, const carnet_store_staged *staged, carnet_err *err);
/** Be who asks about its session until `until`; CARNET_E_STORE_STATE: another does, or its session is over. */
carnet_rc carnet_store_staged_poll(carnet_store_session *session, int64_t id, carnet_time now, carnet_time until,
                                   carnet_err *err);
/** The sum of an account's amounts since a time, without those that are over for nothing. */
carnet_rc carnet_store_staged_total(carnet_store_session *session, carnet_str user, carnet_str account,
                                    carnet_str currency, carnet_time since, carnet_time now, int64_t *total,
                                    carnet_err *err);
/** Those staged or fulfilled that are over at `now` become EXPIRED. */
carnet_rc carnet_store_staged_expire(carnet_store_session *session, carnet_time now, carnet_err *err);

/** Called for each record; false ends the listing. */
typedef bool carnet_store_staged_each(void *self, const carnet_store_staged *staged);
/** Those whose session is open and that nobody asks about at `now`, `limit` at most. */
carnet_rc carnet_store_staged_open(carnet_store_session *session, carnet_time now, size_t limit,
                                   carnet_store_staged_each *each, void *self, carnet_err *err);
/** The latest first, those with an identifier below `before` (0: all), `limit` at most; without PAN. */
carnet_rc carnet_store_staged_list(carnet_store_session *session, int64_t before, size_t limit,
                                   carnet_store_staged_each *each, void *self, carnet_err *err);

/** Whose device it is; CARNET_E_STORE_ABSENT. */
carnet_rc carnet_store_app_device_get(carnet_store_session *session, carnet_str device, carnet_str *user,
                                      carnet_buf *room, carnet_err *err);
/** Make it this user's, whoever's it was. */
carnet_rc carnet_store_app_device_put(carnet_store_session *session, carnet_str device, carnet_str user,
                                      carnet_time now, carnet_err *err);
/** The device that holds a document with this key (its thumbprint, 32 octets); CARNET_E_STORE_ABSENT. */
carnet_rc carnet_store_app_document_get(carnet_store_session *session, carnet_span thumbprint, carnet_str *device,
                                        carnet_buf *room, carnet_err *err);
carnet_rc carnet_store_app_document_put(carnet_store_session *session, carnet_span thumbprint, carnet_str device,
                                        carnet_err *err);
/** An account by its alias, or the user's first; CARNET_E_STORE_ABSENT. */
carnet_rc carnet_store_app_account_get(carnet_store_session *session, carnet_str user, carnet_str alias,
                                       carnet_store_account *account, carnet_buf *room, carnet_err *err);
carnet_rc carnet_store_app_account_put(carnet_store_session *session, const carnet_store_account *account,
                                       carnet_err *err);
/** Forget all that a user has: devices, their documents' keys, accounts. */
carnet_rc carnet_store_app_user_forget(carnet_store_session *session, carnet_str user, carnet_err *err);

CARNET_END_DECLS
#endif
