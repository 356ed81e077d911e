/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP request that an mdoc app has its provider pass on to an issuing
 * service, and the answer (23220-1 Figure 8, IS-7): JSON both ways.  The form is
 * Carnet's own (doc/app-provider.schema.json).
 *
 * Views own their JSON until closed.
 */
#ifndef CARNET_RELAY_H
#define CARNET_RELAY_H
#include "carnet/json_build.h"
CARNET_BEGIN_DECLS

#define CARNET_RELAY_FIELDS 24                /**< header fields of either at most */
#define CARNET_RELAY_MAX    (2 * 1024 * 1024) /**< octets of a body at most */

typedef struct carnet_relay_field {
    carnet_str name, value;
} carnet_relay_field;

/** A request or an answer: `method` and `uri`, or `status`.  Bodies are text: forms, JSON, JWTs. */
typedef struct carnet_relay {
    carnet_str method, uri;
    unsigned status; /**< 0: this is a request */
    carnet_relay_field fields[CARNET_RELAY_FIELDS];
    size_t field_count;
    carnet_str body;
    carnet_json *json; /**< what the views are of; NULL when made */
} carnet_relay;

/** Append as JSON. */
CARNET_API carnet_rc carnet_relay_write(const carnet_relay *relay, carnet_buf *out, carnet_err *err);
/** Read a request: GET or POST, an https or http URI without user name or fragment, fields that are names and values without line
 *  ends, none of them of the connection's own (Host, Content-Length, Connection, Transfer-Encoding, Cookie and the like).
 *  CARNET_E_APP_RELAY: it is none; *relay is empty then. */
CARNET_API carnet_rc carnet_relay_read_request(carnet_str text, carnet_relay *relay, carnet_err *err);
/** Read an answer. */
CARNET_API carnet_rc carnet_relay_read_answer(carnet_str text, carnet_relay *relay, carnet_err *err);
CARNET_API void carnet_relay_close(carnet_relay *relay);
/** The value of a field, whatever the case of its name; empty if absent. */
CARNET_API carnet_str carnet_relay_get(const carnet_relay *relay, const char *name);
/** Add a field to a relay that is being made; CARNET_E_LIMIT. */
CARNET_API carnet_rc carnet_relay_add(carnet_relay *relay, carnet_str name, carnet_str value, carnet_err *err);

CARNET_END_DECLS
#endif
