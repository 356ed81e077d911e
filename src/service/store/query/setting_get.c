/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_setting_get,
    "SELECT value FROM settings WHERE name = $1",
};

static void
read_value(carnet_store_query *query, void *record, carnet_buf *room)
{
    *(carnet_span *)record = carnet_store_get_bytes(query, room);
}

carnet_rc
carnet_store_setting_get(carnet_store_session *session, const char *name, carnet_span *value, carnet_buf *room,
                         carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_text(&query, carnet_str_of(name));
    return carnet_store_one(&query, read_value, value, sizeof(*value), room, err);
}
