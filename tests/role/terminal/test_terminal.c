/* SPDX-License-Identifier: Apache-2.0 */
/* Every phase by every event: where it leads, or that it is refused and nothing changes. */
#include "booth.h"
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

static booth b;
static const uint8_t session[CARNET_STAGING_SESSION] = "terminal session";

static int
setup(void **state)
{
    (void)state;
    return booth_open(&b) ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    booth_close(&b);
    return 0;
}

static carnet_terminal_act
demand(void)
{
    carnet_terminal_action action;

    assert_carnet_ok(carnet_terminal_next(&b.t, b.now, &action, NULL), NULL);
    return action.act;
}

static carnet_rc
collect(carnet_staged_state state)
{
    carnet_collect_answer answer = {
        .state = state, .reference = carnet_str_of(BANK_REFERENCE), .binding = carnet_str_of("K7Q2"), .interval = 1
    };

    if (state == CARNET_STAGED_FULFILLED)
        answer = booth_fulfilled(&b, BANK_VECTOR);
    answer.pending = state == CARNET_STAGED_NONE;
    return carnet_terminal_collected(&b.t, &answer, b.now, NULL);
}

/* An answer as the switch would give it. */
static carnet_rc
answer(carnet_mti mti, uint32_t stan, const char *code, const char *terminal, const char *vr)
{
    static uint8_t octets[1024];
    static carnet_iso8583_message m;
    carnet_buf out = carnet_buf_of(octets, sizeof(octets));
    carnet_iso8583_builder builder;

    carnet_iso8583_builder_init(&builder, b.config.spec, mti);
    carnet_iso8583_set_number(&builder, 11, stan);
    carnet_iso8583_set(&builder, 41, terminal);
    if (code != NULL)
        carnet_iso8583_set(&builder, 39, code);
    if (vr != NULL)
        carnet_iso8583_set(&builder, 48, vr);
    assert_carnet_ok(carnet_iso8583_build(&builder, &out, NULL), NULL);
    assert_carnet_ok(carnet_iso8583_parse(b.config.spec, carnet_buf_span(&out), &m, NULL), NULL);
    return carnet_terminal_received(&b.t, &m, b.now, NULL);
}

static carnet_rc
answer_more(void)
{
    return answer(0x0210, b.t.record.stan, "1A", BANK_TERMINAL, "P1010VR005Cf.Cg");
}

/* What the machine is in. */
typedef enum place {
    IDLE,
    SHOWING,
    APPROACHED,
    TO_AUTHORISE,
    AUTHORISING,
    STEPPING_UP,
    TO_DISPENSE,
    DISPENSING,
    REVERSING,
    COMPLETING,
    REPORTING,
    ENDED,
    PLACES
} place;

static void
go_to_dispense(void)
{
    assert_int_equal(demand(), CARNET_TERMINAL_SEND);
    carnet_terminal_sent(&b.t, true, b.now);
    assert_carnet_ok(answer(b.script.dual ? 0x0110 : 0x0210, b.t.record.stan, "00", BANK_TERMINAL, NULL), NULL);
}

static void
go_after_dispensing(uint64_t amount)
{
    assert_int_equal(demand(), CARNET_TERMINAL_DISPENSE);
    assert_carnet_ok(carnet_terminal_dispensed(&b.t, true, amount, b.now, NULL), NULL);
}

static void
go(place where)
{
    const booth_script script = { .pos = where == COMPLETING, .dual = where == COMPLETING };

    booth_begin(&b, CARNET_ISO8583_1987, &script, BOOTH_NEVER);
    if (where == IDLE)
        return;
    assert_carnet_ok(carnet_terminal_begin(&b.t, session, b.now, NULL), NULL);
    assert_int_equal(demand(), CARNET_TERMINAL_COLLECT);
    if (where == SHOWING)
        return;
    if (where == APPROACHED) {
        assert_carnet_ok(collect(CARNET_STAGED_AUTHENTICATING), NULL);
        b.now += 1000;
        assert_int_equal(demand(), CARNET_TERMINAL_COLLECT);
        return;
    }
    assert_carnet_ok(collect(CARNET_STAGED_FULFILLED), NULL);
    if (where == TO_AUTHORISE)
        return;
    if (where == AUTHORISING || where == STEPPING_UP) {
        assert_int_equal(demand(), CARNET_TERMINAL_SEND);
        carnet_terminal_sent(&b.t, true, b.now);
        if (where == STEPPING_UP) {
            assert_carnet_ok(answer_more(), NULL);
            assert_int_equal(demand(), CARNET_TERMINAL_STEP_UP);
        }
        return;
    }
    go_to_dispense();
    if (where == TO_DISPENSE)
        return;
    if (where == DISPENSING) {
        assert_int_equal(demand(), CARNET_TERMINAL_DISPENSE);
        return;
    }
    go_after_dispensing(where == REVERSING ? 8000 : BOOTH_AMOUNT);
    assert_int_equal(demand(), where == REPORTING || where == ENDED ? CARNET_TERMINAL_REPORT : CARNET_TERMINAL_SEND);
    if (where == ENDED)
        assert_carnet_ok(carnet_terminal_reported(&b.t, true, b.now, NULL), NULL);
}

