/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/oauth_error.h"
#include "support/support.h"

#include <string.h>

static void
every_error_has_a_name_of_its_own(void **state)
{
    (void)state;
    assert_null(carnet_oauth_error_name(CARNET_OAUTH_NONE));
    assert_null(carnet_oauth_error_name(CARNET_OAUTH_ERROR_COUNT));
    for (int i = CARNET_OAUTH_NONE + 1; i < CARNET_OAUTH_ERROR_COUNT; i++) {
        const char *name = carnet_oauth_error_name((carnet_oauth_error)i);

        assert_non_null(name);
        assert_int_equal(carnet_oauth_error_named(carnet_str_of(name)), i);
        assert_in_range(carnet_oauth_error_http((carnet_oauth_error)i), 400, 503);
    }
    assert_int_equal(carnet_oauth_error_named(carnet_str_of("Invalid_Request")), CARNET_OAUTH_NONE);
    assert_int_equal(carnet_oauth_error_named(carnet_str_of("")), CARNET_OAUTH_NONE);
}

static const struct {
    carnet_rc rc;
    const char *name;
    int http;
} said[] = {
    { CARNET_E_OAUTH_FORM, "invalid_request", 400 },
    { CARNET_E_OAUTH_PARAMETER_TWICE, "invalid_request", 400 },
    { CARNET_E_OAUTH_PARAMETER_MISSING, "invalid_request", 400 },
    { CARNET_E_OAUTH_PARAMETER, "invalid_request", 400 },
    { CARNET_E_LIMIT, "invalid_request", 400 },
    { CARNET_E_JSON_KEY_TWICE, "invalid_request", 400 },
    { CARNET_E_OAUTH_RESPONSE_TYPE, "unsupported_response_type", 400 },
    { CARNET_E_OAUTH_GRANT_TYPE, "unsupported_grant_type", 400 },
    { CARNET_E_OAUTH_GRANT, "invalid_grant", 400 },
    { CARNET_E_OAUTH_CLIENT, "invalid_client", 401 },
    { CARNET_E_OAUTH_DETAILS, "invalid_authorization_details", 400 },
    { CARNET_E_OAUTH_TOKEN, "invalid_token", 401 },
    { CARNET_E_OAUTH_TOKEN_SCOPE, "insufficient_scope", 403 },
    { CARNET_E_DPOP_PROOF, "invalid_dpop_proof", 400 },
    { CARNET_E_DPOP_NONCE, "use_dpop_nonce", 400 },
    { CARNET_E_DPOP_KEY, "invalid_dpop_proof", 400 },
    { CARNET_E_CLIENT_ATTESTATION, "invalid_client_attestation", 400 },
    { CARNET_E_CLIENT_ATTESTATION_UNTRUSTED, "invalid_client_attestation", 400 },
    { CARNET_E_CLIENT_ATTESTATION_PROOF, "invalid_client_attestation", 400 },
    { CARNET_E_CLIENT_ATTESTATION_CHALLENGE, "use_attestation_challenge", 400 },
    { CARNET_E_CLIENT_ATTESTATION_EXPIRED, "use_fresh_attestation", 400 },
    { CARNET_E_CLIENT_ATTESTATION_CLIENT, "invalid_client", 401 },
    { CARNET_E_KEY_ATTESTATION, "invalid_proof", 400 },
    { CARNET_E_KEY_ATTESTATION_NONCE, "invalid_nonce", 400 },
    { CARNET_E_OID4VCI_REQUEST, "invalid_credential_request", 400 },
    { CARNET_E_OID4VCI_NONCE, "invalid_nonce", 400 },
    { CARNET_E_OID4VCI_TRANSACTION, "invalid_transaction_id", 400 },
    { CARNET_E_NO_SPACE, "server_error", 500 },
    { CARNET_E_CRYPTO_BACKEND, "server_error", 500 },
    { CARNET_E_SERVICE_BUSY, "temporarily_unavailable", 503 },
    { CARNET_E_SERVICE_RATE, "temporarily_unavailable", 503 },
};

static void
every_code_is_said_by_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(said); i++) {
        const carnet_oauth_error error = carnet_oauth_error_of(said[i].rc);

        print_message("# %s\n", carnet_rc_name(said[i].rc));
        assert_string_equal(carnet_oauth_error_name(error), said[i].name);
        assert_int_equal(carnet_oauth_error_http(error), said[i].http);
    }
    assert_int_equal(carnet_oauth_error_of(CARNET_OK), CARNET_OAUTH_NONE);
}

