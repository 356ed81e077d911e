/* SPDX-License-Identifier: Apache-2.0 */
/* What was dispensed, what was told, and restarts. */
#include "internal.h"

static void
complete(carnet_terminal *t, carnet_terminal_outcome outcome, int64_t now)
{
    t->record.outcome = outcome;
    t->record.stan_after = carnet_terminal_stan(t);
    t->record.sent_after = now;
    t->record.repeats = 0;
    carnet_terminal_enter(t, CARNET_TERMINAL_COMPLETING, now);
}

void
carnet_terminal_book(carnet_terminal *t, bool known, uint64_t amount, int64_t now)
{
    carnet_terminal_record *r = &t->record;
    const bool dual = r->purchase && t->config.dual;
    const bool whole = amount == r->amount;

    if (!known || amount > r->amount) {
        carnet_terminal_reverse(t, CARNET_REVERSAL_UNKNOWN, CARNET_TERMINAL_UNKNOWN, now);
        return;
    }
    r->dispensed = amount;
    if (amount == 0)
        carnet_terminal_reverse(t, CARNET_REVERSAL_NOTHING, CARNET_TERMINAL_NOTHING, now);
    else if (dual)
        complete(t, whole ? CARNET_TERMINAL_TAKEN : CARNET_TERMINAL_PARTLY, now);
    else if (whole)
        carnet_terminal_settle(t, CARNET_TERMINAL_TAKEN, now);
    else
        carnet_terminal_reverse(t, CARNET_REVERSAL_PARTIAL, CARNET_TERMINAL_PARTLY, now);
}

carnet_rc
carnet_terminal_dispensed(carnet_terminal *t, bool known, uint64_t amount, int64_t now, carnet_err *err)
{
    if (t->record.phase != CARNET_TERMINAL_DISPENSING || !t->asked)
        return carnet_fail(err, CARNET_E_TERMINAL_STATE, NULL, "nothing was to be dispensed");
    carnet_terminal_book(t, known, amount, now);
    return carnet_terminal_keep(t, err);
}

carnet_rc
carnet_terminal_reported(carnet_terminal *t, bool good, int64_t now, carnet_err *err)
{
    if (t->record.phase != CARNET_TERMINAL_REPORTING || !t->asked)
        return carnet_fail(err, CARNET_E_TERMINAL_STATE, NULL, "nothing was to be told");
    t->asked = false;
    t->next = now + t->config.repeat_ms;
    if (!good)
        return CARNET_OK;
    carnet_terminal_close(t, t->record.outcome);
    return carnet_terminal_keep(t, err);
}

void
carnet_terminal_sent(carnet_terminal *t, bool good, int64_t now)
{
    if (!t->asked)
        return;
    if (t->record.phase == CARNET_TERMINAL_AUTHORISING) {
        t->due = now + t->config.answer_ms;
        if (!good)
            carnet_terminal_settle(t, t->cancelled ? CARNET_TERMINAL_CANCELLED : CARNET_TERMINAL_NO_ANSWER, now);
    } else if (t->record.phase == CARNET_TERMINAL_REVERSING || t->record.phase == CARNET_TERMINAL_COMPLETING) {
        t->next = now + t->config.repeat_ms;
        if (good)
            t->record.repeats++;
    }
}

void
carnet_terminal_take_up(carnet_terminal *t, bool known, uint64_t dispensed, int64_t now)
{
    switch (t->record.phase) {
    case CARNET_TERMINAL_STEPPING_UP: /* what was asked for was refused, and nothing has followed */
        carnet_terminal_settle(t, CARNET_TERMINAL_DECLINED, now);
        break;
    case CARNET_TERMINAL_AUTHORISING:
        carnet_terminal_reverse(t, CARNET_REVERSAL_TIMEOUT, CARNET_TERMINAL_NO_ANSWER, now);
        break;
    case CARNET_TERMINAL_DISPENSING:
        carnet_terminal_book(t, known, dispensed, now);
        break;
    case CARNET_TERMINAL_REVERSING:
    case CARNET_TERMINAL_COMPLETING:
        t->record.repeats++; /* it may have left: what goes out now is a repeat */
        carnet_terminal_enter(t, t->record.phase, now);
        break;
    case CARNET_TERMINAL_REPORTING:
        carnet_terminal_settle(t, t->record.outcome, now);
        break;
    case CARNET_TERMINAL_IDLE:
    case CARNET_TERMINAL_SHOWING:
    case CARNET_TERMINAL_APPROACHED:
    case CARNET_TERMINAL_ENDED:
        t->record.phase = CARNET_TERMINAL_ENDED;
        break;
    }
}

carnet_rc
carnet_terminal_resume(carnet_terminal *t, const carnet_terminal_record *record, bool known, uint64_t dispensed,
                       int64_t now, carnet_err *err)
{
    if (t->record.phase != CARNET_TERMINAL_IDLE && t->record.phase != CARNET_TERMINAL_ENDED)
        return carnet_fail(err, CARNET_E_TERMINAL_STATE, NULL, "there is a transaction under way");
    t->record = *record;
    t->asked = t->cancelled = t->unkept = false;
    carnet_terminal_forget(t);
    if (t->stan < record->stan)
        t->stan = record->stan;
    if (t->stan < record->stan_after)
        t->stan = record->stan_after;
    carnet_terminal_take_up(t, known, dispensed, now);
    return carnet_terminal_keep(t, err);
}
