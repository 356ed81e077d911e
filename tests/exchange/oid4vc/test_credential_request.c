/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/credential_request.h"
#include "support/crypto.h"
#include "support/support.h"

#include <string.h>

#define ID "\"credential_configuration_id\":\"mdl\""
#define JWK                                                                                                            \
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"w1\",\"alg\":\"ECDH-ES\",\"use\":\"enc\","                            \
    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}"
#define ENC "\"credential_response_encryption\":{\"jwk\":" JWK ",\"enc\":\"A128GCM\"}"

static uint8_t room[65536];

static const struct {
    const char *json;
    carnet_rc rc;
    const char *path;
} requests[] = {
    { "{" ID "}", CARNET_OK, "" },
    { "{\"credential_identifier\":\"a/1\",\"proofs\":{\"jwt\":[\"a.b.c\"]}}", CARNET_OK, "" },
    { "{" ID ",\"proofs\":{\"jwt\":[\"a.b.c\",\"d.e.f\"]},\"more\":[{}]}", CARNET_OK, "" },
    { "{" ID ",\"proofs\":{\"attestation\":[\"a.b.c\"]},\"format\":\"mso_mdoc\"}", CARNET_OK, "" },
    { "{" ID ",\"proof\":{\"proof_type\":\"jwt\",\"jwt\":\"a.b.c\"}}", CARNET_OK, "" },
    { "{" ID "," ENC "}", CARNET_OK, "" },
    { "{" ID ",\"iso_23220_3\":7,\"credential_identifier\":null}", CARNET_OK, "" },
    { "{", CARNET_E_OID4VCI_REQUEST, "" },
    { "[]", CARNET_E_OID4VCI_REQUEST, "" },
    { "{}", CARNET_E_OID4VCI_REQUEST, "" },
    { "{\"format\":\"mso_mdoc\",\"doctype\":\"d\"}", CARNET_OK, "" },
    { "{\"format\":\"mso_mdoc\",\"doctype\":\"\"}", CARNET_E_OID4VCI_REQUEST, "" },
    { "{\"format\":\"mso_mdoc\",\"doctype\":7}", CARNET_E_OID4VCI_REQUEST, "" },
    { "{\"format\":\"mso_mdoc\"}", CARNET_E_OID4VCI_REQUEST, "" },
    { "{\"doctype\":\"d\"}", CARNET_E_OID4VCI_REQUEST, "" },
    { "{\"format\":\"jwt_vc_json\",\"doctype\":\"d\"}", CARNET_E_OID4VCI_REQUEST, "" },
    { "{" ID ",\"credential_identifier\":\"a\"}", CARNET_E_OID4VCI_REQUEST, "" },
    { "{" ID "," ID "}", CARNET_E_OID4VCI_REQUEST, "" },
    { "{\"credential_configuration_id\":7}", CARNET_E_OID4VCI_REQUEST, "credential_configuration_id" },
    { "{\"credential_configuration_id\":\"\"}", CARNET_E_OID4VCI_REQUEST, "" },
    { "{" ID ",\"proofs\":[\"a.b.c\"]}", CARNET_E_OID4VCI_REQUEST, "proofs" },
    { "{" ID ",\"proof\":{\"proof_type\":\"jwt\",\"jwt\":\"a\"},\"proofs\":{\"jwt\":[\"a\"]}}",
      CARNET_E_OID4VCI_REQUEST, "proof" },
    { "{" ID ",\"proofs\":{}}", CARNET_E_OID4VCI_PROOF, "proofs" },
    { "{" ID ",\"proofs\":{\"jwt\":[\"a\"],\"attestation\":[\"b\"]}}", CARNET_E_OID4VCI_PROOF, "proofs" },
    { "{" ID ",\"proofs\":{\"di_vp\":[{}]}}", CARNET_E_OID4VCI_PROOF, "proofs" },
    { "{" ID ",\"proofs\":{\"jwt\":[]}}", CARNET_E_OID4VCI_PROOF, "proofs.jwt" },
    { "{" ID ",\"proofs\":{\"jwt\":\"a\"}}", CARNET_E_OID4VCI_PROOF, "proofs.jwt" },
    { "{" ID ",\"proofs\":{\"jwt\":[\"a\",7]}}", CARNET_E_OID4VCI_PROOF, "proofs.jwt[1]" },
    { "{" ID ",\"proofs\":{\"jwt\":[\"\"]}}", CARNET_E_OID4VCI_PROOF, "proofs.jwt[0]" },
    { "{" ID ",\"proofs\":{\"attestation\":[\"a\",\"b\"]}}", CARNET_E_OID4VCI_PROOF, "proofs.attestation" },
    { "{" ID ",\"proof\":{\"proof_type\":\"ldp_vp\",\"ldp_vp\":{}}}", CARNET_E_OID4VCI_PROOF, "proof.proof_type" },
    { "{" ID ",\"proof\":{\"proof_type\":\"jwt\"}}", CARNET_E_OID4VCI_PROOF, "proof.jwt" },
    { "{" ID ",\"credential_response_encryption\":true}", CARNET_E_OID4VCI_ENCRYPTION,
      "credential_response_encryption" },
    { "{" ID ",\"credential_response_encryption\":{\"enc\":\"A128GCM\"}}", CARNET_E_OID4VCI_ENCRYPTION,
      "credential_response_encryption.jwk" },
    { "{" ID ",\"credential_response_encryption\":{\"jwk\":{\"kty\":\"RSA\"},\"enc\":\"A128GCM\"}}",
      CARNET_E_OID4VCI_ENCRYPTION, "credential_response_encryption.jwk" },
    { "{" ID ",\"credential_response_encryption\":{\"jwk\":" JWK "}}", CARNET_E_OID4VCI_ENCRYPTION,
      "credential_response_encryption.enc" },
    { "{" ID ",\"credential_response_encryption\":{\"jwk\":" JWK ",\"enc\":\"A128CBC-HS256\"}}",
      CARNET_E_OID4VCI_ENCRYPTION, "credential_response_encryption.enc" },
    { "{" ID ",\"credential_response_encryption\":{\"jwk\":" JWK ",\"enc\":\"A256GCM\",\"alg\":\"RSA-OAEP\"}}",
      CARNET_E_OID4VCI_ENCRYPTION, "credential_response_encryption.alg" },
    { "{" ID ",\"credential_response_encryption\":{\"jwk\":" JWK ",\"enc\":\"A256GCM\",\"zip\":\"DEF\"}}",
      CARNET_E_OID4VCI_ENCRYPTION, "credential_response_encryption.zip" },
};

