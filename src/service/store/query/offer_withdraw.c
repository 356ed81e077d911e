/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_offer_withdraw,
    "UPDATE offers SET state = 4, claims = NULL, document = NULL WHERE id = $1 AND state = 1",
};

carnet_rc
carnet_store_offer_withdraw(carnet_store_session *session, int64_t id, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
