/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of others verified by the keys they publish: RSA too, and only here (RFC 7515 5.2; RFC 7517 5; RFC 8725 3.1). */
#include "carnet/jws_set.h"
#include "jws_set_tokens.h"
#include "support/crypto.h"
#include "support/support.h"

#include <string.h>

#define RSA(n, more) "{\"kty\":\"RSA\",\"n\":\"" n "\",\"e\":\"AQAB\"" more "}"
#define EC(more)     "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EX "\",\"y\":\"" EY "\"" more "}"
#define SET(keys)    "{\"keys\":[" keys "]}"
#define KID(name)    ",\"kid\":\"" name "\""
#define STRANGE      "{\"kty\":\"new\",\"kid\":\"s\"},7,{}"
#define ALL                                                                                                            \
    SET(STRANGE "," RSA(N2, KID("r2")) "," RSA(N1, KID("r1") ",\"use\":\"sig\"") "," EC(                               \
        KID("e1")) ","                                                                                                 \
                   "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" DX "\",\"kid\":\"d1\",\"alg\":\"Ed25519\"}")

static uint8_t room[65536];

static carnet_rc
open_by(const char *set, carnet_str token, carnet_jws *view, carnet_err *err)
{
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_json *json = NULL;
    carnet_rc rc;

    *err = (carnet_err){ 0 };
    assert_carnet_ok(carnet_json_parse(carnet_str_of(set), &json, err), err);
    rc = carnet_jws_open_by_set(token, json, &crypto, &storage, view, err);
    carnet_json_free(&json);
    assert_int_equal(err->rc, rc);
    if (rc != CARNET_OK)
        assert_true(view->header == NULL && view->claims == NULL && view->signing_input.len == 0);
    return rc;
}

static void
a_token_is_verified_by_the_key_it_names(void **state)
{
    static const char *const tokens[] = { RS256, RS384, RS512, PS256, PS384, PS512, ES256, EDDSA };
    carnet_err err;
    carnet_jws view;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(tokens); i++) {
        assert_carnet_ok(open_by(ALL, carnet_str_of(tokens[i]), &view, &err), &err);
        assert_str_is(carnet_json_string(carnet_json_get(view.claims, "sub")), "erika");
        assert_true((view.algorithm == CARNET_SIGNATURE_NONE) == (i < 6));
        carnet_jws_close(&view);
    }
}

/* RFC 7515, A.2. */
static void
what_the_rfc_signed_verifies(void **state)
{
    static const char set[] = SET("{\"kty\":\"RSA\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_"
                                  "wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt"
                                  "0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-"
                                  "bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQ"
                                  "OS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-"
                                  "DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91"
                                  "kzk2PAcDTW9gb54h4FRWyuXpoQ\",\"e\":\"AQAB\"}");
    static const char token[] =
        "eyJhbGciOiJSUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
        "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZ"
        "cAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--"
        "xi12jzDwusC-e"
        "OkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_"
        "IoypGlUPQGe77Rw";
    carnet_err err;
    carnet_jws view;

    (void)state;
    assert_carnet_ok(open_by(set, carnet_str_of(token), &view, &err), &err);
    assert_str_is(carnet_json_string(carnet_json_get(view.claims, "iss")), "joe");
    carnet_jws_close(&view);
}

