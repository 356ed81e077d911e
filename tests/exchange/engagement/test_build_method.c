/* SPDX-License-Identifier: Apache-2.0 */
/* Methods built from what was read, capabilities, and links to apps. */
#include "carnet/engagement.h"
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#define UUID "00112233445546778899aabbccddeeff"

/** Open a method within an engagement of its own. */
static bool
open_method(carnet_span encoded, carnet_retrieval_method *method, uint8_t *room, size_t cap)
{
    carnet_cbor_builder b = carnet_cbor_build(room, cap);
    carnet_engagement view;
    carnet_span out, rest;

    carnet_engagement_build(&b,
                            &(carnet_engagement_parameters){ .methods = &encoded, .method_count = 1, .reader = true });
    assert_carnet_ok(carnet_cbor_built(&b, &out, NULL), NULL);
    assert_carnet_ok(carnet_reader_engagement_open(out, &view, NULL), NULL);
    rest = view.methods;
    return carnet_engagement_next_method(&view, &rest, method) && method->usable;
}

static void
every_usable_method_is_built_again_the_same(void **state)
{
    static const char *const methods[] = {
        "830101a20018ff01190100",
        "830101a20019ffff011a00010000",
        "830201a300f401f50b50" UUID,
        "830201a300f501f40a50" UUID,
        "830201a400f501f50a50" UUID "0b50" UUID,
        "830201a500f501f40a50" UUID "144701020304050600"
        "15190100",
        "830201a600f501f50a50" UUID "0b50" UUID "144701020304050600"
        "1500",
        "830301a1034114",
        "830301a10340",
        "830301a4006c6f70656e20736573616d6521011851020603 4114",
        "830401a1006161",
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(methods); i++) {
        carnet_span encoded = carnet_test_hex(methods[i]), built;
        uint8_t room[256], again[256];
        carnet_cbor_builder b = carnet_cbor_build(again, sizeof again);
        carnet_retrieval_method method;
        carnet_err err;

        if (!open_method(encoded, &method, room, sizeof room)) {
            fail_msg("%s is unusable", methods[i]);
        }
        carnet_method_build(&b, &method);
        assert_carnet_ok(carnet_cbor_built(&b, &built, &err), &err);
        assert_span_equal(built, encoded);
    }
}

static void
what_a_reader_would_not_use_is_not_built(void **state)
{
    static const uint8_t uuid[16] = { 1 };
    static const carnet_retrieval_method bad[] = {
        { .type = 0 },
        { .type = 5 },
        { .type = CARNET_METHOD_NFC, .nfc = { 254, 256 } },
        { .type = CARNET_METHOD_NFC, .nfc = { 255, 65537 } },
        { .type = CARNET_METHOD_BLE },
        { .type = CARNET_METHOD_BLE, .ble = { .central_client = true } },
        { .type = CARNET_METHOD_BLE,
          .ble = { .central_client = true, .central_client_uuid = { uuid, 16 }, .address = { uuid, 7 } } },
        { .type = CARNET_METHOD_BLE,
          .ble = { .central_client = true, .central_client_uuid = { uuid, 16 }, .has_psm = true } },
        { .type = CARNET_METHOD_BLE,
          .ble = { .peripheral_server = true, .peripheral_server_uuid = { uuid, 16 }, .address = { uuid, 6 } } },
        { .type = CARNET_METHOD_BLE,
          .ble = { .peripheral_server = true, .peripheral_server_uuid = { uuid, 16 }, .has_psm = true, .psm = 65536 } },
        { .type = CARNET_METHOD_BLE,
          .ble = { .peripheral_server = true,
                   .peripheral_server_uuid = { uuid, 16 },
                   .central_client_uuid = { uuid, 16 } } },
        { .type = CARNET_METHOD_WIFI_AWARE },
        { .type = CARNET_METHOD_REST },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++) {
        uint8_t room[256];
        carnet_cbor_builder b = carnet_cbor_build(room, sizeof room);

        carnet_method_build(&b, &bad[i]);
        if (b.rc != CARNET_E_USAGE) {
            fail_msg("method %zu: %s", i, carnet_rc_name(b.rc));
        }
    }
}

static void
capabilities_are_what_the_parameters_say(void **state)
{
    static const int curves[] = { 1, 2, 3, 256 };

    (void)state;
    for (unsigned bits = 1; bits < 32; bits++) {
        carnet_engagement_parameters p = { .reader = true,
                                           .mac_keys = (bits & 1) != 0,
                                           .mac_keys_curves = curves,
                                           .mac_keys_curve_count = (bits & 2) != 0 ? CARNET_COUNT(curves) : 0,
                                           .handover_session_establishment = (bits & 4) != 0,
                                           .reader_auth_all = (bits & 8) != 0,
                                           .extended_request = (bits & 16) != 0 };
        uint8_t room[64];
        carnet_cbor_builder b = carnet_cbor_build(room, sizeof room);
        carnet_engagement view;
        carnet_span out;

        carnet_engagement_build(&b, &p);
        if ((bits & 3) == 2) {
            assert_carnet_rc(carnet_cbor_built(&b, &out, NULL), CARNET_E_USAGE);
            continue;
        }
        assert_carnet_ok(carnet_cbor_built(&b, &out, NULL), NULL);
        assert_carnet_ok(carnet_reader_engagement_open(out, &view, NULL), NULL);
        assert_int_equal(view.odd, 0);
        assert_str_is(view.version, "1.1");
        assert_true(view.capabilities.present && view.has_origin_infos);
        assert_int_equal(view.capabilities.mac_keys_support, p.mac_keys);
        assert_int_equal(view.capabilities.handover_session_establishment, p.handover_session_establishment);
        assert_int_equal(view.capabilities.reader_auth_all, p.reader_auth_all);
        assert_int_equal(view.capabilities.extended_request, p.extended_request);
        assert_span_equal(view.capabilities.mac_keys_curves,
                          p.mac_keys_curve_count != 0 ? carnet_test_hex("84010203190100") : (carnet_span){ 0 });
    }
}

