/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attestation of a wallet to an authorization server
 * (draft-ietf-oauth-attestation-based-client-auth-06, as ISO/IEC TS 23220-3 6.5
 * takes it; later drafts are read too; OpenID4VCI 1.0 Appendix E, HAIP 1.0 4.4):
 * the attester's JWT over the instance's key, and the instance's proof that it
 * holds that key.  Headers OAuth-Client-Attestation and
 * OAuth-Client-Attestation-PoP, each once.
 *
 * Views own the JSON of their tokens until closed, and point into the texts and
 * the storage they were opened with.  No clock: times are handed in.
 */
#ifndef CARNET_CLIENT_ATTESTATION_H
#define CARNET_CLIENT_ATTESTATION_H
#include "carnet/attester.h"
CARNET_BEGIN_DECLS

#define CARNET_CLIENT_ATTESTATION_TYPE     "oauth-client-attestation+jwt"
#define CARNET_CLIENT_ATTESTATION_POP_TYPE "oauth-client-attestation-pop+jwt"

/** An opened attestation; nothing is verified yet. */
typedef struct carnet_client_attestation {
    carnet_jws jws;
    carnet_str issuer;                          /**< iss; later drafts may leave it out: then empty */
    carnet_str client_id;                       /**< sub */
    carnet_public_key key;                      /**< cnf.jwk: the instance's */
    carnet_time expires, issued_at, not_before; /**< exp; iat and nbf or CARNET_TIME_ABSENT */
    carnet_str wallet_name, wallet_link;        /**< OpenID4VCI Appendix E; empty if absent */
    const carnet_json *status;                  /**< NULL if absent */
} carnet_client_attestation;

/** Open.  `storage` is given the decoded octets (less than text.len).  CARNET_E_CLIENT_ATTESTATION: not the JWT it must be,
 *  a claim is missing or of another type, cnf has no public key or a private one; *err says what. */
CARNET_API carnet_rc carnet_client_attestation_open(carnet_str text, carnet_crypto *crypto, carnet_buf *storage,
                                                    carnet_client_attestation *view, carnet_err *err);
CARNET_API void carnet_client_attestation_close(carnet_client_attestation *view);

/** An opened proof of possession; nothing is verified yet. */
typedef struct carnet_client_attestation_pop {
    carnet_jws jws;
    carnet_str issuer;                 /**< iss: the client_id; later drafts may leave it out: then empty */
    carnet_str jwt_id;                 /**< jti: to be remembered, so that it serves once */
    carnet_str challenge;              /**< empty if absent; drafts before 06 named it `nonce`, which is read too */
    carnet_time issued_at, not_before; /**< or CARNET_TIME_ABSENT */
    carnet_time expires;               /**< exp, of drafts before 06; or CARNET_TIME_ABSENT */
} carnet_client_attestation_pop;

/** Open.  CARNET_E_CLIENT_ATTESTATION_PROOF: not the JWT it must be. */
CARNET_API carnet_rc carnet_client_attestation_pop_open(carnet_str text, carnet_buf *storage,
                                                        carnet_client_attestation_pop *view, carnet_err *err);
CARNET_API void carnet_client_attestation_pop_close(carnet_client_attestation_pop *view);
/** Whether `aud`, a text or a list of texts, names the audience. */
CARNET_API bool carnet_client_attestation_pop_for(const carnet_client_attestation_pop *view, carnet_str audience);

/** What an authorization server knows when it checks. */
typedef struct carnet_client_attestation_expectation {
    size_t struct_size; /**< sizeof(carnet_client_attestation_expectation) */
    const carnet_attester_trust *trust;
    carnet_str audience;       /**< the server's issuer identifier */
    carnet_str client_id;      /**< in the request; empty: there was none */
    const uint8_t *thumbprint; /**< 32 octets: the instance's key known from before (refresh); NULL: none */
    carnet_time now;
    int64_t skew;            /**< seconds; 60 will do */
    int64_t proof_lifetime;  /**< seconds from the proof's iat; 0: 300 */
    bool challenge_required; /**< the server publishes a challenge endpoint */
    /** Whether the challenge is one that the server gave out and that still holds; NULL: any is taken, and none
     *  stands for an iat.  Asked once the proof's signature was verified. */
    bool (*challenge)(void *context, carnet_str challenge);
    void *context;
} carnet_client_attestation_expectation;

