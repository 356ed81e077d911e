/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_identity_certificate_by_serial,
    "SELECT " IDENTITY_CERTIFICATE_COLUMNS " FROM identity_certificates WHERE serial = $1 @LOCK@",
};

carnet_rc
carnet_store_identity_certificate_by_serial(carnet_store_session *session, carnet_span serial,
                                            carnet_store_identity_certificate *certificate, carnet_buf *room,
                                            carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_bytes(&query, serial);
    return carnet_store_one(&query, carnet_store_read_identity_certificate, certificate, sizeof(*certificate), room,
                            err);
}
