/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors that come in the message: authorised, refused each for its reason, repeated, reversed, over TCP. */
#include "world.h"

#include <stdio.h>
#include <string.h>

static void
a_withdrawal_is_answered_and_booked_in_each_version(void **state)
{
    static const char *const approved[] = { "00", "000", "0000" };
    static const char *const references[] = { "S1", "S2", "S3" };
    static world w;

    (void)state;
    world_make(&w, CARRIED);
    for (unsigned v = 0; v < 3; v++) {
        bank_ask ask = bank_withdrawal();

        ask.staged = references[v];
        ask.trace = (const char *[]){ "000001", "000002", "000003" }[v];
        assert_string_equal(world_ask(&w, (carnet_iso8583_version)v, &ask), approved[v]);
        assert_true(carnet_iso8583_has(&w.answer, 38));
        assert_int_equal(world_account(&w).balance, 100000 - 20000 * ((int)v + 1));
    }
    world_end(&w);
}

typedef struct refusal {
    const char *code; /* of 1987 */
    const char *of_1993;
    const char *what;
    bank_ask ask;
    bool booked; /* a good one with the same staged transaction before */
} refusal;

static const refusal refusals[] = {
    { "30", "904", "no processing code", { .mti = "0200", .code = "-", .staged = "S1" } },
    { "63", "916", "a wrong MAC", { .mti = "0200", .staged = "S1", .mac_wrong = 1 } },
    { "63", "916", "no MAC", { .mti = "0200", .staged = "S1", .mac_wrong = 2 } },
    { "94", "913", "the same again", { .mti = "0200", .staged = "S0", .trace = "000900" }, true },
    { "94", "913", "a transaction that was used", { .mti = "0200", .staged = "S0" }, true },
    { "12", "902", "a kind that is not done here", { .mti = "0200", .code = "400000", .staged = "S1" } },
    { "25", "914", "no reference", { .mti = "0200" } },
    { "12", "902", "expired", { .mti = "0200", .staged = "S1", .expiry = BANK_NOW - 6 } },
    { "63", "122", "the amount swapped", { .mti = "0200", .staged = "S1", .signed_amount = "000000010000" } },
    { "63", "122", "the terminal swapped", { .mti = "0200", .staged = "S1", .signed_terminal = "ATM00002" } },
    { "63", "122", "the session swapped", { .mti = "0200", .staged = "S1", .session = 1 } },
    { "63", "122", "not signed", { .mti = "0200", .staged = "S1", .unsigned_vector = true } },
    { "63", "122", "signed by nobody we know", { .mti = "0200", .staged = "S1", .key_id = "idp-other" } },
    { "63",
      "122",
      "authenticated too long ago",
      { .mti = "0200", .staged = "S1", .auth_time = BANK_NOW - 306, .expiry = BANK_NOW + 60 } },
    { "63", "122", "authenticated in the future", { .mti = "0200", .staged = "S1", .auth_time = BANK_NOW + 6 } },
    { "1A", "122", "too little", { .mti = "0200", .staged = "S1", .vector = "Ce.Cf.Cg" } },
    { "14", "111", "no such account", { .mti = "0200", .staged = "S1", .pan = "4000000000000002" } },
    { "55", "117", "a wrong PIN", { .mti = "0200", .staged = "S1", .pin = true, .pin_wrong = 1 } },
    { "51", "116", "more than there is", { .mti = "0200", .staged = "S1", .amount = "000000100001" } },
    { "12", "902", "more than the table of risks knows", { .mti = "0200", .staged = "S1", .amount = "000000200001" } },
};

static void
each_refusal_has_its_code(void **state)
{
    static world w;

    (void)state;
    for (unsigned v = 0; v < 2; v++) {
        world_make(&w, CARRIED);
        for (size_t i = 0; i < CARNET_COUNT(refusals); i++) {
            const refusal *r = &refusals[i];
            bank_ask ask = r->ask, before = bank_withdrawal();
            const char *code;
            char trace[7];

            (void)snprintf(trace, sizeof(trace), "%06u", (unsigned)(i + 1));
            if (ask.trace == NULL)
                ask.trace = trace;
            before.staged = "S0";
            before.trace = "000900";
            if (r->booked)
                (void)world_ask(&w, (carnet_iso8583_version)v, &before);
            code = world_ask(&w, (carnet_iso8583_version)v, &ask);
            if (strcmp(code, v == 0 ? r->code : r->of_1993) != 0)
                fail_msg("%s: %s", r->what, code);
        }
        assert_int_equal(world_account(&w).balance, 80000);
        world_end(&w);
    }
}

static void
what_would_do_is_told(void **state)
{
    static world w;
    bank_ask ask = bank_withdrawal();
    carnet_vector_carrier carrier;
    uint8_t octets[512];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));

    (void)state;
    world_make(&w, CARRIED);
    ask.vector = "Ce.Cf.Cg";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "1A");
    assert_carnet_ok(carnet_carrier_read_text(carnet_iso8583_binary(&w.answer, 48, &room), &carrier, NULL), NULL);
    assert_true((carrier.present & CARNET_CARRIER_REQUEST) != 0 && carrier.request_count >= 1);
    assert_true(carrier.request[0].len > 2);
    /* More assurance, by a further session, and a new number: authorised. */
    ask.vector = "Ce.Cf.Cg.Cj.Cm.Cn.Co";
    ask.trace = "000002";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    assert_int_equal(world_account(&w).balance, 80000);
    world_end(&w);
}

