/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Store and forward: reversals and advices that the acquiring switch has to see
 * acknowledged by their issuer.  See store.h.  Identifiers grow in the order of
 * the inserts of one instance.  Messages come here sealed.
 */
#ifndef CARNET_STORE_FORWARD_H
#define CARNET_STORE_FORWARD_H
#include "carnet/store.h"
CARNET_BEGIN_DECLS

typedef enum carnet_store_forward_state {
    CARNET_STORE_FORWARD_QUEUED = 1, /**< goes to its issuer, in order */
    CARNET_STORE_FORWARD_HELD        /**< the issuer refused it: for a person */
} carnet_store_forward_state;

typedef struct carnet_store_forward {
    int64_t id; /**< set by the insert */
    carnet_str link;
    carnet_store_forward_state state;
    carnet_time created;
    carnet_str kind, trace, terminal; /**< message type indicator, DE 11, DE 41 */
    carnet_str reason;                /**< the issuer's answer to one that is held */
    carnet_span message;              /**< sealed */
} carnet_store_forward;

/** Keep a new one. */
carnet_rc carnet_store_forward_insert(carnet_store_session *session, carnet_store_forward *forward, carnet_err *err);
/** Its issuer has it (or a person has settled it); nothing happens if it is not there. */
carnet_rc carnet_store_forward_delete(carnet_store_session *session, int64_t id, carnet_err *err);
/** Its state from now on; nothing happens if it is not there. */
carnet_rc carnet_store_forward_change(carnet_store_session *session, int64_t id, carnet_store_forward_state state,
                                      carnet_str reason, carnet_err *err);

/** Called for each record; false ends the listing. */
typedef bool carnet_store_forward_each(void *self, const carnet_store_forward *forward);
/** Those in a state, in their order, with identifiers above `after`, `limit` (0: 100) at most. */
carnet_rc carnet_store_forward_list(carnet_store_session *session, carnet_store_forward_state state, int64_t after,
                                    size_t limit, carnet_store_forward_each *each, void *self, carnet_err *err);

/** Who sends what waits, of several switches on one store. */
typedef struct carnet_store_forward_claim {
    carnet_str holder; /**< empty: nobody yet */
    int64_t until;     /**< milliseconds since 1970 */
    int64_t inserts;   /**< by others than the holder, ever */
} carnet_store_forward_claim;

/** Claim it, or claim it again, until `until`: if it is `holder`'s, or `gone`'s (whoever asks knows that this holder is no more;
 *  empty: nobody), or was claimed until `now` at most.  *claim is whose it is then; its text is in the room. */
carnet_rc carnet_store_forward_claim_send(carnet_store_session *session, carnet_str holder, carnet_str gone,
                                          int64_t now, int64_t until, carnet_store_forward_claim *claim,
                                          carnet_buf *room, carnet_err *err);
/** Whose it is. */
carnet_rc carnet_store_forward_claim_get(carnet_store_session *session, carnet_store_forward_claim *claim,
                                         carnet_buf *room, carnet_err *err);
/** `by` inserted, or put back, something that waits, in this transaction: if it does not send, whoever does will see. */
carnet_rc carnet_store_forward_count(carnet_store_session *session, carnet_str by, carnet_err *err);

CARNET_END_DECLS
#endif
