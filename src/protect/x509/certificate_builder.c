/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/certificate_builder.h"

#include "internal.h"

#define SERIAL_OCTETS 20

/* One extension being built. */
typedef struct open_extension {
    carnet_der_mark extension, value;
} open_extension;

/* What all steps of making a certificate need. */
typedef struct maker {
    carnet_der_builder b;
    const carnet_certificate_spec *spec;
    const carnet_certificate *issuer; /* NULL: self-signed */
    carnet_key *key;
    carnet_crypto *crypto;
} maker;

static void
add_attribute(carnet_der_builder *b, uint8_t type, bool printable, carnet_str text)
{
    uint8_t oid[3] = { 0x55, 0x04, type };
    carnet_der_mark set, attribute;

    if (text.len == 0)
        return;
    if (!carnet_utf8_valid(carnet_str_bytes(text)) && b->rc == CARNET_OK)
        b->rc = CARNET_E_X509_NAME;
    printable = printable || carnet_x509_is_printable_string(carnet_str_bytes(text));
    set = carnet_der_begin(b, CARNET_DER_SET);
    attribute = carnet_der_begin(b, CARNET_DER_SEQUENCE);
    carnet_der_add_oid(b, (carnet_span){ oid, sizeof(oid) });
    carnet_der_add_str(b, printable ? CARNET_DER_PRINTABLE_STRING : CARNET_DER_UTF8_STRING, text);
    carnet_der_end(b, attribute);
    carnet_der_end(b, set);
}

void
carnet_x509_add_name(carnet_der_builder *b, const carnet_name_parts *parts)
{
    carnet_der_mark name = carnet_der_begin(b, CARNET_DER_SEQUENCE);

    add_attribute(b, 6, true, parts->country);
    add_attribute(b, 8, false, parts->state);
    add_attribute(b, 7, false, parts->locality);
    add_attribute(b, 10, false, parts->organisation);
    add_attribute(b, 3, false, parts->common_name);
    add_attribute(b, 5, true, parts->serial_number);
    carnet_der_end(b, name);
}

static void
add_subject(maker *m)
{
    if (m->spec->subject_der.len > 0)
        carnet_der_add_raw(&m->b, m->spec->subject_der);
    else
        carnet_x509_add_name(&m->b, &m->spec->subject);
}

static void
add_serial(maker *m, carnet_err *err)
{
    carnet_random random = m->spec->random != NULL ? *m->spec->random : carnet_crypto_random(m->crypto);
    uint8_t octets[SERIAL_OCTETS] = { 0 };

    if (m->spec->serial.len > 0) {
        carnet_der_add_unsigned(&m->b, m->spec->serial);
        return;
    }
    if (m->b.rc == CARNET_OK)
        m->b.rc = carnet_random_fill(&random, octets, sizeof(octets), err);
    octets[0] = (uint8_t)((octets[0] & 0x7f) | 0x40); /* positive, and always of 20 octets */
    carnet_der_add_unsigned(&m->b, (carnet_span){ octets, sizeof(octets) });
}

static open_extension
begin_extension(maker *m, carnet_extension which)
{
    open_extension open = { .extension = carnet_der_begin(&m->b, CARNET_DER_SEQUENCE) };

    carnet_der_add_oid(&m->b, carnet_x509_extension_oid(which));
    if (m->spec->profile->critical & CARNET_EXTENSION_BIT(which))
        carnet_der_add_bool(&m->b, true);
    open.value = carnet_der_begin(&m->b, CARNET_DER_OCTET_STRING);
    return open;
}

static void
end_extension(maker *m, open_extension open)
{
    carnet_der_end(&m->b, open.value);
    carnet_der_end(&m->b, open.extension);
}

static void
add_key_identifiers(maker *m, carnet_err *err)
{
    uint8_t point[133], key_id[20];
    carnet_span bits = { point, carnet_public_key_point(&m->spec->public_key, point) };
    open_extension e;
    carnet_der_mark sequence;

    if (m->b.rc == CARNET_OK)
        m->b.rc = carnet_digest(m->crypto, CARNET_SHA1, &bits, 1, key_id, err);
    if (m->issuer != NULL) {
        e = begin_extension(m, CARNET_EXTENSION_AUTHORITY_KEY_IDENTIFIER);
        sequence = carnet_der_begin(&m->b, CARNET_DER_SEQUENCE);
        carnet_der_add(&m->b, CARNET_DER_CONTEXT(0), m->issuer->subject_key_id);
        carnet_der_end(&m->b, sequence);
        end_extension(m, e);
    }
    e = begin_extension(m, CARNET_EXTENSION_SUBJECT_KEY_IDENTIFIER);
    carnet_der_add_octets(&m->b, (carnet_span){ key_id, sizeof(key_id) });
    end_extension(m, e);
}

