/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_cash_account_update,
    "UPDATE cash_accounts SET state = $2, balance = $3, held = $4, floor = $5, per_transaction = $6, per_day = $7, "
    "count_per_day = $8, day = $9, day_amount = $10, day_count = $11, last_movement = $12, pin_tries = $13, pin = $14, "
    "name = $15 WHERE id = $1",
};

carnet_rc
carnet_store_cash_account_update(carnet_store_session *session, const carnet_store_cash_account *account,
                                 carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, account->id);
    carnet_store_put_integer(&query, account->state);
    carnet_store_put_integer(&query, account->balance);
    carnet_store_put_integer(&query, account->held);
    carnet_store_put_integer(&query, account->floor);
    carnet_store_put_integer(&query, account->per_transaction);
    carnet_store_put_integer(&query, account->per_day);
    carnet_store_put_integer(&query, account->count_per_day);
    carnet_store_put_integer(&query, account->day);
    carnet_store_put_integer(&query, account->day_amount);
    carnet_store_put_integer(&query, account->day_count);
    carnet_store_put_integer(&query, account->last_movement);
    carnet_store_put_integer(&query, account->pin_tries);
    carnet_store_put_hash(&query, account->pin);
    carnet_store_put_text(&query, account->name);
    return carnet_store_change(&query, CARNET_E_STORE_ABSENT, err);
}
