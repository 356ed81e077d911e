/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/certificate_path.h"

#include "internal.h"

#define CANDIDATES_MAX 8 /* trusted certificates of one name that are tried; bounds the signatures verified */

size_t
carnet_path_total(const carnet_certificate_path *path)
{
    return path->count + (path->anchor != NULL);
}

const carnet_certificate *
carnet_path_at(const carnet_certificate_path *path, size_t i)
{
    return i < path->count ? &path->certificates[i] : path->anchor;
}

/* A certificate that is trusted is no path to itself: an end entity's must have an issuer. */
static bool
is_same(const carnet_certificate *a, const carnet_certificate *b)
{
    return carnet_span_equal(a->der, b->der);
}

/* What was found so far: the first trusted certificate of the right name, in case none verifies. */
typedef struct second_best {
    const carnet_certificate *anchor;
    size_t count;
    carnet_rc rc;
} second_best;

static bool
is_current(const carnet_path_judge *j, const carnet_certificate *c)
{
    return carnet_report_not_before(j->report, c->not_before) && carnet_report_not_after(j->report, c->not_after);
}

/* Look for the trusted certificate that issued the last one on the path.  An authority may have several for one key,
 * renewed in time: one that is valid is preferred. */
static bool
find_anchor(carnet_path_judge *j, second_best *second)
{
    const carnet_certificate *last = &j->path->certificates[j->path->count - 1], *candidate;
    carnet_anchor_query query = { last->issuer, last->authority_key_id, j->options->doc_type };
    const carnet_trust_anchors *anchors = j->options->anchors;
    size_t cursor = 0;

    for (size_t i = 0; i < CANDIDATES_MAX && (candidate = anchors->next(anchors->self, &query, &cursor)) != NULL; i++) {
        carnet_rc rc;

        if (!carnet_certificate_issued_by(last, candidate) || is_same(last, candidate) ||
            is_same(&j->path->certificates[0], candidate))
            continue;
        rc = carnet_certificate_verify(last, &candidate->public_key, j->crypto, NULL);
        if (rc == CARNET_OK && (j->path->anchor == NULL || is_current(j, candidate))) {
            j->path->anchor = candidate;
            j->anchor_rc = rc;
        }
        if (rc == CARNET_OK && is_current(j, candidate))
            return true;
        if (second->anchor == NULL)
            *second = (second_best){ candidate, j->path->count, rc };
    }
    return j->path->anchor != NULL;
}

/* Put the chain's next certificate on the path; false, with *err, if there is none that fits. */
static bool
extend(carnet_path_judge *j, const carnet_span *chain, size_t count, carnet_err *err)
{
    carnet_certificate_path *path = j->path;
    carnet_certificate *next = &path->certificates[path->count];
    const char *why = NULL;

    if (path->count == count)
        why = "no trusted certificate issued the last one of the chain";
    else if (path->count == CARNET_CHAIN_MAX)
        why = "the chain is too long";
    else if (carnet_certificate_open(chain[path->count], next, err) != CARNET_OK)
        return false;
    else if (!carnet_certificate_issued_by(next - 1, next))
        why = "a certificate of the chain is not the issuer of the one before it";
    if (why == NULL) {
        path->count++;
        return true;
    }
    (void)carnet_fail(err, CARNET_E_X509_NO_PATH, "18013-5 12.8.1 (1)", why);
    return false;
}

/* The shortest path to a trusted certificate whose key verifies; failing that, to one of the right name, so that the
 * entry about the signature can say what is wrong. */
static void
find_path(carnet_path_judge *j, const carnet_span *chain, size_t count)
{
    second_best second = { 0 };
    carnet_err err = { 0 };

    while (!find_anchor(j, &second))
        if (!extend(j, chain, count, &err)) {
            if (second.anchor == NULL) {
                carnet_report_add_err(j->report, CARNET_CHECK_PATH_FOUND, CARNET_FAIL, &err);
                return;
            }
            j->path->anchor = second.anchor;
            j->path->count = second.count;
            j->anchor_rc = second.rc;
            break;
        }
    carnet_report_add(j->report, CARNET_CHECK_PATH_FOUND, CARNET_PASS, NULL, NULL);
}

/* A root, unlike a link certificate that changes the key under one name, identifies its own key as the authority's. */
static bool
is_root(const carnet_certificate *c)
{
    return carnet_certificate_self_issued(c) &&
           (c->authority_key_id.len == 0 || carnet_span_equal(c->authority_key_id, c->subject_key_id));
}

static void
look_for_root(carnet_path_judge *j, const carnet_span *chain, size_t count)
{
    carnet_path_finding finding = { .outcome = CARNET_PASS };
    carnet_certificate c;

    for (size_t i = 1; i < count && i < CARNET_CHAIN_MAX; i++) {
        bool anchor = j->path->anchor != NULL && carnet_span_equal(chain[i], j->path->anchor->der);

        if (anchor || (carnet_certificate_open(chain[i], &c, NULL) == CARNET_OK && is_root(&c)))
            j->path->root_in_chain = true;
    }
    if (j->path->root_in_chain)
        finding = (carnet_path_finding){ "the chain holds a root certificate", CARNET_FAIL, CARNET_E_X509_PROFILE };
    carnet_path_conclude(j, CARNET_CHECK_CHAIN_INCLUDES_ROOT, &finding);
}

static void
summarise(carnet_certificate_path *path)
{
    carnet_name_value value;

    path->not_before = INT64_MIN;
    path->not_after = path->next_update = INT64_MAX;
    for (size_t i = 0; i < carnet_path_total(path); i++) {
        const carnet_certificate *c = carnet_path_at(path, i);

        path->not_before = c->not_before > path->not_before ? c->not_before : path->not_before;
        path->not_after = c->not_after < path->not_after ? c->not_after : path->not_after;
    }
    if (carnet_name_get(path->certificates[0].subject, CARNET_NAME_COUNTRY, &value))
        path->country = value.text;
    if (carnet_name_get(path->certificates[0].subject, CARNET_NAME_STATE, &value))
        path->state = value.text;
}

carnet_rc
carnet_certificate_path_validate(const carnet_span *chain, size_t count, const carnet_path_options *options,
                                 carnet_crypto *crypto, carnet_report *report, carnet_certificate_path *path)
{
    carnet_path_judge j = { path, options, crypto, report, CARNET_OK };
    carnet_err err = { 0 };
    carnet_rc rc;

    *path = (carnet_certificate_path){ 0 };
    rc = count > 0 ? carnet_certificate_open(chain[0], &path->certificates[0], &err)
                   : carnet_fail(&err, CARNET_E_X509_NO_PATH, NULL, "there is no certificate");
    if (rc != CARNET_OK) {
        carnet_report_add_err(report, CARNET_CHECK_PATH_FOUND, CARNET_FAIL, &err);
        return rc;
    }
    path->count = 1;
    find_path(&j, chain, count);
    summarise(path);
    carnet_path_check(&j);
    carnet_path_check_revocation(&j);
    carnet_certificate_check(&path->certificates[0], options->profile, crypto, report);
    if (path->anchor != NULL && options->anchor_profile != NULL)
        carnet_certificate_check_anchor(path->anchor, options->anchor_profile, crypto, report);
    look_for_root(&j, chain, count);
    return CARNET_OK;
}

carnet_time
carnet_certificate_path_until(const carnet_certificate_path *path)
{
    return path->next_update < path->not_after ? path->next_update : path->not_after;
}
