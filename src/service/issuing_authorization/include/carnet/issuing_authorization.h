/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The issuing authorisation system as a part of carnetd (P1940 4): it listens
 * where its links say, for switches that speak ISO 8583.
 *
 * Its ledger, accounts by double entry in the store, is an example of a host of
 * accounts (carnet/authorization_host.h); configured, a bank's own is asked
 * instead.  Accounts are opened and credited here, by the administrator, from
 * any process that has the deployment's configuration and secrets.
 */
#ifndef CARNET_ISSUING_AUTHORIZATION_H
#define CARNET_ISSUING_AUTHORIZATION_H
#include "carnet/ledger.h"
#include "carnet/service_part.h"
CARNET_BEGIN_DECLS

extern const carnet_service_part carnet_issuing_authorization_part;

/** The port that the i-th link listens at; 0: there is no such link. */
uint16_t carnet_issuing_authorization_port(const void *self, size_t link);

/** An account as it is to be. */
typedef struct carnet_cash_account {
    carnet_str pan;    /**< 8 to 19 digits, or empty */
    carnet_str alias;  /**< of DE 102, 1 to 28 characters, or empty; one of the two is needed */
    carnet_str name;   /**< for the operator: no number */
    carnet_str pin;    /**< 4 to 12 digits; empty: none, or as before */
    unsigned currency; /**< ISO 4217 number */
    carnet_ledger_state state;
    int64_t overdraft; /**< minor units below 0 that it may have */
    int64_t per_transaction, per_day;
    unsigned count_per_day;
} carnet_cash_account;

/** Open an account, or give the one of this number (or alias) its new name, state, limits and PIN.  CARNET_E_AUTHORIZATION_ACCOUNT: something of
 *  it has no form, the alias is another's, or the currency another than it was. */
carnet_rc carnet_cash_account_put(carnet_service_worker *worker, const carnet_cash_account *account, int64_t *id,
                                  carnet_err *err);
/** Pay in: minor units, above 0.  CARNET_E_AUTHORIZATION_ACCOUNT: there is no such account. */
carnet_rc carnet_cash_account_credit(carnet_service_worker *worker, carnet_str pan_or_alias, int64_t amount,
                                     carnet_err *err);
/** What it is now.  CARNET_E_AUTHORIZATION_ACCOUNT. */
carnet_rc carnet_cash_account_get(carnet_service_worker *worker, carnet_str pan_or_alias,
                                  carnet_ledger_account *account, carnet_err *err);

/** Go through all the books.  CARNET_E_LEDGER_UNSOUND: something is wrong, *totals says what. */
carnet_rc carnet_ledger_check(carnet_store *store, carnet_ledger_totals *totals, carnet_err *err);

CARNET_END_DECLS
#endif