static void
add_purposes(maker *m)
{
    const carnet_certificate_profile *profile = m->spec->profile;
    unsigned arcs = m->spec->arcs != 0 ? m->spec->arcs : CARNET_ARC_MDL;
    open_extension e = begin_extension(m, CARNET_EXTENSION_EXTENDED_KEY_USAGE);
    carnet_der_mark list = carnet_der_begin(&m->b, CARNET_DER_SEQUENCE);
    uint8_t oid[16];

    for (unsigned arc = CARNET_ARC_MDL; arc <= CARNET_ARC_EUDI && profile->role != 0; arc <<= 1)
        if (arcs & arc)
            carnet_der_add_oid(&m->b, (carnet_span){ oid, carnet_role_oid(arc, profile->role, oid) });
    for (size_t i = 0; i < profile->purpose_count; i++)
        carnet_der_add_oid(&m->b, profile->purposes[i]);
    carnet_der_end(&m->b, list);
    end_extension(m, e);
}

static void
add_usage(maker *m)
{
    const carnet_certificate_profile *profile = m->spec->profile;
    open_extension e = begin_extension(m, CARNET_EXTENSION_KEY_USAGE);
    carnet_der_mark sequence;

    carnet_der_add_named_bits(&m->b, profile->key_usage);
    end_extension(m, e);
    if (profile->mandatory & CARNET_EXTENSION_BIT(CARNET_EXTENSION_EXTENDED_KEY_USAGE))
        add_purposes(m);
    if (!profile->ca)
        return;
    e = begin_extension(m, CARNET_EXTENSION_BASIC_CONSTRAINTS);
    sequence = carnet_der_begin(&m->b, CARNET_DER_SEQUENCE);
    carnet_der_add_bool(&m->b, true);
    if (profile->path_length != CARNET_NO_PATH_LENGTH)
        carnet_der_add_uint(&m->b, profile->path_length);
    carnet_der_end(&m->b, sequence);
    end_extension(m, e);
}

/* The issuer's other names: as given, else as the issuer's own certificate has them. */
static void
add_issuer_names(maker *m)
{
    const carnet_certificate_spec *spec = m->spec;
    bool given = spec->issuer_email.len > 0 || spec->issuer_uri.len > 0;
    carnet_der_mark list;
    open_extension e;

    if (!given && (m->issuer == NULL || m->issuer->issuer_names.len == 0))
        return;
    e = begin_extension(m, CARNET_EXTENSION_ISSUER_ALTERNATIVE_NAME);
    list = carnet_der_begin(&m->b, CARNET_DER_SEQUENCE);
    if (!given)
        carnet_der_add_raw(&m->b, m->issuer->issuer_names);
    if (spec->issuer_email.len > 0)
        carnet_der_add_str(&m->b, CARNET_DER_CONTEXT(CARNET_GENERAL_NAME_EMAIL), spec->issuer_email);
    if (spec->issuer_uri.len > 0)
        carnet_der_add_str(&m->b, CARNET_DER_CONTEXT(CARNET_GENERAL_NAME_URI), spec->issuer_uri);
    carnet_der_end(&m->b, list);
    end_extension(m, e);
}

