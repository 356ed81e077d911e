/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_identity_key_delete_device,
    "DELETE FROM identity_keys WHERE device = $1",
};

carnet_rc
carnet_store_identity_key_delete_device(carnet_store_session *session, int64_t device, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, device);
    return carnet_store_run(&query, err);
}
