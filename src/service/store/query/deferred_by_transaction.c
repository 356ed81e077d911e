/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_deferred_by_transaction,
    "SELECT " DEFERRED_COLUMNS " FROM deferred_issuances WHERE transaction_hash = $1 @LOCK@",
};

carnet_rc
carnet_store_deferred_by_transaction(carnet_store_session *session, carnet_span transaction_hash,
                                     carnet_store_deferred *deferred, carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_hash(&query, transaction_hash);
    return carnet_store_one(&query, carnet_store_read_deferred, deferred, sizeof(*deferred), room, err);
}
