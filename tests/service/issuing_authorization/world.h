/* SPDX-License-Identifier: Apache-2.0 */
/* An issuing authorisation system in this process, switches that speak to it over TCP, and those it asks. */
#ifndef CARNET_TEST_ISSUING_AUTHORIZATION_WORLD_H
#define CARNET_TEST_ISSUING_AUTHORIZATION_WORLD_H
#include "bank.h"
#include "carnet/issuing_authorization.h"
#include "carnet/link_payment.h"
#include "carnet/staging.h"
#include "carnet/store.h"
#include "support/support.h"

#include <pthread.h>
#include <sys/types.h>

#define WORLD_STAGED 8

/** A transaction as the mobile app server has it. */
typedef struct world_staged {
    const char *reference, *terminal, *vector, *type, *pan;
    uint64_t amount;
    carnet_staged_state state;
    char use[40];
    int64_t auth_time;
    unsigned reads, uses, reversals;
} world_staged;

/** The mobile app server and a bank's own host, as they look from here. */
typedef struct world_others {
    carnet_service *service;
    pthread_mutex_t lock; /* protects all below */
    world_staged staged[WORLD_STAGED];
    size_t count;
    int read_status, use_status; /* 0: as it should be */
    char outcome[24];            /* what the host says */
    unsigned orders, returns;    /* what the host was asked */
    char last_key[96], first_key[96];
    uint64_t last_amount;
} world_others;

typedef struct world {
    bank bank; /* keys, specifications and messages */
    char folder[64], place[160];
    carnet_config *config;
    carnet_store *store;
    carnet_service_context *context;
    carnet_service_parts *parts;
    void *self; /* the part's */
    carnet_service_worker *worker;
    carnet_time now;
    pid_t child;
    carnet_payment_client *client[3];
    world_others others;
    uint8_t octets[4096];
    carnet_iso8583_message answer; /* the last that came, views into `octets` */
} world;

/** FROM_FILES: as CARRIED, with the specification and the signers' keys in files of JSON. */
typedef enum world_mode { CARRIED, REFERENCE, OTHER_HOST, FROM_FILES } world_mode;

/** Run tests on SQLite, or on PostgreSQL when the program is told so; the status is main()'s. */
int world_run(int argc, char **argv, const struct CMUnitTest *tests, size_t count);
/** Serve, with 1000.00 on the customer's account. */
void world_make(world *w, world_mode mode);
/** Stop serving and begin anew on the same store; connections are made anew, too. */
void world_restart(world *w);
/** Serve in a process of its own instead of this one; and kill that. */
void world_fork(world *w);
void world_kill(world *w);
/** Stop, the books checked. */
void world_end(world *w);
/** The customer's account. */
carnet_ledger_account world_account(world *w);
/** The books are right. */
void world_check(world *w);
/** Do the part's job once. */
void world_job(world *w);

/** Send without waiting. */
void world_send(world *w, carnet_iso8583_version version, const bank_ask *ask);
/** The next answer, in w->answer. */
void world_receive(world *w, carnet_iso8583_version version);
/** Both; data element 39 of the answer, zero-terminated. */
const char *world_ask(world *w, carnet_iso8583_version version, const bank_ask *ask);
/** Nothing comes for a moment. */
void world_silent(world *w, carnet_iso8583_version version);

/** Start and stop those who are asked; the port. */
uint16_t others_start(world_others *o);
void others_stop(world_others *o);
/** A transaction of 200.00 at the usual terminal, fulfilled. */
world_staged *others_stage(world_others *o, const char *reference);

#endif
