/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/jwe.h"
#include "carnet/jws.h"
#include "support/crypto.h"
#include "support/support.h"

#include <string.h>

static uint8_t storage_room[65536], out_room[65536];
static carnet_buf storage, out;

static int
each(void **state)
{
    (void)state;
    storage = carnet_buf_of(storage_room, sizeof(storage_room));
    out = carnet_buf_of(out_room, sizeof(out_room));
    return 0;
}

static carnet_jwk
jwk(const char *text, carnet_rc expected)
{
    carnet_json *json = NULL;
    carnet_jwk read;

    assert_carnet_ok(carnet_json_parse(carnet_str_of(text), &json, NULL), NULL);
    assert_carnet_rc(carnet_jwk_read(json, &crypto, &read, NULL), expected);
    carnet_json_free(&json);
    read.key_id = read.algorithm = read.use = (carnet_str){ NULL, 0 };
    read.x5c = NULL;
    return read;
}

/* RFC 7515 A.3, A.4; RFC 8037 A.4. */
static const struct {
    const char *key, *token;
} known[] = {
    { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
      "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnV"
      "lfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q" },
    { "{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_"
      "NjFZ6OvLFV1jSfS9t"
      "sz4qUxcWceqwQGk\",\"y\":\"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-"
      "x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj"
      "2\"}",
      "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-"
      "KGDKB34XO0"
      "aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn" },
    { "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-"
      "09PGcvMg3AIbQR6dWbhijcNR4ki4"
      "iylGjg5BhVsPt9g7sVvpAr_MuM0KAg" },
};

static void
what_the_rfcs_signed_verifies(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(known); i++) {
        const carnet_jwk key = jwk(known[i].key, CARNET_OK);
        carnet_jws view;

        assert_carnet_ok(carnet_jws_open(carnet_str_of(known[i].token), &storage, &view, NULL), NULL);
        assert_carnet_ok(carnet_jws_verify(&view, &crypto, &key.key, NULL), NULL);
        carnet_jws_close(&view);
    }
}

static carnet_public_key known_key;
static size_t refused;

static void
refuse(carnet_span text, void *context)
{
    carnet_buf room = carnet_buf_of(storage_room, sizeof(storage_room));
    carnet_err err = { 0 };
    carnet_jws view;
    carnet_rc rc = carnet_jws_open((carnet_str){ (const char *)text.ptr, text.len }, &room, &view, &err);

    (void)context;
    if (rc == CARNET_OK)
        rc = carnet_jws_verify(&view, &crypto, &known_key, &err);
    assert_int_not_equal(rc, CARNET_OK);
    assert_int_equal(err.rc, rc);
    carnet_jws_close(&view);
    refused++;
}

static void
every_prefix_and_every_bit_of_a_token_is_refused(void **state)
{
    const carnet_span text = carnet_str_bytes(carnet_str_of(known[0].token));

    (void)state;
    known_key = jwk(known[0].key, CARNET_OK).key;
    carnet_test_every_prefix(text, refuse, NULL);
    carnet_test_every_bit(text, refuse, NULL);
    assert_int_equal(refused, 9 * text.len);
}

/* RFC 8037 A.3, and the key of RFC 7638's construction for EC. */
static void
a_thumbprint_is_that_of_the_rfc(void **state)
{
    const carnet_jwk key = jwk(known[2].key, CARNET_OK);
    uint8_t print[32];

    (void)state;
    assert_carnet_ok(carnet_jwk_thumbprint(&crypto, &key.key, print, NULL), NULL);
    carnet_base64url_encode(carnet_span_of(print, 32), &out);
    assert_str_is(carnet_buf_str(&out), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

static const char *const no_keys[] = {
    "{}",
    "[]",
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}",
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"AAAA\"}",
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}",
    "{\"kty\":\"OKP\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
    "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\",\"d\":\"AA\"}",
    "{\"kty\":\"oct\",\"k\":\"AA\"}",
    "{\"kty\":\"RSA\",\"n\":\"AA\",\"e\":\"AQAB\"}",
};

static void
what_is_no_public_key_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(no_keys); i++)
        (void)jwk(no_keys[i], CARNET_E_JOSE_KEY);
}

