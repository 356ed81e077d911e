/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_authorization(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_authorization *authorization = record;

    authorization->id = carnet_store_get_integer(query);
    authorization->request_uri_hash = carnet_store_get_bytes(query, room);
    authorization->client_id = carnet_store_get_text(query, room);
    authorization->configurations = carnet_store_get_text(query, room);
    authorization->scope = carnet_store_get_text(query, room);
    authorization->details = carnet_store_get_integer(query) != 0;
    authorization->code_challenge = carnet_store_get_text(query, room);
    authorization->redirect_uri = carnet_store_get_text(query, room);
    authorization->client_state = carnet_store_get_text(query, room);
    authorization->response_mode = carnet_store_get_text(query, room);
    authorization->jkt = carnet_store_get_bytes(query, room);
    authorization->client_key = carnet_store_get_bytes(query, room);
    authorization->offer = carnet_store_get_integer(query);
    authorization->method = carnet_store_get_text(query, room);
    authorization->browser_hash = carnet_store_get_bytes(query, room);
    authorization->identification_hash = carnet_store_get_bytes(query, room);
    authorization->state = (carnet_store_authorization_state)carnet_store_get_integer(query);
    authorization->reason = carnet_store_get_text(query, room);
    authorization->code_hash = carnet_store_get_bytes(query, room);
    authorization->subject = carnet_store_get_text(query, room);
    authorization->created = carnet_store_get_integer(query);
    authorization->expires = carnet_store_get_integer(query);
    authorization->grant = carnet_store_get_integer(query);
    authorization->identification = carnet_store_get_bytes(query, room);
    authorization->claims = carnet_store_get_bytes(query, room);
}

static const carnet_store_statement statement = {
    CARNET_SQL_authorization_insert,
    "INSERT INTO authorizations (" AUTHORIZATION_COLUMNS
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, "
    "$20, $21, $22, $23, $24, $25)",
};

carnet_rc
carnet_store_authorization_insert(carnet_store_session *session, carnet_store_authorization *authorization,
                                  carnet_err *err)
{
    carnet_store_query query;

    authorization->state = CARNET_STORE_AUTHORIZATION_PUSHED;
    carnet_store_identify(session, &authorization->id);
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, authorization->id);
    carnet_store_put_hash(&query, authorization->request_uri_hash);
    carnet_store_put_text(&query, authorization->client_id);
    carnet_store_put_text(&query, authorization->configurations);
    carnet_store_put_text(&query, authorization->scope);
    carnet_store_put_integer(&query, authorization->details);
    carnet_store_put_text(&query, authorization->code_challenge);
    carnet_store_put_text(&query, authorization->redirect_uri);
    carnet_store_put_text(&query, authorization->client_state);
    carnet_store_put_text(&query, authorization->response_mode);
    carnet_store_put_hash(&query, authorization->jkt);
    carnet_store_put_hash(&query, authorization->client_key);
    carnet_store_put_integer(&query, authorization->offer);
    carnet_store_put_text(&query, authorization->method);
    carnet_store_put_hash(&query, authorization->browser_hash);
    carnet_store_put_hash(&query, authorization->identification_hash);
    carnet_store_put_integer(&query, authorization->state);
    carnet_store_put_text(&query, authorization->reason);
    carnet_store_put_hash(&query, authorization->code_hash);
    carnet_store_put_text(&query, authorization->subject);
    carnet_store_put_integer(&query, authorization->created);
    carnet_store_put_integer(&query, authorization->expires);
    carnet_store_put_integer(&query, authorization->grant);
    carnet_store_put_bytes(&query, authorization->identification);
    carnet_store_put_bytes(&query, authorization->claims);
    return carnet_store_run(&query, err);
}
