/* SPDX-License-Identifier: Apache-2.0 */
/* Whole sessions over a link, on every curve, with every fault at every message, ended by either side at any moment. */
#include "stage.h"

#include <string.h>

#define LATE_MS 3600000 /* or when the faults are taken back */

static world *
the_world(void)
{
    static world w;
    static bool made;

    if (!made) {
        world_begin(&w, CARNET_CURVE_P256);
        world_hold_mdl(&w);
        made = true;
    }
    return &w;
}

static void
assert_ending(const char *what, const char *who, ending got, ending expected)
{
    if (got.why != expected.why || got.said != expected.said || got.heard != expected.heard) {
        fail_msg("%s: the %s: %s, said %u, heard %u", what, who, carnet_rc_name(got.why), (unsigned)got.said,
                 (unsigned)got.heard);
    }
}

static void
every_curve_carries_several_requests(void **state)
{
    size_t curves = 0;

    (void)state;
    for (size_t i = 0; carnet_curve_at(i) != NULL; i++) {
        static stage s;

        if (!carnet_curve_at(i)->agrees) {
            continue;
        }
        curves++;
        stage_begin(&s, the_world(), carnet_curve_at(i)->curve);
        stage_run(&s);
        assert_int_equal(s.reader.messages, REQUESTS);
        assert_int_equal(s.mdoc.messages, REQUESTS);
        assert_ending(carnet_curve_at(i)->name, "reader", s.reader.end, (ending){ CARNET_OK, 20, 0 });
        assert_ending(carnet_curve_at(i)->name, "mdoc", s.mdoc.end, (ending){ CARNET_OK, 0, 20 });
        assert_int_equal(s.now, 0);
        stage_assert_over(&s);
        stage_done(&s);
    }
    assert_int_equal(curves, 9);
}

/* --- faults --- */

#define LAST_REQUEST (REQUESTS - 1)
#define GOODBYE      REQUESTS /* the reader's status 20 */

/* A fault of a message of one side, from the first of this number to the last; what stops the reader and the mdoc; how
 * many answers and requests more than the message's number were right; and when, on the session's clock. */
