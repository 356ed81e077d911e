/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and holdings, and the choice they leave (18013-5 10.2.5, 10.2.6, 13.4). */
#include "choice_world.h"

#include <string.h>

static choice_world c;

typedef struct row {
    const char *title, *held[4], *request, *use_cases, *expected;
    carnet_partial partial;
} row;

#define JANE "mdl@A family_name given_name birth_date age_over_18 age_over_21-"

static const row rows[] = {
    /* elements */
    { "what is held is offered", { JANE }, "mdl family_name! given_name", NULL, "0:0 family_name! given_name", 0 },
    { "what is not held is not", { JANE }, "mdl family_name height", NULL, "0:0 family_name", 0 },
    { "unless all or nothing is wished", { JANE }, "mdl family_name height", NULL, "-", CARNET_PARTIAL_NEVER },
    { "nothing of it held", { JANE }, "mdl height", NULL, "-", 0 },
    { "another type", { JANE }, "pid family_name", NULL, "-", 0 },
    { "nothing held at all", { NULL }, "mdl family_name", NULL, "-", 0 },
    { "another name space", { JANE }, "mdl x:family_name", NULL, "-", 0 },
    { "ages are answered by rule", { JANE }, "mdl age_over_16", NULL, "0:0 age_over_18", 0 },
    { "one DocRequest stands without the other",
      { JANE },
      "pid family_name ; mdl given_name",
      NULL,
      "1:0 given_name",
      0 },
    { "both stand",
      { JANE, "pid@A family_name" },
      "pid family_name ; mdl given_name",
      NULL,
      "0:1 family_name; 1:0 given_name",
      0 },
    /* alternatives */
    { "an alternative inherits retain", { JANE }, "mdl age_in_years!|age_over_18", NULL, "0:0 age_over_18!", 0 },
    { "what is asked for goes before its alternatives",
      { JANE },
      "mdl birth_date|age_over_18",
      NULL,
      "0:0 birth_date",
      0 },
    { "the first set that is held is taken",
      { JANE },
      "mdl portrait|height|given_name+age_over_18|family_name",
      NULL,
      "0:0 given_name age_over_18",
      0 },
    { "a set is held whole or not", { JANE }, "mdl portrait|given_name+height", NULL, "-", 0 },
    { "an alternative may be in another name space",
      { "mdl@A x:photo given_name" },
      "mdl portrait|x:photo",
      NULL,
      "0:0 photo",
      0 },
    { "an alternative that was asked for too",
      { JANE },
      "mdl given_name portrait|given_name",
      NULL,
      "0:0 given_name",
      0 },
    /* issuers */
    { "an issuer asked for",
      { "mdl@A family_name", "mdl@B family_name" },
      "mdl family_name issuer=B",
      NULL,
      "0:1 family_name",
      0 },
    { "one of two issuers",
      { "mdl@A family_name", "mdl@B family_name" },
      "mdl family_name issuer=none issuer=A",
      NULL,
      "0:0 family_name",
      0 },
    { "none of the issuers asked for", { "mdl@A family_name" }, "mdl family_name issuer=B issuer=none", NULL, "-", 0 },
    /* several documents */
    { "the one that has all",
      { "mdl@A family_name", JANE },
      "mdl family_name given_name",
      NULL,
      "0:1 family_name given_name",
      0 },
    { "of equals the first", { JANE, JANE }, "mdl family_name", NULL, "0:0 family_name", 0 },
    { "valid before expired",
      { "mdl@A family_name !", "mdl@A family_name" },
      "mdl family_name",
      NULL,
      "0:1 family_name",
      0 },
    { "complete before valid",
      { "mdl@A family_name given_name !", "mdl@A family_name" },
      "mdl family_name given_name",
      NULL,
      "0:0 family_name given_name",
      0 },
    { "expired rather than nothing", { "mdl@A family_name !" }, "mdl family_name", NULL, "0:0 family_name", 0 },
    { "several are not taken by themselves", { JANE, JANE }, "mdl family_name unique=no", NULL, "0:0 family_name", 0 },
    /* use cases */
    { "the first set that is held",
      { JANE, "pid@A family_name" },
      "pho portrait ; mdl family_name ; pid family_name",
      "M0/1,2/0,2",
      "1:0 family_name; 2:1 family_name",
      0 },
    { "no set is held", { JANE }, "pho portrait ; mdl family_name", "M0/0,1", "-", 0 },
    { "a use case wants all elements", { JANE }, "mdl family_name height", "M0", "-", 0 },
    { "unless a part will do", { JANE }, "mdl family_name height", "M0", "0:0 family_name", CARNET_PARTIAL_ALWAYS },
    { "both mandatory ones",
      { JANE, "pid@A family_name" },
      "mdl family_name ; pid family_name",
      "M0 M1",
      "0:0 family_name; 1:1 family_name",
      0 },
    { "one of two mandatory ones is not enough", { JANE }, "mdl family_name ; pid family_name", "M0 M1", "-", 0 },
    { "an optional one is not proposed beside a mandatory one",
      { JANE, "pid@A family_name" },
      "mdl family_name ; pid family_name",
      "O1 M0",
      "0:0 family_name",
      0 },
    { "the first optional one if none is mandatory",
      { JANE, "pid@A family_name" },
      "pho portrait ; mdl family_name ; pid family_name",
      "O0 O1 O2",
      "1:0 family_name",
      0 },
    { "no optional one either", { JANE }, "pho portrait ; pid family_name", "O0 O1", "-", 0 },
    { "what belongs to no use case is left",
      { JANE, "pid@A family_name" },
      "mdl family_name ; pid family_name",
      "M0",
      "0:0 family_name",
      0 },
    /* exactly one set */
    { "two sets of one use case are not satisfied together",
      { JANE, "pid@A family_name", "pho@A portrait" },
      "mdl family_name ; pid family_name ; pho portrait",
      "M0/1 M1",
      "1:1 family_name",
      0 },
    { "a set within another satisfies both",
      { JANE, "pid@A family_name" },
      "mdl family_name ; pid family_name",
      "M0,1/0",
      "0:0 family_name",
      0 },
    { "no combination is exact",
      { JANE, "pid@A family_name" },
      "mdl family_name ; pid family_name",
      "M0/1 M0 M1",
      "-",
      0 },
    { "the same set twice is one set", { JANE }, "mdl family_name", "M0/0", "0:0 family_name", 0 },
    /* what no mdoc answers */
    { "nothing but a proof is taken", { JANE }, "mdl family_name zk", NULL, "-", 0 },
    { "another format", { JANE }, "mdl family_name format=dc+sd-jwt", NULL, "-", 0 },
    { "an mdoc by its name", { JANE }, "mdl family_name format=mso_mdoc", NULL, "0:0 family_name", 0 },
    /* what the device signs */
    { "a value the device may sign", { "mdl@A family_name ~height" }, "mdl height", NULL, "0:0 ~height", 0 },
    { "one it may not", { "mdl@A family_name ?height" }, "mdl height", NULL, "-", 0 },
    { "the issuer's goes before", { "mdl@A height ~height" }, "mdl height", NULL, "0:0 height", 0 },
    { "authorised, but without a value", { "mdl@A family_name %height" }, "mdl height", NULL, "-", 0 },
    { "as an alternative", { "mdl@A family_name ~height" }, "mdl weight|height", NULL, "0:0 ~height", 0 },
    { "verification that is authorised",
      { "pho@A portrait %CHV_1" },
      "pho portrait CHV_1",
      NULL,
      "0:0 portrait ~CHV_1",
      0 },
    { "verification that is not, which a use case does without",
      { "pho@A portrait" },
      "pho portrait CHV_1",
      "M0",
      "0:0 portrait",
      0 },
    { "verification alone and not authorised", { "pho@A portrait" }, "pho CHV_1", NULL, "-", 0 },
    { "verification is never the issuer's to sign",
      { "pho@A portrait CHV_1" },
      "pho portrait CHV_1",
      NULL,
      "0:0 portrait",
      0 },
};

