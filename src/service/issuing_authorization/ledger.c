/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger in the store, as the host of accounts: an example of one. */
#include "internal.h"

#include <string.h>

enum { PIN_TRIES = 3, HASH = CARNET_SERVICE_HASH };

void
carnet_ia_account_from(const carnet_store_cash_account *row, carnet_ledger_account *account)
{
    *account = (carnet_ledger_account){ .id = row->id,
                                        .kind = (carnet_ledger_kind)row->kind,
                                        .state = (carnet_ledger_state)row->state,
                                        .currency = (unsigned)row->currency,
                                        .balance = row->balance,
                                        .held = row->held,
                                        .floor = row->floor,
                                        .per_transaction = row->per_transaction,
                                        .per_day = row->per_day,
                                        .count_per_day = (unsigned)row->count_per_day,
                                        .day = row->day,
                                        .day_amount = row->day_amount,
                                        .day_count = (unsigned)row->day_count,
                                        .last_movement = row->last_movement };
}

/* What movements change. */
void
carnet_ia_account_to(const carnet_ledger_account *account, carnet_store_cash_account *row)
{
    row->id = account->id;
    row->balance = account->balance;
    row->held = account->held;
    row->day = account->day;
    row->day_amount = account->day_amount;
    row->day_count = (int64_t)account->day_count;
    row->last_movement = account->last_movement;
}

void
carnet_ia_movement_to(const carnet_ledger_movement *movement, carnet_store_cash_movement *row)
{
    *row = (carnet_store_cash_movement){ .id = movement->id,
                                         .kind = movement->kind,
                                         .customer = movement->customer,
                                         .other = movement->other,
                                         .amount = movement->amount,
                                         .held = movement->held,
                                         .original = movement->original,
                                         .before = movement->before,
                                         .at = movement->at };
}

carnet_rc
carnet_ia_account_key(carnet_service_worker *worker, bool pan, carnet_str text, uint8_t hash[HASH], carnet_err *err)
{
    return carnet_service_keyed_hash(worker, pan ? "cash.pan" : "cash.alias", text, hash, err);
}

carnet_rc
carnet_ia_pin_hash(carnet_service_worker *worker, int64_t account, const carnet_pin *pin, uint8_t hash[HASH],
                   carnet_err *err)
{
    uint8_t room[CARNET_PIN_MAX + 24];
    carnet_buf text = carnet_buf_of(room, sizeof(room));
    carnet_rc rc;

    carnet_buf_add_int(&text, account);
    carnet_buf_add_byte(&text, '/');
    for (size_t i = 0; i < pin->len; i++)
        carnet_buf_add_byte(&text, (uint8_t)('0' + pin->digits[i]));
    rc = carnet_service_keyed_hash(worker, "cash.pin", carnet_buf_str(&text), hash, err);
    carnet_wipe(room, sizeof(room));
    return rc;
}

carnet_rc
carnet_ia_house(ia_unit *unit, unsigned currency, carnet_ledger_account **account, carnet_err *err)
{
    carnet_store_cash_account row = { .kind = CARNET_LEDGER_SETTLEMENT,
                                      .state = CARNET_LEDGER_OPEN,
                                      .currency = (int64_t)currency,
                                      .floor = INT64_MIN,
                                      .name = carnet_str_of("settlement") };
    uint8_t octets[128];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_rc rc;

    for (size_t i = 0; i < unit->house_count; i++)
        if (unit->house[i].currency == currency) {
            *account = &unit->house[i];
            return CARNET_OK;
        }
    if (unit->house_count == IA_HOUSES)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "there are too many currencies at once");
    rc = carnet_store_cash_account_of_house(unit->session, CARNET_LEDGER_SETTLEMENT, row.currency, &row, &room, err);
    if (rc == CARNET_E_STORE_ABSENT) {
        row = (carnet_store_cash_account){ .kind = CARNET_LEDGER_SETTLEMENT,
                                           .state = CARNET_LEDGER_OPEN,
                                           .currency = (int64_t)currency,
                                           .floor = INT64_MIN,
                                           .name = carnet_str_of("settlement") };
        rc = carnet_store_cash_account_insert(unit->session, &row, err);
    }
    if (rc != CARNET_OK)
        return rc;
    *account = &unit->house[unit->house_count++];
    carnet_ia_account_from(&row, *account);
    return CARNET_OK;
}

carnet_rc
carnet_ia_houses_write(ia_unit *unit, carnet_err *err)
{
    carnet_store_cash_account row = { 0 };
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < unit->house_count; i++) {
        carnet_ia_account_to(&unit->house[i], &row);
        rc = carnet_store_cash_account_move(unit->session, &row, err);
    }
    return rc;
}

/* By its number, else by its alias. */
static carnet_rc
find_account(ia_unit *u, carnet_str pan, carnet_str alias, carnet_store_cash_account *row, carnet_buf *room,
             carnet_err *err)
{
    carnet_rc rc = CARNET_E_STORE_ABSENT;
    uint8_t hash[HASH];

    for (unsigned i = 0; rc == CARNET_E_STORE_ABSENT && i < 2; i++) {
        carnet_str text = i == 0 ? pan : alias;

        if (text.len == 0)
            continue;
        room->len = 0;
        if (carnet_ia_account_key(u->worker, i == 0, text, hash, err) != CARNET_OK)
            return CARNET_E_USAGE;
        rc = carnet_store_cash_account_by_key(u->session, carnet_span_of(hash, sizeof(hash)), row, room, err);
    }
    return rc;
}