static void
a_request_is_taken_or_says_what_is_amiss(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(requests); i++) {
        carnet_credential_request request;
        carnet_err err = { 0 };
        const carnet_rc rc = carnet_credential_request_open(carnet_str_of(requests[i].json), &crypto, &request, &err);

        if (rc != requests[i].rc || strcmp(err.path, requests[i].path) != 0)
            print_message("%s: %s\n", requests[i].json, err.path);
        assert_carnet_rc(rc, requests[i].rc);
        assert_string_equal(err.path, requests[i].path);
        assert_true(rc == CARNET_OK || (request.document == NULL && request.proof_count == 0));
        assert_true(rc != CARNET_OK || (request.credential_identifier.len != 0) +
                                               (request.credential_configuration_id.len != 0) +
                                               (request.doctype.len != 0) ==
                                           1);
        carnet_credential_request_done(&request);
    }
}

static void
too_many_proofs_are_refused(void **state)
{
    carnet_buf json = carnet_buf_of(room, sizeof(room));
    carnet_credential_request request;

    (void)state;
    carnet_buf_add_text(&json, "{" ID ",\"proofs\":{\"jwt\":[\"a\"");
    for (size_t i = 0; i < CARNET_PROOFS_MAX; i++)
        carnet_buf_add_text(&json, ",\"a\"");
    carnet_buf_add_text(&json, "]}}");
    assert_carnet_rc(carnet_credential_request_open(carnet_buf_str(&json), &crypto, &request, NULL),
                     CARNET_E_OID4VCI_PROOF);
}

static carnet_key wallet, other;

static carnet_credential_request
sample(void)
{
    carnet_credential_request made = { .credential_configuration_id = carnet_str_of("mdl"),
                                       .proof_kind = CARNET_PROOF_JWT,
                                       .proof_count = 2,
                                       .dehydrated = true,
                                       .encryption = {
                                           .wanted = true,
                                           .jwk = { .key = wallet.public_key, .key_id = carnet_str_of("w1") },
                                           .content = CARNET_AES_256_GCM } };

    made.proofs[0] = carnet_str_of("a.b.c");
    made.proofs[1] = carnet_str_of("d.e.f");
    return made;
}

