/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_forward_change,
    "UPDATE switch_forwards SET state = $2, reason = $3 WHERE id = $1",
};

carnet_rc
carnet_store_forward_change(carnet_store_session *session, int64_t id, carnet_store_forward_state state,
                            carnet_str reason, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    carnet_store_put_integer(&query, state);
    carnet_store_put_text(&query, reason);
    return carnet_store_run(&query, err);
}
