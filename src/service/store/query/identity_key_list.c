/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_identity_key_list,
    "SELECT " IDENTITY_KEY_COLUMNS " FROM identity_keys WHERE device = $1 ORDER BY id",
};

carnet_rc
carnet_store_identity_key_list(carnet_store_session *session, int64_t device, carnet_store_identity_key_each *each,
                               void *self, carnet_err *err)
{
    carnet_store_identity_key key = { 0 };
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, device);
    while (carnet_store_row(&query)) {
        carnet_store_read_identity_key(&query, &key, NULL);
        if (!each(self, &key))
            break;
    }
    return carnet_store_end(&query, err);
}