static int
with_keys(void **state)
{
    (void)state;
    assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &wallet, NULL), NULL);
    assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &other, NULL), NULL);
    return 0;
}

static int
without_keys(void **state)
{
    (void)state;
    carnet_key_done(&wallet);
    carnet_key_done(&other);
    return 0;
}

static void
a_request_by_type_is_as_drafts_before_15_have_it(void **state)
{
    carnet_credential_request made = { .doctype = carnet_str_of("d"),
                                       .proof_kind = CARNET_PROOF_JWT,
                                       .proof_count = 1 };
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_credential_request read;

    (void)state;
    made.proofs[0] = carnet_str_of("a.b.c");
    assert_carnet_ok(carnet_credential_request_build(&made, &out, NULL), NULL);
    assert_str_is(carnet_buf_str(&out), "{\"format\":\"mso_mdoc\",\"doctype\":\"d\",\"proof\":{\"proof_type\":\"jwt\","
                                        "\"jwt\":\"a.b.c\"}}");
    assert_carnet_ok(carnet_credential_request_open(carnet_buf_str(&out), &crypto, &read, NULL), NULL);
    assert_str_is(read.doctype, "d");
    assert_int_equal(read.proof_count, 1);
    carnet_credential_request_done(&read);
    made.credential_identifier = carnet_str_of("a");
    assert_carnet_rc(carnet_credential_request_build(&made, &out, NULL), CARNET_E_OID4VCI_REQUEST);
}

static void
a_request_that_was_made_reads_as_it_was(void **state)
{
    const carnet_credential_request made = sample();
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_credential_request read;

    (void)state;
    assert_carnet_ok(carnet_credential_request_build(&made, &out, NULL), NULL);
    assert_carnet_ok(carnet_credential_request_open(carnet_buf_str(&out), &crypto, &read, NULL), NULL);
    assert_str_is(read.credential_configuration_id, "mdl");
    assert_int_equal(read.proof_kind, CARNET_PROOF_JWT);
    assert_int_equal(read.proof_count, 2);
    assert_str_is(read.proofs[1], "d.e.f");
    assert_true(read.dehydrated && read.encryption.wanted);
    assert_int_equal(read.encryption.content, CARNET_AES_256_GCM);
    assert_true(carnet_public_key_equal(&read.encryption.jwk.key, &wallet.public_key));
    assert_str_is(read.encryption.jwk.key_id, "w1");
    assert_str_is(read.encryption.jwk.algorithm, "ECDH-ES");
    carnet_credential_request_done(&read);
}

static void
a_request_that_would_be_refused_is_not_made(void **state)
{
    static carnet_credential_request bad[5];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++)
        bad[i] = sample();
    bad[0].credential_configuration_id = (carnet_str){ 0 };
    bad[1].credential_identifier = carnet_str_of("x");
    bad[2].proof_count = 0;
    bad[3].proof_kind = CARNET_PROOF_ATTESTATION;
    bad[4].proof_count = CARNET_PROOFS_MAX + 1;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++) {
        carnet_buf out = carnet_buf_of(room, sizeof(room));

        assert_int_not_equal(carnet_credential_request_build(&bad[i], &out, NULL), CARNET_OK);
        assert_int_equal(out.len, 0);
    }
}

static void
a_deferred_request_names_its_transaction(void **state)
{
    const carnet_deferred_credential_request made = { .transaction_id = carnet_str_of("t-1"),
                                                      .encryption = sample().encryption };
    static const char *const bad[] = { "",
                                       "{}",
                                       "[]",
                                       "{\"transaction_id\":7}",
                                       "{\"transaction_id\":\"\"}",
                                       "{\"transaction_id\":\"t\",\"transaction_id\":\"t\"}" };
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_deferred_credential_request read;

    (void)state;
    assert_carnet_ok(carnet_deferred_credential_request_build(&made, &out, NULL), NULL);
    assert_carnet_ok(carnet_deferred_credential_request_open(carnet_buf_str(&out), &crypto, &read, NULL), NULL);
    assert_str_is(read.transaction_id, "t-1");
    assert_true(read.encryption.wanted);
    carnet_deferred_credential_request_done(&read);
    for (size_t i = 0; i < CARNET_COUNT(bad); i++)
        assert_carnet_rc(carnet_deferred_credential_request_open(carnet_str_of(bad[i]), &crypto, &read, NULL),
                         CARNET_E_OID4VCI_REQUEST);
    assert_carnet_rc(carnet_deferred_credential_request_build(&read, &out, NULL), CARNET_E_OID4VCI_REQUEST);
}

