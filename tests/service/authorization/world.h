/* SPDX-License-Identifier: Apache-2.0 */
/* An authorization server that serves, a person's identification that does as it is told, wallets, and what they say. */
#ifndef TEST_AUTHORIZATION_WORLD_H
#define TEST_AUTHORIZATION_WORLD_H
#include "carnet/authorization.h"
#include "carnet/authorization_request.h"
#include "carnet/client_attestation.h"
#include "carnet/dpop.h"
#include "carnet/pkce.h"
#include "carnet/store_authorization.h"
#include "carnet/store_event.h"
#include "carnet/store_offer.h"
#include "carnet/token.h"
#include "support/support.h"

#include <pthread.h>
#include <stdatomic.h>

#define ISSUER   "https://issuer.example"
#define NOW      ((carnet_time)1795600000)
#define REDIRECT "https://wallet.example/cb"
#define SUBJECT  "person-17"
#define CLAIM    "Mustermann"
#define CLAIMS   "{\"org.iso.18013.5.1\":{\"family_name\":\"" CLAIM "\"}}"

/* What the identification does next. */
typedef enum plug_mode { PLUG_KNOWS, PLUG_ASKS, PLUG_REFUSES, PLUG_FAILS } plug_mode;

typedef struct plug {
    carnet_identification ops; /* first: as parts have it */
    _Atomic plug_mode mode;
    const char *subject, *claims;
    char seen_flow[64], seen_state[64], seen_hint[64], seen_issuer[64]; /* what resume() was given */
    char claims_room[128];
} plug;

/* One instance of the deployment. */
typedef struct instance {
    carnet_service_context *context;
    carnet_authorization *as;
    carnet_service *service;
    uint16_t port;
} instance;

typedef struct world {
    char folder[64];
    carnet_config config;
    carnet_config_services services;
    carnet_store *store;
    carnet_authorization_policy policy;
    carnet_authorization_document documents[4];
    carnet_authorization_client clients[2];
    carnet_attester_trust trust;
    carnet_attester_key attester_keys[1];
    plug plug;
    instance instances[2];
    size_t at; /* the instance that is asked */
    _Atomic carnet_time now;
    pthread_mutex_t lock;
    char log[262144];
    size_t log_len;
    carnet_crypto crypto;
    carnet_key attester, wallet, dpop, other;
    char secret[4][64]; /* codes and tokens that may be nowhere */
    size_t secrets;
} world;

/* Run the tests: `postgresql` as the program's argument has them on a server, else they are on SQLite.  The status is main()'s. */
int world_run(int argc, char **argv, const struct CMUnitTest *tests, size_t count);
/* Set up the folder, the store, the policy's usual values; change w->policy, then start. */
void world_make(world *w);
void world_start(world *w, size_t instances);
void world_end(world *w);
/* Forget the log. */
void world_quiet(world *w);
/* Whether an event of this kind was refused for this reason, with a request identifier. */
bool world_refused(world *w, const char *kind, const char *reason);
/* How many events the audit has with this reason. */
int world_audited(world *w, const char *reason);
/* Nothing of this may be found in the log or in the store's files at the end. */
void world_keep_secret(world *w, const char *text);
void world_assert_kept(world *w);

/* An answer. */
typedef struct reply {
    long status;
    char head[16384], body[65536];
    size_t head_len, body_len;
} reply;
extern const char WORLD_HEAD[];
/* `headers`: lines without ends, up to a NULL; may be NULL.  `form` NULL: GET; WORLD_HEAD: HEAD. */
void world_ask(world *w, const char *path, const char *const *headers, const char *form, reply *r);
/* The same of an instance; by several threads at once. */
void world_ask_instance(const world *w, size_t at, const char *path, const char *const *headers, const char *form,
                        reply *r);
/* A header's value, good until the next call; "" if absent. */
const char *reply_header(const reply *r, const char *name);
/* A member of the body that is a text; "" if absent. */
const char *reply_member(const reply *r, const char *name);
#define assert_error(r, want_status, want_error)                                                                       \
    do {                                                                                                               \
        assert_string_equal(reply_member(r, "error"), want_error);                                                     \
        assert_int_equal((r)->status, want_status);                                                                    \
        assert_int_equal(strlen(reply_member(r, "request_id")), 22);                                                   \
    } while (0)

/* --- wallets --- */

typedef struct proof_spec {
    const char *method, *url, *nonce, *token, *jti;
    carnet_key *key;
    carnet_time issued_at; /* 0: now */
} proof_spec;
/* "DPoP: ..." of this, in storage good until four more were made. */
const char *world_dpop(world *w, const proof_spec *spec);
/* The usual one for POST to ISSUER`path`. */
const char *world_dpop_for(world *w, const char *path);
/* The two headers of an attested wallet; challenge may be NULL. */
typedef struct attested {
    char headers[2][4096];
} attested;
void world_attest(world *w, const char *client_id, const char *challenge, attested *a);

/* An offer in the store; its pre-authorised code or issuer_state is in `code`. */
typedef struct offered {
    char code[CARNET_SERVICE_TOKEN + 1], issuer_state[CARNET_SERVICE_TOKEN + 1];
    int64_t id;
} offered;
void world_offer(world *w, const char *configurations, const char *tx_code, offered *o);

/* The parameters of an authorization request; NULL leaves one out. */
typedef struct demand {
    const char *client_id, *redirect_uri, *scope, *state, *challenge, *method, *response_type, *details, *issuer_state,
        *dpop_jkt, *resource, *more;
} demand;
extern const demand usual_demand;
void world_form(const demand *d, char out[4096]);
/* PAR, authorize, and back: the code.  `dpop`: with the wallet's DPoP key pinned. */
void world_code(world *w, const demand *d, bool dpop, char code[64]);
void world_push(world *w, const demand *d, const char *const *headers, reply *r);
/* GET /authorize with what was pushed. */
void world_visit(world *w, const char *client_id, const char *request_uri, const char *cookie, reply *r);
/* A parameter of the Location header; "" if absent. */
const char *reply_location(const reply *r, const char *name);
/* The token request for a code; `headers` as above. */
void world_redeem(world *w, const char *code, const char *verifier, const char *const *headers, reply *r);
/* POST to an endpoint that wants an access token, with "DPoP" or "Bearer". */
void world_resource(world *w, const char *scheme, const char *token, const char *proof, reply *r);

extern const char VERIFIER[], CHALLENGE[];

#endif
