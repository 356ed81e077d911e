/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
set_default(unsigned *value, unsigned otherwise)
{
    if (*value == 0)
        *value = otherwise;
}

static void
set_defaults(carnet_service_config *config)
{
    set_default(&config->threads, 2);
    set_default(&config->header_ms, 10000);
    set_default(&config->body_ms, 30000);
    set_default(&config->response_ms, 30000);
    set_default(&config->idle_ms, 60000);
    set_default(&config->requests_per_connection, 1000);
    set_default(&config->connections, 10000);
    if (config->header_max == 0)
        config->header_max = 16384;
    if (config->title == NULL)
        config->title = "Carnet";
    if (config->version == NULL)
        config->version = "0";
}

static int
open_listener(const carnet_service_config *config)
{
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE, .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    char port[8];
    int fd, on = 1;

    (void)snprintf(port, sizeof(port), "%u", config->port);
    if (config->address == NULL || getaddrinfo(config->address, port, &hints, &found) != 0)
        return -1;
    fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
                    bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, SOMAXCONN) != 0)) {
        (void)close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    return fd;
}

static int
take_listener(const carnet_service_config *config)
{
    carnet_service *before = (carnet_service *)(uintptr_t)config->follows;
    int fd = before != NULL ? fcntl(before->listener, F_DUPFD_CLOEXEC, 0) : open_listener(config);

    if (before != NULL && fd >= 0)
        before->followed = true;
    return fd;
}

static uint16_t
port_of(int fd)
{
    struct sockaddr_storage at = { 0 };
    socklen_t length = sizeof(at);
    char port[8] = "0";

    if (getsockname(fd, (struct sockaddr *)&at, &length) != 0 ||
        getnameinfo((struct sockaddr *)&at, length, NULL, 0, port, sizeof(port), NI_NUMERICSERV) != 0)
        return 0;
    return (uint16_t)strtoul(port, NULL, 10);
}

static char *
text_of(carnet_str text)
{
    return text.len > 0 ? strndup(text.ptr, text.len) : NULL;
}

static void
wipe_text(char *text)
{
    if (text != NULL)
        carnet_wipe(text, strlen(text));
    free(text);
}

/* libmicrohttpd parts its limit among its threads; ours counts them all, so each may have it whole. */
static unsigned
hard_limit(const carnet_service_config *config)
{
    unsigned more = config->connections / 8;

    return config->threads * (config->connections + (more < 16 ? 16 : more) + 1);
}

