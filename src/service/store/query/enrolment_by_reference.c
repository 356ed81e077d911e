/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_enrolment_by_reference,
    "SELECT " ENROLMENT_COLUMNS " FROM enrolments WHERE reference_hash = $1 @LOCK@",
};

carnet_rc
carnet_store_enrolment_by_reference(carnet_store_session *session, carnet_span reference_hash,
                                    carnet_store_enrolment *enrolment, carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_hash(&query, reference_hash);
    return carnet_store_one(&query, carnet_store_read_enrolment, enrolment, sizeof(*enrolment), room, err);
}
