/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_deferred_list,
    "SELECT " DEFERRED_COLUMNS_SHORT " FROM deferred_issuances WHERE state = 1 ORDER BY id LIMIT $1",
};

carnet_rc
carnet_store_deferred_list(carnet_store_session *session, size_t limit, carnet_store_deferred_each *each, void *self,
                           carnet_err *err)
{
    carnet_store_deferred deferred = { 0 };
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, limit == 0 ? 50 : (int64_t)limit);
    while (carnet_store_row(&query)) {
        carnet_store_read_deferred(&query, &deferred, NULL);
        if (!each(self, &deferred))
            break;
    }
    return carnet_store_end(&query, err);
}
