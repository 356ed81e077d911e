/* SPDX-License-Identifier: Apache-2.0 */
/* Links over Wi-Fi Aware, on a network of the test's own, and peers that do not keep to the rules. */
#include "carnet/link_wifi_aware.h"
#include "network.h"
#include "support/support.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOON 5000

static const char *no_network;

typedef struct scene {
    carnet_nan mdoc_nan, reader_nan;
    carnet_link_wifi_aware mdoc_state, reader_state;
    carnet_link mdoc, reader;
    uint8_t room[4096];
    carnet_buf got;
} scene;

static const carnet_wifi_aware_service service = { .name = "0123456789ABCDEF0123456789ABCDEF" };

static scene *
listening(void)
{
    static scene s;
    carnet_err err = { 0 };

    if (no_network != NULL) {
        carnet_test_skip(no_network);
    }
    memset(&s, 0, sizeof(s));
    assert_carnet_ok(carnet_nan_over_network(&s.mdoc_nan, "nan0", NULL, 0, &err), &err);
    assert_carnet_ok(carnet_link_wifi_aware_listen(&s.mdoc_state, &s.mdoc_nan, &err), &err);
    assert_int_not_equal(s.mdoc_state.own.port, 0);
    return &s;
}

static scene *
connected(void)
{
    scene *s = listening();
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_nan_over_network(&s->reader_nan, "nan1", "fe80::1", s->mdoc_state.own.port, &err), &err);
    assert_carnet_ok(carnet_link_wifi_aware_connect(&s->reader, &s->reader_state, &s->reader_nan, &service, SOON, &err),
                     &err);
    assert_carnet_ok(carnet_link_wifi_aware_accept(&s->mdoc, &s->mdoc_state, &service, SOON, &err), &err);
    return s;
}

static void
finish(scene *s)
{
    carnet_link_close(&s->reader);
    carnet_link_close(&s->mdoc);
    carnet_link_wifi_aware_done(&s->mdoc_state);
}

static carnet_rc
say(carnet_link *link, const char *text)
{
    return carnet_link_send(link, carnet_str_bytes(carnet_str_of(text)), SOON, NULL);
}

static carnet_rc
hear(scene *s, carnet_link *link, int timeout_ms, carnet_err *err)
{
    s->got = carnet_buf_of(s->room, sizeof(s->room));
    return carnet_link_receive(link, &s->got, timeout_ms, err);
}

static void
assert_hears(scene *s, carnet_link *link, const char *text)
{
    carnet_err err = { 0 };

    assert_carnet_ok(hear(s, link, SOON, &err), &err);
    assert_str_is(carnet_buf_str(&s->got), text);
}

/* A connection of the test's own to the mdoc, from an address of nan1. */
static int
raw_from(const scene *s, const char *from)
{
    uint32_t scope = if_nametoindex("nan1");
    struct sockaddr_in6 here = { .sin6_family = AF_INET6, .sin6_scope_id = scope }, there = {
        .sin6_family = AF_INET6, .sin6_scope_id = scope, .sin6_port = htons(s->mdoc_state.own.port)
    };
    int fd = socket(AF_INET6, SOCK_STREAM, 0);

    assert_int_equal(inet_pton(AF_INET6, from, &here.sin6_addr), 1);
    assert_int_equal(inet_pton(AF_INET6, "fe80::1", &there.sin6_addr), 1);
    assert_int_equal(bind(fd, (struct sockaddr *)&here, sizeof(here)), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&there, sizeof(there)), 0);
    return fd;
}

