/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A FIDO2 assertion (W3C Web Authentication Level 2, 6.1, 7.2): what an
 * authenticator signed for one relying party, challenge and origin; verified,
 * and made by an authenticator that is software.
 *
 * Registration is not here: the caller knows the credential's public key and
 * whether its attestation proved hardware.  Views point into the octets handed
 * in.  No state but the counter, which the caller keeps.
 */
#ifndef CARNET_WEBAUTHN_H
#define CARNET_WEBAUTHN_H
#include "carnet/crypto.h"
CARNET_BEGIN_DECLS

#define CARNET_WEBAUTHN_DATA_MAX   4096 /**< octets of authenticator data */
#define CARNET_WEBAUTHN_CLIENT_MAX 8192 /**< octets of client data */

/** Flags of authenticator data. */
enum {
    CARNET_WEBAUTHN_USER_PRESENT = 0x01,
    CARNET_WEBAUTHN_USER_VERIFIED = 0x04,
    CARNET_WEBAUTHN_BACKUP_ELIGIBLE = 0x08,
    CARNET_WEBAUTHN_BACKED_UP = 0x10,
    CARNET_WEBAUTHN_ATTESTED = 0x40,
    CARNET_WEBAUTHN_EXTENSIONS = 0x80
};

/** How the user was verified: bits of the uvm extension (FIDO Registry of Predefined Values 3.1). */
enum {
    CARNET_UVM_PRESENCE = 0x0001,
    CARNET_UVM_FINGERPRINT = 0x0002,
    CARNET_UVM_PASSCODE = 0x0004,
    CARNET_UVM_VOICE = 0x0008,
    CARNET_UVM_FACE = 0x0010,
    CARNET_UVM_EYE = 0x0040,
    CARNET_UVM_PATTERN = 0x0080,
    CARNET_UVM_HAND = 0x0100,
    CARNET_UVM_BIOMETRIC = 0x015a /**< any of fingerprint, voice, face, eye, hand */
};

/** Opened authenticator data of an assertion. */
typedef struct carnet_authenticator_data {
    carnet_span rp_id_hash; /**< 32 octets */
    unsigned flags;         /**< CARNET_WEBAUTHN_ bits */
    uint32_t sign_count;
    carnet_span extensions; /**< CBOR map; empty: none */
    uint32_t uvm;           /**< CARNET_UVM_ bits of all methods said; 0: nothing is said */
} carnet_authenticator_data;

/** Open.  CARNET_E_WEBAUTHN_DATA: too short or long, flags that contradict each other, attested credential data (which
 *  has no place in an assertion), extensions that are not one map up to the end. */
CARNET_API carnet_rc carnet_authenticator_data_open(carnet_span bytes, carnet_authenticator_data *data,
                                                    carnet_err *err);

/** What the relying party knows. */
typedef struct carnet_webauthn_expected {
    carnet_str rp_id;          /**< such as "idp.example" */
    const carnet_str *origins; /**< any of these; such as "https://idp.example", "android:apk-key-hash:..." */
    size_t origin_count;
    carnet_span challenge; /**< octets, not base64url */
    carnet_public_key key; /**< of the credential: ES256 on P-256, or EdDSA on Ed25519 */
    uint32_t sign_count;   /**< of its last assertion */
    bool backup_eligible;  /**< as when it was registered */
    bool user_verified;    /**< demand it */
} carnet_webauthn_expected;

/** One assertion, its parts decoded from base64url. */
typedef struct carnet_webauthn_assertion {
    carnet_span authenticator_data;
    carnet_str client_data; /**< JSON, as signed */
    carnet_span signature;  /**< Ecdsa-Sig-Value in DER, or EdDSA's octets */
} carnet_webauthn_assertion;

/** Verify.  Good: *data has flags and the counter to keep.  CARNET_E_WEBAUTHN_CLIENT: client data are no such JSON, of another
 *  type, challenge or origin, or of a frame within another site; CARNET_E_WEBAUTHN_RP: another relying party;
 *  CARNET_E_WEBAUTHN_FLAGS: user not present, or not verified where demanded, or another eligibility for backup;
 *  CARNET_E_WEBAUTHN_SIGNATURE; CARNET_E_WEBAUTHN_COUNTER: not more than at the last assertion: a clone, perhaps.  On failure
 *  *data is empty. */
CARNET_API carnet_rc carnet_webauthn_verify(carnet_crypto *crypto, const carnet_webauthn_assertion *assertion,
                                            const carnet_webauthn_expected *expected, carnet_authenticator_data *data,
                                            carnet_err *err);

/** What a software authenticator asserts by: a key that it keeps for one relying party. */
typedef struct carnet_webauthn_credential {
    carnet_str rp_id, origin; /**< origin: of the app that asks on the user's behalf */
    carnet_key *key;          /**< P-256 or Ed25519; never backed up */
    uint32_t sign_count;      /**< of this assertion: above the last one's, and kept before it leaves */
    bool user_verified;       /**< and not only present */
    uint32_t uvm;             /**< how: a CARNET_UVM_ bit, said as done by software; 0: not said */
} carnet_webauthn_credential;

/** Assert, for a user who is there and said yes: append authenticator data, client data and signature.  `challenge`: base64url,
 *  as it came.  CARNET_E_USAGE: no relying party, origin or challenge, or a key that cannot; CARNET_E_NO_SPACE. */
CARNET_API carnet_rc carnet_webauthn_assert(carnet_crypto *crypto, const carnet_webauthn_credential *credential,
                                            carnet_str challenge, carnet_buf *authenticator_data,
                                            carnet_buf *client_data, carnet_buf *signature, carnet_err *err);

CARNET_END_DECLS
#endif
