/* SPDX-License-Identifier: Apache-2.0 */
/* The switch is killed (SIGKILL) at every step: what it acknowledged is never forgotten. */
#include "world.h"

#include <stdio.h>
#include <string.h>

static issuer bank;
static switch_world sw;
static terminal atm;
static written plain;

static void
spawn(void)
{
    switch_spawn(&sw);
    terminal_begin(&atm, &plain, sw.port);
}

static void
begin(void)
{
    memset(&bank, 0, sizeof(bank));
    written_as(&plain, CARNET_ISO8583_1987, "ascii", "post");
    issuer_begin(&bank, &plain, 0);
    assert_int_equal(switch_begin(&sw, bank.port), 0);

    spawn();
}

static void
again(void)
{
    switch_kill(&sw);
    terminal_end(&atm);
    spawn();
}

static void
end(void)
{
    terminal_end(&atm);
    assert_int_equal(switch_end(&sw), 0);
    issuer_end(&bank);
}

/* Until the issuer is there: the switch connects by itself. */
static void
ask_until_good(const char *trace)
{
    while (strcmp(terminal_ask(&atm, "0200", withdrawal(trace)), "91") == 0)
        pause_ms(10);
    assert_string_equal(atm.code, "00");
}

static void
killed_before_the_answer_the_terminals_reversal_arrives(void **state)
{
    (void)state;
    begin();
    ask_until_good("000001");
    issuer_does(&bank, IS_SILENT, ANSWERS);
    terminal_send(&atm, "0200", withdrawal("000002"));
    (void)issuer_message(&bank, 2, 1);
    again();
    assert_string_equal(terminal_ask(&atm, "0420", reversal("000002")), "00");
    assert_string_equal(issuer_message(&bank, 4, 0)->trace, "000002");
    end();
}

static void
killed_after_it_acknowledged_the_reversal_arrives(void **state)
{
    (void)state;
    begin();
    issuer_end(&bank);
    assert_string_equal(terminal_ask(&atm, "0420", reversal("000002")), "00");
    again();
    issuer_begin(&bank, &plain, bank.port);
    assert_int_equal(issuer_message(&bank, 4, 0)->mti, 0x0421); /* it may have been sent before */
    assert_string_equal(issuer_message(&bank, 4, 0)->trace, "000002");
    end();
}

static void
killed_before_the_issuer_answers_it_is_sent_again(void **state)
{
    (void)state;
    begin();
    issuer_does(&bank, ANSWERS, IS_SILENT);
    assert_string_equal(terminal_ask(&atm, "0420", reversal("000002")), "00");
    (void)issuer_message(&bank, 4, 0);
    again();
    assert_int_equal(issuer_message(&bank, 4, 1)->mti, 0x0421);
    end();
}

static void
acknowledged_by_the_issuer_it_is_not_sent_after_a_restart(void **state)
{
    size_t count;

    (void)state;
    begin();
    assert_string_equal(terminal_ask(&atm, "0420", reversal("000002")), "00");
    (void)issuer_message(&bank, 4, 0);
    /* The next one is stored after what was settled before it. */
    assert_string_equal(terminal_ask(&atm, "0420", reversal("000003")), "00");
    (void)issuer_message(&bank, 4, 1);
    pause_ms(300);
    again();
    count = issuer_count(&bank, 4);
    ask_until_good("000004");
    pause_ms(100);
    assert_int_equal(issuer_count(&bank, 4), count);
    assert_int_equal(count, 2);
    end();
}

static void
killed_after_91_its_own_reversal_arrives(void **state)
{
    (void)state;
    begin();
    ask_until_good("000001");
    issuer_does(&bank, IS_SILENT, IS_SILENT);
    terminal_send(&atm, "0200", withdrawal("000002"));
    (void)issuer_message(&bank, 2, 1);
    issuer_end(&bank); /* the link is lost: the request is given up */
    assert_true(terminal_receive(&atm, PATIENCE_MS));
    assert_string_equal(atm.code, "91");
    again();
    issuer_does(&bank, ANSWERS, ANSWERS);
    issuer_begin(&bank, &plain, bank.port);
    assert_string_equal(issuer_message(&bank, 4, 0)->trace, "000002");
    end();
}

enum { ROUNDS = 12, EACH = 40 };

/* Reversals one after the other, while it is killed at moments that nobody chose; one that is not acknowledged is repeated. */
static void
send_until_acknowledged(unsigned number, carnet_test_seed *seed, unsigned *kills)
{
    char trace[8];
    bool first = true;

    (void)snprintf(trace, sizeof(trace), "%06u", number);
    for (;;) {
        if (*kills < ROUNDS && carnet_test_number(seed) % (EACH / 2) == 0) {
            (*kills)++;
            terminal_send(&atm, first ? "0420" : "0421", reversal(trace));
            first = false;
            for (uint64_t spin = carnet_test_number(seed) % 4; spin > 0; spin--)
                pause_ms(1);
            again();
            continue;
        }
        terminal_send(&atm, first ? "0420" : "0421", reversal(trace));
        if (terminal_receive(&atm, PATIENCE_MS) && strcmp(atm.code, "00") == 0)
            return;
        first = false;
    }
}

static void
killed_a_dozen_times_nothing_acknowledged_is_missing_and_all_is_in_order(void **state)
{
    carnet_test_seed seed = { 20261121 };
    unsigned kills = 0, highest = 0;
    bool there[EACH * ROUNDS + 1] = { false };

    (void)state;
    begin();
    for (unsigned i = 1; i <= EACH * ROUNDS; i++)
        send_until_acknowledged(i, &seed, &kills);
    assert_int_equal(kills, ROUNDS);
    for (unsigned waited = 0; waited < PATIENCE_MS && highest < EACH * ROUNDS; waited += 10) {
        pause_ms(10);
        (void)pthread_mutex_lock(&bank.lock);
        highest = 0;
        for (size_t k = 0; k < bank.count; k++) {
            unsigned number = 0;

            (void)sscanf(bank.messages[k].trace, "%u", &number);
            assert_in_range(number, 1, EACH * ROUNDS);
            there[number] = true;
            if (number > highest) {
                assert_int_equal(number, highest + 1);
                highest = number;
            }
        }
        (void)pthread_mutex_unlock(&bank.lock);
    }
    for (unsigned i = 1; i <= EACH * ROUNDS; i++)
        assert_true(there[i]);
    end();
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_before_the_answer_the_terminals_reversal_arrives),
        cmocka_unit_test(killed_after_it_acknowledged_the_reversal_arrives),
        cmocka_unit_test(killed_before_the_issuer_answers_it_is_sent_again),
        cmocka_unit_test(acknowledged_by_the_issuer_it_is_not_sent_after_a_restart),
        cmocka_unit_test(killed_after_91_its_own_reversal_arrives),
        cmocka_unit_test(killed_a_dozen_times_nothing_acknowledged_is_missing_and_all_is_in_order),
    };

    if (switch_is_process(argc, argv))
        return 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
