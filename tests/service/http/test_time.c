/* SPDX-License-Identifier: Apache-2.0 */
/* Clients that take their time, connections that are too many, and the end of the service. */
#include "world.h"

#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLOW  100
#define IDLE  200
#define ASKED "GET /items/1 HTTP/1.1\r\nHost: a\r\n\r\n"

static world w;

static carnet_service_config
brisk(void)
{
    carnet_service_config config = world_config(&w);

    config.header_ms = config.body_ms = config.response_ms = config.idle_ms = 400;
    return config;
}

static int
stop(void **state)
{
    (void)state;
    carnet_service_stop(&w.service, 1000);
    return w.service == NULL ? 0 : -1;
}

/* Trickle an octet every 50 ms until the peer closes; how long it took, at most two seconds. */
static int64_t
trickle(int fd, const char *text)
{
    int64_t began = world_now();
    bool closed = false;
    const char *answer = "";

    while (!closed && world_now() - began < 2000) {
        char one[2] = { *text != '\0' ? *text++ : 'x', '\0' };

        world_send(fd, one);
        answer = world_read(fd, 50, &closed);
    }
    assert_int_not_equal(world_status(answer), 200);
    return world_now() - began;
}

static void
a_header_that_trickles_is_cut(void **state)
{
    carnet_service_config config = brisk();
    int fd;
    int64_t took;

    (void)state;
    world_start(&w, &config);
    fd = world_connect(w.port);
    took = trickle(fd, "GET /items/1 HTTP/1.1\r\nHost: a\r\nX-Test: ");
    (void)close(fd);
    assert_in_range(took, 350, 1500);
    assert_int_equal(world_metric(&w, "refusals_total{limit=\"header_time\"} "), 1);
}

/* A line of the log is written when the connection is gone, which a client may see before. */
static bool
comes_to_log(const char *text)
{
    static const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };

    for (int tries = 0; tries < 500; tries++) {
        if (strstr(w.log, text) != NULL)
            return true;
        (void)nanosleep(&pause, NULL);
    }
    return false;
}

