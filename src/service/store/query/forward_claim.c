/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

/* The row is there from the beginning.  Both write it whatever they find: one waits for the other, so that what was inserted before
 * a claim is there for whoever claims. */
static const carnet_store_statement claim_it = {
    CARNET_SQL_forward_claim,
    "UPDATE switch_senders SET "
    "until = CASE WHEN holder = $1 OR holder = $2 OR until <= $3 THEN $4 ELSE until END, "
    "holder = CASE WHEN holder = $1 OR holder = $2 OR until <= $3 THEN $1 ELSE holder END WHERE id = 1",
};
static const carnet_store_statement claimed = {
    CARNET_SQL_forward_claimed,
    "SELECT holder, until, inserts FROM switch_senders WHERE id = 1",
};
static const carnet_store_statement count = {
    CARNET_SQL_forward_count,
    "UPDATE switch_senders SET inserts = inserts + CASE WHEN holder = $1 THEN 0 ELSE 1 END WHERE id = 1",
};

static void
read_claim(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_forward_claim *claim = record;

    claim->holder = carnet_store_get_text(query, room);
    claim->until = carnet_store_get_integer(query);
    claim->inserts = carnet_store_get_integer(query);
}

carnet_rc
carnet_store_forward_claim_get(carnet_store_session *session, carnet_store_forward_claim *claim, carnet_buf *room,
                               carnet_err *err)
{
    carnet_store_query query;

    *claim = (carnet_store_forward_claim){ 0 };
    carnet_store_ask(&query, session, &claimed);
    return carnet_store_one(&query, read_claim, claim, sizeof(*claim), room, err);
}

carnet_rc
carnet_store_forward_claim_send(carnet_store_session *session, carnet_str holder, carnet_str gone, int64_t now,
                                int64_t until, carnet_store_forward_claim *claim, carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;
    carnet_rc rc;

    *claim = (carnet_store_forward_claim){ 0 };
    carnet_store_ask(&query, session, &claim_it);
    carnet_store_put_text(&query, holder);
    carnet_store_put_text(&query, gone.len != 0 ? gone : holder);
    carnet_store_put_integer(&query, now);
    carnet_store_put_integer(&query, until);
    if ((rc = carnet_store_run(&query, err)) != CARNET_OK)
        return rc;
    return carnet_store_forward_claim_get(session, claim, room, err);
}

carnet_rc
carnet_store_forward_count(carnet_store_session *session, carnet_str by, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &count);
    carnet_store_put_text(&query, by);
    return carnet_store_run(&query, err);
}
