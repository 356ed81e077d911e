/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/evidence_facts.h"
#include "support/support.h"

#include <math.h>
#include <string.h>

#define NOW 1795226400

/* Facts that everything follows from but the parent's, and what single ones are changed to. */
static carnet_evidence_facts
everything(void)
{
    return (carnet_evidence_facts){ .struct_size = sizeof(carnet_evidence_facts),
                                    .auth_time = NOW,
                                    .challenge_of_study = true,
                                    .device_certificate = true,
                                    .device_active = true,
                                    .posture_attested = true,
                                    .shared_secret = true,
                                    .otp = true,
                                    .mdoc_device_authentication = true,
                                    .transaction_signature = true,
                                    .key_attested = true,
                                    .key_rank = 2,
                                    .fido = true,
                                    .matcher = CARNET_BOPS_MATCHER_LOCAL,
                                    .biometric_passed = true,
                                    .biometric_signed = true,
                                    .secure_area_lists_biometric = true,
                                    .pad_performed = true,
                                    .pad_passed = true,
                                    .pad_attested = true,
                                    .behaviour_processed = true,
                                    .behaviour_positive = true,
                                    .behaviour_confidence = 800,
                                    .location_known = true,
                                    .location_accuracy_m = 100,
                                    .location_age = 60,
                                    .distance_m = 200,
                                    .intent = true,
                                    .impersonation_resistant = true };
}

static carnet_evidence_facts
nothing(void)
{
    return (carnet_evidence_facts){ .struct_size = sizeof(carnet_evidence_facts), .auth_time = NOW };
}

static carnet_evidence_result
judged_at(const carnet_evidence_facts *facts, carnet_time now)
{
    const carnet_evidence_policy policy = carnet_evidence_policy_default();
    carnet_evidence_result result;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_evidence_judge(facts, &policy, now, &result, &err), &err);
    return result;
}

static void
assert_judged(const carnet_evidence_facts *facts, const char *vector, unsigned level)
{
    const carnet_evidence_result result = judged_at(facts, NOW);
    char text[CARNET_VECTOR_TEXT_MAX];
    carnet_buf out = carnet_buf_of(text, sizeof(text));

    carnet_vector_write(&result.vector, &out);
    assert_str_is(carnet_buf_str(&out), vector);
    assert_int_equal(result.level, level);
}

static void
everything_is_asserted_that_is_true(void **state)
{
    carnet_evidence_facts facts = everything();

    (void)state;
    assert_judged(&facts, "Cb.Cc.Cd.Ce.Cf.Cg.Ci.Cj.Ck.Cl.Cn.Co.Cx", 3);
}

static void
without_evidence_there_is_c0_alone(void **state)
{
    carnet_evidence_facts facts = nothing();

    (void)state;
    assert_judged(&facts, "C0", 0);
    facts.challenge_of_study = true; /* fresh nothing */
    facts.intent = facts.impersonation_resistant = true;
    assert_judged(&facts, "C0", 0);
}

/* A fact of everything() changed, and which category that takes away. */
#define CASE(category, member, value)                                                                                  \
    {                                                                                                                  \
        category, #member, offsetof(carnet_evidence_facts, member), sizeof(((carnet_evidence_facts *)0)->member),      \
            value                                                                                                      \
    }

