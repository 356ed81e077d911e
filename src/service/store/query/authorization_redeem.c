/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_authorization_redeem,
    "UPDATE authorizations SET state = 5, grant_id = $2, claims = NULL WHERE id = $1 AND state = 3",
};

carnet_rc
carnet_store_authorization_redeem(carnet_store_session *session, int64_t id, int64_t grant, carnet_err *err)
{
    carnet_store_query query;
    carnet_rc rc;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    carnet_store_put_integer(&query, grant);
    rc = carnet_store_change(&query, CARNET_E_STORE_STATE, err);
    if (rc == CARNET_E_STORE_STATE &&
        carnet_store_authorization_state_of(session, id) == CARNET_STORE_AUTHORIZATION_REDEEMED)
        return carnet_fail(err, CARNET_E_STORE_REPLAYED, "RFC 6749 4.1.2", NULL);
    return rc;
}
