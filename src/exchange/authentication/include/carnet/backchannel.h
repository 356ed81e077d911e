/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Client-Initiated Backchannel Authentication (OpenID CIBA Core 1.0), the
 * messages of both ends: the client's request, its answer, tokens that are
 * asked for (poll, ping) or sent (push), the notice that there are some (ping),
 * and errors.  Vectors of trust are in it as RFC 8485 4.1 has them.
 *
 * A request is a form: its parameters are asked for by name, decoded, and handed
 * out by name to be encoded.  Everything else is JSON: fill a struct and
 * _write() it, or _read() it; then its views point into a document that it owns
 * until _close().  Members that are not known are ignored, those that come
 * twice, are of another type or too long are refused (CARNET_E_BOPS_MESSAGE).
 * No I/O, no clock.
 */
#ifndef CARNET_BACKCHANNEL_H
#define CARNET_BACKCHANNEL_H
#include "carnet/bops.h"
CARNET_BEGIN_DECLS

#define CARNET_BACKCHANNEL_GRANT   "urn:openid:params:grant-type:ciba"
#define CARNET_BACKCHANNEL_ID      128   /**< characters of an auth_req_id at most, here */
#define CARNET_BACKCHANNEL_TOKEN   1024  /**< of a notification token */
#define CARNET_BACKCHANNEL_MESSAGE 20    /**< of a binding message */
#define CARNET_BACKCHANNEL_EXPIRY  86400 /**< seconds that may be asked for */

/** How a client is registered to learn what came of it (CIBA 5). */
typedef enum carnet_backchannel_mode {
    CARNET_BACKCHANNEL_POLL = 1, /**< "poll": it asks */
    CARNET_BACKCHANNEL_PING,     /**< "ping": it is told to ask */
    CARNET_BACKCHANNEL_PUSH      /**< "push": it is sent tokens */
} carnet_backchannel_mode;
CARNET_API const char *carnet_backchannel_mode_name(carnet_backchannel_mode mode);
/** 0 for a name that is none of these. */
CARNET_API carnet_backchannel_mode carnet_backchannel_mode_named(carnet_str name);

/** The request (CIBA 7.1), under mutual TLS; of the hints, login_hint is the one that is understood. */
typedef struct carnet_backchannel_request {
    carnet_json *document; /**< of vtr; when read */
    carnet_str scope;      /**< with "openid" in it */
    carnet_str login_hint; /**< the user's identifier */
    carnet_str device_id;  /**< a further parameter: one of the user's devices; may be empty */
    carnet_str binding_message;
    carnet_str notification_token; /**< of ping and push */
    int64_t requested_expiry;      /**< seconds; 0: not said */
    carnet_str vtr[CARNET_BOPS_VECTORS];
    size_t vtr_count;
    carnet_str vtm;
    const char *error; /**< when refused: "invalid_scope", ... (CIBA 13); static */
} carnet_backchannel_request;
/** A parameter's decoded value; empty: it is not there. */
typedef carnet_str carnet_backchannel_get(const void *self, const char *name);
/** One that is to be sent. */
typedef void carnet_backchannel_put(void *self, const char *name, carnet_str value);
/** Take a client's request.  CARNET_E_BACKCHANNEL: it is refused, request->error says with what, *err why. */
CARNET_API carnet_rc carnet_backchannel_request_read(carnet_backchannel_get *get, const void *self,
                                                     carnet_backchannel_mode mode, carnet_backchannel_request *request,
                                                     carnet_err *err);
/** Hand out a request's parameters; `room` for those that are made, and stay in it. */
CARNET_API carnet_rc carnet_backchannel_request_write(const carnet_backchannel_request *request, carnet_buf *room,
                                                      carnet_backchannel_put *put, void *self, carnet_err *err);
CARNET_API void carnet_backchannel_request_close(carnet_backchannel_request *request);

/** Its answer (CIBA 7.3). */
typedef struct carnet_backchannel_started {
    carnet_json *document;
    carnet_str auth_req_id;
    int64_t expires_in, interval; /**< seconds */
} carnet_backchannel_started;
CARNET_API carnet_rc carnet_backchannel_started_write(const carnet_backchannel_started *m, carnet_buf *out,
                                                      carnet_err *err);
CARNET_API carnet_rc carnet_backchannel_started_read(carnet_str text, carnet_backchannel_started *m, carnet_err *err);
CARNET_API void carnet_backchannel_started_close(carnet_backchannel_started *m);

/** The notice that there is something to ask for (CIBA 10.2). */
typedef struct carnet_backchannel_ping {
    carnet_json *document;
    carnet_str auth_req_id;
} carnet_backchannel_ping;
CARNET_API carnet_rc carnet_backchannel_ping_write(const carnet_backchannel_ping *m, carnet_buf *out, carnet_err *err);
CARNET_API carnet_rc carnet_backchannel_ping_read(carnet_str text, carnet_backchannel_ping *m, carnet_err *err);
CARNET_API void carnet_backchannel_ping_close(carnet_backchannel_ping *m);

/** Tokens: the token endpoint's answer, or what is pushed (CIBA 10.1.1, 10.3.1). */
typedef struct carnet_backchannel_tokens {
    carnet_json *document;
    carnet_str auth_req_id; /**< of what is pushed; otherwise empty */
    carnet_str access_token, token_type;
    int64_t expires_in;
    carnet_str id_token;
    carnet_str vot, vtm; /**< as in the tokens, for whoever does not open them; may be empty */
} carnet_backchannel_tokens;
CARNET_API carnet_rc carnet_backchannel_tokens_write(const carnet_backchannel_tokens *m, carnet_buf *out,
                                                     carnet_err *err);
CARNET_API carnet_rc carnet_backchannel_tokens_read(carnet_str text, carnet_backchannel_tokens *m, carnet_err *err);
CARNET_API void carnet_backchannel_tokens_close(carnet_backchannel_tokens *m);

/** That nothing came of it: the endpoints' answer, or what is pushed (CIBA 11, 12, 13). */
typedef struct carnet_backchannel_error {
    carnet_json *document;
    carnet_str auth_req_id; /**< of what is pushed; otherwise empty */
    carnet_str error;       /**< "access_denied", "expired_token", "authorization_pending", ... */
    carnet_str description; /**< may be empty */
} carnet_backchannel_error;
CARNET_API carnet_rc carnet_backchannel_error_write(const carnet_backchannel_error *m, carnet_buf *out,
                                                    carnet_err *err);
CARNET_API carnet_rc carnet_backchannel_error_read(carnet_str text, carnet_backchannel_error *m, carnet_err *err);
CARNET_API void carnet_backchannel_error_close(carnet_backchannel_error *m);

CARNET_END_DECLS
#endif
