/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grants: what an access token opens and a refresh token renews.  See store.h.
 *
 * A refresh token is good once (RFC 9700, 4.14.2).  All that were spent are
 * remembered as long as the grant, so a stolen one that comes late is known.
 */
#ifndef CARNET_STORE_GRANT_H
#define CARNET_STORE_GRANT_H
#include "carnet/store.h"
CARNET_BEGIN_DECLS

typedef struct carnet_store_grant {
    int64_t id;              /**< set by the insert */
    carnet_span access_hash; /**< unique */
    carnet_time access_expires;
    carnet_span refresh_hash; /**< unique; empty: no refresh */
    carnet_time refresh_expires;
    carnet_time rotated;       /**< when the present pair was made */
    carnet_span jkt;           /**< thumbprint of the DPoP key; empty: Bearer */
    carnet_span client_key;    /**< thumbprint of the attested instance key; may be empty */
    carnet_str client_id;      /**< empty: anonymous */
    carnet_str configurations; /**< credential configuration identifiers, a space between them */
    carnet_str scope;
    bool details;                 /**< asked by authorization_details */
    carnet_str subject;           /**< a reference for the source of attributes */
    carnet_span claims;           /**< sealed; may be empty: the source is asked */
    int64_t offer, authorization; /**< from which it came; 0: not from that */
    carnet_time created;
    carnet_time revoked; /**< 0: not */
    carnet_str reason;   /**< of the revocation */
    int64_t issued;      /**< credentials so far */
} carnet_store_grant;

/** A new identifier, known before the insert; zero `id` in an insert makes one. */
carnet_rc carnet_store_identifier(carnet_store_session *session, int64_t *id, carnet_err *err);

carnet_rc carnet_store_grant_insert(carnet_store_session *session, carnet_store_grant *grant, carnet_err *err);
/** Find one; CARNET_E_STORE_ABSENT.  Look at `revoked` and the expiries. */
carnet_rc carnet_store_grant_by_id(carnet_store_session *session, int64_t id, carnet_store_grant *grant,
                                   carnet_buf *room, carnet_err *err);
carnet_rc carnet_store_grant_by_access(carnet_store_session *session, carnet_span access_hash,
                                       carnet_store_grant *grant, carnet_buf *room, carnet_err *err);
/** The same without claims, for endpoints that need none. */
carnet_rc carnet_store_grant_by_access_plain(carnet_store_session *session, carnet_span access_hash,
                                             carnet_store_grant *grant, carnet_buf *room, carnet_err *err);
/** Find the grant of a refresh token, present or spent.  *spent: it was rotated away before; `previous`: it is the one
 *  directly before the present one (its answer may have been lost: `rotated` says when).  Both may be NULL, but not acted on is a theft unseen. */
carnet_rc carnet_store_grant_by_refresh(carnet_store_session *session, carnet_span refresh_hash,
                                        carnet_store_grant *grant, bool *spent, bool *previous, carnet_buf *room,
                                        carnet_err *err);

/** New tokens for old. */
typedef struct carnet_store_rotation {
    int64_t id;
    carnet_span old_refresh_hash; /**< the present one; empty: it had none */
    carnet_span access_hash, refresh_hash;
    carnet_time access_expires, refresh_expires, now;
} carnet_store_rotation;

/** CARNET_E_STORE_STATE when the refresh token is not the present one, or the grant is revoked. */
carnet_rc carnet_store_grant_rotate(carnet_store_session *session, const carnet_store_rotation *rotation,
                                    carnet_err *err);
/** Count credentials issued under it; CARNET_E_STORE_STATE when it is revoked, or would have more than `most` (0: no limit). */
carnet_rc carnet_store_grant_issue(carnet_store_session *session, int64_t id, int64_t count, int64_t most,
                                   carnet_err *err);
/** The same for who has that access token: CARNET_E_STORE_STATE also when the token is another by now. */
carnet_rc carnet_store_grant_issue_to(carnet_store_session *session, int64_t id, carnet_span access_hash, int64_t count,
                                      carnet_err *err);
/** Revoke; nothing happens when it is revoked already.  `reason` is short and fixed ("code replayed"). */
carnet_rc carnet_store_grant_revoke(carnet_store_session *session, int64_t id, const char *reason, carnet_time now,
                                    carnet_err *err);
/** Forget the claims: all that was granted is issued. */
carnet_rc carnet_store_grant_forget(carnet_store_session *session, int64_t id, carnet_err *err);

CARNET_END_DECLS
#endif
