/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/dpop.h"
#include "support/support.h"

#include <string.h>

#define NOW   INT64_C(1795000000)
#define URL   "https://as.example/token"
#define TOKEN "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU" /* RFC 9449 7.1, with its ath */
#define ATH   "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"

static carnet_crypto crypto;
static carnet_key key, other;
static uint8_t storage_room[16384], out_room[16384];
static carnet_buf out;

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

static int
each(void **state)
{
    (void)state;
    out = carnet_buf_of(out_room, sizeof(out_room));
    return 0;
}

static carnet_dpop_expectation
expected(void)
{
    return (carnet_dpop_expectation){ .struct_size = sizeof(carnet_dpop_expectation),
                                      .method = carnet_str_of("POST"),
                                      .url = carnet_str_of(URL),
                                      .now = NOW,
                                      .skew = 60 };
}

static carnet_rc
check(carnet_str text, const carnet_dpop_expectation *e, carnet_err *err)
{
    carnet_buf room = carnet_buf_of(storage_room, sizeof(storage_room));
    carnet_dpop view;
    const carnet_rc rc = carnet_dpop_check(text, e, &crypto, &room, &view, err);

    if (rc != CARNET_OK)
        assert_null(view.jws.header);
    carnet_dpop_close(&view);
    return rc;
}

static carnet_str
made(const char *url, const char *token, const char *nonce)
{
    const carnet_dpop_spec spec = { .struct_size = sizeof(spec),
                                    .method = carnet_str_of("POST"),
                                    .url = carnet_str_of(url),
                                    .access_token = carnet_str_of(token),
                                    .nonce = carnet_str_of(nonce),
                                    .issued_at = NOW };
    const size_t start = out.len;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_dpop_make(&spec, &key, &crypto, &out, &err), &err);
    return (carnet_str){ (const char *)out.ptr + start, out.len - start };
}

static void
what_is_made_is_accepted(void **state)
{
    carnet_buf room = carnet_buf_of(storage_room, sizeof(storage_room));
    carnet_dpop_expectation e = expected();
    uint8_t thumbprint[32];
    char text[44];
    carnet_dpop view;
    carnet_err err = { 0 };

    (void)state;
    e.url = carnet_str_of("https://iss.example/credential?x=1");
    e.access_token = carnet_str_of(TOKEN);
    e.nonce_required = true;
    assert_carnet_ok(carnet_jwk_thumbprint(&crypto, &key.public_key, thumbprint, NULL), NULL);
    e.thumbprint = thumbprint;
    assert_carnet_ok(
        carnet_dpop_check(made("https://iss.example/credential?y=2#f", TOKEN, "n-1"), &e, &crypto, &room, &view, &err),
        &err);
    assert_true(carnet_public_key_equal(&view.key, &key.public_key));
    assert_memory_equal(view.thumbprint, thumbprint, 32);
    assert_str_is(view.nonce, "n-1");
    assert_int_equal(view.jwt_id.len, 22);
    assert_int_equal(view.issued_at, NOW);
    assert_str_is(carnet_json_string(carnet_json_get(view.jws.claims, "htu")), "https://iss.example/credential");
    assert_str_is(carnet_json_string(carnet_json_get(view.jws.claims, "ath")), ATH);
    assert_str_is(view.jws.type, "dpop+jwt");
    carnet_dpop_thumbprint_text(thumbprint, text);
    assert_int_equal(strlen(text), 43);
    carnet_dpop_close(&view);
}

static void
two_proofs_never_have_one_identifier(void **state)
{
    carnet_buf room = carnet_buf_of(storage_room, sizeof(storage_room));
    const carnet_dpop_expectation e = expected();
    carnet_dpop one, two;

    (void)state;
    assert_carnet_ok(carnet_dpop_check(made(URL, "", ""), &e, &crypto, &room, &one, NULL), NULL);
    assert_carnet_ok(carnet_dpop_check(made(URL, "", ""), &e, &crypto, &room, &two, NULL), NULL);
    assert_false(carnet_str_equal(one.jwt_id, two.jwt_id));
    carnet_dpop_close(&one);
    carnet_dpop_close(&two);
}

/* A proof with these claims, as they are, by `key`. */
static carnet_str
signed_as(const char *type, const char *claims, bool with_jwk, const char *more)
{
    const carnet_jws_header header = { .type = type,
                                       .jwk = with_jwk ? &key.public_key : NULL,
                                       .more = carnet_str_of(more) };
    const size_t start = out.len;

    assert_carnet_ok(carnet_jws_sign(&header, carnet_str_bytes(carnet_str_of(claims)), &key, &crypto, &out, NULL),
                     NULL);
    return (carnet_str){ (const char *)out.ptr + start, out.len - start };
}

