/* SPDX-License-Identifier: Apache-2.0 */
/* Engagements built, and opened again; and the URIs that carry them. */
#include "carnet/engagement.h"
#include "support/support.h"

#include <string.h>

static carnet_crypto crypto;
static carnet_key key;

static int
set_up(void **state)
{
    (void)state;
    return carnet_crypto_init(&crypto, NULL) == CARNET_OK &&
                   carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &key, NULL) == CARNET_OK
               ? 0
               : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    carnet_key_done(&key);
    carnet_crypto_done(&crypto);
    return 0;
}

static carnet_span
build(const carnet_engagement_parameters *parameters)
{
    static uint8_t room[512];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_span out;
    carnet_err err = { 0 };

    carnet_engagement_build(&b, parameters);
    assert_carnet_ok(carnet_cbor_built(&b, &out, &err), &err);
    return out;
}

static const carnet_span nfc = { (const uint8_t *)"\x83\x01\x01\xa2\x00\x18\xff\x01\x19\x01\x00", 11 };

static void
what_is_built_opens_with_nothing_odd(void **state)
{
    static const struct {
        const char *what;
        carnet_engagement_parameters parameters;
        const char *version, *domain; /* domain NULL: none */
    } cases[] = {
        { "a key alone", { 0 }, "1.0", NULL },
        { "a method", { .methods = &nfc, .method_count = 1 }, "1.0", NULL },
        { "OriginInfos", { .origin_infos = true }, "1.1", NULL },
        { "a domain", { .domain = "example.com" }, "1.1", "example.com" },
        { "an empty domain", { .domain = "" }, "1.1", "" },
        { "readerAuthAll", { .reader_auth_all = true }, "1.1", NULL },
        { "extended requests", { .extended_request = true }, "1.1", NULL },
        { "a reader's", { .reader = true }, "1.1", NULL },
        { "everything",
          { .methods = &nfc, .method_count = 1, .domain = "a", .reader_auth_all = true, .extended_request = true },
          "1.1",
          "a" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_engagement_parameters p = cases[i].parameters;
        carnet_engagement view;
        carnet_str domain;
        carnet_err err = { 0 };

        print_message("%s\n", cases[i].what);
        p.key = &key.public_key;
        assert_carnet_ok(carnet_device_engagement_open(build(&p), &view, &err), &err);
        assert_int_equal(view.odd, 0);
        assert_int_equal(view.cbor_seen, 0);
        assert_str_is(view.version, cases[i].version);
        assert_true(carnet_public_key_equal(&view.key.key, &key.public_key));
        assert_int_equal(view.methods.len, p.method_count != 0 ? 12 : 0);
        assert_int_equal(view.capabilities.reader_auth_all, p.reader_auth_all);
        assert_int_equal(view.capabilities.extended_request, p.extended_request);
        domain = carnet_engagement_domain(&view);
        assert_int_equal(domain.ptr == NULL, cases[i].domain == NULL);
        if (cases[i].domain != NULL)
            assert_str_is(domain, cases[i].domain);
    }
}

static void
only_a_reader_goes_without_a_key(void **state)
{
    static const carnet_public_key none = { 0 };
    carnet_engagement_parameters p = { .methods = &nfc, .method_count = 1 };
    uint8_t room[256];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_engagement view;
    carnet_err err = { 0 };

    (void)state;
    carnet_engagement_build(&b, &p);
    assert_carnet_rc(b.rc, CARNET_E_USAGE);
    b = carnet_cbor_build(room, sizeof(room));
    p.key = &none;
    carnet_engagement_build(&b, &p);
    assert_carnet_rc(b.rc, CARNET_E_USAGE);
    b = carnet_cbor_build(room, sizeof(room));
    p.key = &key.public_key;
    p.method_count = 17;
    carnet_engagement_build(&b, &p);
    assert_carnet_rc(b.rc, CARNET_E_USAGE);
    p = (carnet_engagement_parameters){ .methods = &nfc, .method_count = 1, .reader = true };
    assert_carnet_ok(carnet_reader_engagement_open(build(&p), &view, &err), &err);
    assert_false(view.has_key);
    assert_carnet_rc(carnet_device_engagement_open(build(&p), &view, &err), CARNET_E_ENGAGEMENT_STRUCTURE);
}

static void
a_uri_carries_an_engagement_there_and_back(void **state)
{
    carnet_engagement_parameters p = { .key = &key.public_key };
    carnet_span engagement = build(&p);

    (void)state;
    for (int i = 0; i < 2; i++) {
        carnet_uri_kind kind = i == 0 ? CARNET_URI_DEVICE_ENGAGEMENT : CARNET_URI_READER_ENGAGEMENT, got;
        uint8_t text[512], back[256];
        carnet_buf uri = carnet_buf_of(text, sizeof(text)), out = carnet_buf_of(back, sizeof(back));
        carnet_err err = { 0 };

        carnet_engagement_uri_encode(kind, engagement, &uri);
        assert_true(carnet_str_starts(carnet_buf_str(&uri), i == 0 ? "mdoc:o" : "mdoc://o"));
        assert_carnet_ok(carnet_engagement_uri_decode(carnet_buf_str(&uri), &got, &out, &err), &err);
        assert_int_equal(got, kind);
        assert_span_equal(carnet_buf_span(&out), engagement);
    }
}

static const struct {
    const char *uri;
    carnet_rc rc;
    size_t offset;
    carnet_uri_kind kind;
    const char *content;
} uris[] = {
    { "mdoc:YWJj", CARNET_OK, 0, CARNET_URI_DEVICE_ENGAGEMENT, "abc" },
    { "MDOC:YWJj", CARNET_OK, 0, CARNET_URI_DEVICE_ENGAGEMENT, "abc" },
    { "mDoC://YWJj", CARNET_OK, 0, CARNET_URI_READER_ENGAGEMENT, "abc" },
    { "", CARNET_E_ENGAGEMENT_URI, 0, CARNET_URI_DEVICE_ENGAGEMENT, "" },
    { "mdoc", CARNET_E_ENGAGEMENT_URI, 0, CARNET_URI_DEVICE_ENGAGEMENT, "" },
    { "mdoc:", CARNET_E_ENGAGEMENT_URI, 5, CARNET_URI_DEVICE_ENGAGEMENT, "" },
    { "mdoc://", CARNET_E_ENGAGEMENT_URI, 7, CARNET_URI_READER_ENGAGEMENT, "" },
    { "mdoc-openid4vp://YWJj", CARNET_E_ENGAGEMENT_URI, 0, CARNET_URI_DEVICE_ENGAGEMENT, "" },
    { "https://YWJj", CARNET_E_ENGAGEMENT_URI, 0, CARNET_URI_DEVICE_ENGAGEMENT, "" },
    { " mdoc:YWJj", CARNET_E_ENGAGEMENT_URI, 0, CARNET_URI_DEVICE_ENGAGEMENT, "" },
    { "mdoc:/YWJj", CARNET_E_BASE64, 5, CARNET_URI_DEVICE_ENGAGEMENT, "" },
    { "mdoc:YW+j", CARNET_E_BASE64, 7, CARNET_URI_DEVICE_ENGAGEMENT, "" },
    { "mdoc:YWI=", CARNET_E_BASE64, 8, CARNET_URI_DEVICE_ENGAGEMENT, "" },
    { "mdoc:YWJj ", CARNET_E_BASE64, 9, CARNET_URI_DEVICE_ENGAGEMENT, "" },
    { "mdoc://YWJ", CARNET_E_BASE64, 10, CARNET_URI_READER_ENGAGEMENT, "" },
    { "mdoc:YWJjZGVmZw", CARNET_E_NO_SPACE, CARNET_NO_OFFSET, CARNET_URI_DEVICE_ENGAGEMENT, "" },
};

static void
uris_are_taken_or_refused_at_the_character_that_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(uris); i++) {
        uint8_t back[6];
        carnet_buf out = carnet_buf_of(back, sizeof(back));
        carnet_uri_kind kind;
        carnet_err err = { 0 };
        carnet_rc rc = carnet_engagement_uri_decode(carnet_str_of(uris[i].uri), &kind, &out, &err);

        if (rc != uris[i].rc || err.offset != uris[i].offset || kind != uris[i].kind)
            fail_msg("%s: code %#x at %zu", uris[i].uri, (unsigned)rc, err.offset);
        assert_span_equal(carnet_buf_span(&out), carnet_str_bytes(carnet_str_of(uris[i].content)));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_built_opens_with_nothing_odd),
        cmocka_unit_test(only_a_reader_goes_without_a_key),
        cmocka_unit_test(a_uri_carries_an_engagement_there_and_back),
        cmocka_unit_test(uris_are_taken_or_refused_at_the_character_that_is_wrong),
    };

    return cmocka_run_group_tests_name("exchange/engagement build", tests, set_up, tear_down);
}
