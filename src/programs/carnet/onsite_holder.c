/* SPDX-License-Identifier: Apache-2.0 */
/* The holder's end of each way: the socket, BLE.  Each way that is offered waits in a thread of its own; the first reader
 * to come stops the others. */
#include "onsite_holder.h"

#include "carnet/link_socket.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum { SLICE_MS = 200 };

/** A way being waited on. */
typedef struct waiter {
    onsite_holder *h;
    onsite_way way;
    carnet_rc (*wait)(struct waiter *w, carnet_err *err);
    pthread_t thread;
    carnet_link link;
    carnet_rc rc;
    carnet_err err;
} waiter;

static int
time_left(const onsite_holder *h)
{
    int64_t left = h->deadline_ms - onsite_now_ms();

    return left > 0 ? (int)left : 0;
}

static bool
stopped(const onsite_holder *h)
{
    return h->stop != 0 || onsite_stopped();
}

/* --- a local socket --- */

static carnet_rc
begin_socket(onsite_holder *h, carnet_err *err)
{
    return carnet_link_listen(h->options->argument[ONSITE_SOCKET], &h->listener, err);
}

/** Until somebody knocks the listener is only looked at: accepting would close it. */
static carnet_rc
wait_socket(waiter *w, carnet_err *err)
{
    onsite_holder *h = w->h;

    while (!stopped(h) && time_left(h) > 0) {
        struct pollfd fd = { .fd = h->listener, .events = POLLIN };

        if (poll(&fd, 1, SLICE_MS) > 0) {
            return carnet_link_accept(&w->link, &h->listener, h->options->argument[ONSITE_SOCKET], time_left(h), err);
        }
    }
    return carnet_fail(err, CARNET_E_LINK_TIMEOUT, NULL, NULL);
}

/* --- Bluetooth Low Energy --- */

static void
tell_step(void *context, carnet_bluez_step step)
{
    static const char *const texts[] = {
        "BLE: waiting for the reader to connect", "BLE: looking for the reader", "BLE: the reader was found", NULL,
        "BLE: set [GATT] ExchangeMTU = 513 in BlueZ's main.conf: messages may get lost"
    };

    (void)context;
    if (texts[step] != NULL) {
        onsite_say("%s", texts[step]);
    }
}

static carnet_rc
fresh_uuid(carnet_crypto *crypto, uint8_t uuid[CARNET_BLE_UUID], carnet_err *err)
{
    carnet_random random = carnet_crypto_random(crypto);
    carnet_rc rc = carnet_random_fill(&random, uuid, CARNET_BLE_UUID, err);

    uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40); /* RFC 4122 4.4 */
    uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
    return rc;
}

/** Both modes, each under a UUID of its own, fresh for each engagement. */
static carnet_rc
begin_ble(onsite_holder *h, carnet_err *err)
{
    carnet_cbor_builder b = carnet_cbor_build(h->room, sizeof h->room);
    uint8_t server[CARNET_BLE_UUID], client[CARNET_BLE_UUID], address[6];
    bool random_address;
    uint16_t psm;
    carnet_rc rc = carnet_bluez_new(&h->bluez, h->options->argument[ONSITE_BLE], true, err);

    if (rc != CARNET_OK || (rc = fresh_uuid(h->crypto, server, err)) != CARNET_OK ||
        (rc = fresh_uuid(h->crypto, client, err)) != CARNET_OK) {
        return rc;
    }
    psm = carnet_bluez_psm(h->bluez);
    carnet_bluez_address(h->bluez, address, &random_address);
    carnet_ble_method_build(&b, server, client, psm != 0 ? address : NULL, random_address, psm);
    return carnet_cbor_built(&b, &h->methods[h->method_count++], err);
}

/** Read back what the engagement says: the two sides then go by the same words. */
static carnet_rc
ble_modes(onsite_holder *h, const carnet_engagement *engagement, carnet_err *err)
{
    static const carnet_ble_mode modes[] = { CARNET_BLE_CENTRAL_CLIENT, CARNET_BLE_PERIPHERAL_SERVER };
    carnet_retrieval_method method;
    carnet_span rest = engagement->methods;
    carnet_rc rc;

    h->mode_count = 0;
    while (carnet_engagement_next_method(engagement, &rest, &method)) {
        for (size_t i = 0; method.type == CARNET_METHOD_BLE && i < CARNET_COUNT(modes); i++) {
            carnet_ble_parameters *p = &h->modes[h->mode_count];

            if (carnet_ble_parameters_of(&method, true, (unsigned)modes[i], modes[i], p, NULL) != CARNET_OK) {
                continue;
            }
            if (modes[i] == CARNET_BLE_CENTRAL_CLIENT) {
                p->l2cap = p->has_ident = true;
                rc = carnet_ble_ident(h->crypto, engagement->key_bytes.encoded, p->ident, err);
                if (rc != CARNET_OK) {
                    return rc;
                }
            }
            h->mode_count++;
        }
    }
    return CARNET_OK;
}

static carnet_rc
wait_ble(waiter *w, carnet_err *err)
{
    onsite_holder *h = w->h;
    carnet_bluez_peer peer = { .modes = h->modes,
                               .mode_count = h->mode_count,
                               .message_max = ONSITE_MESSAGE_MAX,
                               .stop = &h->stop,
                               .tell = tell_step };

    return carnet_bluez_open(&h->bluez, &peer, &w->link, time_left(h), err);
}

