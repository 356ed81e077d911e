/* SPDX-License-Identifier: Apache-2.0 */
/* What takes more than one request: offers, deferred issuances, notifications, refreshed grants. */
#include "world.h"

#include "carnet/credential_offer.h"
#include "carnet/credential_request.h"
#include "carnet/json.h"
#include "carnet/store_grant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define JSON "application/json"

static wallet me;
static char nonce[128];
static carnet_key keys[BATCH];

static int
begin(void **state)
{
    world *w = world_get();

    (void)state;
    if (w->pid == 0) {
        world_make(w);
        world_start(w);
    }
    wallet_open(w, &me);
    make_keys(&me, keys, CARNET_COUNT(keys));
    return 0;
}

static int
end(void **state)
{
    (void)state;
    drop_keys(keys, CARNET_COUNT(keys));
    wallet_close(&me);
    return 0;
}

static carnet_str
body_of(const wallet *w)
{
    return carnet_buf_str(&w->answer.body);
}

/* POST {"member":"value","event":"..."}; without event if that is NULL. */
static void
post(const char *path, const char *member, const char *value, const char *event)
{
    char body[512];

    (void)snprintf(body, sizeof(body), "{\"%s\":\"%s\"%s%s%s}", member, value, event == NULL ? "" : ",\"event\":\"",
                   event == NULL ? "" : event, event == NULL ? "" : "\"");
    assert_true(wallet_post(&me, path, JSON, body));
}

/* --- offers --- */

static void
an_offer_is_got_by_reference_until_it_is_redeemed(void **state)
{
    static uint8_t room[8192];
    char link[1024], path[512], code[128];
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_credential_offer_link view;
    carnet_credential_offer offer;
    carnet_err err = { 0 };
    wallet other;

    (void)state;
    assert_true(
        wallet_admin(&me, "/admin/offers",
                     "{\"credential_configuration_ids\":[\"mdl\",\"once\"],\"subject\":\"anna\",\"tx_code\":true,"
                     "\"tx_code_description\":\"by post\"}"));
    assert_int_equal(me.answer.status, 201);
    assert_int_equal(strlen(wallet_text(&me, "tx_code")), 6);
    (void)snprintf(link, sizeof(link), "%s", wallet_text(&me, "uri_by_reference"));
    assert_carnet_ok(carnet_credential_offer_link_open(carnet_str_of(link), true, &storage, &view, &err), &err);
    assert_true(view.uri.len > strlen(me.w->base));
    (void)snprintf(path, sizeof(path), "%.*s", (int)(view.uri.len - strlen(me.w->base)),
                   view.uri.ptr + strlen(me.w->base));
    assert_true(wallet_get(&me, path, JSON));
    assert_int_equal(me.answer.status, 200);
    assert_carnet_ok(carnet_credential_offer_open(body_of(&me), true, &offer, &err), &err);
    assert_int_equal(offer.configuration_count, 2);
    assert_true(offer.tx_code.required && !offer.tx_code.text && offer.tx_code.length == 6);
    assert_str_is(offer.tx_code.description, "by post");
    (void)snprintf(code, sizeof(code), "%.*s", (int)offer.pre_authorized_code.len, offer.pre_authorized_code.ptr);
    carnet_credential_offer_done(&offer);
    assert_true(wallet_get(&me, "/offers/bm90LWFuLW9mZmVy", JSON));
    assert_refused(&me, 404, "not_found");
    wallet_open(world_get(), &other);
    wallet_grant(&other, "\"mdl\"", "anna"); /* another one; this one is there still */
    wallet_close(&other);
    assert_true(wallet_get(&me, path, JSON));
    assert_int_equal(me.answer.status, 200);
}

