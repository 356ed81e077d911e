/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_cash_message_by_id,
    "SELECT " CASH_MESSAGE_COLUMNS " FROM cash_messages WHERE id = $1 @LOCK@",
};

carnet_rc
carnet_store_cash_message_by_id(carnet_store_session *session, int64_t id, carnet_store_cash_message *message,
                                carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, id);
    return carnet_store_one(&query, carnet_store_read_cash_message, message, sizeof(*message), room, err);
}
