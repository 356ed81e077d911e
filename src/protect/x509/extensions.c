/* SPDX-License-Identifier: Apache-2.0 */
/* Extensions of certificates (RFC 5280, 4.2), each checked to its last level. */
#include "internal.h"

#include <string.h>

#define EXTENSIONS_MAX 64 /* bounds the search for unknown ones met twice */

/* GeneralName choices that hold other values; the rest are primitive. */
#define CHOICE_CONSTRUCTED (1U << 0 | 1U << 3 | 1U << 4 | 1U << 5)

static void
refuse(carnet_der_reader *r, const char *reason)
{
    carnet_der_refuse(r, CARNET_E_X509_EXTENSION, NULL, "RFC 5280 4.2", reason);
}

/* e-mail address, DNS name and URI are text without a value above 7f. */
static void
check_ascii(carnet_der_reader *r, carnet_span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] >= 0x80) {
            carnet_der_refuse(r, CARNET_E_X509_EXTENSION, text.ptr + i, "RFC 5280 4.2.1.6", "a name is not in ASCII");
            return;
        }
}

void
carnet_x509_read_general_name(carnet_der_reader *r)
{
    uint8_t tag = carnet_der_peek(r), choice = tag & 0x1f;
    bool constructed = choice < 9 && (CHOICE_CONSTRUCTED >> choice & 1);
    carnet_der_walk walk;

    if (carnet_der_more(r) && (choice > 8 || tag != (constructed ? 0xa0 : 0x80) + choice)) {
        carnet_der_refuse(r, CARNET_E_DER_TAG, NULL, "RFC 5280 4.2.1.6", "this is no general name");
    } else if (choice == CARNET_GENERAL_NAME_DIRECTORY) {
        carnet_der_enter(r, tag, &walk);
        (void)carnet_x509_read_name(r);
        carnet_der_leave(r, &walk);
    } else if (choice == 0) {
        carnet_der_enter(r, tag, &walk);
        (void)carnet_der_oid(
            r); /* the first octet tells it from the [0]s around it: see carnet_certificate_uri_next() */
        (void)carnet_der_any_deep(r);
        carnet_der_leave(r, &walk);
    } else if (constructed) {
        (void)carnet_der_any_deep(r);
    } else {
        carnet_span content = carnet_der_any(r).content;

        if (choice == CARNET_GENERAL_NAME_EMAIL || choice == CARNET_GENERAL_NAME_DNS ||
            choice == CARNET_GENERAL_NAME_URI)
            check_ascii(r, content);
    }
}

/* One or more general names up to the end of the value entered. */
static void
read_general_names(carnet_der_reader *r)
{
    if (r->rc == CARNET_OK && !carnet_der_more(r))
        refuse(r, "a list of names is empty");
    while (carnet_der_more(r))
        carnet_x509_read_general_name(r);
}

/* A SEQUENCE OF with one entry at least, read by `read`; its content. */
static carnet_span
read_list(carnet_der_reader *r, void (*read)(carnet_der_reader *r))
{
    carnet_span content;
    carnet_der_walk walk;

    carnet_der_enter(r, CARNET_DER_SEQUENCE, &walk);
    content = (carnet_span){ r->at, (size_t)(r->end - r->at) };
    if (r->rc == CARNET_OK && content.len == 0)
        refuse(r, "a list is empty");
    while (carnet_der_more(r))
        read(r);
    carnet_der_leave(r, &walk);
    return content;
}

carnet_span
carnet_x509_read_authority_key_id(carnet_der_reader *r)
{
    carnet_span key_id;
    carnet_der_walk walk, names;

    carnet_der_enter(r, CARNET_DER_SEQUENCE, &walk);
    key_id = carnet_der_optional(r, CARNET_DER_CONTEXT(0));
    if (carnet_der_enter_optional(r, CARNET_DER_CONTEXT_CONSTRUCTED(1), &names)) {
        read_general_names(r);
        carnet_der_leave(r, &names);
    }
    (void)carnet_der_optional(r, CARNET_DER_CONTEXT(2));
    carnet_der_leave(r, &walk);
    return key_id;
}

/* cA: that any other octet than FF means true as well, as in BER, is met in certificates in use. */
static bool
read_flag(carnet_der_reader *r, carnet_certificate *c)
{
    carnet_span content = carnet_der_value(r, CARNET_DER_BOOLEAN);

    if (r->rc == CARNET_OK && content.len != 1)
        refuse(r, "a BOOLEAN is not of one octet");
    if (r->rc != CARNET_OK)
        return false;
    c->der_form = c->der_form && (content.ptr[0] == 0 || content.ptr[0] == 0xff);
    return content.ptr[0] != 0;
}

