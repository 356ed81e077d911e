/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/cose_sign1.h"
#include "support/support.h"

#include <string.h>

static carnet_crypto crypto;
static carnet_key p256, ed25519;

static int
set_up(void **state)
{
    (void)state;
    if (carnet_crypto_init(&crypto, NULL) != CARNET_OK)
        return -1;
    if (carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &p256, NULL) != CARNET_OK)
        return -1;
    return carnet_software_key_generate(&crypto, CARNET_CURVE_ED25519, CARNET_KEY_SIGN, &ed25519, NULL) == CARNET_OK
               ? 0
               : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    carnet_key_done(&ed25519);
    carnet_key_done(&p256);
    carnet_crypto_done(&crypto);
    return 0;
}

static const carnet_span content[] = { { (const uint8_t *)"This is ", 8 }, { (const uint8_t *)"the content.", 12 } };
static const carnet_span whole[] = { { (const uint8_t *)"This is the content.", 20 } };
static const carnet_span chain[] = { { (const uint8_t *)"leaf", 4 }, { (const uint8_t *)"intermediate", 12 } };

/* Sign into storage and open; the bytes stay there. */
static carnet_span
sign(carnet_key *key, const carnet_cose_sign1_params *params, carnet_cose_sign1 *view)
{
    static uint8_t storage[1024];
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage)), measured = carnet_cbor_measure();
    carnet_span out;
    carnet_err err;

    assert_carnet_ok(carnet_cose_sign1_build(&b, &crypto, key, params, &err), &err);
    assert_carnet_ok(carnet_cbor_built(&b, &out, &err), &err);
    assert_carnet_ok(carnet_cose_sign1_build(&measured, &crypto, key, params, &err), &err);
    assert_int_equal(measured.len, out.len);
    out = carnet_test_copy(out);
    assert_carnet_ok(carnet_cose_sign1_open(out, 0, view, &err), &err);
    return out;
}

static void
what_is_built_verifies_on_every_curve(void **state)
{
    const carnet_curve_info *curve;
    size_t signing = 0;

    (void)state;
    for (size_t i = 0; (curve = carnet_curve_at(i)) != NULL; i++) {
        carnet_cose_sign1_params params = { .content = { .payload = content, .payload_count = 2 } };
        carnet_cose_sign1 view;
        carnet_key key;
        carnet_err err;

        if (curve->signature == 0)
            continue;
        assert_carnet_ok(carnet_software_key_generate(&crypto, curve->curve, CARNET_KEY_SIGN, &key, &err), &err);
        sign(&key, &params, &view);
        assert_int_equal(view.headers.algorithm, curve->algorithm);
        assert_int_equal(view.signature.len, curve->signature);
        assert_span_equal(view.payload, whole[0]);
        assert_carnet_ok(carnet_cose_sign1_verify(&view, &crypto, &key.public_key, NULL, &err), &err);
        view.payload.len--;
        assert_carnet_rc(carnet_cose_sign1_verify(&view, &crypto, &key.public_key, NULL, &err),
                         CARNET_E_COSE_SIGNATURE);
        carnet_key_done(&key);
        signing++;
    }
    assert_int_equal(signing, 9);
}

static void
a_detached_payload_may_come_in_parts(void **state)
{
    carnet_cose_sign1_params params = { .content = { .payload = whole, .payload_count = 1 }, .detached = true };
    carnet_cose_verify_options parts = { .content = { .payload = content, .payload_count = 2 } };
    carnet_cose_verify_options one = { .content = { .payload = content, .payload_count = 1 } };
    carnet_cose_sign1 view;
    carnet_err err;

    (void)state;
    sign(&p256, &params, &view);
    assert_true(view.detached);
    assert_carnet_ok(carnet_cose_sign1_verify(&view, &crypto, &p256.public_key, &parts, &err), &err);
    assert_carnet_rc(carnet_cose_sign1_verify(&view, &crypto, &p256.public_key, &one, &err), CARNET_E_COSE_SIGNATURE);
    assert_carnet_rc(carnet_cose_sign1_verify(&view, &crypto, &p256.public_key, NULL, &err), CARNET_E_COSE_PAYLOAD);
    one.content.payload_count = CARNET_COSE_PAYLOAD_PARTS + 1;
    assert_carnet_rc(carnet_cose_sign1_verify(&view, &crypto, &p256.public_key, &one, &err), CARNET_E_LIMIT);
}

