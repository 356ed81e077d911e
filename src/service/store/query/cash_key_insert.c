/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_cash_key_insert,
    "INSERT INTO cash_account_keys (hash, account) VALUES ($1, $2) ON CONFLICT DO NOTHING",
};

carnet_rc
carnet_store_cash_key_insert(carnet_store_session *session, carnet_span hash, int64_t account, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_hash(&query, hash);
    carnet_store_put_integer(&query, account);
    return carnet_store_change(&query, CARNET_E_STORE_STATE, err);
}
