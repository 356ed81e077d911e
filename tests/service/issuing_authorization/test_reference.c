/* SPDX-License-Identifier: Apache-2.0 */
/* References that are resolved at the mobile app server; a bank's own host of accounts. */
#include "world.h"

#include <stdio.h>
#include <string.h>

static bank_ask
reference_to(const char *staged, const char *trace)
{
    bank_ask ask = bank_withdrawal();

    ask.staged = staged;
    ask.trace = trace;
    ask.unsigned_vector = true;
    ask.vector = "C0"; /* what the message says of it counts for nothing */
    return ask;
}

static void
a_reference_is_resolved_booked_and_used(void **state)
{
    static world w;
    world_staged *s;
    bank_ask ask;

    (void)state;
    world_make(&w, REFERENCE);
    s = others_stage(&w.others, "S1");
    ask = reference_to("S1", "000001");
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    assert_true(s->reads == 1 && s->uses == 1 && s->state == CARNET_STAGED_USED);
    assert_int_equal(world_account(&w).balance, 80000);
    ask.mti = "0201";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    assert_int_equal(world_account(&w).balance, 80000);
    ask = reference_to("S1", "000002");
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "94");
    /* Taken back, the mobile app server hears of it. */
    ask = reference_to(NULL, "000003");
    ask.mti = "0420";
    ask.original = "02000000011121020203";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    assert_int_equal(world_account(&w).balance, 100000);
    world_job(&w);
    assert_true(s->reversals == 1 && s->state == CARNET_STAGED_REVERSED);
    world_job(&w);
    assert_int_equal(s->reversals, 1);
    world_end(&w);
}

typedef struct refusal {
    const char *code, *of_1993, *what;
    world_staged is; /* what is not 0 is so */
    bool unknown;
    int read_status, use_status;
    const char *amount;
} refusal;

static const refusal refusals[] = {
    { "25", "914", "unknown", .unknown = true },
    { "25", "914", "another kind of transaction", { .type = "POS_PURCHASE" } },
    { "94", "913", "not fulfilled yet", { .state = CARNET_STAGED_STEPPING_UP } },
    { "94", "913", "used by another", { .state = CARNET_STAGED_USED, .use = "another" } },
    { "94", "913", "reversed", { .state = CARNET_STAGED_REVERSED } },
    { "12", "902", "expired", { .state = CARNET_STAGED_EXPIRED } },
    { "13", "110", "another amount", .amount = "000000030000" },
    { "13", "110", "less than was staged", .amount = "000000010000" },
    { "58", "120", "another terminal", { .terminal = "ATM00002" } },
    { "63", "122", "authenticated too long ago", { .auth_time = BANK_NOW - 306 } },
    { "1A", "122", "too little", { .vector = "Ce.Cf.Cg" } },
    { "14", "111", "another account than was staged", { .pan = "4000000000000002" } },
    { "91", "907", "the mobile app server fails", .read_status = 500 },
    { "91", "907", "it fails when the use is told", .use_status = 500 },
    { "94", "913", "it was used meanwhile", .use_status = 409 },
    { "12", "902", "it expired meanwhile", .use_status = 410 },
};

static void
apply(const refusal *r, world_others *o, const char *name)
{
    world_staged *s;

    o->count = 0;
    o->read_status = r->read_status;
    o->use_status = r->use_status;
    if (r->unknown)
        return;
    s = others_stage(o, name);
    s->type = r->is.type != NULL ? r->is.type : s->type;
    s->terminal = r->is.terminal != NULL ? r->is.terminal : s->terminal;
    s->vector = r->is.vector != NULL ? r->is.vector : s->vector;
    s->pan = r->is.pan != NULL ? r->is.pan : s->pan;
    s->state = r->is.state != 0 ? r->is.state : s->state;
    s->auth_time = r->is.auth_time != 0 ? r->is.auth_time : s->auth_time;
    memcpy(s->use, r->is.use, sizeof(s->use));
}

