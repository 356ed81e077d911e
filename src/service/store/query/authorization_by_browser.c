/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_authorization_by_browser,
    "SELECT " AUTHORIZATION_COLUMNS " FROM authorizations WHERE browser_hash = $1 ORDER BY id DESC LIMIT 1 @LOCK@",
};

carnet_rc
carnet_store_authorization_by_browser(carnet_store_session *session, carnet_span browser_hash,
                                      carnet_store_authorization *authorization, carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_hash(&query, browser_hash);
    return carnet_store_one(&query, carnet_store_read_authorization, authorization, sizeof(*authorization), room, err);
}
