/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a fulfilled transaction: used, reversed, stepped up, dispensed, over. */
#include "world.h"

#include "carnet/fetch_request.h"
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

#define COLLECT   "{\"terminalId\":\"ATM00001\",\"session\":\"%s\",\"wait\":%d}"
#define RESOLVE   "{\"ref\":\"%s\",\"action\":\"%s\",\"use\":\"%s\"}"
#define DISPENSED "{\"terminalId\":\"%s\",\"session\":\"%s\",\"ref\":\"%s\",\"result\":\"%s\",\"amount\":\"%s\"}"
#define STEP_UP   "{\"terminalId\":\"%s\",\"session\":\"%s\",\"ref\":\"%s\",\"vtr\":[\"%s\"]}"

static void
resolve(client who, const char *reference, const char *action, const char *use)
{
    ask(&w, who, "issuer/ResolveStaged", &r, RESOLVE, reference, action, use);
}

static void
report(const char *reference, unsigned session, const char *result, const char *amount)
{
    ask(&w, ATM1, "terminal/Dispensed", &r, DISPENSED, "ATM00001", session_of(session), reference, result, amount);
}

static void
status_of(const char *reference)
{
    ask(&w, ALICE, "rp/StagedStatus", &r, "{\"ref\":\"%s\"}", reference);
}

static void
an_issuer_reads_and_uses_a_reference(void **state)
{
    const char *reference = collect(&w, ALICE, "000000020000", 1);

    (void)state;
    resolve(ISSUER, reference, "READ", "");
    assert_state(&r, "FULFILLED");
    assert_string_equal(text(&r, "terminalId"), "ATM00001");
    assert_string_equal(text(&r, "amount"), "000000020000");
    assert_string_equal(text(&r, "risk"), "middle");
    assert_int_equal(number(&r, "aalRequired"), 2);
    assert_string_equal(text(&r, "carrier.vot"), GOOD);
    assert_int_equal(strlen(text(&r, "pan")), 16);
    assert_int_equal(double_study(&w.provider, reference).status, CARNET_BOPS_AUTHENTICATED);
    resolve(ISSUER, reference, "USE", "auth-1");
    assert_state(&r, "USED");
    assert_string_equal(text(&r, "use"), "auth-1");
    assert_int_equal(double_study(&w.provider, reference).status, CARNET_BOPS_CONSUMED);
    w.at = 1;
    resolve(ISSUER, reference, "USE", "auth-1");
    assert_state(&r, "USED");
    resolve(ISSUER, reference, "USE", "auth-2");
    assert_refused(&r, 409, "used");
    assert_int_equal(atomic_load(&w.provider.asked[2]), 1);
    /* Nor does its user take it back now, or fulfil it anew. */
    ask(&w, ALICE, "rp/CancelStaged", &r, "{\"ref\":\"%s\"}", reference);
    assert_refused(&r, 409, "state");
    ask(&w, ALICE, "rp/Fulfil", &r, "{\"ref\":\"%s\",\"code\":\"%s\"}", reference,
        code_of(&w, "ATM00001", 2, NOW + 60));
    assert_refused(&r, 409, "used");
}

static void
who_is_no_issuer_resolves_nothing(void **state)
{
    static const client strangers[] = { NOBODY, ALICE, ATM1, OTHER_FRIEND, FALSE_ISSUER, EVE };
    const char *reference = collect(&w, ALICE, "000000002000", 3);

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(strangers); i++) {
        resolve(strangers[i], reference, "READ", "");
        assert_refused(&r, 403, "certificate");
        resolve(strangers[i], reference, "USE", "auth-1");
        assert_refused(&r, 403, "certificate");
    }
    resolve(ISSUER, "ST0000", "READ", "");
    assert_refused(&r, 404, "unknown_reference");
    resolve(ISSUER, reference, "USE", "auth-1");
    assert_state(&r, "USED");
}

