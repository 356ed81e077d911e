/* SPDX-License-Identifier: Apache-2.0 */
/* An issuer made of fixed answers, and a wallet that does what the machine says: for the tests of obtaining. */
#ifndef CARNET_TEST_OBTAIN_ISSUER_H
#define CARNET_TEST_OBTAIN_ISSUER_H
#include "../../world.h"
#include "carnet/obtain.h"

#define ISSUER   "https://issuer.example/t"
#define PURPOSES (CARNET_OBTAIN_NOTIFICATION + 1)
#define SAID_MAX 65536
#define NOW      INT64_C(1790000000) /* the world's */

/* One answer in place of the usual one. */
typedef struct reply {
    carnet_obtain_purpose purpose;
    unsigned nth; /* to the nth request of this purpose, from 1; 0: to each */
    unsigned status;
    const char *type, *body;
    const char *dpop_nonce, *authenticate, *retry_after;
} reply;

typedef struct play {
    world w;
    carnet_obtain_parameters parameters;
    carnet_obtain_start start;
    carnet_obtain obtain;
    carnet_key dpop_key, instance_key, attester, second;
    carnet_key *keys[4];
    uint8_t attester_certificate[CARNET_CERTIFICATE_MAX];
    const reply *replies;
    size_t reply_count;
    carnet_obtain_consent consent;
    const char *
        returned; /* what the browser brings back, behind redirect_uri, $ for the state that was sent; NULL: all as it should be */
    bool decline, refuse_to_keep;
    /* what came of it */
    unsigned asked[PURPOSES], waited, kept;
    char said[PURPOSES][SAID_MAX]; /* the last request of each purpose: method, URL, fields, body, a line each */
    size_t copies;
    char notification[64], event[64];
    const carnet_obtain_action *end;
} play;

/* A world, an issuer's usual answers, an offer with a pre-authorized code. */
void play_begin(play *p);
void play_done(play *p);
/* Everything to the end; returns its code: CARNET_OK for DONE. */
carnet_rc play_run(play *p);
/* The document the issuer signs for the first key, in base64url. */
const char *play_document(play *p);
/* The issuer's usual metadata with another text in place of one. */
const char *play_metadata(const char *from, const char *to);
const char *play_server(const char *from, const char *to);
bool play_said(const play *p, carnet_obtain_purpose purpose, const char *words);

#endif
