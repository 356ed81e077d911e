/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_identity_certificate_revoke_device,
    "UPDATE identity_certificates SET revoked = $2, reason = $3 WHERE device = $1 AND revoked = 0",
};

carnet_rc
carnet_store_identity_certificate_revoke_device(carnet_store_session *session, int64_t device, carnet_str reason,
                                                carnet_time now, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, device);
    carnet_store_put_integer(&query, now);
    carnet_store_put_text(&query, reason);
    return carnet_store_run(&query, err);
}
