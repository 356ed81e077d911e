/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation along a path, by the lists a source has (18013-5 B.2, RFC 5280, 6.3). */
#include "internal.h"

#include <string.h>

#define LISTS_MAX 8 /* of one issuer; bounds the signatures verified */

/* Three checks, filled as the path is gone through. */
typedef struct findings {
    carnet_path_finding status, fresh, form;
} findings;

/* What makes a list useless, as the end of a sentence; NULL if it can be used. */
static const char *
why_useless(const carnet_path_judge *j, carnet_span list, const carnet_certificate *issuer, carnet_crl *crl)
{
    bool limited = issuer->present >> CARNET_EXTENSION_KEY_USAGE & 1;

    if (carnet_crl_open(list, crl, NULL) != CARNET_OK)
        return ": the revocation list is malformed";
    if (!carnet_span_equal(crl->issuer, issuer->subject))
        return ": the revocation list is another issuer's";
    if (crl->unknown_critical.len > 0)
        return ": the revocation list has a critical extension that is not known";
    if (limited && !(issuer->key_usage & CARNET_KEY_USAGE_CRL_SIGN))
        return ": its issuer's key may not sign revocation lists";
    return carnet_crl_verify(crl, &issuer->public_key, j->crypto, NULL) == CARNET_OK
               ? NULL
               : ": the revocation list's signature does not verify";
}

/* Whether `a` was made after `b`: within one second the number tells (RFC 5280, 5.2.3). */
static bool
is_later(const carnet_crl *a, const carnet_crl *b)
{
    if (a->this_update != b->this_update)
        return a->this_update > b->this_update;
    if (a->number.len != b->number.len) /* DER: no leading zeros but one that keeps it positive */
        return a->number.len > b->number.len;
    return a->number.len > 0 && memcmp(a->number.ptr, b->number.ptr, a->number.len) > 0;
}

/* The latest usable list of certificate i's issuer; false, with *why, if there is none. */
static bool
latest_list(const carnet_path_judge *j, size_t i, carnet_crl *latest, const char **why)
{
    const carnet_revocation_source *source = j->options->revocation;
    const carnet_certificate *issuer = carnet_path_at(j->path, i + 1);
    size_t cursor = 0;
    bool found = false;

    *why = NULL;
    for (size_t n = 0; n < LISTS_MAX; n++) {
        carnet_span list = source->next(source->self, issuer->subject, &cursor);
        carnet_crl crl;
        const char *useless;

        if (list.len == 0)
            break;
        useless = why_useless(j, list, issuer, &crl);
        if (useless != NULL) {
            *why = useless;
        } else if (!found || is_later(&crl, latest)) {
            *latest = crl;
            found = true;
        }
    }
    return found;
}

static void
use_list(const carnet_path_judge *j, size_t i, const carnet_crl *crl, findings *f)
{
    carnet_crl_entry entry;
    carnet_err err = { 0 };

    if (carnet_crl_find(crl, carnet_path_at(j->path, i)->serial, &entry)) {
        carnet_path_amiss_at(j, &f->status, i, " was revoked ", entry.revoked_at);
        f->status.rc = CARNET_E_X509_REVOKED;
    }
    if (!carnet_report_not_before(j->report, crl->this_update))
        carnet_path_amiss_at(j, &f->fresh, i, ": the revocation list begins ", crl->this_update);
    else if (!crl->has_next_update)
        carnet_path_amiss(j, &f->fresh, i, ": the revocation list does not say until when it holds", NULL);
    else if (!carnet_report_not_after(j->report, crl->next_update))
        carnet_path_amiss_at(j, &f->fresh, i, ": the revocation list ended ", crl->next_update);
    if (crl->has_next_update && crl->next_update < j->path->next_update)
        j->path->next_update = crl->next_update;
    if (carnet_crl_conforms(crl, carnet_path_at(j->path, i + 1), &err) != CARNET_OK)
        carnet_path_amiss(j, &f->form, i, ": ", err.reason);
}

/* A weaker outcome than the ones noted: undetermined yields to a failure, not done to both. */
static void
without_list(const carnet_path_judge *j, size_t i, const char *why, carnet_path_finding *f)
{
    carnet_outcome outcome = why != NULL ? CARNET_UNDETERMINED : CARNET_NOT_DONE;

    if (f->outcome == CARNET_FAIL || f->outcome == CARNET_UNDETERMINED)
        return;
    carnet_path_amiss(j, f, i, why != NULL ? why : ": there is no revocation list of its issuer", NULL);
    f->outcome = outcome;
    f->rc = outcome == CARNET_UNDETERMINED ? CARNET_E_X509_CRL : CARNET_OK;
}

static void
conclude(const carnet_path_judge *j, const findings *f, size_t used)
{
    carnet_path_conclude(j, CARNET_CHECK_REVOCATION, &f->status);
    if (used == 0)
        return;
    carnet_path_conclude(j, CARNET_CHECK_REVOCATION_FRESH, &f->fresh);
    carnet_path_conclude(j, CARNET_CHECK_REVOCATION_FORM, &f->form);
}

void
carnet_path_check_revocation(const carnet_path_judge *judge)
{
    carnet_path_finding pass = { .outcome = CARNET_PASS, .rc = CARNET_E_X509_PROFILE };
    findings f = { pass, pass, pass };
    size_t used = 0;

    if (judge->options->revocation == NULL || carnet_path_total(judge->path) < 2) {
        f.status = (carnet_path_finding){ "no source of revocation lists was given", CARNET_NOT_DONE, CARNET_OK };
        conclude(judge, &f, 0);
        return;
    }
    for (size_t i = 0; i + 1 < carnet_path_total(judge->path); i++) {
        const char *why;
        carnet_crl crl;

        if (latest_list(judge, i, &crl, &why)) {
            used++;
            use_list(judge, i, &crl, &f);
        } else {
            without_list(judge, i, why, &f.status);
        }
    }
    conclude(judge, &f, used);
}
