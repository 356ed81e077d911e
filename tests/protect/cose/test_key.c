/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/cose_key.h"
#include "support/support.h"

#include <string.h>

/* Points of P-256: the generator, and RFC 8032's first Ed25519 key. */
#define X    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define Y    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
#define YBAD "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f4"
#define ED   "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

static const struct {
    const char *what, *hex;
    unsigned allow;
    carnet_rc rc;
    size_t offset; /* CARNET_NO_OFFSET: found by arithmetic, not in a byte */
    unsigned seen;
} cases[] = {
    { "EC2", "a4 0102 2001 215820" X "225820" Y, 0, CARNET_OK, 0, 0 },
    { "OKP", "a3 0101 2006 215820" ED, 0, CARNET_OK, 0, 0 },
    { "parameters in another order", "a4 225820" Y "215820" X "2001 0102", 0, CARNET_OK, 0, 0 },
    { "compressed, even y", "a4 0102 2001 215820" X "22f4", 0, CARNET_OK, 0, CARNET_COSE_KEY_COMPRESSED },
    { "compressed, odd y", "a4 0102 2001 215820" X "22f5", 0, CARNET_OK, 0, CARNET_COSE_KEY_COMPRESSED },
    { "with kid", "a5 0102 024131 2001 215820" X "225820" Y, 0, CARNET_OK, 0, CARNET_COSE_KEY_OTHER },
    { "with alg", "a5 0102 0326 2001 215820" X "225820" Y, 0, CARNET_OK, 0, CARNET_COSE_KEY_OTHER },
    { "with key_ops", "a5 0102 048102 2001 215820" X "225820" Y, 0, CARNET_OK, 0, CARNET_COSE_KEY_OTHER },
    { "with what nobody knows", "a6 0102 2001 215820" X "225820" Y "617800 1903e700", 0, CARNET_OK, 0,
      CARNET_COSE_KEY_OTHER },
    { "with private part", "a5 0102 2001 215820" X "225820" Y "2341aa", 0, CARNET_OK, 0, CARNET_COSE_KEY_PRIVATE },
    { "OKP with y", "a4 0101 2006 215820" ED "225820" ED, 0, CARNET_OK, 0, CARNET_COSE_KEY_OTHER },
    { "a long head", "a4 0102 2001 21590020" X "225820" Y, CARNET_CBOR_LENIENT, CARNET_OK, 0, 0 },
    { "a long head, strictly", "a4 0102 2001 21590020" X "225820" Y, 0, CARNET_E_CBOR_NOT_PREFERRED, 6, 0 },

    { "not on the curve", "a4 0102 2001 215820" X "225820" YBAD, 0, CARNET_E_COSE_KEY, CARNET_NO_OFFSET, 0 },
    { "compressed, no such x",
      "a4 0102 2001 2158200000000000000000000000000000000000000000000000000000000000000007 22f4", 0, CARNET_E_COSE_KEY,
      CARNET_NO_OFFSET, 0 },
    { "kty missing", "a3 2001 215820" X "225820" Y, 0, CARNET_E_CBOR_KEY_MISSING, 0, 0 },
    { "crv missing", "a3 0102 215820" X "225820" Y, 0, CARNET_E_CBOR_KEY_MISSING, 0, 0 },
    { "x missing", "a3 0102 2001 225820" Y, 0, CARNET_E_CBOR_KEY_MISSING, 0, 0 },
    { "y missing", "a3 0102 2001 215820" X, 0, CARNET_E_COSE_KEY, 0, 0 },
    { "x twice", "a5 0102 2001 215820" X "215820" X "225820" Y, 0, CARNET_E_CBOR_KEY_TWICE, 40, 0 },
    { "symmetric", "a2 0104 204131", 0, CARNET_E_CBOR_TYPE, 4, 0 },
    { "kty symmetric", "a3 0104 2001 2141aa", 0, CARNET_E_CRYPTO_UNSUPPORTED, 0, 0 },
    { "kty RSA", "a4 0103 2001 215820" X "225820" Y, 0, CARNET_E_CRYPTO_UNSUPPORTED, 0, 0 },
    { "RSA", "a3 0103 204131 2143010001", 0, CARNET_E_CBOR_TYPE, 4, 0 },
    { "kty a text", "a4 01634f4b50 2001 215820" X "225820" Y, 0, CARNET_E_CBOR_TYPE, 2, 0 },
    { "kty OKP for an EC2 curve", "a4 0101 2001 215820" X "225820" Y, 0, CARNET_E_COSE_KEY, 0, 0 },
    { "kty EC2 for an OKP curve", "a3 0102 2006 215820" ED, 0, CARNET_E_COSE_KEY, 0, 0 },
    { "crv unknown", "a4 0102 2008 215820" X "225820" Y, 0, CARNET_E_CRYPTO_UNSUPPORTED, 0, 0 },
    { "crv negative", "a4 0102 2020 215820" X "225820" Y, 0, CARNET_E_CRYPTO_UNSUPPORTED, 0, 0 },
    { "crv far out of range", "a4 0102 201b0000000100000001 215820" X "225820" Y, 0, CARNET_E_CRYPTO_UNSUPPORTED, 0,
      0 },
    { "crv of another length", "a4 0102 2002 215820" X "225820" Y, 0, CARNET_E_COSE_KEY, 8, 0 },
    { "x an octet short",
      "a4 0102 2001 21581f"
      "17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
      "225820" Y,
      0, CARNET_E_COSE_KEY, 8, 0 },
    { "x an octet long", "a4 0102 2001 215821 00" X "225820" Y, 0, CARNET_E_COSE_KEY, 8, 0 },
    { "y an octet long", "a4 0102 2001 215820" X "225821 00" Y, 0, CARNET_E_COSE_KEY, 43, 0 },
    { "y empty", "a4 0102 2001 215820" X "2240", 0, CARNET_E_COSE_KEY, 42, 0 },
    { "y a number", "a4 0102 2001 215820" X "2200", 0, CARNET_E_COSE_KEY, 41, 0 },
    { "y nil", "a4 0102 2001 215820" X "22f6", 0, CARNET_E_COSE_KEY, 41, 0 },
    { "x a text", "a4 0102 2001 216141 225820" Y, 0, CARNET_E_CBOR_TYPE, 6, 0 },
    { "kid a text", "a5 0102 026131 2001 215820" X "225820" Y, 0, CARNET_OK, 0, CARNET_COSE_KEY_OTHER },
    { "an array", "80", 0, CARNET_E_CBOR_TYPE, 0, 0 },
    { "a byte too many", "a3 0101 2006 215820" ED "00", 0, CARNET_E_CBOR_TRAILING, 40, 0 },
};

