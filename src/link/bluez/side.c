/* SPDX-License-Identifier: Apache-2.0 */
/* One mode being run: between a machine of exchange/transport/ble and BlueZ. */
#include "internal.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

carnet_bluez_side *
carnet_bluez_side_new(carnet_bluez *owner, const carnet_ble_parameters *parameters)
{
    carnet_bluez_side *side = calloc(1, sizeof *side);
    carnet_ble_parameters own = *parameters;

    if (side == NULL) {
        return NULL;
    }
    side->owner = owner;
    side->capacity = owner->peer.message_max + owner->peer.message_max / 4;
    side->storage = malloc(side->capacity);
    if (side->storage == NULL) {
        free(side);
        return NULL;
    }
    side->write_fd = side->channel = side->room_fd = -1;
    for (size_t i = 0; i < CARNET_BLE_CHARACTERISTICS; i++) {
        side->notify[i] = -1;
    }
    if (own.server) {
        own.psm = owner->psm;
        own.att_header = own.att_header == 0 ? CARNET_BLE_BLUEZ_NOTIFY_HEADER : own.att_header;
    }
    own.part_max = own.part_max == 0 ? CARNET_BLE_BLUEZ_PART_MAX : own.part_max;
    carnet_ble_uuid_text(own.service, side->uuid);
    (void)carnet_bluez_put(side->base, sizeof side->base, "/carnet/mode",
                           own.mode == CARNET_BLE_PERIPHERAL_SERVER ? "1" : "2");
    carnet_ble_init(&side->ble, &own, side->storage, side->capacity);
    return side;
}

void
carnet_bluez_close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

static void
close_all(carnet_bluez_side *side)
{
    for (size_t i = 0; i < CARNET_BLE_CHARACTERISTICS; i++) {
        carnet_bluez_close_fd(&side->notify[i]);
    }
    carnet_bluez_close_fd(&side->write_fd);
    carnet_bluez_close_fd(&side->channel);
}

void
carnet_bluez_side_free(carnet_bluez_side **side)
{
    if (*side == NULL) {
        return;
    }
    carnet_bluez_hide(*side);
    carnet_bluez_stop_scan(*side);
    close_all(*side);
    carnet_bluez_forget((*side)->owner, (*side)->device);
    carnet_bluez_withdraw(*side);
    carnet_ble_done(&(*side)->ble);
    free((*side)->storage);
    free(*side);
    *side = NULL;
}

void
carnet_bluez_feed(carnet_bluez_side *side, carnet_ble_event_kind kind, carnet_ble_characteristic which, uint32_t number,
                  carnet_span value)
{
    const carnet_ble_event event = { .kind = kind, .characteristic = which, .number = number, .value = value };

    (void)carnet_ble_feed(&side->ble, &event, NULL);
}

void
carnet_bluez_tell(const carnet_bluez *bluez, carnet_bluez_step step)
{
    if (bluez->peer.tell != NULL) {
        bluez->peer.tell(bluez->peer.tell_context, step);
    }
}

void
carnet_bluez_connected(carnet_bluez_side *side)
{
    side->connected = true;
    carnet_bluez_tell(side->owner, CARNET_BLUEZ_CONNECTED);
    carnet_bluez_feed(side, CARNET_BLE_ON_CONNECTED, CARNET_BLE_STATE, 0, (carnet_span){ 0 });
}

/* What had come before is taken first: a peer may end the session and be gone at once. */
void
carnet_bluez_disconnected(carnet_bluez_side *side, uint32_t reason)
{
    if (!side->connected) {
        return;
    }
    side->connected = false;
    (void)carnet_bluez_drain(side);
    close_all(side);
    side->resolved = false;
    carnet_bluez_feed(side, CARNET_BLE_ON_DISCONNECTED, CARNET_BLE_STATE, reason, (carnet_span){ 0 });
}

/* A server's socket says only that BlueZ has closed it: the peer wants no more notifications, or is gone. */
static void
notify_closed(carnet_bluez_side *side, carnet_ble_characteristic which)
{
    carnet_bluez_close_fd(&side->notify[which]);
    if (side->connected && side->ble.parameters.server && carnet_bluez_flag(side->owner, side->device, "Connected")) {
        carnet_bluez_feed(side, CARNET_BLE_ON_UNSUBSCRIBED, which, 0, (carnet_span){ 0 });
    }
}

static bool
drain_notify(carnet_bluez_side *side, carnet_ble_characteristic which)
{
    uint8_t value[CARNET_BLE_PART_MAX + 8];
    bool some = false;

    for (size_t i = 0; i < CARNET_BLUEZ_AT_ONCE && side->notify[which] >= 0; i++) {
        ssize_t got = recv(side->notify[which], value, sizeof value, MSG_DONTWAIT);

        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            break;
        }
        some = true;
        if (got <= 0) {
            notify_closed(side, which);
            break;
        }
        carnet_bluez_feed(side, CARNET_BLE_ON_VALUE, which, 0, carnet_span_of(value, (size_t)got));
    }
    return some;
}

