/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Obtaining documents (23220-1 IS-5, IS-6; OpenID4VCI 1.0, HAIP 1.0): the
 * wallet's side of issuing as a state machine without input or output.  It says
 * what to do next; the caller does it and tells what came of it.
 *
 *     for (;;) {
 *         const carnet_obtain_action *a = carnet_obtain_next(&o, now);
 *         ... do a->kind; answer with the function named beside it
 *     }
 *
 * A failure of any kind, also one of the caller's answers, makes
 * CARNET_OBTAIN_FAILED the next action, after what must still be said to the
 * issuer.  Nothing the issuer sent is kept before all of it was checked.
 *
 * All storage is the caller's, but for JSON, which allocates.  Actions and what
 * they point to are good until the next call.  One carnet_obtain belongs to one
 * thread.  It holds secrets: carnet_obtain_done() wipes them.
 */
#ifndef CARNET_OBTAIN_H
#define CARNET_OBTAIN_H
#include "carnet/authorization_server_metadata.h"
#include "carnet/credential_offer.h"
#include "carnet/credential_request.h"
#include "carnet/credential_response.h"
#include "carnet/issuer_metadata.h"
#include "carnet/mdoc_iacas.h"
#include "carnet/notification.h"
#include "carnet/pkce.h"
#include "carnet/token.h"
#include "carnet/verify.h"
CARNET_BEGIN_DECLS

#define CARNET_OBTAIN_MEMORY      (12u << 20) /**< octets of memory that suffice for a response of 5 MiB */
#define CARNET_OBTAIN_MEMORY_MIN  (2u << 20)  /**< the least */
#define CARNET_OBTAIN_FIELDS_MAX  10          /**< header fields of a request */
#define CARNET_OBTAIN_COPIES_MAX  CARNET_PROOFS_MAX
#define CARNET_OBTAIN_CHOSEN_MAX  CARNET_CREDENTIAL_OFFER_CONFIGURATIONS_MAX
#define CARNET_OBTAIN_IACAS_MAX   16
#define CARNET_OBTAIN_REFUSAL_MAX 300 /**< characters shown of what an issuer says */

/* --- what is handed in --- */

/** What was granted, to be kept (sealed: it holds secrets) for re-issuance, deferred issuance and notifications. */
typedef struct carnet_obtain_grant {
    carnet_str credential_issuer, authorization_server;
    carnet_str client_id; /**< empty: anonymous */
    carnet_str access_token, refresh_token;
    carnet_time expires; /**< of the access token; 0: not said */
    bool dpop;           /**< tokens are bound to the DPoP key */
    bool attested;       /**< the wallet authenticated by attestation: the instance's key is needed again */
} carnet_obtain_grant;

/** With what, and by which rules. */
typedef struct carnet_obtain_parameters {
    size_t struct_size; /**< sizeof(carnet_obtain_parameters) */
    carnet_crypto *crypto;
    carnet_buf memory;                   /**< at least CARNET_OBTAIN_MEMORY_MIN */
    const carnet_trust_anchors *anchors; /**< IACA certificates trusted beforehand; NULL: none */
    const carnet_revocation_source *revocation;
    const carnet_trust_anchors
        *metadata_anchors;      /**< of signers of metadata: signed metadata is asked for; NULL: it is not */
    bool signed_metadata;       /**< metadata that is not signed is refused */
    carnet_key *dpop_key;       /**< on P-256, fresh for each issuer; NULL: no DPoP */
    carnet_key *instance_key;   /**< that client attestations are for, on P-256; NULL: the wallet is not attested */
    bool key_attestations;      /**< the caller can have keys attested */
    carnet_str client_id;       /**< of a wallet that is not attested, in the code flow */
    carnet_str redirect_uri;    /**< of the code flow; empty: there is no browser */
    carnet_str language;        /**< Accept-Language; empty: none */
    const carnet_curve *curves; /**< of device keys, the best first */
    size_t curve_count;
    size_t copies;          /**< wanted of each document; 0: one; never more than the issuer's batch_size */
    bool haip;              /**< refuse what HAIP 1.0 does not allow */
    bool insecure_loopback; /**< http, to this machine only */
    bool accept_untrusted;  /**< keep documents whose issuer cannot be judged for want of a trusted certificate */
    int64_t skew;           /**< seconds; 0: 60 */
} carnet_obtain_parameters;

