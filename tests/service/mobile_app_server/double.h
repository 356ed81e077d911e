/* SPDX-License-Identifier: Apache-2.0 */
/* A double of the identity provider: speaks its interface over HTTP, keeps sessions in memory, and says of them what the test
 * tells it to.  It has no devices: nobody proves anything to it. */
#ifndef TEST_MOBILE_APP_SERVER_DOUBLE_H
#define TEST_MOBILE_APP_SERVER_DOUBLE_H
#include "carnet/bops_authentication_start.h"
#include "carnet/bops_session.h"
#include "carnet/bops_session_status.h"
#include "carnet/http_service.h"
#include "carnet/identity_token.h"
#include "carnet/vector_carrier.h"
#include "support/support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#define DOUBLE_ID "https://idp.example"

enum { STUDIES = 64 };

/* What it does wrong. */
typedef enum lie {
    HONEST,
    AWAY,              /* answers 503 */
    NO_USER,           /* knows nobody */
    CANNOT,            /* no device can do what is asked */
    OTHER_KEY,         /* signs with a key that is not its own */
    OTHER_CARRIER_KEY, /* the same, the carrier alone */
    OTHER_AMOUNT,      /* the token is of another amount */
    OTHER_CARRIER_AMOUNT,
    OTHER_TERMINAL,
    OTHER_CARRIER_TERMINAL,
    OTHER_SESSION,
    OTHER_REFERENCE,
    OTHER_AUDIENCE,
    OTHER_ISSUER,
    OTHER_CERTIFICATE, /* the token is bound to another relying party's */
    OLD_TOKEN,
    SAME_TOKEN, /* each token has the same jti */
    OTHER_TRUSTMARK,
    WEAK,       /* a vector that was not asked for */
    NO_CARRIER, /* a token, but nothing to carry */
    NO_TOKEN,
    LIES
} lie;

typedef struct study {
    char session[CARNET_BOPS_SESSION + 1];
    char request_id[65], user[65], device[65], reference[33], amount[13], currency[4], terminal[17], text[257],
        vtr[512], parent[65], binding[24], token[65];
    carnet_bops_status status;
    carnet_bops_notify notify;
    int64_t aal;
    carnet_time auth_time, expires;
    bool on_site; /* evidence was handed in */
    char vot[64];
} study;

typedef struct provider {
    carnet_service *service;
    uint16_t port;
    carnet_crypto crypto;
    carnet_key key, other;
    carnet_span certificate; /* of the relying party */
    _Atomic lie lie;
    _Atomic carnet_time *now;
    atomic_int before,
        after; /* the victim is killed when it asks for the n-th time: before it is heard, or before the answer */
    _Atomic pid_t victim;
    atomic_uint asked[5]; /* starts, statuses, consumptions, cancellations, evidence */
    pthread_mutex_t lock;
    study studies[STUDIES];
    size_t count;
} provider;

void double_start(provider *p, _Atomic carnet_time *now);
void double_stop(provider *p);
/* The user did it, or did not. */
void double_set(provider *p, const char *session, carnet_bops_status status, const char *vot);
/* The session of a transaction, the latest. */
study double_study(provider *p, const char *reference);
size_t double_count(provider *p);
/* The status as it would be told. */
void double_write_status(provider *p, const char *session, carnet_buf *out);

#endif
