/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attestation of keys (OpenID4VCI 1.0 Appendix D; HAIP 1.0 4.5.1): the attester
 * says where device keys are kept and how their user is authenticated.
 *
 * A view owns the JSON of its token until closed, and points into the text and
 * the storage it was opened with.  No clock: times are handed in.
 */
#ifndef CARNET_KEY_ATTESTATION_H
#define CARNET_KEY_ATTESTATION_H
#include "carnet/attester.h"
CARNET_BEGIN_DECLS

#define CARNET_KEY_ATTESTATION_TYPE        "key-attestation+jwt"
#define CARNET_KEY_ATTESTATION_TYPE_BEFORE "keyattestation+jwt" /**< of drafts before 1.0; read, never written */

/** An opened key attestation; nothing is verified yet. */
typedef struct carnet_key_attestation {
    carnet_jws jws;
    carnet_public_key *keys; /**< attested_keys: the array that was handed in */
    size_t key_count;
    carnet_str issuer;                                    /**< iss; empty if absent */
    carnet_time issued_at, expires, not_before;           /**< exp and nbf or CARNET_TIME_ABSENT */
    const carnet_json *key_storage, *user_authentication; /**< lists of texts; NULL if absent */
    carnet_str certification, nonce;                      /**< empty if absent */
    const carnet_json *status;                            /**< NULL if absent */
} carnet_key_attestation;

/** Open.  `keys` is given the attested keys, all of them, at most `cap`; `storage` the decoded octets (less than text.len).
 *  CARNET_E_KEY_ATTESTATION: not the JWT it must be, no keys, a key that is private, unknown or there twice, a level that is no
 *  text; CARNET_E_LIMIT: more than `cap` keys. */
CARNET_API carnet_rc carnet_key_attestation_open(carnet_str text, carnet_crypto *crypto, carnet_buf *storage,
                                                 carnet_public_key *keys, size_t cap, carnet_key_attestation *view,
                                                 carnet_err *err);
CARNET_API void carnet_key_attestation_close(carnet_key_attestation *view);
/** The index of a key, or key_count if it is not attested. */
CARNET_API size_t carnet_key_attestation_find(const carnet_key_attestation *view, const carnet_public_key *key);

/** Levels that are accepted, any of them; with count 0 all are, and none need be said. */
typedef struct carnet_attestation_levels {
    const carnet_str *accepted;
    size_t count;
    bool exact; /**< otherwise a higher level of ISO/IEC 18045 will do for a lower one */
} carnet_attestation_levels;

/** What an issuer knows when it checks. */
typedef struct carnet_key_attestation_expectation {
    size_t struct_size; /**< sizeof(carnet_key_attestation_expectation) */
    const carnet_attester_trust *trust;
    carnet_attestation_levels key_storage, user_authentication;
    carnet_time now;
    int64_t skew;
    int64_t age_max;       /**< seconds since iat; 0: any */
    carnet_str nonce;      /**< must be equal; empty: the caller looks at view->nonce itself */
    bool nonce_required;   /**< there must be one */
    bool expires_required; /**< there must be an exp: within a `jwt` proof */
} carnet_key_attestation_expectation;

/** Check an opened key attestation.  CARNET_E_KEY_ATTESTATION_UNTRUSTED: signature or signer; _EXPIRED: not valid now, or
 *  without exp where it must be; _NONCE: it is missing or another; _LEVEL: keys kept worse than accepted. */
CARNET_API carnet_rc carnet_key_attestation_check(const carnet_key_attestation *view,
                                                  const carnet_key_attestation_expectation *expectation,
                                                  carnet_crypto *crypto, carnet_err *err);

/** Whether what is said (a list of texts, or NULL) is accepted. */
CARNET_API bool carnet_attestation_levels_met(const carnet_attestation_levels *levels, const carnet_json *said);
/** Rank of a level of ISO/IEC 18045: 4 iso_18045_high, 3 iso_18045_moderate, 2 iso_18045_enhanced-basic, 1 iso_18045_basic, 0 any
 *  other text. */
CARNET_API unsigned carnet_attestation_level_rank(carnet_str level);

/** A key attestation to be made. */
typedef struct carnet_key_attestation_spec {
    size_t struct_size; /**< sizeof(carnet_key_attestation_spec) */
    carnet_str issuer;  /**< iss; empty: none */
    const carnet_public_key *keys;
    size_t key_count;
    carnet_time issued_at, expires; /**< expires: CARNET_TIME_ABSENT for none */
    const carnet_str *key_storage, *user_authentication;
    size_t key_storage_count, user_authentication_count; /**< 0: none */
    carnet_str certification, nonce;                     /**< empty: none */
    carnet_str status;                                   /**< JSON of the status object; empty: none */
    carnet_str more;                                     /**< further claims as JSON; empty: none */
    carnet_str key_id;                                   /**< kid; empty: none */
    const carnet_span *x5c; /**< the attester's certificates, its own first, without the trusted one */
    size_t x5c_count;
} carnet_key_attestation_spec;

/** Make and append to *out. */
CARNET_API carnet_rc carnet_key_attestation_build(const carnet_key_attestation_spec *spec, carnet_key *attester,
                                                  carnet_crypto *crypto, carnet_buf *out, carnet_err *err);

CARNET_END_DECLS
#endif