#define C(htm, htu, iat, more) "{\"jti\":\"j\",\"htm\":\"" htm "\",\"htu\":\"" htu "\",\"iat\":" iat more "}"
#define GOOD                   CARNET_OK
#define BAD                    CARNET_E_DPOP_PROOF

static const struct {
    const char *what, *type, *claims;
    carnet_rc rc;
} claims[] = {
    { "the least", "dpop+jwt", C("POST", URL, "1795000000", ""), GOOD },
    { "claims nobody knows", "dpop+jwt", C("POST", URL, "1795000000", ",\"x\":{}"), GOOD },
    { "the URL in another form", "dpop+jwt", C("POST", "HTTPS://AS.example:443/a/../%74oken", "1795000000", ""), GOOD },
    { "the URL with a query", "dpop+jwt", C("POST", URL "?a=b#c", "1795000000", ""), GOOD },
    { "a time with a fraction", "dpop+jwt", C("POST", URL, "1795000000.7", ""), GOOD },
    { "as old as it may be", "dpop+jwt", C("POST", URL, "1794999640", ""), GOOD },
    { "as far ahead as it may be", "dpop+jwt", C("POST", URL, "1795000060", ""), GOOD },
    { "another typ", "jwt", C("POST", URL, "1795000000", ""), BAD },
    { "no typ", NULL, C("POST", URL, "1795000000", ""), BAD },
    { "another method", "dpop+jwt", C("GET", URL, "1795000000", ""), BAD },
    { "the method in lower case", "dpop+jwt", C("post", URL, "1795000000", ""), BAD },
    { "another path", "dpop+jwt", C("POST", "https://as.example/par", "1795000000", ""), BAD },
    { "another host", "dpop+jwt", C("POST", "https://evil.example/token", "1795000000", ""), BAD },
    { "another scheme", "dpop+jwt", C("POST", "http://as.example/token", "1795000000", ""), BAD },
    { "another port", "dpop+jwt", C("POST", "https://as.example:8443/token", "1795000000", ""), BAD },
    { "the host as user information", "dpop+jwt", C("POST", "https://as.example@evil.example/token", "1795000000", ""),
      BAD },
    { "no URL at all", "dpop+jwt", C("POST", "token", "1795000000", ""), BAD },
    { "too old", "dpop+jwt", C("POST", URL, "1794999639", ""), BAD },
    { "of the future", "dpop+jwt", C("POST", URL, "1795000061", ""), BAD },
    { "iat is a text", "dpop+jwt", C("POST", URL, "\"1795000000\"", ""), BAD },
    { "iat beyond all times", "dpop+jwt", C("POST", URL, "1e300", ""), BAD },
    { "no iat", "dpop+jwt", "{\"jti\":\"j\",\"htm\":\"POST\",\"htu\":\"" URL "\"}", BAD },
    { "no jti", "dpop+jwt", "{\"htm\":\"POST\",\"htu\":\"" URL "\",\"iat\":1795000000}", BAD },
    { "jti is a number", "dpop+jwt", "{\"jti\":1,\"htm\":\"POST\",\"htu\":\"" URL "\",\"iat\":1795000000}", BAD },
    { "no htm", "dpop+jwt", "{\"jti\":\"j\",\"htu\":\"" URL "\",\"iat\":1795000000}", BAD },
    { "no htu", "dpop+jwt", "{\"jti\":\"j\",\"htm\":\"POST\",\"iat\":1795000000}", BAD },
    { "a claim twice", "dpop+jwt", C("POST", URL, "1795000000", ",\"jti\":\"k\""), BAD },
    { "an empty nonce", "dpop+jwt", C("POST", URL, "1795000000", ",\"nonce\":\"\""), BAD },
    { "a nonce that is no text", "dpop+jwt", C("POST", URL, "1795000000", ",\"nonce\":7"), BAD },
    { "no object", "dpop+jwt", "[]", BAD },
};

static void
a_proof_is_what_it_must_be(void **state)
{
    const carnet_dpop_expectation e = expected();

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(claims); i++) {
        each(NULL);
        print_message("# %s\n", claims[i].what);
        assert_carnet_rc(check(signed_as(claims[i].type, claims[i].claims, true, ""), &e, NULL), claims[i].rc);
    }
}

