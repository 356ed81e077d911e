/* SPDX-License-Identifier: Apache-2.0 */
/* A reading whose engagement the reader shows: the order of messages turned round (18013-7 A.7). */
#include "../world.h"
#include "carnet/device_engagement_message.h"
#include "carnet/holder_reverse.h"
#include "carnet/reader_reverse.h"

#include <string.h>

static const char *const wanted[] = { "family_name", "age_over_18" };

/* The reader shows, the mdoc engages: its first message is in t->message. */
static carnet_span
begin(talk *t, world *w, carnet_curve reader, carnet_curve mdoc)
{
    carnet_cbor_builder b = carnet_cbor_build(t->message, sizeof(t->message));
    carnet_engagement_parameters none = { 0 };
    carnet_span shown;

    memset(t, 0, sizeof(*t));
    t->w = w;
    t->holder_storage = carnet_buf_of(t->holder_room, sizeof(t->holder_room));
    t->reader_storage = carnet_buf_of(t->reader_room, sizeof(t->reader_room));
    assert_carnet_ok(
        carnet_reader_reverse_show(&t->reader, &w->crypto, reader, &none, &t->reader_storage, &shown, &w->err),
        &w->err);
    assert_carnet_ok(
        carnet_holder_reverse_engage(&t->holder, &w->crypto, shown, mdoc, &none, &t->holder_storage, &b, &w->err),
        &w->err);
    t->len = b.len;
    return shown;
}

static carnet_rc
meet(talk *t, carnet_span shown)
{
    return carnet_reader_reverse_receive(&t->reader, shown, carnet_span_of(t->message, t->len), &t->reader_storage,
                                         NULL, &t->w->err);
}

static carnet_rc
hear(talk *t, carnet_span shown)
{
    carnet_rc rc =
        carnet_holder_reverse_receive(&t->holder, shown, t->message, t->len, &t->received, &t->status, &t->w->err);

    if (rc != CARNET_OK || t->received.len == 0)
        return rc;
    t->received = carnet_test_copy(t->received);
    assert_carnet_ok(carnet_device_request_open(t->received, CARNET_CBOR_LENIENT, &t->view, &t->w->err), &t->w->err);
    return carnet_holder_match(&t->view, t->w->held, t->w->held_count, t->offers, OFFERS, &t->offer_count, &t->w->err);
}

/* The whole story, and which message the reader's first is. */
static void
tell(carnet_curve reader, carnet_curve mdoc, bool establishment)
{
    static world w;
    static talk t;
    carnet_session_establishment view;
    carnet_span shown;

    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    shown = begin(&t, &w, reader, mdoc);
    assert_carnet_ok(meet(&t, shown), &w.err);
    for (int i = 0; i < 2; i++) {
        assert_carnet_ok(talk_ask(&t, wanted, CARNET_COUNT(wanted), true), &w.err);
        assert_int_equal(carnet_session_establishment_open(carnet_span_of(t.message, t.len), &view, NULL) == CARNET_OK,
                         establishment && i == 0);
        assert_carnet_ok(hear(&t, shown), &w.err);
        assert_int_equal(t.offer_count, 2);
        talk_consent(&t, true);
        assert_carnet_ok(talk_answer(&t, i == 0 ? CARNET_SESSION_NO_STATUS : CARNET_SESSION_TERMINATION), &w.err);
        assert_carnet_ok(talk_read(&t), &w.err);
        assert_int_equal(talk_judge(&t), CARNET_VERDICT_VALID);
    }
    assert_memory_equal(t.reader.session_transcript.ptr, t.holder.session_transcript.ptr,
                        t.reader.session_transcript.len);
    assert_holder_over(&t);
    assert_reader_over(&t);
    talk_done(&t);
    world_done(&w);
}

static void
one_curve_derives_keys_at_once_and_the_request_is_session_data(void **state)
{
    static const carnet_curve curves[] = { CARNET_CURVE_P256, CARNET_CURVE_P521, CARNET_CURVE_BRAINPOOL_P256R1,
                                           CARNET_CURVE_X25519 };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(curves); i++)
        tell(curves[i], CARNET_CURVE_P384, false);
}

static void
a_poster_without_a_key_leads_to_session_establishment(void **state)
{
    (void)state;
    tell(CARNET_CURVE_NONE, CARNET_CURVE_P384, true);
    tell(CARNET_CURVE_NONE, CARNET_CURVE_X448, true);
}

/* An mdoc that does not have the reader's curve: its engagement is on another. */
static void
another_curve_makes_the_reader_take_a_new_key(void **state)
{
    static world w;
    static talk t;
    carnet_cbor_builder b = carnet_cbor_build(t.message, sizeof(t.message));
    carnet_engagement_parameters none = { .origin_infos = true };
    carnet_session_transcript_parameters how = { .handover = CARNET_HANDOVER_WEBSITE };
    carnet_span shown;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    shown = begin(&t, &w, CARNET_CURVE_P256, CARNET_CURVE_P256);
    carnet_holder_done(&t.holder);
    t.holder_storage.len = 0;
    assert_carnet_ok(carnet_holder_engage(&t.holder, &w.crypto, CARNET_CURVE_P384, &none, &t.holder_storage, &w.err),
                     &w.err);
    carnet_device_engagement_message_build(&b, t.holder.device_engagement);
    t.len = b.len;
    assert_carnet_ok(meet(&t, shown), &w.err);
    assert_int_equal(t.reader.key.public_key.curve, CARNET_CURVE_P384);
    assert_carnet_ok(talk_ask(&t, wanted, CARNET_COUNT(wanted), true), &w.err);
    how.reader_engagement = shown;
    assert_carnet_ok(carnet_holder_receive(&t.holder, t.message, t.len, &how, &t.received, &t.status, &w.err), &w.err);
    assert_true(t.received.len > 0);
    talk_done(&t);
    world_done(&w);
}

