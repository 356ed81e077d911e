/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/token.h"
#include "support/support.h"

#include <string.h>

#define PRE CARNET_GRANT_PRE_AUTHORIZED_CODE_NAME

static uint8_t form_room[CARNET_FORM_MAX];
static char out_room[16384];

static carnet_rc
read_request(carnet_str text, carnet_token_request *request, carnet_err *err)
{
    carnet_buf room = carnet_buf_of(form_room, sizeof(form_room));
    carnet_form form;
    carnet_rc rc = carnet_form_read(text, &room, &form, err);

    *request = (carnet_token_request){ 0 };
    return rc == CARNET_OK ? carnet_token_request_read(&form, request, err) : rc;
}

static void
grants_have_names(void **state)
{
    (void)state;
    assert_string_equal(carnet_grant_type_name(CARNET_GRANT_PRE_AUTHORIZED_CODE), PRE);
    assert_int_equal(carnet_grant_type_named(carnet_str_of("authorization_code")), CARNET_GRANT_AUTHORIZATION_CODE);
    assert_int_equal(carnet_grant_type_named(carnet_str_of("refresh_token")), CARNET_GRANT_REFRESH_TOKEN);
    assert_int_equal(carnet_grant_type_named(carnet_str_of("password")), CARNET_GRANT_NONE);
    assert_null(carnet_grant_type_name(CARNET_GRANT_NONE));
}

static void
what_is_written_is_read_back(void **state)
{
    carnet_token_request sent = { .grant = CARNET_GRANT_AUTHORIZATION_CODE,
                                  .client_id = carnet_str_of("wallet-1"),
                                  .code = carnet_str_of("c+/="),
                                  .redirect_uri = carnet_str_of("eu.wallet:/cb"),
                                  .code_verifier = carnet_str_of("v"),
                                  .pre_authorized_code = carnet_str_of("p"),
                                  .tx_code = carnet_str_of("12 34"),
                                  .refresh_token = carnet_str_of("r"),
                                  .resource = carnet_str_of("https://iss.example"),
                                  .configuration_ids = { carnet_str_of("mdl") },
                                  .configuration_id_count = 1 };
    static const carnet_grant_type grants[] = { CARNET_GRANT_AUTHORIZATION_CODE, CARNET_GRANT_PRE_AUTHORIZED_CODE,
                                                CARNET_GRANT_REFRESH_TOKEN };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(grants); i++) {
        carnet_buf out = carnet_buf_of(out_room, sizeof(out_room));
        carnet_token_request got;
        carnet_err err = { 0 };

        sent.grant = grants[i];
        assert_carnet_ok(carnet_token_request_write(&sent, &out, &err), &err);
        assert_carnet_ok(read_request(carnet_buf_str(&out), &got, &err), &err);
        assert_int_equal(got.grant, grants[i]);
        assert_str_is(got.client_id, "wallet-1");
        assert_str_is(got.code, i == 0 ? "c+/=" : "");
        assert_str_is(got.code_verifier, i == 0 ? "v" : "");
        assert_str_is(got.redirect_uri, i == 0 ? "eu.wallet:/cb" : "");
        assert_str_is(got.pre_authorized_code, i == 1 ? "p" : "");
        assert_str_is(got.tx_code, i == 1 ? "12 34" : "");
        assert_int_equal(got.has_tx_code, i == 1);
        assert_str_is(got.refresh_token, i == 2 ? "r" : "");
        assert_str_is(got.resource, "https://iss.example");
        assert_int_equal(got.configuration_id_count, 1);
        assert_str_is(got.configuration_ids[0], "mdl");
        carnet_token_request_done(&got);
    }
}

static const struct {
    const char *text;
    carnet_rc rc;
} requests[] = {
    { "grant_type=authorization_code&code=c&code_verifier=v&x=y", CARNET_OK },
    { "grant_type=" PRE "&pre-authorized_code=p", CARNET_OK },
    { "grant_type=" PRE "&pre-authorized_code=p&tx_code=", CARNET_OK },
    { "grant_type=refresh_token&refresh_token=r", CARNET_OK },
    { "", CARNET_E_OAUTH_PARAMETER_MISSING },
    { "code=c", CARNET_E_OAUTH_PARAMETER_MISSING },
    { "grant_type=", CARNET_E_OAUTH_PARAMETER_MISSING },
    { "grant_type=password&username=a&password=b", CARNET_E_OAUTH_GRANT_TYPE },
    { "grant_type=client_credentials", CARNET_E_OAUTH_GRANT_TYPE },
    { "grant_type=Authorization_Code&code=c&code_verifier=v", CARNET_E_OAUTH_GRANT_TYPE },
    { "grant_type=authorization_code&code_verifier=v", CARNET_E_OAUTH_PARAMETER_MISSING },
    { "grant_type=authorization_code&code=c", CARNET_E_OAUTH_PARAMETER_MISSING },
    { "grant_type=" PRE, CARNET_E_OAUTH_PARAMETER_MISSING },
    { "grant_type=" PRE "&code=c", CARNET_E_OAUTH_PARAMETER_MISSING },
    { "grant_type=refresh_token", CARNET_E_OAUTH_PARAMETER_MISSING },
    { "grant_type=refresh_token&refresh_token=r&refresh_token=r", CARNET_E_OAUTH_PARAMETER_TWICE },
    { "grant_type=refresh_token&grant_type=refresh_token&refresh_token=r", CARNET_E_OAUTH_PARAMETER_TWICE },
    { "grant_type=refresh_token&refresh_token=r&client_secret=s", CARNET_E_OAUTH_CLIENT },
    { "grant_type=refresh_token&refresh_token=r&client_assertion=s", CARNET_E_OAUTH_CLIENT },
    { "grant_type=refresh_token&refresh_token=r&authorization_details=%7B%7D", CARNET_E_OAUTH_DETAILS },
    { "grant_type=refresh_token&refresh_token=%FF", CARNET_E_OAUTH_FORM },
};

