/* SPDX-License-Identifier: Apache-2.0 */
/* UUIDs, what a connection is made with, Ident, PSM (18013-5 9.1, 11.1). */
#include "carnet/ble.h"
#include "support/support.h"

#include <string.h>

static const struct {
    carnet_ble_mode mode;
    carnet_ble_characteristic characteristic;
    const char *text;
} uuids[] = {
    { CARNET_BLE_PERIPHERAL_SERVER, CARNET_BLE_STATE, "00000001-a123-48ce-896b-4c76973373e6" },
    { CARNET_BLE_PERIPHERAL_SERVER, CARNET_BLE_CLIENT2SERVER, "00000002-a123-48ce-896b-4c76973373e6" },
    { CARNET_BLE_PERIPHERAL_SERVER, CARNET_BLE_SERVER2CLIENT, "00000003-a123-48ce-896b-4c76973373e6" },
    { CARNET_BLE_PERIPHERAL_SERVER, CARNET_BLE_L2CAP, "0000000a-a123-48ce-896b-4c76973373e6" },
    { CARNET_BLE_CENTRAL_CLIENT, CARNET_BLE_STATE, "00000005-a123-48ce-896b-4c76973373e6" },
    { CARNET_BLE_CENTRAL_CLIENT, CARNET_BLE_CLIENT2SERVER, "00000006-a123-48ce-896b-4c76973373e6" },
    { CARNET_BLE_CENTRAL_CLIENT, CARNET_BLE_SERVER2CLIENT, "00000007-a123-48ce-896b-4c76973373e6" },
    { CARNET_BLE_CENTRAL_CLIENT, CARNET_BLE_IDENT, "00000008-a123-48ce-896b-4c76973373e6" },
    { CARNET_BLE_CENTRAL_CLIENT, CARNET_BLE_L2CAP, "0000000b-a123-48ce-896b-4c76973373e6" },
};

static void
knows_the_uuid_of_every_characteristic_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(uuids); i++) {
        carnet_ble_characteristic characteristic;
        uint8_t uuid[CARNET_BLE_UUID], parsed[CARNET_BLE_UUID];
        char text[CARNET_BLE_UUID_TEXT];

        assert_true(carnet_ble_uuid(uuids[i].mode, uuids[i].characteristic, uuid));
        carnet_ble_uuid_text(uuid, text);
        assert_string_equal(text, uuids[i].text);
        assert_true(carnet_ble_uuid_parse(carnet_str_of(text), parsed));
        assert_memory_equal(parsed, uuid, sizeof(uuid));
        assert_true(carnet_ble_characteristic_of(uuids[i].mode, uuid, &characteristic));
        assert_int_equal(characteristic, uuids[i].characteristic);
        assert_false(carnet_ble_characteristic_of(3 - uuids[i].mode, uuid, &characteristic));
    }
}

static void
has_no_uuid_for_what_a_mode_does_not_have(void **state)
{
    static const uint8_t zeros[CARNET_BLE_UUID];
    uint8_t uuid[CARNET_BLE_UUID];

    (void)state;
    assert_false(carnet_ble_uuid(CARNET_BLE_PERIPHERAL_SERVER, CARNET_BLE_IDENT, uuid));
    assert_memory_equal(uuid, zeros, sizeof(uuid));
    assert_false(carnet_ble_uuid((carnet_ble_mode)0, CARNET_BLE_STATE, uuid));
    assert_false(carnet_ble_uuid((carnet_ble_mode)3, CARNET_BLE_STATE, uuid));
    assert_false(carnet_ble_uuid(CARNET_BLE_CENTRAL_CLIENT, (carnet_ble_characteristic)5, uuid));
}

static void
turns_a_uuid_round_for_the_air(void **state)
{
    carnet_span text_order = carnet_test_hex("00000008a12348ce896b4c76973373e6");
    carnet_span air_order = carnet_test_hex("e673339776 4c6b89 ce48 23a1 08000000");
    uint8_t uuid[CARNET_BLE_UUID];

    (void)state;
    carnet_ble_uuid_reverse(text_order.ptr, uuid);
    assert_span_equal(carnet_span_of(uuid, sizeof(uuid)), air_order);
    carnet_ble_uuid_reverse(uuid, uuid);
    assert_span_equal(carnet_span_of(uuid, sizeof(uuid)), text_order);
}

