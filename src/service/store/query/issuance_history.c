/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_issuance_history,
    "SELECT requests, last_until FROM grant_issuances WHERE grant_id = $1 AND configuration = $2",
};

static void
read_history(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_history *history = record;

    (void)room;
    history->requests = carnet_store_get_integer(query);
    history->last_until = carnet_store_get_integer(query);
}

carnet_rc
carnet_store_issuance_history(carnet_store_session *session, int64_t grant, carnet_str configuration,
                              carnet_store_history *history, carnet_err *err)
{
    carnet_store_query query;
    carnet_rc rc;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, grant);
    carnet_store_put_text(&query, configuration);
    rc = carnet_store_one(&query, read_history, history, sizeof(*history), NULL, err);
    return rc == CARNET_E_STORE_ABSENT ? CARNET_OK : rc;
}
