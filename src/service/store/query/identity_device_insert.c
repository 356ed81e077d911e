/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_identity_device(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_identity_device *device = record;

    device->id = carnet_store_get_integer(query);
    device->device_id = carnet_store_get_text(query, room);
    device->account = carnet_store_get_integer(query);
    device->profile = carnet_store_get_text(query, room);
    device->state = carnet_store_get_integer(query);
    device->name = carnet_store_get_text(query, room);
    device->os = carnet_store_get_text(query, room);
    device->push = carnet_store_get_text(query, room);
    device->spki = carnet_store_get_bytes(query, room);
    device->serial = carnet_store_get_bytes(query, room);
    device->not_after = carnet_store_get_integer(query);
    device->counter = carnet_store_get_integer(query);
    device->answered = carnet_store_get_integer(query);
    device->mismatches = carnet_store_get_integer(query);
    device->failures = carnet_store_get_integer(query);
    device->locked = carnet_store_get_integer(query);
    device->abilities = carnet_store_get_integer(query);
    device->flags = carnet_store_get_integer(query);
    device->otp_next = carnet_store_get_integer(query);
    device->created = carnet_store_get_integer(query);
    device->changed = carnet_store_get_integer(query);
    device->secrets = carnet_store_get_bytes(query, room);
}

static const carnet_store_statement statement = {
    CARNET_SQL_identity_device_insert,
    "INSERT INTO identity_devices (" IDENTITY_DEVICE_COLUMNS ") "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, "
    "$20, $21, $22) ON CONFLICT DO NOTHING",
};

carnet_rc
carnet_store_identity_device_insert(carnet_store_session *session, carnet_store_identity_device *device,
                                    carnet_err *err)
{
    carnet_store_query query;

    carnet_store_identify(session, &device->id);
    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, device->id);
    carnet_store_put_text(&query, device->device_id);
    carnet_store_put_integer(&query, device->account);
    carnet_store_put_text(&query, device->profile);
    carnet_store_put_integer(&query, device->state);
    carnet_store_put_text(&query, device->name);
    carnet_store_put_text(&query, device->os);
    carnet_store_put_text(&query, device->push);
    carnet_store_put_hash(&query, device->spki);
    carnet_store_put_bytes(&query, device->serial);
    carnet_store_put_integer(&query, device->not_after);
    carnet_store_put_integer(&query, device->counter);
    carnet_store_put_integer(&query, device->answered);
    carnet_store_put_integer(&query, device->mismatches);
    carnet_store_put_integer(&query, device->failures);
    carnet_store_put_integer(&query, device->locked);
    carnet_store_put_integer(&query, device->abilities);
    carnet_store_put_integer(&query, device->flags);
    carnet_store_put_integer(&query, device->otp_next);
    carnet_store_put_integer(&query, device->created);
    carnet_store_put_integer(&query, device->changed);
    carnet_store_put_bytes(&query, device->secrets);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
