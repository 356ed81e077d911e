/* SPDX-License-Identifier: Apache-2.0 */
/* An issuer that serves (carnetd in a process of its own), and wallets that speak to it over HTTP. */
#ifndef TEST_ISSUING_WORLD_H
#define TEST_ISSUING_WORLD_H
#include "carnet/credential_proof.h"
#include "carnet/credential_response.h"
#include "carnet/dpop.h"
#include "carnet/fetch_request.h"
#include "carnet/store_credential.h"
#include "support/support.h"

#include <sys/types.h>

enum { BATCH = 5, ANSWER = 1 << 20 };

typedef struct world {
    char folder[64], base[64], admin[64], place[256];
    uint16_t port;
    pid_t pid;
    carnet_crypto crypto;
    carnet_key attester; /* of device keys, under an authority the issuer trusts */
    uint8_t attester_room[2048];
    carnet_span attester_chain;
} world;

/* The argument "postgresql" puts the store there; a test is skipped where there is none. */
int world_run(int argc, char **argv, const struct CMUnitTest *tests, size_t count);
world *world_get(void);
/* Make a deployment in a new folder, with nothing running. */
void world_make(world *w);
/* Start carnetd and wait until it answers; end it (SIGKILL: at once). */
void world_start(world *w);
void world_stop(world *w, int signal);
void world_end(world *w);
/* The store, opened beside carnetd. */
carnet_store *world_store(const world *w);

/* A wallet; each belongs to one thread. */
typedef struct wallet {
    const world *w;
    carnet_crypto crypto;
    carnet_key dpop;
    carnet_fetch_connection *connection;
    char token[64], refresh[64], dpop_nonce[128];
    uint8_t *header_room, *body_room;
    carnet_fetch_answer answer; /* the last */
} wallet;

void wallet_open(world *w, wallet *me);
void wallet_close(wallet *me);
/* Get an offer and redeem it for a token; `configurations` such as "\"mdl\"". */
void wallet_grant(wallet *me, const char *configurations, const char *subject);
/* The same with an offer as told; false: it was not made. */
bool wallet_redeem(wallet *me, const char *offer);
/* POST a form with a DPoP proof and no token. */
bool wallet_form(wallet *me, const char *path, const char *form);
/* POST JSON (or another type) with the token and its proof; false: no answer came. */
bool wallet_post(wallet *me, const char *path, const char *type, const char *body);
bool wallet_get(wallet *me, const char *path, const char *accept);
/* POST JSON to the admin's listener. */
bool wallet_admin(wallet *me, const char *path, const char *body);
/* A fresh c_nonce; false: no answer came. */
bool wallet_nonce(wallet *me, char nonce[128]);
/* Append a jwt proof of the key. */
void wallet_prove(wallet *me, carnet_key *key, const char *audience, const char *nonce, carnet_str attestation,
                  carnet_buf *out);
/* Ask for documents of this configuration for the keys, each proven alone; false: no answer came. */
bool wallet_ask(wallet *me, const char *configuration, const char *nonce, carnet_key *keys, size_t count);
/* The answer's member, as text; good until the next answer. */
const char *wallet_text(wallet *me, const char *member);
/* Fail unless the last answer is this refusal, with a description and a request identifier. */
#define assert_refused(wallet, status, error) wallet_assert_refused((wallet), (status), (error), __FILE__, __LINE__)
void wallet_assert_refused(wallet *me, unsigned status, const char *error, const char *file, int line);
/* Fail unless the last answer has these documents: one for each key, valid and complete.  Their device keys are found. */
void wallet_assert_documents(wallet *me, const carnet_key *keys, size_t count);
void make_keys(wallet *me, carnet_key *keys, size_t count);
void drop_keys(carnet_key *keys, size_t count);

#endif
