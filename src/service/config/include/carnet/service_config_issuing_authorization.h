/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration's section `services.issuing_authorization`; see carnet/service_config_services.h. */
#ifndef CARNET_SERVICE_CONFIG_ISSUING_AUTHORIZATION_H
#define CARNET_SERVICE_CONFIG_ISSUING_AUTHORIZATION_H
#include "carnet/service_config_services.h"
CARNET_BEGIN_DECLS

/** A key of the identity provider. */
typedef struct carnet_config_authorization_signer {
    char *id;   /**< as vectors name it */
    char *file; /**< PEM: a public key or a certificate */
} carnet_config_authorization_signer;

/** A server that is asked about transactions or accounts. */
typedef struct carnet_config_authorization_peer {
    char *url;                           /**< the mobile app server's base URL; the host's address */
    char *ca;                            /**< PEM: authorities of its TLS certificate */
    char *certificate, *certificate_key; /**< PEM: ours towards it */
    unsigned timeout_ms;                 /**< (5,000) */
} carnet_config_authorization_peer;

typedef struct carnet_config_issuing_authorization {
    carnet_config_payment_link *links; /**< where switches connect */
    size_t link_count;
    char *mode;                                  /**< "reference", "carried"; NULL: reference */
    carnet_config_authorization_signer *signers; /**< carried: who signs vectors */
    size_t signer_count;
    char *jwks;                                          /**< the same as a file of JSON (RFC 7517, 5) */
    char *project_trustmark;                             /**< URL of the project's trustmark; NULL: it is not known */
    unsigned active_seconds;                             /**< for which an authentication is good (300) */
    unsigned skew_seconds;                               /**< by which clocks may differ (60) */
    unsigned stand_in;                                   /**< minor units of an advice that was not authorised here */
    bool plain_step_up;                                  /**< 63 instead of 1A in answers of 1987 */
    unsigned threads;                                    /**< that verify beside the one that serves (1) */
    unsigned asks;                                       /**< questions to others at once (4) */
    carnet_config_authorization_peer *mobile_app_server; /**< reference: who resolves */
    carnet_config_authorization_peer *host;              /**< where the accounts are; NULL: the ledger in the store */
} carnet_config_issuing_authorization;

CARNET_END_DECLS
#endif