static void
a_set_gives_the_one_key_meant(void **state)
{
    static const char set[] =
        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r\"},"
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"a\",\"use\":\"sig\",\"x\":"
        "\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
        "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"},"
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"b\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}";
    static const struct {
        const char *key_id, *use;
        carnet_curve expected;
    } cases[] = {
        { "a", NULL, CARNET_CURVE_P256 }, { "b", NULL, CARNET_CURVE_ED25519 }, { "c", NULL, CARNET_CURVE_NONE },
        { "r", NULL, CARNET_CURVE_NONE }, { "", "enc", CARNET_CURVE_ED25519 }, { "", "sig", CARNET_CURVE_NONE },
    };
    carnet_json *json = NULL;

    (void)state;
    assert_carnet_ok(carnet_json_parse(carnet_str_of(set), &json, NULL), NULL);
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_jwk found;
        carnet_rc rc = carnet_jwk_set_find(json, carnet_str_of(cases[i].key_id), cases[i].use, &crypto, &found, NULL);

        assert_carnet_rc(rc, cases[i].expected == CARNET_CURVE_NONE ? CARNET_E_JOSE_KEY : CARNET_OK);
        assert_int_equal(found.key.curve, cases[i].expected);
    }
    carnet_json_free(&json);
}

static void
tokens_signed_here_carry_their_header_and_verify(void **state)
{
    const carnet_span chain[] = { CARNET_TEST_BYTES("one certificate"), CARNET_TEST_BYTES("another") };

    (void)state;
    for (size_t i = 0; carnet_curve_at(i) != NULL; i++) {
        const carnet_curve_info *info = carnet_curve_at(i);
        carnet_jws_header header = { .type = "test+jwt",
                                     .key_id = carnet_str_of("k\"1"),
                                     .x5c = chain,
                                     .x5c_count = 2,
                                     .more = carnet_str_of("\"extra\":[1]") };
        carnet_key key = { 0 };
        carnet_jws view;

        if (info->signature == 0)
            continue;
        (void)each(NULL);
        assert_carnet_ok(carnet_software_key_generate(&crypto, info->curve, CARNET_KEY_SIGN, &key, NULL), NULL);
        header.jwk = &key.public_key;
        assert_carnet_ok(carnet_jws_sign(&header, CARNET_TEST_BYTES("{\"iss\":\"me\"}"), &key, &crypto, &out, NULL),
                         NULL);
        assert_carnet_ok(carnet_jws_open(carnet_buf_str(&out), &storage, &view, NULL), NULL);
        assert_carnet_ok(carnet_jws_verify(&view, &crypto, &key.public_key, NULL), NULL);
        assert_carnet_ok(carnet_jws_expect_type(&view, "TEST+jwt", NULL), NULL);
        assert_carnet_rc(carnet_jws_expect_type(&view, "test+jw", NULL), CARNET_E_JOSE_TYPE);
        assert_str_is(view.key_id, "k\"1");
        assert_int_equal(view.x5c_count, 2);
        assert_span_equal(view.x5c[1], chain[1]);
        assert_int_equal(carnet_json_count(carnet_json_get(view.header, "extra")), 1);
        assert_str_is(carnet_json_string(carnet_json_get(view.claims, "iss")), "me");
        carnet_jws_close(&view);
        for (size_t cap = 0; cap < out.len; cap += 37) {
            carnet_buf small = carnet_buf_of(storage_room, cap);

            assert_carnet_rc(
                carnet_jws_sign(&header, CARNET_TEST_BYTES("{\"iss\":\"me\"}"), &key, &crypto, &small, NULL),
                CARNET_E_NO_SPACE);
            assert_int_equal(small.len, 0);
        }
        carnet_key_done(&key);
    }
}

static void
nothing_is_no_token(void **state)
{
    carnet_jws jws;
    carnet_jwe jwe;

    (void)state;
    assert_carnet_rc(carnet_jws_open((carnet_str){ NULL, 0 }, &storage, &jws, NULL), CARNET_E_JOSE_STRUCTURE);
    assert_carnet_rc(carnet_jwe_open((carnet_str){ NULL, 0 }, &crypto, &storage, &jwe, NULL), CARNET_E_JOSE_STRUCTURE);
}

