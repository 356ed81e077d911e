/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/authorization_judge.h"
#include "support/support.h"

#include <string.h>

#define NOW 1795226450

static carnet_vector
vector(const char *text)
{
    carnet_vector v = { 0 };

    assert_int_equal(carnet_vector_read(carnet_str_of(text), &v, NULL), CARNET_OK);
    return v;
}

static carnet_assurance requires(unsigned level, const char *list)
{
    carnet_assurance required = { .row = carnet_str_of("test"), .level = level };

    assert_int_equal(carnet_vector_request_list(carnet_str_of(list), CARNET_TRUSTMARK_P1940, &required.request, NULL),
                     CARNET_OK);
    return required;
}

/* Everything is as it should be. */
static carnet_judge_facts
good(const carnet_assurance *required)
{
    return (carnet_judge_facts){
        .now = NOW,
        .mac_good = true,
        .fresh = true,
        .served = true,
        .known = true,
        .fulfilled = true,
        .expires = NOW + 100,
        .amount = 20000,
        .staged_amount = 20000,
        .currency = carnet_str_of("840"),
        .staged_currency = carnet_str_of("840"),
        .terminal = carnet_str_of("ATM00001"),
        .staged_terminal = carnet_str_of("ATM00001"),
        .signature = CARNET_JUDGE_SIGNATURE_GOOD,
        .auth_time = NOW - 50,
        .active_period = 300,
        .skew = 5,
        .trustmark = CARNET_TRUSTMARK_P1940,
        .vector = vector("Ce.Cf.Cg.Cj.Cn.Co"),
        .required = required,
    };
}

/* Not in line: a verdict is large, and a test has many. */
__attribute__((noinline)) static carnet_judged
judged(const carnet_judge_facts *facts)
{
    return carnet_judge(facts).judged;
}

/* Break fact after fact, from the last check to the first: each time the earlier one names the code. */
static void
the_first_check_that_fails_names_the_code(void **state)
{
    carnet_assurance required = requires(3, "Cf.Cg.Cj.Co");
    carnet_judge_facts f = good(&required);

    (void)state;
    assert_int_equal(judged(&f), CARNET_JUDGED_APPROVED);
    f.vector = vector("Cb");
    assert_int_equal(judged(&f), CARNET_JUDGED_ASSURANCE);
    f.required = NULL;
    assert_int_equal(judged(&f), CARNET_JUDGED_KIND);
    f.auth_time = NOW - 301;
    assert_int_equal(judged(&f), CARNET_JUDGED_AGE);
    f.signature = CARNET_JUDGE_SIGNATURE_BAD;
    assert_int_equal(judged(&f), CARNET_JUDGED_SIGNATURE);
    f.terminal = carnet_str_of("ATM00002");
    assert_int_equal(judged(&f), CARNET_JUDGED_TERMINAL);
    f.amount = 20001;
    assert_int_equal(judged(&f), CARNET_JUDGED_AMOUNT);
    f.expires = NOW - 6;
    assert_int_equal(judged(&f), CARNET_JUDGED_EXPIRED);
    f.used = true;
    assert_int_equal(judged(&f), CARNET_JUDGED_USED);
    f.known = false;
    assert_int_equal(judged(&f), CARNET_JUDGED_UNKNOWN);
    f.served = false;
    assert_int_equal(judged(&f), CARNET_JUDGED_KIND);
    f.fresh = false;
    assert_int_equal(judged(&f), CARNET_JUDGED_DUPLICATE);
    f.mac_good = false;
    assert_int_equal(judged(&f), CARNET_JUDGED_MAC);
}

static void
zeroed_facts_are_refused(void **state)
{
    carnet_assurance required = requires(1, "Cf");
    carnet_judge_facts f = { 0 };

    (void)state;
    assert_int_equal(judged(&f), CARNET_JUDGED_MAC);
    f = good(&required);
    f.fulfilled = false;
    assert_int_equal(judged(&f), CARNET_JUDGED_USED);
    f = good(&required);
    f.auth_time = 0;
    assert_int_equal(judged(&f), CARNET_JUDGED_AGE);
    f = good(&required);
    f.currency = f.staged_currency = (carnet_str){ 0 };
    assert_int_equal(judged(&f), CARNET_JUDGED_AMOUNT);
    f = good(&required);
    f.terminal = f.staged_terminal = (carnet_str){ 0 };
    assert_int_equal(judged(&f), CARNET_JUDGED_TERMINAL);
    f = good(&required);
    f.amount = f.staged_amount = 0;
    assert_int_equal(judged(&f), CARNET_JUDGED_AMOUNT);
    f = good(&required);
    f.trustmark = CARNET_TRUSTMARK_NONE;
    assert_int_equal(judged(&f), CARNET_JUDGED_ASSURANCE);
}

