/* SPDX-License-Identifier: Apache-2.0 */
/* What the books say of themselves.  Kinds of movements: 1 deposit, 2 withdrawal, 3 hold, 4 capture, 5 release, 6 return. */
#include "records.h"

#define MOVED "sum(CASE WHEN kind IN (1, 6) THEN amount WHEN kind IN (2, 4) THEN -amount ELSE 0 END)"
#define HELD  "sum(CASE kind WHEN 3 THEN amount WHEN 5 THEN -amount WHEN 4 THEN -held ELSE 0 END)"

static const carnet_store_statement sums = {
    CARNET_SQL_cash_sums,
    "SELECT " CASH_ACCOUNT_COLUMNS ", CAST(coalesce(c.moved, 0) - coalesce(o.moved, 0) AS @INTEGER@), "
    "CAST(coalesce(c.kept, 0) AS @INTEGER@) FROM cash_accounts "
    "LEFT JOIN (SELECT customer, " MOVED " AS moved, " HELD " AS kept FROM cash_movements GROUP BY customer) c "
    "ON c.customer = id LEFT JOIN (SELECT other, " MOVED " AS moved FROM cash_movements GROUP BY other) o "
    "ON o.other = id ORDER BY id",
};
static const carnet_store_statement booked = {
    CARNET_SQL_cash_booked,
    "SELECT m.judged, m.moves, CAST(coalesce(r.returned, 0) AS @INTEGER@), v.id, v.kind, v.customer, v.other, "
    "v.amount, "
    "v.held, v.original, v.before, v.at FROM cash_messages m LEFT JOIN cash_movements v ON v.id = m.id "
    "LEFT JOIN (SELECT original, sum(amount) AS returned FROM cash_movements WHERE kind IN (5, 6) GROUP BY original) r "
    "ON r.original = m.id",
};
static const carnet_store_statement strays = {
    CARNET_SQL_cash_strays,
    "SELECT count(*) FROM cash_movements v WHERE v.kind <> 1 "
    "AND NOT EXISTS (SELECT 1 FROM cash_messages m WHERE m.id = v.id)",
};

carnet_rc
carnet_store_cash_sums(carnet_store_session *session, carnet_store_cash_sum_each *each, void *self, carnet_err *err)
{
    carnet_store_cash_account account = { 0 };
    carnet_store_query query;
    int64_t moved;

    carnet_store_ask(&query, session, &sums);
    while (carnet_store_row(&query)) {
        carnet_store_read_cash_account(&query, &account, NULL);
        moved = carnet_store_get_integer(&query);
        each(self, &account, moved, carnet_store_get_integer(&query));
    }
    return carnet_store_end(&query, err);
}

carnet_rc
carnet_store_cash_booked(carnet_store_session *session, carnet_store_cash_booked_each *each, void *self,
                         carnet_err *err)
{
    carnet_store_cash_movement movement = { 0 };
    int64_t judged, moves, returned;
    carnet_store_query query;

    carnet_store_ask(&query, session, &booked);
    while (carnet_store_row(&query)) {
        judged = carnet_store_get_integer(&query);
        moves = carnet_store_get_integer(&query);
        returned = carnet_store_get_integer(&query);
        carnet_store_read_cash_movement(&query, &movement, NULL);
        each(self, judged, moves, &movement, returned);
    }
    return carnet_store_end(&query, err);
}

carnet_rc
carnet_store_cash_strays(carnet_store_session *session, int64_t *count, carnet_err *err)
{
    carnet_store_query query;

    *count = 0;
    carnet_store_ask(&query, session, &strays);
    if (carnet_store_row(&query))
        *count = carnet_store_get_integer(&query);
    return carnet_store_end(&query, err);
}
