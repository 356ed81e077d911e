/* SPDX-License-Identifier: Apache-2.0 */
/* The holder's end of each way: the socket, BLE.  Each way that is offered waits in a thread of its own; the first reader
 * to come stops the others. */
#include "onsite_holder.h"

#include "carnet/link_ble_fake.h"
#include "carnet/link_socket.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SLICE_MS = 200 };

int
onsite_holder_left(const onsite_holder *h)
{
    int64_t left = h->deadline_ms - onsite_now_ms();

    return left > 0 ? (int)left : 0;
}

bool
onsite_holder_stopped(const onsite_holder *h)
{
    return h->stop != 0 || onsite_stopped();
}

carnet_rc
onsite_holder_offer(onsite_holder *h, const carnet_retrieval_method *method, carnet_err *err)
{
    carnet_cbor_builder b = carnet_cbor_build(h->room + h->used, sizeof h->room - h->used);
    carnet_rc rc;

    carnet_method_build(&b, method);
    rc = carnet_cbor_built(&b, &h->methods[h->method_count], err);
    h->used += b.len;
    h->method_count += rc == CARNET_OK;
    return rc;
}

/* --- a local socket --- */

static carnet_rc
begin_socket(onsite_holder *h, carnet_err *err)
{
    return carnet_link_listen(h->options->argument[ONSITE_SOCKET], &h->listener, err);
}

