/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of RFC 5280, 6.1, and 18013-5 12.8.1 (1), over a path that was found: one function each. */
#include "internal.h"

void
carnet_path_amiss(const carnet_path_judge *judge, carnet_path_finding *finding, size_t i, const char *what,
                  const char *more)
{
    carnet_buf text = carnet_buf_of(finding->text, sizeof(finding->text) - 1);

    if (finding->outcome == CARNET_FAIL)
        return;
    if (i < judge->path->count) {
        carnet_buf_add_text(&text, "certificate ");
        carnet_buf_add_uint(&text, i);
    } else {
        carnet_buf_add_text(&text, "the trusted certificate");
    }
    carnet_buf_add_text(&text, what);
    carnet_buf_add_text(&text, more != NULL ? more : "");
    finding->text[text.len] = '\0';
    finding->outcome = CARNET_FAIL;
}

void
carnet_path_amiss_at(const carnet_path_judge *judge, carnet_path_finding *finding, size_t i, const char *what,
                     carnet_time time)
{
    char text[CARNET_TIME_TEXT_MAX];

    carnet_time_text(time, text);
    carnet_path_amiss(judge, finding, i, what, text);
}

void
carnet_path_conclude(const carnet_path_judge *judge, carnet_check check, const carnet_path_finding *finding)
{
    carnet_report_entry *entry;
    size_t before = judge->report->count;

    carnet_report_add(judge->report, check, finding->outcome, NULL, finding->text);
    entry = carnet_report_last(judge->report);
    if (judge->report->count > before && entry != NULL && finding->outcome != CARNET_PASS)
        entry->rc = finding->rc;
}

/* The finding of a check that looks at issuers, when none is known. */
static carnet_path_finding
open_finding(const carnet_path_judge *j)
{
    if (carnet_path_total(j->path) > 1)
        return (carnet_path_finding){ .outcome = CARNET_PASS, .rc = CARNET_E_X509_PROFILE };
    return (carnet_path_finding){ "no issuer's certificate is known", CARNET_NOT_DONE, CARNET_OK };
}

static void
check_signatures(const carnet_path_judge *j)
{
    const carnet_certificate_path *path = j->path;
    carnet_path_finding f = open_finding(j);

    for (size_t i = 0; i + 1 < carnet_path_total(path) && f.outcome != CARNET_FAIL; i++) {
        carnet_rc rc = i + 1 == path->count
                           ? j->anchor_rc
                           : carnet_certificate_verify(&path->certificates[i], &path->certificates[i + 1].public_key,
                                                       j->crypto, NULL);

        if (rc == CARNET_OK)
            continue;
        carnet_path_amiss(j, &f, i, rc == CARNET_E_CRYPTO_SIGNATURE ? ": the signature is wrong" : ": ",
                          rc == CARNET_E_CRYPTO_SIGNATURE ? NULL : carnet_rc_text(rc));
        f.rc = rc;
        if (rc == CARNET_E_CRYPTO_BACKEND || rc == CARNET_E_CRYPTO_UNSUPPORTED)
            f.outcome = CARNET_UNDETERMINED;
    }
    if (f.outcome == CARNET_PASS && path->anchor == NULL)
        f = (carnet_path_finding){ "the last issuer's certificate is not known", CARNET_NOT_DONE, CARNET_OK };
    carnet_path_conclude(j, CARNET_CHECK_PATH_SIGNATURE, &f);
}

static void
check_validity(const carnet_path_judge *j)
{
    carnet_path_finding f = { .outcome = CARNET_PASS, .rc = CARNET_E_X509_PROFILE };

    for (size_t i = 0; i < carnet_path_total(j->path); i++) {
        const carnet_certificate *c = carnet_path_at(j->path, i);

        if (!carnet_report_not_before(j->report, c->not_before))
            carnet_path_amiss_at(j, &f, i, " is not valid before ", c->not_before);
        if (!carnet_report_not_after(j->report, c->not_after))
            carnet_path_amiss_at(j, &f, i, " expired ", c->not_after);
    }
    carnet_path_conclude(j, CARNET_CHECK_PATH_VALIDITY, &f);
}

static void
check_authorities(const carnet_path_judge *j)
{
    carnet_path_finding ca = open_finding(j), usage = ca;

    for (size_t i = 1; i < carnet_path_total(j->path); i++) {
        const carnet_certificate *c = carnet_path_at(j->path, i);
        bool limited = c->present >> CARNET_EXTENSION_KEY_USAGE & 1;

        if (!c->ca)
            carnet_path_amiss(j, &ca, i, " is no certificate authority's", NULL);
        if (limited && !(c->key_usage & CARNET_KEY_USAGE_CERTIFICATE_SIGN))
            carnet_path_amiss(j, &usage, i, ": its key may not sign certificates", NULL);
    }
    carnet_path_conclude(j, CARNET_CHECK_PATH_CA, &ca);
    carnet_path_conclude(j, CARNET_CHECK_PATH_CA_KEY_USAGE, &usage);
}

