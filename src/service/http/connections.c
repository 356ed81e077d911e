/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define TICK_MS 50 /* how late a deadline may be noticed */

carnet_service_connection *
carnet_service_connection_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info != NULL ? info->socket_context : NULL;
}

static unsigned
phase_ms(const carnet_service *service, const carnet_service_connection *c, carnet_service_phase phase)
{
    switch (phase) {
    case CARNET_SERVICE_IDLE:
        return service->config.idle_ms;
    case CARNET_SERVICE_HEAD:
        return service->config.header_ms;
    case CARNET_SERVICE_BODY:
        if (c->exchange != NULL && c->exchange->route != NULL && c->exchange->route->body_ms != 0)
            return c->exchange->route->body_ms;
        return service->config.body_ms;
    case CARNET_SERVICE_RESPONSE:
    case CARNET_SERVICE_RUNNING:
    case CARNET_SERVICE_WAITING:
    default:
        return service->config.response_ms;
    }
}

/* Its descriptor stays open until libmicrohttpd says CLOSED, which takes the lock first. */
static void
cut(carnet_service_connection *c)
{
    c->cut = true;
    (void)shutdown(c->fd, SHUT_RDWR);
}

void
carnet_service_enter(carnet_service *service, carnet_service_connection *c, carnet_service_phase phase)
{
    (void)pthread_mutex_lock(&service->lock);
    c->phase = phase;
    c->deadline = carnet_service_now_ms() + phase_ms(service, c, phase);
    if (phase == CARNET_SERVICE_IDLE && service->draining)
        cut(c);
    (void)pthread_mutex_unlock(&service->lock);
}

void
carnet_service_limited(carnet_service *service, carnet_service_limit limit)
{
    (void)pthread_mutex_lock(&service->lock);
    service->limits[limit]++;
    (void)pthread_mutex_unlock(&service->lock);
}

/* IPv4 as IPv6 maps it; of IPv6 the first 64 bits, which one client has to itself. */
static void
read_address(const struct sockaddr *from, carnet_service_connection *c)
{
    memset(c->address, 0, sizeof(c->address));
    if (from != NULL && from->sa_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, from, sizeof(in));
        memset(c->address + 10, 0xff, 2);
        memcpy(c->address + 12, &in.sin_addr, 4);
        (void)inet_ntop(AF_INET, &in.sin_addr, c->peer, sizeof(c->peer));
    } else if (from != NULL && from->sa_family == AF_INET6) {
        struct sockaddr_in6 in;

        memcpy(&in, from, sizeof(in));
        memcpy(c->address, &in.sin6_addr, IN6_IS_ADDR_V4MAPPED(&in.sin6_addr) ? 16 : 8);
        (void)inet_ntop(AF_INET6, &in.sin6_addr, c->peer, sizeof(c->peer));
    }
}

/* Under the lock. */
static carnet_rc
judge(carnet_service *service, const carnet_service_connection *c)
{
    unsigned same = 0, most = service->config.connections_per_address;

    if (service->open > service->config.connections) {
        service->limits[CARNET_SERVICE_LIMIT_CONNECTIONS]++;
        return CARNET_E_SERVICE_BUSY;
    }
    if (most == 0 || c->proxy)
        return CARNET_OK;
    for (const carnet_service_connection *o = service->connections; o != NULL && same <= most; o = o->next)
        same += memcmp(o->address, c->address, sizeof(c->address)) == 0;
    if (same <= most)
        return CARNET_OK;
    service->limits[CARNET_SERVICE_LIMIT_ADDRESS]++;
    return CARNET_E_SERVICE_RATE;
}

static void
insert(carnet_service *service, carnet_service_connection *c)
{
    (void)pthread_mutex_lock(&service->lock);
    c->next = service->connections;
    if (c->next != NULL)
        c->next->previous = c;
    service->connections = c;
    service->open++;
    service->taken++;
    c->refused = judge(service, c);
    c->phase = CARNET_SERVICE_HEAD;
    c->deadline = carnet_service_now_ms() + service->config.header_ms;
    (void)pthread_mutex_unlock(&service->lock);
}

static void
take_out(carnet_service *service, carnet_service_connection *c)
{
    (void)pthread_mutex_lock(&service->lock);
    if (c->previous != NULL)
        c->previous->next = c->next;
    else
        service->connections = c->next;
    if (c->next != NULL)
        c->next->previous = c->previous;
    service->open--;
    if (c->exchange != NULL)
        service->busy--;
    if (service->draining) /* who stops it waits for this; the watchdog has a clock of its own */
        (void)pthread_cond_broadcast(&service->wake);
    (void)pthread_mutex_unlock(&service->lock);
}

