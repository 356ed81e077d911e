/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_app_document_put,
    "INSERT INTO app_document_keys (thumbprint, device) VALUES ($1, $2) ON CONFLICT (thumbprint) DO UPDATE SET "
    "device = excluded.device",
};

carnet_rc
carnet_store_app_document_put(carnet_store_session *session, carnet_span thumbprint, carnet_str device, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_hash(&query, thumbprint);
    carnet_store_put_text(&query, device);
    return carnet_store_run(&query, err);
}
