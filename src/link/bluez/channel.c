/* SPDX-License-Identifier: Apache-2.0 */
/* L2CAP channels with credits over low energy (18013-5 11.1.4): sockets of the kernel. */
#include "internal.h"

#include <bluetooth/bluetooth.h>
#include <bluetooth/l2cap.h>
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_l2
make_address(const uint8_t address[6], bool is_random, uint16_t psm)
{
    struct sockaddr_l2 made = { .l2_family = AF_BLUETOOTH,
                                .l2_psm = htobs(psm),
                                .l2_bdaddr_type = is_random ? BDADDR_LE_RANDOM : BDADDR_LE_PUBLIC };

    memcpy(made.l2_bdaddr.b, address, sizeof made.l2_bdaddr.b);
    return made;
}

/* A socket bound to the adapter; -1: errno says why. */
static int
make_socket(const carnet_bluez *bluez)
{
    struct sockaddr_l2 own = make_address(bluez->address, bluez->address_random, 0);
    const uint16_t longest = CARNET_BLUEZ_SDU;
    int fd = socket(AF_BLUETOOTH, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, BTPROTO_L2CAP);

    if (fd >= 0 && (bind(fd, (struct sockaddr *)&own, sizeof own) != 0 ||
                    setsockopt(fd, SOL_BLUETOOTH, BT_RCVMTU, &longest, sizeof longest) != 0)) {
        int saved = errno;

        close(fd);
        errno = saved;
        fd = -1;
    }
    return fd;
}

void
carnet_bluez_listen(carnet_bluez *bluez)
{
    struct sockaddr_l2 own = { 0 };
    socklen_t len = sizeof own;

    bluez->listener = make_socket(bluez);
    if (bluez->listener >= 0 && listen(bluez->listener, 1) == 0 &&
        getsockname(bluez->listener, (struct sockaddr *)&own, &len) == 0) {
        bluez->psm = btohs(own.l2_psm);
    } else {
        carnet_bluez_close_fd(&bluez->listener);
    }
}

static void
channel_is_open(carnet_bluez_side *side, int fd)
{
    uint16_t longest = 0;
    socklen_t len = sizeof longest;

    side->channel = fd;
    if (getsockopt(fd, SOL_BLUETOOTH, BT_SNDMTU, &longest, &len) != 0) {
        longest = 23; /* the least a channel has */
    }
    carnet_bluez_feed(side, CARNET_BLE_ON_CHANNEL, CARNET_BLE_L2CAP, longest, (carnet_span){ 0 });
}

bool
carnet_bluez_accept(carnet_bluez *bluez)
{
    struct sockaddr_l2 from;
    socklen_t len = sizeof from;
    char device[CARNET_BLUEZ_PATH];
    int fd = bluez->listener < 0
                 ? -1
                 : accept4(bluez->listener, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0) {
        return false;
    }
    carnet_bluez_device_path(bluez, from.l2_bdaddr.b, device);
    for (size_t i = 0; i < bluez->side_count; i++) {
        carnet_bluez_side *side = bluez->sides[i];

        if (side->ble.parameters.server && side->channel < 0 && carnet_bluez_admit(side, device, 0)) {
            channel_is_open(side, fd);
            return true;
        }
    }
    close(fd);
    return true;
}

void
carnet_bluez_channel_open(carnet_bluez_side *side)
{
    struct sockaddr_l2 peer = make_address(side->address, side->address_random, (uint16_t)side->held.number);
    int fd = make_socket(side->owner), error = 0;
    socklen_t len = sizeof error;
    bool good = fd >= 0;

    if (good && connect(fd, (struct sockaddr *)&peer, sizeof peer) != 0) {
        good = errno == EINPROGRESS &&
               carnet_link_wait(fd, POLLOUT, carnet_link_now_ms() + CARNET_BLUEZ_CALL_MS, NULL) == CARNET_OK &&
               getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0;
    }
    if (!good) {
        carnet_bluez_close_fd(&fd);
        carnet_bluez_feed(side, CARNET_BLE_ON_FAILED, CARNET_BLE_L2CAP, 0, (carnet_span){ 0 });
        return;
    }
    if (!side->connected) {
        carnet_bluez_device_path(side->owner, side->address, side->device);
        carnet_bluez_connected(side);
    }
    channel_is_open(side, fd);
}

carnet_bluez_did
carnet_bluez_channel_send(carnet_bluez_side *side)
{
    struct iovec parts[2] = { { (void *)(uintptr_t)side->held.head.ptr, side->held.head.len },
                              { (void *)(uintptr_t)side->held.value.ptr, side->held.value.len } };
    const struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

    if (side->channel < 0) {
        return CARNET_BLUEZ_DONE;
    }
    if (sendmsg(side->channel, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) {
        return CARNET_BLUEZ_DONE;
    }
    if (errno == EAGAIN || errno == EINTR) {
        side->room_fd = side->channel;
        return CARNET_BLUEZ_LATER;
    }
    carnet_bluez_disconnected(side, 0);
    return CARNET_BLUEZ_DONE;
}

bool
carnet_bluez_channel_drain(carnet_bluez_side *side)
{
    uint8_t *octets = side->owner->sdu;
    bool some = false;

    for (size_t i = 0; i < CARNET_BLUEZ_AT_ONCE && side->channel >= 0; i++) {
        ssize_t got = recv(side->channel, octets, CARNET_BLUEZ_SDU, MSG_DONTWAIT);

        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            break;
        }
        some = true;
        if (got <= 0) {
            carnet_bluez_close_fd(&side->channel);
            carnet_bluez_disconnected(side, got == 0 ? CARNET_BLE_BY_PEER : 0);
            break;
        }
        carnet_bluez_feed(side, CARNET_BLE_ON_OCTETS, CARNET_BLE_L2CAP, 0, carnet_span_of(octets, (size_t)got));
    }
    return some;
}

bool
carnet_bluez_channel_empty(const carnet_bluez_side *side)
{
    int room = 0, all = 0;
    socklen_t len = sizeof all;

    /* Of a Bluetooth socket the kernel tells the room that is left. */
    return side->channel < 0 || ioctl(side->channel, TIOCOUTQ, &room) != 0 ||
           getsockopt(side->channel, SOL_SOCKET, SO_SNDBUF, &all, &len) != 0 || room >= all;
}