static const struct {
    const char *what;
    carnet_link_fault_kind kind;
    size_t amount;
    bool from_reader;
    unsigned first, last;
    ending reader, mdoc;
    unsigned answers, requests;
    int64_t at;
} faults[] = {
    { "the establishment is lost",
      CARNET_LINK_FAULT_DROP,
      0,
      true,
      0,
      0,
      { CARNET_OK, 0, 20 },
      { CARNET_E_SESSION_TIMEOUT, 20, 0 },
      0,
      0,
      30000 },
    { "a request is lost",
      CARNET_LINK_FAULT_DROP,
      0,
      true,
      1,
      LAST_REQUEST,
      { CARNET_OK, 0, 20 },
      { CARNET_E_SESSION_TIMEOUT, 20, 0 },
      0,
      0,
      300000 },
    { "the reader's goodbye is lost",
      CARNET_LINK_FAULT_DROP,
      0,
      true,
      GOODBYE,
      GOODBYE,
      { CARNET_OK, 20, 0 },
      { CARNET_E_SESSION_TIMEOUT, 20, 0 },
      0,
      0,
      300000 },
    { "an answer is lost",
      CARNET_LINK_FAULT_DROP,
      0,
      false,
      0,
      LAST_REQUEST,
      { CARNET_OK, 0, 20 },
      { CARNET_E_SESSION_TIMEOUT, 20, 0 },
      0,
      1,
      300000 },

    { "a request comes twice",
      CARNET_LINK_FAULT_REPEAT,
      0,
      true,
      0,
      LAST_REQUEST - 1,
      { CARNET_OK, 0, 10 },
      { CARNET_E_SESSION_DECRYPT, 10, 0 },
      1,
      1,
      0 },
    { "the last request comes twice",
      CARNET_LINK_FAULT_REPEAT,
      0,
      true,
      LAST_REQUEST,
      LAST_REQUEST,
      { CARNET_OK, 20, 0 },
      { CARNET_E_SESSION_DECRYPT, 10, 0 },
      1,
      1,
      0 },
    { "the reader's goodbye comes twice",
      CARNET_LINK_FAULT_REPEAT,
      0,
      true,
      GOODBYE,
      GOODBYE,
      { CARNET_OK, 20, 0 },
      { CARNET_OK, 0, 20 },
      0,
      0,
      0 },
    { "an answer comes twice",
      CARNET_LINK_FAULT_REPEAT,
      0,
      false,
      0,
      LAST_REQUEST - 1,
      { CARNET_E_SESSION_DECRYPT, 10, 0 },
      { CARNET_OK, 0, 10 },
      1,
      2,
      0 },
    { "the last answer comes twice",
      CARNET_LINK_FAULT_REPEAT,
      0,
      false,
      LAST_REQUEST,
      LAST_REQUEST,
      { CARNET_OK, 20, 0 },
      { CARNET_OK, 0, 20 },
      1,
      1,
      0 },

    { "a request is cut off",
      CARNET_LINK_FAULT_TRUNCATE,
      5,
      true,
      0,
      LAST_REQUEST,
      { CARNET_OK, 0, 11 },
      { CARNET_E_CBOR_TRUNCATED, 11, 0 },
      0,
      0,
      0 },
    { "nothing is left of a request",
      CARNET_LINK_FAULT_TRUNCATE,
      0,
      true,
      0,
      LAST_REQUEST,
      { CARNET_OK, 0, 11 },
      { CARNET_E_CBOR_TRUNCATED, 11, 0 },
      0,
      0,
      0 },
    { "the reader's goodbye is cut off",
      CARNET_LINK_FAULT_TRUNCATE,
      5,
      true,
      GOODBYE,
      GOODBYE,
      { CARNET_OK, 20, 0 },
      { CARNET_E_CBOR_TRUNCATED, 11, 0 },
      0,
      0,
      0 },
    { "an answer is cut off",
      CARNET_LINK_FAULT_TRUNCATE,
      5,
      false,
      0,
      LAST_REQUEST,
      { CARNET_E_CBOR_TRUNCATED, 11, 0 },
      { CARNET_OK, 0, 11 },
      0,
      1,
      0 },

    { "a request is altered",
      CARNET_LINK_FAULT_ALTER,
      MESSAGE,
      true,
      0,
      LAST_REQUEST,
      { CARNET_OK, 0, 10 },
      { CARNET_E_SESSION_DECRYPT, 10, 0 },
      0,
      0,
      0 },
    { "the reader's goodbye is altered",
      CARNET_LINK_FAULT_ALTER,
      MESSAGE,
      true,
      GOODBYE,
      GOODBYE,
      { CARNET_OK, 20, 0 },
      { CARNET_OK, 0, 21 },
      0,
      0,
      0 },
    { "an answer is altered",
      CARNET_LINK_FAULT_ALTER,
      MESSAGE,
      false,
      0,
      LAST_REQUEST,
      { CARNET_E_SESSION_DECRYPT, 10, 0 },
      { CARNET_OK, 0, 10 },
      0,
      1,
      0 },

    { "the establishment is overtaken by nothing",
      CARNET_LINK_FAULT_REORDER,
      0,
      true,
      0,
      0,
      { CARNET_OK, 0, 20 },
      { CARNET_E_SESSION_TIMEOUT, 20, 0 },
      0,
      0,
      30000 },
    { "a request is overtaken by nothing",
      CARNET_LINK_FAULT_REORDER,
      0,
      true,
      1,
      LAST_REQUEST,
      { CARNET_OK, 0, 20 },
      { CARNET_E_SESSION_TIMEOUT, 20, 0 },
      0,
      0,
      300000 },
    { "an answer is overtaken by the mdoc's goodbye",
      CARNET_LINK_FAULT_REORDER,
      0,
      false,
      0,
      LAST_REQUEST,
      { CARNET_OK, 0, 20 },
      { CARNET_E_SESSION_TIMEOUT, 20, 0 },
      0,
      1,
      300000 },

    { "the establishment is late",
      CARNET_LINK_FAULT_DELAY,
      LATE_MS,
      true,
      0,
      0,
      { CARNET_OK, 0, 20 },
      { CARNET_E_SESSION_TIMEOUT, 20, 0 },
      0,
      0,
      30000 },
    { "a request is late",
      CARNET_LINK_FAULT_DELAY,
      LATE_MS,
      true,
      1,
      LAST_REQUEST,
      { CARNET_OK, 0, 20 },
      { CARNET_E_SESSION_TIMEOUT, 20, 0 },
      0,
      0,
      300000 },
    { "the reader's goodbye is late",
      CARNET_LINK_FAULT_DELAY,
      LATE_MS,
      true,
      GOODBYE,
      GOODBYE,
      { CARNET_OK, 20, 0 },
      { CARNET_E_SESSION_TIMEOUT, 20, 0 },
      0,
      0,
      300000 },
    { "an answer is late",
      CARNET_LINK_FAULT_DELAY,
      LATE_MS,
      false,
      0,
      LAST_REQUEST,
      { CARNET_E_SESSION_TIMEOUT, 20, 0 },
      { CARNET_E_SESSION_TIMEOUT, 20, 0 },
      0,
      1,
      300000 },

    { "the connection breaks at a request",
      CARNET_LINK_FAULT_CLOSE,
      0,
      true,
      0,
      GOODBYE,
      { CARNET_E_LINK_LOST, 0, 0 },
      { CARNET_E_LINK_LOST, 0, 0 },
      0,
      0,
      0 },
    { "the connection breaks at an answer",
      CARNET_LINK_FAULT_CLOSE,
      0,
      false,
      0,
      LAST_REQUEST,
      { CARNET_E_LINK_LOST, 0, 0 },
      { CARNET_E_LINK_LOST, 0, 0 },
      0,
      1,
      0 },
};

