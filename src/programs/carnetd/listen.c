/* SPDX-License-Identifier: Apache-2.0 */
#include "carnetd.h"
#include "program_version.h"

#include <stdio.h>

#define PEM_MAX (size_t)262144

static carnet_rc
read_pem(const char *file, carnet_service_file *to, const char *key, size_t index, carnet_err *err)
{
    carnet_rc rc = file != NULL ? carnet_service_file_read(file, PEM_MAX, to, err) : CARNET_OK;

    if (rc != CARNET_OK && err != NULL)
        (void)snprintf(err->path, sizeof(err->path), "listeners[%zu].%s", index, key);
    return rc;
}

static carnet_rc
read_files(carnetd *d, size_t i, carnet_err *err)
{
    const carnet_config_listener *c = &d->config->listeners[i];
    struct carnetd_listener *l = &d->listeners[i];
    carnet_rc rc;

    if ((rc = read_pem(c->chain, &l->chain, "chain", i, err)) != CARNET_OK ||
        (rc = read_pem(c->key, &l->key, "key", i, err)) != CARNET_OK)
        return rc;
    return read_pem(c->clients, &l->clients, "clients", i, err);
}

static carnet_service_config
config_of(carnetd *d, size_t i)
{
    const carnet_config_listener *c = &d->config->listeners[i];
    const struct carnetd_listener *l = &d->listeners[i];

    return (carnet_service_config){
        .address = c->address,
        .port = c->port,
        .threads = c->threads,
        .built_in = CARNET_SERVICE_OPENAPI,
        .title = d->config->authority != NULL ? d->config->authority : "Carnet",
        .version = CARNET_VERSION,
        .random = carnet_crypto_random(&d->crypto),
        .chain = carnet_service_file_text(&l->chain),
        .key = carnet_service_file_text(&l->key),
        .clients = carnet_service_file_text(&l->clients),
        .header_ms = c->header_ms,
        .body_ms = c->body_ms,
        .response_ms = c->response_ms,
        .idle_ms = c->idle_ms,
        .header_max = c->header_octets,
        .requests_per_connection = c->requests_per_connection,
        .connections = c->connections,
        .connections_per_address = c->connections_per_address,
        .trusted_proxies = (const char *const *)c->trusted_proxies.list,
        .trusted_proxy_count = c->trusted_proxies.count,
        .forwarded = c->forwarded,
        .client_certificate_header = c->client_certificate_header,
        .log = carnetd_log_line,
        .log_self = &d->log,
    };
}

static carnet_rc
start(carnetd *d, size_t i, const carnet_service *before, carnet_err *err)
{
    struct carnetd_listener *l = &d->listeners[i];
    carnet_service_config config;
    carnet_rc rc = read_files(d, i, err);

    if (rc != CARNET_OK)
        return rc;
    config = config_of(d, i);
    config.routes = l->routes;
    config.route_count = l->route_count;
    config.follows = before;
    rc = carnet_service_start(&config, &l->service, err);
    if (rc != CARNET_OK && err->path[0] == '\0')
        (void)snprintf(err->path, sizeof(err->path), "listeners[%zu]", i);
    return rc;
}

static carnet_rc
listen_at(carnetd *d, size_t i, carnet_err *err)
{
    const carnet_config_listener *c = &d->config->listeners[i];
    struct carnetd_listener *l = &d->listeners[i];
    carnet_rc rc =
        carnet_service_parts_routes(d->parts, c->serves, c->clients != NULL, &l->routes, &l->route_count, err);

    if (rc != CARNET_OK || (rc = start(d, i, NULL, err)) != CARNET_OK)
        return rc;
    (void)snprintf(l->name, sizeof(l->name), "%.45s:%u", c->address, (unsigned)carnet_service_port(l->service));
    carnetd_log_event(&d->log, "listening", l->name);
    return CARNET_OK;
}

static void
free_listener(struct carnetd_listener *l)
{
    carnet_service_stop(&l->service, CARNETD_DRAIN_MS);
    carnet_service_file_free(&l->chain);
    carnet_service_file_free(&l->key);
    carnet_service_file_free(&l->clients);
}

/* The new one takes connections before the old one takes none any more.  What cannot be read leaves all as it was. */
static void
renew(carnetd *d, size_t i)
{
    struct carnetd_listener before = d->listeners[i];
    carnet_err err = { 0 };

    d->listeners[i].service = NULL;
    d->listeners[i].chain = d->listeners[i].key = d->listeners[i].clients = (carnet_service_file){ 0 };
    if (start(d, i, before.service, &err) == CARNET_OK) {
        free_listener(&before);
        carnetd_log_event(&d->log, "renewed", before.name);
        return;
    }
    free_listener(&d->listeners[i]);
    d->listeners[i] = before;
    carnetd_log_event(&d->log, "not_renewed", err.path);
}

void
carnetd_reload(carnetd *d)
{
    carnetd_notify("RELOADING=1");
    carnetd_log_reopen(&d->log);
    for (size_t i = 0; i < d->listener_count; i++)
        if (d->config->listeners[i].chain != NULL)
            renew(d, i);
    carnetd_log_event(&d->log, "reloaded", NULL);
    carnetd_notify("READY=1");
}

int
carnetd_listen(carnetd *d)
{
    carnet_err err = { 0 };

    if (d->config->listener_count > CARNETD_LISTENERS) {
        (void)fprintf(stderr, "carnetd: there are more than %d listeners\n", CARNETD_LISTENERS);
        return CARNETD_USAGE;
    }
    for (size_t i = 0; i < d->config->listener_count; i++) {
        if (listen_at(d, i, &err) != CARNET_OK) {
            carnetd_complain(d->config, &err);
            return CARNETD_FAILED;
        }
        d->listener_count++;
    }
    return CARNETD_ENDED;
}

void
carnetd_stop(carnetd *d)
{
    if (d->clerk_runs) {
        (void)pthread_mutex_lock(&d->lock);
        d->ending = true;
        (void)pthread_cond_broadcast(&d->wake);
        (void)pthread_mutex_unlock(&d->lock);
        (void)pthread_join(d->clerk, NULL);
    }
    for (size_t i = 0; i < CARNETD_LISTENERS; i++)
        free_listener(&d->listeners[i]);
    carnet_service_parts_free(&d->parts);
    carnet_service_context_free(&d->context);
    carnet_store_close(&d->store);
    if (d->crypto_made)
        carnet_crypto_done(&d->crypto);
    if (d->log_made)
        carnetd_log_close(&d->log);
    carnet_config_free(&d->config);
}
