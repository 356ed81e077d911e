/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever goes wrong, and wherever the power goes: what the customer is debited is what came out, or somebody is told to look. */
#include "booth.h"
#include "support/support.h"

static booth b;

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

typedef struct story {
    const char *name;
    booth_script script;
    carnet_terminal_outcome outcome;
    int64_t debited;
    carnet_dispense_result told;
} story;

static const story stories[] = {
    { "all is well", { 0 }, CARNET_TERMINAL_TAKEN, 20000, CARNET_DISPENSE_WHOLE },
    { "nobody comes", { .nobody = true }, CARNET_TERMINAL_EXPIRED, 0, CARNET_DISPENSE_NONE },
    { "authentication fails", { .fails = true }, CARNET_TERMINAL_CANCELLED, 0, CARNET_DISPENSE_NONE },
    { "more is asked of the user", { .weak = true }, CARNET_TERMINAL_TAKEN, 20000, CARNET_DISPENSE_WHOLE },
    { "more is asked, and not given", { .always_weak = true }, CARNET_TERMINAL_DECLINED, 0, CARNET_DISPENSE_NOTHING },
    { "the account is empty", { .poor = true }, CARNET_TERMINAL_DECLINED, 0, CARNET_DISPENSE_NOTHING },
    { "the switch is not there", { .unreachable = true }, CARNET_TERMINAL_NO_ANSWER, 0, CARNET_DISPENSE_NOTHING },
    { "0200 is lost", { .lose_request = true }, CARNET_TERMINAL_NO_ANSWER, 0, CARNET_DISPENSE_NOTHING },
    { "0210 is lost", { .lose_answer = true }, CARNET_TERMINAL_NO_ANSWER, 0, CARNET_DISPENSE_NOTHING },
    { "0210 comes after the reversal",
      { .lose_answer = true, .late = true },
      CARNET_TERMINAL_NO_ANSWER,
      0,
      CARNET_DISPENSE_NOTHING },
    { "0210 and three 0430 are lost",
      { .lose_answer = true, .lose_acks = 3 },
      CARNET_TERMINAL_NO_ANSWER,
      0,
      CARNET_DISPENSE_NOTHING },
    { "the user walks away", { .cancel_late = true }, CARNET_TERMINAL_CANCELLED, 0, CARNET_DISPENSE_NOTHING },
    { "the dispenser jams half way",
      { .jam = true, .out = 8000 },
      CARNET_TERMINAL_PARTLY,
      8000,
      CARNET_DISPENSE_PARTIAL },
    { "it jams, and 0430 is lost",
      { .jam = true, .out = 8000, .lose_acks = 2 },
      CARNET_TERMINAL_PARTLY,
      8000,
      CARNET_DISPENSE_PARTIAL },
    { "it jams at once", { .jam = true, .out = 0 }, CARNET_TERMINAL_NOTHING, 0, CARNET_DISPENSE_NOTHING },
    { "it does not know",
      { .jam = true, .out = 4000, .unsure = true },
      CARNET_TERMINAL_UNKNOWN,
      0,
      CARNET_DISPENSE_UNKNOWN },
    { "the mobile app server is away twice",
      { .refuse_tells = 2 },
      CARNET_TERMINAL_TAKEN,
      20000,
      CARNET_DISPENSE_WHOLE },
    { "a purchase", { .pos = true }, CARNET_TERMINAL_TAKEN, 20000, CARNET_DISPENSE_WHOLE },
    { "a purchase of two messages",
      { .pos = true, .dual = true },
      CARNET_TERMINAL_TAKEN,
      20000,
      CARNET_DISPENSE_WHOLE },
    { "a smaller purchase",
      { .pos = true, .dual = true, .jam = true, .out = 15000 },
      CARNET_TERMINAL_PARTLY,
      15000,
      CARNET_DISPENSE_PARTIAL },
    { "a purchase whose 0230 are lost",
      { .pos = true, .dual = true, .lose_acks = 3 },
      CARNET_TERMINAL_TAKEN,
      20000,
      CARNET_DISPENSE_WHOLE },
    { "nothing is bought",
      { .pos = true, .dual = true, .jam = true, .out = 0 },
      CARNET_TERMINAL_NOTHING,
      0,
      CARNET_DISPENSE_NOTHING },
};

