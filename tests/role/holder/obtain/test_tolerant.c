/* SPDX-License-Identifier: Apache-2.0 */
/* Issuers that follow drafts, or answer in their own way: what they mean is understood. */
#include "issuer.h"

#include <stdio.h>
#include <string.h>

#define AT ISSUER "/.well-known/"

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

/* --- where things lie --- */

static void
metadata_are_looked_for_behind_the_path_as_well(void **state)
{
    const reply replies[] = {
        { .purpose = CARNET_OBTAIN_ISSUER_METADATA, .nth = 1, .status = 404, .body = "<html>" },
        { .purpose = CARNET_OBTAIN_SERVER_METADATA, .nth = 1, .status = 403, .body = "{}" },
        { .purpose = CARNET_OBTAIN_SERVER_METADATA, .nth = 2, .status = 405, .body = "" },
    };

    (void)state;
    assert_int_equal(run_with(replies, CARNET_COUNT(replies)), CARNET_OK);
    assert_true(play_said(&p, CARNET_OBTAIN_ISSUER_METADATA, "GET " AT "openid-credential-issuer\n"));
    assert_true(play_said(&p, CARNET_OBTAIN_SERVER_METADATA, "GET " AT "oauth-authorization-server\n"));
    assert_int_equal(p.asked[CARNET_OBTAIN_ISSUER_METADATA], 2);
    assert_int_equal(p.asked[CARNET_OBTAIN_SERVER_METADATA], 3);
}

static void
what_lies_nowhere_is_not_looked_for_without_end(void **state)
{
    const reply issuer[] = { { .purpose = CARNET_OBTAIN_ISSUER_METADATA, .status = 404 } };
    const reply server[] = { { .purpose = CARNET_OBTAIN_SERVER_METADATA, .status = 404 } };

    (void)state;
    assert_int_equal(run_with(issuer, 1), CARNET_E_OBTAIN_ANSWER);
    assert_int_equal(p.asked[CARNET_OBTAIN_ISSUER_METADATA], 2);
    play_done(&p);
    play_begin(&p);
    assert_int_equal(run_with(server, 1), CARNET_E_OBTAIN_ANSWER);
    assert_int_equal(p.asked[CARNET_OBTAIN_SERVER_METADATA], 3);
}

static void
metadata_of_another_issuer_are_refused_wherever_they_lie(void **state)
{
    const reply replies[] = {
        { .purpose = CARNET_OBTAIN_ISSUER_METADATA, .nth = 1, .status = 404 },
        { .purpose = CARNET_OBTAIN_ISSUER_METADATA,
          .nth = 2,
          .status = 200,
          .body = play_metadata("{\"credential_issuer\":\"" ISSUER "\"",
                                "{\"credential_issuer\":\"https://other.example/t\"") },
    };

    (void)state;
    assert_int_not_equal(run_with(replies, CARNET_COUNT(replies)), CARNET_OK);
    assert_int_equal(p.kept, 0);
    assert_int_equal(p.asked[CARNET_OBTAIN_TOKEN], 0);
}

/* --- nonces without a nonce endpoint --- */

#define NO_ENDPOINT play_metadata("\"nonce_endpoint\":\"" ISSUER "/nonce\",", "")

/* Whether the proof of the last request has this nonce. */
static bool
proof_has(const char *nonce)
{
    static char claims[2048];
    const char *proof = strstr(p.said[CARNET_OBTAIN_CREDENTIAL], "\"jwt\":[\""), *dot;
    carnet_buf out = carnet_buf_of(claims, sizeof(claims) - 1);
    size_t len;

    assert_non_null(proof);
    dot = strchr(proof, '.');
    assert_non_null(dot);
    len = strcspn(dot + 1, ".");
    assert_carnet_ok(carnet_base64url_decode((carnet_str){ dot + 1, len }, &out, NULL), NULL);
    claims[out.len] = '\0';
    return nonce != NULL ? strstr(claims, nonce) != NULL : strstr(claims, "nonce") == NULL;
}

