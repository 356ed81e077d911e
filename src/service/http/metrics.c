/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

const char *const carnet_service_limit_names[CARNET_SERVICE_LIMIT_COUNT] = {
    "idle_time",           "header_time", "body_time",   "response_time", "connections", "connections_per_address",
    "connections_unheard", "rate",        "body_octets", "header_octets",
};

static const unsigned bounds_ms[CARNET_SERVICE_BUCKETS - 1] = { 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10000 };
static const char *const bounds[CARNET_SERVICE_BUCKETS] = {
    "0.001", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "10", "+Inf",
};

void
carnet_service_count(carnet_service *service, const carnet_service_exchange *exchange, int64_t ms)
{
    size_t at = exchange->route != NULL ? (size_t)(exchange->route - service->routes) : service->route_count, i = 0;
    carnet_service_counts *c = &service->counts[at];

    while (i < CARNET_SERVICE_BUCKETS - 1 && ms > bounds_ms[i])
        i++;
    c->bucket[i]++;
    c->count++;
    c->sum_ms += (uint64_t)(ms > 0 ? ms : 0);
    for (i = 0; i < CARNET_SERVICE_STATUSES - 1 && c->status[i].count > 0 && c->status[i].status != exchange->status;)
        i++;
    c->status[i].status = exchange->status;
    c->status[i].count++;
}

static void
head(carnet_buf *out, const char *name, const char *type, const char *help)
{
    carnet_buf_add_text(out, "# HELP ");
    carnet_buf_add_text(out, name);
    carnet_buf_add_text(out, " ");
    carnet_buf_add_text(out, help);
    carnet_buf_add_text(out, "\n# TYPE ");
    carnet_buf_add_text(out, name);
    carnet_buf_add_text(out, " ");
    carnet_buf_add_text(out, type);
    carnet_buf_add_text(out, "\n");
}

/* Several services told together: each sample says of which it is. */
typedef struct several {
    const carnet_service *const *list;
    const char *const *names; /* NULL: there is but one */
    size_t count;
} several;

/* name{label="value"  -- the caller goes on with another label or with end(). */
static void
sample(carnet_buf *out, const char *name, const char *listener, const char *label, const char *value)
{
    carnet_buf_add_text(out, name);
    carnet_buf_add_text(out, "{");
    if (listener != NULL) {
        carnet_buf_add_text(out, "listener=\"");
        carnet_buf_add_text(out, listener);
        carnet_buf_add_text(out, "\",");
    }
    carnet_buf_add_text(out, label);
    carnet_buf_add_text(out, "=\"");
    carnet_buf_add_text(out, value);
    carnet_buf_add_text(out, "\"");
}

static void
end(carnet_buf *out, uint64_t value)
{
    carnet_buf_add_text(out, "} ");
    carnet_buf_add_uint(out, value);
    carnet_buf_add_text(out, "\n");
}

static const char *
name_of(const carnet_service *service, size_t i)
{
    return i < service->route_count ? service->routes[i].name : "none";
}

static const char *
listener_of(const several *all, size_t n)
{
    return all->names != NULL ? all->names[n] : NULL;
}

static void
requests(const several *all, size_t n, carnet_buf *out)
{
    const carnet_service *service = all->list[n];

    for (size_t i = 0; i <= service->route_count; i++)
        for (size_t k = 0; k < CARNET_SERVICE_STATUSES && service->counts[i].status[k].count > 0; k++) {
            sample(out, "carnet_http_requests_total", listener_of(all, n), "route", name_of(service, i));
            carnet_buf_add_text(out, ",status=\"");
            carnet_buf_add_uint(out, (uint64_t)service->counts[i].status[k].status);
            carnet_buf_add_text(out, "\"");
            end(out, service->counts[i].status[k].count);
        }
}

