/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encryption of credential requests and responses (OpenID4VCI 10): compact JWE
 * in application/jwt, ECDH-ES, with A128GCM or A256GCM.
 *
 * A private key's handle stays the caller's; views borrow the JSON they were
 * read of.
 */
#ifndef CARNET_CREDENTIAL_ENCRYPTION_H
#define CARNET_CREDENTIAL_ENCRYPTION_H
#include "carnet/jwe.h"
CARNET_BEGIN_DECLS

#define CARNET_CREDENTIAL_ENCRYPTION_KEYS_MAX 8

/** Content encryptions, as bits. */
enum { CARNET_CREDENTIAL_A128GCM = 1, CARNET_CREDENTIAL_A256GCM = 2 };

/** What an issuer announces: credential_request_encryption or credential_response_encryption. */
typedef struct carnet_credential_encryption {
    bool supported;   /**< the object is there */
    bool required;    /**< encryption_required */
    bool ecdh_es;     /**< of a response: ECDH-ES is among alg_values_supported */
    unsigned content; /**< CARNET_CREDENTIAL_A..GCM bits of enc_values_supported */
    carnet_jwk
        keys[CARNET_CREDENTIAL_ENCRYPTION_KEYS_MAX]; /**< of a request: those of the jwks that can be used here */
    size_t key_count;
} carnet_credential_encryption;

/** How a wallet wants its response: credential_response_encryption of a request. */
typedef struct carnet_credential_response_encryption {
    bool wanted;
    carnet_jwk jwk; /**< to this key; alg is ECDH-ES */
    carnet_aead content;
} carnet_credential_response_encryption;

/** Encrypt a message's JSON and append the JWE: alg, enc, and the key's kid.  CARNET_E_OID4VCI_ENCRYPTION: the key's alg is
 *  not ECDH-ES, or it cannot agree. */
CARNET_API carnet_rc carnet_credential_message_encrypt(const carnet_jwk *recipient, carnet_aead content,
                                                       carnet_crypto *crypto, carnet_str json, carnet_buf *out,
                                                       carnet_err *err);

/** One of one's own keys (usage agree). */
typedef struct carnet_credential_decryption_key {
    carnet_str key_id; /**< empty: none */
    carnet_key *key;
} carnet_credential_decryption_key;

/** Decrypt a JWE.  The key is the one its kid names; without kid, or if no key of ours has one, the only one of the epk's
 *  curve.  `content`: bits that are allowed.  `storage` is given less than jwe.len octets, *json views into it.
 *  CARNET_E_OID4VCI_ENCRYPTION: no such key, another algorithm, not for us, no text. */
CARNET_API carnet_rc carnet_credential_message_decrypt(carnet_str jwe, const carnet_credential_decryption_key *keys,
                                                       size_t count, unsigned content, carnet_crypto *crypto,
                                                       carnet_buf *storage, carnet_str *json, carnet_err *err);
/** The bit of a content encryption, and the content encryption to take of the bits (A256GCM first); 0 if there is none. */
CARNET_API unsigned carnet_credential_content_bit(carnet_aead content);
CARNET_API bool carnet_credential_content_choose(unsigned content, carnet_aead *chosen);

CARNET_END_DECLS
#endif
