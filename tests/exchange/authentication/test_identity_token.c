/* SPDX-License-Identifier: Apache-2.0 */
/* The identity token: what is made opens; what is not exactly what was expected is refused. */
#include "carnet/identity_token.h"
#include "support/support.h"

#include <string.h>

#define NOW INT64_C(1795000000)

static carnet_crypto crypto;
static carnet_key key, other;
static const carnet_span certificate = { (const uint8_t *)"a certificate", 13 };
static uint8_t out_room[8192], storage_room[8192];

static int
begin(void **state)
{
    (void)state;
    return carnet_crypto_init(&crypto, NULL) == CARNET_OK &&
                   carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &key, NULL) == CARNET_OK &&
                   carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &other, NULL) == CARNET_OK
               ? 0
               : -1;
}

static int
end(void **state)
{
    (void)state;
    carnet_key_done(&key);
    carnet_key_done(&other);
    carnet_crypto_done(&crypto);
    return 0;
}

static carnet_identity_token
whole(void)
{
    carnet_identity_token token = {
        .issuer = carnet_str_of("https://idp.example"),
        .audience = carnet_str_of("bank-a"),
        .subject = carnet_str_of("pairwise-x"),
        .token_id = carnet_str_of("t-1"),
        .session_id = carnet_str_of("EBESExQVFhcYGRobHB0eHw"),
        .issued_at = NOW,
        .expires = NOW + 300,
        .auth_time = NOW - 2,
        .vot = carnet_str_of("Cb.Ce.Cg"),
        .vtm = carnet_str_of("https://example.org/vtm"),
        .aal = 3,
        .amr = { carnet_str_of("hwk"), carnet_str_of("fpt") },
        .amr_count = 2,
        .transaction = { .ref = carnet_str_of("ST0000000042"),
                         .amount = carnet_str_of("000000020000"),
                         .currency = carnet_str_of("840"),
                         .terminal = carnet_str_of("ATM00001") },
        .text_hash = carnet_str_of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"),
    };

    assert_carnet_ok(carnet_digest(&crypto, CARNET_SHA256, &certificate, 1, token.certificate_hash, NULL), NULL);
    return token;
}

static carnet_identity_token_expected
expected(void)
{
    return (carnet_identity_token_expected){ .issuer = carnet_str_of("https://idp.example"),
                                             .audience = carnet_str_of("bank-a"),
                                             .certificate = certificate,
                                             .session_id = carnet_str_of("EBESExQVFhcYGRobHB0eHw"),
                                             .now = NOW + 10,
                                             .skew = 30 };
}

static carnet_str
made(const carnet_identity_token *token)
{
    carnet_buf out = carnet_buf_of(out_room, sizeof(out_room));
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_identity_token_build(token, carnet_str_of("k1"), &key, &crypto, &out, &err), &err);
    return carnet_buf_str(&out);
}

/* Claims as they are, signed as a token would be. */
static carnet_str
signed_as(const char *type, const char *claims, carnet_key *by)
{
    const carnet_jws_header header = { .type = type };
    carnet_buf out = carnet_buf_of(out_room, sizeof(out_room));

    assert_carnet_ok(carnet_jws_sign(&header, carnet_str_bytes(carnet_str_of(claims)), by, &crypto, &out, NULL), NULL);
    return carnet_buf_str(&out);
}

static carnet_rc
open(carnet_str text, const carnet_identity_token_expected *e, carnet_err *err)
{
    carnet_buf storage = carnet_buf_of(storage_room, sizeof(storage_room));
    carnet_identity_token token;
    const carnet_rc rc = carnet_identity_token_open(text, e, &key.public_key, &crypto, &storage, &token, err);

    if (rc != CARNET_OK)
        assert_true(token.jws.header == NULL && token.subject.len == 0 && token.aal == 0);
    carnet_identity_token_close(&token);
    return rc;
}

