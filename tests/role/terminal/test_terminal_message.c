/* SPDX-License-Identifier: Apache-2.0 */
/* What the messages of a terminal say, in each version, element by element. */
#include "booth.h"
#include "support/support.h"

#include <string.h>

static booth b;
static carnet_iso8583_message m;

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

typedef struct expected {
    unsigned element;
    const char *of_1987, *of_1993, *of_2003; /* "-": it must not be there */
} expected;

static void
holds(const expected *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *texts[] = { list[i].of_1987, list[i].of_1993, list[i].of_2003 };
        const char *text = texts[b.version];

        if (strcmp(text, "-") == 0 ? carnet_iso8583_has(&m, list[i].element)
                                   : !carnet_iso8583_is(&m, list[i].element, text))
            fail_msg("version %d, element %u is not %s", (int)b.version, list[i].element, text);
    }
}

/* Begin a transaction and stop where its first message goes out. */
static void
begin(unsigned version, booth_script script)
{
    static const uint8_t session[CARNET_STAGING_SESSION] = { 1 };
    carnet_collect_answer fulfilled;
    carnet_terminal_action action;

    booth_begin(&b, (carnet_iso8583_version)version, &script, BOOTH_NEVER);
    assert_carnet_ok(carnet_terminal_begin(&b.t, session, b.now, NULL), NULL);
    assert_carnet_ok(carnet_terminal_next(&b.t, b.now, &action, NULL), NULL);
    fulfilled = booth_fulfilled(&b, BANK_VECTOR);
    fulfilled.account = carnet_str_of("SAVINGS1");
    assert_carnet_ok(carnet_terminal_collected(&b.t, &fulfilled, b.now, NULL), NULL);
    assert_carnet_ok(carnet_terminal_next(&b.t, b.now, &action, NULL), NULL);
    assert_int_equal(action.act, CARNET_TERMINAL_SEND);
}

static void
build(carnet_mti mti)
{
    static uint8_t octets[2048];
    carnet_buf out = carnet_buf_of(octets, sizeof(octets));
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_terminal_message(&b.t, &out, &err), &err);
    assert_carnet_ok(carnet_iso8583_parse(b.config.spec, carnet_buf_span(&out), &m, &err), &err);
    assert_int_equal(m.mti, (unsigned)b.version << 12 | mti);
}

static const expected common[] = {
    { 2, BANK_PAN, BANK_PAN, BANK_PAN },
    { 4, "000000020000", "000000020000", "8402000000020000" },
    { 7, "1121020203", "1121020203", "1121020203" },
    { 11, "000101", "000101", "000000000101" },
    { 12, "020203", "261121020203", "20261121020203" },
    { 13, "1121", "-", "-" },
    { 22, "821", "V3020033314C", "-" },
    { 32, "423935", "423935", "423935" },
    { 37, "632502000101", "632502000101", "632502000101" },
    { 41, "ATM00001", "ATM00001", "ATM00001" },
    { 42, "BANK 1", "BANK 1", "BANK 1" },
    { 43, "Main Street 1", "Main Street 1", "-" },
    { 49, "840", "840", "-" },
    { 64, "-", "-", "-" },
    { 102, "SAVINGS1", "SAVINGS1", "SAVINGS1" },
    { 128, "-", "-", "-" },
};

static void
a_withdrawal_says_what_the_profile_says(void **state)
{
    static const expected cash[] = {
        { 3, "010000", "010000", "010000" }, { 18, "6011", "-", "-" }, { 24, "-", "200", "200" },
        { 26, "-", "6011", "6011" },         { 39, "-", "-", "-" },
    };

    (void)state;
    for (unsigned version = 0; version < 3; version++) {
        begin(version, (booth_script){ 0 });
        build(0x0200);
        holds(common, CARNET_COUNT(common));
        holds(cash, CARNET_COUNT(cash));
    }
}

