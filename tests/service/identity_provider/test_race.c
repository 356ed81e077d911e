/* SPDX-License-Identifier: Apache-2.0 */
/* The same thing done at two instances at once: one of them does it. */
#include "world.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

typedef struct runner {
    size_t at;
    carnet_span certificate;
    const char *path, *body;
    reply reply;
    pthread_barrier_t *barrier;
} runner;

static runner runners[2];

static void *
run(void *arg)
{
    runner *r = arg;

    (void)pthread_barrier_wait(r->barrier);
    ask_at(r->at, r->certificate, r->path, r->body, &r->reply);
    return NULL;
}

/* Ask both instances at once. */
static void
race(carnet_span certificate, const char *path, const char *first, const char *second)
{
    pthread_barrier_t barrier;
    pthread_t threads[2];

    assert_int_equal(pthread_barrier_init(&barrier, NULL, 2), 0);
    for (size_t i = 0; i < 2; i++) {
        runners[i] = (runner){
            .at = i, .certificate = certificate, .path = path, .body = i == 0 ? first : second, .barrier = &barrier
        };
        assert_int_equal(pthread_create(&threads[i], NULL, run, &runners[i]), 0);
    }
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    (void)pthread_barrier_destroy(&barrier);
}

/* One did it, the other met with this. */
static void
assert_once(int status, int code)
{
    const runner *loser = runners[0].reply.status == 200 ? &runners[1] : &runners[0];

    assert_int_equal(runners[0].reply.status == 200, runners[1].reply.status != 200);
    if (loser->reply.status != status || loser->reply.code != code)
        fail_msg("not %d %d but %s", status, code, loser->reply.text);
}

static carnet_span
bank(void)
{
    return carnet_span_of(w.party_der[BANK], w.party_len[BANK]);
}

static void
an_answer_sent_twice_at_once_counts_once(void **state)
{
    static char body[CARNET_BOPS_MAX + 1];

    (void)state;
    for (int i = 0; i < 5; i++) {
        start("");
        (void)snprintf(body, sizeof(body), "%s", answer_of(&w.alice, w.session));
        race(carnet_span_of(w.alice.certificate, w.alice.certificate_len), "/enterprise/AuthenticationResponse", body,
             body);
        assert_once(409, 111);
        status_is(w.session, "AUTHENTICATED");
    }
}

static void
a_session_is_used_once_by_two_at_once(void **state)
{
    char body[128];

    (void)state;
    for (int i = 0; i < 5; i++) {
        start("");
        assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
        (void)snprintf(body, sizeof(body), "{\"sessionId\":\"%s\"}", w.session);
        race(bank(), "/enterprise/ConsumeSession", body, body);
        assert_once(409, 907);
    }
}

static void
one_request_at_two_instances_is_one_session(void **state)
{
    char body[512], first[CARNET_BOPS_SESSION + 1];

    (void)state;
    for (int i = 0; i < 3; i++) {
        (void)snprintf(body, sizeof(body), "{\"requestId\":\"%s-%d\",\"userId\":\"%s\",\"deviceId\":\"%s\"}", w.request,
                       i, w.user, w.alice.enrolment.device_id);
        race(bank(), "/enterprise/AuthenticationStart", body, body);
        assert_int_equal(runners[0].reply.status, 200);
        assert_int_equal(runners[1].reply.status, 200);
        w.reply = runners[0].reply;
        member("sessionId", first, sizeof(first));
        w.reply = runners[1].reply;
        assert_true(said(first));
    }
}

static void
an_answer_and_a_cancellation_leave_one_truth(void **state)
{
    static char body[CARNET_BOPS_MAX + 1];
    char cancel[128];
    pthread_barrier_t barrier;
    pthread_t threads[2];

    (void)state;
    for (int i = 0; i < 5; i++) {
        start("");
        (void)snprintf(body, sizeof(body), "%s", answer_of(&w.alice, w.session));
        (void)snprintf(cancel, sizeof(cancel), "{\"sessionId\":\"%s\"}", w.session);
        assert_int_equal(pthread_barrier_init(&barrier, NULL, 2), 0);
        runners[0] = (runner){ .at = 0,
                               .certificate = carnet_span_of(w.alice.certificate, w.alice.certificate_len),
                               .path = "/enterprise/AuthenticationResponse",
                               .body = body,
                               .barrier = &barrier };
        runners[1] = (runner){
            .at = 1, .certificate = bank(), .path = "/enterprise/CancelSession", .body = cancel, .barrier = &barrier
        };
        for (size_t k = 0; k < 2; k++)
            assert_int_equal(pthread_create(&threads[k], NULL, run, &runners[k]), 0);
        for (size_t k = 0; k < 2; k++)
            assert_int_equal(pthread_join(threads[k], NULL), 0);
        (void)pthread_barrier_destroy(&barrier);
        assert_once(409, 111);
        status_is(w.session, runners[0].reply.status == 200 ? "AUTHENTICATED" : "CANCELLED");
    }
}

int
main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, world_begin, world_end)
    const struct CMUnitTest tests[] = {
        TEST(an_answer_sent_twice_at_once_counts_once),
        TEST(a_session_is_used_once_by_two_at_once),
        TEST(one_request_at_two_instances_is_one_session),
        TEST(an_answer_and_a_cancellation_leave_one_truth),
    };

    return world_run(argc, argv, tests, CARNET_COUNT(tests));
}
