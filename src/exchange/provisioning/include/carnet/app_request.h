/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an mdoc app asks its provider for: that it attest the app (OAuth client
 * attestation, TS 23220-3 6.5) or keys of its secure area (OpenID4VCI 1.0
 * Appendix D), or that it pass a request on to an issuing service (23220-1
 * Figure 8, IS-7).  A request is a JWS by the instance's key over a challenge
 * of the provider's.  The form is Carnet's own (doc/app-provider.schema.json).
 *
 * A view owns the JSON of its token until closed, and points into the text and
 * the storage it was opened with.  No clock: times are handed in.
 */
#ifndef CARNET_APP_REQUEST_H
#define CARNET_APP_REQUEST_H
#include "carnet/jws.h"
#include "carnet/time.h"
CARNET_BEGIN_DECLS

#define CARNET_APP_REQUEST_TYPE   "carnet-app-request+jwt"
#define CARNET_APP_KEY_PROOF_TYPE "carnet-app-key-proof+jwt"
#define CARNET_APP_REQUEST_KEYS   100 /**< keys in one request at most */

/** What for; `purpose` in the request. */
typedef enum carnet_app_purpose {
    CARNET_APP_WALLET_ATTESTATION = 1, /**< "wallet_attestation" */
    CARNET_APP_KEY_ATTESTATION,        /**< "key_attestation" */
    CARNET_APP_RELAY                   /**< "relay" */
} carnet_app_purpose;

/** A request to be made. */
typedef struct carnet_app_request_spec {
    size_t struct_size; /**< sizeof(carnet_app_request_spec) */
    carnet_app_purpose purpose;
    carnet_str audience;  /**< the provider's base URL */
    carnet_str challenge; /**< the provider's */
    carnet_time issued_at;
    carnet_str nonce; /**< KEY_ATTESTATION: the issuer's c_nonce; empty: none */
    const carnet_str
        *key_proofs; /**< KEY_ATTESTATION: a carnet_app_key_proof_build() for each key, unless there is a statement */
    size_t key_proof_count;
    carnet_str statement_format; /**< KEY_ATTESTATION: of the secure area's statement over the challenge; empty: none */
    carnet_span statement;
    carnet_span body; /**< RELAY: what it goes with; its digest is signed */
} carnet_app_request_spec;

/** Make with the instance's key and append to *out. */
CARNET_API carnet_rc carnet_app_request_build(const carnet_app_request_spec *spec, carnet_key *instance,
                                              carnet_crypto *crypto, carnet_buf *out, carnet_err *err);
/** Have a key prove that the app holds it, over the same challenge; appended to *out. */
CARNET_API carnet_rc carnet_app_key_proof_build(carnet_str audience, carnet_str challenge, carnet_key *key,
                                                carnet_crypto *crypto, carnet_buf *out, carnet_err *err);

/** An opened request. */
typedef struct carnet_app_request {
    carnet_jws jws;
    carnet_app_purpose purpose;
    carnet_public_key instance; /**< the key it is signed with */
    uint8_t thumbprint[32];     /**< of that (RFC 7638) */
    carnet_str challenge, nonce;
    carnet_time issued_at;
    const carnet_json *key_proofs; /**< list of texts; NULL: none */
    carnet_str statement_format;   /**< empty: none */
    carnet_span statement;
} carnet_app_request;

/** Open a request and check what can be checked without memory: form, purpose, signature by the instance's key, audience, time
 *  (`issued_at` within `skew` seconds of `now`), and for RELAY the digest of `body`.  Left to the caller: that the challenge is its
 *  own and serves once.  `storage` is given the decoded octets (less than twice text.len).  CARNET_E_APP_REQUEST: form;
 *  CARNET_E_APP_REQUEST_AUDIENCE, _TIME, _BODY; CARNET_E_JOSE_SIGNATURE. */
CARNET_API carnet_rc carnet_app_request_open(carnet_str text, carnet_app_purpose purpose, carnet_str audience,
                                             carnet_span body, carnet_time now, int64_t skew, carnet_crypto *crypto,
                                             carnet_buf *storage, carnet_app_request *view, carnet_err *err);
CARNET_API void carnet_app_request_close(carnet_app_request *view);
/** Check the keys' own proofs and hand out the keys, at most `cap`.  CARNET_E_APP_REQUEST_KEY: a proof is not by its key, over
 *  another challenge, or a key comes twice; the path says which. */
CARNET_API carnet_rc carnet_app_request_keys(const carnet_app_request *view, carnet_str audience, carnet_crypto *crypto,
                                             carnet_buf *storage, carnet_public_key *keys, size_t cap, size_t *count,
                                             carnet_err *err);

CARNET_END_DECLS
#endif
