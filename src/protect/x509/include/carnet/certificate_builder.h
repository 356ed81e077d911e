/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making certificates and revocation lists that follow the profiles of
 * 18013-5 Annex B.  The issuer's key is a handle and may be in a device.
 *
 * What is made is opened again and held against its own profile before it is
 * handed out: what the checker would fail is not issued.
 */
#ifndef CARNET_CERTIFICATE_BUILDER_H
#define CARNET_CERTIFICATE_BUILDER_H
#include "carnet/certificate_profile.h"
#include "carnet/crl.h"
CARNET_BEGIN_DECLS

#define CARNET_CERTIFICATE_MAX 2048 /**< octets a certificate made here needs at most */

/** A name's parts, in the order they are written; empty ones are left out.  Country and serial number become
 *  PrintableString, the others PrintableString where they can be and UTF8String otherwise. */
typedef struct carnet_name_parts {
    carnet_str country, state, locality, organisation, common_name, serial_number;
} carnet_name_parts;

/** A certificate to be made. */
typedef struct carnet_certificate_spec {
    size_t struct_size; /**< sizeof(carnet_certificate_spec) */
    const carnet_certificate_profile *profile;
    carnet_name_parts subject;
    carnet_span subject_der; /**< the subject as an encoded Name instead of `subject`, as a link certificate needs */
    carnet_public_key public_key;
    carnet_time not_before, not_after;
    unsigned arcs;                       /**< CARNET_ARC_ bits of the extended key usage; 0: the mDL arc */
    carnet_str issuer_email, issuer_uri; /**< issuer alternative name */
    carnet_str crl_uri;                  /**< CRL distribution point; empty: none */
    carnet_str ocsp_uri;                 /**< authority information access; empty: none */
    carnet_str dns_name;                 /**< subject alternative names: a server's host; empty: none */
    carnet_str uri_name;                 /**< who a client is; empty: none */
    carnet_span ip_address;              /**< a server's address, 4 or 16 octets; empty: none */
    carnet_span serial;                  /**< octets; empty: 20 random ones (159 bits) */
    const carnet_random *random;         /**< for the serial number; NULL: the backend's */
} carnet_certificate_spec;

/** Make a certificate and append it to *out.  `issuer` is the issuer's certificate, NULL for a self-signed one (then `key`
 *  must be the private key of spec->public_key).  CARNET_E_X509_PROFILE: the profile forbids it; *err says what.
 *  CARNET_E_CRYPTO_MISMATCH: `key` is not the issuer's. */
CARNET_API carnet_rc carnet_certificate_build(const carnet_certificate_spec *spec, const carnet_certificate *issuer,
                                              carnet_key *key, carnet_crypto *crypto, carnet_buf *out, carnet_err *err);

/** A revocation list to be made. */
typedef struct carnet_crl_spec {
    size_t struct_size;                   /**< sizeof(carnet_crl_spec) */
    carnet_time this_update, next_update; /**< at most 90 days apart (B.2) */
    uint64_t number;
    const carnet_crl_entry *entries;
    size_t count;
} carnet_crl_spec;

/** Make a revocation list and append it to *out, which must have room for 512 octets and 48 for each entry. */
CARNET_API carnet_rc carnet_crl_build(const carnet_crl_spec *spec, const carnet_certificate *issuer, carnet_key *key,
                                      carnet_crypto *crypto, carnet_buf *out, carnet_err *err);

/** Append an encoded Name. */
CARNET_API carnet_rc carnet_name_build(const carnet_name_parts *parts, carnet_buf *out, carnet_err *err);

CARNET_END_DECLS
#endif
