/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/authorization_server_metadata.h"
#include "support/support.h"

#include <string.h>

#define ISSUER "https://as.example/t"

typedef carnet_authorization_server_metadata metadata_t;

static char out_room[8192];

static carnet_metadata_list
words(const char *text)
{
    return (carnet_metadata_list){ .words = carnet_str_of(text) };
}

static metadata_t
haip(void)
{
    return (metadata_t){
        .issuer = carnet_str_of(ISSUER),
        .authorization_endpoint = carnet_str_of(ISSUER "/authorize"),
        .token_endpoint = carnet_str_of(ISSUER "/token"),
        .pushed_authorization_request_endpoint = carnet_str_of(ISSUER "/par"),
        .challenge_endpoint = carnet_str_of(ISSUER "/challenge"),
        .jwks_uri = carnet_str_of(ISSUER "/jwks"),
        .scopes_supported = words("mdl pid"),
        .response_types_supported = words("code"),
        .grant_types_supported =
            words("authorization_code urn:ietf:params:oauth:grant-type:pre-authorized_code refresh_token"),
        .token_endpoint_auth_methods_supported = words("none attest_jwt_client_auth"),
        .code_challenge_methods_supported = words("S256"),
        .dpop_signing_alg_values_supported = words("ES256 ES384"),
        .authorization_details_types_supported = words("openid_credential"),
        .client_attestation_signing_alg_values_supported = words("ES256"),
        .client_attestation_pop_signing_alg_values_supported = words("ES256"),
        .require_pushed_authorization_requests = true,
        .authorization_response_iss_parameter_supported = true,
        .pre_authorized_grant_anonymous_access_supported = true,
    };
}

static void
what_is_written_is_read_back(void **state)
{
    const metadata_t sent = haip();
    carnet_buf out = carnet_buf_of(out_room, sizeof(out_room)), again_buf = carnet_buf_of(out_room + 4096, 4096);
    metadata_t got;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_authorization_server_metadata_write(&sent, &out, &err), &err);
    assert_carnet_ok(
        carnet_authorization_server_metadata_read(carnet_buf_str(&out), carnet_str_of(ISSUER), false, &got, &err),
        &err);
    assert_str_is(got.issuer, ISSUER);
    assert_str_is(got.authorization_endpoint, ISSUER "/authorize");
    assert_str_is(got.token_endpoint, ISSUER "/token");
    assert_str_is(got.pushed_authorization_request_endpoint, ISSUER "/par");
    assert_str_is(got.challenge_endpoint, ISSUER "/challenge");
    assert_str_is(got.jwks_uri, ISSUER "/jwks");
    assert_int_equal(carnet_json_count(got.scopes_supported.read), 2);
    assert_true(carnet_metadata_list_has(&got.grant_types_supported, "refresh_token"));
    assert_false(carnet_metadata_list_has(&got.grant_types_supported, "password"));
    assert_true(carnet_metadata_list_has(&sent.grant_types_supported, "refresh_token"));
    assert_true(carnet_metadata_list_has(&got.client_attestation_pop_signing_alg_values_supported, "ES256"));
    assert_true(got.require_pushed_authorization_requests);
    assert_true(got.authorization_response_iss_parameter_supported);
    assert_true(got.pre_authorized_grant_anonymous_access_supported);
    assert_true(carnet_json_bool(carnet_json_get(got.document, "pre-authorized_grant_anonymous_access_supported")));
    assert_carnet_ok(carnet_authorization_server_metadata_haip(&got, &err), &err);
    assert_carnet_ok(carnet_authorization_server_metadata_haip(&sent, &err), &err);
    assert_carnet_ok(carnet_authorization_server_metadata_write(&got, &again_buf, &err), &err);
    assert_span_equal(carnet_buf_span(&again_buf), carnet_buf_span(&out));
    carnet_authorization_server_metadata_done(&got);
    assert_null(got.document);
}

#define M(s) "{\"issuer\":\"" ISSUER "\",\"token_endpoint\":\"https://as.example/token\"" s "}"

