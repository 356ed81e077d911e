/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* "https://host[:port]" of "https://host[:port]/tenant". */
static carnet_str
origin_of(carnet_str url, carnet_str path)
{
    url.len -= path.len <= url.len ? path.len : 0;
    return url;
}

carnet_web
carnet_web_of(const carnet_service_context *context)
{
    const carnet_config *config = carnet_service_configuration(context);
    carnet_str base = carnet_service_base_url(context), path = carnet_service_base_path(context);

    return (carnet_web){ .origin = origin_of(base, path),
                         .base_path = path,
                         .authority = carnet_str_of(config->authority),
                         .loopback = carnet_str_starts(base, "http://") };
}

static bool
wanted(const carnet_config *config)
{
    return config->services->authorization != NULL || config->services->desk != NULL ||
           config->services->overview != NULL || config->services->identification != NULL ||
           config->services->issuing != NULL;
}

static carnet_rc
init(const carnet_service_context *context, const carnet_service_parts *parts, void **self, carnet_err *err)
{
    carnet_web *web = calloc(1, sizeof(*web));

    (void)parts;
    *self = web;
    if (web == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    *web = carnet_web_of(context);
    return CARNET_OK;
}

static void
done(void *self)
{
    free(self);
}

static const carnet_service_part_route routes[] = {
    { &carnet_web_static, CARNET_SERVES_PUBLIC | CARNET_SERVES_STAFF },
};

const carnet_service_part carnet_web_part = {
    .name = "web",
    .wanted = wanted,
    .init = init,
    .done = done,
    .routes = routes,
    .route_count = CARNET_COUNT(routes),
};
