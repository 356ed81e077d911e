/* SPDX-License-Identifier: Apache-2.0 */
/* One certificate against its profile: a rule a function, a table of rules, three ways to ask. */
#include "carnet/certificate_profile.h"

#include "internal.h"

#include <string.h>

/* What a rule looks at.  Rules answer NULL if all is well, otherwise one sentence; static text. */
typedef struct subject {
    const carnet_certificate *c;
    const carnet_certificate_profile *profile;
    carnet_crypto *crypto; /* may be NULL */
} subject;

static bool
present(const subject *s, carnet_extension extension)
{
    return s->c->present >> extension & 1;
}

/* Absence and criticality, alike for all extensions: the words for each case are the caller's. */
static const char *
presence(const subject *s, carnet_extension extension, const char *absent, const char *critical,
         const char *not_critical)
{
    uint32_t bit = CARNET_EXTENSION_BIT(extension);

    if (!present(s, extension))
        return s->profile->mandatory & bit ? absent : NULL;
    if (s->c->malformed & bit)
        return "the extension is malformed";
    if (s->profile->critical & bit)
        return s->c->critical & bit ? NULL : not_critical;
    return s->c->critical & bit ? critical : NULL;
}

static const char *
rule_key_usage(const subject *s)
{
    const char *why =
        presence(s, CARNET_EXTENSION_KEY_USAGE, "there is no key usage", NULL, "the key usage is not critical");

    if (why != NULL || !present(s, CARNET_EXTENSION_KEY_USAGE))
        return why;
    if ((s->c->key_usage & s->profile->key_usage) != s->profile->key_usage)
        return "the key usage lacks what the profile asks for";
    return s->c->key_usage != s->profile->key_usage ? "the key usage has more than the profile allows" : NULL;
}

size_t
carnet_role_oid(unsigned arc, uint8_t role, uint8_t out[16])
{
    static const carnet_span mdl = CARNET_OID("\x28\x81\x8c\x5d\x05\x01"),
                             mdoc = CARNET_OID("\x28\x81\xb5\x34\x04\x01"),
                             eudi = CARNET_OID("\x2b\x81\x02\x02\x00\x00\x01");
    carnet_span base = arc == CARNET_ARC_MDL ? mdl : arc == CARNET_ARC_MDOC ? mdoc : eudi;

    memcpy(out, base.ptr, base.len);
    out[base.len] = role;
    return base.len + 1;
}

static bool
has_role(const subject *s)
{
    uint8_t oid[16];

    for (unsigned arc = CARNET_ARC_MDL; arc <= CARNET_ARC_EUDI; arc <<= 1)
        if (s->profile->arcs & arc &&
            carnet_certificate_has_purpose(s->c, (carnet_span){ oid, carnet_role_oid(arc, s->profile->role, oid) }))
            return true;
    return false;
}

/* A purpose that RFC 5280 registers, 1.3.6.1.5.5.7.3.N. */
static bool
has_registered_purpose(const carnet_certificate *c)
{
    static const carnet_span arc = CARNET_OID("\x2b\x06\x01\x05\x05\x07\x03");
    carnet_span at = { 0 }, oid;

    while (carnet_certificate_purpose_next(c, &at, &oid))
        if (oid.len > arc.len && memcmp(oid.ptr, arc.ptr, arc.len) == 0)
            return true;
    return false;
}

static const char *
rule_extended_key_usage(const subject *s)
{
    const char *why = presence(s, CARNET_EXTENSION_EXTENDED_KEY_USAGE, "there is no extended key usage",
                               "the extended key usage is critical", "the extended key usage is not critical");

    if (why != NULL || !present(s, CARNET_EXTENSION_EXTENDED_KEY_USAGE))
        return why;
    /* Where none is asked for, what is there must not limit the key to another role. */
    if (!(s->profile->mandatory & CARNET_EXTENSION_BIT(CARNET_EXTENSION_EXTENDED_KEY_USAGE)) && !s->profile->ca)
        return has_registered_purpose(s->c) ? NULL : "the extended key usage is for other roles";
    if (s->profile->role != 0 && !has_role(s))
        return "the extended key usage is not for this role";
    for (size_t i = 0; i < s->profile->purpose_count; i++)
        if (!carnet_certificate_has_purpose(s->c, s->profile->purposes[i]))
            return "the extended key usage lacks a purpose";
    return NULL;
}

