/* SPDX-License-Identifier: Apache-2.0 */
/* What the identity provider sends out: pings and outcomes to relying parties, pushes to devices; and evidence of terminals that
 * nobody knows. */
#include "world.h"

#include "carnet/backchannel.h"
#include "carnet/http_service.h"
#include "carnet/identity_token.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static carnet_service *listener;
static carnet_crypto crypto;
static char url[2][64], got[8192], bearer[128];
static atomic_uint received;
static int answers; /* the status it gives */

static carnet_rc
fill(void *self, uint8_t *out, size_t len)
{
    const carnet_random random = carnet_crypto_random(&crypto);

    (void)self;
    return carnet_random_fill(&random, out, len, NULL);
}

static carnet_rc
take(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_str field = carnet_service_header(request, "Authorization");

    (void)self;
    (void)err;
    (void)snprintf(got, sizeof(got), "%.*s", (int)request->body.len, (const char *)request->body.ptr);
    (void)snprintf(bearer, sizeof(bearer), "%.*s", (int)field.len, field.len != 0 ? field.ptr : "");
    atomic_fetch_add(&received, 1);
    response->status = answers;
    return CARNET_OK;
}

static const carnet_service_route routes[] = {
    { .method = CARNET_SERVICE_POST, .name = "party", .path = "/party", .run = take, .body_max = 65536 },
    { .method = CARNET_SERVICE_POST, .name = "gateway", .path = "/gateway", .run = take, .body_max = 65536 },
};

static int
begin(void **state)
{
    const carnet_service_config config = {
        .address = "127.0.0.1", .routes = routes, .route_count = CARNET_COUNT(routes), .random = { fill, NULL }
    };

    if (carnet_crypto_init(&crypto, NULL) != CARNET_OK || world_begin(state) != 0 ||
        carnet_service_start(&config, &listener, NULL) != CARNET_OK)
        return -1;
    (void)snprintf(url[0], sizeof(url[0]), "http://127.0.0.1:%u/party", carnet_service_port(listener));
    (void)snprintf(url[1], sizeof(url[1]), "http://127.0.0.1:%u/gateway", carnet_service_port(listener));
    w.config.allow_insecure_loopback = true;
    w.friends[0].notify_url = url[0];
    answers = 204;
    atomic_store(&received, 0);
    got[0] = bearer[0] = '\0';
    return 0;
}

static int
end(void **state)
{
    int status;

    carnet_service_stop(&listener, 1000);
    status = world_end(state);
    carnet_crypto_done(&crypto);
    return status;
}

/* What is due is sent; how many came. */
static unsigned
send_at(size_t at)
{
    carnet_service_worker *worker;
    const unsigned before = atomic_load(&received);
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_service_begin(w.contexts[at], NULL, &worker, &err), &err);
    assert_carnet_ok(
        carnet_identity_provider_part.job(carnet_service_part_find(w.parts[at], "identity_provider"), worker, &err),
        &err);
    return atomic_load(&received) - before;
}

#define NOTIFIED(mode) ",\"notify\":{\"mode\":\"" mode "\",\"token\":\"bearer-of-the-bank\"}"

static void
a_ping_says_that_there_is_news_and_not_which(void **state)
{
    (void)state;
    start(NOTIFIED("ping") TRANSACTION);
    assert_refused(200, 0);
    assert_int_equal(send_at(0), 0);
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    assert_int_equal(send_at(1), 1);
    assert_string_equal(bearer, "Bearer bearer-of-the-bank");
    assert_non_null(strstr(got, w.session));
    assert_null(strstr(got, "\"vot\""));
    assert_null(strstr(got, "\"identityToken\""));
    w.now += 120;
    assert_int_equal(send_at(0), 0);
}

static void
a_push_brings_what_asking_would(void **state)
{
    (void)state;
    start(NOTIFIED("push") VTR("\"Cf.Cg.Cj.Co\"") TRANSACTION);
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    assert_int_equal(send_at(0), 1);
    assert_non_null(strstr(got, "\"vot\":\"Cb.Ce.Cf.Cg.Ci.Cj.Cn.Co\""));
    assert_non_null(strstr(got, "identityTokenSignature"));
    assert_non_null(strstr(got, "\"carrier\""));
}

