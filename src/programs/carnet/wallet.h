/* SPDX-License-Identifier: Apache-2.0 */
/* carnet wallet: what its parts share. */
#ifndef CARNET_CLI_WALLET_H
#define CARNET_CLI_WALLET_H
#include "carnet/fetch_request.h"
#include "carnet/obtain.h"
#include "carnet/relay.h"
#include "holder_store.h"
#include "passphrase.h"

#define WALLET_CONFIGURATIONS_MAX 16
#define WALLET_CHAIN_MAX          8

typedef enum wallet_action {
    WALLET_INIT = 1,
    WALLET_OFFER = 2,
    WALLET_ACCEPT = 4,
    WALLET_LIST = 8,
    WALLET_SHOW = 16,
    WALLET_REFRESH = 32,
    WALLET_REISSUE = 64,
    WALLET_DELETE = 128,
    WALLET_RESUME = 256,
    WALLET_AREA = 512
} wallet_action;

typedef struct wallet_arguments {
    wallet_action action;
    const char *store, *argument; /* argument: an offer, or a document's number */
    passphrase_source passphrase;
    carnet_argon2_cost cost;
    bool has_cost, json;
    store_area area;
    const char *area_name;
    /* where from */
    const char *qr, *issuer, *language, *ca;
    const char *configurations[WALLET_CONFIGURATIONS_MAX];
    size_t configuration_count;
    bool insecure_loopback, haip;
    const char *metadata_trust;
    bool signed_metadata;
    /* accepting */
    bool yes, trust_published, accept_untrusted, open, verbose;
    const char *tx_code_file, *trust, *curve, *redirect, *browser;
    uint64_t copies, wait_s;
    const char *client_id, *attester_key, *attester_certificate, *attester_name, *key_storage;
    const char *attestation, *instance_key;
    const char *provider; /* base URL of the app provider */
    bool relay;           /* it passes requests on */
    int crossings;        /* descriptor that messages are told to; 0: none */
    /* refreshing */
    uint64_t fresh, within_days;
    bool has_fresh, quiet_issuer;
} wallet_arguments;

int wallet_init(const wallet_arguments *a, carnet_crypto *crypto);
int wallet_offer(const wallet_arguments *a, carnet_crypto *crypto);
int wallet_accept(const wallet_arguments *a, carnet_crypto *crypto);
int wallet_list(const wallet_arguments *a, carnet_crypto *crypto);
int wallet_show(const wallet_arguments *a, carnet_crypto *crypto);
int wallet_refresh(const wallet_arguments *a, carnet_crypto *crypto);
int wallet_reissue(const wallet_arguments *a, carnet_crypto *crypto);
int wallet_resume(const wallet_arguments *a, carnet_crypto *crypto);
int wallet_area(const wallet_arguments *a, carnet_crypto *crypto);
int wallet_delete(const wallet_arguments *a, carnet_crypto *crypto);

/** One run of obtaining. */
typedef struct wallet {
    const wallet_arguments *a;
    carnet_crypto *crypto;
    store *store; /* open for change and unlocked; NULL: only an offer is looked at */
    FILE *out;    /* what is told: standard output, or with --json standard error */
    carnet_anchor_store *trust, *metadata_trust;
    carnet_trust_anchors anchors, metadata_anchors;
    carnet_revocation_source revocation;
    carnet_obtain_parameters parameters;
    carnet_obtain obtain;
    carnet_fetch_connection *connection;
    carnet_fetch_answer answer;
    carnet_fetch_answer provided; /* by the app provider */
    carnet_str challenge;         /* of the app provider; empty: none yet */
    carnet_key dpop_key, instance_key;
    carnet_curve curves[4];
    int listener;         /* of the browser's return; -1: none */
    const char *redirect; /* redirect_uri */
    store_grant grant;    /* as it is kept */
    uint64_t renewed;     /* the document whose copies are replaced; 0: new ones are kept */
    uint64_t resumed;     /* what was waited for; 0: nothing */
    bool consented;       /* there is nothing to ask */
    bool failed;          /* keys and tokens that nothing needs may be left */
    carnet_key keys[CARNET_OBTAIN_COPIES_MAX];
    carnet_key *key_pointers[CARNET_OBTAIN_COPIES_MAX];
    carnet_key_identifier identifiers[CARNET_OBTAIN_COPIES_MAX];
    size_t key_count;
    uint64_t kept[WALLET_CONFIGURATIONS_MAX * 4]; /* numbers of documents */
    size_t kept_count;
} wallet;

/** Make ready to obtain: parameters, keys, trust.  The store may be NULL. */
void wallet_begin(wallet *w, const wallet_arguments *a, carnet_crypto *crypto, store *s);
/** Obtain; returns the exit status.  `only_look`: stop at what is offered. */
int wallet_run(wallet *w, const carnet_obtain_start *start, bool only_look);
void wallet_end(wallet *w);
/** Open the store and its keys with the passphrase, clear away what a killed command left. */
void wallet_unlock(const wallet_arguments *a, carnet_crypto *crypto, bool change, store *s);
/** A document of a number; dies when there is none. */
store_document *wallet_named(const wallet_arguments *a, const store *s);

/* --- wallet_http.c --- */
void wallet_request(wallet *w, const carnet_obtain_request *request);

/** A message crosses a numbered interface of ISO/IEC 23220-1: told to whom --crossings names. */
void wallet_cross(const wallet *w, const char *interface, bool sent, const char *what, carnet_span message);

/* --- wallet_provider.c --- */
/** Have the app provider attest the wallet, or the keys that were just made. */
void wallet_provider_client(wallet *w);
void wallet_provider_keys(wallet *w, carnet_str nonce);
/** Have it pass a request on; *answer is to be closed. */
carnet_rc wallet_relay(wallet *w, const carnet_obtain_request *request, carnet_relay *answer, carnet_err *err);

/* --- wallet_offer.c --- */
/** Show what is offered, and by whom. */
void wallet_show_offer(const wallet *w);
/** The same as JSON. */
void wallet_offer_json(const wallet *w);
/** Ask whether to obtain it, whom to trust, which transaction code; tells the machine. */
void wallet_ask(wallet *w);

/* --- wallet_keys.c --- */
/** Make the device keys an action asks for. */
void wallet_make_keys(wallet *w, const carnet_obtain_action *action);
void wallet_close_keys(wallet *w);
/** Destroy keys made for documents that were never kept. */
void wallet_sweep_keys(store *s);
/** The keys that tokens are bound to: fresh, or those of the grant. */
void wallet_grant_keys(wallet *w);
/** A private key of ours as PKCS#8. */
carnet_span wallet_key_der(carnet_key *key);

/* --- wallet_attest.c --- */
/** Whether somebody attests this wallet and its keys. */
bool wallet_is_attested(const wallet_arguments *a);
void wallet_attest_client(wallet *w, const carnet_obtain_action *action);
void wallet_attest_keys(wallet *w, const carnet_obtain_action *action);

/* --- wallet_browser.c --- */
/** Make ready for the browser's return: sets w->redirect. */
void wallet_listen(wallet *w);
void wallet_browse(wallet *w, carnet_str url);

#endif
