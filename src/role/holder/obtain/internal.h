/* SPDX-License-Identifier: Apache-2.0 */
/* The state of obtaining documents, and what its files share. */
#ifndef CARNET_OBTAIN_INTERNAL_H
#define CARNET_OBTAIN_INTERNAL_H
#include "carnet/obtain.h"

#define CARNET_OBTAIN_TEXT_MAX      2048  /* octets of a nonce, challenge, transaction or notification identifier */
#define CARNET_OBTAIN_TOKEN_MAX     16384 /* octets of a token */
#define CARNET_OBTAIN_ORDERS_MAX    64
#define CARNET_OBTAIN_DEFERRALS_MAX 3   /* times a request is tried again because the issuer was busy */
#define CARNET_OBTAIN_BUSY_MAX      120 /* seconds waited for that, at most */
#define CARNET_OBTAIN_INTERVAL_MAX  86400

/* In the order they are usually taken. */
typedef enum carnet_obtain_step {
    CARNET_STEP_OFFER,
    CARNET_STEP_METADATA,
    CARNET_STEP_SERVER,
    CARNET_STEP_IACAS,
    CARNET_STEP_CONSENT,
    CARNET_STEP_CLIENT_ATTESTATION,
    CARNET_STEP_CHALLENGE,
    CARNET_STEP_PUSH,
    CARNET_STEP_BROWSER,
    CARNET_STEP_TOKEN,
    CARNET_STEP_KEYS,
    CARNET_STEP_NONCE,
    CARNET_STEP_KEY_ATTESTATION,
    CARNET_STEP_CREDENTIAL,
    CARNET_STEP_WAIT,
    CARNET_STEP_DEFERRED,
    CARNET_STEP_KEEP,
    CARNET_STEP_NOTIFY,
    CARNET_STEP_DONE,
    CARNET_STEP_FAILED,
    CARNET_STEP_COUNT
} carnet_obtain_step;

/** A short text that changes. */
typedef struct carnet_obtain_text {
    size_t len;
    char bytes[CARNET_OBTAIN_TEXT_MAX];
} carnet_obtain_text;

/** A token. */
typedef struct carnet_obtain_token {
    size_t len;
    char bytes[CARNET_OBTAIN_TOKEN_MAX];
} carnet_obtain_token;

/** One document to obtain: of a configuration, or of an identifier the authorization server gave for it. */
typedef struct carnet_obtain_order {
    carnet_str id, identifier;
} carnet_obtain_order;

/** What was tried before, so that it is not tried without end. */
typedef struct carnet_obtain_tries {
    bool dpop_nonce, challenge, attestation, nonce, token;
    unsigned busy;
} carnet_obtain_tries;

typedef struct carnet_obtain_state {
    carnet_obtain_parameters p;
    carnet_obtain_step step;
    carnet_obtain_step after;      /* CHALLENGE, CLIENT_ATTESTATION: where to go on */
    carnet_obtain_step after_wait; /* WAIT */
    carnet_obtain_step after_token;
    carnet_obtain_action action;
    bool shown; /* the action is the step's */
    carnet_time now;
    carnet_err failure;
    carnet_obtain_refusal refusal;
    carnet_obtain_tries tries;
    carnet_buf texts;     /* what lasts */
    carnet_buf request;   /* fields and body of one request */
    carnet_buf scratch;   /* decoding of one answer */
    carnet_buf documents; /* documents received */

    /* the start */
    carnet_str link, issuer, first_identifiers[CARNET_OBTAIN_CHOSEN_MAX], wanted[CARNET_OBTAIN_CHOSEN_MAX];
    size_t wanted_count;
    bool renewing, only_notify, resuming;
    carnet_notification_event event;

    /* discovery */
    carnet_credential_offer offer;
    carnet_issuer_metadata metadata;
    carnet_authorization_server_metadata server;
    bool has_offer, has_metadata, has_server;
    bool metadata_signed, metadata_plain, metadata_below; /* below: looked for behind the issuer's path */
    unsigned server_place; /* where the server's metadata are looked for: see carnet_obtain_server_make() */
    carnet_str server_issuer;
    carnet_obtain_iaca iacas[CARNET_OBTAIN_IACAS_MAX];
    size_t iaca_count;

    /* the holder's decision */
    carnet_grant_type grant;
    carnet_obtain_order orders[CARNET_OBTAIN_ORDERS_MAX];
    size_t order_count, order;
    carnet_obtain_text tx_code;
    bool trust_published;

    /* authorization */
    carnet_str attestation, client_id;
    bool attested, dpop;
    carnet_obtain_text challenge, server_nonce, resource_nonce;
    carnet_pkce pkce;
    char state[CARNET_PKCE_LENGTH + 1];
    bool by_details;
    carnet_str code;
    carnet_obtain_text request_uri;
    carnet_obtain_token access_token, refresh_token;
    bool token_dpop;
    carnet_time expires;

    /* one order's credentials */
    carnet_credential_configuration configuration;
    size_t mark; /* texts up to here outlive an order */
    carnet_proof_kind proof;
    bool proof_attested;
    size_t key_count;
    carnet_signature_algorithm algorithm;
    carnet_curve curve;
    carnet_key *keys[CARNET_OBTAIN_COPIES_MAX];
    carnet_public_key public_keys[CARNET_OBTAIN_COPIES_MAX];
    carnet_obtain_text c_nonce, transaction_id, notification_id;
    bool by_type; /* the issuer wants to be asked as drafts before 15 do */
    uint32_t interval;
    carnet_str key_attestation;
    carnet_key encryption_key;
    carnet_credential_response_encryption encryption;
    carnet_obtained_document received[CARNET_OBTAIN_COPIES_MAX];
    size_t received_count;
    carnet_report_entry entries[2 * CARNET_REPORT_DOCUMENT_ENTRIES];
} carnet_obtain_state;

