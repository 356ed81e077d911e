/* SPDX-License-Identifier: Apache-2.0 */
/* The credential issuer over HTTP: what it gives, and what it refuses with which error. */
#include "world.h"

#include "carnet/issuer_metadata.h"
#include "carnet/issuer_signed_dehydrated.h"
#include "carnet/key_attestation.h"
#include "carnet/mdoc_iacas.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static wallet me;
static char nonce[128];
static carnet_key keys[BATCH + 1];

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

/* --- metadata --- */

static void
the_metadata_is_what_wallets_open(void **state)
{
    carnet_issuer_metadata metadata;
    carnet_credential_configuration configuration;
    carnet_display display;
    carnet_err err = { 0 };

    (void)state;
    assert_true(wallet_get(&me, "/.well-known/openid-credential-issuer", "application/json"));
    assert_int_equal(me.answer.status, 200);
    assert_carnet_ok(
        carnet_issuer_metadata_open(body_of(&me), carnet_str_of(me.w->base), true, &me.crypto, &metadata, &err), &err);
    assert_int_equal(metadata.configuration_count, 6);
    assert_int_equal(metadata.batch_size, BATCH);
    assert_true(metadata.request_encryption.supported && !metadata.request_encryption.required);
    assert_int_equal(metadata.request_encryption.key_count, 1);
    assert_carnet_ok(carnet_issuer_metadata_find(&metadata, carnet_str_of("attested"), &configuration, &err), &err);
    assert_str_is(configuration.doctype, "org.iso.18013.5.1.mDL");
    assert_int_equal(configuration.signing_algorithms[0], CARNET_ES256);
    assert_true(configuration.jwt.supported && configuration.attestation.supported && configuration.cose_key);
    assert_true(configuration.jwt.key_attestations.required);
    assert_str_is(configuration.jwt.key_attestations.key_storage[0], "iso_18045_moderate");
    assert_true(carnet_issuer_metadata_display(&metadata, carnet_str_of("de"), &display));
    assert_str_is(display.name, "Test authority");
    carnet_issuer_metadata_done(&metadata);
}

static void
the_metadata_is_signed_for_who_asks(void **state)
{
    static uint8_t room[65536];
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_issuer_metadata metadata;
    carnet_issuer_metadata_signature signature;
    carnet_str type;
    carnet_err err = { 0 };

    (void)state;
    assert_true(wallet_get(&me, "/.well-known/openid-credential-issuer", "application/jwt, application/json;q=0.5"));
    assert_int_equal(me.answer.status, 200);
    assert_true(carnet_fetch_field(carnet_buf_str(&me.answer.header), "Content-Type", 0, &type));
    assert_str_is(type, "application/jwt");
    assert_carnet_ok(carnet_issuer_metadata_open_signed(body_of(&me), carnet_str_of(me.w->base), true, time(NULL), 60,
                                                        &me.crypto, &storage, &metadata, &signature, &err),
                     &err);
    assert_int_equal(metadata.configuration_count, 6);
    assert_int_equal(signature.x5c_count, 1);
    carnet_issuer_metadata_done(&metadata);
    assert_true(wallet_get(&me, "/.well-known/openid-credential-issuer", "application/json, application/jwt;q=0.1"));
    assert_true(body_of(&me).ptr[0] == '{');
}

static void
the_root_certificates_are_published(void **state)
{
    static uint8_t room[4096];
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_mdoc_iacas iacas;
    carnet_span der;

    (void)state;
    assert_true(wallet_get(&me, "/mdoc_iacas", "application/json"));
    assert_carnet_ok(carnet_mdoc_iacas_open(body_of(&me), &iacas, NULL), NULL);
    assert_int_equal(iacas.count, 1);
    assert_carnet_ok(carnet_mdoc_iacas_certificate(&iacas, 0, &storage, &der, NULL), NULL);
    assert_int_equal(der.ptr[0], 0x30);
    carnet_mdoc_iacas_done(&iacas);
}

/* --- credentials --- */

static void
documents_are_given_for_a_key_and_for_a_batch(void **state)
{
    (void)state;
    wallet_grant(&me, "\"mdl\"", "anna");
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "mdl", nonce, keys, 1));
    wallet_assert_documents(&me, keys, 1);
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "mdl", nonce, keys + 1, BATCH));
    wallet_assert_documents(&me, keys + 1, BATCH);
}

