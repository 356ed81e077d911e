/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_credential(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_credential *credential = record;

    credential->device_key = carnet_store_get_bytes(query, room);
    credential->index = carnet_store_get_integer(query);
    credential->status = (carnet_store_status)carnet_store_get_integer(query);
}

static const carnet_store_statement statement = {
    CARNET_SQL_credential_list,
    "SELECT " CREDENTIAL_COLUMNS " FROM credentials WHERE issuance = $1 ORDER BY number",
};

carnet_rc
carnet_store_credential_list(carnet_store_session *session, int64_t issuance, carnet_store_credential_each *each,
                             void *self, carnet_err *err)
{
    carnet_store_credential credential = { 0 };
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, issuance);
    while (carnet_store_row(&query)) {
        carnet_store_read_credential(&query, &credential, NULL);
        if (!each(self, &credential))
            break;
    }
    return carnet_store_end(&query, err);
}
