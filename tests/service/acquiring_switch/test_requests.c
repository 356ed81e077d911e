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
    bank = (issuer){ 0 };
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_withdrawal_goes_to_its_issuer_and_back),
        cmocka_unit_test(an_issuers_refusal_is_passed_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
