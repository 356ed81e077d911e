/* SPDX-License-Identifier: Apache-2.0 */
#include "bank.h"
#include "support/support.h"

#include <string.h>

static bank b;

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
    for (unsigned i = 0; i < 3; i++) {
        b.link[i].mac.algorithm = CARNET_MESSAGE_MAC_AES_CMAC;
        b.link[i].plain_step_up = false;
    }
    b.policy.carried = true;
    bank_reset(&b);
    return 0;
}

static carnet_rc
receive(carnet_iso8583_version version, const bank_ask *ask, const carnet_debit_resolution *resolution)
{
    static uint8_t bytes[2048];
    carnet_buf out = carnet_buf_of(bytes, sizeof(bytes));

    assert_carnet_ok(bank_message(&b, version, ask, &out), NULL);
    return bank_receive(&b, version, carnet_buf_span(&out), resolution);
}

static void
answered(carnet_iso8583_version version, const char *code)
{
    static carnet_iso8583_message m;

    assert_carnet_ok(carnet_iso8583_parse(&b.spec[version], b.debit.answer, &m, NULL), NULL);
    if (!carnet_iso8583_is(&m, 39, code))
        fail_msg("version %d: not %s but finding %d", (int)version, code, (int)b.debit.judged);
    assert_true(carnet_iso8583_same(&m, &b.debit.message, 11));
    assert_true(carnet_iso8583_same(&m, &b.debit.message, 41));
    assert_int_equal(carnet_mti_class(m.mti), carnet_mti_class(b.debit.message.mti));
    assert_true(carnet_mti_answers(m.mti));
    assert_true(bank_sound(&b));
}

static const char *
code_of(carnet_judged judged, carnet_iso8583_version version)
{
    carnet_judged_codes codes = carnet_judged_codes_of(judged);

    return version == CARNET_ISO8583_1987   ? codes.of_1987
           : version == CARNET_ISO8583_1993 ? codes.of_1993
                                            : codes.of_2003;
}

static void
a_withdrawal_is_booked_and_answered_in_each_version(void **state)
{
    bank_ask ask = bank_withdrawal();

    (void)state;
    for (unsigned v = 0; v < 3; v++) {
        static carnet_iso8583_message m;
        uint8_t room[64];
        carnet_buf text = carnet_buf_of(room, sizeof(room));

        bank_reset(&b);
        assert_carnet_ok(receive(v, &ask, NULL), NULL);
        answered(v, code_of(CARNET_JUDGED_APPROVED, v));
        assert_int_equal(b.books.customer.balance, 80000);
        assert_int_equal(b.books.settlement.balance, 20000);
        assert_int_equal(b.books.records, 1);
        assert_int_equal(b.books.record[0].record.state, CARNET_DEBIT_BOOKED);
        assert_int_equal(b.books.record[0].record.level, 3);
        assert_true(carnet_str_is(b.books.record[0].record.staged, BANK_REFERENCE));
        assert_true(carnet_str_is(b.books.record[0].record.risk, "large"));
        assert_carnet_ok(carnet_iso8583_parse(&b.spec[v], b.debit.answer, &m, NULL), NULL);
        assert_int_equal(carnet_iso8583_text(&m, 38, &text).len, 6);
        assert_true(carnet_iso8583_has(&m, 64) || carnet_iso8583_has(&m, 128));
    }
}

typedef struct refusal {
    const char *code; /* of 1987 */
    carnet_judged judged;
    bank_ask ask;
} refusal;

