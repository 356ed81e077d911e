/* SPDX-License-Identifier: Apache-2.0 */
/* Whole sessions over two joined machines: every mode, every ATT_MTU, every length of message (18013-5 11.1). */
#include "pair.h"
#include "support/support.h"

#include <string.h>

static uint8_t content[PAIR_STORAGE];
static pair joined;

static int
fill(void **state)
{
    carnet_test_seed seed = { 1 };

    (void)state;
    for (size_t i = 0; i < sizeof(content); i++) {
        content[i] = (uint8_t)carnet_test_number(&seed);
    }
    return 0;
}

/** Least number of values for a message, by the formula of 18013-5 11.1: an octet of each is not the message's. */
static uint64_t
least_parts(size_t length, size_t part)
{
    return length == 0 ? 1 : (length + part - 2) / (part - 1);
}

static uint64_t
least_sdus(size_t length, size_t sdu)
{
    return (length + 4 + sdu - 1) / sdu;
}

static void
carry(pair *p, carnet_ble *from, carnet_span message)
{
    carnet_span came;

    assert_carnet_ok(carnet_ble_send(from, message, NULL), NULL);
    pair_pump(p);
    assert_false(from->sending);
    assert_true(carnet_ble_receive(pair_other(p, from), &came));
    assert_span_equal(came, message);
    assert_false(carnet_ble_receive(pair_other(p, from), &came));
}

static void
finish(pair *p)
{
    carnet_ble_end(pair_reader(p));
    pair_run_out(p);
    assert_int_equal(p->client.rc, CARNET_E_LINK_CLOSED);
    assert_int_equal(p->server.rc, CARNET_E_LINK_CLOSED);
    assert_false(p->client.connected || p->server.connected || p->joined);
    assert_int_equal(p->client.odd, 0);
    assert_int_equal(p->server.odd, 0);
}

/** A request and an answer of a length, with exactly the values the protocol cannot do without. */
static void
converse(carnet_ble_mode mode, uint32_t mtu, size_t length)
{
    size_t part = carnet_ble_part_size(mtu, 0, 0);
    carnet_span message = carnet_span_of(content, length);
    uint64_t parts = least_parts(length, part);

    pair_init(&joined, mode, mtu);
    carry(&joined, pair_reader(&joined), message);
    carry(&joined, pair_mdoc(&joined), message);
    assert_int_equal(joined.client.units_sent, parts + 1); /* and State 0x01 */
    assert_int_equal(joined.server.units_sent, parts);
    assert_int_equal(joined.server.octets_sent, parts + length);
    assert_int_equal(joined.server.octets_received, parts + length + 1);
    finish(&joined);
}

static const carnet_ble_mode modes[] = { CARNET_BLE_PERIPHERAL_SERVER, CARNET_BLE_CENTRAL_CLIENT };

static void
carries_messages_of_every_length_at_every_att_mtu_in_both_modes(void **state)
{
    (void)state;
    for (size_t m = 0; m < CARNET_COUNT(modes); m++) {
        for (uint32_t mtu = 23; mtu <= 517; mtu++) {
            size_t part = carnet_ble_part_size(mtu, 0, 0);
            const size_t lengths[] = { 0, 1, part - 2, part - 1, part, 2 * part - 2, 2 * part - 1, 2200, 33000 };

            for (size_t i = 0; i < CARNET_COUNT(lengths); i++) {
                converse(modes[m], mtu, lengths[i]);
            }
        }
    }
}

static void
keeps_a_part_within_512_octets_at_a_larger_att_mtu(void **state)
{
    (void)state;
    converse(CARNET_BLE_CENTRAL_CLIENT, 60000, 33000);
    assert_int_equal(joined.server.units_sent, (33000 + 510) / 511 + 1); /* and State 0x02 */
}

