/* SPDX-License-Identifier: Apache-2.0 */
#include "support/support.h"

#include <string.h>

/* Writes all it is asked for and fails all the same. */
static carnet_rc
fails(void *self, uint8_t *out, size_t len)
{
    memset(out, 0x5a, len);
    ++*(int *)self;
    return CARNET_E_USAGE;
}

static void
fills_from_its_source(void **state)
{
    carnet_test_seed seed = { 7 }, same = { 7 };
    carnet_random random = carnet_test_random(&seed);
    uint8_t bytes[32];

    (void)state;
    assert_carnet_ok(carnet_random_fill(&random, bytes, sizeof(bytes), NULL), NULL);
    for (size_t i = 0; i < sizeof(bytes); i++)
        assert_int_equal(bytes[i], (uint8_t)carnet_test_number(&same));
}

static void
a_failing_source_leaves_zeros_and_one_code(void **state)
{
    int calls = 0;
    carnet_random random = { fails, &calls };
    carnet_err err = { 0 };
    uint8_t bytes[8], zero[8] = { 0 };

    (void)state;
    memset(bytes, 1, sizeof(bytes));
    assert_carnet_rc(carnet_random_fill(&random, bytes, sizeof(bytes), &err), CARNET_E_CRYPTO_RANDOM);
    assert_int_equal(err.rc, CARNET_E_CRYPTO_RANDOM);
    assert_int_equal(calls, 1);
    assert_memory_equal(bytes, zero, sizeof(zero));
}

static void
no_source_is_a_failing_source(void **state)
{
    carnet_random none = { 0 };
    uint8_t bytes[8] = { 1 };

    (void)state;
    assert_carnet_rc(carnet_random_fill(NULL, bytes, sizeof(bytes), NULL), CARNET_E_CRYPTO_RANDOM);
    assert_int_equal(bytes[0], 0);
    bytes[0] = 1;
    assert_carnet_rc(carnet_random_fill(&none, bytes, sizeof(bytes), NULL), CARNET_E_CRYPTO_RANDOM);
    assert_int_equal(bytes[0], 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_from_its_source),
        cmocka_unit_test(a_failing_source_leaves_zeros_and_one_code),
        cmocka_unit_test(no_source_is_a_failing_source),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
