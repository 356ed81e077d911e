/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_browser_update,
    "UPDATE browsers SET kind = $2, officer = $3, authorization_id = $4, enrolment = $5, csrf = $6, "
    "language = $7, data = $8, seen = $9, expires = $10 WHERE hash = $1",
};

carnet_rc
carnet_store_browser_update(carnet_store_session *session, const carnet_store_browser *browser, carnet_err *err)
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
    carnet_store_put_integer(&query, browser->seen);
    carnet_store_put_integer(&query, browser->expires);
    return carnet_store_change(&query, CARNET_E_STORE_ABSENT, err);
}
