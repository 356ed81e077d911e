/* SPDX-License-Identifier: Apache-2.0 */
/* The fake air: advertisements are sockets in a directory, ATT and L2CAP records on a stream. */
#include "internal.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

carnet_rc
carnet_fake_place(radio *r, const char *air, const carnet_ble_parameters *parameters, carnet_err *err)
{
    char name[CARNET_BLE_UUID_TEXT + 2];
    size_t len = strlen(air);

    r->place = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if (len == 0 || len + 1 + sizeof(name) > sizeof(r->place.sun_path)) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the path of the air is empty or too long");
    }
    if (mkdir(air, 0700) != 0 && errno != EEXIST) {
        return carnet_fail(err, CARNET_E_LINK_IO, NULL, strerror(errno));
    }
    carnet_ble_uuid_text(parameters->service, name);
    memcpy(name + CARNET_BLE_UUID_TEXT - 1, parameters->mode == CARNET_BLE_CENTRAL_CLIENT ? ".r" : ".m", 3);
    memcpy(r->place.sun_path, air, len);
    r->place.sun_path[len] = '/';
    memcpy(r->place.sun_path + len + 1, name, sizeof(name));
    return CARNET_OK;
}

carnet_rc
carnet_fake_advertise(radio *r, carnet_err *err)
{
    const struct sockaddr *place = (const struct sockaddr *)&r->place;

    if (r->listener >= 0) {
        return CARNET_OK;
    }
    r->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (r->listener < 0 || bind(r->listener, place, sizeof(r->place)) != 0 || listen(r->listener, 1) != 0) {
        carnet_rc rc = carnet_fail(err, CARNET_E_LINK_IO, NULL, strerror(errno));

        if (r->listener >= 0) {
            close(r->listener);
        }
        r->listener = -1;
        return rc;
    }
    return CARNET_OK;
}

/** Connected or over: nothing is advertised any more. */
static void
stop_advertising(radio *r)
{
    if (r->listener >= 0) {
        unlink(r->place.sun_path);
        close(r->listener);
        r->listener = -1;
    }
}

bool
carnet_fake_accept(radio *r)
{
    int fd = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0) {
        return false;
    }
    stop_advertising(r);
    r->fd = fd;
    r->got = 0;
    return true;
}

bool
carnet_fake_reach(radio *r)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return false;
    }
    if (connect(fd, (const struct sockaddr *)&r->place, sizeof(r->place)) != 0) {
        close(fd);
        return false;
    }
    r->fd = fd;
    r->got = 0;
    r->seeking = false;
    return true;
}

void
carnet_fake_silence(radio *r)
{
    stop_advertising(r);
    if (r->fd >= 0) {
        close(r->fd);
    }
    r->fd = -1;
    r->seeking = false;
    r->got = 0;
}

/** Count a record; true if the connection shall break here. */
static bool
breaks_here(radio *r)
{
    r->records++;
    return r->lose_at != 0 && r->records == r->lose_at;
}

static bool
write_all(radio *r, const uint8_t *ptr, size_t len, int64_t deadline_ms)
{
    while (len != 0) {
        ssize_t put = send(r->fd, ptr, len, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (put > 0) {
            ptr += put;
            len -= (size_t)put;
        } else if (put < 0 && errno != EINTR && errno != EAGAIN) {
            return false;
        } else if (carnet_link_wait(r->fd, POLLOUT, deadline_ms, NULL) != CARNET_OK) {
            return false;
        }
    }
    return true;
}

bool
carnet_fake_put(radio *r, radio_record kind, uint8_t characteristic, carnet_span head, carnet_span value,
                int64_t deadline_ms)
{
    size_t len = head.len + value.len;
    const uint8_t start[RECORD_HEAD] = { (uint8_t)kind, characteristic, (uint8_t)(len >> 8), (uint8_t)len };

    if (r->fd < 0 || len > UINT16_MAX || breaks_here(r)) {
        return false;
    }
    return write_all(r, start, sizeof(start), deadline_ms) && write_all(r, head.ptr, head.len, deadline_ms) &&
           write_all(r, value.ptr, value.len, deadline_ms);
}

bool
carnet_fake_fill(radio *r)
{
    while (r->got < sizeof(r->in)) {
        ssize_t got = recv(r->fd, r->in + r->got, sizeof(r->in) - r->got, MSG_DONTWAIT);

        if (got > 0) {
            r->got += (size_t)got;
        } else if (got < 0 && errno == EINTR) {
            continue;
        } else {
            return got < 0 && errno == EAGAIN;
        }
    }
    return true;
}

bool
carnet_fake_get(radio *r, radio_record *kind, uint8_t *characteristic, carnet_span *value, bool *lost)
{
    size_t len;

    *lost = false;
    if (r->got < RECORD_HEAD) {
        return false;
    }
    len = (size_t)r->in[2] << 8 | r->in[3];
    if (r->got - RECORD_HEAD < len) {
        return false;
    }
    *kind = (radio_record)r->in[0];
    *characteristic = r->in[1];
    *value = carnet_span_of(r->in + RECORD_HEAD, len);
    *lost = breaks_here(r);
    return true;
}

void
carnet_fake_drop(radio *r, carnet_span value)
{
    size_t gone = RECORD_HEAD + value.len;

    if (r->got >= gone) { /* less: the connection was lost meanwhile, and all of it dropped */
        memmove(r->in, r->in + gone, r->got - gone);
        r->got -= gone;
    }
}
