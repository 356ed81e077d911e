/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

/* A notice that a session has from its start bears the session's number. */
static const carnet_store_statement tell = {
    CARNET_SQL_identity_session_tell_device,
    "UPDATE identity_notices SET due = $2 WHERE attempts = 0 AND due > $2 AND id IN "
    "(SELECT id FROM identity_sessions WHERE device = $1 AND state <= 2 AND expires > $2)",
};

static const carnet_store_statement cancel = {
    CARNET_SQL_identity_session_cancel_device,
    "UPDATE identity_sessions SET state = 6, reason = $2, changed = $3, version = version + 1 WHERE "
    "device = $1 AND state <= 2 AND expires > $3",
};

carnet_rc
carnet_store_identity_session_cancel_device(carnet_store_session *session, int64_t device, carnet_str reason,
                                            carnet_time now, carnet_err *err)
{
    carnet_store_query query;
    carnet_rc rc;

    carnet_store_ask(&query, session, &tell);
    carnet_store_put_integer(&query, device);
    carnet_store_put_integer(&query, now);
    if ((rc = carnet_store_run(&query, err)) != CARNET_OK)
        return rc;
    carnet_store_ask(&query, session, &cancel);
    carnet_store_put_integer(&query, device);
    carnet_store_put_text(&query, reason);
    carnet_store_put_integer(&query, now);
    return carnet_store_run(&query, err);
}
