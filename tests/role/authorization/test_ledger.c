/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/ledger.h"
#include "support/support.h"

#include <string.h>

#define DAY 20777
#define NOW (DAY * (carnet_time)CARNET_TIME_DAY + 3600)

typedef struct books {
    carnet_ledger_account customer, settlement, funding;
    int64_t next;
} books;

static books
begin(int64_t balance)
{
    books b = { .next = 100 };

    b.customer = (carnet_ledger_account){
        .id = 1, .kind = CARNET_LEDGER_CUSTOMER, .state = CARNET_LEDGER_OPEN, .currency = 840, .balance = balance
    };
    b.settlement = (carnet_ledger_account){
        .id = 2, .kind = CARNET_LEDGER_SETTLEMENT, .state = CARNET_LEDGER_OPEN, .currency = 840, .floor = INT64_MIN
    };
    b.funding = b.settlement;
    b.funding.id = 3;
    b.funding.kind = CARNET_LEDGER_FUNDING;
    b.funding.balance = -balance;
    return b;
}

static carnet_rc
post(books *b, carnet_ledger_movement_kind kind, int64_t amount, int64_t held, carnet_ledger_movement *m)
{
    carnet_ledger_account *other = kind == CARNET_LEDGER_DEPOSIT ? &b->funding : &b->settlement;

    *m = (carnet_ledger_movement){ .id = b->next++, .kind = kind, .amount = amount, .held = held, .at = NOW };
    return carnet_ledger_post(m, &b->customer, other, NULL);
}

static int64_t
sum(const books *b)
{
    return b->customer.balance + b->settlement.balance + b->funding.balance;
}

static void
an_account_allows_up_to_each_limit_and_no_cent_more(void **state)
{
    carnet_ledger_account a = begin(100000).customer;

    (void)state;
    assert_int_equal(carnet_ledger_allows(&a, 100000, 840, NOW), CARNET_JUDGED_APPROVED);
    assert_int_equal(carnet_ledger_allows(&a, 100001, 840, NOW), CARNET_JUDGED_FUNDS);
    a.held = 40000;
    assert_int_equal(carnet_ledger_allows(&a, 60000, 840, NOW), CARNET_JUDGED_APPROVED);
    assert_int_equal(carnet_ledger_allows(&a, 60001, 840, NOW), CARNET_JUDGED_FUNDS);
    a.floor = -5000; /* an overdraft */
    assert_int_equal(carnet_ledger_allows(&a, 65000, 840, NOW), CARNET_JUDGED_APPROVED);
    assert_int_equal(carnet_ledger_allows(&a, 65001, 840, NOW), CARNET_JUDGED_FUNDS);
    a.per_transaction = 50000;
    assert_int_equal(carnet_ledger_allows(&a, 50000, 840, NOW), CARNET_JUDGED_APPROVED);
    assert_int_equal(carnet_ledger_allows(&a, 50001, 840, NOW), CARNET_JUDGED_LIMIT);
    a.per_day = 60000;
    a.day = DAY;
    a.day_amount = 20000;
    assert_int_equal(carnet_ledger_allows(&a, 40000, 840, NOW), CARNET_JUDGED_APPROVED);
    assert_int_equal(carnet_ledger_allows(&a, 40001, 840, NOW), CARNET_JUDGED_LIMIT);
    a.day = DAY - 1; /* another day's sum does not count */
    assert_int_equal(carnet_ledger_allows(&a, 40001, 840, NOW), CARNET_JUDGED_APPROVED);
    a.day = DAY;
    a.count_per_day = 3;
    a.day_count = 2;
    assert_int_equal(carnet_ledger_allows(&a, 1, 840, NOW), CARNET_JUDGED_APPROVED);
    a.day_count = 3;
    assert_int_equal(carnet_ledger_allows(&a, 1, 840, NOW), CARNET_JUDGED_FREQUENCY);
}

