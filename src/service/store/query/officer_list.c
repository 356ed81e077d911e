/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_officer_list,
    "SELECT " OFFICER_COLUMNS_SHORT " FROM officers ORDER BY login",
};

carnet_rc
carnet_store_officer_list(carnet_store_session *session, carnet_store_officer_each *each, void *self, carnet_err *err)
{
    carnet_store_officer officer = { 0 };
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    while (carnet_store_row(&query)) {
        carnet_store_read_officer(&query, &officer, NULL);
        if (!each(self, &officer))
            break;
    }
    return carnet_store_end(&query, err);
}
