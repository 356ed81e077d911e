/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/assurance.h"
#include "support/support.h"

#include <string.h>

#define TABLE 4096 /* six impacts of four levels */

static unsigned
level(carnet_assurance_profile profile, const char *impacts, bool personal_data)
{
    carnet_risk risk = { .profile = profile, .personal_data = personal_data };

    for (size_t i = 0; i < CARNET_IMPACTS; i++)
        risk.impact[i] = (carnet_impact)(impacts[i] - '0');
    return carnet_assurance_required(&risk);
}

static void
the_profiles_differ_in_four_cases_only(void **state)
{
    static const char *const nist_lower[] = { "100000", "010000", "110000" };
    unsigned differ = 0;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(nist_lower); i++) {
        assert_int_equal(level(CARNET_ASSURANCE_NIST, nist_lower[i], false), 1);
        assert_int_equal(level(CARNET_ASSURANCE_P1940, nist_lower[i], false), 2);
        assert_int_equal(level(CARNET_ASSURANCE_STRICT, nist_lower[i], false), 2);
    }
    assert_int_equal(level(CARNET_ASSURANCE_NIST, "000001", false), 2);
    assert_int_equal(level(CARNET_ASSURANCE_P1940, "000001", false), 1);
    assert_int_equal(level(CARNET_ASSURANCE_STRICT, "000001", false), 2);
    for (unsigned i = 0; i < TABLE; i++) {
        char impacts[CARNET_IMPACTS + 1] = { 0 };

        for (unsigned k = 0; k < CARNET_IMPACTS; k++)
            impacts[k] = (char)('0' + (i >> (10 - 2 * k) & 3));
        differ += level(CARNET_ASSURANCE_NIST, impacts, false) != level(CARNET_ASSURANCE_P1940, impacts, false);
    }
    assert_int_equal(differ, 4);
}

