/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authorization server of an issuer (RFC 6749, 7636, 8414, 9126, 9207, 9396,
 * 9449, 9700; draft-ietf-oauth-attestation-based-client-auth; OpenID4VCI 1.0 5
 * and 6; HAIP 1.0 4): whose wallet may have which documents.
 *
 * A carnet_authorization is made once and then only read, by any number of
 * threads.  What it is made of is borrowed for its life.  Tokens and codes are
 * random and known to the store by their hashes only.
 *
 * The issuing endpoints ask carnet_authorization_check() first and, within the
 * transaction that does what was asked, carnet_authorization_use() or _issue().
 */
#ifndef CARNET_AUTHORIZATION_H
#define CARNET_AUTHORIZATION_H
#include "carnet/attester.h"
#include "carnet/identification.h"
#include "carnet/service_part.h"
#include "carnet/store_grant.h"
CARNET_BEGIN_DECLS

#define CARNET_AUTHORIZATION_DOCUMENTS 64 /**< in one policy at most */

/** A document that can be granted.  The credential identifier that a token answer gives for it (OpenID4VCI 6.2) is its
 *  configuration's identifier. */
typedef struct carnet_authorization_document {
    carnet_str configuration; /**< credential configuration identifier; no spaces */
    carnet_str scope;         /**< empty: none */
    carnet_str doctype;
    carnet_str name;                             /**< as a person reads it */
    const carnet_identification *identification; /**< NULL: not by the code flow, only by a pre-authorised code */
    bool attestation_required;                   /**< only to attested wallets */
    bool bearer_allowed;                         /**< access tokens without DPoP */
    int64_t refresh_s;                           /**< a refresh token is given, good for so long; 0: none */
} carnet_authorization_document;

/** A wallet that is known by name. */
typedef struct carnet_authorization_client {
    carnet_str client_id;
    carnet_str name; /**< as a person reads it; may be empty */
    const char *const
        *redirect_uris; /**< where its browser may be sent: exactly, but for the port of loopback addresses */
    size_t redirect_uri_count;
    bool attestation_required;
} carnet_authorization_client;

/** The server's rules.  Zeros stand for the defaults in parentheses. */
typedef struct carnet_authorization_policy {
    size_t struct_size; /**< sizeof(carnet_authorization_policy) */
    const carnet_authorization_document *documents;
    size_t document_count;
    const carnet_authorization_client *clients;
    size_t client_count;
    bool open_clients;                      /**< wallets that are not listed and not attested may come, too */
    const carnet_attester_trust *attesters; /**< NULL: attestations are not looked at */
    bool attestation_required;              /**< of every wallet: HAIP */
    bool challenge_required;                /**< a wallet's proof must be over a challenge of ours */
    bool anonymous_pre_authorised;          /**< a pre-authorised code needs no client_id (OpenID4VCI 6.1) */
    bool pushed_required;                   /**< RFC 9126: no other requests */
    bool dpop_nonce_required;               /**< RFC 9449 8 and 9 */
    bool consent;                           /**< the person is asked before anything begins */
    int64_t request_s;                      /**< from PAR to the browser (90) */
    int64_t identification_s;               /**< of the browser's part (3600) */
    int64_t code_s;                         /**< (60) */
    int64_t access_s;                       /**< (300) */
    int64_t nonce_s;                        /**< of DPoP nonces and attestation challenges (300) */
    int64_t proof_s;                        /**< of a DPoP proof or an attestation's proof, from its iat (300) */
    int64_t skew_s;                         /**< (60) */
} carnet_authorization_policy;

typedef struct carnet_authorization carnet_authorization;

/** Make one.  CARNET_E_USAGE: the policy contradicts itself. */
carnet_rc carnet_authorization_new(const carnet_service_context *context, const carnet_authorization_policy *policy,
                                   carnet_authorization **authorization, carnet_err *err);
void carnet_authorization_free(carnet_authorization **authorization);

/** The part, "authorization", as carnetd runs it: its `self` is a carnet_authorization. */
extern const carnet_service_part carnet_authorization_part;
/** Its routes; `self` of their handlers is a carnet_authorization. */
extern const carnet_service_part_route carnet_authorization_routes[];
extern const size_t carnet_authorization_route_count;

/* --- for endpoints that take access tokens --- */

/** What a request's access token allows. */
typedef struct carnet_authorization_access {
    carnet_store_grant grant;                /**< as read; its views point into the worker's scratch */
    bool dpop;                               /**< shown with a proof */
    uint8_t proof_hash[CARNET_SERVICE_HASH]; /**< of that proof: serves once */
    carnet_time proof_at, proof_until;       /**< its iat, and until when it has to be known */
    carnet_time now;
} carnet_authorization_access;

/** Check the access token of a request to BASE`path` (as in the route: "/credential"): scheme, expiry, revocation, and, of a token
 *  that is bound to a key, the proof (RFC 9449 4.3, 7): typ, htm, htu, ath, iat, key, nonce.  Nothing is written.  On failure
 *  the answer is made ready, as RFC 6750 3 and RFC 9449 7.1 and 9 want it: status, error, WWW-Authenticate, DPoP-Nonce;
 *  and the refusal is logged.  The next DPoP nonce goes into the answer
 *  of a success when the one that came is half over.  `claims`: read the grant's sealed claims
 *  as well. */
carnet_rc carnet_authorization_check(const carnet_authorization *authorization, carnet_service_worker *worker,
                                     const carnet_service_request *request, const char *path, bool claims,
                                     carnet_service_response *response, carnet_authorization_access *access,
                                     carnet_err *err);
/** Within the transaction: the grant is still good and the proof was not used before; now it is.  CARNET_E_OAUTH_TOKEN,
 *  CARNET_E_STORE_REPLAYED: return it, and outside of the transaction call carnet_authorization_refuse(). */
carnet_rc carnet_authorization_use(const carnet_authorization_access *access, carnet_store_session *session,
                                   carnet_err *err);
/** The same, and `count` credentials are issued under the grant. */
carnet_rc carnet_authorization_issue(const carnet_authorization_access *access, carnet_store_session *session,
                                     size_t count, carnet_err *err);
/** Make the answer ready for a failure of these two, and log it; returns the code to be returned.  Other codes
 *  are returned as they are. */
carnet_rc carnet_authorization_refuse(const carnet_authorization *authorization, carnet_service_worker *worker,
                                      carnet_service_response *response, carnet_rc rc, carnet_err *err);
/** Whether the grant reaches a configuration. */
bool carnet_authorization_reaches(const carnet_authorization_access *access, carnet_str configuration);

/* --- for those who make offers --- */

/** Seal claims for an offer, an authorization or a grant of this person: what was sealed moves between them as it is.  And back;
 *  `claims` is appended. */
carnet_rc carnet_authorization_claims_seal(carnet_service_worker *worker, carnet_str subject, carnet_str claims,
                                           carnet_buf *sealed, carnet_err *err);
carnet_rc carnet_authorization_claims_open(carnet_service_worker *worker, carnet_str subject, carnet_span sealed,
                                           carnet_buf *claims, carnet_err *err);
/** The store's verifier of a transaction code, for the offer whose pre-authorised code has this hash (carnet_store_offer.tx_code).  The
 *  codes and issuer_state themselves are hashed by carnet_service_hash(). */
carnet_rc carnet_authorization_tx_code(carnet_service_worker *worker, const uint8_t code_hash[CARNET_SERVICE_HASH],
                                       carnet_str tx_code, uint8_t verifier[CARNET_SERVICE_HASH], carnet_err *err);

CARNET_END_DECLS
#endif