/* --- encryption --- */

static void
encryption_is_held_to_what_was_announced(void **state)
{
    const carnet_credential_encryption none = { 0 };
    const carnet_credential_encryption both = { .supported = true, .content = 3 };
    const carnet_credential_encryption gcm128 = { .supported = true, .content = CARNET_CREDENTIAL_A128GCM };
    const carnet_credential_encryption must = { .supported = true, .required = true, .content = 3 };
    const struct {
        const carnet_credential_encryption *request, *response;
        bool encrypted, wanted, good;
    } table[] = {
        { &none, &none, false, false, true },  { &both, &both, false, false, true },
        { &both, &both, true, true, true },    { &must, &must, true, true, true },
        { &none, &both, false, true, true },   { &both, &none, true, false, true },
        { &must, &both, false, false, false }, { &both, &must, true, false, false },
        { &both, &must, false, false, false }, { &both, &none, true, true, false },
        { &both, &both, false, true, true },   { &must, &both, false, true, false },
        { &both, &gcm128, true, true, false },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(table); i++) {
        const carnet_credential_response_encryption wanted = { .wanted = table[i].wanted,
                                                               .content = CARNET_AES_256_GCM };

        assert_carnet_rc(
            carnet_credential_encryption_check(table[i].request, table[i].response, table[i].encrypted, &wanted, NULL),
            table[i].good ? CARNET_OK : CARNET_E_OID4VCI_ENCRYPTION);
    }
}

static uint8_t jwe_room[4096];

static carnet_str
encrypted(const char *key_id, carnet_aead content)
{
    const carnet_jwk to = { .key = wallet.public_key, .key_id = carnet_str_of(key_id) };
    carnet_buf out = carnet_buf_of(jwe_room, sizeof(jwe_room));

    assert_carnet_ok(carnet_credential_message_encrypt(&to, content, &crypto, carnet_str_of("{\"a\":1}"), &out, NULL),
                     NULL);
    return carnet_buf_str(&out);
}

static void
a_message_is_decrypted_with_the_key_it_names(void **state)
{
    const carnet_credential_decryption_key ours = { carnet_str_of("w1"), &wallet };
    const carnet_credential_decryption_key unnamed = { { 0 }, &wallet }, another = { carnet_str_of("w2"), &other };
    const carnet_credential_decryption_key misnamed = { carnet_str_of("w1"), &other };
    const struct {
        const char *key_id;
        carnet_aead content;
        carnet_credential_decryption_key keys[2];
        size_t count;
        unsigned allowed;
        bool good;
    } table[] = {
        { "w1", CARNET_AES_128_GCM, { another, ours }, 2, 3, true },
        { "w1", CARNET_AES_256_GCM, { ours }, 1, CARNET_CREDENTIAL_A256GCM, true },
        { NULL, CARNET_AES_256_GCM, { ours }, 1, 3, true },
        { "w9", CARNET_AES_256_GCM, { unnamed }, 1, 3, true },
        { "w9", CARNET_AES_256_GCM, { ours }, 1, 3, false },
        { NULL, CARNET_AES_256_GCM, { ours, another }, 2, 3, false },
        { "w1", CARNET_AES_256_GCM, { ours }, 1, CARNET_CREDENTIAL_A128GCM, false },
        { "w1", CARNET_AES_256_GCM, { misnamed }, 1, 3, false },
        { "w1", CARNET_AES_256_GCM, { ours }, 0, 3, false },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(table); i++) {
        carnet_buf storage = carnet_buf_of(room, sizeof(room));
        carnet_str json;

        assert_carnet_rc(carnet_credential_message_decrypt(encrypted(table[i].key_id, table[i].content), table[i].keys,
                                                           table[i].count, table[i].allowed, &crypto, &storage, &json,
                                                           NULL),
                         table[i].good ? CARNET_OK : CARNET_E_OID4VCI_ENCRYPTION);
        assert_str_is(json, table[i].good ? "{\"a\":1}" : "");
    }
}

