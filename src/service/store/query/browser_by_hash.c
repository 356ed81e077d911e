/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_browser_by_hash,
    "SELECT " BROWSER_COLUMNS " FROM browsers WHERE hash = $1 @LOCK@",
};

carnet_rc
carnet_store_browser_by_hash(carnet_store_session *session, carnet_span hash, carnet_store_browser *browser,
                             carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_hash(&query, hash);
    return carnet_store_one(&query, carnet_store_read_browser, browser, sizeof(*browser), room, err);
}
