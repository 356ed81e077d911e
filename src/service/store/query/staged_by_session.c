/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_staged_by_session,
    "SELECT " STAGED_COLUMNS " FROM staged WHERE session = $1 @LOCK@",
};

carnet_rc
carnet_store_staged_by_session(carnet_store_session *session, carnet_str identity_session, carnet_store_staged *staged,
                               carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_text(&query, identity_session);
    return carnet_store_one(&query, carnet_store_read_staged, staged, sizeof(*staged), room, err);
}
