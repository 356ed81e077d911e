/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every service of a deployment shares, and what each thread has for
 * itself.
 *
 * A carnet_service_context is made once, before any request, and is only read
 * afterwards.  A carnet_service_worker belongs to one thread: its crypto, its
 * memory, its handles of keys.  A handler begins with
 *
 *     carnet_service_worker *worker;
 *     if ((rc = carnet_service_begin(context, request, &worker, err)) != CARNET_OK)
 *         return rc;
 *
 * and is done with it when it returns.  Workers are made beforehand, with their
 * keys open; to find one's own costs a look into thread-local memory.
 *
 * Sealed text and stateless nonces stand on the deployment's secret file: keys
 * that all instances have alike, so that what one makes another can read.
 */
#ifndef CARNET_SERVICE_CONTEXT_H
#define CARNET_SERVICE_CONTEXT_H
#include "carnet/crypto.h"
#include "carnet/http_service.h"
#include "carnet/service_config.h"
CARNET_BEGIN_DECLS

typedef struct carnet_store carnet_store; /* carnet/store.h */
typedef struct carnet_service_context carnet_service_context;

#define CARNET_SERVICE_TOKEN   43 /**< characters of a token or code: 256 bits in base64url */
#define CARNET_SERVICE_NONCE   60 /**< characters of a nonce */
#define CARNET_SERVICE_HASH    32 /**< octets by which the store knows tokens, codes and nonces: SHA-256 */
#define CARNET_SERVICE_SEALING 49 /**< octets by which sealed text is longer than plain text */
#define CARNET_SERVICE_CHAIN   4  /**< certificates of a chain at most, without its root */

/** A key of the configuration, open for one thread. */
typedef struct carnet_service_key {
    const char *name;
    carnet_key *key;                         /**< for this thread only */
    carnet_signature_algorithm algorithm;    /**< that goes with its curve; CARNET_SIGNATURE_NONE: it only agrees */
    carnet_span chain[CARNET_SERVICE_CHAIN]; /**< DER, its own certificate first, without the root */
    size_t chain_count;                      /**< 0: a bare key */
    carnet_span root;                        /**< DER; the IACA certificate of a document signer; empty: none */
    carnet_time not_before, not_after;       /**< of its certificate */
} carnet_service_key;

/** One thread's. */
typedef struct carnet_service_worker {
    const carnet_service_context *context;
    carnet_crypto *crypto;
    carnet_random random;
    carnet_store *store;                   /**< shared: it is safe to use by several threads */
    const carnet_service_request *request; /**< the one that began last; NULL: a job's */
    carnet_buf scratch; /**< emptied and wiped by carnet_service_begin(); see carnet_service_scratch() */
} carnet_service_worker;

/** What a context is made of beside the configuration. */
typedef struct carnet_service_hooks {
    carnet_store *store;                /**< borrowed; may be NULL in tests */
    carnet_time (*now)(void *now_self); /**< NULL: the system's clock */
    void *now_self;
    /** JSON lines, without line ends, as of carnet_service_config; several threads at once. */
    void (*log)(void *log_self, carnet_str line, bool success);
    void *log_self;
    unsigned workers;    /**< threads at most that will begin (8) */
    size_t scratch_size; /**< octets a thread (8 MiB; untouched memory costs nothing) */
} carnet_service_hooks;

/** Make the context: reads the secrets' file, opens the secure areas and keys for each worker.  CARNET_E_SERVICE_SECRETS: that
 *  file; CARNET_E_SERVICE_KEY: a key or its chain.  Failures name what they speak of in their path.  `config` must outlive it. */
carnet_rc carnet_service_context_new(const carnet_config *config, const carnet_service_hooks *hooks,
                                     carnet_service_context **context, carnet_err *err);
void carnet_service_context_free(carnet_service_context **context);

/** What is configured. */
const carnet_config *carnet_service_configuration(const carnet_service_context *context);
/** "https://host[:port][/tenant]", no slash at the end: the credential issuer's identifier. */
carnet_str carnet_service_base_url(const carnet_service_context *context);
/** The path in it, "" or "/tenant". */
carnet_str carnet_service_base_path(const carnet_service_context *context);

/** This thread's worker, with an empty scratch.  CARNET_E_SERVICE_BUSY: more threads than workers. */
carnet_rc carnet_service_begin(const carnet_service_context *context, const carnet_service_request *request,
                               carnet_service_worker **worker, carnet_err *err);
/** Octets from the scratch, zeroed and aligned for anything, until the next carnet_service_begin(); NULL: there is no room
 *  (answer CARNET_E_NO_SPACE). */
void *carnet_service_scratch(carnet_service_worker *worker, size_t size);
/** Put the scratch aside, as it is, beyond the handler's return; false: too many are, or there is no memory.  `parked` is kept in
 *  the scratch itself or elsewhere. */
