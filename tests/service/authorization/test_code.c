/* SPDX-License-Identifier: Apache-2.0 */
/* The authorization code flow and its abuse, by RFC 6749, RFC 7636, RFC 9126, RFC 9207 and RFC 9700. */
#include "world.h"

#include <stdio.h>
#include <string.h>

static world w;
static reply r;

static int
start(void **state)
{
    (void)state;
    world_make(&w);
    world_start(&w, 1);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    world_assert_kept(&w);
    world_end(&w);
    return 0;
}

static const struct {
    const char *what, *field, *value, *error, *reason;
} bad_demands[] = {
    { "no client_id", "client_id", NULL, "invalid_request", "invalid_request" },
    { "a client nobody knows", "client_id", "stranger", "invalid_client", "invalid_client" },
    { "another's redirect_uri", "redirect_uri", "https://evil.example/cb", "invalid_request", "invalid_request" },
    { "a longer redirect_uri", "redirect_uri", REDIRECT "/more", "invalid_request", "invalid_request" },
    { "a redirect_uri with a query added", "redirect_uri", REDIRECT "?a=b", "invalid_request", "invalid_request" },
    { "a redirect_uri with a fragment", "redirect_uri", REDIRECT "#a", "invalid_request", "invalid_request" },
    { "a redirect_uri that is script", "redirect_uri", "javascript:alert(1)", "invalid_request", "invalid_request" },
    { "a redirect_uri by plain http", "redirect_uri", "http://wallet.example/cb", "invalid_request",
      "invalid_request" },
    { "no redirect_uri", "redirect_uri", NULL, "invalid_request", "invalid_request" },
    { "no code_challenge", "challenge", NULL, "invalid_request", "invalid_request" },
    { "no method, which would mean plain", "method", NULL, "invalid_request", "invalid_request" },
    { "plain", "method", "plain", "invalid_request", "invalid_request" },
    { "a challenge that is none", "challenge", "short", "invalid_request", "invalid_request" },
    { "the implicit grant", "response_type", "token", "unsupported_response_type", "unsupported_response_type" },
    { "no response_type", "response_type", NULL, "invalid_request", "invalid_request" },
    { "a scope nobody knows", "scope", "openid profile", "invalid_scope", "invalid_scope" },
    { "neither scope nor details", "scope", NULL, "invalid_request", "invalid_request" },
    { "details that are no JSON", "details", "[{", "invalid_authorization_details", "invalid_authorization_details" },
    { "details of another configuration", "details",
      "[{\"type\":\"openid_credential\",\"credential_configuration_id\":\"passport\"}]",
      "invalid_authorization_details", "invalid_authorization_details" },
    { "details twice in themselves", "details",
      "[{\"type\":\"openid_credential\",\"type\":\"openid_credential\",\"credential_configuration_id\":\"mdl\"}]",
      "invalid_authorization_details", "invalid_authorization_details" },
    { "details nested forty deep", "details",
      "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
      "invalid_authorization_details", "invalid_authorization_details" },
    { "a document for offers only", "details",
      "[{\"type\":\"openid_credential\",\"credential_configuration_id\":\"badge\"}]", "unauthorized_client",
      "unauthorized_client" },
    { "an issuer_state nobody gave", "issuer_state", "guess", "invalid_request", "issuer_state_unknown" },
    { "another issuer's resource", "resource", "https://other.example", "invalid_target", "invalid_target" },
    { "a thumbprint that is none", "dpop_jkt", "abc", "invalid_request", "invalid_request" },
    { "a request_uri in a pushed request", "more", "&request_uri=urn:a", "invalid_request", "invalid_request" },
    { "a request object", "more", "&request=eyJhbGciOiJub25lIn0.e30.", "invalid_request", "invalid_request" },
    { "a response mode that leaks", "more", "&response_mode=fragment", "invalid_request", "invalid_request" },
};

static void
set(demand *d, const char *field, const char *value)
{
    const struct {
        const char *name;
        const char **at;
    } fields[] = {
        { "client_id", &d->client_id },
        { "redirect_uri", &d->redirect_uri },
        { "challenge", &d->challenge },
        { "method", &d->method },
        { "response_type", &d->response_type },
        { "scope", &d->scope },
        { "details", &d->details },
        { "issuer_state", &d->issuer_state },
        { "resource", &d->resource },
        { "dpop_jkt", &d->dpop_jkt },
        { "more", &d->more },
    };

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (strcmp(fields[i].name, field) == 0)
            *fields[i].at = value;
}

