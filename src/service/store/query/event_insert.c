/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_event(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_event *event = record;

    event->id = carnet_store_get_integer(query);
    event->at = carnet_store_get_integer(query);
    event->interface = carnet_store_get_text(query, room);
    event->kind = carnet_store_get_text(query, room);
    event->configuration = carnet_store_get_text(query, room);
    event->outcome = (carnet_store_outcome)carnet_store_get_integer(query);
    event->reason = carnet_store_get_text(query, room);
    event->actor = carnet_store_get_text(query, room);
    event->reference = carnet_store_get_integer(query);
    event->request = carnet_store_get_text(query, room);
    event->count = carnet_store_get_integer(query);
}

static const carnet_store_statement statement = {
    CARNET_SQL_event_insert,
    "INSERT INTO events (" EVENT_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
};

carnet_rc
carnet_store_event_insert(carnet_store_session *session, carnet_store_event *event, carnet_err *err)
{
    carnet_store_query query;

    if (event->count == 0)
        event->count = 1;
    if (event->id == 0)
        event->id = carnet_store_identifier_at(session->store, event->at);
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, event->id);
    carnet_store_put_integer(&query, event->at);
    carnet_store_put_text(&query, event->interface);
    carnet_store_put_text(&query, event->kind);
    carnet_store_put_text(&query, event->configuration);
    carnet_store_put_integer(&query, event->outcome);
    carnet_store_put_text(&query, event->reason);
    carnet_store_put_text(&query, event->actor);
    carnet_store_put_integer(&query, event->reference);
    carnet_store_put_text(&query, event->request);
    carnet_store_put_integer(&query, event->count);
    return carnet_store_run(&query, err);
}
