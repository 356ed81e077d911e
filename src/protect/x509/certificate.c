/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/certificate.h"

#include "internal.h"

/* RFC 5280, 4.1.2.5: UTCTime to the end of 2049, GeneralizedTime from then on. */
#define YEAR_2050 INT64_C(2524608000)

static void
read_version(carnet_der_reader *r)
{
    const uint8_t *at = r->at;
    carnet_der_walk walk;
    uint64_t version = 0;

    if (carnet_der_enter_optional(r, CARNET_DER_CONTEXT_CONSTRUCTED(0), &walk)) {
        version = carnet_der_uint(r);
        carnet_der_leave(r, &walk);
    }
    if (version != 2)
        carnet_der_refuse(r, CARNET_E_X509_STRUCTURE, at, "18013-5 B.1", "the certificate is not of version 3");
}

static void
read_validity(carnet_der_reader *r, carnet_certificate *c)
{
    carnet_der_walk walk;
    bool first, second;

    carnet_der_enter(r, CARNET_DER_SEQUENCE, &walk);
    first = carnet_der_peek(r) == CARNET_DER_GENERALIZED_TIME;
    c->not_before = carnet_der_time(r);
    second = carnet_der_peek(r) == CARNET_DER_GENERALIZED_TIME;
    c->not_after = carnet_der_time(r);
    carnet_der_leave(r, &walk);
    c->der_form = first == (c->not_before >= YEAR_2050) && second == (c->not_after >= YEAR_2050);
}

/* TBSCertificate, RFC 5280, 4.1.2. */
static void
read_tbs(carnet_der_reader *r, const carnet_x509_signed *outer, carnet_certificate *c)
{
    carnet_der_walk walk;

    read_version(r);
    c->serial = carnet_der_integer(r);
    carnet_x509_read_algorithm(r, outer, &c->signature_oid, &c->signature_algorithm);
    c->issuer = carnet_x509_read_name(r);
    read_validity(r, c);
    c->subject = carnet_x509_read_name(r);
    carnet_x509_read_spki(r, c);
    if (carnet_der_enter_optional(r, CARNET_DER_CONTEXT_CONSTRUCTED(3), &walk)) {
        carnet_x509_read_extensions(r, c);
        carnet_der_leave(r, &walk);
    }
    if (carnet_der_more(r))
        carnet_der_refuse(r, CARNET_E_X509_STRUCTURE, NULL, "RFC 5280 4.1.2",
                          "something follows the public key that is no list of extensions");
}

carnet_rc
carnet_certificate_open(carnet_span der, carnet_certificate *certificate, carnet_err *err)
{
    carnet_der_reader r = carnet_der_open(der), tbs;
    carnet_x509_signed outer = { 0 };
    carnet_rc rc;

    *certificate = (carnet_certificate){ .path_length = CARNET_NO_PATH_LENGTH };
    carnet_x509_read_signed(&r, &outer);
    tbs = carnet_der_open_within(&r, outer.tbs.content);
    if (r.rc == CARNET_OK)
        read_tbs(&tbs, &outer, certificate);
    carnet_der_join(&r, &tbs);
    rc = carnet_der_done(&r, err);
    if (rc != CARNET_OK) {
        *certificate = (carnet_certificate){ 0 };
        return rc;
    }
    certificate->der = der;
    certificate->tbs = outer.tbs.encoded;
    certificate->signature = outer.signature;
    return CARNET_OK;
}

carnet_rc
carnet_certificate_verify(const carnet_certificate *certificate, const carnet_public_key *issuer, carnet_crypto *crypto,
                          carnet_err *err)
{
    return carnet_x509_verify(certificate->tbs, certificate->signature_oid, certificate->signature_algorithm,
                              certificate->signature, issuer, crypto, err);
}

bool
carnet_certificate_self_issued(const carnet_certificate *certificate)
{
    return carnet_span_equal(certificate->issuer, certificate->subject);
}

bool
carnet_certificate_issued_by(const carnet_certificate *certificate, const carnet_certificate *issuer)
{
    return carnet_span_equal(certificate->issuer, issuer->subject);
}

carnet_rc
carnet_certificate_key_id(const carnet_certificate *certificate, carnet_crypto *crypto, uint8_t out[20],
                          carnet_err *err)
{
    return carnet_digest(crypto, CARNET_SHA1, &certificate->key_bits, 1, out, err);
}

bool
carnet_general_name_next(carnet_span names, carnet_span *at, carnet_general_name *name)
{
    carnet_der_item item;

    *name = (carnet_general_name){ 0 };
    if (at->ptr == NULL)
        *at = names;
    if (!carnet_x509_step(at, &item))
        return false;
    *name = (carnet_general_name){ item.tag & 0x1f, item.content };
    return true;
}

bool
carnet_certificate_purpose_next(const carnet_certificate *certificate, carnet_span *at, carnet_span *oid)
{
    carnet_der_item item;

    if (at->ptr == NULL)
        *at = certificate->purposes;
    *oid = (carnet_span){ 0 };
    if (!carnet_x509_step(at, &item))
        return false;
    *oid = item.content;
    return true;
}

bool
carnet_certificate_has_purpose(const carnet_certificate *certificate, carnet_span oid)
{
    carnet_span at = { 0 }, found;

    while (carnet_certificate_purpose_next(certificate, &at, &found))
        if (carnet_span_equal(found, oid))
            return true;
    return false;
}

static carnet_span
list_of(const carnet_certificate *certificate, carnet_extension extension)
{
    switch (extension) {
    case CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS:
        return certificate->crl_points;
    case CARNET_EXTENSION_AUTHORITY_INFORMATION_ACCESS:
        return certificate->information;
    case CARNET_EXTENSION_SUBJECT_ALTERNATIVE_NAME:
        return certificate->subject_names;
    case CARNET_EXTENSION_ISSUER_ALTERNATIVE_NAME:
        return certificate->issuer_names;
    default:
        return (carnet_span){ 0 };
    }
}

/* A level to go into: DistributionPoint, AccessDescription, and the [0]s of a distribution point's name.  The [0] of an
 * otherName begins with an identifier, which theirs do not. */
static bool
is_level(const carnet_der_item *item)
{
    return item->tag == CARNET_DER_SEQUENCE || (item->tag == CARNET_DER_CONTEXT_CONSTRUCTED(0) &&
                                                item->content.len > 0 && item->content.ptr[0] != CARNET_DER_OID);
}

bool
carnet_certificate_uri_next(const carnet_certificate *certificate, carnet_extension extension, carnet_span *at,
                            carnet_str *uri, carnet_span *method)
{
    carnet_span access = { 0 };
    carnet_der_item item;

    *uri = (carnet_str){ 0 };
    if (at->ptr == NULL)
        *at = list_of(certificate, extension);
    while (carnet_x509_step(at, &item)) {
        if (is_level(&item)) {
            at->len += item.content.len;
            at->ptr = item.content.ptr;
        } else if (item.tag == CARNET_DER_OID) {
            access = item.content;
        } else if (item.tag == CARNET_DER_CONTEXT(CARNET_GENERAL_NAME_URI)) {
            *uri = (carnet_str){ (const char *)item.content.ptr, item.content.len };
            break;
        }
    }
    if (method != NULL)
        *method = uri->ptr != NULL ? access : (carnet_span){ 0 };
    return uri->ptr != NULL;
}
