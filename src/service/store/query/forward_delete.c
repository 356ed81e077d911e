/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_forward_delete,
    "DELETE FROM switch_forwards WHERE id = $1",
};

carnet_rc
carnet_store_forward_delete(carnet_store_session *session, int64_t id, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    return carnet_store_run(&query, err);
}
