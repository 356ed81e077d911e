/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_cash_message(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_cash_message *message = record;

    message->id = carnet_store_get_integer(query);
    message->moment = carnet_store_get_integer(query);
    message->origin = carnet_store_get_text(query, room);
    message->reference = carnet_store_get_text(query, room);
    message->at = carnet_store_get_integer(query);
    message->link = carnet_store_get_text(query, room);
    message->kind = carnet_store_get_integer(query);
    message->state = carnet_store_get_integer(query);
    message->judged = carnet_store_get_integer(query);
    message->amount = carnet_store_get_integer(query);
    message->moves = carnet_store_get_integer(query);
    message->returned = carnet_store_get_integer(query);
    message->currency = carnet_store_get_integer(query);
    message->staged = carnet_store_get_text(query, room);
    message->session = carnet_store_get_bytes(query, room);
    message->vector = carnet_store_get_text(query, room);
    message->risk = carnet_store_get_text(query, room);
    message->level = carnet_store_get_integer(query);
    message->original = carnet_store_get_integer(query);
    message->telling = carnet_store_get_integer(query);
    message->missing = carnet_store_get_text(query, room);
    message->answer = carnet_store_get_bytes(query, room);
}

static const carnet_store_statement statement = {
    CARNET_SQL_cash_message_insert,
    "INSERT INTO cash_messages (" CASH_MESSAGE_COLUMNS ") VALUES "
    "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
};

carnet_rc
carnet_store_cash_message_insert(carnet_store_session *session, carnet_store_cash_message *message, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_identify(session, &message->id);
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, message->id);
    carnet_store_put_integer(&query, message->moment);
    carnet_store_put_text(&query, message->origin);
    carnet_store_put_text(&query, message->reference);
    carnet_store_put_integer(&query, message->at);
    carnet_store_put_text(&query, message->link);
    carnet_store_put_integer(&query, message->kind);
    carnet_store_put_integer(&query, message->state);
    carnet_store_put_integer(&query, message->judged);
    carnet_store_put_integer(&query, message->amount);
    carnet_store_put_integer(&query, message->moves);
    carnet_store_put_integer(&query, message->returned);
    carnet_store_put_integer(&query, message->currency);
    carnet_store_put_text(&query, message->staged);
    carnet_store_put_bytes(&query, message->session);
    carnet_store_put_text(&query, message->vector);
    carnet_store_put_text(&query, message->risk);
    carnet_store_put_integer(&query, message->level);
    carnet_store_put_integer(&query, message->original);
    carnet_store_put_integer(&query, message->telling);
    carnet_store_put_text(&query, message->missing);
    carnet_store_put_bytes(&query, message->answer);
    return carnet_store_run(&query, err);
}
