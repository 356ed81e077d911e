/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate profiles as tables (18013-5 B.1), and the check of one
 * certificate against its profile.  What concerns several certificates (names
 * that must agree, signatures, revocation) is in carnet/certificate_path.h.
 *
 * Profiles are const and may be shared by threads; a caller may make more.
 */
#ifndef CARNET_CERTIFICATE_PROFILE_H
#define CARNET_CERTIFICATE_PROFILE_H
#include "carnet/certificate.h"
CARNET_BEGIN_DECLS

/** Arcs under which a role's extended key usage is registered; the last number is the role's. */
enum {
    CARNET_ARC_MDL = 1,  /**< 1.0.18013.5.1.N */
    CARNET_ARC_MDOC = 2, /**< 1.0.23220.4.1.N */
    CARNET_ARC_EUDI = 4  /**< 1.3.130.2.0.0.1.N */
};

/** Roles: the last number of their extended key usage. */
enum {
    CARNET_ROLE_DOCUMENT_SIGNER = 2,
    CARNET_ROLE_JWS_SIGNER = 3,
    CARNET_ROLE_LINK = 4,
    CARNET_ROLE_READER = 6,
    CARNET_ROLE_IACA = 7,
    CARNET_ROLE_VICAL_SIGNER = 8,
    CARNET_ROLE_TLS_CLIENT = 9
};

/** Signature algorithms and curves, as bits. */
enum { CARNET_PROFILE_ES256 = 1, CARNET_PROFILE_ES384 = 2, CARNET_PROFILE_ES512 = 4, CARNET_PROFILE_EDDSA = 8 };
enum {
    CARNET_PROFILE_P256 = 1,
    CARNET_PROFILE_P384 = 2,
    CARNET_PROFILE_P521 = 4,
    CARNET_PROFILE_BP256 = 8,
    CARNET_PROFILE_BP320 = 16,
    CARNET_PROFILE_BP384 = 32,
    CARNET_PROFILE_BP512 = 64,
    CARNET_PROFILE_ED25519 = 128,
    CARNET_PROFILE_ED448 = 256,
    CARNET_PROFILE_ECDSA_CURVES = 127,
    CARNET_PROFILE_SIGNING_CURVES = 511
};

typedef struct carnet_certificate_profile {
    const char *name; /**< "document signer" */
    const char *clause;
    int64_t lifetime;            /**< longest validity, in seconds */
    uint32_t subject;            /**< attributes that must be present: 1 << carnet_name_attribute */
    uint32_t mandatory;          /**< extensions that must be present */
    uint32_t critical;           /**< extensions that must be critical; the other known ones must not be */
    uint32_t forbidden;          /**< extensions that must be absent */
    uint16_t key_usage;          /**< exactly these bits */
    uint16_t curves;             /**< CARNET_PROFILE_ bits */
    uint8_t algorithms;          /**< CARNET_PROFILE_ bits: of the signature on the certificate */
    uint8_t role;                /**< extended key usage; 0: none asked for */
    uint8_t arcs;                /**< CARNET_ARC_ bits: one of these must be there */
    const carnet_span *purposes; /**< further extended key usages that must be there; may be NULL */
    uint8_t purpose_count;
    bool ca; /**< a certificate authority, with path length `path_length` */
    bool self_issued;
    bool country; /**< countries along the path must agree, as for a document signer */
    uint32_t path_length;
} carnet_certificate_profile;

/** Issuing authority: root and link certificates (B.1.2, B.1.3). */
CARNET_API extern const carnet_certificate_profile carnet_profile_iaca;
CARNET_API extern const carnet_certificate_profile carnet_profile_iaca_link;
/** Document signer of an mDL (B.1.4): the mDL arc must be there. */
CARNET_API extern const carnet_certificate_profile carnet_profile_document_signer_mdl;
/** Document signer of any other mdoc: any of the arcs; CRL distribution points and issuer alternative name optional. */
CARNET_API extern const carnet_certificate_profile carnet_profile_document_signer_mdoc;
/** mdoc reader authentication (B.1.7), any of the arcs. */
CARNET_API extern const carnet_certificate_profile carnet_profile_reader;
/** An authority above readers: a certificate authority that may sign certificates. */
CARNET_API extern const carnet_certificate_profile carnet_profile_reader_authority;
/** The other end entities of 18013-5 Annex B. */
CARNET_API extern const carnet_certificate_profile carnet_profile_jws_signer;
CARNET_API extern const carnet_certificate_profile carnet_profile_tls_server;
CARNET_API extern const carnet_certificate_profile carnet_profile_tls_client;
CARNET_API extern const carnet_certificate_profile carnet_profile_ocsp_signer;
CARNET_API extern const carnet_certificate_profile carnet_profile_status_signer;
CARNET_API extern const carnet_certificate_profile carnet_profile_vical_signer;
/** A client of P1940's servers: a relying party ("friend"), a device, a terminal.  A subject alternative name says who, as a URI. */
CARNET_API extern const carnet_certificate_profile carnet_profile_p1940_client;

/** Check an end entity's certificate: one entry for each of the checks CARNET_CHECK_SIGNER_*.  `crypto` computes the key
 *  identifier; with NULL its presence only is checked. */
CARNET_API void carnet_certificate_check(const carnet_certificate *certificate,
                                         const carnet_certificate_profile *profile, carnet_crypto *crypto,
                                         carnet_report *report);
/** Check a trusted certificate: one entry CARNET_CHECK_ANCHOR_PROFILE, which names the first thing amiss. */
CARNET_API void carnet_certificate_check_anchor(const carnet_certificate *certificate,
                                                const carnet_certificate_profile *profile, carnet_crypto *crypto,
                                                carnet_report *report);
/** CARNET_OK if the certificate follows the profile in all, otherwise CARNET_E_X509_PROFILE with the first thing amiss. */
CARNET_API carnet_rc carnet_certificate_conforms(const carnet_certificate *certificate,
                                                 const carnet_certificate_profile *profile, carnet_crypto *crypto,
                                                 carnet_err *err);
/** The identifier of a role under one arc (CARNET_ARC_ bit): content octets into out; returns their number. */
CARNET_API size_t carnet_role_oid(unsigned arc, uint8_t role, uint8_t out[16]);

CARNET_END_DECLS
#endif
