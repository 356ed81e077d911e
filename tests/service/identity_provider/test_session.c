/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions of the identity provider: from their start to their use, at two instances of one store. */
#include "world.h"

#include "carnet/bops_session_status.h"
#include "carnet/identity_token.h"
#include "carnet/vector_carrier.h"

#include <stdio.h>
#include <string.h>

#define HIGH VTR("\"Cf.Cg.Cj.Co\"") TRANSACTION

static void
a_withdrawal_is_authenticated_at_the_highest_level(void **state)
{
    char text[64];

    (void)state;
    start(HIGH);
    assert_int_equal(w.reply.status, 200);
    assert_true(said("\"method\":\"FINGERPRINT\""));
    assert_false(said("\"method\":\"IRIS\"")); /* not attested */
    status_is(w.session, "OPPORTUNITY");
    w.at = 1;
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    w.at = 0;
    status_is(w.session, "AUTHENTICATED");
    member("vot", text, sizeof(text));
    assert_string_equal(text, "Cb.Ce.Cf.Cg.Ci.Cj.Cn.Co");
    member("aal", text, sizeof(text));
    assert_string_equal(text, "3");
}

static void
the_token_is_bound_to_party_transaction_and_certificate(void **state)
{
    static uint8_t room[8192];
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_bops_session_status status;
    carnet_identity_token token;
    carnet_identity_token_expected expected = { .issuer = carnet_str_of("https://idp.example"),
                                                .audience = carnet_str_of("bank"),
                                                .now = NOW };
    carnet_err err = { 0 };

    (void)state;
    start(HIGH);
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    status_is(w.session, "AUTHENTICATED");
    assert_carnet_ok(carnet_bops_session_status_read(carnet_str_of(w.reply.text), &status, &err), &err);
    expected.session_id = carnet_str_of(w.session);
    expected.certificate = carnet_span_of(w.party_der[BANK], w.party_len[BANK]);
    assert_carnet_ok(carnet_identity_token_open(status.token, &expected, &w.signer, &w.crypto, &storage, &token, &err),
                     &err);
    assert_str_is(token.transaction.ref, "ST1");
    assert_str_is(token.transaction.terminal, "ATM00001");
    assert_false(carnet_str_is(token.subject, w.user));
    carnet_identity_token_close(&token);
    expected.certificate = carnet_span_of(w.party_der[SHOP], w.party_len[SHOP]);
    storage.len = 0;
    assert_int_equal(carnet_identity_token_open(status.token, &expected, &w.signer, &w.crypto, &storage, &token, &err),
                     CARNET_E_IDENTITY_TOKEN_BINDING);
    carnet_bops_session_status_close(&status);
}

static void
the_carrier_is_bound_to_amount_and_terminal(void **state)
{
    carnet_bops_session_status status;
    carnet_carrier_binding binding = { carnet_str_of("000000020000"), carnet_str_of("840"), carnet_str_of("ATM00001") };
    carnet_err err = { 0 };

    (void)state;
    start(HIGH);
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    status_is(w.session, "AUTHENTICATED");
    assert_carnet_ok(carnet_bops_session_status_read(carnet_str_of(w.reply.text), &status, &err), &err);
    {
        carnet_vector_carrier c = { .present = CARNET_CARRIER_VECTOR | CARNET_CARRIER_SESSION |
                                               CARNET_CARRIER_REFERENCE | CARNET_CARRIER_AUTH_TIME |
                                               CARNET_CARRIER_EXPIRY | CARNET_CARRIER_KEY_ID | CARNET_CARRIER_SIGNATURE,
                                    .vector = status.carrier.vot,
                                    .reference = carnet_str_of("ST1"),
                                    .auth_time = (uint32_t)status.carrier.auth_time,
                                    .expiry = (uint32_t)status.carrier.expiry,
                                    .key_id = status.carrier.key_id };
        carnet_buf session = carnet_buf_of(c.session, 16), signature = carnet_buf_of(c.signature, 64);

        assert_carnet_ok(carnet_base64url_decode(carnet_str_of(w.session), &session, &err), &err);
        assert_carnet_ok(carnet_base64url_decode(status.carrier.signature, &signature, &err), &err);
        assert_carnet_ok(carnet_carrier_verify(&c, &binding, &w.signer, &w.crypto, &err), &err);
        binding.amount = carnet_str_of("000000020001");
        assert_int_equal(carnet_carrier_verify(&c, &binding, &w.signer, &w.crypto, &err), CARNET_E_CRYPTO_SIGNATURE);
    }
    carnet_bops_session_status_close(&status);
}

static void
freshness_goes_and_the_active_period_ends(void **state)
{
    char text[64];

    (void)state;
    start(VTR("\"Cg.Ci\"") ",\"maxAge\":30");
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    status_is(w.session, "AUTHENTICATED");
    assert_true(said("\"vtrSatisfied\":0"));
    w.now += 31;
    status_is(w.session, "AUTHENTICATED");
    member("vot", text, sizeof(text));
    assert_null(strstr(text, "Ci"));
    assert_false(said("\"vtrSatisfied\":0"));
    w.now += 270;
    status_is(w.session, "EXPIRED");
    assert_false(said("\"vot\""));
    ask(BANK, "/enterprise/ConsumeSession", "{\"sessionId\":\"%s\"}", w.session);
    assert_refused(409, 111);
}

