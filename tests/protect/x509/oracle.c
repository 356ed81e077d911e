/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle.h"

#include <limits.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <string.h>

/* What each said. */
typedef struct verdicts {
    bool carnet;       /* no check that protects failed */
    int openssl;       /* X509_V_OK, or the error; -1: not even decoded */
    carnet_rc open_rc; /* of the first certificate Carnet could not open */
} verdicts;

static int
ask_openssl(const subject *s)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    STACK_OF(X509) *untrusted = sk_X509_new_null();
    X509 *certificates[4] = { NULL };
    int error = -1;
    bool decoded = true;

    for (size_t i = 0; i < s->count; i++) {
        const unsigned char *p = s->ders[i].ptr;

        certificates[i] = d2i_X509(NULL, &p, (long)s->ders[i].len);
        decoded = decoded && certificates[i] != NULL && p == s->ders[i].ptr + s->ders[i].len;
    }
    if (decoded) {
        X509_STORE_add_cert(store, certificates[s->count - 1]);
        for (size_t i = 1; i + 1 < s->count; i++)
            sk_X509_push(untrusted, certificates[i]);
        X509_STORE_CTX_init(context, store, certificates[0], untrusted);
        X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context), FORGE_NOW);
        X509_STORE_CTX_set_flags(context, X509_V_FLAG_PARTIAL_CHAIN);
        error = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
    }
    for (size_t i = 0; i < s->count; i++)
        X509_free(certificates[i]);
    sk_X509_free(untrusted);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return error;
}

static verdicts
ask_both(const subject *s)
{
    static carnet_certificate anchor;
    carnet_anchor_array array = { &anchor, 1 };
    carnet_trust_anchors source = carnet_trust_anchors_of(&array);
    carnet_path_options options = { .struct_size = sizeof(options),
                                    .profile = &carnet_profile_document_signer_mdl,
                                    .anchors = &source };
    verdicts v = { .openssl = ask_openssl(s) };
    carnet_certificate c;

    for (size_t i = s->count; i-- > 0;) {
        carnet_rc rc = carnet_certificate_open(s->ders[i], &c, NULL);

        v.open_rc = rc != CARNET_OK ? rc : v.open_rc;
    }
    out.report.count = 0;
    if (carnet_certificate_open(s->ders[s->count - 1], &anchor, NULL) != CARNET_OK)
        return v;
    carnet_report_init(&out.report, out.entries, CARNET_COUNT(out.entries), FORGE_NOW, 0);
    v.carnet =
        carnet_certificate_path_validate(s->ders, s->count - 1, &options, &crypto, &out.report, &out.path) == CARNET_OK;
    for (size_t i = 0; i < out.report.count; i++)
        if (carnet_check_class_of(out.entries[i].check) == CARNET_CLASS_PROTECTS &&
            (out.entries[i].outcome == CARNET_FAIL || out.entries[i].outcome == CARNET_UNDETERMINED))
            v.carnet = false;
    return v;
}

/* --- rules: why Carnet refuses what OpenSSL accepts, by the check that failed --- */

static bool
always(const subject *s, const verdicts *v)
{
    (void)s;
    (void)v;
    return true;
}

static bool
cannot_be_opened(const subject *s, const verdicts *v)
{
    (void)s;
    return v->open_rc == CARNET_E_X509_STRUCTURE || v->open_rc == CARNET_E_X509_EXTENSION ||
           (v->open_rc >= CARNET_E_DER_TRUNCATED && v->open_rc <= CARNET_E_DER_DEPTH);
}

static bool
names_differ_in_bytes(const subject *s, const verdicts *v)
{
    carnet_certificate c, issuer;

    (void)v;
    for (size_t i = 0; i + 1 < s->count; i++)
        if (carnet_certificate_open(s->ders[i], &c, NULL) == CARNET_OK &&
            carnet_certificate_open(s->ders[i + 1], &issuer, NULL) == CARNET_OK &&
            !carnet_certificate_issued_by(&c, &issuer))
            return true;
    return false;
}

static bool
own_anchor(const subject *s, const verdicts *v)
{
    (void)v;
    return carnet_span_equal(s->ders[0], s->ders[s->count - 1]);
}

static bool
issuer_without_constraints(const subject *s, const verdicts *v)
{
    carnet_certificate c;

    (void)v;
    for (size_t i = 1; i < s->count; i++)
        if (carnet_certificate_open(s->ders[i], &c, NULL) == CARNET_OK &&
            !(c.present >> CARNET_EXTENSION_BASIC_CONSTRAINTS & 1))
            return true;
    return false;
}

