/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine does at each event, and what it refuses (18013-5 11.1). */
#include "carnet/ble.h"
#include "support/support.h"

#include <string.h>

static uint8_t storage[1000];
static carnet_ble ble;

static carnet_rc
feed(carnet_ble_event_kind kind, carnet_ble_characteristic characteristic, uint32_t number, carnet_span value)
{
    return carnet_ble_feed(&ble, &(carnet_ble_event){ kind, characteristic, number, value }, NULL);
}

static carnet_rc
happened(carnet_ble_event_kind kind, uint32_t number)
{
    return feed(kind, CARNET_BLE_STATE, number, (carnet_span){ 0 });
}

static void
expect(carnet_ble_action_kind kind, carnet_ble_characteristic characteristic, const char *value)
{
    carnet_ble_action a = carnet_ble_next(&ble);

    assert_int_equal(a.kind, kind);
    if (value != NULL) {
        assert_int_equal(a.characteristic, characteristic);
        assert_span_equal(a.value, carnet_test_hex(value));
    }
}

static void
begin(bool server, carnet_ble_mode mode)
{
    carnet_ble_parameters p = { .mode = mode, .server = server, .has_ident = true, .l2cap = true };

    memset(p.ident, 0xaa, sizeof(p.ident));
    carnet_ble_init(&ble, &p, storage, sizeof(storage));
}

#define FOUND_ALL 0x1fu

/** A client up to State 0x01. */
static void
begin_client(void)
{
    begin(false, CARNET_BLE_PERIPHERAL_SERVER);
    expect(CARNET_BLE_DO_CONNECT, 0, NULL);
    assert_carnet_ok(happened(CARNET_BLE_ON_CONNECTED, 0), NULL);
    expect(CARNET_BLE_DO_EXCHANGE_MTU, 0, NULL);
    assert_carnet_ok(happened(CARNET_BLE_ON_MTU, 103), NULL);
    expect(CARNET_BLE_DO_DISCOVER, 0, NULL);
    assert_carnet_ok(happened(CARNET_BLE_ON_SERVICES, 7), NULL);
    expect(CARNET_BLE_DO_SUBSCRIBE, CARNET_BLE_STATE, "");
    assert_carnet_ok(happened(CARNET_BLE_ON_SUBSCRIBED, 0), NULL);
    expect(CARNET_BLE_DO_SUBSCRIBE, CARNET_BLE_SERVER2CLIENT, "");
    assert_carnet_ok(feed(CARNET_BLE_ON_SUBSCRIBED, CARNET_BLE_SERVER2CLIENT, 0, (carnet_span){ 0 }), NULL);
    assert_int_equal(ble.phase, CARNET_BLE_SETUP);
    expect(CARNET_BLE_DO_WRITE, CARNET_BLE_STATE, "01");
    assert_int_equal(ble.phase, CARNET_BLE_READY);
}

static void
begin_server(void)
{
    begin(true, CARNET_BLE_CENTRAL_CLIENT);
    expect(CARNET_BLE_DO_ADVERTISE, 0, NULL);
    expect(CARNET_BLE_DO_NOTHING, 0, NULL);
    assert_carnet_ok(happened(CARNET_BLE_ON_CONNECTED, 0), NULL);
    assert_carnet_ok(happened(CARNET_BLE_ON_SUBSCRIBED, 0), NULL);
    assert_carnet_ok(feed(CARNET_BLE_ON_SUBSCRIBED, CARNET_BLE_SERVER2CLIENT, 0, (carnet_span){ 0 }), NULL);
    assert_int_equal(ble.phase, CARNET_BLE_SETUP);
    assert_carnet_ok(feed(CARNET_BLE_ON_VALUE, CARNET_BLE_STATE, 0, carnet_test_hex("01")), NULL);
    assert_int_equal(ble.phase, CARNET_BLE_READY);
    assert_int_equal(ble.odd, 0);
}

static void
a_client_asks_for_one_thing_after_the_other(void **state)
{
    (void)state;
    begin_client();
    expect(CARNET_BLE_DO_NOTHING, 0, NULL);
    assert_int_equal(ble.mtu, 103);
}

