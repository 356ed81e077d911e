/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/credential_offer.h"
#include "support/support.h"

#include <string.h>

#define PRE    "\"urn:ietf:params:oauth:grant-type:pre-authorized_code\""
#define ISSUER "\"credential_issuer\":\"https://iss.example\""
#define IDS    "\"credential_configuration_ids\":[\"mdl\",\"age\"]"

static uint8_t room[CARNET_CREDENTIAL_OFFER_MAX];

/* --- links --- */

static const struct {
    const char *link, *json, *uri; /* both NULL: refused */
} links[] = {
    { "openid-credential-offer://?credential_offer=%7B%22a%22%3A%201%7D", "{\"a\": 1}", NULL },
    { "openid-credential-offer://?credential_offer=%7B%22a%22%3A+1%7D", "{\"a\": 1}", NULL },
    { "haip-vci://?credential_offer=%7b%7d&unknown=1", "{}", NULL },
    { "https://wallet.example/offer?x=1&credential_offer_uri=https%3A%2F%2Fiss.example%2Foffers%2F7#top", NULL,
      "https://iss.example/offers/7" },
    { "openid-credential-offer:?credential_offer_uri=https://iss.example/o?id=1", NULL, "https://iss.example/o?id=1" },
    { "", NULL, NULL },
    { "openid-credential-offer://", NULL, NULL },
    { "openid-credential-offer://?", NULL, NULL },
    { "openid-credential-offer://?offer=%7B%7D", NULL, NULL },
    { "openid-credential-offer://?credential_offer=", NULL, NULL },
    { "openid-credential-offer://?credential_offer=%7B%7D&credential_offer=%7B%7D", NULL, NULL },
    { "openid-credential-offer://?credential_offer=%7B%7D&credential_offer_uri=https://iss.example/o", NULL, NULL },
    { "openid-credential-offer://?credential_offer=%7", NULL, NULL },
    { "openid-credential-offer://?credential_offer=%zz", NULL, NULL },
    { "openid-credential-offer://?credential_offer=%00", NULL, NULL },
    { "openid-credential-offer://?credential_offer=%ff", NULL, NULL },
    { "openid-credential-offer://#?credential_offer_uri=http://iss.example/o", NULL, NULL },
    { "openid-credential-offer://?credential_offer_uri=http://iss.example/o", NULL, NULL },
    { "openid-credential-offer://?credential_offer_uri=file:///etc/passwd", NULL, NULL },
    { "openid-credential-offer://?credential_offer_uri=https://user:word@iss.example/o", NULL, NULL },
    { "openid-credential-offer://?credential_offer_uri=offers/7", NULL, NULL },
};

static void
a_link_has_an_offer_or_says_where_it_lies(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(links); i++) {
        const bool good = links[i].json != NULL || links[i].uri != NULL;
        carnet_buf storage = carnet_buf_of(room, sizeof(room));
        carnet_credential_offer_link view;
        carnet_err err = { 0 };
        const carnet_rc rc =
            carnet_credential_offer_link_open(carnet_str_of(links[i].link), false, &storage, &view, &err);

        if (rc != (good ? CARNET_OK : CARNET_E_OID4VCI_OFFER))
            print_message("%s\n", links[i].link);
        assert_carnet_rc(rc, good ? CARNET_OK : CARNET_E_OID4VCI_OFFER);
        assert_str_is(view.json, links[i].json != NULL ? links[i].json : "");
        assert_str_is(view.uri, links[i].uri != NULL ? links[i].uri : "");
        assert_true(good || (err.rc == rc && err.reason[0] != '\0'));
    }
}

static void
plain_http_is_for_this_machine_and_only_if_allowed(void **state)
{
    static const struct {
        const char *link;
        bool good;
    } table[] = {
        { "haip-vci://?credential_offer_uri=http://127.0.0.1:8080/o", true },
        { "haip-vci://?credential_offer_uri=http://localhost/o", true },
        { "haip-vci://?credential_offer_uri=http://localhost.example/o", false },
        { "haip-vci://?credential_offer_uri=http://192.168.0.1/o", false },
        { "haip-vci://?credential_offer_uri=http://127.0.0.1@iss.example/o", false },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(table); i++) {
        carnet_buf storage = carnet_buf_of(room, sizeof(room));
        const carnet_str link = carnet_str_of(table[i].link);
        carnet_credential_offer_link view;

        assert_carnet_rc(carnet_credential_offer_link_open(link, true, &storage, &view, NULL),
                         table[i].good ? CARNET_OK : CARNET_E_OID4VCI_OFFER);
        assert_carnet_rc(carnet_credential_offer_link_open(link, false, &storage, &view, NULL), CARNET_E_OID4VCI_OFFER);
    }
}

