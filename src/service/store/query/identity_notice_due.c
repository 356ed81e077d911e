/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_identity_notice_due,
    "SELECT " IDENTITY_NOTICE_COLUMNS " FROM identity_notices WHERE due <= $1 ORDER BY due, id LIMIT $2",
};

carnet_rc
carnet_store_identity_notice_due(carnet_store_session *session, carnet_time now, size_t limit,
                                 carnet_store_identity_notice_each *each, void *self, carnet_err *err)
{
    carnet_store_identity_notice notice = { 0 };
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, now);
    carnet_store_put_integer(&query, limit == 0 ? 50 : (int64_t)limit);
    while (carnet_store_row(&query)) {
        carnet_store_read_identity_notice(&query, &notice, NULL);
        if (!each(self, &notice))
            break;
    }
    return carnet_store_end(&query, err);
}
