/* SPDX-License-Identifier: Apache-2.0 */
/* Links over BLE against the real BlueZ with two virtual controllers: tests/link/bluez/vm/run starts it. */
#include "pair.h"
#include "role/world.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE 20000

static uint8_t out[65536], in[65536];

/* A message of the length over the link, and whether it arrives as it was. */
static void
carry(carnet_link *from, carnet_link *to, size_t len)
{
    carnet_buf taken = carnet_buf_of(in, sizeof in);
    carnet_err err = { 0 };

    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)(i * 7 + (i >> 8) + len);
    }
    assert_carnet_ok(carnet_link_send(from, carnet_span_of(out, len), PATIENCE, &err), &err);
    assert_carnet_ok(carnet_link_receive(to, &taken, PATIENCE, &err), &err);
    assert_span_equal(carnet_buf_span(&taken), carnet_span_of(out, len));
}

static carnet_rc
hear(carnet_link *link, int timeout_ms)
{
    carnet_buf taken = carnet_buf_of(in, sizeof in);

    return carnet_link_receive(link, &taken, timeout_ms, NULL);
}

static void
open_both(pair *p, const pair_plan *plan)
{
    pair_open(p, plan);
    assert_carnet_ok(p->mdoc.rc, &p->mdoc.err);
    assert_carnet_ok(p->reader.rc, &p->reader.err);
    assert_int_equal(p->mdoc.steps & 1u << CARNET_BLUEZ_LOSSY, 0);
    assert_int_equal(p->reader.steps & 1u << CARNET_BLUEZ_LOSSY, 0);
}

/* What one party sent is what the other received. */
static void
assert_traffic(const pair *p, uint64_t messages)
{
    const carnet_link_traffic *m = &p->mdoc.link.traffic, *r = &p->reader.link.traffic;

    assert_int_equal(m->messages_sent, messages);
    assert_int_equal(r->messages_sent, messages);
    assert_int_equal(m->messages_received, messages);
    assert_int_equal(r->messages_received, messages);
    assert_int_equal(m->octets_sent, r->octets_received);
    assert_int_equal(r->octets_sent, m->octets_received);
    assert_true(m->units_sent > 0 && r->units_sent > 0);
}

/* BlueZ takes 2 s to disconnect: seen in the first cases, spared in the others. */
static void
hurry(pair *p)
{
    break_connection();
    pair_close(p);
}

static void
messages_both_ways(const pair_plan *plan, bool mdoc_ends)
{
    static const size_t lengths[] = { 0, 1, 300, 2200, 33000 };
    pair p;
    carnet_link *ending, *other;

    open_both(&p, plan);
    for (size_t i = 0; i < CARNET_COUNT(lengths); i++) {
        carry(&p.reader.link, &p.mdoc.link, lengths[i]);
        carry(&p.mdoc.link, &p.reader.link, lengths[i]);
    }
    assert_traffic(&p, CARNET_COUNT(lengths));
    ending = mdoc_ends ? &p.mdoc.link : &p.reader.link;
    other = mdoc_ends ? &p.reader.link : &p.mdoc.link;
    carnet_link_end(ending, 200);
    assert_carnet_rc(hear(other, PATIENCE), CARNET_E_LINK_CLOSED);
    if (plan->way == WAY_CHANNEL_BY_ENGAGEMENT || (mdoc_ends && plan->way == WAY_GATT)) {
        hurry(&p);
    } else {
        pair_close(&p);
    }
}

static void
gatt_peripheral_server(void **state)
{
    (void)state;
    messages_both_ways(&(pair_plan){ .mode = CARNET_BLE_PERIPHERAL_SERVER }, false);
}

static void
gatt_peripheral_server_mdoc_ends(void **state)
{
    (void)state;
    messages_both_ways(&(pair_plan){ .mode = CARNET_BLE_PERIPHERAL_SERVER }, true);
}

static void
gatt_central_client(void **state)
{
    (void)state;
    messages_both_ways(&(pair_plan){ .mode = CARNET_BLE_CENTRAL_CLIENT }, false);
}

static void
gatt_central_client_mdoc_ends(void **state)
{
    (void)state;
    messages_both_ways(&(pair_plan){ .mode = CARNET_BLE_CENTRAL_CLIENT }, true);
}