static void
a_request_is_what_it_must_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(requests); i++) {
        carnet_token_request request;

        print_message("# %s\n", requests[i].text);
        assert_carnet_rc(read_request(carnet_str_of(requests[i].text), &request, NULL), requests[i].rc);
        if (requests[i].rc != CARNET_OK)
            assert_int_equal(request.grant, CARNET_GRANT_NONE);
        carnet_token_request_done(&request);
    }
}

static void
an_answer_is_written_and_read(void **state)
{
    const carnet_str identifiers[] = { carnet_str_of("mdl-1"), carnet_str_of("mdl\"2") };
    const carnet_token_detail details[] = { { .configuration_id = carnet_str_of("mdl"), identifiers, 2, NULL },
                                            { .configuration_id = carnet_str_of("pid"), identifiers, 1, NULL } };
    const carnet_token_response sent = { .access_token = carnet_str_of("at"),
                                         .dpop = true,
                                         .expires_in = 300,
                                         .refresh_token = carnet_str_of("rt"),
                                         .scope = carnet_str_of("mdl pid"),
                                         .details = details,
                                         .detail_count = 2 };
    carnet_buf out = carnet_buf_of(out_room, sizeof(out_room)), small = carnet_buf_of(out_room, 40);
    carnet_token_response got;
    carnet_token_detail detail;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_token_response_write(&sent, &out, &err), &err);
    assert_str_is(carnet_buf_str(&out),
                  "{\"access_token\":\"at\",\"token_type\":\"DPoP\",\"expires_in\":300,\"refresh_token\":\"rt\","
                  "\"scope\":\"mdl pid\",\"authorization_details\":[{\"type\":\"openid_credential\","
                  "\"credential_configuration_id\":\"mdl\",\"credential_identifiers\":[\"mdl-1\",\"mdl\\\"2\"]},"
                  "{\"type\":\"openid_credential\",\"credential_configuration_id\":\"pid\","
                  "\"credential_identifiers\":[\"mdl-1\"]}]}");
    assert_carnet_ok(carnet_token_response_read(carnet_buf_str(&out), &got, &err), &err);
    assert_str_is(got.access_token, "at");
    assert_true(got.dpop);
    assert_int_equal(got.expires_in, 300);
    assert_str_is(got.refresh_token, "rt");
    assert_str_is(got.scope, "mdl pid");
    assert_int_equal(got.detail_count, 2);
    assert_true(carnet_token_response_detail(&got, 0, &detail));
    assert_str_is(detail.configuration_id, "mdl");
    assert_int_equal(detail.identifier_count, 2);
    assert_str_is(carnet_json_string(carnet_json_at(detail.identifiers_read, 1)), "mdl\"2");
    assert_true(carnet_token_response_detail(&got, 1, &detail));
    assert_false(carnet_token_response_detail(&got, 2, &detail));
    carnet_token_response_done(&got);
    assert_null(got.document);
    assert_carnet_rc(carnet_token_response_write(&sent, &small, NULL), CARNET_E_NO_SPACE);
    assert_int_equal(small.len, 0);
}

#define T(s) "{\"access_token\":\"a\",\"token_type\":\"DPoP\"" s "}"