/* What goes through here is taken nowhere else: not by carnet_jws_open(), and not as if it were verified by an EC key. */
static void
no_other_door_takes_rsa(void **state)
{
    static const char *const tokens[] = { RS256, RS384, RS512, PS256, PS384, PS512 };
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_json *json = NULL;
    carnet_err err;
    carnet_jws view;
    carnet_jwk jwk;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(tokens); i++)
        assert_carnet_rc(carnet_jws_open(carnet_str_of(tokens[i]), &storage, &view, NULL), CARNET_E_JOSE_ALGORITHM);
    assert_carnet_ok(carnet_json_parse(carnet_str_of(ALL), &json, NULL), NULL);
    assert_carnet_rc(carnet_jwk_set_find(json, carnet_str_of("r1"), "sig", &crypto, &jwk, NULL), CARNET_E_JOSE_KEY);
    assert_carnet_rc(carnet_jwk_read(carnet_json_at(carnet_json_get(json, "keys"), 3), &crypto, &jwk, NULL),
                     CARNET_E_JOSE_KEY);
    assert_carnet_ok(carnet_jwk_set_find(json, carnet_str_of("e1"), "sig", &crypto, &jwk, NULL), NULL);
    assert_carnet_ok(open_by(ALL, carnet_str_of(RS256), &view, &err), &err);
    assert_carnet_rc(carnet_jws_verify(&view, &crypto, &jwk.key, NULL), CARNET_E_JOSE_ALGORITHM);
    carnet_jws_close(&view);
    carnet_json_free(&json);
}