static void
channel_by_characteristic(void **state)
{
    (void)state;
    messages_both_ways(&(pair_plan){ .mode = CARNET_BLE_PERIPHERAL_SERVER, .way = WAY_CHANNEL_BY_CHARACTERISTIC },
                       false);
}

static void
channel_by_characteristic_central_client(void **state)
{
    (void)state;
    messages_both_ways(&(pair_plan){ .mode = CARNET_BLE_CENTRAL_CLIENT, .way = WAY_CHANNEL_BY_CHARACTERISTIC }, true);
}

static void
channel_by_engagement(void **state)
{
    (void)state;
    messages_both_ways(&(pair_plan){ .mode = CARNET_BLE_PERIPHERAL_SERVER, .way = WAY_CHANNEL_BY_ENGAGEMENT }, false);
}

/* --- what goes wrong --- */

/* The mdoc answers without end until the link fails; what it fails with, and what the reader sees. */
static void
break_in_the_middle(const pair_plan *plan)
{
    pair p;
    carnet_rc sent = CARNET_OK, received = CARNET_OK;

    open_both(&p, plan);
    carry(&p.reader.link, &p.mdoc.link, 300);
    assert_carnet_rc(hear(&p.reader.link, 0), CARNET_E_LINK_TIMEOUT);
    for (size_t i = 0; i < 1000 && sent == CARNET_OK; i++) {
        if (i % 100 == 0) { /* what is told to break may take its time, or not be heard */
            break_connection();
        }
        sent = carnet_link_send(&p.mdoc.link, carnet_span_of(out, 33000), PATIENCE, NULL);
    }
    while (received == CARNET_OK) {
        received = hear(&p.reader.link, PATIENCE);
    }
    assert_carnet_rc(sent, CARNET_E_LINK_LOST);
    assert_carnet_rc(received, CARNET_E_LINK_LOST);
    assert_carnet_rc(carnet_link_send(&p.reader.link, carnet_span_of(out, 1), PATIENCE, NULL), CARNET_E_LINK_LOST);
    pair_close(&p);
}

static void
broken_gatt(void **state)
{
    (void)state;
    break_in_the_middle(&(pair_plan){ .mode = CARNET_BLE_PERIPHERAL_SERVER });
    break_in_the_middle(&(pair_plan){ .mode = CARNET_BLE_CENTRAL_CLIENT });
}

static void
broken_channel(void **state)
{
    (void)state;
    break_in_the_middle(&(pair_plan){ .mode = CARNET_BLE_PERIPHERAL_SERVER, .way = WAY_CHANNEL_BY_CHARACTERISTIC });
}

static void
closed_without_a_word(void **state)
{
    pair p;

    (void)state;
    open_both(&p, &(pair_plan){ .mode = CARNET_BLE_PERIPHERAL_SERVER });
    carnet_link_close(&p.reader.link);
    assert_carnet_rc(hear(&p.mdoc.link, PATIENCE), CARNET_E_LINK_LOST);
    pair_close(&p);
}

static void
ident_of_another(void **state)
{
    pair p;

    (void)state;
    pair_open(&p, &(pair_plan){ .mode = CARNET_BLE_CENTRAL_CLIENT, .other_ident = true, .timeout_ms = 5000 });
    assert_carnet_rc(p.mdoc.rc, CARNET_E_LINK_PROTOCOL);
    assert_non_null(strstr(p.mdoc.err.reason, "Ident"));
    assert_carnet_rc(p.reader.rc, CARNET_E_LINK_TIMEOUT);
    assert_null(p.reader.link.ops);
    assert_non_null(p.reader.bluez); /* it may be tried again */
    pair_close(&p);
}

static void
nobody_comes(void **state)
{
    pair p;

    (void)state;
    pair_open(&p, &(pair_plan){ .mode = CARNET_BLE_PERIPHERAL_SERVER, .reader_late_ms = 4000, .timeout_ms = 3000 });
    assert_carnet_rc(p.mdoc.rc, CARNET_E_LINK_TIMEOUT);
    assert_int_equal(p.mdoc.steps, 1u << CARNET_BLUEZ_ADVERTISING);
    assert_carnet_rc(p.reader.rc, CARNET_E_LINK_TIMEOUT);
    assert_int_equal(p.reader.steps, 1u << CARNET_BLUEZ_SCANNING);
    pair_close(&p);
}

