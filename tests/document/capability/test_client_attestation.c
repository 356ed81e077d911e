/* SPDX-License-Identifier: Apache-2.0 */
#include "wallet_world.h"

#include <string.h>

static void
what_is_made_is_accepted(void **state)
{
    carnet_client_attestation_spec spec = attestation_spec(SIGNER_GOOD);
    carnet_client_attestation_expectation e = expected();
    carnet_client_authentication result;
    uint8_t thumbprint[32];
    carnet_err err = { 0 };

    (void)state;
    spec.wallet_name = carnet_str_of("Carnet \"quoted\"");
    spec.wallet_link = carnet_str_of("https://wallet.example");
    spec.status = carnet_str_of("{\"status_list\":{\"idx\":7,\"uri\":\"https://s.example\"}}");
    spec.more = carnet_str_of("\"mcd\":\"AAAA\"");
    known_challenge = "c-1";
    e.challenge_required = true;
    e.challenge = is_ours;
    e.client_id = carnet_str_of("wallet-1");
    assert_carnet_ok(carnet_jwk_thumbprint(&a.crypto, &instance.public_key, thumbprint, NULL), NULL);
    e.thumbprint = thumbprint;
    assert_carnet_ok(carnet_client_attestation_check(built(&spec, &a.keys[SIGNER_GOOD]), proof("c-1"), &e, &a.crypto,
                                                     &storage, &result, &err),
                     &err);
    assert_str_is(result.attestation.issuer, "https://provider.example");
    assert_str_is(result.attestation.client_id, "wallet-1");
    assert_str_is(result.attestation.wallet_name, "Carnet \"quoted\"");
    assert_str_is(result.attestation.wallet_link, "https://wallet.example");
    assert_int_equal(result.attestation.issued_at, NOW - 100);
    assert_int_equal(result.attestation.expires, NOW + 3600);
    assert_true(result.attestation.not_before == CARNET_TIME_ABSENT);
    assert_int_equal(
        carnet_json_integer(carnet_json_get(carnet_json_get(result.attestation.status, "status_list"), "idx")), 7);
    assert_str_is(carnet_json_string(carnet_json_get(result.attestation.jws.claims, "mcd")), "AAAA");
    assert_true(carnet_public_key_equal(&result.attestation.key, &instance.public_key));
    assert_str_is(result.pop.issuer, "wallet-1");
    assert_str_is(result.pop.challenge, "c-1");
    assert_int_equal(result.pop.issued_at, NOW);
    assert_int_equal(result.pop.jwt_id.len, 22);
    assert_memory_equal(result.thumbprint, thumbprint, 32);
    carnet_client_authentication_close(&result);
}

static void
two_proofs_never_have_one_identifier(void **state)
{
    carnet_client_attestation_pop one, two;

    (void)state;
    assert_carnet_ok(carnet_client_attestation_pop_open(proof(""), &storage, &one, NULL), NULL);
    assert_carnet_ok(carnet_client_attestation_pop_open(proof(""), &storage, &two, NULL), NULL);
    assert_false(carnet_str_equal(one.jwt_id, two.jwt_id));
    carnet_client_attestation_pop_close(&one);
    carnet_client_attestation_pop_close(&two);
}

/* --- trust --- */

/* --- the attestation's claims: JWK stands for the instance's key --- */

static carnet_str
claims_with_key(const char *text)
{
    static char room[4096];
    uint8_t jwk_room[512];
    carnet_buf buf = carnet_buf_of(room, sizeof(room)), jwk_buf = carnet_buf_of(jwk_room, sizeof(jwk_room));
    const carnet_str jwk = test_jwk(&instance.public_key, &jwk_buf);

    for (const char *mark; (mark = strstr(text, "JWK")) != NULL; text = mark + 3) {
        carnet_buf_add_str(&buf, (carnet_str){ text, (size_t)(mark - text) });
        carnet_buf_add_str(&buf, jwk);
    }
    carnet_buf_add_text(&buf, text);
    assert_false(buf.overflow);
    return carnet_buf_str(&buf);
}

#define TYPE  CARNET_CLIENT_ATTESTATION_TYPE
#define FORM  CARNET_E_CLIENT_ATTESTATION
#define OLD   CARNET_E_CLIENT_ATTESTATION_EXPIRED
#define IS(s) "{\"iss\":\"i\",\"sub\":\"wallet-1\",\"exp\":1795003600,\"cnf\":{\"jwk\":JWK}" s "}"