/* A link certificate that changes the authority's name has the old one as an alternative (18013-5 B.1.3). */
static bool
names_issuer_too(const carnet_certificate *c)
{
    carnet_general_name name;
    carnet_span at = { 0 };

    while (carnet_general_name_next(c->subject_names, &at, &name))
        if (name.choice == CARNET_GENERAL_NAME_DIRECTORY && carnet_span_equal(name.content, c->issuer))
            return true;
    return false;
}

/* RFC 5280, 6.1.4 (l): what an authority issued to itself does not count; nor does a link from the trusted certificate,
 * which is the same for an authority that changed its name.  Further down it would undo the limit. */
static bool
counts(const carnet_path_judge *j, size_t i)
{
    const carnet_certificate *c = carnet_path_at(j->path, i);
    bool below_anchor = j->path->anchor != NULL && i + 1 == j->path->count;

    return !carnet_certificate_self_issued(c) && !(j->options->profile->country && below_anchor && names_issuer_too(c));
}

static void
check_length(const carnet_path_judge *j)
{
    carnet_path_finding f = open_finding(j);
    uint32_t below = 0;

    for (size_t i = 1; i < carnet_path_total(j->path); i++) {
        if (carnet_path_at(j->path, i)->path_length < below)
            carnet_path_amiss(j, &f, i, " allows fewer authorities below it", NULL);
        below += counts(j, i);
    }
    carnet_path_conclude(j, CARNET_CHECK_PATH_LENGTH, &f);
}

static void
check_extensions(const carnet_path_judge *j)
{
    carnet_path_finding critical = { .outcome = CARNET_PASS, .rc = CARNET_E_X509_PROFILE }, forbidden = critical;

    for (size_t i = 0; i < carnet_path_total(j->path); i++) {
        const carnet_certificate *c = carnet_path_at(j->path, i);
        char oid[64];

        if (c->unknown_critical.len > 0) {
            carnet_oid_text(c->unknown_critical, oid, sizeof(oid));
            carnet_path_amiss(j, &critical, i, " has ", oid);
        }
        if (c->present & j->options->profile->forbidden)
            carnet_path_amiss(j, &forbidden, i, " has an extension that is forbidden", NULL);
    }
    carnet_path_conclude(j, CARNET_CHECK_PATH_CRITICAL, &critical);
    carnet_path_conclude(j, CARNET_CHECK_PATH_FORBIDDEN, &forbidden);
}

static void
check_country(const carnet_path_judge *j)
{
    carnet_path_finding f = open_finding(j);
    carnet_name_value own, other;

    carnet_name_get(j->path->certificates[0].subject, CARNET_NAME_COUNTRY, &own);
    if (own.tag == 0)
        carnet_path_amiss(j, &f, 0, " names no country", NULL);
    for (size_t i = 1; i < carnet_path_total(j->path); i++) {
        if (!carnet_name_get(carnet_path_at(j->path, i)->subject, CARNET_NAME_COUNTRY, &other))
            carnet_path_amiss(j, &f, i, " names no country", NULL);
        else if (!carnet_span_equal(own.bytes, other.bytes))
            carnet_path_amiss(j, &f, i, " names another country than certificate 0", NULL);
    }
    carnet_path_conclude(j, CARNET_CHECK_PATH_COUNTRY, &f);
}

static void
check_state(const carnet_path_judge *j)
{
    carnet_path_finding f = open_finding(j);
    carnet_name_value own, other;

    carnet_name_get(j->path->certificates[0].subject, CARNET_NAME_STATE, &own);
    for (size_t i = 1; own.tag != 0 && i < carnet_path_total(j->path); i++)
        if (carnet_name_get(carnet_path_at(j->path, i)->subject, CARNET_NAME_STATE, &other) &&
            !carnet_span_equal(own.bytes, other.bytes))
            carnet_path_amiss(j, &f, i, " names another state than certificate 0", NULL);
    carnet_path_conclude(j, CARNET_CHECK_PATH_STATE, &f);
}

static void
check_key_identifiers(const carnet_path_judge *j)
{
    carnet_path_finding f = { "no key identifiers to compare", CARNET_NOT_DONE, CARNET_E_X509_PROFILE };

    for (size_t i = 0; i + 1 < carnet_path_total(j->path); i++) {
        carnet_span authority = carnet_path_at(j->path, i)->authority_key_id;
        carnet_span subject = carnet_path_at(j->path, i + 1)->subject_key_id;

        if (authority.len == 0 || subject.len == 0)
            continue;
        if (f.outcome == CARNET_NOT_DONE)
            f = (carnet_path_finding){ .outcome = CARNET_PASS, .rc = CARNET_E_X509_PROFILE };
        if (!carnet_span_equal(authority, subject))
            carnet_path_amiss(j, &f, i, " names another key than its issuer's", NULL);
    }
    carnet_path_conclude(j, CARNET_CHECK_PATH_KEY_IDENTIFIER, &f);
}

void
carnet_path_check(const carnet_path_judge *judge)
{
    check_signatures(judge);
    check_validity(judge);
    check_authorities(judge);
    check_length(judge);
    check_extensions(judge);
    if (judge->options->profile->country) {
        check_country(judge);
        check_state(judge);
    }
    check_key_identifiers(judge);
}