static void
stopped_by_the_user(void **state)
{
    static const int stop = 1;
    carnet_ble_parameters mode = { .mode = CARNET_BLE_PERIPHERAL_SERVER, .mdoc = true, .server = true };
    const carnet_bluez_peer peer = { .modes = &mode, .mode_count = 1, .stop = &stop };
    carnet_bluez *bluez = NULL;
    carnet_link link;
    size_t fds = count_fds();

    (void)state;
    mode.service[0] = 0xa5;
    assert_carnet_ok(carnet_bluez_new(&bluez, NULL, false, NULL), NULL);
    assert_carnet_rc(carnet_bluez_open(&bluez, &peer, &link, PATIENCE, NULL), CARNET_E_LINK_CLOSED);
    assert_null(link.ops);
    carnet_bluez_free(&bluez);
    assert_int_equal(count_fds(), fds);
    assert_nothing_left();
}

static void
the_peer_chooses(void **state)
{
    static const carnet_ble_mode chosen[] = { CARNET_BLE_PERIPHERAL_SERVER, CARNET_BLE_CENTRAL_CLIENT };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(chosen); i++) {
        pair p;

        open_both(&p, &(pair_plan){ .mode = chosen[i], .both_offered = true, .reader_late_ms = 1000 });
        carry(&p.reader.link, &p.mdoc.link, 300);
        carry(&p.mdoc.link, &p.reader.link, 300);
        carnet_link_end(&p.reader.link, 200);
        assert_carnet_rc(hear(&p.mdoc.link, PATIENCE), CARNET_E_LINK_CLOSED);
        hurry(&p);
    }
}

static void
adapter_absent(void **state)
{
    carnet_bluez *bluez = NULL;
    carnet_err err;

    (void)state;
    assert_carnet_rc(carnet_bluez_new(&bluez, "hci7", false, &err), CARNET_E_LINK_ABSENT);
    assert_null(bluez);
    assert_non_null(strstr(err.reason, "of that name"));
    set_power("hci0", false);
    assert_carnet_rc(carnet_bluez_new(&bluez, "hci0", false, &err), CARNET_E_LINK_ABSENT);
    assert_non_null(strstr(err.reason, "switched off"));
    assert_carnet_ok(carnet_bluez_new(&bluez, NULL, false, &err), &err); /* the other one */
    carnet_bluez_free(&bluez);
    set_power("hci0", true);
}

static void
switched_off(void **state)
{
    pair p;

    (void)state;
    open_both(&p, &(pair_plan){ .mode = CARNET_BLE_PERIPHERAL_SERVER });
    set_power("hci1", false);
    assert_carnet_rc(hear(&p.reader.link, PATIENCE), CARNET_E_LINK_LOST);
    assert_carnet_rc(hear(&p.mdoc.link, PATIENCE), CARNET_E_LINK_LOST);
    pair_close_only(&p);
    set_power("hci1", true);
    forget_devices(); /* with the adapter off BlueZ removes nothing; it would by itself, after 30 s */
    assert_nothing_left();
}

/* --- a whole session, encrypted and judged --- */

static void
move(talk *t, carnet_link *from, carnet_link *to)
{
    carnet_buf message = carnet_buf_of(t->message, sizeof t->message);
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_link_send(from, carnet_span_of(t->message, t->len), PATIENCE, &err), &err);
    memset(t->message, 0, sizeof t->message);
    assert_carnet_ok(carnet_link_receive(to, &message, PATIENCE, &err), &err);
    t->len = message.len;
}

