/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What payment networks still demand of a cryptographic library: single blocks
 * of Triple DES and AES for PIN blocks, the retail MAC and AES-CMAC for
 * messages.  For these uses only: nothing else of Carnet's is enciphered by a
 * bare block, or authenticated by DES.
 *
 * A carnet_crypto as in carnet/crypto.h.  The parity bits of DES keys are not
 * looked at.  Time depends on lengths, not on values, as far as OpenSSL's
 * ciphers do: its AES does on machines with instructions for it, its DES looks
 * up tables.
 */
#ifndef CARNET_CRYPTO_PAYMENT_H
#define CARNET_CRYPTO_PAYMENT_H
#include "carnet/crypto.h"
CARNET_BEGIN_DECLS

#define CARNET_DES_BLOCK 8
#define CARNET_AES_BLOCK 16

/** How ISO/IEC 9797-1 fills the last block: with zeros, none if it is full; or with one bit and zeros, always. */
typedef enum carnet_mac_padding { CARNET_MAC_PADDING_1 = 1, CARNET_MAC_PADDING_2 = 2 } carnet_mac_padding;

/** Encipher or decipher one block of Triple DES (ISO/IEC 18033-3), with a key of 16 octets (K1, K2, K1) or 24.  `out` may
 *  be `in`; it is wiped on failure.  CARNET_E_CRYPTO_KEY: a key of another length, or one whose parts are equal so that
 *  it is single DES. */
CARNET_API carnet_rc carnet_triple_des_block(carnet_crypto *crypto, carnet_span key, bool encipher,
                                             const uint8_t in[CARNET_DES_BLOCK], uint8_t out[CARNET_DES_BLOCK],
                                             carnet_err *err);
/** The same for AES (FIPS 197), with a key of 16, 24 or 32 octets. */
CARNET_API carnet_rc carnet_aes_block(carnet_crypto *crypto, carnet_span key, bool encipher,
                                      const uint8_t in[CARNET_AES_BLOCK], uint8_t out[CARNET_AES_BLOCK],
                                      carnet_err *err);
/** The retail MAC of all parts: ANSI X9.19, which is ISO/IEC 9797-1 MAC algorithm 3 with DES; key of 16 octets.  Equal
 *  halves are taken: X9.9's MAC, of which test systems are fond. */
CARNET_API carnet_rc carnet_retail_mac(carnet_crypto *crypto, carnet_span key, carnet_mac_padding padding,
                                       const carnet_span *parts, size_t count, uint8_t out[CARNET_DES_BLOCK],
                                       carnet_err *err);
/** AES-CMAC of all parts (NIST SP 800-38B, RFC 4493), with a key of 16, 24 or 32 octets. */
CARNET_API carnet_rc carnet_aes_cmac(carnet_crypto *crypto, carnet_span key, const carnet_span *parts, size_t count,
                                     uint8_t out[CARNET_AES_BLOCK], carnet_err *err);

CARNET_END_DECLS
#endif
