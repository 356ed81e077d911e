/* SPDX-License-Identifier: Apache-2.0 */
/* Which carrier a negotiated handover ends on, at both ends; and what builders refuse. */
#include "carnet/nfc_handover.h"
#include "support/support.h"

#include <string.h>

static const uint8_t readers_uuid[16] = { 1, 2, 3 }, mdocs_uuid[16] = { 9, 8, 7 };

/** The modes that a method offers, in letters: p and c (p! prefers peripheral server), n, w (w3: suite 3). */
static size_t
methods_of(const char *letters, bool reader, carnet_retrieval_method out[3])
{
    const uint8_t *uuid = reader ? readers_uuid : mdocs_uuid;
    size_t n = 0;
    carnet_retrieval_method *ble = NULL;

    for (const char *c = letters; *c != '\0'; c++) {
        carnet_retrieval_method m = { .version = 1, .usable = true };

        if (*c == 'p' || *c == 'c') {
            if (ble == NULL) {
                m.type = CARNET_METHOD_BLE;
                ble = &out[n];
                out[n++] = m;
            }
            ble->ble.peripheral_server |= *c == 'p';
            ble->ble.central_client |= *c == 'c';
            if (*c == 'p' && !reader) {
                ble->ble.peripheral_server_uuid = carnet_span_of(uuid, 16);
            } else if (*c == 'c' && reader) {
                ble->ble.central_client_uuid = carnet_span_of(uuid, 16);
            }
        } else if (*c == '!') {
            assert_non_null(ble);
            ble->ble.peripheral_server_preferred = true;
        } else if (*c == 'n') {
            m.type = CARNET_METHOD_NFC;
            m.nfc.max_command = 255;
            m.nfc.max_response = 256;
            out[n++] = m;
        } else if (*c == 'w') {
            m.type = CARNET_METHOD_WIFI_AWARE;
            m.wifi_aware.cipher_suites = c[1] == '3' ? CARNET_TEST_BYTES("\x03") : CARNET_TEST_BYTES("\x01");
            out[n++] = m;
        }
    }
    return n;
}

static void
the_mdoc_chooses_and_the_reader_understands(void **state)
{
    static const struct {
        const char *reader, *mdoc, *chosen;
    } cases[] = {
        { "p", "p", "p" },     { "c", "c", "c" },  { "pc", "pc", "c" }, { "pc", "pc!", "p" }, { "pc", "p", "p" },
        { "p", "pc", "p" },    { "p", "c", "" },   { "c", "p", "" },    { "n", "n", "n" },    { "pcn", "npc", "n" },
        { "pcn", "pcn", "c" }, { "n", "pc", "" },  { "n", "pcn", "n" }, { "w", "w", "w" },    { "w", "w3", "" },
        { "wn", "w3n", "n" },  { "", "pcnw", "" }, { "pcnw", "", "" },  { "c", "wnpc", "c" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        uint8_t request_room[512], select_room[512];
        carnet_retrieval_method offered[3] = { 0 }, supported[3] = { 0 };
        carnet_nfc_handover_parameters hr = { .methods = offered }, hs = { .method_count = 1, .negotiated = true };
        carnet_nfc_handover request, select;
        carnet_nfc_carrier choice, selected;
        carnet_span message;
        carnet_err err = { 0 };
        size_t n = methods_of(cases[i].mdoc, false, supported);
        carnet_rc rc;

        hr.method_count = methods_of(cases[i].reader, true, offered);
        assert_carnet_ok(carnet_nfc_handover_request_build(&hr, request_room, sizeof request_room, &message, &err),
                         &err);
        assert_carnet_ok(carnet_nfc_handover_open(message, &request, &err), &err);
        assert_int_equal(request.odd, 0);
        rc = carnet_nfc_handover_choose(&request, supported, n, &choice, &err);
        if (cases[i].chosen[0] == '\0') {
            assert_carnet_rc(rc, CARNET_E_HANDOVER_CARRIER);
            assert_int_equal(choice.method.type, 0);
            continue;
        }
        assert_carnet_ok(rc, &err);
        hs.methods = &choice.method;
        hs.engagement = CARNET_TEST_BYTES("\xa0");
        assert_carnet_ok(carnet_nfc_handover_select_build(&hs, select_room, sizeof select_room, &message, &err), &err);
        assert_carnet_ok(carnet_nfc_handover_open(message, &select, &err), &err);
        assert_int_equal(select.odd, 0);
        assert_carnet_ok(carnet_nfc_handover_selected(&select, &request, &selected, &err), &err);
        assert_int_equal(selected.method.type, choice.method.type);
        assert_int_equal(selected.method.ble.peripheral_server, cases[i].chosen[0] == 'p');
        assert_int_equal(selected.method.ble.central_client, cases[i].chosen[0] == 'c');
        assert_span_equal(selected.method.ble.peripheral_server_uuid,
                          carnet_span_of(mdocs_uuid, cases[i].chosen[0] == 'p' ? 16 : 0));
        assert_span_equal(selected.method.ble.central_client_uuid,
                          carnet_span_of(readers_uuid, cases[i].chosen[0] == 'c' ? 16 : 0));
        assert_span_equal(choice.method.ble.central_client_uuid, selected.method.ble.central_client_uuid);
        assert_int_equal(selected.method.nfc.max_command, cases[i].chosen[0] == 'n' ? 255 : 0);
    }
}

static void
a_select_that_does_not_answer_the_request_is_refused(void **state)
{
    static const struct {
        const char *reader, *mdoc;
    } cases[] = { { "p", "n" }, { "pc", "pcn" }, { "n", "p" }, { "pc", "" } };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        uint8_t request_room[512], select_room[512];
        carnet_retrieval_method offered[3] = { 0 }, answered[3] = { 0 };
        carnet_nfc_handover_parameters hr = { .methods = offered };
        carnet_nfc_handover_parameters hs = { .methods = answered, .negotiated = true };
        carnet_nfc_handover request, select;
        carnet_nfc_carrier selected;
        carnet_span message;

        hr.method_count = methods_of(cases[i].reader, true, offered);
        hs.method_count = methods_of(cases[i].mdoc, false, answered);
        hs.engagement = CARNET_TEST_BYTES("\xa0");
        assert_carnet_ok(carnet_nfc_handover_request_build(&hr, request_room, sizeof request_room, &message, NULL),
                         NULL);
        assert_carnet_ok(carnet_nfc_handover_open(message, &request, NULL), NULL);
        assert_carnet_ok(carnet_nfc_handover_select_build(&hs, select_room, sizeof select_room, &message, NULL), NULL);
        assert_carnet_ok(carnet_nfc_handover_open(message, &select, NULL), NULL);
        assert_carnet_rc(carnet_nfc_handover_selected(&select, &request, &selected, NULL), CARNET_E_HANDOVER_CARRIER);
        assert_int_equal(selected.method.type, 0);
    }
}