static void
an_account_allows_nothing_that_is_not_its_affair(void **state)
{
    carnet_ledger_account a = begin(100000).customer;

    (void)state;
    assert_int_equal(carnet_ledger_allows(&a, 0, 840, NOW), CARNET_JUDGED_AMOUNT);
    assert_int_equal(carnet_ledger_allows(&a, -1, 840, NOW), CARNET_JUDGED_AMOUNT);
    assert_int_equal(carnet_ledger_allows(&a, CARNET_LEDGER_AMOUNT_MAX + 1, 840, NOW), CARNET_JUDGED_AMOUNT);
    assert_int_equal(carnet_ledger_allows(&a, INT64_MAX, 840, NOW), CARNET_JUDGED_AMOUNT);
    assert_int_equal(carnet_ledger_allows(&a, 1, 978, NOW), CARNET_JUDGED_AMOUNT);
    a.balance = -1; /* already below what it may be */
    assert_int_equal(carnet_ledger_allows(&a, 1, 840, NOW), CARNET_JUDGED_FUNDS);
    a.balance = 100000;
    a.per_day = 10;
    a.day = DAY;
    a.day_amount = 11; /* the limit was lowered today */
    assert_int_equal(carnet_ledger_allows(&a, 1, 840, NOW), CARNET_JUDGED_LIMIT);
    a.state = CARNET_LEDGER_BLOCKED;
    assert_int_equal(carnet_ledger_allows(&a, 1, 840, NOW), CARNET_JUDGED_RESTRICTED);
    a.state = CARNET_LEDGER_CLOSED;
    assert_int_equal(carnet_ledger_allows(&a, 1, 840, NOW), CARNET_JUDGED_RESTRICTED);
    a = begin(1000).settlement;
    assert_int_equal(carnet_ledger_allows(&a, 1, 840, NOW), CARNET_JUDGED_RESTRICTED);
}

static void
a_withdrawal_and_its_reversal_leave_what_there_was(void **state)
{
    books b = begin(50000);
    carnet_ledger_movement m;

    (void)state;
    assert_int_equal(post(&b, CARNET_LEDGER_WITHDRAWAL, 20000, 0, &m), CARNET_OK);
    assert_int_equal(b.customer.balance, 30000);
    assert_int_equal(b.settlement.balance, 20000);
    assert_int_equal(b.customer.day, DAY);
    assert_int_equal(b.customer.day_amount, 20000);
    assert_int_equal(b.customer.day_count, 1);
    assert_int_equal(m.before, 0);
    assert_int_equal(m.customer, 1);
    assert_int_equal(m.other, 2);
    assert_int_equal(post(&b, CARNET_LEDGER_RETURN, 20000, 0, &m), CARNET_OK);
    assert_int_equal(m.before, 100); /* the chain of the customer's movements */
    assert_int_equal(b.customer.last_movement, 101);
    assert_int_equal(b.customer.balance, 50000);
    assert_int_equal(b.settlement.balance, 0);
    assert_int_equal(b.customer.day_amount, 0);
    assert_int_equal(sum(&b), 0);
}

static void
a_partial_return_leaves_what_was_handed_out(void **state)
{
    books b = begin(50000);
    carnet_ledger_movement m;

    (void)state;
    assert_int_equal(post(&b, CARNET_LEDGER_WITHDRAWAL, 20000, 0, &m), CARNET_OK);
    assert_int_equal(post(&b, CARNET_LEDGER_RETURN, 12000, 0, &m), CARNET_OK);
    assert_int_equal(b.customer.balance, 42000);
    assert_int_equal(b.settlement.balance, 8000);
    assert_int_equal(b.customer.day_amount, 8000);
    assert_int_equal(sum(&b), 0);
    b.customer.day = DAY - 1; /* what comes back of another day's changes no sum of a day */
    b.customer.day_amount = 9000;
    assert_int_equal(post(&b, CARNET_LEDGER_RETURN, 8000, 0, &m), CARNET_OK);
    assert_int_equal(b.customer.day_amount, 9000);
}

static void
a_hold_moves_nothing_until_it_is_captured(void **state)
{
    books b = begin(50000);
    carnet_ledger_movement m;

    (void)state;
    assert_int_equal(post(&b, CARNET_LEDGER_HOLD, 10000, 0, &m), CARNET_OK);
    assert_int_equal(b.customer.balance, 50000);
    assert_int_equal(b.customer.held, 10000);
    assert_int_equal(post(&b, CARNET_LEDGER_CAPTURE, 7000, 10000, &m), CARNET_OK);
    assert_int_equal(b.customer.balance, 43000);
    assert_int_equal(b.customer.held, 0);
    assert_int_equal(b.customer.day_amount, 7000);
    assert_int_equal(post(&b, CARNET_LEDGER_HOLD, 5000, 0, &m), CARNET_OK);
    assert_int_equal(post(&b, CARNET_LEDGER_RELEASE, 5000, 0, &m), CARNET_OK);
    assert_int_equal(b.customer.held, 0);
    assert_int_equal(b.customer.balance, 43000);
    assert_int_equal(post(&b, CARNET_LEDGER_DEPOSIT, 1000, 0, &m), CARNET_OK);
    assert_int_equal(b.customer.balance, 44000);
    assert_int_equal(b.funding.balance, -51000);
    assert_int_equal(sum(&b), 0);
}

