/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_AUTHORIZATION_INTERNAL_H
#define CARNET_AUTHORIZATION_INTERNAL_H
#include "carnet/authorization.h"
#include "carnet/authorization_request.h"
#include "carnet/client_attestation.h"
#include "carnet/dpop.h"
#include "carnet/oauth_error.h"
#include "carnet/pkce.h"
#include "carnet/store_authorization.h"
#include "carnet/store_event.h"
#include "carnet/store_offer.h"
#include "carnet/token.h"
#include "carnet/web.h"

#define AUTHORIZATION_FORM       "application/x-www-form-urlencoded"
#define AUTHORIZATION_FORM_MAX   32768         /* octets of a form */
#define AUTHORIZATION_ROOM       (64 * 1024)   /* octets of a record with claims */
#define AUTHORIZATION_MUCH       (2560 * 1024) /* the same with many portraits */
#define AUTHORIZATION_PLAIN_ROOM 8192          /* of one without */
#define AUTHORIZATION_READING    600           /* seconds for a person to read what is asked */
#define AUTHORIZATION_DPOP_ALGS  "ES256 ES384 ES512 EdDSA"
#define AUTHORIZATION_ONCE       3 /* things one request may use once: DPoP proof, attestation proof, challenge */

/* part.c: what a policy of the configuration borrows. */
typedef struct carnet_authorization_owned carnet_authorization_owned;
void carnet_authorization_owned_free(carnet_authorization_owned **owned);

typedef struct authorization_knowledge authorization_knowledge;

struct carnet_authorization {
    const carnet_service_context *context;
    carnet_authorization_policy policy; /* with the defaults set */
    carnet_web web;
    carnet_str issuer; /* base URL */
    bool loopback;
    bool any_bearer;
    authorization_knowledge *knowledge;
    carnet_authorization_owned *owned; /* what the policy borrows, if it is the part's */
};

/* One request being answered. */
typedef struct authorization_call {
    const carnet_authorization *as;
    carnet_service_worker *worker;
    const carnet_service_request *request;
    carnet_service_response *response;
    carnet_time now;
    const char *kind;       /* of the event: "authorization.pushed" */
    const char *outcome;    /* "refused"; NULL: done */
    const char *reason;     /* of a refusal, where the OAuth error says too little; static */
    carnet_buf room, spare; /* for records of the store; see carnet_authorization_room_empty() */
    bool much;              /* they are large */
    bool nonce_ends;        /* the DPoP nonce that came: the answer brings the next */
    carnet_str client_id;
    int64_t reference;
} authorization_call;

carnet_rc carnet_authorization_call_begin(void *self, const carnet_service_request *request,
                                          carnet_service_response *response, const char *kind, authorization_call *call,
                                          carnet_err *err);
/* End an OAuth endpoint's answer: log what happened; a failure gets its OAuth error and status. */
carnet_rc carnet_authorization_call_end(authorization_call *call, carnet_rc rc, carnet_err *err);
void carnet_authorization_call_log(authorization_call *call, const char *outcome, const char *reason);
/* A record of the same for the audit, within the transaction. */
carnet_rc carnet_authorization_audit(const authorization_call *call, carnet_store_session *session,
                                     carnet_store_outcome outcome, const char *reason, carnet_str configuration,
                                     carnet_err *err);
/* The kit's parameters as the messages take them. */
void carnet_authorization_form(const carnet_service_parameters *from, carnet_form *form);
/* Set DPoP-Nonce to a fresh one; in the answer of a success, if it is time for one. */
carnet_rc carnet_authorization_nonce_give(authorization_call *call, carnet_err *err);
carnet_rc carnet_authorization_nonce_renew(authorization_call *call, carnet_err *err);
/* Set OAuth-Client-Attestation-Challenge to a fresh one. */
carnet_rc carnet_authorization_challenge_give(authorization_call *call, carnet_err *err);
/* BASE`path`, from the scratch. */
carnet_str carnet_authorization_url(const authorization_call *call, const char *path);

/* --- policy --- */

const carnet_authorization_document *carnet_authorization_document_named(const carnet_authorization *as,
                                                                         carnet_str configuration);
const carnet_authorization_client *carnet_authorization_client_named(const carnet_authorization *as,
                                                                     carnet_str client_id);
/* The next of a list of configurations; NULL after the last, and for one that is no longer in the policy. */
const carnet_authorization_document *carnet_authorization_document_next(const carnet_authorization *as, carnet_str list,
                                                                        size_t *at);
/* How a redirect_uri is of a kind that a browser may be sent to (RFC 8252 7); CARNET_E_OAUTH_PARAMETER. */
carnet_rc carnet_authorization_redirect_check(carnet_str uri, carnet_err *err);
/* Whether it is one of the client's own. */
bool carnet_authorization_redirect_listed(const carnet_authorization_client *client, carnet_str uri);