static void
its_vector_is_the_one_that_was_collected_with_its_signature(void **state)
{
    (void)state;
    for (unsigned version = 0; version < 3; version++) {
        const carnet_carrier_binding binding = { carnet_str_of("000000020000"), carnet_str_of("840"),
                                                 carnet_str_of(BANK_TERMINAL) };
        static uint8_t octets[1200];
        carnet_buf room = carnet_buf_of(octets, sizeof(octets));
        carnet_vector_carrier c;
        carnet_span value;

        begin(version, (booth_script){ 0 });
        build(0x0200);
        value = carnet_iso8583_binary(&m, b.config.carrier, &room);
        assert_carnet_ok(
            version == 0 ? carnet_carrier_read_text(value, &c, NULL) : carnet_carrier_read_tlv(value, &c, NULL), NULL);
        assert_str_is(c.vector, BANK_VECTOR);
        assert_str_is(c.reference, BANK_REFERENCE);
        assert_str_is(c.key_id, "idp-test");
        assert_int_equal(c.trustmark, 1);
        assert_int_equal(c.level, 3);
        assert_carnet_ok(carnet_carrier_verify(&c, &binding, &b.bank.key.public_key, &b.bank.crypto, NULL), NULL);
    }
}

static void
a_transaction_known_by_reference_carries_its_reference(void **state)
{
    static uint8_t octets[1200];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_vector_carrier c;

    (void)state;
    begin(0, (booth_script){ 0 });
    b.t.carrier.signature = (carnet_str){ 0 };
    build(0x0200);
    assert_carnet_ok(carnet_carrier_read_text(carnet_iso8583_binary(&m, 48, &room), &c, NULL), NULL);
    assert_int_equal(c.present & (CARNET_CARRIER_SIGNATURE | CARNET_CARRIER_KEY_ID), 0);
    b.t.has_carrier = false;
    room.len = 0;
    build(0x0200);
    assert_carnet_ok(carnet_carrier_read_text(carnet_iso8583_binary(&m, 48, &room), &c, NULL), NULL);
    assert_int_equal(c.present, CARNET_CARRIER_REFERENCE | CARNET_CARRIER_RESULT);
    assert_str_is(c.reference, BANK_REFERENCE);
    b.t.record.pan[0] = '\0';
    build(0x0200);
    assert_true(carnet_iso8583_is(&m, 22, "031"));
}

static void
time_out(void)
{
    carnet_terminal_action action;

    carnet_terminal_sent(&b.t, true, b.now);
    b.now += 30000;
    assert_carnet_ok(carnet_terminal_next(&b.t, b.now, &action, NULL), NULL);
    assert_int_equal(action.act, CARNET_TERMINAL_SEND);
}

static void
a_reversal_names_its_original_and_its_repeat_is_the_same_but_for_the_type(void **state)
{
    static const expected reversal[] = {
        { 4, "000000020000", "000000020000", "8402000000020000" },
        { 7, "1121020233", "1121020233", "1121020233" },
        { 11, "000102", "000102", "000000000102" },
        { 24, "-", "400", "400" },
        { 25, "-", "4021", "4021" },
        { 37, "632502000101", "632502000101", "632502000101" },
        { 39, "68", "-", "-" },
        { 56, "-", "120000010126112102020306423935", "220000000000010120261121020203423935" },
        { 90, "020000010111210202030000042393500000000000", "-", "-" },
        { 95, "-", "-", "-" },
    };

    (void)state;
    for (unsigned version = 0; version < 3; version++) {
        begin(version, (booth_script){ 0 });
        time_out();
        build(0x0420);
        holds(reversal, CARNET_COUNT(reversal));
        time_out();
        build(0x0421);
        holds(reversal, CARNET_COUNT(reversal));
    }
}

/* Authorised; then so much comes out. */
static void
dispense(uint64_t amount)
{
    carnet_terminal_action action;

    carnet_terminal_sent(&b.t, true, b.now);
    b.t.record.phase = CARNET_TERMINAL_DISPENSING;
    b.t.asked = false;
    memcpy(b.t.record.approval, "A1B2C3", 7);
    assert_carnet_ok(carnet_terminal_next(&b.t, b.now, &action, NULL), NULL);
    assert_carnet_ok(carnet_terminal_dispensed(&b.t, true, amount, b.now, NULL), NULL);
    assert_carnet_ok(carnet_terminal_next(&b.t, b.now, &action, NULL), NULL);
    assert_int_equal(action.act, CARNET_TERMINAL_SEND);
}

