/* SPDX-License-Identifier: Apache-2.0 */
/* Stream sockets in the file system. */
#include "carnet/link_socket.h"
#include "link_io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static carnet_rc
write_all(int fd, const uint8_t *ptr, size_t len, int64_t deadline, carnet_err *err)
{
    while (len > 0) {
        carnet_rc rc = carnet_link_wait(fd, POLLOUT, deadline, err);
        ssize_t put;

        if (rc != CARNET_OK) {
            return rc;
        }
        put = send(fd, ptr, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (put < 0) {
            return carnet_fail(err, errno == EPIPE || errno == ECONNRESET ? CARNET_E_LINK_CLOSED : CARNET_E_LINK_IO,
                               NULL, strerror(errno));
        }
        ptr += put;
        len -= (size_t)put;
    }
    return CARNET_OK;
}

/** How far the message that is coming in has come; kept over a deadline. */
typedef struct incoming {
    uint8_t head[4];
    size_t got; /**< octets, the head's included */
} incoming;

/** Read until `in->got` is `until`; `ptr` is where the octet at `from` goes. */
static carnet_rc
read_until(int fd, incoming *in, uint8_t *ptr, size_t from, size_t until, int64_t deadline, carnet_err *err)
{
    while (in->got < until) {
        carnet_rc rc = carnet_link_wait(fd, POLLIN, deadline, err);
        ssize_t got;

        if (rc != CARNET_OK) {
            return rc;
        }
        got = recv(fd, ptr + (in->got - from), until - in->got, MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (got == 0 || (got < 0 && errno == ECONNRESET)) {
            return carnet_fail(err, CARNET_E_LINK_CLOSED, NULL, NULL);
        }
        if (got < 0) {
            return carnet_fail(err, CARNET_E_LINK_IO, NULL, strerror(errno));
        }
        in->got += (size_t)got;
    }
    return CARNET_OK;
}

static carnet_rc
socket_send(carnet_link *link, carnet_span message, int timeout_ms, carnet_err *err)
{
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    uint8_t head[4];
    carnet_rc rc;

    if (message.len > UINT32_MAX) {
        return carnet_fail(err, CARNET_E_LINK_TOO_LONG, NULL, NULL);
    }
    for (size_t i = 0; i < sizeof head; i++) {
        head[i] = (uint8_t)(message.len >> (24 - 8 * i));
    }
    rc = write_all(link->fd, head, sizeof head, deadline, err);
    rc = rc == CARNET_OK ? write_all(link->fd, message.ptr, message.len, deadline, err) : rc;
    link->traffic.messages_sent += rc == CARNET_OK;
    link->traffic.units_sent += rc == CARNET_OK;
    link->traffic.octets_sent += rc == CARNET_OK ? sizeof head + message.len : 0;
    return rc;
}

static carnet_rc
socket_receive(carnet_link *link, carnet_buf *message, int timeout_ms, carnet_err *err)
{
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    incoming *in = link->state;
    size_t len;
    carnet_rc rc = read_until(link->fd, in, in->head, 0, sizeof in->head, deadline, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    len = (size_t)in->head[0] << 24 | (size_t)in->head[1] << 16 | (size_t)in->head[2] << 8 | in->head[3];
    if (len > message->cap - message->len) {
        return carnet_fail(err, CARNET_E_LINK_TOO_LONG, NULL, NULL);
    }
    /* What has come before a deadline lies behind message->len until the rest has. */
    rc = read_until(link->fd, in, message->ptr + message->len, sizeof in->head, sizeof in->head + len, deadline, err);
    carnet_link_tell(link, false, in->got - sizeof in->head, len);
    if (rc == CARNET_OK) {
        message->len += len;
        link->traffic.messages_received++;
        link->traffic.units_received++;
        link->traffic.octets_received += in->got;
        *in = (incoming){ 0 };
    }
    return rc;
}

static void
socket_close(carnet_link *link)
{
    if (link->fd >= 0) {
        close(link->fd);
    }
    link->fd = -1;
    free(link->state);
    link->state = NULL;
}

static const carnet_link_ops socket_ops = {
    .name = "socket", .send = socket_send, .receive = socket_receive, .close = socket_close
};

carnet_link
carnet_link_of_socket(int fd)
{
    incoming *in = calloc(1, sizeof *in);

    if (in == NULL) {
        close(fd);
        return (carnet_link){ 0 };
    }
    return (carnet_link){ .ops = &socket_ops, .fd = fd, .state = in };
}

static carnet_rc
make_address(const char *path, struct sockaddr_un *address, carnet_err *err)
{
    size_t len = strlen(path);

    *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if (len >= sizeof address->sun_path) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the path of the socket is too long");
    }
    memcpy(address->sun_path, path, len);
    return CARNET_OK;
}

carnet_rc
carnet_link_listen(const char *path, int *listener, carnet_err *err)
{
    struct sockaddr_un address;
    carnet_rc rc = make_address(path, &address, err);

    *listener = -1;
    if (rc != CARNET_OK) {
        return rc;
    }
    *listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*listener < 0 || bind(*listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(*listener, 1) != 0) {
        rc = carnet_fail(err, CARNET_E_LINK_IO, NULL, strerror(errno));
        if (*listener >= 0) {
            close(*listener);
        }
        *listener = -1;
    }
    return rc;
}

carnet_rc
carnet_link_accept(carnet_link *link, int *listener, const char *path, int timeout_ms, carnet_err *err)
{
    carnet_rc rc = carnet_link_wait(*listener, POLLIN, carnet_link_now_ms() + timeout_ms, err);
    int fd = rc == CARNET_OK ? accept(*listener, NULL, NULL) : -1;

    *link = (carnet_link){ 0 };
    close(*listener);
    *listener = -1;
    unlink(path);
    if (rc == CARNET_OK && fd < 0) {
        return carnet_fail(err, CARNET_E_LINK_IO, NULL, strerror(errno));
    }
    if (rc == CARNET_OK) {
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
        *link = carnet_link_of_socket(fd);
    }
    return rc;
}

carnet_rc
carnet_link_connect(carnet_link *link, const char *path, int timeout_ms, carnet_err *err)
{
    static const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    struct sockaddr_un address;
    carnet_rc rc = make_address(path, &address, err);

    *link = (carnet_link){ 0 };
    while (rc == CARNET_OK) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
            *link = carnet_link_of_socket(fd);
            return CARNET_OK;
        }
        if (fd >= 0) {
            close(fd);
        }
        if (carnet_link_now_ms() >= deadline) {
            rc = carnet_fail(err, CARNET_E_LINK_TIMEOUT, NULL, "nobody waits there");
        } else {
            nanosleep(&pause, NULL);
        }
    }
    return rc;
}
