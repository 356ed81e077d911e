/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration's sections of services, `services:` and `sources:`; see
 * carnet/service_config.h for whose memory it is.  A section that is NULL is a
 * service that does not run here.  Numbers that were left out are 0 and stand
 * for the service's default; texts are NULL.
 */
#ifndef CARNET_SERVICE_CONFIG_SERVICES_H
#define CARNET_SERVICE_CONFIG_SERVICES_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

/** A list of texts. */
typedef struct carnet_config_texts {
    char **list;
    size_t count;
} carnet_config_texts;

/* --- sources: where attributes come from (carnet/source.h) --- */

typedef enum carnet_config_source_kind {
    CARNET_CONFIG_CSV = 1,
    CARNET_CONFIG_SQL,
    CARNET_CONFIG_HTTP
} carnet_config_source_kind;

typedef struct carnet_config_source {
    char *name;
    carnet_config_source_kind kind;
    char *file, *key_column;                                /**< csv */
    char *place, *query;                                    /**< sql */
    unsigned connections;                                   /**< sql */
    char *files;                                            /**< csv, sql: folder of files that cells name */
    char *url, *method;                                     /**< http; method: "get" or "post" */
    char *ca, *certificate, *certificate_key, *bearer_file; /**< http */
    unsigned timeout_ms;                                    /**< sql, http */
} carnet_config_source;

/* --- services.authorization (carnet/authorization.h) --- */

typedef struct carnet_config_client {
    char *client_id, *name;
    carnet_config_texts redirect_uris;
    bool attestation_required;
} carnet_config_client;

typedef struct carnet_config_authorization {
    carnet_config_client *clients;
    size_t client_count;
    bool open_clients;
    carnet_config_texts wallet_attesters; /**< PEM files: certificates, roots or their own, of wallet attesters */
    bool attestation_required, challenge_required, anonymous_pre_authorised, pushed_required, dpop_nonce_required,
        consent;
    unsigned request_seconds, identification_seconds, code_seconds, access_seconds, nonce_seconds, proof_seconds,
        skew_seconds;
} carnet_config_authorization;

/* --- services.issuing (carnet/issuer_policy.h) --- */

/** A credential configuration and its policy. */
typedef struct carnet_config_credential {
    char *id, *doctype, *scope, *name;
    char *doctype_file;   /**< JSON, of carnet/doctype_file.h, for a type that Carnet has no table of */
    char *signer;         /**< name of a key */
    char *source;         /**< name of a source */
    char *identification; /**< method of the code flow: "officer", "presentation", "oidc"; NULL: pre-authorised only */
    unsigned valid_days, expected_update_days, round_hours;
    char *hash; /**< "SHA-256", ... */
    bool dehydrated;
    unsigned batch_max;
    carnet_config_texts key_algorithms; /**< "ES256", ... */
    carnet_config_texts proof_types;    /**< "jwt", "attestation" */
    bool key_reuse_allowed, key_attestation_required;
    carnet_config_texts key_storage, user_authentication;
    bool wallet_attestation_required, bearer_allowed;
    unsigned refresh_days, reissue_before_days, reissue_max;
    char *status_uri;
    char *deferral; /**< "source", "never", "always" */
    unsigned deferred_interval_seconds;
    char *display_file, *claims_file; /**< JSON, for the metadata */
    char *background_color, *text_color, *logo_uri;
} carnet_config_credential;

typedef struct carnet_config_issuing {
    carnet_config_credential *configurations;
    size_t configuration_count;
    char *display_file, *logo_uri; /**< of the issuer, for the metadata */
    char *metadata_key;            /**< name of the key that signs the metadata; NULL: not signed */
    char *encryption_key;          /**< name of the key that requests are encrypted to; NULL: none */
    bool encryption_required;      /**< of responses */
    unsigned nonce_seconds;
    carnet_config_texts key_attesters; /**< PEM files: certificates of those who attest keys */
    unsigned offer_seconds;            /**< how long an offer is good (86400) */
    unsigned tx_code_attempts;         /**< (5) */
} carnet_config_issuing;

/* --- services.identification (carnet/identification.h) --- */

typedef struct carnet_config_officer {
    unsigned case_hours;
    bool four_eyes; /**< another officer confirms */
} carnet_config_officer;

/** A document that identifies its holder. */
typedef struct carnet_config_presented {
    char *doctype;
    carnet_config_texts
        elements;  /**< "NAME SPACE/ELEMENT", or "NAME SPACE/ELEMENT = NAME SPACE/ELEMENT" of the new one */
    char *subject; /**< "NAME SPACE/ELEMENT"; NULL: a keyed digest of all elements */
} carnet_config_presented;

