/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Web Encryption in compact form (RFC 7516): ECDH-ES direct key agreement
 * (RFC 7518 4.6; X25519 and X448 by RFC 8037) with A128GCM or A256GCM.  No
 * compression: `zip` is refused.
 *
 * A view owns the JSON of its header until carnet_jwe_close(), and points into
 * the storage it was given and the text it was opened on.
 */
#ifndef CARNET_JWE_H
#define CARNET_JWE_H
#include "carnet/jwk.h"
CARNET_BEGIN_DECLS

#define CARNET_JWE_MAX (4 * 1024 * 1024) /**< characters of the longest text taken */

/** An opened JWE; nothing is decrypted yet. */
typedef struct carnet_jwe {
    carnet_str encoded_header; /**< as received: authenticated beside the ciphertext */
    carnet_json *header;
    carnet_aead content; /**< enc */
    carnet_public_key ephemeral;
    carnet_span party_u, party_v; /**< apu, apv; may be empty */
    carnet_str key_id;
    carnet_span iv;     /**< 12 octets */
    carnet_span sealed; /**< ciphertext and tag */
    uint8_t *sealed_at; /**< the same, where it is decrypted */
} carnet_jwe;

/** Open.  `storage` is given the decoded octets (less than text.len).  CARNET_E_JOSE_STRUCTURE: not five parts as they must
 *  be, an encrypted key where none belongs; CARNET_E_JOSE_ALGORITHM: another alg or enc; CARNET_E_JOSE_CRITICAL: crit or
 *  zip; CARNET_E_JOSE_KEY: epk. */
CARNET_API carnet_rc carnet_jwe_open(carnet_str text, carnet_crypto *crypto, carnet_buf *storage, carnet_jwe *view,
                                     carnet_err *err);
CARNET_API void carnet_jwe_close(carnet_jwe *view);
/** Decrypt where the ciphertext lies, in the storage, with the recipient's key (usage agree).  CARNET_E_CRYPTO_TAG: not for
 *  this key, or changed. */
CARNET_API carnet_rc carnet_jwe_decrypt(carnet_jwe *view, carnet_crypto *crypto, carnet_key *key, carnet_span *plain,
                                        carnet_err *err);

/** To whom and how. */
typedef struct carnet_jwe_parameters {
    const carnet_public_key *recipient;
    carnet_str key_id;            /**< kid; empty: none */
    carnet_aead content;          /**< CARNET_AES_128_GCM or CARNET_AES_256_GCM */
    carnet_span party_u, party_v; /**< apu, apv; empty: none */
    const char *type;             /**< typ; NULL: none */
    const char *content_type;     /**< cty; NULL: none */
} carnet_jwe_parameters;

/** Encrypt and append the compact form.  `ephemeral`: NULL for a fresh key; one of the caller's is for known-answer tests
 *  and must never serve twice. */
CARNET_API carnet_rc carnet_jwe_encrypt(const carnet_jwe_parameters *parameters, carnet_span plain,
                                        carnet_key *ephemeral, carnet_crypto *crypto, carnet_buf *out, carnet_err *err);

CARNET_END_DECLS
#endif
