/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proofs of possession in a credential request (OpenID4VCI 8.2.1, F.1, F.3):
 * jwt proofs, signed by the key a credential is to be bound to, and attestation
 * proofs, which are a key attestation alone.
 *
 * No clock and no store here: the time is given, and that a nonce is one of
 * ours and not yet used is the caller's to see, from what comes out.
 */
#ifndef CARNET_CREDENTIAL_PROOF_H
#define CARNET_CREDENTIAL_PROOF_H
#include "carnet/credential_request.h"
#include "carnet/issuer_metadata.h"
#include "carnet/key_attestation.h"
CARNET_BEGIN_DECLS

#define CARNET_PROOF_TYPE      "openid4vci-proof+jwt"
#define CARNET_PROOF_NONCE_MAX 256 /**< characters of the longest nonce taken */

/* --- made --- */

/** A jwt proof to be made. */
typedef struct carnet_credential_proof_spec {
    carnet_str audience;  /**< the credential issuer's identifier */
    carnet_str nonce;     /**< c_nonce; empty: the issuer has no nonce endpoint */
    carnet_str client_id; /**< iss; empty: anonymous, as with a pre-authorized code without client authentication */
    carnet_time issued_at;
    carnet_str key_attestation; /**< JWS; empty: none */
    carnet_str key_id;          /**< kid instead of jwk, if not empty */
    const carnet_span *x5c;     /**< x5c instead of jwk, if not NULL */
    size_t x5c_count;
} carnet_credential_proof_spec;

/** Sign with the device key (in its secure area) and append the JWS.  `out` needs room for a key attestation twice over: it is
 *  put together at its end. */
CARNET_API carnet_rc carnet_credential_proof_make(const carnet_credential_proof_spec *spec, carnet_key *key,
                                                  carnet_crypto *crypto, carnet_buf *out, carnet_err *err);

/* --- checked --- */

/** Keys that were shown to be the wallet's, in the order of the proofs. */
typedef struct carnet_proven_keys {
    carnet_public_key *keys; /**< caller's */
    size_t cap, count;
} carnet_proven_keys;

/** What a proof must be. */
typedef struct carnet_credential_proof_rules {
    size_t struct_size;  /**< sizeof(carnet_credential_proof_rules) */
    carnet_str audience; /**< this issuer's identifier */
    /** Whom the access token was given to: iss, if there, is this.  Empty: anonymous, iss is passed over. */
    carnet_str client_id;
    bool nonce_required; /**< there is a nonce endpoint */
    carnet_time now;
    int64_t skew;      /**< seconds clocks may differ */
    int64_t age;       /**< seconds since a proof's iat */
    size_t batch_size; /**< keys at most */
    /** Of the configuration; NULL or not supported: refused. */
    const carnet_proof_type *jwt, *attestation;
    /** Who may attest keys.  NULL: attestations are refused where one is required, and passed over where not. */
    const carnet_attester_trust *attesters;
    int64_t attestation_age; /**< seconds since an attestation's iat; 0: any */
} carnet_credential_proof_rules;

/** What was found. */
typedef struct carnet_credential_proofs {
    carnet_str nonce; /**< the one all of them have; a view into the storage; empty: none */
    bool attested;    /**< every key is one that a key attestation vouched for */
} carnet_credential_proofs;

/** Check all proofs of a request.  `storage` is given what is decoded: CARNET_PROOF_NONCE_MAX and twice the length of the
 *  longest proof are enough.
 *  Each key comes once: one that is there twice is refused (but the key that signed a proof and stands in that proof's
 *  attestation is one key, and proofs may share an attestation).  A `kid` names a key of the attestation beside it.
 *  CARNET_E_OID4VCI_PROOF: a proof's typ, key, algorithm, signature, aud, iat, iss, its attestation, a key twice, too many
 *  keys; CARNET_E_OID4VCI_NONCE: no nonce, or not one and the same. */
CARNET_API carnet_rc carnet_credential_proofs_check(const carnet_credential_request *request,
                                                    const carnet_credential_proof_rules *rules, carnet_crypto *crypto,
                                                    carnet_buf *storage, carnet_proven_keys *keys,
                                                    carnet_credential_proofs *found, carnet_err *err);

CARNET_END_DECLS
#endif