static void
a_pin_is_the_shared_secret_that_was_missing(void **state)
{
    static world w;
    bank_ask ask = bank_withdrawal();

    (void)state;
    world_make(&w, CARRIED);
    ask.vector = "Ce.Cf.Cg.Cn.Co";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "1A");
    ask.pin = true;
    ask.pin_wrong = 1;
    ask.trace = "000002";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "55");
    ask.trace = "000003";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "55");
    ask.pin_wrong = 0;
    ask.trace = "000004";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00"); /* and the tries begin anew */
    ask.staged = "S2";
    ask.pin_wrong = 1;
    ask.trace = "000005";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "55");
    ask.trace = "000006";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "55");
    ask.trace = "000007";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "55");
    ask.pin_wrong = 0;
    ask.trace = "000008";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "75");
    assert_int_equal(world_account(&w).balance, 80000);
    world_end(&w);
}

static void
a_repeat_gets_the_answer_again(void **state)
{
    static world w;
    bank_ask ask = bank_withdrawal();
    uint8_t first[2048];
    size_t len;

    (void)state;
    world_make(&w, CARRIED);
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    len = w.answer.octets.len;
    memcpy(first, w.answer.octets.ptr, len);
    ask.mti = "0201";
    for (unsigned i = 0; i < 3; i++) {
        if (i == 2)
            world_restart(&w);
        assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
        assert_span_equal(w.answer.octets, carnet_span_of(first, len));
    }
    ask.mti = "0200";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "94");
    assert_int_equal(world_account(&w).balance, 80000);
    world_end(&w);
}

static void
network_management_is_answered(void **state)
{
    static const struct {
        carnet_iso8583_version version;
        const char *number, *code;
    } cases[] = { { CARNET_ISO8583_1987, "301", "00" },  { CARNET_ISO8583_1987, "001", "00" },
                  { CARNET_ISO8583_1987, "101", "12" },  { CARNET_ISO8583_1993, "831", "800" },
                  { CARNET_ISO8583_1993, "811", "902" }, { CARNET_ISO8583_2003, "831", "8000" } };
    static world w;

    (void)state;
    world_make(&w, CARRIED);
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        bank_ask ask = { .mti = "0800", .network = cases[i].number };

        assert_string_equal(world_ask(&w, cases[i].version, &ask), cases[i].code);
        assert_true(carnet_iso8583_has(&w.answer, 64) || carnet_iso8583_has(&w.answer, 128)); /* as it was asked */
        ask.mac_wrong = 2;
        assert_string_equal(world_ask(&w, cases[i].version, &ask), cases[i].code);
        assert_false(carnet_iso8583_has(&w.answer, 64) || carnet_iso8583_has(&w.answer, 128));
    }
    world_end(&w);
}

static void
many_messages_at_once_are_each_answered(void **state)
{
    static world w;
    char traces[40][8], staged[40][8];
    unsigned approved = 0;

    (void)state;
    world_make(&w, CARRIED);
    for (unsigned i = 0; i < 40; i++) {
        bank_ask ask = bank_withdrawal();

        (void)snprintf(traces[i], sizeof(traces[i]), "%06u", i + 1);
        (void)snprintf(staged[i], sizeof(staged[i]), "S%u", i);
        ask.trace = traces[i];
        ask.staged = staged[i];
        world_send(&w, CARNET_ISO8583_1987, &ask);
        if (i % 8 == 0) /* the same number twice at once: one of them is refused */
            world_send(&w, CARNET_ISO8583_1987, &ask);
    }
    for (unsigned i = 0; i < 45; i++) {
        world_receive(&w, CARNET_ISO8583_1987);
        approved += carnet_iso8583_is(&w.answer, 39, "00");
    }
    assert_int_equal(approved, 5); /* 5 times 200.00 of 1000.00, and no more */
    assert_int_equal(world_account(&w).balance, 0);
    world_end(&w);
}

static void
what_is_no_message_is_not_answered(void **state)
{
    static world w;
    bank_ask ask = bank_withdrawal();

    (void)state;
    world_make(&w, CARRIED);
    assert_carnet_ok(carnet_payment_client_send(w.client[0], (carnet_span){ 0 }, CARNET_TEST_BYTES("0200 no"), NULL),
                     NULL);
    world_silent(&w, CARNET_ISO8583_1987);
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    world_end(&w);
}

static void
a_switch_that_goes_leaves_the_books_right(void **state)
{
    static world w;
    bank_ask ask = bank_withdrawal();

    (void)state;
    world_make(&w, CARRIED);
    world_send(&w, CARNET_ISO8583_1987, &ask);
    world_restart(&w); /* the answer, if there was one, is lost */
    ask.mti = "0201";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    assert_int_equal(world_account(&w).balance, 80000);
    world_end(&w);
}

static void
specification_and_keys_come_from_files(void **state)
{
    static world w;
    bank_ask ask = bank_withdrawal();

    (void)state;
    world_make(&w, FROM_FILES);
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    ask.key_id = "idp-other";
    ask.trace = "000002";
    ask.staged = "S2";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "63");
    world_end(&w);
}

int
main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_withdrawal_is_answered_and_booked_in_each_version),
        cmocka_unit_test(each_refusal_has_its_code),
        cmocka_unit_test(what_would_do_is_told),
        cmocka_unit_test(a_pin_is_the_shared_secret_that_was_missing),
        cmocka_unit_test(a_repeat_gets_the_answer_again),
        cmocka_unit_test(network_management_is_answered),
        cmocka_unit_test(many_messages_at_once_are_each_answered),
        cmocka_unit_test(what_is_no_message_is_not_answered),
        cmocka_unit_test(specification_and_keys_come_from_files),
        cmocka_unit_test(a_switch_that_goes_leaves_the_books_right),
    };

    return world_run(argc, argv, tests, CARNET_COUNT(tests));
}