static void
hold_all(const row *r)
{
    choice_world_forget(&c);
    for (size_t i = 0; i < CARNET_COUNT(r->held) && r->held[i] != NULL; i++)
        choice_world_hold(&c, r->held[i]);
}

static void
each_row_gives_the_choice_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        carnet_choice_options options = { .partial = rows[i].partial, .now = c.w.report.now };

        hold_all(&rows[i]);
        choice_world_ask(&c, rows[i].request, rows[i].use_cases, (carnet_span){ 0 });
        assert_carnet_ok(choice_world_make(&c, &options), &c.w.err);
        if (strcmp(choice_world_text(&c), rows[i].expected) != 0)
            fail_msg("%s: %s, not %s", rows[i].title, choice_world_text(&c), rows[i].expected);
        if (c.choice.satisfiable != (strcmp(rows[i].expected, "-") != 0))
            fail_msg("%s: satisfiable is wrong", rows[i].title);
        for (size_t k = 0; k < c.choice.offer_count; k++)
            assert_false(c.offers[k].consented);
    }
}

/* What answers a choice to which all was consented satisfies the reader that asked. */
static void
each_row_answered_brings_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        carnet_choice_options options = { .partial = rows[i].partial, .now = c.w.report.now };
        carnet_device_response view;
        carnet_rc settled;

        hold_all(&rows[i]);
        choice_world_ask(&c, rows[i].request, rows[i].use_cases, (carnet_span){ 0 });
        assert_carnet_ok(choice_world_make(&c, &options), &c.w.err);
        carnet_choice_consent(&c.choice, true);
        settled = carnet_choice_settle(&c.choice, CARNET_BROKEN_NOTHING, &c.w.err);
        assert_carnet_ok(choice_world_respond(&c), &c.w.err);
        c.w.report.count = 0;
        carnet_reader_check_answers(c.response, c.request, &c.w.report);
        for (size_t k = 0; k < c.w.report.count; k++)
            if (c.w.report.entries[k].outcome != CARNET_PASS)
                fail_msg("%s: %s %s", rows[i].title, c.w.report.entries[k].path, c.w.report.entries[k].detail);
        assert_carnet_ok(carnet_device_response_open(c.response, 0, &view, &c.w.err), &c.w.err);
        assert_int_equal(view.status, 0);
        if ((settled == CARNET_OK) != (view.count != 0))
            fail_msg("%s: %zu documents", rows[i].title, view.count);
    }
}