static void
deep_claims_are_refused(void **state)
{
    const carnet_dpop_expectation e = expected();
    char text[512];
    carnet_buf deep = carnet_buf_of(text, sizeof(text) - 1);

    (void)state;
    carnet_buf_add_text(&deep, "{\"x\":");
    for (size_t i = 0; i < 100; i++)
        carnet_buf_add_byte(&deep, '[');
    for (size_t i = 0; i < 100; i++)
        carnet_buf_add_byte(&deep, ']');
    carnet_buf_add_byte(&deep, '}');
    text[deep.len] = '\0';
    assert_carnet_rc(check(signed_as("dpop+jwt", text, true, ""), &e, NULL), CARNET_E_DPOP_PROOF);
}

/* The header as text before the claims of a good proof, with a signature of zeros or none. */
static const char *const headers[] = {
    "{\"alg\":\"none\",\"typ\":\"dpop+jwt\",\"jwk\":{}}",
    "{\"alg\":\"HS256\",\"typ\":\"dpop+jwt\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}}",
    "{\"alg\":\"RS256\",\"typ\":\"dpop+jwt\",\"jwk\":{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\"}}",
    "{\"typ\":\"dpop+jwt\"}",
    "{\"alg\":\"ES256\",\"typ\":\"dpop+jwt\",\"crit\":[\"x\"],\"x\":1}",
    "[]",
    "{\"alg\":\"ES256\",\"alg\":\"ES256\",\"typ\":\"dpop+jwt\"}",
    ("{\"alg\":\"ES256\",\"typ\":\"dpop+jwt\",\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\","
     "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}}"),
};

static void
algorithms_that_prove_nothing_do_not_exist(void **state)
{
    const carnet_dpop_expectation e = expected();

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(headers); i++) {
        const uint8_t zeros[64] = { 0 };
        char text[2048];
        carnet_buf token = carnet_buf_of(text, sizeof(text));

        carnet_base64url_encode(carnet_str_bytes(carnet_str_of(headers[i])), &token);
        carnet_buf_add_byte(&token, '.');
        carnet_base64url_encode(carnet_str_bytes(carnet_str_of(C("POST", URL, "1795000000", ""))), &token);
        carnet_buf_add_byte(&token, '.');
        if (i != 0)
            carnet_base64url_encode(carnet_span_of(zeros, sizeof(zeros)), &token);
        print_message("# %s\n", headers[i]);
        assert_carnet_rc(check(carnet_buf_str(&token), &e, NULL), CARNET_E_DPOP_PROOF);
    }
}

