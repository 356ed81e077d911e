/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an answer satisfies its question, as the reader sees it (18013-5 10.2.5, 10.2.6). */
#include "carnet/reader_satisfied.h"
#include "choice_world.h"

#include <stdio.h>
#include <string.h>

static choice_world c;

typedef struct row {
    const char *held[3], *answered;  /* what is asked of the holder ... */
    const char *request, *use_cases; /* ... and what the reader had asked for */
    uint32_t doc_requests, sets, twice;
    bool satisfied;
} row;

#define MINE "mdl@A family_name given_name age_over_18 height"
#define PID  "pid@B family_name"

static const row rows[] = {
    { { MINE }, "mdl family_name", "mdl family_name", NULL, 1, 0, 0, true },
    { { MINE }, "mdl family_name", "mdl family_name given_name", NULL, 0, 0, 0, false },
    { { MINE }, "mdl family_name", "pid family_name", NULL, 0, 0, 0, false },
    { { MINE }, "mdl age_over_18", "mdl age_over_16", NULL, 1, 0, 0, true },
    { { MINE }, "mdl family_name", "mdl x:family_name", NULL, 0, 0, 0, false },
    { { MINE, PID }, "mdl family_name ; pid family_name", "mdl family_name ; pid family_name", NULL, 3, 0, 0, true },
    { { MINE }, "mdl family_name", "mdl family_name ; pid family_name", NULL, 1, 0, 0, false },
    /* alternatives, issuers */
    { { MINE }, "mdl given_name height", "mdl portrait|x:a|given_name+height", NULL, 1, 0, 0, true },
    { { MINE }, "mdl given_name", "mdl portrait|given_name+height", NULL, 0, 0, 0, false },
    { { MINE }, "mdl given_name", "mdl family_name portrait|given_name", NULL, 0, 0, 0, false },
    { { MINE }, "mdl given_name", "mdl given_name issuer=A issuer=none", NULL, 1, 0, 0, true },
    { { MINE }, "mdl given_name", "mdl given_name issuer=B", NULL, 0, 0, 0, false },
    /* verification of the holder is no lack */
    { { "pho@A portrait" }, "pho portrait", "pho portrait CHV_1", NULL, 1, 0, 0, true },
    { { "pho@A portrait x:CHV_1" }, "pho portrait", "pho portrait x:CHV_1", NULL, 0, 0, 0, false },
    /* what the device signs */
    { { "mdl@A family_name ~height" }, "mdl height", "mdl height", NULL, 1, 0, 0, true },
    /* use cases */
    { { MINE, PID }, "mdl family_name", "mdl family_name ; pid family_name", "M0 O1", 1, 1, 0, true },
    { { MINE, PID }, "pid family_name", "mdl family_name ; pid family_name", "M0 O1", 2, 2, 0, false },
    { { MINE, PID }, "mdl family_name", "mdl family_name ; pid family_name", "O1 O0", 1, 2, 0, true },
    { { MINE, PID }, "mdl family_name", "mdl family_name ; pid family_name", "O1", 1, 0, 0, false },
    { { MINE, PID }, "mdl family_name", "mdl family_name ; pid family_name", "M0,1", 1, 0, 0, false },
    { { MINE, PID }, "mdl family_name ; pid family_name", "mdl family_name ; pid family_name", "M0/1", 3, 1, 1, true },
    { { MINE, PID },
      "mdl family_name ; pid family_name",
      "mdl family_name ; pid family_name",
      "M0/0 O0/1",
      3,
      3,
      2,
      true },
};

static void
answer(const row *r)
{
    choice_world_forget(&c);
    for (size_t i = 0; i < CARNET_COUNT(r->held) && r->held[i] != NULL; i++)
        choice_world_hold(&c, r->held[i]);
    choice_world_ask(&c, r->answered, NULL, (carnet_span){ 0 });
    assert_carnet_ok(choice_world_make(&c, NULL), &c.w.err);
    carnet_choice_consent(&c.choice, true);
    assert_carnet_ok(choice_world_respond(&c), &c.w.err);
    choice_world_ask(&c, r->request, r->use_cases, (carnet_span){ 0 });
}

