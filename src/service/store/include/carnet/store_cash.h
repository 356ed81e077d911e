/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the issuing authorisation system keeps: accounts, by which keys they are
 * found, movements between them, and the messages that were answered.
 *
 * Amounts are minor units.  Numbers of accounts and cards come here as keyed hashes
 * alone, PINs as a keyed hash, answers sealed.  The rules are carnet/ledger.h's
 * and carnet/debit.h's: nothing is judged here.
 */
#ifndef CARNET_STORE_CASH_H
#define CARNET_STORE_CASH_H
#include "carnet/store.h"
CARNET_BEGIN_DECLS

/** An account; `kind` and `state` as in carnet/ledger.h. */
typedef struct carnet_store_cash_account {
    int64_t id, kind, state, currency, balance, held, floor;
    int64_t per_transaction, per_day, count_per_day;
    int64_t day, day_amount, day_count, last_movement, pin_tries;
    carnet_span pin; /**< keyed hash; empty: none */
    carnet_str name; /**< for the operator; no number */
} carnet_store_cash_account;

/** A new account; id 0 becomes one.  CARNET_E_STORE_STATE: the house has one of this kind and currency. */
carnet_rc carnet_store_cash_account_insert(carnet_store_session *session, carnet_store_cash_account *account,
                                           carnet_err *err);
/** Another key of an account.  CARNET_E_STORE_STATE: it is one's already. */
carnet_rc carnet_store_cash_key_insert(carnet_store_session *session, carnet_span hash, int64_t account,
                                       carnet_err *err);
/** CARNET_E_STORE_ABSENT. */
carnet_rc carnet_store_cash_account_by_id(carnet_store_session *session, int64_t id, carnet_store_cash_account *account,
                                          carnet_buf *room, carnet_err *err);
carnet_rc carnet_store_cash_account_by_key(carnet_store_session *session, carnet_span hash,
                                           carnet_store_cash_account *account, carnet_buf *room, carnet_err *err);
/** The house's account of a kind (not of customers) in a currency. */
carnet_rc carnet_store_cash_account_of_house(carnet_store_session *session, int64_t kind, int64_t currency,
                                             carnet_store_cash_account *account, carnet_buf *room, carnet_err *err);
/** All but kind and currency become these. */
carnet_rc carnet_store_cash_account_update(carnet_store_session *session, const carnet_store_cash_account *account,
                                           carnet_err *err);
/** What a movement changes: balance, held, the day's totals, last_movement, pin_tries. */
carnet_rc carnet_store_cash_account_move(carnet_store_session *session, const carnet_store_cash_account *account,
                                         carnet_err *err);
/** In the order of their ids, after `after`, at most `limit` (50); false ends it. */
typedef bool carnet_store_cash_account_each(void *self, const carnet_store_cash_account *account);
carnet_rc carnet_store_cash_account_list(carnet_store_session *session, int64_t after, size_t limit,
                                         carnet_store_cash_account_each *each, void *self, carnet_err *err);

/** A movement; its id is that of the message that caused it. */
typedef struct carnet_store_cash_movement {
    int64_t id, kind, customer, other, amount, held, original, before;
    carnet_time at;
} carnet_store_cash_movement;

carnet_rc carnet_store_cash_movement_insert(carnet_store_session *session, carnet_store_cash_movement *movement,
                                            carnet_err *err);
/** CARNET_E_STORE_ABSENT. */
carnet_rc carnet_store_cash_movement_by_id(carnet_store_session *session, int64_t id,
                                           carnet_store_cash_movement *movement, carnet_err *err);

/** A message that was answered; `kind`, `state` and `judged` as in carnet/debit.h. */
typedef struct carnet_store_cash_message {
    int64_t id;
    carnet_time moment;
    carnet_str origin, reference;
    carnet_time at;
    carnet_str link;
    int64_t kind, state, judged, amount, moves, returned, currency;
    carnet_str staged;
    carnet_span session;
    carnet_str vector, risk;
    int64_t level, original;
    int64_t telling;    /**< not 0: what the mobile app server has still to be told of it */
    carnet_str missing; /**< vectors that would have done, with commas, when more assurance was needed */
    carnet_span answer; /**< sealed */
} carnet_store_cash_message;

/** CARNET_E_STORE_TWICE: there is one of this moment, origin and reference, or the staged transaction was used. */
carnet_rc carnet_store_cash_message_insert(carnet_store_session *session, carnet_store_cash_message *message,
                                           carnet_err *err);
/** The message of this moment and origin whose reference is the same, or that has none, or all if `any` or `reference` is
 *  empty.  CARNET_E_STORE_ABSENT. */
carnet_rc carnet_store_cash_message_find(carnet_store_session *session, carnet_time moment, carnet_str origin,
                                         carnet_str reference, bool any, carnet_store_cash_message *message,
                                         carnet_buf *room, carnet_err *err);
/** The message that used a staged transaction.  CARNET_E_STORE_ABSENT. */
carnet_rc carnet_store_cash_message_by_staged(carnet_store_session *session, carnet_str staged,
                                              carnet_store_cash_message *message, carnet_buf *room, carnet_err *err);
carnet_rc carnet_store_cash_message_by_id(carnet_store_session *session, int64_t id, carnet_store_cash_message *message,
                                          carnet_buf *room, carnet_err *err);
/** What became of it.  CARNET_E_STORE_ABSENT. */
carnet_rc carnet_store_cash_message_change(carnet_store_session *session, int64_t id, int64_t state, int64_t returned,
                                           carnet_err *err);
/** Whether somebody has to be told of it. */
carnet_rc carnet_store_cash_message_tell(carnet_store_session *session, int64_t id, int64_t telling, carnet_err *err);

typedef bool carnet_store_cash_message_each(void *self, const carnet_store_cash_message *message);
/** Latest first, before `before` (0: all), at most `limit` (50); `refused`: only those that were. */
carnet_rc carnet_store_cash_message_list(carnet_store_session *session, int64_t before, bool refused, size_t limit,
                                         carnet_store_cash_message_each *each, void *self, carnet_err *err);
/** Those that have to be told, oldest first, after `after`. */
carnet_rc carnet_store_cash_message_untold(carnet_store_session *session, int64_t after, size_t limit,
                                           carnet_store_cash_message_each *each, void *self, carnet_err *err);

/* --- whether the books are right --- */

/** Each account, and what its movements come to: of balance and of what is held. */
typedef void carnet_store_cash_sum_each(void *self, const carnet_store_cash_account *account, int64_t moved,
                                        int64_t moved_held);
carnet_rc carnet_store_cash_sums(carnet_store_session *session, carnet_store_cash_sum_each *each, void *self,
                                 carnet_err *err);
/** Each message, its movement (id 0: none), and what later ones gave back of it. */
typedef void carnet_store_cash_booked_each(void *self, int64_t judged, int64_t moves,
                                           const carnet_store_cash_movement *movement, int64_t returned);
carnet_rc carnet_store_cash_booked(carnet_store_session *session, carnet_store_cash_booked_each *each, void *self,
                                   carnet_err *err);
/** Movements, other than deposits, of which there is no message. */
carnet_rc carnet_store_cash_strays(carnet_store_session *session, int64_t *count, carnet_err *err);

CARNET_END_DECLS
#endif