static void
each_limit_is_met_on_its_very_edge(void **state)
{
    carnet_assurance required = requires(3, "Cf.Cg.Cj.Co");
    carnet_judge_facts f = good(&required);

    (void)state;
    f.expires = NOW - 5; /* what clocks may differ by */
    f.auth_time = NOW - 300;
    f.terminal = carnet_str_of("ATM00001  ");
    assert_int_equal(judged(&f), CARNET_JUDGED_APPROVED);
    f.auth_time = NOW + 5;
    assert_int_equal(judged(&f), CARNET_JUDGED_APPROVED);
    f.auth_time = NOW + 6;
    assert_int_equal(judged(&f), CARNET_JUDGED_AGE);
}

static void
a_purchase_may_cost_less_but_not_more(void **state)
{
    carnet_assurance required = requires(3, "Co");
    carnet_judge_facts f = good(&required);

    (void)state;
    f.amount = 19999;
    assert_int_equal(judged(&f), CARNET_JUDGED_AMOUNT);
    f.ceiling = true;
    assert_int_equal(judged(&f), CARNET_JUDGED_APPROVED);
    f.amount = 20001;
    assert_int_equal(judged(&f), CARNET_JUDGED_AMOUNT);
    f = good(&required);
    f.currency = carnet_str_of("978");
    assert_int_equal(judged(&f), CARNET_JUDGED_AMOUNT);
}

static void
findings_have_codes_in_three_versions(void **state)
{
    static const struct {
        carnet_judged judged;
        const char *of_1987, *of_1993, *of_2003;
    } cases[] = {
        { CARNET_JUDGED_APPROVED, "00", "000", "0000" },    { CARNET_JUDGED_FORMAT, "30", "904", "9004" },
        { CARNET_JUDGED_MAC, "63", "916", "9016" },         { CARNET_JUDGED_DUPLICATE, "94", "913", "9013" },
        { CARNET_JUDGED_KIND, "12", "902", "9002" },        { CARNET_JUDGED_UNKNOWN, "25", "914", "9014" },
        { CARNET_JUDGED_USED, "94", "913", "9013" },        { CARNET_JUDGED_EXPIRED, "12", "902", "9002" },
        { CARNET_JUDGED_AMOUNT, "13", "110", "1010" },      { CARNET_JUDGED_TERMINAL, "58", "120", "1020" },
        { CARNET_JUDGED_SIGNATURE, "63", "122", "1022" },   { CARNET_JUDGED_AGE, "63", "122", "1022" },
        { CARNET_JUDGED_ASSURANCE, "1A", "122", "1022" },   { CARNET_JUDGED_ACCOUNT, "14", "111", "1011" },
        { CARNET_JUDGED_RESTRICTED, "62", "104", "1004" },  { CARNET_JUDGED_PIN, "55", "117", "1017" },
        { CARNET_JUDGED_PIN_TRIES, "75", "106", "1006" },   { CARNET_JUDGED_LIMIT, "61", "121", "1021" },
        { CARNET_JUDGED_FREQUENCY, "65", "123", "1023" },   { CARNET_JUDGED_FUNDS, "51", "116", "1016" },
        { CARNET_JUDGED_UNAVAILABLE, "91", "907", "9007" }, { CARNET_JUDGED_MALFUNCTION, "96", "909", "9009" },
        { CARNET_JUDGED_COUNT, "96", "909", "9009" },
    };

    (void)state;
    assert_int_equal(CARNET_COUNT(cases), CARNET_JUDGED_COUNT + 1);
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_judged_codes codes = carnet_judged_codes_of(cases[i].judged);

        assert_string_equal(codes.of_1987, cases[i].of_1987);
        assert_string_equal(codes.of_1993, cases[i].of_1993);
        assert_string_equal(codes.of_2003, cases[i].of_2003);
        if (cases[i].judged != CARNET_JUDGED_COUNT)
            assert_int_equal(carnet_judged_named(carnet_str_of(codes.word)), cases[i].judged);
    }
    assert_int_equal(carnet_judged_named(carnet_str_of("fund")), CARNET_JUDGED_MALFUNCTION);
    assert_int_equal(carnet_judged_named((carnet_str){ 0 }), CARNET_JUDGED_MALFUNCTION);
}