static const refusal refusals[] = {
    { "25", CARNET_JUDGED_UNKNOWN, { 0 } }, /* no vector */
    { "63", CARNET_JUDGED_MAC, { .staged = "S1", .mac_wrong = 1 } },
    { "63", CARNET_JUDGED_MAC, { .staged = "S1", .mac_wrong = 2 } },
    { "12", CARNET_JUDGED_KIND, { .staged = "S1", .code = "311000" } },
    { "12", CARNET_JUDGED_EXPIRED, { .staged = "S1", .expiry = BANK_NOW - 6 } },
    { "13", CARNET_JUDGED_AMOUNT, { .staged = "S1", .amount = "000000000000" } },
    { "63", CARNET_JUDGED_SIGNATURE, { .staged = "S1", .signed_amount = "000000010000" } },
    { "63", CARNET_JUDGED_SIGNATURE, { .staged = "S1", .signed_terminal = "ATM00002" } },
    { "63", CARNET_JUDGED_SIGNATURE, { .staged = "S1", .session = 1 } },
    { "63", CARNET_JUDGED_SIGNATURE, { .staged = "S1", .key_id = "other" } },
    { "63", CARNET_JUDGED_SIGNATURE, { .staged = "S1", .unsigned_vector = true } },
    { "63", CARNET_JUDGED_AGE, { .staged = "S1", .auth_time = BANK_NOW - 301 } },
    { "63", CARNET_JUDGED_AGE, { .staged = "S1", .auth_time = BANK_NOW + 6 } },
    { "12", CARNET_JUDGED_KIND, { .staged = "S1", .amount = "000000200001" } }, /* no row of the table covers it */
    { "12", CARNET_JUDGED_KIND, { .staged = "S1", .currency = "978" } },
    { "1A", CARNET_JUDGED_ASSURANCE, { .staged = "S1", .vector = "Cf" } },
    { "1A", CARNET_JUDGED_ASSURANCE, { .staged = "S1", .trustmark = "https://other.example/trust" } },
    { "14", CARNET_JUDGED_ACCOUNT, { .staged = "S1", .pan = "4761739001010127" } },
    { "55", CARNET_JUDGED_PIN, { .staged = "S1", .pin = true, .pin_wrong = 1 } },
    { "51", CARNET_JUDGED_FUNDS, { .staged = "S1", .amount = "000000100001" } },
    { "30", CARNET_JUDGED_FORMAT, { .staged = "S1", .time = "1321020203" } },
    { "30", CARNET_JUDGED_FORMAT, { .staged = "S1", .time = "1121250203" } },
    { "30", CARNET_JUDGED_FORMAT, { .staged = "S1", .time = "-" } },
    { "30", CARNET_JUDGED_FORMAT, { .staged = "S1", .terminal = "-" } },
    { "30", CARNET_JUDGED_FORMAT, { .staged = "S1", .trace = "-" } },
    { "30", CARNET_JUDGED_FORMAT, { .staged = "S1", .code = "-" } },
};

static void
each_refusal_has_its_code_and_books_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(refusals); i++)
        for (unsigned v = 0; v < 3; v++) {
            bank_ask ask = refusals[i].ask;
            static carnet_iso8583_message m;

            ask.mti = "0200";
            bank_reset(&b);
            assert_carnet_ok(receive(v, &ask, NULL), NULL);
            if (b.debit.judged != refusals[i].judged)
                fail_msg("case %zu, version %u: finding %d", i, v, (int)b.debit.judged);
            assert_string_equal(code_of(refusals[i].judged, CARNET_ISO8583_1987), refusals[i].code);
            assert_carnet_ok(carnet_iso8583_parse(&b.spec[v], b.debit.answer, &m, NULL), NULL);
            assert_true(carnet_iso8583_is(&m, 39, code_of(refusals[i].judged, v)));
            assert_false(carnet_iso8583_has(&m, 38));
            assert_int_equal(b.books.customer.balance, 100000);
            assert_true(bank_sound(&b));
        }
}

static void
the_accounts_own_refusals_have_theirs(void **state)
{
    bank_ask ask = bank_withdrawal();

    (void)state;
    b.books.customer.per_transaction = 19999;
    assert_carnet_ok(receive(CARNET_ISO8583_1987, &ask, NULL), NULL);
    answered(CARNET_ISO8583_1987, "61");
    bank_reset(&b);
    b.books.customer.count_per_day = 1;
    b.books.customer.day = BANK_NOW / CARNET_TIME_DAY;
    b.books.customer.day_count = 1;
    assert_carnet_ok(receive(CARNET_ISO8583_1987, &ask, NULL), NULL);
    answered(CARNET_ISO8583_1987, "65");
    bank_reset(&b);
    b.books.customer.state = CARNET_LEDGER_BLOCKED;
    assert_carnet_ok(receive(CARNET_ISO8583_1993, &ask, NULL), NULL);
    answered(CARNET_ISO8583_1993, "104");
}

