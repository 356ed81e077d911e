/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_SERVICE_ISSUING_INTERNAL_H
#define CARNET_SERVICE_ISSUING_INTERNAL_H
#include "carnet/credential_proof.h"
#include "carnet/credential_response.h"
#include "carnet/issuance.h"
#include "carnet/issuing.h"
#include "carnet/store_credential.h"

#define CARNET_ISSUING_SEALED_ORDER "deferred.request" /**< what is sealed, bound to the transaction's hash */
#define CARNET_ISSUING_SEALED_OFFER "offer.document"   /**< bound to the reference's hash */
#define CARNET_ISSUING_NOTIFICATION 32                 /**< characters of a notification identifier */
#define CARNET_ISSUING_CLAIMS_MAX   (1024 * 1024)      /**< octets of one person's claims */

typedef struct carnet_issuing_configured carnet_issuing_configured;
typedef struct carnet_issuing_typed carnet_issuing_typed;
typedef struct carnet_issuing_typings carnet_issuing_typings;

struct carnet_issuing {
    const carnet_service_context *context;
    const carnet_authorization *authorization;
    carnet_issuing_policy policy; /**< defaults filled in */
    carnet_issuer_metadata_spec metadata;
    struct carnet_issuing_block *blocks; /**< memory that lives as long as the issuer */
    struct carnet_issuing_shown *shown;  /**< JSON that does */
    const char **names;     /**< of the documents' configurations, zero-terminated: who counts events keeps them */
    carnet_str json, iacas; /**< ready answers */
    carnet_issuing_typings *typings;
    carnet_issuing_configured *configured; /**< the part's; NULL otherwise */
};

/** One request on its way, in the worker's scratch. */
typedef struct carnet_issuing_exchange {
    const carnet_issuing *issuing;
    carnet_service_worker *worker;
    const carnet_service_request *request;
    carnet_service_response *response;
    carnet_authorization_access access;
    const char *path;         /**< of the route */
    carnet_str configuration; /**< for the log, as soon as it is known */
    bool was_encrypted;
    carnet_issuing_typed *typed; /**< what the claims are of, if they were typed before */
    uint64_t stamp;              /**< of the source's answer that the claims are; 0: none */
    bool announced;              /**< to the store.  Then the handler may go on after its commit, without a thread */
    struct carnet_issuing_issuance *own; /**< being committed so */
    carnet_buf parked;                   /**< the scratch, this in it, meanwhile */
} carnet_issuing_exchange;

/** What is to be issued, of a request or of one that waited. */
typedef struct carnet_issuing_order {
    const carnet_issuing_document *document;
    carnet_public_key *keys;
    size_t key_count;
    bool dehydrated, single;
    carnet_credential_response_encryption encryption;
    carnet_json *document_of_encryption; /**< what the encryption borrows, if the order owns it */
    bool has_nonce;
    uint8_t nonce_hash[CARNET_SERVICE_HASH];
    int64_t nonce_at; /* what is in it: see carnet_service_nonce_check() */
    carnet_time nonce_until;
    int64_t deferred; /**< the record to be finished, or 0 */
} carnet_issuing_order;

/* --- requests and answers --- */

/** Begin: worker, exchange, and, unless `path` is NULL, the access token.  On failure the answer is ready. */
carnet_rc carnet_issuing_begin(const carnet_issuing *issuing, const carnet_service_request *request,
                               carnet_service_response *response, const char *path, bool claims,
                               carnet_issuing_exchange **exchange, carnet_err *err);
/** The message's JSON, decrypted if it came so (exchange->was_encrypted). */
carnet_rc carnet_issuing_message(carnet_issuing_exchange *x, carnet_str *json, carnet_err *err);
/** Answer with a JSON text, encrypted if that was wanted. */
carnet_rc carnet_issuing_answer(carnet_issuing_exchange *x, const carnet_credential_response_encryption *encryption,
                                carnet_str json, carnet_err *err);
