/* SPDX-License-Identifier: Apache-2.0 */
/* A flow that begins on one instance ends on another, and an identification that takes its time. */
#include "world.h"

#include <stdio.h>
#include <string.h>

static world w;
static reply r;
static char cookie[256], flow[64], header[300];
static const char *const headers[] = { header, NULL };

static int
start(void **state)
{
    world_make(&w);
    w.policy.dpop_nonce_required = *state != NULL;
    world_start(&w, 2);
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

/* Push, visit, and be sent to the officer. */
static void
begin(void)
{
    const char *back;

    atomic_store(&w.plug.mode, PLUG_ASKS);
    world_push(&w, &usual_demand, NULL, &r);
    assert_int_equal(r.status, 201);
    w.at = 1 - w.at;
    world_visit(&w, "wallet-1", reply_member(&r, "request_uri"), NULL, &r);
    assert_int_equal(r.status, 303);
    assert_int_equal(strncmp(reply_header(&r, "Location"), "/desk/wait?", 11), 0);
    back = strstr(reply_header(&r, "Location"), "?state=");
    assert_non_null(back);
    (void)snprintf(flow, sizeof(flow), "%s", back + 7);
    assert_string_equal(flow, w.plug.seen_flow);
    (void)snprintf(cookie, sizeof(cookie), "%.*s", (int)strcspn(reply_header(&r, "Set-Cookie"), ";"),
                   reply_header(&r, "Set-Cookie"));
    assert_non_null(strstr(reply_header(&r, "Set-Cookie"), "HttpOnly"));
    assert_non_null(strstr(reply_header(&r, "Set-Cookie"), "Secure"));
    (void)snprintf(header, sizeof(header), "Cookie: %s", cookie);
}

static void
come_back(void)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "/authorize/return?state=%s", flow);
    world_ask(&w, path, headers, NULL, &r);
}

static void
a_flow_begun_on_one_instance_ends_on_another(void **state)
{
    char code[64];

    (void)state;
    begin();
    w.at = 0;
    come_back();
    assert_int_equal(r.status, 303);
    assert_string_equal(w.plug.seen_state, "case 5");
    atomic_store(&w.plug.mode, PLUG_KNOWS);
    w.at = 1;
    come_back();
    assert_int_equal(r.status, 302);
    (void)snprintf(code, sizeof(code), "%s", reply_location(&r, "code"));
    assert_int_equal(strlen(code), CARNET_SERVICE_TOKEN);
    w.at = 0;
    world_redeem(&w, code, VERIFIER, NULL, &r);
    assert_int_equal(r.status, 200);
    w.at = 1;
    world_resource(&w, "Bearer", reply_member(&r, "access_token"), NULL, &r);
    assert_int_equal(r.status, 200);
    assert_string_equal(r.body, CLAIMS);
    world_redeem(&w, code, VERIFIER, NULL, &r);
    assert_error(&r, 400, "invalid_grant");
}

static void
replays_are_known_to_all_instances(void **state)
{
    const char *list[] = { world_dpop_for(&w, "/token"), NULL };
    char code[64];

    (void)state;
    world_code(&w, &usual_demand, false, code);
    world_redeem(&w, "guess", VERIFIER, list, &r);
    assert_error(&r, 400, "invalid_grant");
    w.at = 1;
    world_redeem(&w, code, VERIFIER, list, &r);
    assert_error(&r, 400, "invalid_dpop_proof");
    assert_true(world_refused(&w, "token", "proof_replayed"));
}

enum { RACERS = 8 };

typedef struct racer {
    pthread_t thread;
    size_t at;
    const char *form;
    reply reply;
} racer;

static void *
race(void *self)
{
    racer *one = self;

    world_ask_instance(&w, one->at, "/token", NULL, one->form, &one->reply);
    return NULL;
}

/* All ask at once for the same; the number of those that got tokens, and the last one's. */
static int
race_all(const char *form, char token[64])
{
    static racer racers[RACERS];
    int won = 0;

    for (size_t i = 0; i < RACERS; i++) {
        racers[i] = (racer){ .at = i % 2, .form = form };
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < RACERS; i++) {
        assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
        if (racers[i].reply.status != 200) {
            assert_error(&racers[i].reply, 400, "invalid_grant");
            continue;
        }
        won++;
        (void)snprintf(token, 64, "%s", reply_member(&racers[i].reply, "access_token"));
    }
    return won;
}

