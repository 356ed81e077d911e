/* SPDX-License-Identifier: Apache-2.0 */
#include "issuer.h"

#include <stdio.h>
#include <string.h>

#define T(purpose, status, body)                                                                                       \
    {                                                                                                                  \
        CARNET_OBTAIN_##purpose, 0, status, NULL, body, NULL, NULL, NULL                                               \
    }

static play p;

static int
set_up(void **state)
{
    (void)state;
    play_begin(&p);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    play_done(&p);
    return 0;
}

static carnet_rc
run_with(const reply *replies, size_t count)
{
    p.replies = replies;
    p.reply_count = count;
    return play_run(&p);
}

/* --- what goes well --- */

static void
a_preauthorized_code_gives_a_document(void **state)
{
    (void)state;
    assert_int_equal(play_run(&p), CARNET_OK);
    assert_int_equal(p.kept, 1);
    assert_string_equal(p.notification, "n1");
    assert_true(play_said(&p, CARNET_OBTAIN_ISSUER_METADATA,
                          "GET https://issuer.example/.well-known/openid-credential-issuer/t\n"));
    assert_true(play_said(&p, CARNET_OBTAIN_SERVER_METADATA,
                          "GET https://issuer.example/.well-known/oauth-authorization-server/t\n"));
    assert_true(play_said(&p, CARNET_OBTAIN_TOKEN, "pre-authorized_code=pre"));
    assert_true(play_said(&p, CARNET_OBTAIN_CREDENTIAL, "\nAuthorization: Bearer at\n"));
    assert_true(play_said(&p, CARNET_OBTAIN_CREDENTIAL, "\"credential_configuration_id\":\"mdl\""));
    assert_true(play_said(&p, CARNET_OBTAIN_NOTIFICATION, "credential_accepted"));
    assert_null(p.end->err);
}

static void
an_offer_by_reference_is_got_first(void **state)
{
    (void)state;
    p.start.link = carnet_str_of("haip-vci://?credential_offer_uri=https%3A%2F%2Fissuer.example%2Fo%2F1");
    assert_int_equal(play_run(&p), CARNET_OK);
    assert_true(play_said(&p, CARNET_OBTAIN_OFFER, "GET https://issuer.example/o/1\n"));
}

static void
tokens_are_bound_to_a_key_where_the_server_knows_how(void **state)
{
    (void)state;
    p.parameters.dpop_key = &p.dpop_key;
    assert_int_equal(play_run(&p), CARNET_OK);
    assert_true(play_said(&p, CARNET_OBTAIN_TOKEN, "\nDPoP: "));
    assert_true(play_said(&p, CARNET_OBTAIN_CREDENTIAL, "\nAuthorization: DPoP at\nDPoP: "));
}

static void
a_nonce_of_the_server_is_used_once_more(void **state)
{
    static const reply replies[] = {
        { CARNET_OBTAIN_TOKEN, 1, 400, NULL, "{\"error\":\"use_dpop_nonce\"}", "n-1", NULL, NULL },
        { CARNET_OBTAIN_CREDENTIAL, 1, 401, NULL, "", "n-2", "DPoP error=\"use_dpop_nonce\"", NULL }
    };

    (void)state;
    p.parameters.dpop_key = &p.dpop_key;
    assert_int_equal(run_with(replies, 2), CARNET_OK);
    assert_int_equal(p.asked[CARNET_OBTAIN_TOKEN], 2);
    assert_int_equal(p.asked[CARNET_OBTAIN_CREDENTIAL], 2);
}

static void
a_server_that_wants_ever_another_nonce_is_given_up(void **state)
{
    static const reply replies[] = { { CARNET_OBTAIN_TOKEN, 0, 400, NULL, "{\"error\":\"use_dpop_nonce\"}", "n-1", NULL,
                                       NULL } };

    (void)state;
    p.parameters.dpop_key = &p.dpop_key;
    assert_int_equal(run_with(replies, 1), CARNET_E_DPOP_NONCE);
    assert_int_equal(p.asked[CARNET_OBTAIN_TOKEN], 2);
}

