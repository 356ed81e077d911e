/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include <string.h>

static const char *const names[] = { "family_name", "birth_date", "age_over_18" };

void
stage_begin(stage *s, world *w, carnet_curve curve)
{
    memset(s, 0, sizeof(*s));
    talk_begin(&s->t, w, curve);
    assert_carnet_ok(carnet_link_memory_pair(&s->reader.link, &s->mdoc.link, NULL), NULL);
    assert_carnet_ok(carnet_session_timeouts_init(&s->reader.time, NULL, NULL), NULL);
    assert_carnet_ok(carnet_session_timeouts_init(&s->mdoc.time, NULL, NULL), NULL);
    carnet_session_timeouts_engaged(&s->reader.time, s->now);
    carnet_session_timeouts_engaged(&s->mdoc.time, s->now);
}

void
stage_done(stage *s)
{
    carnet_link_close(&s->reader.link);
    carnet_link_close(&s->mdoc.link);
    talk_done(&s->t);
}

static void
stop(side *who, carnet_rc why)
{
    who->over = true;
    who->end.why = why;
    carnet_session_timeouts_end(&who->time);
}

/* The message on its way goes out; that the link fails is the end too. */
static bool
send_message(stage *s, side *who)
{
    carnet_rc rc = carnet_link_send(&who->link, carnet_span_of(s->t.message, s->t.len), 0, NULL);

    carnet_session_timeouts_message(&who->time, s->now);
    if (rc != CARNET_OK && !who->over) {
        stop(who, rc);
    }
    return rc == CARNET_OK;
}

static void
say(stage *s, side *who, carnet_session_status status, const carnet_cbor_builder *b)
{
    s->t.len = b->len;
    assert_int_equal(b->rc, CARNET_OK);
    who->end.said = send_message(s, who) ? (uint64_t)status : 0;
    if (!who->over) {
        stop(who, CARNET_OK);
    }
}

void
stage_reader_end(stage *s, carnet_session_status status)
{
    carnet_cbor_builder b = carnet_cbor_build(s->t.message, sizeof(s->t.message));

    carnet_reader_end(&s->t.reader, status, &b);
    say(s, &s->reader, status, &b);
}

void
stage_mdoc_end(stage *s, carnet_session_status status)
{
    carnet_cbor_builder b = carnet_cbor_build(s->t.message, sizeof(s->t.message));

    carnet_holder_end(&s->t.holder, status, &b);
    say(s, &s->mdoc, status, &b);
}

void
stage_hang_up(side *who)
{
    carnet_link_close(&who->link);
    stop(who, CARNET_OK);
}

/* The next message, onto its way; false: there is none, or the link has ended. */
static bool
take_message(stage *s, side *who)
{
    carnet_buf got = carnet_buf_of(s->t.message, sizeof(s->t.message));
    carnet_rc rc = carnet_link_receive(&who->link, &got, 0, NULL);

    s->t.len = got.len;
    if (rc == CARNET_OK) {
        carnet_session_timeouts_message(&who->time, s->now);
    } else if (rc != CARNET_E_LINK_TIMEOUT) {
        stop(who, rc);
    }
    return rc == CARNET_OK;
}

static void
ask(stage *s)
{
    if (s->asked == REQUESTS) {
        stage_reader_end(s, CARNET_SESSION_TERMINATION);
        return;
    }
    assert_carnet_ok(talk_ask(&s->t, names, CARNET_COUNT(names), false), &s->t.w->err);
    s->asked++;
    s->waiting = send_message(s, &s->reader);
}

