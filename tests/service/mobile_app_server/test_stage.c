/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions are staged, looked at and taken back. */
#include "world.h"

#include "carnet/json.h"

#include <stdio.h>
#include <string.h>

static world w;
static reply r;

static int
start(void **state)
{
    (void)state;
    world_make(&w, "");
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

#define STAGE "{\"requestId\":\"%s\",\"type\":\"%s\",\"amount\":\"%s\",\"currency\":\"%s\",\"account\":\"%s\"}"

static void
a_phone_stages_a_withdrawal(void **state)
{
    (void)state;
    ask(&w, ALICE, "rp/Stage", &r, STAGE, "r1", "ATM_CWD", "000000020000", "840", "card");
    assert_state(&r, "STAGED");
    assert_int_equal(strlen(text(&r, "ref")), 18);
    assert_string_equal(text(&r, "account"), "card");
    assert_string_equal(text(&r, "amount"), "000000020000");
    assert_int_equal(number(&r, "expiration"), (NOW + 1800) * 1000);
    assert_null(strstr(r.body, "9999400000000004"));
    assert_null(strstr(w.log, "9999400000000004"));
}

static void
a_request_said_again_stages_nothing_more(void **state)
{
    char reference[32];

    (void)state;
    ask(&w, ALICE, "rp/Stage", &r, STAGE, "again", "ATM_CWD", "000000004000", "840", "");
    assert_state(&r, "STAGED");
    (void)snprintf(reference, sizeof(reference), "%s", text(&r, "ref"));
    w.at = 1;
    ask(&w, ALICE, "rp/Stage", &r, STAGE, "again", "ATM_CWD", "000000004000", "840", "");
    assert_string_equal(text(&r, "ref"), reference);
    ask(&w, ALICE, "rp/Stage", &r, STAGE, "again", "ATM_CWD", "000000006000", "840", "");
    assert_refused(&r, 409, "request_id");
    ask(&w, BOB, "rp/Stage", &r, STAGE, "again", "ATM_CWD", "000000006000", "840", "");
    assert_state(&r, "STAGED");
    assert_string_not_equal(text(&r, "ref"), reference);
    w.at = 0;
}

static void
what_cannot_be_staged_is_refused(void **state)
{
    static const struct {
        client who;
        const char *type, *amount, *currency, *account;
        int status;
        const char *error;
    } cases[] = {
        { ALICE, "ATM_CWD", "000000000000", "840", "", 422, "amount" },
        { ALICE, "ATM_CWD", "000000000500", "840", "", 422, "amount" }, /* no such notes */
        { ALICE, "ATM_CWD", "000000081000", "840", "", 422, "limit" },  /* more than one may be */
        { ALICE, "ATM_CWD", "000000001000", "826", "", 422, "amount" }, /* another currency */
        { ALICE, "ATM_CWD", "000000001000", "978", "", 403, "risk" },   /* no row covers it */
        { ALICE, "ATM_CWD", "000000001000", "840", "none", 422, "account" },
        { ALICE, "ATM_CWD", "000000001000", "840", "euro", 422, "account" },
        { ALICE, "TRANSFER", "000000001000", "840", "", 400, "-" },
        { STRANGER, "ATM_CWD", "000000001000", "840", "", 403, "device" },
        { NOBODY, "ATM_CWD", "000000001000", "840", "", 403, "certificate" },
        { EVE, "ATM_CWD", "000000001000", "840", "", 403, "certificate" },
        { EXPIRED_PHONE, "ATM_CWD", "000000001000", "840", "", 403, "certificate" },
        { ATM1, "ATM_CWD", "000000001000", "840", "", 403, "certificate" },
        { ISSUER, "ATM_CWD", "000000001000", "840", "", 403, "certificate" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "bad-%zu", i);
        ask(&w, cases[i].who, "rp/Stage", &r, STAGE, name, cases[i].type, cases[i].amount, cases[i].currency,
            cases[i].account);
        if (r.status != cases[i].status || strcmp(r.error, cases[i].error) != 0)
            fail_msg("case %zu: %d %s", i, r.status, r.error);
    }
}

static void
messages_that_are_none_are_refused(void **state)
{
    static const char *const bodies[] = {
        "",
        "{",
        "[]",
        "{}",
        "{\"requestId\":\"x\"}",
        ("{\"requestId\":\"x\",\"requestId\":\"y\",\"type\":\"ATM_CWD\",\"amount\":\"000000001000\",\"currency\":"
         "\"840\"}"),
        "{\"requestId\":\"\",\"type\":\"ATM_CWD\",\"amount\":\"000000001000\",\"currency\":\"840\"}",
        "{\"requestId\":\"x\",\"type\":\"ATM_CWD\",\"amount\":\"1000\",\"currency\":\"840\"}",
        "{\"requestId\":\"x\",\"type\":\"ATM_CWD\",\"amount\":1000,\"currency\":\"840\"}",
        "{\"requestId\":\"x\",\"type\":\"ATM_CWD\",\"amount\":\"-00000001000\",\"currency\":\"840\"}",
        "{\"requestId\":\"x\",\"type\":\"ATM_CWD\",\"amount\":\"000000001000\",\"currency\":\"USD\"}",
    };
    static const char *const paths[] = { "rp/Stage",        "rp/Fulfil",         "rp/StagedStatus",
                                         "rp/CancelStaged", "terminal/Collect",  "terminal/Dispensed",
                                         "terminal/StepUp", "terminal/Evidence", "issuer/ResolveStaged" };

    (void)state;
    for (size_t p = 0; p < CARNET_COUNT(paths); p++)
        for (size_t i = 0; i < (p == 0 ? CARNET_COUNT(bodies) : 4); i++) {
            ask(&w, p < 4 ? ALICE : p < 8 ? ATM1 : ISSUER, paths[p], &r, "%s", bodies[i]);
            if (r.status != 400)
                fail_msg("%s: %s: %d %s", paths[p], bodies[i], r.status, r.error);
        }
}

static void
a_day_has_its_limit(void **state)
{
    char reference[32];

    (void)state;
    (void)stage(&w, ALICE, "000000080000");
    (void)snprintf(reference, sizeof(reference), "%s", stage(&w, ALICE, "000000080000"));
    (void)stage(&w, ALICE, "000000040000");
    ask(&w, ALICE, "rp/Stage", &r, STAGE, "over", "ATM_CWD", "000000001000", "840", "");
    assert_refused(&r, 422, "limit");
    ask(&w, ALICE, "rp/Stage", &r, STAGE, "other", "ATM_CWD", "000000001000", "840", "card");
    assert_state(&r, "STAGED"); /* the limit is the account's */
    ask(&w, ALICE, "rp/CancelStaged", &r, "{\"ref\":\"%s\"}", reference);
    assert_state(&r, "CANCELLED");
    ask(&w, ALICE, "rp/Stage", &r, STAGE, "room", "ATM_CWD", "000000080000", "840", "");
    assert_state(&r, "STAGED");
    ask(&w, ALICE, "rp/Stage", &r, STAGE, "over2", "ATM_CWD", "000000001000", "840", "");
    assert_refused(&r, 422, "limit");
    atomic_store(&w.now, NOW + INT64_C(25) * HOUR);
    ask(&w, ALICE, "rp/Stage", &r, STAGE, "tomorrow", "ATM_CWD", "000000080000", "840", "");
    assert_state(&r, "STAGED");
}

static void
a_transaction_is_its_device_s_alone(void **state)
{
    const char *reference = stage(&w, ALICE, "000000004000");

    (void)state;
    ask(&w, BOB, "rp/StagedStatus", &r, "{\"ref\":\"%s\"}", reference);
    assert_refused(&r, 404, "unknown_reference");
    ask(&w, BOB, "rp/CancelStaged", &r, "{\"ref\":\"%s\"}", reference);
    assert_refused(&r, 404, "unknown_reference");
    ask(&w, BOB, "rp/Fulfil", &r, "{\"ref\":\"%s\",\"code\":\"%s\"}", reference, code_of(&w, "ATM00001", 1, NOW + 60));
    assert_refused(&r, 404, "unknown_reference");
    ask(&w, ALICE, "rp/StagedStatus", &r, "{\"ref\":\"ST1\"}");
    assert_refused(&r, 404, "unknown_reference");
    ask(&w, ALICE, "rp/StagedStatus", &r, "{\"ref\":\"%s\"}", reference);
    assert_state(&r, "STAGED");
}

static void
a_transaction_is_taken_back_once(void **state)
{
    const char *reference = stage(&w, ALICE, "000000004000");

    (void)state;
    ask(&w, ALICE, "rp/CancelStaged", &r, "{\"ref\":\"%s\"}", reference);
    assert_state(&r, "CANCELLED");
    assert_string_equal(text(&r, "reason"), "by_user");
    w.at = 1;
    ask(&w, ALICE, "rp/CancelStaged", &r, "{\"ref\":\"%s\"}", reference);
    assert_state(&r, "CANCELLED");
    w.at = 0;
    ask(&w, ALICE, "rp/Fulfil", &r, "{\"ref\":\"%s\",\"code\":\"%s\"}", reference,
        code_of(&w, "ATM00001", 2, NOW + 60));
    assert_refused(&r, 409, "state");
}

static void
what_waits_too_long_is_over(void **state)
{
    const char *reference = stage(&w, ALICE, "000000004000"), *unseen = stage(&w, ALICE, "000000004000");

    (void)state;
    atomic_store(&w.now, NOW + 1801);
    ask(&w, ALICE, "rp/Fulfil", &r, "{\"ref\":\"%s\",\"code\":\"%s\"}", reference,
        code_of(&w, "ATM00001", 3, NOW + 1860));
    assert_refused(&r, 410, "expired");
    world_watch(&w);
    ask(&w, ALICE, "rp/StagedStatus", &r, "{\"ref\":\"%s\"}", unseen);
    assert_state(&r, "EXPIRED");
    ask(&w, ALICE, "rp/CancelStaged", &r, "{\"ref\":\"%s\"}", unseen);
    assert_refused(&r, 409, "state");
}

static void
customers_are_put_whole_or_not_at_all(void **state)
{
    static const char *const bad[] = {
        "{\"user\":\"\"}",
        "{\"user\":\"eve\",\"accounts\":[{\"alias\":\"\"}]}",
        "{\"user\":\"eve\",\"accounts\":[{\"alias\":\"a\",\"pan\":\"12\"}]}",
        "{\"user\":\"eve\",\"accounts\":[{\"alias\":\"a\",\"pan\":\"12345678901x\"}]}",
        "{\"user\":\"eve\",\"devices\":[{\"id\":\"\"}]}",
        "{\"user\":\"eve\",\"devices\":[{\"id\":\"stranger\",\"documentKeys\":[\"short\"]}]}",
        "{\"user\":\"eve\",\"devices\":{}}",
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++) {
        ask(&w, NOBODY, "admin/mobile_app/customers", &r, "%s", bad[i]);
        assert_int_equal(r.status, 400);
    }
    ask(&w, NOBODY, "admin/mobile_app/customers", &r,
        "{\"user\":\"bob\",\"devices\":[{\"id\":\"stranger\"}],"
        "\"accounts\":[{\"alias\":\"x\"}]}");
    assert_int_equal(r.status, 204);
    ask(&w, STRANGER, "rp/Stage", &r, STAGE, "n", "ATM_CWD", "000000001000", "840", "x");
    assert_state(&r, "STAGED");
    ask(&w, BOB, "rp/Stage", &r, STAGE, "n", "ATM_CWD", "000000001000", "840", "");
    assert_refused(&r, 403, "device"); /* what was said of him before is forgotten */
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_phone_stages_a_withdrawal, start, stop),
        cmocka_unit_test_setup_teardown(a_request_said_again_stages_nothing_more, start, stop),
        cmocka_unit_test_setup_teardown(what_cannot_be_staged_is_refused, start, stop),
        cmocka_unit_test_setup_teardown(messages_that_are_none_are_refused, start, stop),
        cmocka_unit_test_setup_teardown(a_day_has_its_limit, start, stop),
        cmocka_unit_test_setup_teardown(a_transaction_is_its_device_s_alone, start, stop),
        cmocka_unit_test_setup_teardown(a_transaction_is_taken_back_once, start, stop),
        cmocka_unit_test_setup_teardown(what_waits_too_long_is_over, start, stop),
        cmocka_unit_test_setup_teardown(customers_are_put_whole_or_not_at_all, start, stop),
    };

    return world_run(argc, argv, tests, CARNET_COUNT(tests));
}
