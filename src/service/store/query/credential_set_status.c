/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_credential_set_status,
    "UPDATE credentials SET status = $2 WHERE issuance = $1",
};

carnet_rc
carnet_store_credential_set_status(carnet_store_session *session, int64_t issuance, carnet_store_status status,
                                   carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, issuance);
    carnet_store_put_integer(&query, status);
    return carnet_store_change(&query, CARNET_E_STORE_ABSENT, err);
}
