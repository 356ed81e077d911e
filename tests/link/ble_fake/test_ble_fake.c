/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions of two parties over the fake radio, as two threads. */
#include "carnet/link_ble_fake.h"
#include "support/support.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAIT_MS 10000

static char air[64];
static volatile int gone; /* a party is done: the other need not wait for it */
static uint8_t content[40000];
static const uint8_t uuids[2][CARNET_BLE_UUID] = { { 1, 1, 1 }, { 2, 2, 2 } };

/** What a party did: how it ended, what it got. */
typedef struct party {
    carnet_ble_parameters modes[2];
    carnet_ble_fake_peer peer;
    size_t length; /**< of the answer */
    bool opened, answered;
    carnet_rc rc;
    carnet_err err;
    carnet_link_traffic traffic;
} party;

static carnet_ble_parameters
mode_of(carnet_ble_mode mode, bool mdoc)
{
    carnet_ble_parameters p = { .mode = mode, .mdoc = mdoc, .has_ident = true, .ident = { 7 } };

    p.server = (mode == CARNET_BLE_PERIPHERAL_SERVER) == mdoc;
    memcpy(p.service, uuids[mode - 1], CARNET_BLE_UUID);
    return p;
}

static void
party_init(party *p, carnet_ble_mode mode, bool mdoc)
{
    *p = (party){ .modes = { mode_of(mode, mdoc) }, .length = 2200 };
    p->peer = (carnet_ble_fake_peer){ .modes = p->modes, .mode_count = 1 };
}

static void *
mdoc_runs(void *context)
{
    static uint8_t room[2000];
    carnet_buf request = carnet_buf_of(room, sizeof(room));
    party *p = context;
    carnet_link link;

    p->rc = carnet_ble_fake_open(air, &p->peer, &link, WAIT_MS, &p->err);
    p->opened = p->rc == CARNET_OK;
    p->rc = p->rc == CARNET_OK ? carnet_link_receive(&link, &request, WAIT_MS, &p->err) : p->rc;
    p->rc = p->rc == CARNET_OK ? carnet_link_send(&link, carnet_span_of(content, p->length), WAIT_MS, &p->err) : p->rc;
    p->answered = p->rc == CARNET_OK;
    p->rc = p->rc == CARNET_OK ? carnet_link_receive(&link, &request, WAIT_MS, &p->err) : p->rc;
    p->traffic = link.traffic;
    carnet_link_close(&link);
    gone = 1;
    return NULL;
}

static void
reader_runs(party *p)
{
    static uint8_t room[sizeof(content)];
    carnet_buf answer = carnet_buf_of(room, sizeof(room));
    carnet_link link;

    p->rc = carnet_ble_fake_open(air, &p->peer, &link, WAIT_MS, &p->err);
    p->opened = p->rc == CARNET_OK;
    p->rc = p->rc == CARNET_OK ? carnet_link_send(&link, carnet_span_of(content, 300), WAIT_MS, &p->err) : p->rc;
    p->rc = p->rc == CARNET_OK ? carnet_link_receive(&link, &answer, WAIT_MS, &p->err) : p->rc;
    p->answered = p->rc == CARNET_OK && carnet_span_equal(carnet_buf_span(&answer), carnet_span_of(content, p->length));
    if (p->rc == CARNET_OK) {
        carnet_link_end(&link, WAIT_MS);
        p->rc = carnet_link_receive(&link, &answer, 0, &p->err);
    }
    p->traffic = link.traffic;
    carnet_link_close(&link);
    gone = 1;
}