static void
raw_send(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* What comes, until `until` has come or the connection ends. */
static const char *
raw_receive(int fd, const char *until)
{
    static char room[4096];
    size_t len = 0;
    ssize_t got = 1;

    memset(room, 0, sizeof(room));
    while (got > 0 && len < sizeof(room) - 1 && (until == NULL || strstr(room, until) == NULL)) {
        struct pollfd waiting = { .fd = fd, .events = POLLIN };

        assert_int_equal(poll(&waiting, 1, SOON), 1);
        got = recv(fd, room + len, sizeof(room) - 1 - len, 0);
        len += got > 0 ? (size_t)got : 0;
    }
    return room;
}

static scene *
with_raw_reader(int *fd)
{
    scene *s = listening();
    carnet_err err = { 0 };

    *fd = raw_from(s, "fe80::2");
    assert_carnet_ok(carnet_link_wifi_aware_accept(&s->mdoc, &s->mdoc_state, &service, SOON, &err), &err);
    return s;
}

#define HEAD "POST /mdoc HTTP/1.1\r\nHost: [fe80::1]\r\nContent-Type: application/cbor\r\n"

/* --- what should be --- */

static void
carries_messages_both_ways(void **state)
{
    scene *s = connected();

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_carnet_rc(say(&s->reader, "ask"), CARNET_OK);
        assert_hears(s, &s->mdoc, "ask");
        assert_carnet_rc(say(&s->mdoc, "tell"), CARNET_OK);
        assert_hears(s, &s->reader, "tell");
    }
    assert_int_equal(s->reader.traffic.messages_sent, 3);
    assert_int_equal(s->reader.traffic.units_received, 3);
    assert_int_equal(s->reader.traffic.octets_sent, s->mdoc.traffic.octets_received);
    assert_int_equal(s->mdoc.traffic.octets_sent, s->reader.traffic.octets_received);
    finish(s);
}

static void *
echo(void *context)
{
    carnet_link *link = context;
    uint8_t *room = malloc(1 << 21);
    carnet_rc rc = CARNET_OK;

    while (rc == CARNET_OK) {
        carnet_buf got = carnet_buf_of(room, 1 << 21);

        rc = carnet_link_receive(link, &got, 10000, NULL);
        if (rc == CARNET_OK) {
            rc = carnet_link_send(link, carnet_buf_span(&got), 10000, NULL);
        }
    }
    free(room);
    return rc == CARNET_E_LINK_CLOSED ? link : NULL;
}

typedef struct heard {
    size_t calls, done, all;
    bool back;
} heard;

static void
watch(void *context, bool sending, size_t done, size_t all)
{
    heard *h = context;

    h->back |= !sending && done < h->done;
    h->calls += !sending;
    h->done = sending ? 0 : done;
    h->all = all;
}

static void
carries_messages_of_any_size_and_tells_how_far(void **state)
{
    static uint8_t large[1 << 20], back[1 << 20];
    static const size_t sizes[] = { 1, 4095, 4096, 4097, 33000, sizeof(large) };
    scene *s = connected();
    pthread_t thread;
    void *result;

    (void)state;
    for (size_t i = 0; i < sizeof(large); i++) {
        large[i] = (uint8_t)(i * 7 + i / 251);
    }
    s->mdoc_state.reconnect_ms = 10;
    assert_int_equal(pthread_create(&thread, NULL, echo, &s->mdoc), 0);
    for (size_t i = 0; i < CARNET_COUNT(sizes); i++) {
        heard h = { 0 };
        carnet_buf got = carnet_buf_of(back, sizeof(back));

        s->reader.progress = watch;
        s->reader.progress_context = &h;
        assert_carnet_rc(carnet_link_send(&s->reader, carnet_span_of(large, sizes[i]), SOON, NULL), CARNET_OK);
        assert_carnet_rc(carnet_link_receive(&s->reader, &got, SOON, NULL), CARNET_OK);
        assert_span_equal(carnet_buf_span(&got), carnet_span_of(large, sizes[i]));
        assert_true(h.calls > 0 && !h.back && h.done == sizes[i] && h.all == sizes[i]);
    }
    carnet_link_close(&s->reader);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, &s->mdoc);
    finish(s);
}

