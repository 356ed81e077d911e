/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_staged_by_request,
    "SELECT " STAGED_COLUMNS " FROM staged WHERE request_hash = $1 @LOCK@",
};

carnet_rc
carnet_store_staged_by_request(carnet_store_session *session, carnet_span request_hash, carnet_store_staged *staged,
                               carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_hash(&query, request_hash);
    return carnet_store_one(&query, carnet_store_read_staged, staged, sizeof(*staged), room, err);
}