static void
what_is_made_opens_with_all_it_says(void **state)
{
    const carnet_identity_token token = whole();
    const carnet_identity_token_expected e = expected();
    carnet_buf storage = carnet_buf_of(storage_room, sizeof(storage_room));
    carnet_identity_token got;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_identity_token_open(made(&token), &e, &key.public_key, &crypto, &storage, &got, &err),
                     &err);
    assert_str_is(got.jws.key_id, "k1");
    assert_str_is(got.jws.type, CARNET_IDENTITY_TOKEN_TYPE);
    assert_str_is(got.subject, "pairwise-x");
    assert_str_is(got.token_id, "t-1");
    assert_str_is(got.vot, "Cb.Ce.Cg");
    assert_str_is(got.vtm, "https://example.org/vtm");
    assert_true(got.issued_at == NOW && got.expires == NOW + 300 && got.auth_time == NOW - 2 && got.aal == 3);
    assert_int_equal(got.amr_count, 2);
    assert_str_is(got.amr[1], "fpt");
    assert_str_is(got.transaction.ref, "ST0000000042");
    assert_str_is(got.transaction.amount, "000000020000");
    assert_str_is(got.transaction.currency, "840");
    assert_str_is(got.transaction.terminal, "ATM00001");
    assert_true(carnet_str_equal(got.text_hash, token.text_hash));
    assert_memory_equal(got.certificate_hash, token.certificate_hash, 32);
    carnet_identity_token_close(&got);
    assert_null(got.jws.header);
}

static void
a_token_of_no_transaction_names_none(void **state)
{
    carnet_identity_token token = whole(), got;
    const carnet_identity_token_expected e = expected();
    carnet_buf storage = carnet_buf_of(storage_room, sizeof(storage_room));

    (void)state;
    token.transaction = (carnet_bops_transaction){ 0 };
    token.text_hash = (carnet_str){ 0 };
    token.amr_count = 0;
    assert_carnet_ok(carnet_identity_token_open(made(&token), &e, &key.public_key, &crypto, &storage, &got, NULL),
                     NULL);
    assert_null(carnet_json_get(got.jws.claims, "txn"));
    assert_true(got.transaction.ref.len == 0 && got.amr_count == 0);
    carnet_identity_token_close(&got);
}

static void
no_token_is_made_that_lives_too_long_or_not_at_all(void **state)
{
    static const int64_t lifetimes[] = { 301, 0, -1 };
    carnet_buf out = carnet_buf_of(out_room, sizeof(out_room));

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(lifetimes); i++) {
        carnet_identity_token token = whole();

        token.expires = token.issued_at + lifetimes[i];
        assert_carnet_rc(carnet_identity_token_build(&token, carnet_str_of("k"), &key, &crypto, &out, NULL),
                         CARNET_E_IDENTITY_TOKEN_TIME);
        assert_int_equal(out.len, 0);
    }
}

static void
is_held_against_what_was_expected(void **state)
{
    const carnet_identity_token token = whole();
    const carnet_span stranger = CARNET_TEST_BYTES("another certificate");
    const carnet_identity_token_expected good = expected();
    carnet_identity_token_expected e[8] = { good, good, good, good, good, good, good, good };
    static const carnet_rc rcs[8] = { CARNET_E_IDENTITY_TOKEN,
                                      CARNET_E_IDENTITY_TOKEN,
                                      CARNET_E_IDENTITY_TOKEN,
                                      CARNET_E_IDENTITY_TOKEN_BINDING,
                                      CARNET_E_IDENTITY_TOKEN_TIME,
                                      CARNET_E_IDENTITY_TOKEN_TIME,
                                      CARNET_OK,
                                      CARNET_OK };
    const carnet_str text = made(&token);

    (void)state;
    e[0].issuer = carnet_str_of("https://idp.example/");
    e[1].audience = carnet_str_of("bank-b");
    e[2].session_id = carnet_str_of("EBESExQVFhcYGRobHB0eHx");
    e[3].certificate = stranger;
    e[4].now = NOW + 330; /* over, and so is the tolerance */
    e[5].now = NOW - 31;  /* not yet */
    e[6].now = NOW + 329;
    e[7].certificate = (carnet_span){ 0 }; /* not checked, nor is the session */
    e[7].session_id = (carnet_str){ 0 };
    for (size_t i = 0; i < CARNET_COUNT(e); i++) {
        carnet_err err = { 0 };
        const carnet_rc rc = open(text, &e[i], &err);

        if (rc != rcs[i])
            fail_msg("%zu: %s %s", i, carnet_rc_name(rc), err.reason);
    }
}