static const char *
rule_authority(const subject *s)
{
    const char *why = presence(s, CARNET_EXTENSION_BASIC_CONSTRAINTS, "there are no basic constraints", NULL,
                               "the basic constraints are not critical");

    if (!s->profile->ca)
        return s->c->ca ? "it is a certificate authority" : NULL;
    if (why != NULL)
        return why;
    if (!s->c->ca)
        return "it is no certificate authority";
    return s->profile->path_length != CARNET_NO_PATH_LENGTH && s->c->path_length != s->profile->path_length
               ? "the path length is not the profile's"
               : NULL;
}

/* The bit of an algorithm and of a curve in a profile; 0 for what no profile names. */
static unsigned
algorithm_bit(carnet_signature_algorithm algorithm)
{
    switch (algorithm) {
    case CARNET_ES256:
        return CARNET_PROFILE_ES256;
    case CARNET_ES384:
        return CARNET_PROFILE_ES384;
    case CARNET_ES512:
        return CARNET_PROFILE_ES512;
    case CARNET_EDDSA:
        return CARNET_PROFILE_EDDSA;
    default:
        return 0;
    }
}

static unsigned
curve_bit(carnet_curve curve)
{
    static const carnet_curve order[] = { CARNET_CURVE_P256,
                                          CARNET_CURVE_P384,
                                          CARNET_CURVE_P521,
                                          CARNET_CURVE_BRAINPOOL_P256R1,
                                          CARNET_CURVE_BRAINPOOL_P320R1,
                                          CARNET_CURVE_BRAINPOOL_P384R1,
                                          CARNET_CURVE_BRAINPOOL_P512R1,
                                          CARNET_CURVE_ED25519,
                                          CARNET_CURVE_ED448 };

    for (unsigned i = 0; i < CARNET_COUNT(order); i++)
        if (order[i] == curve)
            return 1U << i;
    return 0;
}

static const char *
rule_algorithm(const subject *s)
{
    if (!(s->profile->algorithms & algorithm_bit(s->c->signature_algorithm)))
        return "the signature algorithm is not one of the profile's";
    return s->profile->curves & curve_bit(s->c->public_key.curve) ? NULL : "the key is not on a curve of the profile";
}

static const char *
rule_lifetime(const subject *s)
{
    if (s->c->not_after < s->c->not_before)
        return "it ends before it begins";
    return s->c->not_after - s->c->not_before > s->profile->lifetime ? "it is valid for longer than the profile allows"
                                                                     : NULL;
}

static const char *
rule_encoding(const subject *s)
{
    return s->c->der_form ? NULL : "a date, a flag or the key usage is not encoded as DER demands";
}

static bool
is_country(const carnet_name_value *value)
{
    return value->tag == CARNET_DER_PRINTABLE_STRING && value->text.len == 2 && value->text.ptr[0] >= 'A' &&
           value->text.ptr[0] <= 'Z' && value->text.ptr[1] >= 'A' && value->text.ptr[1] <= 'Z';
}

/* Whether an attribute's string type and value are those B.1.1 has for it. */
static const char *
attribute_form(const carnet_name_value *value)
{
    if (value->attribute == CARNET_NAME_COUNTRY)
        return is_country(value) ? NULL : "a country is not two capital letters as PrintableString";
    if (value->attribute == CARNET_NAME_SERIAL_NUMBER)
        return value->tag == CARNET_DER_PRINTABLE_STRING && value->text.len > 0
                   ? NULL
                   : "a serialNumber is not a PrintableString";
    if (value->attribute == CARNET_NAME_OTHER)
        return NULL;
    if (value->tag != CARNET_DER_PRINTABLE_STRING && value->tag != CARNET_DER_UTF8_STRING)
        return "a name is neither PrintableString nor UTF8String";
    return value->text.len > 0 ? NULL : "a name is empty or not of its string type";
}