/* Good but for their algorithms: by npm's jose 6.2.17, RS256 and PS256, with the key of RSA in the header. */
static const char *const by_rsa[] = {
    ("eyJhbGciOiJSUzI1NiIsInR5cCI6ImRwb3Arand0IiwiandrIjp7Imt0eSI6IlJTQSIsIm4iOiJ6UFpqdDlwZkZyM0NTbDc4U1lIenkzdW9f"
     "OEM5amN4em13b0hhSzZybkNnNkUwbUFSU3pIODlmNlpGMUdXR1o1S0V0OXhJVk01aldZZU51cERBZFlKWWVFZnBGMDBsbXl5aGxXUndZNThS"
     "NjRpM1o5RDgycjhOS09xWkM3NnB3WkUwNWFjLUNZUFZlb0c1YzJqQTJ2R0pNdVVHLXBsMHFYVUJsUDQzNUZkM0dVdWdIa0F3RDR4V3RScWNm"
     "cW1rNzF5dGlWLWhlaXdpNC0yekNBbFVzUHJCX3dWUnZxM2JyR3hJTFdyZWROVlBWYkpsRGVvNVlBLVNqWkh4d0dqVzJkdUtRSnJTTTNjdlNH"
     "TjNUaWpsc1FVclctNW5UekgtRGZUUlVBT29NQjhlWmlOcGpYYUMyZ3FVZmlVRzg3VTdkbWJXV2dHckNjcEk1NURuQWk5VlJfYnciLCJlIjoi"
     "QVFBQiJ9fQ.eyJqdGkiOiIwMTIzNDU2Nzg5YWJjZGVmIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vYXMuZXhhbXBsZS90b2tlbiIsI"
     "mlhdCI6MTc5NTAwMDAwMH0.GpfFkDbfHDXLgrhgaaWvNSxp1iT_zyxxfhJ5GGS5lfO8DA4W2DWlkFrrxvzZ9Da5zfhxw94ABzBJ4dl6YOg48"
     "j6XAbrm-3ycEDVgnamXaOe3nnL_5jhsl9Z95cUpk3_Knhz_hvBlf-N47aODDKDQ0mi9imUzBIVDVB9tVfuQvne3gxSta639xmwa-myePnxTK"
     "jCrB_a42VQvDVZWXA3jimLWaZep19_ynX8VCCslqRKOSWlOpqRMHsBcpduU5MNrR1LszWcPCB8d0zCVsLpcYUd5MYWTWnfQVS1O-9d5XxcUo"
     "OuoApEL0DPjfShvXo1XMnj8kyV5UECebk15fVJG-g"),
    ("eyJhbGciOiJQUzI1NiIsInR5cCI6ImRwb3Arand0IiwiandrIjp7Imt0eSI6IlJTQSIsIm4iOiJ6UFpqdDlwZkZyM0NTbDc4U1lIenkzdW9f"
     "OEM5amN4em13b0hhSzZybkNnNkUwbUFSU3pIODlmNlpGMUdXR1o1S0V0OXhJVk01aldZZU51cERBZFlKWWVFZnBGMDBsbXl5aGxXUndZNThS"
     "NjRpM1o5RDgycjhOS09xWkM3NnB3WkUwNWFjLUNZUFZlb0c1YzJqQTJ2R0pNdVVHLXBsMHFYVUJsUDQzNUZkM0dVdWdIa0F3RDR4V3RScWNm"
     "cW1rNzF5dGlWLWhlaXdpNC0yekNBbFVzUHJCX3dWUnZxM2JyR3hJTFdyZWROVlBWYkpsRGVvNVlBLVNqWkh4d0dqVzJkdUtRSnJTTTNjdlNH"
     "TjNUaWpsc1FVclctNW5UekgtRGZUUlVBT29NQjhlWmlOcGpYYUMyZ3FVZmlVRzg3VTdkbWJXV2dHckNjcEk1NURuQWk5VlJfYnciLCJlIjoi"
     "QVFBQiJ9fQ.eyJqdGkiOiIwMTIzNDU2Nzg5YWJjZGVmIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vYXMuZXhhbXBsZS90b2tlbiIsI"
     "mlhdCI6MTc5NTAwMDAwMH0.dgtBbJfF75WF-2QJRTXa2WNs7_oM2_liNJIf9h0rFZ6AXYPq38p52r5TburL6j6YdOyiWo3KnMnnDtljm8X-0"
     "WAChkPY7uvAzX0JogmHkhWM9UsJGbFvz1et1I2T-gog0k0bf-2IUTfDx5F5Ets5IEf7NwFZCZFudtWYfw9wnuJRYbQ0lHg9nLUL1-8PYJwtk"
     "aGgvkErA6jF6-xtRINC3JQU8txpqHuRwEpgUIeJlgyFYMVf-AFPLmOROtTeLSI3SZn2QqdHfIqkAO460oOPcPFZ6YU9D5W-dF-WzoZ4ytsO0"
     "_Lv16dV4NLHYHQZzUTM-1SLYzSoEjWD3BbwObyh0g"),
};

static void
a_proof_by_rsa_is_none(void **state)
{
    const carnet_dpop_expectation e = expected();

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(by_rsa); i++) {
        carnet_err err = { 0 };

        assert_carnet_rc(check(carnet_str_of(by_rsa[i]), &e, &err), CARNET_E_DPOP_PROOF);
        assert_string_equal(err.reason, "the algorithm is missing or not taken");
    }
}

static void
the_key_is_in_the_header_and_public(void **state)
{
    const carnet_dpop_expectation e = expected();
    const char *good = C("POST", URL, "1795000000", "");

    (void)state;
    assert_carnet_rc(check(signed_as("dpop+jwt", good, false, ""), &e, NULL), CARNET_E_DPOP_PROOF);
    assert_carnet_rc(check(signed_as("dpop+jwt", good, false, "\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\"}"), &e, NULL),
                     CARNET_E_DPOP_PROOF);
    assert_carnet_rc(
        check(
            signed_as("dpop+jwt", good, false,
                      "\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                      "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\","
                      "\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}"),
            &e, NULL),
        CARNET_E_DPOP_PROOF);
}

static const struct {
    const char *in_request, *in_proof;
    carnet_rc rc;
} hashes[] = {
    { TOKEN, TOKEN, CARNET_OK },
    { "", TOKEN, CARNET_OK },
    { TOKEN, "", CARNET_E_DPOP_PROOF },
    { TOKEN, TOKEN "x", CARNET_E_DPOP_PROOF },
};

static void
the_proof_is_for_the_access_token(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(hashes); i++) {
        carnet_dpop_expectation e = expected();

        each(NULL);
        e.access_token = carnet_str_of(hashes[i].in_request);
        assert_carnet_rc(check(made(URL, hashes[i].in_proof, ""), &e, NULL), hashes[i].rc);
    }
}

