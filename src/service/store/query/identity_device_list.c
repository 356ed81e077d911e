/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_identity_device_list,
    "SELECT " IDENTITY_DEVICE_COLUMNS " FROM identity_devices WHERE account = $1 ORDER BY id",
};

carnet_rc
carnet_store_identity_device_list(carnet_store_session *session, int64_t account,
                                  carnet_store_identity_device_each *each, void *self, carnet_err *err)
{
    carnet_store_identity_device device = { 0 };
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, account);
    while (carnet_store_row(&query)) {
        carnet_store_read_identity_device(&query, &device, NULL);
        if (!each(self, &device))
            break;
    }
    return carnet_store_end(&query, err);
}
