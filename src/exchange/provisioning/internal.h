/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_PROVISIONING_INTERNAL_H
#define CARNET_PROVISIONING_INTERNAL_H
#include "carnet/app_request.h"
#include "carnet/jwt.h"

/** NULL for none of the purposes. */
const char *carnet_app_purpose_name(carnet_app_purpose purpose);
carnet_rc carnet_app_body_digest(carnet_span body, carnet_crypto *crypto, uint8_t digest[32], carnet_err *err);

#endif