static void
keeps_a_part_within_the_callers_limits(void **state)
{
    carnet_span message = carnet_span_of(content, 33000);

    (void)state;
    pair_init(&joined, CARNET_BLE_CENTRAL_CLIENT, 513);
    joined.client_parameters.part_max = CARNET_BLE_BLUEZ_PART_MAX;
    joined.server_parameters.att_header = CARNET_BLE_BLUEZ_NOTIFY_HEADER;
    pair_begin(&joined);
    carry(&joined, pair_reader(&joined), message);
    carry(&joined, pair_mdoc(&joined), message);
    assert_int_equal(joined.server.units_sent, least_parts(33000, 508));
    assert_int_equal(joined.client.units_sent, least_parts(33000, 510) + 1);
    assert_int_equal(joined.client.odd, CARNET_BLE_ODD_SHORT_PART);
}

static void
converse_over_a_channel(uint32_t sdu, size_t length)
{
    carnet_span message = carnet_span_of(content, length);

    joined.sdu = sdu;
    pair_begin(&joined);
    carry(&joined, pair_reader(&joined), message);
    carry(&joined, pair_mdoc(&joined), message);
    assert_true(joined.client.channel && joined.server.channel);
    assert_int_equal(joined.server.units_sent, least_sdus(length, sdu));
    assert_int_equal(joined.server.octets_sent, length + 4);
    finish(&joined);
}

static void
carries_messages_of_every_length_over_a_channel_found_by_its_characteristic(void **state)
{
    static const size_t lengths[] = { 0, 1, 18, 19, 20, 41, 42, 43, 2200, 33000 };

    (void)state;
    for (size_t m = 0; m < CARNET_COUNT(modes); m++) {
        for (size_t i = 0; i < CARNET_COUNT(lengths); i++) {
            for (uint32_t sdu = 23; sdu < 4096; sdu = sdu * 2 + 1) {
                pair_init(&joined, modes[m], 185);
                joined.client_parameters.l2cap = true;
                joined.server_parameters.psm = 0x80;
                converse_over_a_channel(sdu, lengths[i]);
            }
        }
    }
}

static void
takes_the_channel_of_the_engagement_without_asking_gatt(void **state)
{
    (void)state;
    pair_init(&joined, CARNET_BLE_PERIPHERAL_SERVER, 185);
    joined.client_parameters.l2cap = true;
    joined.client_parameters.psm = joined.server_parameters.psm = 0x81;
    converse_over_a_channel(512, 2200);
    assert_int_equal(joined.client.found, 0);
}

static void
goes_on_over_gatt_where_the_channel_of_the_engagement_cannot_be_opened(void **state)
{
    (void)state;
    pair_init(&joined, CARNET_BLE_PERIPHERAL_SERVER, 185);
    joined.client_parameters.l2cap = true;
    joined.client_parameters.psm = 0x81;
    pair_begin(&joined);
    carry(&joined, pair_reader(&joined), carnet_span_of(content, 2200));
    assert_false(joined.client.channel);
    finish(&joined);
}

static void
stays_with_gatt_where_the_client_does_not_want_a_channel(void **state)
{
    (void)state;
    pair_init(&joined, CARNET_BLE_CENTRAL_CLIENT, 185);
    joined.server_parameters.psm = 0x80;
    pair_begin(&joined);
    carry(&joined, pair_reader(&joined), carnet_span_of(content, 100));
    assert_false(joined.server.channel);
}

static void
tells_how_far_a_message_has_come(void **state)
{
    size_t done, all;

    (void)state;
    pair_init(&joined, CARNET_BLE_PERIPHERAL_SERVER, 103); /* 99 octets a part */
    pair_pump(&joined);
    assert_carnet_ok(carnet_ble_send(&joined.client, carnet_span_of(content, 250), NULL), NULL);
    for (size_t i = 1; i <= 2; i++) {
        carnet_ble_action a = carnet_ble_next(&joined.client);

        pair_deliver(
            &joined, &joined.server,
            (carnet_ble_event){ .kind = CARNET_BLE_ON_VALUE, .characteristic = a.characteristic, .value = a.value });
        carnet_ble_progress(&joined.client, true, &done, &all);
        assert_true(done == 99 * i && all == 250);
        carnet_ble_progress(&joined.server, false, &done, &all);
        assert_true(done == 99 * i && all == 0); /* GATT does not say how long a message will be */
    }
    assert_string_equal(carnet_ble_waiting_for(&joined.server), "waiting for the rest of a message");
}