static void
not_decrypted(carnet_span jwe, void *context)
{
    const carnet_credential_decryption_key ours = { carnet_str_of("w1"), &wallet };
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_str json;

    (void)context;
    assert_carnet_rc(carnet_credential_message_decrypt((carnet_str){ (const char *)jwe.ptr, jwe.len }, &ours, 1, 3,
                                                       &crypto, &storage, &json, NULL),
                     CARNET_E_OID4VCI_ENCRYPTION);
    assert_int_equal(json.len, 0);
}

static void
every_prefix_and_bit_of_an_encrypted_message_is_refused(void **state)
{
    const carnet_span jwe = carnet_str_bytes(encrypted("w1", CARNET_AES_128_GCM));

    (void)state;
    carnet_test_every_prefix(jwe, not_decrypted, NULL);
    carnet_test_every_bit(jwe, not_decrypted, NULL);
}

static void
nothing_is_encrypted_to_a_key_that_is_for_something_else(void **state)
{
    carnet_jwk keys[3] = { { .key = wallet.public_key, .algorithm = carnet_str_of("ES256") },
                           { .key = wallet.public_key, .use = carnet_str_of("sig") },
                           { .key = { .curve = CARNET_CURVE_ED25519 } } };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(keys); i++) {
        carnet_buf out = carnet_buf_of(jwe_room, sizeof(jwe_room));

        assert_carnet_rc(
            carnet_credential_message_encrypt(&keys[i], CARNET_AES_128_GCM, &crypto, carnet_str_of("{}"), &out, NULL),
            CARNET_E_OID4VCI_ENCRYPTION);
        assert_int_equal(out.len, 0);
    }
}

/* --- what does no harm --- */

static void
no_prefix(carnet_span prefix, void *context)
{
    carnet_credential_request request;

    (void)context;
    assert_carnet_rc(
        carnet_credential_request_open((carnet_str){ (const char *)prefix.ptr, prefix.len }, &crypto, &request, NULL),
        CARNET_E_OID4VCI_REQUEST);
}

static void
any_bit(carnet_span changed, void *context)
{
    carnet_credential_request request;

    (void)context;
    if (carnet_credential_request_open((carnet_str){ (const char *)changed.ptr, changed.len }, &crypto, &request,
                                       NULL) == CARNET_OK)
        assert_true((request.proof_kind == CARNET_PROOF_NONE) == (request.proof_count == 0));
    carnet_credential_request_done(&request);
}

static void
every_prefix_of_a_request_is_refused_and_no_bit_does_harm(void **state)
{
    const carnet_credential_request made = sample();
    static uint8_t json[1024];
    carnet_buf out = carnet_buf_of(json, sizeof(json));

    (void)state;
    assert_carnet_ok(carnet_credential_request_build(&made, &out, NULL), NULL);
    carnet_test_every_prefix(carnet_buf_span(&out), no_prefix, NULL);
    carnet_test_every_bit(carnet_buf_span(&out), any_bit, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_taken_or_says_what_is_amiss),
        cmocka_unit_test(too_many_proofs_are_refused),
        cmocka_unit_test(a_request_by_type_is_as_drafts_before_15_have_it),
        cmocka_unit_test_setup_teardown(a_request_that_was_made_reads_as_it_was, with_keys, without_keys),
        cmocka_unit_test_setup_teardown(a_request_that_would_be_refused_is_not_made, with_keys, without_keys),
        cmocka_unit_test_setup_teardown(a_deferred_request_names_its_transaction, with_keys, without_keys),
        cmocka_unit_test(encryption_is_held_to_what_was_announced),
        cmocka_unit_test_setup_teardown(a_message_is_decrypted_with_the_key_it_names, with_keys, without_keys),
        cmocka_unit_test_setup_teardown(every_prefix_and_bit_of_an_encrypted_message_is_refused, with_keys,
                                        without_keys),
        cmocka_unit_test_setup_teardown(nothing_is_encrypted_to_a_key_that_is_for_something_else, with_keys,
                                        without_keys),
        cmocka_unit_test_setup_teardown(every_prefix_of_a_request_is_refused_and_no_bit_does_harm, with_keys,
                                        without_keys),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