/* Data before State: BlueZ put them into their sockets in the order they came. */
bool
carnet_bluez_drain(carnet_bluez_side *side)
{
    bool some = carnet_bluez_channel_drain(side);

    some = drain_notify(side, CARNET_BLE_SERVER2CLIENT) || some;
    return drain_notify(side, CARNET_BLE_STATE) || some;
}

size_t
carnet_bluez_queued(int fd)
{
    int octets = 0;

    return fd >= 0 && ioctl(fd, SIOCOUTQ, &octets) == 0 && octets > 0 ? (size_t)octets : 0;
}

carnet_bluez_did
carnet_bluez_put_value(carnet_bluez_side *side, int fd, carnet_span value)
{
    if (fd >= 0 && send(fd, value.ptr, value.len, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) {
        return CARNET_BLUEZ_DONE;
    }
    if (fd >= 0 && (errno == EAGAIN || errno == EINTR)) {
        side->room_fd = fd;
        return CARNET_BLUEZ_LATER;
    }
    carnet_bluez_disconnected(side, 0);
    return CARNET_BLUEZ_DONE;
}

static carnet_bluez_did
notify(carnet_bluez_side *side)
{
    carnet_ble_characteristic which = side->held.characteristic;

    if (side->notify[which] < 0) {
        return CARNET_BLUEZ_DONE; /* nobody listens */
    }
    if (which == CARNET_BLE_STATE && carnet_bluez_queued(side->notify[CARNET_BLE_SERVER2CLIENT]) > 0) {
        side->tick = carnet_link_now_ms() + 2;
        return CARNET_BLUEZ_LATER;
    }
    return carnet_bluez_put_value(side, side->notify[which], side->held.value);
}

static carnet_bluez_did
open_channel(carnet_bluez_side *side)
{
    const carnet_ble_parameters *known = &side->ble.parameters;

    if (!side->connected && known->has_address) {
        for (size_t i = 0; i < 6; i++) {
            side->address[i] = known->address[5 - i];
        }
        side->address_random = known->address_random;
    } else if (!side->connected && carnet_bluez_seek(side) == CARNET_BLUEZ_LATER) {
        return CARNET_BLUEZ_LATER;
    }
    carnet_bluez_channel_open(side);
    return CARNET_BLUEZ_DONE;
}

static carnet_bluez_did
disconnect(carnet_bluez_side *side)
{
    bool empty = carnet_bluez_channel_empty(side) && carnet_bluez_queued(side->write_fd) == 0;

    for (size_t i = 0; i < CARNET_BLE_CHARACTERISTICS; i++) {
        empty = empty && carnet_bluez_queued(side->notify[i]) == 0;
    }
    if (!empty) {
        side->tick = carnet_link_now_ms() + 2;
        return CARNET_BLUEZ_LATER;
    }
    carnet_bluez_close_fd(&side->channel);
    if (side->device[0] != 0) {
        (void)sd_bus_call_method_async(side->owner->bus, NULL, "org.bluez", side->device, "org.bluez.Device1",
                                       "Disconnect", NULL, NULL, "");
    }
    return CARNET_BLUEZ_DONE;
}

static carnet_bluez_did
perform(carnet_bluez_side *side)
{
    switch (side->held.kind) {
    case CARNET_BLE_DO_ADVERTISE:
        return carnet_bluez_advertise(side);
    case CARNET_BLE_DO_CONNECT:
        return carnet_bluez_connect(side);
    case CARNET_BLE_DO_EXCHANGE_MTU:
    case CARNET_BLE_DO_DISCOVER:
        return carnet_bluez_discover(side);
    case CARNET_BLE_DO_READ:
        carnet_bluez_read(side);
        return CARNET_BLUEZ_DONE;
    case CARNET_BLE_DO_SUBSCRIBE:
        carnet_bluez_subscribe(side);
        return CARNET_BLUEZ_DONE;
    case CARNET_BLE_DO_WRITE:
        return carnet_bluez_write(side);
    case CARNET_BLE_DO_NOTIFY:
        return notify(side);
    case CARNET_BLE_DO_OPEN_CHANNEL:
        return open_channel(side);
    case CARNET_BLE_DO_SEND:
        return carnet_bluez_channel_send(side);
    case CARNET_BLE_DO_DISCONNECT:
        return disconnect(side);
    case CARNET_BLE_DO_NOTHING:
    default:
        return CARNET_BLUEZ_DONE;
    }
}

bool
carnet_bluez_act(carnet_bluez_side *side)
{
    size_t done = 0;

    side->tick = INT64_MAX;
    side->room_fd = -1;
    if (side->ble.phase == CARNET_BLE_OVER && side->held.value.len > 1) {
        side->holding = false; /* the rest of a message nobody waits for, and the machine has wiped it */
    }
    while (done < CARNET_BLUEZ_AT_ONCE) {
        if (!side->holding) {
            side->held = carnet_ble_next(&side->ble);
            side->holding = side->held.kind != CARNET_BLE_DO_NOTHING;
        }
        if (!side->holding || perform(side) == CARNET_BLUEZ_LATER) {
            break;
        }
        side->holding = false;
        done++;
    }
    return done > 0;
}
