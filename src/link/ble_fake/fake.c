/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's actions done on the fake air, and what the air brings told to the machine. */
#include "internal.h"

static const carnet_span nothing = { 0 };

void
carnet_fake_feed(fake *f, carnet_ble_event_kind kind, uint32_t number)
{
    (void)carnet_ble_feed(&f->ble, &(carnet_ble_event){ .kind = kind, .number = number }, NULL);
}

static void
lose(fake *f)
{
    carnet_fake_silence(&f->air);
    carnet_fake_feed(f, CARNET_BLE_ON_DISCONNECTED, 0x08); /* as a radio says after its supervision timeout */
}

/** What could not be sent: its deadline is over, or there is no connection any more. */
static void
failed(fake *f, int64_t deadline_ms)
{
    if (f->air.fd >= 0 && carnet_link_now_ms() >= deadline_ms) {
        carnet_fake_feed(f, CARNET_BLE_ON_TIMER, 0);
    }
    lose(f);
}

static void
put(fake *f, radio_record kind, uint8_t characteristic, carnet_span value, int64_t deadline_ms)
{
    if (!carnet_fake_put(&f->air, kind, characteristic, nothing, value, deadline_ms)) {
        failed(f, deadline_ms);
    }
}

static void
put_number(fake *f, radio_record kind, uint32_t number, size_t octets, int64_t deadline_ms)
{
    uint8_t value[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number };

    put(f, kind, 0, carnet_span_of(value + sizeof(value) - octets, octets), deadline_ms);
}

static uint32_t
number_of(carnet_span value, size_t at, size_t octets)
{
    uint32_t number = 0;

    for (size_t i = 0; i < octets && at + i < value.len; i++) {
        number = number << 8 | value.ptr[at + i];
    }
    return number;
}

void
carnet_fake_seek(fake *f, int64_t deadline_ms)
{
    f->air.seeking = true;
    if (!carnet_fake_reach(&f->air)) {
        return; /* nobody advertises yet */
    }
    if (f->air.psm == 0) {
        carnet_fake_feed(f, CARNET_BLE_ON_CONNECTED, 0);
    } else {
        put_number(f, RECORD_OPEN_CHANNEL, f->air.psm << 16 | f->air.sdu, 4, deadline_ms);
    }
}

static void
open_channel(fake *f, uint32_t psm, int64_t deadline_ms)
{
    f->air.psm = psm;
    if (f->air.fd < 0) {
        carnet_fake_seek(f, deadline_ms); /* the PSM was in the engagement */
    } else {
        put_number(f, RECORD_OPEN_CHANNEL, psm << 16 | f->air.sdu, 4, deadline_ms);
    }
}

static void
act_once(fake *f, const carnet_ble_action *a, int64_t deadline_ms)
{
    uint8_t c = (uint8_t)a->characteristic;

    switch (a->kind) {
    case CARNET_BLE_DO_ADVERTISE:
        if (carnet_fake_advertise(&f->air, NULL) != CARNET_OK) {
            carnet_fake_feed(f, CARNET_BLE_ON_FAILED, 0);
        }
        break;
    case CARNET_BLE_DO_CONNECT:
        f->air.psm = 0;
        carnet_fake_seek(f, deadline_ms);
        break;
    case CARNET_BLE_DO_EXCHANGE_MTU:
        put_number(f, RECORD_MTU_REQUEST, f->air.mtu, 2, deadline_ms);
        break;
    case CARNET_BLE_DO_DISCOVER:
        put(f, RECORD_DISCOVER, 0, nothing, deadline_ms);
        break;
    case CARNET_BLE_DO_READ:
        put(f, RECORD_READ, c, nothing, deadline_ms);
        break;
    case CARNET_BLE_DO_SUBSCRIBE:
        put(f, RECORD_SUBSCRIBE, c, nothing, deadline_ms);
        break;
    case CARNET_BLE_DO_WRITE:
    case CARNET_BLE_DO_NOTIFY:
        put(f, a->kind == CARNET_BLE_DO_WRITE ? RECORD_WRITE : RECORD_NOTIFY, c, a->value, deadline_ms);
        break;
    case CARNET_BLE_DO_OPEN_CHANNEL:
        open_channel(f, a->number, deadline_ms);
        break;
    case CARNET_BLE_DO_SEND:
        if (!carnet_fake_put(&f->air, RECORD_SDU, 0, a->head, a->value, deadline_ms)) {
            failed(f, deadline_ms);
        }
        break;
    default: /* CARNET_BLE_DO_DISCONNECT */
        (void)carnet_fake_put(&f->air, RECORD_TERMINATE, 0, nothing, nothing, deadline_ms);
        carnet_fake_silence(&f->air);
        carnet_fake_feed(f, CARNET_BLE_ON_DISCONNECTED, 0x16);
    }
}

void
carnet_fake_act(fake *f, int64_t deadline_ms)
{
    for (;;) {
        carnet_ble_action a = carnet_ble_next(&f->ble);

        if (a.kind == CARNET_BLE_DO_NOTHING) {
            return;
        }
        act_once(f, &a, deadline_ms);
    }
}