static void
an_mdoc_reads_ident_and_psm_before_it_subscribes(void **state)
{
    static const uint8_t ident[] = { 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
                                     0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa };

    (void)state;
    begin(false, CARNET_BLE_CENTRAL_CLIENT);
    expect(CARNET_BLE_DO_CONNECT, 0, NULL);
    (void)happened(CARNET_BLE_ON_CONNECTED, 0);
    expect(CARNET_BLE_DO_EXCHANGE_MTU, 0, NULL);
    (void)happened(CARNET_BLE_ON_FAILED, 0); /* without: 23 */
    expect(CARNET_BLE_DO_DISCOVER, 0, NULL);
    (void)happened(CARNET_BLE_ON_SERVICES, FOUND_ALL);
    expect(CARNET_BLE_DO_READ, CARNET_BLE_IDENT, "");
    assert_carnet_ok(feed(CARNET_BLE_ON_READ, CARNET_BLE_IDENT, 0, carnet_span_of(ident, 16)), NULL);
    expect(CARNET_BLE_DO_READ, CARNET_BLE_L2CAP, "");
    assert_carnet_ok(feed(CARNET_BLE_ON_READ, CARNET_BLE_L2CAP, 0, carnet_test_hex("80000000")), NULL);
    assert_int_equal(ble.odd, CARNET_BLE_ODD_LITTLE_ENDIAN);
    assert_int_equal(carnet_ble_next(&ble).number, 0x80);
    (void)happened(CARNET_BLE_ON_FAILED, 0); /* no channel: GATT */
    expect(CARNET_BLE_DO_SUBSCRIBE, CARNET_BLE_STATE, "");
    assert_int_equal(ble.mtu, CARNET_BLE_MTU_DEFAULT);
}

static void
a_wrong_ident_ends_it_and_the_client_disconnects(void **state)
{
    static const char *const wrong[] = { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "2aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(wrong); i++) {
        begin(false, CARNET_BLE_CENTRAL_CLIENT);
        expect(CARNET_BLE_DO_CONNECT, 0, NULL);
        (void)happened(CARNET_BLE_ON_CONNECTED, 0);
        expect(CARNET_BLE_DO_EXCHANGE_MTU, 0, NULL);
        (void)happened(CARNET_BLE_ON_MTU, 0);
        expect(CARNET_BLE_DO_DISCOVER, 0, NULL);
        (void)happened(CARNET_BLE_ON_SERVICES, FOUND_ALL);
        expect(CARNET_BLE_DO_READ, CARNET_BLE_IDENT, "");
        assert_carnet_rc(feed(CARNET_BLE_ON_READ, CARNET_BLE_IDENT, 0, carnet_test_hex(wrong[i])),
                         CARNET_E_LINK_PROTOCOL);
        assert_string_equal(ble.reason, "the peer's Ident is not that of this transaction");
        expect(CARNET_BLE_DO_DISCONNECT, 0, NULL);
        expect(CARNET_BLE_DO_NOTHING, 0, NULL);
    }
}

/** Events that a side refuses in the middle of a session, and how. */
static const struct {
    const char *what;
    carnet_ble_event_kind kind;
    int characteristic; /* -1: the one data comes by */
    uint32_t number;
    const char *value;
    const char *reason;
} refused[] = {
    { "State 00", CARNET_BLE_ON_VALUE, CARNET_BLE_STATE, 0, "00", "State has a value other than 01 and 02" },
    { "State 03", CARNET_BLE_ON_VALUE, CARNET_BLE_STATE, 0, "03", "State has a value other than 01 and 02" },
    { "State empty", CARNET_BLE_ON_VALUE, CARNET_BLE_STATE, 0, "", "State has a value other than 01 and 02" },
    { "State of two octets", CARNET_BLE_ON_VALUE, CARNET_BLE_STATE, 0, "0202",
      "State has a value other than 01 and 02" },
    { "an empty part", CARNET_BLE_ON_VALUE, -1, 0, "", "a part of a message has no first octet" },
    { "a part of kind 02", CARNET_BLE_ON_VALUE, -1, 0, "0241", "a part of a message begins with neither 00 nor 01" },
    { "a part of kind ff", CARNET_BLE_ON_VALUE, -1, 0, "ff41", "a part of a message begins with neither 00 nor 01" },
    { "ATT_MTU 22", CARNET_BLE_ON_MTU, CARNET_BLE_STATE, 22, "", "ATT_MTU is less than 23" },
    { "nothing taken", CARNET_BLE_ON_FAILED, CARNET_BLE_STATE, 0, "", "what was to be sent was not taken" },
    { "no answer", CARNET_BLE_ON_TIMER, CARNET_BLE_STATE, 0, "", "waiting for a message" },
};

