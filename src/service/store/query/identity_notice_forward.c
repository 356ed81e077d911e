/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_identity_notice_forward,
    "UPDATE identity_notices SET due = $2, expires = $3 WHERE id = $1 AND attempts = 0",
};

carnet_rc
carnet_store_identity_notice_forward(carnet_store_session *session, int64_t id, carnet_time due, carnet_time expires,
                                     carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    carnet_store_put_integer(&query, due);
    carnet_store_put_integer(&query, expires);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