static const struct {
    const char *held, *request;
    carnet_lack lack;
} lacks[] = {
    { "mdl@A family_name", "mdl family_name", CARNET_LACK_NONE },
    { "mdl@A family_name", "pid family_name", CARNET_LACK_TYPE },
    { "mdl@A family_name", "mdl family_name issuer=none", CARNET_LACK_ISSUER },
    { "mdl@A family_name", "mdl height", CARNET_LACK_ELEMENTS },
    { "mdl@A family_name", "mdl family_name zk", CARNET_LACK_ZERO_KNOWLEDGE },
    { "mdl@A family_name", "mdl family_name format=dc+sd-jwt", CARNET_LACK_FORMAT },
};

static void
what_is_lacking_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(lacks); i++) {
        choice_world_forget(&c);
        choice_world_hold(&c, lacks[i].held);
        choice_world_ask(&c, lacks[i].request, NULL, (carnet_span){ 0 });
        assert_carnet_ok(choice_world_make(&c, NULL), &c.w.err);
        assert_int_equal(c.choice.requests[0].lack, lacks[i].lack);
        assert_int_equal(c.choice.satisfiable, lacks[i].lack == CARNET_LACK_NONE);
    }
}

static void
make(const char *held0, const char *held1, const char *request, const char *use_cases)
{
    choice_world_forget(&c);
    choice_world_hold(&c, held0);
    if (held1 != NULL)
        choice_world_hold(&c, held1);
    choice_world_ask(&c, request, use_cases, (carnet_span){ 0 });
    assert_carnet_ok(choice_world_make(&c, NULL), &c.w.err);
}

static void
purpose_hints_are_told(void **state)
{
    (void)state;
    make(JANE, NULL, "mdl family_name ; mdl age_over_18", "M0#1 O1#3 O1");
    assert_int_equal(c.choice.use_case_count, 3);
    assert_int_equal(c.choice.use_cases[0].purpose, 1);
    assert_int_equal(c.choice.use_cases[1].purpose, 3);
    assert_true(c.choice.use_cases[2].purpose == CARNET_NO_PURPOSE);
    assert_true(carnet_choice_mandatory(&c.choice, 0));
    assert_false(carnet_choice_mandatory(&c.choice, 1));
    assert_false(carnet_choice_mandatory(&c.choice, 32));
}

static void
another_set_of_a_use_case_can_be_taken(void **state)
{
    (void)state;
    make(JANE, "pid@A family_name", "mdl family_name ; pid family_name ; pho portrait", "M0/1/2");
    assert_string_equal(choice_world_text(&c), "0:0 family_name");
    assert_carnet_ok(carnet_choice_take_set(&c.choice, 0, 1, &c.w.err), &c.w.err);
    assert_string_equal(choice_world_text(&c), "1:1 family_name");
    assert_carnet_rc(carnet_choice_take_set(&c.choice, 0, 2, &c.w.err), CARNET_E_ROLE_UNSATISFIED);
    assert_carnet_rc(carnet_choice_take_set(&c.choice, 0, CARNET_NO_SET, &c.w.err), CARNET_E_ROLE_UNSATISFIED);
    assert_carnet_rc(carnet_choice_take_set(&c.choice, 0, 3, &c.w.err), CARNET_E_USAGE);
    assert_carnet_rc(carnet_choice_take_set(&c.choice, 1, 0, &c.w.err), CARNET_E_USAGE);
    assert_string_equal(choice_world_text(&c), "1:1 family_name");
}

