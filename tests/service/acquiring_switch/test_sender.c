/* SPDX-License-Identifier: Apache-2.0 */
/* Two switches on one store: both serve terminals, one sends what waits; with "postgresql" as argument on such a server. */
#include "support/server.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static issuer bank;
static switch_world one, other;
static terminal first, second;
static written plain;

static void
begin(void)
{
    char place[160];

    bank = (issuer){ 0 };
    written_as(&plain, CARNET_ISO8583_1987, "ascii", "post");
    issuer_begin(&bank, &plain, 0);
    carnet_test_place("", true, place, sizeof(place));
    if (place[0] != '\0')
        assert_int_equal(setenv("CARNET_TEST_SWITCH_STORE", place, 1), 0);
    assert_int_equal(switch_begin(&one, bank.port), 0);
    switch_beside(&other, &one);
}

static void
end(void)
{
    switch_kill(&other);
    switch_stop(&other);
    assert_int_equal(switch_end(&one), 0);
    issuer_end(&bank);
}

/* Reversals with these trace numbers, acknowledged. */
static void
reverse(terminal *t, unsigned from, unsigned to)
{
    char trace[8];

    for (; from <= to; from++) {
        (void)snprintf(trace, sizeof(trace), "%06u", from);
        assert_string_equal(terminal_ask(t, "0420", reversal(trace)), "00");
    }
}

/* All of them have come, and each once. */
static void
came_once(unsigned count)
{
    unsigned times[64] = { 0 };

    issuer_until(&bank, 4, count);
    pause_ms(100);
    assert_int_equal(issuer_count(&bank, 4), count);
    for (unsigned i = 0; i < count; i++)
        times[strtoul(issuer_message(&bank, 4, i)->trace, NULL, 10)]++;
    for (unsigned i = 1; i <= count; i++)
        assert_int_equal(times[i], 1);
}

static void
one_of_two_sends_what_both_acknowledged(void **state)
{
    (void)state;
    begin();
    switch_start(&one);
    switch_until_logged(&one, "\"reason\":\"taken\"", 1);
    switch_start(&other);
    switch_until_logged(&other, "\"reason\":\"another\"", 1);
    terminal_begin(&first, &plain, one.port);
    terminal_begin(&second, &plain, other.port);
    reverse(&first, 1, 3);
    reverse(&second, 4, 6);
    reverse(&first, 7, 7);
    came_once(7);
    assert_int_equal(switch_metric(&other, "carnet_switch_forwarded_total{side=\"issuer\",link=\"bank\"} "), 0);
    assert_int_equal(switch_metric(&one, "carnet_switch_forwarded_total{side=\"issuer\",link=\"bank\"} "), 7);
    assert_int_equal(switch_metric(&one, "\ncarnet_switch_sends "), 1);
    assert_int_equal(switch_metric(&other, "\ncarnet_switch_sends "), 0);
    terminal_end(&first);
    terminal_end(&second);
    end();
}

static void
begun_beside_another_it_sends_nothing_of_what_waits(void **state)
{
    (void)state;
    begin();
    issuer_does(&bank, ANSWERS, IS_SILENT);
    switch_start(&one);
    switch_until_logged(&one, "\"reason\":\"taken\"", 1);
    terminal_begin(&first, &plain, one.port);
    reverse(&first, 1, 4);
    issuer_until(&bank, 4, 1); /* the first is on its way, and not answered */
    switch_start(&other);
    switch_until_up(&other);
    terminal_begin(&second, &plain, other.port);
    reverse(&second, 5, 5);
    assert_int_equal(switch_metric(&other, "carnet_switch_stored{side=\"issuer\",link=\"bank\"} "), 0);
    assert_int_equal(issuer_count(&bank, 4), 1);
    terminal_end(&first);
    terminal_end(&second);
    end();
}

static void
when_the_sender_stops_the_other_goes_on(void **state)
{
    (void)state;
    begin();
    issuer_does(&bank, ANSWERS, IS_SILENT);
    switch_start(&one);
    switch_until_logged(&one, "\"reason\":\"taken\"", 1);
    switch_start(&other);
    terminal_begin(&first, &plain, one.port);
    reverse(&first, 1, 2);
    issuer_until(&bank, 4, 1);
    terminal_end(&first);
    switch_stop(&one);
    issuer_does(&bank, ANSWERS, ANSWERS);
    switch_until_logged(&other, "\"reason\":\"taken\"", 1);
    issuer_until(&bank, 4, 3);
    assert_string_equal(issuer_message(&bank, 4, 1)->trace, "000001"); /* again: nobody knows whether it was taken */
    assert_string_equal(issuer_message(&bank, 4, 2)->trace, "000002");
    end();
}

static void
when_the_sender_is_killed_the_other_goes_on(void **state)
{
    (void)state;
    begin();
    issuer_does(&bank, ANSWERS, IS_SILENT);
    switch_spawn(&one);
    terminal_begin(&first, &plain, one.port);
    reverse(&first, 1, 2);
    issuer_until(&bank, 4, 1);
    switch_start(&other);
    switch_until_logged(&other, "\"reason\":\"another\"", 1);
    terminal_end(&first);
    switch_kill(&one);
    issuer_does(&bank, ANSWERS, ANSWERS);
    issuer_until(&bank, 4, 3);
    assert_string_equal(issuer_message(&bank, 4, 1)->trace, "000001");
    assert_string_equal(issuer_message(&bank, 4, 2)->trace, "000002");
    end();
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_of_two_sends_what_both_acknowledged),
        cmocka_unit_test(begun_beside_another_it_sends_nothing_of_what_waits),
        cmocka_unit_test(when_the_sender_stops_the_other_goes_on),
        cmocka_unit_test(when_the_sender_is_killed_the_other_goes_on),
    };

    if (switch_is_process(argc, argv))
        return 0;
    return carnet_test_run_stored(argc, argv, "sender", tests, CARNET_COUNT(tests), NULL);
}
