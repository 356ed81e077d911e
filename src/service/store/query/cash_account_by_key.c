/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_cash_account_by_key,
    "SELECT " CASH_ACCOUNT_COLUMNS " FROM cash_accounts WHERE id = "
    "(SELECT account FROM cash_account_keys WHERE hash = $1) @LOCK@",
};

carnet_rc
carnet_store_cash_account_by_key(carnet_store_session *session, carnet_span hash, carnet_store_cash_account *account,
                                 carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_hash(&query, hash);
    return carnet_store_one(&query, carnet_store_read_cash_account, account, sizeof(*account), room, err);
}
