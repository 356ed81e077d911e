/* SPDX-License-Identifier: Apache-2.0 */
/* The app provider as it serves: attestations over HTTP, and requests passed on to an issuing service. */
#include "world.h"

#include "carnet/app_request.h"
#include "carnet/client_attestation.h"
#include "carnet/fetch_request.h"
#include "carnet/key_attestation.h"
#include "carnet/provider.h"
#include "carnet/relay.h"
#include "carnet/service_config_services.h"
#include "carnet/store.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static world w;
static carnet_config_services services;
static carnet_config_provider provider;
static char issuer_url[64], *issuers[1] = { issuer_url };
static carnet_store *store;
static carnet_service_parts *parts;
static carnet_service *service, *issuer;
static carnet_crypto crypto;
static carnet_key instance, device[2];
static carnet_public_key signer;
static uint8_t rooms[4][262144];
static carnet_fetch_answer answer;
static char challenge[128];
static unsigned asked; /* how often the issuing service was */

static carnet_rc
fill(void *self, uint8_t *out, size_t len)
{
    carnet_random random = carnet_crypto_random(&crypto);

    (void)self;
    return carnet_random_fill(&random, out, len, NULL);
}

static carnet_rc
issue(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    (void)self;
    asked++;
    carnet_buf_add(&response->body, request->body);
    response->status = 201;
    if (carnet_service_set_header(response, "DPoP-Nonce", carnet_str_of("fresh"), err) != CARNET_OK)
        return err->rc;
    return carnet_service_set_header(response, "X-Inner", carnet_str_of("not for the app"), err);
}

static void
start_issuer(void)
{
    static const carnet_service_route route = {
        .method = CARNET_SERVICE_POST, .name = "issue", .path = "/credential", .run = issue, .body_max = 65536
    };
    const carnet_service_config config = {
        .address = "127.0.0.1", .routes = &route, .route_count = 1, .random = { fill, NULL }
    };
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_service_start(&config, &issuer, &err), &err);
    (void)snprintf(issuer_url, sizeof(issuer_url), "http://127.0.0.1:%u/tenant", carnet_service_port(issuer));
}

static void
start_provider(void)
{
    static const carnet_service_part *const list[] = { &carnet_provider_part };
    carnet_service_config config = { .address = "127.0.0.1", .random = { fill, NULL }, .self = NULL, .threads = 2 };
    const carnet_service_route *found;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_service_parts_new(w.context, list, 1, &parts, &err), &err);
    assert_carnet_ok(carnet_service_parts_routes(parts, CARNET_SERVES_PUBLIC, false, &found, &config.route_count, &err),
                     &err);
    config.routes = found;
    config.self = parts;
    assert_carnet_ok(carnet_service_start(&config, &service, &err), &err);
}

static int
begin(void **state)
{
    carnet_store_config config = { .random = { fill, NULL } };
    char place[128];

    (void)state;
    if (world_begin(&w) != 0 || carnet_crypto_init(&crypto, NULL) != CARNET_OK ||
        carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &instance, NULL) != CARNET_OK ||
        carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &device[0], NULL) != CARNET_OK ||
        carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &device[1], NULL) != CARNET_OK)
        return -1;
    (void)snprintf(place, sizeof(place), "%s/store", w.folder);
    config.place = place;
    if (carnet_store_open(&config, &store, NULL) != CARNET_OK)
        return -1;
    start_issuer();
    provider = (carnet_config_provider){ .attestation_key = w.keys[0].name,
                                         .client_id = (char *)(uintptr_t) "wallet",
                                         .wallet_name = (char *)(uintptr_t) "The wallet",
                                         .issuers = { issuers, 1 } };
    services.provider = &provider;
    w.config.services = &services;
    w.config.allow_insecure_loopback = true;
    w.hooks.store = store;
    w.hooks.scratch_size = 8 << 20;
    world_open(&w);
    start_provider();
    {
        const carnet_service_key *key;
        carnet_service_worker *worker = world_worker(&w);

        if (carnet_service_key_get(worker, "signer", &key, NULL) != CARNET_OK)
            return -1;
        signer = key->key->public_key;
    }
    return 0;
}

