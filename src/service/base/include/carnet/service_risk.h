/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration's table of risks (`risk`) as one of carnet/assurance.h.
 * Made once, then only read; it views into the configuration, which must
 * outlive it.
 */
#ifndef CARNET_SERVICE_RISK_H
#define CARNET_SERVICE_RISK_H
#include "carnet/assurance.h"
#include "carnet/service_config.h"
CARNET_BEGIN_DECLS

typedef struct carnet_service_risk {
    carnet_risk_row *rows;
    carnet_vector_request *requests;
    size_t count;
} carnet_service_risk;

/** Make and check the table; empty when nothing is configured.  The error's path is "risk[i]". */
carnet_rc carnet_service_risk_init(const carnet_config *config, carnet_service_risk *risk, carnet_err *err);
void carnet_service_risk_done(carnet_service_risk *risk);

CARNET_END_DECLS
#endif
