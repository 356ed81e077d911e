/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts, as the administrator opens and credits them; and whether the books are right. */
#include "carnet/store_grant.h"
#include "internal.h"

#include <string.h>

enum { HASH = CARNET_SERVICE_HASH, ALIAS_MAX = 28, NAME_MAX = 100 };

typedef struct put {
    carnet_service_worker *worker;
    const carnet_cash_account *wish;
    uint8_t pan[HASH], alias[HASH];
    carnet_pin pin;
    int64_t id, amount;
    carnet_store_cash_account row;
    uint8_t octets[1024];
    carnet_ledger_totals *totals;
} put;

static bool
is_pan(carnet_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len >= 8 && text.len <= 19;
}

static carnet_rc
fault(const char *reason, carnet_err *err)
{
    return carnet_fail(err, CARNET_E_AUTHORIZATION_ACCOUNT, NULL, reason);
}

static carnet_rc
check(put *p, carnet_err *err)
{
    const carnet_cash_account *w = p->wish;
    carnet_rc rc = CARNET_OK;

    if ((w->pan.len == 0 && w->alias.len == 0) || (w->pan.len != 0 && !is_pan(w->pan)) || w->alias.len > ALIAS_MAX)
        return fault("an account has a number of 8 to 19 digits, or an alias of 1 to 28 characters", err);
    if (w->name.len > NAME_MAX || w->currency == 0 || w->currency > 999 || w->overdraft < 0 || w->per_transaction < 0 ||
        w->per_day < 0)
        return fault("a currency is 1 to 999, a limit is not below 0, a name has at most 100 octets", err);
    if (w->pin.len != 0 && carnet_pin_from_text(w->pin, &p->pin, NULL) != CARNET_OK)
        return fault("a PIN has 4 to 12 digits", err);
    if (w->pan.len != 0)
        rc = carnet_ia_account_key(p->worker, true, w->pan, p->pan, err);
    if (rc == CARNET_OK && w->alias.len != 0)
        rc = carnet_ia_account_key(p->worker, false, w->alias, p->alias, err);
    return rc;
}

static carnet_span
key_of(const put *p, bool pan)
{
    const carnet_str text = pan ? p->wish->pan : p->wish->alias;

    return carnet_span_of(pan ? p->pan : p->alias, text.len != 0 ? HASH : 0);
}

static void
set_wishes(put *p)
{
    const carnet_cash_account *w = p->wish;

    p->row.state = w->state != 0 ? (int64_t)w->state : CARNET_LEDGER_OPEN;
    p->row.floor = -w->overdraft;
    p->row.per_transaction = w->per_transaction;
    p->row.per_day = w->per_day;
    p->row.count_per_day = (int64_t)w->count_per_day;
    if (w->name.len != 0)
        p->row.name = w->name;
}

/* The number, or the alias where there is none, says which account it is. */
static carnet_rc
put_account(void *arg, carnet_store_session *session, carnet_err *err)
{
    put *p = arg;
    const bool by_pan = p->wish->pan.len != 0;
    carnet_buf room = carnet_buf_of(p->octets, sizeof(p->octets));
    carnet_rc rc = carnet_store_cash_account_by_key(session, key_of(p, by_pan), &p->row, &room, err);

    if (rc == CARNET_OK && p->row.currency != (int64_t)p->wish->currency)
        return fault("the account has another currency", err);
    if (rc == CARNET_E_STORE_ABSENT) {
        p->row = (carnet_store_cash_account){ .kind = CARNET_LEDGER_CUSTOMER, .currency = (int64_t)p->wish->currency };
        set_wishes(p);
        rc = carnet_store_cash_account_insert(session, &p->row, err);
        if (rc == CARNET_OK)
            rc = carnet_store_cash_key_insert(session, key_of(p, by_pan), p->row.id, err);
        if (rc == CARNET_OK && by_pan && p->wish->alias.len != 0 &&
            (rc = carnet_store_cash_key_insert(session, key_of(p, false), p->row.id, err)) == CARNET_E_STORE_STATE)
            return fault("the alias is another account's", err);
    }
    if (rc != CARNET_OK)
        return rc;
    set_wishes(p);
    p->id = p->row.id;
    if (p->pin.len != 0) {
        carnet_span hash = carnet_span_of(p->octets + sizeof(p->octets) - HASH, HASH);

        rc = carnet_ia_pin_hash(p->worker, p->id, &p->pin, p->octets + sizeof(p->octets) - HASH, err);
        p->row.pin = hash;
        p->row.pin_tries = 0;
    }
    return rc == CARNET_OK ? carnet_store_cash_account_update(session, &p->row, err) : rc;
}

carnet_rc
carnet_cash_account_put(carnet_service_worker *worker, const carnet_cash_account *account, int64_t *id, carnet_err *err)
{
    put p = { .worker = worker, .wish = account };
    carnet_rc rc = check(&p, err);

    if (rc == CARNET_OK)
        rc = carnet_store_transact(worker->store, put_account, &p, err);
    carnet_pin_done(&p.pin);
    if (id != NULL)
        *id = rc == CARNET_OK ? p.id : 0;
    return rc;
}

/* --- paying in --- */

static carnet_rc
find(put *p, carnet_store_session *session, carnet_err *err)
{
    carnet_buf room = carnet_buf_of(p->octets, sizeof(p->octets));
    carnet_rc rc = carnet_store_cash_account_by_key(session, carnet_span_of(p->pan, HASH), &p->row, &room, err);

    if (rc == CARNET_E_STORE_ABSENT)
        rc = carnet_store_cash_account_by_key(session, carnet_span_of(p->alias, HASH), &p->row, &room, err);
    return rc == CARNET_E_STORE_ABSENT ? fault("there is no such account", err) : rc;
}