static void
a_link_that_was_made_says_what_went_in(void **state)
{
    static const char *const prefixes[] = { "openid-credential-offer://", "haip-vci://",
                                            "https://wallet.example/offer?lang=de" };
    const carnet_credential_offer_link by_value = { .json = carnet_str_of("{\"a&b\":\"=+ \xc3\xa9%\"}") };
    const carnet_credential_offer_link by_reference = { .uri = carnet_str_of("https://iss.example/o?a=1&b=2") };
    const carnet_credential_offer_link both = { by_value.json, by_reference.uri }, none = { 0 };
    static uint8_t link_room[1024];

    (void)state;
    for (size_t i = 0; i < 2 * CARNET_COUNT(prefixes); i++) {
        const carnet_credential_offer_link *link = i % 2 != 0 ? &by_value : &by_reference;
        carnet_buf out = carnet_buf_of(link_room, sizeof(link_room)), storage = carnet_buf_of(room, sizeof(room));
        carnet_credential_offer_link view;

        assert_carnet_ok(carnet_credential_offer_link_build(carnet_str_of(prefixes[i / 2]), link, &out, NULL), NULL);
        assert_true(carnet_str_starts(carnet_buf_str(&out), prefixes[i / 2]));
        assert_carnet_ok(carnet_credential_offer_link_open(carnet_buf_str(&out), false, &storage, &view, NULL), NULL);
        assert_true(carnet_str_equal(view.json, link->json) && carnet_str_equal(view.uri, link->uri));
        out = carnet_buf_of(link_room, 40);
        assert_carnet_rc(carnet_credential_offer_link_build(carnet_str_of(prefixes[i / 2]), link, &out, NULL),
                         CARNET_E_NO_SPACE);
        assert_int_equal(out.len, 0);
        assert_carnet_rc(carnet_credential_offer_link_build(carnet_str_of(prefixes[i / 2]), &both, &out, NULL),
                         CARNET_E_OID4VCI_OFFER);
        assert_carnet_rc(carnet_credential_offer_link_build(carnet_str_of(prefixes[i / 2]), &none, &out, NULL),
                         CARNET_E_OID4VCI_OFFER);
    }
}

/* --- offers --- */