static const struct {
    const char *what, *set, *token;
    carnet_rc rc;
    const char *reason; /* a part of it; "" for none */
} cases[] = {
    { "not signed", ALL, NONE, CARNET_E_JOSE_ALGORITHM, "not taken" },
    { "a MAC keyed by what is public", ALL, HS256, CARNET_E_JOSE_ALGORITHM, "not taken" },
    { "another's signature", ALL, RS256_OTHER, CARNET_E_JOSE_SIGNATURE, "" },
    { "no such key", SET(RSA(N1, KID("r2"))), RS256, CARNET_E_JOSE_KEY, "no such key" },
    { "a key without a name for a token with one", SET(RSA(N1, "")), RS256, CARNET_E_JOSE_KEY, "no such key" },
    { "a name that is no text", SET(RSA(N1, ",\"kid\":1")), RS256, CARNET_E_JOSE_KEY, "no such key" },
    { "another's modulus", SET(RSA(N2, KID("r1"))), RS256, CARNET_E_JOSE_SIGNATURE, "" },
    { "no keys", SET(""), RS256, CARNET_E_JOSE_KEY, "no such key" },
    { "no set", "{\"keys\":{}}", RS256, CARNET_E_JOSE_KEY, "no set of keys" },
    { "a list", "[]", RS256, CARNET_E_JOSE_KEY, "no set of keys" },
    { "an EC key for RSA", SET(EC(KID("r1"))), RS256, CARNET_E_JOSE_KEY, "no key of RSA" },
    { "an RSA key for ECDSA", SET(RSA(N1, KID("e1"))), ES256, CARNET_E_JOSE_KEY, "type or curve" },
    { "a key of Ed25519 for ECDSA", SET("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" DX "\",\"kid\":\"e1\"}"), ES256,
      CARNET_E_JOSE_KEY, "another kind" },
    { "a key that agrees", SET("{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" DX "\",\"kid\":\"d1\"}"), EDDSA,
      CARNET_E_JOSE_KEY, "another kind" },
    { "a secret of that name", SET("{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"r1\"}"), HS256, CARNET_E_JOSE_ALGORITHM,
      "not taken" },
    { "for another algorithm", SET(RSA(N1, KID("r1") ",\"alg\":\"PS256\"")), RS256, CARNET_E_JOSE_KEY,
      "another algorithm" },
    { "for another digest", SET(RSA(N1, KID("r1") ",\"alg\":\"RS256\"")), RS512, CARNET_E_JOSE_KEY,
      "another algorithm" },
    { "for an encryption", SET(RSA(N1, KID("r1") ",\"alg\":\"RSA-OAEP\"")), RS256, CARNET_E_JOSE_KEY,
      "another algorithm" },
    { "for an algorithm that is no text", SET(RSA(N1, KID("r1") ",\"alg\":null")), RS256, CARNET_E_JOSE_KEY,
      "another algorithm" },
    { "for encryption", SET(RSA(N1, KID("r1") ",\"use\":\"enc\"")), RS256, CARNET_E_JOSE_KEY, "not for signatures" },
    { "for who knows what", SET(RSA(N1, KID("r1") ",\"use\":7")), RS256, CARNET_E_JOSE_KEY, "not for signatures" },
    { "for other operations", SET(RSA(N1, KID("r1") ",\"key_ops\":[\"encrypt\",\"wrapKey\"]")), RS256,
      CARNET_E_JOSE_KEY, "not for signatures" },
    { "for no operation", SET(RSA(N1, KID("r1") ",\"key_ops\":[]")), RS256, CARNET_E_JOSE_KEY, "not for signatures" },
    { "operations that are no list", SET(RSA(N1, KID("r1") ",\"key_ops\":\"verify\"")), RS256, CARNET_E_JOSE_KEY,
      "not for signatures" },
    { "an EC key for encryption", SET(EC(KID("e1") ",\"use\":\"enc\"")), ES256, CARNET_E_JOSE_KEY,
      "not for signatures" },
    { "an EC key for another algorithm", SET(EC(KID("e1") ",\"alg\":\"ES384\"")), ES256, CARNET_E_JOSE_KEY,
      "another algorithm" },
    { "two of the same name", SET(RSA(N1, KID("r1")) "," RSA(N2, KID("r1"))), RS256, CARNET_E_JOSE_KEY,
      "more than one" },
    { "two, and a token that names none", SET(RSA(N1, KID("r1")) "," RSA(N2, KID("r2"))), RS256_NAMELESS,
      CARNET_E_JOSE_KEY, "more than one" },
    { "a private key", SET(RSA(N1, KID("r1") ",\"d\":\"AQAB\"")), RS256, CARNET_E_JOSE_KEY, "private key" },
    { "a part of a private key", SET(RSA(N1, KID("r1") ",\"qi\":\"AQAB\"")), RS256, CARNET_E_JOSE_KEY, "private key" },
    { "a modulus with a zero in front", SET(RSA("AA" N1, KID("r1"))), RS256, CARNET_E_JOSE_KEY, "" },
    { "a short modulus", SET(RSA("w_MAPQ", KID("r1"))), RS256, CARNET_E_JOSE_KEY, "less than 2048 bits" },
    { "a long modulus", SET(RSA(N1 N1 N1 N1 N1, KID("r1"))), RS256, CARNET_E_JOSE_KEY, "8192 bits" },
    { "no modulus", SET("{\"kty\":\"RSA\",\"e\":\"AQAB\",\"kid\":\"r1\"}"), RS256, CARNET_E_JOSE_KEY, "no modulus" },
    { "a modulus of other characters", SET(RSA("+/==", KID("r1"))), RS256, CARNET_E_JOSE_KEY, "base64url" },
    { "a modulus that is no text", SET("{\"kty\":\"RSA\",\"n\":[],\"e\":\"AQAB\",\"kid\":\"r1\"}"), RS256,
      CARNET_E_JOSE_KEY, "no string" },
    { "an even exponent", SET("{\"kty\":\"RSA\",\"n\":\"" N1 "\",\"e\":\"Ag\",\"kid\":\"r1\"}"), RS256,
      CARNET_E_JOSE_KEY, "even" },
    { "an exponent of one", SET("{\"kty\":\"RSA\",\"n\":\"" N1 "\",\"e\":\"AQ\",\"kid\":\"r1\"}"), RS256,
      CARNET_E_JOSE_KEY, "or 1" },
    { "an exponent with a zero in front", SET("{\"kty\":\"RSA\",\"n\":\"" N1 "\",\"e\":\"AAEAAQ\",\"kid\":\"r1\"}"),
      RS256, CARNET_E_JOSE_KEY, "begins with a zero" },
    { "a long exponent", SET("{\"kty\":\"RSA\",\"n\":\"" N1 "\",\"e\":\"AQAAAAAAAAAB\",\"kid\":\"r1\"}"), RS256,
      CARNET_E_JOSE_KEY, "64 bits" },
    { "no exponent", SET("{\"kty\":\"RSA\",\"n\":\"" N1 "\",\"kid\":\"r1\"}"), RS256, CARNET_E_JOSE_KEY,
      "no exponent" },
    { "no token", ALL, "", CARNET_E_JOSE_STRUCTURE, "" },
    { "half a token", ALL, "eyJhbGciOiJSUzI1NiJ9.e30", CARNET_E_JOSE_STRUCTURE, "" },
    { "a header without alg", ALL, "e30.e30.AA", CARNET_E_JOSE_ALGORITHM, "not taken" },
    { "an extension", ALL, "eyJhbGciOiJSUzI1NiIsImNyaXQiOlsiYiJdLCJiIjoxfQ.e30.AA", CARNET_E_JOSE_CRITICAL, "" },
};