static void
each_missing_fact_takes_its_category(void **state)
{
    static const struct {
        const char *category, *name;
        size_t offset, size;
        uint64_t value;
    } cases[] = {
        CASE("Cb", device_certificate, 0),
        CASE("Cb", device_active, 0),
        CASE("Cb", posture_attested, 0),
        CASE("Cb", rooted, 1),
        CASE("Cc", shared_secret, 0),
        CASE("Cd", otp, 0),
        CASE("Cf", key_attested, 0),
        CASE("Cf", key_rank, 1),
        CASE("Cf", key_exportable, 1),
        CASE("Cx", fido, 0),
        CASE("Cg", biometric_passed, 0),
        CASE("Cg", biometric_signed, 0),
        CASE("Cg", secure_area_lists_biometric, 0),
        CASE("Cg", matcher, CARNET_BOPS_MATCHER_REMOTE),
        CASE("Cg", matcher, CARNET_BOPS_MATCHER_NONE),
        CASE("Ci", challenge_of_study, 0),
        CASE("Cj", pad_performed, 0),
        CASE("Cj", pad_passed, 0),
        CASE("Cj", pad_attested, 0),
        CASE("Cj", biometric_passed, 0),
        CASE("Ck", behaviour_processed, 0),
        CASE("Ck", behaviour_positive, 0),
        CASE("Ck", behaviour_confidence, 799),
        CASE("Cl", location_known, 0),
        CASE("Cl", location_age, 61),
        CASE("Cl", location_age, UINT64_MAX),
        CASE("Co", intent, 0),
        CASE("Co", impersonation_resistant, 0),
        CASE("Co", key_attested, 0),
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        const carnet_evidence_facts whole = everything();
        carnet_evidence_facts facts = whole;
        carnet_evidence_result before = judged_at(&whole, NOW), after;

        memcpy((uint8_t *)&facts + cases[i].offset, &cases[i].value, cases[i].size);
        after = judged_at(&facts, NOW);
        if (!carnet_vector_has(&before.vector, cases[i].category) ||
            carnet_vector_has(&after.vector, cases[i].category))
            fail_msg("%s: %s", cases[i].category, cases[i].name);
    }
}

static void
places_are_judged_by_number(void **state)
{
    static const struct {
        double accuracy, distance;
        bool asserted;
    } cases[] = { { 100, 200, true }, { 0, 0, true },    { 100.5, 0, false }, { 0, 200.5, false },   { -1, 0, false },
                  { 0, -1, false },   { NAN, 0, false }, { 0, NAN, false },   { INFINITY, 0, false } };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_evidence_facts facts = everything();
        carnet_evidence_result result;

        facts.location_accuracy_m = cases[i].accuracy;
        facts.distance_m = cases[i].distance;
        result = judged_at(&facts, NOW);
        assert_int_equal(carnet_vector_has(&result.vector, "Cl"), cases[i].asserted);
    }
}

static void
a_secret_is_shared_or_the_secure_areas_word_is_taken(void **state)
{
    carnet_evidence_facts facts = nothing();

    (void)state;
    facts.shared_secret = true;
    assert_judged(&facts, "Cc", 1);
    facts = nothing();
    facts.pin_in_secure_area = facts.secure_area_lists_pin = true;
    assert_judged(&facts, "Cc", 1);
    facts.secure_area_lists_pin = false; /* a factor, but no category */
    assert_judged(&facts, "C0", 0);
    facts.transaction_signature = true;
    assert_judged(&facts, "Ce.Cn", 2);
    facts = nothing();
    facts.secure_area_lists_pin = true;
    assert_judged(&facts, "C0", 0);
}

static void
keys_prove_possession_each_in_its_way(void **state)
{
    carnet_evidence_facts facts = nothing();

    (void)state;
    facts.session_mac = true;
    assert_judged(&facts, "Cd", 1);
    facts = nothing();
    facts.mdoc_device_authentication = true; /* by MAC, too: the key agreed on is the same */
    assert_judged(&facts, "Ce", 1);
    facts = nothing();
    facts.transaction_signature = true;
    assert_judged(&facts, "Ce", 1);
    facts = nothing();
    facts.fido = true;
    assert_judged(&facts, "Ce.Cx", 1);
    facts.fido_hardware = true;
    assert_judged(&facts, "Ce.Cf.Cx", 1);
}