static void
what_a_server_said_is_a_code_of_ours(void **state)
{
    (void)state;
    assert_carnet_rc(carnet_oauth_error_rc(CARNET_OAUTH_INVALID_GRANT), CARNET_E_OAUTH_GRANT);
    assert_carnet_rc(carnet_oauth_error_rc(CARNET_OAUTH_USE_DPOP_NONCE), CARNET_E_DPOP_NONCE);
    assert_carnet_rc(carnet_oauth_error_rc(CARNET_OAUTH_INVALID_NONCE), CARNET_E_OID4VCI_NONCE);
    assert_carnet_rc(carnet_oauth_error_rc(CARNET_OAUTH_INVALID_CLIENT), CARNET_E_OAUTH_CLIENT);
    assert_carnet_rc(carnet_oauth_error_rc(CARNET_OAUTH_NONE), CARNET_E_OAUTH_REFUSED);
    assert_carnet_rc(carnet_oauth_error_rc(CARNET_OAUTH_SERVER_ERROR), CARNET_E_OAUTH_REFUSED);
}

static void
an_error_is_written_and_read(void **state)
{
    char text[512], small_room[20];
    carnet_buf out = carnet_buf_of(text, sizeof(text)), small = carnet_buf_of(small_room, sizeof(small_room));
    carnet_oauth_answer answer;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_oauth_error_write(CARNET_OAUTH_INVALID_GRANT, carnet_str_of("the \"code\" \\ is\nused"),
                                              carnet_str_of("r-1"), &out, NULL),
                     NULL);
    assert_str_is(carnet_buf_str(&out), "{\"error\":\"invalid_grant\",\"error_description\":\"the 'code' ? is?used\","
                                        "\"request_id\":\"r-1\"}");
    assert_carnet_ok(carnet_oauth_answer_read(carnet_buf_str(&out), &answer, NULL), NULL);
    assert_int_equal(answer.error, CARNET_OAUTH_INVALID_GRANT);
    assert_str_is(answer.name, "invalid_grant");
    assert_str_is(answer.description, "the 'code' ? is?used");
    assert_str_is(answer.request_id, "r-1");
    assert_carnet_rc(carnet_oauth_answer_fail(&answer, &err), CARNET_E_OAUTH_GRANT);
    assert_string_equal(err.reason, "the server says invalid_grant: the 'code' ? is?used");
    carnet_oauth_answer_done(&answer);
    assert_carnet_rc(
        carnet_oauth_error_write(CARNET_OAUTH_INVALID_GRANT, (carnet_str){ 0 }, (carnet_str){ 0 }, &small, NULL),
        CARNET_E_NO_SPACE);
    assert_int_equal(small.len, 0);
    assert_carnet_rc(carnet_oauth_error_write(CARNET_OAUTH_NONE, (carnet_str){ 0 }, (carnet_str){ 0 }, &out, NULL),
                     CARNET_E_USAGE);
}

static void
a_long_description_is_cut(void **state)
{
    char text[1024], long_text[600];
    carnet_buf out = carnet_buf_of(text, sizeof(text));
    carnet_oauth_answer answer;
    carnet_err err = { 0 };

    (void)state;
    memset(long_text, 'x', sizeof(long_text));
    assert_carnet_ok(carnet_oauth_error_write(CARNET_OAUTH_INVALID_REQUEST, (carnet_str){ long_text, 600 },
                                              (carnet_str){ 0 }, &out, NULL),
                     NULL);
    assert_carnet_ok(carnet_oauth_answer_read(carnet_buf_str(&out), &answer, NULL), NULL);
    assert_int_equal(answer.description.len, 240);
    assert_carnet_rc(carnet_oauth_answer_fail(&answer, &err), CARNET_E_OAUTH_REFUSED);
    assert_int_equal(strlen(err.reason), sizeof(err.reason) - 1);
    carnet_oauth_answer_done(&answer);
}

static const struct {
    const char *body;
    carnet_rc rc;
} bodies[] = {
    { "{\"error\":\"x_unknown\"}", CARNET_OK },
    { "{\"error\":\"invalid_request\",\"error_description\":1,\"more\":[]}", CARNET_OK },
    { "", CARNET_E_OAUTH_RESPONSE },
    { "<html>", CARNET_E_OAUTH_RESPONSE },
    { "[]", CARNET_E_OAUTH_RESPONSE },
    { "{}", CARNET_E_OAUTH_RESPONSE },
    { "{\"error\":\"\"}", CARNET_E_OAUTH_RESPONSE },
    { "{\"error\":400}", CARNET_E_OAUTH_RESPONSE },
    { "{\"error\":\"a\",\"error\":\"b\"}", CARNET_E_OAUTH_RESPONSE },
};