static void
what_was_not_received_is_sent_again_until_it_is_over(void **state)
{
    unsigned times = 0;

    (void)state;
    answers = 503;
    start(NOTIFIED("push"));
    w.alice.approves = CARNET_DEVICE_DECLINED;
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_CANCELLED);
    assert_int_equal(send_at(0), 1);
    assert_int_equal(send_at(1), 0); /* not yet again */
    w.now += 3;
    assert_int_equal(send_at(1), 1);
    for (int i = 0; i < 10; i++) {
        w.now += 61;
        times += send_at(i % 2 == 0 ? 0 : 1);
    }
    assert_in_range(times, 3, 5);
    answers = 204;
    assert_int_equal(send_at(0), 0);
}

static void
received_once_is_enough(void **state)
{
    (void)state;
    answers = 500;
    start(NOTIFIED("ping"));
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    assert_int_equal(send_at(0), 1);
    answers = 204;
    w.now += 3;
    assert_int_equal(send_at(1), 1);
    w.now += 61;
    assert_int_equal(send_at(0) + send_at(1), 0);
    w.now += 120; /* when it would have run out */
    assert_int_equal(send_at(0) + send_at(1), 0);
}

static void
that_nobody_answered_is_told_when_the_time_is_over(void **state)
{
    (void)state;
    start(NOTIFIED("push"));
    w.now += 119;
    assert_int_equal(send_at(0), 0);
    w.now++;
    assert_int_equal(send_at(1), 1);
    assert_non_null(strstr(got, "\"EXPIRED\""));
    w.now += 120;
    assert_int_equal(send_at(0) + send_at(1), 0);
}

static void
a_party_that_cancels_is_not_told(void **state)
{
    (void)state;
    start(NOTIFIED("ping"));
    ask(BANK, "/enterprise/CancelSession", "{\"sessionId\":\"%s\"}", w.session);
    assert_refused(200, 0);
    assert_int_equal(send_at(0), 0);
    w.now += 121;
    assert_int_equal(send_at(0), 0);
}

static void
a_push_to_a_device_says_no_more_than_which_session(void **state)
{
    (void)state;
    w.provider.push_url = url[1];
    w.alice.push = "token-of-the-platform";
    assert_int_equal(enrol(&w.alice, w.user, NULL), 200);
    start(TRANSACTION);
    assert_int_equal(send_at(0), 1);
    assert_non_null(strstr(got, "token-of-the-platform"));
    assert_non_null(strstr(got, w.session));
    assert_null(strstr(got, "ATM00001"));
    assert_null(strstr(got, "Withdraw"));
    assert_null(strstr(got, w.user));
    start(",\"sessionType\":\"POLL\"");
    assert_int_equal(send_at(0), 0);
}

/* --- CIBA --- */

static void
registered(const char *mode)
{
    w.friends[0].backchannel_mode = (char *)(uintptr_t)mode;
    w.friends[0].backchannel_url = strcmp(mode, "poll") == 0 ? NULL : url[1];
}

static void
authorize(const char *more)
{
    char form[512];

    (void)snprintf(form, sizeof(form), "scope=openid&login_hint=%s%s", w.user, more);
    ask_form("/bc-authorize", form);
    w.session[0] = '\0';
    if (w.reply.status == 200)
        member("auth_req_id", w.session, sizeof(w.session));
}

static void
ask_token(void)
{
    char form[128];

    (void)snprintf(form, sizeof(form), "grant_type=urn%%3Aopenid%%3Aparams%%3Agrant-type%%3Aciba&auth_req_id=%s",
                   w.session);
    ask_form("/token", form);
}

#define BEARER "&client_notification_token=8d67dc78-7faa-4d41-aabd-67707b374255"

