/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration's section `services.mobile_app_server`; see carnet/service_config_services.h. */
#ifndef CARNET_SERVICE_CONFIG_MOBILE_APP_SERVER_H
#define CARNET_SERVICE_CONFIG_MOBILE_APP_SERVER_H
#include "carnet/service_config_services.h"
CARNET_BEGIN_DECLS

/** Who makes terminals' codes. */
typedef struct carnet_config_app_acquirer {
    char *name;
    char *key_file; /**< hexadecimal digits of the key, 16 octets or more */
} carnet_config_app_acquirer;

/** A terminal that transactions may be fulfilled at. */
typedef struct carnet_config_app_terminal {
    char *id;          /**< as in DE 41 */
    char *label;       /**< as its users read it */
    char *acquirer;    /**< name of its acquirer */
    unsigned multiple; /**< what it dispenses are multiples of so many minor units; 0: any */
} carnet_config_app_terminal;

/** An issuing authorisation system that may ask about transactions. */
typedef struct carnet_config_app_friend {
    char *id;                 /**< of its certificate's urn:p1940:friend:ID */
    carnet_config_texts keys; /**< SHA-256 of the public keys it may have (SubjectPublicKeyInfo), hexadecimal */
} carnet_config_app_friend;

/** What may be staged in a currency; 0: no limit. */
typedef struct carnet_config_app_currency {
    char *number; /**< ISO 4217, three digits */
    unsigned multiple, max, daily;
} carnet_config_app_currency;

typedef struct carnet_config_mobile_app_server {
    char *rp_id;                              /**< what the identity provider calls this relying party */
    char *provider;                           /**< the identity provider's base URL */
    char *provider_id;                        /**< as its tokens name it; NULL: `provider` */
    carnet_config_texts provider_keys;        /**< PEM files: keys or certificates its tokens are signed by */
    char *ca;                                 /**< PEM: authorities of its TLS certificate */
    char *certificate, *certificate_key;      /**< PEM: ours towards it */
    char *project_trustmark;                  /**< URL of the project's trustmark; NULL: it is not known */
    char *notify;                             /**< "poll", "ping", "push" */
    char *document_request;                   /**< DeviceRequest in CBOR: users are asked for this, too; NULL: no */
    carnet_config_texts device_authorities;   /**< PEM files: who certifies devices */
    carnet_config_texts terminal_authorities; /**< PEM files */
    carnet_config_texts friend_authorities;   /**< PEM files */
    carnet_config_app_acquirer *acquirers;
    size_t acquirer_count;
    carnet_config_app_terminal *terminals;
    size_t terminal_count;
    carnet_config_app_friend *friends;
    size_t friend_count;
    carnet_config_app_currency *currencies;
    size_t currency_count;
    char *token_prefix;       /**< digits that a transaction's own PAN begins with */
    unsigned staged_minutes;  /**< that a staged transaction waits for its terminal (30) */
    unsigned session_seconds; /**< that a user has to authenticate (120) */
    unsigned attempts;        /**< codes refused before a transaction fails (3) */
    unsigned step_ups;        /**< further sessions of a transaction (1) */
    unsigned waits;           /**< requests that may wait for news at once (2) */
    bool rearm;               /**< what was reversed may be fulfilled again while it is good */
} carnet_config_mobile_app_server;

CARNET_END_DECLS
#endif
