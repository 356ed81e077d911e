/* SPDX-License-Identifier: Apache-2.0 */
/* Reversals: known, unknown, early, late, partial, repeated; purchases in two steps; and a service that is killed. */
#include "world.h"

#include <stdio.h>
#include <string.h>

static const char *const originals[] = { "02000000011121020203", "12000000011121020203", "22000000011121020203" };

static bank_ask
reversal(carnet_iso8583_version version, const char *trace)
{
    return (bank_ask){ .mti = "0420", .trace = trace, .original = originals[version] };
}

static void
a_reversal_gives_back_once(void **state)
{
    static const char *const done[] = { "00", "400", "4000" };
    static world w;

    (void)state;
    for (unsigned v = 0; v < 3; v++) {
        bank_ask ask = bank_withdrawal(), back = reversal((carnet_iso8583_version)v, "000009");

        world_make(&w, CARRIED);
        (void)world_ask(&w, (carnet_iso8583_version)v, &ask);
        assert_int_equal(world_account(&w).balance, 80000);
        assert_string_equal(world_ask(&w, (carnet_iso8583_version)v, &back), done[v]);
        assert_int_equal(world_account(&w).balance, 100000);
        /* The 0430 was lost: it is asked again, by the same number and by another. */
        back.mti = "0421";
        assert_string_equal(world_ask(&w, (carnet_iso8583_version)v, &back), done[v]);
        world_restart(&w);
        assert_string_equal(world_ask(&w, (carnet_iso8583_version)v, &back), done[v]);
        back.trace = "000010";
        assert_string_equal(world_ask(&w, (carnet_iso8583_version)v, &back), done[v]);
        assert_int_equal(world_account(&w).balance, 100000);
        world_end(&w);
    }
}

static void
after_its_reversal_nothing_brings_it_back(void **state)
{
    static world w;
    bank_ask ask = bank_withdrawal(), back = reversal(CARNET_ISO8583_1987, "000009");

    (void)state;
    world_make(&w, CARRIED);
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &back), "00");
    ask.mti = "0201";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "94");
    ask.mti = "0200";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "94");
    ask.trace = "000002"; /* the vector by another number */
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "94");
    assert_int_equal(world_account(&w).balance, 100000);
    world_end(&w);
}

static void
a_reversal_before_its_original_forestalls_it(void **state)
{
    static world w;
    bank_ask ask = bank_withdrawal(), back = reversal(CARNET_ISO8583_1987, "000009");

    (void)state;
    world_make(&w, CARRIED);
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &back), "00");
    world_restart(&w);
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "94");
    assert_int_equal(world_account(&w).balance, 100000);
    world_end(&w);
}

static void
what_was_handed_out_stays_booked(void **state)
{
    static world w;

    (void)state;
    for (unsigned v = 0; v < 3; v++) {
        bank_ask ask = bank_withdrawal(), back = reversal((carnet_iso8583_version)v, "000009");

        world_make(&w, CARRIED);
        (void)world_ask(&w, (carnet_iso8583_version)v, &ask);
        back.actual = "000000015000";
        (void)world_ask(&w, (carnet_iso8583_version)v, &back);
        assert_int_equal(world_account(&w).balance, 85000);
        world_end(&w);
    }
}

static void
a_hold_is_captured_or_freed(void **state)
{
    static world w;
    bank_ask ask = bank_withdrawal();

    (void)state;
    world_make(&w, CARRIED);
    ask.mti = "0100";
    ask.code = "000000";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    assert_true(world_account(&w).balance == 100000 && world_account(&w).held == 20000);
    ask = (bank_ask){ .mti = "0220", .code = "000000", .trace = "000002", .amount = "000000012000" };
    ask.original = "01000000011121020203";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    assert_true(world_account(&w).balance == 88000 && world_account(&w).held == 0);
    ask = bank_withdrawal();
    ask.mti = "0100";
    ask.code = "000000";
    ask.staged = "S2";
    ask.trace = "000003";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    ask = (bank_ask){ .mti = "0400", .code = "000000", .trace = "000004", .original = "01000000031121020203" };
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    assert_true(world_account(&w).balance == 88000 && world_account(&w).held == 0);
    world_end(&w);
}

static void
an_advice_that_was_not_asked_is_refused_above_the_floor(void **state)
{
    static world w;
    bank_ask ask = { .mti = "0220", .trace = "000002", .amount = "000000003001" };

    (void)state;
    world_make(&w, CARRIED);
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "12");
    ask.trace = "000003";
    ask.staged = "S1"; /* its vector changes nothing */
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "12");
    ask.trace = "000004";
    ask.amount = "000000003000";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    assert_int_equal(world_account(&w).balance, 97000);
    world_end(&w);
}

int
main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reversal_gives_back_once),
        cmocka_unit_test(after_its_reversal_nothing_brings_it_back),
        cmocka_unit_test(a_reversal_before_its_original_forestalls_it),
        cmocka_unit_test(what_was_handed_out_stays_booked),
        cmocka_unit_test(a_hold_is_captured_or_freed),
        cmocka_unit_test(an_advice_that_was_not_asked_is_refused_above_the_floor),
    };

    return world_run(argc, argv, tests, CARNET_COUNT(tests));
}
