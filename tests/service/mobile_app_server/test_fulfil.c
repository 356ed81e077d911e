/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions are bound to terminals, and go on when their user has authenticated. */
#include "world.h"

#include "carnet/json.h"

#include <stdio.h>
#include <string.h>

static world w;
static reply r;

static int
start(void **state)
{
    world_make(&w, *state != NULL ? *state : "");
    world_start(&w, 2);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    carnet_json_free(&r.json);
    world_end(&w);
    return 0;
}

#define FULFIL  "{\"ref\":\"%s\",\"code\":\"%s\"}"
#define COLLECT "{\"terminalId\":\"%s\",\"session\":\"%s\",\"wait\":%d}"

static void
a_phone_fulfils_at_a_terminal(void **state)
{
    const char *reference = stage(&w, ALICE, "000000020000");
    study s;

    (void)state;
    ask(&w, ALICE, "rp/Fulfil", &r, FULFIL, reference, code_of(&w, "ATM00001", 1, NOW + 60));
    assert_state(&r, "AUTHENTICATING");
    assert_string_equal(text(&r, "terminalLabel"), "Main Street 1"); /* not the label of the code */
    assert_string_equal(text(&r, "text"), "Withdraw 200.00 USD at Main Street 1");
    assert_int_equal(strlen(text(&r, "bindingMessage")), 4);
    s = double_study(&w.provider, reference);
    assert_string_equal(text(&r, "sessionId"), s.session);
    assert_string_equal(s.user, "alice");
    assert_string_equal(s.device, "alice-1");
    assert_string_equal(s.amount, "000000020000");
    assert_string_equal(s.currency, "840");
    assert_string_equal(s.terminal, "ATM00001");
    assert_string_equal(s.vtr, "Cg.Cj.Cl"); /* of the risk's row */
    assert_string_equal(s.text, text(&r, "text"));
    assert_string_equal(s.binding, text(&r, "bindingMessage"));
    assert_int_equal(s.expires, NOW + 120);
}

static void
the_amount_decides_what_is_asked_for(void **state)
{
    (void)state;
    assert_string_equal(double_study(&w.provider, fulfil(&w, ALICE, "000000002000", 1)).vtr, "Cg.Cj.Cl");
    assert_string_equal(double_study(&w.provider, fulfil(&w, ALICE, "000000080000", 2)).vtr,
                        "Cf.Cg.Cj.Co,Cf.Co.Cx,Cc.Cf.Co");
    assert_int_equal(double_study(&w.provider, fulfil(&w, ALICE, "000000080000", 3)).aal, 3);
}

static void
a_terminal_collects_what_was_authenticated(void **state)
{
    const char *reference = fulfil(&w, ALICE, "000000020000", 7);
    study s = double_study(&w.provider, reference);

    (void)state;
    ask(&w, ATM1, "terminal/Collect", &r, COLLECT, "ATM00001", session_of(7), 0);
    assert_state(&r, "AUTHENTICATING");
    assert_string_equal(text(&r, "bindingMessage"), s.binding);
    assert_string_equal(text(&r, "pan"), "");
    double_set(&w.provider, s.session, CARNET_BOPS_AUTHENTICATED, GOOD);
    w.at = 1;
    ask(&w, ATM1, "terminal/Collect", &r, COLLECT, "ATM00001", session_of(7), 5);
    assert_state(&r, "FULFILLED");
    assert_string_equal(text(&r, "ref"), reference);
    assert_string_equal(text(&r, "amount"), "000000020000");
    assert_int_equal(strlen(text(&r, "pan")), 16);
    assert_int_equal(strncmp(text(&r, "pan"), "999940", 6), 0);
    assert_string_equal(text(&r, "carrier.vot"), GOOD);
    assert_string_equal(text(&r, "carrier.sessionId"), s.session);
    assert_int_equal(strlen(text(&r, "carrier.signature")), 86);
    assert_null(strstr(w.log, text(&r, "pan")));
}

