/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <stdlib.h>

static bool
wanted(const carnet_config *config)
{
    return config->services->issuing != NULL;
}

static carnet_rc
init(const carnet_service_context *context, const carnet_service_parts *parts, void **self, carnet_err *err)
{
    offer_page *o = calloc(1, sizeof(*o));

    *self = o;
    if (o == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    o->context = context;
    o->web = carnet_service_part_find(parts, "web");
    o->issuing = carnet_service_part_find(parts, "issuing");
    if (o->web != NULL && o->issuing != NULL)
        return CARNET_OK;
    free(o);
    *self = NULL;
    return carnet_fail(err, CARNET_E_USAGE, NULL, "the parts \"web\" and \"issuing\" do not both run");
}

static void
done(void *self)
{
    free(self);
}

static const carnet_service_part_route routes[] = {
    { &carnet_offer_show, CARNET_SERVES_PUBLIC },
    { &carnet_offer_state, CARNET_SERVES_PUBLIC },
};

const carnet_service_part carnet_offer_part = {
    .name = "offer",
    .wanted = wanted,
    .init = init,
    .done = done,
    .routes = routes,
    .route_count = CARNET_COUNT(routes),
};
