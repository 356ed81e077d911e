/* SPDX-License-Identifier: Apache-2.0 */
/* Orders, holds, advices and reversals: what they come to. */
#include "internal.h"

/* A staged transaction is used once: by whom, the journal knows. */
static carnet_rc
look_for_user(carnet_debit_run *run, carnet_debit_record *user, carnet_buf *room, bool *found, carnet_err *err)
{
    *found = false;
    if (run->debit->carrier.reference.len == 0)
        return CARNET_OK;
    return run->journal->user(run->journal->self, run->unit, run->debit->carrier.reference, user, room, found, err);
}

static carnet_rc
place_order(carnet_debit_run *run, carnet_err *err)
{
    carnet_debit *debit = run->debit;
    carnet_authorization_order order = {
        .id = debit->id,
        .key = carnet_str_of(debit->key.origin),
        .pan = carnet_debit_text(debit, 2),
        .account = carnet_debit_trimmed(carnet_debit_text(debit, 102)),
        .amount = debit->facts.amount,
        .currency = debit->currency,
        .hold = debit->kind == CARNET_DEBIT_HOLD,
        .pin = debit->facts.pin_given ? &debit->pin : NULL,
        .pin_needed = debit->verdict.pin_needed,
        .now = debit->facts.now,
    };
    carnet_rc rc;

    if (debit->pan.len != 0 && order.pan.len != 0 && !carnet_str_equal(debit->pan, order.pan)) {
        debit->judged = CARNET_JUDGED_ACCOUNT; /* whoever staged it said which account it is about */
        return CARNET_OK;
    }
    if (debit->pan.len != 0)
        order.pan = debit->pan;
    rc = run->host->order(run->host->self, run->unit, &order, &debit->judged, err);
    if (rc != CARNET_OK || debit->judged != CARNET_JUDGED_APPROVED)
        return rc;
    run->record.state = order.hold ? CARNET_DEBIT_RESERVED : CARNET_DEBIT_BOOKED;
    run->record.moves = debit->facts.amount;
    run->record.staged = debit->carrier.reference;
    return CARNET_OK;
}

carnet_rc
carnet_debit_order(carnet_debit_run *run, carnet_err *err)
{
    carnet_debit *debit = run->debit;
    uint8_t bytes[CARNET_DEBIT_ANSWER + 512];
    carnet_buf room = carnet_buf_of(bytes, sizeof(bytes));
    carnet_debit_record user;
    carnet_judge_facts facts = debit->facts;
    bool used;
    carnet_rc rc;

    if (debit->early != CARNET_JUDGED_APPROVED) {
        debit->judged = debit->early;
        return CARNET_OK;
    }
    if ((rc = look_for_user(run, &user, &room, &used, err)) != CARNET_OK)
        return rc;
    facts.fresh = true;
    facts.used |= used;
    debit->verdict = carnet_judge(&facts);
    debit->judged = debit->verdict.judged;
    run->record.level = debit->verdict.level;
    return debit->judged == CARNET_JUDGED_APPROVED ? place_order(run, err) : CARNET_OK;
}

static carnet_authorization_return
return_of(const carnet_debit_run *run, const carnet_debit_record *original, uint64_t amount)
{
    return (carnet_authorization_return){
        .id = run->debit->id,
        .key = carnet_str_of(run->debit->key.origin),
        .original = original->id,
        .hold = original->state == CARNET_DEBIT_RESERVED,
        .amount = amount,
        .now = run->debit->facts.now,
    };
}

static carnet_rc
capture(carnet_debit_run *run, const carnet_debit_record *original, carnet_err *err)
{
    carnet_debit *debit = run->debit;
    carnet_authorization_return part = return_of(run, original, debit->facts.amount);
    carnet_rc rc;

    run->record.original = original->id;
    debit->judged = CARNET_JUDGED_AMOUNT;
    if (part.amount == 0 || part.amount > original->moves || debit->currency != original->currency)
        return CARNET_OK;
    rc = run->host->capture(run->host->self, run->unit, &part, &debit->judged, err);
    if (rc != CARNET_OK || debit->judged != CARNET_JUDGED_APPROVED)
        return rc;
    run->record.state = CARNET_DEBIT_BOOKED;
    run->record.moves = part.amount;
    return run->journal->change(run->journal->self, run->unit, original->id, CARNET_DEBIT_CAPTURED, original->returned,
                                err);
}

