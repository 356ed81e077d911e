/* SPDX-License-Identifier: Apache-2.0 */
/* Policies: what is refused, and the decisions that follow from them. */
#include "carnet/issuer_policy.h"
#include "support/support.h"

#include <string.h>

#define DAY CARNET_TIME_DAY

static carnet_issuer_policy
good(void)
{
    return (carnet_issuer_policy){ .configuration = carnet_str_of("mdl"),
                                   .doc_type = carnet_str_of("org.iso.18013.5.1.mDL"),
                                   .doctype = carnet_doctype_named(carnet_str_of("mdl")) };
}

static void
a_policy_of_defaults_is_good(void **state)
{
    carnet_issuer_policy policy = good();
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_issuer_policy_check(&policy, &err), &err);
    assert_int_equal(carnet_issuer_policy_batch(&policy), 1);
    assert_false(carnet_issuer_policy_attested(&policy));
    assert_true(carnet_issuer_policy_algorithm(&policy, CARNET_ES256));
    assert_false(carnet_issuer_policy_algorithm(&policy, CARNET_ES384));
}

static const carnet_str nameless[1];
static const carnet_signature_algorithm none[] = { CARNET_SIGNATURE_NONE };

#define BAD(what, path, ...)                                                                                           \
    {                                                                                                                  \
        what, path,                                                                                                    \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define MDL .configuration = { "mdl", 3 }, .doc_type = { "org.iso.18013.5.1.mDL", 21 }

static void
contradictions_are_refused_by_their_member(void **state)
{
    static const struct {
        const char *what, *path;
        carnet_issuer_policy policy;
    } cases[] = {
        BAD("no identifier", "configuration", .doc_type = { "a", 1 }),
        BAD("no document type", "doctype", .configuration = { "a", 1 }),
        BAD("a negative validity", "valid", MDL, .valid_s = -1),
        BAD("a validity of a thousand years", "valid", MDL, .valid_s = INT64_C(366000) * DAY),
        BAD("an update before the issue", "expected_update", MDL, .valid_s = DAY, .expected_update_s = DAY),
        BAD("an update that is never", "expected_update", MDL, .expected_update_s = 31 * DAY),
        BAD("coarse times", "round", MDL, .valid_s = DAY, .round_s = DAY),
        BAD("a reissue always", "reissue_before", MDL, .valid_s = DAY, .reissue_before_s = 2 * DAY),
        BAD("a batch of 101", "batch", MDL, .batch_max = 101),
        BAD("another proof type", "proof_types", MDL, .proof_types = 4),
        BAD("another algorithm", "key_algorithms", MDL, .key_algorithms = none, .key_algorithm_count = 1),
        BAD("a level without a name", "key_storage", MDL, .key_storage = nameless, .key_storage_count = 1),
        BAD("the same of users", "user_authentication", MDL, .user_authentication = nameless,
            .user_authentication_count = 1),
        BAD("another digest", "digest", MDL, .hash = CARNET_SHA1),
        BAD("another deferral", "deferred", MDL, .deferral = (carnet_issuer_deferral)3),
        BAD("a display that is no array", "display", MDL, .display = { "{}", 2 }),
        BAD("claims that are no JSON", "claims", MDL, .claims = { "[", 1 }),
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_err err = { 0 };

        print_message("# %s\n", cases[i].what);
        assert_carnet_rc(carnet_issuer_policy_check(&cases[i].policy, &err), CARNET_E_ISSUING_POLICY);
        assert_string_equal(err.path, cases[i].path);
    }
}

static void
another_types_table_is_refused(void **state)
{
    carnet_issuer_policy policy = good();
    carnet_err err = { 0 };

    (void)state;
    policy.doctype = carnet_doctype_named(carnet_str_of("pid"));
    assert_carnet_rc(carnet_issuer_policy_check(&policy, &err), CARNET_E_ISSUING_POLICY);
    assert_string_equal(err.path, "doctype");
}

static void
device_keys_are_of_the_algorithms_named(void **state)
{
    static const carnet_signature_algorithm algorithms[] = { CARNET_ES384, CARNET_EDDSA };
    carnet_issuer_policy policy = good();
    carnet_public_key key = { .curve = CARNET_CURVE_P256 };

    (void)state;
    assert_carnet_ok(carnet_issuer_policy_key(&policy, &key, NULL), NULL);
    key.curve = CARNET_CURVE_BRAINPOOL_P256R1; /* ES256 too */
    assert_carnet_ok(carnet_issuer_policy_key(&policy, &key, NULL), NULL);
    policy.key_algorithms = algorithms;
    policy.key_algorithm_count = 2;
    assert_carnet_rc(carnet_issuer_policy_key(&policy, &key, NULL), CARNET_E_ISSUING_KEY);
    key.curve = CARNET_CURVE_P384;
    assert_carnet_ok(carnet_issuer_policy_key(&policy, &key, NULL), NULL);
    key.curve = CARNET_CURVE_ED448;
    assert_carnet_ok(carnet_issuer_policy_key(&policy, &key, NULL), NULL);
    key.curve = CARNET_CURVE_X25519; /* does not sign */
    assert_carnet_rc(carnet_issuer_policy_key(&policy, &key, NULL), CARNET_E_ISSUING_KEY);
    key.curve = (carnet_curve)99;
    assert_carnet_rc(carnet_issuer_policy_key(&policy, &key, NULL), CARNET_E_ISSUING_KEY);
}

static void
an_attestation_is_required_by_itself_or_by_a_level(void **state)
{
    static const carnet_str level[] = { { "iso_18045_high", 14 } };
    carnet_issuer_policy policy = good();

    (void)state;
    policy.key_attestation_required = true;
    assert_true(carnet_issuer_policy_attested(&policy));
    policy = good();
    policy.key_storage = level;
    policy.key_storage_count = 1;
    assert_true(carnet_issuer_policy_attested(&policy));
    policy = good();
    policy.user_authentication = level;
    policy.user_authentication_count = 1;
    assert_true(carnet_issuer_policy_attested(&policy));
}

static carnet_issue_signer
signer_of(carnet_time not_before, carnet_time not_after)
{
    return (carnet_issue_signer){ .not_before = not_before, .not_after = not_after };
}

static void
times_are_those_of_all_documents_of_the_day(void **state)
{
    const carnet_time noon = 20000 * (carnet_time)DAY + DAY / 2;
    carnet_issue_signer signer = signer_of(0, noon + 365 * (carnet_time)DAY);
    carnet_issuer_policy policy = good();
    carnet_issuer_times at_noon, later;

    (void)state;
    policy.expected_update_s = 5 * DAY;
    assert_carnet_ok(carnet_issuer_policy_times(&policy, &signer, noon, &at_noon, NULL), NULL);
    assert_carnet_ok(carnet_issuer_policy_times(&policy, &signer, noon + 12345, &later, NULL), NULL);
    assert_memory_equal(&at_noon, &later, sizeof(later));
    assert_int_equal(at_noon.signed_at, noon - DAY / 2);
    assert_int_equal(at_noon.valid_from, at_noon.signed_at);
    assert_int_equal(at_noon.valid_until, at_noon.signed_at + 30 * DAY);
    assert_true(at_noon.has_expected_update);
    assert_int_equal(at_noon.expected_update, at_noon.valid_until - 5 * DAY);
    policy.valid_s = 9 * DAY; /* shorter ones by the hour */
    policy.expected_update_s = 0;
    assert_carnet_ok(carnet_issuer_policy_times(&policy, &signer, noon + 12345, &later, NULL), NULL);
    assert_int_equal(later.signed_at, noon + 3 * 3600);
    assert_false(later.has_expected_update);
}

static void
a_document_neither_begins_before_nor_ends_after_its_signer(void **state)
{
    const carnet_time now = 20000 * (carnet_time)DAY + 100;
    carnet_issuer_policy policy = good();
    carnet_issuer_times times;
    carnet_issue_signer signer = signer_of(now - 10, now + 10 * DAY);

    (void)state;
    assert_carnet_ok(carnet_issuer_policy_times(&policy, &signer, now, &times, NULL), NULL);
    assert_int_equal(times.signed_at, now - 10);
    assert_int_equal(times.valid_until, now + 10 * DAY);
    signer = signer_of(now + 1, now + 100 * DAY);
    assert_carnet_rc(carnet_issuer_policy_times(&policy, &signer, now, &times, NULL), CARNET_E_MDOC_VALIDITY);
    signer = signer_of(0, now);
    assert_carnet_rc(carnet_issuer_policy_times(&policy, &signer, now, &times, NULL), CARNET_E_MDOC_VALIDITY);
    signer = signer_of(0, now + 7 * DAY); /* less than a quarter of 30 days */
    assert_carnet_rc(carnet_issuer_policy_times(&policy, &signer, now, &times, NULL), CARNET_E_MDOC_VALIDITY);
}

static void
documents_are_issued_again_as_the_policy_says(void **state)
{
    static const struct {
        uint32_t most;
        int64_t before;
        carnet_issuer_history history;
        carnet_rc rc;
    } cases[] = {
        { 0, 0, { 0, 0 }, CARNET_OK },
        { 0, 0, { 9, 1000 }, CARNET_OK },
        { 1, 0, { 0, 0 }, CARNET_OK },
        { 1, 0, { 1, 0 }, CARNET_E_ISSUING_REISSUE },
        { 3, 0, { 2, 5000 }, CARNET_OK },
        { 0, 100, { 1, 1100 }, CARNET_OK }, /* now is 1000 */
        { 0, 100, { 1, 1101 }, CARNET_E_ISSUING_REISSUE },
        { 0, 100, { 0, 1101 }, CARNET_OK },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_issuer_policy policy = good();

        policy.reissue_max = cases[i].most;
        policy.reissue_before_s = cases[i].before;
        assert_carnet_rc(carnet_issuer_policy_reissue(&policy, &cases[i].history, 1000, NULL), cases[i].rc);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_of_defaults_is_good),
        cmocka_unit_test(contradictions_are_refused_by_their_member),
        cmocka_unit_test(another_types_table_is_refused),
        cmocka_unit_test(device_keys_are_of_the_algorithms_named),
        cmocka_unit_test(an_attestation_is_required_by_itself_or_by_a_level),
        cmocka_unit_test(times_are_those_of_all_documents_of_the_day),
        cmocka_unit_test(a_document_neither_begins_before_nor_ends_after_its_signer),
        cmocka_unit_test(documents_are_issued_again_as_the_policy_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
