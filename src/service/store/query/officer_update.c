/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_officer_update,
    "UPDATE officers SET name = $2, secret = CASE WHEN $3 = '' THEN secret ELSE $3 END, role = $4, "
    "disabled = $5 WHERE id = $1",
};

carnet_rc
carnet_store_officer_update(carnet_store_session *session, const carnet_store_officer *officer, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, officer->id);
    carnet_store_put_text(&query, officer->name);
    carnet_store_put_text(&query, officer->secret);
    carnet_store_put_integer(&query, officer->role);
    carnet_store_put_integer(&query, officer->disabled);
    return carnet_store_change(&query, CARNET_E_STORE_ABSENT, err);
}