static int
end(void **state)
{
    (void)state;
    carnet_service_stop(&service, 1000);
    carnet_service_stop(&issuer, 1000);
    carnet_service_parts_free(&parts);
    carnet_store_close(&store);
    carnet_key_done(&instance);
    carnet_key_done(&device[0]);
    carnet_key_done(&device[1]);
    carnet_crypto_done(&crypto);
    return world_end(&w);
}

/* Ask the provider; its status.  What it said is in `answer`. */
static unsigned
ask(const char *path, const char *type, carnet_str body, const char *field)
{
    const carnet_fetch_limits limits = { .octets = sizeof(rooms[1]), .plain_loopback = true };
    char uri[128];
    carnet_str fields[2] = { carnet_str_of(type), carnet_str_of(field) };
    const carnet_fetch_request request = { .method = "POST",
                                           .uri = carnet_str_of(uri),
                                           .fields = fields,
                                           .field_count = field != NULL ? 2U : 1U,
                                           .body = carnet_str_bytes(body) };
    carnet_fetch_request real = request;
    carnet_err err = { 0 };

    (void)snprintf(uri, sizeof(uri), "http://127.0.0.1:%u/t/provider/%s", carnet_service_port(service), path);
    real.uri = carnet_str_of(uri);
    answer = (carnet_fetch_answer){ .header = carnet_buf_of(rooms[0], sizeof(rooms[0])),
                                    .body = carnet_buf_of(rooms[1], sizeof(rooms[1])) };
    assert_carnet_ok(carnet_fetch_ask(NULL, &real, &limits, &answer, &err), &err);
    return answer.status;
}

/* A text of the answer. */
static const char *
member(const char *name)
{
    static char texts[4][65536];
    static unsigned at;
    carnet_json *json = NULL;
    carnet_str text;
    char *copy = texts[at++ % 4];

    assert_carnet_ok(carnet_json_parse(carnet_buf_str(&answer.body), &json, NULL), NULL);
    text = carnet_json_string(carnet_json_get(json, name));
    assert_true(text.len < sizeof(texts[0]));
    memcpy(copy, text.ptr != NULL ? text.ptr : "", text.len);
    copy[text.len] = '\0';
    carnet_json_free(&json);
    return copy;
}

static int
each(void **state)
{
    (void)state;
    if (ask("challenge", "Accept: */*", (carnet_str){ 0 }, NULL) != 200)
        return -1;
    (void)snprintf(challenge, sizeof(challenge), "%s", member("challenge"));
    asked = 0;
    return challenge[0] != '\0' ? 0 : -1;
}

static carnet_app_request_spec
spec_for(carnet_app_purpose purpose)
{
    return (carnet_app_request_spec){ .struct_size = sizeof(carnet_app_request_spec),
                                      .purpose = purpose,
                                      .audience = carnet_str_of("https://issuer.example/t"),
                                      .challenge = carnet_str_of(challenge),
                                      .issued_at = w.now };
}

static carnet_str
signed_by(const carnet_app_request_spec *spec)
{
    carnet_buf out = carnet_buf_of(rooms[2], sizeof(rooms[2]) - 1);
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_app_request_build(spec, &instance, &crypto, &out, &err), &err);
    rooms[2][out.len] = '\0';
    return carnet_buf_str(&out);
}

#define JWT "Content-Type: application/jwt"

