/* SPDX-License-Identifier: Apache-2.0 */
/* TCP over link-local IPv6: every address has the interface as its scope. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in6
address_of(const carnet_nan_path *path)
{
    struct sockaddr_in6 address = { .sin6_family = AF_INET6,
                                    .sin6_port = htons(path->port),
                                    .sin6_scope_id = path->interface_index };

    memcpy(&address.sin6_addr, path->address, sizeof path->address);
    return address;
}

static carnet_rc
system_failure(carnet_err *err, int number)
{
    bool lost = number == ECONNRESET || number == EPIPE || number == ETIMEDOUT || number == EHOSTUNREACH ||
                number == ENETUNREACH || number == ENETDOWN || number == ENETRESET;

    return carnet_fail(err, lost ? CARNET_E_LINK_LOST : CARNET_E_LINK_IO, NULL, strerror(number));
}

static void
set(int fd, int level, int option)
{
    int on = 1;

    (void)setsockopt(fd, level, option, &on, sizeof on);
}

carnet_rc
carnet_wifi_aware_listen(carnet_nan_path *own, int *fd, carnet_err *err)
{
    struct sockaddr_in6 address = address_of(own);
    socklen_t len = sizeof address;

    *fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd >= 0) {
        set(*fd, IPPROTO_IPV6, IPV6_V6ONLY);
        set(*fd, SOL_SOCKET, SO_REUSEADDR);
        if (bind(*fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(*fd, PIPELINED_MAX) == 0 &&
            getsockname(*fd, (struct sockaddr *)&address, &len) == 0) {
            own->port = ntohs(address.sin6_port);
            return CARNET_OK;
        }
    }
    carnet_rc rc = system_failure(err, errno);
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
    return rc;
}

/** Whether a connection is from where it may be from; then *peer is that. */
static bool
is_peer(const struct sockaddr_in6 *from, const carnet_nan_path *own, carnet_nan_path *peer, bool known)
{
    if (!IN6_IS_ADDR_LINKLOCAL(&from->sin6_addr) || from->sin6_scope_id != own->interface_index ||
        (known && memcmp(&from->sin6_addr, peer->address, sizeof peer->address) != 0)) {
        return false;
    }
    *peer = (carnet_nan_path){ .interface_index = from->sin6_scope_id, .port = ntohs(from->sin6_port) };
    memcpy(peer->address, &from->sin6_addr, sizeof peer->address);
    return true;
}

carnet_rc
carnet_wifi_aware_accept(int listener, const carnet_nan_path *own, carnet_nan_path *peer, bool known, int64_t deadline,
                         int *fd, carnet_err *err)
{
    *fd = -1;
    for (;;) {
        struct sockaddr_in6 from = { 0 };
        socklen_t len = sizeof from;
        carnet_rc rc = carnet_link_wait(listener, POLLIN, deadline, err);
        int got =
            rc == CARNET_OK ? accept4(listener, (struct sockaddr *)&from, &len, SOCK_CLOEXEC | SOCK_NONBLOCK) : -1;

        if (rc != CARNET_OK) {
            return rc;
        }
        if (got >= 0 && is_peer(&from, own, peer, known)) {
            set(got, IPPROTO_TCP, TCP_NODELAY);
            *fd = got;
            return CARNET_OK;
        }
        if (got >= 0) {
            close(got);
        } else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
            return system_failure(err, errno);
        }
    }
}

/** One attempt; 0 or the system's number of what went wrong. */
static int
attempt(int fd, const carnet_nan_path *peer, int64_t deadline)
{
    struct sockaddr_in6 address = address_of(peer);
    int number = 0;
    socklen_t len = sizeof number;

    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS) {
        return errno;
    }
    if (carnet_link_wait(fd, POLLOUT, deadline, NULL) != CARNET_OK) {
        return ETIMEDOUT;
    }
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &len) == 0 ? number : errno;
}

carnet_rc
carnet_wifi_aware_connect(const carnet_nan_path *peer, int64_t deadline, int *fd, carnet_err *err)
{
    static const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };

    for (;;) {
        int number;

        *fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        number = *fd >= 0 ? attempt(*fd, peer, deadline) : errno;
        if (number == 0) {
            set(*fd, IPPROTO_TCP, TCP_NODELAY);
            return CARNET_OK;
        }
        if (*fd >= 0) {
            close(*fd);
        }
        *fd = -1;
        if (number != ECONNREFUSED && number != EHOSTUNREACH && number != ENETUNREACH && number != ETIMEDOUT) {
            return system_failure(err, number);
        }
        if (carnet_link_now_ms() >= deadline) {
            return carnet_fail(err, CARNET_E_LINK_TIMEOUT, CLAUSE, "nobody listens there");
        }
        nanosleep(&pause, NULL);
    }
}

/** Step over what has been sent. */
static void
advance(struct iovec part[2], size_t sent)
{
    for (int i = 0; i < 2; i++) {
        size_t step = sent < part[i].iov_len ? sent : part[i].iov_len;

        if (step == 0) { /* nothing, perhaps at no address */
            continue;
        }
        part[i].iov_base = (uint8_t *)part[i].iov_base + step;
        part[i].iov_len -= step;
        sent -= step;
    }
}

carnet_rc
carnet_wifi_aware_write(const carnet_link *link, carnet_span head, carnet_span body, int64_t deadline, carnet_err *err)
{
    struct iovec part[2] = { { (void *)(uintptr_t)head.ptr, head.len }, { (void *)(uintptr_t)body.ptr, body.len } };
    struct msghdr message = { .msg_iov = part, .msg_iovlen = 2 };

    carnet_link_tell(link, true, 0, body.len);
    while (part[0].iov_len + part[1].iov_len > 0) {
        carnet_rc rc = carnet_link_wait(link->fd, POLLOUT, deadline, err);
        ssize_t sent;

        if (rc != CARNET_OK) {
            return rc;
        }
        sent = sendmsg(link->fd, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            return system_failure(err, errno);
        }
        advance(part, sent > 0 ? (size_t)sent : 0);
        carnet_link_tell(link, true, body.len - part[1].iov_len, body.len);
    }
    return CARNET_OK;
}

carnet_rc
carnet_wifi_aware_receive(int fd, uint8_t *room, size_t cap, size_t *len, int64_t deadline, carnet_err *err)
{
    *len = 0;
    for (;;) {
        carnet_rc rc = carnet_link_wait(fd, POLLIN, deadline, err);
        ssize_t got = rc == CARNET_OK ? recv(fd, room, cap, 0) : -1;

        if (rc != CARNET_OK) {
            return rc;
        }
        if (got >= 0) {
            *len = (size_t)got;
            return CARNET_OK;
        }
        if (errno != EAGAIN && errno != EINTR) {
            return system_failure(err, errno);
        }
    }
}