static void
offers_that_cannot_be_kept_are_not_made(void **state)
{
    static const struct {
        const char *what, *body;
        unsigned status;
    } cases[] = {
        { "no JSON", "{", 400 },
        { "an unknown member", "{\"credential_configuration_ids\":[\"mdl\"],\"subject\":\"a\",\"x\":1}", 400 },
        { "no documents", "{\"credential_configuration_ids\":[],\"subject\":\"anna\"}", 400 },
        { "an unknown document", "{\"credential_configuration_ids\":[\"x\"],\"subject\":\"anna\"}", 400 },
        { "a document twice", "{\"credential_configuration_ids\":[\"mdl\",\"mdl\"],\"subject\":\"anna\"}", 400 },
        { "for nobody", "{\"credential_configuration_ids\":[\"mdl\"]}", 404 },
        { "for longer than allowed",
          "{\"credential_configuration_ids\":[\"mdl\"],\"subject\":\"anna\",\"expires_in\":99999999}", 400 },
        { "an unknown grant",
          "{\"credential_configuration_ids\":[\"mdl\"],\"subject\":\"anna\",\"grants\":[\"implicit\"]}", 400 },
        { "no grant at all", "{\"credential_configuration_ids\":[\"mdl\"],\"subject\":\"anna\",\"grants\":[]}", 400 },
        { "claims of no such document",
          "{\"credential_configuration_ids\":[\"mdl\"],\"subject\":\"z\",\"claims\":{\"family_name\":\"Z\"}}", 400 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        print_message("# %s\n", cases[i].what);
        assert_true(wallet_admin(&me, "/admin/offers", cases[i].body));
        if (me.answer.status != cases[i].status)
            fail_msg("%u %.200s", me.answer.status, (const char *)me.answer.body.ptr);
        assert_true(wallet_text(&me, "error_description")[0] != '\0');
    }
}

static void
offers_are_made_at_the_admins_listener_only(void **state)
{
    wallet other;

    (void)state;
    wallet_open(world_get(), &other);
    wallet_grant(&other, "\"mdl\"", "anna");
    assert_true(wallet_post(&other, "/admin/offers", JSON, "{}"));
    assert_int_equal(other.answer.status, 404);
    wallet_close(&other);
}

/* --- deferred --- */

typedef struct finding {
    int64_t id;
    size_t count;
} finding;

static bool
take_deferred(void *self, const carnet_store_deferred *deferred)
{
    finding *f = self;

    f->id = deferred->id;
    f->count++;
    return true;
}

static carnet_rc
find_deferred(void *arg, carnet_store_session *session, carnet_err *err)
{
    *(finding *)arg = (finding){ 0 };
    return carnet_store_deferred_list(session, 10, take_deferred, arg, err);
}

/* The record that waits; another's were decided. */
static int64_t
waiting(void)
{
    carnet_store *store = world_store(world_get());
    finding f;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_store_read(store, find_deferred, &f, &err), &err);
    carnet_store_close(&store);
    assert_int_equal(f.count, 1);
    return f.id;
}

static void
decide(const char *decision, unsigned status)
{
    char path[64];
    static int64_t last;

    if (status == 204)
        last = waiting();
    (void)snprintf(path, sizeof(path), "/admin/deferred/%lld", (long long)last);
    assert_true(wallet_admin(&me, path, decision));
    if (me.answer.status != status)
        fail_msg("%s: %u %.200s", path, me.answer.status, (const char *)me.answer.body.ptr);
}

static void
defer(char transaction[128])
{
    wallet_grant(&me, "\"later\"", "anna");
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "later", nonce, keys, 2));
    assert_int_equal(me.answer.status, 202);
    (void)snprintf(transaction, 128, "%s", wallet_text(&me, "transaction_id"));
    assert_true(transaction[0] != '\0');
    post("/deferred_credential", "transaction_id", transaction, NULL);
    assert_int_equal(me.answer.status, 202);
    assert_string_equal(wallet_text(&me, "transaction_id"), transaction);
}

/* The JSON of an answer that came encrypted. */
static carnet_json *
decrypted(carnet_key *key)
{
    static uint8_t room[65536];
    const carnet_credential_decryption_key ours = { carnet_str_of("w"), key };
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_json *json;
    carnet_err err = { 0 };
    carnet_str text;

    assert_carnet_ok(carnet_credential_message_decrypt(body_of(&me), &ours, 1, CARNET_CREDENTIAL_A256GCM, &me.crypto,
                                                       &storage, &text, &err),
                     &err);
    assert_carnet_ok(carnet_json_parse(text, &json, &err), &err);
    return json;
}

