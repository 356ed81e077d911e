/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_offer_withdraw_enrolment,
    "UPDATE offers SET state = 4, claims = NULL, document = NULL WHERE enrolment = $1 AND enrolment <> 0 AND state = 1",
};

carnet_rc
carnet_store_offer_withdraw_enrolment(carnet_store_session *session, int64_t enrolment, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, enrolment);
    return carnet_store_run(&query, err);
}