static void
a_pin_is_tried_three_times(void **state)
{
    static const char *const traces[] = { "000001", "000002", "000003" };
    bank_ask ask = bank_withdrawal();

    (void)state;
    ask.pin = true;
    ask.pin_wrong = 1;
    for (size_t i = 0; i < CARNET_COUNT(traces); i++) {
        ask.trace = traces[i];
        assert_carnet_ok(receive(CARNET_ISO8583_1987, &ask, NULL), NULL);
        answered(CARNET_ISO8583_1987, "55");
    }
    ask.trace = "000004";
    ask.pin_wrong = 0;
    assert_carnet_ok(receive(CARNET_ISO8583_1987, &ask, NULL), NULL);
    answered(CARNET_ISO8583_1987, "75");
    bank_reset(&b);
    assert_carnet_ok(receive(CARNET_ISO8583_1987, &ask, NULL), NULL);
    answered(CARNET_ISO8583_1987, "00");
}

static void
too_little_assurance_is_answered_with_what_would_do(void **state)
{
    bank_ask ask = bank_withdrawal();
    carnet_vector_carrier c;

    (void)state;
    for (unsigned v = 0; v < 3; v++) {
        static carnet_iso8583_message m;
        uint8_t bytes[1100];
        carnet_buf room = carnet_buf_of(bytes, sizeof(bytes));
        carnet_span octets;

        bank_reset(&b);
        ask.vector = "Cf";
        ask.trace = "000001";
        assert_carnet_ok(receive(v, &ask, NULL), NULL);
        answered(v, code_of(CARNET_JUDGED_ASSURANCE, v));
        assert_carnet_ok(carnet_iso8583_parse(&b.spec[v], b.debit.answer, &m, NULL), NULL);
        octets = carnet_iso8583_binary(&m, b.link[v].carrier, &room);
        assert_carnet_ok(
            v == 0 ? carnet_carrier_read_text(octets, &c, NULL) : carnet_carrier_read_tlv(octets, &c, NULL), NULL);
        assert_int_equal(c.request_count, 2);
        assert_true(carnet_str_is(c.request[0], "Cc.Cf.Co"));
        assert_true(carnet_str_is(c.request[1], "Cf.Cg.Cj.Co"));
        assert_int_equal(c.trustmark, 1);
        ask.vector = "Cc.Cf.Co"; /* the refusal did not use up what was staged */
        ask.trace = "000002";
        assert_carnet_ok(receive(v, &ask, NULL), NULL);
        answered(v, code_of(CARNET_JUDGED_APPROVED, v));
    }
    ask.vector = "Cf";
    b.link[0].plain_step_up = true;
    bank_reset(&b);
    assert_carnet_ok(receive(CARNET_ISO8583_1987, &ask, NULL), NULL);
    answered(CARNET_ISO8583_1987, "63");
}

static carnet_debit_resolution
resolved(void)
{
    carnet_debit_resolution r = { .reached = true, .known = true, .fulfilled = true, .amount = 20000 };

    r.expires = BANK_NOW + 100;
    r.auth_time = BANK_NOW - 100;
    r.currency = carnet_str_of("840");
    r.terminal = carnet_str_of(BANK_TERMINAL);
    r.vector = carnet_str_of(BANK_VECTOR);
    r.trustmark = CARNET_TRUSTMARK_P1940;
    return r;
}

static void
reference(const carnet_debit_resolution *r, const char *code)
{
    bank_ask ask = bank_withdrawal();

    ask.unsigned_vector = true;
    bank_reset(&b);
    assert_carnet_ok(receive(CARNET_ISO8583_1987, &ask, r), NULL);
    answered(CARNET_ISO8583_1987, code);
    assert_int_equal(b.books.customer.balance, strcmp(code, "00") == 0 ? 80000 : 100000);
}

