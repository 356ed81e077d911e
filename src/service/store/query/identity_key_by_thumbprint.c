/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

static const carnet_store_statement statement = {
    CARNET_SQL_identity_key_by_thumbprint,
    "SELECT " IDENTITY_KEY_COLUMNS " FROM identity_keys WHERE thumbprint = $1",
};

carnet_rc
carnet_store_identity_key_by_thumbprint(carnet_store_session *session, carnet_span thumbprint,
                                        carnet_store_identity_key *key, carnet_buf *room, carnet_err *err)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    carnet_store_put_hash(&query, thumbprint);
    return carnet_store_one(&query, carnet_store_read_identity_key, key, sizeof(*key), room, err);
}
