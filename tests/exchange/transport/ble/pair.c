/* SPDX-License-Identifier: Apache-2.0 */
#include "pair.h"

#include <string.h>

void
pair_init(pair *p, carnet_ble_mode mode, uint32_t mtu)
{
    carnet_ble_parameters both = { .mode = mode, .has_ident = mode == CARNET_BLE_CENTRAL_CLIENT };

    memset(p, 0, sizeof(*p));
    memset(both.service, 0x42, sizeof(both.service));
    memset(both.ident, 0x17, sizeof(both.ident));
    p->client_parameters = p->server_parameters = both;
    p->client_parameters.mdoc = mode == CARNET_BLE_CENTRAL_CLIENT;
    p->server_parameters.mdoc = mode == CARNET_BLE_PERIPHERAL_SERVER;
    p->server_parameters.server = true;
    p->mtu = mtu;
    p->sdu = 200;
    pair_begin(p);
}

void
pair_init_way(pair *p, size_t way, pair_fault fault, unsigned at)
{
    static const struct {
        carnet_ble_mode mode;
        bool channel, from_engagement;
    } ways[PAIR_WAYS] = {
        { CARNET_BLE_PERIPHERAL_SERVER, false, false }, { CARNET_BLE_CENTRAL_CLIENT, false, false },
        { CARNET_BLE_PERIPHERAL_SERVER, true, false },  { CARNET_BLE_CENTRAL_CLIENT, true, false },
        { CARNET_BLE_PERIPHERAL_SERVER, true, true },
    };

    pair_init(p, ways[way].mode, 103);
    p->client_parameters.l2cap = ways[way].channel;
    p->server_parameters.psm = ways[way].channel ? 0x80 : 0;
    p->client_parameters.psm = ways[way].from_engagement ? 0x80 : 0;
    p->fault = fault;
    p->fault_at = at;
    pair_begin(p);
}

void
pair_begin(pair *p)
{
    size_t capacity = p->capacity != 0 ? p->capacity : PAIR_STORAGE;

    carnet_ble_init(&p->client, &p->client_parameters, p->client_storage, capacity);
    carnet_ble_init(&p->server, &p->server_parameters, p->server_storage, capacity);
}

carnet_ble *
pair_mdoc(pair *p)
{
    return p->client_parameters.mdoc ? &p->client : &p->server;
}

carnet_ble *
pair_reader(pair *p)
{
    return p->client_parameters.mdoc ? &p->server : &p->client;
}

carnet_ble *
pair_other(pair *p, const carnet_ble *ble)
{
    return ble == &p->client ? &p->server : &p->client;
}

static void
feed(carnet_ble *to, carnet_ble_event_kind kind, uint32_t number)
{
    (void)carnet_ble_feed(to, &(carnet_ble_event){ .kind = kind, .number = number }, NULL);
}

void
pair_lose(pair *p)
{
    p->joined = false;
    p->held = false;
    feed(&p->client, CARNET_BLE_ON_DISCONNECTED, 0x08);
    feed(&p->server, CARNET_BLE_ON_DISCONNECTED, 0x08);
}

static void
hold(pair *p, carnet_ble *to, const carnet_ble_event *event)
{
    p->held = true;
    p->held_for = to;
    p->held_event = *event;
    if (event->value.len != 0) {
        memcpy(p->held_value, event->value.ptr, event->value.len);
    }
    p->held_event.value.ptr = p->held_value;
}

static void
spoiled(pair *p, carnet_ble *to, carnet_ble_event event)
{
    switch (p->fault) {
    case FAULT_LOSE:
        pair_lose(p);
        return;
    case FAULT_REPEAT:
        (void)carnet_ble_feed(to, &event, NULL);
        break;
    case FAULT_TRUNCATE:
        if (event.value.len == 0) {
            return;
        }
        event.value.len--;
        break;
    case FAULT_REORDER:
        hold(p, to, &event);
        return;
    case FAULT_LATE:
        feed(to, CARNET_BLE_ON_TIMER, 0);
        break;
    case FAULT_REFUSE:
        feed(to, CARNET_BLE_ON_FAILED, 0);
        return;
    default: /* FAULT_DROP */
        return;
    }
    (void)carnet_ble_feed(to, &event, NULL);
}

void
pair_deliver(pair *p, carnet_ble *to, carnet_ble_event event)
{
    p->events++;
    if (p->fault != FAULT_NONE && p->events == p->fault_at) {
        spoiled(p, to, event);
        return;
    }
    (void)carnet_ble_feed(to, &event, NULL);
    if (p->held && p->held_for == to) {
        p->held = false;
        (void)carnet_ble_feed(to, &p->held_event, NULL);
    }
}

static void
tell(pair *p, carnet_ble *to, carnet_ble_event_kind kind, carnet_ble_characteristic characteristic, uint32_t number)
{
    pair_deliver(p, to, (carnet_ble_event){ .kind = kind, .characteristic = characteristic, .number = number });
}

