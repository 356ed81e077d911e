/* SPDX-License-Identifier: Apache-2.0 */
/* Going through a choice: which document, which alternative, what would leave. */
#include "carnet/doctype.h"
#include "internal.h"

const carnet_candidate *
carnet_choice_candidate_of(const carnet_choice *c, size_t offer)
{
    size_t at = offer < c->offer_count ? c->offers[offer].candidate : c->candidate_count;
    const carnet_candidate *candidate = at < c->candidate_count ? &c->candidates[at] : NULL;

    return candidate != NULL && offer >= candidate->first && offer - candidate->first < candidate->count ? candidate
                                                                                                         : NULL;
}

/** Find the first of the elected offers of the same element. */
static carnet_offer *
first_of_element(carnet_choice *c, const carnet_candidate *candidate, size_t offer)
{
    const carnet_offer *o = &c->offers[offer];

    for (size_t i = candidate->first; i < offer; i++) {
        if (c->offers[i].elected && carnet_str_equal(c->offers[i].identifier, o->identifier) &&
            carnet_str_equal(c->offers[i].name_space, o->name_space)) {
            return &c->offers[i];
        }
    }
    return &c->offers[offer];
}

void
carnet_candidate_refresh(carnet_choice *c, const carnet_candidate *candidate)
{
    for (size_t i = candidate->first; i < candidate->first + candidate->count; i++) {
        carnet_offer *offer = &c->offers[i], *first;

        offer->retain = offer->asked_retain;
        offer->shadowed = false;
        if (!offer->elected) {
            continue;
        }
        first = first_of_element(c, candidate, i);
        offer->shadowed = first != offer;
        first->retain = first->retain || offer->asked_retain;
    }
}

bool
carnet_choice_wants(const carnet_choice *c, size_t offer)
{
    return !c->offers[offer].shadowed && carnet_choice_has(c, offer);
}

bool
carnet_choice_has(const carnet_choice *c, size_t offer)
{
    const carnet_candidate *candidate = carnet_choice_candidate_of(c, offer);

    return candidate != NULL && candidate->taken && (c->wanted >> candidate->doc_request & 1) != 0 &&
           c->offers[offer].elected && c->offers[offer].identifier.len != 0;
}

bool
carnet_choice_leaves(const carnet_choice *c, size_t offer)
{
    const carnet_offer *o = &c->offers[offer];

    return o->consented && (!o->verification || o->verified) && carnet_choice_wants(c, offer);
}

bool
carnet_choice_next(const carnet_choice *c, size_t *index, carnet_offer **offer)
{
    while (*index < c->offer_count) {
        if (carnet_choice_wants(c, (*index)++)) {
            *offer = &c->offers[*index - 1];
            return true;
        }
    }
    *offer = NULL;
    return false;
}

void
carnet_choice_consent(carnet_choice *c, bool consented)
{
    for (size_t i = 0; i < c->offer_count; i++) {
        c->offers[i].consented = consented && carnet_choice_wants(c, i);
    }
}

static carnet_rc
check_candidate(const carnet_choice *c, size_t candidate, carnet_err *err)
{
    if (candidate >= c->candidate_count) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "there is no such document in this choice");
    }
    return CARNET_OK;
}

carnet_rc
carnet_choice_take(carnet_choice *c, size_t index, carnet_err *err)
{
    carnet_rc rc = check_candidate(c, index, err);
    const carnet_choice_request *request;

    if (rc != CARNET_OK) {
        return rc;
    }
    if (!carnet_candidate_acceptable(c, &c->candidates[index])) {
        return carnet_fail(err, CARNET_E_ROLE_UNSATISFIED, "18013-5 10.2.5",
                           "the document does not have all that is asked for");
    }
    request = &c->requests[c->candidates[index].doc_request];
    for (size_t i = request->first; !request->several && i < request->first + request->count; i++) {
        c->candidates[i].taken = false;
    }
    c->candidates[index].taken = true;
    return CARNET_OK;
}

carnet_rc
carnet_choice_leave(carnet_choice *c, size_t index, carnet_err *err)
{
    carnet_rc rc = check_candidate(c, index, err);
    const carnet_choice_request *request;
    size_t taken = 0;

    if (rc != CARNET_OK) {
        return rc;
    }
    request = &c->requests[c->candidates[index].doc_request];
    for (size_t i = request->first; i < request->first + request->count; i++) {
        taken += c->candidates[i].taken;
    }
    if (!c->candidates[index].taken || taken < 2) {
        return carnet_fail(err, CARNET_E_ROLE_UNSATISFIED, "18013-5 10.2.5", "no document would be left");
    }
    c->candidates[index].taken = false;
    return CARNET_OK;
}

carnet_rc
carnet_choice_elect(carnet_choice *c, size_t index, carnet_err *err)
{
    const carnet_candidate *candidate = carnet_choice_candidate_of(c, index);
    carnet_offer chosen;

    if (candidate == NULL || c->offers[index].identifier.len == 0) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "there is nothing to answer with");
    }
    chosen = c->offers[index];
    for (size_t i = candidate->first; i < candidate->first + candidate->count; i++) {
        carnet_offer *offer = &c->offers[i];

        if (carnet_str_equal(offer->requested_name_space, chosen.requested_name_space) &&
            carnet_str_equal(offer->requested, chosen.requested)) {
            offer->elected = offer->option == chosen.option;
            offer->consented = offer->consented && offer->elected;
        }
    }
    carnet_candidate_refresh(c, candidate);
    return CARNET_OK;
}

carnet_rc
carnet_choice_verified(carnet_choice *c, size_t index, carnet_span value, carnet_err *err)
{
    static const uint8_t yes = 0xf5;
    const carnet_holder_verification *verification;
    carnet_element_definition definition;
    carnet_offer *offer = index < c->offer_count ? &c->offers[index] : NULL;
    carnet_rc rc;

    if (offer == NULL || !offer->verification || offer->identifier.len == 0) {
        return carnet_fail(err, CARNET_E_ROLE_REQUEST, "23220-4 7.2.5",
                           "no verification of the holder is asked for here");
    }
    verification = carnet_holder_verification_find(offer->name_space, offer->identifier);
    definition = (carnet_element_definition){ .identifier = verification->identifier, .type = verification->type };
    offer->value = value.len != 0 ? value : carnet_span_of(&yes, 1);
    rc = carnet_element_check(&definition, offer->value, err);
    offer->verified = rc == CARNET_OK;
    if (rc != CARNET_OK) {
        offer->value = (carnet_span){ 0 };
    }
    return rc;
}