/* --- obtain.c --- */

/** Go to a step. */
void carnet_obtain_go(carnet_obtain_state *s, carnet_obtain_step step);
/** Go on to a step: what was tried before is forgotten. */
void carnet_obtain_forward(carnet_obtain_state *s, carnet_obtain_step step);
/** Make the same request again. */
void carnet_obtain_again(carnet_obtain_state *s);
/** A copy that lasts; CARNET_E_NO_SPACE. */
carnet_rc carnet_obtain_remember(carnet_obtain_state *s, carnet_str text, carnet_str *kept, carnet_err *err);
/** Set a short text; CARNET_E_OBTAIN_ANSWER if it is too long. */
carnet_rc carnet_obtain_set(carnet_obtain_text *text, carnet_str value, carnet_err *err);
carnet_str carnet_obtain_get(const carnet_obtain_text *text);
/** At most CARNET_OBTAIN_TOKEN_MAX octets; the caller saw to it. */
void carnet_obtain_set_token(carnet_obtain_token *token, carnet_str value);

/* --- http.c --- */

void carnet_obtain_ask(carnet_obtain_state *s, carnet_obtain_purpose purpose, const char *method, carnet_str url);
/** Add a header field of two parts. */
void carnet_obtain_field(carnet_obtain_state *s, const char *name, carnet_str value);
/** What was appended to s->request from `begin` on becomes the body. */
void carnet_obtain_body(carnet_obtain_state *s, const char *content_type, size_t begin);
/** Add DPoP for the request: to the authorization server, or with the access token to the issuer. */
carnet_rc carnet_obtain_add_dpop(carnet_obtain_state *s, bool resource, carnet_err *err);
/** Add Authorization, and DPoP if the token is bound. */
carnet_rc carnet_obtain_add_token(carnet_obtain_state *s, carnet_err *err);
/** Add the client attestation and a proof of possession, if the wallet is attested here. */
carnet_rc carnet_obtain_add_attestation(carnet_obtain_state *s, carnet_err *err);
/** CARNET_OK if all of the request had room. */
carnet_rc carnet_obtain_asked(carnet_obtain_state *s, carnet_err *err);
/** Note what an answer brings of nonces and challenges. */
void carnet_obtain_note(carnet_obtain_state *s, bool resource, const carnet_obtain_answer *answer);
/** An answer that is none of 2xx: note what was said and fail with it, or try again (CARNET_OK). */
carnet_rc carnet_obtain_refused(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err);
/** Text that an issuer chose, for a person to read: no control characters, nothing that is no UTF-8, not too long. */
void carnet_obtain_show(carnet_str text, char *out, size_t cap);
carnet_str carnet_obtain_body_text(const carnet_obtain_answer *answer);
/** Whether the status is one of success: 2xx. */
bool carnet_obtain_good(const carnet_obtain_answer *answer);
/** Whether nothing is to be had there: 4xx, but not that there were too many requests. */
bool carnet_obtain_not_there(const carnet_obtain_answer *answer);
/** Keep the nonce for proofs that an issuer without a nonce endpoint gives in its other answers, as drafts before 14 had it.
 *  False: there is none. */
