/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A wallet as the issuing bench needs it: one connection kept open, one access token, fresh device keys each time.  It
 * waits for nothing: many of them are driven by one thread, which sleeps in epoll(7).
 */
#ifndef CARNET_BENCH_ISSUING_WALLET_H
#define CARNET_BENCH_ISSUING_WALLET_H
#include "carnet/credential_proof.h"
#include "carnet/dpop.h"
#include "load.h"

enum { WALLET_BATCH_MAX = 20, WALLET_BODY = 64 * 1024, WALLET_ANSWER = 4 * 1024 * 1024, WALLET_HEAD = 4096 };

typedef enum wallet_state { WALLET_WAITS, WALLET_HAS, WALLET_REFUSED } wallet_state;
/** What it has asked for last; AGAIN: the credential, with the nonce that the answer before had for the token's proof. */
typedef enum wallet_step { WALLET_RESTS, WALLET_NONCE, WALLET_CREDENTIAL, WALLET_AGAIN } wallet_step;

typedef struct wallet {
    const char *base; /**< "http://127.0.0.1:8080", where requests go, and the issuer's identifier */
    int fd, poll;     /**< poll: where fd is registered with this wallet as its data; -1: nowhere */
    carnet_crypto crypto;
    carnet_key dpop;
    char token[64], configuration[64];
    char nonce[128], dpop_nonce[128];
    wallet_step step;
    size_t count, body_len;
    const char *to, *content; /**< the request that is out: to whom, and what follows its header */
    size_t request_len, content_len, got;
    int attempts;
    uint8_t *answer;
    size_t head_len, answer_len; /**< head_len 0: the header has not come whole */
    int status;
    uint64_t requests;
    char request[WALLET_HEAD], head[WALLET_HEAD], body[WALLET_BODY];
} wallet;

/** Open a zeroed one, with a grant for `subject` by an offer of `admin`; waits.  Its connections are registered with `poll`. */
void wallet_open(wallet *w, const char *base, const char *admin, const char *configuration, const char *subject,
                 int poll);
void wallet_close(wallet *w);
/** Ask for a nonce, and with that prove `count` fresh keys to get as many credentials. */
void wallet_begin(wallet *w, size_t count);
/** Go on when there is something to read.  WALLET_REFUSED: see status and answer. */
wallet_state wallet_go_on(wallet *w);

#endif