static void
who_asks_by_type_as_drafts_do_is_answered_in_kind(void **state)
{
    static uint8_t proof_room[4096], room[8192];

    (void)state;
    wallet_grant(&me, "\"again\"", "anna"); /* not the first of its type, but what the token is for */
    for (size_t i = 0; i < 2; i++) {
        carnet_credential_request request = { .doctype = carnet_str_of(i == 0 ? "org.iso.18013.5.1.mDL" : "other"),
                                              .proof_kind = CARNET_PROOF_JWT,
                                              .proof_count = 1 };
        carnet_buf proof = carnet_buf_of(proof_room, sizeof(proof_room)), body = carnet_buf_of(room, sizeof(room) - 1);

        assert_true(wallet_nonce(&me, nonce));
        wallet_prove(&me, &keys[0], me.w->base, nonce, (carnet_str){ 0 }, &proof);
        request.proofs[0] = carnet_buf_str(&proof);
        assert_carnet_ok(carnet_credential_request_build(&request, &body, NULL), NULL);
        room[body.len] = '\0';
        assert_true(wallet_post(&me, "/credential", "application/json", (const char *)room));
        if (i == 0) {
            wallet_assert_documents(&me, keys, 1);
            assert_non_null(strstr((const char *)me.answer.body.ptr, "{\"credential\":\""));
        } else {
            assert_refused(&me, 400, "unknown_credential_configuration");
        }
    }
}

static void
a_nonce_and_a_device_key_serve_once(void **state)
{
    (void)state;
    wallet_grant(&me, "\"mdl\"", "anna");
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "mdl", nonce, keys, 1));
    wallet_assert_documents(&me, keys, 1);
    assert_true(wallet_ask(&me, "mdl", nonce, keys + 1, 1));
    assert_refused(&me, 400, "invalid_nonce");
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "mdl", nonce, keys, 2)); /* one of them is new */
    assert_refused(&me, 400, "invalid_proof");
    assert_true(wallet_ask(&me, "mdl", nonce, keys + 1, 1)); /* nothing was used by a refusal */
    wallet_assert_documents(&me, keys + 1, 1);
}

static void
keys_come_again_where_that_is_allowed(void **state)
{
    (void)state;
    wallet_grant(&me, "\"again\"", "anna");
    for (size_t i = 0; i < 2; i++) {
        assert_true(wallet_nonce(&me, nonce));
        assert_true(wallet_ask(&me, "again", nonce, keys, 2));
        wallet_assert_documents(&me, keys, 2);
    }
    assert_true(wallet_ask(&me, "again", nonce, keys, 1));
    assert_refused(&me, 400, "invalid_nonce");
}

/* Bodies of requests; %p stands for a good proof of a fresh key, %o for one to another issuer, %n for one without nonce of
 * ours, %2 for the good one once more, %c for the configuration. */
static const struct {
    const char *what, *type, *body, *error;
} bad_requests[] = {
#define JSON "application/json"
#define HEAD "{\"credential_configuration_id\":\"mdl\",\"proofs\":"
    { "no JSON", JSON, "{", "invalid_credential_request" },
    { "JSON that is no object", JSON, "[]", "invalid_credential_request" },
    { "a member twice", JSON, "{\"proofs\":{},\"proofs\":{}}", "invalid_credential_request" },
    { "another media type", "text/plain", "{}", "invalid_credential_request" },
    { "no document named", JSON, "{\"proofs\":{\"jwt\":[\"%p\"]}}", "invalid_credential_request" },
    { "named twice", JSON, "{\"credential_identifier\":\"mdl\"," HEAD "{\"jwt\":[\"%p\"]}}",
      "invalid_credential_request" },
    { "an unknown configuration", JSON, "{\"credential_configuration_id\":\"x\",\"proofs\":{\"jwt\":[\"%p\"]}}",
      "unknown_credential_configuration" },
    { "an unknown identifier", JSON, "{\"credential_identifier\":\"x\",\"proofs\":{\"jwt\":[\"%p\"]}}",
      "unknown_credential_identifier" },
    { "a configuration the token does not reach", JSON,
      "{\"credential_configuration_id\":\"once\",\"proofs\":{\"jwt\":[\"%p\"]}}", "unknown_credential_configuration" },
    { "no proofs", JSON, "{\"credential_configuration_id\":\"mdl\"}", "invalid_proof" },
    { "an unknown proof type", JSON, HEAD "{\"ldp_vp\":[{}]}}", "invalid_proof" },
    { "a proof that is none", JSON, HEAD "{\"jwt\":[\"a.b.c\"]}}", "invalid_proof" },
    { "a proof for another issuer", JSON, HEAD "{\"jwt\":[\"%o\"]}}", "invalid_proof" },
    { "a proof without a nonce of ours", JSON, HEAD "{\"jwt\":[\"%n\"]}}", "invalid_nonce" },
    { "the same key twice", JSON, HEAD "{\"jwt\":[\"%p\",\"%2\"]}}", "invalid_proof" },
    { "alg none", JSON, HEAD "{\"jwt\":[\"eyJhbGciOiJub25lIiwidHlwIjoib3BlbmlkNHZjaS1wcm9vZitqd3QifQ.e30.\"]}}",
      "invalid_proof" },
    { "an attestation that is none", JSON, HEAD "{\"attestation\":[\"%p\"]}}", "invalid_proof" },
    { "an answer encrypted in an unknown way", JSON,
      "{\"credential_response_encryption\":{\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"alg\":\"ECDH-ES\","
      "\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\",\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\"},"
      "\"enc\":\"A128CBC-HS256\"},\"credential_configuration_id\":\"mdl\",\"proofs\":{\"jwt\":[\"%p\"]}}",
      "invalid_encryption_parameters" },
    { "a JWE that is none", "application/jwt", "a.b.c.d.e", "invalid_encryption_parameters" },
};