static void
a_terminal_waits_for_news(void **state)
{
    (void)state;
    ask(&w, ATM1, "terminal/Collect", &r, COLLECT, "ATM00001", session_of(8), 0);
    assert_state(&r, "PENDING");
    ask(&w, ATM1, "terminal/Collect", &r, COLLECT, "ATM00001", session_of(8), 1);
    assert_state(&r, "PENDING");
}

static void
codes_that_are_not_the_terminal_s_are_refused(void **state)
{
    char altered[256];
    const char *good;

    (void)state;
    good = code_of(&w, "ATM00001", 4, NOW + 60);
    for (size_t i = 0; i < 7; i++) {
        const char *reference = stage(&w, ALICE, "000000002000");

        (void)snprintf(altered, sizeof(altered), "%s", good);
        switch (i) {
        case 0: /* a letter of the content */
            altered[20] = altered[20] == 'A' ? 'B' : 'A';
            break;
        case 1: /* of the MAC */
            altered[strlen(altered) - 5] = altered[strlen(altered) - 5] == 'A' ? 'B' : 'A';
            break;
        case 2:
            altered[strlen(altered) - 1] = '\0';
            break;
        case 3: /* over */
            (void)snprintf(altered, sizeof(altered), "%s", code_of(&w, "ATM00001", 5, NOW - 1));
            break;
        case 4:
            (void)snprintf(altered, sizeof(altered), "P1940.1.AA.AA");
            break;
        case 5:
            (void)snprintf(altered, sizeof(altered), "https://bank.example/pay");
            break;
        default: /* the other acquirer's key for this one's terminal */
            (void)snprintf(altered, sizeof(altered), "%s", code_of(&w, "ATM00002", 5, NOW + 60));
            (void)memcpy(strrchr(altered, '.'), strrchr(good, '.'), strlen(strrchr(altered, '.')));
            break;
        }
        ask(&w, ALICE, "rp/Fulfil", &r, FULFIL, reference, altered);
        if (strcmp(r.error, "code") != 0)
            fail_msg("case %zu: %d %s", i, r.status, r.error);
        ask(&w, ALICE, "rp/StagedStatus", &r, "{\"ref\":\"%s\"}", reference);
        assert_state(&r, "STAGED");
    }
    assert_int_equal(double_count(&w.provider), 0);
}

static void
a_transaction_bears_three_wrong_codes(void **state)
{
    const char *reference = stage(&w, ALICE, "000000002000");

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        w.at = i % 2;
        ask(&w, ALICE, "rp/Fulfil", &r, FULFIL, reference, "P1940.1.AA.AA");
        assert_string_equal(r.error, "code");
    }
    ask(&w, ALICE, "rp/Fulfil", &r, FULFIL, reference, code_of(&w, "ATM00001", 4, NOW + 60));
    assert_refused(&r, 409, "state");
    ask(&w, ALICE, "rp/StagedStatus", &r, "{\"ref\":\"%s\"}", reference);
    assert_state(&r, "FAILED");
    assert_string_equal(text(&r, "reason"), "attempts");
}

static void
a_terminal_that_is_not_known_or_has_no_notes_is_refused(void **state)
{
    const char *reference = stage(&w, ALICE, "000000002000");

    (void)state;
    ask(&w, ALICE, "rp/Fulfil", &r, FULFIL, reference, code_of(&w, "ATM00009", 4, NOW + 60));
    assert_string_equal(r.error, "terminal");
    ask(&w, ALICE, "rp/Fulfil", &r, FULFIL, reference, code_of(&w, "ATM00002", 4, NOW + 60));
    assert_refused(&r, 422, "amount");
    ask(&w, ALICE, "rp/Fulfil", &r, FULFIL, reference, code_of(&w, "ATM00001", 4, NOW + 60));
    assert_state(&r, "AUTHENTICATING");
}

