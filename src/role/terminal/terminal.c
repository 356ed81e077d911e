/* SPDX-License-Identifier: Apache-2.0 */
/* What is to be done next, and the user's coming and going. */
#include "internal.h"

#include <string.h>

enum { STAN_MAX = 999999, REPORT_MS = 60000 };

static const char *const phases[] = {
    [CARNET_TERMINAL_IDLE] = "IDLE",
    [CARNET_TERMINAL_SHOWING] = "SHOWING",
    [CARNET_TERMINAL_APPROACHED] = "APPROACHED",
    [CARNET_TERMINAL_AUTHORISING] = "AUTHORISING",
    [CARNET_TERMINAL_STEPPING_UP] = "STEPPING_UP",
    [CARNET_TERMINAL_DISPENSING] = "DISPENSING",
    [CARNET_TERMINAL_REVERSING] = "REVERSING",
    [CARNET_TERMINAL_COMPLETING] = "COMPLETING",
    [CARNET_TERMINAL_REPORTING] = "REPORTING",
    [CARNET_TERMINAL_ENDED] = "ENDED",
};

static const char *const outcomes[] = {
    [CARNET_TERMINAL_OPEN] = "OPEN",           [CARNET_TERMINAL_TAKEN] = "TAKEN",
    [CARNET_TERMINAL_PARTLY] = "PARTLY",       [CARNET_TERMINAL_NOTHING] = "NOTHING",
    [CARNET_TERMINAL_UNKNOWN] = "UNKNOWN",     [CARNET_TERMINAL_DECLINED] = "DECLINED",
    [CARNET_TERMINAL_NO_ANSWER] = "NO_ANSWER", [CARNET_TERMINAL_CANCELLED] = "CANCELLED",
    [CARNET_TERMINAL_EXPIRED] = "EXPIRED",
};

const char *
carnet_terminal_phase_name(carnet_terminal_phase phase)
{
    return (size_t)phase < CARNET_COUNT(phases) ? phases[phase] : "";
}

carnet_terminal_phase
carnet_terminal_phase_of(carnet_str name)
{
    for (size_t i = 0; i < CARNET_COUNT(phases); i++)
        if (carnet_str_is(name, phases[i]))
            return (carnet_terminal_phase)i;
    return CARNET_TERMINAL_IDLE;
}

const char *
carnet_terminal_outcome_name(carnet_terminal_outcome outcome)
{
    return (size_t)outcome < CARNET_COUNT(outcomes) ? outcomes[outcome] : "";
}

carnet_terminal_outcome
carnet_terminal_outcome_of(carnet_str name)
{
    for (size_t i = 0; i < CARNET_COUNT(outcomes); i++)
        if (carnet_str_is(name, outcomes[i]))
            return (carnet_terminal_outcome)i;
    return CARNET_TERMINAL_OPEN;
}

void
carnet_terminal_copy(char *out, size_t size, carnet_str text)
{
    size_t len = text.len < size ? text.len : size - 1;

    if (len > 0)
        memcpy(out, text.ptr, len);
    out[len] = '\0';
}

void
carnet_terminal_forget(carnet_terminal *t)
{
    carnet_wipe(t->room, sizeof(t->room));
    t->room_used = 0;
    t->has_carrier = false;
    t->carrier = (carnet_collected_carrier){ 0 };
    t->vtr_count = 0;
}

carnet_str
carnet_terminal_hold(carnet_terminal *t, carnet_str text)
{
    carnet_str held = { (const char *)t->room + t->room_used, text.len };

    if (text.len == 0 || text.len > sizeof(t->room) - t->room_used)
        return (carnet_str){ 0 };
    memcpy(t->room + t->room_used, text.ptr, text.len);
    t->room_used += text.len;
    return held;
}

carnet_rc
carnet_terminal_keep(carnet_terminal *t, carnet_err *err)
{
    carnet_rc rc;

    if (!t->unkept)
        return CARNET_OK;
    if ((rc = t->config.journal(t->config.journal_self, &t->record, err)) == CARNET_OK)
        t->unkept = false;
    return rc;
}

void
carnet_terminal_enter(carnet_terminal *t, carnet_terminal_phase phase, int64_t now)
{
    t->record.phase = phase;
    t->next = now;
    t->asked = false;
    /* Until 0200 may leave nothing is owed to anybody, and nothing need be known of it. */
    t->unkept = t->unkept || phase >= CARNET_TERMINAL_AUTHORISING;
}

