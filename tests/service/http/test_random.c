/* SPDX-License-Identifier: Apache-2.0 */
/* Randomness in larger pieces: nothing is handed out twice, nothing stays. */
#include "carnet/http_random.h"
#include "support/support.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Counts: each octet's number, and how often it was asked. */
typedef struct counted {
    uint32_t next;
    int asked, fails;
} counted;

static carnet_rc
count(void *self, uint8_t *out, size_t len)
{
    counted *c = self;

    c->asked++;
    if (c->fails > 0)
        return CARNET_E_CRYPTO_RANDOM;
    for (size_t i = 0; i + 4 <= len; i += 4) {
        memcpy(out + i, &c->next, 4);
        c->next++;
    }
    return CARNET_OK;
}

static carnet_service_random pool;

static void
nothing_is_handed_out_twice(void **state)
{
    static bool seen[4000];
    counted c = { 0 };
    carnet_random random = carnet_service_random_of(&pool, (carnet_random){ count, &c });

    (void)state;
    memset(seen, 0, sizeof(seen));
    for (int i = 0; i < 500; i++) {
        uint32_t numbers[4];

        assert_int_equal(carnet_random_fill(&random, (uint8_t *)numbers, sizeof(numbers), NULL), CARNET_OK);
        for (size_t j = 0; j < 4; j++) {
            assert_true(numbers[j] < 4000);
            assert_false(seen[numbers[j]]);
            seen[numbers[j]] = true;
        }
    }
    assert_true(c.asked < 10);
    carnet_service_random_done(&pool);
}

static void
what_was_handed_out_is_wiped(void **state)
{
    static const uint8_t zeros[16];
    counted c = { .next = 0x01010101 };
    carnet_random random = carnet_service_random_of(&pool, (carnet_random){ count, &c });
    uint8_t octets[16];

    (void)state;
    assert_int_equal(carnet_random_fill(&random, octets, sizeof(octets), NULL), CARNET_OK);
    assert_memory_not_equal(octets, zeros, sizeof(zeros));
    assert_memory_equal(pool.octets + pool.left, zeros, sizeof(zeros));
    carnet_service_random_done(&pool);
}

static void
much_comes_from_the_source(void **state)
{
    static uint8_t octets[4096];
    counted c = { 0 };
    carnet_random random = carnet_service_random_of(&pool, (carnet_random){ count, &c });

    (void)state;
    assert_int_equal(carnet_random_fill(&random, octets, sizeof(octets), NULL), CARNET_OK);
    assert_int_equal(c.asked, 1);
    assert_int_equal(pool.left, 0);
}

static void
a_source_that_fails_is_told(void **state)
{
    counted c = { .fails = 1 };
    carnet_random random = carnet_service_random_of(&pool, (carnet_random){ count, &c });
    uint8_t octets[16] = { 1 };

    (void)state;
    assert_int_equal(carnet_random_fill(&random, octets, sizeof(octets), NULL), CARNET_E_CRYPTO_RANDOM);
    assert_int_equal(octets[0], 0);
    c.fails = 0;
    assert_int_equal(carnet_random_fill(&random, octets, sizeof(octets), NULL), CARNET_OK);
}

static void
a_child_draws_its_own(void **state)
{
    counted c = { 0 };
    carnet_random random = carnet_service_random_of(&pool, (carnet_random){ count, &c });
    uint8_t octets[16];
    int status;
    pid_t child;

    (void)state;
    assert_int_equal(carnet_random_fill(&random, octets, sizeof(octets), NULL), CARNET_OK);
    child = fork();
    if (child == 0)
        _exit(carnet_random_fill(&random, octets, sizeof(octets), NULL) == CARNET_OK ? c.asked : 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 2);
    carnet_service_random_done(&pool);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_handed_out_twice), cmocka_unit_test(what_was_handed_out_is_wiped),
        cmocka_unit_test(much_comes_from_the_source),  cmocka_unit_test(a_source_that_fails_is_told),
        cmocka_unit_test(a_child_draws_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
