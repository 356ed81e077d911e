/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/service_risk.h"

#include <stdio.h>
#include <stdlib.h>

static carnet_rc
read_vectors(const carnet_config_texts *texts, carnet_vector_request *request, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    *request = (carnet_vector_request){ .trustmark = CARNET_TRUSTMARK_P1940 };
    for (size_t i = 0; rc == CARNET_OK && i < texts->count && i < CARNET_VECTOR_REQUEST_MAX; i++)
        rc = carnet_trustmark_read(CARNET_TRUSTMARK_P1940, carnet_str_of(texts->list[i]),
                                   &request->vector[request->count++], err);
    return rc;
}

static carnet_rc
read_row(const carnet_config_risk *from, carnet_risk_row *row, carnet_vector_request *request, carnet_err *err)
{
    *row = (carnet_risk_row){ .id = carnet_str_of(from->id),
                              .type = carnet_str_of(from->type),
                              .currency = carnet_str_of(from->currency),
                              .max_amount = from->max_amount != 0 ? from->max_amount : UINT64_MAX };
    row->risk.personal_data = from->personal_data;
    row->risk.likelihood = from->likelihood != 0 ? from->likelihood - 1 : 0;
    row->risk.severity = from->severity != 0 ? from->severity - 1 : 0;
    if (from->profile != NULL && !carnet_assurance_profile_named(carnet_str_of(from->profile), &row->risk.profile))
        return carnet_fail(err, CARNET_E_RISK_TABLE, NULL, "this is no profile");
    for (size_t i = 0; i < from->impact.count && i < CARNET_IMPACTS; i++)
        if (!carnet_impact_named(carnet_str_of(from->impact.list[i]), &row->risk.impact[i]))
            return carnet_fail(err, CARNET_E_RISK_TABLE, NULL, "this is no impact");
    if (from->vtr.count == 0)
        return CARNET_OK;
    row->request = request;
    return read_vectors(&from->vtr, request, err);
}

carnet_rc
carnet_service_risk_init(const carnet_config *config, carnet_service_risk *risk, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    *risk = (carnet_service_risk){ 0 };
    if (config->risk_count == 0)
        return CARNET_OK;
    risk->rows = calloc(config->risk_count, sizeof(*risk->rows));
    risk->requests = calloc(config->risk_count, sizeof(*risk->requests));
    if (risk->rows == NULL || risk->requests == NULL) {
        carnet_service_risk_done(risk);
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    for (size_t i = 0; rc == CARNET_OK && i < config->risk_count; i++) {
        rc = read_row(&config->risk[i], &risk->rows[i], &risk->requests[i], err);
        if (rc != CARNET_OK && err != NULL)
            (void)snprintf(err->path, sizeof(err->path), "risk[%zu]", i);
    }
    if (rc == CARNET_OK && (rc = carnet_risk_check(risk->rows, config->risk_count, err)) != CARNET_OK)
        carnet_err_within(err, "risk");
    if (rc != CARNET_OK) {
        carnet_service_risk_done(risk);
        return rc;
    }
    risk->count = config->risk_count;
    return CARNET_OK;
}

void
carnet_service_risk_done(carnet_service_risk *risk)
{
    free(risk->rows);
    free(risk->requests);
    *risk = (carnet_service_risk){ 0 };
}