static void
the_rules_of_the_tree_hold(void **state)
{
    static const struct {
        const char *impacts;
        bool personal_data;
        unsigned nist;
    } cases[] = {
        { "000000", false, 1 }, { "000000", true, 2 },  { "110000", false, 1 }, { "110000", true, 2 },
        { "001000", false, 2 }, { "000100", false, 2 }, { "000010", false, 2 }, { "000001", false, 2 },
        { "200000", false, 2 }, { "002200", false, 2 }, { "000020", false, 3 }, { "000002", false, 2 },
        { "300000", false, 3 }, { "000003", true, 3 },  { "222222", false, 3 }, { "222202", false, 2 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++)
        assert_int_equal(level(CARNET_ASSURANCE_NIST, cases[i].impacts, cases[i].personal_data), cases[i].nist);
}

static void
the_grid_rises_with_both(void **state)
{
    static const char *const rows[] = { "11122", "11222", "12223", "22233", "22333" };

    (void)state;
    for (unsigned likelihood = 0; likelihood < 5; likelihood++)
        for (unsigned severity = 0; severity < 5; severity++) {
            carnet_risk risk = { .profile = CARNET_ASSURANCE_GRID, .likelihood = likelihood, .severity = severity };
            const unsigned expected = (unsigned)(rows[likelihood][severity] - '0');

            assert_int_equal(carnet_assurance_required(&risk), expected);
            risk.personal_data = true;
            assert_int_equal(carnet_assurance_required(&risk), expected < 2 ? 2 : expected);
        }
}

static void
a_risk_that_is_none_is_taken_for_the_highest(void **state)
{
    carnet_risk risk = { .profile = CARNET_ASSURANCE_GRID, .likelihood = 5 };

    (void)state;
    assert_int_equal(carnet_assurance_required(&risk), 3);
    risk = (carnet_risk){ .profile = CARNET_ASSURANCE_GRID, .severity = 5 };
    assert_int_equal(carnet_assurance_required(&risk), 3);
    risk = (carnet_risk){ .impact = { [3] = (carnet_impact)4 } };
    assert_int_equal(carnet_assurance_required(&risk), 3);
    risk = (carnet_risk){ .profile = (carnet_assurance_profile)4 };
    assert_int_equal(carnet_assurance_required(&risk), 3);
}

static void
names_are_known(void **state)
{
    carnet_assurance_profile profile = CARNET_ASSURANCE_GRID;
    carnet_impact impact;

    (void)state;
    assert_true(carnet_assurance_profile_named(carnet_str_of("strict"), &profile));
    assert_int_equal(profile, CARNET_ASSURANCE_STRICT);
    assert_true(carnet_assurance_profile_named(carnet_str_of("grid"), &profile));
    assert_int_equal(profile, CARNET_ASSURANCE_GRID);
    assert_false(carnet_assurance_profile_named(carnet_str_of("NIST"), &profile));
    assert_true(carnet_impact_named(carnet_str_of("high"), &impact));
    assert_int_equal(impact, CARNET_IMPACT_HIGH);
    assert_false(carnet_impact_named(carnet_str_of(""), &impact));
}

static void
each_level_has_a_default_request(void **state)
{
    static const char *const lists[] = { "", "Cg,Cx,Cc,Cd,Ce", "Ce.Cg.Cn,Cn.Cx,Cc.Cd.Cn,Cc.Ce.Cn",
                                         "Cf.Cg.Cj.Co,Cf.Co.Cx,Cc.Cf.Co", "" };

    (void)state;
    for (unsigned i = 0; i < CARNET_COUNT(lists); i++) {
        const carnet_vector_request request = carnet_assurance_default(i);
        char text[256];
        carnet_buf out = carnet_buf_of(text, sizeof(text));

        carnet_vector_request_write_list(&request, &out);
        assert_str_is(carnet_buf_str(&out), lists[i]);
        assert_int_equal(request.trustmark, CARNET_TRUSTMARK_P1940);
    }
}

#define ROW(name, kind, money, most, risks)                                                                            \
    {                                                                                                                  \
        .id = { name, sizeof(name) - 1 }, .type = { kind, sizeof(kind) - 1 },                                          \
        .currency = { money, sizeof(money) - 1 }, .max_amount = most, .risk = risks                                    \
    }

static const carnet_risk low = { .impact = { 0 } }, medium = { .impact = { [1] = CARNET_IMPACT_MODERATE } },
                         high = { .impact = { [1] = CARNET_IMPACT_HIGH } };

static void
a_transaction_finds_its_row(void **state)
{
    carnet_vector_request fingerprint;
    const carnet_risk_row rows[] = {
        { .id = carnet_str_of("small"),
          .type = carnet_str_of("ATM_CWD"),
          .currency = carnet_str_of("840"),
          .max_amount = 1000,
          .risk = low,
          .request = &fingerprint },
        ROW("middle", "ATM_CWD", "840", 20000, medium),
        ROW("large", "ATM_CWD", "840", UINT64_MAX, high),
        ROW("shop", "POS", "", 5000, low),
    };
    static const struct {
        const char *type, *currency;
        uint64_t amount;
        const char *row;
        unsigned level, requests;
    } cases[] = {
        { "ATM_CWD", "840", 0, "small", 1, 1 },     { "ATM_CWD", "840", 1000, "small", 1, 1 },
        { "ATM_CWD", "840", 1001, "middle", 2, 4 }, { "ATM_CWD", "840", 20000, "middle", 2, 4 },
        { "ATM_CWD", "840", 20001, "large", 3, 3 }, { "ATM_CWD", "840", UINT64_MAX, "large", 3, 3 },
        { "POS", "978", 5000, "shop", 1, 5 },
    };

    (void)state;
    assert_carnet_ok(carnet_vector_request_list(carnet_str_of("Cg"), CARNET_TRUSTMARK_P1940, &fingerprint, NULL), NULL);
    assert_carnet_ok(carnet_risk_check(rows, CARNET_COUNT(rows), NULL), NULL);
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_assurance found;
        carnet_err err = { 0 };

        assert_carnet_ok(carnet_assurance_of(rows, CARNET_COUNT(rows), carnet_str_of(cases[i].type),
                                             carnet_str_of(cases[i].currency), cases[i].amount, &found, &err),
                         &err);
        assert_str_is(found.row, cases[i].row);
        assert_int_equal(found.level, cases[i].level);
        assert_int_equal(found.request.count, cases[i].requests);
    }
}