static void
refuses_text_that_is_no_uuid(void **state)
{
    static const char *const bad[] = {
        "",
        "2902",
        "00000001-a123-48ce-896b-4c76973373e",
        "00000001-a123-48ce-896b-4c76973373e66",
        "00000001_a123-48ce-896b-4c76973373e6",
        "0000000g-a123-48ce-896b-4c76973373e6",
        "00000001-a123-48ce-896b04c76973373e6",
        "00000001a-123-48ce-896b-4c76973373e6",
    };
    uint8_t uuid[CARNET_BLE_UUID];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++) {
        assert_false(carnet_ble_uuid_parse(carnet_str_of(bad[i]), uuid));
        assert_int_equal(uuid[0] | uuid[3] | uuid[15], 0);
    }
    assert_true(carnet_ble_uuid_parse(carnet_str_of("00000001-A123-48CE-896B-4C76973373E6"), uuid));
    assert_int_equal(uuid[15], 0xe6);
}

static const uint8_t server_uuid[CARNET_BLE_UUID] = { 0x45, 0xef, 0xef, 0x74, 0x2b, 0x2c, 0x48, 0x37,
                                                      0xa9, 0xa3, 0xb0, 0xe1, 0xd0, 0x5a, 0x69, 0x17 };
static const uint8_t client_uuid[CARNET_BLE_UUID] = { 1, 2, 3 };
static const uint8_t address[] = { 0xc0, 0x11, 0x22, 0x33, 0x44, 0x55 };

/** The method of an engagement which is built with it. */
static carnet_retrieval_method
method_with(bool server, bool client, const uint8_t *where, bool random, uint16_t psm)
{
    static uint8_t room[120];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_engagement view = { 0 };
    carnet_retrieval_method method;
    carnet_span rest;

    carnet_cbor_add_array(&b, 1);
    carnet_ble_method_build(&b, server ? server_uuid : NULL, client ? client_uuid : NULL, where, random, psm);
    assert_carnet_ok(carnet_cbor_built(&b, &view.methods, NULL), NULL);
    rest = view.methods;
    assert_true(carnet_engagement_next_method(&view, &rest, &method));
    assert_true(method.usable);
    return method;
}

static carnet_retrieval_method
method_of(bool server, bool client, bool has_address, uint16_t psm)
{
    return method_with(server, client, has_address ? address : NULL, true, psm);
}

static const struct {
    const char *what;
    bool offers_server, offers_client, mdoc;
    unsigned modes, preferred, mode;
    bool server;
} choices[] = {
    { "both offered: the reader serves an mdoc that is client", true, true, false, 3, 0, 2, true },
    { "both offered, the other preferred", true, true, false, 3, 1, 1, false },
    { "both offered, one possible", true, true, false, 1, 2, 1, false },
    { "one offered, the other preferred", false, true, false, 3, 1, 2, true },
    { "the mdoc of peripheral server mode serves", true, false, true, 3, 0, 1, true },
    { "the mdoc of central client mode is client", true, true, true, 2, 0, 2, false },
    { "nothing in common", false, true, false, 1, 1, 0, false },
    { "nothing possible", true, true, false, 0, 1, 0, false },
};

static void
chooses_a_mode_and_takes_its_uuid(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(choices); i++) {
        carnet_retrieval_method method = method_of(choices[i].offers_server, choices[i].offers_client, false, 0);
        carnet_ble_parameters p;
        carnet_rc rc = carnet_ble_parameters_of(&method, choices[i].mdoc, choices[i].modes,
                                                (carnet_ble_mode)choices[i].preferred, &p, NULL);

        assert_carnet_rc(rc, choices[i].mode == 0 ? CARNET_E_LINK_PROTOCOL : CARNET_OK);
        assert_int_equal(p.mode, choices[i].mode);
        assert_int_equal(p.server, choices[i].server);
        assert_false(p.has_address || p.psm != 0 || p.l2cap || p.has_ident);
        if (p.mode != 0) {
            assert_memory_equal(p.service, p.mode == CARNET_BLE_PERIPHERAL_SERVER ? server_uuid : client_uuid,
                                sizeof(p.service));
        }
    }
}

