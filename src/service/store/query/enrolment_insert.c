/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_enrolment(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_enrolment *enrolment = record;

    enrolment->id = carnet_store_get_integer(query);
    enrolment->reference_hash = carnet_store_get_bytes(query, room);
    enrolment->number = carnet_store_get_text(query, room);
    enrolment->authorization = carnet_store_get_integer(query);
    enrolment->configurations = carnet_store_get_text(query, room);
    enrolment->state = (carnet_store_enrolment_state)carnet_store_get_integer(query);
    enrolment->subject = carnet_store_get_text(query, room);
    enrolment->officer = carnet_store_get_text(query, room);
    enrolment->confirmed_by = carnet_store_get_text(query, room);
    enrolment->reason = carnet_store_get_text(query, room);
    enrolment->offer = carnet_store_get_integer(query);
    enrolment->version = carnet_store_get_integer(query);
    enrolment->created = carnet_store_get_integer(query);
    enrolment->changed = carnet_store_get_integer(query);
    enrolment->expires = carnet_store_get_integer(query);
    enrolment->evidence = carnet_store_get_bytes(query, room);
    enrolment->attributes = carnet_store_get_bytes(query, room);
}

static const carnet_store_statement statement = {
    CARNET_SQL_enrolment_insert,
    "INSERT INTO enrolments (" ENROLMENT_COLUMNS
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
};

carnet_rc
carnet_store_enrolment_insert(carnet_store_session *session, carnet_store_enrolment *enrolment, carnet_err *err)
{
    carnet_store_query query;

    if (enrolment->state == 0)
        enrolment->state = CARNET_STORE_ENROLMENT_WAITING;
    carnet_store_identify(session, &enrolment->id);
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, enrolment->id);
    carnet_store_put_hash(&query, enrolment->reference_hash);
    carnet_store_put_text(&query, enrolment->number);
    carnet_store_put_integer(&query, enrolment->authorization);
    carnet_store_put_text(&query, enrolment->configurations);
    carnet_store_put_integer(&query, enrolment->state);
    carnet_store_put_text(&query, enrolment->subject);
    carnet_store_put_text(&query, enrolment->officer);
    carnet_store_put_text(&query, enrolment->confirmed_by);
    carnet_store_put_text(&query, enrolment->reason);
    carnet_store_put_integer(&query, enrolment->offer);
    carnet_store_put_integer(&query, enrolment->version);
    carnet_store_put_integer(&query, enrolment->created);
    carnet_store_put_integer(&query, enrolment->changed);
    carnet_store_put_integer(&query, enrolment->expires);
    carnet_store_put_bytes(&query, enrolment->evidence);
    carnet_store_put_bytes(&query, enrolment->attributes);
    return carnet_store_run(&query, err);
}
