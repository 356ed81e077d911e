/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_identity_bootstrap(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_identity_bootstrap *bootstrap = record;

    bootstrap->serial = carnet_store_get_bytes(query, room);
    bootstrap->account = carnet_store_get_integer(query);
    bootstrap->expires = carnet_store_get_integer(query);
    bootstrap->used = carnet_store_get_integer(query);
}

static const carnet_store_statement statement = {
    CARNET_SQL_identity_bootstrap_insert,
    "INSERT INTO identity_bootstraps (" IDENTITY_BOOTSTRAP_COLUMNS ") "
    "VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
};

carnet_rc
carnet_store_identity_bootstrap_insert(carnet_store_session *session, const carnet_store_identity_bootstrap *bootstrap,
                                       carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_bytes(&query, bootstrap->serial);
    carnet_store_put_integer(&query, bootstrap->account);
    carnet_store_put_integer(&query, bootstrap->expires);
    carnet_store_put_integer(&query, bootstrap->used);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