static void
a_set_that_satisfies_a_use_case_twice_is_refused(void **state)
{
    (void)state;
    make(JANE, "pid@A family_name", "mdl family_name ; pid family_name", "M0/1 O0/1");
    assert_string_equal(choice_world_text(&c), "0:0 family_name");
    assert_carnet_rc(carnet_choice_take_set(&c.choice, 1, 3, &c.w.err), CARNET_E_ROLE_UNSATISFIED);
    assert_carnet_ok(carnet_choice_take_set(&c.choice, 1, 2, &c.w.err), &c.w.err);
    assert_string_equal(choice_world_text(&c), "0:0 family_name");
}

static void
optional_use_cases_can_be_taken_and_left(void **state)
{
    (void)state;
    make(JANE, "pid@A family_name", "mdl family_name ; pid family_name ; mdl given_name", "O0 O1 O2");
    assert_string_equal(choice_world_text(&c), "0:0 family_name");
    assert_carnet_rc(carnet_choice_take_set(&c.choice, 0, CARNET_NO_SET, &c.w.err), CARNET_E_ROLE_UNSATISFIED);
    carnet_choice_take_all_use_cases(&c.choice);
    assert_string_equal(choice_world_text(&c), "0:0 family_name; 1:1 family_name; 2:0 given_name");
    assert_carnet_ok(carnet_choice_take_set(&c.choice, 0, CARNET_NO_SET, &c.w.err), &c.w.err);
    assert_string_equal(choice_world_text(&c), "1:1 family_name; 2:0 given_name");
}

static void
another_document_of_the_type_can_be_taken(void **state)
{
    (void)state;
    make(JANE, "mdl@B family_name", "mdl family_name", NULL);
    assert_int_equal(c.choice.candidate_count, 2);
    assert_carnet_ok(carnet_choice_take(&c.choice, 1, &c.w.err), &c.w.err);
    assert_string_equal(choice_world_text(&c), "0:1 family_name");
    assert_carnet_rc(carnet_choice_take(&c.choice, 2, &c.w.err), CARNET_E_USAGE);
    assert_carnet_rc(carnet_choice_leave(&c.choice, 1, &c.w.err), CARNET_E_ROLE_UNSATISFIED);
    assert_carnet_rc(carnet_choice_leave(&c.choice, 9, &c.w.err), CARNET_E_USAGE);

    make(JANE, "mdl@B portrait", "mdl family_name given_name", "M0");
    assert_carnet_rc(carnet_choice_take(&c.choice, 1, &c.w.err), CARNET_E_ROLE_UNSATISFIED);
    assert_string_equal(choice_world_text(&c), "0:0 family_name given_name");
}

static void
several_documents_leave_only_where_the_reader_takes_several(void **state)
{
    carnet_device_response view;

    (void)state;
    make(JANE, "mdl@B family_name", "mdl family_name unique=no", NULL);
    assert_carnet_ok(carnet_choice_take(&c.choice, 1, &c.w.err), &c.w.err);
    assert_string_equal(choice_world_text(&c), "0:0 family_name; 0:1 family_name");
    carnet_choice_consent(&c.choice, true);
    assert_carnet_ok(carnet_choice_settle(&c.choice, CARNET_BROKEN_NOTHING, &c.w.err), &c.w.err);
    assert_carnet_ok(choice_world_respond(&c), &c.w.err);
    assert_carnet_ok(carnet_device_response_open(c.response, 0, &view, &c.w.err), &c.w.err);
    assert_int_equal(view.count, 2);
    assert_carnet_ok(carnet_choice_leave(&c.choice, 0, &c.w.err), &c.w.err);
    assert_string_equal(choice_world_text(&c), "0:1 family_name");
    assert_carnet_rc(carnet_choice_leave(&c.choice, 0, &c.w.err), CARNET_E_ROLE_UNSATISFIED);

    make(JANE, "mdl@B family_name", "mdl family_name unique=yes", NULL);
    assert_carnet_ok(carnet_choice_take(&c.choice, 1, &c.w.err), &c.w.err);
    assert_string_equal(choice_world_text(&c), "0:1 family_name");
}

static size_t
offer_of(const char *identifier)
{
    for (size_t i = 0; i < c.choice.offer_count; i++)
        if (carnet_str_is(c.offers[i].identifier, identifier))
            return i;
    fail_msg("no offer of %s", identifier);
    return 0;
}