static void
the_code_flow_pushes_its_request_and_takes_the_code(void **state)
{
    (void)state;
    p.start.link = (carnet_str){ 0 };
    p.start.issuer = carnet_str_of(ISSUER);
    p.start.configuration_ids = &(carnet_str){ "mdl", 3 };
    p.start.configuration_count = 1;
    p.parameters.dpop_key = &p.dpop_key;
    assert_int_equal(play_run(&p), CARNET_OK);
    assert_true(play_said(&p, CARNET_OBTAIN_PUSHED_REQUEST, "code_challenge_method=S256"));
    assert_true(play_said(&p, CARNET_OBTAIN_PUSHED_REQUEST, "scope=mdl"));
    assert_true(play_said(&p, CARNET_OBTAIN_TOKEN, "code=c&"));
    assert_true(play_said(&p, CARNET_OBTAIN_TOKEN, "code_verifier="));
}

static void
an_attested_wallet_proves_itself_over_a_challenge(void **state)
{
    const reply replies[] = { T(SERVER_METADATA, 200,
                                play_server("\"response_types", "\"token_endpoint_auth_methods_supported\":["
                                                                "\"attest_jwt_client_auth\"],\"response_types")) };

    (void)state;
    p.parameters.instance_key = &p.instance_key;
    assert_int_equal(run_with(replies, 1), CARNET_OK);
    assert_int_equal(p.asked[CARNET_OBTAIN_CHALLENGE], 1);
    assert_true(play_said(&p, CARNET_OBTAIN_TOKEN, "\nOAuth-Client-Attestation: "));
    assert_true(play_said(&p, CARNET_OBTAIN_TOKEN, "\nOAuth-Client-Attestation-PoP: "));
    assert_true(play_said(&p, CARNET_OBTAIN_TOKEN, "client_id=wallet"));
}

static void
attested_keys_come_in_one_proof(void **state)
{
    const reply replies[] = { T(ISSUER_METADATA, 200,
                                play_metadata("[\"ES256\"]", "[\"ES256\"],\"key_attestations_required\":{}")) };

    (void)state;
    p.parameters.key_attestations = true;
    assert_int_equal(run_with(replies, 1), CARNET_OK);
}

static void
a_stale_nonce_is_asked_for_anew_once(void **state)
{
    static const reply once[] = { { CARNET_OBTAIN_CREDENTIAL, 1, 400, NULL, "{\"error\":\"invalid_nonce\"}", NULL, NULL,
                                    NULL } };
    static const reply ever[] = { T(CREDENTIAL, 400, "{\"error\":\"invalid_nonce\"}") };

    (void)state;
    assert_int_equal(run_with(once, 1), CARNET_OK);
    assert_int_equal(p.asked[CARNET_OBTAIN_NONCE], 2);
    play_done(&p);
    play_begin(&p);
    assert_int_equal(run_with(ever, 1), CARNET_E_OID4VCI_NONCE);
    assert_int_equal(p.asked[CARNET_OBTAIN_NONCE], 2);
}

static void
a_document_that_is_not_ready_is_waited_for(void **state)
{
    static const reply replies[] = { T(CREDENTIAL, 202, "{\"transaction_id\":\"t1\",\"interval\":7}"),
                                     { CARNET_OBTAIN_DEFERRED, 1, 202, NULL,
                                       "{\"transaction_id\":\"t1\",\"interval\":9}", NULL, NULL, NULL } };

    (void)state;
    assert_int_equal(run_with(replies, 2), CARNET_OK);
    assert_int_equal(p.waited, 2);
    assert_true(play_said(&p, CARNET_OBTAIN_DEFERRED, "\"transaction_id\":\"t1\""));
}

static void
a_busy_issuer_is_asked_again_when_it_says(void **state)
{
    static const reply replies[] = { { CARNET_OBTAIN_NONCE, 1, 503, NULL, "", NULL, NULL, "3" } };

    (void)state;
    assert_int_equal(run_with(replies, 1), CARNET_OK);
    assert_int_equal(p.waited, 1);
}

