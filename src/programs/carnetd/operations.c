/* SPDX-License-Identifier: Apache-2.0 */
/* /healthz, /readyz and /metrics of the whole process, whichever listener is asked. */
#include "carnetd.h"

carnetd *carnetd_self;

static carnet_rc
health(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    (void)self;
    (void)request;
    (void)err;
    carnet_buf_add_text(&response->body, "{\"status\":\"up\"}");
    return CARNET_OK;
}

static carnet_rc
readiness(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    (void)self;
    (void)request;
    if (!carnet_store_ready(carnetd_self->store) || !carnet_service_parts_ready(carnetd_self->parts))
        return carnet_fail(err, CARNET_E_SERVICE_READY, NULL, NULL);
    carnet_buf_add_text(&response->body, "{\"status\":\"ready\"}");
    return CARNET_OK;
}

static void
say(carnet_buf *out, const char *name, const char *help, uint64_t value)
{
    carnet_buf_add_text(out, "# HELP ");
    carnet_buf_add_text(out, name);
    carnet_buf_add_text(out, help);
    carnet_buf_add_text(out, "\n# TYPE ");
    carnet_buf_add_text(out, name);
    carnet_buf_add_text(out, " counter\n");
    carnet_buf_add_text(out, name);
    carnet_buf_add_text(out, " ");
    carnet_buf_add_uint(out, value);
    carnet_buf_add_text(out, "\n");
}

static void
store_metrics(void *self, carnet_buf *out)
{
    carnet_store_counters c = carnet_store_count(carnetd_self->store);

    (void)self;
    say(out, "carnet_store_transactions_total", " Transactions committed.", c.transactions);
    say(out, "carnet_store_commits_total", " Commits; several transactions may share one.", c.commits);
    say(out, "carnet_store_undone_total", " Transactions undone.", c.undone);
    say(out, "carnet_store_retried_total", " Transactions run again.", c.retried);
    say(out, "carnet_store_reconnected_total", " Connections made anew.", c.reconnected);
    say(out, "carnet_store_reads_total", " Reads.", c.reads);
}

static carnet_rc
metrics(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_service *services[CARNETD_LISTENERS];
    const char *names[CARNETD_LISTENERS];
    carnet_rc rc;

    (void)self;
    (void)request;
    for (size_t i = 0; i < carnetd_self->listener_count; i++) {
        services[i] = carnetd_self->listeners[i].service;
        names[i] = carnetd_self->listeners[i].name;
    }
    response->content_type = "text/plain; version=0.0.4; charset=utf-8";
    rc = carnet_service_metrics_several(services, names, carnetd_self->listener_count, &response->body, err);
    if (rc == CARNET_OK)
        carnet_service_parts_metrics(carnetd_self->parts, &response->body);
    return rc;
}

static uint64_t
days(unsigned count)
{
    return (uint64_t)count * CARNET_TIME_DAY;
}

static carnet_rc
retain(void *self, carnet_service_worker *worker, carnet_err *err)
{
    const carnet_config_retention none = { 0 }, *r = carnetd_self->config->retention;
    carnet_store_policy policy = { 0 };
    carnet_store_retained retained = { 0 };

    (void)self;
    if (r == NULL)
        r = &none;
    policy.offers = (carnet_time)days(r->offers_days);
    policy.grants = (carnet_time)days(r->grants_days);
    policy.evidence = (carnet_time)days(r->evidence_days);
    policy.enrolments = (carnet_time)days(r->enrolments_days);
    policy.credentials = (carnet_time)days(r->credentials_days);
    policy.events = (carnet_time)days(r->events_days);
    return carnet_store_retain(carnetd_self->store, carnet_service_now(worker), &policy, &retained, err);
}

static const carnet_service_route health_route = {
    .method = CARNET_SERVICE_GET,
    .name = "healthz",
    .path = "/healthz",
    .summary = "Whether the process runs",
    .run = health,
    .quiet = true,
};
static const carnet_service_route ready_route = {
    .method = CARNET_SERVICE_GET,
    .name = "readyz",
    .path = "/readyz",
    .summary = "Whether the services can do their work",
    .run = readiness,
    .quiet = true,
};
static const carnet_service_route metrics_route = {
    .method = CARNET_SERVICE_GET,
    .name = "metrics",
    .path = "/metrics",
    .summary = "Counts and durations, as Prometheus reads them",
    .run = metrics,
    .answers = "text/plain",
    .answer_max = 1 << 20,
    .quiet = true,
};
static const carnet_service_part_route routes[] = {
    { &health_route, CARNET_SERVES_OPERATIONS },
    { &ready_route, CARNET_SERVES_OPERATIONS },
    { &metrics_route, CARNET_SERVES_OPERATIONS },
};

const carnet_service_part carnetd_operations_part = {
    .name = "operations",
    .routes = routes,
    .route_count = CARNET_COUNT(routes),
    .job = retain,
    .period = 900,
    .metrics = store_metrics,
};