static void
a_vector_has_the_level_of_its_best_component(void **state)
{
    static const struct {
        const char *vector;
        carnet_trustmark trustmark;
        unsigned level;
    } cases[] = {
        { "C0", CARNET_TRUSTMARK_P1940, 0 },         { "Ca", CARNET_TRUSTMARK_P1940, 0 },
        { "C0.Ca", CARNET_TRUSTMARK_P1940, 0 },      { "P1", CARNET_TRUSTMARK_P1940, 0 },
        { "Cb", CARNET_TRUSTMARK_P1940, 1 },         { "Ca.Cf", CARNET_TRUSTMARK_P1940, 1 },
        { "Cb.Cn", CARNET_TRUSTMARK_P1940, 2 },      { "Cn.Co", CARNET_TRUSTMARK_P1940, 3 },
        { "Ce.Cf.Co", CARNET_TRUSTMARK_PROJECT, 3 }, { "Cn.Co", CARNET_TRUSTMARK_NONE, 0 },
        { "Cn.Co", (carnet_trustmark)77, 0 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_vector v = vector(cases[i].vector);

        assert_int_equal(carnet_judge_level(cases[i].trustmark, &v), cases[i].level);
    }
}

static void
written(const carnet_vector_request *list, const char *expected)
{
    char text[1024];
    carnet_buf out = carnet_buf_of((uint8_t *)text, sizeof(text) - 1);

    carnet_vector_request_write_list(list, &out);
    assert_false(out.overflow);
    text[out.len] = '\0';
    assert_string_equal(text, expected);
}

/* Whole vectors that would be accepted, with the level's own component, nearest first. */
static void
too_little_assurance_says_what_would_do(void **state)
{
    static const struct {
        unsigned level;
        const char *asked, *had, *would_do;
    } cases[] = {
        { 3, "Cc.Cf.Co,Cf.Cg.Cj.Co", "Cf.Cg.Cj", "Cf.Cg.Cj.Co,Cc.Cf.Co" },
        { 3, "Cc.Cf,Cf.Cg.Cj", "Cf.Cg.Cn", "Cc.Cf.Co,Cf.Cg.Cj.Co" },
        { 2, "Cc.Cf,Cf.Cm", "Cf", "Cc.Cf.Cn,Cf.Cm.Cn" },
        { 2, "Cf,Cf.Cn", "Cf", "Cf.Cn" },
        { 1, "Cc,Cm", "Cf", "Cc,Cm" },
        { 3, "Co", "C0", "Co" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_assurance required = requires(cases[i].level, cases[i].asked);
        carnet_judge_facts f = good(&required);
        carnet_judge_verdict verdict;

        f.vector = vector(cases[i].had);
        verdict = carnet_judge(&f);
        assert_int_equal(verdict.judged, CARNET_JUDGED_ASSURANCE);
        assert_false(verdict.pin_needed);
        assert_int_equal(verdict.would_do.trustmark, CARNET_TRUSTMARK_P1940);
        written(&verdict.would_do, cases[i].would_do);
        /* And it is true: each of them is accepted. */
        for (unsigned k = 0; k < verdict.would_do.count; k++) {
            f.vector = verdict.would_do.vector[k];
            assert_int_equal(judged(&f), CARNET_JUDGED_APPROVED);
        }
    }
}

static void
a_vector_under_another_trustmark_is_not_compared(void **state)
{
    carnet_assurance required = requires(3, "Cf.Cg.Cj.Co");
    carnet_judge_facts f = good(&required);

    (void)state;
    f.trustmark = CARNET_TRUSTMARK_PROJECT;
    assert_int_equal(judged(&f), CARNET_JUDGED_ASSURANCE);
}

static void
a_pin_counts_as_a_shared_secret_and_only_where_it_is_needed(void **state)
{
    carnet_assurance required = requires(2, "Cc.Cn");
    carnet_judge_facts f = good(&required);
    carnet_judge_verdict verdict;

    (void)state;
    f.vector = vector("Cf");
    assert_int_equal(judged(&f), CARNET_JUDGED_ASSURANCE);
    f.pin_given = true;
    verdict = carnet_judge(&f);
    assert_int_equal(verdict.judged, CARNET_JUDGED_APPROVED);
    assert_true(verdict.pin_needed);
    assert_int_equal(verdict.level, 2);
    f.vector = vector("Cc.Cf.Cn");
    verdict = carnet_judge(&f);
    assert_int_equal(verdict.judged, CARNET_JUDGED_APPROVED);
    assert_false(verdict.pin_needed);
    f.vector = vector("Cb"); /* nothing the user has: a PIN beside it makes no two factors */
    assert_int_equal(judged(&f), CARNET_JUDGED_ASSURANCE);
    required = requires(3, "Cc.Co");
    f.vector = vector("Cf"); /* nor does it reach level 3 */
    assert_int_equal(judged(&f), CARNET_JUDGED_ASSURANCE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_check_that_fails_names_the_code),
        cmocka_unit_test(zeroed_facts_are_refused),
        cmocka_unit_test(each_limit_is_met_on_its_very_edge),
        cmocka_unit_test(a_purchase_may_cost_less_but_not_more),
        cmocka_unit_test(findings_have_codes_in_three_versions),
        cmocka_unit_test(a_vector_has_the_level_of_its_best_component),
        cmocka_unit_test(too_little_assurance_says_what_would_do),
        cmocka_unit_test(a_vector_under_another_trustmark_is_not_compared),
        cmocka_unit_test(a_pin_counts_as_a_shared_secret_and_only_where_it_is_needed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
