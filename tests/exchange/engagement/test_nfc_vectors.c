/* SPDX-License-Identifier: Apache-2.0 */
/* Handover messages of the standard's annex and of another implementation: read, and built byte for byte. */
#include "carnet/nfc_handover.h"
#include "support/support.h"

#include <string.h>

static uint8_t room[1024];

static carnet_nfc_handover
open(carnet_span message)
{
    carnet_nfc_handover view;
    carnet_err err;

    assert_carnet_ok(carnet_nfc_handover_open(message, &view, &err), &err);
    return view;
}

static carnet_retrieval_method
next(const carnet_nfc_handover *view, carnet_span *rest, carnet_nfc_carrier *carrier, int64_t type)
{
    assert_true(carnet_nfc_handover_next(view, rest, carrier));
    assert_int_equal(carrier->method.type, type);
    assert_true(carrier->method.usable);
    assert_int_equal(carrier->power, CARNET_CARRIER_ACTIVE);
    return carrier->method;
}

static void
the_annex_request_offers_ble_nfc_and_wifi_aware(void **state)
{
    carnet_span message = carnet_test_shared_hex("vectors/iso18013-5-annexD/nfc_handover_request.hex");
    carnet_span uuid = carnet_test_hex("3a82d455d5fc4db3bea06fd2f6ff32c8"), built;
    carnet_nfc_handover view = open(message);
    carnet_span rest = view.carriers;
    carnet_retrieval_method methods[3];
    carnet_nfc_carrier ble, nfc, wifi, none;
    carnet_err err;

    (void)state;
    assert_true(view.request && view.has_collision);
    assert_int_equal(view.collision, 0x0102);
    assert_int_equal(view.carrier_count, 3);
    assert_int_equal(view.odd, 0);
    assert_int_equal(view.engagement.len, 0);
    methods[0] = next(&view, &rest, &ble, CARNET_METHOD_BLE);
    methods[1] = next(&view, &rest, &nfc, CARNET_METHOD_NFC);
    methods[2] = next(&view, &rest, &wifi, CARNET_METHOD_WIFI_AWARE);
    assert_false(carnet_nfc_handover_next(&view, &rest, &none));
    assert_true(methods[0].ble.peripheral_server && methods[0].ble.central_client);
    assert_span_equal(methods[0].ble.central_client_uuid, uuid);
    assert_span_equal(methods[0].ble.address, carnet_test_hex("28078080bf2801"));
    assert_int_equal(methods[0].ble.peripheral_server_uuid.len, 0);
    assert_int_equal(methods[1].nfc.max_command, 0);
    assert_int_equal(methods[2].wifi_aware.dh_group, 19);
    assert_int_equal(methods[2].wifi_aware.dh_key.len, 32);
    assert_span_equal(methods[2].wifi_aware.cipher_suites, carnet_test_hex("0103"));
    assert_span_equal(methods[2].wifi_aware.bands, carnet_test_hex("14"));
    assert_carnet_ok(carnet_nfc_handover_request_build(
                         &(carnet_nfc_handover_parameters){
                             .methods = methods, .method_count = 3, .has_collision = true, .collision = 0x0102 },
                         room, sizeof room, &built, &err),
                     &err);
    assert_span_equal(built, message);
}

static void
the_annex_select_answers_with_ble_and_the_request_gives_the_uuid(void **state)
{
    carnet_span message = carnet_test_shared_hex("vectors/iso18013-5-annexD/nfc_handover_select.hex"), built;
    carnet_nfc_handover view = open(message);
    carnet_nfc_handover request = open(carnet_test_shared_hex("vectors/iso18013-5-annexD/nfc_handover_request.hex"));
    carnet_nfc_carrier carrier;
    carnet_engagement engagement;
    carnet_err err;

    (void)state;
    assert_false(view.request);
    assert_int_equal(view.odd, 0);
    assert_carnet_ok(carnet_device_engagement_open(view.engagement, &engagement, &err), &err);
    assert_true(engagement.has_key);
    assert_carnet_ok(carnet_nfc_handover_selected(&view, &request, &carrier, &err), &err);
    assert_true(carrier.method.ble.central_client && !carrier.method.ble.peripheral_server);
    assert_span_equal(carrier.method.ble.central_client_uuid, carnet_test_hex("3a82d455d5fc4db3bea06fd2f6ff32c8"));
    assert_carnet_ok(
        carnet_nfc_handover_select_build(
            &(carnet_nfc_handover_parameters){
                .methods = &carrier.method, .method_count = 1, .negotiated = true, .engagement = view.engagement },
            room, sizeof room, &built, &err),
        &err);
    assert_span_equal(built, message);
}

