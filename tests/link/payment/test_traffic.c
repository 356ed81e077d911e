/* SPDX-License-Identifier: Apache-2.0 */
/* Octets that come in pieces, together, too long, or not at all; peers that go, or do not read. */
#include "world.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HELLO CARNET_TEST_BYTES("\x00\x05hello")

static void
a_message_in_single_octets_arrives_whole(void **state)
{
    static world w;
    int fd;

    (void)state;
    world_begin(&w, "post", NULL);
    fd = plain_connect(world_port(&w));
    world_until(&w, &w.ups, 1);
    for (size_t i = 0; i < HELLO.len; i++) {
        assert_int_equal(w.frames, 0);
        plain_write(fd, carnet_span_of(HELLO.ptr + i, 1));
        world_for(&w, 5);
    }
    world_until_frames(&w, 1);
    assert_string_equal(w.last, "hello");
    assert_int_equal(carnet_payment_count(w.loop).octets_in, HELLO.len);
    assert_int_equal(close(fd), 0);
    world_end(&w);
}

static void
all_frames_of_a_read_are_one_batch_and_the_rest_waits(void **state)
{
    static world w;
    int fd;

    (void)state;
    world_begin(&w, "post", NULL);
    fd = plain_connect(world_port(&w));
    world_until(&w, &w.ups, 1);
    plain_write(fd, CARNET_TEST_BYTES("\x00\x01"
                                      "1\x00\x02"
                                      "22\x00\x03"
                                      "333\x00\x04"
                                      "44"));
    world_until_frames(&w, 3);
    assert_int_equal(w.batches, 1);
    assert_int_equal(w.largest, 3);
    assert_string_equal(w.last, "333");
    plain_write(fd, CARNET_TEST_BYTES("44\x00"));
    world_until_frames(&w, 4);
    assert_string_equal(w.last, "4444");
    plain_write(fd, CARNET_TEST_BYTES("\x01"
                                      "5"));
    world_until_frames(&w, 5);
    assert_string_equal(w.last, "5");
    assert_int_equal(w.batches, 3);
    assert_int_equal(close(fd), 0);
    world_end(&w);
}