static carnet_rc
find_funding(carnet_store_session *session, int64_t currency, carnet_ledger_account *funding, carnet_err *err)
{
    uint8_t octets[128];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_store_cash_account row;
    carnet_rc rc = carnet_store_cash_account_of_house(session, CARNET_LEDGER_FUNDING, currency, &row, &room, err);

    if (rc == CARNET_E_STORE_ABSENT) {
        row = (carnet_store_cash_account){ .kind = CARNET_LEDGER_FUNDING,
                                           .state = CARNET_LEDGER_OPEN,
                                           .currency = currency,
                                           .floor = INT64_MIN,
                                           .name = carnet_str_of("funding") };
        rc = carnet_store_cash_account_insert(session, &row, err);
    }
    if (rc == CARNET_OK)
        carnet_ia_account_from(&row, funding);
    return rc;
}

static carnet_rc
pay_in(void *arg, carnet_store_session *session, carnet_err *err)
{
    put *p = arg;
    carnet_ledger_account customer, funding;
    carnet_ledger_movement movement = { .kind = CARNET_LEDGER_DEPOSIT,
                                        .amount = p->amount,
                                        .at = carnet_service_now(p->worker) };
    carnet_store_cash_movement moved;
    carnet_store_cash_account house = { 0 };
    carnet_rc rc = find(p, session, err);

    if (rc == CARNET_OK)
        rc = find_funding(session, p->row.currency, &funding, err);
    if (rc != CARNET_OK)
        return rc;
    carnet_ia_account_from(&p->row, &customer);
    if ((rc = carnet_store_identifier(session, &movement.id, err)) != CARNET_OK ||
        (rc = carnet_ledger_post(&movement, &customer, &funding, err)) != CARNET_OK)
        return rc;
    carnet_ia_account_to(&customer, &p->row);
    carnet_ia_account_to(&funding, &house);
    carnet_ia_movement_to(&movement, &moved);
    if ((rc = carnet_store_cash_movement_insert(session, &moved, err)) == CARNET_OK &&
        (rc = carnet_store_cash_account_move(session, &p->row, err)) == CARNET_OK)
        rc = carnet_store_cash_account_move(session, &house, err);
    return rc;
}

static carnet_rc
keys_of(put *p, carnet_str text, carnet_err *err)
{
    carnet_rc rc = carnet_ia_account_key(p->worker, true, text, p->pan, err);

    return rc == CARNET_OK ? carnet_ia_account_key(p->worker, false, text, p->alias, err) : rc;
}

carnet_rc
carnet_cash_account_credit(carnet_service_worker *worker, carnet_str pan_or_alias, int64_t amount, carnet_err *err)
{
    put p = { .worker = worker, .amount = amount };
    carnet_rc rc = keys_of(&p, pan_or_alias, err);

    return rc == CARNET_OK ? carnet_store_transact(worker->store, pay_in, &p, err) : rc;
}

static carnet_rc
look(void *arg, carnet_store_session *session, carnet_err *err)
{
    return find(arg, session, err);
}

carnet_rc
carnet_cash_account_get(carnet_service_worker *worker, carnet_str pan_or_alias, carnet_ledger_account *account,
                        carnet_err *err)
{
    put p = { .worker = worker };
    carnet_rc rc = keys_of(&p, pan_or_alias, err);

    *account = (carnet_ledger_account){ 0 };
    if (rc == CARNET_OK && (rc = carnet_store_read(worker->store, look, &p, err)) == CARNET_OK)
        carnet_ia_account_from(&p.row, account);
    return rc;
}

/* --- the books --- */

static void
check_account(void *self, const carnet_store_cash_account *row, int64_t moved, int64_t moved_held)
{
    carnet_ledger_account account;

    carnet_ia_account_from(row, &account);
    carnet_ledger_check_account(self, &account, moved, moved_held);
}

static void
check_message(void *self, int64_t judged, int64_t moves, const carnet_store_cash_movement *row, int64_t returned)
{
    const carnet_ledger_movement movement = { .id = row->id,
                                              .kind = (carnet_ledger_movement_kind)row->kind,
                                              .amount = row->amount };

    carnet_ledger_check_message(self, judged == CARNET_JUDGED_APPROVED, moves, row->id != 0 ? &movement : NULL,
                                returned);
}

/* In one transaction: the books do not move meanwhile. */
static carnet_rc
check_books(void *arg, carnet_store_session *session, carnet_err *err)
{
    carnet_ledger_totals *totals = arg;
    int64_t strays;
    carnet_rc rc;

    *totals = (carnet_ledger_totals){ 0 };
    if ((rc = carnet_store_cash_sums(session, check_account, totals, err)) != CARNET_OK ||
        (rc = carnet_store_cash_booked(session, check_message, totals, err)) != CARNET_OK ||
        (rc = carnet_store_cash_strays(session, &strays, err)) != CARNET_OK)
        return rc;
    totals->unbooked += (uint64_t)strays;
    return CARNET_OK;
}

carnet_rc
carnet_ledger_check(carnet_store *store, carnet_ledger_totals *totals, carnet_err *err)
{
    carnet_rc rc = carnet_store_transact(store, check_books, totals, err);

    return rc == CARNET_OK && !carnet_ledger_sound(totals) ? carnet_fail(err, CARNET_E_LEDGER_UNSOUND, NULL, NULL) : rc;
}
