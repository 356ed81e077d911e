/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An issuer's policy: the rules under which documents of one kind (a credential
 * configuration, OpenID4VCI 12.2.4) are issued, and the decisions that follow
 * from them alone.
 *
 * Text and lists are borrowed for the life of the policy, which is filled by the
 * program, checked once and then read by any number of threads.  Zeros stand for
 * the defaults in parentheses.  No clock is asked: `now` is handed in.
 */
#ifndef CARNET_ISSUER_POLICY_H
#define CARNET_ISSUER_POLICY_H
#include "carnet/doctype.h"
#include "carnet/issue.h"
CARNET_BEGIN_DECLS

#define CARNET_ISSUER_BATCH_MAX 100 /**< copies in one batch at most, whatever a policy says */

/** How device keys may be proven (OpenID4VCI Appendix F). */
enum {
    CARNET_POLICY_PROOF_JWT = 1,        /**< each signed by its key, or one that carries a key attestation */
    CARNET_POLICY_PROOF_ATTESTATION = 2 /**< a key attestation alone */
};

/** Whether a wallet may be told to come back later (OpenID4VCI 9). */
typedef enum carnet_issuer_deferral {
    CARNET_DEFERRAL_SOURCE, /**< when the attribute source does not know yet */
    CARNET_DEFERRAL_NEVER,  /**< then it is an error */
    CARNET_DEFERRAL_ALWAYS  /**< each first request: issuing is released apart from it */
} carnet_issuer_deferral;

typedef struct carnet_issuer_policy {
    carnet_str configuration;      /**< credential configuration identifier */
    carnet_str doc_type, scope;    /**< scope may be empty */
    const carnet_doctype *doctype; /**< its table, by which claims are typed; NULL: none */

    int64_t valid_s;           /**< how long a document is valid (30 days) */
    int64_t expected_update_s; /**< expectedUpdate so long before its end (none) */
    int64_t round_s;           /**< times are multiples of this, so that copies do not correlate (a day; an hour if
                                    documents are valid for less than ten days) */
    carnet_hash hash;          /**< of the MSO (SHA-256) */
    bool dehydrated;           /**< IssuerSignedDehydrated for wallets that ask for it (23220-3 8.1) */

    size_t batch_max;                                 /**< device keys in one request (1) */
    const carnet_signature_algorithm *key_algorithms; /**< of device keys (ES256) */
    size_t key_algorithm_count;
    unsigned proof_types;   /**< CARNET_POLICY_PROOF_ bits (both) */
    bool key_reuse_allowed; /**< a device key may come again in a later request, and copies can be linked by it */
    bool key_attestation_required; /**< also if a level is named below */
    const carnet_str
        *key_storage; /**< levels of which an attestation must name one, such as "iso_18045_high"; none: any */
    size_t key_storage_count;
    const carnet_str *user_authentication;
    size_t user_authentication_count;

    bool wallet_attestation_required; /**< at PAR and token endpoint */
    bool bearer_allowed;              /**< access tokens without DPoP */

    int64_t refresh_s;        /**< a refresh token is given and good for so long (none) */
    int64_t reissue_before_s; /**< the same document again only so long before the end of the last copies (any time) */
    uint32_t reissue_max;     /**< requests that one grant is good for (no limit) */

    carnet_str status_uri;           /**< status list in which each copy gets an index (none) */
    carnet_issuer_deferral deferral; /**< (SOURCE) */
    uint32_t deferred_interval_s;    /**< a wallet should ask again after so long (60) */

    carnet_str source;  /**< name of the attribute source (the only one) */
    carnet_str display; /**< JSON array for the metadata's `display`; may be empty */
    carnet_str claims;  /**< JSON array for the metadata's `claims` (made from the table) */
} carnet_issuer_policy;

/** Refuse a policy that contradicts itself or names what there is not: CARNET_E_ISSUING_POLICY, with the member as path. */
CARNET_API carnet_rc carnet_issuer_policy_check(const carnet_issuer_policy *policy, carnet_err *err);
/** A key of this curve may be a device key; CARNET_E_ISSUING_KEY otherwise. */
CARNET_API carnet_rc carnet_issuer_policy_key(const carnet_issuer_policy *policy, const carnet_public_key *key,
                                              carnet_err *err);
/** Whether this algorithm may sign a proof. */
CARNET_API bool carnet_issuer_policy_algorithm(const carnet_issuer_policy *policy,
                                               carnet_signature_algorithm algorithm);
/** Whether a key attestation must come with the keys. */
CARNET_API bool carnet_issuer_policy_attested(const carnet_issuer_policy *policy);
/** How many keys one request may bring. */
CARNET_API size_t carnet_issuer_policy_batch(const carnet_issuer_policy *policy);

/** When a document is valid. */
typedef struct carnet_issuer_times {
    carnet_time signed_at, valid_from, valid_until, expected_update;
    bool has_expected_update;
} carnet_issuer_times;
/** The times of a document issued now.  They are rounded down, but not to before the signer's certificate; a document ends
 *  with its signer.  CARNET_E_MDOC_VALIDITY: the signer is not valid now, or ends too soon. */
CARNET_API carnet_rc carnet_issuer_policy_times(const carnet_issuer_policy *policy, const carnet_issue_signer *signer,
                                                carnet_time now, carnet_issuer_times *times, carnet_err *err);

/** What one grant was used for already. */
typedef struct carnet_issuer_history {
    uint32_t requests;      /**< answered with documents of this kind */
    carnet_time last_until; /**< the end of the last ones */
} carnet_issuer_history;
/** Whether documents may be issued (again) now: CARNET_E_ISSUING_REISSUE if not. */
CARNET_API carnet_rc carnet_issuer_policy_reissue(const carnet_issuer_policy *policy,
                                                  const carnet_issuer_history *history, carnet_time now,
                                                  carnet_err *err);

CARNET_END_DECLS
#endif