/* An order for one document whose answers are to be encrypted to `key`. */
static void
ask_encrypted(const carnet_key *key)
{
    static char text[8192], proof_room[4096];
    carnet_buf body = carnet_buf_of(text, sizeof(text) - 1), proof = carnet_buf_of(proof_room, sizeof(proof_room));
    carnet_credential_request *request = calloc(1, sizeof(*request));

    assert_non_null(request);
    wallet_prove(&me, &keys[0], me.w->base, nonce, (carnet_str){ 0 }, &proof);
    *request =
        (carnet_credential_request){ .credential_configuration_id = carnet_str_of("later"),
                                     .proof_kind = CARNET_PROOF_JWT,
                                     .proofs = { carnet_buf_str(&proof) },
                                     .proof_count = 1,
                                     .encryption = { .wanted = true,
                                                     .jwk = { .key = key->public_key, .key_id = carnet_str_of("w") },
                                                     .content = CARNET_AES_256_GCM } };
    assert_carnet_ok(carnet_credential_request_build(request, &body, NULL), NULL);
    text[body.len] = '\0';
    free(request);
    assert_true(wallet_post(&me, "/credential", JSON, text));
}

static void
that_it_takes_time_is_said_encrypted_too(void **state)
{
    char transaction[128];
    carnet_key key;
    carnet_json *json;

    (void)state;
    assert_carnet_ok(carnet_software_key_generate(&me.crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &key, NULL), NULL);
    wallet_grant(&me, "\"later\"", "anna");
    assert_true(wallet_nonce(&me, nonce));
    ask_encrypted(&key);
    assert_int_equal(me.answer.status, 202);
    json = decrypted(&key);
    (void)snprintf(transaction, sizeof(transaction), "%.*s",
                   (int)carnet_json_string(carnet_json_get(json, "transaction_id")).len,
                   carnet_json_string(carnet_json_get(json, "transaction_id")).ptr);
    carnet_json_free(&json);
    post("/deferred_credential", "transaction_id", transaction, NULL);
    assert_int_equal(me.answer.status, 202);
    json = decrypted(&key);
    assert_true(carnet_json_integer(carnet_json_get(json, "interval")) > 0);
    carnet_json_free(&json);
    decide("{\"decision\":\"release\"}", 204);
    post("/deferred_credential", "transaction_id", transaction, NULL);
    assert_int_equal(me.answer.status, 200);
    json = decrypted(&key);
    assert_int_equal(carnet_json_count(carnet_json_get(json, "credentials")), 1);
    carnet_json_free(&json);
    carnet_key_done(&key);
}

static void
what_is_deferred_comes_when_it_is_released(void **state)
{
    char transaction[128];

    (void)state;
    defer(transaction);
    assert_true(wallet_ask(&me, "later", nonce, keys, 2)); /* nonce and keys are used */
    assert_refused(&me, 400, "invalid_nonce");
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "later", nonce, keys, 1));
    assert_refused(&me, 400, "invalid_proof");
    decide("{\"decision\":\"release\"}", 204);
    decide("{\"decision\":\"release\"}", 409);
    decide("{\"decision\":\"perhaps\"}", 400);
    post("/deferred_credential", "transaction_id", transaction, NULL);
    wallet_assert_documents(&me, keys, 2);
    post("/deferred_credential", "transaction_id", transaction, NULL);
    assert_refused(&me, 400, "invalid_transaction_id");
}

static void
what_is_denied_never_comes(void **state)
{
    char transaction[128];

    (void)state;
    defer(transaction);
    decide("{\"decision\":\"deny\",\"reason\":\"data differ\"}", 204);
    post("/deferred_credential", "transaction_id", transaction, NULL);
    assert_refused(&me, 400, "credential_request_denied");
}

static void
a_transaction_is_its_grants_alone(void **state)
{
    char transaction[128];

    (void)state;
    defer(transaction);
    wallet_grant(&me, "\"later\"", "anna");
    post("/deferred_credential", "transaction_id", transaction, NULL);
    assert_refused(&me, 400, "invalid_transaction_id");
    post("/deferred_credential", "transaction_id", "bm8tc3VjaA", NULL);
    assert_refused(&me, 400, "invalid_transaction_id");
    post("/deferred_credential", "x", "", NULL);
    assert_refused(&me, 400, "invalid_credential_request");
    decide("{\"decision\":\"deny\"}", 204);
}

