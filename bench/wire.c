/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a session costs on the medium, counted and not timed: octets and units (characteristic values, SDUs) of an answer,
 * and questions that must be answered before it can begin, beside the least that 18013-5 11.1 allows.  Exits 1 if anything
 * is more than 3 % over.
 */
#include "carnet/ble.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STORAGE  40000
#define TOO_MUCH 1.03

/** A way to carry an answer. */
typedef struct way {
    const char *name;
    carnet_ble_mode mode;
    uint32_t mtu, sdu;  /**< sdu 0: GATT */
    bool known_psm;     /**< of the engagement */
    unsigned questions; /**< the least: ATT_MTU, discovery, Ident, PSM, two subscriptions, or the channel */
} way;

static const way ways[] = {
    { "GATT, peripheral server, ATT_MTU 23", CARNET_BLE_PERIPHERAL_SERVER, 23, 0, false, 4 },
    { "GATT, peripheral server, ATT_MTU 185", CARNET_BLE_PERIPHERAL_SERVER, 185, 0, false, 4 },
    { "GATT, peripheral server, ATT_MTU 517", CARNET_BLE_PERIPHERAL_SERVER, 517, 0, false, 4 },
    { "GATT, central client, ATT_MTU 185", CARNET_BLE_CENTRAL_CLIENT, 185, 0, false, 5 },
    { "GATT, central client, ATT_MTU 517", CARNET_BLE_CENTRAL_CLIENT, 517, 0, false, 5 },
    { "L2CAP, PSM of the engagement, SDU 512", CARNET_BLE_PERIPHERAL_SERVER, 517, 512, true, 1 },
    { "L2CAP, PSM by characteristic, SDU 2048", CARNET_BLE_CENTRAL_CLIENT, 517, 2048, false, 5 },
};
static const size_t answers[] = { 2200, 33000 };

typedef struct talk {
    carnet_ble client, server;
    const way *over;
    unsigned questions;
} talk;

static void
tell(carnet_ble *to, carnet_ble_event_kind kind, carnet_ble_characteristic characteristic, uint32_t number,
     carnet_span value)
{
    const carnet_ble_event event = { kind, characteristic, number, value };

    if (carnet_ble_feed(to, &event, NULL) != CARNET_OK) {
        (void)fprintf(stderr, "wire: %s\n", to->reason);
        exit(1);
    }
}

static void
tell_both(talk *t, carnet_ble_event_kind kind, carnet_ble_characteristic characteristic, uint32_t number)
{
    t->questions += kind != CARNET_BLE_ON_CONNECTED;
    tell(&t->server, kind, characteristic, number, (carnet_span){ 0 });
    tell(&t->client, kind, characteristic, number, (carnet_span){ 0 });
}

/** Do one thing that a side wants; false: it wants nothing. */
static bool
act(talk *t, carnet_ble *from)
{
    carnet_ble *to = from == &t->client ? &t->server : &t->client;
    carnet_ble_action a = carnet_ble_next(from);

    switch (a.kind) {
    case CARNET_BLE_DO_CONNECT:
        tell_both(t, CARNET_BLE_ON_CONNECTED, 0, 0);
        break;
    case CARNET_BLE_DO_EXCHANGE_MTU:
        tell_both(t, CARNET_BLE_ON_MTU, 0, t->over->mtu);
        break;
    case CARNET_BLE_DO_SUBSCRIBE:
        tell_both(t, CARNET_BLE_ON_SUBSCRIBED, a.characteristic, 0);
        break;
    case CARNET_BLE_DO_OPEN_CHANNEL:
        tell_both(t, CARNET_BLE_ON_CHANNEL, 0, t->over->sdu);
        break;
    case CARNET_BLE_DO_DISCOVER:
        t->questions++;
        tell(from, CARNET_BLE_ON_SERVICES, 0, t->over->sdu != 0 ? 0x1f : 0x0f, (carnet_span){ 0 });
        break;
    case CARNET_BLE_DO_READ:
        t->questions++;
        tell(from, CARNET_BLE_ON_READ, a.characteristic, 0, carnet_ble_value(to, a.characteristic));
        break;
    case CARNET_BLE_DO_WRITE:
    case CARNET_BLE_DO_NOTIFY:
        tell(to, CARNET_BLE_ON_VALUE, a.characteristic, 0, a.value);
        break;
    case CARNET_BLE_DO_SEND:
        tell(to, CARNET_BLE_ON_OCTETS, 0, 0, a.head);
        to->units_received--; /* head and value are one SDU */
        tell(to, CARNET_BLE_ON_OCTETS, 0, 0, a.value);
        break;
    default:
        break;
    }
    return a.kind != CARNET_BLE_DO_NOTHING;
}