static struct MHD_Daemon *
start_daemon(carnet_service *s, char *chain, char *key)
{
    const carnet_service_config *c = &s->config;
    struct MHD_OptionItem options[10];
    size_t n = 0;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | (chain != NULL ? MHD_USE_TLS : 0u);

    if (c->threads > 1)
        options[n++] = (struct MHD_OptionItem){ MHD_OPTION_THREAD_POOL_SIZE, c->threads, NULL };
    if (chain != NULL) {
        options[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, chain };
        options[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, key };
        options[n++] =
            (struct MHD_OptionItem){ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)carnet_service_tls_priority };
        if (s->clients != NULL)
            options[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_TRUST, 0, s->clients };
    }
    options[n] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
    return MHD_start_daemon(flags, 0, carnet_service_admit, s, carnet_service_take, s, MHD_OPTION_LISTEN_SOCKET,
                            s->listener, MHD_OPTION_CONNECTION_LIMIT, hard_limit(c), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                            c->header_max + 8192, MHD_OPTION_CONNECTION_TIMEOUT, 0u, MHD_OPTION_STRICT_FOR_CLIENT, 1,
                            MHD_OPTION_NOTIFY_CONNECTION, carnet_service_notify, s, MHD_OPTION_NOTIFY_COMPLETED,
                            carnet_service_completed, s, MHD_OPTION_URI_LOG_CALLBACK, carnet_service_first_line, s,
                            MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

/* The threads get no signals: those are the program's, and a broken connection sends none that ends it. */
static carnet_rc
start_threads(carnet_service *s, carnet_err *err)
{
    char *chain = text_of(s->config.chain), *key = text_of(s->config.key);
    sigset_t all, before;

    s->clients = text_of(s->config.clients);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    if ((chain == NULL) == (key == NULL))
        s->daemon = start_daemon(s, chain, key);
    if (s->daemon != NULL)
        s->watching = pthread_create(&s->watchdog, NULL, carnet_service_watch, s) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    wipe_text(key);
    free(chain);
    if (s->daemon == NULL)
        return carnet_fail(
            err, s->config.chain.len > 0 || s->config.key.len > 0 ? CARNET_E_SERVICE_TLS : CARNET_E_SERVICE_LISTEN,
            NULL, NULL);
    return s->watching ? CARNET_OK : carnet_fail(err, CARNET_E_SERVICE_LISTEN, NULL, "no thread can be started");
}

static carnet_rc
take_routes(carnet_service *s, carnet_err *err)
{
    size_t count = s->config.route_count;

    if (count > CARNET_SERVICE_ROUTES || (count > 0 && s->config.routes == NULL) || s->config.random.fill == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "there are too many routes, or no source of randomness");
    s->routes = calloc(count + 8, sizeof(*s->routes));
    s->counts = calloc(count + 9, sizeof(*s->counts));
    s->rates = carnet_service_rates_new(&s->config.random);
    if (s->routes == NULL || s->counts == NULL || s->rates == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (count > 0)
        memcpy(s->routes, s->config.routes, count * sizeof(*s->routes));
    s->route_count = count + carnet_service_built_in(s->config.built_in, s->routes + count);
    return carnet_service_routes_check(s->routes, s->route_count, err);
}

static void
init_locks(carnet_service *s)
{
    pthread_condattr_t attributes;

    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_mutex_init(&s->log_lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&s->wake, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

static void
free_service(carnet_service **service)
{
    carnet_service *s = *service;

    if (s->listener >= 0)
        (void)close(s->listener);
    carnet_service_rates_free(&s->rates);
    carnet_service_proxies_free(s);
    (void)pthread_cond_destroy(&s->wake);
    (void)pthread_mutex_destroy(&s->log_lock);
    (void)pthread_mutex_destroy(&s->lock);
    carnet_service_sheets_free(s);
    free(s->clients);
    free(s->routes);
    free(s->counts);
    carnet_service_random_done(&s->pool);
    free(s);
    *service = NULL;
}

carnet_rc
carnet_service_start(const carnet_service_config *config, carnet_service **service, carnet_err *err)
{
    carnet_service *s = calloc(1, sizeof(*s));
    carnet_rc rc;

    *service = NULL;
    if (s == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    s->config = *config;
    s->identifiers = carnet_service_random_of(&s->pool, s->config.random);
    s->listener = -1;
    set_defaults(&s->config);
    init_locks(s);
    rc = take_routes(s, err);
    if (rc == CARNET_OK && !carnet_service_sheets_make(s))
        rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (rc == CARNET_OK && (rc = carnet_service_proxies_read(s, err)) == CARNET_OK)
        rc = carnet_service_client_trust(s, err);
    if (rc == CARNET_OK && (s->listener = take_listener(&s->config)) < 0)
        rc = carnet_fail(err, CARNET_E_SERVICE_LISTEN, NULL, NULL);
    if (rc == CARNET_OK) {
        s->port = port_of(s->listener);
        rc = start_threads(s, err);
    }
    if (rc != CARNET_OK) {
        carnet_service_stop(&s, 0);
        return rc;
    }
    *service = s;
    return CARNET_OK;
}

uint16_t
carnet_service_port(const carnet_service *service)
{
    return service->port;
}

/* No new connections; those without a request end now, the others when theirs is answered. */
static void
drain(carnet_service *s, unsigned drain_ms)
{
    int64_t until = carnet_service_now_ms() + drain_ms;

    (void)MHD_quiesce_daemon(s->daemon);
    if (!s->followed)
        (void)shutdown(s->listener, SHUT_RDWR);
    (void)pthread_mutex_lock(&s->lock);
    s->draining = true;
    carnet_service_cut_idle(s);
    carnet_service_go_on(s, 0, true); /* nobody may be held when the daemon stops */
    while (s->busy > 0 && carnet_service_now_ms() < until) {
        struct timespec soon;

        (void)clock_gettime(CLOCK_MONOTONIC, &soon);
        soon.tv_sec += soon.tv_nsec >= 990000000L;
        soon.tv_nsec = (soon.tv_nsec + 10000000L) % 1000000000L;
        (void)pthread_cond_timedwait(&s->wake, &s->lock, &soon);
    }
    (void)pthread_mutex_unlock(&s->lock);
}

void
carnet_service_stop(carnet_service **service, unsigned drain_ms)
{
    carnet_service *s = *service;

    if (s == NULL)
        return;
    if (s->daemon != NULL) {
        drain(s, drain_ms);
        MHD_stop_daemon(s->daemon);
    }
    if (s->watching) {
        (void)pthread_mutex_lock(&s->lock);
        s->ending = true;
        (void)pthread_cond_broadcast(&s->wake);
        (void)pthread_mutex_unlock(&s->lock);
        (void)pthread_join(s->watchdog, NULL);
    }
    free_service(service);
}
