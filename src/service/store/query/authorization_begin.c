/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_authorization_begin,
    "UPDATE authorizations SET state = 2, method = $2, browser_hash = $3, expires = $4 WHERE id = $1 "
    "AND state = 1",
};

carnet_rc
carnet_store_authorization_begin(carnet_store_session *session, int64_t id, carnet_str method, carnet_span browser_hash,
                                 carnet_time expires, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    carnet_store_put_text(&query, method);
    carnet_store_put_hash(&query, browser_hash);
    carnet_store_put_integer(&query, expires);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
