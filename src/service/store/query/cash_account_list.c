/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_cash_account_list,
    "SELECT " CASH_ACCOUNT_COLUMNS " FROM cash_accounts WHERE id > $1 ORDER BY id LIMIT $2",
};

carnet_rc
carnet_store_cash_account_list(carnet_store_session *session, int64_t after, size_t limit,
                               carnet_store_cash_account_each *each, void *self, carnet_err *err)
{
    carnet_store_cash_account account = { 0 };
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, after);
    carnet_store_put_integer(&query, limit == 0 ? 50 : (int64_t)limit);
    while (carnet_store_row(&query)) {
        carnet_store_read_cash_account(&query, &account, NULL);
        if (!each(self, &account))
            break;
    }
    return carnet_store_end(&query, err);
}
