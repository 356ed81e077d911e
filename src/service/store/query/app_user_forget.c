/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

/* Keys go by their device, so they go first. */
static const carnet_store_statement statements[] = {
    { CARNET_SQL_app_user_forget_documents,
      "DELETE FROM app_document_keys WHERE device IN (SELECT device FROM app_devices WHERE user_name = $1)" },
    { CARNET_SQL_app_user_forget_devices, "DELETE FROM app_devices WHERE user_name = $1" },
    { CARNET_SQL_app_user_forget_accounts, "DELETE FROM app_accounts WHERE user_name = $1" },
};

carnet_rc
carnet_store_app_user_forget(carnet_store_session *session, carnet_str user, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < CARNET_COUNT(statements); i++) {
        carnet_store_query query;

        carnet_store_ask(&query, session, &statements[i]);
        carnet_store_put_text(&query, user);
        rc = carnet_store_run(&query, err);
    }
    return rc;
}