static void
an_access_token_that_ended_is_renewed(void **state)
{
    static const reply replies[] = { { CARNET_OBTAIN_CREDENTIAL, 1, 401, NULL, "{\"error\":\"invalid_token\"}", NULL,
                                       NULL, NULL } };

    (void)state;
    p.parameters.dpop_key = &p.dpop_key;
    assert_int_equal(run_with(replies, 1), CARNET_OK);
    assert_true(play_said(&p, CARNET_OBTAIN_TOKEN, "grant_type=refresh_token"));
}

static void
a_grant_gives_the_document_anew(void **state)
{
    static const carnet_obtain_grant grant = { .credential_issuer = { ISSUER, sizeof(ISSUER) - 1 },
                                               .authorization_server = { ISSUER, sizeof(ISSUER) - 1 },
                                               .refresh_token = { "kept", 4 } };

    (void)state;
    p.start = (carnet_obtain_start){ .grant = &grant,
                                     .configuration_ids = &(carnet_str){ "mdl", 3 },
                                     .credential_identifiers = &(carnet_str){ "erika", 5 },
                                     .configuration_count = 1 };
    assert_int_equal(play_run(&p), CARNET_OK);
    assert_true(play_said(&p, CARNET_OBTAIN_TOKEN, "refresh_token=kept"));
    assert_true(play_said(&p, CARNET_OBTAIN_CREDENTIAL, "\"credential_identifier\":\"erika\""));
    assert_int_equal(p.kept, 1);
}

static void
that_a_document_was_deleted_is_said_and_nothing_else(void **state)
{
    static const carnet_obtain_grant grant = { .credential_issuer = { ISSUER, sizeof(ISSUER) - 1 },
                                               .authorization_server = { ISSUER, sizeof(ISSUER) - 1 },
                                               .access_token = { "kept", 4 },
                                               .expires = NOW + 1000 };

    (void)state;
    p.start = (carnet_obtain_start){ .grant = &grant,
                                     .notification_id = carnet_str_of("n9"),
                                     .event = CARNET_NOTIFICATION_DELETED };
    assert_int_equal(play_run(&p), CARNET_OK);
    assert_true(play_said(&p, CARNET_OBTAIN_NOTIFICATION, "credential_deleted"));
    assert_int_equal(p.asked[CARNET_OBTAIN_TOKEN], 0);
    assert_int_equal(p.asked[CARNET_OBTAIN_CREDENTIAL], 0);
}

static void
an_issuer_that_does_not_listen_undoes_nothing(void **state)
{
    static const reply replies[] = { T(NOTIFICATION, 500, "") };

    (void)state;
    assert_int_equal(run_with(replies, 1), CARNET_OK);
    assert_int_equal(p.kept, 1);
    assert_non_null(p.end->err);
}

/* --- refusals: nothing is kept --- */

