/* SPDX-License-Identifier: Apache-2.0 */
/* The part: made of its section of the configuration. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILE_MAX = 65536 };

static carnet_rc
read_file(const char *file, char *text, size_t cap, carnet_str *out, carnet_err *err)
{
    FILE *f = fopen(file, "re");
    const size_t len = f != NULL ? fread(text, 1, cap, f) : 0;
    const bool whole = f != NULL && ferror(f) == 0 && len < cap;

    if (f != NULL)
        (void)fclose(f);
    *out = (carnet_str){ text, len };
    return whole
               ? CARNET_OK
               : carnet_fail(err, CARNET_E_CONFIG_FILE, NULL, "the file of TPMs' keys cannot be read, or is too long");
}

carnet_rc
carnet_provider_tpms(const char *file, carnet_crypto *crypto, provider *p, carnet_err *err)
{
    char *room = malloc(FILE_MAX);
    uint8_t der[1024];
    carnet_str text, label = { 0 };
    carnet_rc rc =
        room == NULL ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : read_file(file, room, FILE_MAX, &text, err);

    while (rc == CARNET_OK) {
        carnet_buf out = carnet_buf_of(der, sizeof(der));

        if ((rc = carnet_pem_next(&text, &label, &out, err)) != CARNET_OK)
            break;
        if (p->tpm_count == PROVIDER_KEYS)
            rc = carnet_fail(err, CARNET_E_LIMIT, NULL, "there are too many keys of TPMs");
        else if (carnet_str_is(label, "PUBLIC KEY"))
            rc = carnet_public_key_from_spki(crypto, carnet_buf_span(&out), &p->tpms[p->tpm_count++], err);
    }
    free(room);
    if (rc == CARNET_E_PEM && label.len == 0) /* the end of the file */
        rc = CARNET_OK;
    if (rc == CARNET_OK && p->tpm_count == 0)
        rc = carnet_fail(err, CARNET_E_CONFIG_FILE, NULL, "the file of TPMs' keys holds none");
    return rc;
}

/* Scheme, host and port of a URI. */
static carnet_str
origin(carnet_str uri)
{
    size_t i = carnet_str_starts(uri, "https://") ? 8 : carnet_str_starts(uri, "http://") ? 7 : uri.len;

    while (i < uri.len && uri.ptr[i] != '/' && uri.ptr[i] != '?')
        i++;
    return (carnet_str){ uri.ptr, i };
}

bool
carnet_provider_reaches(const provider *p, carnet_str uri)
{
    for (size_t i = 0; i < p->config->issuers.count; i++)
        if (carnet_str_equal(origin(carnet_str_of(p->config->issuers.list[i])), origin(uri)))
            return true;
    return false;
}

static bool
wanted(const carnet_config *config)
{
    return config->services->provider != NULL;
}

static void
done(void *self)
{
    free(self);
}

static carnet_rc
prepare(provider *p, carnet_err *err)
{
    carnet_crypto crypto;
    carnet_rc rc;

    if (p->config->tpm_keys_file == NULL)
        return CARNET_OK;
    if ((rc = carnet_crypto_init(&crypto, err)) != CARNET_OK)
        return rc;
    rc = carnet_provider_tpms(p->config->tpm_keys_file, &crypto, p, err);
    carnet_crypto_done(&crypto);
    return rc;
}

static carnet_rc
init(const carnet_service_context *context, const carnet_service_parts *parts, void **self, carnet_err *err)
{
    const carnet_config_provider *config = carnet_service_configuration(context)->services->provider;
    const unsigned hours = config->attestation_hours != 0 ? config->attestation_hours : PROVIDER_HOURS;
    provider *p = calloc(1, sizeof(*p));
    carnet_rc rc;

    (void)parts;
    *self = NULL;
    if (p == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    p->context = context;
    p->config = config;
    p->lifetime = (int64_t)hours * 3600;
    if ((rc = prepare(p, err)) != CARNET_OK) {
        free(p);
        return rc;
    }
    *self = p;
    return CARNET_OK;
}

static const carnet_service_part_route routes[] = {
    { &carnet_provider_challenge_route, CARNET_SERVES_PUBLIC },
    { &carnet_provider_wallet_attestation_route, CARNET_SERVES_PUBLIC },
    { &carnet_provider_key_attestation_route, CARNET_SERVES_PUBLIC },
    { &carnet_provider_relay_route, CARNET_SERVES_PUBLIC },
};

const carnet_service_part carnet_provider_part = {
    .name = "provider",
    .wanted = wanted,
    .init = init,
    .done = done,
    .routes = routes,
    .route_count = CARNET_COUNT(routes),
};
