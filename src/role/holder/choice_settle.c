/* SPDX-License-Identifier: Apache-2.0 */
/* From the holder's consent to what may leave (18013-5 10.2.6, 10.3, 13.4). */
#include "carnet/doctype.h"
#include "internal.h"

/** What is encrypted to different recipients, or not, goes to different places. */
static bool
same_place(const carnet_choice *c, const carnet_offer *a, const carnet_offer *b)
{
    uint32_t both = UINT32_C(1) << a->doc_request | UINT32_C(1) << b->doc_request;

    return a->document == b->document && (a->doc_request == b->doc_request || (c->encrypted & both) == 0);
}

static bool
same_element(const carnet_choice *c, const carnet_offer *a, const carnet_offer *b)
{
    return same_place(c, a, b) && carnet_str_equal(a->name_space, b->name_space) &&
           carnet_str_equal(a->identifier, b->identifier);
}

/** Whether the element of an offer leaves, for this offer or for another one. */
static bool
element_leaves(const carnet_choice *c, size_t offer)
{
    for (size_t i = 0; i < c->offer_count; i++) {
        if (same_element(c, &c->offers[i], &c->offers[offer]) && carnet_choice_leaves(c, i)) {
            return true;
        }
    }
    return false;
}

/** Whether an offer before this one lets the same element leave. */
static bool
left_before(const carnet_choice *c, size_t offer)
{
    for (size_t i = 0; i < offer; i++) {
        if (same_element(c, &c->offers[i], &c->offers[offer]) && carnet_choice_leaves(c, i)) {
            return true;
        }
    }
    return false;
}

/** Keep at most two age_over_NN; says whether no more could leave. */
static bool
limit_ages(carnet_choice *c)
{
    size_t ages = c->options.ages_returned;

    for (size_t i = 0; i < c->offer_count; i++) {
        carnet_offer *offer = &c->offers[i];

        if (carnet_age_over(offer->identifier) < 0 || !carnet_choice_leaves(c, i) || left_before(c, i)) {
            continue;
        }
        offer->consented = ages < CARNET_AGES_RETURNED_MAX;
        ages += offer->consented;
    }
    return ages >= CARNET_AGES_RETURNED_MAX;
}

/** Whether what was consented to is all that a document answers, or enough. */
static bool
is_fulfilled(const carnet_choice *c, const carnet_candidate *candidate, bool ages_used_up)
{
    size_t leaving = 0, staying = 0;
    bool complete = candidate->complete;

    for (size_t i = candidate->first; i < candidate->first + candidate->count; i++) {
        const carnet_offer *offer = &c->offers[i];

        if (!carnet_choice_has(c, i)) {
            continue;
        }
        if (element_leaves(c, i)) {
            leaving++;
        } else if ((!offer->verification || offer->option != 0) &&
                   !(ages_used_up && carnet_age_over(offer->identifier) >= 0)) {
            staying++;
        }
    }
    if (carnet_choice_partial(c)) {
        return leaving != 0;
    }
    return complete && leaving != 0 && staying == 0;
}

/** The DocRequests that what was consented to satisfies. */
static uint32_t
satisfied_requests(const carnet_choice *c, bool ages_used_up)
{
    uint32_t satisfied = 0;

    for (size_t i = 0; i < c->candidate_count; i++) {
        const carnet_candidate *candidate = &c->candidates[i];

        if (candidate->taken && (c->wanted >> candidate->doc_request & 1) != 0 &&
            is_fulfilled(c, candidate, ages_used_up)) {
            satisfied |= UINT32_C(1) << candidate->doc_request;
        }
    }
    return satisfied;
}

/** What of the satisfied DocRequests a satisfied use case needs; 0 if a mandatory one is not satisfied. */
static uint32_t
needed_requests(const carnet_choice *c, uint32_t satisfied)
{
    uint32_t needed = 0;

    if (c->use_case_count == 0) {
        return satisfied;
    }
    for (size_t i = 0; i < c->use_case_count; i++) {
        const carnet_choice_use_case *use_case = &c->use_cases[i];
        uint32_t set = use_case->taken != CARNET_NO_SET ? c->sets[use_case->taken].doc_requests : 0;

        if (use_case->taken == CARNET_NO_SET) {
            continue;
        }
        if ((set & ~satisfied) == 0) {
            needed |= set;
        } else if (use_case->view.mandatory) {
            return 0;
        }
    }
    return needed;
}

static bool
anything_leaves(const carnet_choice *c)
{
    for (size_t i = 0; i < c->offer_count; i++) {
        if (carnet_choice_leaves(c, i)) {
            return true;
        }
    }
    return false;
}