/* What was done without asking: its vector cannot be judged any more, so it counts for nothing. */
static carnet_rc
stand_in(carnet_debit_run *run, carnet_err *err)
{
    carnet_debit *debit = run->debit;

    debit->judged = CARNET_JUDGED_KIND;
    if (debit->facts.amount == 0 || debit->facts.amount > debit->policy->stand_in || !debit->facts.served)
        return CARNET_OK;
    debit->carrier.reference = (carnet_str){ 0 };
    return place_order(run, err);
}

carnet_rc
carnet_debit_advise(carnet_debit_run *run, carnet_err *err)
{
    carnet_debit *debit = run->debit;
    uint8_t bytes[CARNET_DEBIT_ANSWER + 512];
    carnet_buf room = carnet_buf_of(bytes, sizeof(bytes));
    carnet_debit_record original = { 0 };
    bool found = false;
    carnet_rc rc = CARNET_OK;

    if (debit->has_original)
        rc = run->journal->find(run->journal->self, run->unit, &debit->original, debit->original.reference.len == 0,
                                &original, &room, &found, err);
    if (rc == CARNET_OK && !found && !debit->has_original)
        rc = look_for_user(run, &original, &room, &found, err);
    if (rc != CARNET_OK)
        return rc;
    if (found && original.state == CARNET_DEBIT_RESERVED)
        return capture(run, &original, err);
    if (!found)
        return stand_in(run, err);
    run->record.original = original.id;
    debit->judged = CARNET_JUDGED_USED;
    return CARNET_OK;
}

/* Remember the original before it comes, so that it is a duplicate when it does. */
static carnet_rc
forestall(carnet_debit_run *run, carnet_err *err)
{
    carnet_debit *debit = run->debit;
    carnet_debit_record r = {
        .id = run->journal->identify(run->journal->self, run->unit),
        .moment = debit->original.moment,
        .at = debit->facts.now,
        .origin = carnet_str_of(debit->original.origin),
        .reference = debit->original.reference,
        .link = debit->link->name,
        .kind = debit->original.origin[0] == '1' ? CARNET_DEBIT_HOLD : CARNET_DEBIT_ORDER,
        .state = CARNET_DEBIT_FORESTALLED,
        .judged = CARNET_JUDGED_DUPLICATE,
        .amount = debit->facts.amount,
        .currency = debit->currency,
    };

    run->record.original = r.id;
    return run->journal->keep(run->journal->self, run->unit, &r, err);
}

static carnet_rc
give_back(carnet_debit_run *run, const carnet_debit_record *original, carnet_err *err)
{
    carnet_debit *debit = run->debit;
    uint64_t left = original->moves - original->returned;
    uint64_t amount = debit->actual < left ? left - debit->actual : 0;
    carnet_authorization_return part = return_of(run, original, amount);
    bool whole = debit->actual == 0;
    carnet_rc rc;

    if (amount == 0)
        return CARNET_OK;
    if ((rc = run->host->give_back(run->host->self, run->unit, &part, err)) != CARNET_OK)
        return rc;
    run->record.moves = amount;
    return run->journal->change(run->journal->self, run->unit, original->id,
                                whole ? CARNET_DEBIT_REVERSED : CARNET_DEBIT_REDUCED, original->returned + amount, err);
}

carnet_rc
carnet_debit_reverse(carnet_debit_run *run, carnet_err *err)
{
    carnet_debit *debit = run->debit;
    uint8_t bytes[CARNET_DEBIT_ANSWER + 512];
    carnet_buf room = carnet_buf_of(bytes, sizeof(bytes));
    carnet_debit_record original = { 0 };
    bool found = false;
    carnet_rc rc;

    debit->judged = CARNET_JUDGED_APPROVED;
    rc = run->journal->find(run->journal->self, run->unit, &debit->original, debit->original.reference.len == 0,
                            &original, &room, &found, err);
    if (rc != CARNET_OK)
        return rc;
    if (!found)
        return forestall(run, err);
    run->record.original = original.id;
    switch (original.state) {
    case CARNET_DEBIT_BOOKED:
    case CARNET_DEBIT_RESERVED:
        if (debit->actual > original.moves || debit->currency != original.currency) {
            debit->judged = CARNET_JUDGED_AMOUNT;
            return CARNET_OK;
        }
        return give_back(run, &original, err);
    case CARNET_DEBIT_CAPTURED: /* what was booked of it is to be reversed */
        debit->judged = CARNET_JUDGED_KIND;
        return CARNET_OK;
    case CARNET_DEBIT_ANSWERED: /* nothing was booked, so nothing is to be done; nor a second time */
    case CARNET_DEBIT_REVERSED:
    case CARNET_DEBIT_REDUCED:
    case CARNET_DEBIT_FORESTALLED:
        break;
    }
    return CARNET_OK;
}
