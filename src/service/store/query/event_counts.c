/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

#define COUNTS(label)                                                                                                  \
    "SELECT (at - $3) / $9 AS step, " label " AS label, outcome, count(*), CAST(sum(count) AS BIGINT) FROM events "    \
    "WHERE " EVENT_FILTER " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"

static const carnet_store_statement statements[] = {
    [CARNET_STORE_BY_KIND] = { CARNET_SQL_event_counts_kind, COUNTS("kind") },
    [CARNET_STORE_BY_CONFIGURATION] = { CARNET_SQL_event_counts_configuration, COUNTS("configuration") },
    [CARNET_STORE_BY_REASON] = { CARNET_SQL_event_counts_reason, COUNTS("reason") },
    [CARNET_STORE_BY_OUTCOME] = { CARNET_SQL_event_counts_outcome, COUNTS("''") },
    [CARNET_STORE_BY_ACTOR] = { CARNET_SQL_event_counts_actor, COUNTS("actor") },
};

carnet_rc
carnet_store_event_counts(carnet_store_session *session, const carnet_store_event_filter *filter,
                          carnet_store_event_by by, carnet_time step, carnet_store_event_count_each *each, void *self,
                          carnet_err *err)
{
    carnet_store_query query;

    if (by < CARNET_STORE_BY_KIND || by > CARNET_STORE_BY_ACTOR || step < 0)
        return carnet_fail(err, CARNET_E_USAGE, NULL, NULL);
    carnet_store_ask(&query, session, &statements[by]);
    carnet_store_put_event_filter(&query, filter);
    carnet_store_put_integer(&query, step == 0 ? INT64_MAX : step);
    while (carnet_store_row(&query)) {
        carnet_store_event_count count = { .from = filter->from + carnet_store_get_integer(&query) * step };

        count.label = carnet_store_get_text(&query, NULL);
        count.outcome = (carnet_store_outcome)carnet_store_get_integer(&query);
        count.events = carnet_store_get_integer(&query);
        count.count = carnet_store_get_integer(&query);
        if (!each(self, &count))
            break;
    }
    return carnet_store_end(&query, err);
}
