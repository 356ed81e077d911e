/* SPDX-License-Identifier: Apache-2.0 */
/* The nonce endpoint's answer (OpenID4VCI 7.2).  What was opened owns its JSON until done. */
#ifndef CARNET_NONCE_RESPONSE_H
#define CARNET_NONCE_RESPONSE_H
#include "carnet/json.h"
CARNET_BEGIN_DECLS

typedef struct carnet_nonce_response {
    carnet_json *document; /**< owned */
    carnet_str c_nonce;
} carnet_nonce_response;

/** Append {"c_nonce":"..."}; to be sent with Cache-Control: no-store. */
CARNET_API carnet_rc carnet_nonce_response_build(carnet_str c_nonce, carnet_buf *out, carnet_err *err);
/** CARNET_E_OID4VCI_RESPONSE: no c_nonce. */
CARNET_API carnet_rc carnet_nonce_response_open(carnet_str json, carnet_nonce_response *response, carnet_err *err);
CARNET_API void carnet_nonce_response_done(carnet_nonce_response *response);

CARNET_END_DECLS
#endif