static void
a_reversal_of_a_part_says_what_came_out(void **state)
{
    static const expected part[] = {
        { 4, "000000020000", "000000008000", "8402000000008000" },
        { 24, "-", "401", "401" },
        { 25, "-", "4004", "4004" },
        { 30, "-", "000000020000000000000000", "84020000000200000000000000000000" },
        { 38, "A1B2C3", "A1B2C3", "A1B2C3" },
        { 39, "32", "-", "-" },
        { 95, "000000008000000000000000000000000000000000", "-", "-" },
    };

    (void)state;
    for (unsigned version = 0; version < 3; version++) {
        begin(version, (booth_script){ 0 });
        dispense(8000);
        build(0x0420);
        holds(part, CARNET_COUNT(part));
    }
}

static void
a_purchase_of_two_messages_is_held_and_then_completed(void **state)
{
    static const expected hold[] = { { 3, "000000", "000000", "000000" }, { 24, "-", "100", "100" } };
    static const expected completion[] = {
        { 4, "000000015000", "000000015000", "8402000000015000" },
        { 24, "-", "202", "202" },
        { 38, "A1B2C3", "A1B2C3", "A1B2C3" },
        { 56, "-", "110000010126112102020306423935", "210000000000010120261121020203423935" },
        { 90, "010000010111210202030000042393500000000000", "-", "-" },
    };

    (void)state;
    for (unsigned version = 0; version < 3; version++) {
        begin(version, (booth_script){ .pos = true, .dual = true });
        build(0x0100);
        holds(hold, CARNET_COUNT(hold));
        dispense(15000);
        build(0x0220);
        holds(completion, CARNET_COUNT(completion));
        carnet_terminal_sent(&b.t, true, b.now);
        build(0x0221);
        holds(completion, CARNET_COUNT(completion));
    }
}

static void
currencies_have_the_digits_that_are_theirs(void **state)
{
    static const char *const amounts[][2] = { { "392", "3920000000020000" },
                                              { "978", "9782000000020000" },
                                              { "414", "4143000000020000" } };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(amounts); i++) {
        begin(2, (booth_script){ 0 });
        memcpy(b.t.record.currency, amounts[i][0], 4);
        build(0x0200);
        assert_true(carnet_iso8583_is(&m, 4, amounts[i][1]));
    }
}

static void
nothing_is_built_when_nothing_is_to_be_sent(void **state)
{
    static uint8_t octets[2048];
    carnet_buf out = carnet_buf_of(octets, sizeof(octets));

    (void)state;
    booth_begin(&b, CARNET_ISO8583_1987, &(booth_script){ 0 }, BOOTH_NEVER);
    assert_carnet_rc(carnet_terminal_message(&b.t, &out, NULL), CARNET_E_TERMINAL_STATE);
    assert_int_equal(out.len, 0);
    begin(0, (booth_script){ 0 });
    out.cap = 100;
    assert_carnet_rc(carnet_terminal_message(&b.t, &out, NULL), CARNET_E_NO_SPACE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_withdrawal_says_what_the_profile_says),
        cmocka_unit_test(its_vector_is_the_one_that_was_collected_with_its_signature),
        cmocka_unit_test(a_transaction_known_by_reference_carries_its_reference),
        cmocka_unit_test(a_reversal_names_its_original_and_its_repeat_is_the_same_but_for_the_type),
        cmocka_unit_test(a_reversal_of_a_part_says_what_came_out),
        cmocka_unit_test(a_purchase_of_two_messages_is_held_and_then_completed),
        cmocka_unit_test(currencies_have_the_digits_that_are_theirs),
        cmocka_unit_test(nothing_is_built_when_nothing_is_to_be_sent),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