static void
of_many_at_once_one_gets_tokens_and_loses_them(void **state)
{
    char code[64], form[512], token[64] = "";
    offered o;

    (void)state;
    world_code(&w, &usual_demand, false, code);
    (void)snprintf(form, sizeof(form),
                   "grant_type=authorization_code&client_id=wallet-1&code=%s&code_verifier=%s&redirect_uri=%s", code,
                   VERIFIER, "https%3A%2F%2Fwallet.example%2Fcb");
    assert_int_equal(race_all(form, token), 1);
    world_resource(&w, "Bearer", token, NULL, &r);
    assert_error(&r, 401, "invalid_token");
    world_offer(&w, "mdl", NULL, &o);
    (void)snprintf(form, sizeof(form), "grant_type=%s&pre-authorized_code=%s",
                   "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Apre-authorized_code", o.code);
    assert_int_equal(race_all(form, token), 1);
    world_resource(&w, "Bearer", token, NULL, &r);
    assert_error(&r, 401, "invalid_token");
}

static void
a_nonce_of_one_instance_is_good_at_another(void **state)
{
    const char *list[] = { NULL, NULL };
    char code[64];

    (void)state;
    world_code(&w, &usual_demand, false, code);
    world_ask(&w, "/challenge", NULL, "", &r);
    list[0] = world_dpop(&w, &(proof_spec){ .url = ISSUER "/token", .nonce = reply_header(&r, "DPoP-Nonce") });
    w.at = 1;
    world_redeem(&w, code, VERIFIER, list, &r);
    assert_int_equal(r.status, 200);
}

static void
only_the_browser_that_began_may_end(void **state)
{
    (void)state;
    begin();
    atomic_store(&w.plug.mode, PLUG_KNOWS);
    header[0] = '\0';
    come_back();
    assert_int_equal(r.status, 403);
    (void)snprintf(header, sizeof(header), "Cookie: __Host-carnet-browser=%.43s",
                   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    come_back();
    assert_int_equal(r.status, 403);
    assert_true(world_refused(&w, "identification", "other_browser"));
    (void)snprintf(header, sizeof(header), "Cookie: %s", cookie);
    come_back();
    assert_int_equal(r.status, 302);
    come_back();
    assert_int_equal(r.status, 400);
    assert_true(world_refused(&w, "identification", "flow_unknown"));
}

static void
identification_has_its_time(void **state)
{
    (void)state;
    begin();
    atomic_store(&w.plug.mode, PLUG_KNOWS);
    atomic_fetch_add(&w.now, 3600);
    come_back();
    assert_int_equal(r.status, 302);
    assert_string_equal(reply_location(&r, "error"), "access_denied");
    assert_string_equal(reply_location(&r, "iss"), ISSUER);
    assert_true(world_refused(&w, "identification", "too_late"));
}

static void
a_flow_nobody_began_leads_nowhere(void **state)
{
    (void)state;
    world_ask(&w, "/authorize/return", NULL, NULL, &r);
    assert_int_equal(r.status, 400);
    world_ask(&w, "/authorize/return?state=guess", NULL, NULL, &r);
    assert_int_equal(r.status, 400);
    assert_string_equal(reply_header(&r, "Location"), "");
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, start, stop)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        WITH(a_flow_begun_on_one_instance_ends_on_another),
        WITH(replays_are_known_to_all_instances),
        { "a_nonce_of_one_instance_is_good_at_another", a_nonce_of_one_instance_is_good_at_another, start, stop, &w },
        WITH(of_many_at_once_one_gets_tokens_and_loses_them),
        WITH(only_the_browser_that_began_may_end),
        WITH(identification_has_its_time),
        WITH(a_flow_nobody_began_leads_nowhere),
    };

    return world_run(argc, argv, tests, sizeof(tests) / sizeof(tests[0]));
}
