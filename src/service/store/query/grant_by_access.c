/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_grant_by_access,
    "SELECT " GRANT_COLUMNS " FROM grants WHERE access_hash = $1 @LOCK@",
};

carnet_rc
carnet_store_grant_by_access(carnet_store_session *session, carnet_span access_hash, carnet_store_grant *grant,
                             carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_hash(&query, access_hash);
    return carnet_store_one(&query, carnet_store_read_grant, grant, sizeof(*grant), room, err);
}