static const struct {
    const char *what, *type, *claims;
    carnet_rc rc;
} attestations[] = {
    { "draft 06 without iat", TYPE, IS(""), CARNET_OK },
    { "a later draft with iat", TYPE, IS(",\"iat\":1795000000"), CARNET_OK },
    { "a time with a fraction", TYPE, IS(",\"iat\":1794999999.5"), CARNET_OK },
    { "claims nobody knows", TYPE, IS(",\"x\":[1,{\"y\":null}]"), CARNET_OK },
    { "typ with application/", "application/" TYPE, IS(""), CARNET_OK },
    { "without iss, as later drafts allow", TYPE, "{\"sub\":\"wallet-1\",\"exp\":1795003600,\"cnf\":{\"jwk\":JWK}}",
      CARNET_OK },
    { "iat a little ahead", TYPE, IS(",\"iat\":1795000059"), CARNET_OK },
    { "another typ", "jwt", IS(""), FORM },
    { "no typ", NULL, IS(""), FORM },
    { "the proof's typ", CARNET_CLIENT_ATTESTATION_POP_TYPE, IS(""), FORM },
    { "no object", TYPE, "[1]", FORM },
    { "no JSON", TYPE, "{", FORM },
    { "sub is missing", TYPE, "{\"iss\":\"i\",\"exp\":1795003600,\"cnf\":{\"jwk\":JWK}}", FORM },
    { "sub is empty", TYPE, "{\"iss\":\"i\",\"sub\":\"\",\"exp\":1795003600,\"cnf\":{\"jwk\":JWK}}", FORM },
    { "sub is a number", TYPE, "{\"iss\":\"i\",\"sub\":1,\"exp\":1795003600,\"cnf\":{\"jwk\":JWK}}", FORM },
    { "iss is a list", TYPE, "{\"iss\":[],\"sub\":\"wallet-1\",\"exp\":1795003600,\"cnf\":{\"jwk\":JWK}}", FORM },
    { "exp is missing", TYPE, "{\"iss\":\"i\",\"sub\":\"wallet-1\",\"cnf\":{\"jwk\":JWK}}", FORM },
    { "exp is a text", TYPE, "{\"iss\":\"i\",\"sub\":\"wallet-1\",\"exp\":\"1795003600\",\"cnf\":{\"jwk\":JWK}}",
      FORM },
    { "exp is beyond all times", TYPE, "{\"iss\":\"i\",\"sub\":\"wallet-1\",\"exp\":1e300,\"cnf\":{\"jwk\":JWK}}",
      FORM },
    { "iat before 1970", TYPE, IS(",\"iat\":-1"), FORM },
    { "a claim twice", TYPE, IS(",\"sub\":\"wallet-2\""), FORM },
    { "cnf is missing", TYPE, "{\"iss\":\"i\",\"sub\":\"wallet-1\",\"exp\":1795003600}", FORM },
    { "cnf without jwk", TYPE, "{\"iss\":\"i\",\"sub\":\"wallet-1\",\"exp\":1795003600,\"cnf\":{\"kid\":\"a\"}}",
      FORM },
    { "a private key in cnf", TYPE,
      "{\"iss\":\"i\",\"sub\":\"wallet-1\",\"exp\":1795003600,\"cnf\":{\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\","
      "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\","
      "\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}}}",
      FORM },
    { "a symmetric key in cnf", TYPE,
      "{\"iss\":\"i\",\"sub\":\"wallet-1\",\"exp\":1795003600,\"cnf\":{\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}}}",
      FORM },
    { "no point of the curve in cnf", TYPE,
      "{\"iss\":\"i\",\"sub\":\"wallet-1\",\"exp\":1795003600,\"cnf\":{\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\","
      "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1\"}}}",
      FORM },
    { "wallet_name is a number", TYPE, IS(",\"wallet_name\":1"), FORM },
    { "expired", TYPE, "{\"iss\":\"i\",\"sub\":\"wallet-1\",\"exp\":1794999940,\"cnf\":{\"jwk\":JWK}}", OLD },
    { "expired within the skew", TYPE, "{\"iss\":\"i\",\"sub\":\"wallet-1\",\"exp\":1794999941,\"cnf\":{\"jwk\":JWK}}",
      CARNET_OK },
    { "not valid yet", TYPE, IS(",\"nbf\":1795000061"), OLD },
    { "issued in the future", TYPE, IS(",\"iat\":1795000061"), OLD },
    { "of another client", TYPE, "{\"iss\":\"i\",\"sub\":\"wallet-2\",\"exp\":1795003600,\"cnf\":{\"jwk\":JWK}}",
      CARNET_E_CLIENT_ATTESTATION_CLIENT },
};