static void
refuses_pushed_requests_that_are_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_demands) / sizeof(bad_demands[0]); i++) {
        demand d = usual_demand;

        print_message("# %s\n", bad_demands[i].what);
        set(&d, bad_demands[i].field, bad_demands[i].value);
        world_quiet(&w);
        world_push(&w, &d, NULL, &r);
        assert_error(&r, carnet_oauth_error_http(carnet_oauth_error_named(carnet_str_of(bad_demands[i].error))),
                     bad_demands[i].error);
        assert_true(world_refused(&w, "authorization.pushed", bad_demands[i].reason));
    }
}

static void
refuses_parameters_that_come_twice_and_bodies_that_are_too_long(void **state)
{
    static char big[65536];
    demand d = usual_demand;

    (void)state;
    d.more = "&client_id=wallet-2";
    world_push(&w, &d, NULL, &r);
    assert_error(&r, 400, "invalid_request");
    memset(big, 'a', sizeof(big) - 1);
    world_ask(&w, "/par", NULL, big, &r);
    assert_int_equal(r.status, 413);
    world_ask(&w, "/token", NULL, big, &r);
    assert_int_equal(r.status, 413);
    world_ask(&w, "/token", NULL, "grant_type=authorization_code&grant_type=refresh_token&code=a", &r);
    assert_error(&r, 400, "invalid_request");
}

static void
gives_a_token_for_a_code(void **state)
{
    const char *headers[] = { world_dpop_for(&w, "/token"), NULL };
    char code[64];

    (void)state;
    world_code(&w, &usual_demand, false, code);
    world_redeem(&w, code, VERIFIER, headers, &r);
    assert_int_equal(r.status, 200);
    assert_string_equal(reply_member(&r, "token_type"), "DPoP");
    assert_string_equal(reply_member(&r, "scope"), "mdl_scope");
    assert_string_equal(reply_header(&r, "Cache-Control"), "no-store");
    assert_int_equal(strlen(reply_member(&r, "refresh_token")), CARNET_SERVICE_TOKEN);
    assert_int_equal(world_audited(&w, "officer"), 2);
}

static void
says_which_credentials_details_stand_for(void **state)
{
    demand d = usual_demand;
    char code[64];

    (void)state;
    d.scope = NULL;
    d.details =
        "[{\"type\":\"openid_credential\",\"credential_configuration_id\":\"mdl\",\"locations\":[\"" ISSUER "\"]}]";
    world_code(&w, &d, false, code);
    world_redeem(&w, code, VERIFIER, NULL, &r);
    assert_int_equal(r.status, 200);
    assert_string_equal(reply_member(&r, "token_type"), "Bearer");
    assert_non_null(strstr(r.body, "\"credential_configuration_id\":\"mdl\",\"credential_identifiers\":[\"mdl\"]"));
}

static void
gives_less_than_was_granted_when_asked(void **state)
{
    demand d = usual_demand;
    char code[64], form[1024];

    (void)state;
    d.scope = "mdl_scope photoid_scope";
    world_code(&w, &d, false, code);
    for (size_t i = 0; i < 2; i++) {
        const char *headers[] = { world_dpop_for(&w, "/token"), NULL };

        (void)snprintf(form, sizeof(form),
                       "grant_type=authorization_code&client_id=wallet-1&code=%s&code_verifier=%s&redirect_uri=%s&"
                       "authorization_details=%s%s%s",
                       code, VERIFIER, "https%3A%2F%2Fwallet.example%2Fcb",
                       "%5B%7B%22type%22%3A%22openid_credential%22%2C%22credential_configuration_id%22%3A%22",
                       i == 0 ? "badge" : "photoid", "%22%7D%5D");
        world_ask(&w, "/token", headers, form, &r);
        if (i == 0)
            assert_error(&r, 400, "invalid_authorization_details");
    }
    assert_int_equal(r.status, 200);
    assert_non_null(strstr(r.body, "\"credential_identifiers\":[\"photoid\"]"));
    assert_null(strstr(r.body, "\"mdl\""));
}

/* RFC 9207: whom the answer is from, on success and on failure. */
static void
answers_with_state_and_issuer(void **state)
{

    (void)state;
    world_push(&w, &usual_demand, NULL, &r);
    world_visit(&w, "wallet-1", reply_member(&r, "request_uri"), NULL, &r);
    assert_string_equal(reply_location(&r, "state"), "af0ifjsldkj");
    assert_string_equal(reply_location(&r, "iss"), ISSUER);
    assert_int_equal(strncmp(reply_header(&r, "Location"), REDIRECT "?", sizeof(REDIRECT)), 0);
    atomic_store(&w.plug.mode, PLUG_REFUSES);
    world_push(&w, &usual_demand, NULL, &r);
    world_visit(&w, "wallet-1", reply_member(&r, "request_uri"), NULL, &r);
    assert_string_equal(reply_location(&r, "error"), "access_denied");
    assert_string_equal(reply_location(&r, "state"), "af0ifjsldkj");
    assert_string_equal(reply_location(&r, "iss"), ISSUER);
    assert_string_equal(reply_location(&r, "code"), "");
    assert_true(world_refused(&w, "authorization.begun", "by_officer"));
    assert_int_equal(world_audited(&w, "by_officer"), 1);
}

