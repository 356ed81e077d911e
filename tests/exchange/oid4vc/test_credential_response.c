/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/credential_response.h"
#include "carnet/mdoc_iacas.h"
#include "carnet/nonce_response.h"
#include "carnet/notification.h"
#include "support/support.h"

#include <string.h>

static uint8_t room[65536], storage_room[65536];

static const struct {
    const char *json, *path; /* path NULL: good */
} responses[] = {
    { "{\"credentials\":[{\"credential\":\"oA\"}]}", NULL },
    { "{\"credentials\":[{\"credential\":\"oA\"},{\"credential\":\"oQ\",\"x\":1}],\"notification_id\":\"n\",\"y\":[]}",
      NULL },
    { "{\"transaction_id\":\"t\",\"interval\":30}", NULL },
    { "{\"transaction_id\":\"t\"}", NULL },
    { "{\"credentials\":null,\"transaction_id\":\"t\",\"interval\":0}", NULL },
    { "", "" },
    { "[]", "" },
    { "{}", "" },
    { "{\"notification_id\":\"n\"}", "" },
    { "{\"credential\":\"oA\",\"c_nonce\":\"n\"}", NULL },
    { "{\"credential\":\"\"}", "" },
    { "{\"credential\":{\"credential\":\"oA\"}}", "" },
    { "{\"credential\":\"oA\",\"credentials\":[]}", "credentials" },
    { "{\"credentials\":[]}", "credentials" },
    { "{\"credentials\":\"oA\"}", "credentials" },
    { "{\"credentials\":{\"credential\":\"oA\"}}", "credentials" },
    { "{\"credentials\":[{\"credential\":\"oA\"}],\"notification_id\":7}", "notification_id" },
    { "{\"credentials\":[{\"credential\":\"oA\"}],\"name_spaced_data\":[]}", "name_spaced_data" },
    { "{\"credentials\":[{\"credential\":\"oA\"}],\"name_spaced_data\":\"oA\"}", "name_spaced_data" },
    { "{\"transaction_id\":7}", "transaction_id" },
    { "{\"transaction_id\":\"t\",\"interval\":-1}", "interval" },
    { "{\"transaction_id\":\"t\",\"interval\":\"5\"}", "interval" },
    { "{\"transaction_id\":\"t\",\"transaction_id\":\"t\"}", "" },
};

static void
a_response_is_taken_or_says_what_is_amiss(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(responses); i++) {
        carnet_credential_response response;
        carnet_err err = { 0 };
        const carnet_rc rc = carnet_credential_response_open(carnet_str_of(responses[i].json), &response, &err);

        if (rc != (responses[i].path == NULL ? CARNET_OK : CARNET_E_OID4VCI_RESPONSE))
            print_message("%s\n", responses[i].json);
        assert_carnet_rc(rc, responses[i].path == NULL ? CARNET_OK : CARNET_E_OID4VCI_RESPONSE);
        assert_string_equal(err.path, responses[i].path != NULL ? responses[i].path : "");
        assert_true(rc != CARNET_OK || response.deferred == (response.credential_count == 0));
        assert_true(rc != CARNET_OK || response.deferred == (response.interval != 0));
        carnet_credential_response_done(&response);
    }
}

