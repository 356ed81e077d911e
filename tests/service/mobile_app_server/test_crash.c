/* SPDX-License-Identifier: Apache-2.0 */
/* carnetd is killed at each question to the identity provider, before it is heard and before it is answered, and between the
 * others' requests: who asks again comes to the same end, once. */
#include "world.h"

#include "carnet/json.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static world w;
static reply r;

static int
start(void **state)
{
    (void)state;
    world_epoch = time(NULL);
    world_make(&w, "");
    world_spawn(&w);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    world_kill(&w, SIGTERM);
    carnet_json_free(&r.json);
    world_end(&w);
    return 0;
}

/* Ask until there is an answer: whoever lost the connection asks again. */
static void
insist(client who, const char *path, const char *body)
{
    for (int i = 0; i < 10; i++) {
        if (ask_program(&w, who, path, body, &r) && r.status != 502 && r.status != 503)
            return;
        world_kill(&w, SIGKILL);
        world_spawn(&w);
    }
    fail_msg("%s: no answer", path);
}

static void
put_customers(void)
{
    insist(NOBODY, "admin/mobile_app/customers",
           "{\"user\":\"alice\",\"devices\":[{\"id\":\"alice-1\"}],"
           "\"accounts\":[{\"alias\":\"current\",\"currency\":\"840\"}]}");
    assert_int_equal(r.status, 204);
}

/* All of a withdrawal.  `kill_between`: after which of its requests carnetd is killed; -1: none. */
static void
withdraw(unsigned number, int kill_between)
{
    char body[1024], reference[32], use[32];
    int at = 0;

#define STEP_DONE                                                                                                      \
    do {                                                                                                               \
        if (at++ == kill_between) {                                                                                    \
            world_kill(&w, SIGKILL);                                                                                   \
            world_spawn(&w);                                                                                           \
        }                                                                                                              \
    } while (0)
    (void)snprintf(body, sizeof(body),
                   "{\"requestId\":\"w-%u\",\"type\":\"ATM_CWD\",\"amount\":\"000000002000\",\"currency\":\"840\"}",
                   number);
    insist(ALICE, "rp/Stage", body);
    assert_state(&r, "STAGED");
    (void)snprintf(reference, sizeof(reference), "%s", text(&r, "ref"));
    STEP_DONE;
    (void)snprintf(body, sizeof(body), "{\"ref\":\"%s\",\"code\":\"%s\"}", reference,
                   code_of(&w, "ATM00001", number, time(NULL) + 60));
    insist(ALICE, "rp/Fulfil", body);
    assert_state(&r, "AUTHENTICATING");
    assert_string_equal(text(&r, "sessionId"), double_study(&w.provider, reference).session);
    STEP_DONE;
    atomic_store(&w.now, time(NULL));
    double_set(&w.provider, double_study(&w.provider, reference).session, CARNET_BOPS_AUTHENTICATED, GOOD);
    (void)snprintf(body, sizeof(body), "{\"terminalId\":\"ATM00001\",\"session\":\"%s\",\"wait\":1}",
                   session_of(number));
    insist(ATM1, "terminal/Collect", body);
    while (strcmp(text(&r, "status"), "AUTHENTICATING") == 0)
        insist(ATM1, "terminal/Collect", body);
    assert_state(&r, "FULFILLED");
    STEP_DONE;
    (void)snprintf(use, sizeof(use), "auth-%u", number);
    (void)snprintf(body, sizeof(body), "{\"ref\":\"%s\",\"action\":\"USE\",\"use\":\"%s\"}", reference, use);
    insist(ISSUER, "issuer/ResolveStaged", body);
    assert_state(&r, "USED");
    STEP_DONE;
    (void)snprintf(body, sizeof(body), "{\"ref\":\"%s\",\"action\":\"USE\",\"use\":\"other\"}", reference);
    insist(ISSUER, "issuer/ResolveStaged", body);
    assert_refused(&r, 409, "used");
    (void)snprintf(body, sizeof(body),
                   "{\"terminalId\":\"ATM00001\",\"session\":\"%s\",\"ref\":\"%s\",\"result\":\"DISPENSED\","
                   "\"amount\":\"000000002000\"}",
                   session_of(number), reference);
    insist(ATM1, "terminal/Dispensed", body);
    assert_state(&r, "DISPENSED");
    STEP_DONE;
    assert_int_equal(double_study(&w.provider, reference).status, CARNET_BOPS_CONSUMED);
}

static void
a_kill_between_requests_changes_nothing(void **state)
{
    (void)state;
    put_customers();
    for (int i = -1; i < 5; i++)
        withdraw((unsigned)(i + 2), i);
    assert_int_equal(double_count(&w.provider), 6);
}

static void
a_kill_at_the_provider_s_door_changes_nothing(void **state)
{
    unsigned number = 20;

    (void)state;
    put_customers();
    for (int n = 1; n <= 3; n++) { /* start, status, consumption */
        atomic_store(&w.provider.before, n);
        withdraw(number++, -1);
        assert_int_equal(atomic_load(&w.provider.before), 0);
        if (n == 2) /* changes nothing there; and it takes its time until another asks */
            continue;
        atomic_store(&w.provider.after, n);
        withdraw(number++, -1);
        assert_int_equal(atomic_load(&w.provider.after), 0);
    }
    assert_int_equal(double_count(&w.provider), 5); /* one session each, however often it was asked for */
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_kill_between_requests_changes_nothing, start, stop),
        cmocka_unit_test_setup_teardown(a_kill_at_the_provider_s_door_changes_nothing, start, stop),
    };

    (void)signal(SIGPIPE, SIG_IGN);
    return world_run(argc, argv, tests, CARNET_COUNT(tests));
}
