/* SPDX-License-Identifier: Apache-2.0 */
#include "driver.h"
#include "support/support.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void
driver_begin(driver *d, const carnet_vpcd_options *options)
{
    carnet_vpcd_options o = options != NULL ? *options : (carnet_vpcd_options){ 0 };
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof address;
    carnet_err err = { 0 };

    *d = (driver){ .listener = socket(AF_INET, SOCK_STREAM, 0), .fd = -1 };
    assert_int_equal(bind(d->listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(d->listener, 1), 0);
    assert_int_equal(getsockname(d->listener, (struct sockaddr *)&address, &len), 0);
    d->port = o.port = ntohs(address.sin_port);
    assert_carnet_ok(carnet_vpcd_open(&d->card, &o, 1000, &err), &err);
    d->fd = accept(d->listener, NULL, NULL);
    assert_true(d->fd >= 0);
}

void
driver_leave(driver *d)
{
    if (d->fd >= 0) {
        close(d->fd);
    }
    d->fd = -1;
}

void
driver_finish(driver *d)
{
    driver_leave(d);
    close(d->listener);
    carnet_vpcd_free(&d->card);
}

void
driver_say_raw(driver *d, const void *octets, size_t len)
{
    assert_int_equal(send(d->fd, octets, len, MSG_NOSIGNAL), len);
}

void
driver_say(driver *d, const char *hex)
{
    carnet_span octets = carnet_test_hex(hex);
    uint8_t head[2] = { (uint8_t)(octets.len >> 8), (uint8_t)octets.len };

    driver_say_raw(d, head, sizeof head);
    driver_say_raw(d, octets.ptr, octets.len);
}

void
driver_hears(driver *d, const char *hex)
{
    static uint8_t frame[2 + 65535];
    struct pollfd waiting = { .fd = d->fd, .events = POLLIN };
    size_t len;

    if (hex == NULL) {
        assert_int_equal(poll(&waiting, 1, 0), 0);
        return;
    }
    assert_int_equal(poll(&waiting, 1, 1000), 1);
    assert_int_equal(recv(d->fd, frame, 2, MSG_WAITALL), 2);
    len = (size_t)frame[0] << 8 | frame[1];
    assert_int_equal(recv(d->fd, frame, len, MSG_WAITALL), len);
    assert_span_equal(carnet_span_of(frame, len), carnet_test_hex(hex));
}
