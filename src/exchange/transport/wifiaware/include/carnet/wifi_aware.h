/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wi-Fi Aware (18013-5 11.3): under what name the mdoc is found, with which
 * passphrase and cipher suite the data path is secured.  All of it follows from
 * the engagement; session encryption does not depend on it.
 */
#ifndef CARNET_WIFI_AWARE_H
#define CARNET_WIFI_AWARE_H
#include "carnet/crypto.h"
CARNET_BEGIN_DECLS

#define CARNET_WIFI_AWARE_NAME           32 /**< characters of a service name */
#define CARNET_WIFI_AWARE_PASSPHRASE_MAX 63 /**< characters of a passphrase; at least 8 */

/** Cipher suites of Neighbor Awareness Networking: bits 1 << number. */
enum {
    CARNET_NAN_SK_128 = 1 << 1,     /**< NCS-SK-128: with the passphrase */
    CARNET_NAN_PK_2WDH_128 = 1 << 3 /**< NCS-PK-2WDH-128: with ephemeral keys on P-256 */
};

/** What is published and looked for. */
typedef struct carnet_wifi_aware_service {
    char name[CARNET_WIFI_AWARE_NAME + 1];
    char passphrase[CARNET_WIFI_AWARE_PASSPHRASE_MAX + 1];
    bool derived;    /**< the passphrase is that of the engagement's key */
    unsigned suites; /**< CARNET_NAN_ bits one of which secures the data path */
} carnet_wifi_aware_service;

/** Service of an engagement.  `device_key_bytes`: EDeviceKeyBytes as received, tag 24 included.  `passphrase`: option 0 of
 *  the method, or empty: derived.  `suites`: those both sides can, see carnet_wifi_aware_suites().  CARNET_E_USAGE: no suite
 *  is left; CARNET_E_ENGAGEMENT_STRUCTURE: the passphrase is not 8 to 63 printable ASCII characters. */
CARNET_API carnet_rc carnet_wifi_aware_service_of(carnet_crypto *crypto, carnet_span device_key_bytes,
                                                  carnet_str passphrase, unsigned suites,
                                                  carnet_wifi_aware_service *service, carnet_err *err);
/** The suites to be used: `offered` are those the peer named, 0 if it named none (only NCS-SK-128 then).  Ephemeral keys are
 *  for negotiated NFC handover alone.  0: none in common. */
CARNET_API unsigned carnet_wifi_aware_suites(bool negotiated_handover, unsigned offered);
/** A fresh passphrase of 16 characters, from 12 octets of randomness, with a zero behind it. */
CARNET_API carnet_rc carnet_wifi_aware_passphrase(const carnet_random *random, char out[17], carnet_err *err);

CARNET_END_DECLS
#endif