static void
the_mdoc_may_end_with_its_answer_or_without(void **state)
{
    carnet_err err = { 0 };
    scene *s = connected();

    (void)state;
    assert_carnet_rc(say(&s->reader, "ask"), CARNET_OK);
    assert_hears(s, &s->mdoc, "ask");
    assert_carnet_rc(say(&s->mdoc, "status 20"), CARNET_OK);
    carnet_link_end(&s->mdoc, 100);
    carnet_link_close(&s->mdoc);
    assert_hears(s, &s->reader, "status 20");
    assert_carnet_rc(hear(s, &s->reader, SOON, NULL), CARNET_E_LINK_CLOSED);
    finish(s);
    s = connected();
    assert_carnet_rc(say(&s->reader, "status 20"), CARNET_OK);
    assert_hears(s, &s->mdoc, "status 20");
    carnet_link_end(&s->mdoc, 100);
    carnet_link_end(&s->reader, SOON);
    assert_int_equal(s->reader_state.waiting, 0); /* it has read the empty answer */
    finish(s);
    s = connected();
    assert_carnet_rc(say(&s->reader, "ask"), CARNET_OK);
    assert_hears(s, &s->mdoc, "ask");
    carnet_link_close(&s->mdoc);
    assert_carnet_rc(hear(s, &s->reader, SOON, &err), CARNET_E_LINK_PROTOCOL);
    assert_non_null(strstr(err.reason, "500"));
    finish(s);
}

static void
the_reader_may_go_at_any_time(void **state)
{
    scene *s = connected();

    (void)state;
    s->mdoc_state.reconnect_ms = 20;
    carnet_link_close(&s->reader);
    assert_carnet_rc(hear(s, &s->mdoc, SOON, NULL), CARNET_E_LINK_CLOSED);
    finish(s);
    s = connected();
    s->mdoc_state.reconnect_ms = 20;
    assert_carnet_rc(say(&s->reader, "ask"), CARNET_OK);
    assert_hears(s, &s->mdoc, "ask");
    carnet_link_close(&s->reader);
    assert_carnet_rc(hear(s, &s->mdoc, SOON, NULL), CARNET_E_LINK_CLOSED);
    finish(s);
}

static void
a_second_request_waits_for_the_first_ones_answer(void **state)
{
    scene *s = connected();

    (void)state;
    assert_carnet_rc(say(&s->reader, "ask"), CARNET_OK);
    assert_carnet_rc(say(&s->reader, "enough"), CARNET_OK);
    assert_hears(s, &s->mdoc, "ask");
    assert_hears(s, &s->mdoc, "enough");
    assert_carnet_rc(say(&s->mdoc, "one"), CARNET_OK);
    assert_carnet_rc(say(&s->mdoc, "two"), CARNET_OK);
    assert_carnet_rc(say(&s->mdoc, "three"), CARNET_E_LINK_PROTOCOL); /* nobody asked */
    assert_hears(s, &s->reader, "one");
    assert_hears(s, &s->reader, "two");
    finish(s);
}

/* --- what should not --- */

static const struct {
    const char *what, *request, *answer;
    carnet_rc rc;
} refusals[] = {
    { "another target", "POST / HTTP/1.1\r\n", "HTTP/1.1 404 ", CARNET_E_LINK_PROTOCOL },
    { "another method", "GET /mdoc HTTP/1.1\r\n", "HTTP/1.1 405 ", CARNET_E_LINK_PROTOCOL },
    { "no length", HEAD "\r\n", "HTTP/1.1 411 ", CARNET_E_LINK_PROTOCOL },
    { "chunks", HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "HTTP/1.1 411 ",
      CARNET_E_LINK_PROTOCOL },
    { "too much", HEAD "Content-Length: 4097\r\n\r\n", "HTTP/1.1 413 ", CARNET_E_LINK_TOO_LONG },
    { "no HTTP", "\x16\x03\x01\r\n", "HTTP/1.1 400 ", CARNET_E_LINK_PROTOCOL },
};

static void
a_request_that_is_refused_is_told_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(refusals); i++) {
        int fd;
        scene *s = with_raw_reader(&fd);

        raw_send(fd, refusals[i].request);
        shutdown(fd, SHUT_WR);
        assert_carnet_rc(hear(s, &s->mdoc, SOON, NULL), refusals[i].rc);
        assert_memory_equal(raw_receive(fd, NULL), refusals[i].answer, strlen(refusals[i].answer));
        assert_carnet_rc(hear(s, &s->mdoc, 0, NULL), refusals[i].rc);
        assert_carnet_rc(say(&s->mdoc, "x"), CARNET_E_LINK_CLOSED);
        close(fd);
        finish(s);
    }
}