static void
a_session_is_used_once_for_its_own_transaction(void **state)
{
    (void)state;
    start(HIGH);
    ask(BANK, "/enterprise/ConsumeSession", "{\"sessionId\":\"%s\",\"ref\":\"ST1\"}", w.session);
    assert_refused(409, 111);
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    ask(BANK, "/enterprise/ConsumeSession", "{\"sessionId\":\"%s\",\"ref\":\"ST2\"}", w.session);
    assert_refused(400, 101);
    ask(BANK, "/enterprise/ConsumeSession", "{\"sessionId\":\"%s\",\"ref\":\"ST1\"}", w.session);
    assert_refused(200, 0);
    w.at = 1;
    ask(BANK, "/enterprise/ConsumeSession", "{\"sessionId\":\"%s\",\"ref\":\"ST1\"}", w.session);
    assert_refused(409, 907);
    status_is(w.session, "CONSUMED");
    assert_false(said("\"vot\""));
}

static void
a_repeated_request_opens_one_session(void **state)
{
    char first[CARNET_BOPS_SESSION + 1], more[64];

    (void)state;
    (void)snprintf(more, sizeof(more), ",\"requestId\":\"%s\"", w.request);
    start(more);
    memcpy(first, w.session, sizeof(first));
    w.at = 1;
    start(more);
    assert_string_equal(w.session, first);
    (void)snprintf(more, sizeof(more), ",\"requestId\":\"%s\",\"aal\":1", w.request);
    start(more);
    assert_refused(409, 904);
}

static void
a_session_is_told_to_its_own_party_alone(void **state)
{
    static const char *const paths[] = { "/enterprise/GetSessionStatus", "/enterprise/ConsumeSession",
                                         "/enterprise/CancelSession" };

    (void)state;
    start(HIGH);
    for (size_t i = 0; i < CARNET_COUNT(paths); i++) {
        ask(SHOP, paths[i], "{\"sessionId\":\"%s\",\"ref\":\"ST1\"}", w.session);
        assert_refused(404, 903);
        ask(STRANGER, paths[i], "{\"sessionId\":\"%s\",\"ref\":\"ST1\"}", w.session);
        assert_int_equal(w.reply.status, 403);
        ask(BANK_OTHER_KEY, paths[i], "{\"sessionId\":\"%s\",\"ref\":\"ST1\"}", w.session);
        assert_int_equal(w.reply.status, 403);
        ask(NOBODY, paths[i], "{\"sessionId\":\"%s\",\"ref\":\"ST1\"}", w.session);
        assert_refused(403, 141);
    }
    ask(BANK, "/enterprise/GetSessionStatus", "{\"sessionId\":\"AAAAAAAAAAAAAAAAAAAAAA\"}");
    assert_refused(404, 903);
    status_is(w.session, "OPPORTUNITY");
}

static void
a_session_waits_no_longer_than_it_may(void **state)
{
    (void)state;
    start(",\"requestedExpiry\":60");
    w.now += 61;
    status_is(w.session, "EXPIRED");
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_STATUS_NONE);
    assert_refused(409, 111);
    start(",\"requestedExpiry\":60");
    {
        const char *answer = answer_of(&w.alice, w.session);

        w.now += 61;
        ask_phone(&w.alice, "/enterprise/AuthenticationResponse", "%s", answer);
        assert_refused(409, 111);
    }
    status_is(w.session, "EXPIRED");
}

static void
a_cancelled_session_is_over(void **state)
{
    (void)state;
    start("");
    ask(BANK, "/enterprise/CancelSession", "{\"sessionId\":\"%s\"}", w.session);
    assert_refused(200, 0);
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_STATUS_NONE);
    assert_refused(409, 111);
    start("");
    ask_phone(&w.alice, "/enterprise/CancelSession", "{\"sessionId\":\"%s\"}", w.session);
    assert_refused(200, 0);
    status_is(w.session, "CANCELLED");
    start("");
    w.alice.approves = CARNET_DEVICE_DECLINED;
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_CANCELLED);
    status_is(w.session, "CANCELLED");
    assert_true(said("by_user"));
}