static const struct {
    const char *body, *path; /* path NULL: not looked at */
    bool loopback;
    carnet_rc rc;
} bodies[] = {
    { M(""), NULL, false, CARNET_OK },
    { M(",\"x\":[{}],\"service_documentation\":\"http://x\""), NULL, false, CARNET_OK },
    { M(",\"jwks_uri\":null,\"scopes_supported\":null,\"require_pushed_authorization_requests\":null"), NULL, false,
      CARNET_OK },
    { M(",\"jwks_uri\":\"http://localhost:8080/jwks\""), NULL, true, CARNET_OK },
    { M(",\"scopes_supported\":[]"), NULL, false, CARNET_OK },
    { "", NULL, false, CARNET_E_OAUTH_METADATA },
    { "<html>", NULL, false, CARNET_E_OAUTH_METADATA },
    { "[]", NULL, false, CARNET_E_OAUTH_METADATA },
    { "{}", "issuer", false, CARNET_E_OAUTH_METADATA },
    { "{\"issuer\":1}", "issuer", false, CARNET_E_OAUTH_METADATA },
    { "{\"issuer\":\"" ISSUER "\"}", "token_endpoint", false, CARNET_E_OAUTH_METADATA },
    { "{\"issuer\":\"https://as.example/\",\"token_endpoint\":\"https://as.example/token\"}", NULL, false,
      CARNET_E_OAUTH_ISSUER },
    { "{\"issuer\":\"" ISSUER "/\",\"token_endpoint\":\"https://as.example/token\"}", NULL, false,
      CARNET_E_OAUTH_ISSUER },
    { "{\"issuer\":\"https://AS.example/t\",\"token_endpoint\":\"https://as.example/token\"}", NULL, false,
      CARNET_E_OAUTH_ISSUER },
    { M(",\"issuer\":\"https://evil.example\""), NULL, false, CARNET_E_OAUTH_METADATA },
    { M(",\"authorization_endpoint\":\"http://as.example/a\""), "authorization_endpoint", false,
      CARNET_E_OAUTH_METADATA },
    { M(",\"authorization_endpoint\":\"http://as.example/a\""), "authorization_endpoint", true,
      CARNET_E_OAUTH_METADATA },
    { M(",\"jwks_uri\":\"http://localhost:8080/jwks\""), "jwks_uri", false, CARNET_E_OAUTH_METADATA },
    { M(",\"authorization_endpoint\":\"javascript:alert(1)\""), "authorization_endpoint", true,
      CARNET_E_OAUTH_METADATA },
    { M(",\"challenge_endpoint\":\"https://as.example/c#f\""), "challenge_endpoint", false, CARNET_E_OAUTH_METADATA },
    { M(",\"challenge_endpoint\":7"), "challenge_endpoint", false, CARNET_E_OAUTH_METADATA },
    { M(",\"grant_types_supported\":\"authorization_code\""), "grant_types_supported", false, CARNET_E_OAUTH_METADATA },
    { M(",\"grant_types_supported\":[1]"), "grant_types_supported", false, CARNET_E_OAUTH_METADATA },
    { M(",\"require_pushed_authorization_requests\":\"true\""), "require_pushed_authorization_requests", false,
      CARNET_E_OAUTH_METADATA },
    { M(",\"x\":[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]"), NULL, false, CARNET_E_OAUTH_METADATA },
};

static void
metadata_is_what_it_must_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bodies); i++) {
        metadata_t got;
        carnet_err err = { 0 };

        print_message("# %s\n", bodies[i].body);
        assert_carnet_rc(carnet_authorization_server_metadata_read(carnet_str_of(bodies[i].body), carnet_str_of(ISSUER),
                                                                   bodies[i].loopback, &got, &err),
                         bodies[i].rc);
        if (bodies[i].path != NULL)
            assert_string_equal(err.path, bodies[i].path);
        if (bodies[i].rc != CARNET_OK)
            assert_null(got.document);
        carnet_authorization_server_metadata_done(&got);
    }
}

static void
what_haip_demands_is_missed(void **state)
{
    metadata_t lacking[8];
    static const char *const paths[] = { "authorization_endpoint",
                                         "pushed_authorization_request_endpoint",
                                         "response_types_supported",
                                         "grant_types_supported",
                                         "code_challenge_methods_supported",
                                         "authorization_response_iss_parameter_supported",
                                         "dpop_signing_alg_values_supported",
                                         "token_endpoint_auth_methods_supported" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(lacking); i++)
        lacking[i] = haip();
    lacking[0].authorization_endpoint = (carnet_str){ 0 };
    lacking[1].pushed_authorization_request_endpoint = (carnet_str){ 0 };
    lacking[2].response_types_supported = words("token");
    lacking[3].grant_types_supported = words("implicit");
    lacking[4].code_challenge_methods_supported = words("plain");
    lacking[5].authorization_response_iss_parameter_supported = false;
    lacking[6].dpop_signing_alg_values_supported = words("");
    lacking[7].token_endpoint_auth_methods_supported = words("none");
    for (size_t i = 0; i < CARNET_COUNT(lacking); i++) {
        carnet_err err = { 0 };

        assert_carnet_rc(carnet_authorization_server_metadata_haip(&lacking[i], &err), CARNET_E_OAUTH_METADATA);
        assert_string_equal(err.path, paths[i]);
    }
}

static void
what_lacks_its_issuer_is_not_written(void **state)
{
    carnet_buf out = carnet_buf_of(out_room, sizeof(out_room)), small = carnet_buf_of(out_room, 60);
    metadata_t metadata = haip();

    (void)state;
    assert_carnet_rc(carnet_authorization_server_metadata_write(&metadata, &small, NULL), CARNET_E_NO_SPACE);
    assert_int_equal(small.len, 0);
    metadata.issuer = (carnet_str){ 0 };
    assert_carnet_rc(carnet_authorization_server_metadata_write(&metadata, &out, NULL), CARNET_E_USAGE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(metadata_is_what_it_must_be),
        cmocka_unit_test(what_haip_demands_is_missed),
        cmocka_unit_test(what_lacks_its_issuer_is_not_written),
    };

    return cmocka_run_group_tests_name("exchange/oid4vc/authorization_server_metadata", tests, NULL, NULL);
}
