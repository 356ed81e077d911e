/* SPDX-License-Identifier: Apache-2.0 */
#include "support/support.h"

static const carnet_policy plain = { "plain", false, NULL, 0 };
static const carnet_policy strict = { "strict", true, NULL, 0 };

/* A note that decides and is required, two protections waived in part, device authentication let be. */
static const carnet_policy_rule rules[] = {
    { CARNET_CHECK_MSO_STATUS, true, true },    { CARNET_CHECK_PATH_STATE, false, false },
    { CARNET_CHECK_PATH_COUNTRY, true, false }, { CARNET_CHECK_DEVICE_AUTHENTICATION, true, false },
    { CARNET_CHECK_DEVICE_NONE, false, true },
};
static const carnet_policy ruled = { "ruled", false, rules, CARNET_COUNT(rules) };

#define VALID    CARNET_VERDICT_VALID
#define NEGATIVE CARNET_VERDICT_NEGATIVE
#define UNJUDGED CARNET_VERDICT_UNJUDGED

/* What one entry makes of the verdict, by outcome: not done, pass, fail, undetermined. */
static const struct {
    const carnet_policy *policy;
    carnet_check check;
    carnet_verdict verdict[4];
} weights[] = {
    { &plain, CARNET_CHECK_DIGESTS, { VALID, VALID, NEGATIVE, UNJUDGED } },
    { &plain, CARNET_CHECK_ENCODING, { VALID, VALID, VALID, VALID } },
    { &plain, CARNET_CHECK_MSO_STATUS, { VALID, VALID, VALID, VALID } },
    { &plain, CARNET_CHECK_DEVICE_AUTHENTICATION, { UNJUDGED, VALID, NEGATIVE, UNJUDGED } },
    { &plain, CARNET_CHECK_COUNT, { VALID, VALID, NEGATIVE, UNJUDGED } },
    { NULL, CARNET_CHECK_DIGESTS, { VALID, VALID, NEGATIVE, UNJUDGED } },
    { NULL, CARNET_CHECK_ENCODING, { VALID, VALID, VALID, VALID } },
    { &strict, CARNET_CHECK_DIGESTS, { VALID, VALID, NEGATIVE, UNJUDGED } },
    { &strict, CARNET_CHECK_ENCODING, { VALID, VALID, NEGATIVE, UNJUDGED } },
    { &strict, CARNET_CHECK_MSO_STATUS, { VALID, VALID, VALID, VALID } },
    { &ruled, CARNET_CHECK_DIGESTS, { VALID, VALID, NEGATIVE, UNJUDGED } },
    { &ruled, CARNET_CHECK_MSO_STATUS, { UNJUDGED, VALID, NEGATIVE, UNJUDGED } },
    { &ruled, CARNET_CHECK_PATH_STATE, { VALID, VALID, VALID, VALID } },
    { &ruled, CARNET_CHECK_PATH_COUNTRY, { VALID, VALID, NEGATIVE, VALID } },
    { &ruled, CARNET_CHECK_DEVICE_AUTHENTICATION, { VALID, VALID, NEGATIVE, VALID } },
    { &ruled, CARNET_CHECK_DEVICE_NONE, { UNJUDGED, VALID, VALID, UNJUDGED } },
};

/* A report with what the ruled policy requires, then the entry in question. */
static carnet_verdict
judge(const carnet_policy *policy, carnet_check check, carnet_outcome outcome)
{
    carnet_report_entry entries[3];
    carnet_report report;

    carnet_report_init(&report, entries, 3, 0, 0);
    carnet_report_add(&report, CARNET_CHECK_MSO_STATUS, CARNET_PASS, NULL, NULL);
    carnet_report_add(&report, CARNET_CHECK_DEVICE_NONE, CARNET_PASS, NULL, NULL);
    carnet_report_add(&report, check, outcome, NULL, NULL);
    return carnet_policy_judge(policy, &report, CARNET_NO_DOCUMENT);
}