#define TIMES "\"iat\":1795000000,\"exp\":1795000300,\"auth_time\":1795000000,"
#define NAMES                                                                                                          \
    "\"iss\":\"https://idp.example\",\"aud\":\"bank-a\",\"sub\":\"s\",\"jti\":\"t\",\"sid\":"                          \
    "\"EBESExQVFhcYGRobHB0eHw\",\"vot\":\"Cb\",\"vtm\":\"v\","
#define CNF "\"cnf\":{\"x5t#S256\":\"cFrCBBaIoPhFGBHhlJ7IBHQ6ofTLrNwhNmKbl3qnxkg\"}"

static const struct {
    const char *what, *claims;
    carnet_rc rc;
} claims[] = {
    { "no claims", "{}", CARNET_E_IDENTITY_TOKEN },
    { "a list", "[]", CARNET_E_IDENTITY_TOKEN },
    { "no issuer",
      "{\"aud\":\"bank-a\",\"sub\":\"s\",\"jti\":\"t\",\"sid\":\"x\",\"vot\":\"Cb\",\"vtm\":\"v\"," TIMES
      "\"aal\":1," CNF "}",
      CARNET_E_IDENTITY_TOKEN },
    { "audiences",
      "{\"iss\":\"https://idp.example\",\"aud\":[\"bank-a\"],\"sub\":\"s\",\"jti\":\"t\",\"sid\":\"x\",\"vot\":\"Cb\","
      "\"vtm\":\"v\"," TIMES "\"aal\":1," CNF "}",
      CARNET_E_IDENTITY_TOKEN },
    { "no end", "{" NAMES "\"iat\":1795000000,\"auth_time\":1795000000,\"aal\":1," CNF "}", CARNET_E_IDENTITY_TOKEN },
    { "an end that is a text",
      "{" NAMES "\"iat\":1795000000,\"auth_time\":1795000000,\"exp\":\"1795000300\",\"aal\":1," CNF "}",
      CARNET_E_IDENTITY_TOKEN },
    { "no level", "{" NAMES TIMES CNF "}", CARNET_E_IDENTITY_TOKEN },
    { "a level of 4", "{" NAMES TIMES "\"aal\":4," CNF "}", CARNET_E_IDENTITY_TOKEN },
    { "methods that are no list", "{" NAMES TIMES "\"aal\":1,\"amr\":\"hwk\"," CNF "}", CARNET_E_IDENTITY_TOKEN },
    { "nine methods",
      "{" NAMES TIMES "\"aal\":1,\"amr\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]," CNF "}",
      CARNET_E_IDENTITY_TOKEN },
    { "no binding", "{" NAMES TIMES "\"aal\":1}", CARNET_E_IDENTITY_TOKEN },
    { "a binding too short", "{" NAMES TIMES "\"aal\":1,\"cnf\":{\"x5t#S256\":\"AAEC\"}}", CARNET_E_IDENTITY_TOKEN },
    { "a binding not in base64url",
      "{" NAMES TIMES "\"aal\":1,\"cnf\":{\"x5t#S256\":\"+/rCBBaIoPhFGBHhlJ7IBHQ6ofTLrNwhNmKbl3qnxkg\"}}",
      CARNET_E_IDENTITY_TOKEN },
    { "a transaction that is a text", "{" NAMES TIMES "\"aal\":1,\"txn\":\"ST1\"," CNF "}", CARNET_E_IDENTITY_TOKEN },
    { "an amount that is a number", "{" NAMES TIMES "\"aal\":1,\"txn\":{\"ref\":\"ST1\",\"amount\":20000}," CNF "}",
      CARNET_E_IDENTITY_TOKEN },
    { "a life of 301 seconds",
      "{" NAMES "\"iat\":1795000000,\"exp\":1795000301,\"auth_time\":1795000000,\"aal\":1," CNF "}",
      CARNET_E_IDENTITY_TOKEN_TIME },
    { "proven after it was issued",
      "{" NAMES "\"iat\":1795000000,\"exp\":1795000300,\"auth_time\":1795000031,\"aal\":1," CNF "}",
      CARNET_E_IDENTITY_TOKEN_TIME },
    { "times at the ends of what there is",
      "{" NAMES "\"iat\":-9007199254740991,\"exp\":9007199254740991,\"auth_time\":0,\"aal\":1," CNF "}",
      CARNET_E_IDENTITY_TOKEN },
    { "bound to another certificate", "{" NAMES TIMES "\"aal\":1," CNF "}", CARNET_E_IDENTITY_TOKEN_BINDING },
};