static const struct {
    const char *body;
    carnet_rc rc;
    size_t details;
} bodies[] = {
    { T(""), CARNET_OK, 0 },
    { T(",\"x\":{\"y\":[1]}"), CARNET_OK, 0 },
    { T(",\"expires_in\":1e2"), CARNET_OK, 0 },
    { T(",\"expires_in\":1e300"), CARNET_OK, 0 },
    { T(",\"expires_in\":null,\"scope\":null,\"refresh_token\":null,\"authorization_details\":null"), CARNET_OK, 0 },
    { "{\"access_token\":\"a\",\"token_type\":\"dpop\"}", CARNET_OK, 0 },
    { "{\"access_token\":\"a\",\"token_type\":\"bearer\"}", CARNET_OK, 0 },
    { T(",\"authorization_details\":[{\"type\":\"x\"},{\"type\":\"openid_credential\","
        "\"credential_configuration_id\":\"a\"}]"),
      CARNET_OK, 1 },
    { "", CARNET_E_OAUTH_RESPONSE, 0 },
    { "null", CARNET_E_OAUTH_RESPONSE, 0 },
    { "[]", CARNET_E_OAUTH_RESPONSE, 0 },
    { "{}", CARNET_E_OAUTH_RESPONSE, 0 },
    { "{\"error\":\"invalid_grant\"}", CARNET_E_OAUTH_RESPONSE, 0 },
    { "{\"access_token\":\"a\"}", CARNET_E_OAUTH_RESPONSE, 0 },
    { "{\"token_type\":\"DPoP\"}", CARNET_E_OAUTH_RESPONSE, 0 },
    { "{\"access_token\":\"\",\"token_type\":\"DPoP\"}", CARNET_E_OAUTH_RESPONSE, 0 },
    { "{\"access_token\":1,\"token_type\":\"DPoP\"}", CARNET_E_OAUTH_RESPONSE, 0 },
    { "{\"access_token\":\"a\",\"token_type\":\"mac\"}", CARNET_E_OAUTH_RESPONSE, 0 },
    { T(",\"access_token\":\"b\""), CARNET_E_OAUTH_RESPONSE, 0 },
    { T(",\"expires_in\":\"300\""), CARNET_OK, 0 },
    { T(",\"expires_in\":\"\""), CARNET_E_OAUTH_RESPONSE, 0 },
    { T(",\"expires_in\":\"-1\""), CARNET_E_OAUTH_RESPONSE, 0 },
    { T(",\"expires_in\":\"3e2\""), CARNET_E_OAUTH_RESPONSE, 0 },
    { T(",\"expires_in\":\"1234567890123\""), CARNET_E_OAUTH_RESPONSE, 0 },
    { T(",\"expires_in\":true"), CARNET_E_OAUTH_RESPONSE, 0 },
    { T(",\"expires_in\":-1"), CARNET_E_OAUTH_RESPONSE, 0 },
    { T(",\"scope\":[]"), CARNET_E_OAUTH_RESPONSE, 0 },
    { T(",\"refresh_token\":7"), CARNET_E_OAUTH_RESPONSE, 0 },
    { T(",\"authorization_details\":{}"), CARNET_E_OAUTH_RESPONSE, 0 },
    { T(",\"authorization_details\":[{\"type\":\"openid_credential\"}]"), CARNET_E_OAUTH_RESPONSE, 0 },
    { T(",\"authorization_details\":[{\"type\":\"openid_credential\",\"credential_configuration_id\":\"a\","
        "\"credential_identifiers\":[]}]"),
      CARNET_E_OAUTH_RESPONSE, 0 },
    { T(",\"authorization_details\":[{\"type\":\"openid_credential\",\"credential_configuration_id\":\"a\","
        "\"credential_identifiers\":[1]}]"),
      CARNET_E_OAUTH_RESPONSE, 0 },
    { T(",\"x\":[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]"), CARNET_E_OAUTH_RESPONSE, 0 },
};

static void
an_answer_is_what_it_must_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bodies); i++) {
        carnet_token_response got;

        print_message("# %s\n", bodies[i].body);
        assert_carnet_rc(carnet_token_response_read(carnet_str_of(bodies[i].body), &got, NULL), bodies[i].rc);
        assert_int_equal(got.detail_count, bodies[i].details);
        carnet_token_response_done(&got);
    }
}

static void
refused(carnet_span mutated, void *context)
{
    carnet_token_response got;
    size_t *count = context;

    assert_carnet_rc(carnet_token_response_read((carnet_str){ (const char *)mutated.ptr, mutated.len }, &got, NULL),
                     CARNET_E_OAUTH_RESPONSE);
    (*count)++;
}

static void
no_prefix_of_an_answer_is_accepted(void **state)
{
    const carnet_str whole = carnet_str_of(T(",\"expires_in\":300,\"authorization_details\":[]"));
    size_t count = 0;

    (void)state;
    carnet_test_every_prefix(carnet_str_bytes(whole), refused, &count);
    assert_int_equal(count, whole.len);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grants_have_names),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(a_request_is_what_it_must_be),
        cmocka_unit_test(an_answer_is_written_and_read),
        cmocka_unit_test(an_answer_is_what_it_must_be),
        cmocka_unit_test(no_prefix_of_an_answer_is_accepted),
    };

    return cmocka_run_group_tests_name("exchange/oid4vc/token", tests, NULL, NULL);
}