static void
the_key_is_the_one_the_token_is_bound_to(void **state)
{
    carnet_dpop_expectation e = expected();
    uint8_t thumbprint[32];

    (void)state;
    assert_carnet_ok(carnet_jwk_thumbprint(&crypto, &other.public_key, thumbprint, NULL), NULL);
    e.thumbprint = thumbprint;
    assert_carnet_rc(check(made(URL, "", ""), &e, NULL), CARNET_E_DPOP_KEY);
}

static const struct {
    const char *in_proof, *wanted;
    bool required;
    carnet_rc rc;
} nonces[] = {
    { "n", "", true, CARNET_OK },
    { "n", "n", true, CARNET_OK },
    { "n", "", false, CARNET_OK },
    { "", "", true, CARNET_E_DPOP_NONCE },
    { "", "n", false, CARNET_E_DPOP_NONCE },
    { "m", "n", false, CARNET_E_DPOP_NONCE },
};

static void
the_nonce_is_the_one_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(nonces); i++) {
        carnet_dpop_expectation e = expected();

        each(NULL);
        e.nonce = carnet_str_of(nonces[i].wanted);
        e.nonce_required = nonces[i].required;
        assert_carnet_rc(check(made(URL, "", nonces[i].in_proof), &e, NULL), nonces[i].rc);
    }
}

static void
what_else_is_wrong_is_said_before_a_missing_nonce(void **state)
{
    carnet_dpop_expectation e = expected();

    (void)state;
    e.nonce_required = true;
    assert_carnet_rc(check(made("https://as.example/other", "", ""), &e, NULL), CARNET_E_DPOP_PROOF);
}

static void
a_proof_that_is_too_long_is_refused(void **state)
{
    const carnet_dpop_expectation e = expected();
    static char text[CARNET_DPOP_MAX + 1];

    (void)state;
    memset(text, 'A', sizeof(text));
    assert_carnet_rc(check((carnet_str){ text, sizeof(text) }, &e, NULL), CARNET_E_DPOP_PROOF);
}

static void
refused(carnet_span mutated, void *context)
{
    const carnet_dpop_expectation e = expected();
    size_t *count = context;

    assert_carnet_rc(check((carnet_str){ (const char *)mutated.ptr, mutated.len }, &e, NULL), CARNET_E_DPOP_PROOF);
    (*count)++;
}

static void
no_prefix_and_no_flipped_bit_is_accepted(void **state)
{
    const carnet_str token = made(URL, TOKEN, "n");
    size_t count = 0;

    (void)state;
    carnet_test_every_prefix(carnet_str_bytes(token), refused, &count);
    carnet_test_every_bit(carnet_str_bytes(token), refused, &count);
    assert_int_equal(count, 9 * token.len);
}

static void
what_could_not_be_accepted_is_not_made(void **state)
{
    carnet_dpop_spec spec = { .struct_size = sizeof(spec), .method = carnet_str_of("POST"), .issued_at = NOW };

    (void)state;
    assert_carnet_rc(carnet_dpop_make(&spec, &key, &crypto, &out, NULL), CARNET_E_OAUTH_URL);
    spec.url = carnet_str_of(URL);
    spec.method = (carnet_str){ 0 };
    assert_carnet_rc(carnet_dpop_make(&spec, &key, &crypto, &out, NULL), CARNET_E_USAGE);
    assert_int_equal(out.len, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_made_is_accepted, each),
        cmocka_unit_test_setup(two_proofs_never_have_one_identifier, each),
        cmocka_unit_test_setup(a_proof_is_what_it_must_be, each),
        cmocka_unit_test_setup(deep_claims_are_refused, each),
        cmocka_unit_test_setup(algorithms_that_prove_nothing_do_not_exist, each),
        cmocka_unit_test_setup(a_proof_by_rsa_is_none, each),
        cmocka_unit_test_setup(the_key_is_in_the_header_and_public, each),
        cmocka_unit_test_setup(the_proof_is_for_the_access_token, each),
        cmocka_unit_test_setup(the_key_is_the_one_the_token_is_bound_to, each),
        cmocka_unit_test_setup(the_nonce_is_the_one_expected, each),
        cmocka_unit_test_setup(what_else_is_wrong_is_said_before_a_missing_nonce, each),
        cmocka_unit_test_setup(a_proof_that_is_too_long_is_refused, each),
        cmocka_unit_test_setup(no_prefix_and_no_flipped_bit_is_accepted, each),
        cmocka_unit_test_setup(what_could_not_be_accepted_is_not_made, each),
    };

    return cmocka_run_group_tests_name("exchange/oid4vc/dpop", tests, begin, end);
}
