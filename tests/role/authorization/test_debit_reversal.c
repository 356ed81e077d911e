/* SPDX-License-Identifier: Apache-2.0 */
/* Duplicates, reversals, parts, holds and advices: once each, whatever the order in which they come. */
#include "bank.h"
#include "support/support.h"

#include <string.h>

#define ORIGINAL "0200000001" BANK_TIME

static bank b;
static uint8_t last_answer[CARNET_DEBIT_ANSWER];
static size_t last_length;

static int
setup(void **state)
{
    (void)state;
    return bank_open(&b) ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    bank_close(&b);
    return 0;
}

static int
begin(void **state)
{
    (void)state;
    bank_reset(&b);
    return 0;
}

/* Send, and expect a finding and the customer's balance after it; the books are sound after every message. */
static void
sent(carnet_iso8583_version version, const bank_ask *ask, carnet_judged judged, int64_t balance)
{
    static uint8_t bytes[2048];
    static carnet_iso8583_message m;
    carnet_buf out = carnet_buf_of(bytes, sizeof(bytes));
    carnet_judged_codes codes = carnet_judged_codes_of(judged);
    const char *code = version == CARNET_ISO8583_1987   ? codes.of_1987
                       : version == CARNET_ISO8583_1993 ? codes.of_1993
                                                        : codes.of_2003;

    if (judged == CARNET_JUDGED_APPROVED && ask->mti[1] == '4' && version != CARNET_ISO8583_1987)
        code = version == CARNET_ISO8583_1993 ? "400" : "4000";
    assert_carnet_ok(bank_message(&b, version, ask, &out), NULL);
    assert_carnet_ok(bank_receive(&b, version, carnet_buf_span(&out), NULL), NULL);
    if (b.debit.judged != judged || b.books.customer.balance != balance)
        fail_msg("version %d, %s: finding %d, balance %lld", (int)version, ask->mti, (int)b.debit.judged,
                 (long long)b.books.customer.balance);
    assert_carnet_ok(carnet_iso8583_parse(&b.spec[version], b.debit.answer, &m, NULL), NULL);
    assert_true(carnet_iso8583_is(&m, 39, code));
    assert_true(bank_sound(&b));
    last_length = b.debit.answer.len;
    memcpy(last_answer, b.debit.answer.ptr, last_length);
}

static bank_ask
reversal(const char *mti)
{
    return (bank_ask){ .mti = mti, .trace = "000009", .original = ORIGINAL };
}

static void
a_message_that_comes_again_is_booked_once(void **state)
{
    bank_ask ask = bank_withdrawal();

    (void)state;
    for (unsigned v = 0; v < 3; v++) {
        uint8_t first[CARNET_DEBIT_ANSWER];
        size_t length;

        bank_reset(&b);
        ask.mti = "0200";
        sent(v, &ask, CARNET_JUDGED_APPROVED, 80000);
        length = last_length;
        memcpy(first, last_answer, length);
        sent(v, &ask, CARNET_JUDGED_DUPLICATE, 80000); /* not said to be a repeat */
        assert_false(b.debit.again);
        ask.mti = "0201";
        for (int i = 0; i < 3; i++) {
            sent(v, &ask, CARNET_JUDGED_APPROVED, 80000);
            assert_true(b.debit.again);
            assert_span_equal(carnet_span_of(last_answer, last_length), carnet_span_of(first, length));
        }
        assert_int_equal(b.books.records, 1);
        bank_reset(&b);
        sent(v, &ask, CARNET_JUDGED_APPROVED, 80000); /* a repeat of what never arrived is a request */
        assert_false(b.debit.again);
    }
}

static void
a_refusal_that_comes_again_is_refused_as_before(void **state)
{
    bank_ask ask = bank_withdrawal();

    (void)state;
    ask.vector = "Cf";
    sent(CARNET_ISO8583_1987, &ask, CARNET_JUDGED_ASSURANCE, 100000);
    ask.mti = "0201";
    ask.vector = NULL; /* a better vector under the same number is another message */
    sent(CARNET_ISO8583_1987, &ask, CARNET_JUDGED_ASSURANCE, 100000);
    assert_true(b.debit.again);
}

static void
a_staged_transaction_is_used_once(void **state)
{
    bank_ask ask = bank_withdrawal();

    (void)state;
    sent(CARNET_ISO8583_1987, &ask, CARNET_JUDGED_APPROVED, 80000);
    ask.trace = "000002";
    sent(CARNET_ISO8583_1987, &ask, CARNET_JUDGED_USED, 80000);
    sent(CARNET_ISO8583_1993, &(bank_ask){ .mti = "0200", .staged = BANK_REFERENCE, .trace = "000003" },
         CARNET_JUDGED_USED, 80000); /* over another link, too */
    ask.trace = "000004";
    ask.staged = "ST0000000043";
    sent(CARNET_ISO8583_1987, &ask, CARNET_JUDGED_APPROVED, 60000);
    ask.staged = "ST0000000044"; /* the trace number again, at another terminal or time: no duplicate */
    ask.terminal = "ATM00002";
    sent(CARNET_ISO8583_1987, &ask, CARNET_JUDGED_APPROVED, 40000);
    ask.staged = "ST0000000045";
    ask.time = "1121020204";
    sent(CARNET_ISO8583_1987, &ask, CARNET_JUDGED_APPROVED, 20000);
}

