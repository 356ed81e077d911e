/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_app_document_get,
    "SELECT device FROM app_document_keys WHERE thumbprint = $1",
};

static void
read(carnet_store_query *query, void *record, carnet_buf *room)
{
    *(carnet_str *)record = carnet_store_get_text(query, room);
}

carnet_rc
carnet_store_app_document_get(carnet_store_session *session, carnet_span thumbprint, carnet_str *device,
                              carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_hash(&query, thumbprint);
    return carnet_store_one(&query, read, device, sizeof(*device), room, err);
}