static bool
issuer_key_not_ours(const subject *s, const verdicts *v)
{
    carnet_certificate c;

    (void)v;
    for (size_t i = 1; i < s->count; i++)
        if (carnet_certificate_open(s->ders[i], &c, NULL) == CARNET_OK && c.public_key.curve == CARNET_CURVE_NONE)
            return true;
    return false;
}

#define C(name) CARNET_CHECK_##name

static struct {
    carnet_check check;
    bool (*applies)(const subject *s, const verdicts *v);
    const char *name;
    unsigned used;
} refusals[] = {
    { C(SIGNER_KEY_USAGE), always, "18013-5 B.1.4: key usage", 0 },
    { C(SIGNER_EXTENDED_KEY_USAGE), always, "18013-5 B.1.4: extended key usage", 0 },
    { C(SIGNER_NOT_CA), always, "18013-5 B.1.4: a signer is no authority", 0 },
    { C(SIGNER_ALGORITHM), always, "18013-5 B.1.1: a signer's key is an uncompressed point", 0 },
    { C(PATH_SIGNATURE), issuer_key_not_ours, "18013-5 B.1.1: an issuer's key is an uncompressed point", 0 },
    { C(PATH_COUNTRY), always, "18013-5 12.8.1: one country", 0 },
    { C(PATH_STATE), always, "18013-5 12.8.1: one state", 0 },
    { C(PATH_FORBIDDEN), always, "18013-5 B.1.1: extensions never used", 0 },
    { C(PATH_FOUND), cannot_be_opened, "18013-5 B.1.1: DER, version 3, well-formed extensions, each once", 0 },
    { C(PATH_FOUND), names_differ_in_bytes, "18013-5 B.1.1: issuers are named byte for byte", 0 },
    { C(PATH_FOUND), own_anchor, "18013-5 12.8.1: a signer has an issuer", 0 },
    { C(PATH_CA), issuer_without_constraints, "RFC 5280 4.2.1.9: key usage alone makes no authority", 0 },
};

/* --- and why Carnet accepts what OpenSSL refuses, by OpenSSL's error --- */

/* Known to Carnet, and not critical by the profile, which is a check of form; OpenSSL does not process them. */
static bool
known_extension_critical(const subject *s, const verdicts *v)
{
    uint32_t known = CARNET_EXTENSION_BIT(CARNET_EXTENSION_AUTHORITY_KEY_IDENTIFIER) |
                     CARNET_EXTENSION_BIT(CARNET_EXTENSION_SUBJECT_KEY_IDENTIFIER) |
                     CARNET_EXTENSION_BIT(CARNET_EXTENSION_ISSUER_ALTERNATIVE_NAME);
    carnet_certificate c;

    (void)v;
    for (size_t i = 0; i < s->count; i++)
        if (carnet_certificate_open(s->ders[i], &c, NULL) == CARNET_OK && c.critical & known)
            return true;
    return false;
}

static bool
ends_now(const subject *s, const verdicts *v)
{
    carnet_certificate c;

    (void)v;
    for (size_t i = 0; i < s->count; i++)
        if (carnet_certificate_open(s->ders[i], &c, NULL) == CARNET_OK && c.not_after == FORGE_NOW)
            return true;
    return false;
}

static bool
authority_renamed(const subject *s, const verdicts *v)
{
    carnet_certificate c;

    (void)v;
    return s->count == 3 && carnet_certificate_open(s->ders[1], &c, NULL) == CARNET_OK && c.subject_names.len > 0;
}

/* The signer's key is looked at when it is used; OpenSSL wants it to be a point already here. */
static bool
signer_key_no_point(const subject *s, const verdicts *v)
{
    carnet_certificate c;

    (void)v;
    return carnet_certificate_open(s->ders[0], &c, NULL) == CARNET_OK &&
           carnet_public_key_check(&crypto, &c.public_key, NULL) != CARNET_OK;
}

static bool
informs_badly(const subject *s, const verdicts *v)
{
    carnet_certificate c;

    (void)v;
    for (size_t i = 0; i < s->count; i++)
        if (carnet_certificate_open(s->ders[i], &c, NULL) == CARNET_OK && c.malformed != 0)
            return true;
    return false;
}

/* A name's text that is not of its string type is a matter of form: names are compared as bytes. */
static bool
name_no_text(const subject *s, const verdicts *v)
{
    carnet_name_value value;
    carnet_certificate c;

    (void)v;
    for (size_t i = 0; i < s->count; i++) {
        carnet_span issuer_at = { 0 }, subject_at = { 0 };

        if (carnet_certificate_open(s->ders[i], &c, NULL) != CARNET_OK)
            continue;
        while (carnet_name_next(c.issuer, &issuer_at, &value) || carnet_name_next(c.subject, &subject_at, &value))
            if (value.text.len == 0)
                return true;
    }
    return false;
}

