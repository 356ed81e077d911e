/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

void
carnet_store_read_identity_certificate(carnet_store_query *query, void *record, carnet_buf *room)
{
    carnet_store_identity_certificate *certificate = record;

    certificate->serial = carnet_store_get_bytes(query, room);
    certificate->device = carnet_store_get_integer(query);
    certificate->issued = carnet_store_get_integer(query);
    certificate->not_after = carnet_store_get_integer(query);
    certificate->revoked = carnet_store_get_integer(query);
    certificate->reason = carnet_store_get_text(query, room);
}

static const carnet_store_statement statement = {
    CARNET_SQL_identity_certificate_insert,
    "INSERT INTO identity_certificates (" IDENTITY_CERTIFICATE_COLUMNS ") "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
};

carnet_rc
carnet_store_identity_certificate_insert(carnet_store_session *session,
                                         const carnet_store_identity_certificate *certificate, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_bytes(&query, certificate->serial);
    carnet_store_put_integer(&query, certificate->device);
    carnet_store_put_integer(&query, certificate->issued);
    carnet_store_put_integer(&query, certificate->not_after);
    carnet_store_put_integer(&query, certificate->revoked);
    carnet_store_put_text(&query, certificate->reason);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
