/* SPDX-License-Identifier: Apache-2.0 */
/* One connection: its state, what is over, and what its user may ask. */
#include "internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static void
say_name(carnet_payment_peer *peer, const struct sockaddr *address)
{
    const struct sockaddr_in *four = (const void *)address;
    const struct sockaddr_in6 *six = (const void *)address;
    char text[INET6_ADDRSTRLEN] = "?";

    if (address->sa_family == AF_INET6) {
        (void)inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof(text));
        (void)snprintf(peer->name, sizeof(peer->name), "[%s]:%u", text, (unsigned)ntohs(six->sin6_port));
        return;
    }
    if (address->sa_family == AF_INET)
        (void)inet_ntop(AF_INET, &four->sin_addr, text, sizeof(text));
    (void)snprintf(peer->name, sizeof(peer->name), "%s:%u", text,
                   address->sa_family == AF_INET ? (unsigned)ntohs(four->sin_port) : 0);
}

/* A peer whose machine is gone sends nothing that would tell so: the kernel asks after half a minute of silence, and waits as
 * long for what was sent to be acknowledged. */
static void
dress(int fd)
{
    static const struct {
        int level, name, value;
    } options[] = {
        { IPPROTO_TCP, TCP_NODELAY, 1 },    { SOL_SOCKET, SO_KEEPALIVE, 1 }, { IPPROTO_TCP, TCP_KEEPIDLE, 30 },
        { IPPROTO_TCP, TCP_KEEPINTVL, 10 }, { IPPROTO_TCP, TCP_KEEPCNT, 3 }, { IPPROTO_TCP, TCP_USER_TIMEOUT, 30000 },
    };

    for (size_t i = 0; i < CARNET_COUNT(options); i++)
        (void)setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof(options[i].value));
}

carnet_payment_peer *
carnet_payment_peer_new(carnet_payment_end *end, int fd, const struct sockaddr *address, socklen_t len,
                        payment_state state)
{
    carnet_payment_peer *peer = calloc(1, sizeof(*peer));

    (void)len;
    if (peer == NULL)
        return NULL;
    dress(fd);
    say_name(peer, address);
    peer->loop = end->loop;
    peer->end = end;
    peer->state = state;
    peer->fd = fd;
    peer->heard = peer->began = end->loop->now;
    peer->next = end->loop->peers;
    end->loop->peers = peer;
    end->count++;
    end->loop->counters.connections++;
    carnet_payment_peer_check(peer);
    return peer;
}

void
carnet_payment_peer_mark(carnet_payment_peer *peer)
{
    if (peer->is_dirty)
        return;
    peer->is_dirty = true;
    peer->dirty = peer->loop->dirty;
    peer->loop->dirty = peer;
}

void
carnet_payment_peer_over(carnet_payment_peer *peer, carnet_rc rc, const char *reason)
{
    if (peer->state == PAYMENT_GONE)
        return;
    peer->state = PAYMENT_GONE;
    (void)!carnet_fail(&peer->why, rc, NULL, reason);
    carnet_payment_peer_mark(peer);
}

static void
go_up(carnet_payment_peer *peer)
{
    peer->state = PAYMENT_UP;
    peer->began = 0;
    peer->heard = peer->loop->now;
    peer->told_up = true;
    if (peer->end->config.idle_ms != 0)
        carnet_payment_remind(peer->loop, peer->heard + peer->end->config.idle_ms);
    if (peer->end->config.up != NULL)
        peer->end->config.up(peer->end->config.self, peer);
}

static void
shake(carnet_payment_peer *peer)
{
    uint32_t again = 0;
    carnet_err err = { 0 };
    const int shaken = carnet_payment_tls_shake(peer, &again, &err);

    if (shaken < 0) {
        carnet_payment_peer_over(peer, CARNET_E_PAYMENT_TLS, err.reason);
        return;
    }
    if (carnet_payment_watch(peer, shaken > 0 ? EPOLLIN : again, &err) != CARNET_OK)
        carnet_payment_peer_over(peer, err.rc, err.reason);
    else if (shaken > 0) {
        go_up(peer);
        carnet_payment_peer_event(peer, EPOLLIN); /* what came behind the handshake is in TLS' own memory */
    }
}

