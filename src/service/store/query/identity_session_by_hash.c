/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_identity_session_by_hash,
    "SELECT " IDENTITY_SESSION_COLUMNS " FROM identity_sessions WHERE session_hash = $1 @LOCK@",
};

carnet_rc
carnet_store_identity_session_by_hash(carnet_store_session *session, carnet_span session_hash,
                                      carnet_store_identity_session *record, carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_hash(&query, session_hash);
    return carnet_store_one(&query, carnet_store_read_identity_session, record, sizeof(*record), room, err);
}