static void
an_attestation_without_a_proof_is_no_hardware_key(void **state)
{
    carnet_evidence_facts facts = nothing();

    (void)state;
    facts.key_attested = true;
    facts.key_rank = 4;
    facts.otp = true;
    assert_judged(&facts, "Cd", 1);
    facts.fido = true; /* another key than the one attested */
    assert_judged(&facts, "Cd.Ce.Cx", 1);
    facts.transaction_signature = true;
    assert_judged(&facts, "Cd.Ce.Cf.Cx", 1);
}

static void
policy_may_demand_more_of_hardware(void **state)
{
    carnet_evidence_facts facts = everything();
    carnet_evidence_policy policy = carnet_evidence_policy_default();
    carnet_evidence_result result;

    (void)state;
    policy.min_key_rank = 4;
    assert_carnet_ok(carnet_evidence_judge(&facts, &policy, NOW, &result, NULL), NULL);
    assert_false(carnet_vector_has(&result.vector, "Cf"));
    assert_int_equal(result.level, 2);
    facts.key_rank = 4;
    policy.key_certified = true;
    assert_carnet_ok(carnet_evidence_judge(&facts, &policy, NOW, &result, NULL), NULL);
    assert_false(carnet_vector_has(&result.vector, "Cf"));
    facts.key_certified = true;
    assert_carnet_ok(carnet_evidence_judge(&facts, &policy, NOW, &result, NULL), NULL);
    assert_int_equal(result.level, 3);
}

static void
samples_are_matched_here_or_in_shares(void **state)
{
    carnet_evidence_facts facts = nothing();

    (void)state;
    facts.biometric_passed = facts.biometric_signed = facts.secure_area_lists_biometric = true;
    facts.matcher = CARNET_BOPS_MATCHER_LOCAL_MATCH;
    assert_judged(&facts, "Cg", 1);
    facts.matcher = CARNET_BOPS_MATCHER_SPLIT_REMOTE;
    assert_judged(&facts, "C0", 0);
    facts.shares = 2;
    facts.server_holds_share = facts.server_computed_match = true;
    assert_judged(&facts, "Ch", 1);
    facts.matcher = CARNET_BOPS_MATCHER_SPLIT_LOCAL;
    facts.pad_performed = facts.pad_passed = facts.pad_attested = true;
    assert_judged(&facts, "Ch.Cj", 1);
    facts.shares = 1;
    assert_judged(&facts, "C0", 0);
    facts.shares = 3;
    facts.server_holds_share = false;
    assert_judged(&facts, "C0", 0);
    facts.server_holds_share = true;
    facts.server_computed_match = false;
    assert_judged(&facts, "C0", 0);
}

static void
a_verified_user_of_fido_is_a_second_factor(void **state)
{
    carnet_evidence_facts facts = nothing();

    (void)state;
    facts.fido = facts.fido_user_verified = true;
    assert_judged(&facts, "Ce.Cn.Cx", 2); /* a PIN, which is not shared: no Cc */
    facts.fido_user_verified_biometric = true;
    assert_judged(&facts, "Ce.Cg.Cn.Cx", 2);
    facts.fido = false;
    assert_judged(&facts, "C0", 0);
}

static void
attack_detection_of_another_sample_does_not_count(void **state)
{
    carnet_evidence_facts facts = nothing();

    (void)state;
    facts.fido = facts.fido_user_verified = facts.fido_user_verified_biometric = true;
    facts.pad_performed = facts.pad_passed = facts.pad_attested = true;
    assert_judged(&facts, "Ce.Cg.Cn.Cx", 2);
}

static void
freshness_goes_with_time(void **state)
{
    static const struct {
        carnet_time after;
        bool fresh;
    } cases[] = { { 0, true }, { 60, true }, { 61, false }, { -1, false }, { 1000000, false } };
    const carnet_evidence_facts facts = everything();

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        const carnet_evidence_result result = judged_at(&facts, NOW + cases[i].after);

        assert_int_equal(carnet_vector_has(&result.vector, "Ci"), cases[i].fresh);
        assert_int_equal(result.level, 3);
    }
}

