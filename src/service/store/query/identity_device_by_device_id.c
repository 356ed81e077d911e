/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_identity_device_by_device_id,
    "SELECT " IDENTITY_DEVICE_COLUMNS " FROM identity_devices WHERE device_id = $1 @LOCK@",
};

carnet_rc
carnet_store_identity_device_by_device_id(carnet_store_session *session, carnet_str device_id,
                                          carnet_store_identity_device *device, carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_text(&query, device_id);
    return carnet_store_one(&query, carnet_store_read_identity_device, device, sizeof(*device), room, err);
}
