/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/authorization_request.h"
#include "support/support.h"

#include <string.h>

#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
#define ISSUER    "https://as.example/t"

static uint8_t form_room[CARNET_FORM_MAX];
static char out_room[16384];

static carnet_rc
read_request(const char *text, carnet_authorization_request *request, carnet_err *err)
{
    carnet_buf room = carnet_buf_of(form_room, sizeof(form_room));
    carnet_form form;
    carnet_rc rc = carnet_form_read(carnet_str_of(text), &room, &form, err);

    *request = (carnet_authorization_request){ 0 };
    return rc == CARNET_OK ? carnet_authorization_request_read(&form, request, err) : rc;
}

static carnet_authorization_request
good_request(void)
{
    return (carnet_authorization_request){ .client_id = carnet_str_of("wallet-1"),
                                           .redirect_uri = carnet_str_of("eu.example.wallet:/cb?x=1"),
                                           .state = carnet_str_of("s t&"),
                                           .scope = carnet_str_of("mdl pid"),
                                           .code_challenge = carnet_str_of(CHALLENGE),
                                           .issuer_state = carnet_str_of("is"),
                                           .resource = carnet_str_of("https://iss.example"),
                                           .dpop_jkt = carnet_str_of(CHALLENGE),
                                           .configuration_ids = { carnet_str_of("org.mdl"), carnet_str_of("p\"id") },
                                           .configuration_id_count = 2,
                                           .location = carnet_str_of("https://iss.example") };
}

static void
what_is_written_is_read_back(void **state)
{
    const carnet_authorization_request sent = good_request();
    carnet_buf out = carnet_buf_of(out_room, sizeof(out_room) - 1);
    carnet_form_writer writer = carnet_form_write(&out);
    carnet_authorization_request got;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_authorization_request_write(&sent, &writer, &err), &err);
    out_room[out.len] = '\0';
    assert_non_null(strstr(out_room, "response_type=code&client_id=wallet-1&"));
    assert_non_null(strstr(out_room, "&code_challenge_method=S256&"));
    assert_carnet_ok(read_request(out_room, &got, &err), &err);
    assert_str_is(got.client_id, "wallet-1");
    assert_str_is(got.redirect_uri, "eu.example.wallet:/cb?x=1");
    assert_str_is(got.state, "s t&");
    assert_str_is(got.scope, "mdl pid");
    assert_str_is(got.code_challenge, CHALLENGE);
    assert_str_is(got.issuer_state, "is");
    assert_str_is(got.resource, "https://iss.example");
    assert_str_is(got.dpop_jkt, CHALLENGE);
    assert_int_equal(got.configuration_id_count, 2);
    assert_str_is(got.configuration_ids[0], "org.mdl");
    assert_str_is(got.configuration_ids[1], "p\"id");
    assert_str_is(got.location, "https://iss.example");
    assert_int_equal(carnet_json_count(got.details), 2);
    carnet_authorization_request_done(&got);
    assert_null(got.details);
}

#define BASE                                                                                                           \
    "client_id=w&response_type=code&redirect_uri=https%3A%2F%2Fw.example%2Fcb&code_challenge=" CHALLENGE               \
    "&code_challenge_method=S256"
#define DETAILS(json) BASE "&authorization_details=" json
#define ONE           "%7B%22type%22:%22openid_credential%22,%22credential_configuration_id%22:%22a%22%7D"

