/* SPDX-License-Identifier: Apache-2.0 */
/* The issuer as a part of carnetd. */
#include "internal.h"

#include <stdlib.h>

const carnet_service_part_route carnet_issuing_routes[] = {
    { &carnet_issuing_well_known, CARNET_SERVES_PUBLIC },    { &carnet_issuing_mdoc_iacas, CARNET_SERVES_PUBLIC },
    { &carnet_issuing_nonce, CARNET_SERVES_PUBLIC },         { &carnet_issuing_credential, CARNET_SERVES_PUBLIC },
    { &carnet_issuing_deferred, CARNET_SERVES_PUBLIC },      { &carnet_issuing_notification, CARNET_SERVES_PUBLIC },
    { &carnet_issuing_offer_get, CARNET_SERVES_PUBLIC },     { &carnet_issuing_admin_offer, CARNET_SERVES_ADMIN },
    { &carnet_issuing_admin_deferred, CARNET_SERVES_ADMIN },
};
const size_t carnet_issuing_route_count = CARNET_COUNT(carnet_issuing_routes);

static bool
wanted(const carnet_config *config)
{
    return config->services != NULL && config->services->issuing != NULL;
}

static carnet_rc
init(const carnet_service_context *context, const carnet_service_parts *parts, void **self, carnet_err *err)
{
    const carnet_authorization *authorization = carnet_service_part_find(parts, "authorization");
    carnet_issuing *issuing = NULL;
    carnet_issuing_configured *configured;
    carnet_rc rc;

    *self = NULL;
    if (authorization == NULL)
        return carnet_fail(err, CARNET_E_ISSUING_POLICY, NULL, "the issuer needs the authorization service beside it");
    rc = carnet_issuing_configure(carnet_service_configuration(context), &configured, err);
    if (rc != CARNET_OK)
        return rc;
    rc = carnet_issuing_new(context, carnet_issuing_configured_policy(configured), authorization, &issuing, err);
    if (rc != CARNET_OK) {
        carnet_issuing_configured_free(&configured);
        return rc;
    }
    issuing->configured = configured;
    *self = issuing;
    return CARNET_OK;
}

static void
done(void *self)
{
    carnet_issuing *issuing = self;
    carnet_issuing_configured *configured = issuing->configured;

    carnet_issuing_free(&issuing);
    carnet_issuing_configured_free(&configured);
}

const carnet_service_part carnet_issuing_part = {
    .name = "issuing",
    .wanted = wanted,
    .init = init,
    .done = done,
    .routes = carnet_issuing_routes,
    .route_count = CARNET_COUNT(carnet_issuing_routes),
};