static void
a_select_of_both_modes_comes_to_the_mdoc_central_client(void **state)
{
    uint8_t request_room[512], select_room[512];
    carnet_retrieval_method offered[3] = { 0 }, answered[3] = { 0 };
    carnet_nfc_handover_parameters hr = { .methods = offered };
    carnet_nfc_handover_parameters hs = { .methods = answered, .negotiated = true };
    carnet_nfc_handover request, select;
    carnet_nfc_carrier selected;
    carnet_span message;

    (void)state;
    hr.method_count = methods_of("pc", true, offered);
    hs.method_count = methods_of("pc", false, answered);
    hs.engagement = CARNET_TEST_BYTES("\xa0");
    assert_carnet_ok(carnet_nfc_handover_request_build(&hr, request_room, sizeof request_room, &message, NULL), NULL);
    assert_carnet_ok(carnet_nfc_handover_open(message, &request, NULL), NULL);
    assert_carnet_ok(carnet_nfc_handover_select_build(&hs, select_room, sizeof select_room, &message, NULL), NULL);
    assert_carnet_ok(carnet_nfc_handover_open(message, &select, NULL), NULL);
    assert_carnet_ok(carnet_nfc_handover_selected(&select, &request, &selected, NULL), NULL);
    assert_true(selected.method.ble.central_client && !selected.method.ble.peripheral_server);
    assert_span_equal(selected.method.ble.central_client_uuid, carnet_span_of(readers_uuid, 16));
    assert_int_equal(selected.method.ble.peripheral_server_uuid.len, 0);
}

static void
wifi_aware_is_written_whole_and_read_again(void **state)
{
    static const uint8_t key[32] = { 4, 2 };
    static char longest[256];
    carnet_retrieval_method m = { .type = CARNET_METHOD_WIFI_AWARE };
    carnet_nfc_handover_parameters hs = { .methods = &m, .method_count = 1, .engagement = CARNET_TEST_BYTES("\xa0") };
    uint8_t room[512];
    carnet_nfc_handover view;
    carnet_nfc_carrier got;
    carnet_span message, rest;

    (void)state;
    m.wifi_aware.cipher_suites = CARNET_TEST_BYTES("\x01\x03");
    m.wifi_aware.dh_group = 19;
    m.wifi_aware.dh_key = carnet_span_of(key, sizeof key);
    m.wifi_aware.passphrase = carnet_str_of("open sesame");
    m.wifi_aware.bands = CARNET_TEST_BYTES("\x14");
    assert_carnet_ok(carnet_nfc_handover_select_build(&hs, room, sizeof room, &message, NULL), NULL);
    assert_carnet_ok(carnet_nfc_handover_open(message, &view, NULL), NULL);
    rest = view.carriers;
    assert_true(carnet_nfc_handover_next(&view, &rest, &got) && got.method.usable);
    assert_span_equal(got.method.wifi_aware.cipher_suites, m.wifi_aware.cipher_suites);
    assert_int_equal(got.method.wifi_aware.dh_group, 19);
    assert_span_equal(got.method.wifi_aware.dh_key, m.wifi_aware.dh_key);
    assert_str_is(got.method.wifi_aware.passphrase, "open sesame");
    assert_span_equal(got.method.wifi_aware.bands, m.wifi_aware.bands);
    m.wifi_aware.passphrase = (carnet_str){ longest, 255 };
    assert_carnet_rc(carnet_nfc_handover_select_build(&hs, room, sizeof room, &message, NULL), CARNET_E_USAGE);
}

