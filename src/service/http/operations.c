/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

static carnet_rc
healthz(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    (void)self;
    (void)request;
    (void)err;
    carnet_buf_add_text(&response->body, "{\"status\":\"up\"}");
    return CARNET_OK;
}

static carnet_rc
readyz(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_service *service = request->service;

    if (service->config.ready != NULL && !service->config.ready(self))
        return carnet_fail(err, CARNET_E_SERVICE_READY, NULL, NULL);
    carnet_buf_add_text(&response->body, "{\"status\":\"ready\"}");
    return CARNET_OK;
}

static carnet_rc
metrics(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    (void)self;
    response->content_type = "text/plain; version=0.0.4; charset=utf-8";
    return carnet_service_metrics(request->service, &response->body, err);
}

static carnet_rc
openapi(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    (void)self;
    return carnet_service_openapi(request->service, &response->body, err);
}

static const struct {
    unsigned set;
    carnet_service_route route;
} known[] = {
    { CARNET_SERVICE_HEALTH,
      { .method = CARNET_SERVICE_GET,
        .name = "healthz",
        .path = "/healthz",
        .run = healthz,
        .quiet = true,
        .summary = "Whether the service runs" } },
    { CARNET_SERVICE_HEALTH,
      { .method = CARNET_SERVICE_GET,
        .name = "readyz",
        .path = "/readyz",
        .run = readyz,
        .quiet = true,
        .summary = "Whether the service can do its work" } },
    { CARNET_SERVICE_METRICS,
      { .method = CARNET_SERVICE_GET,
        .name = "metrics",
        .path = "/metrics",
        .run = metrics,
        .quiet = true,
        .summary = "Counts and durations, as Prometheus reads them",
        .answers = "text/plain",
        .answer_max = 1 << 20 } },
    { CARNET_SERVICE_OPENAPI,
      { .method = CARNET_SERVICE_GET,
        .name = "openapi",
        .path = "/openapi.json",
        .run = openapi,
        .quiet = true,
        .summary = "This document",
        .answer_max = 1 << 19 } },
};

size_t
carnet_service_built_in(unsigned built_in, carnet_service_route *routes)
{
    size_t count = 0;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if ((built_in & known[i].set) != 0)
            routes[count++] = known[i].route;
    return count;
}