/** Until somebody knocks the listener is only looked at: accepting would close it. */
static carnet_rc
wait_socket(onsite_holder *h, carnet_link *link, carnet_err *err)
{
    while (!onsite_holder_stopped(h) && onsite_holder_left(h) > 0) {
        struct pollfd fd = { .fd = h->listener, .events = POLLIN };

        if (poll(&fd, 1, SLICE_MS) > 0) {
            return carnet_link_accept(link, &h->listener, h->options->argument[ONSITE_SOCKET], onsite_holder_left(h),
                                      err);
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

/** Both modes, under UUIDs fresh for each engagement; one for both where NFC tells it too, for static handover has room for
 *  one only (18013-5 9.2).  The radio that is none hears itself: there it is one mode then. */
static carnet_rc
offer_ble(onsite_holder *h, const uint8_t *address, bool random_address, uint16_t psm, carnet_err *err)
{
    carnet_cbor_builder b = carnet_cbor_build(h->room + h->used, sizeof h->room - h->used);
    uint8_t server[CARNET_BLE_UUID], client[CARNET_BLE_UUID];
    bool nfc = h->options->use[ONSITE_NFC];
    carnet_rc rc = fresh_uuid(h->crypto, server, err);

    rc = rc == CARNET_OK ? fresh_uuid(h->crypto, client, err) : rc;
    if (rc != CARNET_OK) {
        return rc;
    }
    carnet_ble_method_build(&b, server, !nfc ? client : h->ble_fake ? NULL : server, address, random_address, psm);
    rc = carnet_cbor_built(&b, &h->methods[h->method_count], err);
    h->used += b.len;
    h->method_count += rc == CARNET_OK;
    return rc;
}

static carnet_rc
begin_ble(onsite_holder *h, carnet_err *err)
{
    uint8_t address[6];
    bool random_address;
    uint16_t psm;
    carnet_rc rc = carnet_bluez_new(&h->bluez, h->options->argument[ONSITE_BLE], true, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    psm = carnet_bluez_psm(h->bluez);
    carnet_bluez_address(h->bluez, address, &random_address);
    return offer_ble(h, psm != 0 ? address : NULL, random_address, psm, err);
}

static carnet_rc
begin_ble_fake(onsite_holder *h, carnet_err *err)
{
    h->ble_fake = true;
    return offer_ble(h, NULL, false, 0, err);
}

carnet_rc
onsite_holder_ble_modes(onsite_holder *h, const carnet_retrieval_method *method, carnet_err *err)
{
    static const carnet_ble_mode modes[] = { CARNET_BLE_CENTRAL_CLIENT, CARNET_BLE_PERIPHERAL_SERVER };
    carnet_engagement engagement;
    carnet_rc rc = carnet_device_engagement_open(h->device_engagement, &engagement, err);

    h->mode_count = 0;
    for (size_t i = 0; rc == CARNET_OK && i < CARNET_COUNT(modes); i++) {
        carnet_ble_parameters *p = &h->modes[h->mode_count];

        if (carnet_ble_parameters_of(method, true, (unsigned)modes[i], modes[i], p, NULL) != CARNET_OK) {
            continue;
        }
        if (modes[i] == CARNET_BLE_CENTRAL_CLIENT) {
            p->l2cap = p->has_ident = true;
            rc = carnet_ble_ident(h->crypto, engagement.key_bytes.encoded, p->ident, err);
        }
        h->mode_count++;
    }
    return rc;
}

/** In negotiated handover without a QR code the UUIDs come with the reader's request. */
static carnet_rc
await_uuids(onsite_holder *h, carnet_err *err)
{
    while (h->ble_ready == 0 && !onsite_holder_stopped(h) && onsite_holder_left(h) > 0) {
        poll(NULL, 0, SLICE_MS / 10);
    }
    return h->ble_ready != 0 ? CARNET_OK : carnet_fail(err, CARNET_E_LINK_TIMEOUT, NULL, NULL);
}

static carnet_rc
wait_ble(onsite_holder *h, carnet_link *link, carnet_err *err)
{
    carnet_bluez_peer peer = {
        .modes = h->modes, .message_max = ONSITE_MESSAGE_MAX, .stop = &h->stop, .tell = tell_step
    };
    carnet_ble_fake_peer fake = { .modes = h->modes, .message_max = ONSITE_MESSAGE_MAX, .stop = &h->stop };
    carnet_rc rc = await_uuids(h, err);

    peer.mode_count = fake.mode_count = h->mode_count;
    if (rc != CARNET_OK) {
        return rc;
    }
    return h->ble_fake
               ? carnet_ble_fake_open(h->options->argument[ONSITE_BLE_FAKE], &fake, link, onsite_holder_left(h), err)
               : carnet_bluez_open(&h->bluez, &peer, link, onsite_holder_left(h), err);
}

/** What the engagement says of BLE is what this side goes by. */
static carnet_rc
ready_ble(onsite_holder *h, carnet_err *err)
{
    carnet_engagement engagement;
    carnet_retrieval_method method;
    carnet_span rest;
    carnet_rc rc = carnet_device_engagement_open(h->device_engagement, &engagement, err);

    h->ble_ready = 0;
    if (rc != CARNET_OK || (h->handover == ONSITE_NEGOTIATED && !h->qr && h->card != NULL)) {
        return rc;
    }
    rest = engagement.methods;
    while (rc == CARNET_OK && carnet_engagement_next_method(&engagement, &rest, &method)) {
        if (method.type == CARNET_METHOD_BLE) {
            rc = onsite_holder_ble_modes(h, &method, err);
            h->ble_ready = rc == CARNET_OK;
        }
    }
    return rc;
}

/* --- all of them --- */

static const struct {
    onsite_way way;
    carnet_rc (*begin)(onsite_holder *h, carnet_err *err);
    carnet_rc (*wait)(onsite_holder *h, carnet_link *link, carnet_err *err);
} ways[] = {
    { ONSITE_SOCKET, begin_socket, wait_socket },
    { ONSITE_BLE_FAKE, begin_ble_fake, wait_ble },
    { ONSITE_WIFI_AWARE, onsite_wifi_begin, onsite_wifi_wait },
    { ONSITE_BLE, begin_ble, wait_ble },
    { ONSITE_NFC, onsite_nfc_begin, onsite_nfc_wait },
};

/** A way being waited on. */
typedef struct waiter {
    onsite_holder *h;
    size_t which;
    pthread_t thread;
    carnet_link link;
    carnet_rc rc;
    carnet_err err;
} waiter;

void
onsite_holder_init(onsite_holder *h, const onsite_options *options, carnet_crypto *crypto)
{
    *h = (onsite_holder){ .options = options, .crypto = crypto, .listener = -1 };
}

carnet_rc
onsite_holder_begin(onsite_holder *h, carnet_err *err)
{
    carnet_rc rc = carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, "this build has none of the ways that were named");
    bool any = false;

    for (size_t i = 0; i < CARNET_COUNT(ways); i++) {
        carnet_rc got;

        if (!h->options->use[ways[i].way]) {
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
is_taken(const onsite_holder *h, onsite_way way)
{
    switch (way) {
    case ONSITE_SOCKET:
        return h->listener >= 0;
    case ONSITE_BLE_FAKE:
        return h->ble_fake;
    case ONSITE_WIFI_AWARE:
        return h->wifi != NULL;
    case ONSITE_BLE:
        return h->bluez != NULL && !h->ble_fake;
    default:
        return h->card != NULL;
    }
}

static void *
run(void *context)
{
    waiter *w = context;

    w->rc = ways[w->which].wait(w->h, &w->link, &w->err);
    if (w->rc == CARNET_OK) {
        w->h->stop = 1;
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
        meeting->way = ways[w->which].way;
        meeting->link = w->link;
    }
    return met ? CARNET_OK : rc;
}

/** A thread for each way that was taken; returns their number. */
static size_t
start(onsite_holder *h, waiter *waiters)
{
    size_t count = 0;

    for (size_t i = 0; i < CARNET_COUNT(ways); i++) {
        waiter *w = &waiters[count];

        if (is_taken(h, ways[i].way)) {
            *w = (waiter){ .h = h, .which = i, .rc = CARNET_E_LINK_IO };
            if (pthread_create(&w->thread, NULL, run, w) != 0) {
                cli_die_text("threads", "there are no more");
            }
            count++;
        }
    }
    return count;
}

carnet_rc
onsite_holder_wait(onsite_holder *h, int timeout_ms, onsite_meeting *meeting, carnet_err *err)
{
    waiter waiters[CARNET_COUNT(ways)] = { 0 };
    size_t count;
    carnet_rc rc = ready_ble(h, err);

    *meeting = (onsite_meeting){ .way = ONSITE_WAYS };
    if (rc != CARNET_OK) {
        return rc;
    }
    h->stop = 0;
    h->deadline_ms = onsite_now_ms() + timeout_ms;
    count = start(h, waiters);
    while (h->stop == 0 && !onsite_stopped() && onsite_holder_left(h) > 0) {
        poll(NULL, 0, SLICE_MS / 10);
    }
    h->stop = 1;
    for (size_t i = 0; i < count; i++) {
        pthread_join(waiters[i].thread, NULL);
    }
    rc = pick(waiters, count, meeting, err);
    if (rc == CARNET_OK && h->nfc_engaged != 0) {
        meeting->by_nfc = true;
        meeting->how = (carnet_session_transcript_parameters){ .handover = CARNET_HANDOVER_NFC,
                                                               .select = h->select,
                                                               .request = h->request };
    }
    return rc;
}

/* --- the reader's engagement --- */

/** The reader's method for a way; false: it offers none.  The socket needs no word in an engagement. */
static bool
find_method(const carnet_engagement *reader, onsite_way way, carnet_retrieval_method *method)
{
    onsite_way sought = way == ONSITE_BLE_FAKE ? ONSITE_BLE : way;
    carnet_span rest = reader->methods;

    if (way == ONSITE_SOCKET) {
        return true;
    }
    while (carnet_engagement_next_method(reader, &rest, method)) {
        if (onsite_way_of(method) == sought) {
            return true;
        }
    }
    return false;
}

/** By the words of the reader's engagement, whose modes are the mdoc's too; nothing is known yet that Ident could be. */
static carnet_rc
reach_ble(onsite_holder *h, onsite_way way, const carnet_retrieval_method *method, carnet_link *link, carnet_err *err)
{
    carnet_rc rc = onsite_holder_ble_modes(h, method, err);

    for (size_t i = 0; i < h->mode_count; i++) {
        h->modes[i].has_ident = false;
    }
    h->ble_ready = 1;
    h->ble_fake = way == ONSITE_BLE_FAKE;
    if (rc == CARNET_OK && !h->ble_fake) {
        rc = carnet_bluez_new(&h->bluez, h->options->argument[ONSITE_BLE], false, err);
    }
    return rc == CARNET_OK ? wait_ble(h, link, err) : rc;
}

static carnet_rc
reach_by(onsite_holder *h, onsite_way way, const carnet_retrieval_method *method, carnet_link *link, carnet_err *err)
{
    switch (way) {
    case ONSITE_SOCKET:
        return carnet_link_connect(link, h->options->argument[ONSITE_SOCKET], onsite_holder_left(h), err);
    case ONSITE_BLE_FAKE:
    case ONSITE_BLE:
        return reach_ble(h, way, method, link, err);
    default:
        return carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, "a reader's engagement is not answered this way");
    }
}

carnet_rc
onsite_holder_reach(onsite_holder *h, const carnet_engagement *reader, int timeout_ms, onsite_meeting *meeting,
                    carnet_err *err)
{
    carnet_rc rc =
        carnet_fail(err, CARNET_E_LINK_ABSENT, "18013-7 A.1", "the reader offers none of the ways that were named");

    *meeting = (onsite_meeting){ .way = ONSITE_WAYS };
    h->deadline_ms = onsite_now_ms() + timeout_ms;
    for (size_t i = 0; i < CARNET_COUNT(ways); i++) {
        carnet_retrieval_method method = { 0 };

        if (!h->options->use[ways[i].way] || !find_method(reader, ways[i].way, &method)) {
            continue;
        }
        meeting->way = ways[i].way;
        rc = reach_by(h, ways[i].way, &method, &meeting->link, err);
        if (rc != CARNET_E_LINK_ABSENT) { /* a device that is not there leaves the next way */
            return rc;
        }
    }
    return rc;
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
    carnet_vpcd_free(&h->card);
    if (h->wifi != NULL) {
        carnet_link_wifi_aware_done(h->wifi);
    }
    free(h->wifi);
    free((void *)(uintptr_t)h->select.ptr);
    free((void *)(uintptr_t)h->request.ptr);
    onsite_holder_init(h, h->options, h->crypto);
}
