/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_offer_by_issuer_state,
    "SELECT " OFFER_COLUMNS " FROM offers WHERE issuer_state_hash = $1 @LOCK@",
};

carnet_rc
carnet_store_offer_by_issuer_state(carnet_store_session *session, carnet_span issuer_state_hash,
                                   carnet_store_offer *offer, carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_hash(&query, issuer_state_hash);
    return carnet_store_one(&query, carnet_store_read_offer, offer, sizeof(*offer), room, err);
}