static void
a_transaction_without_a_row_is_refused(void **state)
{
    static const carnet_risk_row rows[] = { ROW("a", "ATM_CWD", "840", 1000, { 0 }) };
    static const struct {
        const char *type, *currency;
        uint64_t amount;
    } cases[] = {
        { "ATM_CWD", "840", 1001 }, { "ATM_CWD", "978", 1 }, { "POS", "840", 1 }, { "", "840", 1 }, { "ATM_CWD", "", 1 }
    };
    carnet_assurance found;
    carnet_err err;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        found.level = 9;
        assert_carnet_rc(carnet_assurance_of(rows, 1, carnet_str_of(cases[i].type), carnet_str_of(cases[i].currency),
                                             cases[i].amount, &found, &err),
                         CARNET_E_RISK_NONE);
        assert_int_equal(found.level, 0);
        assert_int_equal(found.request.count, 0);
    }
    assert_carnet_rc(carnet_assurance_of(NULL, 0, carnet_str_of("ATM_CWD"), carnet_str_of("840"), 1, &found, &err),
                     CARNET_E_RISK_NONE);
}

static void
a_table_that_contradicts_itself_is_refused(void **state)
{
    static const carnet_vector_request empty = { 0 };
    const struct {
        carnet_risk_row rows[2];
        const char *path, *reason;
    } cases[] = {
        { { ROW("a", "X", "840", 5, low), ROW("", "Y", "840", 5, low) }, "[1]", "no id" },
        { { ROW("a", "X", "840", 5, low), ROW("a", "Y", "840", 5, low) }, "[1]", "id of an earlier" },
        { { ROW("a", "X", "840", 9, low), ROW("b", "X", "840", 5, high) }, "[1]", "never reached" },
        { { ROW("a", "", "", 9, low), ROW("b", "X", "840", 9, high) }, "[1]", "never reached" },
        { { ROW("a", "X", "840", 9, { .impact = { (carnet_impact)7 } }), ROW("b", "Y", "", 9, high) }, "[0]", "none" },
        { { { .id = carnet_str_of("a"), .request = &empty }, ROW("b", "Y", "", 9, high) }, "[0]", "no vector" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_err err = { 0 };

        assert_carnet_rc(carnet_risk_check(cases[i].rows, 2, &err), CARNET_E_RISK_TABLE);
        assert_string_equal(err.path, cases[i].path);
        assert_non_null(strstr(err.reason, cases[i].reason));
    }
}

static void
published_tables_are_met_in_all_4096_cases(void **state)
{
    static const struct {
        const char *name;
        carnet_assurance_profile profile;
        bool personal_data;
    } tables[] = { { "nist_tree", CARNET_ASSURANCE_NIST, false },
                   { "nist_tree_personal_data", CARNET_ASSURANCE_NIST, true },
                   { "p1940_matrix", CARNET_ASSURANCE_P1940, false },
                   { "strict_max", CARNET_ASSURANCE_STRICT, false } };
    carnet_json *document = NULL;

    (void)state;
    assert_carnet_ok(carnet_json_parse(carnet_test_shared_text("vectors/p1940/aal.json"), &document, NULL), NULL);
    for (size_t t = 0; t < CARNET_COUNT(tables); t++) {
        const carnet_str digits = carnet_json_string(carnet_json_get(document, tables[t].name));

        assert_int_equal(digits.len, TABLE);
        for (unsigned i = 0; i < TABLE; i++) {
            char impacts[CARNET_IMPACTS + 1] = { 0 };

            for (unsigned k = 0; k < CARNET_IMPACTS; k++)
                impacts[k] = (char)('0' + (i >> (10 - 2 * k) & 3));
            assert_int_equal(level(tables[t].profile, impacts, tables[t].personal_data),
                             (unsigned)(digits.ptr[i] - '0'));
        }
    }
    carnet_json_free(&document);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_profiles_differ_in_four_cases_only),
        cmocka_unit_test(the_rules_of_the_tree_hold),
        cmocka_unit_test(the_grid_rises_with_both),
        cmocka_unit_test(a_risk_that_is_none_is_taken_for_the_highest),
        cmocka_unit_test(names_are_known),
        cmocka_unit_test(each_level_has_a_default_request),
        cmocka_unit_test(a_transaction_finds_its_row),
        cmocka_unit_test(a_transaction_without_a_row_is_refused),
        cmocka_unit_test(a_table_that_contradicts_itself_is_refused),
        cmocka_unit_test(published_tables_are_met_in_all_4096_cases),
    };

    return cmocka_run_group_tests_name("assurance", tests, NULL, NULL);
}
