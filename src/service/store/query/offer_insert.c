/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_offer(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_offer *offer = record;

    offer->id = carnet_store_get_integer(query);
    offer->reference_hash = carnet_store_get_bytes(query, room);
    offer->code_hash = carnet_store_get_bytes(query, room);
    offer->issuer_state_hash = carnet_store_get_bytes(query, room);
    offer->tx_code = carnet_store_get_bytes(query, room);
    offer->attempts = carnet_store_get_integer(query);
    offer->configurations = carnet_store_get_text(query, room);
    offer->subject = carnet_store_get_text(query, room);
    offer->actor = carnet_store_get_text(query, room);
    offer->enrolment = carnet_store_get_integer(query);
    offer->created = carnet_store_get_integer(query);
    offer->expires = carnet_store_get_integer(query);
    offer->state = (carnet_store_offer_state)carnet_store_get_integer(query);
    offer->grant = carnet_store_get_integer(query);
    offer->claims = carnet_store_get_bytes(query, room);
    offer->document = carnet_store_get_bytes(query, room);
}

static const carnet_store_statement statement = {
    CARNET_SQL_offer_insert,
    "INSERT INTO offers (" OFFER_COLUMNS
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
};

carnet_rc
carnet_store_offer_insert(carnet_store_session *session, carnet_store_offer *offer, carnet_err *err)
{
    carnet_store_query query;

    offer->state = CARNET_STORE_OFFER_OPEN;
    carnet_store_identify(session, &offer->id);
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, offer->id);
    carnet_store_put_hash(&query, offer->reference_hash);
    carnet_store_put_hash(&query, offer->code_hash);
    carnet_store_put_hash(&query, offer->issuer_state_hash);
    carnet_store_put_bytes(&query, offer->tx_code);
    carnet_store_put_integer(&query, offer->attempts);
    carnet_store_put_text(&query, offer->configurations);
    carnet_store_put_text(&query, offer->subject);
    carnet_store_put_text(&query, offer->actor);
    carnet_store_put_integer(&query, offer->enrolment);
    carnet_store_put_integer(&query, offer->created);
    carnet_store_put_integer(&query, offer->expires);
    carnet_store_put_integer(&query, offer->state);
    carnet_store_put_integer(&query, offer->grant);
    carnet_store_put_bytes(&query, offer->claims);
    carnet_store_put_bytes(&query, offer->document);
    return carnet_store_run(&query, err);
}
