/* SPDX-License-Identifier: Apache-2.0 */
/* Policies, and what follows from them. */
#include "internal.h"

#include "carnet/issuer_policy.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

enum {
    DAY = CARNET_TIME_DAY,
    HOUR = 3600,
    VALID_DEFAULT = 30 * DAY,
    ROUND_BY_DAY = 10 * DAY, /* documents valid for so long can do with days */
    LONGEST = 100 * 366      /* days that any period of a policy may have */
};

/* --- what zeros stand for --- */

static int64_t
valid_for(const carnet_issuer_policy *policy)
{
    return policy->valid_s == 0 ? VALID_DEFAULT : policy->valid_s;
}

static int64_t
rounded_to(const carnet_issuer_policy *policy)
{
    if (policy->round_s != 0)
        return policy->round_s;
    return valid_for(policy) < ROUND_BY_DAY ? HOUR : DAY;
}

size_t
carnet_issuer_policy_batch(const carnet_issuer_policy *policy)
{
    return policy->batch_max == 0 ? 1 : policy->batch_max;
}

bool
carnet_issuer_policy_attested(const carnet_issuer_policy *policy)
{
    return policy->key_attestation_required || policy->key_storage_count != 0 || policy->user_authentication_count != 0;
}

bool
carnet_issuer_policy_algorithm(const carnet_issuer_policy *policy, carnet_signature_algorithm algorithm)
{
    if (policy->key_algorithm_count == 0)
        return algorithm == CARNET_ES256;
    for (size_t i = 0; i < policy->key_algorithm_count; i++)
        if (policy->key_algorithms[i] == algorithm)
            return true;
    return false;
}

/* --- the check --- */

static carnet_rc
refuse(carnet_err *err, const char *member, const char *reason)
{
    carnet_path path = { .name = carnet_str_of(member) };

    return carnet_fail_at(err, CARNET_E_ISSUING_POLICY, NULL, reason, CARNET_NO_OFFSET, &path);
}

static carnet_rc
check_periods(const carnet_issuer_policy *policy, carnet_err *err)
{
    const struct {
        const char *name;
        int64_t value;
    } periods[] = {
        { "valid", policy->valid_s },
        { "expected_update", policy->expected_update_s },
        { "round", policy->round_s },
        { "refresh", policy->refresh_s },
        { "reissue_before", policy->reissue_before_s },
    };

    for (size_t i = 0; i < COUNT(periods); i++)
        if (periods[i].value < 0 || periods[i].value > (int64_t)LONGEST * DAY)
            return refuse(err, periods[i].name, "a period is negative or longer than a century");
    if (policy->expected_update_s >= valid_for(policy))
        return refuse(err, "expected_update", "the update is expected before the document is issued");
    if (2 * rounded_to(policy) > valid_for(policy))
        return refuse(err, "round", "times are rounded by more than half of the validity");
    if (policy->reissue_before_s > valid_for(policy))
        return refuse(err, "reissue_before", "this is longer than a document is valid");
    return CARNET_OK;
}

static carnet_rc
check_levels(const carnet_str *levels, size_t count, const char *member, carnet_err *err)
{
    for (size_t i = 0; i < count; i++)
        if (levels[i].len == 0)
            return refuse(err, member, "a level has no name");
    return CARNET_OK;
}

static carnet_rc
check_keys(const carnet_issuer_policy *policy, carnet_err *err)
{
    if (policy->batch_max > CARNET_ISSUER_BATCH_MAX)
        return refuse(err, "batch", "a batch has at most 100 copies");
    if ((policy->proof_types & ~(unsigned)(CARNET_POLICY_PROOF_JWT | CARNET_POLICY_PROOF_ATTESTATION)) != 0)
        return refuse(err, "proof_types", "there is no such proof type");
    for (size_t i = 0; i < policy->key_algorithm_count; i++)
        if (carnet_signature_hash(policy->key_algorithms[i]) == 0 && policy->key_algorithms[i] != CARNET_EDDSA)
            return refuse(err, "key_algorithms", "there is no such algorithm");
    if (check_levels(policy->key_storage, policy->key_storage_count, "key_storage", err) != CARNET_OK)
        return CARNET_E_ISSUING_POLICY;
    return check_levels(policy->user_authentication, policy->user_authentication_count, "user_authentication", err);
}