static const struct {
    const char *what, *text;
    carnet_rc rc;
    const char *path; /* NULL: not looked at */
} requests[] = {
    { "with scope", BASE "&scope=mdl", CARNET_OK, NULL },
    { "with details", DETAILS("[" ONE "]"), CARNET_OK, NULL },
    { "with both", DETAILS("[" ONE "]&scope=mdl"), CARNET_OK, NULL },
    { "the same twice in the details", DETAILS("[" ONE "," ONE "]"), CARNET_OK, NULL },
    { "parameters nobody knows", BASE "&scope=mdl&x=1&prompt=login", CARNET_OK, NULL },
    { "response_mode query", BASE "&scope=mdl&response_mode=query", CARNET_OK, NULL },
    { "a parameter twice", BASE "&scope=mdl&scope=mdl", CARNET_E_OAUTH_PARAMETER_TWICE, NULL },
    { "client_id twice in disguise", BASE "&scope=mdl&%63lient_id=v", CARNET_E_OAUTH_PARAMETER_TWICE, NULL },
    { "no scope, no details", BASE, CARNET_E_OAUTH_PARAMETER_MISSING, "scope" },
    { "no client_id",
      "response_type=code&redirect_uri=https://w.example/"
      "cb&scope=a&code_challenge_method=S256&code_challenge=" CHALLENGE,
      CARNET_E_OAUTH_PARAMETER_MISSING, "client_id" },
    { "no redirect_uri", "client_id=w&response_type=code&scope=a&code_challenge_method=S256&code_challenge=" CHALLENGE,
      CARNET_E_OAUTH_PARAMETER_MISSING, "redirect_uri" },
    { "no response_type",
      "client_id=w&redirect_uri=https://w.example/cb&scope=a&code_challenge_method=S256&code_challenge=" CHALLENGE,
      CARNET_E_OAUTH_PARAMETER_MISSING, "response_type" },
    { "the implicit grant",
      "client_id=w&redirect_uri=https://w.example/cb&scope=a&response_type=token&code_challenge_method=S256"
      "&code_challenge=" CHALLENGE,
      CARNET_E_OAUTH_RESPONSE_TYPE, "response_type" },
    { "a hybrid",
      "client_id=w&redirect_uri=https://w.example/cb&scope=a&response_type=code+id_token&code_challenge_method=S256"
      "&code_challenge=" CHALLENGE,
      CARNET_E_OAUTH_RESPONSE_TYPE, "response_type" },
    { "no PKCE", "client_id=w&response_type=code&redirect_uri=https://w.example/cb&scope=a",
      CARNET_E_OAUTH_PARAMETER_MISSING, NULL },
    { "PKCE without a method, which is plain",
      "client_id=w&response_type=code&redirect_uri=https://w.example/cb&scope=a&code_challenge=" CHALLENGE,
      CARNET_E_OAUTH_PARAMETER_MISSING, NULL },
    { "PKCE plain",
      "client_id=w&response_type=code&redirect_uri=https://w.example/cb&scope=a&code_challenge_method=plain"
      "&code_challenge=" CHALLENGE,
      CARNET_E_OAUTH_PARAMETER, NULL },
    { "request_uri within a pushed request", BASE "&scope=a&request_uri=urn:x", CARNET_E_OAUTH_PARAMETER,
      "request_uri" },
    { "a request object", BASE "&scope=a&request=ey", CARNET_E_OAUTH_PARAMETER, "request" },
    { "response_mode fragment", BASE "&scope=a&response_mode=fragment", CARNET_E_OAUTH_PARAMETER, "response_mode" },
    { "a scope with a quotation mark", BASE "&scope=%22", CARNET_E_OAUTH_SCOPE, "scope" },
    { "a scope with a line end", BASE "&scope=a%0Ab", CARNET_E_OAUTH_SCOPE, "scope" },
    { "a thumbprint that is none", BASE "&scope=a&dpop_jkt=abc", CARNET_E_OAUTH_PARAMETER, "dpop_jkt" },
    { "details that are no JSON", DETAILS("["), CARNET_E_OAUTH_DETAILS, "authorization_details[0]" },
    { "details that are an object", DETAILS(ONE), CARNET_E_OAUTH_DETAILS, NULL },
    { "empty details", DETAILS("[]"), CARNET_E_OAUTH_DETAILS, NULL },
    { "details with a member twice", DETAILS("[%7B%22type%22:%22a%22,%22type%22:%22openid_credential%22%7D]"),
      CARNET_E_OAUTH_DETAILS, NULL },
    { "details of another type", DETAILS("[" ONE ",%7B%22type%22:%22payment%22%7D]"), CARNET_E_OAUTH_DETAILS,
      "authorization_details[1]" },
    { "details without a configuration", DETAILS("[%7B%22type%22:%22openid_credential%22%7D]"), CARNET_E_OAUTH_DETAILS,
      "authorization_details[0]" },
    { "details with a number for it",
      DETAILS("[%7B%22type%22:%22openid_credential%22,%22credential_configuration_id%22:1%7D]"), CARNET_E_OAUTH_DETAILS,
      NULL },
    { "details with locations that are none",
      DETAILS("[%7B%22type%22:%22openid_credential%22,%22credential_configuration_id%22:%22a%22,%22locations%22:1%7D]"),
      CARNET_E_OAUTH_DETAILS, NULL },
    { "more details than are taken",
      DETAILS("[" ONE "," ONE "," ONE "," ONE "," ONE "," ONE "," ONE "," ONE "," ONE "," ONE "," ONE "," ONE "," ONE
              "," ONE "," ONE "," ONE "," ONE "]"),
      CARNET_E_OAUTH_DETAILS, "authorization_details[16]" },
    { "deep details", DETAILS("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"),
      CARNET_E_OAUTH_DETAILS, NULL },
};