static void
a_reversal_gives_back_once_however_often_it_comes(void **state)
{
    bank_ask ask = bank_withdrawal(), back = reversal("0420");

    (void)state;
    for (unsigned v = 0; v < 3; v++) {
        uint8_t first[CARNET_DEBIT_ANSWER];
        size_t length;

        bank_reset(&b);
        back.mti = "0420";
        back.trace = "000009";
        sent(v, &ask, CARNET_JUDGED_APPROVED, 80000);
        sent(v, &back, CARNET_JUDGED_APPROVED, 100000);
        length = last_length;
        memcpy(first, last_answer, length);
        assert_int_equal(b.books.record[0].record.state, CARNET_DEBIT_REVERSED);
        back.mti = "0421";
        sent(v, &back, CARNET_JUDGED_APPROVED, 100000);
        assert_span_equal(carnet_span_of(last_answer, last_length), carnet_span_of(first, length));
        back.mti = "0420"; /* whatever it says of itself */
        sent(v, &back, CARNET_JUDGED_APPROVED, 100000);
        assert_true(b.debit.again);
        back.trace = "000010"; /* another reversal of the same */
        sent(v, &back, CARNET_JUDGED_APPROVED, 100000);
        assert_false(b.debit.again);
        assert_int_equal(b.books.settlement.balance, 0);
    }
}

static void
a_reversal_may_come_before_what_it_reverses(void **state)
{
    bank_ask ask = bank_withdrawal(), back = reversal("0420");

    (void)state;
    for (unsigned v = 0; v < 3; v++) {
        bank_reset(&b);
        ask.mti = "0200";
        sent(v, &back, CARNET_JUDGED_APPROVED, 100000);
        assert_int_equal(b.books.records, 2);
        sent(v, &ask, CARNET_JUDGED_DUPLICATE, 100000); /* the late original */
        ask.mti = "0201";
        sent(v, &ask, CARNET_JUDGED_DUPLICATE, 100000);
        sent(v, &back, CARNET_JUDGED_APPROVED, 100000);
    }
}

static void
without_data_element_90_a_reversal_has_the_originals_numbers(void **state)
{
    bank_ask ask = bank_withdrawal(), back = { .mti = "0400" };

    (void)state;
    sent(CARNET_ISO8583_1987, &ask, CARNET_JUDGED_APPROVED, 80000);
    sent(CARNET_ISO8583_1987, &back, CARNET_JUDGED_APPROVED, 100000);
}

static void
a_part_that_was_handed_out_stays_booked(void **state)
{
    bank_ask ask = bank_withdrawal(), back = reversal("0420");

    (void)state;
    back.actual = "000000005000";
    for (unsigned v = 0; v < 3; v++) {
        bank_reset(&b);
        back.trace = "000009";
        sent(v, &ask, CARNET_JUDGED_APPROVED, 80000);
        sent(v, &back, CARNET_JUDGED_APPROVED, 95000);
        assert_int_equal(b.books.record[0].record.state, CARNET_DEBIT_REDUCED);
        assert_int_equal(b.books.settlement.balance, 5000);
        back.trace = "000010";
        sent(v, &back, CARNET_JUDGED_APPROVED, 95000);
    }
    bank_reset(&b);
    sent(CARNET_ISO8583_1987, &ask, CARNET_JUDGED_APPROVED, 80000);
    back.actual = "000000020000"; /* all of it: nothing comes back */
    sent(CARNET_ISO8583_1987, &back, CARNET_JUDGED_APPROVED, 80000);
    back.actual = "000000020001"; /* more than was asked for */
    back.trace = "000011";
    sent(CARNET_ISO8583_1987, &back, CARNET_JUDGED_AMOUNT, 80000);
}