/* In reference mode nothing of the message's own vector counts. */
static void
what_the_mobile_app_server_says_decides(void **state)
{
    carnet_debit_resolution r = resolved();

    (void)state;
    b.policy.carried = false;
    reference(&r, "00");
    reference(NULL, "91");
    r.known = false;
    reference(&r, "25");
    r = resolved();
    r.fulfilled = false;
    reference(&r, "94");
    r = resolved();
    r.used = true;
    reference(&r, "94");
    r = resolved();
    r.expires = BANK_NOW - 6;
    reference(&r, "12");
    r = resolved();
    r.amount = 20001;
    reference(&r, "13");
    r = resolved();
    r.currency = carnet_str_of("978");
    reference(&r, "13");
    r = resolved();
    r.terminal = carnet_str_of("ATM00002");
    reference(&r, "58");
    r = resolved();
    r.auth_time = BANK_NOW - 301;
    reference(&r, "63");
    r = resolved();
    r.vector = carnet_str_of("Cf");
    reference(&r, "1A");
    r = resolved();
    r.vector = carnet_str_of("not a vector");
    reference(&r, "94");
}

static void
networks_are_answered_and_recorded_nowhere(void **state)
{
    static const struct {
        carnet_iso8583_version version;
        const char *network, *code;
    } cases[] = {
        { CARNET_ISO8583_1987, "301", "00" },   { CARNET_ISO8583_1987, "001", "00" },
        { CARNET_ISO8583_1987, "999", "12" },   { CARNET_ISO8583_1993, "831", "800" },
        { CARNET_ISO8583_1993, "301", "902" },  { CARNET_ISO8583_2003, "801", "8000" },
        { CARNET_ISO8583_2003, "999", "9002" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        bank_ask ask = { .mti = "0800", .network = cases[i].network };

        assert_carnet_ok(receive(cases[i].version, &ask, NULL), NULL);
        answered(cases[i].version, cases[i].code);
        assert_int_equal(b.books.records, 0);
    }
}

static void
what_is_no_request_is_not_answered(void **state)
{
    static const char *const types[] = { "0210", "0430", "0500", "0600" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(types); i++) {
        bank_ask ask = bank_withdrawal();

        ask.mti = types[i];
        assert_carnet_rc(receive(CARNET_ISO8583_1987, &ask, NULL), CARNET_E_DEBIT_MESSAGE);
        assert_int_equal(b.books.records, 0);
    }
    assert_int_not_equal(bank_receive(&b, CARNET_ISO8583_1987, CARNET_TEST_BYTES("0200 and more"), NULL), CARNET_OK);
}

static void
a_unit_that_failed_leaves_nothing(void **state)
{
    bank_ask ask = bank_withdrawal();

    (void)state;
    b.answers_nothing = true;
    assert_int_not_equal(receive(CARNET_ISO8583_1987, &ask, NULL), CARNET_OK);
    assert_int_equal(b.books.records, 0);
    assert_carnet_ok(carnet_debit_refuse(&b.debit, CARNET_JUDGED_UNAVAILABLE, &b.crypto, NULL), NULL);
    answered(CARNET_ISO8583_1987, "91");
    assert_carnet_ok(carnet_debit_refuse(&b.debit, CARNET_JUDGED_MALFUNCTION, &b.crypto, NULL), NULL);
    answered(CARNET_ISO8583_1987, "96");
    b.answers_nothing = false; /* and it may come again */
    assert_carnet_ok(receive(CARNET_ISO8583_1987, &ask, NULL), NULL);
    answered(CARNET_ISO8583_1987, "00");
}

static void
published_messages_are_authorised(void **state)
{
    static const struct {
        const char *file;
        carnet_iso8583_version version;
        const char *code;
    } cases[] = {
        { "vectors/p1940/p1940-0200-1987-ascii-de48.hex", CARNET_ISO8583_1987, "00" },
        { "vectors/p1940/p1940-1200-1993-bcd-de55.hex", CARNET_ISO8583_1993, "000" },
    };
    carnet_debit_signer signer = { .key_id = carnet_str_of("idp-2026a"), .key.curve = CARNET_CURVE_P256 };

    (void)state;
    memcpy(signer.key.x, carnet_test_hex("74859de804842c3284716e121bf75947841ed4f9557284320971c3391629b65a").ptr, 32);
    memcpy(signer.key.y, carnet_test_hex("61974de52b841ca90809afb6af3dd326ee616ae316d20bfdbf87f28cb4082d93").ptr, 32);
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_span octets = carnet_test_shared_hex(cases[i].file);
        carnet_span pin_key = b.link[cases[i].version].pin.key;

        bank_reset(&b);
        b.link[cases[i].version].mac.algorithm = CARNET_MESSAGE_MAC_NONE;
        b.link[cases[i].version].pin.key = (carnet_span){ 0 };
        b.policy.signers = &signer;
        assert_carnet_ok(bank_receive(&b, cases[i].version, octets, NULL), NULL);
        b.policy.signers = &b.signer;
        answered(cases[i].version, cases[i].code);
        assert_int_equal(b.books.customer.balance, 80000);
        bank_reset(&b); /* by another key: no */
        assert_carnet_ok(bank_receive(&b, cases[i].version, octets, NULL), NULL);
        assert_int_equal(b.debit.judged, CARNET_JUDGED_SIGNATURE);
        b.link[cases[i].version].pin.key = pin_key;
    }
}