static void
a_nonce_of_the_token_answer_is_proved_with(void **state)
{
    const reply replies[] = {
        { .purpose = CARNET_OBTAIN_ISSUER_METADATA, .status = 200, .body = NO_ENDPOINT },
        { .purpose = CARNET_OBTAIN_TOKEN,
          .status = 201,
          .body = "{\"access_token\":\"at\",\"token_type\":\"bearer\",\"expires_in\":\"300\",\"c_nonce\":\"of-token\","
                  "\"c_nonce_expires_in\":86400}" },
    };

    (void)state;
    assert_int_equal(run_with(replies, CARNET_COUNT(replies)), CARNET_OK);
    assert_int_equal(p.asked[CARNET_OBTAIN_NONCE], 0);
    assert_true(proof_has("\"nonce\":\"of-token\""));
}

static void
a_nonce_of_the_refusal_is_tried_once(void **state)
{
    static const char refusal[] = "{\"error\":\"invalid_proof\",\"c_nonce\":\"of-refusal\",\"c_nonce_expires_in\":60}";
    const reply replies[] = {
        { .purpose = CARNET_OBTAIN_ISSUER_METADATA, .status = 200, .body = NO_ENDPOINT },
        { .purpose = CARNET_OBTAIN_CREDENTIAL, .nth = 1, .status = 400, .body = refusal },
        { .purpose = CARNET_OBTAIN_CREDENTIAL, .nth = 2, .status = 400, .body = refusal },
    };

    (void)state;
    assert_int_equal(run_with(replies, 2), CARNET_OK);
    assert_int_equal(p.asked[CARNET_OBTAIN_CREDENTIAL], 2);
    assert_true(proof_has("\"nonce\":\"of-refusal\""));
    play_done(&p);
    play_begin(&p);
    assert_int_equal(run_with(replies, 3), CARNET_E_OID4VCI_PROOF);
    assert_int_equal(p.asked[CARNET_OBTAIN_CREDENTIAL], 2);
}

static void
where_there_is_a_nonce_endpoint_other_nonces_are_not_taken(void **state)
{
    const reply replies[] = {
        { .purpose = CARNET_OBTAIN_TOKEN,
          .status = 200,
          .body = "{\"access_token\":\"at\",\"token_type\":\"Bearer\",\"c_nonce\":\"of-token\"}" },
    };

    (void)state;
    assert_int_equal(run_with(replies, CARNET_COUNT(replies)), CARNET_OK);
    assert_true(proof_has("\"nonce\":\"fresh\""));
}

static void
without_any_nonce_there_is_none_in_the_proof(void **state)
{
    const reply replies[] = { { .purpose = CARNET_OBTAIN_ISSUER_METADATA, .status = 200, .body = NO_ENDPOINT } };

    (void)state;
    assert_int_equal(run_with(replies, 1), CARNET_OK);
    assert_true(proof_has(NULL));
}

/* --- who asks --- */

#define INVALID_CLIENT                                                                                                 \
    {                                                                                                                  \
        .purpose = CARNET_OBTAIN_TOKEN, .nth = 1, .status = 400, .body = "{\"error\":\"invalid_client\"}"              \
    }

static void
a_server_that_refuses_who_is_not_attested_is_shown_an_attestation(void **state)
{
    const reply replies[] = { INVALID_CLIENT };

    (void)state;
    p.parameters.instance_key = &p.instance_key;
    assert_int_equal(run_with(replies, 1), CARNET_OK);
    assert_int_equal(p.asked[CARNET_OBTAIN_TOKEN], 2);
    assert_true(play_said(&p, CARNET_OBTAIN_TOKEN, "\nOAuth-Client-Attestation: ey"));
    assert_true(play_said(&p, CARNET_OBTAIN_TOKEN, "\nOAuth-Client-Attestation-PoP: ey"));
}

static void
nobody_else_is_shown_an_attestation(void **state)
{
    const reply replies[] = {
        INVALID_CLIENT,
        { .purpose = CARNET_OBTAIN_SERVER_METADATA,
          .status = 200,
          .body = play_server("\"response_types_supported\"",
                              "\"token_endpoint_auth_methods_supported\":[\"none\"],\"response_types_supported\"") },
    };

    (void)state;
    p.parameters.instance_key = &p.instance_key;
    assert_int_equal(play_run(&p), CARNET_OK);
    assert_false(play_said(&p, CARNET_OBTAIN_TOKEN, "OAuth-Client-Attestation"));
    play_done(&p);
    play_begin(&p);
    p.parameters.instance_key = &p.instance_key;
    assert_int_equal(run_with(replies, 2), CARNET_E_OAUTH_CLIENT);
    assert_int_equal(p.asked[CARNET_OBTAIN_TOKEN], 1);
}