static void
an_attached_payload_is_not_given_again(void **state)
{
    carnet_cose_sign1_params params = { .content = { .payload = whole, .payload_count = 1 } };
    carnet_cose_verify_options given = { .content = params.content };
    carnet_cose_sign1 view;
    carnet_err err;

    (void)state;
    sign(&p256, &params, &view);
    assert_carnet_ok(carnet_cose_sign1_verify(&view, &crypto, &p256.public_key, NULL, &err), &err);
    assert_carnet_rc(carnet_cose_sign1_verify(&view, &crypto, &p256.public_key, &given, &err), CARNET_E_COSE_PAYLOAD);
}

static void
an_empty_payload_is_signed_attached_or_detached(void **state)
{
    static const carnet_span empty[] = { { 0 } };
    carnet_cose_sign1_params params = { 0 };
    carnet_cose_verify_options given = { .content = { .payload = empty, .payload_count = 1 } };
    carnet_cose_sign1 view;
    carnet_err err;

    (void)state;
    sign(&p256, &params, &view);
    assert_false(view.detached);
    assert_carnet_ok(carnet_cose_sign1_verify(&view, &crypto, &p256.public_key, NULL, &err), &err);
    params.detached = true;
    sign(&p256, &params, &view);
    assert_true(view.detached);
    assert_carnet_ok(carnet_cose_sign1_verify(&view, &crypto, &p256.public_key, &given, &err), &err);
}

static void
external_data_is_signed(void **state)
{
    carnet_cose_sign1_params params = { .content = { CARNET_TEST_BYTES("aad"), whole, 1 } };
    carnet_cose_verify_options options = { .content = { .external_aad = CARNET_TEST_BYTES("aad") } };
    carnet_cose_sign1 view;
    carnet_err err;

    (void)state;
    sign(&p256, &params, &view);
    assert_carnet_ok(carnet_cose_sign1_verify(&view, &crypto, &p256.public_key, &options, &err), &err);
    assert_carnet_rc(carnet_cose_sign1_verify(&view, &crypto, &p256.public_key, NULL, &err), CARNET_E_COSE_SIGNATURE);
}

static void
headers_come_where_they_are_asked_for(void **state)
{
    carnet_cose_sign1_params params = { .content = { .payload = whole, .payload_count = 1 },
                                        .tagged = true,
                                        .x5chain = chain,
                                        .x5chain_count = 2,
                                        .x5t = true,
                                        .protected_pairs = CARNET_TEST_BYTES("\x10\x61t"),
                                        .protected_count = 1,
                                        .unprotected_pairs = CARNET_TEST_BYTES("\x04\x41k"),
                                        .unprotected_count = 1 };
    carnet_cose_sign1 view;
    carnet_span leaf;
    carnet_err err;

    (void)state;
    sign(&p256, &params, &view);
    assert_int_equal(view.headers.seen,
                     CARNET_COSE_TAGGED | CARNET_COSE_OTHER_PROTECTED | CARNET_COSE_OTHER_UNPROTECTED);
    assert_int_equal(view.headers.x5chain_count, 2);
    assert_str_is(view.headers.type, "t");
    assert_span_equal(view.headers.key_id, CARNET_TEST_BYTES("k"));
    assert_carnet_ok(carnet_cose_x5chain_leaf(&view.headers, &leaf, &err), &err);
    assert_span_equal(leaf, chain[0]);
    assert_carnet_ok(carnet_cose_x5t_check(&view.headers, &crypto, leaf, &err), &err);
    assert_carnet_ok(carnet_cose_sign1_verify(&view, &crypto, &p256.public_key, NULL, &err), &err);

    params = (carnet_cose_sign1_params){ .x5chain = chain, .x5chain_count = 1, .x5chain_protected = true };
    sign(&p256, &params, &view);
    assert_int_equal(view.headers.seen, CARNET_COSE_X5CHAIN_PROTECTED);
    assert_int_equal(view.headers.x5chain_count, 1);
    assert_carnet_ok(carnet_cose_sign1_verify(&view, &crypto, &p256.public_key, NULL, &err), &err);
}

