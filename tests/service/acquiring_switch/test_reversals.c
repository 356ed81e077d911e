/* SPDX-License-Identifier: Apache-2.0 */
/* Lost answers, late answers, reversals that are acknowledged once and repeated until their issuer has them. */
#include "world.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static issuer bank;
static switch_world sw;
static terminal atm;
static written plain;

static void
begin(unsigned answer_ms)
{
    memset(&bank, 0, sizeof(bank));
    written_as(&plain, CARNET_ISO8583_1987, "ascii", "post");
    issuer_begin(&bank, &plain, 0);
    assert_int_equal(switch_begin(&sw, bank.port), 0);
    sw.issuers[0].answer_ms = answer_ms;
    switch_start(&sw);
    switch_until_up(&sw);
    terminal_begin(&atm, &plain, sw.port);
}

static void
end(void)
{
    terminal_end(&atm);
    assert_int_equal(switch_end(&sw), 0);
    issuer_end(&bank);
}

static void
until_depth(uint64_t depth)
{
    for (unsigned waited = 0; waited < PATIENCE_MS; waited += 5) {
        if (switch_metric(&sw, "carnet_switch_stored{side=\"issuer\",link=\"bank\"} ") == depth)
            return;
        pause_ms(5);
    }
    fail_msg("not %u are stored", (unsigned)depth);
}

static void
an_unanswered_request_is_reversed_and_then_91(void **state)
{
    carnet_iso8583_message m;
    const received *r;

    (void)state;
    begin(200);
    issuer_does(&bank, IS_SILENT, ANSWERS);
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000042")), "91");
    r = issuer_message(&bank, 4, 0);
    message_parse(&plain, carnet_span_of(r->octets, r->len), &m);
    assert_int_equal(m.mti, 0x0420);
    assert_true(carnet_iso8583_is(&m, 11, "000042"));
    assert_true(carnet_iso8583_is(&m, 4, "000000020000"));
    assert_true(carnet_iso8583_is(&m, 37, "632514000042"));
    assert_true(carnet_iso8583_is(&m, 39, "68"));
    assert_true(carnet_iso8583_is(&m, 90, "020000004211211405090000099000100000000000"));
    until_depth(0);
    end();
}

static void
a_late_answer_changes_nothing_and_is_logged(void **state)
{
    (void)state;
    begin(200);
    issuer_does(&bank, WAITS, ANSWERS);
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000042")), "91");
    issuer_until(&bank, 4, 1);
    issuer_release(&bank);
    switch_until_logged(&sw, "switch.late", 1);
    assert_false(terminal_receive(&atm, 50));
    assert_int_equal(issuer_count(&bank, 4), 1);
    assert_int_equal(switch_metric(&sw, "carnet_switch_late_total{side=\"issuer\",link=\"bank\"} "), 1);
    end();
}

static void
an_answer_after_the_terminals_reversal_is_kept_from_it(void **state)
{
    (void)state;
    begin(30000);
    issuer_does(&bank, WAITS, ANSWERS);
    terminal_send(&atm, "0200", withdrawal("000042"));
    (void)issuer_message(&bank, 2, 0);
    assert_string_equal(terminal_ask(&atm, "0420", reversal("000042")), "00");
    assert_int_equal(atm.message.mti, 0x0430);
    issuer_until(&bank, 4, 1);
    issuer_release(&bank);
    switch_until_logged(&sw, "switch.late", 1);
    assert_false(terminal_receive(&atm, 50));
    assert_int_equal(issuer_count(&bank, 4), 1); /* none of the switch's own */
    end();
}

static void
an_answer_to_nothing_is_logged(void **state)
{
    static const element none[] = { { 11, "000099" }, { 39, "00" }, { 41, "ATM00001" }, { 0, NULL } };
    uint8_t octets[MESSAGE_MAX];
    received *r;

    (void)state;
    begin(30000);
    issuer_does(&bank, WAITS, ANSWERS);
    terminal_send(&atm, "0200", withdrawal("000042"));
    (void)issuer_message(&bank, 2, 0);
    /* Have the issuer answer something else first. */
    (void)pthread_mutex_lock(&bank.lock);
    r = &bank.messages[bank.count++];
    r->len = message_make(&plain, "0200", none, octets);
    memcpy(r->octets, octets, r->len);
    bank.held[1].peer = bank.held[0].peer;
    bank.held[1].message = bank.count - 1;
    bank.held_count = 2;
    (void)pthread_mutex_unlock(&bank.lock);
    issuer_release(&bank);
    assert_true(terminal_receive(&atm, PATIENCE_MS));
    assert_true(carnet_iso8583_is(&atm.message, 11, "000042"));
    switch_until_logged(&sw, "switch.unmatched", 1);
    assert_false(terminal_receive(&atm, 50));
    end();
}

