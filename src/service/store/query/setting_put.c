/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_setting_put,
    "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = "
    "excluded.value",
};

carnet_rc
carnet_store_setting_put(carnet_store_session *session, const char *name, carnet_span value, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_text(&query, carnet_str_of(name));
    carnet_store_put_bytes(&query, value);
    return carnet_store_run(&query, err);
}
