/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <string.h>

static const cyaml_schema_field_t risk[] = {
    TEXT_REQUIRED("id", carnet_config_risk, id),
    TEXT("type", carnet_config_risk, type),
    TEXT("currency", carnet_config_risk, currency),
    NUMBER("max_amount", carnet_config_risk, max_amount),
    TEXT("profile", carnet_config_risk, profile),
    TEXTS("impact", carnet_config_risk, impact),
    SWITCH("personal_data", carnet_config_risk, personal_data),
    NUMBER("likelihood", carnet_config_risk, likelihood),
    NUMBER("severity", carnet_config_risk, severity),
    TEXTS("vtr", carnet_config_risk, vtr),
    CYAML_FIELD_END,
};
const cyaml_schema_value_t carnet_config_risk_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, carnet_config_risk,
                                                                            risk) };

carnet_rc
carnet_config_check_risk(const carnet_config *config, carnet_err *err)
{
    for (size_t i = 0; i < config->risk_count; i++) {
        const carnet_config_risk *row = &config->risk[i];
        const bool grid = row->profile != NULL && strcmp(row->profile, "grid") == 0;

        for (size_t k = 0; k < i; k++)
            if (strcmp(row->id, config->risk[k].id) == 0)
                return carnet_config_fault(err, "another row has this identifier", "risk[%zu].id", i);
        if (grid && (row->likelihood == 0 || row->severity == 0))
            return carnet_config_fault(err, "the grid needs likelihood and severity", "risk[%zu].profile", i);
        if (!grid && row->impact.count != 6)
            return carnet_config_fault(err, "there are six impacts", "risk[%zu].impact", i);
        if (row->vtr.count > 8)
            return carnet_config_fault(err, "a request has at most eight vectors", "risk[%zu].vtr", i);
    }
    return CARNET_OK;
}
