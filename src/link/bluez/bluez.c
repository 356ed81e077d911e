/* SPDX-License-Identifier: Apache-2.0 */
/* An adapter, waiting for the peer, and the link that comes of it. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLAUSE        "18013-5 11.1"
#define STOP_LOOK_MS  200  /* how often peer.stop is looked at */
#define LAST_WORDS_MS 1000 /* how long closing waits for what the machine still wants to say */

/* --- one turn: what has come is taken, what can be done is done --- */

static bool
work(carnet_bluez *bluez)
{
    bool some = false;
    int status = 1;

    for (size_t i = 0; i < CARNET_BLUEZ_AT_ONCE && status > 0; i++) {
        status = sd_bus_process(bluez->bus, NULL);
        some = some || status > 0;
    }
    bluez->gone = bluez->gone || status < 0;
    some = carnet_bluez_accept(bluez) || some;
    for (size_t i = 0; i < bluez->side_count; i++) {
        if (bluez->gone) {
            carnet_bluez_disconnected(bluez->sides[i], 0);
        }
        some = carnet_bluez_drain(bluez->sides[i]) || some;
        some = carnet_bluez_act(bluez->sides[i]) || some;
    }
    return some;
}

static void
add_poll(struct pollfd *polls, nfds_t *count, int fd, int events)
{
    if (fd >= 0) {
        polls[(*count)++] = (struct pollfd){ .fd = fd, .events = (short)events };
    }
}

/* Wait until there is something to do, or `until`. */
static void
rest(const carnet_bluez *bluez, int64_t until)
{
    struct pollfd polls[2 + 2 * (CARNET_BLE_CHARACTERISTICS + 2)];
    nfds_t count = 0;
    uint64_t bus_until = UINT64_MAX;
    int64_t left;

    add_poll(polls, &count, sd_bus_get_fd(bluez->bus), sd_bus_get_events(bluez->bus));
    add_poll(polls, &count, bluez->listener, POLLIN);
    for (size_t i = 0; i < bluez->side_count; i++) {
        const carnet_bluez_side *side = bluez->sides[i];

        for (size_t k = 0; k < CARNET_BLE_CHARACTERISTICS; k++) {
            add_poll(polls, &count, side->notify[k], POLLIN);
        }
        add_poll(polls, &count, side->channel, POLLIN);
        add_poll(polls, &count, side->room_fd, POLLOUT);
        until = side->tick < until ? side->tick : until;
    }
    if (sd_bus_get_timeout(bluez->bus, &bus_until) >= 0 && bus_until / 1000 < (uint64_t)until) {
        until = (int64_t)(bus_until / 1000);
    }
    left = until - carnet_link_now_ms();
    (void)poll(polls, count, left < 0 ? 0 : left < STOP_LOOK_MS ? (int)left : STOP_LOOK_MS);
}

static bool
stopped(const carnet_bluez *bluez)
{
    return bluez->peer.stop != NULL && *bluez->peer.stop != 0;
}

/* --- the link --- */

static void
account(carnet_link *link)
{
    carnet_bluez *bluez = link->state;
    const carnet_ble *ble = &bluez->sides[0]->ble;
    size_t done, all;

    link->traffic.octets_sent = ble->octets_sent;
    link->traffic.octets_received = ble->octets_received;
    link->traffic.units_sent = ble->units_sent;
    link->traffic.units_received = ble->units_received;
    carnet_ble_progress(ble, true, &done, &all);
    if (done != bluez->told_sent && done > 0) {
        carnet_link_tell(link, true, done, all);
    }
    bluez->told_sent = done;
    carnet_ble_progress(ble, false, &done, &all);
    if (done != bluez->told_received && done > 0) {
        carnet_link_tell(link, false, done, all);
    }
    bluez->told_received = done;
}

/* One turn of an open link; what stops it other than the machine. */
static carnet_rc
turn(carnet_link *link, int64_t deadline, carnet_err *err)
{
    carnet_bluez *bluez = link->state;
    bool some = work(bluez);

    account(link);
    if (bluez->sides[0]->ble.phase == CARNET_BLE_OVER) {
        return CARNET_OK;
    }
    if (carnet_link_now_ms() >= deadline) {
        return carnet_fail(err, CARNET_E_LINK_TIMEOUT, CLAUSE, carnet_ble_waiting_for(&bluez->sides[0]->ble));
    }
    if (!some) {
        rest(bluez, deadline);
    }
    return CARNET_OK;
}

