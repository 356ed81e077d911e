/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_identity_key(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_identity_key *key = record;

    key->id = carnet_store_get_integer(query);
    key->device = carnet_store_get_integer(query);
    key->kind = carnet_store_get_integer(query);
    key->name = carnet_store_get_text(query, room);
    key->thumbprint = carnet_store_get_bytes(query, room);
    key->spki = carnet_store_get_bytes(query, room);
    key->credential = carnet_store_get_bytes(query, room);
    key->sign_count = carnet_store_get_integer(query);
    key->flags = carnet_store_get_integer(query);
    key->rank = carnet_store_get_integer(query);
    key->user_auth = carnet_store_get_integer(query);
    key->proof = carnet_store_get_integer(query);
}

static const carnet_store_statement statement = {
    CARNET_SQL_identity_key_insert,
    "INSERT INTO identity_keys (" IDENTITY_KEY_COLUMNS ") "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING",
};

carnet_rc
carnet_store_identity_key_insert(carnet_store_session *session, carnet_store_identity_key *key, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_identify(session, &key->id);
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, key->id);
    carnet_store_put_integer(&query, key->device);
    carnet_store_put_integer(&query, key->kind);
    carnet_store_put_text(&query, key->name);
    carnet_store_put_hash(&query, key->thumbprint);
    carnet_store_put_bytes(&query, key->spki);
    carnet_store_put_bytes(&query, key->credential);
    carnet_store_put_integer(&query, key->sign_count);
    carnet_store_put_integer(&query, key->flags);
    carnet_store_put_integer(&query, key->rank);
    carnet_store_put_integer(&query, key->user_auth);
    carnet_store_put_integer(&query, key->proof);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