static void
what_is_not_fulfilled_is_not_used(void **state)
{
    const char *staged = stage(&w, ALICE, "000000002000"), *open = fulfil(&w, ALICE, "000000002000", 4),
               *cancelled = stage(&w, ALICE, "000000002000");

    (void)state;
    resolve(ISSUER, staged, "USE", "a");
    assert_refused(&r, 409, "state");
    resolve(ISSUER, open, "USE", "a");
    assert_refused(&r, 409, "state");
    ask(&w, ALICE, "rp/CancelStaged", &r, "{\"ref\":\"%s\"}", cancelled);
    resolve(ISSUER, cancelled, "USE", "a");
    assert_refused(&r, 409, "state");
    resolve(ISSUER, staged, "READ", "");
    assert_state(&r, "STAGED");
    assert_string_equal(text(&r, "carrier.vot"), "");
    resolve(ISSUER, staged, "REVERSE", "a");
    assert_string_equal(r.error, "");
    assert_string_equal(text(&r, "status"), "STAGED");
}

static void
an_authentication_is_used_in_time(void **state)
{
    const char *one = collect(&w, ALICE, "000000002000", 5), *two = collect(&w, ALICE, "000000002000", 6);

    (void)state;
    atomic_store(&w.now, NOW + 301); /* the provider says no, though our clock would still bear it */
    resolve(ISSUER, one, "USE", "a");
    assert_refused(&r, 410, "expired");
    status_of(one);
    assert_state(&r, "EXPIRED");
    assert_string_equal(text(&r, "reason"), "authentication");
    atomic_store(&w.now, NOW + 500);
    resolve(ISSUER, two, "USE", "a");
    assert_refused(&r, 410, "expired");
    ask(&w, ATM1, "terminal/Collect", &r, COLLECT, session_of(6), 0);
    assert_state(&r, "EXPIRED");
    assert_string_equal(text(&r, "pan"), "");
}

static void
a_use_goes_on_where_the_provider_was_away(void **state)
{
    const char *reference = collect(&w, ALICE, "000000002000", 7);

    (void)state;
    atomic_store(&w.provider.lie, AWAY);
    resolve(ISSUER, reference, "USE", "auth-1");
    assert_refused(&r, 502, "identity_provider");
    /* It is promised to that use. */
    ask(&w, ALICE, "rp/CancelStaged", &r, "{\"ref\":\"%s\"}", reference);
    assert_refused(&r, 409, "used");
    resolve(ISSUER, reference, "USE", "auth-2");
    assert_refused(&r, 409, "used");
    atomic_store(&w.provider.lie, HONEST);
    world_restart(&w, 0);
    resolve(ISSUER, reference, "USE", "auth-1");
    assert_state(&r, "USED");
}

static void
a_reversal_ends_it(void **state)
{
    const char *reference = collect(&w, ALICE, "000000002000", 8);

    (void)state;
    resolve(ISSUER, reference, "USE", "auth-1");
    resolve(ISSUER, reference, "REVERSE", "auth-2");
    assert_refused(&r, 409, "state");
    resolve(ISSUER, reference, "REVERSE", "auth-1");
    assert_state(&r, "REVERSED");
    resolve(ISSUER, reference, "REVERSE", "auth-1");
    assert_state(&r, "REVERSED");
    resolve(ISSUER, reference, "USE", "auth-1");
    assert_string_not_equal(text(&r, "status"), "USED");
    resolve(ISSUER, reference, "USE", "auth-3");
    assert_refused(&r, 409, "used");
    ask(&w, ALICE, "rp/Fulfil", &r, "{\"ref\":\"%s\",\"code\":\"%s\"}", reference,
        code_of(&w, "ATM00001", 9, NOW + 60));
    assert_refused(&r, 409, "state");
}

static void
a_reversal_arms_it_again_where_configured(void **state)
{
    const char *reference = collect(&w, ALICE, "000000002000", 10);
    char first[32];

    (void)state;
    (void)snprintf(first, sizeof(first), "%s", double_study(&w.provider, reference).session);
    resolve(ISSUER, reference, "USE", "auth-1");
    resolve(ISSUER, reference, "REVERSE", "auth-1");
    assert_state(&r, "STAGED");
    resolve(ISSUER, reference, "REVERSE", "auth-1");
    assert_state(&r, "STAGED");
    ask(&w, ALICE, "rp/Fulfil", &r, "{\"ref\":\"%s\",\"code\":\"%s\"}", reference,
        code_of(&w, "ATM00001", 11, NOW + 60));
    assert_state(&r, "AUTHENTICATING");
    assert_string_not_equal(text(&r, "sessionId"), first);
    resolve(ISSUER, reference, "USE", "auth-1");
    assert_refused(&r, 409, "state");
    /* The first terminal's session is nobody's now. */
    ask(&w, ATM1, "terminal/Collect", &r, COLLECT, session_of(10), 0);
    assert_state(&r, "PENDING");
}