/** Consent to what was given for these DocRequests; says which of them something needs. */
static uint32_t
consent_to(carnet_choice *c, uint32_t alive)
{
    for (size_t i = 0; i < c->offer_count; i++) {
        c->offers[i].consented = c->offers[i].given && (alive >> c->offers[i].doc_request & 1) != 0;
    }
    return needed_requests(c, satisfied_requests(c, limit_ages(c)));
}

carnet_rc
carnet_choice_settle(carnet_choice *c, carnet_broken broken, carnet_err *err)
{
    uint32_t alive = UINT32_MAX, needed;
    bool given = false;

    c->broken = broken;
    for (size_t i = 0; i < c->offer_count; i++) {
        c->offers[i].given = carnet_choice_leaves(c, i);
        given = given || c->offers[i].given;
    }
    /* What one DocRequest gave may have been what another was satisfied by: until nothing changes. */
    needed = consent_to(c, alive) & c->wanted;
    while (broken == CARNET_BROKEN_NOTHING && (alive & c->wanted & ~needed) != 0) {
        alive = needed;
        needed &= consent_to(c, alive);
    }
    if (anything_leaves(c)) {
        return CARNET_OK;
    }
    carnet_choice_consent(c, false);
    if (!given) {
        return carnet_fail(err, CARNET_E_ROLE_CONSENT, "18013-5 10.3", "the holder did not consent to anything");
    }
    return carnet_fail(err, CARNET_E_ROLE_UNSATISFIED, "18013-5 10.2.6",
                       "what was consented to does not satisfy the request");
}

/* --- what fits --- */

uint64_t
carnet_choice_maximum_size(const carnet_choice *c)
{
    uint64_t least = UINT64_MAX;

    for (size_t i = 0; i < c->offer_count; i++) {
        const carnet_choice_request *request = &c->requests[c->offers[i].doc_request];

        if (carnet_choice_leaves(c, i) && request->maximum_size < least) {
            least = request->maximum_size;
        }
    }
    return least;
}

/** Settle what was given for these DocRequests, now that others give room to it. */
static void
settle_again(carnet_choice *c, uint32_t doc_requests)
{
    for (size_t i = 0; i < c->offer_count; i++) {
        c->offers[i].consented = c->offers[i].given && (doc_requests >> c->offers[i].doc_request & 1) != 0;
    }
    (void)carnet_choice_settle(c, c->broken, NULL);
}

/** Leave the last optional use case out; false if there is none. */
static bool
drop_use_case(carnet_choice *c)
{
    for (size_t i = c->use_case_count; i-- > 0;) {
        if (!c->use_cases[i].view.mandatory && c->use_cases[i].taken != CARNET_NO_SET &&
            carnet_choice_take_set(c, i, CARNET_NO_SET, NULL) == CARNET_OK) {
            settle_again(c, UINT32_MAX);
            return true;
        }
    }
    return false;
}

/** Keep the largest element of those that leave; false if there is none. */
static bool
drop_largest(carnet_choice *c)
{
    size_t largest = c->offer_count, most = 0;

    for (size_t i = 0; i < c->offer_count; i++) {
        size_t size = carnet_choice_leaves(c, i) ? carnet_offer_size(c, &c->offers[i]) : 0;

        if (size > most) {
            most = size;
            largest = i;
        }
    }
    for (size_t i = 0; largest < c->offer_count && i < c->offer_count; i++) {
        if (i != largest && same_element(c, &c->offers[i], &c->offers[largest])) {
            c->offers[i].consented = false;
        }
    }
    if (largest == c->offer_count) {
        return false;
    }
    c->offers[largest].consented = false;
    return true;
}

/** Keep the last DocRequest of which something leaves. */
static bool
drop_request(carnet_choice *c)
{
    for (size_t i = c->offer_count; i-- > 0;) {
        if (carnet_choice_leaves(c, i)) {
            settle_again(c, ~(UINT32_C(1) << c->offers[i].doc_request));
            return true;
        }
    }
    return false;
}

/** Drop the next thing that may be dropped. */
static bool
drop_something(carnet_choice *c)
{
    if (drop_use_case(c)) {
        return true;
    }
    if (carnet_choice_partial(c)) {
        return drop_largest(c);
    }
    return c->use_case_count == 0 && drop_request(c);
}

carnet_rc
carnet_choice_fit(carnet_choice *c, carnet_crypto *crypto, const carnet_public_key *reader_key, carnet_buf *scratch,
                  carnet_err *err)
{
    size_t size;

    while (anything_leaves(c)) {
        carnet_rc rc = carnet_choice_size(c, crypto, reader_key, scratch, &size, err);

        if (rc != CARNET_OK || size <= carnet_choice_maximum_size(c)) {
            return rc;
        }
        if (!drop_something(c)) {
            break;
        }
    }
    carnet_choice_consent(c, false);
    return carnet_fail(err, CARNET_E_ROLE_UNSATISFIED, "18013-5 10.2.5",
                       "the answer would be larger than the reader takes");
}
