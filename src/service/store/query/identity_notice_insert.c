/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_identity_notice(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_identity_notice *notice = record;

    (void)room;
    notice->id = carnet_store_get_integer(query);
    notice->session = carnet_store_get_integer(query);
    notice->kind = carnet_store_get_integer(query);
    notice->due = carnet_store_get_integer(query);
    notice->attempts = carnet_store_get_integer(query);
    notice->expires = carnet_store_get_integer(query);
}

static const carnet_store_statement statement = {
    CARNET_SQL_identity_notice_insert,
    "INSERT INTO identity_notices (" IDENTITY_NOTICE_COLUMNS ") "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
};

carnet_rc
carnet_store_identity_notice_insert(carnet_store_session *session, carnet_store_identity_notice *notice,
                                    carnet_err *err)
{
    carnet_store_query query;

    carnet_store_identify(session, &notice->id);
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, notice->id);
    carnet_store_put_integer(&query, notice->session);
    carnet_store_put_integer(&query, notice->kind);
    carnet_store_put_integer(&query, notice->due);
    carnet_store_put_integer(&query, notice->attempts);
    carnet_store_put_integer(&query, notice->expires);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
