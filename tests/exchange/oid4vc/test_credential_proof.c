/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/credential_proof.h"
#include "support/support.h"

#include <string.h>

#define NOW    1800000000
#define KEYS   4
#define ISSUER "https://iss.example"

static carnet_crypto crypto;
static carnet_key device[KEYS], attester, stranger;
static carnet_public_key proven_room[CARNET_PROOFS_MAX];
static carnet_proven_keys proven;
static uint8_t storage_room[65536];
static carnet_attester_key trusted;
static carnet_attester_trust trust;
static carnet_proof_type jwt, attestation;
static carnet_credential_proof_rules rules;
static carnet_credential_request request;

static void
fresh(carnet_curve curve, carnet_key *key)
{
    assert_carnet_ok(carnet_software_key_generate(&crypto, curve, CARNET_KEY_SIGN, key, NULL), NULL);
}

static int
begin(void **state)
{
    (void)state;
    assert_carnet_ok(carnet_crypto_init(&crypto, NULL), NULL);
    for (size_t i = 0; i < KEYS; i++)
        fresh(i == 3 ? CARNET_CURVE_P384 : CARNET_CURVE_P256, &device[i]);
    fresh(CARNET_CURVE_P256, &attester);
    fresh(CARNET_CURVE_P256, &stranger);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i++)
        carnet_key_done(&device[i]);
    carnet_key_done(&attester);
    carnet_key_done(&stranger);
    carnet_crypto_done(&crypto);
    return 0;
}

/* The rules of an issuer that takes both types, and wants no attestation. */
static int
each(void **state)
{
    (void)state;
    trusted = (carnet_attester_key){ .key_id = carnet_str_of("att"), .key = attester.public_key };
    trust = (carnet_attester_trust){ .struct_size = sizeof(trust), .keys = &trusted, .key_count = 1 };
    jwt = (carnet_proof_type){ .supported = true, .algorithms = { CARNET_ES256 }, .algorithm_count = 1 };
    attestation = jwt;
    rules = (carnet_credential_proof_rules){ .struct_size = sizeof(rules),
                                             .audience = carnet_str_of(ISSUER),
                                             .client_id = carnet_str_of("client"),
                                             .nonce_required = true,
                                             .now = NOW,
                                             .skew = 60,
                                             .age = 300,
                                             .batch_size = 3,
                                             .jwt = &jwt,
                                             .attestation = &attestation,
                                             .attesters = &trust };
    request = (carnet_credential_request){ .proof_kind = CARNET_PROOF_JWT };
    proven = (carnet_proven_keys){ proven_room, CARNET_PROOFS_MAX, 0 };
    return 0;
}

static carnet_credential_proof_spec
spec(void)
{
    return (carnet_credential_proof_spec){ .audience = carnet_str_of(ISSUER),
                                           .nonce = carnet_str_of("n-1"),
                                           .client_id = carnet_str_of("client"),
                                           .issued_at = NOW };
}

static uint8_t proof_rooms[8][16384];

static void
add_proof(const carnet_credential_proof_spec *made, carnet_key *key)
{
    carnet_buf out = carnet_buf_of(proof_rooms[request.proof_count], sizeof(proof_rooms[0]));
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_credential_proof_make(made, key, &crypto, &out, &err), &err);
    request.proofs[request.proof_count++] = carnet_buf_str(&out);
}

/* A proof whose header and claims are given as they are; the header is signed as `header` says. */
static void
add_forged(const carnet_jws_header *header, const char *claims, carnet_key *key)
{
    carnet_buf out = carnet_buf_of(proof_rooms[request.proof_count], sizeof(proof_rooms[0]));

    assert_carnet_ok(carnet_jws_sign(header, carnet_str_bytes(carnet_str_of(claims)), key, &crypto, &out, NULL), NULL);
    request.proofs[request.proof_count++] = carnet_buf_str(&out);
}

