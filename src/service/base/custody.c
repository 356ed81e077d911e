/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is opened once for all threads.  A key in a sealed file is taken out of
 * it at the start, since to unseal costs a thread a tenth of a second; a TPM
 * does one thing after the other, so all threads share one connection under a
 * lock; PKCS#11 modules give each thread a session of its own (hands.c).
 */
#include "internal.h"

#include "carnet/service_config_identity_provider.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static carnet_rc
identifier_of(const char *text, carnet_key_identifier *identifier, carnet_err *err)
{
    carnet_buf buf = carnet_buf_of(identifier->bytes, sizeof(identifier->bytes));

    if (strncmp(text, "hex:", 4) == 0) {
        if (carnet_hex_decode(carnet_str_of(text + 4), &buf, NULL) != CARNET_OK || buf.len == 0)
            return carnet_fail(err, CARNET_E_SERVICE_KEY, NULL, "the identifier is not 1 to 32 octets");
        identifier->len = (uint8_t)buf.len;
        return CARNET_OK;
    }
    *identifier = carnet_key_identifier_of(carnet_str_bytes(carnet_str_of(text)));
    return identifier->len > 0 ? CARNET_OK
                               : carnet_fail(err, CARNET_E_SERVICE_KEY, NULL, "the identifier is not 1 to 32 octets");
}

static carnet_rc
keep_key(carnet_service_area *area, carnet_service_kept_key *kept, carnet_err *err)
{
    carnet_buf der = carnet_buf_of(kept->der, sizeof(kept->der));
    carnet_key key = { 0 };
    carnet_rc rc;

    if ((rc = identifier_of(kept->config->identifier, &kept->identifier, err)) != CARNET_OK ||
        (rc = carnet_secure_area_open(&area->area, &kept->identifier, &key, err)) != CARNET_OK)
        return rc;
    kept->view.name = kept->config->name;
    kept->view.algorithm =
        (key.usage & CARNET_KEY_SIGN) != 0 ? carnet_curve_get(key.public_key.curve)->algorithm : CARNET_SIGNATURE_NONE;
    rc = carnet_service_chain_read(kept, &key.public_key, &area->crypto, err);
    if (rc == CARNET_OK && kept->area->kind == CARNET_CONFIG_SOFTWARE) {
        rc = carnet_software_key_to_der(&key, &der, err);
        kept->der_len = der.len;
        kept->shared.usage = key.usage;
    }
    if (rc == CARNET_OK && kept->area->kind == CARNET_CONFIG_TPM2) {
        kept->shared = key;
        return CARNET_OK;
    }
    carnet_key_done(&key);
    return rc;
}

/* What a service will sign with must be able to, before anybody waits for it. */
static carnet_rc
check_use(const carnet_config *config, const carnet_service_kept_key *kept, carnet_err *err)
{
    const carnet_config_identity_provider *idp = config->services != NULL ? config->services->identity_provider : NULL;
    const char *what = NULL;
    char reason[256];

    if (idp == NULL)
        return CARNET_OK;
    if (strcmp(idp->token_key, kept->view.name) == 0 && kept->view.algorithm != CARNET_ES256)
        what = "a P-256 key (ES256), to sign identity tokens";
    else if (strcmp(idp->device_key, kept->view.name) == 0 && kept->view.algorithm == CARNET_SIGNATURE_NONE)
        what = "a key that can sign devices' certificates";
    if (what == NULL)
        return CARNET_OK;
    (void)snprintf(reason, sizeof(reason), "\"%.20s\" of %.44s is not %s", kept->view.name,
                   kept->area->file != NULL ? kept->area->file : kept->area->name, what);
    return carnet_fail(err, CARNET_E_SERVICE_KEY, NULL, reason);
}

static void
name_culprit(carnet_err *err, const char *list, size_t i)
{
    char outer[32];

    (void)snprintf(outer, sizeof(outer), "%s[%zu]", list, i);
    if (err != NULL)
        err->path[0] = '\0';
    carnet_err_within(err, outer);
}

static carnet_rc
keep_keys_of(const carnet_config *config, size_t i, carnet_service_custody *custody, carnet_err *err)
{
    carnet_rc rc = carnet_service_area_open(&config->areas[i], &custody->areas[i], err);

    if (rc != CARNET_OK)
        name_culprit(err, "areas", i);
    for (size_t k = 0; rc == CARNET_OK && k < config->key_count; k++) {
        if (strcmp(config->keys[k].area, config->areas[i].name) != 0)
            continue;
        custody->keys[k].config = &config->keys[k];
        custody->keys[k].area = &config->areas[i];
        if ((rc = keep_key(&custody->areas[i], &custody->keys[k], err)) == CARNET_OK)
            rc = check_use(config, &custody->keys[k], err);
        if (rc != CARNET_OK)
            name_culprit(err, "keys", k);
    }
    if (config->areas[i].kind != CARNET_CONFIG_TPM2)
        carnet_service_area_close(&custody->areas[i]);
    return rc;
}

carnet_rc
carnet_service_custody_new(const carnet_config *config, carnet_service_custody *custody, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    custody->areas = calloc(config->area_count + 1, sizeof(*custody->areas));
    custody->locks = calloc(config->area_count + 1, sizeof(pthread_mutex_t));
    custody->keys = calloc(config->key_count + 1, sizeof(*custody->keys));
    if (custody->areas == NULL || custody->locks == NULL || custody->keys == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    custody->key_count = config->key_count;
    for (size_t i = 0; rc == CARNET_OK && i < config->area_count; i++) {
        (void)pthread_mutex_init(&custody->locks[i], NULL);
        custody->area_count++;
        rc = keep_keys_of(config, i, custody, err);
    }
    return rc;
}

void
carnet_service_custody_free(carnet_service_custody *custody)
{
    for (size_t k = 0; k < custody->key_count; k++) {
        carnet_service_kept_key *key = &custody->keys[k];

        carnet_wipe(key->der, sizeof(key->der));
        carnet_key_done(&key->shared);
        carnet_service_file_free(&key->chain);
        carnet_service_file_free(&key->root);
    }
    for (size_t i = 0; i < custody->area_count; i++) {
        carnet_service_area_close(&custody->areas[i]);
        (void)pthread_mutex_destroy(&custody->locks[i]);
    }
    free(custody->areas);
    free(custody->locks);
    free(custody->keys);
    *custody = (carnet_service_custody){ 0 };
}
