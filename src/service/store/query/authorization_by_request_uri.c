/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_authorization_by_request_uri,
    "SELECT " AUTHORIZATION_COLUMNS " FROM authorizations WHERE request_uri_hash = $1 @LOCK@",
};

carnet_rc
carnet_store_authorization_by_request_uri(carnet_store_session *session, carnet_span request_uri_hash,
                                          carnet_store_authorization *authorization, carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_hash(&query, request_uri_hash);
    return carnet_store_one(&query, carnet_store_read_authorization, authorization, sizeof(*authorization), room, err);
}