static const struct {
    const char *json, *path; /* path of what is refused; NULL: taken */
} offers[] = {
    { "{" ISSUER "," IDS "}", NULL },
    { "{" ISSUER "," IDS ",\"grants\":{},\"unknown\":{\"a\":[]}}", NULL },
    { "{" ISSUER "," IDS ",\"grants\":null}", NULL },
    { "{" ISSUER "," IDS ",\"grants\":{\"authorization_code\":{}}}", NULL },
    { "{" ISSUER "," IDS ",\"grants\":{\"authorization_code\":{\"issuer_state\":\"s\",\"authorization_server\":"
      "\"https://as.example\",\"more\":1},\"other\":7}}",
      NULL },
    { "{" ISSUER "," IDS ",\"grants\":{" PRE ":{\"pre-authorized_code\":\"c\"}}}", NULL },
    { "{" ISSUER "," IDS ",\"grants\":{" PRE ":{\"pre-authorized_code\":\"c\",\"tx_code\":{}}}}", NULL },
    { "{" ISSUER "," IDS ",\"grants\":{" PRE ":{\"pre-authorized_code\":\"c\",\"tx_code\":{\"input_mode\":\"text\","
      "\"length\":5,\"description\":\"by post\"}}}}",
      NULL },
    { "[]", "" },
    { "7", "" },
    { "{}", "credential_issuer" },
    { "{" IDS "}", "credential_issuer" },
    { "{\"credential_issuer\":7," IDS "}", "credential_issuer" },
    { "{\"credential_issuer\":\"\"," IDS "}", "credential_issuer" },
    { "{\"credential_issuer\":\"http://iss.example\"," IDS "}", "credential_issuer" },
    { "{\"credential_issuer\":\"https://iss.example?a=1\"," IDS "}", "credential_issuer" },
    { "{\"credential_issuer\":\"https://iss.example#a\"," IDS "}", "credential_issuer" },
    { "{\"credential_issuer\":\"iss.example\"," IDS "}", "credential_issuer" },
    { "{" ISSUER "}", "credential_configuration_ids" },
    { "{" ISSUER ",\"credential_configuration_ids\":\"mdl\"}", "credential_configuration_ids" },
    { "{" ISSUER ",\"credential_configuration_ids\":[]}", "credential_configuration_ids" },
    { "{" ISSUER ",\"credential_configuration_ids\":[7]}", "credential_configuration_ids[0]" },
    { "{" ISSUER ",\"credential_configuration_ids\":[\"a\",\"\"]}", "credential_configuration_ids[1]" },
    { "{" ISSUER ",\"credential_configuration_ids\":[\"a\",\"b\",\"a\"]}", "credential_configuration_ids[2]" },
    { "{" ISSUER "," IDS ",\"grants\":[]}", "grants" },
    { "{" ISSUER "," IDS ",\"grants\":{\"authorization_code\":\"x\"}}", "grants.authorization_code" },
    { "{" ISSUER "," IDS ",\"grants\":{\"authorization_code\":{\"issuer_state\":7}}}",
      "grants.authorization_code.issuer_state" },
    { "{" ISSUER "," IDS ",\"grants\":{\"authorization_code\":{\"authorization_server\":\"ftp://as.example\"}}}",
      "grants.authorization_code.authorization_server" },
    { "{" ISSUER "," IDS ",\"grants\":{" PRE ":{}}}", "grants[" PRE "][\"pre-authorized_code\"]" },
    { "{" ISSUER "," IDS ",\"grants\":{" PRE ":{\"pre-authorized_code\":\"\"}}}",
      "grants[" PRE "][\"pre-authorized_code\"]" },
    { "{" ISSUER "," IDS ",\"grants\":{" PRE ":{\"pre-authorized_code\":\"c\",\"tx_code\":true}}}",
      "grants[" PRE "].tx_code" },
    { "{" ISSUER "," IDS ",\"grants\":{" PRE ":{\"pre-authorized_code\":\"c\",\"tx_code\":{\"length\":0}}}}",
      "grants[" PRE "].tx_code.length" },
    { "{" ISSUER "," IDS ",\"grants\":{" PRE ":{\"pre-authorized_code\":\"c\",\"tx_code\":{\"length\":70000}}}}",
      "grants[" PRE "].tx_code.length" },
    { "{" ISSUER "," IDS ",\"grants\":{" PRE ":{\"pre-authorized_code\":\"c\",\"tx_code\":{\"length\":\"6\"}}}}",
      "grants[" PRE "].tx_code.length" },
    { "{" ISSUER "," IDS ",\"credential_issuer\":\"https://other.example\"}", "" },
};

static void
an_offer_is_taken_or_says_what_is_amiss(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(offers); i++) {
        carnet_credential_offer offer;
        carnet_err err = { 0 };
        const carnet_rc rc = carnet_credential_offer_open(carnet_str_of(offers[i].json), false, &offer, &err);

        if (rc != (offers[i].path == NULL ? CARNET_OK : CARNET_E_OID4VCI_OFFER))
            print_message("%s\n", offers[i].json);
        assert_carnet_rc(rc, offers[i].path == NULL ? CARNET_OK : CARNET_E_OID4VCI_OFFER);
        if (offers[i].path != NULL) {
            assert_string_equal(err.path, offers[i].path);
            assert_null(offer.document);
            assert_int_equal(offer.configuration_count, 0);
        } else {
            assert_str_is(offer.credential_issuer, "https://iss.example");
            assert_int_equal(offer.configuration_count, 2);
            assert_str_is(offer.configuration_ids[1], "age");
        }
        carnet_credential_offer_done(&offer);
    }
}

static void
grants_and_the_transaction_code_are_read(void **state)
{
    carnet_credential_offer offer;

    (void)state;
    assert_carnet_ok(carnet_credential_offer_open(carnet_str_of(offers[4].json), false, &offer, NULL), NULL);
    assert_true(offer.authorization_code && !offer.pre_authorized);
    assert_str_is(offer.issuer_state, "s");
    assert_str_is(offer.authorization_code_server, "https://as.example");
    carnet_credential_offer_done(&offer);
    assert_carnet_ok(carnet_credential_offer_open(carnet_str_of(offers[5].json), false, &offer, NULL), NULL);
    assert_true(offer.pre_authorized && !offer.authorization_code && !offer.tx_code.required);
    carnet_credential_offer_done(&offer);
    assert_carnet_ok(carnet_credential_offer_open(carnet_str_of(offers[6].json), false, &offer, NULL), NULL);
    assert_true(offer.tx_code.required && !offer.tx_code.text && offer.tx_code.length == 0);
    carnet_credential_offer_done(&offer);
    assert_carnet_ok(carnet_credential_offer_open(carnet_str_of(offers[7].json), false, &offer, NULL), NULL);
    assert_true(offer.tx_code.required && offer.tx_code.text && offer.tx_code.length == 5);
    assert_str_is(offer.tx_code.description, "by post");
    assert_str_is(offer.pre_authorized_code, "c");
    carnet_credential_offer_done(&offer);
}

