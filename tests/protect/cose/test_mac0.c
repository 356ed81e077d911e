/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/cose_mac0.h"
#include "support/support.h"

#include <string.h>

static carnet_crypto crypto;
static const carnet_secret secret = { "a key of thirty-two octets, yes.", 32 };
static const carnet_span content[] = { { (const uint8_t *)"This is ", 8 }, { (const uint8_t *)"the content.", 12 } };
static const carnet_span whole[] = { { (const uint8_t *)"This is the content.", 20 } };

static int
set_up(void **state)
{
    (void)state;
    return carnet_crypto_init(&crypto, NULL) == CARNET_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    carnet_crypto_done(&crypto);
    return 0;
}

static carnet_span
build(const carnet_cose_mac0_params *params, carnet_cose_mac0 *view)
{
    static uint8_t storage[256];
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage)), measured = carnet_cbor_measure();
    carnet_span out;
    carnet_err err;

    assert_carnet_ok(carnet_cose_mac0_build(&b, &crypto, &secret, params, &err), &err);
    assert_carnet_ok(carnet_cbor_built(&b, &out, &err), &err);
    assert_carnet_ok(carnet_cose_mac0_build(&measured, &crypto, &secret, params, &err), &err);
    assert_int_equal(measured.len, out.len);
    out = carnet_test_copy(out);
    assert_carnet_ok(carnet_cose_mac0_open(out, 0, view, &err), &err);
    return out;
}

static void
only_hmac_256_goes_for_an_mdoc(void **state)
{
    static const struct {
        int algorithm;
        size_t tag;
        carnet_rc mdoc;
    } algorithms[] = { { 0, 32, CARNET_OK },
                       { CARNET_HMAC_256, 32, CARNET_OK },
                       { CARNET_HMAC_256_64, 8, CARNET_E_COSE_ALGORITHM },
                       { CARNET_HMAC_384, 48, CARNET_E_COSE_ALGORITHM },
                       { CARNET_HMAC_512, 64, CARNET_E_COSE_ALGORITHM } };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(algorithms); i++) {
        carnet_cose_mac0_params params = { .content = { .payload = content, .payload_count = 2 },
                                           .algorithm = algorithms[i].algorithm };
        carnet_cose_mac0 view;
        carnet_err err;

        build(&params, &view);
        assert_int_equal(view.tag.len, algorithms[i].tag);
        assert_span_equal(view.payload, whole[0]);
        assert_carnet_ok(carnet_cose_mac0_verify(&view, &crypto, &secret, NULL, true, &err), &err);
        assert_carnet_rc(carnet_cose_mac0_verify(&view, &crypto, &secret, NULL, false, &err), algorithms[i].mdoc);
        view.tag.len--;
        assert_carnet_rc(carnet_cose_mac0_verify(&view, &crypto, &secret, NULL, true, &err), CARNET_E_COSE_MAC);
    }
}

static void
a_detached_payload_may_come_in_parts(void **state)
{
    carnet_cose_mac0_params params = { .content = { CARNET_TEST_BYTES("aad"), whole, 1 }, .detached = true };
    carnet_cose_content parts = { CARNET_TEST_BYTES("aad"), content, 2 },
                        other = { CARNET_TEST_BYTES("aae"), whole, 1 };
    carnet_cose_mac0 view;
    carnet_err err;

    (void)state;
    build(&params, &view);
    assert_true(view.detached);
    assert_int_equal(view.headers.seen, 0);
    assert_carnet_ok(carnet_cose_mac0_verify(&view, &crypto, &secret, &parts, false, &err), &err);
    assert_carnet_rc(carnet_cose_mac0_verify(&view, &crypto, &secret, &other, false, &err), CARNET_E_COSE_MAC);
    assert_carnet_rc(carnet_cose_mac0_verify(&view, &crypto, &secret, NULL, false, &err), CARNET_E_COSE_PAYLOAD);
    params.detached = false;
    params.tagged = true;
    build(&params, &view);
    assert_int_equal(view.headers.seen, CARNET_COSE_TAGGED);
    assert_carnet_rc(carnet_cose_mac0_verify(&view, &crypto, &secret, &parts, false, &err), CARNET_E_COSE_PAYLOAD);
}

static void
another_key_does_not_verify(void **state)
{
    carnet_cose_mac0_params params = { .content = { .payload = whole, .payload_count = 1 } };
    carnet_secret other = secret, none = { 0 };
    carnet_cose_mac0 view;
    carnet_err err;

    (void)state;
    build(&params, &view);
    other.bytes[31] ^= 1;
    assert_carnet_rc(carnet_cose_mac0_verify(&view, &crypto, &other, NULL, false, &err), CARNET_E_COSE_MAC);
    assert_carnet_rc(carnet_cose_mac0_verify(&view, &crypto, &none, NULL, false, &err), CARNET_E_USAGE);
}