/* Key usage: that trailing zero bits are kept is met in certificates in use. */
static uint16_t
read_key_usage(carnet_der_reader *r, carnet_certificate *c)
{
    carnet_der_reader strict = *r;
    carnet_span content = carnet_der_value(r, CARNET_DER_BIT_STRING);
    uint16_t bits = carnet_der_named_bits(&strict);

    if (strict.rc == CARNET_OK)
        return bits;
    if (r->rc == CARNET_OK && (content.len < 2 || content.len > 3 || content.ptr[0] > 7 ||
                               (content.ptr[content.len - 1] & ((1U << content.ptr[0]) - 1)) != 0))
        refuse(r, "the key usage is malformed");
    if (r->rc != CARNET_OK)
        return 0;
    c->der_form = false;
    for (unsigned i = 0; i + 8 < 8 * content.len; i++)
        if (content.ptr[1 + i / 8] & (0x80U >> i % 8))
            bits = (uint16_t)(bits | 1U << i);
    return bits;
}

static void
read_basic_constraints(carnet_der_reader *r, carnet_certificate *c)
{
    carnet_der_walk walk;
    uint64_t length;

    carnet_der_enter(r, CARNET_DER_SEQUENCE, &walk);
    if (carnet_der_peek(r) == CARNET_DER_BOOLEAN)
        c->ca = read_flag(r, c);
    if (carnet_der_peek(r) == CARNET_DER_INTEGER) {
        length = carnet_der_uint(r);
        if (!c->ca)
            refuse(r, "a path length is given for what is no certificate authority");
        c->path_length = length < CARNET_NO_PATH_LENGTH ? (uint32_t)length : CARNET_NO_PATH_LENGTH - 1;
    }
    carnet_der_leave(r, &walk);
}

static void
read_purpose(carnet_der_reader *r)
{
    (void)carnet_der_oid(r);
}

static void
read_access_description(carnet_der_reader *r)
{
    carnet_der_walk walk;

    carnet_der_enter(r, CARNET_DER_SEQUENCE, &walk);
    (void)carnet_der_oid(r);
    carnet_x509_read_general_name(r);
    carnet_der_leave(r, &walk);
}

static void
read_policy(carnet_der_reader *r)
{
    carnet_der_walk walk;

    carnet_der_enter(r, CARNET_DER_SEQUENCE, &walk);
    (void)carnet_der_oid(r);
    if (carnet_der_peek(r) == CARNET_DER_SEQUENCE)
        (void)carnet_der_any_deep(r);
    carnet_der_leave(r, &walk);
}

/* DistributionPoint; true if it is a full name and nothing else. */
static bool
read_distribution_point(carnet_der_reader *r)
{
    carnet_der_walk walk, point, names;
    bool full = false, other = false;

    carnet_der_enter(r, CARNET_DER_SEQUENCE, &walk);
    if (carnet_der_enter_optional(r, CARNET_DER_CONTEXT_CONSTRUCTED(0), &point)) {
        if (carnet_der_enter_optional(r, CARNET_DER_CONTEXT_CONSTRUCTED(0), &names)) {
            read_general_names(r);
            carnet_der_leave(r, &names);
            full = true;
        } else {
            if (carnet_der_more(r) && carnet_der_peek(r) != CARNET_DER_CONTEXT_CONSTRUCTED(1))
                refuse(r, "this is no name of a distribution point");
            (void)carnet_der_any_deep(r);
        }
        carnet_der_leave(r, &point);
    }
    if (carnet_der_peek(r) == CARNET_DER_CONTEXT(1)) {
        other = true;
        (void)carnet_der_any(r);
    }
    if (carnet_der_enter_optional(r, CARNET_DER_CONTEXT_CONSTRUCTED(2), &names)) {
        other = true;
        read_general_names(r);
        carnet_der_leave(r, &names);
    }
    carnet_der_leave(r, &walk);
    return full && !other;
}

static void
read_distribution_points(carnet_der_reader *r, carnet_certificate *c)
{
    carnet_der_walk walk;

    carnet_der_enter(r, CARNET_DER_SEQUENCE, &walk);
    c->crl_points = (carnet_span){ r->at, (size_t)(r->end - r->at) };
    if (r->rc == CARNET_OK && c->crl_points.len == 0)
        refuse(r, "a list is empty");
    c->crl_points_form = true;
    while (carnet_der_more(r))
        c->crl_points_form = read_distribution_point(r) && c->crl_points_form;
    carnet_der_leave(r, &walk);
}

