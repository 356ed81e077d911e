/* SPDX-License-Identifier: Apache-2.0 */
/* Several at once, at two instances: one of them gets it. */
#include "world.h"

#include "carnet/json.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { RACERS = 8, ROUNDS = 6 };

static world w;

typedef struct racer {
    pthread_t thread;
    size_t at;
    client who;
    const char *path;
    char body[512];
    reply reply;
} racer;

static racer racers[RACERS];

static int
start(void **state)
{
    (void)state;
    world_make(&w, "");
    world_start(&w, 2);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    for (size_t i = 0; i < RACERS; i++)
        carnet_json_free(&racers[i].reply.json);
    world_end(&w);
    return 0;
}

static void *
run(void *self)
{
    racer *one = self;

    ask_at(&w, one->at, one->who, one->path, one->body, &one->reply);
    return NULL;
}

static void
race(size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_create(&racers[i].thread, NULL, run, &racers[i]), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
}

static racer *
set(size_t i, client who, const char *path)
{
    racers[i].at = i % 2;
    racers[i].who = who;
    racers[i].path = path;
    return &racers[i];
}

/* How many had this status ("FULFILLED"), or this error. */
static size_t
had(size_t count, const char *status, const char *error)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        const reply *r = &racers[i].reply;

        n += r->error[0] == '\0' ? strcmp(text(r, "status"), status) == 0 : strcmp(r->error, error) == 0;
    }
    return n;
}

static void
one_request_stages_one_transaction(void **state)
{
    char reference[32];

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < RACERS; i++)
            (void)snprintf(set(i, ALICE, "rp/Stage")->body, 512,
                           "{\"requestId\":\"same-%u\",\"type\":\"ATM_CWD\",\"amount\":\"000000002000\","
                           "\"currency\":\"840\"}",
                           round);
        race(RACERS);
        (void)snprintf(reference, sizeof(reference), "%s", text(&racers[0].reply, "ref"));
        for (size_t i = 0; i < RACERS; i++) {
            if (racers[i].reply.error[0] != '\0')
                fail_msg("%s: %s", racers[i].reply.error, racers[i].reply.body);
            assert_string_equal(text(&racers[i].reply, "ref"), reference);
        }
    }
}

static void
a_day_s_limit_holds_for_requests_at_once(void **state)
{
    (void)state;
    (void)stage(&w, ALICE, "000000080000");
    (void)stage(&w, ALICE, "000000080000"); /* 40,000 are left */
    for (size_t i = 0; i < RACERS; i++)
        (void)snprintf(
            set(i, ALICE, "rp/Stage")->body, 512,
            "{\"requestId\":\"l-%zu\",\"type\":\"ATM_CWD\",\"amount\":\"000000020000\",\"currency\":\"840\"}", i);
    race(RACERS);
    assert_int_equal(had(RACERS, "STAGED", "-"), 2);
    assert_int_equal(had(RACERS, "-", "limit"), RACERS - 2);
}

static void
two_phones_come_to_one_session_and_one_gets_it(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        const char *code = code_of(&w, "ATM00001", 100 + round, NOW + 60);

        for (size_t i = 0; i < RACERS; i++) {
            const client who = i % 2 == 0 ? ALICE : BOB;

            (void)snprintf(set(i, who, "rp/Fulfil")->body, 512, "{\"ref\":\"%s\",\"code\":\"%s\"}",
                           stage(&w, who, "000000002000"), code);
            racers[i].at = i / 2 % 2;
        }
        race(RACERS);
        assert_int_equal(had(RACERS, "AUTHENTICATING", "-"), 1);
        assert_int_equal(had(RACERS, "-", "code"), RACERS - 1);
        assert_int_equal(double_count(&w.provider), round + 1);
    }
}

static void
one_transaction_goes_to_one_of_two_terminals(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        const char *reference = stage(&w, ALICE, "000000010000");

        for (size_t i = 0; i < 4; i++)
            (void)snprintf(set(i, ALICE, "rp/Fulfil")->body, 512, "{\"ref\":\"%s\",\"code\":\"%s\"}", reference,
                           code_of(&w, i < 2 ? "ATM00001" : "ATM00002", 120 + round, NOW + 60));
        race(4);
        /* Both requests of the one terminal have it, or neither. */
        assert_int_equal(had(4, "AUTHENTICATING", "-"), 2);
        assert_int_equal(had(4, "-", "state"), 2);
        assert_int_equal(double_count(&w.provider), round + 1);
    }
}