static void
never_booked(carnet_span mutated, void *context)
{
    const carnet_iso8583_version *version = context;

    bank_reset(&b);
    if (bank_receive(&b, *version, mutated, NULL) == CARNET_OK && b.debit.judged == CARNET_JUDGED_APPROVED)
        fail_msg("a message that was changed is authorised");
    assert_int_equal(b.books.customer.balance, 100000);
}

/* Without a MAC, what the signature does not cover may be changed; amount and terminal may not. */
static void
booked_as_signed(carnet_span mutated, void *context)
{
    const carnet_iso8583_version *version = context;

    bank_reset(&b);
    if (bank_receive(&b, *version, mutated, NULL) == CARNET_OK && b.debit.judged == CARNET_JUDGED_APPROVED) {
        assert_true(carnet_iso8583_is(&b.debit.message, 41, BANK_TERMINAL));
        assert_int_equal(b.books.customer.balance, b.debit.kind == CARNET_DEBIT_ORDER ? 80000 : 100000);
    }
    assert_true(bank_sound(&b));
}

static void
no_prefix_and_no_flipped_bit_books_what_was_not_signed(void **state)
{
    static uint8_t bytes[2048];
    bank_ask ask = bank_withdrawal();
    carnet_buf out = carnet_buf_of(bytes, sizeof(bytes));
    carnet_iso8583_version version = CARNET_ISO8583_1993;

    (void)state;
    assert_carnet_ok(bank_message(&b, version, &ask, &out), NULL);
    carnet_test_every_prefix(carnet_buf_span(&out), never_booked, &version);
    carnet_test_every_bit(carnet_buf_span(&out), never_booked, &version);
    version = CARNET_ISO8583_1987;
    b.link[version].mac.algorithm = CARNET_MESSAGE_MAC_NONE;
    out.len = 0;
    assert_carnet_ok(bank_message(&b, version, &ask, &out), NULL);
    carnet_test_every_prefix(carnet_buf_span(&out), never_booked, &version);
    carnet_test_every_bit(carnet_buf_span(&out), booked_as_signed, &version);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_withdrawal_is_booked_and_answered_in_each_version, begin),
        cmocka_unit_test_setup(each_refusal_has_its_code_and_books_nothing, begin),
        cmocka_unit_test_setup(the_accounts_own_refusals_have_theirs, begin),
        cmocka_unit_test_setup(a_pin_is_tried_three_times, begin),
        cmocka_unit_test_setup(too_little_assurance_is_answered_with_what_would_do, begin),
        cmocka_unit_test_setup(what_the_mobile_app_server_says_decides, begin),
        cmocka_unit_test_setup(networks_are_answered_and_recorded_nowhere, begin),
        cmocka_unit_test_setup(what_is_no_request_is_not_answered, begin),
        cmocka_unit_test_setup(a_unit_that_failed_leaves_nothing, begin),
        cmocka_unit_test_setup(published_messages_are_authorised, begin),
        cmocka_unit_test_setup(no_prefix_and_no_flipped_bit_books_what_was_not_signed, begin),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