static void
the_static_select_of_another_implementation_is_read_and_built(void **state)
{
    carnet_span message = carnet_test_shared_hex("vectors/nfc/static_handover_handover_select.hex"), built;
    carnet_span uuid = carnet_test_hex("b3d52ac4a1b64b51a22e78ee55ef6eb6");
    carnet_nfc_handover view = open(message);
    carnet_span rest = view.carriers;
    carnet_nfc_carrier ble, nfc;
    carnet_retrieval_method methods[2];
    carnet_err err;

    (void)state;
    assert_int_equal(view.odd, 0);
    methods[0] = next(&view, &rest, &ble, CARNET_METHOD_BLE);
    methods[1] = next(&view, &rest, &nfc, CARNET_METHOD_NFC);
    assert_true(methods[0].ble.peripheral_server && methods[0].ble.central_client);
    assert_false(methods[0].ble.peripheral_server_preferred);
    assert_true(carnet_span_equal(methods[0].ble.peripheral_server_uuid, methods[0].ble.central_client_uuid));
    assert_int_equal(methods[1].nfc.max_command, 65535);
    assert_int_equal(methods[1].nfc.max_response, 65536);
    assert_span_equal(methods[0].ble.peripheral_server_uuid, uuid);
    assert_carnet_ok(
        carnet_nfc_handover_select_build(
            &(carnet_nfc_handover_parameters){
                .methods = methods, .method_count = 2, .engagement_first = true, .engagement = view.engagement },
            room, sizeof room, &built, &err),
        &err);
    assert_span_equal(built, message);
}

static void
the_negotiated_messages_of_another_implementation_are_read_and_built(void **state)
{
    carnet_span hr = carnet_test_shared_hex("vectors/nfc/negotiated_handover_handover_request.hex"), built;
    carnet_span hs = carnet_test_shared_hex("vectors/nfc/negotiated_handover_handover_select.hex");
    carnet_nfc_handover request = open(hr), select = open(hs);
    carnet_span rest = request.carriers;
    carnet_nfc_carrier ble, nfc, carrier;
    carnet_retrieval_method methods[2];
    carnet_engagement engagement;
    carnet_err err;

    (void)state;
    assert_int_equal(request.odd, 0);
    assert_carnet_ok(carnet_reader_engagement_open(request.engagement, &engagement, &err), &err);
    methods[0] = next(&request, &rest, &ble, CARNET_METHOD_BLE);
    methods[1] = next(&request, &rest, &nfc, CARNET_METHOD_NFC);
    assert_carnet_ok(
        carnet_nfc_handover_request_build(
            &(carnet_nfc_handover_parameters){
                .methods = methods, .method_count = 2, .engagement_first = true, .engagement = request.engagement },
            room, sizeof room, &built, &err),
        &err);
    assert_span_equal(built, hr);
    assert_carnet_ok(carnet_nfc_handover_selected(&select, &request, &carrier, &err), &err);
    assert_span_equal(carrier.method.ble.central_client_uuid, carnet_test_hex("b3d52ac4a1b64b51a22e78ee55ef6eb6"));
    assert_carnet_ok(
        carnet_nfc_handover_select_build(&(carnet_nfc_handover_parameters){ .methods = &carrier.method,
                                                                            .method_count = 1,
                                                                            .negotiated = true,
                                                                            .engagement_first = true,
                                                                            .engagement = select.engagement },
                                         room, sizeof room, &built, &err),
        &err);
    assert_span_equal(built, hs);
}