void
carnet_terminal_close(carnet_terminal *t, carnet_terminal_outcome outcome)
{
    const bool known = t->record.phase >= CARNET_TERMINAL_AUTHORISING;

    t->record.outcome = outcome;
    t->record.phase = CARNET_TERMINAL_ENDED;
    t->asked = t->cancelled = false;
    t->unkept = t->unkept || known;
    carnet_terminal_forget(t);
}

void
carnet_terminal_settle(carnet_terminal *t, carnet_terminal_outcome outcome, int64_t now)
{
    t->record.outcome = outcome;
    carnet_terminal_forget(t);
    carnet_terminal_enter(t, CARNET_TERMINAL_REPORTING, now);
    t->due = now + REPORT_MS;
}

void
carnet_terminal_reverse(carnet_terminal *t, carnet_terminal_reversal reversal, carnet_terminal_outcome outcome,
                        int64_t now)
{
    t->record.reversal = reversal;
    t->record.outcome = outcome;
    t->record.stan_after = carnet_terminal_stan(t);
    t->record.sent_after = now;
    t->record.repeats = 0;
    carnet_terminal_forget(t);
    carnet_terminal_enter(t, CARNET_TERMINAL_REVERSING, now);
}

uint32_t
carnet_terminal_stan(carnet_terminal *t)
{
    t->stan = t->stan >= STAN_MAX ? 1 : t->stan + 1;
    return t->stan;
}

carnet_rc
carnet_terminal_init(carnet_terminal *t, const carnet_terminal_config *config, uint64_t number, uint32_t stan,
                     carnet_err *err)
{
    carnet_terminal_config c = *config;

    memset(t, 0, sizeof(*t));
    if (c.spec == NULL || !c.spec->ready || c.spec->version > CARNET_ISO8583_2003 || c.journal == NULL ||
        c.terminal[0] == '\0' || c.currency[0] == '\0')
        return carnet_fail(err, CARNET_E_USAGE, NULL,
                           "a terminal needs a specification, a journal, a name and a currency");
    c.carrier = c.carrier == 0 ? 48 : c.carrier;
    c.code_ms = c.code_ms == 0 ? 60000 : c.code_ms;
    c.collect_ms = c.collect_ms == 0 ? 180000 : c.collect_ms;
    c.answer_ms = c.answer_ms == 0 ? 30000 : c.answer_ms;
    c.repeat_ms = c.repeat_ms == 0 ? 10000 : c.repeat_ms;
    t->config = c;
    t->record.number = number;
    t->stan = stan;
    return CARNET_OK;
}

static bool
at_rest(const carnet_terminal *t)
{
    return t->record.phase == CARNET_TERMINAL_IDLE || t->record.phase == CARNET_TERMINAL_ENDED;
}

carnet_rc
carnet_terminal_begin(carnet_terminal *t, const uint8_t session[CARNET_STAGING_SESSION], int64_t now, carnet_err *err)
{
    uint64_t number = t->record.number + 1;
    carnet_rc rc;

    if (!at_rest(t))
        return carnet_fail(err, CARNET_E_TERMINAL_STATE, NULL, "there is a transaction under way");
    if ((rc = carnet_terminal_keep(t, err)) != CARNET_OK)
        return rc;
    carnet_wipe(&t->record, sizeof(t->record));
    t->record.number = number;
    t->record.purchase = t->config.pos;
    t->record.began = now;
    memcpy(t->record.session, session, sizeof(t->record.session));
    t->cancelled = false;
    carnet_terminal_forget(t);
    carnet_terminal_enter(t, CARNET_TERMINAL_SHOWING, now);
    t->due = now + t->config.code_ms;
    return CARNET_OK;
}

carnet_rc
carnet_terminal_cancel(carnet_terminal *t, int64_t now, carnet_err *err)
{
    (void)err;
    switch (t->record.phase) {
    case CARNET_TERMINAL_SHOWING:
        carnet_terminal_close(t, CARNET_TERMINAL_CANCELLED);
        break;
    case CARNET_TERMINAL_APPROACHED:
    case CARNET_TERMINAL_STEPPING_UP:
        carnet_terminal_settle(t, CARNET_TERMINAL_CANCELLED, now);
        break;
    case CARNET_TERMINAL_AUTHORISING:
        if (t->asked) /* the answer decides what is to be undone */
            t->cancelled = true;
        else
            carnet_terminal_settle(t, CARNET_TERMINAL_CANCELLED, now);
        break;
    case CARNET_TERMINAL_DISPENSING:
        if (!t->asked)
            carnet_terminal_reverse(t, CARNET_REVERSAL_USER, CARNET_TERMINAL_CANCELLED, now);
        break;
    case CARNET_TERMINAL_IDLE:
    case CARNET_TERMINAL_REVERSING:
    case CARNET_TERMINAL_COMPLETING:
    case CARNET_TERMINAL_REPORTING:
    case CARNET_TERMINAL_ENDED:
        break;
    }
    return CARNET_OK;
}