/* The subject's other names: a server's, and the old one of an authority that changed it (18013-5 B.1.3). */
static void
add_subject_names(maker *m, carnet_span subject)
{
    bool renamed = m->issuer != NULL && m->spec->profile->ca && m->spec->profile->country &&
                   !carnet_span_equal(subject, m->issuer->subject);
    carnet_der_mark list, directory;
    open_extension e;

    if (!renamed && m->spec->dns_name.len == 0 && m->spec->uri_name.len == 0 && m->spec->ip_address.len == 0)
        return;
    e = begin_extension(m, CARNET_EXTENSION_SUBJECT_ALTERNATIVE_NAME);
    list = carnet_der_begin(&m->b, CARNET_DER_SEQUENCE);
    if (renamed) {
        directory = carnet_der_begin(&m->b, CARNET_DER_CONTEXT_CONSTRUCTED(CARNET_GENERAL_NAME_DIRECTORY));
        carnet_der_add_raw(&m->b, m->issuer->subject);
        carnet_der_end(&m->b, directory);
    }
    if (m->spec->dns_name.len > 0)
        carnet_der_add_str(&m->b, CARNET_DER_CONTEXT(CARNET_GENERAL_NAME_DNS), m->spec->dns_name);
    if (m->spec->uri_name.len > 0)
        carnet_der_add_str(&m->b, CARNET_DER_CONTEXT(CARNET_GENERAL_NAME_URI), m->spec->uri_name);
    if (m->spec->ip_address.len > 0)
        carnet_der_add(&m->b, CARNET_DER_CONTEXT(CARNET_GENERAL_NAME_ADDRESS), m->spec->ip_address);
    carnet_der_end(&m->b, list);
    end_extension(m, e);
}

static void
add_locations(maker *m)
{
    static const carnet_span ocsp = CARNET_OID("\x2b\x06\x01\x05\x05\x07\x30\x01");
    carnet_der_mark marks[4];
    open_extension e;

    if (m->spec->crl_uri.len > 0) {
        e = begin_extension(m, CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS);
        marks[0] = carnet_der_begin(&m->b, CARNET_DER_SEQUENCE);
        marks[1] = carnet_der_begin(&m->b, CARNET_DER_SEQUENCE);
        marks[2] = carnet_der_begin(&m->b, CARNET_DER_CONTEXT_CONSTRUCTED(0));
        marks[3] = carnet_der_begin(&m->b, CARNET_DER_CONTEXT_CONSTRUCTED(0));
        carnet_der_add_str(&m->b, CARNET_DER_CONTEXT(CARNET_GENERAL_NAME_URI), m->spec->crl_uri);
        for (size_t i = CARNET_COUNT(marks); i > 0; i--)
            carnet_der_end(&m->b, marks[i - 1]);
        end_extension(m, e);
    }
    if (m->spec->ocsp_uri.len > 0) {
        e = begin_extension(m, CARNET_EXTENSION_AUTHORITY_INFORMATION_ACCESS);
        marks[0] = carnet_der_begin(&m->b, CARNET_DER_SEQUENCE);
        marks[1] = carnet_der_begin(&m->b, CARNET_DER_SEQUENCE);
        carnet_der_add_oid(&m->b, ocsp);
        carnet_der_add_str(&m->b, CARNET_DER_CONTEXT(CARNET_GENERAL_NAME_URI), m->spec->ocsp_uri);
        carnet_der_end(&m->b, marks[1]);
        carnet_der_end(&m->b, marks[0]);
        end_extension(m, e);
    }
}

/* TBSCertificate, RFC 5280, 4.1.2. */
static void
add_tbs(maker *m, carnet_err *err)
{
    carnet_der_mark tbs = carnet_der_begin(&m->b, CARNET_DER_SEQUENCE), mark, list;
    carnet_span subject;
    size_t start;

    mark = carnet_der_begin(&m->b, CARNET_DER_CONTEXT_CONSTRUCTED(0));
    carnet_der_add_uint(&m->b, 2);
    carnet_der_end(&m->b, mark);
    add_serial(m, err);
    carnet_x509_add_algorithm(&m->b, m->key->public_key.curve);
    if (m->issuer != NULL)
        carnet_der_add_raw(&m->b, m->issuer->subject);
    else
        add_subject(m);
    mark = carnet_der_begin(&m->b, CARNET_DER_SEQUENCE);
    carnet_der_add_time(&m->b, m->spec->not_before);
    carnet_der_add_time(&m->b, m->spec->not_after);
    carnet_der_end(&m->b, mark);
    start = m->b.len;
    add_subject(m);
    subject = m->b.rc == CARNET_OK ? (carnet_span){ m->b.ptr + start, m->b.len - start } : (carnet_span){ 0 };
    carnet_x509_add_spki(&m->b, &m->spec->public_key);
    mark = carnet_der_begin(&m->b, CARNET_DER_CONTEXT_CONSTRUCTED(3));
    list = carnet_der_begin(&m->b, CARNET_DER_SEQUENCE);
    add_key_identifiers(m, err);
    add_usage(m);
    add_subject_names(m, subject);
    add_issuer_names(m);
    add_locations(m);
    carnet_der_end(&m->b, list);
    carnet_der_end(&m->b, mark);
    carnet_der_end(&m->b, tbs);
}