static void
a_terminal_s_session_is_for_one_transaction(void **state)
{
    const char *mine = fulfil(&w, ALICE, "000000002000", 9), *theirs = stage(&w, BOB, "000000002000"),
               *other = stage(&w, ALICE, "000000002000");

    (void)state;
    w.at = 1;
    ask(&w, BOB, "rp/Fulfil", &r, FULFIL, theirs, code_of(&w, "ATM00001", 9, NOW + 60));
    assert_string_equal(r.error, "code");
    ask(&w, ALICE, "rp/Fulfil", &r, FULFIL, other, code_of(&w, "ATM00001", 9, NOW + 59));
    assert_string_equal(r.error, "code");
    /* Said again by the same: the same. */
    ask(&w, ALICE, "rp/Fulfil", &r, FULFIL, mine, code_of(&w, "ATM00001", 9, NOW + 60));
    assert_state(&r, "AUTHENTICATING");
    assert_int_equal(double_count(&w.provider), 1);
    /* Nor does it go to another terminal. */
    ask(&w, ALICE, "rp/Fulfil", &r, FULFIL, mine, code_of(&w, "ATM00002", 9, NOW + 60));
    assert_refused(&r, 409, "state");
    ask(&w, ALICE, "rp/Fulfil", &r, FULFIL, mine, code_of(&w, "ATM00001", 10, NOW + 60));
    assert_refused(&r, 409, "state");
}

static void
another_terminal_collects_nothing(void **state)
{
    (void)state;
    (void)collect(&w, ALICE, "000000002000", 11);
    ask(&w, ATM2, "terminal/Collect", &r, COLLECT, "ATM00002", session_of(11), 0);
    assert_state(&r, "PENDING");
    ask(&w, ATM2, "terminal/Collect", &r, COLLECT, "ATM00001", session_of(11), 0);
    assert_refused(&r, 403, "terminal");
    ask(&w, ATM_UNKNOWN, "terminal/Collect", &r, COLLECT, "ATM00009", session_of(11), 0);
    assert_refused(&r, 403, "terminal");
    ask(&w, ALICE, "terminal/Collect", &r, COLLECT, "ATM00001", session_of(11), 0);
    assert_refused(&r, 403, "certificate");
    ask(&w, ATM1, "terminal/Collect", &r, COLLECT, "ATM00001", session_of(12), 0);
    assert_state(&r, "PENDING");
}

static void
what_the_provider_says_otherwise_leads_to_nothing(void **state)
{
    static const struct {
        carnet_bops_status status;
        const char *becomes, *reason;
    } cases[] = {
        { CARNET_BOPS_FAILED, "FAILED", "not_authenticated" },
        { CARNET_BOPS_CANCELLED, "CANCELLED", "by_user" },
        { CARNET_BOPS_EXPIRED, "EXPIRED", "not_authenticated" },
    };

    (void)state;
    for (unsigned i = 0; i < CARNET_COUNT(cases); i++) {
        const char *reference = fulfil(&w, ALICE, "000000002000", 20 + i);

        double_set(&w.provider, double_study(&w.provider, reference).session, cases[i].status, NULL);
        ask(&w, ATM1, "terminal/Collect", &r, COLLECT, "ATM00001", session_of(20 + i), 5);
        assert_state(&r, cases[i].becomes);
        assert_string_equal(text(&r, "reason"), cases[i].reason);
        assert_string_equal(text(&r, "pan"), "");
    }
}

