/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_officer(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_officer *officer = record;

    officer->id = carnet_store_get_integer(query);
    officer->login = carnet_store_get_text(query, room);
    officer->name = carnet_store_get_text(query, room);
    officer->secret = carnet_store_get_text(query, room);
    officer->role = (carnet_store_role)carnet_store_get_integer(query);
    officer->disabled = carnet_store_get_integer(query) != 0;
    officer->failures = carnet_store_get_integer(query);
    officer->locked = carnet_store_get_integer(query);
    officer->created = carnet_store_get_integer(query);
    officer->seen = carnet_store_get_integer(query);
}

static const carnet_store_statement statement = {
    CARNET_SQL_officer_insert,
    "INSERT INTO officers (" OFFICER_COLUMNS
    ") VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7, 0) ON CONFLICT (login) DO NOTHING",
};

carnet_rc
carnet_store_officer_insert(carnet_store_session *session, carnet_store_officer *officer, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_identify(session, &officer->id);
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, officer->id);
    carnet_store_put_text(&query, officer->login);
    carnet_store_put_text(&query, officer->name);
    carnet_store_put_text(&query, officer->secret);
    carnet_store_put_integer(&query, officer->role);
    carnet_store_put_integer(&query, officer->disabled);
    carnet_store_put_integer(&query, officer->created);
    return carnet_store_change(&query, CARNET_E_STORE_TWICE, err);
}