/* --- all of them --- */

static const struct {
    onsite_way way;
    carnet_rc (*begin)(onsite_holder *h, carnet_err *err);
    carnet_rc (*wait)(waiter *w, carnet_err *err);
} ways[] = {
    { ONSITE_SOCKET, begin_socket, wait_socket },
    { ONSITE_BLE, begin_ble, wait_ble },
};

carnet_rc
onsite_holder_begin(onsite_holder *h, const onsite_options *options, bool reverse, carnet_crypto *crypto,
                    carnet_err *err)
{
    carnet_rc rc = carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, "this build has none of the ways that were named");
    bool any = false;

    *h = (onsite_holder){ .options = options, .crypto = crypto, .listener = -1 };
    if (reverse) {
        return CARNET_OK;
    }
    for (size_t i = 0; i < CARNET_COUNT(ways); i++) {
        carnet_rc got;

        if (!options->use[ways[i].way]) {
            continue;
        }
        got = ways[i].begin(h, err);
        if (got != CARNET_OK) {
            onsite_say("%s: %s", onsite_way_text(ways[i].way),
                       err->reason[0] != '\0' ? err->reason : carnet_rc_text(got));
            rc = got;
        }
        any = any || got == CARNET_OK;
    }
    return any ? CARNET_OK : rc;
}

static bool
is_ready(const onsite_holder *h, onsite_way way)
{
    return way == ONSITE_SOCKET ? h->listener >= 0 : way == ONSITE_BLE ? h->bluez != NULL : false;
}

static void *
run(void *context)
{
    waiter *w = context;

    w->rc = w->wait(w, &w->err);
    if (w->rc == CARNET_OK || w->rc != CARNET_E_LINK_TIMEOUT) {
        w->h->stop = w->h->stop | (w->rc == CARNET_OK);
    }
    return NULL;
}

/** The first that came; a second one who came at the same moment is sent away. */
static carnet_rc
pick(waiter *waiters, size_t count, onsite_meeting *meeting, carnet_err *err)
{
    carnet_rc rc = carnet_fail(err, CARNET_E_LINK_TIMEOUT, "18013-5 9.4", "no reader came");
    bool met = false;

    for (size_t i = 0; i < count; i++) {
        waiter *w = &waiters[i];

        if (w->rc != CARNET_OK) {
            if (!met && w->rc != CARNET_E_LINK_TIMEOUT && w->rc != CARNET_E_LINK_CLOSED) {
                *err = w->err;
                rc = w->rc;
            }
            continue;
        }
        if (met) {
            carnet_link_close(&w->link);
            continue;
        }
        met = true;
        meeting->way = w->way;
        meeting->link = w->link;
    }
    return met ? CARNET_OK : rc;
}

carnet_rc
onsite_holder_wait(onsite_holder *h, carnet_span device_engagement, int timeout_ms, onsite_meeting *meeting,
                   carnet_err *err)
{
    waiter waiters[CARNET_COUNT(ways)] = { 0 };
    carnet_engagement engagement;
    size_t count = 0;
    carnet_rc rc = carnet_device_engagement_open(device_engagement, &engagement, err);

    *meeting = (onsite_meeting){ .way = ONSITE_WAYS };
    rc = rc == CARNET_OK ? ble_modes(h, &engagement, err) : rc;
    if (rc != CARNET_OK) {
        return rc;
    }
    h->stop = 0;
    h->deadline_ms = onsite_now_ms() + timeout_ms;
    for (size_t i = 0; i < CARNET_COUNT(ways); i++) {
        waiter *w = &waiters[count];

        if (!is_ready(h, ways[i].way)) {
            continue;
        }
        *w = (waiter){ .h = h, .way = ways[i].way, .wait = ways[i].wait, .rc = CARNET_E_LINK_IO };
        if (pthread_create(&w->thread, NULL, run, w) != 0) {
            cli_die_text("threads", "there are no more");
        }
        count++;
    }
    /* A signal is for the thread that waits here; the others look at `stop`. */
    while (h->stop == 0 && !onsite_stopped() && time_left(h) > 0) {
        poll(NULL, 0, SLICE_MS / 4);
    }
    h->stop = 1;
    for (size_t i = 0; i < count; i++) {
        pthread_join(waiters[i].thread, NULL);
    }
    return pick(waiters, count, meeting, err);
}

carnet_rc
onsite_holder_reach(onsite_holder *h, const carnet_engagement *reader, int timeout_ms, onsite_meeting *meeting,
                    carnet_err *err)
{
    (void)reader;
    *meeting = (onsite_meeting){ .way = ONSITE_SOCKET };
    if (!h->options->use[ONSITE_SOCKET]) {
        return carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, "the reader offers none of the ways that were named");
    }
    return carnet_link_connect(&meeting->link, h->options->argument[ONSITE_SOCKET], timeout_ms, err);
}

void
onsite_holder_done(onsite_holder *h)
{
    if (h->listener >= 0) {
        close(h->listener);
        unlink(h->options->argument[ONSITE_SOCKET]);
    }
    h->listener = -1;
    carnet_bluez_free(&h->bluez);
}