/* Which algorithm is taken for which curve, under which rules.  `mask` 0: the usual four. */
static const struct {
    const char *what;
    int64_t number;
    carnet_curve curve;
    unsigned mask, seen;
    bool plain;
    carnet_signature_algorithm taken; /* CARNET_SIGNATURE_NONE: refused */
} rules[] = {
    { "ES256 on P-256", -7, CARNET_CURVE_P256, 0, 0, false, CARNET_ES256 },
    { "ES256 on brainpoolP256r1", -7, CARNET_CURVE_BRAINPOOL_P256R1, 0, 0, false, CARNET_ES256 },
    { "ES384 on P-384", -35, CARNET_CURVE_P384, 0, 0, false, CARNET_ES384 },
    { "ES384 on brainpoolP320r1", -35, CARNET_CURVE_BRAINPOOL_P320R1, 0, 0, false, CARNET_ES384 },
    { "ES384 on brainpoolP384r1", -35, CARNET_CURVE_BRAINPOOL_P384R1, 0, 0, false, CARNET_ES384 },
    { "ES512 on P-521", -36, CARNET_CURVE_P521, 0, 0, false, CARNET_ES512 },
    { "ES512 on brainpoolP512r1", -36, CARNET_CURVE_BRAINPOOL_P512R1, 0, 0, false, CARNET_ES512 },
    { "EdDSA on Ed25519", -8, CARNET_CURVE_ED25519, 0, 0, false, CARNET_EDDSA },
    { "EdDSA on Ed448", -8, CARNET_CURVE_ED448, 0, 0, false, CARNET_EDDSA },
    { "ES512 on P-256", -36, CARNET_CURVE_P256, 0, 0, false, CARNET_SIGNATURE_NONE },
    { "ES512 on P-256, plain", -36, CARNET_CURVE_P256, 0, 0, true, CARNET_ES512 },
    { "ES256 on P-521", -7, CARNET_CURVE_P521, 0, 0, false, CARNET_SIGNATURE_NONE },
    { "ES256 on Ed25519", -7, CARNET_CURVE_ED25519, 0, 0, false, CARNET_SIGNATURE_NONE },
    { "ES256 on Ed25519, plain", -7, CARNET_CURVE_ED25519, 0, 0, true, CARNET_SIGNATURE_NONE },
    { "EdDSA on P-256, plain", -8, CARNET_CURVE_P256, 0, 0, true, CARNET_SIGNATURE_NONE },
    { "EdDSA on X25519, plain", -8, CARNET_CURVE_X25519, 0, 0, true, CARNET_SIGNATURE_NONE },
    { "no curve", -7, CARNET_CURVE_NONE, 0, 0, true, CARNET_SIGNATURE_NONE },
    { "no algorithm", 0, CARNET_CURVE_P256, 0, 0, true, CARNET_SIGNATURE_NONE },
    { "PS256", -37, CARNET_CURVE_P256, 0, 0, true, CARNET_SIGNATURE_NONE },
    { "RS256", -257, CARNET_CURVE_P256, 0, 0, true, CARNET_SIGNATURE_NONE },
    { "HMAC 256/256", 5, CARNET_CURVE_P256, 0, 0, true, CARNET_SIGNATURE_NONE },
    { "ES256 not allowed", -7, CARNET_CURVE_P256, CARNET_COSE_ES384, 0, false, CARNET_SIGNATURE_NONE },
    { "ES256 allowed", -7, CARNET_CURVE_P256, CARNET_COSE_ES256, 0, false, CARNET_ES256 },
    { "ES256 unprotected", -7, CARNET_CURVE_P256, 0, CARNET_COSE_ALGORITHM_UNPROTECTED, false, CARNET_SIGNATURE_NONE },
    { "ES256 unprotected, plain", -7, CARNET_CURVE_P256, 0, CARNET_COSE_ALGORITHM_UNPROTECTED, true, CARNET_ES256 },
    { "ESP256 not asked for", -9, CARNET_CURVE_P256, 0, 0, false, CARNET_SIGNATURE_NONE },
    { "ESP256", -9, CARNET_CURVE_P256, CARNET_COSE_FULLY_SPECIFIED, 0, false, CARNET_ES256 },
    { "ESP256, ES384 allowed", -9, CARNET_CURVE_P256, CARNET_COSE_FULLY_SPECIFIED | CARNET_COSE_ES384, 0, false,
      CARNET_SIGNATURE_NONE },
    { "ESP256 on brainpoolP256r1", -9, CARNET_CURVE_BRAINPOOL_P256R1, CARNET_COSE_FULLY_SPECIFIED, 0, true,
      CARNET_SIGNATURE_NONE },
    { "ESP384", -51, CARNET_CURVE_P384, CARNET_COSE_FULLY_SPECIFIED, 0, false, CARNET_ES384 },
    { "ESP512", -52, CARNET_CURVE_P521, CARNET_COSE_FULLY_SPECIFIED, 0, false, CARNET_ES512 },
    { "Ed25519", -19, CARNET_CURVE_ED25519, CARNET_COSE_FULLY_SPECIFIED, 0, false, CARNET_EDDSA },
    { "Ed25519 on Ed448", -19, CARNET_CURVE_ED448, CARNET_COSE_FULLY_SPECIFIED, 0, false, CARNET_SIGNATURE_NONE },
    { "Ed448", -53, CARNET_CURVE_ED448, CARNET_COSE_FULLY_SPECIFIED, 0, false, CARNET_EDDSA },
};

