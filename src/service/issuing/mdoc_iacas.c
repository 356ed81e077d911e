/* SPDX-License-Identifier: Apache-2.0 */
/* GET /mdoc_iacas: the certificates under which this issuer's documents verify. */
#include "internal.h"

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_issuing *issuing = self;

    (void)request;
    response->fixed = carnet_str_bytes(issuing->iacas);
    return carnet_service_set_header(response, "Cache-Control", carnet_str_of("public, max-age=3600"), err);
}

const carnet_service_route carnet_issuing_mdoc_iacas = {
    .method = CARNET_SERVICE_GET,
    .name = "mdoc_iacas",
    .path = "/mdoc_iacas",
    .summary = "The issuing authority's root certificates for mdocs",
    .run = run,
    .cross_origin = true,
};
