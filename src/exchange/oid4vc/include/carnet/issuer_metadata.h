/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credential issuer metadata (OpenID4VCI 12.2): made from a description, opened
 * into views; as JSON and signed (12.2.3).
 *
 * What was opened owns its JSON until carnet_issuer_metadata_done(), and every
 * view taken of it borrows that.  Members not known are passed over, and so are
 * configurations of formats not known: they are listed, with their format.
 */
#ifndef CARNET_ISSUER_METADATA_H
#define CARNET_ISSUER_METADATA_H
#include "carnet/credential_encryption.h"
#include "carnet/jws.h"
CARNET_BEGIN_DECLS

#define CARNET_ISSUER_METADATA_TYPE      "openidvci-issuer-metadata+jwt"
#define CARNET_ISSUER_METADATA_MAX       (2 * 1024 * 1024) /**< octets of JSON, and characters signed */
#define CARNET_AUTHORIZATION_SERVERS_MAX 8
#define CARNET_CONFIGURATION_ID_MAX      128 /**< characters of an identifier of ours */
#define CARNET_CONFIGURATIONS_MAX        256
#define CARNET_SIGNING_ALGORITHMS_MAX    8
#define CARNET_ATTESTATION_LEVELS_MAX    8

/** How a name is shown.  Empty: not said. */
typedef struct carnet_display {
    carnet_str name, locale, description;
    carnet_str logo_uri, logo_alt_text; /**< https: or data: */
    carnet_str background_color, text_color, background_image_uri;
} carnet_display;

/** A data element the credential may have: path [name_space, element] (C.1). */
typedef struct carnet_claim_description {
    carnet_str name_space, element;
    bool mandatory;
    const carnet_display *displays; /**< to be made */
    size_t display_count;
    const carnet_json *json; /**< opened: the whole object, with path and display; else NULL */
} carnet_claim_description;

/** key_attestations_required.  Without levels any attestation will do. */
typedef struct carnet_key_attestations_required {
    bool required;
    carnet_str key_storage[CARNET_ATTESTATION_LEVELS_MAX];
    size_t key_storage_count;
    carnet_str user_authentication[CARNET_ATTESTATION_LEVELS_MAX];
    size_t user_authentication_count;
} carnet_key_attestations_required;

/** One of proof_types_supported. */
typedef struct carnet_proof_type {
    bool supported;
    carnet_signature_algorithm algorithms[CARNET_SIGNING_ALGORITHMS_MAX]; /**< those known here */
    size_t algorithm_count;
    carnet_key_attestations_required key_attestations;
} carnet_proof_type;

/** One of credential_configurations_supported. */
typedef struct carnet_credential_configuration {
    carnet_str id, format; /**< made: always mso_mdoc */
    carnet_str doctype, scope;
    int64_t signing_algorithms[CARNET_SIGNING_ALGORITHMS_MAX]; /**< COSE numbers; names are taken too in reading */
    size_t signing_algorithm_count;
    bool binding;       /**< proof_types_supported is there: a proof is required */
    bool cose_key, jwk; /**< cryptographic_binding_methods_supported */
    carnet_proof_type jwt, attestation;
    bool dehydrated;         /**< iso_23220_3.dehydrated: the issuer can send IssuerSignedDehydrated (23220-3 8.1.2) */
    const carnet_json *json; /**< opened: the whole object; else NULL */
} carnet_credential_configuration;

/** Metadata. */
typedef struct carnet_issuer_metadata {
    carnet_json *document; /**< owned, if opened */
    carnet_str credential_issuer;
    carnet_str authorization_servers[CARNET_AUTHORIZATION_SERVERS_MAX]; /**< none: the issuer itself */
    size_t authorization_server_count;
    carnet_str credential_endpoint, nonce_endpoint, deferred_credential_endpoint, notification_endpoint;
    carnet_str mdoc_iacas_uri;
    uint32_t batch_size; /**< 1 if batches are not announced */
    carnet_credential_encryption request_encryption, response_encryption;
    size_t configuration_count;
} carnet_issuer_metadata;

/* --- made --- */

typedef struct carnet_credential_configuration_spec {
    carnet_credential_configuration configuration;
    const carnet_display *displays;
    size_t display_count;
    const carnet_claim_description *claims;
    size_t claim_count;
} carnet_credential_configuration_spec;

typedef struct carnet_issuer_metadata_spec {
    size_t struct_size;              /**< sizeof(carnet_issuer_metadata_spec) */
    carnet_issuer_metadata metadata; /**< configuration_count and document unused */
    const carnet_display *displays;
    size_t display_count;
    const carnet_credential_configuration_spec *configurations;
    size_t configuration_count;
} carnet_issuer_metadata_spec;

/** Append the metadata's JSON. */
CARNET_API carnet_rc carnet_issuer_metadata_build(const carnet_issuer_metadata_spec *spec, carnet_buf *out,
                                                  carnet_err *err);