static void
a_request_is_what_it_must_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(requests); i++) {
        carnet_authorization_request request;
        carnet_err err = { 0 };

        print_message("# %s\n", requests[i].what);
        assert_carnet_rc(read_request(requests[i].text, &request, &err), requests[i].rc);
        if (requests[i].path != NULL)
            assert_string_equal(err.path, requests[i].path);
        if (requests[i].rc != CARNET_OK)
            assert_int_equal(request.client_id.len, 0);
        assert_in_range(request.configuration_id_count, 0, 1);
        carnet_authorization_request_done(&request);
    }
}

static const struct {
    const char *uri;
    bool good;
} redirections[] = {
    { "https%3A%2F%2Fw.example%2Fcb", true },
    { "http%3A%2F%2F127.0.0.1%3A1234%2F", true },
    { "eu.example.wallet%3A%2Fcb", true },
    { "datax%3A%2Fcb", true },
    { "https%3A%2F%2Fw.example%2Fcb%23f", false },
    { "w.example%2Fcb", false },
    { "%2Fcb", false },
    { "%3A%2Fcb", false },
    { "1a%3A%2Fcb", false },
    { "javascript%3Aalert(1)", false },
    { "JavaScript%3Aalert(1)", false },
    { "data%3Atext%2Fhtml%2Cx", false },
    { "file%3A%2F%2F%2Fetc%2Fpasswd", false },
    { "https%3A%2F%2Fw.example%2F%0D%0ASet-Cookie%3Aa", false },
    { "https%3A%2F%2Fw.example%2F%20", false },
    { "https%3A%2F%2Fw.example%2F%C3%A9", false },
};

static void
a_redirect_uri_can_be_returned_to(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(redirections); i++) {
        carnet_buf text = carnet_buf_of(out_room, sizeof(out_room));
        carnet_authorization_request request;

        carnet_buf_add_text(
            &text, "client_id=w&response_type=code&scope=a&code_challenge_method=S256&code_challenge=" CHALLENGE
                   "&redirect_uri=");
        carnet_buf_add_text(&text, redirections[i].uri);
        carnet_buf_add_byte(&text, '\0');
        print_message("# %s\n", redirections[i].uri);
        assert_carnet_rc(read_request(out_room, &request, NULL),
                         redirections[i].good ? CARNET_OK : CARNET_E_OAUTH_PARAMETER);
        carnet_authorization_request_done(&request);
    }
}

static void
what_could_not_be_accepted_is_not_written(void **state)
{
    carnet_buf out = carnet_buf_of(out_room, sizeof(out_room)), small = carnet_buf_of(out_room, 100);
    carnet_form_writer writer = carnet_form_write(&out), small_writer = carnet_form_write(&small);
    carnet_authorization_request request = good_request();

    (void)state;
    assert_carnet_rc(carnet_authorization_request_write(&request, &small_writer, NULL), CARNET_E_NO_SPACE);
    assert_int_equal(small.len, 0);
    request.code_challenge = carnet_str_of("short");
    assert_carnet_rc(carnet_authorization_request_write(&request, &writer, NULL), CARNET_E_OAUTH_PARAMETER);
    request = good_request();
    request.scope = (carnet_str){ 0 };
    request.configuration_id_count = 0;
    assert_carnet_rc(carnet_authorization_request_write(&request, &writer, NULL), CARNET_E_OAUTH_PARAMETER_MISSING);
    assert_int_equal(out.len, 0);
}

static void
a_scope_has_words(void **state)
{
    const carnet_str scope = carnet_str_of("  a bc  d ");
    const char *const expected[] = { "a", "bc", "d" };
    carnet_str word;
    size_t at = 0, i = 0;

    (void)state;
    while (carnet_scope_next(scope, &at, &word))
        assert_str_is(word, expected[i++]);
    assert_int_equal(i, 3);
    assert_true(carnet_scope_has(scope, carnet_str_of("bc")));
    assert_false(carnet_scope_has(scope, carnet_str_of("b")));
    assert_false(carnet_scope_has(scope, carnet_str_of("")));
}