static void
of_several_uses_one_is_made(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        const char *reference = collect(&w, ALICE, "000000002000", 140 + round);

        for (size_t i = 0; i < RACERS; i++)
            (void)snprintf(set(i, ISSUER, "issuer/ResolveStaged")->body, 512,
                           "{\"ref\":\"%s\",\"action\":\"USE\",\"use\":\"u-%zu\"}", reference, i / 2);
        race(RACERS);
        assert_int_equal(had(RACERS, "USED", "-"), 2);
        assert_int_equal(had(RACERS, "-", "used"), RACERS - 2);
        assert_int_equal(double_study(&w.provider, reference).status, CARNET_BOPS_CONSUMED);
    }
}

static void
a_cancellation_and_a_use_do_not_both_succeed(void **state)
{
    unsigned used = 0;

    (void)state;
    for (unsigned round = 0; round < 2 * ROUNDS; round++) {
        const char *reference = collect(&w, ALICE, "000000002000", 150 + round);
        size_t cancelled, uses;
        const size_t first = round % 2;

        (void)snprintf(set(first, ALICE, "rp/CancelStaged")->body, 512, "{\"ref\":\"%s\"}", reference);
        (void)snprintf(set(1 - first, ISSUER, "issuer/ResolveStaged")->body, 512,
                       "{\"ref\":\"%s\",\"action\":\"USE\",\"use\":\"u\"}", reference);
        race(2);
        cancelled = had(2, "CANCELLED", "-");
        uses = had(2, "USED", "-");
        assert_int_equal(cancelled + uses, 1);
        used += (unsigned)uses;
        if (cancelled == 1)
            assert_int_not_equal(double_study(&w.provider, reference).status, CARNET_BOPS_CONSUMED);
    }
    print_message("# of %u, %u were used\n", 2 * ROUNDS, used);
}

static void
those_who_wait_ask_the_provider_by_turns(void **state)
{
    const char *reference = fulfil(&w, ALICE, "000000002000", 170);
    const struct timespec pause = { 0, 300000000 };
    unsigned asked;

    (void)state;
    for (size_t i = 0; i < RACERS; i++)
        (void)snprintf(set(i, i % 2 == 0 ? ATM1 : ALICE, i % 2 == 0 ? "terminal/Collect" : "rp/StagedStatus")->body,
                       512,
                       i % 2 == 0 ? "{\"terminalId\":\"ATM00001\",\"session\":\"%s\",\"wait\":25}"
                                  : "{\"ref\":\"%s\",\"status\":\"AUTHENTICATING\",\"wait\":25}",
                       i % 2 == 0 ? session_of(170) : reference);
    for (size_t i = 0; i < RACERS; i++)
        assert_int_equal(pthread_create(&racers[i].thread, NULL, run, &racers[i]), 0);
    (void)nanosleep(&pause, NULL);
    double_set(&w.provider, double_study(&w.provider, reference).session, CARNET_BOPS_AUTHENTICATED, GOOD);
    for (size_t i = 0; i < RACERS; i++)
        assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
    assert_int_equal(had(RACERS, "FULFILLED", "-"), RACERS);
    asked = atomic_load(&w.provider.asked[1]);
    print_message("# %u waited, the provider was asked %u times\n", RACERS, asked);
    assert_in_range(asked, 1, RACERS);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_request_stages_one_transaction, start, stop),
        cmocka_unit_test_setup_teardown(a_day_s_limit_holds_for_requests_at_once, start, stop),
        cmocka_unit_test_setup_teardown(two_phones_come_to_one_session_and_one_gets_it, start, stop),
        cmocka_unit_test_setup_teardown(one_transaction_goes_to_one_of_two_terminals, start, stop),
        cmocka_unit_test_setup_teardown(of_several_uses_one_is_made, start, stop),
        cmocka_unit_test_setup_teardown(a_cancellation_and_a_use_do_not_both_succeed, start, stop),
        cmocka_unit_test_setup_teardown(those_who_wait_ask_the_provider_by_turns, start, stop),
    };

    return world_run(argc, argv, tests, CARNET_COUNT(tests));
}