bool
stage_reader_step(stage *s)
{
    carnet_rc rc;

    if (s->reader.over) {
        return false;
    }
    if (!s->waiting) {
        ask(s);
        return true;
    }
    if (!take_message(s, &s->reader)) {
        return s->reader.over;
    }
    rc = talk_read(&s->t);
    if (rc != CARNET_OK) {
        stage_reader_end(s, carnet_session_failure_status(rc));
        s->reader.end.why = rc;
        return true;
    }
    if (s->t.received.len != 0) {
        assert_int_equal(talk_judge(&s->t), CARNET_VERDICT_VALID);
        s->reader.messages++;
        s->waiting = false;
    }
    if (s->t.status != 0) {
        s->reader.end.heard = s->t.status;
        stop(&s->reader, CARNET_OK);
    }
    return true;
}

bool
stage_mdoc_step(stage *s)
{
    carnet_rc rc;

    if (s->mdoc.over) {
        return false;
    }
    if (!take_message(s, &s->mdoc)) {
        return s->mdoc.over;
    }
    rc = talk_hear(&s->t);
    if (rc != CARNET_OK) {
        stage_mdoc_end(s, carnet_holder_failure_status(rc));
        s->mdoc.end.why = rc;
        return true;
    }
    if (s->t.status != 0) {
        s->mdoc.end.heard = s->t.status;
        stop(&s->mdoc, CARNET_OK);
        return true;
    }
    s->mdoc.messages++;
    talk_consent(&s->t, true);
    assert_carnet_ok(talk_answer(&s->t, CARNET_SESSION_NO_STATUS), &s->t.w->err);
    (void)send_message(s, &s->mdoc);
    return true;
}

/* Nobody can step: time goes on until one has waited too long, and says so. */
static void
wait_longer(stage *s)
{
    int reader = carnet_session_timeouts_left(&s->reader.time, s->now);
    int mdoc = carnet_session_timeouts_left(&s->mdoc.time, s->now);

    s->now += reader < mdoc ? reader : mdoc;
    if (carnet_session_timeouts_check(&s->mdoc.time, s->now, NULL, NULL) != CARNET_OK) {
        stage_mdoc_end(s, CARNET_SESSION_TERMINATION);
        s->mdoc.end.why = CARNET_E_SESSION_TIMEOUT;
    } else {
        assert_carnet_rc(carnet_session_timeouts_check(&s->reader.time, s->now, NULL, NULL), CARNET_E_SESSION_TIMEOUT);
        stage_reader_end(s, CARNET_SESSION_TERMINATION);
        s->reader.end.why = CARNET_E_SESSION_TIMEOUT;
    }
}

void
stage_run(stage *s)
{
    while (!s->reader.over || !s->mdoc.over) {
        bool reader = stage_reader_step(s), mdoc = stage_mdoc_step(s);

        if (!reader && !mdoc) {
            wait_longer(s);
        }
    }
}

/* What still arrives is refused; a reader may hear a status, and nothing more. */
static void
refuse_the_rest(stage *s, side *who, bool reader)
{
    carnet_buf got = carnet_buf_of(s->t.message, sizeof(s->t.message));

    while (carnet_link_receive(&who->link, &got, 0, NULL) == CARNET_OK) {
        carnet_rc rc;

        s->t.len = got.len;
        rc = reader ? talk_read(&s->t) : talk_hear(&s->t);
        assert_true(rc != CARNET_OK || (reader && s->t.status != 0));
        assert_null(s->t.received.ptr);
        got.len = 0;
    }
}

static bool
link_ended(const side *who)
{
    return who->end.why == CARNET_E_LINK_CLOSED || who->end.why == CARNET_E_LINK_LOST;
}

void
stage_assert_over(stage *s)
{
    assert_true(s->reader.over && s->mdoc.over);
    /* A side whose link ended had nobody to tell, and has only to forget. */
    if (link_ended(&s->mdoc) || s->mdoc.link.ops == NULL) {
        carnet_holder_done(&s->t.holder);
    }
    if (link_ended(&s->reader) || s->reader.link.ops == NULL) {
        carnet_reader_done(&s->t.reader);
    }
    assert_holder_over(&s->t);
    assert_reader_over(&s->t);
    refuse_the_rest(s, &s->mdoc, false);
    refuse_the_rest(s, &s->reader, true);
}