typedef struct carnet_config_presentation {
    char *trust;      /**< PEM file of roots the presented documents are trusted under */
    char *reader_key; /**< name of the key that authenticates the request; NULL: it is not authenticated */
    carnet_config_presented *documents;
    size_t document_count;
} carnet_config_presentation;

typedef struct carnet_config_oidc {
    char *issuer, *client_id, *client_secret_file, *scope, *subject_claim, *ca;
    carnet_config_texts audiences;          /**< that an ID token may name beside `client_id` */
    carnet_config_texts signing_algorithms; /**< of ID tokens; empty: all that are known */
    carnet_config_texts acr_values;         /**< one of which a log-in must have; empty: it is not looked at */
    unsigned max_age_seconds;               /**< since the person logged in; 0: it is not looked at */
    unsigned timeout_ms;
} carnet_config_oidc;

typedef struct carnet_config_identification {
    carnet_config_officer *officer;
    carnet_config_presentation *presentation;
    carnet_config_oidc *oidc;
} carnet_config_identification;

/* --- pages and the app provider --- */

typedef struct carnet_config_desk {
    unsigned session_minutes;
} carnet_config_desk;

typedef struct carnet_config_overview {
    unsigned expiry_days; /**< certificates that end within so many days are shown as ending (30) */
} carnet_config_overview;

typedef struct carnet_config_provider {
    char *attestation_key; /**< name of the key that attests wallets and their keys */
    char *client_id;       /**< of the wallet it attests */
    char *wallet_name, *wallet_link;
    unsigned attestation_hours;
    carnet_config_texts key_storage;     /**< said of keys that were shown by their use alone */
    carnet_config_texts tpm_key_storage; /**< said of keys that a trusted TPM certified */
    carnet_config_texts user_authentication;
    char *tpm_keys_file;         /**< PEM: the attestation keys of TPMs that are trusted */
    carnet_config_texts issuers; /**< base URLs of issuing services that apps' requests are passed on to */
    bool relay_plain;            /**< pass on requests for documents that are not encrypted, too */
    char *ca;                    /**< PEM: authorities of those services' TLS certificates */
} carnet_config_provider;

/* --- services.acquiring_switch (carnet/acquiring_switch.h) --- */

/** A connection of a payment network: where, and what is spoken on it. */
typedef struct carnet_config_payment_link {
    char *name, *address;
    unsigned port;
    char *version;                                 /**< "1987", "1993", "2003"; NULL: 1987 */
    char *flavour;                                 /**< of carnet/iso8583_spec.h; NULL: ascii */
    char *spec_file;                               /**< JSON, of doc/iso8583.schema.json, instead of both */
    char *framing;                                 /**< of carnet/iso8583_frame.h; NULL: post */
    char *tls_chain, *tls_key, *tls_ca, *tls_name; /**< tls_ca where terminals connect: they must show certificates */
    char *mac, *mac_key_file;                      /**< "retail", "retail-2", "aes-cmac" */
    unsigned pin_format;
    char *pin_key_file;
    char *carrier; /**< "text", "tlv", "tlv-short" */
    unsigned carrier_element;
    char *acquirer;            /**< DE 32 where it is absent */
    carnet_config_texts match; /**< elements that answers are known by: "7", "11", "32", "37", "41" */
    bool sign_on, keeps_local_time;
    unsigned echo_seconds, answer_ms, repeat_seconds, connections, idle_seconds;
    unsigned per_second; /**< messages of one connection of a terminal */
} carnet_config_payment_link;

/** Where a message goes: the first route whose every key fits. */
typedef struct carnet_config_payment_route {
    char *to; /**< name of an issuer's link */
    /** Beginnings of DE 2, or of all from one to another ("999940-999949"); whole values of DE 100; beginnings of DE 41 and of
     *  DE 3.  None: any. */
    carnet_config_texts bins, institutions, terminals, processing;
} carnet_config_payment_route;

typedef struct carnet_config_acquiring_switch {
    carnet_config_payment_link *terminals, *issuers;
    size_t terminal_count, issuer_count;
    carnet_config_payment_route *routes;
    size_t route_count;
} carnet_config_acquiring_switch;

typedef struct carnet_config_services {
    carnet_config_authorization *authorization;
    carnet_config_issuing *issuing;
    carnet_config_identification *identification;
    carnet_config_desk *desk;
    carnet_config_overview *overview;
    carnet_config_provider *provider;
    carnet_config_acquiring_switch *acquiring_switch;
    struct carnet_config_mobile_app_server *mobile_app_server; /**< carnet/service_config_mobile_app_server.h */
    struct carnet_config_issuing_authorization
        *issuing_authorization;                                /**< carnet/service_config_issuing_authorization.h */
    struct carnet_config_identity_provider *identity_provider; /**< carnet/service_config_identity_provider.h */
} carnet_config_services;

CARNET_END_DECLS
#endif
