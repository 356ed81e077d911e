/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_authorization_grant,
    "UPDATE authorizations SET state = 3, code_hash = $2, subject = $3, claims = $4, expires = $5, "
    "identification = NULL WHERE id = $1 AND state = 2",
};

carnet_rc
carnet_store_authorization_grant(carnet_store_session *session, int64_t id, carnet_span code_hash, carnet_str subject,
                                 carnet_span claims, carnet_time expires, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    carnet_store_put_hash(&query, code_hash);
    carnet_store_put_text(&query, subject);
    carnet_store_put_bytes(&query, claims);
    carnet_store_put_integer(&query, expires);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