static void
revokes_the_tokens_of_a_code_that_comes_again(void **state)
{
    char code[64], token[64];

    (void)state;
    world_code(&w, &usual_demand, false, code);
    world_redeem(&w, code, VERIFIER, NULL, &r);
    assert_int_equal(r.status, 200);
    (void)snprintf(token, sizeof(token), "%s", reply_member(&r, "access_token"));
    world_resource(&w, "Bearer", token, NULL, &r);
    assert_int_equal(r.status, 200);
    assert_string_equal(r.body, CLAIMS);
    world_redeem(&w, code, VERIFIER, NULL, &r);
    assert_error(&r, 400, "invalid_grant");
    assert_true(world_refused(&w, "token", "code_replayed"));
    assert_int_equal(world_audited(&w, "code_replayed"), 1);
    world_resource(&w, "Bearer", token, NULL, &r);
    assert_error(&r, 401, "invalid_token");
    assert_true(world_refused(&w, "access", "token_revoked"));
}

static void
refuses_codes_that_are_not_the_senders(void **state)
{
    static const struct {
        const char *what, *form, *error, *reason;
    } wrong[] = {
        { "another verifier",
          "client_id=wallet-1&redirect_uri=https%3A%2F%2Fwallet.example%2Fcb&code_verifier="
          "aBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
          "invalid_grant", "pkce" },
        { "no verifier", "client_id=wallet-1&redirect_uri=https%3A%2F%2Fwallet.example%2Fcb", "invalid_request",
          "invalid_request" },
        { "the challenge as the verifier",
          "client_id=wallet-1&redirect_uri=https%3A%2F%2Fwallet.example%2Fcb&"
          "code_verifier=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
          "invalid_grant", "pkce" },
        { "another client",
          "client_id=wallet-2&redirect_uri=https%3A%2F%2Fwallet.example%2Fcb&code_verifier="
          "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
          "invalid_grant", "other_client" },
        { "no client",
          "redirect_uri=https%3A%2F%2Fwallet.example%2Fcb&code_verifier="
          "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
          "invalid_grant", "other_client" },
        { "another redirect_uri",
          "client_id=wallet-1&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcb&code_verifier="
          "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
          "invalid_grant", "other_redirect_uri" },
        { "a client secret",
          "client_id=wallet-1&client_secret=a&redirect_uri=https%3A%2F%2Fwallet.example%2Fcb&"
          "code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
          "invalid_client", "invalid_client" },
    };
    char code[64], form[1024];

    (void)state;
    world_code(&w, &usual_demand, false, code);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        print_message("# %s\n", wrong[i].what);
        world_quiet(&w);
        (void)snprintf(form, sizeof(form), "grant_type=authorization_code&code=%s&%s", code, wrong[i].form);
        world_ask(&w, "/token", NULL, form, &r);
        assert_error(&r, carnet_oauth_error_http(carnet_oauth_error_named(carnet_str_of(wrong[i].error))),
                     wrong[i].error);
        assert_null(strstr(r.body, code));
        assert_true(world_refused(&w, "token", wrong[i].reason));
    }
    atomic_fetch_add(&w.now, 61);
    world_redeem(&w, code, VERIFIER, NULL, &r);
    assert_error(&r, 400, "invalid_grant");
    assert_true(world_refused(&w, "token", "code_expired"));
}

static void
shows_a_page_to_those_it_does_not_trust(void **state)
{
    static char form[4096], path[4200];
    demand d = usual_demand;

    (void)state;
    d.redirect_uri = "https://evil.example/cb";
    world_form(&d, form);
    (void)snprintf(path, sizeof(path), "/authorize?%s", form);
    world_ask(&w, path, NULL, NULL, &r);
    assert_int_equal(r.status, 400);
    assert_string_equal(reply_header(&r, "Location"), "");
    assert_non_null(strstr(reply_header(&r, "Content-Type"), "text/html"));
    assert_null(strstr(r.body, "evil.example"));
    assert_true(world_refused(&w, "authorization.begun", "invalid_request"));
}

