/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <stdlib.h>

static bool
wanted(const carnet_config *config)
{
    return config->services->identification != NULL && config->services->identification->presentation != NULL;
}

static void
done(void *self)
{
    carnet_presentation_service *p = self;

    if (p != NULL)
        carnet_service_trust_free(&p->trust);
    free(p);
}

static carnet_rc
init(const carnet_service_context *context, const carnet_service_parts *parts, void **self, carnet_err *err)
{
    const carnet_config_services *services = carnet_service_configuration(context)->services;
    const carnet_config_presentation *config = services->identification->presentation;
    unsigned seconds = services->authorization != NULL ? services->authorization->identification_seconds : 0;
    char *files[1] = { config->trust };
    carnet_config_texts list = { files, 1 };
    carnet_presentation_service *p = calloc(1, sizeof(*p));
    carnet_rc rc = CARNET_OK;

    *self = NULL;
    if (p == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    p->plug = (carnet_identification){ .size = sizeof(p->plug),
                                       .name = "presentation",
                                       .self = p,
                                       .begin = carnet_presentation_begin,
                                       .resume = carnet_presentation_resume };
    p->context = context;
    p->way = &carnet_presentation_website;
    p->seconds = seconds != 0 ? (int64_t)seconds : 3600;
    p->web = carnet_service_part_find(parts, "web");
    if (p->web == NULL)
        rc = carnet_fail(err, CARNET_E_USAGE, NULL, "the part \"web\" does not run");
    if (rc == CARNET_OK)
        rc = carnet_presentation_configure(p, config, err);
    if (rc == CARNET_OK)
        rc = carnet_service_trust_new(&list, &p->trust, err);
    if (rc != CARNET_OK)
        done(p);
    else
        *self = p;
    return rc;
}

static const carnet_service_part_route routes[] = {
    { &carnet_presentation_wait, CARNET_SERVES_PUBLIC },  { &carnet_presentation_state, CARNET_SERVES_PUBLIC },
    { &carnet_presentation_again, CARNET_SERVES_PUBLIC }, { &carnet_presentation_cancel, CARNET_SERVES_PUBLIC },
    { &carnet_presentation_mdoc, CARNET_SERVES_PUBLIC },
};

const carnet_service_part carnet_presentation_part = {
    .name = "presentation",
    .wanted = wanted,
    .init = init,
    .done = done,
    .routes = routes,
    .route_count = CARNET_COUNT(routes),
};
