/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_staged_open,
    "SELECT " STAGED_COLUMNS_SHORT
    " FROM staged WHERE (state = 2 OR state = 4) AND polled <= $1 ORDER BY polled LIMIT $2",
};

carnet_rc
carnet_store_staged_open(carnet_store_session *session, carnet_time now, size_t limit, carnet_store_staged_each *each,
                         void *self, carnet_err *err)
{
    carnet_store_staged staged = { 0 };
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, now);
    carnet_store_put_integer(&query, limit == 0 ? 50 : (int64_t)limit);
    while (carnet_store_row(&query)) {
        carnet_store_read_staged(&query, &staged, NULL);
        if (!each(self, &staged))
            break;
    }
    return carnet_store_end(&query, err);
}