typedef enum event {
    BEGIN,
    NOBODY,
    SOMEBODY,
    FULFILLED,
    FAILED,
    UNASKED, /* the mobile app server was not reached */
    SENT,
    UNSENT,
    APPROVED,
    DECLINED,
    MORE_WANTED,
    OTHER_STAN,
    OTHER_TERMINAL,
    CODELESS,
    ACKNOWLEDGED,
    BUSY_THERE, /* 0430 or 0230 with a malfunction */
    REFUSED,    /* the same with a definite no */
    ALL_OUT,
    PART_OUT,
    NONE_OUT,
    UNKNOWN_OUT,
    TOLD,
    UNTOLD,
    CANCEL,
    TIME,
    RESUME,
    EVENTS
} event;

static carnet_rc
acknowledge(const char *code)
{
    const bool completing = b.t.record.phase == CARNET_TERMINAL_COMPLETING;

    return answer(completing ? 0x0230 : 0x0430, b.t.record.stan_after, code, BANK_TERMINAL, NULL);
}

static carnet_rc
time_passes(void)
{
    carnet_terminal_action action;

    b.now += 4000000;
    return carnet_terminal_next(&b.t, b.now, &action, NULL);
}

static carnet_rc
resume(void)
{
    const carnet_terminal_record record = { .number = 9, .phase = CARNET_TERMINAL_AUTHORISING, .stan = 300 };

    return carnet_terminal_resume(&b.t, &record, true, 0, b.now, NULL);
}

static carnet_rc
answered(event e)
{
    const carnet_mti mti = b.script.dual ? 0x0110 : 0x0210;
    const uint32_t stan = b.t.record.stan;

    switch (e) {
    case APPROVED:
        return answer(mti, stan, "00", BANK_TERMINAL, NULL);
    case DECLINED:
        return answer(mti, stan, "51", BANK_TERMINAL, NULL);
    case MORE_WANTED:
        return answer_more();
    case OTHER_STAN:
        return answer(mti, stan + 1, "00", BANK_TERMINAL, NULL);
    case OTHER_TERMINAL:
        return answer(mti, stan, "00", "ATM00002", NULL);
    case CODELESS:
        return answer(mti, stan, NULL, BANK_TERMINAL, NULL);
    case ACKNOWLEDGED:
        return acknowledge("00");
    case BUSY_THERE:
        return acknowledge("96");
    default:
        return acknowledge("12");
    }
}

static carnet_rc
happen(event e)
{
    static const carnet_staged_state states[] = { [NOBODY] = CARNET_STAGED_NONE,
                                                  [SOMEBODY] = CARNET_STAGED_AUTHENTICATING,
                                                  [FULFILLED] = CARNET_STAGED_FULFILLED,
                                                  [FAILED] = CARNET_STAGED_FAILED };

    switch (e) {
    case BEGIN:
        return carnet_terminal_begin(&b.t, session, b.now, NULL);
    case NOBODY:
    case SOMEBODY:
    case FULFILLED:
    case FAILED:
        return collect(states[e]);
    case UNASKED:
        return carnet_terminal_collected(&b.t, NULL, b.now, NULL);
    case SENT:
    case UNSENT:
        carnet_terminal_sent(&b.t, e == SENT, b.now);
        return CARNET_OK;
    case ALL_OUT:
        return carnet_terminal_dispensed(&b.t, true, BOOTH_AMOUNT, b.now, NULL);
    case PART_OUT:
        return carnet_terminal_dispensed(&b.t, true, 2000, b.now, NULL);
    case NONE_OUT:
        return carnet_terminal_dispensed(&b.t, true, 0, b.now, NULL);
    case UNKNOWN_OUT:
        return carnet_terminal_dispensed(&b.t, false, 0, b.now, NULL);
    case TOLD:
    case UNTOLD:
        return carnet_terminal_reported(&b.t, e == TOLD, b.now, NULL);
    case CANCEL:
        return carnet_terminal_cancel(&b.t, b.now, NULL);
    case TIME:
        return time_passes();
    case RESUME:
        return resume();
    default:
        return answered(e);
    }
}

