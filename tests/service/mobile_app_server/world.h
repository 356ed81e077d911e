/* SPDX-License-Identifier: Apache-2.0 */
/* A mobile app server (or two of them on one store), a double of the identity provider, phones, terminals, an issuer; and a clock
 * that is the test's. */
#ifndef TEST_MOBILE_APP_SERVER_WORLD_H
#define TEST_MOBILE_APP_SERVER_WORLD_H
#include "carnet/mobile_app_server.h"
#include "carnet/store_staged.h"
#include "double.h"

extern carnet_time world_epoch; /* when the clock stands at first; a program's clock goes on, so its tests say now */
#define NOW  world_epoch
#define HOUR 3600

/* Who asks. */
typedef enum client {
    NOBODY,
    ALICE,         /* a device of hers */
    BOB,           /* his */
    STRANGER,      /* a device that the bank does not know */
    EVE,           /* a device of another authority */
    ATM1,          /* dispenses multiples of 20.00 */
    ATM2,          /* of 50.00 */
    ATM_UNKNOWN,   /* certified, but not configured */
    ISSUER,        /* the issuing authorization system */
    OTHER_FRIEND,  /* a certified one that is not on the list */
    FALSE_ISSUER,  /* the issuer's name with another key */
    EXPIRED_PHONE, /* Alice's device, its certificate over */
    CLIENTS
} client;

typedef struct instance {
    carnet_service_context *context;
    carnet_service_parts *parts;
    carnet_service *service; /* for what needs a connection */
    uint16_t port;
    void *self;
} instance;

typedef struct world {
    char folder[64], place[160];
    carnet_config *config;
    carnet_store *store;
    instance instances[2];
    size_t at; /* the instance that is asked */
    provider provider;
    _Atomic carnet_time now;
    carnet_crypto crypto;
    uint8_t room[CLIENTS][2048];
    carnet_span certificates[CLIENTS];
    uint8_t own[2048];
    uint8_t acquirer[32];
    pthread_mutex_t lock;
    char log[1 << 19];
    size_t log_len;
    pid_t pid;
    uint16_t port;
} world;

typedef struct reply {
    int status;
    char error[64]; /* "" for a success */
    char body[65536];
    carnet_json *json; /* of a success; freed by the next use */
} reply;

/* Run the tests; "postgresql" as the argument: on a server, else on SQLite. */
int world_run(int argc, char **argv, const struct CMUnitTest *tests, size_t count);
/* `extra`: lines of services.mobile_app_server besides, each ended; "". */
void world_make(world *w, const char *extra);
void world_start(world *w, size_t instances);
/* Begin carnetd instead, with this world's store and configuration, on w->port; and end it by a signal. */
void world_spawn(world *w);
void world_kill(world *w, int signal);
/* Ask carnetd as a proxy would, once; false: it did not answer. */
bool ask_program(const world *w, client who, const char *path, const char *body, reply *r);
/* Begin an instance anew. */
void world_restart(world *w, size_t at);
void world_end(world *w);

/* Ask an endpoint ("rp/Stage") with this body. */
void ask(world *w, client who, const char *path, reply *r, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* The same of instance `at`, by several threads at once; `reply` zeroed at first. */
void ask_at(const world *w, size_t at, client who, const char *path, const char *body, reply *r);
/* A member of a success's body: a text, else ""; or an integer. */
const char *text(const reply *r, const char *name);
int64_t number(const reply *r, const char *name);
/* Every two seconds' job of instance 0. */
void world_watch(world *w);
/* Customers as the bank knows them. */
void world_customers(world *w);

#define assert_refused(r, want_status, want_error)                                                                     \
    do {                                                                                                               \
        assert_string_equal((r)->error, want_error);                                                                   \
        assert_int_equal((r)->status, want_status);                                                                    \
    } while (0)
#define assert_state(r, want)                                                                                          \
    do {                                                                                                               \
        if ((r)->error[0] != '\0')                                                                                     \
            fail_msg("%d %s, %s", (r)->status, (r)->error, (r)->body);                                                 \
        assert_string_equal(text(r, "status"), want);                                                                  \
    } while (0)

/* --- what a story is made of --- */

/* A code of a terminal, good until `expiry`; in storage good until eight more were made.  `session`: its number. */
const char *code_of(world *w, const char *terminal, unsigned session, carnet_time expiry);
/* The session as Collect has it. */
const char *session_of(unsigned session);
/* Stage an amount (of USD) for a phone; the reference, good until eight more were staged. */
const char *stage(world *w, client who, const char *amount);
/* Stage and fulfil at ATM1's session; returns the reference. */
const char *fulfil(world *w, client who, const char *amount, unsigned session);
/* Stage, fulfil, authenticate; collected once. */
const char *collect(world *w, client who, const char *amount, unsigned session);

#define GOOD "Cb.Cd.Ce.Cf.Cg.Ci.Cj.Cl.Cn.Co"

#endif
