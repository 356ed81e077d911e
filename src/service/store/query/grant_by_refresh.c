/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement present = {
    CARNET_SQL_grant_by_refresh,
    "SELECT " GRANT_COLUMNS " FROM grants WHERE refresh_hash = $1 @LOCK@",
};

static const carnet_store_statement gone = {
    CARNET_SQL_grant_by_spent,
    "SELECT " GRANT_COLUMNS ", CASE WHEN previous_hash = $1 THEN 1 ELSE 0 END FROM grants"
    " WHERE id = (SELECT grant_id FROM spent_tokens WHERE hash = $1) @LOCK@",
};

typedef struct found {
    carnet_store_grant grant;
    bool previous;
} found;

static void
read_gone(carnet_store_query *query, void *record, carnet_buf *room)
{
    found *this = record;

    carnet_store_read_grant(query, &this->grant, room);
    this->previous = carnet_store_get_integer(query) != 0;
}

carnet_rc
carnet_store_grant_by_refresh(carnet_store_session *session, carnet_span refresh_hash, carnet_store_grant *grant,
                              bool *spent, bool *previous, carnet_buf *room, carnet_err *err)
{
    found other = { 0 };
    carnet_store_query query;
    carnet_rc rc;

    carnet_store_ask(&query, session, &present);
    carnet_store_put_hash(&query, refresh_hash);
    rc = carnet_store_one(&query, carnet_store_read_grant, grant, sizeof(*grant), room, err);
    if (rc == CARNET_E_STORE_ABSENT) {
        carnet_store_ask(&query, session, &gone);
        carnet_store_put_hash(&query, refresh_hash);
        rc = carnet_store_one(&query, read_gone, &other, sizeof(other), room, err);
        *grant = other.grant;
    }
    if (spent != NULL)
        *spent = other.grant.id != 0;
    if (previous != NULL)
        *previous = other.previous;
    return rc;
}