static void
refuses_what_is_against_the_rules_and_tells_the_peer(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2 * CARNET_COUNT(refused); i++) {
        bool server = i >= CARNET_COUNT(refused);
        unsigned at = i % CARNET_COUNT(refused);
        int data = server ? CARNET_BLE_CLIENT2SERVER : CARNET_BLE_SERVER2CLIENT;
        int c = refused[at].characteristic < 0 ? data : refused[at].characteristic;
        carnet_rc rc;

        if (server) {
            begin_server();
        } else {
            begin_client();
        }
        rc = feed(refused[at].kind, (carnet_ble_characteristic)c, refused[at].number,
                  carnet_test_hex(refused[at].value));
        assert_int_not_equal(rc, CARNET_OK);
        assert_int_not_equal(rc, CARNET_E_LINK_CLOSED);
        assert_string_equal(ble.reason, refused[at].reason);
        expect(server ? CARNET_BLE_DO_NOTIFY : CARNET_BLE_DO_WRITE, CARNET_BLE_STATE, "02");
        expect(CARNET_BLE_DO_DISCONNECT, 0, NULL);
        expect(CARNET_BLE_DO_NOTHING, 0, NULL);
    }
}

static void
refuses_a_part_longer_than_512_octets(void **state)
{
    static const uint8_t part[513];

    (void)state;
    begin_server();
    assert_carnet_rc(feed(CARNET_BLE_ON_VALUE, CARNET_BLE_CLIENT2SERVER, 0, carnet_span_of(part, sizeof(part))),
                     CARNET_E_LINK_PROTOCOL);
    assert_string_equal(ble.reason, "a part of a message has over 512 octets");
}

static void
notes_parts_that_are_odd_and_takes_them(void **state)
{
    static const struct {
        unsigned octets;
        uint8_t first;
        unsigned odd;
    } parts[] = {
        { 20, 1, 0 },
        { 20, 0, 0 },
        { 2, 0, 0 },
        { 1, 0, 0 },
        { 19, 1, CARNET_BLE_ODD_SHORT_PART },
        { 1, 1, CARNET_BLE_ODD_SHORT_PART | CARNET_BLE_ODD_EMPTY_PART },
        { 21, 1, CARNET_BLE_ODD_LONG_PART },
        { 21, 0, CARNET_BLE_ODD_LONG_PART },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(parts); i++) {
        uint8_t part[32] = { parts[i].first };

        begin_server();
        assert_carnet_ok(feed(CARNET_BLE_ON_VALUE, CARNET_BLE_CLIENT2SERVER, 0, carnet_span_of(part, parts[i].octets)),
                         NULL);
        assert_int_equal(ble.odd, parts[i].odd);
        assert_int_equal(ble.in.whole, parts[i].first == 0);
    }
}

static void
refuses_data_before_the_session_began(void **state)
{
    (void)state;
    begin(true, CARNET_BLE_PERIPHERAL_SERVER);
    expect(CARNET_BLE_DO_ADVERTISE, 0, NULL);
    assert_carnet_rc(feed(CARNET_BLE_ON_VALUE, CARNET_BLE_CLIENT2SERVER, 0, carnet_test_hex("0041")),
                     CARNET_E_LINK_PROTOCOL);
    assert_string_equal(ble.reason, "the peer sent data before State 0x01");
    expect(CARNET_BLE_DO_DISCONNECT, 0, NULL);
    begin(false, CARNET_BLE_PERIPHERAL_SERVER);
    expect(CARNET_BLE_DO_CONNECT, 0, NULL);
    (void)happened(CARNET_BLE_ON_CONNECTED, 0);
    assert_carnet_rc(feed(CARNET_BLE_ON_VALUE, CARNET_BLE_SERVER2CLIENT, 0, carnet_test_hex("0041")),
                     CARNET_E_LINK_PROTOCOL);
}

