/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of issued credentials, and their indices in status lists.  See
 * store.h.
 *
 * An issuance is one answer to one credential request: a batch of credentials
 * of one configuration, with one notification identifier.
 */
#ifndef CARNET_STORE_CREDENTIAL_H
#define CARNET_STORE_CREDENTIAL_H
#include "carnet/store.h"
CARNET_BEGIN_DECLS

typedef enum carnet_store_issuance_state {
    CARNET_STORE_ISSUANCE_ISSUED = 1,
    CARNET_STORE_ISSUANCE_ACCEPTED, /**< so the wallet said; as are the next two */
    CARNET_STORE_ISSUANCE_FAILED,
    CARNET_STORE_ISSUANCE_DELETED
} carnet_store_issuance_state;

/** Values of a status as in token status lists. */
typedef enum carnet_store_status {
    CARNET_STORE_STATUS_VALID = 0,
    CARNET_STORE_STATUS_INVALID = 1,
    CARNET_STORE_STATUS_SUSPENDED = 2
} carnet_store_status;

typedef struct carnet_store_credential {
    carnet_span device_key; /**< its thumbprint; unique among all records */
    int64_t index;          /**< in the issuance's status list; unique there; not read without a list */
    carnet_store_status status;
} carnet_store_credential;

typedef struct carnet_store_issuance {
    int64_t id;    /**< set by the insert, if it is 0 */
    int64_t grant; /**< 0: none */
    carnet_str configuration, doctype;
    carnet_str subject;
    carnet_str list;               /**< status lists' name; empty: no status */
    int64_t list_number;           /**< which of that name */
    carnet_span notification_hash; /**< may be empty */
    carnet_time issued, valid_from, valid_until;
    carnet_store_issuance_state state;
    int64_t count;                              /**< credentials */
    const carnet_store_credential *credentials; /**< `count` of them, for the insert; NULL when read */
} carnet_store_issuance;

/** Take `count` indices of the current list of that name, which no one has had or will have; all are from one list, *number.
 *  Which come next cannot be told by who does not know the list's key.  Lists have `size` indices and follow each other as they fill.  Call it before the
 *  transaction that records them: indices that are not recorded are lost, no more. */
carnet_rc carnet_store_status_take(carnet_store *store, carnet_str list, int64_t size, size_t count, int64_t *indices,
                                   int64_t *number, carnet_err *err);

/** Record an issuance with its credentials; state is set to issued.  CARNET_E_STORE_REPLAYED: a device key has a credential
 *  already, and *which (may be NULL) is the first such. */
carnet_rc carnet_store_issuance_insert(carnet_store_session *session, carnet_store_issuance *issuance, size_t *which,
                                       carnet_err *err);
carnet_rc carnet_store_issuance_by_id(carnet_store_session *session, int64_t id, carnet_store_issuance *issuance,
                                      carnet_buf *room, carnet_err *err);
/** An identifier for an issuance that is to be inserted: the notification identifier begins with it. */
int64_t carnet_store_issuance_identifier(carnet_store *store);
/** The issuance that a notification identifier names, and whose hash this is; CARNET_E_STORE_ABSENT.  `id` is 0 when it names
 *  none, as it was before version 7 of the schema. */
carnet_rc carnet_store_issuance_by_notification(carnet_store_session *session, int64_t id,
                                                carnet_span notification_hash, carnet_store_issuance *issuance,
                                                carnet_buf *room, carnet_err *err);
/** What the wallet notified (OpenID4VCI 1.0, 11).  A repeated notice changes nothing and succeeds. */
carnet_rc carnet_store_issuance_notify(carnet_store_session *session, int64_t id, carnet_store_issuance_state state,
                                       carnet_time now, carnet_err *err);

