/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement change = {
    CARNET_SQL_cash_message_change,
    "UPDATE cash_messages SET state = $2, returned = $3 WHERE id = $1",
};
static const carnet_store_statement tell = {
    CARNET_SQL_cash_message_tell,
    "UPDATE cash_messages SET telling = $2 WHERE id = $1",
};

carnet_rc
carnet_store_cash_message_change(carnet_store_session *session, int64_t id, int64_t state, int64_t returned,
                                 carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &change);
    carnet_store_put_integer(&query, id);
    carnet_store_put_integer(&query, state);
    carnet_store_put_integer(&query, returned);
    return carnet_store_change(&query, CARNET_E_STORE_ABSENT, err);
}

carnet_rc
carnet_store_cash_message_tell(carnet_store_session *session, int64_t id, int64_t telling, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &tell);
    carnet_store_put_integer(&query, id);
    carnet_store_put_integer(&query, telling);
    return carnet_store_change(&query, CARNET_E_STORE_ABSENT, err);
}