static void
every_fault_at_every_message_stops_both_sides_and_says_why(void **state)
{
    static stage s;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(faults); i++) {
        for (unsigned n = faults[i].first; n <= faults[i].last; n++) {
            carnet_link_fault fault = { faults[i].kind, n, faults[i].amount };

            stage_begin(&s, the_world(), CARNET_CURVE_P256);
            assert_carnet_ok(
                carnet_link_memory_faults(faults[i].from_reader ? &s.reader.link : &s.mdoc.link, &fault, 1, NULL),
                NULL);
            stage_run(&s);
            assert_ending(faults[i].what, "reader", s.reader.end, faults[i].reader);
            assert_ending(faults[i].what, "mdoc", s.mdoc.end, faults[i].mdoc);
            assert_int_equal(s.reader.messages, n + faults[i].answers);
            assert_int_equal(s.mdoc.messages, n + faults[i].requests);
            assert_int_equal(s.now, faults[i].at);
            if (s.reader.link.ops != NULL && s.mdoc.link.ops != NULL) { /* what is late arrives now */
                assert_carnet_ok(carnet_link_memory_faults(&s.reader.link, NULL, 0, NULL), NULL);
                assert_carnet_ok(carnet_link_memory_faults(&s.mdoc.link, NULL, 0, NULL), NULL);
            }
            stage_assert_over(&s);
            stage_done(&s);
        }
    }
}

/* One message, cut at each length in turn: structure or encryption is wrong, never a request or an answer. */
static void
cut_everywhere(bool from_reader)
{
    static stage s;
    size_t len = SIZE_MAX;

    for (size_t amount = 0; amount < len; amount += 3) {
        carnet_link_fault fault = { CARNET_LINK_FAULT_TRUNCATE, 0, amount };
        const side *victim = from_reader ? &s.mdoc : &s.reader;

        stage_begin(&s, the_world(), CARNET_CURVE_P256);
        assert_carnet_ok(carnet_link_memory_faults(from_reader ? &s.reader.link : &s.mdoc.link, &fault, 1, NULL), NULL);
        assert_true(stage_reader_step(&s));
        len = s.reader.link.traffic.octets_sent;
        if (!from_reader) {
            assert_true(stage_mdoc_step(&s));
            len = s.mdoc.link.traffic.octets_sent;
        }
        stage_run(&s);
        assert_int_equal(victim->messages, 0);
        assert_true(victim->end.why != CARNET_OK && (victim->end.said == 11 || victim->end.said == 10));
        stage_assert_over(&s);
        stage_done(&s);
    }
    assert_in_range(len, 200, MESSAGE);
}

static void
a_first_message_cut_anywhere_is_no_message(void **state)
{
    (void)state;
    cut_everywhere(true);
    cut_everywhere(false);
}

/* --- ends --- */

/* Let both take steps in turn, `steps` of them; false: the session was over before. */
static bool
advance(stage *s, unsigned steps)
{
    for (unsigned i = 0; i < steps; i++) {
        (void)(i % 2 == 0 ? stage_reader_step(s) : stage_mdoc_step(s));
    }
    return !s->reader.over && !s->mdoc.over;
}