static void
tells_a_wallet_it_knows_by_way_of_the_browser(void **state)
{
    static char form[4096], path[4200];
    demand d = usual_demand;

    (void)state;
    d.method = "plain";
    world_form(&d, form);
    (void)snprintf(path, sizeof(path), "/authorize?%s", form);
    world_ask(&w, path, NULL, NULL, &r);
    assert_int_equal(r.status, 302);
    assert_string_equal(reply_location(&r, "error"), "invalid_request");
    assert_string_equal(reply_location(&r, "iss"), ISSUER);
    assert_string_equal(reply_location(&r, "state"), "af0ifjsldkj");
}

static void
takes_plain_requests_unless_they_must_be_pushed(void **state)
{
    static char form[4096], path[4200];

    (void)state;
    world_form(&usual_demand, form);
    (void)snprintf(path, sizeof(path), "/authorize?%s", form);
    world_ask(&w, path, NULL, NULL, &r);
    assert_int_equal(r.status, 302);
    assert_int_equal(strlen(reply_location(&r, "code")), CARNET_SERVICE_TOKEN);
    world_keep_secret(&w, reply_location(&r, "code"));
}

static int
start_haip(void **state)
{
    (void)state;
    world_make(&w);
    w.policy.pushed_required = w.policy.consent = true;
    world_start(&w, 1);
    return 0;
}

static void
refuses_plain_requests_when_they_must_be_pushed(void **state)
{
    static char form[4096], path[4200];

    (void)state;
    world_form(&usual_demand, form);
    (void)snprintf(path, sizeof(path), "/authorize?%s", form);
    world_ask(&w, path, NULL, NULL, &r);
    assert_string_equal(reply_location(&r, "error"), "invalid_request");
    assert_string_equal(reply_location(&r, "code"), "");
}

static void
uses_a_request_uri_once_and_in_time(void **state)
{
    char uri[256];

    (void)state;
    world_push(&w, &usual_demand, NULL, &r);
    (void)snprintf(uri, sizeof(uri), "%s", reply_member(&r, "request_uri"));
    world_visit(&w, "wallet-2", uri, NULL, &r);
    assert_int_equal(r.status, 400);
    world_visit(&w, "wallet-1", uri, NULL, &r);
    assert_int_equal(r.status, 302);
    world_visit(&w, "wallet-1", uri, NULL, &r);
    assert_int_equal(r.status, 400);
    assert_true(world_refused(&w, "authorization.begun", "request_uri_unknown"));
    world_push(&w, &usual_demand, NULL, &r);
    atomic_fetch_add(&w.now, 91);
    world_visit(&w, "wallet-1", reply_member(&r, "request_uri"), NULL, &r);
    assert_int_equal(r.status, 400);
    assert_true(world_refused(&w, "authorization.begun", "request_uri_expired"));
}

static void
looking_at_a_link_uses_nothing_up(void **state)
{
    uint8_t room[512];
    char uri[256];
    carnet_buf path = carnet_buf_of(room, sizeof(room) - 1);

    (void)state;
    world_push(&w, &usual_demand, NULL, &r);
    (void)snprintf(uri, sizeof(uri), "%s", reply_member(&r, "request_uri"));
    assert_int_equal(carnet_pushed_authorization_url(carnet_str_of("/authorize"), carnet_str_of("wallet-1"),
                                                     carnet_str_of(uri), &path, NULL),
                     CARNET_OK);
    room[path.len] = 0;
    world_ask(&w, (const char *)room, NULL, WORLD_HEAD, &r);
    assert_int_equal(r.status, 200);
    assert_string_equal(reply_header(&r, "Location"), "");
    world_visit(&w, "wallet-1", uri, NULL, &r);
    assert_int_equal(r.status, 302);
}

