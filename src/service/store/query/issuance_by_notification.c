/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_issuance_by_notification,
    "SELECT " ISSUANCE_COLUMNS " FROM issuances WHERE notification_hash = $1 @LOCK@",
};

int64_t
carnet_store_issuance_identifier(carnet_store *store)
{
    return carnet_store_new_identifier(store);
}

carnet_rc
carnet_store_issuance_by_notification(carnet_store_session *session, int64_t id, carnet_span notification_hash,
                                      carnet_store_issuance *issuance, carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;
    carnet_rc rc;

    if (id != 0) {
        rc = carnet_store_issuance_by_id(session, id, issuance, room, err);
        if (rc != CARNET_OK || (notification_hash.len == CARNET_STORE_HASH &&
                                carnet_equal_secret(issuance->notification_hash, notification_hash)))
            return rc;
        *issuance = (carnet_store_issuance){ 0 };
        return carnet_fail(err, CARNET_E_STORE_ABSENT, NULL, NULL);
    }
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_hash(&query, notification_hash);
    return carnet_store_one(&query, carnet_store_read_issuance, issuance, sizeof(*issuance), room, err);
}