/* A wrong one counts, and is kept with the refusal. */
static carnet_rc
judge_pin(ia_unit *u, const carnet_authorization_order *order, carnet_store_cash_account *row, carnet_judged *outcome,
          carnet_err *err)
{
    uint8_t hash[HASH];
    carnet_rc rc = CARNET_OK;
    bool right;

    *outcome = CARNET_JUDGED_APPROVED;
    if (order->pin == NULL)
        return CARNET_OK;
    *outcome = row->pin_tries >= PIN_TRIES ? CARNET_JUDGED_PIN_TRIES : CARNET_JUDGED_PIN;
    if (row->pin_tries >= PIN_TRIES || row->pin.len != HASH)
        return CARNET_OK;
    if ((rc = carnet_ia_pin_hash(u->worker, row->id, order->pin, hash, err)) != CARNET_OK)
        return rc;
    right = order->pin->len != 0 && carnet_equal_secret(carnet_span_of(hash, sizeof(hash)), row->pin);
    carnet_wipe(hash, sizeof(hash));
    if (right) {
        row->pin_tries = 0;
        *outcome = CARNET_JUDGED_APPROVED;
        return CARNET_OK;
    }
    row->pin_tries++;
    return carnet_store_cash_account_move(u->session, row, err);
}

static carnet_rc
book(ia_unit *u, carnet_store_cash_account *row, carnet_ledger_movement *movement, carnet_err *err)
{
    carnet_ledger_account customer, *house;
    carnet_store_cash_movement moved;
    carnet_rc rc = carnet_ia_house(u, (unsigned)row->currency, &house, err);

    carnet_ia_account_from(row, &customer);
    if (rc == CARNET_OK)
        rc = carnet_ledger_post(movement, &customer, house, err);
    if (rc != CARNET_OK)
        return rc;
    carnet_ia_account_to(&customer, row);
    carnet_ia_movement_to(movement, &moved);
    if ((rc = carnet_store_cash_movement_insert(u->session, &moved, err)) == CARNET_OK)
        rc = carnet_store_cash_account_move(u->session, row, err);
    return rc;
}

static carnet_rc
order(void *self, void *unit, const carnet_authorization_order *order, carnet_judged *outcome, carnet_err *err)
{
    ia_unit *u = unit;
    uint8_t octets[512];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_store_cash_account row = { 0 };
    carnet_ledger_account account;
    carnet_ledger_movement movement = { .id = order->id,
                                        .kind = order->hold ? CARNET_LEDGER_HOLD : CARNET_LEDGER_WITHDRAWAL,
                                        .amount = (int64_t)order->amount,
                                        .at = order->now };
    carnet_rc rc = find_account(u, order->pan, order->account, &row, &room, err);

    (void)self;
    *outcome = CARNET_JUDGED_ACCOUNT;
    if (rc != CARNET_OK)
        return rc == CARNET_E_STORE_ABSENT ? CARNET_OK : rc;
    rc = judge_pin(u, order, &row, outcome, err);
    if (rc != CARNET_OK || *outcome != CARNET_JUDGED_APPROVED)
        return rc;
    carnet_ia_account_from(&row, &account);
    *outcome = order->amount > CARNET_LEDGER_AMOUNT_MAX
                   ? CARNET_JUDGED_AMOUNT
                   : carnet_ledger_allows(&account, (int64_t)order->amount, order->currency, order->now);
    return *outcome == CARNET_JUDGED_APPROVED ? book(u, &row, &movement, err) : CARNET_OK;
}

/* The customer of a movement. */
static carnet_rc
find_moved(ia_unit *u, int64_t original, carnet_store_cash_movement *moved, carnet_store_cash_account *row,
           carnet_buf *room, carnet_err *err)
{
    carnet_rc rc = carnet_store_cash_movement_by_id(u->session, original, moved, err);

    return rc == CARNET_OK ? carnet_store_cash_account_by_id(u->session, moved->customer, row, room, err) : rc;
}

static carnet_rc
capture(void *self, void *unit, const carnet_authorization_return *part, carnet_judged *outcome, carnet_err *err)
{
    uint8_t octets[512];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_store_cash_account row = { 0 };
    carnet_store_cash_movement held;
    carnet_ledger_movement movement = { .id = part->id,
                                        .kind = CARNET_LEDGER_CAPTURE,
                                        .amount = (int64_t)part->amount,
                                        .original = part->original,
                                        .at = part->now };
    carnet_rc rc = find_moved(unit, part->original, &held, &row, &room, err);

    (void)self;
    *outcome = CARNET_JUDGED_APPROVED;
    movement.held = held.amount;
    return rc == CARNET_OK ? book(unit, &row, &movement, err) : rc;
}

static carnet_rc
give_back(void *self, void *unit, const carnet_authorization_return *part, carnet_err *err)
{
    uint8_t octets[512];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_store_cash_account row = { 0 };
    carnet_store_cash_movement moved;
    carnet_ledger_movement movement = { .id = part->id,
                                        .kind = part->hold ? CARNET_LEDGER_RELEASE : CARNET_LEDGER_RETURN,
                                        .amount = (int64_t)part->amount,
                                        .original = part->original,
                                        .at = part->now };
    carnet_rc rc = find_moved(unit, part->original, &moved, &row, &room, err);

    (void)self;
    return rc == CARNET_OK ? book(unit, &row, &movement, err) : rc;
}

const carnet_authorization_host carnet_ia_ledger = { NULL, order, capture, give_back };
