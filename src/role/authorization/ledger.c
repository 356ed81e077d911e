/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/ledger.h"

static int64_t
day_of(carnet_time at)
{
    return at / CARNET_TIME_DAY;
}

carnet_judged
carnet_ledger_allows(const carnet_ledger_account *account, int64_t amount, unsigned currency, carnet_time now)
{
    bool today = account->day == day_of(now);
    int64_t spent = today ? account->day_amount : 0;
    unsigned count = today ? account->day_count : 0;

    if (account->state != CARNET_LEDGER_OPEN || account->kind != CARNET_LEDGER_CUSTOMER)
        return CARNET_JUDGED_RESTRICTED;
    if (amount <= 0 || amount > CARNET_LEDGER_AMOUNT_MAX || account->currency != currency)
        return CARNET_JUDGED_AMOUNT;
    if (account->per_transaction > 0 && amount > account->per_transaction)
        return CARNET_JUDGED_LIMIT;
    if (account->per_day > 0 && (spent > account->per_day || amount > account->per_day - spent))
        return CARNET_JUDGED_LIMIT;
    if (account->count_per_day > 0 && count >= account->count_per_day)
        return CARNET_JUDGED_FREQUENCY;
    if (account->balance - account->held < account->floor || account->balance - account->held - account->floor < amount)
        return CARNET_JUDGED_FUNDS;
    return CARNET_JUDGED_APPROVED;
}

int64_t
carnet_ledger_effect(const carnet_ledger_movement *movement)
{
    switch (movement->kind) {
    case CARNET_LEDGER_DEPOSIT:
    case CARNET_LEDGER_RETURN:
        return movement->amount;
    case CARNET_LEDGER_WITHDRAWAL:
    case CARNET_LEDGER_CAPTURE:
        return -movement->amount;
    case CARNET_LEDGER_HOLD:
    case CARNET_LEDGER_RELEASE:
        break;
    }
    return 0;
}

int64_t
carnet_ledger_effect_held(const carnet_ledger_movement *movement)
{
    switch (movement->kind) {
    case CARNET_LEDGER_HOLD:
        return movement->amount;
    case CARNET_LEDGER_RELEASE:
        return -movement->amount;
    case CARNET_LEDGER_CAPTURE:
        return -movement->held;
    case CARNET_LEDGER_DEPOSIT:
    case CARNET_LEDGER_WITHDRAWAL:
    case CARNET_LEDGER_RETURN:
        break;
    }
    return 0;
}

/* Days' totals: what is taken counts when it is authorised, what comes back on the same day counts no more. */
static void
count_day(const carnet_ledger_movement *movement, carnet_ledger_account *customer)
{
    int64_t day = day_of(movement->at), back = 0;

    if (movement->kind == CARNET_LEDGER_WITHDRAWAL || movement->kind == CARNET_LEDGER_HOLD) {
        if (customer->day != day)
            customer->day_amount = customer->day_count = 0;
        customer->day = day;
        customer->day_amount += movement->amount;
        customer->day_count++;
        return;
    }
    if (movement->kind == CARNET_LEDGER_RETURN || movement->kind == CARNET_LEDGER_RELEASE)
        back = movement->amount;
    else if (movement->kind == CARNET_LEDGER_CAPTURE)
        back = movement->held - movement->amount;
    if (customer->day == day)
        customer->day_amount = back > customer->day_amount ? 0 : customer->day_amount - back;
}

static bool
possible(const carnet_ledger_movement *m, const carnet_ledger_account *customer, const carnet_ledger_account *other)
{
    int64_t effect = carnet_ledger_effect(m), balance;

    if (m->amount <= 0 || m->amount > CARNET_LEDGER_AMOUNT_MAX || customer->id == other->id ||
        customer->kind != CARNET_LEDGER_CUSTOMER || other->kind == CARNET_LEDGER_CUSTOMER ||
        customer->currency != other->currency)
        return false;
    if (m->kind == CARNET_LEDGER_CAPTURE && (m->held < m->amount || m->held > customer->held))
        return false;
    if (m->kind == CARNET_LEDGER_RELEASE && m->amount > customer->held)
        return false;
    return !__builtin_add_overflow(customer->balance, effect, &balance) &&
           !__builtin_sub_overflow(other->balance, effect, &balance);
}

carnet_rc
carnet_ledger_post(carnet_ledger_movement *movement, carnet_ledger_account *customer, carnet_ledger_account *other,
                   carnet_err *err)
{
    if (!possible(movement, customer, other))
        return carnet_fail(err, CARNET_E_LEDGER_MOVEMENT, NULL, NULL);
    customer->balance += carnet_ledger_effect(movement);
    other->balance -= carnet_ledger_effect(movement);
    customer->held += carnet_ledger_effect_held(movement);
    count_day(movement, customer);
    movement->customer = customer->id;
    movement->other = other->id;
    movement->before = customer->last_movement;
    customer->last_movement = movement->id;
    return CARNET_OK;
}

void
carnet_ledger_check_account(carnet_ledger_totals *totals, const carnet_ledger_account *account, int64_t moved,
                            int64_t moved_held)
{
    int64_t free = 0;

    totals->accounts++;
    totals->overflow |= __builtin_add_overflow(totals->balances, account->balance, &totals->balances);
    totals->wrong_balance += account->balance != moved;
    totals->wrong_held += account->held != moved_held || account->held < 0;
    if (account->kind == CARNET_LEDGER_CUSTOMER) {
        totals->overflow |= __builtin_sub_overflow(account->balance, account->held, &free);
        totals->below_floor += free < account->floor;
    }
}

void
carnet_ledger_check_message(carnet_ledger_totals *totals, bool authorised, int64_t amount,
                            const carnet_ledger_movement *movement, int64_t returned)
{
    bool moves = authorised && amount > 0;

    totals->messages++;
    totals->movements += movement != NULL;
    totals->unbooked += moves != (movement != NULL);
    if (movement == NULL)
        return;
    totals->wrong_amount += moves && movement->amount != amount;
    totals->over_returned += returned < 0 || returned > movement->amount;
}

bool
carnet_ledger_sound(const carnet_ledger_totals *totals)
{
    return totals->balances == 0 && !totals->overflow &&
           (totals->wrong_balance | totals->wrong_held | totals->below_floor | totals->unbooked | totals->wrong_amount |
            totals->over_returned) == 0;
}
