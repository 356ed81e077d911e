/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_cash_message_list,
    "SELECT " CASH_MESSAGE_COLUMNS " FROM cash_messages WHERE id < $1 AND ($2 = 0 OR judged <> 0) "
    "ORDER BY id DESC LIMIT $3",
};
static const carnet_store_statement untold = {
    CARNET_SQL_cash_message_untold,
    "SELECT " CASH_MESSAGE_COLUMNS " FROM cash_messages WHERE telling <> 0 AND id > $1 ORDER BY id LIMIT $2",
};

static carnet_rc
list(carnet_store_query *query, carnet_store_cash_message_each *each, void *self, carnet_err *err)
{
    carnet_store_cash_message message = { 0 };

    while (carnet_store_row(query)) {
        carnet_store_read_cash_message(query, &message, NULL);
        if (!each(self, &message))
            break;
    }
    return carnet_store_end(query, err);
}

carnet_rc
carnet_store_cash_message_list(carnet_store_session *session, int64_t before, bool refused, size_t limit,
                               carnet_store_cash_message_each *each, void *self, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, before == 0 ? INT64_MAX : before);
    carnet_store_put_integer(&query, refused);
    carnet_store_put_integer(&query, limit == 0 ? 50 : (int64_t)limit);
    return list(&query, each, self, err);
}

carnet_rc
carnet_store_cash_message_untold(carnet_store_session *session, int64_t after, size_t limit,
                                 carnet_store_cash_message_each *each, void *self, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &untold);
    carnet_store_put_integer(&query, after);
    carnet_store_put_integer(&query, limit == 0 ? 50 : (int64_t)limit);
    return list(&query, each, self, err);
}