static void
nothing_else_is_taken_and_the_reason_is_told(void **state)
{
    carnet_err err;
    carnet_jws view;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        const carnet_rc rc = open_by(cases[i].set, carnet_str_of(cases[i].token), &view, &err);

        if (rc != cases[i].rc || strstr(err.reason, cases[i].reason) == NULL)
            fail_msg("%s: %s, %s", cases[i].what, carnet_rc_name(rc), err.reason);
    }
}

static const struct {
    const char *what, *set, *token;
} good[] = {
    { "one key, no names", SET(RSA(N1, "")), RS256_NAMELESS },
    { "one of RSA beside one of EC, a token that names none", SET(EC("") "," RSA(N1, "")), RS256_NAMELESS },
    { "and the reverse", SET(EC(KID("e1")) "," RSA(N1, KID("r1"))), ES256_NAMELESS },
    { "one for signatures beside one for encryption", SET(RSA(N2, ",\"use\":\"enc\"") "," RSA(N1, ",\"use\":\"sig\"")),
      RS256_NAMELESS },
    { "the same name for two algorithms",
      SET(RSA(N2, KID("r1") ",\"alg\":\"PS256\"") "," RSA(N1, KID("r1") ",\"alg\":\"RS256\"")), RS256 },
    { "the same name for two types", SET(EC(KID("r1")) "," RSA(N1, KID("r1"))), RS256 },
    { "beside one too short", SET(RSA("w_MAPQ", "") "," RSA(N1, "")), RS256_NAMELESS },
    { "operations that are told", SET(RSA(N1, KID("r1") ",\"use\":\"sig\",\"key_ops\":[\"verify\"]")), RS256 },
    { "other members", SET(RSA(N1, KID("r1") ",\"x5c\":[],\"x5t\":\"AA\",\"issuer\":\"me\"")), RS256 },
};

static void
a_set_is_searched_for_the_one_key_that_fits(void **state)
{
    carnet_err err;
    carnet_jws view;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(good); i++) {
        if (open_by(good[i].set, carnet_str_of(good[i].token), &view, &err) != CARNET_OK)
            fail_msg("%s: %s", good[i].what, err.reason);
        carnet_jws_close(&view);
    }
}

static size_t refused;

static void
refuse(carnet_span text, void *context)
{
    carnet_err err;
    carnet_jws view;

    (void)context;
    assert_int_not_equal(open_by(ALL, (carnet_str){ (const char *)text.ptr, text.len }, &view, &err), CARNET_OK);
    refused++;
}

static void
every_prefix_and_every_bit_of_a_token_is_refused(void **state)
{
    static const char *const tokens[] = { RS256, PS256 };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(tokens); i++) {
        const carnet_span text = carnet_str_bytes(carnet_str_of(tokens[i]));

        refused = 0;
        carnet_test_every_prefix(text, refuse, NULL);
        carnet_test_every_bit(text, refuse, NULL);
        assert_int_equal(refused, 9 * text.len);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_verified_by_the_key_it_names),
        cmocka_unit_test(what_the_rfc_signed_verifies),
        cmocka_unit_test(no_other_door_takes_rsa),
        cmocka_unit_test(nothing_else_is_taken_and_the_reason_is_told),
        cmocka_unit_test(a_set_is_searched_for_the_one_key_that_fits),
        cmocka_unit_test(every_prefix_and_every_bit_of_a_token_is_refused),
    };

    return cmocka_run_group_tests_name("protect/jose/jws_set", tests, begin, end);
}