static void
takes_address_and_psm_where_this_side_will_look_for_the_mdoc(void **state)
{
    carnet_retrieval_method method = method_of(true, true, true, 0x91);
    carnet_ble_parameters p;

    (void)state;
    assert_carnet_ok(carnet_ble_parameters_of(&method, false, 1, 0, &p, NULL), NULL);
    assert_true(p.has_address && p.address_random);
    assert_memory_equal(p.address, address, sizeof(p.address));
    assert_int_equal(p.psm, 0x91);
    method = method_with(true, false, address, false, 0);
    assert_carnet_ok(carnet_ble_parameters_of(&method, false, 1, 0, &p, NULL), NULL);
    assert_true(p.has_address && !p.address_random && p.psm == 0);
    method = method_of(true, true, true, 0x91);
    assert_carnet_ok(carnet_ble_parameters_of(&method, false, 2, 0, &p, NULL), NULL);
    assert_false(p.has_address || p.psm != 0);
    assert_carnet_ok(carnet_ble_parameters_of(&method, true, 1, 0, &p, NULL), NULL);
    assert_false(p.has_address || p.psm != 0);
}

static void
leaves_out_a_psm_that_cannot_be_one_of_le(void **state)
{
    carnet_retrieval_method method = method_of(true, false, false, 0x1001);
    carnet_ble_parameters p;

    (void)state;
    assert_carnet_ok(carnet_ble_parameters_of(&method, false, 3, 0, &p, NULL), NULL);
    assert_int_equal(p.psm, 0);
}

static void
refuses_a_method_that_is_not_of_ble_or_not_usable(void **state)
{
    carnet_retrieval_method method = method_of(true, true, false, 0);
    carnet_ble_parameters p;

    (void)state;
    method.usable = false;
    assert_carnet_rc(carnet_ble_parameters_of(&method, false, 3, 0, &p, NULL), CARNET_E_LINK_PROTOCOL);
    method.usable = true;
    method.type = CARNET_METHOD_NFC;
    assert_carnet_rc(carnet_ble_parameters_of(&method, false, 3, 0, &p, NULL), CARNET_E_LINK_PROTOCOL);
    method.type = CARNET_METHOD_BLE;
    method.ble.central_client_uuid.len = 4;
    assert_carnet_rc(carnet_ble_parameters_of(&method, false, 3, 0, &p, NULL), CARNET_E_LINK_PROTOCOL);
    assert_int_equal(p.mode, 0);
}

static void
does_not_build_a_method_without_a_mode_or_with_an_address_for_nobody(void **state)
{
    carnet_cbor_builder b = carnet_cbor_measure();
    carnet_span built;

    (void)state;
    carnet_ble_method_build(&b, NULL, NULL, NULL, false, 0);
    assert_carnet_rc(carnet_cbor_built(&b, &built, NULL), CARNET_E_USAGE);
    b = carnet_cbor_measure();
    carnet_ble_method_build(&b, NULL, client_uuid, address, false, 0);
    assert_carnet_rc(carnet_cbor_built(&b, &built, NULL), CARNET_E_USAGE);
    b = carnet_cbor_measure();
    carnet_ble_method_build(&b, NULL, client_uuid, NULL, false, 0x80);
    assert_carnet_rc(carnet_cbor_built(&b, &built, NULL), CARNET_E_USAGE);
}

static bool
contains(carnet_str all, carnet_str wanted)
{
    for (size_t i = 0; i + wanted.len <= all.len; i++) {
        if (memcmp(all.ptr + i, wanted.ptr, wanted.len) == 0) {
            return true;
        }
    }
    return false;
}

