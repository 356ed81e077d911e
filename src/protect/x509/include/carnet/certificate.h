/* SPDX-License-Identifier: Apache-2.0 */
/*
 * X.509 certificates, version 3, as views (RFC 5280; profiles of 18013-5 B.1).
 *
 * Opening checks the whole structure in one pass and copies nothing but the
 * public key's coordinates: keep the bytes, unchanged, for as long as the view.
 * A view owns nothing and needs no closing; threads may read one together.
 * Whether a certificate is trusted, current or of the right profile is said
 * elsewhere: carnet/certificate_path.h, carnet/certificate_profile.h.
 */
#ifndef CARNET_CERTIFICATE_H
#define CARNET_CERTIFICATE_H
#include "carnet/crypto.h"
#include "carnet/der.h"
CARNET_BEGIN_DECLS

/** Extensions known by name; the others are only stepped over. */
typedef enum carnet_extension {
    CARNET_EXTENSION_AUTHORITY_KEY_IDENTIFIER,
    CARNET_EXTENSION_SUBJECT_KEY_IDENTIFIER,
    CARNET_EXTENSION_KEY_USAGE,
    CARNET_EXTENSION_EXTENDED_KEY_USAGE,
    CARNET_EXTENSION_BASIC_CONSTRAINTS,
    CARNET_EXTENSION_SUBJECT_ALTERNATIVE_NAME,
    CARNET_EXTENSION_ISSUER_ALTERNATIVE_NAME,
    CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS,
    CARNET_EXTENSION_AUTHORITY_INFORMATION_ACCESS,
    CARNET_EXTENSION_CERTIFICATE_POLICIES,
    CARNET_EXTENSION_POLICY_MAPPINGS,
    CARNET_EXTENSION_NAME_CONSTRAINTS,
    CARNET_EXTENSION_POLICY_CONSTRAINTS,
    CARNET_EXTENSION_INHIBIT_ANY_POLICY,
    CARNET_EXTENSION_FRESHEST_CRL,
    CARNET_EXTENSION_OCSP_NO_CHECK,
    CARNET_EXTENSION_COUNT
} carnet_extension;

/** An extension's bit in the masks `present` and `critical`. */
#define CARNET_EXTENSION_BIT(extension) (UINT32_C(1) << (extension))

/** Key usage bits, by their number in RFC 5280, 4.2.1.3. */
enum {
    CARNET_KEY_USAGE_DIGITAL_SIGNATURE = 1 << 0,
    CARNET_KEY_USAGE_NON_REPUDIATION = 1 << 1,
    CARNET_KEY_USAGE_CERTIFICATE_SIGN = 1 << 5,
    CARNET_KEY_USAGE_CRL_SIGN = 1 << 6
};

#define CARNET_NO_PATH_LENGTH UINT32_MAX /**< no limit on the number of issuers below */

/** An opened certificate: read the members, do not write them. */
typedef struct carnet_certificate {
    carnet_span der;              /**< all of it */
    carnet_span tbs;              /**< what was signed */
    carnet_span serial;           /**< INTEGER content */
    carnet_span signature_oid;    /**< algorithm's identifier */
    carnet_span signature;        /**< as encoded: Ecdsa-Sig-Value, or EdDSA's octets */
    carnet_span issuer, subject;  /**< Names as encoded; see carnet_name_get() */
    carnet_span key_bits;         /**< content of the public key's BIT STRING, what the key identifier digests */
    carnet_span spki;             /**< SubjectPublicKeyInfo as encoded */
    carnet_span authority_key_id; /**< keyIdentifier of the AKI; empty if absent */
    carnet_span subject_key_id;   /**< empty if absent */
    carnet_span purposes;         /**< ExtendedKeyUsage content; see carnet_certificate_purpose_next() */
    carnet_span subject_names, issuer_names; /**< GeneralNames content; see carnet_general_name_next() */
    carnet_span crl_points, information;     /**< content; see carnet_certificate_uri_next() */
    carnet_span policies;                    /**< content of CertificatePolicies */
    carnet_span unknown_critical; /**< identifier of the first critical extension not known here; empty if none */
    carnet_time not_before, not_after;
    uint32_t present, critical; /**< extensions, as bits; `critical` for known ones only */
    uint32_t malformed;   /**< extensions that say where to find what, are not critical, and could not be read; the
                                      certificate is opened nevertheless, as if they said nothing */
    uint32_t path_length; /**< pathLenConstraint, or CARNET_NO_PATH_LENGTH */
    uint16_t key_usage;   /**< CARNET_KEY_USAGE_ bits; 0 if the extension is absent */
    bool ca;              /**< cA of BasicConstraints */
    bool der_form;        /**< all was encoded as DER and RFC 5280 demand; false: bits of the key usage, the flag of a
                                      certificate authority or a date's type were not, but clear in meaning */
    bool crl_points_form; /**< each distribution point is a full name without reasons and cRLIssuer */
    carnet_signature_algorithm signature_algorithm; /**< CARNET_SIGNATURE_NONE if none of ours */
    carnet_public_key public_key; /**< not yet checked to be a point; curve CARNET_CURVE_NONE if none of ours, not a
                                       named curve, or not uncompressed */
} carnet_certificate;