static void
credentials_are_decoded_from_either_alphabet(void **state)
{
    static const struct {
        const char *entry, *hex; /* hex NULL: refused */
        const char *path;
    } table[] = {
        { "{\"credential\":\"-_8A\"}", "fbff00", NULL },
        { "{\"credential\":\"+/8A\"}", "fbff00", NULL },
        { "{\"credential\":\"oA\"}", "a0", NULL },
        { "{\"credential\":\"oA==\"}", "a0", NULL },
        { "{\"credential\":\"oA\",\"encoding\":\"issuer-signed-dehydrated\"}", "a0", NULL },
        { "{\"credential\":\"\"}", NULL, "credentials[0]" },
        { "{\"credential\":\"=\"}", NULL, "credentials[0]" },
        { "{\"credential\":\"oA===\"}", NULL, "credentials[0]" },
        { "{\"credential\":\"a\"}", NULL, "credentials[0]" },
        { "{\"credential\":\"o!\"}", NULL, "credentials[0]" },
        { "{\"credential\":{}}", NULL, "credentials[0]" },
        { "{}", NULL, "credentials[0]" },
        { "\"oA\"", "a0", NULL },
        { "\"\"", NULL, "credentials[0]" },
        { "7", NULL, "credentials[0]" },
        { "[\"oA\"]", NULL, "credentials[0]" },
        { "{\"credential\":\"oA\",\"encoding\":\"other\"}", NULL, "credentials[0].encoding" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(table); i++) {
        carnet_buf json = carnet_buf_of(room, sizeof(room)), storage = carnet_buf_of(storage_room, 64);
        carnet_credential_response response;
        carnet_err err = { 0 };
        carnet_span cbor;
        bool dehydrated;
        carnet_rc rc;

        carnet_buf_add_text(&json, "{\"credentials\":[");
        carnet_buf_add_text(&json, table[i].entry);
        carnet_buf_add_text(&json, "]}");
        assert_carnet_ok(carnet_credential_response_open(carnet_buf_str(&json), &response, NULL), NULL);
        rc = carnet_credential_response_credential(&response, 0, &storage, &cbor, &dehydrated, &err);
        assert_carnet_rc(rc, table[i].hex != NULL ? CARNET_OK : CARNET_E_OID4VCI_RESPONSE);
        assert_string_equal(err.path, table[i].path != NULL ? table[i].path : "");
        if (rc == CARNET_OK)
            assert_span_equal(cbor, carnet_test_hex(table[i].hex));
        else
            assert_true(cbor.len == 0 && storage.len == 0);
        assert_true(rc != CARNET_OK || dehydrated == (strstr(table[i].entry, "dehydrated") != NULL));
        assert_carnet_rc(carnet_credential_response_credential(&response, 1, &storage, &cbor, &dehydrated, &err),
                         CARNET_E_OID4VCI_RESPONSE);
        carnet_credential_response_done(&response);
    }
}

static const carnet_span credentials[] = { { (const uint8_t *)"\xa0\x01\x02", 3 }, { (const uint8_t *)"\xff", 1 } };

static void
a_response_that_was_made_reads_as_it_was(void **state)
{
    const carnet_credential_response_spec plain = { .credentials = credentials,
                                                    .credential_count = 2,
                                                    .notification_id = carnet_str_of("n") };
    const carnet_credential_response_spec dehydrated = { .credentials = credentials,
                                                         .credential_count = 1,
                                                         .dehydrated = true,
                                                         .name_spaced_data = credentials + 1,
                                                         .name_spaced_data_count = 1 };
    const carnet_credential_response_spec none = { .credentials = credentials };
    const carnet_credential_response_spec single = { .credentials = credentials,
                                                     .credential_count = 1,
                                                     .single = true };
    carnet_buf out = carnet_buf_of(room, carnet_credential_response_size(&plain));
    carnet_buf storage = carnet_buf_of(storage_room, 64);
    carnet_credential_response read;
    carnet_span cbor;
    bool flag;

    (void)state;
    assert_carnet_ok(carnet_credential_response_build(&plain, &out, NULL), NULL);
    assert_str_is(carnet_buf_str(&out),
                  "{\"credentials\":[{\"credential\":\"oAEC\"},{\"credential\":\"_w\"}],\"notification_id\":\"n\"}");
    out = carnet_buf_of(room, carnet_credential_response_size(&single));
    assert_carnet_ok(carnet_credential_response_build(&single, &out, NULL), NULL);
    assert_str_is(carnet_buf_str(&out), "{\"credential\":\"oAEC\"}");
    out = carnet_buf_of(room, carnet_credential_response_size(&dehydrated));
    assert_carnet_ok(carnet_credential_response_build(&dehydrated, &out, NULL), NULL);
    assert_carnet_ok(carnet_credential_response_open(carnet_buf_str(&out), &read, NULL), NULL);
    assert_carnet_ok(carnet_credential_response_credential(&read, 0, &storage, &cbor, &flag, NULL), NULL);
    assert_true(flag);
    assert_int_equal(read.name_spaced_data_count, 1);
    assert_carnet_ok(carnet_credential_response_name_spaced_data(&read, 0, &storage, &cbor, NULL), NULL);
    assert_span_equal(cbor, credentials[1]);
    assert_carnet_rc(carnet_credential_response_name_spaced_data(&read, 1, &storage, &cbor, NULL),
                     CARNET_E_OID4VCI_RESPONSE);
    carnet_credential_response_done(&read);
    out = carnet_buf_of(room, 20);
    assert_carnet_rc(carnet_credential_response_build(&plain, &out, NULL), CARNET_E_NO_SPACE);
    assert_int_equal(out.len, 0);
    assert_carnet_rc(carnet_credential_response_build(&none, &out, NULL), CARNET_E_OID4VCI_RESPONSE);
}

static void
a_deferred_response_says_when_to_come_back(void **state)
{
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_credential_response read;

    (void)state;
    assert_carnet_ok(carnet_credential_response_build_deferred(carnet_str_of("t-1"), 30, &out, NULL), NULL);
    assert_str_is(carnet_buf_str(&out), "{\"transaction_id\":\"t-1\",\"interval\":30}");
    assert_carnet_ok(carnet_credential_response_open(carnet_buf_str(&out), &read, NULL), NULL);
    assert_true(read.deferred && read.interval == 30);
    assert_str_is(read.transaction_id, "t-1");
    carnet_credential_response_done(&read);
    assert_carnet_ok(carnet_credential_response_open(carnet_str_of(responses[3].json), &read, NULL), NULL);
    assert_int_equal(read.interval, 5);
    carnet_credential_response_done(&read);
    assert_carnet_rc(carnet_credential_response_build_deferred(carnet_str_of(""), 30, &out, NULL),
                     CARNET_E_OID4VCI_RESPONSE);
    assert_carnet_rc(carnet_credential_response_build_deferred(carnet_str_of("t"), 0, &out, NULL),
                     CARNET_E_OID4VCI_RESPONSE);
}

/* --- the small messages --- */

static void
a_nonce_goes_there_and_back(void **state)
{
    static const char *const bad[] = { "", "{}", "[]", "{\"c_nonce\":7}", "{\"c_nonce\":\"\"}", "{\"nonce\":\"x\"}" };
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_nonce_response read;

    (void)state;
    assert_carnet_ok(carnet_nonce_response_build(carnet_str_of("n-1"), &out, NULL), NULL);
    assert_str_is(carnet_buf_str(&out), "{\"c_nonce\":\"n-1\"}");
    assert_carnet_ok(carnet_nonce_response_open(carnet_buf_str(&out), &read, NULL), NULL);
    assert_str_is(read.c_nonce, "n-1");
    carnet_nonce_response_done(&read);
    for (size_t i = 0; i < CARNET_COUNT(bad); i++)
        assert_carnet_rc(carnet_nonce_response_open(carnet_str_of(bad[i]), &read, NULL), CARNET_E_OID4VCI_RESPONSE);
    assert_carnet_rc(carnet_nonce_response_build(carnet_str_of(""), &out, NULL), CARNET_E_OID4VCI_RESPONSE);
}

static void
a_notification_goes_there_and_back(void **state)
{
    (void)state;
    for (int event = CARNET_NOTIFICATION_ACCEPTED; event <= CARNET_NOTIFICATION_DELETED; event++) {
        const carnet_notification made = { .notification_id = carnet_str_of("n"),
                                           .event = (carnet_notification_event)event,
                                           .event_description = carnet_str_of("a \"b\\\xc3\xa9\n") };
        carnet_buf out = carnet_buf_of(room, sizeof(room));
        carnet_notification read;

        assert_carnet_ok(carnet_notification_build(&made, &out, NULL), NULL);
        assert_carnet_ok(carnet_notification_open(carnet_buf_str(&out), &read, NULL), NULL);
        assert_int_equal(read.event, event);
        assert_str_is(read.notification_id, "n");
        assert_str_is(read.event_description, "a 'b???");
        carnet_notification_done(&read);
    }
}

static void
a_notification_says_what_is_amiss(void **state)
{
    static const struct {
        const char *json, *path;
    } table[] = {
        { "", "" },
        { "[]", "" },
        { "{\"event\":\"credential_accepted\"}", "notification_id" },
        { "{\"notification_id\":7,\"event\":\"credential_accepted\"}", "notification_id" },
        { "{\"notification_id\":\"n\"}", "event" },
        { "{\"notification_id\":\"n\",\"event\":\"accepted\"}", "event" },
        { "{\"notification_id\":\"n\",\"event\":1}", "event" },
        { "{\"notification_id\":\"n\",\"event\":\"credential_deleted\",\"event_description\":[]}",
          "event_description" },
    };
    const carnet_notification none = { .event = CARNET_NOTIFICATION_ACCEPTED };
    const carnet_notification strange = { .notification_id = carnet_str_of("n"),
                                          .event = (carnet_notification_event)3 };
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_notification read;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(table); i++) {
        carnet_err err = { 0 };

        assert_carnet_rc(carnet_notification_open(carnet_str_of(table[i].json), &read, &err),
                         CARNET_E_OID4VCI_NOTIFICATION);
        assert_string_equal(err.path, table[i].path);
    }
    assert_carnet_rc(carnet_notification_build(&none, &out, NULL), CARNET_E_OID4VCI_NOTIFICATION);
    assert_carnet_rc(carnet_notification_build(&strange, &out, NULL), CARNET_E_OID4VCI_NOTIFICATION);
    assert_null(carnet_notification_event_name((carnet_notification_event)3));
}