static void
the_wallet_is_attested(void **state)
{
    const carnet_app_request_spec spec = spec_for(CARNET_APP_WALLET_ATTESTATION);
    carnet_buf room = carnet_buf_of(rooms[3], sizeof(rooms[3]));
    const carnet_attester_key key = { .key = signer };
    const carnet_attester_trust trust = { .struct_size = sizeof(trust), .keys = &key, .key_count = 1 };
    carnet_client_attestation view;
    carnet_err err = { 0 };

    (void)state;
    assert_int_equal(ask("wallet_attestation", JWT, signed_by(&spec), NULL), 200);
    assert_string_equal(member("client_id"), "wallet");
    assert_carnet_ok(
        carnet_client_attestation_open(carnet_str_of(member("client_attestation")), &crypto, &room, &view, &err), &err);
    assert_carnet_ok(carnet_attester_verify(&view.jws, view.issuer, &trust, w.now, 60, &crypto, &err), &err);
    assert_true(carnet_public_key_equal(&view.key, &instance.public_key));
    assert_str_is(view.client_id, "wallet");
    assert_str_is(view.wallet_name, "The wallet");
    assert_str_is(view.issuer, "https://issuer.example/t");
    assert_int_equal(view.expires - view.issued_at, 12 * 3600);
    carnet_client_attestation_close(&view);
}

static void
keys_are_attested_as_they_were_shown(void **state)
{
    carnet_app_request_spec spec = spec_for(CARNET_APP_KEY_ATTESTATION);
    carnet_buf proofs = carnet_buf_of(rooms[3], 16384), room = carnet_buf_of(rooms[3] + 16384, 65536);
    carnet_public_key keys[4];
    carnet_key_attestation view;
    carnet_str list[2];
    carnet_err err = { 0 };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const size_t start = proofs.len;

        assert_carnet_ok(carnet_app_key_proof_build(spec.audience, spec.challenge, &device[i], &crypto, &proofs, &err),
                         &err);
        list[i] = (carnet_str){ (char *)proofs.ptr + start, proofs.len - start };
    }
    spec.key_proofs = list;
    spec.key_proof_count = 2;
    spec.nonce = carnet_str_of("c-nonce");
    assert_int_equal(ask("key_attestation", JWT, signed_by(&spec), NULL), 200);
    assert_carnet_ok(
        carnet_key_attestation_open(carnet_str_of(member("key_attestation")), &crypto, &room, keys, 4, &view, &err),
        &err);
    assert_int_equal(view.key_count, 2);
    assert_true(carnet_public_key_equal(&keys[1], &device[1].public_key));
    assert_str_is(view.nonce, "c-nonce");
    assert_str_is(carnet_json_string(carnet_json_at(view.key_storage, 0)), "iso_18045_basic");
    carnet_key_attestation_close(&view);
}

static void
statements_of_tpms_nobody_trusts_are_refused(void **state)
{
    carnet_app_request_spec spec = spec_for(CARNET_APP_KEY_ATTESTATION);

    (void)state;
    spec.statement_format = carnet_str_of("tpm2-certify");
    spec.statement = CARNET_TEST_BYTES("\x80");
    assert_int_equal(ask("key_attestation", JWT, signed_by(&spec), NULL), 400);
    spec.statement_format = carnet_str_of("another");
    assert_int_equal(ask("key_attestation", JWT, signed_by(&spec), NULL), 422);
}

static void
a_request_serves_once(void **state)
{
    const carnet_app_request_spec spec = spec_for(CARNET_APP_WALLET_ATTESTATION);
    const carnet_str text = signed_by(&spec);

    (void)state;
    assert_int_equal(ask("wallet_attestation", JWT, text, NULL), 200);
    assert_int_not_equal(ask("wallet_attestation", JWT, text, NULL), 200);
}

static void
what_is_not_for_this_provider_is_refused(void **state)
{
    carnet_app_request_spec spec = spec_for(CARNET_APP_WALLET_ATTESTATION);

    (void)state;
    spec.challenge = carnet_str_of("made-up");
    assert_int_equal(ask("wallet_attestation", JWT, signed_by(&spec), NULL) / 100, 4);
    spec = spec_for(CARNET_APP_WALLET_ATTESTATION);
    spec.audience = carnet_str_of("https://other.example");
    assert_int_equal(ask("wallet_attestation", JWT, signed_by(&spec), NULL), 400);
    spec = spec_for(CARNET_APP_RELAY);
    assert_int_equal(ask("wallet_attestation", JWT, signed_by(&spec), NULL), 400);
    spec = spec_for(CARNET_APP_WALLET_ATTESTATION);
    spec.issued_at = w.now - 3600;
    assert_int_equal(ask("wallet_attestation", JWT, signed_by(&spec), NULL), 400);
    assert_int_equal(ask("wallet_attestation", JWT, carnet_str_of("no.token.this"), NULL), 400);
    assert_int_equal(ask("wallet_attestation", "Content-Type: text/plain", signed_by(&spec), NULL), 415);
}

