/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_browser(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_browser *browser = record;

    browser->hash = carnet_store_get_bytes(query, room);
    browser->kind = carnet_store_get_text(query, room);
    browser->officer = carnet_store_get_integer(query);
    browser->authorization = carnet_store_get_integer(query);
    browser->enrolment = carnet_store_get_integer(query);
    browser->csrf = carnet_store_get_bytes(query, room);
    browser->language = carnet_store_get_text(query, room);
    browser->data = carnet_store_get_bytes(query, room);
    browser->created = carnet_store_get_integer(query);
    browser->seen = carnet_store_get_integer(query);
    browser->expires = carnet_store_get_integer(query);
}

static const carnet_store_statement statement = {
    CARNET_SQL_browser_insert,
    "INSERT INTO browsers (" BROWSER_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
};

carnet_rc
carnet_store_browser_insert(carnet_store_session *session, const carnet_store_browser *browser, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_hash(&query, browser->hash);
    carnet_store_put_text(&query, browser->kind);
    carnet_store_put_integer(&query, browser->officer);
    carnet_store_put_integer(&query, browser->authorization);
    carnet_store_put_integer(&query, browser->enrolment);
    carnet_store_put_hash(&query, browser->csrf);
    carnet_store_put_text(&query, browser->language);
    carnet_store_put_bytes(&query, browser->data);
    carnet_store_put_integer(&query, browser->created);
    carnet_store_put_integer(&query, browser->seen);
    carnet_store_put_integer(&query, browser->expires);
    return carnet_store_run(&query, err);
}