/** Hex digits of every string of an array in a JSON text. */
static bool
next_hex(const char **at, char *out, size_t cap)
{
    const char *start = strpbrk(*at, "\"]");
    size_t len;

    if (start == NULL || *start == ']') {
        return false;
    }
    len = strcspn(start + 1, "\"");
    assert_true(len < cap);
    memcpy(out, start + 1, len);
    out[len] = '\0';
    *at = start + 1 + len + 1;
    return true;
}

static void
carrier_records_alone_say_their_modes(void **state)
{
    static const struct {
        bool peripheral, central, prefers_peripheral;
    } expected[] = { { true, false, false },
                     { true, false, false },
                     { false, true, false },
                     { false, true, false },
                     { true, true, false } };
    carnet_str text = carnet_test_shared_text("vectors/nfc/ble_oob_records.json");
    static char copy[8192]; /* with the zero that strstr() wants */
    const char *at;
    char hex[256];
    size_t i = 0;

    (void)state;
    assert_in_range(text.len, 1, sizeof copy - 1);
    memcpy(copy, text.ptr, text.len);
    at = strchr(strstr(copy, "ndef_carrier_records"), '[');
    for (; next_hex(&at, hex, sizeof hex); i++) {
        carnet_span record = carnet_test_hex(hex), built;
        carnet_ndef_reader r = carnet_ndef_open(record);
        carnet_ndef_record carrier;
        carnet_ndef_builder b = carnet_ndef_build(room, sizeof room);
        carnet_nfc_handover view;
        carnet_nfc_carrier got;
        carnet_span rest;
        carnet_ndef_mark mark;

        assert_true(carnet_ndef_next(&r, &carrier));
        assert_carnet_ok(carnet_ndef_done(&r, NULL), NULL);
        mark = carnet_ndef_begin(
            &b, &(carnet_ndef_record){ .format = CARNET_NDEF_WELL_KNOWN, .type = carnet_str_of("Hs") });
        carnet_ndef_append(&b, CARNET_TEST_BYTES("\x15"));
        carnet_ndef_add(&b, &(carnet_ndef_record){ .format = CARNET_NDEF_WELL_KNOWN,
                                                   .type = carnet_str_of("ac"),
                                                   .payload = CARNET_TEST_BYTES("\x01\x01\x30\x01\x04mdoc") });
        carnet_ndef_end(&b, mark);
        carnet_ndef_add(&b, &carrier);
        carnet_ndef_add(&b, &(carnet_ndef_record){ .format = CARNET_NDEF_EXTERNAL,
                                                   .type = carnet_str_of("iso.org:18013:deviceengagement"),
                                                   .id = CARNET_TEST_BYTES("mdoc"),
                                                   .payload = CARNET_TEST_BYTES("\xa0") });
        assert_carnet_ok(carnet_ndef_built(&b, &built, NULL), NULL);
        view = open(built);
        rest = view.carriers;
        assert_true(carnet_nfc_handover_next(&view, &rest, &got));
        assert_true(got.method.usable);
        assert_int_equal(got.method.ble.peripheral_server, expected[i].peripheral);
        assert_int_equal(got.method.ble.central_client, expected[i].central);
        assert_int_equal(got.method.ble.peripheral_server_preferred, expected[i].prefers_peripheral);
    }
    assert_int_equal(i, CARNET_COUNT(expected));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_annex_request_offers_ble_nfc_and_wifi_aware),
        cmocka_unit_test(the_annex_select_answers_with_ble_and_the_request_gives_the_uuid),
        cmocka_unit_test(the_static_select_of_another_implementation_is_read_and_built),
        cmocka_unit_test(the_negotiated_messages_of_another_implementation_are_read_and_built),
        cmocka_unit_test(carrier_records_alone_say_their_modes),
    };

    return cmocka_run_group_tests_name("nfc vectors", tests, NULL, NULL);
}