/** Where to begin.  Either a link; or an issuer and configurations; or, with a grant, one of the last three. */
typedef struct carnet_obtain_start {
    carnet_str link;   /**< a credential offer, in any scheme */
    carnet_str issuer; /**< credential issuer identifier */
    const carnet_str *configuration_ids;
    const carnet_str *credential_identifiers; /**< with a grant: one for each configuration, may be empty; NULL: none */
    size_t configuration_count;
    const carnet_obtain_grant *grant; /**< re-issue by the refresh token; `issuer` is the grant's */
    carnet_str notification_id;       /**< with a grant: say this, and nothing else */
    carnet_notification_event event;
    carnet_str transaction_id;            /**< with a grant: ask for what was deferred; of configuration_ids[0] */
    const carnet_public_key *device_keys; /**< that those documents are for */
    size_t device_key_count;
} carnet_obtain_start;

/* --- what to do --- */

typedef enum carnet_obtain_kind {
    CARNET_OBTAIN_HTTP,               /**< make a request: carnet_obtain_answered(), _unreachable() */
    CARNET_OBTAIN_CONSENT,            /**< show what is offered and ask: carnet_obtain_consented(), _declined() */
    CARNET_OBTAIN_CLIENT_ATTESTATION, /**< have the wallet attested: carnet_obtain_attested(), _declined() */
    CARNET_OBTAIN_BROWSER,            /**< open a URL and wait for its return: carnet_obtain_returned(), _declined() */
    CARNET_OBTAIN_KEYS,               /**< make device keys: carnet_obtain_keyed(), _declined() */
    CARNET_OBTAIN_KEY_ATTESTATION,    /**< have keys attested: carnet_obtain_attested(), _declined() */
    CARNET_OBTAIN_WAIT, /**< wait and go on: carnet_obtain_waited(); or keep carnet_obtain_pending() and stop */
    CARNET_OBTAIN_KEEP, /**< keep documents, all or none: carnet_obtain_kept(), _declined() */
    CARNET_OBTAIN_DONE,
    CARNET_OBTAIN_FAILED
} carnet_obtain_kind;

/** What a request is for, for whoever shows progress or keeps a log. */
typedef enum carnet_obtain_purpose {
    CARNET_OBTAIN_OFFER,
    CARNET_OBTAIN_ISSUER_METADATA,
    CARNET_OBTAIN_SERVER_METADATA,
    CARNET_OBTAIN_IACAS,
    CARNET_OBTAIN_CHALLENGE,
    CARNET_OBTAIN_PUSHED_REQUEST,
    CARNET_OBTAIN_TOKEN,
    CARNET_OBTAIN_NONCE,
    CARNET_OBTAIN_CREDENTIAL,
    CARNET_OBTAIN_DEFERRED,
    CARNET_OBTAIN_NOTIFICATION
} carnet_obtain_purpose;

typedef struct carnet_obtain_request {
    carnet_obtain_purpose purpose;
    const char *method; /**< "GET" or "POST" */
    carnet_str url;
    carnet_str fields[CARNET_OBTAIN_FIELDS_MAX]; /**< "Name: value"; tokens are among them: keep out of logs */
    size_t field_count;
    carnet_span body;
    size_t limit; /**< octets of an answer's body, at most */
} carnet_obtain_request;

/** A document received, checked. */
typedef struct carnet_obtained_document {
    carnet_span issuer_signed;
    size_t key; /**< which of the device keys handed in it is for */
    carnet_str doc_type;
    carnet_time valid_from, valid_until;
    bool trusted; /**< false only with accept_untrusted */
} carnet_obtained_document;

/** What an issuer said when it refused: text only, without control characters, cut. */
typedef struct carnet_obtain_refusal {
    unsigned status; /**< HTTP; 0: it did not refuse */
    char error[65];
    char description[CARNET_OBTAIN_REFUSAL_MAX + 1], request_id[65];
} carnet_obtain_refusal;

typedef struct carnet_obtain_action {
    carnet_obtain_kind kind;
    carnet_obtain_request request; /**< HTTP */
    carnet_str url;                /**< BROWSER */
    carnet_str audience; /**< CLIENT_ATTESTATION: the authorization server; KEY_ATTESTATION: the credential issuer */
    carnet_str nonce;    /**< KEY_ATTESTATION; may be empty */
    const carnet_key_attestations_required *required; /**< KEY_ATTESTATION: which levels */
    size_t count;                                     /**< KEYS: how many; KEY_ATTESTATION, KEEP: of the arrays */
    carnet_curve curve;                               /**< KEYS */
    const carnet_public_key *keys;                    /**< KEY_ATTESTATION */
    uint32_t seconds;                                 /**< WAIT */
    const carnet_obtained_document *documents;        /**< KEEP */
    carnet_str configuration_id;                      /**< KEYS to KEEP: of which configuration */
    carnet_str credential_identifier;                 /**< the same; empty: none */
    carnet_str notification_id;                       /**< KEEP: by which these documents are spoken of; may be empty */
    const carnet_err *err;                /**< FAILED; DONE: why the issuer could not be notified, or NULL */
    const carnet_obtain_refusal *refusal; /**< FAILED */
} carnet_obtain_action;

