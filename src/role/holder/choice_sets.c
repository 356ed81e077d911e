/* SPDX-License-Identifier: Apache-2.0 */
/* Use cases and their document sets (18013-5 10.2.6). */
#include "internal.h"

#define COMBINATIONS_MAX 65536 /* of document sets, tried before a request is given up as unsatisfiable */

static carnet_rc
read_sets(carnet_choice *c, carnet_choice_use_case *use_case, carnet_err *err)
{
    carnet_list_walk sets, entries;
    carnet_span set;
    size_t doc_request;

    use_case->first = c->set_count;
    carnet_list_begin(&sets, use_case->view.document_sets);
    while (carnet_list_next(&sets, &set)) {
        if (c->set_count == CARNET_CHOICE_SETS_MAX) {
            return carnet_fail(err, CARNET_E_LIMIT, "18013-5 10.2.6", "the use cases have too many document sets");
        }
        carnet_list_begin(&entries, set);
        while (carnet_document_set_next(&entries, &doc_request)) {
            c->sets[c->set_count].doc_requests |= UINT32_C(1) << doc_request;
        }
        c->set_count++;
        use_case->count++;
    }
    return CARNET_OK;
}

carnet_rc
carnet_choice_read_use_cases(carnet_choice *c, carnet_err *err)
{
    carnet_use_case view;
    size_t index = 0;

    while (carnet_use_case_next(c->request, &index, &view)) {
        carnet_choice_use_case *use_case = &c->use_cases[c->use_case_count];
        carnet_rc rc;

        if (c->use_case_count == CARNET_CHOICE_USE_CASES_MAX) {
            return carnet_fail(err, CARNET_E_LIMIT, "18013-5 10.2.6", "the request has too many use cases");
        }
        c->use_case_count++;
        *use_case = (carnet_choice_use_case){ .view = view, .taken = CARNET_NO_SET };
        if (!carnet_purpose_hint(&view, "org.iso.jtc1.sc17", &use_case->purpose)) {
            use_case->purpose = CARNET_NO_PURPOSE;
        }
        rc = read_sets(c, use_case, err);
        if (rc != CARNET_OK) {
            return rc;
        }
    }
    return CARNET_OK;
}

bool
carnet_choice_partial(const carnet_choice *c)
{
    return c->options.partial == CARNET_PARTIAL_ALWAYS ||
           (c->options.partial == CARNET_PARTIAL_WITHOUT_USE_CASES && c->use_case_count == 0);
}

bool
carnet_candidate_acceptable(const carnet_choice *c, const carnet_candidate *candidate)
{
    if (candidate->complete || !carnet_choice_partial(c)) {
        return candidate->complete;
    }
    for (size_t i = candidate->first; i < candidate->first + candidate->count; i++) {
        if (c->offers[i].elected) {
            return true;
        }
    }
    return false;
}

/** What the sets taken need. */
static uint32_t
union_of_taken(const carnet_choice *c)
{
    uint32_t wanted = 0;

    for (size_t i = 0; i < c->use_case_count; i++) {
        if (c->use_cases[i].taken != CARNET_NO_SET) {
            wanted |= c->sets[c->use_cases[i].taken].doc_requests;
        }
    }
    return wanted;
}

/** A use case is satisfied by exactly one of its sets: no other of a use case taken may be satisfied along with it. */
static bool
is_exact(const carnet_choice *c)
{
    uint32_t wanted = union_of_taken(c);

    for (size_t i = 0; i < c->use_case_count; i++) {
        const carnet_choice_use_case *use_case = &c->use_cases[i];

        for (size_t k = use_case->first; use_case->taken != CARNET_NO_SET && k < use_case->first + use_case->count;
             k++) {
            if ((c->sets[k].doc_requests & ~wanted) == 0 &&
                c->sets[k].doc_requests != c->sets[use_case->taken].doc_requests) {
                return false;
            }
        }
    }
    return true;
}

/** The first satisfiable set of a use case at or after `from`; CARNET_NO_SET if there is none. */
static size_t
satisfiable_set(const carnet_choice *c, const carnet_choice_use_case *use_case, size_t from)
{
    for (size_t k = from; k < use_case->first + use_case->count; k++) {
        if (c->sets[k].satisfiable) {
            return k;
        }
    }
    return CARNET_NO_SET;
}

/** Step the mandatory use cases to the next combination of sets, the last one fastest; false after the last. */
static bool
next_combination(carnet_choice *c)
{
    for (size_t i = c->use_case_count; i-- > 0;) {
        carnet_choice_use_case *use_case = &c->use_cases[i];

        if (!use_case->view.mandatory) {
            continue;
        }
        use_case->taken = satisfiable_set(c, use_case, use_case->taken + 1);
        if (use_case->taken != CARNET_NO_SET) {
            return true;
        }
        use_case->taken = satisfiable_set(c, use_case, use_case->first);
    }
    return false;
}

