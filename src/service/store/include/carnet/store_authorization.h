/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authorization requests on their way from PAR (RFC 9126) over the user's
 * identification to a code and its redemption.  See store.h.
 */
#ifndef CARNET_STORE_AUTHORIZATION_H
#define CARNET_STORE_AUTHORIZATION_H
#include "carnet/store.h"
CARNET_BEGIN_DECLS

typedef enum carnet_store_authorization_state {
    CARNET_STORE_AUTHORIZATION_PUSHED = 1,
    CARNET_STORE_AUTHORIZATION_IDENTIFYING,
    CARNET_STORE_AUTHORIZATION_GRANTED, /**< a code is out */
    CARNET_STORE_AUTHORIZATION_REFUSED,
    CARNET_STORE_AUTHORIZATION_REDEEMED
} carnet_store_authorization_state;

typedef struct carnet_store_authorization {
    int64_t id;                   /**< set by the insert */
    carnet_span request_uri_hash; /**< unique */
    carnet_str client_id;
    carnet_str configurations; /**< credential configuration identifiers, a space between them */
    carnet_str scope;          /**< as asked; may be empty */
    bool details;              /**< asked by authorization_details: the token response names them */
    carnet_str code_challenge; /**< S256 */
    carnet_str redirect_uri, client_state;
    carnet_str response_mode; /**< may be empty */
    carnet_span jkt;          /**< thumbprint of the DPoP key the request pins; may be empty */
    carnet_span client_key;   /**< thumbprint of the attested instance key; may be empty */
    int64_t offer;            /**< the offer whose issuer_state it brought, or 0 */
    carnet_str method;        /**< which identification; set by carnet_store_authorization_begin() */
    carnet_span browser_hash; /**< of the cookie the browser got; likewise */
    carnet_span
        identification_hash; /**< of what the identification service returns with (its state, its case); may be empty */
    carnet_span identification; /**< sealed: what the identification keeps between its steps; may be empty */
    carnet_store_authorization_state state;
    carnet_str reason;            /**< of a refusal: an OAuth error */
    carnet_span code_hash;        /**< unique; when granted */
    carnet_str subject;           /**< when granted */
    carnet_span claims;           /**< sealed; when granted; may be empty */
    carnet_time created, expires; /**< `expires`: of the request URI, then of the identification, then of the code */
    int64_t grant;                /**< when redeemed */
} carnet_store_authorization;

/** Keep a pushed request; state is set to pushed. */
carnet_rc carnet_store_authorization_insert(carnet_store_session *session, carnet_store_authorization *authorization,
                                            carnet_err *err);
/** Find one; CARNET_E_STORE_ABSENT.  Look at `state` and `expires`. */
carnet_rc carnet_store_authorization_by_id(carnet_store_session *session, int64_t id,
                                           carnet_store_authorization *authorization, carnet_buf *room,
                                           carnet_err *err);
carnet_rc carnet_store_authorization_by_request_uri(carnet_store_session *session, carnet_span request_uri_hash,
                                                    carnet_store_authorization *authorization, carnet_buf *room,
                                                    carnet_err *err);
/** The latest of that browser. */
carnet_rc carnet_store_authorization_by_browser(carnet_store_session *session, carnet_span browser_hash,
                                                carnet_store_authorization *authorization, carnet_buf *room,
                                                carnet_err *err);
carnet_rc carnet_store_authorization_by_identification(carnet_store_session *session, carnet_span identification_hash,
                                                       carnet_store_authorization *authorization, carnet_buf *room,
                                                       carnet_err *err);
carnet_rc carnet_store_authorization_by_code(carnet_store_session *session, carnet_span code_hash,
                                             carnet_store_authorization *authorization, carnet_buf *room,
                                             carnet_err *err);
/** Pushed to identifying: a request URI is good for one visit.  CARNET_E_STORE_STATE when it is not pushed. */
carnet_rc carnet_store_authorization_begin(carnet_store_session *session, int64_t id, carnet_str method,
                                           carnet_span browser_hash, carnet_time expires, carnet_err *err);
/** Keep what the identification is at, while identifying; else CARNET_E_STORE_STATE.  Empty hash and method: unchanged. */
carnet_rc carnet_store_authorization_keep(carnet_store_session *session, int64_t id, carnet_str method,
                                          carnet_span identification_hash, carnet_span identification, carnet_err *err);
/** Identifying to granted: a code, good until `expires`; else CARNET_E_STORE_STATE. */
carnet_rc carnet_store_authorization_grant(carnet_store_session *session, int64_t id, carnet_span code_hash,
                                           carnet_str subject, carnet_span claims, carnet_time expires,
                                           carnet_err *err);
/** Pushed or identifying to refused; else CARNET_E_STORE_STATE. */
carnet_rc carnet_store_authorization_refuse(carnet_store_session *session, int64_t id, carnet_str reason,
                                            carnet_err *err);
/** Granted to redeemed, for this grant; CARNET_E_STORE_REPLAYED when it was redeemed before (revoke its grant, RFC 6749 4.1.2),
 *  CARNET_E_STORE_STATE when it is not granted.  Its claims have moved to the grant and are forgotten here. */
carnet_rc carnet_store_authorization_redeem(carnet_store_session *session, int64_t id, int64_t grant, carnet_err *err);

CARNET_END_DECLS
#endif