static void
read_mdl(const pair_plan *plan)
{
    static const char *const asked[] = { "family_name", "age_over_18" };
    static world w;
    static talk t;
    pair p;

    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    talk_begin(&t, &w, CARNET_CURVE_P256);
    open_both(&p, plan);
    assert_carnet_ok(talk_ask(&t, asked, CARNET_COUNT(asked), true), &w.err);
    move(&t, &p.reader.link, &p.mdoc.link);
    assert_carnet_ok(talk_hear(&t), &w.err);
    talk_consent(&t, true);
    assert_carnet_ok(talk_answer(&t, 0), &w.err);
    move(&t, &p.mdoc.link, &p.reader.link);
    assert_carnet_ok(talk_read(&t), &w.err);
    assert_int_equal(talk_judge(&t), CARNET_VERDICT_VALID);
    carnet_link_end(&p.reader.link, 200);
    assert_carnet_rc(hear(&p.mdoc.link, PATIENCE), CARNET_E_LINK_CLOSED);
    hurry(&p);
    talk_done(&t);
    world_done(&w);
}

static void
whole_sessions(void **state)
{
    (void)state;
    read_mdl(&(pair_plan){ .mode = CARNET_BLE_PERIPHERAL_SERVER });
    read_mdl(&(pair_plan){ .mode = CARNET_BLE_CENTRAL_CLIENT });
    read_mdl(&(pair_plan){ .mode = CARNET_BLE_PERIPHERAL_SERVER, .way = WAY_CHANNEL_BY_ENGAGEMENT });
}

/* The last: there are no controllers afterwards. */
static void
controllers_taken_away(void **state)
{
    const char *pid = getenv("CARNET_BTVIRT_PID");
    carnet_bluez *bluez = NULL;
    pair p;

    (void)state;
    assert_non_null(pid);
    open_both(&p, &(pair_plan){ .mode = CARNET_BLE_CENTRAL_CLIENT });
    assert_int_equal(kill((pid_t)strtol(pid, NULL, 10), SIGTERM), 0);
    assert_carnet_rc(hear(&p.mdoc.link, PATIENCE), CARNET_E_LINK_LOST);
    assert_carnet_rc(hear(&p.reader.link, PATIENCE), CARNET_E_LINK_LOST);
    pair_close(&p);
    assert_carnet_rc(carnet_bluez_new(&bluez, NULL, false, NULL), CARNET_E_LINK_ABSENT);
}

/* One argument: a pattern of names of tests, for a look at one of them. */
int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        { "in peripheral server mode, messages of 0 to 33,000 octets go both ways, and the reader ends",
          gatt_peripheral_server, NULL, NULL, NULL },
        { "in peripheral server mode, the mdoc ends", gatt_peripheral_server_mdoc_ends, NULL, NULL, NULL },
        { "in central client mode, messages go both ways, and the reader ends", gatt_central_client, NULL, NULL, NULL },
        { "in central client mode, the mdoc ends", gatt_central_client_mdoc_ends, NULL, NULL, NULL },
        { "L2CAP by characteristic, peripheral server mode", channel_by_characteristic, NULL, NULL, NULL },
        { "L2CAP by characteristic, central client mode, the mdoc ends", channel_by_characteristic_central_client, NULL,
          NULL, NULL },
        { "L2CAP by engagement", channel_by_engagement, NULL, NULL, NULL },
        { "a connection that breaks is lost on both sides", broken_gatt, NULL, NULL, NULL },
        { "a channel that breaks is lost on both sides", broken_channel, NULL, NULL, NULL },
        { "a peer that goes without State 0x02 is lost", closed_without_a_word, NULL, NULL, NULL },
        { "an Ident of another transaction is refused", ident_of_another, NULL, NULL, NULL },
        { "nobody comes: the wait ends in time", nobody_comes, NULL, NULL, NULL },
        { "a wait that is stopped leaves nothing", stopped_by_the_user, NULL, NULL, NULL },
        { "of two modes offered the peer chooses", the_peer_chooses, NULL, NULL, NULL },
        { "an adapter that is switched off, or not there, is absent", adapter_absent, NULL, NULL, NULL },
        { "an adapter switched off in a session: lost on both sides", switched_off, NULL, NULL, NULL },
        { "an mDL is read, encrypted, in both modes and over L2CAP", whole_sessions, NULL, NULL, NULL },
        { "controllers taken away in a session: lost on both sides", controllers_taken_away, NULL, NULL, NULL },
    };

    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests_name("links over BLE", tests, NULL, NULL);
}