static void
meet(party *mdoc, party *reader)
{
    pthread_t thread;

    gone = 0;
    assert_int_equal(pthread_create(&thread, NULL, mdoc_runs, mdoc), 0);
    reader_runs(reader);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static size_t
entries(const char *path)
{
    DIR *folder = opendir(path);
    size_t n = 0;

    assert_non_null(folder);
    while (readdir(folder) != NULL) {
        n++;
    }
    closedir(folder);
    return n;
}

static void
assert_nothing_left(size_t descriptors)
{
    assert_int_equal(entries(air), 2); /* . and .. */
    assert_int_equal(entries("/proc/self/fd"), descriptors);
}

static void
carries_a_request_and_an_answer_in_both_modes_over_gatt_and_a_channel(void **state)
{
    static const uint16_t mtus[] = { 23, 185, 517 };
    size_t descriptors = entries("/proc/self/fd");
    party mdoc, reader;

    (void)state;
    for (unsigned i = 0; i < 2 * 2 * CARNET_COUNT(mtus); i++) {
        carnet_ble_mode mode = i % 2 != 0 ? CARNET_BLE_PERIPHERAL_SERVER : CARNET_BLE_CENTRAL_CLIENT;
        bool channel = i / 2 % 2 != 0;

        party_init(&mdoc, mode, true);
        party_init(&reader, mode, false);
        mdoc.length = reader.length = 33000;
        mdoc.peer.mtu = mtus[i / 4];
        mdoc.modes[0].psm = reader.modes[0].psm =
            channel && (mode == CARNET_BLE_PERIPHERAL_SERVER || i / 4 == 1) ? 0x81 : 0;
        mdoc.modes[0].l2cap = reader.modes[0].l2cap = channel;
        meet(&mdoc, &reader);
        assert_true(reader.answered && mdoc.answered);
        assert_carnet_rc(mdoc.rc, CARNET_E_LINK_CLOSED);
        assert_carnet_rc(reader.rc, CARNET_E_LINK_CLOSED);
        assert_int_equal(mdoc.traffic.octets_sent, reader.traffic.octets_received);
        assert_int_equal(mdoc.traffic.messages_received, 1);
        assert_nothing_left(descriptors);
    }
}

static void
counts_what_went_over_the_medium(void **state)
{
    party mdoc, reader;

    (void)state;
    party_init(&mdoc, CARNET_BLE_PERIPHERAL_SERVER, true);
    party_init(&reader, CARNET_BLE_PERIPHERAL_SERVER, false);
    reader.peer.mtu = 185;
    meet(&mdoc, &reader);
    assert_int_equal(mdoc.traffic.units_sent, (2200 + 180) / 181);
    assert_int_equal(mdoc.traffic.octets_sent, 2200 + (2200 + 180) / 181);
    assert_int_equal(reader.traffic.units_sent, 2 + 2); /* State twice, 300 octets */
}

/** Both ends of a session that broke are named; the mdoc may not know yet that the reader thought it begun. */
static void
assert_loss_named(const party *mdoc, const party *reader)
{
    assert_true(mdoc->err.reason[0] != '\0' && reader->err.reason[0] != '\0');
    if (reader->answered && mdoc->rc == CARNET_E_LINK_CLOSED) {
        assert_true(reader->rc == CARNET_E_LINK_CLOSED || reader->rc == CARNET_E_LINK_LOST);
        return;
    }
    assert_true(reader->rc == CARNET_E_LINK_LOST || (reader->answered && mdoc->rc == CARNET_E_LINK_LOST) ||
                (!reader->opened && reader->rc == CARNET_E_LINK_CLOSED));
    assert_true(mdoc->rc == CARNET_E_LINK_LOST || (!mdoc->opened && mdoc->rc == CARNET_E_LINK_CLOSED));
}

static void
names_a_loss_at_any_record_on_both_sides_or_connects_again(void **state)
{
    size_t descriptors = entries("/proc/self/fd");

    (void)state;
    for (unsigned way = 0; way < 8; way++) {
        unsigned whole = 0, lost = 0;

        for (uint32_t at = 1; at < 36; at++) {
            carnet_ble_mode mode = way / 2 % 2 != 0 ? CARNET_BLE_PERIPHERAL_SERVER : CARNET_BLE_CENTRAL_CLIENT;
            party mdoc, reader;

            party_init(&mdoc, mode, true);
            party_init(&reader, mode, false);
            mdoc.modes[0].l2cap = reader.modes[0].l2cap = way / 4 != 0;
            mdoc.modes[0].psm = mdoc.modes[0].server ? 0x80 : 0;
            reader.modes[0].psm = reader.modes[0].server ? 0x80 : 0;
            mdoc.peer.mtu = mdoc.peer.sdu = reader.peer.sdu = 185;
            mdoc.peer.stop = reader.peer.stop = &gone;
            *(way % 2 != 0 ? &mdoc.peer.lose_at : &reader.peer.lose_at) = at;
            meet(&mdoc, &reader);
            assert_loss_named(&mdoc, &reader);
            whole += reader.answered && mdoc.rc == CARNET_E_LINK_CLOSED;
            lost += !reader.answered;
            assert_nothing_left(descriptors);
        }
        assert_true(whole >= 10 && lost >= 12);
    }
}

static void
lets_the_reader_choose_where_the_mdoc_offers_both_modes(void **state)
{
    (void)state;
    for (carnet_ble_mode mode = CARNET_BLE_PERIPHERAL_SERVER; mode <= CARNET_BLE_CENTRAL_CLIENT; mode++) {
        size_t descriptors = entries("/proc/self/fd");
        party mdoc, reader;

        party_init(&mdoc, CARNET_BLE_PERIPHERAL_SERVER, true);
        mdoc.modes[1] = mode_of(CARNET_BLE_CENTRAL_CLIENT, true);
        mdoc.peer.mode_count = 2;
        party_init(&reader, mode, false);
        meet(&mdoc, &reader);
        assert_true(reader.answered);
        assert_nothing_left(descriptors);
    }
}

static void
refuses_a_reader_of_another_transaction(void **state)
{
    party mdoc, reader;

    (void)state;
    party_init(&mdoc, CARNET_BLE_CENTRAL_CLIENT, true);
    party_init(&reader, CARNET_BLE_CENTRAL_CLIENT, false);
    reader.modes[0].ident[15] = 1;
    reader.modes[0].attempts = 1;
    meet(&mdoc, &reader);
    assert_carnet_rc(mdoc.rc, CARNET_E_LINK_PROTOCOL);
    assert_string_equal(mdoc.err.reason, "the peer's Ident is not that of this transaction");
    assert_false(mdoc.opened || reader.opened);
    assert_carnet_rc(reader.rc, CARNET_E_LINK_LOST);
}

static void
says_what_it_waited_for_when_nobody_comes(void **state)
{
    party p;
    carnet_link link;

    (void)state;
    party_init(&p, CARNET_BLE_PERIPHERAL_SERVER, true);
    assert_carnet_rc(carnet_ble_fake_open(air, &p.peer, &link, 30, &p.err), CARNET_E_LINK_TIMEOUT);
    assert_string_equal(p.err.reason, "waiting for a connection");
    assert_null(link.ops);
}

static void
stops_when_told(void **state)
{
    volatile int stop = 1;
    carnet_link link;
    party p;

    (void)state;
    party_init(&p, CARNET_BLE_CENTRAL_CLIENT, true);
    p.peer.stop = &stop;
    assert_carnet_rc(carnet_ble_fake_open(air, &p.peer, &link, WAIT_MS, &p.err), CARNET_E_LINK_CLOSED);
}

static void
refuses_an_air_it_cannot_use(void **state)
{
    char long_path[200] = "/";
    carnet_link link;
    party p;

    (void)state;
    memset(long_path + 1, 'a', sizeof(long_path) - 2);
    party_init(&p, CARNET_BLE_CENTRAL_CLIENT, true);
    assert_carnet_rc(carnet_ble_fake_open(long_path, &p.peer, &link, 0, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_ble_fake_open("", &p.peer, &link, 0, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_ble_fake_open("/proc/nowhere", &p.peer, &link, 0, NULL), CARNET_E_LINK_IO);
    p.peer.mode_count = 0;
    assert_carnet_rc(carnet_ble_fake_open(air, &p.peer, &link, 0, NULL), CARNET_E_USAGE);
}

static int
make_air(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(content); i++) {
        content[i] = (uint8_t)(i * 7 + i / 251);
    }
    (void)snprintf(air, sizeof(air), "/tmp/carnet-air-%ld", (long)getpid());
    return 0;
}

static int
clear_air(void **state)
{
    (void)state;
    return rmdir(air);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carries_a_request_and_an_answer_in_both_modes_over_gatt_and_a_channel),
        cmocka_unit_test(counts_what_went_over_the_medium),
        cmocka_unit_test(names_a_loss_at_any_record_on_both_sides_or_connects_again),
        cmocka_unit_test(lets_the_reader_choose_where_the_mdoc_offers_both_modes),
        cmocka_unit_test(refuses_a_reader_of_another_transaction),
        cmocka_unit_test(says_what_it_waited_for_when_nobody_comes),
        cmocka_unit_test(stops_when_told),
        cmocka_unit_test(refuses_an_air_it_cannot_use),
    };

    return cmocka_run_group_tests(tests, make_air, clear_air);
}
