/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_status_each,
    "SELECT " CREDENTIAL_COLUMNS
    " FROM credentials WHERE list_number = $2 AND status <> 0 AND list_index IS NOT NULL AND EXISTS "
    "(SELECT 1 FROM status_lists WHERE status_lists.number = $2 AND name = $1) ORDER BY list_index",
};

carnet_rc
carnet_store_status_each(carnet_store_session *session, carnet_str list, int64_t number,
                         carnet_store_credential_each *each, void *self, carnet_err *err)
{
    carnet_store_credential credential = { 0 };
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_text(&query, list);
    carnet_store_put_integer(&query, number);
    while (carnet_store_row(&query)) {
        carnet_store_read_credential(&query, &credential, NULL);
        if (!each(self, &credential))
            break;
    }
    return carnet_store_end(&query, err);
}