static carnet_str
attest(size_t first, size_t count, carnet_key *by, const char *nonce, carnet_time expires, const char *level)
{
    static uint8_t rooms[4][8192];
    static size_t next;
    carnet_public_key keys[KEYS];
    const carnet_str storage_level = carnet_str_of(level);
    const carnet_key_attestation_spec made = { .struct_size = sizeof(made),
                                               .keys = keys,
                                               .key_count = count,
                                               .issued_at = NOW - 10,
                                               .expires = expires,
                                               .key_storage = &storage_level,
                                               .key_storage_count = level != NULL,
                                               .nonce = carnet_str_of(nonce),
                                               .key_id = carnet_str_of("att") };
    carnet_buf out = carnet_buf_of(rooms[next % 4], sizeof(rooms[0]));
    carnet_err err = { 0 };

    for (size_t i = 0; i < count; i++)
        keys[i] = device[first + i].public_key;
    assert_carnet_ok(carnet_key_attestation_build(&made, by, &crypto, &out, &err), &err);
    next++;
    return carnet_buf_str(&out);
}

static carnet_credential_proofs found;
static carnet_err why;

static carnet_rc
check(void)
{
    carnet_buf storage = carnet_buf_of(storage_room, sizeof(storage_room));

    why = (carnet_err){ 0 };
    return carnet_credential_proofs_check(&request, &rules, &crypto, &storage, &proven, &found, &why);
}

static void
expect(carnet_rc rc, const char *path, const char *reason)
{
    assert_carnet_rc(check(), rc);
    assert_string_equal(why.path, path);
    assert_string_equal(why.reason, reason);
    assert_int_equal(proven.count, 0);
    assert_int_equal(found.nonce.len, 0);
    request.proof_count = 0;
}

