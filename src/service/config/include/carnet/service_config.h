/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration of carnetd: one YAML file, read against a schema.  These
 * structures and the schema (schema.c) say the same; doc/carnetd.yaml.md
 * explains each key.  What is wrong is told with file, line and key.
 *
 * All memory is the configuration's own until carnet_config_free(); after
 * loading it is only read, by several threads if they like.  Texts are zero-
 * terminated, NULL where a key was left out that has no default; relative names
 * of files were taken from the folder the file is in.
 */
#ifndef CARNET_SERVICE_CONFIG_H
#define CARNET_SERVICE_CONFIG_H
#include "carnet/service_config_services.h"
CARNET_BEGIN_DECLS

/** What a listener serves: bits. */
enum {
    CARNET_SERVES_PUBLIC = 1,     /**< wallets and the browsers of holders */
    CARNET_SERVES_STAFF = 2,      /**< the officer's desk, the authority's overview */
    CARNET_SERVES_ADMIN = 4,      /**< other systems of the authority: making offers.  Mutual TLS, or loopback only */
    CARNET_SERVES_OPERATIONS = 8, /**< /healthz /readyz /metrics /openapi.json */
};

typedef struct carnet_config_listener {
    char *address;
    uint16_t port; /**< 0: any, told in the log */
    uint32_t serves;
    unsigned threads;
    char *chain, *key, *clients;         /**< files, PEM; without a chain: plain HTTP */
    carnet_config_texts trusted_proxies; /**< addresses or networks ("10.0.0.0/8") whose forwarding headers are
                                              believed */
    bool forwarded;                      /**< by Forwarded (RFC 7239), not X-Forwarded-For */
    char *client_certificate_header;     /**< in which a trusted proxy hands on the client's certificate; NULL: not */
    unsigned header_ms, body_ms, response_ms, idle_ms, header_octets, requests_per_connection, connections,
        connections_per_address; /**< 0: the defaults of carnet/http_service.h */
} carnet_config_listener;

typedef struct carnet_config_store {
    char *place; /**< as of carnet_store_config: an SQLite file, or "postgresql://..." */
    unsigned connections, patience_ms;
} carnet_config_store;

typedef enum carnet_config_area_kind {
    CARNET_CONFIG_SOFTWARE,
    CARNET_CONFIG_PKCS11,
    CARNET_CONFIG_TPM2
} carnet_config_area_kind;

/** A secure area. */
typedef struct carnet_config_area {
    char *name;
    carnet_config_area_kind kind;
    char *file;           /**< software: the sealed file; tpm2: of the wrapped keys */
    char *secret_file;    /**< passphrase, PIN, or authorisation value: the file's octets without a line end */
    char *module, *token; /**< pkcs11 */
    char *tcti;           /**< tpm2 */
} carnet_config_area;

/** A key in a secure area, with its certificates if it signs under one. */
typedef struct carnet_config_key {
    char *name;       /**< by which services ask for it */
    char *area;       /**< its secure area's name */
    char *identifier; /**< in the area: text, or "hex:" and digits */
    char *chain;      /**< PEM: its certificate first, without the root; NULL: a bare key */
    char *root;       /**< PEM: the root its chain ends under (the IACA certificate of a document signer); NULL: none */
} carnet_config_key;

/** A row of the table of risks (carnet/service_risk.h makes it one of carnet/assurance.h). */
typedef struct carnet_config_risk {
    char *id;
    char *type, *currency;      /**< NULL: any */
    uint64_t max_amount;        /**< minor units, included; 0: no limit */
    char *profile;              /**< "strict", "nist", "p1940", "grid" */
    carnet_config_texts impact; /**< six of "none", "low", "moderate", "high", in the order of SP 800-63-3 */
    bool personal_data;
    unsigned likelihood, severity; /**< grid: 1 to 5 */
    carnet_config_texts vtr;       /**< instead of the level's default */
} carnet_config_risk;

typedef struct carnet_config_log {
    char *file; /**< NULL: standard output */
} carnet_config_log;

/** Days for which what is over is kept; 0: the defaults of carnet_store_policy. */
typedef struct carnet_config_retention {
    unsigned offers_days, grants_days, evidence_days, enrolments_days, credentials_days, events_days;
} carnet_config_retention;

typedef struct carnet_config {
    char *base_url;               /**< "https://host[:port][/tenant]", no slash at the end */
    char *authority;              /**< the issuing authority's name, as a person reads it */
    char *secrets;                /**< file of the deployment's sealing keys, alike on all instances */
    bool allow_insecure_loopback; /**< plain http at 127.0.0.1, [::1] and localhost is as good as https */
    carnet_config_listener *listeners;
    size_t listener_count;
    carnet_config_store *store;
    carnet_config_area *areas;
    size_t area_count;
    carnet_config_key *keys;
    size_t key_count;
    carnet_config_log *log;
    carnet_config_retention *retention;
    carnet_config_source *sources;
    size_t source_count;
    carnet_config_risk *risk;
    size_t risk_count;
    carnet_config_services *services;    /**< never NULL */
    struct carnet_config_places *places; /**< opaque; NULL for one made by hand */
} carnet_config;

/** What is wrong with a file of configuration, in a sentence that names file, line and key:
 *  "/etc/carnet/carnetd.yaml:12: listeners[0].port: ...". */
typedef struct carnet_config_complaint {
    char text[768];
} carnet_config_complaint;

/** Read a file.  CARNET_E_CONFIG_FILE: it cannot be read; _SYNTAX: it is no YAML; _KEY: a key is unknown, missing, twice, or
 *  has a value of another kind; _VALUE: a value cannot be.  *config is NULL on failure; `complaint` may be NULL. */
carnet_rc carnet_config_load(const char *file, carnet_config **config, carnet_config_complaint *complaint);
/** The same for text; `file` is the name it goes by, and relative names of files are of its folder. */
carnet_rc carnet_config_read(carnet_str yaml, const char *file, carnet_config **config,
                             carnet_config_complaint *complaint);
void carnet_config_free(carnet_config **config);

/** Make a complaint of what is wrong with a key that was loaded; the key, such as "services.issuing.configurations[2].signer",
 *  is err->path, whose nearest ancestor in the file gives the line. */
void carnet_config_complain(const carnet_config *config, const carnet_err *err, carnet_config_complaint *complaint);

/** Append the schema, a line a key, such as "listeners[].port  whole number, 0 to 65535". */
void carnet_config_schema_text(carnet_buf *out);

CARNET_END_DECLS
#endif
