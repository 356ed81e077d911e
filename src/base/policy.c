/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/policy.h"

/* How a check counts: by the policy's rule for it, else by its class. */
typedef struct weight {
    bool decides;
    bool when_not_done;     /* not done leaves the verdict open */
    bool when_undetermined; /* undetermined leaves it open */
} weight;

static weight
weigh(const carnet_policy *policy, carnet_check check)
{
    carnet_check_class class = carnet_check_class_of(check);
    bool strict = policy != NULL && policy->strict;
    bool decides = class == CARNET_CLASS_PROTECTS || (class == CARNET_CLASS_FORM && strict);

    for (size_t i = 0; policy != NULL && i < policy->count; i++)
        if (policy->rules[i].check == check)
            return (weight){ policy->rules[i].decides, policy->rules[i].required, policy->rules[i].required };
    return (weight){ decides, check == CARNET_CHECK_DEVICE_AUTHENTICATION, decides };
}

/* What one entry by itself makes of the verdict. */
static carnet_verdict
judge_entry(const carnet_policy *policy, const carnet_report_entry *entry)
{
    weight w = weigh(policy, entry->check);
    bool open = true; /* an outcome that is none of the four says nothing */

    switch (entry->outcome) {
    case CARNET_PASS:
        open = false;
        break;
    case CARNET_FAIL:
        if (w.decides)
            return CARNET_VERDICT_NEGATIVE;
        open = false;
        break;
    case CARNET_NOT_DONE:
        open = w.when_not_done;
        break;
    case CARNET_UNDETERMINED:
        open = w.when_undetermined;
        break;
    }
    return open ? CARNET_VERDICT_UNJUDGED : CARNET_VERDICT_VALID;
}

bool
carnet_policy_objects(const carnet_policy *policy, const carnet_report_entry *entry)
{
    return judge_entry(policy, entry) != CARNET_VERDICT_VALID;
}

/* Whether the report speaks of a check for one document, be it through an entry for the message as a whole. */
static bool
speaks_of(const carnet_report *report, carnet_check check, uint16_t document)
{
    for (size_t i = 0; i < report->count; i++) {
        const carnet_report_entry *entry = &report->entries[i];

        if (entry->check == check && (entry->document == document || entry->document == CARNET_NO_DOCUMENT))
            return true;
    }
    return false;
}

/* The same for all documents that the report has entries of. */
static bool
speaks_of_all(const carnet_report *report, carnet_check check)
{
    uint16_t before = CARNET_NO_DOCUMENT;

    for (size_t i = 0; i < report->count; i++) {
        uint16_t document = report->entries[i].document;

        if (document != before && document != CARNET_NO_DOCUMENT && !speaks_of(report, check, document))
            return false;
        before = document;
    }
    return carnet_report_find(report, check, CARNET_NO_DOCUMENT) != NULL;
}

static bool
required_are_there(const carnet_policy *policy, const carnet_report *report, uint16_t document)
{
    for (size_t i = 0; policy != NULL && i < policy->count; i++) {
        carnet_check check = policy->rules[i].check;

        if (!policy->rules[i].required)
            continue;
        if (document == CARNET_NO_DOCUMENT ? !speaks_of_all(report, check) : !speaks_of(report, check, document))
            return false;
    }
    return true;
}

carnet_verdict
carnet_policy_judge(const carnet_policy *policy, const carnet_report *report, uint16_t document)
{
    bool open = report->overflow || !required_are_there(policy, report, document);
    size_t judged = 0;

    for (size_t i = 0; i < report->count; i++) {
        const carnet_report_entry *entry = &report->entries[i];
        carnet_verdict verdict;

        if (document != CARNET_NO_DOCUMENT && entry->document != document)
            continue;
        verdict = judge_entry(policy, entry);
        if (verdict == CARNET_VERDICT_NEGATIVE)
            return verdict;
        open = open || verdict != CARNET_VERDICT_VALID;
        judged++;
    }
    return open || judged == 0 ? CARNET_VERDICT_UNJUDGED : CARNET_VERDICT_VALID;
}

const char *
carnet_verdict_text(carnet_verdict verdict)
{
    switch (verdict) {
    case CARNET_VERDICT_VALID:
        return "valid";
    case CARNET_VERDICT_NEGATIVE:
        return "not valid";
    case CARNET_VERDICT_UNJUDGED:
        break;
    }
    return "could not be judged";
}