/** Open an encoded certificate.  On failure *certificate is empty and *err, if given, has the byte offset.
 *  Refused: other versions than 3, unique identifiers, a known extension that is malformed (but see `malformed`), any
 *  extension twice, signature algorithms inside and outside that differ. */
CARNET_API carnet_rc carnet_certificate_open(carnet_span der, carnet_certificate *certificate, carnet_err *err);

/** Verify the certificate's signature with the issuer's key, and nothing else.  CARNET_E_CRYPTO_SIGNATURE: it is wrong.
 *  CARNET_E_X509_ALGORITHM: algorithm or key are none of ours, or do not go together. */
CARNET_API carnet_rc carnet_certificate_verify(const carnet_certificate *certificate, const carnet_public_key *issuer,
                                               carnet_crypto *crypto, carnet_err *err);

/** Issuer and subject are the same name, byte for byte. */
CARNET_API bool carnet_certificate_self_issued(const carnet_certificate *certificate);
/** `issuer` may have issued the certificate: the names fit, byte for byte. */
CARNET_API bool carnet_certificate_issued_by(const carnet_certificate *certificate, const carnet_certificate *issuer);
/** The key identifier of method 1 (RFC 5280, 4.2.1.2): SHA-1 of the key's bits. */
CARNET_API carnet_rc carnet_certificate_key_id(const carnet_certificate *certificate, carnet_crypto *crypto,
                                               uint8_t out[20], carnet_err *err);

/* --- names --- */

typedef enum carnet_name_attribute {
    CARNET_NAME_COUNTRY,
    CARNET_NAME_STATE,
    CARNET_NAME_LOCALITY,
    CARNET_NAME_ORGANISATION,
    CARNET_NAME_ORGANISATIONAL_UNIT,
    CARNET_NAME_COMMON_NAME,
    CARNET_NAME_SERIAL_NUMBER,
    CARNET_NAME_ATTRIBUTE_COUNT,
    CARNET_NAME_OTHER = CARNET_NAME_ATTRIBUTE_COUNT
} carnet_name_attribute;

/** One attribute of a name. */
typedef struct carnet_name_value {
    carnet_name_attribute attribute;
    uint8_t tag;       /**< string type; 0: there is no such attribute */
    carnet_span oid;   /**< attribute type */
    carnet_span bytes; /**< value as received */
    carnet_str text;   /**< the same as text; empty if it is no well-formed PrintableString, UTF8String or IA5String */
} carnet_name_value;

/** Step to the next attribute of a Name as encoded; false after the last.  Start with *at = {0}. */
CARNET_API bool carnet_name_next(carnet_span name, carnet_span *at, carnet_name_value *value);
/** The first attribute of this type; false (and tag 0) if there is none. */
CARNET_API bool carnet_name_get(carnet_span name, carnet_name_attribute attribute, carnet_name_value *value);
/** Append the name as text, in the order received: "C=US, CN=utopia iaca".  Bytes outside printable ASCII that are not
 *  part of UTF-8 text, and control characters, appear as '?'. */
CARNET_API void carnet_name_text(carnet_span name, carnet_buf *out);

/* --- iterators; all start with *at = {0} and cannot fail on an opened certificate --- */

/** GeneralName choices, by their tag number. */
enum {
    CARNET_GENERAL_NAME_EMAIL = 1,
    CARNET_GENERAL_NAME_DNS = 2,
    CARNET_GENERAL_NAME_DIRECTORY = 4,
    CARNET_GENERAL_NAME_URI = 6,
    CARNET_GENERAL_NAME_ADDRESS = 7
};
typedef struct carnet_general_name {
    uint8_t choice;      /**< tag number */
    carnet_span content; /**< for a directory name: the Name as encoded */
} carnet_general_name;

/** Next of subject_names or issuer_names. */
CARNET_API bool carnet_general_name_next(carnet_span names, carnet_span *at, carnet_general_name *name);
/** Next identifier of the extended key usage. */
CARNET_API bool carnet_certificate_purpose_next(const carnet_certificate *certificate, carnet_span *at,
                                                carnet_span *oid);
CARNET_API bool carnet_certificate_has_purpose(const carnet_certificate *certificate, carnet_span oid);
/** Next URI of the extension: CRL distribution points, authority information access (with *method, may be NULL, the
 *  access method), subject or issuer alternative name. */
CARNET_API bool carnet_certificate_uri_next(const carnet_certificate *certificate, carnet_extension extension,
                                            carnet_span *at, carnet_str *uri, carnet_span *method);

CARNET_END_DECLS
#endif