static void
refuses_a_service_that_lacks_a_characteristic(void **state)
{
    (void)state;
    for (uint32_t lacking = 0; lacking < 3; lacking++) {
        begin(false, CARNET_BLE_CENTRAL_CLIENT);
        expect(CARNET_BLE_DO_CONNECT, 0, NULL);
        (void)happened(CARNET_BLE_ON_CONNECTED, 0);
        expect(CARNET_BLE_DO_EXCHANGE_MTU, 0, NULL);
        (void)happened(CARNET_BLE_ON_MTU, 517);
        expect(CARNET_BLE_DO_DISCOVER, 0, NULL);
        assert_carnet_rc(happened(CARNET_BLE_ON_SERVICES, FOUND_ALL & ~(1u << lacking)), CARNET_E_LINK_PROTOCOL);
    }
}

static void
takes_an_early_start_and_notes_it_but_sends_only_to_who_listens(void **state)
{
    (void)state;
    begin(true, CARNET_BLE_CENTRAL_CLIENT);
    expect(CARNET_BLE_DO_ADVERTISE, 0, NULL);
    assert_carnet_ok(feed(CARNET_BLE_ON_VALUE, CARNET_BLE_STATE, 0, carnet_test_hex("01")), NULL);
    assert_int_equal(ble.odd, CARNET_BLE_ODD_EARLY_START);
    assert_carnet_ok(carnet_ble_send(&ble, carnet_test_hex("4142"), NULL), NULL);
    expect(CARNET_BLE_DO_NOTHING, 0, NULL);
    assert_string_equal(carnet_ble_waiting_for(&ble), "waiting for the peer's subscription to Server2Client");
    (void)feed(CARNET_BLE_ON_SUBSCRIBED, CARNET_BLE_SERVER2CLIENT, 0, (carnet_span){ 0 });
    expect(CARNET_BLE_DO_NOTIFY, CARNET_BLE_SERVER2CLIENT, "004142");
    expect(CARNET_BLE_DO_NOTHING, 0, NULL);
    assert_carnet_ok(feed(CARNET_BLE_ON_VALUE, CARNET_BLE_STATE, 0, carnet_test_hex("01")), NULL);
    assert_int_equal(ble.odd, CARNET_BLE_ODD_EARLY_START | CARNET_BLE_ODD_START_AGAIN);
}

static void
a_server_that_ends_it_waits_for_the_client_to_disconnect(void **state)
{
    (void)state;
    begin_server();
    carnet_ble_end(&ble);
    assert_int_equal(ble.rc, CARNET_E_LINK_CLOSED);
    expect(CARNET_BLE_DO_NOTIFY, CARNET_BLE_STATE, "02");
    expect(CARNET_BLE_DO_NOTHING, 0, NULL);
    assert_string_equal(carnet_ble_waiting_for(&ble), "waiting for the peer to disconnect");
    (void)happened(CARNET_BLE_ON_TIMER, 0);
    expect(CARNET_BLE_DO_DISCONNECT, 0, NULL);
    begin_server();
    (void)happened(CARNET_BLE_ON_UNSUBSCRIBED, 0); /* State: then it cannot be told */
    carnet_ble_end(&ble);
    expect(CARNET_BLE_DO_NOTHING, 0, NULL);
    (void)happened(CARNET_BLE_ON_DISCONNECTED, CARNET_BLE_BY_PEER);
    assert_string_equal(ble.reason, "this side ended the session");
    assert_false(ble.connected);
}

static const struct {
    const char *what;
    bool server, part;
    uint32_t reason;
    carnet_rc rc;
    const char *why;
} losses[] = {
    { "by the peer", true, false, 0x13, CARNET_E_LINK_CLOSED, "the peer closed the connection" },
    { "out of range", true, false, 0x08, CARNET_E_LINK_LOST, "the connection was lost" },
    { "not known how", false, false, 0, CARNET_E_LINK_LOST, "the connection was lost" },
    { "by the peer, midway", true, true, 0x13, CARNET_E_LINK_LOST,
      "the connection was lost in the middle of a message" },
    { "out of range, midway", false, true, 8, CARNET_E_LINK_LOST,
      "the connection was lost in the middle of a message" },
};