static void
a_message_in_pieces_is_waited_for_and_not_lost(void **state)
{
    int fd;
    scene *s = with_raw_reader(&fd);

    (void)state;
    assert_carnet_rc(hear(s, &s->mdoc, 0, NULL), CARNET_E_LINK_TIMEOUT);
    raw_send(fd, HEAD "Content-Length: 5\r\n\r\nhe");
    assert_carnet_rc(hear(s, &s->mdoc, 20, NULL), CARNET_E_LINK_TIMEOUT);
    raw_send(fd, "lloPOST /md");
    assert_hears(s, &s->mdoc, "hello");
    assert_carnet_rc(say(&s->mdoc, "there"), CARNET_OK);
    assert_non_null(strstr(raw_receive(fd, "there"), "HTTP/1.1 200 OK\r\n"));
    raw_send(fd, "oc HTTP/1.1\r\nHost: x\r\nContent-Type: application/cbor\r\nContent-Length: 2\r\n\r\nhi");
    assert_hears(s, &s->mdoc, "hi");
    close(fd);
    finish(s);
}

static void
a_reader_that_trickles_is_ended(void **state)
{
    int fd;
    scene *s = with_raw_reader(&fd);
    carnet_rc rc = CARNET_OK;

    (void)state;
    s->mdoc_state.message_ms = 100;
    for (int i = 0; i < 100 && rc != CARNET_E_LINK_PROTOCOL; i++) {
        (void)send(fd, &(HEAD)[i], 1, MSG_NOSIGNAL);
        rc = hear(s, &s->mdoc, 10, NULL);
        assert_true(rc == CARNET_E_LINK_TIMEOUT || rc == CARNET_E_LINK_PROTOCOL);
    }
    assert_int_equal(rc, CARNET_E_LINK_PROTOCOL);
    assert_non_null(strstr(raw_receive(fd, NULL), "HTTP/1.1 408 "));
    close(fd);
    finish(s);
}

static void
half_a_message_is_a_connection_lost(void **state)
{
    int fd;
    scene *s = with_raw_reader(&fd);

    (void)state;
    raw_send(fd, HEAD "Content-Length: 5\r\n\r\nhe");
    close(fd);
    assert_carnet_rc(hear(s, &s->mdoc, SOON, NULL), CARNET_E_LINK_LOST);
    finish(s);
}

static void
a_reader_may_connect_again_and_no_other(void **state)
{
    int fd, other;
    scene *s = with_raw_reader(&fd);

    (void)state;
    raw_send(fd, HEAD "Connection: close\r\nContent-Length: 3\r\n\r\nask");
    assert_hears(s, &s->mdoc, "ask");
    assert_carnet_rc(say(&s->mdoc, "tell"), CARNET_OK);
    assert_non_null(strstr(raw_receive(fd, NULL), "Connection: close\r\n\r\ntell"));
    close(fd);
    other = raw_from(s, "fe80::3");
    raw_send(other, HEAD "Content-Length: 5\r\n\r\nother");
    fd = raw_from(s, "fe80::2");
    raw_send(fd, HEAD "Content-Length: 4\r\n\r\nmore");
    assert_hears(s, &s->mdoc, "more");
    assert_carnet_rc(say(&s->mdoc, "tell"), CARNET_OK);
    assert_non_null(strstr(raw_receive(fd, "tell"), "\r\n\r\ntell"));
    close(fd); /* without a word: and back within the time there is */
    fd = raw_from(s, "fe80::2");
    raw_send(fd, HEAD "Content-Length: 4\r\n\r\nlast");
    assert_hears(s, &s->mdoc, "last");
    close(fd);
    close(other);
    finish(s);
}

