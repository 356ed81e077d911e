/* SPDX-License-Identifier: Apache-2.0 */
/* A service on a port of its own, a client that speaks in octets, and the log. */
#ifndef TEST_SERVICE_WORLD_H
#define TEST_SERVICE_WORLD_H
#include "carnet/http_service.h"
#include "support/support.h"

#include <stdatomic.h>

/* What a test changes of the routes' behaviour. */
typedef struct world {
    carnet_service *service;
    uint16_t port;
    atomic_bool held;    /* GET /held waits while this is so */
    atomic_int holding;  /* how many do */
    atomic_bool unready; /* /readyz */
    char log[65536];
    size_t log_len, successes; /* the lines that tell of one */
} world;

extern const carnet_service_route world_routes[];
extern const size_t world_route_count;

/* A configuration with the routes above and short times; change it, then start. */
carnet_service_config world_config(world *w);
void world_start(world *w, const carnet_service_config *config);

/* A connected socket, or -1. */
int world_connect(uint16_t port);
void world_send(int fd, const char *text);
/* What comes until the peer closes or `ms` are over: text, good until the next call.  *closed may be NULL. */
const char *world_read(int fd, int ms, bool *closed);
/* The answer to one request on a connection of its own; `text` may lack "Connection: close". */
const char *world_ask(const world *w, const char *text);
/* The status of an answer, 0 if it is none. */
int world_status(const char *answer);
/* The status of the answer to METHOD PATH with further header lines (each with its line end) and a body. */
int world_status_of(const world *w, const char *method, const char *path, const char *headers, const char *body);
/* How often a text comes. */
unsigned world_count(const char *text, const char *what);
/* The metric's value; -1 if it is not there. */
long world_metric(const world *w, const char *sample);
void world_sleep(int ms);
int64_t world_now(void);

#endif