bool carnet_obtain_nonce_from(carnet_obtain_state *s, const carnet_json *document);
bool carnet_obtain_is_jwt(const carnet_obtain_answer *answer);

/* --- the steps: make the action (or go to another step), take its answer --- */

carnet_rc carnet_obtain_offer_make(carnet_obtain_state *s, carnet_err *err);
carnet_rc carnet_obtain_offer_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err);
carnet_rc carnet_obtain_metadata_make(carnet_obtain_state *s, carnet_err *err);
carnet_rc carnet_obtain_metadata_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err);
carnet_rc carnet_obtain_server_make(carnet_obtain_state *s, carnet_err *err);
carnet_rc carnet_obtain_server_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err);
carnet_rc carnet_obtain_iacas_make(carnet_obtain_state *s, carnet_err *err);
carnet_rc carnet_obtain_iacas_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err);
carnet_rc carnet_obtain_consent_make(carnet_obtain_state *s, carnet_err *err);
carnet_rc carnet_obtain_consent_take(carnet_obtain_state *s, const carnet_obtain_consent *consent, carnet_err *err);
carnet_rc carnet_obtain_client_make(carnet_obtain_state *s, carnet_err *err);
carnet_rc carnet_obtain_client_take(carnet_obtain_state *s, carnet_str jwt, carnet_err *err);
carnet_rc carnet_obtain_challenge_make(carnet_obtain_state *s, carnet_err *err);
carnet_rc carnet_obtain_challenge_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err);
carnet_rc carnet_obtain_push_make(carnet_obtain_state *s, carnet_err *err);
carnet_rc carnet_obtain_push_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err);
carnet_rc carnet_obtain_browser_make(carnet_obtain_state *s, carnet_err *err);
carnet_rc carnet_obtain_browser_take(carnet_obtain_state *s, carnet_str url, carnet_err *err);
carnet_rc carnet_obtain_token_make(carnet_obtain_state *s, carnet_err *err);
carnet_rc carnet_obtain_token_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err);
carnet_rc carnet_obtain_keys_make(carnet_obtain_state *s, carnet_err *err);
carnet_rc carnet_obtain_keys_take(carnet_obtain_state *s, carnet_key *const *keys, size_t count, carnet_err *err);
carnet_rc carnet_obtain_nonce_make(carnet_obtain_state *s, carnet_err *err);
carnet_rc carnet_obtain_nonce_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err);
carnet_rc carnet_obtain_key_attestation_make(carnet_obtain_state *s, carnet_err *err);
carnet_rc carnet_obtain_key_attestation_take(carnet_obtain_state *s, carnet_str jwt, carnet_err *err);
carnet_rc carnet_obtain_credential_make(carnet_obtain_state *s, carnet_err *err);
carnet_rc carnet_obtain_credential_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err);
carnet_rc carnet_obtain_deferred_make(carnet_obtain_state *s, carnet_err *err);
carnet_rc carnet_obtain_notify_make(carnet_obtain_state *s, carnet_err *err);
carnet_rc carnet_obtain_notify_take(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err);

/* --- choose.c --- */

/** Why the wallet cannot obtain such a document, or NULL; what it would do is set in `s` if `s` is to go on with it. */
const char *carnet_obtain_choose(const carnet_obtain_state *s, const carnet_credential_configuration *configuration,
                                 carnet_proof_kind *kind, bool *attested, carnet_curve *curve);
/** Whether, and how, the wallet is authenticated and authorized: at CONSENT, when the metadata are known. */
carnet_rc carnet_obtain_choose_grant(carnet_obtain_state *s, carnet_err *err);
/** How the response to the order's request is to be encrypted. */
carnet_rc carnet_obtain_choose_encryption(carnet_obtain_state *s, carnet_err *err);

/* --- check.c --- */

/** Check all credentials of a response, and list them in s->received: all of them good, or a failure. */
carnet_rc carnet_obtain_check(carnet_obtain_state *s, const carnet_credential_response *response, carnet_err *err);

#endif
