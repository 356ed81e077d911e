/* SPDX-License-Identifier: Apache-2.0 */
/* Pre-authorised codes (OpenID4VCI 1.0 3.5 and 6) and refresh tokens (RFC 6749 6, RFC 9700 4.14.2), and their abuse. */
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
start_strict(void **state)
{
    (void)state;
    world_make(&w);
    w.policy.anonymous_pre_authorised = false;
    w.documents[2].attestation_required = true;
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

/* Redeem a pre-authorised code; `more` begins with & or is empty. */
static void
redeem(const char *code, const char *more, const char *const *headers)
{
    char form[1024];

    (void)snprintf(form, sizeof(form), "%s&pre-authorized_code=%s%s", PRE, code, more);
    world_ask(&w, "/token", headers, form, &r);
    if (r.status == 200)
        world_keep_secret(&w, reply_member(&r, "access_token"));
}

static void
gives_a_token_for_an_offer(void **state)
{
    char token[64];
    offered o;

    (void)state;
    world_offer(&w, "mdl", NULL, &o);
    redeem(o.code, "", NULL);
    assert_int_equal(r.status, 200);
    assert_string_equal(reply_member(&r, "token_type"), "Bearer");
    assert_null(strstr(r.body, "authorization_details"));
    (void)snprintf(token, sizeof(token), "%s", reply_member(&r, "access_token"));
    world_resource(&w, "Bearer", token, NULL, &r);
    assert_int_equal(r.status, 200);
    assert_string_equal(r.body, CLAIMS);
    assert_string_equal(reply_header(&r, "DPoP-Nonce"), "");
}

static void
gives_a_token_for_some_of_what_is_offered(void **state)
{
    const char *asked =
                   "&authorization_details=%5B%7B%22type%22%3A%22openid_credential%22%2C%22credential_configuration_"
                   "id%22%3A%22badge%22%7D%5D",
               *other = "&authorization_details=%5B%7B%22type%22%3A%22openid_credential%22%2C%22credential_"
                        "configuration_id%22%3A%22photoid%22%7D%5D";
    offered o;

    (void)state;
    world_offer(&w, "mdl badge", NULL, &o);
    redeem(o.code, other, NULL);
    assert_error(&r, 400, "invalid_authorization_details");
    redeem(o.code, asked, NULL);
    assert_int_equal(r.status, 200);
    assert_non_null(strstr(r.body, "\"credential_identifiers\":[\"badge\"]"));
    assert_null(strstr(r.body, "\"mdl\""));
}

static void
revokes_the_tokens_of_an_offer_that_is_taken_again(void **state)
{
    char token[64];
    offered o;

    (void)state;
    world_offer(&w, "mdl", "1234", &o);
    redeem(o.code, "&tx_code=1234", NULL);
    assert_int_equal(r.status, 200);
    (void)snprintf(token, sizeof(token), "%s", reply_member(&r, "access_token"));
    /* Without the transaction code it is nobody who may revoke anything. */
    redeem(o.code, "", NULL);
    assert_error(&r, 400, "invalid_request");
    world_resource(&w, "Bearer", token, NULL, &r);
    assert_int_equal(r.status, 200);
    redeem(o.code, "&tx_code=1234", NULL);
    assert_error(&r, 400, "invalid_grant");
    assert_true(world_refused(&w, "token", "code_replayed"));
    world_resource(&w, "Bearer", token, NULL, &r);
    assert_error(&r, 401, "invalid_token");
    assert_int_equal(world_audited(&w, "code_replayed"), 1);
}

static void
locks_an_offer_whose_transaction_code_is_guessed(void **state)
{
    static const char *const guesses[] = { "&tx_code=0000", "&tx_code=0001", "&tx_code=" };
    offered o;

    (void)state;
    world_offer(&w, "mdl", "1234", &o);
    redeem(o.code, "", NULL);
    assert_error(&r, 400, "invalid_request");
    assert_true(world_refused(&w, "token", "tx_code_missing"));
    for (size_t i = 0; i < 3; i++) {
        redeem(o.code, guesses[i], NULL);
        assert_error(&r, 400, "invalid_grant");
        assert_true(world_refused(&w, "token", i < 2 ? "tx_code_wrong" : "tx_code_locked"));
    }
    world_quiet(&w);
    redeem(o.code, "&tx_code=1234", NULL);
    assert_error(&r, 400, "invalid_grant");
    assert_true(world_refused(&w, "token", "tx_code_locked"));
    assert_int_equal(world_audited(&w, "tx_code_wrong"), 2);
    assert_int_equal(world_audited(&w, "tx_code_locked"), 1);
}

static void
refuses_a_transaction_code_that_nobody_asked_for(void **state)
{
    offered o;

    (void)state;
    world_offer(&w, "mdl", NULL, &o);
    redeem(o.code, "&tx_code=1234", NULL);
    assert_error(&r, 400, "invalid_request");
    assert_true(world_refused(&w, "token", "tx_code_unexpected"));
}

static void
refuses_codes_that_are_over_or_made_up(void **state)
{
    char guess[64];
    offered o;

    (void)state;
    world_offer(&w, "mdl", NULL, &o);
    (void)snprintf(guess, sizeof(guess), "%s", o.code);
    guess[0] = guess[0] == 'A' ? 'B' : 'A';
    redeem(guess, "", NULL);
    assert_error(&r, 400, "invalid_grant");
    assert_true(world_refused(&w, "token", "code_unknown"));
    atomic_fetch_add(&w.now, 3601);
    redeem(o.code, "", NULL);
    assert_error(&r, 400, "invalid_grant");
    assert_true(world_refused(&w, "token", "code_expired"));
}

static void
demands_a_key_where_bearer_tokens_are_not_allowed(void **state)
{
    const char *headers[] = { NULL, NULL };
    offered o;

    (void)state;
    world_offer(&w, "mdl photoid", NULL, &o);
    redeem(o.code, "", NULL);
    assert_error(&r, 400, "invalid_dpop_proof");
    assert_true(world_refused(&w, "token", "dpop_missing"));
    headers[0] = world_dpop_for(&w, "/token");
    redeem(o.code, "", headers);
    assert_int_equal(r.status, 200);
    assert_string_equal(reply_member(&r, "token_type"), "DPoP");
}

static void
knows_whom_it_gives_to_when_it_must(void **state)
{
    const char *headers[] = { NULL, NULL, NULL };
    static attested a;
    offered o;

    (void)state;
    world_offer(&w, "mdl", NULL, &o);
    redeem(o.code, "", NULL);
    assert_error(&r, 401, "invalid_client");
    assert_true(world_refused(&w, "token", "client_unknown"));
    redeem(o.code, "&client_id=stranger", NULL);
    assert_error(&r, 401, "invalid_client");
    redeem(o.code, "&client_id=wallet-1", NULL);
    assert_int_equal(r.status, 200);
    world_offer(&w, "badge", NULL, &o);
    redeem(o.code, "&client_id=wallet-1", NULL);
    assert_error(&r, 401, "invalid_client");
    assert_true(world_refused(&w, "token", "attestation_missing"));
    world_attest(&w, "stranger", NULL, &a);
    headers[0] = a.headers[0], headers[1] = a.headers[1];
    redeem(o.code, "", headers);
    assert_int_equal(r.status, 200);
}

/* --- refresh tokens --- */

static void
refresh(const char *token, const char *more, const char *const *headers)
{
    char form[512];

    (void)snprintf(form, sizeof(form), "grant_type=refresh_token&refresh_token=%s%s", token, more);
    world_ask(&w, "/token", headers, form, &r);
}

static void
renews_tokens_and_forgets_the_old(void **state)
{
    const char *headers[] = { world_dpop_for(&w, "/token"), NULL };
    char old[64], access[64], fresh[64];
    offered o;

    (void)state;
    world_offer(&w, "mdl", NULL, &o);
    redeem(o.code, "", headers);
    (void)snprintf(old, sizeof(old), "%s", reply_member(&r, "refresh_token"));
    (void)snprintf(access, sizeof(access), "%s", reply_member(&r, "access_token"));
    headers[0] = world_dpop_for(&w, "/token");
    refresh(old, "", headers);
    assert_int_equal(r.status, 200);
    (void)snprintf(fresh, sizeof(fresh), "%s", reply_member(&r, "refresh_token"));
    assert_string_not_equal(fresh, old);
    world_resource(&w, "DPoP", access, world_dpop(&w, &(proof_spec){ .url = ISSUER "/resource", .token = access }), &r);
    assert_error(&r, 401, "invalid_token");
    /* The old one again: somebody stole it, or this one. */
    headers[0] = world_dpop_for(&w, "/token");
    refresh(old, "", headers);
    assert_error(&r, 400, "invalid_grant");
    assert_true(world_refused(&w, "token", "refresh_replayed"));
    assert_int_equal(world_audited(&w, "refresh_replayed"), 1);
    headers[0] = world_dpop_for(&w, "/token");
    refresh(fresh, "", headers);
    assert_error(&r, 400, "invalid_grant");
    assert_true(world_refused(&w, "token", "grant_revoked"));
    world_keep_secret(&w, old);
    world_keep_secret(&w, fresh);
}

static void
refuses_refresh_tokens_of_others(void **state)
{
    const char *headers[] = { NULL, NULL, NULL, NULL };
    static attested a;
    char token[64];
    offered o;

    (void)state;
    world_offer(&w, "mdl", NULL, &o);
    world_attest(&w, "wallet-9", NULL, &a);
    headers[0] = world_dpop_for(&w, "/token"), headers[1] = a.headers[0], headers[2] = a.headers[1];
    redeem(o.code, "", headers);
    assert_int_equal(r.status, 200);
    (void)snprintf(token, sizeof(token), "%s", reply_member(&r, "refresh_token"));
    headers[0] = world_dpop_for(&w, "/token"), headers[1] = NULL;
    refresh(token, "&client_id=wallet-9", headers);
    assert_error(&r, 401, "invalid_client");
    assert_true(world_refused(&w, "token", "attestation_missing"));
    world_attest(&w, "wallet-8", NULL, &a);
    headers[0] = world_dpop_for(&w, "/token"), headers[1] = a.headers[0];
    refresh(token, "", headers);
    assert_error(&r, 400, "invalid_grant");
    assert_true(world_refused(&w, "token", "other_client"));
    world_attest(&w, "wallet-9", NULL, &a);
    headers[0] = world_dpop(&w, &(proof_spec){ .url = ISSUER "/token", .key = &w.other });
    refresh(token, "", headers);
    assert_error(&r, 400, "invalid_grant");
    assert_true(world_refused(&w, "token", "other_key"));
    world_attest(&w, "wallet-9", NULL, &a);
    headers[0] = a.headers[0], headers[1] = a.headers[1], headers[2] = NULL;
    refresh(token, "", headers);
    assert_error(&r, 400, "invalid_dpop_proof");
    atomic_fetch_add(&w.now, 86401);
    world_attest(&w, "wallet-9", NULL, &a);
    headers[0] = a.headers[0], headers[1] = a.headers[1], headers[2] = world_dpop_for(&w, "/token");
    refresh(token, "", headers);
    assert_error(&r, 400, "invalid_grant");
    assert_true(world_refused(&w, "token", "refresh_expired"));
}

static void
refuses_grants_it_does_not_have(void **state)
{
    (void)state;
    world_ask(&w, "/token", NULL, "grant_type=password&username=a&password=b", &r);
    assert_error(&r, 400, "unsupported_grant_type");
    world_ask(&w, "/token", NULL, "code=a", &r);
    assert_error(&r, 400, "invalid_request");
    world_ask(&w, "/token", NULL, "", &r);
    assert_error(&r, 400, "invalid_request");
    refresh("guess", "&resource=https%3A%2F%2Fother.example", NULL);
    assert_error(&r, 400, "invalid_target");
    refresh("guess", "&resource=https%3A%2F%2Fissuer.example", NULL);
    assert_error(&r, 400, "invalid_grant");
    assert_true(world_refused(&w, "token", "refresh_unknown"));
}

#define WITH(test)        cmocka_unit_test_setup_teardown(test, start, stop)
#define WITH_STRICT(test) cmocka_unit_test_setup_teardown(test, start_strict, stop)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        WITH(gives_a_token_for_an_offer),
        WITH(gives_a_token_for_some_of_what_is_offered),
        WITH(revokes_the_tokens_of_an_offer_that_is_taken_again),
        WITH(locks_an_offer_whose_transaction_code_is_guessed),
        WITH(refuses_a_transaction_code_that_nobody_asked_for),
        WITH(refuses_codes_that_are_over_or_made_up),
        WITH(demands_a_key_where_bearer_tokens_are_not_allowed),
        WITH_STRICT(knows_whom_it_gives_to_when_it_must),
        WITH(renews_tokens_and_forgets_the_old),
        WITH(refuses_refresh_tokens_of_others),
        WITH(refuses_grants_it_does_not_have),
    };

    return world_run(argc, argv, tests, sizeof(tests) / sizeof(tests[0]));
}
