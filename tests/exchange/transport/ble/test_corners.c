/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine does where little depends on the usual way: channels, attempts, ends before the beginning. */
#include "carnet/ble.h"
#include "support/support.h"

#include <string.h>

static uint8_t storage[1000];
static carnet_ble ble;

static carnet_rc
feed(carnet_ble_event_kind kind, carnet_ble_characteristic characteristic, uint32_t number, const char *value)
{
    const carnet_ble_event event = { kind, characteristic, number, carnet_test_hex(value) };

    return carnet_ble_feed(&ble, &event, NULL);
}

static carnet_rc
happened(carnet_ble_event_kind kind, uint32_t number)
{
    return feed(kind, CARNET_BLE_STATE, number, "");
}

static carnet_ble_action
expect(carnet_ble_action_kind kind)
{
    carnet_ble_action a = carnet_ble_next(&ble);

    assert_int_equal(a.kind, kind);
    return a;
}

static void
begin(bool server, carnet_ble_mode mode, bool l2cap, uint16_t psm)
{
    carnet_ble_parameters p = { .mode = mode, .server = server, .has_ident = true, .l2cap = l2cap, .psm = psm };

    memset(p.ident, 0xaa, sizeof(p.ident));
    carnet_ble_init(&ble, &p, storage, sizeof(storage));
}

/** A client that has discovered the service. */
static void
discover(carnet_ble_mode mode, bool l2cap, uint32_t found)
{
    begin(false, mode, l2cap, 0);
    expect(CARNET_BLE_DO_CONNECT);
    (void)happened(CARNET_BLE_ON_CONNECTED, 0);
    expect(CARNET_BLE_DO_EXCHANGE_MTU);
    (void)happened(CARNET_BLE_ON_MTU, 185);
    expect(CARNET_BLE_DO_DISCOVER);
    (void)happened(CARNET_BLE_ON_SERVICES, found);
}

#define FOUND     0x7u
#define HAS_IDENT 0x8u
#define HAS_PSM   0x10u

static void
reads_ident_in_central_client_mode_only(void **state)
{
    (void)state;
    discover(CARNET_BLE_PERIPHERAL_SERVER, false, FOUND | HAS_IDENT);
    assert_int_equal(expect(CARNET_BLE_DO_SUBSCRIBE).characteristic, CARNET_BLE_STATE);
    discover(CARNET_BLE_CENTRAL_CLIENT, false, FOUND | HAS_IDENT);
    assert_int_equal(expect(CARNET_BLE_DO_READ).characteristic, CARNET_BLE_IDENT);
}

static void
goes_on_without_an_ident_and_notes_it(void **state)
{
    (void)state;
    discover(CARNET_BLE_CENTRAL_CLIENT, false, FOUND);
    assert_int_equal(ble.odd, CARNET_BLE_ODD_NO_IDENT);
    expect(CARNET_BLE_DO_SUBSCRIBE);
    discover(CARNET_BLE_CENTRAL_CLIENT, false, FOUND | HAS_IDENT);
    expect(CARNET_BLE_DO_READ);
    (void)happened(CARNET_BLE_ON_FAILED, 0);
    assert_int_equal(ble.odd, CARNET_BLE_ODD_NO_IDENT);
    expect(CARNET_BLE_DO_SUBSCRIBE);
}

static void
stays_with_gatt_where_the_psm_is_none(void **state)
{
    static const char *const values[] = { "", "00000000", "00000100", "0080" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(values); i++) {
        discover(CARNET_BLE_PERIPHERAL_SERVER, true, FOUND | HAS_PSM);
        assert_int_equal(expect(CARNET_BLE_DO_READ).characteristic, CARNET_BLE_L2CAP);
        assert_carnet_ok(feed(CARNET_BLE_ON_READ, CARNET_BLE_L2CAP, 0, values[i]), NULL);
        assert_int_equal(expect(CARNET_BLE_DO_SUBSCRIBE).characteristic, CARNET_BLE_STATE);
        assert_int_equal(ble.odd, 0);
    }
}