static void
another_alternative_can_be_elected(void **state)
{
    (void)state;
    make(JANE, NULL, "mdl birth_date!|age_over_18|height|given_name+family_name", NULL);
    carnet_choice_consent(&c.choice, true);
    assert_string_equal(choice_world_settled(&c), "0:0 birth_date!");
    assert_carnet_ok(carnet_choice_elect(&c.choice, offer_of("family_name"), &c.w.err), &c.w.err);
    assert_string_equal(choice_world_text(&c), "0:0 given_name! family_name!");
    assert_string_equal(choice_world_settled(&c), "-");
    carnet_choice_consent(&c.choice, true);
    assert_carnet_ok(carnet_choice_settle(&c.choice, CARNET_BROKEN_NOTHING, &c.w.err), &c.w.err);
    assert_carnet_ok(choice_world_respond(&c), &c.w.err);
    assert_carnet_ok(carnet_choice_elect(&c.choice, offer_of("age_over_18"), &c.w.err), &c.w.err);
    assert_string_equal(choice_world_text(&c), "0:0 age_over_18!");
    assert_carnet_rc(carnet_choice_elect(&c.choice, CHOICE_OFFERS, &c.w.err), CARNET_E_USAGE);
    make(JANE, NULL, "mdl height family_name", NULL);
    assert_carnet_rc(carnet_choice_elect(&c.choice, 0, &c.w.err), CARNET_E_USAGE); /* it is not held */
}

static void
too_much_of_anything_is_refused(void **state)
{
    carnet_device_request view;
    char many[512] = "M0/0", *at = many + 4;

    (void)state;
    make(JANE, NULL, "mdl family_name given_name height", NULL);
    assert_carnet_ok(carnet_choice_make(&c.choice, &c.view, c.held, 1, NULL, c.offers, 3, &c.w.err), &c.w.err);
    assert_carnet_rc(carnet_choice_make(&c.choice, &c.view, c.held, 1, NULL, c.offers, 2, &c.w.err), CARNET_E_NO_SPACE);
    assert_int_equal(c.choice.offer_count, 0);
    assert_string_equal(choice_world_text(&c), "-");
    for (size_t i = 2; i < CARNET_CHOICE_SETS_MAX; i++, at += 2)
        memcpy(at, "/0", 3);
    choice_world_ask(&c, "mdl family_name", many, (carnet_span){ 0 });
    assert_carnet_ok(choice_world_make(&c, NULL), &c.w.err);
    memcpy(at, "/0", 3);
    choice_world_ask(&c, "mdl family_name", many, (carnet_span){ 0 });
    assert_carnet_rc(choice_world_make(&c, NULL), CARNET_E_LIMIT);
    at = many;
    for (size_t i = 0; i < CARNET_CHOICE_USE_CASES_MAX + 1; i++, at += 3)
        memcpy(at, "O0 ", 4);
    choice_world_ask(&c, "mdl family_name", many, (carnet_span){ 0 });
    assert_carnet_rc(choice_world_make(&c, NULL), CARNET_E_LIMIT);
    view = c.view;
    assert_carnet_rc(carnet_choice_make(&c.choice, &view, NULL, 0, NULL, NULL, 0, &c.w.err), CARNET_E_LIMIT);
}

static void
a_document_that_cannot_be_read_is_no_candidate(void **state)
{
    (void)state;
    make(JANE, "mdl@A family_name", "mdl family_name", NULL);
    c.held[0].issuer_signed.len--;
    assert_carnet_ok(choice_world_make(&c, NULL), &c.w.err);
    assert_string_equal(choice_world_text(&c), "0:1 family_name");
    c.held[1].issuer_signed = (carnet_span){ 0 };
    assert_carnet_ok(choice_world_make(&c, NULL), &c.w.err);
    assert_string_equal(choice_world_text(&c), "-");
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
        cmocka_unit_test(each_row_gives_the_choice_expected),
        cmocka_unit_test(each_row_answered_brings_nothing_else),
        cmocka_unit_test(what_is_lacking_is_said),
        cmocka_unit_test(purpose_hints_are_told),
        cmocka_unit_test(another_set_of_a_use_case_can_be_taken),
        cmocka_unit_test(a_set_that_satisfies_a_use_case_twice_is_refused),
        cmocka_unit_test(optional_use_cases_can_be_taken_and_left),
        cmocka_unit_test(another_document_of_the_type_can_be_taken),
        cmocka_unit_test(several_documents_leave_only_where_the_reader_takes_several),
        cmocka_unit_test(another_alternative_can_be_elected),
        cmocka_unit_test(too_much_of_anything_is_refused),
        cmocka_unit_test(a_document_that_cannot_be_read_is_no_candidate),
    };

    return cmocka_run_group_tests_name("role/holder choice", tests, begin, end);
}