/* --- notifications --- */

static void
notifications_are_taken_once_and_repeated_without_harm(void **state)
{
    char notification[128];

    (void)state;
    wallet_grant(&me, "\"mdl\"", "anna");
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "mdl", nonce, keys, 1));
    (void)snprintf(notification, sizeof(notification), "%s", wallet_text(&me, "notification_id"));
    for (int i = 0; i < 2; i++) {
        post("/notification", "notification_id", notification, "credential_accepted");
        assert_int_equal(me.answer.status, 204);
    }
    post("/notification", "notification_id", notification, "credential_deleted");
    assert_int_equal(me.answer.status, 204);
    post("/notification", "notification_id", notification, "credential_loved");
    assert_refused(&me, 400, "invalid_notification_request");
    post("/notification", "notification_id", "bm8tc3VjaA", "credential_accepted");
    assert_refused(&me, 400, "invalid_notification_id");
    wallet_grant(&me, "\"mdl\"", "anna"); /* another grant's */
    post("/notification", "notification_id", notification, "credential_accepted");
    assert_refused(&me, 400, "invalid_notification_id");
}

/* --- issued again --- */

static void
a_refreshed_grant_gives_new_documents(void **state)
{
    char body[256];

    (void)state;
    wallet_grant(&me, "\"mdl\"", "anna");
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "mdl", nonce, keys, 1));
    wallet_assert_documents(&me, keys, 1);
    assert_true(me.refresh[0] != '\0');
    (void)snprintf(body, sizeof(body), "grant_type=refresh_token&refresh_token=%s", me.refresh);
    assert_true(wallet_form(&me, "/token", body));
    assert_int_equal(me.answer.status, 200);
    (void)snprintf(me.token, sizeof(me.token), "%s", wallet_text(&me, "access_token"));
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "mdl", nonce, keys + 1, 3));
    wallet_assert_documents(&me, keys + 1, 3);
}

static void
claims_that_came_with_the_offer_are_what_is_issued(void **state)
{
    (void)state;
    assert_true(wallet_redeem(
        &me,
        "{\"credential_configuration_ids\":[\"mdl\"],\"subject\":\"not-in-the-table\",\"claims\":{"
        "\"family_name\":\"Zett\",\"given_name\":\"Zoe\",\"birth_date\":\"1984-01-26\",\"issue_date\":\"2026-01-01\","
        "\"expiry_date\":\"2036-01-01\",\"issuing_country\":\"UT\",\"issuing_authority\":\"Utopia\","
        "\"document_number\":\"1\",\"portrait\":\"/9j/4AAAAAAAAA==\",\"driving_privileges\":[],"
        "\"un_distinguishing_sign\":\"UTO\"}}"));
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "mdl", nonce, keys, 1));
    wallet_assert_documents(&me, keys, 1);
}

/* The table with another text in the place of one as long. */
static void
change_table(const char *before, const char *after)
{
    const struct timespec moment = { .tv_nsec = 100000000 };
    static char text[4096];
    char path[128], other[160], *at;
    size_t len;
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/dev/people.csv", world_get()->folder);
    (void)snprintf(other, sizeof(other), "%s.new", path);
    assert_non_null(f = fopen(path, "r"));
    len = fread(text, 1, sizeof(text) - 1, f);
    assert_int_equal(fclose(f), 0);
    text[len] = '\0';
    assert_non_null(at = strstr(text, before));
    memcpy(at, after, strlen(after));
    assert_non_null(f = fopen(other, "w"));
    assert_int_equal(fwrite(text, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(rename(other, path), 0);
    assert_int_equal(nanosleep(&moment, NULL), 0); /* it is looked whether it changed each 25 ms */
}

/* Whether the first document of the last answer has these octets in it. */
static bool
was_issued(const char *text)
{
    static uint8_t octets[65536];
    carnet_buf out = carnet_buf_of(octets, sizeof(octets));
    carnet_json *answer = NULL;
    carnet_str credential;

    assert_carnet_ok(carnet_json_parse(body_of(&me), &answer, NULL), NULL);
    credential =
        carnet_json_string(carnet_json_get(carnet_json_at(carnet_json_get(answer, "credentials"), 0), "credential"));
    assert_carnet_ok(carnet_base64url_decode(credential, &out, NULL), NULL);
    carnet_json_free(&answer);
    return memmem(out.ptr, out.len, text, strlen(text)) != NULL;
}

static void
issue_to_anna(size_t key)
{
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "mdl", nonce, keys + key, 1));
    wallet_assert_documents(&me, keys + key, 1);
}

