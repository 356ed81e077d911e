/* SPDX-License-Identifier: Apache-2.0 */
/* An OpenID provider in a thread, with keys of RSA, that says what it is told to say; and a deployment that asks it. */
#ifndef TEST_OIDC_WORLD_H
#define TEST_OIDC_WORLD_H
#include "internal.h"
#include "world.h"

#include <openssl/evp.h>

typedef struct oidc_peer {
    int listener;
    pthread_t thread;
    pthread_mutex_t lock;
    bool ends;
    char issuer[64];
    EVP_PKEY *keys[2];
    /* What it says; "" for 500. */
    char discovery[1024], jwks[4096], token[16384];
    /* What it was asked. */
    unsigned discoveries, key_sets;
    char form[2048]; /* of the last request for a token */
} oidc_peer;

typedef struct oidc_world {
    world base;
    oidc_peer peer;
    carnet_config_oidc config;
    carnet_config_identification identification;
    carnet_config_services services;
    oidc *o;
    char uri[2048]; /* where the browser was sent */
    uint8_t state[CARNET_IDENTIFICATION_STATE];
    size_t state_len;
    char subject[129];
} oidc_world;

int oidc_world_begin(oidc_world *w);
int oidc_world_end(oidc_world *w);
/* The part anew, as if the process had begun: it has asked nobody. */
void oidc_world_restart(oidc_world *w);

/* The provider's set: the key with this index under this name, and `more`: further members; then, if it is not NULL, another
 * key as JSON. */
void oidc_world_publish(oidc_world *w, size_t key, const char *name, const char *more, const char *other);
/* The JSON object of claims signed by a key: "RS256" to "PS512"; "HS256" by the key's DER; else without a signature. */
void oidc_world_sign(oidc_world *w, size_t key, const char *algorithm, const char *name, const char *claims, char *out,
                     size_t cap);

/* A person is sent away, */
void oidc_world_send(oidc_world *w);
/* and comes back with these parameters: "code=x&iss=..." */
carnet_identification_step oidc_world_return(oidc_world *w, const char *parameters);
/* A text of the log since it was last emptied. */
bool oidc_world_told(oidc_world *w, const char *text);

#endif
