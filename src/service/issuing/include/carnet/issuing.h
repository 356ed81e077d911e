/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credential issuer (OpenID4VCI 1.0 7 to 12, HAIP 1.0 4; ISO/IEC 23220-1
 * IS-6): nonces, credentials at once and deferred, notifications, metadata, offers.
 *
 * A carnet_issuing is made once and then only read, by any number of threads.
 * What it is made of is borrowed for its life.
 *
 * Routes, under the deployment's base URL:
 *     GET  /.well-known/openid-credential-issuer[/tenant]   metadata, JSON or (Accept: application/jwt) signed
 *     GET  /mdoc_iacas                                      {"iacas":[{"certificate":...}]}
 *     POST /nonce   /credential   /deferred_credential   /notification
 *     GET  /offers/{id}                                     an offer by reference
 *     POST /admin/offers                                    make an offer; admin listener only
 *     POST /admin/deferred/{id}                             decide over a deferred issuance; admin listener only
 */
#ifndef CARNET_ISSUING_H
#define CARNET_ISSUING_H
#include "carnet/attribute_source.h"
#include "carnet/authorization.h"
#include "carnet/issuer_policy.h"
#include "carnet/store_offer.h"
CARNET_BEGIN_DECLS

#define CARNET_ISSUING_DOCUMENTS 64 /**< in one policy at most */
#define CARNET_ISSUING_SIGNERS   4  /**< of one document at most */

/** A document that is issued. */
typedef struct carnet_issuing_document {
    carnet_issuer_policy policy;
    const char *signers[CARNET_ISSUING_SIGNERS]; /**< names of keys; the first that is valid long enough signs */
    size_t signer_count;
    carnet_attribute_source *source; /**< asked for claims that a grant does not bring; NULL: none */
    int64_t status_list_size;        /**< indices in one status list (1,000,000) */
} carnet_issuing_document;

/** The issuer's rules.  Zeros stand for the defaults in parentheses. */
typedef struct carnet_issuing_policy {
    size_t struct_size; /**< sizeof(carnet_issuing_policy) */
    const carnet_issuing_document *documents;
    size_t document_count;
    const carnet_attester_trust *key_attesters; /**< NULL: key attestations are not looked at */
    carnet_str name;                            /**< of the authority, as a person reads it */
    carnet_str display;                         /**< JSON array for the metadata's `display` (made of the name) */
    const char *encryption_key;                 /**< name of a key that agrees, for encrypted requests (none) */
    bool encryption_required;                   /**< of requests and of responses */
    const char *metadata_key;                   /**< name of the key that signs metadata (none) */
    int64_t nonce_s;                            /**< life of a c_nonce (300) */
    int64_t proof_s;                            /**< age of a proof (300) */
    int64_t skew_s;                             /**< (60) */
    int64_t deferred_s;                         /**< how long a deferred issuance can be fetched (14 days) */
    int64_t offer_s, offer_most;                /**< life of an offer: usual (3600) and longest (30 days) */
    unsigned tx_code_length;                    /**< digits (6) */
    int64_t tx_code_attempts;                   /**< (5) */
} carnet_issuing_policy;

typedef struct carnet_issuing carnet_issuing;

/** Make one.  CARNET_E_ISSUING_POLICY: the policy contradicts itself, or names a key that there is not. */
carnet_rc carnet_issuing_new(const carnet_service_context *context, const carnet_issuing_policy *policy,
                             const carnet_authorization *authorization, carnet_issuing **issuing, carnet_err *err);
void carnet_issuing_free(carnet_issuing **issuing);
/** The document of a configuration; NULL: there is none. */
const carnet_issuing_document *carnet_issuing_find(const carnet_issuing *issuing, carnet_str configuration);

/** The part, "issuing", as carnetd runs it, after "authorization": its `self` is a carnet_issuing. */
extern const carnet_service_part carnet_issuing_part;
/** Its routes; `self` of their handlers is a carnet_issuing. */
extern const carnet_service_part_route carnet_issuing_routes[];
extern const size_t carnet_issuing_route_count;

/* --- offers --- */

/** An offer to be made. */
typedef struct carnet_issuing_offer_spec {
    const carnet_str *configurations;
    size_t configuration_count;
    carnet_str subject;                      /**< empty: only with authorization_code */
    carnet_str claims;                       /**< JSON {name space: {element: value}}; empty: the source is asked */
    bool pre_authorized, authorization_code; /**< grants; at least one */
    bool tx_code;                            /**< a transaction code, made and given back once */
    carnet_str tx_code_description;          /**< for the holder, such as "sent by post" */
    int64_t lifetime;                        /**< seconds (the policy's) */
    carnet_str actor;                        /**< who makes it: an officer's login, a client's name */
    int64_t enrolment;                       /**< from this case, or 0 */
} carnet_issuing_offer_spec;

#define CARNET_ISSUING_TX_CODE_MAX 16
#define CARNET_ISSUING_OFFER_MAX   8192 /**< octets of an offer's JSON */

/** What was made: to be handed to the holder, and forgotten. */
typedef struct carnet_issuing_offer {
    int64_t id;
    char reference[CARNET_SERVICE_TOKEN + 1];     /**< the {id} of /offers/{id} and /offer/{id} */
    char tx_code[CARNET_ISSUING_TX_CODE_MAX + 1]; /**< "": none */
    carnet_str json;                              /**< the offer */
    carnet_str link, link_by_reference;           /**< openid-credential-offer://?... */
    carnet_time expires;
} carnet_issuing_offer;

/** Make and keep an offer; texts point into `room`.  CARNET_E_OID4VCI_CONFIGURATION: one is not issued here;
 *  CARNET_E_ISSUING_SUBJECT: the subject is no reference; CARNET_E_DOCTYPE_*: the claims are not of such a document. */
carnet_rc carnet_issuing_offer_make(const carnet_issuing *issuing, carnet_service_worker *worker,
                                    const carnet_issuing_offer_spec *spec, carnet_buf *room,
                                    carnet_issuing_offer *offer, carnet_err *err);
/** What is told of an offer by its reference, for its page: the JSON, unless it is over. */
typedef struct carnet_issuing_offer_view {
    carnet_store_offer record; /**< `state` and `expires` say whether it can be redeemed */
    carnet_str json;           /**< empty when it cannot */
    carnet_str link, link_by_reference;
} carnet_issuing_offer_view;
/** CARNET_E_STORE_ABSENT: there is no such offer. */
carnet_rc carnet_issuing_offer_read(const carnet_issuing *issuing, carnet_service_worker *worker, carnet_str reference,
                                    carnet_buf *room, carnet_issuing_offer_view *view, carnet_err *err);

CARNET_END_DECLS
#endif