void
carnet_service_notify(void *self, struct MHD_Connection *mhd, void **socket_context,
                      enum MHD_ConnectionNotificationCode code)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    carnet_service_connection *c = *socket_context;

    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (c == NULL)
            return;
        take_out(self, c);
        carnet_service_exchange_free(self, &c->exchange);
        free(c);
        *socket_context = NULL;
        return;
    }
    c = calloc(1, sizeof(*c));
    if (c == NULL || info == NULL) { /* a connection without its record is never answered */
        if (info != NULL)
            (void)shutdown(info->connect_fd, SHUT_RDWR);
        free(c);
        return;
    }
    c->mhd = mhd;
    c->fd = info->connect_fd;
    info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    read_address(info != NULL ? info->client_addr : NULL, c);
    c->proxy = carnet_service_is_proxy(self, c->peer);
    insert(self, c);
    *socket_context = c;
}

/* Some connections above the limit are taken to be told so; more are closed unheard. */
enum MHD_Result
carnet_service_admit(void *self, const struct sockaddr *address, socklen_t length)
{
    carnet_service *service = self;
    unsigned more = service->config.connections / 8;
    bool full;

    (void)address;
    (void)length;
    (void)pthread_mutex_lock(&service->lock);
    full = service->draining || service->open >= service->config.connections + (more < 16 ? 16 : more);
    service->limits[CARNET_SERVICE_LIMIT_UNHEARD] += full;
    (void)pthread_mutex_unlock(&service->lock);
    return full ? MHD_NO : MHD_YES;
}

void
carnet_service_cut_idle(carnet_service *service)
{
    for (carnet_service_connection *c = service->connections; c != NULL; c = c->next)
        if (c->exchange == NULL)
            cut(c);
}

/* What a slow reader has not taken is dropped, not kept in the kernel for as long as it pleases. */
static void
reset(const carnet_service_connection *c)
{
    struct linger none = { .l_onoff = 1, .l_linger = 0 };

    if (c->phase == CARNET_SERVICE_RESPONSE)
        (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
}

/* Under the lock: cut what is over; how many of them were in the midst of a header without a request to log. */
static unsigned
sweep(carnet_service *service, int64_t now)
{
    unsigned silent = 0;

    for (carnet_service_connection *c = service->connections; c != NULL; c = c->next) {
        if (c->cut || c->phase == CARNET_SERVICE_RUNNING || c->phase == CARNET_SERVICE_WAITING || c->deadline > now)
            continue;
        reset(c);
        cut(c);
        service->limits[c->phase]++;
        silent += c->exchange == NULL && c->phase == CARNET_SERVICE_HEAD;
    }
    return silent;
}

/* Under the lock, so that nobody lets it go on before it is WAITING. */
static void
suspend(carnet_service_connection *c, int64_t deadline)
{
    MHD_suspend_connection(c->mhd);
    c->phase = CARNET_SERVICE_WAITING;
    c->deadline = deadline;
}

bool
carnet_service_hold(carnet_service *service, carnet_service_connection *c, unsigned ms)
{
    bool ends;

    (void)pthread_mutex_lock(&service->lock);
    ends = service->draining;
    if (!ends)
        suspend(c, carnet_service_now_ms() + ms);
    (void)pthread_mutex_unlock(&service->lock);
    return !ends;
}

bool
carnet_service_hold_until_told(carnet_service *service, carnet_service_connection *c)
{
    bool held;

    (void)pthread_mutex_lock(&service->lock);
    held = !service->draining && !c->exchange->told;
    c->exchange->told = false;
    if (held)
        suspend(c, INT64_MAX);
    (void)pthread_mutex_unlock(&service->lock);
    return held;
}

void
carnet_service_proceed(const carnet_service_request *request)
{
    carnet_service *service = (carnet_service *)(uintptr_t)request->service;
    carnet_service_connection *c;

    if (service == NULL)
        return;
    c = carnet_service_connection_of(request->connection);
    (void)pthread_mutex_lock(&service->lock);
    if (c->phase == CARNET_SERVICE_WAITING) {
        c->phase = CARNET_SERVICE_RUNNING;
        MHD_resume_connection(c->mhd);
    } else {
        c->exchange->told = true;
    }
    (void)pthread_mutex_unlock(&service->lock);
}

void
carnet_service_go_on(carnet_service *service, int64_t now, bool all)
{
    for (carnet_service_connection *c = service->connections; c != NULL; c = c->next)
        if (c->phase == CARNET_SERVICE_WAITING && (all || c->deadline <= now)) {
            c->phase = CARNET_SERVICE_RUNNING;
            MHD_resume_connection(c->mhd);
        }
}

static void
pause_watch(carnet_service *service)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += TICK_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    (void)pthread_cond_timedwait(&service->wake, &service->lock, &until);
}

void *
carnet_service_watch(void *self)
{
    carnet_service *service = self;

    (void)pthread_mutex_lock(&service->lock);
    while (!service->ending) {
        const int64_t now = carnet_service_now_ms();
        unsigned silent = sweep(service, now);

        carnet_service_go_on(service, now, service->draining);
        if (silent > 0) {
            (void)pthread_mutex_unlock(&service->lock);
            while (silent-- > 0)
                carnet_service_log_event(service, "cut", carnet_service_limit_names[CARNET_SERVICE_LIMIT_HEAD]);
            (void)pthread_mutex_lock(&service->lock);
        }
        pause_watch(service);
    }
    (void)pthread_mutex_unlock(&service->lock);
    return NULL;
}
