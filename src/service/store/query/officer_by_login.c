/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_officer_by_login,
    "SELECT " OFFICER_COLUMNS " FROM officers WHERE login = $1 @LOCK@",
};

carnet_rc
carnet_store_officer_by_login(carnet_store_session *session, carnet_str login, carnet_store_officer *officer,
                              carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_text(&query, login);
    return carnet_store_one(&query, carnet_store_read_officer, officer, sizeof(*officer), room, err);
}
