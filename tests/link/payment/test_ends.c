/* SPDX-License-Identifier: Apache-2.0 */
/* Ends that connect and come back, a server with its own thread, a client that waits. */
#include "world.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* An end that connects, beside the world's that listens. */
typedef struct caller {
    carnet_payment_end *end;
    unsigned ups, downs, absent;
} caller;

static void
caller_up(void *self, carnet_payment_peer *peer)
{
    caller *c = self;

    c->ups++;
    assert_ptr_equal(carnet_payment_connected(c->end), peer);
    assert_ptr_equal(carnet_payment_peer_self(peer), c);
    assert_ptr_equal(carnet_payment_peer_end(peer), c->end);
}

static void
caller_down(void *self, carnet_payment_peer *peer, const carnet_err *why)
{
    caller *c = self;

    c->downs += peer != NULL;
    c->absent += peer == NULL && why->rc == CARNET_E_LINK_ABSENT;
}

static void
call(world *w, caller *c, uint16_t port)
{
    const carnet_payment_end_config config = { .address = "127.0.0.1",
                                               .port = port,
                                               .framing = &w->framing,
                                               .retry_ms = 20,
                                               .retry_max_ms = 80,
                                               .self = c,
                                               .up = caller_up,
                                               .down = caller_down };
    carnet_err err = { 0 };

    *c = (caller){ 0 };
    assert_carnet_ok(carnet_payment_add(w->loop, &config, &c->end, &err), &err);
    assert_null(carnet_payment_connected(c->end));
}

static void
an_end_that_connects_comes_back_each_time(void **state)
{
    static world w;
    caller c;

    (void)state;
    world_begin(&w, "post", NULL);
    call(&w, &c, world_port(&w));
    for (unsigned i = 1; i <= 3; i++) {
        world_until(&w, &c.ups, i);
        world_until(&w, &w.ups, i);
        assert_carnet_rc(
            carnet_payment_send(carnet_payment_connected(c.end), (carnet_span){ 0 }, CARNET_TEST_BYTES("hello"), NULL),
            CARNET_OK);
        world_until_frames(&w, i);
        carnet_payment_end_peer(w.peer);
        world_until(&w, &c.downs, i);
    }
    assert_int_equal(c.absent, 0);
    world_end(&w);
}

/* A port that nobody listens at: that of an end that is gone. */
static uint16_t
free_port(void)
{
    static world gone;
    uint16_t port;

    world_begin(&gone, "post", NULL);
    port = world_port(&gone);
    world_end(&gone);
    return port;
}

static void
tries_again_and_again_where_nobody_is(void **state)
{
    static world w;
    caller c;

    (void)state;
    world_begin(&w, "post", NULL);
    call(&w, &c, free_port());
    world_until(&w, &c.absent, 4);
    assert_int_equal(c.ups, 0);
    assert_int_equal(c.downs, 0);
    world_end(&w);
}

static void
refuses_ends_that_cannot_be(void **state)
{
    static world w;
    const carnet_framing wrong = { .length = CARNET_FRAME_BINARY, .width = 9 };
    carnet_payment_end *end;

    (void)state;
    world_begin(&w, "post", NULL);
    {
        const carnet_payment_end_config rows[] = {
            { .port = 5, .framing = &w.framing },
            { .address = "127.0.0.1", .port = 5 },
            { .address = "127.0.0.1", .framing = &w.framing },
            { .address = "127.0.0.1", .listens = true, .framing = &wrong },
        };

        for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
            assert_carnet_rc(carnet_payment_add(w.loop, &rows[i], &end, NULL), CARNET_E_USAGE);
            assert_null(end);
        }
    }
    world_end(&w);
}

static void
a_port_that_is_taken_cannot_be_listened_at(void **state)
{
    static world w;
    carnet_payment_end_config config = { .address = "127.0.0.1", .listens = true };
    carnet_payment_end *end;

    (void)state;
    world_begin(&w, "post", NULL);
    config.framing = &w.framing;
    config.port = world_port(&w);
    assert_carnet_rc(carnet_payment_add(w.loop, &config, &end, NULL), CARNET_E_LINK_IO);
    assert_null(end);
    world_end(&w);
}