static void
either_side_ends_at_any_moment_and_the_other_hears_it(void **state)
{
    static stage s;
    unsigned moments = 0;

    (void)state;
    for (unsigned n = 0; n < 20; n++) {
        bool reader = n % 2 == 0, going;

        for (int again = 0; again < 2; again++, reader = !reader) {
            stage_begin(&s, the_world(), CARNET_CURVE_P256);
            going = advance(&s, n);
            moments += going;
            if (going) {
                (reader ? stage_reader_end : stage_mdoc_end)(&s, CARNET_SESSION_TERMINATION);
            }
            stage_run(&s);
            if (going) {
                assert_ending("who ends", reader ? "reader" : "mdoc", reader ? s.reader.end : s.mdoc.end,
                              (ending){ CARNET_OK, 20, 0 });
                ending heard = reader ? s.mdoc.end : s.reader.end;

                /* Or was about to say the same. */
                assert_int_equal(heard.why, CARNET_OK);
                assert_true((heard.heard == 20 && heard.said == 0) ||
                            (heard.heard == 0 && heard.said == 20 && !reader));
            }
            assert_int_equal(s.now, 0);
            stage_assert_over(&s);
            stage_done(&s);
        }
    }
    assert_in_range(moments, 12, 40);
}

static void
either_side_may_hang_up_at_any_moment(void **state)
{
    static stage s;

    (void)state;
    for (unsigned n = 0; n < 20; n++) {
        for (int reader = 0; reader < 2; reader++) {
            const side *other = reader ? &s.mdoc : &s.reader;
            bool going;

            stage_begin(&s, the_world(), CARNET_CURVE_P256);
            going = advance(&s, n);
            if (going) {
                stage_hang_up(reader ? &s.reader : &s.mdoc);
            }
            stage_run(&s);
            if (going) {
                assert_ending("who is left", reader ? "mdoc" : "reader", other->end,
                              (ending){ CARNET_E_LINK_CLOSED, 0, 0 });
            }
            assert_int_equal(s.now, 0);
            stage_assert_over(&s);
            stage_done(&s);
        }
    }
}

static void
an_answer_may_end_the_session_with_it(void **state)
{
    static stage s;

    (void)state;
    stage_begin(&s, the_world(), CARNET_CURVE_P256);
    assert_true(stage_reader_step(&s));
    {
        carnet_buf got = carnet_buf_of(s.t.message, sizeof(s.t.message));

        assert_carnet_rc(carnet_link_receive(&s.mdoc.link, &got, 0, NULL), CARNET_OK);
        s.t.len = got.len;
    }
    assert_carnet_ok(talk_hear(&s.t), &s.t.w->err);
    talk_consent(&s.t, true);
    assert_carnet_ok(talk_answer(&s.t, CARNET_SESSION_TERMINATION), &s.t.w->err);
    assert_carnet_rc(carnet_link_send(&s.mdoc.link, carnet_span_of(s.t.message, s.t.len), 0, NULL), CARNET_OK);
    stage_hang_up(&s.mdoc);
    assert_true(stage_reader_step(&s));
    assert_int_equal(s.reader.messages, 1); /* judged, and valid */
    assert_ending("an answer with 20", "reader", s.reader.end, (ending){ CARNET_OK, 0, 20 });
    stage_assert_over(&s);
    stage_done(&s);
}

static void
what_is_said_after_the_end_is_refused(void **state)
{
    static stage s;
    static uint8_t kept[MESSAGE];
    size_t len;

    (void)state;
    stage_begin(&s, the_world(), CARNET_CURVE_P256);
    assert_true(stage_reader_step(&s) && stage_mdoc_step(&s) && stage_reader_step(&s));
    assert_carnet_rc(talk_ask(&s.t, (const char *const[]){ "age_over_18" }, 1, false), CARNET_OK);
    len = s.t.len; /* a request that is right, but for its moment */
    memcpy(kept, s.t.message, len);
    stage_reader_end(&s, CARNET_SESSION_TERMINATION);
    assert_carnet_rc(carnet_link_send(&s.reader.link, carnet_span_of(kept, len), 0, NULL), CARNET_OK);
    stage_run(&s);
    assert_ending("the end", "mdoc", s.mdoc.end, (ending){ CARNET_OK, 0, 20 });
    stage_assert_over(&s); /* takes what is left and sees it refused */
    assert_int_equal(s.mdoc.link.traffic.messages_received, 3);
    stage_done(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_curve_carries_several_requests),
        cmocka_unit_test(every_fault_at_every_message_stops_both_sides_and_says_why),
        cmocka_unit_test(a_first_message_cut_anywhere_is_no_message),
        cmocka_unit_test(either_side_ends_at_any_moment_and_the_other_hears_it),
        cmocka_unit_test(either_side_may_hang_up_at_any_moment),
        cmocka_unit_test(an_answer_may_end_the_session_with_it),
        cmocka_unit_test(what_is_said_after_the_end_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
