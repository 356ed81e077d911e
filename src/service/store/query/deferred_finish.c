/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_deferred_finish,
    "UPDATE deferred_issuances SET state = 4, issuance = $2, request = NULL WHERE id = $1 AND state "
    "IN (1, 2)",
};

carnet_rc
carnet_store_deferred_finish(carnet_store_session *session, int64_t id, int64_t issuance, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    carnet_store_put_integer(&query, issuance);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
