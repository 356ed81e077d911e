/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mdoc app provider's service, as carnetd runs it (section `provider` of its
 * configuration): BASE/provider/challenge, /wallet_attestation, /key_attestation
 * and /relay.
 */
#ifndef CARNET_PROVIDER_H
#define CARNET_PROVIDER_H
#include "carnet/service_part.h"
CARNET_BEGIN_DECLS

#define CARNET_PROVIDER_APP_REQUEST "App-Request" /**< the header field of a relayed request that authenticates it */

/** The part, "provider". */
extern const carnet_service_part carnet_provider_part;

CARNET_END_DECLS
#endif