static void
a_proof_of_each_key_gives_the_keys(void **state)
{
    const carnet_credential_proof_spec made = spec();

    (void)state;
    for (size_t i = 0; i < 3; i++)
        add_proof(&made, &device[i]);
    assert_carnet_ok(check(), &why);
    assert_int_equal(proven.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(carnet_public_key_equal(&proven.keys[i], &device[i].public_key));
    assert_str_is(found.nonce, "n-1");
    assert_false(found.attested);
}

static void
what_may_be_left_out_may_be_left_out(void **state)
{
    carnet_credential_proof_spec made = spec();

    (void)state;
    made.client_id = (carnet_str){ 0 };
    add_proof(&made, &device[0]);
    assert_carnet_ok(check(), &why);
    rules.client_id = (carnet_str){ 0 }; /* anonymous: iss says nothing */
    request.proof_count = 0;
    made = spec();
    add_proof(&made, &device[0]);
    assert_carnet_ok(check(), &why);
    rules.nonce_required = false;
    request.proof_count = 0;
    made.nonce = (carnet_str){ 0 };
    add_proof(&made, &device[0]);
    assert_carnet_ok(check(), &why);
    assert_int_equal(found.nonce.len, 0);
}

/* Claims that are refused, and by what. */
static const struct {
    const char *claims;
    carnet_rc rc;
    const char *reason;
} claims[] = {
    { "{\"iss\":\"client\",\"aud\":[\"" ISSUER "\"],\"iat\":1800000000.5,\"nonce\":\"n-1\",\"exp\":1800000001}",
      CARNET_OK, "" },
    { "{\"aud\":\"" ISSUER "\",\"iat\":1799999641,\"nonce\":\"n-1\"}", CARNET_OK, "" },
    { "{\"aud\":\"" ISSUER "\",\"iat\":1800000060,\"nonce\":\"n-1\"}", CARNET_OK, "" },
    { "{\"aud\":\"" ISSUER "\",\"iat\":1799999639,\"nonce\":\"n-1\"}", CARNET_E_OID4VCI_PROOF,
      "iat is too early or too late" },
    { "{\"aud\":\"" ISSUER "\",\"iat\":1800000061,\"nonce\":\"n-1\"}", CARNET_E_OID4VCI_PROOF,
      "iat is too early or too late" },
    { "{\"aud\":\"" ISSUER "\",\"iat\":1800000000,\"exp\":1799999939,\"nonce\":\"n-1\"}", CARNET_E_OID4VCI_PROOF,
      "it is over by its exp" },
    { "{\"aud\":\"https://other.example\",\"iat\":1800000000,\"nonce\":\"n-1\"}", CARNET_E_OID4VCI_PROOF,
      "aud is not this credential issuer" },
    { "{\"aud\":\"" ISSUER "/\",\"iat\":1800000000,\"nonce\":\"n-1\"}", CARNET_OK, "" },
    { "{\"aud\":\"" ISSUER "//\",\"iat\":1800000000,\"nonce\":\"n-1\"}", CARNET_E_OID4VCI_PROOF,
      "aud is not this credential issuer" },
    { "{\"aud\":\"" ISSUER "/x\",\"iat\":1800000000,\"nonce\":\"n-1\"}", CARNET_E_OID4VCI_PROOF,
      "aud is not this credential issuer" },
    { "{\"aud\":\"\",\"iat\":1800000000,\"nonce\":\"n-1\"}", CARNET_E_OID4VCI_PROOF,
      "aud is not this credential issuer" },
    { "{\"aud\":[\"" ISSUER "\",\"https://other.example\"],\"iat\":1800000000,\"nonce\":\"n-1\"}",
      CARNET_E_OID4VCI_PROOF, "aud is not this credential issuer" },
    { "{\"iat\":1800000000,\"nonce\":\"n-1\"}", CARNET_E_OID4VCI_PROOF, "aud is not this credential issuer" },
    { "{\"iss\":\"other\",\"aud\":\"" ISSUER "\",\"iat\":1800000000,\"nonce\":\"n-1\"}", CARNET_E_OID4VCI_PROOF,
      "iss is not the client that has the access token" },
    { "{\"iss\":7,\"aud\":\"" ISSUER "\",\"iat\":1800000000,\"nonce\":\"n-1\"}", CARNET_E_OID4VCI_PROOF,
      "iss is not the client that has the access token" },
    { "{\"aud\":\"" ISSUER "\",\"iat\":1800000000}", CARNET_E_OID4VCI_NONCE, "the nonce is missing" },
    { "{\"aud\":\"" ISSUER "\",\"iat\":1800000000,\"nonce\":7}", CARNET_E_OID4VCI_NONCE, "the nonce is missing" },
};

static void
claims_are_held_to_their_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(claims); i++) {
        const carnet_jws_header header = { .type = CARNET_PROOF_TYPE, .jwk = &device[0].public_key };

        request.proof_count = 0;
        add_forged(&header, claims[i].claims, &device[0]);
        if (claims[i].rc == CARNET_OK)
            assert_carnet_ok(check(), &why);
        else
            expect(claims[i].rc, "proofs.jwt[0]", claims[i].reason);
    }
}

static void
times_and_payloads_that_are_none_are_refused(void **state)
{
    static const char *const bad[] = { "{\"aud\":\"" ISSUER "\",\"nonce\":\"n-1\"}",
                                       "{\"aud\":\"" ISSUER "\",\"iat\":\"1800000000\",\"nonce\":\"n-1\"}",
                                       "{\"aud\":\"" ISSUER "\",\"iat\":1e300,\"nonce\":\"n-1\"}",
                                       "[]",
                                       "",
                                       "{\"aud\":\"" ISSUER "\",\"aud\":\"" ISSUER "\"}" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++) {
        const carnet_jws_header header = { .type = CARNET_PROOF_TYPE, .jwk = &device[0].public_key };

        request.proof_count = 0;
        add_forged(&header, bad[i], &device[0]);
        assert_carnet_rc(check(), CARNET_E_OID4VCI_PROOF);
        assert_int_equal(proven.count, 0);
    }
}

static const char good_claims[] = "{\"aud\":\"" ISSUER "\",\"iat\":1800000000,\"nonce\":\"n-1\"}";

