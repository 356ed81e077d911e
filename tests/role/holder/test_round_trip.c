/* SPDX-License-Identifier: Apache-2.0 */
/* Holder and reader in one room: whole sessions, and what happens when a message does not come as it was sent. */
#include "../world.h"
#include "carnet/reader_authentication.h"

#include <string.h>

static const char *const names[] = { "family_name", "birth_date", "age_over_18" };

static void
assert_ok(const talk *t, carnet_rc rc)
{
    assert_carnet_ok(rc, &t->w->err);
}

/* From the engagement to the verdict, with the reader's signature verified. */
static void
whole_session(world *w, carnet_curve session, bool mac)
{
    static talk t;
    carnet_verification v = { .struct_size = sizeof(v), .crypto = &w->crypto, .anchors = &w->anchors };

    talk_begin(&t, w, session);
    w->held[0].mac = mac;
    assert_ok(&t, talk_ask(&t, names, CARNET_COUNT(names), true));
    assert_ok(&t, talk_hear(&t));
    assert_int_equal(t.status, 0);
    assert_span_equal(t.received, carnet_buf_span(&t.request));
    assert_int_equal(t.offer_count, CARNET_COUNT(names));
    assert_true(t.offers[0].retain && !t.offers[1].retain);
    w->report.count = 0;
    v.session_transcript = t.holder.session_transcript;
    assert_ok(&t, carnet_device_request_verify(&v, t.received, &w->report, &w->err));
    assert_int_equal(world_verdict(w), CARNET_VERDICT_VALID);
    assert_non_null(carnet_report_find(&w->report, CARNET_CHECK_READER_AUTHENTICATION, CARNET_NO_DOCUMENT));
    talk_consent(&t, true);
    assert_ok(&t, talk_answer(&t, CARNET_SESSION_NO_STATUS));
    assert_ok(&t, talk_read(&t));
    assert_int_equal(talk_judge(&t), CARNET_VERDICT_VALID);
    assert_int_equal(carnet_report_find(&w->report, CARNET_CHECK_DEVICE_AUTHENTICATION, 0)->outcome, CARNET_PASS);
    assert_int_equal(carnet_report_find(&w->report, CARNET_CHECK_ANSWERS_REQUEST, 0)->outcome, CARNET_PASS);
    assert_int_equal(carnet_report_find(&w->report, CARNET_CHECK_ELEMENT_TYPES, 0)->outcome, CARNET_PASS);
    talk_done(&t);
}

static void
every_session_curve_carries_a_session_to_a_valid_verdict(void **state)
{
    static world w;
    size_t curves = 0;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    for (size_t i = 0; carnet_curve_at(i) != NULL; i++)
        if (carnet_curve_at(i)->agrees) {
            whole_session(&w, carnet_curve_at(i)->curve, false);
            curves++;
        }
    assert_int_equal(curves, 9);
    world_done(&w);
}

static void
a_device_on_the_session_curve_may_answer_with_a_mac(void **state)
{
    static const carnet_curve curves[] = { CARNET_CURVE_P256,   CARNET_CURVE_P384,
                                           CARNET_CURVE_P521,   CARNET_CURVE_BRAINPOOL_P256R1,
                                           CARNET_CURVE_X25519, CARNET_CURVE_X448 };
    static world w;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(curves); i++) {
        world_begin(&w, curves[i]);
        world_hold_mdl(&w);
        whole_session(&w, curves[i], true);
        world_done(&w);
    }
}

static void
a_mac_is_not_made_where_the_curves_differ(void **state)
{
    static world w;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    whole_session(&w, CARNET_CURVE_P384, true);
    world_done(&w);
}

static void
two_hundred_sessions_follow_one_another(void **state)
{
    static world w;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    for (int i = 0; i < 200; i++)
        whole_session(&w, i % 2 ? CARNET_CURVE_X25519 : CARNET_CURVE_P256, false);
    world_done(&w);
}