/* --- who asks, and with which key --- */

typedef struct authorization_proofs {
    bool attested;
    uint8_t client_key[32];
    carnet_str client_id; /* as attested, or as the form says; may be empty */
    bool dpop;
    uint8_t jkt[32];
    uint8_t hashes[AUTHORIZATION_ONCE][CARNET_STORE_HASH];
    carnet_store_once once[AUTHORIZATION_ONCE];
    size_t once_count;
} authorization_proofs;

/* Look at the client attestation and the DPoP proof of a POST to BASE`path`.  `client_id`: the form's. */
carnet_rc carnet_authorization_prove(authorization_call *call, const char *path, carnet_str client_id,
                                     authorization_proofs *proofs, carnet_err *err);
/* Whether a DPoP proof may stand for an attestation's proof of possession: where freshness is asked for, by DPoP nonces, too. */
bool carnet_authorization_combined(const carnet_authorization_policy *policy);
/* Within the transaction: each serves once.  A replay is put into *refusal. */
carnet_rc carnet_authorization_prove_once(const authorization_proofs *proofs, carnet_store_session *session,
                                          carnet_rc *refusal, const char **reason, carnet_err *err);
/* A DPoP proof checked against the policy: key, htm, htu, nonce; and what it uses once: issued *at, to be known *until. */
carnet_rc carnet_authorization_dpop(authorization_call *call, carnet_str text, carnet_str url, carnet_str access_token,
                                    const uint8_t *thumbprint, uint8_t jkt[32], uint8_t once[CARNET_STORE_HASH],
                                    carnet_time *at, carnet_time *until, carnet_err *err);

/* --- grants read a moment ago --- */

authorization_knowledge *carnet_authorization_knowledge_new(void);
void carnet_authorization_knowledge_free(authorization_knowledge **knowledge);
/* The grant of an access token into the call's room, if it was read within the last seconds and has no claims. */
bool carnet_authorization_known(authorization_call *call, const uint8_t hash[CARNET_STORE_HASH],
                                carnet_store_grant *grant);
/* Keep what was read into the call's room. */
void carnet_authorization_know(const authorization_call *call, const carnet_store_grant *grant);

/* --- authorization requests --- */

typedef struct authorization_demand {
    carnet_authorization_request request;
    carnet_store_authorization row; /* views point to the request, and into the scratch */
    uint8_t jkt[32], issuer_state[CARNET_STORE_HASH];
    bool trusted; /* the browser may be sent to redirect_uri although nobody has looked at anything yet */
    const carnet_identification *identification;
} authorization_demand;

/* Read one and hold it against the policy; `proofs` NULL: it was not pushed.  The row is ready to be kept. */
carnet_rc carnet_authorization_demand_read(authorization_call *call, const carnet_form *form,
                                           const authorization_proofs *proofs, authorization_demand *demand,
                                           carnet_err *err);
void carnet_authorization_demand_done(authorization_demand *demand);
/* Within the transaction: find the offer of its issuer_state, and keep it.  A refusal is put into *refusal. */
carnet_rc carnet_authorization_demand_keep(authorization_call *call, authorization_demand *demand,
                                           carnet_store_session *session, carnet_rc *refusal, carnet_err *err);

/* --- the browser's part --- */

/* Make room for records: what was read into it is gone. */
void carnet_authorization_room_empty(authorization_call *call);
void carnet_authorization_spare_empty(authorization_call *call);
/* As carnet_store_transact() and carnet_store_read(); where the room was too small, again with more.  What pointed into the room
 * before is gone then. */
carnet_rc carnet_authorization_transact(authorization_call *call, carnet_store_work *work, void *arg, carnet_err *err);
/* The rest of it, where the first try came to `rc`. */
carnet_rc carnet_authorization_transact_again(authorization_call *call, carnet_store_work *work, void *arg,
                                              carnet_rc rc, carnet_err *err);
carnet_rc carnet_authorization_read(authorization_call *call, carnet_store_work *work, void *arg, carnet_err *err);
/* See to it that the browser has a cookie.  `token` for forms, `hash` for the store; both may be NULL. */
carnet_rc carnet_authorization_browser(authorization_call *call, carnet_str *token, uint8_t hash[CARNET_STORE_HASH],
                                       carnet_err *err);
/* Send the browser back to the wallet with a code, or with an error. */
carnet_rc carnet_authorization_send_back(authorization_call *call, carnet_str redirect_uri, carnet_str state,
                                         carnet_str code, carnet_oauth_error error, const char *description,
                                         carnet_err *err);
