/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A part: one service of a deployment, as carnetd runs it.  It says which routes
 * it answers, what has to be done before, after and in between, and whether it
 * is able to serve.
 *
 *     static const carnet_service_part_route routes[] = {
 *         { &carnet_issuing_nonce, CARNET_SERVES_PUBLIC },
 *     };
 *     const carnet_service_part carnet_issuing_part = { .name = "issuing", .init = init, .routes = routes, ... };
 *
 * Routes are constants, one a file; their handlers get what the part's init()
 * made as `self`.  Paths are written without the deployment's base path:
 * "/token" answers at BASE/token, and "/.well-known/x" at /.well-known/x/tenant
 * (RFC 8414, 3.1) as well as at BASE/.well-known/x.
 */
#ifndef CARNET_SERVICE_PART_H
#define CARNET_SERVICE_PART_H
#include "carnet/service_context.h"
CARNET_BEGIN_DECLS

/** The parts that run in this process. */
typedef struct carnet_service_parts carnet_service_parts;

typedef struct carnet_service_part_route {
    const carnet_service_route *route;
    unsigned serves; /**< CARNET_SERVES_ bit: the listeners it is reached at */
} carnet_service_part_route;

typedef struct carnet_service_part {
    const char *name; /**< as in the configuration; static */
    /** Whether the configuration wants it. */
    bool (*wanted)(const carnet_config *config);
    /** Make what the part needs; *self goes to all the others and to its handlers.  Parts are made in carnetd's order: those
     *  that come before can be asked for by carnet_service_part_find(). */
    carnet_rc (*init)(const carnet_service_context *context, const carnet_service_parts *parts, void **self,
                      carnet_err *err);
    void (*done)(void *self);
    const carnet_service_part_route *routes;
    size_t route_count;
    /** Whether it can serve now; asked by /readyz.  NULL: always. */
    bool (*ready)(void *self);
    /** A job done every `period` seconds by one thread of the process (and by every instance: it must bear that).  NULL: none. */
    carnet_rc (*job)(void *self, carnet_service_worker *worker, carnet_err *err);
    unsigned period;
    /** Append to /metrics, in Prometheus' text form.  NULL: nothing. */
    void (*metrics)(void *self, carnet_buf *out);
} carnet_service_part;

/** Make the wanted ones of these parts.  On failure those made are undone, and the error's path begins with the part's name. */
carnet_rc carnet_service_parts_new(const carnet_service_context *context, const carnet_service_part *const *list,
                                   size_t count, carnet_service_parts **parts, carnet_err *err);
/** Undo them, last first. */
void carnet_service_parts_free(carnet_service_parts **parts);
/** What the part of this name made; NULL: it does not run here, or not yet. */
void *carnet_service_part_find(const carnet_service_parts *parts, const char *name);

/** The routes of the parts that a listener serves (CARNET_SERVES_ bits), with their whole paths.  They are the parts' own.
 *  `certified`: the listener knows client certificates; then routes of CARNET_SERVES_ADMIN demand one.  Those of
 *  CARNET_SERVES_OPERATIONS stand outside of the base path. */
carnet_rc carnet_service_parts_routes(carnet_service_parts *parts, unsigned serves, bool certified,
                                      const carnet_service_route **routes, size_t *count, carnet_err *err);
/** Whether all of them can serve. */
bool carnet_service_parts_ready(const carnet_service_parts *parts);
/** Append what they count, and the events of carnet_service_event_log(). */
void carnet_service_parts_metrics(const carnet_service_parts *parts, carnet_buf *out);
/** Do the jobs that are due at `now` (seconds of any clock that does not jump); the next is due in *wait seconds. */
void carnet_service_parts_jobs(carnet_service_parts *parts, int64_t now, unsigned *wait);

CARNET_END_DECLS
#endif