static void
the_list_of_certificates_goes_there_and_back(void **state)
{
    static const struct {
        const char *json, *path;
    } table[] = {
        { "", "" },
        { "{}", "iacas" },
        { "{\"iacas\":{}}", "iacas" },
        { "{\"iacas\":\"MA==\"}", "iacas" },
    };
    static const char *const entries[] = { "{\"iacas\":[7]}", "{\"iacas\":[{\"certificate\":7}]}",
                                           "{\"iacas\":[{\"certificate\":\"-----\\n\"}]}", "{\"iacas\":[]}" };
    carnet_buf out = carnet_buf_of(room, sizeof(room)), storage = carnet_buf_of(storage_room, 64);
    carnet_mdoc_iacas read;
    carnet_span der;

    (void)state;
    assert_carnet_ok(carnet_mdoc_iacas_build(credentials, 2, &out, NULL), NULL);
    assert_str_is(carnet_buf_str(&out), "{\"iacas\":[{\"certificate\":\"oAEC\"},{\"certificate\":\"/w==\"}]}");
    assert_carnet_ok(carnet_mdoc_iacas_open(carnet_buf_str(&out), &read, NULL), NULL);
    assert_int_equal(read.count, 2);
    assert_carnet_ok(carnet_mdoc_iacas_certificate(&read, 1, &storage, &der, NULL), NULL);
    assert_span_equal(der, credentials[1]);
    carnet_mdoc_iacas_done(&read);
    for (size_t i = 0; i < CARNET_COUNT(table); i++) {
        carnet_err err = { 0 };

        assert_carnet_rc(carnet_mdoc_iacas_open(carnet_str_of(table[i].json), &read, &err), CARNET_E_OID4VCI_METADATA);
        assert_string_equal(err.path, table[i].path);
    }
    for (size_t i = 0; i < CARNET_COUNT(entries); i++) {
        assert_carnet_ok(carnet_mdoc_iacas_open(carnet_str_of(entries[i]), &read, NULL), NULL);
        assert_carnet_rc(carnet_mdoc_iacas_certificate(&read, 0, &storage, &der, NULL), CARNET_E_OID4VCI_METADATA);
        carnet_mdoc_iacas_done(&read);
    }
    assert_carnet_rc(carnet_mdoc_iacas_build(credentials, CARNET_MDOC_IACAS_MAX + 1, &out, NULL),
                     CARNET_E_OID4VCI_METADATA);
}

