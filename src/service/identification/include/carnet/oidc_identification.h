/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User identification by a log-in at an OpenID Connect provider (OpenID Connect
 * Core 1.0, code flow with PKCE, and Discovery 1.0): the plug "oidc" of
 * carnet/identification.h.
 *
 * What comes of it is a subject; who that is, the attribute source knows.
 */
#ifndef CARNET_OIDC_IDENTIFICATION_H
#define CARNET_OIDC_IDENTIFICATION_H
#include "carnet/identification.h"
#include "carnet/service_part.h"
CARNET_BEGIN_DECLS

/** The part, "oidc"; its `self` begins with a carnet_identification. */
extern const carnet_service_part carnet_oidc_part;

CARNET_END_DECLS
#endif
