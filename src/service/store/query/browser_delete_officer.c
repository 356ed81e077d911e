/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_browser_delete_officer,
    "DELETE FROM browsers WHERE officer = $1",
};

carnet_rc
carnet_store_browser_delete_officer(carnet_store_session *session, int64_t officer, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, officer);
    return carnet_store_run(&query, err);
}