static void
asks_for_consent_and_takes_no_for_an_answer(void **state)
{
    char uri[256], cookie[256], token[64], form[1024], header[300], *at;
    const char *const headers[] = { header, NULL };

    (void)state;
    world_push(&w, &usual_demand, NULL, &r);
    (void)snprintf(uri, sizeof(uri), "%s", reply_member(&r, "request_uri"));
    world_visit(&w, "wallet-1", uri, NULL, &r);
    assert_int_equal(r.status, 200);
    assert_non_null(strstr(r.body, "Wallet One"));
    assert_non_null(strstr(r.body, "Driving licence"));
    (void)snprintf(cookie, sizeof(cookie), "%.*s", (int)strcspn(reply_header(&r, "Set-Cookie"), ";"),
                   reply_header(&r, "Set-Cookie"));
    at = strstr(r.body, "name=\"token\" value=\"");
    assert_non_null(at);
    (void)snprintf(token, 44, "%s", at + 20);
    (void)snprintf(form, sizeof(form), "request=%s&decision=yes", uri);
    (void)snprintf(header, sizeof(header), "Cookie: %s", cookie);
    world_ask(&w, "/authorize/decide", headers, form, &r);
    assert_int_equal(r.status, 403);
    assert_true(world_refused(&w, "authorization.consent", "forged"));
    (void)snprintf(form, sizeof(form), "token=%s&request=%s&decision=no", token, uri);
    world_ask(&w, "/authorize/decide", headers, form, &r);
    assert_int_equal(r.status, 303);
    assert_string_equal(reply_location(&r, "error"), "access_denied");
    assert_int_equal(world_audited(&w, "by_user"), 1);
    world_push(&w, &usual_demand, NULL, &r);
    (void)snprintf(form, sizeof(form), "token=%s&request=%s&decision=yes", token, reply_member(&r, "request_uri"));
    world_ask(&w, "/authorize/decide", headers, form, &r);
    assert_int_equal(r.status, 303);
    assert_int_equal(strlen(reply_location(&r, "code")), CARNET_SERVICE_TOKEN);
}

static void
binds_a_request_to_its_offer(void **state)
{
    demand d = usual_demand;
    char code[64];
    offered o;

    (void)state;
    world_offer(&w, "mdl badge", NULL, &o);
    d.issuer_state = o.issuer_state;
    d.scope = "photoid_scope";
    world_push(&w, &d, NULL, &r);
    assert_error(&r, 400, "invalid_request");
    d.scope = "mdl_scope";
    w.plug.claims = "";
    world_code(&w, &d, false, code);
    assert_string_equal(w.plug.seen_hint, SUBJECT);
    world_redeem(&w, code, VERIFIER, NULL, &r);
    assert_int_equal(r.status, 200);
    world_resource(&w, "Bearer", reply_member(&r, "access_token"), NULL, &r);
    assert_string_equal(r.body, CLAIMS);
    world_push(&w, &d, NULL, &r);
    assert_error(&r, 400, "invalid_request");
}

static void
refuses_somebody_else_than_the_offer_is_for(void **state)
{
    demand d = usual_demand;
    offered o;

    (void)state;
    world_offer(&w, "mdl", NULL, &o);
    d.issuer_state = o.issuer_state;
    w.plug.subject = "person-18";
    world_push(&w, &d, NULL, &r);
    world_visit(&w, "wallet-1", reply_member(&r, "request_uri"), NULL, &r);
    assert_string_equal(reply_location(&r, "error"), "access_denied");
    assert_true(world_refused(&w, "authorization.granted", "mismatch"));
}

static void
shows_a_page_when_the_identification_fails(void **state)
{

    (void)state;
    atomic_store(&w.plug.mode, PLUG_FAILS);
    world_push(&w, &usual_demand, NULL, &r);
    world_visit(&w, "wallet-1", reply_member(&r, "request_uri"), NULL, &r);
    assert_int_equal(r.status, 500);
    assert_non_null(strstr(reply_header(&r, "Content-Type"), "text/html"));
    assert_null(strstr(r.body, "the desk is away"));
}

#define WITH(test)      cmocka_unit_test_setup_teardown(test, start, stop)
#define WITH_HAIP(test) cmocka_unit_test_setup_teardown(test, start_haip, stop)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        WITH(refuses_pushed_requests_that_are_wrong),
        WITH(refuses_parameters_that_come_twice_and_bodies_that_are_too_long),
        WITH(gives_a_token_for_a_code),
        WITH(says_which_credentials_details_stand_for),
        WITH(gives_less_than_was_granted_when_asked),
        WITH(answers_with_state_and_issuer),
        WITH(revokes_the_tokens_of_a_code_that_comes_again),
        WITH(refuses_codes_that_are_not_the_senders),
        WITH(shows_a_page_to_those_it_does_not_trust),
        WITH(tells_a_wallet_it_knows_by_way_of_the_browser),
        WITH(takes_plain_requests_unless_they_must_be_pushed),
        WITH_HAIP(refuses_plain_requests_when_they_must_be_pushed),
        WITH(uses_a_request_uri_once_and_in_time),
        WITH(looking_at_a_link_uses_nothing_up),
        WITH_HAIP(asks_for_consent_and_takes_no_for_an_answer),
        WITH(binds_a_request_to_its_offer),
        WITH(refuses_somebody_else_than_the_offer_is_for),
        WITH(shows_a_page_when_the_identification_fails),
    };

    return world_run(argc, argv, tests, sizeof(tests) / sizeof(tests[0]));
}