/** Make the answer ready for a failure, log it and keep the event; returns the code to be returned. */
carnet_rc carnet_issuing_refuse(carnet_issuing_exchange *x, carnet_rc rc, const char *otherwise, carnet_err *err);
/** A buffer in the scratch, or CARNET_E_NO_SPACE. */
carnet_rc carnet_issuing_room(carnet_issuing_exchange *x, size_t size, carnet_buf *buf, carnet_err *err);
/** Give back what was not needed of the last room: nothing was written there, and it need not be wiped. */
void carnet_issuing_settle(carnet_issuing_exchange *x, carnet_buf *buf);

/* --- the steps of an issuance --- */

/** Check the proofs of a request: keys and nonce of the order. */
carnet_rc carnet_issuing_prove(carnet_issuing_exchange *x, const carnet_credential_request *request,
                               carnet_issuing_order *order, carnet_err *err);
/** What is known of the person: of the grant, else of the source.  CARNET_E_ISSUING_NOT_YET: come back later.  _done() when they
 *  are no longer needed. */
carnet_rc carnet_issuing_claims(carnet_issuing_exchange *x, const carnet_issuing_document *document, carnet_str *claims,
                                carnet_err *err);
void carnet_issuing_claims_done(carnet_issuing_exchange *x);
/** Those of claims that are for this document, if they are for several; the same otherwise. */
carnet_rc carnet_issuing_claims_narrow(carnet_issuing_exchange *x, const carnet_issuing_document *document,
                                       carnet_json **claims, carnet_err *err);
/** The elements that claims come to; _done() when they are no longer needed, NULL as well. */
carnet_rc carnet_issuing_type(carnet_issuing_exchange *x, const carnet_issuing_document *document, carnet_str claims,
                              carnet_issuing_typed **typed, carnet_err *err);
void carnet_issuing_typed_done(carnet_issuing_typed *typed);
/** What was typed of an answer of this document's source, its stamp and claims; NULL: nothing. */
carnet_issuing_typed *carnet_issuing_typed_before(carnet_issuing_exchange *x, const carnet_issuing_document *document,
                                                  uint64_t *stamp, carnet_str *claims);
const carnet_element *carnet_issuing_typed_elements(const carnet_issuing_typed *typed, size_t *count);
/** What a copy of them by such a signer was measured to need; 0: it was not. */
size_t carnet_issuing_typed_measured(const carnet_issuing_exchange *x, const carnet_issuing_typed *typed,
                                     const carnet_issue_signer *signer, carnet_str status_uri);
void carnet_issuing_typed_measure(const carnet_issuing_exchange *x, carnet_issuing_typed *typed,
                                  const carnet_issue_signer *signer, carnet_str status_uri, size_t size);
/** Those that are kept; NULL without memory. */
carnet_issuing_typings *carnet_issuing_typings_new(void);
void carnet_issuing_typings_free(carnet_issuing_typings **typings);
/** Issue, record and answer. */
carnet_rc carnet_issuing_issue(carnet_issuing_exchange *x, carnet_issuing_order *order, carnet_str claims,
                               carnet_err *err);
/** A handler that may come to issue: its commit is then waited for without a thread.  _end(): what it returns, unless it said
 *  `later`.  _go_on(): what it does and returns when it is asked again. */
void carnet_issuing_announce(carnet_issuing_exchange *x);
carnet_rc carnet_issuing_end(carnet_issuing_exchange *x, carnet_rc rc, carnet_err *err);
carnet_rc carnet_issuing_go_on(const carnet_issuing *issuing, const carnet_service_request *request,
                               carnet_service_response *response, carnet_err *err);
/** Keep the order for later and answer with a transaction identifier. */
carnet_rc carnet_issuing_defer(carnet_issuing_exchange *x, const carnet_issuing_order *order, carnet_err *err);
/** Ask the wallet to come back, encrypted as the documents would be. */
carnet_rc carnet_issuing_answer_later(carnet_issuing_exchange *x,
                                      const carnet_credential_response_encryption *encryption, carnet_str transaction,
                                      int64_t interval, carnet_err *err);
/** What stands for a device key that is good once: its thumbprint, or, where keys may come again, something new. */
carnet_rc carnet_issuing_key_print(carnet_issuing_exchange *x, const carnet_issuing_order *order, size_t i,
                                   uint8_t out[CARNET_SERVICE_HASH], carnet_err *err);