static void
opens_or_refuses_with_code_and_offset(void **state)
{
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_span in = carnet_test_copy(carnet_test_hex(cases[i].hex));
        carnet_cose_key key;
        carnet_err err = { .offset = CARNET_NO_OFFSET };
        carnet_rc rc = carnet_cose_key_open(in, cases[i].allow, *state, &key, &err);

        if (rc != cases[i].rc)
            fail_msg("%s: code %#x at %zu (%s), expected %#x", cases[i].what, (unsigned)rc, err.offset, err.reason,
                     (unsigned)cases[i].rc);
        if (rc != CARNET_OK && err.offset != cases[i].offset)
            fail_msg("%s: offset %zu, expected %zu", cases[i].what, err.offset, cases[i].offset);
        if (key.seen != cases[i].seen)
            fail_msg("%s: seen %#x, expected %#x", cases[i].what, key.seen, cases[i].seen);
        assert_int_equal(rc != CARNET_OK, key.key.curve == CARNET_CURVE_NONE);
        assert_false(key.compressed);
    }
}

static void
without_crypto_only_the_structure_is_looked_at(void **state)
{
    carnet_span bad = carnet_test_hex("a4 0102 2001 215820" X "225820" YBAD);
    carnet_span compressed = carnet_test_hex("a4 0102 2001 215820" X "22f5");
    carnet_span y = carnet_test_hex(Y);
    carnet_cose_key key;
    carnet_err err;

    assert_carnet_ok(carnet_cose_key_open(bad, 0, NULL, &key, &err), &err);
    assert_carnet_rc(carnet_cose_key_check(&key, *state, &err), CARNET_E_COSE_KEY);
    assert_carnet_ok(carnet_cose_key_expand(&key, *state, &err), &err);

    assert_carnet_ok(carnet_cose_key_open(compressed, 0, NULL, &key, &err), &err);
    assert_true(key.compressed && key.y_odd);
    assert_carnet_ok(carnet_cose_key_expand(&key, *state, &err), &err);
    assert_false(key.compressed);
    assert_span_equal(carnet_span_of(key.key.y, 32), y);
    assert_carnet_ok(carnet_cose_key_check(&key, *state, &err), &err);

    key = (carnet_cose_key){ .compressed = true };
    assert_carnet_rc(carnet_cose_key_expand(&key, *state, &err), CARNET_E_USAGE);
}