static void
an_algorithm_must_be_allowed_and_fit_the_curve(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rules); i++) {
        carnet_cose_sign1 view = { .headers = { .algorithm = rules[i].number, .seen = rules[i].seen } };
        carnet_cose_verify_options options = { .algorithms = rules[i].mask, .plain = rules[i].plain };
        carnet_signature_algorithm algorithm;
        carnet_rc rc = carnet_cose_sign1_algorithm(&view, rules[i].curve, &options, &algorithm, NULL);

        if (algorithm != rules[i].taken || rc != (algorithm != 0 ? CARNET_OK : CARNET_E_COSE_ALGORITHM))
            fail_msg("%s: took %d (%#x)", rules[i].what, (int)algorithm, (unsigned)rc);
    }
}

static void
a_signature_of_another_key_or_length_is_refused(void **state)
{
    carnet_cose_sign1_params params = { .content = { .payload = whole, .payload_count = 1 } };
    carnet_cose_sign1 view;
    carnet_key other;
    carnet_err err;

    (void)state;
    sign(&p256, &params, &view);
    assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &other, &err), &err);
    assert_carnet_rc(carnet_cose_sign1_verify(&view, &crypto, &other.public_key, NULL, &err), CARNET_E_COSE_SIGNATURE);
    assert_carnet_rc(carnet_cose_sign1_verify(&view, &crypto, &ed25519.public_key, NULL, &err),
                     CARNET_E_COSE_ALGORITHM);
    view.signature.len = 63;
    assert_carnet_rc(carnet_cose_sign1_verify(&view, &crypto, &p256.public_key, NULL, &err), CARNET_E_COSE_SIGNATURE);
    view.signature.len = 0;
    assert_carnet_rc(carnet_cose_sign1_verify(&view, &crypto, &p256.public_key, NULL, &err), CARNET_E_COSE_SIGNATURE);
    carnet_key_done(&other);
}

