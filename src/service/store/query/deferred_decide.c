/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_deferred_decide,
    "UPDATE deferred_issuances SET state = $2, reason = $3 WHERE id = $1 AND state = 1 AND $2 IN (2, "
    "3)",
};

carnet_rc
carnet_store_deferred_decide(carnet_store_session *session, int64_t id, carnet_store_deferred_state state,
                             carnet_str reason, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    carnet_store_put_integer(&query, state);
    carnet_store_put_text(&query, reason);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
