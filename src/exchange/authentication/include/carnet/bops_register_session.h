/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RegisterSession, device to identity provider: the device takes a session on
 * and is told what it may prove, over which challenge (P1940 6.2).  The device
 * never sees a vector.  POST .../enterprise/RegisterSession.  See bops.h.
 */
#ifndef CARNET_BOPS_REGISTER_SESSION_H
#define CARNET_BOPS_REGISTER_SESSION_H
#include "carnet/bops.h"
CARNET_BEGIN_DECLS

#define CARNET_BOPS_PATH_REGISTER_SESSION CARNET_BOPS_BASE "/enterprise/RegisterSession"
#define CARNET_BOPS_WAYS                  8 /**< sets of methods at most */
#define CARNET_BOPS_WAY                   8 /**< methods in one set at most */

/** What the device says of itself; all may be empty. */
typedef struct carnet_bops_app {
    carnet_str app_name, app_version, os_name, os_version, device_name;
} carnet_bops_app;

typedef struct carnet_bops_register_session {
    carnet_json *document;
    carnet_str session_id;
    carnet_bops_session_type session_type;
    carnet_str profile_id; /**< of the enrolment; may be empty */
    carnet_bops_app app;
} carnet_bops_register_session;
CARNET_API carnet_rc carnet_bops_register_session_write(const carnet_bops_register_session *request, carnet_buf *out,
                                                        carnet_err *err);
CARNET_API carnet_rc carnet_bops_register_session_read(carnet_str text, carnet_bops_register_session *request,
                                                       carnet_err *err);
CARNET_API void carnet_bops_register_session_close(carnet_bops_register_session *request);

/** Methods that would do together: "SA_KEY_HW", "BIOMETRIC_LOCAL", "PAD", ... (carnet/methods.h) */
typedef struct carnet_bops_way {
    carnet_str methods[CARNET_BOPS_WAY];
    size_t count;
} carnet_bops_way;

/** The answer. */
typedef struct carnet_bops_registered {
    carnet_json *document;
    carnet_str session_id, profile_id;
    carnet_bops_status status; /**< REGISTERED */
    carnet_bops_biometric biometrics[CARNET_BOPS_BIOMETRICS];
    size_t biometric_count;
    carnet_bops_way acceptable[CARNET_BOPS_WAYS]; /**< any one of these */
    size_t acceptable_count;
    carnet_str transaction_text; /**< to be shown, and what signatures stand for */
    carnet_str binding_message;
    carnet_str challenge; /**< CARNET_BOPS_CHALLENGE characters; each registration has its own, which voids the last */
    int64_t counter;      /**< to be sent back: the next of this device */
    carnet_str mdoc_request; /**< DeviceRequest in base64url; may be empty */
    carnet_str provider_id;  /**< the identity provider's identifier, for the session transcript of a presentation */
    int64_t expiration;      /**< milliseconds since 1970 */
} carnet_bops_registered;
CARNET_API carnet_rc carnet_bops_registered_write(const carnet_bops_registered *answer, carnet_buf *out,
                                                  carnet_err *err);
CARNET_API carnet_rc carnet_bops_registered_read(carnet_str text, carnet_bops_registered *answer, carnet_err *err);
CARNET_API void carnet_bops_registered_close(carnet_bops_registered *answer);

CARNET_END_DECLS
#endif