static void
tries_the_channel_of_the_engagement_again_only_if_it_could_be_opened(void **state)
{
    (void)state;
    begin(false, CARNET_BLE_PERIPHERAL_SERVER, true, 0x80);
    assert_int_equal(expect(CARNET_BLE_DO_OPEN_CHANNEL).number, 0x80);
    (void)happened(CARNET_BLE_ON_DISCONNECTED, 8);
    assert_int_equal(expect(CARNET_BLE_DO_OPEN_CHANNEL).number, 0x80);
    (void)happened(CARNET_BLE_ON_FAILED, 0);
    expect(CARNET_BLE_DO_CONNECT);
    (void)happened(CARNET_BLE_ON_FAILED, 0);
    expect(CARNET_BLE_DO_CONNECT);
}

static void
checks_ident_again_after_a_lost_connection_though_it_knows_the_psm(void **state)
{
    (void)state;
    discover(CARNET_BLE_CENTRAL_CLIENT, true, FOUND | HAS_IDENT | HAS_PSM);
    expect(CARNET_BLE_DO_READ);
    (void)feed(CARNET_BLE_ON_READ, CARNET_BLE_IDENT, 0, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    expect(CARNET_BLE_DO_READ);
    (void)feed(CARNET_BLE_ON_READ, CARNET_BLE_L2CAP, 0, "00000080");
    assert_int_equal(expect(CARNET_BLE_DO_OPEN_CHANNEL).number, 0x80);
    (void)happened(CARNET_BLE_ON_DISCONNECTED, 8);
    expect(CARNET_BLE_DO_CONNECT);
    (void)happened(CARNET_BLE_ON_CONNECTED, 0);
    expect(CARNET_BLE_DO_EXCHANGE_MTU);
    assert_int_equal(ble.mtu, CARNET_BLE_MTU_DEFAULT); /* what was agreed on went with the connection */
}

static void
a_server_advertises_as_often_as_strangers_come_and_go(void **state)
{
    (void)state;
    begin(true, CARNET_BLE_PERIPHERAL_SERVER, false, 0);
    for (unsigned i = 0; i < 300; i++) {
        expect(CARNET_BLE_DO_ADVERTISE);
        (void)happened(CARNET_BLE_ON_CONNECTED, 0);
        (void)feed(CARNET_BLE_ON_SUBSCRIBED, CARNET_BLE_SERVER2CLIENT, 0, "");
        assert_carnet_ok(happened(CARNET_BLE_ON_DISCONNECTED, 0x13), NULL);
        assert_int_equal(ble.subscribed, 0);
    }
    ble.parameters.attempts = 1;
    assert_carnet_rc(happened(CARNET_BLE_ON_DISCONNECTED, 0x13), CARNET_E_LINK_LOST);
}

static void
a_server_that_cannot_advertise_says_so(void **state)
{
    (void)state;
    begin(true, CARNET_BLE_PERIPHERAL_SERVER, false, 0);
    expect(CARNET_BLE_DO_ADVERTISE);
    assert_carnet_rc(happened(CARNET_BLE_ON_FAILED, 0), CARNET_E_LINK_IO);
    assert_string_equal(ble.reason, "the service could not be advertised");
}

static void
a_server_without_a_psm_takes_no_channel(void **state)
{
    (void)state;
    begin(true, CARNET_BLE_PERIPHERAL_SERVER, false, 0);
    assert_carnet_ok(happened(CARNET_BLE_ON_CHANNEL, 100), NULL);
    assert_false(ble.channel || ble.started);
    assert_int_equal(ble.odd, CARNET_BLE_ODD_NOT_ASKED);
    assert_carnet_ok(feed(CARNET_BLE_ON_OCTETS, 0, 0, "0000000141"), NULL);
    assert_int_equal(ble.in.whole, 0);
}

static void
refuses_a_channel_after_the_session_began(void **state)
{
    (void)state;
    begin(true, CARNET_BLE_PERIPHERAL_SERVER, false, 0x80);
    (void)feed(CARNET_BLE_ON_VALUE, CARNET_BLE_STATE, 0, "01");
    assert_carnet_rc(happened(CARNET_BLE_ON_CHANNEL, 100), CARNET_E_LINK_PROTOCOL);
    assert_string_equal(ble.reason, "the peer opened a channel after the session began");
}

static void
refuses_a_channel_of_less_than_23_octets_and_takes_an_unknown_one_for_23(void **state)
{
    (void)state;
    for (uint32_t sdu = 1; sdu < 23; sdu++) {
        begin(true, CARNET_BLE_PERIPHERAL_SERVER, false, 0x80);
        assert_carnet_rc(happened(CARNET_BLE_ON_CHANNEL, sdu), CARNET_E_LINK_PROTOCOL);
    }
    begin(true, CARNET_BLE_PERIPHERAL_SERVER, false, 0x80);
    assert_carnet_ok(happened(CARNET_BLE_ON_CHANNEL, 0), NULL);
    assert_int_equal(ble.mtu, 23);
}

/** A server, or a client, over a channel. */
static void
over_a_channel(bool server)
{
    begin(server, CARNET_BLE_PERIPHERAL_SERVER, true, 0x80);
    (void)carnet_ble_next(&ble);
    assert_carnet_ok(happened(CARNET_BLE_ON_CHANNEL, 64), NULL);
    assert_true(ble.channel && ble.phase == CARNET_BLE_READY);
}

static void
over_a_channel_gatt_does_not_count_any_more(void **state)
{
    (void)state;
    for (unsigned server = 0; server < 2; server++) {
        over_a_channel(server != 0);
        assert_carnet_ok(happened(CARNET_BLE_ON_MTU, 185), NULL);
        assert_int_equal(ble.mtu, 64);
        assert_carnet_ok(
            feed(CARNET_BLE_ON_VALUE, server != 0 ? CARNET_BLE_CLIENT2SERVER : CARNET_BLE_SERVER2CLIENT, 0, "0041"),
            NULL);
        assert_int_equal(ble.in.whole, 0);
        assert_int_equal(ble.odd & CARNET_BLE_ODD_NOT_ASKED, CARNET_BLE_ODD_NOT_ASKED);
    }
    over_a_channel(true);
    assert_carnet_ok(feed(CARNET_BLE_ON_VALUE, CARNET_BLE_STATE, 0, "02"), NULL);
    assert_int_equal(ble.phase, CARNET_BLE_READY);
}

static void
ends_a_channel_by_closing_it(void **state)
{
    (void)state;
    for (unsigned server = 0; server < 2; server++) {
        over_a_channel(server != 0);
        carnet_ble_end(&ble);
        expect(CARNET_BLE_DO_DISCONNECT);
        expect(CARNET_BLE_DO_NOTHING);
    }
    over_a_channel(true);
    assert_carnet_rc(happened(CARNET_BLE_ON_DISCONNECTED, CARNET_BLE_BY_PEER), CARNET_E_LINK_CLOSED);
    over_a_channel(true);
    assert_carnet_ok(feed(CARNET_BLE_ON_OCTETS, 0, 0, "0000"), NULL);
    assert_carnet_rc(happened(CARNET_BLE_ON_DISCONNECTED, CARNET_BLE_BY_PEER), CARNET_E_LINK_LOST);
    assert_int_equal(ble.in.head_len, 0);
}

static void
ends_before_it_began_without_a_word(void **state)
{
    (void)state;
    discover(CARNET_BLE_PERIPHERAL_SERVER, false, FOUND);
    carnet_ble_end(&ble);
    expect(CARNET_BLE_DO_DISCONNECT);
    expect(CARNET_BLE_DO_NOTHING);
    begin(true, CARNET_BLE_PERIPHERAL_SERVER, false, 0);
    expect(CARNET_BLE_DO_ADVERTISE);
    (void)happened(CARNET_BLE_ON_CONNECTED, 0);
    (void)happened(CARNET_BLE_ON_SUBSCRIBED, 0);
    carnet_ble_end(&ble);
    expect(CARNET_BLE_DO_DISCONNECT);
    begin(false, CARNET_BLE_PERIPHERAL_SERVER, false, 0);
    carnet_ble_end(&ble);
    expect(CARNET_BLE_DO_NOTHING);
}

static void
names_a_loss_while_it_sends_and_keeps_nothing_of_the_message(void **state)
{
    static const uint8_t zeros[CARNET_BLE_PART_MAX];

    (void)state;
    begin(true, CARNET_BLE_PERIPHERAL_SERVER, false, 0);
    (void)feed(CARNET_BLE_ON_SUBSCRIBED, CARNET_BLE_SERVER2CLIENT, 0, "");
    (void)feed(CARNET_BLE_ON_VALUE, CARNET_BLE_STATE, 0, "01");
    assert_carnet_ok(carnet_ble_send(&ble, carnet_span_of(storage, 500), NULL), NULL);
    expect(CARNET_BLE_DO_NOTIFY);
    assert_carnet_rc(happened(CARNET_BLE_ON_DISCONNECTED, CARNET_BLE_BY_PEER), CARNET_E_LINK_LOST);
    assert_string_equal(ble.reason, "the connection was lost in the middle of a message");
    assert_memory_equal(ble.part, zeros, sizeof(zeros));
    assert_null(ble.out.ptr);
    assert_int_equal(carnet_ble_value(&ble, CARNET_BLE_IDENT).len, 0);
}

static void
offers_nothing_to_be_read_when_it_is_over(void **state)
{
    (void)state;
    begin(true, CARNET_BLE_CENTRAL_CLIENT, false, 0x80);
    assert_int_equal(carnet_ble_value(&ble, CARNET_BLE_IDENT).len, CARNET_BLE_IDENT_SIZE);
    carnet_ble_end(&ble);
    assert_int_equal(carnet_ble_value(&ble, CARNET_BLE_IDENT).len, 0);
    assert_int_equal(carnet_ble_value(&ble, CARNET_BLE_L2CAP).len, 0);
}

static void
sends_to_nobody_who_does_not_listen_any_more(void **state)
{
    (void)state;
    begin(true, CARNET_BLE_PERIPHERAL_SERVER, false, 0);
    (void)feed(CARNET_BLE_ON_SUBSCRIBED, CARNET_BLE_SERVER2CLIENT, 0, "");
    (void)feed(CARNET_BLE_ON_VALUE, CARNET_BLE_STATE, 0, "01");
    (void)feed(CARNET_BLE_ON_UNSUBSCRIBED, CARNET_BLE_SERVER2CLIENT, 0, "");
    assert_carnet_ok(carnet_ble_send(&ble, carnet_span_of(storage, 5), NULL), NULL);
    expect(CARNET_BLE_DO_NOTHING);
    assert_true(ble.sending);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_ident_in_central_client_mode_only),
        cmocka_unit_test(goes_on_without_an_ident_and_notes_it),
        cmocka_unit_test(stays_with_gatt_where_the_psm_is_none),
        cmocka_unit_test(tries_the_channel_of_the_engagement_again_only_if_it_could_be_opened),
        cmocka_unit_test(checks_ident_again_after_a_lost_connection_though_it_knows_the_psm),
        cmocka_unit_test(a_server_advertises_as_often_as_strangers_come_and_go),
        cmocka_unit_test(a_server_that_cannot_advertise_says_so),
        cmocka_unit_test(a_server_without_a_psm_takes_no_channel),
        cmocka_unit_test(refuses_a_channel_after_the_session_began),
        cmocka_unit_test(refuses_a_channel_of_less_than_23_octets_and_takes_an_unknown_one_for_23),
        cmocka_unit_test(over_a_channel_gatt_does_not_count_any_more),
        cmocka_unit_test(ends_a_channel_by_closing_it),
        cmocka_unit_test(ends_before_it_began_without_a_word),
        cmocka_unit_test(names_a_loss_while_it_sends_and_keeps_nothing_of_the_message),
        cmocka_unit_test(offers_nothing_to_be_read_when_it_is_over),
        cmocka_unit_test(sends_to_nobody_who_does_not_listen_any_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