/* --- what does no harm --- */

static void
no_prefix(carnet_span prefix, void *context)
{
    const carnet_str text = { (const char *)prefix.ptr, prefix.len };
    carnet_credential_response response;
    carnet_notification notification;
    carnet_mdoc_iacas iacas;

    (void)context;
    assert_carnet_rc(carnet_credential_response_open(text, &response, NULL), CARNET_E_OID4VCI_RESPONSE);
    assert_carnet_rc(carnet_notification_open(text, &notification, NULL), CARNET_E_OID4VCI_NOTIFICATION);
    assert_carnet_rc(carnet_mdoc_iacas_open(text, &iacas, NULL), CARNET_E_OID4VCI_METADATA);
}

static void
any_bit(carnet_span changed, void *context)
{
    carnet_buf storage = carnet_buf_of(storage_room, sizeof(storage_room));
    carnet_credential_response response;
    carnet_span cbor;
    bool dehydrated;

    (void)context;
    if (carnet_credential_response_open((carnet_str){ (const char *)changed.ptr, changed.len }, &response, NULL) !=
        CARNET_OK)
        return;
    for (size_t i = 0; i < response.credential_count; i++) {
        if (carnet_credential_response_credential(&response, i, &storage, &cbor, &dehydrated, NULL) == CARNET_OK)
            assert_true(cbor.len != 0);
    }
    carnet_credential_response_done(&response);
}

static void
every_prefix_of_a_response_is_refused_and_no_bit_does_harm(void **state)
{
    (void)state;
    carnet_test_every_prefix(carnet_str_bytes(carnet_str_of(responses[1].json)), no_prefix, NULL);
    carnet_test_every_bit(carnet_str_bytes(carnet_str_of(responses[1].json)), any_bit, NULL);
    carnet_test_every_bit(carnet_str_bytes(carnet_str_of(responses[2].json)), any_bit, NULL);
    carnet_test_every_prefix(
        carnet_str_bytes(carnet_str_of("{\"notification_id\":\"n\",\"event\":\"credential_deleted\"}")), no_prefix,
        NULL);
    carnet_test_every_prefix(carnet_str_bytes(carnet_str_of("{\"iacas\":[{\"certificate\":\"oAEC\"}]}")), no_prefix,
                             NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_response_is_taken_or_says_what_is_amiss),
        cmocka_unit_test(credentials_are_decoded_from_either_alphabet),
        cmocka_unit_test(a_response_that_was_made_reads_as_it_was),
        cmocka_unit_test(a_deferred_response_says_when_to_come_back),
        cmocka_unit_test(a_nonce_goes_there_and_back),
        cmocka_unit_test(a_notification_goes_there_and_back),
        cmocka_unit_test(a_notification_says_what_is_amiss),
        cmocka_unit_test(the_list_of_certificates_goes_there_and_back),
        cmocka_unit_test(every_prefix_of_a_response_is_refused_and_no_bit_does_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