static void
what_is_no_error_is_not_read_as_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bodies); i++) {
        carnet_oauth_answer answer;

        assert_carnet_rc(carnet_oauth_answer_read(carnet_str_of(bodies[i].body), &answer, NULL), bodies[i].rc);
        carnet_oauth_answer_done(&answer);
    }
}

static void
www_authenticate_is_written(void **state)
{
    char text[256];
    carnet_buf out = carnet_buf_of(text, sizeof(text));

    (void)state;
    carnet_oauth_authenticate_write("DPoP", CARNET_OAUTH_INVALID_TOKEN, "it \"expired\"", "ES256 ES384", &out);
    assert_str_is(carnet_buf_str(&out),
                  "DPoP error=\"invalid_token\", error_description=\"it 'expired'\", algs=\"ES256 ES384\"");
    out.len = 0;
    carnet_oauth_authenticate_write("Bearer", CARNET_OAUTH_NONE, NULL, NULL, &out);
    assert_str_is(carnet_buf_str(&out), "Bearer");
}

static const struct {
    const char *header, *scheme, *name, *description; /* name NULL: none under the scheme */
} fields[] = {
    { "DPoP error=\"use_dpop_nonce\", error_description=\"a nonce\"", "DPoP", "use_dpop_nonce", "a nonce" },
    { "dpop error=use_dpop_nonce", "DPoP", "use_dpop_nonce", "" },
    { "DPoP algs=\"ES256\",error=\"invalid_token\"", "DPoP", "invalid_token", "" },
    { "Bearer error=\"invalid_token\", DPoP algs=\"ES256\", error=\"use_dpop_nonce\"", "DPoP", "use_dpop_nonce", "" },
    { "Bearer error=\"invalid_token\", DPoP algs=\"ES256\", error=\"use_dpop_nonce\"", "Bearer", "invalid_token", "" },
    { "Bearer realm=\"a, DPoP error=\\\"x\\\"\", error=\"invalid_token\"", "Bearer", "invalid_token", "" },
    { "Bearer realm=\"a, DPoP error=\\\"x\\\"\", error=\"invalid_token\"", "DPoP", NULL, NULL },
    { "Bearer error_description=\"say \\\"hi\\\"\", error=\"invalid_token\"", "Bearer", "invalid_token", "say \"hi\"" },
    { "Negotiate YWJj==, DPoP error=\"x\"", "DPoP", "x", "" },
    { "DPoP", "DPoP", NULL, NULL },
    { "", "DPoP", NULL, NULL },
    { "Basic realm=\"error=\\\"x\\\"\"", "DPoP", NULL, NULL },
    { "DPoP error=\"unterminated", "DPoP", "unterminated", "" },
    { "DPoP error=", "DPoP", NULL, NULL },
    { "\"\"\"=,=,", "DPoP", NULL, NULL },
};

static void
www_authenticate_is_read_by_its_scheme(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(fields); i++) {
        uint8_t room[256];
        carnet_buf buf = carnet_buf_of(room, sizeof(room));
        carnet_oauth_answer answer;

        print_message("# %s\n", fields[i].header);
        assert_int_equal(
            carnet_oauth_authenticate_read(carnet_str_of(fields[i].header), fields[i].scheme, &buf, &answer),
            fields[i].name != NULL);
        if (fields[i].name != NULL) {
            assert_str_is(answer.name, fields[i].name);
            assert_str_is(answer.description, fields[i].description);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_has_a_name_of_its_own),
        cmocka_unit_test(every_code_is_said_by_an_error),
        cmocka_unit_test(what_a_server_said_is_a_code_of_ours),
        cmocka_unit_test(an_error_is_written_and_read),
        cmocka_unit_test(a_long_description_is_cut),
        cmocka_unit_test(what_is_no_error_is_not_read_as_one),
        cmocka_unit_test(www_authenticate_is_written),
        cmocka_unit_test(www_authenticate_is_read_by_its_scheme),
    };

    return cmocka_run_group_tests_name("exchange/oid4vc/oauth_error", tests, NULL, NULL);
}