static void
kid_is_given_and_a_long_head_is_noted(void **state)
{
    carnet_cose_key key;
    carnet_err err;

    assert_carnet_ok(carnet_cose_key_open(carnet_test_hex("a4 0101 024131 2006 215820" ED), 0, *state, &key, &err),
                     &err);
    assert_span_equal(key.key_id, CARNET_TEST_BYTES("1"));
    assert_int_equal(key.cbor_seen & CARNET_CBOR_NOT_PREFERRED, 0);
    assert_carnet_ok(
        carnet_cose_key_open(carnet_test_hex("a3 0101 2006 21590020" ED), CARNET_CBOR_LENIENT, *state, &key, &err),
        &err);
    assert_int_equal(key.cbor_seen & CARNET_CBOR_NOT_PREFERRED, CARNET_CBOR_NOT_PREFERRED);
}

static void
a_key_of_every_curve_comes_back(void **state)
{
    const carnet_curve_info *curve;

    for (size_t i = 0; (curve = carnet_curve_at(i)) != NULL; i++) {
        unsigned usage = curve->agrees ? CARNET_KEY_AGREE : CARNET_KEY_SIGN;
        uint8_t storage[CARNET_COSE_KEY_MAX];
        carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
        carnet_cose_key back;
        carnet_span out;
        carnet_key key;
        carnet_err err;

        assert_carnet_ok(carnet_software_key_generate(*state, curve->curve, usage, &key, &err), &err);
        carnet_cose_key_build(&b, &key.public_key);
        assert_carnet_ok(carnet_cbor_built(&b, &out, &err), &err);
        assert_int_equal(out.len, carnet_cose_key_size(&key.public_key));
        assert_carnet_ok(carnet_cose_key_open(out, 0, *state, &back, &err), &err);
        assert_true(carnet_public_key_equal(&back.key, &key.public_key));
        assert_int_equal(back.seen, 0);
        assert_int_equal(back.cbor_seen & ~CARNET_CBOR_UNSORTED, 0);
        carnet_key_done(&key);
    }
}

static void
builds_the_bytes_of_rfc_9052(void **state)
{
    carnet_span expected = carnet_test_hex("a4 0102 2001 215820" X "225820" Y);
    carnet_public_key key = { .curve = CARNET_CURVE_P256 };
    uint8_t storage[CARNET_COSE_KEY_MAX];
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    carnet_span out;

    (void)state;
    memcpy(key.x, carnet_test_hex(X).ptr, 32);
    memcpy(key.y, carnet_test_hex(Y).ptr, 32);
    carnet_cose_key_build(&b, &key);
    assert_carnet_rc(carnet_cbor_built(&b, &out, NULL), CARNET_OK);
    assert_span_equal(out, expected);
}

static void
builds_nothing_without_a_curve(void **state)
{
    carnet_public_key none = { 0 };
    carnet_cbor_builder b = carnet_cbor_measure();
    carnet_span out;

    (void)state;
    carnet_cose_key_build(&b, &none);
    assert_carnet_rc(carnet_cbor_built(&b, &out, NULL), CARNET_E_USAGE);
    assert_int_equal(carnet_cose_key_size(&none), 0);
}

static void
visit(carnet_span mutated, void *crypto)
{
    carnet_cose_key key;
    carnet_err err = { .offset = CARNET_NO_OFFSET };

    if (carnet_cose_key_open(mutated, CARNET_CBOR_LENIENT, crypto, &key, &err) != CARNET_OK) {
        assert_true(err.offset == CARNET_NO_OFFSET || err.offset <= mutated.len);
        assert_int_equal(key.key.curve, CARNET_CURVE_NONE);
    } else {
        assert_carnet_rc(carnet_public_key_check(crypto, &key.key, &err), CARNET_OK);
    }
}

static void
survives_every_prefix_and_every_bit(void **state)
{
    carnet_test_every_prefix_and_bit(carnet_test_hex("a4 0101 024131 2006 215820" ED), visit, *state);
    carnet_test_every_prefix(carnet_test_hex("a4 0102 2001 215820" X "225820" Y), visit, *state);
    carnet_test_every_bit(carnet_test_hex("a4 0102 2001 215820" X "225820" Y), visit, *state);
    carnet_test_every_bit(carnet_test_hex("a4 0102 2001 215820" X "22f5"), visit, *state);
}

static carnet_crypto crypto;

static int
set_up(void **state)
{
    *state = &crypto;
    return carnet_crypto_init(&crypto, NULL) == CARNET_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    carnet_crypto_done(&crypto);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_or_refuses_with_code_and_offset),
        cmocka_unit_test(without_crypto_only_the_structure_is_looked_at),
        cmocka_unit_test(kid_is_given_and_a_long_head_is_noted),
        cmocka_unit_test(a_key_of_every_curve_comes_back),
        cmocka_unit_test(builds_the_bytes_of_rfc_9052),
        cmocka_unit_test(builds_nothing_without_a_curve),
        cmocka_unit_test(survives_every_prefix_and_every_bit),
    };

    return cmocka_run_group_tests_name("protect/cose key", tests, set_up, tear_down);
}