static void
a_terminal_says_what_it_dispensed(void **state)
{
    const char *reference = collect(&w, ALICE, "000000004000", 12);

    (void)state;
    resolve(ISSUER, reference, "USE", "auth-1");
    report(reference, 12, "DISPENSED", "000000004000");
    assert_state(&r, "DISPENSED");
    report(reference, 12, "DISPENSED", "000000004000");
    assert_state(&r, "DISPENSED");
    report(reference, 12, "NOT_DISPENSED", "000000000000");
    assert_refused(&r, 409, "state");
    status_of(reference);
    assert_string_equal(text(&r, "dispensed"), "000000004000");
}

static void
a_terminal_s_report_must_fit(void **state)
{
    const char *reference = collect(&w, ALICE, "000000004000", 13), *open = fulfil(&w, ALICE, "000000002000", 14);

    (void)state;
    report(reference, 13, "DISPENSED", "000000006000");
    assert_refused(&r, 422, "amount");
    report(reference, 13, "DISPENSED", "000000000000");
    assert_refused(&r, 422, "amount");
    report(reference, 13, "NOT_DISPENSED", "000000004000");
    assert_refused(&r, 422, "amount");
    report(reference, 14, "DISPENSED", "000000004000");
    assert_refused(&r, 403, "terminal");
    ask(&w, ATM2, "terminal/Dispensed", &r, DISPENSED, "ATM00002", session_of(13), reference, "DISPENSED",
        "000000004000");
    assert_refused(&r, 403, "terminal");
    ask(&w, ATM2, "terminal/Dispensed", &r, DISPENSED, "ATM00001", session_of(13), reference, "DISPENSED",
        "000000004000");
    assert_refused(&r, 403, "terminal");
    report(open, 14, "DISPENSED", "000000002000");
    assert_refused(&r, 409, "state");
    report(reference, 13, "LOST", "000000000000");
    assert_int_equal(r.status, 400);
    report(reference, 13, "PARTIAL", "000000002000");
    assert_state(&r, "DISPENSED");
    assert_string_equal(text(&r, "dispensed"), "000000002000");
}

static void
a_vector_that_travelled_is_used_up_when_cash_goes_out(void **state)
{
    const char *reference = collect(&w, ALICE, "000000004000", 15);

    (void)state;
    report(reference, 15, "DISPENSED", "000000004000");
    assert_state(&r, "DISPENSED");
    assert_int_equal(double_study(&w.provider, reference).status, CARNET_BOPS_CONSUMED);
    resolve(ISSUER, reference, "USE", "auth-1");
    assert_refused(&r, 409, "used");
}

static void
a_decline_ends_what_was_fulfilled(void **state)
{
    const char *declined = collect(&w, ALICE, "000000004000", 16), *unknown = collect(&w, ALICE, "000000004000", 17);

    (void)state;
    report(declined, 16, "NOT_DISPENSED", "000000000000");
    assert_state(&r, "CANCELLED");
    assert_string_equal(text(&r, "reason"), "not_dispensed");
    resolve(ISSUER, declined, "USE", "auth-1");
    assert_refused(&r, 409, "state");
    report(unknown, 17, "UNKNOWN", "000000000000");
    assert_state(&r, "CANCELLED");
    assert_string_equal(text(&r, "reason"), "dispense_unknown");
    report(unknown, 17, "DISPENSED", "000000004000"); /* someone has looked */
    assert_state(&r, "DISPENSED");
}