static void
seconds(carnet_buf *out, uint64_t ms)
{
    uint64_t rest = ms % 1000;

    carnet_buf_add_uint(out, ms / 1000);
    carnet_buf_add_text(out, rest < 10 ? ".00" : rest < 100 ? ".0" : ".");
    carnet_buf_add_uint(out, rest);
    carnet_buf_add_text(out, "\n");
}

static void
durations(const several *all, size_t n, carnet_buf *out)
{
    const carnet_service *service = all->list[n];
    const char *listener = listener_of(all, n);

    for (size_t i = 0; i <= service->route_count; i++) {
        const carnet_service_counts *c = &service->counts[i];
        uint64_t sum = 0;

        for (size_t k = 0; c->count > 0 && k < CARNET_SERVICE_BUCKETS; k++) {
            sample(out, "carnet_http_request_duration_seconds_bucket", listener, "route", name_of(service, i));
            carnet_buf_add_text(out, ",le=\"");
            carnet_buf_add_text(out, bounds[k]);
            carnet_buf_add_text(out, "\"");
            end(out, sum += c->bucket[k]);
        }
        if (c->count == 0)
            continue;
        sample(out, "carnet_http_request_duration_seconds_sum", listener, "route", name_of(service, i));
        carnet_buf_add_text(out, "} ");
        seconds(out, c->sum_ms);
        sample(out, "carnet_http_request_duration_seconds_count", listener, "route", name_of(service, i));
        end(out, c->count);
    }
}

static void
refusals(const several *all, size_t n, carnet_buf *out)
{
    for (size_t i = 0; i < CARNET_SERVICE_LIMIT_COUNT; i++) {
        sample(out, "carnet_http_refusals_total", listener_of(all, n), "limit", carnet_service_limit_names[i]);
        end(out, all->list[n]->limits[i]);
    }
}

static void
one_number(const several *all, size_t n, carnet_buf *out, const char *name, uint64_t value)
{
    if (all->names != NULL) {
        sample(out, name, NULL, "listener", all->names[n]);
        end(out, value);
        return;
    }
    carnet_buf_add_text(out, name);
    carnet_buf_add_text(out, " ");
    carnet_buf_add_uint(out, value);
    carnet_buf_add_text(out, "\n");
}

static void
open_connections(const several *all, size_t n, carnet_buf *out)
{
    one_number(all, n, out, "carnet_http_connections", all->list[n]->open);
}

static void
all_connections(const several *all, size_t n, carnet_buf *out)
{
    one_number(all, n, out, "carnet_http_connections_total", all->list[n]->taken);
}

static const struct {
    const char *name, *type, *help;
    void (*say)(const several *all, size_t n, carnet_buf *out);
} families[] = {
    { "carnet_http_requests_total", "counter", "Requests by route and status; 0: the client went away.", requests },
    { "carnet_http_request_duration_seconds", "histogram", "From a request's first line to its answer's last octet.",
      durations },
    { "carnet_http_connections", "gauge", "Open connections.", open_connections },
    { "carnet_http_connections_total", "counter", "Connections taken.", all_connections },
    { "carnet_http_refusals_total", "counter", "Requests refused and connections cut, by limit.", refusals },
};

carnet_rc
carnet_service_metrics_several(const carnet_service *const *list, const char *const *names, size_t count,
                               carnet_buf *out, carnet_err *err)
{
    several all = { list, names, count };

    for (size_t i = 0; i < CARNET_COUNT(families); i++) {
        head(out, families[i].name, families[i].type, families[i].help);
        for (size_t n = 0; n < count; n++) {
            pthread_mutex_t *lock = &((carnet_service *)(uintptr_t)list[n])->lock;

            (void)pthread_mutex_lock(lock);
            families[i].say(&all, n, out);
            (void)pthread_mutex_unlock(lock);
        }
    }
    return out->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
}

carnet_rc
carnet_service_metrics(const carnet_service *service, carnet_buf *out, carnet_err *err)
{
    return carnet_service_metrics_several(&service, NULL, 1, out, err);
}