static void
a_body_that_trickles_is_cut(void **state)
{
    carnet_service_config config = brisk();
    int fd;
    int64_t took;

    (void)state;
    config.header_ms = 5000;
    world_start(&w, &config);
    fd = world_connect(w.port);
    world_send(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n");
    took = trickle(fd, "");
    (void)close(fd);
    assert_in_range(took, 350, 1500);
    assert_int_equal(world_metric(&w, "refusals_total{limit=\"body_time\"} "), 1);
    assert_true(comes_to_log("\"route\":\"echo\""));
    assert_true(comes_to_log("\"error\":\"CARNET_E_LINK_TIMEOUT\""));
}

static void
a_route_has_its_own_time_for_bodies(void **state)
{
    carnet_service_config config = world_config(&w);
    int fd;
    int64_t took;

    (void)state;
    world_start(&w, &config);
    fd = world_connect(w.port);
    world_send(fd, "POST /quick HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n");
    took = trickle(fd, "");
    (void)close(fd);
    assert_in_range(took, 150, 1500);
}

/* The reader takes a little now and then, never all in time. */
static void
an_answer_read_too_slowly_is_cut(void **state)
{
    carnet_service_config config = brisk();
    int fd, small = 4096;
    size_t got = 0;
    char some[1024];
    ssize_t n;

    (void)state;
    world_start(&w, &config);
    fd = world_connect(w.port);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    world_send(fd, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    for (int i = 0; i < 16; i++, world_sleep(50))
        got += (n = recv(fd, some, sizeof(some), 0)) > 0 ? (size_t)n : 0;
    while ((n = recv(fd, some, sizeof(some), 0)) > 0)
        got += (size_t)n;
    (void)close(fd);
    assert_true(got > 0 && got < 8u << 20);
    assert_int_equal(world_metric(&w, "refusals_total{limit=\"response_time\"} "), 1);
}

/* The answer meets a connection reset; a signal for that would end the program. */
static void
a_reader_that_goes_away_takes_nobody_along(void **state)
{
    carnet_service_config config = world_config(&w);
    struct linger none = { .l_onoff = 1, .l_linger = 0 };
    char some[64];

    (void)state;
    world_start(&w, &config);
    for (int i = 0; i < 10; i++) {
        int fd = world_connect(w.port);

        world_send(fd, "GET /big HTTP/1.1\r\nHost: a\r\n\r\nGET /big HTTP/1.1\r\nHost: a\r\n\r\n");
        if (i % 2 == 0)
            assert_true(recv(fd, some, sizeof(some), 0) > 0);
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
        (void)close(fd);
    }
    assert_int_equal(world_status_of(&w, "GET", "/healthz", "", ""), 200);
    world_sleep(100);
    assert_in_range(world_metric(&w, "\ncarnet_http_connections "), 1, 2);
    assert_true(comes_to_log("\"route\":\"big\",\"status\":200"));
    assert_true(comes_to_log("\"error\":\"CARNET_E_LINK_CLOSED\""));
}

static void
a_connection_kept_for_nothing_is_closed(void **state)
{
    carnet_service_config config = brisk();
    bool closed;
    int fd;

    (void)state;
    world_start(&w, &config);
    fd = world_connect(w.port);
    for (int i = 0; i < 3; i++) {
        world_send(fd, ASKED);
        assert_int_equal(world_status(world_read(fd, 200, &closed)), 200);
        assert_false(closed);
    }
    (void)world_read(fd, 2000, &closed);
    assert_true(closed);
    (void)close(fd);
    assert_int_equal(world_metric(&w, "refusals_total{limit=\"idle_time\"} "), 1);
}

static void
a_connection_has_so_many_requests_and_no_more(void **state)
{
    carnet_service_config config = world_config(&w);
    const char *answer;
    bool closed;
    int fd;

    (void)state;
    config.requests_per_connection = 2;
    world_start(&w, &config);
    fd = world_connect(w.port);
    world_send(fd, ASKED ASKED ASKED);
    answer = world_read(fd, 3000, &closed);
    assert_true(closed);
    assert_int_equal(world_count(answer, "HTTP/1.1 200 "), 2);
    assert_int_equal(world_count(answer, "Connection: close"), 1);
    (void)close(fd);
}

static void
connections_beyond_the_limit_are_told_so(void **state)
{
    carnet_service_config config = world_config(&w);
    const char *answer;
    int fds[4];
    bool closed;

    (void)state;
    config.connections = 4;
    world_start(&w, &config);
    for (int i = 0; i < 4; i++) {
        fds[i] = world_connect(w.port);
        world_send(fds[i], ASKED);
        assert_int_equal(world_status(world_read(fds[i], 200, &closed)), 200);
    }
    answer = world_ask(&w, ASKED);
    assert_int_equal(world_status(answer), 503);
    assert_non_null(strstr(answer, "\r\nRetry-After: "));
    world_send(fds[0], ASKED);
    assert_int_equal(world_status(world_read(fds[0], 200, &closed)), 200);
    for (int i = 0; i < 4; i++)
        (void)close(fds[i]);
    world_sleep(100);
    assert_int_equal(world_metric(&w, "refusals_total{limit=\"connections\"} "), 1);
}

static void
one_address_has_so_many_connections(void **state)
{
    carnet_service_config config = world_config(&w);
    int fds[2];
    bool closed;

    (void)state;
    config.connections_per_address = 2;
    world_start(&w, &config);
    for (int i = 0; i < 2; i++) {
        fds[i] = world_connect(w.port);
        world_send(fds[i], ASKED);
        assert_int_equal(world_status(world_read(fds[i], 200, &closed)), 200);
    }
    assert_int_equal(world_status(world_ask(&w, ASKED)), 429);
    for (int i = 0; i < 2; i++)
        (void)close(fds[i]);
    world_sleep(100);
    assert_int_equal(world_status(world_ask(&w, "GET /items/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")), 200);
}

/* 200 say nothing, 100 trickle; the others are served meanwhile, and each soon. */
static void
idle_and_slow_clients_hold_nobody_up(void **state)
{
    carnet_service_config config = world_config(&w);
    int fds[IDLE + SLOW];
    int64_t worst = 0;

    (void)state;
    config.header_ms = 20000;
    world_start(&w, &config);
    for (int i = 0; i < IDLE + SLOW; i++)
        assert_true((fds[i] = world_connect(w.port)) >= 0);
    for (int round = 0; round < 50; round++) {
        int64_t began;

        for (int i = 0; i < SLOW; i++)
            world_send(fds[i], round == 0 ? "GET /items/1 HTTP/1.1\r\nHost: a\r\nX-Test: " : "x");
        began = world_now();
        assert_int_equal(world_status_of(&w, "GET", "/items/1", "", ""), 200);
        worst = world_now() - began > worst ? world_now() - began : worst;
    }
    print_message("# the slowest answer took %d ms\n", (int)worst);
    assert_true(worst < 2000);
    assert_true(world_metric(&w, "\ncarnet_http_connections ") >= IDLE + SLOW);
    for (int i = 0; i < SLOW; i++)
        world_send(fds[i], "\r\n\r\n");
    for (int i = 0; i < SLOW; i++) {
        int fd = fds[i];
        char first[13] = "";

        assert_int_equal(recv(fd, first, 12, MSG_WAITALL), 12);
        assert_int_equal(world_status(first), 200);
    }
    for (int i = 0; i < IDLE + SLOW; i++)
        (void)close(fds[i]);
}

static void *
end_service(void *drain_ms)
{
    carnet_service_stop(&w.service, *(unsigned *)drain_ms);
    return NULL;
}

static void
a_request_that_runs_ends_before_the_service(void **state)
{
    carnet_service_config config = world_config(&w);
    unsigned drain_ms = 5000;
    pthread_t ender;
    const char *answer;
    int busy, idle;
    bool closed;

    (void)state;
    world_start(&w, &config);
    atomic_store(&w.held, true);
    busy = world_connect(w.port);
    idle = world_connect(w.port);
    world_send(idle, ASKED);
    (void)world_read(idle, 200, &closed);
    assert_false(closed);
    world_send(busy, "GET /held HTTP/1.1\r\nHost: a\r\n\r\n");
    while (atomic_load(&w.holding) == 0)
        world_sleep(5);
    assert_int_equal(pthread_create(&ender, NULL, end_service, &drain_ms), 0);
    (void)world_read(idle, 3000, &closed);
    assert_true(closed);
    assert_int_equal(world_connect(w.port), -1);
    atomic_store(&w.held, false);
    answer = world_read(busy, 3000, &closed);
    assert_int_equal(world_status(answer), 200);
    assert_non_null(strstr(answer, "{\"held\":true}"));
    assert_non_null(strstr(answer, "Connection: close"));
    assert_true(closed);
    assert_int_equal(pthread_join(ender, NULL), 0);
    (void)close(busy);
    (void)close(idle);
}

static void
what_is_left_after_the_grace_is_cut(void **state)
{
    carnet_service_config config = world_config(&w);
    int64_t began = world_now();
    bool closed;
    int fd;

    (void)state;
    world_start(&w, &config);
    fd = world_connect(w.port);
    world_send(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{");
    world_sleep(50);
    carnet_service_stop(&w.service, 200);
    (void)world_read(fd, 1000, &closed);
    assert_true(closed);
    assert_in_range(world_now() - began, 200, 2000);
    (void)close(fd);
}

#define WITH(test) cmocka_unit_test_teardown(test, stop)

/* Forty wait at once on two threads, and a forty-first is answered meanwhile. */
static void
requests_that_wait_hold_no_thread(void **state)
{
    carnet_service_config config = world_config(&w);
    int waiting[40];
    int64_t began;

    (void)state;
    config.response_ms = 100; /* waiting is not answering */
    world_start(&w, &config);
    began = world_now();
    for (size_t i = 0; i < 40; i++) {
        waiting[i] = world_connect(w.port);
        assert_true(waiting[i] >= 0);
        world_send(waiting[i], "GET /waits HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    }
    assert_int_equal(world_status(world_ask(&w, ASKED)), 200);
    for (size_t i = 0; i < 40; i++) {
        const char *answer = world_read(waiting[i], 20000, NULL);

        assert_int_equal(world_status(answer), 200);
        assert_non_null(strstr(answer, "\r\n\r\nwaited"));
        assert_int_equal(world_count(answer, "X-Turn"), 1);
        (void)close(waiting[i]);
    }
    assert_in_range(world_now() - began, 400, 20000);
}

static void
requests_that_wait_are_told_when_the_service_ends(void **state)
{
    carnet_service_config config = world_config(&w);
    int waiting, forever;
    int64_t began;

    (void)state;
    world_start(&w, &config);
    waiting = world_connect(w.port);
    forever = world_connect(w.port);
    world_send(waiting, "GET /waits HTTP/1.1\r\nHost: a\r\n\r\n");
    world_send(forever, "GET /waits/for-ever HTTP/1.1\r\nHost: a\r\n\r\n");
    world_sleep(150);
    began = world_now();
    carnet_service_stop(&w.service, 10000);
    assert_in_range(world_now() - began, 0, 9000);
    assert_non_null(strstr(world_read(waiting, 1000, NULL), "\r\n\r\nended"));
    assert_int_equal(world_status(world_read(forever, 1000, NULL)), 503);
    (void)close(waiting);
    (void)close(forever);
}

static void
requests_that_wait_do_not_keep_the_service_without_grace(void **state)
{
    carnet_service_config config = world_config(&w);
    int forever;

    (void)state;
    world_start(&w, &config);
    forever = world_connect(w.port);
    world_send(forever, "GET /waits/for-ever HTTP/1.1\r\nHost: a\r\n\r\n");
    world_sleep(150);
    carnet_service_stop(&w.service, 0);
    assert_null(w.service);
    (void)close(forever);
}

/* Who waits and goes away takes nobody along. */
static void
a_client_that_waits_may_leave(void **state)
{
    carnet_service_config config = world_config(&w);

    (void)state;
    world_start(&w, &config);
    for (size_t i = 0; i < 20; i++) {
        int fd = world_connect(w.port);

        world_send(fd, "GET /waits HTTP/1.1\r\nHost: a\r\n\r\n");
        world_sleep(10);
        (void)close(fd);
    }
    world_sleep(600);
    assert_int_equal(world_status(world_ask(&w, ASKED)), 200);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(a_header_that_trickles_is_cut),
        WITH(a_body_that_trickles_is_cut),
        WITH(a_route_has_its_own_time_for_bodies),
        WITH(an_answer_read_too_slowly_is_cut),
        WITH(a_reader_that_goes_away_takes_nobody_along),
        WITH(a_connection_kept_for_nothing_is_closed),
        WITH(a_connection_has_so_many_requests_and_no_more),
        WITH(connections_beyond_the_limit_are_told_so),
        WITH(one_address_has_so_many_connections),
        WITH(idle_and_slow_clients_hold_nobody_up),
        WITH(a_request_that_runs_ends_before_the_service),
        WITH(what_is_left_after_the_grace_is_cut),
        WITH(requests_that_wait_hold_no_thread),
        WITH(requests_that_wait_are_told_when_the_service_ends),
        WITH(requests_that_wait_do_not_keep_the_service_without_grace),
        WITH(a_client_that_waits_may_leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
