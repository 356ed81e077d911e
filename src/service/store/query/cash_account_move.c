/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_cash_account_move,
    "UPDATE cash_accounts SET balance = $2, held = $3, day = $4, day_amount = $5, day_count = $6, last_movement = $7, "
    "pin_tries = $8 WHERE id = $1",
};

carnet_rc
carnet_store_cash_account_move(carnet_store_session *session, const carnet_store_cash_account *account, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, account->id);
    carnet_store_put_integer(&query, account->balance);
    carnet_store_put_integer(&query, account->held);
    carnet_store_put_integer(&query, account->day);
    carnet_store_put_integer(&query, account->day_amount);
    carnet_store_put_integer(&query, account->day_count);
    carnet_store_put_integer(&query, account->last_movement);
    carnet_store_put_integer(&query, account->pin_tries);
    return carnet_store_run(&query, err);
}
