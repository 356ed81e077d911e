/* SPDX-License-Identifier: Apache-2.0 */
/* A BLE machine driven by bytes: what its peer does, in any order, and what its own side wants meanwhile. */
#ifndef CARNET_FUZZ_BLE_WORLD_H
#define CARNET_FUZZ_BLE_WORLD_H
#include "carnet/ble.h"
#include "fuzz.h"

#include <string.h>

#define BLE_STORAGE 280 /* more than is used, so that a message too long is soon met */

/* Octets of an input: flags, PSM and octets of storage; then events: kind (high bits: whether to take actions, to send, to take a message, to
 * end), characteristic, number (two octets), length (two octets), value. */
#define BLE_EVENT_HEAD 6

typedef struct ble_world {
    carnet_ble ble;
    uint8_t storage[BLE_STORAGE];
    bool was_over;
    carnet_rc rc;
} ble_world;

static inline size_t
ble_sum(const carnet_ble_inbox *in)
{
    size_t sum = in->current;

    for (size_t i = 0; i < in->whole; i++) {
        sum += in->length[i];
    }
    return sum;
}

/** What holds whatever the peer does. */
static inline void
ble_invariants(ble_world *w)
{
    const carnet_ble *ble = &w->ble;

    MUST(ble->in.used <= ble->in.cap && ble->in.used == ble_sum(&ble->in));
    MUST(ble->in.whole <= CARNET_BLE_WAITING);
    MUST((ble->phase == CARNET_BLE_OVER) == (ble->rc != CARNET_OK));
    MUST((ble->phase == CARNET_BLE_OVER) == (ble->reason != NULL));
    MUST(!w->was_over || (ble->phase == CARNET_BLE_OVER && ble->rc == w->rc)); /* what ended it stays */
    MUST(ble->phase != CARNET_BLE_OVER || (!ble->sending && ble->in.current == 0));
    MUST(ble->phase != CARNET_BLE_READY || ble->started);
    MUST(carnet_ble_waiting_for(ble) != NULL);
    w->was_over = ble->phase == CARNET_BLE_OVER;
    w->rc = ble->rc;
}

/** Take all actions; those with a value keep to the limits, and none but the end's comes when it is over. */
static inline void
ble_actions(ble_world *w)
{
    for (unsigned n = 0;; n++) {
        bool over = w->ble.phase == CARNET_BLE_OVER, ready = w->ble.phase == CARNET_BLE_READY;
        carnet_ble_action a = carnet_ble_next(&w->ble);

        ble_invariants(w);
        if (a.kind == CARNET_BLE_DO_NOTHING) {
            return;
        }
        MUST(n < 4000);
        MUST(!over || a.kind == CARNET_BLE_DO_DISCONNECT ||
             (a.characteristic == CARNET_BLE_STATE && a.value.len == 1 && a.value.ptr[0] == CARNET_BLE_STATE_END));
        if (a.kind == CARNET_BLE_DO_SEND) {
            MUST(a.head.len + a.value.len <= w->ble.mtu && a.head.len + a.value.len != 0);
        } else if (a.characteristic == CARNET_BLE_CLIENT2SERVER || a.characteristic == CARNET_BLE_SERVER2CLIENT) {
            MUST(a.kind == CARNET_BLE_DO_SUBSCRIBE || ready);
            MUST(a.value.len <= carnet_ble_part_size(w->ble.mtu, 0, 0));
        }
    }
}

static inline void
ble_messages(ble_world *w)
{
    carnet_span message;

    while (carnet_ble_receive(&w->ble, &message)) {
        MUST(w->ble.started);
        MUST(fuzz_inside(message, carnet_span_of(w->storage, sizeof(w->storage))));
        ble_invariants(w);
    }
}

/** One event; false: the input is at its end. */
static inline bool
ble_event(ble_world *w, carnet_span *in)
{
    carnet_ble_event event;
    uint8_t wish;
    size_t len;

    if (in->len < BLE_EVENT_HEAD) {
        return false;
    }
    wish = in->ptr[0] >> 4;
    event.kind = (carnet_ble_event_kind)(in->ptr[0] & 15);
    event.characteristic = (carnet_ble_characteristic)(in->ptr[1] % 6); /* one of them is none */
    event.number = (uint32_t)in->ptr[2] << 8 | in->ptr[3];
    len = (size_t)in->ptr[4] << 8 | in->ptr[5];
    *in = carnet_span_of(in->ptr + BLE_EVENT_HEAD, in->len - BLE_EVENT_HEAD);
    len = len < in->len ? len : in->len;
    event.value = carnet_span_of(in->ptr, len);
    if ((wish & 1) == 0) {
        ble_actions(w);
    }
    if ((wish & 2) != 0) {
        carnet_rc rc = carnet_ble_send(&w->ble, carnet_span_of(in->ptr, in->len), NULL);

        MUST(rc == CARNET_OK || rc == CARNET_E_USAGE || w->ble.phase == CARNET_BLE_OVER);
    }
    MUST(carnet_ble_feed(&w->ble, &event, NULL) == w->ble.rc);
    ble_invariants(w);
    if ((wish & 4) != 0) {
        ble_messages(w);
    }
    if ((wish & 8) != 0) {
        carnet_ble_end(&w->ble);
        ble_invariants(w);
    }
    *in = carnet_span_of(in->ptr + len, in->len - len);
    return true;
}

static inline void
ble_zero(const void *ptr, size_t len)
{
    const uint8_t *octets = ptr;

    for (size_t i = 0; i < len; i++) {
        MUST(octets[i] == 0);
    }
}

/** A whole input against one role. */
static inline void
ble_run(const uint8_t *data, size_t size, bool server)
{
    ble_world w = { 0 };
    carnet_ble_parameters p = { .server = server };
    carnet_span in;

    if (size < 2) {
        return;
    }
    p.mode = (data[0] & 1) != 0 ? CARNET_BLE_PERIPHERAL_SERVER : CARNET_BLE_CENTRAL_CLIENT;
    p.mdoc = server == (p.mode == CARNET_BLE_PERIPHERAL_SERVER);
    p.l2cap = (data[0] & 2) != 0;
    p.has_ident = (data[0] & 4) != 0;
    memset(p.ident, 0x49, sizeof(p.ident));
    p.attempts = data[0] >> 6;
    p.psm = data[1];
    carnet_ble_init(&w.ble, &p, w.storage, 16u + data[1]);
    in = carnet_span_of(data + 2, size - 2);
    while (ble_event(&w, &in)) {
    }
    ble_actions(&w);
    ble_messages(&w);
    /* Deadlines end everything, and nothing is left. */
    (void)carnet_ble_feed(&w.ble, &(carnet_ble_event){ .kind = CARNET_BLE_ON_TIMER }, NULL);
    ble_actions(&w);
    MUST(w.ble.phase == CARNET_BLE_OVER);
    carnet_ble_done(&w.ble);
    ble_zero(&w.ble, sizeof(w.ble));
    ble_zero(w.storage, sizeof(w.storage));
}

#endif