/* The value of a known extension. */
static void
read_value(carnet_der_reader *r, carnet_extension which, carnet_certificate *c)
{
    switch (which) {
    case CARNET_EXTENSION_AUTHORITY_KEY_IDENTIFIER:
        c->authority_key_id = carnet_x509_read_authority_key_id(r);
        break;
    case CARNET_EXTENSION_SUBJECT_KEY_IDENTIFIER:
        c->subject_key_id = carnet_der_value(r, CARNET_DER_OCTET_STRING);
        break;
    case CARNET_EXTENSION_KEY_USAGE:
        c->key_usage = read_key_usage(r, c);
        break;
    case CARNET_EXTENSION_EXTENDED_KEY_USAGE:
        c->purposes = read_list(r, read_purpose);
        break;
    case CARNET_EXTENSION_BASIC_CONSTRAINTS:
        read_basic_constraints(r, c);
        break;
    case CARNET_EXTENSION_SUBJECT_ALTERNATIVE_NAME:
        c->subject_names = read_list(r, carnet_x509_read_general_name);
        break;
    case CARNET_EXTENSION_ISSUER_ALTERNATIVE_NAME:
        c->issuer_names = read_list(r, carnet_x509_read_general_name);
        break;
    case CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS:
        read_distribution_points(r, c);
        break;
    case CARNET_EXTENSION_AUTHORITY_INFORMATION_ACCESS:
        c->information = read_list(r, read_access_description);
        break;
    case CARNET_EXTENSION_CERTIFICATE_POLICIES:
        c->policies = read_list(r, read_policy);
        break;
    default:
        (void)carnet_der_any_deep(r);
        break;
    }
}

static const carnet_span identifiers[CARNET_EXTENSION_COUNT] = {
    [CARNET_EXTENSION_AUTHORITY_KEY_IDENTIFIER] = CARNET_OID("\x55\x1d\x23"),
    [CARNET_EXTENSION_SUBJECT_KEY_IDENTIFIER] = CARNET_OID("\x55\x1d\x0e"),
    [CARNET_EXTENSION_KEY_USAGE] = CARNET_OID("\x55\x1d\x0f"),
    [CARNET_EXTENSION_EXTENDED_KEY_USAGE] = CARNET_OID("\x55\x1d\x25"),
    [CARNET_EXTENSION_BASIC_CONSTRAINTS] = CARNET_OID("\x55\x1d\x13"),
    [CARNET_EXTENSION_SUBJECT_ALTERNATIVE_NAME] = CARNET_OID("\x55\x1d\x11"),
    [CARNET_EXTENSION_ISSUER_ALTERNATIVE_NAME] = CARNET_OID("\x55\x1d\x12"),
    [CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS] = CARNET_OID("\x55\x1d\x1f"),
    [CARNET_EXTENSION_AUTHORITY_INFORMATION_ACCESS] = CARNET_OID("\x2b\x06\x01\x05\x05\x07\x01\x01"),
    [CARNET_EXTENSION_CERTIFICATE_POLICIES] = CARNET_OID("\x55\x1d\x20"),
    [CARNET_EXTENSION_POLICY_MAPPINGS] = CARNET_OID("\x55\x1d\x21"),
    [CARNET_EXTENSION_NAME_CONSTRAINTS] = CARNET_OID("\x55\x1d\x1e"),
    [CARNET_EXTENSION_POLICY_CONSTRAINTS] = CARNET_OID("\x55\x1d\x24"),
    [CARNET_EXTENSION_INHIBIT_ANY_POLICY] = CARNET_OID("\x55\x1d\x36"),
    [CARNET_EXTENSION_FRESHEST_CRL] = CARNET_OID("\x55\x1d\x2e"),
    [CARNET_EXTENSION_OCSP_NO_CHECK] = CARNET_OID("\x2b\x06\x01\x05\x05\x07\x30\x01\x05"),
};

carnet_span
carnet_x509_extension_oid(carnet_extension extension)
{
    return identifiers[extension];
}

static carnet_extension
extension_of(carnet_span oid)
{
    unsigned i = 0;

    while (i < CARNET_EXTENSION_COUNT &&
           (oid.len != identifiers[i].len || memcmp(oid.ptr, identifiers[i].ptr, oid.len) != 0))
        i++;
    return (carnet_extension)i;
}

