/* SPDX-License-Identifier: Apache-2.0 */
/* Ends: those that listen, and those that connect and come back. */
#include "internal.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static void
fill_defaults(carnet_payment_end_config *c)
{
    c->frame_max = c->frame_max != 0 ? c->frame_max : 8192;
    c->unsent_max = c->unsent_max != 0 ? c->unsent_max : 1u << 20;
    c->connections = c->connections != 0 ? c->connections : 256;
    c->frame_ms = c->frame_ms != 0 ? c->frame_ms : 10000;
    c->connect_ms = c->connect_ms != 0 ? c->connect_ms : 5000;
    c->retry_ms = c->retry_ms != 0 ? c->retry_ms : 200;
    c->retry_max_ms = c->retry_max_ms != 0 ? c->retry_max_ms : 30000;
}

static carnet_rc
fill_end(carnet_payment_end *end, const carnet_payment_end_config *config, carnet_err *err)
{
    carnet_rc rc;

    end->config = *config;
    fill_defaults(&end->config);
    end->fd = -1;
    if (config->address == NULL || config->framing == NULL || (!config->listens && config->port == 0))
        return carnet_fail(err, CARNET_E_USAGE, NULL, "an end needs an address, a port and a framing");
    end->framing = *config->framing;
    end->framing.max = (uint32_t)end->config.frame_max;
    if (!carnet_framing_valid(&end->framing))
        return carnet_fail(err, CARNET_E_USAGE, NULL, "this is no framing");
    if ((end->address = strdup(config->address)) == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    end->config.address = end->address;
    end->config.framing = &end->framing;
    if (config->tls != NULL && (rc = carnet_payment_tls_new(&end->config, &end->tls, err)) != CARNET_OK)
        return rc;
    end->config.tls = NULL;
    return CARNET_OK;
}

carnet_rc
carnet_payment_add(carnet_payment_loop *loop, const carnet_payment_end_config *config, carnet_payment_end **out,
                   carnet_err *err)
{
    carnet_payment_end *end = calloc(1, sizeof(*end));
    carnet_rc rc;

    *out = NULL;
    if (end == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    end->loop = loop;
    rc = fill_end(end, config, err);
    if (rc == CARNET_OK && config->listens)
        rc = carnet_payment_end_listen(end, err);
    if (rc != CARNET_OK) {
        carnet_payment_end_done(end);
        return rc;
    }
    if (!config->listens) {
        end->attempt = loop->now != 0 ? loop->now : 1;
        carnet_payment_remind(loop, end->attempt);
    }
    end->next = loop->ends;
    loop->ends = end;
    *out = end;
    return CARNET_OK;
}

uint16_t
carnet_payment_port(const carnet_payment_end *end)
{
    return end->port;
}

carnet_payment_peer *
carnet_payment_connected(const carnet_payment_end *end)
{
    return end->peer != NULL && end->peer->state == PAYMENT_UP ? end->peer : NULL;
}

void
carnet_payment_end_done(carnet_payment_end *end)
{
    if (end->fd >= 0)
        (void)close(end->fd);
    carnet_payment_tls_free(&end->tls);
    free(end->address);
    free(end);
}

static carnet_rc
resolve(const carnet_payment_end *end, struct addrinfo **list, carnet_err *err)
{
    const struct addrinfo hints = { .ai_family = AF_UNSPEC,
                                    .ai_socktype = SOCK_STREAM,
                                    .ai_flags = end->config.listens ? AI_PASSIVE | AI_NUMERICSERV : AI_NUMERICSERV };
    char port[8];
    int failed;

    (void)snprintf(port, sizeof(port), "%u", (unsigned)end->config.port);
    *list = NULL;
    failed = getaddrinfo(end->address, port, &hints, list);
    return failed == 0 ? CARNET_OK : carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, gai_strerror(failed));
}

static void
note_port(carnet_payment_end *end)
{
    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    } address = { .six = { 0 } };
    socklen_t len = sizeof(address);

    if (getsockname(end->fd, &address.any, &len) != 0)
        return;
    end->port = ntohs(address.any.sa_family == AF_INET6 ? address.six.sin6_port : address.four.sin_port);
}

