/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GetSessionStatus, relying party to identity provider, and what it is told
 * (P1940 6.2): a vector only while the session is authenticated and active.
 * POST or GET .../enterprise/GetSessionStatus.  The same body is what a push
 * notification brings.  See bops.h.
 */
#ifndef CARNET_BOPS_SESSION_STATUS_H
#define CARNET_BOPS_SESSION_STATUS_H
#include "carnet/bops.h"
CARNET_BEGIN_DECLS

#define CARNET_BOPS_PATH_SESSION_STATUS CARNET_BOPS_BASE "/enterprise/GetSessionStatus"
#define CARNET_BOPS_WAIT_MAX            25 /**< seconds that an answer may be waited for at most */

typedef struct carnet_bops_status_request {
    carnet_json *document;
    carnet_str session_id;
    int64_t wait; /**< seconds to wait for a change; 0: answer at once */
} carnet_bops_status_request;
CARNET_API carnet_rc carnet_bops_status_request_write(const carnet_bops_status_request *request, carnet_buf *out,
                                                      carnet_err *err);
CARNET_API carnet_rc carnet_bops_status_request_read(carnet_str text, carnet_bops_status_request *request,
                                                     carnet_err *err);
CARNET_API void carnet_bops_status_request_close(carnet_bops_status_request *request);

/** What an authorisation message carries of it (carnet/vector_carrier.h). */
typedef struct carnet_bops_carrier {
    carnet_str vot;
    int64_t auth_time, expiry; /**< seconds since 1970 */
    int64_t aal;
    carnet_str key_id, signature; /**< base64url of r || s */
} carnet_bops_carrier;

typedef struct carnet_bops_session_status {
    carnet_json *document;
    carnet_str session_id;
    carnet_bops_status status;
    bool authenticated;
    int64_t expiration; /**< milliseconds since 1970 */
    int64_t interval;   /**< pending: seconds between two polls at least; 0: not said */
    carnet_str reason;  /**< of FAILED: "insufficient_evidence", "no_retries", ...; may be empty */
    /* Only when authenticated: */
    int64_t auth_time; /**< seconds since 1970 */
    int64_t aal;
    carnet_str vot, vtm;
    int64_t vtr_satisfied; /**< which of the vectors asked for; -1: not said */
    carnet_str token_id, subject;
    int64_t requested, granted, token_expires; /**< milliseconds since 1970 */
    carnet_str token;                          /**< identityTokenSignature: the identity token, a JWS */
    carnet_bops_carrier carrier;               /**< key_id empty: none */
} carnet_bops_session_status;
CARNET_API carnet_rc carnet_bops_session_status_write(const carnet_bops_session_status *status, carnet_buf *out,
                                                      carnet_err *err);
CARNET_API carnet_rc carnet_bops_session_status_read(carnet_str text, carnet_bops_session_status *status,
                                                     carnet_err *err);
CARNET_API void carnet_bops_session_status_close(carnet_bops_session_status *status);

CARNET_END_DECLS
#endif