carnet_x509_extension
carnet_x509_read_extension(carnet_der_reader *r)
{
    carnet_x509_extension extension = { 0 };
    carnet_der_walk walk;

    carnet_der_enter(r, CARNET_DER_SEQUENCE, &walk);
    extension.oid = carnet_der_oid(r);
    if (carnet_der_peek(r) == CARNET_DER_BOOLEAN)
        extension.critical = carnet_der_bool(r);
    extension.value = carnet_der_value(r, CARNET_DER_OCTET_STRING);
    carnet_der_leave(r, &walk);
    return extension;
}

/* Whether an extension of this identifier stands in `before`, which has been read. */
static bool
met_before(carnet_span before, carnet_span oid)
{
    carnet_der_reader r = carnet_der_open(before);
    bool met = false;

    while (carnet_der_more(&r) && !met)
        met = carnet_span_equal(carnet_x509_read_extension(&r).oid, oid);
    return met;
}

/* Extensions that only say where to find what.  Malformed ones are met in certificates in use, and are no reason not to
 * look at the rest. */
#define INFORMATIONAL                                                                                                  \
    (CARNET_EXTENSION_BIT(CARNET_EXTENSION_ISSUER_ALTERNATIVE_NAME) |                                                  \
     CARNET_EXTENSION_BIT(CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS) |                                                  \
     CARNET_EXTENSION_BIT(CARNET_EXTENSION_AUTHORITY_INFORMATION_ACCESS) |                                             \
     CARNET_EXTENSION_BIT(CARNET_EXTENSION_CERTIFICATE_POLICIES))

/* Take what a malformed extension left behind back. */
static void
forget(carnet_certificate *c, carnet_extension which)
{
    c->malformed |= CARNET_EXTENSION_BIT(which);
    if (which == CARNET_EXTENSION_ISSUER_ALTERNATIVE_NAME)
        c->issuer_names = (carnet_span){ 0 };
    else if (which == CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS)
        c->crl_points = (carnet_span){ 0 };
    else if (which == CARNET_EXTENSION_AUTHORITY_INFORMATION_ACCESS)
        c->information = (carnet_span){ 0 };
    else
        c->policies = (carnet_span){ 0 };
}

static void
take_known(carnet_der_reader *r, const carnet_x509_extension *e, carnet_extension which, carnet_certificate *c)
{
    carnet_der_reader value = carnet_der_open_within(r, e->value);
    uint32_t bit = CARNET_EXTENSION_BIT(which);

    c->present |= bit;
    c->critical |= e->critical ? bit : 0;
    read_value(&value, which, c);
    if (value.rc == CARNET_OK && carnet_der_more(&value))
        carnet_der_refuse(&value, CARNET_E_DER_TRAILING, NULL, NULL, NULL);
    if (value.rc != CARNET_OK && !e->critical && (bit & INFORMATIONAL))
        forget(c, which);
    else
        carnet_der_join(r, &value);
}

void
carnet_x509_read_extensions(carnet_der_reader *r, carnet_certificate *c)
{
    carnet_der_walk walk;
    const uint8_t *first;
    unsigned count = 0;

    carnet_der_enter(r, CARNET_DER_SEQUENCE, &walk);
    first = r->at;
    if (r->rc == CARNET_OK && !carnet_der_more(r))
        refuse(r, "the list of extensions is empty");
    while (carnet_der_more(r)) {
        const uint8_t *at = r->at;
        carnet_x509_extension e = carnet_x509_read_extension(r);
        carnet_extension which = r->rc == CARNET_OK ? extension_of(e.oid) : CARNET_EXTENSION_COUNT;
        bool known = which < CARNET_EXTENSION_COUNT;

        if (known ? (c->present >> which & 1) != 0 : met_before((carnet_span){ first, (size_t)(at - first) }, e.oid))
            carnet_der_refuse(r, CARNET_E_X509_EXTENSION, at, "RFC 5280 4.2", "an extension is there twice");
        if (++count > EXTENSIONS_MAX)
            carnet_der_refuse(r, CARNET_E_LIMIT, at, NULL, "there are too many extensions");
        if (known)
            take_known(r, &e, which, c);
        else if (e.critical && c->unknown_critical.len == 0)
            c->unknown_critical = e.oid;
    }
    carnet_der_leave(r, &walk);
}