static void
an_mdoc_with_keys_refuses_another_key(void **state)
{
    static world w;
    static talk t;
    carnet_span shown;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    shown = begin(&t, &w, CARNET_CURVE_P256, CARNET_CURVE_P256);
    assert_carnet_ok(meet(&t, shown), &w.err);
    t.reader.session.key_known = false; /* a reader that sends its key once more */
    assert_carnet_ok(talk_ask(&t, wanted, CARNET_COUNT(wanted), true), &w.err);
    assert_carnet_rc(hear(&t, shown), CARNET_E_SESSION_STATE);
    assert_string_equal(w.err.clause, "18013-7 A.7");
    assert_holder_over(&t);
    talk_done(&t);
    world_done(&w);
}

static void
another_reader_engagement_gives_other_keys(void **state)
{
    static world w;
    static talk t;
    carnet_span shown, other;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    shown = begin(&t, &w, CARNET_CURVE_NONE, CARNET_CURVE_P256);
    other = carnet_test_copy(shown);
    assert_carnet_ok(meet(&t, shown), &w.err);
    assert_carnet_ok(talk_ask(&t, wanted, CARNET_COUNT(wanted), true), &w.err);
    /* a ReaderEngagement with one member more: who shows it is somebody else */
    other = carnet_test_hex("a20063312e31206161");
    assert_carnet_rc(hear(&t, other), CARNET_E_SESSION_DECRYPT);
    assert_holder_over(&t);
    talk_done(&t);
    world_done(&w);
}

static void
a_first_message_cut_short_or_of_another_kind_ends_the_reading(void **state)
{
    static const char *const others[] = {
        "a1646461746141 00",                                      /* SessionData */
        "a0",                                                     /* nothing */
        "a175646576696365456e676167656d656e744279746573f6",       /* no bytes */
        "a175646576696365456e676167656d656e744279746573d81841a0", /* an empty engagement */
    };
    static world w;
    static talk t;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    for (size_t i = 0; i < CARNET_COUNT(others); i++) {
        carnet_span shown = begin(&t, &w, CARNET_CURVE_P256, CARNET_CURVE_P256);
        carnet_span other = carnet_test_hex(others[i]);

        assert_int_not_equal(carnet_reader_reverse_receive(&t.reader, shown, other, &t.reader_storage, NULL, &w.err),
                             CARNET_OK);
        assert_reader_over(&t);
        talk_done(&t);
    }
    for (size_t cut = 0;; cut++) {
        carnet_span shown = begin(&t, &w, CARNET_CURVE_P256, CARNET_CURVE_P256);
        size_t len = t.len;

        if (cut >= len) {
            talk_done(&t);
            break;
        }
        t.len = cut;
        assert_int_not_equal(meet(&t, shown), CARNET_OK);
        assert_null(t.reader.key.ops);
        talk_done(&t);
    }
    world_done(&w);
}

static void
the_mdocs_engagement_comes_once(void **state)
{
    static world w;
    static talk t;
    carnet_span shown;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    shown = begin(&t, &w, CARNET_CURVE_P256, CARNET_CURVE_P256);
    assert_carnet_ok(meet(&t, shown), &w.err);
    assert_carnet_rc(meet(&t, shown), CARNET_E_SESSION_STATE);
    talk_done(&t);
    world_done(&w);
}

static void
too_little_storage_is_said_and_nothing_is_left(void **state)
{
    static world w;
    static talk t;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    for (size_t cap = 0; cap < 300; cap += 7) {
        carnet_span shown = begin(&t, &w, CARNET_CURVE_P256, CARNET_CURVE_P256);

        t.reader_storage.cap = t.reader_storage.len + cap;
        assert_carnet_rc(meet(&t, shown), CARNET_E_NO_SPACE);
        assert_reader_over(&t);
        talk_done(&t);
    }
    world_done(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_curve_derives_keys_at_once_and_the_request_is_session_data),
        cmocka_unit_test(a_poster_without_a_key_leads_to_session_establishment),
        cmocka_unit_test(another_curve_makes_the_reader_take_a_new_key),
        cmocka_unit_test(an_mdoc_with_keys_refuses_another_key),
        cmocka_unit_test(another_reader_engagement_gives_other_keys),
        cmocka_unit_test(a_first_message_cut_short_or_of_another_kind_ends_the_reading),
        cmocka_unit_test(the_mdocs_engagement_comes_once),
        cmocka_unit_test(too_little_storage_is_said_and_nothing_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
