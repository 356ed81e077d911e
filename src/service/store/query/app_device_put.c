/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_app_device_put,
    "INSERT INTO app_devices (device, user_name, added) VALUES ($1, $2, $3) ON CONFLICT (device) DO UPDATE SET "
    "user_name = excluded.user_name",
};

carnet_rc
carnet_store_app_device_put(carnet_store_session *session, carnet_str device, carnet_str user, carnet_time now,
                            carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_text(&query, device);
    carnet_store_put_text(&query, user);
    carnet_store_put_integer(&query, now);
    return carnet_store_run(&query, err);
}
