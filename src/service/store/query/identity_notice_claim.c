/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_identity_notice_claim,
    "UPDATE identity_notices SET due = $3, attempts = attempts + 1 WHERE id = $1 AND due = $2",
};

carnet_rc
carnet_store_identity_notice_claim(carnet_store_session *session, int64_t id, carnet_time due, carnet_time next,
                                   carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    carnet_store_put_integer(&query, due);
    carnet_store_put_integer(&query, next);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
