/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_identity_session_open,
    "SELECT " IDENTITY_SESSION_COLUMNS
    " FROM identity_sessions WHERE device = $1 AND state <= 2 AND expires > $2 ORDER BY id LIMIT $3",
};

carnet_rc
carnet_store_identity_session_open(carnet_store_session *session, int64_t device, carnet_time now, size_t limit,
                                   carnet_store_identity_session_each *each, void *self, carnet_err *err)
{
    carnet_store_identity_session record = { 0 };
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, device);
    carnet_store_put_integer(&query, now);
    carnet_store_put_integer(&query, limit == 0 ? 50 : (int64_t)limit);
    while (carnet_store_row(&query)) {
        carnet_store_read_identity_session(&query, &record, NULL);
        if (!each(self, &record))
            break;
    }
    return carnet_store_end(&query, err);
}