static carnet_outcome
outcome(void)
{
    const carnet_report_entry *entry;

    c.w.report.count = 0;
    carnet_reader_check_satisfied(c.response, c.request, &c.w.report);
    entry = carnet_report_find(&c.w.report, CARNET_CHECK_SATISFIES_REQUEST, CARNET_NO_DOCUMENT);
    assert_non_null(entry);
    assert_int_equal(c.w.report.count, 1);
    return entry->outcome;
}

static void
each_answer_satisfies_what_is_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        const row *r = &rows[i];
        carnet_satisfaction s;

        answer(r);
        assert_carnet_ok(carnet_reader_satisfaction(c.response, c.request, &s, &c.w.err), &c.w.err);
        if (s.doc_requests != r->doc_requests || s.use_cases != r->sets || s.twice != r->twice ||
            s.satisfied != r->satisfied || s.encrypted != 0)
            fail_msg("%s for %s (%s): %#x %#x %#x %d", r->answered, r->request, r->use_cases, (unsigned)s.doc_requests,
                     (unsigned)s.use_cases, (unsigned)s.twice, s.satisfied);
        assert_int_equal(outcome(), r->satisfied ? CARNET_PASS : CARNET_FAIL);
    }
}

/* The holder and the reader mean the same by "satisfied". */
static void
what_the_holder_settles_satisfies_the_reader(void **state)
{
    static const char *const requests[] = { "mdl family_name height|portrait", "mdl age_over_16 age_over_21",
                                            "mdl portrait|given_name+height issuer=A ; pid family_name issuer=B",
                                            "pid family_name ; mdl given_name" };
    static const char *const use_cases[] = { "M0", "M0", "M0 O1", "O0 O1/0" };
    static const row held = { { MINE, PID }, "mdl family_name", "mdl family_name", NULL, 0, 0, 0, false };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(requests); i++) {
        answer(&held);
        choice_world_ask(&c, requests[i], use_cases[i], (carnet_span){ 0 });
        assert_carnet_ok(choice_world_make(&c, NULL), &c.w.err);
        if (!c.choice.satisfiable)
            continue;
        carnet_choice_consent(&c.choice, true);
        assert_carnet_ok(carnet_choice_settle(&c.choice, CARNET_BROKEN_NOTHING, &c.w.err), &c.w.err);
        assert_carnet_ok(choice_world_respond(&c), &c.w.err);
        assert_int_equal(outcome(), CARNET_PASS);
    }
}

static void
a_response_longer_than_allowed_is_told(void **state)
{
    static const row whole = { { MINE }, "mdl family_name", "mdl family_name", NULL, 0, 0, 0, false };
    char request[64];

    (void)state;
    answer(&whole);
    for (size_t less = 0; less < 2; less++) {
        (void)snprintf(request, sizeof(request), "mdl family_name max=%zu", c.response.len - less);
        choice_world_ask(&c, request, NULL, (carnet_span){ 0 });
        assert_int_equal(outcome(), less == 0 ? CARNET_PASS : CARNET_FAIL);
    }
    choice_world_ask(&c, "mdl family_name ; pid family_name max=1", "M0 O1", (carnet_span){ 0 });
    assert_int_equal(outcome(), CARNET_PASS); /* that one was not answered */
}

static void
what_cannot_be_read_is_not_judged(void **state)
{
    static const row whole = { { MINE }, "mdl family_name", "mdl family_name", NULL, 0, 0, 0, false };
    carnet_satisfaction s;
    carnet_span response;

    (void)state;
    answer(&whole);
    response = c.response;
    c.response.len--;
    assert_int_equal(outcome(), CARNET_UNDETERMINED);
    assert_carnet_rc(carnet_reader_satisfaction(c.response, c.request, &s, &c.w.err), CARNET_E_CBOR_TRUNCATED);
    assert_false(s.satisfied);
    c.response = response;
    c.request.len--;
    assert_int_equal(outcome(), CARNET_UNDETERMINED);
}

static int
begin(void **state)
{
    (void)state;
    choice_world_begin(&c);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    choice_world_done(&c);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_answer_satisfies_what_is_expected),
        cmocka_unit_test(what_the_holder_settles_satisfies_the_reader),
        cmocka_unit_test(a_response_longer_than_allowed_is_told),
        cmocka_unit_test(what_cannot_be_read_is_not_judged),
    };

    return cmocka_run_group_tests_name("role/reader satisfied", tests, begin, end);
}
