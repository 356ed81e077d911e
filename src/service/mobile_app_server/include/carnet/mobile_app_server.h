/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mobile app server of cardless payments, as a part of carnetd (P1940 4):
 * users stage transactions, fulfil them at terminals, and are authenticated by
 * the identity provider; terminals collect, issuers resolve.  Messages:
 * carnet/staging.h.  Instances share a store; any of them answers anybody.
 */
#ifndef CARNET_MOBILE_APP_SERVER_H
#define CARNET_MOBILE_APP_SERVER_H
#include "carnet/service_part.h"
CARNET_BEGIN_DECLS

extern const carnet_service_part carnet_mobile_app_server_part;

CARNET_END_DECLS
#endif
