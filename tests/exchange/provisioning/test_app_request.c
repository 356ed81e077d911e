/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/app_request.h"
#include "support/support.h"

#include <string.h>

#define AUDIENCE  "https://provider.example/app"
#define CHALLENGE "Zm9yIHRlc3RzIGFsb25l"
#define NOW       1795219200

static carnet_crypto crypto;
static carnet_key instance, device[3];
static uint8_t rooms[5][32768];
static carnet_buf storage, out, proofs;
static carnet_str proof[3];

static int
begin(void **state)
{
    (void)state;
    if (carnet_crypto_init(&crypto, NULL) != CARNET_OK ||
        carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &instance, NULL) != CARNET_OK)
        return -1;
    proofs = carnet_buf_of(rooms[2], sizeof(rooms[2]));
    for (size_t i = 0; i < 3; i++) {
        const size_t start = proofs.len;

        if (carnet_software_key_generate(&crypto, i == 2 ? CARNET_CURVE_P384 : CARNET_CURVE_P256, CARNET_KEY_SIGN,
                                         &device[i], NULL) != CARNET_OK ||
            carnet_app_key_proof_build(carnet_str_of(AUDIENCE), carnet_str_of(CHALLENGE), &device[i], &crypto, &proofs,
                                       NULL) != CARNET_OK)
            return -1;
        proof[i] = (carnet_str){ (char *)proofs.ptr + start, proofs.len - start };
    }
    return 0;
}

static int
end(void **state)
{
    (void)state;
    carnet_key_done(&instance);
    for (size_t i = 0; i < 3; i++)
        carnet_key_done(&device[i]);
    carnet_crypto_done(&crypto);
    return 0;
}

static int
each(void **state)
{
    (void)state;
    storage = carnet_buf_of(rooms[0], sizeof(rooms[0]));
    out = carnet_buf_of(rooms[1], sizeof(rooms[1]));
    return 0;
}

static carnet_app_request_spec
spec_for(carnet_app_purpose purpose)
{
    carnet_app_request_spec spec = { .struct_size = sizeof(spec),
                                     .purpose = purpose,
                                     .audience = carnet_str_of(AUDIENCE),
                                     .challenge = carnet_str_of(CHALLENGE),
                                     .issued_at = NOW };

    if (purpose == CARNET_APP_KEY_ATTESTATION) {
        spec.key_proofs = proof;
        spec.key_proof_count = 3;
        spec.nonce = carnet_str_of("nonce-1");
    }
    if (purpose == CARNET_APP_RELAY)
        spec.body = CARNET_TEST_BYTES("{\"method\":\"POST\"}");
    return spec;
}

static carnet_str
made(const carnet_app_request_spec *spec)
{
    out.len = 0;
    assert_carnet_ok(carnet_app_request_build(spec, &instance, &crypto, &out, NULL), NULL);
    return carnet_buf_str(&out);
}

static carnet_rc
opened(carnet_str text, carnet_app_purpose purpose, carnet_app_request *view, carnet_err *err)
{
    storage.len = 0;
    return carnet_app_request_open(text, purpose, carnet_str_of(AUDIENCE), CARNET_TEST_BYTES("{\"method\":\"POST\"}"),
                                   NOW + 30, 60, &crypto, &storage, view, err);
}

static void
what_is_made_is_opened(void **state)
{
    static const carnet_app_purpose purposes[] = { CARNET_APP_WALLET_ATTESTATION, CARNET_APP_KEY_ATTESTATION,
                                                   CARNET_APP_RELAY };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(purposes); i++) {
        const carnet_app_request_spec spec = spec_for(purposes[i]);
        carnet_app_request view;
        carnet_err err = { 0 };

        assert_carnet_ok(opened(made(&spec), purposes[i], &view, &err), &err);
        assert_true(carnet_public_key_equal(&view.instance, &instance.public_key));
        assert_str_is(view.challenge, CHALLENGE);
        assert_int_equal(view.issued_at, NOW);
        carnet_app_request_close(&view);
    }
}