/* --- pushed --- */

static void
the_answer_to_a_pushed_request_is_read_back(void **state)
{
    const carnet_pushed_authorization sent = { .request_uri = carnet_str_of("urn:ietf:params:oauth:request_uri:x"),
                                               .expires_in = 90 };
    const carnet_pushed_authorization none = { 0 };
    carnet_buf out = carnet_buf_of(out_room, sizeof(out_room));
    carnet_pushed_authorization got;

    (void)state;
    assert_carnet_ok(carnet_pushed_authorization_write(&sent, &out, NULL), NULL);
    assert_str_is(carnet_buf_str(&out), "{\"request_uri\":\"urn:ietf:params:oauth:request_uri:x\",\"expires_in\":90}");
    assert_carnet_ok(carnet_pushed_authorization_read(carnet_buf_str(&out), &got, NULL), NULL);
    assert_str_is(got.request_uri, "urn:ietf:params:oauth:request_uri:x");
    assert_int_equal(got.expires_in, 90);
    out.len = 0;
    assert_carnet_ok(carnet_pushed_authorization_url(carnet_str_of(ISSUER "/authorize"), carnet_str_of("w&1"),
                                                     got.request_uri, &out, NULL),
                     NULL);
    assert_str_is(carnet_buf_str(&out), ISSUER "/authorize?client_id=w%261&request_uri=urn%3Aietf%3Aparams%3Aoauth%3A"
                                               "request_uri%3Ax");
    carnet_pushed_authorization_done(&got);
    assert_carnet_rc(carnet_pushed_authorization_write(&none, &out, NULL), CARNET_E_USAGE);
}

static void
another_answer_to_it_is_refused(void **state)
{
    static const char *const bodies[] = { "",
                                          "{}",
                                          "[]",
                                          "{\"request_uri\":\"u\"}",
                                          "{\"expires_in\":90}",
                                          "{\"request_uri\":\"\",\"expires_in\":90}",
                                          "{\"request_uri\":1,\"expires_in\":90}",
                                          "{\"request_uri\":\"u\",\"expires_in\":\"90\"}",
                                          "{\"request_uri\":\"u\",\"expires_in\":0}",
                                          "{\"request_uri\":\"u\",\"request_uri\":\"v\",\"expires_in\":90}" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bodies); i++) {
        carnet_pushed_authorization got;

        assert_carnet_rc(carnet_pushed_authorization_read(carnet_str_of(bodies[i]), &got, NULL),
                         CARNET_E_OAUTH_RESPONSE);
        assert_null(got.document);
    }
}

/* --- the answer by the browser --- */

static carnet_rc
read_response(const char *url, bool issuer_required, carnet_authorization_response *response, carnet_err *err)
{
    carnet_buf room = carnet_buf_of(form_room, sizeof(form_room));

    return carnet_authorization_response_read(carnet_str_of(url), carnet_str_of("s&1"), carnet_str_of(ISSUER),
                                              issuer_required, &room, response, err);
}

static void
an_answer_goes_there_and_back(void **state)
{
    const carnet_authorization_response code = { .code = carnet_str_of("c/1"),
                                                 .state = carnet_str_of("s&1"),
                                                 .issuer = carnet_str_of(ISSUER) };
    const carnet_authorization_response denied = { .error = CARNET_OAUTH_ACCESS_DENIED,
                                                   .answer = { .description = carnet_str_of("not today") },
                                                   .state = carnet_str_of("s&1"),
                                                   .issuer = carnet_str_of(ISSUER) };
    const carnet_authorization_response nothing = { .state = carnet_str_of("s&1") };
    carnet_buf out = carnet_buf_of(out_room, sizeof(out_room) - 1);
    carnet_authorization_response got;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_authorization_response_write(carnet_str_of("eu.wallet:/cb?x=1"), &code, &out, NULL), NULL);
    assert_str_is(carnet_buf_str(&out), "eu.wallet:/cb?x=1&code=c%2F1&state=s%261&iss=https%3A%2F%2Fas.example%2Ft");
    out_room[out.len] = '\0';
    assert_carnet_ok(read_response(out_room, true, &got, &err), &err);
    assert_str_is(got.code, "c/1");
    assert_int_equal(got.error, CARNET_OAUTH_NONE);
    out.len = 0;
    assert_carnet_ok(carnet_authorization_response_write(carnet_str_of("https://w/cb"), &denied, &out, NULL), NULL);
    out_room[out.len] = '\0';
    assert_carnet_ok(read_response(out_room, true, &got, &err), &err);
    assert_int_equal(got.code.len, 0);
    assert_int_equal(got.error, CARNET_OAUTH_ACCESS_DENIED);
    assert_carnet_rc(carnet_oauth_answer_fail(&got.answer, &err), CARNET_E_OAUTH_DENIED);
    assert_string_equal(err.reason, "the server says access_denied: not today");
    assert_carnet_rc(carnet_authorization_response_write(carnet_str_of("https://w/cb"), &nothing, &out, NULL),
                     CARNET_E_USAGE);
}