static bool
is_data(const carnet_bluez_side *side)
{
    return side->holding &&
           (side->held.kind == CARNET_BLE_DO_SEND || side->held.characteristic == CARNET_BLE_CLIENT2SERVER ||
            side->held.characteristic == CARNET_BLE_SERVER2CLIENT);
}

static carnet_rc
bluez_send(carnet_link *link, carnet_span message, int timeout_ms, carnet_err *err)
{
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    carnet_bluez_side *side = ((carnet_bluez *)link->state)->sides[0];
    carnet_rc rc = carnet_ble_send(&side->ble, message, err);

    while (rc == CARNET_OK && (side->ble.sending || is_data(side))) {
        rc = turn(link, deadline, err);
        if (rc == CARNET_OK && side->ble.phase == CARNET_BLE_OVER) {
            return carnet_fail(err, side->ble.rc, CLAUSE, side->ble.reason);
        }
    }
    link->traffic.messages_sent += rc == CARNET_OK;
    return rc;
}

static carnet_rc
bluez_receive(carnet_link *link, carnet_buf *message, int timeout_ms, carnet_err *err)
{
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    carnet_bluez_side *side = ((carnet_bluez *)link->state)->sides[0];
    carnet_span taken;
    carnet_rc rc = CARNET_OK;

    while (!carnet_ble_receive(&side->ble, &taken)) {
        if (rc != CARNET_OK) {
            return rc;
        }
        if (side->ble.phase == CARNET_BLE_OVER) {
            return carnet_fail(err, side->ble.rc, CLAUSE, side->ble.reason);
        }
        rc = turn(link, deadline, err);
    }
    if (taken.len > message->cap - message->len) {
        return carnet_fail(err, CARNET_E_LINK_TOO_LONG, NULL, NULL);
    }
    carnet_buf_add(message, taken);
    link->traffic.messages_received++;
    return CARNET_OK;
}

/* Let the machine say what it still has to say. */
static void
finish(carnet_bluez *bluez, int64_t deadline)
{
    carnet_bluez_side *side = bluez->sides[0];

    while ((work(bluez) || side->holding || (side->ble.connected && !side->ble.hung_up)) && !bluez->gone &&
           carnet_link_now_ms() < deadline) {
        rest(bluez, deadline);
    }
}

static void
bluez_end(carnet_link *link, int timeout_ms)
{
    carnet_bluez *bluez = link->state;
    carnet_bluez_side *side = bluez->sides[0];

    carnet_ble_end(&side->ble);
    finish(bluez, carnet_link_now_ms() + timeout_ms);
    carnet_bluez_feed(side, CARNET_BLE_ON_TIMER, CARNET_BLE_STATE, 0, (carnet_span){ 0 });
    account(link);
}

static void
bluez_close(carnet_link *link)
{
    carnet_bluez *bluez = link->state;

    if (bluez->sides[0]->ble.end_wanted || bluez->sides[0]->holding) {
        finish(bluez, carnet_link_now_ms() + LAST_WORDS_MS);
    }
    carnet_bluez_free(&bluez);
}

static const carnet_link_ops bluez_ops = {
    .name = "BLE", .send = bluez_send, .receive = bluez_receive, .end = bluez_end, .close = bluez_close
};

/* --- waiting for the peer --- */

/* Is a mode ready, or are all over?  CARNET_E_LINK_TIMEOUT: neither. */
static carnet_rc
decide(const carnet_bluez *bluez, size_t *winner, carnet_err *err)
{
    size_t over = 0;

    for (size_t i = 0; i < bluez->side_count; i++) {
        const carnet_ble *ble = &bluez->sides[i]->ble;

        /* A peer that was quick has ended the session by now; what it said can be taken from the link. */
        if (ble->phase == CARNET_BLE_READY || (ble->phase == CARNET_BLE_OVER && ble->started)) {
            *winner = i;
            return CARNET_OK;
        }
        over += ble->phase == CARNET_BLE_OVER;
    }
    if (over == bluez->side_count) {
        return carnet_fail(err, bluez->sides[over - 1]->ble.rc, CLAUSE, bluez->sides[over - 1]->ble.reason);
    }
    if (bluez->gone) {
        return carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, "the Bluetooth adapter was switched off or taken away");
    }
    return stopped(bluez) ? carnet_fail(err, CARNET_E_LINK_CLOSED, NULL, "it was stopped here") : CARNET_E_LINK_TIMEOUT;
}