static void
answers_that_are_not_good_are_refused(void **state)
{
    const struct {
        const char *what;
        reply reply;
        carnet_rc rc;
    } cases[] = {
        { "nobody there", T(ISSUER_METADATA, 0, NULL), CARNET_E_LINK_TIMEOUT },
        { "metadata of another issuer", T(ISSUER_METADATA, 200, play_metadata("issuer.example/t\"", "other.example\"")),
          CARNET_E_OID4VCI_ISSUER },
        { "metadata that is no JSON", T(ISSUER_METADATA, 200, "<html>"), CARNET_E_OID4VCI_METADATA },
        { "a redirect", T(ISSUER_METADATA, 302, ""), CARNET_E_OBTAIN_ANSWER },
        { "an endpoint without TLS",
          T(ISSUER_METADATA, 200, play_metadata("https://issuer.example/t/cred", "http://i.example/cred")),
          CARNET_E_OID4VCI_METADATA },
        { "another format", T(ISSUER_METADATA, 200, play_metadata("mso_mdoc", "dc+sd-jwt")),
          CARNET_E_OBTAIN_UNSUPPORTED },
        { "keys to be attested",
          T(ISSUER_METADATA, 200, play_metadata("[\"ES256\"]", "[\"ES256\"],\"key_attestations_required\":{}")),
          CARNET_E_OBTAIN_UNSUPPORTED },
        { "another algorithm", T(ISSUER_METADATA, 200, play_metadata("ES256", "ES384")), CARNET_E_OBTAIN_UNSUPPORTED },
        { "another issuer of tokens", T(SERVER_METADATA, 200, play_server("issuer.example/t\"", "other.example\"")),
          CARNET_E_OAUTH_ISSUER },
        { "a wallet to be attested",
          T(SERVER_METADATA, 200,
            play_server("\"response_types",
                        "\"token_endpoint_auth_methods_supported\":[\"attest_jwt_client_auth\"],\"response_types")),
          CARNET_E_OBTAIN_UNSUPPORTED },
        { "a wrong code", T(TOKEN, 400, "{\"error\":\"invalid_grant\"}"), CARNET_E_OAUTH_GRANT },
        { "a token without type", T(TOKEN, 200, "{\"access_token\":\"x\"}"), CARNET_E_OAUTH_RESPONSE },
        { "a token bound to no key of ours", T(TOKEN, 200, "{\"access_token\":\"x\",\"token_type\":\"DPoP\"}"),
          CARNET_E_OBTAIN_ANSWER },
        { "no nonce", T(NONCE, 200, "{}"), CARNET_E_OID4VCI_RESPONSE },
        { "a denial", T(CREDENTIAL, 400, "{\"error\":\"credential_request_denied\"}"), CARNET_E_OID4VCI_DENIED },
        { "an encrypted answer",
          { CARNET_OBTAIN_CREDENTIAL, 0, 200, "application/jwt", "a.b.c.d.e", NULL, NULL, NULL },
          CARNET_E_OID4VCI_ENCRYPTION },
        { "no documents", T(CREDENTIAL, 200, "{\"credentials\":[]}"), CARNET_E_OID4VCI_RESPONSE },
        { "too many documents",
          T(CREDENTIAL, 200, "{\"credentials\":[{\"credential\":\"oA\"},{\"credential\":\"oA\"}]}"),
          CARNET_E_OBTAIN_ANSWER },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_rc rc = run_with(&cases[i].reply, 1);

        if (rc != cases[i].rc || p.kept > 0)
            fail_msg("%s: %s, kept %u", cases[i].what, carnet_rc_name(rc), p.kept);
        play_done(&p);
        play_begin(&p);
    }
}

static void
what_the_browser_brings_is_held_against_what_was_sent(void **state)
{
    static const struct {
        const char *returned;
        carnet_rc rc;
    } cases[] = {
        { "code=c&state=$&iss=https://other.example", CARNET_E_OAUTH_ISSUER },
        { "code=c&state=$", CARNET_E_OAUTH_ISSUER },
        { "code=c&state=x&iss=" ISSUER, CARNET_E_OAUTH_STATE },
        { "code=c&iss=" ISSUER, CARNET_E_OAUTH_STATE },
        { "error=access_denied&state=$&iss=" ISSUER, CARNET_E_OAUTH_DENIED },
        { "state=$&iss=" ISSUER, CARNET_E_OAUTH_RESPONSE },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        p.start = (carnet_obtain_start){ .issuer = carnet_str_of(ISSUER),
                                         .configuration_ids = &(carnet_str){ "mdl", 3 },
                                         .configuration_count = 1 };
        p.returned = cases[i].returned;
        assert_int_equal(play_run(&p), cases[i].rc);
        assert_int_equal(p.asked[CARNET_OBTAIN_TOKEN], 0);
        play_done(&p);
        play_begin(&p);
    }
}

static void
a_document_for_another_key_is_refused_and_told(void **state)
{
    (void)state;
    p.keys[0] = &p.second;
    assert_int_equal(play_run(&p), CARNET_E_OBTAIN_KEY);
    assert_true(play_said(&p, CARNET_OBTAIN_NOTIFICATION, "credential_failure"));
}

