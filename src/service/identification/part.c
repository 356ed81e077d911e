/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
wanted(const carnet_config *config)
{
    return config->services->identification != NULL && config->services->identification->oidc != NULL;
}

static void
done(void *self)
{
    oidc *o = self;

    if (o == NULL)
        return;
    free(o->discovery);
    free(o->jwks);
    carnet_wipe(o->secret, sizeof(o->secret));
    (void)pthread_mutex_destroy(&o->lock);
    free(o);
}

/* The file's first line. */
static bool
read_secret(oidc *o)
{
    FILE *file = fopen(o->config->client_secret_file, "r");
    bool got = file != NULL && fgets(o->secret, sizeof(o->secret), file) != NULL;

    if (file != NULL)
        (void)fclose(file);
    o->secret[got ? strcspn(o->secret, "\r\n") : 0] = '\0';
    return got && o->secret[0] != '\0';
}

static carnet_rc
init(const carnet_service_context *context, const carnet_service_parts *parts, void **self, carnet_err *err)
{
    const carnet_config *config = carnet_service_configuration(context);
    oidc *o = calloc(1, sizeof(*o));

    (void)parts;
    *self = o;
    if (o == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    (void)pthread_mutex_init(&o->lock, NULL);
    o->config = config->services->identification->oidc;
    o->loopback = config->allow_insecure_loopback;
    o->plug = (carnet_identification){
        .size = sizeof(o->plug), .name = "oidc", .self = o, .begin = carnet_oidc_begin, .resume = carnet_oidc_resume
    };
    if (read_secret(o))
        return CARNET_OK;
    done(o);
    *self = NULL;
    return carnet_fail(err, CARNET_E_CONFIG_VALUE, NULL, "client_secret_file of oidc cannot be read, or is empty");
}

const carnet_service_part carnet_oidc_part = {
    .name = "oidc",
    .wanted = wanted,
    .init = init,
    .done = done,
};