static void
a_reversal_is_acknowledged_though_its_issuer_is_silent_and_is_repeated(void **state)
{
    (void)state;
    begin(30000);
    issuer_does(&bank, ANSWERS, IS_SILENT);
    assert_string_equal(terminal_ask(&atm, "0420", reversal("000007")), "00");
    assert_int_equal(issuer_message(&bank, 4, 0)->mti, 0x0420);
    assert_int_equal(issuer_message(&bank, 4, 1)->mti, 0x0421);
    assert_string_equal(issuer_message(&bank, 4, 1)->trace, "000007");
    issuer_does(&bank, ANSWERS, ANSWERS);
    assert_int_equal(issuer_message(&bank, 4, 2)->mti, 0x0421);
    until_depth(0);
    assert_int_equal(issuer_count(&bank, 4), 3);
    end();
}

static void
a_terminals_repeat_is_acknowledged_again_and_stored_once(void **state)
{
    (void)state;
    begin(30000);
    issuer_does(&bank, ANSWERS, IS_SILENT);
    assert_string_equal(terminal_ask(&atm, "0420", reversal("000007")), "00");
    assert_string_equal(terminal_ask(&atm, "0421", reversal("000007")), "00");
    assert_int_equal(atm.message.mti, 0x0430);
    until_depth(1);
    issuer_does(&bank, ANSWERS, ANSWERS);
    until_depth(0);
    end();
}

static void
a_trace_number_that_comes_again_is_another_reversal(void **state)
{
    static element other[20];
    const element *first = reversal("000007");
    size_t n = 0;

    (void)state;
    for (; first[n].number != 0; n++)
        other[n] = first[n].number == 37 ? (element){ 37, "632514000099" } : first[n];
    begin(30000);
    issuer_does(&bank, ANSWERS, IS_SILENT);
    assert_string_equal(terminal_ask(&atm, "0420", first), "00");
    assert_string_equal(terminal_ask(&atm, "0420", other), "00");
    until_depth(2);
    issuer_does(&bank, ANSWERS, ANSWERS);
    until_depth(0);
    end();
}

static void
reversals_go_in_their_order_when_the_issuer_is_back(void **state)
{
    char trace[8];

    (void)state;
    begin(30000);
    issuer_end(&bank);
    switch_until_logged(&sw, "switch.issuer_down", 1);
    for (unsigned i = 1; i <= 50; i++) {
        (void)snprintf(trace, sizeof(trace), "%06u", i);
        assert_string_equal(terminal_ask(&atm, "0420", reversal(trace)), "00");
    }
    until_depth(50);
    issuer_begin(&bank, &plain, bank.port);
    until_depth(0);
    for (unsigned i = 1; i <= 50; i++) {
        (void)snprintf(trace, sizeof(trace), "%06u", i);
        assert_string_equal(issuer_message(&bank, 4, i - 1)->trace, trace);
    }
    assert_int_equal(issuer_count(&bank, 4), 50);
    end();
}

static void
what_was_approved_for_a_terminal_that_is_gone_is_reversed(void **state)
{
    (void)state;
    begin(30000);
    issuer_does(&bank, WAITS, ANSWERS);
    terminal_send(&atm, "0200", withdrawal("000042"));
    (void)issuer_message(&bank, 2, 0);
    terminal_end(&atm);
    pause_ms(50);
    issuer_release(&bank);
    assert_string_equal(issuer_message(&bank, 4, 0)->trace, "000042");
    terminal_begin(&atm, &plain, sw.port);
    end();
}

static void
what_was_refused_for_a_terminal_that_is_gone_is_not(void **state)
{
    (void)state;
    begin(30000);
    bank.code = "51";
    issuer_does(&bank, WAITS, ANSWERS);
    terminal_send(&atm, "0200", withdrawal("000042"));
    (void)issuer_message(&bank, 2, 0);
    terminal_end(&atm);
    pause_ms(50);
    issuer_release(&bank);
    switch_until_logged(&sw, "terminal_gone", 1);
    terminal_begin(&atm, &plain, sw.port);
    bank.code = NULL;
    issuer_does(&bank, ANSWERS, ANSWERS);
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000043")), "00");
    assert_int_equal(issuer_count(&bank, 4), 0);
    end();
}