static void
a_step_up_asks_for_more(void **state)
{
    const char *reference = collect(&w, ALICE, "000000020000", 18);
    char first[32];
    study s;

    (void)state;
    (void)snprintf(first, sizeof(first), "%s", double_study(&w.provider, reference).session);
    ask(&w, ATM1, "terminal/StepUp", &r, STEP_UP, "ATM00001", session_of(18), reference, "Cc.Cm");
    assert_state(&r, "STEPPING_UP");
    s = double_study(&w.provider, reference);
    assert_string_equal(s.parent, first);
    assert_string_not_equal(s.session, first);
    assert_string_equal(s.vtr, "Cc.Cm");
    w.at = 1;
    ask(&w, ATM1, "terminal/StepUp", &r, STEP_UP, "ATM00001", session_of(18), reference, "Cc.Cm");
    assert_state(&r, "STEPPING_UP");
    assert_int_equal(double_count(&w.provider), 2);
    resolve(ISSUER, reference, "USE", "a");
    assert_refused(&r, 409, "state");
    status_of(reference);
    assert_string_equal(text(&r, "sessionId"), s.session);
    /* What the parent proved does not answer for the child. */
    double_set(&w.provider, s.session, CARNET_BOPS_AUTHENTICATED, "Cb.Cc.Ce.Cg.Cj.Cl.Cm.Cn");
    ask(&w, ATM1, "terminal/Collect", &r, COLLECT, session_of(18), 5);
    assert_state(&r, "FULFILLED");
    assert_string_equal(text(&r, "carrier.sessionId"), s.session);
    assert_string_equal(text(&r, "carrier.vot"), "Cb.Cc.Ce.Cg.Cj.Cl.Cm.Cn");
    ask(&w, ATM1, "terminal/StepUp", &r, STEP_UP, "ATM00001", session_of(18), reference, "Cc.Cm.Cx");
    assert_refused(&r, 429, "attempts");
    resolve(ISSUER, reference, "USE", "auth-1");
    assert_state(&r, "USED");
}

static void
a_step_up_is_the_terminal_s_own(void **state)
{
    const char *reference = collect(&w, ALICE, "000000020000", 19), *open = fulfil(&w, ALICE, "000000002000", 20);

    (void)state;
    ask(&w, ATM2, "terminal/StepUp", &r, STEP_UP, "ATM00002", session_of(19), reference, "Cc.Cm");
    assert_refused(&r, 403, "terminal");
    ask(&w, ATM1, "terminal/StepUp", &r, STEP_UP, "ATM00001", session_of(20), reference, "Cc.Cm");
    assert_refused(&r, 403, "terminal");
    ask(&w, ATM1, "terminal/StepUp", &r, STEP_UP, "ATM00001", session_of(20), open, "Cc.Cm");
    assert_refused(&r, 409, "state");
    ask(&w, ATM1, "terminal/StepUp", &r, STEP_UP, "ATM00001", session_of(19), reference, "P2.Cc");
    assert_int_equal(r.status, 400);
    ask(&w, ATM1, "terminal/StepUp", &r, STEP_UP, "ATM00001", session_of(19), reference, "what");
    assert_int_equal(r.status, 400);
    resolve(ISSUER, reference, "USE", "auth-1");
    assert_state(&r, "USED");
    ask(&w, ATM1, "terminal/StepUp", &r, STEP_UP, "ATM00001", session_of(19), reference, "Cc.Cm");
    assert_refused(&r, 409, "state");
}

static void
a_step_up_that_fails_ends_it(void **state)
{
    const char *reference = collect(&w, ALICE, "000000020000", 21);

    (void)state;
    ask(&w, ATM1, "terminal/StepUp", &r, STEP_UP, "ATM00001", session_of(21), reference, "Cc.Cm");
    double_set(&w.provider, double_study(&w.provider, reference).session, CARNET_BOPS_FAILED, NULL);
    ask(&w, ATM1, "terminal/Collect", &r, COLLECT, session_of(21), 5);
    assert_state(&r, "FAILED");
}

static void
every_state_has_its_end(void **state)
{
    const char *references[4] = { stage(&w, ALICE, "000000002000"), fulfil(&w, ALICE, "000000002000", 22),
                                  collect(&w, ALICE, "000000002000", 23), collect(&w, ALICE, "000000020000", 24) };

    (void)state;
    ask(&w, ATM1, "terminal/StepUp", &r, STEP_UP, "ATM00001", session_of(24), references[3], "Cc.Cm");
    atomic_store(&w.now, NOW + 1900);
    for (int i = 1; i <= 3; i += 2)
        double_set(&w.provider, double_study(&w.provider, references[i]).session, CARNET_BOPS_EXPIRED, NULL);
    world_watch(&w);
    world_watch(&w);
    for (size_t i = 0; i < 4; i++) {
        status_of(references[i]);
        if (strcmp(text(&r, "status"), "EXPIRED") != 0)
            fail_msg("%zu is %s", i, text(&r, "status"));
        resolve(ISSUER, references[i], "USE", "late");
        assert_refused(&r, 410, "expired");
        ask(&w, ALICE, "rp/Fulfil", &r, "{\"ref\":\"%s\",\"code\":\"%s\"}", references[i],
            code_of(&w, "ATM00001", 30, NOW + 1960));
        assert_refused(&r, 410, "expired");
        ask(&w, ALICE, "rp/CancelStaged", &r, "{\"ref\":\"%s\"}", references[i]);
        assert_refused(&r, 409, "state");
    }
    ask(&w, ATM1, "terminal/Collect", &r, COLLECT, session_of(23), 0);
    assert_state(&r, "EXPIRED");
    assert_string_equal(text(&r, "carrier.vot"), "");
}