static bool
self_issued_signer(const subject *s, const verdicts *v)
{
    carnet_certificate c;

    (void)v;
    return carnet_certificate_open(s->ders[0], &c, NULL) == CARNET_OK && carnet_certificate_self_issued(&c);
}

#define ANY_ERROR INT_MIN

static struct {
    int error;
    bool (*applies)(const subject *s, const verdicts *v);
    const char *name;
    unsigned used;
} acceptances[] = {
    { X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, known_extension_critical, "a known extension as critical: form", 0 },
    { X509_V_ERR_CERT_HAS_EXPIRED, ends_now, "RFC 5280 4.1.2.5: the last second counts", 0 },
    { X509_V_ERR_PATH_LENGTH_EXCEEDED, authority_renamed, "18013-5 B.1.3: a link with a new name", 0 },
    { X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, self_issued_signer, "RFC 5280 3.2: self-issued is not self-signed", 0 },
    { ANY_ERROR, signer_key_no_point, "the signer's key is checked when it is used", 0 },
    { ANY_ERROR, informs_badly, "an extension that only informs is malformed: form", 0 },
    { ANY_ERROR, name_no_text, "a name is not of its string type: form", 0 },
};

static void
tell(const subject *s, const verdicts *v, const char *check)
{
    for (size_t i = 0; i < s->count; i++) {
        fprintf(stderr, "# ");
        for (size_t k = 0; k < s->ders[i].len; k++)
            fprintf(stderr, "%02x", s->ders[i].ptr[k]);
        fprintf(stderr, "\n");
    }
    fail_msg("no rule explains: Carnet %s (%s, %s), OpenSSL %s", v->carnet ? "accepts" : "refuses", check,
             carnet_rc_name(v->open_rc), v->openssl < 0 ? "cannot decode" : X509_verify_cert_error_string(v->openssl));
}

static bool
refusal_explained(carnet_check check, const subject *s, const verdicts *v)
{
    for (size_t i = 0; i < CARNET_COUNT(refusals); i++)
        if (refusals[i].check == check && refusals[i].applies(s, v)) {
            refusals[i].used++;
            return true;
        }
    return false;
}

static bool
acceptance_explained(const subject *s, const verdicts *v)
{
    for (size_t i = 0; i < CARNET_COUNT(acceptances); i++)
        if ((acceptances[i].error == v->openssl || acceptances[i].error == ANY_ERROR) && acceptances[i].applies(s, v)) {
            acceptances[i].used++;
            return true;
        }
    return false;
}

/* Every check that failed needs its own rule: a profile's must not hide one that RFC 5280 has too. */
bool
oracle_compare(const subject *s)
{
    verdicts v = ask_both(s);

    if (v.carnet == (v.openssl == X509_V_OK))
        return v.carnet;
    if (v.carnet && !acceptance_explained(s, &v))
        tell(s, &v, "all checks");
    if (!v.carnet && out.report.count == 0 && !refusal_explained(CARNET_CHECK_PATH_FOUND, s, &v))
        tell(s, &v, "trusted certificate");
    for (size_t i = 0; !v.carnet && i < out.report.count; i++) {
        const carnet_report_entry *e = &out.entries[i];

        if (carnet_check_class_of(e->check) == CARNET_CLASS_PROTECTS &&
            (e->outcome == CARNET_FAIL || e->outcome == CARNET_UNDETERMINED) && !refusal_explained(e->check, s, &v))
            tell(s, &v, carnet_check_slug(e->check));
    }
    return false;
}

subject
oracle_encode(const chain *c)
{
    subject s = { .count = c->count };

    for (size_t i = 0; i < c->count; i++)
        s.ders[i] = forge_make(&c->certificates[i], &crypto, &arena);
    return s;
}

void
oracle_rules_used(void)
{
    for (size_t i = 0; i < CARNET_COUNT(refusals); i++)
        print_message("# %5u refused: %s\n", refusals[i].used, refusals[i].name);
    for (size_t i = 0; i < CARNET_COUNT(acceptances); i++)
        print_message("# %5u accepted: %s\n", acceptances[i].used, acceptances[i].name);
    for (size_t i = 0; i < CARNET_COUNT(refusals); i++)
        if (refusals[i].used == 0)
            fail_msg("no difference was explained by \"%s\"", refusals[i].name);
    for (size_t i = 0; i < CARNET_COUNT(acceptances); i++)
        if (acceptances[i].used == 0)
            fail_msg("no difference was explained by \"%s\"", acceptances[i].name);
}
