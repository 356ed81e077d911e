/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policy: which facts of a report decide the verdict.  A pure function over
 * the report; the report itself never changes with the policy.
 */
#ifndef CARNET_POLICY_H
#define CARNET_POLICY_H
#include "carnet/report.h"
CARNET_BEGIN_DECLS

typedef enum carnet_verdict {
    CARNET_VERDICT_VALID = 0,    /**< every deciding check that must be made was made and passed */
    CARNET_VERDICT_NEGATIVE = 1, /**< a deciding check failed */
    CARNET_VERDICT_UNJUDGED = 3  /**< none failed, but one that must be made was not, or is undetermined */
} carnet_verdict;

/** How one check counts under a policy, where it differs from its class. */
typedef struct carnet_policy_rule {
    carnet_check check;
    bool decides;  /**< a failure makes the verdict negative */
    bool required; /**< not done, undetermined or without an entry leaves it unjudged */
} carnet_policy_rule;

/** By default: PROTECTS checks decide, FORM checks decide if `strict`, NOTE checks never do.  A deciding check that
 *  is present as undetermined leaves the verdict open, and so does CARNET_CHECK_DEVICE_AUTHENTICATION present as
 *  not done. */
typedef struct carnet_policy {
    const char *name;
    bool strict;
    const carnet_policy_rule *rules; /**< exceptions; may be NULL */
    size_t count;
} carnet_policy;

/** Judge the whole report (document == CARNET_NO_DOCUMENT) or the entries of one document.  Negative beats unjudged;
 *  an overflowed report is never valid, and a report without entries is unjudged.  A required check must have an entry
 *  for each document judged, or one for the message as a whole.  NULL is the policy without exceptions. */
CARNET_API carnet_verdict carnet_policy_judge(const carnet_policy *policy, const carnet_report *report,
                                              uint16_t document);
/** Whether an entry, as it is, keeps the verdict from being valid under the policy. */
CARNET_API bool carnet_policy_objects(const carnet_policy *policy, const carnet_report_entry *entry);
/** "valid", "not valid", "could not be judged". */
CARNET_API const char *carnet_verdict_text(carnet_verdict verdict);

CARNET_END_DECLS
#endif