/* A part both names have, or only the issuer has, must be the same. */
static bool
same_part(const carnet_certificate *c, const carnet_certificate *issuer, carnet_name_attribute attribute)
{
    carnet_name_value own, other;

    return !carnet_name_get(issuer->subject, attribute, &other) ||
           (carnet_name_get(c->subject, attribute, &own) && carnet_span_equal(own.bytes, other.bytes));
}

/* What a path from the new certificate to its issuer would fail at. */
static const char *
amiss_with_issuer(const carnet_certificate *c, const carnet_certificate *issuer,
                  const carnet_certificate_profile *profile)
{
    bool limited = issuer->present >> CARNET_EXTENSION_KEY_USAGE & 1;

    if (!issuer->ca || (limited && !(issuer->key_usage & CARNET_KEY_USAGE_CERTIFICATE_SIGN)))
        return "the issuer may not sign certificates";
    if (c->not_after > issuer->not_after)
        return "it would end after its issuer's certificate";
    if (profile->country && !profile->ca && !same_part(c, issuer, CARNET_NAME_COUNTRY))
        return "the country is not the issuer's";
    if (profile->country && !profile->ca && !same_part(c, issuer, CARNET_NAME_STATE))
        return "the state is not the issuer's";
    return NULL;
}

/* Hold what was made against the rules it will be judged by. */
static carnet_rc
check_made(maker *m, carnet_span der, carnet_err *err)
{
    const carnet_public_key *signer = m->issuer != NULL ? &m->issuer->public_key : &m->spec->public_key;
    carnet_certificate made;
    const char *why;
    carnet_rc rc;

    if ((rc = carnet_certificate_open(der, &made, err)) != CARNET_OK ||
        (rc = carnet_certificate_conforms(&made, m->spec->profile, m->crypto, err)) != CARNET_OK)
        return rc;
    why = m->issuer != NULL ? amiss_with_issuer(&made, m->issuer, m->spec->profile) : NULL;
    if (why != NULL)
        return carnet_fail(err, CARNET_E_X509_PROFILE, m->spec->profile->clause, why);
    return carnet_certificate_verify(&made, signer, m->crypto, err);
}

/* What would otherwise come out as a certificate nobody can use. */
static carnet_rc
check_asked(const maker *m, carnet_err *err)
{
    const carnet_certificate_spec *spec = m->spec;

    if (spec->struct_size != sizeof(*spec) || spec->profile == NULL || m->key == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, NULL);
    if (!carnet_public_key_equal(&m->key->public_key, m->issuer != NULL ? &m->issuer->public_key : &spec->public_key))
        return carnet_fail(err, CARNET_E_CRYPTO_MISMATCH, NULL, "the key is not the issuer's");
    return carnet_public_key_check(m->crypto, &spec->public_key, err);
}

carnet_rc
carnet_certificate_build(const carnet_certificate_spec *spec, const carnet_certificate *issuer, carnet_key *key,
                         carnet_crypto *crypto, carnet_buf *out, carnet_err *err)
{
    maker m = { .spec = spec, .issuer = issuer, .key = key, .crypto = crypto };
    carnet_err why = { 0 };
    carnet_der_mark outer;
    carnet_span der;
    carnet_rc rc;

    if ((rc = check_asked(&m, err)) != CARNET_OK)
        return rc;
    m.b = carnet_x509_build_behind(out);
    outer = carnet_der_begin(&m.b, CARNET_DER_SEQUENCE);
    add_tbs(&m, &why);
    carnet_x509_sign(&m.b, outer, outer.start, key, crypto, &why);
    rc = carnet_der_built(&m.b, &der, err);
    if (rc != CARNET_OK) {
        if (err != NULL && why.rc == rc)
            *err = why; /* it says more */
        return rc;
    }
    if ((rc = check_made(&m, der, err)) == CARNET_OK)
        out->len += der.len;
    return rc;
}

carnet_rc
carnet_name_build(const carnet_name_parts *parts, carnet_buf *out, carnet_err *err)
{
    carnet_der_builder b = carnet_x509_build_behind(out);
    carnet_span der;
    carnet_rc rc;

    carnet_x509_add_name(&b, parts);
    rc = carnet_der_built(&b, &der, err);
    out->len += der.len;
    return rc;
}