static carnet_credential_offer
sample(void)
{
    carnet_credential_offer offer = {
        .credential_issuer = carnet_str_of("https://iss.example/t"),
        .configuration_count = 2,
        .authorization_code = true,
        .issuer_state = carnet_str_of("st"),
        .pre_authorized = true,
        .pre_authorized_code = carnet_str_of("c\"\\"),
        .tx_code = { .required = true, .length = 6, .description = carnet_str_of("Sch\xc3\xbctzen") }
    };

    offer.configuration_ids[0] = carnet_str_of("mdl");
    offer.configuration_ids[1] = carnet_str_of("age");
    return offer;
}

static void
an_offer_that_was_made_reads_as_it_was(void **state)
{
    const carnet_credential_offer made = sample();
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_credential_offer read;

    (void)state;
    assert_carnet_ok(carnet_credential_offer_build(&made, &out, NULL), NULL);
    assert_str_is(carnet_buf_str(&out),
                  "{\"credential_issuer\":\"https://iss.example/t\",\"credential_configuration_ids\":[\"mdl\",\"age\"],"
                  "\"grants\":{\"authorization_code\":{\"issuer_state\":\"st\"}," PRE
                  ":{\"pre-authorized_code\":\"c\\\"\\\\\",\"tx_code\":{\"length\":6,\"description\":"
                  "\"Sch\xc3\xbctzen\"}}}}");
    assert_carnet_ok(carnet_credential_offer_open(carnet_buf_str(&out), false, &read, NULL), NULL);
    assert_true(carnet_str_equal(read.pre_authorized_code, made.pre_authorized_code));
    assert_true(read.tx_code.required && read.tx_code.length == 6 && !read.tx_code.text);
    assert_true(read.authorization_code && read.pre_authorized && read.configuration_count == 2);
    carnet_credential_offer_done(&read);
}

static void
an_offer_that_would_be_refused_is_not_made(void **state)
{
    carnet_credential_offer bad[7];
    static char long_text[2000];

    (void)state;
    memset(long_text, 'x', sizeof(long_text));
    for (size_t i = 0; i < CARNET_COUNT(bad); i++)
        bad[i] = sample();
    bad[0].credential_issuer = carnet_str_of("http://iss.example");
    bad[1].configuration_count = 0;
    bad[2].configuration_ids[1] = bad[2].configuration_ids[0];
    bad[3].configuration_ids[1] = (carnet_str){ 0 };
    bad[4].pre_authorized_code = (carnet_str){ 0 };
    bad[5].tx_code.description = (carnet_str){ long_text, CARNET_TX_CODE_DESCRIPTION_MAX + 1 };
    bad[6].pre_authorized_server = carnet_str_of("as");
    for (size_t i = 0; i < CARNET_COUNT(bad); i++) {
        carnet_buf out = carnet_buf_of(room, sizeof(room));

        assert_carnet_rc(carnet_credential_offer_build(&bad[i], &out, NULL), CARNET_E_OID4VCI_OFFER);
        assert_int_equal(out.len, 0);
    }
}

static void
a_description_too_long_is_cut_between_characters(void **state)
{
    static char json[2048];
    carnet_buf text = carnet_buf_of(json, sizeof(json));
    carnet_credential_offer offer;

    (void)state;
    carnet_buf_add_text(&text, "{" ISSUER "," IDS ",\"grants\":{" PRE
                               ":{\"pre-authorized_code\":\"c\",\"tx_code\":{\"description\":\"");
    for (size_t i = 0; i < 400; i++)
        carnet_buf_add_text(&text, "\xc3\xa9");
    carnet_buf_add_text(&text, "\"}}}}");
    assert_carnet_ok(carnet_credential_offer_open(carnet_buf_str(&text), false, &offer, NULL), NULL);
    assert_int_equal(offer.tx_code.description.len, 600);
    carnet_credential_offer_done(&offer);
}