static void
headers_are_held_to_their_rules(void **state)
{
    const struct {
        carnet_jws_header header;
        const char *reason;
    } table[] = {
        { { .type = "JWT", .jwk = &device[0].public_key }, "the token is of another type" },
        { { .type = NULL, .jwk = &device[0].public_key }, "the token is of another type" },
        { { .type = "dpop+jwt", .jwk = &device[0].public_key }, "the token is of another type" },
        { { .type = CARNET_PROOF_TYPE }, "its header must have one of jwk, kid and x5c" },
        { { .type = CARNET_PROOF_TYPE, .jwk = &device[0].public_key, .key_id = carnet_str_of("k") },
          "its header must have one of jwk, kid and x5c" },
        { { .type = CARNET_PROOF_TYPE, .key_id = carnet_str_of("did:key:z6") }, "kid names no key that is known" },
        { { .type = CARNET_PROOF_TYPE, .jwk = &device[1].public_key }, "" },
        { { .type = CARNET_PROOF_TYPE, .more = carnet_str_of("\"jwk\":{\"kty\":\"RSA\",\"n\":\"AQAB\"}") },
          "its type or curve is not known here" },
        { { .type = CARNET_PROOF_TYPE,
            .more =
                carnet_str_of("\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\",\"d\":\"AA\"}") },
          "a private key stands where a public one belongs" },
        { { .type = CARNET_PROOF_TYPE, .jwk = &device[0].public_key, .more = carnet_str_of("\"key_attestation\":7") },
          "key_attestation is no text" },
        { { .type = CARNET_PROOF_TYPE, .jwk = &device[0].public_key, .more = carnet_str_of("\"crit\":[\"x\"]") },
          "the header demands an extension" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(table); i++) {
        add_forged(&table[i].header, good_claims, &device[0]);
        if (table[i].reason[0] != '\0') {
            expect(CARNET_E_OID4VCI_PROOF, "proofs.jwt[0]", table[i].reason);
            continue;
        }
        assert_carnet_rc(check(), CARNET_E_OID4VCI_PROOF);
        request.proof_count = 0;
    }
}

static void
an_algorithm_that_was_not_announced_is_refused(void **state)
{
    const carnet_credential_proof_spec made = spec();

    (void)state;
    add_proof(&made, &device[3]);
    expect(CARNET_E_OID4VCI_PROOF, "proofs.jwt[0]", "the algorithm is not one that was announced");
    jwt.algorithms[jwt.algorithm_count++] = CARNET_ES384;
    add_proof(&made, &device[3]);
    assert_carnet_ok(check(), &why);
}

static void
no_algorithm_at_all_is_refused(void **state)
{
    static const char *const tokens[] = {
        /* {"alg":"none","typ":"openid4vci-proof+jwt"}, {"alg":"HS256",...}, {"alg":"RS256",...} */
        "eyJhbGciOiJub25lIiwidHlwIjoib3BlbmlkNHZjaS1wcm9vZitqd3QifQ.e30.",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6Im9wZW5pZDR2Y2ktcHJvb2Yrand0In0.e30.AAAA",
        "eyJhbGciOiJSUzI1NiIsInR5cCI6Im9wZW5pZDR2Y2ktcHJvb2Yrand0In0.e30.AAAA",
        "a.b",
        "",
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(tokens); i++) {
        request.proofs[0] = carnet_str_of(tokens[i]);
        request.proof_count = 1;
        assert_carnet_rc(check(), CARNET_E_OID4VCI_PROOF);
    }
}

static void
the_batch_is_bounded_and_keys_come_once(void **state)
{
    carnet_credential_proof_spec made = spec();

    (void)state;
    expect(CARNET_E_OID4VCI_PROOF, "", "a proof is required");
    add_proof(&made, &device[0]);
    add_proof(&made, &device[1]);
    add_proof(&made, &device[0]);
    expect(CARNET_E_OID4VCI_PROOF, "proofs.jwt[2]", "a key is there twice");
    add_proof(&made, &device[0]);
    made.nonce = carnet_str_of("n-2");
    add_proof(&made, &device[1]);
    expect(CARNET_E_OID4VCI_NONCE, "proofs.jwt[1]", "proofs of one request have different nonces");
    rules.batch_size = 0; /* no batches: one */
    add_proof(&made, &device[0]);
    add_proof(&made, &device[1]);
    expect(CARNET_E_OID4VCI_PROOF, "", "there are more keys than are taken at once");
    proven.cap = 1;
    rules.batch_size = 3;
    add_proof(&made, &device[0]);
    add_proof(&made, &device[1]);
    expect(CARNET_E_OID4VCI_PROOF, "", "there are more keys than are taken at once");
}

static void
a_type_that_is_not_supported_is_refused(void **state)
{
    const carnet_credential_proof_spec made = spec();

    (void)state;
    rules.jwt = NULL;
    add_proof(&made, &device[0]);
    expect(CARNET_E_OID4VCI_PROOF, "", "this type of proof is not taken");
    request.proof_kind = CARNET_PROOF_ATTESTATION;
    attestation.supported = false;
    request.proofs[request.proof_count++] = attest(0, 1, &attester, "n-1", NOW + 100, NULL);
    expect(CARNET_E_OID4VCI_PROOF, "", "this type of proof is not taken");
    attestation.supported = true;
    rules.attesters = NULL;
    request.proofs[request.proof_count++] = attest(0, 1, &attester, "n-1", NOW + 100, NULL);
    expect(CARNET_E_OID4VCI_PROOF, "", "this type of proof is not taken");
}

/* --- attestations --- */

static void
one_proof_with_an_attestation_gives_all_its_keys(void **state)
{
    carnet_credential_proof_spec made = spec();

    (void)state;
    jwt.key_attestations.required = true;
    made.key_attestation = attest(0, 3, &attester, NULL, NOW + 100, NULL);
    add_proof(&made, &device[0]);
    assert_carnet_ok(check(), &why);
    assert_int_equal(proven.count, 3);
    assert_true(found.attested);
    add_proof(&made, &device[2]); /* proofs of several keys share it */
    assert_carnet_ok(check(), &why);
    assert_int_equal(proven.count, 3);
    add_proof(&made, &device[2]);
    expect(CARNET_E_OID4VCI_PROOF, "proofs.jwt[2]", "a key is there twice");
    made.key_id = carnet_str_of("0"); /* by reference to the attestation */
    add_proof(&made, &device[1]);
    assert_carnet_ok(check(), &why);
    assert_int_equal(proven.count, 3);
}

static void
an_attestation_proof_gives_its_keys(void **state)
{
    (void)state;
    request.proof_kind = CARNET_PROOF_ATTESTATION;
    request.proofs[request.proof_count++] = attest(0, 3, &attester, "n-1", CARNET_TIME_ABSENT, NULL);
    assert_carnet_ok(check(), &why);
    assert_int_equal(proven.count, 3);
    assert_true(found.attested);
    assert_str_is(found.nonce, "n-1");
}

static void
attestations_of_keys_that_prove_nothing_are_refused(void **state)
{
    carnet_credential_proof_spec made = spec();

    (void)state;
    jwt.key_attestations.required = true;
    add_proof(&made, &device[0]);
    expect(CARNET_E_OID4VCI_PROOF, "proofs.jwt[0]", "a key attestation is required");
    made.key_attestation = attest(0, 2, &attester, NULL, NOW + 100, NULL);
    add_proof(&made, &device[2]);
    expect(CARNET_E_OID4VCI_PROOF, "proofs.jwt[0]", "the key attestation does not speak of the key that signed");
    made.key_id = carnet_str_of("1");
    add_proof(&made, &device[2]);
    expect(CARNET_E_OID4VCI_PROOF, "proofs.jwt[0]", "kid names no key that is known");
    made.key_id = (carnet_str){ 0 };
    made.key_attestation = attest(0, 1, &stranger, NULL, NOW + 100, NULL);
    add_proof(&made, &device[0]);
    assert_carnet_rc(check(), CARNET_E_OID4VCI_PROOF);
    request.proof_count = 0;
    made.key_attestation = attest(0, 1, &attester, NULL, CARNET_TIME_ABSENT, NULL);
    add_proof(&made, &device[0]);
    assert_carnet_rc(check(), CARNET_E_OID4VCI_PROOF); /* without exp in a jwt proof */
    request.proof_count = 0;
    made.key_attestation = attest(0, 1, &attester, "n-0", NOW + 100, NULL);
    add_proof(&made, &device[0]);
    expect(CARNET_E_OID4VCI_NONCE, "proofs.jwt[0]", "the key attestation has another nonce than the proof");
    made.key_attestation = attest(0, 3, &attester, NULL, NOW + 100, NULL);
    rules.batch_size = 2;
    add_proof(&made, &device[0]);
    expect(CARNET_E_OID4VCI_PROOF, "proofs.jwt[0]", "there are more keys than are taken at once");
    rules.batch_size = 3;
    made.key_attestation = attest(0, 2, &attester, NULL, NOW + 100, NULL);
    add_proof(&made, &device[0]);
    made.key_attestation = attest(1, 1, &attester, NULL, NOW + 100, NULL);
    add_proof(&made, &device[1]);
    expect(CARNET_E_OID4VCI_PROOF, "proofs.jwt[1]", "a key is there twice");
}

static void
where_none_is_demanded_that_of_a_stranger_is_none(void **state)
{
    const size_t known = trust.key_count;
    carnet_credential_proof_spec made = spec();

    (void)state;
    made.key_attestation = attest(0, 3, &stranger, NULL, NOW + 100, NULL);
    trust.key_count = 0;
    add_proof(&made, &device[0]);
    add_proof(&made, &device[1]);
    assert_carnet_ok(check(), &why);
    assert_int_equal(proven.count, 2); /* those that signed, not those it speaks of */
    assert_false(found.attested);
    trust.key_count = known; /* in the name of one who is known: tampered with */
    assert_carnet_rc(check(), CARNET_E_OID4VCI_PROOF);
}

static void
an_attestation_proof_is_held_to_its_rules(void **state)
{
    const struct {
        carnet_key *by;
        const char *nonce;
        carnet_time expires;
        const char *level;
        carnet_rc rc;
    } table[] = {
        { &attester, "n-1", NOW + 100, "iso_18045_high", CARNET_OK },
        { &attester, "n-1", NOW + 100, "iso_18045_moderate", CARNET_OK },
        { &attester, "n-1", NOW + 100, "iso_18045_basic", CARNET_E_OID4VCI_PROOF },
        { &attester, "n-1", NOW + 100, NULL, CARNET_E_OID4VCI_PROOF },
        { &attester, "n-1", NOW - 100, "iso_18045_high", CARNET_E_OID4VCI_PROOF },
        { &attester, NULL, NOW + 100, "iso_18045_high", CARNET_E_OID4VCI_NONCE },
        { &stranger, "n-1", NOW + 100, "iso_18045_high", CARNET_E_OID4VCI_PROOF },
        { &device[3], "n-1", NOW + 100, "iso_18045_high", CARNET_E_OID4VCI_PROOF },
    };

    (void)state;
    attestation.key_attestations.required = true;
    attestation.key_attestations.key_storage[0] = carnet_str_of("iso_18045_moderate");
    attestation.key_attestations.key_storage_count = 1;
    request.proof_kind = CARNET_PROOF_ATTESTATION;
    for (size_t i = 0; i < CARNET_COUNT(table); i++) {
        request.proofs[0] = attest(0, 2, table[i].by, table[i].nonce, table[i].expires, table[i].level);
        request.proof_count = 1;
        assert_carnet_rc(check(), table[i].rc);
        assert_int_equal(proven.count, table[i].rc == CARNET_OK ? 2 : 0);
    }
}

static void
an_attestation_nobody_asked_for_is_passed_over(void **state)
{
    carnet_credential_proof_spec made = spec();

    (void)state;
    rules.attesters = NULL;
    made.key_attestation = attest(0, 3, &stranger, NULL, NOW + 100, NULL);
    add_proof(&made, &device[0]);
    assert_carnet_ok(check(), &why);
    assert_int_equal(proven.count, 1);
    assert_false(found.attested);
}

/* --- what does no harm --- */

static void
mutated(carnet_span text, void *context)
{
    (void)context;
    request.proofs[0] = (carnet_str){ (const char *)text.ptr, text.len };
    request.proof_count = 1;
    assert_int_not_equal(check(), CARNET_OK);
    assert_int_equal(proven.count, 0);
}

static void
every_prefix_and_bit_of_a_proof_is_refused(void **state)
{
    const carnet_credential_proof_spec made = spec();
    carnet_span text;

    (void)state;
    add_proof(&made, &device[0]);
    text = carnet_str_bytes(request.proofs[0]);
    assert_carnet_ok(check(), &why);
    carnet_test_every_prefix(text, mutated, NULL);
    carnet_test_every_bit(text, mutated, NULL);
}

static void
a_proof_is_not_made_of_what_it_cannot_say(void **state)
{
    uint8_t room[700];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_credential_proof_spec made = spec();

    (void)state;
    made.audience = (carnet_str){ 0 };
    assert_carnet_rc(carnet_credential_proof_make(&made, &device[0], &crypto, &out, NULL), CARNET_E_OID4VCI_PROOF);
    made = spec();
    made.key_attestation = carnet_str_of("a.b\",\"alg\":\"none");
    assert_carnet_rc(carnet_credential_proof_make(&made, &device[0], &crypto, &out, NULL), CARNET_E_OID4VCI_PROOF);
    made.key_attestation = attest(0, 1, &attester, NULL, NOW, NULL);
    assert_carnet_rc(carnet_credential_proof_make(&made, &device[0], &crypto, &out, NULL), CARNET_E_NO_SPACE);
    made = spec();
    made.nonce = carnet_str_of("\xff");
    assert_int_not_equal(carnet_credential_proof_make(&made, &device[0], &crypto, &out, NULL), CARNET_OK);
    assert_int_equal(out.len, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_proof_of_each_key_gives_the_keys, each),
        cmocka_unit_test_setup(what_may_be_left_out_may_be_left_out, each),
        cmocka_unit_test_setup(claims_are_held_to_their_rules, each),
        cmocka_unit_test_setup(times_and_payloads_that_are_none_are_refused, each),
        cmocka_unit_test_setup(headers_are_held_to_their_rules, each),
        cmocka_unit_test_setup(an_algorithm_that_was_not_announced_is_refused, each),
        cmocka_unit_test_setup(no_algorithm_at_all_is_refused, each),
        cmocka_unit_test_setup(the_batch_is_bounded_and_keys_come_once, each),
        cmocka_unit_test_setup(a_type_that_is_not_supported_is_refused, each),
        cmocka_unit_test_setup(one_proof_with_an_attestation_gives_all_its_keys, each),
        cmocka_unit_test_setup(an_attestation_proof_gives_its_keys, each),
        cmocka_unit_test_setup(attestations_of_keys_that_prove_nothing_are_refused, each),
        cmocka_unit_test_setup(where_none_is_demanded_that_of_a_stranger_is_none, each),
        cmocka_unit_test_setup(an_attestation_proof_is_held_to_its_rules, each),
        cmocka_unit_test_setup(an_attestation_nobody_asked_for_is_passed_over, each),
        cmocka_unit_test_setup(every_prefix_and_bit_of_a_proof_is_refused, each),
        cmocka_unit_test_setup(a_proof_is_not_made_of_what_it_cannot_say, each),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