static void
the_attestation_is_what_it_must_be(void **state)
{
    const carnet_client_attestation_expectation e = expected();

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(attestations); i++) {
        const carnet_str token =
            test_token(&a, attestations[i].type, claims_with_key(attestations[i].claims), &a.keys[SIGNER_GOOD],
                       a.chains[SIGNER_GOOD], a.chain_len[SIGNER_GOOD], NULL);

        each(NULL);
        print_message("# %s\n", attestations[i].what);
        assert_carnet_rc(check(token, proof(""), &e, NULL), attestations[i].rc);
    }
}

/* --- the proof's claims --- */

#undef FORM
#define POP  CARNET_CLIENT_ATTESTATION_POP_TYPE
#define FORM CARNET_E_CLIENT_ATTESTATION_PROOF
#define P(s) "{\"iss\":\"wallet-1\",\"aud\":\"" SERVER "\",\"jti\":\"j\"" s "}"

static const struct {
    const char *what, *type, *claims;
    bool challenge_required;
    carnet_rc rc;
} proofs[] = {
    { "draft 06 with a challenge and no iat", POP, P(",\"challenge\":\"c\""), true, CARNET_OK },
    { "draft 07 with iat", POP, P(",\"iat\":1795000000"), false, CARNET_OK },
    { "later drafts without iss", POP, "{\"aud\":\"" SERVER "\",\"jti\":\"j\",\"iat\":1795000000}", false, CARNET_OK },
    { "a list of audiences", POP,
      "{\"iss\":\"wallet-1\",\"aud\":[\"x\",\"" SERVER "\"],\"jti\":\"j\",\"iat\":1795000000}", false, CARNET_OK },
    { "as old as it may be", POP, P(",\"iat\":1794999640"), false, CARNET_OK },
    { "drafts before 06 with nonce and exp", POP, P(",\"nonce\":\"c\",\"iat\":1795000000,\"exp\":1795000060"), true,
      CARNET_OK },
    { "a nonce of another's where no challenge is needed", POP, P(",\"nonce\":\"d\",\"iat\":1795000000"), false,
      CARNET_OK },
    { "such a nonce instead of iat", POP, P(",\"nonce\":\"c\""), false, FORM },
    { "expired", POP, P(",\"iat\":1794999900,\"exp\":1794999940"), false, FORM },
    { "another nonce", POP, P(",\"nonce\":\"d\",\"iat\":1795000000"), true, CARNET_E_CLIENT_ATTESTATION_CHALLENGE },
    { "another typ", TYPE, P(",\"iat\":1795000000"), false, FORM },
    { "neither iat nor challenge", POP, P(""), false, FORM },
    { "too old", POP, P(",\"iat\":1794999639"), false, FORM },
    { "too old in spite of its challenge", POP, P(",\"iat\":1794999639,\"challenge\":\"c\""), true, FORM },
    { "of the future", POP, P(",\"iat\":1795000061"), false, FORM },
    { "not yet", POP, P(",\"iat\":1795000000,\"nbf\":1795000061"), false, FORM },
    { "no jti", POP, "{\"iss\":\"wallet-1\",\"aud\":\"" SERVER "\",\"iat\":1795000000}", false, FORM },
    { "jti is empty", POP, "{\"iss\":\"wallet-1\",\"aud\":\"" SERVER "\",\"iat\":1795000000,\"jti\":\"\"}", false,
      FORM },
    { "no aud", POP, "{\"iss\":\"wallet-1\",\"jti\":\"j\",\"iat\":1795000000}", false, FORM },
    { "an empty list of audiences", POP, "{\"iss\":\"wallet-1\",\"aud\":[],\"jti\":\"j\",\"iat\":1795000000}", false,
      FORM },
    { "audiences that are numbers", POP, "{\"iss\":\"wallet-1\",\"aud\":[1],\"jti\":\"j\",\"iat\":1795000000}", false,
      FORM },
    { "another server", POP, "{\"iss\":\"wallet-1\",\"aud\":\"https://as.example\",\"jti\":\"j\",\"iat\":1795000000}",
      false, FORM },
    { "the server with a slash more", POP,
      "{\"iss\":\"wallet-1\",\"aud\":\"" SERVER "/\",\"jti\":\"j\",\"iat\":1795000000}", false, FORM },
    { "no challenge where one must be", POP, P(",\"iat\":1795000000"), true, CARNET_E_CLIENT_ATTESTATION_CHALLENGE },
    { "another challenge", POP, P(",\"challenge\":\"d\""), true, CARNET_E_CLIENT_ATTESTATION_CHALLENGE },
    { "another challenge though none is needed", POP, P(",\"challenge\":\"d\""), false,
      CARNET_E_CLIENT_ATTESTATION_CHALLENGE },
    { "a challenge that is no text", POP, P(",\"challenge\":1"), false, FORM },
    { "by another client", POP, "{\"iss\":\"wallet-2\",\"aud\":\"" SERVER "\",\"jti\":\"j\",\"iat\":1795000000}", false,
      CARNET_E_CLIENT_ATTESTATION_CLIENT },
};