void
carnet_payment_peer_connected(carnet_payment_peer *peer)
{
    carnet_err err = { 0 };

    peer->began = peer->loop->now;
    if (carnet_payment_watch(peer, EPOLLIN, &err) != CARNET_OK) {
        carnet_payment_peer_over(peer, err.rc, err.reason);
        return;
    }
    if (peer->end->tls == NULL) {
        go_up(peer);
        return;
    }
    peer->state = PAYMENT_SHAKING;
    carnet_payment_peer_check(peer);
    if (carnet_payment_tls_begin(peer, &err) != CARNET_OK)
        carnet_payment_peer_over(peer, CARNET_E_PAYMENT_TLS, err.reason);
    else
        shake(peer);
}

static void
connected(carnet_payment_peer *peer)
{
    int error = 0;
    socklen_t len = sizeof(error);

    if (getsockopt(peer->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0)
        carnet_payment_peer_over(peer, CARNET_E_LINK_ABSENT, strerror(error));
    else
        carnet_payment_peer_connected(peer);
}

void
carnet_payment_peer_event(carnet_payment_peer *peer, uint32_t events)
{
    carnet_payment_loop *loop = peer->loop;

    if (peer->state == PAYMENT_CONNECTING && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0)
        connected(peer);
    else if (peer->state == PAYMENT_SHAKING)
        shake(peer);
    else if (peer->state == PAYMENT_LEAVING) {
        if ((events & (EPOLLERR | EPOLLHUP)) != 0)
            carnet_payment_peer_over(peer, CARNET_E_LINK_LOST, NULL);
        carnet_payment_peer_mark(peer);
    } else if (peer->state == PAYMENT_UP) {
        if ((events & EPOLLOUT) != 0)
            carnet_payment_peer_mark(peer);
        if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 && !peer->readable && loop->ready_count < PAYMENT_EVENTS) {
            peer->readable = true;
            loop->ready[loop->ready_count++] = peer;
        }
    }
}

void
carnet_payment_peer_check(carnet_payment_peer *peer)
{
    const carnet_payment_end_config *c = &peer->end->config;
    const int64_t now = peer->loop->now;
    const int64_t whole = peer->began + (peer->state == PAYMENT_CONNECTING ? c->connect_ms : c->frame_ms);
    const int64_t idle = peer->heard + c->idle_ms;

    if (peer->state == PAYMENT_GONE)
        return;
    if (peer->began != 0 && whole <= now)
        carnet_payment_peer_over(peer, CARNET_E_LINK_TIMEOUT, NULL);
    else if (peer->state == PAYMENT_UP && c->idle_ms != 0 && idle <= now)
        carnet_payment_peer_over(peer, CARNET_E_LINK_TIMEOUT, "nothing was heard");
    if (peer->state == PAYMENT_GONE)
        return;
    if (peer->began != 0)
        carnet_payment_remind(peer->loop, whole);
    if (peer->state == PAYMENT_UP && c->idle_ms != 0)
        carnet_payment_remind(peer->loop, idle);
}

const char *
carnet_payment_peer_name(const carnet_payment_peer *peer)
{
    return peer->name;
}

carnet_span
carnet_payment_peer_certificate(const carnet_payment_peer *peer)
{
    return peer->tls != NULL ? carnet_payment_tls_certificate(peer->tls) : (carnet_span){ 0 };
}

carnet_payment_end *
carnet_payment_peer_end(const carnet_payment_peer *peer)
{
    return peer->end;
}

void *
carnet_payment_peer_self(const carnet_payment_peer *peer)
{
    return peer->end->config.self;
}

void
carnet_payment_peer_set(carnet_payment_peer *peer, void *own)
{
    peer->own = own;
}

void *
carnet_payment_peer_own(const carnet_payment_peer *peer)
{
    return peer->own;
}

int64_t
carnet_payment_peer_heard(const carnet_payment_peer *peer)
{
    return peer->heard;
}