static void
documents_are_matched_by_their_key_not_their_place(void **state)
{
    const reply replies[] = { T(
        ISSUER_METADATA, 200,
        play_metadata("{\"credential_issuer\"",
                      "{\"batch_credential_issuance\":{\"batch_size\":2},\"credential_issuer\"")) };

    (void)state;
    p.parameters.copies = 5;
    p.keys[0] = &p.second;
    p.keys[1] = &p.w.device;
    assert_int_equal(run_with(replies, 1), CARNET_OK);
    assert_int_equal(p.copies, 1);
}

static void
one_key_has_one_document(void **state)
{
    static char body[32768];
    const reply replies[] = { T(ISSUER_METADATA, 200,
                                play_metadata(
                                    "{\"credential_issuer\"",
                                    "{\"batch_credential_issuance\":{\"batch_size\":2},\"credential_issuer\"")),
                              T(CREDENTIAL, 200, body) };

    (void)state;
    snprintf(body, sizeof(body), "{\"credentials\":[{\"credential\":\"%s\"},{\"credential\":\"%s\"}]}",
             play_document(&p), play_document(&p));
    p.parameters.copies = 2;
    assert_int_equal(run_with(replies, 2), CARNET_E_OBTAIN_KEY);
}

static void
every_document_changed_by_a_bit_is_refused(void **state)
{
    static char body[16384];
    const reply replies[] = { T(CREDENTIAL, 200, body) };
    size_t len = p.w.held[0].issuer_signed.len;

    (void)state;
    for (size_t i = 0; i < len; i += 37) {
        carnet_buf out;
        uint8_t *bytes = (uint8_t *)(uintptr_t)p.w.held[0].issuer_signed.ptr;

        bytes[i] ^= 1;
        out = carnet_buf_of(body, sizeof(body));
        carnet_buf_add_text(&out, "{\"credentials\":[{\"credential\":\"");
        carnet_base64url_encode(p.w.held[0].issuer_signed, &out);
        carnet_buf_add_text(&out, "\"}]}");
        carnet_buf_add_byte(&out, 0);
        bytes[i] ^= 1;
        carnet_obtain_done(&p.obtain);
        if (run_with(replies, 1) == CARNET_OK)
            fail_msg("octet %zu of %zu", i, len);
        assert_int_equal(p.kept, 0);
        memset(p.asked, 0, sizeof(p.asked));
    }
}

static void
an_issuer_nobody_knows_is_not_trusted(void **state)
{
    (void)state;
    p.parameters.anchors = NULL;
    assert_int_equal(play_run(&p), CARNET_E_OBTAIN_UNTRUSTED);
    play_done(&p);
    play_begin(&p);
    p.parameters.anchors = NULL;
    p.parameters.accept_untrusted = true;
    assert_int_equal(play_run(&p), CARNET_OK);
}

static void
published_certificates_are_trusted_if_the_holder_says_so(void **state)
{
    static char body[8192];
    carnet_buf out = carnet_buf_of(body, sizeof(body) - 1);
    const reply replies[] = { T(ISSUER_METADATA, 200,
                                play_metadata("{\"credential_issuer\"",
                                              "{\"mdoc_iacas_uri\":\"" ISSUER "/iacas\",\"credential_issuer\"")),
                              T(IACAS, 200, body) };

    (void)state;
    assert_carnet_ok(carnet_mdoc_iacas_build(&p.w.authority_certificate, 1, &out, &p.w.err), &p.w.err);
    body[out.len] = '\0';
    p.parameters.anchors = NULL;
    assert_int_equal(run_with(replies, 2), CARNET_E_OBTAIN_UNTRUSTED);
    carnet_obtain_done(&p.obtain);
    p.consent.trust_published = true;
    assert_int_equal(run_with(replies, 2), CARNET_OK);
    assert_int_equal(p.kept, 1);
}

static void
the_holder_may_decline(void **state)
{
    (void)state;
    p.decline = true;
    assert_int_equal(play_run(&p), CARNET_E_OBTAIN_DECLINED);
    assert_int_equal(p.asked[CARNET_OBTAIN_TOKEN], 0);
    play_done(&p);
    play_begin(&p);
    p.refuse_to_keep = true;
    assert_int_equal(play_run(&p), CARNET_E_OBTAIN_DECLINED);
    assert_true(play_said(&p, CARNET_OBTAIN_NOTIFICATION, "credential_failure"));
}

