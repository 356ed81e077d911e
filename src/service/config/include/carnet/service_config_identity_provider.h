/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration's section `services.identity_provider`; see carnet/service_config_services.h. */
#ifndef CARNET_SERVICE_CONFIG_IDENTITY_PROVIDER_H
#define CARNET_SERVICE_CONFIG_IDENTITY_PROVIDER_H
#include "carnet/service_config_services.h"
CARNET_BEGIN_DECLS

/** A relying party. */
typedef struct carnet_config_identity_friend {
    char *id;                 /**< of its certificate's urn:p1940:friend:ID */
    carnet_config_texts keys; /**< SHA-256 of the public keys it may have (SubjectPublicKeyInfo), hexadecimal */
    char *notify_url;         /**< where it is pinged, or pushed to; NULL: it polls */
    char *backchannel_mode;   /**< of CIBA: "poll", "ping" or "push"; NULL: poll */
    char *backchannel_url;    /**< where it is pinged, or pushed to, then */
    unsigned rate;            /**< sessions it may open in a minute (600) */
} carnet_config_identity_friend;

/** A terminal whose place or reader key is known. */
typedef struct carnet_config_identity_terminal {
    char *id;                   /**< as in DE 41 */
    char *latitude, *longitude; /**< degrees, such as "41.00820"; NULL: not known */
    char *reader_key;           /**< PEM: certificate or public key; NULL: it brings no evidence */
} carnet_config_identity_terminal;

typedef struct carnet_config_identity_provider {
    char *id;                                 /**< as tokens and transcripts name it; NULL: base_url */
    char *token_key;                          /**< name of the key that signs tokens and carriers */
    char *device_key;                         /**< name of the key that certifies devices; it has a chain */
    carnet_config_texts device_authorities;   /**< PEM files: certificates of such keys, this one's too */
    carnet_config_texts friend_authorities;   /**< PEM files */
    carnet_config_texts attesters;            /**< PEM files: who attests devices' keys */
    carnet_config_texts document_authorities; /**< PEM files: issuers of documents */
    char *confidence;                         /**< in those issuers: "none", "self_asserted", "substantial", "high" */
    char *project_trustmark;                  /**< URL; NULL: none */
    char *fido_rp_id;                         /**< NULL: no FIDO */
    carnet_config_texts fido_origins;
    carnet_config_identity_friend *friends;
    size_t friend_count;
    carnet_config_identity_terminal *terminals;
    size_t terminal_count;
    char *push_url;                      /**< gateway of pushes to devices; NULL: they ask */
    char *ca;                            /**< PEM: authorities of the TLS certificates of those that are notified */
    char *certificate, *certificate_key; /**< PEM: ours towards them */
    unsigned level;                      /**< asked for when a request says neither vectors nor level (2) */
    unsigned renewal_level;              /**< that a new device's certificate is renewed at (2) */
    unsigned certificate_days;           /**< that a device is certified for (90) */
    unsigned bootstrap_minutes;          /**< that an invitation is good for (10) */
    unsigned opportunity_seconds, active_seconds, token_seconds, max_age; /**< 120, 300, 300, 60 */
    unsigned attempts;                                                    /**< failures in a session (5) */
    unsigned sessions;                                                    /**< open at once for a device (3) */
    unsigned min_key_rank;                                                /**< of a key in hardware (2) */
    unsigned radius_m;                                                    /**< around the terminal (200) */
    bool key_certified; /**< such a key's secure area must be certified */
    bool device_token;  /**< devices are given the identity token too */
} carnet_config_identity_provider;

CARNET_END_DECLS
#endif
