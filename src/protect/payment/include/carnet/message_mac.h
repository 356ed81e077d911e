/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MAC of an ISO 8583 message, data element 64 or 128: over the packed
 * message with the MAC's bit set, from the message type up to but without the
 * MAC itself; headers and lengths of the transport stay out.
 *
 * The retail MAC (ANSI X9.19; ISO/IEC 9797-1 MAC algorithm 3) or AES-CMAC (NIST
 * SP 800-38B), whole or its left half.  No state; the key's octets are the
 * caller's.  Threads need a carnet_crypto each.
 */
#ifndef CARNET_MESSAGE_MAC_H
#define CARNET_MESSAGE_MAC_H
#include "carnet/crypto.h"
CARNET_BEGIN_DECLS

#define CARNET_MESSAGE_MAC 8 /**< octets of data elements 64 and 128 */

typedef enum carnet_message_mac_algorithm {
    CARNET_MESSAGE_MAC_NONE = 0,
    CARNET_MESSAGE_MAC_RETAIL_ZEROS = 1, /**< padding method 1: what X9.19 itself does */
    CARNET_MESSAGE_MAC_RETAIL_BIT = 2,   /**< padding method 2 */
    CARNET_MESSAGE_MAC_AES_CMAC = 3
} carnet_message_mac_algorithm;

/** How a link protects its messages. */
typedef struct carnet_message_mac_key {
    carnet_message_mac_algorithm algorithm;
    carnet_span key; /**< 16 octets; of AES 16, 24 or 32 */
    size_t size;     /**< octets of the MAC that count: 8 or 4 */
} carnet_message_mac_key;

/** Find an algorithm by its name in configurations: "retail", "retail-2", "aes-cmac"; _NONE for any other. */
CARNET_API carnet_message_mac_algorithm carnet_message_mac_named(carnet_str name);

/** The MAC of what is covered.  With size 4, the right four octets are zeros. */
CARNET_API carnet_rc carnet_message_mac_make(carnet_crypto *crypto, const carnet_message_mac_key *key,
                                             carnet_span covered, uint8_t mac[CARNET_MESSAGE_MAC], carnet_err *err);
/** Check the 8 octets received, in constant time; with size 4 the right four must be zeros, or absent.
 *  CARNET_E_MESSAGE_MAC: it is wrong. */
CARNET_API carnet_rc carnet_message_mac_check(carnet_crypto *crypto, const carnet_message_mac_key *key,
                                              carnet_span covered, carnet_span mac, carnet_err *err);

CARNET_END_DECLS
#endif