static carnet_rc
await(carnet_bluez *bluez, int64_t deadline, size_t *winner, carnet_err *err)
{
    for (;;) {
        bool some = work(bluez);
        carnet_rc rc = decide(bluez, winner, err);

        if (rc != CARNET_E_LINK_TIMEOUT) {
            return rc;
        }
        if (carnet_link_now_ms() >= deadline) {
            return carnet_fail(err, rc, CLAUSE, carnet_ble_waiting_for(&bluez->sides[0]->ble));
        }
        if (!some) {
            rest(bluez, deadline);
        }
    }
}

static void
drop_sides(carnet_bluez *bluez, size_t keep)
{
    for (size_t i = 0; i < bluez->side_count; i++) {
        if (i != keep) {
            carnet_bluez_side_free(&bluez->sides[i]);
        }
    }
    bluez->sides[0] = keep < bluez->side_count ? bluez->sides[keep] : NULL;
    bluez->side_count = bluez->sides[0] != NULL;
    bluez->sides[1] = NULL;
}

static carnet_rc
make_sides(carnet_bluez *bluez, carnet_err *err)
{
    const carnet_bluez_peer *peer = &bluez->peer;

    if (peer->mode_count < 1 || peer->mode_count > 2 ||
        (peer->mode_count == 2 && peer->modes[0].server == peer->modes[1].server)) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "one mode, or a server's and a client's");
    }
    while (bluez->side_count < peer->mode_count) {
        bluez->sides[bluez->side_count] = carnet_bluez_side_new(bluez, &peer->modes[bluez->side_count]);
        if (bluez->sides[bluez->side_count] == NULL) {
            return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "there is no memory for the messages");
        }
        bluez->side_count++;
    }
    return CARNET_OK;
}

carnet_rc
carnet_bluez_open(carnet_bluez **bluez, const carnet_bluez_peer *peer, carnet_link *link, int timeout_ms,
                  carnet_err *err)
{
    carnet_bluez *own = *bluez;
    size_t winner = SIZE_MAX;
    carnet_rc rc;

    *link = (carnet_link){ 0 };
    own->peer = *peer;
    own->peer.message_max = peer->message_max == 0 ? CARNET_BLUEZ_MESSAGE_MAX : peer->message_max;
    rc = make_sides(own, err);
    rc = rc == CARNET_OK ? await(own, carnet_link_now_ms() + timeout_ms, &winner, err) : rc;
    drop_sides(own, rc == CARNET_OK ? winner : SIZE_MAX);
    if (rc != CARNET_OK) {
        return rc;
    }
    carnet_bluez_hide(own->sides[0]); /* it has its peer */
    carnet_bluez_tell(own, CARNET_BLUEZ_READY);
    own->peer = (carnet_bluez_peer){ .message_max = own->peer.message_max }; /* the rest may be gone by now */
    *link = (carnet_link){ .ops = &bluez_ops, .state = own, .fd = -1 };
    *bluez = NULL;
    return CARNET_OK;
}

/* --- the adapter --- */

carnet_rc
carnet_bluez_new(carnet_bluez **bluez, const char *adapter, bool l2cap, carnet_err *err)
{
    carnet_bluez *made = calloc(1, sizeof *made);
    carnet_rc rc;

    *bluez = NULL;
    if (made == NULL) {
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    made->listener = -1;
    made->sdu = malloc(CARNET_BLUEZ_SDU);
    rc =
        made->sdu != NULL ? carnet_bluez_bus_open(made, adapter, err) : carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (rc == CARNET_OK && l2cap) {
        carnet_bluez_listen(made); /* where the kernel grants none, GATT does */
    }
    if (rc != CARNET_OK) {
        carnet_bluez_free(&made);
    }
    *bluez = made;
    return rc;
}

uint16_t
carnet_bluez_psm(const carnet_bluez *bluez)
{
    return bluez->psm;
}

void
carnet_bluez_address(const carnet_bluez *bluez, uint8_t address[6], bool *random)
{
    for (size_t i = 0; i < 6; i++) {
        address[i] = bluez->address[5 - i];
    }
    *random = bluez->address_random;
}

void
carnet_bluez_free(carnet_bluez **bluez)
{
    carnet_bluez *gone = *bluez;

    if (gone == NULL) {
        return;
    }
    drop_sides(gone, SIZE_MAX);
    carnet_bluez_close_fd(&gone->listener);
    if (gone->sdu != NULL) {
        carnet_wipe(gone->sdu, CARNET_BLUEZ_SDU);
    }
    free(gone->sdu);
    carnet_bluez_bus_close(gone);
    free(gone);
    *bluez = NULL;
}