static void
a_transaction_ends_as_its_story_says(void **state)
{
    (void)state;
    for (unsigned version = 0; version < 3; version++)
        for (size_t i = 0; i < CARNET_COUNT(stories); i++) {
            const story *s = &stories[i];

            booth_begin(&b, (carnet_iso8583_version)version, &s->script, BOOTH_NEVER);
            if (!booth_run(&b) || b.t.record.phase != CARNET_TERMINAL_ENDED || b.t.record.outcome != s->outcome ||
                booth_debited(&b) != s->debited || b.told_result != s->told)
                fail_msg("%u, %s: %s %s, debited %lld, told %d", version, s->name,
                         carnet_terminal_phase_name(b.t.record.phase), carnet_terminal_outcome_name(b.t.record.outcome),
                         (long long)booth_debited(&b), (int)b.told_result);
            assert_true(bank_sound(&b.bank));
            assert_int_equal(b.bank.books.customer.held, 0);
            assert_int_equal(b.late_answers, 0);
            assert_true(b.manual == (s->outcome == CARNET_TERMINAL_UNKNOWN));
            if (!b.manual)
                assert_int_equal(b.cash, s->debited);
        }
}

/* What holds at the end of it all, wherever the power went. */
static void
judge(unsigned version, const story *s, unsigned first, unsigned second)
{
    const bool ended = b.t.record.phase == CARNET_TERMINAL_ENDED || b.t.record.phase == CARNET_TERMINAL_IDLE;
    const int64_t debited = booth_debited(&b);
    const bool right = b.manual ? debited == 0 : debited == (int64_t)b.cash;

    if (!ended || !right || !bank_sound(&b.bank) || b.bank.books.customer.held != 0 || b.late_answers != 0)
        fail_msg("%u, %s, power off at %u and %u: %s, %lld debited, %llu out, %s", version, s->name, first, second,
                 carnet_terminal_phase_name(b.t.record.phase), (long long)debited, (unsigned long long)b.cash,
                 b.manual ? "to be looked at" : "as if all were well");
    /* What the user's phone is told is what happened. */
    if (b.told && b.told_result != CARNET_DISPENSE_UNKNOWN)
        assert_int_equal(b.told_amount, b.cash);
}

static unsigned
points_of(unsigned version, const story *s)
{
    booth_begin(&b, (carnet_iso8583_version)version, &s->script, BOOTH_NEVER);
    assert_true(booth_run(&b));
    return b.point;
}

static void
a_power_cut_at_any_point_neither_makes_nor_loses_money(void **state)
{
    unsigned cuts = 0;

    (void)state;
    for (unsigned version = 0; version < 3; version++)
        for (size_t i = 0; i < CARNET_COUNT(stories); i++) {
            const unsigned points = points_of(version, &stories[i]);

            assert_true(points > 2);
            for (unsigned at = 0; at < points; at++, cuts++) {
                booth_begin(&b, (carnet_iso8583_version)version, &stories[i].script, at);
                assert_true(booth_run(&b) && b.off);
                assert_true(booth_restart(&b, BOOTH_NEVER));
                judge(version, &stories[i], at, BOOTH_NEVER);
            }
        }
    assert_true(cuts > 500);
}

static void
nor_do_two_power_cuts(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(stories); i++) {
        const unsigned points = points_of(0, &stories[i]);

        for (unsigned at = 0; at < points; at++)
            for (unsigned again = 0; again < 24; again++) {
                booth_begin(&b, CARNET_ISO8583_1987, &stories[i].script, at);
                assert_true(booth_run(&b) && b.off);
                assert_true(booth_restart(&b, again));
                if (!b.off)
                    break;
                assert_true(booth_restart(&b, BOOTH_NEVER));
                judge(0, &stories[i], at, again);
            }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transaction_ends_as_its_story_says),
        cmocka_unit_test(a_power_cut_at_any_point_neither_makes_nor_loses_money),
        cmocka_unit_test(nor_do_two_power_cuts),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