static void
each_refusal_has_its_code_and_moves_nothing(void **state)
{
    static world w;
    static char names[CARNET_COUNT(refusals)][8];

    (void)state;
    world_make(&w, REFERENCE);
    for (unsigned v = 0; v < 2; v++)
        for (size_t i = 0; i < CARNET_COUNT(refusals); i++) {
            const refusal *r = &refusals[i];
            const char *code;
            char trace[7];
            bank_ask ask;

            (void)snprintf(trace, sizeof(trace), "%u%05u", v, (unsigned)i + 1);
            (void)snprintf(names[i], sizeof(names[i]), "S%u%02u", v, (unsigned)i);
            (void)pthread_mutex_lock(&w.others.lock);
            apply(r, &w.others, names[i]);
            (void)pthread_mutex_unlock(&w.others.lock);
            ask = reference_to(names[i], trace);
            ask.amount = r->amount;
            code = world_ask(&w, (carnet_iso8583_version)v, &ask);
            if (strcmp(code, v == 0 ? r->code : r->of_1993) != 0)
                fail_msg("%s: %s", r->what, code);
            assert_int_equal(world_account(&w).balance, 100000);
            ask.mti = "0201"; /* asked again, what was undone is not had all the same */
            code = world_ask(&w, (carnet_iso8583_version)v, &ask);
            assert_string_not_equal(code, "00");
            assert_string_not_equal(code, "000");
        }
    world_end(&w);
}

static void
nobody_waits_for_one_who_does_not_answer(void **state)
{
    static world w;
    bank_ask ask, echo = { .mti = "0800", .network = "301" };

    (void)state;
    world_make(&w, REFERENCE);
    (void)others_stage(&w.others, "S1");
    ask = reference_to("S1", "000001");
    (void)pthread_mutex_lock(&w.others.lock); /* the mobile app server thinks */
    world_send(&w, CARNET_ISO8583_1987, &ask);
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &echo), "00");
    (void)pthread_mutex_unlock(&w.others.lock);
    world_receive(&w, CARNET_ISO8583_1987);
    assert_true(carnet_iso8583_is(&w.answer, 39, "00"));
    world_end(&w);
}

static void
an_absent_mobile_app_server_is_91(void **state)
{
    static world w;
    bank_ask ask;

    (void)state;
    world_make(&w, REFERENCE);
    (void)others_stage(&w.others, "S1");
    others_stop(&w.others);
    ask = reference_to("S1", "000001");
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "91");
    assert_int_equal(world_account(&w).balance, 100000);
    world_end(&w);
}

static void
another_host_keeps_the_accounts(void **state)
{
    static world w;
    bank_ask ask = bank_withdrawal();

    (void)state;
    world_make(&w, OTHER_HOST);
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    assert_true(w.others.orders == 1 && w.others.last_amount == 20000);
    ask.mti = "0201";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    assert_int_equal(w.others.orders, 1);
    assert_int_equal(world_account(&w).balance, 100000); /* the ledger here has no part in it */
    ask = (bank_ask){ .mti = "0420", .trace = "000002", .original = "02000000011121020203" };
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    assert_int_equal(w.others.returns, 1);
    (void)snprintf(w.others.outcome, sizeof(w.others.outcome), "funds");
    ask = bank_withdrawal();
    ask.staged = "S2";
    ask.trace = "000003";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "51");
    (void)snprintf(w.others.outcome, sizeof(w.others.outcome), "nonsense");
    ask.trace = "000004";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "91");
    w.others.outcome[0] = '\0';
    ask.trace = "000005";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "91");
    world_end(&w);
}

int
main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reference_is_resolved_booked_and_used),
        cmocka_unit_test(each_refusal_has_its_code_and_moves_nothing),
        cmocka_unit_test(nobody_waits_for_one_who_does_not_answer),
        cmocka_unit_test(an_absent_mobile_app_server_is_91),
        cmocka_unit_test(another_host_keeps_the_accounts),
    };

    return world_run(argc, argv, tests, CARNET_COUNT(tests));
}
