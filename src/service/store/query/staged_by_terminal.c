/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_staged_by_terminal,
    "SELECT " STAGED_COLUMNS
    " FROM staged WHERE terminal_session = $1 AND terminal = $2 ORDER BY id DESC LIMIT 1 @LOCK@",
};

carnet_rc
carnet_store_staged_by_terminal(carnet_store_session *session, carnet_str terminal, carnet_span terminal_session,
                                carnet_store_staged *staged, carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_bytes(&query, terminal_session);
    carnet_store_put_text(&query, terminal);
    return carnet_store_one(&query, carnet_store_read_staged, staged, sizeof(*staged), room, err);
}
