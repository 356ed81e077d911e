/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_identity_key_used,
    "UPDATE identity_keys SET sign_count = $2 WHERE id = $1",
};

carnet_rc
carnet_store_identity_key_used(carnet_store_session *session, int64_t id, int64_t sign_count, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    carnet_store_put_integer(&query, sign_count);
    return carnet_store_change(&query, CARNET_E_STORE_ABSENT, err);
}