/* Certificates are in base64 within the header's base64url: the one must not need room beside the other. */
static void
a_token_with_certificates_is_opened_in_its_own_length(void **state)
{
    static uint8_t certificate[2048];
    const carnet_span chain[] = { carnet_span_of(certificate, sizeof(certificate)),
                                  carnet_span_of(certificate, sizeof(certificate)) };
    const carnet_jws_header header = { .type = "test+jwt", .x5c = chain, .x5c_count = 2 };
    carnet_key key = { 0 };
    carnet_buf exact;
    carnet_jws view;

    (void)state;
    assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &key, NULL), NULL);
    assert_carnet_ok(carnet_jws_sign(&header, CARNET_TEST_BYTES("{}"), &key, &crypto, &out, NULL), NULL);
    exact = carnet_buf_of(storage_room, out.len);
    assert_carnet_ok(carnet_jws_open(carnet_buf_str(&out), &exact, &view, NULL), NULL);
    assert_span_equal(view.x5c[1], chain[1]);
    carnet_jws_close(&view);
    carnet_key_done(&key);
}

/* Headers in clear; the payload and signature are those of RFC 7515 A.3 or nothing. */
static const struct {
    const char *header;
    carnet_rc expected;
} bad_headers[] = {
    { "{}", CARNET_E_JOSE_ALGORITHM },
    { "{\"alg\":\"none\"}", CARNET_E_JOSE_ALGORITHM },
    { "{\"alg\":\"HS256\"}", CARNET_E_JOSE_ALGORITHM },
    { "{\"alg\":\"es256\"}", CARNET_E_JOSE_ALGORITHM },
    { "{\"alg\":[\"ES256\"]}", CARNET_E_JOSE_STRUCTURE },
    { "{\"alg\":\"ES256\",\"alg\":\"ES256\"}", CARNET_E_JSON_KEY_TWICE },
    { "{\"alg\":\"ES256\",\"crit\":[\"exp\"]}", CARNET_E_JOSE_CRITICAL },
    { "{\"alg\":\"ES256\",\"b64\":false}", CARNET_E_JOSE_CRITICAL },
    { "{\"alg\":\"ES256\",\"typ\":1}", CARNET_E_JOSE_STRUCTURE },
    { "{\"alg\":\"ES256\",\"x5c\":\"AA==\"}", CARNET_E_JOSE_STRUCTURE },
    { "{\"alg\":\"ES256\",\"x5c\":[]}", CARNET_E_JOSE_STRUCTURE },
    { "{\"alg\":\"ES256\",\"x5c\":[\"*\"]}", CARNET_E_JOSE_STRUCTURE },
    { "[\"ES256\"]", CARNET_E_JOSE_STRUCTURE },
    { "\"ES256\"", CARNET_E_JOSE_STRUCTURE },
    { "{\"alg\":\"ES256\"", CARNET_E_JSON_SYNTAX },
};

static void
headers_that_must_not_be_trusted_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad_headers); i++) {
        carnet_jws view;
        carnet_rc rc;

        (void)each(NULL);
        carnet_base64url_encode(carnet_str_bytes(carnet_str_of(bad_headers[i].header)), &out);
        carnet_buf_add_text(&out, ".e30.AAAA");
        rc = carnet_jws_open(carnet_buf_str(&out), &storage, &view, NULL);
        assert_carnet_rc(rc == CARNET_OK ? CARNET_E_USAGE : rc, bad_headers[i].expected);
        assert_null(view.header);
    }
}

static void
an_algorithm_of_another_key_is_refused(void **state)
{
    const carnet_jwk p256 = jwk(known[0].key, CARNET_OK), p521 = jwk(known[1].key, CARNET_OK);
    carnet_jws view;

    (void)state;
    assert_carnet_ok(carnet_jws_open(carnet_str_of(known[0].token), &storage, &view, NULL), NULL);
    assert_carnet_rc(carnet_jws_verify(&view, &crypto, &p521.key, NULL), CARNET_E_JOSE_ALGORITHM);
    carnet_jws_close(&view);
    assert_carnet_ok(carnet_jws_open(carnet_str_of(known[1].token), &storage, &view, NULL), NULL);
    assert_carnet_rc(carnet_jws_verify(&view, &crypto, &p256.key, NULL), CARNET_E_JOSE_ALGORITHM);
    carnet_jws_close(&view);
    assert_carnet_rc(carnet_jws_verify(&view, &crypto, &p256.key, NULL), CARNET_E_USAGE);
}

