/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate profiles of 18013-5 Annex B and of P1940's clients, as tables. */
#include "carnet/certificate_profile.h"

#define DAYS(n)  ((int64_t)(n)*CARNET_TIME_DAY)
#define NAME(a)  (UINT32_C(1) << CARNET_NAME_##a)
#define BIT(e)   CARNET_EXTENSION_BIT(CARNET_EXTENSION_##e)
#define AKI      BIT(AUTHORITY_KEY_IDENTIFIER)
#define SKI      BIT(SUBJECT_KEY_IDENTIFIER)
#define KU       BIT(KEY_USAGE)
#define EKU      BIT(EXTENDED_KEY_USAGE)
#define BC       BIT(BASIC_CONSTRAINTS)
#define SAN      BIT(SUBJECT_ALTERNATIVE_NAME)
#define IAN      BIT(ISSUER_ALTERNATIVE_NAME)
#define CRLDP    BIT(CRL_DISTRIBUTION_POINTS)
#define POLICIES BIT(CERTIFICATE_POLICIES)

/* B.1.1: never in any of them. */
#define NEVER                                                                                                          \
    (BIT(POLICY_MAPPINGS) | BIT(NAME_CONSTRAINTS) | BIT(POLICY_CONSTRAINTS) | BIT(INHIBIT_ANY_POLICY) |                \
     BIT(FRESHEST_CRL))

#define ECDSA      (CARNET_PROFILE_ES256 | CARNET_PROFILE_ES384 | CARNET_PROFILE_ES512)
#define ANY_ALG    (ECDSA | CARNET_PROFILE_EDDSA)
#define NO_BP320   (CARNET_PROFILE_ECDSA_CURVES & ~CARNET_PROFILE_BP320)
#define ANY_ARC    (CARNET_ARC_MDL | CARNET_ARC_MDOC | CARNET_ARC_EUDI)
#define CA_USAGE   (CARNET_KEY_USAGE_CERTIFICATE_SIGN | CARNET_KEY_USAGE_CRL_SIGN)
#define SIGN_USAGE CARNET_KEY_USAGE_DIGITAL_SIGNATURE

static const carnet_span server_auth[] = { CARNET_OID("\x2b\x06\x01\x05\x05\x07\x03\x01") };
static const carnet_span client_auth[] = { CARNET_OID("\x2b\x06\x01\x05\x05\x07\x03\x02") };
static const carnet_span ocsp_signing[] = { CARNET_OID("\x2b\x06\x01\x05\x05\x07\x03\x09") };

/* 20 years, with their five leap days. */
#define TWENTY_YEARS DAYS(20 * 365 + 5)

const carnet_certificate_profile carnet_profile_iaca = {
    .name = "IACA root",
    .clause = "18013-5 B.1.2",
    .lifetime = TWENTY_YEARS,
    .subject = NAME(COUNTRY) | NAME(COMMON_NAME),
    .mandatory = SKI | KU | BC | IAN,
    .critical = KU | BC,
    .forbidden = NEVER,
    .key_usage = CA_USAGE,
    .curves = CARNET_PROFILE_ECDSA_CURVES,
    .algorithms = ECDSA,
    .ca = true,
    .self_issued = true,
    .country = true,
};

const carnet_certificate_profile carnet_profile_iaca_link = {
    .name = "IACA link",
    .clause = "18013-5 B.1.3",
    .lifetime = TWENTY_YEARS,
    .subject = NAME(COUNTRY) | NAME(COMMON_NAME),
    .mandatory = AKI | SKI | KU | BC | IAN | CRLDP,
    .critical = KU | BC,
    .forbidden = NEVER,
    .key_usage = CA_USAGE,
    .curves = CARNET_PROFILE_ECDSA_CURVES,
    .algorithms = ECDSA,
    .ca = true,
    .country = true,
};

const carnet_certificate_profile carnet_profile_document_signer_mdl = {
    .name = "document signer (mDL)",
    .clause = "18013-5 B.1.4",
    .lifetime = DAYS(457),
    .subject = NAME(COUNTRY) | NAME(COMMON_NAME),
    .mandatory = AKI | SKI | KU | EKU | IAN | CRLDP,
    .critical = KU | EKU,
    .forbidden = NEVER,
    .key_usage = SIGN_USAGE,
    .curves = CARNET_PROFILE_SIGNING_CURVES,
    .algorithms = ECDSA,
    .role = CARNET_ROLE_DOCUMENT_SIGNER,
    .arcs = CARNET_ARC_MDL,
    .country = true,
};

const carnet_certificate_profile carnet_profile_document_signer_mdoc = {
    .name = "document signer (mdoc)",
    .clause = "23220-4 B.1.4",
    .lifetime = DAYS(457),
    .subject = NAME(COUNTRY) | NAME(COMMON_NAME),
    .mandatory = AKI | SKI | KU | EKU,
    .critical = KU | EKU,
    .forbidden = NEVER,
    .key_usage = SIGN_USAGE,
    .curves = CARNET_PROFILE_SIGNING_CURVES,
    .algorithms = ANY_ALG,
    .role = CARNET_ROLE_DOCUMENT_SIGNER,
    .arcs = ANY_ARC,
    .country = true,
};