static void
the_proof_is_what_it_must_be(void **state)
{
    carnet_client_attestation_expectation e = expected();

    (void)state;
    known_challenge = "c";
    e.challenge = is_ours;
    for (size_t i = 0; i < CARNET_COUNT(proofs); i++) {
        const carnet_str pop =
            test_token(&a, proofs[i].type, carnet_str_of(proofs[i].claims), &instance, NULL, 0, NULL);

        each(NULL);
        e.challenge_required = proofs[i].challenge_required;
        print_message("# %s\n", proofs[i].what);
        assert_carnet_rc(check(attested(SIGNER_GOOD), pop, &e, NULL), proofs[i].rc);
    }
}

static const struct {
    const char *what;
    test_signer signer;
    const char *client_id;
    bool other_key;
    int64_t later;
    carnet_rc rc;
} combined[] = {
    { "good", SIGNER_GOOD, "wallet-1", false, 0, CARNET_OK },
    { "a request without client_id", SIGNER_GOOD, "", false, 0, CARNET_OK },
    { "a DPoP proof by another key", SIGNER_GOOD, "wallet-1", true, 0, CARNET_E_CLIENT_ATTESTATION_PROOF },
    { "another client", SIGNER_GOOD, "wallet-2", false, 0, CARNET_E_CLIENT_ATTESTATION_CLIENT },
    { "nobody trusted", SIGNER_STRANGER, "wallet-1", false, 0, CARNET_E_CLIENT_ATTESTATION_UNTRUSTED },
    { "expired", SIGNER_GOOD, "wallet-1", false, 3660, CARNET_E_CLIENT_ATTESTATION_EXPIRED },
};

static void
a_dpop_proof_may_stand_for_the_proof_of_possession(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(combined); i++) {
        carnet_client_attestation_expectation e = expected();
        carnet_client_authentication result;
        uint8_t thumbprint[32];

        each(NULL);
        e.client_id = carnet_str_of(combined[i].client_id);
        e.now += combined[i].later;
        e.challenge_required = true;
        assert_carnet_ok(carnet_jwk_thumbprint(&a.crypto,
                                               combined[i].other_key ? &a.keys[0].public_key : &instance.public_key,
                                               thumbprint, NULL),
                         NULL);
        print_message("# %s\n", combined[i].what);
        assert_carnet_rc(carnet_client_attestation_check_combined(attested(combined[i].signer), thumbprint, &e,
                                                                  &a.crypto, &storage, &result, NULL),
                         combined[i].rc);
        assert_int_equal(result.attestation.jws.header != NULL, combined[i].rc == CARNET_OK);
        assert_null(result.pop.jws.header);
        carnet_client_authentication_close(&result);
    }
}

static void
a_challenge_that_nobody_looks_at_proves_nothing(void **state)
{
    const carnet_client_attestation_expectation e = expected();
    const carnet_str pop = test_token(&a, POP, carnet_str_of(P(",\"challenge\":\"c\"")), &instance, NULL, 0, NULL);

    (void)state;
    assert_carnet_rc(check(attested(SIGNER_GOOD), pop, &e, NULL), CARNET_E_CLIENT_ATTESTATION_PROOF);
}

