/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_offer_redeem,
    "UPDATE offers SET state = 2, grant_id = $2, claims = NULL, document = NULL WHERE id = $1 AND "
    "state = 1 AND expires > $3",
};

carnet_rc
carnet_store_offer_redeem(carnet_store_session *session, int64_t id, int64_t grant, carnet_time now, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    carnet_store_put_integer(&query, grant);
    carnet_store_put_integer(&query, now);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