static void
the_ephemeral_keys_travel_as_they_were_made(void **state)
{
    static world w;
    static talk t;
    carnet_engagement engagement;
    carnet_session_establishment establishment;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    talk_begin(&t, &w, CARNET_CURVE_P521);
    assert_ok(&t, carnet_device_engagement_open(t.holder.device_engagement, &engagement, &w.err));
    assert_true(carnet_public_key_equal(&engagement.key.key, &t.holder.key.public_key));
    assert_int_equal(engagement.odd, 0);
    assert_ok(&t, talk_ask(&t, names, 1, false));
    assert_ok(&t, carnet_session_establishment_open(carnet_span_of(t.message, t.len), &establishment, &w.err));
    assert_span_equal(establishment.reader_key_bytes.encoded, t.reader.reader_key_bytes);
    assert_true(carnet_public_key_equal(&establishment.reader_key.key, &t.reader.key.public_key));
    assert_int_equal(establishment.odd, 0);
    assert_ok(&t, talk_hear(&t));
    assert_true(carnet_public_key_equal(&t.holder.reader_key, &t.reader.key.public_key));
    assert_span_equal(t.holder.session_transcript, t.reader.session_transcript);
    talk_done(&t);
    world_done(&w);
}

static void
further_requests_are_answered_in_the_same_session_until_a_status_ends_it(void **state)
{
    static world w;
    static talk t;
    carnet_cbor_builder b;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    talk_begin(&t, &w, CARNET_CURVE_P256);
    for (int i = 0; i < 3; i++) {
        assert_ok(&t, talk_ask(&t, &names[i % 2], 1, true));
        assert_ok(&t, talk_hear(&t));
        talk_consent(&t, true);
        assert_ok(&t, talk_answer(&t, CARNET_SESSION_NO_STATUS));
        assert_ok(&t, talk_read(&t));
        assert_int_equal(talk_judge(&t), CARNET_VERDICT_VALID);
    }
    b = carnet_cbor_build(t.message, sizeof(t.message));
    carnet_reader_end(&t.reader, CARNET_SESSION_TERMINATION, &b);
    t.len = b.len;
    assert_ok(&t, talk_hear(&t));
    assert_int_equal(t.status, 20);
    assert_null(t.received.ptr);
    assert_holder_over(&t);
    assert_reader_over(&t);
    assert_carnet_rc(talk_answer(&t, CARNET_SESSION_NO_STATUS), CARNET_E_SESSION_STATE);
    assert_int_equal(t.len, 0);
    talk_done(&t);
    world_done(&w);
}

static void
an_answer_with_a_status_is_judged_and_ends_both_sides(void **state)
{
    static world w;
    static talk t;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    w.held[0].mac = true;
    talk_begin(&t, &w, CARNET_CURVE_P256);
    assert_ok(&t, talk_ask(&t, names, 2, false));
    assert_ok(&t, talk_hear(&t));
    talk_consent(&t, true);
    assert_ok(&t, talk_answer(&t, CARNET_SESSION_TERMINATION));
    assert_ok(&t, talk_read(&t));
    assert_int_equal(t.status, 20);
    assert_int_equal(talk_judge(&t), CARNET_VERDICT_VALID); /* the ephemeral key is still needed for the MAC */
    assert_holder_over(&t);
    assert_reader_over(&t);
    talk_done(&t);
    world_done(&w);
}

/* --- messages that do not come as they were sent --- */

typedef void spoiler(talk *t);

static void
cut(talk *t)
{
    t->len--;
}

static void
empty(talk *t)
{
    t->len = 0;
}

static void
flip_last(talk *t)
{
    t->message[t->len - 1] ^= 1;
}

static void
flip_first(talk *t)
{
    t->message[0] ^= 0x20;
}

static void
lengthen(talk *t)
{
    t->message[t->len++] = 0;
}

static const struct {
    const char *what;
    spoiler *spoil;
    carnet_session_status tell;
} spoils[] = {
    { "cut", cut, CARNET_SESSION_DECODING_ERROR },
    { "empty", empty, CARNET_SESSION_DECODING_ERROR },
    { "the last bit flipped", flip_last, CARNET_SESSION_ENCRYPTION_ERROR },
    { "the first byte changed", flip_first, CARNET_SESSION_DECODING_ERROR },
    { "a byte too long", lengthen, CARNET_SESSION_DECODING_ERROR },
};