static void
a_movement_that_cannot_be_changes_nothing(void **state)
{
    static const struct {
        carnet_ledger_movement_kind kind;
        int64_t amount, held;
    } cases[] = {
        { CARNET_LEDGER_WITHDRAWAL, 0, 0 },
        { CARNET_LEDGER_WITHDRAWAL, -1, 0 },
        { CARNET_LEDGER_WITHDRAWAL, CARNET_LEDGER_AMOUNT_MAX + 1, 0 },
        { CARNET_LEDGER_CAPTURE, 100, 0 },
        { CARNET_LEDGER_CAPTURE, 100, 99 },
        { CARNET_LEDGER_CAPTURE, 100, 501 },
        { CARNET_LEDGER_RELEASE, 501, 0 },
    };
    books b = begin(50000), before;
    carnet_ledger_movement m;

    (void)state;
    b.customer.held = 500;
    before = b;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        b.next = before.next;
        assert_int_equal(post(&b, cases[i].kind, cases[i].amount, cases[i].held, &m), CARNET_E_LEDGER_MOVEMENT);
        b.next = before.next;
        assert_memory_equal(&b.customer, &before.customer, sizeof(b.customer));
        assert_memory_equal(&b.settlement, &before.settlement, sizeof(b.settlement));
    }
    b.settlement.currency = 978;
    assert_int_equal(post(&b, CARNET_LEDGER_WITHDRAWAL, 1, 0, &m), CARNET_E_LEDGER_MOVEMENT);
    b.settlement.currency = 840;
    b.settlement.kind = CARNET_LEDGER_CUSTOMER;
    assert_int_equal(post(&b, CARNET_LEDGER_WITHDRAWAL, 1, 0, &m), CARNET_E_LEDGER_MOVEMENT);
    b = before;
    b.customer.balance = INT64_MIN + 5;
    assert_int_equal(post(&b, CARNET_LEDGER_WITHDRAWAL, 6, 0, &m), CARNET_E_LEDGER_MOVEMENT);
    b = before;
    b.settlement.balance = INT64_MAX;
    assert_int_equal(post(&b, CARNET_LEDGER_WITHDRAWAL, 1, 0, &m), CARNET_E_LEDGER_MOVEMENT);
    assert_int_equal(carnet_ledger_post(&m, &b.customer, &b.customer, NULL), CARNET_E_LEDGER_MOVEMENT);
}