/* - refused, and nothing has changed; = the phase stays; else the phase it leads to by its letter. */
static const char letters[] = "ISPAUDRCTE";

static const char *
row_of(place where)
{
    static const char *const rows[PLACES] = {
        [IDLE] = "S-----==---------------==R",        [SHOWING] = "-=PAE===---------------E=-",
        [APPROACHED] = "-==AE===---------------T=-",  [TO_AUTHORISE] = "------==---------------T=-",
        [AUTHORISING] = "------=TDTU------------=R-", [STEPPING_UP] = "-==AT===---------------T=-",
        [TO_DISPENSE] = "------==---------------R=-", [DISPENSING] = "------==---------TRRR--==-",
        [REVERSING] = "------==------T=T------==-",   [COMPLETING] = "------==------T=T------==-",
        [REPORTING] = "------==-------------E===-",   [ENDED] = "S-----==---------------==R",
    };

    return rows[where];
}

static void
every_event_in_every_phase_leads_where_it_should_or_changes_nothing(void **state)
{
    (void)state;
    for (unsigned where = 0; where < PLACES; where++) {
        const char *row = row_of((place)where);

        assert_int_equal(strlen(row), EVENTS);
        for (unsigned e = 0; e < EVENTS; e++) {
            carnet_terminal_record before;
            char expected = row[e], got;
            carnet_rc rc;

            go((place)where);
            before = b.t.record;
            rc = happen((event)e);
            got = rc != CARNET_OK ? '-' : b.t.record.phase == before.phase ? '=' : letters[b.t.record.phase];
            if (got != expected)
                fail_msg("place %u, event %u: %c, not %c", where, e, got, expected);
            if (got == '-' && memcmp(&before, &b.t.record, sizeof(before)) != 0)
                fail_msg("place %u, event %u: refused, but something has changed", where, e);
            if (rc != CARNET_OK && (e < APPROVED || e > REFUSED))
                assert_carnet_rc(rc, CARNET_E_TERMINAL_STATE);
            else if (rc != CARNET_OK)
                assert_carnet_rc(rc, CARNET_E_TERMINAL_ANSWER);
        }
    }
}

/* The journal has it before it is demanded. */
static void
nothing_is_sent_or_dispensed_or_told_before_it_is_kept(void **state)
{
    static const place places[] = { TO_AUTHORISE, TO_DISPENSE };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(places); i++) {
        carnet_terminal_action action;
        carnet_terminal_phase phase;

        go(places[i]);
        phase = b.t.record.phase;
        b.point = 0;
        b.off_at = 0; /* the next write fails */
        assert_carnet_rc(carnet_terminal_next(&b.t, b.now, &action, NULL), CARNET_E_TERMINAL_JOURNAL);
        assert_int_equal(action.act, CARNET_TERMINAL_WAIT);
        assert_true(!b.has_journal || b.journal.phase != phase);
        b.off = false;
        b.off_at = BOOTH_NEVER;
        assert_carnet_ok(carnet_terminal_next(&b.t, b.now, &action, NULL), NULL);
        assert_int_equal(action.act, i == 0 ? CARNET_TERMINAL_SEND : CARNET_TERMINAL_DISPENSE);
        assert_int_equal(b.journal.phase, phase);
    }
}

static void
what_cannot_be_authorised_here_is_not_asked_for(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        carnet_collect_answer wrong;

        go(SHOWING);
        wrong = booth_fulfilled(&b, BANK_VECTOR);
        if (i == 0)
            wrong.currency = carnet_str_of("978");
        if (i == 1)
            wrong.type = carnet_str_of("POS_PURCHASE");
        if (i == 2)
            wrong.amount = 1000000000000;
        if (i == 3)
            wrong.pan = carnet_str_of("4761O39001010119");
        if (i == 4)
            wrong.carrier.session = carnet_str_of("AAAA");
        if (i == 5)
            wrong.carrier.signature = carnet_str_of("AAAA");
        if (i == 6)
            wrong.carrier.auth_time = 5000000000;
        if (i == 7)
            wrong.amount = 0;
        assert_carnet_ok(carnet_terminal_collected(&b.t, &wrong, b.now, NULL), NULL);
        assert_int_equal(b.t.record.phase, CARNET_TERMINAL_REPORTING);
        assert_int_equal(b.t.record.outcome, CARNET_TERMINAL_CANCELLED);
        assert_int_equal(b.t.record.stan, 0);
    }
}