static void
weighs_each_outcome_by_class_and_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(weights); i++)
        for (int outcome = CARNET_NOT_DONE; outcome <= CARNET_UNDETERMINED; outcome++) {
            carnet_verdict wanted = weights[i].verdict[outcome];
            carnet_report_entry entry = { .check = weights[i].check, .outcome = (carnet_outcome)outcome };

            if (judge(weights[i].policy, weights[i].check, (carnet_outcome)outcome) != wanted)
                fail_msg("row %zu, %s", i, carnet_outcome_text((carnet_outcome)outcome));
            assert_int_equal(carnet_policy_objects(weights[i].policy, &entry), wanted != VALID);
        }
}

static void
an_outcome_that_is_none_is_never_valid(void **state)
{
    (void)state;
    assert_int_equal(judge(&plain, CARNET_CHECK_DIGESTS, (carnet_outcome)4), UNJUDGED);
    assert_int_equal(judge(&plain, CARNET_CHECK_DEVICE_NONE, (carnet_outcome)-1), UNJUDGED);
}

static void
an_empty_report_judges_nothing(void **state)
{
    carnet_report_entry entries[1];
    carnet_report report;

    (void)state;
    carnet_report_init(&report, entries, 1, 0, 0);
    assert_int_equal(carnet_policy_judge(&plain, &report, CARNET_NO_DOCUMENT), UNJUDGED);
    assert_int_equal(carnet_policy_judge(&plain, &report, 0), UNJUDGED);
    assert_int_equal(carnet_policy_judge(NULL, &report, CARNET_NO_DOCUMENT), UNJUDGED);
}

static void
negative_beats_unjudged_in_either_order(void **state)
{
    static const carnet_outcome orders[][2] = { { CARNET_FAIL, CARNET_UNDETERMINED },
                                                { CARNET_UNDETERMINED, CARNET_FAIL } };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(orders); i++) {
        carnet_report_entry entries[2];
        carnet_report report;

        carnet_report_init(&report, entries, 2, 0, 0);
        carnet_report_add(&report, CARNET_CHECK_DIGESTS, orders[i][0], NULL, NULL);
        carnet_report_add(&report, CARNET_CHECK_MSO_VALIDITY, orders[i][1], NULL, NULL);
        assert_int_equal(carnet_policy_judge(&plain, &report, CARNET_NO_DOCUMENT), NEGATIVE);
    }
}

static void
an_overflowed_report_is_never_valid(void **state)
{
    carnet_report_entry entries[1];
    carnet_report report;

    (void)state;
    carnet_report_init(&report, entries, 1, 0, 0);
    carnet_report_add(&report, CARNET_CHECK_DIGESTS, CARNET_PASS, NULL, NULL);
    assert_int_equal(carnet_policy_judge(&plain, &report, CARNET_NO_DOCUMENT), VALID);
    carnet_report_add(&report, CARNET_CHECK_DEVICE_NONE, CARNET_PASS, NULL, NULL);
    assert_int_equal(carnet_policy_judge(&plain, &report, CARNET_NO_DOCUMENT), UNJUDGED);
    entries[0].outcome = CARNET_FAIL;
    assert_int_equal(carnet_policy_judge(&plain, &report, CARNET_NO_DOCUMENT), NEGATIVE);
}

static void
judges_one_document_by_its_own_entries(void **state)
{
    carnet_report_entry entries[3];
    carnet_report report;

    (void)state;
    carnet_report_init(&report, entries, 3, 0, 0);
    carnet_report_add(&report, CARNET_CHECK_RESPONSE_STATUS, CARNET_UNDETERMINED, NULL, NULL);
    report.document = 0;
    carnet_report_add(&report, CARNET_CHECK_DIGESTS, CARNET_PASS, NULL, NULL);
    report.document = 1;
    carnet_report_add(&report, CARNET_CHECK_DIGESTS, CARNET_FAIL, NULL, NULL);
    assert_int_equal(carnet_policy_judge(&plain, &report, 0), VALID);
    assert_int_equal(carnet_policy_judge(&plain, &report, 1), NEGATIVE);
    assert_int_equal(carnet_policy_judge(&plain, &report, 2), UNJUDGED);
    assert_int_equal(carnet_policy_judge(&plain, &report, CARNET_NO_DOCUMENT), NEGATIVE);
}