const carnet_certificate_profile carnet_profile_reader = {
    .name = "mdoc reader authentication",
    .clause = "18013-5 B.1.7",
    .lifetime = DAYS(1187),
    .subject = NAME(COMMON_NAME),
    .mandatory = AKI | SKI | KU | EKU | CRLDP,
    .critical = KU | EKU,
    .forbidden = NEVER,
    .key_usage = SIGN_USAGE,
    .curves = CARNET_PROFILE_SIGNING_CURVES,
    .algorithms = ANY_ALG,
    .role = CARNET_ROLE_READER,
    .arcs = ANY_ARC,
};

const carnet_certificate_profile carnet_profile_reader_authority = {
    .name = "authority of mdoc readers",
    .clause = "18013-5 B.1.7",
    .lifetime = TWENTY_YEARS,
    .subject = NAME(COMMON_NAME),
    .mandatory = SKI | KU | BC,
    .critical = KU | BC,
    .forbidden = NEVER,
    .key_usage = CA_USAGE,
    .curves = CARNET_PROFILE_SIGNING_CURVES,
    .algorithms = ANY_ALG,
    .ca = true,
    .path_length = CARNET_NO_PATH_LENGTH,
};

const carnet_certificate_profile carnet_profile_jws_signer = {
    .name = "JWS signer",
    .clause = "18013-5 B.1.5",
    .lifetime = DAYS(457),
    .subject = NAME(COUNTRY) | NAME(COMMON_NAME),
    .mandatory = AKI | SKI | KU | EKU | IAN | CRLDP,
    .critical = KU | EKU,
    .forbidden = NEVER,
    .key_usage = SIGN_USAGE,
    .curves = CARNET_PROFILE_ECDSA_CURVES,
    .algorithms = ECDSA,
    .role = CARNET_ROLE_JWS_SIGNER,
    .arcs = CARNET_ARC_MDL,
    .country = true,
};

const carnet_certificate_profile carnet_profile_tls_server = {
    .name = "TLS server",
    .clause = "18013-5 B.1.6",
    .lifetime = DAYS(822),
    .subject = NAME(COUNTRY) | NAME(COMMON_NAME),
    .mandatory = AKI | SKI | KU | EKU | SAN | IAN | CRLDP,
    .critical = KU | EKU,
    .forbidden = NEVER,
    .key_usage = SIGN_USAGE,
    .curves = CARNET_PROFILE_ECDSA_CURVES,
    .algorithms = ECDSA,
    .purposes = server_auth,
    .purpose_count = 1,
    .country = true,
};

const carnet_certificate_profile carnet_profile_tls_client = {
    .name = "TLS client authentication",
    .clause = "18013-5 B.1.8",
    .lifetime = DAYS(1187),
    .subject = NAME(COMMON_NAME),
    .mandatory = AKI | SKI | KU | EKU | CRLDP,
    .critical = KU | EKU,
    .forbidden = NEVER,
    .key_usage = SIGN_USAGE,
    .curves = NO_BP320,
    .algorithms = ECDSA,
    .role = CARNET_ROLE_TLS_CLIENT,
    .arcs = CARNET_ARC_MDL,
    .purposes = client_auth,
    .purpose_count = 1,
};

const carnet_certificate_profile carnet_profile_ocsp_signer = {
    .name = "OCSP signer",
    .clause = "18013-5 B.1.9",
    .lifetime = DAYS(457),
    .subject = NAME(COUNTRY) | NAME(COMMON_NAME),
    .mandatory = AKI | SKI | KU | EKU | IAN,
    .critical = KU | EKU,
    .forbidden = NEVER,
    .key_usage = SIGN_USAGE,
    .curves = NO_BP320,
    .algorithms = ECDSA,
    .purposes = ocsp_signing,
    .purpose_count = 1,
    .country = true,
};

const carnet_certificate_profile carnet_profile_status_signer = {
    .name = "MSO revocation list signer",
    .clause = "18013-5 B.1.10",
    .lifetime = DAYS(1187),
    .mandatory = AKI | SKI | KU,
    .critical = KU,
    .forbidden = NEVER,
    .key_usage = SIGN_USAGE,
    .curves = CARNET_PROFILE_SIGNING_CURVES,
    .algorithms = ANY_ALG,
};

const carnet_certificate_profile carnet_profile_vical_signer = {
    .name = "VICAL signer",
    .clause = "18013-5 C.1.7",
    .lifetime = DAYS(1187),
    .subject = NAME(COUNTRY) | NAME(ORGANISATION) | NAME(COMMON_NAME),
    .mandatory = AKI | SKI | KU | EKU | CRLDP,
    .critical = KU | EKU,
    .forbidden = NEVER,
    .key_usage = CARNET_KEY_USAGE_NON_REPUDIATION,
    .curves = CARNET_PROFILE_ECDSA_CURVES,
    .algorithms = ECDSA,
    .role = CARNET_ROLE_VICAL_SIGNER,
    .arcs = CARNET_ARC_MDL | CARNET_ARC_MDOC,
};

/* The profile is this project's: the standard asks for client certificates and says nothing of their form. */
const carnet_certificate_profile carnet_profile_p1940_client = {
    .name = "P1940 client",
    .clause = "P1940 6",
    .lifetime = DAYS(398),
    .subject = NAME(COMMON_NAME),
    .mandatory = AKI | SKI | KU | EKU | SAN,
    .critical = KU,
    .forbidden = NEVER,
    .key_usage = SIGN_USAGE,
    .curves = CARNET_PROFILE_ECDSA_CURVES,
    .algorithms = ECDSA,
    .purposes = client_auth,
    .purpose_count = 1,
};