/** An answer to a request; fields that did not come are empty. */
typedef struct carnet_obtain_answer {
    unsigned status;
    carnet_str content_type, dpop_nonce, attestation_challenge, authenticate, retry_after; /**< header fields */
    carnet_span body;
} carnet_obtain_answer;

/** What the holder decides.  Zeroed: all that is offered, no transaction code. */
typedef struct carnet_obtain_consent {
    const carnet_str *configuration_ids; /**< the ones to obtain; NULL: all that this wallet can */
    size_t count;
    carnet_str tx_code;
    bool trust_published; /**< trust the IACA certificates the issuer publishes, for the documents of this issuer */
} carnet_obtain_consent;

/** An IACA certificate that the issuer publishes. */
typedef struct carnet_obtain_iaca {
    carnet_certificate certificate;
    uint8_t fingerprint[32]; /**< SHA-256 of the DER */
    bool trusted;            /**< it is among the anchors handed in */
} carnet_obtain_iaca;

/** The state: in the memory handed in. */
typedef struct carnet_obtain {
    struct carnet_obtain_state *state;
} carnet_obtain;

/* --- functions --- */

/** Begin.  CARNET_E_USAGE: parameters or start are not as said above; CARNET_E_NO_SPACE: too little memory.  Whatever it returns,
 *  carnet_obtain_done() is to be called in the end. */
CARNET_API carnet_rc carnet_obtain_begin(carnet_obtain *o, const carnet_obtain_parameters *parameters,
                                         const carnet_obtain_start *start, carnet_err *err);
/** Wipe and release. */
CARNET_API void carnet_obtain_done(carnet_obtain *o);
/** What to do next; the same again until it is answered. */
CARNET_API const carnet_obtain_action *carnet_obtain_next(carnet_obtain *o, carnet_time now);

CARNET_API void carnet_obtain_answered(carnet_obtain *o, const carnet_obtain_answer *answer);
/** The request could not be made, or no answer came. */
CARNET_API void carnet_obtain_unreachable(carnet_obtain *o, const carnet_err *why);
CARNET_API void carnet_obtain_consented(carnet_obtain *o, const carnet_obtain_consent *consent);
/** The URL that the browser was sent back to, whole. */
CARNET_API void carnet_obtain_returned(carnet_obtain *o, carnet_str url);
CARNET_API void carnet_obtain_attested(carnet_obtain *o, carnet_str jwt);
/** As many keys as asked for, on that curve, with usage sign; they must outlive `o` or the next KEYS. */
CARNET_API void carnet_obtain_keyed(carnet_obtain *o, carnet_key *const *keys, size_t count);
CARNET_API void carnet_obtain_waited(carnet_obtain *o);
CARNET_API void carnet_obtain_kept(carnet_obtain *o);
/** The holder will not, or the caller cannot: `why` NULL for the former. */
CARNET_API void carnet_obtain_declined(carnet_obtain *o, const carnet_err *why);

/* --- looking --- */

/** The issuer's metadata, from CONSENT on; else NULL. */
CARNET_API const carnet_issuer_metadata *carnet_obtain_metadata(const carnet_obtain *o);
/** The offer; NULL if there was none. */
CARNET_API const carnet_credential_offer *carnet_obtain_offer(const carnet_obtain *o);
/** The i-th configuration on offer; *why (may be NULL) says in a static sentence why this wallet cannot obtain it, or is NULL.
 *  False past the last. */
CARNET_API bool carnet_obtain_configuration(const carnet_obtain *o, size_t i,
                                            carnet_credential_configuration *configuration, const char **why);
/** Whether a browser will be needed; whether the metadata's signature is by somebody trusted. */
CARNET_API bool carnet_obtain_needs_browser(const carnet_obtain *o);
CARNET_API bool carnet_obtain_metadata_signed(const carnet_obtain *o);
/** The i-th IACA certificate the issuer publishes; NULL past the last. */
CARNET_API const carnet_obtain_iaca *carnet_obtain_iaca_at(const carnet_obtain *o, size_t i);
/** What was granted; from KEYS on.  Views into `o`. */
CARNET_API void carnet_obtain_granted(const carnet_obtain *o, carnet_obtain_grant *grant);
/** At WAIT: the transaction to go on with some other time. */
CARNET_API carnet_str carnet_obtain_pending(const carnet_obtain *o);
/** "credential offer", "token request", ...: static, for progress and messages. */
CARNET_API const char *carnet_obtain_purpose_text(carnet_obtain_purpose purpose);

CARNET_END_DECLS
#endif
