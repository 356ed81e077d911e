/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_cash_account_of_house,
    "SELECT " CASH_ACCOUNT_COLUMNS " FROM cash_accounts WHERE kind = $1 AND currency = $2 AND kind <> 1 @LOCK@",
};

carnet_rc
carnet_store_cash_account_of_house(carnet_store_session *session, int64_t kind, int64_t currency,
                                   carnet_store_cash_account *account, carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, kind);
    carnet_store_put_integer(&query, currency);
    return carnet_store_one(&query, carnet_store_read_cash_account, account, sizeof(*account), room, err);
}