/* --- relaying --- */

static unsigned
relay(const char *uri, const char *type, const char *body, bool authentic)
{
    static char text[65536], field[16384];
    carnet_relay request = { .method = carnet_str_of("POST"), .uri = carnet_str_of(uri), .body = carnet_str_of(body) };
    carnet_app_request_spec spec = spec_for(CARNET_APP_RELAY);
    carnet_buf out = carnet_buf_of(text, sizeof(text));

    assert_carnet_ok(carnet_relay_add(&request, carnet_str_of("Content-Type"), carnet_str_of(type), NULL), NULL);
    assert_carnet_ok(carnet_relay_write(&request, &out, NULL), NULL);
    spec.body = authentic ? carnet_buf_span(&out) : CARNET_TEST_BYTES("another body");
    (void)snprintf(field, sizeof(field), "%s: %s", CARNET_PROVIDER_APP_REQUEST, signed_by(&spec).ptr);
    return ask("relay", "Content-Type: application/json", carnet_buf_str(&out), field);
}

static const char *
credential_url(void)
{
    static char url[96];

    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/credential", carnet_service_port(issuer));
    return url;
}

static void
an_encrypted_request_is_passed_on(void **state)
{
    carnet_relay got;
    carnet_err err = { 0 };

    (void)state;
    assert_int_equal(relay(credential_url(), "application/jwt", "eyJh.b.c.d.e", true), 200);
    assert_carnet_ok(carnet_relay_read_answer(carnet_buf_str(&answer.body), &got, &err), &err);
    assert_int_equal(got.status, 201);
    assert_str_is(got.body, "eyJh.b.c.d.e");
    assert_str_is(carnet_relay_get(&got, "DPoP-Nonce"), "fresh");
    assert_int_equal(carnet_relay_get(&got, "X-Inner").len, 0);
    assert_int_equal(asked, 1);
    carnet_relay_close(&got);
}

static void
a_plain_request_for_documents_is_not(void **state)
{
    static const char *const bodies[] = { "{\"credential_configuration_id\":\"mdl\"}",
                                          "{\"credential_identifier\":\"a\"}", "{\"transaction_id\":\"a\"}",
                                          "{not JSON" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bodies); i++)
        assert_int_equal(relay(credential_url(), "application/json", bodies[i], true), 422);
    assert_int_equal(asked, 0);
}

static void
nothing_goes_elsewhere_or_for_others(void **state)
{
    (void)state;
    assert_int_equal(relay("http://127.0.0.1:1/credential", "application/jwt", "eyJ", true), 403);
    assert_int_equal(relay("https://elsewhere.example/credential", "application/jwt", "eyJ", true), 403);
    assert_int_equal(relay(credential_url(), "application/jwt", "eyJ", false), 400);
    assert_int_equal(ask("relay", "Content-Type: application/json", carnet_str_of("{}"), NULL), 400);
    assert_int_equal(asked, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_wallet_is_attested, each),
        cmocka_unit_test_setup(keys_are_attested_as_they_were_shown, each),
        cmocka_unit_test_setup(statements_of_tpms_nobody_trusts_are_refused, each),
        cmocka_unit_test_setup(a_request_serves_once, each),
        cmocka_unit_test_setup(what_is_not_for_this_provider_is_refused, each),
        cmocka_unit_test_setup(an_encrypted_request_is_passed_on, each),
        cmocka_unit_test_setup(a_plain_request_for_documents_is_not, each),
        cmocka_unit_test_setup(nothing_goes_elsewhere_or_for_others, each),
    };

    return cmocka_run_group_tests_name("provider", tests, begin, end);
}
