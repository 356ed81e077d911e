/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_identity_account_update,
    "UPDATE identity_accounts SET state = $2, level = $3, changed = $4, failures = $5, locked = $6, "
    "pin = $7 WHERE id = $1",
};

carnet_rc
carnet_store_identity_account_update(carnet_store_session *session, const carnet_store_identity_account *account,
                                     carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_integer(&query, account->id);
    carnet_store_put_integer(&query, account->state);
    carnet_store_put_integer(&query, account->level);
    carnet_store_put_integer(&query, account->changed);
    carnet_store_put_integer(&query, account->failures);
    carnet_store_put_integer(&query, account->locked);
    carnet_store_put_text(&query, account->pin);
    return carnet_store_change(&query, CARNET_E_STORE_ABSENT, err);
}