static void
what_the_source_says_now_is_what_is_issued(void **state)
{
    (void)state;
    wallet_grant(&me, "\"mdl\"", "anna");
    for (size_t i = 0; i < 3; i++) { /* from the second time on what was typed before */
        issue_to_anna(i);
        assert_true(was_issued("Muster"));
    }
    change_table("anna,Muster,Anna", "anna,Mayrin,Anna");
    issue_to_anna(3);
    assert_true(was_issued("Mayrin") && !was_issued("Muster"));
    change_table("anna,Mayrin,Anna", "anna,Muster,Anna");
    issue_to_anna(4);
    assert_true(was_issued("Muster") && !was_issued("Mayrin"));
}

/* --- revoked under way --- */

typedef struct revoking {
    uint8_t hash[32];
    carnet_store_grant grant;
} revoking;

static carnet_rc
revoke_it(void *arg, carnet_store_session *session, carnet_err *err)
{
    revoking *r = arg;
    static uint8_t room[16384];
    carnet_buf buf = carnet_buf_of(room, sizeof(room));
    carnet_rc rc =
        carnet_store_grant_by_access(session, carnet_span_of(r->hash, sizeof(r->hash)), &r->grant, &buf, err);

    return rc == CARNET_OK ? carnet_store_grant_revoke(session, r->grant.id, "for the test", 1, err) : rc;
}

static carnet_rc
look_at_it(void *arg, carnet_store_session *session, carnet_err *err)
{
    revoking *r = arg;
    static uint8_t room[16384];
    carnet_buf buf = carnet_buf_of(room, sizeof(room));

    return carnet_store_grant_by_id(session, r->grant.id, &r->grant, &buf, err);
}

static void
a_grant_revoked_a_moment_ago_issues_nothing(void **state)
{
    carnet_store *store = world_store(world_get());
    carnet_err err = { 0 };
    carnet_span token;
    revoking r;

    (void)state;
    wallet_grant(&me, "\"mdl\"", "anna");
    token = carnet_span_of((const uint8_t *)me.token, strlen(me.token));
    assert_carnet_ok(carnet_digest(&me.crypto, CARNET_SHA256, &token, 1, r.hash, &err), &err);
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "mdl", nonce, keys, 1));
    wallet_assert_documents(&me, keys, 1); /* and the grant is known now */
    assert_carnet_ok(carnet_store_transact(store, revoke_it, &r, &err), &err);
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "mdl", nonce, keys + 1, 1));
    assert_refused(&me, 401, "invalid_token");
    assert_carnet_ok(carnet_store_read(store, look_at_it, &r, &err), &err);
    assert_int_equal(r.grant.issued, 1);
    carnet_store_close(&store);
}

int
main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(an_offer_is_got_by_reference_until_it_is_redeemed),
        TEST(offers_that_cannot_be_kept_are_not_made),
        TEST(offers_are_made_at_the_admins_listener_only),
        TEST(what_is_deferred_comes_when_it_is_released),
        TEST(that_it_takes_time_is_said_encrypted_too),
        TEST(what_is_denied_never_comes),
        TEST(a_transaction_is_its_grants_alone),
        TEST(notifications_are_taken_once_and_repeated_without_harm),
        TEST(a_refreshed_grant_gives_new_documents),
        TEST(claims_that_came_with_the_offer_are_what_is_issued),
        TEST(what_the_source_says_now_is_what_is_issued),
        TEST(a_grant_revoked_a_moment_ago_issues_nothing),
    };

    return world_run(argc, argv, tests, CARNET_COUNT(tests));
}