/* --- notifications --- */

static unsigned
notify(const char *token, carnet_span body)
{
    static uint8_t header[8192], answer[8192];
    char uri[128], field[128];
    const carnet_str fields[] = { carnet_str_of("Content-Type: application/json"), { field, 0 } };
    carnet_str all[2] = { fields[0], fields[1] };
    carnet_fetch_request request = { .method = "POST", .fields = all, .field_count = 2, .body = body };
    const carnet_fetch_limits limits = { .plain_loopback = true };
    carnet_fetch_answer got = { .header = carnet_buf_of(header, sizeof(header)),
                                .body = carnet_buf_of(answer, sizeof(answer)) };
    carnet_err err = { 0 };

    (void)snprintf(uri, sizeof(uri), "http://127.0.0.1:%u/p1940/v1/rp/SessionNotification", w.instances[1].port);
    (void)snprintf(field, sizeof(field), "Authorization: Bearer %s", token);
    all[1].len = strlen(field);
    request.uri = carnet_str_of(uri);
    assert_carnet_ok(carnet_fetch_ask(NULL, &request, &limits, &got, &err), &err);
    return got.status;
}

static void
a_notification_of_the_provider_settles(void **state)
{
    static uint8_t room[16384];
    const char *reference = fulfil(&w, ALICE, "000000002000", 40);
    const study s = double_study(&w.provider, reference);
    carnet_buf body = carnet_buf_of(room, sizeof(room));

    assert_int_equal(s.notify,
                     strcmp(*state, "    notify: ping\n") == 0 ? CARNET_BOPS_NOTIFY_PING : CARNET_BOPS_NOTIFY_PUSH);
    assert_int_equal(strlen(s.token), 43);
    double_set(&w.provider, s.session, CARNET_BOPS_AUTHENTICATED, GOOD);
    if (s.notify == CARNET_BOPS_NOTIFY_PUSH) {
        double_write_status(&w.provider, s.session, &body);
    } else {
        const carnet_bops_session_status news = { .session_id = carnet_str_of(s.session),
                                                  .status = CARNET_BOPS_REGISTERED,
                                                  .interval = 2 };

        assert_carnet_ok(carnet_bops_session_status_write(&news, &body, NULL), NULL);
    }
    assert_int_equal(notify("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", carnet_buf_span(&body)), 404);
    status_of(reference);
    assert_state(&r, "AUTHENTICATING");
    assert_int_equal(notify(s.token, carnet_buf_span(&body)), 204);
    assert_int_equal(notify(s.token, carnet_buf_span(&body)), 204);
    status_of(reference);
    assert_state(&r, "FULFILLED");
}

static void
a_notification_of_another_s_making_settles_nothing(void **state)
{
    static uint8_t room[16384];
    const char *mine = fulfil(&w, ALICE, "000000002000", 41), *theirs = fulfil(&w, BOB, "000000002000", 42);
    carnet_buf body = carnet_buf_of(room, sizeof(room));

    (void)state;
    double_set(&w.provider, double_study(&w.provider, mine).session, CARNET_BOPS_AUTHENTICATED, GOOD);
    atomic_store(&w.provider.lie, OTHER_KEY);
    double_write_status(&w.provider, double_study(&w.provider, mine).session, &body);
    assert_int_equal(notify(double_study(&w.provider, theirs).token, carnet_buf_span(&body)), 404);
    assert_int_equal(notify(double_study(&w.provider, mine).token, carnet_buf_span(&body)), 204);
    status_of(mine);
    assert_string_not_equal(text(&r, "status"), "FULFILLED");
}