static void
find_satisfiable(carnet_choice *c)
{
    uint32_t can = 0;

    for (size_t i = 0; i < c->request_count; i++) {
        can |= (uint32_t)(c->requests[i].lack == CARNET_LACK_NONE) << i;
    }
    for (size_t k = 0; k < c->set_count; k++) {
        c->sets[k].satisfiable = (c->sets[k].doc_requests & ~can) == 0;
    }
    for (size_t i = 0; i < c->use_case_count; i++) {
        c->use_cases[i].satisfiable = satisfiable_set(c, &c->use_cases[i], c->use_cases[i].first) != CARNET_NO_SET;
    }
    if (c->use_case_count == 0) {
        c->wanted = can;
        c->satisfiable = can != 0;
    }
}

/** Take the sets of the mandatory use cases; false if that cannot be. */
static bool
take_mandatory(carnet_choice *c)
{
    for (size_t i = 0; i < c->use_case_count; i++) {
        carnet_choice_use_case *use_case = &c->use_cases[i];

        if (use_case->view.mandatory && !use_case->satisfiable) {
            return false;
        }
        if (use_case->view.mandatory) {
            use_case->taken = satisfiable_set(c, use_case, use_case->first);
        }
    }
    for (size_t tried = 0; !is_exact(c); tried++) {
        if (tried == COMBINATIONS_MAX || !next_combination(c)) {
            return false;
        }
    }
    return true;
}

/** Take a set of an optional use case, if one goes with what is taken. */
static bool
take_optional(carnet_choice *c, carnet_choice_use_case *use_case)
{
    for (size_t k = satisfiable_set(c, use_case, use_case->first); k != CARNET_NO_SET;
         k = satisfiable_set(c, use_case, k + 1)) {
        use_case->taken = k;
        if (is_exact(c)) {
            return true;
        }
    }
    use_case->taken = CARNET_NO_SET;
    return false;
}

void
carnet_choice_propose(carnet_choice *c)
{
    find_satisfiable(c);
    if (c->use_case_count == 0) {
        return;
    }
    c->satisfiable = take_mandatory(c);
    for (size_t i = 0; c->satisfiable && union_of_taken(c) == 0 && i < c->use_case_count; i++) {
        (void)take_optional(c, &c->use_cases[i]);
    }
    c->wanted = c->satisfiable ? union_of_taken(c) : 0;
    c->satisfiable = c->wanted != 0;
    for (size_t i = 0; !c->satisfiable && i < c->use_case_count; i++) {
        c->use_cases[i].taken = CARNET_NO_SET;
    }
}

static carnet_rc
refuse(carnet_err *err, const char *reason)
{
    return carnet_fail(err, CARNET_E_ROLE_UNSATISFIED, "18013-5 10.2.6", reason);
}

carnet_rc
carnet_choice_take_set(carnet_choice *c, size_t index, size_t set, carnet_err *err)
{
    carnet_choice_use_case *use_case = index < c->use_case_count ? &c->use_cases[index] : NULL;
    size_t before;

    if (use_case == NULL ||
        (set != CARNET_NO_SET && (set < use_case->first || set - use_case->first >= use_case->count))) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "there is no such document set");
    }
    if (!c->satisfiable || (set == CARNET_NO_SET ? use_case->view.mandatory : !c->sets[set].satisfiable)) {
        return refuse(err, set == CARNET_NO_SET ? "the use case is mandatory" : "the set cannot be satisfied");
    }
    before = use_case->taken;
    use_case->taken = set;
    if (union_of_taken(c) == 0 || !is_exact(c)) {
        set = use_case->taken;
        use_case->taken = before;
        return refuse(err, set == CARNET_NO_SET ? "no use case would be left"
                                                : "a use case would be satisfied by two document sets");
    }
    c->wanted = union_of_taken(c);
    return CARNET_OK;
}

void
carnet_choice_take_all_use_cases(carnet_choice *c)
{
    for (size_t i = 0; c->satisfiable && i < c->use_case_count; i++) {
        if (c->use_cases[i].taken == CARNET_NO_SET) {
            (void)take_optional(c, &c->use_cases[i]);
        }
    }
    if (c->use_case_count != 0) {
        c->wanted = union_of_taken(c);
    }
}

bool
carnet_choice_mandatory(const carnet_choice *c, size_t doc_request)
{
    for (size_t i = 0; i < c->use_case_count; i++) {
        const carnet_choice_use_case *use_case = &c->use_cases[i];

        if (use_case->view.mandatory && use_case->taken != CARNET_NO_SET && doc_request < CARNET_DOC_REQUESTS_MAX &&
            (c->sets[use_case->taken].doc_requests >> doc_request & 1) != 0) {
            return true;
        }
    }
    return false;
}