static void
a_proof_by_another_key_is_refused(void **state)
{
    const carnet_client_attestation_expectation e = expected();
    const carnet_str pop =
        test_token(&a, POP, carnet_str_of(P(",\"iat\":1795000000")), &a.keys[SIGNER_GOOD], NULL, 0, NULL);

    (void)state;
    assert_carnet_rc(check(attested(SIGNER_GOOD), pop, &e, NULL), CARNET_E_CLIENT_ATTESTATION_PROOF);
}

static void
another_client_or_key_than_before_is_refused(void **state)
{
    const uint8_t other[32] = { 1 };
    carnet_client_attestation_expectation e = expected();

    (void)state;
    e.client_id = carnet_str_of("wallet-2");
    assert_carnet_rc(check(attested(SIGNER_GOOD), proof(""), &e, NULL), CARNET_E_CLIENT_ATTESTATION_CLIENT);
    e = expected();
    e.thumbprint = other;
    assert_carnet_rc(check(attested(SIGNER_GOOD), proof(""), &e, NULL), CARNET_E_CLIENT_ATTESTATION_CLIENT);
}

static void
one_header_without_the_other_is_refused(void **state)
{
    const carnet_client_attestation_expectation e = expected();

    (void)state;
    assert_carnet_rc(check(attested(SIGNER_GOOD), (carnet_str){ 0 }, &e, NULL), CARNET_E_CLIENT_ATTESTATION);
    assert_carnet_rc(check((carnet_str){ 0 }, proof(""), &e, NULL), CARNET_E_CLIENT_ATTESTATION);
    assert_carnet_rc(check(proof(""), attested(SIGNER_GOOD), &e, NULL), CARNET_E_CLIENT_ATTESTATION);
}

static void
oversized_and_deep_tokens_are_refused(void **state)
{
    static char text[CARNET_JWS_MAX + 1], claims[512];
    const carnet_client_attestation_expectation e = expected();
    carnet_buf deep = carnet_buf_of(claims, sizeof(claims));

    (void)state;
    memset(text, 'A', sizeof(text));
    assert_carnet_rc(check((carnet_str){ text, sizeof(text) }, proof(""), &e, NULL), CARNET_E_CLIENT_ATTESTATION);
    assert_carnet_rc(check(attested(SIGNER_GOOD), (carnet_str){ text, sizeof(text) }, &e, NULL),
                     CARNET_E_CLIENT_ATTESTATION_PROOF);
    carnet_buf_add_text(&deep, "{\"x\":");
    for (size_t i = 0; i < 100; i++)
        carnet_buf_add_byte(&deep, '[');
    for (size_t i = 0; i < 100; i++)
        carnet_buf_add_byte(&deep, ']');
    carnet_buf_add_byte(&deep, '}');
    assert_carnet_rc(
        check(test_token(&a, TYPE, carnet_buf_str(&deep), &a.keys[SIGNER_GOOD], a.chains[SIGNER_GOOD], 1, NULL),
              proof(""), &e, NULL),
        CARNET_E_CLIENT_ATTESTATION);
}

/* {"alg":"none"} and {"alg":"HS256"} before the same payload. */
static void
algorithms_that_prove_nothing_do_not_exist(void **state)
{
    static const char *const headers[] = { "{\"alg\":\"none\",\"typ\":\"" TYPE "\"}",
                                           "{\"alg\":\"HS256\",\"typ\":\"" TYPE "\"}",
                                           "{\"alg\":\"RS256\",\"typ\":\"" TYPE "\"}", "{\"typ\":\"" TYPE "\"}",
                                           "{\"alg\":\"ES256\",\"alg\":\"none\",\"typ\":\"" TYPE "\"}" };
    const carnet_client_attestation_expectation e = expected();

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(headers); i++) {
        char room[2048];
        carnet_buf token = carnet_buf_of(room, sizeof(room));

        carnet_base64url_encode(carnet_str_bytes(carnet_str_of(headers[i])), &token);
        carnet_buf_add_byte(&token, '.');
        carnet_base64url_encode(carnet_str_bytes(claims_with_key(IS(""))), &token);
        carnet_buf_add_text(&token, i < 1 ? "." : ".AAAA");
        assert_carnet_rc(check(carnet_buf_str(&token), proof(""), &e, NULL), CARNET_E_CLIENT_ATTESTATION);
    }
}