static void
derives_ident_from_the_engagement_of_annex_d(void **state)
{
    carnet_span engagement_bytes = carnet_test_shared_hex("vectors/iso18013-5-annexD/device_engagement_qr.hex");
    carnet_str derived = carnet_test_shared_text("vectors/iso18013-5-annexD/derived_ble_ident_wifi_qr.json");
    carnet_engagement view;
    carnet_crypto crypto;
    uint8_t ident[CARNET_BLE_IDENT_SIZE];
    char hex[2 * CARNET_BLE_IDENT_SIZE + 1] = "";
    carnet_buf text = carnet_buf_of(hex, sizeof(hex));

    (void)state;
    assert_carnet_ok(carnet_crypto_init(&crypto, NULL), NULL);
    assert_carnet_ok(carnet_device_engagement_open(engagement_bytes, &view, NULL), NULL);
    assert_carnet_ok(carnet_ble_ident(&crypto, view.key_bytes.encoded, ident, NULL), NULL);
    carnet_buf_add_hex(&text, carnet_span_of(ident, sizeof(ident)));
    assert_true(contains(derived, carnet_buf_str(&text)));
    carnet_crypto_done(&crypto);
}

static void
writes_a_psm_in_four_octets_and_reads_either_order(void **state)
{
    uint8_t value[CARNET_BLE_PSM_SIZE];

    (void)state;
    carnet_ble_psm_encode(0x80, value);
    assert_span_equal(carnet_span_of(value, sizeof(value)), carnet_test_hex("00000080"));
    for (unsigned psm = 1; psm <= 255; psm++) {
        const uint8_t little[] = { (uint8_t)psm, 0, 0, 0 };

        carnet_ble_psm_encode((uint16_t)psm, value);
        assert_int_equal(carnet_ble_psm_decode(carnet_span_of(value, sizeof(value))), psm);
        assert_int_equal(carnet_ble_psm_decode(carnet_span_of(little, sizeof(little))), psm);
    }
}

static void
finds_no_psm_in_what_is_none(void **state)
{
    static const char *const bad[] = { "", "80", "0080", "000080", "0000000080", "00000000", "00000100", "01000001" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++) {
        assert_int_equal(carnet_ble_psm_decode(carnet_test_hex(bad[i])), 0);
    }
}

static const struct {
    size_t mtu;
    uint8_t header;
    uint16_t most;
    size_t part;
} sizes[] = {
    { 23, 0, 0, 20 },   { 185, 0, 0, 182 },   { 515, 0, 0, 512 },   { 516, 0, 0, 512 },
    { 517, 0, 0, 512 }, { 60000, 0, 0, 512 }, { 513, 0, 510, 510 }, { 517, 0, 510, 510 },
    { 513, 5, 0, 508 }, { 185, 5, 510, 180 }, { 185, 0, 600, 182 }, { 517, 0, 600, 512 },
    { 3, 0, 0, 2 },     { 0, 0, 0, 2 },       { 23, 255, 0, 2 },    { 23, 0, 1, 2 },
};

static void
keeps_parts_within_att_mtu_512_octets_and_the_callers_limits(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(sizes); i++) {
        assert_int_equal(carnet_ble_part_size(sizes[i].mtu, sizes[i].header, sizes[i].most), sizes[i].part);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_uuid_of_every_characteristic_and_back),
        cmocka_unit_test(has_no_uuid_for_what_a_mode_does_not_have),
        cmocka_unit_test(turns_a_uuid_round_for_the_air),
        cmocka_unit_test(refuses_text_that_is_no_uuid),
        cmocka_unit_test(chooses_a_mode_and_takes_its_uuid),
        cmocka_unit_test(takes_address_and_psm_where_this_side_will_look_for_the_mdoc),
        cmocka_unit_test(leaves_out_a_psm_that_cannot_be_one_of_le),
        cmocka_unit_test(refuses_a_method_that_is_not_of_ble_or_not_usable),
        cmocka_unit_test(does_not_build_a_method_without_a_mode_or_with_an_address_for_nobody),
        cmocka_unit_test(derives_ident_from_the_engagement_of_annex_d),
        cmocka_unit_test(writes_a_psm_in_four_octets_and_reads_either_order),
        cmocka_unit_test(finds_no_psm_in_what_is_none),
        cmocka_unit_test(keeps_parts_within_att_mtu_512_octets_and_the_callers_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