static void
tells_a_closed_connection_from_a_lost_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(losses); i++) {
        carnet_ble_characteristic data = losses[i].server ? CARNET_BLE_CLIENT2SERVER : CARNET_BLE_SERVER2CLIENT;

        if (losses[i].server) {
            begin_server();
        } else {
            begin_client();
        }
        if (losses[i].part) {
            (void)feed(CARNET_BLE_ON_VALUE, data, 0, carnet_test_hex("014142"));
        }
        assert_carnet_rc(happened(CARNET_BLE_ON_DISCONNECTED, losses[i].reason), losses[i].rc);
        assert_string_equal(ble.reason, losses[i].why);
        expect(CARNET_BLE_DO_NOTHING, 0, NULL);
    }
}

static void
offers_ident_and_psm_to_be_read_where_it_has_them(void **state)
{
    (void)state;
    begin_server();
    assert_int_equal(carnet_ble_value(&ble, CARNET_BLE_IDENT).len, CARNET_BLE_IDENT_SIZE);
    assert_int_equal(carnet_ble_value(&ble, CARNET_BLE_L2CAP).len, 0);
    assert_int_equal(carnet_ble_value(&ble, CARNET_BLE_STATE).len, 0);
    ble.parameters.psm = 0x85;
    assert_span_equal(carnet_ble_value(&ble, CARNET_BLE_L2CAP), carnet_test_hex("00000085"));
    begin(true, CARNET_BLE_PERIPHERAL_SERVER);
    assert_int_equal(carnet_ble_value(&ble, CARNET_BLE_IDENT).len, 0);
    begin_client();
    assert_int_equal(carnet_ble_value(&ble, CARNET_BLE_IDENT).len, 0);
}

static void
sends_one_message_at_a_time(void **state)
{
    (void)state;
    begin_client();
    assert_carnet_ok(carnet_ble_send(&ble, carnet_test_hex("41"), NULL), NULL);
    assert_carnet_rc(carnet_ble_send(&ble, carnet_test_hex("42"), NULL), CARNET_E_USAGE);
    expect(CARNET_BLE_DO_WRITE, CARNET_BLE_CLIENT2SERVER, "0041");
    assert_carnet_ok(carnet_ble_send(&ble, carnet_test_hex("43"), NULL), NULL);
    expect(CARNET_BLE_DO_WRITE, CARNET_BLE_CLIENT2SERVER, "0043");
}

static void
refuses_more_messages_than_can_wait(void **state)
{
    (void)state;
    begin_server();
    for (size_t i = 0; i < CARNET_BLE_WAITING; i++) {
        assert_carnet_ok(feed(CARNET_BLE_ON_VALUE, CARNET_BLE_CLIENT2SERVER, 0, carnet_test_hex("0041")), NULL);
    }
    assert_carnet_rc(feed(CARNET_BLE_ON_VALUE, CARNET_BLE_CLIENT2SERVER, 0, carnet_test_hex("0041")),
                     CARNET_E_LINK_PROTOCOL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_asks_for_one_thing_after_the_other),
        cmocka_unit_test(an_mdoc_reads_ident_and_psm_before_it_subscribes),
        cmocka_unit_test(a_wrong_ident_ends_it_and_the_client_disconnects),
        cmocka_unit_test(refuses_what_is_against_the_rules_and_tells_the_peer),
        cmocka_unit_test(refuses_a_part_longer_than_512_octets),
        cmocka_unit_test(notes_parts_that_are_odd_and_takes_them),
        cmocka_unit_test(refuses_data_before_the_session_began),
        cmocka_unit_test(refuses_a_service_that_lacks_a_characteristic),
        cmocka_unit_test(takes_an_early_start_and_notes_it_but_sends_only_to_who_listens),
        cmocka_unit_test(a_server_that_ends_it_waits_for_the_client_to_disconnect),
        cmocka_unit_test(tells_a_closed_connection_from_a_lost_one),
        cmocka_unit_test(offers_ident_and_psm_to_be_read_where_it_has_them),
        cmocka_unit_test(sends_one_message_at_a_time),
        cmocka_unit_test(refuses_more_messages_than_can_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