static void
tokens_that_do_not_fit_are_not_believed(void **state)
{
    static const lie lies[] = {
        OTHER_KEY,         OTHER_CARRIER_KEY,
        OTHER_AMOUNT,      OTHER_CARRIER_AMOUNT,
        OTHER_TERMINAL,    OTHER_CARRIER_TERMINAL,
        OTHER_SESSION,     OTHER_REFERENCE,
        OTHER_AUDIENCE,    OTHER_ISSUER,
        OTHER_CERTIFICATE, OLD_TOKEN,
        OTHER_TRUSTMARK,   NO_CARRIER,
        NO_TOKEN,
    };

    (void)state;
    for (unsigned i = 0; i < CARNET_COUNT(lies); i++) {
        const char *reference = fulfil(&w, ALICE, "000000002000", 30 + i);

        atomic_store(&w.provider.lie, lies[i]);
        double_set(&w.provider, double_study(&w.provider, reference).session, CARNET_BOPS_AUTHENTICATED, GOOD);
        ask(&w, ATM1, "terminal/Collect", &r, COLLECT, "ATM00001", session_of(30 + i), 2);
        if (strcmp(text(&r, "status"), "FULFILLED") == 0 || strcmp(text(&r, "pan"), "") != 0)
            fail_msg("lie %u was believed", i);
        atomic_store(&w.provider.lie, HONEST);
        ask(&w, ATM1, "terminal/Collect", &r, COLLECT, "ATM00001", session_of(30 + i), 0);
        if (strcmp(text(&r, "status"), "FAILED") != 0 || strcmp(text(&r, "reason"), "not_verified") != 0)
            fail_msg("lie %u: %s %s", i, text(&r, "status"), text(&r, "reason"));
    }
}

static void
a_vector_that_was_not_asked_for_does_not_do(void **state)
{
    const char *reference = fulfil(&w, ALICE, "000000020000", 60);

    (void)state;
    double_set(&w.provider, double_study(&w.provider, reference).session, CARNET_BOPS_AUTHENTICATED, "Cb.Ce.Cg.Cj");
    ask(&w, ATM1, "terminal/Collect", &r, COLLECT, "ATM00001", session_of(60), 5);
    assert_state(&r, "FAILED");
    assert_string_equal(text(&r, "reason"), "not_verified");
}

static void
a_token_serves_once(void **state)
{
    const char *first = fulfil(&w, ALICE, "000000002000", 61), *second = fulfil(&w, ALICE, "000000002000", 62);

    (void)state;
    atomic_store(&w.provider.lie, SAME_TOKEN);
    double_set(&w.provider, double_study(&w.provider, first).session, CARNET_BOPS_AUTHENTICATED, GOOD);
    double_set(&w.provider, double_study(&w.provider, second).session, CARNET_BOPS_AUTHENTICATED, GOOD);
    ask(&w, ATM1, "terminal/Collect", &r, COLLECT, "ATM00001", session_of(61), 5);
    assert_state(&r, "FULFILLED");
    ask(&w, ATM1, "terminal/Collect", &r, COLLECT, "ATM00001", session_of(62), 1);
    assert_string_not_equal(text(&r, "status"), "FULFILLED");
}

static void
a_provider_that_is_away_is_asked_again(void **state)
{
    const char *reference = stage(&w, ALICE, "000000002000");

    (void)state;
    atomic_store(&w.provider.lie, AWAY);
    ask(&w, ALICE, "rp/Fulfil", &r, FULFIL, reference, code_of(&w, "ATM00001", 63, NOW + 60));
    assert_refused(&r, 502, "identity_provider");
    ask(&w, ALICE, "rp/StagedStatus", &r, "{\"ref\":\"%s\"}", reference);
    assert_state(&r, "AUTHENTICATING");
    atomic_store(&w.provider.lie, HONEST);
    ask(&w, ALICE, "rp/Fulfil", &r, FULFIL, reference, code_of(&w, "ATM00001", 63, NOW + 60));
    assert_state(&r, "AUTHENTICATING");
    assert_string_equal(text(&r, "sessionId"), double_study(&w.provider, reference).session);
    assert_int_equal(double_count(&w.provider), 1);
}

