/* SPDX-License-Identifier: Apache-2.0 */
/* The protocol of the vpcd driver: two octets of length, most significant first, and a control octet or an APDU. */
#include "internal.h"
#include "link_io.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/** Control octets. */
enum { POWER_OFF, POWER_ON, RESET, GIVE_ATR = 4 };

/** Answer to reset of a contactless card without historical bytes (PC/SC part 3). */
static const uint8_t atr[] = { 0x3b, 0x80, 0x80, 0x01, 0x01 };

/** Connect to one address. */
static int
connect_to(const struct addrinfo *address, int64_t deadline)
{
    int fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->ai_protocol);
    int on = 1, failure = 0;
    socklen_t len = sizeof failure;

    if (fd < 0) {
        return -1;
    }
    if (connect(fd, address->ai_addr, address->ai_addrlen) != 0 &&
        (errno != EINPROGRESS || carnet_link_wait(fd, POLLOUT, deadline, NULL) != CARNET_OK ||
         getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &len) != 0 || failure != 0)) {
        close(fd);
        return -1;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

carnet_rc
carnet_vpcd_connect(const char *host, uint16_t port, int64_t deadline_ms, int *fd, carnet_err *err)
{
    static const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
    struct addrinfo *addresses;
    char service[8];
    int failure;

    *fd = -1;
    snprintf(service, sizeof service, "%u", (unsigned)port);
    failure = getaddrinfo(host != NULL ? host : "127.0.0.1", service, &hints, &addresses);
    if (failure != 0) {
        return carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, gai_strerror(failure));
    }
    for (;;) { /* the driver may not be there yet */
        for (const struct addrinfo *a = addresses; a != NULL && *fd < 0; a = a->ai_next) {
            *fd = connect_to(a, deadline_ms);
        }
        if (*fd >= 0 || carnet_link_now_ms() >= deadline_ms) {
            break;
        }
        nanosleep(&pause, NULL);
    }
    freeaddrinfo(addresses);
    return *fd >= 0 ? CARNET_OK : carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, "no vpcd driver waits there");
}

/** Read until `want` octets of the frame are there. */
static carnet_rc
fill(carnet_vpcd *card, size_t want, int64_t deadline, carnet_err *err)
{
    while (card->have < want) {
        carnet_rc rc = carnet_link_wait(card->fd, POLLIN, deadline, err);
        int on = 1;
        ssize_t got;

        if (rc != CARNET_OK) {
            return rc;
        }
        /* The driver writes length and data apart: acknowledge the first at once, or it keeps the second for 40 ms. */
        (void)setsockopt(card->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
        got = recv(card->fd, card->frame + card->have, want - card->have, MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (got <= 0) {
            return carnet_fail(err, CARNET_E_LINK_LOST, NULL, got < 0 ? strerror(errno) : "the driver is gone");
        }
        card->have += (size_t)got;
    }
    return CARNET_OK;
}

static carnet_rc
give_atr(carnet_vpcd *card, int64_t deadline, carnet_err *err)
{
    carnet_buf_add(carnet_vpcd_respond(card), carnet_span_of(atr, sizeof atr));
    return carnet_vpcd_give(card, deadline, err);
}

carnet_rc
carnet_vpcd_take(carnet_vpcd *card, int64_t deadline_ms, carnet_vpcd_frame *frame, carnet_span *command,
                 carnet_err *err)
{
    size_t len;
    carnet_rc rc;

    *command = (carnet_span){ 0 };
    *frame = CARNET_VPCD_FIELD;
    for (;;) {
        rc = fill(card, 2, deadline_ms, err);
        len = (size_t)card->frame[0] << 8 | card->frame[1];
        rc = rc == CARNET_OK ? fill(card, 2 + len, deadline_ms, err) : rc;
        if (rc != CARNET_OK) {
            return rc;
        }
        card->have = 0;
        if (len != 1) {
            *frame = CARNET_VPCD_COMMAND;
            *command = carnet_span_of(card->frame + 2, len);
            return CARNET_OK;
        }
        if (card->frame[2] != GIVE_ATR) {
            return CARNET_OK;
        }
        rc = give_atr(card, deadline_ms, err);
        if (rc != CARNET_OK) {
            return rc;
        }
    }
}

void
carnet_vpcd_keep(carnet_vpcd *card)
{
    card->have = 2 + ((size_t)card->frame[0] << 8 | card->frame[1]);
}

carnet_buf *
carnet_vpcd_respond(carnet_vpcd *card)
{
    card->out = carnet_buf_of(card->response + 2, sizeof card->response - 2);
    return &card->out;
}

carnet_rc
carnet_vpcd_give(carnet_vpcd *card, int64_t deadline_ms, carnet_err *err)
{
    size_t at = 0, len = card->out.len;

    if (card->out.overflow || len > CARNET_VPCD_FRAME_MAX) {
        return carnet_fail(err, CARNET_E_LINK_TOO_LONG, NULL, "the driver cannot carry a response so long");
    }
    card->response[0] = (uint8_t)(len >> 8);
    card->response[1] = (uint8_t)len;
    while (at < len + 2) {
        carnet_rc rc = carnet_link_wait(card->fd, POLLOUT, deadline_ms, err);
        ssize_t put;

        if (rc != CARNET_OK) {
            return rc;
        }
        put = send(card->fd, card->response + at, len + 2 - at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put < 0 && errno != EINTR && errno != EAGAIN) {
            return carnet_fail(err, CARNET_E_LINK_LOST, NULL, strerror(errno));
        }
        at += put > 0 ? (size_t)put : 0;
    }
    return CARNET_OK;
}