/** What a client asks of a server's ATT, which answers without asking the machine. */
static void
serve(fake *f, radio_record kind, uint8_t characteristic, carnet_span value, int64_t deadline_ms)
{
    uint32_t mtu = number_of(value, 0, 2), all = (1u << CARNET_BLE_CHARACTERISTICS) - 1;
    carnet_span answer;

    switch (kind) {
    case RECORD_MTU_REQUEST:
        mtu = mtu < f->air.mtu ? mtu : f->air.mtu;
        carnet_fake_feed(f, CARNET_BLE_ON_MTU, mtu);
        put_number(f, RECORD_MTU, mtu, 2, deadline_ms);
        break;
    case RECORD_DISCOVER:
        all &= carnet_ble_value(&f->ble, CARNET_BLE_IDENT).len == 0 ? ~(1u << CARNET_BLE_IDENT) : all;
        all &= carnet_ble_value(&f->ble, CARNET_BLE_L2CAP).len == 0 ? ~(1u << CARNET_BLE_L2CAP) : all;
        put_number(f, RECORD_SERVICES, all, 1, deadline_ms);
        break;
    case RECORD_READ:
        answer = carnet_ble_value(&f->ble, (carnet_ble_characteristic)characteristic);
        put(f, answer.len != 0 ? RECORD_VALUE : RECORD_REFUSED, characteristic, answer, deadline_ms);
        break;
    case RECORD_SUBSCRIBE:
        put(f, RECORD_SUBSCRIBED, characteristic, nothing, deadline_ms);
        break;
    default: /* RECORD_OPEN_CHANNEL */
        if (f->ble.parameters.psm == 0 || number_of(value, 0, 2) != f->ble.parameters.psm) {
            put(f, RECORD_REFUSED, 0, nothing, deadline_ms);
            return;
        }
        put_number(f, RECORD_CHANNEL, f->air.sdu, 2, deadline_ms);
        if (f->air.fd >= 0) { /* still */
            carnet_fake_feed(f, CARNET_BLE_ON_CHANNEL, number_of(value, 2, 2));
        }
    }
}

static bool
is_question(radio_record kind)
{
    return kind == RECORD_MTU_REQUEST || kind == RECORD_DISCOVER || kind == RECORD_READ || kind == RECORD_SUBSCRIBE ||
           kind == RECORD_OPEN_CHANNEL;
}

static void
take_one(fake *f, radio_record kind, uint8_t characteristic, carnet_span value, int64_t deadline_ms)
{
    static const struct {
        carnet_ble_event_kind kind;
        uint8_t number; /* octets of the value that are a number */
    } events[] = {
        [RECORD_MTU] = { CARNET_BLE_ON_MTU, 2 },
        [RECORD_SERVICES] = { CARNET_BLE_ON_SERVICES, 1 },
        [RECORD_VALUE] = { CARNET_BLE_ON_READ, 0 },
        [RECORD_SUBSCRIBE] = { CARNET_BLE_ON_SUBSCRIBED, 0 },
        [RECORD_SUBSCRIBED] = { CARNET_BLE_ON_SUBSCRIBED, 0 },
        [RECORD_REFUSED] = { CARNET_BLE_ON_FAILED, 0 },
        [RECORD_WRITE] = { CARNET_BLE_ON_VALUE, 0 },
        [RECORD_NOTIFY] = { CARNET_BLE_ON_VALUE, 0 },
        [RECORD_CHANNEL] = { CARNET_BLE_ON_CHANNEL, 2 },
        [RECORD_SDU] = { CARNET_BLE_ON_OCTETS, 0 },
    };
    carnet_ble_event event = { .characteristic = (carnet_ble_characteristic)characteristic, .value = value };

    if (kind == RECORD_TERMINATE) {
        carnet_fake_silence(&f->air);
        carnet_fake_feed(f, CARNET_BLE_ON_DISCONNECTED, CARNET_BLE_BY_PEER);
        return;
    }
    if (is_question(kind)) {
        serve(f, kind, characteristic, value, deadline_ms);
    }
    if (f->air.fd < 0) { /* lost while it was answered */
        return;
    }
    if (kind == RECORD_SUBSCRIBE || (!is_question(kind) && kind > 0 && kind < RECORD_TERMINATE)) {
        event.kind = events[kind].kind;
        event.number = number_of(value, 0, events[kind].number);
        (void)carnet_ble_feed(&f->ble, &event, NULL);
    }
}

void
carnet_fake_take(fake *f, int64_t deadline_ms)
{
    bool there = carnet_fake_fill(&f->air), whole = true, lost = false;

    while (f->air.fd >= 0 && f->ble.in.whole < CARNET_BLE_WAITING) {
        uint8_t characteristic;
        radio_record kind;
        carnet_span value;

        whole = carnet_fake_get(&f->air, &kind, &characteristic, &value, &lost);
        if (!whole || lost) {
            break;
        }
        take_one(f, kind, characteristic, value, deadline_ms);
        carnet_fake_drop(&f->air, value);
        carnet_fake_act(f, deadline_ms);
    }
    if (lost || (!there && !whole && f->air.fd >= 0)) {
        lose(f);
    }
}
