/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_staged_total,
    "SELECT CAST(COALESCE(SUM(amount), 0) AS @INTEGER@) FROM staged WHERE user_name = $1 AND account = $2 AND "
    "currency = $3 AND created >= $4 AND state <= 6 AND (state <> 1 OR expires > $5)",
};

carnet_rc
carnet_store_staged_total(carnet_store_session *session, carnet_str user, carnet_str account, carnet_str currency,
                          carnet_time since, carnet_time now, int64_t *total, carnet_err *err)
{
    carnet_store_query query;

    *total = 0;
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_text(&query, user);
    carnet_store_put_text(&query, account);
    carnet_store_put_text(&query, currency);
    carnet_store_put_integer(&query, since);
    carnet_store_put_integer(&query, now);
    if (carnet_store_row(&query))
        *total = carnet_store_get_integer(&query);
    return carnet_store_end(&query, err);
}