/* RFC 7518 appendix C: Alice's ephemeral key, Bob's key, the derived key VqqN6vgjbSBcIijNcacQGg. */
static const char bob[] = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ\","
                          "\"y\":\"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck\"}";
static const char alice_d[] = "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo";
static const char bob_d[] = "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw";

static void
private_key(const char *d, carnet_key *key)
{
    uint8_t scalar[32];
    carnet_buf buf = carnet_buf_of(scalar, sizeof(scalar));

    assert_carnet_ok(carnet_base64url_decode(carnet_str_of(d), &buf, NULL), NULL);
    assert_carnet_ok(
        carnet_software_key_from_scalar(&crypto, CARNET_CURVE_P256, carnet_buf_span(&buf), CARNET_KEY_AGREE, key, NULL),
        NULL);
}

static void
the_key_agreed_is_that_of_rfc_7518(void **state)
{
    static const uint8_t expected[] = { 0x56, 0xaa, 0x8d, 0xea, 0xf8, 0x23, 0x6d, 0x20,
                                        0x5c, 0x22, 0x28, 0xcd, 0x71, 0xa7, 0x10, 0x1a };
    const carnet_jwk recipient = jwk(bob, CARNET_OK);
    const carnet_jwe_parameters parameters = { .recipient = &recipient.key,
                                               .content = CARNET_AES_128_GCM,
                                               .party_u = CARNET_TEST_BYTES("Alice"),
                                               .party_v = CARNET_TEST_BYTES("Bob") };
    carnet_key alice = { 0 }, own = { 0 };
    carnet_jwe view;
    carnet_span plain;
    uint8_t again[64];

    (void)state;
    private_key(alice_d, &alice);
    private_key(bob_d, &own);
    assert_carnet_ok(carnet_jwe_encrypt(&parameters, CARNET_TEST_BYTES("for Bob"), &alice, &crypto, &out, NULL), NULL);
    assert_carnet_ok(carnet_jwe_open(carnet_buf_str(&out), &crypto, &storage, &view, NULL), NULL);
    assert_span_equal(view.party_u, CARNET_TEST_BYTES("Alice"));
    /* with the RFC's content key, and nothing of ours but AES-GCM, it opens */
    assert_carnet_ok(carnet_aead_open(&crypto, CARNET_AES_128_GCM, carnet_span_of(expected, 16), view.iv,
                                      carnet_str_bytes(view.encoded_header), view.sealed, again, NULL),
                     NULL);
    assert_memory_equal(again, "for Bob", 7);
    assert_carnet_ok(carnet_jwe_decrypt(&view, &crypto, &own, &plain, NULL), NULL);
    assert_span_equal(plain, CARNET_TEST_BYTES("for Bob"));
    assert_carnet_rc(carnet_jwe_decrypt(&view, &crypto, &own, &plain, NULL), CARNET_E_USAGE);
    carnet_key_done(&alice);
    carnet_key_done(&own);
}

static carnet_key recipient_key;

static void
refuse_jwe(carnet_span text, void *context)
{
    carnet_buf room = carnet_buf_of(storage_room, sizeof(storage_room));
    carnet_jwe view;
    carnet_span plain = { NULL, 0 };
    carnet_rc rc = carnet_jwe_open((carnet_str){ (const char *)text.ptr, text.len }, &crypto, &room, &view, NULL);

    (void)context;
    if (rc == CARNET_OK)
        rc = carnet_jwe_decrypt(&view, &crypto, &recipient_key, &plain, NULL);
    assert_int_not_equal(rc, CARNET_OK);
    assert_int_equal(plain.len, 0);
}