static void
a_user_or_device_that_the_provider_does_not_know_fails(void **state)
{
    const char *one = stage(&w, ALICE, "000000002000"), *two = stage(&w, ALICE, "000000002000");

    (void)state;
    atomic_store(&w.provider.lie, NO_USER);
    ask(&w, ALICE, "rp/Fulfil", &r, FULFIL, one, code_of(&w, "ATM00001", 64, NOW + 60));
    assert_string_equal(r.error, "device");
    atomic_store(&w.provider.lie, CANNOT);
    ask(&w, ALICE, "rp/Fulfil", &r, FULFIL, two, code_of(&w, "ATM00001", 65, NOW + 60));
    assert_string_equal(r.error, "unsatisfiable");
    ask(&w, ALICE, "rp/StagedStatus", &r, "{\"ref\":\"%s\"}", two);
    assert_state(&r, "FAILED");
    assert_string_equal(text(&r, "reason"), "identity_provider");
}

static void
a_cancelled_authentication_is_cancelled_at_the_provider(void **state)
{
    const char *reference = fulfil(&w, ALICE, "000000002000", 66);

    (void)state;
    ask(&w, ALICE, "rp/CancelStaged", &r, "{\"ref\":\"%s\"}", reference);
    assert_state(&r, "CANCELLED");
    assert_int_equal(double_study(&w.provider, reference).status, CARNET_BOPS_CANCELLED);
    /* Too late: what the provider says now changes nothing. */
    double_set(&w.provider, double_study(&w.provider, reference).session, CARNET_BOPS_AUTHENTICATED, GOOD);
    world_watch(&w);
    ask(&w, ATM1, "terminal/Collect", &r, COLLECT, "ATM00001", session_of(66), 0);
    assert_state(&r, "CANCELLED");
}

static void
sessions_nobody_waits_for_are_asked_about(void **state)
{
    const char *reference = fulfil(&w, ALICE, "000000002000", 67);

    (void)state;
    double_set(&w.provider, double_study(&w.provider, reference).session, CARNET_BOPS_AUTHENTICATED, GOOD);
    world_watch(&w);
    ask(&w, ALICE, "rp/StagedStatus", &r, "{\"ref\":\"%s\"}", reference);
    assert_state(&r, "AUTHENTICATING"); /* those who are there get a moment */
    atomic_store(&w.now, NOW + 8);
    world_watch(&w);
    ask(&w, ALICE, "rp/StagedStatus", &r, "{\"ref\":\"%s\"}", reference);
    assert_state(&r, "FULFILLED");
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_phone_fulfils_at_a_terminal, start, stop),
        cmocka_unit_test_setup_teardown(the_amount_decides_what_is_asked_for, start, stop),
        cmocka_unit_test_setup_teardown(a_terminal_collects_what_was_authenticated, start, stop),
        cmocka_unit_test_setup_teardown(a_terminal_waits_for_news, start, stop),
        cmocka_unit_test_setup_teardown(codes_that_are_not_the_terminal_s_are_refused, start, stop),
        cmocka_unit_test_setup_teardown(a_transaction_bears_three_wrong_codes, start, stop),
        cmocka_unit_test_setup_teardown(a_terminal_that_is_not_known_or_has_no_notes_is_refused, start, stop),
        cmocka_unit_test_setup_teardown(a_terminal_s_session_is_for_one_transaction, start, stop),
        cmocka_unit_test_setup_teardown(another_terminal_collects_nothing, start, stop),
        cmocka_unit_test_setup_teardown(what_the_provider_says_otherwise_leads_to_nothing, start, stop),
        cmocka_unit_test_setup_teardown(tokens_that_do_not_fit_are_not_believed, start, stop),
        cmocka_unit_test_setup_teardown(a_vector_that_was_not_asked_for_does_not_do, start, stop),
        cmocka_unit_test_setup_teardown(a_token_serves_once, start, stop),
        cmocka_unit_test_setup_teardown(a_provider_that_is_away_is_asked_again, start, stop),
        cmocka_unit_test_setup_teardown(a_user_or_device_that_the_provider_does_not_know_fails, start, stop),
        cmocka_unit_test_setup_teardown(a_cancelled_authentication_is_cancelled_at_the_provider, start, stop),
        cmocka_unit_test_setup_teardown(sessions_nobody_waits_for_are_asked_about, start, stop),
    };

    return world_run(argc, argv, tests, CARNET_COUNT(tests));
}