static void
what_cannot_be_asked_for_is_refused_at_once(void **state)
{
    (void)state;
    start(VTR("\"Cg Cj\""));
    assert_refused(400, 901);
    start(VTR("\"P1.Cg\""));
    assert_refused(400, 901);
    start(",\"vtr\":[\"Cg\"],\"vtm\":\"https://elsewhere.example\"");
    assert_refused(400, 901);
    start(",\"vtr\":[\"Cg\"]");
    assert_refused(400, 901);
    start(VTR("\"Cx\""));
    assert_refused(422, 902);
    start(VTR("\"Cm.Cg\"") ",\"parentSession\":\"AAAAAAAAAAAAAAAAAAAAAA\"");
    assert_refused(404, 903);
    start(",\"notify\":{\"mode\":\"ping\"}");
    assert_refused(400, 101);
    ask(BANK, "/enterprise/AuthenticationStart", "{\"userId\":\"nobody\",\"deviceId\":\"x\"}");
    assert_refused(404, 145);
    ask(BANK, "/enterprise/AuthenticationStart", "{\"userId\":\"%s\",\"deviceId\":\"x\"}", w.user);
    assert_refused(404, 118);
    ask(BANK, "/enterprise/AuthenticationStart", "{\"userId\":\"alice\",\"userId\":\"bob\",\"deviceId\":\"x\"}");
    assert_refused(400, 101);
    ask(BANK, "/enterprise/AuthenticationStart", "not JSON");
    assert_refused(400, 101);
    assert_int_equal(w.session[0], '\0');
}

static void
open_sessions_are_few(void **state)
{
    (void)state;
    start(HIGH);
    start(HIGH);
    assert_refused(429, 906); /* the transaction has one */
    start("");
    start("");
    start("");
    assert_refused(429, 906);
    w.now += 121;
    start("");
    assert_refused(200, 0);
}

static void
a_step_up_follows_its_own_session(void **state)
{
    char parent[CARNET_BOPS_SESSION + 1], more[256], text[64];

    (void)state;
    w.alice.matches = CARNET_DEVICE_UNABLE;
    start(VTR("\"Ce\""));
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    memcpy(parent, w.session, sizeof(parent));
    w.alice.matches = CARNET_DEVICE_DONE;
    (void)snprintf(more, sizeof(more), VTR("\"Cf.Cg.Cm.Co\"") ",\"parentSession\":\"%s\"", parent);
    ask(SHOP, "/enterprise/AuthenticationStart", "{\"userId\":\"%s\",\"deviceId\":\"%s\"%s}", w.user,
        w.alice.enrolment.device_id, more);
    assert_refused(404, 903);
    start(more);
    assert_refused(200, 0);
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    status_is(w.session, "AUTHENTICATED");
    member("vot", text, sizeof(text));
    assert_non_null(strstr(text, "Cm"));
    w.now += 700;
    start(more);
    assert_refused(409, 111);
}

static void
polling_too_often_is_slowed_down(void **state)
{
    unsigned slowed = 0;

    (void)state;
    start("");
    for (unsigned i = 0; i < 12; i++) {
        ask(BANK, "/enterprise/GetSessionStatus", "{\"sessionId\":\"%s\"}", w.session);
        slowed += w.reply.code == 905;
    }
    assert_int_equal(slowed, 2);
    w.now += 2;
    status_is(w.session, "OPPORTUNITY");
}

static void
keys_and_metadata_are_for_everybody(void **state)
{
    (void)state;
    ask_as((carnet_span){ 0 }, "/keys", NULL);
    assert_true(said("\"kid\":\"signer\""));
    ask_as((carnet_span){ 0 }, "/p1940-configuration", NULL);
    assert_true(said("\"issuer\":\"https://idp.example\""));
}

static void
where_nobody_can_log_in_operators_have_no_pages(void **state)
{
    void *self = carnet_service_part_find(w.parts[0], "identity_provider");
    size_t pages = 0;

    (void)state;
    for (size_t i = 0; i < carnet_identity_provider_part.route_count; i++) {
        const carnet_service_route *route = carnet_identity_provider_part.routes[i].route;
        const carnet_service_request request = { .method = route->method, .identifier = "AAAAAAAAAAAAAAAAAAAAAA" };
        carnet_service_response response = { 0 };

        if (strcmp(route->path, "/identity") != 0)
            continue;
        assert_carnet_rc(route->run(self, &request, &response, NULL), CARNET_E_SERVICE_PATH);
        pages++;
    }
    assert_int_equal(pages, 2);
}

int
main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, world_begin, world_end)
    const struct CMUnitTest tests[] = {
        TEST(a_withdrawal_is_authenticated_at_the_highest_level),
        TEST(the_token_is_bound_to_party_transaction_and_certificate),
        TEST(the_carrier_is_bound_to_amount_and_terminal),
        TEST(freshness_goes_and_the_active_period_ends),
        TEST(a_session_is_used_once_for_its_own_transaction),
        TEST(a_repeated_request_opens_one_session),
        TEST(a_session_is_told_to_its_own_party_alone),
        TEST(a_session_waits_no_longer_than_it_may),
        TEST(a_cancelled_session_is_over),
        TEST(what_cannot_be_asked_for_is_refused_at_once),
        TEST(open_sessions_are_few),
        TEST(a_step_up_follows_its_own_session),
        TEST(polling_too_often_is_slowed_down),
        TEST(keys_and_metadata_are_for_everybody),
        TEST(where_nobody_can_log_in_operators_have_no_pages),
    };

    return world_run(argc, argv, tests, CARNET_COUNT(tests));
}
