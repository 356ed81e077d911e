/* SPDX-License-Identifier: Apache-2.0 */
/* A wallet as the issuing bench needs it: one connection kept open, one access token, fresh device keys each time. */
#ifndef CARNET_BENCH_ISSUING_WALLET_H
#define CARNET_BENCH_ISSUING_WALLET_H
#include "carnet/credential_proof.h"
#include "carnet/dpop.h"

enum { WALLET_BATCH_MAX = 20, WALLET_BODY = 64 * 1024, WALLET_ANSWER = 4 * 1024 * 1024, WALLET_HEAD = 4096 };

typedef struct wallet {
    const char *base; /**< "http://127.0.0.1:8080", where requests go, and the issuer's identifier */
    int fd;
    carnet_crypto crypto;
    carnet_key dpop;
    char token[64], configuration[64];
    char body[WALLET_BODY], head[WALLET_HEAD], nonce[128], dpop_nonce[128];
    uint8_t *answer;
    size_t answer_len;
    int status;
    uint64_t requests;
} wallet;

void must(bool good, const char *what);
double cpu_of_thread(void);
double now_of_wall(void);

/** Open it, with a grant for `subject` by an offer of `admin`. */
void wallet_open(wallet *w, const char *base, const char *admin, const char *configuration, const char *subject);
void wallet_close(wallet *w);
/** Ask for a nonce, prove `count` fresh keys, and get as many credentials; false when it was refused (see status, answer). */
bool wallet_obtain(wallet *w, size_t count);

#endif
