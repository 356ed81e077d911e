/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_event_list,
    "SELECT " EVENT_COLUMNS " FROM events WHERE " EVENT_FILTER " AND id < $9 ORDER BY id DESC LIMIT $10",
};

void
carnet_store_put_event_filter(carnet_store_query *query, const carnet_store_event_filter *filter)
{
    carnet_store_put_integer(query, carnet_store_first_identifier_at(filter->from));
    carnet_store_put_integer(query, filter->until == 0 ? INT64_MAX : carnet_store_first_identifier_at(filter->until));
    carnet_store_put_integer(query, filter->from);
    carnet_store_put_text(query, filter->kind);
    carnet_store_put_text(query, filter->configuration);
    carnet_store_put_text(query, filter->actor);
    carnet_store_put_integer(query, filter->outcome);
    carnet_store_put_integer(query, filter->reference);
}

carnet_rc
carnet_store_event_list(carnet_store_session *session, const carnet_store_event_filter *filter,
                        carnet_store_event_each *each, void *self, carnet_err *err)
{
    carnet_store_event event = { 0 };
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_event_filter(&query, filter);
    carnet_store_put_integer(&query, filter->before == 0 ? INT64_MAX : filter->before);
    carnet_store_put_integer(&query, filter->limit == 0 ? 50 : (int64_t)filter->limit);
    while (carnet_store_row(&query)) {
        carnet_store_read_event(&query, &event, NULL);
        if (!each(self, &event))
            break;
    }
    return carnet_store_end(&query, err);
}