static void
an_inactive_carrier_is_passed_over(void **state)
{
    uint8_t room[512];
    carnet_retrieval_method offered[3] = { 0 }, supported[3] = { 0 };
    carnet_nfc_handover_parameters hr = { .methods = offered };
    carnet_nfc_handover request;
    carnet_nfc_carrier choice;
    carnet_span message;

    (void)state;
    hr.method_count = methods_of("pcn", true, offered);
    assert_int_equal(methods_of("pcn", false, supported), 2);
    assert_carnet_ok(carnet_nfc_handover_request_build(&hr, room, sizeof room, &message, NULL), NULL);
    assert_int_equal(room[11], CARNET_CARRIER_ACTIVE);
    room[11] = CARNET_CARRIER_INACTIVE;
    assert_carnet_ok(carnet_nfc_handover_open(message, &request, NULL), NULL);
    assert_carnet_ok(carnet_nfc_handover_choose(&request, supported, 2, &choice, NULL), NULL);
    assert_int_equal(choice.method.type, CARNET_METHOD_NFC);
}

static void
what_cannot_be_written_is_a_mistake_of_the_caller(void **state)
{
    static const carnet_retrieval_method bad[] = {
        { .type = CARNET_METHOD_REST },
        { .type = CARNET_METHOD_BLE },
        { .type = CARNET_METHOD_BLE, .ble = { .peripheral_server = true } },
        { .type = CARNET_METHOD_BLE, .ble = { .central_client = true } },
        { .type = CARNET_METHOD_BLE, .ble = { .central_client = true, .central_client_uuid = { readers_uuid, 15 } } },
        { .type = CARNET_METHOD_BLE,
          .ble = { .central_client = true,
                   .central_client_uuid = { readers_uuid, 16 },
                   .address = { mdocs_uuid, 6 } } },
        { .type = CARNET_METHOD_NFC, .nfc = { 254, 256 } },
        { .type = CARNET_METHOD_NFC, .nfc = { 255, 255 } },
        { .type = CARNET_METHOD_NFC, .nfc = { 65536, 256 } },
        { .type = CARNET_METHOD_NFC, .nfc = { 255, 65537 } },
        { .type = CARNET_METHOD_WIFI_AWARE },
    };
    carnet_retrieval_method twice[2] = { { .type = CARNET_METHOD_NFC, .nfc = { 255, 256 } },
                                         { .type = CARNET_METHOD_NFC, .nfc = { 255, 256 } } };
    carnet_nfc_handover_parameters p = { .engagement = CARNET_TEST_BYTES("\xa0") };
    uint8_t room[512];
    carnet_span message;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++) {
        p.methods = &bad[i];
        p.method_count = 1;
        assert_carnet_rc(carnet_nfc_handover_select_build(&p, room, sizeof room, &message, NULL), CARNET_E_USAGE);
        assert_carnet_rc(carnet_nfc_handover_request_build(&p, room, sizeof room, &message, NULL),
                         bad[i].ble.peripheral_server ? CARNET_OK : CARNET_E_USAGE);
    }
    p.methods = twice;
    p.method_count = 2;
    assert_carnet_rc(carnet_nfc_handover_select_build(&p, room, sizeof room, &message, NULL), CARNET_E_USAGE);
    p.method_count = 1;
    assert_carnet_ok(carnet_nfc_handover_select_build(&p, room, sizeof room, &message, NULL), NULL);
    for (size_t cap = 0, whole = message.len; cap < whole; cap++) {
        assert_carnet_rc(carnet_nfc_handover_select_build(&p, room, cap, &message, NULL), CARNET_E_NO_SPACE);
        assert_null(message.ptr);
    }
    p.engagement = (carnet_span){ 0 };
    assert_carnet_rc(carnet_nfc_handover_select_build(&p, room, sizeof room, &message, NULL), CARNET_E_USAGE);
    assert_carnet_ok(carnet_nfc_handover_request_build(&p, room, sizeof room, &message, NULL), NULL);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mdoc_chooses_and_the_reader_understands),
        cmocka_unit_test(a_select_that_does_not_answer_the_request_is_refused),
        cmocka_unit_test(a_select_of_both_modes_comes_to_the_mdoc_central_client),
        cmocka_unit_test(wifi_aware_is_written_whole_and_read_again),
        cmocka_unit_test(an_inactive_carrier_is_passed_over),
        cmocka_unit_test(what_cannot_be_written_is_a_mistake_of_the_caller),
    };

    return cmocka_run_group_tests_name("nfc choose", tests, NULL, NULL);
}