static carnet_rc
build_with(carnet_cbor_builder *b, carnet_key *key, const carnet_cose_sign1_params *params)
{
    carnet_err err = { 0 };
    carnet_rc rc = carnet_cose_sign1_build(b, &crypto, key, params, &err);

    assert_int_equal(b->rc, rc);
    assert_int_equal(err.rc, rc);
    return rc;
}

static void
swallow(void *self, const uint8_t *ptr, size_t len)
{
    (void)self, (void)ptr, (void)len;
}

static void
refuses_to_build_what_cannot_be(void **state)
{
    carnet_cose_sign1_params params = { 0 }, hash = { .x5t = true }, wrong = { .algorithm = CARNET_EDDSA };
    uint8_t storage[128];
    carnet_cbor_builder small = carnet_cbor_build(storage, 40), b = carnet_cbor_build(storage, sizeof(storage));
    carnet_cbor_builder stream = carnet_cbor_stream((carnet_cbor_sink){ swallow, NULL }), both = b;
    carnet_key none = { 0 };

    (void)state;
    assert_carnet_rc(build_with(&small, &p256, &params), CARNET_E_NO_SPACE);
    assert_carnet_rc(build_with(&small, &p256, &params), CARNET_E_NO_SPACE);
    assert_carnet_rc(build_with(&stream, &p256, &params), CARNET_E_USAGE);
    both.sink = stream.sink;
    assert_carnet_rc(build_with(&both, &p256, &params), CARNET_E_USAGE);
    assert_carnet_rc(build_with(&b, &p256, &hash), CARNET_E_USAGE);
    b = carnet_cbor_build(storage, sizeof(storage));
    assert_carnet_rc(build_with(&b, &none, &params), CARNET_E_CRYPTO_MISMATCH);
    b = carnet_cbor_build(storage, sizeof(storage));
    assert_carnet_rc(build_with(&b, &p256, &wrong), CARNET_E_CRYPTO_MISMATCH);
}

/* Everything but the signed parts may change without notice; here every byte is signed or structure. */
static void
visit(carnet_span mutated, void *context)
{
    carnet_cose_sign1 view;
    carnet_err err = { 0 };

    (void)context;
    if (carnet_cose_sign1_open(mutated, CARNET_CBOR_LENIENT, &view, &err) != CARNET_OK)
        assert_true(err.offset <= mutated.len);
    else
        assert_int_not_equal(carnet_cose_sign1_verify(&view, &crypto, &p256.public_key, NULL, &err), CARNET_OK);
}

static void
no_prefix_and_no_flipped_bit_verifies(void **state)
{
    carnet_cose_sign1_params params = { .content = { .payload = whole, .payload_count = 1 } };
    carnet_cose_sign1 view;
    carnet_span out;

    (void)state;
    out = sign(&p256, &params, &view);
    carnet_test_every_prefix(out, visit, NULL);
    carnet_test_every_bit(out, visit, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_built_verifies_on_every_curve),
        cmocka_unit_test(a_detached_payload_may_come_in_parts),
        cmocka_unit_test(an_attached_payload_is_not_given_again),
        cmocka_unit_test(an_empty_payload_is_signed_attached_or_detached),
        cmocka_unit_test(external_data_is_signed),
        cmocka_unit_test(headers_come_where_they_are_asked_for),
        cmocka_unit_test(an_algorithm_must_be_allowed_and_fit_the_curve),
        cmocka_unit_test(a_signature_of_another_key_or_length_is_refused),
        cmocka_unit_test(refuses_to_build_what_cannot_be),
        cmocka_unit_test(no_prefix_and_no_flipped_bit_verifies),
    };

    return cmocka_run_group_tests_name("protect/cose sign1", tests, set_up, tear_down);
}