static void
settle(talk *t)
{
    bool client, server;

    do {
        server = act(t, &t->server);
        client = act(t, &t->client);
    } while (client || server);
}

static void
begin(talk *t, const way *over, uint8_t *client_storage, uint8_t *server_storage)
{
    carnet_ble_parameters p = { .mode = over->mode, .has_ident = true };

    *t = (talk){ .over = over };
    p.mdoc = over->mode == CARNET_BLE_CENTRAL_CLIENT;
    p.l2cap = over->sdu != 0;
    p.psm = over->known_psm ? 0x80 : 0;
    carnet_ble_init(&t->client, &p, client_storage, STORAGE);
    p.server = true;
    p.mdoc = !p.mdoc;
    p.psm = over->sdu != 0 ? 0x80 : 0;
    carnet_ble_init(&t->server, &p, server_storage, STORAGE);
    settle(t);
}

/** One line; the ratio of what is worst in it. */
static double
print(const talk *t, size_t answer, uint64_t octets, uint64_t units)
{
    size_t part = t->over->mtu - 3 < 512 ? t->over->mtu - 3 : 512;
    size_t least_units =
        t->over->sdu != 0 ? (answer + 4 + t->over->sdu - 1) / t->over->sdu : (answer + part - 2) / (part - 1);
    size_t least_octets = t->over->sdu != 0 ? answer + 4 : answer + least_units;
    double by_octets = (double)octets / (double)least_octets, by_units = (double)units / (double)least_units;
    double by_questions = (double)t->questions / t->over->questions;
    double worst = by_octets > by_units ? by_octets : by_units;

    printf("%-40s %7zu %8llu %8zu %6.3f %6llu %6zu %6.3f %4u %5u\n", t->over->name, answer, (unsigned long long)octets,
           least_octets, by_octets, (unsigned long long)units, least_units, by_units, t->questions, t->over->questions);
    return worst > by_questions ? worst : by_questions;
}

static double
measure(const way *over, size_t answer)
{
    static uint8_t client_storage[STORAGE], server_storage[STORAGE], message[STORAGE];
    talk t;
    carnet_ble *mdoc, *reader;
    uint64_t octets, units;
    carnet_span came;

    begin(&t, over, client_storage, server_storage);
    mdoc = t.client.parameters.mdoc ? &t.client : &t.server;
    reader = mdoc == &t.client ? &t.server : &t.client;
    octets = reader->octets_received;
    units = reader->units_received;
    if (carnet_ble_send(mdoc, carnet_span_of(message, answer), NULL) != CARNET_OK) {
        exit(1);
    }
    settle(&t);
    octets = reader->octets_received - octets;
    units = reader->units_received - units;
    if (!carnet_ble_receive(reader, &came) || came.len != answer) {
        (void)fprintf(stderr, "wire: the answer did not come\n");
        exit(1);
    }
    return print(&t, answer, octets, units);
}

int
main(void)
{
    double worst = 0;

    printf("%-40s %7s %8s %8s %6s %6s %6s %6s %4s %5s\n", "transport", "answer", "octets", "least", "ratio", "units",
           "least", "ratio", "asks", "least");
    for (size_t w = 0; w < CARNET_COUNT(ways); w++) {
        for (size_t a = 0; a < CARNET_COUNT(answers); a++) {
            double ratio = measure(&ways[w], answers[a]);

            worst = ratio > worst ? ratio : worst;
        }
    }
    printf("worst ratio %.3f\n", worst);
    return worst > TOO_MUCH;
}
