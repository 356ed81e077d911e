/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom a service believes (carnet/attester.h), loaded from the PEM files of the
 * configuration.  Made once, then only read, by any number of threads.
 */
#ifndef CARNET_SERVICE_TRUST_H
#define CARNET_SERVICE_TRUST_H
#include "carnet/attester.h"
#include "carnet/service_config.h"
CARNET_BEGIN_DECLS

typedef struct carnet_service_trust carnet_service_trust;

/** Load certificates and bare public keys, all of each file; *trust is NULL when there are no files.  CARNET_E_SERVICE_KEY: a file that cannot be
 *  read, or has none of them; the error names it. */
carnet_rc carnet_service_trust_new(const carnet_config_texts *files, carnet_service_trust **trust, carnet_err *err);
void carnet_service_trust_free(carnet_service_trust **trust);
/** NULL for NULL. */
const carnet_attester_trust *carnet_service_trust_get(const carnet_service_trust *trust);

CARNET_END_DECLS
#endif