static void
refuses_claims_that_are_not_as_they_should_be(void **state)
{
    const carnet_identity_token_expected e = expected();

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(claims); i++) {
        carnet_err err = { 0 };
        const carnet_rc rc = open(signed_as(CARNET_IDENTITY_TOKEN_TYPE, claims[i].claims, &key), &e, &err);

        if (rc != claims[i].rc)
            fail_msg("%s: %s %s", claims[i].what, carnet_rc_name(rc), err.reason);
    }
}

static void
refuses_another_type_key_and_algorithm(void **state)
{
    static const char *const types[] = { NULL, "JWT", "at+jwt", "dpop+jwt" };
    static const char good[] = "{" NAMES TIMES "\"aal\":1," CNF "}";
    carnet_identity_token_expected e = expected();
    carnet_buf out = carnet_buf_of(out_room, sizeof(out_room));

    (void)state;
    e.certificate = (carnet_span){ 0 };
    assert_carnet_ok(open(signed_as(CARNET_IDENTITY_TOKEN_TYPE, good, &key), &e, NULL), NULL);
    for (size_t i = 0; i < CARNET_COUNT(types); i++)
        assert_carnet_rc(open(signed_as(types[i], good, &key), &e, NULL), CARNET_E_IDENTITY_TOKEN);
    assert_carnet_rc(open(signed_as(CARNET_IDENTITY_TOKEN_TYPE, good, &other), &e, NULL), CARNET_E_JOSE_SIGNATURE);
    /* {"alg":"none","typ":"p1940-it+jwt"} */
    carnet_buf_add_text(&out, "eyJhbGciOiJub25lIiwidHlwIjoicDE5NDAtaXQrand0In0.");
    carnet_base64url_encode(carnet_str_bytes(carnet_str_of(good)), &out);
    carnet_buf_add_text(&out, ".");
    assert_int_not_equal(open(carnet_buf_str(&out), &e, NULL), CARNET_OK);
}

static void
refuses_a_mutation(carnet_span mutated, void *context)
{
    const carnet_identity_token_expected *e = context;

    assert_int_not_equal(open((carnet_str){ (const char *)mutated.ptr, mutated.len }, e, NULL), CARNET_OK);
}

static void
survives_every_prefix_and_every_bit(void **state)
{
    const carnet_identity_token token = whole();
    carnet_identity_token_expected e = expected();
    const carnet_span text = carnet_test_copy(carnet_str_bytes(made(&token)));

    (void)state;
    carnet_test_every_prefix(text, refuses_a_mutation, &e);
    carnet_test_every_bit(text, refuses_a_mutation, &e);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_made_opens_with_all_it_says),
        cmocka_unit_test(a_token_of_no_transaction_names_none),
        cmocka_unit_test(no_token_is_made_that_lives_too_long_or_not_at_all),
        cmocka_unit_test(is_held_against_what_was_expected),
        cmocka_unit_test(refuses_claims_that_are_not_as_they_should_be),
        cmocka_unit_test(refuses_another_type_key_and_algorithm),
        cmocka_unit_test(survives_every_prefix_and_every_bit),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