static void
haip_takes_no_preauthorized_code(void **state)
{
    (void)state;
    p.parameters.haip = true;
    assert_int_not_equal(play_run(&p), CARNET_OK);
    assert_int_equal(p.asked[CARNET_OBTAIN_TOKEN], 0);
}

static void
what_was_not_asked_for_is_a_fault(void **state)
{
    const carnet_obtain_action *a;

    (void)state;
    assert_carnet_ok(carnet_obtain_begin(&p.obtain, &p.parameters, &p.start, &p.w.err), &p.w.err);
    a = carnet_obtain_next(&p.obtain, NOW);
    assert_int_equal(a->kind, CARNET_OBTAIN_HTTP);
    carnet_obtain_kept(&p.obtain);
    a = carnet_obtain_next(&p.obtain, NOW);
    assert_int_equal(a->kind, CARNET_OBTAIN_FAILED);
    assert_int_equal(a->err->rc, CARNET_E_USAGE);
}

static void
it_begins_with_what_it_needs(void **state)
{
    carnet_obtain_start both = p.start;

    (void)state;
    both.issuer = carnet_str_of(ISSUER);
    assert_int_equal(carnet_obtain_begin(&p.obtain, &p.parameters, &both, NULL), CARNET_E_USAGE);
    assert_int_equal(carnet_obtain_begin(&p.obtain, &p.parameters, &(carnet_obtain_start){ 0 }, NULL), CARNET_E_USAGE);
    p.parameters.memory.cap = 4096;
    assert_int_equal(carnet_obtain_begin(&p.obtain, &p.parameters, &p.start, NULL), CARNET_E_NO_SPACE);
}

static void
what_an_issuer_says_is_text(void **state)
{
    static const reply replies[] = { T(TOKEN, 400,
                                       "{\"error\":\"invalid_grant\",\"error_description\":\"a\\u001b[31m\\u0085b\","
                                       "\"request_id\":\"r1\"}") };

    (void)state;
    assert_int_equal(run_with(replies, 1), CARNET_E_OAUTH_GRANT);
    assert_string_equal(p.end->refusal->error, "invalid_grant");
    assert_string_equal(p.end->refusal->description, "a?[31m??b");
    assert_string_equal(p.end->refusal->request_id, "r1");
    assert_int_equal(p.end->refusal->status, 400);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_preauthorized_code_gives_a_document),
        TEST(an_offer_by_reference_is_got_first),
        TEST(tokens_are_bound_to_a_key_where_the_server_knows_how),
        TEST(a_nonce_of_the_server_is_used_once_more),
        TEST(a_server_that_wants_ever_another_nonce_is_given_up),
        TEST(the_code_flow_pushes_its_request_and_takes_the_code),
        TEST(an_attested_wallet_proves_itself_over_a_challenge),
        TEST(attested_keys_come_in_one_proof),
        TEST(a_stale_nonce_is_asked_for_anew_once),
        TEST(a_document_that_is_not_ready_is_waited_for),
        TEST(a_busy_issuer_is_asked_again_when_it_says),
        TEST(an_access_token_that_ended_is_renewed),
        TEST(a_grant_gives_the_document_anew),
        TEST(that_a_document_was_deleted_is_said_and_nothing_else),
        TEST(an_issuer_that_does_not_listen_undoes_nothing),
        TEST(answers_that_are_not_good_are_refused),
        TEST(what_the_browser_brings_is_held_against_what_was_sent),
        TEST(a_document_for_another_key_is_refused_and_told),
        TEST(documents_are_matched_by_their_key_not_their_place),
        TEST(one_key_has_one_document),
        TEST(every_document_changed_by_a_bit_is_refused),
        TEST(an_issuer_nobody_knows_is_not_trusted),
        TEST(published_certificates_are_trusted_if_the_holder_says_so),
        TEST(the_holder_may_decline),
        TEST(haip_takes_no_preauthorized_code),
        TEST(what_was_not_asked_for_is_a_fault),
        TEST(it_begins_with_what_it_needs),
        TEST(what_an_issuer_says_is_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