static void
knows_from_the_channel_how_long_a_message_will_be(void **state)
{
    size_t done, all;
    carnet_ble_action a;

    (void)state;
    pair_init(&joined, CARNET_BLE_PERIPHERAL_SERVER, 185);
    joined.client_parameters.l2cap = true;
    joined.server_parameters.psm = 0x80;
    joined.sdu = 104;
    pair_begin(&joined);
    pair_pump(&joined);
    assert_carnet_ok(carnet_ble_send(&joined.client, carnet_span_of(content, 250), NULL), NULL);
    a = carnet_ble_next(&joined.client);
    assert_int_equal(a.head.len + a.value.len, 104);
    pair_deliver(&joined, &joined.server, (carnet_ble_event){ .kind = CARNET_BLE_ON_OCTETS, .value = a.head });
    pair_deliver(&joined, &joined.server, (carnet_ble_event){ .kind = CARNET_BLE_ON_OCTETS, .value = a.value });
    carnet_ble_progress(&joined.server, false, &done, &all);
    assert_true(done == 100 && all == 250);
}

static void
keeps_messages_apart_that_come_before_the_first_is_taken(void **state)
{
    carnet_span came;

    (void)state;
    pair_init(&joined, CARNET_BLE_CENTRAL_CLIENT, 185);
    for (size_t i = 0; i < CARNET_BLE_WAITING; i++) {
        assert_carnet_ok(carnet_ble_send(&joined.client, carnet_span_of(content + i, 300 * i), NULL), NULL);
        pair_pump(&joined);
    }
    for (size_t i = 0; i < CARNET_BLE_WAITING; i++) {
        assert_true(carnet_ble_receive(&joined.server, &came));
        assert_span_equal(came, carnet_span_of(content + i, 300 * i));
    }
    assert_false(carnet_ble_receive(&joined.server, &came));
}

static void
gives_out_a_message_that_came_before_the_end(void **state)
{
    carnet_span came;

    (void)state;
    pair_init(&joined, CARNET_BLE_CENTRAL_CLIENT, 185);
    assert_carnet_ok(carnet_ble_send(&joined.client, carnet_span_of(content, 500), NULL), NULL);
    pair_pump(&joined);
    carnet_ble_end(&joined.client);
    pair_pump(&joined);
    assert_int_equal(joined.server.phase, CARNET_BLE_OVER);
    assert_true(carnet_ble_receive(&joined.server, &came));
    assert_span_equal(came, carnet_span_of(content, 500));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carries_messages_of_every_length_at_every_att_mtu_in_both_modes),
        cmocka_unit_test(keeps_a_part_within_512_octets_at_a_larger_att_mtu),
        cmocka_unit_test(keeps_a_part_within_the_callers_limits),
        cmocka_unit_test(carries_messages_of_every_length_over_a_channel_found_by_its_characteristic),
        cmocka_unit_test(takes_the_channel_of_the_engagement_without_asking_gatt),
        cmocka_unit_test(goes_on_over_gatt_where_the_channel_of_the_engagement_cannot_be_opened),
        cmocka_unit_test(stays_with_gatt_where_the_client_does_not_want_a_channel),
        cmocka_unit_test(tells_how_far_a_message_has_come),
        cmocka_unit_test(knows_from_the_channel_how_long_a_message_will_be),
        cmocka_unit_test(keeps_messages_apart_that_come_before_the_first_is_taken),
        cmocka_unit_test(gives_out_a_message_that_came_before_the_end),
    };

    return cmocka_run_group_tests(tests, fill, NULL);
}
