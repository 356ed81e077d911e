/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_identity_account(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_identity_account *account = record;

    account->id = carnet_store_get_integer(query);
    account->user_id = carnet_store_get_text(query, room);
    account->state = carnet_store_get_integer(query);
    account->level = carnet_store_get_integer(query);
    account->created = carnet_store_get_integer(query);
    account->changed = carnet_store_get_integer(query);
    account->failures = carnet_store_get_integer(query);
    account->locked = carnet_store_get_integer(query);
    account->pin = carnet_store_get_text(query, room);
}

static const carnet_store_statement statement = {
    CARNET_SQL_identity_account_insert,
    "INSERT INTO identity_accounts (" IDENTITY_ACCOUNT_COLUMNS ") "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
};

carnet_rc
carnet_store_identity_account_insert(carnet_store_session *session, carnet_store_identity_account *account,
                                     carnet_err *err)
{
    carnet_store_query query;

    carnet_store_identify(session, &account->id);
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, account->id);
    carnet_store_put_text(&query, account->user_id);
    carnet_store_put_integer(&query, account->state);
    carnet_store_put_integer(&query, account->level);
    carnet_store_put_integer(&query, account->created);
    carnet_store_put_integer(&query, account->changed);
    carnet_store_put_integer(&query, account->failures);
    carnet_store_put_integer(&query, account->locked);
    carnet_store_put_text(&query, account->pin);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