/** How metadata is signed. */
typedef struct carnet_issuer_metadata_signer {
    carnet_key *key;
    const carnet_span *x5c; /**< DER, the signer's first; neither self-signed nor with the trust anchor (HAIP) */
    size_t x5c_count;
    carnet_str issuer;                 /**< iss; empty: left out */
    carnet_time issued_at, expires_at; /**< expires_at 0: left out */
} carnet_issuer_metadata_signer;

/** Append the metadata as JWS, typ openidvci-issuer-metadata+jwt.  `scratch` needs room for the JSON. */
CARNET_API carnet_rc carnet_issuer_metadata_sign(const carnet_issuer_metadata_spec *spec,
                                                 const carnet_issuer_metadata_signer *signer, carnet_crypto *crypto,
                                                 carnet_buf *scratch, carnet_buf *out, carnet_err *err);

/* --- opened --- */

/** Open metadata.  `credential_issuer` is what the offer or the caller named: metadata of another is refused
 *  (CARNET_E_OID4VCI_ISSUER; 12.2.4).  CARNET_E_OID4VCI_METADATA names the member that is missing or malformed.
 *  `crypto` checks the keys of credential_request_encryption. */
CARNET_API carnet_rc carnet_issuer_metadata_open(carnet_str json, carnet_str credential_issuer, bool insecure_loopback,
                                                 carnet_crypto *crypto, carnet_issuer_metadata *metadata,
                                                 carnet_err *err);
CARNET_API void carnet_issuer_metadata_done(carnet_issuer_metadata *metadata);

/** Who signed metadata, to be judged by the caller: the certificates are views into `storage`. */
typedef struct carnet_issuer_metadata_signature {
    carnet_span x5c[CARNET_JWS_CHAIN_MAX];
    size_t x5c_count;
    carnet_time issued_at, expires_at; /**< expires_at INT64_MAX: not said */
} carnet_issuer_metadata_signature;

/** Open signed metadata: typ, signature by x5c's first certificate, sub, iat and exp against `now` with `skew` seconds, then
 *  as above.  Whether the certificates lead to a trusted one is the caller's to see (carnet/certificate_path.h).
 *  `storage` is given less than jws.len octets.  CARNET_E_JOSE_*; CARNET_E_OID4VCI_TIME. */
CARNET_API carnet_rc carnet_issuer_metadata_open_signed(carnet_str jws, carnet_str credential_issuer,
                                                        bool insecure_loopback, carnet_time now, int64_t skew,
                                                        carnet_crypto *crypto, carnet_buf *storage,
                                                        carnet_issuer_metadata *metadata,
                                                        carnet_issuer_metadata_signature *signature, carnet_err *err);

/** The i-th configuration, and the one of an id.  CARNET_E_OID4VCI_METADATA: it is malformed (the others may do);
 *  CARNET_E_OID4VCI_CONFIGURATION: there is none. */
CARNET_API carnet_rc carnet_issuer_metadata_configuration(const carnet_issuer_metadata *metadata, size_t i,
                                                          carnet_credential_configuration *configuration,
                                                          carnet_err *err);
CARNET_API carnet_rc carnet_issuer_metadata_find(const carnet_issuer_metadata *metadata, carnet_str id,
                                                 carnet_credential_configuration *configuration, carnet_err *err);
/** How to show the issuer, a configuration, a claim: the display of this language ("de", "de-CH"), else of a like one, else
 *  the one without locale, else English, else the first.  False if there is none. */
CARNET_API bool carnet_issuer_metadata_display(const carnet_issuer_metadata *metadata, carnet_str locale,
                                               carnet_display *display);
CARNET_API bool carnet_credential_configuration_display(const carnet_credential_configuration *configuration,
                                                        carnet_str locale, carnet_display *display);
CARNET_API bool carnet_claim_description_display(const carnet_claim_description *claim, carnet_str locale,
                                                 carnet_display *display);
/** The i-th claim whose path names a data element; false past the last. */
CARNET_API bool carnet_credential_configuration_claim(const carnet_credential_configuration *configuration, size_t i,
                                                      carnet_claim_description *claim);

/* --- where it lies --- */

/** Append https://host/.well-known/NAME/path for an identifier https://host/path (OpenID4VCI 12.2.2; RFC 8414 3.1): NAME is
 *  "openid-credential-issuer" or "oauth-authorization-server".  CARNET_E_OID4VCI_ISSUER: no https URL (or, with
 *  `insecure_loopback`, http one to this machine), or one with query or fragment. */
CARNET_API carnet_rc carnet_well_known_url(carnet_str identifier, const char *name, bool insecure_loopback,
                                           carnet_buf *out, carnet_err *err);

CARNET_END_DECLS
#endif
