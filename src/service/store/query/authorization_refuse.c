/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_authorization_refuse,
    "UPDATE authorizations SET state = 4, reason = $2, identification = NULL WHERE id = $1 AND state "
    "< 3",
};

carnet_rc
carnet_store_authorization_refuse(carnet_store_session *session, int64_t id, carnet_str reason, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    carnet_store_put_text(&query, reason);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
