/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and their answers; what is refused by the switch itself. */
#include "world.h"

#include <string.h>

static issuer bank;
static switch_world sw;
static terminal atm;
static written plain;

static void
begin(void)
{
    memset(&bank, 0, sizeof(bank));
    written_as(&plain, CARNET_ISO8583_1987, "ascii", "post");
    issuer_begin(&bank, &plain, 0);
    assert_int_equal(switch_begin(&sw, bank.port), 0);
}

static void
start(void)
{
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
a_withdrawal_goes_to_its_issuer_and_back(void **state)
{
    uint8_t sent[MESSAGE_MAX];
    size_t len;

    (void)state;
    begin();
    start();
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000001")), "00");
    assert_int_equal(atm.message.mti, 0x0210);
    assert_true(carnet_iso8583_is(&atm.message, 38, "123456"));
    assert_true(carnet_iso8583_is(&atm.message, 11, "000001"));
    len = message_make(&plain, "0200", withdrawal("000001"), sent);
    /* Links alike: not an octet differs. */
    assert_span_equal(carnet_span_of(issuer_message(&bank, 2, 0)->octets, issuer_message(&bank, 2, 0)->len),
                      carnet_span_of(sent, len));
    assert_int_equal(switch_metric(&sw, "carnet_switch_sent_total{side=\"issuer\",link=\"bank\"} "), 1);
    end();
}

static void
an_issuers_refusal_is_passed_on(void **state)
{
    (void)state;
    begin();
    start();
    bank.code = "1A";
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000002")), "1A");
    end();
}

/* --- what the switch says itself --- */

static void
without_an_issuer_the_answer_is_91(void **state)
{
    (void)state;
    begin();
    start();
    issuer_end(&bank);
    switch_until_logged(&sw, "switch.issuer_down", 1);
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000001")), "91");
    assert_string_equal(terminal_ask(&atm, "0100", withdrawal("000002")), "91");
    /* It comes back by itself. */
    issuer_begin(&bank, &plain, bank.port);
    switch_until_up(&sw);
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000003")), "00");
    end();
}

static void
without_a_route_the_answer_is_92(void **state)
{
    static char *bins[] = { (char *)(uintptr_t) "4", (char *)(uintptr_t) "999941-999949" };

    (void)state;
    begin();
    sw.routes[0] = (carnet_config_payment_route){ .to = sw.issuers[0].name, .bins = { bins, 2 } };
    sw.section.route_count = 1;
    start();
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000001")), "92");
    assert_string_equal(terminal_ask(&atm, "0420", reversal("000001")), "92");
    assert_int_equal(bank.count, 0);
    end();
}

static void
routes_go_by_number_institution_terminal_and_processing_code(void **state)
{
    static char *range[] = { (char *)(uintptr_t) "999930-999940" }, *institutions[] = { (char *)(uintptr_t) "990077" },
                *terminals[] = { (char *)(uintptr_t) "POS" }, *processing[] = { (char *)(uintptr_t) "00" };
    static const element
        other[] = { { 2, "4111111111111111" }, { 3, "011000" },    { 4, "000000001000" },
                    { 11, "000002" },          { 41, "ATM00001" }, { 0, NULL } },
        abroad[] = { { 2, "4111111111111111" },
                     { 3, "011000" },
                     { 4, "000000001000" },
                     { 11, "000003" },
                     { 41, "ATM00001" },
                     { 100, "990077" },
                     { 0, NULL } },
        shop[] = { { 3, "000000" }, { 4, "000000001000" }, { 11, "000004" }, { 41, "POS00001" }, { 0, NULL } },
        pos[] = { { 3, "011000" }, { 4, "000000001000" }, { 11, "000005" }, { 41, "POS00001" }, { 0, NULL } };

    (void)state;
    begin();
    sw.routes[0] = (carnet_config_payment_route){ .to = sw.issuers[0].name, .bins = { range, 1 } };
    sw.routes[1] = (carnet_config_payment_route){ .to = sw.issuers[0].name, .institutions = { institutions, 1 } };
    sw.routes[2] = (carnet_config_payment_route){ .to = sw.issuers[0].name,
                                                  .terminals = { terminals, 1 },
                                                  .processing = { processing, 1 } };
    sw.section.route_count = 3;
    start();
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000001")), "00");
    assert_string_equal(terminal_ask(&atm, "0200", other), "92");
    assert_string_equal(terminal_ask(&atm, "0200", abroad), "00");
    assert_string_equal(terminal_ask(&atm, "0200", shop), "00");
    assert_string_equal(terminal_ask(&atm, "0200", pos), "92");
    end();
}

static void
a_request_without_a_trace_number_is_30(void **state)
{
    static const element bare[] = { { 3, "011000" }, { 4, "000000001000" }, { 41, "ATM00001" }, { 0, NULL } };

    (void)state;
    begin();
    start();
    assert_string_equal(terminal_ask(&atm, "0200", bare), "30");
    assert_string_equal(terminal_ask(&atm, "0420", bare), "30");
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000001")), "00");
    assert_int_equal(issuer_count(&bank, 2), 1);
    assert_int_equal(issuer_count(&bank, 4), 0);
    end();
}

static void
a_request_twice_at_once_is_a_duplicate_but_its_repeat_is_none(void **state)
{
    (void)state;
    begin();
    issuer_does(&bank, WAITS, ANSWERS);
    start();
    terminal_send(&atm, "0200", withdrawal("000001"));
    (void)issuer_message(&bank, 2, 0);
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000001")), "94");
    terminal_send(&atm, "0201", withdrawal("000001"));
    pause_ms(20);
    issuer_release(&bank);
    assert_true(terminal_receive(&atm, PATIENCE_MS));
    assert_string_equal(atm.code, "00");
    assert_false(terminal_receive(&atm, 100));
    assert_int_equal(issuer_count(&bank, 2), 1);
    end();
}

static void
more_requests_a_second_than_allowed_are_91(void **state)
{
    unsigned good = 0, refused = 0;

    (void)state;
    begin();
    sw.terminals[0].per_second = 3;
    start();
    for (unsigned i = 0; i < 8; i++) {
        static const char *const traces[] = { "000001", "000002", "000003", "000004",
                                              "000005", "000006", "000007", "000008" };

        terminal_send(&atm, "0200", withdrawal(traces[i]));
    }
    for (unsigned i = 0; i < 8; i++) {
        assert_true(terminal_receive(&atm, PATIENCE_MS));
        good += strcmp(atm.code, "00") == 0;
        refused += strcmp(atm.code, "91") == 0;
    }
    assert_int_equal(good + refused, 8);
    assert_in_range(good, 3, 6);                                               /* a second may have ended meanwhile */
    assert_string_equal(terminal_ask(&atm, "0420", reversal("000001")), "00"); /* never refused */
    end();
}

/* --- network management --- */

static const element *
network(const char *code)
{
    static element list[] = { { 7, "1121140509" }, { 11, "000100" }, { 70, "" }, { 0, NULL } };

    list[2].text = code;
    return list;
}

static void
terminals_sign_on_where_that_is_demanded(void **state)
{
    (void)state;
    begin();
    sw.terminals[0].sign_on = true;
    start();
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000001")), "63");
    assert_string_equal(terminal_ask(&atm, "0800", network("001")), "00");
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000002")), "00");
    assert_string_equal(terminal_ask(&atm, "0800", network("301")), "00");
    assert_int_equal(atm.message.mti, 0x0810);
    assert_true(carnet_iso8583_is(&atm.message, 70, "301"));
    assert_string_equal(terminal_ask(&atm, "0800", network("101")), "12");
    assert_string_equal(terminal_ask(&atm, "0800", network("002")), "00");
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000003")), "63");
    end();
}

static void
the_switch_signs_on_before_anything_goes_out(void **state)
{
    (void)state;
    begin();
    sw.issuers[0].sign_on = true;
    bank.network = WAITS;
    switch_start(&sw);
    terminal_begin(&atm, &plain, sw.port);
    (void)issuer_message(&bank, 8, 0);
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000001")), "91");
    assert_string_equal(terminal_ask(&atm, "0420", reversal("000001")), "00"); /* it is kept */
    assert_int_equal(issuer_count(&bank, 4), 0);
    issuer_release(&bank);
    switch_until_up(&sw);
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000002")), "00");
    issuer_until(&bank, 4, 1);
    end();
}

static void
an_issuer_that_does_not_answer_echoes_is_connected_anew(void **state)
{
    (void)state;
    begin();
    sw.issuers[0].echo_seconds = 1;
    sw.issuers[0].answer_ms = 200;
    bank.network = IS_SILENT;
    start();
    issuer_until(&bank, 8, 2);
    switch_until_logged(&sw, "switch.issuer_silent", 1);
    bank.network = ANSWERS;
    switch_until_logged(&sw, "switch.issuer_up", 2);
    switch_until_up(&sw);
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000002")), "00");
    end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_withdrawal_goes_to_its_issuer_and_back),
        cmocka_unit_test(an_issuers_refusal_is_passed_on),
        cmocka_unit_test(without_an_issuer_the_answer_is_91),
        cmocka_unit_test(without_a_route_the_answer_is_92),
        cmocka_unit_test(routes_go_by_number_institution_terminal_and_processing_code),
        cmocka_unit_test(a_request_without_a_trace_number_is_30),
        cmocka_unit_test(a_request_twice_at_once_is_a_duplicate_but_its_repeat_is_none),
        cmocka_unit_test(more_requests_a_second_than_allowed_are_91),
        cmocka_unit_test(terminals_sign_on_where_that_is_demanded),
        cmocka_unit_test(the_switch_signs_on_before_anything_goes_out),
        cmocka_unit_test(an_issuer_that_does_not_answer_echoes_is_connected_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
