/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/evidence_facts.h"

/* Categories that evidence of its own stands behind: not the derived Ci, Cm, Cn, Co. */
#define EVIDENCE "bcdefghjklx"

carnet_evidence_policy
carnet_evidence_policy_default(void)
{
    return (carnet_evidence_policy){ .trustmark = CARNET_TRUSTMARK_P1940,
                                     .max_age = 60,
                                     .min_key_rank = 2,
                                     .min_behaviour_confidence = 800,
                                     .max_location_accuracy_m = 100,
                                     .max_location_age = 60,
                                     .radius_m = 200,
                                     .max_parent_age = 600 };
}

static void
put_if(carnet_vector *vector, bool condition, const char *component)
{
    if (condition)
        carnet_vector_put(vector, component);
}

/* A biometric sample that was compared on the device, for this study, with the secure area's word for it. */
static bool
matched_locally(const carnet_evidence_facts *f)
{
    return f->biometric_passed && f->biometric_signed && f->secure_area_lists_biometric &&
           (f->matcher == CARNET_BOPS_MATCHER_LOCAL || f->matcher == CARNET_BOPS_MATCHER_LOCAL_MATCH);
}

/* One whose template is in shares, of which the server has one, and a result that the server stands behind. */
static bool
matched_split(const carnet_evidence_facts *f)
{
    return f->biometric_passed && f->shares >= 2 && f->server_holds_share && f->server_computed_match &&
           (f->matcher == CARNET_BOPS_MATCHER_SPLIT_LOCAL || f->matcher == CARNET_BOPS_MATCHER_SPLIT_REMOTE);
}

static bool
hardware_key(const carnet_evidence_facts *f, const carnet_evidence_policy *policy)
{
    const bool proven = f->mdoc_device_authentication || f->transaction_signature;

    return (proven && f->key_attested && !f->key_exportable && f->key_rank >= policy->min_key_rank &&
            (f->key_certified || !policy->key_certified)) ||
           (f->fido && f->fido_hardware && !policy->key_certified);
}

/* A comparison with what is no number is false, so that it asserts nothing. */
static bool
located(const carnet_evidence_facts *f, const carnet_evidence_policy *policy)
{
    return f->location_known && f->location_accuracy_m >= 0 &&
           f->location_accuracy_m <= policy->max_location_accuracy_m && f->location_age >= 0 &&
           f->location_age <= policy->max_location_age && f->distance_m >= 0 && f->distance_m <= policy->radius_m;
}

static void
put_devices_and_keys(const carnet_evidence_facts *f, const carnet_evidence_policy *policy, carnet_vector *v)
{
    put_if(v, f->device_certificate && f->device_active && f->posture_attested && !f->rooted, "Cb");
    put_if(v, f->shared_secret || (f->pin_in_secure_area && f->secure_area_lists_pin), "Cc");
    put_if(v, f->otp || f->session_mac, "Cd");
    put_if(v, f->mdoc_device_authentication || f->transaction_signature || f->fido, "Ce");
    put_if(v, hardware_key(f, policy), "Cf");
    put_if(v, f->fido, "Cx");
}

static void
put_persons_and_places(const carnet_evidence_facts *f, const carnet_evidence_policy *policy, carnet_vector *v)
{
    const bool local = matched_locally(f), split = matched_split(f);

    put_if(v, local || (f->fido && f->fido_user_verified && f->fido_user_verified_biometric), "Cg");
    put_if(v, split, "Ch");
    put_if(v, (local || split) && f->pad_performed && f->pad_passed && f->pad_attested, "Cj");
    put_if(v,
           f->behaviour_processed && f->behaviour_positive &&
               f->behaviour_confidence >= policy->min_behaviour_confidence,
           "Ck");
    put_if(v, located(f, policy), "Cl");
}

