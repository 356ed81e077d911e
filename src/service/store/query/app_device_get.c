/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_app_device_get,
    "SELECT user_name FROM app_devices WHERE device = $1",
};

static void
read(carnet_store_query *query, void *record, carnet_buf *room)
{
    *(carnet_str *)record = carnet_store_get_text(query, room);
}

carnet_rc
carnet_store_app_device_get(carnet_store_session *session, carnet_str device, carnet_str *user, carnet_buf *room,
                            carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_text(&query, device);
    return carnet_store_one(&query, read, user, sizeof(*user), room, err);
}
