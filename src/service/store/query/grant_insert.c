/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_grant(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_grant *grant = record;

    grant->id = carnet_store_get_integer(query);
    grant->access_hash = carnet_store_get_bytes(query, room);
    grant->access_expires = carnet_store_get_integer(query);
    grant->refresh_hash = carnet_store_get_bytes(query, room);
    grant->refresh_expires = carnet_store_get_integer(query);
    grant->rotated = carnet_store_get_integer(query);
    grant->jkt = carnet_store_get_bytes(query, room);
    grant->client_key = carnet_store_get_bytes(query, room);
    grant->client_id = carnet_store_get_text(query, room);
    grant->configurations = carnet_store_get_text(query, room);
    grant->scope = carnet_store_get_text(query, room);
    grant->details = carnet_store_get_integer(query) != 0;
    grant->subject = carnet_store_get_text(query, room);
    grant->offer = carnet_store_get_integer(query);
    grant->authorization = carnet_store_get_integer(query);
    grant->created = carnet_store_get_integer(query);
    grant->revoked = carnet_store_get_integer(query);
    grant->reason = carnet_store_get_text(query, room);
    grant->issued = carnet_store_get_integer(query);
    grant->claims = carnet_store_get_bytes(query, room);
}

static const carnet_store_statement statement = {
    CARNET_SQL_grant_insert,
    "INSERT INTO grants (" GRANT_COLUMNS
    ", over) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, "
    "$20, $21)",
};

carnet_rc
carnet_store_grant_insert(carnet_store_session *session, carnet_store_grant *grant, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_identify(session, &grant->id);
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, grant->id);
    carnet_store_put_hash(&query, grant->access_hash);
    carnet_store_put_integer(&query, grant->access_expires);
    carnet_store_put_hash(&query, grant->refresh_hash);
    carnet_store_put_integer(&query, grant->refresh_expires);
    carnet_store_put_integer(&query, grant->rotated);
    carnet_store_put_hash(&query, grant->jkt);
    carnet_store_put_hash(&query, grant->client_key);
    carnet_store_put_text(&query, grant->client_id);
    carnet_store_put_text(&query, grant->configurations);
    carnet_store_put_text(&query, grant->scope);
    carnet_store_put_integer(&query, grant->details);
    carnet_store_put_text(&query, grant->subject);
    carnet_store_put_integer(&query, grant->offer);
    carnet_store_put_integer(&query, grant->authorization);
    carnet_store_put_integer(&query, grant->created);
    carnet_store_put_integer(&query, grant->revoked);
    carnet_store_put_text(&query, grant->reason);
    carnet_store_put_integer(&query, grant->issued);
    carnet_store_put_bytes(&query, grant->claims);
    carnet_store_put_integer(&query, carnet_store_over(grant->access_expires, grant->refresh_expires));
    return carnet_store_run(&query, err);
}