/** An order's keys and wishes as JSON, and back. */
carnet_rc carnet_issuing_order_write(const carnet_issuing_order *order, carnet_buf *out, carnet_err *err);
carnet_rc carnet_issuing_order_read(carnet_issuing_exchange *x, carnet_str json, carnet_issuing_order *order,
                                    carnet_err *err);
void carnet_issuing_order_done(carnet_issuing_order *order);

/** What was made: copies, and what is the same for all. */
typedef struct carnet_issuing_made {
    carnet_span *credentials;
    size_t count;
    carnet_span name_spaced_data; /**< of dehydrated ones */
    carnet_issuer_times times;
} carnet_issuing_made;
/** Make the copies into the scratch.  `indices` is NULL without status list. */
carnet_rc carnet_issuing_make(carnet_issuing_exchange *x, const carnet_issuing_order *order, carnet_str claims,
                              carnet_str status_uri, const int64_t *indices, carnet_issuing_made *made,
                              carnet_err *err);

/** Which step of a transaction failed. */
typedef enum carnet_issuing_step {
    CARNET_ISSUING_TOKEN = 1,
    CARNET_ISSUING_NONCE,
    CARNET_ISSUING_HISTORY,
    CARNET_ISSUING_DEFERRED,
    CARNET_ISSUING_KEYS,
    CARNET_ISSUING_RECORD
} carnet_issuing_step;

/** One durable transaction. */
typedef struct carnet_issuing_record {
    carnet_issuing_exchange *x;
    const carnet_issuing_order *order;
    carnet_store_issuance issuance;  /**< when something is issued */
    carnet_store_deferred *deferral; /**< when it is deferred */
    const carnet_store_once *keys;   /**< of a deferral */
    size_t key_count;
    carnet_issuing_step step; /**< the last begun */
} carnet_issuing_record;
/** Do it all or nothing; failures are told in words for the wallet. */
carnet_rc carnet_issuing_keep(carnet_issuing_record *record, carnet_err *err);
/** The same, begun: *job as carnet_store_submit() has it.  carnet_issuing_kept(): what its outcome means. */
carnet_rc carnet_issuing_keep_later(carnet_issuing_record *record, carnet_store_job **job, carnet_err *err);
carnet_rc carnet_issuing_kept(carnet_issuing_record *record, carnet_rc outcome, carnet_err *err);

/* --- metadata --- */

carnet_rc carnet_issuing_metadata_init(carnet_issuing *issuing, carnet_service_worker *worker, carnet_err *err);
void carnet_issuing_metadata_done(carnet_issuing *issuing);
/** A configuration's identifier as long as the issuer lives; NULL if it has none such. */
const char *carnet_issuing_name(const carnet_issuing *issuing, carnet_str configuration);
/** Zeroed memory that lives as long as the issuer; NULL without memory. */
void *carnet_issuing_block_new(carnet_issuing *issuing, size_t size);
/** Parse JSON that lives as long as the issuer. */
carnet_rc carnet_issuing_json(carnet_issuing *issuing, carnet_str text, const carnet_json **json, carnet_err *err);
/** A JSON array of displays, and what a document's claims are called, for the metadata's writer; of the issuer's memory. */
carnet_rc carnet_issuing_displays(carnet_issuing *issuing, const carnet_json *array, const carnet_display **list,
                                  size_t *count, carnet_err *err);
carnet_rc carnet_issuing_claims_shown(carnet_issuing *issuing, const carnet_issuer_policy *policy,
                                      const carnet_claim_description **list, size_t *count, carnet_err *err);

/* --- routes, one a file --- */

extern const carnet_service_route carnet_issuing_well_known, carnet_issuing_mdoc_iacas, carnet_issuing_nonce,
    carnet_issuing_credential, carnet_issuing_deferred, carnet_issuing_notification, carnet_issuing_offer_get,
    carnet_issuing_admin_offer, carnet_issuing_admin_deferred;

/** A policy of the configuration, in memory of its own. */
carnet_rc carnet_issuing_configure(const carnet_config *config, carnet_issuing_configured **configured,
                                   carnet_err *err);
const carnet_issuing_policy *carnet_issuing_configured_policy(const carnet_issuing_configured *configured);
void carnet_issuing_configured_free(carnet_issuing_configured **configured);

#endif