/* Times that are over before anything is demanded. */
static void
pass_time(carnet_terminal *t, int64_t now)
{
    if (t->record.phase == CARNET_TERMINAL_AUTHORISING && t->asked && now >= t->due)
        carnet_terminal_reverse(t, CARNET_REVERSAL_TIMEOUT, CARNET_TERMINAL_NO_ANSWER, now);
    if (t->record.phase == CARNET_TERMINAL_REPORTING && !t->asked && now >= t->due)
        carnet_terminal_close(t, t->record.outcome);
    /* Each 0420 is waited for; then it goes out again. */
    if ((t->record.phase == CARNET_TERMINAL_REVERSING || t->record.phase == CARNET_TERMINAL_COMPLETING) &&
        now >= t->next)
        t->asked = false;
}

static carnet_terminal_act
act_of(carnet_terminal_phase phase, bool stepping_up)
{
    switch (phase) {
    case CARNET_TERMINAL_SHOWING:
    case CARNET_TERMINAL_APPROACHED:
        return CARNET_TERMINAL_COLLECT;
    case CARNET_TERMINAL_STEPPING_UP:
        return stepping_up ? CARNET_TERMINAL_STEP_UP : CARNET_TERMINAL_COLLECT;
    case CARNET_TERMINAL_AUTHORISING:
    case CARNET_TERMINAL_REVERSING:
    case CARNET_TERMINAL_COMPLETING:
        return CARNET_TERMINAL_SEND;
    case CARNET_TERMINAL_DISPENSING:
        return CARNET_TERMINAL_DISPENSE;
    case CARNET_TERMINAL_REPORTING:
        return CARNET_TERMINAL_REPORT;
    case CARNET_TERMINAL_IDLE:
    case CARNET_TERMINAL_ENDED:
        break;
    }
    return CARNET_TERMINAL_WAIT;
}

static carnet_dispense_result
result_of(const carnet_terminal_record *r)
{
    if (r->outcome == CARNET_TERMINAL_UNKNOWN)
        return CARNET_DISPENSE_UNKNOWN;
    if (r->dispensed == 0)
        return CARNET_DISPENSE_NOTHING;
    return r->dispensed == r->amount ? CARNET_DISPENSE_WHOLE : CARNET_DISPENSE_PARTIAL;
}

/* When something happens by itself, while what was demanded is being done. */
static int64_t
wait_until(const carnet_terminal *t)
{
    switch (t->record.phase) {
    case CARNET_TERMINAL_SHOWING:
    case CARNET_TERMINAL_APPROACHED:
    case CARNET_TERMINAL_STEPPING_UP:
        return t->asked || t->due < t->next ? t->due : t->next;
    case CARNET_TERMINAL_AUTHORISING:
        return t->due;
    case CARNET_TERMINAL_REVERSING:
    case CARNET_TERMINAL_COMPLETING:
    case CARNET_TERMINAL_REPORTING:
        return t->next;
    case CARNET_TERMINAL_IDLE:
    case CARNET_TERMINAL_DISPENSING:
    case CARNET_TERMINAL_ENDED:
        break;
    }
    return INT64_MAX;
}

static void
demand(carnet_terminal *t, int64_t now, carnet_terminal_action *action)
{
    action->act = act_of(t->record.phase, t->vtr_count > 0);
    action->until = t->due;
    if (action->act == CARNET_TERMINAL_DISPENSE)
        action->amount = t->record.amount;
    if (action->act == CARNET_TERMINAL_REPORT) {
        action->amount = t->record.dispensed;
        action->result = result_of(&t->record);
    }
    if (t->record.phase == CARNET_TERMINAL_REVERSING || t->record.phase == CARNET_TERMINAL_COMPLETING)
        action->until = t->next = now + t->config.repeat_ms;
    t->asked = action->act != CARNET_TERMINAL_WAIT;
}

carnet_rc
carnet_terminal_next(carnet_terminal *t, int64_t now, carnet_terminal_action *action, carnet_err *err)
{
    carnet_rc rc;

    *action = (carnet_terminal_action){ .act = CARNET_TERMINAL_WAIT, .until = INT64_MAX };
    pass_time(t, now);
    if ((rc = carnet_terminal_keep(t, err)) != CARNET_OK)
        return rc;
    if (at_rest(t))
        return CARNET_OK;
    if (t->asked || now < t->next)
        action->until = wait_until(t);
    else
        demand(t, now, action);
    return CARNET_OK;
}