static void
a_reversal_that_fits_nothing_moves_nothing(void **state)
{
    bank_ask ask = bank_withdrawal(), back = reversal("0420");

    (void)state;
    ask.vector = "Cf";
    sent(CARNET_ISO8583_1987, &ask, CARNET_JUDGED_ASSURANCE, 100000);
    sent(CARNET_ISO8583_1987, &back, CARNET_JUDGED_APPROVED, 100000); /* of a refusal */
    bank_reset(&b);
    ask.vector = NULL;
    sent(CARNET_ISO8583_1987, &ask, CARNET_JUDGED_APPROVED, 80000);
    back.currency = "978";
    sent(CARNET_ISO8583_1987, &back, CARNET_JUDGED_AMOUNT, 80000);
    back = reversal("0420");
    back.trace = "000010";
    back.terminal = "ATM00002"; /* another terminal's number */
    sent(CARNET_ISO8583_1987, &back, CARNET_JUDGED_APPROVED, 80000);
    back = reversal("0420");
    back.trace = "000011";
    back.reference = "999999999999"; /* another retrieval reference */
    sent(CARNET_ISO8583_1987, &back, CARNET_JUDGED_APPROVED, 80000);
    back = reversal("0420");
    back.mac_wrong = 1;
    sent(CARNET_ISO8583_1987, &back, CARNET_JUDGED_MAC, 80000);
    for (unsigned v = 0; v < 3; v++) {
        back = reversal("0420");
        back.original = "12";
        sent(v, &back, CARNET_JUDGED_FORMAT, 80000);
    }
}

static void
a_hold_is_captured_once_and_no_more_than_was_held(void **state)
{
    bank_ask hold = { .mti = "0100", .staged = BANK_REFERENCE, .code = "000000" };
    bank_ask done = { .mti = "0220", .trace = "000009", .original = "0100000001" BANK_TIME, .code = "000000" };

    (void)state;
    for (unsigned v = 0; v < 3; v++) {
        bank_reset(&b);
        sent(v, &hold, CARNET_JUDGED_APPROVED, 100000);
        assert_int_equal(b.books.customer.held, 20000);
        done.amount = "000000020001";
        done.trace = "000008";
        sent(v, &done, CARNET_JUDGED_AMOUNT, 100000);
        done.amount = "000000012000";
        done.trace = "000009";
        sent(v, &done, CARNET_JUDGED_APPROVED, 88000);
        assert_int_equal(b.books.customer.held, 0);
        done.trace = "000010";
        sent(v, &done, CARNET_JUDGED_USED, 88000);
        sent(v, &(bank_ask){ .mti = "0420", .trace = "000011", .original = "0100000001" BANK_TIME }, CARNET_JUDGED_KIND,
             88000); /* what was booked of it is what can be reversed */
        sent(v, &(bank_ask){ .mti = "0420", .trace = "000012", .original = "0220000009" BANK_TIME },
             CARNET_JUDGED_APPROVED, 100000);
    }
}

static void
a_hold_that_is_reversed_is_free_again(void **state)
{
    bank_ask hold = { .mti = "0100", .staged = BANK_REFERENCE };
    bank_ask back = { .mti = "0420", .trace = "000009", .original = "0100000001" BANK_TIME };

    (void)state;
    for (unsigned v = 0; v < 3; v++) {
        bank_reset(&b);
        sent(v, &hold, CARNET_JUDGED_APPROVED, 100000);
        sent(v, &back, CARNET_JUDGED_APPROVED, 100000);
        assert_int_equal(b.books.customer.held, 0);
    }
}

static void
an_advice_of_what_was_not_asked_is_booked_up_to_a_limit(void **state)
{
    bank_ask done = { .mti = "0220", .amount = "000000003000" };

    (void)state;
    sent(CARNET_ISO8583_1987, &done, CARNET_JUDGED_APPROVED, 97000);
    done.mti = "0221";
    sent(CARNET_ISO8583_1987, &done, CARNET_JUDGED_APPROVED, 97000);
    done.mti = "0220";
    done.trace = "000002";
    done.amount = "000000003001";
    sent(CARNET_ISO8583_1987, &done, CARNET_JUDGED_KIND, 97000);
    sent(CARNET_ISO8583_1987, &(bank_ask){ .mti = "0200", .staged = BANK_REFERENCE, .trace = "000003" },
         CARNET_JUDGED_APPROVED, 77000);
    done.trace = "000004";
    done.original = "0200000003" BANK_TIME; /* it was authorised and booked */
    sent(CARNET_ISO8583_1987, &done, CARNET_JUDGED_USED, 77000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_message_that_comes_again_is_booked_once, begin),
        cmocka_unit_test_setup(a_refusal_that_comes_again_is_refused_as_before, begin),
        cmocka_unit_test_setup(a_staged_transaction_is_used_once, begin),
        cmocka_unit_test_setup(a_reversal_gives_back_once_however_often_it_comes, begin),
        cmocka_unit_test_setup(a_reversal_may_come_before_what_it_reverses, begin),
        cmocka_unit_test_setup(without_data_element_90_a_reversal_has_the_originals_numbers, begin),
        cmocka_unit_test_setup(a_part_that_was_handed_out_stays_booked, begin),
        cmocka_unit_test_setup(a_reversal_that_fits_nothing_moves_nothing, begin),
        cmocka_unit_test_setup(a_hold_is_captured_once_and_no_more_than_was_held, begin),
        cmocka_unit_test_setup(a_hold_that_is_reversed_is_free_again, begin),
        cmocka_unit_test_setup(an_advice_of_what_was_not_asked_is_booked_up_to_a_limit, begin),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