static void
a_server_that_refuses_who_shows_no_key_is_shown_one(void **state)
{
    static const char *const errors[] = { "{\"error\":\"invalid_dpop_proof\"}", "{\"error\":\"use_dpop_nonce\"}" };
    const char *silent = play_server(",\"dpop_signing_alg_values_supported\":[\"ES256\"]", "");

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(errors); i++) {
        const reply replies[] = {
            { .purpose = CARNET_OBTAIN_SERVER_METADATA, .status = 200, .body = silent },
            { .purpose = CARNET_OBTAIN_TOKEN, .nth = 1, .status = 400, .body = errors[i] },
            { .purpose = CARNET_OBTAIN_TOKEN, .nth = 2, .status = 400, .body = "{\"error\":\"invalid_dpop_proof\"}" },
        };

        play_done(&p);
        play_begin(&p);
        p.parameters.dpop_key = &p.dpop_key;
        assert_int_equal(run_with(replies, 2), CARNET_OK);
        assert_int_equal(p.asked[CARNET_OBTAIN_TOKEN], 2);
        assert_true(play_said(&p, CARNET_OBTAIN_CREDENTIAL, "\nAuthorization: DPoP at\nDPoP: "));
        play_done(&p);
        play_begin(&p);
        p.parameters.dpop_key = &p.dpop_key;
        assert_int_equal(run_with(replies, 3), CARNET_E_DPOP_PROOF);
        assert_int_equal(p.asked[CARNET_OBTAIN_TOKEN], 2);
    }
}

static void
a_server_that_refuses_the_attested_as_well_is_given_up(void **state)
{
    const reply replies[] = {
        { .purpose = CARNET_OBTAIN_TOKEN, .status = 400, .body = "{\"error\":\"invalid_client\"}" }
    };

    (void)state;
    p.parameters.instance_key = &p.instance_key;
    assert_int_equal(run_with(replies, 1), CARNET_E_OAUTH_CLIENT);
    assert_int_equal(p.asked[CARNET_OBTAIN_TOKEN], 2);
}

/* --- how it is asked for --- */

static void
an_issuer_that_knows_no_identifiers_is_asked_by_type(void **state)
{
    char body[128];
    const reply replies[] = {
        { .purpose = CARNET_OBTAIN_ISSUER_METADATA, .status = 200, .body = NO_ENDPOINT },
        { .purpose = CARNET_OBTAIN_TOKEN,
          .status = 200,
          .body = "{\"access_token\":\"at\",\"token_type\":\"Bearer\",\"c_nonce\":\"of-token\"}" },
        { .purpose = CARNET_OBTAIN_CREDENTIAL,
          .nth = 1,
          .status = 500,
          .body = "{\"error\":\"invalid_request\",\"error_description\":\"no format\"}" },
    };

    (void)state;
    snprintf(body, sizeof(body), "{\"format\":\"mso_mdoc\",\"doctype\":\"%s\",\"proof\":{", MDL);
    assert_int_equal(run_with(replies, CARNET_COUNT(replies)), CARNET_OK);
    assert_int_equal(p.asked[CARNET_OBTAIN_CREDENTIAL], 2);
    assert_true(play_said(&p, CARNET_OBTAIN_CREDENTIAL, body));
    assert_true(play_said(&p, CARNET_OBTAIN_CREDENTIAL, "{\"proof_type\":\"jwt\",\"jwt\":\"ey"));
    assert_false(play_said(&p, CARNET_OBTAIN_CREDENTIAL, "credential_configuration_id"));
}

