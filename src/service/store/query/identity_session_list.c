/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_identity_session_list,
    "SELECT " IDENTITY_SESSION_COLUMNS " FROM identity_sessions WHERE id < $1 ORDER BY id DESC LIMIT $2",
};

carnet_rc
carnet_store_identity_session_list(carnet_store_session *session, int64_t before, size_t limit,
                                   carnet_store_identity_session_each *each, void *self, carnet_err *err)
{
    carnet_store_identity_session record = { 0 };
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, before);
    carnet_store_put_integer(&query, limit == 0 ? 50 : (int64_t)limit);
    while (carnet_store_row(&query)) {
        carnet_store_read_identity_session(&query, &record, NULL);
        if (!each(self, &record))
            break;
    }
    return carnet_store_end(&query, err);
}
