/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_app_account_put,
    "INSERT INTO app_accounts (user_name, alias, position, currency, pan) VALUES ($1, $2, $3, $4, $5) ON CONFLICT "
    "(user_name, alias) DO UPDATE SET position = excluded.position, currency = excluded.currency, pan = excluded.pan",
};

carnet_rc
carnet_store_app_account_put(carnet_store_session *session, const carnet_store_account *account, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_text(&query, account->user);
    carnet_store_put_text(&query, account->alias);
    carnet_store_put_integer(&query, account->position);
    carnet_store_put_text(&query, account->currency);
    carnet_store_put_bytes(&query, account->pan);
    return carnet_store_run(&query, err);
}