/* "https://wallet.example" or "org.example.wallet:" of a redirect_uri. */
carnet_str carnet_authorization_origin(carnet_str uri);
/* A page that says why it does not go on. */
carnet_rc carnet_authorization_page(authorization_call *call, int status, carnet_text title, carnet_text text,
                                    const char *reason, carnet_err *err);
/* End a browser's request: log it; a failure of ours becomes a page. */
carnet_rc carnet_authorization_page_end(authorization_call *call, carnet_rc rc, carnet_err *err);
/* The name for a wallet on a page. */
carnet_str carnet_authorization_wallet_name(const carnet_authorization *as, carnet_str client_id);
carnet_rc carnet_authorization_ask_consent(authorization_call *call, const carnet_store_authorization *row,
                                           carnet_str request_uri, carnet_err *err);
/* Consume a pushed request: set the cookie, ask the plug, and go where it says. */
carnet_rc carnet_authorization_identify(authorization_call *call, const carnet_store_authorization *row,
                                        carnet_err *err);
/* Ask the plug again. */
carnet_rc carnet_authorization_go_on(authorization_call *call, const carnet_store_authorization *row, carnet_str flow,
                                     carnet_err *err);
/* Say no, on the person's behalf or ours, and go back to the wallet. */
carnet_rc carnet_authorization_decline(authorization_call *call, const carnet_store_authorization *row,
                                       carnet_identification_reason reason, carnet_err *err);

/* --- tokens --- */

/* In the scratch: the transaction may go on when the handler has returned, on a thread that has none of the worker's. */
typedef struct authorization_exchange {
    authorization_call *call;
    authorization_call own_call;
    carnet_token_request request;
    authorization_proofs proofs;
    char access[CARNET_SERVICE_TOKEN + 1], refresh[CARNET_SERVICE_TOKEN + 1];
    uint8_t access_hash[CARNET_STORE_HASH], refresh_hash[CARNET_STORE_HASH];
    uint8_t shown_hash[CARNET_STORE_HASH]; /* of the code or refresh token that was shown */
    uint8_t tx_code[CARNET_STORE_HASH];
    uint8_t challenge[43]; /* of the code_verifier */
    bool verifier_good;    /* its form is */
    bool announced;        /* to the store */
    carnet_store_job *job;
    carnet_buf parked; /* the scratch, meanwhile */
    carnet_buf words;  /* for a list of configurations that is made */
    /* Set by the transaction: */
    carnet_rc refusal;
    carnet_err why;
    const char *reason;
    carnet_store_grant grant; /* that was made or renewed */
} authorization_exchange;

/* The three grants, within the transaction.  Refusals go into the exchange. */
carnet_rc carnet_authorization_exchange_code(void *exchange, carnet_store_session *session, carnet_err *err);
carnet_rc carnet_authorization_exchange_pre_authorised(void *exchange, carnet_store_session *session, carnet_err *err);
carnet_rc carnet_authorization_exchange_refresh(void *exchange, carnet_store_session *session, carnet_err *err);
/* Begin one: forget what an earlier run of the transaction set; proofs serve once. */
carnet_rc carnet_authorization_exchange_begin(authorization_exchange *x, carnet_store_session *session,
                                              carnet_err *err);
/* Refuse: always CARNET_OK, so that what was counted is kept. */
carnet_rc carnet_authorization_exchange_refuse(authorization_exchange *x, carnet_rc refusal, const char *reason,
                                               const char *sentence);
/* What the documents of a grant demand of the client; otherwise a refusal. */
carnet_rc carnet_authorization_exchange_check_client(authorization_exchange *x, carnet_str configurations);
/* What of it the request asks for in authorization_details (OpenID4VCI 6.1.1, RFC 9396 6): all, if it has none; into
 * x->grant. */
carnet_rc carnet_authorization_exchange_choose(authorization_exchange *x, carnet_str granted);
/* Fill x->grant's tokens and keys, and insert it. */
carnet_rc carnet_authorization_exchange_grant(authorization_exchange *x, carnet_store_session *session,
                                              carnet_err *err);
/* Revoke what was given for a code or token that comes again, record it, and refuse. */
carnet_rc carnet_authorization_exchange_revoke(authorization_exchange *x, carnet_store_session *session, int64_t grant,
                                               const char *reason, const char *sentence, carnet_err *err);

/* --- routes --- */

extern const carnet_service_route carnet_authorization_metadata_route, carnet_authorization_openid_route;
extern const carnet_service_route carnet_authorization_par_route, carnet_authorization_authorize_route;
extern const carnet_service_route carnet_authorization_decide_route, carnet_authorization_return_route;
extern const carnet_service_route carnet_authorization_token_route, carnet_authorization_challenge_route;

#endif
