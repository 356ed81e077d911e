/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate revocation lists, version 2, as views (RFC 5280, 5; profile of
 * 18013-5 B.2).  Opening checks the whole list and copies nothing.
 */
#ifndef CARNET_CRL_H
#define CARNET_CRL_H
#include "carnet/certificate.h"
CARNET_BEGIN_DECLS

/** An opened list: read the members, do not write them. */
typedef struct carnet_crl {
    carnet_span der, tbs;
    carnet_span signature_oid, signature;
    carnet_span issuer;           /**< Name as encoded */
    carnet_span revoked;          /**< content of revokedCertificates; empty if there are none */
    carnet_span authority_key_id; /**< empty if absent */
    carnet_span number;           /**< CRLNumber's INTEGER content; empty if absent */
    carnet_span unknown_critical; /**< identifier of the first critical extension not known here, of the list or of an
                                       entry: the list must not be relied on; empty if none */
    carnet_time this_update, next_update;
    size_t count; /**< revoked certificates */
    bool has_next_update;
    bool other_extensions; /**< it has others than AKI and CRLNumber, or has one of these as critical */
    bool entry_extensions; /**< an entry has extensions */
    bool revoked_empty;    /**< revokedCertificates is there, with nothing in it */
    carnet_signature_algorithm signature_algorithm;
} carnet_crl;

typedef struct carnet_crl_entry {
    carnet_span serial; /**< INTEGER content */
    carnet_time revoked_at;
} carnet_crl_entry;

/** Open an encoded list; on failure *crl is empty and *err has the byte offset. */
CARNET_API carnet_rc carnet_crl_open(carnet_span der, carnet_crl *crl, carnet_err *err);
/** Verify the list's signature, and nothing else: codes as of carnet_certificate_verify(). */
CARNET_API carnet_rc carnet_crl_verify(const carnet_crl *crl, const carnet_public_key *issuer, carnet_crypto *crypto,
                                       carnet_err *err);
/** Step to the next entry; start with *at = {0}. */
CARNET_API bool carnet_crl_next(const carnet_crl *crl, carnet_span *at, carnet_crl_entry *entry);
/** Look a serial number (INTEGER content) up; false if it is not listed. */
CARNET_API bool carnet_crl_find(const carnet_crl *crl, carnet_span serial, carnet_crl_entry *entry);
/** CARNET_OK if the list follows 18013-5 B.2, otherwise CARNET_E_X509_PROFILE with the first thing amiss.  `issuer` may
 *  be NULL; with it, name and key identifier are compared. */
CARNET_API carnet_rc carnet_crl_conforms(const carnet_crl *crl, const carnet_certificate *issuer, carnet_err *err);

CARNET_END_DECLS
#endif
