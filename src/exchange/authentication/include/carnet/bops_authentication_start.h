/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AuthenticationStart (also called AuthenticationRequest), relying party to
 * identity provider: opens a session for a user on one of their devices
 * (P1940 6.2).  POST .../enterprise/AuthenticationStart.  See bops.h.
 */
#ifndef CARNET_BOPS_AUTHENTICATION_START_H
#define CARNET_BOPS_AUTHENTICATION_START_H
#include "carnet/bops.h"
CARNET_BEGIN_DECLS

#define CARNET_BOPS_PATH_AUTHENTICATION_START   CARNET_BOPS_BASE "/enterprise/AuthenticationStart"
#define CARNET_BOPS_PATH_AUTHENTICATION_REQUEST CARNET_BOPS_BASE "/enterprise/AuthenticationRequest"

/** How the relying party learns what came of it. */
typedef enum carnet_bops_notify {
    CARNET_BOPS_NOTIFY_POLL, /**< "poll": it asks */
    CARNET_BOPS_NOTIFY_PING, /**< "ping": it is told that it should ask */
    CARNET_BOPS_NOTIFY_PUSH  /**< "push": it is sent the session's status */
} carnet_bops_notify;

typedef struct carnet_bops_authentication_start {
    carnet_json *document;
    carnet_str request_id; /**< same identifier, same body: same session; may be empty */
    carnet_str user_id, device_id;
    carnet_str member_external_id; /**< may be empty */
    carnet_bops_session_type session_type;
    carnet_str vtr[CARNET_BOPS_VECTORS]; /**< as sent; whether they are vectors is for carnet/vector_request.h */
    size_t vtr_count;                    /**< 0: after `aal`, or the provider's default */
    carnet_str vtm;                      /**< trustmark; may be empty when there are no vectors */
    int64_t aal;                         /**< 1 to 3; 0: not said */
    int64_t max_age;                     /**< seconds that `Ci` lasts; 0: the provider's */
    int64_t requested_expiry;            /**< seconds that the device has; 0: the provider's */
    carnet_str binding_message;          /**< shown on both screens; 1 to 20 characters; may be empty */
    carnet_bops_transaction transaction;
    carnet_str parent_session; /**< of a step-up: the session that did not suffice; may be empty */
    carnet_str mdoc_request;   /**< DeviceRequest in base64url; may be empty */
    carnet_bops_notify notify;
    carnet_str notify_token; /**< bearer token of ping and push; may be empty with mutual TLS */
    bool notify_backchannel; /**< as carnet/backchannel.h has them, to the client's place for these */
} carnet_bops_authentication_start;
CARNET_API carnet_rc carnet_bops_authentication_start_write(const carnet_bops_authentication_start *start,
                                                            carnet_buf *out, carnet_err *err);
CARNET_API carnet_rc carnet_bops_authentication_start_read(carnet_str text, carnet_bops_authentication_start *start,
                                                           carnet_err *err);
CARNET_API void carnet_bops_authentication_start_close(carnet_bops_authentication_start *start);

/** The answer. */
typedef struct carnet_bops_started {
    carnet_json *document;
    carnet_str session_id;
    carnet_bops_status status; /**< OPPORTUNITY, unless the request is a repeated one */
    int64_t expiration;        /**< milliseconds since 1970 */
    int64_t interval;          /**< seconds between two polls at least */
    carnet_bops_biometric biometrics[CARNET_BOPS_BIOMETRICS];
    size_t biometric_count;
    carnet_str binding_message;
} carnet_bops_started;
CARNET_API carnet_rc carnet_bops_started_write(const carnet_bops_started *started, carnet_buf *out, carnet_err *err);
CARNET_API carnet_rc carnet_bops_started_read(carnet_str text, carnet_bops_started *started, carnet_err *err);
CARNET_API void carnet_bops_started_close(carnet_bops_started *started);

CARNET_END_DECLS
#endif
