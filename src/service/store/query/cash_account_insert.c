/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_cash_account(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_cash_account *account = record;

    account->id = carnet_store_get_integer(query);
    account->kind = carnet_store_get_integer(query);
    account->state = carnet_store_get_integer(query);
    account->currency = carnet_store_get_integer(query);
    account->balance = carnet_store_get_integer(query);
    account->held = carnet_store_get_integer(query);
    account->floor = carnet_store_get_integer(query);
    account->per_transaction = carnet_store_get_integer(query);
    account->per_day = carnet_store_get_integer(query);
    account->count_per_day = carnet_store_get_integer(query);
    account->day = carnet_store_get_integer(query);
    account->day_amount = carnet_store_get_integer(query);
    account->day_count = carnet_store_get_integer(query);
    account->last_movement = carnet_store_get_integer(query);
    account->pin_tries = carnet_store_get_integer(query);
    account->pin = carnet_store_get_bytes(query, room);
    account->name = carnet_store_get_text(query, room);
}

static const carnet_store_statement statement = {
    CARNET_SQL_cash_account_insert,
    "INSERT INTO cash_accounts (" CASH_ACCOUNT_COLUMNS ") VALUES "
    "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT DO NOTHING",
};

carnet_rc
carnet_store_cash_account_insert(carnet_store_session *session, carnet_store_cash_account *account, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_identify(session, &account->id);
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, account->id);
    carnet_store_put_integer(&query, account->kind);
    carnet_store_put_integer(&query, account->state);
    carnet_store_put_integer(&query, account->currency);
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
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
