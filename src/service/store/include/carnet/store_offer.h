/* SPDX-License-Identifier: Apache-2.0 */
/* Credential offers (OpenID4VCI 1.0, 4): made by the authority, redeemed once by a wallet.  See store.h. */
#ifndef CARNET_STORE_OFFER_H
#define CARNET_STORE_OFFER_H
#include "carnet/store.h"
CARNET_BEGIN_DECLS

typedef enum carnet_store_offer_state {
    CARNET_STORE_OFFER_OPEN = 1,
    CARNET_STORE_OFFER_REDEEMED,
    CARNET_STORE_OFFER_LOCKED,   /**< too many wrong transaction codes */
    CARNET_STORE_OFFER_WITHDRAWN /**< by the authority */
} carnet_store_offer_state;

typedef struct carnet_store_offer {
    int64_t id;                    /**< set by the insert */
    carnet_span reference_hash;    /**< of the identifier in the offer's URL; may be empty */
    carnet_span code_hash;         /**< of the pre-authorised code; may be empty */
    carnet_span issuer_state_hash; /**< for the authorization code flow; may be empty */
    carnet_span tx_code;           /**< a verifier of the transaction code (not the code); empty: none needed */
    int64_t attempts;              /**< wrong transaction codes still allowed */
    carnet_str configurations;     /**< credential configuration identifiers, a space between them */
    carnet_str subject;            /**< whose: a reference for the source of attributes */
    carnet_span claims;            /**< sealed; may be empty: the source is asked */
    carnet_span document;          /**< sealed: the offer itself, to be fetched by reference; may be empty */
    carnet_str actor;              /**< who made it: an officer's login, a client's name */
    int64_t enrolment;             /**< from this case, or 0 */
    carnet_time created, expires;
    carnet_store_offer_state state;
    int64_t grant; /**< what it was redeemed for, or 0 */
} carnet_store_offer;

/** Keep a new offer; state is set to open. */
carnet_rc carnet_store_offer_insert(carnet_store_session *session, carnet_store_offer *offer, carnet_err *err);
/** Find one; CARNET_E_STORE_ABSENT.  Look at `state` and `expires`. */
carnet_rc carnet_store_offer_by_id(carnet_store_session *session, int64_t id, carnet_store_offer *offer,
                                   carnet_buf *room, carnet_err *err);
carnet_rc carnet_store_offer_by_reference(carnet_store_session *session, carnet_span reference_hash,
                                          carnet_store_offer *offer, carnet_buf *room, carnet_err *err);
carnet_rc carnet_store_offer_by_code(carnet_store_session *session, carnet_span code_hash, carnet_store_offer *offer,
                                     carnet_buf *room, carnet_err *err);
carnet_rc carnet_store_offer_by_issuer_state(carnet_store_session *session, carnet_span issuer_state_hash,
                                             carnet_store_offer *offer, carnet_buf *room, carnet_err *err);
/** Count one wrong transaction code; at the last the offer is locked.  *left: attempts that remain. */
carnet_rc carnet_store_offer_wrong_code(carnet_store_session *session, int64_t id, int64_t *left, carnet_err *err);
/** Open to redeemed, for this grant (0: an authorization that began from it); CARNET_E_STORE_STATE when it is not open,
 *  or expired at `now`.  Its claims and document are forgotten: take them along before. */
carnet_rc carnet_store_offer_redeem(carnet_store_session *session, int64_t id, int64_t grant, carnet_time now,
                                    carnet_err *err);
/** Open to withdrawn; CARNET_E_STORE_STATE. */
carnet_rc carnet_store_offer_withdraw(carnet_store_session *session, int64_t id, carnet_err *err);

/** All offers of a case that are open; there may be none. */
carnet_rc carnet_store_offer_withdraw_enrolment(carnet_store_session *session, int64_t enrolment, carnet_err *err);

/** Called for each record; false ends the listing. */
typedef bool carnet_store_offer_each(void *self, const carnet_store_offer *offer);
/** The latest first, those with an identifier below `before` (0: all), `limit` at most; claims and document are left out. */
carnet_rc carnet_store_offer_list(carnet_store_session *session, int64_t before, size_t limit,
                                  carnet_store_offer_each *each, void *self, carnet_err *err);

CARNET_END_DECLS
#endif