static void
more_frames_than_a_batch_holds_come_in_order(void **state)
{
    enum { COUNT = 2000 };
    static uint8_t octets[COUNT * 3];
    static world w;
    int fd;

    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        memcpy(octets + 3 * i, (const uint8_t[]){ 0, 1, (uint8_t)i }, 3);
    world_begin(&w, "post", NULL);
    w.answers = true;
    fd = plain_connect(world_port(&w));
    world_until(&w, &w.ups, 1);
    plain_write(fd, carnet_span_of(octets, sizeof(octets)));
    world_until_frames(&w, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(w.kept[i], (uint8_t)i);
    assert_in_range(w.largest, 1, 512);
    plain_expect(&w, fd, carnet_span_of(octets, sizeof(octets)));
    assert_int_equal(carnet_payment_count(w.loop).frames_out, COUNT);
    assert_int_equal(close(fd), 0);
    world_end(&w);
}

static void
the_longest_message_passes_and_a_longer_one_ends_it(void **state)
{
    const carnet_payment_end_config change = { .frame_max = 100 };
    uint8_t octets[102] = { 0, 100, 'x' };
    static world w;
    int fd;

    (void)state;
    world_begin(&w, "post", &change);
    fd = plain_connect(world_port(&w));
    world_until(&w, &w.ups, 1);
    plain_write(fd, carnet_span_of(octets, sizeof(octets)));
    world_until_frames(&w, 1);
    assert_int_equal(w.lengths[0], 100);
    octets[1] = 101;
    plain_write(fd, carnet_span_of(octets, 2)); /* the length alone is enough */
    world_until(&w, &w.downs, 1);
    assert_carnet_rc(w.why.rc, CARNET_E_LINK_PROTOCOL);
    assert_int_equal(w.frames, 1);
    plain_expect_end(&w, fd);
    world_end(&w);
}

static void
what_is_no_frame_ends_it_after_the_frames_before(void **state)
{
    static world w;
    int fd;

    (void)state;
    world_begin(&w, "ascii4", NULL);
    fd = plain_connect(world_port(&w));
    world_until(&w, &w.ups, 1);
    plain_write(fd, CARNET_TEST_BYTES("0005helloGET / HTTP/1.1"));
    world_until(&w, &w.downs, 1);
    assert_int_equal(w.frames, 1);
    assert_string_equal(w.last, "hello");
    assert_carnet_rc(w.why.rc, CARNET_E_LINK_PROTOCOL);
    plain_expect_end(&w, fd);
    world_end(&w);
}

static void
a_frame_that_is_never_finished_ends_it(void **state)
{
    const carnet_payment_end_config change = { .frame_ms = 100 };
    static world w;
    int fd;

    (void)state;
    world_begin(&w, "post", &change);
    fd = plain_connect(world_port(&w));
    world_until(&w, &w.ups, 1);
    world_for(&w, 250); /* nothing began: nothing is over */
    assert_int_equal(w.downs, 0);
    plain_write(fd, carnet_span_of(HELLO.ptr, 4));
    world_until(&w, &w.downs, 1);
    assert_carnet_rc(w.why.rc, CARNET_E_LINK_TIMEOUT);
    plain_expect_end(&w, fd);
    world_end(&w);
}

/* What a half-open connection looks like: nothing comes, not even its end. */
static void
a_silent_peer_is_given_up_where_that_was_asked_for(void **state)
{
    const carnet_payment_end_config change = { .idle_ms = 300 };
    static world w;
    int fd;

    (void)state;
    world_begin(&w, "post", &change);
    fd = plain_connect(world_port(&w));
    world_until(&w, &w.ups, 1);
    plain_write(fd, HELLO);
    world_until_frames(&w, 1);
    world_until(&w, &w.downs, 1);
    assert_carnet_rc(w.why.rc, CARNET_E_LINK_TIMEOUT);
    plain_expect_end(&w, fd);
    world_end(&w);
}

static void
says_how_a_peer_went(void **state)
{
    static const struct {
        size_t octets; /* of one frame of seven */
        bool abruptly;
        carnet_rc rc;
    } rows[] = { { 0, false, CARNET_E_LINK_CLOSED },
                 { 7, false, CARNET_E_LINK_CLOSED },
                 { 1, false, CARNET_E_LINK_LOST },
                 { 6, false, CARNET_E_LINK_LOST },
                 { 0, true, CARNET_E_LINK_LOST } };
    const struct linger at_once = { .l_onoff = 1 };
    static world w;

    (void)state;
    world_begin(&w, "post", NULL);
    for (unsigned i = 0; i < CARNET_COUNT(rows); i++) {
        const int fd = plain_connect(world_port(&w));

        world_until(&w, &w.ups, i + 1);
        plain_write(fd, carnet_span_of(HELLO.ptr, rows[i].octets));
        if (rows[i].abruptly)
            assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
        assert_int_equal(close(fd), 0);
        world_until(&w, &w.downs, i + 1);
        assert_carnet_rc(w.why.rc, rows[i].rc);
    }
    assert_int_equal(w.frames, 1);
    world_end(&w);
}

static void
a_peer_that_only_ended_its_own_side_gets_its_answers(void **state)
{
    static world w;
    int fd;

    (void)state;
    world_begin(&w, "post", NULL);
    w.answers = true;
    fd = plain_connect(world_port(&w));
    plain_write(fd, HELLO);
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    plain_expect(&w, fd, HELLO);
    plain_expect_end(&w, fd);
    world_until(&w, &w.downs, 1);
    assert_carnet_rc(w.why.rc, CARNET_E_LINK_CLOSED);
    world_end(&w);
}

static void
a_peer_that_does_not_read_does_not_fill_the_memory(void **state)
{
    enum { MESSAGE = 8000, LIMIT = 100000, MUCH = 4000 };
    const carnet_payment_end_config change = { .unsent_max = LIMIT };
    static uint8_t message[MESSAGE];
    carnet_rc rc = CARNET_OK;
    unsigned sent = 0;
    static world w;
    int fd;

    (void)state;
    world_begin(&w, "post", &change);
    fd = plain_connect(world_port(&w));
    world_until(&w, &w.ups, 1);
    while (rc == CARNET_OK && sent++ < MUCH) {
        rc = carnet_payment_send(w.peer, (carnet_span){ 0 }, carnet_span_of(message, MESSAGE), NULL);
        if (rc == CARNET_OK && sent % 8 == 0)
            world_for(&w, 1);
    }
    assert_carnet_rc(rc, CARNET_E_LINK_TOO_LONG);
    assert_carnet_rc(carnet_payment_send(w.peer, (carnet_span){ 0 }, HELLO, NULL), CARNET_E_LINK_CLOSED);
    world_until(&w, &w.downs, 1);
    assert_carnet_rc(w.why.rc, CARNET_E_LINK_TOO_LONG);
    assert_int_equal(close(fd), 0);
    world_end(&w);
}

static void
a_length_the_framing_cannot_say_is_refused_and_harmless(void **state)
{
    static uint8_t message[10000];
    static world w;
    int fd;

    (void)state;
    world_begin(&w, "ascii4", NULL);
    fd = plain_connect(world_port(&w));
    world_until(&w, &w.ups, 1);
    assert_carnet_rc(carnet_payment_send(w.peer, (carnet_span){ 0 }, carnet_span_of(message, 10000), NULL),
                     CARNET_E_LINK_TOO_LONG);
    assert_carnet_rc(carnet_payment_send(w.peer, (carnet_span){ 0 }, CARNET_TEST_BYTES("hi"), NULL), CARNET_OK);
    plain_expect(&w, fd, CARNET_TEST_BYTES("0002hi"));
    assert_int_equal(close(fd), 0);
    world_end(&w);
}

static void
a_sign_of_life_is_sent_back_and_not_handed_over(void **state)
{
    static world w;
    int fd;

    (void)state;
    world_begin(&w, "post", NULL);
    fd = plain_connect(world_port(&w));
    plain_write(fd, CARNET_TEST_BYTES("\x00\x00\x00\x00"));
    plain_expect(&w, fd, CARNET_TEST_BYTES("\x00\x00\x00\x00"));
    assert_int_equal(w.frames, 0);
    assert_int_equal(close(fd), 0);
    world_end(&w);
}

static void
an_answer_turns_the_addresses_of_a_tpdu(void **state)
{
    static world w;
    int fd;

    (void)state;
    world_begin(&w, "nac", NULL);
    w.answers = true;
    fd = plain_connect(world_port(&w));
    plain_write(fd, CARNET_TEST_BYTES("\x00\x07\x60\x00\x01\x12\x34hi"));
    plain_expect(&w, fd, CARNET_TEST_BYTES("\x00\x07\x60\x12\x34\x00\x01hi"));
    assert_int_equal(close(fd), 0);
    world_end(&w);
}

static void
a_peer_that_is_dismissed_gets_what_was_queued(void **state)
{
    static world w;
    int fd;

    (void)state;
    world_begin(&w, "post", NULL);
    fd = plain_connect(world_port(&w));
    world_until(&w, &w.ups, 1);
    assert_carnet_rc(carnet_payment_send(w.peer, (carnet_span){ 0 }, CARNET_TEST_BYTES("hello"), NULL), CARNET_OK);
    carnet_payment_end_peer(w.peer);
    assert_carnet_rc(carnet_payment_send(w.peer, (carnet_span){ 0 }, HELLO, NULL), CARNET_E_LINK_CLOSED);
    plain_expect(&w, fd, HELLO);
    plain_expect_end(&w, fd);
    world_until(&w, &w.downs, 1);
    assert_carnet_rc(w.why.rc, CARNET_E_LINK_CLOSED);
    world_end(&w);
}

static void
an_end_that_is_full_refuses_more(void **state)
{
    const carnet_payment_end_config change = { .connections = 1 };
    static world w;
    int first, second;

    (void)state;
    world_begin(&w, "post", &change);
    first = plain_connect(world_port(&w));
    world_until(&w, &w.ups, 1);
    second = plain_connect(world_port(&w));
    plain_expect_end(&w, second);
    assert_int_equal(carnet_payment_count(w.loop).refused, 1);
    assert_int_equal(w.ups, 1);
    assert_int_equal(close(first), 0);
    world_until(&w, &w.downs, 1);
    first = plain_connect(world_port(&w));
    world_until(&w, &w.ups, 2);
    assert_int_equal(close(first), 0);
    world_end(&w);
}

static void
many_connections_share_a_loop(void **state)
{
    enum { MANY = 100 };
    int fds[MANY];
    static world w;

    (void)state;
    world_begin(&w, "post", NULL);
    w.answers = true;
    for (unsigned i = 0; i < MANY; i++)
        fds[i] = plain_connect(world_port(&w));
    world_until(&w, &w.ups, MANY);
    for (unsigned i = 0; i < MANY; i++)
        plain_write(fds[i], carnet_span_of((const uint8_t[]){ 0, 2, (uint8_t)i, 7 }, 4));
    for (unsigned i = 0; i < MANY; i++)
        plain_expect(&w, fds[i], carnet_span_of((const uint8_t[]){ 0, 2, (uint8_t)i, 7 }, 4));
    for (unsigned i = 0; i < MANY; i++)
        assert_int_equal(close(fds[i]), 0);
    world_until(&w, &w.downs, MANY);
    world_end(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_in_single_octets_arrives_whole),
        cmocka_unit_test(all_frames_of_a_read_are_one_batch_and_the_rest_waits),
        cmocka_unit_test(more_frames_than_a_batch_holds_come_in_order),
        cmocka_unit_test(the_longest_message_passes_and_a_longer_one_ends_it),
        cmocka_unit_test(what_is_no_frame_ends_it_after_the_frames_before),
        cmocka_unit_test(a_frame_that_is_never_finished_ends_it),
        cmocka_unit_test(a_silent_peer_is_given_up_where_that_was_asked_for),
        cmocka_unit_test(says_how_a_peer_went),
        cmocka_unit_test(a_peer_that_only_ended_its_own_side_gets_its_answers),
        cmocka_unit_test(a_peer_that_does_not_read_does_not_fill_the_memory),
        cmocka_unit_test(a_length_the_framing_cannot_say_is_refused_and_harmless),
        cmocka_unit_test(a_sign_of_life_is_sent_back_and_not_handed_over),
        cmocka_unit_test(an_answer_turns_the_addresses_of_a_tpdu),
        cmocka_unit_test(a_peer_that_is_dismissed_gets_what_was_queued),
        cmocka_unit_test(an_end_that_is_full_refuses_more),
        cmocka_unit_test(many_connections_share_a_loop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
