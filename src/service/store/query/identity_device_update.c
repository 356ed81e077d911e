/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_identity_device_update,
    "UPDATE identity_devices SET state = $2, name = $3, os = $4, push = $5, spki = $6, serial = $7, "
    "not_after = $8, counter = $9, answered = $10, mismatches = $11, failures = $12, locked = $13, "
    "abilities = $14, flags = $15, otp_next = $16, changed = $17, secrets = $18 WHERE id = $1",
};

carnet_rc
carnet_store_identity_device_update(carnet_store_session *session, const carnet_store_identity_device *device,
                                    carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, device->id);
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
    carnet_store_put_integer(&query, device->changed);
    carnet_store_put_bytes(&query, device->secrets);
    return carnet_store_change(&query, CARNET_E_STORE_ABSENT, err);
}
