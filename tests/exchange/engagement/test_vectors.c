/* SPDX-License-Identifier: Apache-2.0 */
/* Engagements made by others, and those altered to be refused, flagged or accepted. */
#include "carnet/engagement.h"
#include "support/support.h"

#include <stdio.h>
#include <string.h>

static carnet_span
load(const char *group, const char *name)
{
    char path[120];

    assert_in_range(snprintf(path, sizeof(path), "vectors/%s/%s.hex", group, name), 1, sizeof(path) - 1);
    return carnet_test_copy(carnet_test_shared_hex(path));
}

/* Methods of an engagement as text: type, version, "u" if usable, and which BLE modes. */
static const char *
methods_of(const carnet_engagement *view)
{
    static char text[128];
    carnet_buf out = carnet_buf_of(text, sizeof(text) - 1);
    carnet_retrieval_method method;
    carnet_span rest = view->methods;

    while (carnet_engagement_next_method(view, &rest, &method)) {
        carnet_buf_add_int(&out, method.type);
        carnet_buf_add_text(&out, "/");
        carnet_buf_add_int(&out, method.version);
        carnet_buf_add_text(&out, method.usable ? "u" : "");
        carnet_buf_add_text(&out, method.ble.peripheral_server ? "p" : "");
        carnet_buf_add_text(&out, method.ble.central_client ? "c" : "");
        carnet_buf_add_text(&out, " ");
    }
    text[out.len] = '\0';
    return text;
}

static const struct {
    const char *group, *name;
    carnet_rc rc;
    unsigned odd;
    const char *version, *methods;
    bool server_retrieval;
} vectors[] = {
    { "engagement", "engagement_01", CARNET_OK, 0, "1.0", "2/1up ", true },
    { "engagement", "engagement_02", CARNET_OK, CARNET_ENGAGEMENT_METHOD_TWICE, "1.0", "2/1uc 2/1up ", false },
    { "engagement", "engagement_03", CARNET_OK, CARNET_ENGAGEMENT_KEY_FOREIGN, "1.0", "1/1u ", false },
    { "engagement", "engagement_04", CARNET_OK, CARNET_ENGAGEMENT_KEY_FOREIGN | CARNET_ENGAGEMENT_METHOD_OPTIONS, "1.0",
      "2/1c ", false },
    { "engagement", "engagement_05", CARNET_OK, CARNET_ENGAGEMENT_KEY_FOREIGN, "1.0", "3/1u ", false },
    { "engagement", "engagement_06", CARNET_OK, 0, "1.0", "2/1uc ", false },
    { "engagement", "engagement_07", CARNET_OK, 0, "1.0", "2/1up ", false },
    { "iso18013-5-annexD", "device_engagement_qr", CARNET_OK, 0, "1.0", "2/1uc ", false },
    /* refused */
    { "negative", "engagement_no_security", CARNET_E_ENGAGEMENT_STRUCTURE, 0, "", "", false },
    { "negative", "engagement_cipher_suite_2", CARNET_E_ENGAGEMENT_CIPHER_SUITE, 0, "", "", false },
    { "negative", "engagement_version_2_0", CARNET_E_ENGAGEMENT_VERSION, 0, "", "", false },
    /* flagged */
    { "negative", "engagement_dup_method", CARNET_OK, CARNET_ENGAGEMENT_METHOD_TWICE, "1.0", "2/1uc 2/1uc ", false },
    { "negative", "engagement_ble_no_uuid", CARNET_OK, CARNET_ENGAGEMENT_METHOD_OPTIONS, "1.0", "2/1c ", false },
    { "negative", "engagement_capabilities_without_origin", CARNET_OK, CARNET_ENGAGEMENT_CAPABILITIES_ALONE, "1.1",
      "2/1uc ", false },
    /* accepted */
    { "negative", "accept_engagement_1_1_capabilities", CARNET_OK, 0, "1.1", "2/1uc ", false },
    { "negative", "accept_engagement_negative_key", CARNET_OK, 0, "1.0", "2/1uc ", false },
    { "negative", "accept_engagement_unknown_method", CARNET_OK, CARNET_ENGAGEMENT_UNKNOWN_METHOD, "1.0", "2/1uc 9/1 ",
      false },
};

static void
each_is_refused_flagged_or_accepted_for_its_reason(void **state)
{
    carnet_crypto crypto;

    (void)state;
    (void)load(vectors[0].group, vectors[0].name); /* before there is anything to release */
    assert_carnet_rc(carnet_crypto_init(&crypto, NULL), CARNET_OK);
    for (size_t i = 0; i < CARNET_COUNT(vectors); i++) {
        carnet_span bytes = load(vectors[i].group, vectors[i].name);
        carnet_engagement view;
        carnet_err err = { 0 };
        carnet_rc rc = carnet_device_engagement_open(bytes, &view, &err);

        if (rc != vectors[i].rc || view.odd != vectors[i].odd ||
            (view.server_retrieval.len != 0) != vectors[i].server_retrieval)
            fail_msg("%s: code %#x, odd %u", vectors[i].name, (unsigned)rc, view.odd);
        if (rc != CARNET_OK)
            continue;
        if (strcmp(methods_of(&view), vectors[i].methods) != 0)
            fail_msg("%s: methods %s", vectors[i].name, methods_of(&view));
        assert_str_is(view.version, vectors[i].version);
        assert_int_equal(view.has_key, !(view.odd & CARNET_ENGAGEMENT_KEY_FOREIGN));
        if (view.has_key)
            assert_carnet_ok(carnet_cose_key_check(&view.key, &crypto, &err), &err);
    }
    carnet_crypto_done(&crypto);
}

static void
the_capabilities_accepted_are_all_true(void **state)
{
    carnet_span bytes = load("negative", "accept_engagement_1_1_capabilities");
    carnet_engagement view;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_device_engagement_open(bytes, &view, &err), &err);
    assert_true(view.capabilities.handover_session_establishment && view.capabilities.reader_auth_all &&
                view.capabilities.extended_request && view.has_origin_infos);
    assert_null(carnet_engagement_domain(&view).ptr);
}

static void
the_qr_code_of_annex_d_carries_its_engagement(void **state)
{
    carnet_span engagement = load("iso18013-5-annexD", "device_engagement_qr");
    carnet_str derived = carnet_test_shared_text("vectors/iso18013-5-annexD/derived_ble_ident_wifi_qr.json");
    char text[512];
    carnet_buf uri = carnet_buf_of(text, sizeof(text) - 1);

    (void)state;
    carnet_engagement_uri_encode(CARNET_URI_DEVICE_ENGAGEMENT, engagement, &uri);
    assert_false(uri.overflow);
    text[uri.len] = '\0';
    while (derived.len > 0 && !carnet_str_starts(derived, text)) {
        derived = (carnet_str){ derived.ptr + 1, derived.len - 1 };
    }
    assert_int_not_equal(derived.len, 0);
    assert_int_equal(uri.len, 5 + 155);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_refused_flagged_or_accepted_for_its_reason),
        cmocka_unit_test(the_capabilities_accepted_are_all_true),
        cmocka_unit_test(the_qr_code_of_annex_d_carries_its_engagement),
    };

    return cmocka_run_group_tests_name("exchange/engagement vectors", tests, NULL, NULL);
}
