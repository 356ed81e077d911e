/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers that go on when somebody says so. */
#include "world.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MANY    300
#define LONG    3000
#define LATER   "GET /later HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
#define AT_ONCE "GET /at-once HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

static world w;
static atomic_int begun, ended, early, ms_until_told;

/* What was begun, until it is over. */
typedef struct task {
    const carnet_service_request *request;
    atomic_bool told;
    sem_t over;
} task;

static void *
tell(void *self)
{
    task *t = self;

    world_sleep(ms_until_told);
    t->told = true;
    carnet_service_proceed(t->request);
    (void)sem_post(&t->over);
    return NULL;
}

static carnet_rc
begin(const carnet_service_request *request, carnet_service_response *response, bool at_once)
{
    task *t = calloc(1, sizeof(*t));
    pthread_t thread;

    if (t == NULL)
        return CARNET_E_NO_SPACE;
    t->request = request;
    (void)sem_init(&t->over, 0, 0);
    begun++;
    if (at_once)
        (void)tell(t);
    else if (pthread_create(&thread, NULL, tell, t) != 0 || pthread_detach(thread) != 0)
        abort();
    carnet_buf_add_text(&response->body, "begun ");
    carnet_buf_add_text(&response->body, request->identifier);
    for (int i = 0; !at_once && i < LONG; i++)
        carnet_buf_add_byte(&response->body, '.');
    response->later = true;
    response->kept = t;
    return CARNET_OK;
}

static carnet_rc
go_on(carnet_service_response *response)
{
    task *t = response->kept;

    early += !t->told;
    while (sem_wait(&t->over) != 0)
        continue;
    (void)sem_destroy(&t->over);
    free(t);
    ended++;
    carnet_buf_add_text(&response->body, " ended");
    return CARNET_OK;
}

static carnet_rc
later(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    (void)self;
    (void)err;
    return request->again ? go_on(response) : begin(request, response, false);
}

static carnet_rc
at_once(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    (void)self;
    (void)err;
    return request->again ? go_on(response) : begin(request, response, true);
}

static const carnet_service_route routes[] = {
    { .method = CARNET_SERVICE_GET, .name = "later", .path = "/later", .run = later },
    { .method = CARNET_SERVICE_GET, .name = "at_once", .path = "/at-once", .run = at_once },
};

static void
start(int ms)
{
    carnet_service_config config = world_config(&w);

    begun = ended = early = 0;
    ms_until_told = ms;
    config.routes = routes;
    config.route_count = sizeof(routes) / sizeof(routes[0]);
    config.threads = 1;
    config.response_ms = 100; /* waiting is not answering */
    world_start(&w, &config);
}

static int
stop(void **state)
{
    (void)state;
    carnet_service_stop(&w.service, 1000);
    return w.service == NULL ? 0 : -1;
}

/* An answer that both turns wrote, of this request and no other. */
static bool
is_whole(const char *answer, size_t more)
{
    const char *identifier = strstr(answer, "X-Request-Id: "), *body = strstr(answer, "\r\n\r\nbegun ");
    size_t len = CARNET_SERVICE_IDENTIFIER;

    return identifier != NULL && body != NULL && memcmp(body + 10, identifier + 14, len) == 0 &&
           strspn(body + 10 + len, ".") == more && strcmp(body + 10 + len + more, " ended") == 0;
}

static void
ask_many(int fds[MANY], const char *text)
{
    for (int i = 0; i < MANY; i++) {
        fds[i] = world_connect(w.port);
        world_send(fds[i], text);
    }
}

static void
one_told_before_it_returned_goes_on_at_once(void **state)
{
    (void)state;
    start(0);
    for (int i = 0; i < 20; i++)
        assert_true(is_whole(world_ask(&w, AT_ONCE), 0));
    assert_int_equal(ended, 20);
    assert_int_equal(early, 0);
}

static void
many_wait_on_one_thread_that_answers_others_meanwhile(void **state)
{
    int fds[MANY];

    (void)state;
    start(300);
    ask_many(fds, LATER);
    while (begun < MANY)
        world_sleep(1);
    assert_int_equal(world_status_of(&w, "GET", "/healthz", "", ""), 200);
    for (int i = 0; i < MANY; i++) {
        assert_true(is_whole(world_read(fds[i], 20000, NULL), LONG));
        (void)close(fds[i]);
    }
    assert_int_equal(ended, MANY);
    assert_int_equal(early, 0);
}

/* Told at any moment about the handler's return. */
static void
no_turn_is_lost_and_none_comes_twice(void **state)
{
    int fds[MANY];

    (void)state;
    start(0);
    for (int round = 1; round <= 5; round++) {
        ask_many(fds, LATER);
        for (int i = 0; i < MANY; i++) {
            assert_true(is_whole(world_read(fds[i], 20000, NULL), LONG));
            (void)close(fds[i]);
        }
        assert_int_equal(begun, round * MANY);
        assert_int_equal(ended, round * MANY);
    }
}

static void
what_was_begun_ends_when_the_client_has_gone(void **state)
{
    struct linger none = { .l_onoff = 1, .l_linger = 0 };
    int fds[MANY];

    (void)state;
    start(200);
    ask_many(fds, LATER);
    while (begun < MANY)
        world_sleep(1);
    for (int i = 0; i < MANY; i++) {
        if (i % 2 == 0)
            (void)setsockopt(fds[i], SOL_SOCKET, SO_LINGER, &none, sizeof(none));
        (void)close(fds[i]);
    }
    for (int tries = 0; tries < 500 && ended < MANY; tries++)
        world_sleep(10);
    assert_int_equal(ended, MANY);
    assert_int_equal(world_status_of(&w, "GET", "/healthz", "", ""), 200);
}

static void
what_was_begun_ends_before_the_service(void **state)
{
    int fds[10];

    (void)state;
    start(300);
    for (int i = 0; i < 10; i++) {
        fds[i] = world_connect(w.port);
        world_send(fds[i], LATER);
    }
    while (begun < 10)
        world_sleep(1);
    carnet_service_stop(&w.service, 5000);
    assert_null(w.service);
    assert_int_equal(ended, 10);
    assert_true(early > 0);
    for (int i = 0; i < 10; i++) {
        assert_true(is_whole(world_read(fds[i], 1000, NULL), LONG));
        (void)close(fds[i]);
    }
}

/* They are waited for all the same: what they borrow is theirs until then. */
static void
what_was_begun_ends_before_a_service_that_is_in_a_hurry(void **state)
{
    int fds[MANY];

    (void)state;
    start(300);
    ask_many(fds, LATER);
    while (begun < MANY)
        world_sleep(1);
    carnet_service_stop(&w.service, 1);
    assert_int_equal(ended, MANY);
    for (int i = 0; i < MANY; i++)
        (void)close(fds[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(one_told_before_it_returned_goes_on_at_once, stop),
        cmocka_unit_test_teardown(many_wait_on_one_thread_that_answers_others_meanwhile, stop),
        cmocka_unit_test_teardown(no_turn_is_lost_and_none_comes_twice, stop),
        cmocka_unit_test_teardown(what_was_begun_ends_when_the_client_has_gone, stop),
        cmocka_unit_test_teardown(what_was_begun_ends_before_the_service, stop),
        cmocka_unit_test_teardown(what_was_begun_ends_before_a_service_that_is_in_a_hurry, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