static void
a_lost_connection_reverses_what_was_on_its_way(void **state)
{
    (void)state;
    begin(30000);
    issuer_does(&bank, IS_SILENT, ANSWERS);
    terminal_send(&atm, "0200", withdrawal("000001"));
    terminal_send(&atm, "0200", withdrawal("000002"));
    (void)issuer_message(&bank, 2, 1);
    issuer_end(&bank);
    assert_true(terminal_receive(&atm, PATIENCE_MS));
    assert_string_equal(atm.code, "91");
    assert_true(terminal_receive(&atm, PATIENCE_MS));
    assert_string_equal(atm.code, "91");
    issuer_begin(&bank, &plain, bank.port);
    (void)issuer_message(&bank, 4, 1);
    until_depth(0);
    end();
}

static void
an_issuer_in_trouble_is_asked_again_and_one_that_refuses_is_left_to_a_person(void **state)
{
    (void)state;
    begin(30000);
    bank.reversal_code = "96";
    assert_string_equal(terminal_ask(&atm, "0420", reversal("000001")), "00");
    assert_int_equal(issuer_message(&bank, 4, 1)->mti, 0x0421);
    bank.reversal_code = "57";
    until_depth(0);
    assert_int_equal(switch_metric(&sw, "carnet_switch_held_total{side=\"issuer\",link=\"bank\"} "), 1);
    bank.reversal_code = "25"; /* an original that was never there: done */
    assert_string_equal(terminal_ask(&atm, "0420", reversal("000002")), "00");
    until_depth(0);
    assert_int_equal(switch_metric(&sw, "carnet_switch_held_total{side=\"issuer\",link=\"bank\"} "), 1);
    end();
}

static void
an_advice_without_a_vector_is_kept_and_one_with_it_is_asked_about(void **state)
{
    static const element
        advice[] = { { 2, "9999401234567890" }, { 3, "000000" }, { 4, "000000001000" }, { 7, "1121140509" },
                     { 11, "000001" },          { 39, "00" },    { 41, "POS00001" },    { 0, NULL } },
        vector[] = { { 2, "9999401234567890" }, { 3, "000000" },    { 4, "000000001000" },          { 7, "1121140509" },
                     { 11, "000002" },          { 41, "POS00001" }, { 48, "P1015TX004ABCDTM0011" }, { 0, NULL } };

    (void)state;
    begin(300);
    issuer_does(&bank, ANSWERS, IS_SILENT);
    assert_string_equal(terminal_ask(&atm, "0220", advice), "00");
    assert_int_equal(atm.message.mti, 0x0230);
    until_depth(1);
    /* Nobody may say yes for the issuer. */
    assert_string_equal(terminal_ask(&atm, "0220", vector), "91");
    until_depth(1);
    issuer_does(&bank, ANSWERS, ANSWERS);
    assert_string_equal(terminal_ask(&atm, "0221", vector), "00");
    until_depth(0);
    assert_int_equal(issuer_count(&bank, 4), 0);
    end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unanswered_request_is_reversed_and_then_91),
        cmocka_unit_test(a_late_answer_changes_nothing_and_is_logged),
        cmocka_unit_test(an_answer_after_the_terminals_reversal_is_kept_from_it),
        cmocka_unit_test(an_answer_to_nothing_is_logged),
        cmocka_unit_test(a_reversal_is_acknowledged_though_its_issuer_is_silent_and_is_repeated),
        cmocka_unit_test(a_terminals_repeat_is_acknowledged_again_and_stored_once),
        cmocka_unit_test(a_trace_number_that_comes_again_is_another_reversal),
        cmocka_unit_test(reversals_go_in_their_order_when_the_issuer_is_back),
        cmocka_unit_test(what_was_approved_for_a_terminal_that_is_gone_is_reversed),
        cmocka_unit_test(what_was_refused_for_a_terminal_that_is_gone_is_not),
        cmocka_unit_test(a_lost_connection_reverses_what_was_on_its_way),
        cmocka_unit_test(an_issuer_in_trouble_is_asked_again_and_one_that_refuses_is_left_to_a_person),
        cmocka_unit_test(an_advice_without_a_vector_is_kept_and_one_with_it_is_asked_about),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