static void
another_transaction_may_not_take_the_place_of_the_one_that_came(void **state)
{
    carnet_collect_answer other;

    (void)state;
    go(APPROACHED);
    other = booth_fulfilled(&b, BANK_VECTOR);
    other.reference = carnet_str_of("ST0000000043");
    assert_carnet_ok(carnet_terminal_collected(&b.t, &other, b.now, NULL), NULL);
    assert_int_equal(b.t.record.phase, CARNET_TERMINAL_ENDED);
    go(STEPPING_UP);
    assert_carnet_ok(collect(CARNET_STAGED_STEPPING_UP), NULL);
    b.now += 1000;
    assert_int_equal(demand(), CARNET_TERMINAL_COLLECT);
    other = booth_fulfilled(&b, BANK_VECTOR);
    other.amount++;
    assert_carnet_ok(carnet_terminal_collected(&b.t, &other, b.now, NULL), NULL);
    assert_int_equal(b.t.record.outcome, CARNET_TERMINAL_CANCELLED);
}

static void
an_approval_that_is_none_in_full_is_reversed(void **state)
{
    static const char *const codes[] = { "08", "10", "11" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(codes); i++) {
        go(AUTHORISING);
        assert_carnet_ok(answer(0x0210, b.t.record.stan, codes[i], BANK_TERMINAL, NULL), NULL);
        assert_int_equal(b.t.record.phase, CARNET_TERMINAL_REVERSING);
        assert_int_equal(b.t.record.outcome, CARNET_TERMINAL_NOTHING);
    }
}

static void
more_is_asked_for_once_and_only_if_it_is_said_what(void **state)
{
    (void)state;
    go(AUTHORISING);
    assert_carnet_ok(answer(0x0210, b.t.record.stan, "1A", BANK_TERMINAL, NULL), NULL);
    assert_int_equal(b.t.record.outcome, CARNET_TERMINAL_DECLINED);
    go(AUTHORISING);
    assert_carnet_ok(answer(0x0210, b.t.record.stan, "1A", BANK_TERMINAL, "P1010VR005Cf.C"), NULL);
    assert_int_equal(b.t.record.outcome, CARNET_TERMINAL_DECLINED);
    go(AUTHORISING);
    assert_carnet_ok(answer(0x0210, b.t.record.stan, "51", BANK_TERMINAL, "P1010VR005Cf.Cg"), NULL);
    assert_int_equal(b.t.record.outcome, CARNET_TERMINAL_DECLINED);
    go(STEPPING_UP);
    assert_int_equal(b.t.vtr_count, 1);
    assert_str_is(b.t.vtr[0], "Cf.Cg");
    assert_carnet_ok(collect(CARNET_STAGED_FULFILLED), NULL);
    assert_int_equal(demand(), CARNET_TERMINAL_SEND);
    carnet_terminal_sent(&b.t, true, b.now);
    assert_carnet_ok(answer_more(), NULL);
    assert_int_equal(b.t.record.outcome, CARNET_TERMINAL_DECLINED);
}

static void
a_reversal_is_repeated_until_it_is_acknowledged(void **state)
{
    (void)state;
    go(REVERSING);
    for (int i = 0; i < 50; i++) {
        carnet_terminal_action action;

        carnet_terminal_sent(&b.t, true, b.now);
        assert_carnet_ok(carnet_terminal_next(&b.t, b.now + 9000, &action, NULL), NULL);
        assert_int_equal(action.act, CARNET_TERMINAL_WAIT);
        b.now += 10000;
        assert_int_equal(demand(), CARNET_TERMINAL_SEND);
        assert_int_equal(b.t.record.repeats, i + 1);
    }
    assert_carnet_ok(acknowledge("00"), NULL);
    assert_int_equal(b.t.record.outcome, CARNET_TERMINAL_PARTLY);
}

static void
trace_numbers_begin_anew_after_the_last(void **state)
{
    (void)state;
    go(IDLE);
    b.t.stan = 999998;
    assert_int_equal(carnet_terminal_stan(&b.t), 999999);
    assert_int_equal(carnet_terminal_stan(&b.t), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_in_every_phase_leads_where_it_should_or_changes_nothing),
        cmocka_unit_test(nothing_is_sent_or_dispensed_or_told_before_it_is_kept),
        cmocka_unit_test(what_cannot_be_authorised_here_is_not_asked_for),
        cmocka_unit_test(another_transaction_may_not_take_the_place_of_the_one_that_came),
        cmocka_unit_test(an_approval_that_is_none_in_full_is_reversed),
        cmocka_unit_test(more_is_asked_for_once_and_only_if_it_is_said_what),
        cmocka_unit_test(a_reversal_is_repeated_until_it_is_acknowledged),
        cmocka_unit_test(trace_numbers_begin_anew_after_the_last),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