static const carnet_policy_rule wants_status[] = { { CARNET_CHECK_MSO_STATUS, true, true } };
static const carnet_policy wanting = { "wanting", false, wants_status, 1 };

static void
a_required_check_that_is_not_there_leaves_it_open(void **state)
{
    carnet_report_entry entries[4];
    carnet_report report;

    (void)state;
    carnet_report_init(&report, entries, 4, 0, 0);
    carnet_report_add(&report, CARNET_CHECK_RESPONSE_STATUS, CARNET_PASS, NULL, NULL);
    assert_int_equal(carnet_policy_judge(&wanting, &report, CARNET_NO_DOCUMENT), UNJUDGED);
    report.document = 0;
    carnet_report_add(&report, CARNET_CHECK_MSO_STATUS, CARNET_PASS, NULL, NULL);
    assert_int_equal(carnet_policy_judge(&wanting, &report, CARNET_NO_DOCUMENT), VALID);
    assert_int_equal(carnet_policy_judge(&wanting, &report, 0), VALID);
    report.document = 1;
    carnet_report_add(&report, CARNET_CHECK_DIGESTS, CARNET_PASS, NULL, NULL);
    assert_int_equal(carnet_policy_judge(&wanting, &report, CARNET_NO_DOCUMENT), UNJUDGED);
    assert_int_equal(carnet_policy_judge(&wanting, &report, 0), VALID);
    assert_int_equal(carnet_policy_judge(&wanting, &report, 1), UNJUDGED);
    assert_int_equal(carnet_policy_judge(&plain, &report, CARNET_NO_DOCUMENT), VALID);
    carnet_report_add(&report, CARNET_CHECK_MSO_STATUS, CARNET_PASS, NULL, NULL);
    assert_int_equal(carnet_policy_judge(&wanting, &report, CARNET_NO_DOCUMENT), VALID);
}

static void
an_entry_for_the_message_speaks_for_all_its_documents(void **state)
{
    carnet_report_entry entries[2];
    carnet_report report;

    (void)state;
    carnet_report_init(&report, entries, 2, 0, 0);
    carnet_report_add(&report, CARNET_CHECK_MSO_STATUS, CARNET_PASS, NULL, NULL);
    report.document = 4;
    carnet_report_add(&report, CARNET_CHECK_DIGESTS, CARNET_PASS, NULL, NULL);
    assert_int_equal(carnet_policy_judge(&wanting, &report, CARNET_NO_DOCUMENT), VALID);
    assert_int_equal(carnet_policy_judge(&wanting, &report, 4), VALID);
}

static void
verdicts_have_words(void **state)
{
    (void)state;
    assert_string_equal(carnet_verdict_text(VALID), "valid");
    assert_string_equal(carnet_verdict_text(NEGATIVE), "not valid");
    assert_string_equal(carnet_verdict_text(UNJUDGED), "could not be judged");
    assert_string_equal(carnet_verdict_text((carnet_verdict)2), "could not be judged");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weighs_each_outcome_by_class_and_rule),
        cmocka_unit_test(an_outcome_that_is_none_is_never_valid),
        cmocka_unit_test(an_empty_report_judges_nothing),
        cmocka_unit_test(negative_beats_unjudged_in_either_order),
        cmocka_unit_test(an_overflowed_report_is_never_valid),
        cmocka_unit_test(judges_one_document_by_its_own_entries),
        cmocka_unit_test(a_required_check_that_is_not_there_leaves_it_open),
        cmocka_unit_test(an_entry_for_the_message_speaks_for_all_its_documents),
        cmocka_unit_test(verdicts_have_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