static void
fill_in(const char *pattern, carnet_buf *out)
{
    static carnet_key fresh;

    for (; *pattern != '\0'; pattern++) {
        if (*pattern != '%') {
            carnet_buf_add_byte(out, (uint8_t)*pattern);
            continue;
        }
        pattern++;
        if (*pattern != '2')
            make_keys(&me, &fresh, 1);
        wallet_prove(&me, &fresh, *pattern == 'o' ? "https://other.example" : me.w->base,
                     *pattern == 'n' ? "bm9uZSBvZiBvdXJz" : nonce, (carnet_str){ 0 }, out);
        if (pattern[1] != '"' || strstr(pattern, "%2") == NULL)
            drop_keys(&fresh, 1);
    }
    carnet_buf_add_byte(out, 0);
}

static void
each_wrong_request_has_its_error(void **state)
{
    static char room[16384];

    (void)state;
    wallet_grant(&me, "\"mdl\"", "anna");
    for (size_t i = 0; i < CARNET_COUNT(bad_requests); i++) {
        carnet_buf body = carnet_buf_of(room, sizeof(room));

        print_message("# %s\n", bad_requests[i].what);
        assert_true(wallet_nonce(&me, nonce));
        fill_in(bad_requests[i].body, &body);
        assert_true(wallet_post(&me, "/credential", bad_requests[i].type, room));
        assert_refused(&me, 400, bad_requests[i].error);
    }
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "mdl", nonce, keys, BATCH + 1));
    assert_refused(&me, 400, "invalid_proof");
}

static void
keys_of_other_curves_are_refused(void **state)
{
    carnet_key other;

    (void)state;
    wallet_grant(&me, "\"mdl\"", "anna");
    assert_true(wallet_nonce(&me, nonce));
    assert_carnet_ok(carnet_software_key_generate(&me.crypto, CARNET_CURVE_P384, CARNET_KEY_SIGN, &other, NULL), NULL);
    assert_true(wallet_ask(&me, "mdl", nonce, &other, 1));
    assert_refused(&me, 400, "invalid_proof");
    drop_keys(&other, 1);
}

static void
without_a_good_token_nothing_is_given(void **state)
{
    (void)state;
    (void)snprintf(me.token, sizeof(me.token), "bm90LWEtdG9rZW4tb2Ytb3Vycy1idXQtbG9uZy1lbm91Z2g");
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "mdl", nonce, keys, 1));
    assert_refused(&me, 401, "invalid_token");
    assert_true(wallet_post(&me, "/notification", JSON, "{}"));
    assert_refused(&me, 401, "invalid_token");
    assert_true(wallet_post(&me, "/deferred_credential", JSON, "{}"));
    assert_refused(&me, 401, "invalid_token");
    wallet_grant(&me, "\"mdl\"", "anna");
    drop_keys(&me.dpop, 1);
    make_keys(&me, &me.dpop, 1); /* a stolen token */
    assert_true(wallet_ask(&me, "mdl", nonce, keys, 1));
    assert_int_equal(me.answer.status, 401);
}

static void
a_person_who_is_not_known_gets_nothing(void **state)
{
    (void)state;
    wallet_grant(&me, "\"mdl\"", "nobody");
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "mdl", nonce, keys, 1));
    assert_refused(&me, 400, "credential_request_denied");
}

static void
a_grant_is_good_as_often_as_the_policy_says(void **state)
{
    (void)state;
    wallet_grant(&me, "\"once\"", "anna");
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "once", nonce, keys, 2));
    wallet_assert_documents(&me, keys, 2);
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "once", nonce, keys + 2, 1));
    assert_refused(&me, 400, "credential_request_denied");
}

