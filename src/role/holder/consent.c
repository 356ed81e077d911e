/* SPDX-License-Identifier: Apache-2.0 */
/* A consent policy applied: the first rule that fits decides. */
#include "carnet/consent.h"
#include "carnet/doctype.h"

/** One element that is asked for. */
typedef struct question {
    const carnet_reader_identity *reader;
    carnet_str doc_type, name_space, identifier;
    bool retain;
} question;

static bool
fits_text(carnet_str rule, carnet_str text)
{
    return rule.len == 0 || carnet_str_equal(rule, text);
}

static bool
fits_element(carnet_str rule, carnet_str identifier)
{
    if (rule.len == 0 || rule.ptr[rule.len - 1] != '*') {
        return fits_text(rule, identifier);
    }
    rule.len--;
    return identifier.len >= rule.len && carnet_str_equal(rule, (carnet_str){ identifier.ptr, rule.len });
}

/** Whether a rule is for this reader.  What a reader says of itself counts only as far as it is proven. */
static bool
fits_reader(const carnet_consent_rule *rule, const carnet_reader_identity *reader)
{
    if (rule->readers != 0 && (rule->readers >> reader->trust & 1) == 0) {
        return false;
    }
    if (rule->reader_name.len != 0 &&
        (reader->trust != CARNET_READER_TRUSTED || !carnet_str_equal(rule->reader_name, reader->name))) {
        return false;
    }
    return rule->reader_certificate.len == 0 ||
           ((reader->trust == CARNET_READER_TRUSTED || reader->trust == CARNET_READER_UNKNOWN) &&
            reader->certificate.len != 0 &&
            carnet_span_equal(rule->reader_certificate,
                              carnet_span_of(reader->fingerprint, sizeof reader->fingerprint)));
}

static bool
fits(const carnet_consent_rule *rule, const question *q, bool any_reader)
{
    if (rule->retain != CARNET_RETAIN_ANY && (rule->retain == CARNET_RETAIN_ONLY) != q->retain) {
        return false;
    }
    return fits_text(rule->doc_type, q->doc_type) && fits_text(rule->name_space, q->name_space) &&
           fits_element(rule->element, q->identifier) && (any_reader || fits_reader(rule, q->reader));
}

static carnet_consent_verdict
first_verdict(const carnet_consent_policy *policy, const question *q)
{
    for (size_t i = 0; i < policy->count; i++) {
        if (fits(&policy->rules[i], q, false)) {
            return policy->rules[i].verdict;
        }
    }
    return CARNET_CONSENT_ASK;
}

/** Whether every rule for this element denies it, whoever asks. */
static bool
denied_to_everybody(const carnet_consent_policy *policy, const question *q)
{
    for (size_t i = 0; i < policy->count; i++) {
        const carnet_consent_rule *rule = &policy->rules[i];
        bool for_all = rule->readers == 0 && rule->reader_name.len == 0 && rule->reader_certificate.len == 0;

        if (!fits(rule, q, true)) {
            continue;
        }
        if (rule->verdict != CARNET_CONSENT_DENY) {
            return false;
        }
        if (for_all) {
            return true;
        }
    }
    return false;
}

/** A mandatory element of an mDL, which in proximity must not depend on who asks (18013-5 12.5). */
static bool
is_free_of_reader(const carnet_consent_policy *policy, const question *q)
{
    const carnet_doctype *doctype = carnet_doctype_find(q->doc_type);
    const carnet_element_definition *element =
        doctype != NULL ? carnet_doctype_element(doctype, q->name_space, q->identifier) : NULL;

    return !policy->remote && element != NULL && doctype->mdl && element->presence == CARNET_MANDATORY;
}

carnet_consent_verdict
carnet_consent_judge(const carnet_consent_policy *policy, const carnet_reader_identity *reader, carnet_str doc_type,
                     carnet_str name_space, carnet_str identifier, bool retain)
{
    question q = { reader, doc_type, name_space, identifier, retain };
    carnet_consent_verdict verdict;

    if (policy == NULL) {
        return CARNET_CONSENT_ASK;
    }
    verdict = first_verdict(policy, &q);
    if (verdict == CARNET_CONSENT_DENY && is_free_of_reader(policy, &q) && !denied_to_everybody(policy, &q)) {
        return CARNET_CONSENT_ASK;
    }
    return verdict;
}

void
carnet_consent_apply(const carnet_consent_policy *policy, const carnet_reader_identities *readers,
                     carnet_choice *choice, size_t *to_ask, size_t *denied)
{
    carnet_offer *offer;
    size_t index = 0, asks = 0, denials = 0;

    carnet_choice_consent(choice, false);
    while (carnet_choice_next(choice, &index, &offer)) {
        carnet_consent_verdict verdict = carnet_consent_judge(policy, carnet_reader_of(readers, offer->doc_request),
                                                              choice->requests[offer->doc_request].view.doc_type,
                                                              offer->name_space, offer->identifier, offer->retain);

        offer->verdict = (uint8_t)verdict;
        offer->consented = verdict == CARNET_CONSENT_ALLOW;
        asks += verdict == CARNET_CONSENT_ASK;
        denials += verdict == CARNET_CONSENT_DENY;
    }
    if (to_ask != NULL) {
        *to_ask = asks;
    }
    if (denied != NULL) {
        *denied = denials;
    }
}