#define STATE "&state=s%261"
#define ISS   "&iss=https%3A%2F%2Fas.example%2Ft"

static const struct {
    const char *what, *url;
    bool issuer_required;
    carnet_rc rc;
} responses[] = {
    { "a URL", "https://w/cb?code=a" STATE ISS, true, CARNET_OK },
    { "a query alone", "code=a" STATE ISS, true, CARNET_OK },
    { "a fragment behind it", "https://w/cb?code=a" STATE ISS "#_=_", true, CARNET_OK },
    { "no iss where none need be", "https://w/cb?code=a" STATE, false, CARNET_OK },
    { "an error nobody knows", "https://w/cb?error=x" STATE ISS, true, CARNET_OK },
    { "no iss", "https://w/cb?code=a" STATE, true, CARNET_E_OAUTH_ISSUER },
    { "another issuer", "https://w/cb?code=a" STATE "&iss=https%3A%2F%2Fevil.example", true, CARNET_E_OAUTH_ISSUER },
    { "another issuer, though it need not be there", "https://w/cb?code=a" STATE "&iss=https%3A%2F%2Fevil.example",
      false, CARNET_E_OAUTH_ISSUER },
    { "the issuer with a slash more", "https://w/cb?code=a" STATE ISS "%2F", false, CARNET_E_OAUTH_ISSUER },
    { "no state", "https://w/cb?code=a" ISS, true, CARNET_E_OAUTH_STATE },
    { "another state", "https://w/cb?code=a&state=s" ISS, true, CARNET_E_OAUTH_STATE },
    { "an error with another state", "https://w/cb?error=access_denied&state=x" ISS, true, CARNET_E_OAUTH_STATE },
    { "neither code nor error", "https://w/cb?x=1" STATE ISS, true, CARNET_E_OAUTH_RESPONSE },
    { "code and error", "https://w/cb?code=a&error=b" STATE ISS, true, CARNET_E_OAUTH_RESPONSE },
    { "two codes", "https://w/cb?code=a&code=b" STATE ISS, true, CARNET_E_OAUTH_RESPONSE },
    { "two states", "https://w/cb?code=a&state=x" STATE ISS, true, CARNET_E_OAUTH_RESPONSE },
    { "malformed", "https://w/cb?code=%" STATE ISS, true, CARNET_E_OAUTH_RESPONSE },
    { "an answer in the fragment", "https://w/cb#code=a" STATE ISS, true, CARNET_E_OAUTH_STATE },
    { "nothing", "", true, CARNET_E_OAUTH_STATE },
};

static void
only_the_answer_to_what_was_sent_is_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(responses); i++) {
        carnet_authorization_response got;

        print_message("# %s\n", responses[i].what);
        assert_carnet_rc(read_response(responses[i].url, responses[i].issuer_required, &got, NULL), responses[i].rc);
        if (responses[i].rc != CARNET_OK)
            assert_int_equal(got.code.len, 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(a_request_is_what_it_must_be),
        cmocka_unit_test(a_redirect_uri_can_be_returned_to),
        cmocka_unit_test(what_could_not_be_accepted_is_not_written),
        cmocka_unit_test(a_scope_has_words),
        cmocka_unit_test(the_answer_to_a_pushed_request_is_read_back),
        cmocka_unit_test(another_answer_to_it_is_refused),
        cmocka_unit_test(an_answer_goes_there_and_back),
        cmocka_unit_test(only_the_answer_to_what_was_sent_is_taken),
    };

    return cmocka_run_group_tests_name("exchange/oid4vc/authorization_request", tests, NULL, NULL);
}
