/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/crypto.h"
#include "support/support.h"

static const struct {
    int number;
    const char *name, *shouted;
    size_t coordinate, signature;
    bool agrees, okp;
    carnet_signature_algorithm algorithm;
} expected[] = {
    { 1, "P-256", "p-256", 32, 64, true, false, CARNET_ES256 },
    { 2, "P-384", "p-384", 48, 96, true, false, CARNET_ES384 },
    { 3, "P-521", "p-521", 66, 132, true, false, CARNET_ES512 },
    { 4, "X25519", "x25519", 32, 0, true, true, CARNET_SIGNATURE_NONE },
    { 5, "X448", "x448", 56, 0, true, true, CARNET_SIGNATURE_NONE },
    { 6, "Ed25519", "ED25519", 32, 64, false, true, CARNET_EDDSA },
    { 7, "Ed448", "eD448", 57, 114, false, true, CARNET_EDDSA },
    { 256, "brainpoolP256r1", "BRAINPOOLP256R1", 32, 64, true, false, CARNET_ES256 },
    { 257, "brainpoolP320r1", "BrainpoolP320R1", 40, 80, true, false, CARNET_ES384 },
    { 258, "brainpoolP384r1", "brainpoolp384r1", 48, 96, true, false, CARNET_ES384 },
    { 259, "brainpoolP512r1", "brainpoolP512R1", 64, 128, true, false, CARNET_ES512 },
};

static void
knows_each_curve_by_place_number_and_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(expected); i++) {
        const carnet_curve_info *info = carnet_curve_at(i);

        assert_non_null(info);
        assert_ptr_equal(info, carnet_curve_get((carnet_curve)expected[i].number));
        assert_ptr_equal(info, carnet_curve_named(carnet_str_of(expected[i].name)));
        assert_ptr_equal(info, carnet_curve_named(carnet_str_of(expected[i].shouted)));
        assert_string_equal(info->name, expected[i].name);
        assert_int_equal(info->coordinate, expected[i].coordinate);
        assert_int_equal(info->signature, expected[i].signature);
        assert_true(info->agrees == expected[i].agrees && info->okp == expected[i].okp);
        assert_int_equal(info->algorithm, expected[i].algorithm);
    }
    assert_null(carnet_curve_at(CARNET_COUNT(expected)));
}

static void
knows_no_other_curve(void **state)
{
    static const int numbers[] = { 0, 8, -1, 255, 260 };
    static const char *const names[] = { "", "P", "P-25", "P-2566", "P_256", "secp256k1", "Ed25519 ", "\"P-256\"" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(numbers); i++)
        assert_null(carnet_curve_get((carnet_curve)numbers[i]));
    for (size_t i = 0; i < CARNET_COUNT(names); i++)
        assert_null(carnet_curve_named(carnet_str_of(names[i])));
    assert_null(carnet_curve_at(SIZE_MAX));
}

static void
knows_the_digest_of_each_algorithm(void **state)
{
    (void)state;
    assert_int_equal(carnet_signature_hash(CARNET_ES256), CARNET_SHA256);
    assert_int_equal(carnet_signature_hash(CARNET_ES384), CARNET_SHA384);
    assert_int_equal(carnet_signature_hash(CARNET_ES512), CARNET_SHA512);
    assert_int_equal(carnet_signature_hash(CARNET_EDDSA), 0);
    assert_int_equal(carnet_signature_hash(CARNET_SIGNATURE_NONE), 0);
    assert_int_equal(carnet_signature_hash((carnet_signature_algorithm)-37), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_each_curve_by_place_number_and_name),
        cmocka_unit_test(knows_no_other_curve),
        cmocka_unit_test(knows_the_digest_of_each_algorithm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
