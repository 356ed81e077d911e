/* SPDX-License-Identifier: Apache-2.0 */
/* The link: whole messages over a side of the fake air. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define MODES_MAX  2
#define SLICE_MS   5 /* how often an advertisement is looked for, and `stop` looked at */
#define SDU_MAX    4096
#define GOODBYE_MS 200 /* for a client to disconnect, when the link is closed without an end */

static carnet_rc
over(const fake *f, carnet_err *err)
{
    return carnet_fail(err, f->ble.rc, "18013-5 11.1", f->ble.reason);
}

static void
count(carnet_link *link, fake *f)
{
    link->traffic = (carnet_link_traffic){ .messages_sent = f->sent,
                                           .messages_received = f->received,
                                           .octets_sent = f->ble.octets_sent,
                                           .octets_received = f->ble.octets_received,
                                           .units_sent = f->ble.units_sent,
                                           .units_received = f->ble.units_received };
    link->fd = f->air.fd;
}

static void
tell(const carnet_link *link, const fake *f, bool sending)
{
    size_t done, all;

    carnet_ble_progress(&f->ble, sending, &done, &all);
    carnet_link_tell(link, sending, done, all);
}

static carnet_rc
fake_send(carnet_link *link, carnet_span message, int timeout_ms, carnet_err *err)
{
    fake *f = link->state;
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    carnet_rc rc = carnet_ble_send(&f->ble, message, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    carnet_fake_act(f, deadline);
    tell(link, f, true);
    if (f->ble.sending) { /* the peer does not listen */
        carnet_fake_feed(f, CARNET_BLE_ON_TIMER, 0);
        carnet_fake_act(f, deadline);
    }
    f->sent += f->ble.phase != CARNET_BLE_OVER;
    count(link, f);
    return f->ble.phase == CARNET_BLE_OVER ? over(f, err) : CARNET_OK;
}

/** A message that is whole, if there is one. */
static bool
take_message(fake *f, carnet_buf *message, carnet_rc *rc, carnet_err *err)
{
    carnet_span whole;

    if (!carnet_ble_receive(&f->ble, &whole)) {
        return false;
    }
    if (whole.len > message->cap - message->len) {
        *rc = carnet_fail(err, CARNET_E_LINK_TOO_LONG, NULL, NULL);
        return true;
    }
    carnet_buf_add(message, whole);
    f->received++;
    *rc = CARNET_OK;
    return true;
}

static carnet_rc
fake_receive(carnet_link *link, carnet_buf *message, int timeout_ms, carnet_err *err)
{
    fake *f = link->state;
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    carnet_rc rc = CARNET_OK;

    while (!take_message(f, message, &rc, err)) {
        if (f->air.fd >= 0) {
            carnet_fake_take(f, deadline);
            tell(link, f, false);
        }
        if (f->ble.in.whole == 0 && f->ble.phase == CARNET_BLE_OVER) {
            rc = over(f, err);
            break;
        }
        rc = f->ble.in.whole != 0 ? CARNET_OK : carnet_link_wait(f->air.fd, POLLIN, deadline, err);
        if (rc != CARNET_OK) {
            break;
        }
    }
    count(link, f);
    return rc;
}

/** Do what is to be done at the end, and wait for the peer where it is the peer's to disconnect. */
static void
part(fake *f, int timeout_ms)
{
    int64_t deadline = carnet_link_now_ms() + timeout_ms;

    carnet_ble_end(&f->ble);
    carnet_fake_act(f, deadline);
    while (f->air.fd >= 0 && carnet_link_wait(f->air.fd, POLLIN, deadline, NULL) == CARNET_OK) {
        carnet_span dropped;

        while (carnet_ble_receive(&f->ble, &dropped)) {
        }
        carnet_fake_take(f, deadline);
    }
    carnet_fake_feed(f, CARNET_BLE_ON_TIMER, 0);
    carnet_fake_act(f, deadline);
}

static void
fake_end(carnet_link *link, int timeout_ms)
{
    part(link->state, timeout_ms);
    count(link, link->state);
}

static void
release(fake **held)
{
    fake *f = *held;

    if (f != NULL) {
        carnet_fake_silence(&f->air);
        carnet_ble_done(&f->ble);
        carnet_wipe(f->air.in, sizeof(f->air.in));
        free(f);
    }
    *held = NULL;
}

static void
fake_close(carnet_link *link)
{
    fake *f = link->state;

    part(f, GOODBYE_MS);
    release(&f);
}

static const carnet_link_ops fake_ops = {
    .name = "BLE over a fake radio", .send = fake_send, .receive = fake_receive, .end = fake_end, .close = fake_close
};

static carnet_rc
make(const char *air, const carnet_ble_fake_peer *peer, size_t mode, fake **made, carnet_err *err)
{
    size_t capacity = peer->message_max != 0 ? peer->message_max : CARNET_BLE_FAKE_MESSAGE_MAX;
    fake *f = calloc(1, sizeof(*f) + capacity);
    carnet_rc rc;

    *made = NULL;
    if (f == NULL) {
        (void)carnet_fail(err, CARNET_E_LINK_IO, NULL, "no memory is left");
        return CARNET_E_LINK_IO;
    }
    f->air = (radio){ .listener = -1,
                      .fd = -1,
                      .mtu = peer->mtu != 0 ? peer->mtu : CARNET_BLE_MTU_MAX,
                      .sdu = peer->sdu != 0 ? peer->sdu : SDU_MAX,
                      .lose_at = peer->lose_at };
    rc = carnet_fake_place(&f->air, air, &peer->modes[mode], err);
    carnet_ble_init(&f->ble, &peer->modes[mode], f->storage, capacity);
    *made = f;
    return rc;
}

/** One turn of setting up: what has come, what is to be done. */
static void
turn(fake *f, int64_t deadline)
{
    if (f->air.listener >= 0 && carnet_fake_accept(&f->air)) {
        carnet_fake_feed(f, CARNET_BLE_ON_CONNECTED, 0);
    }
    if (f->air.seeking) {
        carnet_fake_seek(f, deadline);
    }
    if (f->air.fd >= 0) {
        carnet_fake_take(f, deadline);
    }
    carnet_fake_act(f, deadline);
}

static void
wait_for_any(fake *const *sides, size_t n)
{
    struct pollfd waiting[MODES_MAX];

    for (size_t i = 0; i < n; i++) {
        waiting[i].fd = sides[i]->air.fd >= 0 ? sides[i]->air.fd : sides[i]->air.listener;
        waiting[i].events = POLLIN;
    }
    (void)poll(waiting, (nfds_t)n, SLICE_MS);
}

/** Run the sides until one of them is ready; the first to fail ends it. */
static carnet_rc
set_up(fake *const *sides, const carnet_ble_fake_peer *peer, int64_t deadline, size_t *ready, carnet_err *err)
{
    for (;;) {
        for (size_t i = 0; i < peer->mode_count; i++) {
            turn(sides[i], deadline);
            *ready = i;
            if (sides[i]->ble.phase == CARNET_BLE_READY) {
                return CARNET_OK;
            }
            if (sides[i]->ble.phase == CARNET_BLE_OVER) {
                return over(sides[i], err);
            }
        }
        if (peer->stop != NULL && *peer->stop != 0) {
            return carnet_fail(err, CARNET_E_LINK_CLOSED, NULL, "waiting was stopped");
        }
        if (carnet_link_now_ms() >= deadline) {
            return carnet_fail(err, CARNET_E_LINK_TIMEOUT, NULL, carnet_ble_waiting_for(&sides[0]->ble));
        }
        wait_for_any(sides, peer->mode_count);
    }
}

carnet_rc
carnet_ble_fake_open(const char *air, const carnet_ble_fake_peer *peer, carnet_link *link, int timeout_ms,
                     carnet_err *err)
{
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    fake *sides[MODES_MAX] = { NULL };
    carnet_rc rc = CARNET_OK;
    size_t ready = 0;

    *link = (carnet_link){ 0 };
    if (peer->mode_count == 0 || peer->mode_count > MODES_MAX) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "one mode or two");
    }
    for (size_t i = 0; rc == CARNET_OK && i < peer->mode_count; i++) {
        rc = make(air, peer, i, &sides[i], err);
    }
    rc = rc == CARNET_OK ? set_up(sides, peer, deadline, &ready, err) : rc;
    if (rc == CARNET_OK) {
        *link = (carnet_link){ .ops = &fake_ops, .state = sides[ready] };
        count(link, sides[ready]);
        sides[ready] = NULL;
    }
    for (size_t i = 0; i < MODES_MAX; i++) {
        if (sides[i] != NULL && sides[i]->air.fd >= 0) {
            part(sides[i], 0);
        }
        release(&sides[i]);
    }
    return rc;
}