/* --- encryption --- */

static void
requests_and_answers_travel_encrypted(void **state)
{
    static char room[16384], sealed[32768], opened[ANSWER];
    carnet_buf body = carnet_buf_of(room, sizeof(room)), jwe = carnet_buf_of(sealed, sizeof(sealed));
    carnet_buf storage = carnet_buf_of(opened, sizeof(opened));
    carnet_json_builder b;
    carnet_issuer_metadata metadata;
    carnet_key mine;
    carnet_credential_decryption_key decryption;
    carnet_jwk jwk = { .algorithm = carnet_str_of("ECDH-ES"), .key_id = carnet_str_of("w") };
    carnet_str json;
    carnet_err err = { 0 };

    (void)state;
    wallet_grant(&me, "\"mdl\"", "anna");
    assert_true(wallet_nonce(&me, nonce));
    assert_carnet_ok(carnet_software_key_generate(&me.crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &mine, NULL), NULL);
    jwk.key = mine.public_key;
    carnet_buf_add_text(&body, HEAD "{\"jwt\":[\"");
    wallet_prove(&me, &keys[0], me.w->base, nonce, (carnet_str){ 0 }, &body);
    carnet_buf_add_text(&body, "\"]},\"credential_response_encryption\":{\"enc\":\"A256GCM\",\"jwk\":");
    b = carnet_json_build(&body);
    carnet_jwk_add(&b, NULL, &jwk);
    carnet_buf_add_text(&body, "}}");
    assert_true(wallet_get(&me, "/.well-known/openid-credential-issuer", JSON));
    assert_carnet_ok(
        carnet_issuer_metadata_open(body_of(&me), carnet_str_of(me.w->base), true, &me.crypto, &metadata, &err), &err);
    assert_carnet_ok(carnet_credential_message_encrypt(&metadata.request_encryption.keys[0], CARNET_AES_128_GCM,
                                                       &me.crypto, carnet_buf_str(&body), &jwe, &err),
                     &err);
    carnet_buf_add_byte(&jwe, 0);
    carnet_issuer_metadata_done(&metadata);
    assert_true(wallet_post(&me, "/credential", "application/jwt", sealed));
    assert_int_equal(me.answer.status, 200);
    decryption = (carnet_credential_decryption_key){ carnet_str_of("w"), &mine };
    assert_carnet_ok(carnet_credential_message_decrypt(body_of(&me), &decryption, 1, CARNET_CREDENTIAL_A256GCM,
                                                       &me.crypto, &storage, &json, &err),
                     &err);
    me.answer.body.len = 0;
    carnet_buf_add_str(&me.answer.body, json);
    wallet_assert_documents(&me, keys, 1);
    carnet_key_done(&mine);
}

/* --- attestations --- */

static carnet_str
attest(carnet_key *attester, carnet_span chain, const char *level, const char *with_nonce, size_t count)
{
    static char room[16384];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_public_key attested[BATCH];
    carnet_str storage = carnet_str_of(level);
    carnet_key_attestation_spec spec = { .struct_size = sizeof(spec),
                                         .keys = attested,
                                         .key_count = count,
                                         .issued_at = time(NULL),
                                         .expires = time(NULL) + 300,
                                         .key_storage = &storage,
                                         .key_storage_count = 1,
                                         .nonce = carnet_str_of(with_nonce),
                                         .x5c = &chain,
                                         .x5c_count = 1 };
    carnet_err err = { 0 };

    for (size_t i = 0; i < count; i++)
        attested[i] = keys[i].public_key;
    assert_carnet_ok(carnet_key_attestation_build(&spec, attester, &me.crypto, &out, &err), &err);
    return carnet_buf_str(&out);
}

static void
ask_attested(carnet_str attestation, bool alone)
{
    static char room[65536];
    carnet_buf body = carnet_buf_of(room, sizeof(room));

    carnet_buf_add_text(&body, "{\"credential_configuration_id\":\"attested\",\"proofs\":{\"");
    carnet_buf_add_text(&body, alone ? "attestation\":[\"" : "jwt\":[\"");
    if (alone)
        carnet_buf_add_str(&body, attestation);
    else
        wallet_prove(&me, &keys[0], me.w->base, nonce, attestation, &body);
    carnet_buf_add(&body, carnet_span_of("\"]}}", 5));
    assert_true(wallet_post(&me, "/credential", JSON, room));
}