bool carnet_service_park(carnet_service_worker *worker, carnet_buf *parked);
/** Go on with it, after carnet_service_begin() on the thread of the same worker. */
void carnet_service_unpark(carnet_service_worker *worker, const carnet_buf *parked);
/** A buffer of `cap` octets from the scratch; one without room if there is none. */
carnet_buf carnet_service_scratch_buf(carnet_service_worker *worker, size_t cap);
/** What time it is. */
carnet_time carnet_service_now(const carnet_service_worker *worker);

/** A key of the configuration by name, open for this thread.  CARNET_E_SERVICE_KEY: there is none. */
carnet_rc carnet_service_key_get(carnet_service_worker *worker, const char *name, const carnet_service_key **key,
                                 carnet_err *err);
/** The i-th key of the configuration; NULL past the last. */
const carnet_service_key *carnet_service_key_at(carnet_service_worker *worker, size_t i);

/* --- sealing --- */

/** Append a line of a secrets' file with a fresh key. */
carnet_rc carnet_service_secrets_make(const carnet_random *random, carnet_buf *out, carnet_err *err);

/** Append `plain` sealed (AES-256-GCM) for a purpose ("offer.claims"; static) and bound to `to`, such as the record's
 *  identifier: opens only for the same two.  It is CARNET_SERVICE_SEALING octets longer. */
carnet_rc carnet_service_seal(carnet_service_worker *worker, const char *purpose, carnet_span to, carnet_span plain,
                              carnet_buf *out, carnet_err *err);
/** Append what was sealed, by this or an earlier key of the deployment.  CARNET_E_SERVICE_SEALED: it was altered, is of another
 *  purpose, or its key is no longer among the secrets. */
carnet_rc carnet_service_open(carnet_service_worker *worker, const char *purpose, carnet_span to, carnet_span sealed,
                              carnet_buf *out, carnet_err *err);

/* --- tokens and nonces --- */

/** Kinds of stateless nonces; one is never taken for another. */
typedef enum carnet_service_nonce_kind {
    CARNET_NONCE_CREDENTIAL = 1, /**< c_nonce (OpenID4VCI 7) */
    CARNET_NONCE_DPOP,           /**< RFC 9449, 8 and 9 */
    CARNET_NONCE_CHALLENGE,      /**< of client attestations */
    CARNET_NONCE_FORM,           /**< of a page's form */
    CARNET_NONCE_STATE,          /**< a state that goes to another server and comes back */
} carnet_service_nonce_kind;

/** Append a nonce, CARNET_SERVICE_NONCE characters of base64url, good for `lifetime` seconds at every instance of the
 *  deployment.  Nothing is stored. */
carnet_rc carnet_service_nonce_make(carnet_service_worker *worker, carnet_service_nonce_kind kind, int64_t lifetime,
                                    carnet_buf *out, carnet_err *err);
/** Check one.  CARNET_E_SERVICE_NONCE: it is not ours, of another kind, or over.  That it is used once is for the store: keep
 *  `hash` until after *expiry.  *at, which is in it: greater in those that were made later to end as late.  Each may be NULL. */
carnet_rc carnet_service_nonce_check(carnet_service_worker *worker, carnet_service_nonce_kind kind, carnet_str nonce,
                                     uint8_t hash[CARNET_SERVICE_HASH], int64_t *at, carnet_time *expiry,
                                     carnet_err *err);

/** A fresh token or code as text, zero-terminated, and what the store keeps of it. */
carnet_rc carnet_service_token_make(carnet_service_worker *worker, char text[CARNET_SERVICE_TOKEN + 1],
                                    uint8_t hash[CARNET_SERVICE_HASH], carnet_err *err);
/** SHA-256 of a text. */
carnet_rc carnet_service_hash(carnet_service_worker *worker, carnet_str text, uint8_t hash[CARNET_SERVICE_HASH],
                              carnet_err *err);
/** A keyed digest that is the deployment's own, for texts too short to be hashed openly (tx_code, a date of birth). */
carnet_rc carnet_service_keyed_hash(carnet_service_worker *worker, const char *purpose, carnet_str text,
                                    uint8_t hash[CARNET_SERVICE_HASH], carnet_err *err);

/** A zero-terminated copy of a text, of `cap` octets at most (at least 1), cut before a character of UTF-8 that does not fit. */
void carnet_service_copy(char *out, size_t cap, carnet_str text);

/* --- what happened --- */

/** An event: for the log and the metrics.  No value of a data element, no token, no code. */
typedef struct carnet_service_event {
    const char *interface;     /**< of 23220-1, "IS-6"; static; NULL: none */
    const char *kind;          /**< "credential.issued"; static */
    const char *outcome;       /**< "done", "refused", "failed"; static; NULL: "done" */
    const char *configuration; /**< the credential configuration's identifier, of the configuration's memory;
                                    NULL: none */
    const char *reason;        /**< of a refusal: an error code of OAuth or of ours, or a sentence; NULL: none */
    carnet_str reference;      /**< a record's identifier; empty: none */
    uint64_t count;            /**< of what the kind says; 0 counts as 1 */
} carnet_service_event;

/** Log the event with the request's identifier, and count it (carnet_events_total). */
void carnet_service_event_log(carnet_service_worker *worker, const carnet_service_event *event);

CARNET_END_DECLS
#endif
