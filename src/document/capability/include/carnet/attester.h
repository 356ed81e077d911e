/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may attest: wallets (carnet/client_attestation.h) and keys
 * (carnet/key_attestation.h).  An attester is trusted by a certificate path to
 * one of its anchors, or by a key that was configured for it.
 *
 * Everything here is the caller's and only read; threads may share it.
 */
#ifndef CARNET_ATTESTER_H
#define CARNET_ATTESTER_H
#include "carnet/jwt.h"
#include "carnet/trust_anchor.h"
CARNET_BEGIN_DECLS

/** A key trusted without a certificate. */
typedef struct carnet_attester_key {
    carnet_str issuer; /**< `iss` it is good for; empty: any */
    carnet_str key_id; /**< `kid` it is good for; empty: any */
    carnet_public_key key;
} carnet_attester_key;

/** Whom to believe. */
typedef struct carnet_attester_trust {
    size_t struct_size;                         /**< sizeof(carnet_attester_trust) */
    const carnet_trust_anchors *anchors;        /**< for chains in x5c; NULL: none is trusted */
    const carnet_revocation_source *revocation; /**< NULL: revocation is not checked */
    const carnet_attester_key *keys;            /**< for signers without x5c, or if there are no anchors */
    size_t key_count;
    bool chain_only;              /**< HAIP: x5c must be there */
    bool anchor_in_chain_allowed; /**< take a chain that holds the trusted certificate too, which HAIP forbids */
} carnet_attester_trust;

/** Verify the signature of an opened attestation by a signer that is trusted at `now`: by the chain in x5c, if there is one and
 *  there are anchors, otherwise by a key.  A self-signed signer is never taken.  CARNET_E_ATTESTER_UNTRUSTED: no path, no such
 *  key, a certificate that is expired, revoked or may not sign; CARNET_E_JOSE_SIGNATURE, CARNET_E_JOSE_ALGORITHM: as
 *  carnet_jws_verify(). */
CARNET_API carnet_rc carnet_attester_verify(const carnet_jws *jws, carnet_str issuer,
                                            const carnet_attester_trust *trust, carnet_time now, int64_t skew,
                                            carnet_crypto *crypto, carnet_err *err);

CARNET_END_DECLS
#endif
