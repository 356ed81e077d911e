/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTTP request and its answer, whatever its status: for protocols that
 * stand on HTTP.  No redirect is followed, no cookie kept, no credential sent
 * but what the caller puts into the header.
 *
 * Blocks, up to the time it is given.  Several threads may ask at once, each
 * with a connection of its own (carnet_fetch_connection), or all without one.
 */
#ifndef CARNET_FETCH_REQUEST_H
#define CARNET_FETCH_REQUEST_H
#include "carnet/fetch.h"
CARNET_BEGIN_DECLS

#define CARNET_FETCH_FIELDS_MAX 32    /**< header fields of a request */
#define CARNET_FETCH_HEADER_MAX 32768 /**< octets of an answer's header, at most */

/** What to ask. */
typedef struct carnet_fetch_request {
    const char *method; /**< "GET", "POST", "PUT", "DELETE" */
    carnet_str uri;
    const carnet_str *fields; /**< "Name: value" each; a field with a line end in it is refused */
    size_t field_count;       /**< at most CARNET_FETCH_FIELDS_MAX */
    carnet_span body;         /**< sent unless the method is GET or DELETE */
} carnet_fetch_request;

/** Within what bounds. */
typedef struct carnet_fetch_limits {
    size_t octets;                         /**< of the answer's body; 0: 1 MiB */
    int timeout_ms;                        /**< of it all; 0: 30,000 */
    const char *ca;                        /**< file of certificates for https; NULL: the system's */
    const char *certificate;               /**< client certificate chain, PEM; NULL: none */
    const char *key;                       /**< its private key, PEM */
    carnet_str certificate_text, key_text; /**< the same as PEM text instead of files; empty: none */
    bool plain_loopback;                   /**< http too, to 127.0.0.1, [::1] and localhost; otherwise https alone */
} carnet_fetch_limits;

/** What was answered; both buffers are the caller's, and begun anew. */
typedef struct carnet_fetch_answer {
    unsigned status;
    carnet_buf header; /**< the fields of the last header, a line each: "Name: value\r\n" */
    carnet_buf body;
} carnet_fetch_answer;

/** A connection kept for further requests; opaque. */
typedef struct carnet_fetch_connection carnet_fetch_connection;
/** NULL without memory. */
carnet_fetch_connection *carnet_fetch_connection_new(void);
void carnet_fetch_connection_free(carnet_fetch_connection *connection);

/** Whether such a request may be sent: https, or http to this machine where the limits let it; a host, no user name. */
bool carnet_fetch_request_allowed(carnet_str uri, const carnet_fetch_limits *limits);
/** Ask.  `connection`: NULL for one of its own.  Any status is an answer.  CARNET_E_USAGE: not allowed, a field that is none, an
 *  unknown method; CARNET_E_LINK_ABSENT, _TIMEOUT, _TOO_LONG, _PROTOCOL and _IO as of carnet_fetch(). */
carnet_rc carnet_fetch_ask(carnet_fetch_connection *connection, const carnet_fetch_request *request,
                           const carnet_fetch_limits *limits, carnet_fetch_answer *answer, carnet_err *err);
/** The value of a header field of this name, white space around it dropped; `nth` from 0.  False when there is none. */
bool carnet_fetch_field(carnet_str header, const char *name, size_t nth, carnet_str *value);

CARNET_END_DECLS
#endif