#define EVIDENCE                                                                                                       \
    "{\"terminalId\":\"%s\",\"session\":\"%s\",\"deviceResponse\":\"%s\",\"sessionTranscript\":\"g_b29g\","            \
    "\"readerSignature\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"

static void
a_presentation_that_is_none_finds_nothing(void **state)
{
    /* {}; a DeviceResponse without documents; one that ends early; no CBOR at all */
    static const char *const responses[] = { "oA", "omd2ZXJzaW9uYzEuMGZzdGF0dXMA", "omd2ZXJzaW9uYzEu", "____" };
    const char *reference = stage(&w, ALICE, "000000002000");

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(responses); i++) {
        ask(&w, ATM1, "terminal/Evidence", &r, EVIDENCE, "ATM00001", session_of(50), responses[i]);
        if (r.error[0] == '\0' || r.status < 400 || r.status >= 500)
            fail_msg("%zu: %d %s", i, r.status, r.body);
    }
    ask(&w, ATM1, "terminal/Evidence", &r, EVIDENCE, "ATM00002", session_of(50), "oA");
    assert_refused(&r, 403, "terminal");
    ask(&w, ALICE, "terminal/Evidence", &r, EVIDENCE, "ATM00001", session_of(50), "oA");
    assert_refused(&r, 403, "certificate");
    status_of(reference);
    assert_state(&r, "STAGED");
    assert_int_equal(atomic_load(&w.provider.asked[4]), 0);
}

static void
the_row_that_decided_is_in_the_log(void **state)
{
    char want[160];

    (void)state;
    (void)snprintf(
        want, sizeof(want),
        "\"event\":\"transaction.assessed\",\"outcome\":\"done\",\"configuration\":\"large\",\"reference\":\"%s\"",
        fulfil(&w, ALICE, "000000080000", 51));
    assert_non_null(strstr(w.log, want));
}

static char ping[] = "    notify: ping\n", push[] = "    notify: push\n", rearm[] = "    rearm: true\n";

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_issuer_reads_and_uses_a_reference, start, stop),
        cmocka_unit_test_setup_teardown(who_is_no_issuer_resolves_nothing, start, stop),
        cmocka_unit_test_setup_teardown(what_is_not_fulfilled_is_not_used, start, stop),
        cmocka_unit_test_setup_teardown(an_authentication_is_used_in_time, start, stop),
        cmocka_unit_test_setup_teardown(a_use_goes_on_where_the_provider_was_away, start, stop),
        cmocka_unit_test_setup_teardown(a_reversal_ends_it, start, stop),
        cmocka_unit_test_prestate_setup_teardown(a_reversal_arms_it_again_where_configured, start, stop, rearm),
        cmocka_unit_test_setup_teardown(a_terminal_says_what_it_dispensed, start, stop),
        cmocka_unit_test_setup_teardown(a_terminal_s_report_must_fit, start, stop),
        cmocka_unit_test_setup_teardown(a_vector_that_travelled_is_used_up_when_cash_goes_out, start, stop),
        cmocka_unit_test_setup_teardown(a_decline_ends_what_was_fulfilled, start, stop),
        cmocka_unit_test_setup_teardown(a_step_up_asks_for_more, start, stop),
        cmocka_unit_test_setup_teardown(a_step_up_is_the_terminal_s_own, start, stop),
        cmocka_unit_test_setup_teardown(a_step_up_that_fails_ends_it, start, stop),
        cmocka_unit_test_setup_teardown(every_state_has_its_end, start, stop),
        cmocka_unit_test_setup_teardown(a_presentation_that_is_none_finds_nothing, start, stop),
        cmocka_unit_test_setup_teardown(the_row_that_decided_is_in_the_log, start, stop),
        cmocka_unit_test_prestate_setup_teardown(a_notification_of_the_provider_settles, start, stop, ping),
        cmocka_unit_test_prestate_setup_teardown(a_notification_of_the_provider_settles, start, stop, push),
        cmocka_unit_test_prestate_setup_teardown(a_notification_of_another_s_making_settles_nothing, start, stop, push),
    };

    return world_run(argc, argv, tests, CARNET_COUNT(tests));
}
