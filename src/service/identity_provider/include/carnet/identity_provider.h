/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The identity provider of cardless payments, as a part of carnetd (P1940 6;
 * IEEE 2410 as doc/p1940.md profiles it).  Messages: carnet/bops.h.  Instances
 * share a store; any of them answers anybody.
 */
#ifndef CARNET_IDENTITY_PROVIDER_H
#define CARNET_IDENTITY_PROVIDER_H
#include "carnet/service_part.h"
CARNET_BEGIN_DECLS

/** Its operators' page, at /identity, needs the part "desk" before it. */
extern const carnet_service_part carnet_identity_provider_part;

/** What carnet_service_part_find(parts, "identity_provider") returns. */
typedef struct carnet_identity_provider carnet_identity_provider;

/** Invite a device of a user, who is made if there is none: a certificate that can enrol once, and its key, both in PEM, appended
 *  to *out.  They are secret, and good for the configured minutes.  CARNET_E_USAGE: the user's identifier has no form. */
carnet_rc carnet_identity_provider_invite(carnet_identity_provider *provider, carnet_service_worker *worker,
                                          carnet_str user_id, carnet_buf *out, carnet_err *err);

CARNET_END_DECLS
#endif