static void
what_is_encrypted_opens_whole_or_not_at_all(void **state)
{
    static const carnet_curve all[] = { CARNET_CURVE_P256,   CARNET_CURVE_P384, CARNET_CURVE_P521,
                                        CARNET_CURVE_X25519, CARNET_CURVE_X448, CARNET_CURVE_BRAINPOOL_P256R1 };

    (void)state;
    for (size_t i = 0; i < 2 * CARNET_COUNT(all); i++) {
        carnet_jwe_parameters parameters = { .recipient = &recipient_key.public_key,
                                             .key_id = carnet_str_of("kid"),
                                             .content = i % 2 == 0 ? CARNET_AES_128_GCM : CARNET_AES_256_GCM,
                                             .content_type = "json" };
        carnet_jwe view;
        carnet_span plain;

        (void)each(NULL);
        assert_carnet_ok(carnet_software_key_generate(&crypto, all[i / 2], CARNET_KEY_AGREE, &recipient_key, NULL),
                         NULL);
        assert_carnet_ok(carnet_jwe_encrypt(&parameters, CARNET_TEST_BYTES("{}"), NULL, &crypto, &out, NULL), NULL);
        assert_carnet_ok(carnet_jwe_open(carnet_buf_str(&out), &crypto, &storage, &view, NULL), NULL);
        assert_str_is(view.key_id, "kid");
        assert_carnet_ok(carnet_jwe_decrypt(&view, &crypto, &recipient_key, &plain, NULL), NULL);
        assert_span_equal(plain, CARNET_TEST_BYTES("{}"));
        if (i == 0) {
            carnet_test_every_prefix(carnet_buf_span(&out), refuse_jwe, NULL);
            carnet_test_every_bit(carnet_buf_span(&out), refuse_jwe, NULL);
        }
        carnet_key_done(&recipient_key);
    }
}

static const struct {
    const char *header, *rest;
    carnet_rc expected;
} bad_jwe[] = {
    { "{\"alg\":\"dir\",\"enc\":\"A128GCM\"}", "..AAAAAAAAAAAAAAAA..AAAAAAAAAAAAAAAAAAAAAA", CARNET_E_JOSE_ALGORITHM },
    { "{\"alg\":\"ECDH-ES+A128KW\",\"enc\":\"A128GCM\"}", "..AAAA..AAAA", CARNET_E_JOSE_ALGORITHM },
    { "{\"alg\":\"ECDH-ES\",\"enc\":\"A128CBC-HS256\"}", "..AAAA..AAAA", CARNET_E_JOSE_ALGORITHM },
    { "{\"alg\":\"ECDH-ES\",\"enc\":\"A128GCM\",\"zip\":\"DEF\"}", "..AAAA..AAAA", CARNET_E_JOSE_CRITICAL },
    { "{\"alg\":\"ECDH-ES\",\"enc\":\"A128GCM\"}", "..AAAA..AAAA", CARNET_E_JOSE_KEY },
    { "{\"alg\":\"ECDH-ES\",\"enc\":\"A128GCM\"}", "..AAAA.AAAA", CARNET_E_JOSE_STRUCTURE },
    { "{\"alg\":\"ECDH-ES\",\"enc\":\"A128GCM\"}", "..AAAA..AAAA.", CARNET_E_JOSE_STRUCTURE },
};

static void
encryption_that_must_not_be_taken_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad_jwe); i++) {
        carnet_jwe view;

        (void)each(NULL);
        carnet_base64url_encode(carnet_str_bytes(carnet_str_of(bad_jwe[i].header)), &out);
        carnet_buf_add_text(&out, bad_jwe[i].rest);
        assert_carnet_rc(carnet_jwe_open(carnet_buf_str(&out), &crypto, &storage, &view, NULL), bad_jwe[i].expected);
        assert_null(view.header);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, each)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_the_rfcs_signed_verifies),
        TEST(every_prefix_and_every_bit_of_a_token_is_refused),
        TEST(a_thumbprint_is_that_of_the_rfc),
        TEST(what_is_no_public_key_is_refused),
        TEST(a_set_gives_the_one_key_meant),
        TEST(tokens_signed_here_carry_their_header_and_verify),
        TEST(nothing_is_no_token),
        TEST(a_token_with_certificates_is_opened_in_its_own_length),
        TEST(headers_that_must_not_be_trusted_are_refused),
        TEST(an_algorithm_of_another_key_is_refused),
        TEST(the_key_agreed_is_that_of_rfc_7518),
        TEST(what_is_encrypted_opens_whole_or_not_at_all),
        TEST(encryption_that_must_not_be_taken_is_refused),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
