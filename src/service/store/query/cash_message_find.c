/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_cash_message_find,
    "SELECT " CASH_MESSAGE_COLUMNS " FROM cash_messages WHERE moment = $1 AND origin = $2 "
    "AND ($3 = '' OR reference = '' OR reference = $3) ORDER BY id LIMIT 1 @LOCK@",
};

carnet_rc
carnet_store_cash_message_find(carnet_store_session *session, carnet_time moment, carnet_str origin,
                               carnet_str reference, bool any, carnet_store_cash_message *message, carnet_buf *room,
                               carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, moment);
    carnet_store_put_text(&query, origin);
    carnet_store_put_text(&query, any ? (carnet_str){ 0 } : reference);
    return carnet_store_one(&query, carnet_store_read_cash_message, message, sizeof(*message), room, err);
}
