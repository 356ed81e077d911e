/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/argon2.h"
#include "support/support.h"

/* Vectors of the reference implementation's own tests, and others its program `argon2 SALT -id -v 13 -r` prints. */
static const struct {
    const char *passphrase, *salt;
    carnet_argon2_cost cost;
    const char *expected;
} vectors[] = {
    { "password", "somesalt", { 65536, 2, 1 }, "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7" },
    { "password", "somesalt", { 256, 2, 1 }, "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe" },
    { "password", "somesalt", { 256, 2, 2 }, "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037" },
    { "differentpassword",
      "somesalt",
      { 65536, 2, 1 },
      "0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde" },
    { "password", "diffsalt", { 65536, 2, 1 }, "bdf32b05ccc42eb15d58fd19b1f856b113da1e9a5874fdcc544308565aa8141c" },
};

static void
agrees_with_the_reference(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(vectors); i++) {
        carnet_secret got;
        carnet_err err = { 0 };

        assert_carnet_ok(carnet_argon2id(carnet_str_bytes(carnet_str_of(vectors[i].passphrase)),
                                         carnet_str_bytes(carnet_str_of(vectors[i].salt)), &vectors[i].cost, 32, &got,
                                         &err),
                         &err);
        assert_span_equal(carnet_span_of(got.bytes, got.len), carnet_test_hex(vectors[i].expected));
    }
}

static const struct {
    const char *what;
    size_t salt, len;
    carnet_argon2_cost cost;
} refused[] = {
    { "a salt too short", 7, 32, { 8, 1, 1 } },
    { "an output too short", 16, 3, { 8, 1, 1 } },
    { "an output too long", 16, 67, { 8, 1, 1 } },
    { "no passes", 16, 32, { 8, 0, 1 } },
    { "no lanes", 16, 32, { 8, 1, 0 } },
    { "too little memory for a lane", 16, 32, { 7, 1, 1 } },
    { "too little memory for its lanes", 16, 32, { 31, 1, 4 } },
    { "too many lanes", 16, 32, { UINT32_MAX, 1, 1 << 24 } },
};

static void
refuses_what_the_algorithm_does_not_allow(void **state)
{
    static const uint8_t salt[16];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(refused); i++) {
        carnet_secret got = { .len = 1 };
        carnet_rc rc = carnet_argon2id(CARNET_TEST_BYTES("x"), carnet_span_of(salt, refused[i].salt), &refused[i].cost,
                                       refused[i].len, &got, NULL);

        if (rc != CARNET_E_USAGE || got.len != 0)
            fail_msg("%s", refused[i].what);
    }
}

static void
the_passphrase_is_left_as_it_is(void **state)
{
    uint8_t passphrase[] = "a passphrase";
    carnet_argon2_cost cost = { 8, 1, 1 };
    carnet_secret got;

    (void)state;
    assert_carnet_ok(
        carnet_argon2id(carnet_span_of(passphrase, 12), CARNET_TEST_BYTES("somesalt"), &cost, 4, &got, NULL), NULL);
    assert_int_equal(got.len, 4);
    assert_string_equal((char *)passphrase, "a passphrase");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_reference),
        cmocka_unit_test(refuses_what_the_algorithm_does_not_allow),
        cmocka_unit_test(the_passphrase_is_left_as_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
