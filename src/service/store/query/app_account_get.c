/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_app_account_get,
    "SELECT user_name, alias, position, currency, pan FROM app_accounts WHERE user_name = $1 AND "
    "(alias = $2 OR $2 = '') ORDER BY position, alias LIMIT 1 @LOCK@",
};

static void
read(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_account *account = record;

    account->user = carnet_store_get_text(query, room);
    account->alias = carnet_store_get_text(query, room);
    account->position = carnet_store_get_integer(query);
    account->currency = carnet_store_get_text(query, room);
    account->pan = carnet_store_get_bytes(query, room);
}

carnet_rc
carnet_store_app_account_get(carnet_store_session *session, carnet_str user, carnet_str alias,
                             carnet_store_account *account, carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_text(&query, user);
    carnet_store_put_text(&query, alias);
    return carnet_store_one(&query, read, account, sizeof(*account), room, err);
}