static void
two_kinds_of_factors_make_cn(void **state)
{
    enum { KNOW = 1, HAVE = 2, ARE = 4 };
    static const unsigned levels[8] = { 0, 1, 1, 2, 1, 1, 2, 2 };

    (void)state;
    for (unsigned kinds = 0; kinds < 8; kinds++) {
        carnet_evidence_facts facts = nothing();
        carnet_evidence_result result;
        const bool two = (kinds & (kinds - 1)) != 0;

        facts.shared_secret = (kinds & KNOW) != 0;
        facts.transaction_signature = (kinds & HAVE) != 0;
        facts.biometric_passed = facts.biometric_signed = facts.secure_area_lists_biometric = (kinds & ARE) != 0;
        facts.matcher = CARNET_BOPS_MATCHER_LOCAL;
        result = judged_at(&facts, NOW);
        assert_int_equal(result.factors, kinds);
        assert_int_equal(carnet_vector_has(&result.vector, "Cn"), two);
        assert_false(carnet_vector_has(&result.vector, "Co"));
        assert_int_equal(result.level, levels[kinds]); /* know and are: replays are not resisted */
    }
}

static void
a_one_time_password_needs_its_device_to_be_had(void **state)
{
    carnet_evidence_facts facts = nothing();

    (void)state;
    facts.otp = facts.shared_secret = true;
    assert_judged(&facts, "Cc.Cd", 1);
    facts.device_certificate = facts.device_active = facts.posture_attested = true;
    assert_judged(&facts, "Cb.Cc.Cd.Cn", 2);
}

static void
co_never_comes_without_cn(void **state)
{
    carnet_evidence_facts facts = nothing();

    (void)state;
    facts.transaction_signature = facts.key_attested = facts.intent = facts.impersonation_resistant = true;
    facts.key_rank = 4;
    assert_judged(&facts, "Ce.Cf", 1);
    facts.shared_secret = true;
    assert_judged(&facts, "Cc.Ce.Cf.Cn.Co", 3);
}

static void
a_step_up_shows_more_than_its_parent(void **state)
{
    static const struct {
        const char *parent;
        int64_t age;
        bool is_parent, asserted;
    } cases[] = {
        { "Cb.Ce.Ci.Cn", 600, true, true }, { "Ce", 0, true, true },        { "Ce", 601, true, false },
        { "Ce", -1, true, false },          { "Ce", 5, false, false },      { "C0", 5, true, false },
        { "Ce.Cx", 5, true, false },        { "Cc.Ce.Cb", 5, true, false }, { "Ci.Cn", 5, true, false },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_evidence_facts facts = nothing();
        carnet_evidence_result result;

        facts.shared_secret = facts.transaction_signature = true;
        facts.device_certificate = facts.device_active = facts.posture_attested = true;
        facts.parent = cases[i].is_parent;
        facts.parent_auth_time = NOW - cases[i].age;
        assert_carnet_ok(carnet_vector_read(carnet_str_of(cases[i].parent), &facts.parent_vector, NULL), NULL);
        result = judged_at(&facts, NOW);
        assert_int_equal(carnet_vector_has(&result.vector, "Cm"), cases[i].asserted);
    }
}

static void
identity_is_claimed_under_the_projects_trustmark_only(void **state)
{
    carnet_evidence_policy policy = carnet_evidence_policy_default();
    carnet_evidence_facts facts = nothing();
    carnet_evidence_result result;
    char text[64];
    carnet_buf out = carnet_buf_of(text, sizeof(text));

    (void)state;
    facts.mdoc_device_authentication = true;
    facts.identity_proof = CARNET_IDENTITY_HIGH;
    facts.management = 'c';
    facts.assertion = 'c';
    assert_judged(&facts, "Ce", 1);
    policy.trustmark = CARNET_TRUSTMARK_PROJECT;
    assert_carnet_ok(carnet_evidence_judge(&facts, &policy, NOW, &result, NULL), NULL);
    carnet_vector_write(&result.vector, &out);
    assert_str_is(carnet_buf_str(&out), "P3.Ce.Mc.Ac");
    assert_carnet_ok(carnet_trustmark_check(CARNET_TRUSTMARK_PROJECT, &result.vector, NULL), NULL);
}

