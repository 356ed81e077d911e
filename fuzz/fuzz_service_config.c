/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration is read as a whole or refused with a complaint that names the file; nothing required is missing. */
#include "carnet/service_config.h"
#include "fuzz.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_config_complaint complaint;
    carnet_config *config;
    carnet_rc rc;

    if (size > 16384)
        return 0;
    rc = carnet_config_read((carnet_str){ (const char *)data, size }, "etc/f.yaml", &config, &complaint);
    MUST((rc == CARNET_OK) == (config != NULL));
    if (rc != CARNET_OK) {
        MUST(strncmp(complaint.text, "etc/f.yaml", 10) == 0);
        return 0;
    }
    MUST(complaint.text[0] == '\0');
    MUST(config->base_url != NULL && config->secrets != NULL && config->store != NULL && config->services != NULL);
    MUST(config->listener_count > 0 && config->listeners[0].address != NULL && config->listeners[0].serves != 0);
    for (size_t i = 0; i < config->key_count; i++)
        MUST(config->keys[i].name != NULL && config->keys[i].area != NULL);
    carnet_config_free(&config);
    return 0;
}
