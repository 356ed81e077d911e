/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accounts by double entry: what an account allows, and what a movement does to
 * the two accounts it is between.
 *
 * Rules only; where accounts and movements are kept is the caller's affair, who
 * writes both accounts and the movement together or not at all.  Every movement
 * takes from one account what it gives to another, so the sum of all balances
 * is always 0.  Amounts are whole minor units (cents); a balance is what the
 * holder has.  A hold reserves without moving anything.  Any thread.
 */
#ifndef CARNET_LEDGER_H
#define CARNET_LEDGER_H
#include "carnet/authorization_judge.h"
CARNET_BEGIN_DECLS

#define CARNET_LEDGER_AMOUNT_MAX INT64_C(999999999999) /**< of one movement: 12 digits */

typedef enum carnet_ledger_kind {
    CARNET_LEDGER_CUSTOMER = 1,
    CARNET_LEDGER_SETTLEMENT, /**< what is owed to acquirers, for cash they handed out and goods they sold */
    CARNET_LEDGER_FUNDING     /**< where deposits come from */
} carnet_ledger_kind;

typedef enum carnet_ledger_state {
    CARNET_LEDGER_OPEN = 1,
    CARNET_LEDGER_BLOCKED,
    CARNET_LEDGER_CLOSED
} carnet_ledger_state;

typedef struct carnet_ledger_account {
    int64_t id;
    carnet_ledger_kind kind;
    carnet_ledger_state state;
    unsigned currency;       /**< ISO 4217 number */
    int64_t balance, held;   /**< held: reserved, 0 or more */
    int64_t floor;           /**< below which balance less held never goes; INT64_MIN: none (not of customers) */
    int64_t per_transaction; /**< limits; 0: none */
    int64_t per_day;
    unsigned count_per_day;
    int64_t day; /**< days since 1970 that the next two are of */
    int64_t day_amount;
    unsigned day_count;
    int64_t last_movement; /**< id of the last movement of a customer's account; 0: none */
} carnet_ledger_account;

typedef enum carnet_ledger_movement_kind {
    CARNET_LEDGER_DEPOSIT = 1,
    CARNET_LEDGER_WITHDRAWAL, /**< cash or a purchase, authorised and booked at once */
    CARNET_LEDGER_HOLD,       /**< reserved for a purchase; moves nothing */
    CARNET_LEDGER_CAPTURE,    /**< what was reserved is booked, or less */
    CARNET_LEDGER_RELEASE,    /**< what was reserved is free again; moves nothing */
    CARNET_LEDGER_RETURN      /**< of what was booked, all or a part, because it was reversed */
} carnet_ledger_movement_kind;

/** One movement.  Of HOLD and RELEASE `amount` is what is reserved or freed. */
typedef struct carnet_ledger_movement {
    int64_t id; /**< the message's that caused it */
    carnet_ledger_movement_kind kind;
    int64_t customer, other; /**< ids of accounts */
    int64_t amount;          /**< above 0; what left the customer's account, or came to it (DEPOSIT, RETURN) */
    int64_t held;            /**< CAPTURE: what had been reserved */
    int64_t original;        /**< id of the movement that this one is about; 0: none */
    int64_t before;          /**< id of the customer's last movement until then; 0: none */
    carnet_time at;
} carnet_ledger_movement;

/** Whether the account allows a withdrawal (or a hold): APPROVED, RESTRICTED, AMOUNT (another currency, 0 or too much for
 *  anybody), LIMIT, FREQUENCY or FUNDS. */
CARNET_API carnet_judged carnet_ledger_allows(const carnet_ledger_account *account, int64_t amount, unsigned currency,
                                              carnet_time now);
/** Post a movement: change both accounts and set movement->before.  CARNET_E_LEDGER_MOVEMENT: one that cannot be (another currency,
 *  more returned than there was is the caller's to know); then nothing has changed.  That the customer's account allows it was
 *  asked before. */
CARNET_API carnet_rc carnet_ledger_post(carnet_ledger_movement *movement, carnet_ledger_account *customer,
                                        carnet_ledger_account *other, carnet_err *err);
/** What a movement adds to the customer's balance (the other account's loses it), and to what is held. */
CARNET_API int64_t carnet_ledger_effect(const carnet_ledger_movement *movement);
CARNET_API int64_t carnet_ledger_effect_held(const carnet_ledger_movement *movement);

/* --- whether the books are right --- */

/** What was found so far; begin with zeros. */
typedef struct carnet_ledger_totals {
    uint64_t accounts, movements, messages;
    int64_t balances;       /**< the sum of all balances: 0 */
    uint64_t wrong_balance; /**< accounts whose balance is not the sum of their movements */
    uint64_t wrong_held;    /**< accounts whose holds are not the sum of theirs */
    uint64_t below_floor;   /**< customers' accounts that are lower than they may be */
    uint64_t unbooked;      /**< messages authorised without their movement, or refused with one */
    uint64_t wrong_amount;  /**< messages whose movement is of another amount */
    uint64_t over_returned; /**< originals of which more was returned than was booked */
    bool overflow;          /**< a sum is too large to be known */
} carnet_ledger_totals;

/** An account as it is, and the sums of what its movements did to it. */
CARNET_API void carnet_ledger_check_account(carnet_ledger_totals *totals, const carnet_ledger_account *account,
                                            int64_t moved, int64_t moved_held);
/** A message that was answered: whether it was authorised, for how much (0: it moves nothing); its movement if there is one; how
 *  much of that was returned or released by later ones. */
CARNET_API void carnet_ledger_check_message(carnet_ledger_totals *totals, bool authorised, int64_t amount,
                                            const carnet_ledger_movement *movement, int64_t returned);
/** True if nothing was found wrong. */
CARNET_API bool carnet_ledger_sound(const carnet_ledger_totals *totals);

CARNET_END_DECLS
#endif