/* Steps: 0 the first request, 1 its answer, 2 a second request, 3 its answer. */
static carnet_rc
run_to(talk *t, int step, spoiler *spoil)
{
    carnet_rc rc = CARNET_OK;

    for (int i = 0; rc == CARNET_OK && i <= step; i++) {
        if (i % 2 == 0) {
            assert_ok(t, talk_ask(t, names, 2, false));
        } else {
            talk_consent(t, true);
            assert_ok(t, talk_answer(t, CARNET_SESSION_NO_STATUS));
        }
        if (i == step)
            spoil(t);
        rc = i % 2 == 0 ? talk_hear(t) : talk_read(t);
    }
    return rc;
}

static void
a_spoiled_message_at_any_step_ends_the_session_and_wipes_the_keys(void **state)
{
    static world w;
    static talk t;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    for (int step = 0; step < 4; step++)
        for (size_t i = 0; i < CARNET_COUNT(spoils); i++) {
            carnet_rc rc;

            talk_begin(&t, &w, CARNET_CURVE_P256);
            rc = run_to(&t, step, spoils[i].spoil);
            if (rc == CARNET_OK || carnet_holder_failure_status(rc) != spoils[i].tell)
                fail_msg("step %d, %s: code %#x", step, spoils[i].what, (unsigned)rc);
            assert_null(t.received.ptr);
            if (step % 2 == 0)
                assert_holder_over(&t);
            else
                assert_reader_over(&t);
            talk_done(&t);
        }
    world_done(&w);
}

static void
nothing(talk *t)
{
    (void)t;
}

static void
a_repeated_message_ends_the_session(void **state)
{
    static world w;
    static talk t;
    static uint8_t before[MESSAGE];
    size_t len;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    for (int step = 0; step < 3; step++) {
        talk_begin(&t, &w, CARNET_CURVE_P256);
        if (step > 0)
            assert_ok(&t, run_to(&t, step - 1, nothing));
        if (step == 1) {
            talk_consent(&t, true);
            assert_ok(&t, talk_answer(&t, CARNET_SESSION_NO_STATUS));
        } else {
            assert_ok(&t, talk_ask(&t, names, 2, false));
        }
        memcpy(before, t.message, len = t.len);
        assert_ok(&t, step == 1 ? talk_read(&t) : talk_hear(&t));
        memcpy(t.message, before, t.len = len);
        assert_int_not_equal(step == 1 ? talk_read(&t) : talk_hear(&t), CARNET_OK);
        if (step == 1)
            assert_reader_over(&t);
        else
            assert_holder_over(&t);
        talk_done(&t);
    }
    world_done(&w);
}

static void
a_dropped_message_ends_the_session_at_the_next(void **state)
{
    static world w;
    static talk t;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    talk_begin(&t, &w, CARNET_CURVE_P256);
    assert_ok(&t, talk_ask(&t, names, 2, false));
    assert_ok(&t, talk_ask(&t, names, 2, false)); /* SessionEstablishment is lost */
    assert_carnet_rc(talk_hear(&t), CARNET_E_SESSION_STATE);
    assert_holder_over(&t);
    talk_done(&t);
    talk_begin(&t, &w, CARNET_CURVE_P256);
    assert_ok(&t, run_to(&t, 0, nothing));
    talk_consent(&t, true);
    assert_ok(&t, talk_answer(&t, CARNET_SESSION_NO_STATUS)); /* lost */
    assert_ok(&t, talk_answer(&t, CARNET_SESSION_NO_STATUS));
    assert_carnet_rc(talk_read(&t), CARNET_E_SESSION_DECRYPT);
    assert_reader_over(&t);
    talk_done(&t);
    world_done(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_session_curve_carries_a_session_to_a_valid_verdict),
        cmocka_unit_test(a_device_on_the_session_curve_may_answer_with_a_mac),
        cmocka_unit_test(a_mac_is_not_made_where_the_curves_differ),
        cmocka_unit_test(two_hundred_sessions_follow_one_another),
        cmocka_unit_test(the_ephemeral_keys_travel_as_they_were_made),
        cmocka_unit_test(further_requests_are_answered_in_the_same_session_until_a_status_ends_it),
        cmocka_unit_test(an_answer_with_a_status_is_judged_and_ends_both_sides),
        cmocka_unit_test(a_spoiled_message_at_any_step_ends_the_session_and_wipes_the_keys),
        cmocka_unit_test(a_repeated_message_ends_the_session),
        cmocka_unit_test(a_dropped_message_ends_the_session_at_the_next),
    };

    return cmocka_run_group_tests_name("role/holder round trip", tests, NULL, NULL);
}