static void
a_client_that_is_pinged_is_told_to_ask(void **state)
{
    carnet_backchannel_ping ping;
    carnet_err err = { 0 };

    (void)state;
    registered("ping");
    authorize(BEARER "&binding_message=K7Q2");
    assert_int_equal(w.reply.status, 200);
    ask_token();
    assert_string_equal(w.reply.text, "authorization_pending");
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    assert_int_equal(send_at(0), 1);
    assert_string_equal(bearer, "Bearer 8d67dc78-7faa-4d41-aabd-67707b374255");
    assert_carnet_ok(carnet_backchannel_ping_read(carnet_str_of(got), &ping, &err), &err);
    assert_str_is(ping.auth_req_id, w.session);
    carnet_backchannel_ping_close(&ping);
    assert_int_equal(strlen(got), strlen("{\"auth_req_id\":\"\"}") + strlen(w.session)); /* and no more */
    ask_token();
    assert_int_equal(w.reply.status, 200);
    assert_true(said("\"token_type\":\"Bearer\""));
    assert_null(strstr(w.log, "8d67dc78"));
}

static void
a_client_that_is_pushed_to_gets_its_tokens(void **state)
{
    static uint8_t room[8192];
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_identity_token_expected expected = { .issuer = carnet_str_of("https://idp.example"),
                                                .audience = carnet_str_of("bank"),
                                                .certificate = carnet_span_of(w.party_der[BANK], w.party_len[BANK]),
                                                .now = NOW };
    carnet_backchannel_tokens tokens;
    carnet_identity_token token;
    carnet_span part;
    uint8_t hash[32], half_octets[32];
    carnet_buf half = carnet_buf_of(half_octets, sizeof(half_octets));
    carnet_err err = { 0 };

    (void)state;
    registered("push");
    authorize(BEARER);
    assert_int_equal(w.reply.status, 200);
    w.at = 1;
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    w.at = 0;
    assert_int_equal(send_at(0), 1);
    assert_string_equal(bearer, "Bearer 8d67dc78-7faa-4d41-aabd-67707b374255");
    assert_carnet_ok(carnet_backchannel_tokens_read(carnet_str_of(got), &tokens, &err), &err);
    assert_str_is(tokens.auth_req_id, w.session);
    assert_str_is(tokens.token_type, "Bearer");
    assert_int_equal(tokens.expires_in, 300);
    assert_false(carnet_str_equal(tokens.access_token, tokens.id_token));
    /* The ID token is bound to the session and to the access token beside it (CIBA 10.3.1). */
    assert_carnet_ok(
        carnet_identity_token_open(tokens.id_token, &expected, &w.signer, &w.crypto, &storage, &token, &err), &err);
    assert_str_is(token.auth_req_id, w.session);
    part = carnet_str_bytes(tokens.access_token);
    assert_carnet_ok(carnet_digest(&w.crypto, CARNET_SHA256, &part, 1, hash, &err), &err);
    carnet_base64url_encode(carnet_span_of(hash, 16), &half);
    assert_true(carnet_str_equal(token.at_hash, carnet_buf_str(&half)));
    carnet_identity_token_close(&token);
    carnet_backchannel_tokens_close(&tokens);
    /* Nor does it ask for them (CIBA 10.3). */
    ask_token();
    assert_string_equal(w.reply.text, "unauthorized_client");
    assert_null(strstr(w.log, "8d67dc78"));
    assert_null(strstr(w.log, "eyJ"));
    assert_null(strstr(w.log, w.session));
}

static void
pushed(const char *wanted)
{
    carnet_backchannel_error error;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_backchannel_error_read(carnet_str_of(got), &error, &err), &err);
    assert_str_is(error.error, wanted);
    assert_str_is(error.auth_req_id, w.session);
    carnet_backchannel_error_close(&error);
}

static void
a_client_that_is_pushed_to_hears_of_a_refusal(void **state)
{
    (void)state;
    registered("push");
    w.alice.approves = CARNET_DEVICE_DECLINED;
    authorize(BEARER);
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_CANCELLED);
    assert_int_equal(send_at(1), 1);
    pushed("access_denied");
    authorize(BEARER);
    ask_phone(&w.alice, "/enterprise/CancelSession", "{\"sessionId\":\"%s\"}", w.session);
    assert_refused(200, 0);
    assert_int_equal(send_at(0), 1);
    pushed("access_denied");
    w.now += 121;
    assert_int_equal(send_at(0) + send_at(1), 0);
}

