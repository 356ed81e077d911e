/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/authorization.h"

#define CLAIMS "claims"

carnet_rc
carnet_authorization_claims_seal(carnet_service_worker *worker, carnet_str subject, carnet_str claims,
                                 carnet_buf *sealed, carnet_err *err)
{
    return carnet_service_seal(worker, CLAIMS, carnet_str_bytes(subject), carnet_str_bytes(claims), sealed, err);
}

carnet_rc
carnet_authorization_claims_open(carnet_service_worker *worker, carnet_str subject, carnet_span sealed,
                                 carnet_buf *claims, carnet_err *err)
{
    return carnet_service_open(worker, CLAIMS, carnet_str_bytes(subject), sealed, claims, err);
}

/* A transaction code may have four digits: only a key makes its digest worth keeping. */
carnet_rc
carnet_authorization_tx_code(carnet_service_worker *worker, const uint8_t code_hash[CARNET_SERVICE_HASH],
                             carnet_str tx_code, uint8_t verifier[CARNET_SERVICE_HASH], carnet_err *err)
{
    uint8_t room[2 * CARNET_SERVICE_HASH + 1 + 256];
    carnet_buf text = carnet_buf_of(room, sizeof(room));
    carnet_rc rc;

    carnet_buf_add_hex(&text, carnet_span_of(code_hash, CARNET_SERVICE_HASH));
    carnet_buf_add_byte(&text, '.');
    carnet_buf_add_str(&text, tx_code);
    rc = text.overflow ? carnet_fail(err, CARNET_E_LIMIT, "OpenID4VCI 6.1", "the transaction code is too long")
                       : carnet_service_keyed_hash(worker, "tx_code", carnet_buf_str(&text), verifier, err);
    carnet_wipe(room, sizeof(room));
    return rc;
}
