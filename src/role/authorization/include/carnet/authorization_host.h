/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the accounts are: the interface by which a bank plugs in its own host.
 * carnetd's own ledger is one implementation, and an example.
 *
 * Calls come after everything but the account was judged, one message at a time,
 * on one thread.  `unit` is what the caller books in together with its own
 * records: an implementation that lives in the same store writes there, so that
 * all of it holds or nothing does.  A host elsewhere gets NULL sense of it and
 * relies on `key`: the same key is the same message, to be booked once and
 * answered alike however often it comes (a unit may be begun again).
 *
 * A refusal is an outcome.  A failure (not CARNET_OK) undoes the unit, and the
 * message is answered as a malfunction, or UNAVAILABLE.
 */
#ifndef CARNET_AUTHORIZATION_HOST_H
#define CARNET_AUTHORIZATION_HOST_H
#include "carnet/authorization_judge.h"
#include "carnet/pin_block.h"
CARNET_BEGIN_DECLS

typedef struct carnet_authorization_order {
    int64_t id;            /**< of the message in the caller's records */
    carnet_str key;        /**< acquirer, terminal, trace number and time: unique */
    carnet_str pan;        /**< data element 2: a number or its token; may be empty */
    carnet_str account;    /**< data element 102: an alias; may be empty */
    uint64_t amount;       /**< minor units */
    unsigned currency;     /**< ISO 4217 number */
    bool hold;             /**< reserve only: an advice follows */
    const carnet_pin *pin; /**< NULL: none was sent; secret.  len 0: what was sent holds no PIN */
    bool pin_needed;       /**< the level was reached by it: an account without a PIN is a wrong one */
    carnet_time now;
} carnet_authorization_order;

/** What is undone or completed. */
typedef struct carnet_authorization_return {
    int64_t id;       /**< of the message */
    carnet_str key;   /**< of the message */
    int64_t original; /**< `id` of the order it is about */
    bool hold;        /**< that order was a hold */
    uint64_t amount;  /**< what is given back: all of it, or the part not handed out; CAPTURE: what is to be booked */
    carnet_time now;
} carnet_authorization_return;

typedef struct carnet_authorization_host {
    void *self;
    /** Check the PIN if there is one, limits and funds, and book (or reserve): APPROVED, ACCOUNT, RESTRICTED, PIN, PIN_TRIES,
     *  AMOUNT, LIMIT, FREQUENCY, FUNDS, UNAVAILABLE. */
    carnet_rc (*order)(void *self, void *unit, const carnet_authorization_order *order, carnet_judged *outcome,
                       carnet_err *err);
    /** Book what was reserved: APPROVED, or AMOUNT. */
    carnet_rc (*capture)(void *self, void *unit, const carnet_authorization_return *part, carnet_judged *outcome,
                         carnet_err *err);
    /** Give back what was booked, or free what was reserved; never more than is left of it. */
    carnet_rc (*give_back)(void *self, void *unit, const carnet_authorization_return *part, carnet_err *err);
} carnet_authorization_host;

CARNET_END_DECLS
#endif
