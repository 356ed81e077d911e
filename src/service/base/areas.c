/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/file_storage.h"
#include "carnet/pkcs11_area.h"
#include "carnet/tpm2_area.h"
#include "internal.h"

#include <stdlib.h>
#include <sys/stat.h>

static carnet_rc
open_software(const carnet_config_area *config, carnet_service_area *a, carnet_err *err)
{
    struct stat st;

    if (config->file == NULL || stat(config->file, &st) != 0 || st.st_size < 0 || st.st_size > (off_t)16 * 1024 * 1024)
        return carnet_fail(err, CARNET_E_AREA_STORAGE, NULL, "the sealed file is not there, or is too long");
    a->memory_len = 4 * (size_t)st.st_size + 2 * CARNET_SEALED_AREA_MIN;
    a->memory = malloc(a->memory_len);
    if (a->memory == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    return carnet_sealed_area_open(&a->sealed, &a->crypto, &a->storage, carnet_service_file_span(&a->secret),
                                   carnet_buf_of(a->memory, a->memory_len), &a->area, err);
}

static carnet_rc
open_kind(const carnet_config_area *config, carnet_service_area *a, carnet_err *err)
{
    switch (config->kind) {
    case CARNET_CONFIG_PKCS11: {
        carnet_pkcs11_parameters p = { config->module, config->token, carnet_service_file_span(&a->secret) };
        return carnet_pkcs11_area_open(&p, &a->crypto, &a->area, err);
    }
    case CARNET_CONFIG_TPM2: {
        carnet_tpm2_parameters p = { .tcti = config->tcti,
                                     .storage = &a->storage,
                                     .auth = carnet_service_file_span(&a->secret) };
        return carnet_tpm2_area_open(&p, &a->crypto, &a->area, err);
    }
    default:
        return open_software(config, a, err);
    }
}

carnet_rc
carnet_service_area_open(const carnet_config_area *config, carnet_service_area *area, carnet_err *err)
{
    carnet_rc rc = carnet_crypto_init(&area->crypto, err);

    if (rc != CARNET_OK)
        return rc;
    area->crypto_made = true;
    if (config->file != NULL)
        area->storage = carnet_file_storage(config->file);
    if (config->secret_file != NULL)
        rc = carnet_service_secret_file_read(config->secret_file, &area->secret, err);
    if (rc == CARNET_OK)
        rc = open_kind(config, area, err);
    if (rc != CARNET_OK)
        carnet_service_area_close(area);
    return rc;
}

void
carnet_service_area_close(carnet_service_area *area)
{
    carnet_secure_area_done(&area->area);
    if (area->memory != NULL)
        carnet_wipe(area->memory, area->memory_len);
    free(area->memory);
    carnet_service_file_free(&area->secret);
    if (area->crypto_made)
        carnet_crypto_done(&area->crypto);
    *area = (carnet_service_area){ 0 };
}