static carnet_rc
check_json(carnet_str text, const char *member, carnet_err *err)
{
    carnet_json *document = NULL;
    bool array;

    if (text.len == 0)
        return CARNET_OK;
    array = carnet_json_parse(text, &document, NULL) == CARNET_OK && carnet_json_type_of(document) == CARNET_JSON_ARRAY;
    carnet_json_free(&document);
    return array ? CARNET_OK : refuse(err, member, "this is no array in JSON");
}

carnet_rc
carnet_issuer_policy_check(const carnet_issuer_policy *policy, carnet_err *err)
{
    if (policy->configuration.len == 0)
        return refuse(err, "configuration", "the credential configuration has no identifier");
    if (policy->doc_type.len == 0)
        return refuse(err, "doctype", "there is no document type");
    if (policy->doctype != NULL && !carnet_str_is(policy->doc_type, policy->doctype->doc_type))
        return refuse(err, "doctype", "the table is another document type's");
    if (policy->hash != 0 && carnet_mso_hash_name(policy->hash) == NULL)
        return refuse(err, "digest", "an MSO has SHA-256, SHA-384 or SHA-512");
    if (policy->deferral > CARNET_DEFERRAL_ALWAYS)
        return refuse(err, "deferred", "there is no such rule");
    if (check_periods(policy, err) != CARNET_OK || check_keys(policy, err) != CARNET_OK ||
        check_json(policy->display, "display", err) != CARNET_OK)
        return CARNET_E_ISSUING_POLICY;
    return check_json(policy->claims, "claims", err);
}

/* --- decisions --- */

carnet_rc
carnet_issuer_policy_key(const carnet_issuer_policy *policy, const carnet_public_key *key, carnet_err *err)
{
    const carnet_curve_info *curve = carnet_curve_get(key->curve);

    if (curve == NULL || curve->algorithm == CARNET_SIGNATURE_NONE ||
        !carnet_issuer_policy_algorithm(policy, curve->algorithm))
        return carnet_fail(err, CARNET_E_ISSUING_KEY, NULL, "the curve of a device key is not among those taken");
    return CARNET_OK;
}

/* Rounded down, times before 1970 too. */
static carnet_time
round_down(carnet_time time, int64_t unit)
{
    int64_t over = time % unit;

    return time - (over < 0 ? over + unit : over);
}

carnet_rc
carnet_issuer_policy_times(const carnet_issuer_policy *policy, const carnet_issue_signer *signer, carnet_time now,
                           carnet_issuer_times *times, carnet_err *err)
{
    int64_t unit = rounded_to(policy);

    *times = (carnet_issuer_times){ .signed_at = round_down(now, unit) };
    times->valid_until = times->signed_at + valid_for(policy);
    if (now < signer->not_before || now >= signer->not_after)
        return carnet_fail(err, CARNET_E_MDOC_VALIDITY, "18013-5 12.3", "the signer's certificate is not valid now");
    if (times->signed_at < signer->not_before)
        times->signed_at = signer->not_before;
    if (times->valid_until > signer->not_after)
        times->valid_until = signer->not_after;
    times->valid_from = times->signed_at;
    if (times->valid_until - now < valid_for(policy) / 4)
        return carnet_fail(err, CARNET_E_MDOC_VALIDITY, "18013-5 12.3",
                           "the signer's certificate ends within a quarter of the document's validity");
    times->has_expected_update = policy->expected_update_s != 0;
    if (times->has_expected_update) {
        times->expected_update = times->valid_until - policy->expected_update_s;
        if (times->expected_update < times->signed_at)
            times->expected_update = times->signed_at;
    }
    return CARNET_OK;
}

carnet_rc
carnet_issuer_policy_reissue(const carnet_issuer_policy *policy, const carnet_issuer_history *history, carnet_time now,
                             carnet_err *err)
{
    if (history->requests == 0)
        return CARNET_OK;
    if (policy->reissue_max != 0 && history->requests >= policy->reissue_max)
        return carnet_fail(err, CARNET_E_ISSUING_REISSUE, NULL,
                           "this authorization was used as often as it is good for; begin anew with an offer");
    if (policy->reissue_before_s != 0 && now < history->last_until - policy->reissue_before_s)
        return carnet_fail(err, CARNET_E_ISSUING_REISSUE, NULL, "the documents issued last are valid long enough yet");
    return CARNET_OK;
}