static void
every_answer_is_one_of_its_trustmark(void **state)
{
    carnet_test_seed seed = { 1940 };
    const carnet_evidence_policy policy = carnet_evidence_policy_default();

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        carnet_evidence_facts facts = everything(), none = nothing();
        carnet_evidence_result result;

        for (size_t k = sizeof(size_t); k < sizeof(facts); k++) /* some members of one, the rest of the other */
            if ((carnet_test_number(&seed) & 1) != 0 && ((uint8_t *)&facts)[k] <= 1)
                ((uint8_t *)&facts)[k] = ((uint8_t *)&none)[k];
        assert_carnet_ok(carnet_evidence_judge(&facts, &policy, NOW, &result, NULL), NULL);
        assert_carnet_ok(carnet_trustmark_check(CARNET_TRUSTMARK_P1940, &result.vector, NULL), NULL);
        assert_true(!carnet_vector_has(&result.vector, "Co") || carnet_vector_has(&result.vector, "Cn"));
        assert_true(!carnet_vector_has(&result.vector, "Cf") || carnet_vector_has(&result.vector, "Ce"));
        assert_false(carnet_vector_has(&result.vector, "Ca"));
        assert_int_equal(result.level == 0, carnet_vector_has(&result.vector, "C0"));
        assert_int_equal(result.level == 3, carnet_vector_has(&result.vector, "Co"));
    }
}

static void
what_cannot_be_judged_is_not(void **state)
{
    carnet_evidence_policy policy = carnet_evidence_policy_default();
    carnet_evidence_facts facts = everything();
    carnet_evidence_result result;

    (void)state;
    policy.trustmark = CARNET_TRUSTMARK_RFC_8485;
    assert_carnet_rc(carnet_evidence_judge(&facts, &policy, NOW, &result, NULL), CARNET_E_USAGE);
    assert_int_equal(carnet_vector_count(&result.vector), 0);
    policy.trustmark = CARNET_TRUSTMARK_P1940;
    facts.struct_size--;
    assert_carnet_rc(carnet_evidence_judge(&facts, &policy, NOW, &result, NULL), CARNET_E_USAGE);
    assert_int_equal(result.level, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_asserted_that_is_true),
        cmocka_unit_test(without_evidence_there_is_c0_alone),
        cmocka_unit_test(each_missing_fact_takes_its_category),
        cmocka_unit_test(places_are_judged_by_number),
        cmocka_unit_test(a_secret_is_shared_or_the_secure_areas_word_is_taken),
        cmocka_unit_test(keys_prove_possession_each_in_its_way),
        cmocka_unit_test(an_attestation_without_a_proof_is_no_hardware_key),
        cmocka_unit_test(policy_may_demand_more_of_hardware),
        cmocka_unit_test(samples_are_matched_here_or_in_shares),
        cmocka_unit_test(a_verified_user_of_fido_is_a_second_factor),
        cmocka_unit_test(attack_detection_of_another_sample_does_not_count),
        cmocka_unit_test(freshness_goes_with_time),
        cmocka_unit_test(two_kinds_of_factors_make_cn),
        cmocka_unit_test(a_one_time_password_needs_its_device_to_be_had),
        cmocka_unit_test(co_never_comes_without_cn),
        cmocka_unit_test(a_step_up_shows_more_than_its_parent),
        cmocka_unit_test(identity_is_claimed_under_the_projects_trustmark_only),
        cmocka_unit_test(every_answer_is_one_of_its_trustmark),
        cmocka_unit_test(what_cannot_be_judged_is_not),
    };

    return cmocka_run_group_tests_name("evidence facts", tests, NULL, NULL);
}