static void
attested_keys_each_get_a_document(void **state)
{
    world *w = world_get();

    (void)state;
    wallet_grant(&me, "\"attested\"", "anna");
    assert_true(wallet_nonce(&me, nonce));
    ask_attested(attest(&w->attester, w->attester_chain, "iso_18045_moderate", nonce, 3), false);
    wallet_assert_documents(&me, keys, 3);
    drop_keys(keys, 3);
    make_keys(&me, keys, 3);
    assert_true(wallet_nonce(&me, nonce));
    ask_attested(attest(&w->attester, w->attester_chain, "iso_18045_high", nonce, 2), true);
    wallet_assert_documents(&me, keys, 2);
}

static void
attestations_that_do_not_suffice_are_refused(void **state)
{
    world *w = world_get();
    carnet_key stranger;

    (void)state;
    wallet_grant(&me, "\"attested\"", "anna");
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "attested", nonce, keys, 1));
    assert_refused(&me, 400, "invalid_proof");
    ask_attested(attest(&w->attester, w->attester_chain, "iso_18045_basic", nonce, 1), false);
    assert_refused(&me, 400, "invalid_proof");
    ask_attested(attest(&w->attester, w->attester_chain, "iso_18045_high", "another", 1), true);
    assert_refused(&me, 400, "invalid_nonce");
    make_keys(&me, &stranger, 1);
    ask_attested(attest(&stranger, w->attester_chain, "iso_18045_high", nonce, 1), true);
    assert_refused(&me, 400, "invalid_proof");
    drop_keys(&stranger, 1);
    ask_attested(attest(&w->attester, w->attester_chain, "iso_18045_high", nonce, 1), true);
    wallet_assert_documents(&me, keys, 1);
}

static void
documents_come_dehydrated_for_who_understands(void **state)
{
    static char room[16384];
    static uint8_t octets[ANSWER];
    carnet_buf body = carnet_buf_of(room, sizeof(room)), storage = carnet_buf_of(octets, sizeof(octets));
    carnet_credential_response response;
    carnet_issuer_signed_dehydrated dry;
    bool dehydrated;
    carnet_span cbor;
    carnet_err err = { 0 };

    (void)state;
    wallet_grant(&me, "\"dry\"", "anna");
    assert_true(wallet_nonce(&me, nonce));
    assert_true(wallet_ask(&me, "dry", nonce, keys, 1));
    wallet_assert_documents(&me, keys, 1); /* whole, unless asked for */
    assert_true(wallet_nonce(&me, nonce));
    carnet_buf_add_text(&body, "{\"credential_configuration_id\":\"dry\",\"iso_23220_3\":{\"dehydrated\":true},"
                               "\"proofs\":{\"jwt\":[\"");
    wallet_prove(&me, &keys[1], me.w->base, nonce, (carnet_str){ 0 }, &body);
    carnet_buf_add(&body, carnet_span_of("\"]}}", 5));
    assert_true(wallet_post(&me, "/credential", JSON, room));
    assert_int_equal(me.answer.status, 200);
    assert_carnet_ok(carnet_credential_response_open(body_of(&me), &response, &err), &err);
    assert_int_equal(response.name_spaced_data_count, 1);
    assert_carnet_ok(carnet_credential_response_credential(&response, 0, &storage, &cbor, &dehydrated, &err), &err);
    assert_true(dehydrated);
    assert_carnet_ok(carnet_issuer_signed_dehydrated_open(cbor, 0, &dry, &err), &err);
    assert_in_range(dry.dehydrated_count, 11, 64);
    carnet_credential_response_done(&response);
}

int
main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(the_metadata_is_what_wallets_open),
        TEST(the_metadata_is_signed_for_who_asks),
        TEST(the_root_certificates_are_published),
        TEST(documents_are_given_for_a_key_and_for_a_batch),
        TEST(who_asks_by_type_as_drafts_do_is_answered_in_kind),
        TEST(a_nonce_and_a_device_key_serve_once),
        TEST(keys_come_again_where_that_is_allowed),
        TEST(each_wrong_request_has_its_error),
        TEST(keys_of_other_curves_are_refused),
        TEST(without_a_good_token_nothing_is_given),
        TEST(a_person_who_is_not_known_gets_nothing),
        TEST(a_grant_is_good_as_often_as_the_policy_says),
        TEST(requests_and_answers_travel_encrypted),
        TEST(attested_keys_each_get_a_document),
        TEST(attestations_that_do_not_suffice_are_refused),
        TEST(documents_come_dehydrated_for_who_understands),
    };

    return world_run(argc, argv, tests, CARNET_COUNT(tests));
}