/** What was checked. */
typedef struct carnet_client_authentication {
    carnet_client_attestation attestation;
    carnet_client_attestation_pop pop;
    uint8_t thumbprint[32]; /**< of the instance's key (RFC 7638): refresh tokens are bound to it */
} carnet_client_authentication;

/** Check the two headers as an authorization server does.  In this order: both are there; form and claims; algorithms; the
 *  attester's signature and trust; the proof's signature by the cnf key; challenge; times; audience; expiry; client_id.  What is
 *  left to the caller: that pop.jwt_id serves once, and `status`.
 *  CARNET_E_CLIENT_ATTESTATION: form; _UNTRUSTED: the attester; _PROOF: the proof; _CHALLENGE: it is missing or stale;
 *  _EXPIRED: the attestation, or it is not valid yet; _CLIENT: other client, or other key than before.
 *  carnet_oauth_error_of() says each as an OAuth error.  On failure *result is empty. */
CARNET_API carnet_rc carnet_client_attestation_check(carnet_str attestation, carnet_str pop,
                                                     const carnet_client_attestation_expectation *expectation,
                                                     carnet_crypto *crypto, carnet_buf *storage,
                                                     carnet_client_authentication *result, carnet_err *err);
/** The same when a DPoP proof stands for the proof of possession, as drafts from 09 on allow: it was checked already
 *  (carnet_dpop_check()), nonce included, and is by the key with this thumbprint, which must be the instance's
 *  (CARNET_E_CLIENT_ATTESTATION_PROOF).  The expectation's audience, challenge and proof_lifetime are not looked at; result->pop
 *  stays empty. */
CARNET_API carnet_rc carnet_client_attestation_check_combined(carnet_str attestation, const uint8_t dpop_thumbprint[32],
                                                              const carnet_client_attestation_expectation *expectation,
                                                              carnet_crypto *crypto, carnet_buf *storage,
                                                              carnet_client_authentication *result, carnet_err *err);
CARNET_API void carnet_client_authentication_close(carnet_client_authentication *result);

/** An attestation to be made.  iat is always written. */
typedef struct carnet_client_attestation_spec {
    size_t struct_size;           /**< sizeof(carnet_client_attestation_spec) */
    carnet_str issuer;            /**< iss: the attester */
    carnet_str client_id;         /**< sub: the wallet, the same for all its instances */
    const carnet_public_key *key; /**< cnf.jwk */
    carnet_time issued_at, expires;
    carnet_str wallet_name, wallet_link; /**< empty: none */
    carnet_str status;                   /**< JSON of the status object; empty: none */
    carnet_str more;                     /**< further claims as JSON, such as "\"mcd\":\"...\""; empty: none */
    carnet_str key_id;                   /**< kid; empty: none */
    const carnet_span *x5c;              /**< the attester's certificates, its own first, without the trusted one */
    size_t x5c_count;
} carnet_client_attestation_spec;

/** Make and append to *out. */
CARNET_API carnet_rc carnet_client_attestation_build(const carnet_client_attestation_spec *spec, carnet_key *attester,
                                                     carnet_crypto *crypto, carnet_buf *out, carnet_err *err);

/** A proof of possession to be made. */
typedef struct carnet_client_attestation_pop_spec {
    size_t struct_size;   /**< sizeof(carnet_client_attestation_pop_spec) */
    carnet_str client_id; /**< iss */
    carnet_str audience;  /**< aud: the authorization server's issuer identifier */
    carnet_str challenge; /**< empty: the server gave none */
    carnet_time issued_at;
    carnet_str jwt_id;           /**< jti; empty: 128 bits of `random` */
    const carnet_random *random; /**< NULL: the backend's */
} carnet_client_attestation_pop_spec;

/** Make with the instance's key and append to *out.  There is an exp of five minutes too, for servers of drafts before 06. */
CARNET_API carnet_rc carnet_client_attestation_pop_build(const carnet_client_attestation_pop_spec *spec,
                                                         carnet_key *instance, carnet_crypto *crypto, carnet_buf *out,
                                                         carnet_err *err);

CARNET_END_DECLS
#endif