static void
a_body_may_wait_to_be_asked_for(void **state)
{
    int fd;
    scene *s = with_raw_reader(&fd);

    (void)state;
    raw_send(fd, HEAD "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    assert_carnet_rc(hear(s, &s->mdoc, 20, NULL), CARNET_E_LINK_TIMEOUT);
    assert_string_equal(raw_receive(fd, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    raw_send(fd, "hello");
    assert_hears(s, &s->mdoc, "hello");
    close(fd);
    finish(s);
}

/* --- who is not there --- */

static carnet_rc
refuse_publish(carnet_nan *nan, const carnet_wifi_aware_service *published, uint16_t port, int timeout_ms,
               carnet_err *err)
{
    int *calls = nan->state;

    ++*calls;
    assert_ptr_equal(published, &service);
    assert_int_not_equal(port, 0);
    assert_int_equal(timeout_ms, 50);
    return carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, "the radio is off");
}

static int ended;

static void
count_end(carnet_nan *nan)
{
    (void)nan;
    ended++;
}

static void
who_is_not_there_is_told_apart(void **state)
{
    scene *s = listening();
    carnet_nan_ops ops = *s->mdoc_nan.ops;
    carnet_rc (*real)(carnet_nan *, const carnet_wifi_aware_service *, uint16_t, int, carnet_err *) = ops.publish;
    uint16_t port = s->mdoc_state.own.port;
    int calls = 0;

    (void)state;
    assert_carnet_rc(carnet_nan_over_network(&s->reader_nan, "nan7", NULL, 0, NULL), CARNET_E_LINK_ABSENT);
    assert_carnet_rc(carnet_nan_over_network(&s->reader_nan, "nan1", "::1", port, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_nan_over_network(&s->reader_nan, "nan1", "fe80::1%nan1", port, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_nan_over_network(&s->reader_nan, "nan1", "fe80::1", 0, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_nan_over_network(&s->reader_nan, "lo", NULL, 0, NULL), CARNET_OK);
    assert_carnet_rc(carnet_link_wifi_aware_listen(&s->reader_state, &s->reader_nan, NULL), CARNET_E_LINK_ABSENT);
    assert_carnet_rc(carnet_nan_over_network(&s->reader_nan, "nan1", NULL, 0, NULL), CARNET_OK);
    assert_carnet_rc(carnet_link_wifi_aware_connect(&s->reader, &s->reader_state, &s->reader_nan, &service, 50, NULL),
                     CARNET_E_USAGE);
    ops.publish = refuse_publish;
    ops.end = count_end;
    s->mdoc_nan.ops = &ops;
    s->mdoc_nan.state = &calls;
    assert_carnet_rc(carnet_link_wifi_aware_accept(&s->mdoc, &s->mdoc_state, &service, 50, NULL), CARNET_E_LINK_ABSENT);
    assert_int_equal(calls, 1);
    ops.publish = real;
    assert_carnet_rc(carnet_link_wifi_aware_accept(&s->mdoc, &s->mdoc_state, &service, 50, NULL),
                     CARNET_E_LINK_TIMEOUT);
    ops.publish = refuse_publish; /* which is not asked again */
    assert_carnet_rc(carnet_link_wifi_aware_accept(&s->mdoc, &s->mdoc_state, &service, 50, NULL),
                     CARNET_E_LINK_TIMEOUT);
    assert_int_equal(calls, 1);
    assert_null(s->mdoc.ops);
    finish(s);
    assert_int_equal(ended, 1);
    assert_carnet_rc(carnet_nan_over_network(&s->reader_nan, "nan1", "fe80::1", port, NULL), CARNET_OK);
    assert_carnet_rc(carnet_link_wifi_aware_connect(&s->reader, &s->reader_state, &s->reader_nan, &service, 50, NULL),
                     CARNET_E_LINK_TIMEOUT);
    assert_carnet_rc(carnet_link_wifi_aware_accept(&s->mdoc, &s->mdoc_state, &service, 50, NULL), CARNET_E_USAGE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carries_messages_both_ways),
        cmocka_unit_test(carries_messages_of_any_size_and_tells_how_far),
        cmocka_unit_test(the_mdoc_may_end_with_its_answer_or_without),
        cmocka_unit_test(the_reader_may_go_at_any_time),
        cmocka_unit_test(a_second_request_waits_for_the_first_ones_answer),
        cmocka_unit_test(a_request_that_is_refused_is_told_why),
        cmocka_unit_test(a_message_in_pieces_is_waited_for_and_not_lost),
        cmocka_unit_test(a_reader_that_trickles_is_ended),
        cmocka_unit_test(half_a_message_is_a_connection_lost),
        cmocka_unit_test(a_reader_may_connect_again_and_no_other),
        cmocka_unit_test(a_body_may_wait_to_be_asked_for),
        cmocka_unit_test(who_is_not_there_is_told_apart),
    };
    const char *why = NULL;

    if (!test_network_enter(&why)) {
        no_network = why;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