static void
a_client_that_is_pushed_to_hears_that_nobody_answered(void **state)
{
    (void)state;
    registered("push");
    authorize(BEARER);
    assert_int_equal(w.reply.status, 200);
    w.now += 119;
    assert_int_equal(send_at(0), 0);
    w.now++;
    answers = 503;
    assert_int_equal(send_at(0), 1);
    assert_int_equal(send_at(1), 0); /* not yet again */
    answers = 204;
    w.now += 3;
    assert_int_equal(send_at(1), 1);
    assert_string_equal(bearer, "Bearer 8d67dc78-7faa-4d41-aabd-67707b374255");
    pushed("expired_token");
    w.now += 61;
    assert_int_equal(send_at(0) + send_at(1), 0);
    registered("ping");
    authorize(BEARER);
    w.now += 120;
    assert_int_equal(send_at(1), 1);
    ask_token();
    assert_string_equal(w.reply.text, "expired_token");
}

static void
a_client_that_is_pushed_to_hears_what_went_wrong(void **state)
{
    (void)state;
    registered("push");
    memset(w.alice.enrolment.intrusion_key, 7, sizeof(w.alice.enrolment.intrusion_key));
    authorize(BEARER);
    (void)approve(&w.alice, w.session);
    assert_int_equal(send_at(0), 1);
    pushed("transaction_failed");
    authorize(BEARER); /* nobody will be able to answer it */
    authorize(BEARER);
    (void)approve(&w.alice, w.session);
    assert_refused(403, 303); /* the device is blocked */
    assert_int_equal(send_at(1), 2);
    assert_non_null(strstr(got, "\"transaction_failed\""));
    w.now += 121;
    assert_int_equal(send_at(0) + send_at(1), 0);
}

static void
a_client_is_told_as_it_is_registered(void **state)
{
    (void)state;
    registered("poll");
    authorize(BEARER); /* of no use, and no harm */
    assert_int_equal(w.reply.status, 200);
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    assert_int_equal(send_at(0), 0);
    ask_token();
    assert_true(said("\"id_token\""));
    registered("push");
    authorize("");
    assert_string_equal(w.reply.text, "invalid_request");
    authorize("&client_notification_token=no%20bearer");
    assert_string_equal(w.reply.text, "invalid_request");
}

#define EVIDENCE                                                                                                       \
    "{\"sessionId\":\"%s\",\"terminalId\":\"ATM00001\",\"terminalSession\":\"AAAA\",\"mdoc\":{\"deviceResponse\":"     \
    "\"oA\",\"sessionTranscript\":\"gA\"},\"readerSignature\":\"AAAA\"}"

static void
a_terminal_without_a_known_reader_brings_no_evidence(void **state)
{
    (void)state;
    start(TRANSACTION);
    ask(SHOP, "/enterprise/SubmitEvidence", EVIDENCE, w.session);
    assert_refused(404, 903);
    ask(BANK, "/enterprise/SubmitEvidence", EVIDENCE, w.session);
    assert_refused(403, 141);
    ask(BANK, "/enterprise/SubmitEvidence", "{}");
    assert_refused(400, 101);
    w.now += 121;
    ask(BANK, "/enterprise/SubmitEvidence", EVIDENCE, w.session);
    assert_refused(409, 111);
}

int
main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_ping_says_that_there_is_news_and_not_which),
        TEST(a_push_brings_what_asking_would),
        TEST(what_was_not_received_is_sent_again_until_it_is_over),
        TEST(received_once_is_enough),
        TEST(that_nobody_answered_is_told_when_the_time_is_over),
        TEST(a_party_that_cancels_is_not_told),
        TEST(a_push_to_a_device_says_no_more_than_which_session),
        TEST(a_terminal_without_a_known_reader_brings_no_evidence),
        TEST(a_client_that_is_pinged_is_told_to_ask),
        TEST(a_client_that_is_pushed_to_gets_its_tokens),
        TEST(a_client_that_is_pushed_to_hears_of_a_refusal),
        TEST(a_client_that_is_pushed_to_hears_that_nobody_answered),
        TEST(a_client_that_is_pushed_to_hears_what_went_wrong),
        TEST(a_client_is_told_as_it_is_registered),
    };

    return world_run(argc, argv, tests, CARNET_COUNT(tests));
}
