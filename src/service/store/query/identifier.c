/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

carnet_rc
carnet_store_identifier(carnet_store_session *session, int64_t *id, carnet_err *err)
{
    (void)err;
    *id = carnet_store_new_identifier(session->store);
    return CARNET_OK;
}