static void *
wake_it(void *self)
{
    (void)usleep(20000);
    carnet_payment_wake(self);
    return NULL;
}

static void
another_thread_ends_a_step_that_waits(void **state)
{
    static world w;
    pthread_t thread;
    int64_t began;

    (void)state;
    world_begin(&w, "post", NULL);
    assert_int_equal(pthread_create(&thread, NULL, wake_it, w.loop), 0);
    began = carnet_payment_now(w.loop);
    assert_carnet_rc(carnet_payment_step(w.loop, began + 600000, NULL), CARNET_OK);
    assert_true(carnet_payment_now(w.loop) - began < 300000);
    assert_int_equal(pthread_join(thread, NULL), 0);
    world_end(&w);
}

/* --- with threads --- */

typedef struct service {
    carnet_payment_server *server;
    carnet_framing framing;
    unsigned ticks;
} service;

static carnet_str
as_text(carnet_span octets)
{
    return (carnet_str){ (const char *)octets.ptr, octets.len };
}

static bool
is(carnet_span octets, const char *text)
{
    return carnet_str_is(as_text(octets), text);
}

/* "bye" ends the connection, "hush" has no answer, everything else comes back. */
static void
serve(void *self, const carnet_payment_frame *frames, size_t count)
{
    (void)self;
    for (size_t i = 0; i < count; i++)
        if (is(frames[i].message, "bye"))
            carnet_payment_end_peer(frames[i].peer);
        else if (!is(frames[i].message, "hush"))
            (void)!carnet_payment_answer(frames[i].peer, frames[i].header, frames[i].message, NULL);
}

static void
count_tick(void *self, int64_t now_ms)
{
    service *s = self;

    s->ticks += now_ms > 0;
}

static void
service_begin(service *s, const char *framing)
{
    const carnet_payment_server_config config = {
        .end = { .address = "127.0.0.1", .listens = true, .framing = &s->framing },
        .self = s,
        .batch = serve,
        .tick = count_tick,
        .tick_ms = 10,
    };
    carnet_err err = { 0 };

    *s = (service){ 0 };
    assert_true(carnet_framing_named(carnet_str_of(framing), &s->framing));
    assert_carnet_ok(carnet_payment_server_start(&config, &s->server, &err), &err);
}

static carnet_payment_client *
service_client(const service *s)
{
    const carnet_payment_end_config config = {
        .address = "127.0.0.1", .port = carnet_payment_server_port(s->server), .framing = &s->framing, .retry_ms = 10
    };
    carnet_payment_client *client;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_payment_client_open(&config, 30000, &client, &err), &err);
    return client;
}

static carnet_rc
say(carnet_payment_client *client, const char *text)
{
    return carnet_payment_client_send(client, (carnet_span){ 0 }, carnet_str_bytes(carnet_str_of(text)), NULL);
}

static carnet_rc
hear(carnet_payment_client *client, int timeout_ms, const char *text)
{
    uint8_t octets[100];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_span header, message;
    const carnet_rc rc = carnet_payment_client_receive(client, timeout_ms, &room, &header, &message, NULL);

    if (rc == CARNET_OK)
        assert_str_is(as_text(message), text);
    else
        assert_int_equal(message.len, 0);
    return rc;
}

static void
a_client_gets_its_answers_one_by_one(void **state)
{
    carnet_payment_client *client;
    carnet_payment_counters counters;
    service s;

    (void)state;
    service_begin(&s, "nac");
    client = service_client(&s);
    for (unsigned i = 0; i < 3; i++)
        assert_carnet_rc(say(client, i == 0 ? "one" : i == 1 ? "two" : "three"), CARNET_OK);
    assert_carnet_rc(hear(client, 30000, "one"), CARNET_OK);
    assert_carnet_rc(hear(client, 30000, "two"), CARNET_OK);
    assert_carnet_rc(hear(client, 30000, "three"), CARNET_OK);
    assert_carnet_rc(say(client, "hush"), CARNET_OK);
    assert_carnet_rc(hear(client, 20, ""), CARNET_E_LINK_TIMEOUT);
    assert_carnet_rc(say(client, "four"), CARNET_OK);
    assert_carnet_rc(hear(client, 30000, "four"), CARNET_OK);
    carnet_payment_client_close(&client);
    assert_null(client);
    counters = carnet_payment_server_count(s.server);
    assert_in_range(counters.frames_in, 4, 5);
    carnet_payment_server_stop(&s.server);
    assert_true(s.ticks > 0);
}