/* --- mutations --- */

typedef struct mutated_pair {
    carnet_str attestation, pop;
    size_t count;
} mutated_pair;

static void
refused_as_attestation(carnet_span mutated, void *context)
{
    const carnet_client_attestation_expectation e = expected();
    mutated_pair *pair = context;

    assert_true(check((carnet_str){ (const char *)mutated.ptr, mutated.len }, pair->pop, &e, NULL) != CARNET_OK);
    pair->count++;
}

static void
refused_as_proof(carnet_span mutated, void *context)
{
    const carnet_client_attestation_expectation e = expected();
    mutated_pair *pair = context;

    assert_true(check(pair->attestation, (carnet_str){ (const char *)mutated.ptr, mutated.len }, &e, NULL) !=
                CARNET_OK);
    pair->count++;
}

static void
no_prefix_and_no_flipped_bit_is_accepted(void **state)
{
    mutated_pair pair = { attested(SIGNER_GOOD), proof("c"), 0 };
    const size_t expected_count = 9 * (pair.attestation.len + pair.pop.len);

    (void)state;
    carnet_test_every_prefix(carnet_str_bytes(pair.attestation), refused_as_attestation, &pair);
    carnet_test_every_bit(carnet_str_bytes(pair.attestation), refused_as_attestation, &pair);
    carnet_test_every_prefix(carnet_str_bytes(pair.pop), refused_as_proof, &pair);
    carnet_test_every_bit(carnet_str_bytes(pair.pop), refused_as_proof, &pair);
    assert_int_equal(pair.count, expected_count);
}

static void
what_could_not_be_accepted_is_not_made(void **state)
{
    carnet_client_attestation_spec spec = attestation_spec(SIGNER_GOOD);
    carnet_client_attestation_pop_spec pop = { .struct_size = sizeof(pop), .audience = carnet_str_of(SERVER) };
    carnet_buf small = carnet_buf_of(out_room, 900);

    (void)state;
    assert_carnet_rc(carnet_client_attestation_pop_build(&pop, &instance, &a.crypto, &out, NULL), CARNET_E_USAGE);
    spec.expires = spec.issued_at;
    assert_carnet_rc(carnet_client_attestation_build(&spec, &a.keys[0], &a.crypto, &out, NULL), CARNET_E_USAGE);
    spec = attestation_spec(SIGNER_GOOD);
    spec.client_id = (carnet_str){ 0 };
    assert_carnet_rc(carnet_client_attestation_build(&spec, &a.keys[0], &a.crypto, &out, NULL), CARNET_E_USAGE);
    spec = attestation_spec(SIGNER_GOOD);
    assert_carnet_rc(carnet_client_attestation_build(&spec, &a.keys[0], &a.crypto, &small, NULL), CARNET_E_NO_SPACE);
    assert_int_equal(small.len, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_made_is_accepted, each),
        cmocka_unit_test_setup(two_proofs_never_have_one_identifier, each),
        cmocka_unit_test_setup(the_attestation_is_what_it_must_be, each),
        cmocka_unit_test_setup(the_proof_is_what_it_must_be, each),
        cmocka_unit_test_setup(a_dpop_proof_may_stand_for_the_proof_of_possession, each),
        cmocka_unit_test_setup(a_challenge_that_nobody_looks_at_proves_nothing, each),
        cmocka_unit_test_setup(a_proof_by_another_key_is_refused, each),
        cmocka_unit_test_setup(another_client_or_key_than_before_is_refused, each),
        cmocka_unit_test_setup(one_header_without_the_other_is_refused, each),
        cmocka_unit_test_setup(oversized_and_deep_tokens_are_refused, each),
        cmocka_unit_test_setup(algorithms_that_prove_nothing_do_not_exist, each),
        cmocka_unit_test_setup(no_prefix_and_no_flipped_bit_is_accepted, each),
        cmocka_unit_test_setup(what_could_not_be_accepted_is_not_made, each),
    };

    return cmocka_run_group_tests_name("document/capability/client_attestation", tests, begin, end);
}
