/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credential requests and deferred credential requests (OpenID4VCI 8.2, 9.1).
 *
 * One structure serves both ends.  What was opened owns its JSON until done,
 * and its texts are views into that; what is to be made borrows the caller's.
 * Members not known are passed over.
 */
#ifndef CARNET_CREDENTIAL_REQUEST_H
#define CARNET_CREDENTIAL_REQUEST_H
#include "carnet/credential_encryption.h"
CARNET_BEGIN_DECLS

#define CARNET_CREDENTIAL_REQUEST_MAX (1024 * 1024) /**< octets of JSON */
#define CARNET_PROOFS_MAX             128           /**< proofs in a request, keys in a batch */

/** proofs has exactly one member, of one of these names. */
typedef enum carnet_proof_kind {
    CARNET_PROOF_NONE,       /**< no proofs */
    CARNET_PROOF_JWT,        /**< jwt: one JWS a key, or one with a key attestation for several */
    CARNET_PROOF_ATTESTATION /**< attestation: one key attestation */
} carnet_proof_kind;

typedef struct carnet_credential_request {
    carnet_json *document;                                         /**< owned, if opened */
    carnet_str credential_identifier, credential_configuration_id; /**< at most one has text */
    carnet_str doctype; /**< if neither has: what drafts before 15 ask for, {"format":"mso_mdoc","doctype":"..."} */
    carnet_proof_kind proof_kind;
    carnet_str proofs[CARNET_PROOFS_MAX];
    size_t proof_count;
    carnet_credential_response_encryption encryption;
    bool dehydrated; /**< iso_23220_3.dehydrated: IssuerSignedDehydrated is understood (23220-3 8.1.2) */
} carnet_credential_request;

/** Open a request's JSON (decrypted, if it came as JWE; whether it had to is carnet_credential_request_encrypted()).
 *  CARNET_E_OID4VCI_REQUEST: neither or both identifications, proofs that are not one list; CARNET_E_OID4VCI_PROOF: a proof
 *  type that is not known, or too many; CARNET_E_OID4VCI_ENCRYPTION: the response's key or algorithms. */
CARNET_API carnet_rc carnet_credential_request_open(carnet_str json, carnet_crypto *crypto,
                                                    carnet_credential_request *request, carnet_err *err);
CARNET_API void carnet_credential_request_done(carnet_credential_request *request);
/** Append a request's JSON.  The same rules are held. */
CARNET_API carnet_rc carnet_credential_request_build(const carnet_credential_request *request, carnet_buf *out,
                                                     carnet_err *err);
/** Hold a message against what the issuer announced: `was_encrypted` says how it came.  CARNET_E_OID4VCI_ENCRYPTION:
 *  request or response must be encrypted and are not, or an enc that was not announced.  A request in the clear for an
 *  encrypted response, which wallets must not send (8.2) and some do, is taken unless requests must be encrypted: whoever
 *  could change the key in it could encrypt a request of his own as well. */
CARNET_API carnet_rc carnet_credential_encryption_check(const carnet_credential_encryption *request_rule,
                                                        const carnet_credential_encryption *response_rule,
                                                        bool was_encrypted,
                                                        const carnet_credential_response_encryption *response,
                                                        carnet_err *err);

/** A deferred credential request. */
typedef struct carnet_deferred_credential_request {
    carnet_json *document; /**< owned, if opened */
    carnet_str transaction_id;
    carnet_credential_response_encryption encryption;
} carnet_deferred_credential_request;

CARNET_API carnet_rc carnet_deferred_credential_request_open(carnet_str json, carnet_crypto *crypto,
                                                             carnet_deferred_credential_request *request,
                                                             carnet_err *err);
CARNET_API void carnet_deferred_credential_request_done(carnet_deferred_credential_request *request);
CARNET_API carnet_rc carnet_deferred_credential_request_build(const carnet_deferred_credential_request *request,
                                                              carnet_buf *out, carnet_err *err);

CARNET_END_DECLS
#endif