/* A state the issuer names is its children's too. */
static const char *
state_inherited(const subject *s)
{
    carnet_name_value issuer, own;

    if (!s->profile->country || s->profile->ca || !carnet_name_get(s->c->issuer, CARNET_NAME_STATE, &issuer))
        return NULL;
    return carnet_name_get(s->c->subject, CARNET_NAME_STATE, &own) ? NULL
                                                                   : "the issuer names a state, the subject none";
}

static const char *
rule_name(const subject *s)
{
    carnet_name_value value;
    carnet_span at = { 0 };
    uint32_t seen = 0;
    const char *why = NULL;

    while (why == NULL && carnet_name_next(s->c->subject, &at, &value)) {
        uint32_t bit = UINT32_C(1) << value.attribute;

        why = value.attribute == CARNET_NAME_COUNTRY && seen & bit ? "the subject has two countries"
                                                                   : attribute_form(&value);
        seen |= bit;
    }
    if (why != NULL)
        return why;
    if ((seen & s->profile->subject) != s->profile->subject)
        return "the subject lacks a part that the profile asks for";
    if (s->profile->self_issued && !carnet_certificate_self_issued(s->c))
        return "issuer and subject differ";
    return state_inherited(s);
}

/* 63 random bits at least: fewer than seven octets of them come up once in 32 768 numbers. */
#define SERIAL_SHORTEST 7
#define SERIAL_LONGEST  20

static const char *
rule_serial(const subject *s)
{
    if (s->c->serial.len == 0 || s->c->serial.ptr[0] >= 0x80)
        return "the serial number is negative";
    if (s->c->serial.len > SERIAL_LONGEST)
        return "the serial number has more than 20 octets";
    return s->c->serial.len < SERIAL_SHORTEST ? "the serial number has too few random bits" : NULL;
}

static const char *
rule_aki(const subject *s)
{
    const char *why = presence(s, CARNET_EXTENSION_AUTHORITY_KEY_IDENTIFIER, "there is no authority key identifier",
                               "the authority key identifier is critical", NULL);

    if (why != NULL || !present(s, CARNET_EXTENSION_AUTHORITY_KEY_IDENTIFIER))
        return why;
    return s->c->authority_key_id.len > 0 ? NULL : "the authority key identifier has no key identifier";
}

static const char *
rule_ski(const subject *s)
{
    const char *why = presence(s, CARNET_EXTENSION_SUBJECT_KEY_IDENTIFIER, "there is no subject key identifier",
                               "the subject key identifier is critical", NULL);
    uint8_t key_id[20];

    if (why != NULL || s->crypto == NULL || !present(s, CARNET_EXTENSION_SUBJECT_KEY_IDENTIFIER))
        return why;
    if (carnet_certificate_key_id(s->c, s->crypto, key_id, NULL) != CARNET_OK)
        return "the key identifier could not be computed";
    return carnet_span_equal(s->c->subject_key_id, (carnet_span){ key_id, sizeof(key_id) })
               ? NULL
               : "the subject key identifier is not SHA-1 of the key";
}

static const char *
rule_ian(const subject *s)
{
    const char *why = presence(s, CARNET_EXTENSION_ISSUER_ALTERNATIVE_NAME, "there is no issuer alternative name",
                               "the issuer alternative name is critical", NULL);
    carnet_general_name name;
    carnet_span at = { 0 };

    if (why != NULL || !present(s, CARNET_EXTENSION_ISSUER_ALTERNATIVE_NAME))
        return why;
    while (carnet_general_name_next(s->c->issuer_names, &at, &name))
        if (name.choice == CARNET_GENERAL_NAME_EMAIL || name.choice == CARNET_GENERAL_NAME_URI)
            return NULL;
    return "the issuer alternative name has no e-mail address and no URI";
}