static void
both(pair *p, carnet_ble_event_kind kind, carnet_ble_characteristic characteristic, uint32_t number)
{
    tell(p, &p->server, kind, characteristic, number);
    if (p->joined) {
        tell(p, &p->client, kind, characteristic, number);
    }
}

static void
read_value(pair *p, carnet_ble_characteristic characteristic)
{
    carnet_span value = carnet_ble_value(&p->server, characteristic);

    if (value.len == 0) {
        tell(p, &p->client, CARNET_BLE_ON_FAILED, characteristic, 0);
        return;
    }
    pair_deliver(p, &p->client,
                 (carnet_ble_event){ .kind = CARNET_BLE_ON_READ, .characteristic = characteristic, .value = value });
}

static void
open_channel(pair *p, uint32_t psm)
{
    if (psm != p->server.parameters.psm) {
        tell(p, &p->client, CARNET_BLE_ON_FAILED, CARNET_BLE_L2CAP, 0);
        return;
    }
    p->connections += !p->joined;
    p->joined = true;
    both(p, CARNET_BLE_ON_CHANNEL, CARNET_BLE_L2CAP, p->sdu);
}

static uint32_t
services(const pair *p)
{
    uint32_t all = (1u << CARNET_BLE_CHARACTERISTICS) - 1;

    if (p->server.parameters.mode == CARNET_BLE_PERIPHERAL_SERVER) {
        all &= ~(1u << CARNET_BLE_IDENT);
    }
    return all & ~p->lacking;
}

static void
send_octets(pair *p, carnet_ble *from, const carnet_ble_action *action)
{
    uint8_t sdu[4096];
    carnet_buf out = carnet_buf_of(sdu, sizeof(sdu));

    carnet_buf_add(&out, action->head);
    carnet_buf_add(&out, action->value);
    pair_deliver(p, pair_other(p, from),
                 (carnet_ble_event){ .kind = CARNET_BLE_ON_OCTETS, .value = carnet_buf_span(&out) });
}

static void
disconnect(pair *p, carnet_ble *from)
{
    bool joined = p->joined;

    p->joined = false;
    feed(from, CARNET_BLE_ON_DISCONNECTED, 0x16);
    if (joined) {
        tell(p, pair_other(p, from), CARNET_BLE_ON_DISCONNECTED, CARNET_BLE_STATE, CARNET_BLE_BY_PEER);
    }
}

/** Actions that need the peer's part of the connection. */
static void
act_joined(pair *p, carnet_ble *from, const carnet_ble_action *a)
{
    switch (a->kind) {
    case CARNET_BLE_DO_EXCHANGE_MTU:
        both(p, CARNET_BLE_ON_MTU, CARNET_BLE_STATE, p->mtu);
        break;
    case CARNET_BLE_DO_DISCOVER:
        tell(p, &p->client, CARNET_BLE_ON_SERVICES, CARNET_BLE_STATE, services(p));
        break;
    case CARNET_BLE_DO_READ:
        read_value(p, a->characteristic);
        break;
    case CARNET_BLE_DO_SUBSCRIBE:
        both(p, CARNET_BLE_ON_SUBSCRIBED, a->characteristic, 0);
        break;
    case CARNET_BLE_DO_WRITE:
    case CARNET_BLE_DO_NOTIFY:
        pair_deliver(
            p, pair_other(p, from),
            (carnet_ble_event){ .kind = CARNET_BLE_ON_VALUE, .characteristic = a->characteristic, .value = a->value });
        break;
    case CARNET_BLE_DO_SEND:
        send_octets(p, from, a);
        break;
    case CARNET_BLE_DO_DISCONNECT:
        disconnect(p, from);
        break;
    default:
        break;
    }
}

static bool
act(pair *p, carnet_ble *from)
{
    carnet_ble_action a = carnet_ble_next(from);

    if (a.kind == CARNET_BLE_DO_NOTHING) {
        return false;
    }
    if (a.kind == CARNET_BLE_DO_ADVERTISE) {
        p->advertised = true;
    } else if (a.kind == CARNET_BLE_DO_CONNECT) {
        p->joined = true;
        p->connections++;
        both(p, CARNET_BLE_ON_CONNECTED, CARNET_BLE_STATE, 0);
    } else if (a.kind == CARNET_BLE_DO_OPEN_CHANNEL) {
        open_channel(p, a.number);
    } else if (p->joined || a.kind == CARNET_BLE_DO_DISCONNECT) {
        act_joined(p, from, &a);
    }
    return true;
}

void
pair_pump(pair *p)
{
    bool server, client;

    do {
        server = act(p, &p->server);
        client = act(p, &p->client);
    } while (server || client);
}

void
pair_run_out(pair *p)
{
    pair_pump(p);
    feed(pair_reader(p), CARNET_BLE_ON_TIMER, 0);
    pair_pump(p);
    feed(pair_mdoc(p), CARNET_BLE_ON_TIMER, 0);
    pair_pump(p);
    feed(pair_reader(p), CARNET_BLE_ON_TIMER, 0); /* a server that waits for the client to go */
    pair_pump(p);
}