static void
effects_are_what_posting_does(void **state)
{
    static const struct {
        carnet_ledger_movement_kind kind;
        int64_t effect, held;
    } cases[] = {
        { CARNET_LEDGER_DEPOSIT, 70, 0 },    { CARNET_LEDGER_WITHDRAWAL, -70, 0 }, { CARNET_LEDGER_HOLD, 0, 70 },
        { CARNET_LEDGER_CAPTURE, -70, -90 }, { CARNET_LEDGER_RELEASE, 0, -70 },    { CARNET_LEDGER_RETURN, 70, 0 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        books b = begin(1000);
        carnet_ledger_movement m;

        b.customer.held = 500;
        assert_int_equal(post(&b, cases[i].kind, 70, 90, &m), CARNET_OK);
        assert_int_equal(carnet_ledger_effect(&m), cases[i].effect);
        assert_int_equal(carnet_ledger_effect_held(&m), cases[i].held);
        assert_int_equal(b.customer.balance, 1000 + cases[i].effect);
        assert_int_equal(b.customer.held, 500 + cases[i].held);
        assert_int_equal(sum(&b), 0);
    }
}

/* --- whether the books are right --- */

static carnet_ledger_totals
sound_totals(const books *b)
{
    carnet_ledger_totals t = { 0 };

    carnet_ledger_check_account(&t, &b->customer, b->customer.balance, b->customer.held);
    carnet_ledger_check_account(&t, &b->settlement, b->settlement.balance, 0);
    carnet_ledger_check_account(&t, &b->funding, b->funding.balance, 0);
    return t;
}

static void
sound_books_are_found_sound(void **state)
{
    books b = begin(50000);
    carnet_ledger_movement m;
    carnet_ledger_totals t;

    (void)state;
    assert_int_equal(post(&b, CARNET_LEDGER_WITHDRAWAL, 20000, 0, &m), CARNET_OK);
    t = sound_totals(&b);
    carnet_ledger_check_message(&t, true, 20000, &m, 20000);
    carnet_ledger_check_message(&t, false, 20000, NULL, 0);
    carnet_ledger_check_message(&t, true, 0, NULL, 0);
    assert_true(carnet_ledger_sound(&t));
    assert_int_equal(t.accounts, 3);
    assert_int_equal(t.messages, 3);
    assert_int_equal(t.movements, 1);
}

static void
each_kind_of_wrong_account_is_found(void **state)
{
    books b = begin(50000), wrong;
    carnet_ledger_totals t = { 0 };

    (void)state;
    wrong = b; /* one side of a movement is missing */
    wrong.customer.balance -= 1;
    t = sound_totals(&wrong);
    assert_int_equal(t.balances, -1);
    assert_false(carnet_ledger_sound(&t));
    t = sound_totals(&b);
    carnet_ledger_check_account(&t, &(carnet_ledger_account){ .kind = CARNET_LEDGER_SETTLEMENT }, 1, 0);
    assert_int_equal(t.wrong_balance, 1);
    assert_false(carnet_ledger_sound(&t));
    t = sound_totals(&b);
    carnet_ledger_check_account(&t, &(carnet_ledger_account){ .kind = CARNET_LEDGER_SETTLEMENT }, 0, 1);
    assert_int_equal(t.wrong_held, 1);
    assert_false(carnet_ledger_sound(&t));
    wrong = b;
    wrong.customer.held = -1;
    t = sound_totals(&wrong);
    assert_int_equal(t.wrong_held, 1);
    wrong = b;
    wrong.customer.held = 50001;
    t = sound_totals(&wrong);
    assert_int_equal(t.below_floor, 1);
    assert_false(carnet_ledger_sound(&t));
    t = (carnet_ledger_totals){ .balances = INT64_MAX };
    carnet_ledger_check_account(&t, &b.customer, b.customer.balance, 0);
    assert_true(t.overflow);
    t.balances = 0;
    assert_false(carnet_ledger_sound(&t));
}

static void
each_kind_of_wrong_message_is_found(void **state)
{
    static const struct {
        bool authorised, booked;
        int64_t amount, returned;
        uint64_t unbooked, wrong_amount, over_returned;
    } cases[] = {
        { true, false, 70, 0, 1, 0, 0 }, /* authorised, and no money moved */
        { false, true, 70, 0, 1, 0, 0 }, /* refused, and money moved */
        { true, true, 0, 0, 1, 0, 0 },   /* it moves nothing, and money moved */
        { true, true, 71, 0, 0, 1, 0 },  { true, true, 70, 71, 0, 0, 1 }, { true, true, 70, -1, 0, 0, 1 },
    };
    carnet_ledger_movement m = { .id = 1, .kind = CARNET_LEDGER_WITHDRAWAL, .amount = 70 };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_ledger_totals t = { 0 };

        carnet_ledger_check_message(&t, cases[i].authorised, cases[i].amount, cases[i].booked ? &m : NULL,
                                    cases[i].returned);
        assert_int_equal(t.unbooked, cases[i].unbooked);
        assert_int_equal(t.wrong_amount, cases[i].wrong_amount);
        assert_int_equal(t.over_returned, cases[i].over_returned);
        assert_false(carnet_ledger_sound(&t));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_account_allows_up_to_each_limit_and_no_cent_more),
        cmocka_unit_test(an_account_allows_nothing_that_is_not_its_affair),
        cmocka_unit_test(a_withdrawal_and_its_reversal_leave_what_there_was),
        cmocka_unit_test(a_partial_return_leaves_what_was_handed_out),
        cmocka_unit_test(a_hold_moves_nothing_until_it_is_captured),
        cmocka_unit_test(a_movement_that_cannot_be_changes_nothing),
        cmocka_unit_test(effects_are_what_posting_does),
        cmocka_unit_test(sound_books_are_found_sound),
        cmocka_unit_test(each_kind_of_wrong_account_is_found),
        cmocka_unit_test(each_kind_of_wrong_message_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