/* What a message says of its algorithm, and what is made of it before any key is tried. */
static void
an_algorithm_must_be_known_and_protected(void **state)
{
    static const struct {
        const char *what, *hex;
        bool plain;
    } cases[] = {
        { "ES256", "84 43a10126 a0 40 41aa", true },
        { "AES-MAC 128/64", "84 43a1010e a0 40 41aa", true },
        { "AES-MAC 256/64", "84 43a1010f a0 40 41aa", true },
        { "a text", "84 44a1016178 a0 40 41aa", true },
        { "none", "84 40 a0 40 41aa", true },
        { "HMAC 256/256 unprotected", "84 40 a10105 40 41aa", false },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_cose_mac0 view;
        carnet_err err;

        assert_carnet_ok(carnet_cose_mac0_open(carnet_test_hex(cases[i].hex), 0, &view, &err), &err);
        if (carnet_cose_mac0_verify(&view, &crypto, &secret, NULL, cases[i].plain, &err) != CARNET_E_COSE_ALGORITHM)
            fail_msg("%s", cases[i].what);
    }
}

static void
the_structure_is_that_of_a_mac(void **state)
{
    carnet_cose_mac0 view;
    carnet_err err;

    (void)state;
    assert_carnet_ok(carnet_cose_mac0_open(carnet_test_hex("d1 84 43a10105 a0 f6 41aa"), 0, &view, &err), &err);
    assert_int_equal(view.headers.seen, CARNET_COSE_TAGGED);
    assert_span_equal(view.tag, CARNET_TEST_BYTES("\xaa"));
    assert_carnet_rc(carnet_cose_mac0_open(carnet_test_hex("d2 84 43a10105 a0 f6 41aa"), 0, &view, &err),
                     CARNET_E_COSE_STRUCTURE);
    assert_carnet_rc(carnet_cose_mac0_open(carnet_test_hex("84 43a10105 a0 f6 61aa"), 0, &view, &err),
                     CARNET_E_CBOR_TYPE);
    assert_int_equal(err.offset, 7);
    assert_non_null(strstr(err.path, "tag"));
    assert_null(view.encoded.ptr);
}

static void
refuses_to_build_what_cannot_be(void **state)
{
    carnet_cose_mac0_params params = { 0 }, unknown = { .algorithm = 14 };
    uint8_t storage[64];
    carnet_cbor_builder small = carnet_cbor_build(storage, 30), b = carnet_cbor_build(storage, sizeof(storage));
    carnet_secret none = { 0 };
    carnet_err err;

    (void)state;
    assert_carnet_rc(carnet_cose_mac0_build(&small, &crypto, &secret, &params, &err), CARNET_E_NO_SPACE);
    assert_carnet_rc(carnet_cose_mac0_build(&b, &crypto, &secret, &unknown, &err), CARNET_E_COSE_ALGORITHM);
    assert_int_equal(b.rc, CARNET_E_COSE_ALGORITHM);
    b = carnet_cbor_build(storage, sizeof(storage));
    assert_carnet_rc(carnet_cose_mac0_build(&b, &crypto, &none, &params, &err), CARNET_E_USAGE);
    assert_int_equal(b.rc, CARNET_E_USAGE);
}

static void
visit(carnet_span mutated, void *context)
{
    carnet_cose_mac0 view;
    carnet_err err = { 0 };

    (void)context;
    if (carnet_cose_mac0_open(mutated, CARNET_CBOR_LENIENT, &view, &err) != CARNET_OK)
        assert_true(err.offset <= mutated.len);
    else
        assert_int_not_equal(carnet_cose_mac0_verify(&view, &crypto, &secret, NULL, false, &err), CARNET_OK);
}

static void
no_prefix_and_no_flipped_bit_verifies(void **state)
{
    carnet_cose_mac0_params params = { .content = { .payload = whole, .payload_count = 1 } };
    carnet_cose_mac0 view;

    (void)state;
    carnet_test_every_prefix_and_bit(build(&params, &view), visit, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_hmac_256_goes_for_an_mdoc),
        cmocka_unit_test(a_detached_payload_may_come_in_parts),
        cmocka_unit_test(another_key_does_not_verify),
        cmocka_unit_test(an_algorithm_must_be_known_and_protected),
        cmocka_unit_test(the_structure_is_that_of_a_mac),
        cmocka_unit_test(refuses_to_build_what_cannot_be),
        cmocka_unit_test(no_prefix_and_no_flipped_bit_verifies),
    };

    return cmocka_run_group_tests_name("protect/cose mac0", tests, set_up, tear_down);
}