static unsigned
factors_of(const carnet_evidence_facts *f, const carnet_vector *v)
{
    const bool verified_by_pin = f->fido && f->fido_user_verified && !f->fido_user_verified_biometric;
    unsigned factors = 0;

    if (carnet_vector_has(v, "Cc") || f->pin_in_secure_area || verified_by_pin)
        factors |= CARNET_FACTOR_KNOW;
    if ((carnet_vector_has(v, "Cb") && carnet_vector_has(v, "Cd")) || carnet_vector_has(v, "Ce"))
        factors |= CARNET_FACTOR_HAVE; /* Cf and Cx do not come without Ce */
    if (carnet_vector_has(v, "Cg") || carnet_vector_has(v, "Ch"))
        factors |= CARNET_FACTOR_ARE;
    return factors;
}

static carnet_vector
evidence_of(const carnet_vector *vector)
{
    carnet_vector all = { 0 };

    for (const char *category = EVIDENCE; *category != 0; category++) {
        const char component[3] = { 'C', *category, 0 };

        put_if(&all, carnet_vector_has(vector, component), component);
    }
    return all;
}

/* A step up: everything that the parent session had evidence of, and more. */
static bool
stepped_up(const carnet_evidence_facts *f, const carnet_evidence_policy *policy, const carnet_vector *v)
{
    const carnet_vector before = evidence_of(&f->parent_vector), now = evidence_of(v);
    const int64_t age = f->auth_time - f->parent_auth_time;

    return f->parent && age >= 0 && age <= policy->max_parent_age && carnet_vector_count(&before) != 0 &&
           carnet_vector_meets(&now, &before) && !carnet_vector_equal(&now, &before);
}

static void
put_derived(const carnet_evidence_facts *f, const carnet_evidence_policy *policy, carnet_time now,
            carnet_evidence_result *result)
{
    const unsigned factors = result->factors;
    const bool two = (factors & (factors - 1)) != 0;
    carnet_vector *v = &result->vector;

    put_if(v, stepped_up(f, policy, v), "Cm");
    put_if(v, f->challenge_of_study && now >= f->auth_time && now - f->auth_time <= policy->max_age, "Ci");
    put_if(v, two, "Cn");
    put_if(v, two && carnet_vector_has(v, "Cf") && f->impersonation_resistant && f->intent, "Co");
}

/* Replays are resisted by what is proven anew each time: one-time passwords and keys, not secrets or samples. */
static unsigned
level_of(const carnet_vector *v)
{
    if (carnet_vector_has(v, "Co"))
        return 3;
    if (carnet_vector_has(v, "Cn") && (carnet_vector_has(v, "Cd") || carnet_vector_has(v, "Ce")))
        return 2;
    return 1;
}

static void
put_project(const carnet_evidence_facts *f, carnet_vector *v)
{
    put_if(v, f->identity_proof == CARNET_IDENTITY_SELF_ASSERTED, "P1");
    put_if(v, f->identity_proof == CARNET_IDENTITY_SUBSTANTIAL, "P2");
    put_if(v, f->identity_proof == CARNET_IDENTITY_HIGH, "P3");
    put_if(v, f->management == 'b', "Mb");
    put_if(v, f->management == 'c', "Mc");
    put_if(v, f->assertion == 'c', "Ac");
    put_if(v, f->assertion == 'd', "Ad");
}

carnet_rc
carnet_evidence_judge(const carnet_evidence_facts *facts, const carnet_evidence_policy *policy, carnet_time now,
                      carnet_evidence_result *result, carnet_err *err)
{
    *result = (carnet_evidence_result){ 0 };
    if (facts->struct_size != sizeof(*facts) ||
        (policy->trustmark != CARNET_TRUSTMARK_P1940 && policy->trustmark != CARNET_TRUSTMARK_PROJECT))
        return carnet_fail(err, CARNET_E_USAGE, NULL, "another struct, or a trustmark that evidence has no rules for");
    put_devices_and_keys(facts, policy, &result->vector);
    put_persons_and_places(facts, policy, &result->vector);
    if (carnet_vector_count(&result->vector) == 0) {
        carnet_vector_put(&result->vector, "C0");
        return CARNET_OK;
    }
    result->factors = factors_of(facts, &result->vector);
    put_derived(facts, policy, now, result);
    result->level = level_of(&result->vector);
    if (policy->trustmark == CARNET_TRUSTMARK_PROJECT)
        put_project(facts, &result->vector);
    return CARNET_OK;
}