static void
keys_are_proven_in_their_order(void **state)
{
    const carnet_app_request_spec spec = spec_for(CARNET_APP_KEY_ATTESTATION);
    carnet_buf room = carnet_buf_of(rooms[3], sizeof(rooms[3]));
    carnet_public_key keys[3];
    carnet_app_request view;
    carnet_err err = { 0 };
    size_t count;

    (void)state;
    assert_carnet_ok(opened(made(&spec), CARNET_APP_KEY_ATTESTATION, &view, &err), &err);
    assert_str_is(view.nonce, "nonce-1");
    assert_carnet_ok(carnet_app_request_keys(&view, carnet_str_of(AUDIENCE), &crypto, &room, keys, 3, &count, &err),
                     &err);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(carnet_public_key_equal(&keys[i], &device[i].public_key));
    assert_carnet_rc(carnet_app_request_keys(&view, carnet_str_of(AUDIENCE), &crypto, &room, keys, 2, &count, &err),
                     CARNET_E_LIMIT);
    assert_carnet_rc(
        carnet_app_request_keys(&view, carnet_str_of("https://other.example"), &crypto, &room, keys, 3, &count, &err),
        CARNET_E_APP_REQUEST_KEY);
    assert_int_equal(count, 0);
    carnet_app_request_close(&view);
}

static void
keys_that_are_not_proven_are_refused(void **state)
{
    carnet_app_request_spec spec = spec_for(CARNET_APP_KEY_ATTESTATION);
    carnet_buf room = carnet_buf_of(rooms[3], sizeof(rooms[3]));
    carnet_buf other = carnet_buf_of(rooms[4], sizeof(rooms[4]));
    carnet_public_key keys[3];
    carnet_app_request view;
    carnet_err err = { 0 };
    carnet_str twice[2] = { proof[0], proof[0] }, stale[2] = { proof[0], { 0 } };
    size_t count;

    (void)state;
    spec.key_proofs = twice;
    spec.key_proof_count = 2;
    assert_carnet_ok(opened(made(&spec), CARNET_APP_KEY_ATTESTATION, &view, &err), &err);
    assert_carnet_rc(carnet_app_request_keys(&view, spec.audience, &crypto, &room, keys, 3, &count, &err),
                     CARNET_E_APP_REQUEST_KEY);
    assert_string_equal(err.path, "keys[1]");
    carnet_app_request_close(&view);

    assert_carnet_ok(
        carnet_app_key_proof_build(spec.audience, carnet_str_of("another"), &device[1], &crypto, &other, NULL), NULL);
    stale[1] = carnet_buf_str(&other);
    spec.key_proofs = stale;
    assert_carnet_ok(opened(made(&spec), CARNET_APP_KEY_ATTESTATION, &view, &err), &err);
    assert_carnet_rc(carnet_app_request_keys(&view, spec.audience, &crypto, &room, keys, 3, &count, &err),
                     CARNET_E_APP_REQUEST_KEY);
    carnet_app_request_close(&view);
}

static void
a_statement_stands_instead_of_proofs(void **state)
{
    carnet_app_request_spec spec = spec_for(CARNET_APP_KEY_ATTESTATION);
    carnet_app_request view;
    carnet_err err = { 0 };

    (void)state;
    spec.key_proof_count = 0;
    spec.statement_format = carnet_str_of("tpm2-certify");
    spec.statement = CARNET_TEST_BYTES("\x83\x01\x02\x03");
    assert_carnet_ok(opened(made(&spec), CARNET_APP_KEY_ATTESTATION, &view, &err), &err);
    assert_str_is(view.statement_format, "tpm2-certify");
    assert_span_equal(view.statement, spec.statement);
    assert_null(view.key_proofs);
    carnet_app_request_close(&view);
    spec.key_proof_count = 1;
    assert_carnet_rc(carnet_app_request_build(&spec, &instance, &crypto, &out, NULL), CARNET_E_USAGE);
    spec.key_proof_count = 0;
    spec.statement = (carnet_span){ 0 };
    assert_carnet_rc(carnet_app_request_build(&spec, &instance, &crypto, &out, NULL), CARNET_E_USAGE);
}

static void
what_is_meant_otherwise_is_refused(void **state)
{
    carnet_app_request_spec spec = spec_for(CARNET_APP_RELAY);
    carnet_app_request view;

    (void)state;
    assert_carnet_rc(opened(made(&spec), CARNET_APP_WALLET_ATTESTATION, &view, NULL), CARNET_E_APP_REQUEST);
    spec.audience = carnet_str_of("https://provider.example");
    assert_carnet_rc(opened(made(&spec), CARNET_APP_RELAY, &view, NULL), CARNET_E_APP_REQUEST_AUDIENCE);
    spec = spec_for(CARNET_APP_RELAY);
    spec.issued_at = NOW - 31;
    assert_carnet_rc(opened(made(&spec), CARNET_APP_RELAY, &view, NULL), CARNET_E_APP_REQUEST_TIME);
    spec.issued_at = NOW + 91;
    assert_carnet_rc(opened(made(&spec), CARNET_APP_RELAY, &view, NULL), CARNET_E_APP_REQUEST_TIME);
    spec.issued_at = NOW;
    spec.body = CARNET_TEST_BYTES("{\"method\":\"GET\"}");
    assert_carnet_rc(opened(made(&spec), CARNET_APP_RELAY, &view, NULL), CARNET_E_APP_REQUEST_BODY);
    spec = spec_for(CARNET_APP_RELAY);
    spec.challenge = (carnet_str){ 0 };
    assert_carnet_rc(carnet_app_request_build(&spec, &instance, &crypto, &out, NULL), CARNET_E_USAGE);
}

