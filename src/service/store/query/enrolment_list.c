/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_enrolment_list,
    "SELECT " ENROLMENT_COLUMNS_SHORT
    " FROM enrolments WHERE state >= $1 AND state <= $2 AND ($3 = '' OR officer = $3) AND expires > "
    "$4 AND id < $5 ORDER BY id DESC LIMIT $6",
};

carnet_rc
carnet_store_enrolment_list(carnet_store_session *session, const carnet_store_enrolment_filter *filter,
                            carnet_store_enrolment_each *each, void *self, carnet_err *err)
{
    carnet_store_enrolment enrolment = { 0 };
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, filter->state == 0 ? CARNET_STORE_ENROLMENT_WAITING : filter->state);
    carnet_store_put_integer(&query, filter->state == 0 ? CARNET_STORE_ENROLMENT_REVIEW : filter->state);
    carnet_store_put_text(&query, filter->officer);
    carnet_store_put_integer(&query, filter->now == 0 ? INT64_MIN : filter->now);
    carnet_store_put_integer(&query, filter->before == 0 ? INT64_MAX : filter->before);
    carnet_store_put_integer(&query, filter->limit == 0 ? 50 : (int64_t)filter->limit);
    while (carnet_store_row(&query)) {
        carnet_store_read_enrolment(&query, &enrolment, NULL);
        if (!each(self, &enrolment))
            break;
    }
    return carnet_store_end(&query, err);
}
