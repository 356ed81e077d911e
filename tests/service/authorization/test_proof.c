/* SPDX-License-Identifier: Apache-2.0 */
/* DPoP (RFC 9449), client attestations and access tokens, and their abuse. */
#include "world.h"

#include <stdio.h>
#include <string.h>

#define PRE "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Apre-authorized_code"

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
start_nonces(void **state)
{
    (void)state;
    world_make(&w);
    w.policy.dpop_nonce_required = w.policy.challenge_required = true;
    world_start(&w, 1);
    return 0;
}

static int
start_haip(void **state)
{
    (void)state;
    world_make(&w);
    w.policy.attestation_required = true;
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

/* A token request for a fresh offer, with a DPoP header. */
static void
with_proof(const char *proof)
{
    const char *headers[] = { proof, NULL };
    char form[512];
    offered o;

    world_offer(&w, "mdl", NULL, &o);
    (void)snprintf(form, sizeof(form), "%s&pre-authorized_code=%s", PRE, o.code);
    world_ask(&w, "/token", headers, form, &r);
    if (r.status == 200)
        world_keep_secret(&w, reply_member(&r, "access_token"));
}

static void
refuses_proofs_for_something_else(void **state)
{
    const proof_spec wrong[] = {
        { .url = ISSUER "/par" },
        { .url = "https://other.example/token" },
        { .url = "http://issuer.example/token" },
        { .url = ISSUER "/token", .method = "GET" },
        { .url = ISSUER "/token", .issued_at = NOW - 400 },
        { .url = ISSUER "/token", .issued_at = NOW + 400 },
        { .url = ISSUER "/token", .nonce = "guess" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const char *error = wrong[i].nonce != NULL ? "use_dpop_nonce" : "invalid_dpop_proof";

        print_message("# %zu\n", i);
        world_quiet(&w);
        with_proof(world_dpop(&w, &wrong[i]));
        assert_error(&r, 400, error);
        assert_true(world_refused(&w, "token", error));
    }
}

/* {"typ":"dpop+jwt","alg":"none","jwk":{...}} and others by hand. */
static void
refuses_proofs_that_are_none(void **state)
{
    static const char *const texts[] = {
        "DPoP: a.b.c",
        "DPoP: eyJhbGciOiJub25lIn0.e30.",
        "DPoP: eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6Im5vbmUifQ.eyJqdGkiOiJhIn0.",
        "DPoP: eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkhTMjU2In0.eyJqdGkiOiJhIn0.AAAA",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        print_message("# %zu\n", i);
        with_proof(texts[i]);
        assert_error(&r, 400, "invalid_dpop_proof");
    }
    assert_true(world_refused(&w, "token", "invalid_dpop_proof"));
}

static void
takes_a_proof_once_and_one_at_a_time(void **state)
{
    const char *proof = world_dpop_for(&w, "/token"), *two[] = { proof, world_dpop_for(&w, "/token"), NULL };

    (void)state;
    with_proof(proof);
    assert_int_equal(r.status, 200);
    with_proof(proof);
    assert_error(&r, 400, "invalid_dpop_proof");
    assert_true(world_refused(&w, "token", "proof_replayed"));
    world_ask(&w, "/token", two, "grant_type=refresh_token&refresh_token=a", &r);
    assert_error(&r, 400, "invalid_dpop_proof");
}

static void
demands_nonces_of_its_own(void **state)
{
    char nonce[128], token[64];
    proof_spec spec = { .url = ISSUER "/token" };

    (void)state;
    with_proof(world_dpop(&w, &spec));
    assert_error(&r, 400, "use_dpop_nonce");
    (void)snprintf(nonce, sizeof(nonce), "%s", reply_header(&r, "DPoP-Nonce"));
    assert_int_equal(strlen(nonce), CARNET_SERVICE_NONCE);
    spec.nonce = nonce;
    with_proof(world_dpop(&w, &spec));
    assert_int_equal(r.status, 200);
    (void)snprintf(token, sizeof(token), "%s", reply_member(&r, "access_token"));
    /* At a resource it is 401, by WWW-Authenticate (RFC 9449 9). */
    spec = (proof_spec){ .url = ISSUER "/resource", .token = token };
    world_resource(&w, "DPoP", token, world_dpop(&w, &spec), &r);
    assert_error(&r, 401, "use_dpop_nonce");
    assert_non_null(strstr(reply_header(&r, "WWW-Authenticate"), "DPoP error=\"use_dpop_nonce\""));
    (void)snprintf(nonce, sizeof(nonce), "%s", reply_header(&r, "DPoP-Nonce"));
    spec.nonce = nonce;
    world_resource(&w, "DPoP", token, world_dpop(&w, &spec), &r);
    assert_int_equal(r.status, 200);
    assert_string_equal(reply_header(&r, "DPoP-Nonce"), "");
    atomic_fetch_add(&w.now, 200);
    world_resource(&w, "DPoP", token, world_dpop(&w, &spec), &r);
    assert_int_equal(r.status, 200);
    assert_string_not_equal(reply_header(&r, "DPoP-Nonce"), "");
    atomic_fetch_add(&w.now, 101);
    spec = (proof_spec){ .url = ISSUER "/token", .nonce = nonce };
    with_proof(world_dpop(&w, &spec));
    assert_error(&r, 400, "use_dpop_nonce");
}

static void
keeps_a_code_to_the_key_it_was_asked_with(void **state)
{
    const char *headers[] = { NULL, NULL };
    char code[64];

    (void)state;
    world_code(&w, &usual_demand, true, code);
    world_redeem(&w, code, VERIFIER, NULL, &r);
    assert_error(&r, 400, "invalid_dpop_proof");
    assert_true(world_refused(&w, "token", "dpop_missing"));
    headers[0] = world_dpop(&w, &(proof_spec){ .url = ISSUER "/token", .key = &w.other });
    world_redeem(&w, code, VERIFIER, headers, &r);
    assert_error(&r, 400, "invalid_grant");
    assert_true(world_refused(&w, "token", "other_key"));
    headers[0] = world_dpop_for(&w, "/token");
    world_redeem(&w, code, VERIFIER, headers, &r);
    assert_int_equal(r.status, 200);
}

/* --- access tokens --- */

static void
bound_token(char token[64])
{
    with_proof(world_dpop_for(&w, "/token"));
    assert_int_equal(r.status, 200);
    (void)snprintf(token, 64, "%s", reply_member(&r, "access_token"));
}

static void
refuses_access_tokens_that_are_not_the_senders(void **state)
{
    char token[64], other[64];
    proof_spec good = { .url = ISSUER "/resource", .token = token };
    const struct {
        const char *what, *scheme, *error, *reason;
        proof_spec proof;
    } wrong[] = {
        { "as a bearer token", "Bearer", "invalid_token", "scheme", { .url = NULL } },
        { "without a proof", "DPoP", "invalid_dpop_proof", "invalid_dpop_proof", { .url = NULL } },
        { "by another key",
          "DPoP",
          "invalid_token",
          NULL,
          { .url = ISSUER "/resource", .token = token, .key = &w.other } },
        { "for another token", "DPoP", "invalid_dpop_proof", NULL, { .url = ISSUER "/resource", .token = "other" } },
        { "for no token", "DPoP", "invalid_dpop_proof", NULL, { .url = ISSUER "/resource" } },
        { "for another endpoint", "DPoP", "invalid_dpop_proof", NULL, { .url = ISSUER "/token", .token = token } },
        { "by another method",
          "DPoP",
          "invalid_dpop_proof",
          NULL,
          { .url = ISSUER "/resource", .token = token, .method = "PUT" } },
    };

    (void)state;
    bound_token(token);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        print_message("# %s\n", wrong[i].what);
        world_quiet(&w);
        world_resource(&w, wrong[i].scheme, token, wrong[i].proof.url != NULL ? world_dpop(&w, &wrong[i].proof) : NULL,
                       &r);
        assert_int_equal(r.status, 401);
        if (wrong[i].reason != NULL)
            assert_string_equal(reply_member(&r, "error"), wrong[i].error);
        assert_non_null(strstr(reply_header(&r, "WWW-Authenticate"), " error=\""));
        assert_non_null(strstr(r.head, "DPoP error=\""));
        assert_true(world_refused(&w, "access", wrong[i].reason != NULL ? wrong[i].reason : reply_member(&r, "error")));
        assert_null(strstr(r.body, token));
    }
    world_resource(&w, "DPoP", token, world_dpop(&w, &good), &r);
    assert_int_equal(r.status, 200);
    (void)snprintf(other, sizeof(other), "%s", token);
    other[0] = other[0] == 'A' ? 'B' : 'A';
    world_resource(&w, "DPoP", other, world_dpop(&w, &(proof_spec){ .url = ISSUER "/resource", .token = other }), &r);
    assert_error(&r, 401, "invalid_token");
    assert_true(world_refused(&w, "access", "token_unknown"));
}

static void
takes_a_proof_once_at_a_resource(void **state)
{
    char token[64];
    const char *proof;

    (void)state;
    bound_token(token);
    proof = world_dpop(&w, &(proof_spec){ .url = ISSUER "/resource", .token = token });
    world_resource(&w, "DPoP", token, proof, &r);
    assert_int_equal(r.status, 200);
    world_resource(&w, "DPoP", token, proof, &r);
    assert_error(&r, 401, "invalid_dpop_proof");
    assert_true(world_refused(&w, "access", "proof_replayed"));
}

static void
says_what_it_wants_to_those_who_bring_nothing(void **state)
{
    (void)state;
    world_ask(&w, "/resource", NULL, "", &r);
    assert_error(&r, 401, "invalid_token");
    assert_non_null(strstr(r.head, "WWW-Authenticate: DPoP algs=\"ES256"));
    assert_non_null(strstr(r.head, "WWW-Authenticate: Bearer realm=\"credentials\"\r\n"));
    assert_null(strstr(r.head, "error="));
    world_resource(&w, "Basic", "YTpi", NULL, &r);
    assert_error(&r, 401, "invalid_token");
}

static void
refuses_access_tokens_that_are_over(void **state)
{
    char token[64];

    (void)state;
    bound_token(token);
    atomic_fetch_add(&w.now, 300);
    world_resource(&w, "DPoP", token, world_dpop(&w, &(proof_spec){ .url = ISSUER "/resource", .token = token }), &r);
    assert_error(&r, 401, "invalid_token");
    assert_true(world_refused(&w, "access", "token_expired"));
}

/* --- attestations --- */

static void
push_attested(attested *a)
{
    const char *headers[] = { a->headers[0], a->headers[1], NULL };
    demand d = usual_demand;

    d.client_id = "wallet-7";
    d.redirect_uri = "org.example.seven:/cb";
    world_push(&w, &d, headers, &r);
}

static void
takes_wallets_that_are_attested(void **state)
{
    static attested a;
    const char *headers[] = { a.headers[0], a.headers[1], NULL };
    char code[64], form[512];

    (void)state;
    world_attest(&w, "wallet-7", NULL, &a);
    push_attested(&a);
    assert_int_equal(r.status, 201);
    world_visit(&w, "wallet-7", reply_member(&r, "request_uri"), NULL, &r);
    assert_int_equal(strncmp(reply_header(&r, "Location"), "org.example.seven:/cb?", 22), 0);
    (void)snprintf(code, sizeof(code), "%s", reply_location(&r, "code"));
    (void)snprintf(form, sizeof(form),
                   "grant_type=authorization_code&client_id=wallet-7&code=%s&code_verifier=%s&redirect_uri="
                   "org.example.seven%%3A%%2Fcb",
                   code, VERIFIER);
    world_ask(&w, "/token", NULL, form, &r);
    assert_error(&r, 401, "invalid_client");
    world_attest(&w, "wallet-7", NULL, &a);
    world_ask(&w, "/token", headers, form, &r);
    assert_int_equal(r.status, 200);
}

/* Drafts from 09 on: one DPoP proof, by the attested key, for both. */
static void
takes_a_dpop_proof_for_the_proof_of_possession(void **state)
{
    static attested a;
    const char *const url = ISSUER "/par";
    const char *headers[3] = { a.headers[0], NULL, NULL };
    demand d = usual_demand;

    (void)state;
    d.client_id = "wallet-7";
    d.redirect_uri = "org.example.seven:/cb";
    world_attest(&w, "wallet-7", NULL, &a);
    world_push(&w, &d, headers, &r);
    assert_error(&r, 400, "invalid_client_attestation");
    headers[1] = world_dpop(&w, &(proof_spec){ .url = url });
    world_push(&w, &d, headers, &r);
    assert_error(&r, 400, "invalid_client_attestation");
    headers[1] = world_dpop(&w, &(proof_spec){ .url = url, .key = &w.wallet });
    world_push(&w, &d, headers, &r);
    assert_int_equal(r.status, 201);
    world_push(&w, &d, headers, &r);
    assert_error(&r, 400, "invalid_dpop_proof");
}

static void
refuses_attestations_that_are_not_good(void **state)
{
    static attested a, b;
    const char *one[] = { a.headers[0], NULL }, *mixed[] = { a.headers[0], b.headers[1], NULL },
               *twice[] = { a.headers[0], a.headers[0], a.headers[1], NULL };
    demand d = usual_demand;

    (void)state;
    world_attest(&w, "wallet-7", NULL, &a);
    push_attested(&a);
    assert_int_equal(r.status, 201);
    push_attested(&a);
    assert_error(&r, 400, "invalid_client_attestation");
    assert_true(world_refused(&w, "authorization.pushed", "proof_replayed"));
    d.client_id = "wallet-7";
    world_attest(&w, "wallet-7", NULL, &a);
    world_push(&w, &d, one, &r);
    assert_string_equal(reply_member(&r, "error"), "invalid_client_attestation");
    world_push(&w, &d, twice, &r);
    assert_string_equal(reply_member(&r, "error"), "invalid_client_attestation");
    d.client_id = "wallet-8";
    world_push(&w, &d, (const char *[]){ a.headers[0], a.headers[1], NULL }, &r);
    assert_int_equal(r.status, 401);
    world_attest(&w, "wallet-8", NULL, &b);
    world_push(&w, &d, mixed, &r);
    assert_true(r.status == 400 || r.status == 401);
    w.attester_keys[0].key = w.other.public_key;
    world_attest(&w, "wallet-7", NULL, &a);
    push_attested(&a);
    assert_string_equal(reply_member(&r, "error"), "invalid_client_attestation");
}

static void
demands_challenges_of_its_own(void **state)
{
    static attested a;
    char challenge[128];

    (void)state;
    world_attest(&w, "wallet-7", NULL, &a);
    push_attested(&a);
    assert_error(&r, 400, "use_attestation_challenge");
    (void)snprintf(challenge, sizeof(challenge), "%s", reply_header(&r, "OAuth-Client-Attestation-Challenge"));
    assert_int_equal(strlen(challenge), CARNET_SERVICE_NONCE);
    world_attest(&w, "wallet-7", challenge, &a);
    push_attested(&a);
    assert_int_equal(r.status, 201);
    world_attest(&w, "wallet-7", challenge, &a);
    push_attested(&a);
    assert_error(&r, 400, "use_attestation_challenge");
    assert_true(world_refused(&w, "authorization.pushed", "challenge_replayed"));
    world_ask(&w, "/challenge", NULL, "", &r);
    assert_string_equal(reply_header(&r, "Cache-Control"), "no-store");
    (void)snprintf(challenge, sizeof(challenge), "%s", reply_member(&r, "attestation_challenge"));
    atomic_fetch_add(&w.now, 301);
    world_attest(&w, "wallet-7", challenge, &a);
    push_attested(&a);
    assert_error(&r, 400, "use_attestation_challenge");
}

static void
turns_away_wallets_that_are_not_attested(void **state)
{
    (void)state;
    world_push(&w, &usual_demand, NULL, &r);
    assert_error(&r, 401, "invalid_client");
    with_proof(world_dpop_for(&w, "/token"));
    assert_error(&r, 401, "invalid_client");
}

static void
says_of_itself_what_it_can(void **state)
{
    (void)state;
    world_ask(&w, "/.well-known/oauth-authorization-server", NULL, NULL, &r);
    assert_int_equal(r.status, 200);
    assert_string_equal(reply_member(&r, "issuer"), ISSUER);
    assert_string_equal(reply_member(&r, "token_endpoint"), ISSUER "/token");
    assert_string_equal(reply_member(&r, "challenge_endpoint"), ISSUER "/challenge");
    assert_non_null(strstr(r.body, "\"scopes_supported\":[\"mdl_scope\",\"photoid_scope\"]"));
    assert_non_null(strstr(r.body, "\"code_challenge_methods_supported\":[\"S256\"]"));
    assert_non_null(strstr(r.body, "\"pre-authorized_grant_anonymous_access_supported\":true"));
}

#define WITH(test)        cmocka_unit_test_setup_teardown(test, start, stop)
#define WITH_NONCES(test) cmocka_unit_test_setup_teardown(test, start_nonces, stop)
#define WITH_HAIP(test)   cmocka_unit_test_setup_teardown(test, start_haip, stop)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        WITH(refuses_proofs_for_something_else),
        WITH(refuses_proofs_that_are_none),
        WITH(takes_a_proof_once_and_one_at_a_time),
        WITH_NONCES(demands_nonces_of_its_own),
        WITH(keeps_a_code_to_the_key_it_was_asked_with),
        WITH(refuses_access_tokens_that_are_not_the_senders),
        WITH(takes_a_proof_once_at_a_resource),
        WITH(says_what_it_wants_to_those_who_bring_nothing),
        WITH(refuses_access_tokens_that_are_over),
        WITH(takes_wallets_that_are_attested),
        WITH(takes_a_dpop_proof_for_the_proof_of_possession),
        WITH(refuses_attestations_that_are_not_good),
        WITH_NONCES(demands_challenges_of_its_own),
        WITH_HAIP(turns_away_wallets_that_are_not_attested),
        WITH(says_of_itself_what_it_can),
    };

    return world_run(argc, argv, tests, sizeof(tests) / sizeof(tests[0]));
}