static const char *
rule_crl_points(const subject *s)
{
    const char *why = presence(s, CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS, "there are no CRL distribution points",
                               "the CRL distribution points are critical", NULL);

    if (why != NULL || !present(s, CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS))
        return why;
    /* Not that it is a URI: Annex D's own is a DNS name. */
    return s->c->crl_points_form ? NULL : "a CRL distribution point has reasons, another issuer, or no full name";
}

/* Only for those that have no check of their own in the path: what the path says of all certificates at once. */
static const char *
rule_extensions(const subject *s)
{
    if (s->c->present & s->profile->forbidden)
        return "an extension is there that the profile forbids";
    if (s->profile->mandatory & ~s->c->present & CARNET_EXTENSION_BIT(CARNET_EXTENSION_SUBJECT_ALTERNATIVE_NAME))
        return "there is no subject alternative name";
    return s->c->unknown_critical.len > 0 ? "a critical extension is not known" : NULL;
}

static const struct {
    carnet_check check;
    const char *(*rule)(const subject *s);
} rules[] = {
    { CARNET_CHECK_SIGNER_KEY_USAGE, rule_key_usage },
    { CARNET_CHECK_SIGNER_EXTENDED_KEY_USAGE, rule_extended_key_usage },
    { CARNET_CHECK_SIGNER_NOT_CA, rule_authority },
    { CARNET_CHECK_SIGNER_ALGORITHM, rule_algorithm },
    { CARNET_CHECK_SIGNER_LIFETIME, rule_lifetime },
    { CARNET_CHECK_SIGNER_NAME, rule_name },
    { CARNET_CHECK_SIGNER_SERIAL, rule_serial },
    { CARNET_CHECK_SIGNER_AKI, rule_aki },
    { CARNET_CHECK_SIGNER_SKI, rule_ski },
    { CARNET_CHECK_SIGNER_IAN, rule_ian },
    { CARNET_CHECK_SIGNER_CRLDP, rule_crl_points },
    { CARNET_CHECK_SIGNER_ENCODING, rule_encoding },
};

static void
add_failure(carnet_report *report, carnet_check check, const carnet_certificate_profile *profile, const char *why)
{
    carnet_err err = { 0 };

    (void)carnet_fail(&err, CARNET_E_X509_PROFILE, profile->clause, why);
    err.offset = CARNET_NO_OFFSET;
    carnet_report_add_err(report, check, CARNET_FAIL, &err);
}

void
carnet_certificate_check(const carnet_certificate *certificate, const carnet_certificate_profile *profile,
                         carnet_crypto *crypto, carnet_report *report)
{
    subject s = { certificate, profile, crypto };

    for (size_t i = 0; i < CARNET_COUNT(rules); i++) {
        const char *why = rules[i].rule(&s);

        if (why == NULL)
            carnet_report_add(report, rules[i].check, CARNET_PASS, NULL, NULL);
        else
            add_failure(report, rules[i].check, profile, why);
    }
}

static const char *
first_amiss(const subject *s)
{
    const char *why = rule_extensions(s);

    for (size_t i = 0; why == NULL && i < CARNET_COUNT(rules); i++)
        why = rules[i].rule(s);
    return why;
}

void
carnet_certificate_check_anchor(const carnet_certificate *certificate, const carnet_certificate_profile *profile,
                                carnet_crypto *crypto, carnet_report *report)
{
    const char *why = first_amiss(&(subject){ certificate, profile, crypto });

    if (why == NULL)
        carnet_report_add(report, CARNET_CHECK_ANCHOR_PROFILE, CARNET_PASS, NULL, profile->name);
    else
        add_failure(report, CARNET_CHECK_ANCHOR_PROFILE, profile, why);
}

carnet_rc
carnet_certificate_conforms(const carnet_certificate *certificate, const carnet_certificate_profile *profile,
                            carnet_crypto *crypto, carnet_err *err)
{
    const char *why = first_amiss(&(subject){ certificate, profile, crypto });

    return why == NULL ? CARNET_OK : carnet_fail(err, CARNET_E_X509_PROFILE, profile->clause, why);
}
