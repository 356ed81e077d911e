/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_issuance_by_notification,
    "SELECT " ISSUANCE_COLUMNS " FROM issuances WHERE notification_hash = $1 @LOCK@",
};

carnet_rc
carnet_store_issuance_by_notification(carnet_store_session *session, carnet_span notification_hash,
                                      carnet_store_issuance *issuance, carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_hash(&query, notification_hash);
    return carnet_store_one(&query, carnet_store_read_issuance, issuance, sizeof(*issuance), room, err);
}