static void
a_link_carries_a_reader_engagement_there_and_back(void **state)
{
    static const struct {
        const char *base, *link;
    } cases[] = {
        { "https://wallet.example/open", "https://wallet.example/open?mdoc=YWJj" },
        { "https://wallet.example/open?a=b", "https://wallet.example/open?a=b&mdoc=YWJj" },
        { "https://wallet.example#top?", "https://wallet.example?mdoc=YWJj#top?" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        uint8_t text[128], back[8];
        carnet_buf link = carnet_buf_of(text, sizeof text), out = carnet_buf_of(back, sizeof back);
        carnet_err err;

        carnet_engagement_link_encode(carnet_str_of(cases[i].base), CARNET_TEST_BYTES("abc"), &link);
        assert_str_is(carnet_buf_str(&link), cases[i].link);
        assert_carnet_ok(carnet_engagement_link_decode(carnet_buf_str(&link), &out, &err), &err);
        assert_span_equal(carnet_buf_span(&out), CARNET_TEST_BYTES("abc"));
    }
}

static void
links_are_taken_or_refused_at_the_character_that_is_wrong(void **state)
{
    static const struct {
        const char *link;
        carnet_rc rc;
        size_t offset;
    } cases[] = {
        { "HTTPS://a/?x=y&mdoc=YWJj&z=1#mdoc=YWI", CARNET_OK, 0 },
        { "https://a/mdoc=YWJj", CARNET_E_ENGAGEMENT_URI, 0 },
        { "https://a/#?mdoc=YWJj", CARNET_E_ENGAGEMENT_URI, 0 },
        { "https://a/?mdoc=", CARNET_E_ENGAGEMENT_URI, 0 },
        { "https://a/?mdoc", CARNET_E_ENGAGEMENT_URI, 0 },
        { "https://a/?amdoc=YWJj", CARNET_E_ENGAGEMENT_URI, 0 },
        { "https://a/?mdoc=YWJj&mdoc=YWJj", CARNET_E_ENGAGEMENT_URI, 0 },
        { "https://a/?", CARNET_E_ENGAGEMENT_URI, 0 },
        { "http://a/?mdoc=YWJj", CARNET_E_ENGAGEMENT_URI, 0 },
        { "mdoc:YWJj", CARNET_E_ENGAGEMENT_URI, 0 },
        { "https:/", CARNET_E_ENGAGEMENT_URI, 0 },
        { "", CARNET_E_ENGAGEMENT_URI, 0 },
        { "https://a/?mdoc=YW+j", CARNET_E_BASE64, 18 },
        { "https://a/?mdoc=YWJj%3D", CARNET_E_BASE64, 20 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        uint8_t back[8];
        carnet_buf out = carnet_buf_of(back, sizeof back);
        carnet_err err = { 0 };
        carnet_rc rc = carnet_engagement_link_decode(carnet_str_of(cases[i].link), &out, &err);

        if (rc != cases[i].rc || err.offset != cases[i].offset || out.len != (rc == CARNET_OK ? 3 : 0)) {
            fail_msg("%s: %s at %zu", cases[i].link, carnet_rc_name(rc), err.offset);
        }
    }
}

static void
methods_of_the_vectors_are_built_again_the_same(void **state)
{
    static const unsigned usable[] = { 1, 2, 1, 0, 1, 1, 1 };

    (void)state;
    for (int i = 1; i <= 7; i++) {
        char path[64];
        carnet_engagement view;
        carnet_retrieval_method method;
        carnet_span rest;
        unsigned count = 0;

        (void)snprintf(path, sizeof path, "vectors/engagement/engagement_%02d.hex", i);
        assert_carnet_ok(carnet_device_engagement_open(carnet_test_shared_hex(path), &view, NULL), NULL);
        rest = view.methods;
        while (carnet_engagement_next_method(&view, &rest, &method)) {
            uint8_t room[256];
            carnet_cbor_builder b = carnet_cbor_build(room, sizeof room);
            carnet_span built;
            carnet_rc rc;

            carnet_method_build(&b, &method);
            rc = carnet_cbor_built(&b, &built, NULL);
            assert_int_equal(rc == CARNET_OK, method.usable);
            if (rc == CARNET_OK) {
                assert_span_equal(built, carnet_span_of(rest.ptr - built.len, built.len));
                count++;
            }
        }
        if (count != usable[i - 1]) {
            fail_msg("%s: %u usable methods", path, count);
        }
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_usable_method_is_built_again_the_same),
        cmocka_unit_test(what_a_reader_would_not_use_is_not_built),
        cmocka_unit_test(capabilities_are_what_the_parameters_say),
        cmocka_unit_test(a_link_carries_a_reader_engagement_there_and_back),
        cmocka_unit_test(links_are_taken_or_refused_at_the_character_that_is_wrong),
        cmocka_unit_test(methods_of_the_vectors_are_built_again_the_same),
    };

    return cmocka_run_group_tests_name("exchange/engagement methods", tests, NULL, NULL);
}
