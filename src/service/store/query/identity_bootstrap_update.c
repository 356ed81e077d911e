/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_identity_bootstrap_update,
    "UPDATE identity_bootstraps SET used = $2 WHERE serial = $1",
};

carnet_rc
carnet_store_identity_bootstrap_update(carnet_store_session *session, const carnet_store_identity_bootstrap *bootstrap,
                                       carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_bytes(&query, bootstrap->serial);
    carnet_store_put_integer(&query, bootstrap->used);
    return carnet_store_change(&query, CARNET_E_STORE_ABSENT, err);
}