carnet_rc
carnet_payment_end_listen(carnet_payment_end *end, carnet_err *err)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = (uint8_t *)end + 1 };
    const int one = 1;
    struct addrinfo *list;
    carnet_rc rc = resolve(end, &list, err);

    if (rc != CARNET_OK)
        return rc;
    end->fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (end->fd < 0 || setsockopt(end->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
        bind(end->fd, list->ai_addr, list->ai_addrlen) != 0 || listen(end->fd, 128) != 0 ||
        epoll_ctl(end->loop->epoll, EPOLL_CTL_ADD, end->fd, &event) != 0)
        rc = carnet_fail(err, CARNET_E_LINK_IO, NULL, strerror(errno));
    freeaddrinfo(list);
    note_port(end);
    return rc;
}

void
carnet_payment_end_accept(carnet_payment_end *end)
{
    struct sockaddr_storage address;

    for (unsigned i = 0; i < 64; i++) {
        socklen_t len = sizeof(address);
        const int fd = accept4(end->fd, (struct sockaddr *)&address, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
        carnet_payment_peer *peer;

        if (fd < 0)
            return;
        peer = end->count < end->config.connections
                   ? carnet_payment_peer_new(end, fd, (struct sockaddr *)&address, len, PAYMENT_SHAKING)
                   : NULL;
        if (peer == NULL) {
            end->loop->counters.refused++;
            (void)close(fd);
        } else
            carnet_payment_peer_connected(peer);
    }
}

/* Half to all of the time that doubles, so that those that lost the same peer do not come back at once. */
static uint32_t
spread(carnet_payment_end *end, uint32_t ms)
{
    uint8_t chance[2] = { 0 };
    uint32_t half = ms / 2;

    if (end->loop->random.fill == NULL || carnet_random_fill(&end->loop->random, chance, 2, NULL) != CARNET_OK) {
        chance[0] = (uint8_t)((uintptr_t)end >> 6);
        chance[1] = (uint8_t)end->loop->now;
    }
    return half + (uint32_t)((uint64_t)(ms - half) * ((unsigned)chance[0] << 8 | chance[1]) / 65536);
}

void
carnet_payment_end_lost(carnet_payment_end *end, bool was_up)
{
    const carnet_payment_end_config *c = &end->config;

    if (was_up || end->wait_ms == 0)
        end->wait_ms = c->retry_ms;
    else
        end->wait_ms = end->wait_ms > c->retry_max_ms / 2 ? c->retry_max_ms : end->wait_ms * 2;
    end->attempt = end->loop->now + spread(end, end->wait_ms) + 1;
    carnet_payment_remind(end->loop, end->attempt);
}

static void
tell_failed(carnet_payment_end *end, carnet_rc rc, const char *reason)
{
    carnet_err why = { 0 };

    (void)!carnet_fail(&why, rc, NULL, reason);
    if (end->config.down != NULL)
        end->config.down(end->config.self, NULL, &why);
    carnet_payment_end_lost(end, false);
}

static void
begin(carnet_payment_end *end, const struct addrinfo *to)
{
    const int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int done = fd >= 0 ? connect(fd, to->ai_addr, to->ai_addrlen) : -1;
    carnet_err err = { 0 };

    if (fd < 0 || (done != 0 && errno != EINPROGRESS)) {
        const char *reason = strerror(errno);

        if (fd >= 0)
            (void)close(fd);
        tell_failed(end, CARNET_E_LINK_ABSENT, reason);
        return;
    }
    end->peer = carnet_payment_peer_new(end, fd, to->ai_addr, to->ai_addrlen, PAYMENT_CONNECTING);
    if (end->peer == NULL) {
        (void)close(fd);
        tell_failed(end, CARNET_E_NO_SPACE, NULL);
    } else if (done == 0)
        carnet_payment_peer_connected(end->peer);
    else if (carnet_payment_watch(end->peer, EPOLLOUT, &err) != CARNET_OK)
        carnet_payment_peer_over(end->peer, err.rc, err.reason);
}

void
carnet_payment_end_try(carnet_payment_end *end)
{
    struct addrinfo *list;
    carnet_err err = { 0 };

    end->attempt = 0;
    if (resolve(end, &list, &err) != CARNET_OK) {
        tell_failed(end, err.rc, err.reason);
        return;
    }
    begin(end, list);
    freeaddrinfo(list);
}
