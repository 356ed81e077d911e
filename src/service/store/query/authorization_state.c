/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_authorization_state,
    "SELECT state FROM authorizations WHERE id = $1",
};

carnet_store_authorization_state
carnet_store_authorization_state_of(carnet_store_session *session, int64_t id)
{
    carnet_store_authorization_state state = 0;
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    if (carnet_store_row(&query))
        state = (carnet_store_authorization_state)carnet_store_get_integer(&query);
    return carnet_store_end(&query, NULL) == CARNET_OK ? state : 0;
}
