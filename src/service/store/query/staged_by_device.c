/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_staged_by_device,
    "SELECT " STAGED_COLUMNS
    " FROM staged WHERE device = $1 AND state = 1 AND expires > $2 ORDER BY id DESC LIMIT 2 @LOCK@",
};

carnet_rc
carnet_store_staged_by_device(carnet_store_session *session, carnet_str device, carnet_time now,
                              carnet_store_staged *staged, size_t *count, carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;
    carnet_rc rc;

    *staged = (carnet_store_staged){ 0 };
    *count = 0;
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_text(&query, device);
    carnet_store_put_integer(&query, now);
    while (carnet_store_row(&query))
        if ((*count)++ == 0)
            carnet_store_read_staged(&query, staged, room);
    rc = carnet_store_end(&query, err);
    if (rc == CARNET_OK && room->overflow)
        rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (rc == CARNET_OK && *count == 0)
        rc = carnet_fail(err, CARNET_E_STORE_ABSENT, NULL, NULL);
    return rc;
}