static void
a_client_that_lost_its_server_comes_back(void **state)
{
    carnet_payment_client *client;
    carnet_rc rc;
    service s;

    (void)state;
    service_begin(&s, "post");
    client = service_client(&s);
    assert_carnet_rc(say(client, "bye"), CARNET_OK);
    assert_carnet_rc(hear(client, 30000, ""), CARNET_E_LINK_CLOSED);
    assert_carnet_rc(say(client, "too soon"), CARNET_E_LINK_CLOSED);
    for (unsigned i = 0; i < 1000 && (rc = say(client, "again")) == CARNET_E_LINK_CLOSED; i++)
        assert_carnet_rc(hear(client, 20, ""), CARNET_E_LINK_TIMEOUT);
    assert_carnet_rc(rc, CARNET_OK);
    assert_carnet_rc(hear(client, 30000, "again"), CARNET_OK);
    carnet_payment_client_close(&client);
    carnet_payment_server_stop(&s.server);
}

static void
a_client_says_when_nobody_is_there(void **state)
{
    carnet_payment_end_config config = { .address = "127.0.0.1", .port = free_port() };
    carnet_payment_client *client;
    carnet_framing framing;

    (void)state;
    assert_true(carnet_framing_named(carnet_str_of("post"), &framing));
    config.framing = &framing;
    assert_carnet_rc(carnet_payment_client_open(&config, 50, &client, NULL), CARNET_E_LINK_TIMEOUT);
    assert_null(client);
}

static void
an_answer_that_does_not_fit_can_be_fetched_with_more_room(void **state)
{
    uint8_t little[3];
    carnet_buf room = carnet_buf_of(little, sizeof(little));
    carnet_payment_client *client;
    carnet_span header, message;
    service s;

    (void)state;
    service_begin(&s, "post");
    client = service_client(&s);
    assert_carnet_rc(say(client, "hello"), CARNET_OK);
    assert_carnet_rc(carnet_payment_client_receive(client, 30000, &room, &header, &message, NULL), CARNET_E_NO_SPACE);
    assert_int_equal(message.len, 0);
    assert_carnet_rc(hear(client, 30000, "hello"), CARNET_OK);
    carnet_payment_client_close(&client);
    carnet_payment_server_stop(&s.server);
}

static void *
converse(void *self)
{
    carnet_payment_client *client = service_client(self);
    char text[16];

    for (unsigned i = 0; i < 200; i++) {
        (void)snprintf(text, sizeof(text), "%u", i);
        assert_carnet_rc(say(client, text), CARNET_OK);
        assert_carnet_rc(hear(client, 30000, text), CARNET_OK);
    }
    carnet_payment_client_close(&client);
    return self;
}

static void
a_server_serves_several_clients_at_once(void **state)
{
    enum { CLIENTS = 8 };
    pthread_t threads[CLIENTS];
    service s;

    (void)state;
    service_begin(&s, "post");
    for (unsigned i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, converse, &s), 0);
    for (unsigned i = 0; i < CLIENTS; i++) {
        void *result = NULL;

        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_ptr_equal(result, &s);
    }
    carnet_payment_server_stop(&s.server);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_that_connects_comes_back_each_time),
        cmocka_unit_test(tries_again_and_again_where_nobody_is),
        cmocka_unit_test(refuses_ends_that_cannot_be),
        cmocka_unit_test(a_port_that_is_taken_cannot_be_listened_at),
        cmocka_unit_test(another_thread_ends_a_step_that_waits),
        cmocka_unit_test(a_client_gets_its_answers_one_by_one),
        cmocka_unit_test(a_client_that_lost_its_server_comes_back),
        cmocka_unit_test(a_client_says_when_nobody_is_there),
        cmocka_unit_test(an_answer_that_does_not_fit_can_be_fetched_with_more_room),
        cmocka_unit_test(a_server_serves_several_clients_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