static void
tokens_that_are_no_requests_are_refused(void **state)
{
    static const struct {
        const char *type, *claims;
    } rows[] = {
        { "carnet-app-key-proof+jwt",
          "{\"purpose\":\"relay\",\"aud\":\"" AUDIENCE "\",\"challenge\":\"a\",\"iat\":1}" },
        { CARNET_APP_REQUEST_TYPE, "{\"purpose\":\"other\",\"aud\":\"" AUDIENCE "\",\"challenge\":\"a\",\"iat\":1}" },
        { CARNET_APP_REQUEST_TYPE, "{\"aud\":\"" AUDIENCE "\",\"challenge\":\"a\",\"iat\":1}" },
        { CARNET_APP_REQUEST_TYPE, "{\"purpose\":\"relay\",\"aud\":\"" AUDIENCE "\",\"challenge\":1,\"iat\":1}" },
        { CARNET_APP_REQUEST_TYPE,
          "{\"purpose\":\"relay\",\"aud\":\"" AUDIENCE "\",\"challenge\":\"a\",\"iat\":\"1\"}" },
        { CARNET_APP_REQUEST_TYPE, "{\"purpose\":\"relay\",\"aud\":\"" AUDIENCE "\",\"challenge\":\"a\"}" },
        { CARNET_APP_REQUEST_TYPE,
          "{\"purpose\":\"key_attestation\",\"aud\":\"" AUDIENCE "\",\"challenge\":\"a\",\"iat\":1,\"keys\":[]}" },
        { CARNET_APP_REQUEST_TYPE,
          "{\"purpose\":\"key_attestation\",\"aud\":\"" AUDIENCE
          "\",\"challenge\":\"a\",\"iat\":1,\"statement\":{\"format\":\"x\",\"value\":\"*\"}}" },
        { CARNET_APP_REQUEST_TYPE, "{\"purpose\":\"key_attestation\",\"aud\":\"" AUDIENCE
                                   "\",\"challenge\":\"a\",\"iat\":1,\"statement\":{\"value\":\"AAAA\"}}" },
        { CARNET_APP_REQUEST_TYPE, "[]" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        const carnet_jws_header header = { .type = rows[i].type, .jwk = &instance.public_key };
        carnet_app_request view;
        carnet_err err = { 0 };

        out.len = 0;
        assert_carnet_ok(
            carnet_jws_sign(&header, carnet_str_bytes(carnet_str_of(rows[i].claims)), &instance, &crypto, &out, NULL),
            NULL);
        if (opened(carnet_buf_str(&out), CARNET_APP_RELAY, &view, &err) != CARNET_E_APP_REQUEST)
            fail_msg("row %zu: %s", i, carnet_rc_name(err.rc));
        assert_null(view.jws.header);
    }
}

static void
one_changed(carnet_span mutated, void *context)
{
    const carnet_str text = { (const char *)mutated.ptr, mutated.len };
    carnet_app_request view;
    size_t *refused = context;

    if (opened(text, CARNET_APP_WALLET_ATTESTATION, &view, NULL) == CARNET_OK)
        fail_msg("a changed request was taken");
    *refused += 1;
}

static void
every_prefix_and_bit_is_refused(void **state)
{
    const carnet_app_request_spec spec = spec_for(CARNET_APP_WALLET_ATTESTATION);
    const carnet_span text = carnet_str_bytes(made(&spec));
    size_t refused = 0;

    (void)state;
    carnet_test_every_prefix(text, one_changed, &refused);
    carnet_test_every_bit(text, one_changed, &refused);
    assert_int_equal(refused, text.len * 9);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_made_is_opened, each),
        cmocka_unit_test_setup(keys_are_proven_in_their_order, each),
        cmocka_unit_test_setup(keys_that_are_not_proven_are_refused, each),
        cmocka_unit_test_setup(a_statement_stands_instead_of_proofs, each),
        cmocka_unit_test_setup(what_is_meant_otherwise_is_refused, each),
        cmocka_unit_test_setup(tokens_that_are_no_requests_are_refused, each),
        cmocka_unit_test_setup(every_prefix_and_bit_is_refused, each),
    };

    return cmocka_run_group_tests_name("app_request", tests, begin, end);
}