static void
too_many_configurations_are_refused(void **state)
{
    static char json[4096];
    carnet_buf text = carnet_buf_of(json, sizeof(json));
    carnet_credential_offer offer;

    (void)state;
    carnet_buf_add_text(&text, "{" ISSUER ",\"credential_configuration_ids\":[\"x\"");
    for (unsigned i = 0; i < CARNET_CREDENTIAL_OFFER_CONFIGURATIONS_MAX; i++) {
        carnet_buf_add_text(&text, ",\"c");
        carnet_buf_add_uint(&text, i);
        carnet_buf_add_text(&text, "\"");
    }
    carnet_buf_add_text(&text, "]}");
    assert_carnet_rc(carnet_credential_offer_open(carnet_buf_str(&text), false, &offer, NULL), CARNET_E_OID4VCI_OFFER);
}

static void
no_prefix(carnet_span prefix, void *context)
{
    carnet_credential_offer offer;

    (void)context;
    assert_carnet_rc(
        carnet_credential_offer_open((carnet_str){ (const char *)prefix.ptr, prefix.len }, false, &offer, NULL),
        CARNET_E_OID4VCI_OFFER);
}

static void
any_bit(carnet_span changed, void *context)
{
    const carnet_str text = { (const char *)changed.ptr, changed.len };
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_credential_offer_link link;
    carnet_credential_offer offer;

    (void)context;
    if (carnet_credential_offer_open(text, false, &offer, NULL) == CARNET_OK)
        assert_true(offer.configuration_count > 0 && offer.credential_issuer.len > 0);
    carnet_credential_offer_done(&offer);
    if (carnet_credential_offer_link_open(text, false, &storage, &link, NULL) == CARNET_OK)
        assert_true((link.json.len == 0) != (link.uri.len == 0));
}

static void
every_prefix_of_an_offer_is_refused_and_no_bit_does_harm(void **state)
{
    const carnet_credential_offer made = sample();
    static uint8_t json[2048];
    carnet_buf out = carnet_buf_of(json, sizeof(json));

    (void)state;
    assert_carnet_ok(carnet_credential_offer_build(&made, &out, NULL), NULL);
    carnet_test_every_prefix(carnet_buf_span(&out), no_prefix, NULL);
    carnet_test_every_bit(carnet_buf_span(&out), any_bit, NULL);
    carnet_test_every_bit(carnet_str_bytes(carnet_str_of(links[0].link)), any_bit, NULL);
}

/* --- the transaction code --- */

static void
a_transaction_code_is_what_the_offer_says(void **state)
{
    static const struct {
        carnet_tx_code code;
        const char *typed, *reason; /* reason NULL: good */
    } table[] = {
        { { .required = true, .length = 6 }, "012345", NULL },
        { { .required = true }, "7", NULL },
        { { .required = true, .text = true, .length = 3 }, "a\xc3\xa9!", NULL },
        { { .required = false }, "", NULL },
        { { .required = true, .length = 6 }, "", "the code has 6 digits and nothing else" },
        { { .required = true, .length = 6 }, "12345", "the code has 6 digits and nothing else" },
        { { .required = true, .length = 6 }, "1234567", "the code has 6 digits and nothing else" },
        { { .required = true, .length = 6 }, "12345a", "the code has 6 digits and nothing else" },
        { { .required = true }, "", "the code has one digit or more and nothing else" },
        { { .required = true, .text = true, .length = 3 }, "ab", "the code has 3 characters" },
        { { .required = true, .text = true }, "", "the code has one character or more" },
        { { .required = false }, "1", "none is wanted" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(table); i++) {
        carnet_err err = { 0 };
        const carnet_rc rc = carnet_tx_code_check(&table[i].code, carnet_str_of(table[i].typed), &err);

        assert_carnet_rc(rc, table[i].reason == NULL ? CARNET_OK : CARNET_E_OID4VCI_TX_CODE);
        assert_string_equal(err.reason, table[i].reason != NULL ? table[i].reason : "");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_has_an_offer_or_says_where_it_lies),
        cmocka_unit_test(plain_http_is_for_this_machine_and_only_if_allowed),
        cmocka_unit_test(a_link_that_was_made_says_what_went_in),
        cmocka_unit_test(an_offer_is_taken_or_says_what_is_amiss),
        cmocka_unit_test(grants_and_the_transaction_code_are_read),
        cmocka_unit_test(an_offer_that_was_made_reads_as_it_was),
        cmocka_unit_test(an_offer_that_would_be_refused_is_not_made),
        cmocka_unit_test(a_description_too_long_is_cut_between_characters),
        cmocka_unit_test(too_many_configurations_are_refused),
        cmocka_unit_test(every_prefix_of_an_offer_is_refused_and_no_bit_does_harm),
        cmocka_unit_test(a_transaction_code_is_what_the_offer_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
