/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_enrolment_update,
    "UPDATE enrolments SET state = $3, subject = $4, evidence = $5, attributes = $6, officer = $7, "
    "confirmed_by = $8, reason = $9, offer_id = $10, changed = $11, expires = $12, version = version "
    "+ 1 WHERE id = $1 AND version = $2 AND (state < 4 OR (state = 4 AND $3 = 4))",
};

carnet_rc
carnet_store_enrolment_update(carnet_store_session *session, carnet_store_enrolment *enrolment, carnet_err *err)
{
    carnet_store_query query;
    carnet_rc rc;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, enrolment->id);
    carnet_store_put_integer(&query, enrolment->version);
    carnet_store_put_integer(&query, enrolment->state);
    carnet_store_put_text(&query, enrolment->subject);
    carnet_store_put_bytes(&query, enrolment->evidence);
    carnet_store_put_bytes(&query, enrolment->attributes);
    carnet_store_put_text(&query, enrolment->officer);
    carnet_store_put_text(&query, enrolment->confirmed_by);
    carnet_store_put_text(&query, enrolment->reason);
    carnet_store_put_integer(&query, enrolment->offer);
    carnet_store_put_integer(&query, enrolment->changed);
    carnet_store_put_integer(&query, enrolment->expires);
    if ((rc = carnet_store_change(&query, CARNET_E_STORE_STATE, err)) == CARNET_OK)
        enrolment->version++;
    return rc;
}