static void
an_issuer_of_1_0_is_not_asked_in_another_way(void **state)
{
    const reply replies[] = {
        { .purpose = CARNET_OBTAIN_ISSUER_METADATA,
          .status = 200,
          .body = play_metadata("\"scope\":\"mdl\",", "\"scope\":\"mdl\",\"credential_metadata\":{},") },
        { .purpose = CARNET_OBTAIN_CREDENTIAL, .status = 400, .body = "{\"error\":\"invalid_credential_request\"}" },
    };

    (void)state;
    assert_int_equal(run_with(replies, CARNET_COUNT(replies)), CARNET_E_OID4VCI_REQUEST);
    assert_int_equal(p.asked[CARNET_OBTAIN_CREDENTIAL], 1);
}

static void
a_refusal_in_either_way_is_the_end(void **state)
{
    const reply replies[] = {
        { .purpose = CARNET_OBTAIN_CREDENTIAL, .status = 400, .body = "{\"error\":\"invalid_credential_request\"}" },
    };

    (void)state;
    assert_int_equal(run_with(replies, 1), CARNET_E_OID4VCI_REQUEST);
    assert_int_equal(p.asked[CARNET_OBTAIN_CREDENTIAL], 2);
    assert_int_equal(p.kept, 0);
}

/* --- the answer --- */

static void
one_credential_may_stand_by_itself(void **state)
{
    static char body[16384];
    reply r = { .purpose = CARNET_OBTAIN_CREDENTIAL, .status = 201, .body = body };

    (void)state;
    snprintf(body, sizeof(body), "{\"format\":\"mso_mdoc\",\"credential\":\"%s\"}", play_document(&p));
    assert_int_equal(run_with(&r, 1), CARNET_OK);
    assert_int_equal(p.kept, 1);
    assert_int_equal(p.copies, 1);
}

static void
that_it_is_not_ready_may_be_said_by_an_error(void **state)
{
    static const char pending[] = "{\"error\":\"issuance_pending\",\"interval\":7}";
    const reply replies[] = {
        { .purpose = CARNET_OBTAIN_CREDENTIAL, .status = 202, .body = "{\"transaction_id\":\"t\"}" },
        { .purpose = CARNET_OBTAIN_DEFERRED, .nth = 1, .status = 400, .body = pending },
        { .purpose = CARNET_OBTAIN_DEFERRED, .nth = 2, .status = 400, .body = "{\"error\":\"issuance_pending\"}" },
    };

    (void)state;
    assert_int_equal(run_with(replies, CARNET_COUNT(replies)), CARNET_OK);
    assert_int_equal(p.asked[CARNET_OBTAIN_DEFERRED], 3);
    assert_int_equal(p.waited, 3);
    assert_int_equal(p.kept, 1);
}

static void
it_is_not_pending_before_it_was_put_off(void **state)
{
    const reply replies[] = {
        { .purpose = CARNET_OBTAIN_CREDENTIAL, .status = 400, .body = "{\"error\":\"issuance_pending\"}" },
    };

    (void)state;
    assert_int_equal(run_with(replies, 1), CARNET_E_OAUTH_REFUSED);
    assert_int_equal(p.waited, 0);
}

int
main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH(metadata_are_looked_for_behind_the_path_as_well),
        WITH(what_lies_nowhere_is_not_looked_for_without_end),
        WITH(metadata_of_another_issuer_are_refused_wherever_they_lie),
        WITH(a_nonce_of_the_token_answer_is_proved_with),
        WITH(a_nonce_of_the_refusal_is_tried_once),
        WITH(where_there_is_a_nonce_endpoint_other_nonces_are_not_taken),
        WITH(without_any_nonce_there_is_none_in_the_proof),
        WITH(a_server_that_refuses_who_is_not_attested_is_shown_an_attestation),
        WITH(nobody_else_is_shown_an_attestation),
        WITH(a_server_that_refuses_who_shows_no_key_is_shown_one),
        WITH(a_server_that_refuses_the_attested_as_well_is_given_up),
        WITH(an_issuer_that_knows_no_identifiers_is_asked_by_type),
        WITH(an_issuer_of_1_0_is_not_asked_in_another_way),
        WITH(a_refusal_in_either_way_is_the_end),
        WITH(one_credential_may_stand_by_itself),
        WITH(that_it_is_not_ready_may_be_said_by_an_error),
        WITH(it_is_not_pending_before_it_was_put_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