typedef bool carnet_store_issuance_each(void *self, const carnet_store_issuance *issuance);
/** What a listing is narrowed to; zeros and empty views: not. */
typedef struct carnet_store_issuance_filter {
    carnet_str configuration, subject;
    int64_t before; /**< identifiers below it */
    size_t limit;   /**< 0: 50 */
} carnet_store_issuance_filter;
/** The latest first. */
carnet_rc carnet_store_issuance_list(carnet_store_session *session, const carnet_store_issuance_filter *filter,
                                     carnet_store_issuance_each *each, void *self, carnet_err *err);

/** Of what was issued of a configuration under a grant, kept as long as the grant. */
typedef struct carnet_store_history {
    int64_t requests;       /**< answered, with issuances */
    carnet_time last_until; /**< the end of the last one's validity */
} carnet_store_history;
/** Zeros when there was none. */
carnet_rc carnet_store_issuance_history(carnet_store_session *session, int64_t grant, carnet_str configuration,
                                        carnet_store_history *history, carnet_err *err);

typedef bool carnet_store_credential_each(void *self, const carnet_store_credential *credential);
carnet_rc carnet_store_credential_list(carnet_store_session *session, int64_t issuance,
                                       carnet_store_credential_each *each, void *self, carnet_err *err);
/** Set the status of all credentials of an issuance. */
carnet_rc carnet_store_credential_set_status(carnet_store_session *session, int64_t issuance,
                                             carnet_store_status status, carnet_err *err);
/** The indices of a list whose status is not VALID, in ascending order. */
carnet_rc carnet_store_status_each(carnet_store_session *session, carnet_str list, int64_t number,
                                   carnet_store_credential_each *each, void *self, carnet_err *err);

/* Issuances that wait (OpenID4VCI 1.0, 9). */

typedef enum carnet_store_deferred_state {
    CARNET_STORE_DEFERRED_PENDING = 1,
    CARNET_STORE_DEFERRED_READY, /**< may be issued */
    CARNET_STORE_DEFERRED_DENIED,
    CARNET_STORE_DEFERRED_DONE
} carnet_store_deferred_state;

typedef struct carnet_store_deferred {
    int64_t id;                   /**< set by the insert */
    carnet_span transaction_hash; /**< unique */
    int64_t grant;
    carnet_str configuration;
    carnet_span request; /**< sealed: keys and what else the issuance needs */
    carnet_time ready;   /**< pending becomes issuable at this time by itself; 0: only by decision */
    int64_t interval;    /**< seconds the wallet is asked to wait */
    carnet_store_deferred_state state;
    carnet_str reason; /**< of a denial */
    carnet_time created, expires;
    int64_t issuance; /**< when done */
} carnet_store_deferred;

carnet_rc carnet_store_deferred_insert(carnet_store_session *session, carnet_store_deferred *deferred, carnet_err *err);
carnet_rc carnet_store_deferred_by_id(carnet_store_session *session, int64_t id, carnet_store_deferred *deferred,
                                      carnet_buf *room, carnet_err *err);
carnet_rc carnet_store_deferred_by_transaction(carnet_store_session *session, carnet_span transaction_hash,
                                               carnet_store_deferred *deferred, carnet_buf *room, carnet_err *err);
/** Pending to ready or denied; CARNET_E_STORE_STATE. */
carnet_rc carnet_store_deferred_decide(carnet_store_session *session, int64_t id, carnet_store_deferred_state state,
                                       carnet_str reason, carnet_err *err);
/** Pending or ready to done, for this issuance (0: unknown); the request is forgotten; CARNET_E_STORE_STATE. */
carnet_rc carnet_store_deferred_finish(carnet_store_session *session, int64_t id, int64_t issuance, carnet_err *err);
typedef bool carnet_store_deferred_each(void *self, const carnet_store_deferred *deferred);
/** Those that are pending, the oldest first; requests are left out. */
carnet_rc carnet_store_deferred_list(carnet_store_session *session, size_t limit, carnet_store_deferred_each *each,
                                     void *self, carnet_err *err);

CARNET_END_DECLS
#endif
