/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_authorization_keep,
    "UPDATE authorizations SET method = CASE WHEN $2 = '' THEN method ELSE $2 END, "
    "identification_hash = coalesce($3, identification_hash), identification = $4 WHERE id = $1 AND "
    "state = 2",
};

carnet_rc
carnet_store_authorization_keep(carnet_store_session *session, int64_t id, carnet_str method,
                                carnet_span identification_hash, carnet_span identification, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    carnet_store_put_text(&query, method);
    carnet_store_put_hash(&query, identification_hash);
    carnet_store_put_bytes(&query, identification);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
