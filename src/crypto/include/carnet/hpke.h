/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hybrid public key encryption, base mode (RFC 9180): DHKEM on P-256, P-384,
 * P-521, X25519 and X448, HKDF, AES-GCM.  18013-5 12.6 and 18013-7 C use
 * carnet_hpke_mdoc, a single message each.
 *
 * A context is the caller's storage, belongs to one thread, seals or opens
 * messages in their order, and is wiped with carnet_hpke_done() on every path.
 */
#ifndef CARNET_HPKE_H
#define CARNET_HPKE_H
#include "carnet/crypto.h"
CARNET_BEGIN_DECLS

#define CARNET_HPKE_ENC_MAX 133 /**< octets of the longest encapsulated key (P-521) */

/** Which algorithms.  The KEM's own digest goes with its curve (RFC 9180 7.1). */
typedef struct carnet_hpke_suite {
    carnet_curve kem;
    carnet_hash kdf; /**< SHA-256, SHA-384 or SHA-512 */
    carnet_aead aead;
} carnet_hpke_suite;

/** DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM. */
CARNET_API extern const carnet_hpke_suite carnet_hpke_mdoc;

typedef struct carnet_hpke {
    carnet_hpke_suite suite;
    carnet_secret key, exporter; /**< an empty key: the context is over */
    uint8_t base_nonce[12];
    uint64_t sequence; /**< messages sealed or opened */
} carnet_hpke;

/** Begin sending to `peer`; the encapsulated key is appended to `enc` (its length is that of a point).  `ephemeral`: NULL for
 *  a fresh key; a key of the caller's is for known-answer tests and must never serve twice.  `info` may be empty.
 *  CARNET_E_CRYPTO_UNSUPPORTED: no such suite; CARNET_E_CRYPTO_KEY, _MISMATCH: the peer's key. */
CARNET_API carnet_rc carnet_hpke_sender(carnet_hpke *hpke, carnet_crypto *crypto, const carnet_hpke_suite *suite,
                                        const carnet_public_key *peer, carnet_span info, carnet_key *ephemeral,
                                        carnet_buf *enc, carnet_err *err);
/** Begin receiving with one's own `key` (usage agree).  CARNET_E_CRYPTO_KEY: `enc` is no point of the curve. */
CARNET_API carnet_rc carnet_hpke_receiver(carnet_hpke *hpke, carnet_crypto *crypto, const carnet_hpke_suite *suite,
                                          carnet_key *key, carnet_span enc, carnet_span info, carnet_err *err);
/** Seal the next message: `out` needs plain.len + CARNET_GCM_TAG octets and may be plain.ptr. */
CARNET_API carnet_rc carnet_hpke_seal(carnet_hpke *hpke, carnet_crypto *crypto, carnet_span aad, carnet_span plain,
                                      uint8_t *out, carnet_err *err);
/** Open the next message: `out` needs sealed.len - CARNET_GCM_TAG octets and may be sealed.ptr; it is zeroed on failure
 *  (CARNET_E_CRYPTO_TAG), and the same message number may be tried again. */
CARNET_API carnet_rc carnet_hpke_open(carnet_hpke *hpke, carnet_crypto *crypto, carnet_span aad, carnet_span sealed,
                                      uint8_t *out, carnet_err *err);
/** A secret both sides can derive (RFC 9180 5.3), `len` octets, at most CARNET_SECRET_MAX. */
CARNET_API carnet_rc carnet_hpke_export(const carnet_hpke *hpke, carnet_crypto *crypto, carnet_span context, size_t len,
                                        carnet_secret *out, carnet_err *err);
/** Wipe.  Accepts a zeroed context. */
CARNET_API void carnet_hpke_done(carnet_hpke *hpke);

CARNET_END_DECLS
#endif
