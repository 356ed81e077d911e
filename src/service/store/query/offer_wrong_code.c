/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_offer_wrong_code,
    "UPDATE offers SET attempts = attempts - 1, state = CASE WHEN attempts <= 1 THEN 3 ELSE state "
    "END WHERE id = $1 AND state = 1 RETURNING attempts",
};

carnet_rc
carnet_store_offer_wrong_code(carnet_store_session *session, int64_t id, int64_t *left, carnet_err *err)
{
    carnet_store_query query;

    *left = 0;
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    if (carnet_store_row(&query))
        *left = carnet_store_get_integer(&query);
    return carnet_store_end(&query, err);
}
