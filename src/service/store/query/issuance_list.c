/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_issuance_list,
    "SELECT " ISSUANCE_COLUMNS " FROM issuances WHERE id < $1 AND ($2 = '' OR configuration = $2) "
    "AND ($3 = '' OR subject = $3) ORDER BY id DESC LIMIT $4",
};

carnet_rc
carnet_store_issuance_list(carnet_store_session *session, const carnet_store_issuance_filter *filter,
                           carnet_store_issuance_each *each, void *self, carnet_err *err)
{
    carnet_store_issuance issuance = { 0 };
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, filter->before == 0 ? INT64_MAX : filter->before);
    carnet_store_put_text(&query, filter->configuration);
    carnet_store_put_text(&query, filter->subject);
    carnet_store_put_integer(&query, filter->limit == 0 ? 50 : (int64_t)filter->limit);
    while (carnet_store_row(&query)) {
        carnet_store_read_issuance(&query, &issuance, NULL);
        if (!each(self, &issuance))
            break;
    }
    return carnet_store_end(&query, err);
}
